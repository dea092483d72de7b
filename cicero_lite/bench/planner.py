"""Measurements of the planner: how fast it searches."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from engine.game import Game
from engine.types import Order, OrderKind, PhaseKind, Power
from planner.baselines import GreedyAgent
from planner.models import load_evaluator
from planner.search import SearchConfig, search
from planner.talk import Beliefs


@dataclass(frozen=True)
class SearchSpeed:
    """How long searches took, over the movement phases of one game; wall-clock seconds."""

    phases: int
    first_s: float
    """Median of a search from nothing: public and private part."""
    first_worst_s: float
    again_s: float
    """Median of a search of the same position after talk."""
    again_worst_s: float
    actions: float
    """Mean number of candidate actions of all powers together."""
    positions_per_s: float
    """Joint actions scored (rules and value) per second of search, recalled ones not counted."""


def search_speed(
    config: SearchConfig | None = None, until: int = 1904, seed: int = 0, power: Power = Power.GERMANY
) -> SearchSpeed:
    """Times searches along one game played by the rule policy to the end of ``until``."""
    config = config or SearchConfig()
    rng = np.random.default_rng(seed)
    player = GreedyAgent(rng, draw=True)
    game = Game()
    first: list[float] = []
    again: list[float] = []
    actions: list[int] = []
    evaluated = 0
    while not game.is_done and game.phase.year <= until:
        if game.phase.kind is PhaseKind.MOVEMENT and power in game.alive:
            evaluator, view = load_evaluator(config), game.view(power)
            start = time.perf_counter()
            plan = search(view, power, Beliefs(), config, rng, evaluator=evaluator)
            middle = time.perf_counter()
            search(view, power, Beliefs(consider=_asked(game, power)), config, rng, previous=plan)
            first.append(middle - start)
            again.append(time.perf_counter() - middle)
            actions.append(sum(len(p.actions) for p in plan.policies.values()))
            evaluated += evaluator.evaluated
        for each in game.alive:
            game.set_orders(each, player.act(game.view(each), each))
        game.process()
    return SearchSpeed(
        phases=len(first),
        first_s=float(np.median(first)),
        first_worst_s=max(first),
        again_s=float(np.median(again)),
        again_worst_s=max(again),
        actions=float(np.mean(actions)),
        positions_per_s=evaluated / (sum(first) + sum(again)),
    )


def _asked(game: Game, power: Power) -> tuple[tuple[Power, Order], ...]:
    """One support that a message might ask of another power: of the first unit that can support one of ours."""
    for other in game.alive:
        if other is power:
            continue
        for orders in game.legal_orders(other).values():
            for order in orders:
                if order.kind is OrderKind.SUPPORT and order.aided in game.units(power):
                    return ((other, order),)
    return ()
