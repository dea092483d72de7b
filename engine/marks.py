"""Orders as they are drawn on a board: arrows, dotted lines, rings and crosses, worked out as paths."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from engine.drawing import XY, Geometry, load_geometry, number, towards
from engine.notation import parse_order
from engine.types import Order, OrderKind, OrderResult, Power, Unit

TOKEN_RADIUS = 11.0
"""Half the size of a unit on the board; arrows begin and end that far from its place."""
DISLODGED_SHIFT: XY = (13.0, -12.0)
"""How far a dislodged unit stands from its place."""


class MarkKind(StrEnum):
    """How an order is drawn."""

    MOVE = "move"
    SUPPORT = "support"
    CONVOY = "convoy"
    HOLD = "hold"
    RETREAT = "retreat"
    BUILD = "build"
    DISBAND = "disband"
    BEATEN = "beaten"
    """A ring around a unit that this phase dislodged."""


@dataclass(frozen=True)
class Mark:
    """One order as it is drawn."""

    kind: MarkKind
    power: Power
    text: str
    """The order and what became of it, in words."""
    line: str = ""
    """Path data of the line."""
    head: str = ""
    """Path data of the arrow head."""
    cross: XY | None = None
    """Where the sign of failure stands."""
    is_failed: bool = False
    token: Unit | None = None
    """The unit to be built."""


Orders: TypeAlias = Mapping[Power, Sequence[Order]] | Mapping[Power, Sequence[str]] | Mapping[str, Sequence[str]]
Results: TypeAlias = Mapping[Unit, Sequence[OrderResult]] | Mapping[str, Sequence[str]]

_FAILURES = frozenset(OrderResult) - {OrderResult.DISLODGED}


def has_failed(order: Order, results: Sequence[OrderResult]) -> bool:
    """Whether the order did not do what it was meant to do.

    >>> has_failed(parse_order("A PAR - BUR"), [OrderResult.BOUNCE])
    True
    """
    if order.kind is OrderKind.DISBAND:
        return OrderResult.VOID in results
    return any(r in _FAILURES for r in results) or (
        order.kind in (OrderKind.SUPPORT, OrderKind.CONVOY, OrderKind.HOLD) and OrderResult.DISLODGED in results
    )


def order_marks(orders: Orders, results: Results | None = None, geometry: Geometry | None = None) -> tuple[Mark, ...]:
    """How the orders of one phase are drawn: the lines first, signs on units last.

    Args:
        orders: every power's orders, typed or as text.
        results: what became of each unit's order; None: not known yet.
        geometry: the drawing; None: the standard map.

    Raises:
        NotationError, RenderError: an order that cannot be read, or that names a place not on the map.
    """
    drawing = load_geometry() if geometry is None else geometry
    outcome = {str(unit): _results(given) for unit, given in (results or {}).items()}
    marks = []
    for name, given in orders.items():
        power = Power.parse(name)
        for order in given:
            typed = parse_order(order) if isinstance(order, str) else order
            if typed.unit is not None:
                result = outcome.get(str(typed.unit), ())
                marks.append(_mark(power, typed, result, drawing))
                if OrderResult.DISLODGED in result:
                    ring = _disc(drawing.place(typed.unit.location), TOKEN_RADIUS + 5)
                    marks.append(Mark(MarkKind.BEATEN, power, f"{power.title()}: {typed.unit} is dislodged", ring))
    ranks = list(MarkKind)
    return tuple(sorted(marks, key=lambda mark: -ranks.index(mark.kind)))


def _results(given: Sequence[str]) -> tuple[OrderResult, ...]:
    known = set(OrderResult)
    return tuple(OrderResult(r) for r in given if r in known)


def _mark(power: Power, order: Order, results: Sequence[OrderResult], drawing: Geometry) -> Mark:
    assert order.unit is not None
    here = drawing.place(order.unit.location)
    failed = has_failed(order, results)
    text = f"{power.title()}: {order}" + (f" ({', '.join(results)})" if results else "")
    match order.kind:
        case OrderKind.MOVE | OrderKind.RETREAT:
            assert order.target is not None
            retreat = order.kind is OrderKind.RETREAT
            start = (here[0] + DISLODGED_SHIFT[0], here[1] + DISLODGED_SHIFT[1]) if retreat else here
            line, head, tip = _arrow(start, drawing.place(order.target))
            kind = MarkKind.RETREAT if retreat else MarkKind.MOVE
            return Mark(kind, power, text, line, head, tip if failed else None, failed)
        case OrderKind.SUPPORT | OrderKind.CONVOY:
            assert order.aided is not None
            line, end = _aid(here, order, drawing)
            kind = MarkKind.SUPPORT if order.kind is OrderKind.SUPPORT else MarkKind.CONVOY
            middle = ((here[0] + end[0]) / 2, (here[1] + end[1]) / 2)
            return Mark(kind, power, text, line, _disc(end, 2.6), middle if failed else None, failed)
        case OrderKind.BUILD:
            plus = (here[0] + 13, here[1] - 11)
            sign = f"M{path_at((plus[0] - 5, plus[1]))}h10M{path_at((plus[0], plus[1] - 5))}v10"
            return Mark(MarkKind.BUILD, power, text, sign, token=order.unit)
        case OrderKind.DISBAND:
            return Mark(MarkKind.DISBAND, power, text, cross=here)
    return Mark(MarkKind.HOLD, power, text, _disc(here, TOKEN_RADIUS + 4), is_failed=failed)


def path_at(point: XY) -> str:
    """The point as it stands in path data."""
    return f"{number(point[0])} {number(point[1])}"


def _disc(centre: XY, r: float) -> str:
    size, width = number(r), number(2 * r)
    return f"M{path_at((centre[0] - r, centre[1]))}a{size} {size} 0 1 0 {width} 0a{size} {size} 0 1 0 -{width} 0z"


@dataclass(frozen=True)
class _Bow:
    """The slightly bent line of a move: opposite moves do not cover each other."""

    start: XY
    bend: XY
    end: XY

    @classmethod
    def between(cls, start: XY, end: XY) -> _Bow:
        dx, dy = end[0] - start[0], end[1] - start[1]
        return cls(start, ((start[0] + end[0]) / 2 - dy * 0.1, (start[1] + end[1]) / 2 + dx * 0.1), end)

    def at(self, t: float) -> XY:
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
        return (
            a * self.start[0] + b * self.bend[0] + c * self.end[0],
            a * self.start[1] + b * self.bend[1] + c * self.end[1],
        )


def _arrow(start: XY, target: XY) -> tuple[str, str, XY]:
    """Line and head of a move between two units' places, and the place of its tip."""
    bow = _Bow.between(start, target)
    tip = towards(bow.end, bow.bend, TOKEN_RADIUS + 3)
    length = math.dist(start, target)
    tip = tip if length > 45 else towards(bow.end, bow.bend, TOKEN_RADIUS - 3)
    neck = towards(tip, bow.bend, 9)
    dx, dy = (tip[0] - neck[0]) / 9, (tip[1] - neck[1]) / 9
    left, right = (neck[0] - dy * 6.5, neck[1] + dx * 6.5), (neck[0] + dy * 6.5, neck[1] - dx * 6.5)
    begin = towards(start, bow.bend, min(TOKEN_RADIUS, length / 3))
    line = f"M{path_at(begin)}Q{path_at(bow.bend)} {path_at(towards(tip, bow.bend, 7))}"
    return line, f"M{path_at(tip)}L{path_at(left)}L{path_at(right)}z", tip


def _aid(here: XY, order: Order, drawing: Geometry) -> tuple[str, XY]:
    """Line of a support or convoy and where it ends: on the aided arrow, or at the unit that holds."""
    assert order.aided is not None
    aided = drawing.place(order.aided.location)
    if order.target is None:
        end = towards(aided, here, TOKEN_RADIUS + 5)
    else:
        end = _Bow.between(aided, drawing.place(order.target)).at(0.55 if order.kind is OrderKind.SUPPORT else 0.5)
    begin = towards(here, end, min(TOKEN_RADIUS, math.dist(here, end) / 2))
    return f"M{path_at(begin)}L{path_at(end)}", end
