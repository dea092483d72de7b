"""Policies beside what was really played: figures of one power's policy, and their means with intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from planner.candidates import Codes
from planner.equilibrium import FloatArray
from planner.geometry import LOCATION, Geometry, IntArray

_LEAST = 1e-12
"""Floor under probabilities whose logarithm is taken."""
_ERRORS = 1.96
"""Standard errors on either side of a 95 % interval."""


@dataclass(frozen=True)
class Mean:
    """A mean with its 95 % interval, in which all powers of a phase together are one observation."""

    mean: float
    low: float | None
    """None: one phase says nothing of it."""
    high: float | None


@dataclass(frozen=True)
class Agreement:
    """One policy of each power beside what people played."""

    order_accuracy: Mean
    """Share of units whose likeliest order was played."""
    order_cross_entropy: Mean
    """−log probability of a unit's order, in nats, whatever the power's other units do."""
    action_accuracy: Mean
    """Share of whole actions of a power that were the likeliest."""
    action_cross_entropy: Mean
    """−log probability of the whole action, in nats."""
    gain: Mean
    """Expected score less the anchor's, ``E_π[Q] − E_τ[Q]``, both against the others' policies of the same solution."""
    regret: Mean
    """What the best candidate would score more, ``max Q − E_π[Q]``."""
    divergence: Mean
    """``KL(π ‖ τ)``, in nats."""

    @classmethod
    def of(cls, phases: Sequence[Sequence[Judged]]) -> Agreement:
        """The means over all powers of these phases."""
        means = {}
        for field in fields(cls):
            orders = field.name.startswith("order")
            sums = np.array([sum(getattr(its, field.name) for its in phase) for phase in phases])
            counts = np.array([sum(its.units if orders else 1 for its in phase) for phase in phases], np.float64)
            means[field.name] = mean_of(sums, counts, least=-math.inf if field.name == "gain" else 0.0)
        return cls(**means)


@dataclass(frozen=True)
class Judged:
    """The figures of one power's policy in one phase, named as those of `Agreement`; those of orders are sums."""

    units: int
    order_accuracy: int
    order_cross_entropy: float
    action_accuracy: bool
    action_cross_entropy: float
    gain: float
    regret: float
    divergence: float


def judge(orders: IntArray, played: int, policy: FloatArray, anchor: FloatArray, values: FloatArray) -> Judged:
    """One power's policy beside what it played; of equally likely orders or actions, the first counts as likeliest.

    Args:
        orders: code of each unit's order in each action, ``[A, U]``; see `orders_of_units`.
        played: number of the action played.
        policy: π, ``[A]``.
        anchor: τ, ``[A]``.
        values: Q, ``[A]``.
    """
    hits, entropy = 0, 0.0
    for column in orders.T:
        codes, first, place = np.unique(column, return_index=True, return_inverse=True)
        chances = np.bincount(place, policy, len(codes))
        best = min(np.flatnonzero(chances == chances.max()), key=lambda number: int(first[number]))
        hits += int(codes[best] == column[played])
        entropy -= math.log(max(float(chances[place[played]]), _LEAST))
    expected, log_ratio = policy @ values, np.log(np.maximum(policy, _LEAST)) - np.log(np.maximum(anchor, _LEAST))
    return Judged(
        units=orders.shape[1],
        order_accuracy=hits,
        order_cross_entropy=entropy,
        action_accuracy=int(policy.argmax()) == played,
        action_cross_entropy=-math.log(max(float(policy[played]), _LEAST)),
        gain=float(expected - anchor @ values),
        regret=float(values.max() - expected),
        divergence=float(policy @ log_ratio),
    )


def orders_of_units(actions: Sequence[Codes], board: Geometry) -> IntArray:
    """``[A, U]``: the order of each unit in each action of a movement phase, units in one order throughout."""
    codes = np.array(actions, np.int32).reshape(len(actions), -1)
    places = board.rows(codes.reshape(-1).tolist())[:, LOCATION].reshape(codes.shape)
    return np.take_along_axis(codes, places.argsort(axis=1, kind="stable"), axis=1)


def mean_of(sums: FloatArray, counts: FloatArray, least: float = 0.0) -> Mean:
    """Of sums by counts, each pair being one observation; the interval is that of a ratio, cut at ``least``."""
    mean, observed = float(sums.sum() / counts.sum()), len(sums)
    if observed < 2:
        return Mean(mean, None, None)
    residuals = sums - mean * counts
    error = math.sqrt(observed / (observed - 1) * float(np.square(residuals).sum())) / float(counts.sum())
    return Mean(mean, max(least, mean - _ERRORS * error), mean + _ERRORS * error)


__all__ = ["Agreement", "Judged", "Mean", "judge", "mean_of", "orders_of_units"]
