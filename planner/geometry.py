"""The map as arrays, and order codes as rows of numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine._core import IllegalStateError, Map, Position
from engine.mapfile import core_map
from engine.notation import order_sort_key, parse_order
from engine.types import Order, OrderKind, Province, UnitKind, province_of

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]

KINDS: tuple[OrderKind, ...] = tuple(OrderKind)
HOLD, MOVE, SUPPORT, CONVOY, RETREAT, DISBAND, BUILD, WAIVE = range(len(KINDS))

# Columns of `Geometry.rows`; -1 where an order has no such part.
KIND, PLACE, LOCATION, TARGET, TARGET_LOCATION, AIDED, VIA, FLEET = range(8)


@dataclass
class Geometry:
    """One map as arrays over its provinces and locations; get it from `geometry`."""

    core: Map
    provinces: tuple[Province, ...]
    locations: tuple[str, ...]
    province_of_location: IntArray
    """``[L]``"""
    is_center: BoolArray
    """``[P]``"""
    army: BoolArray
    """``[L, L]``: an army may walk from the first location to the second."""
    fleet: BoolArray
    """``[L, L]``: a fleet may sail."""
    touches: BoolArray
    """``[P, P]``: provinces with a common border that some unit can cross."""
    _rows: list[tuple[int, ...]] = field(default_factory=list)
    _table: IntArray = field(default_factory=lambda: np.empty((0, 8), np.int32))
    _row_of: dict[int, int] = field(default_factory=dict)
    _orders: dict[int, Order] = field(default_factory=dict)
    _codes: dict[Order, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.province_number = {name: number for number, name in enumerate(self.provinces)}
        self.location_number = {name: number for number, name in enumerate(self.locations)}

    def order(self, code: int) -> Order:
        """The order that a code stands for."""
        order = self._orders.get(code)
        if order is None:
            order = self._orders[code] = parse_order(self.core.order_text(code))
        return order

    def code(self, order: Order) -> int:
        """The code of an order.

        Raises:
            engine._core.OrderTextError: the map has no such place.
        """
        code = self._codes.get(order)
        if code is None:
            code = self._codes[order] = self.core.order_code(str(order))
        return code

    def action(self, codes: tuple[int, ...]) -> tuple[Order, ...]:
        """The orders of these codes, sorted as actions are."""
        return tuple(sorted(map(self.order, codes), key=order_sort_key))

    def rows(self, codes: list[int]) -> IntArray:
        """Order codes as numbers ``[n, 8]``; columns KIND to FLEET above."""
        row_of = self._row_of
        for code in codes:
            if code not in row_of:
                row_of[code] = len(self._rows)
                self._rows.append(self._row(self.order(code)))
        if len(self._table) < len(self._rows):
            self._table = np.array(self._rows, np.int32)
        return self._table[[row_of[code] for code in codes]]

    def _row(self, order: Order) -> tuple[int, ...]:
        place = location = target = target_location = aided = -1
        if order.unit is not None:
            place = self.province_number[order.unit.province]
            location = self.location_number[order.unit.location]
        if order.target is not None:
            target = self.province_number[province_of(order.target)]
            target_location = self.location_number[order.target]
        if order.aided is not None:
            aided = self.province_number[order.aided.province]
        fleet = order.unit is not None and order.unit.kind is UnitKind.FLEET
        kind = KINDS.index(order.kind)
        return (kind, place, location, target, target_location, aided, int(order.via_convoy), int(fleet))


@lru_cache(maxsize=8)
def geometry(map_name: str = "standard") -> Geometry:
    """The arrays of a map; one object a map, which also remembers decoded orders."""
    core = core_map(map_name)
    locations, provinces = tuple(core.locations), tuple(map(Province, core.provinces))
    number = {name: i for i, name in enumerate(locations)}
    province_of_location = np.array([provinces.index(Province(name[:3])) for name in locations], np.int32)
    steps = {kind: np.zeros((len(locations), len(locations)), np.bool_) for kind in UnitKind}
    for place in locations:
        for kind in UnitKind:
            for target in _steps(core, kind, place):
                steps[kind][number[place], number[target]] = True
    touches = np.zeros((len(provinces), len(provinces)), np.bool_)
    for matrix in steps.values():
        here, there = np.nonzero(matrix)
        touches[province_of_location[here], province_of_location[there]] = True
    return Geometry(
        core=core,
        provinces=provinces,
        locations=locations,
        province_of_location=province_of_location,
        is_center=np.isin(np.array(provinces), np.array(core.centers)),
        army=steps[UnitKind.ARMY],
        fleet=steps[UnitKind.FLEET],
        touches=touches | touches.T,
    )


@lru_cache(maxsize=64)
def same_board(map_name: str, as_that_of: str = "standard") -> bool:
    """Whether two maps have the same places and centres, and the same ways between them: variants of who stands where.

    >>> same_board("standard_fleet_rome"), same_board("ancmed")
    (True, False)
    """
    one, other = geometry(map_name), geometry(as_that_of)
    return (
        one.locations == other.locations
        and list(one.core.powers) == list(other.core.powers)
        and np.array_equal(one.is_center, other.is_center)
        and np.array_equal(one.army, other.army)
        and np.array_equal(one.fleet, other.fleet)
    )


def _steps(core: Map, kind: UnitKind, place: str) -> list[str]:
    """Where a lone unit could move to; nowhere for a unit that cannot stand there."""
    phase = core.start().phase
    try:
        alone = Position.from_state(core, phase, {core.powers[0]: [f"{kind} {place}"]}, {})
    except IllegalStateError:
        return []
    orders = [parse_order(core.order_text(code)) for code in alone.legal_orders(place[:3])]
    return [order.target for order in orders if order.kind is OrderKind.MOVE and order.target is not None]
