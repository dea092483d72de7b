"""The ledger: acts become promises, requests and claims; orders settle them."""

from __future__ import annotations

import pytest

from dialogue.acts import ActKind, Polarity
from dialogue.memory import Ledger, RequestStatus, Status, due_phase, same_content
from engine.notation import parse_order
from engine.types import Phase, Power
from tests.dialogue.table import ENGLAND, FRANCE, GERMANY, Talk, act


def statuses(talk: Talk, power: Power) -> list[Status]:
    return [p.status for p in talk.ledger.promises_by(power)]


@pytest.mark.parametrize("kind", [ActKind.PROMISE, ActKind.INFORM])
@pytest.mark.parametrize(
    ("played", "status"), [("A MUN - RUH", Status.KEPT), ("A MUN - BUR", Status.BROKEN), ("A MUN H", Status.BROKEN)]
)
def test_an_announced_order_is_kept_or_broken(kind: ActKind, played: str, status: Status) -> None:
    talk = Talk()
    talk.say("I'm going to Ruhr", act(kind, GERMANY, FRANCE, (GERMANY, "A MUN - RUH")))
    settled = talk.play(germany=[played])
    assert statuses(talk, GERMANY) == [status]
    assert settled[0].quote == "I'm going to Ruhr"
    assert settled[0].source is kind


def test_a_promise_not_to_go_is_broken_by_going() -> None:
    for played, status in (("A MUN - BUR", Status.BROKEN), ("A MUN - RUH", Status.KEPT)):
        talk = Talk()
        talk.say("no Bur", act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "A MUN - BUR"), polarity=Polarity.NOT))
        talk.play(germany=[played])
        assert statuses(talk, GERMANY) == [status]


def test_a_promised_hold_may_support_from_the_spot() -> None:
    talk = Talk()
    talk.say("Munich holds", act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "A MUN H")))
    talk.play(germany=["A MUN S A BER"])
    assert statuses(talk, GERMANY) == [Status.KEPT]


def test_an_impossible_order_is_void() -> None:
    talk = Talk()
    talk.say("Ruhr moves", act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "A RUH - BEL")))
    talk.play()
    assert statuses(talk, GERMANY) == [Status.VOID]


def test_agreement_takes_over_the_orders_asked() -> None:
    talk = Talk()
    support = (GERMANY, "A MUN S A PAR - BUR")
    asked = talk.say("support me?", act(ActKind.REQUEST_SUPPORT, FRANCE, GERMANY, support))
    assert [r.message for r in talk.ledger.open_requests_to(GERMANY)] == [asked]
    talk.say("sure", act(ActKind.AGREE, GERMANY, FRANCE))
    promise = talk.ledger.promises_by(GERMANY)[0]
    assert (promise.source, str(promise.order), promise.to) == (ActKind.AGREE, support[1], FRANCE)
    assert talk.ledger.requests[0].status is RequestStatus.ACCEPTED
    talk.play(germany=[support[1]])
    assert statuses(talk, GERMANY) == [Status.KEPT]


def test_agreement_to_a_package_binds_both() -> None:
    talk = Talk()
    talk.say("swap?", act(ActKind.PROPOSE, GERMANY, FRANCE, (GERMANY, "A MUN - RUH"), (FRANCE, "A PAR - PIC")))
    talk.say("ok", act(ActKind.AGREE, FRANCE, GERMANY))
    talk.play(germany=["A MUN - RUH"], france=["A PAR - BUR"])
    assert statuses(talk, GERMANY) == [Status.KEPT]
    assert statuses(talk, FRANCE) == [Status.BROKEN]


def test_a_refused_request_promises_nothing_and_is_remembered() -> None:
    talk = Talk()
    ask = act(ActKind.REQUEST_SUPPORT, FRANCE, GERMANY, (GERMANY, "A MUN S A PAR - BUR"))
    talk.say("support me?", ask)
    talk.say("no", act(ActKind.REFUSE, GERMANY, FRANCE))
    assert talk.ledger.refused(GERMANY, ask, talk.game.phase)
    assert not talk.ledger.promises
    assert not talk.ledger.open_requests_to(GERMANY)


def test_an_offer_binds_once_it_is_accepted() -> None:
    order = (GERMANY, "A MUN S A PAR - BUR")
    for accept, status in ((None, Status.VOID), (ActKind.AGREE, Status.BROKEN), (ActKind.THANK, Status.BROKEN)):
        talk = Talk()
        talk.say("I can support you", act(ActKind.OFFER, GERMANY, FRANCE, order))
        assert statuses(talk, GERMANY) == [Status.OFFERED]
        if accept is not None:
            talk.say("please do", act(accept, FRANCE, GERMANY))
        talk.play()
        assert statuses(talk, GERMANY) == [status]


def test_an_offer_on_a_condition_is_void_when_the_condition_fails() -> None:
    for played, status in (("A PAR - PIC", Status.BROKEN), ("A PAR - BUR", Status.VOID)):
        talk = Talk()
        condition = act(ActKind.PROPOSE, FRANCE, GERMANY, (FRANCE, "A PAR - PIC"))
        offer = act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "A MUN - RUH"), condition=condition)
        talk.say("if you go to Pic I go to Ruhr", offer)
        talk.play(france=[played])
        assert statuses(talk, GERMANY) == [status]


def test_an_agreed_zone_binds_both() -> None:
    talk = Talk()
    talk.say("DMZ Burgundy?", act(ActKind.DEMILITARISE, GERMANY, FRANCE, provinces="BUR"))
    talk.say("agreed", act(ActKind.AGREE, FRANCE, GERMANY))
    talk.play(germany=["A MUN - BUR"])
    assert statuses(talk, GERMANY) == [Status.BROKEN]
    assert statuses(talk, FRANCE) == [Status.KEPT]


def test_an_agreed_bounce_wants_both_to_move() -> None:
    talk = Talk()
    talk.say("bounce in Bur?", act(ActKind.BOUNCE, GERMANY, FRANCE, provinces="BUR"))
    talk.say("agreed", act(ActKind.AGREE, FRANCE, GERMANY))
    talk.play(germany=["A MUN - BUR"], france=["A PAR H"])
    assert statuses(talk, GERMANY) == [Status.KEPT]
    assert statuses(talk, FRANCE) == [Status.BROKEN]


def test_taking_back_in_time_is_no_broken_promise() -> None:
    talk = Talk()
    talk.say("Mun holds", act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "A MUN H")))
    talk.say("sorry, it goes to Ruhr", act(ActKind.INFORM, GERMANY, FRANCE, (GERMANY, "A MUN - RUH")))
    talk.play(germany=["A MUN - RUH"])
    assert statuses(talk, GERMANY) == [Status.WITHDRAWN, Status.KEPT]


def test_a_yes_answers_the_message_it_names() -> None:
    talk = Talk()
    first = talk.say("A?", act(ActKind.PROPOSE, GERMANY, FRANCE, (FRANCE, "A PAR - PIC")))
    talk.say("B?", act(ActKind.PROPOSE, GERMANY, FRANCE, (FRANCE, "A MAR - SPA")))
    talk.say("A is fine", act(ActKind.AGREE, FRANCE, GERMANY, answers=first))
    assert [str(p.order) for p in talk.ledger.promises_by(FRANCE)] == ["A PAR - PIC"]
    assert [r.quote for r in talk.ledger.open_requests_from(GERMANY)] == ["B?"]


def test_a_yes_with_a_named_no_promises_only_the_rest() -> None:
    talk = Talk()
    talk.say(
        "allies? and go to Bur",
        act(ActKind.ALLY, GERMANY, FRANCE),
        act(ActKind.PROPOSE, GERMANY, FRANCE, (FRANCE, "A PAR - BUR")),
    )
    talk.say(
        "yes, but not Bur",
        act(ActKind.AGREE, FRANCE, GERMANY),
        act(ActKind.REFUSE, FRANCE, GERMANY, (FRANCE, "A PAR - BUR")),
    )
    assert [r.status for r in talk.ledger.requests] == [RequestStatus.ACCEPTED, RequestStatus.REFUSED]
    assert not talk.ledger.promises


def test_claims_about_third_powers_are_checked() -> None:
    talk = Talk()
    talk.say("careful", act(ActKind.WARN, GERMANY, FRANCE, (ENGLAND, "F LON - ENG")))
    talk.play(england=["F LON - NTH"])
    assert [c.status for c in talk.ledger.claims] == [Status.BROKEN]
    assert not talk.ledger.promises


def test_questions_answered_and_lapsed() -> None:
    talk = Talk()
    talk.say("plans?", act(ActKind.ASK, GERMANY, FRANCE))
    talk.say("DMZ Bur?", act(ActKind.DEMILITARISE, GERMANY, FRANCE, provinces="BUR"))
    talk.say("I go to Pic", act(ActKind.INFORM, FRANCE, GERMANY, (FRANCE, "A PAR - PIC")))
    assert [r.status for r in talk.ledger.requests] == [RequestStatus.ANSWERED, RequestStatus.OPEN]
    talk.play()
    assert [r.status for r in talk.ledger.requests] == [RequestStatus.ANSWERED, RequestStatus.LAPSED]


def test_trust_falls_with_broken_and_rises_with_kept_words() -> None:
    trusts = []
    for played in ("A MUN - BUR", "A MUN - RUH"):
        talk = Talk()
        before = talk.ledger.trust(GERMANY)
        talk.say("I'm going to Ruhr", act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "A MUN - RUH")))
        talk.play(germany=[played])
        trusts.append((before, talk.ledger.trust(GERMANY)))
    (before, broken), (_, kept) = trusts
    assert 0 < broken < before < kept < 1


def test_promises_to_others_do_not_count_for_trust_in_us() -> None:
    talk = Talk(FRANCE)
    message = talk.game.say(GERMANY, None, "to all: I'm going to Ruhr")
    public = act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "A MUN - RUH"))
    talk.ledger.record(message, [public])
    assert talk.ledger.promises_to(ENGLAND)
    assert talk.ledger.promises_to(FRANCE)


def test_what_was_said_is_on_record() -> None:
    talk = Talk()
    inform = act(ActKind.INFORM, FRANCE, GERMANY, (FRANCE, "A PAR - PIC"))
    talk.say("I go to  Picardy", inform)
    ledger = talk.ledger
    assert ledger.said(FRANCE, text="go to picardy")
    assert ledger.said(FRANCE, act=inform, to=GERMANY, phase=talk.game.phase)
    assert ledger.said(FRANCE, order=parse_order("A PAR - PIC"))
    assert not ledger.said(FRANCE, order=parse_order("A PAR - BUR"))
    assert not ledger.said(GERMANY, act=inform)
    assert not ledger.said(FRANCE, act=inform, to=ENGLAND)


def test_talks_are_by_pair_and_phase() -> None:
    talk = Talk()
    talk.say("hi G", act(ActKind.SMALL_TALK, FRANCE, GERMANY))
    talk.say("hi E", act(ActKind.SMALL_TALK, FRANCE, ENGLAND))
    first = talk.game.phase
    talk.play()
    talk.say("again", act(ActKind.SMALL_TALK, GERMANY, FRANCE))
    assert [e.message.text for e in talk.ledger.messages_this_phase(GERMANY, first)] == ["hi G"]
    assert [e.message.text for e in talk.ledger.last_messages(GERMANY, 5)] == ["hi G", "again"]
    assert not talk.ledger.last_messages(GERMANY, 0)


def test_recording_twice_changes_nothing() -> None:
    talk = Talk()
    promise = act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "A MUN - RUH"))
    message = talk.game.say(GERMANY, FRANCE, "Ruhr")
    talk.ledger.record(message, [promise])
    once = talk.ledger.to_json()
    talk.ledger.record(message, [promise])
    assert talk.ledger.to_json() == once


def test_words_in_winter_are_about_spring() -> None:
    move = act(ActKind.INFORM, GERMANY, FRANCE, (GERMANY, "A MUN - RUH"))
    build = act(ActKind.INFORM, GERMANY, FRANCE, (GERMANY, "F KIE B"))
    winter = Phase.parse("W1901A")
    assert str(due_phase(move, winter)) == "S1902M"
    assert due_phase(build, winter) == winter


def test_json_round_trip() -> None:
    talk = Talk()
    condition = act(ActKind.DEMILITARISE, GERMANY, FRANCE, provinces="BUR")
    talk.say("offer", act(ActKind.OFFER, GERMANY, FRANCE, (GERMANY, "A MUN S A PAR - PIC"), condition=condition))
    talk.say("ok", act(ActKind.AGREE, FRANCE, GERMANY, answers=0))
    talk.say("careful", act(ActKind.WARN, GERMANY, FRANCE, (ENGLAND, "F LON - ENG")))
    talk.play()
    data = talk.ledger.to_json()
    assert Ledger.from_json(data) == talk.ledger
    assert Ledger.from_json(data).to_json() == data


def test_same_content_ignores_order_of_orders() -> None:
    first = act(ActKind.INFORM, FRANCE, GERMANY, (FRANCE, "A PAR - PIC"), (FRANCE, "A MAR - SPA"))
    second = act(ActKind.INFORM, FRANCE, GERMANY, (FRANCE, "A MAR - SPA"), (FRANCE, "A PAR - PIC"))
    assert same_content(first, second)
    assert not same_content(first, act(ActKind.INFORM, FRANCE, GERMANY, (FRANCE, "A PAR - PIC")))


def test_proposing_the_same_is_a_yes_that_wants_no_yes() -> None:
    for kind in (ActKind.DEMILITARISE, ActKind.BOUNCE, ActKind.ALLY):
        talk = Talk()
        places = "" if kind is ActKind.ALLY else "BUR"
        talk.say("Shall we?", act(kind, GERMANY, FRANCE, provinces=places))
        talk.say("Let's.", act(kind, FRANCE, GERMANY, provinces=places))
        assert [r.status for r in talk.ledger.requests] == [RequestStatus.ACCEPTED] * 2
        if places:
            assert statuses(talk, GERMANY) == statuses(talk, FRANCE) == [Status.OPEN]
        other = Talk()
        other.say("Shall we?", act(ActKind.DEMILITARISE, GERMANY, FRANCE, provinces="BUR"))
        other.say("Here?", act(ActKind.DEMILITARISE, FRANCE, GERMANY, provinces="PIC"))
        assert RequestStatus.ACCEPTED not in [r.status for r in other.ledger.requests]


@pytest.mark.parametrize("spelt_out", [False, True])
def test_a_yes_beside_a_question_grants_the_proposal_alone(spelt_out: bool) -> None:
    talk = Talk()
    talk.say(
        "Help me? And are you going to Ruhr?",
        act(ActKind.REQUEST_SUPPORT, FRANCE, GERMANY, (GERMANY, "F KIE H")),
        act(ActKind.ASK, FRANCE, GERMANY, (GERMANY, "A MUN - RUH")),
    )
    talk.say(
        "Yes. Not to Ruhr.",
        act(ActKind.AGREE, GERMANY, FRANCE),
        *((act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "F KIE H")),) if spelt_out else ()),
        act(ActKind.INFORM, GERMANY, FRANCE, (GERMANY, "A MUN - RUH"), polarity=Polarity.NOT),
    )
    promised = {(str(p.order), p.polarity) for p in talk.ledger.promises_by(GERMANY, status=Status.OPEN)}
    assert promised == {("F KIE H", Polarity.DO), ("A MUN - RUH", Polarity.NOT)}


def test_an_offer_taken_up_binds_the_other_to_stay_out() -> None:
    out = act(ActKind.INFORM, FRANCE, GERMANY, provinces="BUR", polarity=Polarity.NOT)
    for played, status in (("A MUN - BUR", Status.BROKEN), ("A MUN - RUH", Status.KEPT)):
        talk = Talk()
        talk.say("If you stay out.", act(ActKind.OFFER, FRANCE, GERMANY, (FRANCE, "A PAR - PIC"), condition=out))
        talk.say("Deal.", act(ActKind.AGREE, GERMANY, FRANCE))
        talk.play(germany=[played], france=["A PAR - PIC"])
        assert statuses(talk, GERMANY) == [status]
