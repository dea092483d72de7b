"""Rejects pleasantries in the place of an answer, thanks for what was not said, warnings that warn of nobody."""

from __future__ import annotations

import re

from dialogue.acts import TELLING, ActKind
from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict
from dialogue.memory import REQUESTING
from dialogue.names import find_names

PUTS_OFF = re.compile(
    r"\blet me\b|\bi(?:'ll| will) (?:think|get back|see|check|have to|let you know)|\bthink about (?:it|that)\b"
    r"|\bnot sure\b|\bunsure\b|\bdecided\b|\b(?:don't|do not) know\b|\bstill (?:thinking|deciding)\b|\bmaybe\b"
    r"|\b(?:rather|prefer) (?:not|keep)|\bcan(?:'t|not) (?:say|tell|promise|answer)|\bkeep (?:that|it) to myself\b"
    r"|\bdepends?\b|\bwe(?:'ll| will) see\b|\boptions open\b|\bhard to (?:say|tell)\b|\bsecret\b|\bperhaps\b"
    r"|\b(?:a|one) (?:minute|moment|second)\b",
    re.IGNORECASE,
)
"""What one says who will not answer."""
_ANSWERS = re.compile(
    r"^\W*(?:(?:well|but|and|haha|lol|hmm+|um+|so|oh|ah|honestly|sorry|meh|man|dude)\W+)*(?:yes|yeah|yea|yep|yup"
    r"|no|nope|nah|never|ok|okay|sure|fine|true|right|agreed|correct|exactly|possibl\w*|probabl\w*|likely|unlikely"
    r"|definitely|absolutely|certainly|of course|not|none|nothing|neither|either|both|all|some|if|to|up to|without|only"
    r"|its?|thats?|those|these|theyre|they|theres?|he|she|hes|shes|we|were|you|youre|your|because|cause|cos|cuz|since"
    r"|dont|until|unless|depends|idk|dunno|im|ive|id|ill"
    r"|i (?!hope|wish|look|like|love|enjoy)\w+)\b"
    r"|\?",
    re.IGNORECASE,
)
"""Begins as an answer does, or asks back."""
_DOUBTS = re.compile(r"\bnot sure\b|\b(?:do not|don't) think\b|\bdoubt\b", re.IGNORECASE)
_FOR_NEWS = re.compile(r"\bheads[ -]up\b|\blet(?:ting)? me know\b|\bthe info\b|\btelling me\b", re.IGNORECASE)


def relevance(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """Who will not answer says so, chatter is none; who thanks for news was told some; who warns says of whom."""
    problem = _problem(draft, context) or _thanks_for_nothing(draft, context) or _warns_of_nobody(draft, context)
    return verdict("relevance", problem)


def _warns_of_nobody(draft: CheckedDraft, context: FilterContext) -> str | None:
    whom = [power for act in context.plan.acts if act.kind is ActKind.WARN for power in act.powers]
    named = {mention.power for mention in find_names(draft.text, context.view)}
    if any(power not in named for power in whom):
        return "warns, and does not say of whom"
    return "warns of what it doubts" if whom and _DOUBTS.search(draft.text) else None


def _thanks_for_nothing(draft: CheckedDraft, context: FilterContext) -> str | None:
    if not any(act.kind is ActKind.THANK for act in context.plan.acts) or not _FOR_NEWS.search(draft.text):
        return None
    talk = context.ledger.messages_this_phase(context.recipient, context.view.phase)
    heard = [act for e in talk if e.message.sender is context.recipient for act in e.acts]
    return None if any(act.kind in TELLING for act in heard) else "thanks for news, and was told none"


def _problem(draft: CheckedDraft, context: FilterContext) -> str | None:
    heard, plan = context.plan.answers, context.plan.acts
    if heard is None or not any(act.kind is ActKind.SMALL_TALK for act in plan) or not context.beyond(draft.text):
        return None
    entry = next((e for e in context.ledger.entries if e.message == heard), None)
    asked = entry is not None and any(act.kind in REQUESTING for act in entry.acts)
    answered = any(act.kind not in (ActKind.SMALL_TALK, ActKind.THANK) for act in plan)
    said = context.ledger.said(context.sender, to=context.recipient)
    begun = any(e.message.recipient is context.recipient for e in said)
    if (
        not asked
        or (answered and not begun)
        or PUTS_OFF.search(draft.text)
        or _takes_up(draft.text, heard.text, context)
    ):
        return None
    return f"chats in answer to {heard.text!r}"


def _takes_up(text: str, heard: str, context: FilterContext) -> bool:
    """Whether a text speaks of what was asked: begins as an answer, names something, or has a word of the question."""
    shared = _content_words(text) & _content_words(heard)
    names = [m for m in find_names(text, context.view) if m.power is not context.recipient]
    return bool(_ANSWERS.search(re.sub("['’]", "", text)) or shared or names)


def _content_words(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-z]{4,}", text.lower()) if word not in _COMMON}


_COMMON = frozenset(
    re.findall(
        r"\w+",
        "that this with have what your will would they them then there from about just here some when were been want "
        "like going know think good game turn play move plan could should",
    )
)
"""Words that say nothing of what a message is about."""
