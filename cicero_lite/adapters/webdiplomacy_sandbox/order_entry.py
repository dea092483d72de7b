"""game/orders: which orders the site stores, and which it drops without a word.

Only the form of a request can make the call fail.  An order that is no legal one leaves its row as it was, and the
reply shows what is stored.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cicero_lite.adapters.webdiplomacy_ids import ID_OF, TERRITORIES
from cicero_lite.adapters.webdiplomacy_sandbox.client_bugs import ClientBugs, Mistake
from cicero_lite.adapters.webdiplomacy_sandbox.refusals import bad_request, php_error
from cicero_lite.adapters.webdiplomacy_sandbox.site import Member, OrderFlag, Row, SiteGame, SitePhase, StoredOrder
from cicero_lite.adapters.webdiplomacy_sandbox.territories import has_children, is_child, neighbours
from engine.mapfile import Terrain
from engine.types import Location, Order, OrderKind, Province, Unit, UnitKind, province_of

_REQUIRED = ("terrID", "type", "fromTerrID", "toTerrID", "viaConvoy")


@dataclass(frozen=True)
class SentOrder:
    """One order of a request, its numbers read; 0: none."""

    place: int
    type: str
    to_id: int
    from_id: int
    via_convoy: str
    convoy_path: tuple[int, ...]


def enter_orders(game: SiteGame, member: Member, sent: Sequence[object], bugs: ClientBugs) -> None:
    """Stores what is legal of the orders sent, and sets the flags Saved and Completed.

    Args:
        game: the game, in the phase that the orders are for.
        member: whose orders they are.
        sent: the field ``orders`` of the request.
        bugs: told of a fleet built on no coast.

    Raises:
        RefusalError: the call failed; nothing is stored.
    """
    read = [_read_order(order) for order in sent]
    rows = [replace(row) for row in member.orders]
    if game.phase is SitePhase.BUILDS:
        _enter_builds(game, member, rows, read, bugs)
    else:
        _enter_unit_orders(game, member, rows, read)
    member.orders = rows
    member.flags |= {OrderFlag.SAVED}
    if rows and all(row.is_complete for row in rows):
        member.flags |= {OrderFlag.COMPLETED}
    else:
        member.flags -= {OrderFlag.COMPLETED}


def echo(game: SiteGame, member: Member) -> list[Row]:
    """The reply: every stored order of the member, in no order that could be relied on."""
    rows = [
        {
            "unitType": None if row.unit is None else unit_type(row.unit),
            "terrID": None if row.unit is None else ID_OF[row.unit.location],
            "type": row.type,
            "fromTerrID": row.from_id,
            "toTerrID": row.to_id,
            "viaConvoy": row.via_convoy,
            "countryID": str(member.country),
        }
        for row in member.orders
    ]
    game.shuffle.shuffle(rows)
    return rows


def unit_type(unit: Unit) -> str:
    """``Army`` or ``Fleet``."""
    return "Army" if unit.kind is UnitKind.ARMY else "Fleet"


def _read_order(order: object) -> SentOrder:
    if not isinstance(order, Mapping):
        kind = "string" if isinstance(order, str) else type(order).__name__
        problem = f"array_key_exists(): Argument #2 ($array) must be of type array, {kind} given"
        raise php_error(f'A software exception was not caught: "{problem}"')
    for key in _REQUIRED:
        if key not in order:
            raise bad_request(f"Missing order info: {key}")
    path = order.get("convoyPath")
    sent = SentOrder(
        place=number(order["terrID"]),
        type=str(order["type"]),
        to_id=number(order["toTerrID"]),
        from_id=number(order["fromTerrID"]),
        via_convoy=order["viaConvoy"] if order["viaConvoy"] in ("Yes", "No") else "",
        convoy_path=tuple(number(place) for place in path) if isinstance(path, list) else (),
    )
    if sent.to_id and sent.to_id not in TERRITORIES:
        raise php_error("foreach() argument must be of type array|object, bool given")
    return sent


def number(value: Any) -> int:
    """A value cast to a number as PHP does it, near enough: digits are read, anything else is 0."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0
    if isinstance(value, float) and not math.isfinite(value):
        return 0
    if isinstance(value, str):
        digits = value.strip()
        sign, digits = (-1, digits[1:]) if digits.startswith("-") else (1, digits)
        return sign * int(digits) if digits.isascii() and digits.isdigit() else 0
    return int(value)


def _unknown_territory(place: int, member: Member) -> Exception:
    return bad_request(f"Unknown territory ID `{place or ''}` for country `{member.country}`.")


def _enter_unit_orders(game: SiteGame, member: Member, rows: list[StoredOrder], sent: list[SentOrder]) -> None:
    by_place = {ID_OF[row.unit.location]: row for row in rows if row.unit is not None}
    for place, order in {order.place: order for order in sent}.items():
        if place not in by_place:
            raise _unknown_territory(place, member)
        row = by_place[place]
        if game.phase is SitePhase.DIPLOMACY:
            _enter_movement(game, member, row, order)
        else:
            _enter_retreat(game, member, row, order)


def _enter_movement(game: SiteGame, member: Member, row: StoredOrder, sent: SentOrder) -> None:
    assert row.unit is not None
    if sent.type == "Hold":
        _store(row, "Hold", order=Order(OrderKind.HOLD, row.unit))
    elif sent.type == "Move" and sent.to_id:
        _enter_move(game, member, row, row.unit, sent)
    elif sent.type == "Support hold" and sent.to_id and not is_child(sent.to_id):
        at = game.game.unit_at(Province(TERRITORIES[sent.to_id]))
        if at is not None and game.game.is_legal(
            member.power, order := Order(OrderKind.SUPPORT, row.unit, None, at[1])
        ):
            _store(row, sent.type, to_id=sent.to_id, order=order)
    elif sent.type == "Support move" and sent.to_id:
        _enter_support_move(game, member, row, row.unit, sent)
    elif sent.type == "Convoy" and sent.to_id:
        _enter_convoy(game, member, row, row.unit, sent)


def _enter_move(game: SiteGame, member: Member, row: StoredOrder, unit: Unit, sent: SentOrder) -> None:
    by_convoy = sent.via_convoy == "Yes"
    if by_convoy and not _path_is_open(game, unit, sent.convoy_path, sent.to_id):
        return
    order = Order(OrderKind.MOVE, unit, Location(TERRITORIES[sent.to_id]), via_convoy=by_convoy)
    if game.game.is_legal(member.power, order):
        # Without an answer to "by convoy?" the row is incomplete; the order is carried out all the same.
        complete = sent.via_convoy != ""
        _store(row, "Move", sent.to_id, via_convoy=sent.via_convoy or None, order=order, complete=complete)


def _enter_support_move(game: SiteGame, member: Member, row: StoredOrder, unit: Unit, sent: SentOrder) -> None:
    aided = _unit_in(game, sent.from_id)
    if aided is None:
        return
    goal = province_of(Location(TERRITORIES[sent.to_id]))
    order = game.game.legal_form(member.power, Order(OrderKind.SUPPORT, unit, Location(goal), aided))
    if order is None:
        return
    by_land = aided.kind is UnitKind.FLEET or goal in neighbours(aided.province)
    path = sent.convoy_path
    if by_land or (_path_is_open(game, aided, path, sent.to_id) and ID_OF[unit.location] not in path):
        _store(row, "Support move", sent.to_id, sent.from_id, order=order)


def _enter_convoy(game: SiteGame, member: Member, row: StoredOrder, unit: Unit, sent: SentOrder) -> None:
    aided = _unit_in(game, sent.from_id)
    at_sea = game.game.map_data.terrain[unit.province] is Terrain.SEA
    if aided is None or aided.kind is UnitKind.FLEET or not at_sea:
        return
    if _path_is_open(game, aided, sent.convoy_path, sent.to_id) and ID_OF[unit.location] in sent.convoy_path:
        order = Order(OrderKind.CONVOY, unit, Location(TERRITORIES[sent.to_id]), aided)
        # The site takes convoys along any path; on one that our rules see no need for, the fleet holds.
        legal = game.game.is_legal(member.power, order)
        _store(row, "Convoy", sent.to_id, sent.from_id, order=order if legal else None)


def _unit_in(game: SiteGame, place: int) -> Unit | None:
    """The unit in this territory or any coast of it."""
    if place not in TERRITORIES:
        return None
    at = game.game.unit_at(province_of(Location(TERRITORIES[place])))
    return None if at is None else at[1]


def _path_is_open(game: SiteGame, army: Unit, path: Sequence[int], goal: int) -> bool:
    """Whether the path begins at the army and leads over fleets at sea, each beside the next, to the goal."""
    if len(path) < 2 or path[0] != ID_OF[army.location] or army.kind is UnitKind.FLEET or is_child(goal):
        return False
    board, before = game.game, army.province
    for place in path[1:]:
        fleet = _unit_in(game, place)
        if fleet is None or board.map_data.terrain[fleet.province] is not Terrain.SEA:
            return False
        if fleet.province not in neighbours(before):
            return False
        before = fleet.province
    target = Province(TERRITORIES[goal])
    return target != army.province and target in neighbours(before) and board.map_data.terrain[target] is Terrain.COAST


def _enter_retreat(game: SiteGame, member: Member, row: StoredOrder, sent: SentOrder) -> None:
    assert row.unit is not None
    if sent.type == "Disband":
        _store(row, "Disband", order=Order(OrderKind.DISBAND, row.unit))
    elif sent.type == "Retreat" and sent.to_id:
        goal = Location(TERRITORIES[sent.to_id])
        if goal in game.dislodged[member.power, row.unit]:
            _store(row, "Retreat", sent.to_id, order=Order(OrderKind.RETREAT, row.unit, goal))


def _enter_builds(
    game: SiteGame, member: Member, rows: list[StoredOrder], sent: list[SentOrder], bugs: ClientBugs
) -> None:
    wanted = list({order.place: order for order in sent if order.type != "Wait"}.values())
    if len(wanted) > len(rows):
        raise _unknown_territory(wanted[len(rows)].place, member)
    for row, order in zip(rows, wanted, strict=False):
        _enter_adjustment(game, member, row, order, bugs)
    if any(order.type == "Wait" for order in sent):
        for row in rows[len(wanted) :]:
            _store(row, "Wait")


def _enter_adjustment(game: SiteGame, member: Member, row: StoredOrder, sent: SentOrder, bugs: ClientBugs) -> None:
    if not sent.to_id:
        return
    place = Location(TERRITORIES[sent.to_id])
    if sent.type == "Destroy":
        at = game.game.unit_at(Province(place))
        if at is not None and at[0] is member.power:
            _store(row, "Destroy", sent.to_id, order=Order(OrderKind.DISBAND, at[1]))
    elif sent.type in ("Build Army", "Build Fleet") and _may_build(game, member, sent):
        kind = UnitKind.ARMY if sent.type == "Build Army" else UnitKind.FLEET
        order: Order | None = Order(OrderKind.BUILD, Unit(kind, place))
        if kind is UnitKind.FLEET and has_children(sent.to_id):
            detail = f"{place} in {game.game.phase}"
            bugs.note(Mistake.FLEET_WITHOUT_COAST, member.account.user_id, game.game_id, detail)
            order = None  # our rules know no fleet without a coast: it is not built
        _store(row, sent.type, sent.to_id, order=order)


def _may_build(game: SiteGame, member: Member, sent: SentOrder) -> bool:
    place, data = Location(TERRITORIES[sent.to_id]), game.game.map_data
    province = province_of(place)
    if (
        province not in data.homes[member.power]
        or game.game.owner_of(province) is not member.power
        or game.game.unit_at(province) is not None
    ):
        return False
    if sent.type == "Build Army":
        return not is_child(sent.to_id)
    return data.terrain[province] is not Terrain.LAND


def _store(
    row: StoredOrder,
    type_: str,
    to_id: int | None = None,
    from_id: int | None = None,
    via_convoy: str | None = None,
    order: Order | None = None,
    complete: bool = True,
) -> None:
    row.type, row.to_id, row.from_id, row.via_convoy = type_, to_id, from_id, via_convoy
    row.order, row.is_complete = order, complete
