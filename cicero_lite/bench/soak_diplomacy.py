"""The server of the ``diplomacy`` package as that of a soak: a process of its own, over lines that are cut.

What it knows is read from the file of the game, which it saves every second, and once more when it ends.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from cicero_lite.adapters.diplomacy_server_game import ServedGame, replay
from cicero_lite.adapters.diplomacy_server_responses import COMPLETED, DUMMY, ServerGame
from cicero_lite.adapters.webdiplomacy_ids import turn_of
from cicero_lite.bench.cut_line import CutLine
from cicero_lite.bench.options import BenchError
from cicero_lite.bench.package_process import PackageServerProcess
from cicero_lite.bench.soak_checks import ServerAccount, Spoken
from cicero_lite.bench.soak_kills import When
from cicero_lite.bench.soak_servers import played_phases
from cicero_lite.errors import ConfigError
from cicero_lite.output import write_secret
from engine.types import POWERS, Phase, Power

_GAME = "soak"
_READ_S = 1.0
_FORMING = "FORMING"
_HASTE = ("live.seat.quiet_share=0.02",)
"""What makes clients talk faster than people do; settings of the user come after."""


class DiplomacySoakServer:
    """The server, and a line to it for each client."""

    def __init__(self, folder: Path, phase_minutes: int, faults: str, rng: random.Random) -> None:
        """Prepares to start it.

        Args:
            folder: for what it saves, and the passwords.
            phase_minutes: length of a phase.
            faults: ``cut=SHARE`` or ``all=SHARE``: of the seconds, in which the line of a client is cut; empty: never.
            rng: draws when.

        Raises:
            ConfigError: other faults.
        """
        self._folder, self._phase_s, self._rng = folder, 60 * phase_minutes, rng
        self._cut_share = _cut_share(faults)
        self._process = PackageServerProcess(folder)
        self._lines = {power: CutLine(self._process.port) for power in POWERS}
        self._cuts = 0
        self._asked = time.monotonic()
        self._served: ServerGame | None = None
        self._read_at = -float("inf")
        self._password = folder / "password"
        write_secret(self._password, f"{rng.getrandbits(64):x}")

    def __enter__(self) -> Self:
        """Starts it.

        Raises:
            BenchError: it does not start.
        """
        try:
            self._process.start()
        except BenchError:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """See `stop`."""
        self.stop()

    def arguments(self, power: Power) -> Sequence[str]:
        """See `SoakServer`."""
        where = ["--host", "127.0.0.1", "--port", str(self._lines[power].port), "--game", _GAME, "--create"]
        who = ["--power", power.value, "--user", power.value.lower(), "--password-file", str(self._password)]
        haste = [word for setting in _HASTE for word in ("--set", setting)]
        return ["join", *where, "--deadline", str(self._phase_s), *who, *haste]

    # --- the game ------------------------------------------------------------------------------------------

    @property
    def turn(self) -> int:
        """See `SoakServer`."""
        served = self._game_now()
        if served is None or served.phase_abbr in (_FORMING, COMPLETED):
            return 0
        turn, _ = turn_of(Phase.parse(served.phase_abbr))
        return turn

    @property
    def at_hand(self) -> str:
        """See `SoakServer`."""
        served = self._game_now()
        return "no phase" if served is None else served.phase_abbr

    @property
    def is_over(self) -> bool:
        """See `SoakServer`."""
        served = self._game_now()
        return served is not None and served.phase_abbr == COMPLETED

    @property
    def faults_met(self) -> Mapping[str, int]:
        """See `SoakServer`."""
        return {"cut": self._cuts} if self._cuts else {}

    def happened(self) -> Mapping[Power, frozenset[When]]:
        """Nothing that it can tell; cuts lines meanwhile."""
        passed_s, self._asked = time.monotonic() - self._asked, time.monotonic()
        for line in self._lines.values():
            if self._rng.random() < self._cut_share * passed_s:
                self._cuts += line.cut()
        return {}

    def end_game(self) -> bool:
        """Votes are cast by those who sit there."""
        return False

    def stop(self) -> None:
        """Ends it by SIGINT, so that it saves."""
        for line in self._lines.values():
            line.close()
        self._process.stop()
        self._read_at = -float("inf")

    def _game_now(self) -> ServerGame | None:
        """The game as saved last; None: there is none."""
        if time.monotonic() - self._read_at > _READ_S:
            self._read_at = time.monotonic()
            with suppress(OSError, json.JSONDecodeError):  # not there yet, or being written
                saved = json.loads((self._folder / "data" / "games" / f"{_GAME}.json").read_text(encoding="utf-8"))
                self._served = ServerGame.model_validate(saved | {"phase_abbr": _short(saved["phase"])})
        return self._served

    # --- the account ---------------------------------------------------------------------------------------

    def account(self) -> ServerAccount:
        """See `SoakServer`.

        Raises:
            BenchError: there was no game.
        """
        served = self._game_now()
        if served is None:
            raise BenchError(f"the server has saved no game; what it said is in {self._process.printed}")
        at_hand = None if served.phase_abbr == COMPLETED else served.at_hand
        game: ServedGame = replay(_GAME, served.timestamp_created, served.played, at_hand)
        messages = [*(m for record in game.game.history for m in record.messages), *game.game.messages]
        return ServerAccount(
            phases=played_phases(game.game.history),
            at_hand=None if at_hand is None else game.game.phase,
            messages=tuple(Spoken(m.sender, m.recipient, m.text) for m in messages),
            put_off=tuple(game.notices),
            left=tuple(p for p, it in served.powers.items() if it.player == DUMMY and it.units),
            orders_taken=(),
            orders_refused=0,
            mistakes=(),
            rebuilt=tuple(game.differences),
        )


def _short(phase: str) -> str:
    """The short name of a phase, which is not saved.

    >>> _short("FALL 1901 MOVEMENT"), _short("WINTER 1901 ADJUSTMENTS"), _short("COMPLETED")
    ('F1901M', 'W1901A', 'COMPLETED')
    """
    season, *rest = phase.split()
    return f"{season[0]}{rest[0]}{rest[1][0]}" if rest else season


def _cut_share(faults: str) -> float:
    if not faults:
        return 0.0
    name, _, share = faults.partition("=")
    try:
        found = float(share)
    except ValueError:
        found = -1.0
    if name not in ("cut", "all") or not 0 <= found <= 1:
        raise ConfigError(f"faults of the diplomacy server: expected cut=SHARE with a share of 0 to 1, got {faults!r}")
    return found
