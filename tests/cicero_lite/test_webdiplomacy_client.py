"""Requests against a scripted server: what is tried again, what never is, how often, and where the key shows."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import httpx
import pytest

from cicero_lite.adapters.settings import ClientConfig
from cicero_lite.adapters.webdiplomacy_client import (
    Delivery,
    Ready,
    Sent,
    UnansweredError,
    WebDiplomacyClient,
)
from cicero_lite.adapters.webdiplomacy_orders import ServerOrder
from cicero_lite.adapters.webdiplomacy_responses import (
    ForbiddenError,
    GameGoneError,
    KeyRefusedError,
    MovedOnError,
    RefusedError,
    ResponseError,
    SeatRef,
    UnavailableError,
    WebDiplomacyError,
)
from engine.game import Game
from engine.types import Power
from tests.cicero_lite.webdiplomacy import JSON, status_json

KEY = "s3cret-of-the-bot"
SEAT = SeatRef(game_id=7, country_id=2)
START = 1_795_414_470.25

Step: TypeAlias = "httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]"


def ok(body: Any) -> httpx.Response:
    """A success."""
    return httpx.Response(200, headers={"Content-Type": JSON}, text=body if isinstance(body, str) else json.dumps(body))


def page(status: int, text: str = "", **headers: str) -> httpx.Response:
    """What is no success."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers={"Content-Type": "text/html; charset=UTF-8", **named}, text=text)


DEADLOCK = page(509, "Error: Error triggered: Deadlock found when trying to get lock; try restarting transaction.")


@dataclass
class ScriptedServer:
    """Answers each route with its steps in order, the last of them again and again; keeps time."""

    steps: Mapping[str, Sequence[Step]]
    ahead_s: float = 0.0
    """The server's clock before ours."""
    now: float = START
    asked: list[tuple[str, float, httpx.Request]] = field(default_factory=list)
    """Route, our time, request."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        route = request.url.params["route"]
        self.asked.append((route, self.now, request))
        steps = self.steps[route]
        step = steps[min(len(steps), self.count(route)) - 1]
        self.now += 0.01
        if isinstance(step, Exception):
            raise step
        answer = step(request) if callable(step) else step
        kept = {name: value for name, value in answer.headers.items() if name != "content-length"}
        date = formatdate(self.now + self.ahead_s, usegmt=True)
        return httpx.Response(answer.status_code, headers={**kept, "Date": date}, content=answer.content)

    def count(self, route: str) -> int:
        """How often it was asked."""
        return sum(asked == route for asked, _, _ in self.asked)

    def sleep(self, seconds: float) -> None:
        """Lets time pass."""
        self.now += seconds

    def bodies(self, route: str) -> list[Any]:
        """What was sent in the body."""
        return [json.loads(request.content) for asked, _, request in self.asked if asked == route]


def client_of(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> WebDiplomacyClient:
    """A client that talks to the scripted server."""
    monkeypatch.setenv("WEBDIP_KEY", KEY)
    config = ClientConfig(**{"url": "https://example.org/dip", "key_variable": "WEBDIP_KEY", **changes})
    return WebDiplomacyClient(
        config,
        transport=httpx.MockTransport(server),
        sleep=server.sleep,
        clock=lambda: server.now,
        monotonic=lambda: server.now,
        rng=Random(1),
    )


def stored(text: str, when: int, to: int = 1, sender: int = 2) -> dict[str, Any]:
    """A message as the server keeps it."""
    return {"fromCountryID": sender, "toCountryID": to, "message": text, "timeSent": when, "turn": 0}


def talks(*messages: dict[str, Any]) -> httpx.Response:
    """Answer to game/getmessages."""
    marked = [{**m, "phaseMarker": "Diplomacy"} for m in messages]
    return ok({"msg": "", "success": True, "data": {"messages": marked, "time": 1}})


# --- requests ---------------------------------------------------------------------------------------------


def test_a_request_is_what_the_server_expects(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"terrID": 6, "type": "Hold", "countryID": "2", "unitType": "Fleet"}]
    server = ScriptedServer({"game/orders": [ok(rows)], "game/status": [ok(status_json(Game()))]})
    client = client_of(server, monkeypatch)
    client.status(SEAT)
    kept = client.submit(SEAT, 0, "Diplomacy", [ServerOrder("Hold", 6)], Ready.YES)
    client.submit(SEAT, 0, "Diplomacy", [])
    assert [row.terr_id for row in kept.root] == [6]
    _, _, first = server.asked[0]
    assert str(first.url) == "https://example.org/dip/api.php?route=game%2Fstatus&gameID=7&countryID=2"
    assert first.headers["Authorization"] == f"Bearer {KEY}"
    hold = {"terrID": 6, "type": "Hold", "toTerrID": "", "fromTerrID": "", "viaConvoy": ""}
    common = {"gameID": 7, "countryID": 2, "turn": 0, "phase": "Diplomacy"}
    assert server.bodies("game/orders") == [{**common, "orders": [hold], "ready": "Yes"}, {**common, "orders": []}]


def test_requests_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    server = ScriptedServer({"players/active_games": [page(503), httpx.ConnectError("x"), ok({"games": []})]})
    counted: list[tuple[str, str, float]] = []
    client = client_of(server, monkeypatch)
    client._count = lambda *told: counted.append(told)
    client.active_games()
    assert [told[:2] for told in counted] == [("players/active_games", outcome) for outcome in ("503", "error", "200")]
    assert all(0 <= seconds < 1 for *_, seconds in counted)


def test_what_passes_is_asked_again_later_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = page(501, "Error: Error triggered: Game state error: no centers found for turn 3, phase Builds.")
    failing: list[Step] = [busy, httpx.ConnectError("refused"), page(503, Retry_After="7"), ok('{"gameID": 7, "cou')]
    server = ScriptedServer({"game/status": [*failing, ok(status_json(Game()))]})
    assert client_of(server, monkeypatch).status(SEAT).turn == 0
    times = [when for _, when, _ in server.asked]
    gaps = [after - before for before, after in pairwise(times)]
    assert len(gaps) == 4
    assert all(gap >= 0.99 for gap in gaps), "a game is read once a second at most"
    assert gaps[2] >= 7, "as long as the server asks for"


@pytest.mark.parametrize(
    ("step", "kind", "words", "times"),
    [
        (page(200), KeyRefusedError, "check the key file and the URL", 2),
        (page(401, "No API key provided."), KeyRefusedError, "check the key file", 1),
        (page(403, "Permission denied, and user 12 is not member"), ForbiddenError, "the key's user plays", 1),
        (page(400, "Could not fetch row for give gameID"), GameGoneError, "a game that goes on", 1),
        (page(200, "<html>Welcome</html>"), ResponseError, "is the URL that of a webDiplomacy site", 5),
        (page(302, "", Location="https://example.com"), RefusedError, "check the URL", 1),
        (page(200, "Error: Server is in maintenance mode;"), UnavailableError, "maintenance", 5),
        (httpx.ConnectError("[Errno 111] Connection refused"), UnavailableError, "example.org.*check the URL", 5),
        (httpx.RemoteProtocolError("peer closed"), UnavailableError, "peer closed", 5),
    ],
)
def test_what_fails_for_good_is_one_line_with_the_cure(
    step: Step, kind: type[WebDiplomacyError], words: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ScriptedServer({"game/status": [step]})
    with pytest.raises(kind, match=words) as caught:
        client_of(server, monkeypatch).status(SEAT)
    assert str(caught.value).isprintable()
    assert server.count("game/status") == times


def test_a_key_that_was_good_is_not_called_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    good = ok(status_json(Game()))
    server = ScriptedServer({"game/status": [good, page(200), good]})
    client = client_of(server, monkeypatch)
    client.status(SEAT)
    assert client.status(SEAT).turn == 0


def test_a_status_of_another_seat_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    server = ScriptedServer({"game/status": [ok(status_json(Game(), gameID=8))]})
    with pytest.raises(ResponseError, match="expected game 7 for country 2, got game 8 for country 2"):
        client_of(server, monkeypatch).status(SEAT)


def test_games_that_ask_at_the_same_time_share_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    server = ScriptedServer({"players/active_games": [ok({"games": []})]})
    client = client_of(server, monkeypatch)
    for _ in range(20):
        client.active_games(max_age_s=2)
    server.sleep(3)
    client.active_games(max_age_s=2)
    client.active_games()
    assert server.count("players/active_games") == 3


def test_orders_for_a_phase_that_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    late = page(400, "Invalid turn, expected `1`, got `0`.")
    server = ScriptedServer({"game/orders": [late]})
    with pytest.raises(MovedOnError, match="Invalid turn"):
        client_of(server, monkeypatch).submit(SEAT, 0, "Diplomacy", [])
    assert server.count("game/orders") == 1


def test_votes_and_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    server = ScriptedServer(
        {
            "game/setvote": [ok(",Draw"), ok("")],
            "game/messagesseen": [page(503), ok("")],
            "game/markbackfromleft": [ok("")],
        }
    )
    client = client_of(server, monkeypatch)
    assert client.set_vote(SEAT, "Draw", True) == {"Draw"}
    assert client.set_vote(SEAT, "Draw", False) == frozenset()
    client.mark_seen(SEAT, 0)
    client.mark_back(SEAT)
    assert [body["voteOn"] for body in server.bodies("game/setvote")] == ["Yes", "No"]
    assert server.count("game/messagesseen") == 2


# --- messages ---------------------------------------------------------------------------------------------


def sending(monkeypatch: pytest.MonkeyPatch, told: Sequence[Step], *steps: Step) -> tuple[ScriptedServer, Any]:
    """A server on which messages are sent, and what sending gives."""
    server = ScriptedServer({"game/sendmessage": steps, "game/getmessages": told})
    client = client_of(server, monkeypatch)

    def send(text: str = "Hello & <hi>") -> Sent:
        return client.send(SEAT, Power.ENGLAND, text)

    return server, send


def test_a_message_is_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    when = int(START)
    reply = ok({"messages": [stored("before", when), stored("Hello &amp; &lt;hi&gt;", when)]})
    server, send = sending(monkeypatch, [talks()], reply)
    sent = send()
    assert (sent.delivery, sent.message.text, sent.message.time_sent) == (Delivery.DELIVERED, "Hello & <hi>", when)
    assert server.bodies("game/sendmessage") == [
        {"gameID": 7, "countryID": 2, "toCountryID": 1, "message": "Hello & <hi>"}
    ]


def test_a_message_to_whom_we_are_muted(monkeypatch: pytest.MonkeyPatch) -> None:
    _, send = sending(monkeypatch, [talks()], ok({"messages": []}))
    assert send() == Sent(Delivery.MUTED, None)


def test_a_stored_message_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server failed after storing it: 509, as it does under load."""
    kept = stored("Hello &amp; &lt;hi&gt;", int(START) + 1)
    server, send = sending(monkeypatch, [talks(), talks(kept)], DEADLOCK)
    assert send().message.text == "Hello & <hi>"
    assert server.count("game/sendmessage") == 1
    since = [request.url.params.get("sinceTime") for route, _, request in server.asked if route == "game/getmessages"]
    assert since[0] is None
    assert int(since[1]) < kept["timeSent"] - 1


def test_a_message_that_was_lost_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """An older one with the same words, one from somebody else and one to somebody else are not it."""
    words = "Hello &amp; &lt;hi&gt;"
    others = [stored(words, int(START) - 60), stored(words, int(START), 2, 1), stored(words, int(START), 3)]
    arrives = ok({"messages": [stored(words, int(START) + 3)]})
    for failure in (DEADLOCK, page(200, "oops"), httpx.ReadError("reset"), httpx.ConnectError("refused")):
        server, send = sending(monkeypatch, [talks(*others)], failure, failure, arrives)
        assert send().delivery is Delivery.DELIVERED
        assert server.count("game/sendmessage") == 3


def test_the_same_words_twice_are_two_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first stands in the same second; it is no proof that the second arrived."""
    first, both = stored("yes", int(START)), [stored("yes", int(START))] * 2
    server, send = sending(
        monkeypatch, [talks(), talks(first)], ok({"messages": [first]}), DEADLOCK, ok({"messages": both})
    )
    assert send("yes").delivery is send("yes").delivery is Delivery.DELIVERED
    assert server.count("game/sendmessage") == 3


def test_a_message_without_an_answer_is_looked_for_and_never_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    late = stored("Hello &amp; &lt;hi&gt;", int(START) + 2)
    server, send = sending(monkeypatch, [talks(), talks(), talks(late)], httpx.ReadTimeout("slow"))
    assert send().delivery is Delivery.DELIVERED
    server, send = sending(monkeypatch, [talks()], httpx.ReadTimeout("slow"))
    with pytest.raises(UnansweredError, match="slow"):
        send()
    assert server.count("game/sendmessage") == 1
    assert server.now - START > 15, "the server may still be at it"


def test_a_message_of_which_nobody_can_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    server, send = sending(monkeypatch, [talks(), httpx.ConnectError("down")], DEADLOCK)
    with pytest.raises(UnansweredError, match="nobody knows whether the message arrived"):
        send()
    assert server.count("game/sendmessage") == 1


def test_messages_that_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    server, send = sending(monkeypatch, [talks()], page(400, "Message is invalid in NoPress"))
    with pytest.raises(RefusedError, match="Message is invalid in NoPress"):
        send()
    for text in ("", " \n", "x" * 20_000):
        with pytest.raises(RefusedError):
            send(text)
    assert server.count("game/sendmessage") == 1


# --- clocks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ahead", "side"), [(7200.0, "2 h 0 min behind"), (-7260.0, "2 h 1 min ahead of")])
def test_a_clock_two_hours_off_is_one_line_and_does_no_harm(
    ahead: float, side: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = stored("Hello &amp; &lt;hi&gt;", int(START + ahead) + 1)
    server, send = sending(monkeypatch, [talks(), talks(kept)], DEADLOCK)
    server.ahead_s = ahead
    assert send().delivery is Delivery.DELIVERED
    client = client_of(server, monkeypatch)
    client.messages(SEAT)
    assert abs(client.server_time() - (server.now + ahead)) < 1
    warning = client.clock.warning()
    assert warning is not None
    assert side in warning
    assert "set the clock" in warning


def test_a_clock_that_is_right_needs_no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    server = ScriptedServer({"game/getmessages": [talks()]})
    client = client_of(server, monkeypatch)
    assert client.clock.offset_s is None
    for _ in range(50):
        client.messages(SEAT)
        server.sleep(1.37)
    assert client.clock.warning() is None
    assert client.clock.offset_s == pytest.approx(0, abs=0.2), "whole seconds, but many of them"
    server.now += 5000
    client.messages(SEAT)
    server.ahead_s = 40
    client.messages(SEAT)
    assert client.clock.offset_s == pytest.approx(40, abs=1), "a clock that was set is heard anew"


# --- the key ----------------------------------------------------------------------------------------------


def test_the_key_shows_nowhere(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Not in errors, though the server repeats it; not in logs, values or addresses; and no cookie goes back."""
    caplog.set_level(logging.DEBUG)
    repeats = page(400, f"bad key {KEY}", Set_Cookie=f"session={KEY}; Path=/")
    broken = ok(f'{{"gameID": "{KEY}"}}')
    for step in (repeats, broken, page(503, KEY), httpx.ConnectError(f"cannot reach {KEY}")):
        server = ScriptedServer({"game/status": [step]})
        client = client_of(server, monkeypatch)
        with pytest.raises(WebDiplomacyError) as caught:
            client.status(SEAT)
        causes = [caught.value, caught.value.__cause__]
        assert all(KEY not in f"{cause!r} {cause}" for cause in causes if cause is not None)
        assert KEY not in repr(client) + repr(client.config) + repr(vars(client)["_client"])
        assert all("Cookie" not in request.headers and KEY not in str(request.url) for *_, request in server.asked)
    assert KEY not in caplog.text
    with_cookie = ScriptedServer({"players/active_games": [page(503, Set_Cookie="a=b; Path=/"), ok({"games": []})]})
    client_of(with_cookie, monkeypatch).active_games()
    assert "Cookie" not in with_cookie.asked[1][2].headers


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"url": "example.org"}, "expected one such as https://webdiplomacy.net"),
        ({"url": "https://me:pw@example.org"}, "expected no password"),
        ({"url": "https://example.org/?key=1"}, "expected one such as"),
        ({"key_variable": "NOT_SET_ANYWHERE"}, "environment variable NOT_SET_ANYWHERE, got none"),
        ({"key_variable": None}, "in a file or an environment variable, got neither"),
        ({"key_variable": None, "key_file": "/nowhere/key"}, "cannot read webDiplomacy's key from /nowhere/key"),
    ],
)
def test_no_server_or_no_key(changes: dict[str, Any], problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WebDiplomacyError, match=problem) as caught:
        client_of(ScriptedServer({}), monkeypatch, **changes)
    assert "pw" not in str(caught.value)


def test_a_key_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n", encoding="utf-8")
    server = ScriptedServer({"players/active_games": [ok({"games": []})]})
    client_of(
        server, monkeypatch, url="https://example.org/api.php", key_variable=None, key_file=str(file)
    ).active_games()
    assert server.asked[0][2].headers["Authorization"] == f"Bearer {KEY}"
    assert server.asked[0][2].url.path == "/api.php"
    for content in (b"two words", b"\xff\xfe", b""):
        file.write_bytes(content)
        with pytest.raises(WebDiplomacyError, match="key") as caught:
            client_of(server, monkeypatch, key_variable=None, key_file=str(file))
        assert "two" not in str(caught.value)
