"""From the table into the agents, in a real browser: three clicks at most from a move or message to what it weighed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from cicero_lite.bench.browser import Tab, browser, chromium, tab_at
from cicero_lite.web.table.rooms import Rooms
from cicero_lite.web.table.server import TableServer
from cicero_lite.web.table.settings import PERSON, TableSettings
from engine.types import Power
from tests.table_games import serving, settings

PROGRAM = chromium()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium here: apt-get install chromium, or set CHROMIUM")

FRANCE, GERMANY = Power.FRANCE, Power.GERMANY
WEIGHED = "document.querySelectorAll('#inspector .column').length === 1"


class Web(NamedTuple):
    tab: Tab
    server: TableServer
    rooms: Rooms
    folder: Path

    def sits(self, wanted: TableSettings) -> Tab:
        """The tab, at France's seat of a new game."""
        link = self.server.link(self.rooms.open(wanted), FRANCE)
        self.tab.go("about:blank")
        self.tab.go(self.server.url.rstrip("/") + link)
        self.tab.sees("!document.getElementById('all')?.hidden && document.querySelector('#tokens .token') !== null")
        return self.tab


class Clicks:
    """A person whose clicks are counted."""

    def __init__(self, tab: Tab) -> None:
        self._tab = tab
        self.count = 0

    def on(self, selector: str, words: str = "") -> None:
        """One more."""
        self._tab.click(selector, words)
        self.count += 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("profile")


@pytest.fixture(scope="module")
def shared_tab(folder: Path) -> Iterator[Tab]:
    assert PROGRAM is not None
    with browser(PROGRAM, folder) as tab:
        yield tab


@pytest.fixture
def web(shared_tab: Tab, folder: Path, tmp_path: Path) -> Iterator[Web]:
    with serving(tmp_path) as (server, rooms):
        shared_tab.events.clear()
        yield Web(shared_tab, server, rooms, folder)
        assert [e for e in shared_tab.events if e["method"] == "Runtime.exceptionThrown"] == []
        shared_tab.go("about:blank")


def searching(**more: object) -> TableSettings:
    """France among DumbBots and a Germany that searches a little."""
    return replace(settings({FRANCE: PERSON, GERMANY: "cicero"}), think="4it", **more)  # type: ignore[arg-type]


def play(tab: Tab, then: str) -> None:
    """Ends the phase at hand."""
    tab.click("#ready")
    tab.sees(f"document.getElementById('phase').textContent === {then!r}")
    tab.sees("document.getElementById('now').disabled")


def test_an_agents_move_is_three_clicks_from_what_it_weighed(web: Web) -> None:
    tab = web.sits(searching())
    play(tab, "Fall 1901, orders")
    clicks = Clicks(tab)
    clicks.on("#tab-orders")
    clicks.on('#orders button[aria-label="Why did Germany order this?"]')
    clicks.on(".why-panel a", "Look inside")
    with tab_at(web.folder, "/inside?of=GERMANY&phase=S1901M") as inside:
        inside.sees(WEIGHED)
        assert clicks.count <= 3
        weighed = inside.js("document.querySelector('#inspector .column').innerText")
        assert "What it considers" in weighed
        assert "As in the game." in weighed
        assert "The game goes on" in inside.js("document.querySelector('#inspector footer').innerText")
        inside.click("#inspector .asking > summary")
        inside.choose("[data-order=BER]", "A BER - SIL")
        inside.click("#what-if .go")
        inside.sees("document.querySelectorAll('#inspector .column').length === 2")
        assert "A BER - SIL" in inside.js("document.querySelectorAll('#inspector .column')[1].innerText")
        assert inside.js("document.querySelectorAll('#inspector .column')[1].querySelector('.differs') !== null")
        inside.click("#inspector .close")
        inside.click("#tab-orders")
        assert inside.js("[...document.querySelectorAll('#orders .ask')].length") == 6  # not France, a person
        inside.click("#last")
        inside.click("#tab-why")
        assert "closed while the game goes on" in inside.js("document.getElementById('why').innerText")
        assert [e for e in inside.events if e["method"] == "Runtime.exceptionThrown"] == []


def test_a_unit_of_the_past_leads_there_too(web: Web) -> None:
    tab = web.sits(searching())
    play(tab, "Fall 1901, orders")
    clicks = Clicks(tab)
    clicks.on("#back")
    clicks.on("#tokens .token.GERMANY rect, #tokens .token.GERMANY path")
    clicks.on(".why-panel a", "Look inside")
    with tab_at(web.folder, "/inside?of=GERMANY&phase=S1901M") as inside:
        inside.sees(WEIGHED)
    assert clicks.count <= 3


def test_an_agents_message_is_two_clicks_from_what_it_could_have_said(web: Web) -> None:
    tab = web.sits(searching())
    tab.click('#threads [data-thread="GERMANY"]')
    tab.sees("document.querySelector('#thread .message.GERMANY') !== null")
    assert tab.js("document.querySelector('#thread .look-inside')") is None  # the phase is not over
    play(tab, "Fall 1901, orders")
    tab.click('#threads [data-thread="ITALY"]')
    clicks = Clicks(tab)
    clicks.on('#threads [data-thread="GERMANY"]')
    wrote = tab.js("document.querySelector('#thread .message.GERMANY .bubble').textContent")
    clicks.on("#thread .message.GERMANY .look-inside")
    with tab_at(web.folder, "/inside?of=GERMANY&phase=S1901M&message=") as inside:
        inside.sees(WEIGHED)
        assert clicks.count <= 3
        weighed = inside.js("document.querySelector('#inspector .column').innerText")
        assert "What it could say" in weighed
        assert "silence" in weighed
        assert inside.js("document.querySelector('#inspector .wrote q').textContent") == wrote
        inside.click("#inspector .asking > summary")
        inside.choose("#honesty", "cheap talk")
        inside.click("#what-if .go")
        inside.sees("document.querySelectorAll('#inspector .column').length === 2")


def test_when_the_game_is_over_all_is_open(web: Web) -> None:
    tab = web.sits(searching(until=1901, reasons=False))
    play(tab, "Fall 1901, orders")
    tab.click("#tab-orders")
    assert tab.js("document.querySelector('#orders .ask')") is None  # as the game was opened
    tab.until(lambda: is_over(tab), "the end")
    clicks = Clicks(tab)
    clicks.on("#banner a")
    with tab_at(web.folder, "/inside") as inside:
        inside.sees("document.getElementById('tokens') !== null")
        inside.click("#tab-orders")
        assert inside.js("[...document.querySelectorAll('#orders .ask')].length") == 7
        clicks_inside = Clicks(inside)
        clicks_inside.on("#orders .GERMANY .ask")
        clicks_inside.on(".look-inside")
        inside.sees(WEIGHED)
        assert clicks.count + clicks_inside.count <= 3
        assert "The game goes on" not in inside.js("document.querySelector('#inspector footer').innerText")
        inside.click("[data-part=beliefs]")
        assert inside.js("document.querySelectorAll('#inspector .column details').length") == 6
    # From the table's own past it is the same.
    tab.click("#back")
    tab.click('#orders button[aria-label="Why did Germany order this?"]')
    tab.click(".why-panel a", "Look inside")
    with tab_at(web.folder, "/inside?of=GERMANY&phase=") as inside:
        inside.sees(WEIGHED)


def is_over(tab: Tab) -> bool:
    """Whether the game is over; if it is not, France is ready."""
    tab.js("document.querySelector('#ready:not(:disabled)[aria-pressed=false]')?.click()")
    return bool(tab.js("document.querySelector('#banner a') !== null"))


def test_who_has_to_wait_is_told_so(web: Web) -> None:
    tab = web.sits(searching())
    play(tab, "Fall 1901, orders")
    tab.click("#tab-orders")
    tab.click('#orders button[aria-label="Why did Germany order this?"]')
    with ExitStack() as tabs:
        with ExitStack() as places:
            for _ in range(2):
                places.enter_context(web.rooms._gate.thinking(0.0))
            tab.click("#advisor")
            tab.sees("document.getElementById('advice').textContent === 'Waiting: the agents at play think first …'")
            tab.click("#tab-orders")
            tab.click(".why-panel a", "Look inside")
            inside = tabs.enter_context(tab_at(web.folder, "/inside?of=GERMANY"))
            waits = "Waiting: 1 question comes first …"
            inside.sees(f"document.querySelector('#inspector .thinking')?.textContent === {waits!r}")
        inside.sees(WEIGHED)
        tab.click("#tab-advice")
        tab.sees("document.querySelector('#advice .suggestion') !== null")
