"""Pairwise tables and the weights of joint actions, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from planner.bilateral import dynamic_lambda, importance_weights, pairwise_tables, resampled
from planner.equilibrium import FloatArray, IntArray


class Counting:
    """Scores from one tensor ``[A_1, ..., A_n, n]``, counting what is asked."""

    def __init__(self, tensor: FloatArray) -> None:
        self.tensor, self.asked = tensor, 0

    def __call__(self, profiles: IntArray) -> FloatArray:
        self.asked += len(profiles)
        return np.asarray(self.tensor[tuple(profiles.T)])


def random_scores(seed: int, *sizes: int) -> Counting:
    return Counting(np.random.default_rng(seed).normal(size=(*sizes, len(sizes))))


def test_importance_weights_by_hand() -> None:
    # Ratios 2, 1/2, 100 and 1/1000: the last two are clipped to 10 and 0.02.
    assert importance_weights(np.log([2, 0.5, 100, 0.001])) == pytest.approx(np.array([2, 0.5, 10, 0.02]) / 12.52)
    assert importance_weights(np.full(4, -3.0)) == pytest.approx([0.25] * 4)


def test_importance_weights_of_impossible_and_certain_actions_are_finite() -> None:
    assert importance_weights(np.array([-np.inf, 2000.0])) == pytest.approx(np.array([0.02, 10]) / 10.02)


def test_profiles_are_resampled_as_evenly_as_may_be() -> None:
    profiles = np.arange(8, dtype=np.int32).reshape(4, 2)
    weights = np.array([0.1, 0.0, 0.55, 0.35])
    for seed in range(20):
        found = resampled(profiles, weights, 10, np.random.default_rng(seed))
        counts = [(found == row).all(axis=1).sum() for row in profiles]
        assert sum(counts) == 10
        assert np.abs(counts - 10 * weights).max() < 1


def test_dynamic_lambda_by_hand() -> None:
    assert dynamic_lambda(0.0, 0.003) == pytest.approx(0.0006)
    assert dynamic_lambda(0.05**2 - 0.01**2, 0.003) == pytest.approx(0.003)


def test_tables_of_two_players_are_the_game() -> None:
    scores = random_scores(1, 2, 3)
    found = pairwise_tables(scores, [np.ones(2), np.ones(3)], np.random.default_rng(0), samples=4)
    assert found.table(0, 1) == pytest.approx(scores.tensor)
    assert found.table(1, 0) == pytest.approx(scores.tensor.swapaxes(0, 1))
    assert found.evaluations == scores.asked == 2 * 3 * 4


def test_tables_average_over_the_background_given() -> None:
    scores = random_scores(2, 2, 2, 2)
    background = np.array([[0, 0, 0], [1, 1, 0], [0, 1, 1]], np.int32)
    policies = [np.ones(2)] * 3
    found = pairwise_tables(scores, policies, np.random.default_rng(0), background=background, pairs=[(1, 0)])
    # The third player plays 0, 0, 1 in every entry.
    assert found.table(0, 1) == pytest.approx((2 * scores.tensor[:, :, 0] + scores.tensor[:, :, 1]) / 3)
    assert set(found.tables) == {(0, 1)}


def test_noise_of_the_others_is_common_to_all_entries() -> None:
    # The third player moves everybody's score by a hundred times what the first two do; no difference shows it.
    rng = np.random.default_rng(3)
    pair, loud = rng.normal(size=(3, 3)), 100 * rng.normal(size=50)
    tensor = np.repeat((pair[:, :, None] + loud)[..., None], 3, axis=-1)
    found = pairwise_tables(Counting(tensor), [np.ones(3), np.ones(3), np.ones(50)], rng, samples=5)
    table = found.table(0, 1)[..., 0]
    assert table - table[0, 0] == pytest.approx(pair - pair[0, 0])


def test_a_budget_prunes_to_the_likeliest_actions() -> None:
    scores = random_scores(4, 6, 5, 4)
    policies = [np.arange(size, 0, -1.0)[::-1] for size in (6, 5, 4)]
    samples, everything = 3, 3 * (30 + 24 + 20)
    full = pairwise_tables(scores, policies, np.random.default_rng(0), samples=samples, budget=everything)
    assert full.evaluations == everything
    assert [len(k) for k in full.kept] == [6, 5, 4]

    budget = samples * 15 + samples * 3 * 9 + 1
    small = pairwise_tables(scores, policies, np.random.default_rng(0), samples=samples, budget=budget)
    assert small.evaluations == budget - 1
    assert [k.tolist() for k in small.kept] == [[3, 4, 5], [2, 3, 4], [1, 2, 3]]
    # Kept entries are those of the full tables, for the background is the same.
    for i, j in small.tables:
        grid = np.ix_(small.kept[i], small.kept[j])
        assert small.table(i, j)[grid] == pytest.approx(full.table(i, j)[grid])

    none = pairwise_tables(scores, policies, np.random.default_rng(0), samples=samples, budget=samples * 15)
    assert none.evaluations == samples * 15
    assert np.abs(none.game().pairs).max() == pytest.approx(0.0, abs=1e-12)
    with pytest.raises(ValueError, match="at least 45"):
        pairwise_tables(scores, policies, np.random.default_rng(0), samples=samples, budget=44)


def test_pruned_tables_of_a_game_without_pairs_lose_nothing() -> None:
    rng = np.random.default_rng(5)
    alone = [rng.normal(size=(4, 3)) for _ in range(3)]
    tensor = alone[0][:, None, None] + alone[1][None, :, None] + alone[2][None, None, :]
    policies = [rng.dirichlet(np.ones(4)) for _ in range(3)]
    # Every action is drawn in proportion, so the background has the mean of the policies.
    found = pairwise_tables(Counting(tensor), policies, rng, samples=400, budget=400 * (12 + 3 * 4))
    assert [len(k) for k in found.kept] == [2, 2, 2]
    game = found.game()
    for player in range(3):
        values = game.values(player, policies)
        assert values - values[0] == pytest.approx(alone[player] - alone[player][0], abs=0.02)


def test_large_tables_are_scored_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = random_scores(6, 5, 5, 5)
    whole = pairwise_tables(scores, [np.ones(5)] * 3, np.random.default_rng(0), samples=2)
    monkeypatch.setattr("planner.bilateral._EVALUATIONS_PER_CALL", 14)
    parts = pairwise_tables(scores, [np.ones(5)] * 3, np.random.default_rng(0), samples=2)
    assert parts.table(1, 2) == pytest.approx(whole.table(1, 2))
