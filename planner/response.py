"""The planning power's best response to what the others will probably play."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.types import POWERS
from planner.candidates import CandidateSet, Codes
from planner.equilibrium import FloatArray, sample_profiles
from planner.public import PublicSearch, deviations
from planner.talk import Beliefs, Talk, prices_of_promises, tilted


class OwnResponse:
    """The planning power's best response to the others' policies, its candidates mutated further.

    Every candidate meets the same profiles of the others, so that differences between candidates are exact
    where the orders differ nowhere near.
    """

    def __init__(
        self,
        public: PublicSearch,
        talk: Talk,
        beliefs: Beliefs,
        sets: Sequence[CandidateSet],
        policies: Sequence[FloatArray],
        lambda_: float,
        me: int,
        rng: np.random.Generator,
    ) -> None:
        self._public, self._talk, self._beliefs, self._me, self._rng = public, talk, beliefs, me, rng
        self._lambda = lambda_
        self._others = [s.actions for s in sets]
        self.candidates: CandidateSet = sets[me]
        self.profiles = sample_profiles(policies, public.config.choice_samples, rng)
        self.scores = self._scored(self.candidates.actions, remember=True)
        """``[A, 7]``: everybody's expected score when this power plays each candidate."""
        self._weigh()

    def _scored(self, actions: Sequence[Codes], remember: bool) -> FloatArray:
        tried = [actions if number == self._me else own for number, own in enumerate(self._others)]
        rows = deviations(self.profiles, self._me, np.arange(len(actions), dtype=np.int32))
        scores = self._public.evaluator.scores(self._public.position, tried, rows, remember)
        answer = scores.reshape(len(self.profiles), len(actions), len(POWERS)).mean(axis=0, dtype=np.float64)
        return np.asarray(answer)

    def _weigh(self) -> None:
        config, own = self._public.config, self.candidates
        phase = self._public.situation.phase
        self.anchor = tilted(own, self._talk.credences(self._me), config.tilt)
        self._prices = prices_of_promises(own, self._talk, self._beliefs, phase)

    def objective(self) -> FloatArray:
        """``Q + λ·log τ`` of each candidate, less the price of promises broken."""
        log_anchor = np.log(np.maximum(self.anchor, 1e-9))
        return np.asarray(self.scores[:, self._me] - self._prices + self._lambda * log_anchor)

    def best(self) -> int:
        """Number of the best candidate."""
        return int(np.argmax(self.objective()))

    def policy(self) -> FloatArray:
        """The regularised best response ``π ∝ τ·exp(Q/λ)``, λ no smaller than the noise of Q."""
        values = self.objective()
        spread = max(self._lambda, 0.1 * float(np.std(self.scores[:, self._me])), 1e-6)
        weights = np.exp((values - values.max()) / spread)
        return np.asarray(weights / weights.sum())

    def polish(self, count: int) -> None:
        """Adds those of ``count`` mutations of the best candidates that beat the best."""
        values = self.objective()
        bases = [self.candidates.actions[int(n)] for n in np.argsort(-values, kind="stable")[:4]]
        known = set(self.candidates.actions)
        imposed = self._talk.imposed
        tried = [
            mutation
            for mutation in self.candidates.policy.mutations(bases, count, self._rng)
            if mutation not in known and imposed <= set(mutation)
        ]
        if not tried:
            return
        before = len(known)
        self.candidates = self.candidates.with_actions(tried)
        self.scores = np.concatenate([self.scores, self._scored(tried, remember=False)])
        self._weigh()
        values = self.objective()
        ranked = before + np.argsort(-values[before:], kind="stable")[: self._public.config.inserted]
        kept = [*range(before), *(int(n) for n in ranked if values[n] > values[:before].max())]
        self.candidates = replace(self.candidates, actions=tuple(self.candidates.actions[number] for number in kept))
        self.scores = self.scores[kept]
        self._weigh()
