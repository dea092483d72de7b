"""What games of one agent against six of another tell, and how surely.

Scores depend on the seat: the corners of the board do better than the middle.  With every seat played the
same number of times, that difference says nothing about the agent, so it must not widen the interval either.
`mean_score` therefore takes the seats as strata: it averages the means of the seats, and resamples within them.
`difference` goes further where two agents played the same games (same seed, same seat): it looks at the
differences game by game, in which all that the two games have in common cancels.
Where games have control variates (`cicero_lite.arena.variates`), both are also worked out from scores without the luck
that these show: see `adjusted_scores`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cicero_lite.arena.match import ArenaError, GameResult
from cicero_lite.arena.regression import slope, slopes_without
from engine.types import POWERS, Power

PARITY = 1 / 7
"""Mean score of seven equal agents."""
CONFIDENCE = 0.95
"""Of every interval."""

LEAST_OF_SEAT = 3
"""Games of each seat from which on seats are strata.  With two, intervals that should hold the truth in 95 % of cases
held it in 88 % (skewed scores, simulated); with three, in 93 %."""

LEAST_TO_FIT = 6 * len(POWERS)
"""Games from which on β of control variates is fitted.  With fewer, in simulations, β = 1 mostly gave the smaller
variance where the best β was from 1 to 1.5, as variates in points of the score make likely."""

_RESAMPLES = 4000
_SEED = 20190714  # of the resampling: the same games give the same interval
_FloatArray: TypeAlias = NDArray[np.float64]


class Ending(StrEnum):
    """How a game ended for one power.  Exactly one of them holds.

    The columns of Table 4 of Paquette et al. 2019 (DipNet, "No-Press Diplomacy"): win, most SC, survived,
    defeated.  The table does not say what becomes of a shared lead; here it counts as the most.
    """

    WIN = "win"
    """The power won alone: 18 centres on the standard map."""
    MOST = "most"
    """Nobody won, and no power has more centres: the lead, alone or shared."""
    SURVIVED = "survived"
    """It has a centre, but another won or has more."""
    DEFEATED = "defeated"
    """It has no centre."""


def ending(result: GameResult, power: Power) -> Ending:
    """How the game ended for this power."""
    if result.winner is power:
        return Ending.WIN
    own = result.centers[power]
    if own == 0:
        return Ending.DEFEATED
    return Ending.MOST if result.winner is None and own == max(result.centers.values()) else Ending.SURVIVED


@dataclass(frozen=True)
class Rate:
    """How often something happened."""

    count: int
    games: int
    """Or whatever else it was counted among."""
    share: float
    """0 to 1."""
    low: float
    """Lower end of the 95 % interval (Wilson, where nothing else is said)."""
    high: float


@dataclass(frozen=True)
class Estimate:
    """A mean and how far it can be trusted."""

    mean: float
    low: float | None
    """Lower end of the 95 % interval (bootstrap); None: one game says nothing of it."""
    high: float | None
    standard_error: float | None
    stratified: bool
    """Whether the seats were strata: every seat that was played was played at least three times."""
    variance_removed: float | None
    """Share of the variance of the mean that the strata took away; below 0 where they only cost certainty."""


@dataclass(frozen=True)
class Adjusted:
    """The same mean by control variates: from scores without the luck that these show."""

    score: Estimate
    coefficient: float | None
    """β by all games, the score that goes with one of the variate; None: of a difference, where there are two."""
    gain: float | None
    """How many times smaller the variance of the mean became, so how many times as many games would have been needed
    for it; below 1 where variates only cost certainty.  None: there is no variance."""


@dataclass(frozen=True)
class Summary:
    """One agent alone against six of another."""

    games: int
    endings: Mapping[Ending, Rate]
    """The shares add up to 1."""
    score: Estimate
    """Sum-of-squares score; 1/7 is parity."""
    score_by_seat: Mapping[Power, float]
    opponents_score: float
    """Mean of one opponent."""
    centers: float
    """Mean at the end."""
    opponents_centers: float
    """Mean of one opponent at the end."""
    opponents_wins: int
    """Games that an opponent won alone."""
    win_year: float | None
    """Mean year of the wins; None: no win."""
    seconds_per_movement: float
    """Mean thinking time of the agent in a movement phase, wall clock."""
    adjusted: Adjusted | None = None
    """The score by control variates; None: the games have none."""


@dataclass(frozen=True)
class Difference:
    """How much better an agent scored than another in the same games."""

    games: int
    """Pairs: games of the same number, so the same seed and seat."""
    score: Estimate
    """Of the differences."""
    variance_removed: float | None
    """Share of the variance that pairing took away, against as many games with seeds of their own; below 0
    where the two agents' scores are negatively correlated.  None: there is no variance."""
    adjusted: Adjusted | None = None
    """The score by the control variates of both; None: the games have none."""


def summarize(played: Sequence[tuple[Power, GameResult]]) -> Summary:
    """What the games say of the agent on the seat named with each.

    Raises:
        ArenaError: there is no game.
    """
    if not played:
        raise ArenaError("expected at least one game, got none")
    count = len(played)
    ended = [ending(result, seat) for seat, result in played]
    own = [result.scores[seat] for seat, result in played]
    centers = [result.centers[seat] for seat, result in played]
    others = [[p for p in POWERS if p is not seat] for seat, _ in played]
    years = [result.last_phase.year for (_, result), how in zip(played, ended, strict=True) if how is Ending.WIN]
    movements = sum(result.movements[seat] for seat, result in played)
    seats = [seat for seat, _ in played]
    return Summary(
        games=count,
        endings={how: wilson(ended.count(how), count) for how in Ending},
        score=mean_score(own, seats),
        score_by_seat={p: _mean([s for s, seat in zip(own, seats, strict=True) if seat is p]) for p in _ordered(seats)},
        opponents_score=_mean([r.scores[p] for (_, r), six in zip(played, others, strict=True) for p in six]),
        centers=_mean(centers),
        opponents_centers=_mean([r.centers[p] for (_, r), six in zip(played, others, strict=True) for p in six]),
        opponents_wins=sum(result.winner not in (None, seat) for seat, result in played),
        win_year=_mean(years) if years else None,
        seconds_per_movement=sum(r.seconds[seat] for seat, r in played) / movements if movements else 0.0,
        adjusted=_adjusted_mean(played),
    )


def difference(
    first: Sequence[tuple[int, GameResult]], second: Sequence[tuple[int, GameResult]], seats: Mapping[int, Power]
) -> Difference:
    """How much better the first agent scored than the second, game by game.

    Args:
        first: games of one agent by number; those that the other has not are left out.
        second: games of the other.
        seats: the seat of both agents in the game of each number.

    Raises:
        ArenaError: no number is in both, or two games of a number had different seeds.
    """
    other = dict(second)
    pairs = [(seats[number], result, other[number]) for number, result in first if number in other]
    if not pairs:
        raise ArenaError("expected games of both agents with the same number, got none")
    for _, a, b in pairs:
        if (a.seed, a.until) != (b.seed, b.until):
            raise ArenaError(f"expected games with the same seed and length, got seeds {a.seed} and {b.seed}")
    on = [seat for seat, _, _ in pairs]
    ours = np.array([a.scores[seat] for seat, a, _ in pairs])
    theirs = np.array([b.scores[seat] for seat, _, b in pairs])
    apart = sum(_variance_of_mean(scores, on) or 0.0 for scores in (ours, theirs))
    together = _variance_of_mean(ours - theirs, on)
    return Difference(
        games=len(pairs),
        score=_estimate(ours - theirs, on, bounds=(-1.0, 1.0)),
        variance_removed=None if not apart or together is None else 1 - together / apart,
        adjusted=_adjusted_difference(first, second, seats),
    )


def wilson(count: int, games: int) -> Rate:
    """A rate with Wilson's score interval, which holds for rare events and few games.

    >>> rate = wilson(0, 10)
    >>> round(rate.low, 4), round(rate.high, 4)
    (0.0, 0.2775)

    Raises:
        ArenaError: no games, or more or less of them counted than there are.
    """
    if games < 1 or not 0 <= count <= games:
        raise ArenaError(f"rate: expected 0 to {games} of at least one game, got {count} of {games}")
    low, high = _wilson(count / games, games)
    return Rate(count, games, count / games, low, high)


def mean_score(scores: Sequence[float], seats: Sequence[Power]) -> Estimate:
    """The mean of scores between 0 and 1, with an interval that leaves the effect of the seats out.

    Where every seat that was played was played three times or more, the mean is that of the seats' means, and
    the bootstrap draws within the seats: n - 1 of n games, as the variance asks for (Rao and Wu 1988).  Else it
    is the plain mean, and the bootstrap draws from all games.  As few games make a percentile interval too
    narrow, its quantiles are put out as Student's t does (Hesterberg 2015).  Fewer than seven games cannot be
    resampled in enough ways: there the interval is Student's t itself, as far as scores reach.  If all scores are
    equal, it is Wilson's, which is the widest that scores between 0 and 1 can ask for.

    Args:
        scores: at least one.
        seats: the seat of each.

    Raises:
        ArenaError: no scores, or not a seat for each.
    """
    if not scores or len(scores) != len(seats):
        raise ArenaError(f"expected at least one score and a seat for each, got {len(scores)} and {len(seats)}")
    return _estimate(np.array(scores, dtype=np.float64), seats, bounds=(0.0, 1.0))


def mean_difference(differences: Sequence[float], seats: Sequence[Power]) -> Estimate:
    """The mean of differences of two scores in the same games, with an interval as that of `mean_score`.

    Args:
        differences: at least one, -1 to 1.
        seats: the seat of each.

    Raises:
        ArenaError: no differences, or not a seat for each.
    """
    if not differences or len(differences) != len(seats):
        raise ArenaError(
            f"expected at least one difference and a seat for each, got {len(differences)} and {len(seats)}"
        )
    return _estimate(np.array(differences, dtype=np.float64), seats, bounds=(-1.0, 1.0))


def ratio_of_games(counts: Sequence[tuple[int, int]]) -> Rate:
    """A rate among things counted in games, which are more alike within a game than between games.

    The interval is that of a bootstrap which draws whole games, made as that of `mean_score`; with fewer than seven
    games, or no difference between them, Wilson's, which takes all things for independent.

    Args:
        counts: of each game, how many things were so, of how many.

    Raises:
        ArenaError: nothing was counted.
    """
    found = np.array([pair for pair in counts if pair[1]], dtype=np.float64).reshape(-1, 2)
    count, total = (int(number) for number in found.sum(axis=0))
    rate = wilson(count, total)
    if len(found) < len(POWERS) or np.ptp(found[:, 0] / found[:, 1]) == 0:
        return rate
    rng = np.random.default_rng(_SEED)
    drawn = found[rng.integers(len(found), size=(_RESAMPLES, len(found) - 1))].sum(axis=1)
    tail = 1 - NormalDist().cdf(student_quantile(len(found) - 1))
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], (tail, 1 - tail))
    return replace(rate, low=float(low), high=float(high))


def adjusted_scores(scores: _FloatArray, variates: _FloatArray, seats: Sequence[Power]) -> _FloatArray:
    """Each score less β times its variate: of the same mean, as a variate's mean is 0, and of less variance.

    β is the slope of a regression of scores on variates, within the seats where they are strata, and for each game
    by the other games alone: a β that has seen the game is not independent of its variate, and their product has a
    mean of its own.  With fewer than `LEAST_TO_FIT` games it is 1, as if the variates were in points of the score.

    Args:
        scores: ``[N]``, of one agent, a game each.
        variates: ``[N]``, of the same games.
        seats: the seat of the agent in each.

    Returns:
        ``[N]``
    """
    if len(scores) < LEAST_TO_FIT:
        return scores - variates
    return scores - slopes_without(scores, variates, _groups(scores, seats)) * variates


def _adjusted_mean(played: Sequence[tuple[Power, GameResult]]) -> Adjusted | None:
    variates = _variates([result for _, result in played])
    if variates is None:
        return None
    seats = [seat for seat, _ in played]
    scores = np.array([result.scores[seat] for seat, result in played])
    coefficient = slope(scores, variates, _groups(scores, seats)) if len(scores) >= LEAST_TO_FIT else 1.0
    return _adjusted(scores, adjusted_scores(scores, variates, seats), seats, (0.0, 1.0), coefficient)


def _adjusted_difference(
    first: Sequence[tuple[int, GameResult]], second: Sequence[tuple[int, GameResult]], seats: Mapping[int, Power]
) -> Adjusted | None:
    """β of each agent is by all its games, those included that the other has not."""
    of_both: list[dict[int, _FloatArray]] = []
    for games in (first, second):
        variates = _variates([result for _, result in games])
        if variates is None:
            return None
        on = [seats[number] for number, _ in games]
        scores = np.array([result.scores[seat] for seat, (_, result) in zip(on, games, strict=True)])
        pairs = np.stack([scores, adjusted_scores(scores, variates, on)], axis=1)
        of_both.append({number: pair for (number, _), pair in zip(games, pairs, strict=True)})
    ours, theirs = of_both
    common = [number for number in ours if number in theirs]
    plain, found = np.array([ours[number] - theirs[number] for number in common]).T
    return _adjusted(plain, found, [seats[number] for number in common], (-1.0, 1.0))


def _adjusted(
    plain: _FloatArray,
    found: _FloatArray,
    seats: Sequence[Power],
    bounds: tuple[float, float],
    coefficient: float | None = None,
) -> Adjusted:
    before, after = _variance_of_mean(plain, seats), _variance_of_mean(found, seats)
    if before == 0:
        # All alike: no luck shows in it.
        return Adjusted(_estimate(plain, seats, bounds), coefficient, None)
    return Adjusted(_estimate(found, seats, bounds), coefficient, before / after if before and after else None)


def _variates(results: Sequence[GameResult]) -> _FloatArray | None:
    found = [result.variate for result in results if result.variate is not None]
    return np.array(found) if len(found) == len(results) else None


def _groups(values: _FloatArray, seats: Sequence[Power]) -> NDArray[np.int64]:
    """The stratum of each game, as a number."""
    return np.array([seat.number for seat in seats]) if _strata(values, seats) else np.zeros(len(seats), np.int64)


def _estimate(values: _FloatArray, seats: Sequence[Power], bounds: tuple[float, float]) -> Estimate:
    strata = _strata(values, seats)
    stratified = len(strata) > 0
    groups = strata if stratified else [values]
    mean = float(np.mean([group.mean() for group in groups]))
    variance, plain = _variance_of_mean(values, seats), _variance([values])
    if variance is None:
        return Estimate(mean, None, None, None, stratified, None)
    low, high = _interval(groups, mean, bounds)
    removed = 1 - variance / plain if stratified and plain else None
    return Estimate(mean, low, high, math.sqrt(variance), stratified, removed)


def _interval(groups: Sequence[_FloatArray], mean: float, bounds: tuple[float, float]) -> tuple[float, float]:
    count, least = sum(map(len, groups)), bounds[0]
    width = bounds[1] - least
    if all(np.ptp(group) == 0 for group in groups):
        low, high = _wilson((mean - least) / width, count)
        return least + width * low, least + width * high
    student = student_quantile(count - len(groups))
    if count < len(POWERS):
        half = student * math.sqrt(_variance(groups) or 0.0)
        # Control variates may take a mean past the bounds.
        return min(mean, max(bounds[0], mean - half)), max(mean, min(bounds[1], mean + half))
    rng = np.random.default_rng(_SEED)
    means = np.zeros(_RESAMPLES)
    for group in groups:
        drawn = rng.integers(len(group), size=(_RESAMPLES, len(group) - 1))
        means += group[drawn].mean(axis=1) / len(groups)
    tail = 1 - NormalDist().cdf(student)
    low, high = np.quantile(means, (tail, 1 - tail))
    return float(low), float(high)


def _strata(values: _FloatArray, seats: Sequence[Power]) -> list[_FloatArray]:
    """The values of each seat; none if a seat was played too rarely."""
    of = np.array([seat.number for seat in seats])
    strata = [values[of == number] for number in np.unique(of)]
    return strata if min(map(len, strata)) >= LEAST_OF_SEAT else []


def _variance_of_mean(values: _FloatArray, seats: Sequence[Power]) -> float | None:
    return _variance(_strata(values, seats) or [values])


def _variance(groups: Sequence[_FloatArray]) -> float | None:
    """Of the mean of the groups' means, estimated; None if a group has one value only."""
    if min(map(len, groups)) < 2:
        return None
    return float(sum(group.var(ddof=1) / len(group) for group in groups)) / len(groups) ** 2


def _wilson(share: float, games: int) -> tuple[float, float]:
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    centre = share + z * z / (2 * games)
    spread = z * math.sqrt(max(share * (1 - share), 0.0) / games + z * z / (4 * games * games))
    scale = 1 + z * z / games
    return min(max(0.0, (centre - spread) / scale), share), max(min(1.0, (centre + spread) / scale), share)


def student_quantile(freedom: int) -> float:
    """The number that Student's t with so many degrees of freedom stays below, in size, with 95 % probability.

    >>> [round(student_quantile(n), 3) for n in (1, 7, 30)]
    [12.706, 2.365, 2.042]
    """
    low, high = 0.0, 700.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if student_within(middle, freedom) < CONFIDENCE else (low, middle)
    return (low + high) / 2


def student_within(size: float, freedom: int) -> float:
    """Probability that Student's t stays between -size and size (Abramowitz and Stegun 26.7.3, 26.7.4)."""
    angle = math.atan2(size, math.sqrt(freedom))
    cosine2 = math.cos(angle) ** 2
    odd = freedom % 2
    if freedom == 1:
        return 2 * angle / math.pi
    term = total = math.cos(angle) if odd else 1.0
    for k in range(3 if odd else 2, freedom - 1, 2):
        term *= cosine2 * (k - 1) / k
        total += term
    within = math.sin(angle) * total
    return 2 / math.pi * (angle + within) if odd else within


def _ordered(seats: Sequence[Power]) -> list[Power]:
    return [power for power in POWERS if power in seats]


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


__all__ = [
    "CONFIDENCE",
    "LEAST_OF_SEAT",
    "LEAST_TO_FIT",
    "PARITY",
    "Adjusted",
    "Difference",
    "Ending",
    "Estimate",
    "Rate",
    "Summary",
    "adjusted_scores",
    "difference",
    "ending",
    "mean_difference",
    "mean_score",
    "ratio_of_games",
    "student_quantile",
    "student_within",
    "summarize",
    "wilson",
]
