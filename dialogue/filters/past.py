"""Rejects what is false about earlier orders and earlier words."""

from __future__ import annotations

import re

from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict
from dialogue.memory import RequestStatus, fulfils
from engine.types import Action, Phase, PhaseKind, Power

_EARLIER = re.compile(
    r"\b(?:last|previous) (?:turn|season|year|phase|time|round)\b|\blast (?:spring|fall|autumn)\b", re.I
)
_YOU_SAID = re.compile(
    r"\b(?:as )?you (?:just )?(?:said|told me|promised|mentioned|suggested|asked|proposed|agreed)\b", re.I
)
_I_SAID = re.compile(
    r"\b(?:as )?i (?:already |just )?(?:said|told you|promised|mentioned|suggested|asked|proposed)\b", re.I
)
_WE_AGREED = re.compile(
    r"\b(?:as (?:we )?agreed|we agreed|our agreement|our deal|as (?:we )?discussed|we discussed)\b", re.I
)
_THANKS_FOR = re.compile(r"\b(?:thanks|thank you|thx)(?: again)? for (?:the|your) (?:support|help)\b", re.I)


def past(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """What is said about the past is on record."""
    for act in draft.reading.acts:
        if act.kind in (ActKind.CLAIM_PAST, ActKind.DENY) and act.orders:
            problem = _false_claim(act, context)
            if problem is not None:
                return verdict("past", problem)
    return verdict("past", _false_words(draft.text, context))


def _false_claim(act: SpeechAct, context: FilterContext) -> str | None:
    """A claim about orders is true if they were given so, or (of words) were said so."""
    is_claim = act.kind is ActKind.CLAIM_PAST
    if is_claim and not context.view.history and not context.ledger.entries:
        return "speaks of the past before there is any"
    if not is_claim and (act.phase is None or not act.phase < context.view.phase):
        return None
    for item in act.orders:
        orders = _orders_of(item.power, act.phase, context)
        said = bool(context.ledger.said(item.power, order=item.order))
        if orders is None and not said:
            return f"no record of {item.power}'s orders in {act.phase or 'the last movement phase'}"
        given = orders is not None and any(fulfils(o, item.order) for o in orders)
        claimed = is_claim and act.polarity is Polarity.DO
        if claimed and not (given or said):
            return f"{item.power} neither played nor spoke of {item.order}"
        if not claimed and given:
            return f"{item.power} did play {item.order}"
    return None


def _orders_of(power: Power, phase: Phase | None, context: FilterContext) -> Action | None:
    for record in reversed(context.view.history):
        if record.phase == phase or (phase is None and record.phase.kind is PhaseKind.MOVEMENT):
            return record.orders.get(power)
    return None


def _false_words(text: str, context: FilterContext) -> str | None:
    """Phrases that presuppose earlier play, words or agreements."""
    ledger, sender, other = context.ledger, context.sender, context.recipient
    if _EARLIER.search(text) and not context.view.history:
        return "speaks of an earlier turn before there is one"
    if _YOU_SAID.search(text) and not ledger.said(other, to=sender):
        return f"quotes {other}, who has said nothing yet"
    if _I_SAID.search(text) and not ledger.said(sender, to=other):
        return f"refers to its own earlier words; there are none to {other}"
    pair = {sender, other}
    if _WE_AGREED.search(text) and not any(
        {r.by, r.to} == pair and r.status is RequestStatus.ACCEPTED for r in ledger.requests
    ):
        return f"refers to an agreement with {other}; there is none on record"
    if _THANKS_FOR.search(text) and not (_has_helped(context) or ledger.promises_by(other, to=sender)):
        return f"thanks {other} for help that it neither gave nor promised"
    return None


def _has_helped(context: FilterContext) -> bool:
    """Whether the recipient aided a unit of the sender in any phase so far."""
    for record in context.view.history:
        for order in record.orders.get(context.recipient, ()):
            at = None if order.aided is None else record.board.unit_at(order.aided.province)
            if at is not None and at[0] is context.sender:
                return True
    return False
