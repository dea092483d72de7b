"""Intervals for means over seats: the seats of a game share its luck, so whole games are drawn, never seats.

Games that have the same seed, as those of a one-against-six experiment with the same number, are drawn together, too:
such a group is a cluster.  Each figure is a ratio of two sums over clusters (points of an agent, seats of that agent),
and all of them are worked out from the same resamples, so that differences of two figures keep what the two share.
The bootstrap draws n - 1 of n clusters (Rao and Wu 1988), and its quantiles are put out as Student's t does (Hesterberg
2015), as in `cicero_lite.arena.statistics`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cicero_lite.arena.statistics import student_quantile
from engine.types import POWERS

_RESAMPLES = 4000
_SEED = 19880301  # the same games give the same intervals
FloatArray: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A figure, and how far it can be trusted."""

    value: float
    low: float | None
    """Lower end of the 95 % interval; None: too few clusters, or no two of them differ."""
    high: float | None

    @property
    def width(self) -> float:
        """Infinite where there is no interval."""
        return math.inf if self.low is None or self.high is None else self.high - self.low

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


class Clusters:
    """The clusters of some games, and how often each is in each resample.

    Args:
        of: cluster of each game.
    """

    def __init__(self, of: Sequence[int]) -> None:
        names, self._places = np.unique(np.array(of, dtype=np.int64), return_inverse=True)
        self.count = len(names)
        rng = np.random.default_rng(_SEED)
        drawn = max(self.count - 1, 1)
        self._weights = rng.multinomial(drawn, np.full(self.count, 1 / self.count), size=_RESAMPLES).astype(np.float64)

    def sums(self, values: FloatArray, games: NDArray[np.int64]) -> FloatArray:
        """Values ``[S]`` of the games ``[S]`` they belong to, added up by cluster: ``[C]``."""
        return np.bincount(self._places[games], values, minlength=self.count).astype(np.float64)

    def ratio(
        self, sums: FloatArray, counts: FloatArray, bounds: tuple[float, float] = (-math.inf, math.inf)
    ) -> Interval | None:
        """The sum of all ``[C]`` over the sum of the counts ``[C]``, within bounds; None: nothing was counted."""
        total = counts.sum()
        if total == 0:
            return None
        value = float(sums.sum() / total)
        used = int(np.count_nonzero(counts))
        # Linearised: what each cluster adds to the deviation of the ratio.
        residuals = (sums - value * counts)[counts > 0]
        if used < 2 or np.allclose(residuals, 0, atol=1e-12):
            return Interval(value, None, None)
        student = student_quantile(used - 1)
        if used < len(POWERS):
            # Too few to be resampled in enough ways.
            half = student * float(residuals.std(ddof=1)) * math.sqrt(used) / float(total)
            return Interval(value, max(bounds[0], value - half), min(bounds[1], value + half))
        below = self._weights @ counts
        drawn = (self._weights @ sums)[below > 0] / below[below > 0]
        tail = 1 - NormalDist().cdf(student)
        low, high = np.quantile(drawn, (tail, 1 - tail))
        return Interval(value, float(low), float(high))


__all__ = ["Clusters", "FloatArray", "Interval"]
