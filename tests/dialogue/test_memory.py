"""The ledger: acts become promises, requests and claims; orders settle them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.memory import Ledger, Promise, RequestStatus, Status, due_phase, same_content
from engine.game import Game
from engine.notation import parse_order
from engine.types import Phase, Power, Province

FRANCE, GERMANY, ENGLAND = Power.FRANCE, Power.GERMANY, Power.ENGLAND


class Table:
    """A game whose messages go, with their acts, into the ledger of one power."""

    def __init__(self, power: Power = FRANCE) -> None:
        self.game = Game()
        self.ledger = Ledger(power)

    def say(self, text: str, *acts: SpeechAct) -> int:
        message = self.game.say(acts[0].speaker, acts[0].addressee, text)
        self.ledger.record(message, acts)
        return message.sequence

    def play(self, **orders: Iterable[str]) -> tuple[Promise, ...]:
        for power, texts in orders.items():
            self.game.set_orders(Power.parse(power), [parse_order(t) for t in texts])
        return self.ledger.settle(self.game.process())


def act(
    kind: ActKind,
    speaker: Power,
    addressee: Power,
    *orders: tuple[Power, str],
    provinces: str = "",
    polarity: Polarity = Polarity.DO,
    answers: int | None = None,
    condition: SpeechAct | None = None,
) -> SpeechAct:
    return SpeechAct(
        kind,
        speaker,
        addressee,
        tuple(ActOrder(power, parse_order(text)) for power, text in orders),
        tuple(Province(p) for p in provinces.split()),
        polarity=polarity,
        answers=answers,
        condition=condition,
    )


def statuses(table: Table, power: Power) -> list[Status]:
    return [p.status for p in table.ledger.promises_by(power)]


@pytest.mark.parametrize("kind", [ActKind.PROMISE, ActKind.INFORM])
@pytest.mark.parametrize(
    ("played", "status"), [("A MUN - RUH", Status.KEPT), ("A MUN - BUR", Status.BROKEN), ("A MUN H", Status.BROKEN)]
)
def test_an_announced_order_is_kept_or_broken(kind: ActKind, played: str, status: Status) -> None:
    table = Table()
    table.say("I'm going to Ruhr", act(kind, GERMANY, FRANCE, (GERMANY, "A MUN - RUH")))
    settled = table.play(germany=[played])
    assert statuses(table, GERMANY) == [status]
    assert settled[0].quote == "I'm going to Ruhr"
    assert settled[0].source is kind


def test_a_promise_not_to_go_is_broken_by_going() -> None:
    for played, status in (("A MUN - BUR", Status.BROKEN), ("A MUN - RUH", Status.KEPT)):
        table = Table()
        table.say("no Bur", act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "A MUN - BUR"), polarity=Polarity.NOT))
        table.play(germany=[played])
        assert statuses(table, GERMANY) == [status]


def test_a_promised_hold_may_support_from_the_spot() -> None:
    table = Table()
    table.say("Munich holds", act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "A MUN H")))
    table.play(germany=["A MUN S A BER"])
    assert statuses(table, GERMANY) == [Status.KEPT]


def test_an_impossible_order_is_void() -> None:
    table = Table()
    table.say("Ruhr moves", act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "A RUH - BEL")))
    table.play()
    assert statuses(table, GERMANY) == [Status.VOID]


def test_agreement_takes_over_the_orders_asked() -> None:
    table = Table()
    support = (GERMANY, "A MUN S A PAR - BUR")
    asked = table.say("support me?", act(ActKind.REQUEST_SUPPORT, FRANCE, GERMANY, support))
    assert [r.message for r in table.ledger.open_requests_to(GERMANY)] == [asked]
    table.say("sure", act(ActKind.AGREE, GERMANY, FRANCE))
    promise = table.ledger.promises_by(GERMANY)[0]
    assert (promise.source, str(promise.order), promise.to) == (ActKind.AGREE, support[1], FRANCE)
    assert table.ledger.requests[0].status is RequestStatus.ACCEPTED
    table.play(germany=[support[1]])
    assert statuses(table, GERMANY) == [Status.KEPT]


def test_agreement_to_a_package_binds_both() -> None:
    table = Table()
    table.say("swap?", act(ActKind.PROPOSE, GERMANY, FRANCE, (GERMANY, "A MUN - RUH"), (FRANCE, "A PAR - PIC")))
    table.say("ok", act(ActKind.AGREE, FRANCE, GERMANY))
    table.play(germany=["A MUN - RUH"], france=["A PAR - BUR"])
    assert statuses(table, GERMANY) == [Status.KEPT]
    assert statuses(table, FRANCE) == [Status.BROKEN]


def test_a_refused_request_promises_nothing_and_is_remembered() -> None:
    table = Table()
    ask = act(ActKind.REQUEST_SUPPORT, FRANCE, GERMANY, (GERMANY, "A MUN S A PAR - BUR"))
    table.say("support me?", ask)
    table.say("no", act(ActKind.REFUSE, GERMANY, FRANCE))
    assert table.ledger.refused(GERMANY, ask, table.game.phase)
    assert not table.ledger.promises
    assert not table.ledger.open_requests_to(GERMANY)


def test_an_offer_binds_once_it_is_accepted() -> None:
    order = (GERMANY, "A MUN S A PAR - BUR")
    for accept, status in ((None, Status.VOID), (ActKind.AGREE, Status.BROKEN), (ActKind.THANK, Status.BROKEN)):
        table = Table()
        table.say("I can support you", act(ActKind.OFFER, GERMANY, FRANCE, order))
        assert statuses(table, GERMANY) == [Status.OFFERED]
        if accept is not None:
            table.say("please do", act(accept, FRANCE, GERMANY))
        table.play()
        assert statuses(table, GERMANY) == [status]


def test_an_offer_on_a_condition_is_void_when_the_condition_fails() -> None:
    for played, status in (("A PAR - PIC", Status.BROKEN), ("A PAR - BUR", Status.VOID)):
        table = Table()
        condition = act(ActKind.PROPOSE, FRANCE, GERMANY, (FRANCE, "A PAR - PIC"))
        offer = act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "A MUN - RUH"), condition=condition)
        table.say("if you go to Pic I go to Ruhr", offer)
        table.play(france=[played])
        assert statuses(table, GERMANY) == [status]


def test_an_agreed_zone_binds_both() -> None:
    table = Table()
    table.say("DMZ Burgundy?", act(ActKind.DEMILITARISE, GERMANY, FRANCE, provinces="BUR"))
    table.say("agreed", act(ActKind.AGREE, FRANCE, GERMANY))
    table.play(germany=["A MUN - BUR"])
    assert statuses(table, GERMANY) == [Status.BROKEN]
    assert statuses(table, FRANCE) == [Status.KEPT]


def test_an_agreed_bounce_wants_both_to_move() -> None:
    table = Table()
    table.say("bounce in Bur?", act(ActKind.BOUNCE, GERMANY, FRANCE, provinces="BUR"))
    table.say("agreed", act(ActKind.AGREE, FRANCE, GERMANY))
    table.play(germany=["A MUN - BUR"], france=["A PAR H"])
    assert statuses(table, GERMANY) == [Status.KEPT]
    assert statuses(table, FRANCE) == [Status.BROKEN]


def test_taking_back_in_time_is_no_broken_promise() -> None:
    table = Table()
    table.say("Mun holds", act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "A MUN H")))
    table.say("sorry, it goes to Ruhr", act(ActKind.INFORM, GERMANY, FRANCE, (GERMANY, "A MUN - RUH")))
    table.play(germany=["A MUN - RUH"])
    assert statuses(table, GERMANY) == [Status.WITHDRAWN, Status.KEPT]


def test_a_yes_answers_the_message_it_names() -> None:
    table = Table()
    first = table.say("A?", act(ActKind.PROPOSE, GERMANY, FRANCE, (FRANCE, "A PAR - PIC")))
    table.say("B?", act(ActKind.PROPOSE, GERMANY, FRANCE, (FRANCE, "A MAR - SPA")))
    table.say("A is fine", act(ActKind.AGREE, FRANCE, GERMANY, answers=first))
    assert [str(p.order) for p in table.ledger.promises_by(FRANCE)] == ["A PAR - PIC"]
    assert [r.quote for r in table.ledger.open_requests_from(GERMANY)] == ["B?"]


def test_a_yes_with_a_named_no_promises_only_the_rest() -> None:
    table = Table()
    table.say(
        "allies? and go to Bur",
        act(ActKind.ALLY, GERMANY, FRANCE),
        act(ActKind.PROPOSE, GERMANY, FRANCE, (FRANCE, "A PAR - BUR")),
    )
    table.say(
        "yes, but not Bur",
        act(ActKind.AGREE, FRANCE, GERMANY),
        act(ActKind.REFUSE, FRANCE, GERMANY, (FRANCE, "A PAR - BUR")),
    )
    assert [r.status for r in table.ledger.requests] == [RequestStatus.ACCEPTED, RequestStatus.REFUSED]
    assert not table.ledger.promises


def test_claims_about_third_powers_are_checked() -> None:
    table = Table()
    table.say("careful", act(ActKind.WARN, GERMANY, FRANCE, (ENGLAND, "F LON - ENG")))
    table.play(england=["F LON - NTH"])
    assert [c.status for c in table.ledger.claims] == [Status.BROKEN]
    assert not table.ledger.promises


def test_questions_answered_and_lapsed() -> None:
    table = Table()
    table.say("plans?", act(ActKind.ASK, GERMANY, FRANCE))
    table.say("DMZ Bur?", act(ActKind.DEMILITARISE, GERMANY, FRANCE, provinces="BUR"))
    table.say("I go to Pic", act(ActKind.INFORM, FRANCE, GERMANY, (FRANCE, "A PAR - PIC")))
    assert [r.status for r in table.ledger.requests] == [RequestStatus.ANSWERED, RequestStatus.OPEN]
    table.play()
    assert [r.status for r in table.ledger.requests] == [RequestStatus.ANSWERED, RequestStatus.LAPSED]


def test_trust_falls_with_broken_and_rises_with_kept_words() -> None:
    trusts = []
    for played in ("A MUN - BUR", "A MUN - RUH"):
        table = Table()
        before = table.ledger.trust(GERMANY)
        table.say("I'm going to Ruhr", act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "A MUN - RUH")))
        table.play(germany=[played])
        trusts.append((before, table.ledger.trust(GERMANY)))
    (before, broken), (_, kept) = trusts
    assert 0 < broken < before < kept < 1


def test_promises_to_others_do_not_count_for_trust_in_us() -> None:
    table = Table(FRANCE)
    message = table.game.say(GERMANY, None, "to all: I'm going to Ruhr")
    public = act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "A MUN - RUH"))
    table.ledger.record(message, [public])
    assert table.ledger.promises_to(ENGLAND)
    assert table.ledger.promises_to(FRANCE)


def test_what_was_said_is_on_record() -> None:
    table = Table()
    inform = act(ActKind.INFORM, FRANCE, GERMANY, (FRANCE, "A PAR - PIC"))
    table.say("I go to  Picardy", inform)
    ledger = table.ledger
    assert ledger.said(FRANCE, text="go to picardy")
    assert ledger.said(FRANCE, act=inform, to=GERMANY, phase=table.game.phase)
    assert ledger.said(FRANCE, order=parse_order("A PAR - PIC"))
    assert not ledger.said(FRANCE, order=parse_order("A PAR - BUR"))
    assert not ledger.said(GERMANY, act=inform)
    assert not ledger.said(FRANCE, act=inform, to=ENGLAND)


def test_talks_are_by_pair_and_phase() -> None:
    table = Table()
    table.say("hi G", act(ActKind.SMALL_TALK, FRANCE, GERMANY))
    table.say("hi E", act(ActKind.SMALL_TALK, FRANCE, ENGLAND))
    first = table.game.phase
    table.play()
    table.say("again", act(ActKind.SMALL_TALK, GERMANY, FRANCE))
    assert [e.message.text for e in table.ledger.messages_this_phase(GERMANY, first)] == ["hi G"]
    assert [e.message.text for e in table.ledger.last_messages(GERMANY, 5)] == ["hi G", "again"]
    assert not table.ledger.last_messages(GERMANY, 0)


def test_recording_twice_changes_nothing() -> None:
    table = Table()
    promise = act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "A MUN - RUH"))
    message = table.game.say(GERMANY, FRANCE, "Ruhr")
    table.ledger.record(message, [promise])
    once = table.ledger.to_json()
    table.ledger.record(message, [promise])
    assert table.ledger.to_json() == once


def test_words_in_winter_are_about_spring() -> None:
    move = act(ActKind.INFORM, GERMANY, FRANCE, (GERMANY, "A MUN - RUH"))
    build = act(ActKind.INFORM, GERMANY, FRANCE, (GERMANY, "F KIE B"))
    winter = Phase.parse("W1901A")
    assert str(due_phase(move, winter)) == "S1902M"
    assert due_phase(build, winter) == winter


def test_json_round_trip() -> None:
    table = Table()
    condition = act(ActKind.DEMILITARISE, GERMANY, FRANCE, provinces="BUR")
    table.say("offer", act(ActKind.OFFER, GERMANY, FRANCE, (GERMANY, "A MUN S A PAR - PIC"), condition=condition))
    table.say("ok", act(ActKind.AGREE, FRANCE, GERMANY, answers=0))
    table.say("careful", act(ActKind.WARN, GERMANY, FRANCE, (ENGLAND, "F LON - ENG")))
    table.play()
    data = table.ledger.to_json()
    assert Ledger.from_json(data) == table.ledger
    assert Ledger.from_json(data).to_json() == data


def test_same_content_ignores_order_of_orders() -> None:
    first = act(ActKind.INFORM, FRANCE, GERMANY, (FRANCE, "A PAR - PIC"), (FRANCE, "A MAR - SPA"))
    second = act(ActKind.INFORM, FRANCE, GERMANY, (FRANCE, "A MAR - SPA"), (FRANCE, "A PAR - PIC"))
    assert same_content(first, second)
    assert not same_content(first, act(ActKind.INFORM, FRANCE, GERMANY, (FRANCE, "A PAR - PIC")))


def test_proposing_the_same_is_a_yes_that_wants_no_yes() -> None:
    for kind in (ActKind.DEMILITARISE, ActKind.BOUNCE, ActKind.ALLY):
        table = Table()
        places = "" if kind is ActKind.ALLY else "BUR"
        table.say("Shall we?", act(kind, GERMANY, FRANCE, provinces=places))
        table.say("Let's.", act(kind, FRANCE, GERMANY, provinces=places))
        assert [r.status for r in table.ledger.requests] == [RequestStatus.ACCEPTED] * 2
        if places:
            assert statuses(table, GERMANY) == statuses(table, FRANCE) == [Status.OPEN]
        other = Table()
        other.say("Shall we?", act(ActKind.DEMILITARISE, GERMANY, FRANCE, provinces="BUR"))
        other.say("Here?", act(ActKind.DEMILITARISE, FRANCE, GERMANY, provinces="PIC"))
        assert RequestStatus.ACCEPTED not in [r.status for r in other.ledger.requests]


@pytest.mark.parametrize("spelt_out", [False, True])
def test_a_yes_beside_a_question_grants_the_proposal_alone(spelt_out: bool) -> None:
    table = Table()
    table.say(
        "Help me? And are you going to Ruhr?",
        act(ActKind.REQUEST_SUPPORT, FRANCE, GERMANY, (GERMANY, "F KIE H")),
        act(ActKind.ASK, FRANCE, GERMANY, (GERMANY, "A MUN - RUH")),
    )
    table.say(
        "Yes. Not to Ruhr.",
        act(ActKind.AGREE, GERMANY, FRANCE),
        *((act(ActKind.PROMISE, GERMANY, FRANCE, (GERMANY, "F KIE H")),) if spelt_out else ()),
        act(ActKind.INFORM, GERMANY, FRANCE, (GERMANY, "A MUN - RUH"), polarity=Polarity.NOT),
    )
    promised = {(str(p.order), p.polarity) for p in table.ledger.promises_by(GERMANY, status=Status.OPEN)}
    assert promised == {("F KIE H", Polarity.DO), ("A MUN - RUH", Polarity.NOT)}


def test_an_offer_taken_up_binds_the_other_to_stay_out() -> None:
    out = act(ActKind.INFORM, FRANCE, GERMANY, provinces="BUR", polarity=Polarity.NOT)
    for played, status in (("A MUN - BUR", Status.BROKEN), ("A MUN - RUH", Status.KEPT)):
        table = Table()
        table.say("If you stay out.", act(ActKind.OFFER, FRANCE, GERMANY, (FRANCE, "A PAR - PIC"), condition=out))
        table.say("Deal.", act(ActKind.AGREE, GERMANY, FRANCE))
        table.play(germany=[played], france=["A PAR - PIC"])
        assert statuses(table, GERMANY) == [status]
