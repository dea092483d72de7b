"""What the server says: all that was recorded, what it is known to vary, and what it must not say; and its talks."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, COUNTRY_OF, TERRITORIES, phase_of, turn_of
from cicero_lite.adapters.webdiplomacy_press import Inbox, as_kept, may_write, plain_text, poll_interval_s
from cicero_lite.adapters.webdiplomacy_responses import (
    KINDS,
    ActiveGames,
    Answer,
    Envelope,
    ForbiddenError,
    GameData,
    GameGoneError,
    GameStatus,
    KeyRefusedError,
    Messages,
    MovedOnError,
    Overview,
    RefusedError,
    ResponseError,
    SeatRefs,
    SendReply,
    ServerMessage,
    UnavailableError,
    WebDiplomacyError,
    check,
    read,
)
from engine.game import Game
from engine.mapfile import load_map
from engine.types import POWERS, Phase, Power, Province
from tests.cicero_lite.webdiplomacy import JSON, example, needs_examples, recorded, status_json

FAILURES = {
    KeyRefusedError: ("no Authorization header", "unknown API key: 200 with EMPTY body", 'lower-case "bearer"'),
    ForbiddenError: ("countryID not mine", "key without permissions, not a member", "join by API key"),
    GameGoneError: ("unknown game", "cancelled (erased) game, key with getStateOfAllGames"),
    MovedOnError: ("game/orders: wrong turn", "game/orders: wrong phase", "game/orders in a finished game"),
    RefusedError: ("unknown route", "sendmessage in NoPress", "game/sendmessage: longer than 65000 bytes"),
    UnavailableError: (
        "site in maintenance mode: 200 text/html",
        "game/orders: toTerrID does not exist on the map",
        "game_togglevote_null_votes_bug",
    ),
}


@needs_examples
def test_every_recorded_answer_is_a_value_or_an_error_of_one_line() -> None:
    values, errors = 0, list[str]()
    for one in recorded():
        kind = KINDS.get(one.answer.route)
        try:
            if kind is None:
                check(one.answer)
            else:
                read(kind, one.answer)
            values += 1
        except ResponseError as error:
            raise AssertionError(f"{one.name}: {error}") from error
        except WebDiplomacyError as error:
            errors.append(str(error))
    assert (values, len(errors)) == (46, 60)
    assert all(line.isprintable() for line in errors)


@needs_examples
@pytest.mark.parametrize("kind", FAILURES)
def test_recorded_failures_are_told_apart(kind: type[WebDiplomacyError]) -> None:
    for name in FAILURES[kind]:
        with pytest.raises(WebDiplomacyError) as caught:
            check(example(name).answer)
        assert type(caught.value) is kind, name


@needs_examples
def test_recorded_values() -> None:
    games = read(ActiveGames, example("players_active_games_new_messages").answer).games
    assert [(g.game_id, g.country_id, g.new_messages_from, g.process_time) for g in games] == [
        (1, 2, (0, 1), 1795500870)
    ]
    assert read(ActiveGames, example("players_active_games_paused").answer).games[0].process_time is None
    assert [(s.game_id, s.country_id) for s in read(SeatRefs, example("players_cd").answer).root] == [(2, 7)]
    status = read(GameStatus, example("game_status_with_vote_and_messages").answer)
    assert status.votes == status.public_votes[1] == frozenset({"Draw"})
    assert status.order_status == frozenset({"Saved", "Completed"})
    assert read(GameStatus, example("game_status_anonymous_hidden_draw").answer).public_votes == {}
    drawn = read(Envelope[Overview], example("game_overview_drawn").answer).data
    assert {(m.status, m.votes) for m in drawn.members} == {("Drawn", ("Draw",))}
    stored = read(Envelope[GameData], example("game_data_retreats").answer).data.stored.root
    assert [(o.terr_id, o.type, o.to_terr_id) for o in stored] == [(16, "Retreat", None)]
    assert [o.type for o in read(Envelope[GameData], example("game_data_build").answer).data.stored.root] == [
        "Build Army"
    ]


def answer(body: Any, **changes: Any) -> Answer:
    """A success with this body, or something else."""
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer(**{"route": "game/status", "status": 200, "content_type": JSON, "body": text, **changes})


def test_what_varies_is_taken() -> None:
    body = status_json(Game())
    plain = read(GameStatus, answer(body))
    varied = {**body, "gameID": "7", "turn": "0", "processTime": 1795500870, "occupiedFrom": {"16": "66"}, "new": [1]}
    varied["phases"][0]["units"][0]["terrID"] = str(varied["phases"][0]["units"][0]["terrID"])
    assert read(GameStatus, answer(varied)) == plain
    assert read(GameStatus, answer({**body, "processTime": None})).process_time is None
    before = {**body, "phase": "Pre-game", "phases": [], "publicVotes": [None], "orderStatuses": [""]}
    assert read(GameStatus, answer(before)).public_votes == {}
    named = {"games": [{**GAME, "name": 123}]}
    assert read(ActiveGames, answer(named)).games[0].name == "123"


GAME = {
    "gameID": 1,
    "countryID": 1,
    "pressType": "Regular",
    "turn": 0,
    "phase": "Builds",
    "phaseMinutes": 5,
    "variantID": 1,
}


NO_PHASE = {"turn": 0, "phase": "Diplomacy", "units": [], "centers": []}
NO_ORDER = {"countryID": 1, "terrID": 3, "type": "Hold"}
ORDER = r"phases\[0\].orders\[0\]."


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"turn": None}, "turn: expected a valid integer, got None"),
        ({"turn": True}, "turn: expected a valid integer, got True"),
        ({"turn": -1}, "turn: expected greater than or equal to 0, got -1"),
        ({"turn": "9" * 5000}, "turn: expected a valid integer, got '999"),
        ({"phase": "diplomacy"}, "phase: expected 'Pre-game', .* got 'diplomacy'"),
        ({"gameOver": "Won"}, "expected gameOver Won or Drawn if and only if Finished"),
        (
            {"phases": [{**NO_PHASE, "orders": [{**NO_ORDER, "terrID": 99}]}]},
            ORDER + "terrID: expected less .* 81, got 99",
        ),
        (
            {"phases": [{**NO_PHASE, "orders": [{**NO_ORDER, "type": "hold"}]}]},
            ORDER + "type: expected 'Hold', .*'hold'",
        ),
        ({"phases": {}}, "phases: expected a valid .*, got {}"),
        ({"publicVotes": {"8": "Draw"}}, "publicVotes.8: expected less than or equal to 7, got 8"),
    ],
)
def test_what_must_not_be_is_one_clear_line(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(ResponseError, match=f"^game/status: {problem}") as caught:
        read(GameStatus, answer({**status_json(Game()), **change}))
    assert len(str(caught.value)) < 400


def test_what_is_left_out_is_named() -> None:
    body = status_json(Game())
    del body["phases"][0]["units"][3]["countryID"]
    with pytest.raises(ResponseError, match=re.escape("phases[0].units[3].countryID: expected a value, got none")):
        read(GameStatus, answer(body))


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"body": "<html>\nWelcome"}, ResponseError, "expected JSON, got <html> Welcome"),
        ({"body": "[" * 100_000}, ResponseError, "expected JSON"),
        ({"body": '{"gameID": NaN'}, ResponseError, "expected JSON"),
        ({"body": '"\ud800"'}, ResponseError, "expected a valid string, unable to parse"),
        ({"content_type": "text/html", "body": "<p>Hi</p>\x1b[2J"}, ResponseError, r"got Hi .\[2J; is the URL"),
        ({"content_type": "text/html", "body": "Please refresh: The game has moved on"}, UnavailableError, "moved on"),
        ({"status": 404, "body": "API is not enabled."}, RefusedError, "whose bot API is on"),
        ({"status": 301, "body": ""}, RefusedError, "check the URL"),
        ({"status": 503, "body": "busy"}, UnavailableError, r"\(503\): busy"),
        ({"status": 501, "body": "Game state error: no centers found for turn 3"}, UnavailableError, "no centers"),
    ],
)
def test_pages_that_are_no_answer(changes: dict[str, Any], kind: type[WebDiplomacyError], words: str) -> None:
    with pytest.raises(kind, match=words) as caught:
        read(GameStatus, answer(**{"body": "", **changes}))
    assert str(caught.value).isprintable()


# --- numbers ----------------------------------------------------------------------------------------------


def test_every_place_and_power_has_a_number() -> None:
    assert set(TERRITORIES.values()) == set(load_map().locations)
    assert set(COUNTRIES.values()) == set(POWERS) == set(COUNTRY_OF)
    for text in ("S1901M", "F1901M", "W1901A", "S1910R", "F1910R"):
        phase = Phase.parse(text)
        assert phase_of(*turn_of(phase)) == phase


@needs_examples
def test_the_numbers_are_the_servers_own() -> None:
    """Its map names every place and says who borders on whom."""
    places = example("game_data_S1901M").body["data"]["territories"]
    ours = load_map()
    for number, place in TERRITORIES.items():
        told = places[str(number)]
        assert (told["supply"] == "Yes") == (Province(place) in ours.centers) or "/" in place, place
        reach = {TERRITORIES[int(b["id"])] for b in told["CoastalBorders"] if b["f"]}
        assert reach == set(ours.fleet_moves.get(place, ())), place
        walk = {TERRITORIES[int(b["id"])][:3] for b in told["CoastalBorders"] if b["a"]}
        if "/" not in place:
            assert walk == set(ours.army_moves.get(place, ())), place


# --- talks ------------------------------------------------------------------------------------------------


def message(text: str, sender: int, to: int, when: int, marker: str = "Diplomacy") -> ServerMessage:
    """A message as the server tells it."""
    fields = {"message": text, "fromCountryID": sender, "toCountryID": to, "timeSent": when, "turn": 0}
    return ServerMessage.model_validate_json(json.dumps({**fields, "phaseMarker": marker}))


@needs_examples
def test_recorded_messages_in_words() -> None:
    inbox = Inbox(Power.FRANCE)
    inbox.add(read(Envelope[Messages], example("game_getmessages").answer).data.messages)
    assert [(m.sender, m.recipient, m.text) for m in inbox.press] == [
        (Power.ENGLAND, Power.FRANCE, "Hello France, shall we leave the Channel empty?"),
        (Power.ENGLAND, Power.FRANCE, 'Line one\nLine two & <b>é</b> "q" ????'),
        (Power.ENGLAND, None, "Good luck everyone"),
    ]
    assert inbox.since == 1795414470
    sent = example("game_sendmessage_same_second")
    told = read(SendReply, sent.answer).messages
    assert as_kept(sent.request["json_body"]["message"]) == plain_text(told[1].message)


def test_a_message_comes_once_and_two_alike_come_twice() -> None:
    inbox = Inbox(Power.FRANCE)
    assert inbox.since is None
    first = message("yes", 1, 2, 100)
    assert len(inbox.add([first])) == 1
    assert inbox.since == 99
    assert [m.text for m in inbox.add([message("no", 1, 2, 100), first, first])] == ["no", "yes"]
    assert inbox.add([first, first]) == ()
    assert len(inbox.add([message("yes", 1, 2, 100, "Retreats")])) == 1


def test_notices_and_vote_notes_are_no_press() -> None:
    inbox = Inbox(Power.FRANCE)
    others = [message("Voted for Draw", 2, 2, 5), message("for others", 1, 3, 5)]
    notice = message("<strong>GameMaster:</strong> The deadline was <b>extended</b> &amp; so on", 0, 0, 6)
    hostile = message("a\x1b[2Jb \u202e&#27;&#x1b;c", 1, 2, 8)
    forged = message("&lt;strong&gt;GameMaster:&lt;/strong&gt; France has left", 1, 0, 7)
    new = inbox.add([*others, notice, forged, hostile])
    assert [(m.sender, m.text) for m in new] == [
        (Power.ENGLAND, "<strong>GameMaster:</strong> France has left"),
        (Power.ENGLAND, "a [2Jb  c"),
    ]
    assert [n.text for n in inbox.notices] == ["The deadline was extended & so on"]


@pytest.mark.parametrize(
    ("press", "allowed"),
    [
        ("Regular", {("Diplomacy", True), ("Diplomacy", False), ("Builds", True), ("Builds", False)}),
        ("PublicPressOnly", {("Diplomacy", True), ("Builds", True)}),
        ("RulebookPress", {("Diplomacy", True), ("Diplomacy", False)}),
        ("NoPress", set()),
    ],
)
def test_who_may_write_what(press: Any, allowed: set[tuple[str, bool]]) -> None:
    phases: tuple[Any, ...] = ("Diplomacy", "Builds")
    found = {(p, pub) for p in phases for pub in (True, False) if may_write(press, p, None if pub else Power.ITALY)}
    assert found == allowed
    assert may_write(press, "Finished", Power.ITALY)


def test_we_look_more_often_while_people_talk_and_near_the_end() -> None:
    day, short = 86_400.0, 300.0
    assert poll_interval_s(None, 3, short) == 60
    assert poll_interval_s(day, None, day) == 60
    assert poll_interval_s(day, 40, day) == 4
    assert poll_interval_s(30, None, day) == 3
    assert poll_interval_s(-5, 0, short) == 2
    assert all(poll_interval_s(left, talk, short) >= 2 for left in (0, 1, 299) for talk in (0, 1, None))
