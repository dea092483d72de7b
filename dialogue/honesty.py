"""How far words bind: the levels of honesty, and what each of them means.

Whatever depends on the level asks its `Scruples`, and nothing compares levels: what is granted, answered and proposed
(`weighing`, `answering`, `initiatives`), what a word costs the search (`SpeechConfig.price`), who is warned
(`cicero_lite.agent`), and what the filters let pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import inf

PRICELESS = 2.0
"""Price of a word that no gain outweighs: scores lie between 0 and 1."""


@dataclass(frozen=True)
class Scruples:
    """What a level of honesty stands by."""

    sincere: bool
    """Whether it means what it says as it says it: promises what it plans or can well do, plays no friend to whom it
    attacks, tells the truth when asked, or evades.  If not, it says yes to whatever it is asked, and what pleases."""
    price: float
    """Times what a broken promise costs in `SpeechConfig`; 0: its word, once given, does not bind it; infinite: no gain
    outweighs it."""
    warns: bool
    """Whether it tells, before the orders are due, whom it promised what it will not do after all."""

    @property
    def binds(self) -> bool:
        """Whether a promise weighs anything once it is given."""
        return self.price > 0


class Honesty(StrEnum):
    """Whether words follow plans and plans follow words, the most honest level first."""

    BINDING = "binding"
    """Keeps every promise that can be kept, unless what it was given for is taken back."""
    TRUTHFUL = "truthful"
    """Keeps its word unless something better outweighs its price, and then says so in time."""
    OPPORTUNIST = "opportunist"
    """Means what it says, but changes its mind for any gain, and tells nobody."""
    CHEAP_TALK = "cheap talk"
    """Says yes to whatever it is asked; promises mean nothing."""

    @property
    def scruples(self) -> Scruples:
        """What the level means."""
        return _SCRUPLES[self]


_SCRUPLES = {
    Honesty.BINDING: Scruples(sincere=True, price=inf, warns=True),
    Honesty.TRUTHFUL: Scruples(sincere=True, price=1.0, warns=True),
    Honesty.OPPORTUNIST: Scruples(sincere=True, price=0.0, warns=False),
    Honesty.CHEAP_TALK: Scruples(sincere=False, price=0.0, warns=False),
}
