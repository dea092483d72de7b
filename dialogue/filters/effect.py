"""Rejects what a search says a message would do to its sender: to its score, and to its own intent.

Filters know no search: the agent hands them one as a function (`FilterContext.effect`).  Without it they pass.  After
Cicero (Bakhtin et al. 2022, supplement), which compares messages by value, and drops one that makes its own intent less
likely than it was before.
"""

from __future__ import annotations

from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict


def worth(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """What the text says does not cost its sender much."""
    effect = None if context.effect is None else context.effect(draft.reading.acts)
    if effect is None:
        return verdict("worth", None)
    costly = effect.worth < -context.config.most_cost
    return verdict("worth", f"would cost {-effect.worth:.4f}" if costly else None, -effect.worth)


def correspondence(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """What the text says makes the sender's own orders no less likely to be expected of it."""
    effect = None if context.effect is None else context.effect(draft.reading.acts)
    if effect is None:
        return verdict("correspondence", None)
    astray = effect.intent < -context.config.most_doubt
    problem = f"makes its own intent less likely by {-effect.intent:.4f}" if astray else None
    return verdict("correspondence", problem, -effect.intent)
