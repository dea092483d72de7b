"""Actors of self-play: whole games in which the planner's search decides every phase for all seven powers.

As in DiL-piKL self-play (Bakhtin, Wu, Lerer, Gray, Jacob, Farina, Miller and Brown 2022, "Mastering the game of
no-press Diplomacy via human-regularized reinforcement learning and planning"): the policy network proposes actions in
the searchers' style and in people's, people's is the anchor; every power has a λ of its own for a game, the others
know only the distribution that it was drawn from; each plays a draw from its equilibrium policy.  What is recorded as
the search policy is that of the least λ, the strongest player.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from engine._core import Batch, Position
from engine.mapfile import core_map
from engine.types import POWERS, Phase, PhaseKind
from planner._planner import Scoring, final_scores
from planner.candidates import CandidateConfig, Codes
from planner.equilibrium import FloatArray, HedgeConfig, solve
from planner.network import PolicyConfig, PolicyNetwork
from planner.opponents import OpponentConfig
from planner.policy_model import PolicyModel
from planner.polymatrix import solve_polymatrix
from planner.prior import PriorConfig
from planner.public import ExploreConfig, Oracle, SearchConfig, lambda_scales, public_search, types_of
from planner.rollout import Evaluator, ValueConfig
from planner.sources import NetworkSource
from planner.value_network import ValueNetwork
from planner.values import network_value
from training.chunks import padded
from training.searched import SearchedGames

SEARCH, ANCHOR = "search", "human"
"""Styles of the policy network: the one that is taught, and the one that searchers stay near."""

_LEAST_KEPT = 0.002
"""Candidates of which search and anchor both think less are not recorded."""
_MATCH_TEMPERATURE = 0.75
"""Of policies that play without search, as in Cicero's rollouts."""
_WILD = 1.5
"""Temperature of proposals for variety, and of openings."""
_SEEDS = 2**63


@dataclass(frozen=True)
class Acting:
    """How actors search, and what games they play."""

    samples: int = 12
    """Actions that the network proposes a power in each of the two styles; a third of them wilder ones."""
    most: int = 10
    """Of these, how many are searched, at most."""
    passes: int = 1
    """Passes of the double oracle."""
    generations: int = 2
    """Of changed actions in a pass."""
    changes: int = 12
    """Changed actions of a generation."""
    tries: int = 4
    """Joint actions of the others that each is tried against."""
    found: int = 2
    """Actions found that a power keeps of a pass."""
    tables: int = 1
    """Background profiles behind each entry of the pairwise tables."""
    updates: int = 64
    """Updates of the equilibrium."""
    sampled_updates: int = 8
    """The same in retreats and adjustments, which have no tables."""
    lambda_low: float = 0.001
    """Least λ, as a part of the usual stakes: the player to learn from."""
    lambda_high: float = 0.1
    """Largest λ."""
    lambdas: int = 4
    """Types of players, their λ log-uniformly from the one to the other; each power is one of them, for a game."""
    noise: float = 0.03
    """Chance that a power plays any of its candidates."""
    random_phases: int = 3
    """So many first movement phases, at most, are not searched: the network plays them as people do, but wilder."""
    first_end: int = 1906
    """A game's last year is drawn from this one ..."""
    until: int = 1914
    """... to this one."""
    match_until: int = 1908
    """Last year of the games that measure networks."""

    def search(self, seed: int) -> SearchConfig:
        """The planner's configuration; the seed varies it between games."""
        lambdas = np.geomspace(self.lambda_low, self.lambda_high, self.lambdas)
        return SearchConfig(
            style=SEARCH,
            opponents=OpponentConfig(styles=(ANCHOR,), lambdas=tuple(lambdas.tolist())),
            candidates=CandidateConfig(most=self.most),
            explore=ExploreConfig(
                passes=self.passes,
                generations=self.generations,
                width=self.changes,
                samples=self.tries,
                kept=self.found,
            ),
            tables=self.tables,
            iterations=self.updates,
            samples=2,
            scout_iterations=3,
            lambda_=self.lambda_low,
            seed=seed,
        )


@dataclass(frozen=True, eq=False)
class Networks:
    """A policy and a value network as plain arrays, ready to be sent to another machine."""

    config: PolicyConfig
    policy: Mapping[str, NDArray[np.float32]]
    value: Mapping[str, NDArray[np.float32]]

    @classmethod
    def of(cls, policy: PolicyNetwork, value: ValueNetwork) -> Networks:
        """A copy of the networks' weights."""
        weights = {name: tensor.detach().cpu().float().numpy().copy() for name, tensor in policy.state_dict().items()}
        return cls(policy.config, weights, {n: tensor.numpy().copy() for n, tensor in value.arrays().items()})


@dataclass(frozen=True)
class Searched:
    """What a search of one phase found; a tuple has one entry a power."""

    actions: tuple[tuple[Codes, ...], ...]
    """Candidates."""
    types: tuple[FloatArray, ...]
    """``[K, A]``: policy of each type, the least λ first."""
    anchors: tuple[FloatArray, ...]
    """``[A]``"""
    values: tuple[float, ...]
    """Scores expected, the types mixed."""


class Player:
    """Networks at work, in one thread.

    Args:
        networks: proposals, anchor and value.
        settings: how to search.
    """

    def __init__(self, networks: Networks, settings: Acting) -> None:
        network = PolicyNetwork(networks.config)
        network.load_state_dict({name: torch.from_numpy(array) for name, array in networks.policy.items()})
        self._model, self._settings = PolicyModel(network), settings
        config = PriorConfig(settings.samples, settings.samples // 3, _WILD)
        self._evaluator = Evaluator(ValueConfig("threat"), NetworkSource(self._model, config))
        self._evaluator.value = network_value(networks.value, Scoring.SUM_OF_SQUARES)

    def search(self, position: Position, config: SearchConfig, rng: np.random.Generator) -> Searched:
        """One equilibrium of all seven powers."""
        public = public_search(position, config, self._evaluator)
        scales = lambda_scales(public.situation.phase, public.stakes, config)
        anchors, lambdas = types_of(public.log_anchors, scales, config)
        if public.game is not None:
            found = solve_polymatrix(public.game, anchors, lambdas, HedgeConfig(config.iterations))
        else:
            hedge = HedgeConfig(self._settings.sampled_updates, config.samples)
            found = solve(anchors, lambdas, Oracle(position, public.sets, self._evaluator), rng, hedge)
        return Searched(
            actions=tuple(own.actions for own in public.sets),
            types=found.type_averages,
            anchors=tuple(rows[0] for rows in anchors),
            values=found.utilities,
        )

    def sample(self, position: Position, style: str, temperature: float, rng: np.random.Generator) -> list[Codes]:
        """An action of each power, by the policy network alone."""
        drawn = self._model.sample_all(self._model.encode(position), 1, rng, style, temperature)
        return [action for (action,) in drawn]


def play_game(settings: Acting, networks: Networks, seed: Sequence[int], number: int) -> SearchedGames:
    """One game of self-play; it follows from the arguments alone.

    Args:
        settings: how.
        networks: whose proposals, anchor and value.
        seed: of all games.
        number: of this one.
    """
    rng = np.random.default_rng([*seed, number])
    player, config = Player(networks, settings), settings.search(int(rng.integers(_SEEDS)))
    last_year = rng.integers(settings.first_end, max(settings.first_end, settings.until) + 1)
    random_phases = rng.integers(settings.random_phases + 1)
    types = rng.integers(settings.lambdas, size=len(POWERS))
    position, record = core_map("standard").start(), _Record()
    with _one_thread():
        while not position.is_over and int(position.phase[1:5]) <= last_year:
            moves = Phase.parse(position.phase).kind is PhaseKind.MOVEMENT
            if moves and random_phases:
                random_phases -= 1
                played = player.sample(position, ANCHOR, _WILD, rng)
                record.add(played, None)
            else:
                found = player.search(position, config, rng)
                played = []
                for own, policies, kind in zip(found.actions, found.types, types, strict=True):
                    policy = policies[kind]
                    if rng.random() < settings.noise:
                        policy = np.full(len(own), 1 / len(own))
                    played.append(own[_choice(policy, rng)])
                record.add(played, found)
            position, _ = position.step(played)
    return record.games()


def play_match(
    settings: Acting, one: Networks, six: Networks, searching: bool, seed: Sequence[int], number: int
) -> float:
    """Sum-of-squares score of one pair of networks alone against six of another; parity is 1/7.

    Args:
        settings: how to search, and how long to play.
        one: alone; the number says in which seat.
        six: in the other seats.
        searching: whether they search, as the strongest type; else the policies play alone.
        seed: of all games.
        number: of this one, from 0 on.
    """
    rng = np.random.default_rng([*seed, number])
    seat = number % len(POWERS)
    players = [Player(networks, settings) for networks in (one, six)]
    config = settings.search(int(rng.integers(_SEEDS)))
    position = core_map("standard").start()
    with _one_thread():
        while not position.is_over and int(position.phase[1:5]) <= settings.match_until:
            proposed = []
            for player in players:
                if searching:
                    found = player.search(position, config, rng)
                    both = zip(found.actions, found.types, strict=True)
                    proposed.append([own[_choice(policies[0], rng)] for own, policies in both])
                else:
                    proposed.append(player.sample(position, SEARCH, _MATCH_TEMPERATURE, rng))
            orders = [proposed[power != seat][power] for power in range(len(POWERS))]
            position, _ = position.step(orders)
    return float(final_scores(Batch.of([position], 1))[0, seat])


class _Record:
    """A game while it is played."""

    def __init__(self) -> None:
        self._codes: list[list[int]] = []
        self._values: list[Sequence[float]] = []
        self._actions: list[Codes] = []
        self._counts: list[int] = []
        self._policy: list[FloatArray] = []
        self._anchor: list[FloatArray] = []

    def add(self, played: Sequence[Codes], found: Searched | None) -> None:
        """A phase: what all powers played, and what the search found, if there was one."""
        self._codes.append([code for action in played for code in action])
        if found is None:
            self._values.append([np.nan] * len(POWERS))
            self._counts += [0] * len(POWERS)
            return
        self._values.append(found.values)
        for actions, types, anchor in zip(found.actions, found.types, found.anchors, strict=True):
            policy = types[0]
            kept = np.flatnonzero(np.maximum(policy, anchor) > _LEAST_KEPT)
            if not any(actions):
                kept = kept[:0]
            self._actions += [actions[number] for number in kept]
            self._counts.append(len(kept))
            self._policy.append(policy[kept])
            self._anchor.append(anchor[kept])

    def games(self) -> SearchedGames:
        """The game as arrays."""
        return SearchedGames(
            games=np.zeros(len(self._codes), np.int32),
            codes=padded(self._codes),
            values=np.array(self._values, np.float32),
            actions=padded(self._actions),
            starts=np.concatenate([[0], np.cumsum(self._counts)]).astype(np.int64),
            policy=np.concatenate([np.zeros(0), *self._policy]).astype(np.float32),
            anchor=np.concatenate([np.zeros(0), *self._anchor]).astype(np.float32),
        )


def _choice(policy: FloatArray, rng: np.random.Generator) -> int:
    return int(rng.choice(len(policy), p=policy / policy.sum()))


@contextmanager
def _one_thread() -> Iterator[None]:
    """More threads would add in another order, and a draw might fall differently."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
