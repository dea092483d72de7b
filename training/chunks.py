"""What the policy network learns from: positions with the orders of all powers, and who gave them.

Two sources: the public games, which stay in memory, and `Teachers`, who play games on the fly.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine._core import Position
from engine.mapfile import core_map
from engine.types import POWERS
from planner import _planner
from planner.geometry import IntArray
from planner.prior import STYLES
from planner.values import load_value, threat_value
from training.data import Part, seated_games
from training.examples import fast_players

NO_STYLE = -1
"""Style of a seat that nobody learns from."""

_STYLE_OF_PLAYER = {"human": "human", "cicero": "cicero", "bot": "selfplay"}


@dataclass(frozen=True)
class Chunk:
    """N positions and what was ordered in them."""

    positions: Sequence[Position]
    codes: IntArray
    """int32 ``[N, W]``: orders of all powers in any order, -1 padded."""
    styles: NDArray[np.int8]
    """int8 ``[N, 7]``: number in `STYLES` of who played each seat; NO_STYLE: do not learn this seat."""

    def __len__(self) -> int:
        return len(self.positions)

    def part(self, numbers: Sequence[int] | NDArray[np.int64]) -> Chunk:
        """The positions of these numbers."""
        return Chunk([self.positions[number] for number in numbers], self.codes[numbers], self.styles[numbers])


def widened(codes: IntArray, width: int) -> IntArray:
    """Codes ``[N, W]``, -1 padded, as ``[N, width]``."""
    return np.pad(codes, ((0, 0), (0, width - codes.shape[1])), constant_values=-1)


def joined(chunks: Sequence[Chunk]) -> Chunk:
    """One chunk of all."""
    width = max((chunk.codes.shape[1] for chunk in chunks), default=0)
    wide = [widened(chunk.codes, width) for chunk in chunks]
    return Chunk(
        [position for chunk in chunks for position in chunk.positions],
        np.concatenate([np.zeros((0, width), np.int32), *wide]),
        np.concatenate([np.zeros((0, len(POWERS)), np.int8), *(chunk.styles for chunk in chunks)]),
    )


class Teachers(Protocol):
    """Players to imitate that play as many games as wanted."""

    def chunks(self, seed: int) -> Iterator[Chunk]:
        """Chunks without end, the same ones for the same seed."""
        ...


def chunk_of(rows: Sequence[tuple[Position, Sequence[Sequence[int]], Sequence[int]]]) -> Chunk:
    """A chunk of positions, each with the orders and the style of every power."""
    codes = padded([[code for action in actions for code in action] for _, actions, _ in rows])
    styles = np.array([styles for _, _, styles in rows], np.int8).reshape(len(rows), len(POWERS))
    return Chunk([position for position, _, _ in rows], codes, styles)


def padded(rows: Sequence[Sequence[int]]) -> IntArray:
    """Order codes as one int32 array ``[N, W]``, -1 padded."""
    codes = np.full((len(rows), max(map(len, rows), default=0)), -1, np.int32)
    for row, its in zip(codes, rows, strict=True):
        row[: len(its)] = its
    return codes


def public_chunk(folder: Path, part: Part) -> Chunk:
    """All phases of a part of the public games; empty where the folder is absent.

    A power that gave no orders at all in a phase teaches nothing there: its player was away.
    """
    rows = []
    for seated in seated_games(folder, part):
        names = [_STYLE_OF_PLAYER.get(seated.players.get(power, "unknown")) for power in POWERS]
        seats = [NO_STYLE if name is None else STYLES.index(name) for name in names]
        for record in seated.game.history:
            codes = record.played.codes
            present = [style if codes[power] else NO_STYLE for power, style in enumerate(seats)]
            if max(present) != NO_STYLE:
                rows.append((record.position, codes, present))
    return chunk_of(rows)


@dataclass(frozen=True)
class FastTeachers:
    """Searching players (`planner/src/games.hpp`); others at their tables keep games varied, and teach nothing."""

    workers: int = 1
    """Processes that play; 0: this one plays when it is asked."""
    value: str = ""
    """File of the value network that searching players use; empty: the hand-made value."""
    games: int = 6
    """Games of a chunk."""
    until: int = 1912
    """Last year of a game."""
    random_phases: int = 6
    """So many first movement phases, at most, are played at random."""
    searching: float = 0.9
    """Share of seats that search; the others play at random, as no network shall know DumbBot's rules."""
    generations: int = 2
    """Of changed actions in each of a searching player's two rounds."""
    changes: int = 16
    """Changed actions of a generation."""
    samples: int = 8
    """Joint actions of the others that each is tried against."""
    lambda_: float = 0.003
    """λ of the searching players' policies, as a part of the stakes."""

    def chunks(self, seed: int) -> Iterator[Chunk]:
        """Chunks without end; see `Teachers`."""
        if self.workers == 0:
            for number in count():
                yield self.chunk(seed, number)
        pool = ProcessPoolExecutor(self.workers, get_context("spawn"))
        try:
            ahead: deque[Future[Chunk]] = deque(pool.submit(self.chunk, seed, n) for n in range(3 * self.workers))
            for number in count(len(ahead)):
                ahead.append(pool.submit(self.chunk, seed, number))
                yield ahead.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def chunk(self, seed: int, number: int) -> Chunk:
        """Chunk number so and so."""
        drawn = int(np.random.default_rng([seed, number]).integers(2**63))
        games = fast_players(self.generations, self.changes, self.samples, self.lambda_)
        games.until, games.random_phases = self.until, self.random_phases
        games.styles = [self.searching, 0.0, 0.0, 1.0 - self.searching]
        value = load_value(self.value) if self.value else threat_value()
        records = _planner.play_games(core_map("standard").start(), self.games, value, games, drawn)
        batch = records.batch
        styles = _STYLE_OF_FAST_PLAYER[records.styles[records.games]]
        # Random phases open a game; nobody shows his style in them.
        styles[(records.scores == 0).all(axis=1) & (records.styles == 0).any(axis=1)[records.games]] = NO_STYLE
        return Chunk([batch.position(row) for row in range(len(batch))], records.codes, styles)


_STYLE_OF_FAST_PLAYER = np.array([STYLES.index("search"), STYLES.index("search"), NO_STYLE, NO_STYLE], np.int8)


@dataclass(frozen=True)
class Pool:
    """Positions of teachers that wait to be drawn."""

    chunk: Chunk
    uses: IntArray
    """``[N]``: batches in which each was used."""


class Mixture:
    """Batches of public games and of teachers' games; each follows from the seed and the batches before it.

    A teacher's positions wait in a pool, from which batches are drawn at random, so that those of one game are
    spread over many batches.
    """

    def __init__(
        self,
        public: Chunk,
        teachers: Iterator[Chunk] | None,
        batch: int,
        public_share: float,
        size: int,
        repeats: int,
        rng: np.random.Generator,
        pool: Pool | None = None,
    ) -> None:
        """Without public games all is the teachers', and the other way round.

        Args:
            batch: positions of a batch.
            public_share: of the positions of a batch.
            size: the teachers' positions that a batch is drawn from; fewer in the first batches.
            repeats: batches that one of them is used in.
            pool: what an earlier mixture left waiting.
        """
        self._public, self._teachers, self._rng = public, teachers, rng
        share = 1.0 if teachers is None else public_share if len(public) else 0.0
        self._from_public = round(batch * share) if len(public) else 0
        self._from_teachers = batch - self._from_public if teachers is not None else 0
        self._size, self._repeats = max(size, self._from_teachers), repeats
        self._pool = [] if pool is None else [pool.chunk.part([number]) for number in range(len(pool.chunk))]
        self._uses: list[int] = [] if pool is None else pool.uses.tolist()

    def pool(self) -> Pool:
        """What is waiting now."""
        return Pool(joined(self._pool), np.array(self._uses, np.int32))

    def __iter__(self) -> Iterator[Chunk]:
        return self

    def __next__(self) -> Chunk:
        parts = []
        if self._from_public:
            parts.append(self._public.part(self._rng.integers(len(self._public), size=self._from_public)))
        if self._from_teachers:
            parts.append(self._draw())
        if not parts:
            raise StopIteration
        return joined(parts)

    def _draw(self) -> Chunk:
        # Enough for this batch at first; then at the pace at which positions are used up, until the pool is full.
        assert self._teachers is not None
        wanted = max(
            self._from_teachers, min(self._size, len(self._pool) + -(-2 * self._from_teachers // self._repeats))
        )
        while len(self._pool) < wanted:
            fresh = next(self._teachers)
            self._pool += [fresh.part([number]) for number in range(len(fresh))]
            self._uses += [0] * len(fresh)
        numbers = self._rng.choice(len(self._pool), self._from_teachers, replace=False)
        drawn = joined([self._pool[number] for number in numbers])
        for number in sorted(numbers.tolist(), reverse=True):
            self._uses[number] += 1
            if self._uses[number] >= self._repeats:
                self._pool[number], self._uses[number] = self._pool[-1], self._uses[-1]
                self._pool.pop()
                self._uses.pop()
        return drawn
