"""Cutting a connection without an answer, which ASGI has no word for."""

from __future__ import annotations

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_OPEN: dict[tuple[str, int], asyncio.Transport] = {}
"""The sockets of all servers of this process, by the address of the client."""


class RememberedConnection(H11Protocol):
    """uvicorn's HTTP/1.1, with its socket entered where `Dropped` finds it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See `asyncio.Protocol`."""
        super().connection_made(transport)
        if self.client is not None:
            _OPEN[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        super().connection_lost(exc)
        if self.client is not None:
            _OPEN.pop(self.client, None)


class Dropped(Response):
    """An answer that never comes: the connection is reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See `Response`."""
        _OPEN[tuple(scope["client"])].abort()
        while (await receive())["type"] != "http.disconnect":
            pass
