"""The policy network as the rule policy of a search: plausible actions of a power, and how likely they are.

Knows the network by what it can do (`ActionModel`) and nothing of torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import Any, Protocol

import numpy as np

from engine._core import Position
from engine.types import POWERS, Phase, PhaseKind
from planner.candidates import CandidateConfig, Codes, candidate_limit
from planner.geometry import FloatArray
from planner.slots import ForcedOrderError

STYLES: tuple[str, ...] = ("human", "cicero", "selfplay", "search")
"""Kinds of players that a policy network imitates: people; Cicero among people; Cicero and SearchBot among
themselves; our own players, who search.  DumbBot can be asked itself, see `planner.sources`."""

LEAST = -40.0
"""Log-likelihood of an action that the network cannot give, such as a waived build."""


class ActionModel(Protocol):
    """A model of the joint orders of one power, such as `planner.policy_model.PolicyModel`; see there."""

    @property
    def styles(self) -> tuple[str, ...]:
        """Kinds of players told apart."""
        ...

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

    def log_probs_all(
        self, encoded: Any, actions: Sequence[Sequence[Codes]], styles: Sequence[str] = ...
    ) -> list[FloatArray]:
        """Log-probabilities ``[S, A]`` of each power's actions in each style."""
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
    style: str = STYLES[0]
    """Whom to imitate."""
    config: PriorConfig = field(default_factory=PriorConfig)
    units: int | None = None
    """Units to order in a movement phase, by which the number of candidates is limited."""
    given: Mapping[int, Codes] = field(default_factory=dict)
    """Actions of other powers taken as known."""
    drawn: tuple[Codes, ...] = ()
    """Actions already drawn, if any, in the order in which `likely` takes them."""

    def likely(self, config: CandidateConfig, rng: np.random.Generator) -> list[Codes]:
        """Different samples, likeliest first, as many as the search wants; always at least one."""
        limit = config.most if self.units is None else candidate_limit(config, self.units)
        if self.drawn:
            return list(self.drawn[:limit])
        drawn: list[Codes] = []
        for count, temperature in _parts(self.config):
            drawn += self.model.sample(self.encoded, self.power, count, rng, self.style, temperature, given=self.given)
        unique = list(dict.fromkeys(drawn))
        return _ranked(unique, unique, self.energies(unique))[:limit]

    def energies(self, actions: Sequence[Codes]) -> FloatArray:
        """Log-likelihood ``[A]`` of each action under the network."""
        log_probs = self.model.log_probs(self.encoded, self.power, actions, self.style, self.given)
        return np.maximum(log_probs, LEAST)

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


def network_policies(
    position: Position,
    model: ActionModel,
    rng: np.random.Generator,
    styles: Sequence[str] = STYLES[:1],
    config: PriorConfig | None = None,
) -> tuple[NetworkPolicy, ...]:
    """A policy for each of the seven powers, with one encoding and their samples drawn together.

    Args:
        rng: draws the samples.
        styles: whom to imitate; the first makes the policies, all propose actions in turn.
        config: how candidates are drawn.
    """
    config = config or PriorConfig()
    encoded = model.encode(position)
    moves = Phase.parse(position.phase).kind is PhaseKind.MOVEMENT
    drawn: list[list[list[Codes]]] = []
    for style in styles:
        of_style: list[list[Codes]] = [[] for _ in POWERS]
        for count, temperature in _parts(config):
            for mine, more in zip(of_style, model.sample_all(encoded, count, rng, style, temperature), strict=True):
                mine += more
        drawn.append([list(dict.fromkeys(mine)) for mine in of_style])
    every = [list(dict.fromkeys(chain.from_iterable(d[power] for d in drawn))) for power in range(len(POWERS))]
    likelihoods = model.log_probs_all(encoded, every, styles)
    return tuple(
        NetworkPolicy(
            model=model,
            encoded=encoded,
            power=power,
            style=styles[0],
            config=config,
            units=len(position.orderable(name)) if moves else None,
            drawn=_in_turn(
                [_ranked(d[power], every[power], row) for d, row in zip(drawn, likelihoods[power], strict=True)]
            ),
        )
        for power, name in enumerate(POWERS)
    )


def _ranked(drawn: Sequence[Codes], every: Sequence[Codes], log_probs: FloatArray) -> list[Codes]:
    """The actions drawn, two thirds of the places by likelihood, the rest as drawn: rare ideas stay in."""
    likelihood = dict(zip(every, log_probs.tolist(), strict=True))
    ranked = iter(sorted(drawn, key=lambda action: -likelihood[action]))
    as_drawn = iter(drawn)
    order: dict[Codes, None] = {}
    while len(order) < len(drawn):
        for source, wanted in ((ranked, 2), (as_drawn, 1)):
            for action in source:
                if action not in order:
                    order[action] = None
                    wanted -= 1
                    if not wanted:
                        break
    return list(order)


def _in_turn(lists: Sequence[Sequence[Codes]]) -> tuple[Codes, ...]:
    """All first ones, then all second ones, and so on; each once."""
    return tuple(dict.fromkeys(action for row in zip_longest(*lists) for action in row if action is not None))


def _parts(config: PriorConfig) -> Iterator[tuple[int, float]]:
    """How many samples to draw at which temperature."""
    yield config.samples - config.wild, 1.0
    if config.wild:
        yield config.wild, config.spread
