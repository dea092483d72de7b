"""Plays a seat with a dose, from a moment of a game of self-play or from the first phase, and measures what it does.

A moment is kept as a `Snapshot`: the game and what its seven agents know as a phase begins.  Agents put back into it
with the same seeds do the same again, so that whatever differs between two doses comes of the dose.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from statistics import fmean
from typing import Any

import numpy as np

from cicero_lite.adapters.base import (
    OutgoingMessage,
    PhaseBegan,
    PhaseEnded,
    TableClosed,
    TableEvent,
)
from cicero_lite.adapters.local import LocalTable
from cicero_lite.agent import NegotiatingAgent
from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.log import Event, EventLog, PhaseStarted, Sent
from cicero_lite.arena.match import seated
from cicero_lite.arena.one_v_six import game_seed, seat_of
from cicero_lite.registry import Agent, Resumable
from cicero_lite.session import run as run_table
from cicero_lite.steer.behaviours import Seen, measured
from cicero_lite.steer.circumstances import Circumstances, Outlook
from cicero_lite.steer.dosing import Needs
from cicero_lite.steer.experiments import Arm, Pursuit, Run, spec_with
from dialogue.memory import Ledger
from engine.game import Game, GameView
from engine.record import PhaseRecord
from engine.saved import game_from_json
from engine.types import POWERS, Action, Message, Phase, PhaseKind, Power

_TABLE_STREAM, _CIRCUMSTANCES_STREAM = 18, 19
"""Keep the table's draws and those of circumstances apart from the agents'."""


@dataclass(frozen=True)
class Snapshot:
    """A game of self-play as a phase begins."""

    game: Mapping[str, Any]
    """In the saved-game format."""
    states: Mapping[Power, Mapping[str, Any]]
    """What each agent knows, as `NegotiatingAgent.state` gives it; those that cannot tell are left out."""


@dataclass(frozen=True)
class Line:
    """A message of a sample conversation."""

    sender: Power
    recipient: Power | None
    text: str


@dataclass(frozen=True)
class Ran:
    """What a run came to; the same again for the same run and code, the time apart."""

    run: Run
    seat: Power | None
    """None: no seat at this moment has what the control needs."""
    values: Mapping[str, float | None]
    """Each behaviour, the mean of its movement phases."""
    phases: int
    """Movement phases that were measured."""
    score: float | None
    """Sum of squares at the end of a game; None: a moment."""
    lines: tuple[Line, ...] = ()
    """Of a moment: what the seat said and was told in its first phase."""
    orders: Action = ()
    """Of a moment: its orders in the first phase."""
    neighbour: Power | None = None
    """Of a moment: the neighbour that was drawn."""
    seconds: float = field(default=0.0, compare=False)
    """Of processor time."""


# --- self-play -------------------------------------------------------------------------------------------


def snapshots(spec: AgentSpec, seed: int, number: int, at: Collection[str], rounds: int) -> dict[str, Snapshot]:
    """A game of self-play, kept as each of these phases begins; phases that it does not have are left out.

    Args:
        spec: the agent on all seats.
        seed: of the experiment.
        number: of the game.
        at: movement phases.
        rounds: of talk.
    """
    phases = {Phase.parse(text): text for text in at}
    own_seed, game, events = game_seed(seed, number), Game(game_id=f"steer-{seed}-{number}"), EventLog()
    agents = {power: seated(spec, power, own_seed, events) for power in POWERS}
    kept: dict[str, Snapshot] = {}

    def keep(event: TableEvent) -> None:
        if isinstance(event, PhaseBegan) and event.view.phase in phases:
            name = phases[event.view.phase]
            if name not in kept:
                states = {p: _knowledge(agent) for p, agent in agents.items() if isinstance(agent, Resumable)}
                kept[name] = Snapshot(game.to_saved_game(), states)

    before_last = max(phases)
    table = LocalTable(game, until=before_last.year, rounds=rounds, late_rounds=0, rng=_table_rng(own_seed))
    run_table(_Until(table, lambda: len(kept) == len(phases)), agents, events, keep)
    return kept


def _knowledge(agent: Resumable) -> Mapping[str, Any]:
    """What an agent knows, without the controls it had: whoever goes on from it has its own."""
    return {**agent.state(), "controls": None}


class _Until:
    """A table that closes when enough was played: after a phase, or as soon as a new one has begun."""

    def __init__(self, table: LocalTable, is_enough: Callable[[], bool]) -> None:
        self._table, self._is_enough = table, is_enough
        self.seats = table.seats
        self.send, self.submit = table.send, table.submit

    def events(self) -> Iterator[TableEvent]:
        game = self._table.game
        for event in self._table.events():
            yield event
            if isinstance(event, PhaseBegan | PhaseEnded) and self._is_enough():
                centers = {power: game.centers(power) for power in POWERS}
                yield TableClosed(game.phase, "until", None, centers, game.scores())
                return


def _table_rng(seed: int, at: str = "") -> np.random.Generator:
    return np.random.default_rng([seed, _TABLE_STREAM, *at.encode()])


# --- two heads -------------------------------------------------------------------------------------------


class TwoHeads:
    """A seat in which one agent speaks and another orders: what steering the words alone comes to.

    The head that orders hears all that is said, what its own side says included, and its word binds it as ever; but it
    wants what it always wanted.
    """

    def __init__(self, voice: NegotiatingAgent, hand: NegotiatingAgent) -> None:
        """Joins them.

        Args:
            voice: speaks; its orders are never given.
            hand: orders; it never speaks.
        """
        self._voice, self._hand = voice, hand

    @property
    def ledger(self) -> Ledger:
        """As the head that orders keeps it."""
        return self._hand.ledger

    def begin_phase(self, view: GameView) -> None:
        """See `Negotiator`."""
        self._voice.begin_phase(view)
        self._hand.begin_phase(view)

    def hear(self, message: Message, view: GameView) -> None:
        """See `Negotiator`."""
        self._voice.hear(message, view)
        self._hand.hear(message, view)

    def watch_clock(self, elapsed: float) -> None:
        """See `ClockWatcher`."""
        self._voice.watch_clock(elapsed)

    def speak(self, view: GameView) -> Sequence[OutgoingMessage]:
        """What the voice says."""
        return self._voice.speak(view)

    def act(self, view: GameView, power: Power) -> Action:
        """What the hand orders."""
        return self._hand.act(view, power)

    def phase_resolved(self, record: PhaseRecord) -> None:
        """See `Negotiator`."""
        self._voice.phase_resolved(record)
        self._hand.phase_resolved(record)

    def restore(self, state: Mapping[str, Any], view: GameView) -> None:
        """Both heads go on from what one knew."""
        self._voice.restore(state, view)
        self._hand.restore(state, view)


def _steered(run: Run, here: Circumstances, power: Power, seed: int, events: EventLog) -> Agent:
    base = AgentSpec.parse(run.base)
    steered = seated(spec_with(base, run.dose, here), power, seed, events)
    if run.by is Pursuit.OBJECTIVE:
        return steered
    hand = seated(base, power, seed, EventLog())
    assert isinstance(steered, NegotiatingAgent)
    assert isinstance(hand, NegotiatingAgent)
    return TwoHeads(steered, hand)


# --- a run -----------------------------------------------------------------------------------------------


def play(run: Run, snapshot: Snapshot | None) -> Ran:
    """Plays a run and measures its seat.

    Args:
        run: what to play.
        snapshot: where it begins; None: a whole game, or a game that never came to the moment's phase.

    Raises:
        LanguageModelError: a language model is asked for that cannot be loaded.
    """
    start = time.process_time()
    if run.arm is Arm.GAME:
        ran = _play_game(run)
    else:
        seat = None if snapshot is None else _seat_at(run, snapshot)
        ran = _nothing(run) if snapshot is None or seat is None else _play_moment(run, snapshot, seat)
    return replace(ran, seconds=round(time.process_time() - start, 3))


def _nothing(run: Run) -> Ran:
    return Ran(run, None, {}, 0, None)


def _seat_at(run: Run, snapshot: Snapshot) -> Power | None:
    """The first seat, from one that the moment's number says on, that has what the control needs."""
    game = game_from_json(snapshot.game)
    # Another one for each phase of a year and each game, so that all seats have their turn.
    turn = run.number * 2 + (Phase.parse(run.at).season.value == "F") + Phase.parse(run.at).year
    turned = [POWERS[(turn + place) % len(POWERS)] for place in range(len(POWERS))]
    for power in (p for p in turned if p in game.alive and game.units(p)):
        if run.needs is Needs.NOTHING:
            return power
        here = _circumstances(game, power, run, _remembered(snapshot, power))
        if here.friends if run.needs is Needs.FRIEND else here.aggressors:
            return power
    return None


def _remembered(snapshot: Snapshot, power: Power) -> Ledger:
    state = snapshot.states.get(power)
    return Ledger(power) if state is None else Ledger.from_json(state["ledger"])


def _circumstances(game: Game, power: Power, run: Run, ledger: Ledger) -> Circumstances:
    seed = int(np.random.SeedSequence([game_seed(run.seed, run.number), _CIRCUMSTANCES_STREAM]).generate_state(1)[0])
    outlook = _outlook(game.to_text(), power, run.others, game_seed(run.seed, run.number))
    return Circumstances.of(game, power, outlook, seed).informed(ledger, game.view(power))


@lru_cache(maxsize=8)
def _outlook(board: str, power: Power, spec: str, seed: int) -> Outlook:
    """Doses of one moment share it."""
    return Outlook(Game.from_text(board), power, AgentSpec.parse(spec).config.in_game(seed))


def _play_moment(run: Run, snapshot: Snapshot, seat: Power) -> Ran:
    game = game_from_json(snapshot.game)
    seed = game_seed(run.seed, run.number)
    here = _circumstances(game, seat, run, _remembered(snapshot, seat))
    outlook = _outlook(game.to_text(), seat, run.others, seed)
    events = EventLog()
    agents = _table_of(run, here, seat, seed, events)
    for power, agent in agents.items():
        if power in snapshot.states and isinstance(agent, Resumable | TwoHeads):
            agent.restore(snapshot.states[power], game.view(power))
    witness = _Witness(seat, here, agents[seat])
    rng = _table_rng(seed, run.at)
    table = LocalTable(game, until=9999, rounds=run.rounds, late_rounds=0, rng=rng)
    run_table(_Until(table, lambda: len(witness.played) >= run.length), agents, events, witness.watch)
    seen = witness.seen(events)
    first = seen[0]
    return Ran(
        run,
        seat,
        _mean_values([*(_with_prospects(s, outlook) for s in seen[:1]), *seen[1:]]),
        len(seen),
        None,
        lines=tuple(_lines(first)),
        orders=first.orders,
        neighbour=here.neighbour,
    )


def _play_game(run: Run) -> Ran:
    seat, seed = seat_of(run.number), game_seed(run.seed, run.number)
    game, events = Game(game_id=f"steer-{run.seed}-{run.number}"), EventLog()
    here = _circumstances(game, seat, run, Ledger(seat))
    agents = _table_of(run, here, seat, seed, events)
    witness = _Witness(seat, here, agents[seat])
    table = LocalTable(game, until=run.length, rounds=run.rounds, late_rounds=0, rng=_table_rng(seed))
    closed = run_table(table, agents, events, witness.watch)
    seen = witness.seen(events)
    return Ran(run, seat, _mean_values(seen), len(seen), closed.scores[seat])


def _table_of(run: Run, here: Circumstances, seat: Power, seed: int, events: EventLog) -> dict[Power, Agent]:
    others = AgentSpec.parse(run.others)
    return {
        power: _steered(run, here, power, seed, events) if power is seat else seated(others, power, seed, events)
        for power in POWERS
    }


class _Witness:
    """Takes note of what a seat finds as each movement phase begins, and of how the phase ends."""

    def __init__(self, seat: Power, here: Circumstances, agent: Agent) -> None:
        self._seat, self._here, self._agent = seat, here, agent
        self._found: dict[Phase, Circumstances] = {}
        self.played: list[PhaseRecord] = []
        """Movement phases of the seat."""

    def watch(self, event: TableEvent) -> None:
        """Called with each table event before it is handled."""
        match event:
            case PhaseBegan(power, view) if power is self._seat and view.phase.kind is PhaseKind.MOVEMENT:
                ledger = getattr(self._agent, "ledger", None)
                told = ledger if isinstance(ledger, Ledger) else Ledger(self._seat)
                self._found[view.phase] = self._here.informed(told, view)
            case PhaseEnded(record) if record.phase in self._found and record.board.units(self._seat):
                self.played.append(record)

    def seen(self, events: EventLog) -> list[Seen]:
        """Each of these phases."""
        parts = _by_phase(events)
        return [Seen(self._found[r.phase], r, tuple(parts[r.phase])) for r in self.played]


def _by_phase(events: EventLog) -> dict[Phase, list[Event]]:
    """The events from the beginning of each phase to that of the next."""
    parts: dict[Phase, list[Event]] = {}
    current: list[Event] = []
    for event in events:
        if isinstance(event, PhaseStarted):
            current = parts.setdefault(event.phase, [])
        current.append(event)
    return parts


def _with_prospects(seen: Seen, outlook: Outlook) -> Seen:
    return Seen(seen.here, seen.record, seen.events, outlook.prospects(seen.orders))


def _mean_values(seen: Sequence[Seen]) -> dict[str, float | None]:
    every = [measured(one) for one in seen]
    means: dict[str, float | None] = {}
    for name in every[0] if every else ():
        known = [value for values in every if (value := values[name]) is not None]
        means[name] = fmean(known) if known else None
    return means


def _lines(seen: Seen) -> Iterator[Line]:
    for event in seen.events:
        if isinstance(event, Sent) and seen.power in (event.message.sender, event.message.recipient):
            yield Line(event.message.sender, event.message.recipient, event.message.text)


__all__ = ["Line", "Ran", "Snapshot", "TwoHeads", "play", "snapshots"]
