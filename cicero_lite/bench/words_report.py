"""What talk tells, as a table."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from cicero_lite.bench.agreement import Mean
from cicero_lite.bench.words import Foretold, WordsResult


def show(found: WordsResult, console: Console) -> None:
    """Prints the table, and below it what was measured."""
    table = Table(box=SIMPLE_HEAD, padding=0)
    table.add_column("talks")
    for column in ("cases", "orders", "board alone", "with words", "gain"):
        table.add_column(column, justify="right", no_wrap=True)
    _add(table, "all", found.all)
    for word, its in found.by_word.items():
        _add(table, f"own word {word}", its)
    for pair, its in found.by_pair.items():
        _add(table, pair.title(), its)
    console.print(table)
    commit = "no commit" if found.commit is None else f"commit {found.commit[:10]}" + " with changes" * found.dirty
    console.print(
        f"-log probability of an order, in nats, and 95 % intervals; {found.games} games, "
        f"anchor {found.policy}, {commit}",
        highlight=False,
        soft_wrap=True,
    )


def _add(table: Table, name: str, its: Foretold) -> None:
    means = f"{its.board.mean:.3f}", f"{its.words.mean:.3f}", _gain(its.gain)
    table.add_row(name, str(its.cases), str(its.orders), *means)


def _gain(mean: Mean) -> str:
    interval = "" if mean.low is None or mean.high is None else f" [{mean.low:+.3f}, {mean.high:+.3f}]"
    return f"{mean.mean:+.3f}{interval}"


__all__ = ["show"]
