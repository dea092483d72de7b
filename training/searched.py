"""Games in which every phase was searched: as files, and as lessons for the policy network.

A file has the orders played and what the search thought; positions are played again from them when they are needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine._core import Batch, Position
from engine.mapfile import core_map
from engine.types import POWERS
from planner.decisions import PolicyBatch
from planner.geometry import FloatArray, IntArray
from planner.slots import LongArray
from training.chunks import NO_STYLE, Chunk, widened
from training.imitation import lesson_of

_POWERS = len(POWERS)


@dataclass(frozen=True)
class SearchedGames:
    """The N phases of some whole games of the standard map, one after another, with C candidate actions in all."""

    games: NDArray[np.int32]
    """``[N]``: number of each phase's game, from 0 on."""
    codes: IntArray
    """int32 ``[N, W]``: what all powers ordered, -1 padded."""
    values: NDArray[np.float32]
    """``[N, 7]``: scores that the search expected; nan where nobody searched."""
    actions: IntArray
    """int32 ``[C, U]``: order codes of each candidate, -1 padded."""
    starts: LongArray
    """``[7 N + 1]``: power p of phase n has the candidates ``starts[7 n + p]`` to ``starts[7 n + p + 1]``."""
    policy: NDArray[np.float32]
    """``[C]``: probability in the search policy."""
    anchor: NDArray[np.float32]
    """``[C]``: the same in the anchor policy."""

    def __len__(self) -> int:
        return len(self.games)

    @cached_property
    def _played(self) -> tuple[list[Position], list[Position]]:
        """Positions before each phase, and last positions of the games."""
        start, positions, ends = core_map("standard").start(), [], []
        for row, game in enumerate(self.games):
            if row == 0 or game != self.games[row - 1]:
                table = Batch.repeat(start, 1, 1)
            positions.append(table.position(0))
            table.step(self.codes[row : row + 1])
            if row + 1 == len(self) or game != self.games[row + 1]:
                ends.append(table.position(0))
        return positions, ends

    @property
    def positions(self) -> list[Position]:
        """Before each phase."""
        return self._played[0]

    @property
    def batch(self) -> Batch:
        """The same in one."""
        return Batch.of(self.positions, 1)

    @property
    def ends(self) -> Batch:
        """Last position of each game."""
        return Batch.of(self._played[1], 1)

    @property
    def searched(self) -> LongArray:
        """Phases in which somebody had something to choose, and the search chose."""
        return np.flatnonzero(np.diff(self.starts[::_POWERS]))

    @cached_property
    def _policy_sums(self) -> FloatArray:
        return self._sums(self.policy)

    @cached_property
    def _anchor_sums(self) -> FloatArray:
        return self._sums(self.anchor)

    def _sums(self, weights: NDArray[np.float32]) -> FloatArray:
        """``[C]``, ascending: number of a candidate's seat, plus the share of those up to it."""
        seat = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        total = np.cumsum(weights, dtype=np.float64)
        before = np.concatenate([[0.0], total])[self.starts[:-1]][seat]
        whole = np.concatenate([[0.0], total])[self.starts[1:]][seat]
        return np.asarray(seat + (total - before) / (whole - before))

    def drawn(self, sums: FloatArray, phases: LongArray, uniform: FloatArray) -> LongArray:
        """Numbers ``[B, D, 7]`` of candidates, one for each power; -1 where it has none."""
        seats = (phases[:, None] * _POWERS + np.arange(_POWERS))[:, None]
        found = np.searchsorted(sums, seats + uniform, side="right")
        return np.where(self.starts[seats] == self.starts[seats + 1], -1, np.minimum(found, self.starts[seats + 1] - 1))

    def chunk(self, phases: LongArray, draws: int, style: int, rng: np.random.Generator) -> Chunk:
        """Each phase so many times, with actions drawn from the search policy.

        Draws are stratified: more of them say more of the policy than as many alone would.

        Args:
            phases: ``[B]``.
            draws: of each, one after another.
            style: number of the style of all seats.
            rng: draws.
        """
        return self._chunk(phases, self._searched_draws(phases, draws, rng), np.array([style]))

    def lesson(
        self,
        phases: LongArray,
        draws: int,
        style: int,
        kept: Sequence[int],
        given_share: float,
        rng: np.random.Generator,
    ) -> PolicyBatch:
        """What to learn in some phases: what the search plays, and what the anchor's players go on playing.

        Each position is encoded once for all its draws.

        Args:
            phases: ``[B]``.
            draws: actions of the search policy a seat, in the style given.
            style: its number.
            kept: numbers of the styles to be kept as they are; one draw from the anchor has one of them a seat.
            given_share: share of positions in which some powers' anchor draws are given to the others.
            rng: draws.
        """
        count = len(phases)
        search = self._searched_draws(phases, draws, rng)
        anchor = self.drawn(self._anchor_sums, phases, rng.random((count, 1, _POWERS)))
        styles = np.full((count, draws + 1, _POWERS), style)
        styles[:, draws] = rng.choice(np.array(kept, np.int64), (count, _POWERS))
        given = np.zeros(styles.shape, np.bool_)
        given[:, draws] = rng.random((count, _POWERS)) < rng.random((count, 1))
        given[:, draws] &= rng.random((count, 1)) < given_share
        chunk = self._chunk(phases, np.concatenate([search, anchor], axis=1), styles)
        return _encoded_once(lesson_of(chunk, given.reshape(-1, _POWERS)), draws + 1)

    def _searched_draws(self, phases: LongArray, draws: int, rng: np.random.Generator) -> LongArray:
        strata = np.broadcast_to(np.arange(draws)[:, None], (len(phases), draws, _POWERS))
        strata = rng.permuted(strata, axis=1)
        return self.drawn(self._policy_sums, phases, (strata + rng.random(strata.shape)) / draws)

    def _chunk(self, phases: LongArray, numbers: LongArray, styles: LongArray) -> Chunk:
        """Candidates ``[B, D, 7]`` as ``B·D`` positions; seats without candidates teach nothing."""
        none = numbers < 0
        codes = np.where(none[..., None], -1, self.actions[numbers])
        return Chunk(
            [self.positions[phase] for phase in phases for _ in range(numbers.shape[1])],
            np.ascontiguousarray(codes.reshape(len(phases) * numbers.shape[1], -1), np.int32),
            np.where(none, NO_STYLE, styles).reshape(-1, _POWERS).astype(np.int8),
        )


def joined_games(parts: Sequence[SearchedGames]) -> SearchedGames:
    """All games, numbered anew."""
    wide, long = max(p.codes.shape[1] for p in parts), max(p.actions.shape[1] for p in parts)
    firsts = np.cumsum([0, *(int(p.games[-1]) + 1 for p in parts)])
    begins = np.cumsum([0, *(len(p.policy) for p in parts)])
    return SearchedGames(
        games=np.concatenate([p.games + np.int32(first) for p, first in zip(parts, firsts[:-1], strict=True)]),
        codes=np.concatenate([widened(p.codes, wide) for p in parts]),
        values=np.concatenate([p.values for p in parts]),
        actions=np.concatenate([widened(p.actions, long) for p in parts]),
        starts=np.concatenate([[0], *(p.starts[1:] + begin for p, begin in zip(parts, begins[:-1], strict=True))]),
        policy=np.concatenate([p.policy for p in parts]),
        anchor=np.concatenate([p.anchor for p in parts]),
    )


def _encoded_once(lesson: PolicyBatch, times: int) -> PolicyBatch:
    """The same lesson, in which each position was there so many times, one after another."""
    count = len(lesson.places)
    fewer = count // times
    orders, seat = lesson.orders.clone(), lesson.seat.clone()
    for view in (orders[:, 0], seat[:, 0]):
        view.copy_((view // times).where(view < count, view - count + fewer))
    return replace(
        lesson,
        places=lesson.places[::times],
        board=lesson.board[::times],
        given_position=lesson.given_position // times,
        orders=orders,
        seat=seat,
    )
