"""Inspects an agent at a moment: it plans, weighs what it could say, and writes it; all of that is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from cicero_lite.agent import NegotiatingAgent
from cicero_lite.arena.log import Drafted, EventLog, NotImposed
from cicero_lite.inspection.findings import (
    Belief,
    Candidate,
    Choice,
    Convergence,
    Draft,
    Inspection,
    Message,
    PairTable,
    Said,
    Step,
    Surprise,
    Word,
)
from cicero_lite.inspection.moments import Reconstruction
from dialogue.expectations import signs
from dialogue.speech import SpeechOptions
from engine.game import GameView
from engine.types import POWERS, PhaseKind, Power
from planner.equilibrium import Checkpoint, FloatArray
from planner.plan import Plan
from planner.private import PrivateGame
from planner.talk_value import TalkValue

_ACTIONS = 8
"""Actions of each power that are told of."""
_PAIRED = 6
"""Actions of each power in the tables of pairs."""
_TRACED = 4
"""Actions of each power whose chances are followed while the search converges."""


def inspect(found: Reconstruction) -> Inspection:
    """Everything about the agent's moment: it thinks, weighs what it could say, and writes it."""
    agent, view = found.agent, found.view
    plan = agent.plan(view)
    beliefs = _beliefs(agent, view)
    options: list[SpeechOptions] = []
    said: tuple[Said, ...] = ()
    if view.phase.kind is PhaseKind.MOVEMENT:
        options = agent.could_say(view)
        written = agent.speak(view)
        said = tuple(Said(m.recipient, m.text, m.acts, m.intent) for m in written)
    living = view.alive
    return Inspection(
        game=view.game_id,
        phase=view.phase,
        power=view.power,
        heard=len(view.messages),
        orders=plan.action,
        logged=found.logged,
        scores={power: plan.expected_scores[power] for power in living},
        candidates=_candidates(plan, view.power),
        others={power: _candidates(plan, power) for power in living if power is not view.power},
        beliefs=beliefs,
        pairs=tuple(_pairs(plan, living)),
        convergence=_convergence(plan, living),
        choices=tuple(_choice(option, said) for option in options),
        said=said,
        drafts=tuple(_drafts(found.events)),
        doubts=(
            *found.doubts,
            *(f"Not given: {e.order}, {e.reason}." for e in found.events if isinstance(e, NotImposed)),
        ),
    )


def _candidates(plan: Plan, power: Power) -> tuple[Candidate, ...]:
    policy, anchor = plan.policies[power], plan.anchors[power]
    rows = zip(
        policy.actions,
        anchor.probabilities,
        policy.probabilities,
        plan.values[power],
        plan.values_to_me[power],
        strict=True,
    )
    every = [Candidate(*row) for row in rows]
    chosen = [c for c in every if power is plan.power and c.orders == plan.action]
    return tuple(dict.fromkeys((*chosen, *every[:_ACTIONS])))


# --- beliefs -----------------------------------------------------------------------------------------------


def _beliefs(agent: NegotiatingAgent, view: GameView) -> dict[Power, Belief]:
    credence = agent.config.credence
    said = signs(agent.ledger, view)
    found = {}
    for power in view.alive:
        if power is view.power:
            continue
        types, hostility, surprises = _player(agent, power)
        found[power] = Belief(
            types=types,
            hostility=hostility,
            reliability=agent.ledger.trust(power),
            words=tuple(
                Word(s.by, s.kind, s.order, s.scale, float(getattr(credence, s.kind)) * s.scale)
                for s in said
                if s.power is power
            ),
            promises=agent.ledger.promises_by(power, view.power),
            surprises=surprises,
        )
    return found


def _player(agent: NegotiatingAgent, power: Power) -> tuple[dict[str, float], dict[Power, float], tuple[Surprise, ...]]:
    """The likeliest types of a player, to whom it is hostile, and what taught that."""
    players = agent.players
    if players is None:
        return {}, {}, ()
    names = [f"{kind.style} {kind.lambda_:g}" for kind in players.config.types]
    weights = players.posterior(power.number)
    likeliest = np.argsort(-weights, kind="stable")[:5]
    hostile = zip(POWERS, players.hostility(power.number), strict=True)
    return (
        {names[n]: float(weights[n]) for n in likeliest},
        {other: float(h) for other, h in hostile if abs(h) >= 0.02},
        tuple(Surprise(s.phase, s.type_nats + s.hostility_nats, s.surprise) for s in players.steps[power.number]),
    )


# --- the search --------------------------------------------------------------------------------------------


def _pairs(plan: Plan, living: Sequence[Power]) -> Iterator[PairTable]:
    """A table for every two living powers that have a choice."""
    value = TalkValue.of(plan)
    if value is None or value.private.pairs is None:
        return
    game, sets, policies = value.private.pairs, value.private.sets, list(value.policies)
    board = value.private.public.situation.geometry
    chosen = sets[plan.power.number].actions.index(tuple(map(board.code, plan.action)))
    policies[plan.power.number] = np.eye(len(sets[plan.power.number].actions))[chosen]
    expected = game.scores(policies)
    top = {}
    for power in living:
        n = power.number
        likeliest = np.argsort(-value.policies[n], kind="stable").tolist()
        own = [chosen] if power is plan.power else []
        top[power] = [*own, *(k for k in likeliest if k not in own)][:_PAIRED]
    for first, second in combinations(living, 2):
        i, j = first.number, second.number
        if min(len(top[first]), len(top[second])) < 2:
            continue
        table = game.pair_scores(i, j, policies)[np.ix_(top[first], top[second])]
        yield PairTable(
            first=first,
            second=second,
            rows=tuple(board.action(sets[i].actions[k]) for k in top[first]),
            columns=tuple(board.action(sets[j].actions[k]) for k in top[second]),
            scores=tuple(tuple((float(cell[i]), float(cell[j])) for cell in row) for row in table),
            expected=(float(expected[i]), float(expected[j])),
        )


def _convergence(plan: Plan, living: Sequence[Power]) -> Convergence:
    """The equilibrium behind a plan, solved once more with its way recorded."""
    prediction = plan.prediction
    assert prediction is not None  # of a search, as every plan of an agent
    public, board = prediction.public, prediction.public.situation.geometry
    private = PrivateGame.of(public, prediction.power, prediction.sets)
    seen: list[Checkpoint] = []
    private.solve(prediction.talk, prediction.beliefs, public.config.iterations, watch=seen.append)
    top = {p: np.argsort(-prediction.policies[p.number], kind="stable")[:_TRACED] for p in living}

    def gaps(at: Checkpoint) -> FloatArray | tuple[float, ...]:
        return at.regrets if private.pairs is None else private.pairs.gaps(at.averages)

    return Convergence(
        actions={p: tuple(board.action(private.sets[p.number].actions[int(k)]) for k in top[p]) for p in living},
        steps=tuple(
            Step(
                iteration=at.iteration,
                chances={p: tuple(at.averages[p.number][top[p]].tolist()) for p in living},
                gaps={p: float(gap) for p, gap in zip(POWERS, gaps(at), strict=True) if p in living},
            )
            for at in seen
        ),
        is_exploitability=private.pairs is not None,
    )


# --- talk --------------------------------------------------------------------------------------------------


def _choice(option: SpeechOptions, said: Sequence[Said]) -> Choice:
    return Choice(
        recipient=option.recipient,
        is_due=option.due,
        chance=option.chance,
        alternatives=tuple(Message(plan.acts, plan.worth, plan.reason) for plan in option.alternatives),
        said=next((s.text for s in said if s.recipient is option.recipient), None),
    )


def _drafts(events: EventLog) -> Iterator[Draft]:
    for event in events:
        if isinstance(event, Drafted):
            yield Draft(event.recipient, event.text, event.source, event.verdicts)
