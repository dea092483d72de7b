"""Scores of joint actions."""

from __future__ import annotations

import numpy as np
import pytest

from engine._core import Batch, Position
from engine.mapfile import core_map
from engine.types import POWERS, Power
from planner import _planner
from planner.candidates import CandidateConfig, candidates, rule_policies
from planner.equilibrium import IntArray
from planner.geometry import geometry
from planner.options import situation
from planner.rollout import Evaluator, ValueConfig


@pytest.fixture(scope="module")
def start() -> Position:
    return core_map("standard").start()


def sampled(position: Position, count: int) -> tuple[list[list[tuple[int, ...]]], IntArray]:
    rng = np.random.default_rng(0)
    sets = candidates(rule_policies(situation(position, geometry("standard"))), CandidateConfig(chains=24), rng)
    profiles = np.stack([rng.integers(len(s.actions), size=count) for s in sets], axis=1).astype(np.int32)
    return [list(s.actions) for s in sets], profiles


def test_scores_are_shares(start: Position) -> None:
    actions, profiles = sampled(start, 50)
    scores = Evaluator().scores(start, actions, profiles)
    assert scores.shape == (50, 7)
    assert scores.sum(axis=1) == pytest.approx(np.ones(50), abs=1e-3)
    assert (scores > 0.01).all()


def test_taking_a_centre_is_worth_more_than_not() -> None:
    core = core_map("standard")
    position = Position.from_state(
        core, "F1903M", {"FRANCE": ["A GAS"], "TURKEY": ["A SMY"]}, {"FRANCE": ["PAR"], "TURKEY": ["SMY", "CON"]}, {}
    )
    moves: list[tuple[int, ...]] = [(core.order_code(f"A GAS - {to}"),) for to in ("SPA", "PAR")]
    actions: list[list[tuple[int, ...]]] = [[()], [()], moves, [()], [()], [()], [()]]
    profiles = np.zeros((2, 7), np.int32)
    profiles[1, Power.FRANCE.number] = 1
    scores = Evaluator().scores(position, actions, profiles)
    assert scores[0, 2] > scores[1, 2] + 0.05
    owned = Evaluator(ValueConfig(endings=((1903, 1.0),))).scores(position, actions, profiles)
    assert owned[0, 2] == pytest.approx(0.5)
    assert owned[1, 2] == pytest.approx(0.2)


@pytest.mark.parametrize("value", ["threat", "network"])
def test_units_that_can_be_built_are_counted_and_missed_ones_are_not(value: str) -> None:
    """France has a unit to build: its value is that of the spring after, with the unit or without."""
    core = core_map("standard")
    centers = {"FRANCE": ["PAR", "SPA", "MAR"], "TURKEY": ["SMY"]}
    evaluator = Evaluator(ValueConfig(value))

    def after(*units: str) -> float:
        """France's score when its two units hold in autumn."""
        autumn = Position.from_state(core, "F1903M", {"FRANCE": units, "TURKEY": ["A PIE"]}, centers, {})
        actions: list[list[tuple[int, ...]]] = [[()] for _ in POWERS]
        return float(evaluator.scores(autumn, actions, np.zeros((1, 7), np.int32))[0, 2])

    def spring(*units: str) -> float:
        position = Position.from_state(core, "S1904M", {"FRANCE": units, "TURKEY": ["A PIE"]}, centers, {})
        return float(evaluator.value.scores(Batch.of([position], 1))[0, 2])

    # Marseilles and Paris are held: no place to build. Else in Marseilles, as Brest is not France's.
    assert after("A MAR", "A PAR") == pytest.approx(spring("A MAR", "A PAR"), abs=1e-6)
    assert after("A GAS", "A PAR") == pytest.approx(spring("A GAS", "A PAR", "F MAR"), abs=1e-6)
    assert spring("A GAS", "A PAR", "F MAR") != pytest.approx(spring("A GAS", "A PAR"), abs=1e-3)


def test_the_end_of_the_game_weighs_as_told(start: Position) -> None:
    autumn, _ = start.step([[] for _ in POWERS])
    actions: list[list[tuple[int, ...]]] = [[()] for _ in POWERS]
    profiles = np.zeros((1, 7), np.int32)
    now, never, half = (
        Evaluator(ValueConfig(endings=((1901, chance),))).scores(autumn, actions, profiles)
        for chance in (1.0, 0.0, 0.5)
    )
    assert half == pytest.approx((now + never) / 2, abs=1e-6)
    assert now[0, POWERS.index(Power.RUSSIA)] == pytest.approx(16 / (6 * 9 + 16))
    # Spring's moves do not end a year.
    ends = Evaluator(ValueConfig(endings=((1901, 1.0),)))
    assert ends.scores(start, actions, profiles) == pytest.approx(Evaluator().scores(start, actions, profiles))


def test_eighteen_centres_take_all() -> None:
    core = core_map("standard")
    french, others = core.centers[:18], core.centers[18:]
    position = Position.from_state(
        core, "S1910M", {"FRANCE": ["A PAR"], "TURKEY": ["A SMY"]}, {"FRANCE": french, "TURKEY": others}, {}
    )
    scores = Evaluator().value.scores(Batch.of([position], 1))
    assert scores[0].tolist() == [0, 0, 1, 0, 0, 0, 0]


def test_scores_remembered_are_the_scores(start: Position) -> None:
    actions, profiles = sampled(start, 400)
    value, memo = Evaluator().value, _planner.Memo()
    fresh = _planner.score_profiles(start, actions, profiles, value)
    for ending in (0.0, 1.0, 0.0):
        expected = fresh if not ending else _planner.score_profiles(start, actions, profiles, value, ending)
        for threads in (1, 4):
            found = _planner.score_profiles(start, actions, profiles, value, ending, memo=memo, threads=threads)
            assert np.array_equal(found, expected)


def test_bad_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="scoring: expected one of sum_of_squares, draw_size, solo, got 'points'"):
        ValueConfig(scoring="points")
    with pytest.raises(ValueError, match="hand-made value"):
        ValueConfig("threat", scoring="solo")
    with pytest.raises(ValueError, match="chance from 0 to 1 for 1908"):
        ValueConfig(endings=((1908, 2.0),))
