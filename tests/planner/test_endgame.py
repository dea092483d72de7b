"""The last autumn of a game between two armies, solved by hand, and by the search over the real rules.

France (A BUR) owns Marseilles, Germany (A PIC) owns Paris and Brest; the game ends with this year, and scores are
shares of squared centres.  Each can take an empty centre that the other cannot reach, or fight for Paris:

                    A PIC - BEL     A PIC - PAR
    A BUR - MUN     4/13            1/2             (France's score; Germany has the rest)
    A BUR - PAR     1/2             1/5

All else is worse.  Both take the empty centre with probability (1/5 - 1/2) / (4/13 + 1/5 - 1) = 39/64, and the value is
(4/13 · 1/5 - 1/4) / (4/13 + 1/5 - 1) = 49/128.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from engine._core import Position
from engine.game import Game
from engine.mapfile import core_map
from engine.notation import parse_order
from engine.types import POWERS, Power
from planner.bilateral import pairwise_tables
from planner.candidates import CandidateSet, Codes, rule_policies
from planner.equilibrium import Equilibrium, FloatArray, HedgeConfig, Method, solve
from planner.geometry import geometry
from planner.opponents import OpponentConfig
from planner.options import situation
from planner.polymatrix import PolymatrixGame, solve_polymatrix
from planner.public import Oracle, scorer
from planner.rollout import Evaluator, ValueConfig
from planner.search import SearchConfig, search

LAST_YEAR = ValueConfig(endings=((1901, 1.0),))
FRANCE, GERMANY = Power.FRANCE.number, Power.GERMANY.number
PAYOFFS = np.array([[4 / 13, 1 / 2], [1 / 2, 1 / 5]])
EMPTY_CENTRE, VALUE = 39 / 64, 49 / 128


class Endgame:
    """The position with all legal orders of both armies as candidates."""

    def __init__(self) -> None:
        core = core_map("standard")
        units = {"FRANCE": ["A BUR"], "GERMANY": ["A PIC"]}
        centers = {"FRANCE": ["MAR"], "GERMANY": ["PAR", "BRE"]}
        self.position = Position.from_state(core, "F1901M", units, centers, {})
        self.evaluator = Evaluator(LAST_YEAR)
        actions: list[tuple[Codes, ...]] = [((),)] * len(POWERS)
        for power, place in ((FRANCE, "BUR"), (GERMANY, "PIC")):
            actions[power] = tuple((code,) for code in self.position.legal_orders(place))
        rules = rule_policies(situation(self.position, geometry("standard")))
        self.sets = tuple(CandidateSet(*pair) for pair in zip(rules, actions, strict=True))
        self.france = [actions[FRANCE].index((core.order_code(f"A BUR - {to}"),)) for to in ("MUN", "PAR")]
        self.germany = [actions[GERMANY].index((core.order_code(f"A PIC - {to}"),)) for to in ("BEL", "PAR")]
        self.uniform = [np.full(len(own), 1 / len(own)) for own in actions]
        score = scorer(self.position, self.sets, self.evaluator)
        tables = pairwise_tables(score, self.uniform, np.random.default_rng(0), samples=1)
        self.game: PolymatrixGame = tables.game()
        self.scores: FloatArray = tables.table(FRANCE, GERMANY)[..., FRANCE]
        """``[A, B]``: France's, of every pair of orders."""

    def mixed(self, averages: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray]:
        """France's probabilities of Munich and Paris, Germany's of Belgium and Paris."""
        return averages[FRANCE][self.france], averages[GERMANY][self.germany]


@pytest.fixture(scope="module")
def endgame() -> Endgame:
    return Endgame()


def test_the_rules_give_the_scores_of_the_table(endgame: Endgame) -> None:
    assert endgame.scores.shape == (11, 8)
    assert endgame.scores[np.ix_(endgame.france, endgame.germany)] == pytest.approx(PAYOFFS, abs=1e-6)
    # All other orders are worse against the solution.
    mix = np.array([EMPTY_CENTRE, 1 - EMPTY_CENTRE])
    for values, kept in (
        (endgame.scores[:, endgame.germany] @ mix, endgame.france),
        (-(mix @ endgame.scores[endgame.france]), endgame.germany),
    ):
        assert values[kept] == pytest.approx(np.full(2, values.max()), abs=1e-6)
        assert np.delete(values, kept).max() < values.max() - 0.01


def check_solution(endgame: Endgame, found: Equilibrium, tolerance: float) -> None:
    for mix in endgame.mixed(found.averages):
        assert mix == pytest.approx([EMPTY_CENTRE, 1 - EMPTY_CENTRE], abs=tolerance)
    assert found.utilities[FRANCE] == pytest.approx(VALUE, abs=0.005)
    assert found.utilities[GERMANY] == pytest.approx(1 - VALUE, abs=0.005)
    assert max(found.regrets) < 0.005


@pytest.mark.parametrize("method", Method)
def test_without_a_price_both_solvers_find_mix_and_value(endgame: Endgame, method: Method) -> None:
    prices = [0.0] * len(POWERS)
    exact = solve_polymatrix(endgame.game, endgame.uniform, prices, HedgeConfig(8000, method=method))
    check_solution(endgame, exact, tolerance=0.04)
    oracle = Oracle(endgame.position, endgame.sets, endgame.evaluator)
    config = HedgeConfig(3000, 4, method=method)
    sampled = solve(endgame.uniform, prices, oracle, np.random.default_rng(1), config)
    check_solution(endgame, sampled, tolerance=0.05)


def test_an_endless_price_leaves_the_anchor(endgame: Endgame) -> None:
    rng = np.random.default_rng(2)
    anchors = [rng.dirichlet(np.ones(len(own))) for own in endgame.uniform]
    endless = solve_polymatrix(endgame.game, anchors, [np.inf] * len(POWERS), HedgeConfig(50))
    large = solve_polymatrix(endgame.game, anchors, [1e4] * len(POWERS), HedgeConfig(50))
    for same, near, anchor in zip(endless.averages, large.averages, anchors, strict=True):
        assert same == pytest.approx(anchor, abs=1e-12)
        assert near == pytest.approx(anchor, abs=1e-3)


def quantal(scores: FloatArray, anchors: Sequence[FloatArray], lambda_: float) -> tuple[FloatArray, FloatArray]:
    """Where both answer the other with ``τ·exp(Q/λ)``; the game sums to 1, so there is one such pair."""
    logs = [np.log(anchors[0]), np.log(anchors[1])]

    def respond(number: int, values: FloatArray) -> FloatArray:
        weights = np.exp((logs[number] + values / lambda_) - (logs[number] + values / lambda_).max())
        return np.asarray(weights / weights.sum())

    first, second = anchors
    for _ in range(4000):
        better = respond(0, scores @ second), respond(1, -(first @ scores))
        first, second = 0.95 * first + 0.05 * better[0], 0.95 * second + 0.05 * better[1]
    assert first == pytest.approx(respond(0, scores @ second), abs=1e-6)
    assert second == pytest.approx(respond(1, -(first @ scores)), abs=1e-6)
    return first, second


@pytest.mark.parametrize("lambda_", [0.02, 0.1, 0.5])
def test_prices_between_give_the_quantal_response(endgame: Endgame, lambda_: float) -> None:
    rng = np.random.default_rng(3)
    anchors = [rng.dirichlet(np.full(len(own), 3.0)) for own in endgame.uniform]
    expected = quantal(endgame.scores, [anchors[FRANCE], anchors[GERMANY]], lambda_)
    found = solve_polymatrix(endgame.game, anchors, [lambda_] * len(POWERS), HedgeConfig(6000))
    assert found.averages[FRANCE] == pytest.approx(expected[0], abs=0.01)
    assert found.averages[GERMANY] == pytest.approx(expected[1], abs=0.01)


def test_a_larger_price_leads_from_the_solution_to_the_anchor(endgame: Endgame) -> None:
    distances = []
    for lambda_ in (0.0, 0.01, 0.03, 0.1, 1.0, 10.0):
        found = solve_polymatrix(endgame.game, endgame.uniform, [lambda_] * len(POWERS), HedgeConfig(2000))
        distances.append(float(np.abs(found.averages[FRANCE] - endgame.uniform[FRANCE]).sum()))
    assert distances == sorted(distances, reverse=True)
    assert distances[0] > 1.0
    assert distances[-1] < 0.1


@pytest.mark.parametrize("power", [Power.FRANCE, Power.GERMANY])
def test_the_whole_search_foresees_the_other_and_knows_the_value(endgame: Endgame, power: Power) -> None:
    opponents = OpponentConfig(lambdas=(1e-5,))
    config = SearchConfig(value=LAST_YEAR, opponents=opponents, lambda_=1e-5, iterations=4000)
    game = Game(position=endgame.position)
    plan = search(game.view(power), power, None, config, np.random.default_rng(4))
    other = Power.GERMANY if power is Power.FRANCE else Power.FRANCE
    empty, paris = ("A PIC - BEL", "A PIC - PAR") if other is Power.GERMANY else ("A BUR - MUN", "A BUR - PAR")
    policy = plan.policies[other]
    chance = dict(zip(policy.actions, policy.probabilities, strict=True))
    assert chance[(parse_order(empty),)] == pytest.approx(EMPTY_CENTRE, abs=0.06)
    assert chance[(parse_order(paris),)] == pytest.approx(1 - EMPTY_CENTRE, abs=0.06)
    expected = VALUE if power is Power.FRANCE else 1 - VALUE
    assert plan.expected_scores[power] == pytest.approx(expected, abs=0.03)
    assert str(plan.action[0]) in {"A BUR - MUN", "A BUR - PAR", "A PIC - BEL", "A PIC - PAR"}
