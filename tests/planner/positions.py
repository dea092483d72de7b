"""Positions that several tests of the planner look at."""

from __future__ import annotations

import numpy as np

from engine import Game
from engine.types import POWERS, Phase, PhaseKind
from planner.baselines import DumbBot


def midgame() -> Game:
    """Autumn 1903, played by DumbBots: everybody has neighbours to attack."""
    game = Game()
    bots = {power: DumbBot(np.random.default_rng(power.number)) for power in POWERS}
    while game.phase < Phase.parse("F1903M") or game.phase.kind is not PhaseKind.MOVEMENT:
        for power in POWERS:
            game.set_orders(power, bots[power].act(game.view(power), power))
        game.process()
    return game
