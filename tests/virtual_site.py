"""The webDiplomacy sandbox without a network, in a time that passes when somebody waits: for tests of whole phases."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from random import Random
from typing import Any

import httpx

from cicero_lite.adapters.settings import ClientConfig
from cicero_lite.adapters.webdiplomacy_client import WebDiplomacyClient
from cicero_lite.adapters.webdiplomacy_ids import COUNTRY_OF
from cicero_lite.adapters.webdiplomacy_press import plain_text
from cicero_lite.adapters.webdiplomacy_sandbox import routes
from cicero_lite.adapters.webdiplomacy_sandbox.calls import ApiRequest
from cicero_lite.adapters.webdiplomacy_sandbox.clock import SiteClock
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.adapters.webdiplomacy_sandbox.site import GameRules, PlayerTypes, PressType, SiteGame
from engine.types import Power

START = 1_800_000_000.0
PHASE_MINUTES = 10


class KilledError(BaseException):
    """What a process does not survive."""


class EnoughError(Exception):
    """The test has seen what it wanted to see."""


@dataclass
class VirtualSite:
    """One site; games end their phases by the deadline, as the six others never are ready."""

    press: PressType = PressType.REGULAR
    now: float = START
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Route and arguments of every call of ours."""
    before: dict[str, list[Callable[[], None]]] = field(default_factory=dict)
    """Route -> what happens before its next calls are carried out."""
    after: dict[str, list[Callable[[], None]]] = field(default_factory=dict)
    """The same after it, before the answer arrives."""
    until: Callable[[], bool] = lambda: False
    """When whoever sleeps is told that it is enough."""

    def __post_init__(self) -> None:
        self.server = SandboxServer(SiteClock(START, speed=0), seats_are_bots=False)
        self.open_game()

    def open_game(self, name: str = "rehearsal") -> SiteGame:
        """One more game of the seven."""
        types = PlayerTypes.VERSUS_BOTS
        rules = GameRules(name, self.press, PHASE_MINUTES, player_types=types)
        return self.server.open_game(rules)

    @property
    def game(self) -> SiteGame:
        """The first game."""
        return self.server.site.games[1]

    def key(self, power: Power) -> str:
        """The key of a seat."""
        return self.server.seats[COUNTRY_OF[power] - 1].key

    def said(self, power: Power) -> list[tuple[int, str]]:
        """What a power has written: recipient and text."""
        return [(m.recipient, plain_text(m.text)) for m in self.game.messages if m.sender == COUNTRY_OF[power]]

    def writes(self) -> list[str]:
        """The routes of our calls that change something."""
        return [route for route, _ in self.calls if route in routes.WRITES]

    def say(self, sender: Power, recipient: Power, text: str) -> None:
        """Another power writes."""
        about = {"gameID": 1, "countryID": COUNTRY_OF[sender], "toCountryID": COUNTRY_OF[recipient], "message": text}
        self._carry_out("game/sendmessage", f"Bearer {self.key(sender)}", {}, json.dumps(about).encode())

    def client(self, power: Power, folder: Path) -> WebDiplomacyClient:
        """A client of a new process."""
        path = folder / f"{power.value}.key"
        path.write_text(self.key(power), encoding="utf-8")
        return WebDiplomacyClient(
            ClientConfig("https://site.test", key_file=str(path), timeout_s=2),
            transport=httpx.MockTransport(self._respond),
            sleep=self.sleep,
            clock=lambda: self.now,
            monotonic=lambda: self.now,
            rng=Random(1),
        )

    def sleep(self, seconds: float) -> None:
        """Lets time pass, and the game master do its work."""
        self.now += seconds
        self.server.site.clock.advance(self.now - self.server.site.clock.now())
        self.server.process()
        if self.until():
            raise EnoughError

    def _respond(self, request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        route = query["route"]
        self.now += 0.05
        self.server.site.clock.advance(self.now - self.server.site.clock.now())
        self.calls.append((route, json.loads(request.content) if request.content else query))
        _next(self.before, route)
        answer = self._carry_out(route, request.headers["authorization"], query, request.content)
        _next(self.after, route)
        return answer

    def _carry_out(self, route: str, key: str, query: dict[str, str], body: bytes) -> httpx.Response:
        self.server.site.look_at_clock()
        answer = routes.answer(self.server.site, ApiRequest({**query, "route": route}, key, body))
        headers = {"content-type": answer.content_type, "date": formatdate(self.now, usegmt=True)}
        return httpx.Response(answer.status, headers=headers, text=answer.body)


def _next(hooks: dict[str, list[Callable[[], None]]], route: str) -> None:
    if waiting := hooks.get(route):
        waiting.pop(0)()


def passes() -> None:
    """A hook that does nothing."""


def kills() -> None:
    """A hook that ends the process."""
    raise KilledError


def times_out() -> None:
    """A hook that has nobody hear the answer."""
    raise httpx.ReadTimeout("nobody heard the answer")


def refuses() -> None:
    """A hook that has the request never leave."""
    raise httpx.ConnectError("refused")
