"""Files of steering experiments: what they may say, what they ask to be played, and that the ready ones are sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from cicero_lite.arena.agents import AgentSpec
from cicero_lite.cli import main
from cicero_lite.steer.behaviours import BEHAVIOURS
from cicero_lite.steer.dosing import DOSABLE
from cicero_lite.steer.experiments import Arm, Experiment, GamesConfig, MomentsConfig, Pursuit, load_experiment

READY = sorted((Path(__file__).parents[2] / "configs" / "steer").glob("*.yaml"))


def test_every_control_has_a_ready_file_and_every_claim_a_behaviour() -> None:
    files = {load_experiment(path).control for path in READY}
    assert files == set(DOSABLE) - {"instruction"}  # that one needs a server
    for control in DOSABLE.values():
        assert {claim.behaviour for claim in control.claims} <= set(BEHAVIOURS)


def test_experiments_share_the_neutral_dose() -> None:
    one, other = (Experiment(control, (0.0, 0.05)) for control in ("aggression", "targets"))
    assert len(set(one.runs()) & set(other.runs())) == 24
    assert all(run.dose == () for run in set(one.runs()) & set(other.runs()))


def test_both_ways_and_games_are_asked_for() -> None:
    experiment = Experiment(
        "aggression",
        (-0.05, 0.0, 0.05),
        by=(Pursuit.OBJECTIVE, Pursuit.WORDS),
        moments=MomentsConfig(games=1, at=("F1902M",)),
        games=GamesConfig(2, doses=(0.05,)),
    )
    runs = list(experiment.runs())
    assert [(run.by, run.dose) for run in runs if run.arm is Arm.MOMENT] == [
        (Pursuit.OBJECTIVE, ()),
        (Pursuit.OBJECTIVE, (("aggression", -0.05),)),
        (Pursuit.OBJECTIVE, (("aggression", 0.05),)),
        (Pursuit.WORDS, (("aggression", -0.05),)),
        (Pursuit.WORDS, (("aggression", 0.05),)),
    ]
    assert sum(run.arm is Arm.GAME for run in runs) == 2 * 3


def test_two_controls_are_tried_in_every_pair_of_doses() -> None:
    path = next(path for path in READY if path.stem == "interaction")
    assert {run.dose for run in load_experiment(path).runs()} == {
        (),
        (("aggression", 0.05),),
        (("honesty", "cheap talk"),),
        (("aggression", 0.05), ("honesty", "cheap talk")),
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("control: agression\ndoses: [0, 0.1]\n", "control: expected one of honesty, lambda_, aggression"),
        ("control: aggression\ndoses: [0, much]\n", "doses of aggression: expected numbers, got 'much'"),
        ("control: aggression\ndoses: [0, 5]\n", "controls.aggression: expected -1 to 1, got 5"),
        ("control: aggression\ndoses: [0.01, 0.02]\n", "expected 0.0 among them, its neutral"),
        ("control: honesty\ndoses: [truthful, frank]\n", "expected some of binding, truthful"),
        ("control: aggression\ndoses: [0, 0.1]\nmoment: {}\n", "unknown key 'moment'; did you mean 'moments'?"),
        ("control: aggression\ndoses: [0, 0.1]\nmoments: {at: [W1901A]}\n", "expected movement phases"),
        ("control: aggression\ndoses: [0, 0.1]\ngames: {games: 7, doses: [0.2]}\n", "games.doses: expected some of"),
        ("control: aggression\ndoses: [0, 0.1]\nbase: dumbot\n", "unknown agent 'dumbot'"),
        ("control: aggression\ndoses: [0, 0.1]\nbase: search\nby: [words]\n", "expected the agent cicero"),
        ("control: instruction\ndoses: ['', 3]\nbase: llm\n", "doses of instruction: expected texts"),
    ],
)
def test_a_mistake_in_a_file_is_one_line(
    text: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    assert main(["steer", "run", str(path), "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert problem in error
    assert "mine.yaml" in error
    assert not (tmp_path / "out").exists()


def test_a_language_model_is_told_what_is_wanted_of_it() -> None:
    from cicero_lite.llm.prompt import rules
    from cicero_lite.steer.experiments import _NOWHERE, spec_with
    from engine.game import Game
    from engine.types import Power

    spec = spec_with(AgentSpec.parse("llm"), (("instruction", "Attack: whoever is near."),), _NOWHERE)
    view = Game().view(Power.FRANCE)
    assert rules(view, spec.config.llm.instruction).endswith("Attack: whoever is near.")
    assert "# Your instruction" not in rules(view, AgentSpec.parse("llm").config.llm.instruction)
