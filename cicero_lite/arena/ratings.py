"""Ratings by openskill: the Plackett-Luce model of Weng and Lin 2011 ("A Bayesian Approximation Method for Online
Ranking") over the order in which the seats of a game finish, by score.

Ratings of that kind depend on the order in which games are taken in; here a rating is the mean over many orders, and
its interval that of a bootstrap over games, each resample in an order of its own.

Powers that finish with the same score are put in order by lot, anew in every such draw, so that their ties cancel:
what version 6.2 of openskill makes of ties in this model is not right (its pull requests 176 and 203), and a game of
Diplomacy often has ties, as the eliminated all score 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cicero_lite.arena.played import PlayedGame
from engine.types import POWERS

if TYPE_CHECKING:
    from openskill.models import PlackettLuce

ORDERS = 40
"""Orders of the games that a rating is the mean of."""
RESAMPLES = 300
_SEED = 20110201  # the same games give the same ratings


@dataclass(frozen=True)
class Rating:
    """Of one agent; 25 is where all begin."""

    mean: float
    low: float | None
    """Lower end of the 95 % interval (bootstrap over games); None: too few games."""
    high: float | None
    sigma: float
    """The model's own doubt: its standard deviation of the rating, without what differs from game to game."""


@dataclass(frozen=True)
class _Order:
    """A game as the model sees it."""

    agents: tuple[int, ...]
    """Of each seat, as a place in the labels."""
    scores: tuple[float, ...]


def ratings(labels: Sequence[str], games: Sequence[PlayedGame]) -> dict[str, Rating]:
    """The ratings of all agents by label; games of one cluster are drawn together."""
    orders, rng = _orders(labels, games), np.random.default_rng(_SEED)
    model = _model()
    found = [_fit(model, labels, _shuffled(orders, rng), rng) for _ in range(ORDERS)]
    means, sigmas = np.mean(found, axis=0)
    clusters: dict[int, list[_Order]] = {}
    for game, order in zip(games, orders, strict=True):
        clusters.setdefault(game.cluster, []).append(order)
    groups = list(clusters.values())
    bounds: Sequence[tuple[float | None, float | None]] = [(None, None)] * len(labels)
    if len(groups) >= len(POWERS):
        drawn = []
        for _ in range(RESAMPLES):
            taken = [order for i in rng.integers(len(groups), size=len(groups)) for order in groups[i]]
            drawn.append(_fit(model, labels, _shuffled(taken, rng), rng)[0])
        low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
        bounds = list(zip(low.tolist(), high.tolist(), strict=True))
    return {label: Rating(float(means[i]), *bounds[i], float(sigmas[i])) for i, label in enumerate(labels)}


def strengths(labels: Sequence[str], games: Mapping[int, PlayedGame], number: int) -> dict[str, float]:
    """The ratings by the games below this number, which a ladder draws its next round by."""
    earlier = [game for n, game in sorted(games.items()) if n < number]
    orders, rng = _orders(labels, earlier), np.random.default_rng([_SEED, number])
    found = [_fit(_model(), labels, _shuffled(orders, rng), rng)[0] for _ in range(ORDERS)]
    return dict(zip(labels, np.mean(found, axis=0).tolist(), strict=True))


def _model() -> PlackettLuce:
    # Imported late: openskill is needed by nobody else.
    from openskill.models import PlackettLuce

    # No drift of skill: agents of an experiment stay what they are.
    return PlackettLuce(tau=0.0)


def _orders(labels: Sequence[str], games: Sequence[PlayedGame]) -> list[_Order]:
    place = {label: i for i, label in enumerate(labels)}
    return [_Order(tuple(place[g.labels[p]] for p in POWERS), tuple(g.result.scores[p] for p in POWERS)) for g in games]


def _shuffled(orders: Sequence[_Order], rng: np.random.Generator) -> list[_Order]:
    return [orders[i] for i in rng.permutation(len(orders))]


def _fit(
    model: PlackettLuce, labels: Sequence[str], orders: Sequence[_Order], rng: np.random.Generator
) -> tuple[list[float], list[float]]:
    """Means and standard deviations after these games, taken in one by one.

    What a game says of an agent that sits on several seats is the sum of what the seats say, as their likelihoods
    multiply.
    """
    start = model.rating()
    means, sigmas = [start.mu] * len(labels), [start.sigma] * len(labels)
    for order in orders:
        lots = rng.random(len(POWERS))
        ranked = sorted(range(len(POWERS)), key=lambda seat: (-order.scores[seat], lots[seat]))
        before = [(means[agent], sigmas[agent]) for agent in order.agents]
        teams = [[model.rating(*before[seat])] for seat in ranked]
        after = model.rate(teams, ranks=list(range(len(POWERS))))
        for seat, (rating,) in zip(ranked, after, strict=True):
            agent, (mean, sigma) = order.agents[seat], before[seat]
            means[agent] += rating.mu - mean
            sigmas[agent] *= rating.sigma / sigma
    return means, sigmas


__all__ = ["ORDERS", "RESAMPLES", "Rating", "ratings", "strengths"]
