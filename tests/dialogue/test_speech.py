"""The speech planner: answers in kind, ideas worth hearing, and talks that end."""

from __future__ import annotations

import pytest

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.memory import Status
from dialogue.speech import Honesty, SpeechConfig, abstentions, commitments, considered, corrections, evidence
from engine.notation import parse_order
from engine.types import POWERS, PhaseKind, Power
from tests.dialogue.table import (
    AUSTRIA,
    ENGLAND,
    FRANCE,
    GERMANY,
    ITALY,
    OPENINGS,
    RUSSIA,
    TURKEY,
    ScriptedJudge,
    Table,
    act,
    kinds,
    orders_of,
)


@pytest.fixture
def table() -> Table:
    return Table()


# --- answers -------------------------------------------------------------------------------------------------


def ask_support(by: Power = FRANCE, to: Power = GERMANY, order: str = "A MUN S A PAR - BUR") -> SpeechAct:
    return act(ActKind.REQUEST_SUPPORT, by, to, order, of=to)


def test_a_cheap_request_is_granted_and_promised(table: Table) -> None:
    table.judges[GERMANY] = ScriptedJudge(regrets={"A MUN S A PAR - BUR": 0.003})
    table.say(ask_support())
    answer = table.answer(GERMANY, FRANCE)
    assert kinds(answer)[:2] == [ActKind.AGREE, ActKind.PROMISE]
    assert orders_of(answer, ActKind.PROMISE) == ["A MUN S A PAR - BUR"]
    assert answer is not None
    table.say(*answer.acts)
    due = commitments(table.ledgers[GERMANY], GERMANY, table.game.phase)
    assert [(str(c.order), c.promised_to) for c in due] == [("A MUN S A PAR - BUR", FRANCE)]
    assert due[0].price > 0


def test_a_costly_request_is_refused_with_the_truth_about_the_unit(table: Table) -> None:
    table.judges[GERMANY] = ScriptedJudge(regrets={"A MUN S A PAR - BUR": 0.05})
    table.say(ask_support())
    answer = table.answer(GERMANY, FRANCE)
    assert kinds(answer)[0] is ActKind.REFUSE
    assert orders_of(answer, ActKind.INFORM) == ["A MUN - RUH"]


def test_a_request_that_nobody_considered_is_refused(table: Table) -> None:
    table.say(ask_support())
    assert ActKind.REFUSE in kinds(table.answer(GERMANY, FRANCE))


def test_a_refusal_brings_a_counter_proposal_where_there_is_one(table: Table) -> None:
    table.wanted[GERMANY, FRANCE] = ("A PAR - GAS", "F BRE - ENG")
    table.judges[GERMANY] = ScriptedJudge(
        regrets={"A MUN S A PAR - BUR": 0.05}, gains={"F BRE - ENG": 0.02}, chances={"F BRE - ENG": 0.3}
    )
    table.plans[GERMANY] = ("A MUN - TYR",)
    table.say(ask_support())
    answer = table.answer(GERMANY, FRANCE)
    assert orders_of(answer, ActKind.COUNTER) == ["F BRE - ENG"]
    assert ActKind.REFUSE not in kinds(answer)


def test_an_illegal_request_is_refused(table: Table) -> None:
    table.say(ask_support(order="A BER S A PAR - BUR"))
    assert ActKind.REFUSE in kinds(table.answer(GERMANY, FRANCE))


def test_what_was_promised_to_another_is_not_promised_away(table: Table) -> None:
    table.judges[GERMANY] = ScriptedJudge(regrets={"A MUN S A PAR - BUR": 0.0, "A MUN - RUH": 0.0})
    table.say(act(ActKind.PROMISE, GERMANY, ENGLAND, "A MUN - RUH"))
    table.say(ask_support())
    assert ActKind.REFUSE in kinds(table.answer(GERMANY, FRANCE))


def test_one_unit_is_promised_once_in_a_round(table: Table) -> None:
    table.judges[GERMANY] = ScriptedJudge(regrets={"A MUN S A PAR - BUR": 0.001, "A MUN - TYR": 0.001})
    table.say(ask_support())
    table.say(act(ActKind.PROPOSE, AUSTRIA, GERMANY, "A MUN - TYR", of=GERMANY))
    plans = {p.recipient: p for p in table.plan(GERMANY)}
    assert ActKind.PROMISE in kinds(plans[AUSTRIA])
    assert ActKind.REFUSE in kinds(plans[FRANCE])


def test_a_yes_and_a_no_in_one_message_are_told_apart(table: Table) -> None:
    table.judges[GERMANY] = ScriptedJudge(regrets={"A MUN S A PAR - BUR": 0.05})
    table.say(act(ActKind.SMALL_TALK, FRANCE, GERMANY), act(ActKind.ALLY, FRANCE, GERMANY), ask_support())
    answer = table.answer(GERMANY, FRANCE)
    assert answer is not None
    assert {ActKind.ALLY, ActKind.REFUSE} <= set(kinds(answer))
    assert len(answer.acts) <= table.config.max_acts
    table.say(*answer.acts)
    asked = parse_order("A MUN S A PAR - BUR")
    promised = [p.order for p in table.ledgers[FRANCE].promises_by(GERMANY, status=Status.OPEN)]
    assert asked not in promised
    assert table.ledgers[FRANCE].accepted(ActKind.ALLY, GERMANY)


def test_a_good_return_pays_for_a_costly_request(table: Table) -> None:
    package = SpeechAct(
        ActKind.PROPOSE,
        FRANCE,
        GERMANY,
        (
            ActOrder(GERMANY, parse_order("A MUN S A PAR - BUR")),
            ActOrder(FRANCE, parse_order("F BRE - ENG")),
        ),
    )
    for gain, answer in ((0.0, ActKind.REFUSE), (0.05, ActKind.AGREE)):
        fresh = Table()
        fresh.judges[GERMANY] = ScriptedJudge(regrets={"A MUN S A PAR - BUR": 0.02}, gains={"F BRE - ENG": gain})
        fresh.say(package)
        assert answer in kinds(fresh.answer(GERMANY, FRANCE))


def test_a_zone_is_agreed_iff_the_plan_stays_out(table: Table) -> None:
    table.say(act(ActKind.DEMILITARISE, GERMANY, FRANCE, provinces="BUR"))
    assert kinds(table.answer(FRANCE, GERMANY))[0] is ActKind.REFUSE
    other = Table()
    other.say(act(ActKind.DEMILITARISE, FRANCE, GERMANY, provinces="BUR"))
    assert kinds(other.answer(GERMANY, FRANCE))[0] is ActKind.AGREE


def test_a_zone_is_agreed_if_staying_out_is_cheap(table: Table) -> None:
    table.plans[FRANCE] = ("A PAR - BUR", "A MAR - SPA", "F BRE - MAO")
    table.judges[FRANCE] = ScriptedJudge(regrets={"A PAR - PIC": 0.001, "A PAR - GAS": 0.004})
    table.say(act(ActKind.DEMILITARISE, GERMANY, FRANCE, provinces="BUR"))
    answer = table.answer(FRANCE, GERMANY)
    assert kinds(answer)[0] is ActKind.AGREE
    assert orders_of(answer, ActKind.PROMISE) == ["A PAR - PIC"]


def test_a_bounce_is_agreed_with_the_planned_move(table: Table) -> None:
    table.say(act(ActKind.BOUNCE, AUSTRIA, RUSSIA, provinces="GAL"))
    answer = table.answer(RUSSIA, AUSTRIA)
    assert kinds(answer)[0] is ActKind.AGREE
    assert orders_of(answer, ActKind.PROMISE) == ["A WAR - GAL"]
    table.say(act(ActKind.BOUNCE, GERMANY, FRANCE, provinces="PIC"))
    assert ActKind.AGREE not in kinds(table.answer(FRANCE, GERMANY))


def test_an_offer_of_support_for_a_planned_move_is_taken(table: Table) -> None:
    table.say(act(ActKind.OFFER, GERMANY, FRANCE, "A MUN S A PAR - BUR"))
    answer = table.answer(FRANCE, GERMANY)
    assert kinds(answer)[0] is ActKind.AGREE
    assert orders_of(answer, ActKind.PROMISE) == ["A PAR - BUR"]


def test_a_question_about_plans_gets_the_truth(table: Table) -> None:
    table.say(act(ActKind.ASK, GERMANY, FRANCE))
    told = orders_of(table.answer(FRANCE, GERMANY), ActKind.INFORM)
    assert told
    assert set(told) <= set(OPENINGS[FRANCE])


def test_a_question_about_an_order_not_planned_gets_the_truth(table: Table) -> None:
    table.say(act(ActKind.ASK, ENGLAND, FRANCE, "F BRE - ENG", of=FRANCE))
    assert orders_of(table.answer(FRANCE, ENGLAND), ActKind.INFORM) == ["F BRE - MAO"]


def test_own_plans_and_a_third_powers_are_told_apart(table: Table) -> None:
    table.judges[FRANCE].chances = {"A VEN - TYR": 0.8}
    table.say(act(ActKind.ASK, GERMANY, FRANCE), act(ActKind.ASK, GERMANY, FRANCE, powers=(ITALY,)))
    reply = table.answer(FRANCE, GERMANY)
    assert reply is not None
    told = [{item.power for item in a.orders} for a in reply.acts if a.kind is ActKind.INFORM]
    assert sorted(told, key=str) == [{FRANCE}, {ITALY}]


def stab_of_germany() -> Table:
    """France in Burgundy means to attack Munich."""
    table = Table()
    table.play()
    table.plans = {FRANCE: ("A BUR - MUN", "A MAR - SPA", "F MAO - POR"), GERMANY: ("A RUH H",)}
    return table


def test_a_proposal_put_off_is_not_passed_over(table: Table) -> None:
    table.say(act(ActKind.ALLY, FRANCE, ITALY, powers=(GERMANY,)))
    table.say(act(ActKind.ALLY, GERMANY, FRANCE, powers=(ENGLAND,)), act(ActKind.ASK, GERMANY, FRANCE))
    reply = table.answer(FRANCE, GERMANY)
    assert reply is not None
    assert [a.kind for a in reply.acts][:2] == [ActKind.INFORM, ActKind.SMALL_TALK]


def test_a_request_for_what_is_planned_is_granted_whatever_others_were_told(table: Table) -> None:
    table.say(act(ActKind.PROMISE, FRANCE, ENGLAND, "A PAR - PIC"))
    table.say(act(ActKind.PROPOSE, GERMANY, FRANCE, "A PAR - BUR", of=FRANCE))
    reply = table.answer(FRANCE, GERMANY)
    assert reply is not None
    assert reply.acts[0].kind is ActKind.AGREE


def test_a_question_about_a_third_power_gets_what_is_expected_of_it(table: Table) -> None:
    question = act(ActKind.ASK, GERMANY, FRANCE, powers=(ITALY,))
    table.say(question)
    evasion = table.answer(FRANCE, GERMANY)
    assert evasion is not None
    assert not any(a.orders for a in evasion.acts), "nothing is expected with any confidence"
    table.judges[FRANCE].chances = {"A VEN - TYR": 0.8, "F NAP - ION": 0.5}
    reply = table.answer(FRANCE, GERMANY)
    assert reply is not None
    assert reply.acts[0].kind is ActKind.INFORM
    assert [str(o.order) for o in reply.acts[0].orders] == ["A VEN - TYR"]
    table.say(act(ActKind.INFORM, ITALY, FRANCE, "A VEN - TYR"))
    confidence = table.answer(FRANCE, GERMANY)
    assert confidence is not None
    assert not any(a.orders for a in confidence.acts), "what Italy told in confidence"


def test_an_attack_is_not_told_and_not_lied_about() -> None:
    for question in (
        act(ActKind.ASK, GERMANY, FRANCE, "A BUR - MUN", of=FRANCE),
        act(ActKind.ASK, GERMANY, FRANCE, provinces="MUN"),
        act(ActKind.ASK, GERMANY, FRANCE),
    ):
        table = stab_of_germany()
        table.say(question)
        answer = table.answer(FRANCE, GERMANY)
        assert answer is not None
        assert "A BUR - MUN" not in [str(o.order) for a in answer.acts for o in a.orders]
        assert not any(a.kind in (ActKind.DENY, ActKind.PROMISE) for a in answer.acts)
        assert all(a.polarity is Polarity.DO for a in answer.acts)


def test_no_peace_is_offered_to_whom_we_attack() -> None:
    table = stab_of_germany()
    assert not {ActKind.ALLY, ActKind.DEMILITARISE} & set(kinds(table.opening(FRANCE, GERMANY)))
    table.say(act(ActKind.ALLY, GERMANY, FRANCE))
    assert ActKind.AGREE not in kinds(table.answer(FRANCE, GERMANY))


def test_no_alliance_with_whose_announced_move_we_stop(table: Table) -> None:
    table.plans[FRANCE] = ("A PAR - BUR", "A MAR - SPA", "F BRE - MAO")
    table.say(act(ActKind.INFORM, GERMANY, FRANCE, "A MUN - BUR"), act(ActKind.ALLY, GERMANY, FRANCE))
    assert not {ActKind.AGREE, ActKind.ALLY} & set(kinds(table.answer(FRANCE, GERMANY)))


def test_cheap_talk_says_yes_to_anything(table: Table) -> None:
    table.config = SpeechConfig(honesty=Honesty.CHEAP_TALK)
    table.judges[GERMANY] = ScriptedJudge(regrets={"A MUN S A PAR - BUR": 0.5})
    table.say(ask_support())
    assert ActKind.AGREE in kinds(table.answer(GERMANY, FRANCE))


def test_who_says_yes_to_a_zone_does_not_tell_of_a_move_into_it(table: Table) -> None:
    table.config = SpeechConfig(honesty=Honesty.CHEAP_TALK)
    table.plans[FRANCE] = ("A PAR - BUR",)
    table.say(act(ActKind.ASK, GERMANY, FRANCE), act(ActKind.DEMILITARISE, GERMANY, FRANCE, provinces="BUR"))
    reply = table.answer(FRANCE, GERMANY)
    assert reply is not None
    assert ActKind.AGREE in kinds(reply)
    assert orders_of(reply, ActKind.INFORM) == []


def test_warnings_and_apologies_are_thanked_for_once(table: Table) -> None:
    table.plans[FRANCE] = ()
    table.say(act(ActKind.WARN, GERMANY, FRANCE, "F LON - ENG", of=ENGLAND))
    answer = table.answer(FRANCE, GERMANY)
    assert ActKind.THANK in kinds(answer)
    table.say(act(ActKind.THANK, FRANCE, GERMANY))
    table.say(act(ActKind.WARN, GERMANY, FRANCE, "A ROM - TUS", of=ITALY))
    assert table.answer(FRANCE, GERMANY) is None


def test_closing_words_get_no_answer(table: Table) -> None:
    table.say(act(ActKind.SMALL_TALK, FRANCE, GERMANY))
    for closing in (ActKind.THANK, ActKind.AGREE, ActKind.REFUSE):
        table.say(act(closing, GERMANY, FRANCE))
        assert table.answer(FRANCE, GERMANY) is None


def test_a_granted_request_is_thanked_for_and_then_silence(table: Table) -> None:
    table.say(ask_support())
    table.say(act(ActKind.AGREE, GERMANY, FRANCE))
    answer = table.answer(FRANCE, GERMANY)
    assert kinds(answer) == [ActKind.THANK]
    assert answer is not None
    table.say(*answer.acts)
    assert table.plan(GERMANY) == [p for p in table.plan(GERMANY) if p.recipient is not FRANCE]


def test_a_false_claim_about_our_past_is_denied_and_a_true_reproach_owned(table: Table) -> None:
    table.say(act(ActKind.PROMISE, FRANCE, GERMANY, "A PAR - PIC"))
    table.play()
    table.plans = {}
    claim = act(ActKind.CLAIM_PAST, GERMANY, FRANCE, "A PAR - PIC", of=FRANCE, polarity=Polarity.NOT)
    table.say(claim)
    assert ActKind.APOLOGISE in kinds(table.answer(FRANCE, GERMANY))
    table.say(act(ActKind.CLAIM_PAST, ITALY, FRANCE, "A MAR - PIE", of=FRANCE))
    assert ActKind.DENY in kinds(table.answer(FRANCE, ITALY))


def test_news_of_a_harmful_move_brings_an_objection(table: Table) -> None:
    table.judges[GERMANY] = ScriptedJudge(gains={"A PAR - BUR": -0.02})
    table.say(act(ActKind.INFORM, FRANCE, GERMANY, "A PAR - BUR"))
    answer = table.answer(GERMANY, FRANCE)
    assert answer is not None
    objection = next(a for a in answer.acts if a.kind is ActKind.PROPOSE)
    assert objection.polarity is Polarity.NOT
    assert str(objection.orders[0].order) == "A PAR - BUR"


def test_what_is_asked_in_winter_is_not_promised(table: Table) -> None:
    table.play()
    table.play({})
    assert table.game.phase.kind is PhaseKind.ADJUSTMENTS
    table.say(ask_support(order="A RUH S A BUR - BEL"))
    assert not {ActKind.AGREE, ActKind.PROMISE, ActKind.REFUSE} & set(kinds(table.answer(GERMANY, FRANCE)))
    assert table.opening(GERMANY, ITALY) is None


# --- initiatives -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("power", "other", "zone"),
    [
        (ENGLAND, FRANCE, "ENG"),
        (GERMANY, FRANCE, "BUR"),
        (ITALY, AUSTRIA, "TYR"),
        (FRANCE, ITALY, "PIE"),
    ],
)
def test_first_words_greet_and_propose_peace_at_the_border(power: Power, other: Power, zone: str) -> None:
    table = Table()
    table.plans[FRANCE] = ("A PAR - PIC", "A MAR - SPA", "F BRE - MAO")
    opening = table.opening(power, other)
    assert kinds(opening) == [ActKind.SMALL_TALK, ActKind.ALLY, ActKind.DEMILITARISE]
    assert opening is not None
    assert opening.acts[2].provinces == (zone,)


def test_rivals_for_an_open_province_talk_of_a_bounce(table: Table) -> None:
    table.judges[RUSSIA] = ScriptedJudge(chances={"F ANK - BLA": 0.8})
    opening = table.opening(RUSSIA, TURKEY)
    assert ActKind.BOUNCE in kinds(opening)


def after_spring() -> Table:
    table = Table()
    table.play()
    table.plans = {
        FRANCE: ("A BUR - BEL", "A MAR - SPA", "F MAO - POR"),
        GERMANY: ("A RUH S A BUR - BEL", "F DEN - SWE"),
    }
    return table


def test_support_is_asked_for_where_it_pays() -> None:
    for gain, asks in ((0.02, True), (0.0, False)):
        table = after_spring()
        table.judges[FRANCE] = ScriptedJudge(gains={"A RUH S A BUR - BEL": gain}, chances={"A RUH S A BUR - BEL": 0.1})
        opening = table.opening(FRANCE, GERMANY)
        assert (orders_of(opening, ActKind.REQUEST_SUPPORT) == ["A RUH S A BUR - BEL"]) is asks


def test_with_settled_intents_nothing_beyond_them_is_asked_for() -> None:
    for held in (False, True):
        table = after_spring()
        table.held = held
        table.wanted[FRANCE, GERMANY] = ("A RUH H",)
        table.judges[FRANCE] = ScriptedJudge(gains={"A RUH S A BUR - BEL": 0.02}, chances={"A RUH S A BUR - BEL": 0.1})
        opening = table.opening(FRANCE, GERMANY)
        assert orders_of(opening, ActKind.REQUEST_SUPPORT) == ([] if held else ["A RUH S A BUR - BEL"])


def test_planned_support_is_offered() -> None:
    table = after_spring()
    assert orders_of(table.opening(GERMANY, FRANCE), ActKind.OFFER) == ["A RUH S A BUR - BEL"]


def test_what_was_refused_is_not_asked_again() -> None:
    table = after_spring()
    table.judges[FRANCE] = ScriptedJudge(gains={"A RUH S A BUR - BEL": 0.02}, chances={"A RUH S A BUR - BEL": 0.1})
    table.say(ask_support(order="A RUH S A BUR - BEL"))
    table.say(act(ActKind.REFUSE, GERMANY, FRANCE), act(ActKind.ASK, GERMANY, FRANCE))
    answer = table.answer(FRANCE, GERMANY)
    assert answer is not None
    assert ActKind.REQUEST_SUPPORT not in kinds(answer)


def test_good_moves_are_proposed_and_joint_attacks_named() -> None:
    table = after_spring()
    table.plans[FRANCE] = ("A BUR - BEL", "A MAR - SPA", "F MAO - ENG")
    table.wanted[FRANCE, GERMANY] = ("F DEN - NTH",)
    table.judges[FRANCE] = ScriptedJudge(gains={"F DEN - NTH": 0.03}, chances={"F DEN - NTH": 0.2})
    assert orders_of(table.opening(FRANCE, GERMANY), ActKind.PROPOSE) == ["F DEN - NTH"]


def test_a_friend_is_warned_of_an_expected_attack() -> None:
    table = Table()
    table.say(act(ActKind.ALLY, FRANCE, GERMANY))
    table.say(act(ActKind.AGREE, GERMANY, FRANCE))
    table.play()
    table.plans = {}
    table.judges[FRANCE] = ScriptedJudge(chances={"F NTH - DEN": 0.8})
    opening = table.opening(FRANCE, GERMANY)
    assert opening is not None
    warning = next(a for a in opening.acts if a.kind is ActKind.WARN)
    assert warning.powers == (ENGLAND,)
    assert str(warning.orders[0].order) == "F NTH - DEN"


def test_a_broken_word_is_apologised_for_once_and_theirs_complained_of() -> None:
    table = Table()
    table.say(act(ActKind.PROMISE, FRANCE, GERMANY, "A PAR - PIC"))
    table.play()
    table.plans = {}
    opening = table.opening(FRANCE, GERMANY)
    assert kinds(opening)[0] is ActKind.APOLOGISE
    complaint = table.opening(GERMANY, FRANCE)
    assert complaint is not None
    claim = next(a for a in complaint.acts if a.kind is ActKind.CLAIM_PAST)
    assert not claim.orders, "the army has left Paris, so nobody could tell which one is meant"
    assert opening is not None
    table.say(*opening.acts)
    assert ActKind.APOLOGISE not in kinds(table.answer(FRANCE, GERMANY))


def test_budgets_hold(table: Table) -> None:
    table.config = SpeechConfig(max_first_initiatives=2, max_messages=1)
    assert len(table.plan(FRANCE)) == 2
    table.say(act(ActKind.SMALL_TALK, FRANCE, GERMANY))
    table.say(act(ActKind.ASK, GERMANY, FRANCE))
    assert table.answer(FRANCE, GERMANY) is None


def test_nobody_is_written_to_twice_without_a_reply(table: Table) -> None:
    for plan in table.plan(FRANCE):
        table.say(*plan.acts)
    assert table.plan(FRANCE) == []


# --- talks -----------------------------------------------------------------------------------------------------


def test_seven_planners_fall_silent_and_every_request_gets_an_answer(table: Table) -> None:
    for power in POWERS:
        chances = {o: 0.5 for orders in OPENINGS.values() for o in orders}
        table.judges[power] = ScriptedJudge(chances=chances)
    assert table.talk(POWERS) < 8
    assert table.transcript
    for power in POWERS:
        for other in POWERS:
            assert not table.ledgers[power].open_requests_from(other), (power, other)
            sent = [p for p in table.transcript if p.sender is power and p.recipient is other]
            assert len(sent) <= table.config.max_messages
    thanks = [(p.sender, p.recipient) for p in table.transcript if ActKind.THANK in kinds(p)]
    assert len(thanks) == len(set(thanks))


def test_two_planners_agree_on_a_support() -> None:
    table = after_spring()
    table.plans[GERMANY] = ("A RUH - HOL", "F DEN - SWE", "A KIE - BER")
    table.judges[FRANCE] = ScriptedJudge(gains={"A RUH S A BUR - BEL": 0.02}, chances={"A RUH S A BUR - BEL": 0.1})
    table.judges[GERMANY] = ScriptedJudge(regrets={"A RUH S A BUR - BEL": 0.004})
    table.wanted[FRANCE, GERMANY] = ("A RUH S A BUR - BEL",)
    assert table.talk((FRANCE, GERMANY)) < 6
    promised = commitments(table.ledgers[GERMANY], GERMANY, table.game.phase)
    assert "A RUH S A BUR - BEL" in [str(c.order) for c in promised]
    expected = {str(e.order): e.credence for e in evidence(table.ledgers[FRANCE], table.game.view(FRANCE))}
    assert expected["A RUH S A BUR - BEL"] > 0.5


def test_planning_is_deterministic(table: Table) -> None:
    assert [table.plan(p) for p in POWERS] == [table.plan(p) for p in POWERS]


# --- what talk means for the search ------------------------------------------------------------------------------


def test_evidence_from_words(table: Table) -> None:
    view = table.game.view(FRANCE)
    table.say(act(ActKind.INFORM, GERMANY, FRANCE, "A MUN - RUH"))
    table.say(act(ActKind.PROMISE, ENGLAND, FRANCE, "F LON - ENG", polarity=Polarity.NOT))
    table.say(ask_support(to=ITALY, order="A VEN - PIE"))
    table.say(act(ActKind.REFUSE, ITALY, FRANCE))
    table.say(act(ActKind.PROMISE, FRANCE, ENGLAND, "F BRE - MAO"))
    found = {(e.power, str(e.order)): e.credence for e in evidence(table.ledgers[FRANCE], view)}
    assert found[GERMANY, "A MUN - RUH"] > 0.4
    assert found[ENGLAND, "F LON - ENG"] < -0.4
    assert found[ITALY, "A VEN - PIE"] < 0
    assert not any(power is FRANCE for power, _ in found)


def test_evidence_from_an_agreed_zone_is_against_every_way_in(table: Table) -> None:
    table.say(act(ActKind.DEMILITARISE, FRANCE, GERMANY, provinces="BUR"))
    table.say(act(ActKind.AGREE, GERMANY, FRANCE))
    found = {str(e.order): e.credence for e in evidence(table.ledgers[FRANCE], table.game.view(FRANCE))}
    assert found["A MUN - BUR"] < -0.1
    banned = abstentions(table.ledgers[GERMANY], GERMANY, table.game.view(GERMANY))
    assert [str(c.order) for c in banned] == ["A MUN - BUR"]


def test_broken_words_weigh_less(table: Table) -> None:
    word = act(ActKind.PROMISE, GERMANY, FRANCE, "A MUN - TYR")
    table.say(word)
    before = max(e.credence for e in evidence(table.ledgers[FRANCE], table.game.view(FRANCE)))
    table.play()
    table.say(act(ActKind.PROMISE, GERMANY, FRANCE, "A RUH - BEL"))
    after = max(e.credence for e in evidence(table.ledgers[FRANCE], table.game.view(FRANCE)))
    assert after < before


def test_orders_spoken_of_are_considered(table: Table) -> None:
    table.say(ask_support())
    table.say(ask_support(order="A MUN S A MAR - VIE"))
    found = considered(table.ledgers[GERMANY], table.game.view(GERMANY))
    assert [(p, str(o)) for p, o in found] == [(GERMANY, "A MUN S A PAR - BUR"), (FRANCE, "A PAR - BUR")]


def test_a_changed_plan_is_confessed(table: Table) -> None:
    table.say(act(ActKind.PROMISE, FRANCE, GERMANY, "A PAR - PIC"))
    view, ledger = table.game.view(FRANCE), table.ledgers[FRANCE]
    keeping = tuple(map(parse_order, ("A PAR - PIC", "A MAR - SPA")))
    assert corrections(ledger, keeping, view) == []
    (plan,) = corrections(ledger, tuple(map(parse_order, OPENINGS[FRANCE])), view)
    assert plan.recipient is GERMANY
    assert kinds(plan) == [ActKind.APOLOGISE, ActKind.INFORM, ActKind.INFORM]
    table.say(*plan.acts)
    assert corrections(ledger, tuple(map(parse_order, OPENINGS[FRANCE])), view) == []


def test_a_bounce_that_is_off_is_called_off_once(table: Table) -> None:
    table.say(act(ActKind.BOUNCE, GERMANY, FRANCE, provinces="BUR"))
    table.say(act(ActKind.AGREE, FRANCE, GERMANY))
    view, ledger, action = table.game.view(FRANCE), table.ledgers[FRANCE], (parse_order("A PAR H"),)
    (plan,) = corrections(ledger, action, view)
    assert (plan.acts[1].polarity, plan.acts[1].provinces) == (Polarity.NOT, ("BUR",))
    table.say(*plan.acts)
    assert corrections(ledger, action, view) == []


def test_a_correction_gives_no_attack_away() -> None:
    table = stab_of_germany()
    table.say(act(ActKind.PROMISE, FRANCE, GERMANY, "A BUR - BEL"))
    (plan,) = corrections(table.ledgers[FRANCE], (parse_order("A BUR - MUN"),), table.game.view(FRANCE))
    assert "A BUR - MUN" not in [str(o.order) for a in plan.acts for o in a.orders]
