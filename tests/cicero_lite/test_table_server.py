"""The tables' server: who may come in, what is done once, what each seat may know, what is there after a kill."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import httpx
import numpy as np
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from cicero_lite.cli import main
from cicero_lite.draws import DrawConfig
from cicero_lite.hosting.gate import Gate
from cicero_lite.testing import check_adapter
from cicero_lite.web.table.agents import AgentsTable, Seated, Sitting
from cicero_lite.web.table.order_text import read_order
from cicero_lite.web.table.room import MOST_MESSAGES, Room
from cicero_lite.web.table.rooms import Rooms
from cicero_lite.web.table.server import TableServer
from cicero_lite.web.table.settings import PERSON, TableError, known_personas, read_settings
from cicero_lite.web.table.store import TableStore
from engine.board import position_from_text
from engine.game import Game
from engine.types import Phase, Power
from planner.baselines import RandomAgent
from tests.table_games import EVIL, Guest, alone, rooms_in, serving, settings, until, year

FRANCE, GERMANY, ITALY = Power.FRANCE, Power.GERMANY, Power.ITALY


class Open(NamedTuple):
    """A server, and those who come to it."""

    server: TableServer
    rooms: Rooms
    guests: ExitStack

    def guest(self, game: int, power: Power = FRANCE) -> Guest:
        """Somebody at a seat."""
        return self.guests.enter_context(Guest(self.server.url, self.server.link(game, power)))


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Open]:
    with serving(tmp_path) as (server, rooms), ExitStack() as guests:
        yield Open(server, rooms, guests)


@pytest.fixture
def stranger(web: Open) -> Iterator[httpx.Client]:
    """A client without a token, that says where it comes from as a browser does."""
    origin = web.server.url.rstrip("/")
    with httpx.Client(base_url=web.server.url, headers={"Origin": origin}, trust_env=False, timeout=60) as client:
        yield client


# --- who may come in -------------------------------------------------------------------------------------------


def test_without_a_token_there_are_empty_pages_alone(web: Open, stranger: httpx.Client) -> None:
    game = web.rooms.open(alone(title="secret title"))
    for page in ("", f"seat/{game}/france"):
        shown = stranger.get(page)
        assert shown.status_code == 200
        assert "secret title" not in shown.text
        assert "default-src 'none'" in shown.headers["content-security-policy"]
        assert "unsafe" not in shown.headers["content-security-policy"]
        assert not re.search(r"(src|href)=.?(https?:)?//", shown.text)
    for asked in ("games", *(f"seat/{game}/france/{what}" for what in ("facts", "state", "advice", "game.json"))):
        assert stranger.get(asked).status_code == 401, asked
    body = {"key": "12345678", "phase": "S1901M"}
    for what, more in (
        ("say", {"to": "GLOBAL", "text": "x"}),
        ("order", {"order": "A PAR H"}),
        ("ready", {"ready": True}),
    ):
        assert stranger.post(f"seat/{game}/france/{what}", json={**body, **more}).status_code == 401
    assert stranger.post("games", json={"settings": {}}).status_code == 401
    assert stranger.post("session", json={"token": "wrong"}).status_code == 401
    assert stranger.post(f"seat/{game}/france/session", json={"token": "wrong"}).status_code == 401


def test_one_seats_token_opens_no_other(web: Open) -> None:
    game = web.rooms.open(settings({FRANCE: PERSON, GERMANY: PERSON}))
    guest = web.guest(game)
    other = web.server.url.rstrip("/") + f"/seat/{game}/germany/state"
    assert guest.client.get(other).status_code == 401
    token = web.rooms.store.tokens(game)[FRANCE]
    assert guest.client.get(other, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert guest.client.get(web.server.url + "games").status_code == 401
    for nobody in ("seat/99/france/state", f"seat/{game}/italy/state"):
        assert guest.client.get(web.server.url + nobody).status_code == 404


def test_foreign_names_and_sites_stay_outside(web: Open, stranger: httpx.Client) -> None:
    game = web.rooms.open(alone())
    guest = web.guest(game)
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert guest.client.get("/state", headers=headers).status_code == 403
        assert stranger.get("", headers=headers).status_code == 403
    del guest.client.headers["Origin"]
    assert guest.client.post("/ready", json={"key": "12345678", "phase": "S1901M", "ready": True}).status_code == 403
    address = f"ws://127.0.0.1:{web.server.port}/seat/{game}/france/bell"
    for origin in (None, "http://evil.example", web.server.url.rstrip("/")):  # the last without a token
        with pytest.raises(InvalidStatus), connect(address, origin=origin, proxy=None):  # type: ignore[arg-type]
            pass


def test_what_is_too_long_or_misformed_gets_one_line(web: Open) -> None:
    guest = web.guest(web.rooms.open(alone()))
    long = guest.asks("say", to="GLOBAL", text="x" * 70_000)
    assert long.status_code == 413
    for what, values, words in (
        ("say", {"to": "GLOBAL", "text": "x" * 5000}, "at most 4000 bytes"),
        ("say", {"to": "GLOBAL", "text": "\u202e"}, "control character"),
        ("say", {"to": "FRANCE", "text": "me"}, "another power"),
        ("say", {"to": "NOBODY", "text": "me"}, "unknown power"),
        ("order", {"order": "A PAR - MOS"}, "cannot reach MOS"),
        ("order", {"order": EVIL[:70]}, "not an order"),
        ("order", {"order": "A PAR - BUR" * 8}, "at most 80 letters"),
        ("order", {"orders": ["A PAR H"]}, "order"),
        ("ready", {"ready": "yes"}, "ready"),
    ):
        refused = guest.asks(what, **values)
        assert refused.status_code == 400
        assert refused.headers["content-type"] == "application/json"
        assert refused.headers["x-content-type-options"] == "nosniff"
        assert words in refused.json()["error"]


# --- what people do --------------------------------------------------------------------------------------------


def test_a_request_that_comes_twice_is_done_once(web: Open) -> None:
    game = web.rooms.open(alone())
    guest = web.guest(game)
    answers = {guest.asks("say", key="the same key", to="GLOBAL", text="Hello").text for _ in range(3)}
    assert answers == {'{"number":0}'}
    assert [m["text"] for m in guest.state()["messages"]] == ["Hello"]
    guest.does("say", to="GLOBAL", text="Hello")
    assert len(guest.state()["messages"]) == 2
    for _ in range(2):
        guest.does("order", order="par - bur")
    assert guest.state()["orders"] == ["A PAR - BUR"]
    guest.does("order", order="A PAR H")
    guest.does("clear", province="MAR")
    assert guest.state()["orders"] == ["A PAR H"]
    guest.does("clear", province="PAR")
    assert guest.state()["orders"] == []


def test_what_was_meant_for_a_phase_that_is_over_is_refused(web: Open) -> None:
    guest = web.guest(web.rooms.open(alone()))
    guest.does("ready", ready=True)
    guest.comes_to("F1901M")
    late = guest.asks("order", phase="S1901M", order="A PAR - BUR")
    assert late.status_code == 409
    assert "S1901M is over" in late.json()["error"]
    assert guest.state()["orders"] == []


def test_nobody_reads_what_is_not_for_them(web: Open) -> None:
    game = web.rooms.open(settings({FRANCE: PERSON, GERMANY: PERSON, ITALY: PERSON}, until=1901))
    france, germany, italy = (web.guest(game, power) for power in (FRANCE, GERMANY, ITALY))
    france.does("say", to="GERMANY", text="Only you.")
    france.does("say", to="GLOBAL", text="All of you.")
    assert [m["text"] for m in germany.state()["messages"]] == ["Only you.", "All of you."]
    assert [m["text"] for m in italy.state()["messages"]] == ["All of you."]
    assert "Only you." not in italy.client.get("/game.json").text
    assert "Only you." not in italy.client.get("/replay.html").text
    assert "Only you." in germany.client.get("/game.json").text
    until(lambda: _all_ready(france, germany, italy), "over")
    assert "Only you." in italy.client.get("/game.json").text  # when it is over, everything is open
    assert "attachment" in italy.client.get("/replay.html").headers["content-disposition"]


def _all_ready(*guests: Guest) -> bool:
    """Has everybody be ready; whether the game is over."""
    for guest in guests:
        seen = guest.state()
        if seen["awaited"]:
            guest.asks("ready", phase=seen["phase"], ready=True)
    return guests[0].state()["over"] is not None


def test_orders_of_others_are_not_seen_before_they_are_played(web: Open) -> None:
    game = web.rooms.open(settings({FRANCE: PERSON, GERMANY: PERSON}))
    france, germany = web.guest(game), web.guest(game, GERMANY)
    germany.does("order", order="A MUN - BUR")
    assert "A MUN - BUR" not in json.dumps({k: v for k, v in france.state().items() if k != "legal"})
    germany.does("ready", ready=True)
    assert [p["ready"] for p in france.state()["players"] if p["power"] == "GERMANY"] == [True]
    germany.does("ready", ready=False)
    france.does("ready", ready=True)
    assert france.state()["phase"] == "S1901M"
    germany.does("ready", ready=True)
    scenes = france.comes_to("F1901M")["scenes"]
    assert [3, "A MUN - BUR", "", 0] in scenes[0]["orders"]


def test_without_press_nobody_talks(web: Open) -> None:
    guest = web.guest(web.rooms.open(alone(press=False)))
    assert "without press" in guest.asks("say", to="GLOBAL", text="Hello").json()["error"]


def test_one_person_cannot_flood_a_phase(web: Open) -> None:
    game = web.rooms.open(alone())
    guest = web.guest(game)
    room = web.rooms.take_up(game).room
    for number in range(MOST_MESSAGES):
        room.once(FRANCE, f"key {number:08}", "S1901M", lambda: room.say(FRANCE, None, "x"))
    assert "all that is taken" in guest.asks("say", to="GLOBAL", text="x").json()["error"]


def test_a_phase_ends_at_its_deadline(web: Open) -> None:
    game = web.rooms.open(alone(deadline_s=5))
    guest = web.guest(game)
    until(lambda: guest.state()["left"] is not None, "a deadline")
    guest.does("order", order="A PAR - BUR")
    assert [2, "A PAR - BUR", "", 0] in guest.comes_to("F1901M")["scenes"][0]["orders"]


def test_an_agent_hears_a_person_and_answers_and_tells_why_later(web: Open) -> None:
    game = web.rooms.open(settings({FRANCE: PERSON, GERMANY: "cicero"}))
    guest = web.guest(game)
    guest.does("say", to="GERMANY", text="Shall we keep Burgundy empty?")
    until(lambda: [m for m in guest.state()["messages"] if m["from"] == "GERMANY" and m["to"] == "FRANCE"], "an answer")
    asked = guest.client.get("/why", params={"of": "germany", "phase": "S1901M"})
    assert "S1901M is not over" in asked.json()["error"]  # not before the orders are
    guest.does("ready", ready=True)
    guest.comes_to("F1901M")
    reasons = guest.client.get("/why", params={"of": "germany", "phase": "S1901M"}).json()
    played = [o[1] for o in guest.state()["scenes"][0]["orders"] if o[0] == GERMANY.number]
    assert sorted(reasons["plan"]) == sorted(played)
    assert reasons["actions"]
    advice = guest.client.get("/advice").json()
    assert advice["phase"] == "F1901M"
    assert len(advice["orders"]) == 3


def test_the_reasons_stay_closed_if_the_game_was_opened_so(web: Open) -> None:
    guest = web.guest(web.rooms.open(alone(reasons=False)))
    guest.does("ready", ready=True)
    guest.comes_to("F1901M")
    assert "stay closed" in guest.client.get("/why", params={"of": "germany", "phase": "S1901M"}).json()["error"]


# --- the start page --------------------------------------------------------------------------------------------


def test_games_are_opened_and_listed(web: Open, stranger: httpx.Client) -> None:
    assert stranger.post("session", json={"token": web.server.token}).status_code == 204
    seats = {"FRANCE": PERSON, "ITALY": PERSON}
    opened = stranger.post("games", json={"settings": {"seats": seats, "title": EVIL[:60]}, "saved": year()}).json()
    assert [seat["power"] for seat in opened["seats"]] == ["FRANCE", "ITALY"]
    listed = stranger.get("games").json()
    assert listed["games"] == [opened]
    assert listed["agents"][0] == "cicero"
    assert {"truthful", "binding"} <= set(listed["personas"])
    for settings_, words in (
        ({"seats": seats, "draw_votes": "secret"}, "not a valid DrawVotes"),
        ({"seats": seats, "stand_in": "cicero"}, "expected deadline_s beside it"),
        ({"seats": seats, "stand_in": "cicerro", "deadline_s": 60}, "did you mean 'cicero'"),
        ({"seats": {"FRANCE": "person", "ITALY": "cicerro"}}, "did you mean 'cicero'"),
        ({"seats": {"FRANCE": "person", "NORWAY": "cicero"}}, "unknown power"),
        ({"seats": seats, "think": "long"}, "expected 'policy'"),
        ({"seats": seats, "until": 1800}, "1901 to 1999"),
        ({"seats": seats, "seed": True}, "whole number"),
        ({"seats": seats, "persona": {}}, "unknown key"),
        ({"seats": seats, "title": "x" * 81}, "at most 80"),
    ):
        refused = stranger.post("games", json={"settings": settings_})
        assert (refused.status_code, words in refused.json()["error"]) == (400, True), refused.text
    saved: object
    for saved in ({"phases": []}, [1], {"map": "ancmed", **year()} | {"map": "pure"}):
        assert stranger.post("games", json={"settings": {"seats": seats}, "saved": saved}).status_code == 400


def test_a_persona_is_a_configuration_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "grim.yaml").write_text("agent:\n  speech:\n    honesty: cheap talk\n")
    personas = known_personas(tmp_path)
    assert personas["grim"] == {"speech.honesty": '"cheap talk"'}
    read = read_settings({"seats": {"FRANCE": PERSON}, "personas": {"ITALY": "grim"}}, personas)
    assert read.personas == {ITALY: "grim"}
    with pytest.raises(TableError, match="unknown 'grin'"):
        read_settings({"seats": {"FRANCE": PERSON}, "personas": {"ITALY": "grin"}}, personas)


# --- from process to process -----------------------------------------------------------------------------------


def test_another_process_goes_on_where_one_was_killed(tmp_path: Path) -> None:
    with serving(tmp_path) as (server, rooms), ExitStack() as guests:
        game = rooms.open(settings({FRANCE: PERSON, GERMANY: "cicero"}))
        guest = Open(server, rooms, guests).guest(game)
        guest.does("say", to="GERMANY", text="Shall we keep Burgundy empty?")
        until(lambda: [m for m in guest.state()["messages"] if m["from"] == "GERMANY"], "an answer")
        guest.does("order", order="A PAR H")
        guest.does("ready", ready=True)
        phase = guest.comes_to(until(lambda: (p := guest.state()["phase"]) != "S1901M" and p, "the next phase"))[
            "phase"
        ]
        guest.does("say", to="GLOBAL", text="And on we go.")
        guest.does("order", order="A PAR - GAS")
        before = guest.state()
        talk = [m for m in before["messages"] if m["phase"] == "S1901M"]
        tokens = rooms.store.tokens(game)
    with serving(tmp_path) as (server, rooms), ExitStack() as guests:
        assert rooms.store.tokens(game) == tokens
        again = Open(server, rooms, guests).guest(game)
        after = again.state()
        assert after["boot"] != before["boot"]
        assert after["phase"] == phase
        assert [m for m in after["messages"] if m["phase"] == "S1901M"] == talk
        assert [m["text"] for m in after["messages"]].count("And on we go.") == 1
        assert after["orders"] == before["orders"]
        assert after["scenes"][:-1] == before["scenes"][:-1]
        again.does("ready", ready=True)
        until(lambda: again.state()["phase"] != phase, "play goes on")
        lines = rooms.store.log_lines(game)
        assert sum('"event":"game_started"' in line for line in lines) == 1


def test_an_agents_words_are_kept_with_what_it_knows_or_not_at_all(tmp_path: Path) -> None:
    rooms = rooms_in(tmp_path)
    game = rooms.open(settings({FRANCE: PERSON, GERMANY: "cicero"}))
    stored = rooms.store.game(game)
    assert stored is not None
    room = Room(rooms.store, stored)
    said = room.say_unseen(GERMANY, FRANCE, "I promise to hold in Munich.")
    assert room.messages_seen_by(FRANCE) == []  # nobody sees what a kill could take back
    assert Room(rooms.store, stored).game.messages == []
    room.keep_turn(GERMANY, [said], {"knows": "its promise"}, counts=True)
    later = Room(rooms.store, rooms.store.game(game) or stored)
    assert [m.text for m in room.messages_seen_by(FRANCE)] == [m.text for m in later.game.messages] == [said.text]
    assert later.turns == {GERMANY: 1}
    kept = rooms.store.state(game, GERMANY)
    assert kept is not None
    assert (kept.phase, kept.value) == (Phase.parse("S1901M"), {"knows": "its promise"})
    rooms.close()


def test_the_agents_table_is_an_adapter(tmp_path: Path) -> None:
    rooms = rooms_in(tmp_path)
    game = rooms.open(settings({}, until=1902))
    stored = rooms.store.game(game)
    assert stored is not None
    room = Room(rooms.store, stored)
    sitting = Sitting(room, lambda power, player: Seated(RandomAgent(np.random.default_rng(0)), DrawConfig()))
    check_adapter(AgentsTable(room, sitting, Gate(1), rounds=2))
    rooms.close()


def test_a_file_that_is_no_store_of_tables_stays_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE things (x)")
    connection.close()
    before = other.read_bytes()
    text = tmp_path / "text.sqlite"
    text.write_text("a text that is no database at all, and long enough to be read as one" * 20)
    for path in (other, text, tmp_path):
        assert main(["web", "--store", str(path), "--port", "0"]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert other.read_bytes() == before
    kept = TableStore(tmp_path / "web.sqlite")
    assert main(["web", "--store", str(kept.path), "--port", "0"]) == 2
    assert "another cicero-lite web" in capsys.readouterr().err
    kept.close()


def test_off_this_machine_a_token_of_the_owners_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["web", "--host", "0.0.0.0"]) == 2
    assert "expected --token-file" in capsys.readouterr().err


# --- orders as text --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("A PAR - BUR", "A PAR - BUR"),
        ("par-bur", "A PAR - BUR"),
        ("army par to bur", "A PAR - BUR"),
        ("Par → Bur", "A PAR - BUR"),
        ("mar s par - bur", "A MAR S A PAR - BUR"),
        ("par supports bre", "A PAR S F BRE"),
        ("f bre hold", "F BRE H"),
        ("bre holds", "F BRE H"),
    ],
)
def test_an_order_is_read_as_people_type_it(text: str, meant: str) -> None:
    assert str(read_order(text, Game(), FRANCE)) == meant


def test_orders_of_other_phases_are_read(tmp_path: Path) -> None:
    winter = Game(position=position_from_text("W1901A; FRANCE A GAS = BRE MAR PAR"))
    assert str(read_order("build fleet bre", winter, FRANCE)) == "F BRE B"
    assert str(read_order("waive", winter, FRANCE)) == "WAIVE"
    retreat = Game(position=position_from_text("S1901R; FRANCE *A BUR > PAR GAS; GERMANY A BUR"))
    assert str(read_order("a bur r gas", retreat, FRANCE)) == "A BUR R GAS"
    assert str(read_order("a bur retreats to par", retreat, FRANCE)) == "A BUR R PAR"
    assert str(read_order("disband a bur", retreat, FRANCE)) == "A BUR D"
    fleets = Game(position=position_from_text("S1901M; RUSSIA F BOT = STP; FRANCE F MAO, A BRE"))
    assert str(read_order("bot - stp", fleets, Power.RUSSIA)) == "F BOT - STP/SC"
    assert str(read_order("mao - spa(nc)", fleets, FRANCE)) == "F MAO - SPA/NC"
