"""The controls: what an operator may change in the agent, before a game or while it is played.

Each is one term of the mathematics (docs/controls.md); with its neutral value that term is gone, and the agent is what
it is without controls.  The planner's terms change the utility of the agent's own orders,

    U(a) = CE_ρ[S_me] + Σ_q w_q·E[S_q] + aggression·attacks(a) + Σ_r t_r·[a enters or holds r],

with CE_ρ the entropic certainty equivalent and w_q what `weights`, `loyalty` and `forgiveness` come to
(`cicero_lite.steer.standing`); the others do not know of it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from dialogue.acts import ActKind
from dialogue.honesty import Honesty
from engine.mapfile import load_map
from engine.notation import parse_order
from engine.types import NotationError, Order, Phase, Power, Province

_T = TypeVar("_T")


@dataclass(frozen=True)
class Imposed:
    """Orders that the operator sets.

    The agent gives the own ones wherever they are legal, and plans freely for every other unit; the wanted ones it asks
    for, argues for and pays for.
    """

    phase: str = ""
    """The phase that they are for, such as S1901M; empty: every phase, until they are changed."""
    own: tuple[str, ...] = ()
    """Of the agent's units, such as A PAR - BUR; at most one for each."""
    wanted: Mapping[Power, tuple[str, ...]] = field(default_factory=dict)
    """Of others' units, by power, such as {GERMANY: [A MUN S A PAR - BUR]}."""

    def __post_init__(self) -> None:
        if self.phase:
            _checked("phase", Phase.parse, self.phase)
        for name, texts in (("own", self.own), *((f"wanted.{power}", texts) for power, texts in self.wanted.items())):
            units = Counter(_checked(name, parse_order, text).unit for text in texts)
            unit, count = max(units.items(), key=lambda item: item[1], default=(None, 0))
            if unit is not None and count > 1:
                raise ValueError(f"{name}: expected one order for {unit}, got {count}")

    def own_orders(self, phase: Phase) -> tuple[Order, ...]:
        """Those set for the agent's own units in a phase, legal or not."""
        return tuple(map(parse_order, self.own)) if self._holds_in(phase) else ()

    def wanted_orders(self, phase: Phase) -> dict[Power, tuple[Order, ...]]:
        """Those wanted of others in a phase, legal or not."""
        if not self._holds_in(phase):
            return {}
        return {power: tuple(map(parse_order, texts)) for power, texts in self.wanted.items() if texts}

    def _holds_in(self, phase: Phase) -> bool:
        return not self.phase or Phase.parse(self.phase) == phase


@dataclass(frozen=True)
class Forbidden:
    """What the agent never says or does.  An imposed order comes before it."""

    acts: tuple[ActKind, ...] = ()
    """Kinds of speech acts that it never says, such as threaten or ally."""
    powers: tuple[Power, ...] = ()
    """Powers that it never attacks: no order moves onto, or helps another onto, a unit or centre of theirs."""
    provinces: tuple[Province, ...] = ()
    """Provinces that its units never enter."""

    def __post_init__(self) -> None:
        _check_provinces("provinces", self.provinces)


@dataclass(frozen=True)
class Controls:
    """What an operator has set; the defaults are neutral.

    Scores are shares of 1.
    """

    honesty: Honesty | None = None
    """How far its word binds it: binding, truthful, opportunist or cheap talk; null: as agent.speech.honesty."""
    lambda_: float = 1.0
    """Factor on its own λ, above 0: more, and it plays more as people do; the λ expected of others stays."""
    aggression: float = 0.0
    """Score that each attacking order counts for, -1 to 1: one that moves, or helps a move, onto a unit or centre of
    another power."""
    risk: float = 0.0
    """ρ, -100 to 100: its own score counts as -1/ρ·log E[exp(-ρ·score)]; above 0 it shuns risk, below it seeks it."""
    weights: Mapping[Power, float] = field(default_factory=dict)
    """What others' scores count for, by power, -2 to 2 each: friends above 0, enemies below; its own name is left out
    of account, so that one setting does for all seats."""
    targets: Mapping[Province, float] = field(default_factory=dict)
    """Score that an action which enters or holds a province counts for, by province, -1 to 1 each."""
    loyalty: float = 0.0
    """ℓ, 0 to 2: the score of each power with which peace or an alliance stands counts ℓ times its trustworthiness."""
    forgiveness: float = 1.0
    """0 to 1: at 1 attacks and broken promises are nothing but news; below, the score of those who did them counts
    against them, the longer the smaller it is."""
    verbosity: float = 1.0
    """Factor, 0 to 10, on the budgets of messages, initiatives and acts; what is worth saying is divided by it; at 0 it
    is silent."""
    formality: float = 0.0
    """-1 to 1: how much a formal tone (below 0: a casual one) counts where one of several wordings is chosen."""
    imposed: Imposed = field(default_factory=Imposed)
    """Orders that the operator sets; the agent negotiates for them."""
    forbidden: Forbidden = field(default_factory=Forbidden)
    """What it never says or does."""

    def __post_init__(self) -> None:
        if not 0 < self.lambda_ <= 1e6:
            raise ValueError(f"lambda_: expected a factor above 0, at most 1e6, got {self.lambda_}")
        for name, low, high in _LIMITS:
            _check_range(name, getattr(self, name), low, high)
        for power, weight in self.weights.items():
            _check_range(f"weights.{power}", weight, -2, 2)
        for province, worth in self.targets.items():
            _check_range(f"targets.{province}", worth, -1, 1)
        _check_provinces("targets", self.targets)

    @property
    def is_neutral(self) -> bool:
        """Whether nothing is set."""
        return self == NEUTRAL


_LIMITS: tuple[tuple[str, float, float], ...] = (
    ("aggression", -1, 1),
    ("risk", -100, 100),
    ("loyalty", 0, 2),
    ("forgiveness", 0, 1),
    ("verbosity", 0, 10),
    ("formality", -1, 1),
)


def _checked(name: str, parse: Callable[[str], _T], text: str) -> _T:
    try:
        return parse(text)
    except NotationError as error:
        raise ValueError(f"{name}: {error}") from None


def _check_range(name: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError(f"{name}: expected {low:g} to {high:g}, got {value}")


def _check_provinces(name: str, provinces: Iterable[Province]) -> None:
    known = load_map().provinces
    for province in provinces:
        if province not in known:
            raise ValueError(f"{name}: expected provinces such as BUR, without coasts, got {province!r}")


NEUTRAL = Controls()
"""The agent as it is without controls."""

__all__ = ["NEUTRAL", "Controls", "Forbidden", "Imposed"]
