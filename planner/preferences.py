"""What the planning power wants beside its own score, and what it will not do.

    U(a) = CE_ρ[S_me] + Σ_q w_q·E[S_q] + aggression·attacks(a) + Σ_r t_r·[a enters or holds r]

over the profiles that an action is tried against, with the entropic certainty equivalent
``CE_ρ[S] = -1/ρ·log E[exp(-ρ·S)]``, which is E[S] for ρ = 0 (Föllmer and Schied 2002, "Convex measures of risk").

Only the power's own choice follows it: the local search that answers the equilibrium, and whatever a plan tells of its
own orders and of what others' orders are worth.  In the equilibrium itself it stands as one that wants its score, as
that is all the others know of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from engine.types import POWERS, Order, OrderKind, PhaseKind, Power, Province, province_of
from planner.candidates import CandidateSet, Codes
from planner.equilibrium import FloatArray
from planner.options import Situation


@dataclass(frozen=True)
class Preferences:
    """Of one power; the defaults are those of a power that wants its score alone."""

    weights: Mapping[Power, float] = field(default_factory=dict)
    """w: what others' scores count for; its own is left out of account."""
    aggression: float = 0.0
    """Score that each attacking order counts for."""
    risk: float = 0.0
    """ρ: above 0 it shuns risk, below it seeks it."""
    targets: Mapping[Province, float] = field(default_factory=dict)
    """t: score that an action counts for which enters a province, or has a unit stay there."""
    lambda_factor: float = 1.0
    """Times its own λ."""
    spared: tuple[Power, ...] = ()
    """Powers that no order of its may attack."""
    closed: tuple[Province, ...] = ()
    """Provinces that no unit of its may enter."""

    @property
    def is_selfish(self) -> bool:
        """Whether it wants its score alone, however it finds what brings it."""
        return not (any(self.weights.values()) or self.aggression or self.risk or any(self.targets.values()))

    def care(self, me: int) -> FloatArray:
        """``[7]``: what everybody's score counts for; its own 1."""
        care = np.zeros(len(POWERS))
        for power, weight in self.weights.items():
            care[power.number] = weight
        care[me] = 1.0
        return care

    def value(self, scores: NDArray[np.float32], me: int) -> FloatArray:
        """``[A]``: what actions are worth, bonuses apart, by everybody's scores ``[S, A, 7]`` at S profiles."""
        means = scores.mean(axis=0, dtype=np.float64)
        if self.is_selfish:
            return np.asarray(means[:, me])
        return np.asarray(means @ self.care(me) + self.premium(scores[..., me]))

    def premium(self, own: NDArray[np.float32]) -> FloatArray:
        """``[A]``: by how much the certainty equivalent of own scores ``[S, A]`` exceeds their mean; S profiles."""
        if self.risk == 0:
            return np.zeros(own.shape[1])
        tilted = -self.risk * own.astype(np.float64)
        most = tilted.max(axis=0)
        certain = -(most + np.log(np.exp(tilted - most).mean(axis=0))) / self.risk
        return np.asarray(certain - own.mean(axis=0, dtype=np.float64))


@dataclass(frozen=True)
class PricedOrders:
    """Preferences in order codes of one position."""

    bonuses: tuple[tuple[frozenset[int], float], ...] = ()
    """(orders, score): counts once for an action that has any of them."""
    banned: frozenset[int] = frozenset()
    """Orders that no action may have."""
    sought: tuple[frozenset[int], ...] = ()
    """Orders into each province that is a target: some candidate has one, whatever else speaks against it."""

    @classmethod
    def of(cls, preferences: Preferences, here: Situation, me: int, imposed: frozenset[int]) -> PricedOrders:
        """Of the power with this number; what is imposed is never banned."""
        if not (
            preferences.aggression
            or any(preferences.targets.values())
            or (here.phase.kind is not PhaseKind.ADJUSTMENTS and (preferences.spared or preferences.closed))
        ):
            return cls()
        attacks: set[int] = set()
        banned: set[int] = set()
        at: dict[Province, set[int]] = {province: set() for province in preferences.targets}
        into: dict[Province, set[int]] = {province: set() for province, t in preferences.targets.items() if t > 0}
        for place in here.position.orderable(POWERS[me]):
            for code in here.position.legal_orders(place):
                order = here.geometry.order(code)
                victims = attacked(here, order, me)
                if victims:
                    attacks.add(code)
                entered = enters(order)
                if victims & set(preferences.spared) or entered in preferences.closed:
                    banned.add(code)
                elif entered in into:
                    into[entered].add(code)
                if (kept := entered or stays(order)) in at:
                    at[kept].add(code)
        bonuses = [(frozenset({code}), preferences.aggression) for code in sorted(attacks) if preferences.aggression]
        bonuses += [(frozenset(codes), preferences.targets[place]) for place, codes in at.items() if codes]
        sought = tuple(frozenset(codes) for codes in into.values() if codes)
        return cls(tuple(bonuses), frozenset(banned) - imposed, sought)

    def bonus(self, actions: Sequence[Codes]) -> FloatArray:
        """``[A]``: what each action counts for beside scores."""
        total = np.zeros(len(actions))
        for codes, amount in self.bonuses:
            total += amount * np.array([not codes.isdisjoint(action) for action in actions])
        return total

    def permitted(self, own: CandidateSet, here: Situation) -> CandidateSet:
        """The candidates without banned orders; in place of one, its unit gives the plainest order that is not."""
        if not self.banned:
            return own
        plain = {code: self._instead(code, here) for code in self.banned}
        kept = (tuple(plain.get(code, code) for code in action) for action in own.actions)
        return replace(own, actions=tuple(dict.fromkeys(kept)))

    def _instead(self, code: int, here: Situation) -> int:
        """To hold, or to disband in place of a retreat: neither attacks or enters anything."""
        unit = here.geometry.order(code).unit
        assert unit is not None  # as only moves, retreats and help with moves are banned
        legal = here.position.legal_orders(unit.province)
        kinds = (OrderKind.HOLD, OrderKind.DISBAND)
        return next(other for other in legal if here.geometry.order(other).kind in kinds)


def attacked(here: Situation, order: Order, me: int) -> set[Power]:
    """The other powers onto whose unit or centre an order moves a unit, or helps one to; none of its own move there."""
    if order.target is None or order.kind not in (OrderKind.MOVE, OrderKind.SUPPORT, OrderKind.CONVOY):
        return set()
    number = here.geometry.province_number[province_of(order.target)]
    aided = None if order.aided is None else here.occupant[here.geometry.province_number[order.aided.province]]
    owners = {int(here.occupant[number]), int(here.owner[number])}
    return {POWERS[owner] for owner in owners if owner >= 0 and owner not in (me, aided)}


def enters(order: Order) -> Province | None:
    """Where an order of one's own moves its unit to; None: nowhere."""
    moves = order.kind in (OrderKind.MOVE, OrderKind.RETREAT)
    return province_of(order.target) if moves and order.target is not None else None


def stays(order: Order) -> Province | None:
    """Where a unit stays by its order; None: it does not."""
    still = order.kind in (OrderKind.HOLD, OrderKind.SUPPORT, OrderKind.CONVOY)
    return order.unit.province if still and order.unit is not None else None
