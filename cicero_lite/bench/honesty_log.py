"""The log of `bench honesty`: a line that says what is played, and by which code; then a line for every game.

    {"honesty":1,"seed":0,"until":1904,"config":{...},"code":"3b9d...","commit":"3b9d7ea...","dirty":false,...}
    {"level":"binding","number":0,"seat":"AUSTRIA","score":0.1428,"given":{"supports":{"kept":2,...},...},...}

Neither levels nor the number of games are in the first line: more of either go on from the same log.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cicero_lite.arena.codec import decode, encode
from cicero_lite.arena.results import fingerprint
from cicero_lite.bench.honesty_games import HonestyGame
from cicero_lite.bench.options import BenchError
from cicero_lite.config import Config, config_values
from cicero_lite.output import append_line, check_folder, provenance
from dialogue.honesty import Honesty

SCHEMA = 1
"""Raised whenever a reader of older logs would misread."""
_FURTHER = ("session.py", "adapters/local.py", "arena/promises.py", "bench/honesty_games.py")
"""Code that decides how these games go, beside that of the arena's."""
_IDENTITY = ("seed", "until", "config", "code")
_Kind = TypeVar("_Kind")


@dataclass(frozen=True)
class HonestyHeader:
    """What is played, and by which code."""

    honesty: int
    """Version of the log's format."""
    seed: int
    until: int
    config: Mapping[str, Any]
    """The resolved configuration of the table and of the six, defaults included."""
    code: str
    """Fingerprint of rules, planner, dialogue, agent and table."""
    commit: str | None
    """None where the source is no git checkout."""
    dirty: bool
    """Whether there were uncommitted changes."""
    versions: Mapping[str, str]
    """Package name -> version; Python under ``python``."""


def header_of(config: Config) -> HonestyHeader:
    """The header of an experiment of this configuration, made by the code that is running."""
    running, play = provenance(), config.play
    values = config_values(config)
    return HonestyHeader(
        SCHEMA, play.seed, play.until, values, fingerprint(*_FURTHER), running.commit, running.dirty, running.versions
    )


class HonestyLog:
    """The file that the games of an experiment are kept in."""

    def __init__(self, path: Path, header: HonestyHeader) -> None:
        """Opens the log, or begins it.

        Raises:
            BenchError: the file is something else, or the log of another experiment, or of other code.
            OutputError: the file cannot be written.
        """
        self.path = path
        check_folder(path.absolute().parent)
        lines = _lines(path)
        self.header = _read(HonestyHeader, path, 1, lines[0]) if lines else header
        """As the log was begun."""
        if lines:
            _check_same(path, self.header, header)
        else:
            path.absolute().parent.mkdir(parents=True, exist_ok=True)
            append_line(path, _line(header))
        found = (_read(HonestyGame, path, place, line) for place, line in enumerate(lines[1:], start=2))
        self.games: dict[tuple[Honesty, int], HonestyGame] = {(game.level, game.number): game for game in found}
        """By level and number."""

    def add(self, game: HonestyGame) -> None:
        """Keeps one more game; on disk when this returns."""
        self.games[game.level, game.number] = game
        append_line(self.path, _line(game))


def _lines(path: Path) -> list[str]:
    """The whole lines of a file; a last one that a kill cut short is left out."""
    if not path.exists():
        return []
    try:
        *lines, rest = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BenchError(f"--out {path}: cannot be read ({error})") from None
    if not lines and rest:
        raise BenchError(f"--out {path}: expected a log of bench honesty, got {rest[:40]!r}")
    return lines


def _check_same(path: Path, found: HonestyHeader, wanted: HonestyHeader) -> None:
    if found.honesty != SCHEMA:
        raise BenchError(f"--out {path}: expected a log of version {SCHEMA}, got {found.honesty}; name another file")
    for name in _IDENTITY:
        have, want = (encode(getattr(header, name)) for header in (found, wanted))
        if have == want:
            continue
        if name in ("config", "code"):
            raise BenchError(f"--out {path}: its games were played with another {name}; name another file")
        raise BenchError(f"--out {path}: expected games with {name} {want}, got {have}; name another file")


def _read(kind: type[_Kind], path: Path, place: int, line: str) -> _Kind:
    try:
        return decode(kind, json.loads(line))
    except ValueError:
        wanted = "the first line of a log of bench honesty" if kind is HonestyHeader else "a game of bench honesty"
        raise BenchError(f"--out {path}, line {place}: expected {wanted}, got {line[:40]!r}") from None


def _line(value: HonestyHeader | HonestyGame) -> str:
    return json.dumps(encode(value), ensure_ascii=False, separators=(",", ":"))


__all__ = ["SCHEMA", "HonestyHeader", "HonestyLog", "header_of"]
