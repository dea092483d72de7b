"""The public part of the search: what follows from the board alone, the same for everybody who looks.

Candidate actions of every power, enlarged by mutated best responses (a double oracle: solve, mutate the likely
actions, keep what gains, solve again).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from engine._core import Position
from engine.types import FIRST_PHASE, POWERS, Phase
from planner.candidates import CandidateConfig, CandidateSet, Codes, candidates
from planner.equilibrium import FloatArray, HedgeConfig, IntArray, sample_profiles, solve
from planner.geometry import geometry
from planner.options import Situation, situation
from planner.rollout import Evaluator


class Choice(StrEnum):
    """How the planning power's action is taken from what was found."""

    BEST = "best"
    """The largest ``Q + λ·log τ`` against the others' policies, as Cicero does: truthful and definite."""
    SAMPLE = "sample"
    """A draw from its equilibrium policy."""


@dataclass(frozen=True)
class SearchConfig:
    """How hard and how freely to think."""

    candidates: CandidateConfig = field(default_factory=CandidateConfig)
    """Actions each power chooses among."""
    iterations: int = 48
    """Updates of the final equilibrium."""
    samples: int = 4
    """Joint profiles per update."""
    eta: float = 10.0
    """Step size of piKL-Hedge."""
    lambda_: float = 0.001
    """The planning power's price, in score, of one nat away from its anchor, where as much is at stake as in
    a usual phase."""
    lambda_types: tuple[float, ...] = (0.001, 0.003, 0.01, 0.03, 0.1)
    """What any power may be taken for by others, each with equal chance (DiL-piKL): the small ones reckon, the
    large ones play by rule, book and what they said."""
    opening_lambda: float = 10.0
    """Factor on λ in the first phase: play the book."""
    mutations: int = 48
    """Mutated actions tried per power and pass."""
    passes: int = 1
    """Double-oracle passes over all powers."""
    inserted: int = 3
    """Best mutations kept per power and pass."""
    scout_iterations: int = 5
    """Updates of the equilibrium that mutations are tried against."""
    trial_samples: int = 8
    """Joint profiles each mutation is tried against."""
    choice_samples: int = 24
    """Joint profiles of the others that the own action is chosen against."""
    polish_rounds: int = 2
    """Rounds of mutating the own best actions, tried against those profiles."""
    polish_mutations: int = 64
    """Mutations tried per round."""
    reply_samples: int = 6
    """Joint profiles behind each entry of `Plan.values_to_me`."""
    tilt: float = 6.0
    """Nats by which an order believed with credence 1 is likelier in an anchor."""
    choice: Choice = Choice.BEST
    """How the own action is taken."""
    seed: int = 0
    """Varies the public part between games; a position has one for each value."""

    def with_effort(self, effort: float) -> SearchConfig:
        """The configuration with so many times the thinking (1: as it is)."""

        def scaled(count: int, least: int = 1) -> int:
            return max(least, round(count * effort))

        return replace(
            self,
            iterations=scaled(self.iterations, 2),
            mutations=scaled(self.mutations, 0),
            scout_iterations=scaled(self.scout_iterations, 2),
            choice_samples=scaled(self.choice_samples, 4),
            polish_mutations=scaled(self.polish_mutations, 0),
            passes=max(self.passes, min(4, round(self.passes * effort**0.5))),
        )


@dataclass(frozen=True)
class PublicSearch:
    """What follows from the board alone."""

    position: Position
    config: SearchConfig
    situation: Situation
    sets: tuple[CandidateSet, ...]
    """Candidates of each power, mutated best responses included."""
    stakes: tuple[float, ...]
    """Factor on λ per power: how much its score varies with the orders of this phase."""
    evaluator: Evaluator


def public_search(position: Position, config: SearchConfig, evaluator: Evaluator) -> PublicSearch:
    """Candidates of every power, enlarged by mutated best responses; a pure function of its arguments."""
    rng = np.random.default_rng([config.seed, position.hash])
    here = situation(position, geometry(position.map.name))
    sets = candidates(position, here, config.candidates, rng)
    stakes = _stakes(position, sets, evaluator, rng)
    for _ in range(config.passes):
        anchors = [s.tau() for s in sets]
        hedge = HedgeConfig(config.scout_iterations, config.samples, config.eta)
        oracle = Oracle(position, sets, evaluator)
        found = solve(anchors, lambdas_of(here.phase, stakes, config), oracle, rng, hedge)
        sets = _with_mutations(position, sets, found.averages, config, evaluator, rng)
    return PublicSearch(position, config, here, sets, stakes, evaluator)


def _stakes(
    position: Position, sets: Sequence[CandidateSet], evaluator: Evaluator, rng: np.random.Generator
) -> tuple[float, ...]:
    """Factor on λ: ``sqrt(Var + 0.01²) / 0.05`` of each power's score under the anchors.

    Cicero's dynamic λ: a price in score must follow how much is at stake.
    """
    profiles = sample_profiles([s.tau() for s in sets], 64, rng)
    scores = evaluator.scores(position, [s.actions for s in sets], profiles)
    return tuple(float(x) for x in np.sqrt(scores.var(axis=0) + 0.01**2) / 0.05)


def lambda_scales(phase: Phase, stakes: Sequence[float], config: SearchConfig) -> list[float]:
    """Factors on λ per power: what is at stake, and the book in the first phase."""
    first = phase == FIRST_PHASE
    return [stake * (config.opening_lambda if first else 1.0) for stake in stakes]


def lambdas_of(phase: Phase, stakes: Sequence[float], config: SearchConfig) -> list[list[float]]:
    """λ types per power."""
    return [[lambda_ * scale for lambda_ in config.lambda_types] for scale in lambda_scales(phase, stakes, config)]


def _with_mutations(
    position: Position,
    sets: tuple[CandidateSet, ...],
    policies: Sequence[FloatArray],
    config: SearchConfig,
    evaluator: Evaluator,
    rng: np.random.Generator,
) -> tuple[CandidateSet, ...]:
    """The sets with, for each power, the mutations that gain most against the others' policies."""
    profiles = sample_profiles(policies, config.trial_samples, rng)
    actions = [list(s.actions) for s in sets]
    trials: list[list[Codes]] = []
    for own, policy in zip(sets, policies, strict=True):
        order = np.argsort(-policy, kind="stable")[:4]
        bases = [own.actions[int(number)] for number in order]
        known = set(own.actions)
        trials.append([m for m in own.policy.mutations(bases, config.mutations, rng) if m not in known])
    extended = [a + t for a, t in zip(actions, trials, strict=True)]
    blocks = [
        deviations(profiles, power, np.arange(len(actions[power]), len(extended[power]), dtype=np.int32))
        for power in range(len(POWERS))
    ]
    scores = evaluator.scores(position, extended, np.concatenate([profiles, *blocks]), remember=False)
    here, start = scores[: len(profiles)].mean(axis=0), len(profiles)
    enlarged = []
    for power, (own, tried) in enumerate(zip(sets, trials, strict=True)):
        stop = start + len(blocks[power])
        gains = scores[start:stop, power].reshape(len(profiles), len(tried)).mean(axis=0) - here[power]
        start = stop
        best = [int(n) for n in np.argsort(-gains, kind="stable")[: config.inserted] if gains[n] > 0]
        enlarged.append(own.with_actions(tried[number] for number in best))
    return tuple(enlarged)


def deviations(profiles: IntArray, power: int, numbers: IntArray) -> IntArray:
    """``[S * A, 7]``: each profile with the power's action replaced by each of these."""
    rows = np.repeat(profiles, len(numbers), axis=0)
    rows[:, power] = np.tile(numbers, len(profiles))
    return rows


class Oracle:
    """Counterfactual scores of all candidates, less the price of promises broken."""

    def __init__(
        self,
        position: Position,
        sets: Sequence[CandidateSet],
        evaluator: Evaluator,
        prices: Mapping[int, FloatArray] | None = None,
    ) -> None:
        self._position = position
        self._actions = [s.actions for s in sets]
        self._evaluator = evaluator
        self._prices = prices or {}

    def __call__(self, profiles: IntArray) -> list[FloatArray]:
        count = len(profiles)
        blocks = [
            deviations(profiles, power, np.arange(len(own), dtype=np.int32)) if len(own) > 1 else profiles
            for power, own in enumerate(self._actions)
        ]
        scores = self._evaluator.scores(self._position, self._actions, np.concatenate(blocks))
        utilities, start = [], 0
        for power, own in enumerate(self._actions):
            stop = start + len(blocks[power])
            utility = scores[start:stop, power].reshape(count, len(own)).astype(np.float64)
            utilities.append(utility - self._prices.get(power, 0.0))
            start = stop
        return utilities
