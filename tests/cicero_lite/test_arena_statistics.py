"""The statistics of the arena, against published values and in simulations whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cicero_lite.arena.match import ArenaError, GameResult
from cicero_lite.arena.one_v_six import seat_of
from cicero_lite.arena.regression import slope, slopes_without
from cicero_lite.arena.statistics import (
    LEAST_TO_FIT,
    Ending,
    adjusted_scores,
    difference,
    ending,
    mean_score,
    student_quantile,
    summarize,
    wilson,
)
from engine.types import POWERS, Phase, Power

F = Power.FRANCE


def result(
    centers: dict[Power, int] | None = None,
    scores: dict[Power, float] | None = None,
    winner: Power | None = None,
    seed: int = 0,
    variate: float | None = None,
) -> GameResult:
    return GameResult(
        seed=seed,
        seats=dict.fromkeys(POWERS, "x"),
        until=1910,
        last_phase=Phase.parse("F1908M"),
        phases=20,
        winner=winner,
        centers=dict.fromkeys(POWERS, 0) | (centers or {}),
        scores=dict.fromkeys(POWERS, 0.0) | (scores or {}),
        movements=dict.fromkeys(POWERS, 10),
        seconds=dict.fromkeys(POWERS, 5.0),
        variate=variate,
    )


@pytest.mark.parametrize(
    ("count", "games", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, table I, method 3 (Wilson's score without continuity correction).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published(count: int, games: int, low: float, high: float) -> None:
    rate = wilson(count, games)
    assert rate.low == pytest.approx(low, abs=5e-5)
    assert rate.high == pytest.approx(high, abs=5e-5)
    mirrored = wilson(games - count, games)
    assert mirrored.low == pytest.approx(1 - rate.high)
    assert mirrored.high == pytest.approx(1 - rate.low)


@pytest.mark.parametrize(("count", "games"), [(0, 0), (3, 2), (-1, 2)])
def test_rates_of_nothing_are_refused(count: int, games: int) -> None:
    with pytest.raises(ArenaError, match="rate: expected"):
        wilson(count, games)


def test_student_as_tabulated() -> None:
    tabulated = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 7: 2.365, 10: 2.228, 21: 2.080, 60: 2.000, 120: 1.980}
    assert {n: round(student_quantile(n), 3) for n in tabulated} == tabulated


@pytest.mark.parametrize(
    ("centers", "winner", "expected"),
    [
        ({F: 18, Power.ITALY: 16}, F, Ending.WIN),
        ({F: 10, Power.ITALY: 9}, None, Ending.MOST),
        ({F: 10, Power.ITALY: 10}, None, Ending.MOST),
        ({F: 9, Power.ITALY: 10}, None, Ending.SURVIVED),
        ({F: 16, Power.ITALY: 18}, Power.ITALY, Ending.SURVIVED),
        ({F: 0, Power.ITALY: 34}, Power.ITALY, Ending.DEFEATED),
        ({F: 0, Power.ITALY: 17}, None, Ending.DEFEATED),
    ],
)
def test_endings_exclude_each_other(centers: dict[Power, int], winner: Power | None, expected: Ending) -> None:
    assert ending(result(centers, winner=winner), F) is expected


def test_a_summary_adds_up() -> None:
    games = [
        result({F: 18, Power.ITALY: 16}, {F: 1.0}, winner=F),
        result({F: 0, Power.ITALY: 20}, {Power.ITALY: 1.0}, winner=Power.ITALY),
        result({F: 5, Power.ITALY: 10}, {F: 0.2, Power.ITALY: 0.8}),
        result({F: 9, Power.ITALY: 9}, {F: 0.5, Power.ITALY: 0.5}),
    ]
    found = summarize([(F, game) for game in games])
    assert {how: rate.count for how, rate in found.endings.items()} == dict.fromkeys(Ending, 1)
    assert sum(rate.share for rate in found.endings.values()) == 1
    assert found.score.mean == pytest.approx(0.425)
    assert found.score_by_seat == {F: pytest.approx(0.425)}
    assert found.opponents_score == pytest.approx(2.3 / 24)
    assert found.centers == 8
    assert found.opponents_centers == pytest.approx(55 / 24)
    assert (found.opponents_wins, found.win_year, found.seconds_per_movement) == (1, 1908, 0.5)
    with pytest.raises(ArenaError, match="at least one game"):
        summarize([])


SEAT_MEANS = np.array([0.05, 0.1, 0.45, 0.2, 0.1, 0.3, 0.35])


def simulated(rng: np.random.Generator, games: int) -> tuple[NDArray[np.float64], list[Power]]:
    """Scores with a known mean for each seat, skewed as those of games are."""
    seats = [seat_of(number) for number in range(games)]
    means = SEAT_MEANS[[seat.number for seat in seats]]
    return rng.beta(3 * means, 3 * (1 - means)), seats


@pytest.mark.parametrize("games", [14, 21, 35])
def test_intervals_cover_the_truth(games: int) -> None:
    rng = np.random.default_rng(games)
    truth, runs = SEAT_MEANS.mean(), 250
    covered = 0
    for _ in range(runs):
        scores, seats = simulated(rng, games)
        found = mean_score(scores.tolist(), seats)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= truth <= found.high
    assert 0.91 <= covered / runs <= 0.985


def test_strata_take_the_effect_of_the_seats_away() -> None:
    rng = np.random.default_rng(1)
    estimates = [mean_score(scores.tolist(), seats) for scores, seats in (simulated(rng, 28) for _ in range(200))]
    assert all(found.stratified for found in estimates)
    errors = [found.standard_error or 0.0 for found in estimates]
    spread = float(np.std([found.mean for found in estimates]))
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(spread, rel=0.15)
    within = float(np.mean(SEAT_MEANS * (1 - SEAT_MEANS))) / 4
    removed = float(np.mean([found.variance_removed or 0.0 for found in estimates]))
    assert removed == pytest.approx(1 - within / (within + SEAT_MEANS.var()), abs=0.08)


def test_seats_played_more_often_do_not_weigh_more() -> None:
    seats = [Power.AUSTRIA] * 3 + [F] * 6
    assert mean_score([0.1] * 3 + [0.5] * 6, seats).mean == pytest.approx(0.3)


def test_few_games_say_little() -> None:
    alone = mean_score([0.4], [F])
    assert (alone.mean, alone.low, alone.high, alone.standard_error) == (0.4, None, None, None)
    two = mean_score([0.2, 0.4], [F, Power.ITALY])
    assert (two.low, two.high) == (0.0, 1.0)
    three = mean_score([0.2, 0.3, 0.4], [F, F, Power.ITALY])
    assert three.low == pytest.approx(0.3 - 4.3027 * 0.1 / np.sqrt(3), abs=1e-4)
    seven = mean_score([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], list(POWERS))
    assert not seven.stratified
    assert seven.variance_removed is None
    lost = mean_score([0.0] * 14, [*POWERS, *POWERS])
    assert (lost.mean, lost.low) == (0.0, 0.0)
    assert lost.high == pytest.approx(wilson(0, 14).high)


def test_paired_games_show_a_difference_that_others_hide() -> None:
    rng = np.random.default_rng(4)
    first, second = [], []
    for number in range(28):
        seat, luck = seat_of(number), rng.uniform(0.1, 0.7)
        first.append((number, result(scores={seat: luck + 0.05 + rng.normal(0, 0.01)}, seed=number)))
        second.append((number, result(scores={seat: luck}, seed=number)))
    seats = {number: seat_of(number) for number in range(28)}
    found = difference(first, second, seats)
    assert found.games == 28
    assert found.score.mean == pytest.approx(0.05, abs=0.01)
    assert found.score.low is not None
    assert found.score.low > 0.03
    assert found.variance_removed is not None
    assert found.variance_removed > 0.98
    backwards = difference(second, first, seats)
    assert backwards.score.mean == pytest.approx(-found.score.mean)
    shuffled = [(number, result(scores={seat_of(number): rng.uniform(0.1, 0.7)}, seed=number)) for number in range(28)]
    assert abs(difference(first, shuffled, seats).variance_removed or 0.0) < 0.6
    assert difference(first[:5], second, seats).games == 5


def test_games_that_are_no_pairs_are_refused() -> None:
    with pytest.raises(ArenaError, match="same number, got none"):
        difference([(0, result())], [(1, result())], {0: F, 1: F})
    with pytest.raises(ArenaError, match="got seeds 1 and 2"):
        difference([(0, result(seed=1))], [(0, result(seed=2))], {0: F})


# --- control variates ------------------------------------------------------------------------------------


def lucky(rng: np.random.Generator, games: int) -> tuple[NDArray[np.float64], NDArray[np.float64], list[Power]]:
    """Skewed scores, of which luck explains the more the better the seat, and variates of mean zero."""
    scores, seats = simulated(rng, games)
    luck = rng.exponential(1.0, games) - 1.0
    means = SEAT_MEANS[[seat.number for seat in seats]]
    return scores + means * (luck + 0.5 * (luck**2 - 1.0)), 0.1 * luck, seats


def test_slopes_without_a_game_are_those_of_the_others() -> None:
    rng = np.random.default_rng(3)
    scores, variates, seats = lucky(rng, 21)
    groups = np.array([seat.number for seat in seats])
    for game, found in enumerate(slopes_without(scores, variates, groups)):
        others = np.arange(21) != game
        assert found == pytest.approx(slope(scores[others], variates[others], groups[others]))
    exact = slope(SEAT_MEANS[groups] + 2 * variates, variates, groups)
    assert exact == pytest.approx(2)
    flat = np.full(4, 0.1)
    assert slope(flat, flat, np.zeros(4, np.int64)) == 0
    assert slopes_without(flat, flat, np.arange(4)).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("games", [7, LEAST_TO_FIT])
def test_adjusted_scores_have_the_same_mean(games: int) -> None:
    rng = np.random.default_rng(games)
    fits = games >= LEAST_TO_FIT
    truth, runs = SEAT_MEANS.mean(), 3000
    means, naive = [], []
    for _ in range(runs):
        scores, variates, seats = lucky(rng, games)
        means.append(adjusted_scores(scores, variates, seats).mean())
        groups = np.array([seat.number for seat in seats])
        naive.append((scores - variates * slope(scores, variates, groups)).mean())
    assert abs(np.mean(means) - truth) < 4 * np.std(means) / np.sqrt(runs)
    if fits:
        # What the others' β is for: here a β that has seen its own game is plainly wrong.
        assert abs(np.mean(naive) - truth) > 4 * np.std(naive) / np.sqrt(runs)


@pytest.mark.parametrize("games", [7, 21, LEAST_TO_FIT])
def test_adjusted_intervals_cover_the_truth(games: int) -> None:
    rng = np.random.default_rng(games)
    truth, runs = SEAT_MEANS.mean(), 150
    covered, gains = 0, []
    for _ in range(runs):
        scores, seats = simulated(rng, games)
        luck = rng.normal(0, 0.3, games)
        played = [
            (seat, result(scores={seat: score + 1.5 * own}, variate=own))
            for seat, score, own in zip(seats, scores, luck, strict=True)
        ]
        found = summarize(played).adjusted
        assert found is not None
        assert found.score.low is not None
        assert found.score.high is not None
        assert found.gain is not None
        covered += found.score.low <= truth <= found.score.high
        gains.append(found.gain)
        assert found.coefficient == 1 if games < LEAST_TO_FIT else found.coefficient == pytest.approx(1.5, abs=1.2)
    assert 0.91 <= covered / runs <= 0.985
    # By theory 1 + 1.5² · 0.3² / the variance of a score, less what is lost to β.
    assert np.median(gains) > 2


def test_a_difference_is_adjusted_by_the_luck_of_both() -> None:
    rng = np.random.default_rng(5)
    seats = {number: seat_of(number) for number in range(28)}
    first, second = [], []
    for number, seat in seats.items():
        ours, theirs = rng.normal(0, 0.1, 2)
        noise = rng.normal(0, 0.02, 2)
        first.append((number, result(scores={seat: 0.45 + ours + noise[0]}, seed=number, variate=ours)))
        second.append((number, result(scores={seat: 0.4 + theirs + noise[1]}, seed=number, variate=theirs)))
    found = difference(first, second, seats).adjusted
    assert found is not None
    assert found.coefficient is None
    assert found.gain is not None
    assert found.gain > 5
    assert found.score.mean == pytest.approx(0.05, abs=0.015)
    means = [summarize([(seats[number], game) for number, game in games]).adjusted for games in (first, second)]
    assert means[0] is not None
    assert means[1] is not None
    assert found.score.mean == pytest.approx(means[0].score.mean - means[1].score.mean)
    fewer = difference(first[:9], second, seats).adjusted
    assert fewer is not None
    assert difference([(n, result(seed=n)) for n in range(28)], second, seats).adjusted is None


def test_without_variates_nothing_is_adjusted() -> None:
    scores = (0.2, 0.4)
    assert summarize([(F, result(scores={F: score})) for score in scores]).adjusted is None
    mixed = [(F, result(scores={F: 0.2}, variate=0.1)), (F, result(scores={F: 0.4}))]
    assert summarize(mixed).adjusted is None


def test_games_that_are_all_alike_show_no_luck() -> None:
    found = summarize([(seat, result(variate=0.1 * seat.number)) for seat in POWERS]).adjusted
    assert found is not None
    assert found.gain is None
    assert found.score == mean_score([0.0] * 7, list(POWERS))
    alone = summarize([(F, result(scores={F: 0.4}, variate=0.1))]).adjusted
    assert alone is not None
    assert alone.score.mean == pytest.approx(0.3)
    assert alone.score.low is None
    assert alone.gain is None
