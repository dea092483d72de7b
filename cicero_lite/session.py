"""Plays a game: passes what happens at a table to the agents, and what they decide back to it.

`run` is the loop, the same at every table.  `play` sets a local table from a configuration, runs it, and
keeps the game, its log and its replay in a folder, up to date after every phase.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from cicero_lite.adapters.base import (
    Adapter,
    MessageReceived,
    Moment,
    OrdersDue,
    OutgoingMessage,
    PhaseBegan,
    PhaseEnded,
    SpeakingTurn,
    TableClosed,
    TableEvent,
)
from cicero_lite.adapters.local import LocalTable
from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.log import (
    Event,
    EventLog,
    GameEnded,
    GameStarted,
    OrdersSubmitted,
    Outcome,
    PhaseResolved,
    PhaseStarted,
    Sent,
)
from cicero_lite.config import Config, PlayConfig, config_values, config_yaml
from cicero_lite.errors import UndeliveredError
from cicero_lite.output import Provenance, check_folder, provenance, write_files
from cicero_lite.registry import (
    Agent,
    ClockWatcher,
    Improving,
    Negotiator,
    Observer,
    Seat,
    make_agent,
    seed_of,
)
from cicero_lite.web.replay import replay_html
from engine.board import Board
from engine.game import Game
from engine.record import PhaseRecord
from engine.types import POWERS, Phase, Power, Province

_TABLE_STREAM = 7
"""Spawn key of the table's own random numbers; those of the powers are 0 to 6."""


def run(
    adapter: Adapter,
    agents: Mapping[Power, Agent],
    events: EventLog,
    watch: Callable[[TableEvent], None] = lambda event: None,
) -> TableClosed:
    """Plays until the table closes.

    Args:
        adapter: the table.
        agents: one for each of its seats.
        events: where phases, messages and orders are recorded; the agents record their own thoughts.
        watch: called with each table event before it is handled.

    Returns:
        The last event, with the result.
    """
    begun: Phase | None = None
    for event in adapter.events():
        watch(event)
        match event:
            case PhaseBegan(power, view):
                if view.phase != begun:
                    begun = view.phase
                    events.append(phase_started(view))
                if isinstance(agent := agents[power], Negotiator):
                    agent.begin_phase(view)
            case MessageReceived(power, message, view):
                if isinstance(agent := agents[power], Negotiator):
                    agent.hear(message, view)
            case SpeakingTurn(power, view, number, at_most):
                if isinstance(agent := agents[power], ClockWatcher):
                    agent.watch_clock(number / at_most)
                if isinstance(agent, Negotiator):
                    _send(adapter, power, agent.speak(view), events)
            case Moment(power, view):
                if isinstance(agent := agents[power], Improving):
                    agent.orders_so_far(view)  # so that it need not think when they are due
            case OrdersDue(power, view):
                orders = agents[power].act(view, power)
                adapter.submit(power, orders)
                events.append(OrdersSubmitted(power, view.phase, orders))
            case PhaseEnded():
                events.append(phase_resolved(event.record, event.centers))
                for power in adapter.seats:
                    if isinstance(agent := agents[power], Observer):
                        agent.phase_resolved(event.record.seen_by(power))
            case TableClosed():
                events.append(game_ended(event))
                return event
    raise AssertionError("the adapter's events ended without TableClosed")


def _send(adapter: Adapter, power: Power, messages: Sequence[OutgoingMessage], events: EventLog) -> None:
    for said in messages:
        try:
            message = adapter.send(power, said.recipient, said.text)
        except UndeliveredError:
            continue  # nobody read it, so nobody was told anything
        events.append(Sent(message, said.acts, said.intent, said.source))


def phase_started(board: Board) -> PhaseStarted:
    """The board as a phase begins, for the log."""
    return PhaseStarted(board.phase, {p: board.units(p) for p in POWERS}, {p: board.centers(p) for p in POWERS})


def phase_resolved(record: PhaseRecord, centers: Mapping[Power, tuple[Province, ...]]) -> PhaseResolved:
    """The orders of a phase and what came of them, for the log.

    Args:
        record: of the phase.
        centers: ownership after it.
    """
    outcomes = tuple(
        Outcome(power, order, () if order.unit is None else record.results.get(order.unit, ()))
        for power in POWERS
        for order in record.orders.get(power, ())
    )
    return PhaseResolved(record.phase, outcomes, centers)


def game_ended(closed: TableClosed) -> GameEnded:
    """The result, for the log."""
    return GameEnded(closed.phase, closed.reason, closed.centers, closed.scores, winner=closed.winner)


def play(
    config: Config,
    out: Path | None,
    listeners: Sequence[Callable[[Event], None]] = (),
    watch: Callable[[TableEvent], None] = lambda event: None,
) -> Game:
    """Plays a whole game of local agents.

    Args:
        config: seats, seed, length; the agents' own settings.
        out: folder for ``game.json``, ``events.jsonl``, ``replay.html`` and ``config.yaml``, all written anew
            after every phase; None: nothing is written.
        listeners: told of every event as it is recorded.
        watch: told of every table event before it is handled.

    Returns:
        The game as it stood when play ended.

    Raises:
        OutputError: the folder cannot be written.
        UnknownAgentError, AgentSpecError, ConfigError, EngineError: the configuration asks for what there is not;
            nothing is written.
    """
    if out is not None:
        check_folder(out)
    seats = {power: str(AgentSpec.parse(agent)) for power, agent in config.play.agents.items()}
    config = replace(
        config,
        play=replace(config.play, agents=seats, others=str(AgentSpec.parse(config.play.others))),
        agent=config.agent.in_game(config.play.seed),
    )
    running = provenance()
    game = Game(config.play.map_name, game_id=f"cicero-lite-{config.play.seed}")
    events = EventLog(listeners=list(listeners))
    agents = local_agents(config, events)
    events.append(_started(game, config, running))
    table = local_table(game, config.play)

    resolved = _resolved_config(config, running)

    def store(event: Event) -> None:
        if out is not None and isinstance(event, PhaseResolved | GameEnded):
            write_files(out, _texts(game, events, resolved))

    events.listeners.append(store)
    run(table, agents, events, watch)
    return game


def local_agents(config: Config, events: EventLog) -> dict[Power, Agent]:
    """The agents of a game at one table, each with a seed of its own.

    Raises:
        UnknownAgentError, AgentSpecError, ConfigError: of a seat's agent, as `AgentSpec.parse`.
    """
    seed = config.play.seed
    specs = {power: AgentSpec.parse(config.play.agent_of(power)) for power in POWERS}
    return {
        power: make_agent(spec.name, Seat(power, seed_of(seed, power), spec.over(config.agent), events))
        for power, spec in specs.items()
    }


def local_table(game: Game, play: PlayConfig) -> LocalTable:
    """The table for a game of local agents; the seed draws who speaks when."""
    return LocalTable(
        game,
        until=play.until,
        rounds=play.rounds,
        late_rounds=play.late_rounds,
        rng=np.random.default_rng(np.random.SeedSequence([play.seed, _TABLE_STREAM])),
    )


def _started(game: Game, config: Config, running: Provenance) -> GameStarted:
    return GameStarted(
        game=game.game_id,
        map_name=game.map_name,
        seed=config.play.seed,
        agents={power: config.play.agent_of(power) for power in POWERS},
        config=config_values(config),
        commit=running.commit,
        dirty=running.dirty,
        versions=running.versions,
    )


def _texts(game: Game, events: EventLog, resolved: str) -> dict[str, str]:
    saved = game.to_saved_game()
    return {
        "game.json": json.dumps(saved, indent=1, ensure_ascii=False) + "\n",
        "events.jsonl": events.to_text(),
        "replay.html": replay_html(saved, list(events)),
        "config.yaml": resolved,
    }


def _resolved_config(config: Config, running: Provenance) -> str:
    header = [
        "# The resolved configuration of this game; `cicero-lite play --config` takes it as it is.",
        f"# commit: {running.commit or 'unknown'}{' (with changes)' if running.dirty else ''}",
        *(f"# {package}: {number}" for package, number in running.versions.items()),
    ]
    return "\n".join(header) + "\n" + config_yaml(config)
