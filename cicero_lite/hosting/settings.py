"""How a bot behaves on a server, whichever it is: who decides what is sent, and when it keeps silent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from pathlib import Path

STORE = Path("cicero-lite.sqlite")
"""Where the store is if nobody says."""
_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)\Z")


class Mode(StrEnum):
    """Who decides what leaves the machine."""

    AUTO = "auto"
    """The bot: it sends, orders and votes."""
    APPROVE = "approve"
    """Orders are the bot's; every message waits for somebody to approve it."""
    ADVISE = "advise"
    """Orders and messages are shown; only what somebody approves is sent, and no orders are handed in."""
    SHADOW = "shadow"
    """Nothing is sent, ordered or voted: it watches, thinks, and logs what it would have done."""


@dataclass(frozen=True)
class HostConfig:
    """What holds for all games of a bot."""

    mode: Mode = Mode.AUTO
    games: tuple[str, ...] = ()
    """Games that it may play, by the server's number or name; empty: all that the key has."""
    quiet: str | None = None
    """Hours of the local clock in which no message is sent, such as 22:30-07:00; orders are handed in all the same."""
    introduction: str | None = None
    """Said to each power once, before anything else: that this is a bot, who runs it, where to complain."""
    lead_s: float = 45.0
    """Orders are final so long before the deadline at the latest."""
    thinking: int = 2
    """Games that think at the same time; the nearest deadline goes first."""

    def __post_init__(self) -> None:
        if self.quiet is not None:
            quiet_hours(self.quiet)
        if self.lead_s < 0 or self.thinking < 1:
            raise ValueError(f"lead_s, thinking: expected 0 or more, 1 or more; got {self.lead_s}, {self.thinking}")


def quiet_hours(text: str) -> tuple[time, time]:
    """Beginning and end of the hours without messages; the end may be on the next day.

    >>> quiet_hours("22:30-07:00")
    (datetime.time(22, 30), datetime.time(7, 0))

    Raises:
        ValueError: not of this form.
    """
    found = _HOURS.match(text)
    try:
        if found is None:
            raise ValueError
        first, second, third, fourth = map(int, found.groups())
        return time(first, second), time(third, fourth)
    except ValueError:
        raise ValueError(f"quiet: expected hours such as 22:30-07:00, got {text!r}") from None


def is_quiet(hours: tuple[time, time], now: time) -> bool:
    """Whether it is within these hours; the end is no more of them.

    >>> is_quiet(quiet_hours("22:30-07:00"), time(23)), is_quiet(quiet_hours("22:30-07:00"), time(7))
    (True, False)
    """
    begin, end = hours
    return begin <= now < end if begin <= end else now >= begin or now < end
