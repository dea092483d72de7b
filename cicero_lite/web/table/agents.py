"""The agents' side of a game with people: an adapter with a seat for each agent, and the thread that plays them.

    PhaseBegan      for each agent
    SpeakingTurn    in rounds, as at a local table; and whenever people have said something, for those they said it to
    Moment          while people think: whoever has heard something since it planned plans anew
    OrdersDue       when all people are ready or the deadline is there; at once where nobody can talk

Between two of them, those who were given a seat sit down, and each says once a phase, and when a person has voted,
whether it agrees to a draw.

`cicero_lite.session.run` plays it.  After each step what an agent knows is kept together with what it said, so that a
process that was killed is followed by one that neither repeats nor forgets.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

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
from cicero_lite.arena.log import DrawVoted, EventLog, GameStarted
from cicero_lite.config import AgentConfig, config_values
from cicero_lite.draws import DrawConfig, decide
from cicero_lite.errors import AdapterError, CiceroLiteError, UndeliveredError
from cicero_lite.hosting.gate import Gate
from cicero_lite.hosting.host import seed_in
from cicero_lite.output import provenance
from cicero_lite.registry import Agent, Expecting, Negotiator, Observer, Resumable, Seat, seed_of
from cicero_lite.session import run
from cicero_lite.web.table.room import Room
from cicero_lite.web.table.seating import Player
from cicero_lite.web.table.thinkers import Line, Thinkers
from dialogue.language_model import LanguageModelError
from engine.game import GameView
from engine.types import FIRST_PHASE, POWERS, Action, EngineError, Message, Phase, PhaseKind, Power

_SPEAKERS_STREAM = 11
"""Spawn key of the random numbers that say who speaks first."""


class _LeftError(Exception):
    """This process is about to end; the game is not."""


class _DrawnError(Exception):
    """The game ended in the middle of a phase."""


@dataclass(frozen=True)
class Seated:
    """An agent on a seat."""

    agent: Agent
    draw: DrawConfig
    """When it votes for a draw."""
    scoring: str = "sum_of_squares"
    """What the score is that it expects; see `planner.rollout.ValueConfig`."""
    is_awake: bool = False
    """Whether it knows already that the phase at hand has begun."""


class Sitting:
    """The agents that sit at a room's table in this process, as far as they have sat down."""

    def __init__(self, room: Room, make: Callable[[Power, Player], Seated]) -> None:
        """Nobody sits yet.

        Args:
            room: says who is to sit.
            make: builds the agent of a seat, with what it knew before.
        """
        self._room, self._make = room, make
        self.agents: dict[Power, Agent] = {}
        """Those who sit, for `cicero_lite.session.run`."""
        self._seated: dict[Power, tuple[Player, Seated]] = {}

    def renew(self) -> list[Power]:
        """Those whose seat is a person's again stand up, and whoever was given a seat sits down.

        Returns:
            Those who have sat down and do not know of the phase at hand.
        """
        for power in tuple(self.agents):
            if not self.is_in(power):
                del self.agents[power], self._seated[power]
        new = []
        for power in self._room.seating.agents:
            player = self._room.seating.player(power)
            if power not in self.agents and player.is_agent:  # it may have been taken back while another was built
                seated = self._make(power, player)
                self._seated[power], self.agents[power] = (player, seated), seated.agent
                new += [] if seated.is_awake else [power]
        return new

    def is_in(self, power: Power) -> bool:
        """Whether this agent sits and its seat is still its own."""
        return power in self._seated and self._seated[power][0] == self._room.seating.player(power)

    def state(self, power: Power) -> Mapping[str, object] | None:
        """What an agent knows; None: it cannot be kept, or need not be any more."""
        agent = self.agents[power]
        return agent.state() if isinstance(agent, Resumable) and self.is_in(power) else None

    def on_draw(self, power: Power, expected: float | None, view: GameView) -> DrawVoted:
        """Whether an agent that expects this score (None: it cannot say) agrees to a draw."""
        seated = self._seated[power][1]
        return decide(view, power, expected, seated.scoring, seated.draw)


class AgentsTable:
    """An `Adapter` with the seats of a room's agents."""

    def __init__(self, room: Room, sitting: Sitting, gate: Gate, rounds: int) -> None:
        """Sets the table; the agents sit down.

        Args:
            room: the game.
            sitting: its agents.
            gate: shared by all rooms, so that not too many agents think at a time.
            rounds: speaking turns of each agent in a movement phase, besides answers to people.
        """
        self._room, self._sitting = room, sitting
        self._gate, self._rounds = gate, rounds
        self._speaker: Power | None = None
        self._said: list[Message] = []
        self._due: Power | None = None
        self._asleep = set(sitting.renew())
        """Agents that do not know yet that the phase has begun."""
        self._restless: set[Power] = set()
        """Agents that have heard something since they planned."""
        self._undecided: set[Power] = set()
        """Agents that have yet to say in this phase whether they agree to a draw."""
        self._votes_seen = room.vote_count

    @property
    def seats(self) -> tuple[Power, ...]:
        """The powers that agents play, as far as they have sat down."""
        return tuple(power for power in POWERS if power in self._sitting.agents)

    @property
    def _living(self) -> tuple[Power, ...]:
        """Those of the agents who are in the game and whose seat is still theirs."""
        return tuple(power for power in self.seats if power in self._room.game.alive and self._sitting.is_in(power))

    def events(self) -> Iterator[TableEvent]:
        """See `Adapter.events`; can be gone through once."""
        room = self._room
        with suppress(_DrawnError):
            while not room.is_over:
                yield from self._phase()
        reason = "draw" if room.game.drawn_by else "solo" if room.game.is_done else room.ended or "until"
        yield TableClosed(room.game.phase, reason, room.game.winner, ownership(room.game), room.game.scores())

    def _phase(self) -> Iterator[TableEvent]:
        room = self._room
        yield from self._seat_newcomers(speak=False)
        room.start_clock()
        if room.game.phase.kind is PhaseKind.MOVEMENT:
            self._undecided = set(self._living)
        if self._is_talking:
            yield from self._talk()
        else:
            yield from self._collect()
        yield from self._until_closed()
        yield from self._seat_newcomers(speak=False)
        yield from self._collect()
        phase, record = room.game.phase, room.play_phase()
        if record is None:
            raise _DrawnError
        yield PhaseEnded(record, ownership(room.game))
        with room.changed:  # lest a seat change hands between
            room.keep_states(self._states(), phase)
        self._restless.clear()
        self._asleep = set(self.seats)

    def _until_closed(self) -> Iterator[TableEvent]:
        """What is done while people think, until all are ready, or late."""
        while True:
            while not self._room.is_due:
                yield from self._meanwhile()
            self._check_stay()
            yield from self._seat_newcomers(speak=True)
            while self._undecided:
                self._decide(min(self._undecided))
            if self._room.close_phase():
                return

    @property
    def _is_talking(self) -> bool:
        return self._room.settings.press and self._room.game.phase.kind is PhaseKind.MOVEMENT

    def send(self, sender: Power, recipient: Power | None, text: str) -> Message:
        """See `Adapter.send`."""
        if sender is not self._speaker:
            raise AdapterError(f"{sender} cannot speak now in {self._room.game.phase}: it is not its turn")
        if recipient is sender or (recipient is not None and recipient not in self._room.game.alive):
            raise AdapterError(f"{sender} cannot write to {recipient}: expected another living power")
        if self._room.is_over or not self._sitting.is_in(sender):
            raise UndeliveredError("the game is over, or the seat was taken back, while it thought of its words")
        message = self._room.say_unseen(sender, recipient, text)
        self._said.append(message)
        return message

    def submit(self, power: Power, orders: Action) -> None:
        """See `Adapter.submit`."""
        if power is not self._due:
            raise AdapterError(f"the orders of {power} are not due now in {self._room.game.phase}")
        self._room.keep_agents_orders(power, orders)

    # --- talk ----------------------------------------------------------------------------------------------

    def _talk(self) -> Iterator[TableEvent]:
        """The agents speak in rounds; whoever is in a hurry waits for the first, lest they play without a word."""
        room, living = self._room, self._living
        rng = _rng(room.settings.seed, room.game.phase)
        at_most = self._rounds * len(living)
        for number in range(self._rounds):
            before = len(room.game.messages)
            for index, place in enumerate(rng.permutation(len(living))):
                power = living[place]
                if room.turns.get(power, 0) > number:
                    continue  # before this process took the game up
                yield from self._answer()
                if number > 0 and room.seating.people and room.is_due:
                    return
                yield from self._turn(power, number * len(living) + index, at_most)
            if len(room.game.messages) == before:
                return

    def _meanwhile(self) -> Iterator[TableEvent]:
        """One thing that is to be done while people think, or a rest."""
        room, version = self._room, self._room.version
        if self._votes_seen != room.vote_count:
            self._votes_seen, self._undecided = room.vote_count, set(self._living)
        self._check_stay()
        yield from self._seat_newcomers(speak=True)
        if room.has_unheard:
            yield from self._answer()
        elif self._restless:
            power = min(self._restless)
            self._restless.discard(power)
            if power in self._living and not room.has_ordered(power):
                with self._thinking(power):
                    yield Moment(power, room.view(power), None)
        elif self._undecided:
            self._decide(min(self._undecided))
        else:
            room.wait(version)

    def _seat_newcomers(self, speak: bool) -> Iterator[TableEvent]:
        """Whoever was given a seat sits down; all who do not know of the phase are told of it, and may speak."""
        self._asleep.update(self._sitting.renew())
        for power in self._living:
            if power not in self._asleep:
                continue
            with self._thinking(power):
                yield PhaseBegan(power, self._room.view(power))
            self._asleep.discard(power)
            if self._room.game.phase.kind is PhaseKind.MOVEMENT:
                self._undecided.add(power)
            if speak and self._is_talking:
                yield from self._turn(power, 0, 1, counts=False)

    def _answer(self) -> Iterator[TableEvent]:
        """Those to whom people have said something hear it, and may answer."""
        self._check_stay()
        heard = self._room.take_unheard()
        yield from self._deliver(heard)
        addressed = {message.recipient for message in heard}
        for power in self._living:
            if power in addressed or None in addressed:
                # An answer comes when it comes, so the share of the phase that has passed says nothing.
                yield from self._turn(power, 0, 1, counts=False)

    def _turn(self, power: Power, number: int, at_most: int, counts: bool = True) -> Iterator[TableEvent]:
        self._check_stay()
        if power not in self._living:
            return
        with self._thinking(power):
            self._speaker, self._said = power, []
            self._restless.discard(power)
            yield SpeakingTurn(power, self._room.view(power), number, at_most)
            self._speaker = None
            with self._room.changed:
                self._room.keep_turn(power, self._said, self._sitting.state(power), counts)
        yield from self._deliver(self._said)

    def _deliver(self, messages: Sequence[Message]) -> Iterator[TableEvent]:
        for message in messages:
            for power in self._living if message.recipient is None else (message.recipient,):
                if power is not message.sender and power in self._living:
                    self._restless.add(power)
                    yield MessageReceived(power, message, self._room.view(power))

    # --- votes and orders ----------------------------------------------------------------------------------

    def _decide(self, power: Power) -> None:
        """An agent says whether it agrees to a draw; with what it has planned, that takes no time."""
        self._undecided.discard(power)
        if power not in self._living:
            return
        agent, view, expected = self._sitting.agents[power], self._room.view(power), None
        if isinstance(agent, Expecting):
            with self._thinking(power):
                expected = agent.expected_score(view)
        self._room.keep_agents_vote(self._sitting.on_draw(power, expected, view))

    def _collect(self) -> Iterator[TableEvent]:
        for power in self._living:
            if self._room.has_ordered(power) or not self._room.game.legal_orders(power):
                continue
            self._check_stay()
            self._due = power
            with self._thinking(power):
                yield OrdersDue(power, self._room.view(power))
            self._due = None
            if self._sitting.is_in(power) and not self._room.has_ordered(power):
                raise AdapterError(f"no orders of {power} in {self._room.game.phase}: expected a call of submit()")

    # --- what is kept --------------------------------------------------------------------------------------

    def _thinking(self, power: Power) -> _Thought:
        return _Thought(self._room, self._gate, power)

    def _check_stay(self) -> None:
        if self._room.is_leaving:
            raise _LeftError
        if self._room.is_over:
            raise _DrawnError

    def _states(self) -> dict[Power, Mapping[str, object]]:
        return {power: state for power in self.seats if (state := self._sitting.state(power)) is not None}


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
        self, room: Room, config_of: Callable[[str], AgentConfig], gate: Gate, rounds: int, thinkers: Thinkers
    ) -> None:
        """Seats nobody yet.

        Args:
            room: the game.
            config_of: the configuration of an agent with this persona (empty: as usual); asked in the thread.
            gate: shared by all rooms.
            rounds: see `AgentsTable`.
            thinkers: where the agents of all rooms think.
        """
        self._room, self._config_of, self._gate, self._rounds = room, config_of, gate, rounds
        self._thinkers = thinkers
        self._events = EventLog(listeners=[room.log])
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
            if not room.store.has_log(room.id):
                self._events.append(self._header())
            line = self._thinkers.line(room.game.game_id, room.begun_from, self._events)
            sitting = Sitting(room, partial(self._seated, line))
            table = AgentsTable(room, sitting, self._gate, self._rounds)
            closed = run(table, sitting.agents, self._events)
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

    def _seated(self, line: Line, power: Power, player: Player) -> Seated:
        """The agent of a seat, with what it knew."""
        room, config = self._room, self._config_of(player.persona)
        agent = line.seat(player.name, self._seat_of(power, config))
        kept, view = room.store.state(room.id, power), room.view(power)
        if isinstance(agent, Resumable) and kept is not None:
            agent.restore(kept.value, view)
            return Seated(agent, config.draw, config.search.value.scoring, kept.phase == view.phase)
        if isinstance(agent, Observer) and not isinstance(agent, Negotiator):
            for record in view.history:
                agent.phase_resolved(record)
        return Seated(agent, config.draw, config.search.value.scoring)

    def _seat_of(self, power: Power, config: AgentConfig) -> Seat:
        room = self._room
        seed = seed_of(room.settings.seed, power)
        # One that goes on in another process draws other numbers than those it has drawn.
        seed = seed if room.game.phase == FIRST_PHASE else seed_in(seed, room.game.phase)
        return Seat(power, seed, config, self._events)

    def _header(self) -> GameStarted:
        running, room = provenance(), self._room
        return GameStarted(
            game=room.game.game_id,
            map_name=room.game.map_name,
            seed=room.settings.seed,
            agents={power: room.settings.seats[power] for power in POWERS},
            config={
                power.value: config_values(self._config_of(room.settings.personas.get(power, "")))
                for power in room.settings.agents
            },
            commit=running.commit,
            dirty=running.dirty,
            versions=running.versions,
        )
