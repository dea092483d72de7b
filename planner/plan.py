"""What a search found out: policies of every power, values of their actions, the action to play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from engine.notation import same_move, without_coasts
from engine.types import Action, Order, Phase, Policy, Power
from planner.observation import Prediction
from planner.preferences import Preferences


@dataclass(frozen=True)
class RankedAction:
    """One action with what the search thinks of it."""

    action: Action
    probability: float
    score: float
    """Expected score of its power, 0 to 1, against the others' policies."""


@dataclass(frozen=True)
class Plan:
    """The result of `planner.search.search`.

    For each power ``policies``, ``anchors``, ``values`` and ``values_to_me`` list the same actions in the
    same order, the likeliest by policy first.  "Containing an order" disregards coasts and VIA.
    """

    power: Power
    """Who plans."""
    phase: Phase
    policies: Mapping[Power, Policy]
    """Equilibrium policies: what each power will probably play, given what the planning power knows."""
    anchors: Mapping[Power, Policy]
    """What each power would play by the rules of thumb and the talk alone."""
    values: Mapping[Power, tuple[float, ...]]
    """Expected score of each action for its own power, against the others' policies; of the planning power's, what they
    are worth to it by its `preferences`."""
    values_to_me: Mapping[Power, tuple[float, ...]]
    """Expected score (by its preferences, worth) of the planning power when it plays ``action`` and the other power
    this action."""
    expected_scores: Mapping[Power, float]
    """Of every power, when the planning power plays ``action`` and the others their policies."""
    action: Action
    """What the planning power should play."""
    prediction: Prediction | None = field(default=None, repr=False, compare=False)
    """What it was made from: used again by a later search of the same position (see ``previous`` of `search`), and to
    learn from what is played (see `planner.observation`)."""
    preferences: Preferences = field(default_factory=Preferences, repr=False)
    """What the planning power wants beside its score."""

    def regret(self, orders: Sequence[Order]) -> float | None:
        """What the planning power loses by these orders: its best score less the best with all of them.

        None when no candidate action has them all.
        """
        return self.cost_of(self.power, orders)

    def cost_of(self, power: Power, orders: Sequence[Order]) -> float | None:
        """What another power would lose by these orders in its own eyes; None: no candidate has them."""
        best = self._best(self.policies[power].actions, self.values[power], orders)
        return None if best is None else max(self.values[power]) - best

    def value_if(self, power: Power, orders: Sequence[Order]) -> float | None:
        """The planning power's expected score if that power plays its likeliest action with these orders.

        None when no candidate action has them all.  Asked about the planning power: its own best score.
        """
        policy = self.policies[power]
        if power is self.power:
            return self._best(policy.actions, self.values[power], orders)
        # Actions are listed likeliest first.
        for action, value in zip(policy.actions, self.values_to_me[power], strict=True):
            if contains(action, orders):
                return value
        return None

    def probability(self, power: Power, orders: Sequence[Order]) -> float:
        """The chance that the power plays an action with all these orders."""
        if len(orders) == 1:
            return self._marginals.get((power, without_coasts(orders[0])), 0.0)
        policy = self.policies[power]
        return sum(
            p for action, p in zip(policy.actions, policy.probabilities, strict=True) if contains(action, orders)
        )

    @cached_property
    def _marginals(self) -> dict[tuple[Power, tuple[object, ...]], float]:
        """The chance of every single order of the candidates: asked for thousands of times where talk is planned."""
        found: dict[tuple[Power, tuple[object, ...]], float] = {}
        for power, policy in self.policies.items():
            for action, probability in zip(policy.actions, policy.probabilities, strict=True):
                for meaning in {without_coasts(order) for order in action}:
                    found[power, meaning] = found.get((power, meaning), 0.0) + probability
        return found

    def ranked(self, power: Power | None = None) -> tuple[RankedAction, ...]:
        """A power's actions (of the planning power if not said), likeliest first."""
        power = power or self.power
        policy = self.policies[power]
        rows = zip(policy.actions, policy.probabilities, self.values[power], strict=True)
        return tuple(RankedAction(*row) for row in rows)

    @staticmethod
    def _best(actions: Sequence[Action], values: Sequence[float], orders: Sequence[Order]) -> float | None:
        fitting = [v for action, v in zip(actions, values, strict=True) if contains(action, orders)]
        return max(fitting, default=None)


def contains(action: Action, orders: Sequence[Order]) -> bool:
    """Whether the action has all these orders, coasts and VIA aside."""
    return all(order in action or any(same_move(order, own) for own in action) for order in orders)
