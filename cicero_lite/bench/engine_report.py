"""The speed of the rules as a table, with what we are to reach beside it."""

from __future__ import annotations

from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from cicero_lite.bench.engine import EngineSpeed, Speed
from cicero_lite.bench.engine_batch import PartSpeed


@dataclass(frozen=True)
class Target:
    """What an operation is to reach."""

    ratio: float | None = None
    """Times as fast as the package."""
    per_second: float | None = None
    text: str = ""
    """The target in words."""

    def is_met(self, speed: Speed) -> bool:
        """Whether the operation reaches it."""
        if self.ratio is not None:
            return speed.ratio is not None and speed.ratio >= self.ratio
        return self.per_second is not None and speed.per_second >= self.per_second


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    op: str
    label: str
    target: Target | None = None


THREADS_GAIN = 1.7
"""What two cores are to gain a batch."""
ROWS = (
    Row("set_and_process", "set orders and process", Target(ratio=65, text="65x")),
    Row("step_texts", "- in one call, as texts"),
    Row("adjudicate", "process alone", Target(ratio=80, text="80x")),
    Row("adjudicate_words", "- and all results read"),
    Row("movement_compiled", "movement phase compiled", Target(per_second=1 / 8e-6, text="< 8 us")),
    Row("legal_orders", "all possible orders", Target(ratio=50, text="50x")),
    Row("legal_orders_dict", "- as lists by province"),
    Row("random_games_python", "random game, in Python", Target(ratio=50, text="50x")),
    Row("random_games", "random game, compiled", Target(per_second=2000, text="2,000/s")),
    Row("copy", "copy of a position", Target(per_second=1 / 0.2e-6, text="< 0.2 us")),
    Row("encode", "arrays of numbers"),
    Row("hash", "hash of a position"),
)


def show(found: EngineSpeed, console: Console) -> None:
    """Prints the tables, and below them what was measured where."""
    console.print(_operations(found))
    console.print(_threads(found))
    for line in _lines(found):
        console.print(line, highlight=False, soft_wrap=True)


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=0)


def _operations(found: EngineSpeed) -> Table:
    table = _table("CPU time on one thread, medians")
    table.add_column("operation")
    for name in ("ours", "package", "ratio", *found.corpora, "target"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("met")
    for row in ROWS:
        speed = found.ops.get(row.op)
        if speed is None:
            continue
        theirs = "" if speed.reference_per_second is None else _time(speed.reference_per_second)
        ratios = [_ratio(corpus.ops.get(row.op)) for corpus in found.corpora.values()]
        target = ("", "") if row.target is None else (row.target.text, _met(row.target.is_met(speed)))
        table.add_row(row.label, _time(speed.per_second), theirs, _ratio(speed), *ratios, *target)
    return table


def _threads(found: EngineSpeed) -> Table:
    batch = found.batch
    table = _table(f"Batch of {batch.positions} positions, wall time, best of several")
    table.add_column("operation")
    for name in ("1 thread", f"{batch.threads} threads", "speedup", "target"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("met")
    rows: tuple[tuple[str, PartSpeed], ...] = (
        ("draw orders and step", batch.step),
        ("all possible orders", batch.legal_arrays),
        ("arrays of numbers", batch.encode),
        ("whole random games", batch.random_games),
    )
    for label, part in rows:
        counts = [f"{rate:,.0f}/s" for rate in (part.per_second_one, part.per_second)]
        judged = part is batch.step and batch.threads > 1
        target = (f"{THREADS_GAIN}x", _met(part.speedup >= THREADS_GAIN)) if judged else ("", "")
        table.add_row(label, *counts, f"{part.speedup:.2f}x", *target)
    return table


def _lines(found: EngineSpeed) -> list[str]:
    settings, machine, memory = found.settings, found.settings.machine, found.memory
    versions = ", ".join(f"{name} {version}" for name, version in settings.versions.items())
    commit = "none" if settings.commit is None else settings.commit[:10] + (" with changes" if settings.dirty else "")
    lines = [
        f"a position: {memory.position_bytes} bytes, {memory.python_bytes:.0f} with its Python object",
        *(
            f"{name}: {corpus.games} games to {settings.last_year}, {corpus.positions} positions "
            f"({', '.join(f'{count} {kind}' for kind, count in corpus.phases.items())})"
            for name, corpus in found.corpora.items()
        ),
        f"{machine.cpu}, {machine.cores} cores, load average {_load(machine.load_average)} at the start, "
        f"{_load(found.batch.load_average)} after the batch",
        f"seed {settings.seed}; {versions}; commit {commit}",
    ]
    load = found.batch.load_average
    if load is not None and load + settings.threads - 1 > machine.cores:
        lines.append("Other programs were busy meanwhile: the gain of threads says nothing here.")
    if settings.quick:
        lines.append("--quick: too few positions to say how fast anything is.")
    return lines


def _time(per_second: float) -> str:
    """The time that one takes, in the unit that suits it."""
    us = 1e6 / per_second
    if us >= 10_000:
        return f"{us / 1000:,.0f} ms"
    if us >= 100:
        return f"{us:,.0f} us"
    return f"{us:.1f} us" if us >= 1 else f"{us:.3f} us"


def _ratio(speed: Speed | None) -> str:
    return "" if speed is None or speed.ratio is None else f"{speed.ratio:,.0f}x"


def _met(is_met: bool) -> str:
    return "yes" if is_met else "[bold red]no[/]"


def _load(average: float | None) -> str:
    return "unknown" if average is None else f"{average:.1f}"
