"""Tables of what each two players do to one another, and the best response to correlated opponents.

Cicero (Bakhtin et al. 2022, "Human-level play in the game of Diplomacy by combining language models with strategic
reasoning", supplement on correlated bilateral search) tabulates the expected scores of every pair of actions,
predicts each opponent from such tables, draws joint actions of all opponents, weighs them by how well they go
together, and answers them all with one action.  Plain arrays; nothing here knows the game.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

import numpy as np

from planner.equilibrium import FloatArray, IntArray, sample_profiles
from planner.polymatrix import PolymatrixGame

_EVALUATIONS_PER_CALL = 1 << 16
"""Profiles handed to the scores at once, so that memory stays bounded."""


class Scores(Protocol):
    """Expected scores of joint profiles."""

    def __call__(self, profiles: IntArray) -> FloatArray:
        """Scores of all n players, ``[N, n]``, at each of these profiles (``[N, n]``, action numbers)."""
        ...


@dataclass(frozen=True, eq=False)
class PairwiseTables:
    """Expected scores of each pair of actions, the other players as in a background."""

    tables: Mapping[tuple[int, int], FloatArray]
    """T_ij, ``[A_i, A_j, n]``, by the pair (i, j), i < j."""
    policies: tuple[FloatArray, ...]
    """What the background was drawn from, ``[A_i]`` each."""
    kept: tuple[IntArray, ...]
    """Actions of each player whose pairs were evaluated, ascending.  In entries with another action the two
    effects are added, as if the two players did nothing to one another."""
    evaluations: int
    """Profiles scored."""
    background: IntArray
    """``[S, n]``: what the players not in a pair played; -1: an action that was left out since."""

    def table(self, i: int, j: int) -> FloatArray:
        """T_ij, ``[A_i, A_j, n]``, for either order of the pair."""
        return self.tables[i, j] if (i, j) in self.tables else self.tables[j, i].swapaxes(0, 1)

    def selected(self, player: int, actions: IntArray) -> PairwiseTables:
        """The tables with only these actions of one player, in this order."""
        tables = {
            (i, j): t[actions] if i == player else t[:, actions] if j == player else t
            for (i, j), t in self.tables.items()
        }
        policy = self.policies[player][actions]
        policy = policy / policy.sum() if policy.sum() > 0 else np.full(len(actions), 1 / len(actions))
        place = np.flatnonzero(np.isin(actions, self.kept[player])).astype(np.int32)
        policies = tuple(policy if p == player else old for p, old in enumerate(self.policies))
        kept = tuple(place if p == player else old for p, old in enumerate(self.kept))
        background = self.background.copy()
        places = np.full(len(self.policies[player]), -1, np.int32)
        places[actions] = np.arange(len(actions))
        # places[-1] is an action's, not that of one left out before.
        background[:, player] = np.where(background[:, player] < 0, -1, places[background[:, player]])
        return PairwiseTables(tables, policies, kept, self.evaluations, background)

    def extended(self, scores: Scores, sizes: Sequence[int], background: IntArray) -> PairwiseTables:
        """The tables with further actions at the end of each player's, at the price of the new entries alone.

        Args:
            scores: of joint profiles over the enlarged sets.
            sizes: actions of each player now.
            background: the profiles that the old entries met.
        """
        known = [len(policy) for policy in self.policies]
        every = [np.arange(size, dtype=np.int32) for size in sizes]
        tables: dict[tuple[int, int], FloatArray] = {}
        evaluations = self.evaluations
        for (i, j), old in self.tables.items():
            table = np.empty((sizes[i], sizes[j], old.shape[2]))
            table[: known[i], : known[j]] = old
            for rows, columns in ((every[i][known[i] :], every[j]), (every[i][: known[i]], every[j][known[j] :])):
                if len(rows) and len(columns):
                    found = _means(scores, background, (i, j), (rows, columns))
                    table[np.ix_(rows, columns)] = found.reshape(len(rows), len(columns), -1)
                    evaluations += len(background) * len(found)
            tables[i, j] = table
        policies = tuple(np.pad(p, (0, size - len(p))) for p, size in zip(self.policies, sizes, strict=True))
        fresh = [np.arange(old, size, dtype=np.int32) for old, size in zip(known, sizes, strict=True)]
        kept = tuple(np.concatenate(pair) for pair in zip(self.kept, fresh, strict=True))
        return PairwiseTables(tables, policies, kept, evaluations, background)

    def game(self) -> PolymatrixGame:
        """The game of pairs that these tables describe."""
        return PolymatrixGame.from_tables(self.tables, self.policies, background=self.background)


def importance_weights(log_ties: FloatArray, low: float = 0.02, high: float = 10.0) -> FloatArray:
    """Weights of joint actions drawn independently: ``w_k ∝ clip(p_joint(a_k) / Π_j p_j(a_kj), low, high)``.

    Both probabilities from the same model: the marginals then stay those of the draw, and only what ties the
    players together is added.

    Args:
        log_ties: ``log p_joint − Σ_j log p_j``, ``[K]``.
        low: least ratio.
        high: largest ratio.

    Returns:
        ``[K]``, of sum one.
    """
    weights = np.exp(np.clip(log_ties, np.log(low), np.log(high)))
    return np.asarray(weights / weights.sum())


def resampled(profiles: IntArray, weights: FloatArray, count: int, rng: np.random.Generator) -> IntArray:
    """So many of the profiles ``[K, n]``, each about ``count·w`` times (systematic resampling)."""
    marks = (np.arange(count) + rng.random()) / count
    cumulative = np.cumsum(weights)
    chosen = np.searchsorted(cumulative, marks * cumulative[-1], side="right")
    return np.asarray(profiles[np.minimum(chosen, len(profiles) - 1)])


def dynamic_lambda(variance: float, base: float, floor: float = 0.01, scale: float = 0.05) -> float:
    """Cicero's ``base · sqrt(variance + floor²) / scale``: a price in score follows how much is at stake.

    Args:
        variance: of a player's score over the orders of this phase.
        base: λ where as much is at stake as in a usual phase.
        floor: least deviation.
        scale: deviation of a usual phase.
    """
    return base * float(np.sqrt(variance + floor**2)) / scale


def pairwise_tables(
    scores: Scores,
    policies: Sequence[FloatArray],
    rng: np.random.Generator,
    *,
    samples: int = 20,
    background: IntArray | None = None,
    pairs: Sequence[tuple[int, int]] | None = None,
    budget: int | None = None,
) -> PairwiseTables:
    """Expected scores of every pair of actions of every two players.

    All entries meet the same background profiles (common random numbers), so that differences between entries
    are free of the noise of the others' play.

    Args:
        scores: of joint profiles.
        policies: of each player, ``[A_i]``, any positive sum: the background is drawn from them, and they say
            which actions are worth a place in the tables.
        rng: draws the background; consumed.
        samples: background profiles per entry.
        background: profiles ``[S, n]`` to use instead of draws, such as those of a joint model.
        pairs: pairs of players to tabulate; default all.
        budget: most profiles to score; default no limit.  To keep it, only each player's likeliest actions
            stand in the pairs; the others are scored alone (see `PairwiseTables.kept`).

    Raises:
        ValueError: the budget does not even pay for every action alone.
    """
    n = len(policies)
    sigmas = tuple(np.asarray(policy, np.float64) / np.sum(policy) for policy in policies)
    if background is None:
        background = sample_profiles(sigmas, samples, rng)
    sizes = [len(sigma) for sigma in sigmas]
    chosen = sorted({(min(pair), max(pair)) for pair in (combinations(range(n), 2) if pairs is None else pairs)})
    most = _actions_within(budget, sizes, chosen, len(background))
    pruned = most < max(sizes, default=0)
    ranked = [np.argsort(-sigma, kind="stable") for sigma in sigmas]
    kept = tuple(np.sort(order[:most]).astype(np.int32) for order in ranked)
    base, alone = np.zeros(n), [np.zeros((size, n)) for size in sizes]
    evaluations = 0
    if pruned:
        alone = [_means(scores, background, (i,), (np.arange(size, dtype=np.int32),)) for i, size in enumerate(sizes)]
        base = np.mean([sigma @ own for sigma, own in zip(sigmas, alone, strict=True)], axis=0)
        evaluations += len(background) * sum(sizes)
    tables: dict[tuple[int, int], FloatArray] = {}
    for i, j in chosen:
        # Without a word of the pair: what each does alone, added.
        table = alone[i][:, None] + alone[j][None] - base
        if len(kept[i]) and len(kept[j]):
            found = _means(scores, background, (i, j), (kept[i], kept[j]))
            table[np.ix_(kept[i], kept[j])] = found.reshape(len(kept[i]), len(kept[j]), n)
            evaluations += len(background) * len(found)
        tables[i, j] = table
    return PairwiseTables(tables, sigmas, kept, evaluations, background)


def _actions_within(budget: int | None, sizes: Sequence[int], pairs: Sequence[tuple[int, int]], samples: int) -> int:
    """How many actions of each player may stand in the pairs."""

    def cost(most: int) -> int:
        return samples * sum(min(sizes[i], most) * min(sizes[j], most) for i, j in pairs)

    largest = max(sizes, default=0)
    if budget is None or cost(largest) <= budget:
        return largest
    left = budget - samples * sum(sizes)
    if left < 0:
        raise ValueError(f"expected a budget of at least {samples * sum(sizes)} evaluations, got {budget}")
    return max(most for most in range(largest) if cost(most) <= left)


def _means(scores: Scores, background: IntArray, players: tuple[int, ...], actions: tuple[IntArray, ...]) -> FloatArray:
    """``[entries, n]``: mean scores over the background with these players' actions put in, every combination."""
    entries = np.stack([grid.reshape(-1) for grid in np.meshgrid(*actions, indexing="ij")], axis=1)
    share = max(1, _EVALUATIONS_PER_CALL // len(background))
    means = []
    for start in range(0, len(entries), share):
        part = entries[start : start + share]
        profiles = np.tile(background, (len(part), 1))
        profiles[:, list(players)] = np.repeat(part, len(background), axis=0)
        answer = scores(profiles).reshape(len(part), len(background), -1)
        means.append(answer.mean(axis=1, dtype=np.float64))
    return np.concatenate(means)
