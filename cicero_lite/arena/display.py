"""The arena in the terminal: bars with running means while it plays, tables afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import TextColumn
from rich.table import Table as RichTable

from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.known_answers import Check
from cicero_lite.arena.match import GameResult
from cicero_lite.arena.one_v_six import Watch
from cicero_lite.arena.played import Failure, PlayedGame
from cicero_lite.arena.report import heading, standings_grid, warnings
from cicero_lite.arena.standings import Standings
from cicero_lite.arena.statistics import Adjusted, Ending, Estimate, Rate
from cicero_lite.arena.table import Row, Table, WatchRow
from cicero_lite.arena.tournament import Watch as WatchGames
from cicero_lite.progress import CountingBars
from engine.types import Power

_WIDE = 200
"""Columns where the output is no terminal."""


@contextmanager
def showing() -> Iterator[WatchRow]:
    """A bar on stderr for every agent, with its mean score so far; on terminals only."""
    counting = CountingBars(TextColumn("{task.fields[means]}"), width=24)

    def watch(one: AgentSpec) -> Watch:
        line = counting.bars.add_task(str(one), total=None, means="")

        def told(games: int, done: Sequence[tuple[Power, GameResult]]) -> None:
            counting.reached(line, len(done), games, means=_means(done))

        return told

    with counting.bars:
        yield watch


@contextmanager
def watching() -> Iterator[WatchGames]:
    """A bar on stderr for the games of an experiment, with the time left; on terminals only."""
    counting = CountingBars(TextColumn("{task.fields[failed]}"))
    line = counting.bars.add_task("games", total=None, failed="")

    def told(wanted: int, done: Mapping[int, PlayedGame], failed: Sequence[Failure]) -> None:
        counting.reached(line, len(done) + len(failed), wanted, failed=f"{len(failed)} failed" if failed else "")

    with counting.bars:
        yield told


def print_standings(table: Standings, failures: Sequence[Failure]) -> None:
    """A line on what was played, a row for each agent, and what to know before believing them."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)
    grid = standings_grid(table)
    shown = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in grid.columns:
        shown.add_column(column.name, justify="right" if column.numeric else "left", no_wrap=True)
    for row in grid.rows:
        shown.add_row(*(f"{cell.text}\n{cell.below}" if cell.below else cell.text for cell in row))
    console.print(heading(table), soft_wrap=True, highlight=False)
    console.print(shown)
    for line in warnings(table, failures):
        console.print(f"note: {line}", soft_wrap=True, highlight=False)


def print_check(found: Check) -> None:
    """A line for each repetition, and what they come to."""
    print(f"{found.one} – {found.other}, known to differ by {found.truth:+.3f}:")
    for one in found.repetitions:
        difference = one.difference
        interval = "" if difference.low is None else f" [{difference.low:+.3f}, {difference.high:+.3f}]"
        held = "" if one.holds else "  does not hold it"
        print(f"seed {one.seed}: {one.games} games, {difference.value:+.3f}{interval}{held}")
    count = len(found.repetitions)
    print(
        f"{found.holding} of {count} intervals hold the truth; {found.least} would do (95 %, binomial). "
        f"{found.deciding} exclude zero. Mean of the estimates: {found.mean:+.4f}"
    )


def print_table(table: Table, column: str = "one", labels: Sequence[str] | None = None) -> None:
    """A line on what was played, a row for each agent, and what to know before believing them.

    Args:
        table: what to print.
        column: heading of the first column.
        labels: what to call the rows; None: by their agents.
    """
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)
    names = labels or [row.one for row in table.rows]
    adjusted = table.variates > 0
    result = ["games", "score", *(["adjusted"] if adjusted else []), "win %", "most %", "surv. %", "def. %"]
    compared = ["difference", *(["adj. diff."] if adjusted else [])] if table.versus else []
    more = [*compared, "centres", "opponent", "lost", "won in", "s/move"]
    shown = [_columns(table, [column, *result, *more], names)]
    if Console(width=10 * _WIDE).measure(shown[0]).maximum > console.width:
        shown = [_columns(table, [column, *part], names) for part in (result, more)]
    console.print(table.heading(), soft_wrap=True, highlight=False)
    for part in shown:
        console.print(part)
    for line in _legend(table):
        console.print(line, soft_wrap=True, highlight=False)


def _columns(table: Table, columns: Sequence[str], names: Sequence[str]) -> RichTable:
    """These columns; the first holds the names of the rows."""
    shown = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    shown.add_column(columns[0], overflow="fold", max_width=44)
    for column in columns[1:]:
        shown.add_column(column, justify="right", no_wrap=True)
    for row, name in zip(table.rows, names, strict=False):
        cells = _cells(row)
        shown.add_row(name, *(cells.get(column, "") for column in columns[1:]))
    return shown


def _cells(row: Row) -> dict[str, str]:
    found = row.summary
    if found is None:
        return {"games": "0"}
    rates = dict(zip(("win %", "most %", "surv. %", "def. %"), Ending, strict=True))
    return {
        "games": str(row.games),
        "score": _estimate(found.score),
        "adjusted": "" if found.adjusted is None else _estimate(found.adjusted.score),
        **{column: _rate(found.endings[how]) for column, how in rates.items()},
        "difference": "" if row.versus is None else _estimate(row.versus.score, sign="+"),
        "adj. diff.": ""
        if row.versus is None or row.versus.adjusted is None
        else _estimate(row.versus.adjusted.score, sign="+"),
        "centres": f"{found.centers:.1f}",
        "opponent": f"{found.opponents_score:.3f}\n{found.opponents_centers:.1f} c.",
        "lost": str(found.opponents_wins),
        "won in": "–" if found.win_year is None else f"{found.win_year:.1f}",
        "s/move": f"{found.seconds_per_movement:.3f}",
    }


def _estimate(found: Estimate, sign: str = "") -> str:
    interval = "" if found.low is None else f"\n[{found.low:{sign}.3f}, {found.high:{sign}.3f}]"
    return f"{found.mean:{sign}.3f}{interval}"


def _gained(found: Adjusted) -> str:
    coefficient = "" if found.coefficient is None else f", β = {found.coefficient:.2f}"
    return coefficient if found.gain is None else f"{coefficient}: variance divided by {found.gain:.2f}"


def _rate(found: Rate) -> str:
    return f"{100 * found.share:.1f}\n{100 * found.low:.0f}–{100 * found.high:.0f}"


def _legend(table: Table) -> Iterator[str]:
    yield (
        "score: mean sum of squares, parity 0.143; opponent: of one of the six; lost: games that one of the six won "
        "alone; below a figure: 95 % interval (score: bootstrap within seats; rates: Wilson)"
    )
    for row in table.rows:
        if row.summary is not None and row.summary.adjusted is not None:
            yield f"adjusted: score of {row.one} by control variates{_gained(row.summary.adjusted)}"
    for row in table.rows:
        if row.versus is not None:
            removed = row.versus.variance_removed
            spared = "" if removed is None else f"; pairing removed {100 * removed:.0f} % of the variance"
            gained = "" if row.versus.adjusted is None else f"; adjusted{_gained(row.versus.adjusted)}"
            yield f"difference: {row.one} minus {table.versus} over {row.versus.games} paired games{spared}{gained}"
    yield from (f"note: {note}" for note in table.notes())


def _means(done: Sequence[tuple[Power, GameResult]]) -> str:
    if not done:
        return ""
    scores = sum(result.scores[seat] for seat, result in done) / len(done)
    wins = sum(result.winner is seat for seat, result in done)
    return f"score {scores:.3f}, {wins} won"


__all__ = ["print_check", "print_standings", "print_table", "showing", "watching"]
