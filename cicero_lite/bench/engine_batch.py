"""What threads gain a batch of positions, and how much memory a position takes."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from cicero_lite.bench.engine_corpus import LAST_YEAR, distinct_positions
from cicero_lite.bench.engine_features import new_arrays
from cicero_lite.bench.machine import load_average
from engine._core import POSITION_BYTES, Batch
from engine.mapfile import core_map

_ROOM = 64
"""Orders of a position: no more units than centres, and as many builds at most."""


@dataclass(frozen=True)
class PartSpeed:
    """One operation on a batch, the best of all repeats; wall time, unless said otherwise."""

    per_second_one: float
    """With one thread."""
    per_second: float
    """With all threads asked for."""
    speedup: float


@dataclass(frozen=True)
class BatchSpeed:
    """A batch of different positions with one thread and with several."""

    threads: int
    positions: int
    speedup: float
    """That of `step`."""
    step: PartSpeed
    """Orders drawn and the phase resolved."""
    legal_arrays: PartSpeed
    encode: PartSpeed
    random_games: PartSpeed
    load_average: float | None
    """Programs that wanted a core at the time, over the last minute: with more than there are cores, threads gain
    little.  None: the system does not tell."""


@dataclass(frozen=True)
class Memory:
    """Bytes of a position."""

    position_bytes: int
    """In the compiled rules."""
    python_bytes: float
    """With the Python object around it."""


def measure_batch(threads: int, positions: int, games: int, repeats: int, seed: int) -> BatchSpeed:
    """Times each operation with one thread and with so many, by turns."""
    board, drawn = core_map(), distinct_positions(positions, seed)
    batches = {count: Batch.of(drawn, threads=count) for count in {1, threads}}
    orders, arrays = np.full((positions, _ROOM), -1, np.int32), new_arrays(positions)
    step = gain(lambda count: partial(_step, batches[count].copy(), seed, orders), threads, positions, repeats)
    legal = gain(lambda count: batches[count].legal_arrays, threads, positions, repeats)
    encode = gain(lambda count: partial(batches[count].encode, *arrays), threads, positions, repeats)
    played = gain(
        lambda count: partial(board.random_games, games, LAST_YEAR, seed, threads=count), threads, games, repeats
    )
    return BatchSpeed(threads, positions, step.speedup, step, legal, encode, played, load_average())


def _step(batch: Batch, seed: int, orders: NDArray[np.int32]) -> None:
    batch.sample(seed, orders)
    batch.step(orders)


def gain(
    prepare: Callable[[int], Callable[[], object]],
    threads: int,
    count: int,
    repeats: int,
    alone: Callable[[], float] = time.perf_counter,
) -> PartSpeed:
    """Times an operation with one thread and with several, by turns, and keeps the best of each.

    Args:
        prepare: for a number of threads, what is timed; not timed itself.
        threads: several.
        count: things that one call does, for the rates.
        repeats: calls of each.
        alone: the clock for one thread, such as its processor time; several have the one on the wall.
    """
    best = {1: float("inf"), threads: float("inf")}
    for _ in range(repeats):
        for number in best:
            act, now = prepare(number), alone if number == 1 else time.perf_counter
            began = now()
            act()
            best[number] = min(best[number], now() - began)
    return PartSpeed(count / best[1], count / best[threads], best[1] / best[threads])


def measure_memory(copies: int) -> Memory:
    """Counts what Python allocates for so many copies of a position."""
    position = core_map().start()
    kept: list[object] = [None] * copies
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(copies):
            kept[number] = position.copy()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return Memory(POSITION_BYTES, (after - before) / copies)
