"""Rejects pleasantries in the place of an answer, thanks for what was not said, warnings that warn of nobody."""

from __future__ import annotations

import re

from dialogue.acts import TELLING, ActKind
from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict
from dialogue.memory import REQUESTING
from dialogue.names import find_names

_PUTS_OFF = re.compile(
    r"\blet me\b|\bi(?:'ll| will) (?:think|get back|see|check|have to|let you know)|\bthink about (?:it|that)\b"
    r"|\bnot sure\b|\bunsure\b|\bdecided\b|\b(?:don't|do not) know\b|\bstill (?:thinking|deciding)\b|\bmaybe\b"
    r"|\b(?:rather|prefer) (?:not|keep)|\bcan(?:'t|not) (?:say|tell|promise|answer)|\bkeep (?:that|it) to myself\b"
    r"|\bdepends?\b|\bwe(?:'ll| will) see\b|\boptions open\b|\bhard to (?:say|tell)\b|\bsecret\b|\bperhaps\b"
    r"|\b(?:a|one) (?:minute|moment|second)\b",
    re.IGNORECASE,
)
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
    if heard is None or not any(act.kind is ActKind.SMALL_TALK for act in plan):
        return None
    entry = next((e for e in context.ledger.entries if e.message == heard), None)
    asked = entry is not None and any(act.kind in REQUESTING for act in entry.acts)
    answered = any(act.kind not in (ActKind.SMALL_TALK, ActKind.THANK) for act in plan)
    said = context.ledger.said(context.sender, to=context.recipient)
    begun = any(e.message.recipient is context.recipient for e in said)
    if not asked or (answered and not begun) or _PUTS_OFF.search(draft.text):
        return None
    return f"chats in answer to {heard.text!r}"
