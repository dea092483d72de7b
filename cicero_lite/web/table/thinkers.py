"""The agents of all games in a process of their own, which gives way to the one that answers the pages.

In one process, whoever answers a page waits until a thinking agent lets go of the interpreter; and pages that are drawn
on the same machine wait for the agents' processor time.  So the agents think elsewhere, at a lower priority, and the
server has in their place what passes each call on and brings back the answer with what was logged meanwhile.

    server     AgentsTable -> Line.seat(...) -> an agent whose every method is a call over the line
    thinkers   one thread for each game, with its agents and a log of its own that has all that the server's has

Of a view goes over the line only what is new in it.  The other process plays the same phases by the same rules.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, cast

from cicero_lite.arena.log import Event, EventLog
from cicero_lite.config import AgentConfig
from cicero_lite.errors import CiceroLiteError
from cicero_lite.registry import Agent, Seat, make_agent
from cicero_lite.web.table.store import new_game
from dialogue.language_model import LanguageModelError
from engine.board import order_from_code
from engine.game import Game, GameView
from engine.record import PhaseRecord
from engine.types import EngineError, Message, Phase, Power

_NICENESS = 10
"""How far the agents stand back when others want the processor."""


class ThoughtError(CiceroLiteError, RuntimeError):
    """An agent that could not think; one line says why."""


class Thinkers:
    """The process, started when the first game needs it; for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._door: Connection | None = None

    def line(self, game_id: str, begun_from: str | None, events: EventLog) -> Line:
        """A line for the agents of one game.

        Args:
            game_id: of the game.
            begun_from: the saved game that it goes on from, JSON.
            events: the game's log; the agents are told of what comes into it, and what they log comes into it.
        """
        near, far = multiprocessing.Pipe()
        with self._lock:
            process, door = self._running()
            door.send((far, game_id, begun_from))
            far.close()
            return Line(near, process.sentinel, events)

    def _running(self) -> tuple[BaseProcess, Connection]:
        if self._process is None or self._door is None or not self._process.is_alive():
            context = multiprocessing.get_context("spawn")
            self._door, door = context.Pipe()
            self._process = context.Process(target=_serve, args=(door,), name="thinkers", daemon=True)
            self._process.start()
            door.close()
        return self._process, self._door

    @property
    def pid(self) -> int | None:
        """Of the process; None: it was not started."""
        return None if self._process is None else self._process.pid

    def close(self) -> None:
        """Ends the process, in the midst of thoughts."""
        with self._lock:
            if self._process is not None and self._door is not None:
                self._process.kill()
                self._process.join()
                self._process.close()
                self._door.close()
            self._process = None


# --- what goes over a line ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Played:
    """A phase that was played, as one power saw it."""

    phase: Phase
    orders: Mapping[Power, list[str]]
    messages: tuple[Message, ...]

    @classmethod
    def of(cls, record: PhaseRecord) -> _Played:
        board = record.board
        orders = {
            power: [str(order_from_code(code, board.map_data.name)) for code in codes]
            for power, codes in zip(board.powers, record.played.codes, strict=True)
        }
        return cls(record.phase, orders, record.messages)


@dataclass(frozen=True)
class _Seen:
    """What is new in a view."""

    played: tuple[_Played, ...]
    messages: tuple[Message, ...]
    """All of the phase at hand."""


@dataclass(frozen=True)
class _Sitting:
    """An agent is to be built."""

    name: str
    seed: int
    config: AgentConfig


@dataclass(frozen=True)
class _Call:
    """A method of an agent is to be called."""

    power: Power
    method: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class _Answer:
    """What came of it."""

    value: Any
    failure: str | None
    events: tuple[Event, ...]
    """What was logged meanwhile."""


class Line:
    """Reaches the agents of one game; for one thread."""

    def __init__(self, near: Connection, process: int, events: EventLog) -> None:
        """Takes a line.

        Args:
            near: our end.
            process: what is ready when the other process has ended.
            events: see `Thinkers.line`.
        """
        self._near, self._process, self._events = near, process, events
        self._untold: list[Event] = []
        self._is_telling = False
        events.listeners.append(self._note)

    def _note(self, event: Event) -> None:
        if not self._is_telling:
            self._untold.append(event)

    def seat(self, name: str, seat: Seat) -> Agent:
        """The agent of this name at a seat of the game.

        It has the public methods of the one it stands for, so that it does what that one can do.

        Raises:
            ThoughtError: it cannot be built.
        """
        methods = self._ask(_Call(seat.power, "", (_Sitting(name, seat.seed, seat.config),)))
        told = _Told(seat.power, self._ask)
        away = type("AgentAway", (), {method: told.method(method) for method in methods})
        return cast(Agent, away())

    def _ask(self, call: _Call) -> Any:
        untold, self._untold = self._untold, []
        try:
            self._near.send((call, untold))
            if self._near not in wait([self._near, self._process]):
                raise EOFError
            answer: _Answer = self._near.recv()
        except (OSError, EOFError):
            raise ThoughtError(
                "the process in which the agents think has ended; start the server again, the game is kept"
            ) from None
        self._is_telling = True
        for event in answer.events:
            self._events.append(event)
        self._is_telling = False
        if answer.failure is not None:
            raise ThoughtError(answer.failure)
        return answer.value


class _Told:
    """What one agent was told of its game."""

    def __init__(self, power: Power, ask: Callable[[_Call], Any]) -> None:
        self._power, self._ask = power, ask
        self._phases = 0

    def method(self, name: str) -> Callable[..., Any]:
        """A method that calls the agent's."""

        def call(_: object, *arguments: Any) -> Any:
            return self._ask(_Call(self._power, name, tuple(map(self._told, arguments))))

        return call

    def _told(self, argument: Any) -> Any:
        if isinstance(argument, GameView):
            new, self._phases = argument.history[self._phases :], len(argument.history)
            return _Seen(tuple(map(_Played.of, new)), argument.messages)
        return _Played.of(argument) if isinstance(argument, PhaseRecord) else argument


# --- the other process -------------------------------------------------------------------------------------


def _serve(door: Connection) -> None:
    """Takes lines until the server is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    with suppress(EOFError, OSError):
        while True:
            line, game_id, begun_from = door.recv()
            game = _Game(line, game_id, begun_from)
            threading.Thread(target=game.serve, name=game_id, daemon=True).start()
    os._exit(0)  # in the midst of thoughts


@dataclass
class _Memory:
    """What one agent has been told of the game."""

    game: Game
    """The same phases, without talks."""
    power: Power
    records: list[PhaseRecord] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.records = [record.seen_by(self.power) for record in self.game.history]

    def record(self, played: _Played) -> PhaseRecord:
        """The record of a phase, which is played here unless it was."""
        for known in reversed(self.records):
            if known.phase == played.phase:
                return known
        for power, orders in played.orders.items():
            self.game.set_orders(power, orders)
        self.records.append(PhaseRecord(self.game.process().played, played.messages))
        return self.records[-1]

    def argument(self, told: Any) -> Any:
        """What a call was given on the other side."""
        if isinstance(told, _Played):
            return self.record(told)
        if not isinstance(told, _Seen):
            return told
        for played in told.played:
            self.record(played)
        view = GameView(self.game, self.power)
        view.history, view.messages = tuple(self.records), told.messages
        return view


class _Game:
    """The agents of one game."""

    def __init__(self, line: Connection, game_id: str, begun_from: str | None) -> None:
        self._line, self._game_id, self._begun_from = line, game_id, begun_from
        self._new: list[Event] = []
        self._events = EventLog(listeners=[self._new.append])
        self._agents: dict[Power, tuple[Agent, _Memory]] = {}

    def serve(self) -> None:
        """Answers calls until the line is closed."""
        with suppress(EOFError, OSError):
            while True:
                call, events = self._line.recv()
                self._events.events += events
                self._line.send(self._answer(call))

    def _answer(self, call: _Call) -> _Answer:
        value, failure = None, None
        try:
            value = self._do(call)
        except (CiceroLiteError, EngineError, LanguageModelError) as error:
            failure = str(error)
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            failure = f"an agent broke down ({type(error).__name__}: {error}); the game is kept as it was before"
        events = tuple(self._new)
        self._new.clear()
        return _Answer(value, failure, events)

    def _do(self, call: _Call) -> Any:
        if not call.method:
            (sitting,) = call.arguments
            agent = make_agent(sitting.name, Seat(call.power, sitting.seed, sitting.config, self._events))
            self._agents[call.power] = agent, _Memory(new_game(self._game_id, self._begun_from), call.power)
            return [name for name in dir(agent) if not name.startswith("_") and callable(getattr(type(agent), name, 0))]
        agent, memory = self._agents[call.power]
        return getattr(agent, call.method)(*map(memory.argument, call.arguments))


__all__ = ["Line", "Thinkers", "ThoughtError"]
