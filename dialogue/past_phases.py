"""How messages name a phase gone by: "last spring", "in S1901M", "two years ago"."""

from __future__ import annotations

import re

from engine.types import Phase, PhaseKind, Season

_WHEN = re.compile(
    r",? ?\b(?:(?:back )?(?:in|during|from) )?(?:(?P<code>[SF]\d{4}[MR]?|W\d{4}A?)\b|"
    r"(?:the )?(?P<season>spring|fall|autumn|winter)(?: of|,)? (?P<year>\d{4})\b|"
    r"(?P<last>last|the previous|the last) (?P<what>turn|phase|season|move|round|spring|fall|autumn|winter|year)\b|"
    r"in \d{4}\b|"
    r"(?:a (?:long time|while|few (?:turns|phases|years)) ago|(?:some|\w+) (?:turns|phases|years) ago|back then|"
    r"at the (?:very )?(?:start|beginning)(?: of the game)?|ages ago|(?:way )?earlier|before)\b)",
    re.I,
)
_SEASONS = {"spring": Season.SPRING, "fall": Season.FALL, "autumn": Season.FALL, "winter": Season.WINTER}


def phase_told(sentence: str, now: Phase) -> tuple[Phase | None, str]:
    """The phase gone by that a sentence names, and the sentence less that; None: it names none that can be told.

    >>> phase, rest = phase_told("Did you tell me in S1901M that you'd hold?", Phase.parse("F1901M"))
    >>> str(phase), rest
    ('S1901M', "Did you tell me  that you'd hold?")
    """
    times = [(_phase(match, now), match) for match in _WHEN.finditer(sentence)]
    phase, when = next((time for time in times if time[0] is not None), times[0] if times else (None, None))
    return phase, sentence if when is None else f"{sentence[: when.start()]} {sentence[when.end() :]}"


def _phase(match: re.Match[str], now: Phase) -> Phase | None:
    """The phase that an expression names, if it is none to come."""
    found: Phase | None = None
    if match["code"]:
        code = match["code"].upper()
        found = Phase.parse(code if code[-1].isalpha() else code + ("A" if code[0] == "W" else "M"))
    elif match["season"]:
        found = _in(_SEASONS[match["season"].lower()], int(match["year"]))
    elif match["last"]:
        what = match["what"].lower()
        if what in _SEASONS:
            season = _SEASONS[what]
            past = _in(season, now.year)
            found = past if past < now else _in(season, now.year - 1)
        elif what != "year":
            found = movement_before(now)
    return None if found is None or now < found else found


def _in(season: Season, year: int) -> Phase:
    return Phase(year, season, PhaseKind.ADJUSTMENTS if season is Season.WINTER else PhaseKind.MOVEMENT)


def movement_before(now: Phase) -> Phase:
    """The movement phase before this one."""
    if now.season is Season.SPRING and now.kind is PhaseKind.MOVEMENT:
        return _in(Season.FALL, now.year - 1)
    if now.season is Season.FALL and now.kind is not PhaseKind.MOVEMENT:
        return _in(Season.FALL, now.year)
    return _in(Season.FALL, now.year) if now.season is Season.WINTER else _in(Season.SPRING, now.year)


def when_said(phase: Phase, now: Phase) -> str:
    """How a phase is named as the time at which something was said, such as ``in spring 1901``; "": just now."""
    if phase == now:
        return ""
    if phase.kind is PhaseKind.RETREATS:
        return f"in {phase}"
    return f"in {phase.season.name.lower()} {phase.year}"
