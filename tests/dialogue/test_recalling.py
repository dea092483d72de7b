"""Sentences about words said before, taken apart; and as acts of the reader."""

from __future__ import annotations

import pytest

from dialogue.acts import ActKind, Polarity
from dialogue.first_person import in_first_person
from dialogue.learned_reader import shipped_reader
from dialogue.past_phases import when_said
from dialogue.recalling import Recalled, recalled, unquoted
from dialogue.saying_verbs import plain
from dialogue.understanding import read_text, words_of
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


@pytest.mark.parametrize(
    "text",
    [
        "Remind me whether you said you'd hold in Munich.",
        "I could have sworn you told me you'd hold in Munich.",
        "Is it a fact that you announced you'd hold in Munich?",
        "u promissed to hold in Munich, remeber?",
        "didnt yuo say you were gonna hold in Munich",
        "Did I have your word that you'd hold in Munich?",
        "Was there a promise from you to hold in Munich?",
        "Did I hear you say you'd sit tight in Munich?",
        "Said you'd hold in Munich, did you?",
        "You'd hold in Munich, you said, right?",
        "You'd hold in Munich. Did you say that?",
        "Hi! Before I answer, have you spoken of holding in Munich? I'm still thinking.",
        "Don't you dare deny that you told me you'd hold in Munich.",
        "You said you'd hold in Munich and that we'd stay friends, correct?",
        "Was I told by you that you'd hold in Munich?",
        "Wasn't I promised by you that you'd hold in Munich?",
        "Was it agreed between us that you'd hold in Munich?",
        "You'd hold in Munich. Were those your words?",
        "Was it your promise to hold in Munich?",
        "Did I understand you correctly that you'd hold in Munich?",
        "You'd hold in Munich - that's what you told me, isn't it?",
        "You, promise to hold in Munich?",
    ],
)
def test_a_question_however_it_is_worded(text: str) -> None:
    (said,) = recalled(text, FRANCE, GERMANY, VIEW)
    assert (said.by, said.to, said.asks) == (GERMANY, FRANCE, True)
    content = words_of(said, VIEW)
    assert content is not None
    assert [str(item) for item in content.orders] == ["GERMANY: A MUN H"]


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("It isn't true that I said I'd hold in Paris.", FRANCE),
        ("At no point did I tell you I'd hold in Paris.", FRANCE),
        ("You keep claiming I said I'd hold in Paris. I did not.", FRANCE),
        ("There was no promise from me to hold in Paris.", FRANCE),
        ("Why didn't you tell me you'd hold in Munich?", GERMANY),
        ("You kept from me that you'd hold in Munich.", GERMANY),
        ("I don't think you ever told me you'd hold in Munich.", GERMANY),
        ("Nothing in your messages said you'd hold in Munich.", GERMANY),
        ("I was never told that you'd hold in Munich.", GERMANY),
        ("You could have told me you'd hold in Munich.", GERMANY),
        ("I have no memory of you promising to hold in Munich.", GERMANY),
        ("I have no memory of saying I'd hold in Paris.", FRANCE),
        ("Me, say I'd hold in Paris? Never.", FRANCE),
        ("I haven't told you I'd hold in Paris.", FRANCE),
    ],
)
def test_a_denial_however_it_is_worded(text: str, by: Power) -> None:
    (said,) = recalled(text, FRANCE, GERMANY, VIEW)
    assert (said.by, said.asks, said.denies) == (by, False, True)
    assert said.words == ("I will hold in Paris" if by is FRANCE else "I will hold in Munich")


@pytest.mark.parametrize(
    "text",
    [
        "Remind me of what you said on Burgundy.",
        "Anything you told me about Burgundy?",
        "Have you ever mentioned Burgundy to me?",
        "What have I heard from you about Burgundy?",
        "wat did u say about Burgundy",
        "Which promises did you make me about Burgundy?",
        "Did you mention Bur at all?",
    ],
)
def test_an_open_question_however_it_is_worded(text: str) -> None:
    (said,) = recalled(text, FRANCE, GERMANY, VIEW)
    assert (said.by, said.asks, said.is_open, said.provinces) == (GERMANY, True, True, ("BUR",))


@pytest.mark.parametrize(
    "text",
    [
        "That is consistent with what you said.",
        "That's not what you told me.",
        "I was told by Russia that you'd hold in Munich.",
        "I didn't hear from you.",
        "You could have told me to hold in Paris if you wanted that.",
        "Do I have your word that you'll hold in Munich?",
        "England and I were talking about your moves.",
        "If I don't hear from you before the deadline I'll just hold Paris.",
        "Are you committed to holding in Munich?",
    ],
)
def test_what_asks_nothing_of_the_record(text: str) -> None:
    assert not recalled(text, FRANCE, GERMANY, VIEW)


def test_the_time_named_is_the_one_at_which_it_was_said() -> None:
    text = "Before I answer, did I understand you correctly in S1901M that you'd hold in Munich?"
    (said,) = recalled(text, FRANCE, GERMANY, VIEW)
    assert (str(said.phase), said.words) == ("S1901M", "I will hold in Munich")


def test_what_was_agreed_is_what_each_would_do() -> None:
    (mine,) = recalled("Did we agree that I'd stay out of Burgundy?", FRANCE, GERMANY, VIEW)
    (yours,) = recalled("Did we agree that you'd stay out of Burgundy?", FRANCE, GERMANY, VIEW)
    assert (mine.by, yours.by) == (FRANCE, GERMANY)


@pytest.mark.parametrize(
    ("deed", "order"),
    [
        ("get Munich into Burgundy", "A MUN - BUR"),
        ("use Munich against Burgundy", "A MUN - BUR"),
        ("have Munich support Kiel", "A MUN S F KIE"),
        ("support the attack of Berlin on Kiel from Munich", "A MUN S A BER - KIE"),
        ("keep your army in Munich", "A MUN H"),
    ],
)
def test_a_deed_is_put_plainly(deed: str, order: str) -> None:
    content = words_of(Recalled(GERMANY, FRANCE, in_first_person(f" that you'd {deed}", swap=True)), VIEW)
    assert content is not None
    assert [str(item) for item in content.orders] == [f"GERMANY: {order}"]


@pytest.mark.parametrize("deed", ["not go anywhere near Burgundy", "keep your hands off Burgundy", "leave Burgundy be"])
def test_to_stay_out_is_put_plainly(deed: str) -> None:
    assert in_first_person(f" that you'd {deed}", swap=True) == "I will stay out of Burgundy"


def test_words_are_spelt_as_they_were_meant_and_names_left_alone() -> None:
    assert plain("u tolld me, didnt yuo? I sold Told in Hold") == "you told me, didn't you? I sold Told in Hold"
