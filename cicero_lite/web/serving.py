"""An HTTP server in a thread of its own, for a page or a site that lives as long as a process wants it."""

from __future__ import annotations

import socket
import threading
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from cicero_lite.errors import OutputError


class ThreadedServer:
    """Answers for an application between `start` and `stop`; it logs nothing."""

    def __init__(self, application: ASGIApp, **settings: Any) -> None:
        """Listens nowhere yet.

        Args:
            application: what answers.
            settings: more of `uvicorn.Config`.
        """
        config = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            **{"ws": "none", **settings},
        )
        self._server = uvicorn.Server(config)
        # Not the thread is waited for: a join that Ctrl-C interrupts takes it for ended from then on.
        self._ended = threading.Event()
        self.port = 0
        """Where it answers, once it is started."""

    def start(self, host: str, port: int) -> None:
        """Starts to answer.

        Args:
            host: address to listen on.
            port: 0: any that is free.

        Raises:
            OutputError: the address cannot be used.
        """
        self._socket = _listen(host, port)
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()
        while not self._server.started and not self._ended.wait(0.01):
            pass

    def _run(self) -> None:
        try:
            self._server.run([self._socket])
        finally:
            self._ended.set()

    def stop(self) -> None:
        """Stops to answer."""
        self._server.should_exit = True
        self._ended.wait()
        self._socket.close()

    def wait(self) -> None:
        """Returns when the server stops, by itself or by Ctrl-C."""
        while not self._ended.wait(0.2):
            pass


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise OutputError(f"cannot listen on {host}: {error.strerror}") from None
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise OutputError(f"cannot listen on port {port} of {host}: {error.strerror}; try another --port") from None
    return listening
