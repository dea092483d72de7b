"""Many tabs at a table: what is made of their notes, and a small run with a real browser and the real command."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from cicero_lite.bench import table as bench
from cicero_lite.bench.browser import Tab, chromium
from cicero_lite.bench.machine import Machine
from cicero_lite.bench.options import BenchError
from cicero_lite.bench.process_usage import Usage
from cicero_lite.bench.table import TableWanted, measure_table
from cicero_lite.bench.table_report import (
    MEASURED,
    Loads,
    Part,
    Recovery,
    Spread,
    Stored,
    TableFound,
    Taken,
    loads_of,
    part_of,
    recovery_of,
    stored_of,
)
from cicero_lite.bench.table_server import Asked
from cicero_lite.bench.table_tabs import Act, Did, Note, SeatedTab

LOADS = Loads(0.1, 0.4, 0.02, 0.0, 600_000_000, 1_400_000_000)


class NoTab:
    """Stands for a page of which only the notes matter."""

    def call(self, method: str, **parameters: Any) -> None: ...


def seated(game: int, acts: list[Act], *notes: Note) -> SeatedTab:
    return SeatedTab(cast(Tab, NoTab()), game, acts=acts, notes=list(notes))


def order(text: str, at: float) -> Note:
    return Note("order", at, text)


def part(**changed: Any) -> Part:
    spreads = {"order_own": Spread(3, 100.0, 200.0, 300.0), "bell": None}
    latencies = dict.fromkeys(MEASURED, None) | spreads
    return replace(Part(10.0, latencies, 0, 0.01, 90.0, 3000.0, 0.9, 6, LOADS), **changed)


FOUND = TableFound(
    tabs=4,
    games=2,
    agent="cicero",
    pause_s=5.0,
    seed=0,
    quiet=part(thinking=0.0, thinkers=0),
    thinking=part(latencies={**part().latencies, "order_own": Spread(4, 150.0, 500.0, 900.0)}),
    cut=Recovery(3.0, 4, 4, 0, Spread(4, 1.0, 2.0, 2.0)),
    killed=Recovery(2.5, 4, 4, 7, Spread(4, 1.5, 3.0, 3.0)),
    stored=Stored(20, 0, 0, 6, 0, 0),
    seconds=60.0,
    machine=Machine("cpu", 2, 0.5),
    commit=None,
    dirty=False,
)


def test_a_spread_has_nineteen_of_twenty_below() -> None:
    assert Spread.of(range(1, 21)) == Spread(20, 10.5, 19, 20)
    assert Spread.of([7.0]) == Spread(1, 7.0, 7.0, 7.0)
    assert Spread.of([]) is None


def test_an_order_is_timed_in_its_tab_and_in_the_others_of_its_seat() -> None:
    click, sent = Note("click", 1001), Note("request", 1004, "order", sent=1005)
    one = seated(0, [Act(Did.ORDER, "A PAR H", 1000)], Note("click", 900), click, sent, order("A PAR H", 1100))
    two = seated(0, [], order("A PAR H", 800), Note("bell message", 1030), order("A PAR H", 1150))
    busy = seated(0, [], Note("click", 1050), Note("bell message", 1030), order("A PAR H", 1950))
    other = seated(1, [], order("A PAR H", 1101))
    found = part_of([one, two, busy, other], [], 2, LOADS, 10.0)
    assert found.latencies["order_own"] == Spread.of([99.0])
    assert found.latencies["order_other"] == Spread.of([149.0])
    assert found.latencies["bell"] == Spread.of([25.0])
    assert found.lost == 0


def test_what_is_never_shown_is_counted() -> None:
    acts = [Act(Did.MESSAGE, "Hello", 1000), Act(Did.STEP, "Spring", 2000), Act(Did.ORDER, "A PAR H", 3000)]
    tab = seated(0, acts, Note("keydown", 1001), Note("click", 2001), Note("phase", 2050), Note("click", 3001))
    found = part_of([tab], [], 1, LOADS, 10.0)
    assert found.lost == 2
    assert found.latencies["step"] == Spread.of([49.0])
    assert found.latencies["message"] is None


def test_thinking_is_what_the_server_said_and_blocks_are_shared_among_tabs() -> None:
    asked = [Asked(0, 1, None, 5), Asked(0, 2, "ITALY", 6), Asked(1, 1, None, 7), Asked(1, 2, None, 8)]
    tabs = [seated(0, [], Note("blocked", 5, ms=100.0), Note("blocked", 9, ms=300.0)), seated(1, [])]
    found = part_of(tabs, asked, 2, LOADS, 10.0)
    assert (found.thinking, found.thinkers) == (0.5, 1)
    assert found.blocked == pytest.approx(0.02)
    assert found.longest_block_ms == 300.0
    assert found.latencies["state_client"] == Spread(4, 6.5, 8, 8)


def test_a_tab_is_back_when_it_is_linked_and_shows_what_was_done_in_it() -> None:
    act = Act(Did.MESSAGE, "Hello", 1000)
    said, shown = Note("keydown", 1001), Note("message", 5000, "Hello")
    lost, linked = Note("link", 2000, "connection lost"), Note("link", 6000, "")
    back = seated(0, [act], said, shown, lost, linked)
    without = seated(0, [act], said, lost, linked)
    never = seated(0, [act], said, shown, lost)
    found = recovery_of([back, without, never], 1500, 4000)
    assert (found.tabs, found.back, found.under_way, found.down_s) == (3, 1, 3, 2.5)
    assert found.back_s == Spread.of([2.0])


def test_the_store_is_held_against_what_was_done_and_what_is_shown() -> None:
    said = [(1, "one"), (1, "two"), (1, "two"), (2, "one")]
    ordered = [["A PAR H", "A PAR - BUR"], ["F BRE H"]]
    shown = [(0, frozenset({"A PAR H", "A PAR - BUR"})), (1, frozenset({"F BRE - MAO"})), (1, frozenset({"F BRE H"}))]
    found = stored_of([(1, "one"), (1, "two"), (2, "two")], said, ordered, shown)
    assert found == Stored(3, 1, 1, 2, 1, 1)


def test_shares_of_the_machine_leave_the_rest_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cicero_lite.bench.table_report.cores", lambda: 2)
    before = Taken(Usage(1.0, 5, 1), Usage(2.0, 6, 3), 1.0, 100.0)
    after = Taken(Usage(3.0, 50, 1), Usage(10.0, 60, 3), 2.0, 113.0)
    found = loads_of(before, after, 10.0)
    assert replace(found, others=None) == Loads(0.1, 0.4, 0.05, None, 50, 60)
    assert found.others == pytest.approx(0.1)
    assert loads_of(replace(before, server=None), after, 10.0).others is None


def test_something_lost_or_doubled_or_no_thought_at_all_is_no_success() -> None:
    assert FOUND.is_ok
    assert not replace(FOUND, thinking=part(thinking=0.0)).is_ok
    assert not replace(FOUND, quiet=part(lost=1)).is_ok
    assert not replace(FOUND, cut=replace(FOUND.cut, back=3)).is_ok
    for name in ("messages_lost", "messages_doubled", "units_doubled", "differing"):
        assert not replace(FOUND, stored=replace(FOUND.stored, **{name: 1})).is_ok
    lines = FOUND.lines()
    (own,) = (line.split() for line in lines if line.startswith("click to order shown, own tab"))
    assert own[-10:] == ["3", "100", "200", "300", "4", "150", "500", "900", "1.5", "2.5"]
    assert (
        "server killed for 2.5 s: 4 of 4 tabs back after 1.5 s, at most 3.0 s; 7 orders and messages were under way"
        in (lines)
    )


def test_what_cannot_be_wanted_is_refused_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BenchError, match="--tabs: expected 2 or more, got 1"):
        TableWanted(tabs=1)
    with pytest.raises(BenchError, match="--games: expected at most one for each of the 3 tabs, got 4"):
        TableWanted(tabs=3, games=4)
    monkeypatch.setattr(bench, "chromium", lambda: None)
    with pytest.raises(BenchError, match="expected Chromium, got none: apt-get install chromium, or name yours"):
        measure_table(TableWanted())


@pytest.mark.skipif(chromium() is None, reason="no Chromium here: apt-get install chromium, or set CHROMIUM")
def test_three_tabs_at_two_games() -> None:
    wanted = TableWanted(tabs=3, games=2, quiet_s=5, thinking_s=5, pause_s=0.5, down_s=0.5, agent="dumbbot")
    found = measure_table(wanted)
    for measured in (found.quiet, found.thinking):
        assert measured.lost == 0
        spreads = {key: spread for key, spread in measured.latencies.items() if spread is not None}
        assert {"order_own", "message", "step", "state_page", "state_client"} <= set(spreads)
        assert all(0 < spread.median <= spread.p95 <= spread.most for spread in spreads.values())
    assert found.quiet.thinkers == 0
    assert (found.cut.back, found.killed.back) == (3, 3)
    assert found.stored.messages > 3
    assert replace(found.stored, messages=0, units=0) == Stored(0, 0, 0, 0, 0, 0)
    assert found.stored.units >= 3
