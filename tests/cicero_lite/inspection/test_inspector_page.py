"""The inspector's server: behind its door, one clear line for every mistake, nothing of the game for strangers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import httpx
import pytest

from cicero_lite.cli import main
from cicero_lite.inspection import GameRecord
from cicero_lite.web.door import checked_door
from cicero_lite.web.inspector import Inspector, InspectorServer
from cicero_lite.web.replay import event_data, replay_data
from engine.game import Game
from engine.types import Power
from tests.inspected_game import game_folder, record

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
SEAT = {"phase": "S1901M", "power": "FRANCE"}


@pytest.fixture(scope="module")
def server() -> Iterator[InspectorServer]:
    with InspectorServer(record(), checked_door("127.0.0.1", 0, (), None)) as started:
        yield started


@pytest.fixture
def stranger(server: InspectorServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        yield client


@pytest.fixture
def owner(server: InspectorServer) -> Iterator[httpx.Client]:
    shown = {"Authorization": f"Bearer {server.token}"}
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60, headers=shown) as client:
        yield client


def test_a_stranger_sees_the_door_alone(stranger: httpx.Client, server: InspectorServer) -> None:
    page = stranger.get("/")
    assert page.status_code == 200
    assert "This page has a door" in page.text
    assert record().game.game_id not in page.text
    assert server.token not in page.text
    same_site = {"Origin": server.url.rstrip("/")}
    for path in ("/moment", "/inspect"):
        assert stranger.post(path, json=SEAT, headers=same_site).status_code == 401
    assert stranger.post("/session", json={"token": "x" * 30}, headers=same_site).status_code == 401


def test_the_token_becomes_a_cookie(stranger: httpx.Client, server: InspectorServer) -> None:
    same_site = {"Origin": server.url.rstrip("/")}
    opened = stranger.post("/session", json={"token": server.token}, headers=same_site)
    assert opened.status_code == 204
    cookie = opened.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert server.token.lower() not in cookie
    assert record().game.game_id in stranger.get("/").text


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_other_sites_are_refused(owner: httpx.Client, headers: dict[str, str]) -> None:
    assert owner.post("/inspect", json=SEAT, headers=headers).status_code == 403


def test_the_page_may_run_its_own_script_alone(owner: httpx.Client) -> None:
    page = owner.get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'sha256-" in policy
    assert "'unsafe-inline'" not in policy
    assert "frame-ancestors 'none'" in policy
    assert " style=" not in page.text.split("<script")[0]


def test_a_moment_tells_messages_and_legal_orders(owner: httpx.Client) -> None:
    moment = owner.post("/moment", json=SEAT).json()
    assert dict(moment["units"])["PAR"][0].startswith("A PAR")
    assert {message["from"] for message in moment["messages"]} > {"FRANCE"}


def test_it_is_asked_why_and_what_if(owner: httpx.Client) -> None:
    plain = owner.post("/inspect", json=SEAT).json()
    changed = owner.post("/inspect", json={**SEAT, "changes": {"orders": ["A PAR - PIC"]}}).json()
    assert "A PAR - PIC" in changed["orders"]
    assert plain["orders"] == plain["logged"]
    assert owner.post("/inspect", json=SEAT).json() == plain


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"phase": "S1901M", "power": "SPAIN"}, "SPAIN"),
        ({"phase": "S1950M", "power": "FRANCE"}, "no phase S1950M"),
        ({**SEAT, "heard": "all"}, "heard: expected"),
        ({**SEAT, "changes": []}, "changes: expected"),
        ({**SEAT, "changes": {"orders": ["A PAR - MOS"]}}, "A PAR - MOS"),
        ({**SEAT, "changes": {"controls": ["aggression=9"]}}, "aggression"),
        ({**SEAT, "changes": {"think": "1h"}}, "think"),
    ],
)
def test_mistakes_get_one_line(owner: httpx.Client, body: dict[str, object], says: str) -> None:
    answer = owner.post("/inspect", json=body)
    assert answer.status_code == 400
    assert says in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


def test_too_much_is_refused(owner: httpx.Client) -> None:
    assert owner.post("/inspect", json={**SEAT, "power": "x" * 100_000}).status_code == 413


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere.json"], "no such file: nowhere.json"),
        ([str(game_folder()), "--host", "0.0.0.0"], "others can reach this address"),
        ([str(game_folder()), "--set", "agent.serch.think=2s"], "did you mean"),
    ],
)
def test_the_command_tells_what_is_wrong(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", *arguments]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1


def test_nothing_a_player_wrote_becomes_markup() -> None:
    game = Game(game_id=EVIL)
    game.say(Power.ENGLAND, None, EVIL)
    text, _ = Inspector(GameRecord(game)).page()
    assert EVIL not in text
    assert "alert(1)</script>" not in text


def test_promises_of_a_game_without_a_log_are_read() -> None:
    bare = replace(record(), events=())
    assert '"reader":1' in Inspector(bare).page()[0]


def test_messages_that_are_left_out_do_not_shift_what_was_heard() -> None:
    saved, number = record().game.to_saved_game(), count()
    for phase in saved["phases"]:
        said = [{**message, "sequence": next(number)} for message in phase["messages"]]
        phase["messages"] = [m for m in said if "FRANCE" in (m["sender"], m["recipient"])]
    data = replay_data(saved, [event_data(event) for event in record().events])
    changed = [change for plan in data["plans"] if plan["power"] == "FRANCE" for change in plan["changed"]]
    heard = [place for places, _ in changed for place in places]
    assert heard
    assert {data["messages"][place]["to"] for place in heard} == {"FRANCE"}
