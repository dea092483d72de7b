"""The clock of the site: real time, faster or slower, or one that only moves when it is told to."""

from __future__ import annotations

import time
from collections.abc import Callable


class SiteClock:
    """Seconds since 1970 as the site counts them.

    >>> clock = SiteClock(start=1_000_000_000, speed=0)
    >>> clock.advance(90)
    >>> clock.now()
    1000000090
    """

    def __init__(
        self, start: float | None = None, speed: float = 1.0, source: Callable[[], float] = time.monotonic
    ) -> None:
        """Starts the clock.

        Args:
            start: what it shows now, in seconds; None: the time of this machine.
            speed: seconds that pass on the site for each second of `source`; 0: it stands still.
            source: counts seconds.
        """
        self._source = source
        self._shown = time.time() if start is None else start
        self._since = source()
        self._speed = speed

    @property
    def speed(self) -> float:
        """Seconds of the site for each second of its source."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._shown, self._since = self._exact(), self._source()
        self._speed = speed

    def now(self) -> int:
        """Whole seconds, as everything on the site counts them."""
        return int(self._exact())

    def advance(self, seconds: float) -> None:
        """Puts the clock forward, or back."""
        self._shown += seconds

    def _exact(self) -> float:
        return self._shown + (self._source() - self._since) * self._speed
