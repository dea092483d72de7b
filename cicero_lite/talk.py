"""How much of its talk an agent is let say, and whether it is a placebo: settings of any agent that talks.

What they do to an agent is in `cicero_lite.arena.placebos`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Placebo(StrEnum):
    """What becomes of what an agent wants to say."""

    NONE = "none"
    """It is said."""
    SILENT = "silent"
    """It is never asked to speak; it hears and orders as ever."""
    SHUFFLED = "shuffled"
    """Each private message goes to another living power than meant, drawn by the seat's seed; public ones are said."""
    RANDOM = "random"
    """The text of each message is replaced by courtesies of about the same length, which say nothing of the board."""


@dataclass(frozen=True)
class TalkConfig:
    """Controls that keep comparisons of dialogue honest: equal numbers of messages, and talk without its content."""

    placebo: Placebo = Placebo.NONE
    """none, silent, shuffled (to another recipient than meant) or random (courtesies in place of the text)."""
    per_phase: int | None = None
    """Messages that it sends in a phase, at most; null: as many as it wants."""
    per_game: int | None = None
    """The same in a game."""

    def __post_init__(self) -> None:
        for name, most in (("per_phase", self.per_phase), ("per_game", self.per_game)):
            if most is not None and most < 0:
                raise ValueError(f"{name}: expected 0 or more messages, or null, got {most}")

    @property
    def is_free(self) -> bool:
        """Whether all is said as it is meant."""
        return self == TalkConfig()


__all__ = ["Placebo", "TalkConfig"]
