"""Free text as people write it: what the reader makes of it by category, what it leaves alone and what it reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.understanding import ReadContext, Reading, matches, read, read_text
from engine._core import Position
from engine.board import Board
from engine.mapfile import core_map
from engine.notation import parse_order
from engine.types import POWERS, Message, Phase, Power, Province

_STATE = json.loads((Path(__file__).parent / "reader_positions.json").read_text(encoding="utf-8"))["mid"]
BOARD = Board(Position.from_state(core_map("standard"), _STATE["phase"], _STATE["units"], _STATE["centers"]))
LETTERS = {power[0]: power for power in POWERS}


def said(who: str, text: str, heard: tuple[SpeechAct, ...] = ()) -> Reading:
    """The reading of a text; `who` is the speaker's and the addressee's initial."""
    return read_text(text, LETTERS[who[0]], LETTERS[who[1]], BOARD, ReadContext(heard, 0))


def shown(act: SpeechAct) -> str:
    """An act in brief: "offer @GAS, if (inform not @BUR)"."""
    content = [
        *(str(one.order) for one in act.orders),
        *(f"@{place}" for place in act.provinces),
        *(f"+{power}" for power in act.powers),
    ]
    if act.condition is not None:
        content.append(f"if ({shown(act.condition)})")
    kind = f"{act.kind} not" if act.polarity is Polarity.NOT else str(act.kind)
    return f"{kind} {', '.join(content)}".strip()


def acts(reading: Reading) -> list[str]:
    """What a reading says, small talk aside."""
    return [shown(act) for act in reading.acts if act.kind is not ActKind.SMALL_TALK]


READ = {
    "notation": [
        ("FG", "A Bur-Mun", ["inform A BUR - MUN"]),
        ("FG", "F Bre Eng", ["inform F BRE - ENG"]),
        ("IA", "Ven to Tri, Apu-Ven and Tys H", ["inform A VEN - TRI, A APU - VEN, F TYS H"]),
        ("GF", "Ruh and Bel S Mun-Bur", ["inform A RUH S A MUN - BUR, A BEL S A MUN - BUR"]),
        ("GF", "A BEL - PIC, A RUH S BEL-BUR", ["inform A BEL - PIC, A RUH S A BEL - BUR"]),
    ],
    "own_plans": [
        ("FG", "I'm going to try for Mun with Bur", ["inform A BUR - MUN"]),
        ("FG", "Gonna hold everything this turn", ["inform A BUR H, A MAR H, A PIC H, A SPA H, F BRE H, F MAO H"]),
        ("GF", "We'll see, but I'll cover Mun with Ruh", ["promise A RUH - MUN"]),
        ("TR", "I might sneak into Sev from Armenia", ["inform A ARM - SEV"]),
        ("FI", "I'm moving both MAO and Spain back", ["inform @MAO, @SPA"]),
        ("EG", "I've placed the order to support Den to hold", ["inform F NTH S F DEN"]),
        ("FG", "Just a heads up that I will attack Mun with Bur", ["promise A BUR - MUN"]),
        ("TA", "i want ser", ["inform @SER"]),
        ("FG", "My plan is to take Bel", ["inform @BEL"]),
        ("FG", "The plan is for me to hold Bur", ["inform A BUR H"]),
        ("FG", "I was thinking Piedmont", ["inform @PIE"]),
        ("FG", "My preferred move would be Mar to Pie", ["inform A MAR - PIE"]),
        ("FG", "I have no designs on Bel", ["inform not @BEL"]),
        ("FG", "Bel should be mine", ["inform @BEL"]),
        ("FG", "There is no chance that I move to Bel", ["inform not @BEL"]),
        ("FG", "I'm a bit worried about Mar", ["inform @MAR"]),
        ("FG", "I'm mostly focused on England now", ["inform +ENGLAND"]),
        ("FG", "I'm moving my fleet to the Irish Sea", ["inform F MAO - IRI"]),
    ],
    "denials_and_doubts": [
        ("FG", "I'm not about to fight with you", ["inform not +GERMANY"]),
        ("GF", "I doubt Italy will go to Pie", ["inform not A VEN - PIE"]),
        ("FE", "I don't think Italy is going to WES", ["inform not F TYS - WES"]),
        ("TA", "we can't take Rumania", ["inform not @RUM"]),
        ("FG", "don't attack me please", ["propose not"]),
        ("FG", "it was not an attack on Italy", ["deny +ITALY"]),
        ("FG", "stop attacking me", ["propose not"]),
    ],
    "offers": [
        ("FG", "I could let you have Belgium", ["offer @BEL"]),
        ("FI", "Tunis is yours", ["offer @TUN"]),
        ("FG", "want Bur to support you into Mar?", ["offer @BUR, @MAR"]),
        ("RT", "let me know if you need support into Arm", ["offer F SEV S F BLA - ARM"]),
        ("FG", "I'm happy to help you against Italy", ["offer +ITALY"]),
        ("FG", "Happy to support Bel to hold with Pic", ["offer A PIC S A BEL"]),
        ("FG", "Holland for you, Belgium for me", ["offer @HOL", "inform @BEL"]),
        ("FG", "You're welcome to Den", ["offer @DEN"]),
        ("FG", "I could kick England out of Lon", ["inform @LON, +ENGLAND"]),
    ],
    "proposals": [
        ("AG", "Could you lay off Russia for a while?", ["propose not +RUSSIA"]),
        ("RG", "go and take Bal", ["propose F DEN - BAL"]),
        ("GF", "if you could pull back Bur, that would be lovely", ["propose @BUR"]),
        ("AT", "if I were you I'd take Rum", ["propose @RUM"]),
        ("FG", "you should leave Ruh and take Hol and Kie", ["demilitarise @RUH", "propose @HOL, @KIE"]),
        ("FG", "please take Kie and leave me Bel", ["propose @KIE", "propose @BEL"]),
        ("FG", "Have Ruh support Bur-Mun", ["request_support A RUH S A BUR - MUN"]),
        ("FG", "Ruh needs to move into Mun", ["propose A RUH - MUN"]),
    ],
    "requests": [
        ("FG", "Support me in?", ["request_support"]),
        ("FG", "If you could support me into Mun, that would be lovely", ["request_support A RUH S A BUR - MUN"]),
        ("RG", "could you support war hold?", ["request_support @WAR"]),
        ("FG", "Let me know if you can support me into Mun", ["request_support A RUH S A BUR - MUN"]),
        ("FG", "I need help against England", ["request_support +ENGLAND"]),
        ("FG", "I'll need your support to get into Lon", ["request_support @LON"]),
        ("FG", "Can I ask that you stay out of Bur?", ["demilitarise @BUR"]),
        ("FG", "You should ask Russia to leave Den alone", ["propose @DEN, +RUSSIA"]),
        ("FG", "Could you talk to Russia about Sweden?", ["propose @SWE, +RUSSIA"]),
        ("FG", "Let's see if we can get to Lon", ["propose @LON"]),
        ("FG", "Would you support me in an attack on Tus?", ["request_support @TUS"]),
    ],
    "questions": [
        ("FG", "what are your plans for Mun and Ber?", ["ask @MUN, @BER"]),
        ("FI", "you going to WES?", ["ask F TYS - WES"]),
        ("FE", "why move to Eng?", ["ask F NTH - ENG"]),
        ("FG", "would you mind if I took Mun?", ["ask @MUN"]),
        ("FG", "do you know what England is up to?", ["ask +ENGLAND"]),
        ("RG", "where is Sweden going", ["ask @SWE"]),
        ("FG", "With Bel or Ruh?", ["ask @BEL, @RUH"]),
        ("FG", "Have you heard from Russia or England?", ["ask +RUSSIA, +ENGLAND"]),
        ("FG", "So you think Italy and Austria are friends?", ["ask +ITALY, +AUSTRIA"]),
        ("FG", "Just wondering whether Russia is going to help you in Swe", ["ask @SWE, +RUSSIA"]),
        ("FG", "How come you moved to Bel?", ["ask @BEL"]),
        ("FG", "Do you think I can take Lon?", ["ask @LON"]),
        ("FG", "Are you going into Tyr with Mun or Ruh?", ["ask @MUN, @RUH, @TYR"]),
        ("FG", "After Italy, what's next?", ["ask +ITALY"]),
        ("FG", "Are you going to Tyr or what?", ["ask A MUN - TYR"]),
    ],
    "third_powers": [
        ("FG", "Italy is going to run you over", ["warn +ITALY"]),
        ("FG", "I think Italy is out to get Austria", ["inform +ITALY, +AUSTRIA"]),
        ("FG", "England says he's going to bounce you in Ska", ["inform @SKA, +ENGLAND"]),
        ("FG", "Russia and I are working together", ["inform +RUSSIA"]),
        ("FG", "Italy is open to working with me", ["inform +ITALY"]),
        ("FG", "England asked me to take Mun", ["inform @MUN, +ENGLAND"]),
        ("FG", "I talked to Italy and he told me he's going to Tri", ["inform A VEN - TRI"]),
        ("FG", "Russia's a mess. He is attacking Austria", ["inform +RUSSIA, +AUSTRIA"]),
        ("FG", "Italy says you want to attack me", ["inform +ITALY"]),
        ("FG", "Russia told me about your plan to attack Swe", ["inform @SWE, +RUSSIA"]),
        ("FG", "Italy wants Tyr", ["inform @TYR, +ITALY"]),
        ("FG", "According to Russia, England is going to Den", ["inform F NTH - DEN"]),
        ("FG", "I have a deal with Italy", ["inform +ITALY"]),
        ("FG", "I'm not allied with Italy", ["inform not +ITALY"]),
        ("FG", "I don't think Italy moves to Tyr", ["inform not A VEN - TYR"]),
        ("FG", "My guess is that Russia attacks you", ["warn +RUSSIA"]),
    ],
    "past": [
        ("FG", "you supported me into Bel last turn", ["claim_past @BEL"]),
        ("FG", "England moved against me", ["claim_past +ENGLAND"]),
        ("FG", "I told Italy to hit Tri", ["claim_past @TRI, +ITALY"]),
        ("FG", "I noticed Italy's move to Pie", ["claim_past @PIE, +ITALY"]),
        ("FG", "I only moved to Gas to cover Spa", ["claim_past @GAS"]),
        ("FG", "Italy tried to move to Pie last turn", ["claim_past @PIE, +ITALY"]),
        ("FG", "you tried to get into Bur", ["claim_past @BUR"]),
        ("FG", "Last turn I tried to take Bel", ["claim_past @BEL"]),
        ("FG", "you attempted to go to Bur last turn", ["claim_past @BUR"]),
    ],
    "answers": [
        ("FG", "Fine by me, that all sounds good", ["agree"]),
        ("FG", "Agreed on the bounce in Mun", ["agree @MUN"]),
        ("FG", "I'm cool with you taking Bel", ["agree @BEL"]),
        ("FG", "No, you're right", ["agree"]),
        ("FG", "I'd rather not, sorry", ["refuse", "apologise"]),
        ("FG", "I'm happy with that arrangement", ["agree"]),
        ("FG", "I agree to no fleets in the Channel", ["agree @ENG"]),
        ("FG", "Fine with a DMZ in Bur", ["agree @BUR"]),
    ],
    "alliances": [
        ("RT", "want to do an R/T?", ["ally"]),
        ("FG", "Let's get rid of Italy first", ["ally +ITALY"]),
        ("FG", "I'd like a truce with you", ["ally"]),
        ("TI", "what if we squeezed Austria together?", ["ally +AUSTRIA"]),
        ("FG", "We should work towards taking out England", ["ally +ENGLAND"]),
        ("FG", "You and me against England", ["ally +ENGLAND"]),
        ("FG", "The two of us can crush England", ["ally +ENGLAND"]),
        ("FG", "Let's not fight", ["ally"]),
        ("FG", "I'm looking for an ally against England", ["ally +ENGLAND"]),
        ("FG", "I don't want a war with you", ["promise not +GERMANY"]),
    ],
    "courtesies": [
        ("FG", "I appreciate you leaving Bur alone", ["thank @BUR"]),
        ("FG", "sorry about Mun, my bad", ["apologise @MUN"]),
        ("FG", "thx for supporting me into Bel", ["thank @BEL"]),
    ],
    "zones_and_bounces": [
        ("GF", "can we keep Bur neutral?", ["demilitarise @BUR"]),
        ("GF", "The usual Bur bounce?", ["bounce @BUR"]),
        ("FG", "I'll withdraw from Bur", ["promise not @BUR"]),
        ("AR", "no bounce in Gal please", ["bounce not @GAL"]),
        ("RA", "lets call a dmz in gal", ["demilitarise @GAL"]),
        ("FG", "Bur is off limits for both of us", ["demilitarise @BUR"]),
    ],
    "conditions": [
        ("FG", "I'll move to Gas if you promise to stay out of Bur", ["offer @GAS, if (inform not @BUR)"]),
        ("FG", "If Italy attacks Pie I can hold Mar", ["offer A MAR H, if (inform A VEN - PIE)"]),
        ("FG", "Unless you leave Bel, I'm coming for you", ["threaten if (inform @BEL)"]),
        ("FG", "If you back off from Bel I'll help you into Den", ["offer @DEN, if (inform not @BEL)"]),
        ("FG", "I'll have to defend myself if you go to Bur", ["threaten if (inform @BUR)"]),
    ],
    "threats": [
        ("FG", "You leave me no choice but to go for Mun", ["threaten A BUR - MUN"]),
        ("FG", "Back off, or I'll move Bur to Mun", ["threaten A BUR - MUN"]),
        ("FG", "Be warned: I will move Bur to Mun", ["threaten A BUR - MUN"]),
        ("FG", "I'll be forced to move Mar to Pie", ["inform A MAR - PIE"]),
        ("FG", "I'll hold Bur, or I'll move Mar to Pie", ["promise A BUR H, A MAR - PIE"]),
    ],
    "several": [
        ("FG", "Hi! I'm taking Pie, then I'll support you there", ["inform A MAR - PIE", "offer @PIE"]),
        ("FG", "Not sure yet. What about you?", ["ask"]),
        (
            "FG",
            "Bur holds and I won't go to Mun, but please leave Ruh",
            ["promise A BUR H", "promise not A BUR - MUN", "demilitarise @RUH"],
        ),
    ],
}


@pytest.mark.parametrize(
    ("who", "text", "expected"),
    [pytest.param(*row, id=f"{group}-{n}") for group, rows in READ.items() for n, row in enumerate(rows)],
)
def test_free_text(who: str, text: str, expected: list[str]) -> None:
    reading = said(who, text)
    assert acts(reading) == expected
    assert reading.unread == ()


@pytest.mark.parametrize(
    ("who", "text"),
    [
        ("FG", "I wonder whether Belgium sings at night"),
        ("FG", "With Italy getting into Tunis for free, Spain is cold"),
        ("FG", "If the moon sits over Munich, who knows"),
        ("FG", "that means you end up in Bur"),
        ("FG", '"I will take Munich from Burgundy", he wrote'),
        ("FG", "my cousin in Paris said Burgundy is nice"),
        ("FG", "If you move to Bur."),
        ("FG", "Russia and Turkey are thick as thieves"),
        ("FG", "Take Lon last year and invade"),
        ("FG", "What if you took Bel and I took Hol"),
        ("FG", "If he had moved to Tyr and A Ven-Tri, it would be over"),
        ("FG", "I thought you were going to Tyr"),
    ],
)
def test_what_is_not_understood_is_reported_and_claims_nothing(who: str, text: str) -> None:
    reading = said(who, text)
    assert acts(reading) == []
    assert reading.unread != ()


@pytest.mark.parametrize(
    "text",
    [
        "I'm so tired today, haha",
        "Good luck with the exam! Talk tomorrow",
        "well played, that was brutal",
        "Russia is getting too strong",
        "I don't trust Italy",
        "Haven't heard from England yet",
        "Nice work on Bel",
    ],
)
def test_small_talk_is_harmless(text: str) -> None:
    reading = said("FG", text)
    assert acts(reading) == []
    assert reading.unread == ()


def test_yeah_takes_up_what_was_said_and_answers_what_was_asked() -> None:
    told = (SpeechAct(ActKind.INFORM, Power.GERMANY, Power.FRANCE, powers=(Power.ITALY,)),)
    asked = (SpeechAct(ActKind.BOUNCE, Power.GERMANY, Power.FRANCE, provinces=(Province("BUR"),)),)
    assert acts(said("FG", "Yeah, he is a strong player", told)) == []
    assert acts(said("FG", "Yeah, he is a strong player", asked)) == ["agree @BUR"]
    assert acts(said("FG", "Alright", asked)) == ["agree @BUR"]


def test_he_and_there_are_looked_up_in_the_talk() -> None:
    phase = Phase.parse("F1903M")
    talk = (
        Message(Power.GERMANY, Power.FRANCE, phase, "Italy worries me", 0),
        Message(Power.FRANCE, Power.GERMANY, phase, "Does he have anything near Piedmont?", 1),
    )
    (act,) = read(
        Message(Power.GERMANY, Power.FRANCE, phase, "I think he will move there from Ven", 2), BOARD, talk
    ).acts
    assert shown(act) == "inform A VEN - PIE"


def test_a_support_without_a_goal_is_for_the_move_spoken_of() -> None:
    move = ActOrder(Power.AUSTRIA, parse_order("A BUD - RUM"))
    heard = (SpeechAct(ActKind.INFORM, Power.AUSTRIA, Power.TURKEY, orders=(move,)),)
    assert acts(said("TA", "I'll support you with Bul", heard)) == ["promise A BUL S A BUD - RUM"]
    assert acts(said("TA", "I'll support you with Bul")) == ["offer @BUL"]


@pytest.mark.parametrize(
    "text",
    [
        "I'll move Burgundy to Munich. If I were him, I'd go to Picardy.",
        'I\'ll move Burgundy to Munich. He said "I am moving to Picardy now".',
        "I'll move Burgundy to Munich, and if you move to Picardy.",
        "I'll move Burgundy to Munich, not because Picardy is boring.",
        "I'll probably move Burgundy to Munich, or Picardy?",
        "I'll move Burgundy to Munich. You can have Picardy.",
        "I'll move Burgundy to Munich and I noticed Italy's move to Picardy.",
        "I'll move Burgundy to Munich once I sail past Picardy.",
    ],
)
def test_nothing_beyond_the_plan_passes_the_read_back(text: str) -> None:
    order = ActOrder(Power.FRANCE, parse_order("A BUR - MUN"))
    plan = [SpeechAct(ActKind.PROMISE, Power.FRANCE, Power.GERMANY, orders=(order,))]
    assert matches(plan, said("FG", "I'll move Burgundy to Munich."))
    assert not matches(plan, said("FG", text))
