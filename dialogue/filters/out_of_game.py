"""Rejects talk from outside the game: real lives, the site, other games, instructions to a machine."""

from __future__ import annotations

import re

from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict

_OUTSIDE = {
    "the site": r"\bwebdip\w*|\bplaydiplomacy\b|\bbackstabbr\b|\bdiscord\b|\bmoderators?\b|\badmins?\b"
    r"|\bpress (?:is )?off\b|\bmuted?\b|\b(?:vote to )?(?:pause|cancel)\b(?! my| your| the (?:move|order|support))"
    r"|\btime ?zones?\b|\bserver\b|\bweb ?site\b|\bthe site\b|\bpassword\b|\blog(?:ged|ging|s)? (?:me )?(?:in|out)\b",
    "real life": r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\btonight\b|\bdinner\b"
    r"|\bmy (?:wife|husband|kids?|boss|phone|laptop|job|class(?:es)?|wi-?fi|internet|computer)\b|\bat work\b"
    r"|\b(?:go|going|get|back|off) to (?:work|bed|sleep|school)\b|\b(?:need|have) to sleep\b"
    r"|\b(?:the|this|next) weekend\b|\bvacation\b|\binternet\b|\bwi-?fi\b"
    r"|\b\d{1,2} ?[ap]m\b|\bfootball\b|\bexams?\b"
    r"|\bbattery\b|\bvoting for\b|\belections?\b",
    "other games": r"\b(?:previous|other|another|last) games?\b|\blast time we played\b|\bfirst game\b|\brating\b"
    r"|\bi usually play\b",
    "instructions": r"\bignore (?:all |any |the |your )*(?:previous|earlier|prior|above) \w+"
    r"|\b(?:your|the|system) prompts?\b"
    r"|\byou are (?:now )?an? (?:\w+ )?assistant\b|\brepeat the (?:text|words) above\b|\binstructions above\b"
    r"|\bmy (?:prompt|instructions|configuration|weights|api key)\b|\bspeech plan\b|\btagged sections\b"
    r"|\bgame of diplomacy\b|\blanguage model\b|\bopenai\b|\bchat ?gpt\b",
    "the players": r"\bhow old are you\b|\breal name\b|\bwhere (?:do you live|are you from)\b",
}
_PATTERNS = {what: re.compile(pattern, re.IGNORECASE) for what, pattern in _OUTSIDE.items()}


def out_of_game(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """The text stays within the game."""
    for what, pattern in _PATTERNS.items():
        if match := pattern.search(draft.text):
            return verdict("out_of_game", f"speaks of {what}: {match[0]!r}")
    return verdict("out_of_game", None)
