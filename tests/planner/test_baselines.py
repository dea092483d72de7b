"""Every baseline plays whole games by the rules, the same from the same seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.game import Game
from engine.types import POWERS, Action
from planner.baselines import Agent, DumbBot, GreedyAgent, RandomAgent, Responder, SearchAgent
from planner.candidates import CandidateConfig
from planner.search import SearchConfig


def quick(rng: np.random.Generator) -> Agent:
    small = SearchConfig(candidates=CandidateConfig(most=8, chains=12), think="4it")
    return SearchAgent(rng, small)


def played(make: Callable[[np.random.Generator], Agent], until: int) -> list[dict[str, Action]]:
    game = Game()
    agents = {p: make(np.random.default_rng([7, p.number])) for p in POWERS}
    while game.phase.year <= until and not game.is_done:
        for power in game.alive:
            game.set_orders(power, agents[power].act(game.view(power), power))
        game.process()
    return [{str(p): orders for p, orders in record.orders.items()} for record in game.history]


@pytest.mark.parametrize(
    ("make", "until"),
    [(RandomAgent, 1908), (GreedyAgent, 1904), (DumbBot, 1908), (Responder, 1902), (quick, 1901)],
    ids=["random", "greedy", "dumbbot", "responder", "search"],
)
def test_plays_legally_and_repeatably(make: Callable[[np.random.Generator], Agent], until: int) -> None:
    first = played(make, until)
    assert len(first) >= 2 * (until - 1900)
    assert played(make, until) == first
