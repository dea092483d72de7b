"""DumbBot as a style of player: asked itself what it would order, beside any source of anchors.

A player of rules needs no network that imitates it.  Its likelihood of an action is estimated from draws: how often
the whole action was drawn, mixed with the product of how often each of its orders was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine._core import Position
from engine.types import POWERS
from planner import _planner
from planner.candidates import CandidateConfig, Codes, RulePolicy
from planner.equilibrium import FloatArray, IntArray
from planner.options import Situation
from planner.sources import AnchorSource

DUMBBOT = "dumbbot"
"""The style of DumbBot; see `planner/src/dumbbot.hpp`."""

_DRAWS = 64
"""Actions drawn of each power."""
_WHOLE = 0.8
"""Share of whole actions in the likelihood; the rest goes by orders."""
_UNSEEN = 0.25
"""Draws that an order counts as if it was never drawn."""


@dataclass(frozen=True)
class DumbBotPolicy:
    """What DumbBot, or somebody else, would order; a `planner.candidates.RulePolicy`."""

    base: RulePolicy
    """Somebody else's policy."""
    drawn: tuple[Codes, ...]
    """What DumbBot ordered when asked so many times."""
    alone: bool
    """Whether only DumbBot proposes."""
    first: bool
    """Whether `energies` are DumbBot's."""
    whole: Counter[Codes] = field(init=False)
    """How often each action was drawn."""
    orders: Counter[int] = field(init=False)
    """How often each order was."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "whole", Counter(self.drawn))
        object.__setattr__(self, "orders", Counter(code for action in self.drawn for code in action))

    @property
    def power(self) -> int:
        """Whose orders."""
        return self.base.power

    def likely(self, config: CandidateConfig, rng: np.random.Generator) -> list[Codes]:
        """As many different draws as are wanted, and what the other policy finds likely."""
        others = [] if self.alone else self.base.likely(config, rng)
        return list(dict.fromkeys([*others, *list(self.whole)[: config.most]]))

    def energies(self, actions: Sequence[Codes]) -> FloatArray:
        """Log-likelihood ``[A]`` in the first style."""
        return self.log_likelihood(actions) if self.first else self.base.energies(actions)

    def containing(self, codes: Sequence[int], bases: Sequence[Codes], count: int) -> list[Codes]:
        """The other policy's actions with these orders."""
        return self.base.containing(codes, bases, count)

    def log_likelihood(self, actions: Sequence[Codes]) -> FloatArray:
        """Log-likelihood ``[A]`` of DumbBot's giving each action, up to a constant."""
        count = len(self.drawn)
        by_orders = [sum(np.log(max(self.orders[code], _UNSEEN) / count) for code in action) for action in actions]
        whole = np.array([self.whole[action] / count for action in actions])
        return np.log(_WHOLE * whole + (1 - _WHOLE) * np.exp(np.array(by_orders, np.float64)) + 1e-30)


class WithDumbBot:
    """An anchor source that knows one more style, `DUMBBOT`; otherwise as the one it is made from."""

    def __init__(self, source: AnchorSource) -> None:
        self.source = source
        self.styles: tuple[str, ...] = (*source.styles, DUMBBOT)

    def policies(
        self, position: Position, here: Situation, styles: Sequence[str], rng: np.random.Generator
    ) -> tuple[RulePolicy, ...]:
        """See `planner.sources.AnchorSource.policies`."""
        others = [style for style in styles if style != DUMBBOT]
        base = self.source.policies(position, here, others or self.source.styles[:1], rng)
        if DUMBBOT not in styles:
            return base
        seed = int(rng.integers(2**63))
        return tuple(
            DumbBotPolicy(
                policy,
                tuple(_planner.dumbbot(position, power, _DRAWS, seed)),
                alone=not others,
                first=styles[0] == DUMBBOT,
            )
            for power, policy in enumerate(base)
        )

    def log_likelihoods(
        self,
        policies: Sequence[RulePolicy],
        actions: Sequence[Sequence[Codes]],
        styles: Sequence[str],
        known: Sequence[FloatArray] | None = None,
    ) -> list[FloatArray]:
        """See `planner.sources.AnchorSource.log_likelihoods`."""
        others = [style for style in styles if style != DUMBBOT]
        if DUMBBOT not in styles:
            return self.source.log_likelihoods(_bases(policies), actions, others, known)
        place = list(styles).index(DUMBBOT)
        found = [np.zeros((0, len(own))) for own in actions]
        if others:
            its = None if known is None else [np.delete(rows, place, axis=0) for rows in known]
            found = self.source.log_likelihoods(_bases(policies), actions, others, its)
        rows = []
        for policy, own in zip(policies, actions, strict=True):
            assert isinstance(policy, DumbBotPolicy), f"policies of {POWERS[policy.power]} without style {DUMBBOT}"
            rows.append(policy.log_likelihood(own))
        return [np.insert(its, place, row, axis=0) for its, row in zip(found, rows, strict=True)]

    def log_ties(
        self,
        policies: Sequence[RulePolicy],
        actions: Sequence[Sequence[Codes]],
        profiles: IntArray,
        powers: Sequence[int],
        style: str,
    ) -> FloatArray | None:
        """See `planner.sources.AnchorSource.log_ties`."""
        return None if style == DUMBBOT else self.source.log_ties(_bases(policies), actions, profiles, powers, style)


def _bases(policies: Sequence[RulePolicy]) -> list[RulePolicy]:
    return [policy.base if isinstance(policy, DumbBotPolicy) else policy for policy in policies]
