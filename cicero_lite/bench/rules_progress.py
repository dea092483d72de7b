"""The progress bar of ``cicero-lite bench rules``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from cicero_lite.bench.chunks import Chunk


@contextmanager
def showing(phases: int) -> Iterator[Callable[[int, int, Chunk], None]]:
    """A bar on stderr with the time left, on terminals only; open differences are told as soon as they are met.

    Args:
        phases: movement phases wanted.
    """
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("movement phases"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
    started = [False]
    with bar:
        line = bar.add_task("", total=phases)

        def progress(done: int, wanted: int, chunk: Chunk) -> None:
            if not started[0]:
                # What the log already held took no time now: it must not count in the speed.
                bar.reset(line, total=wanted, completed=done)
                started[0] = True
            bar.update(line, completed=done)
            for case in chunk.cases:
                if case.finding.is_open:
                    where = f"{chunk.play} chunk {chunk.index}, game {case.game}, {case.situation.phase}"
                    console.print(f"open: {case.finding.cause} in {where}", soft_wrap=True, highlight=False)

        yield progress


__all__ = ["showing"]
