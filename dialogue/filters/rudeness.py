"""Rejects insults and swearing."""

from __future__ import annotations

import re

from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict

_RUDE = re.compile(
    r"\b(?:idiots?|idiotic|morons?|moronic|stupid\w*|dumb(?:ass)?|imbeciles?|fools?|foolish|pathetic|losers?|noobs?|scum|trash|"
    r"shut up|liars?|coward(?:s|ly)?|traitors?|backstabbers?|bastards?|jerks?|clowns?|screw you|suck(?:s|er)?|"
    r"hate you|kill yourself|kys|retard(?:ed)?|damn you|(?:go to|rot in|burn in) hell|hell with|weasels?|vermin|"
    r"worthless|useless|disgust\w*|despicable|filthy|brain ?-?dead|brainless|incompetent|ignorant|lunatic|"
    r"worst player|like a (?:child|baby|\w+ year old)|i hope you (?:rot|die|lose|choke|suffer)|grow up|"
    r"nobody (?:likes|trusts) you|no one (?:likes|trusts) you|what is wrong with you|what's wrong with you|"
    r"you(?:'re| are) (?:an? )?(?:joke|disgrace|embarrassment|snake|rat|pig|nobody|mess)|"
    r"you(?:'re| are) (?:such|too|so) (?:an? )?(?:dense|dumb|slow|thick|stupid|bad)|"
    r"f+u+c+k\w*|sh[i1]t\w*|bullsh\w*|wtf|stfu|a[s5]{2}(?:hole)?s?|bitch\w*|crap|cunt\w*|dick\w*|piss\w*)\b",
    re.IGNORECASE,
)


def rudeness(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """The text insults nobody."""
    match = _RUDE.search(draft.text)
    return verdict("rudeness", None if match is None else f"rude: {match[0]!r}")
