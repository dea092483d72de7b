"""Joint actions -> expected score of all seven powers: one step of the rules, retreats played out, then a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine._core import Position
from engine.types import POWERS
from planner import _planner
from planner.candidates import Codes
from planner.geometry import IntArray
from planner.values import SHIPPED_VALUE, Scoring, ThreatConfig, Value, load_value, threat_value

ScoreArray = NDArray[np.float32]

_ID_BITS = 9
"""Bits for an action's number in a cache key: seven of them fit into 63."""


@dataclass(frozen=True)
class ValueConfig:
    """What positions are worth."""

    value: str = "threat"
    """``network``: the shipped network; ``threat``: the hand-made value; else the file of a value network."""
    scoring: str = "sum_of_squares"
    """What the score of a game is: ``sum_of_squares``, ``draw_size`` or ``solo``.  The hand-made value knows the first."""
    endings: tuple[tuple[int, float], ...] = ()
    """(year, chance that the game ends as that year does, if it comes to that): from each year on, its chance holds
    until another is given; a chance of 1 is the last year.  Cicero's blitz games ended in 1908."""

    def __post_init__(self) -> None:
        if self.scoring.upper() not in Scoring.__members__:
            known = ", ".join(name.lower() for name in Scoring.__members__)
            raise ValueError(f"scoring: expected one of {known}, got {self.scoring!r}")
        if self.value == "threat" and self.scoring != "sum_of_squares":
            raise ValueError(f"scoring: expected sum_of_squares with the hand-made value, got {self.scoring!r}")
        for year, chance in self.endings:
            if not 0 <= chance <= 1:
                raise ValueError(f"endings: expected a chance from 0 to 1 for {year}, got {chance}")

    def load(self) -> Value:
        """The value.

        Raises:
            NetworkFileError: its file is missing or damaged.
        """
        if self.value == "threat":
            return threat_value(ThreatConfig())
        return load_value(SHIPPED_VALUE if self.value == "network" else self.value, Scoring[self.scoring.upper()])

    def ending_of(self, year: int) -> float:
        """The chance that the game ends as this year does.

        >>> ValueConfig(endings=((1907, 0.2), (1908, 1.0))).ending_of(1907)
        0.2
        """
        return max((begins for begins in self.endings if begins[0] <= year), default=(0, 0.0))[1]


class Evaluator:
    """Scores joint actions, and remembers scores for other searches of the same position.

    What it returns never depends on what it remembers.  Not thread-safe.

    Args:
        config: the value.
        capacity: joint actions remembered in all; when full, the oldest positions are forgotten.
        threads: threads of rules and value together.

    Raises:
        NetworkFileError: the value's file is missing or damaged.
    """

    def __init__(self, config: ValueConfig | None = None, capacity: int = 200_000, threads: int = 1) -> None:
        self.config = config or ValueConfig()
        self.value = self.config.load()
        self.scoring = Scoring[self.config.scoring.upper()]
        self.evaluated = 0
        """Joint actions scored by the rules and the value, for measurements."""
        self.recalled = 0
        """Joint actions answered from memory."""
        self.threads = threads
        self._capacity = capacity
        self._memories: dict[Position, _Memory] = {}
        self.shared: dict[object, object] = {}
        """Results of other pure functions of a position, kept by the search; bounded by it."""

    def scores(
        self,
        position: Position,
        actions: Sequence[Sequence[Codes]],
        profiles: IntArray,
        remember: bool = True,
    ) -> ScoreArray:
        """Expected scores ``[N, 7]`` of joint actions.

        Args:
            position: where they are played.
            actions: per power, its actions.
            profiles: ``[N, 7]``: number of each power's action.
            remember: whether to look up and keep scores; unwise for actions asked about only once.
        """
        if not remember:
            return self._evaluate(position, actions, profiles)
        memory = self._memory(position)
        keys = memory.keys(actions, profiles)
        if keys is None:
            return self._evaluate(position, actions, profiles)
        place = memory.place
        found = [place.get(key, -1) for key in keys]
        new: dict[int, int] = {}
        for row, (key, at) in enumerate(zip(keys, found, strict=True)):
            if at < 0 and key not in new:
                new[key] = row
        if new:
            rows = np.fromiter(new.values(), np.int64, len(new))
            memory.add(list(new), self._evaluate(position, actions, profiles[rows]))
            found = [place[key] for key in keys]
        self.recalled += len(profiles) - len(new)
        return memory.scores[np.array(found, np.int64)]

    def ending(self, position: Position) -> float:
        """The chance that the game ends with this year, for what follows the phase at hand."""
        return self.config.ending_of(int(position.phase[1:5]))

    def _memory(self, position: Position) -> _Memory:
        memory = self._memories.get(position)
        if memory is None:
            while self._memories and sum(len(m.place) for m in self._memories.values()) > self._capacity:
                del self._memories[next(iter(self._memories))]
            memory = self._memories[position] = _Memory()
        return memory

    def _evaluate(self, position: Position, actions: Sequence[Sequence[Codes]], profiles: IntArray) -> ScoreArray:
        self.evaluated += len(profiles)
        return _planner.score_profiles(
            position,
            [list(own) for own in actions],
            np.ascontiguousarray(profiles, np.int32),
            self.value,
            self.ending(position),
            self.scoring,
            self.threads,
        )


@dataclass
class _Memory:
    """Scores of joint actions of one position."""

    number: tuple[dict[Codes, int], ...] = field(default_factory=lambda: tuple({} for _ in POWERS))
    place: dict[int, int] = field(default_factory=dict)
    scores: ScoreArray = field(default_factory=lambda: np.empty((4096, len(POWERS)), np.float32))

    def keys(self, actions: Sequence[Sequence[Codes]], profiles: IntArray) -> list[int] | None:
        """A number for each joint action, the same for the same orders; None when there are too many."""
        total = np.zeros(len(profiles), np.int64)
        for power, (known, own) in enumerate(zip(self.number, actions, strict=True)):
            ids = [known.setdefault(action, len(known)) for action in own] or [0]
            if len(known) > 1 << _ID_BITS:
                return None
            total |= np.array(ids, np.int64)[profiles[:, power]] << (_ID_BITS * power)
        keys: list[int] = total.tolist()
        return keys

    def add(self, keys: Sequence[int], scores: ScoreArray) -> None:
        size = len(self.place)
        while size + len(keys) > len(self.scores):
            self.scores = np.concatenate([self.scores, np.empty_like(self.scores)])
        self.scores[size : size + len(keys)] = scores
        self.place.update(zip(keys, range(size, size + len(keys)), strict=True))
