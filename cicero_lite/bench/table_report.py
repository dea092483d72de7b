"""What was found of a table in many tabs: figures made of what the pages noted, and how they are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from cicero_lite.bench.machine import Machine, cores
from cicero_lite.bench.process_usage import Usage
from cicero_lite.bench.table_server import Asked
from cicero_lite.bench.table_tabs import Did, SeatedTab
from cicero_lite.output import commit_told

MEASURED: Mapping[str, str] = {
    "order_own": "click to order shown, own tab",
    "order_other": "click to order shown, other tabs",
    "message": "Enter to message in the thread",
    "step": "click to phase before painted",
    "bell": "order sent to bell, other tabs",
    "state_page": "/state, as the pages waited",
    "state_client": "/state, without a browser",
}
"""What is timed, milliseconds."""


@dataclass(frozen=True)
class Spread:
    """How values lie."""

    count: int
    median: float
    p95: float
    """19 of 20 are at most that."""
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread | None:
        """None: there are none."""
        ordered = sorted(values)
        if not ordered:
            return None
        return cls(len(ordered), median(ordered), ordered[-(-19 * len(ordered) // 20) - 1], ordered[-1])


@dataclass(frozen=True)
class Taken:
    """What of the machine was taken up to a moment."""

    server: Usage | None
    browser: Usage | None
    own_s: float
    """Processor time of this process, which drives the browser."""
    busy_s: float | None
    """Processor time of everything on the machine."""


@dataclass(frozen=True)
class Loads:
    """What of the machine was taken in a part; None: the system does not tell."""

    server: float | None
    """Share of all cores: the server with its agents."""
    browser: float | None
    """The same: Chromium with all tabs."""
    driver: float
    """The same: this process, which clicks and reads."""
    others: float | None
    """The same: everything else on the machine."""
    server_bytes: int | None
    """Memory at the end."""
    browser_bytes: int | None
    """Memory of Chromium with all tabs at the end."""


@dataclass(frozen=True)
class Part:
    """A measured part."""

    seconds: float
    latencies: Mapping[str, Spread | None]
    """Milliseconds, by the keys of `MEASURED`."""
    lost: int
    """Orders, messages and steps that were never shown in the tab in which they were done."""
    blocked: float
    """Share of the time in which a tab did one thing for more than 50 ms, mean of all tabs."""
    longest_block_ms: float
    state_bytes: float
    """Of a mean answer to ``/state``."""
    thinking: float
    """Share of the time in which an agent thought, in any game."""
    thinkers: int
    """Agents that the server told of as thinking."""
    loads: Loads


@dataclass(frozen=True)
class Recovery:
    """Tabs whose connection was lost."""

    down_s: float
    """How long."""
    tabs: int
    back: int
    """Tabs that came back by themselves and show what was done in them meanwhile."""
    under_way: int
    """Orders and messages done before the connection was lost and not shown before."""
    back_s: Spread | None
    """From its return until a tab is linked again and shows what was done in it."""


@dataclass(frozen=True)
class Stored:
    """The store beside what was done and what is shown."""

    messages: int
    """That people wrote."""
    messages_lost: int
    messages_doubled: int
    units: int
    """With an order."""
    units_doubled: int
    """With two."""
    differing: int
    """Seats of which a tab shows other orders than the store has."""


@dataclass(frozen=True)
class TableFound:
    """How a table answered in many tabs."""

    tabs: int
    games: int
    agent: str
    pause_s: float
    seed: int
    quiet: Part
    thinking: Part
    cut: Recovery
    killed: Recovery
    stored: Stored
    seconds: float
    machine: Machine
    commit: str | None
    dirty: bool

    @property
    def is_ok(self) -> bool:
        """Whether agents thought, every tab came back, and nothing was lost or doubled."""
        stored, parts = self.stored, (self.quiet, self.thinking)
        return (
            self.thinking.thinking > 0
            and sum(part.lost for part in parts) == 0
            and all(recovery.back == recovery.tabs for recovery in (self.cut, self.killed))
            and stored.messages_lost == stored.messages_doubled == stored.units_doubled == stored.differing == 0
        )

    def lines(self) -> list[str]:
        """The figures for a reader at the terminal."""
        quiet, thinking = self.quiet, self.thinking
        rows = [_latency_line(words, quiet.latencies[key], thinking.latencies[key]) for key, words in MEASURED.items()]
        return [
            f"{self.tabs} tabs, {self.games} games of a person and six {self.agent}, each tab acts about every "
            f"{self.pause_s:g} s, seed {self.seed}, {commit_told(self.commit, self.dirty)}",
            f"{self.seconds / 60:.1f} minutes on {self.machine.cores} cores, load before {self.machine.load_average}",
            "",
            f"{'ms':34}{'quiet: n':>9}{'median':>8}{'95 %':>8}{'most':>8}{'thinking: n':>13}{'median':>8}{'95 %':>8}"
            f"{'most':>8}{'times':>8}{'95 %':>7}",
            *rows,
            _both("tabs blocked, share of the time", quiet, thinking, lambda p: f"{p.blocked:.1%}"),
            _both("longest block, ms", quiet, thinking, lambda p: f"{p.longest_block_ms:.0f}"),
            _both("mean answer of /state, bytes", quiet, thinking, lambda p: f"{p.state_bytes:.0f}"),
            _both("never shown", quiet, thinking, lambda p: str(p.lost)),
            _both("an agent thinks, share of the time", quiet, thinking, lambda p: f"{p.thinking:.0%}"),
            _both("agents that thought", quiet, thinking, lambda p: str(p.thinkers)),
            _both("server, share of the machine", quiet, thinking, lambda p: _share(p.loads.server)),
            _both("Chromium, share of the machine", quiet, thinking, lambda p: _share(p.loads.browser)),
            _both("this benchmark, the same", quiet, thinking, lambda p: _share(p.loads.driver)),
            _both("everything else, the same", quiet, thinking, lambda p: _share(p.loads.others)),
            _both("server, MB", quiet, thinking, lambda p: _megabytes(p.loads.server_bytes)),
            _both("Chromium, MB for a tab", quiet, thinking, lambda p: _megabytes(p.loads.browser_bytes, self.tabs)),
            "",
            _recovery_line("line cut", self.cut),
            _recovery_line("server killed", self.killed),
            f"store: {self.stored.messages} messages written, {self.stored.messages_lost} lost, "
            f"{self.stored.messages_doubled} doubled; {self.stored.units} units ordered, "
            f"{self.stored.units_doubled} twice; {self.stored.differing} seats shown otherwise",
        ]


def _latency_line(words: str, quiet: Spread | None, thinking: Spread | None) -> str:
    line = f"{words:34}{_cells(quiet, 9)}{_cells(thinking, 13)}"
    if quiet is None or thinking is None:
        return line
    return f"{line}{thinking.median / quiet.median:8.1f}{thinking.p95 / quiet.p95:7.1f}"


def _cells(spread: Spread | None, width: int) -> str:
    if spread is None:
        return f"{0:{width}}{'–':>8}{'–':>8}{'–':>8}"
    return f"{spread.count:{width}}{spread.median:8.0f}{spread.p95:8.0f}{spread.most:8.0f}"


def _both(words: str, quiet: Part, thinking: Part, cell: Callable[[Part], str]) -> str:
    return f"{words:34}{cell(quiet):>17}{cell(thinking):>37}"


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.0%}"


def _megabytes(value: int | None, among: int = 1) -> str:
    return "unknown" if value is None else f"{value / among / 1e6:.0f}"


def _recovery_line(words: str, found: Recovery) -> str:
    back = found.back_s
    when = "" if back is None else f" after {back.median:.1f} s, at most {back.most:.1f} s"
    return (
        f"{words} for {found.down_s:.1f} s: {found.back} of {found.tabs} tabs back{when}; "
        f"{found.under_way} orders and messages were under way"
    )


# --- what the notes say ------------------------------------------------------------------------------------


def part_of(tabs: Sequence[SeatedTab], asked: Sequence[Asked], games: int, loads: Loads, seconds: float) -> Part:
    """A part, of what was done and noted in it.

    Args:
        tabs: with their acts and notes of this part.
        asked: what the server told, a round of all games after another.
        games: how many.
        loads: what of the machine was taken.
        seconds: how long it took.
    """
    found: dict[str, list[float]] = {key: [] for key in MEASURED}
    lost = 0
    for tab in tabs:
        others = [other for other in tabs if other is not tab and other.game == tab.game]
        for act in tab.acts:
            begun = tab.begun(act)
            shown = None if begun is None else tab.shown(act.did, act.value, begun)
            if begun is None or shown is None:
                lost += 1
                continue
            found[_OWN[act.did]].append(shown - begun)
            if act.did is Did.ORDER:
                _add_others(found, tab, others, act.value, begun)
    requests = [note for tab in tabs for note in tab.notes if note.what == "request" and note.value == "state"]
    found["state_page"] = [note.ms for note in requests]
    found["state_client"] = [answer.ms for answer in asked]
    blocks = [note.ms for tab in tabs for note in tab.notes if note.what == "blocked"]
    rounds = [asked[first : first + games] for first in range(0, len(asked), games)]
    return Part(
        seconds=seconds,
        latencies={key: Spread.of(values) for key, values in found.items()},
        lost=lost,
        blocked=sum(blocks) / (1000 * seconds * len(tabs)),
        longest_block_ms=max(blocks, default=0.0),
        state_bytes=sum(note.bytes for note in requests) / (len(requests) or 1),
        thinking=sum(any(answer.thinking for answer in each) for each in rounds) / (len(rounds) or 1),
        thinkers=len({(answer.game, answer.thinking) for answer in asked if answer.thinking}),
        loads=loads,
    )


_OWN = {Did.ORDER: "order_own", Did.MESSAGE: "message", Did.STEP: "step"}


def _add_others(
    found: Mapping[str, list[float]], tab: SeatedTab, others: Sequence[SeatedTab], order: str, begun: float
) -> None:
    sent = next((n.sent for n in tab.notes if n.what == "request" and n.value == "order" and n.sent >= begun), None)
    for other in others:
        seen, bell = other.shown(Did.ORDER, order, begun), other.first("bell message", begun if sent is None else sent)
        own = other.first("click", begun)
        if seen is None or (own is not None and own < seen):
            continue  # somebody looked at another phase there
        found["order_other"].append(seen - begun)
        if bell is not None and sent is not None:
            found["bell"].append(bell - sent)


def loads_of(before: Taken, after: Taken, seconds: float) -> Loads:
    """What was taken between two moments."""
    whole = seconds * cores()

    def share(first: Usage | None, last: Usage | None) -> float | None:
        return None if first is None or last is None else (last.cpu_s - first.cpu_s) / whole

    server, browser = share(before.server, after.server), share(before.browser, after.browser)
    driver, others = (after.own_s - before.own_s) / whole, None
    if before.busy_s is not None and after.busy_s is not None and server is not None and browser is not None:
        others = max(0.0, (after.busy_s - before.busy_s) / whole - server - browser - driver)
    return Loads(
        server=server,
        browser=browser,
        driver=driver,
        others=others,
        server_bytes=None if after.server is None else after.server.bytes,
        browser_bytes=None if after.browser is None else after.browser.bytes,
    )


def recovery_of(tabs: Sequence[SeatedTab], lost_at: float, mended_at: float) -> Recovery:
    """How tabs came back.

    Args:
        tabs: with their acts and notes.
        lost_at: when the connection was lost, milliseconds since 1970.
        mended_at: when it could be had again.
    """
    back, under_way = [], 0
    for tab in tabs:
        shown = [tab.shown(act.did, act.value, act.at) for act in tab.acts]
        links = [note for note in tab.notes if note.what == "link"]
        begun = [tab.begun(act) for act in tab.acts]
        under_way += sum(
            b is not None and b < lost_at and (s is None or s > lost_at) for b, s in zip(begun, shown, strict=True)
        )
        if None not in shown and (not links or not links[-1].value):
            times = [at for at in shown if at is not None] + [note.at for note in links]
            back.append(max(0.0, max(times) - mended_at) / 1000)
    return Recovery((mended_at - lost_at) / 1000, len(tabs), len(back), under_way, Spread.of(back))


def stored_of(
    written: Sequence[tuple[int, str]],
    said: Sequence[tuple[int, str]],
    ordered: Sequence[Sequence[str]],
    shown: Iterable[tuple[int, frozenset[str]]],
) -> Stored:
    """The store beside what was done and is shown.

    Args:
        written: number of the game and text of each message that a person wrote.
        said: the same of all messages in the store.
        ordered: the orders in the store of the person of each game.
        shown: number of the game among these, and the orders that one of its tabs shows.
    """
    counts = Counter(said)
    units = [Counter(order.split()[1][:3] for order in orders) for orders in ordered]
    return Stored(
        messages=len(written),
        messages_lost=sum(counts[message] == 0 for message in written),
        messages_doubled=sum(counts[message] > 1 for message in written),
        units=sum(map(len, units)),
        units_doubled=sum(count > 1 for of_seat in units for count in of_seat.values()),
        differing=len({game for game, orders in shown if orders != frozenset(ordered[game])}),
    )
