"""What words are worth: scores under beliefs, on one game; what it is worth to know another's orders."""

from __future__ import annotations

import numpy as np
import pytest

from engine.game import Game
from engine.notation import parse_order
from engine.types import Commitment, ExpectedOrder, Phase, Power
from planner.plan import Plan
from planner.rollout import Evaluator
from planner.search import SearchConfig, search
from planner.talk import Beliefs
from planner.talk_value import Stakes, TalkValue

QUICK = SearchConfig(policy="rules", think="16it")
FRANCE, ENGLAND, GERMANY = Power.FRANCE, Power.ENGLAND, Power.GERMANY


@pytest.fixture(scope="module")
def plan() -> Plan:
    view = Game().view(FRANCE)
    return search(view, FRANCE, None, QUICK, np.random.default_rng(0), None, Evaluator())


def expected(power: Power, order: str, credence: float) -> Beliefs:
    return Beliefs(expected=(ExpectedOrder(power, Phase.parse("S1901M"), parse_order(order), credence),))


def test_what_is_believed_of_another_moves_our_score_both_ways(plan: Plan) -> None:
    value = TalkValue.of(plan)
    assert value is not None
    for order, power in (("F LON - ENG", ENGLAND), ("A MUN - BUR", GERMANY)):
        now = value.score(Beliefs())
        comes, stays = (value.score(expected(power, order, credence)) for credence in (1.0, -1.0))
        assert comes < now < stays, f"{order} is bad for France"
    assert value.score(Beliefs()) == value.score(Beliefs())


def test_a_word_that_the_best_action_would_break_has_its_price(plan: Plan) -> None:
    value = TalkValue.of(plan)
    assert value is not None
    idle = Commitment(Phase.parse("S1901M"), parse_order("A MAR H"), GERMANY, price=1.0)
    kept = Commitment(Phase.parse("S1901M"), plan.action[0], GERMANY, price=1.0)
    now = value.score(Beliefs())
    assert value.score(Beliefs(commitments=(kept,))) == pytest.approx(now, abs=0.02)
    assert value.score(Beliefs(commitments=(idle,))) < now


def test_orders_that_beliefs_are_about_are_among_the_candidates(plan: Plan) -> None:
    odd = parse_order("A MUN - SIL")
    value = TalkValue.of(plan, [(GERMANY, odd)])
    assert value is not None
    assert any(value.codes(GERMANY, odd) & set(action) for action in value.private.sets[GERMANY.number].actions)
    own = [value.private.public.situation.geometry.code(order) for order in plan.action]
    assert tuple(own) in value.private.sets[FRANCE.number].actions
    assert value.score(expected(GERMANY, "A MUN - SIL", 1.0)) != value.score(Beliefs())


def test_to_know_what_is_certain_or_impossible_is_worth_nothing(plan: Plan) -> None:
    value = TalkValue.of(plan)
    assert value is not None
    assert value.of_knowing(GERMANY, [parse_order("A PAR - BUR")]) == 0.0
    assert value.of_knowing(GERMANY, []) == 0.0
    likely = plan.policies[GERMANY].most_likely
    found = [value.of_knowing(GERMANY, [order]) for order in likely]
    assert all(worth >= 0 for worth in found)


def test_to_know_an_uncertain_order_beside_us_is_worth_something() -> None:
    game = Game()
    for power, orders in {FRANCE: ["A PAR - BUR"], GERMANY: ["A MUN - RUH", "F KIE - HOL"]}.items():
        game.set_orders(power, orders)
    game.process()
    plan = search(game.view(FRANCE), FRANCE, None, QUICK, np.random.default_rng(0), None, Evaluator())
    value = TalkValue.of(plan)
    assert value is not None
    options = [o for orders in game.view(FRANCE).legal_orders(GERMANY).values() for o in orders]
    found = {order: value.of_knowing(GERMANY, [order]) for order in options}
    best = max(found, key=lambda order: found[order])
    assert found[best] > 0
    assert 0 < plan.probability(GERMANY, [best]) < 1
    # No more than to know everything, which is no more than the spread of what each of their actions leaves us.
    assert found[best] <= max(plan.values_to_me[GERMANY]) - min(plan.values_to_me[GERMANY])


def test_without_a_game_of_pairs_there_is_nothing_to_compare() -> None:
    view = Game().view(FRANCE)
    config = SearchConfig(policy="rules", think="4it", tables=0)
    plan = search(view, FRANCE, None, config, np.random.default_rng(0), None, Evaluator())
    assert TalkValue.of(plan) is None


def test_stakes_of_a_word(plan: Plan) -> None:
    attack, away = parse_order("F LON - ENG"), parse_order("F LON - NTH")
    value = TalkValue.of(plan, [(ENGLAND, attack), (ENGLAND, away)])
    assert value is not None
    believed, denied = (value.stakes(ENGLAND, ENGLAND, away, given) for given in (True, False))
    for found in (believed, denied):
        assert found.bait >= 0, "acting on the truth never costs"
    assert believed.switch > 0 > denied.switch, "France likes the fleet to go north, and loses if it does not"
    own = plan.action[0]
    assert value.stakes(ENGLAND, GERMANY, own, True) == Stakes(0.0, 0.0, 0.0), "an order that nobody can give"


def test_a_word_that_changes_nothing_of_ours_gives_no_edge(plan: Plan) -> None:
    far = parse_order("A SMY - CON")
    value = TalkValue.of(plan, [(Power.TURKEY, far)])
    assert value is not None
    found = value.stakes(Power.TURKEY, Power.TURKEY, far)
    assert (found.bait, found.edge) == (0.0, 0.0)


def test_words_about_our_orders_move_what_is_expected_of_us(plan: Plan) -> None:
    value = TalkValue.of(plan)
    assert value is not None
    order = next(o for o in plan.action if o.target is not None)
    now, announced, denied = (
        value.foreseen(beliefs).intent
        for beliefs in (Beliefs(), expected(FRANCE, str(order), 1.0), expected(FRANCE, str(order), -1.0))
    )
    assert denied < now < announced
    assert value.foreseen(Beliefs()).score == value.score(Beliefs())
