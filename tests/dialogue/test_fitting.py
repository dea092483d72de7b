"""What fits the talk: own orders told where they concern somebody, to no enemy; no stalling beside a yes."""

from __future__ import annotations

import numpy as np

from dialogue.acts import ActKind, SpeechAct
from dialogue.speech import SpeechPlan, corrections, plan_message
from engine.notation import parse_order
from engine.types import Intent, Phase, PlannedOrders, Power
from tests.dialogue.table import FRANCE, GERMANY, TURKEY, ScriptedJudge, Table, act, kinds, orders_of

QUESTION = act(ActKind.ASK, GERMANY, FRANCE)


def after_spring() -> Table:
    """France has Burgundy, Marseilles and the Mid-Atlantic; Germany the Ruhr, Kiel and Denmark."""
    table = Table()
    table.play()
    table.plans = {FRANCE: ("A BUR - BEL", "A MAR - SPA", "F MAO - POR"), GERMANY: ("F DEN - SWE", "A KIE - BER")}
    return table


def mumble(table: Table, by: Power, to: Power) -> None:
    """Something is said of which nobody understands a word."""
    message = table.game.say(by, to, "Holy smoke.")
    for power in (by, to):
        table.ledgers[power].record(message, ())


def wanted(table: Table, power: Power, other: Power) -> SpeechPlan:
    """The best of what is written where a message is wanted."""
    view, phase = table.game.view(power), table.game.phase
    own = PlannedOrders(power, phase, tuple(map(parse_order, table.plans[power])))
    theirs = PlannedOrders(other, phase, tuple(map(parse_order, table.wanted.get((power, other), ()))))
    meant = {other: Intent(power, other, own, theirs)}
    rng = np.random.default_rng(0)
    return plan_message(view, power, other, meant, table.ledgers[power], table.judges[power], table.config, rng).best


# --- own orders ----------------------------------------------------------------------------------------------


def test_plans_are_told_to_who_asks_but_not_to_who_attacked_us() -> None:
    for attack, told in (("A RUH H", True), ("A RUH - BUR", False)):
        table = after_spring()
        table.play({GERMANY: (attack,)})
        table.play({})
        assert str(table.game.phase) == "S1902M"
        table.say(QUESTION)
        assert bool(orders_of(table.answer(FRANCE, GERMANY), ActKind.INFORM)) is told


def test_a_move_that_may_stand_in_their_way_is_kept_to_oneself() -> None:
    table = after_spring()
    table.judges[FRANCE] = ScriptedJudge(chances={"A RUH - BEL": 0.6})
    table.say(QUESTION)
    told = orders_of(table.answer(FRANCE, GERMANY), ActKind.INFORM)
    assert told
    assert "A BUR - BEL" not in told


# --- what is asked of others -----------------------------------------------------------------------------------


def test_nobody_is_asked_into_our_places_nor_away_from_our_help() -> None:
    for order, plan, proposed in (
        ("A RUH - BEL", ("A BUR S A RUH - BEL",), True),
        ("A RUH - HOL", ("A BUR S A RUH - BEL",), False),
        ("A RUH - BUR", ("A BUR - PAR",), False),
    ):
        table = after_spring()
        table.plans[FRANCE] = plan
        table.wanted[FRANCE, GERMANY] = (order,)
        table.judges[FRANCE] = ScriptedJudge(gains={order: 0.05}, chances={order: 0.2}, knowing={order: 0.05})
        found = [o for o in table.options(FRANCE) if o.recipient is GERMANY]
        said = [p for o in found for p in o.alternatives]
        assert any(order in orders_of(p, ActKind.PROPOSE) for p in said) is proposed, order
        if order == "A RUH - BUR":
            assert not any(orders_of(p, ActKind.ASK) for p in said)


def test_a_place_out_of_reach_is_not_taken_back() -> None:
    table = after_spring()
    for place, taken_back in (("HOL", False), ("PAR", True)):
        table.say(act(ActKind.PROMISE, FRANCE, TURKEY, provinces=place))
        plans = corrections(table.ledgers[FRANCE], (parse_order("A BUR - BEL"),), table.game.view(FRANCE))
        assert any(place in a.provinces for p in plans for a in p.acts) is taken_back


# --- answers -----------------------------------------------------------------------------------------------------


def test_a_yes_is_not_put_off_in_the_same_breath() -> None:
    table = after_spring()
    later = act(ActKind.PROPOSE, GERMANY, FRANCE, "A BUR - PIC", of=FRANCE, phase=Phase.parse("S1902M"))
    table.say(act(ActKind.PROPOSE, GERMANY, FRANCE, "A BUR - BEL", of=FRANCE), later)
    answer = table.answer(FRANCE, GERMANY)
    assert kinds(answer)[:1] == [ActKind.PROMISE], "named, as a bare yes would grant the other request too"
    assert ActKind.SMALL_TALK not in kinds(answer)
    table = after_spring()
    table.say(later)
    assert ActKind.SMALL_TALK in kinds(table.answer(FRANCE, GERMANY)), "that is really undecided"


def test_who_tells_something_does_not_keep_its_options_open() -> None:
    table = after_spring()
    table.say(act(ActKind.ASK, GERMANY, FRANCE, powers=(TURKEY,)), QUESTION)
    answer = table.answer(FRANCE, GERMANY)
    assert orders_of(answer, ActKind.INFORM)
    assert ActKind.SMALL_TALK not in kinds(answer)
    table = after_spring()
    table.say(act(ActKind.ASK, GERMANY, FRANCE, powers=(TURKEY,)))
    assert kinds(table.answer(FRANCE, GERMANY)) == [ActKind.SMALL_TALK]


def test_a_question_that_its_asker_answers_is_not_evaded() -> None:
    table = after_spring()
    table.say(act(ActKind.SMALL_TALK, FRANCE, GERMANY))
    table.say(act(ActKind.ASK, GERMANY, FRANCE, powers=(TURKEY,)), act(ActKind.AGREE, GERMANY, FRANCE))
    assert table.answer(FRANCE, GERMANY) is None


def test_a_question_of_which_nothing_was_understood_gets_no_orders() -> None:
    for text, told in (
        ("What are you planning?", True),
        ("Any thoughts?", True),
        ("How are you doing with the two of them?", False),
        ("Why should I?", False),
    ):
        table = after_spring()
        table.say(QUESTION, text=text)
        answer = table.answer(FRANCE, GERMANY)
        assert bool(orders_of(answer, ActKind.INFORM)) is told, text
        assert (ActKind.ASK in kinds(answer)) is not told, text


def test_a_bounce_out_of_reach_is_news() -> None:
    table = after_spring()
    table.say(act(ActKind.BOUNCE, GERMANY, FRANCE, provinces="SWE", powers=(Power.RUSSIA,)))
    (found,) = (o for o in table.options(FRANCE) if o.recipient is GERMANY)
    assert kinds(found.best) == [ActKind.THANK]


def test_what_names_no_order_is_asked_about() -> None:
    table = after_spring()
    table.say(act(ActKind.OFFER, GERMANY, FRANCE))
    assert kinds(table.answer(FRANCE, GERMANY))[0] is ActKind.ASK
    assert ActKind.SMALL_TALK not in kinds(table.answer(FRANCE, GERMANY))


def test_who_understood_nothing_asks_once_and_announces_nothing() -> None:
    table = after_spring()
    mumble(table, GERMANY, FRANCE)
    answer = table.answer(FRANCE, GERMANY)
    assert kinds(answer) == [ActKind.ASK]
    assert answer is not None
    table.say(*answer.acts)
    mumble(table, GERMANY, FRANCE)
    assert table.answer(FRANCE, GERMANY) is None


# --- where a message is wanted ---------------------------------------------------------------------------------


def test_a_wanted_message_answers_then_asks_and_tells_last() -> None:
    table = after_spring()
    table.say(act(ActKind.ASK, FRANCE, GERMANY))
    table.say(act(ActKind.AGREE, GERMANY, FRANCE, provinces="HOL"))
    assert not table.answer(FRANCE, GERMANY), "a yes closes a talk"
    said: list[SpeechAct] = []
    for _ in range(6):
        plan = wanted(table, FRANCE, GERMANY)
        said += plan.acts
        table.say(*plan.acts)
        table.say(act(ActKind.SMALL_TALK, GERMANY, FRANCE))
    assert said[0].kind is ActKind.THANK
    assert said[1].kind is ActKind.ASK
    assert said[1].powers
    assert ActKind.INFORM in [a.kind for a in said[2:]]
    assert said[-1].kind is ActKind.SMALL_TALK


def test_a_wanted_message_tells_an_enemy_no_orders() -> None:
    table = after_spring()
    table.plans[FRANCE] = ("A BUR - MUN", "A MAR - SPA", "F MAO - POR")
    for _ in range(4):
        plan = wanted(table, FRANCE, GERMANY)
        assert not orders_of(plan, ActKind.INFORM)
        table.say(*plan.acts)


def test_no_count_of_messages_keeps_a_wanted_answer_back() -> None:
    table = after_spring()
    for _ in range(table.config.max_messages):
        table.say(act(ActKind.SMALL_TALK, FRANCE, GERMANY))
    table.say(act(ActKind.PROPOSE, GERMANY, FRANCE, "A BUR - BEL", of=FRANCE))
    assert table.answer(FRANCE, GERMANY) is None
    assert kinds(wanted(table, FRANCE, GERMANY))[:2] == [ActKind.AGREE, ActKind.PROMISE]
