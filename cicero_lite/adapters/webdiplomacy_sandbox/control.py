"""``/control/...``: what a test, or a person at a rehearsal, may do to the site from outside, under its own token."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cicero_lite.adapters.webdiplomacy_ids import COUNTRY_OF
from cicero_lite.adapters.webdiplomacy_sandbox import gamemaster
from cicero_lite.adapters.webdiplomacy_sandbox.api import Api
from cicero_lite.adapters.webdiplomacy_sandbox.faults import FaultPolicy, Faults
from cicero_lite.adapters.webdiplomacy_sandbox.site import Account, GameRules, PlayerTypes, PressType
from cicero_lite.errors import ConfigError

Handler = Callable[[Mapping[str, Any]], object]
"""From the JSON object of a request to that of its answer."""


class Control:
    """The routes; each takes a JSON object, or nothing, and answers with JSON."""

    def __init__(self, api: Api, token: str, seats: list[Account]) -> None:
        """Prepares the routes.

        Args:
            api: what is controlled.
            token: ``Authorization: Bearer`` of every request.
            seats: who plays games that are opened here.
        """
        self._api, self._site = api, api.site
        self._token = token
        self._seats = seats

    def routes(self) -> list[Route]:
        """For the application."""
        paths: dict[str, Handler] = {
            "bugs": self.bugs,
            "calls": self.calls,
            "clock": self.clock,
            "faults": self.faults,
            "gamemaster": self.gamemaster,
            "games": self.games,
            "keys": self.keys,
            "maintenance": self.maintenance,
        }
        return [
            Route(f"/control/{name}", self._guarded(handle), methods=["GET", "POST"]) for name, handle in paths.items()
        ]

    def _guarded(self, handle: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if request.headers.get("authorization") != f"Bearer {self._token}":
                return JSONResponse({"error": "expected the control token as Authorization: Bearer"}, 403)
            try:
                return JSONResponse(handle(await request.json() if await request.body() else {}))
            except (ConfigError, ValueError, KeyError, TypeError) as error:
                return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)

        return answer

    def bugs(self, _: Mapping[str, Any]) -> object:
        """Every mistake of a client so far."""
        return [asdict(bug) for bug in self._site.bugs.found]

    def calls(self, _: Mapping[str, Any]) -> object:
        """How many calls each route had, and how often each fault happened."""
        return {
            "routes": Counter(call.route for call in self._api.calls),
            "faults": {fault.value: count for fault, count in self._api.faults.met.items()},
        }

    def clock(self, wanted: Mapping[str, Any]) -> object:
        """Sets ``speed``, puts the clock forward by ``advance_s``; tells the time."""
        if "speed" in wanted:
            self._site.clock.speed = float(wanted["speed"])
        self._site.clock.advance(float(wanted.get("advance_s", 0)))
        return {"now": self._site.clock.now(), "speed": self._site.clock.speed}

    def faults(self, wanted: Mapping[str, Any]) -> object:
        """Another policy: ``rates`` as in `FaultPolicy.parse`, ``seed``, ``slow_s``."""
        if wanted:
            policy = FaultPolicy.parse(wanted["rates"], int(wanted.get("seed", 0)), float(wanted.get("slow_s", 2.0)))
            self._api.faults = Faults(policy)
        return {fault.value: rate for fault, rate in (self._api.faults.policy.rates or {}).items()}

    def gamemaster(self, _: Mapping[str, Any]) -> object:
        """One round of the game master."""
        gamemaster.run(self._site)
        return {}

    def games(self, wanted: Mapping[str, Any]) -> object:
        """Opens a game with the settings given, if any; tells all games in the saved-game format."""
        if wanted:
            gamemaster.new_game(self._site, rules_from(wanted), self._seats)
        return {
            str(number): {
                "turn": game.turn,
                "phase": game.phase.value,
                "processTime": game.process_time,
                "members": {str(COUNTRY_OF[power]): m.status.value for power, m in game.members.items()},
                "saved_game": game.game.to_saved_game(),
            }
            for number, game in self._site.games.items()
        }

    def keys(self, wanted: Mapping[str, Any]) -> object:
        """Lets the key of ``user_id`` expire, or renews it: ``is_expired``."""
        for account in self._site.accounts.values():
            if account.user_id == wanted["user_id"]:
                account.is_expired = bool(wanted["is_expired"])
        return {str(account.user_id): account.is_expired for account in self._site.accounts.values()}

    def maintenance(self, wanted: Mapping[str, Any]) -> object:
        """Closes the site for maintenance, or opens it again: ``is_on``."""
        self._site.in_maintenance = bool(wanted["is_on"])
        return {"is_on": self._site.in_maintenance}


def rules_from(wanted: Mapping[str, Any]) -> GameRules:
    """The settings of a game from a JSON object whose keys are those of `GameRules`.

    Raises:
        ValueError, TypeError: an unknown key or value.
    """
    values = dict(wanted)
    values["press"] = PressType(values.get("press", PressType.REGULAR))
    values["player_types"] = PlayerTypes(values.get("player_types", PlayerTypes.MEMBERS))
    return GameRules(**values)
