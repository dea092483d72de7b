"""The progress bar of ``cicero-lite bench rules``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cicero_lite.bench.chunks import Chunk
from cicero_lite.progress import CountingBars


@contextmanager
def showing(phases: int) -> Iterator[Callable[[int, int, Chunk], None]]:
    """A bar on stderr with the time left, on terminals only; open differences are told as soon as they are met.

    Args:
        phases: movement phases wanted.
    """
    counting = CountingBars()
    with counting.bars:
        line = counting.bars.add_task("movement phases", total=phases)

        def progress(done: int, wanted: int, chunk: Chunk) -> None:
            counting.reached(line, done, wanted)
            for case in chunk.cases:
                if case.finding.is_open:
                    where = f"{chunk.play} chunk {chunk.index}, game {case.game}, {case.situation.phase}"
                    counting.console.print(f"open: {case.finding.cause} in {where}", soft_wrap=True, highlight=False)

        yield progress


__all__ = ["showing"]
