"""The search: candidates of all powers, their regularised equilibrium, and the action to play.

Two parts.  The *public* part needs only the board (`planner.public`): candidates, what local search adds to them,
tables of pairs.  An `Evaluator` shared by seven agents works it out once.  The *private* part adds what one power
knows: it patches in orders under discussion, tilts the anchors by what talk says, weighs the types of players by what
they have played, prices broken promises, solves the equilibrium of all seven powers (DiL-piKL), and answers it with
local search over its own joint orders.  When only talk changed, only the private part is run again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine._core import Position
from engine.game import GameView
from engine.types import POWERS, Policy, Power
from planner import _planner
from planner.candidates import CandidateSet
from planner.correlated import correlated_profiles
from planner.equilibrium import Equilibrium, FloatArray, sample_profiles
from planner.geometry import Geometry
from planner.limits import Limit
from planner.observation import Prediction
from planner.plan import Plan
from planner.preferences import Preferences, PricedOrders
from planner.private import PrivateGame
from planner.public import Choice as Choice
from planner.public import PublicSearch, deviation_scores, lambda_scales, public_search
from planner.public import SearchConfig as SearchConfig
from planner.rollout import Evaluator
from planner.sources import normalised
from planner.talk import Beliefs, Talk, allow, impose, prices_of_promises, tilts

_FIRST_EFFORT, _GROWTH = 1 / 32, 2.0
"""With a limit in seconds: effort of the first search, and how many times that of the one before is the next."""
_OWN_KEPT = 8
"""Own actions found that are kept."""


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
        beliefs: what talk and past play add; default nothing.
        config: default `SearchConfig()`.
        rng: draws profiles; consumed.  Default: seed 0.
        previous: an earlier plan; of the same position and configuration, its public part is used again.
        evaluator: scores and anchors; it also keeps public parts for other searches, on which results do not depend.
            Default: the configuration's value, with rules of thumb as anchor; see `planner.models`.

    Raises:
        IllegalOrderError: orders imposed that the power cannot give, or not together.
        StyleError: a style that the anchor's source does not know.
        ValueError: beliefs about players of other types than the configuration's that the source knows.
    """
    beliefs, config, rng = beliefs or Beliefs(), config or SearchConfig(), rng or np.random.default_rng(0)
    known = None if previous is None or previous.prediction is None else previous.prediction.public
    evaluator = evaluator or (known.evaluator if known is not None else Evaluator(config.value))
    seconds = Limit.parse(config.think).seconds
    if seconds is None:
        return _private_part(public_part(view.position, config.within_limit(), evaluator, known), power, beliefs, rng)
    # Deeper and deeper, each search about twice as long as the one before, until there is no time for another.
    begun, effort = time.monotonic(), _FIRST_EFFORT
    while True:
        started = time.monotonic()
        public = public_part(view.position, config.with_effort(effort), evaluator, known)
        plan = _private_part(public, power, beliefs, rng)
        took = time.monotonic() - started
        if time.monotonic() - begun + _GROWTH * took > seconds:
            return plan
        effort *= _GROWTH


def foresee(
    position: Position,
    power: Power,
    beliefs: Beliefs,
    config: SearchConfig,
    rng: np.random.Generator,
    evaluator: Evaluator,
) -> Prediction:
    """What a search would expect of everybody, without the search for an action; see `search`."""
    return _predicted(public_part(position, config.within_limit(), evaluator), power, beliefs, rng)[0]


# --- the public part -------------------------------------------------------------------------------------


def public_part(
    position: Position, config: SearchConfig, evaluator: Evaluator, known: PublicSearch | None = None
) -> PublicSearch:
    """What follows from the board alone, worked out once for all who share the evaluator."""
    if known is not None and known.position == position and known.config == config:
        return known
    return evaluator.once(("public", position, config), lambda: public_search(position, config, evaluator))


# --- the private part ------------------------------------------------------------------------------------


def _private_part(public: PublicSearch, power: Power, beliefs: Beliefs, rng: np.random.Generator) -> Plan:
    config, me = public.config, power.number
    prediction, found, anchors = _predicted(public, power, beliefs, rng)
    sets, talk = prediction.sets, prediction.talk
    own = _respond(public, sets, found.averages, talk, beliefs, me, rng)
    sets = tuple(own.candidates if number == me else s for number, s in enumerate(sets))
    policies = [own.policy if number == me else p for number, p in enumerate(found.averages)]
    anchors[me] = own.anchor
    values = [own.worths if number == me else v for number, v in enumerate(found.values)]
    chosen = int(np.argmax(own.objective))
    if config.choice is Choice.SAMPLE:
        chosen = int(rng.choice(len(own.policy), p=own.policy))
    bonus = float(talk.priced.bonus([own.candidates.actions[chosen]])[0])
    to_me = [v + bonus for v in _values_to_me(public, sets, policies, beliefs.preferences, me, chosen, rng)]
    plan = _plan(prediction, sets, policies, anchors, values, to_me, own.scores[chosen], chosen)
    return replace(plan, preferences=beliefs.preferences)


def _predicted(
    public: PublicSearch, power: Power, beliefs: Beliefs, rng: np.random.Generator
) -> tuple[Prediction, Equilibrium, list[FloatArray]]:
    """The equilibrium of all powers as this one sees it, and each power's anchor (its styles as believed)."""
    talk = Talk(public.situation, beliefs, power)
    sets = tuple(talk.enlarged(number, own, public.config.candidates.asked) for number, own in enumerate(public.sets))
    sets = allow(impose(sets, talk, power, beliefs), talk, public.situation, power)
    found, anchors = PrivateGame.of(public, power, sets).solve(talk, beliefs, public.config.iterations, rng)
    return Prediction(power, public, talk, sets, found.averages, beliefs), found, anchors


@dataclass(frozen=True)
class OwnResponse:
    """The planning power's best response to what the others will probably play."""

    candidates: CandidateSet
    anchor: FloatArray
    """``[A]``: its own style's, tilted by what it said."""
    scores: FloatArray
    """``[A, 7]``: everybody's expected score when this power plays each candidate."""
    worths: FloatArray
    """``[A]``: Q, what that is worth to it: its own score, unless its preferences say otherwise."""
    objective: FloatArray
    """``[A]``: ``Q + λ·log τ``, less the price of promises broken."""
    policy: FloatArray
    """``[A]``: the regularised best response, λ no smaller than the noise of Q."""


def _respond(
    public: PublicSearch,
    sets: Sequence[CandidateSet],
    policies: Sequence[FloatArray],
    talk: Talk,
    beliefs: Beliefs,
    me: int,
    rng: np.random.Generator,
) -> OwnResponse:
    """Local search around the own candidates; all meet the same profiles of the others."""
    config, phase, wants = public.config, public.situation.phase, beliefs.preferences
    lambda_ = config.lambda_ * lambda_scales(phase, public.stakes, config)[me] * wants.lambda_factor

    def log_anchor(own: CandidateSet) -> FloatArray:
        return normalised(own.policy.energies(own.actions) + tilts(own, talk.credences(me), config.tilt))

    settings = _planner.ExploreConfig()
    settings.rounds, settings.generations, settings.width = 1, config.own_generations, config.own_width
    settings.samples, settings.kept = config.choice_samples, _OWN_KEPT
    settings.unknown_anchor, settings.tolerance = config.explore.novelty, config.explore.tolerance
    settings.lambdas, settings.scaled = [lambda_] * len(POWERS), False
    settings.searches = [number == me for number in range(len(POWERS))]
    profiles = correlated_profiles(public, sets, policies, me, rng)
    if wants.risk and not len(profiles):
        profiles = sample_profiles(policies, config.choice_samples, rng)  # whose scores are asked for again below
    settings.profiles = profiles.tolist()
    settings.pledge(me, talk.pledges(me, beliefs, phase), sorted(talk.imposed))
    _prefer(settings, wants, talk.priced, me)
    log_anchors = [log_anchor(s) if number == me else np.zeros(len(s.actions)) for number, s in enumerate(sets)]
    actions = [s.actions for s in sets]
    mine = public.evaluator.explore(
        public.position, actions, log_anchors, policies, settings, int(rng.integers(2**63))
    )[me]
    own = sets[me].with_actions(action for action, _, _ in mine)
    assert own.actions == tuple(action for action, _, _ in mine)
    scores = np.array([s for _, s, _ in mine], np.float64)
    worths = scores @ wants.care(me) + talk.priced.bonus(own.actions)
    if wants.risk:
        with_own = [own if number == me else s for number, s in enumerate(sets)]
        at_profiles = deviation_scores(public.position, with_own, profiles, [me], public.evaluator)[0]
        worths += wants.premium(at_profiles[..., me])
    log_tau = log_anchor(own)
    objective = worths - prices_of_promises(own, talk, beliefs, phase) + lambda_ * np.maximum(log_tau, -20.0)
    spread = max(lambda_, 0.1 * float(np.std(worths)), 1e-6)
    weights = np.exp((objective - objective.max()) / spread)
    return OwnResponse(own, np.exp(log_tau), scores, worths, objective, weights / weights.sum())


def _prefer(settings: _planner.ExploreConfig, wants: Preferences, priced: PricedOrders, me: int) -> None:
    """Has the local search look for what the planning power wants."""
    if wants.is_selfish and not priced.banned:
        return
    care = [list(row) for row in settings.care]
    care[me] = wants.care(me).tolist()
    settings.care = care
    settings.prefer([(sorted(codes), amount) for codes, amount in priced.bonuses], sorted(priced.banned), wants.risk)
    if wants.risk:
        settings.tolerance = 1.0  # a lower mean may come with a better certainty equivalent


def _values_to_me(
    public: PublicSearch,
    sets: Sequence[CandidateSet],
    policies: Sequence[FloatArray],
    wants: Preferences,
    me: int,
    chosen: int,
    rng: np.random.Generator,
) -> list[FloatArray]:
    """Per power and action of it: what its chosen action is worth to the planning power, others as in the profiles."""
    profiles = sample_profiles(policies, public.config.reply_samples, rng)
    profiles[:, me] = chosen
    others = [number for number in range(len(POWERS)) if number != me]
    scores = dict(zip(others, deviation_scores(public.position, sets, profiles, others, public.evaluator), strict=True))
    actions = [s.actions for s in sets]
    mine = wants.value(public.evaluator.scores(public.position, actions, profiles)[:, None], me)
    return [
        np.full(len(own), mine[0]) if number == me else wants.value(scores[number], me)
        for number, own in enumerate(actions)
    ]


def _plan(
    prediction: Prediction,
    sets: Sequence[CandidateSet],
    policies: Sequence[FloatArray],
    anchors: Sequence[FloatArray],
    values: Sequence[FloatArray],
    to_me: Sequence[FloatArray],
    expected: FloatArray,
    chosen: int,
) -> Plan:
    power, here = prediction.power, prediction.public.situation
    board: Geometry = here.geometry
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
        phase=here.phase,
        policies=policy_of,
        anchors=anchor_of,
        values=values_of,
        values_to_me=to_me_of,
        expected_scores={p: float(expected[p.number]) for p in POWERS},
        action=board.action(sets[power.number].actions[chosen]),
        prediction=prediction,
    )
