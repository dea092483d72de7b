"""What a language model is asked for, and what it gives; `lm` has one.  Knows no torch, which is slow to import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from dialogue.prompt import PromptConfig

SHIPPED_WEIGHTS = Path(__file__).parent / "weights"
"""The folder of the model that comes with the project."""


class LanguageModelError(Exception):
    """Base of the errors of language models."""


class ModelFileError(LanguageModelError, ValueError):
    """A model that cannot be loaded: missing, damaged or incomplete files."""


class Precision(StrEnum):
    """How a model's weights are kept."""

    AUTO = "auto"
    """As in their files; on the processor in 32 bits."""
    FP32 = "fp32"
    BF16 = "bf16"
    """Half the memory."""
    INT8 = "8bit"
    """A quarter of it; needs the package bitsandbytes."""


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


@dataclass(frozen=True)
class Score:
    """How likely a model takes a text to be after a prompt."""

    log_likelihood: float
    """Of the whole text, its end included, in nats."""
    tokens: int
    """The end counts as one."""
    words: int
    """Between spaces."""

    @property
    def per_token(self) -> float:
        """Mean log-probability of a token."""
        return self.log_likelihood / self.tokens

    @property
    def per_word(self) -> float:
        """Log-probability shared out among the words; NaN of a text without any."""
        return self.log_likelihood / self.words if self.words else float("nan")


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
