"""How long to think: ``policy``, so many iterations, or so many seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORM = re.compile(r"(\d+(?:\.\d+)?)\s*(it|s)")


@dataclass(frozen=True)
class Limit:
    """A budget for one search; without one, a search is as its configuration says."""

    iterations: int | None = None
    """Updates of the equilibrium, everything else in proportion; 0: play the anchor policy."""
    seconds: float | None = None
    """Wall-clock time."""

    @classmethod
    def parse(cls, text: str) -> Limit:
        """The budget that a text such as ``2s``, ``256it`` or ``policy`` names; empty: none.

        >>> Limit.parse("0.5s"), Limit.parse("policy")
        (Limit(iterations=None, seconds=0.5), Limit(iterations=0, seconds=None))

        Raises:
            ValueError: another text.
        """
        text = text.strip()
        if text in ("", "policy"):
            return cls(iterations=0 if text else None)
        found = _FORM.fullmatch(text)
        if found is None or float(found[1]) <= 0:
            raise ValueError(
                f"think: expected 'policy', iterations such as '256it' or seconds such as '2s', got {text!r}"
            )
        if found[2] == "s":
            return cls(seconds=float(found[1]))
        return cls(iterations=max(1, round(float(found[1]))))
