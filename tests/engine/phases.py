"""Crowded movement phases around the sea, in which convoys meet attacks and supports.

Random games seldom come to a convoy paradox; of these phases about one in four hundred does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from engine._core import Map, Position
from engine.mapfile import MapData, Terrain
from engine.notation import parse_order
from engine.types import POWERS, Order, OrderKind, Province, province_of


@dataclass(frozen=True)
class RandomPhase:
    """A position with an order for every unit."""

    position: Position
    orders: dict[str, list[str]]
    """Power -> its orders as text."""

    @property
    def codes(self) -> list[list[int]]:
        """The orders as ``Position.step`` takes them."""
        return [[self.position.map.order_code(text) for text in self.orders.get(p.value, [])] for p in POWERS]


def crowded_phase(board: Map, data: MapData, rng: Random) -> RandomPhase:
    """A phase on a crowded part of the board."""
    units = crowded_units(data, rng)
    position = Position.from_state(board, "S1901M", units, {})
    owners = {unit[2:5]: power for power, own in units.items() for unit in own}
    orders: dict[str, list[str]] = {}
    for province, order in _Plan(position, rng).orders.items():
        orders.setdefault(owners[province], []).append(str(order))
    return RandomPhase(position, orders)


def crowded_units(data: MapData, rng: Random) -> dict[str, list[str]]:
    """Units of two to five powers in nearly all provinces of a region that grew from a sea."""
    beside: dict[Province, set[Province]] = {province: set() for province in data.provinces}
    for moves in (data.army_moves, data.fleet_moves):
        for here, goals in moves.items():
            beside[province_of(here)] |= {province_of(goal) for goal in goals}
    region = {rng.choice([p for p in data.provinces if data.terrain[p] is Terrain.SEA])}
    for _ in range(rng.randint(7, 25)):
        region.add(rng.choice(sorted({there for here in region for there in beside[here]} - region)))
    powers = rng.sample([power.value for power in POWERS], rng.randint(2, 5))
    units: dict[str, list[str]] = {}
    for province in sorted(region):
        kinds = {Terrain.LAND: "A", Terrain.SEA: "F", Terrain.COAST: "AAF"}[data.terrain[province]]
        kind = rng.choice(kinds)
        place = rng.choice(data.coasts(province)) if kind == "F" else province
        if rng.random() < 0.95:
            units.setdefault(rng.choice(powers), []).append(f"{kind} {place}")
    return units


class _Plan:
    """Orders that fit together more often than not; made in rounds, each of which fixes some."""

    def __init__(self, position: Position, rng: Random) -> None:
        self.rng = rng
        text = position.map.order_text
        self.legal = {p: [parse_order(text(code)) for code in codes] for p, codes in position.legal_codes().items()}
        self.orders = {province: self._first(choices) for province, choices in self.legal.items()}
        self.fixed: set[str] = {province for province, order in self.orders.items() if order.via_convoy}
        self.places = list(self.orders)
        rng.shuffle(self.places)
        self._convoy()
        self._support_about_convoys()
        self._attack_convoys()
        self._support()

    def _first(self, choices: Sequence[Order]) -> Order:
        """By convoy where that can be, else a move, else hold."""
        by_sea = [order for order in choices if order.via_convoy]
        by_land = [order for order in choices if order.kind is OrderKind.MOVE and not order.via_convoy]
        draw = self.rng.random()
        if by_sea and draw < 0.6:
            return self.rng.choice(by_sea)
        if by_land and draw < 0.75:
            return self.rng.choice(by_land)
        return next(order for order in choices if order.kind is OrderKind.HOLD)

    def _fix(self, province: str, order: Order) -> None:
        self.orders[province] = order
        self.fixed.add(province)

    def _fitting(self, province: str, kind: OrderKind) -> list[Order]:
        """Supports or convoys by this unit that fit what the other one is to do so far."""
        found = []
        for order in self.legal[province]:
            if order.kind is not kind or order.aided is None:
                continue
            aided = self.orders[order.aided.province]
            if order.target is None:
                fits = aided.kind is not OrderKind.MOVE
            else:
                fits = aided.kind is OrderKind.MOVE and order.target in (aided.target, str(aided.target)[:3])
            if fits:
                found.append(order)
        return found

    def _convoy(self) -> None:
        for province in self.places:
            fitting = self._fitting(province, OrderKind.CONVOY)
            if fitting and province not in self.fixed and self.rng.random() < 0.8:
                self._fix(province, self.rng.choice(fitting))

    def _convoyers(self) -> set[str]:
        return {province for province, order in self.orders.items() if order.kind is OrderKind.CONVOY}

    def _support_about_convoys(self) -> None:
        """Where a convoyed army is to land, a support for or against a convoying fleet: what paradoxes need."""
        convoyers = self._convoyers()
        for army in self.places:
            goal = str(self.orders[army].target)[:3]
            free = goal in self.orders and goal not in self.fixed
            if not self.orders[army].via_convoy or not free or self.rng.random() > 0.85:
                continue
            hot = [
                order for order in self.legal[goal] if order.kind is OrderKind.SUPPORT and self._hot(order, convoyers)
            ]
            if hot:
                support = self.rng.choice(hot)
                self._fix(goal, support)
                self._let_move(support)

    def _hot(self, support: Order, convoyers: set[str]) -> bool:
        """Whether it is about a convoying fleet, and its unit can still be told to do what it supports."""
        assert support.aided is not None
        about = support.aided.location if support.target is None else support.target
        return about[:3] in convoyers and (support.target is None or support.aided.province not in self.fixed)

    def _let_move(self, support: Order) -> None:
        """Orders the unit that it supports to do so."""
        if support.aided is None or support.target is None:
            return
        for order in self.legal[support.aided.province]:
            if order.kind is OrderKind.MOVE and str(order.target)[:3] == support.target[:3]:
                self._fix(support.aided.province, order)
                return

    def _attack_convoys(self) -> None:
        convoyers = self._convoyers()
        for province in self.places:
            attacks = [
                order
                for order in self.legal[province]
                if order.kind is OrderKind.MOVE and not order.via_convoy and str(order.target)[:3] in convoyers
            ]
            if attacks and province not in self.fixed and self.rng.random() < 0.4:
                self._fix(province, self.rng.choice(attacks))

    def _support(self) -> None:
        for province in self.places:
            fitting = self._fitting(province, OrderKind.SUPPORT)
            if fitting and province not in self.fixed and self.rng.random() < 0.9:
                self._fix(province, self.rng.choice(fitting))
