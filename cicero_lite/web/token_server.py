"""A server of pages behind one token, which whoever started it was told; see `cicero_lite.web.door` for the locks."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Self, TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cicero_lite.errors import CiceroLiteError
from cicero_lite.web.door import (
    HEADERS,
    Door,
    RefusalError,
    bearer,
    check_names,
    is_same,
    is_secure,
    json_object,
    text_of,
)
from cicero_lite.web.serving import ThreadedServer

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


class TokenServer:
    """Answers in a thread of its own while `with` lasts; what, its subclasses say."""

    NAME = "page"
    """Of the cookie; other servers on this machine have others."""

    def __init__(self, door: Door) -> None:
        self.token = door.token or secrets.token_urlsafe(32)
        self.url = ""
        """Where the page is, once it is started."""
        self._door = door
        session = Route("/session", self._guarded(self._open_session), methods=["POST"])
        application = Starlette(routes=[session, *self._routes()], lifespan=self._lifespan())
        self._server = ThreadedServer(application, proxy_headers=False)

    def _routes(self) -> list[Route]:
        """What is answered, besides who shows the token."""
        raise NotImplementedError

    def _lifespan(self) -> Any:
        """What is done as it stops, as Starlette takes it; None: nothing."""
        return None

    def _status(self, error: CiceroLiteError) -> int:
        """The HTTP status of a mistake."""
        return 400

    @property
    def port(self) -> int:
        """Where the page is, once it is started."""
        return self._server.port

    def __enter__(self) -> Self:
        """Starts to answer.

        Raises:
            OutputError: the address cannot be used.
        """
        self._server.start(self._door.host, self._door.port)
        self.url = self._door.url(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        """Stops to answer."""
        self._server.stop()

    def wait(self) -> None:
        """Returns when the server stops, by itself or by Ctrl-C."""
        self._server.wait()

    # --- the locks -----------------------------------------------------------------------------------------

    def _guarded(self, handle: Handler, opened: bool = False) -> Handler:
        """A handler behind the locks; `opened`: only for those who have shown the token."""

        async def answer(request: Request) -> Response:
            try:
                check_names(request, self._door.names, request.method)
                if opened and not self._is_open(request):
                    raise RefusalError(401, "no token shown: open the address that was printed at the start")
                response = await handle(request)
            except RefusalError as refusal:
                response = JSONResponse({"error": str(refusal)}, refusal.status)
            except CiceroLiteError as error:
                response = JSONResponse({"error": str(error)}, self._status(error))
            response.headers.update(HEADERS)
            return response

        return answer

    async def _open_session(self, request: Request) -> Response:
        given = await json_object(request)
        if not is_same(text_of(given, "token") or "", self.token):
            raise RefusalError(401, "wrong token: the address that was printed at the start has it")
        response = Response(status_code=204)
        # No Max-Age: the cookie goes when the browser is closed.
        response.set_cookie(self._cookie, self._session, httponly=True, samesite="strict", secure=is_secure(request))
        return response

    def _is_open(self, request: Request) -> bool:
        given = bearer(request)
        if given is not None:
            return is_same(given, self.token)
        return is_same(request.cookies.get(self._cookie, ""), self._session)

    @property
    def _cookie(self) -> str:
        """Cookies do not know ports: two pages on one machine have two names."""
        return f"cicero-lite-{self.NAME}-{self.port}"

    @property
    def _session(self) -> str:
        """What the cookie holds: proof of the token, not the token."""
        return hmac.new(self.token.encode(), f"{self.NAME} session".encode(), hashlib.sha256).hexdigest()
