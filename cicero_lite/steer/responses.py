"""What doses change, and how surely: paired differences, trends over doses, contrasts of two controls.

Moments of one game share its luck, so every interval and every p-value is by whole games: the mean of paired
differences is a ratio of two sums over games (differences, pairs), its variance the linearised one, and Student's t
has one degree of freedom less than there are games.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cicero_lite.arena.statistics import student_quantile, student_within
from cicero_lite.steer.dosing import Way

FloatArray: TypeAlias = NDArray[np.float64]
SURE = 0.05
"""p-values below it are taken for a difference."""
_RESAMPLES = 1000
_SEED = 20221209  # of the resampling: the same runs give the same verdict


@dataclass(frozen=True)
class Change:
    """A mean of paired differences."""

    mean: float
    low: float | None
    """Lower end of the 95 % interval; None: one game says nothing of it."""
    high: float | None
    p: float | None
    """Of no difference, two-sided; 1 where no pair differs at all."""
    pairs: int
    games: int

    @property
    def is_sure(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


class Verdict(StrEnum):
    """What became of a claim."""

    HELD = "held"
    """The trend goes the way that was claimed, surely; over several doses, nothing speaks against a steady one."""
    UNSTEADY = "not steady"
    """The trend does, but the doses between do not keep to the order."""
    UNSEEN = "not seen"
    """No trend that is sure."""
    REVERSED = "reversed"
    """It goes the other way."""


def change_of(differences: Sequence[float], games: Sequence[int]) -> Change | None:
    """The mean of paired differences; None: there are none.

    >>> change_of([1.0, 0.0, 2.0, 1.0], [0, 0, 1, 1]).mean
    1.0

    Args:
        differences: of each pair.
        games: to which each belongs.
    """
    values = np.asarray(differences, dtype=np.float64)
    if not len(values):
        return None
    _, places = np.unique(np.asarray(games), return_inverse=True)
    sums, counts = np.bincount(places, values), np.bincount(places).astype(np.float64)
    count, mean = len(counts), float(values.mean())
    if count < 2:
        return Change(mean, None, None, None, len(values), count)
    residuals = sums - mean * counts
    error = math.sqrt(count / (count - 1) * float(residuals @ residuals)) / len(values)
    half = student_quantile(count - 1) * error
    certain = 1.0 if mean == 0 else 0.0
    p = 1 - student_within(abs(mean) / error, count - 1) if error > 0 else certain
    return Change(mean, mean - half, mean + half, p, len(values), count)


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values adjusted so that among all of them a false alarm has the chance of one (Holm 1979).

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [0.0] * len(p_values)
    most = 0.0
    for rank, place in enumerate(order):
        most = max(most, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = most
    return adjusted


def isotonic(values: FloatArray, way: Way) -> FloatArray:
    """The closest values that never go against a way, by pooling neighbours (Ayer et al. 1955).

    >>> isotonic(np.array([1.0, 3.0, 2.0]), Way.UP).tolist()
    [1.0, 2.5, 2.5]
    """
    sign = 1.0 if way is Way.UP else -1.0
    pools: list[tuple[float, int]] = []
    for value in sign * values:
        pools.append((float(value), 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (mean, size), (last, count) = pools[-2], pools[-1]
            pools[-2:] = [((mean * size + last * count) / (size + count), size + count)]
    return sign * np.array([mean for mean, size in pools for _ in range(size)])


def trend_of(table: FloatArray, games: Sequence[int]) -> Change | None:
    """By how much a step from one dose to the next changes a behaviour: a straight line over the doses' ranks.

    Args:
        table: ``[N, D]``: the behaviour at each moment with each dose, in order.
        games: ``[N]``: to which each moment belongs.
    """
    ranks = np.arange(table.shape[1]) - (table.shape[1] - 1) / 2
    slopes = table @ (ranks / (ranks @ ranks))
    return change_of(slopes.tolist(), games)


def order_p(table: FloatArray, games: Sequence[int], way: Way) -> float | None:
    """The p-value of a steady response: how often chance takes the means as far from any steady ones.

    The distance is that of the doses' means from their isotonic fit, the moments' own levels taken out.  Of all steady
    responses, no response at all is the one from which chance leads farthest (Robertson, Wright and Dykstra 1988), so
    games are drawn anew around that.  None: fewer than two games, or one step alone, which cannot be unsteady.

    Args:
        table: as for `trend_of`.
        games: as for `trend_of`.
        way: of the claim.
    """
    numbers, places = np.unique(np.asarray(games), return_inverse=True)
    if len(numbers) < 2 or table.shape[1] < 3:
        return None
    centred = table - table.mean(axis=1, keepdims=True)
    counts = np.bincount(places).astype(np.float64)
    sums = np.stack([np.bincount(places, column) for column in centred.T], axis=1)
    means = sums.sum(axis=0) / counts.sum()
    distance = float(np.sum((means - isotonic(means, way)) ** 2))
    rng = np.random.default_rng(_SEED)
    drawn = rng.integers(len(numbers), size=(_RESAMPLES, len(numbers)))
    resampled = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)[:, None]
    distances = [float(np.sum((row - isotonic(row, way)) ** 2)) for row in resampled - means]
    return float(np.mean([other >= distance - 1e-15 for other in distances]))


def verdict_of(change: Change | None, way: Way, steady_p: float | None = None) -> Verdict:
    """What a trend, or the change that one dose makes, says of a claim.

    Args:
        change: of the behaviour as the dose rises; None: nothing was measured.
        way: that was claimed.
        steady_p: of `order_p`; None: not asked.
    """
    if change is None or not change.is_sure:
        return Verdict.UNSEEN
    if (change.mean > 0) != (way is Way.UP):
        return Verdict.REVERSED
    return Verdict.UNSTEADY if steady_p is not None and steady_p < SURE else Verdict.HELD


__all__ = [
    "SURE",
    "Change",
    "FloatArray",
    "Verdict",
    "change_of",
    "holm",
    "isotonic",
    "order_p",
    "trend_of",
    "verdict_of",
]
