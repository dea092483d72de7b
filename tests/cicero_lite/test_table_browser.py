"""The tables in a real browser: a person plays a year by clicks and typing, loses the connection, opens two tabs."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from cicero_lite.bench.browser import PATIENCE_S, Tab, browser, chromium, second_tab
from cicero_lite.web.table.rooms import Rooms
from cicero_lite.web.table.server import TableServer
from cicero_lite.web.table.settings import PERSON
from engine.types import POWERS, Power
from tests.table_games import EVIL, Guest, alone, serving, settings, still, year

PROGRAM = chromium()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium here: apt-get install chromium, or set CHROMIUM")

FRANCE, GERMANY, ITALY = Power.FRANCE, Power.GERMANY, Power.ITALY


def is_trouble(event: dict[str, Any]) -> bool:
    """Whether a script broke or was stopped; the browser also logs each request that was refused."""
    if event["method"] == "Log.entryAdded":
        return bool(event["params"]["entry"]["source"] != "network")
    return bool(event["method"] == "Runtime.exceptionThrown")


class Opened(NamedTuple):
    tab: Tab
    folder: Path


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    assert PROGRAM is not None
    folder = tmp_path_factory.mktemp("profile")
    with browser(PROGRAM, folder) as tab:
        yield Opened(tab, folder)


class Web(NamedTuple):
    tab: Tab
    server: TableServer
    rooms: Rooms
    folder: Path

    def sits(self, game: int, power: Power = FRANCE) -> Tab:
        """The tab, at this seat."""
        sit(self.tab, self.server.url.rstrip("/") + self.server.link(game, power))
        return self.tab


@pytest.fixture
def web(opened: Opened, tmp_path: Path) -> Iterator[Web]:
    tab = opened.tab
    with serving(tmp_path) as (server, rooms):
        tab.events.clear()
        yield Web(tab, server, rooms, opened.folder)
        assert [event for event in tab.events if is_trouble(event)] == []
        tab.go("about:blank")


def sit(tab: Tab, address: str) -> None:
    tab.go("about:blank")
    tab.go(address)
    tab.sees("!document.getElementById('all')?.hidden && document.querySelector('#tokens .token') !== null")


def unit(place: str, extra: str = "") -> str:
    return f'#tokens .token.FRANCE{extra}[data-at="{place}"]'


def goal(place: str) -> str:
    return f'#goals [data-goal="{place}"]'


def orders(tab: Tab, *expected: str) -> None:
    """Sees that these are the orders, in the list and as arrows on the board."""
    chosen = "[...document.querySelectorAll('#orders select')].map((s) => s.value).filter(Boolean).sort()"
    tab.sees(f"JSON.stringify({chosen}) === {json.dumps(json.dumps(sorted(expected), separators=(',', ':')))}")


def phase(tab: Tab, title: str) -> None:
    """Sees the phase at hand come, its animation over."""
    tab.sees(f"document.getElementById('phase').textContent === {json.dumps(title)}")
    tab.sees("document.getElementById('now').disabled")


def type_order(tab: Tab, text: str) -> None:
    tab.click("#order-text")
    tab.write(text)
    tab.press("Enter")


def say(tab: Tab, power: str, text: str) -> None:
    tab.click(f'#threads [data-thread="{power}"]')
    tab.click("#words")
    tab.write(text)
    tab.press("Enter")


def test_a_person_plays_a_whole_year_by_clicks_and_typing(web: Web, tmp_path: Path) -> None:
    tab = web.tab
    saved = tmp_path / "year.json"
    saved.write_text(json.dumps(year()))

    # The game is opened: France, and Germany for a friend; Italy is our agent.
    tab.go(f"{web.server.url}#{web.server.token}")
    tab.click("#powers label", "France")
    tab.click("#more summary")
    tab.choose("#everybody", "dumbbot")
    tab.choose('#seats [data-power="GERMANY"] select', "person")
    tab.choose('#seats [data-power="ITALY"] select', "cicero")
    tab.choose("#think", "policy")
    tab.choose("#words", "grammar")
    tab.choose_file("#saved", saved)
    tab.click("#start")
    tab.sees("document.querySelectorAll('#games .seat').length === 2")
    (stored,) = web.rooms.store.games()
    tab.click("#games a", "France")
    tab.sees("document.querySelectorAll('#tokens .token').length === 7")

    with Guest(web.server.url, web.server.link(stored.id, GERMANY)) as germany:
        # Spring: one order by clicks, one typed; Burgundy is attacked.
        tab.click("#tab-orders")
        tab.click(unit("BUR"))
        tab.sees(f"document.querySelector({json.dumps(goal('RUH'))}) !== null")
        tab.click("#tools button", "Hold")
        orders(tab, "A BUR H")
        type_order(tab, "bre - mao")
        orders(tab, "A BUR H", "F BRE - MAO")
        type_order(tab, "bre - mos")
        tab.sees("document.getElementById('trouble').textContent.includes('cannot reach MOS')")
        tab.sees("document.querySelectorAll('#below .mark.move.FRANCE').length === 1")

        # Talk: with the agent, which answers, and with the friend, whose words are marked until they are read.
        tab.click("#tab-talks")
        say(tab, "ITALY", "Shall we keep Piedmont empty?")
        tab.sees("document.querySelector('#thread .message.ITALY') !== null")
        germany.does("say", to="FRANCE", text="Burgundy is mine.")
        tab.sees("document.querySelector('[data-thread=\"GERMANY\"] .new')?.textContent === '1'")
        tab.click('#threads [data-thread="GERMANY"]')
        tab.sees("document.querySelector('#thread .message.GERMANY .bubble')?.textContent === 'Burgundy is mine.'")
        tab.sees("document.querySelector('[data-thread=\"GERMANY\"] .new') === null")
        assert germany.state()["messages"][-1]["text"] == "Burgundy is mine."

        # Ready, and not after all, and ready.
        for pressed in ("true", "false", "true"):
            tab.click("#ready")
            tab.sees(f"document.getElementById('ready').getAttribute('aria-pressed') === '{pressed}'")
        for order in ("A MUN - BUR", "A RUH S A MUN - BUR"):
            germany.does("order", order=order)
        germany.does("ready", ready=True)

        # The retreat, by clicks.
        phase(tab, "Spring 1901, retreats")
        tab.click(unit("BUR", ".dislodged"))
        tab.click(goal("GAS"))
        tab.click("#tab-orders")
        orders(tab, "A BUR R GAS")
        tab.click("#ready")

        # Fall: a support in three clicks, replaced by a move; the fleet is left to hold.
        phase(tab, "Fall 1901, orders")
        tab.click(unit("MAO"))
        tab.press("s")
        tab.click(goal("GAS"))
        tab.click(goal("SPA"))
        orders(tab, "F MAO S A GAS - SPA")
        tab.click(unit("GAS"))
        tab.click(goal("SPA"))
        tab.click("#tools button", "by land")  # the fleet could convoy, too
        orders(tab, "A GAS - SPA", "F MAO S A GAS - SPA")
        tab.click("#ready")
        germany.does("ready", ready=True)

        # Winter: one build, one taken back, one waived.
        phase(tab, "Winter 1901, adjustments")
        tab.click(goal("PAR"))
        orders(tab, "A PAR B")
        tab.click(goal("BRE"))
        tab.click("#tools button", "Fleet")
        orders(tab, "A PAR B", "F BRE B")
        tab.click(goal("BRE"))
        orders(tab, "A PAR B")
        tab.click("#tools button", "Waive one")
        tab.sees("document.getElementById('orders').textContent.includes('WAIVE')")
        tab.click("#ready")
        germany.does("ready", ready=True)
        phase(tab, "Spring 1902, orders")

    room = web.rooms.take_up(stored.id).room
    played = [sorted(str(o) for o in record.orders[FRANCE]) for record in room.game.history]
    assert played == [
        ["A BUR H", "F BRE - MAO"],
        ["A BUR R GAS"],
        ["A GAS - SPA", "F MAO S A GAS - SPA"],
        ["A PAR B", "WAIVE"],
    ]

    # The past can be looked at, and an agent's move is three clicks from its reasons.
    tab.click("#tab-talks")
    for _ in range(4):
        tab.click("#back")
    tab.sees("document.getElementById('phase').textContent === 'Spring 1901, orders'")
    tab.click("#tab-orders")
    tab.click('#orders button[aria-label="Why did Italy order this?"]')
    tab.sees("document.querySelector('.why-panel .chosen') !== null")
    tab.click("#now")
    tab.click("#advisor")
    tab.click("#advice .use")
    tab.click("#tab-orders")
    tab.sees("[...document.querySelectorAll('#orders select')].every((s) => s.value)")
    for name, width, scheme in (("light", 1280, "light"), ("dark", 1440, "dark"), ("phone", 390, "light")):
        tab.picture(tmp_path / f"{name}.png", width, 844, scheme)
    tab.call("Emulation.clearDeviceMetricsOverride")


def test_the_keyboard_is_enough_and_a_reader_is_told(web: Web) -> None:
    game = web.rooms.open(alone())
    tab = web.sits(game)
    tab.js(f"document.querySelector('{unit('PAR')}').focus()")
    assert tab.js("document.activeElement.getAttribute('aria-label')") == "France: army PAR, no order yet"
    tab.press("Enter")
    tab.sees(f"document.querySelector('{goal('BUR')}') !== null")
    tab.js(f"document.querySelector('{goal('BUR')}').focus()")
    assert tab.js("document.activeElement.getAttribute('aria-label')") == "Burgundy: A PAR - BUR"
    tab.press("Enter")
    tab.sees("document.querySelectorAll('#below .mark.move').length === 1")
    tab.js(f"document.querySelector('{unit('MAR')}').focus()")
    tab.press("Enter")
    tab.press("h")
    tab.sees("document.querySelectorAll('#below .mark').length === 2")
    tab.js("document.getElementById('ready').focus()")
    tab.press("Enter")
    tab.sees("document.getElementById('news').textContent.includes('A PAR - BUR succeeds')")
    assert tab.js("document.getElementById('news').getAttribute('aria-live')") == "polite"
    shown = "[...document.querySelectorAll('button, input, select, textarea')].filter((e) => e.getClientRects().length)"
    named = "e.textContent.trim() || e.getAttribute('aria-label') || e.labels.length"
    assert tab.js(f"{shown}.filter((e) => !({named})).map((e) => e.outerHTML)") == []


def test_two_tabs_of_one_seat_show_the_same_and_double_nothing(web: Web) -> None:
    game = web.rooms.open(alone())
    tab = web.sits(game)
    address = web.server.url.rstrip("/") + web.server.link(game, FRANCE)
    with second_tab(web.folder) as other:
        sit(other, address)
        for one in (tab, other):
            one.click("#tab-orders")
            type_order(one, "A PAR - BUR")
        for one in (tab, other):
            orders(one, "A PAR - BUR")
        type_order(other, "A MAR H")
        for one in (tab, other):
            orders(one, "A MAR H", "A PAR - BUR")
            one.click("#tab-talks")
        say(tab, "GERMANY", "Hello from the first.")
        other.sees("document.getElementById('threads').textContent.includes('you: Hello from the first.')")
        say(other, "GERMANY", "Hello from the second.")
        for one in (tab, other):
            one.sees("document.querySelectorAll('#thread .message.mine:not(.waits)').length === 2")
        room = web.rooms.take_up(game).room
        assert [m.text for m in room.messages_seen_by(FRANCE)] == ["Hello from the first.", "Hello from the second."]
        tab.click("#ready")
        for one in (tab, other):
            phase(one, "Fall 1901, orders")
        assert sorted(str(o) for o in room.game.history[0].orders[FRANCE]) == ["A MAR H", "A PAR - BUR", "F BRE H"]


def test_what_others_wrote_is_text(web: Web) -> None:
    game = web.rooms.open(
        settings({FRANCE: PERSON, GERMANY: PERSON}, title=EVIL[:80], names={GERMANY: EVIL[:80], FRANCE: EVIL[:80]})
    )
    web.tab.go(f"{web.server.url}#{web.server.token}")
    web.tab.sees("document.getElementById('games')?.textContent.includes('onerror')")
    assert web.tab.js("document.querySelectorAll('img, main script').length") == 0
    tab = web.sits(game)
    with Guest(web.server.url, web.server.link(game, GERMANY)) as germany:
        germany.does("say", to="FRANCE", text=EVIL)
        germany.does("say", to="GLOBAL", text=EVIL)
        tab.click('#threads [data-thread="GERMANY"]')
        tab.sees(f"document.querySelector('#thread .GERMANY .bubble')?.textContent === {json.dumps(EVIL)}")
        tab.click("#tab-orders")
        type_order(tab, EVIL[:60])
        tab.sees("document.getElementById('trouble').textContent.includes('not an order')")
        assert tab.js("document.querySelectorAll('img, main script').length") == 0
        assert "taken" not in tab.js("document.title")
        assert tab.js("document.getElementById('news').children.length") == 0


def test_without_its_token_a_seat_shows_nothing(web: Web) -> None:
    game = web.rooms.open(alone())
    tab = web.tab
    for fragment in ("", "#wrong"):
        tab.go("about:blank")
        tab.go(f"{web.server.url}seat/{game}/france{fragment}")
        tab.sees("document.getElementById('login')?.hidden === false")
        assert tab.js("document.getElementById('all').hidden")


@contextmanager
def web_process(store: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """The command itself."""
    arguments = ["web", "--store", str(store), "--port", str(port), "--set", "play.rounds=1"]
    running = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"from cicero_lite.cli import entry_point; import sys; sys.argv[1:] = {arguments!r}; entry_point()",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def test_a_server_that_is_killed_comes_back_and_nothing_is_lost_or_doubled(opened: Opened, tmp_path: Path) -> None:
    tab, store = opened.tab, tmp_path / "web.sqlite"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with web_process(store, port) as running:
        assert running.stdout is not None
        token = running.stdout.readline().strip().partition("#")[2]
        with httpx.Client(base_url=url, headers={"Origin": url}, trust_env=False, timeout=PATIENCE_S) as host:
            host.post("/session", json={"token": token})
            seats = {"FRANCE": PERSON} | dict.fromkeys(
                ("AUSTRIA", "ENGLAND", "GERMANY", "ITALY", "RUSSIA", "TURKEY"), "dumbbot"
            )
            link = host.post("/games", json={"settings": {"seats": seats}}).json()["seats"][0]["link"]
        sit(tab, url + link)
        say(tab, "GERMANY", "Before the kill.")
        tab.sees("document.querySelectorAll('#thread .message.mine:not(.waits)').length === 1")
        tab.click("#tab-orders")
        type_order(tab, "A PAR - BUR")
        orders(tab, "A PAR - BUR")
        running.send_signal(signal.SIGKILL)
        running.wait()
        tab.sees("document.getElementById('link').textContent.includes('connection lost')")
        tab.click("#tab-talks")
        say(tab, "GERMANY", "While it is down.")
        tab.sees("document.querySelectorAll('#thread .message.waits').length === 1")
    with web_process(store, port) as running:
        tab.sees("document.querySelectorAll('#thread .message.mine:not(.waits)').length === 2")
        tab.sees("document.getElementById('link').textContent === ''")
        sit(tab, url + link)  # the same link
        tab.click("#tab-orders")
        orders(tab, "A PAR - BUR")
        tab.click("#tab-talks")
        tab.click('#threads [data-thread="GERMANY"]')
        said = "[...document.querySelectorAll('#thread .message .bubble')].map((e) => e.textContent).join('|')"
        assert tab.js(said) == "Before the kill.|While it is down."
        tab.click("#ready")
        phase(tab, "Fall 1901, orders")
        tab.go("about:blank")
        running.send_signal(signal.SIGINT)  # Ctrl-C
        _, error = running.communicate(timeout=PATIENCE_S)
        assert (running.returncode, error) == (130, "cicero-lite: interrupted\n")


# --- draws, seats that change hands, looking on --------------------------------------------------------------


def text(tab: Tab, element: str, words: str) -> None:
    """Sees these words in the element of this name."""
    tab.sees(f"document.getElementById({json.dumps(element)})?.textContent.includes({json.dumps(words)})")


def is_shown(element: str, shown: bool = True) -> str:
    return f"Boolean(document.getElementById({json.dumps(element)}).getClientRects().length) === {json.dumps(shown)}"


def focused_press(tab: Tab, selector: str, key: str = "Enter") -> None:
    """Presses a key on an element, without the mouse."""
    tab.js(f"document.querySelector({json.dumps(selector)}).focus()")
    assert tab.js(f"document.activeElement.matches({json.dumps(selector)})"), f"{selector} takes no focus"
    tab.press(key)


def test_a_draw_is_voted_for_in_two_tabs_and_ends_the_game(web: Web, tmp_path: Path) -> None:
    game = web.rooms.open(settings({FRANCE: PERSON, GERMANY: PERSON}), still())
    tab = web.sits(game)
    text(tab, "votes", "Austria, England, Italy, Russia and Turkey vote for a draw; must still agree: you and Germany.")
    with (
        second_tab(web.folder) as other,
        Guest(web.server.url, web.server.link(game, GERMANY)) as germany,
    ):
        sit(other, web.server.url.rstrip("/") + web.server.link(game, FRANCE))
        focused_press(tab, "#vote")
        for one in (tab, other):
            text(one, "vote", "You vote for a draw")
            text(one, "votes", "Must still agree: Germany.")
            one.sees("document.getElementById('vote').getAttribute('aria-pressed') === 'true'")
        focused_press(other, "#vote")  # and takes it back
        for one in (tab, other):
            one.sees("document.getElementById('vote').getAttribute('aria-pressed') === 'false'")
        germany.does("vote", draw=True)
        text(tab, "news", "Germany votes for a draw.")
        text(tab, "vote", "Agree: the game ends as a draw")
        tab.click("#vote")
        for one in (tab, other):
            text(one, "banner", "The game is a draw of Austria, England, France, Germany, Italy, Russia and Turkey.")
            text(one, "phase", "The end")
            one.sees(is_shown("draw", False))
            one.sees(is_shown("ready", False))
    for width, scheme in ((390, "dark"), (1280, "light")):
        tab.picture(tmp_path / f"drawn-{width}.png", width, 844, scheme)
        assert tab.js("document.documentElement.scrollWidth <= innerWidth"), "everything fits in"
    tab.call("Emulation.clearDeviceMetricsOverride")
    tab.go(f"{web.server.url}#{web.server.token}")
    tab.sees("document.getElementById('games')?.textContent.includes('over: a draw')")


def test_a_seat_goes_to_an_agent_and_back_by_the_keyboard(web: Web) -> None:
    game = web.rooms.open(settings({FRANCE: PERSON, GERMANY: PERSON}))
    tab = web.sits(game)
    focused_press(tab, "#menu summary")
    focused_press(tab, "#hand-over")
    tab.sees("document.activeElement.id === 'handing-agent'")
    tab.press("Escape")
    tab.sees("!document.getElementById('handing').open && document.activeElement.matches('#menu summary')")
    with (
        second_tab(web.folder) as other,
        Guest(web.server.url, web.server.link(game, GERMANY)) as germany,
        Guest(web.server.url, web.server.link(game, FRANCE)) as france,
    ):
        sit(other, web.server.url.rstrip("/") + web.server.link(game, FRANCE))
        tab.click("#tab-orders")
        france.does("order", order="A PAR - BUR")
        orders(tab, "A PAR - BUR")
        focused_press(tab, "#menu summary")
        focused_press(tab, "#hand-over")
        tab.choose("#handing-agent", "cicero")
        tab.choose("#handing-persona", "truthful")
        focused_press(tab, "#handing .go")
        for one in (tab, other):
            text(one, "stand-in", "Our agent (truthful) plays your seat since Spring 1901, orders. You look on.")
            for element in ("ready", "vote", "compose", "advisor"):
                one.sees(is_shown(element, False))
            assert one.js("document.querySelectorAll('#tokens .mine').length") == 0
        text(tab, "orders", "Our agent plays your seat. Its orders: none yet.")
        tab.click("#tab-talks")
        text(tab, "thread", "Our agent plays France from here on.")
        text(tab, "news", "Our agent plays France from here on.")
        germany.does("say", to="FRANCE", text="Shall we keep Burgundy empty?")
        tab.click('#threads [data-thread="GERMANY"]')
        tab.sees("document.querySelectorAll('#thread .message.mine').length >= 1")  # the seat's words, not the person's

        focused_press(other, "#take-back")
        for one in (tab, other):
            one.sees(is_shown("stand-in", False))
            one.sees(is_shown("ready"))
        tab.click("#tab-orders")
        type_order(tab, "A PAR - GAS")
        orders(tab, "A PAR - GAS")
        tab.click("#ready")
        germany.does("ready", ready=True)
        phase(tab, "Fall 1901, orders")
        played = web.rooms.take_up(game).room.game.history[0]
        assert "A PAR - GAS" in [str(order) for order in played.orders[FRANCE]]


def test_somebody_looks_on_at_agents(web: Web) -> None:
    tab = web.tab
    tab.go(f"{web.server.url}#{web.server.token}")
    tab.click("#powers label", "Look on")
    tab.click("#more summary")
    tab.choose("#everybody", "dumbbot")
    tab.choose('#seats [data-power="ITALY"] select', "cicero")
    tab.choose('#seats [data-power="FRANCE"] select', "cicero")
    tab.choose("#think", "policy")
    tab.choose("#words", "grammar")
    tab.js("document.getElementById('until').value = 1901")
    text(tab, "summary", "You look on at seven agents (dumbbot, our agent); everybody talks.")
    tab.click("#start", "Look on")
    text(tab, "about", "You look on")
    text(tab, "banner", "The game has ended after 1901.")
    tab.click("#now")
    tab.sees("document.querySelectorAll('#thread .message').length > 1")
    text(tab, "thread", "France to ")
    tab.click('#threads [data-thread="TURKEY"]')
    by = "[...document.querySelectorAll('#thread .by')].every((e) => e.textContent.includes('Turkey'))"
    tab.sees(by)
    for element in ("ready", "vote", "compose", "advisor", "take-back"):
        tab.sees(is_shown(element, False))
    tab.click("#back")
    tab.click("#tab-orders")
    tab.click("#orders .ask")
    tab.sees("document.querySelector('.why-panel') !== null")
    tab.go(f"{web.server.url}#{web.server.token}")
    tab.sees("document.querySelector('#games a')?.textContent === 'look on'")


def test_votes_and_seats_outlast_a_kill(opened: Opened, tmp_path: Path) -> None:
    tab, store = opened.tab, tmp_path / "web.sqlite"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    seats = dict.fromkeys((power.value for power in POWERS), "dumbbot") | {"FRANCE": PERSON, "GERMANY": PERSON}
    with web_process(store, port) as running:
        assert running.stdout is not None
        token = running.stdout.readline().strip().partition("#")[2]
        with httpx.Client(base_url=url, headers={"Origin": url}, trust_env=False, timeout=PATIENCE_S) as host:
            host.post("/session", json={"token": token})
            game = host.post("/games", json={"settings": {"seats": seats}}).json()
        france, germany = (seat["link"] for seat in game["seats"])
        with Guest(url, germany) as guest:
            guest.does("vote", draw=True)
            guest.does("hand-over", agent="dumbbot", persona="")
            guest.takes_back()
            guest.does("vote", draw=True)
        sit(tab, url + france)
        tab.click("#vote")
        text(tab, "vote", "You vote")
        running.send_signal(signal.SIGKILL)
        running.wait()
        text(tab, "link", "connection lost")
        tab.click("#menu summary")
        tab.click("#hand-over")
        tab.choose("#handing-agent", "dumbbot")
        tab.click("#handing .go")  # on its way until there is a server again
    with web_process(store, port):
        text(tab, "stand-in", "dumbbot plays your seat since Spring 1901, orders.")
        text(tab, "votes", "Germany votes for a draw; must still agree: Austria, England, France, Italy, Russia and")
        with Guest(url, germany) as guest:
            changes = [(hand["power"], hand["agent"]) for hand in guest.state()["hands"]]
            assert changes == [("GERMANY", "dumbbot"), ("GERMANY", None), ("FRANCE", "dumbbot")]
        tab.click("#take-back")
        tab.sees(is_shown("stand-in", False))
        tab.go("about:blank")
