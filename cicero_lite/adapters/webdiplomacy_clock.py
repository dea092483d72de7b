"""What time it is on a server, from the dates of its answers; and turns to ask, so that nobody asks too often."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable

_WARN_S = 60.0


class ServerClock:
    """The server's clock as it follows from whole seconds in its answers, better with every answer.

    >>> clock = ServerClock()
    >>> clock.heard(asked=100.0, answered=100.5, said=7300)
    >>> clock.offset_s, clock.at(110.0)
    (7200.25, 7310.25)
    """

    def __init__(self) -> None:
        self._least: float | None = None
        self._most = 0.0

    def heard(self, asked: float, answered: float, said: int) -> None:
        """Takes note of a moment of the server.

        Args:
            asked: our clock when the question went out, seconds since 1970.
            answered: our clock when the answer came.
            said: the server's clock in between, a whole second that had begun.
        """
        least, most = said - answered, said + 1 - asked
        if self._least is not None:
            both = max(least, self._least), min(most, self._most)
            if both[0] <= both[1]:  # else one of the clocks was set
                least, most = both
        self._least, self._most = least, most

    @property
    def offset_s(self) -> float | None:
        """Seconds that the server's clock is ahead of ours; None: it was not heard yet."""
        return None if self._least is None else (self._least + self._most) / 2

    def at(self, ours: float) -> float:
        """The server's clock at a moment of ours; the same moment while the server was not heard."""
        return ours + (self.offset_s or 0.0)

    def warning(self) -> str | None:
        """One line if the two clocks differ by more than a minute."""
        offset = self.offset_s
        if offset is None or abs(offset) <= _WARN_S:
            return None
        minutes, side = round(abs(offset) / 60), "behind" if offset > 0 else "ahead of"
        return (
            f"the clock of this machine is {minutes // 60} h {minutes % 60} min {side} the server's; deadlines are "
            "reckoned by the server's clock all the same: expected the same time, set the clock (timedatectl "
            "set-ntp true)"
        )


class Turns:
    """Lets things happen at most once in so many seconds, each thing by itself; for several threads."""

    def __init__(self, gap_s: float, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        """Args:
        gap_s: seconds between two turns of one thing.
        clock: seconds that only grow.
        sleep: waits so many seconds.
        """
        self._gap_s, self._clock, self._sleep = gap_s, clock, sleep
        self._free: dict[Hashable, float] = {}
        self._lock = threading.Lock()

    def wait(self, thing: Hashable) -> None:
        """Returns when it is the thing's turn."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._free.get(thing, now))
            self._free[thing] = turn + self._gap_s
        if turn > now:
            self._sleep(turn - now)
