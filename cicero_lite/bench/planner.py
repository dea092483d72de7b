"""Measurements of the planner: how fast it searches, and how strong it plays alone against six others."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from engine.game import Game
from engine.types import POWERS, Order, OrderKind, PhaseKind, Power
from planner.baselines import Agent, DumbBot, GreedyAgent, RandomAgent, SearchAgent
from planner.rollout import Evaluator
from planner.search import SearchConfig, search
from planner.talk import Beliefs

Maker: TypeAlias = Callable[[np.random.Generator], Agent]
"""Makes an agent for one seat of one game."""

AGENTS: Mapping[str, Maker] = {
    "random": RandomAgent,
    "greedy": GreedyAgent,
    "dumbbot": DumbBot,
    "search": SearchAgent,
}
"""Agents of the planner by name."""


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


@dataclass(frozen=True)
class MatchResult:
    """What one agent scored alone against six of another, the seat rotating."""

    games: int
    mean_score: float
    """Mean sum-of-squares score; 1/7 is parity."""
    interval: tuple[float, float]
    """95 % of bootstrap means."""
    wins: int
    """Solos of the agent."""
    defeats: int
    """Solos of an opponent."""
    mean_centers: float
    scores: tuple[float, ...]
    """Of each game, in order; game g has the agent in seat g mod 7."""
    seconds_per_phase: float
    """Of the agent, movement phases."""


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
            evaluator, view = Evaluator(), game.view(power)
            start = time.perf_counter()
            plan = search(view, power, Beliefs(), config, rng, evaluator=evaluator)
            middle = time.perf_counter()
            search(view, power, Beliefs(consider=_asked(game, power)), config, rng, previous=plan)
            first.append(middle - start)
            again.append(time.perf_counter() - middle)
            actions.append(sum(len(p.actions) for p in plan.policies.values()))
            evaluated += evaluator.evaluated
        _play_phase(game, dict.fromkeys(POWERS, player))
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


def against(agent: Maker, baseline: Maker, games: int = 14, seed: int = 0, until: int = 1905) -> MatchResult:
    """Plays ``agent`` alone against six copies of ``baseline``, seats rotating, to the end of ``until``."""
    scores: list[float] = []
    centers: list[int] = []
    wins = defeats = 0
    spent: list[float] = []
    for number in range(games):
        seat = POWERS[number % len(POWERS)]
        makers: dict[Power, Maker] = {p: agent if p is seat else baseline for p in POWERS}
        players: dict[Power, Agent] = {
            p: make(np.random.default_rng([seed, number, p.number])) for p, make in makers.items()
        }
        game = Game(game_id=f"bench-{seed}-{number}")
        while not game.is_done and game.phase.year <= until:
            spent += _play_phase(game, players, timed=seat)
        scores.append(game.scores()[seat])
        centers.append(len(game.centers(seat)))
        wins += game.winner is seat
        defeats += game.winner not in (None, seat)
    return MatchResult(
        games=games,
        mean_score=float(np.mean(scores)),
        interval=_bootstrap(scores, np.random.default_rng(seed)),
        wins=wins,
        defeats=defeats,
        mean_centers=float(np.mean(centers)),
        scores=tuple(scores),
        seconds_per_phase=float(np.mean(spent)) if spent else 0.0,
    )


def _play_phase(game: Game, players: Mapping[Power, Agent], timed: Power | None = None) -> list[float]:
    """Plays the phase at hand; seconds the timed power took, if it is a movement phase."""
    seconds: list[float] = []
    for power in game.alive:
        start = time.perf_counter()
        game.set_orders(power, players[power].act(game.view(power), power))
        if power is timed and game.phase.kind is PhaseKind.MOVEMENT:
            seconds.append(time.perf_counter() - start)
    game.process()
    return seconds


def _bootstrap(scores: Sequence[float], rng: np.random.Generator) -> tuple[float, float]:
    means = rng.choice(np.array(scores), (4000, len(scores))).mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)
