"""Random orders for a whole board: uniform ones, and coherent ones that make supports and convoys matter."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine._core import Map, Position
from engine.notation import parse_order
from engine.types import POWERS, Order, OrderKind, province_of

CONVOYED_SHARE = 0.4
"""How often an army that could be convoyed is told to insist on it."""
CONVOY_SHARE, SUPPORT_SHARE = 0.8, 0.6
"""How often a unit that could convoy, or support, what another plans does so."""
STRAY_SHARE = 0.03
"""How often a unit that fits nobody's plan gets any legal order: supports of what will not happen, too."""


class OrderTexts(dict[int, str]):
    """Order texts by code, written once each, with what coherent play asks of an order."""

    def __init__(self, board: Map) -> None:
        super().__init__()
        self.board = board
        self.roles: dict[int, int] = _Roles(self)
        """Code -> one of the constants below."""
        self.aims: dict[int, int] = _Aims(self)
        """Code of a support or convoy -> number of the plan that it fits; -1 for other orders."""
        self.plans: dict[int, tuple[int, ...]] = _Plans(self)
        """Code -> numbers of the plans that supports and convoys of this unit can fit."""
        self._numbers: dict[tuple[str, str | None], int] = {}

    def __missing__(self, code: int) -> str:
        text = self[code] = self.board.order_text(code)
        return text

    def order(self, code: int) -> Order:
        """The order in parts."""
        return parse_order(self[code])

    def number(self, province: str, target: str | None) -> int:
        """A number for the plan that the unit in a province goes to a target, or (None) does not move."""
        return self._numbers.setdefault((province, target), len(self._numbers))


_FREE, _CONVOYED, _SUPPORT, _CONVOY = range(4)


class _Roles(dict[int, int]):
    def __init__(self, texts: OrderTexts) -> None:
        super().__init__()
        self.texts = texts

    def __missing__(self, code: int) -> int:
        order = self.texts.order(code)
        if order.kind is OrderKind.CONVOY:
            role = _CONVOY
        elif order.kind in (OrderKind.HOLD, OrderKind.MOVE):
            role = _CONVOYED if order.via_convoy else _FREE
        else:
            role = _SUPPORT
        self[code] = role
        return role


class _Aims(dict[int, int]):
    def __init__(self, texts: OrderTexts) -> None:
        super().__init__()
        self.texts = texts

    def __missing__(self, code: int) -> int:
        order = self.texts.order(code)
        aim = -1 if order.aided is None else self.texts.number(order.aided.province, order.target)
        self[code] = aim
        return aim


class _Plans(dict[int, tuple[int, ...]]):
    def __init__(self, texts: OrderTexts) -> None:
        super().__init__()
        self.texts = texts

    def __missing__(self, code: int) -> tuple[int, ...]:
        order, number = self.texts.order(code), self.texts.number
        if order.unit is None:
            plans: tuple[int, ...] = ()
        elif order.kind is OrderKind.MOVE and order.target is not None:
            here = order.unit.province
            # A support may name the province where the move names a coast of it.
            plans = (number(here, order.target), number(here, province_of(order.target)))
        else:
            plans = (number(order.unit.province, None),)
        self[code] = plans
        return plans


def random_orders(position: Position, legal: Mapping[str, list[int]], rng: np.random.Generator) -> list[list[int]]:
    """One legal order per unit of each power, uniformly; as many adjustments as are due."""
    draws = iter(rng.random(len(legal)).tolist())
    orders = []
    for power in POWERS:
        places = position.orderable(power.value)
        due = abs(position.build_count(power.value))
        if due:
            places = [places[i] for i in sorted(rng.permutation(len(places))[:due])]
        orders.append([legal[place][int(next(draws) * len(legal[place]))] for place in places])
    return orders


def coherent_orders(
    position: Position, legal: Mapping[str, list[int]], texts: OrderTexts, rng: np.random.Generator
) -> list[list[int]]:
    """Random orders in which most supports and convoys fit what the aided unit does."""
    if not position.phase.endswith("M"):
        return random_orders(position, legal, rng)
    roles, aims, plans = texts.roles, texts.aims, texts.plans
    by_power = [position.orderable(power.value) for power in POWERS]
    places = [place for held in by_power for place in held]
    draws = iter(rng.random(6 * len(places)).tolist())  # at most six a unit; one call, as each costs as much as a step
    plan: dict[str, int] = {}
    planned: set[int] = set()
    for place in places:
        choices = [code for code in legal[place] if roles[code] <= _CONVOYED]
        convoyed = [code for code in choices if roles[code] == _CONVOYED]
        if convoyed and next(draws) < CONVOYED_SHARE:
            choices = convoyed
        plan[place] = choices[int(next(draws) * len(choices))]
        planned.update(plans[plan[place]])
    places.sort()
    for index in rng.permutation(len(places)).tolist():
        place = places[index]
        fitting = [code for code in legal[place] if aims[code] in planned]
        convoys = [code for code in fitting if roles[code] == _CONVOY]
        if convoys and next(draws) < CONVOY_SHARE:
            chosen = convoys[int(next(draws) * len(convoys))]
        elif fitting and next(draws) < SUPPORT_SHARE:
            chosen = fitting[int(next(draws) * len(fitting))]
        elif next(draws) < STRAY_SHARE:
            chosen = legal[place][int(next(draws) * len(legal[place]))]
        else:
            continue
        planned.difference_update(plans[plan[place]])
        planned.update(plans[chosen])
        plan[place] = chosen
    return [[plan[place] for place in held] for held in by_power]
