"""Logistic models over sparse features, fitted to the whole of their examples at once (L-BFGS)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import embedding_bag

from dialogue.learned_reader import Weights, hashed

_STEPS, _HISTORY = 30, 8
"""Of L-BFGS."""
_NEWTON_STEPS = 20


@dataclass(frozen=True)
class Examples:
    """Bags of features, encoded for one fit."""

    keys: NDArray[np.uint32]
    """``[F]``, of the features that are seen often enough."""
    indices: Tensor
    """``[I]``, of all bags one after the other."""
    offsets: Tensor
    """``[N]``, where each bag begins."""

    @classmethod
    def of(cls, bags: Sequence[Iterable[str]], least: int) -> Examples:
        """Bags as they are learned from: features in fewer than `least` of them are left out."""
        held = [list(dict.fromkeys(map(hashed, bag))) for bag in bags]
        counts = Counter(key for bag in held for key in bag)
        keys = sorted(key for key, count in counts.items() if count >= least)
        rows = {key: row for row, key in enumerate(keys)}
        indices = [[rows[key] for key in bag if key in rows] for bag in held]
        offsets = np.cumsum([0, *(len(bag) for bag in indices[:-1])])
        flat = [row for bag in indices for row in bag]
        return cls(np.array(keys, dtype=np.uint32), torch.tensor(flat, dtype=torch.long), torch.from_numpy(offsets))

    def some(self, rows: NDArray[np.int64]) -> Examples:
        """Those of these numbers, in that order, with the same features."""
        ends = torch.cat([self.offsets[1:], torch.tensor([len(self.indices)])])
        bags = [self.indices[self.offsets[row] : ends[row]] for row in rows.tolist()]
        offsets = np.cumsum([0, *(len(bag) for bag in bags[:-1])])
        return Examples(self.keys, torch.cat(bags), torch.from_numpy(offsets))

    def scores(self, weights: Weights) -> NDArray[np.float32]:
        """``[N, C]``: what weights fitted to examples of these features make of each."""
        found: NDArray[np.float32] = self.sums(torch.from_numpy(weights.values)).numpy()
        return found

    def sums(self, weights: Tensor) -> Tensor:
        """``[N, C]``: of the weights ``[F, C]`` of each bag's features."""
        if weights.shape[1] > 1:
            return embedding_bag(self.indices, weights, self.offsets, mode="sum")
        # Of one column the gradient is found an order of magnitude faster this way.
        ends = torch.cat([self.offsets[1:], torch.tensor([len(self.indices)])])
        owner = torch.repeat_interleave(torch.arange(len(self.offsets)), ends - self.offsets)
        return torch.zeros(len(self.offsets)).index_add(0, owner, weights[:, 0].index_select(0, self.indices))[:, None]


def fit_classes(bags: Sequence[Iterable[str]], targets: NDArray[np.float32], penalty: float, least: int) -> Weights:
    """A softmax over classes.

    Args:
        bags: the features of each example.
        targets: ``[N, C]``, how right each class is; rows sum to 1.
        penalty: of the squared weights.
        least: in how many examples a feature has to be.
    """
    examples, wanted = Examples.of(bags, least), torch.from_numpy(targets)

    def loss(scores: Tensor) -> Tensor:
        return -(wanted * torch.log_softmax(scores, dim=1)).sum()

    return _fit(examples, targets.shape[1], loss, penalty)


def fit_yes(bags: Sequence[Iterable[str]], answers: NDArray[np.bool_], penalty: float, least: int) -> Weights:
    """The log odds of a "yes" to each example: ``answers [N]``."""
    return fit_answers(Examples.of(bags, least), answers, penalty)


def fit_answers(examples: Examples, answers: NDArray[np.bool_], penalty: float) -> Weights:
    """The same of bags that are encoded already."""
    wanted = torch.from_numpy(answers.astype(np.float32))

    def loss(scores: Tensor) -> Tensor:
        return torch.nn.functional.binary_cross_entropy_with_logits(scores[:, 0], wanted, reduction="sum")

    return _fit(examples, 1, loss, penalty)


@dataclass(frozen=True)
class Choice:
    """Candidates of which at most one is right."""

    candidates: Sequence[Sequence[str]]
    """The features of each."""
    right: int | None
    """Index of the right one; None: none of them."""
    weight: float = 1.0


def fit_choices(choices: Sequence[Choice], penalty: float, least: int) -> Weights:
    """A softmax over the candidates of each choice and over "none of them", whose score is 0."""
    examples = Examples.of([bag for choice in choices for bag in choice.candidates], least)
    counts = torch.tensor([len(choice.candidates) for choice in choices])
    owner = torch.repeat_interleave(torch.arange(len(choices)), counts)
    starts = (counts.cumsum(0) - counts).tolist()
    weight = torch.tensor([choice.weight for choice in choices])
    known = [n for n, choice in enumerate(choices) if choice.right is not None]
    right = torch.tensor([start + c.right for start, c in zip(starts, choices, strict=True) if c.right is not None])

    def loss(scores: Tensor) -> Tensor:
        every = torch.ones(len(choices)).index_add(0, owner, scores[:, 0].exp())
        return (weight * every.log()).sum() - (weight[known] * scores[right, 0]).sum()

    return _fit(examples, 1, loss, penalty)


def fit_dense(
    rows: NDArray[np.float64], answers: NDArray[np.bool_], counts: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Weights ``[D]`` of the log odds of a "yes", by Newton's method with a prior of standard deviation 1.

    Args:
        rows: ``[N, D]``, few dimensions.
        answers: ``[N]``.
        counts: ``[N]``, how much each row counts; None: once.
    """
    weights, counts = np.zeros(rows.shape[1]), np.ones(len(rows)) if counts is None else counts
    for _ in range(_NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (counts * (chance - answers)) + weights
        bend = (rows * (counts * chance * (1 - chance))[:, None]).T @ rows + np.eye(len(weights))
        weights -= np.linalg.solve(bend, slope)
    return weights


def _fit(examples: Examples, classes: int, loss: Callable[[Tensor], Tensor], penalty: float) -> Weights:
    weights = torch.zeros(len(examples.keys), classes, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [weights], lr=1, max_iter=_STEPS, history_size=_HISTORY, line_search_fn="strong_wolfe", tolerance_change=1e-6
    )

    def closure() -> Tensor:
        optimiser.zero_grad()
        total = loss(examples.sums(weights)) + penalty * (weights**2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    return Weights(examples.keys, weights.detach().numpy().copy())
