"""The replay and the inspector in a real browser: by keyboard and by clicks, as a person would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cicero_lite.bench.browser import Tab, browser, chromium
from cicero_lite.inspection import GameRecord
from cicero_lite.web.door import checked_door
from cicero_lite.web.inspector import InspectorServer
from cicero_lite.web.replay import replay_html
from engine.game import Game
from engine.types import Power
from tests.inspected_game import game_folder, record

PROGRAM = chromium()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium here: apt-get install chromium, or set CHROMIUM")

TROUBLE = ("Runtime.exceptionThrown", "Log.entryAdded")
EVIL = "</script><img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


@pytest.fixture(scope="module")
def shared_tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    assert PROGRAM is not None
    with browser(PROGRAM, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def tab(shared_tab: Tab) -> Iterator[Tab]:
    """The tab, in which nothing may go wrong."""
    shared_tab.events.clear()
    yield shared_tab
    assert [event for event in shared_tab.events if event["method"] in TROUBLE] == []
    shared_tab.go("about:blank")


@pytest.fixture(scope="module")
def server() -> Iterator[InspectorServer]:
    with InspectorServer(record(), checked_door("127.0.0.1", 0, (), None)) as started:
        yield started


def test_a_replay_is_stepped_through_by_keyboard(tab: Tab) -> None:
    tab.go((game_folder() / "replay.html").as_uri())
    tab.sees("document.getElementById('phase')?.textContent === 'Spring 1901, orders'")
    before = tab.js("document.querySelector('#tokens').innerHTML")
    tab.press("ArrowRight")
    tab.sees("document.getElementById('phase').textContent.startsWith('Fall 1901')")
    assert tab.js("document.querySelector('#tokens').innerHTML") != before
    assert tab.js("document.getElementById('scrub').getAttribute('aria-valuetext')").startswith("Fall 1901")
    tab.press("End")
    tab.sees("document.getElementById('next').disabled")
    tab.press("Home")
    tab.sees("document.getElementById('back').disabled")
    step = "document.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }))"
    assert tab.js(f"{step}, document.getAnimations().length") > 0  # units glide to where they went
    assert [e for e in tab.events if e["method"] == "Network.requestWillBeSent"][1:] == []


def test_from_any_order_to_its_reasons_it_is_one_click(tab: Tab) -> None:
    tab.go((game_folder() / "replay.html").as_uri() + "#F1901M")
    tab.click("#tab-orders")
    tab.click("#orders .ask")
    tab.sees("!document.getElementById('why').hidden")
    shown = tab.js("document.getElementById('why').innerText")
    assert "What it considered" in shown
    assert "What it expected of the others" in shown
    assert "What it thinks the others are like" in shown
    assert tab.js("document.querySelectorAll('#why .mark-chosen').length") == 1
    assert tab.js("document.querySelector('#why .look-inside')") is None


def test_a_unit_on_the_map_tells_why_it_moves(tab: Tab) -> None:
    tab.go((game_folder() / "replay.html").as_uri())
    tab.click("#tokens .token.TURKEY rect, #tokens .token.TURKEY path")
    tab.sees("document.querySelector('#why h2').textContent.includes('Turkey')")


def test_promises_lead_to_the_words_that_gave_them(tab: Tab) -> None:
    tab.go((game_folder() / "replay.html").as_uri() + "#F1901M")
    tab.click("#tab-ledger")
    tab.click("#ledger .quote")
    tab.sees("!document.getElementById('talks').hidden && document.querySelectorAll('#thread .bubble').length > 0")


def test_what_if_stands_beside_what_was(tab: Tab, server: InspectorServer) -> None:
    tab.go(f"{server.url}#{server.token}")
    tab.sees("document.getElementById('tokens') !== null")
    assert server.token not in tab.js("location.href")
    tab.click("#tab-orders")
    tab.click("#orders .FRANCE .ask")
    tab.click(".look-inside")
    tab.sees("document.querySelectorAll('#inspector .column').length === 1")
    assert "As in the game." in tab.js("document.querySelector('#inspector .column').innerText")
    for part, words in (("beliefs", "keeps its word"), ("pairs", "all others as expected"), ("search", "Iterations")):
        tab.click(f"[data-part={part}]")
        assert words in tab.js("document.querySelector('#inspector .column').innerText")
    tab.click("[data-part=plan]")
    tab.click("#inspector .asking > summary")
    order = "document.querySelector('[data-order=PAR]')"
    tab.js(f"{order}.value = 'A PAR - PIC'")
    tab.js("document.getElementById('aggression').value = '0.02'")
    tab.click("#what-if .go")
    tab.sees("document.querySelectorAll('#inspector .column').length === 2")
    assert "A PAR - PIC" in tab.js("document.querySelectorAll('#inspector .column')[1].innerText")
    asked = tab.js("document.querySelectorAll('#inspector .column h2')[1].textContent")
    assert asked == "What if: A PAR - PIC, aggression=0.02"
    tab.press("Escape")
    tab.sees("!document.getElementById('inspector').open")


def test_what_was_said_to_it_is_said_otherwise(tab: Tab, server: InspectorServer) -> None:
    tab.go(f"{server.url}#{server.token}")
    tab.sees("document.getElementById('tokens') !== null")
    tab.click("#tab-orders")
    tab.click("#orders .FRANCE .ask")
    tab.click(".look-inside")
    tab.sees("document.querySelectorAll('#inspector .column').length === 1")
    tab.click("#inspector .asking > summary")
    tab.js("document.getElementById('new-sender').value = 'GERMANY'")
    tab.js("document.getElementById('new-text').focus()")
    tab.write("I promise to move Munich to Ruhr.")
    tab.click("#what-if .go")
    tab.sees("document.querySelectorAll('#inspector .column').length === 2")
    tab.click("[data-part=beliefs]")
    assert "promise" in tab.js("document.querySelectorAll('#inspector .column')[1].textContent")


def test_a_message_leads_to_what_was_weighed_before_it(tab: Tab, server: InspectorServer) -> None:
    tab.go(f"{server.url}#{server.token}")
    tab.click("#thread details.why > summary")
    tab.click("#thread .look-inside")
    tab.sees("document.querySelectorAll('#inspector .column').length === 1")
    shown = tab.js("document.querySelector('#inspector .column').innerText")
    assert "What it could say" in shown
    assert "silence" in shown


def test_a_mistake_is_told_in_the_page(tab: Tab, server: InspectorServer) -> None:
    tab.go(f"{server.url}#{server.token}")
    tab.sees("document.getElementById('tokens') !== null")
    tab.click("#tab-why")
    tab.click(".look-inside")
    tab.sees("document.querySelectorAll('#inspector .column').length === 1")
    tab.click("#inspector .asking > summary")
    tab.js("document.getElementById('more-controls').value = 'agression=1'")
    tab.click("#what-if .go")
    tab.sees("document.querySelector('#inspector .trouble').textContent.includes('did you mean')")
    tab.events[:] = [e for e in tab.events if e["method"] != "Log.entryAdded"]  # the browser notes every answer of 400


def test_nothing_that_is_stored_runs(tab: Tab, tmp_path: Path) -> None:
    game = Game(game_id=EVIL)
    game.say(Power.ENGLAND, None, EVIL)
    game.say(Power.ENGLAND, Power.FRANCE, EVIL)
    page = tmp_path / "evil.html"
    page.write_text(replay_html(game.to_saved_game()), encoding="utf-8")
    tab.go(page.as_uri())
    tab.sees("document.querySelectorAll('#thread .bubble').length === 2")
    assert tab.js("document.title") != "owned"
    quick = replace(record().config.search, think="policy")
    config = replace(record().config, search=quick)
    with InspectorServer(GameRecord(game, config=config), checked_door("127.0.0.1", 0, (), None)) as server:
        tab.go(f"{server.url}#{server.token}")
        tab.sees("document.querySelectorAll('#thread .bubble').length === 2")
        tab.click("#tab-why")
        tab.click("#why .choice button", "FR")
        tab.click(".look-inside")
        tab.sees("document.querySelectorAll('#inspector .column').length === 1")
        for part in ("messages", "beliefs", "plan"):
            tab.click(f"[data-part={part}]")
        assert tab.js("document.title") != "owned"
        assert tab.js("document.querySelectorAll('img').length") == 0
        tab.go("about:blank")
