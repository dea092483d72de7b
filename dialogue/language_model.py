"""What a language model is asked for, and what it gives; `lm` has one.  Knows no torch, which is slow to import."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from dialogue.prompt import PromptConfig

SHIPPED_WEIGHTS = Path(__file__).parent / "weights"
"""The folder of the model that comes with the project."""


class LanguageModelError(Exception):
    """Base of the errors of language models."""


class ModelFileError(LanguageModelError, ValueError):
    """A model that cannot be loaded: missing, damaged or incomplete files."""


class EndpointError(LanguageModelError, RuntimeError):
    """A server that gives no texts: settings that cannot work, no connection, a refusal, an answer of another form."""


class RefusedError(EndpointError):
    """A request that a server does not take, now or later."""


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
class ServerConfig:
    """A server with OpenAI's interface, such as vLLM, llama.cpp, ``transformers serve`` or a provider's."""

    url: str | None = None
    """Up to the version, such as http://localhost:8000/v1; null: no server is asked."""
    model: str = ""
    """Name by which the server knows the model."""
    key_variable: str | None = None
    """Environment variable with the key; it is sent, and written nowhere."""
    key_file: str | None = None
    """File with the key, in place of a variable."""
    timeout_s: float = 20.0
    """How long the server may take to connect, then between two bytes, and over all of an answer."""
    attempts: int = 4
    """Tries of a request that is answered with 408, 429 or 5xx, or by nobody."""
    patience_s: float = 60.0
    """Time in which all of them must be begun."""
    prompt_price: float = 0.0
    """Of a million tokens of prompts, in any currency."""
    text_price: float = 0.0
    """Of a million tokens of texts."""

    def __post_init__(self) -> None:
        self._check_positive("timeout_s", "attempts", "patience_s")

    def _check_positive(self, *names: str) -> None:
        for name in names:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name}: expected more than 0, got {getattr(self, name)}")


@dataclass(frozen=True)
class EndpointConfig(ServerConfig):
    """A server in place of a model in this process."""

    chat: bool = False
    """Asks /chat/completions, with an explanation of the prompt, for models that were not trained on our prompts;
    else /completions with the prompt alone."""
    texts_in_one: bool = False
    """Asks for all texts of a prompt in one request (`n`), which saves prompt tokens where the server can."""
    logprobs: bool = False
    """Asks for log-probabilities, by which candidates are ranked, where the server can."""
    budget: int = 1024
    """Tokens of a prompt, guessed at three letters each."""
    rest_s: float = 60.0
    """After giving up, how long nothing is asked, so that a server that is down does not slow a game."""
    parallel: int = 4
    """Requests at a time."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_positive("budget", "parallel")


@dataclass(frozen=True)
class ChatConfig(ServerConfig):
    """A chat model on a server that answers in JSON."""

    timeout_s: float = 120.0
    patience_s: float = 300.0
    temperature: float = 0.7
    """Divides the logits; 0 takes the likeliest token."""
    max_tokens: int = 2048
    """Of an answer, what it thinks included."""
    json_schema: bool = True
    """Asks for answers in a JSON schema (response_format); a server that refuses that is asked without."""
    request: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of every request, or other values of them; null leaves a field out:
    {max_tokens: null, max_completion_tokens: 4096, reasoning_effort: low}."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_positive("max_tokens")
        if self.temperature < 0:
            raise ValueError(f"temperature: expected 0 or more, got {self.temperature}")


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


@dataclass(frozen=True)
class TokenScore:
    """A token of a text, and how unlikely a model takes it to be there."""

    token: int
    """Its number."""
    nats: float
    """Its negative log-probability."""


@dataclass(frozen=True)
class Usage:
    """What was asked of a server."""

    requests: int = 0
    """Answered ones."""
    retries: int = 0
    prompt_tokens: int = 0
    text_tokens: int = 0
    cost: float = 0.0
    """By the prices of the configuration."""

    def __add__(self, more: Usage) -> Usage:
        return Usage(
            self.requests + more.requests,
            self.retries + more.retries,
            self.prompt_tokens + more.prompt_tokens,
            self.text_tokens + more.text_tokens,
            self.cost + more.cost,
        )

    def since(self, before: Usage) -> Usage:
        """What was asked after another count of the same server."""
        return Usage(
            self.requests - before.requests,
            self.retries - before.retries,
            self.prompt_tokens - before.prompt_tokens,
            self.text_tokens - before.text_tokens,
            self.cost - before.cost,
        )


_SLOT = re.compile(r"<[A-Z]+\d?(?::\w+)?>")


def slots_in(text: str) -> list[str]:
    """The slots that a text says, numbered ones and named ones, as often as it does.

    >>> slots_in("Hi <W0>, the <MUN:kind> in <MUN> <say>")
    ['<W0>', '<MUN:kind>', '<MUN>']
    """
    return _SLOT.findall(text)


def one_line(text: str) -> str:
    """The first line of a text, without needless spaces."""
    return " ".join(text.strip().split("\n", 1)[0].split())


class LanguageModel(Protocol):
    """Anything that continues prompts; `dialogue.lm.LocalModel`, a scripted one in tests."""

    @property
    def prompt(self) -> PromptConfig:
        """The prompts that it understands."""
        ...

    @property
    def usage(self) -> Usage | None:
        """What it was asked so far; None: it costs nothing and nobody counts."""
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


@runtime_checkable
class Scorer(Protocol):
    """A language model that also tells how likely texts are; `dialogue.lm.LocalModel` is one, an endpoint is not."""

    @property
    def prompt(self) -> PromptConfig:
        """The prompts that it understands."""
        ...

    @property
    def vocabulary_size(self) -> int:
        """Tokens that there are; each has a number below it."""
        ...

    def token_scores(self, prompt: str, texts: Sequence[str]) -> list[list[TokenScore]]:
        """How unlikely each token of each text is after a prompt, the end of the message as the last of them."""
        ...
