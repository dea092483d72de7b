"""Games for tests of the arena's tables, made up rather than played."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cicero_lite.arena.match import GameResult
from cicero_lite.arena.played import PlayedGame
from engine.types import POWERS, Phase


def made_game(number: int, seats: Sequence[str], scores: Sequence[float], cluster: int | None = None) -> PlayedGame:
    """A game of these labels and scores, in the order of the powers."""
    result = GameResult(
        seed=number,
        seats=dict(zip(POWERS, seats, strict=True)),
        until=1901,
        last_phase=Phase.parse("W1901A"),
        phases=3,
        winner=None,
        centers={power: round(34 * score) for power, score in zip(POWERS, scores, strict=True)},
        scores=dict(zip(POWERS, scores, strict=True)),
        movements=dict.fromkeys(POWERS, 2),
        seconds=dict.fromkeys(POWERS, 0.1),
    )
    return PlayedGame(number if cluster is None else cluster, dict(zip(POWERS, seats, strict=True)), result)


def drawn_scores(rng: np.random.Generator, skills: Sequence[float]) -> list[float]:
    """Shares of the squared centres of seven powers, skewed as those of real games are; means rise with the skills."""
    weights = np.exp(np.array(skills) + rng.normal(0, 0.9, len(POWERS)))
    weights[rng.random(len(POWERS)) < 0.1] = 0.0
    squares = (weights + 1e-9) ** 2
    return [float(score) for score in squares / squares.sum()]
