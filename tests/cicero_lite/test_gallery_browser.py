"""The gallery and the addresses of a replay in a real browser: from files, offline, as a person would open them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cicero_lite.bench.browser import Tab, browser, chromium
from cicero_lite.gallery import write_gallery
from engine.types import POWERS
from tests.inspected_game import game_folder
from tests.scripted_games import Lines, Orders, keep, played_game

PROGRAM = chromium()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium here: apt-get install chromium, or set CHROMIUM")

AUSTRIA, ENGLAND, FRANCE, GERMANY, ITALY, RUSSIA, TURKEY = POWERS
TROUBLE = ("Runtime.exceptionThrown", "Log.entryAdded")
EVIL = "</style></script><img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
WORDS = f"I will move Venice to Tyrolia. {EVIL}"


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
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two games: one of our agents, and one whose name and words are hostile, with a lie that took a centre."""
    folder = tmp_path_factory.mktemp("gallery")
    lines: dict[str, Lines] = {
        "S1901M": {ITALY: [(AUSTRIA, "Hello!"), (None, EVIL)]},
        "F1901M": {ITALY: [(AUSTRIA, WORDS)], AUSTRIA: [(RUSSIA, "Hello Russia!")]},
    }
    given: Orders = {"S1901M": {AUSTRIA: ["F TRI - ALB"]}, "F1901M": {ITALY: ["A VEN - TRI"]}}
    hostile = keep(folder / "evil & <b>game", *played_game(lines, given, game_id=EVIL))
    captions = folder / "captions.yaml"
    captions.write_text(json.dumps({"about": EVIL, "games": {"evil_b_game": {"caption": EVIL}}}), encoding="utf-8")
    write_gallery([game_folder(), hostile], folder / "out", captions)
    return folder / "out"


def test_links_of_the_index_lead_to_the_phase_and_the_message(tab: Tab, gallery: Path) -> None:
    tab.go((gallery / "index.html").as_uri())
    tab.sees("document.querySelectorAll('section.game').length === 2")
    tab.click("section.game:nth-of-type(2) .moments a", "the words")
    tab.sees("document.querySelector('.message.sought') !== null")
    assert tab.js("document.getElementById('phase').textContent") == "Fall 1901, orders"
    shown = tab.js("document.querySelector('.message.sought .bubble').textContent")
    assert shown == WORDS + "#"
    assert tab.js("document.activeElement === document.querySelector('.message.sought')")
    assert tab.js("document.querySelectorAll('#thread .message').length") == 1  # of these two alone
    assert tab.js("[who, whom].map((field) => field.value).join()") == "ITALY,AUSTRIA"
    assert tab.js("location.hash") == f"#F1901M/talks/{tab.js('document.activeElement.id').removeprefix('message-')}"


def test_every_link_of_the_index_shows_what_it_names(tab: Tab, gallery: Path) -> None:
    tab.go((gallery / "index.html").as_uri())
    tab.sees("document.querySelectorAll('section.game').length === 2")
    links = set(tab.js("[...document.querySelectorAll('.moments a')].map((link) => link.href)"))
    assert len(links) >= 5
    for link in sorted(links):
        tab.go("about:blank")
        tab.go(link)
        tab.sees("document.getElementById('phase')?.textContent.trim().length > 0")
        address = link.partition("#")[2]
        assert tab.js("location.hash.slice(1)") == address
        view = address.split("/")[1]
        assert tab.js("document.querySelector('[role=tabpanel]:not([hidden])').id") == view
        if view == "why":
            assert address.split("/")[2].title() in tab.js("document.querySelector('#why h2').textContent")


def test_nothing_that_players_wrote_runs_in_the_index(tab: Tab, gallery: Path) -> None:
    tab.go((gallery / "index.html").as_uri())
    tab.sees("document.querySelectorAll('section.game').length === 2")
    assert tab.js("document.title") == "Gallery of games · cicero-lite"
    assert tab.js("document.querySelectorAll('script, main img, b > b').length") == 0
    assert tab.js("document.body.innerText").count("onerror") >= 3  # about, caption, quote
    assert [e for e in tab.events if e["method"] == "Network.requestWillBeSent"][1:] == []


def test_the_index_fits_a_phone_and_is_read_by_keyboard(tab: Tab, gallery: Path, tmp_path: Path) -> None:
    tab.go((gallery / "index.html").as_uri())
    tab.sees("document.querySelectorAll('section.game').length === 2")
    for width, scheme in ((390, "dark"), (1280, "light")):
        tab.picture(tmp_path / "index.png", width, 900, scheme)
        assert tab.js("document.documentElement.scrollWidth <= window.innerWidth")
    names = "[...document.querySelectorAll('[role=img]')].map((picture) => picture.getAttribute('aria-label'))"
    assert all(tab.js(names))
    tab.press("Tab")
    assert tab.js("document.activeElement.getAttribute('href')") == f"#{game_folder().name}.html"
    tab.press("Enter")
    tab.sees(f"location.hash === '#{game_folder().name}.html'")


def test_the_address_follows_what_is_shown(tab: Tab, gallery: Path) -> None:
    tab.go((gallery / f"{game_folder().name}.html").as_uri())
    tab.sees("location.hash === '#S1901M'")
    tab.click("#tab-orders")
    tab.click("#next")
    tab.sees("location.hash === '#F1901M/orders'")
    tab.click("#orders .FRANCE .ask")
    tab.sees("location.hash === '#F1901M/why/FRANCE'")
    tab.click("#tab-ledger")
    tab.sees("location.hash === '#F1901M/ledger'")
    tab.click("#ledger .quote")
    tab.sees("/^#[SF]1901M.talks.[0-9]+$/.test(location.hash) && document.querySelector('.message.sought') !== null")
    # another address in the same page, as by hand or by going back
    tab.js("location.hash = '#S1901M/why/TURKEY'")
    tab.sees("document.querySelector('#why h2').textContent.includes('Turkey, Spring 1901')")
    # a link beside a message
    tab.js("location.hash = '#S1901M/talks'")
    tab.sees("!document.getElementById('talks').hidden")
    tab.js("document.getElementById('who').value = ''")
    tab.click(".message .link")
    tab.sees("document.querySelectorAll('.message.sought').length === 1")


@pytest.mark.parametrize("address", ["%", "S1901M/constructor", "S1901M/talks/length", "S1901M/talks/99999", "X/why"])
def test_an_address_of_nothing_shows_the_game_from_its_beginning(tab: Tab, gallery: Path, address: str) -> None:
    tab.go((gallery / f"{game_folder().name}.html").as_uri() + f"#{address}")
    tab.sees("document.getElementById('phase')?.textContent === 'Spring 1901, orders'")
    assert tab.js("document.querySelectorAll('[role=tabpanel]:not([hidden])').length") == 1
