"""Rejects talk from outside the game: addresses, real lives, the site, other games, what the writer is made of."""

from __future__ import annotations

import re

from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict

_OUTSIDE = {
    "an address": r"https?://|www\.|\b\w+\.(?:com|net|org|io|gg)\b|\S+@\S+\.\w+|(?<!\w)@\w+|\+?\d[\d\- ]{7,}\d",
    "the site": r"\bwebdip\w*|\bplaydiplomacy\b|\bbackstabbr\b|\bdiscord\b|\bmoderators?\b|\bpress (?:is )?(?:off|on)\b"
    r"|\bmuted?\b|\bvote to (?:pause|cancel)\b|\bdeadline\b|\btime ?zones?\b|\bserver\b",
    "real life": r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\btonight\b|\bdinner\b"
    r"|\bmy (?:wife|husband|kids?|boss|phone|job|class(?:es)?)\b|\bat work\b|\bthe weekend\b"
    r"|\bvacation\b|\binternet\b|\b\d{1,2} ?[ap]m\b"
    r"|\bhow old are you\b|\breal name\b|\bwhere (?:do you live|are you from)\b",
    "other games": r"\b(?:previous|other|another|last) games?\b|\blast time we played\b|\bfirst game\b|\brating\b",
    "the writer": r"\b(?:language model|as an ai|i(?: am|'m) an ai|chat ?gpt|neural|openai|i(?: am|'m) a bot)\b"
    r"|\b(?:system prompt|my (?:prompt|instructions|configuration|weights|api key)|speech plan|tagged sections)\b"
    r"|\bgame of diplomacy\b",
}
_PATTERNS = {what: re.compile(pattern, re.IGNORECASE) for what, pattern in _OUTSIDE.items()}


def out_of_game(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """The text stays within the game."""
    for what, pattern in _PATTERNS.items():
        if match := pattern.search(draft.text):
            return verdict("out_of_game", f"speaks of {what}: {match[0]!r}")
    return verdict("out_of_game", None)
