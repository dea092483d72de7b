"""Human-regularised equilibrium of an n-player game in normal form: piKL-Hedge on plain arrays.

Each player i maximises ``u_i(π) − λ_i·KL(π_i ‖ τ_i)``: its score, less a tax on leaving the anchor τ_i.
Nothing here knows the game; it is reached only through a utility oracle.

Symbols, as in the literature:
    τ   anchor policy            λ   price of leaving the anchor, in units of utility
    π   policy                   Q̄   running (linear) average of counterfactual action values
    η   step size                σ   standard deviation of the state utility so far
    t   iteration, from 1

Sources: Jacob, Wu, Farina, Lerer, Hu, Bakhtin, Andreas and Brown 2022, "Modeling strong and human-like
gameplay with KL-regularized search" (piKL-Hedge, its algorithm 1); Bakhtin, Wu, Lerer, Gray, Jacob, Farina,
Miller and Brown 2022, "Mastering the game of no-press Diplomacy via human-regularized reinforcement learning
and planning" (DiL-piKL).  Linear averaging is from Brown and Sandholm 2019 (linear CFR).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

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


@dataclass(frozen=True)
class HedgeConfig:
    """How long and how boldly to iterate."""

    iterations: int = 32
    """Updates T of every player's policy."""
    samples: int = 8
    """Joint profiles drawn per iteration; their mean is the iteration's estimate."""
    eta: float = 10.0
    """Step size η before scaling: the step is ``η / (3·(σ + 1e-6)·√t)``, so utilities may have any unit."""


@dataclass(frozen=True)
class Equilibrium:
    """What piKL-Hedge found; one array a player in each field."""

    policies: tuple[FloatArray, ...]
    """Last iterate."""
    averages: tuple[FloatArray, ...]
    """Linear average of the iterates: what approaches the equilibrium."""
    values: tuple[FloatArray, ...]
    """Q̄: each action's value against the others' play so far, later play counting more."""
    utilities: tuple[float, ...]
    """Each player's linearly averaged utility."""
    trace: tuple[float, ...]
    """Per iteration, the largest L1 distance by which a player's average policy moved."""


def piKL_policy(  # noqa: N802 - the name in the literature
    values: FloatArray, log_anchor: FloatArray, lambda_: float, eta: float, t: int
) -> FloatArray:
    """The iterate ``π ∝ exp((Q̄ + λ·log τ) / (λ + 1/(η·t)))``, shape ``[A]``.

    With t→∞ it tends to ``τ·exp(Q̄/λ)``, the quantal best response; with λ→∞ to τ.
    """
    logits = log_anchor
    if np.isfinite(lambda_):
        logits = (values + lambda_ * log_anchor) / (lambda_ + 1.0 / (eta * t))
    weights = np.exp(logits - logits.max())
    return np.asarray(weights / weights.sum())


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


def solve(
    anchors: Sequence[FloatArray],
    lambdas: Sequence[float | Sequence[float]],
    oracle: UtilityOracle,
    rng: np.random.Generator,
    config: HedgeConfig | None = None,
) -> Equilibrium:
    """The regularised equilibrium that piKL-Hedge reaches in ``config.iterations`` updates.

    Args:
        anchors: τ_i, shape ``[A_i]`` each, non-negative, any positive sum; the first iterate.
        lambdas: λ_i ≥ 0, one a player; infinity copies the anchor.  Several for a player: it may be of any of
            these types with equal chance, and its policy is the mixture of theirs (DiL-piKL, belief not
            updated).
        oracle: counterfactual utilities at sampled joint profiles.
        rng: draws the profiles; consumed.
        config: iterations, samples, step.

    Raises:
        ValueError: an anchor is empty or sums to zero, or a λ is negative.
    """
    config = config or HedgeConfig()
    policies = [_normalised(anchor, player) for player, anchor in enumerate(anchors)]
    types = [np.atleast_1d(np.asarray(lambda_, np.float64)) for lambda_ in lambdas]
    if len(types) != len(policies) or any(not t.size or t.min() < 0 for t in types):
        raise ValueError(f"expected {len(policies)} lambdas of at least 0, got {list(lambdas)}")
    log_anchors = [np.log(np.maximum(policy, _LEAST_PROBABILITY)) for policy in policies]
    players = range(len(policies))
    values = [np.zeros_like(policy) for policy in policies]
    averages = [policy.copy() for policy in policies]
    first = np.zeros(len(policies))
    second = np.zeros(len(policies))
    trace: list[float] = []
    for t in range(1, config.iterations + 1):
        utilities = oracle(sample_profiles(policies, config.samples, rng))
        # Linear averaging: iteration t weighs t of the sum 1 + ... + t.
        weight = 2.0 / (t + 1)
        moved = 0.0
        for i in players:
            state = utilities[i] @ policies[i]
            first[i] += weight * (float(state.mean()) - first[i])
            second[i] += weight * (float(np.square(state).mean()) - second[i])
            values[i] += weight * (utilities[i].mean(axis=0) - values[i])
            step = weight * (policies[i] - averages[i])
            averages[i] += step
            moved = max(moved, float(np.abs(step).sum()))
        trace.append(moved)
        sigma = np.sqrt(np.maximum(second - np.square(first), 0.0))
        for i in players:
            eta = config.eta / (3.0 * (sigma[i] + 1e-6) * np.sqrt(t))
            mixed = [piKL_policy(values[i], log_anchors[i], float(lambda_), eta, t) for lambda_ in types[i]]
            policies[i] = np.mean(mixed, axis=0)
    return Equilibrium(tuple(policies), tuple(averages), tuple(values), tuple(float(u) for u in first), tuple(trace))


def _normalised(anchor: FloatArray, player: int) -> FloatArray:
    array = np.asarray(anchor, np.float64)
    total = float(array.sum())
    if array.ndim != 1 or not len(array) or not total > 0 or bool((array < 0).any()):
        raise ValueError(
            f"expected a non-empty, non-negative anchor of positive sum, got {anchor!r} for player {player}"
        )
    return array / total
