"""The search: candidates of all powers, their regularised equilibrium, and the action to play.

Two parts.  The *public* part needs only the board: candidate actions of every power, enlarged by mutated
best responses (a double oracle: solve, mutate the likely actions, keep what gains, solve again).  It is a
pure function of position and configuration, so an `Evaluator` shared by seven agents works it out once.
The *private* part adds one power's beliefs: it patches in orders under discussion, tilts the anchors by
what talk says, prices broken promises, and runs piKL-Hedge over all seven powers.  When only talk changed,
only the private part is run again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    lambda_: float = 0.001
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
    potential: float = 0.003
    """Score for a unit of worth near the places units go to: what the value does not see."""
    choice_samples: int = 24
    """Joint profiles of the others that the own action is chosen against."""
    polish_rounds: int = 2
    """Rounds of mutating the own best actions, tried against those profiles."""
    polish_mutations: int = 64
    """Mutations tried per round."""
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
        oracle = _Oracle(position, sets, evaluator, [_bonus(s, config) for s in sets])
        found = solve(anchors, _lambdas(here.phase, stakes, config), oracle, rng, hedge)
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


def _bonus(own: CandidateSet, config: SearchConfig) -> FloatArray:
    """What each candidate is worth beside its score: places near what is worth having."""
    potential = own.policy.potential(own.actions)
    return np.asarray(config.potential * (potential - potential.mean()))


def _deviations(profiles: IntArray, power: int, numbers: IntArray) -> IntArray:
    """``[S * A, 7]``: each profile with the power's action replaced by each of these."""
    rows = np.repeat(profiles, len(numbers), axis=0)
    rows[:, power] = np.tile(numbers, len(profiles))
    return rows


class _Oracle:
    """Counterfactual scores of all candidates, with what else each is worth to its power."""

    def __init__(
        self,
        position: Position,
        sets: Sequence[CandidateSet],
        evaluator: Evaluator,
        bonuses: Sequence[FloatArray],
    ) -> None:
        self._position = position
        self._actions = [s.actions for s in sets]
        self._evaluator = evaluator
        self._bonuses = bonuses

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
            utilities.append(utility + self._bonuses[power])
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
    lambdas = _lambdas(here.phase, public.stakes, config)
    bonuses = [_bonus(own, config) for own in sets]
    bonuses[me] = bonuses[me] - _prices(sets[me], talk, beliefs, here.phase)
    oracle = _Oracle(public.position, sets, public.evaluator, bonuses)
    found = solve(anchors, lambdas, oracle, rng, HedgeConfig(config.iterations, config.samples, config.eta))

    own = _OwnChoice(public, talk, beliefs, sets, found.averages, lambdas[me], me, rng)
    for _ in range(config.polish_rounds):
        own.polish(config.polish_mutations)
    policy = own.policy()
    chosen = own.best() if config.choice is Choice.BEST else int(rng.choice(len(policy), p=policy))

    sets = tuple(own.candidates if number == me else s for number, s in enumerate(sets))
    policies = [policy if number == me else p for number, p in enumerate(found.averages)]
    anchors[me] = own.anchor
    values = [own.scores[:, me] if number == me else v for number, v in enumerate(found.values)]
    to_me = _values_to_me(public, [s.actions for s in sets], own.profiles[: config.reply_samples], me, chosen)
    return _plan(public, power, sets, policies, anchors, values, to_me, own.scores[chosen], chosen)


class _OwnChoice:
    """The planning power's best response to the others' policies, its candidates mutated further.

    Every candidate meets the same profiles of the others, so that differences between candidates are exact
    where the orders differ nowhere near.
    """

    def __init__(
        self,
        public: PublicSearch,
        talk: _Talk,
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
        self.candidates = sets[me]
        self.profiles = sample_profiles(policies, public.config.choice_samples, rng)
        self.scores = self._scored(self.candidates.actions, remember=True)
        """``[A, 7]``: everybody's expected score when this power plays each candidate."""
        self._weigh()

    def _scored(self, actions: Sequence[Codes], remember: bool) -> FloatArray:
        tried = [actions if number == self._me else own for number, own in enumerate(self._others)]
        rows = _deviations(self.profiles, self._me, np.arange(len(actions), dtype=np.int32))
        scores = self._public.evaluator.scores(self._public.position, tried, rows, remember)
        answer = scores.reshape(len(self.profiles), len(actions), len(POWERS)).mean(axis=0, dtype=np.float64)
        return np.asarray(answer)

    def _weigh(self) -> None:
        config, own = self._public.config, self.candidates
        phase = self._public.situation.phase
        self.anchor = _tilted(own, self._talk.credences(self._me), config.tilt)
        self._bonus = _bonus(own, config) - _prices(own, self._talk, self._beliefs, phase)

    def objective(self) -> FloatArray:
        """``Q + λ·log τ`` of each candidate, promises and places counted."""
        log_anchor = np.log(np.maximum(self.anchor, 1e-9))
        return np.asarray(self.scores[:, self._me] + self._bonus + self._lambda * log_anchor)

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


class _Talk:
    """Beliefs in order codes of the position at hand."""

    def __init__(self, here: Situation, beliefs: Beliefs, me: Power) -> None:
        self._position, self._geometry = here.position, here.geometry
        phase = here.phase
        self._credences: dict[int, list[tuple[frozenset[int], float]]] = {}
        self._asked: dict[int, list[frozenset[int]]] = {}
        self.imposed: frozenset[int] = frozenset()
        """Codes of the imposed orders."""
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
    talk.imposed = frozenset(codes)
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
    public: PublicSearch, actions: Sequence[Sequence[Codes]], profiles: IntArray, me: int, chosen: int
) -> list[FloatArray]:
    """Per power and action of it: the planning power's score with its chosen action, others as in the profiles."""
    profiles = profiles.copy()
    profiles[:, me] = chosen
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
