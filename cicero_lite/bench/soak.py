"""A whole game on a server that fails now and then, by seven clients that are killed again and again.

The site is the sandbox, in this process; each client is the real command in a process of its own, with its own key and
store.  When the last year is over the seven vote for a draw, the clients see the end and are told to end, and what the
server knows is compared with what the seven stores know.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cicero_lite.adapters.webdiplomacy_client import ClientConfig, WebDiplomacyClient
from cicero_lite.adapters.webdiplomacy_game import HistoryError, read_game
from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, COUNTRY_OF
from cicero_lite.adapters.webdiplomacy_press import plain_text
from cicero_lite.adapters.webdiplomacy_responses import PHASE_NAMES, GameStatus, SeatRef
from cicero_lite.adapters.webdiplomacy_sandbox.faults import FaultPolicy
from cicero_lite.adapters.webdiplomacy_sandbox.game_status import status_reply
from cicero_lite.adapters.webdiplomacy_sandbox.journal import Journal
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.adapters.webdiplomacy_sandbox.site import GameRules, MemberStatus, SiteGame
from cicero_lite.adapters.webdiplomacy_votes import DRAW
from cicero_lite.arena.log import PhaseResolved, event_of
from cicero_lite.bench.client_process import ClientProcess
from cicero_lite.bench.machine import Machine
from cicero_lite.bench.options import BenchError, Reached
from cicero_lite.bench.soak_checks import (
    Check,
    MemoryWatch,
    PlayedPhase,
    SeatAccount,
    ServerAccount,
    Spoken,
    checks,
    memory_checks,
)
from cicero_lite.bench.soak_kills import KillPlan, When, doing, draw_kills, memory
from cicero_lite.hosting.store import Pulse, Store, StoredSeat
from cicero_lite.output import commit_told, provenance
from engine.types import FIRST_PHASE, POWERS, Power

_TURNS_A_YEAR = 2
_GAMEMASTER_S = 0.5
_TICK_S = 0.02
_LOOK_S = 1.0
"""Between two looks at what a store holds."""
_END_S = 180.0
"""How long the clients may take to see the end of the game, and to end."""
_PATIENCE = 4
"""Phases may last so many times as long as they should before the game counts as stuck."""
_MOMENTS = {"game/sendmessage": When.SENDING, "game/orders": When.ORDERING}
_HASTE = ("live.table.typing=false", "live.table.quiet_share=0.02")
"""What makes clients talk faster than people do; settings of the user come after."""


@dataclass(frozen=True)
class Soak:
    """What is wanted."""

    until: int = 1905
    """Last year played."""
    kills: int = 10
    """Of each client."""
    faults: str = "all=0.02"
    """As `FaultPolicy.parse` reads it."""
    seed: int = 0
    phase_minutes: int = 5
    agent: str = "cicero"
    options: tuple[str, ...] = ()
    """Further ones of ``cicero-lite webdip``: configuration files, settings."""

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
    commit: str | None
    dirty: bool

    @property
    def is_ok(self) -> bool:
        """Whether every check holds."""
        return all(check.is_ok for check in self.checks)

    def lines(self) -> list[str]:
        """The table, for a reader at the terminal."""
        lines = [
            f"seven {self.agent} to {self.until}, {self.phase_minutes} minutes a phase at most, "
            f"faults {self.faults or 'none'}, seed {self.seed}, {commit_told(self.commit, self.dirty)}",
            f"{self.phases} phases, {self.messages} messages, {self.seconds / 60:.1f} minutes on "
            f"{self.machine.cores} cores",
            f"faults: {_counts(self.faults_met)}",
            f"kills: {_counts(self.kills)}",
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
    policy = FaultPolicy.parse(wanted.faults, wanted.seed)
    with ExitStack() as stack:
        if keep is None:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="cicero-lite-")))
        else:
            folder = keep
            if folder.exists() and any(folder.iterdir()):
                raise BenchError(f"--keep: expected a new or empty folder, got {folder} with files in it")
            folder.mkdir(parents=True, exist_ok=True)
        server = SandboxServer(
            policy=policy,
            gamemaster_interval_s=_GAMEMASTER_S,
            seats_are_bots=False,  # so that their votes end the game
            journal=folder / "journal.jsonl",
        )
        stack.enter_context(server)
        game = server.open_game(GameRules(name="soak", phase_minutes=wanted.phase_minutes))
        return _Play(wanted, server, game, folder).run(reached)


class _Seat:
    """A client with its plan of kills, and an eye on its store."""

    def __init__(self, power: Power, wanted: Soak, url: str, key: str, folder: Path) -> None:
        self.power = power
        self.key_file = folder / f"{power.value.lower()}.key"
        self.key_file.touch(mode=0o600)
        self.key_file.write_text(key, encoding="utf-8")
        haste = [word for setting in _HASTE for word in ("--set", setting)]
        where = ["webdip", "--url", url, "--key-file", str(self.key_file), "--agent", wanted.agent, "--json-lines"]
        self.client = ClientProcess(power.value.lower(), [*where, *haste, *wanted.options], folder)
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

    def account(self, game: SiteGame) -> SeatAccount:
        """What the store knows at the end."""
        seat = self.seat()
        if seat is None:
            return SeatAccount(self.power, (), {}, ())
        phases = [record.phase for record in game.game.history]
        orders = {phase: orders for phase in phases if (orders := self.store.orders(seat.id, phase)) is not None}
        events = map(event_of, self.store.log_lines(seat.id))
        logged = tuple(event.phase for event in events if isinstance(event, PhaseResolved))
        return SeatAccount(self.power, self.store.messages(seat.id), orders, logged)


class _Play:
    """The game, from the start of the clients to the account."""

    def __init__(self, wanted: Soak, server: SandboxServer, game: SiteGame, folder: Path) -> None:
        self._wanted, self._server, self._game, self._folder = wanted, server, game, folder
        keys = {power: account.key for power, account in zip(COUNTRIES.values(), server.seats, strict=True)}
        self._power_of = {account.user_id: p for p, account in zip(COUNTRIES.values(), server.seats, strict=True)}
        self._power_of_key = {key: power for power, key in keys.items()}
        self._seats = [_Seat(power, wanted, server.url, keys[power], folder) for power in POWERS]
        self._killed: Counter[str] = Counter()
        self._calls_seen = 0
        self._crashes: list[str] = []
        self._unfinished: list[str] = []

    def run(self, reached: Reached) -> SoakFound:
        """Plays and compares."""
        machine, begun, running = Machine.here(), time.monotonic(), provenance()
        try:
            for seat in self._seats:
                seat.client.start()
            self._play_until(reached)
            if not self._unfinished:
                self._draw()
                self._await_end()
            for seat in self._seats:
                if not seat.client.end(_END_S):
                    self._unfinished.append(f"{seat.power.title()} did not end in {_END_S:g} s")
        finally:
            for seat in self._seats:
                seat.client.kill()
        self._server.stop()
        for seat in self._seats:
            seat.look()
            seat.watch.end()
        server = self._account()
        held = checks(server, [seat.account(self._game) for seat in self._seats])
        finished = Check("clients that ended well", len(self._seats), (*self._crashes, *self._unfinished))
        return SoakFound(
            until=self._wanted.until,
            agent=self._wanted.agent,
            faults=self._wanted.faults,
            seed=self._wanted.seed,
            phase_minutes=self._wanted.phase_minutes,
            phases=len(server.phases),
            messages=len(server.messages),
            faults_met={fault.value: count for fault, count in self._server.api.faults.met.items()},
            kills=dict(self._killed),
            checks=(*held, *memory_checks([seat.watch for seat in self._seats]), finished),
            seconds=time.monotonic() - begun,
            machine=machine,
            commit=running.commit,
            dirty=running.dirty,
        )

    # --- play ----------------------------------------------------------------------------------------------

    def _play_until(self, reached: Reached) -> None:
        """Until the last year is over, the game is, or it is stuck."""
        at_hand, since = (self._game.turn, self._game.phase), time.monotonic()
        longest_s = _PATIENCE * self._wanted.phase_minutes * 60
        while self._game.turn < self._wanted.turns and not self._game.is_finished and not self._unfinished:
            reached(self._game.turn, self._wanted.turns)
            self._look_after_all()
            if (now := (self._game.turn, self._game.phase)) != at_hand:
                at_hand, since = now, time.monotonic()
            elif time.monotonic() - since > longest_s:
                self._unfinished.append(f"{at_hand[1]} of turn {at_hand[0]} did not end in {longest_s:g} s")
            time.sleep(_TICK_S)
        reached(self._game.turn, self._wanted.turns)

    def _look_after_all(self) -> None:
        happened = self._happened()
        for seat in self._seats:
            status = seat.client.ended
            if status is not None:
                self._crashes.append(f"{seat.power.title()} ended with {status}: {seat.client.last_line()[:300]}")
                seat.client.start()
            self._kill_if_due(seat, happened.get(seat.power, frozenset()))
            if time.time() - seat.looked > _LOOK_S:
                seat.look()

    def _happened(self) -> Mapping[Power, frozenset[When]]:
        """What each client has done to the server since the last look."""
        new = self._server.api.calls[self._calls_seen :]
        self._calls_seen += len(new)
        found: dict[Power, frozenset[When]] = {}
        for call in new:
            if call.route in _MOMENTS and call.user_id in self._power_of:
                power = self._power_of[call.user_id]
                found[power] = found.get(power, frozenset()) | {_MOMENTS[call.route]}
        return found

    def _kill_if_due(self, seat: _Seat, moments: frozenset[When]) -> None:
        kill = seat.kills.next
        if kill is not None and kill.when is When.THINKING and (pulse := seat.pulse()) is not None:
            moments |= {When.THINKING} if pulse.doing.startswith("thinking") else set()
        if not seat.kills.is_due(self._game.turn, seat.client.started, moments, time.time()):
            return
        seat.kills.done()
        seat.client.kill()
        self._killed[doing(seat.store, seat.seat(), seat.pulse(), seat.client.started)] += 1
        seat.look(is_killed=True)
        seat.client.start()

    # --- the end -------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        """Has the seven agree on a draw, which ends the game as players would."""
        for seat in self._seats:
            client = WebDiplomacyClient(ClientConfig(self._server.url, key_file=str(seat.key_file)))
            try:
                if not self._game.is_finished:
                    client.set_vote(SeatRef(game_id=self._game.game_id, country_id=COUNTRY_OF[seat.power]), DRAW, True)
            finally:
                client.close()

    def _await_end(self) -> None:
        """Until every client has seen the end."""
        until = time.monotonic() + _END_S
        while missing := [seat for seat in self._seats if (it := seat.seat()) is None or it.ended is None]:
            if time.monotonic() > until:
                names = ", ".join(seat.power.title() for seat in missing)
                self._unfinished.append(f"{names} did not see the end of the game in {_END_S:g} s")
                return
            self._look_after_all()
            time.sleep(_TICK_S)

    # --- the server's account ------------------------------------------------------------------------------

    def _account(self) -> ServerAccount:
        game = self._game
        history = game.game.history
        phases = tuple(
            PlayedPhase(r.phase, {p: r.orders[p] for p in POWERS if r.board.legal_orders(p)}) for r in history
        )
        messages = [m for m in game.messages if m.sender in COUNTRIES and not m.is_note]
        calls = self._server.api.calls
        return ServerAccount(
            phases=phases,
            at_hand=None if game.is_finished else game.game.phase,
            messages=tuple(
                Spoken(COUNTRIES[m.sender], COUNTRIES.get(m.recipient), plain_text(m.text)) for m in messages
            ),
            put_off=tuple(plain_text(m.text) for m in game.messages if m.sender == 0),
            left=tuple(power for power, member in game.members.items() if member.status is MemberStatus.LEFT),
            orders_taken=tuple(_orders_taken(Journal(self._folder / "journal.jsonl").entries())),
            orders_refused=sum(call.route == "game/orders" and call.status == 400 for call in calls),
            mistakes=tuple(
                f"{self._power_of[bug.user_id].title()}: {bug.mistake} ({bug.detail})"
                for bug in self._server.site.bugs.found
            ),
            rebuilt=tuple(_rebuilt(game)),
        )


def _orders_taken(entries: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, int]]:
    for entry in entries:
        if entry["kind"] == "call" and entry["query"].get("route") == "game/orders":
            body = json.loads(entry["body"])
            yield int(body["turn"]), PHASE_NAMES.index(body["phase"])


def _rebuilt(game: SiteGame) -> Iterator[str]:
    """Plays again what the site tells of its history, and compares the positions."""
    try:
        served = read_game(GameStatus.model_validate(status_reply(game, None)), POWERS[0])
    except HistoryError as error:
        yield str(error)
        return
    for ours, theirs in zip(served.game.history, game.game.history, strict=False):
        if ours.position != theirs.position:
            yield f"another position in {theirs.phase}"
    if len(served.game.history) != len(game.game.history):
        yield f"{len(served.game.history)} phases, the server has played {len(game.game.history)}"
