"""How a seat on a server behaves, and how patient its client is: all that the configuration needs of the adapters.

Apart from them, so that to read a configuration loads no package that talks to servers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LONGEST_REST_S = 120.0
"""We wait no longer than this, whatever a server asks for: orders have deadlines."""


class DrawPolicy(StrEnum):
    """What makes us vote for a draw."""

    NEVER = "never"
    STALEMATE = "stalemate"
    """No centre changed hands for some years, and none is about to."""
    AGREE = "agree"
    """All other living powers voted for it."""
    AGENT = "agent"
    """The agent wants it, by its own rule; see `cicero_lite.draws`."""


@dataclass(frozen=True)
class SittingConfig:
    """How a seat behaves at any server's table."""

    turns: int = 8
    """Turns to speak in a movement phase, at most."""
    late_turns: int = 2
    """The same in retreats and adjustments."""
    talk_share: float = 0.7
    """Of a phase with a deadline, after which orders are due whatever is said."""
    quiet_share: float = 0.08
    """Of such a phase: after so long without a word, there is a turn to speak without being spoken to."""
    draw: DrawPolicy = DrawPolicy.NEVER
    draw_years: int = 3
    """Years without a change that are a stalemate."""

    def __post_init__(self) -> None:
        for name, turns in (("turns", self.turns), ("late_turns", self.late_turns)):
            if turns < 0:
                raise ValueError(f"{name}: expected 0 or more, got {turns}")
        for name, share in (("talk_share", self.talk_share), ("quiet_share", self.quiet_share)):
            if not 0 <= share <= 1:
                raise ValueError(f"{name}: expected a share, 0 to 1, got {share}")
        if self.draw_years < 1:
            raise ValueError(f"draw_years: expected 1 or more, got {self.draw_years}")


@dataclass(frozen=True)
class TableConfig(SittingConfig):
    """How the seat behaves at a table of webDiplomacy."""

    typing: bool = True
    """Whether messages take the time that writing them takes."""


@dataclass(frozen=True)
class SeatConfig(SittingConfig):
    """How the seat behaves at a table of a server of the ``diplomacy`` package."""

    quiet_s: float = 30.0
    """As `quiet_share`, where there is no deadline."""
    look_s: float = 5.0
    """Between two moments in which nothing happens."""
    stale_s: float = 30.0
    """After so long without news the server is asked."""
    patience_s: float | None = None
    """How long to try to come back after the line was cut; None: for ever."""


@dataclass(frozen=True)
class ClientConfig:
    """Where a webDiplomacy server is, and how patient we are."""

    url: str = "https://webdiplomacy.net"
    """The site."""
    key_variable: str | None = None
    """Environment variable with the key."""
    key_file: str | None = None
    """File with the key, if `key_variable` is not set."""
    timeout_s: float = 20.0
    """Of one request."""
    attempts: int = 5
    """How often a request is made at most while the server fails for the moment."""
    back_off_s: float = 0.5
    """The first wait before trying again is at most this long; each is up to twice the one before, by chance less."""
    longest_wait_s: float = 10.0
    gap_s: float = 1.0
    """Between two readings of the same game."""

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError(f"attempts: expected 1 or more, got {self.attempts}")
        if not self.timeout_s > 0:
            raise ValueError(f"timeout_s: expected more than 0, got {self.timeout_s}")
        waits = (("back_off_s", self.back_off_s), ("longest_wait_s", self.longest_wait_s), ("gap_s", self.gap_s))
        for name, value in waits:
            if not 0 <= value <= LONGEST_REST_S:
                raise ValueError(f"{name}: expected 0 to {LONGEST_REST_S:g}, got {value}")
