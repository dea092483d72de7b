"""Stopping early: looked at as often as one likes, intervals err no more often than they may."""

from __future__ import annotations

import numpy as np
import pytest

from cicero_lite.arena.clusters import Clusters
from cicero_lite.arena.designs import Schedule
from cicero_lite.arena.experiment import Experiment, StoppingRule
from cicero_lite.arena.played import PlayedGame
from cicero_lite.arena.stopping import Watcher, confidence_sequence, difference_values, score_values
from tests.arena_games import drawn_scores, made_game

RULE = StoppingRule(("one", "two"), decided=True)
EXPERIMENT = Experiment({"one": "dumbbot", "two": "dumbbot"}, games=400, stopping=RULE)
SCHEDULE = Schedule(EXPERIMENT)
SEATINGS = [SCHEDULE.seating(number) for number in range(400)]


def games(rng: np.random.Generator, count: int, edge: float = 0.0) -> dict[int, PlayedGame]:
    """Of an agent and its double; powers differ, and the one is better by an edge."""
    powers = np.linspace(-0.4, 0.4, 7)
    found = {}
    for seating in SEATINGS[:count]:
        skills = [p + edge * (label == "one") for p, label in zip(powers, seating.seats, strict=True)]
        found[seating.number] = made_game(seating.number, seating.seats, drawn_scores(rng, skills))
    return found


def test_looked_at_after_every_block_it_errs_in_5_of_100_experiments_at_most() -> None:
    rng = np.random.default_rng(1)
    repetitions, alarms, plain = 300, 0, 0
    for _ in range(repetitions):
        values = difference_values(games(rng, 400), "one", "two")
        looks = range(RULE.least, 401, 2)
        alarms += any(confidence_sequence(values[:look], 400).excludes_zero for look in looks)
        means = np.cumsum(values) / np.arange(1, 401)
        errors = np.array([np.std(values[:n], ddof=1) / np.sqrt(n) for n in looks])
        plain += bool((np.abs(means[np.array(looks) - 1]) > 1.96 * errors).any())
    assert alarms / repetitions <= 0.05
    # What it is there for: ordinary intervals, looked at as often, are wrong in more than every fourth experiment.
    assert plain / repetitions > 0.2


def test_a_score_that_is_skewed_is_held_as_surely() -> None:
    rng = np.random.default_rng(2)
    repetitions, misses = 200, 0
    for _ in range(repetitions):
        values = [drawn_scores(rng, [0.0] * 7)[0] for _ in range(300)]
        misses += any(
            not found.low <= 1 / 7 <= found.high
            for found in (confidence_sequence(values[:look], 300) for look in range(42, 301, 3))
            if found.low is not None and found.high is not None
        )
    assert misses / repetitions <= 0.07


def test_it_is_the_published_boundary() -> None:
    # 100 values of variance 1 (sample), rho for 100: worked out by hand from theorem 2.2.
    values = [1.0, -1.0] * 50
    found = confidence_sequence(values, 100)
    deviation = float(np.std(values, ddof=1))
    rho2 = (2 * np.log(20) + np.log(1 + 2 * np.log(20))) / 100
    half = deviation * np.sqrt(2 * (100 * rho2 + 1) / (100**2 * rho2) * np.log(np.sqrt(100 * rho2 + 1) / 0.05))
    assert found.value == 0.0
    assert found.high == pytest.approx(half)
    assert found.low == pytest.approx(-half)
    assert 1.4 < half / (1.96 * deviation / 10) < 1.7


def test_it_stops_at_the_same_game_however_games_come_in() -> None:
    played = games(np.random.default_rng(3), 400, edge=0.9)
    watcher = Watcher(EXPERIMENT, SCHEDULE.block, 400)
    arrived: dict[int, PlayedGame] = {}
    stopped = None
    for number in np.random.default_rng(4).permutation(400):
        arrived[int(number)] = played[int(number)]
        stopped = stopped or watcher.stops(arrived)
    assert stopped is not None
    assert RULE.least <= stopped < 400
    assert stopped % SCHEDULE.block == 0
    assert Watcher(EXPERIMENT, SCHEDULE.block, 400).stops(played) == stopped
    assert Watcher(EXPERIMENT, SCHEDULE.block, 400).stops({n: played[n] for n in range(stopped)}) == stopped
    assert Watcher(EXPERIMENT, SCHEDULE.block, 400).stops({n: played[n] for n in range(stopped - 2)}) is None


def test_a_rule_may_ask_for_narrow_intervals() -> None:
    played = games(np.random.default_rng(5), 400)
    for compare in (("one", "two"), None):
        experiment = Experiment(EXPERIMENT.agents, games=400, stopping=StoppingRule(compare, narrower=0.15))
        watcher = Watcher(experiment, 2, 400)
        stopped = watcher.stops(played)
        assert stopped is not None
        after = watcher.intervals({n: played[n] for n in range(stopped)})
        before = watcher.intervals({n: played[n] for n in range(stopped - 2)})
        assert all(found.width < 0.15 for found in after.values())
        assert stopped == 42 or not all(found.width < 0.15 for found in before.values())


def test_without_a_rule_nothing_stops() -> None:
    experiment = Experiment(EXPERIMENT.agents, games=400)
    assert Watcher(experiment, 2, 400).stops(games(np.random.default_rng(6), 400, edge=2.0)) is None


def test_agents_that_never_met_are_compared_by_their_clusters() -> None:
    made = {
        0: made_game(0, ["a", *["base"] * 6], [0.4, *[0.1] * 6], cluster=0),
        1: made_game(1, ["b", *["base"] * 6], [0.1, *[0.15] * 6], cluster=0),
        2: made_game(2, ["a", *["base"] * 6], [0.2, *[0.1] * 6], cluster=1),
    }
    assert difference_values(made, "a", "b") == [pytest.approx(0.3)]
    # Less what the powers scored in all three games: 0.7 / 3 and 0.35 / 3.
    assert difference_values(made, "a", "base") == [pytest.approx(0.3 - 0.35 / 3), pytest.approx(0.1 - 0.35 / 3)]
    assert score_values(made, "a") == [pytest.approx(1 / 7 + s - 0.7 / 3) for s in (0.4, 0.2)]


@pytest.mark.parametrize("edge", [0.0, 0.25])
def test_ordinary_intervals_of_whole_games_hold_the_truth(edge: float) -> None:
    rng = np.random.default_rng(7)
    many = [np.mean(difference_values(games(rng, 400, edge), "one", "two")) for _ in range(60)]
    truth = float(np.mean(many))
    held, repetitions = 0, 250
    for _ in range(repetitions):
        values = np.array(difference_values(games(rng, 40, edge), "one", "two"))
        found = Clusters(range(40)).ratio(values, np.ones(40))
        assert found is not None
        held += bool(found.low is not None and found.high is not None and found.low <= truth <= found.high)
    assert 0.91 <= held / repetitions <= 0.985
