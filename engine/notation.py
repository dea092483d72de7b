"""Order text <-> `Order`, in the notation of the ``diplomacy`` package.

A PAR H                     hold
A PAR - BUR                 move            A LON - BRE VIA     move by convoy
A PAR S A MAR               support to hold
A PAR S A MAR - BUR         support a move
F ENG C A LON - BRE         convoy
A PAR R GAS                 retreat
A PAR D                     disband (a retreat given up, or a removal)
F STP/NC B                  build           WAIVE               a build not used
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from engine.types import Location, NotationError, Order, OrderKind, Unit, UnitKind, province_of

_UNIT = r"([AF]) ([A-Z]{3}(?:/[A-Z]C)?)"
_ORDER = re.compile(
    rf"{_UNIT} (?:(?P<simple>[HDB])"
    rf"|(?P<go>[-R]) (?P<to>[A-Z]{{3}}(?:/[A-Z]C)?)(?P<via> VIA)?"
    rf"|(?P<aid>[SC]) (?P<kind>[AF]) (?P<at>[A-Z]{{3}}(?:/[A-Z]C)?)(?: - (?P<dest>[A-Z]{{3}}(?:/[A-Z]C)?))?)"
)


@lru_cache(maxsize=65536)
def parse_order(text: str) -> Order:
    """The order that a text says, whether or not it is legal anywhere.

    >>> str(parse_order("F STP/SC S A LVN - PRU"))
    'F STP/SC S A LVN - PRU'

    Raises:
        NotationError: the text is no order.
    """
    if text == OrderKind.WAIVE.value:
        return Order(OrderKind.WAIVE)
    match = _ORDER.fullmatch(text)
    if match is None or (match["aid"] == "C" and match["dest"] is None) or (match["go"] == "R" and match["via"]):
        raise NotationError(f"unknown order {text!r}: expected one such as 'A PAR - BUR' or 'A PAR S A MAR - BUR'")
    unit = Unit(UnitKind(match[1]), Location(match[2]))
    if match["simple"]:
        return Order(OrderKind(match["simple"]), unit)
    if match["go"]:
        kind = OrderKind(match["go"])
        return Order(kind, unit, Location(match["to"]), via_convoy=match["via"] is not None)
    aided = Unit(UnitKind(match["kind"]), Location(match["at"]))
    target = None if match["dest"] is None else Location(match["dest"])
    return Order(OrderKind(match["aid"]), unit, target, aided)


def parse_orders(texts: Iterable[str]) -> tuple[Order, ...]:
    """The orders that the texts say.

    Raises:
        NotationError: a text is no order.
    """
    return tuple(parse_order(text) for text in texts)


def order_sort_key(order: Order) -> tuple[str, str]:
    """Sorts the orders of an action by their units' locations; waived builds last."""
    return ("~", "") if order.unit is None else (order.unit.location, str(order))


def same_move(first: Order, second: Order) -> bool:
    """Whether two orders mean the same on the board: coasts and VIA aside.

    >>> same_move(parse_order("F MAO - SPA/SC"), parse_order("F MAO - SPA"))
    True
    """
    return without_coasts(first) == without_coasts(second)


def without_coasts(order: Order) -> tuple[object, ...]:
    """What an order does, coasts and VIA aside: equal for the orders that are the `same_move`."""
    unit = None if order.unit is None else (order.unit.kind, order.unit.province)
    aided = None if order.aided is None else (order.aided.kind, order.aided.province)
    target = None if order.target is None else province_of(order.target)
    return (order.kind, unit, target, aided)
