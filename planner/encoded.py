"""A position as the policy network has read it, and the choices of each power in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from torch import Tensor

from engine._core import Position
from planner.candidates import Codes
from planner.geometry import DISBAND, HOLD, geometry
from planner.slots import NO_ORDER, Slots

WAIVE_CODE = geometry("standard").core.order_code("WAIVE")
"""Of a build left out."""


@dataclass(frozen=True)
class View:
    """Encodings of one position, with or without given actions."""

    places: Tensor
    """``[L, W]``"""
    orders: Tensor
    """``[M, W]``: embeddings of all choices."""
    overall: Tensor
    """``[W]``"""
    own: Tensor
    """``[7, W]``"""


@dataclass(frozen=True)
class Encoded:
    """A position with the work that all questions about it share; made by `PolicyModel.encode`."""

    position: Position
    slots: Slots
    views: dict[tuple[tuple[int, Codes], ...], View] = field(default_factory=dict, repr=False)
    """By the actions given; the first is the plain one, of none."""
    _options: dict[int, _Options] = field(default_factory=dict, repr=False)

    def slot_count(self, power: int) -> int:
        """Slots that the power decides over."""
        return int(self.slots.seat_starts[power + 1] - self.slots.seat_starts[power])

    def choice(self, power: int, action: Codes) -> list[int] | None:
        """Choices ``[U]`` of an action; None if the power cannot give it."""
        options = self._options.get(power) or self._options.setdefault(power, self._list(power))
        chosen, given = options.idle.copy(), set()
        for code in action:
            found = options.numbers.get(code)
            if found is None:
                if code == WAIVE_CODE:
                    continue
                return None
            slot, chosen[slot] = found
            given.add(slot)
        return chosen if not self.slots.adjusts[0] or len(given) == self.slots.due[power] else None

    def _list(self, power: int) -> _Options:
        slots = self.slots
        first, last = slots.seat_starts[power], slots.seat_starts[power + 1]
        numbers: dict[int, tuple[int, int]] = {}
        idle: list[int] = []
        for slot, (begin, end) in enumerate(pairwise(slots.starts[first : last + 1].tolist())):
            codes = slots.codes[begin:end]
            kinds = np.where(codes == NO_ORDER, NO_ORDER, codes >> 8 & 15)
            idles = (codes == NO_ORDER) if slots.adjusts[0] else (kinds == HOLD) | (kinds == DISBAND)
            idle.append(begin + int(idles.argmax()))
            numbers |= {code: (slot, begin + n) for n, code in enumerate(codes.tolist()) if code != NO_ORDER}
        return _Options(numbers, idle)


@dataclass(frozen=True)
class _Options:
    """What one power can decide."""

    numbers: dict[int, tuple[int, int]]
    """Order code -> (slot of the power, choice)."""
    idle: list[int]
    """Choice of each slot without an order: hold, disband, none."""
