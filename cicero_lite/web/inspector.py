"""The inspector as a page: a replay that can be asked, for whoever wants to know why and what if.

The page is that of `cicero_lite.web.replay` with one script more.  What it asks, `Inspector` answers by making the
agent again (`cicero_lite.inspection`); `inspector_routes` puts that into any application, and `InspectorServer` is one
of its own, behind the door of `cicero_lite.web.door`.

    with InspectorServer(open_record(Path("runs/seed-7")), checked_door("127.0.0.1", 8732, (), None)) as server:
        print(f"{server.url}#{server.token}")
        server.wait()
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from threading import BoundedSemaphore, Lock
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cicero_lite.arena.codec import encode
from cicero_lite.inspection import (
    NO_CHANGES,
    Changes,
    GameRecord,
    Inspection,
    InspectionError,
    Moment,
    changes_of,
    inspect,
    reconstruct,
)
from cicero_lite.inspection.moments import States, board_at, messages_at
from cicero_lite.view import read_promises
from cicero_lite.web.door import POLICY, Door, RefusalError, json_object
from cicero_lite.web.files import asset, digest, filled, sheet
from cicero_lite.web.replay import act_words, event_data, intent_words, replay_data, replay_page
from cicero_lite.web.token_server import Handler, TokenServer
from dialogue.language_model import LanguageModelError
from engine.drawing import style
from engine.types import EngineError, Phase, Power

Json: TypeAlias = dict[str, Any]

SCRIPTS = ("board.js", "replay.js", "inspect.js", "ledger.js", "why.js", "start.js")
"""Of the page, in this order."""
_MOST_AT_ONCE = 5
"""Questions: one is thought about, the others wait."""
_REMEMBERED = 64
"""Answers to questions without a change, about 100 kB each."""


class Inspector:
    """Answers questions about one game, one at a time."""

    def __init__(self, record: GameRecord) -> None:
        self._record = record
        self._states: States = {}
        self._originals: dict[Moment, Json] = {}
        self._thinking = Lock()
        self._places = BoundedSemaphore(_MOST_AT_ONCE)

    def page(self) -> tuple[str, str]:
        """The page and its Content-Security-Policy.

        Raises:
            ReplayError: no page can be made of the game.
        """
        script = "".join(map(asset, SCRIPTS))
        styles = style() + sheet("replay.css", "inspect.css")
        policy = POLICY.format(script=digest(script), sheet=digest(styles))
        game, events = self._record.game, self._record.events
        shown = [event_data(event) for event in events or read_promises(game)]
        data = replay_data(game.to_saved_game(), shown, reader=not events)
        in_page = policy.replace("; frame-ancestors 'none'", "")  # which no meta element may say
        return replay_page(data, script, styles, in_page), policy

    def moment(self, given: Mapping[str, Any]) -> Json:
        """What a power knew in a phase and may order: ``phase``, ``power`` -> messages, and legal orders by unit."""
        phase, power = _seat(given)
        legal = board_at(self._record, phase).legal_orders(power)
        config = self._record.config_of(power)
        return {
            "messages": [
                {"sequence": m.sequence, "from": m.sender, "to": m.recipient or "GLOBAL", "text": m.text}
                for m in messages_at(self._record, phase, power)
            ],
            "units": [[place, [str(order) for order in orders]] for place, orders in legal.items() if orders],
            "controls": encode(config.controls),
            "think": config.search.think,
        }

    def inspect(self, given: Mapping[str, Any]) -> Json:
        """The inspection of a moment: ``phase``, ``power``, ``heard`` (or null: all), ``changes`` (or none).

        Raises:
            InspectionError: no such moment, no such change, or too many questions at once.
        """
        phase, power = _seat(given)
        heard = given.get("heard")
        if heard is not None and (not isinstance(heard, int) or heard < 0):
            raise InspectionError(f"heard: expected how many messages, got {str(heard)[:40]!r}")
        moment, changed = Moment(phase, power, heard), given.get("changes")
        if changed is not None and not isinstance(changed, dict):
            raise InspectionError(f"changes: expected an object, got {str(changed)[:40]!r}")
        changes = changes_of(changed or {})
        if not self._places.acquire(blocking=False):
            raise InspectionError("too many questions at once: wait for the answers")
        try:
            with self._thinking:
                return self._answer(moment, changes)
        finally:
            self._places.release()

    def _answer(self, moment: Moment, changes: Changes) -> Json:
        """What was is remembered, as it stands beside every what if."""
        if changes == NO_CHANGES and moment in self._originals:
            return self._originals[moment]
        found = inspection_data(inspect(reconstruct(self._record, moment, changes, self._states)))
        if changes == NO_CHANGES:
            self._originals[moment] = found
            if len(self._originals) > _REMEMBERED:
                del self._originals[next(iter(self._originals))]
        return found


def _seat(given: Mapping[str, Any]) -> tuple[Phase, Power]:
    return Phase.parse(str(given.get("phase"))), Power.parse(str(given.get("power")))


def inspection_data(found: Inspection) -> Json:
    """An inspection as the page's script takes it: plain values, acts and intents in words."""
    data: Json = encode(found)
    for choice in data["choices"]:
        for message in choice["alternatives"]:
            message["acts"] = [act_words(act) for act in message["acts"]]
    for said in data["said"]:
        said["acts"] = [act_words(act) for act in said["acts"]]
        said["intent"] = None if said["intent"] is None else intent_words(said["intent"])
    return data


def inspector_routes(
    find: Callable[[Request], Inspector], guarded: Callable[[Handler], Handler], prefix: str = ""
) -> list[Route]:
    """Routes of inspectors, to be put into an application that has its own locks.

    Args:
        find: whose inspector a request asks; it may raise `RefusalError`.
        guarded: what puts a handler behind the locks, and makes answers of errors.
        prefix: before the paths ``/moment`` and ``/inspect``; the page looks for them where it is itself.
    """

    async def thought(what: Callable[[Mapping[str, Any]], Json], request: Request) -> Response:
        given = await json_object(request)
        try:
            return JSONResponse(await asyncio.get_running_loop().run_in_executor(None, what, given))
        except (EngineError, LanguageModelError) as error:
            raise RefusalError(400, str(error)) from None
        except asyncio.CancelledError:
            raise RefusalError(503, "the server stops") from None

    async def give_moment(request: Request) -> Response:
        return await thought(find(request).moment, request)

    async def give_inspection(request: Request) -> Response:
        return await thought(find(request).inspect, request)

    return [
        Route(f"{prefix}/moment", guarded(give_moment), methods=["POST"]),
        Route(f"{prefix}/inspect", guarded(give_inspection), methods=["POST"]),
    ]


class InspectorServer(TokenServer):
    """The page of one game, in a thread of its own while `with` lasts."""

    NAME = "inspector"

    def __init__(self, record: GameRecord, door: Door) -> None:
        """Answers nothing yet.

        Raises:
            ReplayError: no page can be made of the game.
        """
        self._inspector = Inspector(record)
        self._page = self._inspector.page()
        self._knock = _knock()
        super().__init__(door)

    def _routes(self) -> list[Route]:
        asked = inspector_routes(lambda _: self._inspector, lambda handle: self._guarded(handle, opened=True))
        return [Route("/", self._guarded(self._give_page), methods=["GET"]), *asked]

    async def _give_page(self, request: Request) -> Response:
        text, policy = self._page if self._is_open(request) else self._knock
        return Response(text, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": policy})


def _knock() -> tuple[str, str]:
    """The page for who has shown no token, and its Content-Security-Policy."""
    script, styles = asset("knock.js"), style() + sheet("replay.css", "inspect.css")
    page = filled("knock.html", {"STYLE": styles, "SCRIPT": script})
    return page, POLICY.format(script=digest(script), sheet=digest(styles))
