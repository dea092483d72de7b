"""Rejects what contradicts the sender's own open promises, or denies what it really said."""

from __future__ import annotations

from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, own_statements, verdict
from dialogue.memory import Promise, Status, enters, fulfils
from engine.notation import same_move
from engine.types import Order


def promises(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """No statement breaks an open promise, unless the draft openly takes it back, or no promise binds its sender.

    Whom no promise binds contradicts what it told others, not what it told the hearer.

    An apology is one of several that go out together, one to each who was promised (`dialogue.speech.corrections`).
    """
    for act in draft.reading.acts:
        if act.kind is ActKind.DENY and (said := _really_said(act, context)) is not None:
            return verdict("promises", f"denies what it said: {said!r}")
    # Sorry, or yes to what the hearer asks instead, takes back what the hearer was promised.
    kinds = {act.kind for act in draft.reading.acts}
    open_promises = context.ledger.promises_by(context.sender, status=Status.OPEN, phase=context.view.phase)
    if not context.honesty.scruples.binds:
        open_promises = tuple(p for p in open_promises if p.to in (context.recipient, None))
    for act, item in own_statements(draft, context):
        for promise in open_promises:
            if ActKind.APOLOGISE in kinds or (ActKind.AGREE in kinds and promise.to is context.recipient):
                continue
            if _contradicts(item.order, act.polarity, promise):
                hearer = promise.to or "all"
                what = promise.order or "/".join(promise.provinces)
                sign = "not " if promise.polarity is Polarity.NOT else ""
                return verdict("promises", f"contradicts the promise to {hearer} of {sign}{what}")
    return verdict("promises", None)


def _really_said(act: SpeechAct, context: FilterContext) -> str | None:
    """The words by which the sender said to this recipient what the denial denies, if it did."""
    if act.phase is not None and act.phase != context.view.phase:
        return None  # orders of an earlier phase: the record of orders decides (`past`)
    for promise in context.ledger.promises_by(context.sender, to=context.recipient, phase=context.view.phase):
        if promise.status is Status.WITHDRAWN or promise.polarity is not Polarity.DO:
            continue
        if promise.order is not None and any(same_move(promise.order, item.order) for item in act.orders):
            return promise.quote
    return None


def _contradicts(order: Order, polarity: Polarity, promise: Promise) -> bool:
    if promise.order is None:
        return polarity is Polarity.DO and promise.polarity is Polarity.NOT and enters(order, promise.provinces)
    if promise.polarity is not polarity:
        return same_move(order, promise.order)
    if polarity is Polarity.NOT or order.unit is None or promise.order.unit is None:
        return False
    return order.unit.province == promise.order.unit.province and not fulfils(order, promise.order)
