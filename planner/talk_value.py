"""What words are worth: the planning power's score if the others had heard this or that, or if it knew what they play.

Everything is measured in the game of pairs behind a plan (`planner.polymatrix`), without samples, so that small
differences count: the same candidates for all that is compared, one equilibrium for each set of beliefs.  Cicero
(Bakhtin et al. 2022, "Human-level play in the game of Diplomacy by combining language models with strategic
reasoning", supplement on value-based message selection) appends each candidate message, predicts the recipient anew
from tables of pairs, and compares what it expects of its own action.  Here the action may be answered anew, too, and
all other powers see what the recipient will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.types import POWERS, Order, Power
from planner.equilibrium import FloatArray
from planner.plan import Plan
from planner.private import PrivateGame
from planner.talk import Beliefs, Talk, prices_of_promises

_ITERATIONS = 64
"""Of an equilibrium, at most: differences between beliefs come out as with 256 (correlation .999 in openings)."""


@dataclass(frozen=True)
class Stakes:
    """What hangs on believing a word, in score.

    The three of CTRL-D (Wongkamjan et al. 2025, "Should I Trust You? Detecting deception in negotiations using
    counterfactual RL"): with â what the word implies for both sides and a what they would do otherwise.
    """

    bait: float
    """``u_i(â_i, â_j) - u_i(a_i, â_j)``: what the hearer gains by acting on it, if it is true."""
    switch: float
    """``u_i(â_i, â_j) - u_i(â_i, a_j)``: what the hearer loses having acted on it, if it is not."""
    edge: float
    """``u_j(â_i, a_j) - u_j(a_i, a_j)``: what its speaker gains by the hearer's acting on it, if it is not."""


@dataclass(frozen=True)
class Foreseen:
    """What a set of beliefs leads to."""

    score: float
    """The planning power's expected score with its best action, less the price of the word it breaks thereby."""
    intent: float
    """How likely all take it to play its plan's action, 0 to 1."""


@dataclass(frozen=True, eq=False)
class TalkValue:
    """A plan's game of pairs, ready to be solved for one set of beliefs after another."""

    plan: Plan
    private: PrivateGame
    """Its candidates: the plan's, its action, and what any of the beliefs brings."""
    policies: tuple[FloatArray, ...]
    """What the plan expects of each power, ``[A]``."""

    @classmethod
    def of(cls, plan: Plan, considered: Iterable[tuple[Power, Order]] = ()) -> TalkValue | None:
        """What to ask about a plan; None where there is no game of pairs (retreats, builds, a search without tables).

        Args:
            plan: of the phase at hand, from a search.
            considered: orders that the beliefs to be compared are about; some candidates have them.
        """
        prediction = plan.prediction
        if prediction is None or prediction.public.tables is None:
            return None
        public, me = prediction.public, plan.power.number
        talk = Talk(public.situation, Beliefs(consider=tuple(considered)), plan.power)
        count = public.config.candidates.asked
        sets = tuple(talk.enlarged(number, own, count) for number, own in enumerate(prediction.sets))
        here, priced = public.situation, prediction.talk.priced
        sets = tuple(priced.permitted(own, here) if n == me else own for n, own in enumerate(sets))
        action = tuple(map(here.geometry.code, plan.action))
        sets = tuple(own.with_actions([action]) if n == me else own for n, own in enumerate(sets))
        policies = tuple(
            np.pad(policy, (0, len(own.actions) - len(policy)))
            for policy, own in zip(prediction.policies, sets, strict=True)
        )
        return cls(plan, PrivateGame.of(public, plan.power, sets), policies)

    def score(self, beliefs: Beliefs) -> float:
        """The planning power's expected score with its best action, less the price of the word it breaks thereby."""
        return self.foreseen(beliefs).score

    def foreseen(self, beliefs: Beliefs) -> Foreseen:
        """What these beliefs lead to."""
        public, me = self.private.public, self.plan.power
        talk = Talk(public.situation, beliefs, me)
        found, _ = self.private.solve(talk, beliefs, min(public.config.iterations, _ITERATIONS))
        action = tuple(map(public.situation.geometry.code, self.plan.action))
        own = self.private.sets[me.number]
        worths = found.values[me.number]
        if not self.plan.preferences.is_selfish:
            assert self.private.pairs is not None  # as `of` saw to
            prices = prices_of_promises(own, talk, beliefs, public.situation.phase)
            worths = self._worths(self.private.pairs.values(me.number, found.averages)) - prices
        return Foreseen(float(worths.max()), float(found.averages[me.number][own.actions.index(action)]))

    def of_knowing(self, power: Power, orders: Sequence[Order]) -> float:
        """What it is worth to know beforehand whether another power gives these orders, in score.

        The expected score of the best answers to either, less that of the best answer to both.
        """
        codes = [self.codes(power, order) for order in orders]
        own, policy = self.private.sets[power.number], self.policies[power.number]
        given = np.array([all(not code.isdisjoint(action) for code in codes) for action in own.actions])
        chance = float(policy[given].sum())
        if not 0 < chance < 1:
            return 0.0
        knowing = chance * self._best(power, policy * given / chance)
        knowing += (1 - chance) * self._best(power, policy * ~given / (1 - chance))
        return max(0.0, knowing - self._best(power, policy))

    def stakes(self, speaker: Power, power: Power, order: Order, given: bool = True) -> Stakes:
        """What hangs on believing somebody who says that a power will give an order, or (not `given`) will not.

        Nothing, where the candidates leave no choice.
        """
        codes, own = self.codes(power, order), self.private.sets[power.number]
        has = np.array([(not codes.isdisjoint(action)) is given for action in own.actions])
        if has.all() or not has.any():
            return Stakes(0.0, 0.0, 0.0)
        policy = self.policies[power.number]
        said, otherwise = (_among(policy, some) for some in (has, ~has))
        believed, now, deceived = (self._values(power, some) for some in (said, policy, otherwise))
        them = speaker.number
        true, false = self._worths(believed), self._worths(deceived)
        acting, doubting = int(true.argmax()), int(self._worths(now).argmax())
        return Stakes(
            bait=float(true[acting] - true[doubting]),
            switch=float(true[acting] - false[acting]),
            edge=float(deceived[acting, them] - deceived[doubting, them]),
        )

    def codes(self, power: Power, order: Order) -> frozenset[int]:
        """The legal orders of a power that mean this one."""
        return Talk(self.private.public.situation, Beliefs(), self.plan.power).matching(power.number, order)

    def _best(self, power: Power, policy: FloatArray) -> float:
        """The planning power's score with its best action, another playing this policy ``[A]``."""
        return float(self._worths(self._values(power, policy)).max())

    def _worths(self, scores: FloatArray) -> FloatArray:
        """``[A]``: what the planning power's actions are worth to it, by everybody's expected scores ``[A, 7]``.

        Of its attitude to risk the game of pairs knows nothing, as it has no more than expected scores.
        """
        me, prediction = self.plan.power.number, self.plan.prediction
        assert prediction is not None  # as `of` saw to
        bonus = prediction.talk.priced.bonus(self.private.sets[me].actions)
        return np.asarray(scores @ self.plan.preferences.care(me) + bonus)

    def _values(self, power: Power, policy: FloatArray) -> FloatArray:
        """``[A, 7]``: everybody's score for each action of the planning power, another playing this policy."""
        pairs = self.private.pairs
        assert pairs is not None  # as `of` saw to
        policies = [policy if number == power.number else self.policies[number] for number in range(len(POWERS))]
        return pairs.values(self.plan.power.number, policies)


def _among(policy: FloatArray, some: NDArray[np.bool_]) -> FloatArray:
    """A policy given that it plays one of some actions; each alike where it plays none of them."""
    left = policy * some
    return np.asarray(left / left.sum() if left.sum() > 0 else some / some.sum())
