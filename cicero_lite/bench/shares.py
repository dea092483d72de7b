"""Shares of counted things, with the interval that small counts need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cicero_lite.arena.statistics import wilson


@dataclass(frozen=True)
class Share:
    """How many of so many, with Wilson's 95 % interval of the share, which takes each for independent of the others."""

    count: int
    of: int
    share: float | None
    """0 to 1; None, and so the interval, where there is nothing to count."""
    low: float | None
    high: float | None

    @classmethod
    def counted(cls, rights: Iterable[bool]) -> Share:
        """The share of those that are true.

        >>> print(Share.counted([True, True, False]))
        67 % [21, 94], 2 of 3
        """
        found = list(rights)
        if not found:
            return NONE
        rate = wilson(sum(found), len(found))
        return cls(rate.count, rate.games, rate.share, rate.low, rate.high)

    def __str__(self) -> str:
        if self.share is None or self.low is None or self.high is None:
            return "–"
        return f"{100 * self.share:.0f} % [{100 * self.low:.0f}, {100 * self.high:.0f}], {self.count} of {self.of}"


NONE = Share(0, 0, None, None, None)
"""Of nothing."""
