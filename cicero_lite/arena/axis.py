"""Values of a setting as an axis: numbers of one unit, and where they stand."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

_NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-z]*)")
_NO_THINKING = "policy"
"""The budget that is no thinking at all, in iterations and in seconds alike; see `planner.limits`."""


@dataclass(frozen=True)
class Axis:
    """Values as numbers of one unit."""

    numbers: tuple[float, ...]
    unit: str
    """As written behind each number; empty: none."""

    @property
    def inner(self) -> tuple[float, ...]:
        """The numbers that a logarithmic axis has a place for, sorted."""
        return tuple(sorted(number for number in self.numbers if 0 < number < math.inf))

    @property
    def logarithmic(self) -> bool:
        """Whether the numbers are positive, but for 0, and far enough apart to need it."""
        return min(self.numbers) >= 0 and bool(self.inner) and self.inner[-1] >= 5 * self.inner[0]

    @property
    def places(self) -> tuple[float, ...]:
        """Where each number stands: on a logarithmic axis, 0 and infinity stand one step beyond the others.

        >>> Axis((0.0, 1.0, 10.0, 100.0, float("inf")), "").places
        (0.1, 1.0, 10.0, 100.0, 1000.0)
        """
        if not self.logarithmic:
            return self.numbers
        inner = self.inner
        step = median(after / before for before, after in pairwise(inner))
        beyond = {0.0: inner[0] / step, math.inf: inner[-1] * step}
        return tuple(beyond.get(number, number) for number in self.numbers)


def axis_of(values: Sequence[str]) -> Axis | None:
    """The values as numbers, if all are numbers of the same unit; the budget ``policy`` is 0 of any.

    >>> axis_of(["policy", "64it", "256it"])
    Axis(numbers=(0.0, 64.0, 256.0), unit='it')
    >>> axis_of(["64it", "2s"]) is None
    True
    """
    found = [_NUMBER.fullmatch(value.strip()) for value in values if value.strip() != _NO_THINKING]
    units = {match[2] for match in found if match is not None}
    if None in found or len(units) != 1:
        return None
    numbers = iter([float(match[1]) for match in found if match is not None])
    return Axis(tuple(0.0 if value.strip() == _NO_THINKING else next(numbers) for value in values), units.pop())


__all__ = ["Axis", "axis_of"]
