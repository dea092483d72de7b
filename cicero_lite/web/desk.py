"""The desk as a page: a small server for whoever answers for a bot, by default for this machine alone.

What the page can do, the bot says in public, so it has four locks.  A token opens it: it comes in the fragment of the
printed address, which no browser sends and no server logs, and is exchanged for a cookie that scripts cannot read and
other sites cannot use.  Requests under another host's name are refused (a foreign site whose name was made to point
here), so are writes that another site's page asks for.  The page runs no script and loads no file but its own.  Off
this machine it listens only with a token that its owner chose and keeps.

    with DeskServer(store, checked_door("127.0.0.1", 8731, (), None)) as server:
        print(f"{server.url}#{server.token}")
        server.wait()
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import SplitResult, urlsplit

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cicero_lite.errors import CiceroLiteError, ConfigError
from cicero_lite.hosting import desk
from cicero_lite.hosting.store import Store
from cicero_lite.web.serving import ThreadedServer
from engine.drawing import style

Json: TypeAlias = dict[str, Any]

LONGEST_BODY = 64 * 1024
"""Bytes of a request; the longest message has half of it."""
SHORTEST_TOKEN = 20
"""Letters of a token that somebody chose."""
_LAST_PORT = 65535
_WHO = "somebody at the page"

_POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{sheet}'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True)
class Door:
    """Where the page is reached, and with what."""

    host: str
    port: int
    names: frozenset[str]
    """Host names, lower case, under which requests may come; any port, as a tunnel has another."""
    token: str | None
    """None: a new one at each start."""


class _RefusalError(Exception):
    """A request that gets no more than a line."""

    def __init__(self, status: int, line: str) -> None:
        super().__init__(line)
        self.status = status


def checked_door(host: str, port: int, names: Sequence[str], token: str | None) -> Door:
    """A door that is safe to open.

    Args:
        host: address to listen on.
        port: 0: any that is free.
        names: further names under which browsers reach it.
        token: None: a new one at each start.

    Raises:
        ConfigError: another address than this machine's own without a token of its owner's, or without a name.
    """
    if not 0 <= port <= _LAST_PORT:
        raise ConfigError(f"--port: expected 0 to {_LAST_PORT}, got {port}")
    known = {name.lower() for name in names}
    if _is_loopback(host):
        return Door(host, port, frozenset({*known, host.lower(), "localhost", "127.0.0.1", "::1"}), token)
    if token is None:
        raise ConfigError(f"--host {host}: others can reach this address; expected --token-file with a token of yours")
    if _is_wildcard(host) and not known:
        raise ConfigError(f"--host {host}: expected --name with the host name under which browsers reach it")
    return Door(host, port, frozenset({*known, host.lower()}), token)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _is_wildcard(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return host == ""


def read_token(path: Path) -> str:
    """The token in a file.

    Raises:
        ConfigError: the file cannot be read, others may read it, or what it holds is no token.
    """
    try:
        mode = path.stat().st_mode
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"cannot read the token in {path}: {reason}") from None
    if mode & 0o077:
        raise ConfigError(
            f"{path}: expected a file that its owner alone may read, got mode {mode & 0o777:o}; chmod 600"
        )
    if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(f"{path}: expected a token of {SHORTEST_TOKEN} or more ASCII letters without blanks")
    return token


class DeskServer:
    """The page of a store, in a thread of its own while `with` lasts."""

    def __init__(self, store: Store, door: Door) -> None:
        self.token = door.token or secrets.token_urlsafe(32)
        self.url = ""
        """Where the page is, once it is started."""
        self._store = store
        self._door = door
        self._page, self._policy = page()
        # The store keeps a connection for each thread: one thread asks it everything, and closes it at the end.
        self._clerk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="desk")
        application = Starlette(routes=self._routes(), lifespan=self._lifespan)
        self._server = ThreadedServer(application, proxy_headers=False)

    @property
    def port(self) -> int:
        """Where the page is, once it is started."""
        return self._server.port

    def __enter__(self) -> DeskServer:
        """Starts to answer.

        Raises:
            OutputError: the address cannot be used.
        """
        self._server.start(self._door.host, self._door.port)
        shown = f"[{self._door.host}]" if ":" in self._door.host else self._door.host
        self.url = f"http://{shown}:{self.port}/"
        return self

    def __exit__(self, *_: object) -> None:
        """Stops to answer."""
        self._server.stop()

    def wait(self) -> None:
        """Returns when the server stops, by itself or by Ctrl-C."""
        self._server.wait()

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        yield
        await self._ask(self._store.close)
        self._clerk.shutdown()

    async def _ask(self, what: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._clerk, what, *arguments)

    # --- what is answered ----------------------------------------------------------------------------------

    def _routes(self) -> list[Route]:
        return [
            Route("/", self._guarded(self._give_page), methods=["GET"]),
            Route("/session", self._guarded(self._open_session), methods=["POST"]),
            Route("/desk", self._guarded(self._give_desk, opened=True), methods=["GET"]),
            Route("/messages/{number:int}/approve", self._guarded(self._approve, opened=True), methods=["POST"]),
            Route("/messages/{number:int}/reject", self._guarded(self._reject, opened=True), methods=["POST"]),
            Route("/stop", self._guarded(self._stop, opened=True), methods=["POST"]),
            Route("/go-on", self._guarded(self._go_on, opened=True), methods=["POST"]),
        ]

    def _guarded(
        self, handle: Callable[[Request], Awaitable[Response]], opened: bool = False
    ) -> Callable[[Request], Awaitable[Response]]:
        """A handler behind the locks; `opened`: only for those who have shown the token."""

        async def answer(request: Request) -> Response:
            try:
                self._check_names(request)
                if opened:
                    self._check_token(request)
                response = await handle(request)
            except _RefusalError as refusal:
                response = JSONResponse({"error": str(refusal)}, refusal.status)
            except CiceroLiteError as error:
                response = JSONResponse({"error": str(error)}, _status(error))
            response.headers.update(_HEADERS)
            return response

        return answer

    async def _give_page(self, _: Request) -> Response:
        return Response(
            self._page, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": self._policy}
        )

    async def _open_session(self, request: Request) -> Response:
        given = await _object(request)
        if not self._is_token(_text(given, "token") or ""):
            raise _RefusalError(401, "wrong token: the address that was printed at the start has it")
        response = Response(status_code=204)
        # No Max-Age: the cookie goes when the browser is closed.
        response.set_cookie(self._cookie, self._session, httponly=True, samesite="strict", secure=_is_secure(request))
        return response

    async def _give_desk(self, _: Request) -> Response:
        def values() -> Json:
            return desk.desk_of(self._store, time.time()).values()

        return JSONResponse(await self._ask(values))

    async def _approve(self, request: Request) -> Response:
        given = await _object(request)
        await self._ask(desk.approve, self._store, request.path_params["number"], _text(given, "text"))
        return await self._give_desk(request)

    async def _reject(self, request: Request) -> Response:
        given = await _object(request)
        await self._ask(desk.reject, self._store, request.path_params["number"], _text(given, "reason") or "")
        return await self._give_desk(request)

    async def _stop(self, request: Request) -> Response:
        await _object(request)
        await self._ask(self._store.stop, _WHO)
        return await self._give_desk(request)

    async def _go_on(self, request: Request) -> Response:
        await _object(request)
        await self._ask(desk.go_on, self._store, _WHO)
        return await self._give_desk(request)

    # --- the locks -----------------------------------------------------------------------------------------

    @property
    def _cookie(self) -> str:
        """Cookies do not know ports: two desks on one machine have two names."""
        return f"cicero-lite-desk-{self.port}"

    @property
    def _session(self) -> str:
        """What the cookie holds: proof of the token, not the token."""
        return hmac.new(self.token.encode(), b"desk session", hashlib.sha256).hexdigest()

    def _check_names(self, request: Request) -> None:
        host = request.headers.get("host", "")
        if _split(f"//{host}").hostname not in self._door.names:
            raise _RefusalError(403, "this host name is not ours; name it with --name")
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise _RefusalError(403, "asked for by another site")
        origin = request.headers.get("origin")
        if origin is not None and _split(origin).netloc.lower() != host.lower():
            raise _RefusalError(403, "asked for by another site")
        if origin is None and request.method != "GET" and _bearer(request) is None:
            raise _RefusalError(403, "expected the header Origin, or the token as Authorization: Bearer")

    def _check_token(self, request: Request) -> None:
        bearer = _bearer(request)
        shown = request.cookies.get(self._cookie, "")
        if self._is_token(bearer) if bearer is not None else _is_same(shown, self._session):
            return
        raise _RefusalError(401, "no token shown: open the address that was printed at the start")

    def _is_token(self, given: str) -> bool:
        return _is_same(given, self.token)


def _is_same(given: str, expected: str) -> bool:
    """Takes as long whatever is given."""
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def _bearer(request: Request) -> str | None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token if kind.lower() == "bearer" else None


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _is_secure(request: Request) -> bool:
    """Whether the browser came by https, through a proxy in front of us."""
    return _split(request.headers.get("origin", "")).scheme == "https"


def _status(error: CiceroLiteError) -> int:
    if isinstance(error, desk.NoSuchMessageError):
        return 404
    return 409 if isinstance(error, desk.NotWaitingError) else 400


async def _object(request: Request) -> Mapping[str, Any]:
    """The JSON object that a request carries."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise _RefusalError(415, "expected application/json")
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > LONGEST_BODY:
                raise _RefusalError(413, f"expected at most {LONGEST_BODY} bytes")
        given = json.loads(body)
    except (ValueError, RecursionError, ClientDisconnect):
        given = None
    if not isinstance(given, dict):
        raise _RefusalError(400, "expected a JSON object")
    return given


def _text(given: Mapping[str, Any], key: str) -> str | None:
    value = given.get(key)
    if value is not None and not isinstance(value, str):
        raise _RefusalError(400, f"{key}: expected text")
    return value


# --- the file ----------------------------------------------------------------------------------------------


def page() -> tuple[str, str]:
    """The page and its Content-Security-Policy, which lets its own script and style run, and nothing else."""
    script, sheet = _asset("desk.js"), style() + _asset("desk.css")
    parts = {
        "STYLE": sheet,
        "SCRIPT": script,
        "SILENCE": str(desk.SILENCE_S),
    }
    pieces = _asset("desk.html").split("@@")
    text = "".join(parts[piece] if number % 2 else piece for number, piece in enumerate(pieces))
    return text, _POLICY.format(script=_hash(script), sheet=_hash(sheet))


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _asset(name: str) -> str:
    return resources.files("cicero_lite.web").joinpath("assets", name).read_text(encoding="utf-8")
