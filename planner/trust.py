"""How much to trust a model of an opponent: what trusting wins against the model, and loses to anybody else.

A player who answers the model alone is itself easily answered.  With trust t it prepares for an opponent who
follows the model with probability t and plays its own best with 1 − t: the *restricted Nash response* of Johanson,
Zinkevich and Bowling 2007, "Computing robust counter-strategies".  In the terms of `planner.equilibrium` the
opponent has two types: one copies the model (λ = ∞), one reckons (λ = 0), weighted as the safe mixture of
`planner.opponents` weighs posterior and prior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.equilibrium import FloatArray, HedgeConfig
from planner.polymatrix import PolymatrixGame, solve_polymatrix


@dataclass(frozen=True)
class TrustPoint:
    """What one degree of trust is worth."""

    trust: float
    against_model: float
    """Expected pay-off if the opponent is what it is believed to be."""
    against_best_responder: float
    """Expected pay-off if it knows our policy and answers it with its own best (the worst for us of equals)."""
    policy: tuple[float, ...]
    """What is played."""


def trust_curve(
    payoff: FloatArray,
    model: FloatArray,
    trusts: Sequence[float] = (0.0, 0.25, 0.5, 0.75, 1.0),
    opponent_payoff: FloatArray | None = None,
    config: HedgeConfig | None = None,
) -> tuple[TrustPoint, ...]:
    """Gain and loss over trust, in a game of two.

    Args:
        payoff: ours, ``[A, B]``: our action, the opponent's.
        model: what we believe the opponent plays, ``[B]``, any positive sum.
        trusts: from 0 to 1.
        opponent_payoff: the opponent's, ``[A, B]``; default the negative of ours.
        config: default 2000 iterations.
    """
    theirs = -payoff if opponent_payoff is None else opponent_payoff
    model = np.asarray(model, np.float64) / np.sum(model)
    sizes = payoff.shape
    even = [np.full(size, 1 / size) for size in sizes]
    game = PolymatrixGame.from_tables({(0, 1): np.stack([payoff, theirs], axis=-1)}, even)
    points = []
    for trust in trusts:
        found = solve_polymatrix(
            game,
            [even[0], np.stack([model, even[1]])],
            [0.0, [np.inf, 0.0]],
            config or HedgeConfig(2000),
            weights=[[1.0], [trust, 1.0 - trust]],
        )
        ours = found.averages[0]
        answers = ours @ theirs
        best = answers >= answers.max() - 1e-9
        points.append(
            TrustPoint(trust, float(ours @ payoff @ model), float((ours @ payoff)[best].min()), tuple(ours.tolist()))
        )
    return tuple(points)
