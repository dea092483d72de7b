"""How many games one process of ``cicero-lite webdip`` can play at once: deadlines met, and how soon orders are in.

The site is the sandbox, in this process; the client is the real command in a process of its own, with one key and a
seat in each game.  All games have their deadlines at the same time, which is the hardest.  The other six of each game
are DumbBots with a few sentences, played in a thread of this process; they are not ready, so that phases last as long
as they may.
"""

from __future__ import annotations

import random
import resource
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx
import numpy as np

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, COUNTRY_OF
from cicero_lite.adapters.webdiplomacy_orders import server_orders
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.adapters.webdiplomacy_sandbox.site import Account, GameRules, SiteGame, SitePhase
from cicero_lite.bench.client_process import ClientProcess, client_folder
from cicero_lite.bench.machine import Machine
from cicero_lite.bench.options import BenchError, Reached
from cicero_lite.output import commit_told, provenance, write_secret
from engine.game import GameView
from engine.types import Order, OrderKind, Power
from planner.baselines import DumbBot

_GAMEMASTER_S = 0.5
_TICK_S = 0.1
_TALK_SHARE = 0.5
"""Of a phase, in which the others write."""
_END_S = 120.0


@dataclass(frozen=True)
class Capacity:
    """What is wanted."""

    games: int = 20
    deadline_minutes: int = 5
    phases: int = 3
    """Played in each game."""
    letters: int = 6
    """Messages that the others write to our seat in each game and movement phase."""
    seed: int = 0
    agent: str = "cicero"
    quick: bool = False
    """Whether the others are ready at once, so that phases end early."""
    options: tuple[str, ...] = ()
    """Further ones of ``cicero-lite webdip``: configuration files, settings."""

    def __post_init__(self) -> None:
        for name, value, least in (
            ("--games", self.games, 1),
            ("--deadline-minutes", self.deadline_minutes, 1),
            ("--phases", self.phases, 1),
            ("--letters", self.letters, 0),
        ):
            if value < least:
                raise BenchError(f"{name}: expected {least} or more, got {value}")


@dataclass
class _PhaseSeen:
    """A phase of one game in which our seat had orders to give."""

    game_id: int
    begun: int
    """By the clock of the site, seconds."""
    deadline: int
    orders: list[int] = field(default_factory=list)
    """When orders of our seat were taken."""


@dataclass(frozen=True)
class Times:
    """Seconds."""

    least: float
    median: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Times | None:
        """None: there are none."""
        return cls(min(values), median(values), max(values)) if values else None

    def __str__(self) -> str:
        return f"{self.least:.0f} to {self.most:.0f} s, median {self.median:.0f} s"


@dataclass(frozen=True)
class CapacityFound:
    """What one process could do."""

    games: int
    deadline_minutes: int
    agent: str
    seed: int
    phases: int
    """Of all games together, in which our seat had orders to give."""
    missed: int
    """Deadlines at which the site had no orders of ours."""
    first_orders: Times | None
    """From the beginning of a phase."""
    last_orders: Times | None
    """The same, to those that were not replaced."""
    margin: Times | None
    """From those to the deadline."""
    sent: int
    """Messages of our seats."""
    received: int
    """Messages to our seats."""
    client_cpu_s: float
    """Processor time of the client."""
    seconds: float
    ended_well: bool
    machine: Machine
    commit: str | None
    dirty: bool

    @property
    def is_ok(self) -> bool:
        """Whether there were deadlines, none was missed, and the client ended by itself when it was asked to."""
        return self.missed == 0 and self.ended_well and self.phases > 0

    def lines(self) -> list[str]:
        """The figures for a reader at the terminal."""
        share = self.client_cpu_s / self.seconds
        return [
            f"{self.games} games of one {self.agent}, {self.deadline_minutes} minutes a phase, seed {self.seed}, "
            f"{commit_told(self.commit, self.dirty)}",
            f"{self.seconds / 60:.1f} minutes on {self.machine.cores} cores, load before {self.machine.load_average}",
            f"deadlines      {self.phases}, {self.missed} missed",
            f"first orders   {self.first_orders or 'none'} after a phase began",
            f"last orders    {self.last_orders or 'none'} after it began",
            f"margin         {self.margin or 'none'} before its deadline",
            f"messages       {self.sent} sent, {self.received} received",
            f"processor      {self.client_cpu_s:.0f} s, {share:.2f} cores"
            + ("" if self.ended_well else "; the client did not end by itself"),
        ]


def measure_capacity(
    wanted: Capacity, keep: Path | None = None, reached: Reached = lambda done, total: None
) -> CapacityFound:
    """Plays the phases.

    Args:
        wanted: what.
        keep: new folder for the store and what the client prints; None: nothing is kept.
        reached: told of phases played, of all games together.

    Raises:
        BenchError: the folder holds something, or the client ended before its time.
    """
    machine, running = Machine.here(), provenance()
    with client_folder(keep) as folder, SandboxServer(gamemaster_interval_s=_GAMEMASTER_S) as server:
        ours, *others = server.seats
        games = {}
        for number in range(wanted.games):
            rules = GameRules(name=f"capacity {number + 1}", phase_minutes=wanted.deadline_minutes)
            place = number % len(COUNTRIES)  # each country in turn
            game = server.open_game(rules, seats=[*others[:place], ours, *others[place:]])
            games[game.game_id] = (game, COUNTRIES[place + 1])
        key_file = folder / "key"
        write_secret(key_file, ours.key)
        where = ["webdip", "--url", server.url, "--key-file", str(key_file), "--agent", wanted.agent, "--json-lines"]
        client = ClientProcess("client", [*where, *wanted.options], folder)
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        over = threading.Event()
        six = _Others(server, games, others, wanted, over)
        six.start()
        try:
            client.start()
            seen = _watch(wanted, server, games, ours, client, reached)
            client.ask_to_end()
            ended_well = client.await_end(_END_S)
        finally:
            client.kill()
            over.set()
            six.join()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        messages = [(seat, message) for game, seat in games.values() for message in game.messages]
        return CapacityFound(
            games=wanted.games,
            deadline_minutes=wanted.deadline_minutes,
            agent=wanted.agent,
            seed=wanted.seed,
            phases=len(seen),
            missed=_missed(games),
            first_orders=Times.of([phase.orders[0] - phase.begun for phase in seen if phase.orders]),
            last_orders=Times.of([phase.orders[-1] - phase.begun for phase in seen if phase.orders]),
            margin=Times.of([phase.deadline - phase.orders[-1] for phase in seen if phase.orders]),
            sent=sum(message.sender == COUNTRY_OF[seat] for seat, message in messages),
            received=sum(message.recipient == COUNTRY_OF[seat] for seat, message in messages),
            client_cpu_s=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            seconds=time.monotonic() - begun,
            ended_well=ended_well,
            machine=machine,
            commit=running.commit,
            dirty=running.dirty,
        )


def _missed(games: Mapping[int, tuple[SiteGame, Power]]) -> int:
    """Notices of the site that it missed our orders."""
    return sum(m.sender == 0 and seat.title() in m.text for game, seat in games.values() for m in game.messages)


def _watch(
    wanted: Capacity,
    server: SandboxServer,
    games: Mapping[int, tuple[SiteGame, Power]],
    ours: Account,
    client: ClientProcess,
    reached: Reached,
) -> list[_PhaseSeen]:
    """Notes when phases begin and orders come in, until every game has had its phases.

    Raises:
        BenchError: the client ended before its time.
    """
    at_hand: dict[int, tuple[int, SitePhase]] = {}
    of_game: dict[int, list[_PhaseSeen]] = {number: [] for number in games}
    played, calls_seen = dict.fromkeys(games, -1), 0
    while min(played.values()) < wanted.phases:
        if client.ended is not None:
            raise BenchError(f"the client ended with {client.ended}: {client.last_line()[:300]}")
        new = server.api.calls[calls_seen:]
        calls_seen += len(new)
        for call in new:
            if call.route == "game/orders" and (call.user_id, call.status) == (ours.user_id, 200):
                current = of_game[call.game_id][-1:]
                if current and current[0].begun <= call.time <= current[0].deadline:
                    current[0].orders.append(call.time)
        for number, (game, seat) in games.items():
            if at_hand.get(number) != (game.turn, game.phase):
                at_hand[number] = (game.turn, game.phase)
                played[number] += 1
                if game.is_finished:
                    played[number] = wanted.phases
                elif game.process_time is not None and played[number] < wanted.phases and game.members[seat].orders:
                    of_game[number].append(_PhaseSeen(number, server.site.clock.now(), game.process_time))
            elif of_game[number] and game.process_time is not None and played[number] < wanted.phases:
                of_game[number][-1].deadline = max(of_game[number][-1].deadline, game.process_time)
        reached(sum(max(0, count) for count in played.values()), wanted.phases * len(games))
        time.sleep(_TICK_S)
    return [phase for phases in of_game.values() for phase in phases]


class _Others(threading.Thread):
    """The other six of every game: they order at once, and write to our seat for a while."""

    def __init__(
        self,
        server: SandboxServer,
        games: Mapping[int, tuple[SiteGame, Power]],
        accounts: Sequence[Account],
        wanted: Capacity,
        over: threading.Event,
    ) -> None:
        super().__init__(daemon=True)
        self._games, self._wanted, self._over = games, wanted, over
        self._http = {
            account.user_id: httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {account.key}"})
            for account in accounts
        }
        self._rng = random.Random(wanted.seed)
        self._bots = DumbBot(np.random.default_rng(wanted.seed))
        self._ordered: dict[int, tuple[int, SitePhase]] = {}
        self._letters: list[tuple[float, int, Power]] = []
        """When which power of which game writes."""

    def run(self) -> None:
        """Plays until it is over."""
        while not self._over.wait(_TICK_S):
            for number, (game, seat) in self._games.items():
                now = (game.turn, game.phase)
                if self._ordered.get(number) != now and not game.is_finished:
                    self._ordered[number] = now
                    self._order(game, seat)
                    self._plan_letters(game, seat)
            self._write()
        for client in self._http.values():
            client.close()

    def _order(self, game: SiteGame, seat: Power) -> None:
        for power, member in game.members.items():
            if power is seat or not member.orders:
                continue
            view = game.game.view(power)
            ordered = server_orders(view, power, self._bots.act(view, power)) if view.legal_orders(power) else ()
            body = {
                "gameID": game.game_id,
                "countryID": COUNTRY_OF[power],
                "turn": game.turn,
                "phase": game.phase.value,
                "orders": [order.to_json() for order in ordered],
                "ready": "Yes" if self._wanted.quick else "No",
            }
            self._post(member.account, "game/orders", body)

    def _plan_letters(self, game: SiteGame, seat: Power) -> None:
        powers = [power for power in game.game.alive if power is not seat]
        if game.phase is SitePhase.DIPLOMACY and seat in game.game.alive and powers:
            for _ in range(self._wanted.letters):
                after_s = self._rng.uniform(0, _TALK_SHARE * 60 * self._wanted.deadline_minutes)
                self._letters.append((time.monotonic() + after_s, game.game_id, self._rng.choice(powers)))

    def _write(self) -> None:
        now = time.monotonic()
        for letter in [letter for letter in self._letters if letter[0] <= now]:
            self._letters.remove(letter)
            game, seat = self._games[letter[1]]
            text = _sentence(game.game.view(letter[2]), letter[2], seat, self._rng)
            body = {"gameID": letter[1], "countryID": COUNTRY_OF[letter[2]], "toCountryID": COUNTRY_OF[seat]}
            self._post(game.members[letter[2]].account, "game/sendmessage", {**body, "message": text})

    def _post(self, account: Account, route: str, body: Mapping[str, object]) -> None:
        self._http[account.user_id].post("/api.php", params={"route": route}, json=body)


def _sentence(view: GameView, sender: Power, seat: Power, rng: random.Random) -> str:
    """Something that a player might propose or tell."""
    orders = view.legal_orders(sender if rng.random() < 0.5 else seat)
    every: list[Order] = [order for options in orders.values() for order in options if order.kind is OrderKind.MOVE]
    if not every:
        return "What are your plans for this turn?"
    order = rng.choice(every)
    mine = order.unit is not None and order.unit in view.units(sender)
    return f"I will order {order}." if mine else f"Would you order {order}? I would be glad of it."
