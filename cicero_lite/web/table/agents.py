"""The agents' side of a game with people: an adapter with a seat for each agent, and the thread that plays them.

    PhaseBegan      for each agent
    SpeakingTurn    in rounds, as at a local table; and whenever people have said something, for those they said it to
    Moment          while people think: whoever has heard something since it planned plans anew
    OrdersDue       when all people are ready or the deadline is there; at once where nobody can talk

`cicero_lite.session.run` plays it.  After each step what an agent knows is kept together with what it said, so that a
process that was killed is followed by one that neither repeats nor forgets.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from cicero_lite.adapters.base import (
    MessageReceived,
    Moment,
    OrdersDue,
    PhaseBegan,
    PhaseEnded,
    SpeakingTurn,
    TableClosed,
    TableEvent,
    ownership,
)
from cicero_lite.arena.log import EventLog, GameStarted
from cicero_lite.config import AgentConfig, config_values
from cicero_lite.errors import AdapterError, CiceroLiteError
from cicero_lite.hosting.gate import Gate
from cicero_lite.hosting.host import seed_in
from cicero_lite.output import provenance
from cicero_lite.registry import Agent, Negotiator, Observer, Resumable, Seat, seed_of
from cicero_lite.session import run
from cicero_lite.web.table.room import Room
from cicero_lite.web.table.thinkers import Line, Thinkers
from dialogue.language_model import LanguageModelError
from engine.types import FIRST_PHASE, POWERS, Action, EngineError, Message, Phase, PhaseKind, Power

_SPEAKERS_STREAM = 11
"""Spawn key of the random numbers that say who speaks first."""


class _LeftError(Exception):
    """This process is about to end; the game is not."""


class AgentsTable:
    """An `Adapter` with the seats of a room's agents."""

    def __init__(
        self, room: Room, agents: Mapping[Power, Agent], awake: frozenset[Power], gate: Gate, rounds: int
    ) -> None:
        """Sets the table.

        Args:
            room: the game.
            agents: one for each seat; asked here for what they know, to keep it.
            awake: those who know already that the phase at hand has begun.
            gate: shared by all rooms, so that not too many agents think at a time.
            rounds: speaking turns of each agent in a movement phase, besides answers to people.
        """
        self._room, self._agents, self._awake = room, agents, awake
        self._gate, self._rounds = gate, rounds
        self._speaker: Power | None = None
        self._said: list[Message] = []
        self._due: Power | None = None
        self._restless: set[Power] = set()
        """Agents that have heard something since they planned."""

    @property
    def seats(self) -> tuple[Power, ...]:
        """The powers that agents play."""
        return self._room.settings.agents

    def events(self) -> Iterator[TableEvent]:
        """See `Adapter.events`; can be gone through once."""
        room = self._room
        while not room.is_over:
            living = tuple(power for power in self.seats if power in room.game.alive)
            for power in living:
                if power not in self._awake:
                    with self._thinking(power):
                        yield PhaseBegan(power, room.view(power))
            self._awake = frozenset()
            room.start_clock()
            if room.settings.press and room.game.phase.kind is PhaseKind.MOVEMENT:
                yield from self._talk(living)
            else:
                yield from self._collect(living)
            while not room.is_due:
                yield from self._meanwhile(living)
            self._check_stay()
            room.close_phase()
            yield from self._collect(living)
            phase, record = room.game.phase, room.play_phase()
            yield PhaseEnded(record, ownership(room.game))
            room.keep_states(self._states(), phase)
            self._restless.clear()
        reason = "solo" if room.game.is_done else room.ended or "until"
        yield TableClosed(room.game.phase, reason, room.game.winner, ownership(room.game), room.game.scores())

    def send(self, sender: Power, recipient: Power | None, text: str) -> Message:
        """See `Adapter.send`."""
        if sender is not self._speaker:
            raise AdapterError(f"{sender} cannot speak now in {self._room.game.phase}: it is not its turn")
        if recipient is sender or (recipient is not None and recipient not in self._room.game.alive):
            raise AdapterError(f"{sender} cannot write to {recipient}: expected another living power")
        message = self._room.say_unseen(sender, recipient, text)
        self._said.append(message)
        return message

    def submit(self, power: Power, orders: Action) -> None:
        """See `Adapter.submit`."""
        if power is not self._due:
            raise AdapterError(f"the orders of {power} are not due now in {self._room.game.phase}")
        self._room.keep_agents_orders(power, orders)

    # --- talk ----------------------------------------------------------------------------------------------

    def _talk(self, living: Sequence[Power]) -> Iterator[TableEvent]:
        """The agents speak in rounds; whoever is in a hurry waits for the first, lest they play without a word."""
        room = self._room
        rng = _rng(room.settings.seed, room.game.phase)
        at_most = self._rounds * len(living)
        for number in range(self._rounds):
            before = len(room.game.messages)
            for index, place in enumerate(rng.permutation(len(living))):
                power = living[place]
                if room.turns.get(power, 0) > number:
                    continue  # before this process took the game up
                yield from self._answer(living)
                if number > 0 and room.is_due:
                    return
                yield from self._turn(power, number * len(living) + index, at_most, living)
            if len(room.game.messages) == before:
                return

    def _meanwhile(self, living: Sequence[Power]) -> Iterator[TableEvent]:
        """One thing that is to be done while people think, or a rest."""
        room = self._room
        if room.has_unheard:
            yield from self._answer(living)
        elif self._restless:
            power = min(self._restless)
            self._restless.discard(power)
            if not room.has_ordered(power):
                with self._thinking(power):
                    yield Moment(power, room.view(power), None)
        else:
            self._check_stay()
            room.wait()

    def _answer(self, living: Sequence[Power]) -> Iterator[TableEvent]:
        """Those to whom people have said something hear it, and may answer."""
        self._check_stay()
        heard = self._room.take_unheard()
        yield from self._deliver(heard, living)
        addressed = {message.recipient for message in heard}
        for power in living:
            if power in addressed or None in addressed:
                # An answer comes when it comes, so the share of the phase that has passed says nothing.
                yield from self._turn(power, 0, 1, living, counts=False)

    def _turn(
        self, power: Power, number: int, at_most: int, living: Sequence[Power], counts: bool = True
    ) -> Iterator[TableEvent]:
        self._check_stay()
        with self._thinking(power):
            self._speaker, self._said = power, []
            self._restless.discard(power)
            yield SpeakingTurn(power, self._room.view(power), number, at_most)
            self._speaker = None
            self._room.keep_turn(power, self._said, self._state(power), counts)
        yield from self._deliver(self._said, living)

    def _deliver(self, messages: Sequence[Message], living: Sequence[Power]) -> Iterator[TableEvent]:
        for message in messages:
            for power in living if message.recipient is None else (message.recipient,):
                if power is not message.sender and power in living:
                    self._restless.add(power)
                    yield MessageReceived(power, message, self._room.view(power))

    # --- orders --------------------------------------------------------------------------------------------

    def _collect(self, living: Sequence[Power]) -> Iterator[TableEvent]:
        for power in living:
            if self._room.has_ordered(power) or not self._room.game.legal_orders(power):
                continue
            self._check_stay()
            self._due = power
            with self._thinking(power):
                yield OrdersDue(power, self._room.view(power))
            self._due = None
            if not self._room.has_ordered(power):
                raise AdapterError(f"no orders of {power} in {self._room.game.phase}: expected a call of submit()")

    # --- what is kept --------------------------------------------------------------------------------------

    def _thinking(self, power: Power) -> _Thought:
        return _Thought(self._room, self._gate, power)

    def _check_stay(self) -> None:
        if self._room.is_leaving:
            raise _LeftError

    def _state(self, power: Power) -> Mapping[str, object] | None:
        agent = self._agents[power]
        return agent.state() if isinstance(agent, Resumable) else None

    def _states(self) -> dict[Power, Mapping[str, object]]:
        return {power: state for power in self.seats if (state := self._state(power)) is not None}


class _Thought:
    """A place among those who think, for the time within `with`."""

    def __init__(self, room: Room, gate: Gate, power: Power) -> None:
        self._gate = gate.thinking(room.deadline_s)
        self._thinks = room.thinks(power)

    def __enter__(self) -> None:
        self._gate.__enter__()
        self._thinks.__enter__()

    def __exit__(self, *error: object) -> None:
        self._thinks.__exit__(None, None, None)
        self._gate.__exit__(None, None, None)


def _rng(seed: int, phase: Phase) -> np.random.Generator:
    """Who speaks when in a phase is the same in whatever process."""
    return np.random.default_rng(np.random.SeedSequence([seed, _SPEAKERS_STREAM, *str(phase).encode()]))


# --- the thread --------------------------------------------------------------------------------------------


class Players:
    """The agents of a room, in a thread of their own."""

    def __init__(
        self,
        room: Room,
        configs: Callable[[], Mapping[Power, AgentConfig]],
        gate: Gate,
        rounds: int,
        thinkers: Thinkers,
    ) -> None:
        """Seats nobody yet.

        Args:
            room: the game.
            configs: the configuration of each agent; asked in the thread.
            gate: shared by all rooms.
            rounds: see `AgentsTable`.
            thinkers: where the agents of all rooms think.
        """
        self._room, self._configs, self._gate, self._rounds = room, configs, gate, rounds
        self._thinkers = thinkers
        # It keeps everything as it goes, so a process that ends need not wait for a thought to end.
        self._thread = threading.Thread(target=self._play, name=f"table {room.id}", daemon=True)

    def start(self) -> None:
        """Seats the agents and lets them play."""
        self._thread.start()

    def stop(self, patience_s: float) -> None:
        """Has them stop after the thought at hand, if it ends in time."""
        self._room.leave()
        if self._thread.ident is not None:
            self._thread.join(patience_s)

    def _play(self) -> None:
        room = self._room
        try:
            events = EventLog(listeners=[room.log])
            configs = self._configs()
            if not room.store.has_log(room.id):
                events.append(self._header(configs))
            line = self._thinkers.line(room.game.game_id, room.begun_from, events)
            agents, awake = self._seated(configs, line, events)
            closed = run(AgentsTable(room, agents, awake, self._gate, self._rounds), agents, events)
            room.end(closed.reason)
        except _LeftError:
            pass
        except (CiceroLiteError, EngineError, LanguageModelError) as error:
            room.fail(str(error))
        except Exception as error:
            if room.is_leaving:
                return  # the store is closed already
            room.fail(f"an agent broke down ({type(error).__name__}: {error}); the game is kept as it was before")
            raise

    def _seated(
        self, configs: Mapping[Power, AgentConfig], line: Line, events: EventLog
    ) -> tuple[dict[Power, Agent], frozenset[Power]]:
        """The agents with what they knew, and those of them who know the phase at hand."""
        room, agents, awake = self._room, {}, set()
        for power in room.settings.agents:
            agents[power] = self._build(power, configs[power], line, events)
            agent, kept, view = agents[power], room.store.state(room.id, power), room.view(power)
            if isinstance(agent, Resumable) and kept is not None:
                agent.restore(kept.value, view)
                if kept.phase == view.phase:
                    awake.add(power)
            elif isinstance(agent, Observer) and not isinstance(agent, Negotiator):
                for record in view.history:
                    agent.phase_resolved(record)
        return agents, frozenset(awake)

    def _build(self, power: Power, config: AgentConfig, line: Line, events: EventLog) -> Agent:
        room = self._room
        seed = seed_of(room.settings.seed, power)
        # One that goes on in another process draws other numbers than those it has drawn.
        seed = seed if room.game.phase == FIRST_PHASE else seed_in(seed, room.game.phase)
        return line.seat(room.settings.seats[power], Seat(power, seed, config, events))

    def _header(self, configs: Mapping[Power, AgentConfig]) -> GameStarted:
        running, room = provenance(), self._room
        return GameStarted(
            game=room.game.game_id,
            map_name=room.game.map_name,
            seed=room.settings.seed,
            agents={power: room.settings.seats[power] for power in POWERS},
            config={power.value: config_values(config) for power, config in configs.items()},
            commit=running.commit,
            dirty=running.dirty,
            versions=running.versions,
        )
