"""Joint actions -> expected scores: one step of the rules, retreats and builds played out plainly, then a value."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine._core import Position
from planner import _planner
from planner.candidates import Codes
from planner.geometry import FloatArray, IntArray
from planner.prior import Learner
from planner.sources import AnchorSource, RuleSource
from planner.values import SHIPPED_VALUE, Scoring, ThreatConfig, Value, load_value, threat_value

ScoreArray = NDArray[np.float32]
_T = TypeVar("_T")
_KEPT = 4
"""Results that `Evaluator.once` keeps."""


@dataclass(frozen=True)
class ValueConfig:
    """What positions are worth."""

    value: str = "network"
    """``network``: the shipped network; ``threat``: the hand-made value; else the file of a value network."""
    scoring: str = "sum_of_squares"
    """What the score of a game is: ``sum_of_squares``, ``draw_size`` or ``solo``; by hand, the first."""
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
    """What a search asks about a position: scores of joint actions, plausible actions, better ones.

    Args:
        config: the value.
        source: where anchors come from; default rules of thumb.
        threads: threads of rules and value together; they do not change what is returned.
        learner: what, behind the source, learns from what is played; such an evaluator is one player's in one game.

    Raises:
        NetworkFileError: the value's file is missing or damaged.
    """

    def __init__(
        self,
        config: ValueConfig | None = None,
        source: AnchorSource | None = None,
        threads: int = 1,
        learner: Learner | None = None,
    ) -> None:
        self.config = config or ValueConfig()
        self.value = self.config.load()
        self.scoring = Scoring[self.config.scoring.upper()]
        self.source: AnchorSource = source or RuleSource()
        self.threads = threads
        self.learner = learner
        self._memo = _planner.Memo()
        self.evaluated = 0
        """Joint actions scored by `scores`, for measurements."""
        self._known: dict[Hashable, Any] = {}
        self._lock = threading.Lock()
        """Of `_known`: games that are played side by side share an evaluator."""

    def once(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """What a pure function of the key makes: worked out once for all who share the evaluator, and kept a while."""
        with self._lock:
            if key in self._known:
                found: _T = self._known[key]
                return found
        made = make()
        with self._lock:
            while len(self._known) >= _KEPT:
                del self._known[next(iter(self._known))]
            self._known[key] = made
        return made

    def forget(self) -> None:
        """Forgets whatever was worked out, for measurements."""
        self._known.clear()
        self._memo = _planner.Memo()

    def scores(self, position: Position, actions: Sequence[Sequence[Codes]], profiles: IntArray) -> ScoreArray:
        """Expected scores ``[N, 7]`` of joint actions.

        Args:
            position: where they are played.
            actions: per power, its actions.
            profiles: ``[N, 7]``: number of each power's action.
        """
        self.evaluated += len(profiles)
        return _planner.score_profiles(
            position,
            actions,
            np.ascontiguousarray(profiles, np.int32),
            self.value,
            self.ending(position),
            self.scoring,
            self._memo,
            self.threads,
        )

    def explore(
        self,
        position: Position,
        actions: Sequence[Sequence[Codes]],
        log_anchors: Sequence[FloatArray],
        policies: Sequence[FloatArray],
        config: _planner.ExploreConfig,
        seed: int,
    ) -> list[list[tuple[Codes, Sequence[float], float]]]:
        """Per power its actions, given ones first, with everybody's scores; see `planner._planner.explore`."""
        return _planner.explore(
            position,
            actions,
            [row.tolist() for row in log_anchors],
            [row.tolist() for row in policies],
            self.value,
            config,
            seed,
            self.ending(position),
            self.scoring,
            self._memo,
            self.threads,
        )

    def ending(self, position: Position) -> float:
        """The chance that the game ends with this year, for what follows the phase at hand."""
        return self.config.ending_of(int(position.phase[1:5]))
