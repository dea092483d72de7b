"""Rejects a draft that the reader does not read as its plan."""

from __future__ import annotations

from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, kinds, verdict
from dialogue.memory import same_content
from dialogue.names import find_names


def read_back(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """Every planned act is said, none beyond, and what was not understood names no place and no power."""
    if not draft.matches:
        missing = [a for a in context.plan.acts if not any(same_content(a, r) for r in draft.reading.acts)]
        beyond = [a for a in draft.reading.acts if not any(same_content(a, p) for p in context.plan.acts)]
        problems = [
            *([f"does not say {kinds(missing)}"] if missing else []),
            *([f"says {kinds(beyond)} beyond the plan"] if beyond else []),
            *(f"not understood: {clause!r}" for clause in draft.reading.unread),
        ]
        return verdict("read_back", "; ".join(problems) or "says its acts in another way")
    for clause in draft.reading.unread:
        if find_names(clause, context.view):
            return verdict("read_back", f"cannot read {clause!r}, which names a place or a power")
    return verdict("read_back", None)
