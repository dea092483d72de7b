"""Every error that was recorded from the real site, word for word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cicero_lite.adapters.webdiplomacy_sandbox.clock import SiteClock
from cicero_lite.adapters.webdiplomacy_sandbox.gamemaster import new_game
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.adapters.webdiplomacy_sandbox.site import GameRules, MemberStatus, PressType, Vote
from engine.game import Game
from engine.types import POWERS, Power
from tests.webdiplomacy_site import EXAMPLES, PlainClient, example

_PUSH = "sse: channel of another country"
"""The sandbox has no push."""
_CASES = json.loads((EXAMPLES / "errors.json").read_text()) if EXAMPLES.is_dir() else []
_NOTES = [case["note"] for case in _CASES if case["note"] != _PUSH]
_STARTED = 1795414473
"""When the recorded games began."""


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """The site as it stood: game 1 with press, 2 without, 3 with public press, 4 drawn, 6 cancelled."""
    with SandboxServer(SiteClock(_STARTED, speed=0)) as server:
        humans = [server.add_account(f"human{n}", is_bot=False, permissions=frozenset()) for n in range(1, 8)]
        server.open_game()
        left = server.open_game(GameRules(press=PressType.NONE))
        left.members[Power.RUSSIA].status = MemberStatus.LEFT
        server.open_game(GameRules(press=PressType.PUBLIC))
        later = Game()
        later.process(), later.process()
        drawn = new_game(server.site, GameRules(), humans, later)
        server.open_game(GameRules(is_anonymous=True))
        cancelled = new_game(server.site, GameRules(), humans)
        for power in POWERS:
            drawn.members[power].votes, cancelled.members[power].votes = {Vote.DRAW}, {Vote.CANCEL}
        server.process()
        yield server


@pytest.mark.parametrize("note", _NOTES or [pytest.param("", marks=pytest.mark.skip("no recorded examples"))])
def test_each_recorded_error_is_answered_word_for_word(server: SandboxServer, note: str) -> None:
    case = next(case for case in example("errors") if case["note"] == note)
    answer = _ask(server, note, case["request"])
    wanted = case["response"]
    assert (answer.status_code, answer.text) == (wanted["status"], wanted["body"])
    assert answer.headers["content-type"] == wanted["content_type"]


def _ask(server: SandboxServer, note: str, request: dict[str, Any]) -> Any:
    by_id = {account.user_id: account for account in server.site.accounts.values()}
    member_only = "without permission" in note or note == "join by API key"
    headers = {
        "(none)": {},
        "(see note)": {"Authorization": "Bearer nobody"},
        "bearer <API_KEY> (lower case)": {"Authorization": f"bearer {by_id[5].key}"},
    }
    given = headers.get(request["authorization"])
    account = None if given is not None else by_id[12 if member_only else 5]
    body = request["json_body"]
    if body and body.get("message") == "'y' * 65001":
        body = body | {"message": "y" * 65001}
    content = json.dumps(body).encode() if body is not None else (request["raw_body"] or "").encode()
    server.site.in_maintenance = "maintenance" in note
    try:
        with PlainClient(server, account, **(given or {})) as client:
            return client.raw(request["method"], request["query"], content)
    finally:
        server.site.in_maintenance = False
