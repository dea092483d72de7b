"""Rejects what the sender does not mean: orders it will not give, peace with whom it attacks, attacks told.

Of who need not mean what it says (`Scruples.sincere`), attacks told alone.
"""

from __future__ import annotations

from dialogue.acts import ActKind, ActOrder, Polarity
from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, own_statements, verdict
from dialogue.memory import enters
from dialogue.situation import touches
from engine.notation import same_move
from engine.types import OrderKind, province_of


def intention(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """Statements about the sender's own orders agree with its plan, and give no attack away."""
    return verdict("intention", _problem(draft, context) if context.own else None)


def _problem(draft: CheckedDraft, context: FilterContext) -> str | None:
    sincere = context.honesty.scruples.sincere
    for act, item in own_statements(draft, context):
        planned = context.stands_by(item.order) or act.condition is not None  # binds only once it is taken up
        if sincere and act.polarity is Polarity.DO and not planned:
            return f"says {item.order}, which is not planned"
        if sincere and act.polarity is Polarity.NOT and any(same_move(item.order, o) for o in context.own):
            return f"says that it will not play {item.order}, which is planned"
        asked = any(same_move(o.order, item.order) for o in _asked_by_recipient(context))
        if act.polarity is Polarity.DO and not asked and touches(context.view, item.order, context.recipient):
            return f"tells {context.recipient} of the attack {item.order}"
    if not sincere:
        return None
    attacked = any(touches(context.view, o, context.recipient) for o in context.own)
    for act in draft.reading.acts:
        if not context.is_now(act):
            continue
        staying_out = act.kind is ActKind.DEMILITARISE or (
            act.kind in (ActKind.INFORM, ActKind.PROMISE) and act.polarity is Polarity.NOT
        )
        kept = [o for o in context.own if not any(b.unit == o.unit for b in context.binding)]
        if staying_out and act.provinces and any(enters(o, act.provinces) for o in kept):
            return f"speaks of staying out of {'/'.join(act.provinces)}, which the plan enters"
        if act.kind is ActKind.BOUNCE and act.polarity is Polarity.DO and act.provinces:
            orders = (*context.own, *context.binding)
            if not any(enters(o, act.provinces) for o in orders):
                return f"speaks of a bounce in {'/'.join(act.provinces)}, where the plan does not go"
        if act.kind is ActKind.ALLY and act.polarity is Polarity.DO and attacked:
            return f"proposes an alliance to {context.recipient}, whom the plan attacks"
        bare = act.kind is ActKind.AGREE and not (act.orders or act.provinces)
        says_yes = act.polarity is Polarity.DO and (bare or act.kind is ActKind.ALLY)
        if says_yes and (problem := _false_yes(attacked, context)) is not None:
            return problem
    return None


def _false_yes(attacked: bool, context: FilterContext) -> str | None:
    """A yes to peace or an alliance, with whom the plan attacks or whose move, told in the same breath, it stops."""
    heard = context.heard
    if not any(act.kind is ActKind.ALLY and act.polarity is Polarity.DO for act in heard):
        return None
    if attacked:
        return f"says yes to an alliance with {context.recipient}, whom the plan attacks"
    bounced = {place for act in heard if act.kind is ActKind.BOUNCE for place in act.provinces}
    for item in (item for act in heard if act.polarity is Polarity.DO for item in act.orders):
        order = item.order
        if item.power is not context.recipient or order.kind is not OrderKind.MOVE or order.target is None:
            continue
        place = province_of(order.target)
        if place not in bounced and any(enters(o, (place,)) for o in context.own):
            return f"says yes to an alliance with {context.recipient}, and the plan stops its {order}"
    return None


def _asked_by_recipient(context: FilterContext) -> list[ActOrder]:
    """Orders that the recipient itself asked for in this phase: no secret from it, wherever they go."""
    requests = (r for r in context.ledger.requests if r.by is context.recipient and r.phase == context.view.phase)
    return [item for request in requests for item in request.act.orders if item.power is context.sender]
