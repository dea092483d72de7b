"""The agent as it was at a moment of a game, made again from the game and its log.

What was said is in the saved game, how it was meant and read in the log; promises are settled by the orders played.
Beliefs about the players are in the log as weights (`OpponentBeliefs.with_posteriors`), and before every search the
state of the agent's random numbers.  Where this does not lead to the very agent that played, `Reconstruction.doubts`
says why.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from cicero_lite.agent import NegotiatingAgent, build_agent
from cicero_lite.agent_state import AgentState, MeantActs, StandingPlan, Suspicion
from cicero_lite.arena.codec import encode
from cicero_lite.arena.log import Believed, EventLog, Searched
from cicero_lite.config import AgentConfig
from cicero_lite.inspection.changes import NO_CHANGES, Changes
from cicero_lite.inspection.record import GameRecord, InspectionError
from cicero_lite.registry import seed_of
from dialogue.memory import Ledger, Status
from dialogue.understanding import read
from engine.board import Board
from engine.game import Game, GameView
from engine.types import POWERS, Action, Message, Phase, Power
from planner.opponents import OpponentBeliefs, Step


@dataclass(frozen=True)
class Moment:
    """When, and whose seat."""

    phase: Phase
    power: Power
    heard: int | None = None
    """Messages of the phase that the power knows, its own among them; None: all."""


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """An agent at a moment."""

    agent: NegotiatingAgent
    view: GameView
    moment: Moment
    events: EventLog
    """What it thinks from here on."""
    doubts: tuple[str, ...]
    """Where it may differ from what was."""
    logged: Action | None = None
    """What it meant to order then, by the log; None: no log says so."""


States: TypeAlias = MutableMapping[tuple[Phase, Power], Mapping[str, Any]]
"""Agents as phases began, as `NegotiatingAgent.state` writes them."""


def reconstruct(
    record: GameRecord, moment: Moment, changes: Changes = NO_CHANGES, states: States | None = None
) -> Reconstruction:
    """The agent that a power's seat had at a moment, or would have had.

    Args:
        record: the game.
        moment: when, and whose seat.
        changes: what is otherwise than it was.
        states: looked up and added to, so that other questions about the same phase need not go through the whole
            game again.

    Raises:
        GameFileError: the game has no such phase.
        InspectionError: the power is out of the game, or a change cannot be made there, such as an illegal order.
        ConfigError: a control that is none.
    """
    power, phase = moment.power, moment.phase
    begun = _begun(record.game, phase)
    view = begun.view(power)
    if power not in view.alive:
        raise InspectionError(f"{power} is out of the game in {phase}: expected one of {', '.join(view.alive)}")
    for order in changes.orders:
        if view.legal_form(power, order) is None:
            raise InspectionError(f"illegal order {str(order)!r} for {power} in {phase}")
    config = changes.configured(record.config_of(power, phase), phase)
    events = EventLog()
    agent = build_agent(power, config, seed_of(record.seed, power), events)
    states = {} if states is None else states
    if (phase, power) not in states:
        if power in record.thinkers:
            states[phase, power] = state_at(record, view, config, agent.players).to_json()
        else:
            agent.begin_phase(view)
            states[phase, power] = agent.state()
    searches = record.searches(power, phase, moment.heard)
    agent.restore({**states[phase, power], **_as_it_searched(searches)}, view)
    agent.steer(config.controls)
    begun.messages = list(_heard(record, moment, changes))
    view = begun.view(power)
    for message in view.messages:
        agent.hear(message, view)
    doubts = (*record.doubts, *_doubts(record, moment))
    return Reconstruction(agent, view, moment, events, doubts, searches[-1].action if searches else None)


def messages_at(record: GameRecord, phase: Phase, power: Power) -> tuple[Message, ...]:
    """All messages of a phase that a power knows, in order."""
    spoken = next((r.messages for r in record.game.history if r.phase == phase), tuple(record.game.messages))
    return tuple(m for m in spoken if m.recipient is None or power in (m.sender, m.recipient))


def board_at(record: GameRecord, phase: Phase) -> Board:
    """The position as a phase began.

    Raises:
        GameFileError: the game has no such phase.
    """
    return record.game.at_phase(phase)


def _begun(game: Game, phase: Phase) -> Game:
    """The game as the phase began, nothing said in it."""
    found = game.at_phase(phase)
    begun = Game(game.map_name, game.game_id, found.position)
    begun.history = found.history
    return begun


def _heard(record: GameRecord, moment: Moment, changes: Changes) -> Sequence[Message]:
    every = messages_at(record, moment.phase, moment.power)
    known = every if moment.heard is None else every[: moment.heard]
    following = 1 + max((m.sequence for r in record.game.history for m in r.messages), default=-1)
    following = max(following, 1 + max((m.sequence for m in record.game.messages), default=-1))
    return changes.said(known, moment.power, moment.phase, following)


# --- what the log keeps of an agent ------------------------------------------------------------------------


def _as_it_searched(searches: Sequence[Searched]) -> dict[str, Any]:
    """What of an agent's state its last search began with: the plan before it, and random numbers."""
    found: dict[str, Any] = {}
    if len(searches) > 1:
        before = searches[-2]
        found["plan"] = encode(StandingPlan(before.phase, before.action, ()))
    if searches and searches[-1].rng is not None:
        found["rng"] = searches[-1].rng
    return found


def state_at(record: GameRecord, view: GameView, config: AgentConfig, players: OpponentBeliefs | None) -> AgentState:
    """What the log says that an agent knew as a phase began.

    Args:
        record: the game, with its log.
        view: the phase as it began.
        config: the agent's.
        players: its beliefs before the game; None: it believes nothing of anybody.
    """
    power = view.power
    ledger = _ledger(record, view, config)
    if players is not None:
        players = _believed(players, record.believed(power, view.phase), ledger)
    spoken = [m for m in messages_at(record, view.phase, power) if m.sender is power]
    meant = [MeantActs(m.recipient, m.text, acts) for m in spoken if (acts := record.acts(power, m)) is not None]
    return AgentState(
        ledger=ledger.to_json(),
        suspicions=tuple(Suspicion(*item) for item in ledger.suspicions.items()),
        players=None if players is None else players.to_json(),
        settled=tuple(played.phase for played in view.history),
        meant=tuple(meant),
        plan=None,
        attention=(),
        rng=np.random.default_rng(seed_of(record.seed, power)).bit_generator.state,
        has_heard=True,
        is_held=False,
        elapsed=None,
        controls=config.controls,
    )


def _ledger(record: GameRecord, view: GameView, config: AgentConfig) -> Ledger:
    """The ledger as a phase begins: acts as they were meant and read, and where no log tells, as they are read now."""
    ledger = Ledger(view.power, config.memory)

    def note(messages: Sequence[Message], board: Board) -> None:
        for place, message in enumerate(messages):
            acts = record.acts(view.power, message)
            if acts is None:
                reads = read if message.sender is view.power else config.hears_by
                acts = reads(message, board, messages[:place]).acts
            ledger.record(message, acts)
            if (suspicion := record.suspicion(view.power, message)) is not None:
                ledger.suspicions[message.sequence] = suspicion

    for played in view.history:
        note(played.messages, played.board)
        ledger.settle(played)
    return ledger


def _believed(start: OpponentBeliefs, told: Sequence[Believed], ledger: Ledger) -> OpponentBeliefs:
    """The beliefs about the players that the log tells of, and their word as the ledger has it."""
    players = start
    if told:
        names = [f"{kind.style} {kind.lambda_:g}" for kind in start.config.types]
        steps: list[tuple[Step, ...]] = [() for _ in POWERS]
        for event in told:
            for power, belief in event.players.items():
                if set(belief.types) != set(names):
                    continue  # of another configuration
                before = players.posterior(power.number)
                types = np.array([belief.types[name] for name in names])
                hostility = np.array([belief.hostility.get(other, 0.0) for other in POWERS])
                players = players.with_posteriors(power.number, types, hostility)
                if belief.surprise is not None:
                    after = players.posterior(power.number)
                    nats = float((after * np.log(np.maximum(after, 1e-12) / np.maximum(before, 1e-12))).sum())
                    step = Step(str(event.phase), max(0.0, nats), 0.0, belief.surprise)
                    steps[power.number] = (*steps[power.number], step)
        players = replace(players, steps=tuple(steps))
    for promise in ledger.promises:
        if promise.by is not ledger.power and promise.status in (Status.KEPT, Status.BROKEN):
            kept, weight = promise.status is Status.KEPT, ledger.weight_of(promise)
            players = players.note_promise(promise.by.number, ledger.power.number, kept, weight)
    return players


def _doubts(record: GameRecord, moment: Moment) -> list[str]:
    """Where this moment's agent may differ from the one that played."""
    if not record.events:
        return []
    if moment.power not in record.thinkers:
        player = record.agents.get(moment.power, "somebody else")
        return [f"{moment.power.title()} was played by {player}: this is what our agent would think, joining here."]
    doubts = ["Made again from the log, where beliefs about the players are kept as rounded weights."]
    searches = record.searches(moment.power, moment.phase, moment.heard)
    if not searches:
        doubts.append("It did not search at this moment of the game.")
    elif searches[-1].rng is None:
        doubts.append("The log is of a version that kept no random numbers: the search draws others than in the game.")
    return doubts
