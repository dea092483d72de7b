"""Experiments whose answer is known, repeated: do the intervals hold the truth as often as they claim?

Two labels of one agent differ by nothing (``configs/arena/null.yaml``); a handicap that was measured in many games
makes a known difference (``configs/arena/planted.yaml``).  Each repetition is a whole experiment with a seed of its
own, through the same code as any other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import comb
from pathlib import Path
from statistics import fmean

from cicero_lite.arena.clusters import Interval
from cicero_lite.arena.experiment import Experiment
from cicero_lite.arena.match import ArenaError
from cicero_lite.arena.standings import standings
from cicero_lite.arena.statistics import CONFIDENCE
from cicero_lite.arena.tournament import Watch, play_experiment


@dataclass(frozen=True)
class Repetition:
    """One experiment."""

    seed: int
    games: int
    difference: Interval
    """Of the pair in question."""
    holds: bool
    """Whether the interval holds the truth."""


@dataclass(frozen=True)
class Check:
    """What all repetitions came to."""

    one: str
    other: str
    """The difference is by how much the first scores more than this."""
    truth: float
    repetitions: tuple[Repetition, ...]
    holding: int
    """Repetitions whose interval holds the truth."""
    least: int
    """Fewer than this have a chance of 2.5 % at most, if each interval holds the truth with 95 % probability."""
    deciding: int
    """Repetitions whose interval lies on the truth's side of zero; with a truth of zero, on either."""
    mean: float
    """Of the estimates."""
    interrupted: bool

    @property
    def passed(self) -> bool:
        """Whether the intervals held the truth as often as they had to."""
        return not self.interrupted and self.holding >= self.least


def check_experiment(
    experiment: Experiment,
    out: Path,
    repetitions: int,
    truth: float,
    jobs: int | None = None,
    watch: Watch = lambda wanted, done, failed: None,
) -> Check:
    """Repeats an experiment, each time with the next seed.

    Args:
        experiment: with a pair to compare, the first of which counts.
        out: folder, with a folder in it for each repetition; the same call goes on.
        repetitions: how often.
        truth: of the difference.
        jobs: processes; None: as the experiment says.
        watch: told of the games of the repetition at hand.

    Raises:
        ArenaError: there is no pair, a game failed, or a folder holds something else.
    """
    if not experiment.compare:
        raise ArenaError("compare: expected a pair of labels, the difference of which is known")
    one, other = experiment.compare[0]
    found, interrupted = [], False
    for number in range(repetitions):
        repeated = replace(experiment, seed=experiment.seed + number)
        played = play_experiment(repeated, out / f"{number:03}", jobs, None, watch)
        if interrupted := played.interrupted:
            break
        if played.failures:
            raise ArenaError(f"game {played.failures[0].number}, seed {repeated.seed}: {played.failures[0].problem}")
        pair = next(p for p in standings(played, "").pairs if (p.one, p.other) == (one, other))
        found.append(Repetition(repeated.seed, len(played.games), pair.difference, _holds(pair.difference, truth)))
    deciding = sum(r.difference.excludes_zero and r.difference.value * (truth or r.difference.value) > 0 for r in found)
    return Check(
        one=one,
        other=other,
        truth=truth,
        repetitions=tuple(found),
        holding=sum(repetition.holds for repetition in found),
        least=least_holding(len(found)),
        deciding=deciding,
        mean=fmean(repetition.difference.value for repetition in found) if found else 0.0,
        interrupted=interrupted,
    )


def least_holding(repetitions: int) -> int:
    """The largest number that so many 95 % intervals fail to reach with a chance of 2.5 % at most.

    >>> least_holding(20)
    17
    """
    miss = 1 - CONFIDENCE
    chance = 0.0
    for number in range(repetitions + 1):
        chance += comb(repetitions, number) * CONFIDENCE**number * miss ** (repetitions - number)
        if chance > miss / 2:
            return number
    return repetitions


def _holds(found: Interval, truth: float) -> bool:
    return found.low is not None and found.high is not None and found.low <= truth <= found.high


__all__ = ["Check", "Repetition", "check_experiment", "least_holding"]
