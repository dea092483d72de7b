"""The page in a real browser: a person approves, edits, rejects and stops, and the store has it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cicero_lite.bench.browser import Tab, browser, chromium
from cicero_lite.hosting.store import Standing, Store, StoredMessage, StoredSeat
from cicero_lite.web.desk import DeskServer
from cicero_lite.web.door import checked_door
from engine.types import Phase
from tests.desk_store import EVIL, PHASE, fill, proposal

PROGRAM = chromium()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium here: apt-get install chromium, or set CHROMIUM")

CONTROL = 2
TROUBLE = ("Runtime.exceptionThrown", "Log.entryAdded")


class Open(NamedTuple):
    """A desk that is open in a browser."""

    store: Store
    seat: StoredSeat
    tab: Tab
    server: DeskServer

    def message(self, number: int) -> StoredMessage:
        found = self.store.message(number)
        assert found is not None
        return found

    def becomes(self, number: int, standing: Standing) -> StoredMessage:
        """The message once it has this standing."""
        self.tab.until(lambda: self.message(number).standing is standing, f"{number} {standing}")
        return self.message(number)

    def add(self, text: str) -> int:
        """Another message that waits, seen in the page."""
        (number,) = self.store.mean(self.seat.id, PHASE, [proposal(text)], Standing.WAITING)
        self.tab.sees(f"document.querySelector('{card(number)}') !== null")
        return number


def card(number: int) -> str:
    return f'article[data-number="{number}"]'


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    assert PROGRAM is not None
    with browser(PROGRAM, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def desk(tab: Tab, tmp_path: Path) -> Iterator[Open]:
    store, seat = fill(tmp_path / "bot.sqlite")
    with DeskServer(store, checked_door("127.0.0.1", 0, (), None)) as server:
        tab.events.clear()
        tab.go(f"{server.url}#{server.token}")
        tab.sees("document.querySelectorAll('article').length === 2")
        yield Open(store, seat, tab, server)
        assert [event for event in tab.events if event["method"] in TROUBLE] == []
        tab.go("about:blank")
    store.close()


def test_a_message_is_approved(desk: Open) -> None:
    desk.tab.click(f"{card(1)} button", "Approve")
    assert desk.becomes(1, Standing.READY).text == proposal().text
    desk.tab.sees(f"document.querySelector('{card(1)}') === null")
    desk.tab.sees("document.getElementById('decided').textContent.includes('ready')")
    assert desk.message(2).standing is Standing.WAITING


def test_a_message_is_edited_and_no_refresh_disturbs_the_writer(desk: Open) -> None:
    desk.tab.click(f"{card(1)} button", "Edit")
    assert desk.tab.js("document.activeElement.value") == proposal().text
    desk.tab.write("Stay out of Burgundy,")
    another = desk.add("A third.")
    desk.store.beat(desk.seat.id, PHASE, "thinking", time.time() + 60)
    desk.tab.sees("document.getElementById('seats').textContent.includes('thinking')")
    assert desk.tab.js("document.activeElement.value") == "Stay out of Burgundy,"
    desk.tab.write("Stay out of Burgundy, & I stay out of <b>Munich</b>.")
    desk.tab.click(f"{card(1)} button", "Approve these words")
    found = desk.becomes(1, Standing.READY)
    assert (found.text, found.drafted) == ("Stay out of Burgundy, & I stay out of <b>Munich</b>.", proposal().text)
    desk.tab.sees("document.getElementById('decided').textContent.includes('the agent wrote: Will you')")
    assert desk.message(another).standing is Standing.WAITING


def test_a_message_is_rejected_with_a_reason(desk: Open) -> None:
    desk.tab.click(f"{card(1)} button", "Reject")
    desk.tab.write("too friendly")
    desk.tab.click(f"{card(1)} button", "Reject it")
    assert desk.becomes(1, Standing.REJECTED).reason == "too friendly"


def test_everything_is_stopped_and_goes_on(desk: Open) -> None:
    desk.tab.click("#stop")
    desk.tab.until(lambda: desk.store.stopped() is not None, "stopped")
    desk.tab.sees("!document.getElementById('banner').hidden")
    desk.tab.click("#go-on")
    desk.tab.until(lambda: desk.store.stopped() is None, "goes on")
    desk.tab.sees("document.getElementById('banner').hidden")


def test_a_stop_from_elsewhere_is_shown(desk: Open) -> None:
    desk.store.stop("somebody at the terminal")
    desk.tab.sees("document.getElementById('banner').textContent.includes('somebody at the terminal')")
    desk.tab.sees("document.title.startsWith('■')")


def test_the_keyboard_is_enough(desk: Open) -> None:
    third = desk.add("A third.")
    desk.tab.js(f"document.querySelector('{card(1)}').focus()")
    desk.tab.press("j")
    desk.tab.press("r")
    desk.tab.press("Enter")
    desk.becomes(2, Standing.REJECTED)
    desk.tab.sees(f"document.activeElement === document.querySelector('{card(third)}')")
    desk.tab.press("k")
    desk.tab.press("e")
    desk.tab.write("a word with a, r and j")  # letters in a field are letters
    desk.tab.press("Enter", CONTROL)
    assert desk.becomes(1, Standing.READY).text == "a word with a, r and j"
    desk.tab.sees(f"document.activeElement === document.querySelector('{card(third)}')")
    desk.tab.press("e")
    desk.tab.press("Escape")
    desk.tab.press("a")
    assert desk.becomes(third, Standing.READY).text == "A third."
    desk.tab.sees("document.getElementById('waiting').textContent.includes('Nothing waits')")


def test_what_others_wrote_is_text(desk: Open) -> None:
    shown = EVIL.replace("\u202e", "U+202E")
    assert desk.tab.js(f"document.querySelector('{card(2)} .bubble').textContent") == shown
    assert desk.tab.js("document.getElementById('notices').textContent.includes('<script>')")
    assert desk.tab.js("document.querySelectorAll('img, main script').length") == 0
    desk.store.approve(2)
    desk.tab.sees("document.getElementById('decided').textContent.includes('onerror')")
    assert desk.tab.js("document.querySelectorAll('img, main script').length") == 0
    assert "taken" not in desk.tab.js("document.title")


def test_words_for_a_message_that_waits_no_more_are_kept_but_not_sent(desk: Open) -> None:
    desk.tab.click(f"{card(1)} button", "Edit")
    desk.tab.write("Too late.")
    desk.store.drop(1, "the phase is over")
    desk.tab.sees(f"document.querySelector('{card(1)}').textContent.includes('dropped, the phase is over')")
    assert desk.tab.js("document.activeElement.value") == "Too late."
    desk.tab.press("Enter", CONTROL)
    desk.tab.click(f"{card(1)} button", "Cancel")
    desk.tab.sees(f"document.querySelector('{card(1)}') === null")
    assert (desk.message(1).standing, desk.message(1).text) == (Standing.DROPPED, proposal().text)


def test_words_that_the_server_would_not_take_are_refused_in_the_page(desk: Open) -> None:
    desk.tab.click(f"{card(1)} button", "Edit")
    desk.tab.write("   ")
    assert desk.tab.js(f"document.querySelector('{card(1)} .form .go').disabled")
    desk.tab.write("x" * 10_834)
    assert desk.tab.js(f"document.querySelector('{card(1)} .form .go').disabled")
    desk.tab.write("turned \u202e round")
    desk.tab.js(f"document.querySelector('{card(1)} .form .go').click()")
    desk.tab.sees(f"document.querySelector('{card(1)} .trouble').textContent.includes('U+202E')")
    assert desk.message(1).standing is Standing.WAITING
    errors = [event for event in desk.tab.events if event["method"] == "Log.entryAdded"]
    assert all("400" in event["params"]["entry"]["text"] for event in errors)
    desk.tab.events.clear()


def test_a_message_of_a_past_phase_says_so(desk: Open) -> None:
    desk.store.beat(desk.seat.id, Phase.parse("F1901M"), "talking", None)
    desk.tab.sees(f"!document.querySelector('{card(1)} .late').hidden")


def test_the_token_leaves_the_address_and_lasts_over_a_reload(desk: Open) -> None:
    assert desk.server.token not in desk.tab.js("location.href + document.cookie")
    desk.tab.call("Page.reload")
    desk.tab.sees("document.querySelectorAll('article').length === 2")


def test_a_wrong_token_is_asked_for_again(desk: Open) -> None:
    desk.tab.call("Network.clearBrowserCookies")
    desk.tab.sees("!document.getElementById('login').hidden && document.getElementById('desk').hidden")
    desk.tab.js("document.getElementById('token').focus()")
    desk.tab.write("wrong")
    desk.tab.press("Enter")
    desk.tab.sees("document.getElementById('login-why').textContent.includes('wrong token')")
    desk.tab.write(desk.server.token)
    desk.tab.click("#login button")
    desk.tab.sees("document.getElementById('login').hidden && document.querySelectorAll('article').length === 2")
    desk.tab.events.clear()  # the browser tells of both refusals
