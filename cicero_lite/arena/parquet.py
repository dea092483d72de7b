"""The games of an experiment as two tables in Parquet: a row for each game, and a row for each seat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cicero_lite.arena.statistics import ending
from cicero_lite.arena.tournament import Tournament
from cicero_lite.errors import OutputError
from engine.types import POWERS

GAMES, SEATS = "games.parquet", "seats.parquet"


def write_tables(found: Tournament, folder: Path) -> None:
    """Writes `GAMES` and `SEATS` into the folder; each file is whole at every moment.

    Raises:
        OutputError: it cannot be written.
    """
    _write(folder / GAMES, game_rows(found))
    _write(folder / SEATS, seat_rows(found))


def game_rows(found: Tournament) -> list[dict[str, Any]]:
    """A row for each game: its number, seed, length, winner."""
    return [
        {
            "game": number,
            "cluster": game.cluster,
            "seed": game.result.seed,
            "until": game.result.until,
            "last_phase": str(game.result.last_phase),
            "phases": game.result.phases,
            "winner": None if game.result.winner is None else str(game.result.winner),
            "winner_label": None if game.result.winner is None else game.labels[game.result.winner],
            "variate": game.result.variate,
            "seconds": sum(game.result.seconds.values()),
        }
        for number, game in found.games.items()
    ]


def seat_rows(found: Tournament) -> list[dict[str, Any]]:
    """A row for each seat of each game: who sat there, how it ended, what it said, what it cost.

    Counts of talk are in columns ``press.*``, those of language models in columns ``model.*``.
    """
    games = found.games.values()
    press = _names([counts for game in games for counts in game.press.values()])
    usage = _names([counts for game in games for counts in game.usage.values()])
    rows = []
    for number, game in found.games.items():
        scores = game.result.scores
        for power in POWERS:
            rows.append(
                {
                    "game": number,
                    "power": str(power),
                    "label": game.labels[power],
                    "agent": game.result.seats[power],
                    "score": scores[power],
                    "centers": game.result.centers[power],
                    "place": 1 + sum(score > scores[power] for score in scores.values()),
                    "ending": str(ending(game.result, power)),
                    "movements": game.result.movements[power],
                    "seconds": game.result.seconds[power],
                    **{f"press.{name}": game.press.get(power, {}).get(name, 0) for name in press},
                    **{f"model.{name}": game.usage.get(power, {}).get(name, 0) for name in usage},
                }
            )
    return rows


def _names(counts: Sequence[Mapping[str, float]]) -> list[str]:
    return sorted({name for count in counts for name in count})


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    # Imported late: pyarrow is needed by nobody else.
    import pyarrow as pa
    from pyarrow import parquet

    part = path.with_name(f".{path.name}.part")
    try:
        parquet.write_table(pa.Table.from_pylist(list(rows)), part)
        part.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)


__all__ = ["GAMES", "SEATS", "game_rows", "seat_rows", "write_tables"]
