"""A line to a server on this machine that can be cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

_BLOCK = 65536
_CONNECT_S = 5.0


class CutLine:
    """Passes bytes between a port of its own and the server's; new connections can be made right after a cut."""

    def __init__(self, behind: int) -> None:
        """Starts to listen.

        Args:
            behind: port of the server on the loopback interface.
        """
        self._behind = behind
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.is_down = False
        """Whether new connections are cut at once."""
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._spawn(self._accept)

    def cut(self) -> int:
        """Cuts every connection; how many there were."""
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        return len(ends) // 2

    def close(self) -> None:
        """Listens no more, and cuts."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _spawn(self, work: Callable[..., None], *ends: socket.socket) -> None:
        threading.Thread(target=work, args=ends, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self.is_down:
                    raise ConnectionRefusedError
                far = socket.create_connection(("127.0.0.1", self._behind), _CONNECT_S)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._lock:
                self._open |= {near, far}
            self._spawn(self._pass, near, far)
            self._spawn(self._pass, far, near)

    def _pass(self, source: socket.socket, goal: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_BLOCK):
                goal.sendall(data)
        for end in (source, goal):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._open.discard(source)
        source.close()
