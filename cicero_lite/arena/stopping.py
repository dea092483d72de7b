"""When fewer games are enough, by intervals that may be looked at as often as one likes.

An ordinary 95 % interval looked at after every game will exclude the truth sooner or later; stopping at that moment
finds differences that are not there.  A confidence sequence holds at all times together: with 95 % probability no
interval of the whole sequence ever excludes the truth, so that one may stop whenever one likes.  This is the
asymptotic one of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024 ("Time-uniform central limit theory and
asymptotic confidence sequences", Annals of Statistics 52; theorem 2.2), with the boundary of Robbins' normal mixture:

    mean ± s · sqrt( 2 (t ρ² + 1) / (t² ρ²) · log( sqrt(t ρ² + 1) / α ) )

after t values of standard deviation s.  ρ makes it narrowest at the number of values that all games would give (their
appendix: ρ² = (−2 log α + log(1 − 2 log α)) / t*).  It is valid for values whose means differ, too, as those of
different seats do: it then holds the mean of these means.  That powers differ is taken out first, by their mean scores
over the games so far.  Being asymptotic, it needs some games to begin with
(`StoppingRule.least`); tests/cicero_lite/test_arena_stopping.py simulates how often it errs.

Only at the end of a balanced block of games is it looked at, when every agent has had its share of every power.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np

from cicero_lite.arena.clusters import Interval
from cicero_lite.arena.experiment import Experiment
from cicero_lite.arena.played import PlayedGame
from engine.types import POWERS, Power

_ALPHA = 0.05


def confidence_sequence(values: Sequence[float], longest: int) -> Interval:
    """The interval of the mean after these values, one of a sequence that holds at all times together.

    Args:
        values: in the order in which they came; at least two.
        longest: number of values at which the sequence is to be narrowest.
    """
    count = len(values)
    mean, deviation = float(np.mean(values)), float(np.std(values, ddof=1))
    rho2 = (-2 * math.log(_ALPHA) + math.log(1 - 2 * math.log(_ALPHA))) / longest
    spread = count * rho2 + 1
    half = deviation * math.sqrt(2 * spread / (count * count * rho2) * math.log(math.sqrt(spread) / _ALPHA))
    return Interval(mean, mean - half, mean + half)


def score_values(games: Mapping[int, PlayedGame], label: str) -> list[float]:
    """The agent's mean score of each cluster it played in, by number, as if all powers were of mean strength."""
    return [1 / len(POWERS) + mean for mean in _means(games, label, _power_means(games)).values()]


def difference_values(games: Mapping[int, PlayedGame], one: str, other: str) -> list[float]:
    """By how much an agent scored more than another, power-normalised: in each game that both were in, by number; if
    there is none, in each cluster that both were in."""
    powers = _power_means(games)
    shared = {n: game for n, game in games.items() if {one, other} <= set(game.labels.values())}
    if shared:
        return [_mean(game, one, powers) - _mean(game, other, powers) for _, game in sorted(shared.items())]
    ours, theirs = _means(games, one, powers), _means(games, other, powers)
    return [ours[cluster] - theirs[cluster] for cluster in ours if cluster in theirs]


class Watcher:
    """Looks at the games of an experiment as they come.

    Args:
        experiment: with or without a rule.
        block: games after which the design is even.
        wanted: games at most.
    """

    def __init__(self, experiment: Experiment, block: int, wanted: int) -> None:
        self._rule = experiment.stopping
        self._labels = experiment.labels
        self._base = experiment.design.base
        self._block, self._wanted = block, wanted
        self._looked = 0

    def stops(self, games: Mapping[int, PlayedGame]) -> int | None:
        """The fewest games, counted from the first, after which the rule holds; None: none so far.

        A function of the games alone, whatever the order in which they ended.
        """
        while self._rule is not None and self._looked + self._block <= self._wanted:
            last = self._looked + self._block
            if any(number not in games for number in range(self._looked, last)):
                return None
            if last >= self._rule.least and self._holds({n: games[n] for n in range(last)}):
                return last
            self._looked = last
        return None

    def intervals(self, games: Mapping[int, PlayedGame]) -> dict[str, Interval]:
        """What the rule looks at, by what it is, after these games."""
        if self._rule is None:
            return {}
        if self._rule.compare is not None:
            one, other = self._rule.compare
            found = {f"{one} – {other}": difference_values(games, one, other)}
        else:
            found = {label: score_values(games, label) for label in self._labels if label != self._base}
        longest = {name: max(2, len(values) * self._wanted // max(1, len(games))) for name, values in found.items()}
        return {name: confidence_sequence(v, longest[name]) for name, v in found.items() if len(v) > 1}

    def _holds(self, games: Mapping[int, PlayedGame]) -> bool:
        rule = self._rule
        assert rule is not None
        intervals = self.intervals(games).values()
        if not intervals:
            return False
        narrow = rule.narrower is not None and all(found.width < rule.narrower for found in intervals)
        return narrow or (rule.decided and all(found.excludes_zero for found in intervals))


def _power_means(games: Mapping[int, PlayedGame]) -> dict[Power, float]:
    return {power: fmean(game.result.scores[power] for game in games.values()) for power in POWERS}


def _means(games: Mapping[int, PlayedGame], label: str, powers: Mapping[Power, float]) -> dict[int, float]:
    found: dict[int, list[float]] = {}
    for _, game in sorted(games.items()):
        if label in game.labels.values():
            found.setdefault(game.cluster, []).append(_mean(game, label, powers))
    return {cluster: fmean(means) for cluster, means in sorted(found.items())}


def _mean(game: PlayedGame, label: str, powers: Mapping[Power, float]) -> float:
    return fmean(game.result.scores[power] - powers[power] for power in POWERS if game.labels[power] == label)


__all__ = ["Watcher", "confidence_sequence", "difference_values", "score_values"]
