"""Looking into the agents of a table: what a seat may see when, and that whoever asks keeps nobody from playing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from cicero_lite.advise import Advice
from cicero_lite.config import AgentConfig
from cicero_lite.web.table.rooms import Rooms
from cicero_lite.web.table.server import TableServer
from cicero_lite.web.table.settings import PERSON, TableSettings
from dialogue.honesty import Honesty
from engine.game import GameView
from engine.types import POWERS, Power
from tests.table_games import PATIENCE_S, Guest, alone, serving, settings, until

AUSTRIA, FRANCE, GERMANY, ITALY = Power.AUSTRIA, Power.FRANCE, Power.GERMANY, Power.ITALY
SECRET = "I promise to move Berlin to Munich."


class Open(NamedTuple):
    """A server, and those who come to it."""

    server: TableServer
    rooms: Rooms
    guests: ExitStack

    def guest(self, game: int, power: Power | None = FRANCE) -> Guest:
        """Somebody at a seat, or (None) who looks on."""
        return self.guests.enter_context(Guest(self.server.url, self.server.link(game, power)))


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Open]:
    with serving(tmp_path) as (server, rooms), ExitStack() as guests:
        yield Open(server, rooms, guests)


def mixed(**more: Any) -> TableSettings:
    """France and Germany are people, Italy and Austria search a little, the others do not."""
    seats = {FRANCE: PERSON, GERMANY: PERSON, ITALY: "cicero", AUSTRIA: "cicero"}
    return replace(settings(seats), think="4it", **more)


def seat(power: Power, phase: str = "S1901M", **more: Any) -> dict[str, Any]:
    return {"phase": phase, "power": power.value, **more}


def asked(guest: Guest, what: str, given: Mapping[str, Any]) -> httpx.Response:
    """What the page of the inspector gets."""
    return guest.client.post(f"/inside/{what}", json=given)


def play_past(phase: str, *guests: Guest) -> None:
    """Everybody is ready until this phase is over."""
    until(lambda: any(_is_past(phase, guest) for guest in guests), f"{phase} is over")


def _is_past(phase: str, guest: Guest) -> bool:
    seen = guest.state()
    if seen["over"] or phase in [scene["name"] for scene in seen["scenes"][:-1]]:
        return True
    if seen["awaited"]:
        guest.asks("ready", phase=seen["phase"], ready=True)
    return False


# --- what a seat may see -----------------------------------------------------------------------------------


def test_a_seat_is_open_in_the_phases_that_its_stand_in_ordered(web: Open) -> None:
    game = web.rooms.open(mixed())
    france, germany = web.guest(game), web.guest(game, GERMANY)
    play_past("S1901M", france, germany)
    germany.does("hand-over", agent="cicero", persona="binding")
    play_past("F1901M", france)
    assert asked(france, "moment", seat(GERMANY, "F1901M")).status_code == 200
    assert asked(france, "inspect", seat(GERMANY, "F1901M")).json()["power"] == "GERMANY"
    page = france.client.get("/inside", params={"of": "GERMANY", "phase": "F1901M"}).text
    found = re.search(r'"inside": ?(\{.*?\})', page)
    assert found is not None
    phases = json.loads(found[1])
    assert ("S1901M" in phases["ITALY"], "S1901M" in phases["GERMANY"], "F1901M" in phases["GERMANY"]) == (
        True,
        False,
        True,
    )
    refused = asked(france, "moment", seat(GERMANY, "S1901M"))
    assert refused.json() == {"error": "Germany was played by a person: nobody looks into people"}
    record = web.rooms.take_up(game).insides.now().record
    spring, fall = (record.config_of(GERMANY, played.phase) for played in record.game.history[:2])
    assert (spring.speech.honesty, fall.speech.honesty) == (AgentConfig().speech.honesty, Honesty.BINDING)


def test_who_looks_on_sees_all_of_phases_that_are_over(web: Open) -> None:
    seats = dict.fromkeys(POWERS, "random") | {ITALY: "cicero", AUSTRIA: "cicero"}
    game = web.rooms.open(replace(settings(seats), seats=seats, think="4it", until=1903))
    onlooker = web.guest(game, None)
    play_past("S1901M", onlooker)
    found = asked(onlooker, "inspect", seat(ITALY)).json()
    assert set(found["others"]) == {p.value for p in POWERS} - {"ITALY"}
    now = onlooker.state()["phase"]
    refused = asked(onlooker, "inspect", seat(ITALY, now))
    assert refused.status_code == (200 if onlooker.state()["phase"] != now else 400)


def test_during_play_nobody_reads_what_is_not_for_them_inside_an_agent(web: Open) -> None:
    game = web.rooms.open(mixed(until=1901))
    france, germany = web.guest(game), web.guest(game, GERMANY)
    germany.does("say", to="ITALY", text=SECRET)
    france.does("say", to="ITALY", text="Shall we keep Piedmont empty?")
    room = web.rooms.take_up(game).room
    until(
        lambda: [m for m in room.messages_seen_by(ITALY) if m.sender is ITALY and m.recipient is GERMANY], "an answer"
    )
    play_past("S1901M", france, germany)
    public = {m.text for m in room.messages_seen_by(FRANCE)}
    secret = {m.text for m in room.messages_seen_by(None)} - public
    assert SECRET in secret
    assert any({m.sender, m.recipient} == {ITALY, AUSTRIA} for m in room.messages_seen_by(None))

    moment = asked(france, "moment", seat(ITALY)).json()
    assert {m["text"] for m in moment["messages"]} <= public
    assert {"Shall we keep Piedmont empty?"} <= {m["text"] for m in moment["messages"]}
    assert set(moment) == {"messages", "units"}  # nothing of how the agent is set
    answers = [asked(france, "inspect", seat(AUSTRIA)), *(asked(france, "inspect", seat(ITALY, **m)) for m in _ways())]
    page = france.client.get("/inside", params={"of": "ITALY", "phase": "S1901M"}).text
    for text in (page, *(answer.text for answer in answers)):
        assert not [words for words in secret if json.dumps(words)[1:-1] in text]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        found = answer.json()
        both = {"FRANCE", found["power"]}
        assert set(found["scores"]) <= both
        assert set(found["others"]) == set(found["beliefs"]) == {"FRANCE"}
        assert {word["by"] for word in found["beliefs"]["FRANCE"]["words"]} <= {"FRANCE", None}
        assert {choice["recipient"] for choice in found["choices"]} <= {"FRANCE"}
        assert {said["recipient"] for said in found["said"]} <= {"FRANCE", None}
        assert {power for table in found["pairs"] for power in (table["first"], table["second"])} <= both
        assert found["drafts"] == []
        assert any("The game goes on" in line for line in found["doubts"])
    assert asked(germany, "inspect", seat(ITALY)).json()["beliefs"]["GERMANY"]["promises"][0]["quote"] == SECRET

    play_past("W1901A", france, germany)
    everything = asked(france, "inspect", seat(ITALY)).json()
    assert len(everything["beliefs"]) == len(everything["others"]) == 6
    assert any(SECRET in promise["quote"] for promise in everything["beliefs"]["GERMANY"]["promises"])
    assert SECRET in {m["text"] for m in asked(france, "moment", seat(ITALY)).json()["messages"]}
    assert SECRET in france.client.get("/inside").text


def _ways() -> Iterator[dict[str, Any]]:
    """Moments and what ifs."""
    yield {}
    yield {"heard": 1}
    yield {"heard": 999}
    told = {"sender": "FRANCE", "recipient": "ITALY", "text": "What did Germany tell you?"}
    yield {"changes": {"controls": ["honesty=cheap talk"], "new_messages": [told]}}


def test_what_stays_closed_is_refused_in_one_line(web: Open) -> None:
    game = web.rooms.open(mixed())
    france, germany = web.guest(game), web.guest(game, GERMANY)
    germany.does("say", to="ITALY", text=SECRET)
    secret = next(m["number"] for m in germany.state()["messages"] if m["text"] == SECRET)
    play_past("S1901M", france, germany)
    now = france.state()["phase"]
    for given, words in (
        (seat(ITALY, now), f"{now} is not over"),
        (seat(ITALY, now, changes={"orders": ["A ROM - APU"]}), f"{now} is not over"),
        (seat(GERMANY), "Germany was played by a person"),
        (seat(FRANCE), "France was played by a person"),
        (seat(ITALY, "S1950M"), "S1950M was not played"),
        (seat(ITALY, "soon"), "soon"),
        (seat(ITALY, changes={"messages": [{"sequence": secret, "text": None}]}), f"no message number {secret}"),
        (seat(ITALY, changes={"orders": ["A ROM - MOS"]}), "A ROM - MOS"),
    ):
        for what in ("moment", "inspect") if "changes" not in given else ("inspect",):
            refused = asked(france, what, given)
            assert (refused.status_code, words in refused.json()["error"]) == (400, True), refused.text
            assert "\n" not in refused.json()["error"]
    # The one who said it may.
    assert asked(germany, "inspect", seat(ITALY, changes={"messages": [{"sequence": secret, "text": None}]})).is_success
    # A game that has gone on is read anew, with its log.
    assert asked(france, "inspect", seat(ITALY)).is_success
    play_past(now, france, germany)
    plan = france.client.get("/why", params={"of": "italy", "phase": now}).json()["plan"]
    assert plan
    assert asked(france, "inspect", seat(ITALY, now)).json()["logged"] == plan


def test_games_with_closed_reasons_are_closed_inside_too(web: Open) -> None:
    game = web.rooms.open(alone(reasons=False, until=1901))
    guest = web.guest(game)
    play_past("S1901M", guest)
    for refused in (
        asked(guest, "inspect", seat(ITALY)),
        asked(guest, "moment", seat(ITALY)),
        guest.client.get("/inside"),
    ):
        assert refused.status_code == 400
        assert "stay closed until the game is over" in refused.json()["error"]
    play_past("W1901A", guest)
    assert guest.client.get("/inside").is_success
    assert asked(guest, "inspect", seat(ITALY)).is_success


def test_the_seats_locks_are_the_inspectors(web: Open) -> None:
    game = web.rooms.open(settings({FRANCE: PERSON, GERMANY: PERSON}))
    france, germany = web.guest(game), web.guest(game, GERMANY)
    play_past("S1901M", france, germany)
    page = france.client.get("/inside")
    policy = page.headers["content-security-policy"]
    assert "script-src 'sha256-" in policy
    assert "unsafe" not in policy
    origin = web.server.url.rstrip("/")
    with httpx.Client(base_url=f"{origin}/seat/{game}/france", trust_env=False, timeout=PATIENCE_S) as stranger:
        shown = stranger.get("/inside")
        assert (shown.status_code, shown.headers["location"]) == (303, f"/seat/{game}/france")
        assert stranger.get("/inside/waiting").status_code == 401
        assert stranger.get("/advice/waiting").status_code == 401
        for what in ("moment", "inspect"):
            assert stranger.post(f"/inside/{what}", json=seat(ITALY), headers={"Origin": origin}).status_code == 401
    other = f"{origin}/seat/{game}/germany/inside"
    assert france.client.post(f"{other}/inspect", json=seat(ITALY)).status_code == 401
    assert france.client.get(other, follow_redirects=False).status_code == 303
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert france.client.post("/inside/inspect", json=seat(ITALY), headers=headers).status_code == 403
        assert france.client.get("/inside", headers=headers).status_code == 403
    assert asked(france, "inspect", seat(ITALY, more="x" * 70_000)).status_code == 413
    for nowhere in (99, 10**30):
        assert france.client.get(f"{origin}/seat/{nowhere}/france/inside").status_code == 404
        assert france.client.post(f"{origin}/seat/{nowhere}/france/inside/inspect", json=seat(ITALY)).status_code == 404


# --- whoever asks keeps nobody from playing ----------------------------------------------------------------


def test_many_who_ask_wait_in_line_and_the_pages_and_the_agents_go_on(
    web: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More people than the server has threads ask for advice while all places to think are taken."""
    now = most = 0

    def advise(view: GameView, config: AgentConfig, seed: int) -> Advice:
        nonlocal now, most
        now += 1
        most = max(most, now)
        with web.rooms._gate.thinking(None):  # an agent finds a place all the while
            now -= 1
        return Advice(view.game_id, view.phase, view.power, (), (), {}, {}, ())

    monkeypatch.setattr("cicero_lite.web.table.adviser.advise_view", advise)
    games = [web.rooms.open(settings(dict.fromkeys(POWERS, PERSON))) for _ in range(6)]
    everybody = [web.guest(game, power) for game in games for power in POWERS]
    with ThreadPoolExecutor(len(everybody)) as threads:
        with ExitStack() as places:
            for _ in range(2):
                places.enter_context(web.rooms._gate.thinking(0.0))
            advised = [threads.submit(guest.client.get, "/advice") for guest in everybody]
            until(lambda: all(_waits(guest) for guest in everybody), "all wait")
            assert sorted(_waits(guest)["ahead"] for guest in everybody) == list(range(len(everybody)))
            assert all(guest.state()["phase"] == "S1901M" for guest in everybody)  # the pages are answered
            assert not any(answer.done() for answer in advised)
        assert {answer.result(PATIENCE_S).status_code for answer in advised} == {200}
    assert most == 1  # of the questions, one at a time
    assert everybody[0].client.get("/advice/waiting").json() is None


def _waits(guest: Guest) -> Any:
    standing = guest.client.get("/advice/waiting").json()
    return standing if standing and standing["waits"] else None


def test_of_one_seat_the_last_question_counts(web: Open) -> None:
    game = web.rooms.open(replace(settings({FRANCE: PERSON, ITALY: "cicero"}), think="4it"))
    guest = web.guest(game)
    play_past("S1901M", guest)
    until(lambda: web.rooms.take_up(game).room.thinking is None, "nobody thinks")
    with ThreadPoolExecutor(3) as threads:
        with ExitStack() as places:
            for _ in range(2):
                places.enter_context(web.rooms._gate.thinking(0.0))
            first = threads.submit(asked, guest, "inspect", seat(ITALY))
            until(lambda: guest.client.get("/inside/waiting").json() == {"waits": True, "ahead": 0}, "it waits")
            advice = threads.submit(guest.client.get, "/advice")
            until(lambda: _waits(guest), "a question of another kind waits, too")
            last = threads.submit(asked, guest, "inspect", seat(ITALY, changes={"orders": ["A ROM - APU"]}))
            refused = first.result(PATIENCE_S)
            assert refused.status_code == 409
            assert "a later question of yours" in refused.json()["error"]
        assert "A ROM - APU" in last.result(PATIENCE_S).json()["orders"]
        assert advice.result(PATIENCE_S).is_success
