"""Rejects words that do what their sender is not to do, whatever was planned."""

from __future__ import annotations

from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, kinds, verdict


def forbidden(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """No act that the reader finds in the text is of a forbidden kind."""
    found = [act for act in draft.reading.acts if act.kind in context.forbidden]
    return verdict("forbidden", f"says what it is not to say: {kinds(found)}" if found else None)
