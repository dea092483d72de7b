"""The search: candidates of all powers, their regularised equilibrium, and the action to play.

Two parts.  The *public* part needs only the board: candidate actions of every power, enlarged by mutated
best responses (a double oracle: solve, mutate the likely actions, keep what gains, solve again).  It is a
pure function of position and configuration, so an `Evaluator` shared by seven agents works it out once.
The *private* part adds one power's beliefs: it patches in orders under discussion, tilts the anchors by
what talk says, prices broken promises, and runs piKL-Hedge over all seven powers.  When only talk changed,
only the private part is run again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine._core import Position
from engine.game import GameView
from engine.types import POWERS, Policy, Power
from planner.candidates import CandidateSet, Codes
from planner.equilibrium import FloatArray, HedgeConfig, IntArray, solve
from planner.geometry import Geometry
from planner.plan import Plan
from planner.public import Choice as Choice
from planner.public import Oracle, PublicSearch, deviations, lambda_scales, lambdas_of, public_search
from planner.public import SearchConfig as SearchConfig
from planner.response import OwnResponse
from planner.rollout import Evaluator
from planner.talk import Beliefs, Talk, impose, prices_of_promises, tilted

_SHARED_LIMIT = 4
"""Public parts of searches kept by an evaluator."""


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


# --- the private part ------------------------------------------------------------------------------------


def _private_part(
    public: PublicSearch, power: Power, beliefs: Beliefs, config: SearchConfig, rng: np.random.Generator
) -> Plan:
    here, me = public.situation, power.number
    talk = Talk(here, beliefs, power)
    sets = tuple(talk.enlarged(number, own, config.candidates.asked) for number, own in enumerate(public.sets))
    sets = impose(sets, talk, power, beliefs)
    anchors = [tilted(own, talk.credences(number), config.tilt) for number, own in enumerate(sets)]
    lambdas = lambdas_of(here.phase, public.stakes, config)
    prices = {me: prices_of_promises(sets[me], talk, beliefs, here.phase)}
    oracle = Oracle(public.position, sets, public.evaluator, prices)
    found = solve(anchors, lambdas, oracle, rng, HedgeConfig(config.iterations, config.samples, config.eta))

    own_lambda = config.lambda_ * lambda_scales(here.phase, public.stakes, config)[me]
    own = OwnResponse(public, talk, beliefs, sets, found.averages, own_lambda, me, rng)
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


def _values_to_me(
    public: PublicSearch, actions: Sequence[Sequence[Codes]], profiles: IntArray, me: int, chosen: int
) -> list[FloatArray]:
    """Per power and action of it: the planning power's score with its chosen action, others as in the profiles."""
    profiles = profiles.copy()
    profiles[:, me] = chosen
    blocks = [deviations(profiles, p, np.arange(len(own), dtype=np.int32)) for p, own in enumerate(actions)]
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
