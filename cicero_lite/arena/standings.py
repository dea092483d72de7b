"""The table of an experiment: a row for each agent, and how each pair of agents compares; all figures with intervals.

Everything here follows from the games alone, so that the same games make the same table, to the byte.  Wall-clock times
do not: see `cicero_lite.arena.times`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cicero_lite.arena.clusters import Clusters, FloatArray, Interval
from cicero_lite.arena.experiment import DesignKind
from cicero_lite.arena.match import GameResult
from cicero_lite.arena.played import PlayedGame
from cicero_lite.arena.press_measures import RATES
from cicero_lite.arena.ratings import Rating, ratings
from cicero_lite.arena.statistics import Adjusted, Ending, Rate, ending, ratio_of_games, summarize
from cicero_lite.arena.stopping import Watcher
from cicero_lite.arena.tournament import Tournament
from cicero_lite.output import commit_told
from engine.types import POWERS, Power


@dataclass(frozen=True)
class Standing:
    """One agent among the others."""

    label: str
    agent: str
    games: int
    """In which it sat somewhere."""
    seats: int
    """It sat on: one agent may have several of a game."""
    score: Interval
    """Mean sum-of-squares score of a seat; parity 1/7.  Where it played every power equally often, the interval leaves
    out that powers differ."""
    normalised: Interval
    """The same less the mean that the seat's power scored over all games of the experiment; parity 0."""
    adjusted: Adjusted | None
    """The score by control variates; None: there are none."""
    rating: Rating
    endings: Mapping[Ending, Rate]
    """By seats; the intervals draw whole games."""
    centers: Interval
    """At the end, of a seat."""
    by_power: Mapping[Power, Interval]
    """Score of each power that it played."""
    press: Mapping[str, Interval]
    """Counts of `PressMeasures`: mean of a seat and game; empty: no press."""
    rates: Mapping[str, Rate]
    """What they make, by the names of `cicero_lite.arena.press_measures.RATES`; those of which there is nothing are
    left out."""
    usage: Mapping[str, float]
    """What all its seats asked of language models on servers, added up."""


@dataclass(frozen=True)
class Pair:
    """Two agents compared."""

    one: str
    other: str
    games: int
    """In which both sat; 0: they never met, and are compared over games of the same seeds."""
    difference: Interval
    """By how much the first scored more, power-normalised, game by game, or cluster by cluster if they never met."""
    ahead: Interval | None
    """How often a seat of the first finished before one of the other in a game, ties counted half; None: never met."""


@dataclass(frozen=True)
class Standings:
    """An experiment: everything needed to believe it, or to make it again."""

    title: str
    about: str
    design: DesignKind
    press: Mapping[str, int] | None
    """Rounds of talk; None: without press."""
    seed: int
    until: int
    games: int
    """That count."""
    wanted: int
    """That were asked for."""
    stopped: int | None
    """Games after which the stopping rule held."""
    complete: bool
    rows: tuple[Standing, ...]
    """Best score first."""
    pairs: tuple[Pair, ...]
    """Those that the experiment names first."""
    anytime: Mapping[str, Interval]
    """What the stopping rule looked at, with intervals that hold at all times together."""
    power_means: Mapping[Power, float]
    """Mean score of each power over all games."""
    commit: str
    code: str
    """Fingerprint of all that decides how a game goes."""
    versions: Mapping[str, str]


def standings(found: Tournament, title: str) -> Standings:
    """The table of some games.

    Args:
        found: with at least one game.
        title: where the experiment has none.
    """
    experiment, games = found.experiment, list(found.games.values())
    seats = _Seats(experiment.labels, games)
    rated = ratings(experiment.labels, games)
    rows = [_standing(label, found, seats, rated[label]) for label in experiment.labels if seats.count(label)]
    seen = [row.label for row in rows]
    named = [pair for pair in experiment.compare if set(pair) <= set(seen)]
    others = [(one, other) for i, one in enumerate(seen) for other in seen[i + 1 :]]
    pairs = dict.fromkeys([*named, *(p for p in others if p not in named and p[::-1] not in named)])
    watcher = Watcher(experiment, 1, found.wanted)
    values = None if experiment.press is None else experiment.press
    return Standings(
        title=experiment.title or title,
        about=experiment.about.strip(),
        design=experiment.design.kind,
        press=None if values is None else {"rounds": values.rounds, "late_rounds": values.late_rounds},
        seed=experiment.seed,
        until=experiment.until,
        games=len(games),
        wanted=found.wanted,
        stopped=found.stopped,
        complete=found.complete,
        rows=tuple(sorted(rows, key=lambda row: (-row.score.value, row.label))),
        pairs=tuple(pair for one, other in pairs if (pair := seats.pair(one, other)) is not None),
        anytime=watcher.intervals(found.games),
        power_means=seats.power_means,
        commit=commit_told(found.header.commit, found.header.dirty),
        code=found.header.code,
        versions=found.header.versions,
    )


def _standing(label: str, found: Tournament, seats: _Seats, rating: Rating) -> Standing:
    chosen = seats.agent == seats.labels.index(label)
    played = [(power, game.result) for game, power in seats.of(label)]
    return Standing(
        label=label,
        agent=found.header.agents[label],
        games=len({id(game) for game, _ in seats.of(label)}),
        seats=len(played),
        score=seats.mean_score(chosen),
        normalised=seats.mean(seats.normalised, chosen, -1.0, 1.0),
        adjusted=_adjusted(played, found),
        rating=rating,
        endings=_endings(seats, label),
        centers=seats.mean(seats.centers, chosen),
        by_power={
            power: seats.mean(seats.score, chosen & (seats.power == power.number), most=1.0)
            for power in POWERS
            if (chosen & (seats.power == power.number)).any()
        },
        press={name: seats.mean(counts, chosen) for name, counts in seats.press.items()},
        rates=_rates(seats, label),
        usage=_usage(seats.of(label)),
    )


def _rates(seats: _Seats, label: str) -> dict[str, Rate]:
    found = {}
    for name, (part, whole) in RATES.items():
        by_game: dict[int, tuple[int, int]] = {}
        for game, power in seats.of(label):
            counts, before = game.press.get(power, {}), by_game.get(id(game), (0, 0))
            by_game[id(game)] = (before[0] + counts.get(part, 0), before[1] + counts.get(whole, 0))
        if any(wholes for _, wholes in by_game.values()):
            found[name] = ratio_of_games(list(by_game.values()))
    return found


def _adjusted(played: Sequence[tuple[Power, GameResult]], found: Tournament) -> Adjusted | None:
    """Of the agent that plays alone, whose luck the variates are."""
    alone = found.experiment.variates and len(played) and len({result.seed for _, result in played}) == len(played)
    return summarize(played).adjusted if alone else None


def _endings(seats: _Seats, label: str) -> dict[Ending, Rate]:
    by_game: dict[int, list[Ending]] = {}
    for game, power in seats.of(label):
        by_game.setdefault(id(game), []).append(ending(game.result, power))
    return {how: ratio_of_games([(ends.count(how), len(ends)) for ends in by_game.values()]) for how in Ending}


def _usage(played: Sequence[tuple[PlayedGame, Power]]) -> dict[str, float]:
    names = dict.fromkeys(name for game, power in played for name in game.usage.get(power, {}))
    return {name: sum(game.usage.get(power, {}).get(name, 0) for game, power in played) for name in names}


class _Seats:
    """All seats of all games as flat arrays ``[S]``."""

    def __init__(self, labels: Sequence[str], games: Sequence[PlayedGame]) -> None:
        self.labels, self.games = list(labels), games
        self.clusters = Clusters([game.cluster for game in games])
        place = {label: i for i, label in enumerate(labels)}
        flat = [(number, game, power) for number, game in enumerate(games) for power in POWERS]
        self.game: NDArray[np.int64] = np.array([number for number, _, _ in flat])
        self.power: NDArray[np.int64] = np.array([power.number for _, _, power in flat])
        self.agent: NDArray[np.int64] = np.array([place[game.labels[power]] for _, game, power in flat])
        self.score = _floats([game.result.scores[power] for _, game, power in flat])
        self.centers = _floats([game.result.centers[power] for _, game, power in flat])
        by_power = np.bincount(self.power, self.score, minlength=len(POWERS)) / len(games)
        self.power_means = {power: float(by_power[power.number]) for power in POWERS}
        self.normalised = self.score - by_power[self.power]
        names = dict.fromkeys(name for _, game, power in flat for name in game.press.get(power, {}))
        self.press = {
            name: _floats([game.press.get(power, {}).get(name, 0) for _, game, power in flat]) for name in names
        }

    def of(self, label: str) -> list[tuple[PlayedGame, Power]]:
        """The seats of an agent."""
        return self._by_label[label]

    @cached_property
    def _by_label(self) -> dict[str, list[tuple[PlayedGame, Power]]]:
        found: dict[str, list[tuple[PlayedGame, Power]]] = {label: [] for label in self.labels}
        for game in self.games:
            for power in POWERS:
                found[game.labels[power]].append((game, power))
        return found

    def count(self, label: str) -> int:
        """Seats of an agent."""
        return len(self.of(label))

    def mean(
        self, values: FloatArray, chosen: NDArray[np.bool_], least: float = 0.0, most: float = math.inf
    ) -> Interval:
        """The mean of some values, from the least to the most, over the seats that are chosen: one at least."""
        sums = self.clusters.sums(np.where(chosen, values, 0.0), self.game)
        counts = self.clusters.sums(chosen.astype(np.float64), self.game)
        found = self.clusters.ratio(sums, counts, (least, most))
        assert found is not None
        return found

    def mean_score(self, chosen: NDArray[np.bool_]) -> Interval:
        """The mean score over these seats; of a balanced design its error is that of the power-normalised score."""
        found = self.mean(self.score, chosen, most=1.0)
        if len(set(np.bincount(self.power[chosen], minlength=len(POWERS)).tolist())) > 1:
            return found
        normalised = self.mean(self.normalised, chosen, -1.0, 1.0)
        if normalised.low is None or normalised.high is None:
            return found
        shift = found.value - normalised.value
        return Interval(found.value, max(0.0, normalised.low + shift), min(1.0, normalised.high + shift))

    def pair(self, one: str, other: str) -> Pair | None:
        """Two agents compared; None: they share neither games nor seeds."""
        ours, theirs = (self._game_means(label) for label in (one, other))
        both = np.isfinite(ours) & np.isfinite(theirs)
        count = int(both.sum())
        if count:
            values = np.where(both, ours - theirs, 0.0)
            games = np.arange(len(self.games))
            sums = self.clusters.sums(values, games)
            difference = self.clusters.ratio(sums, self.clusters.sums(both.astype(np.float64), games), (-1.0, 1.0))
        else:
            difference = self._difference_of_clusters(ours, theirs)
        return None if difference is None else Pair(one, other, count, difference, self._ahead(one, other))

    def _game_means(self, label: str) -> FloatArray:
        """Mean power-normalised score of the agent in each game ``[G]``; NaN where it did not play."""
        chosen = self.agent == self.labels.index(label)
        sums = np.bincount(self.game, np.where(chosen, self.normalised, 0.0), minlength=len(self.games))
        counts = np.bincount(self.game, chosen.astype(np.float64), minlength=len(self.games))
        return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)

    def _difference_of_clusters(self, ours: FloatArray, theirs: FloatArray) -> Interval | None:
        means = []
        for values in (ours, theirs):
            played = np.isfinite(values)
            games = np.flatnonzero(played)
            counts = self.clusters.sums(np.ones(len(games)), games)
            means.append((self.clusters.sums(values[games], games) / np.maximum(counts, 1), counts > 0))
        (a, in_a), (b, in_b) = means
        both = in_a & in_b
        return self.clusters.ratio(np.where(both, a - b, 0.0), both.astype(np.float64), (-1.0, 1.0))

    def _ahead(self, one: str, other: str) -> Interval | None:
        first, second = self.labels.index(one), self.labels.index(other)
        scores = self.score.reshape(len(self.games), len(POWERS))
        agents = self.agent.reshape(len(self.games), len(POWERS))
        met = (agents == first)[:, :, None] & (agents == second)[:, None, :]
        better = np.sign(scores[:, :, None] - scores[:, None, :]) / 2 + 0.5
        games = np.arange(len(self.games))
        sums = self.clusters.sums((met * better).sum(axis=(1, 2)), games)
        return self.clusters.ratio(sums, self.clusters.sums(met.sum(axis=(1, 2)).astype(np.float64), games), (0.0, 1.0))


def _floats(values: Sequence[float]) -> FloatArray:
    return np.array(values, dtype=np.float64)


__all__ = ["Pair", "Standing", "Standings", "standings"]
