"""Examples as packed batches of tokens: drawn from three pools in fixed shares, each with a form of its prompt.

What is drawn follows from the seed and the number of the draw alone: a resumed run sees what it would have seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import torch

from dialogue.annotation import BOOK, PEOPLE, Example
from dialogue.prompt import Form, PromptConfig, Section, assemble
from training.runs import TrainingError

NO_TARGET = -100
"""Target of a token that is not learnt: the prompt's, padding's."""


@dataclass(frozen=True)
class Tokenised:
    """An example in tokens: the prompt, the message, the end."""

    tokens: tuple[int, ...]
    given: int
    """How many of them, from the first, are given: the prompt."""


@dataclass(frozen=True)
class Batch:
    """Packed sequences, each `[B, length]`."""

    tokens: torch.Tensor
    targets: torch.Tensor
    """The token that follows, where it belongs to a message; else `NO_TARGET`."""
    positions: torch.Tensor
    """Place within the example; it restarts with each, which also tells attention where examples begin."""

    def to(self, device: torch.device) -> Batch:
        """The same on a device."""
        return Batch(self.tokens.to(device), self.targets.to(device), self.positions.to(device))

    @property
    def learnt(self) -> int:
        """Tokens that are learnt."""
        return int((self.targets != NO_TARGET).sum())


@dataclass(frozen=True)
class Shares:
    """What the examples are drawn from."""

    people: float
    """Share of people's messages."""
    planless: float
    """Share of those, in turn, that come without a plan."""
    forms: Mapping[Form, float]
    """Weight of each form; a message without a plan is drawn from the forms without one."""


def tokenised(example: Example, prompt: PromptConfig, tokenizer: Any) -> Tokenised:
    """An example in the tokens that play would give the model."""
    given = tokenizer.encode(assemble(example.pieces, prompt, lambda texts: _counted(texts, tokenizer)))
    said = tokenizer.encode(example.message, add_special_tokens=False)
    return Tokenised((*given, *said, tokenizer.eos_token_id), len(given))


def _counted(texts: Sequence[str], tokenizer: Any) -> list[int]:
    return [len(tokens) for tokens in tokenizer(list(texts), add_special_tokens=False)["input_ids"]]


def draws(examples: Sequence[Example], shares: Shares, seed: int) -> Iterator[tuple[Example, Form]]:
    """Examples without end: each pool in its share, over and over, each time in an order of its own.

    A pool that is empty, or that no form can show, leaves its share to the others.

    Raises:
        TrainingError: nothing is left to draw from.
    """
    pools = [
        pool for pool in _pools(examples, shares) if pool.weight > 0 and pool.examples and sum(pool.forms.values())
    ]
    if not pools:
        raise TrainingError("expected examples to draw from, got none for these shares; raise one of the --*-share")
    streams = [pool.repeated((seed, number)) for number, pool in enumerate(pools)]
    rng = np.random.default_rng((seed, len(pools)))
    total = sum(pool.weight for pool in pools)
    drawn = [0] * len(pools)
    for number in count(1):
        # Whoever is furthest behind its share.
        place = max(range(len(pools)), key=lambda n: pools[n].weight / total * number - drawn[n])
        drawn[place] += 1
        forms = pools[place].forms
        chances = np.array(list(forms.values()))
        yield next(streams[place]), list(forms)[int(rng.choice(len(chances), p=chances / chances.sum()))]


@dataclass(frozen=True)
class _Pool:
    weight: float
    examples: Sequence[Example]
    forms: Mapping[Form, float]

    def repeated(self, seed: tuple[int, int]) -> Iterator[Example]:
        for epoch in count():
            for place in np.random.default_rng((*seed, epoch)).permutation(len(self.examples)):
                yield self.examples[place]


def _pools(examples: Sequence[Example], shares: Shares) -> tuple[_Pool, ...]:
    people = [example for example in examples if example.source == PEOPLE]
    planless_forms = {form: weight for form, weight in shares.forms.items() if Section.PLAN not in form.sections}
    return (
        _Pool(1.0 - shares.people, [e for e in examples if e.source == BOOK], shares.forms),
        _Pool(shares.people * (1.0 - shares.planless), [e for e in people if e.has_plan], shares.forms),
        _Pool(shares.people * shares.planless, [e for e in people if not e.has_plan], planless_forms),
    )


def packed(examples: Iterable[Tokenised], length: int, rows: int, pad: int) -> Iterator[Batch]:
    """The examples in order, as many whole ones to a sequence as fit; longer ones are left out.

    Args:
        length: tokens of a sequence.
        rows: sequences of a batch.
        pad: the token of padding.
    """
    tokens: list[list[int]] = []
    targets: list[list[int]] = []
    positions: list[list[int]] = []
    room = 0
    for example in examples:
        size = len(example.tokens)
        if size > length:
            continue
        if size > room:
            if len(tokens) == rows:
                yield _as_batch(tokens, targets, positions, length, pad)
                tokens, targets, positions = [], [], []
            tokens.append([])
            targets.append([])
            positions.append([])
            room = length
        tokens[-1] += example.tokens
        targets[-1] += [NO_TARGET] * (example.given - 1) + [*example.tokens[example.given :], NO_TARGET]
        positions[-1] += range(size)
        room -= size
    if tokens:
        yield _as_batch(tokens, targets, positions, length, pad)


def _as_batch(
    tokens: list[list[int]], targets: list[list[int]], positions: list[list[int]], length: int, pad: int
) -> Batch:
    """The rows filled up to `length` with padding, which counts as an example of its own."""
    return Batch(
        torch.tensor([row + [pad] * (length - len(row)) for row in tokens]),
        torch.tensor([row + [NO_TARGET] * (length - len(row)) for row in targets]),
        torch.tensor([row + list(range(length - len(row))) for row in positions]),
    )
