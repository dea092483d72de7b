"""What talk adds to the board, brought to bear on one position: candidates patched, anchors tilted, promises priced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from engine.notation import same_move
from engine.types import POWERS, Commitment, ExpectedOrder, IllegalOrderError, Order, Phase, Power
from planner.candidates import CandidateSet, Codes
from planner.equilibrium import FloatArray
from planner.opponents import OpponentBeliefs
from planner.options import Situation
from planner.preferences import Preferences, PricedOrders
from planner.public import PublicSearch
from planner.sources import normalised


@dataclass(frozen=True)
class Beliefs:
    """What a search takes into account besides the board.

    Entries about another phase, or orders that are not legal now, have no effect.
    """

    expected: tuple[ExpectedOrder, ...] = ()
    """What talk says that others, or the planning power, will play; tilts their anchors."""
    commitments: tuple[Commitment, ...] = ()
    """Promises of the planning power; their price is subtracted from actions that break them."""
    abstentions: tuple[Commitment, ...] = ()
    """Orders the planning power promised not to give; their price is subtracted from actions that have them."""
    consider: tuple[tuple[Power, Order], ...] = ()
    """Orders asked of somebody: some candidate of that power contains each."""
    imposed: tuple[Order, ...] = ()
    """Orders set by the operator: the planning power chooses among actions that contain them."""
    players: OpponentBeliefs | None = None
    """What the players are like, by what they have played."""
    preferences: Preferences = field(default_factory=Preferences)
    """What the planning power wants beside its score; the others do not know of it."""


class Talk:
    """Beliefs in order codes of the position at hand."""

    def __init__(self, here: Situation, beliefs: Beliefs, me: Power) -> None:
        self._position, self._geometry = here.position, here.geometry
        phase = here.phase
        self._credences: dict[int, list[tuple[frozenset[int], float]]] = {}
        self._asked: dict[int, list[frozenset[int]]] = {}
        self.imposed: frozenset[int] = frozenset()
        """Codes of the imposed orders."""
        set_by_hand = frozenset(code for order in beliefs.imposed for code in self.matching(me.number, order))
        self.priced = PricedOrders.of(beliefs.preferences, here, me.number, set_by_hand)
        """What the planning power likes and will not do, in codes."""
        for power, order in beliefs.consider:
            self._ask(power.number, self.matching(power.number, order))
        for commitment in beliefs.commitments:
            if commitment.phase == phase:
                self._ask(me.number, self.matching(me.number, commitment.order))
        for expected in beliefs.expected:
            codes = self.matching(expected.power.number, expected.order)
            if expected.phase == phase and codes:
                self._credences.setdefault(expected.power.number, []).append((codes, expected.credence))
                if expected.credence > 0:
                    self._ask(expected.power.number, codes)
        for codes in self.priced.sought:
            self._ask(me.number, codes)

    def _ask(self, power: int, codes: frozenset[int]) -> None:
        asked = self._asked.setdefault(power, [])
        if codes and codes not in asked:
            asked.append(codes)

    def matching(self, power: int, order: Order) -> frozenset[int]:
        """Legal orders that mean this one, coasts and VIA aside; the very order alone if it is legal."""
        if order.unit is None or order.unit.province not in self._position.orderable(POWERS[power]):
            return frozenset()
        legal = self._position.legal_orders(order.unit.province)
        same = [code for code in legal if same_move(self._geometry.order(code), order)]
        exact = [code for code in same if self._geometry.order(code) == order]
        return frozenset(exact or same)

    def enlarged(self, power: int, own: CandidateSet, count: int) -> CandidateSet:
        """The candidates with some that contain each order asked for, and some that contain all of them."""
        asked = self._asked.get(power, [])
        if not asked:
            return own
        by_likelihood = np.argsort(-own.policy.energies(own.actions), kind="stable")
        bases = [own.actions[int(n)] for n in by_likelihood[: 4 * count]]
        made: list[Codes] = []
        for codes in asked:
            for code in sorted(codes):
                made += own.policy.containing([code], bases, count)
        if len(asked) > 1:
            made += self._together(own, asked, bases, count)
        return own.with_actions(made)

    @staticmethod
    def _together(
        own: CandidateSet, asked: Sequence[frozenset[int]], bases: Sequence[Codes], count: int
    ) -> list[Codes]:
        """Actions with as many of the orders asked for, earlier ones first, as go together."""
        agreed: list[int] = []
        made: list[Codes] = []
        for codes in asked:
            for code in sorted(codes):
                fitting = own.policy.containing([*agreed, code], bases, count)
                if fitting:
                    agreed.append(code)
                    made = fitting
                    break
        return made

    def pledges(self, power: int, beliefs: Beliefs, phase: Phase) -> list[tuple[list[int], float, bool]]:
        """Promises of the planning power as prices: (orders, price, whether one of them must be given)."""
        found = []
        for wanted, promises in ((True, beliefs.commitments), (False, beliefs.abstentions)):
            for promise in promises:
                codes = self.matching(power, promise.order)
                if promise.phase == phase and codes:
                    found.append((sorted(codes), promise.price, wanted))
        return found

    def credences(self, power: int) -> list[tuple[frozenset[int], float]]:
        """Orders believed of a power with their credence."""
        return self._credences.get(power, [])


def impose(sets: tuple[CandidateSet, ...], talk: Talk, power: Power, beliefs: Beliefs) -> tuple[CandidateSet, ...]:
    """The sets, the planning power's own restricted to actions with all imposed orders."""
    if not beliefs.imposed:
        return sets
    codes: list[int] = []
    for order in beliefs.imposed:
        legal = talk.matching(power.number, order)
        if not legal:
            raise IllegalOrderError(f"imposed order {str(order)!r} is not legal for {power} in this phase")
        codes.append(min(legal))
    own = sets[power.number]
    fitting = own.policy.containing(codes, own.actions, len(own.actions))
    if not fitting:
        raise IllegalOrderError(
            f"imposed orders {', '.join(map(str, beliefs.imposed))} cannot be given together by {power}"
        )
    talk.imposed = frozenset(codes)
    restricted = replace(own, actions=tuple(fitting))
    return tuple(restricted if number == power.number else s for number, s in enumerate(sets))


def allow(sets: tuple[CandidateSet, ...], talk: Talk, here: Situation, power: Power) -> tuple[CandidateSet, ...]:
    """The sets, the planning power's own without what it will not do."""
    if not talk.priced.banned:
        return sets
    return tuple(talk.priced.permitted(s, here) if n == power.number else s for n, s in enumerate(sets))


def tilts(own: CandidateSet, credences: Iterable[tuple[frozenset[int], float]], tilt: float) -> FloatArray:
    """``[A]``: what talk adds to each action's log-likelihood, ``tilt · Σ credence · [order in action]``."""
    added = np.zeros(len(own.actions))
    for codes, credence in credences:
        added += tilt * credence * np.array([not codes.isdisjoint(action) for action in own.actions])
    return added


def anchors_for(public: PublicSearch, sets: Sequence[CandidateSet]) -> list[FloatArray]:
    """Per power, log τ ``[S, A]`` of these candidates in the public part's styles, before any talk.

    The anchors' source is asked only where there are other candidates than in the public part.
    """
    log_anchors = list(public.log_anchors)
    if any(s is not old for s, old in zip(sets, public.sets, strict=True)):
        fresh = public.evaluator.source.log_likelihoods(
            [s.policy for s in sets], [s.actions for s in sets], public.styles
        )
        log_anchors = [a if s is old else b for s, old, a, b in zip(sets, public.sets, log_anchors, fresh, strict=True)]
    return log_anchors


def tilted(
    log_anchors: Sequence[FloatArray], sets: Sequence[CandidateSet], talk: Talk, tilt: float
) -> list[FloatArray]:
    """Per power, log τ ``[S, A]`` of these candidates, tilted by what talk says of it."""
    return [
        normalised(rows + tilts(own, talk.credences(number), tilt))
        for number, (own, rows) in enumerate(zip(sets, log_anchors, strict=True))
    ]


def prices_of_promises(own: CandidateSet, talk: Talk, beliefs: Beliefs, phase: Phase) -> FloatArray:
    """``[A]``: per own action, the price of the promises that it breaks."""
    prices = np.zeros(len(own.actions))
    for codes, price, wanted in talk.pledges(own.policy.power, beliefs, phase):
        prices += price * np.array([set(codes).isdisjoint(action) == wanted for action in own.actions])
    return prices
