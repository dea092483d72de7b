"""Rejects insults and swearing."""

from __future__ import annotations

import re

from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict

_RUDE = re.compile(
    r"\b(?:idiots?|morons?|stupid|dumb(?:ass)?|imbeciles?|fools?|foolish|pathetic|losers?|noobs?|scum|trash|"
    r"shut up|liars?|coward(?:s|ly)?|traitors?|backstabber|bastards?|jerks?|clowns?|screw you|suck(?:s|er)?|"
    r"hate you|kill yourself|kys|retard(?:ed)?|damn you|hell with|"
    r"f+u+c+k\w*|sh[i1]t\w*|bullsh\w*|wtf|stfu|a[s5]{2}(?:hole)?|bitch\w*|crap|cunt\w*|dick\w*|piss\w*)\b",
    re.IGNORECASE,
)


def rudeness(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """The text insults nobody."""
    match = _RUDE.search(draft.text)
    return verdict("rudeness", None if match is None else f"rude: {match[0]!r}")
