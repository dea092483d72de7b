"""Lies told from truths, as tables."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from cicero_lite.bench.lies import Interval, LiesResult
from cicero_lite.output import commit_told

_PUBLISHED = (
    "published, on the test part, which is not this one: random 39.8 / 14.9, majority 47.8, bag of words 54.3, "
    "context LSTM + power 57.2 / 27.0, people 58.1 / 22.5 (macro F1 / lie F1, Peskov et al. 2020)"
)


def show(found: LiesResult, console: Console) -> None:
    """Prints the tables, and below them what was measured."""
    table = Table(box=SIMPLE_HEAD, padding=0)
    table.add_column("judge")
    for column in ("lies of", "called", "macro F1", "lie F1", "prec.", "recall", "Brier"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, its in found.judges.items():
        rates = (f"{100 * its.precision:.1f}", f"{100 * its.recall:.1f}")
        brier = "" if its.brier is None else f"{its.brier:.4f}"
        counts = (f"{its.lies}/{its.messages}", f"{its.called:.0f}")
        table.add_row(name, *counts, _percent(its.macro_f1), _percent(its.lie_f1), *rates, brier)
    console.print(table)
    tenths = Table(
        box=SIMPLE_HEAD, padding=0, title="reliability of all, by tenths of the messages", title_justify="left"
    )
    tenths.add_column("%")
    for number in range(1, len(found.reliability) + 1):
        tenths.add_column(str(number), justify="right", no_wrap=True)
    tenths.add_row("foretold", *(f"{100 * part.chance:.1f}" for part in found.reliability))
    tenths.add_row("lies", *(f"{100 * part.lies:.1f}" for part in found.reliability))
    console.print(tenths)
    commit = commit_told(found.commit, found.dirty)
    for line in (
        f"{found.data}: {found.games} games, {found.talks} talks, {found.boards} messages with their board, "
        f"{found.stakes} with something at stake; 95 % intervals over talks; {commit}",
        _PUBLISHED,
    ):
        console.print(line, highlight=False, soft_wrap=True)


def _percent(figure: Interval) -> str:
    return f"{100 * figure.value:.1f} [{100 * figure.low:.0f}, {100 * figure.high:.0f}]"
