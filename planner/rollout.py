"""Joint actions -> expected score of all seven powers: one step of the rules, then a hand-made value.

The value looks one move past the step: who stands in, owns and could reach each centre gives a chance for
each power to own it after the next autumn; the expected numbers of centres x give the score ``x_p² / Σ x²``
(sum of squares), and near 18 centres a growing chance of a solo, which takes all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine._core import Batch, Position
from engine.types import POWERS
from planner.candidates import Codes
from planner.geometry import IntArray

ScoreArray = NDArray[np.float32]

_ID_BITS = 9
"""Bits for an action's number in a cache key: seven of them fit into 63."""
_REACH_LEVELS = 4


@dataclass(frozen=True)
class Claims:
    """Log-weights of a power's claim to own a centre after the next autumn; the chances are their softmax.

    Each tuple is by margin, own units that could be there less those of the strongest other power: -2 (or
    worse), -1, 0, 1, 2.  Shapes and sizes follow a conditional logit fit to who owned what in public games and in
    games among rule-based agents, made monotonic by hand.
    """

    stands: tuple[float, float, float, float, float]
    """A unit of the power stands in the centre."""
    empty: tuple[float, float, float, float, float]
    """Nobody stands there."""
    against: tuple[float, float, float, float, float]
    """Another power's unit stands there."""
    owns_standing: float
    """Added if the power owns the centre and stands in it."""
    owns_empty: float
    """Added if it owns the centre and nobody stands there."""
    owns_against: float
    """Added if it owns the centre in which another stands."""
    owns_remote: float
    """Added if it owns the centre and has no unit near."""
    nobody: float
    """Log-weight of a neutral centre staying neutral."""


@dataclass(frozen=True)
class ValueConfig:
    """Constants of the hand-made value."""

    one_move: Claims = Claims(
        stands=(0.5, 1.1, 1.7, 1.9, 2.0),
        empty=(-1.3, -1.2, -0.8, 0.0, 0.7),
        against=(-2.6, -1.6, -0.1, 0.4, 0.8),
        owns_standing=0.1,
        owns_empty=1.1,
        owns_against=0.2,
        owns_remote=0.6,
        nobody=-0.6,
    )
    """When one move remains before centres change hands."""
    two_moves: Claims = Claims(
        stands=(-0.4, 0.1, 0.6, 0.7, 0.8),
        empty=(-0.8, -0.2, 0.1, 0.8, 0.9),
        against=(-1.9, -1.1, 0.2, 0.7, 1.1),
        owns_standing=0.9,
        owns_empty=0.9,
        owns_against=0.0,
        owns_remote=0.6,
        nobody=-0.4,
    )
    """When two moves remain."""
    solo_centers: float = 17.5
    """Expected centres at which a solo is as likely as not."""
    solo_slope: float = 1.5
    """Log-odds of a solo per expected centre."""
    centers_only: bool = False
    """Score what is owned, with no look ahead: right when the game ends with this phase."""


class Evaluator:
    """Scores joint actions, and remembers scores for other searches of the same position.

    What it returns never depends on what it remembers.  Not thread-safe.

    Args:
        config: the value's constants.
        capacity: joint actions remembered in all; when full, the oldest positions are forgotten.
        threads: threads of the rules' batches.
    """

    def __init__(self, config: ValueConfig | None = None, capacity: int = 200_000, threads: int = 1) -> None:
        self.config = config or ValueConfig()
        self.evaluated = 0
        """Joint actions scored by the rules and the value, for measurements."""
        self.recalled = 0
        """Joint actions answered from memory."""
        self._capacity = capacity
        self._threads = threads
        self._memories: dict[Position, _Memory] = {}
        self._claims = {True: self.config.one_move, False: self.config.two_moves}
        self._table = {one_move: _ownership_table(claims) for one_move, claims in self._claims.items()}
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

    def _memory(self, position: Position) -> _Memory:
        memory = self._memories.get(position)
        if memory is None:
            while self._memories and sum(len(m.place) for m in self._memories.values()) > self._capacity:
                del self._memories[next(iter(self._memories))]
            memory = self._memories[position] = _Memory()
        return memory

    def _evaluate(self, position: Position, actions: Sequence[Sequence[Codes]], profiles: IntArray) -> ScoreArray:
        self.evaluated += len(profiles)
        batch = Batch(position, actions, np.ascontiguousarray(profiles, np.int32), self._threads)
        batch.settle()
        # After spring's moves and retreats autumn is next: one move until centres change hands.
        return self.value(batch, one_move=position.phase.startswith("S"))

    def value(self, batch: Batch, one_move: bool) -> ScoreArray:
        """Scores ``[N, 7]`` of settled positions.

        Args:
            batch: positions at a movement or adjustment phase.
            one_move: whether one move remains before centres change hands, or two.
        """
        centers = batch.center_counts().astype(np.float32)
        if self.config.centers_only:
            expected = centers
        else:
            expected = expected_centers(
                batch.owners(),
                batch.occupants(),
                batch.reach(),
                self._table[one_move],
                self._claims[one_move].nobody,
            )
        return scores_of(expected, centers, self.config)


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


def _ownership_table(claims: Claims) -> ScoreArray:
    """Weight of a power's claim on a centre, ``[own reach, others' reach, stands, owns]`` flattened.

    ``stands``: 0 nobody, 1 this power, 2 another; ``owns`` likewise.  A power that neither owns nor reaches
    a centre has weight 0.
    """
    by_margin = np.array([claims.empty, claims.stands, claims.against])
    owning = (claims.owns_empty, claims.owns_standing, claims.owns_against)
    table = np.zeros((_REACH_LEVELS, _REACH_LEVELS, 3, 3), np.float32)
    for own, other, stands, owns in np.ndindex(table.shape):
        if own > 0 or owns == 1:
            claim = by_margin[stands, np.clip(own - other, -2, 2) + 2]
            claim += owning[stands] * (owns == 1) + claims.owns_remote * (owns == 1 and own == 0)
            table[own, other, stands, owns] = np.exp(claim)
    return table.reshape(-1)


def expected_centers(
    owners: NDArray[np.int8],
    occupants: NDArray[np.int8],
    reach: NDArray[np.uint8],
    table: ScoreArray,
    nobody: float,
) -> ScoreArray:
    """Expected centres ``[N, 7]`` after the next autumn.

    Args:
        owners, occupants: ``[N, C]``, -1 for none.
        reach: ``[N, C, 7]``.
        table: claims, see `_ownership_table`.
        nobody: log-weight of a neutral centre staying neutral.
    """
    shape = owners.shape
    force = np.minimum(np.moveaxis(reach, 2, 0), _REACH_LEVELS - 1)  # [7, N, C]
    force = np.ascontiguousarray(force)
    strongest = np.zeros(shape, np.uint8)
    second = np.zeros(shape, np.uint8)
    for own in force:
        np.maximum(second, np.minimum(strongest, own), out=second)
        np.maximum(strongest, own, out=strongest)
    claims = np.empty((len(POWERS), *shape), np.float32)
    stood, owned = (occupants >= 0).astype(np.uint8) * 2, (owners >= 0).astype(np.uint8) * 2
    for power, own in enumerate(force):
        other = np.where(own == strongest, second, strongest)
        index = own * 36 + other * 9 + (stood - (occupants == power)) * 3 + (owned - (owners == power))
        np.take(table, index, out=claims[power], mode="clip")  # "raise" would buffer
    total = claims.sum(axis=0)
    # A neutral centre may stay neutral; an owned one always has its owner's claim.
    total += np.where(owners < 0, np.float32(np.exp(nobody)), np.float32(0))
    return np.asarray((claims / np.maximum(total, 1e-9)).sum(axis=2).T)


def scores_of(expected: ScoreArray, centers: ScoreArray, config: ValueConfig) -> ScoreArray:
    """Sum-of-squares scores ``[N, 7]`` of expected centres, with the chance of a solo.

    Args:
        expected: centres ``[N, 7]`` each power may expect.
        centers: centres ``[N, 7]`` owned now; 18 have won.
        config: the solo's constants.
    """
    squares = np.square(expected)
    share = squares / np.maximum(squares.sum(axis=1, keepdims=True), 1e-9)
    won = centers >= 18
    if not config.centers_only:
        solo = 1.0 / (1.0 + np.exp(config.solo_slope * (config.solo_centers - expected)))
        share = share * (1.0 - solo.sum(axis=1, keepdims=True)) + solo
    decided = won.any(axis=1, keepdims=True)
    return np.asarray(np.where(decided, won, share), np.float32)
