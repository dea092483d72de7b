"""How soon a table answers in many browser tabs on one machine, without agents and while six of each game think.

The server is the real command in a process of its own.  The tabs are those of a headless Chromium on the same machine,
each in a window of its own, so that all of them are drawn.  Tab n sits in game n modulo the number of games: several
tabs have one seat, and as many as there are games have different ones.  Each tab has a thread that does, after a pause,
an order by clicks on the board, a message or a step of the phase slider; of one seat, one tab at a time.  Every time is
noted by the page itself, from the event of the click or key to the end of the frame that shows what came of it.

    quiet      the same position, people in all seats and nobody there: no agent thinks
    thinking   six agents in each game, from the moment at which they are seated; they are written to, and so go on
    one order  two tabs of a seat click on the same order at the same time
    cut        the line between browser and server is down for a while; each tab orders and writes meanwhile
    killed     the server is killed while each tab orders and writes, and started again

At the end the server is killed and its store read: each message once, no unit with two orders, and what the tabs show.
"""

from __future__ import annotations

import itertools
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from cicero_lite.bench.browser import chromium, launched
from cicero_lite.bench.client_process import client_folder
from cicero_lite.bench.cut_line import CutLine
from cicero_lite.bench.machine import Machine
from cicero_lite.bench.options import BenchError, Reached
from cicero_lite.bench.process_usage import busy_s, usage
from cicero_lite.bench.table_report import (
    Part,
    Recovery,
    Stored,
    TableFound,
    Taken,
    loads_of,
    part_of,
    recovery_of,
    stored_of,
)
from cicero_lite.bench.table_server import Opened, TableServerProcess, Watch
from cicero_lite.bench.table_tabs import DOMAINS, Did, SeatedTab
from cicero_lite.output import provenance
from cicero_lite.web.table.settings import PERSON
from cicero_lite.web.table.store import TableStore
from engine.game import Game
from engine.types import POWERS, OrderKind, Phase, Power
from planner.baselines import DumbBot

_BEGINS = Phase.parse("S1903M")
"""Where the games stand: units are spread over the board, and the slider has phases to show."""
_LATE_S = 1.0
"""How long the tabs are left alone after a part, so that the last order is shown in all of them."""
_LEAST_MOVES = 3
"""A unit with fewer may have no other order that one click gives it."""
_KILLED_AFTER_S = 0.5
"""The server is killed so long after the tabs were told to order and write."""
_AGREE_S = 15.0
"""How long the tabs of a seat may take, after everything, to show the same orders."""


@dataclass(frozen=True)
class TableWanted:
    """What is wanted."""

    tabs: int = 20
    games: int = 4
    quiet_s: float = 40.0
    thinking_s: float = 80.0
    pause_s: float = 5.0
    """Mean of the pauses of each tab."""
    down_s: float = 3.0
    """How long the line is down."""
    seed: int = 0
    agent: str = "cicero"
    options: tuple[str, ...] = ()
    """Further ones of ``cicero-lite web``: configuration files, settings."""

    def __post_init__(self) -> None:
        for name, value, least in (
            ("--tabs", self.tabs, 2),
            ("--games", self.games, 1),
            ("--seconds", self.quiet_s, 1),
        ):
            if value < least:
                raise BenchError(f"{name}: expected {least} or more, got {value}")
        if self.games > self.tabs:
            raise BenchError(f"--games: expected at most one for each of the {self.tabs} tabs, got {self.games}")


def measure_table(
    wanted: TableWanted, keep: Path | None = None, reached: Reached = lambda done, total: None
) -> TableFound:
    """Opens the tabs and plays in them.

    Args:
        wanted: what.
        keep: new folder for the store and what the server prints; None: nothing is kept.
        reached: told of seconds that are over.

    Raises:
        BenchError: there is no Chromium, the folder holds something, or the server or the agents stopped.
    """
    program = chromium()
    if program is None:
        raise BenchError("expected Chromium, got none: apt-get install chromium, or name yours in CHROMIUM")
    machine, running, begun = Machine.here(), provenance(), time.monotonic()
    with client_folder(keep) as folder, _bench(wanted, program, folder) as bench:
        total = int(wanted.quiet_s + wanted.thinking_s)
        bench.sit_in(PERSON)
        quiet = bench.part(wanted.quiet_s, lambda done: reached(done, total))
        bench.sit_in(wanted.agent)
        thinking = bench.part(wanted.thinking_s, lambda done: reached(int(wanted.quiet_s) + done, total))
        bench.order_twice()
        cut, killed = bench.cut(), bench.kill()
        return TableFound(
            tabs=wanted.tabs,
            games=wanted.games,
            agent=wanted.agent,
            pause_s=wanted.pause_s,
            seed=wanted.seed,
            quiet=quiet,
            thinking=thinking,
            cut=cut,
            killed=killed,
            stored=bench.stored(),
            seconds=time.monotonic() - begun,
            machine=machine,
            commit=running.commit,
            dirty=running.dirty,
        )


@contextmanager
def _bench(wanted: TableWanted, program: str, folder: Path) -> Iterator[_Bench]:
    with ExitStack() as stack:
        # The browser's last processes may still write there when the first has ended.
        profile = Path(stack.enter_context(TemporaryDirectory(prefix="cicero-lite-", ignore_cleanup_errors=True)))
        server = TableServerProcess(folder, wanted.options)
        server.start()
        stack.callback(server.process.kill)
        browser = stack.enter_context(launched(program, profile))
        opener = stack.enter_context(browser.first_tab())
        tabs = [SeatedTab(stack.enter_context(browser.window(opener, DOMAINS))) for _ in range(wanted.tabs)]
        line = CutLine(server.port)
        stack.callback(line.close)
        yield _Bench(wanted, server, browser.pid, tabs, line)


class _Bench:
    """The server, the browser, and the tabs."""

    def __init__(
        self, wanted: TableWanted, server: TableServerProcess, browser: int, tabs: list[SeatedTab], line: CutLine
    ) -> None:
        self._wanted, self._server, self._browser, self._tabs, self._line = wanted, server, browser, tabs, line
        self._games: list[Opened] = []
        self._position = _position(wanted.seed)
        self._power = max(POWERS, key=lambda power: len(_moves(self._position, power)))
        self._moves = _moves(self._position, self._power)
        self._units = tuple(self._moves)
        self._numbers = itertools.count(1)
        self._written: list[tuple[int, str]] = []
        """Each message of a person, with its game."""
        self._locks: list[threading.Lock] = []

    # --- how the tabs sit ----------------------------------------------------------------------------------

    def sit_in(self, others: str) -> None:
        """Opens games with these in the other seats, and all tabs at their person's seat."""
        saved = self._position.to_saved_game()
        self._games = self._server.open_games(self._wanted.games, self._power, others, self._wanted.seed, saved)
        self._locks = [threading.Lock() for _ in self._games]
        self._sit(self._server.url)

    def _sit(self, url: str) -> None:
        recipients = [power for power in self._position.alive if power is not self._power]

        def sit(number: int) -> None:
            game = number % len(self._games)
            to = recipients[number % len(recipients)]
            self._tabs[number].sit(url + self._games[game].link, game, to, self._units)

        self._all(sit)

    def _all(self, work: Callable[[int], None]) -> None:
        """Does this with each tab, by its number, at the same time."""
        with ThreadPoolExecutor(len(self._tabs)) as threads:
            for done in [threads.submit(work, number) for number in range(len(self._tabs))]:
                done.result()

    # --- the measured parts --------------------------------------------------------------------------------

    def part(self, seconds: float, reached: Callable[[int], None]) -> Part:
        """People order, write and look back in all tabs for so long.

        Raises:
            BenchError: the server or the agents stopped.
        """
        watch = Watch(self._server, self._games)
        before, begun = self._taken(), time.monotonic()
        watch.start()
        bar = threading.Thread(target=_tell, args=(begun, seconds, reached), daemon=True)
        bar.start()
        self._all(lambda number: self._play(number, begun + seconds))
        after, took = self._taken(), time.monotonic() - begun
        watch.stop()
        time.sleep(_LATE_S)
        for tab in self._tabs:
            tab.take_notes()
        return part_of(self._tabs, watch.asked, len(self._games), loads_of(before, after, took), took)

    def _play(self, number: int, end: float) -> None:
        tab, rng = self._tabs[number], random.Random(f"{self._wanted.seed} {number}")
        for turn in itertools.count(number):
            pause_s = rng.uniform(0.5, 1.5) * self._wanted.pause_s
            if time.monotonic() + pause_s > end:
                time.sleep(max(0.0, end - time.monotonic()))
                return
            time.sleep(pause_s)
            with self._locks[tab.game]:
                did = tuple(Did)[turn % len(Did)]
                if did is Did.STEP:
                    tab.step()
                elif did is Did.MESSAGE:
                    self._write(tab, rng)
                    tab.is_shown(did)
                else:
                    tab.order(tab.another_order(rng))
                    tab.is_shown(did)

    def _write(self, tab: SeatedTab, rng: random.Random) -> None:
        order = rng.choice(self._moves[rng.choice(self._units)])
        text = f"I think of {order} this turn. Will you support me? ({next(self._numbers)})"
        self._written.append((self._games[tab.game].game, text))
        tab.say(text)

    def _taken(self) -> Taken:
        own = os.times()
        return Taken(usage(self._server.process.pid), usage(self._browser), own.user + own.system, busy_s())

    # --- what may not be lost or doubled -------------------------------------------------------------------

    def order_twice(self) -> None:
        """Two tabs of each seat click on the same order at the same time."""
        rng, pairs = random.Random(self._wanted.seed), []
        for game in range(len(self._games)):
            one, *others = [tab for tab in self._tabs if tab.game == game]
            if others:
                order = one.another_order(rng)
                others[0].pick(order.split()[1][:3])
                pairs += [(one, order), (others[0], order)]
        with ThreadPoolExecutor(len(pairs) or 1) as threads:
            for done in [threads.submit(tab.order, order) for tab, order in pairs]:
                done.result()
        for tab, _ in pairs:
            tab.is_shown(Did.ORDER)

    def cut(self) -> Recovery:
        """The line to all tabs is down for a while."""
        self._sit(f"http://127.0.0.1:{self._line.port}")

        def down() -> None:
            self._line.is_down = True
            self._line.cut()

        def up() -> None:
            time.sleep(self._wanted.down_s)
            self._line.is_down = False

        return self._disturbed(down, lambda: None, up)

    def kill(self) -> Recovery:
        """The server is killed, and started again."""
        self._sit(self._server.url)

        def kill() -> None:
            time.sleep(_KILLED_AFTER_S)
            self._server.process.kill()

        return self._disturbed(lambda: None, kill, self._server.start)

    def _disturbed(
        self, before: Callable[[], None], meanwhile: Callable[[], None], after: Callable[[], None]
    ) -> Recovery:
        """Each tab orders a unit and writes, and waits until both are shown.

        Args:
            before: done before that; it or the next loses the connection.
            meanwhile: done at the same time.
            after: done then; brings the connection back.
        """
        orders: list[str] = [""] * len(self._tabs)

        def choose(number: int) -> None:
            tab, rng = self._tabs[number], random.Random(f"{self._wanted.seed} {number}")
            place = number // len(self._games)
            tab.units = self._units[place : place + 1]  # no two tabs of a seat order the same unit
            if tab.units:
                orders[number] = tab.another_order(rng)

        def act(number: int) -> None:
            tab = self._tabs[number]
            if orders[number]:
                tab.order(orders[number])
            self._write(tab, random.Random(f"{self._wanted.seed} {number}"))
            for did in {act.did for act in tab.acts}:
                tab.is_shown(did)

        self._all(choose)
        before()
        with ThreadPoolExecutor(len(self._tabs)) as threads:
            acting = [threads.submit(act, number) for number in range(len(self._tabs))]
            meanwhile()
            lost_at = 1000 * time.time()
            after()
            mended_at = 1000 * time.time()
            for done in acting:
                done.result()
        # What was done may have been shown before the connection was lost, and then waits for nothing.
        for tab in self._tabs:
            tab.await_link()
        time.sleep(_LATE_S)
        for tab in self._tabs:
            tab.take_notes()
        return recovery_of(self._tabs, lost_at, mended_at)

    def stored(self) -> Stored:
        """What the store holds after the server was killed once more, beside what was done and is shown."""
        end = time.monotonic() + _AGREE_S
        while len(shown := {(tab.game, frozenset(tab.orders())) for tab in self._tabs}) > len(self._games):
            if time.monotonic() > end:
                break
            time.sleep(_LATE_S)
        self._server.process.kill()
        store = TableStore(self._server.process.store)
        try:
            said, ordered = [], []
            for stored in store.games():
                game, _ = store.rebuilt(stored)
                texts = [m.text for record in game.history for m in record.messages] + [m.text for m in game.messages]
                said += [(stored.id, text) for text in texts]
            for opened in self._games:
                ordered.append(store.orders(opened.game).get(self._power, ([], False))[0])
        finally:
            store.close()
        return stored_of(self._written, said, ordered, shown)


def _tell(begun: float, seconds: float, reached: Callable[[int], None]) -> None:
    while (done := time.monotonic() - begun) < seconds:
        reached(int(done))
        time.sleep(0.5)
    reached(int(seconds))


def _position(seed: int) -> Game:
    """A game that DumbBots have played up to `_BEGINS`."""
    game, bot = Game(), DumbBot(np.random.default_rng(seed))
    while game.phase < _BEGINS:
        for power in POWERS:
            view = game.view(power)
            if view.legal_orders(power):
                game.set_orders(power, bot.act(view, power))
        game.process()
    return game


def _moves(game: Game, power: Power) -> dict[str, list[str]]:
    """The moves of each unit of a power that has several, by the province where it stands."""
    found: dict[str, list[str]] = {}
    for province, orders in game.legal_orders(power).items():
        moves = [str(order) for order in orders if order.kind is OrderKind.MOVE]
        if len(moves) >= _LEAST_MOVES:
            found[province] = moves
    return found


__all__ = ["TableWanted", "measure_table"]
