"""Agents to measure against: random, greedy by the rule policy, DumbBot, a best-response searcher.

An agent is one method: ``act(view, power) -> Action``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.game import GameView
from engine.notation import order_sort_key
from engine.record import PhaseRecord
from engine.types import POWERS, Action, PhaseKind, Power
from planner import _planner
from planner.candidates import CandidateConfig, RulePolicy, rule_policy
from planner.geometry import Geometry, geometry
from planner.models import shared_evaluator
from planner.observation import Prediction, learned, teach
from planner.opponents import OpponentBeliefs
from planner.options import situation
from planner.rollout import Evaluator
from planner.search import SearchConfig, search
from planner.talk import Beliefs
from planner.values import threat_value


class Agent(Protocol):
    """Whoever can order a power's units."""

    def act(self, view: GameView, power: Power) -> Action:
        """The orders of the power in the phase at hand."""
        ...


class RandomAgent:
    """Plays a legal order drawn evenly for each unit: the example of an agent."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def act(self, view: GameView, power: Power) -> Action:
        return self.redraw(view, power, 1, self.rng)[0]

    def redraw(self, view: GameView, power: Power, times: int, rng: np.random.Generator) -> list[Action]:
        """So many draws of what `act` may play."""
        return [self._drawn(view, power, rng) for _ in range(times)]

    def _drawn(self, view: GameView, power: Power, rng: np.random.Generator) -> Action:
        legal = [orders[rng.integers(len(orders))] for orders in view.legal_orders(power).values() if orders]
        if view.phase.kind is PhaseKind.ADJUSTMENTS:
            few = abs(view.build_count(power))
            legal = [legal[number] for number in rng.permutation(len(legal))[:few]]
        return tuple(sorted(legal, key=order_sort_key))


class GreedyAgent:
    """Plays the likeliest action of the rule policy, or a draw from it."""

    def __init__(self, rng: np.random.Generator, draw: bool = False) -> None:
        self.rng = rng
        self.draw = draw

    def act(self, view: GameView, power: Power) -> Action:
        return self.redraw(view, power, 1, self.rng)[0]

    def redraw(self, view: GameView, power: Power, times: int, rng: np.random.Generator) -> list[Action]:
        """So many draws of what `act` may play."""
        board = geometry(view.position.map.name)
        policy = rule_policy(situation(view.position, board), power.number)
        return [self._one_of(policy, board, rng) for _ in range(times)]

    def _one_of(self, policy: RulePolicy, board: Geometry, rng: np.random.Generator) -> Action:
        actions = policy.likely(CandidateConfig(chains=24, foreign_supports=0), rng)
        energies = policy.energies(actions)
        weights = np.exp(energies - energies.max())
        number = rng.choice(len(actions), p=weights / weights.sum()) if self.draw else np.argmax(energies)
        return board.action(actions[int(number)])


class SearchAgent:
    """Plays the action that the search finds, without press, and learns what the other players are like."""

    def __init__(
        self,
        rng: np.random.Generator,
        config: SearchConfig | None = None,
        evaluator: Evaluator | None = None,
    ) -> None:
        self.rng = rng
        self.config = config or SearchConfig()
        self.evaluator = evaluator or shared_evaluator(self.config)
        self.players = OpponentBeliefs.start(len(POWERS), self.config.opponents.among(self.evaluator.source.styles))
        """What it believes of them."""
        self._prediction: Prediction | None = None

    def act(self, view: GameView, power: Power) -> Action:
        beliefs = Beliefs(players=self.players)
        plan = search(view, power, beliefs, self.config, self.rng, evaluator=self.evaluator)
        self._prediction = plan.prediction
        return plan.action

    def phase_resolved(self, record: PhaseRecord) -> None:
        """Learns from what the others ordered in the phase that it planned last."""
        if self.config.adapt and self._prediction is not None:
            self.players = learned(self.players, self._prediction, record)
            teach(self.evaluator, self._prediction.power, record)
        self._prediction = None


class DumbBot:
    """DumbBot (David Norman, 2002), written anew from its published description; see ``planner/src/dumbbot.hpp``."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def act(self, view: GameView, power: Power) -> Action:
        return self.redraw(view, power, 1, self.rng)[0]

    def redraw(self, view: GameView, power: Power, times: int, rng: np.random.Generator) -> list[Action]:
        """So many draws of what `act` may play."""
        drawn = _planner.dumbbot(view.position, power.number, times, int(rng.integers(2**63)))
        board = geometry(view.position.map.name)
        return [board.action(codes) for codes in drawn]


class Handicapped:
    """DumbBot, but that in a share of the phases, drawn at random, it gives any legal orders.

    A known answer for experiments: how much worse than DumbBot it plays rises with the share, and nothing else differs.
    """

    def __init__(self, rng: np.random.Generator, share: float) -> None:
        self._rng, self._share = rng, share
        self._able, self._unable = DumbBot(rng), RandomAgent(rng)

    def act(self, view: GameView, power: Power) -> Action:
        unable = self._rng.random() < self._share
        return (self._unable if unable else self._able).act(view, power)


@dataclass(frozen=True)
class ResponderConfig:
    """How hard the best-response searcher looks."""

    own: int = 32
    """Actions drawn for itself to begin with."""
    profiles: int = 16
    """Joint actions of the others that each of its actions is tried against."""
    mutations: int = 128
    """Changed actions tried, in four generations."""


class Responder:
    """The frozen yardstick: the best action it finds by local search against powers taken for DumbBots.

    No equilibrium, no anchor, no network: the hand-made threat value after one move.  It is not to be improved.
    """

    _GENERATIONS = 4

    def __init__(self, rng: np.random.Generator, config: ResponderConfig | None = None) -> None:
        self.rng = rng
        self.config = config or ResponderConfig()
        self._value = threat_value()

    def act(self, view: GameView, power: Power) -> Action:
        position, config = view.position, self.config
        explore = _planner.ExploreConfig()
        explore.rounds, explore.generations = 1, self._GENERATIONS
        explore.width, explore.samples = max(1, config.mutations // self._GENERATIONS), config.profiles
        explore.kept, explore.unknown_anchor = 1, 0.0
        explore.searches = [p is power for p in POWERS]
        counts = [config.own if p is power else config.profiles for p in POWERS]
        seeds = self.rng.integers(2**63, size=len(POWERS) + 1)
        actions = [
            _planner.dumbbot(position, p.number, n, int(seeds[p.number])) for p, n in zip(POWERS, counts, strict=True)
        ]
        log_anchors = [[0.0] * len(own) for own in actions]
        policies = [[1.0 / len(own)] * len(own) for own in actions]
        found = _planner.explore(position, actions, log_anchors, policies, self._value, explore, int(seeds[-1]))
        best, _, _ = max(found[power.number], key=lambda entry: entry[1][power.number])
        return geometry(position.map.name).action(best)
