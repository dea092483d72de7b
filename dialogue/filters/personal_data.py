"""Rejects addresses, names, ages and homes of the people who play, given or asked for."""

from __future__ import annotations

import re

from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict

_PATTERNS = {
    "an address on the net": r"https?://|www\.|\b[\w-]+\.(?:com|net|org|io|gg|edu|co\.uk)\b|\S+@\S+\.\w+|(?<!\w)@\w{2,}",
    "a telephone number": r"\+?\d[\d\- ()]{7,}\d|\b(?:phone|cell|mobile) ?number\b|\b(?:call|text) me (?:on|at)\b",
    "a name": r"\b(?:my|your)(?: \w+)? name(?:'s| is)\b|\bisn't your name\b|\breal name\b|\bin real life\b|\birl\b"
    r"|\bi know (?:who )?you(?: are|'re) (?!going|not|all|in|on|at|up|just|still)[A-Z][a-z]+\b",
    "a home": r"\bi live in\b|\bwhere (?:do|are) you (?:live|from)\b|\b(?:my|your) (?:home )?address\b"
    r"|\b\d{1,4} [A-Z][a-z]+ (?:street|st|road|rd|avenue|ave|lane)\b|\bi(?:'m| am) from [A-Z]\w+\b",
    "an age": r"\bhow old are you\b|\b\d\d[ -]years?[ -]old\b|\bi(?:'m| am) \d\d\b",
    "another net": r"\b(?:facebook|instagram|twitter|whats ?app|snapchat|telegram|skype|linkedin|tiktok)\b"
    r"|\b(?:e-?mail|add me|dm me)\b",
}
_COMPILED = {what: re.compile(pattern, re.IGNORECASE) for what, pattern in _PATTERNS.items()}


def personal_data(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """The text says and asks nothing of who plays."""
    text = draft.text.replace("’", "'")
    for what, pattern in _COMPILED.items():
        if match := pattern.search(text):
            return verdict("personal_data", f"speaks of {what}: {match[0]!r}")
    return verdict("personal_data", None)
