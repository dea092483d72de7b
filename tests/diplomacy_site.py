"""A real server of the ``diplomacy`` package for the tests: a process of its own, that can be killed and started again.

with DiplomacySite(folder) as site:
    table = site.table(Power.FRANCE)
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cicero_lite.adapters.diplomacy_server import DiplomacyServerTable
from cicero_lite.adapters.diplomacy_server_client import Account, NewGame, SeatClient, SeatPlace
from cicero_lite.adapters.diplomacy_server_connection import Connection
from cicero_lite.adapters.settings import SeatConfig
from engine.types import Power

_START_S, _STOP_S = 120.0, 15.0
QUICK = SeatConfig(turns=2, late_turns=0, quiet_s=0.2, look_s=0.2, stale_s=5.0, patience_s=_START_S)
"""How seats of the tests behave."""


class DiplomacySite:
    """The server, and a line to it that can be cut."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self._behind = _free_port(), _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._line = _Line(self.port, self._behind)
        self._clients: list[SeatClient] = []

    def __enter__(self) -> Self:
        self._line.start()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients:
            client.close()
        self._line.stop()
        self.stop()

    def start(self) -> None:
        """Starts the server, from what it saved last."""
        log = (self.folder / "log.txt").open("ab")
        command = [sys.executable, "-m", "cicero_lite.bench.package_server", str(self._behind), str(self.folder)]
        with log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        until = time.monotonic() + _START_S
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._behind), 1.0):
                return
            assert self._process.poll() is None, (self.folder / "log.txt").read_text(encoding="utf-8")
            time.sleep(0.1)
        raise AssertionError("the server did not start")

    def stop(self, how: int = signal.SIGKILL) -> None:
        """Ends the server: killed it loses what it has not saved yet; by SIGINT it saves first."""
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:  # it has saved, and lost the interrupt somewhere
                self._process.kill()
                self._process.wait()
            self._process = None

    def cut(self) -> None:
        """Cuts every line to the server; new ones can be made at once."""
        self._line.cut()

    def client(
        self,
        power: Power,
        game: str = "test",
        user: str | None = None,
        password: str = "secret",
        new_game: NewGame | None = None,
        registration_password: str | None = None,
    ) -> SeatClient:
        """A way to a seat; the user is called like the power."""
        client = SeatClient(
            Connection("127.0.0.1", self.port),
            Account(user or power.value.lower(), password),
            SeatPlace(game, power, registration_password),
            new_game,
        )
        self._clients.append(client)
        return client

    def table(
        self,
        power: Power,
        game: str = "test",
        config: SeatConfig = QUICK,
        tell: Callable[[str], None] = lambda line: None,
        new_game: NewGame | None = None,
    ) -> DiplomacyServerTable:
        """A seat at the game."""
        return DiplomacyServerTable(self.client(power, game, new_game=new_game), config, tell)


class _Line:
    """Passes bytes between a port and the server's."""

    def __init__(self, port: int, behind: int) -> None:
        self._behind = behind
        self._listener = socket.create_server(("127.0.0.1", port))
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._spawn(self._accept)

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join()

    def cut(self) -> None:
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._open = []

    def _spawn(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._behind), 5.0)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            self._open += [near, far]
            self._spawn(self._pass, near, far)
            self._spawn(self._pass, far, near)

    @staticmethod
    def _pass(source: socket.socket, goal: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                goal.sendall(data)
        for end in (source, goal):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
