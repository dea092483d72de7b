"""Experiments in YAML: read strictly, with one clear line on a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from cicero_lite.arena.experiment import DesignKind, Kept, PressConfig, load_experiment
from cicero_lite.errors import CiceroLiteError

CONFIGS = Path(__file__).parents[2] / "configs" / "arena"


def written(folder: Path, text: str) -> Path:
    file = folder / "experiment.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_experiment_is_read(tmp_path: Path) -> None:
    found = load_experiment(
        written(
            tmp_path,
            """
agents: {one: search, two: "search:search.think=policy", other: dumbbot}
settings: {search.think: 16it, generation.candidates: 0}
design: {kind: population, weights: {one: 2}}
games_per_agent: 100
press: {rounds: 3}
keep: [events]
stopping: {compare: [one, two], decided: true, narrower: 0.05}
""",
        )
    )
    assert found.labels == ("one", "two", "other")
    assert found.design.kind is DesignKind.POPULATION
    assert found.press == PressConfig(3)
    assert found.keep == (Kept.EVENTS,)
    assert found.games_wanted() == 102
    specs = found.specs()
    assert str(specs["one"]) == "search:generation.candidates=0,search.think=16it"
    assert str(specs["two"]) == "search:generation.candidates=0,search.think=policy"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("agents: {a: dumbbot, b: greedy}\ngame: 3", "unknown key 'game'; did you mean 'games'?"),
        ("agents: {a: dumbbot, b: greedy}\ngames: 3\ndesign: {kind: swiss}", "design.kind: expected"),
        ("agents: {a: dumbot, b: greedy}\ngames: 3", "agents.a: unknown agent 'dumbot'"),
        ("agents: {a: dumbbot, b: 'search:search.lamda=1'}\ngames: 3", "agents.b: .*did you mean 'search.lambda_'"),
        ("agents: {a: dumbbot}\ngames: 3", "agents: expected 2 to 1000, got 1"),
        ("games: 3", "agents: "),
        ("agents: {a: dumbbot, b: greedy}", "expected games or games_per_agent, got 0 and 0"),
        ("agents: {a: dumbbot, b: greedy}\ngames: 3\ngames_per_agent: 3", "expected games or games_per_agent"),
        ("agents: {a: dumbbot, b: greedy}\ngames: 3\ndesign: {kind: one_v_six}", "base: expected the label"),
        (
            "agents: {a: dumbbot, b: greedy}\ngames: 3\ndesign: {kind: one_v_six, base: c}",
            "expected one of the labels a, b, got 'c'",
        ),
        ("agents: {a: dumbbot, b: greedy}\ngames: 3\ncompare: [[a, c]]", "expected one of the labels a, b, got 'c'"),
        ("agents: {a: dumbbot, b: greedy}\ngames: 3\nkeep: [events]", "keep: expected no events without press"),
        ("agents: {a: dumbbot, b: greedy}\ngames: 3\nvariates: 8", "variates: expected 0 but for one_v_six"),
        ("agents: {a: dumbbot, b: greedy}\ngames: 3\nuntil: 1900", "until: expected 1901 to 9999, got 1900"),
        ("agents: {a: dumbbot, b: greedy}\ngames: 3\nstopping: {decided: true}", "compare: expected two labels"),
        ("agents: {a: dumbbot, b: greedy}\ngames: 3\nstopping: {}", "expected decided: true, or narrower"),
    ],
)
def test_a_mistake_gives_one_line(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(CiceroLiteError, match=problem) as raised:
        load_experiment(written(tmp_path, text))
    assert "\n" not in str(raised.value)


def test_one_agent_may_play_under_two_labels(tmp_path: Path) -> None:
    found = load_experiment(written(tmp_path, "agents: {a: dumbbot, b: dumbbot}\ngames: 2"))
    assert found.specs()["a"] == found.specs()["b"]


@pytest.mark.parametrize("file", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_ready_files_can_be_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CONFIGS.parents[1])
    experiment = load_experiment(file)
    assert experiment.games_wanted() > 0
    assert experiment.about
