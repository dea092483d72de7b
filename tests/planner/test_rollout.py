"""Scores of joint actions."""

from __future__ import annotations

import numpy as np
import pytest

from engine._core import Position
from engine.mapfile import core_map
from engine.types import Power
from planner.candidates import CandidateConfig, candidates
from planner.equilibrium import IntArray
from planner.geometry import geometry
from planner.options import situation
from planner.rollout import Evaluator, ValueConfig, scores_of


@pytest.fixture(scope="module")
def start() -> Position:
    return core_map("standard").start()


def sampled(position: Position, count: int) -> tuple[list[list[tuple[int, ...]]], IntArray]:
    rng = np.random.default_rng(0)
    sets = candidates(position, situation(position, geometry("standard")), CandidateConfig(chains=24), rng)
    profiles = np.stack([rng.integers(len(s.actions), size=count) for s in sets], axis=1).astype(np.int32)
    return [list(s.actions) for s in sets], profiles


def test_scores_are_shares(start: Position) -> None:
    actions, profiles = sampled(start, 50)
    scores = Evaluator().scores(start, actions, profiles)
    assert scores.shape == (50, 7)
    assert scores.sum(axis=1) == pytest.approx(np.ones(50), abs=1e-3)
    assert (scores > 0.01).all()


def test_memory_changes_nothing_but_the_work(start: Position) -> None:
    actions, profiles = sampled(start, 60)
    evaluator = Evaluator()
    fresh = evaluator.scores(start, actions, profiles, remember=False)
    first = evaluator.scores(start, actions, profiles)
    done = evaluator.evaluated
    # The same actions under other numbers are still the same actions.
    turned = [list(reversed(own)) for own in actions]
    sizes = np.array([len(own) for own in actions])
    again = evaluator.scores(start, turned, (sizes - 1 - profiles).astype(np.int32))
    assert evaluator.evaluated == done
    assert np.array_equal(fresh, first)
    assert np.array_equal(first, again)


def test_full_memory_forgets_old_positions(start: Position) -> None:
    actions, profiles = sampled(start, 40)
    after, _ = start.step([list(own[0]) for own in actions])
    evaluator = Evaluator(capacity=10)
    first = evaluator.scores(start, actions, profiles)
    later_actions, later_profiles = sampled(after, 40)
    evaluator.scores(after, later_actions, later_profiles)
    done = evaluator.evaluated
    assert np.array_equal(evaluator.scores(start, actions, profiles), first)
    assert evaluator.evaluated > done


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
    owned = Evaluator(ValueConfig(centers_only=True)).scores(position, actions, profiles)
    assert owned[0, 2] == pytest.approx(0.5)
    assert owned[1, 2] == pytest.approx(0.2)


def test_eighteen_centres_take_all() -> None:
    centers = np.array([[18, 16, 0, 0, 0, 0, 0], [17, 17, 0, 0, 0, 0, 0]], np.float32)
    scores = scores_of(centers, centers, ValueConfig())
    assert scores[0].tolist() == [1, 0, 0, 0, 0, 0, 0]
    assert scores[1, 0] == pytest.approx(0.5)
