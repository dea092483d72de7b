"""Several things to say to each power: what is compared, what is written, what a budget leaves out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialogue.acts import ActKind, Polarity
from dialogue.hypotheses import as_if_said, told
from dialogue.memory import Status
from dialogue.speech import SpeechConfig, SpeechOptions, SpeechPlan, evidence, within_budget
from engine.board import Board
from engine.game import Game
from engine.types import POWERS, Power
from tests.dialogue.table import (
    AUSTRIA,
    ENGLAND,
    FRANCE,
    GERMANY,
    ITALY,
    RUSSIA,
    TURKEY,
    ScriptedJudge,
    Table,
    act,
    kinds,
    orders_of,
)


def after_spring() -> Table:
    """France may be helped into Belgium, and Germany into Sweden."""
    table = Table()
    table.play()
    table.plans = {
        FRANCE: ("A BUR - BEL", "A MAR - SPA", "F MAO - POR"),
        GERMANY: ("A RUH - HOL", "F DEN - SWE", "A KIE - BER"),
    }
    return table


def option(table: Table, power: Power, other: Power) -> SpeechOptions | None:
    return next((o for o in table.options(power) if o.recipient is other), None)


# --- alternatives ----------------------------------------------------------------------------------------------


def test_an_opening_has_alternatives_the_best_first() -> None:
    table = after_spring()
    table.judges[FRANCE] = ScriptedJudge(
        gains={"A RUH S A BUR - BEL": 0.03, "F DEN - NTH": 0.02},
        chances={"A RUH S A BUR - BEL": 0.1, "F DEN - NTH": 0.1},
    )
    table.wanted[FRANCE, GERMANY] = ("A RUH S A BUR - BEL", "F DEN - NTH")
    found = option(table, FRANCE, GERMANY)
    assert found is not None
    assert not found.due
    assert len(found.alternatives) > 1
    worths = [plan.worth for plan in found.alternatives]
    assert worths == sorted(worths, reverse=True)
    assert len({plan.acts for plan in found.alternatives}) == len(worths)
    assert orders_of(found.best, ActKind.REQUEST_SUPPORT) == ["A RUH S A BUR - BEL"]
    assert any(not orders_of(plan, ActKind.REQUEST_SUPPORT) for plan in found.alternatives)


def test_an_answer_is_in_every_alternative() -> None:
    table = after_spring()
    table.judges[GERMANY] = ScriptedJudge(
        regrets={"A RUH S A BUR - BEL": 0.001}, gains={"A MAR - PIE": 0.02}, chances={"A MAR - PIE": 0.3}
    )
    table.wanted[GERMANY, FRANCE] = ("A MAR - PIE",)
    table.say(act(ActKind.REQUEST_SUPPORT, FRANCE, GERMANY, "A RUH S A BUR - BEL", of=GERMANY))
    found = option(table, GERMANY, FRANCE)
    assert found is not None
    assert found.due
    assert len(found.alternatives) == 2
    assert all(ActKind.AGREE in kinds(plan) for plan in found.alternatives)
    assert orders_of(found.best, ActKind.PROPOSE) == ["A MAR - PIE"]
    assert kinds(found.alternatives[1]) == [ActKind.AGREE, ActKind.PROMISE], "the bare answer, to compare with"


def test_what_the_other_would_lose_makes_a_yes_less_likely() -> None:
    plans = []
    for cost in (0.0, 0.1):
        table = after_spring()
        order = "A RUH S A BUR - BEL"
        table.judges[FRANCE] = ScriptedJudge(gains={order: 0.03}, chances={order: 0.1}, costs={order: cost})
        found = option(table, FRANCE, GERMANY)
        assert found is not None
        plans.append(next(p for p in found.alternatives if orders_of(p, ActKind.REQUEST_SUPPORT)))
    assert plans[0].consent > 10 * plans[1].consent
    assert plans[0].worth > plans[1].worth


def test_alternatives_are_ranked_anew_by_whoever_knows_more() -> None:
    first, second, third = (
        SpeechPlan(FRANCE, GERMANY, (act(kind, FRANCE, GERMANY),), worth=worth)
        for kind, worth in ((ActKind.ASK, 0.3), (ActKind.ALLY, 0.2), (ActKind.THANK, 0.1))
    )
    options = SpeechOptions(GERMANY, (first, second, third), due=False, chance=0.5)
    ranked = options.ranked({second: 0.4, first: 0.1})
    assert [(plan.acts, plan.worth) for plan in ranked.alternatives] == [(second.acts, 0.4), (first.acts, 0.1)]
    assert ranked.weight == pytest.approx(0.2)


# --- what is written -------------------------------------------------------------------------------------------


def options_of(*weights: tuple[Power, float, bool]) -> list[SpeechOptions]:
    """One plan a recipient: (recipient, worth, due)."""
    found = []
    for other, worth, due in weights:
        plan = SpeechPlan(FRANCE, other, (act(ActKind.ASK, FRANCE, other),), worth=worth)
        found.append(SpeechOptions(other, (plan,), due, chance=1.0))
    return found


def written(table: Table, options: list[SpeechOptions], config: SpeechConfig) -> list[Power]:
    return [p.recipient for p in within_budget(options, table.game.view(FRANCE), table.ledgers[FRANCE], config)]


def test_what_is_due_comes_first_and_the_rest_by_worth() -> None:
    table = Table()
    options = options_of((ITALY, 0.01, False), (GERMANY, 0.02, False), (RUSSIA, 0.0, True))
    assert written(table, options, SpeechConfig()) == [RUSSIA, GERMANY, ITALY]


def test_little_to_gain_is_no_reason_to_write_unless_it_is_due() -> None:
    table = Table()
    options = options_of((ITALY, 0.0001, False), (GERMANY, -0.01, False), (RUSSIA, 0.0, True))
    assert written(table, options, SpeechConfig()) == [RUSSIA]


def test_the_messages_of_a_phase_are_counted() -> None:
    table = Table()
    config = SpeechConfig(max_phase_messages=3)
    options = options_of((ITALY, 0.01, False), (GERMANY, 0.02, True), (RUSSIA, 0.03, False))
    assert written(table, options, config) == [GERMANY, RUSSIA, ITALY]
    table.say(act(ActKind.SMALL_TALK, FRANCE, ENGLAND))
    table.say(act(ActKind.SMALL_TALK, FRANCE, TURKEY))
    assert written(table, options, config) == [GERMANY]


def test_people_would_write_to_a_neighbour_they_talk_with() -> None:
    table = Table()
    chances = {o.recipient: o.chance for o in table.options(FRANCE)}
    assert chances[GERMANY] == chances[ENGLAND] > chances[TURKEY]
    table.elapsed = 0.75
    late = {o.recipient: o.chance for o in table.options(FRANCE)}
    assert late[GERMANY] < chances[GERMANY]
    hurried, table.config = len(table.plan(FRANCE)), SpeechConfig(timing=False)
    assert hurried < len(table.plan(FRANCE))


def test_thanks_for_news_are_left_out_where_people_would_leave_them_out() -> None:
    table = after_spring()
    table.plans[FRANCE] = ()
    table.say(act(ActKind.SMALL_TALK, FRANCE, GERMANY))
    table.say(act(ActKind.INFORM, GERMANY, FRANCE, "F DEN - SWE"))
    found = option(table, FRANCE, GERMANY)
    assert found is not None
    assert kinds(found.best) == [ActKind.THANK]
    assert not found.due
    assert found.weight == found.best.worth * found.chance
    silent = replace(table.config, least_worth=found.weight + 1e-6)
    assert not within_budget([found], table.game.view(FRANCE), table.ledgers[FRANCE], silent)


# --- what a message would change --------------------------------------------------------------------------------


def test_a_ledger_as_if_something_was_said_and_granted() -> None:
    table = after_spring()
    request = act(ActKind.REQUEST_SUPPORT, FRANCE, GERMANY, "A RUH S A BUR - BEL", of=GERMANY)
    ledger, view = table.ledgers[FRANCE], table.game.view(FRANCE)
    after = as_if_said(ledger, SpeechPlan(FRANCE, GERMANY, (request,)), table.game.phase)
    assert not ledger.entries[-1:] or ledger.entries[-1].acts != (request,), "the ledger itself is left as it was"
    promised = after.promises_by(GERMANY, to=FRANCE, status=Status.OPEN, phase=table.game.phase)
    assert [str(p.order) for p in promised] == ["A RUH S A BUR - BEL"]
    before = {str(e.order): e.credence for e in evidence(ledger, view)}
    then = {str(e.order): e.credence for e in evidence(after, view)}
    assert then["A RUH S A BUR - BEL"] > before.get("A RUH S A BUR - BEL", 0.0)


def test_news_ask_for_nothing_and_are_believed_in_part() -> None:
    table = after_spring()
    ledger, view = table.ledgers[FRANCE], table.game.view(FRANCE)
    news = SpeechPlan(FRANCE, GERMANY, (act(ActKind.INFORM, FRANCE, GERMANY, "A BUR - BEL"),))
    after = as_if_said(ledger, news, table.game.phase)
    assert len(after.entries) == len(ledger.entries) + 1
    assert told(ledger, view, 0.75) == ()
    (expected,) = told(after, view, 0.75)
    assert (expected.power, str(expected.order)) == (FRANCE, "A BUR - BEL")
    assert told(after, view, 0.5)[0].credence == pytest.approx(expected.credence / 1.5)
    refusal = act(ActKind.INFORM, FRANCE, GERMANY, "A BUR - BEL", polarity=Polarity.NOT)
    (denied,) = told(as_if_said(ledger, SpeechPlan(FRANCE, GERMANY, (refusal,)), table.game.phase), view, 0.75)
    assert denied.credence < 0


def test_a_zone_of_ours_is_expected_of_us() -> None:
    table = after_spring()
    ledger, view = table.ledgers[FRANCE], table.game.view(FRANCE)
    zone = SpeechPlan(FRANCE, GERMANY, (act(ActKind.DEMILITARISE, FRANCE, GERMANY, provinces="RUH"),))
    found = {str(e.order): e.credence for e in told(as_if_said(ledger, zone, table.game.phase), view, 1.0)}
    assert found["A BUR - RUH"] < 0


# --- trades ----------------------------------------------------------------------------------------------------


LOWLANDS = "S1902M; FRANCE A PIC, A BUR = PAR BRE; GERMANY F HOL, A KIE = HOL KIE; ENGLAND A BEL = BEL LON"


def test_help_is_traded_for_help() -> None:
    table = Table(game=Game(position=Board.from_text(LOWLANDS).position))
    table.plans = {FRANCE: ("A PIC - BEL", "A BUR H"), GERMANY: ("A KIE - RUH", "F HOL H")}
    wanted, given = "F HOL S A PIC - BEL", "A BUR S A KIE - RUH"
    table.wanted[FRANCE, GERMANY] = (wanted,)
    for cost, traded in ((0.004, True), (0.02, False)):
        table.judges[FRANCE] = ScriptedJudge(
            regrets={given: cost}, gains={wanted: 0.03}, chances={wanted: 0.1, "A KIE - RUH": 0.5}
        )
        found = option(table, FRANCE, GERMANY)
        assert found is not None
        trades = [a for p in found.alternatives for a in p.acts if a.kind is ActKind.OFFER]
        assert bool(trades) is traded
        for trade in trades:
            assert [str(o.order) for o in trade.orders] == [given]
            assert trade.condition is not None
            assert [str(o.order) for o in trade.condition.orders] == [wanted]


def test_the_unit_that_is_helped_helps_nobody() -> None:
    table = Table(game=Game(position=Board.from_text(LOWLANDS).position))
    table.plans = {FRANCE: ("A PIC H", "A BUR - BEL"), GERMANY: ("A KIE - RUH", "F HOL H")}
    wanted, given = "F HOL S A BUR - BEL", "A BUR S A KIE - RUH"
    table.judges[FRANCE] = ScriptedJudge(
        regrets={given: 0.001}, gains={wanted: 0.03}, chances={wanted: 0.1, "A KIE - RUH": 0.5}
    )
    found = option(table, FRANCE, GERMANY)
    assert found is not None
    assert all(a.kind is not ActKind.OFFER for p in found.alternatives for a in p.acts)


def test_a_dear_request_may_be_granted_on_a_condition() -> None:
    table = after_spring()
    asked = "A RUH S A BUR - BEL"
    table.judges[GERMANY] = ScriptedJudge(
        regrets={asked: 0.01}, gains={"A MAR - PIE": 0.05}, chances={"A MAR - PIE": 0.2}
    )
    table.wanted[GERMANY, FRANCE] = ("A MAR - PIE",)
    table.say(act(ActKind.REQUEST_SUPPORT, FRANCE, GERMANY, asked, of=GERMANY))
    found = option(table, GERMANY, FRANCE)
    assert found is not None
    bargains = [a for p in found.alternatives for a in p.acts if a.kind is ActKind.OFFER]
    assert bargains
    assert [str(o.order) for o in bargains[0].orders] == [asked]
    assert bargains[0].condition is not None
    assert [str(o.order) for o in bargains[0].condition.orders] == ["A MAR - PIE"]
    # It is taken up: both are bound.
    table.say(bargains[0])
    table.say(act(ActKind.AGREE, FRANCE, GERMANY))
    bound = {(p.by, str(p.order)) for p in table.ledgers[FRANCE].promises if p.status is Status.OPEN}
    assert {(GERMANY, asked), (FRANCE, "A MAR - PIE")} <= bound


def test_a_request_beyond_all_price_is_just_refused() -> None:
    table = after_spring()
    asked = "A RUH S A BUR - BEL"
    table.judges[GERMANY] = ScriptedJudge(
        regrets={asked: 0.1}, gains={"A MAR - PIE": 0.5}, chances={"A MAR - PIE": 0.2}
    )
    table.wanted[GERMANY, FRANCE] = ("A MAR - PIE",)
    table.say(act(ActKind.REQUEST_SUPPORT, FRANCE, GERMANY, asked, of=GERMANY))
    found = option(table, GERMANY, FRANCE)
    assert found is not None
    assert all(a.kind is not ActKind.OFFER for p in found.alternatives for a in p.acts)


def test_who_bounced_offers_to_go_elsewhere_if_the_other_stays_out() -> None:
    table = Table()
    table.play({FRANCE: ["A PAR - BUR"], GERMANY: ["A MUN - BUR"]})
    table.plans = {FRANCE: ("A PAR - BUR",), GERMANY: ("A MUN - BUR",)}
    table.judges[GERMANY] = ScriptedJudge(regrets={"A MUN - RUH": 0.001}, chances={"A PAR - BUR": 0.8})
    opening = table.opening(GERMANY, FRANCE)
    assert opening is not None
    (offer,) = [a for a in opening.acts if a.kind is ActKind.OFFER]
    assert offer.condition is not None
    assert (offer.condition.polarity, offer.condition.provinces) == (Polarity.NOT, ("BUR",))
    table.say(*opening.acts)
    # France has something as good to do, says yes, and is bound to stay out.
    table.judges[FRANCE] = ScriptedJudge(regrets={"A PAR - PIC": 0.002})
    answer = table.answer(FRANCE, GERMANY)
    assert ActKind.AGREE in kinds(answer)
    assert answer is not None
    assert [a.provinces for a in answer.acts if a.polarity is Polarity.NOT] == [("BUR",)], "it says what it will do"
    assert orders_of(answer, ActKind.PROMISE) == ["A PAR - PIC"], "and what instead, as its plan went there"
    table.say(*answer.acts)
    stays_out = table.ledgers[GERMANY].promises_by(FRANCE, to=GERMANY, status=Status.OPEN)
    assert any(p.provinces == ("BUR",) and p.polarity is Polarity.NOT for p in stays_out)


# --- questions and reminders -------------------------------------------------------------------------------------


def test_a_question_is_asked_where_the_answer_is_worth_something() -> None:
    for worth, asks in ((0.01, ["A RUH - BEL"]), (0.0, [])):
        table = after_spring()
        table.judges[FRANCE] = ScriptedJudge(chances={"A RUH - BEL": 0.5}, knowing={"A RUH - BEL": worth})
        found = option(table, FRANCE, GERMANY)
        plans = [] if found is None else found.alternatives
        assert orders_of(plans[0] if plans else None, ActKind.ASK) == asks


def test_help_agreed_a_while_ago_is_brought_to_mind_once() -> None:
    table = after_spring()
    table.judges[FRANCE] = ScriptedJudge(chances={"A RUH S A BUR - BEL": 0.5})
    table.say(act(ActKind.REQUEST_SUPPORT, FRANCE, GERMANY, "A RUH S A BUR - BEL", of=GERMANY))
    table.say(act(ActKind.AGREE, GERMANY, FRANCE))
    table.say(act(ActKind.THANK, FRANCE, GERMANY))
    assert option(table, FRANCE, GERMANY) is None, "not yet"
    table.elapsed = 0.8
    found = option(table, FRANCE, GERMANY)
    assert found is not None
    assert orders_of(found.best, ActKind.ASK) == ["A RUH S A BUR - BEL"]
    table.say(*found.best.acts)
    assert option(table, FRANCE, GERMANY) is None, "once"


def test_nothing_is_brought_to_mind_of_which_our_plan_has_no_need() -> None:
    table = after_spring()
    table.say(act(ActKind.REQUEST_SUPPORT, FRANCE, GERMANY, "A RUH S A BUR - BEL", of=GERMANY))
    table.say(act(ActKind.AGREE, GERMANY, FRANCE))
    table.say(act(ActKind.THANK, FRANCE, GERMANY))
    table.plans[FRANCE] = ("A BUR H",)
    table.elapsed = 0.9
    assert option(table, FRANCE, GERMANY) is None


# --- one mouth, one tale -----------------------------------------------------------------------------------------


def test_alliances_of_one_round_do_not_contradict_each_other() -> None:
    table = Table()
    table.say(act(ActKind.ALLY, RUSSIA, AUSTRIA, powers=(TURKEY,)))
    table.say(act(ActKind.ALLY, TURKEY, AUSTRIA, powers=(RUSSIA,)))
    plans = {p.recipient: p for p in table.plan(AUSTRIA)}
    yes = [p for p in (RUSSIA, TURKEY) if {ActKind.AGREE, ActKind.ALLY} & set(kinds(plans.get(p)))]
    assert len(yes) == 1


def test_who_joins_one_power_against_another_makes_no_peace_with_that_other() -> None:
    table = Table()
    table.say(act(ActKind.ALLY, RUSSIA, AUSTRIA, powers=(TURKEY,)))
    table.say(act(ActKind.AGREE, AUSTRIA, RUSSIA))
    table.say(act(ActKind.ALLY, TURKEY, AUSTRIA))
    assert not {ActKind.AGREE, ActKind.ALLY} & set(kinds(table.answer(AUSTRIA, TURKEY)))
    opening = Table()
    opening.say(act(ActKind.ALLY, RUSSIA, AUSTRIA, powers=(TURKEY,)))
    opening.say(act(ActKind.AGREE, AUSTRIA, RUSSIA))
    assert ActKind.ALLY not in kinds(opening.opening(AUSTRIA, TURKEY))


def test_nobody_is_helped_against_a_friend() -> None:
    for allied in (False, True):
        table = after_spring()
        if allied:
            table.say(act(ActKind.ALLY, ENGLAND, GERMANY))
            table.say(act(ActKind.AGREE, GERMANY, ENGLAND))
        table.judges[GERMANY] = ScriptedJudge(regrets={"F DEN - NTH": 0.0})
        table.say(act(ActKind.PROPOSE, FRANCE, GERMANY, "F DEN - NTH", of=GERMANY))  # an English fleet is there
        assert (ActKind.AGREE in kinds(table.answer(GERMANY, FRANCE))) is not allied


def test_a_no_among_several_answers_says_to_what() -> None:
    table = Table()
    table.say(
        act(ActKind.DEMILITARISE, RUSSIA, TURKEY, provinces="ARM"),
        act(ActKind.BOUNCE, RUSSIA, TURKEY, provinces="BLA"),
    )
    table.plans[TURKEY] = ("A SMY - ARM", "F ANK - BLA", "A CON - BUL")
    answer = table.answer(TURKEY, RUSSIA)
    assert answer is not None
    found = {a.kind: a for a in answer.acts}
    assert found[ActKind.REFUSE].provinces == ("ARM",)
    assert found[ActKind.BOUNCE].provinces == ("BLA",)
    table.say(*answer.acts)
    assert table.ledgers[RUSSIA].accepted(ActKind.BOUNCE, TURKEY)
    assert not table.ledgers[RUSSIA].accepted(ActKind.DEMILITARISE, TURKEY)
    assert table.answer(RUSSIA, TURKEY) is None, "a yes wants no yes"


def test_both_go_to_one_place_so_they_agree_to_bounce() -> None:
    table = Table()
    table.plans[ENGLAND] = ("F LON - ENG", "A LVP - YOR", "F EDI - NTH")
    table.plans[FRANCE] = ("F BRE - ENG", "A PAR - BUR", "A MAR - SPA")
    table.say(act(ActKind.SMALL_TALK, ENGLAND, FRANCE))
    table.say(act(ActKind.INFORM, FRANCE, ENGLAND, "F BRE - ENG"))
    answer = table.answer(ENGLAND, FRANCE)
    assert ActKind.BOUNCE in kinds(answer)


def test_what_guards_a_place_is_not_told_to_who_may_attack_it() -> None:
    for chance, tells in ((0.0, True), (0.6, False)):
        table = Table()
        table.plans[AUSTRIA] = ("A VIE - TRI", "F TRI - ALB", "A BUD - SER")
        table.judges[AUSTRIA] = ScriptedJudge(chances={"A VEN - TRI": chance})
        table.say(act(ActKind.ASK, ITALY, AUSTRIA))
        answer = table.answer(AUSTRIA, ITALY)
        assert ("A VIE - TRI" in orders_of(answer, ActKind.INFORM)) is tells


def test_an_attacker_learns_nothing_of_the_unit_it_asks_about() -> None:
    table = Table()
    table.judges[AUSTRIA] = ScriptedJudge(chances={"A VEN - TRI": 0.6})
    table.say(act(ActKind.ASK, ITALY, AUSTRIA, "F TRI - ALB", of=AUSTRIA))
    answer = table.answer(AUSTRIA, ITALY)
    assert kinds(answer)[0] is ActKind.SMALL_TALK
    assert ActKind.INFORM not in kinds(answer)


def test_a_plain_no_that_would_mislead_is_not_said() -> None:
    table = Table()
    table.play({FRANCE: ["A PAR - BUR", "A MAR - GAS"]})
    table.plans = {FRANCE: ("A GAS - PAR", "A BUR H")}
    question = act(ActKind.ASK, GERMANY, FRANCE, "A BUR - PAR", of=FRANCE)
    table.say(question)
    assert ActKind.INFORM not in kinds(table.answer(FRANCE, GERMANY))


def test_the_same_bounce_needs_no_words_next_turn() -> None:
    table = Table()
    table.judges[RUSSIA] = ScriptedJudge(chances={"A VIE - GAL": 0.9})
    table.say(act(ActKind.BOUNCE, RUSSIA, AUSTRIA, provinces="GAL"))
    table.say(act(ActKind.AGREE, AUSTRIA, RUSSIA))
    table.play({RUSSIA: ["A WAR - GAL"], AUSTRIA: ["A VIE - GAL"]})
    table.plans = {RUSSIA: ("A WAR - GAL",), AUSTRIA: ("A VIE - GAL",)}
    assert ActKind.BOUNCE not in kinds(table.opening(RUSSIA, AUSTRIA))


# --- first words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("power", POWERS)
def test_first_words_to_a_neighbour_greet_and_say_something_definite(power: Power) -> None:
    table = Table()
    chances = {o: 0.5 for orders in table.plans.values() for o in orders}
    table.judges[power] = ScriptedJudge(chances=chances)
    definite = {ActKind.ALLY, ActKind.DEMILITARISE, ActKind.BOUNCE, ActKind.PROPOSE, ActKind.WARN, ActKind.ASK}
    opened = [plan for plan in table.plan(power) if plan.answers is None]
    assert opened
    for plan in opened:
        assert kinds(plan)[0] is ActKind.SMALL_TALK
        if plan.recipient in (GERMANY, FRANCE) and power in (GERMANY, FRANCE):
            assert definite & set(kinds(plan))


def test_alliances_name_whom_the_speaker_fears_most_and_that_power_gets_none() -> None:
    table = Table()
    table.judges[AUSTRIA] = ScriptedJudge(chances={"A VEN - TRI": 0.7, "A WAR - GAL": 0.3})
    proposed = {p.recipient: p for p in table.plan(AUSTRIA)}
    (ally,) = [a for a in proposed[TURKEY].acts if a.kind is ActKind.ALLY]
    assert ally.powers == (ITALY,)
    assert ActKind.ALLY not in kinds(proposed.get(ITALY))


def test_to_a_far_power_a_greeting_and_a_question_about_who_lies_between() -> None:
    table = Table(SpeechConfig(timing=False))
    opening = table.opening(ENGLAND, ITALY)
    assert opening is not None
    assert kinds(opening) == [ActKind.SMALL_TALK, ActKind.ASK]
    assert opening.acts[1].powers == (FRANCE,)
