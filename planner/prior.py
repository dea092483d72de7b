"""The policy network as the rule policy of a search: plausible actions of a power, and how likely they are.

Knows the network by what it can do (`ActionModel`) and nothing of torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from engine._core import Position
from engine.types import POWERS, Phase, PhaseKind
from planner.candidates import CandidateConfig, Codes, RulePolicy, candidate_limit
from planner.geometry import FloatArray
from planner.slots import ForcedOrderError

STYLES: tuple[str, ...] = ("human", "cicero", "selfplay", "dumbbot", "greedy", "search")
"""Kinds of players that a policy network imitates: people; Cicero among people; Cicero and SearchBot among
themselves; the rule-based players of `planner.baselines`; a player who searches for best responses."""

_LEAST = -40.0
"""Log-likelihood of an action that the network cannot give, such as a waived build."""


class ActionModel(Protocol):
    """A model of the joint orders of one power, such as `planner.network.PolicyModel`; see there."""

    def encode(self, position: Position) -> Any:
        """Work that all calls on one position share."""
        ...

    def sample(
        self,
        encoded: Any,
        power: int,
        count: int,
        rng: np.random.Generator,
        style: str = ...,
        temperature: float = ...,
        given: Mapping[int, Codes] = ...,
        forced: Sequence[int] = ...,
    ) -> list[Codes]:
        """Actions of one power drawn from the model."""
        ...

    def sample_all(
        self,
        encoded: Any,
        count: int,
        rng: np.random.Generator,
        style: str | Sequence[str] = ...,
        temperature: float = ...,
    ) -> list[list[Codes]]:
        """The same for each power."""
        ...

    def log_probs(
        self, encoded: Any, power: int, actions: Sequence[Codes], style: str = ..., given: Mapping[int, Codes] = ...
    ) -> FloatArray:
        """Log-probability ``[A]`` of each action."""
        ...


@dataclass(frozen=True)
class PriorConfig:
    """How a network's candidates are drawn."""

    samples: int = 48
    """Actions drawn a power, equal ones counted once."""
    wild: int = 16
    """Of these, how many at the higher temperature, for variety."""
    spread: float = 1.5
    """The higher temperature."""


@dataclass
class NetworkPolicy:
    """What a network thinks that one power would order; a `planner.candidates.RulePolicy`."""

    model: ActionModel
    encoded: Any
    """The position, as ``model.encode`` returns it."""
    power: int
    neighbours: RulePolicy
    """Rule policy of the same power and position, which makes mutations."""
    style: str = STYLES[0]
    """Whom to imitate."""
    config: PriorConfig = field(default_factory=PriorConfig)
    units: int | None = None
    """Units to order in a movement phase, by which the number of candidates is limited."""
    given: Mapping[int, Codes] = field(default_factory=dict)
    """Actions of other powers taken as known."""
    drawn: tuple[Codes, ...] = ()
    """Actions already drawn, if any: `likely` uses these first."""

    def likely(self, config: CandidateConfig, rng: np.random.Generator) -> list[Codes]:
        """Different samples, likeliest first, as many as the search wants; always at least one."""
        drawn = list(self.drawn)
        if not drawn:
            for count, temperature in _parts(self.config):
                drawn += self.model.sample(
                    self.encoded, self.power, count, rng, self.style, temperature, given=self.given
                )
        unique = list(dict.fromkeys(drawn))
        limit = config.most if self.units is None else candidate_limit(config, self.units)
        if len(unique) <= 1:
            return unique
        energies = self.energies(unique)
        ranked = [unique[number] for number in np.argsort(-energies, kind="stable")]
        # Two thirds by likelihood, the rest as drawn: rare ideas stay in.
        best = ranked[: limit - limit // 3]
        return best + [action for action in unique if action not in set(best)][: limit // 3]

    def energies(self, actions: Sequence[Codes]) -> FloatArray:
        """Log-likelihood ``[A]`` of each action under the network."""
        log_probs = self.model.log_probs(self.encoded, self.power, actions, self.style, self.given)
        return np.maximum(log_probs, _LEAST)

    def containing(self, codes: Sequence[int], bases: Sequence[Codes], count: int) -> list[Codes]:
        """Up to ``count`` samples with all these orders; none where they cannot be given together.

        The draw follows from the orders alone: the same question has the same answer.
        """
        if count <= 0:
            return []
        rng = np.random.default_rng([self.power, *(abs(code) for code in codes)])
        try:
            drawn = self.model.sample(
                self.encoded, self.power, 4 * count, rng, self.style, given=self.given, forced=codes
            )
        except ForcedOrderError:
            return []
        return list(dict.fromkeys(drawn))[:count]

    def mutations(self, bases: Sequence[Codes], count: int, rng: np.random.Generator) -> list[Codes]:
        """Up to ``count`` actions near the bases, made by the rule policy."""
        return self.neighbours.mutations(bases, count, rng)


def network_policies(
    position: Position,
    model: ActionModel,
    rules: Callable[[int], RulePolicy],
    rng: np.random.Generator,
    styles: Sequence[str] = (STYLES[0],) * len(POWERS),
    config: PriorConfig | None = None,
) -> tuple[NetworkPolicy, ...]:
    """A policy for each of the seven powers, with one encoding and their samples drawn together.

    Args:
        rules: the rule policy of a power, such as ``lambda power: rule_policy(situation, power)``.
        rng: draws the samples.
        styles: whom to imitate, one for each power.
        config: how candidates are drawn.
    """
    config = config or PriorConfig()
    encoded = model.encode(position)
    moves = Phase.parse(position.phase).kind is PhaseKind.MOVEMENT
    drawn: list[list[Codes]] = [[] for _ in POWERS]
    for count, temperature in _parts(config):
        for mine, more in zip(drawn, model.sample_all(encoded, count, rng, styles, temperature), strict=True):
            mine += more
    return tuple(
        NetworkPolicy(
            model=model,
            encoded=encoded,
            power=power,
            neighbours=rules(power),
            style=styles[power],
            config=config,
            units=len(position.orderable(name)) if moves else None,
            drawn=tuple(drawn[power]),
        )
        for power, name in enumerate(POWERS)
    )


def _parts(config: PriorConfig) -> Iterator[tuple[int, float]]:
    """How many samples to draw at which temperature."""
    yield config.samples - config.wild, 1.0
    if config.wild:
        yield config.wild, config.spread
