"""The progress bar of long commands."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class CountingBars:
    """Bars on stderr that count, with the time left; on terminals only, and gone when all is done.

    Args:
        columns: what stands between the count and the time.
        width: of each bar.
    """

    def __init__(self, *columns: ProgressColumn, width: int = 40) -> None:
        self.console = Console(stderr=True)
        self.bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=width),
            MofNCompleteColumn(),
            *columns,
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=self.console,
            disable=not self.console.is_terminal,
            transient=True,
        )
        self._counting: set[TaskID] = set()

    def reached(self, line: TaskID, done: int, total: int, **fields: Any) -> None:
        """Moves a bar on; what a log already held took no time now, and does not count in the speed."""
        if line not in self._counting:
            self.bars.reset(line, total=total, completed=done)
            self._counting.add(line)
        self.bars.update(line, completed=done, **fields)
