"""The tables' server: a page to open games, a page for each seat, and what the pages ask for.

Who runs it has a token for opening games; each person has one for a seat, in the link to it.  Tokens come in fragments
and become cookies (`cicero_lite.web.door`).  A page is told over a websocket that something has changed and then asks
for what it lacks, so that a connection that was lost costs nothing; what a person does is a request of its own, with a
key by which it is done once.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, FastAPI, Path, Query, Request, WebSocket, WebSocketDisconnect
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cicero_lite.arena.codec import encode
from cicero_lite.errors import CiceroLiteError
from cicero_lite.web.door import (
    HEADERS,
    LONGEST_BODY,
    POLICY,
    Door,
    RefusalError,
    bearer,
    check_names,
    is_same,
    is_secure,
)
from cicero_lite.web.files import asset, digest, filled, sheet
from cicero_lite.web.inspector import inspector_routes
from cicero_lite.web.replay import replay_html
from cicero_lite.web.serving import ThreadedServer
from cicero_lite.web.table.inside import Looker
from cicero_lite.web.table.pictures import Have, events_for, facts, reasons, saved_for, state
from cicero_lite.web.table.room import PUBLIC, GoneError, Room
from cicero_lite.web.table.rooms import NoGameError, Played, Rooms
from cicero_lite.web.table.settings import PERSON, TableError, choices, read_settings
from cicero_lite.web.table.store import StoredGame
from dialogue.language_model import LanguageModelError
from engine.drawing import load_geometry, style
from engine.render import map_layer
from engine.types import POWERS, EngineError, Phase, Power, Province

Json: TypeAlias = dict[str, Any]

LONGEST_GAME = 8 * 1024 * 1024
"""Bytes of a request that brings a saved game."""
_LAST_GAME = 2**63 - 1
"""SQLite knows no larger number."""
WATCH = "watch"
"""Stands in addresses for the place of those who look on where else a power's name stands."""
_RING_EVERY_S = 0.05
"""A page is told of changes at most so often: an agent that has thought is followed by the next."""
_ERRORS = (CiceroLiteError, EngineError, LanguageModelError)


class _Asked(BaseModel):
    """The body of a request; an unknown key is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class TokenShown(_Asked):
    """Somebody shows a token."""

    token: str


class GameWanted(_Asked):
    """A game is to be opened."""

    settings: Json
    saved: Any = None


class _Done(_Asked):
    """Something that a person does in a phase, once for each key."""

    key: str
    phase: str


class Said(_Done):
    """A message."""

    to: str
    text: str


class Ordered(_Done):
    """An order for one unit."""

    order: str


class Cleared(_Done):
    """An order taken back."""

    province: str | None


class ReadyOrNot(_Done):
    """Done with the phase, or not after all."""

    ready: bool


class Voted(_Done):
    """For a draw, or not after all."""

    draw: bool


class HandedOver(_Done):
    """A seat is given to an agent."""

    agent: str
    persona: str


class TakenBack(_Asked):
    """A seat is a person's again, in whatever phase."""

    key: str


class Seen(_Asked):
    """A thread was looked at."""

    thread: str
    number: int


class Visitor(BaseModel):
    """Somebody who has shown the token of a seat, or (None) that of whoever looks on."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    played: Played
    power: Power | None

    @property
    def room(self) -> Room:
        """The game."""
        return self.played.room

    @property
    def looker(self) -> Looker:
        """Looks into the agents for this person."""
        return Looker(self.played.insides, self.room, self.power)


class Seated(Visitor):
    """A person who has shown the token of a seat."""

    power: Power


class TableServer:
    """The server, in a thread of its own while `with` lasts."""

    def __init__(self, rooms: Rooms, door: Door) -> None:
        self.token = door.token or secrets.token_urlsafe(32)
        """Opens games."""
        self.url = ""
        """Where it is, once it is started."""
        self._rooms, self._door = rooms, door
        self._boot = secrets.token_hex(8)
        self._lobby, self._seat = _page("lobby", "lobby.js"), _page("table", "board.js", "waiting.js", "table.js")
        self._server = ThreadedServer(
            _Locks(self._application(), self), proxy_headers=False, ws="websockets-sansio", ws_max_size=1024
        )

    @property
    def port(self) -> int:
        """Where it is, once it is started."""
        return self._server.port

    def __enter__(self) -> TableServer:
        """Starts to answer.

        Raises:
            OutputError: the address cannot be used.
        """
        self._server.start(self._door.host, self._door.port)
        self.url = self._door.url(self.port)
        self._rooms.take_up_going()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops to answer; the games stay in the store."""
        self._server.stop()
        self._rooms.close()

    def wait(self) -> None:
        """Returns when the server stops, by itself or by Ctrl-C."""
        self._server.wait()

    def link(self, game: int, power: Power | None) -> str:
        """The address of a seat, or (None) of a place to look on, with its token, on whatever host that is."""
        return f"/seat/{game}/{_name(power)}#{self._rooms.store.tokens(game)[power]}"

    # --- the locks -----------------------------------------------------------------------------------------

    def check_names(self, connection: HTTPConnection, method: str) -> None:
        """See `cicero_lite.web.door.check_names`."""
        check_names(connection, self._door.names, method)

    def is_host(self, connection: HTTPConnection) -> bool:
        """Whether the token for opening games was shown."""
        return self._has_shown(connection, self.token, self._host_cookie)

    @property
    def _host_cookie(self) -> str:
        """Cookies do not know ports: two servers on one machine have two names."""
        return f"cicero-lite-web-{self.port}"

    def _seat_cookie(self, game: int, power: Power | None) -> str:
        return f"cicero-lite-seat-{self.port}-{game}-{_name(power)}"

    def _has_shown(self, connection: HTTPConnection, token: str, cookie: str) -> bool:
        given = bearer(connection)
        if given is not None:
            return is_same(given, token)
        return is_same(connection.cookies.get(cookie, ""), _session(token))

    def _check_host(self, request: Request) -> None:
        if not self.is_host(request):
            raise RefusalError(401, "no token shown: open the address that was printed at the start")

    def _token_of(self, game: int, power: Power | None) -> str:
        token = self._rooms.store.tokens(game).get(power) if game <= _LAST_GAME else None
        if token is None:
            raise RefusalError(404, "no such seat: open the link that you were given")
        return token

    def _visitor(self, connection: HTTPConnection, game: int, name: str) -> Visitor:
        power = _place(name)
        if not self._has_shown(connection, self._token_of(game, power), self._seat_cookie(game, power)):
            raise RefusalError(401, "no token shown: open the link to your seat")
        return Visitor(played=self._rooms.take_up(game), power=power)

    def _visitor_at(self, request: Request, game: Annotated[int, Path(ge=1)], power: str) -> Visitor:
        return self._visitor(request, game, power)

    def _seated_at(self, request: Request, game: Annotated[int, Path(ge=1)], power: str) -> Seated:
        visitor = self._visitor(request, game, power)
        if visitor.power is None:
            raise RefusalError(403, "you look on at this game: only those who sit at the table can do that")
        return Seated(played=visitor.played, power=visitor.power)

    # --- what is answered ----------------------------------------------------------------------------------

    def _application(self) -> FastAPI:
        # The pages that FastAPI would make of its routes load scripts from elsewhere.
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        app.add_exception_handler(RefusalError, _refused)
        app.add_exception_handler(RequestValidationError, _misformed)
        for kind in _ERRORS:
            app.add_exception_handler(kind, _failed)
        self._add_lobby(app)
        self._add_seats(app)
        self._add_thoughts(app)
        self._add_deeds(app)
        return app

    def _add_lobby(self, app: FastAPI) -> None:
        host = Depends(self._check_host)

        @app.get("/")
        def lobby() -> Response:
            return self._lobby

        @app.post("/session")
        def show(shown: TokenShown, request: Request) -> Response:
            if not is_same(shown.token, self.token):
                raise RefusalError(401, "wrong token: the address that was printed at the start has it")
            return _opened(request, self._host_cookie, self.token, "/")

        @app.get("/games", dependencies=[host])
        def games() -> Json:
            return {
                "powers": [p.value for p in POWERS],
                "agents": list(choices()),
                "personas": list(self._rooms.personas),
                "games": [self._listed(stored) for stored in self._rooms.store.games()],
            }

        @app.post("/games", dependencies=[host])
        def open_game(wanted: GameWanted) -> Json:
            settings = read_settings(wanted.settings, self._rooms.personas)
            stored = self._rooms.store.game(self._rooms.open(settings, wanted.saved))
            assert stored is not None
            return self._listed(stored)

    def _listed(self, stored: StoredGame) -> Json:
        settings = stored.settings
        is_told = settings.tells or stored.ended is not None
        hands = self._rooms.store.last_hands(stored.id) if is_told else {}
        agents = {power: hand.agent for power, hand in hands.items() if hand.agent != PERSON}
        seats = [
            {
                "power": p.value,
                "name": settings.names.get(p, ""),
                "link": self.link(stored.id, p),
                "agent": agents.get(p),
            }
            for p in settings.people
        ]
        watch = None if settings.people else self.link(stored.id, None)
        return {
            "id": stored.id,
            "title": settings.title,
            "phase": stored.phase,
            "ended": stored.ended,
            "opened": stored.opened_s,
            "press": settings.press,
            "agents": sorted({a for a in settings.seats.values() if a != PERSON}),
            "seats": seats,
            "watch": watch,
        }

    def _add_seats(self, app: FastAPI) -> None:
        there = Depends(self._visitor_at)

        @app.get("/seat/{game}/{power}")
        def page(game: int, power: str) -> Response:
            return self._seat

        @app.post("/seat/{game}/{power}/session")
        def show(shown: TokenShown, request: Request, game: int, power: str) -> Response:
            of = _place(power)
            token = self._token_of(game, of)
            if not is_same(shown.token, token):
                raise RefusalError(401, "wrong token: open the link that you were given")
            return _opened(request, self._seat_cookie(game, of), token, f"/seat/{game}/{power}")

        @app.get("/seat/{game}/{power}/facts")
        def give_facts(visitor: Visitor = there) -> Json:
            who = {"agents": list(choices()), "personas": list(self._rooms.personas)}
            return {**facts(visitor.played.album, visitor.power), **who}

        @app.get("/seat/{game}/{power}/state")
        def give_state(
            boot: str = "",
            scenes: Annotated[int, Query(ge=0)] = 0,
            message: int = -1,
            phase: str = "",
            visitor: Visitor = there,
        ) -> Json:
            have = Have(boot, scenes, message, phase)
            return state(visitor.room, visitor.played.album, visitor.power, self._boot, have)

        @app.get("/seat/{game}/{power}/game.json")
        def give_game(visitor: Visitor = there) -> Response:
            text = json.dumps(saved_for(visitor.room, visitor.power), indent=1, ensure_ascii=False)
            return _file(text, "application/json", f"game-{visitor.room.id}.json")

        @app.get("/seat/{game}/{power}/replay.html")
        def give_replay(visitor: Visitor = there) -> Response:
            text = replay_html(saved_for(visitor.room, visitor.power), events_for(visitor.room))
            return _file(text, "text/html; charset=utf-8", f"game-{visitor.room.id}.html")

        @app.websocket("/seat/{game}/{power}/bell")
        async def bell(socket: WebSocket, game: int, power: str) -> None:
            try:
                visitor = await run_in_threadpool(self._visitor, socket, game, power)
            except (RefusalError, TableError):
                await socket.close(code=4401)
                return
            await socket.accept()
            await _ring(socket, visitor.room)

    def _add_thoughts(self, app: FastAPI) -> None:
        """What agents think: that of a phase that is over, and that of whoever would sit in a person's place."""
        here, there, questions = Depends(self._seated_at), Depends(self._visitor_at), self._rooms.questions

        @app.get("/seat/{game}/{power}/why")
        def give_reasons(of: str, phase: str, visitor: Visitor = there) -> Json:
            return reasons(visitor.room, _power(of), Phase.parse(phase), visitor.power)

        @app.get("/seat/{game}/{power}/advice")
        async def give_advice(seat: Seated = here) -> Json:
            adviser = seat.played.adviser
            known = await run_in_threadpool(adviser.known, seat.power)
            if known is not None:
                return known
            asked = await run_in_threadpool(adviser.asked, seat.power)
            advice: Json = await questions.answer(_advised(seat), asked, partial(adviser.advice, seat.power))
            return advice

        @app.get("/seat/{game}/{power}/advice/waiting")
        async def give_standing(seat: Seated = here) -> Response:
            return JSONResponse(encode(questions.standing(_advised(seat))))

        @app.get("/seat/{game}/{power}/inside")
        def give_inside(request: Request, game: Annotated[int, Path(ge=1)], power: str) -> Response:
            try:
                text, policy = self._visitor(request, game, power).looker.page()
            except RefusalError as refusal:
                if refusal.status != 401:
                    raise
                return RedirectResponse(f"/seat/{game}/{power}", 303)  # which says how a seat is opened
            return Response(text, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": policy})

        def find(request: Request) -> Looker:
            at = request.path_params
            return self._visitor(request, at["game"], at["power"]).looker

        # The locks are in front of everything, and the seat's is in `find`.
        app.router.routes.extend(
            inspector_routes(find, lambda handle: handle, questions, "/seat/{game:int}/{power}/inside")
        )

    def _add_deeds(self, app: FastAPI) -> None:
        here = Depends(self._seated_at)

        @app.post("/seat/{game}/{power}/say")
        def say(said: Said, seat: Seated = here) -> Json:
            recipient = None if said.to == PUBLIC else _power(said.to)
            return _once(seat, said, lambda: seat.room.say(seat.power, recipient, said.text))

        @app.post("/seat/{game}/{power}/order")
        def order(ordered: Ordered, seat: Seated = here) -> Json:
            return _once(seat, ordered, lambda: seat.room.order(seat.power, ordered.order))

        @app.post("/seat/{game}/{power}/clear")
        def clear(cleared: Cleared, seat: Seated = here) -> Json:
            province = None if cleared.province is None else Province(cleared.province)
            return _once(seat, cleared, lambda: seat.room.clear(seat.power, province))

        @app.post("/seat/{game}/{power}/ready")
        def ready(given: ReadyOrNot, seat: Seated = here) -> Json:
            return _once(seat, given, lambda: seat.room.set_ready(seat.power, given.ready))

        @app.post("/seat/{game}/{power}/vote")
        def vote(voted: Voted, seat: Seated = here) -> Json:
            return _once(seat, voted, lambda: seat.room.vote(seat.power, voted.draw))

        @app.post("/seat/{game}/{power}/hand-over")
        def hand_over(handed: HandedOver, seat: Seated = here) -> Json:
            self._rooms.check_stand_in(seat.room, handed.agent, handed.persona)
            return _once(seat, handed, lambda: seat.room.hand_over(seat.power, handed.agent, handed.persona))

        @app.post("/seat/{game}/{power}/take-back")
        def take_back(taken: TakenBack, seat: Seated = here) -> Json:
            return dict(seat.room.once(seat.power, taken.key, None, lambda: seat.room.take_back(seat.power)))

        @app.post("/seat/{game}/{power}/seen")
        def see(seen: Seen, seat: Seated = here) -> Json:
            if seen.thread not in (PUBLIC, *POWERS):
                raise TableError("thread: expected a power's name or GLOBAL")
            seat.room.see(seat.power, seen.thread, max(-1, min(seen.number, 2**31)))
            return {}


def _once(seat: Seated, done: _Done, what: Callable[[], Any]) -> Json:
    return dict(seat.room.once(seat.power, done.key, done.phase, what))


def _advised(seat: Seated) -> tuple[str, int, Power]:
    """Whose question it is when a person asks for advice."""
    return "advice", seat.room.id, seat.power


async def _ring(socket: WebSocket, room: Room) -> None:
    """Tells a page of each change, until it goes away; of several in a short time, of the last."""
    loop, rung = asyncio.get_running_loop(), asyncio.Event()

    def bell() -> None:
        with suppress(RuntimeError):  # the loop was closed between
            loop.call_soon_threadsafe(rung.set)

    async def listen() -> None:
        with suppress(WebSocketDisconnect):
            while True:
                await socket.receive_text()

    listening = asyncio.create_task(listen())
    rung.set()
    with room.told(bell):
        while not listening.done():
            waiting = asyncio.create_task(rung.wait())
            try:
                await asyncio.wait({listening, waiting}, return_when=asyncio.FIRST_COMPLETED)
                if rung.is_set() and not listening.done():
                    rung.clear()
                    await socket.send_json({"version": room.version})
                    await asyncio.sleep(_RING_EVERY_S)
            except (WebSocketDisconnect, RuntimeError):
                break
            finally:
                waiting.cancel()
    listening.cancel()


def _session(token: str) -> str:
    """What a cookie holds: proof of the token, not the token."""
    return hmac.new(token.encode(), b"table session", hashlib.sha256).hexdigest()


def _opened(request: Request, cookie: str, token: str, path: str) -> Response:
    response = Response(status_code=204)
    response.set_cookie(cookie, _session(token), path=path, httponly=True, samesite="strict", secure=is_secure(request))
    return response


def _name(power: Power | None) -> str:
    """Of a seat, or of the place to look on, in addresses."""
    return WATCH if power is None else power.lower()


def _place(name: str) -> Power | None:
    return None if name == WATCH else _power(name)


def _power(name: str) -> Power:
    power = Power.parse(name)
    if power not in POWERS:
        raise TableError("expected one of the seven powers")
    return power


def _file(text: str, media_type: str, name: str) -> Response:
    """To be kept as a file: opened here, it would run under our name."""
    body = text.encode(errors="backslashreplace")
    return Response(body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusalError)
    return JSONResponse({"error": str(error)}, error.status)


def _failed(_: Request, error: Exception) -> Response:
    status = 404 if isinstance(error, NoGameError) else 409 if isinstance(error, GoneError) else 400
    return JSONResponse({"error": str(error)}, status)


def _misformed(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or "request"
    return JSONResponse({"error": f"{where}: {first['msg']}"}, 400)


class _Locks:
    """In front of everything: foreign names and sites stay outside, bodies are short, every answer has our headers."""

    def __init__(self, app: ASGIApp, server: TableServer) -> None:
        self._app, self._server = app, server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            self._check(HTTPConnection(scope))
        except RefusalError as refusal:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 4403})
                return
            answer = JSONResponse({"error": str(refusal)}, refusal.status, headers=HEADERS)
            await answer(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _check(self, connection: HTTPConnection) -> None:
        is_socket = connection.scope["type"] == "websocket"
        method = connection.scope.get("method", "GET")
        self._server.check_names(connection, method)
        if is_socket and "origin" not in connection.headers and bearer(connection) is None:
            raise RefusalError(403, "expected the header Origin")
        if method == "POST":
            is_game = connection.scope["path"] == "/games" and self._server.is_host(connection)
            at_most = LONGEST_GAME if is_game else LONGEST_BODY
            length = connection.headers.get("content-length", "")
            if not length.isdigit() or int(length) > at_most:
                raise RefusalError(413, f"expected the header Content-Length and at most {at_most} bytes")


def _page(name: str, *scripts: str) -> Response:
    """A page of ours with a Content-Security-Policy that lets its own script and style run, and nothing else."""
    script = "".join(map(asset, ("pieces.js", *scripts)))
    styles = style() + sheet("pieces.css", f"{name}.css")
    drawing = load_geometry()
    parts = {
        "STYLE": styles,
        "SCRIPT": script,
        "VIEWBOX": f"0 0 {drawing.width} {drawing.height}",
        "MAP": map_layer(),
    }
    policy = POLICY.format(script=digest(script), sheet=digest(styles))
    return Response(
        filled(f"{name}.html", parts),
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": policy},
    )
