"""Whose turn it is to think: a few games at a time, the nearest deadline first."""

from __future__ import annotations

import heapq
import itertools
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext


class Gate:
    """Lets so many games think at the same time; for several threads.

    >>> with Gate(1).thinking(deadline_s=100.0):
    ...     pass  # nobody else does
    """

    def __init__(
        self, places: int, timed: Callable[[str], AbstractContextManager[None]] = lambda doing: nullcontext()
    ) -> None:
        """Args:
        places: how many think at the same time.
        timed: what each does is done within; told what it is.
        """
        self._timed = timed
        self._free = places
        self._order = itertools.count()
        self._waiting: list[tuple[float, int]] = []
        self._changed = threading.Condition()

    @contextmanager
    def thinking(self, deadline_s: float | None, doing: str = "thinking") -> Iterator[None]:
        """Waits for a place, and keeps it for the time within.

        Args:
            deadline_s: when the phase ends, on any clock that all share; None: never, so everybody else goes first.
            doing: what is thought of.
        """
        turn = (math.inf if deadline_s is None else deadline_s, next(self._order))
        with self._changed:
            heapq.heappush(self._waiting, turn)
            self._changed.wait_for(lambda: self._free > 0 and self._waiting[0] == turn)
            heapq.heappop(self._waiting)
            self._free -= 1
            self._changed.notify_all()  # there may be a place for the next, too
        try:
            with self._timed(doing):
                yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()
