"""The search: candidates of all powers, their regularised equilibrium, and the action to play.

Two parts.  The *public* part needs only the board: candidate actions of every power, enlarged by mutated
best responses (a double oracle: solve, mutate the likely actions, keep what gains, solve again).  It is a
pure function of position and configuration, so an `Evaluator` shared by seven agents works it out once.
The *private* part adds one power's beliefs: it patches in orders under discussion, tilts the anchors by
what talk says, prices broken promises, and runs piKL-Hedge over all seven powers.  When only talk changed,
only the private part is run again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from engine._core import Position
from engine.game import GameView
from engine.notation import same_move
from engine.types import POWERS, IllegalOrderError, Order, Phase, PhaseKind, Policy, Power, Season
from planner.candidates import CandidateConfig, CandidateSet, Codes, candidates
from planner.equilibrium import FloatArray, HedgeConfig, IntArray, sample_profiles, solve
from planner.geometry import Geometry, geometry
from planner.opponents import Beliefs
from planner.options import Situation, situation
from planner.plan import Plan
from planner.rollout import Evaluator

_SHARED_LIMIT = 64
"""Public parts of searches kept by an evaluator."""


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
    iterations: int = 12
    """Updates of the final equilibrium."""
    samples: int = 6
    """Joint profiles per update."""
    eta: float = 10.0
    """Step size of piKL-Hedge."""
    lambda_: float = 0.003
    """Price, in score, of one nat away from the anchor, where as much is at stake as in a usual phase."""
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
    choice_samples: int = 32
    """Joint profiles of the others that the own action is chosen against."""
    reply_samples: int = 6
    """Joint profiles behind each entry of `Plan.values_to_me`."""
    tilt: float = 3.0
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


def search(
    view: GameView,
    power: Power,
    beliefs: Beliefs | None = None,
    config: SearchConfig | None = None,
    rng: np.random.Generator | None = None,
    previous: Plan | None = None,
    evaluator: Evaluator | None = None,
) -> Plan:
    """What everybody will probably play, and what ``power`` should.

    Args:
        view: the game as the power sees it; only its position is used.
        power: who plans.
        beliefs: what talk adds; default nothing.
        config: default `SearchConfig()`.
        rng: draws profiles; consumed.  Default: seed 0.
        previous: an earlier plan; of the same position and configuration, its public part is used again.
        evaluator: scores, and remembers across searches; results do not depend on what it remembers.

    Raises:
        IllegalOrderError: orders imposed that the power cannot give, or not together.
    """
    beliefs, config, rng = beliefs or Beliefs(), config or SearchConfig(), rng or np.random.default_rng(0)
    public = _public_part(view.position, config, previous, evaluator)
    return _private_part(public, power, beliefs, config, rng)


# --- the public part -------------------------------------------------------------------------------------


def _public_part(
    position: Position, config: SearchConfig, previous: Plan | None, evaluator: Evaluator | None
) -> PublicSearch:
    known = previous.search_state if previous is not None else None
    if isinstance(known, PublicSearch) and known.position == position and known.config == config:
        return known
    evaluator = evaluator or (known.evaluator if isinstance(known, PublicSearch) else Evaluator())
    key = (position, config)
    found = evaluator.shared.get(key)
    if not isinstance(found, PublicSearch):
        found = public_search(position, config, evaluator)
        while len(evaluator.shared) >= _SHARED_LIMIT:
            del evaluator.shared[next(iter(evaluator.shared))]
        evaluator.shared[key] = found
    return found


def public_search(position: Position, config: SearchConfig, evaluator: Evaluator) -> PublicSearch:
    """Candidates of every power, enlarged by mutated best responses; a pure function of its arguments."""
    rng = np.random.default_rng([config.seed, position.hash])
    here = situation(position, geometry(position.map.name))
    sets = candidates(position, here, config.candidates, rng)
    stakes = _stakes(position, sets, evaluator, rng)
    for _ in range(config.passes):
        anchors = [s.tau() for s in sets]
        hedge = HedgeConfig(config.scout_iterations, config.samples, config.eta)
        found = solve(anchors, _lambdas(here.phase, stakes, config), _Oracle(position, sets, evaluator), rng, hedge)
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


def _lambdas(phase: Phase, stakes: Sequence[float], config: SearchConfig) -> list[float]:
    first = phase == Phase(1901, Season.SPRING, PhaseKind.MOVEMENT)
    return [config.lambda_ * stake * (config.opening_lambda if first else 1.0) for stake in stakes]


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
        _deviations(profiles, power, np.arange(len(actions[power]), len(extended[power]), dtype=np.int32))
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


def _deviations(profiles: IntArray, power: int, numbers: IntArray) -> IntArray:
    """``[S * A, 7]``: each profile with the power's action replaced by each of these."""
    rows = np.repeat(profiles, len(numbers), axis=0)
    rows[:, power] = np.tile(numbers, len(profiles))
    return rows


class _Oracle:
    """Counterfactual scores of all candidates, less what each costs its power otherwise."""

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
            _deviations(profiles, power, np.arange(len(own), dtype=np.int32)) if len(own) > 1 else profiles
            for power, own in enumerate(self._actions)
        ]
        scores = self._evaluator.scores(self._position, self._actions, np.concatenate(blocks))
        utilities, start = [], 0
        for power, own in enumerate(self._actions):
            stop = start + len(blocks[power])
            utility = scores[start:stop, power].reshape(count, len(own)).astype(np.float64)
            utilities.append(utility - self._prices[power] if power in self._prices else utility)
            start = stop
        return utilities


# --- the private part ------------------------------------------------------------------------------------


def _private_part(
    public: PublicSearch, power: Power, beliefs: Beliefs, config: SearchConfig, rng: np.random.Generator
) -> Plan:
    here, me = public.situation, power.number
    talk = _Talk(here, beliefs, power)
    sets = tuple(talk.enlarged(number, own, config.candidates.asked) for number, own in enumerate(public.sets))
    sets = _imposed(sets, talk, power, beliefs)
    anchors = [_tilted(own, talk.credences(number), config.tilt) for number, own in enumerate(sets)]
    prices = _prices(sets[me], talk, beliefs, here.phase)
    lambdas = _lambdas(here.phase, public.stakes, config)
    oracle = _Oracle(public.position, sets, public.evaluator, {me: prices})
    hedge = HedgeConfig(config.iterations, config.samples, config.eta)
    found = solve(anchors, lambdas, oracle, rng, hedge)
    actions = [s.actions for s in sets]

    # The own action, against fresh draws of the others' play.
    profiles = sample_profiles(found.averages, config.choice_samples, rng)
    numbers = np.arange(len(actions[me]), dtype=np.int32)
    scores = public.evaluator.scores(public.position, actions, _deviations(profiles, me, numbers))
    by_action = scores.reshape(len(profiles), len(numbers), len(POWERS)).mean(axis=0, dtype=np.float64)
    own_values = by_action[:, me]
    if config.choice is Choice.SAMPLE:
        chosen = int(rng.choice(len(numbers), p=found.averages[me]))
    else:
        objective = own_values - prices + lambdas[me] * np.log(np.maximum(anchors[me], 1e-6))
        chosen = int(np.argmax(objective))

    profiles = profiles[: config.reply_samples].copy()
    profiles[:, me] = chosen
    to_me = _values_to_me(public, actions, profiles, me)
    values = [own_values if number == me else found.values[number] for number in range(len(POWERS))]
    return _plan(public, power, sets, found.averages, anchors, values, to_me, by_action[chosen], chosen)


class _Talk:
    """Beliefs in order codes of the position at hand."""

    def __init__(self, here: Situation, beliefs: Beliefs, me: Power) -> None:
        self._position, self._geometry = here.position, here.geometry
        phase = here.phase
        self._credences: dict[int, list[tuple[frozenset[int], float]]] = {}
        self._asked: dict[int, list[frozenset[int]]] = {}
        for power, order in beliefs.consider:
            self._ask(power.number, order)
        for commitment in beliefs.commitments:
            if commitment.phase == phase:
                self._ask(me.number, commitment.order)
        for expected in beliefs.expected:
            codes = self.matching(expected.power.number, expected.order)
            if expected.phase == phase and codes:
                entry = (codes, float(np.clip(expected.credence, -1, 1)))
                self._credences.setdefault(expected.power.number, []).append(entry)
                if expected.credence > 0:
                    self._ask(expected.power.number, expected.order)

    def _ask(self, power: int, order: Order) -> None:
        codes = self.matching(power, order)
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

    def credences(self, power: int) -> list[tuple[frozenset[int], float]]:
        """Orders believed of a power with their credence."""
        return self._credences.get(power, [])


def _imposed(sets: tuple[CandidateSet, ...], talk: _Talk, power: Power, beliefs: Beliefs) -> tuple[CandidateSet, ...]:
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
    restricted = replace(own, actions=tuple(fitting))
    return tuple(restricted if number == power.number else s for number, s in enumerate(sets))


def _tilted(own: CandidateSet, credences: Iterable[tuple[frozenset[int], float]], tilt: float) -> FloatArray:
    """The anchor ``τ ∝ τ0 · exp(tilt · Σ credence · [order in action])``."""
    logits = np.log(np.maximum(own.tau(), 1e-12))
    for codes, credence in credences:
        logits += tilt * credence * np.array([not codes.isdisjoint(action) for action in own.actions])
    weights = np.exp(logits - logits.max())
    return np.asarray(weights / weights.sum())


def _prices(own: CandidateSet, talk: _Talk, beliefs: Beliefs, phase: Phase) -> FloatArray:
    """Per own action, the price of the promises that it breaks."""
    prices = np.zeros(len(own.actions))
    for commitment in beliefs.commitments:
        codes = talk.matching(own.policy.power, commitment.order)
        if commitment.phase == phase and codes:
            prices += commitment.price * np.array([codes.isdisjoint(action) for action in own.actions])
    for abstention in beliefs.abstentions:
        codes = talk.matching(own.policy.power, abstention.order)
        if abstention.phase == phase and codes:
            prices += abstention.price * np.array([not codes.isdisjoint(action) for action in own.actions])
    return prices


def _values_to_me(
    public: PublicSearch, actions: Sequence[Sequence[Codes]], profiles: IntArray, me: int
) -> list[FloatArray]:
    """Per power and action of it: the planning power's score, the others as in the profiles."""
    blocks = [_deviations(profiles, p, np.arange(len(own), dtype=np.int32)) for p, own in enumerate(actions)]
    blocks[me] = profiles
    scores = public.evaluator.scores(public.position, actions, np.concatenate(blocks))
    answers, start = [], 0
    for power, own in enumerate(actions):
        stop = start + len(blocks[power])
        mine = scores[start:stop, me].reshape(len(profiles), -1).mean(axis=0, dtype=np.float64)
        answers.append(np.broadcast_to(mine, (len(own),)) if power == me else mine)
        start = stop
    return answers


def _plan(
    public: PublicSearch,
    power: Power,
    sets: Sequence[CandidateSet],
    policies: Sequence[FloatArray],
    anchors: Sequence[FloatArray],
    values: Sequence[FloatArray],
    to_me: Sequence[FloatArray],
    expected: FloatArray,
    chosen: int,
) -> Plan:
    board: Geometry = public.situation.geometry
    policy_of: dict[Power, Policy] = {}
    anchor_of: dict[Power, Policy] = {}
    values_of: dict[Power, tuple[float, ...]] = {}
    to_me_of: dict[Power, tuple[float, ...]] = {}
    for p, own in zip(POWERS, sets, strict=True):
        n = p.number
        order = np.argsort(-policies[n], kind="stable")
        actions = tuple(board.action(own.actions[int(number)]) for number in order)
        policy_of[p] = Policy(p, actions, tuple(policies[n][order].tolist()))
        anchor_of[p] = Policy(p, actions, tuple(anchors[n][order].tolist()))
        values_of[p] = tuple(values[n][order].tolist())
        to_me_of[p] = tuple(to_me[n][order].tolist())
    return Plan(
        power=power,
        phase=public.situation.phase,
        policies=policy_of,
        anchors=anchor_of,
        values=values_of,
        values_to_me=to_me_of,
        expected_scores={p: float(expected[p.number]) for p in POWERS},
        action=board.action(sets[power.number].actions[chosen]),
        search_state=public,
    )
