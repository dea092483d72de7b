"""How a language model sits at a table: all that the configuration needs of it.

Apart from the seat, so that to read a configuration loads no package that talks to servers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dialogue.language_model import ChatConfig


class OnFailure(StrEnum):
    """What becomes of a phase in which the server fails for good."""

    HOLD = "hold"
    """The seat says nothing more, its units hold, and the log says why; in the next phase it is asked again."""
    STOP = "stop"
    """The game stops with the error, for experiments in which such a game is worth nothing."""


@dataclass(frozen=True)
class LlmConfig(ChatConfig):
    """A chat model in a seat, told the rules, the board, its legal orders and its talks, and nothing else."""

    instruction: str = ""
    """What whoever seats it wants of it, in words, such as an aim; stands after the rules; empty: nothing."""
    rounds: int = 3
    """How often it is asked to write messages in a phase, at most; 0: it never speaks."""
    messages: int = 6
    """That it may write each time."""
    message_letters: int = 600
    """Of each; longer ones are cut off."""
    history_phases: int = 6
    """Past phases whose orders it is shown."""
    messages_shown: int = 12
    """The last so many of its talk with each power, and of public press."""
    quoted_letters: int = 400
    """That it is shown of each message."""
    choices_in_schema: bool = False
    """Whether the schema lists legal orders and recipients, so that a server that enforces it lets no others pass."""
    second_try: bool = False
    """Whether an answer with a fault is asked for again, once, with what was wrong with it."""
    on_failure: OnFailure = OnFailure.HOLD
    """What becomes of a phase in which the server fails for good: hold (silence, no orders) or stop (of the game)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_positive("messages", "message_letters", "quoted_letters")
        for name in ("rounds", "history_phases", "messages_shown"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}: expected 0 or more, got {getattr(self, name)}")
