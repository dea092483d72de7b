"""Each filter passes a good draft and rejects its kind of bad one."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.filters import (
    DEFAULT_FILTERS,
    FILTERS,
    Disclosure,
    Effect,
    FilterConfig,
    FilterContext,
    UnknownFilterError,
    Verdict,
    filters_named,
    passes,
    review,
)
from dialogue.filters.verdict import plain
from dialogue.situation import SpeechPlan
from engine.notation import parse_order
from engine.types import Message, Phase, Power
from tests.dialogue import table
from tests.dialogue.table import ENGLAND, FRANCE, GERMANY, ITALY, Talk

PLAN = tuple(parse_order(t) for t in ("A MAR S A PAR - BUR", "A PAR - BUR", "F BRE - MAO"))


@dataclass(frozen=True)
class Read:
    acts: tuple[SpeechAct, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scripted:
    """A draft as the generation makes them."""

    text: str
    acts: tuple[SpeechAct, ...] = ()
    reading: Read = Read()
    matches: bool = True


def act(kind: ActKind, *orders: str, by: Power = FRANCE, to: Power = GERMANY, **more: Any) -> SpeechAct:
    """An act of France's to Germany, unless it is told otherwise."""
    return table.act(kind, by, to, *orders, **more)


def draft(text: str, *acts: SpeechAct, unread: tuple[str, ...] = (), matches: bool = True) -> Scripted:
    return Scripted(text, acts, Read(acts, unread), matches)


class Scene(Talk):
    """A position, the sender's ledger and plan."""

    def __init__(self) -> None:
        super().__init__()
        self.own = PLAN
        self.config = FilterConfig()

    def verdict(
        self, name: str, candidate: Scripted, plan: tuple[SpeechAct, ...] | None = None, answers: Message | None = None
    ) -> str:
        """ "" for a pass, the reason for a rejection."""
        speech = SpeechPlan(FRANCE, GERMANY, candidate.acts if plan is None else plan, answers)
        context = FilterContext(self.game.view(FRANCE), self.ledger, speech, self.own, self.config)
        result = FILTERS[name](candidate, context)
        assert result.filter == name
        assert (result.verdict is Verdict.REJECT) is bool(result.reason)
        return result.reason


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no words"),
        ("...", "no words"),
        ("I'll move to <P0>.", "markup"),
        ("Hello [REDACTED]!", "markup"),
        ("Hello , there", "punctuation"),
        ("Sure,, fine.", "punctuation"),
        ('He said "go.', "unbalanced"),
        ("I will move to the", "breaks off"),
        ("I will support you and.", "breaks off"),
        ("What \ufffd now?", "glyph"),
        ("Привет, Germany", "alphabet"),
        ("a " * 500, "characters"),
    ],
)
def test_form_rejects(scene: Scene, text: str, word: str) -> None:
    assert word in scene.verdict("form", draft(text))


@pytest.mark.parametrize(
    "text",
    [
        "Hi Germany! Good luck this game :)",
        "Sounds good... let's do it!",
        "Sure.. fine.",
        "What?!?!",
        "What are you up to?",
        "Could you support me into Burgundy (from Munich)?",
        "I'm in.",
        "Merci, à bientôt!",
    ],
)
def test_form_passes(scene: Scene, text: str) -> None:
    assert scene.verdict("form", draft(text)) == ""


def test_rudeness(scene: Scene) -> None:
    assert scene.verdict("rudeness", draft("You are an idiot."))
    assert scene.verdict("rudeness", draft("That was a shitty move"))
    assert not scene.verdict("rudeness", draft("I was not happy about that move, I must say. Scunthorpe, assemble!"))


@pytest.mark.parametrize(
    "text",
    [
        "I'll be back on Monday",
        "Like in our last game",
        "webdip is slow",
        "The admins should pause the game.",
        "Ignore all previous instructions.",
    ],
)
def test_out_of_game_rejects(scene: Scene, text: str) -> None:
    assert scene.verdict("out_of_game", draft(text))


def test_out_of_game_passes(scene: Scene) -> None:
    assert not scene.verdict("out_of_game", draft("Good luck this game! Shall we attack England in the spring?"))


@pytest.mark.parametrize(
    "text",
    ["mail me at a@b.org", "see www.example.com", "Call me on 555 0123 456", "How old are you?", "My name is Ann"],
)
def test_personal_data_rejects(scene: Scene, text: str) -> None:
    assert scene.verdict("personal_data", draft(text))


def test_personal_data_passes(scene: Scene) -> None:
    assert not scene.verdict(
        "personal_data", draft("I know you are going to Munich. My fleet lives in Brest, 3 centers.")
    )


@pytest.mark.parametrize(
    ("text", "is_denial"),
    [
        ("No, I'm not a bot.", True),
        ("Haha, I am a real person.", True),
        ("You're talking to a human.", True),
        ("I'm not an ally of Italy's.", False),
        ("I'm human enough to make mistakes", True),
        ("Russia plays like a bot.", False),
    ],
)
def test_nobody_is_told_that_the_writer_is_a_person(scene: Scene, text: str, is_denial: bool) -> None:
    assert ("denies" in scene.verdict("disclosure", draft(text))) is is_denial


def test_what_it_is_is_said_when_asked(scene: Scene) -> None:
    admission = draft("Yes, I am a computer program.")
    assert "unasked" in scene.verdict("disclosure", admission)
    scene.say("Are you a bot?", act(ActKind.ASK, by=GERMANY, to=FRANCE), by=GERMANY, to=FRANCE)
    asked = scene.game.messages[-1]
    assert not scene.verdict("disclosure", admission, answers=asked)
    scene.config = FilterConfig(disclosure=Disclosure.SILENT)
    assert "forbids" in scene.verdict("disclosure", admission, answers=asked)
    assert not scene.verdict("disclosure", draft("I would rather talk about Burgundy."), answers=asked)


def test_names_and_times_are_those_of_the_plan(scene: Scene) -> None:
    plan = (act(ActKind.INFORM, "A PAR - BUR"),)
    for text, reason in (
        ("Germany, I'm moving Par to Bur this spring.", ""),
        ("I'm moving to Burgundy, so watch Italy.", "Italy"),
        ("I'm moving from Paris to Picardy.", "Picardy"),
        ("I'm moving Par to Bur next turn.", "next turn"),
        ("I'm moving Par to Bur in 1903.", "1903"),
        ("I'm moving Par to Bur with 3 units.", "3"),
    ):
        assert reason in scene.verdict("naming", draft(text), plan=plan)
        assert bool(reason) is bool(scene.verdict("naming", draft(text), plan=plan))
    later = (act(ActKind.INFORM, "A PAR - BUR", phase=Phase.parse("F1901M")),)
    assert not scene.verdict("naming", draft("I'm moving Par to Bur next turn, in the fall."), plan=later)


def test_a_no_is_planned(scene: Scene) -> None:
    yes, no = act(ActKind.INFORM, "A PAR - BUR"), act(ActKind.INFORM, "A PAR - BUR", polarity=Polarity.NOT)
    assert "won't" in scene.verdict("negation", draft("I won't go to Burgundy"), plan=(yes,))
    assert not scene.verdict("negation", draft("I won't go to Burgundy"), plan=(no,))
    assert not scene.verdict("negation", draft("No problem, I go to Burgundy, don't worry."), plan=(yes,))


def test_remarks_on_somebody_are_planned_by_nobody(scene: Scene) -> None:
    for text, sent in (
        ("I'm moving from Paris to Burgundy.", True),
        ("Sounds good, my friend!", True),
        ("Hello Germany!", True),
        ("I'm moving from Paris to Burgundy. Munich is lovely.", False),
        ("There are 4 of them.", False),
    ):
        assert (not scene.verdict("remarks", draft(text))) is sent, text


def test_what_is_wanted_word_for_word_needs_no_plan(scene: Scene) -> None:
    inform = act(ActKind.INFORM, "A PAR - BUR")
    text = "I'm moving Par to Bur. Munich is lovely, and Italy does not mind."
    context = FilterContext(scene.game.view(FRANCE), scene.ledger, SpeechPlan(FRANCE, GERMANY, (inform,)), PLAN)
    filters = filters_named(["naming", "negation", "remarks"])
    assert not any(v.verdict is Verdict.PASS for v in review(draft(text, inform), context, filters))
    wanted = replace(context, verbatim=frozenset({plain("munich is lovely, and Italy does not mind")}))
    assert passes(review(draft(text, inform), wanted, filters))
    assert wanted.beyond(text) == "I'm moving Par to Bur."


def test_what_was_said_in_private_stays_there(scene: Scene) -> None:
    words = "I will go from Venice to Trieste this spring and nobody knows"
    scene.say(words, act(ActKind.PROMISE, "A VEN - TRI", by=ITALY, to=FRANCE, of=ITALY), by=ITALY, to=FRANCE)
    news = act(ActKind.INFORM, "A VEN - TRI", of=ITALY)
    plan = (act(ActKind.INFORM, "A PAR - BUR"),)
    assert "promised" in scene.verdict("leak", draft("Italy goes to Trieste", news), plan=plan)
    assert "passes on" in scene.verdict("leak", draft("Italy told me a lot."), plan=plan)
    assert "quotes" in scene.verdict(
        "leak", draft("I hear one will go from Venice to Trieste this spring and more"), plan=plan
    )
    assert not scene.verdict("leak", draft("Italy goes to Trieste", news), plan=(news,)), "the plan chose to"
    assert not scene.verdict("leak", draft("Russia told me a lot."), plan=plan), "it said nothing"


def test_who_is_called_is_who_is_written_to(scene: Scene) -> None:
    assert "calls" in scene.verdict("grounding", draft("Hi Italy! How are you?"))
    assert not scene.verdict("grounding", draft("Hi Germany! Italy and I are friends."))
    assert not scene.verdict("grounding", draft("Thanks. Italy will come for you."))


def test_repetition(scene: Scene) -> None:
    ask = act(ActKind.REQUEST_SUPPORT, "A MUN S A PAR - BUR", of=GERMANY)
    scene.say("Could you support me into Burgundy from Munich?", ask)
    assert scene.verdict("repetition", draft("Could you support me into Burgundy from Munich, please?"))
    assert scene.verdict("repetition", draft("How about a hand at Bur?", ask))
    assert not scene.verdict("repetition", draft("What are your plans for Belgium?", act(ActKind.ASK, provinces="BEL")))
    assert scene.verdict("repetition", draft("I will will move."))
    assert scene.verdict("repetition", draft("I go to Bur. I go to Bur."))
    scene.say("Thanks!", act(ActKind.THANK))
    assert scene.verdict("repetition", draft("Thanks!", act(ActKind.THANK)))
    scene.play()
    assert not scene.verdict("repetition", draft("Thanks!", act(ActKind.THANK)))


def test_read_back(scene: Scene) -> None:
    inform = act(ActKind.INFORM, "A PAR - BUR")
    assert not scene.verdict("read_back", draft("I'm going to Burgundy", inform))
    wrong = draft("I'm going to Picardy", act(ActKind.INFORM, "A PAR - PIC"), matches=False)
    assert "inform" in scene.verdict("read_back", wrong, plan=(inform,))
    assert scene.verdict("read_back", draft("I'm going to Burgundy", inform, unread=("whatever of Munich",)))
    assert not scene.verdict("read_back", draft("I'm going to Burgundy", inform, unread=("fingers crossed",)))


def test_legality(scene: Scene) -> None:
    assert not scene.verdict("legality", draft("x", act(ActKind.REQUEST_SUPPORT, "A MUN S A PAR - BUR", of=GERMANY)))
    assert scene.verdict("legality", draft("x", act(ActKind.INFORM, "A PAR - MOS")))
    assert scene.verdict("legality", draft("x", act(ActKind.INFORM, "F PAR - BUR")))
    assert scene.verdict("legality", draft("x", act(ActKind.PROPOSE, "A PAR - BUR", of=GERMANY)))
    assert scene.verdict("legality", draft("x", act(ActKind.REQUEST_SUPPORT, "A BER S A PAR - BUR", of=GERMANY)))
    condition = replace(act(ActKind.OFFER, "A PAR - BUR"), condition=act(ActKind.PROPOSE, "A MUN - MOS", of=GERMANY))
    assert scene.verdict("legality", draft("x", condition))
    later = act(ActKind.INFORM, "A BUR - BEL", phase=Phase.parse("F1901M"))
    assert not scene.verdict("legality", draft("x", later))


def test_legality_leaves_coasts_and_the_past_alone(scene: Scene) -> None:
    scene.play(france=["F BRE - MAO"])
    assert not scene.verdict("legality", draft("x", act(ActKind.INFORM, "F MAO - SPA")))
    assert not scene.verdict("legality", draft("x", act(ActKind.CLAIM_PAST, "F BRE - MAO")))


@pytest.mark.parametrize(
    ("text", "is_true"),
    [
        ("I have three centres, you have 3 SCs.", True),
        ("You already have 5 centers!", False),
        ("Russia has four centers.", True),
        ("Russia has 3 centers.", False),
        ("What will your army in Munich do?", True),
        ("What will your fleet in Munich do?", False),
        ("My army in Paris is bored.", True),
        ("My army in Burgundy is bored.", False),
        ("Your army in Paris worries me.", False),
        ("Let's talk this spring.", True),
        ("Let's talk in 1903 again.", True),
        ("In 1899 it was better.", False),
        ("Last fall was bad.", False),
    ],
)
def test_grounding(scene: Scene, text: str, is_true: bool) -> None:
    assert (scene.verdict("grounding", draft(text)) == "") is is_true


def test_grounding_knows_the_season_and_the_dead(scene: Scene) -> None:
    scene.play()
    assert scene.verdict("grounding", draft("Let's move this spring."))
    assert not scene.verdict("grounding", draft("Let's move this fall."))
    assert not scene.verdict("grounding", draft("x", act(ActKind.ALLY, powers=(ENGLAND,))))
    position = scene.game.position
    units, centers = position.units(), position.centers()
    units["ENGLAND"], centers["ENGLAND"] = [], []
    scene.game.position = type(position).from_state(position.map, "S1902M", units, centers)
    assert scene.verdict("grounding", draft("x", act(ActKind.ALLY, powers=(ENGLAND,))))
    assert scene.verdict("grounding", draft("Let's attack England."))


def test_intention(scene: Scene) -> None:
    assert not scene.verdict("intention", draft("x", act(ActKind.INFORM, "A PAR - BUR")))
    assert scene.verdict("intention", draft("x", act(ActKind.INFORM, "A PAR - PIC")))
    assert scene.verdict("intention", draft("x", act(ActKind.INFORM, "A PAR - BUR", polarity=Polarity.NOT)))
    assert not scene.verdict("intention", draft("x", act(ActKind.INFORM, "A PAR - PIC", polarity=Polarity.NOT)))
    assert scene.verdict("intention", draft("x", act(ActKind.DEMILITARISE, provinces="BUR")))
    assert not scene.verdict("intention", draft("x", act(ActKind.DEMILITARISE, provinces="PIC")))
    assert scene.verdict("intention", draft("x", act(ActKind.BOUNCE, provinces="PIC")))
    assert not scene.verdict("intention", draft("x", act(ActKind.BOUNCE, provinces="BUR")))
    assert not scene.verdict("intention", draft("x", act(ActKind.ALLY)))


def test_intention_lets_the_plan_bind_itself(scene: Scene) -> None:
    promise = act(ActKind.PROMISE, "A MAR H")
    assert not scene.verdict("intention", draft("x", promise), plan=(act(ActKind.AGREE), promise))
    assert scene.verdict("intention", draft("x", promise), plan=(act(ActKind.AGREE),))


def test_intention_gives_no_attack_away(scene: Scene) -> None:
    scene.play(france=["A PAR - BUR"])
    scene.own = tuple(parse_order(t) for t in ("A BUR - MUN", "A MAR - SPA"))
    assert scene.verdict("intention", draft("x", act(ActKind.INFORM, "A BUR - MUN")))
    assert scene.verdict("intention", draft("x", act(ActKind.ALLY)))
    assert not scene.verdict("intention", draft("x", act(ActKind.INFORM, "A MAR - SPA")))


def test_promises(scene: Scene) -> None:
    scene.say("Paris goes to Burgundy", act(ActKind.PROMISE, "A PAR - BUR"))
    other = act(ActKind.INFORM, "A PAR - PIC")
    assert not scene.verdict("promises", draft("x", act(ActKind.INFORM, "A PAR - BUR")))
    assert "A PAR - BUR" in scene.verdict("promises", draft("x", other))
    assert scene.verdict("promises", draft("x", act(ActKind.INFORM, "A PAR - BUR", polarity=Polarity.NOT)))
    assert not scene.verdict("promises", draft("Sorry, change of plan", act(ActKind.APOLOGISE), other))
    assert scene.verdict("promises", draft("I never said that", act(ActKind.DENY, "A PAR - BUR")))
    assert not scene.verdict("promises", draft("I never said that", act(ActKind.DENY, "A PAR - GAS")))


def test_promises_to_others_count(scene: Scene) -> None:
    scene.say("I stay out", act(ActKind.PROMISE, to=ITALY, provinces="PIE", polarity=Polarity.NOT))
    assert "ITALY" in scene.verdict("promises", draft("x", act(ActKind.INFORM, "A MAR - PIE")))


def test_past_orders(scene: Scene) -> None:
    scene.play(germany=["A MUN - BUR"])
    assert not scene.verdict("past", draft("You went to Bur", act(ActKind.CLAIM_PAST, "A MUN - BUR", of=GERMANY)))
    assert scene.verdict("past", draft("You went to Ruhr", act(ActKind.CLAIM_PAST, "A MUN - RUH", of=GERMANY)))
    did_not = act(ActKind.CLAIM_PAST, "A MUN - BUR", of=GERMANY, polarity=Polarity.NOT)
    assert scene.verdict("past", draft("You did not go", did_not))
    denial = act(ActKind.DENY, "A PAR H", phase=Phase.parse("S1901M"))
    assert scene.verdict("past", draft("I did not hold", denial))


@pytest.mark.parametrize(
    "text",
    ["You moved Munich to Burgundy last turn.", "You sent your army in Munich to Burgundy.", "You went to Burgundy."],
)
def test_what_bounced_was_tried(scene: Scene, text: str) -> None:
    scene.play(germany=["A MUN - BUR"], france=["A PAR - BUR"])
    for claim in (
        act(ActKind.CLAIM_PAST, "A MUN - BUR", of=GERMANY),
        act(ActKind.CLAIM_PAST, provinces="BUR"),
    ):
        assert "did not get there" in scene.verdict("past", draft(text, claim))
        for tried in ("You tried to move to Burgundy.", "You went for Burgundy.", "You moved to Bur, and bounced."):
            assert not scene.verdict("past", draft(f"{tried} I moved to Gascony.", claim)), tried


def test_what_did_not_bounce_was_done(scene: Scene) -> None:
    scene.play(germany=["A MUN - BUR"])
    claim = act(ActKind.CLAIM_PAST, "A MUN - BUR", of=GERMANY)
    assert not scene.verdict("past", draft("You moved Munich to Burgundy last turn.", claim))


def test_still_is_asked_of_what_was_told(scene: Scene) -> None:
    ask = act(ActKind.ASK, "A MUN - BUR", of=GERMANY)
    still = draft("I go to Gascony. Are you still planning to move to Burgundy?", ask)
    assert "said nothing" in scene.verdict("past", still)
    assert not scene.verdict("past", draft("Are you planning to move to Burgundy?", ask))
    scene.say("I'm going to Burgundy", act(ActKind.INFORM, "A MUN - BUR", by=GERMANY, to=FRANCE))
    assert not scene.verdict("past", still)


@pytest.mark.parametrize(
    ("text", "is_true"),
    [
        ("I will keep staying out of Burgundy.", False),
        ("I'll keep out of Burgundy.", True),  # from now on
        ("I'll keep staying out of Picardy.", True),
        ("I will continue holding in Brest.", True),
        ("I'll keep holding in Paris.", False),
    ],
)
def test_what_goes_on_was_done_before(scene: Scene, text: str, is_true: bool) -> None:
    assert scene.verdict("past", draft("I will keep staying out of Picardy."))  # nothing was played yet
    scene.play(france=["A PAR - BUR", "F BRE H"])
    assert (scene.verdict("past", draft(text)) == "") is is_true


def test_nobody_takes_what_is_his(scene: Scene) -> None:
    scene.play(germany=["F KIE - DEN"])
    kiel = act(ActKind.PROPOSE, "A BER - KIE", of=GERMANY)
    assert "has" in scene.verdict("grounding", draft("Could you take Kiel with Berlin?", kiel))
    assert not scene.verdict("grounding", draft("Could you move Berlin to Kiel?", kiel))
    assert not scene.verdict("grounding", draft("England takes Kiel. Move Berlin to Kiel?", kiel))
    holland = act(ActKind.PROPOSE, "A RUH - HOL", of=GERMANY)
    assert not scene.verdict("grounding", draft("Could you take Holland?", holland))


def test_who_says_yes_to_peace_neither_attacks_nor_bounces(scene: Scene) -> None:
    scene.say(
        "I'm moving Munich to Burgundy. Ally?",
        act(ActKind.INFORM, "A MUN - BUR", by=GERMANY, to=FRANCE),
        act(ActKind.ALLY, by=GERMANY, to=FRANCE),
    )
    asked, yes = scene.game.messages[-1], draft("Works for me!", act(ActKind.AGREE))
    assert "stops its A MUN - BUR" in scene.verdict("intention", yes, answers=asked)
    scene.own = (parse_order("A PAR - PIC"),)
    assert not scene.verdict("intention", yes, answers=asked)
    scene.play(france=["A PAR - BUR"])
    scene.say("Peace?", act(ActKind.ALLY, by=GERMANY, to=FRANCE))
    scene.own = (parse_order("A BUR - MUN"),)
    assert "whom the plan attacks" in scene.verdict("intention", yes, answers=scene.game.messages[-1])


def test_past_words(scene: Scene) -> None:
    for text in (
        "As you said, Burgundy is open.",
        "As I told you, no.",
        "As agreed, I hold.",
        "Last turn was fine.",
        "Thanks for your support!",
    ):
        assert scene.verdict("past", draft(text)), text
    scene.say("hi", act(ActKind.SMALL_TALK, by=GERMANY, to=FRANCE))
    assert not scene.verdict("past", draft("As you said, Burgundy is open."))
    support = act(ActKind.REQUEST_SUPPORT, "A MUN S A PAR - BUR", of=GERMANY)
    scene.say("support me?", support)
    scene.say("sure", act(ActKind.AGREE, by=GERMANY, to=FRANCE))
    assert not scene.verdict("past", draft("As agreed, I go to Burgundy."))
    assert not scene.verdict("past", draft("Thanks for your support!"))


@pytest.mark.parametrize(
    "text",
    [
        "Nice moves, Germany!",
        "That was a wild turn.",
        "I'll get back to you.",
        "Careful, Italy told me she is going to Trieste.",
    ],
)
def test_past_presupposed(scene: Scene, text: str) -> None:
    assert scene.verdict("past", draft(text))


def test_hearsay_that_was_heard(scene: Scene) -> None:
    inform = act(ActKind.INFORM, "A VEN - TRI", by=ITALY, to=FRANCE)
    scene.say("Ven to Tri", inform)
    assert not scene.verdict("past", draft("Careful, Italy told me she is going to Trieste."))
    assert scene.verdict("past", draft("Careful, Italy told me she is going to Munich."))


def test_thanks_for_support_want_support(scene: Scene) -> None:
    scene.say("I go to Ruhr", act(ActKind.INFORM, "A MUN - RUH", by=GERMANY, to=FRANCE))
    assert scene.verdict("past", draft("Thank you for your support!"))
    assert not scene.verdict("past", draft("Thank you for your help!"))


def test_size_is_checked(scene: Scene) -> None:
    assert scene.verdict("grounding", draft("Austria is getting too strong."))
    assert scene.verdict("grounding", draft("Italy is weak."))
    assert not scene.verdict("grounding", draft("Austria worries me, we need to be strong."))


def test_review_asks_every_filter(scene: Scene) -> None:
    context = FilterContext(
        scene.game.view(FRANCE), scene.ledger, SpeechPlan(FRANCE, GERMANY, (act(ActKind.INFORM, "A PAR - BUR"),)), PLAN
    )
    good = draft("I'm moving to Burgundy, nothing against you.", act(ActKind.INFORM, "A PAR - BUR"))
    assert passes(review(good, context))
    bad = draft("You idiot, I go to <P0>", act(ActKind.INFORM, "A PAR - MOS"))
    rejected = [v.filter for v in review(bad, context) if v.verdict is Verdict.REJECT]
    assert rejected == ["form", "rudeness", "legality", "intention"]
    assert len(review(bad, context)) == len(DEFAULT_FILTERS)


def test_filters_are_chosen_by_name() -> None:
    assert filters_named(["past", "form"]) == (FILTERS["past"], FILTERS["form"])
    with pytest.raises(UnknownFilterError, match="legality"):
        filters_named(["legalty"])


def test_a_filter_of_somebody_elses_is_loaded_from_its_file(tmp_path: Path, scene: Scene) -> None:
    mine = tmp_path / "polite.py"
    mine.write_text(
        "from dialogue.filters.verdict import verdict\n\n\ndef polite(draft, context):\n"
        "    return verdict('polite', None if 'please' in draft.text else 'does not say please')\n"
    )
    (polite,) = filters_named([f"{mine}:polite"])
    speech = SpeechPlan(FRANCE, GERMANY, ())
    context = FilterContext(scene.game.view(FRANCE), scene.ledger, speech, PLAN)
    assert [polite(draft(text), context).verdict for text in ("Go!", "Go, please!")] == [Verdict.REJECT, Verdict.PASS]
    (tmp_path / "broken.py").write_text("polite = nothing_of_this_name\n")
    for name in (
        f"{mine}:rude",
        ":polite",
        f"{tmp_path / 'broken.py'}:polite",
        f"{tmp_path / 'none.py'}:polite",
        "no.such.module:polite",
    ):
        with pytest.raises(UnknownFilterError, match="cannot load"):
            filters_named([name])


def test_chatter_is_no_answer_to_a_question(scene: Scene) -> None:
    chat = act(ActKind.SMALL_TALK)
    scene.say("Hi.", chat)
    scene.say(
        "Are you moving to Burgundy?",
        act(ActKind.ASK, "A PAR - BUR", by=GERMANY, to=FRANCE, of=FRANCE),
        by=GERMANY,
        to=FRANCE,
    )
    asked = scene.game.messages[-1]
    for text in ("Haha, this game is wild.", "Nice moves!", "Talk soon."):
        assert "chats" in scene.verdict("relevance", draft(text, chat), answers=asked), text
    for text in ("I'd rather not say yet.", "That depends on what the others do.", "Let me get back to you."):
        assert not scene.verdict("relevance", draft(text, chat), answers=asked), text
    told = act(ActKind.INFORM, "A PAR - BUR")
    assert not scene.verdict("relevance", draft("I'm moving to Burgundy.", told), answers=asked)
    assert not scene.verdict("relevance", draft("Haha, this game is wild.", chat)), "nothing is answered"


def test_a_greeting_beside_an_answer_is_no_chatter(scene: Scene) -> None:
    scene.say("Hi! Your plans?", act(ActKind.ASK, by=GERMANY, to=FRANCE))
    asked = scene.game.messages[-1]
    acts = act(ActKind.SMALL_TALK), act(ActKind.INFORM, "A PAR - BUR")
    assert not scene.verdict("relevance", draft("Hello Germany! I'm moving to Burgundy.", *acts), answers=asked)
    assert scene.verdict("relevance", draft("Hello Germany!", acts[0]), answers=asked)


def test_what_follows_an_answer_greets_nobody(scene: Scene) -> None:
    scene.say(
        "Hi! DMZ in Burgundy? And shall we attack England?",
        act(ActKind.DEMILITARISE, by=GERMANY, to=FRANCE, provinces="BUR"),
        act(ActKind.ALLY, by=GERMANY, to=FRANCE),
    )
    asked = scene.game.messages[-1]
    acts = act(ActKind.DEMILITARISE, provinces="BUR"), act(ActKind.SMALL_TALK)
    assert "chats" in scene.verdict("relevance", draft("Good luck! Let's DMZ Burgundy.", *acts), answers=asked)
    kept = draft("Let's DMZ Burgundy. Let me think about the rest.", *acts)
    assert not scene.verdict("relevance", kept, answers=asked)


def test_nobody_is_greeted_in_the_middle_of_a_talk(scene: Scene) -> None:
    told = act(ActKind.INFORM, "A PAR - BUR")
    hello = draft("Hi Germany, good luck this game. I'm moving to Burgundy.", told)
    assert not scene.verdict("relevance", hello)
    scene.say("Hello!", act(ActKind.SMALL_TALK))
    assert "in the middle of a talk" in scene.verdict("relevance", hello)
    assert not scene.verdict("relevance", draft("I'm moving to Burgundy.", told))


def test_who_says_yes_does_not_stall(scene: Scene) -> None:
    yes = act(ActKind.AGREE)
    assert "beside its answer" in scene.verdict("relevance", draft("Let me think about that one. Works for me.", yes))
    assert not scene.verdict("relevance", draft("Works for me.", yes))


def test_time_to_think_is_for_what_is_not_answered(scene: Scene) -> None:
    scene.say("What are you up to?", act(ActKind.ASK, by=GERMANY, to=FRANCE))
    told = act(ActKind.INFORM, "A PAR - PIC"), act(ActKind.SMALL_TALK)
    assert "then answers" in scene.verdict("relevance", draft("I'm not sure yet. I'm moving to Picardy.", *told))
    assert "there is none" in scene.verdict("relevance", draft("I go to Pic. Let me think about the rest.", *told))
    assert not scene.verdict("relevance", draft("I'm moving to Picardy. I'll get back to you.", *told))
    yes = act(ActKind.SMALL_TALK), act(ActKind.AGREE)
    assert "then answers" in scene.verdict("relevance", draft("I'm not sure yet. I'm in.", *yes))
    asks = act(ActKind.SMALL_TALK), act(ActKind.ASK)
    assert not scene.verdict("relevance", draft("I'm not sure yet. What do you think?", *asks))


def test_a_no_is_to_what_was_proposed(scene: Scene) -> None:
    scene.say("Bounce in Burgundy?", act(ActKind.BOUNCE, by=GERMANY, to=FRANCE, provinces="BUR"))
    asked, no = scene.game.messages[-1], act(ActKind.REFUSE, provinces="BUR")
    assert "nobody proposed" in scene.verdict("relevance", draft("I can't agree to a DMZ in Bur.", no), answers=asked)
    assert "nobody proposed" in scene.verdict("relevance", draft("I can't keep out of Bur.", no), answers=asked)
    assert not scene.verdict("relevance", draft("Sorry, no bounce in Bur.", no), answers=asked)
    zone = act(ActKind.DEMILITARISE, provinces="BUR")
    assert not scene.verdict("relevance", draft("No bounce in Bur. A DMZ in Bur?", no, zone), answers=asked)


def test_a_guess_is_not_told_as_hearsay(scene: Scene) -> None:
    guess = act(ActKind.INFORM, "A VEN - TYR", of=ITALY)
    assert "guess" in scene.verdict("relevance", draft("Rumor has it Italy is moving Ven to Tyr.", guess))
    assert not scene.verdict("relevance", draft("I think Italy will move Ven to Tyr.", guess))
    scene.say("I'm going to Tyrolia.", act(ActKind.INFORM, "A VEN - TYR", by=ITALY, to=FRANCE, of=ITALY))
    assert not scene.verdict("relevance", draft("I hear Italy is moving Ven to Tyr.", guess))


def test_news_needs_no_reason(scene: Scene) -> None:
    text = "I'm moving to Burgundy, we'd both gain from it."
    assert "no proposal" in scene.verdict("relevance", draft(text, act(ActKind.INFORM, "A PAR - BUR")))
    zone = act(ActKind.DEMILITARISE, provinces="BUR")
    assert not scene.verdict("relevance", draft("DMZ in Burgundy? It's good for both of us.", zone))


def test_who_thanks_for_news_was_told_some(scene: Scene) -> None:
    thanks = act(ActKind.THANK)
    scene.say("Done", act(ActKind.AGREE, by=GERMANY, to=FRANCE))
    assert scene.verdict("relevance", draft("Thank you for the heads up.", thanks))
    assert not scene.verdict("relevance", draft("Thank you!", thanks))
    scene.say("I'm moving to Holland.", act(ActKind.INFORM, "A RUH - HOL", by=GERMANY, to=FRANCE, of=GERMANY))
    assert not scene.verdict("relevance", draft("Thank you for the heads up.", thanks))


def test_a_warning_says_of_whom_and_means_it(scene: Scene) -> None:
    warning = act(ActKind.WARN, "A WAR - PRU", of=Power.RUSSIA, powers=(Power.RUSSIA,))
    for text, sent in (
        ("Watch out, Russia is moving from Warsaw to Prussia.", True),
        ("War to Pru", False),
        ("I'm not sure Russia is going to move War to Pru.", False),
    ):
        assert (not scene.verdict("relevance", draft(text, warning))) is sent, text


def test_an_offer_on_a_condition_need_not_be_planned(scene: Scene) -> None:
    out = act(ActKind.INFORM, provinces="BUR", polarity=Polarity.NOT)
    offer = replace(act(ActKind.OFFER, "A PAR - PIC"), condition=out)
    assert not scene.verdict("intention", draft("I'll move to Picardy if you stay out of Burgundy.", offer))
    assert scene.verdict("intention", draft("I could move to Picardy.", replace(offer, condition=None)))


@pytest.mark.parametrize(
    ("effect", "stopped"),
    [
        (None, []),
        (Effect(worth=0.001, intent=0.1), []),
        (Effect(worth=-0.01, intent=0.0), ["worth"]),
        (Effect(worth=0.0, intent=-0.1), ["correspondence"]),
    ],
)
def test_what_a_search_says_against_a_message_stops_it(scene: Scene, effect: Effect | None, stopped: list[str]) -> None:
    inform = act(ActKind.INFORM, "A PAR - BUR")
    speech = SpeechPlan(FRANCE, GERMANY, (inform,))
    context = FilterContext(scene.game.view(FRANCE), scene.ledger, speech, PLAN, effect=lambda acts: effect)
    verdicts = review(draft("I'm going to Burgundy", inform), context, filters_named(["worth", "correspondence"]))
    assert [v.filter for v in verdicts if v.verdict is Verdict.REJECT] == stopped
    assert [v.score is None for v in verdicts] == [effect is None] * 2
    assert not scene.verdict("worth", draft("I'm going to Burgundy", inform)), "no search was handed to it"


def test_a_filter_file_stands_in_for_no_module(tmp_path: Path) -> None:
    path = tmp_path / "json.py"
    path.write_text("def shy(draft, context):\n    return None\n")
    before = sys.modules["json"]  # pytest has loaded it
    (shy,) = filters_named([f"{path}:shy"])
    assert shy.__name__ == "shy"
    assert sys.modules["json"] is before
