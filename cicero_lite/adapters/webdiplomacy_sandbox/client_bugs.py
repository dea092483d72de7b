"""Mistakes of clients that the site itself would let pass: what a contract test must find none of."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Mistake(StrEnum):
    """What a client must not do."""

    FOREIGN_COUNTRY = "asked for another country's view or messages"
    COUNTRY_NOT_A_NUMBER = "sent a message to a country that is no number: it goes to everybody"
    FLEET_WITHOUT_COAST = "built a fleet on a province with several coasts without naming one"
    ORDERS_AFTER_DEFEAT = "gave orders after its defeat"
    BLIND_RESEND = "sent a message again after a failed reply without asking whether it had arrived"
    POLLED_TOO_FAST = "asked for the same game more than about once a second"


@dataclass(frozen=True)
class ClientBug:
    """One mistake of one client."""

    mistake: Mistake
    user_id: int
    game_id: int
    detail: str


@dataclass(frozen=True)
class _Send:
    """A message whose sender was given no usable reply."""

    user_id: int
    game_id: int
    recipient: int
    text: str
    time: int


class ClientBugs:
    """Watches the requests, and keeps a list of what was wrong with them.

    >>> bugs = ClientBugs()
    >>> bugs.note(Mistake.ORDERS_AFTER_DEFEAT, 5, 1, "F1903M")
    >>> bugs.found[0].mistake.name
    'ORDERS_AFTER_DEFEAT'
    """

    READS = 15
    """So many reads of a game by one route may come within as many intervals, bursts included."""

    def __init__(self, poll_interval_s: float = 1.0, source: Callable[[], float] = time.monotonic) -> None:
        """Begins to watch.

        Args:
            poll_interval_s: a client may read a game once in this time; 0: as often as it likes.
            source: counts real seconds.
        """
        self.found: list[ClientBug] = []
        self._interval_s = poll_interval_s
        self._source = source
        self._reads: dict[tuple[int, int, str], deque[float]] = {}
        self._unsure: list[_Send] = []

    def note(self, mistake: Mistake, user_id: int, game_id: int, detail: str) -> None:
        """Takes down a mistake."""
        self.found.append(ClientBug(mistake, user_id, game_id, detail))

    def game_read(self, user_id: int, game_id: int, route: str) -> None:
        """A client was told the state or the messages of a game."""
        now = self._source()
        reads = self._reads.setdefault((user_id, game_id, route), deque(maxlen=self.READS))
        if len(reads) == self.READS and now - reads[0] < self.READS * self._interval_s:
            self.note(Mistake.POLLED_TOO_FAST, user_id, game_id, f"{route}: {self.READS} in {now - reads[0]:.1f} s")
            reads.clear()
        reads.append(now)

    def send_failed(self, user_id: int, game_id: int, recipient: int, text: str, now: int) -> None:
        """A client was given no usable reply to a message it sent, whether or not it was stored."""
        self._unsure.append(_Send(user_id, game_id, recipient, text, now))

    def messages_read(self, user_id: int, game_id: int, since: int) -> None:
        """A client was told its messages from this time on: it knows which of those it sent have arrived."""
        self._unsure = [
            send for send in self._unsure if (send.user_id, send.game_id) != (user_id, game_id) or send.time < since
        ]

    def message_sent(self, user_id: int, game_id: int, recipient: int, text: str) -> None:
        """A client sends a message."""
        for send in self._unsure:
            if (send.user_id, send.game_id, send.recipient, send.text) == (user_id, game_id, recipient, text):
                self.note(Mistake.BLIND_RESEND, user_id, game_id, f"to {recipient}: {text[:60]!r}")
                return
