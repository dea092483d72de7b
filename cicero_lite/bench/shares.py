"""Shares of counted things, with the interval that small counts need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cicero_lite.arena.statistics import ratio_of_games, wilson


@dataclass(frozen=True)
class Share:
    """How many of so many, with the 95 % interval of the share.

    It is Wilson's, which takes each for independent of the others, where nothing else is said.
    """

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
        return cls.among(sum(found), len(found))

    @classmethod
    def among(cls, count: int, of: int) -> Share:
        """The share of so many among so many.

        >>> print(Share.among(2, 3))
        67 % [21, 94], 2 of 3
        """
        if not of:
            return NONE
        rate = wilson(count, of)
        return cls(rate.count, rate.games, rate.share, rate.low, rate.high)

    @classmethod
    def of_games(cls, counts: Iterable[tuple[int, int]]) -> Share:
        """The share of things counted in games, how many and of how many in each; the interval draws whole games.

        >>> print(Share.of_games([(2, 3), (0, 0), (3, 3)]))
        83 % [44, 97], 5 of 6
        """
        found = [pair for pair in counts if pair[1]]
        if not found:
            return NONE
        rate = ratio_of_games(found)
        return cls(rate.count, rate.games, rate.share, rate.low, rate.high)

    def __str__(self) -> str:
        if self.share is None or self.low is None or self.high is None:
            return "–"
        return f"{100 * self.share:.0f} % [{100 * self.low:.0f}, {100 * self.high:.0f}], {self.count} of {self.of}"


NONE = Share(0, 0, None, None, None)
"""Of nothing."""
