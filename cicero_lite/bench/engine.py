"""The speed of the rules, with the ``diplomacy`` package measured in the same run."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from cicero_lite.bench.chunks import Play
from cicero_lite.bench.engine_batch import BatchSpeed, Memory, measure_batch, measure_memory
from cicero_lite.bench.engine_corpus import LAST_YEAR, draw_corpus
from cicero_lite.bench.engine_games import measure_games
from cicero_lite.bench.engine_ops import Times, measure
from cicero_lite.bench.machine import Machine, cores
from cicero_lite.errors import CiceroLiteError
from cicero_lite.output import provenance


class EngineBenchError(CiceroLiteError, ValueError):
    """A measurement that cannot be made."""


@dataclass(frozen=True)
class Settings:
    """What to measure; the same settings measure the same positions and orders."""

    games: int = 40
    """Random games of each corpus."""
    seed: int = 0
    threads: int = 0
    """Of the batch; 0: one for each core."""
    quick: bool = False
    """A few seconds on a few positions: shows that it works, not how fast."""


@dataclass(frozen=True)
class Speed:
    """One operation; medians over the blocks."""

    per_second: float
    reference_per_second: float | None
    """Of the package; None where it has nothing like it."""
    ratio: float | None
    """How many times as fast as the package."""

    @classmethod
    def of(cls, times: Times) -> Speed:
        """What these times come to."""
        ours = 1 / median(times.ours)
        theirs = 1 / median(times.theirs) if times.theirs else None
        return cls(ours, theirs, None if theirs is None else ours / theirs)


@dataclass(frozen=True)
class CorpusSpeed:
    """The operations over one corpus."""

    games: int
    positions: int
    phases: Mapping[str, int]
    """Positions by kind of phase: M, R, A."""
    ops: Mapping[str, Speed]


@dataclass(frozen=True)
class RunSettings:
    """What was measured, where, and with which code."""

    games: int
    seed: int
    threads: int
    last_year: int
    quick: bool
    machine: Machine
    versions: Mapping[str, str]
    commit: str | None
    dirty: bool


@dataclass(frozen=True)
class EngineSpeed:
    """All that was measured."""

    ops: Mapping[str, Speed]
    """Over both corpora together."""
    batch: BatchSpeed
    corpora: Mapping[str, CorpusSpeed]
    memory: Memory
    settings: RunSettings


def measure_engine(settings: Settings, tell: Callable[[str], None] = lambda what: None) -> EngineSpeed:
    """Times the rules and the package.

    Args:
        settings: what to measure.
        tell: is told what is being measured.

    Raises:
        EngineBenchError: settings that make no sense.
    """
    if settings.games < 1:
        raise EngineBenchError(f"--games: expected 1 or more, got {settings.games}")
    if settings.threads < 0 or settings.seed < 0:
        name, value = ("--threads", settings.threads) if settings.threads < 0 else ("--seed", settings.seed)
        raise EngineBenchError(f"{name}: expected 0 or more, got {value}")
    run = _run_settings(settings)
    tell("batch")
    sizes = (256, 64, 2) if settings.quick else (8192, 256, 9)
    batch = measure_batch(run.threads, *sizes, settings.seed)
    times: dict[str, dict[str, Times]] = {}
    corpora: dict[str, CorpusSpeed] = {}
    for play in (Play.UNIFORM, Play.COHERENT):
        times[play], corpora[play] = _measure_corpus(play, run, tell)
    memory = measure_memory(2_000 if settings.quick else 100_000)
    return EngineSpeed(_speeds(_together(times.values())), batch, corpora, memory, run)


def _measure_corpus(
    play: Play, settings: RunSettings, tell: Callable[[str], None]
) -> tuple[dict[str, Times], CorpusSpeed]:
    tell(f"{play} corpus: playing its games")
    corpus = draw_corpus(play, settings.games, settings.seed)
    with _undisturbed():
        times = measure(corpus, settings.seed, tell)
        times.update(measure_games(play, max(1, settings.games // 2), settings.seed, tell))
    phases = corpus.phases
    return times, CorpusSpeed(corpus.games, sum(phases.values()), phases, _speeds(times))


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keeps what is there out of Python's garbage collection.

    Searching the corpora would be charged to whoever allocates most, which is the package.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _together(parts: Iterable[Mapping[str, Times]]) -> dict[str, Times]:
    whole: dict[str, Times] = {}
    for part in parts:
        for name, times in part.items():
            own = whole.setdefault(name, Times())
            own.ours += times.ours
            own.theirs += times.theirs
    return whole


def _speeds(times: Mapping[str, Times]) -> dict[str, Speed]:
    return {name: Speed.of(own) for name, own in times.items()}


def _run_settings(settings: Settings) -> RunSettings:
    source = provenance()
    games = min(settings.games, 2) if settings.quick else settings.games
    return RunSettings(
        games,
        settings.seed,
        settings.threads or cores(),
        LAST_YEAR,
        settings.quick,
        Machine.here(),
        {
            name: source.versions[name]
            for name in ("python", "cicero-lite", "diplomacy", "numpy")
            if name in source.versions
        },
        source.commit,
        source.dirty,
    )
