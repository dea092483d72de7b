"""What a seat finds before it: whom a control may be aimed at, which place, which orders.

A control such as a weight on a friend's score needs a friend.  Everything here follows from the position, the seat's
ledger and a seed, never from a dose, so that all doses of a moment are aimed at the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from cicero_lite.config import AgentConfig
from cicero_lite.steer.standing import allies, grievances
from dialogue.memory import Ledger
from dialogue.situation import touches
from engine.board import Board, neighbours
from engine.game import GameView
from engine.notation import order_sort_key
from engine.types import POWERS, Action, Order, OrderKind, Power, Province, province_of
from planner.candidates import Codes
from planner.equilibrium import sample_profiles
from planner.models import shared_evaluator
from planner.observation import Prediction
from planner.search import foresee
from planner.sources import normalised
from planner.talk import Beliefs

_STREAM = 17
"""Keeps these draws apart from the games' random numbers."""
_IMPOSED = 2
"""Own orders that are imposed, where there are so many units."""
_PROFILES = 128
"""Joint actions of the others that an action is looked at against."""
_WORST = 0.1
"""Share of them, the worst, that `Prospects.worst` is about."""


@dataclass(frozen=True)
class Prospects:
    """What an action promises, against what the others would probably play without a word."""

    log_likelihood: float
    """Of the action under the anchor, among the candidates that the board alone brings."""
    mean: float
    """Own expected score."""
    spread: float
    """Standard deviation of the own score over the others' play."""
    worst: float
    """Mean of the worst tenth."""
    scores: Mapping[Power, float]
    """Everybody's expected score."""


class Outlook:
    """One seat's view of a position before any talk: the same for every dose of every control."""

    def __init__(self, board: Board, power: Power, config: AgentConfig) -> None:
        """Searches the position, as the neutral agent would."""
        self._board, self._power = board, power
        self._evaluator = shared_evaluator(config.search)
        rng = np.random.default_rng([_STREAM, power.number])
        self.prediction: Prediction = foresee(board.position, power, Beliefs(), config.search, rng, self._evaluator)

    def actions(self, power: Power) -> list[tuple[Action, float]]:
        """The plausible actions of a power with their likelihood under the anchor, the likeliest first."""
        own = self.prediction.sets[power.number]
        weights = np.exp(normalised(own.policy.energies(own.actions)))
        order = np.argsort(-weights, kind="stable").tolist()
        geometry = self.prediction.public.situation.geometry
        return [(geometry.action(own.actions[number]), float(weights[number])) for number in order]

    def prospects(self, action: Action) -> Prospects:
        """What an action of the seat promises; the same draws of the others' play for every action."""
        me, sets = self._power.number, self.prediction.sets
        own = sets[me]
        codes = self._codes(action, own.actions)
        own = own if codes in own.actions else own.with_actions([codes])
        chosen = own.actions.index(codes)
        rng = np.random.default_rng([_STREAM, self._power.number, 1])
        policies = [p if n != me else np.eye(len(own.actions))[chosen] for n, p in enumerate(self.prediction.policies)]
        profiles = sample_profiles(policies, _PROFILES, rng)
        profiles[:, me] = chosen
        every = [own.actions if n == me else s.actions for n, s in enumerate(sets)]
        scores = self._evaluator.scores(self._board.position, every, profiles).astype(np.float64)
        worst = np.sort(scores[:, me])[: max(1, round(_WORST * len(scores)))]
        means = scores.mean(axis=0)
        return Prospects(
            log_likelihood=float(normalised(own.policy.energies(own.actions))[chosen]),
            mean=float(means[me]),
            spread=float(scores[:, me].std()),
            worst=float(worst.mean()),
            scores={power: float(means[power.number]) for power in POWERS},
        )

    def _codes(self, action: Action, known: Sequence[Codes]) -> Codes:
        geometry = self.prediction.public.situation.geometry
        codes = tuple(geometry.code(order) for order in sorted(action, key=order_sort_key))
        return next((candidate for candidate in known if sorted(candidate) == sorted(codes)), codes)


@dataclass(frozen=True)
class Circumstances:
    """What one seat finds in one phase."""

    power: Power
    """Whose seat it is."""
    neighbour: Power
    """A power close by, drawn."""
    place: Province
    """A province that a unit of its could enter and nobody of its stands in, drawn; centres of others first."""
    haunt: Province
    """The province that it would likeliest enter."""
    own: Action
    """Legal and sensible orders of its, drawn: part of a plausible action."""
    wanted: Order | None
    """A legal order of the neighbour's, drawn: one that helps an order of `own` where there is any."""
    friends: tuple[Power, ...] = ()
    """With whom peace or an alliance stands."""
    aggressors: tuple[Power, ...] = ()
    """Who attacked it or broke its word to it, whoever did it most harm first."""

    @classmethod
    def of(cls, board: Board, power: Power, outlook: Outlook, seed: int) -> Circumstances:
        """What is drawn for a seat, by a seed; friends and aggressors are for `informed` to say."""
        rng = np.random.default_rng([seed, _STREAM, power.number, *str(board.phase).encode()])
        near = neighbours(board, power) or tuple(p for p in board.alive if p is not power) or (power,)
        neighbour = near[int(rng.integers(len(near)))]
        actions = outlook.actions(power)
        own = _some_orders(actions, rng)
        return cls(
            power=power,
            neighbour=neighbour,
            place=_reachable(board, power, rng),
            haunt=_haunt(board, power, actions),
            own=own,
            wanted=_wanted(board, neighbour, own, outlook.actions(neighbour), rng),
        )

    def informed(self, ledger: Ledger, view: GameView) -> Circumstances:
        """The same with friends and aggressors, as the ledger and what was played have them."""
        harm = grievances(ledger, view, forgiveness=0.0)
        aggressors = tuple(sorted(harm, key=lambda other: (-harm[other], other.number)))
        return replace(self, friends=allies(ledger, view), aggressors=aggressors)

    @cached_property
    def aggressor(self) -> Power | None:
        """Who did it most harm; None: nobody did any."""
        return self.aggressors[0] if self.aggressors else None


def victims_of(board: Board, power: Power, order: Order) -> set[Power]:
    """The other powers whom an order of this one attacks: onto whose unit or centre it moves, or helps a move."""
    return {other for other in board.alive if other is not power and touches(board, order, other)}


def _some_orders(actions: Sequence[tuple[Action, float]], rng: np.random.Generator) -> Action:
    """A few orders of one plausible action that is drawn, each as likely as another."""
    action = actions[int(rng.integers(len(actions)))][0]
    chosen = rng.permutation(len(action))[:_IMPOSED].tolist()
    return tuple(sorted((action[number] for number in chosen), key=order_sort_key))


def _reachable(board: Board, power: Power, rng: np.random.Generator) -> Province:
    held = {unit.province for unit in board.units(power)}
    moves = {
        province_of(order.target)
        for orders in board.legal_orders(power).values()
        for order in orders
        if order.kind is OrderKind.MOVE and order.target is not None and not order.via_convoy
    }
    free = sorted(moves - held) or sorted(held)
    centres = board.map_data.centers
    foreign = [place for place in free if place in centres and board.owner_of(place) is not power]
    choice = foreign or free
    return choice[int(rng.integers(len(choice)))]


def _haunt(board: Board, power: Power, actions: Sequence[tuple[Action, float]]) -> Province:
    held = {unit.province for unit in board.units(power)}
    entered: Counter[Province] = Counter()
    for action, weight in actions:
        for order in action:
            if order.kind is OrderKind.MOVE and order.target is not None:
                entered[province_of(order.target)] += weight  # type: ignore[assignment]
    return max(sorted(entered), key=lambda place: entered[place]) if entered else min(held)


def _wanted(
    board: Board, neighbour: Power, own: Action, actions: Sequence[tuple[Action, float]], rng: np.random.Generator
) -> Order | None:
    legal = [order for orders in board.legal_orders(neighbour).values() for order in orders]
    moved = {(order.unit, order.target) for order in own if order.kind is OrderKind.MOVE}
    held = {(order.unit, None) for order in own if order.kind is not OrderKind.MOVE}
    helping = [o for o in legal if o.kind is OrderKind.SUPPORT and (o.aided, o.target) in moved | held]
    plausible = [order for action, _ in actions for order in action if order.kind is not OrderKind.HOLD]
    choice = helping or list(dict.fromkeys(plausible)) or legal
    return choice[int(rng.integers(len(choice)))] if choice else None


__all__ = ["Circumstances", "Outlook", "Prospects", "victims_of"]
