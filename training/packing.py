"""Examples as packed batches of tokens: drawn from four pools in fixed shares, each with a form of its prompt.

What is drawn follows from the seed and the number of the draw alone: a resumed run sees what it would have seen.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from dialogue.annotation import BOOK, OWN, PEOPLE, Example
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
    own: float = 0.0
    """Share of what the model itself said, always with its plan."""
    rare_times: int = 1
    """How often an example of the grammar's or the model's own is drawn for once that others are, if one of its acts
    is of a kind that is rare among them."""


def tokenised(example: Example, prompt: PromptConfig, tokenizer: Any) -> Tokenised:
    """An example in the tokens that play would give the model."""
    given = tokenizer.encode(assemble(example.pieces, prompt, lambda texts: _counted(texts, tokenizer)))
    said = tokenizer.encode(example.message, add_special_tokens=False)
    return Tokenised((*given, *said, tokenizer.eos_token_id), len(given))


def _counted(texts: Sequence[str], tokenizer: Any) -> list[int]:
    return [len(tokens) for tokens in tokenizer(list(texts), add_special_tokens=False)["input_ids"]]


@dataclass(frozen=True)
class Drawn(IterableDataset[list[Tokenised]]):
    """What `draws` gives, in tokens, a part at a time; each worker of a loader makes its own parts."""

    examples: Sequence[Example]
    shares: Shares
    prompt: PromptConfig
    tokenizer: Any
    seed: int
    process: int = 0
    """This process's number; of every `processes` draws it takes one."""
    processes: int = 1

    def __iter__(self) -> Iterator[list[Tokenised]]:
        """The parts of a worker, or outside of any all of them."""
        worker = get_worker_info()
        own, workers = (0, 1) if worker is None else (worker.id, worker.num_workers)
        drawn = islice(draws(self.examples, self.shares, self.seed), self.process, None, self.processes)
        for number in count():
            part = list(islice(drawn, _PART))
            if number % workers == own:
                yield [tokenised(e, self.prompt.telling(form.sections), self.tokenizer) for e, form in part]

    def tokens(self, workers: int) -> Iterator[Tokenised]:
        """All, in the order of the draws, whatever the number of workers.

        Args:
            workers: processes that make tokens ahead of need; 0: this one makes them when they are asked for.
        """
        loader = DataLoader(
            self, batch_size=None, num_workers=workers, collate_fn=_as_it_is, worker_init_fn=_without_threads
        )
        for part in loader:
            yield from part


_PART = 64
"""Draws that a worker makes at a time."""


def _as_it_is(part: list[Tokenised]) -> list[Tokenised]:
    return part


def _without_threads(_: int) -> None:
    """One thread for each worker: tokenizers would take all cores in each of them."""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"


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
    # Without its plan, what the model said of a random one would teach it to write at random.
    plan_forms = {form: weight for form, weight in shares.forms.items() if Section.PLAN in form.sections}
    return (
        _Pool(1.0 - shares.people - shares.own, _repeated_if_rare(examples, BOOK, shares.rare_times), shares.forms),
        _Pool(shares.own, _repeated_if_rare(examples, OWN, shares.rare_times), plan_forms),
        _Pool(shares.people * (1.0 - shares.planless), [e for e in people if e.has_plan], shares.forms),
        _Pool(shares.people * shares.planless, [e for e in people if not e.has_plan], planless_forms),
    )


def _repeated_if_rare(examples: Sequence[Example], source: str, times: int) -> list[Example]:
    """The examples of a source, so often those with an act of a rare kind."""
    some = [example for example in examples if example.source == source]
    counts = Counter(kind for example in some for kind in set(example.kinds))
    rare = {kind for kind, number in counts.items() if number < _RARE * len(some)}
    return [example for example in some for _ in range(1 if rare.isdisjoint(example.kinds) else times)]


_RARE = 0.03
"""Share of the examples of a source below which a kind of act is rare in it."""


def share_left_out(drawn: Drawn, length: int) -> float:
    """Share of the first draws that are longer than a sequence.

    Raises:
        TrainingError: all of them are, so that there would be nothing to learn.
    """
    sizes = [len(example.tokens) for example in islice(drawn.tokens(0), _LOOKED_AT)]
    if min(sizes) > length:
        raise TrainingError(
            f"--length: expected room for an example in the tokens of this model, {min(sizes)} at least, got {length}; "
            "raise it, and --budget with it"
        )
    return sum(size > length for size in sizes) / len(sizes)


_LOOKED_AT = 128
"""Draws whose lengths are taken for those of all."""


def packed(examples: Iterable[Tokenised], length: int, rows: int, pad: int) -> Iterator[Batch]:
    """The examples in order, as many whole ones to a sequence as fit; longer ones are left out.

    Args:
        length: tokens of a sequence.
        rows: sequences of a batch.
        pad: the token of padding.
    """
    sequences: list[list[Tokenised]] = []
    room = 0
    for example in examples:
        size = len(example.tokens)
        if size > length:
            continue
        if size > room:
            if len(sequences) == rows:
                yield _as_batch(sequences, length, pad)
                sequences = []
            sequences.append([])
            room = length
        sequences[-1].append(example)
        room -= size
    if sequences:
        yield _as_batch(sequences, length, pad)


def _as_batch(sequences: Sequence[Sequence[Tokenised]], length: int, pad: int) -> Batch:
    """The sequences filled up to `length` with padding, which counts as an example of its own."""
    shape = len(sequences), length
    tokens, targets, positions = np.full(shape, pad), np.full(shape, NO_TARGET), np.zeros(shape, np.int64)
    places = np.arange(length)
    for row, examples in enumerate(sequences):
        begin = 0
        for example in examples:
            end = begin + len(example.tokens)
            tokens[row, begin:end] = example.tokens
            targets[row, begin + example.given - 1 : end - 1] = example.tokens[example.given :]
            positions[row, begin:end] = places[: end - begin]
            begin = end
        positions[row, begin:] = places[: length - begin]
    return Batch(torch.from_numpy(tokens), torch.from_numpy(targets), torch.from_numpy(positions))
