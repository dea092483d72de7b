"""Faults: each kind really happens, at its rate, does what it says, and the same under the same seed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from cicero_lite.adapters.webdiplomacy_sandbox.client_bugs import Mistake
from cicero_lite.adapters.webdiplomacy_sandbox.clock import SiteClock
from cicero_lite.adapters.webdiplomacy_sandbox.faults import Fault, FaultPolicy, Faults
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.errors import ConfigError
from tests.webdiplomacy_site import PlainClient

_STATUS = {"gameID": 1, "countryID": 1}
_MESSAGE = {"gameID": 1, "countryID": 1, "toCountryID": 2, "message": "Hello"}


@contextmanager
def _site(rates: str, slow_s: float = 0.05) -> Iterator[tuple[SandboxServer, PlainClient]]:
    policy = FaultPolicy.parse(rates, slow_s=slow_s)
    with SandboxServer(SiteClock(1_800_000_000, speed=0), policy, poll_interval_s=0) as server:
        server.open_game()
        with PlainClient(server, server.seats[0]) as client:
            yield server, client


@pytest.mark.parametrize("route", ["game/status", "game/sendmessage"])
def test_each_fault_happens_at_its_rate(route: str) -> None:
    faults = Faults(FaultPolicy.parse("all=0.05", seed=3))
    calls = 8000
    drawn = Counter(faults.draw(user, route) for user in range(8) for _ in range(calls // 8))
    for fault in Fault:
        rate = 0 if fault is Fault.STORED_ERROR and route == "game/status" else 0.05
        assert drawn[fault] / calls == pytest.approx(rate, abs=0.01)
        assert faults.met[fault] == drawn[fault]


def test_the_nth_call_meets_the_same_fault_whatever_others_do() -> None:
    alone, among = Faults(FaultPolicy.parse("all=0.1", seed=7)), Faults(FaultPolicy.parse("all=0.1", seed=7))
    first = [alone.draw(5, "game/orders") for _ in range(50)]
    second = []
    for _ in range(50):
        among.draw(6, "game/orders")
        second.append(among.draw(5, "game/orders"))
        among.draw(5, "game/status")
    assert first == second
    other = Faults(FaultPolicy.parse("all=0.1", seed=8))
    assert first != [other.draw(5, "game/orders") for _ in range(50)]


@pytest.mark.parametrize("rates", ["slow", "slow=2", "cold=0.1", "slow=x", "all=0.2"])
def test_a_policy_that_is_none_is_refused_in_a_line(rates: str) -> None:
    with pytest.raises(ConfigError, match=r"^faults: expected"):
        FaultPolicy.parse(rates)


def test_server_errors_are_those_of_the_site() -> None:
    with _site("server_error=1") as (server, client):
        answer = client.get("game/status", **_STATUS)
        assert (answer.status_code, "no centers found" in answer.text) == (501, True)
        answer = client.post("game/sendmessage", _MESSAGE)
        assert (answer.status_code, "Deadlock found" in answer.text) == (509, True)
        assert server.site.games[1].messages == []


def test_a_message_with_a_stored_error_is_stored_and_a_blind_retry_is_flagged() -> None:
    with _site("stored_error=1") as (server, client):
        answer = client.post("game/sendmessage", _MESSAGE)
        assert (answer.status_code, "Deadlock found" in answer.text) == (509, True)
        assert [message.text for message in server.site.games[1].messages] == ["Hello"]
        client.post("game/sendmessage", _MESSAGE | {"message": "Something else"})
        assert server.site.bugs.found == []
        client.post("game/sendmessage", _MESSAGE)
        assert [bug.mistake for bug in server.site.bugs.found] == [Mistake.BLIND_RESEND]


@pytest.mark.parametrize("read", ["game/getmessages", "game/status"])
def test_a_retry_after_looking_is_no_bug(read: str) -> None:
    with _site("stored_error=1") as (server, client):
        client.post("game/sendmessage", _MESSAGE)
        assert "Hello" in client.get(read, **_STATUS).text
        client.post("game/sendmessage", _MESSAGE)
        assert server.site.bugs.found == []


def test_looking_from_too_late_a_time_on_is_no_look() -> None:
    with _site("stored_error=1") as (server, client):
        client.post("game/sendmessage", _MESSAGE)
        client.get("game/getmessages", **_STATUS, sinceTime=1_800_000_001)
        client.post("game/sendmessage", _MESSAGE)
        assert len(server.site.bugs.found) == 1


@pytest.mark.parametrize(("fault", "stored"), [("dropped_before", 0), ("dropped_after", 1)])
def test_a_dropped_connection_gives_no_byte(fault: str, stored: int) -> None:
    with _site(f"{fault}=1") as (server, client):
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            client.post("game/sendmessage", _MESSAGE)
        assert len(server.site.games[1].messages) == stored
        assert server.api.calls[-1].status == 0
        server.api.faults = Faults(FaultPolicy())
        assert client.get("game/status", **_STATUS).status_code == 200


def test_malformed_answers_break_off_after_the_write() -> None:
    with _site("malformed=1") as (server, client):
        answer = client.post("game/sendmessage", _MESSAGE)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        with pytest.raises(json.JSONDecodeError):
            answer.json()
        assert len(server.site.games[1].messages) == 1


def test_notices_and_expired_keys_are_pages_and_change_nothing() -> None:
    for rates, begins in (("notice=1", "Please refresh: The game has moved on"), ("expired_key=1", "")):
        with _site(rates) as (server, client):
            body = {"gameID": 1, "turn": 0, "phase": "Diplomacy", "countryID": 1, "orders": [], "ready": "Yes"}
            answer = client.post("game/orders", body)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=UTF-8")
            assert answer.text.startswith(begins)
            assert (answer.text == "") == (rates == "expired_key=1")
            assert all(not member.flags for member in server.site.games[1].members.values())


def test_repeated_events_are_told_again() -> None:
    with _site("repeated=1") as (server, client):
        assert client.json("players/missing_orders") == [{"gameID": 1, "countryID": 1}] * 2
        assert len(client.json("players/active_games")["games"]) == 2
        client.post("game/sendmessage", _MESSAGE)
        server.site.clock.advance(100)
        since = {"sinceTime": 1_800_000_050}
        told = client.json("game/getmessages", **_STATUS, **since)["data"]["messages"]
        assert [row["message"] for row in told] == ["Hello"]
        server.api.faults = Faults(FaultPolicy())
        assert client.json("game/getmessages", **_STATUS, **since)["data"] == {"messages": []}


def test_a_slow_answer_is_a_right_answer_and_holds_nobody_up() -> None:
    with _site("slow=1", slow_s=0.3) as (server, client), PlainClient(server, None) as nobody:
        assert client.json("game/status", **_STATUS)["gameID"] == 1
        assert nobody.get("game/status").status_code == 401
        assert server.api.faults.met == {Fault.SLOW: 1}


def test_the_clock_of_the_site_may_differ_from_ours_and_dates_its_answers() -> None:
    with SandboxServer(SiteClock(1_000_000_000, speed=0)) as server, PlainClient(server, server.seats[0]) as client:
        server.open_game()
        assert client.get("game/status", gameID=1).headers["date"] == "Sun, 09 Sep 2001 01:46:40 GMT"
        client.post("game/sendmessage", _MESSAGE)
        assert client.json("game/getmessages", **_STATUS)["data"]["time"] == 1_000_000_000
