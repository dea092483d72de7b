"""What may leave the machine: asked before each write to a server."""

from __future__ import annotations

import threading
from collections.abc import Callable

from cicero_lite.adapters.base import Write
from cicero_lite.hosting.settings import Mode
from cicero_lite.hosting.store import Store


class Guard:
    """Permits what mode and kill switch allow; one for all games of a process."""

    def __init__(self, store: Store, mode: Mode, tell: Callable[[str], None] = lambda line: None) -> None:
        """Args:
        store: has the kill switch.
        mode: who decides what is sent.
        tell: told, once each, that everything is stopped, and that it goes on.
        """
        self.mode = mode
        self._store, self._tell = store, tell
        self._was_stopped = False
        self._lock = threading.Lock()

    @property
    def is_stopped(self) -> bool:
        """Whether the kill switch is on."""
        stop = self._store.stopped()
        with self._lock:
            changed, self._was_stopped = (stop is not None) is not self._was_stopped, stop is not None
        if changed:
            line = "the stop is taken back: play goes on"
            if stop is not None:
                line = f"stopped by {stop.by}: nothing is sent, ordered or voted until that is taken back"
            self._store.note(line)
            self._tell(line)
        return stop is not None

    def permits(self, write: Write) -> bool:
        """Whether this may be written to the server now."""
        if self.mode is Mode.SHADOW or self.is_stopped:
            return False
        return self.mode is not Mode.ADVISE or write is Write.MESSAGE
