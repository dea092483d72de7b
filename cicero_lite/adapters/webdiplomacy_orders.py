"""Our orders in webDiplomacy's words and back, and the check that the server keeps what was meant.

    A YOR - NWY VIA        {"terrID": 4, "type": "Move", "toTerrID": 35, "viaConvoy": "Yes", "convoyPath": [4, 53]}
    F NTH C A YOR - NWY    {"terrID": 53, "type": "Convoy", "toTerrID": 35, "fromTerrID": 4, "convoyPath": [4, 53]}
    F MAO - SPA/SC         {"terrID": 61, "type": "Move", "toTerrID": 77, "viaConvoy": "No"}
    A MAR S F MAO - SPA/SC {"terrID": 49, "type": "Support move", "toTerrID": 8, "fromTerrID": 61}
    F STP/NC B             {"terrID": 78, "type": "Build Fleet", "toTerrID": 78}

The server drops what it does not understand without a word and keeps the unit's former order instead.  So every call
has an order for every unit, and its answer is compared with what was meant.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from typing import Any

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, COUNTRY_OF, ID_OF, TERRITORIES, province_id
from cicero_lite.adapters.webdiplomacy_responses import OrderType, PastOrder, ResponseError, StoredOrder, StoredOrders
from engine.board import Board, order_code
from engine.mapfile import Terrain, load_map
from engine.types import (
    Action,
    Location,
    Order,
    OrderKind,
    PhaseKind,
    Power,
    Province,
    Unit,
    UnitKind,
    province_of,
)

_BUILDS: dict[UnitKind, OrderType] = {UnitKind.ARMY: "Build Army", UnitKind.FLEET: "Build Fleet"}
_IN_SLOTS = frozenset({"Build Army", "Build Fleet", "Destroy", "Wait"})
"""Kept as so many builds or removals, not as orders of units."""


@dataclass(frozen=True)
class ServerOrder:
    """One order as it is sent."""

    type: OrderType
    terr_id: int | None = None
    """Place of the unit, with its coast; of builds and removals the target again; None: builds not used."""
    to_terr_id: int | None = None
    from_terr_id: int | None = None
    via_convoy: str = ""
    """``Yes`` or ``No`` for a move, else empty."""
    convoy_path: tuple[int, ...] = ()
    """The army's place and the fleets that could carry it, in order, without the place it goes to."""

    def to_json(self) -> dict[str, Any]:
        """The order in the request; the server wants every key."""
        path = {"convoyPath": list(self.convoy_path)} if self.convoy_path else {}
        return {
            "terrID": self.terr_id,
            "type": self.type,
            "toTerrID": "" if self.to_terr_id is None else self.to_terr_id,
            "fromTerrID": "" if self.from_terr_id is None else self.from_terr_id,
            "viaConvoy": self.via_convoy,
            **path,
        }

    def __str__(self) -> str:
        return _words(self.type, self.terr_id, self.to_terr_id, self.from_terr_id, self.via_convoy)


@dataclass(frozen=True)
class Rejection:
    """What the server keeps of an order instead of what was meant."""

    meant: ServerOrder | None
    """None: the server keeps an order of which nothing was said."""
    stored: StoredOrder | None
    """None: it keeps none."""

    def __str__(self) -> str:
        kept = "nothing"
        if (row := self.stored) is not None:
            kept = _words(row.type, row.terr_id, row.to_terr_id, row.from_terr_id, row.via_convoy)
        return f"expected {self.meant or 'no order'}, the server keeps {kept}"


# --- ours to theirs ---------------------------------------------------------------------------------------


def server_orders(board: Board, power: Power, action: Action) -> tuple[ServerOrder, ...]:
    """Everything to send for the phase: an order for every unit, build and removal, so that none is left over.

    Units left out hold or disband, builds left out are waived, and removals left out are those that the rules choose.

    Raises:
        IllegalOrderError: the power cannot give these orders together now.
    """
    board.check_action(power, action)
    if board.phase.kind is not PhaseKind.ADJUSTMENTS:
        return tuple(_server_order(board, order) for order in board.complete_action(power, action))
    if board.build_count(power) < 0:
        return tuple(_server_order(board, order) for order in _all_removals(board, power, action))
    builds = [_server_order(board, order) for order in action if order.unit is not None]
    unused = board.build_count(power) - len(builds)
    return (*builds, *([ServerOrder("Wait")] if unused else []))  # one is enough for all


def substitute(order: ServerOrder) -> ServerOrder | None:
    """What to send in place of an order that the server does not take; None: nothing can be."""
    match order.type:
        case "Move" | "Support hold" | "Support move" | "Convoy":
            return ServerOrder("Hold", order.terr_id)
        case "Retreat":
            return ServerOrder("Disband", order.terr_id)
        case "Build Army" | "Build Fleet":
            return ServerOrder("Wait")
    return None


def _server_order(board: Board, order: Order) -> ServerOrder:
    assert order.unit is not None, "a waived build has no place"
    at = ID_OF[order.unit.location]
    match order.kind:
        case OrderKind.HOLD:
            return ServerOrder("Hold", at)
        case OrderKind.DISBAND if board.phase.kind is PhaseKind.RETREATS:
            return ServerOrder("Disband", at)
        case OrderKind.DISBAND:
            place = province_id(order.unit.location)
            return ServerOrder("Destroy", place, place)
        case OrderKind.BUILD:
            return ServerOrder(_BUILDS[order.unit.kind], at, at)
    if order.target is None:
        assert order.aided is not None, "a support helps somebody"
        return ServerOrder("Support hold", at, province_id(order.aided.location))
    if order.kind is OrderKind.RETREAT:
        return ServerOrder("Retreat", at, ID_OF[order.target])
    if order.aided is None:
        via = convoy_path(board, order.unit.province, province_of(order.target)) if order.via_convoy else ()
        return ServerOrder("Move", at, ID_OF[order.target], None, "Yes" if order.via_convoy else "No", via)
    return _aid(board, order, at, order.aided, order.target)


def _aid(board: Board, order: Order, at: int, aided: Unit, target: Location) -> ServerOrder:
    """A support of a move, or a convoy."""
    assert order.unit is not None
    source, goal, place = aided.province, province_of(target), order.unit.province
    to, start = province_id(target), province_id(aided.location)
    if order.kind is OrderKind.CONVOY:
        return ServerOrder("Convoy", at, to, start, "", convoy_path(board, source, goal, through=place))
    by_land = aided.kind is UnitKind.FLEET or Location(goal) in board.map_data.army_moves.get(Location(source), ())
    path = () if by_land else convoy_path(board, source, goal, without=place)
    return ServerOrder("Support move", at, to, start, "", path)


def _all_removals(board: Board, power: Power, action: Action) -> Action:
    """The removals, with those that the rules choose if nothing more is ordered."""
    if len(action) == -board.build_count(power):
        return action
    codes = [[order_code(o) for o in action] if p is power else [] for p in board.powers]
    after = Board(board.position.step(codes)[0])
    left = set(after.units(power))
    return tuple(Order(OrderKind.DISBAND, unit) for unit in board.units(power) if unit not in left)


@cache
def _touching() -> dict[Province, frozenset[Province]]:
    """Sea -> every province that a fleet there could go to."""
    data = load_map()
    seas = (place for place in data.provinces if data.terrain[place] is Terrain.SEA)
    return {sea: frozenset(map(province_of, data.fleet_moves[Location(sea)])) for sea in seas}


def convoy_path(
    board: Board, source: Province, goal: Province, through: Province | None = None, without: Province | None = None
) -> tuple[int, ...]:
    """The shortest way of an army over fleets that are at sea now, whoever's they are.

    Args:
        board: where the fleets are.
        source: where the army is.
        goal: where it goes.
        through: a fleet that must be part of the way.
        without: a fleet that must not.

    Returns:
        Numbers of the source and of each fleet in order; nothing: there is no such way.
    """
    touching = _touching()
    fleets = {unit.province for _, unit in board.all_units() if unit.province in touching and unit.province != without}
    ways: deque[tuple[Province, ...]] = deque((sea,) for sea in sorted(fleets) if source in touching[sea])
    while ways:
        way = ways.popleft()
        if goal in touching[way[-1]] and (through is None or through in way):
            return (province_id(source), *(province_id(sea) for sea in way))
        ways.extend((*way, sea) for sea in sorted(fleets & touching[way[-1]]) if sea not in way)
    return ()


# --- theirs to ours ---------------------------------------------------------------------------------------


def our_order(board: Board, power: Power, row: PastOrder | StoredOrder) -> Order | None:
    """The legal order that a row of the server means; None: nothing, as an order without its target.

    Coasts that are left out are put in where only one is possible, or the first; coasts of supports are left out,
    since the server does not look at them.
    """
    order = _read_order(board, power, row)
    return None if order is None else board.legal_form(power, order)


def _read_order(board: Board, power: Power, row: PastOrder | StoredOrder) -> Order | None:
    to = None if row.to_terr_id is None else TERRITORIES[row.to_terr_id]
    at = None if row.terr_id is None else TERRITORIES[row.terr_id]
    if row.type in ("Build Army", "Build Fleet", "Destroy"):
        return None if (place := at or to) is None else _adjustment(board, power, row.type, place)
    unit = None if at is None else _unit_of(board, power, province_of(at))
    if unit is None:
        return None
    if row.type in ("Hold", "Disband"):
        return Order(OrderKind.HOLD if row.type == "Hold" else OrderKind.DISBAND, unit)
    if to is None:
        return None
    if row.type in ("Move", "Retreat"):
        goal = Location(province_of(to)) if unit.kind is UnitKind.ARMY else to
        kind = OrderKind.MOVE if row.type == "Move" else OrderKind.RETREAT
        return Order(kind, unit, goal, via_convoy=row.type == "Move" and row.via_convoy == "Yes")
    source = to if row.type == "Support hold" else None if row.from_terr_id is None else TERRITORIES[row.from_terr_id]
    helped = None if source is None else board.unit_at(province_of(source))
    if helped is None:
        return None
    kind = OrderKind.CONVOY if row.type == "Convoy" else OrderKind.SUPPORT
    return Order(kind, unit, None if row.type == "Support hold" else Location(province_of(to)), helped[1])


def _adjustment(board: Board, power: Power, kind: OrderType, place: Location) -> Order | None:
    if kind == "Destroy":
        unit = _unit_of(board, power, province_of(place))
        return None if unit is None else Order(OrderKind.DISBAND, unit)
    if kind == "Build Army":
        return Order(OrderKind.BUILD, Unit(UnitKind.ARMY, Location(province_of(place))))
    return Order(OrderKind.BUILD, Unit(UnitKind.FLEET, place))


def _unit_of(board: Board, power: Power, place: Province) -> Unit | None:
    """The power's unit that takes orders there."""
    if board.phase.kind is PhaseKind.RETREATS:
        return next((unit for unit in board.dislodged(power) if unit.province == place), None)
    at = board.unit_at(place)
    return at[1] if at is not None and at[0] is power else None


# --- what the server keeps --------------------------------------------------------------------------------


def rejections(power: Power, meant: Sequence[ServerOrder], stored: StoredOrders) -> tuple[Rejection, ...]:
    """Where the server keeps something else than was meant; empty: nowhere.

    Raises:
        ResponseError: orders of another country, or two for one unit.
    """
    for row in stored.root:
        if row.country_id != COUNTRY_OF[power]:
            whose = COUNTRIES[row.country_id]
            raise ResponseError(f"game/orders: expected the orders of {power}, got one of {whose}")
    if {order.type for order in meant} & _IN_SLOTS or {row.type for row in stored.root} & _IN_SLOTS:
        return tuple(_adjustment_rejections(meant, stored.root))
    rows = {TERRITORIES[row.terr_id]: row for row in stored.root if row.terr_id is not None}
    if len(rows) != len(stored.root):
        raise ResponseError("game/orders: expected one order for each unit, got two for one, or one without a place")
    found = []
    for order in meant:
        kept = None if order.terr_id is None else rows.pop(TERRITORIES[order.terr_id], None)
        if kept is None or _meaning(order) != _meaning(kept):
            found.append(Rejection(order, kept))
    return (*found, *(Rejection(None, row) for row in rows.values()))


def _adjustment_rejections(meant: Sequence[ServerOrder], stored: Iterable[StoredOrder]) -> Iterator[Rejection]:
    """Rows of builds and removals have no place of their own, and all that are not used are alike."""
    lost = [order for order in meant if order.type != "Wait"]
    waits = any(order.type == "Wait" for order in meant)
    spare = []
    for row in stored:
        kept = next((o for o in lost if (o.type, o.to_terr_id) == (row.type, row.to_terr_id)), None)
        if kept is not None:
            lost.remove(kept)
        elif row.type != "Wait" or not waits:
            spare.append(row)
    for order, left in zip_longest(lost, spare):
        yield Rejection(order, left)


def _meaning(order: ServerOrder | StoredOrder) -> tuple[object, ...]:
    """What the server looks at: places of supports without coasts, VIA of moves alone."""
    to, start = order.to_terr_id, order.from_terr_id
    match order.type:
        case "Move":
            return (order.type, to, order.via_convoy)
        case "Retreat":
            return (order.type, to)
        case "Support hold":
            return (order.type, _plain(to))
        case "Support move" | "Convoy":
            return (order.type, _plain(to), _plain(start))
    return (order.type,)


def _plain(place: int | None) -> int | None:
    return None if place is None else province_id(TERRITORIES[place])


def _words(kind: OrderType, at: int | None, to: int | None, start: int | None, via: str | None) -> str:
    """``Move LON - NTH``, for our errors."""
    places = [str(TERRITORIES[place]) for place in (at, start) if place is not None]
    goal = [] if to is None or to == at else ["-", str(TERRITORIES[to])]
    return " ".join([kind, *places, *goal, *(["by convoy"] if via == "Yes" else [])])
