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
            EventLogError: another line is no entry of a journal.
        """
        *whole, _ = self.path.read_text(encoding="utf-8").split("\n")
        entries = []
        for number, line in enumerate(whole, start=1):
            try:
                entries.append(json.loads(line))
                entries[-1]["kind"]
            except (ValueError, KeyError, TypeError):
                raise EventLogError(
                    f"line {number} of {self.path} is no entry of a sandbox's journal; give another file"
                ) from None
        return entries

    def add(self, kind: str, time: int, **values: Any) -> None:
        """Writes an entry; safe on disk when this returns."""
        append_line(self.path, json.dumps({"kind": kind, "time": time, **values}))
