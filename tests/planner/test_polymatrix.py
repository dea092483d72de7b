"""Games of pairs: the decomposition is exact where there are only pairs, and so is the solver."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from planner.bilateral import pairwise_tables
from planner.equilibrium import FloatArray, HedgeConfig, IntArray, Method, shaped, solve
from planner.polymatrix import PolymatrixGame, solve_polymatrix

PENNIES = np.array([[2.0, -1.0], [-1.0, 1.0]])
"""Asymmetric: the value is 1/5, and both play the first action with probability 2/5."""
ROCK = np.array([[0.0, -1.0, 2.0], [1.0, 0.0, -1.0], [-2.0, 1.0, 0.0]])
"""Rock paper scissors, rock's win over scissors counting twice; fair, and the mixture is (1, 2, 1) / 4."""
DILEMMA = np.array([[3.0, 0.0], [5.0, 1.0]])
SEXES = np.array([[3.0, 0.0], [0.0, 2.0]])
CHICKEN = np.array([[6.0, 2.0], [7.0, 0.0]])
"""Swerve, dare; the symmetric mixture swerves with probability 2/3."""

LONG = HedgeConfig(4000)
QUANTAL = HedgeConfig(3000)


def uniform(*sizes: int) -> list[FloatArray]:
    return [np.full(size, 1 / size) for size in sizes]


def bimatrix(row: FloatArray, column: FloatArray) -> PolymatrixGame:
    """The game of two with these pay-offs."""
    return PolymatrixGame.from_tables({(0, 1): np.stack([row, column], axis=-1)}, uniform(*row.shape))


class PairGame:
    """Scores that are sums of single and pair effects, ``[A_1, ..., A_n, n]``."""

    def __init__(self, seed: int, *sizes: int) -> None:
        rng = np.random.default_rng(seed)
        self.sizes, n = sizes, len(sizes)
        self.tensor = np.zeros((*sizes, n)) + rng.normal(size=n)
        for i, j in combinations(range(n), 2):
            shape = [sizes[k] if k in (i, j) else 1 for k in range(n)]
            self.tensor = self.tensor + rng.normal(size=(*shape, n))

    def tables(self, policies: list[FloatArray]) -> dict[tuple[int, int], FloatArray]:
        found = {}
        for i, j in combinations(range(len(self.sizes)), 2):
            table = self.tensor
            for k in reversed(range(len(self.sizes))):
                if k not in (i, j):
                    table = np.tensordot(policies[k], table, axes=(0, k))
            found[i, j] = np.asarray(table)
        return found

    def __call__(self, profiles: IntArray) -> list[FloatArray]:
        answers = []
        for player in range(len(self.sizes)):
            others = tuple(profiles[:, j] for j in range(len(self.sizes)) if j != player)
            answers.append(np.moveaxis(self.tensor, player, -2)[others])
        return answers


@pytest.fixture(scope="module")
def pair_game() -> tuple[PairGame, PolymatrixGame]:
    truth = PairGame(1, 2, 3, 4, 2)
    rng = np.random.default_rng(2)
    policies = [rng.dirichlet(np.ones(size)) for size in truth.sizes]
    return truth, PolymatrixGame.from_tables(truth.tables(policies), policies)


def test_decomposition_is_exact_where_there_are_only_pairs(pair_game: tuple[PairGame, PolymatrixGame]) -> None:
    truth, game = pair_game
    profiles = np.array(list(product(*map(range, truth.sizes))), np.int32)
    for found, expected in zip(game(profiles), truth(profiles), strict=True):
        assert found == pytest.approx(expected)


def test_expectations_are_exact(pair_game: tuple[PairGame, PolymatrixGame]) -> None:
    truth, game = pair_game
    rng = np.random.default_rng(3)
    policies = [rng.dirichlet(np.ones(size)) for size in truth.sizes]
    joint = np.einsum("a,b,c,d->abcd", *policies)
    assert game.scores(policies) == pytest.approx(np.einsum("abcd,abcdq->q", joint, truth.tensor))
    values = np.einsum("a,b,d,abcdq->cq", policies[0], policies[1], policies[3], truth.tensor)
    assert game.values(2, policies) == pytest.approx(values)


@pytest.mark.parametrize("draws", [1, 3])
def test_few_draws_in_the_background_are_enough_where_there_are_only_pairs(draws: int) -> None:
    truth = PairGame(5, 2, 3, 4, 2)
    rng = np.random.default_rng(6)
    policies = [rng.dirichlet(np.ones(size)) for size in truth.sizes]
    tables = pairwise_tables(lambda p: np.asarray(truth.tensor[tuple(p.T)]), policies, rng, samples=draws)
    profiles = np.array(list(product(*map(range, truth.sizes))), np.int32)
    for found, expected in zip(tables.game()(profiles), truth(profiles), strict=True):
        assert found == pytest.approx(expected)
    # An action drawn may be left out later.
    drawn = int(tables.background[0, 2])
    fewer = tables.selected(2, np.array([a for a in range(4) if a != drawn], np.int32))
    assert fewer.background[0, 2] == -1
    assert fewer.selected(2, np.array([0, 1], np.int32)).background[0, 2] == -1


def test_a_triple_effect_is_averaged_and_single_effects_count_once() -> None:
    # Scores: a thing done by the first alone, and one that takes all three.
    tensor = np.zeros((2, 2, 2, 3))
    tensor[1] += 1.0
    tensor[1, 1, 1] += 8.0
    truth = PairGame(0, 2, 2, 2)
    truth.tensor = tensor
    policies = uniform(2, 2, 2)
    game = PolymatrixGame.from_tables(truth.tables(policies), policies)
    assert game.base == pytest.approx([1.5] * 3)
    # Alone the first action is worth 1 + 8/4 more than its alternative.
    assert game.singles[0, 1] - game.singles[0, 0] == pytest.approx([3.0] * 3)
    assert game.scores(policies) == pytest.approx([1.5] * 3)


def test_bad_tables_are_refused() -> None:
    with pytest.raises(ValueError, match="table of shape"):
        PolymatrixGame.from_tables({(0, 1): np.zeros((2, 3, 2))}, uniform(2, 2))
    tables = {(0, 1): np.zeros((2, 2, 2)), (1, 0): np.zeros((2, 2, 2))}
    with pytest.raises(ValueError, match="one table"):
        PolymatrixGame.from_tables(tables, uniform(2, 2))
    with pytest.raises(ValueError, match="sizes"):
        solve_polymatrix(bimatrix(DILEMMA, DILEMMA.T), uniform(2, 3), [0.0, 0.0])


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize(
    ("payoff", "mixtures", "value"),
    [(PENNIES, ([0.4, 0.6], [0.4, 0.6]), 0.2), (ROCK, ([0.25, 0.5, 0.25], [0.25, 0.5, 0.25]), 0.0)],
)
def test_zero_sum_games_reach_their_value(
    method: Method, payoff: FloatArray, mixtures: tuple[list[float], list[float]], value: float
) -> None:
    start = [np.arange(1.0, len(payoff) + 1)] * 2
    config = HedgeConfig(4000, method=method)
    found = solve_polymatrix(bimatrix(payoff, -payoff), start, [0.0, 0.0], config)
    assert found.utilities == pytest.approx([value, -value], abs=0.01)
    assert max(found.regrets) < 0.02
    for average, expected in zip(found.averages, mixtures, strict=True):
        assert average == pytest.approx(expected, abs=0.04)


@pytest.mark.parametrize("method", Method)
def test_prisoners_defect(method: Method) -> None:
    config = HedgeConfig(2000, method=method)
    found = solve_polymatrix(bimatrix(DILEMMA, DILEMMA.T), uniform(2, 2), [0.0, 0.0], config)
    for policy in found.policies:
        assert policy[1] > 0.99
    assert found.utilities == pytest.approx([1, 1], abs=0.05)


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("payoff", [SEXES, CHICKEN])
def test_games_of_several_equilibria_end_in_a_coarse_correlated_one(method: Method, payoff: FloatArray) -> None:
    game = bimatrix(payoff, payoff.T if payoff is CHICKEN else payoff[::-1, ::-1])
    config = HedgeConfig(3000, method=method)
    found = solve_polymatrix(game, [np.array([0.6, 0.4]), np.array([0.5, 0.5])], [0.0, 0.0], config)
    assert max(found.regrets) < 0.02
    if method is Method.PIKL:
        # A pure equilibrium, for the start favours one.
        expected: list[float] = [2, 3] if payoff is SEXES else [2, 7]
    else:
        # Regret matching starts even, and from there finds the mixture.
        expected = [6 / 5, 6 / 5] if payoff is SEXES else [14 / 3, 14 / 3]
    assert sorted(found.utilities) == pytest.approx(expected, abs=0.1)


def test_symmetric_chicken_mixes() -> None:
    found = solve_polymatrix(bimatrix(CHICKEN, CHICKEN.T), uniform(2, 2), [0.0, 0.0], LONG)
    for average in found.averages:
        assert average == pytest.approx([2 / 3, 1 / 3], abs=0.02)
    assert found.utilities == pytest.approx([14 / 3] * 2, abs=0.05)
    assert max(found.regrets) < 0.02


def test_three_matching_pennies_in_a_ring() -> None:
    """Each wants to match the next and to differ from the one before: zero-sum, all mix evenly, all get 0."""
    pennies = np.array([[1.0, -1.0], [-1.0, 1.0]])
    tables = {}
    for i in range(3):
        table = np.zeros((2, 2, 3))
        table[..., i], table[..., (i + 1) % 3] = pennies, -pennies
        tables[i, (i + 1) % 3] = table
    game = PolymatrixGame.from_tables(tables, uniform(2, 2, 2))
    start = [np.array([0.9, 0.1]), np.array([0.3, 0.7]), np.array([0.6, 0.4])]
    found = solve_polymatrix(game, start, [0.0] * 3, LONG)
    assert max(found.regrets) < 0.04
    assert found.utilities == pytest.approx([0.0] * 3, abs=0.04)
    for average in found.averages:
        assert average == pytest.approx([0.5, 0.5], abs=0.05)


@pytest.mark.parametrize("lambda_", [0.2, 1.0])
def test_a_bandit_has_a_closed_form(lambda_: float) -> None:
    values, tau = np.array([1.0, 0.3, -0.5]), np.array([0.2, 0.5, 0.3])
    game = PolymatrixGame((3,), np.zeros(1), values[None, :, None], np.zeros((1, 3, 1, 3, 1)))
    found = solve_polymatrix(game, [tau], [lambda_], QUANTAL)
    expected = tau * np.exp(values / lambda_)
    assert found.policies[0] == pytest.approx(expected / expected.sum(), abs=0.01)
    assert found.values[0] == pytest.approx(values)


@pytest.mark.parametrize("lambda_", [0.3, 1.0])
def test_two_by_two_against_bisection(lambda_: float) -> None:
    taus = [np.array([0.7, 0.3]), np.array([0.2, 0.8])]

    def first(other: float, payoff: FloatArray, tau: FloatArray) -> float:
        """Probability of the first action in ``τ·exp(Q/λ)``, when the other plays its first so often."""
        q = payoff @ np.array([other, 1 - other])
        return float(1 / (1 + tau[1] / tau[0] * np.exp((q[1] - q[0]) / lambda_)))

    low, high = 0.0, 1.0
    for _ in range(60):
        p = (low + high) / 2
        answer = first(first(p, -PENNIES.T, taus[1]), PENNIES, taus[0])
        low, high = (p, high) if answer > p else (low, p)
    found = solve_polymatrix(bimatrix(PENNIES, -PENNIES), taus, [lambda_, lambda_], QUANTAL)
    assert found.policies[0][0] == pytest.approx(low, abs=0.005)
    assert found.policies[1][0] == pytest.approx(first(low, -PENNIES.T, taus[1]), abs=0.005)


def test_the_fixed_point_of_types_with_their_own_anchors(pair_game: tuple[PairGame, PolymatrixGame]) -> None:
    _, game = pair_game
    rng = np.random.default_rng(4)
    lambdas = [0.5, 1.0, np.inf]
    anchors = [rng.dirichlet(np.ones(size), size=3) for size in game.sizes]
    weights = [rng.dirichlet(np.ones(3)) for _ in game.sizes]
    found = solve_polymatrix(game, anchors, [lambdas] * 4, QUANTAL, weights=weights)
    for player in range(4):
        assert found.policies[player] == pytest.approx(weights[player] @ found.type_policies[player])
        assert found.averages[player] == pytest.approx(weights[player] @ found.type_averages[player])
        q = game.values(player, found.policies)[:, player]
        for tau, lambda_, policy in zip(anchors[player], lambdas, found.type_policies[player], strict=True):
            expected = tau * np.exp(q / lambda_)
            assert policy == pytest.approx(expected / expected.sum(), abs=0.02)
        assert np.array_equal(found.type_policies[player][2], anchors[player][2] / anchors[player][2].sum())


def test_agrees_with_the_sampled_solver(pair_game: tuple[PairGame, PolymatrixGame]) -> None:
    truth, game = pair_game
    anchors, lambdas = uniform(*game.sizes), [0.7] * 4
    shaping = np.eye(4)
    shaping[0, 1] = -0.5
    exact = solve_polymatrix(game, anchors, lambdas, HedgeConfig(1000), shaping=shaping)
    for oracle in (truth, game):
        sampled = solve(anchors, lambdas, shaped(oracle, shaping), np.random.default_rng(5), HedgeConfig(1000, 8))
        assert sampled.utilities == pytest.approx(exact.utilities, abs=0.05)
        for one, other in zip(sampled.averages, exact.averages, strict=True):
            assert one == pytest.approx(other, abs=0.03)
        for one, other in zip(sampled.values, exact.values, strict=True):
            assert one == pytest.approx(other, abs=0.1)


def test_utilities_are_averages_over_what_was_played() -> None:
    """Of the correlated play of the iterations, not of the average policies; one iteration tells."""
    game = bimatrix(CHICKEN, CHICKEN.T)
    anchors = [np.array([0.6, 0.4]), np.array([0.1, 0.9])]
    found = solve_polymatrix(game, anchors, [0.1, 0.1], HedgeConfig(1))
    assert found.utilities == pytest.approx([anchors[0] @ CHICKEN @ anchors[1], anchors[1] @ CHICKEN @ anchors[0]])
    assert found.values[0] == pytest.approx(CHICKEN @ anchors[1])
    assert found.values[1] == pytest.approx(CHICKEN @ anchors[0])


def test_friends_cooperate_and_the_hostile_pay_to_hurt() -> None:
    game = bimatrix(DILEMMA, DILEMMA.T)
    friends = solve_polymatrix(game, uniform(2, 2), [0.0, 0.0], HedgeConfig(500), shaping=np.ones((2, 2)))
    for policy in friends.policies:
        assert policy[0] > 0.99
    # The first may pay 1 to take 3 from the second, who has no say.
    spite = bimatrix(np.array([[0.0], [-1.0]]), np.array([[3.0], [0.0]]))
    for hostility, chosen in ((0.2, 0), (0.5, 1)):
        shaping = np.array([[1.0, -hostility], [0.0, 1.0]])
        found = solve_polymatrix(spite, uniform(2, 1), [0.0, 0.0], HedgeConfig(500), shaping=shaping)
        assert int(found.policies[0].argmax()) == chosen


def test_scale_of_utilities_is_of_no_account() -> None:
    def run(scale: float) -> list[FloatArray]:
        game = bimatrix(PENNIES * scale, -PENNIES * scale)
        anchors = [np.array([0.7, 0.3]), np.array([0.4, 0.6])]
        return list(solve_polymatrix(game, anchors, [[0.1 * scale, scale]] * 2, HedgeConfig(50)).policies)

    for small, large in zip(run(1.0), run(1000.0), strict=True):
        assert small == pytest.approx(large, abs=1e-4)


def test_stop_ends_the_search_after_one_iteration_at_least() -> None:
    game = bimatrix(PENNIES, -PENNIES)
    assert solve_polymatrix(game, uniform(2, 2), [0.0, 0.0], LONG, stop=lambda: True).iterations == 1
    left = iter(range(9))
    stopped = solve_polymatrix(game, uniform(2, 2), [0.0, 0.0], LONG, stop=lambda: next(left, None) is None)
    assert stopped.iterations == 10
    whole = solve_polymatrix(game, uniform(2, 2), [0.0, 0.0], HedgeConfig(10))
    assert stopped.averages[0] == pytest.approx(whole.averages[0])
    assert stopped.utilities == pytest.approx(whole.utilities)
