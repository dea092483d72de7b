"""What a language model is asked for, and what it gives; `lm` has one.  Knows no torch, which is slow to import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dialogue.prompt import PromptConfig

SHIPPED_WEIGHTS = Path(__file__).parent / "weights"
"""The folder of the model that comes with the project."""


class LanguageModelError(Exception):
    """Base of the errors of language models."""


class ModelFileError(LanguageModelError, ValueError):
    """A model that cannot be loaded: missing, damaged or incomplete files."""


@dataclass(frozen=True)
class SamplingConfig:
    """How words are drawn from the model."""

    temperature: float = 0.8
    """Divides the logits; 0 takes the likeliest token."""
    top_p: float = 0.95
    """Draws from the smallest set of tokens that holds this much probability."""
    top_k: int = 100
    """Draws from so many of the likeliest tokens at most."""
    max_tokens: int = 48
    """Longer messages are cut off and dropped."""


@dataclass(frozen=True)
class Sample:
    """One text the model gave."""

    text: str
    log_likelihood: float | None
    """Mean log-probability of its tokens, in nats, at temperature 1; None: the model does not tell."""
    finished: bool
    """False: cut off at the limit of tokens."""


class LanguageModel(Protocol):
    """Anything that continues prompts; `dialogue.lm.LocalModel`, a scripted one in tests."""

    @property
    def prompt(self) -> PromptConfig:
        """The prompts that it understands."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, or about so many; prompts are cut to their budget by it."""
        ...

    def sample(
        self,
        prompts: Sequence[str],
        per_prompt: int,
        config: SamplingConfig,
        allowed_slots: Sequence[frozenset[str]],
        seed: int,
    ) -> list[list[Sample]]:
        """`per_prompt` texts for each prompt, in order, up to the end of the message or of the line.

        Args:
            allowed_slots: for each prompt the slots that may be said; every other slot is masked out.
            seed: the same arguments and seed give the same texts.
        """
        ...
