"""The table of an experiment: sums that must agree, intervals that draw whole games, pairs that never met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cicero_lite.arena.clusters import Clusters
from cicero_lite.arena.designs import Schedule
from cicero_lite.arena.experiment import DesignConfig, DesignKind, Experiment
from cicero_lite.arena.played import PlayedGame
from cicero_lite.arena.press_measures import RATES
from cicero_lite.arena.standings import Standings, standings
from cicero_lite.arena.tournament import Tournament, header_of
from engine.types import POWERS
from tests.arena_games import drawn_scores, made_game

THREE = Experiment({"a": "dumbbot", "b": "dumbbot", "c": "greedy"}, games=42, compare=(("c", "a"),))


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ratings are tested elsewhere."""
    monkeypatch.setattr("cicero_lite.arena.ratings.RESAMPLES", 10)
    monkeypatch.setattr("cicero_lite.arena.ratings.ORDERS", 4)


def tournament(experiment: Experiment, games: Sequence[PlayedGame]) -> Tournament:
    return Tournament(experiment, header_of(experiment), dict(enumerate(games)), len(games), None, (), False)


def table_of(experiment: Experiment, edge: dict[str, float], seed: int = 0) -> Standings:
    schedule, rng, powers = Schedule(experiment), np.random.default_rng(seed), np.linspace(-0.5, 0.5, 7)
    games = []
    for number in range(experiment.games_wanted()):
        seating = schedule.seating(number)
        skills = [p + edge.get(label, 0.0) for p, label in zip(powers, seating.seats, strict=True)]
        games.append(made_game(number, seating.seats, drawn_scores(rng, skills), seating.cluster))
    return standings(tournament(experiment, games), "made up")


def test_figures_agree_with_each_other() -> None:
    found = table_of(THREE, {"a": 1.0})
    assert found.rows[0].label == "a"
    assert sum(row.seats for row in found.rows) == 7 * 42
    total = sum(row.score.value * row.seats for row in found.rows)
    assert total == pytest.approx(42)
    assert sum(found.power_means.values()) == pytest.approx(1)
    for row in found.rows:
        assert row.seats == 98
        assert row.games == 42
        assert sum(rate.share for rate in row.endings.values()) == pytest.approx(1)
        # A balanced design: every power as often as any other.
        assert row.score.value - row.normalised.value == pytest.approx(1 / 7)
        assert row.score.low is not None
        assert row.score.low < row.score.value
        # ... so the interval leaves out that powers differ.
        assert row.normalised.width == pytest.approx(row.score.width)


def test_pairs_that_are_named_come_first_and_all_others_follow() -> None:
    found = table_of(THREE, {})
    assert [(pair.one, pair.other) for pair in found.pairs] == [("c", "a"), ("a", "b"), ("b", "c")]
    by_label = {row.label: row.score.value for row in found.rows}
    for pair in found.pairs:
        assert pair.games == 42
        assert pair.ahead is not None
        assert 0 <= pair.ahead.value <= 1
    assert set(by_label) == {"a", "b", "c"}


def test_an_edge_is_found() -> None:
    pair = table_of(THREE, {"c": 0.8}).pairs[0]
    assert pair.difference.excludes_zero
    assert pair.difference.value > 0
    assert pair.ahead is not None
    assert pair.ahead.value > 0.5


def test_seats_of_a_game_are_not_taken_for_independent() -> None:
    # Six seats of the base: together they score one less the score of the one, so they are as uncertain as it is.
    experiment = Experiment(
        {"one": "greedy", "base": "dumbbot"}, games=70, design=DesignConfig(DesignKind.ONE_V_SIX, base="base")
    )
    rows = {row.label: row for row in table_of(experiment, {}).rows}
    one, base = rows["one"], rows["base"]
    assert (one.seats, base.seats) == (70, 420)
    assert base.score.width == pytest.approx(one.score.width / 6, rel=0.1)


def test_agents_that_never_met_are_compared_over_their_seeds() -> None:
    agents = {"one": "greedy", "other": "random", "base": "dumbbot"}
    experiment = Experiment(
        agents, games_per_agent=35, design=DesignConfig(DesignKind.ONE_V_SIX, base="base"), compare=(("one", "other"),)
    )
    found = table_of(experiment, {"one": 1.0, "other": -1.0})
    pair = found.pairs[0]
    assert (pair.games, pair.ahead) == (0, None)
    rows = {row.label: row.score.value for row in found.rows}
    assert pair.difference.value == pytest.approx(rows["one"] - rows["other"])
    assert pair.difference.excludes_zero


def test_rates_of_press_are_of_all_seats_together() -> None:
    part, whole = RATES["promises kept, of those given"]
    games = []
    for number in range(14):
        game = made_game(number, ["a", "b", "c", "a", "b", "c", "a"], [1 / 7] * 7)
        none = dict.fromkeys((name for pair in RATES.values() for name in pair), 0)
        given = {power: game.labels[power] != "c" for power in POWERS}
        press = {power: {**none, part: given[power] * (number % 2), whole: given[power] * 2} for power in POWERS}
        games.append(replace(game, press=press))
    rows = {row.label: row for row in standings(tournament(THREE, games), "x").rows}
    assert rows["a"].rates["promises kept, of those given"].share == pytest.approx(0.25)
    assert "promises kept, of those given" not in rows["c"].rates
    assert rows["a"].press[part].value == pytest.approx(0.5)


def test_a_ratio_with_its_interval() -> None:
    clusters = Clusters([0, 0, 1, 2, 3, 4, 5, 6, 7])
    assert clusters.count == 8
    sums = clusters.sums(np.arange(9.0), np.arange(9))
    assert sums.tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    found = clusters.ratio(sums, np.ones(8))
    assert found is not None
    assert found.value == 4.5
    assert found.low is not None
    assert found.high is not None
    assert 2 < found.low < 3.5
    assert 5.5 < found.high < 7
    assert clusters.ratio(sums, np.zeros(8)) is None
    same = clusters.ratio(np.ones(8), np.ones(8))
    assert same is not None
    assert (same.low, same.excludes_zero) == (None, False)


@pytest.mark.parametrize("count", [2, 5])
def test_few_games_have_students_interval_within_bounds(count: int) -> None:
    clusters: Any = Clusters(range(count))
    found = clusters.ratio(np.linspace(0.1, 0.4, count), np.ones(count), (0.0, 1.0))
    assert found.value == pytest.approx(0.25)
    assert found.low == 0.0 if count == 2 else 0 < found.low < 0.15
