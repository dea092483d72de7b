"""The rehearsal of a user: a site on this machine with one game, seven keys, and faults if wanted."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES
from cicero_lite.adapters.webdiplomacy_sandbox.clock import SiteClock
from cicero_lite.adapters.webdiplomacy_sandbox.faults import FaultPolicy
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.adapters.webdiplomacy_sandbox.site import GameRules, PressType
from cicero_lite.errors import ConfigError, OutputError

_GAMEMASTER_S = 2.0
"""Between two rounds of the game master, in seconds of the site."""

_LARGEST_SKEW_S = 1e9
_LAST_PORT = 65535


@dataclass(frozen=True)
class Rehearsal:
    """What kind of site is wanted."""

    port: int = 0
    press: str = PressType.REGULAR.value
    phase_minutes: int = 5
    speed: float = 1.0
    """Seconds of the site for each real one."""
    skew_s: float = 0.0
    """How far its clock is ahead of this machine's; negative: behind."""
    faults: str = ""
    """As `FaultPolicy.parse` reads it."""
    seed: int = 0
    keys: Path | None = None
    """New file for the keys; None: they are printed."""
    journal: Path | None = None
    """File that keeps the site."""


def run_rehearsal(wanted: Rehearsal, console: Console) -> None:
    """Runs a site until Ctrl-C, says where it is, and at the end what was seen.

    Raises:
        ConfigError: a setting out of range.
        OutputError, EventLogError: the port, the journal or the file of the keys cannot be used.
    """
    with rehearse(wanted) as server:
        console.print(f"{server.url}/api.php", highlight=False)
        if wanted.keys is None:
            console.print_json(data=credentials(server))
        else:
            write_credentials(server, wanted.keys)
        try:
            server.wait()
        finally:
            for line in report(server):
                console.print(line, highlight=False, markup=False)


@contextmanager
def rehearse(wanted: Rehearsal) -> Iterator[SandboxServer]:
    """A running site with a game; one that its journal brought back goes on.

    Raises:
        ConfigError: a setting out of range.
        OutputError, EventLogError: the port or the journal cannot be used.
    """
    if not 0 < wanted.speed < math.inf or wanted.phase_minutes <= 0:
        raise ConfigError(
            f"expected a speed and a phase length above 0, got {wanted.speed:g} and {wanted.phase_minutes} minutes"
        )
    if not abs(wanted.skew_s) <= _LARGEST_SKEW_S:
        raise ConfigError(f"expected a skew of at most {_LARGEST_SKEW_S:g} seconds, got {wanted.skew_s:g}")
    if not 0 <= wanted.port <= _LAST_PORT:
        raise ConfigError(f"expected a port of 0 to {_LAST_PORT}, got {wanted.port}")
    if wanted.press not in tuple(PressType):
        raise ConfigError(f"unknown press type {wanted.press!r}: expected one of {', '.join(PressType)}")
    server = SandboxServer(
        SiteClock(time.time() + wanted.skew_s, wanted.speed),
        FaultPolicy.parse(wanted.faults, wanted.seed),
        port=wanted.port,
        gamemaster_interval_s=_GAMEMASTER_S / max(wanted.speed, 1),
        poll_interval_s=1 / max(wanted.speed, 1),
        journal=wanted.journal,
    )
    if not server.site.games:
        server.open_game(GameRules(press=PressType(wanted.press), phase_minutes=wanted.phase_minutes))
    with server:
        yield server


def credentials(server: SandboxServer) -> dict[str, object]:
    """What clients need: where the site is, and the key of each power."""
    keys = {power.value: account.key for power, account in zip(COUNTRIES.values(), server.seats, strict=True)}
    return {"url": server.url, "keys": keys, "control_token": server.control_token}


def write_credentials(server: SandboxServer, path: Path) -> None:
    """Writes them as JSON into a new file that only its owner may read.

    Raises:
        OutputError: the file is there already, or cannot be written.
    """
    try:
        file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        raise OutputError(f"cannot write the keys to {path}: {error.strerror}; expected a new file") from None
    with os.fdopen(file, "w", encoding="utf-8") as out:
        json.dump(credentials(server), out, indent=1)


def report(server: SandboxServer) -> Iterator[str]:
    """What was seen: a line for each mistake of a client and each kind of fault."""
    for fault, count in sorted(server.api.faults.met.items()):
        yield f"fault {fault}: {count} times"
    for bug in server.site.bugs.found:
        yield f"client bug of user {bug.user_id} in game {bug.game_id}: {bug.mistake} ({bug.detail})"
