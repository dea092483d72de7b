"""The planner's benchmark measures what it says, and its stages are the whole plan; speeds are not judged here."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from cicero_lite.bench.planner import PlannerBenchError, Settings, measure_planner, middle_games
from cicero_lite.bench.planner_parts import positions_ahead
from cicero_lite.bench.planner_stages import Stage, StageClock
from cicero_lite.cli import main
from engine.types import POWERS
from planner import public
from planner.sources import RuleSource


def test_quick_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "planner", "--quick", "--threads", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    for name in ("plan", "plan_one_thread", "plan_by_rules"):
        plan = found[name]
        assert list(plan["stages_s"]) == [stage.value for stage in Stage]
        assert sum(plan["stages_s"].values()) == pytest.approx(plan["plan_s"])
        assert all(seconds > 0 for seconds in plan["stages_s"].values()), name
        assert plan["actions"] > 7 * 20
        assert plan["joint_actions"] > 10_000
    assert found["plan_s"] == found["plan"]["plan_s"]
    assert found["plan_cpu_s"] == found["plan_one_thread"]["plan_s"]
    assert set(found["values"]) == set(found["joint_actions"]) == {"threat", "network"}
    assert found["value_positions_per_s"] == found["values"]["network"]["per_second"]
    assert found["policy_samples_per_s"] == found["policy"]["samples_per_s"] > 0
    assert found["settings"]["iterations"] == 256


def test_quick_table_without_a_network(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "planner", "--quick", "--policy", "rules", "--value", "threat", "--threads", "1"]) == 0
    out = capsys.readouterr().out
    for said in (*Stage, "ratio", "positions valued: network", "anchor rules, value threat", "seed 0", "commit"):
        assert said in out
    assert "policy network" not in out


def test_positions_are_of_the_middle_and_the_same_for_the_same_seed() -> None:
    games = middle_games(3, seed=5)
    assert [str(game.phase) for game in games] == ["S1904M"] * 3
    assert all(game.units(power) for game in games for power in POWERS)
    assert [game.position for game in games] == [game.position for game in middle_games(3, seed=5)]
    ahead = positions_ahead([game.position for game in games], 20, seed=1)
    assert len(ahead) == 20
    assert len(set(ahead)) > 10
    assert {position.phase[:5] for position in ahead} <= {"S1904", "F1904"}


def test_stages_within_stages_count_once() -> None:
    ticks: Iterator[float] = iter(range(100))
    clock = StageClock(lambda: float(next(ticks)))
    with clock.stage(Stage.REST), clock.stage(Stage.TABLES), clock.stage(Stage.ANCHOR):
        pass
    assert clock.seconds == dict.fromkeys(Stage, 0.0) | {Stage.REST: 2.0, Stage.TABLES: 2.0, Stage.ANCHOR: 1.0}


def test_functions_are_themselves_again_after_a_plan() -> None:
    before = public.explored, RuleSource.policies

    def failing() -> None:
        with StageClock(lambda: 0.0).plan(RuleSource()):
            assert public.explored is not before[0]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert (public.explored, RuleSource.policies) == before


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(positions=0), "--positions: expected 1 or more, got 0"),
        (Settings(threads=-1), "--threads: expected 0 or more, got -1"),
        (Settings(seed=-2), "--seed: expected 0 or more, got -2"),
    ],
)
def test_senseless_settings(settings: Settings, said: str) -> None:
    with pytest.raises(PlannerBenchError, match=said):
        measure_planner(settings)


def test_a_missing_network_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "planner", "--quick", "--policy", "none.safetensors"]) == 2
    assert "policy network in none.safetensors, got" in capsys.readouterr().err
