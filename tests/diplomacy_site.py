"""A real server of the ``diplomacy`` package for the tests: a process of its own, that can be killed and started again.

with DiplomacySite(folder) as site:
    table = site.table(Power.FRANCE)
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from cicero_lite.adapters.diplomacy_server import DiplomacyServerTable
from cicero_lite.adapters.diplomacy_server_client import Account, NewGame, SeatClient, SeatPlace
from cicero_lite.adapters.diplomacy_server_connection import Connection
from cicero_lite.adapters.settings import SeatConfig
from cicero_lite.bench.cut_line import CutLine
from cicero_lite.bench.package_process import PackageServerProcess
from engine.types import Power

QUICK = SeatConfig(turns=2, late_turns=0, quiet_s=0.2, look_s=0.2, stale_s=5.0, patience_s=120.0)
"""How seats of the tests behave."""


class DiplomacySite:
    """The server, and a line to it that can be cut."""

    def __init__(self, folder: Path) -> None:
        self._process = PackageServerProcess(folder)
        self._line = CutLine(self._process.port)
        self.port = self._line.port
        self._clients: list[SeatClient] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients:
            client.close()
        self._line.close()
        self.stop()

    def start(self) -> None:
        """Starts the server, from what it saved last."""
        self._process.start()

    def stop(self, how: int = signal.SIGKILL) -> None:
        """Ends the server: killed it loses what it has not saved yet; by SIGINT it saves first."""
        self._process.stop(how)

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
