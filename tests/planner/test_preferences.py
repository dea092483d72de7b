"""What a power wants beside its score: each term moves what it is about, and neutral ones move nothing."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine import Game, Order, Power
from engine.notation import parse_order
from engine.types import POWERS, Province
from planner.geometry import geometry
from planner.options import Situation, situation
from planner.plan import Plan, contains
from planner.preferences import Preferences, PricedOrders, attacked, enters, stays
from planner.rollout import Evaluator
from planner.search import SearchConfig, search
from planner.talk import Beliefs
from planner.talk_value import TalkValue
from tests.planner.positions import midgame

CONFIG = SearchConfig(policy="rules", think="16it")
FRANCE, GERMANY, ENGLAND = Power.FRANCE, Power.GERMANY, Power.ENGLAND


@pytest.fixture(scope="module")
def evaluator() -> Evaluator:
    return Evaluator()


@pytest.fixture(scope="module")
def game() -> Game:
    return midgame()


def plan(game: Game, evaluator: Evaluator, power: Power, wants: Preferences | None = None) -> Plan:
    beliefs = Beliefs() if wants is None else Beliefs(preferences=wants)
    return search(game.view(power), power, beliefs, CONFIG, np.random.default_rng(0), None, evaluator)


def here(game: Game) -> Situation:
    position = game.view(FRANCE).position
    return situation(position, geometry(position.map.name))


def attacks(game: Game, plan: Plan) -> int:
    board = here(game)
    return sum(bool(attacked(board, order, plan.power.number)) for order in plan.action)


# --- by hand ----------------------------------------------------------------------------------------------


def test_worths_by_hand() -> None:
    """Two profiles, two actions: 0.2 or 0.4 for sure, against 0 or 0.8; Germany has the rest."""
    scores = np.zeros((2, 2, 7), np.float32)
    scores[:, 0, FRANCE.number] = 0.3
    scores[:, 1, FRANCE.number] = [0.0, 0.8]
    scores[:, 0, GERMANY.number] = 0.7
    scores[:, 1, GERMANY.number] = [1.0, 0.2]
    me = FRANCE.number
    assert Preferences().value(scores, me) == pytest.approx([0.3, 0.4])
    friend = Preferences(weights={GERMANY: 0.5, FRANCE: 9.0})
    assert friend.value(scores, me) == pytest.approx([0.3 + 0.35, 0.4 + 0.3]), "its own weight is left out of account"
    averse, seeking = (Preferences(risk=rho).value(scores, me) for rho in (5.0, -5.0))
    assert averse[1] == pytest.approx(-math.log((1 + math.exp(-4.0)) / 2) / 5)
    assert seeking[1] == pytest.approx(math.log((1 + math.exp(4.0)) / 2) / 5)
    assert averse[0] == seeking[0] == pytest.approx(0.3), "what is sure is worth what it is"
    assert averse.argmax() == 0
    assert seeking.argmax() == 1


def test_the_certainty_equivalent_falls_from_the_best_to_the_worst() -> None:
    lottery = np.array([[0.0], [0.5], [1.0]], np.float32)
    grid = [float(Preferences(risk=rho).premium(lottery)[0]) + 0.5 for rho in (-100, -10, -1, 0, 1, 10, 100)]
    assert grid == sorted(grid, reverse=True)
    assert grid[0] > 0.98
    assert grid[3] == 0.5
    assert grid[-1] < 0.02


def test_what_attacks_enters_and_stays() -> None:
    game = Game()
    board = here(game)
    order = parse_order

    def victims(text: str) -> set[Power]:
        return attacked(board, order(text), FRANCE.number)

    assert victims("A MAR - BUR") == set()
    assert victims("A PAR - MUN") == {GERMANY}
    assert victims("A PAR S A VEN - TRI") == {Power.AUSTRIA}
    assert victims("A PAR S A MUN - KIE") == set(), "no attack on whose unit is helped"
    assert victims("F BRE C A PAR - LON") == {ENGLAND}
    assert victims("A PAR S A MAR") == set()
    assert enters(order("A PAR - BUR")) == "BUR"
    assert enters(order("A PAR S A MAR - BUR")) is None
    assert stays(order("A PAR S A MAR - BUR")) == "PAR"
    assert stays(order("A PAR - BUR")) is None


# --- in a search ------------------------------------------------------------------------------------------


def test_neutral_preferences_change_nothing(game: Game, evaluator: Evaluator) -> None:
    plain = plan(game, evaluator, FRANCE)
    for neutral in (Preferences(), Preferences(weights={GERMANY: 0.0, FRANCE: 0.0}, targets={Province("BUR"): 0.0})):
        assert replace(plan(game, evaluator, FRANCE, neutral), preferences=Preferences()) == plain


@pytest.mark.parametrize("power", [FRANCE, GERMANY, Power.TURKEY])
def test_aggression_never_makes_fewer_attacks(power: Power, game: Game, evaluator: Evaluator) -> None:
    counts = [
        attacks(game, plan(game, evaluator, power, Preferences(aggression=a))) for a in (-0.1, -0.02, 0, 0.02, 0.1)
    ]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_a_large_bonus_is_sought_where_means_alone_would_give_it_up(game: Game, evaluator: Evaluator) -> None:
    """Every unit of Germany that can attack somebody does."""
    board = here(game)
    eager = plan(game, evaluator, GERMANY, Preferences(aggression=1.0))
    able = sum(
        any(attacked(board, order, GERMANY.number) for order in orders)
        for orders in game.view(GERMANY).legal_orders(GERMANY).values()
    )
    assert attacks(game, eager) >= able - 1, "two of them may have the same place to go to"


def test_enemies_lose_and_friends_gain(game: Game, evaluator: Evaluator) -> None:
    for power, other in ((FRANCE, ENGLAND), (FRANCE, GERMANY), (GERMANY, FRANCE)):
        scores = [
            plan(game, evaluator, power, Preferences(weights={other: w})).expected_scores[other] for w in (-2, 0, 2)
        ]
        assert scores == sorted(scores)
        assert scores[0] < scores[-1] - 0.01


def test_targets_are_entered_and_shunned(game: Game, evaluator: Evaluator) -> None:
    places = sorted(
        {
            place
            for orders in game.view(FRANCE).legal_orders(FRANCE).values()
            for order in orders
            if not order.via_convoy and (place := enters(order)) is not None
        }
    )
    assert len(places) > 3
    for place in places:
        go, stay_away = (plan(game, evaluator, FRANCE, Preferences(targets={place: t})).action for t in (0.5, -0.5))
        assert any(place in (enters(order), stays(order)) for order in go), place
        assert not any(place in (enters(order), stays(order)) for order in stay_away), place


def test_what_is_forbidden_is_in_no_candidate(game: Game, evaluator: Evaluator) -> None:
    board = here(game)
    for power in (FRANCE, GERMANY, Power.TURKEY):
        others = tuple(p for p in POWERS if p is not power)
        peaceful = plan(game, evaluator, power, Preferences(spared=others, aggression=0.5))
        assert not any(attacked(board, order, power.number) for a in peaceful.policies[power].actions for order in a)
        places = tuple(sorted({place for order in plan(game, evaluator, power).action if (place := enters(order))}))
        closed = plan(game, evaluator, power, Preferences(closed=places))
        assert places
        assert not any(enters(order) in places for a in closed.policies[power].actions for order in a)
        assert all(len(action) == len(peaceful.action) for action in closed.policies[power].actions)


def test_an_imposed_order_comes_before_what_is_forbidden(evaluator: Evaluator) -> None:
    view, burgundy = Game().view(FRANCE), parse_order("A PAR - BUR")
    beliefs = Beliefs(imposed=(burgundy,), preferences=Preferences(closed=(Province("BUR"),)))
    found = search(view, FRANCE, beliefs, CONFIG, np.random.default_rng(0), None, evaluator)
    assert burgundy in found.action
    assert [order for order in found.action if enters(order) == "BUR"] == [burgundy]


def test_a_larger_lambda_plays_more_as_people_do(game: Game, evaluator: Evaluator) -> None:
    def likelihood(factor: float) -> float:
        found = plan(game, evaluator, FRANCE, Preferences(lambda_factor=factor))
        anchor = found.anchors[FRANCE]
        return anchor.probabilities[anchor.actions.index(found.action)] / max(anchor.probabilities)

    assert likelihood(1.0) < 1.0
    assert likelihood(1e5) == pytest.approx(1.0)


def test_risk_is_in_what_the_search_answers(game: Game, evaluator: Evaluator) -> None:
    """The worth of the action it chooses is no more than its mean score to who shuns risk, no less to who seeks it."""
    for rho, sign in ((20.0, 1), (-20.0, -1)):
        found = plan(game, evaluator, FRANCE, Preferences(risk=rho))
        place = found.policies[FRANCE].actions.index(found.action)
        assert sign * (found.expected_scores[FRANCE] - found.values[FRANCE][place]) > 1e-4


def test_what_it_tells_the_dialogue_follows_the_same_utility(game: Game, evaluator: Evaluator) -> None:
    plain = plan(game, evaluator, FRANCE)
    order = next(order for order in plain.action if enters(order))
    place = enters(order)
    assert place is not None
    drawn = plan(game, evaluator, FRANCE, Preferences(targets={place: 0.5}))
    without = [a for a in drawn.policies[FRANCE].actions if not any(place in (enters(o), stays(o)) for o in a)]
    best = max(v for a, v in zip(drawn.policies[FRANCE].actions, drawn.values[FRANCE], strict=True) if a in without)
    assert max(drawn.values[FRANCE]) - best > 0.4, "to stay away costs what the target counts for"
    shared = plan(game, evaluator, FRANCE, Preferences(weights={GERMANY: 1.0}))
    mine, theirs = shared.expected_scores[FRANCE], shared.expected_scores[GERMANY]
    at = shared.policies[FRANCE].actions.index(shared.action)
    assert shared.values[FRANCE][at] == pytest.approx(mine + theirs)
    value, plain_value = TalkValue.of(shared), TalkValue.of(plain)
    assert value is not None
    assert plain_value is not None
    assert value.score(Beliefs()) > plain_value.score(Beliefs()) + 0.5 * theirs


def test_the_others_do_not_know_of_it(game: Game, evaluator: Evaluator) -> None:
    plain = plan(game, evaluator, FRANCE)
    hawk = plan(game, evaluator, FRANCE, Preferences(aggression=0.1, weights={GERMANY: -1.0}))
    for power in POWERS:
        if power is not FRANCE:
            assert hawk.policies[power] == plain.policies[power]


def test_prices_of_a_position() -> None:
    game = Game()
    none = PricedOrders.of(Preferences(weights={GERMANY: 1.0}, risk=2.0), here(game), FRANCE.number, frozenset())
    assert none == PricedOrders()
    wants = Preferences(targets={Province("BUR"): 0.1, Province("MOS"): 0.1})
    priced = PricedOrders.of(wants, here(game), FRANCE.number, frozenset())
    board = here(game)
    orders: set[Order] = {board.geometry.order(code) for codes, _ in priced.bonuses for code in codes}
    assert {str(order) for order in orders} == {"A PAR - BUR", "A MAR - BUR"}
    action = tuple(map(board.geometry.code, map(parse_order, ("A PAR - BUR", "A MAR - BUR", "F BRE - MAO"))))
    assert priced.bonus([action]).tolist() == [0.1], "once for an action"
    assert contains((parse_order("A PAR - BUR"),), [parse_order("A PAR - BUR")])
