"""Sentences about words said before, taken apart; and as acts of the reader."""

from __future__ import annotations

import pytest

from dialogue.acts import ActKind, Polarity
from dialogue.first_person import in_first_person
from dialogue.learned_reader import shipped_reader
from dialogue.recalling import recalled, unquoted, when_said
from dialogue.understanding import read_text
from engine.game import Game
from engine.types import Message, Phase, Power
from tests.dialogue.table import FRANCE, GERMANY, ITALY

VIEW = Game().view(FRANCE)


@pytest.mark.parametrize(
    ("text", "by", "words"),
    [
        ("Did you say you'd move Munich to Burgundy?", GERMANY, "I will move Munich to Burgundy"),
        ("You told me you would hold in Munich, didn't you?", GERMANY, "I will hold in Munich"),
        ("Didn't you promise to stay out of Burgundy?", GERMANY, "I will stay out of Burgundy"),
        ("Did you agree to a DMZ in Burgundy?", GERMANY, "Let us have a DMZ in Burgundy"),
        ("Do you remember promising me support into Belgium?", GERMANY, "I will support you into Belgium"),
        ("Was it you who said Munich would hold?", GERMANY, "Munich will hold"),
        ("Did I tell you I'd go to Picardy?", FRANCE, "I will go to Picardy"),
    ],
)
def test_a_question_about_words(text: str, by: Power, words: str) -> None:
    (said,) = recalled(text, FRANCE, GERMANY, VIEW)
    assert (said.by, said.words, said.asks, said.denies) == (by, words, True, False)
    assert said.to is (FRANCE if by is GERMANY else GERMANY)


@pytest.mark.parametrize(
    ("text", "by", "denies"),
    [
        ("You said you'd move Munich to Kiel.", GERMANY, False),
        ("I never said I'd move to Burgundy.", FRANCE, True),
        ("You never told me you would hold.", GERMANY, True),
        ("I don't remember saying I'd hold in Paris.", FRANCE, True),
        ("I never said that!", FRANCE, True),
    ],
)
def test_a_statement_about_words(text: str, by: Power, denies: bool) -> None:
    (said,) = recalled(text, FRANCE, GERMANY, VIEW)
    assert (said.by, said.asks, said.denies) == (by, False, denies)


@pytest.mark.parametrize(
    "text",
    [
        "Are you moving to Burgundy?",
        "Did you move to Burgundy last turn?",
        "As I said, I'm moving to Picardy.",
        "As you said, Italy is strong.",
        "I told Italy to attack Austria.",
        "Italy said he'd move to Tyrolia.",
        "Say, how about a bounce in Burgundy?",
    ],
)
def test_what_is_about_no_words_of_the_two(text: str) -> None:
    found = [said for said in recalled(text, FRANCE, GERMANY, VIEW) if said.to in (FRANCE, GERMANY)]
    assert not found


def test_words_to_a_third_power_are_told_apart() -> None:
    (said,) = recalled("Did you tell Italy that you'd move to Tyrolia?", FRANCE, GERMANY, VIEW)
    assert said.to is ITALY
    (act,) = read_text("What did you tell Italy about Munich?", FRANCE, GERMANY, VIEW).acts
    assert (act.kind, act.powers, act.provinces, act.orders) == (ActKind.ASK, (ITALY,), ("MUN",), ())


def test_the_time_of_words() -> None:
    now = Game().view(FRANCE)
    (said,) = recalled("In spring 1901 you said you'd hold in Munich.", FRANCE, GERMANY, now)
    assert str(said.phase) == "S1901M"
    assert when_said(Phase.parse("F1902M"), Phase.parse("S1904M")) == "in fall 1902"
    assert when_said(Phase.parse("S1901M"), Phase.parse("S1901M")) == ""


def test_a_quotation_is_read_as_the_words_that_it_is() -> None:
    text = 'Yes, I did. In spring 1901 I told you: "I\'m moving Paris to Picardy."'
    reading = read_text(text, FRANCE, GERMANY, VIEW)
    (act,) = reading.acts
    assert not reading.unread
    assert act.kind is ActKind.CLAIM_PAST
    assert act.quote == "I'm moving Paris to Picardy."
    assert [str(item) for item in act.orders] == ["FRANCE: A PAR - PIC"]
    assert "Picardy" not in unquoted(text)


def test_what_was_promised_away_keeps_its_sign() -> None:
    (act,) = read_text("You promised not to move to Burgundy.", FRANCE, GERMANY, VIEW).acts
    assert (act.kind, act.polarity, act.quote) == (ActKind.CLAIM_PAST, Polarity.NOT, "")
    assert in_first_person(" that my army would be supported by you", swap=True) == "your army will be supported by me"


def test_the_learned_reader_takes_them_from_the_rules() -> None:
    message = Message(FRANCE, GERMANY, VIEW.phase, "Did you say you'd move Munich to Burgundy?", 0)
    (act,) = shipped_reader().read(message, VIEW).acts
    assert (act.kind, act.quote) == (ActKind.ASK, "")
    assert [str(item) for item in act.orders] == ["GERMANY: A MUN - BUR"]


def test_a_message_to_all_is_about_nobodys_words() -> None:
    assert recalled("Did you say you'd hold?", FRANCE, None, VIEW) == ()
