"""The search on positions whose answer is plain, and the meaning of beliefs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from engine._core import Position
from engine.game import Game, GameView
from engine.mapfile import core_map
from engine.notation import parse_order
from engine.types import (
    POWERS,
    Commitment,
    ExpectedOrder,
    IllegalOrderError,
    Order,
    OrderKind,
    Phase,
    PhaseKind,
    Power,
)
from planner.candidates import CandidateConfig
from planner.intents import intents, wanted_action
from planner.opponents import OpponentConfig
from planner.plan import Plan, contains
from planner.public import ExploreConfig
from planner.rollout import Evaluator, ValueConfig
from planner.search import Choice, SearchConfig, search
from planner.talk import Beliefs

SMALL = SearchConfig(
    candidates=CandidateConfig(most=14, chains=32),
    explore=ExploreConfig(passes=1, generations=2, width=12, samples=4),
    tables=1,
    iterations=24,
    scout_iterations=3,
    choice_samples=12,
    own_generations=3,
    own_width=16,
)
LAST_YEAR = ValueConfig(endings=((1901, 1.0),))
"""The game ends with the year at hand: what counts is who owns what then."""
SPRING_1901 = Phase.parse("S1901M")


def board(
    phase: str,
    units: Mapping[str, list[str]],
    centers: Mapping[str, list[str]],
    retreats: Mapping[str, Mapping[str, list[str]]] | None = None,
) -> Game:
    core = core_map("standard")
    position = Position.from_state(
        core, phase, dict(units), dict(centers), {p: dict(r) for p, r in (retreats or {}).items()}
    )
    return Game(position=position)


def orders(*texts: str) -> tuple[Order, ...]:
    return tuple(parse_order(text) for text in texts)


def plan_for(game: Game, power: Power, beliefs: Beliefs | None = None, seed: int = 0, **changes: object) -> Plan:
    config = replace(SMALL, **changes)  # type: ignore[arg-type]
    return search(game.view(power), power, beliefs, config, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def start() -> Game:
    return Game()


@pytest.fixture(scope="module")
def start_plan(start: Game) -> Plan:
    return plan_for(start, Power.FRANCE)


def check_plan(game: Game, plan: Plan) -> None:
    """What holds for any plan: legal unique actions, distributions, one length."""
    assert list(plan.policies) == list(POWERS)
    for power in POWERS:
        policy, anchor = plan.policies[power], plan.anchors[power]
        assert policy.actions == anchor.actions
        assert len(set(policy.actions)) == len(policy.actions) >= 1
        assert len(plan.values[power]) == len(plan.values_to_me[power]) == len(policy.actions)
        for distribution in (policy.probabilities, anchor.probabilities):
            assert sum(distribution) == pytest.approx(1.0)
            assert min(distribution) >= 0
        assert list(policy.probabilities) == sorted(policy.probabilities, reverse=True)
        for action in policy.actions:
            game.check_action(power, action)
    assert plan.action in plan.policies[plan.power].actions
    assert sum(plan.expected_scores.values()) == pytest.approx(1.0, abs=1e-3)


def test_plan_of_the_first_phase(start: Game, start_plan: Plan) -> None:
    check_plan(start, start_plan)
    for power in POWERS:
        units = len(start.units(power))
        assert all(len(action) == units for action in start_plan.policies[power].actions)
        assert len(start_plan.policies[power].actions) >= 8
    best = max(start_plan.values[Power.FRANCE])
    assert start_plan.regret(()) == pytest.approx(0)
    own = start_plan.ranked()
    assert start_plan.regret(own[-1].action) == pytest.approx(best - own[-1].score)
    assert start_plan.regret(orders("A PAR - BEL")) is None


def test_same_seed_same_plan_and_shared_work_does_not_matter(start: Game) -> None:
    evaluator = Evaluator()
    view, power = start.view(Power.ITALY), Power.ITALY
    first = search(view, power, None, SMALL, np.random.default_rng(5), evaluator=evaluator)
    again = search(view, power, None, SMALL, np.random.default_rng(5), evaluator=evaluator)
    fresh = search(view, power, None, SMALL, np.random.default_rng(5))
    assert first == again == fresh


def test_previous_plan_gives_the_same_candidates(start: Game, start_plan: Plan) -> None:
    beliefs = Beliefs(consider=((Power.GERMANY, parse_order("A MUN S A PAR - BUR")),))
    view = start.view(Power.FRANCE)
    fresh = search(view, Power.FRANCE, beliefs, SMALL, np.random.default_rng(1))
    again = search(view, Power.FRANCE, beliefs, SMALL, np.random.default_rng(1), previous=start_plan)
    assert fresh == again
    assert again.prediction is not None
    assert start_plan.prediction is not None
    assert again.prediction.public is start_plan.prediction.public


def test_walks_into_an_undefended_centre() -> None:
    game = board(
        "F1903M",
        {"FRANCE": ["A GAS"], "TURKEY": ["A SMY"]},
        {"FRANCE": ["PAR", "MAR", "BRE"], "TURKEY": ["CON", "SMY"], "ITALY": []},
    )
    plan = plan_for(game, Power.FRANCE, value=LAST_YEAR)
    check_plan(game, plan)
    assert str(plan.action[0]) == "A GAS - SPA"


def test_finds_the_supported_attack() -> None:
    french = ["BRE", "PAR", "MAR", "SPA", "POR", "NAP", "ROM", "VEN", "LVP", "LON", "EDI", "BEL", "GRE"]
    others = sorted(set(core_map("standard").centers) - {*french, "TUN"})
    game = board(
        "F1905M",
        {"FRANCE": ["F WES", "F TYS"], "ITALY": ["F TUN"], "TURKEY": ["A ANK"]},
        {"FRANCE": french, "ITALY": ["TUN"], "TURKEY": others},
    )
    stays = ExpectedOrder(Power.ITALY, game.phase, parse_order("F TUN H"), 1.0)
    plan = plan_for(game, Power.FRANCE, Beliefs(expected=(stays,)), opponents=OpponentConfig(lambdas=(1.0,)))
    found = {str(order) for order in plan.action}
    assert found in ({"F WES - TUN", "F TYS S F WES - TUN"}, {"F TYS - TUN", "F WES S F TYS - TUN"})


def test_orders_asked_for_are_considered(start: Game) -> None:
    asked = (
        (Power.GERMANY, parse_order("A MUN S A PAR - BUR")),
        (Power.FRANCE, parse_order("A PAR - GAS")),
        (Power.ITALY, parse_order("A PAR - GAS")),
    )
    plan = plan_for(start, Power.FRANCE, Beliefs(consider=asked))
    check_plan(start, plan)
    for power, order in asked[:2]:
        assert any(order in action for action in plan.policies[power].actions)
        assert plan.value_if(power, [order]) is not None
        assert plan.cost_of(power, [order]) is not None
    # An order that the power cannot give has no effect.
    assert plan.value_if(Power.ITALY, [asked[2][1]]) is None


def test_expected_orders_move_policies(start: Game, start_plan: Plan) -> None:
    order = parse_order("A VIE - TYR")
    before = start_plan.probability(Power.AUSTRIA, [order])
    hopes, fears = (
        plan_for(start, Power.FRANCE, Beliefs(expected=(ExpectedOrder(Power.AUSTRIA, SPRING_1901, order, credence),)))
        for credence in (1.0, -1.0)
    )
    assert hopes.probability(Power.AUSTRIA, [order]) > before >= fears.probability(Power.AUSTRIA, [order])
    late = ExpectedOrder(Power.AUSTRIA, Phase.parse("F1901M"), order, 1.0)
    assert plan_for(start, Power.FRANCE, Beliefs(expected=(late,))) == start_plan


def test_a_promised_support_becomes_plausible(start: Game) -> None:
    support = parse_order("A MUN S A PAR - BUR")
    said = ExpectedOrder(Power.GERMANY, SPRING_1901, support, 1.0)
    plan = plan_for(start, Power.FRANCE, Beliefs(expected=(said,)))
    assert plan.probability(Power.GERMANY, [support]) > 0.1


def test_price_of_a_promise(start: Game, start_plan: Plan) -> None:
    unwanted = parse_order("A PAR H")
    assert unwanted not in start_plan.action

    def promised(price: float, phase: Phase = SPRING_1901) -> Plan:
        word = Commitment(phase, unwanted, Power.ENGLAND, price)
        return plan_for(start, Power.FRANCE, Beliefs(commitments=(word,)))

    assert unwanted in promised(1.0).action
    assert unwanted not in promised(0.0).action
    assert unwanted not in promised(1.0, Phase.parse("F1901M")).action


def test_imposed_orders(start: Game) -> None:
    imposed = orders("A PAR H", "F BRE - ENG")
    plan = plan_for(start, Power.FRANCE, Beliefs(imposed=imposed))
    check_plan(start, plan)
    assert all(contains(action, imposed) for action in plan.policies[Power.FRANCE].actions)
    with pytest.raises(IllegalOrderError, match="A PAR - MOS"):
        plan_for(start, Power.FRANCE, Beliefs(imposed=orders("A PAR - MOS")))
    with pytest.raises(IllegalOrderError, match="together"):
        plan_for(start, Power.FRANCE, Beliefs(imposed=orders("A PAR H", "A PAR - BUR")))


def test_supports_of_neighbours_are_candidates(start: Game) -> None:
    game = start
    plan = plan_for(game, Power.GERMANY)
    foreign = [
        order
        for action in plan.policies[Power.GERMANY].actions
        for order in action
        if order.kind is OrderKind.SUPPORT and order.aided is not None and order.aided not in game.units(Power.GERMANY)
    ]
    assert foreign


def test_retreat_phase() -> None:
    game = board(
        "F1903R",
        {"FRANCE": ["A MUN"], "GERMANY": ["A BER"]},
        {"FRANCE": ["PAR", "MAR", "MUN"], "GERMANY": ["BER"]},
        {"GERMANY": {"A MUN": ["KIE", "TYR"]}},
    )
    assert game.phase.kind is PhaseKind.RETREATS
    plan = plan_for(game, Power.GERMANY, value=LAST_YEAR)
    check_plan(game, plan)
    assert [str(order) for order in plan.action] == ["A MUN R KIE"]


def test_builds_all_it_may() -> None:
    game = board(
        "W1903A",
        {"RUSSIA": ["A RUM", "A WAR"], "TURKEY": ["A CON"]},
        {"RUSSIA": ["RUM", "WAR", "MOS", "STP", "SEV"], "TURKEY": ["CON"]},
    )
    plan = plan_for(game, Power.RUSSIA)
    check_plan(game, plan)
    assert len(plan.action) == 3
    assert all(order.kind is OrderKind.BUILD for order in plan.action)
    assert any("/" in str(order) for action in plan.policies[Power.RUSSIA].actions for order in action)


def test_removes_what_it_must() -> None:
    game = board(
        "W1903A",
        {"ITALY": ["A ROM", "A VEN", "A RUH"], "GERMANY": ["A MUN"]},
        {"ITALY": ["ROM", "VEN"], "GERMANY": ["MUN", "BER", "KIE"]},
    )
    plan = plan_for(game, Power.ITALY)
    check_plan(game, plan)
    assert [order.kind for order in plan.action] == [OrderKind.DISBAND]
    assert len(plan_for(game, Power.GERMANY).action) == 2


def test_power_without_units_and_nothing_to_do() -> None:
    game = board("S1910M", {"ENGLAND": ["F LON"]}, {"ENGLAND": ["LON"], "FRANCE": []})
    plan = plan_for(game, Power.FRANCE)
    check_plan(game, plan)
    assert plan.action == ()
    assert plan.expected_scores[Power.ENGLAND] > 0.99


def test_policy_may_be_sampled(start: Game) -> None:
    actions = {plan_for(start, Power.TURKEY, seed=s, choice=Choice.SAMPLE, lambda_=0.05).action for s in range(6)}
    assert len(actions) > 1


def test_effort_scales_the_search() -> None:
    more = SMALL.with_effort(4)
    assert more.iterations == 2 * SMALL.iterations
    assert more.choice_samples == 2 * SMALL.choice_samples
    assert more.explore.generations == 2 * SMALL.explore.generations
    assert SMALL.with_effort(1) == SMALL


@pytest.mark.parametrize("think", ["policy", "8it", "0.05s"])
def test_a_budget_is_kept_to(start: Game, think: str) -> None:
    check_plan(start, plan_for(start, Power.FRANCE, think=think))


@pytest.mark.parametrize("budget", [1, 200])
def test_tables_keep_to_their_budget(start: Game, start_plan: Plan, budget: int) -> None:
    plan = plan_for(start, Power.FRANCE, table_budget=budget)
    check_plan(start, plan)
    assert plan.prediction is not None
    assert start_plan.prediction is not None
    public, whole = plan.prediction.public, start_plan.prediction.public
    assert public.tables is not None
    assert whole.tables is not None
    alone = sum(len(s.actions) for s in public.sets)
    assert public.tables.evaluations <= alone + budget < whole.tables.evaluations


def test_a_policy_only_player_plays_its_likeliest_action(start: Game) -> None:
    plan = plan_for(start, Power.FRANCE, think="policy")
    anchor = plan.anchors[Power.FRANCE]
    assert plan.action == anchor.actions[int(np.argmax(anchor.probabilities))]


def test_a_budget_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="think: expected 'policy', iterations such as '256it'"):
        SearchConfig(think="2 minutes")


def test_intents(start: Game, start_plan: Plan) -> None:
    view: GameView = start.view(Power.FRANCE)
    found = intents(start_plan, view)
    assert list(found) == [p for p in POWERS if p is not Power.FRANCE]
    for recipient, intent in found.items():
        assert intent.own.orders == start_plan.action
        assert intent.wanted.orders == wanted_action(start_plan, recipient)
        assert [str(later.phase) for later in intent.later] == ["F1901M", "F1901M"]
        assert len(intent.later[0].orders) == len(intent.later[1].orders[:3]) == 3
        policy = start_plan.policies[recipient]
        number = policy.actions.index(intent.wanted.orders)
        assert policy.probabilities[number] >= 0.1 * max(policy.probabilities)
    assert intents(start_plan, view) == found


def test_wanted_is_the_best_plausible() -> None:
    game = Game()
    plan = plan_for(game, Power.FRANCE)
    policy = plan.policies[Power.ENGLAND]
    wish = [0.0] * len(policy.actions)
    wish[1] = 1.0
    probabilities = (0.5, 0.3, *[0.2 / (len(wish) - 2)] * (len(wish) - 2))
    even = tuple([1 / len(wish)] * len(wish))
    made = replace(
        plan,
        policies={**plan.policies, Power.ENGLAND: replace(policy, probabilities=probabilities)},
        anchors={**plan.anchors, Power.ENGLAND: replace(policy, probabilities=even)},
        values_to_me={**plan.values_to_me, Power.ENGLAND: tuple(wish)},
    )
    assert wanted_action(made, Power.ENGLAND) == policy.actions[1]
    unlikely = (0.97, 0.01, *[0.02 / (len(wish) - 2)] * (len(wish) - 2))
    made = replace(made, policies={**made.policies, Power.ENGLAND: replace(policy, probabilities=unlikely)})
    assert wanted_action(made, Power.ENGLAND) == policy.actions[0]


def test_positions_of_a_real_game(shared_data: object) -> None:
    import gzip
    import json
    from pathlib import Path

    from engine.saved import game_from_json

    with gzip.open(Path(str(shared_data)) / "games-train.jsonl.gz", "rt") as lines:
        game = game_from_json(json.loads(next(lines)))
    chosen = [*game.history[:6], game.history[-1]]
    for record in chosen:
        at = game.at_phase(record.phase)
        check_plan(at, plan_for(at, at.alive[-1]))
