"""A language model without weights: it remembers what it was asked, and says what a test has it say."""

from __future__ import annotations

from collections.abc import Sequence

from dialogue.language_model import Sample, SamplingConfig, Usage
from dialogue.prompt import SHORT_PROMPT, PromptConfig


class SpeakingModel:
    """Counts words as tokens; says nothing, unless a subclass does."""

    usage: Usage | None = None

    def __init__(self, prompt: PromptConfig = SHORT_PROMPT) -> None:
        self.prompt = prompt
        self.prompts: list[str] = []
        self.allowed: list[frozenset[str]] = []
        self.calls = 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def sample(
        self,
        prompts: Sequence[str],
        per_prompt: int,
        config: SamplingConfig,
        allowed_slots: Sequence[frozenset[str]],
        seed: int,
    ) -> list[list[Sample]]:
        first = len(self.prompts)
        self.prompts += prompts
        self.allowed += allowed_slots
        self.calls += 1
        return [self.say(number, prompt, per_prompt) for number, prompt in enumerate(prompts, first)]

    def say(self, number: int, prompt: str, count: int) -> list[Sample]:
        """Some texts for the prompt of this number, counted over all calls."""
        return []
