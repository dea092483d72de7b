"""The inspector as a page: a replay that can be asked, for whoever wants to know why and what if.

The page is that of `cicero_lite.web.replay` with one script more.  What it asks, `Inspector` answers by making the
agent again (`cicero_lite.inspection`); `inspector_routes` puts that into any application, and `InspectorServer` is one
of its own, behind the door of `cicero_lite.web.door`.

    with InspectorServer(open_record(Path("runs/seed-7")), checked_door("127.0.0.1", 8732, (), None)) as server:
        print(f"{server.url}#{server.token}")
        server.wait()
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeAlias

from starlette.concurrency import run_in_threadpool
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
from cicero_lite.web.questions import Questions
from cicero_lite.web.replay import act_words, event_data, intent_words, replay_data, replay_page
from cicero_lite.web.token_server import Handler, TokenServer
from dialogue.language_model import LanguageModelError
from engine.drawing import style
from engine.types import EngineError, Phase, Power

Json: TypeAlias = dict[str, Any]

SCRIPTS = ("board.js", "waiting.js", "replay.js", "inspect.js", "ledger.js", "why.js", "start.js")
"""Of the page, in this order."""
_REMEMBERED = 64
"""Answers to questions without a change, about 100 kB each."""


@dataclass(frozen=True)
class Question:
    """What is asked of an inspector."""

    moment: Moment
    changes: Changes


class Asked(Protocol):
    """Who answers a page's questions, in any thread; `inspect` in one at a time."""

    @property
    def who(self) -> Hashable:
        """The asker, as `Questions` tells them apart."""

    def moment(self, given: Mapping[str, Any]) -> Json:
        """See `Inspector.moment`."""

    def remembered(self, given: Mapping[str, Any]) -> Json | None:
        """See `Inspector.remembered`."""

    def inspect(self, given: Mapping[str, Any]) -> Json:
        """See `Inspector.inspect`."""


class Inspector:
    """Answers questions about one game."""

    who = "the owner"

    def __init__(self, record: GameRecord) -> None:
        self.record = record
        self._states: States = {}
        self._originals: dict[Moment, Inspection] = {}

    def page(self) -> tuple[str, str]:
        """The page and its Content-Security-Policy.

        Raises:
            ReplayError: no page can be made of the game.
        """
        game, events = self.record.game, self.record.events
        shown = [event_data(event) for event in events or read_promises(game)]
        return inspector_page(replay_data(game.to_saved_game(), shown, reader=not events))

    def moment(self, given: Mapping[str, Any]) -> Json:
        """What a power knew in a phase and may order: ``phase``, ``power`` -> messages, and legal orders by unit."""
        phase, power = seat_of(given)
        legal = board_at(self.record, phase).legal_orders(power)
        config = self.record.config_of(power, phase)
        return {
            "messages": [
                {"sequence": m.sequence, "from": m.sender, "to": m.recipient or "GLOBAL", "text": m.text}
                for m in messages_at(self.record, phase, power)
            ],
            "units": [[place, [str(order) for order in orders]] for place, orders in legal.items() if orders],
            "controls": encode(config.controls),
            "think": config.search.think,
        }

    def inspect(self, given: Mapping[str, Any]) -> Json:
        """The inspection of a moment: ``phase``, ``power``, ``heard`` (or null: all), ``changes`` (or none).

        Raises:
            InspectionError: no such moment, or no such change.
        """
        return inspection_data(self.found(question_of(given)))

    def remembered(self, given: Mapping[str, Any]) -> Json | None:
        """The same, where it was asked before and nothing is otherwise than it was; else None."""
        known = self.known(question_of(given))
        return None if known is None else inspection_data(known)

    def known(self, question: Question) -> Inspection | None:
        """What was, if it was asked before: it stands beside every what if."""
        return self._originals.get(question.moment) if question.changes == NO_CHANGES else None

    def found(self, question: Question) -> Inspection:
        """What comes of a question; for one thread at a time.

        Raises:
            InspectionError: no such moment, or no such change.
        """
        if (known := self.known(question)) is not None:
            return known
        found = inspect(reconstruct(self.record, question.moment, question.changes, self._states))
        if question.changes == NO_CHANGES:
            self._originals[question.moment] = found
            if len(self._originals) > _REMEMBERED:
                del self._originals[next(iter(self._originals))]
        return found


def seat_of(given: Mapping[str, Any]) -> tuple[Phase, Power]:
    """The phase and the power that a page asks about.

    Raises:
        NotationError, UnknownPowerError: it names none.
    """
    return Phase.parse(str(given.get("phase"))), Power.parse(str(given.get("power")))


def question_of(given: Mapping[str, Any]) -> Question:
    """A question as a page sends it.

    Raises:
        InspectionError: it is misformed; one line says where.
    """
    phase, power = seat_of(given)
    heard, changed = given.get("heard"), given.get("changes")
    if heard is not None and (not isinstance(heard, int) or heard < 0):
        raise InspectionError(f"heard: expected how many messages, got {str(heard)[:40]!r}")
    if changed is not None and not isinstance(changed, dict):
        raise InspectionError(f"changes: expected an object, got {str(changed)[:40]!r}")
    return Question(Moment(phase, power, heard), changes_of(changed or {}))


def inspector_page(data: Json) -> tuple[str, str]:
    """The page and its Content-Security-Policy.

    Args:
        data: of `replay_data`; with ``inside``, powers and their phases, where nothing else may be asked about.
    """
    script = "".join(map(asset, SCRIPTS))
    styles = style() + sheet("replay.css", "inspect.css")
    policy = POLICY.format(script=digest(script), sheet=digest(styles))
    in_page = policy.replace("; frame-ancestors 'none'", "")  # which no meta element may say
    return replay_page(data, script, styles, in_page), policy


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
    find: Callable[[Request], Asked], guarded: Callable[[Handler], Handler], questions: Questions, prefix: str = ""
) -> list[Route]:
    """Routes of inspectors, to be put into an application that has its own locks.

    Args:
        find: whom a request asks; called in a thread, and may raise `RefusalError`.
        guarded: what puts a handler behind the locks, and makes answers of errors.
        questions: has them thought about.
        prefix: before the paths ``/moment``, ``/inspect`` and ``/waiting``; the page looks for them where it is itself.
    """

    async def give_moment(request: Request) -> Response:
        asked, given = await run_in_threadpool(find, request), await json_object(request)
        with _told():
            return JSONResponse(await run_in_threadpool(asked.moment, given))

    async def give_inspection(request: Request) -> Response:
        asked, given = await run_in_threadpool(find, request), await json_object(request)
        with _told():
            found = await run_in_threadpool(asked.remembered, given)
            if found is None:
                found = await questions.answer(asked.who, given, partial(asked.inspect, given))
        return JSONResponse(found)

    async def give_standing(request: Request) -> Response:
        asked = await run_in_threadpool(find, request)
        return JSONResponse(encode(questions.standing(asked.who)))

    return [
        Route(f"{prefix}/moment", guarded(give_moment), methods=["POST"]),
        Route(f"{prefix}/inspect", guarded(give_inspection), methods=["POST"]),
        Route(f"{prefix}/waiting", guarded(give_standing), methods=["GET"]),
    ]


@contextmanager
def _told() -> Iterator[None]:
    """Mistakes of other packages, as lines for the page."""
    try:
        yield
    except (EngineError, LanguageModelError) as error:
        raise RefusalError(400, str(error)) from None


class InspectorServer(TokenServer):
    """The page of one game, in a thread of its own while `with` lasts."""

    NAME = "inspector"

    def __init__(self, record: GameRecord, door: Door) -> None:
        """Answers nothing yet.

        Raises:
            ReplayError: no page can be made of the game.
        """
        self._inspector = Inspector(record)
        self._questions = Questions()
        self._page = self._inspector.page()
        self._knock = _knock()
        super().__init__(door)

    def _routes(self) -> list[Route]:
        asked = inspector_routes(
            lambda _: self._inspector, lambda handle: self._guarded(handle, opened=True), self._questions
        )
        return [Route("/", self._guarded(self._give_page), methods=["GET"]), *asked]

    def __exit__(self, *_: object) -> None:
        """Stops to answer."""
        super().__exit__()
        self._questions.close()

    async def _give_page(self, request: Request) -> Response:
        text, policy = self._page if self._is_open(request) else self._knock
        return Response(text, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": policy})


def _knock() -> tuple[str, str]:
    """The page for who has shown no token, and its Content-Security-Policy."""
    script, styles = asset("knock.js"), style() + sheet("replay.css", "inspect.css")
    page = filled("knock.html", {"STYLE": styles, "SCRIPT": script})
    return page, POLICY.format(script=digest(script), sheet=digest(styles))
