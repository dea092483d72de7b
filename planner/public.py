"""The public part of the search: what follows from the board alone, the same for everybody who looks.

Candidate actions of every power from an anchor source; then a double oracle: a short equilibrium, local search over
joint orders against it (`planner/src/explore.hpp`), what is found goes into the sets, and again.  Last, tables of
what each two powers' actions do to one another, from which an equilibrium is solved whenever talk or beliefs change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine._core import Position
from engine.types import FIRST_PHASE, POWERS, Phase, PhaseKind
from planner import _planner
from planner.bilateral import PairwiseTables, Scores, dynamic_lambda, pairwise_tables
from planner.candidates import CandidateConfig, CandidateSet, Codes, candidates
from planner.equilibrium import FloatArray, HedgeConfig, IntArray, Method, sample_profiles, solve
from planner.geometry import geometry
from planner.limits import Limit
from planner.opponents import OpponentConfig
from planner.options import Situation, situation
from planner.polymatrix import PolymatrixGame
from planner.rollout import Evaluator, ValueConfig
from planner.sources import StyleError, normalised


class Choice(StrEnum):
    """How the planning power's action is taken from what was found."""

    BEST = "best"
    """The largest ``Q + λ·log τ`` against the others' policies, as Cicero does: truthful and definite."""
    SAMPLE = "sample"
    """A draw from its equilibrium policy."""


@dataclass(frozen=True)
class ExploreConfig:
    """How actions are sought that nobody proposed."""

    passes: int = 2
    """Passes of the double oracle over all powers."""
    generations: int = 3
    """Of changed actions in a pass."""
    width: int = 24
    """Changed actions of a generation."""
    samples: int = 10
    """Joint actions of the others that each is tried against."""
    kept: int = 4
    """Actions found that a power keeps of a pass."""
    novelty: float = 0.0
    """Nats by which an action found is taken to be less likely in the anchor than the one it came from, until the
    anchor has been asked."""
    tolerance: float = 0.02
    """An action this much worse, in score, after a third of the samples is given up."""


USUAL_ITERATIONS = 256
"""Budget in iterations that is the configuration as it stands."""


@dataclass(frozen=True)
class SearchConfig:
    """How hard and how freely to think."""

    policy: str = "network"
    """Anchor: ``rules`` of thumb, the shipped ``network``, or the file of a policy network."""
    value: ValueConfig = field(default_factory=ValueConfig)
    """What positions are worth."""
    style: str = ""
    """Style of the anchor whose player this is; empty: the source's first."""
    opponents: OpponentConfig = field(default_factory=OpponentConfig)
    """What kinds of players the powers may be; styles that the anchor's source does not know are left out."""
    acquaintance: str = ""
    """File of what was learnt of these players in earlier games, which their style ``table`` starts from; empty: they
    are strangers.  Made by `python -m training acquaintance`."""
    adapt: bool = True
    """Whether beliefs about the players follow what they play and promise; else they stay as they are before a game."""
    candidates: CandidateConfig = field(default_factory=CandidateConfig)
    """Actions each power chooses among."""
    explore: ExploreConfig = field(default_factory=ExploreConfig)
    """Search for more."""
    tables: int = 2
    """Background profiles behind each entry of the pairwise tables; 0: no tables, profiles are sampled instead."""
    table_budget: int = 0
    """Joint actions scored for the tables at most, beside each action alone; 0: no limit.  To keep to it, only each
    power's likeliest actions are tried in pairs; others count as if they had nothing to do with one another."""
    iterations: int = 256
    """Updates of the final equilibrium."""
    samples: int = 4
    """Joint profiles per update, where profiles are sampled."""
    scout_iterations: int = 8
    """Updates of the short equilibrium before each pass of the double oracle; always sampled."""
    method: Method = Method.PIKL
    """How policies follow from values."""
    eta: float = 10.0
    """Step size of piKL-Hedge."""
    lambda_: float = 0.0001
    """The planning power's price, in score, of one nat away from its anchor, where as much is at stake as in
    a usual phase."""
    opening_lambda: float = 10.0
    """Factor on λ in the first phase: play the book."""
    choice_samples: int = 64
    """Joint profiles of the others that the own action is chosen against."""
    correlated: int = 0
    """Joint actions drawn, of which those that go together by the policy network become these profiles; 0: each power
    is drawn on its own, as always without a network.  Cicero draws 1000."""
    own_generations: int = 12
    """Generations of changed own actions, tried against those profiles."""
    own_width: int = 48
    """Changed actions of a generation."""
    reply_samples: int = 6
    """Joint profiles behind each entry of `Plan.values_to_me`."""
    think: str = ""
    """Budget: ``policy`` (the anchor's likeliest action of those drawn), ``64it`` (so many updates and all else in
    proportion), ``2s`` (deeper searches until the time is up); empty: as configured here."""
    tilt: float = 6.0
    """Nats by which an order believed with credence 1 is likelier in an anchor."""
    choice: Choice = Choice.BEST
    """How the own action is taken."""
    seed: int = 0
    """Varies the public part between games; a position has one for each value."""

    def __post_init__(self) -> None:
        Limit.parse(self.think)

    def within_limit(self) -> SearchConfig:
        """The configuration that keeps to a budget of iterations; of seconds, see `planner.search`."""
        iterations = Limit.parse(self.think).iterations
        if iterations is None:
            return self
        if iterations:
            return self.with_effort(iterations / USUAL_ITERATIONS)
        # The anchor alone: nothing is sought, and no score outweighs the price of leaving it.
        explore = replace(self.explore, passes=0, generations=0)
        return replace(
            self, explore=explore, tables=0, iterations=1, scout_iterations=1, choice_samples=4, own_generations=0,
            lambda_=1e6,
        )  # fmt: skip

    def with_effort(self, effort: float) -> SearchConfig:
        """The configuration with so many times the thinking (1: as it is)."""

        def scaled(count: int, least: int = 1, power: float = 1.0) -> int:
            return max(least, round(count * float(effort**power)))

        # What is looked at and what it is tried against grow together.
        explore = replace(
            self.explore,
            passes=scaled(self.explore.passes, 1, 0.25),
            generations=scaled(self.explore.generations, 0, 0.5),
            samples=scaled(self.explore.samples, 3, 0.5),
        )
        return replace(
            self,
            explore=explore,
            tables=scaled(self.tables, min(1, self.tables), 0.5),
            iterations=scaled(self.iterations, 2, 0.5),
            scout_iterations=scaled(self.scout_iterations, 2, 0.5),
            choice_samples=scaled(self.choice_samples, 4, 0.5),
            own_generations=scaled(self.own_generations, 0, 0.5),
        )


@dataclass(frozen=True)
class PublicSearch:
    """What follows from the board alone."""

    position: Position
    config: SearchConfig
    situation: Situation
    sets: tuple[CandidateSet, ...]
    """Candidates of each power, those found by local search included."""
    log_anchors: tuple[FloatArray, ...]
    """Log τ ``[S, A]`` of each power's candidates, in the styles of `styles`."""
    styles: tuple[str, ...]
    """Styles that players may have."""
    stakes: tuple[float, ...]
    """Factor on λ per power: how much its score varies with the orders of this phase."""
    background: IntArray
    """Profiles that all entries of the tables share."""
    tables: PairwiseTables | None
    evaluator: Evaluator

    @cached_property
    def game(self) -> PolymatrixGame | None:
        """The game of pairs; None without tables."""
        return self.tables.game() if self.tables is not None else None


def styles_of(config: SearchConfig, evaluator: Evaluator) -> tuple[str, ...]:
    """The styles that players may have, of those the anchor's source knows."""
    return config.opponents.among(evaluator.source.styles).styles


def own_style_of(config: SearchConfig, evaluator: Evaluator) -> str:
    """The planning power's style.

    Raises:
        StyleError: the anchor's source does not know it.
    """
    known = evaluator.source.styles
    if config.style and config.style not in known:
        raise StyleError(f"style: expected one of {', '.join(known)}, got {config.style!r}")
    return config.style or known[0]


def public_search(position: Position, config: SearchConfig, evaluator: Evaluator) -> PublicSearch:
    """Candidates of every power, what local search adds to them, and tables; a pure function of its arguments."""
    rng = np.random.default_rng([config.seed, position.hash])
    here = situation(position, geometry(position.map.name))
    styles, own = styles_of(config, evaluator), own_style_of(config, evaluator)
    proposing = tuple(dict.fromkeys((own, *styles)))
    rules = evaluator.source.policies(position, here, proposing, rng)
    sets = candidates(rules, config.candidates, rng)
    likelihoods = _likelihoods(sets, styles, evaluator)
    anchors = [normalised(rows) for rows in likelihoods]
    stakes = _stakes(position, sets, anchors, evaluator, rng)
    policies = _mixed(anchors)
    for number in range(config.explore.passes):
        if number:
            policies = _scouted(position, sets, anchors, stakes, here.phase, config, evaluator, rng)
        sets = explored(position, sets, anchors, policies, stakes, here.phase, config, evaluator, rng)
        likelihoods = _likelihoods(sets, styles, evaluator, likelihoods)
        anchors = [normalised(rows) for rows in likelihoods]
    policies = _scouted(position, sets, anchors, stakes, here.phase, config, evaluator, rng)
    background = sample_profiles(policies, max(1, config.tables), rng)
    tables = None
    if config.tables and here.phase.kind is PhaseKind.MOVEMENT:
        alone = len(background) * sum(len(s.actions) for s in sets)
        budget = config.table_budget + alone if config.table_budget else None
        tables = pairwise_tables(scorer(position, sets, evaluator), policies, rng, background=background, budget=budget)
    return PublicSearch(
        position=position,
        config=config,
        situation=here,
        sets=sets,
        log_anchors=tuple(anchors),
        styles=styles,
        stakes=stakes,
        background=background,
        tables=tables,
        evaluator=evaluator,
    )


def scorer(position: Position, sets: Sequence[CandidateSet], evaluator: Evaluator) -> Scores:
    """Scores ``[N, 7]`` of profiles over some candidate sets."""
    actions = [s.actions for s in sets]
    return lambda profiles: evaluator.scores(position, actions, profiles).astype(np.float64)


def _mixed(log_anchors: Sequence[FloatArray]) -> list[FloatArray]:
    """Per power, the mean ``[A]`` of its anchors over styles."""
    return [np.exp(rows).mean(axis=0) for rows in log_anchors]


def _likelihoods(
    sets: Sequence[CandidateSet],
    styles: Sequence[str],
    evaluator: Evaluator,
    known: Sequence[FloatArray] | None = None,
) -> list[FloatArray]:
    return evaluator.source.log_likelihoods([s.policy for s in sets], [s.actions for s in sets], styles, known)


def _stakes(
    position: Position,
    sets: Sequence[CandidateSet],
    anchors: Sequence[FloatArray],
    evaluator: Evaluator,
    rng: np.random.Generator,
) -> tuple[float, ...]:
    """Factor on λ: Cicero's dynamic λ, from each power's score under the anchors."""
    profiles = sample_profiles(_mixed(anchors), 64, rng)
    scores = evaluator.scores(position, [s.actions for s in sets], profiles)
    return tuple(dynamic_lambda(float(variance), 1.0) for variance in scores.var(axis=0))


def lambda_scales(phase: Phase, stakes: Sequence[float], config: SearchConfig) -> list[float]:
    """Factors on λ per power: what is at stake, and the book in the first phase."""
    first = phase == FIRST_PHASE
    return [stake * (config.opening_lambda if first else 1.0) for stake in stakes]


def types_of(
    log_anchors: Sequence[FloatArray], scales: Sequence[float], config: SearchConfig
) -> tuple[list[FloatArray], list[FloatArray]]:
    """Anchors ``[K, A]`` and λ ``[K]`` of each power's types, in the order of `OpponentConfig.types`."""
    lambdas = np.array(config.opponents.lambdas)
    anchors = [np.exp(np.repeat(rows, len(lambdas), axis=0)) for rows in log_anchors]
    return anchors, [np.tile(lambdas, len(rows)) * scale for rows, scale in zip(log_anchors, scales, strict=True)]


def _scouted(
    position: Position,
    sets: Sequence[CandidateSet],
    log_anchors: Sequence[FloatArray],
    stakes: Sequence[float],
    phase: Phase,
    config: SearchConfig,
    evaluator: Evaluator,
    rng: np.random.Generator,
) -> list[FloatArray]:
    """Policies of a short equilibrium."""
    anchors, lambdas = types_of(log_anchors, lambda_scales(phase, stakes, config), config)
    hedge = HedgeConfig(config.scout_iterations, config.samples, config.eta, config.method)
    return list(solve(anchors, lambdas, Oracle(position, sets, evaluator), rng, hedge).averages)


def explored(
    position: Position,
    sets: Sequence[CandidateSet],
    log_anchors: Sequence[FloatArray],
    policies: Sequence[FloatArray],
    stakes: Sequence[float],
    phase: Phase,
    config: SearchConfig,
    evaluator: Evaluator,
    rng: np.random.Generator,
) -> tuple[CandidateSet, ...]:
    """The sets with the best actions that local search finds against the policies."""
    explore = config.explore
    if not explore.generations or not explore.width:
        return tuple(sets)
    settings = _planner.ExploreConfig()
    settings.rounds, settings.generations, settings.width = 1, explore.generations, explore.width
    settings.samples, settings.kept = explore.samples, explore.kept
    settings.unknown_anchor, settings.tolerance = explore.novelty, explore.tolerance
    scales = lambda_scales(phase, stakes, config)
    settings.lambdas, settings.scaled = [config.lambda_ * scale for scale in scales], False
    mixed = [np.log(np.maximum(tau, 1e-12)) for tau in _mixed(log_anchors)]
    found = evaluator.explore(position, [s.actions for s in sets], mixed, policies, settings, int(rng.integers(2**63)))
    return tuple(
        own.with_actions(action for action, _, _ in of_power[len(own.actions) :])
        for own, of_power in zip(sets, found, strict=True)
    )


def deviations(profiles: IntArray, power: int, numbers: IntArray) -> IntArray:
    """``[S * A, 7]``: each profile with the power's action replaced by each of these."""
    rows = np.repeat(profiles, len(numbers), axis=0)
    rows[:, power] = np.tile(numbers, len(profiles))
    return rows


def mean_scores(
    position: Position, sets: Sequence[CandidateSet], profiles: IntArray, powers: Sequence[int], evaluator: Evaluator
) -> list[FloatArray]:
    """For each of these powers, everybody's mean score ``[A, 7]`` by its action, the others as in the profiles."""
    found = deviation_scores(position, sets, profiles, powers, evaluator)
    return [scores.mean(axis=0, dtype=np.float64) for scores in found]


def deviation_scores(
    position: Position, sets: Sequence[CandidateSet], profiles: IntArray, powers: Sequence[int], evaluator: Evaluator
) -> list[NDArray[np.float32]]:
    """The same at each profile: ``[S, A, 7]``."""
    blocks = [deviations(profiles, power, np.arange(len(sets[power].actions), dtype=np.int32)) for power in powers]
    if not blocks:
        return []
    scores = evaluator.scores(position, [s.actions for s in sets], np.concatenate(blocks))
    parts = np.split(scores, np.cumsum([len(block) for block in blocks])[:-1])
    shape = len(profiles), -1, len(POWERS)
    return [part.reshape(shape) for part in parts]


class Oracle:
    """Counterfactual scores of all candidates, less the price of promises broken."""

    def __init__(
        self,
        position: Position,
        sets: Sequence[CandidateSet],
        evaluator: Evaluator,
        prices: Mapping[int, FloatArray] | None = None,
        care: FloatArray | None = None,
    ) -> None:
        self._position = position
        self._actions: list[tuple[Codes, ...]] = [s.actions for s in sets]
        self._evaluator = evaluator
        self._prices = prices or {}
        self._care = np.eye(len(POWERS)) if care is None else care

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
            utility = (scores[start:stop] @ self._care[power]).reshape(count, len(own))
            utilities.append(np.asarray(utility - self._prices.get(power, 0.0)))
            start = stop
        return utilities
