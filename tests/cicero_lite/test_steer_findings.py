"""What experiments find: claims, side effects, cost, interaction and comparison in runs with known answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from cicero_lite.cli import main
from cicero_lite.steer.experiments import Experiment, GamesConfig, Pursuit, Run, Second
from cicero_lite.steer.findings import Findings, findings_of
from cicero_lite.steer.playing import Ran
from cicero_lite.steer.responses import Verdict
from cicero_lite.steer.runs import NamedExperiment, RunsLog, keep_experiments
from cicero_lite.steer.told import lines_of
from tests.cicero_lite.steered import made_up

DOSES = (-0.02, 0.0, 0.01, 0.02)
AGGRESSION = Experiment("aggression", DOSES, games=GamesConfig(14, doses=(0.02,)))


def dose(run: Run, name: str = "aggression") -> float:
    return float(dict(run.dose).get(name, 0.0))


def found_in(experiment: Experiment, ran: Mapping[Run, Ran]) -> Findings:
    return findings_of("made up", experiment, ran)


def test_a_claim_that_holds_is_held_and_nothing_else_is_called_sure() -> None:
    found = found_in(AGGRESSION, made_up(AGGRESSION, {"attacks": lambda run: 100 * dose(run)}))
    (claim,) = found.claims
    assert claim.verdict is Verdict.HELD
    assert claim.evidence is not None
    assert claim.evidence.mean == pytest.approx(1.3, abs=0.15)  # −2, 0, 1, 2 over ranks
    (contrast,) = found.contrasts
    assert "attacks" not in {effect.behaviour for effect in contrast.effects}
    assert all(effect.p == 1.0 and effect.change.mean == 0.0 for effect in contrast.effects)


def test_a_control_that_does_nothing_shows_nothing() -> None:
    found = found_in(AGGRESSION, made_up(AGGRESSION, {}))
    assert [claim.verdict for claim in found.claims] == [Verdict.UNSEEN]
    assert all(level.change is None or level.change.mean == 0 for r in found.responses for level in r.levels)
    assert all(change.mean == 0 for cost in found.costs for change in cost.changes.values())
    assert found.costs[0].score.mean == 0


def test_a_side_effect_is_found_in_its_size_and_survives_the_adjustment() -> None:
    answers = {"attacks": lambda run: 100 * dose(run), "messages": lambda run: -50 * dose(run)}
    (contrast,) = found_in(AGGRESSION, made_up(AGGRESSION, answers)).contrasts
    sure = [effect for effect in contrast.effects if effect.p is not None and effect.p < 0.05]
    assert [effect.behaviour for effect in sure] == ["messages"]
    assert sure[0].change.mean == pytest.approx(-2.0, abs=0.3)
    assert sure[0].standardised == pytest.approx(-2.0 / 1.41, rel=0.4)
    assert sure[0].p is not None
    assert sure[0].change.p is not None
    assert sure[0].p > sure[0].change.p


def test_what_was_not_measured_is_left_out_pair_by_pair() -> None:
    ran = made_up(AGGRESSION, {})
    for run, one in list(ran.items()):
        if run.number == 0:
            ran[run] = Ran(run, one.seat, {**one.values, "holds": None}, 1, one.score)
    found = found_in(AGGRESSION, ran)
    pairs = {effect.behaviour: effect.change.pairs for effect in found.contrasts[0].effects}
    assert (pairs["holds"], pairs["recipients"]) == (22, 24)


def test_moments_without_a_fitting_seat_and_missing_runs_are_told() -> None:
    ran = made_up(AGGRESSION, {})
    neutral = next(run for run in ran if not run.dose)
    ran[neutral] = Ran(neutral, None, {}, 0, None)
    del ran[next(run for run in reversed(ran))]
    found = found_in(AGGRESSION, ran)
    assert (found.moments, found.passed_over, found.missing) == (23, 1, 1)
    assert "1 moments had no seat" in "\n".join(lines_of(found))


def test_doses_without_an_order_are_each_compared_with_neutral() -> None:
    experiment = Experiment("forbidden", ("nothing", "to propose", "to enter a place"))
    banned = {"proposals": lambda run: -2.0 * (dict(run.dose).get("forbidden") == "to propose")}
    found = found_in(experiment, made_up(experiment, banned))
    verdicts = {claim.claim.behaviour: claim.verdict for claim in found.claims}
    assert verdicts == {"proposals": Verdict.HELD, "in_haunt": Verdict.UNSEEN}
    assert [(c.low, c.high) for c in found.contrasts] == [("nothing", "to propose"), ("nothing", "to enter a place")]
    assert all(response.trend is None for response in found.responses)


def test_two_controls_that_only_add_up_do_not_interact() -> None:
    both = Experiment("aggression", (0.0, 0.02), second=Second("risk", (0.0, 20.0)))
    added = {"attacks": lambda run: 100 * dose(run) + dose(run, "risk") / 10}
    multiplied = {"attacks": lambda run: 5 * dose(run) * dose(run, "risk")}
    none, some = (
        next(i for i in found_in(both, made_up(both, answers)).interactions if i.behaviour == "attacks")
        for answers in (added, multiplied)
    )
    assert none.contrast is not None
    assert not none.contrast.is_sure
    assert some.contrast is not None
    assert some.contrast.is_sure
    assert some.contrast.mean == pytest.approx(2.0, abs=0.4)


def test_objective_and_words_are_compared_moment_by_moment() -> None:
    experiment = Experiment("aggression", DOSES, by=(Pursuit.OBJECTIVE, Pursuit.WORDS))
    answers = {"attacks": lambda run: 100 * dose(run) * (run.by is Pursuit.OBJECTIVE)}
    compared = found_in(experiment, made_up(experiment, answers)).compared
    (one,) = [c for c in compared if c.behaviour == "attacks" and c.dose == "0.02"]
    assert one.objective.mean == pytest.approx(2.0, abs=0.25)
    assert not one.words.is_sure
    assert one.difference.is_sure


def test_imposed_orders_are_counted_as_shares() -> None:
    experiment = Experiment("imposed", ("nothing", "orders"))
    ran = {
        run: Ran(run, one.seat, {**one.values, "imposed_played": 1.0, "wanted_argued": float(run.number > 2)}, 1, None)
        for run, one in made_up(experiment, {}).items()
    }
    shares = found_in(experiment, ran).shares
    assert (shares["imposed_played"].count, shares["imposed_played"].of) == (24, 24)
    assert (shares["wanted_argued"].count, shares["wanted_argued"].of) == (18, 24)


def test_the_card_holds_every_experiment_and_no_text_of_a_talk_as_markup(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = [
        NamedExperiment("aggression", AGGRESSION),
        NamedExperiment("both", Experiment("aggression", (0.0, 0.02), second=Second("risk", (0.0, 20.0)))),
        NamedExperiment("imposed", Experiment("imposed", ("nothing", "orders"))),
    ]
    log = RunsLog(tmp_path)
    keep_experiments(tmp_path, named)
    for one in named:
        for run, ran in made_up(one.experiment, {"attacks": lambda run: 100 * dose(run)}).items():
            if run not in log.ran:
                log.add(ran)
    assert main(["steer", "card", str(tmp_path)]) == 0
    path = Path(capsys.readouterr().out.strip())
    page = path.read_text(encoding="utf-8")
    assert path == tmp_path / "card.html"
    assert len(page) < 900_000
    assert page.count('<section class="control">') == 3
    assert "&lt;b&gt;I &amp; " in page
    assert "<b>I &" not in page
    assert not re.search(r"""(src|href)=["']http|url\(http|@import""", page)
    assert "cicero-lite steer run configs/steer/aggression.yaml" in page
    assert main(["steer", "card", str(tmp_path)]) == 0
    assert path.read_text(encoding="utf-8") == page


def test_a_folder_without_runs_has_no_card(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["steer", "card", str(tmp_path)]) == 2
    assert "expected a folder that `steer run` wrote" in capsys.readouterr().err
