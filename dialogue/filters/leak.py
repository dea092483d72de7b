"""Rejects what passes on in one talk what was said in another, unless the plan chose to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialogue.filters.naming import named_by
from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict
from dialogue.names import Mention, find_names
from engine.notation import same_move
from engine.types import Message, Order, Power

_RUN = 8
"""Words in a row, as another wrote them, from which a text quotes it."""
_SPOKE = re.compile(
    r"^(?:'s)? ?(?:also |just |already |really |once |even |has |had |have |did |privately |secretly |clearly )*"
    r"(?:(?:told|promised|assured|asked|warned|messaged|texted|informed|offered|begged|gave|swore|wrote|confirmed|"
    r"admitted|mentioned|confided|suggested|proposed|approached|contacted)\b(?! you)|says?\b|said\b|claims?\b"
    r"|claimed\b|agreed\b|wants me\b|wrote\b|words\b)",
    re.IGNORECASE,
)
_WITH_ME = re.compile(r"^ and (?:i|me) (?:have |had |both |just )*(?:agree\w*|a deal|an? \w+ deal|dmz\w*|talked)", re.I)
_FROM = re.compile(
    r"\b(?:according to|(?:know|hear|heard|learnt|learned|got|have|word|message|this|it|that) from"
    r"|(?:deal|agreement|pact|arrangement|understanding|talks?|alliance|treaty|truce) with|i promised|i told|told by"
    r"|promised by)\s+(?:the )?$",
    re.IGNORECASE,
)


def leak(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """What a third power said in private stays there: its orders, its words, that it said anything."""
    return verdict("leak", _problem(draft, context))


def _problem(draft: CheckedDraft, context: FilterContext) -> str | None:
    _, chosen = named_by(context.plan.acts)
    heard = list(_heard(context))
    thirds = {message.sender for message in heard} - chosen
    for act in draft.reading.acts:
        for item in act.orders:
            if item.power in thirds and _promised(item.power, context, item.order):
                return f"reveals that {item.power} promised {item.order}"
    text = context.beyond(draft.text)
    for mention in find_names(text, context.view):
        if mention.power in thirds and _attributes(text, mention):
            return f"passes on what {mention.power} said"
    said = _words(text)
    for message in heard:
        if (run := _shared_run(said, _words(message.text))) is not None:
            return f"quotes {message.sender}: {run!r}"
    return None


def _heard(context: FilterContext) -> Iterator[Message]:
    """What others than the recipient wrote to the sender in private."""
    for entry in context.ledger.entries:
        message = entry.message
        if message.recipient is context.sender and message.sender is not context.recipient:
            yield message


def _promised(power: Power, context: FilterContext, order: Order) -> bool:
    return any(
        promise.to is context.sender and promise.order is not None and same_move(promise.order, order)
        for promise in context.ledger.promises_by(power, phase=context.view.phase)
    )


def _attributes(text: str, mention: Mention) -> bool:
    after, before = text[mention.end :], text[: mention.start]
    return bool(_SPOKE.search(after) or _WITH_ME.search(after) or _FROM.search(before))


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())


def _shared_run(text: list[str], other: list[str]) -> str | None:
    """The first run of words that both have, if it is long enough to be a quotation."""
    runs = {tuple(other[n : n + _RUN]) for n in range(len(other) - _RUN + 1)}
    found = (tuple(text[n : n + _RUN]) for n in range(len(text) - _RUN + 1))
    return next((" ".join(run) for run in found if run in runs), None)
