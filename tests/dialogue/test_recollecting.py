"""Questions to the ledger, and answers to those who ask, deny or invent words."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from dialogue.acts import ActKind, Polarity
from dialogue.filters import FilterContext, passes, review
from dialogue.generation import Draft, GenerationConfig, Source, draft
from dialogue.memory import Ledger, RequestStatus, Status
from dialogue.sayings import has_said, said_about
from dialogue.situation import SpeechPlan
from dialogue.understanding import matches, read
from engine.notation import parse_order
from engine.types import Power, Province
from tests.dialogue.table import ENGLAND, FRANCE, GERMANY, Table, act

PLANNED = ("A BUR - RUH", "A MAR - SPA", "F MAO - POR")
"""France's orders after the first turn."""


def tell(table: Table, by: Power, to: Power, text: str) -> None:
    """Says it; the ledgers of both have it as our reader reads it."""
    message = table.game.say(by, to, text)
    for power in (by, to):
        view = table.game.view(power)
        talk = view.talk_with(to if power is by else by)
        table.ledgers[power].record(message, read(message, view, talk[:-1]).acts)


def talked() -> Table:
    """France told Germany of Burgundy and Belgium, Germany of Ruhr, France England of Brest; then all moved."""
    table = Table()
    tell(table, FRANCE, GERMANY, "I'm moving Paris to Burgundy. I'll stay out of Belgium.")
    tell(table, GERMANY, FRANCE, "Ok. I'll move Munich to Ruhr.")
    tell(table, FRANCE, ENGLAND, "I'll hold in Brest.")
    table.play()
    table.plans[FRANCE] = PLANNED
    return table


def answer(table: Table, text: str, by: Power = GERMANY) -> tuple[SpeechPlan, Draft]:
    """What France answers, as the grammar words it, past every filter."""
    tell(table, by, FRANCE, text)
    plan = next(options.best for options in table.options(FRANCE) if options.recipient is by)
    view = table.game.view(FRANCE)
    rng = np.random.default_rng(3)
    (worded,) = draft(plan, view, view.talk_with(by), None, GenerationConfig(candidates=0), rng)
    context = FilterContext(view, table.ledgers[FRANCE], plan, tuple(map(parse_order, PLANNED)))
    assert passes(review(worded, context)), (worded.text, review(worded, context))
    return plan, worded


def kinds(plan: SpeechPlan) -> list[ActKind]:
    return [a.kind for a in plan.acts if a.kind not in (ActKind.SMALL_TALK, ActKind.APOLOGISE)]


# --- the ledger's answers ------------------------------------------------------------------------------


def test_what_was_said_about_a_place_with_its_words_and_phase() -> None:
    ledger = talked().ledgers[FRANCE]
    (said,) = said_about(ledger, FRANCE, Province("BUR"), to=GERMANY)
    assert ([str(item) for item in said.orders], said.status) == (["FRANCE: A PAR - BUR"], Status.KEPT)
    assert str(said.phase) == "S1901M"
    assert said.quote == "I'm moving Paris to Burgundy. I'll stay out of Belgium."
    (out,) = said_about(ledger, FRANCE, Province("BEL"), to=GERMANY)
    assert out.polarity is Polarity.NOT
    assert not said_about(ledger, FRANCE, Province("BEL"), to=ENGLAND)
    assert [s.to for s in said_about(ledger, FRANCE, Province("BRE"))] == [ENGLAND]


def test_whether_an_act_was_said() -> None:
    ledger = talked().ledgers[FRANCE]
    told = act(ActKind.INFORM, FRANCE, GERMANY, "A PAR - BUR")
    assert has_said(ledger, told, GERMANY)
    assert not has_said(ledger, told, ENGLAND)
    assert not has_said(ledger, act(ActKind.INFORM, FRANCE, GERMANY, "A PAR - BUR", polarity=Polarity.NOT), GERMANY)
    assert not has_said(ledger, act(ActKind.INFORM, FRANCE, GERMANY, "A MAR - BUR"), GERMANY)


def test_a_restored_ledger_answers_the_same() -> None:
    table = talked()
    tell(table, FRANCE, GERMANY, "I'll move Burgundy to Ruhr.")  # in the middle of a phase
    ledger = table.ledgers[FRANCE]
    restored = Ledger.from_json(json.loads(json.dumps(ledger.to_json())))
    for place in ("BEL", "BUR", "RUH", "BRE", "TUN"):
        assert said_about(restored, FRANCE, Province(place)) == said_about(ledger, FRANCE, Province(place))
    before = answer(table, "Did you say you'd move Paris to Burgundy?")
    again = talked()
    tell(again, FRANCE, GERMANY, "I'll move Burgundy to Ruhr.")
    again.ledgers[FRANCE] = restored
    assert answer(again, "Did you say you'd move Paris to Burgundy?")[1].text == before[1].text


# --- answers to others ---------------------------------------------------------------------------------


def test_words_on_record_are_quoted() -> None:
    plan, worded = answer(talked(), "Did you say you'd move Paris to Burgundy?")
    assert kinds(plan) == [ActKind.CLAIM_PAST]
    assert "\"I'm moving Paris to Burgundy. I'll stay out of Belgium.\"" in worded.text
    assert "in spring 1901" in worded.text


def test_an_agreed_zone_is_told_without_another_words() -> None:
    table = Table()
    tell(table, ENGLAND, FRANCE, "How about a DMZ in the Channel?")
    tell(table, FRANCE, ENGLAND, "Sounds good!")
    table.play()
    table.plans[FRANCE] = PLANNED
    plan, worded = answer(table, "Did you agree to keep out of the Channel?", by=ENGLAND)
    assert kinds(plan)[0] is ActKind.CLAIM_PAST
    assert '"' not in worded.text
    # "Yes" to a zone is no yes to a bounce there.
    denied, _ = answer(table, "Did you tell me that you'd move to the Channel?", by=ENGLAND)
    assert kinds(denied)[0] is ActKind.DENY


@pytest.mark.parametrize(
    "text",
    [
        "Did you say you'd move Marseilles to Burgundy?",
        "You told me you'd stay out of Burgundy!",
        "Did you tell me you'd hold in Brest?",  # that was told England
        "You said in fall 1900 that you'd move Paris to Burgundy, didn't you?",
    ],
)
def test_words_not_on_record_are_denied(text: str) -> None:
    plan, _ = answer(talked(), text)
    assert kinds(plan)[0] is ActKind.DENY


def test_a_denial_says_what_was_said_instead() -> None:
    plan, worded = answer(talked(), "You said you'd hold in Paris, didn't you?")
    assert kinds(plan) == [ActKind.DENY, ActKind.CLAIM_PAST]
    assert "I'm moving Paris to Burgundy" in worded.text


def test_who_denies_own_words_is_shown_them() -> None:
    plan, worded = answer(talked(), "I never said I'd move Munich to Ruhr.")
    assert kinds(plan) == [ActKind.CLAIM_PAST]
    assert '"Ok. I\'ll move Munich to Ruhr."' in worded.text


def test_words_to_others_are_neither_told_nor_denied() -> None:
    for text in ("What did you tell England about Brest?", "Did you tell England you'd hold in Brest?"):
        plan, worded = answer(talked(), text)
        assert not kinds(plan)
        assert "Brest" not in worded.text


def test_of_a_place_never_named_nothing_was_said() -> None:
    plan, worded = answer(talked(), "What did you tell me about Tunis?")
    assert kinds(plan) == [ActKind.DENY]
    assert "Tun" in worded.text


def test_a_yes_to_a_question_about_words_promises_nothing() -> None:
    table = talked()
    tell(table, FRANCE, GERMANY, "Did you say you'd move Kiel to Holland?")
    tell(table, GERMANY, FRANCE, "Yes.")
    (question,) = [r for r in table.ledgers[FRANCE].requests if r.act.quote is not None]
    assert question.status is RequestStatus.ACCEPTED
    assert not table.ledgers[FRANCE].promises_by(GERMANY, phase=table.game.phase)


# --- what may not be said ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "false"),
    [
        ("In spring 1901 I told you I would move Paris to Burgundy.", False),
        ("I never said I would move Paris to Burgundy.", True),
        ("I told you I would move Paris to Picardy.", True),
        ("In fall 1901 I told you I would move Paris to Burgundy.", True),
        ('In spring 1901 I wrote: "I\'m moving Paris to Burgundy."', False),
        ('In spring 1901 I wrote: "I\'m moving Paris to Burgundy!!"', True),
        ("You never said you would move Munich to Ruhr.", True),
        ("I never said that.", True),
        ("I told you nothing about Belgium.", True),
        ("I told England I would hold in Brest.", True),
        ("You broke your word!", True),
        ("Thanks for keeping your word!", False),
    ],
)
def test_the_filter_of_past_words(text: str, false: bool) -> None:
    table = talked()
    view = table.game.view(FRANCE)
    plan = SpeechPlan(FRANCE, GERMANY, ())
    reading = read(table.game.say(FRANCE, GERMANY, text), view)
    worded = Draft(text, (), reading, Source.GRAMMAR, "", True)
    found = review(worded, FilterContext(view, table.ledgers[FRANCE], plan, ()))
    assert any(v.filter == "past" and v.verdict.value == "reject" for v in found) is false, found


@pytest.mark.parametrize("kind", [ActKind.CLAIM_PAST, ActKind.DENY])
@pytest.mark.parametrize("polarity", list(Polarity))
@pytest.mark.parametrize("by", [FRANCE, GERMANY])
@pytest.mark.parametrize("place", ["", "BEL"])
def test_every_wording_about_words_reads_back(kind: ActKind, polarity: Polarity, by: Power, place: str) -> None:
    table = talked()
    view = table.game.view(FRANCE)
    order = "A PAR - BUR" if by is FRANCE else "A MUN - RUH"
    orders = () if place else ((by, order),)
    powers = (by,) if place and by is GERMANY else ()
    said = act(kind, FRANCE, GERMANY, *orders, provinces=place, powers=powers, polarity=polarity)
    said = replace(said, phase=view.history[0].phase, quote="")
    plan = SpeechPlan(FRANCE, GERMANY, (said,))
    for seed in range(5):
        rng = np.random.default_rng(seed)
        (worded,) = draft(plan, view, (), None, GenerationConfig(candidates=0), rng)
        assert matches(plan.acts, worded.reading), (worded.text, worded.reading)


@pytest.mark.parametrize("phase", ["W1901M", "S1901A", "F0000", "S9999M", "W0000"])
def test_a_phase_that_there_is_not_stops_nothing(phase: str) -> None:
    table = talked()
    tell(table, GERMANY, FRANCE, f"In {phase} did you say you'd move Paris to Burgundy?")
    assert table.options(FRANCE)


def test_questions_pass_the_door_before_they_are_answered() -> None:
    table = talked()
    plan, _ = answer(table, "Did you say you'd m\u200bove Paris to Burgundy?")
    assert ActKind.CLAIM_PAST in kinds(plan)


def test_what_was_passed_over_is_not_answered() -> None:
    table = talked()
    table.ledgers[FRANCE].record(table.game.say(GERMANY, FRANCE, "Did you say you'd move Paris to Burgundy?"), ())
    written = [act.kind for o in table.options(FRANCE) if o.recipient is GERMANY for act in o.best.acts]
    assert ActKind.CLAIM_PAST not in written
