"""Rejects texts whose words follow each other as hardly any of people's do.

Filters know no language model: the agent hands them one as a function (`FilterContext.as_odd`).  Without it they pass.
See `dialogue.fluency`.
"""

from __future__ import annotations

from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict


def fluency(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """The words surprise a language model no more than those of nearly all that people write."""
    if context.as_odd is None:
        return verdict("fluency", None)
    share = context.as_odd(draft.text)
    odd = share < context.config.fluency
    problem = f"its words are jumbled: {100 * share:.1f} % of people's messages are as odd" if odd else None
    return verdict("fluency", problem, 1 - share)
