"""How formal a text is: a plain score by what anybody can see in it, to choose among wordings of the same plan.

    score = x / (1 + |x|)    with    x = (formal marks − casual marks) / sentences

Formal marks: a full sentence (begins with a capital or a digit, ends with a full stop or question mark, of three words
or more), a long form ("I will", "do not"), a polite turn ("please", "would you", "regards").  Casual marks: a
contraction ("I'll"), a word of slang or a chat abbreviation ("yeah", "btw", "hey"), an exclamation mark, a sentence in
a small letter, one without an end mark, dots or a smiley.  Marks are counted as often as they are there, so that one
more moves the score in its direction, if less the further it has gone.  It knows nothing of meaning; what it is for is
order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

from dialogue.filters.verdict import sentences

_LONG = re.compile(
    r"\b(?:(?:I|you|we|they|he|she|it|that) (?:will|would|am|are|is|have)|(?:do|does|did|will|would|can|could|should|is"
    r"|are|was|were|has|have) not|cannot|let us|shall)\b",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"\b(?:please|kindly|would you|could you|may I|I would (?:like|appreciate|be (?:glad|happy|grateful))|grateful"
    r"|appreciate|I (?:propose|suggest|agree|accept|assure)|thank you|my apologies|I apologi[sz]e|greetings|dear"
    r"|(?:kind |best )?regards|sincerely|respectfully|willing|consider)\b",
    re.IGNORECASE,
)
_SHORTENED = re.compile(
    r"(?:n['’]t|['’](?:ll|re|ve|m|d))\b|\b(?:it|that|what|who|here|there|let|how)['’]s\b", re.IGNORECASE
)
_SLANG = re.compile(
    r"\b(?:hey|hi|hiya|yo|yeah|yea|yep|yup|nope|nah|ok|okay|cool|awesome|sure thing|guys?|buddy|mate|dude|gonna|wanna"
    r"|gotta|kinda|lemme|btw|fyi|imo|imho|lol|haha|thx|thanks|pls|plz|sry|ur|u|asap|dmz|np|no problem|count me in"
    r"|i'm in|i'm down|you got it|deal|heads up|up for|mind if|how about|what about|what if)\b",
    re.IGNORECASE,
)
_LOOSE = re.compile(r"!|\.{2,}|…|[:;]-?[)(DP](?!\w)")


class _Worded(Protocol):
    @property
    def text(self) -> str: ...


_WordedT = TypeVar("_WordedT", bound=_Worded)


def formality(text: str) -> float:
    """How formal a text is, -1 (casual) to 1; 0 of a text without words.

    >>> formality("I will not move to Burgundy. Would you please hold in Munich?") > 0.5
    True
    >>> formality("hey, i won't go to bur! you ok w/ that") < -0.5
    True
    """
    said = sentences(text)
    if not said:
        return 0.0
    formal = sum(map(_is_full, said)) + _count(text, _LONG, _POLITE)
    casual = sum(map(_is_careless, said)) + _count(text, _SHORTENED, _SLANG, _LOOSE)
    x = (formal - casual) / len(said)
    return x / (1 + abs(x))


def best_toned(drafts: Sequence[_WordedT], weight: float) -> _WordedT | None:
    """The draft to send, of those that may be sent, best first.

    The largest ``(1 - |f|)·q + f·formality``, with f the weight and q from 1 for the first draft down towards 0 for the
    last: with f = 0 the first, with 1 the most formal, with -1 the most casual.  Of the same drafts, a larger f never
    chooses a less formal one.

    Args:
        drafts: best first.
        weight: f, -1 to 1.
    """
    if not drafts or weight == 0:
        return drafts[0] if drafts else None
    count = len(drafts)
    worths = [
        (1 - abs(weight)) * (1 - place / count) + weight * formality(draft.text) for place, draft in enumerate(drafts)
    ]
    return drafts[worths.index(max(worths))]


def _count(text: str, *patterns: re.Pattern[str]) -> int:
    return sum(len(pattern.findall(text)) for pattern in patterns)


def _is_full(sentence: str) -> bool:
    return (sentence[0].isupper() or sentence[0].isdigit()) and sentence[-1] in ".?" and len(sentence.split()) >= 3


def _is_careless(sentence: str) -> int:
    return sentence[0].islower() + (sentence[-1] not in '.?!"”)')
