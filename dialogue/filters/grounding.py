"""Rejects what is false about the board: counts of centres, owners, units, dead powers, the season, the year."""

from __future__ import annotations

import re

from dialogue.board import has
from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict
from dialogue.names import Mention, NameKind, find_names
from dialogue.recalling import unquoted
from engine.types import POWERS, OrderKind, PhaseKind, Power, Season, UnitKind, province_of

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBERS = {word: number for number, word in enumerate(_WORDS)}
_COUNT = re.compile(
    r"\b(?P<who>i|i've|we|you|you've|he|she|they|[a-z]+)\s+(?:only |now |already |still |just )*"
    r"(?:have|has|had|own|owns|hold|holds|at|on|got)?\s*(?:only |just |now |already )*"
    r"(?P<n>\d+|" + "|".join(_NUMBERS) + r")\s+(?:supply )?(?:centers?|centres?|scs?|dots?)\b",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"\b(?P<who>my|your|our|their|his)\s+(?P<kind>army|fleet)\s+(?:in|at|on)\s+(?:the\s+)?$", re.IGNORECASE
)
_YEAR = re.compile(r"\b1[89]\d\d\b|\b20\d\d\b|(?<!\w)'\d\d\b")
_FORESEEN = 10
"""Years ahead that people speak of: games end, plans take long."""
_SEASON = re.compile(r"\b(?P<which>this|next|last|coming)\s+(?P<season>spring|fall|autumn|winter)\b", re.IGNORECASE)


def grounding(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """What the text says about the board is so."""
    text = unquoted(draft.text)  # what is quoted was true when it was said, if it ever was
    mentions = find_names(text, context.view)
    problem = (
        _dead_powers(draft, context, mentions)
        or _addressee(text, context, mentions)
        or _counts(text, context)
        or _units(text, context, mentions)
        or _owners(text, context, mentions)
        or _taking(draft, text, context, mentions)
        or _growth(text, context, mentions)
        or _time(text, context)
    )
    return verdict("grounding", problem)


def _dead_powers(draft: CheckedDraft, context: FilterContext, mentions: tuple[Mention, ...]) -> str | None:
    """Nothing is asked of, or expected from, a power that is out of the game."""
    named = [m.power for m in mentions if m.power is not None and not _is_a_region(draft.text, m)]
    spoken = [p for act in draft.reading.acts for p in (*act.powers, *(o.power for o in act.orders))]
    for power in (*named, *spoken):
        if power not in context.view.alive:
            return f"{power} is out of the game"
    return None


_INSIDE = re.compile(r"\b(?:in|into|inside|around|near|through)\s+(?:the )?$", re.IGNORECASE)


def _is_a_region(text: str, mention: Mention) -> bool:
    """ "in Italy", "the Italian dots": the country, whoever holds it."""
    return mention.kind is NameKind.ADJECTIVE or _INSIDE.search(text[: mention.start]) is not None


_CALLING = re.compile(
    r"(?:^|[.!?\n]\s*)(?:(?:hi|hey|hello|dear|greetings|howdy|yo|thanks|thank you|sorry|welcome"
    r"|good (?:morning|evening|day|luck))(?: there| again)?,? )?$",
    re.IGNORECASE,
)


def _addressee(text: str, context: FilterContext, mentions: tuple[Mention, ...]) -> str | None:
    """ "Hi Germany!", "Germany, ...": Germany is who is written to."""
    for mention in () if context.is_public else mentions:
        if mention.kind is not NameKind.POWER or mention.power in (None, context.recipient) or mention.provinces:
            continue
        before, after = text[: mention.start], text[mention.end :]
        greeted = _CALLING.search(before)
        if greeted and re.match(r"\s*[,!:.]|\s*$" if greeted[0].strip(" .!?\n") else r"\s*[,:!](?! \w+ and\b)", after):
            return f"calls {mention.power}, and writes to {context.recipient}"
    return None


def _counts(text: str, context: FilterContext) -> str | None:
    for match in _COUNT.finditer(text):
        power = _who(match["who"], context)
        if power is None:
            continue
        said = int(match["n"]) if match["n"].isdigit() else _NUMBERS[match["n"].lower()]
        have = len(context.view.centers(power))
        if said != have:
            return f"says that {power} has {said} centres; it has {have}"
    return None


def _units(text: str, context: FilterContext, mentions: tuple[Mention, ...]) -> str | None:
    """ "my army in Burgundy": a unit of that kind and owner stands there."""
    for mention in mentions:
        match = _UNIT.search(text[: mention.start])
        if match is None or not mention.provinces:
            continue
        power = _who(match["who"], context)
        kind = UnitKind.ARMY if match["kind"].lower() == "army" else UnitKind.FLEET
        standing = [at for p in mention.provinces if (at := context.view.unit_at(p)) is not None]
        if not any(u.kind is kind and (power is None or owner is power) for owner, u in standing):
            whose = f"of {power} " if power else ""
            return f"says that a unit {whose}({match['kind']}) stands in {mention.province}; it does not"
    return None


_MY_PLACE = re.compile(r"\b(?P<who>my|your)\s+(?:home )?(?:center|centre|dot|sc)s?\s+(?:of|in|at)\s+$", re.IGNORECASE)


def _owners(text: str, context: FilterContext, mentions: tuple[Mention, ...]) -> str | None:
    """ "your centre in Munich": the province is that power's."""
    for mention in mentions:
        match = _MY_PLACE.search(text[: mention.start])
        if match is None or mention.province is None:
            continue
        power = _who(match["who"], context)
        if power is not None and all(context.view.owner_of(p) is not power for p in mention.provinces):
            return f"says that {power} owns {mention.province}; it does not"
    return None


_TAKES = re.compile(
    r"\b(?:tak(?:e|es|ing)|captur(?:e|es|ing)|grab(?:s|bing)?|conquer(?:s|ing)?|seiz(?:e|es|ing)) (?:the )?$",
    re.IGNORECASE,
)


def _taking(draft: CheckedDraft, text: str, context: FilterContext, mentions: tuple[Mention, ...]) -> str | None:
    """ "Are you taking Trieste?": it is not the mover's own already, in its hands or under its unit."""
    going = [
        (item.power, province_of(item.order.target))
        for act in draft.reading.acts
        for item in (act.orders if context.is_now(act) and act.quote is None else ())
        if item.order.kind is OrderKind.MOVE and item.order.target is not None
    ]
    for mention in mentions:
        if _TAKES.search(text[: mention.start]) is None:
            continue
        begins = max(text.rfind(mark, 0, mention.start) for mark in ".!?\n")
        subjects = [m.power for m in mentions if begins < m.start < mention.start and m.power is not None]
        taken = [(mover, p) for mover, p in going if p in mention.provinces and subjects[-1:] in ([], [mover])]
        if not taken:
            continue
        if all(has(context.view, mover, place) for mover, place in taken):
            return f"speaks of taking {mention.province}, which {taken[0][0]} has"
    return None


_GROWING = re.compile(
    r"^(?:'s| is|'re| are)? (?:getting|growing|becoming)? ?(?:too|so|very)? ?(?:big|strong|large|powerful)\b", re.I
)
_WEAK = re.compile(
    r"^(?:'s| is|'re| are) (?:getting |very |so |too )*(?:weak|small|dying|done|collapsing|nearly out)\b", re.I
)


def _growth(text: str, context: FilterContext, mentions: tuple[Mention, ...]) -> str | None:
    """ "Italy is getting too big": it has grown beyond its home; "is weak": it has shrunk below it."""
    for mention in mentions:
        if mention.power is None:
            continue
        have, home = len(context.view.centers(mention.power)), len(context.view.map_data.homes[mention.power])
        rest = text[mention.end :]
        if _GROWING.search(rest) and have <= home + 1:
            return f"calls {mention.power} big; it has {have} centres"
        if _WEAK.search(rest) and have >= home:
            return f"calls {mention.power} weak; it has {have} centres"
    return None


def _time(text: str, context: FilterContext) -> str | None:
    phase = context.view.phase
    for match in _YEAR.finditer(text):
        year = 1900 + int(match[0][1:]) if match[0][0] == "'" else int(match[0])
        if not context.view.map_data.first_year <= year <= phase.year + _FORESEEN:
            return f"speaks of {year} in {phase.year}"
    for match in _SEASON.finditer(text):
        season = {"spring": Season.SPRING, "winter": Season.WINTER}.get(match["season"].lower(), Season.FALL)
        if match["which"].lower() == "this" and phase.kind is PhaseKind.MOVEMENT:
            gone = "SFW".index(season) < "SFW".index(phase.season)
            if gone:
                return f"says 'this {match['season']}' in {phase}"
        if match["which"].lower() == "last" and not context.view.history:
            return f"says 'last {match['season']}' before anything was played"
    return None


def _who(word: str, context: FilterContext) -> Power | None:
    """Whom a pronoun or a name means; None where it cannot be told ("we", "they")."""
    word = word.lower().removesuffix("'ve")
    if word in ("i", "my"):
        return context.sender
    if word in ("you", "your"):
        return context.recipient
    return next((p for p in POWERS if p.value.lower() == word), None)
