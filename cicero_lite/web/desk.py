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
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cicero_lite.errors import CiceroLiteError
from cicero_lite.hosting import desk
from cicero_lite.hosting.store import Store
from cicero_lite.web.door import POLICY, Door, json_object, text_of
from cicero_lite.web.files import asset, digest, filled, sheet
from cicero_lite.web.token_server import TokenServer
from engine.drawing import style

Json: TypeAlias = dict[str, Any]

_WHO = "somebody at the page"


class DeskServer(TokenServer):
    """The page of a store, in a thread of its own while `with` lasts."""

    NAME = "desk"

    def __init__(self, store: Store, door: Door) -> None:
        self._store = store
        self._page, self._policy = page()
        # The store keeps a connection for each thread: one thread asks it everything, and closes it at the end.
        self._clerk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="desk")
        super().__init__(door)

    def _lifespan(self) -> Any:
        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            yield
            await self._ask(self._store.close)
            self._clerk.shutdown()

        return lifespan

    async def _ask(self, what: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._clerk, what, *arguments)

    # --- what is answered ----------------------------------------------------------------------------------

    def _routes(self) -> list[Route]:
        return [
            Route("/", self._guarded(self._give_page), methods=["GET"]),
            Route("/desk", self._guarded(self._give_desk, opened=True), methods=["GET"]),
            Route("/messages/{number:int}/approve", self._guarded(self._approve, opened=True), methods=["POST"]),
            Route("/messages/{number:int}/reject", self._guarded(self._reject, opened=True), methods=["POST"]),
            Route("/stop", self._guarded(self._stop, opened=True), methods=["POST"]),
            Route("/go-on", self._guarded(self._go_on, opened=True), methods=["POST"]),
        ]

    def _status(self, error: CiceroLiteError) -> int:
        if isinstance(error, desk.NoSuchMessageError):
            return 404
        return 409 if isinstance(error, desk.NotWaitingError) else 400

    async def _give_page(self, _: Request) -> Response:
        return Response(
            self._page, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": self._policy}
        )

    async def _give_desk(self, _: Request) -> Response:
        def values() -> Json:
            return desk.desk_of(self._store, time.time()).values()

        return JSONResponse(await self._ask(values))

    async def _approve(self, request: Request) -> Response:
        given = await json_object(request)
        await self._ask(desk.approve, self._store, request.path_params["number"], text_of(given, "text"))
        return await self._give_desk(request)

    async def _reject(self, request: Request) -> Response:
        given = await json_object(request)
        await self._ask(desk.reject, self._store, request.path_params["number"], text_of(given, "reason") or "")
        return await self._give_desk(request)

    async def _stop(self, request: Request) -> Response:
        await json_object(request)
        await self._ask(self._store.stop, _WHO)
        return await self._give_desk(request)

    async def _go_on(self, request: Request) -> Response:
        await json_object(request)
        await self._ask(desk.go_on, self._store, _WHO)
        return await self._give_desk(request)


# --- the file ----------------------------------------------------------------------------------------------


def page() -> tuple[str, str]:
    """The page and its Content-Security-Policy, which lets its own script and style run, and nothing else."""
    script, styles = asset("desk.js"), style() + sheet("desk.css")
    text = filled("desk.html", {"STYLE": styles, "SCRIPT": script, "SILENCE": str(desk.SILENCE_S)})
    return text, POLICY.format(script=digest(script), sheet=digest(styles))
