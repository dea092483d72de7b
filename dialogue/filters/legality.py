"""Rejects orders that the unit cannot be given here, and units that are not there or not whose they are said to be."""

from __future__ import annotations

from dialogue.acts import ActKind, ActOrder, SpeechAct
from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict


def legality(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """Every order spoken of for the phase at hand is legal for the power named."""
    for act in draft.reading.acts:
        if act.kind is ActKind.DENY:
            continue  # what is said not to be so need not be possible
        for item in _orders(act, context):
            if context.view.legal_form(item.power, item.order) is None:
                return verdict("legality", f"{item.power} cannot order {item.order} in {context.view.phase}")
    return verdict("legality", None)


def _orders(act: SpeechAct, context: FilterContext) -> tuple[ActOrder, ...]:
    """The orders of an act, and of its condition, that are about the phase at hand."""
    orders = act.orders if context.is_now(act) else ()
    return orders if act.condition is None else (*orders, *_orders(act.condition, context))
