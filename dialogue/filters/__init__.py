"""Filters: what may not be sent, and why.

Each is a small function in a file of its own, (draft, context) -> `FilterVerdict`.  `DEFAULT_FILTERS` is the
list used in play, cheap ones first; `filters_named` makes another from names in a configuration.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from dialogue.filters.form import form
from dialogue.filters.grounding import grounding
from dialogue.filters.intention import intention
from dialogue.filters.legality import legality
from dialogue.filters.out_of_game import out_of_game
from dialogue.filters.past import past
from dialogue.filters.promises import promises
from dialogue.filters.read_back import read_back
from dialogue.filters.relevance import relevance
from dialogue.filters.repetition import repetition
from dialogue.filters.rudeness import rudeness
from dialogue.filters.verdict import (
    CheckedDraft,
    Filter,
    FilterConfig,
    FilterContext,
    FilterVerdict,
    ReadBack,
    Verdict,
)

__all__ = [
    "DEFAULT_FILTERS",
    "FILTERS",
    "CheckedDraft",
    "Filter",
    "FilterConfig",
    "FilterContext",
    "FilterVerdict",
    "ReadBack",
    "UnknownFilterError",
    "Verdict",
    "filters_named",
    "passes",
    "review",
]

FILTERS: dict[str, Filter] = {
    "form": form,
    "rudeness": rudeness,
    "out_of_game": out_of_game,
    "repetition": repetition,
    "read_back": read_back,
    "relevance": relevance,
    "legality": legality,
    "grounding": grounding,
    "intention": intention,
    "promises": promises,
    "past": past,
}
"""Every filter by the name that its verdicts carry."""

DEFAULT_FILTERS: tuple[Filter, ...] = tuple(FILTERS.values())


class UnknownFilterError(ValueError):
    """A name that no filter has."""


def filters_named(names: Sequence[str]) -> tuple[Filter, ...]:
    """The filters of these names, in this order.

    >>> [f.__name__ for f in filters_named(["form", "past"])]
    ['form', 'past']

    Raises:
        UnknownFilterError: there is no such filter; the message names the nearest.
    """
    for name in names:
        if name not in FILTERS:
            near = get_close_matches(name, FILTERS, n=1) or list(FILTERS)
            raise UnknownFilterError(f"unknown filter {name!r}: expected {' or '.join(near)}")
    return tuple(FILTERS[name] for name in names)


def review(
    draft: CheckedDraft, context: FilterContext, filters: Sequence[Filter] = DEFAULT_FILTERS
) -> tuple[FilterVerdict, ...]:
    """Every filter's verdict on a draft, in order; all are asked, so that shares of rejections can be counted."""
    return tuple(check(draft, context) for check in filters)


def passes(verdicts: Sequence[FilterVerdict]) -> bool:
    """Whether nothing speaks against sending."""
    return all(v.verdict is Verdict.PASS for v in verdicts)
