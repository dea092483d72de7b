"""Rejects what the recipient was told already, and messages that repeat themselves."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from dialogue.acts import REQUESTING, ActKind
from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, sentences, verdict
from dialogue.memory import same_content

_SHORT = 4
"""Messages of at most this many words ("Thanks!", "Sounds good to me.") may be said again in a later phase."""

_ANSWER = 2
"""Messages of at most this many words ("Yes", "No way") may be said again to what the recipient has written since."""
_EMPHATIC = frozenset(
    {"had", "that", "very", "bye", "no", "yes", "yup", "yep", "yeah", "many", "so", "really", "please", "ha", "haha"}
    | {"ok", "fine", "hey", "now", "wait", "well", "long", "much", "far", "too", "never", "there", "come", "go", "tsk"}
)
"""Words that people say twice on purpose."""
_DOUBLED = re.compile(r"\b(\w{2,}) \1\b", re.IGNORECASE)


def repetition(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """Neither text nor request was sent to this power before, and no sentence or word is said over and over."""
    words = _words(draft.text)
    if any(act.quote is not None for act in context.plan.acts):
        return verdict("repetition", _stutter(draft.text, words))  # asked again what was said, it says so again
    sent = context.ledger.last_messages(context.recipient, 4 * context.config.memory)
    answering = bool(sent) and sent[-1].message.sender is context.recipient
    mine = [e for e in sent if e.message.sender is context.sender][-context.config.memory :]
    for entry in mine:
        is_now = entry.message.phase == context.view.phase
        if len(words) <= _SHORT and (not is_now or (len(words) <= _ANSWER and answering)):
            continue
        likeness = SequenceMatcher(None, words, _words(entry.message.text), autojunk=False).ratio()
        if likeness >= (context.config.similarity if len(words) > _SHORT else 1.0):
            return verdict("repetition", f"says again {entry.message.text!r}")
        if not is_now:
            continue
        for act in draft.reading.acts:
            telling = act.kind in REQUESTING or act.kind in (ActKind.INFORM, ActKind.WARN)
            content = act.orders or act.provinces or act.powers
            if telling and content and any(same_content(act, said) for said in entry.acts):
                return verdict("repetition", f"{act.kind.value} was said in this phase: {entry.message.text!r}")
    return verdict("repetition", _stutter(draft.text, words))


def _stutter(text: str, words: list[str]) -> str | None:
    for first, second, third in zip(words, words[1:], words[2:], strict=False):
        if first == second == third and first not in _EMPHATIC:
            return f"stutters on {first!r}"
    for doubled in _DOUBLED.finditer(text):
        if doubled[1].lower() not in _EMPHATIC:
            return f"doubles {doubled[1]!r}"
    parts = [" ".join(_words(s)) for s in sentences(text)]
    long = [p for p in parts if len(p.split()) > 2]
    return "says a sentence twice" if len(set(long)) < len(long) else None


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())
