"""A whole game on a server that fails now and then, by seven clients that are killed again and again.

Each client is the real command in a process of its own, with its own key and store.  When the last year is over, what
the server knows is compared with what the seven stores know.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cicero_lite.arena.log import PhaseResolved, event_of
from cicero_lite.bench.client_process import ClientProcess, client_folder
from cicero_lite.bench.machine import Machine
from cicero_lite.bench.options import BenchError, Reached
from cicero_lite.bench.soak_checks import Check, MemoryWatch, SeatAccount, checks, cut_off, memory_checks
from cicero_lite.bench.soak_kills import KillPlan, When, doing, draw_kills, memory, moments
from cicero_lite.bench.soak_servers import SoakServer
from cicero_lite.hosting.store import Pulse, Store, StoredSeat
from cicero_lite.output import commit_told, provenance
from engine.types import FIRST_PHASE, POWERS, Phase, Power

_TURNS_A_YEAR = 2
_TICK_S = 0.02
_LOOK_S = 1.0
"""Between two looks at what a store holds."""
_END_S = 180.0
"""How long the clients may take to see the end of the game, and to end."""
_PATIENCE = 4
"""Phases may last so many times as long as they should before the game counts as stuck."""


class ServerKind(StrEnum):
    """Whose server."""

    WEBDIPLOMACY = "webdiplomacy"
    """The sandbox, with faults as `FaultPolicy.parse` reads them."""
    DIPLOMACY = "diplomacy"
    """That of the ``diplomacy`` package, over lines that are cut: ``cut=SHARE`` of the seconds, for each client."""


@dataclass(frozen=True)
class Soak:
    """What is wanted."""

    server: ServerKind = ServerKind.WEBDIPLOMACY
    until: int = 1905
    """Last year played."""
    kills: int = 10
    """Of each client."""
    faults: str = "all=0.02"
    """In the words of the server's kind; ``all=SHARE``: every kind of fault."""
    seed: int = 0
    phase_minutes: int = 5
    agent: str = "cicero"
    options: tuple[str, ...] = ()
    """Further ones of the client: configuration files, settings."""

    def __post_init__(self) -> None:
        if self.until < FIRST_PHASE.year or self.kills < 0 or self.phase_minutes < 1:
            raise BenchError(
                f"expected a year from {FIRST_PHASE.year} on, kills of 0 or more and a phase of a minute or more, got "
                f"{self.until}, {self.kills} and {self.phase_minutes}"
            )

    @property
    def turns(self) -> int:
        """Springs and autumns that are played."""
        return _TURNS_A_YEAR * (self.until - FIRST_PHASE.year + 1)


@dataclass(frozen=True)
class SoakFound:
    """A soak: what happened, and whether all held."""

    server: ServerKind
    until: int
    agent: str
    faults: str
    seed: int
    phase_minutes: int
    phases: int
    messages: int
    faults_met: Mapping[str, int]
    kills: Mapping[str, int]
    """By what the client was doing."""
    checks: tuple[Check, ...]
    seconds: float
    machine: Machine
    interrupted: bool
    """Whether it was ended before its last year was over; the checks hold for what was played."""
    commit: str | None
    dirty: bool

    @property
    def is_ok(self) -> bool:
        """Whether every check holds."""
        return all(check.is_ok for check in self.checks)

    def lines(self) -> list[str]:
        """The table, for a reader at the terminal."""
        lines = [
            f"seven {self.agent} on {self.server}, to {self.until}, {self.phase_minutes} minutes a phase at most, "
            f"faults {self.faults or 'none'}, seed {self.seed}, {commit_told(self.commit, self.dirty)}",
            f"{self.phases} phases, {self.messages} messages, {self.seconds / 60:.1f} minutes on "
            f"{self.machine.cores} cores",
            f"faults: {_counts(self.faults_met)}",
            f"kills: {_counts(self.kills)}",
            *(["interrupted: all that was played is checked"] if self.interrupted else []),
            "",
        ]
        for check in self.checks:
            verdict = "ok" if check.is_ok else f"{len(check.problems)} WRONG"
            note = f"  ({check.note})" if check.note else ""
            lines.append(f"{check.counted:7}  {check.name:48}  {verdict}{note}")
            lines += [f"         - {problem}" for problem in check.problems[:5]]
            if check.problems[5:]:
                lines.append(f"         - and {len(check.problems) - 5} more")
        return lines


def _counts(counts: Mapping[str, int]) -> str:
    words = [f"{name} {count}" for name, count in sorted(counts.items(), key=lambda item: -item[1])]
    return f"{sum(counts.values())}: {', '.join(words)}" if words else "none"


def measure_soak(wanted: Soak, keep: Path | None = None, reached: Reached = lambda done, total: None) -> SoakFound:
    """Plays the game and compares.

    Args:
        wanted: what.
        keep: new folder for stores, keys, what the clients print, and the site's journal; None: nothing is kept.
        reached: told of the turns played.

    Raises:
        BenchError: the folder holds something.
        ConfigError: faults that there are not.
        OutputError: the folder cannot be written.
    """
    with client_folder(keep) as folder, _server(wanted, folder) as server:
        return _Play(wanted, server, folder).run(reached)


def _server(wanted: Soak, folder: Path) -> SoakServer:
    # imported late: each needs packages that the other does without
    if wanted.server is ServerKind.DIPLOMACY:
        from cicero_lite.bench.soak_diplomacy import DiplomacySoakServer

        return DiplomacySoakServer(folder, wanted.phase_minutes, wanted.faults, random.Random(wanted.seed))
    from cicero_lite.bench.soak_webdip import WebdipSoakServer

    return WebdipSoakServer(folder, wanted.phase_minutes, wanted.faults, wanted.seed)


class _Seat:
    """A client with its plan of kills, and an eye on its store."""

    def __init__(self, power: Power, wanted: Soak, server: SoakServer, folder: Path) -> None:
        self.power = power
        options = ("--agent", wanted.agent, "--json-lines", *wanted.options)
        self.client = ClientProcess(power.value.lower(), (*server.arguments(power), *options), folder)
        self.kills = KillPlan(draw_kills(wanted.seed, power, wanted.kills, wanted.turns))
        self.watch = MemoryWatch(power)
        self.store = Store(self.client.store)
        self.looked = 0.0

    def seat(self) -> StoredSeat | None:
        """Its row in the store; None: it has not sat down."""
        return next(iter(self.store.seats()), None)

    def pulse(self) -> Pulse | None:
        """What it told last of what it does."""
        return next(iter(self.store.pulses()), None)

    def look(self, is_killed: bool = False) -> None:
        """Compares what the store holds with what it held before."""
        self.looked = time.time()
        seat = self.seat()
        if seat is not None and (now := memory(self.store, seat)) is not None:
            self.watch.look(now, is_killed)

    @property
    def is_over(self) -> bool:
        """Whether it has seen the end of the game."""
        seat = self.seat()
        return seat is not None and seat.ended is not None

    def account(self, phases: Sequence[Phase]) -> SeatAccount:
        """What the store knows at the end, of these phases."""
        seat = self.seat()
        if seat is None:
            return SeatAccount(self.power, (), {}, ())
        orders = {phase: orders for phase in phases if (orders := self.store.orders(seat.id, phase)) is not None}
        events = map(event_of, self.store.log_lines(seat.id))
        ends = [event.phase for event in events if isinstance(event, PhaseResolved)]
        logged = tuple(phase for phase in ends if not phases or not phases[-1] < phase)
        return SeatAccount(self.power, self.store.messages(seat.id), orders, logged)


class _Play:
    """The game, from the start of the clients to the account."""

    def __init__(self, wanted: Soak, server: SoakServer, folder: Path) -> None:
        self._wanted, self._server = wanted, server
        self._seats = [_Seat(power, wanted, server, folder) for power in POWERS]
        self._killed: Counter[str] = Counter()
        self._crashes: list[str] = []
        self._unfinished: list[str] = []
        self._is_interrupted = False

    def run(self, reached: Reached) -> SoakFound:
        """Plays and compares."""
        machine, begun, running = Machine.here(), time.monotonic(), provenance()
        try:
            for seat in self._seats:
                seat.client.start()
            try:
                self._play_until(reached)
            except KeyboardInterrupt:
                self._is_interrupted = True
            if not self._unfinished and self._server.end_game():
                self._await_end()
            for seat in self._seats:
                seat.client.ask_to_end()
            for seat in self._seats:
                if not seat.client.await_end(_END_S):
                    self._unfinished.append(f"{seat.power.title()} did not end in {_END_S:g} s")
        finally:
            for seat in self._seats:
                seat.client.kill()
        self._server.stop()
        for seat in self._seats:
            seat.look()
            seat.watch.end()
        server = cut_off(self._server.account(), self._wanted.until)
        phases = [played.phase for played in server.phases]
        held = checks(server, [seat.account(phases) for seat in self._seats])
        finished = Check("clients that ended well", len(self._seats), (*self._crashes, *self._unfinished))
        return SoakFound(
            server=self._wanted.server,
            until=self._wanted.until,
            agent=self._wanted.agent,
            faults=self._wanted.faults,
            seed=self._wanted.seed,
            phase_minutes=self._wanted.phase_minutes,
            phases=len(server.phases),
            messages=len(server.messages),
            faults_met=self._server.faults_met,
            kills=dict(self._killed),
            checks=(*held, *memory_checks([seat.watch for seat in self._seats]), finished),
            seconds=time.monotonic() - begun,
            machine=machine,
            interrupted=self._is_interrupted,
            commit=running.commit,
            dirty=running.dirty,
        )

    # --- play ----------------------------------------------------------------------------------------------

    def _play_until(self, reached: Reached) -> None:
        """Until the last year is over, the game is, or it is stuck."""
        at_hand, since = self._server.at_hand, time.monotonic()
        longest_s = _PATIENCE * self._wanted.phase_minutes * 60
        while (turn := self._server.turn) < self._wanted.turns and not self._server.is_over:
            reached(turn, self._wanted.turns)
            self._look_after_all()
            if (now := self._server.at_hand) != at_hand:
                at_hand, since = now, time.monotonic()
            elif time.monotonic() - since > longest_s:
                self._unfinished.append(f"{at_hand} did not end in {longest_s:g} s")
                return
            time.sleep(_TICK_S)
        reached(self._wanted.turns, self._wanted.turns)

    def _look_after_all(self) -> None:
        happened = self._server.happened()
        for seat in self._seats:
            if (status := seat.client.ended) is not None:
                if status == 0 and seat.is_over:
                    continue
                self._crashes.append(f"{seat.power.title()} ended with {status}: {seat.client.last_line()[:300]}")
                seat.client.start()
            self._kill_if_due(seat, happened.get(seat.power, frozenset()))
            if time.time() - seat.looked > _LOOK_S:
                seat.look()

    def _kill_if_due(self, seat: _Seat, happened: frozenset[When]) -> None:
        if seat.kills.awaits_moment(self._server.turn):
            happened |= moments(seat.store, seat.seat(), seat.pulse())
        if not seat.kills.is_due(self._server.turn, seat.client.started, happened, time.time()):
            return
        seat.kills.done()
        seat.client.kill()
        self._killed[doing(seat.store, seat.seat(), seat.pulse(), seat.client.started)] += 1
        seat.look(is_killed=True)
        seat.client.start()

    def _await_end(self) -> None:
        """Until every client has seen the end."""
        until = time.monotonic() + _END_S
        while missing := [seat for seat in self._seats if not seat.is_over]:
            if time.monotonic() > until:
                names = ", ".join(seat.power.title() for seat in missing)
                self._unfinished.append(f"{names} did not see the end of the game in {_END_S:g} s")
                return
            self._look_after_all()
            time.sleep(_TICK_S)
