"""What an experiment leaves in its folder: tables for programs, and the report for people."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from cicero_lite.arena.codec import encode
from cicero_lite.arena.parquet import write_tables
from cicero_lite.arena.report import Made, report_html
from cicero_lite.arena.standings import Standings, standings
from cicero_lite.arena.times import times
from cicero_lite.arena.tournament import Tournament
from cicero_lite.output import write_files


def make_outcome(
    found: Tournament, out: Path, file: Path, jobs: int | None = None, ray: str | None = None
) -> Standings | None:
    """Writes ``table.json``, ``times.json``, ``games.parquet``, ``seats.parquet`` and ``report.html``.

    The first follows from the games alone: a run that was interrupted and went on writes the same one.

    Args:
        found: the games.
        out: the folder.
        file: that the experiment was read from.
        jobs: as the command was given them, to say how it was made.
        ray: likewise.

    Returns:
        The table; None: there is no game yet, and nothing is written.

    Raises:
        OutputError: the folder cannot be written.
    """
    if not found.games:
        return None
    table, spent = standings(found, file.stem), times(found)
    made = Made(_command(out, file, jobs, ray), file.read_text(encoding="utf-8").rstrip())
    write_tables(found, out)
    write_files(
        out,
        {
            "table.json": json.dumps(encode(table), indent=1, ensure_ascii=False) + "\n",
            "times.json": json.dumps(encode(spent), indent=1, ensure_ascii=False) + "\n",
            "report.html": report_html(table, spent, found.failures, made),
        },
    )
    return table


def _command(out: Path, file: Path, jobs: int | None, ray: str | None) -> str:
    words = ["cicero-lite", "arena", "run", str(file), "--out", str(out)]
    words += [] if jobs is None else ["--jobs", str(jobs)]
    words += [] if ray is None else ["--ray", ray]
    return shlex.join(words)


__all__ = ["make_outcome"]
