"""Who sits where: every agent on every power, pairs as equally as possible, and all of it a function of the number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import combinations

import pytest

from cicero_lite.arena.designs import Schedule, Seating
from cicero_lite.arena.experiment import DesignConfig, DesignKind, Experiment
from cicero_lite.arena.one_v_six import game_seed, seat_of
from engine.types import POWERS


def experiment(count: int, design: DesignConfig | None = None, games: int = 1000, seed: int = 0) -> Experiment:
    agents = {f"agent {number}": "dumbbot" for number in range(count)}
    return Experiment(agents, design=design or DesignConfig(), games=games, seed=seed)


def seatings(schedule: Schedule, count: int) -> list[Seating]:
    return [schedule.seating(number) for number in range(count)]


@pytest.mark.parametrize("count", [2, 3, 6, 7, 8, 9, 13])
def test_every_agent_plays_every_power_once_a_block(count: int) -> None:
    schedule = Schedule(experiment(count))
    assert schedule.block == count
    games = seatings(schedule, 4 * count)
    for block in range(4):
        for number, _ in enumerate(POWERS):
            seated = [game.seats[number] for game in games[block * count : (block + 1) * count]]
            assert sorted(seated) == sorted(schedule._labels)
    for game in games:
        shares = Counter(game.seats)
        assert max(shares.values()) - min(shares.values()) <= 1
        assert len(shares) == min(count, len(POWERS))


@pytest.mark.parametrize(("count", "spread"), [(3, 0.0), (8, 0.0), (9, 0.02), (13, 0.04)])
def test_pairs_meet_as_equally_as_possible(count: int, spread: float) -> None:
    met: Counter[frozenset[str]] = Counter()
    for game in seatings(Schedule(experiment(count)), 30 * count):
        for one, other in combinations(game.seats, 2):
            met[frozenset((one, other))] += one != other
    numbers = [met[frozenset(pair)] for pair in combinations(experiment(count).labels, 2)]
    assert (max(numbers) - min(numbers)) / max(numbers) <= spread + 0.05


def test_a_game_follows_from_its_number() -> None:
    design = experiment(9, seed=5)
    assert Schedule(design).seating(40) == seatings(Schedule(design), 41)[40]
    assert seatings(Schedule(design), 9) != seatings(Schedule(experiment(9, seed=6)), 9)
    assert len({game.seed for game in seatings(Schedule(design), 100)}) == 100


def test_one_against_six_pairs_its_games() -> None:
    design = DesignConfig(DesignKind.ONE_V_SIX, base="agent 1")
    schedule = Schedule(experiment(3, design))
    assert schedule.block == 14
    for number, game in enumerate(seatings(schedule, 28)):
        pair = number // 2
        alone = seat_of(pair)
        assert game.alone is alone
        assert game.labels[alone] == ("agent 0" if number % 2 == 0 else "agent 2")
        assert (game.cluster, game.seed) == (pair, game_seed(0, pair))
        assert {game.labels[power] for power in POWERS if power is not alone} == {"agent 1"}


def test_a_population_is_drawn_by_its_weights() -> None:
    design = DesignConfig(DesignKind.POPULATION, weights={"agent 0": 3.0})
    seats = Counter(label for game in seatings(Schedule(experiment(3, design)), 600) for label in game.seats)
    assert seats["agent 0"] / 4200 == pytest.approx(0.6, abs=0.03)
    assert seats["agent 1"] / 4200 == pytest.approx(0.2, abs=0.03)


def test_a_ladder_seats_neighbours_together() -> None:
    asked: list[int] = []

    def strengths(number: int) -> Mapping[str, float]:
        asked.append(number)
        return {f"agent {n}": -n if number else 0.0 for n in range(9)}

    schedule = Schedule(experiment(9, DesignConfig(DesignKind.LADDER, near=3)), strengths)
    assert (schedule.round, schedule.block) == (9, 9)
    games = seatings(schedule, 27)
    assert asked == [0, 9, 18]
    for first in (0, 9, 18):
        for number, _ in enumerate(POWERS):
            assert sorted(game.seats[number] for game in games[first : first + 9]) == list(schedule._labels)
    groups = [{int(label[-1]) for label in game.seats} for game in games]
    assert all(max(group) - min(group) <= 3 for group in groups[9:])
    assert {frozenset(group) for group in groups[18:]} == {
        frozenset({0, 1, 2}),
        frozenset({3, 4, 5}),
        frozenset({6, 7, 8}),
    }
    # In between, groups begin in the middle of these.
    assert any({2, 3} <= group for group in groups[9:18])
