"""What doses change: known answers for intervals, trends, order, and many comparisons."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from cicero_lite.steer.dosing import Way
from cicero_lite.steer.responses import (
    Change,
    FloatArray,
    Verdict,
    change_of,
    holm,
    isotonic,
    order_p,
    trend_of,
    verdict_of,
)

GAMES = np.repeat(np.arange(12), 2)


def moments(seed: int, steps: FloatArray, noise: float = 1.0) -> FloatArray:
    """24 moments of 12 games: levels of their own, a response to the doses, and luck that a game's moments share."""
    rng = np.random.default_rng(seed)
    level = rng.normal(size=(len(GAMES), 1))
    shared = rng.normal(size=(12, len(steps)))[GAMES]
    return level + steps + noise * (rng.normal(size=(len(GAMES), len(steps))) + shared)


def test_pairs_without_any_difference_differ_by_exactly_nothing() -> None:
    assert change_of([0.0] * 24, GAMES.tolist()) == Change(0.0, 0.0, 0.0, 1.0, 24, 12)


def test_no_pairs_are_no_change_and_one_game_has_no_interval() -> None:
    assert change_of([], []) is None
    assert change_of([1.0, 2.0], [3, 3]) == Change(1.5, None, None, None, 2, 1)


def test_one_pair_a_game_gives_the_t_test() -> None:
    found = change_of([1.0, 2.0, 3.0, 6.0], [0, 1, 2, 3])
    assert found is not None
    assert found.low is not None
    # mean 3, standard error 1.0801, t(0.975, 3) = 3.1824; two-sided p of t = 2.7775 is 0.0691
    assert found.mean - found.low == pytest.approx(3.4374, abs=1e-3)
    assert found.p == pytest.approx(0.0691, abs=1e-3)


def test_moments_that_only_repeat_their_game_add_no_certainty() -> None:
    once = change_of([1.0, 2.0, 3.0, 6.0], [0, 1, 2, 3])
    thrice = change_of(np.repeat([1.0, 2.0, 3.0, 6.0], 3).tolist(), np.repeat([0, 1, 2, 3], 3).tolist())
    assert once is not None
    assert thrice is not None
    assert thrice.low == pytest.approx(once.low)
    assert thrice.p == pytest.approx(once.p)


def test_a_null_control_is_called_sure_about_as_often_as_promised() -> None:
    found = [trend_of(moments(seed, np.zeros(4)), GAMES.tolist()) for seed in range(300)]
    alarms = sum(one is not None and one.is_sure for one in found)
    assert 4 <= alarms <= 30  # 15 expected; both ends are beyond 3 standard deviations


def test_the_interval_of_a_trend_holds_the_true_step() -> None:
    steps = np.array([0.0, 0.4, 0.8, 1.2])
    found = [trend_of(moments(seed, steps), GAMES.tolist()) for seed in range(300)]
    assert all(one is not None and one.low is not None and one.high is not None for one in found)
    held = sum(
        one is not None and one.low is not None and one.high is not None and one.low <= 0.4 <= one.high for one in found
    )
    assert 270 <= held <= 297


@pytest.mark.parametrize(("way", "sign"), [(Way.UP, 1.0), (Way.DOWN, -1.0)])
def test_a_steady_control_is_found_steady_and_its_opposite_reversed(way: Way, sign: float) -> None:
    table = moments(1, np.array([0.0, sign, 2 * sign, 3 * sign]), noise=0.5)
    trend, games = trend_of(table, GAMES.tolist()), GAMES.tolist()
    assert verdict_of(trend, way, order_p(table, games, way)) is Verdict.HELD
    other = Way.DOWN if way is Way.UP else Way.UP
    assert verdict_of(trend, other, order_p(table, games, other)) is Verdict.REVERSED


def test_a_control_that_falls_back_at_its_highest_dose_is_not_steady() -> None:
    table = moments(2, np.array([0.0, 2.0, 4.0, 1.5]), noise=0.4)
    assert (
        verdict_of(trend_of(table, GAMES.tolist()), Way.UP, order_p(table, GAMES.tolist(), Way.UP)) is Verdict.UNSTEADY
    )


def test_chance_alone_is_seldom_called_unsteady() -> None:
    flat = [order_p(moments(seed, np.zeros(4)), GAMES.tolist(), Way.UP) for seed in range(30)]
    assert sum(p is not None and p < 0.05 for p in flat) <= 5


def test_two_doses_cannot_be_unsteady() -> None:
    assert order_p(moments(3, np.array([0.0, 1.0])), GAMES.tolist(), Way.UP) is None


def test_nothing_measured_is_nothing_seen() -> None:
    assert verdict_of(None, Way.UP) is Verdict.UNSEEN
    assert verdict_of(Change(1.0, -0.5, 2.5, 0.1, 24, 12), Way.UP) is Verdict.UNSEEN


def test_the_isotonic_fit_is_the_closest_that_keeps_the_order() -> None:
    values = np.array([1.0, 0.0, 2.0, 1.0])
    fit = isotonic(values, Way.UP)
    assert fit.tolist() == [0.5, 0.5, 1.5, 1.5]
    steps = np.linspace(0, 2, 9)
    orders = (np.array(row) for row in product(steps, repeat=4) if list(row) == sorted(row))
    assert np.sum((values - fit) ** 2) <= min(np.sum((values - row) ** 2) for row in orders) + 1e-12
    assert isotonic(-values, Way.DOWN).tolist() == (-fit).tolist()


def test_many_comparisons_are_adjusted_as_holm_says() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
