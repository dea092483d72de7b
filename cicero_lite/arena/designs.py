"""Who sits where in the game of each number: functions of the experiment and its seed, and for a ladder of the results
of its earlier rounds.

The piece that round robin and ladder are made of is a balanced block: as many games as there are agents, in each of
which the agents are turned one seat further, so that every agent plays every power exactly once (a cyclic Latin
square; Cochran and Cox 1957, "Experimental Designs", chapter 4).  Which agents share a game follows from the turns by
which the seats differ, drawn anew for each block so that over the blocks all pairs meet as equally as possible.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cicero_lite.arena.experiment import DesignKind, Experiment
from cicero_lite.arena.one_v_six import game_seed, seat_of
from engine.types import POWERS, Power

_DRAWS = 32
"""Blocks that are drawn, of which the one is taken that evens out who met whom."""
_STREAM = 4_108
"""Of the random numbers of designs, apart from those of the games."""

Strengths: TypeAlias = Callable[[int], Mapping[str, float]]
"""Number of a game -> how strong each agent is, by label, as the games before it show."""


@dataclass(frozen=True)
class Seating:
    """The game of a number, before it is played."""

    number: int
    seed: int
    cluster: int
    """Games of the same number share luck: they have the same seed; intervals draw them together."""
    seats: tuple[str, ...]
    """Label of the agent of each power, in the order of `POWERS`."""

    @property
    def labels(self) -> dict[Power, str]:
        """Who plays each power."""
        return dict(zip(POWERS, self.seats, strict=True))

    @property
    def alone(self) -> Power | None:
        """The power whose agent no other seat has; None: there is none, or more than one."""
        found = [power for power, label in self.labels.items() if self.seats.count(label) == 1]
        return found[0] if len(found) == 1 else None


class Schedule:
    """All games of an experiment.

    Args:
        experiment: who plays.
        strengths: of the agents; asked for by a ladder alone.
    """

    def __init__(self, experiment: Experiment, strengths: Strengths = lambda number: {}) -> None:
        self._experiment = experiment
        self._strengths = strengths
        self._labels = experiment.labels
        self._met = np.zeros((len(self._labels), len(self._labels)), dtype=np.int64)
        self._blocks: list[list[list[int]]] = []

    @property
    def block(self) -> int:
        """Games after which the design is even again."""
        match self._experiment.design.kind:
            case DesignKind.ONE_V_SIX:
                return len(POWERS) * (len(self._labels) - 1)
            case DesignKind.POPULATION:
                return 1
        return len(self._labels)

    @property
    def round(self) -> int | None:
        """Games of a round, which must be over before the next one is drawn; None: all are known from the start."""
        return len(self._labels) if self._experiment.design.kind is DesignKind.LADDER else None

    def seating(self, number: int) -> Seating:
        """The game of this number, from 0 on."""
        match self._experiment.design.kind:
            case DesignKind.ONE_V_SIX:
                return self._one_v_six(number)
            case DesignKind.POPULATION:
                seats = self._drawn(number)
            case _:
                seats = self._block_of(number // self.block)[number % self.block]
        labels = tuple(self._labels[agent] for agent in seats)
        return Seating(number, game_seed(self._experiment.seed, number), number, labels)

    def _one_v_six(self, number: int) -> Seating:
        base = self._experiment.design.base
        assert base is not None
        ones = [label for label in self._labels if label != base]
        one, pair = ones[number % len(ones)], number // len(ones)
        labels = tuple(one if power is seat_of(pair) else base for power in POWERS)
        return Seating(number, game_seed(self._experiment.seed, pair), pair, labels)

    def _drawn(self, number: int) -> Sequence[int]:
        weights = np.array([self._experiment.design.weights.get(label, 1.0) for label in self._labels])
        return [int(i) for i in self._rng(number).choice(len(weights), size=len(POWERS), p=weights / weights.sum())]

    def _block_of(self, number: int) -> list[list[int]]:
        while len(self._blocks) <= number:
            self._blocks.append(self._next_block(len(self._blocks)))
        return self._blocks[number]

    def _next_block(self, number: int) -> list[list[int]]:
        """The agents of each seat, in each game of the block; blocks are drawn in their order."""
        rng = self._rng(number)
        games: list[list[int]] = []
        for group in self._groups(number):
            drawn = [_turned(group, rng) for _ in range(_DRAWS)]
            best = min(drawn, key=lambda block: _unevenness(self._met + _meetings(block, len(self._labels)), group))
            self._met += _meetings(best, len(self._labels))
            games += best
        return games

    def _groups(self, number: int) -> list[list[int]]:
        everybody = list(range(len(self._labels)))
        if self._experiment.design.kind is not DesignKind.LADDER:
            return [everybody]
        strengths = self._strengths(number * self.block)
        rng = np.random.default_rng([self._experiment.seed, _STREAM, number, 1])
        # Agents of whom nothing is known yet are in any order.
        luck = rng.permutation(len(everybody))
        ranked = sorted(everybody, key=lambda agent: (-strengths.get(self._labels[agent], 0.0), luck[agent]))
        return _neighbours(ranked, self._experiment.design.near, number)

    def _rng(self, number: int) -> np.random.Generator:
        return np.random.default_rng([self._experiment.seed, _STREAM, number])


def _neighbours(ranked: Sequence[int], near: int, number: int) -> list[list[int]]:
    """Groups of neighbours; in every other round they begin in the middle of those before, so that groups mix."""
    first = near // 2 if number % 2 and near < len(ranked) else 0
    groups = [list(ranked[:first])] if first else []
    groups += [list(ranked[start : start + near]) for start in range(first, len(ranked), near)]
    if len(groups) > 1 and len(groups[-1]) < 2:
        groups[-2:] = [groups[-2] + groups[-1]]
    if len(groups) > 1 and len(groups[0]) < 2:
        groups[:2] = [groups[0] + groups[1]]
    return groups


def _turned(group: Sequence[int], rng: np.random.Generator) -> list[list[int]]:
    """A balanced block of these agents: a game for each of them."""
    count = len(group)
    order = rng.permutation(count)
    whole, rest = divmod(len(POWERS), count)
    turns = np.concatenate([np.tile(np.arange(count), whole), rng.permutation(count)[:rest]])
    turns = rng.permutation(turns)
    return [[group[order[(game + turn) % count]] for turn in turns] for game in range(count)]


def _meetings(block: Sequence[Sequence[int]], count: int) -> NDArray[np.int64]:
    """``[N, N]``: at how many pairs of seats of a game two agents sat."""
    found = np.zeros((count, count), dtype=np.int64)
    for game in block:
        seats = np.bincount(game, minlength=count)
        found += np.outer(seats, seats)
    return found


def _unevenness(met: NDArray[np.int64], group: Sequence[int]) -> float:
    within = met[np.ix_(group, group)]
    others = within[~np.eye(len(group), dtype=bool)]
    return float(others.var()) if len(others) else 0.0


__all__ = ["Schedule", "Seating", "Strengths"]
