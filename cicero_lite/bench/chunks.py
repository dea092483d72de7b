"""A chunk of a comparison: random games of one kind of play from one seed, every phase compared."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache

import numpy as np

from cicero_lite.bench.differential import (
    Cause,
    Finding,
    Verdict,
    compare_legal,
    compare_phase,
    compare_with_arbiter,
)
from cicero_lite.bench.situations import After, Arbiter, PackageRules, Rival, Situation
from engine._core import Position
from engine.mapfile import core_map

KEPT, KEPT_OPEN = 1, 10
"""Cases of a cause and verdict that a chunk keeps in full; more of open ones, as each may show another mistake."""


class Play(StrEnum):
    """How the orders are drawn."""

    UNIFORM = "uniform"
    """Each unit gets a legal order at random."""
    COHERENT = "coherent"
    """Supports and convoys mostly match real moves, which stresses the rules."""
    BOTH = "both"
    """Half and half."""


@dataclass(frozen=True)
class Task:
    """What to play; the same task finds the same."""

    play: Play
    """Never both."""
    index: int
    """Of the chunk among those of its play."""
    phases: int
    """Movement phases: exactly so many."""
    seed: int
    last_year: int
    """Games stop after this year."""
    legal_every: int
    """Legal orders are compared in every so many phases; 0: never."""
    with_package: bool = True
    """Otherwise movement phases are compared with the arbiter alone."""


@dataclass(frozen=True)
class Case:
    """A phase in which rules differ, with what is needed to look at it again."""

    play: Play
    chunk: int
    game: int
    finding: Finding
    situation: Situation


@dataclass(frozen=True)
class Tally:
    """How many phases differ alike."""

    cause: Cause
    verdict: Verdict
    phases: int


@dataclass(frozen=True)
class Chunk:
    """What a task found."""

    play: Play
    index: int
    games: int
    """Begun; the last one may be left before its end."""
    phases: Mapping[str, int]
    """Phases compared, by kind: M, R, A.  Against the arbiter alone only those of kind M are compared."""
    years: Mapping[str, int]
    """Movement phases by year."""
    legal_phases: int
    legal_orders: int
    """Compared with the package's."""
    tallies: tuple[Tally, ...]
    cases: tuple[Case, ...]
    """The first ones of each cause and verdict."""
    our_step_s: float
    """CPU time, as below."""
    rival_step_s: float
    our_legal_s: float
    rival_legal_s: float
    seconds: float
    """CPU time in all."""


@dataclass
class _Chunk:
    """A chunk in the making."""

    games: int = 0
    phases: Counter[str] = field(default_factory=Counter)
    years: Counter[str] = field(default_factory=Counter)
    legal_phases: int = 0
    legal_orders: int = 0
    tallies: Counter[tuple[Cause, Verdict]] = field(default_factory=Counter)
    cases: list[Case] = field(default_factory=list)
    our_step_s: float = 0.0
    rival_step_s: float = 0.0
    our_legal_s: float = 0.0
    rival_legal_s: float = 0.0


def play_chunk(task: Task, arbiter: Arbiter | None, rival: Callable[[], Rival] = PackageRules) -> Chunk:
    """Plays the games of a task and compares every phase of them.

    Args:
        arbiter: judges differences from the rival; needed if the task is without the package.
        rival: makes a game of the rules to compare with.
    """
    began = time.process_time()
    found = _Chunk()
    rng = np.random.default_rng(np.random.SeedSequence([task.seed, list(Play).index(task.play), task.index]))
    texts = _order_texts()
    while found.phases["M"] < task.phases:
        _Game(task, texts, rng, arbiter, rival() if task.with_package else None, found).play()
        found.games += 1
    return Chunk(
        task.play,
        task.index,
        found.games,
        dict(found.phases),
        dict(sorted(found.years.items())),
        found.legal_phases,
        found.legal_orders,
        tuple(Tally(*key, phases) for key, phases in sorted(found.tallies.items())),
        tuple(found.cases),
        found.our_step_s,
        found.rival_step_s,
        found.our_legal_s,
        found.rival_legal_s,
        time.process_time() - began,
    )


class _OrderTexts(dict[int, str]):
    """Order texts by code, written once each."""

    def __missing__(self, code: int) -> str:
        text = self[code] = core_map().order_text(code)
        return text


@cache
def _order_texts() -> _OrderTexts:
    """Those of the process: writing every order anew would cost a chunk a tenth of its time."""
    return _OrderTexts()


@dataclass
class _Game:
    """One game under way."""

    task: Task
    texts: _OrderTexts
    rng: np.random.Generator
    arbiter: Arbiter | None
    rival: Rival | None
    found: _Chunk
    differed: bool = False
    """Whether the last movement phase did, so that the rival's board was set by us."""

    def play(self) -> None:
        """Plays on until the game is over, its last year is done, or the task has its phases."""
        position, found, texts = core_map().start(), self.found, self.texts
        while not position.is_over and int(position.phase[1:5]) <= self.task.last_year:
            movement = position.phase.endswith("M")
            if movement and found.phases["M"] >= self.task.phases:
                return
            self._compare_legal(position)
            codes = list(position.sample(int(self.rng.integers(2**63)), coherent=self.task.play is Play.COHERENT))
            started = time.thread_time()
            stepped = position.step(codes)
            found.our_step_s += time.thread_time() - started
            written = [[texts[code] for code in given] for given in codes]
            if self.rival is not None:
                self._compare(position, codes, written, stepped, self.rival)
            elif movement and self.arbiter is not None:
                situation = Situation.of(position, written)
                started = time.thread_time()
                finding = compare_with_arbiter(position, situation, stepped, self.arbiter)
                found.rival_step_s += time.thread_time() - started
                if finding is not None:
                    self._record(position, written, finding)
            if self.rival is not None or movement:
                found.phases[position.phase[-1]] += 1
            if movement:
                found.years[position.phase[1:5]] += 1
            position = stepped[0]

    def _compare(
        self,
        position: Position,
        codes: list[list[int]],
        written: list[list[str]],
        stepped: tuple[Position, Mapping[str, list[str]]],
        rival: Rival,
    ) -> None:
        started = time.thread_time()
        said = rival.process(written)
        self.found.rival_step_s += time.thread_time() - started
        finding = compare_phase(position, codes, stepped, said, rival, self.arbiter)
        movement = position.phase.endswith("M")
        if finding is not None:
            if not movement and self.differed:
                finding = replace(finding, cause=Cause.FOLLOW_UP)
            self._record(position, written, finding)
            if After.of(stepped[0]) != rival.after():
                rival.place(stepped[0])
        if movement:
            self.differed = finding is not None

    def _compare_legal(self, position: Position) -> None:
        """Compares our legal orders with the rival's when it is time to."""
        found, every = self.found, self.task.legal_every
        if self.rival is None or not every or found.phases.total() % every:
            return
        started = time.thread_time()
        legal = position.legal_codes()
        found.our_legal_s += time.thread_time() - started
        started = time.thread_time()
        theirs = self.rival.legal()
        found.rival_legal_s += time.thread_time() - started
        ours = {place: [self.texts[code] for code in codes] for place, codes in legal.items()}
        found.legal_phases += 1
        found.legal_orders += sum(map(len, ours.values()))
        finding = compare_legal(ours, theirs)
        if finding is not None:
            self._record(position, [[] for _ in range(7)], finding)

    def _record(self, position: Position, written: list[list[str]], finding: Finding) -> None:
        key = (finding.cause, finding.verdict)
        self.found.tallies[key] += 1
        if self.found.tallies[key] <= (KEPT_OPEN if finding.is_open else KEPT):
            situation = Situation.of(position, written)
            self.found.cases.append(Case(self.task.play, self.task.index, self.found.games, finding, situation))
