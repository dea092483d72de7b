"""Rejects texts that learned judges take for spoilt; see `dialogue.discriminators`."""

from __future__ import annotations

from dialogue.discriminators import Moment, load_discriminators
from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict
from dialogue.names import find_names


def nonsense(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """The words hang together as people's do."""
    judges = load_discriminators()
    chance = judges.nonsense(draft.text, find_names(draft.text, context.view))
    least = judges.words.threshold(context.config.nonsense)
    problem = f"its words are spoilt with a chance of {chance:.2f}" if chance >= least else None
    return verdict("nonsense", problem, chance)


def misplaced(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """The text belongs into this talk over this board."""
    judges = load_discriminators()
    names, reading = find_names(draft.text, context.view), draft.reading
    at = Moment(context.view, context.ledger, context.recipient)
    chance = judges.misplaced(draft.text, names, reading.acts, len(reading.unread), at)
    least = judges.moment.threshold(context.config.misplaced)
    problem = f"it belongs elsewhere with a chance of {chance:.2f}" if chance >= least else None
    return verdict("misplaced", problem, chance)
