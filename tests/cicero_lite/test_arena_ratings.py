"""Ratings: the better agent is rated higher, ties count for nobody, the order of the games for nothing."""

from __future__ import annotations

import numpy as np
import pytest

from cicero_lite.arena import ratings as module
from cicero_lite.arena.designs import Schedule
from cicero_lite.arena.experiment import Experiment
from cicero_lite.arena.played import PlayedGame
from cicero_lite.arena.ratings import ratings, strengths
from tests.arena_games import drawn_scores, made_game

SKILLS = {"strong": 1.4, "middle": 0.5, "weak": -0.4, "weakest": -1.3}
LABELS = tuple(SKILLS)


@pytest.fixture(autouse=True)
def fewer_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as a test needs."""
    monkeypatch.setattr(module, "RESAMPLES", 60)


def drawn(count: int, seed: int) -> list[PlayedGame]:
    rng, schedule = np.random.default_rng(seed), Schedule(Experiment(dict.fromkeys(LABELS, "dumbbot"), games=count))
    seats = [schedule.seating(number).seats for number in range(count)]
    return [made_game(n, own, drawn_scores(rng, [SKILLS[label] for label in own])) for n, own in enumerate(seats)]


def test_ratings_follow_strength() -> None:
    found = ratings(LABELS, drawn(80, 0))
    means = [found[label].mean for label in LABELS]
    assert means == sorted(means, reverse=True)
    for label in LABELS:
        rating = found[label]
        assert rating.low is not None
        assert rating.high is not None
        assert rating.low < rating.mean < rating.high
    strong, weakest = found["strong"], found["weakest"]
    assert strong.low is not None
    assert weakest.high is not None
    assert strong.low > weakest.high


def test_the_order_of_the_games_does_not_matter() -> None:
    games = drawn(80, 1)
    one, other = ratings(LABELS, games), ratings(LABELS, games[::-1])
    for label in LABELS:
        assert one[label].mean == pytest.approx(other[label].mean, abs=1.2)


def test_ties_favour_nobody() -> None:
    # openskill's own treatment of ties raises or lowers all who tie; drawn by lot, they stay where they were.
    games = [made_game(n, ["a", "b", "c", "a", "b", "c", "a"][:7], [1 / 7] * 7) for n in range(70)]
    found = ratings(("a", "b", "c"), games)
    assert all(abs(found[label].mean - 25) < 1.5 for label in "abc")


def test_one_winner_and_six_losers() -> None:
    games = [made_game(n, ["winner", *["loser"] * 6], [1.0, *[0.0] * 6]) for n in range(14)]
    found = ratings(("winner", "loser"), games)
    assert found["winner"].mean > 30
    assert found["loser"].mean < 20


def test_strengths_are_of_earlier_games_alone() -> None:
    games = dict(enumerate(drawn(40, 2)))
    early = strengths(LABELS, games, 20)
    assert early == strengths(LABELS, {n: game for n, game in games.items() if n < 20}, 20)
    assert early != strengths(LABELS, games, 24)
    assert set(strengths(LABELS, games, 0).values()) == {25.0}


def test_few_games_have_no_interval() -> None:
    found = ratings(LABELS, drawn(4, 3))
    assert found["strong"].low is None
