"""What talk tells, as a table."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from cicero_lite.bench.agreement import Mean
from cicero_lite.bench.words import Foretold, Words, WordsResult
from cicero_lite.output import commit_told


def show(found: WordsResult, console: Console) -> None:
    """Prints the table, and below it what was measured."""
    table = Table(box=SIMPLE_HEAD, padding=0)
    table.add_column("talks")
    for column in ("cases", "orders", "board alone", *found.all.words, "gain"):
        table.add_column(column, justify="right", no_wrap=True)
    rows = {"all": found.all}
    rows |= {f"own word {word}": its for word, its in found.by_word.items()}
    rows |= {pair.title(): its for pair, its in found.by_pair.items()}
    for name, its in rows.items():
        means = (f"{mean.mean:.3f}" for mean in (its.board, *(lowered.mean for lowered in its.words.values())))
        table.add_row(name, str(its.cases), str(its.orders), *means, _gain(its.words[Words.ACTS].gain))
    console.print(table)
    if Words.SCORES in found.all.words:
        console.print(_scores(found))
    commit = commit_told(found.commit, found.dirty)
    console.print(
        f"-log probability of an order, in nats, and 95 % intervals; {found.games} games, "
        f"anchor {found.policy}, {commit}; the gain of acts is that beside the board alone",
        highlight=False,
        soft_wrap=True,
    )


def _scores(found: WordsResult) -> Table:
    """What a language model's scores gain, alone and beside acts."""
    table = Table(box=SIMPLE_HEAD, padding=0)
    table.add_column("gain of")
    for column in ("scores alone", "both", "both beside acts"):
        table.add_column(column, justify="right", no_wrap=True)

    def add(name: str, its: Foretold) -> None:
        scores, both = its.words[Words.SCORES], its.words[Words.BOTH]
        table.add_row(name, _gain(scores.gain), _gain(both.gain), _gain(both.beside_acts))

    add("all", found.all)
    for word, its in found.by_word.items():
        add(f"own word {word}", its)
    return table


def _gain(mean: Mean) -> str:
    interval = "" if mean.low is None or mean.high is None else f" [{mean.low:+.3f}, {mean.high:+.3f}]"
    return f"{mean.mean:+.3f}{interval}"


__all__ = ["show"]
