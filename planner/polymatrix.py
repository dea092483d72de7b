"""Games of pairs: scores as a sum of what each player does alone and what each two do to one another.

From tables of expected scores per pair of actions comes a game whose counterfactual values need no samples,
so that many iterations of `planner.equilibrium` cost little.

With σ the policies behind the tables, ``T_ij(a, b) = E[scores | i plays a, j plays b, the rest as σ]``:

    base      b          = E[T]                                       nobody in particular
    single    m_i(a)     = E_b[T_ij(a, b)] − b                        what a alone changes
    pair      g_ij(a, b) = T_ij(a, b) − m_i(a) − m_j(b) − b           what the two together change
    scores(a_1 ... a_n) ≈ b + Σ_i m_i(a_i) + Σ_{i<j} g_ij(a_i, a_j)

This is the analysis of variance of the scores under σ, without the terms of three and more players: exact where
there are none, whatever σ, and no single effect is counted once a pair.  Where "the rest as σ" was only a few draws,
the pair effects themselves tell what these did beyond σ.  Cicero (Bakhtin et al. 2022, "Human-level
play in the game of Diplomacy by combining language models with strategic reasoning", supplement on correlated
bilateral search) solves each table as a game of two; here all are solved together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.equilibrium import Equilibrium, FloatArray, HedgeConfig, IntArray, Learner, Watch


@dataclass(frozen=True, eq=False)
class PolymatrixGame:
    """Scores of n players with effects of at most two at a time; padded to A actions each.

    Called with profiles, it is a `planner.equilibrium.ScoreOracle`.
    """

    sizes: tuple[int, ...]
    """Actions of each player."""
    base: FloatArray
    """``[n]``: scores when all play as σ."""
    singles: FloatArray
    """m, ``[n, A, n]``: by player and action, the change of everybody's score."""
    pairs: FloatArray
    """g, ``[n, A, n, A, n]``: by player, action, player, action; symmetric, zero for a player with itself."""

    @classmethod
    def from_tables(
        cls,
        tables: Mapping[tuple[int, int], FloatArray],
        policies: Sequence[FloatArray],
        base: FloatArray | None = None,
        background: IntArray | None = None,
    ) -> PolymatrixGame:
        """The game that these tables describe.

        Args:
            tables: T_ij, ``[A_i, A_j, n]``, by the pair (i, j); each pair once, in either order.  Pairs left out
                do not interact.
            policies: σ_i, ``[A_i]``: what players not in a pair were averaged over; any positive sum.
            base: scores when all play as σ, if known better than from the tables.
            background: where the players not in a pair played a few draws from σ: these, ``[S, n]``, -1 being an action
                that is not in the tables.  What they did, by the pairs, beyond σ is taken out.

        Raises:
            ValueError: a table's shape is not that of its pair, or a pair is there twice.
        """
        n, sizes = len(policies), tuple(len(policy) for policy in policies)
        sigmas = [np.asarray(policy, np.float64) / np.sum(policy) for policy in policies]
        singles = np.zeros((n, max(sizes), n))
        pairs = np.zeros((n, max(sizes), n, max(sizes), n))
        counts = np.zeros(n)
        levels: dict[tuple[int, int], FloatArray] = {}
        for (i, j), table in tables.items():
            if i == j or table.shape != (sizes[i], sizes[j], n) or (j, i) in tables:
                raise ValueError(
                    f"expected one table of shape {(sizes[i], sizes[j], n)} for the pair {(i, j)}, got {table.shape}"
                )
            rows = np.einsum("b,abq->aq", sigmas[j], table)
            columns = np.einsum("a,abq->bq", sigmas[i], table)
            level = sigmas[i] @ rows
            # Centred by its own means, so that noise common to the entries of a table drops out.
            pair = table - rows[:, None] - columns[None] + level
            pairs[i, : sizes[i], j, : sizes[j]] = pair
            pairs[j, : sizes[j], i, : sizes[i]] = pair.swapaxes(0, 1)
            singles[i, : sizes[i]] += rows - level
            singles[j, : sizes[j]] += columns - level
            counts[[i, j]] += 1
            levels[i, j] = level
        singles /= np.maximum(counts, 1)[:, None, None]
        if background is not None:
            _take_out(background, counts, singles, pairs, levels)
        if base is None:
            base = np.mean(list(levels.values()), axis=0) if levels else np.zeros(n)
        return cls(sizes, np.asarray(base, np.float64), singles, pairs)

    def priced(self, player: int, prices: FloatArray) -> PolymatrixGame:
        """The game in which a player's own score is less by a price on each of its actions, ``[A_i]``."""
        singles = self.singles.copy()
        singles[player, : len(prices), player] -= prices
        return replace(self, singles=singles)

    def scores(self, policies: Sequence[FloatArray]) -> FloatArray:
        """``[n]``: everybody's expected score when all play these policies independently."""
        return self._level(self._flat(policies))

    def values(self, player: int, policies: Sequence[FloatArray]) -> FloatArray:
        """``[A_i, n]``: everybody's expected score for each action of a player, the others playing these policies."""
        flat = self._flat(policies)
        width = self.singles.shape[1]
        flat[player * width : (player + 1) * width] = 0.0
        own = self.singles[player] + np.einsum("ajbq,jb->aq", self.pairs[player], flat.reshape(-1, width))
        return np.asarray((self._level(flat) + own)[: self.sizes[player]])

    def pair_scores(self, i: int, j: int, policies: Sequence[FloatArray]) -> FloatArray:
        """``[A_i, A_j, n]``: everybody's expected score for each two actions of a pair, the others playing these."""
        width = self.singles.shape[1]
        flat = self._flat(policies)
        for player in (i, j):
            flat[player * width : (player + 1) * width] = 0.0
        rest = flat.reshape(-1, width)
        alone = [self.singles[p] + np.einsum("akbq,kb->aq", self.pairs[p], rest) for p in (i, j)]
        table = self._level(flat) + alone[0][:, None] + alone[1][None] + self.pairs[i, :, j]
        return np.asarray(table[: self.sizes[i], : self.sizes[j]])

    def gaps(self, policies: Sequence[FloatArray]) -> FloatArray:
        """``[n]``: what each player would gain by its best answer to these policies: zero in a Nash equilibrium."""
        now = self.scores(policies)
        return np.array([self.values(i, policies)[:, i].max() - now[i] for i in range(len(self.sizes))])

    def __call__(self, profiles: IntArray) -> list[FloatArray]:
        """Scores ``[S, A_i, n]`` for each player's actions at these profiles (``[S, n]``)."""
        return [self.counterfactuals(player, profiles) for player in range(len(self.sizes))]

    def counterfactuals(self, player: int, profiles: IntArray) -> FloatArray:
        """``[S, A_i, n]``: everybody's score for each action of a player, the others as in the profiles."""
        size = self.sizes[player]
        others = [j for j in range(len(self.sizes)) if j != player]
        answer = np.empty((len(profiles), size, len(self.sizes)))
        level = np.broadcast_to(self.base, (len(profiles), len(self.sizes))).copy()
        answer[:] = self.singles[player, :size]
        for number, j in enumerate(others):
            mine = profiles[:, j]
            level += self.singles[j, mine]
            answer += self.pairs[player, :size, j, :][:, mine].swapaxes(0, 1)
            for k in others[:number]:
                level += self.pairs[j, mine, k, profiles[:, k]]
        answer += level[:, None]
        return answer

    def interactions(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """``[n, A]`` and ``[n·A, n·A]``: single and pair effects on each player's utility ``Σ_q W_iq·score_q``."""
        n, width = self.singles.shape[:2]
        singles = np.einsum("iaq,iq->ia", self.singles, weights)
        pairs = np.stack([self.pairs[i] @ weights[i] for i in range(n)])
        return singles, pairs.reshape(n * width, n * width)

    def _flat(self, policies: Sequence[FloatArray]) -> FloatArray:
        padded = np.zeros(self.singles.shape[:2])
        for row, policy in zip(padded, policies, strict=True):
            row[: len(policy)] = policy
        return padded.reshape(-1)

    def _level(self, flat: FloatArray, joint: FloatArray | None = None) -> FloatArray:
        """Expected scores of policies laid end to end; ``joint`` (``[n·A, n·A]``) in place of their product."""
        size, n = len(flat), len(self.base)
        joint = np.outer(flat, flat) if joint is None else joint
        pairs = joint.reshape(-1) @ self.pairs.reshape(size * size, n)
        return np.asarray(self.base + flat @ self.singles.reshape(size, n) + pairs / 2)


def _take_out(
    background: IntArray,
    counts: FloatArray,
    singles: FloatArray,
    pairs: FloatArray,
    levels: Mapping[tuple[int, int], FloatArray],
) -> None:
    """Takes what the background did beyond σ out of single effects and levels.

    In T_ik the others played b: its single effects are ``m_i(a) + Σ_j g_ij(a, b_j)``, j being neither i nor k, and its
    level is ``b + Σ_j m_j(b_j) + Σ_{j<l} g_jl(b_j, b_l)``; all means over the draws.
    """
    n, width = singles.shape[:2]
    chosen = np.zeros((len(background), n, width))
    draws, players = np.nonzero(background >= 0)
    chosen[draws, players, background[draws, players]] = 1.0
    share = chosen.mean(axis=0)
    beyond = np.einsum("iajbq,jb->iaq", pairs, share)
    # Of the c tables that i stands in, j's draws are in all but the one with j itself.
    singles -= ((counts - 1) / np.maximum(counts, 1)).clip(0)[:, None, None] * beyond
    alone = np.einsum("jbq,jb->jq", singles, share)
    both = np.einsum("sjb,slc,jblcq->jlq", chosen, chosen, pairs, optimize=True) / len(background)
    for (i, k), level in levels.items():
        rest = [j for j in range(n) if j not in (i, k)]
        level -= alone[rest].sum(axis=0) + both[np.ix_(rest, rest)].sum(axis=(0, 1)) / 2


def solve_polymatrix(
    game: PolymatrixGame,
    anchors: Sequence[FloatArray],
    lambdas: Sequence[float | Sequence[float] | FloatArray],
    config: HedgeConfig | None = None,
    *,
    weights: Sequence[FloatArray | Sequence[float]] | None = None,
    shaping: FloatArray | None = None,
    stop: Callable[[], bool] | None = None,
    watch: Watch | None = None,
) -> Equilibrium:
    """`planner.equilibrium.solve` with exact expectations: no samples, no randomness.

    σ of the step size is the deviation of utility over all profiles alike, and of the states so far.

    Args:
        game: scores.
        anchors: as for `solve`.
        lambdas: as for `solve`.
        config: ``samples`` has no effect here.
        weights: beliefs about types, as for `solve`.
        shaping: W, ``[n, n]``: utilities are ``Σ_q W_iq·score_q``; default the identity.
        stop: asked before every iteration but the first.
        watch: told how it goes on, as in `solve`.

    Raises:
        ValueError: as `solve`; or the anchors' sizes are not those of the game.
    """
    config = config or HedgeConfig()
    learner = Learner(anchors, lambdas, weights, config, watch)
    n = learner.n
    if tuple(learner.sizes) != game.sizes:
        raise ValueError(f"expected anchors of sizes {game.sizes}, got {tuple(learner.sizes)}")
    shaping = np.eye(n) if shaping is None else np.asarray(shaping, np.float64)
    singles, pairs = game.interactions(shaping)
    variances = _variances(game, singles, pairs)
    history: list[FloatArray] = []
    for t in range(config.iterations):
        if t and stop is not None and stop():
            break
        history.append(learner.policies.reshape(-1))
        utilities = singles + (pairs @ history[-1]).reshape(singles.shape)
        state = np.einsum("ia,ia->i", utilities, learner.policies)
        learner.update(utilities, state, np.square(state) + variances)
    # What does not depend on a player's own action was left out above, and is added in one piece: the average
    # of scores over iterations, from the average of the products of policies.
    played = np.stack(history) if history else np.zeros((0, singles.size))
    linear = np.arange(1.0, len(played) + 1)[:, None]
    linear /= max(linear.sum(), 1.0)
    total = game._level((linear * played).sum(axis=0), (linear * played).T @ played)
    return learner.result(shaping @ total - learner.utilities)


def _variances(game: PolymatrixGame, singles: FloatArray, pairs: FloatArray) -> FloatArray:
    """``[n]``: variance of each player's utility with its own and one other action, all actions alike."""
    n, width = singles.shape
    sizes = np.array(game.sizes, np.float64)
    squares = np.square(pairs).reshape(n, width, n, width).sum(axis=(1, 3)) / np.outer(sizes, sizes)
    means = singles.sum(axis=1) / sizes
    return np.asarray(np.square(singles).sum(axis=1) / sizes - np.square(means) + squares.sum(axis=1))
