"""Filters: what may not be sent, and why.

Each is a small function in a file of its own, (draft, context) -> `FilterVerdict`.  `DEFAULT_FILTERS` is the
list used in play, cheap ones first; `filters_named` makes another from names in a configuration.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from dialogue.filters.disclosure import disclosure
from dialogue.filters.effect import correspondence, worth
from dialogue.filters.fluency import fluency
from dialogue.filters.forbidden import forbidden
from dialogue.filters.form import form
from dialogue.filters.grounding import grounding
from dialogue.filters.intention import intention
from dialogue.filters.leak import leak
from dialogue.filters.legality import legality
from dialogue.filters.naming import naming
from dialogue.filters.negation import negation
from dialogue.filters.nonsense import misplaced, nonsense
from dialogue.filters.out_of_game import out_of_game
from dialogue.filters.past import past
from dialogue.filters.personal_data import personal_data
from dialogue.filters.promises import promises
from dialogue.filters.read_back import read_back
from dialogue.filters.relevance import relevance
from dialogue.filters.remarks import remarks
from dialogue.filters.repetition import repetition
from dialogue.filters.rudeness import rudeness
from dialogue.filters.verdict import (
    CheckedDraft,
    Disclosure,
    Effect,
    Filter,
    FilterConfig,
    FilterContext,
    FilterVerdict,
    ReadBack,
    Verdict,
)

__all__ = [
    "DEFAULT_FILTERS",
    "DEFAULT_NAMES",
    "FILTERS",
    "CheckedDraft",
    "Disclosure",
    "Effect",
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
    "personal_data": personal_data,
    "out_of_game": out_of_game,
    "disclosure": disclosure,
    "repetition": repetition,
    "read_back": read_back,
    "naming": naming,
    "negation": negation,
    "remarks": remarks,
    "leak": leak,
    "relevance": relevance,
    "legality": legality,
    "grounding": grounding,
    "intention": intention,
    "promises": promises,
    "past": past,
    "fluency": fluency,
    "nonsense": nonsense,
    "misplaced": misplaced,
    "worth": worth,
    "correspondence": correspondence,
    "forbidden": forbidden,
}
"""Every filter by the name that its verdicts carry."""

OPTIONAL = frozenset({"nonsense", "misplaced", "worth", "correspondence", "forbidden"})
"""Filters that are asked only where a configuration names them, or (`forbidden`) forbids something."""
DEFAULT_NAMES: tuple[str, ...] = tuple(name for name in FILTERS if name not in OPTIONAL)
"""Names of the filters that are asked otherwise."""
DEFAULT_FILTERS: tuple[Filter, ...] = tuple(FILTERS[name] for name in DEFAULT_NAMES)


class UnknownFilterError(ValueError):
    """A name that no filter has."""


def filters_named(names: Sequence[str]) -> tuple[Filter, ...]:
    """The filters of these names, in this order.

    Args:
        names: of our filters; or, for one of yours, `module:function` or `path/to/file.py:function`.

    >>> [f.__name__ for f in filters_named(["form", "dialogue.filters.past:past"])]
    ['form', 'past']

    Raises:
        UnknownFilterError: there is no such filter; the message names the nearest.
    """
    return tuple(_load(name) if ":" in name else _shipped(name) for name in names)


def _shipped(name: str) -> Filter:
    if name not in FILTERS:
        near = get_close_matches(name, FILTERS, n=1) or list(FILTERS)
        raise UnknownFilterError(f"unknown filter {name!r}: expected {' or '.join(near)}")
    return FILTERS[name]


def _load(name: str) -> Filter:
    """A filter of somebody else's."""
    place, _, function = name.rpartition(":")
    try:
        module = _module_in(Path(place)) if place.endswith(".py") else import_module(place)
        found: Filter = getattr(module, function)
    except Exception as error:  # whatever the file of somebody else does when it is run
        raise UnknownFilterError(
            f"cannot load the filter {name!r}: expected module:function or file.py:function, "
            f"got {type(error).__name__}: {error}"
        ) from None
    if not callable(found):
        raise UnknownFilterError(f"cannot load the filter {name!r}: expected a function, got {found!r}")
    return found


def _module_in(path: Path) -> ModuleType:
    name = f"filters of {path}"  # no name of a module: json.py is not to stand in for json
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"no Python file {path}")
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


def review(
    draft: CheckedDraft, context: FilterContext, filters: Sequence[Filter] = DEFAULT_FILTERS
) -> tuple[FilterVerdict, ...]:
    """Every filter's verdict on a draft, in order; all are asked, so that shares of rejections can be counted."""
    return tuple(check(draft, context) for check in filters)


def passes(verdicts: Sequence[FilterVerdict]) -> bool:
    """Whether nothing speaks against sending."""
    return all(v.verdict is Verdict.PASS for v in verdicts)
