"""Deadlines, absence, votes and messages, on a clock that the test moves."""

from __future__ import annotations

import html
from collections.abc import Iterator

import pytest

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES
from cicero_lite.adapters.webdiplomacy_sandbox.client_bugs import ClientBugs, Mistake
from cicero_lite.adapters.webdiplomacy_sandbox.clock import SiteClock
from cicero_lite.adapters.webdiplomacy_sandbox.press import escape
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.adapters.webdiplomacy_sandbox.site import (
    GameRules,
    MemberStatus,
    OrderFlag,
    PlayerTypes,
    PressType,
    SitePhase,
)
from engine.types import Power
from tests.webdiplomacy_site import PlainClient, sent

_HOUR_S = 3600


@pytest.fixture
def clock() -> SiteClock:
    """It stands still."""
    return SiteClock(1_800_000_000, speed=0)


@pytest.fixture
def server(clock: SiteClock) -> Iterator[SandboxServer]:
    """A site whose seven accounts are people: their votes count."""
    with SandboxServer(clock, poll_interval_s=0, seats_are_bots=False) as server:
        yield server


@pytest.fixture
def clients(server: SandboxServer) -> Iterator[dict[int, PlainClient]]:
    """A client for each country."""
    clients = {country: PlainClient(server, server.seats[country - 1]) for country in COUNTRIES}
    yield clients
    for client in clients.values():
        client.__exit__()


def _all_but(clients: dict[int, PlainClient], absent: int) -> None:
    for country, client in clients.items():
        if country != absent:
            client.order(1, country, [], ready="Yes")


def test_the_clock_runs_at_its_speed_and_is_put_forward() -> None:
    seconds = iter([0.0, 1.0, 1.0, 3.0, 3.0])
    clock = SiteClock(100, speed=60, source=lambda: next(seconds))
    assert clock.now() == 160
    clock.speed = 0
    clock.advance(5)
    assert clock.now() == 165


def test_a_phase_is_processed_when_all_are_ready_and_its_deadline_is_set_anew(
    server: SandboxServer, clock: SiteClock, clients: dict[int, PlainClient]
) -> None:
    server.open_game(GameRules(phase_minutes=60))
    _all_but(clients, absent=0)
    clock.advance(10)
    server.process()
    status = clients[1].json("game/status", gameID=1, countryID=1)
    assert (status["turn"], status["processTime"]) == (1, str(1_800_000_010 + _HOUR_S))
    assert set(status["orderStatuses"].values()) == {""}


def test_without_ready_the_deadline_decides(
    server: SandboxServer, clock: SiteClock, clients: dict[int, PlainClient]
) -> None:
    game = server.open_game(GameRules(phase_minutes=60))
    for country, client in clients.items():
        client.order(1, country, [], ready="No")
    for passed, turn in ((_HOUR_S - 1, 0), (1, 1)):
        clock.advance(passed)
        server.process()
        assert game.turn == turn


def test_who_misses_a_deadline_uses_an_excuse_and_takes_all_ready_away(
    server: SandboxServer, clock: SiteClock, clients: dict[int, PlainClient]
) -> None:
    game = server.open_game(GameRules(phase_minutes=120, excused_missed_turns=1))
    _all_but(clients, absent=3)
    clock.advance(2 * _HOUR_S)
    server.process()
    status = clients[1].json("game/status", gameID=1, countryID=1)
    assert (status["turn"], status["phase"], status["orderStatus"]) == (0, "Diplomacy", "Saved,Completed")
    assert status["processTime"] == str(1_800_000_000 + 4 * _HOUR_S)
    [notice] = status["phases"][-1]["messages"]
    assert (notice["fromCountryID"], notice["toCountryID"]) == (0, 0)
    assert notice["message"].startswith("<strong>GameMaster:</strong> ")
    assert game.members[Power.ITALY].excuses == 0
    assert game.members[Power.ITALY].status is MemberStatus.PLAYING


def test_who_has_left_is_on_no_list_until_it_orders_again(
    server: SandboxServer, clock: SiteClock, clients: dict[int, PlainClient]
) -> None:
    game = server.open_game(GameRules(phase_minutes=60, excused_missed_turns=0))
    _all_but(clients, absent=3)
    clock.advance(_HOUR_S)
    server.process()
    italy = clients[3]
    assert italy.json("players/active_games") == {"games": []}
    assert italy.json("players/missing_orders") == []
    assert italy.json("game/status", gameID=1, countryID=3)["status"] == "Left"
    assert italy.post("game/markbackfromleft", {"gameID": 1, "countryID": 3}).text == ""
    assert italy.json("players/missing_orders") == [{"gameID": 1, "countryID": 3}]
    game.members[Power.ITALY].status = MemberStatus.LEFT
    italy.order(1, 3, [])
    assert game.members[Power.ITALY].status is MemberStatus.PLAYING


def test_a_game_goes_on_without_those_who_left(
    server: SandboxServer, clock: SiteClock, clients: dict[int, PlainClient]
) -> None:
    game = server.open_game(GameRules(phase_minutes=60, excused_missed_turns=0))
    _all_but(clients, absent=3)
    clock.advance(_HOUR_S)
    server.process()
    _all_but(clients, absent=3)
    server.process()
    assert game.turn == 1


def test_against_bots_no_deadline_is_put_off(server: SandboxServer, clock: SiteClock) -> None:
    game = server.open_game(GameRules(phase_minutes=60, player_types=PlayerTypes.VERSUS_BOTS))
    clock.advance(_HOUR_S)
    server.process()
    assert (game.turn, game.messages) == (1, [])


def test_bots_alone_in_a_mixed_game_are_drawn_and_their_votes_do_not_count(clock: SiteClock) -> None:
    with SandboxServer(clock) as server, PlainClient(server, server.seats[0]) as client:
        members, mixed = server.open_game(), server.open_game(GameRules(player_types=PlayerTypes.MIXED))
        for game in (members, mixed):
            for country, account in enumerate(server.seats, start=1):
                with PlainClient(server, account) as each:
                    vote = {"gameID": game.game_id, "countryID": country, "vote": "Draw", "voteOn": True}
                    each.post("game/setvote", vote)
        server.process()
        assert {members.game_over, mixed.game_over} == {"No"}
        clock.advance(25 * _HOUR_S)
        for game in (members, mixed):
            for member in game.members.values():
                member.flags.add(OrderFlag.READY)
        server.process()
        assert (members.game_over, mixed.game_over) == ("No", "Drawn")
        assert client.json("game/overview", gameID=2)["data"]["members"][0]["status"] == "Drawn"


def test_a_lone_human_among_bots_draws_alone(clock: SiteClock) -> None:
    with SandboxServer(clock) as server, PlainClient(server, server.seats[1]) as client:
        server.seats[1].is_bot = False
        server.open_game()
        vote = {"gameID": 1, "countryID": 2, "vote": "Draw", "voteOn": 1}
        assert client.post("game/setvote", vote).text == ",Draw"
        assert client.json("game/status", gameID=1, countryID=2)["phase"] == "Finished"


def test_a_pause_stops_the_clock_of_a_game(
    server: SandboxServer, clock: SiteClock, clients: dict[int, PlainClient]
) -> None:
    game = server.open_game(GameRules(phase_minutes=60))
    clock.advance(600)
    _vote_all(clients, "Pause")
    overview = clients[1].json("game/overview", gameID=1)["data"]
    paused = (overview["processStatus"], overview["processTime"], overview["pauseTimeRemaining"])
    assert paused == ("Paused", None, 3000)
    clock.advance(10 * _HOUR_S)
    server.process()
    assert clients[1].json("players/missing_orders") == []
    clients[1].order(1, 1, [])
    _vote_all(clients, "Pause")
    assert (game.turn, game.process_time) == (0, clock.now() + 3000)


def test_a_cancelled_game_is_gone(server: SandboxServer, clients: dict[int, PlainClient]) -> None:
    server.open_game()
    _vote_all(clients, "Cancel")
    answer = clients[1].get("game/status", gameID=1)
    assert (answer.status_code, answer.text[:19]) == (400, "Could not fetch row")


def test_votes_by_toggling_wait_for_the_game_master_and_are_noted_right(
    server: SandboxServer, clients: dict[int, PlainClient]
) -> None:
    game = server.open_game()
    for country, client in clients.items():
        vote = {"gameID": 1, "countryID": country, "vote": "Pause"}
        client.post("game/setvote", vote | {"voteOn": "Yes"})
        client.post("game/setvote", vote | {"voteOn": "No"})
        if country == 1:
            body = {"gameID": 1, "countryID": 1, "vote": "Draw", "voteOn": "Yes"}
            assert client.post("game/setvote", body).text == ",Draw"
            assert client.get("game/togglevote", gameID=1, countryID=1, vote="Pause").text == "Draw,Pause"
            client.get("game/togglevote", gameID=1, countryID=1, vote="Pause")
        else:
            client.get("game/togglevote", gameID=1, countryID=country, vote="Draw")
    assert not game.is_finished
    notes = [message.text for message in game.messages if message.sender == 7]
    assert notes == ["Un-Voted for Pause", "Voted for Pause", "Voted for Draw"]
    server.process()
    assert game.game_over == "Drawn"


def _vote_all(clients: dict[int, PlainClient], vote: str) -> None:
    for country, client in clients.items():
        client.post("game/setvote", {"gameID": 1, "countryID": country, "vote": vote, "voteOn": "Yes"})


def _send(client: PlainClient, text: str, to: object, country: int = 1) -> int:
    body = {"gameID": 1, "countryID": country, "toCountryID": to, "message": text}
    return client.post("game/sendmessage", body).status_code


@pytest.mark.parametrize(
    ("press", "private", "public", "later"),
    [
        (PressType.REGULAR, 200, 200, 200),
        (PressType.PUBLIC, 400, 200, 400),
        (PressType.NONE, 400, 400, 400),
        (PressType.RULEBOOK, 200, 200, 400),
    ],
)
def test_who_may_write_depends_on_the_press_type(
    server: SandboxServer, clients: dict[int, PlainClient], press: PressType, private: int, public: int, later: int
) -> None:
    game = server.open_game(GameRules(press=press))
    assert (_send(clients[1], "x", 2), _send(clients[1], "x", 0)) == (private, public)
    game.phase = SitePhase.RETREATS
    assert _send(clients[1], "x", 2) == later
    game.phase = SitePhase.FINISHED
    assert _send(clients[1], "x", 2) == 200


def test_since_the_last_second_a_second_message_of_it_is_missed(
    server: SandboxServer, clock: SiteClock, clients: dict[int, PlainClient]
) -> None:
    server.open_game()
    _send(clients[1], "first", 2)
    now = clock.now()
    _send(clients[1], "second", 2)
    missed = clients[2].json("game/getmessages", gameID=1, countryID=2, sinceTime=now)["data"]
    assert missed == {"messages": []}
    found = clients[2].json("game/getmessages", gameID=1, countryID=2, sinceTime=now - 1)["data"]
    assert [row["message"] for row in found["messages"]] == ["first", "second"]
    assert found["newMessagesFrom"] == [1]
    assert clients[3].json("game/getmessages", gameID=1, countryID=3)["data"]["messages"] == []
    assert clients[2].json("game/getmessages", gameID=1)["data"]["messages"] == []


def test_a_muted_sender_is_answered_but_nothing_is_stored(
    server: SandboxServer, clients: dict[int, PlainClient]
) -> None:
    game = server.open_game()
    game.members[Power.FRANCE].muted.add(1)
    body = {"gameID": 1, "countryID": 1, "toCountryID": 2, "message": "x"}
    assert clients[1].posted("game/sendmessage", **body) == {"messages": []}
    assert game.messages == []


@pytest.mark.parametrize("text", ["plain", "a & b < c > d", "“Über” – 5 €", "two\nlines", 'say "yes", don\'t'])
def test_what_is_escaped_can_be_read_again(text: str) -> None:
    assert html.unescape(escape(text).replace("<br />", "\n")) == text


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"gameID": "\xff"}', b'{"gameID": 1, "message": "\\ud83d"}'])
def test_what_is_no_json_object_is_refused(clients: dict[int, PlainClient], body: bytes) -> None:
    answer = clients[1].raw("POST", {"route": "game/sendmessage"}, body)
    assert (answer.status_code, answer.text) == (400, "Invalid JSON request data.")


def test_a_message_to_a_name_goes_to_everybody_and_is_flagged(
    server: SandboxServer, clients: dict[int, PlainClient]
) -> None:
    game = server.open_game()
    assert _send(clients[1], "secret", "FRANCE") == 200
    assert game.messages[0].recipient == 0
    assert _mistakes(server.site.bugs) == [Mistake.COUNTRY_NOT_A_NUMBER]


def test_another_countrys_messages_are_refused_and_flagged(
    server: SandboxServer, clients: dict[int, PlainClient]
) -> None:
    server.open_game()
    assert clients[1].get("game/getmessages", gameID=1, countryID=2).status_code == 403
    assert clients[1].get("game/status", gameID=1, countryID=2).status_code == 403
    assert _mistakes(server.site.bugs) == [Mistake.FOREIGN_COUNTRY] * 2


def test_polling_faster_than_once_a_second_is_flagged_and_bursts_are_not() -> None:
    time = [0.0]
    bugs = ClientBugs(1.0, source=lambda: time[0])
    for _ in range(10):
        for _ in range(ClientBugs.READS - 1):
            bugs.game_read(5, 1, "game/status")
        time[0] += ClientBugs.READS
    for _ in range(100):
        time[0] += 1.0
        bugs.game_read(5, 1, "game/status")
    assert bugs.found == []
    quick = ClientBugs(1.0, source=lambda: time[0])
    for _ in range(100):
        time[0] += 0.5
        quick.game_read(5, 1, "game/status")
    assert set(_mistakes(quick)) == {Mistake.POLLED_TOO_FAST}


def test_a_game_without_orders_due_answers_with_an_empty_list(
    server: SandboxServer, clients: dict[int, PlainClient]
) -> None:
    game = server.open_game()
    game.members[Power.ENGLAND].orders, game.members[Power.ENGLAND].flags = [], {OrderFlag.NONE}
    assert clients[1].order(1, 1, []) == []
    assert game.members[Power.ENGLAND].order_status == "None,Saved,Ready"
    with pytest.raises(AssertionError, match="Unknown territory ID `6` for country `1`"):
        clients[1].order(1, 1, [sent(6, "Hold")])


def _mistakes(bugs: ClientBugs) -> list[Mistake]:
    return [bug.mistake for bug in bugs.found]
