"""The site on disk: everything that changed it, one JSON line each, from which it comes back after a restart.

Games, messages and votes come back as they were.  Faults, maintenance and expired keys are not kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cicero_lite.errors import EventLogError, OutputError
from cicero_lite.output import append_line

_KINDS = ("account", "game", "gamemaster", "call")
_BEGINNING = '{"kind": "'
"""Of every line."""


class Journal:
    """A file that only its owner may read, since it holds the keys."""

    def __init__(self, path: Path) -> None:
        """Opens the file, or makes it.

        Raises:
            OutputError: it can be neither read nor written.
        """
        self.path = path
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise OutputError(f"cannot write the journal {path}: {error.strerror}") from None

    def entries(self) -> list[Mapping[str, Any]]:
        """What it holds so far; a last line cut short by a kill is left out.

        Raises:
            EventLogError: another line is no entry of a journal, or the file is something else.
        """
        try:
            *whole, rest = self.path.read_text(encoding="utf-8").split("\n")
        except UnicodeDecodeError:
            raise self._no_entry(1) from None
        if not whole and rest[: len(_BEGINNING)] != _BEGINNING[: len(rest)]:
            raise self._no_entry(1)
        entries: list[Mapping[str, Any]] = []
        for number, line in enumerate(whole, start=1):
            try:
                entry = json.loads(line)
                known = entry["kind"] in _KINDS and isinstance(entry["time"], int)
            except (ValueError, KeyError, TypeError):
                known = False
            if not known:
                raise self._no_entry(number)
            entries.append(entry)
        return entries

    def _no_entry(self, number: int) -> EventLogError:
        return EventLogError(f"line {number} of {self.path} is no entry of a sandbox's journal; give another file")

    def add(self, kind: str, time: int, **values: Any) -> None:
        """Writes an entry; safe on disk when this returns."""
        append_line(self.path, json.dumps({"kind": kind, "time": time, **values}))
