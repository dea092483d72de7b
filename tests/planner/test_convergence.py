"""The way of an equilibrium, recorded only when somebody watches, and what two players do to one another."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from planner.equilibrium import Checkpoint, HedgeConfig, solve
from planner.opponents import Evidence, OpponentBeliefs
from planner.polymatrix import PolymatrixGame, solve_polymatrix

SIZES = (3, 2, 4)
UNIFORM = [np.full(size, 1 / size) for size in SIZES]


def random_game(seed: int = 0) -> PolymatrixGame:
    rng = np.random.default_rng(seed)
    tables = {(i, j): rng.normal(size=(SIZES[i], SIZES[j], 3)) for i, j in ((0, 1), (0, 2), (1, 2))}
    return PolymatrixGame.from_tables(tables, UNIFORM)


def test_checkpoints_come_after_powers_of_two_and_the_last_update() -> None:
    game, seen = random_game(), list[Checkpoint]()
    config = HedgeConfig(iterations=13)
    found = solve_polymatrix(game, UNIFORM, [0.01] * 3, config, watch=seen.append)
    assert [at.iteration for at in seen] == [1, 2, 4, 8, 13]
    for now, end in zip(seen[-1].averages, found.averages, strict=True):
        assert now.tolist() == end.tolist()
    assert seen[-1].regrets == pytest.approx(found.regrets)


def test_who_watches_changes_nothing() -> None:
    game, config = random_game(1), HedgeConfig(iterations=16)
    watched = solve_polymatrix(game, UNIFORM, [0.1] * 3, config, watch=lambda at: at.averages[0].fill(0.0))
    alone = solve_polymatrix(game, UNIFORM, [0.1] * 3, config)
    assert [p.tolist() for p in watched.averages] == [p.tolist() for p in alone.averages]


def test_sampled_play_is_watched_as_well() -> None:
    game, seen = random_game(2), list[Checkpoint]()

    def own(profiles: np.ndarray) -> list[np.ndarray]:
        return [game.counterfactuals(player, profiles)[..., player] for player in range(3)]

    solve(UNIFORM, [0.1] * 3, own, np.random.default_rng(0), HedgeConfig(iterations=6), watch=seen.append)
    assert [at.iteration for at in seen] == [1, 2, 4, 6]


def test_play_in_a_zero_sum_game_leaves_less_and_less_to_gain() -> None:
    payoffs = np.array([[2.0, -1.0], [-1.0, 1.0]])
    table = np.stack([payoffs, -payoffs], axis=-1)
    policies = [np.full(2, 0.5)] * 2
    game, seen = PolymatrixGame.from_tables({(0, 1): table}, policies), list[Checkpoint]()
    solve_polymatrix(game, policies, [0.0, 0.0], HedgeConfig(iterations=4096), watch=seen.append)
    gaps = [game.gaps(at.averages).max() for at in seen]
    assert gaps[-1] < 0.05 < gaps[0]


def test_pair_scores_are_those_of_the_pure_actions() -> None:
    game = random_game(3)
    rng = np.random.default_rng(3)
    policies = [rng.dirichlet(np.ones(size)) for size in SIZES]
    for i, j in ((0, 1), (2, 0), (1, 2)):
        table = game.pair_scores(i, j, policies)
        assert table.shape == (SIZES[i], SIZES[j], 3)
        for a, b in product(range(SIZES[i]), range(SIZES[j])):
            pure = list(policies)
            pure[i], pure[j] = np.eye(SIZES[i])[a], np.eye(SIZES[j])[b]
            assert table[a, b] == pytest.approx(game.scores(pure))


def test_beliefs_are_made_again_from_their_weights() -> None:
    rng = np.random.default_rng(4)
    seen = OpponentBeliefs.start(7)
    for phase in range(5):
        scores = 0.2 * rng.random((4, 7))
        anchors = np.log(rng.dirichlet(np.ones(4), len(seen.config.styles)))
        seen = seen.observe(2, Evidence(anchors, scores, 1), str(phase))
    again = OpponentBeliefs.start(7).with_posteriors(2, seen.posterior(2), seen.hostility(2))
    assert again.posterior(2) == pytest.approx(seen.posterior(2), abs=1e-5)
    assert again.hostility(2) == pytest.approx(seen.hostility(2), abs=1e-9)
    assert again.posterior(3) == pytest.approx(seen.prior())


def test_hostility_beyond_the_grid_is_brought_back() -> None:
    start = OpponentBeliefs.start(2)
    far = start.with_posteriors(0, start.prior(), np.array([0.0, 5.0]))
    assert far.hostility(0)[1] == pytest.approx(start.config.trust, abs=1e-3)
