"""Verb phrases about powers rather than places: going against them, siding with them, letting them have a centre.

The phrases are tables: a verb, the particles it takes, and what the whole says.  Each function takes the phrases of a
token sequence and a position, and gives the deed read and where it stopped, or None.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dialogue.deeds import (
    AGAINST,
    ALLY,
    ENDS,
    GIVE,
    LET,
    OBJECTS,
    SIDING,
    Deed,
    DeedKind,
    Form,
    verbs,
    word_set,
)
from engine.types import Power, Province

if TYPE_CHECKING:
    from dialogue.noun_phrases import NounPhrases

_LIGHT = verbs(
    "put puts putting",
    "make makes making made",
    "have has having had",
    "be is being was",
    "are is being were",
    "get gets getting got gotten",
    "start starts starting started",
)
"""Verbs that mean an attack only with what follows: "put pressure on"."""
_PLAIN = word_set(
    "attack stab backstab betray fight hit target eliminate crush squash squish squeeze smash invade destroy kill "
    "conquer dismantle cripple weaken contain stop slow check surround pressure threaten carve split overrun "
    "steamroll "
    "finish beat hurt engage chase strike screw push handle block kick boot"
)
"""Verbs that take the power as their object without a particle between."""
_PARTICLES: dict[str, tuple[str, ...]] = {
    "go": (
        "after",
        "against",
        "at",
        "for",
        "to war with",
        "to war against",
        "hard at",
        "all in on",
        "all out on",
        "in on",
        "to",
        "into",
    ),
    "move": ("on", "against", "onto", "in on", "to", "into", "toward", "towards"),
    "head": ("toward", "towards", "against"),
    "march": ("on", "against", "into"),
    "push": ("on", "against", "into", "back", "back on", "back against", "in on", "onto"),
    "drive": ("back", "out", "into"),
    "come": ("after", "for", "at"),
    "focus": ("on",),
    "concentrate": ("on",),
    "turn": ("on", "against"),
    "strike": ("at", "against", "back at"),
    "gang": ("up on", "up against"),
    "deal": ("with",),
    "take": ("on", "out", "down", "care of", "back from", "from"),
    "get": ("rid of", "at"),
    "put": (
        "pressure on",
        "some pressure on",
        "more pressure on",
        "enough pressure on",
        "a lot of pressure on",
        "an end to",
        "the squeeze on",
    ),
    "make": ("a move on", "a move against", "a play for", "war on", "moves on", "moves against", "a move at"),
    "launch": ("an attack on", "an attack against", "an assault on", "an offensive against"),
    "declare": ("war on",),
    "start": ("a war with", "a war against", "a fight with"),
    "have": ("a war with",),
    "be": ("at war with", "in a war with"),
    "are": ("at war with", "in a war with"),
    "run": ("over", "through"),
    "roll": ("over", "through", "up"),
    "knock": ("out", "down"),
    "wipe": ("out",),
    "finish": ("off",),
    "kill": ("off",),
    "screw": ("over",),
    "swing": ("on", "against", "at"),
    "break": ("through", "into"),
    "muscle": ("through", "your way through", "my way through", "into"),
    "gun": ("for",),
    "plot": ("against",),
    "fight": ("against", "with", "back against", "off"),
    "hit": ("back at", "back"),
    "carve": ("up",),
    "split": ("up",),
    "slow": ("down",),
    "kick": ("out",),
    "chase": ("down", "after"),
}
"""What may stand between a verb and the power it is turned against."""
_SPARING = re.compile(r"(?:lay|laying|back|backing|ease|easing|hold) off(?: of| on)?(?= )|go(?:ing)? easy on(?= )")
"""Not to go against a power: "lay off Russia"."""
_NOUN = re.compile(
    r"(?:(?:launch|do|try|have|consider|plan|make|stage|coordinate|organize|organizing|coordinating|planning) )?"
    r"(?:a|an|the|another|some|any|our) (?:\w+ )?(?:stab|attack|assault|move|offensive|strike|war|push|effort|"
    r"campaign|alliance|coalition|ally|partner|team|duo) "
    r"(?:on|against|at|into|with|upon)(?= )"
)
"""The same as a noun: "a stab against"."""
_DIRECTIONS = word_set("west east north south away forward")
_TRAILING = word_set("back together now down up hard next first out off on over apart quickly soon too as well already")
_BETWEEN = word_set("back both all hard straight right just directly heavily up")
_SIDING_PARTICLES: dict[str, tuple[str, ...]] = {
    "side": ("with",),
    "throw": ("to", "the game to", "it to", "my centers to"),
    "join": ("", "with", "up with"),
}
_CLOSE = re.compile(
    r"(?:get|getting|be|being|cozy|cosy) (?:too |so |very |up )*(?:close|friendly|cozy|chummy|up) (?:with|to)(?= )"
)
_BESTOWING = word_set("get getting put putting leave leaving send sending")
"""Verbs that leave a province to somebody: "get you Smy", "put me in Vienna", "leave me Mar"."""
_LET_TO = (
    "have", "keep", "take", "get", "borrow", "retake", "grab", "hold", "into", "in", "enter", "through", "stay in",
    "get into", "move into", "move to", "go to", "go into", "take back", "have back", "come into", "get in",
)  # fmt: skip


def powers_named(phrases: NounPhrases, i: int) -> tuple[tuple[Power, ...], int] | None:
    """A list of powers: "France", "G and E", "both Turkey and the Austrians"."""
    while phrases.at(i) in ("both", "either", "all", "of"):
        i += 1
    someone = phrases.power(i)
    if someone is None or phrases.at(someone[1]) in ("'s", ">"):
        return None
    found, i = [someone[0]], someone[1]
    while True:
        j = i
        while phrases.at(j) in ("and", "/", ",", "or", "plus"):
            j += 1
        more = phrases.power(j) if j > i else None
        if more is None or phrases.at(j) in OBJECTS or phrases.at(more[1]) == "'s":
            break
        if phrases.at(i) == "," and phrases.is_subject(more[1]):
            break
        if phrases.at(i) == "and" and phrases.is_subject(more[1]):
            break
        found.append(more[0])
        i = more[1]
    i += phrases.at(i) == "both"
    return tuple(dict.fromkeys(found)), i


def against(phrases: NounPhrases, i: int) -> tuple[Deed, int] | None:
    """ "attack Turkey", "go after the Austrians", "put pressure on France", "wipe Italy out"."""
    if phrases.at(i, 4) == "take you up on":
        return None
    spared = _SPARING.match(phrases.at(i, 4))
    if spared is not None and (whom := powers_named(phrases, i + len(spared[0].split()))) is not None:
        return Deed(DeedKind.ATTACK, Form.BASE, powers=whom[0], is_negative=True), whom[1]
    if (
        phrases.at(i) in ("leave", "leaving")
        and (whom := powers_named(phrases, i + 1))
        and phrases.at(whom[1]) == "alone"
    ):
        return Deed(DeedKind.ATTACK, Form.BASE, powers=whom[0], is_negative=True), whom[1] + 1
    noun = _NOUN.match(phrases.at(i, 5))
    if noun is not None:
        return _against_whom(phrases, i + len(noun[0].split()), Form.BASE)
    word = phrases.at(i)
    entry = AGAINST.get(word) or _LIGHT.get(phrases.at(i))
    if entry is None:
        return None
    lemma, form = entry
    while phrases.at(i + 1) in _DIRECTIONS:
        i += 1
    for particle in sorted(_PARTICLES.get(lemma, ()), key=len, reverse=True):
        length = len(particle.split())
        if phrases.at(i + 1, length) == particle:
            found = _against_whom(phrases, i + 1 + length, form)
            if found is not None and not (particle in ("to", "into") and phrases.scene.speaker in found[0].powers):
                return found
    plain = _against_whom(phrases, i + 1, form)
    if (
        plain is None
        and lemma in ("stab", "backstab", "betray")
        and phrases.at(i + 1) in ("", ",", "?", "and", "at", "then")
    ):
        return Deed(DeedKind.ATTACK, form), i + 1
    if plain is None and word in ("fight", "fighting") and phrases.at(i + 1) in ENDS:
        addressee = phrases.scene.addressee
        return Deed(DeedKind.ATTACK, form, powers=(addressee,) if addressee else ()), i + 1
    if plain is None:
        return None
    said = phrases.at(i + 1, plain[1] - i - 1).split()
    if lemma in _PLAIN or {"out", "down", "off", "over", "apart", "on", "up"} & set(said):
        return plain
    return None


def _against_whom(phrases: NounPhrases, j: int, form: Form) -> tuple[Deed, int] | None:
    while phrases.at(j) in _BETWEEN and phrases.power(j) is None:
        j += 1
    if phrases.at(j, 2) in ("each other", "one another"):
        addressee = phrases.scene.addressee
        return Deed(DeedKind.ATTACK, form, powers=(addressee,) if addressee else ()), j + 2
    named = powers_named(phrases, j)
    if named is None:
        return None
    powers, j = named
    while phrases.at(j) in _TRAILING and phrases.at(j, 2) != "out of":
        j += 1
    if phrases.at(j) in ("in", "at", "from", "into", "to", "through", "out"):
        place = phrases.place(j + (2 if phrases.at(j, 2) == "out of" else 1))
        if place is not None:
            from_unit = phrases.at(j) == "from" and phrases.scene.board.unit_at(place[1][0]) is None
            if not from_unit:
                return Deed(DeedKind.ATTACK, form, provinces=place[1][:1], powers=powers), place[2]
    return Deed(DeedKind.ATTACK, form, powers=powers), j


def siding(phrases: NounPhrases, i: int) -> tuple[Deed, int] | None:
    """ "work with Italy", "side with France", "help the Turks": a third power is helped, not the two who talk."""
    word = phrases.at(i)
    two = {phrases.scene.speaker, phrases.scene.addressee}
    j = 0
    if word in ALLY:
        form, j = ALLY[word][1], i + 1
        while phrases.at(j) in ("up", "together", "closely", "well"):
            j += 1
        if phrases.at(j) not in ("with", "alongside"):
            return None
        j += 1
    elif word in SIDING:
        lemma, form = SIDING[word]
        for particle in _SIDING_PARTICLES.get(lemma, ("",)):
            if phrases.at(i + 1, len(particle.split())) == particle or not particle:
                j = i + 1 + len(particle.split())
        if j == 0:
            return None
    elif (close := _CLOSE.match(phrases.at(i, 5))) is not None:
        form, j = Form.BASE, i + len(close[0].split())
    elif phrases.at(i, 3) == "have your back":
        addressee = phrases.scene.addressee
        return Deed(DeedKind.BACK, Form.BASE, powers=(addressee,) if addressee else (), is_aid=True), i + 3
    elif word in ("be", "am", "are", "is", "become", "stay", "being", "make"):
        form = Form.ING if word == "being" else Form.BASE
        tails = (
            "friends with",
            "allied with",
            "allied to",
            "allies with",
            "friendly with",
            "peaceful with",
            "at peace with",
            "with",
        )
        for tail in (*tails, "peace with") if phrases.scene.addressee else tails:
            length = len(tail.split())
            if phrases.at(i + 1, length) == tail:
                j = i + 1 + length
                break
        if j == 0:
            return None
    else:
        return None
    named = powers_named(phrases, j)
    if named is None or set(named[0]) & two:
        return None
    if phrases.at(named[1]) in ("to", "into", "in", "hold", "from", "out", "take", "with") and phrases.place_near(
        named[1]
    ):
        return None
    return Deed(DeedKind.BACK, form, powers=named[0]), named[1]


_HELP_NOUN = re.compile(r"(?:support|help|assistance|backup) (?:in |with |against |vs |fighting |dealing with |from )+")


def help_against(phrases: NounPhrases, i: int) -> tuple[Deed, int] | None:
    """Help as a noun, and against whom: "help with England", "support against the Turks"."""
    match = _HELP_NOUN.match(phrases.at(i, 4) + " ")
    named = None if match is None else powers_named(phrases, i + len(match[0].split()))
    if named is None or phrases.scene.speaker in named[0]:
        return None
    return Deed(DeedKind.BACK, Form.BASE, powers=named[0], is_aid=True), named[1]


_SWAYING = word_set(
    "ask tell convince persuade encourage get urge nudge push pressure talk speak convincing persuading"
)
_MUST_DO = word_set("ask get push pressure nudge urge encourage tell")
"""Verbs that say something only with what the other power is to do."""
_SWAYED = word_set("to into not about if whether on against")


def swaying(phrases: NounPhrases, i: int) -> tuple[Deed, int] | None:
    """What a third power is to be told or asked: "ask Russia to leave Sweden alone"; with all that it names."""
    word = phrases.at(i)
    if word not in _SWAYING:
        return None
    j = i + 1 + (phrases.at(i + 1) in ("to", "with"))
    if word in ("talk", "speak") and j == i + 1:
        return None
    two = {phrases.scene.speaker, phrases.scene.addressee}
    named = None if phrases.at(j) in OBJECTS else powers_named(phrases, j)
    if named is None or set(named[0]) & two:
        return None
    powers, j = list(named[0]), named[1]
    goes_on = phrases.at(j) in _SWAYED
    if (word in _MUST_DO and not goes_on) or not (goes_on or phrases.at(j) in ENDS):
        return None
    places: list[Province] = []
    while goes_on and phrases.at(j) not in (*ENDS, "so", "because", "then"):
        if (place := phrases.mention(j, "p")) is not None:
            places.append(place.provinces[0])
        elif (whom := phrases.mention(j, "wda")) is not None and whom.power is not None and whom.power not in two:
            powers.append(whom.power)
        j += 1
    form = Form.ING if word.endswith("ing") else Form.BASE
    unique = tuple(dict.fromkeys(places)), tuple(dict.fromkeys(powers))
    return Deed(DeedKind.BACK, form, provinces=unique[0], powers=unique[1]), j


def giving(phrases: NounPhrases, i: int) -> tuple[Deed, int] | None:
    """ "give you Sweden", "let me have Belgium", "hand over Norway": a province is left to somebody."""
    word = phrases.at(i)
    if word in GIVE:
        form, j = GIVE[word][1], i + 1
        ditransitive = phrases.at(j) in OBJECTS or phrases.mention(j, "wd") is not None
        if ditransitive:
            someone = phrases.power(j)
            if someone is None:
                return None
            j = someone[1]
        while phrases.at(j) in ("up", "over", "back", "all", "of", "just", "only", "access", "to"):
            ditransitive = ditransitive or phrases.at(j) in ("up", "over", "back")
            j += 1
        return _given(phrases, j, form) if ditransitive or word in ("hand", "cede", "concede", "surrender") else None
    if word in LET and (someone := phrases.power(i + 1)) is not None:
        j = someone[1]
        j += phrases.at(j) == "to"
        for verb in sorted(_LET_TO, key=len, reverse=True):
            length = len(verb.split())
            if phrases.at(j, length) == verb:
                return _given(phrases, j + length, LET[word][1])
    form = Form.ING if word.endswith("ing") else Form.BASE
    if word in _BESTOWING and (someone := phrases.power(i + 1)) is not None:
        j = someone[1]
        if phrases.at(j) in ("into", "in") and word not in ("leave", "leaving"):
            return _given(phrases, j + 1, form)
        if phrases.mention(j, "p") and word not in ("put", "putting", "send", "sending"):
            return _given(phrases, j, form)
    return None


def _given(phrases: NounPhrases, j: int, form: Form) -> tuple[Deed, int] | None:
    named = places_named(phrases, j)
    if named is None:
        return None
    places, j = named
    j += phrases.at(j) in ("back", "too")
    if phrases.at(j) in ("to", "for") and (someone := phrases.power(j + 1)) is not None:
        j = someone[1]
    return Deed(DeedKind.ORDER, form, provinces=places), j


def places_named(phrases: NounPhrases, i: int) -> tuple[tuple[Province, ...], int] | None:
    """A list of provinces: "Bel", "Norway and Sweden", "one of Spain / Mar"."""
    while phrases.at(i) in ("both", "either", "all", "only", "just", "one", "of", "any", "two"):
        i += 1
    first = phrases.place(i)
    if first is None:
        return None
    found, i = [first[1][0]], first[2]
    while True:
        j = i
        while phrases.at(j) in ("and", "/", ",", "or", "plus", "&", "both"):
            j += 1
        more = phrases.place(j) if j > i else None
        if more is None or phrases.leads_order(j):
            break
        found.append(more[1][0])
        i = more[2]
    return tuple(dict.fromkeys(found)), i


def all_units(phrases: NounPhrases, i: int, powers: Sequence[Power]) -> int | None:
    """Where "hold all my units", "holding everything" or "hold everywhere" ends; None: it is not said."""
    for tail in ("all my units", "all of my units", "all units", "everything", "everywhere", "all your units", "all"):
        length = len(tail.split())
        if phrases.at(i, length) == tail and not phrases.place_near(i + length):
            return i + length if len(powers) == 1 else None
    return None
