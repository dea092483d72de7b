"""Agents to measure against: random, greedy by the rule policy, DumbBot.

An agent is one method: ``act(view, power) -> Action``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from engine.game import GameView
from engine.notation import order_sort_key
from engine.types import (
    POWERS,
    Action,
    Location,
    Order,
    OrderKind,
    PhaseKind,
    Power,
    Unit,
    UnitKind,
    province_of,
)
from planner.candidates import CandidateConfig, rule_policy
from planner.geometry import BoolArray, FloatArray, Geometry, geometry
from planner.options import NOBODY, Situation, situation
from planner.rollout import Evaluator
from planner.search import SearchConfig, search


class Agent(Protocol):
    """Whoever can order a power's units."""

    def act(self, view: GameView, power: Power) -> Action:
        """The orders of the power in the phase at hand."""
        ...


class RandomAgent:
    """Plays a legal order drawn evenly for each unit: the example of an agent."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def act(self, view: GameView, power: Power) -> Action:
        legal = [orders[self.rng.integers(len(orders))] for orders in view.legal_orders(power).values() if orders]
        if view.phase.kind is PhaseKind.ADJUSTMENTS:
            few = abs(view.build_count(power))
            legal = [legal[number] for number in self.rng.permutation(len(legal))[:few]]
        return tuple(sorted(legal, key=order_sort_key))


class GreedyAgent:
    """Plays the likeliest action of the rule policy, or a draw from it."""

    def __init__(self, rng: np.random.Generator, draw: bool = False) -> None:
        self.rng = rng
        self.draw = draw

    def act(self, view: GameView, power: Power) -> Action:
        board = geometry(view.position.map.name)
        policy = rule_policy(situation(view.position, board), power.number)
        actions = policy.likely(CandidateConfig(chains=24, foreign_supports=0), self.rng)
        energies = policy.energies(actions)
        weights = np.exp(energies - energies.max())
        number = self.rng.choice(len(actions), p=weights / weights.sum()) if self.draw else np.argmax(energies)
        return board.action(actions[int(number)])


class SearchAgent:
    """Plays the action that the search finds, without press."""

    def __init__(
        self,
        rng: np.random.Generator,
        config: SearchConfig | None = None,
        evaluator: Evaluator | None = None,
    ) -> None:
        self.rng = rng
        self.config = config or SearchConfig()
        self.evaluator = evaluator or Evaluator()

    def act(self, view: GameView, power: Power) -> Action:
        return search(view, power, config=self.config, rng=self.rng, evaluator=self.evaluator).action


# Constants of DumbBot's published source, as described by its author: the weight of the proximity maps by
# step, of attack and defence, of strength and competition; and the size of a power of n centres.
_PROXIMITY_WEIGHTS = {
    "S": (100, 1000, 30, 10, 6, 5, 4, 3, 2, 1),
    "F": (1000, 100, 30, 10, 6, 5, 4, 3, 2, 1),
    "W": (1000, 100, 30, 10, 6, 5, 4, 3, 2, 1),
}
_ATTACK_WEIGHT = {"S": 700, "F": 600, "W": 700}
_DEFENCE_WEIGHT = {"S": 300, "F": 400, "W": 300}
_STRENGTH_WEIGHT = _COMPETITION_WEIGHT = 1000
_PLAY_ALTERNATIVE = 0.5
_ALTERNATIVE_MODIFIER = 5.0


def _size(centers: int) -> int:
    return centers * centers + 4 * centers + 16


class DumbBot:
    """DumbBot (David Norman, 2002), written anew from its published description.

    The variant of the original: neutral centres are worth an attack, like those of a power with as many
    centres as are neutral.  (The Python port in ``diplomacy/research`` gives them no value.)  No convoys.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def act(self, view: GameView, power: Power) -> Action:
        here = situation(view.position, geometry(view.position.map.name))
        values = _dumbbot_values(here, power)
        match view.phase.kind:
            case PhaseKind.MOVEMENT:
                orders = _DumbBotMoves(here, power, values, self.rng).orders()
            case PhaseKind.RETREATS:
                orders = _retreats(view, power, values)
            case PhaseKind.ADJUSTMENTS:
                orders = _adjustments(view, power, values)
        return tuple(sorted(orders, key=order_sort_key))


Values = Callable[[UnitKind, str], float]
"""Worth of a location to a unit of this kind."""


def _dumbbot_values(here: Situation, power: Power) -> Values:
    board, me, season = here.geometry, power.number, here.phase.season.value
    centers = board.is_center
    sizes = [_size(int(((here.owner == p) & centers).sum())) for p in (*range(len(POWERS)), NOBODY)]
    hostile_size = np.zeros(len(board.provinces))
    for other in range(len(POWERS)):
        if other != me:
            hostile_size = np.maximum(hostile_size, (here.reach[other] > 0) * sizes[other])
    attack = np.where(here.owner == me, 0, np.array(sizes)[here.owner]) * centers
    defence = np.where(here.owner == me, hostile_size, 0) * centers
    worth = attack * _ATTACK_WEIGHT[season] + defence * _DEFENCE_WEIGHT[season]
    strength = here.reach[me] * _STRENGTH_WEIGHT - here.hostile_reach(me) * _COMPETITION_WEIGHT
    by_kind = {
        kind: _spread(board, worth, steps, season) + strength[board.province_of_location]
        for kind, steps in ((UnitKind.ARMY, board.army), (UnitKind.FLEET, board.fleet))
    }
    return lambda kind, location: float(by_kind[kind][board.location_number[location]])


def _spread(board: Geometry, worth: FloatArray, steps: BoolArray, season: str) -> FloatArray:
    level = worth[board.province_of_location].astype(np.float64)
    total = np.zeros_like(level)
    for weight in _PROXIMITY_WEIGHTS[season]:
        total += weight * level / 1000.0
        level = (level + steps @ level) / 5.0
    return total


class _DumbBotMoves:
    """Destinations one unit after another, in random order; supports where own units meet."""

    def __init__(self, here: Situation, power: Power, values: Values, rng: np.random.Generator) -> None:
        self._here, self._board, self._values, self._rng = here, here.geometry, values, rng
        self._competition = here.hostile_reach(power.number)
        names = self._board.locations
        self._units = {
            names[location][:3]: Unit(UnitKind.FLEET if fleet else UnitKind.ARMY, Location(names[location]))
            for location, fleet in here.units[power.number]
        }
        self._orders: dict[str, Order] = {}
        self._pending: set[str] = set()

    def orders(self) -> list[Order]:
        places = list(self._units)
        for number in self._rng.permutation(len(places)):
            self._order(places[int(number)])
        return list(self._orders.values())

    def _order(self, place: str) -> None:
        if place in self._orders or place in self._pending:
            return
        self._pending.add(place)
        unit = self._units[place]
        steps = (self._board.fleet if unit.kind is UnitKind.FLEET else self._board.army)[
            self._board.location_number[unit.location]
        ]
        open_to = [unit.location, *(Location(self._board.locations[n]) for n in np.flatnonzero(steps))]
        open_to.sort(key=lambda to: (-self._values(unit.kind, to), to))
        while place not in self._orders:
            target = open_to.pop(self._pick(unit, open_to))
            order = self._order_to(unit, target)
            if order is not None:
                self._orders[place] = order
        self._pending.discard(place)

    def _pick(self, unit: Unit, open_to: list[Location]) -> int:
        number = 0
        while number + 1 < len(open_to):
            best, following = (self._values(unit.kind, open_to[n]) for n in (number, number + 1))
            loss = (best - following) * _ALTERNATIVE_MODIFIER / best if best > 0 else 1.0
            if self._rng.random() >= _PLAY_ALTERNATIVE or self._rng.random() < loss:
                break
            number += 1
        return number

    def _order_to(self, unit: Unit, target: Location) -> Order | None:
        """The order that uses this destination; None when it is taken and needs no support."""
        if target == unit.location:
            return Order(OrderKind.HOLD, unit)
        place = province_of(target)
        competition = int(self._competition[self._board.province_number[place]])
        if place in self._units:
            self._order(place)
            other = self._orders.get(place)
            if other is None:
                return None
            if other.kind is not OrderKind.MOVE:
                return Order(OrderKind.SUPPORT, unit, None, other.unit) if competition > 1 else None
        for other in self._orders.values():
            if other.kind is OrderKind.MOVE and other.target is not None and province_of(other.target) == place:
                return Order(OrderKind.SUPPORT, unit, other.target, other.unit) if competition > 0 else None
        return Order(OrderKind.MOVE, unit, target)


def _retreats(view: GameView, power: Power, values: Values) -> list[Order]:
    taken: set[str] = set()
    orders = []
    for legal in view.legal_orders(power).values():
        ranked = sorted(legal, key=lambda o: -_worth(o, values))
        order = next(o for o in ranked if o.target is None or province_of(o.target) not in taken)
        if order.target is not None:
            taken.add(province_of(order.target))
        orders.append(order)
    return orders


def _adjustments(view: GameView, power: Power, values: Values) -> list[Order]:
    best = []
    for legal in view.legal_orders(power).values():
        real = [o for o in legal if o.unit is not None]
        if real:
            best.append(max(real, key=lambda o: _worth(o, values)))
    best.sort(key=lambda o: -_worth(o, values))
    return best[: abs(view.build_count(power))]


def _worth(order: Order, values: Values) -> float:
    """Of a retreat or build: the place; of a removal: what is given up, negative."""
    if order.unit is None:
        return -np.inf
    if order.kind is OrderKind.DISBAND:
        return -1e9 - values(order.unit.kind, order.unit.location)
    return values(order.unit.kind, order.target or order.unit.location)
