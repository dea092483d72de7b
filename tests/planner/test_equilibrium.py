"""piKL-Hedge on games whose equilibria are known."""

from __future__ import annotations

import numpy as np
import pytest

from planner.equilibrium import FloatArray, HedgeConfig, IntArray, Method, piKL_policy, sample_profiles, solve

PENNIES = np.array([[1.0, -1.0], [-1.0, 1.0]])
DILEMMA = np.array([[3.0, 0.0], [5.0, 1.0]])
"""Row player's pay-off: cooperate, defect."""


class TensorGame:
    """The oracle of a game given by one pay-off tensor a player."""

    def __init__(self, *payoffs: FloatArray) -> None:
        self.payoffs = payoffs

    def __call__(self, profiles: IntArray) -> list[FloatArray]:
        answers = []
        for player, payoff in enumerate(self.payoffs):
            own_last = np.moveaxis(payoff, player, -1)
            others = tuple(profiles[:, j] for j in range(profiles.shape[1]) if j != player)
            answers.append(np.broadcast_to(own_last[others], (len(profiles), payoff.shape[player])))
        return answers

    def expected(self, player: int, policies: list[FloatArray]) -> FloatArray:
        value = np.moveaxis(self.payoffs[player], player, -1)
        for j, policy in enumerate(policies):
            if j != player:
                value = np.tensordot(policy, value, axes=(0, 0))
        return np.asarray(value)


def uniform(*sizes: int) -> list[FloatArray]:
    return [np.full(size, 1 / size) for size in sizes]


def test_matching_pennies_mixes_evenly() -> None:
    game = TensorGame(PENNIES, -PENNIES)
    start = [np.array([0.9, 0.1]), np.array([0.2, 0.8])]
    found = solve(start, [0.0, 0.0], game, np.random.default_rng(1), HedgeConfig(2000, 4))
    for average in found.averages:
        assert average == pytest.approx([0.5, 0.5], abs=0.05)
    assert found.utilities == pytest.approx([0, 0], abs=0.1)
    assert found.trace[-1] < found.trace[1]


def test_prisoners_defect_without_anchor() -> None:
    game = TensorGame(DILEMMA, DILEMMA.T)
    found = solve(uniform(2, 2), [0.0, 0.0], game, np.random.default_rng(2), HedgeConfig(200, 4))
    for policy in found.policies:
        assert policy[1] > 0.99
    assert found.utilities == pytest.approx([1, 1], abs=0.2)


def test_large_lambda_keeps_the_anchor() -> None:
    game = TensorGame(DILEMMA, DILEMMA.T)
    anchors = [np.array([0.7, 0.3]), np.array([0.6, 0.4])]
    for lambda_ in (1e6, np.inf):
        found = solve(anchors, [lambda_] * 2, game, np.random.default_rng(3), HedgeConfig(100, 4))
        for policy, anchor in zip(found.policies, anchors, strict=True):
            assert policy == pytest.approx(anchor, abs=1e-3)


@pytest.mark.parametrize("lambda_", [0.3, 1.0])
def test_middle_lambda_reaches_the_quantal_fixed_point(lambda_: float) -> None:
    rng = np.random.default_rng(4)
    game = TensorGame(*(rng.normal(size=(2, 3, 2)) for _ in range(3)))
    anchors = [rng.dirichlet(np.ones(size)) for size in (2, 3, 2)]
    found = solve(anchors, [lambda_] * 3, game, rng, HedgeConfig(1500, 16))
    policies = list(found.averages)
    for player, anchor in enumerate(anchors):
        response = anchor * np.exp(game.expected(player, policies) / lambda_)
        assert policies[player] == pytest.approx(response / response.sum(), abs=0.05)


def test_three_players_find_the_dominant_profile() -> None:
    payoff = np.zeros((2, 2, 2))
    payoff[1, 1, 1] = 1.0
    payoff[1] += 0.5
    game = TensorGame(payoff, np.moveaxis(payoff, 0, 1), np.moveaxis(payoff, 0, 2))
    found = solve(uniform(2, 2, 2), [0.01] * 3, game, np.random.default_rng(5), HedgeConfig(100, 4))
    assert all(policy[1] > 0.99 for policy in found.policies)


def test_players_with_one_action_and_different_sizes() -> None:
    payoff = np.array([[0.0, 1.0, 0.5]])
    found = solve(uniform(1, 3), [0.01, 0.01], TensorGame(payoff, payoff), np.random.default_rng(6), HedgeConfig(60, 2))
    assert found.policies[0] == pytest.approx([1.0])
    assert int(found.policies[1].argmax()) == 1
    assert found.values[1] == pytest.approx([0.0, 1.0, 0.5])


def test_step_does_not_depend_on_the_unit_of_utility() -> None:
    def run(scale: float) -> list[FloatArray]:
        game = TensorGame(DILEMMA * scale, DILEMMA.T * scale)
        rng = np.random.default_rng(7)
        return list(solve(uniform(2, 2), [0.0, 0.0], game, rng, HedgeConfig(20, 4)).policies)

    for small, large in zip(run(1.0), run(100.0), strict=True):
        assert small == pytest.approx(large, abs=1e-3)


def test_first_iterate_formula() -> None:
    values, log_anchor = np.array([1.0, 0.0]), np.log(np.array([0.25, 0.75]))
    logits = (values + 0.5 * log_anchor) / (0.5 + 1 / (2.0 * 3))
    expected = np.exp(logits) / np.exp(logits).sum()
    assert piKL_policy(values, log_anchor, 0.5, 2.0, 3) == pytest.approx(expected)


def test_sampling_follows_the_policy_and_the_seed() -> None:
    policies = [np.array([0.2, 0.8]), np.array([1.0]), np.array([0.5, 0.0, 0.5])]
    profiles = sample_profiles(policies, 1000, np.random.default_rng(8))
    assert profiles.shape == (1000, 3)
    assert (profiles[:, 0] == 1).mean() == pytest.approx(0.8, abs=0.01)
    assert not (profiles[:, 2] == 1).any()
    assert np.array_equal(profiles, sample_profiles(policies, 1000, np.random.default_rng(8)))
    # Stratified draws are still independent between players.
    both = ((profiles[:, 0] == 1) & (profiles[:, 2] == 2)).mean()
    assert both == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize("anchor", [np.array([]), np.zeros(2), np.array([-1.0, 2.0])])
def test_bad_anchor_is_refused(anchor: FloatArray) -> None:
    with pytest.raises(ValueError, match="anchor"):
        solve([anchor], [0.1], TensorGame(np.zeros(2)), np.random.default_rng(9))


def test_bad_lambda_is_refused() -> None:
    with pytest.raises(ValueError, match="lambdas"):
        solve(uniform(2), [-1.0], TensorGame(np.zeros(2)), np.random.default_rng(9))


def test_types_of_a_player_mix() -> None:
    game = TensorGame(DILEMMA, DILEMMA.T)
    types = [0.0, np.inf]
    found = solve(uniform(2, 2), [types, types], game, np.random.default_rng(10), HedgeConfig(200, 4))
    for policy in found.policies:
        # Half defects, half copies the even anchor.
        assert policy == pytest.approx([0.25, 0.75], abs=0.01)


def test_types_have_their_own_anchors_and_weights() -> None:
    game = TensorGame(DILEMMA, DILEMMA.T)
    anchors = np.array([[0.9, 0.1], [0.2, 0.8]])
    found = solve(
        [anchors, np.array([0.5, 0.5])],
        [[np.inf, np.inf], [np.inf, 0.0]],
        game,
        np.random.default_rng(11),
        HedgeConfig(100, 4),
        weights=[[3.0, 1.0], [0.2, 0.8]],
    )
    assert np.array_equal(found.type_policies[0], anchors)
    assert found.policies[0] == pytest.approx(0.75 * anchors[0] + 0.25 * anchors[1])
    assert found.type_policies[1] == pytest.approx(np.array([[0.5, 0.5], [0.0, 1.0]]), abs=1e-3)
    assert found.policies[1] == pytest.approx([0.1, 0.9], abs=1e-3)


def test_the_average_is_linear() -> None:
    """Iterates of a bandit are known in closed form; iteration t weighs t."""
    values, tau = np.array([1.0, 0.0]), np.array([0.3, 0.7])
    game = TensorGame(values)
    rng, steps = np.random.default_rng(12), range(1, 8)
    iterates = [tau] + [solve([tau], [0.5], game, rng, HedgeConfig(t, 2)).policies[0] for t in steps]
    found = solve([tau], [0.5], game, rng, HedgeConfig(7, 2))
    expected = sum(t * iterate for t, iterate in zip(steps, iterates, strict=False)) / sum(steps)
    assert found.averages[0] == pytest.approx(expected)
    assert found.type_averages[0][0] == pytest.approx(expected)
    # σ is the deviation of the state utility over the iterations, each weighing t.
    states = np.array([values @ iterate for iterate in iterates[:7]])
    weights = np.arange(1, 8) / 28
    sigma = np.sqrt(weights @ np.square(states) - np.square(weights @ states))
    eta = 10 / (3 * (sigma + 1e-6) * np.sqrt(7))
    assert found.policies[0] == pytest.approx(piKL_policy(values, np.log(tau), 0.5, eta, 7))
    assert found.utilities[0] == pytest.approx(weights @ states)


def test_regret_matching_finds_the_value_of_pennies_from_samples() -> None:
    game = TensorGame(PENNIES, -PENNIES)
    config = HedgeConfig(2000, 4, method=Method.REGRET_MATCHING)
    found = solve([np.array([0.9, 0.1]), np.array([0.2, 0.8])], [0.1, 0.1], game, np.random.default_rng(13), config)
    for average in found.averages:
        assert average == pytest.approx([0.5, 0.5], abs=0.05)
    assert found.utilities == pytest.approx([0, 0], abs=0.1)


def test_regret_matching_by_hand() -> None:
    # Even start: utilities 3, 0, regrets 1.5, -1.5; then all on the first.
    game = TensorGame(np.array([3.0, 0.0]))
    config = HedgeConfig(1, 1, method=Method.REGRET_MATCHING)
    found = solve([np.array([0.1, 0.9])], [1.0], game, np.random.default_rng(14), config)
    assert found.averages[0] == pytest.approx([0.5, 0.5])
    assert found.policies[0] == pytest.approx([1.0, 0.0])
    assert found.regrets == pytest.approx((1.5,))


def test_stop_ends_the_search_after_one_iteration_at_least() -> None:
    game = TensorGame(DILEMMA, DILEMMA.T)
    found = solve(uniform(2, 2), [0.1, 0.1], game, np.random.default_rng(15), HedgeConfig(50, 4), stop=lambda: True)
    assert found.iterations == 1


@pytest.mark.parametrize(
    ("anchors", "lambdas", "weights", "message"),
    [
        (uniform(2, 2), [0.1], None, "lambdas"),
        (uniform(2), [[0.1, 0.2]], [[1.0]], "weights"),
        (uniform(2), [[0.1, 0.2]], [[0.0, 0.0]], "weights"),
        ([np.full((3, 2), 0.5)], [[0.1, 0.2]], None, "as many lambdas"),
    ],
)
def test_types_that_do_not_go_together_are_refused(
    anchors: list[FloatArray], lambdas: list[float], weights: list[list[float]] | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        solve(anchors, lambdas, TensorGame(np.zeros(2)), np.random.default_rng(16), weights=weights)
