"""Human-regularised equilibrium of an n-player game in normal form: DiL-piKL and regret matching on plain arrays.

Each player i may be of several types k, known to nobody else.  A type maximises
``u_i(π) − λ_ik·KL(π_ik ‖ τ_ik)``: the player's score, less a tax on leaving the type's anchor τ_ik.  All types
of a player see the same utilities, and the others meet the mixture of its types, ``π_i = Σ_k w_ik·π_ik``.
Nothing here knows the game; it is reached only through a utility oracle.

Symbols, as in the literature:
    τ   anchor policy            λ   price of leaving the anchor, in units of utility
    π   policy                   Q̄   running (linear) average of counterfactual action values
    η   step size                σ   standard deviation of the state utility so far
    w   belief about types       t   iteration, from 1

Sources: Jacob, Wu, Farina, Lerer, Hu, Bakhtin, Andreas and Brown 2022, "Modeling strong and human-like
gameplay with KL-regularized search" (piKL-Hedge, its algorithm 1); Bakhtin, Wu, Lerer, Gray, Jacob, Farina,
Miller and Brown 2022, "Mastering the game of no-press Diplomacy via human-regularized reinforcement learning
and planning" (DiL-piKL, its algorithm 1).  Linear averaging is from Brown and Sandholm 2019 (linear CFR),
regret matching+ from Tammelin 2014; Gray, Lerer, Bakhtin and Brown 2021 (SearchBot) search with regret matching.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]

_LEAST_PROBABILITY = 1e-12
"""Floor under anchor probabilities, so that a zero there is a high price and not an infinite one."""


class UtilityOracle(Protocol):
    """What the game answers: counterfactual values of every action of every player."""

    def __call__(self, profiles: IntArray) -> Sequence[FloatArray]:
        """Utilities ``[S, A_i]`` of each player i.

        Entry ``[s, a]`` is what i gets when it plays a and all others play as in row s of
        ``profiles`` (``[S, n]``, action numbers).
        """
        ...


class ScoreOracle(Protocol):
    """What a game answers when players may care about each other: everybody's score for every action."""

    def __call__(self, profiles: IntArray) -> Sequence[FloatArray]:
        """Scores ``[S, A_i, n]`` for each player i.

        Entry ``[s, a]`` has the scores of all n players when i plays a and all others play as in row s.
        """
        ...


class Method(StrEnum):
    """How policies follow from values."""

    PIKL = "pikl"
    """piKL-Hedge: near the anchor, as λ says."""
    REGRET_MATCHING = "regret_matching"
    """Linear regret matching+: no anchor, no λ, all types of a player alike."""


@dataclass(frozen=True)
class HedgeConfig:
    """How long and how boldly to iterate."""

    iterations: int = 32
    """Updates T of every player's policy."""
    samples: int = 8
    """Joint profiles drawn per iteration; their mean is the iteration's estimate."""
    eta: float = 10.0
    """Step size η before scaling: the step is ``η / (3·(σ + 1e-6)·√t)``, so utilities may have any unit."""
    method: Method = Method.PIKL
    """The update rule."""


@dataclass(frozen=True)
class Checkpoint:
    """Where the iterations stood on their way; see ``watch`` of `solve`."""

    iteration: int
    """Updates done."""
    averages: tuple[FloatArray, ...]
    """Each player's linear average ``[A]`` so far."""
    regrets: tuple[float, ...]
    """As `Equilibrium.regrets`, so far."""


Watch: TypeAlias = Callable[[Checkpoint], None]
"""Told after updates 1, 2, 4, 8 and so on, and after the last."""


@dataclass(frozen=True)
class Equilibrium:
    """What the iterations found; one array a player in each field."""

    policies: tuple[FloatArray, ...]
    """Last iterate ``[A]``, the mixture of the player's types."""
    averages: tuple[FloatArray, ...]
    """Linear average ``[A]`` of those mixtures: what approaches the equilibrium."""
    type_policies: tuple[FloatArray, ...]
    """Last iterate ``[K, A]`` of each type."""
    type_averages: tuple[FloatArray, ...]
    """Linear average ``[K, A]`` of each type."""
    values: tuple[FloatArray, ...]
    """Q̄: each action's value against the others' play so far, later play counting more."""
    utilities: tuple[float, ...]
    """Each player's linearly averaged utility."""
    trace: tuple[float, ...]
    """Per iteration, the largest L1 distance by which a player's average policy moved."""

    @property
    def iterations(self) -> int:
        """Iterations done."""
        return len(self.trace)

    @property
    def regrets(self) -> tuple[float, ...]:
        """What each player would have gained by its best single action: zero in a coarse correlated equilibrium."""
        return tuple(float(v.max()) - u for v, u in zip(self.values, self.utilities, strict=True))


def piKL_policy(  # noqa: N802 - the name in the literature
    values: FloatArray, log_anchor: FloatArray, lambda_: float, eta: float, t: int
) -> FloatArray:
    """The iterate ``π ∝ exp((Q̄ + λ·log τ) / (λ + 1/(η·t)))``, shape ``[A]``.

    With t→∞ it tends to ``τ·exp(Q̄/λ)``, the quantal best response; with λ→∞ to τ.
    """
    logits = log_anchor
    if np.isfinite(lambda_):
        logits = (values + lambda_ * log_anchor) / (lambda_ + 1.0 / (eta * t))
    return _softmax(logits.copy())


def sample_profiles(policies: Sequence[FloatArray], count: int, rng: np.random.Generator) -> IntArray:
    """Joint profiles ``[count, n]``, each player drawing independently from its policy.

    Draws are stratified per player (one from each ``1/count`` of its cumulative distribution, in random
    order): the same marginals with less noise.
    """
    profiles = np.empty((count, len(policies)), np.int32)
    for player, policy in enumerate(policies):
        strata = (rng.permutation(count) + rng.random(count)) / count
        cumulative = np.cumsum(policy)
        chosen = np.searchsorted(cumulative, strata * cumulative[-1], side="right")
        profiles[:, player] = np.minimum(chosen, len(policy) - 1)
    return profiles


def shaped(oracle: ScoreOracle, weights: FloatArray) -> UtilityOracle:
    """Utilities ``u_i = Σ_q W_iq·score_q`` for `solve`, from an oracle of everybody's scores.

    Args:
        oracle: scores of all players.
        weights: W, ``[n, n]``; the identity makes every player care for its own score only, a negative entry
            makes i hostile to q.
    """

    def utilities(profiles: IntArray) -> list[FloatArray]:
        return [scores @ row for scores, row in zip(oracle(profiles), weights, strict=True)]

    return utilities


def solve(
    anchors: Sequence[FloatArray],
    lambdas: Sequence[float | Sequence[float] | FloatArray],
    oracle: UtilityOracle,
    rng: np.random.Generator,
    config: HedgeConfig | None = None,
    *,
    weights: Sequence[FloatArray | Sequence[float]] | None = None,
    stop: Callable[[], bool] | None = None,
    watch: Watch | None = None,
) -> Equilibrium:
    """The regularised equilibrium that ``config.iterations`` updates reach.

    Args:
        anchors: τ_i, non-negative, any positive sum; the first iterate.  ``[A_i]``, or ``[K_i, A_i]`` where
            types have different anchors.
        lambdas: λ_i ≥ 0, one a player or one a type; infinity copies the anchor.
        oracle: counterfactual utilities at sampled joint profiles; see `shaped` for players who care about
            each other's scores.
        rng: draws the profiles; consumed.
        config: iterations, samples, step, method.
        weights: w_i, the belief about each player's types, ``[K_i]``, any positive sum; default all equal.
        stop: asked before every iteration but the first; True ends the search there, with what was found.
        watch: told how it goes on; None: nothing is recorded.

    Raises:
        ValueError: an anchor is empty or sums to zero, a λ is negative, or shapes do not go together.
    """
    config = config or HedgeConfig()
    learner = Learner(anchors, lambdas, weights, config, watch)
    state, square = np.zeros(learner.n), np.zeros(learner.n)
    means = np.zeros_like(learner.policies)
    for t in range(config.iterations):
        if t and stop is not None and stop():
            break
        policies = learner.cut(learner.policies)
        for i, utilities in enumerate(oracle(sample_profiles(policies, config.samples, rng))):
            means[i, : learner.sizes[i]] = utilities.mean(axis=0)
            states = utilities @ policies[i]
            state[i], square[i] = states.mean(), np.square(states).mean()
        learner.update(means, state, square)
    return learner.result()


class Learner:
    """Policies of all types of all players, in arrays padded to the largest player, and their updates.

    For the solvers, which differ in where utilities come from.
    """

    def __init__(
        self,
        anchors: Sequence[FloatArray],
        lambdas: Sequence[float | Sequence[float] | FloatArray],
        weights: Sequence[FloatArray | Sequence[float]] | None,
        config: HedgeConfig,
        watch: Watch | None = None,
    ) -> None:
        players = [_types(number, *given) for number, given in enumerate(_zipped(anchors, lambdas, weights))]
        self.n = len(players)
        self.sizes = [tau.shape[1] for tau, _, _ in players]
        """A_i."""
        self._counts = [len(w) for _, _, w in players]
        self._config = config
        self._watch = watch
        shape = (self.n, max(self._counts, default=0), max(self.sizes, default=0))
        self._anchors = np.zeros(shape)
        self._lambdas = np.ones((*shape[:2], 1))
        self._weights = np.zeros((self.n, 1, shape[1]))
        # Added to logits: padding is never played.
        self._mask = np.full((self.n, 1, shape[2]), -np.inf)
        for i, (tau, lambda_, w) in enumerate(players):
            self._anchors[i, : len(w), : tau.shape[1]] = tau
            self._anchors[i, len(w) :, : tau.shape[1]] = tau[0]
            self._lambdas[i, : len(w), 0] = lambda_
            self._weights[i, 0, : len(w)] = w
            self._mask[i, 0, : tau.shape[1]] = 0.0
        self._copying = np.isinf(self._lambdas[:, :, 0])
        self._lambdas[self._copying] = 0.0
        self._tax = self._lambdas * np.log(np.maximum(self._anchors, _LEAST_PROBABILITY)) + self._mask
        self._legal = (self._mask[:, 0] == 0.0).astype(np.float64)
        self._regrets = np.zeros(shape[::2])
        self.types = self._anchors.copy()
        """Current policy of each type, ``[n, K, A]``."""
        if config.method is Method.REGRET_MATCHING:
            self._match_regrets()
        self.policies = self._mixture(self.types)
        """Current mixtures, ``[n, A]``, zero in the padding."""
        self.values = np.zeros(shape[::2])
        """Q̄, ``[n, A]``; what stands in the padding is without meaning."""
        self.utilities = np.zeros(self.n)
        """Linearly averaged state utility, ``[n]``."""
        self._squares = np.zeros(self.n)
        self._type_averages = self.types.copy()
        self._averages = self.policies.copy()
        self._trace: list[float] = []

    def cut(self, padded: FloatArray) -> list[FloatArray]:
        """One array a player, without the padding of its last axis."""
        return [row[..., :size] for row, size in zip(padded, self.sizes, strict=True)]

    def update(self, utilities: FloatArray, state: FloatArray, square: FloatArray) -> None:
        """One iteration.

        Args:
            utilities: of every action against the others' current play, ``[n, A]``.
            state: of the current play, ``[n]``.
            square: mean square of the state utility, ``[n]``, for the scale σ.
        """
        t = len(self._trace) + 1
        # Linear averaging: iteration t weighs t of the sum 1 + ... + t.
        weight = 2.0 / (t + 1)
        self.utilities += weight * (state - self.utilities)
        self._squares += weight * (square - self._squares)
        self.values += weight * (utilities - self.values)
        self._type_averages += weight * (self.types - self._type_averages)
        step = weight * (self.policies - self._averages)
        self._averages += step
        self._trace.append(float(np.abs(step).sum(axis=1).max(initial=0.0)))
        if self._config.method is Method.REGRET_MATCHING:
            self._regrets += weight * (utilities - state[:, None] - self._regrets)
            self._match_regrets()
        else:
            sigma = np.sqrt(np.maximum(self._squares - np.square(self.utilities), 0.0))
            eta = self._config.eta / (3.0 * (sigma + 1e-6) * np.sqrt(t))
            self.types = _softmax((self.values[:, None] + self._tax) / (self._lambdas + 1.0 / (eta * t)[:, None, None]))
            if self._copying.any():
                self.types[self._copying] = self._anchors[self._copying]
        self.policies = self._mixture(self.types)
        if self._watch is not None and (not t & (t - 1) or t == self._config.iterations):
            averages = self.cut(self._averages)
            regrets = (float(v.max()) - u for v, u in zip(self.cut(self.values), self.utilities, strict=True))
            self._watch(Checkpoint(t, tuple(p.copy() for p in averages), tuple(regrets)))

    def result(self, shift: FloatArray | None = None) -> Equilibrium:
        """What was found; ``shift`` (``[n]``) is added to the values and utilities of each player."""
        shift = np.zeros(self.n) if shift is None else shift
        return Equilibrium(
            policies=tuple(p.copy() for p in self.cut(self.policies)),
            averages=tuple(p.copy() for p in self.cut(self._averages)),
            type_policies=self._cut_types(self.types),
            type_averages=self._cut_types(self._type_averages),
            values=tuple(v + s for v, s in zip(self.cut(self.values), shift, strict=True)),
            utilities=tuple((self.utilities + shift).tolist()),
            trace=tuple(self._trace),
        )

    def _cut_types(self, padded: FloatArray) -> tuple[FloatArray, ...]:
        return tuple(p[:count].copy() for p, count in zip(self.cut(padded), self._counts, strict=True))

    def _mixture(self, types: FloatArray) -> FloatArray:
        return np.asarray((self._weights @ types)[:, 0])

    def _match_regrets(self) -> None:
        """Regret matching+: play in proportion to positive regret, evenly where there is none."""
        np.maximum(self._regrets, 0.0, out=self._regrets)
        self._regrets *= self._legal
        total = self._regrets.sum(axis=1, keepdims=True)
        chosen = np.where(total > 0, self._regrets, self._legal)
        chosen /= chosen.sum(axis=1, keepdims=True)
        self.types = np.repeat(chosen[:, None], self._anchors.shape[1], axis=1)


def _softmax(logits: FloatArray) -> FloatArray:
    """Over the last axis; the argument is overwritten."""
    logits -= logits.max(axis=-1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=-1, keepdims=True)
    return logits


def _zipped(
    anchors: Sequence[FloatArray],
    lambdas: Sequence[float | Sequence[float] | FloatArray],
    weights: Sequence[FloatArray | Sequence[float]] | None,
) -> list[tuple[FloatArray, FloatArray, FloatArray | None]]:
    """Anchor, lambdas and weights of each player as arrays."""
    if len(lambdas) != len(anchors) or (weights is not None and len(weights) != len(anchors)):
        raise ValueError(f"expected lambdas (and weights) for each of {len(anchors)} players, got {lambdas}, {weights}")
    prices = [np.atleast_1d(np.asarray(lambda_, np.float64)) for lambda_ in lambdas]
    beliefs = [None] * len(anchors) if weights is None else [np.asarray(w, np.float64) for w in weights]
    return list(zip([np.asarray(a, np.float64) for a in anchors], prices, beliefs, strict=True))


def _types(
    player: int, anchor: FloatArray, lambdas: FloatArray, weights: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Normalised anchors ``[K, A]``, lambdas ``[K]`` and normalised weights ``[K]`` of one player."""
    tau = np.atleast_2d(anchor)
    if tau.ndim != 2 or not tau.size or bool((tau < 0).any()) or not bool((tau.sum(axis=1) > 0).all()):
        raise ValueError(
            f"expected a non-empty, non-negative anchor of positive sum, got {anchor!r} for player {player}"
        )
    count = max(len(tau), len(lambdas))
    if lambdas.ndim != 1 or not lambdas.size or not bool((lambdas >= 0).all()):
        raise ValueError(f"expected lambdas of at least 0, got {lambdas} for player {player}")
    if len(tau) not in (1, count) or len(lambdas) not in (1, count):
        raise ValueError(f"expected as many lambdas as anchors, got {len(lambdas)} and {len(tau)} for player {player}")
    w = np.ones(count) if weights is None else weights
    if w.shape != (count,) or bool((w < 0).any()) or not w.sum() > 0:
        raise ValueError(f"expected {count} non-negative weights of positive sum, got {weights} for player {player}")
    tau = np.broadcast_to(tau / tau.sum(axis=1, keepdims=True), (count, tau.shape[1]))
    return tau, np.broadcast_to(lambdas, (count,)), w / w.sum()
