"""Rejects words that do not fit their talk.

Pleasantries in the place of an answer, greetings in the middle of a talk, a stall beside an answer, a rest where there
is none, thanks for what was not said, warnings that warn of nobody, a no to what was not proposed, guesses told as
hearsay, reasons for what is no proposal.
"""

from __future__ import annotations

import re

from dialogue.acts import REQUESTING, TELLING, ActKind
from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, sentences, verdict
from dialogue.names import find_names

PUTS_OFF = re.compile(
    r"\blet me\b|\bi(?:'ll| will) (?:think|get back|see|check|have to|let you know)|\bthink about (?:it|that)\b"
    r"|\bnot sure\b|\bunsure\b|\bdecided\b|\b(?:don't|do not) know\b|\bstill (?:thinking|deciding)\b|\bmaybe\b"
    r"|\b(?:rather|prefer) (?:not|keep)|\bcan(?:'t|not) (?:say|tell|promise|answer)|\bkeep (?:that|it) to myself\b"
    r"|\bdepends?\b|\bwe(?:'ll| will) see\b|\boptions open\b|\bhard to (?:say|tell)\b|\bsecret\b|\bperhaps\b"
    r"|\b(?:a|one) (?:minute|moment|second)\b",
    re.IGNORECASE,
)
_STALLS = re.compile(
    r"\blet me (?:think|get back|check)\b|\bget back to you\b|\b(?:not sure|haven't decided|have not decided) yet\b"
    r"|\bgive me a (?:minute|moment|second)\b",
    re.IGNORECASE,
)
_REST = re.compile(r"\bthe rest\b", re.IGNORECASE)
_SETTLING = frozenset({ActKind.REFUSE, ActKind.COUNTER, ActKind.INFORM, ActKind.PROMISE})
_GREETS = re.compile(
    r"^\W*(?:hi|hello|hey|greetings|good (?:morning|evening|afternoon))\b(?! again)"
    r"|\b(?:best of|good) luck\b|\bgood to hear from you\b|\bnice to meet you\b|\bhow(?:'s| is) it going\b",
    re.IGNORECASE,
)
_JOINT = {
    ActKind.DEMILITARISE: re.compile(
        r"\bdmz\w*|\bdemilitari\w+|\b(?:keep|stay|leave) (?:out|clear|off|away)\b|\bneutral\b", re.IGNORECASE
    ),
    ActKind.BOUNCE: re.compile(r"\bbounc\w+", re.IGNORECASE),
}
_HEARD = re.compile(
    r"\bi(?:'ve)? (?:hear|heard)\b|\bword is\b|\brumou?r\b|\bapparently\b|\b(?:told me|says|said)\b", re.IGNORECASE
)
_REASONS = re.compile(
    r"\b(?:we'd both gain|helps us both|(?:good|safer|better) for (?:both|us)|it's (?:the )?safest)\b", re.IGNORECASE
)
_COURTESIES = (ActKind.SMALL_TALK, ActKind.THANK)
_DOUBTS = re.compile(r"\bnot sure\b|\b(?:do not|don't) think\b|\bdoubt\b", re.IGNORECASE)
_FOR_NEWS = re.compile(r"\bheads[ -]up\b|\blet(?:ting)? me know\b|\bthe info\b|\btelling me\b", re.IGNORECASE)


def relevance(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """Who will not answer says so, chatter is none; who thanks for news was told some; who warns says of whom."""
    for problem in _PROBLEMS if context.beyond(draft.text) else ():
        found = problem(draft, context)
        if found is not None:
            return verdict("relevance", found)
    return verdict("relevance", None)


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


def _chats(draft: CheckedDraft, context: FilterContext) -> str | None:
    """Small talk beside an answer may greet at the very beginning, and in the first place only."""
    heard, plan = context.plan.answers, context.plan.acts
    if heard is None or context.plan.words or not any(act.kind is ActKind.SMALL_TALK for act in plan):
        return None
    asked = any(act.kind in REQUESTING for act in context.heard)
    greets = plan[0].kind is ActKind.SMALL_TALK and any(act.kind not in _COURTESIES for act in plan)
    begun = any(e.message.recipient is context.recipient for e in context.ledger.said(context.sender))
    if not asked or (greets and not begun) or PUTS_OFF.search(draft.text):
        return None
    return f"chats in answer to {heard.text!r}"


def _greets_again(draft: CheckedDraft, context: FilterContext) -> str | None:
    talk = context.ledger.messages_this_phase(context.recipient, context.view.phase)
    match = _GREETS.search(draft.text)
    if match is None or not any(e.message.sender is context.sender for e in talk):
        return None
    return f"says {match[0]!r} in the middle of a talk"


def _stalls(draft: CheckedDraft, context: FilterContext) -> str | None:
    """Time to think is asked for where nothing was agreed to, after what is told, and for a rest if there is one."""
    kinds = {act.kind for act in context.plan.acts}
    for number, sentence in enumerate(sentences(draft.text)):
        match = _STALLS.search(sentence)
        if match is None:
            continue
        if ActKind.SMALL_TALK not in kinds:
            return f"says {match[0]!r} beside its answer"
        if _REST.search(sentence):
            if _asked(context) < 2:
                return "speaks of the rest, and there is none"
        elif ActKind.AGREE in kinds or (number == 0 and kinds & _SETTLING):
            return f"says {match[0]!r}, and then answers"
    return None


def _asked(context: FilterContext) -> int:
    """How much the recipient asked or proposed since the sender last wrote."""
    unread = context.ledger.unread_from(context.recipient, context.view.phase)
    return sum(act.kind in REQUESTING for e in unread for act in e.acts)


def _refuses_another_thing(draft: CheckedDraft, context: FilterContext) -> str | None:
    """A no to a bounce does not speak of a demilitarised zone, nor the other way round."""
    for act in context.plan.acts:
        if act.kind is not ActKind.REFUSE or not act.provinces:
            continue
        about = (*context.heard, *context.plan.acts)
        asked = {a.kind for a in about if set(a.provinces) & set(act.provinces)}
        for sentence in sentences(draft.text):
            named = {place for mention in find_names(sentence, context.view) for place in mention.provinces}
            for kind, word in _JOINT.items():
                if kind not in asked and named & set(act.provinces) and (match := word.search(sentence)):
                    return f"refuses a {match[0]!r} that nobody proposed"
    return None


def _hearsay(draft: CheckedDraft, context: FilterContext) -> str | None:
    """What it expects of a third power is its guess, unless somebody spoke of it."""
    thirds = {
        item.power
        for act in context.plan.acts
        if act.kind is ActKind.INFORM
        for item in act.orders
        if item.power not in (context.sender, context.recipient)
    }
    match = _HEARD.search(draft.text)
    if not thirds or match is None or any(context.ledger.said(third, to=context.sender) for third in thirds):
        return None
    return f"says {match[0]!r} of its own guess"


def _gives_reasons(draft: CheckedDraft, context: FilterContext) -> str | None:
    match = _REASONS.search(draft.text)
    if match is None or any(act.kind in REQUESTING or act.kind is ActKind.REFUSE for act in context.plan.acts):
        return None
    return f"says {match[0]!r} of what is no proposal"


_PROBLEMS = (
    _chats,
    _greets_again,
    _stalls,
    _refuses_another_thing,
    _hearsay,
    _gives_reasons,
    _thanks_for_nothing,
    _warns_of_nobody,
)
