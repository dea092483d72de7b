"""The wire to a server of the ``diplomacy`` package: JSON over one websocket, requests answered, notices in between.

The package has a client of its own; it gives up after a minute without the server, and leaves requests unanswered for
ever when a session is no longer known.  This one knows nothing of games: it asks, hears, and says when the line is cut.

    connection = Connection("localhost", 8432)
    connection.open()
    token = connection.ask("sign_in", username="bot", password="...")["data"]
    connection.wait(5.0)
    notices = connection.take()
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
import uuid
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from tornado.httpclient import HTTPError
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, WebSocketError, websocket_connect

from cicero_lite.errors import CiceroLiteError

LARGEST_BYTES = 64 * 1024 * 1024
"""Of one answer; the server's own limit."""
_PING_S = 20.0
"""A line on which nothing was heard for so long is asked whether it still is one."""
_SHOWN = 200
"""Letters of a server's words in our errors."""
_T = TypeVar("_T")


class DiplomacyServerError(CiceroLiteError, RuntimeError):
    """Base of what can go wrong between us and the server."""


class UnreachableError(DiplomacyServerError):
    """No server there, or the line to it was cut; it may come back."""


class RefusedError(DiplomacyServerError):
    """A request that the server will not do."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(f"the server refuses: {words}")
        self.kind = kind
        """The server's name of the error, such as ``GamePhaseException``."""
        self.words = words


class Connection:
    """One websocket, served by a thread; to be used from one other thread."""

    def __init__(
        self,
        host: str,
        port: int,
        patience_s: float = 60.0,
        count: Callable[[str, str, float], None] = lambda name, outcome, seconds: None,
    ) -> None:
        """Does nothing yet.

        Args:
            host: name or address.
            port: 8432 unless the server was told another.
            patience_s: how long an answer may take; longer, and the line is taken for cut.  The server does nothing
                else while it compares a password or reads a game.
            count: told of each request: its name, ``ok``, the kind of the server's error, or ``error`` if no answer
                came, seconds.
        """
        self._count = count
        self.host, self.port, self._patience_s = host, port, patience_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._socket: WebSocketClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._waiting: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self._heard: list[Mapping[str, Any]] = []
        self._news = threading.Condition()
        self._is_cut = True

    @property
    def where(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"

    def open(self) -> None:
        """Connects; what was heard over a line before is forgotten.

        Raises:
            UnreachableError: nobody answers there.
        """
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._serve, args=(self._loop,), name=self.where, daemon=True)
            self._thread.start()
        self._run(self._open())

    def close(self) -> None:
        """Ends the connection and its thread."""
        if self._loop is None or self._thread is None:
            return
        self._run(self._hang_up())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop = self._thread = None

    def ask(self, name: str, **fields: object) -> Mapping[str, Any]:
        """The server's answer to a request.

        Args:
            name: such as ``join_game``.
            fields: what the request says.

        Raises:
            RefusedError: the server says no.
            UnreachableError: the line is cut; nobody knows whether the request has arrived.
        """
        began, outcome = time.monotonic(), "error"
        try:
            answer = self._run(self._ask(name, fields))
            outcome = str(answer.get("error_type")) if answer.get("name") == "error" else "ok"
        finally:
            self._count(name, outcome, time.monotonic() - began)
        if answer.get("name") == "error":
            raise RefusedError(outcome, _shown(answer.get("message")))
        return answer

    def wait(self, seconds: float) -> None:
        """Returns when there is something to take, or when the time has passed.

        Raises:
            UnreachableError: the line is cut, and all that was heard has been taken.
        """
        with self._news:
            self._news.wait_for(lambda: bool(self._heard) or self._is_cut, timeout=max(0.0, seconds))
            if self._is_cut and not self._heard:
                raise UnreachableError(f"the connection to {self.where} was lost")

    def take(self) -> list[Mapping[str, Any]]:
        """The notices that came since, in order."""
        with self._news:
            heard, self._heard = self._heard, []
            return heard

    # --- within the thread ---------------------------------------------------------------------------------

    @staticmethod
    def _serve(loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        loop.run_forever()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    def _run(self, work: Coroutine[Any, Any, _T]) -> _T:
        if self._loop is None:
            work.close()
            raise UnreachableError(f"not connected to {self.where}: expected open() first")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _open(self) -> None:
        await self._hang_up()
        try:
            socket = await websocket_connect(
                f"ws://{self.host}:{self.port}/",
                connect_timeout=self._patience_s,
                ping_interval=_PING_S,
                ping_timeout=_PING_S,
                max_message_size=LARGEST_BYTES,
            )
        except (OSError, HTTPError, WebSocketError, ValueError, UnicodeError) as error:
            raise UnreachableError(
                f"no server of the diplomacy package answers at {self.where} ({_shown(error)}): start one "
                f"(python -m diplomacy.server.run --port {self.port}) or name another with --host and --port"
            ) from None
        with self._news:
            self._heard, self._is_cut = [], False
        self._socket = socket
        self._reader = asyncio.create_task(self._read(socket))

    async def _hang_up(self) -> None:
        socket, reader = self._socket, self._reader
        self._socket = self._reader = None
        if socket is not None:
            socket.close()
        if reader is not None:
            await asyncio.wait([reader], timeout=1.0)
            reader.cancel()

    async def _read(self, socket: WebSocketClientConnection) -> None:
        """Hands out what comes until the line is cut."""
        while (text := await socket.read_message()) is not None:
            try:
                said = json.loads(text)
            except ValueError:
                continue
            if not isinstance(said, dict):
                continue
            future = self._waiting.pop(str(said.get("request_id")), None)
            if future is not None and not future.done():
                future.set_result(said)
            elif "notification_id" in said:
                with self._news:
                    self._heard.append(said)
                    self._news.notify_all()
        if self._socket is socket or self._socket is None:
            self._cut()

    def _cut(self) -> None:
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(UnreachableError(f"the connection to {self.where} was lost"))
        self._waiting.clear()
        with self._news:
            self._is_cut = True
            self._news.notify_all()

    async def _ask(self, name: str, fields: Mapping[str, object]) -> Mapping[str, Any]:
        if self._socket is None or self._is_cut:
            raise UnreachableError(f"the connection to {self.where} was lost")
        number = str(uuid.uuid4())
        future: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        request = {"request_id": number, "name": name, "re_sent": False, **fields}
        try:
            await self._socket.write_message(json.dumps(request))
            return await asyncio.wait_for(future, self._patience_s)
        except WebSocketClosedError:
            raise UnreachableError(f"the connection to {self.where} was lost") from None
        except TimeoutError:
            self._socket.close()
            self._cut()
            raise UnreachableError(f"{self.where} did not answer {name} within {self._patience_s:g} s") from None
        finally:
            self._waiting.pop(number, None)


def _shown(words: object) -> str:
    """A server's words in one line, not too long."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in str(words)).split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]} ..."
