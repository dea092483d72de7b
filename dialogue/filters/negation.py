"""Rejects a "not" that the plan does not hold."""

from __future__ import annotations

import re

from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.filters.relevance import PUTS_OFF
from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict
from dialogue.recalling import unquoted

_NEGATION = re.compile(
    r"\b(?:not|never|cannot|no|nor|neither|nobody|\w+n't|(?:don|won|can|isn|aren|doesn|didn)t)\b", re.I
)
_IDIOMS = re.compile(
    r"\b(?:don't|do not|dont) (?:worry|mind|hesitate|mention it|know|forget|you think)\b"
    r"|\bno (?:worries|problem|trouble|matter)\b"
    r"|\bnot (?:a problem|sure|yet|at all|only|too bad|bad)\b|\bwhy (?:not|don't)\b|\bor not\b|\bif not\b"
    r"|\bnever mind\b"
    r"|\bno doubt\b|\b(?:isn't|aren't|don't|won't|can't) (?:it|we|you|they|he|she)\b|\bcan't wait\b|\bno one\b",
    re.I,
)
_NEGATIVE = frozenset(
    {
        ActKind.REFUSE,
        ActKind.DENY,
        ActKind.DEMILITARISE,
        ActKind.COUNTER,
        ActKind.WARN,
        ActKind.APOLOGISE,
        ActKind.THREATEN,
        ActKind.ASK,
    }
)
"""Acts that may be said with a "not"."""


def negation(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """A text that says "not" has something negative to say."""
    acts = context.plan.acts
    evades = all(act.kind is ActKind.SMALL_TALK for act in acts) and PUTS_OFF.search(draft.text)
    if evades or any(map(_negative, acts)):
        return verdict("negation", None)
    match = negated(unquoted(context.beyond(draft.text)))
    return verdict("negation", None if match is None else f"says {match!r}, and the plan holds no such thing")


def negated(text: str) -> str | None:
    """The first negation of a text, idioms apart; None: there is none.

    >>> negated("Don't worry, I won't."), negated("No problem!")
    ("won't", None)
    """
    match = _NEGATION.search(_IDIOMS.sub("", text.replace("’", "'")))
    return None if match is None else match[0]


def _negative(act: SpeechAct) -> bool:
    return (
        act.kind in _NEGATIVE
        or act.polarity is Polarity.NOT
        or (act.condition is not None and _negative(act.condition))
    )
