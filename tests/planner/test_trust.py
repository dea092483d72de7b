"""Trusting a model wins against it and loses against an adversary."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from planner.trust import trust_curve

ROCK_PAPER_SCISSORS = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
OFTEN_ROCK = np.array([0.5, 0.3, 0.2])


def test_more_trust_wins_more_from_the_model_and_loses_more_to_an_adversary() -> None:
    points = trust_curve(ROCK_PAPER_SCISSORS, OFTEN_ROCK, (0.0, 0.5, 0.75, 0.9, 1.0))
    for less, more in pairwise(points):
        assert more.against_model > less.against_model - 0.03
        assert more.against_best_responder < less.against_best_responder + 0.03
    # Without trust, the equilibrium: nothing won, nothing lost.
    assert points[0].against_model == pytest.approx(0.0, abs=0.01)
    assert points[0].against_best_responder == pytest.approx(0.0, abs=0.03)
    # With full trust, paper: 0.5 - 0.2 won, everything to be lost.
    assert points[-1].policy == pytest.approx((0.0, 1.0, 0.0), abs=0.01)
    assert points[-1].against_model == pytest.approx(0.3, abs=0.01)
    assert points[-1].against_best_responder == pytest.approx(-1.0, abs=0.02)
    # Between them, some of both.
    assert 0.05 < points[2].against_model < 0.28
    assert -0.7 < points[2].against_best_responder < -0.05


def test_an_opponent_with_its_own_interest_is_answered_with_it() -> None:
    # Both want to meet; the model says the opponent goes right, its interest says so too: trust costs nothing.
    meet = np.array([[1.0, 0.0], [0.0, 2.0]])
    for point in trust_curve(meet, np.array([0.0, 1.0]), (0.5, 1.0), opponent_payoff=meet):
        assert point.against_model == pytest.approx(2.0, abs=0.02)
        assert point.against_best_responder == pytest.approx(2.0, abs=0.02)
