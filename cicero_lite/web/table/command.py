"""``cicero-lite web``: serves the tables until Ctrl-C."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cicero_lite.config import Config
from cicero_lite.web.door import Door
from cicero_lite.web.table.rooms import Rooms
from cicero_lite.web.table.server import TableServer
from cicero_lite.web.table.settings import known_personas
from cicero_lite.web.table.store import TableStore

STORE = Path("cicero-lite-web.sqlite")
"""The file that keeps the games, in the working folder."""
PERSONAS = Path("configs") / "personas"
"""Folder of the personas."""


@dataclass(frozen=True)
class Web:
    """How the tables are served."""

    store: Path
    door: Door
    personas: Path


def run_web(wanted: Web, config: Config) -> None:
    """Serves until Ctrl-C; prints the address first.

    Raises:
        ConfigError: a persona that is no configuration.
        TableError: the store cannot be used.
        OutputError: the address cannot be used.
    """
    personas = known_personas(wanted.personas)
    rooms = Rooms(TableStore(wanted.store), config, personas)
    try:
        with TableServer(rooms, wanted.door) as server:
            print(wanted.door.way_in(server.url, server.token), flush=True)
            print(f"Open it to sit down. Games are kept in {wanted.store}; Ctrl-C ends the server.", flush=True)
            server.wait()
    finally:
        rooms.close()
