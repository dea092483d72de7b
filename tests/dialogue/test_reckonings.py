"""The past between two powers: thanks for help, reproaches with evidence, and how they are worded."""

from __future__ import annotations

import numpy as np
import pytest

from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.filters import FilterContext, Verdict
from dialogue.filters.past import past
from dialogue.generation import Draft, Source
from dialogue.grammar import WordingContext, word
from dialogue.situation import SpeechPlan
from dialogue.understanding import matches, read_text
from engine.types import Phase, Power
from tests.dialogue.table import ENGLAND, FRANCE, GERMANY, Table, act, kinds, orders_of

SPRING = Phase.parse("S1901M")


def words(table: Table, *acts: SpeechAct, seeds: int = 30) -> set[str]:
    speaker, hearer = acts[0].speaker, acts[0].addressee
    context = WordingContext(table.game.view(speaker), speaker, hearer, reasons=False)
    return {word(acts, context, np.random.default_rng(seed)) for seed in range(seeds)}


def verdict(table: Table, said: SpeechAct, text: str) -> bool:
    """Whether the filter on the past lets this text through."""
    assert said.addressee is not None
    view = table.game.view(said.speaker)
    plan = SpeechPlan(said.speaker, said.addressee, (said,))
    reading = read_text(text, said.speaker, said.addressee, view)
    draft = Draft(text, (said,), reading, Source.MODEL, "", matches((said,), reading))
    context = FilterContext(view, table.ledgers[said.speaker], plan, ())
    return past(draft, context).verdict is Verdict.PASS


def helped() -> Table:
    table = Table()
    table.play({FRANCE: ["A PAR - BUR"], GERMANY: ["A MUN S A PAR - BUR"]})
    table.plans = {}
    return table


def test_help_is_thanked_for_in_words_that_say_so_and_not_turn_after_turn() -> None:
    table = helped()
    opening = table.opening(FRANCE, GERMANY)
    assert kinds(opening)[0] is ActKind.THANK
    assert opening is not None
    assert opening.acts[0].phase == SPRING
    assert all("last turn" in text for text in words(table, opening.acts[0]))
    table.say(*opening.acts)
    table.play({GERMANY: ["A MUN S A BUR"]})
    assert ActKind.THANK not in kinds(table.opening(FRANCE, GERMANY))


def test_support_of_what_was_not_ordered_is_no_help() -> None:
    table = Table()
    table.play({FRANCE: ["A PAR - PIC"], GERMANY: ["A MUN S A PAR - BUR"]})
    table.plans = {}
    assert ActKind.THANK not in kinds(table.opening(FRANCE, GERMANY))


def test_nobody_is_thanked_for_a_word_kept_who_gave_none_in_that_phase() -> None:
    table = Table()
    table.say(act(ActKind.PROMISE, GERMANY, FRANCE, "A MUN - TYR"))
    table.play({GERMANY: ["A MUN - TYR"]})
    thanks = act(ActKind.THANK, FRANCE, GERMANY, phase=SPRING)
    assert verdict(table, thanks, "Thank you for keeping your word.")
    table.play({GERMANY: ["A TYR H"]})
    autumn = act(ActKind.THANK, FRANCE, GERMANY, phase=Phase.parse("F1901M"))
    assert not verdict(table, autumn, "I appreciate that you kept your word.")


def test_a_granted_request_is_acknowledged_as_a_word_kept() -> None:
    table = Table()
    table.say(act(ActKind.PROPOSE, FRANCE, GERMANY, "A MUN - TYR", of=GERMANY))
    table.say(act(ActKind.AGREE, GERMANY, FRANCE))
    table.play({GERMANY: ["A MUN - TYR"]})
    table.plans = {}
    opening = table.opening(FRANCE, GERMANY)
    assert kinds(opening)[0] is ActKind.THANK
    assert opening is not None
    texts = words(table, opening.acts[0])
    assert any("word" in text for text in texts)
    assert not any("support" in text for text in texts)


def test_a_zone_entered_is_held_against_who_entered_it() -> None:
    table = Table()
    table.say(act(ActKind.DEMILITARISE, FRANCE, GERMANY, provinces="BUR"))
    table.say(act(ActKind.AGREE, GERMANY, FRANCE))
    table.play({GERMANY: ["A MUN - BUR"]})
    table.plans = {}
    opening = table.opening(FRANCE, GERMANY)
    assert opening is not None
    claim = next(a for a in opening.acts if a.kind is ActKind.CLAIM_PAST)
    assert (claim.polarity, claim.orders, claim.provinces) == (Polarity.DO, (), ("BUR",))
    assert all("promised" not in text and "said" not in text for text in words(table, claim))
    # Who broke the zone owns it.
    table.say(*opening.acts)
    assert ActKind.APOLOGISE in kinds(table.answer(GERMANY, FRANCE))


def test_a_breach_is_named_by_its_order_where_the_unit_still_stands() -> None:
    for played, orders in (("A MUN H", ["A MUN - RUH"]), ("A MUN - TYR", [])):
        table = Table()
        table.say(act(ActKind.PROMISE, GERMANY, FRANCE, "A MUN - RUH"))
        table.play({GERMANY: [played]})
        table.plans = {}
        opening = table.opening(FRANCE, GERMANY)
        assert opening is not None
        (claim,) = [a for a in opening.acts if a.kind is ActKind.CLAIM_PAST]
        assert [str(o.order) for o in claim.orders] == orders
        for text in words(table, claim):
            reading = read_text(text, FRANCE, GERMANY, table.game.view(FRANCE))
            assert matches((claim,), reading), text
            assert verdict(table, claim, text), text
        assert "attacked" not in " ".join(words(table, claim))
        table.say(*opening.acts)
        assert ActKind.APOLOGISE in kinds(table.answer(GERMANY, FRANCE))


def attacked() -> Table:
    """Germany marched against Paris while France left it alone."""
    table = Table()
    table.play({GERMANY: ["A MUN - BUR"]})
    table.play({GERMANY: ["A BUR - PAR"]})
    while table.game.phase.kind.value != "M":
        table.play({})
    table.plans = {}
    return table


def test_an_attack_is_protested_against_with_peace_proposed() -> None:
    table = attacked()
    opening = table.opening(FRANCE, GERMANY)
    assert kinds(opening)[:2] == [ActKind.CLAIM_PAST, ActKind.ALLY]
    assert orders_of(opening, ActKind.CLAIM_PAST) == ["A BUR - PAR"]
    assert opening is not None
    assert opening.acts[0].polarity is Polarity.DO
    table.say(*opening.acts)
    table.play({GERMANY: ["A BUR - PAR"]})
    assert ActKind.CLAIM_PAST not in kinds(table.opening(FRANCE, GERMANY)), "not turn after turn"


def test_who_attacks_back_does_not_protest() -> None:
    table = attacked()
    table.plans = {FRANCE: ("A PAR - BUR",)}
    assert ActKind.CLAIM_PAST not in kinds(table.opening(FRANCE, GERMANY))


def test_a_reproach_after_an_apology_is_not_made() -> None:
    table = Table()
    table.say(act(ActKind.PROMISE, GERMANY, FRANCE, "A MUN - RUH"))
    table.play({GERMANY: ["A MUN - TYR"]})
    table.plans = {}
    table.say(act(ActKind.APOLOGISE, GERMANY, FRANCE))
    assert ActKind.CLAIM_PAST not in kinds(table.answer(FRANCE, GERMANY))


@pytest.mark.parametrize(
    ("order", "polarity", "says"),
    [
        ("A MUN - RUH", Polarity.DO, True),  # promised, and not given: "you promised to"
        ("A MUN - RUH", Polarity.NOT, False),  # not given: "you didn't"
        ("A MUN - BUR", Polarity.DO, False),  # given, though in vain: "you moved"
    ],
)
def test_claims_say_what_is_true(order: str, polarity: Polarity, says: bool) -> None:
    table = Table()
    table.say(act(ActKind.PROMISE, GERMANY, FRANCE, "A MUN - RUH"))
    table.play({GERMANY: ["A MUN - BUR"], FRANCE: ["A PAR - BUR"]})
    claim = act(ActKind.CLAIM_PAST, FRANCE, GERMANY, order, of=GERMANY, polarity=polarity, phase=SPRING)
    for text in words(table, claim):
        assert any(w in text for w in ("promised", "agreed", "said", "told")) is says, text
        assert verdict(table, claim, text), text


def test_false_words_about_words_and_deeds_are_stopped() -> None:
    table = Table()
    table.say(act(ActKind.PROMISE, GERMANY, FRANCE, "A MUN - RUH"))
    table.play({GERMANY: ["A MUN - BUR"], FRANCE: ["A PAR - BUR"]})
    ruhr = act(ActKind.CLAIM_PAST, FRANCE, GERMANY, "A MUN - RUH", of=GERMANY, phase=SPRING)
    assert verdict(table, ruhr, "You promised to move from Munich to Ruhr.")
    assert not verdict(table, ruhr, "Last turn you moved from Munich to Ruhr.")
    burgundy = act(ActKind.CLAIM_PAST, FRANCE, GERMANY, "A MUN - BUR", of=GERMANY, phase=SPRING)
    assert verdict(table, burgundy, "Last turn you tried to move from Munich to Burgundy.")
    assert not verdict(table, burgundy, "Last turn you moved from Munich to Burgundy.")  # it bounced
    assert not verdict(table, burgundy, "You promised to move from Munich to Burgundy.")


def test_to_a_false_you_did_not_the_truth_is_what_was_done() -> None:
    table = Table()
    table.play({FRANCE: ["A PAR - BUR"], GERMANY: ["A MUN - BUR"]})
    table.plans = {}
    claim = act(ActKind.CLAIM_PAST, GERMANY, FRANCE, "A PAR - BUR", of=FRANCE, polarity=Polarity.NOT, phase=SPRING)
    table.say(claim)
    answer = table.answer(FRANCE, GERMANY)
    assert answer is not None
    truth = next(a for a in answer.acts if a.kind is ActKind.CLAIM_PAST)
    assert (truth.polarity, [o.power for o in truth.orders]) == (Polarity.DO, [FRANCE])
    for text in words(table, truth):
        assert not any(w in text for w in ("promised", "said", "told", "n't")), text


def test_thanks_are_for_help_that_the_speaker_got() -> None:
    view = Table().game.view(FRANCE)

    def thanks(order: str, of: Power) -> set[str]:
        heard = (act(ActKind.INFORM, GERMANY, FRANCE, order, of=of),)
        context = WordingContext(view, FRANCE, GERMANY, heard, reasons=False)
        said = (SpeechAct(ActKind.THANK, FRANCE, GERMANY),)
        return {word(said, context, np.random.default_rng(seed)) for seed in range(40)}

    assert any("support" in text or "help" in text for text in thanks("A MUN S A PAR - BUR", GERMANY))
    assert not any("support" in text or "your help" in text for text in thanks("A MUN S A BER - SIL", GERMANY))


def test_other_powers_know_nothing_of_it() -> None:
    assert ActKind.THANK not in kinds(helped().opening(ENGLAND, GERMANY))


def test_sorry_for_last_turn_is_not_sorry_for_a_change_of_plans() -> None:
    table = Table()
    table.say(act(ActKind.PROMISE, FRANCE, GERMANY, "A PAR - PIC"))
    table.play({FRANCE: ["A PAR H"]})
    table.plans = {}
    opening = table.opening(FRANCE, GERMANY)
    assert opening is not None
    (sorry,) = [a for a in opening.acts if a.kind is ActKind.APOLOGISE]
    assert sorry.phase == SPRING
    assert any("last turn" in text for text in words(table, sorry))
    now = SpeechAct(ActKind.APOLOGISE, FRANCE, GERMANY)
    assert not any("last turn" in text for text in words(table, now))
