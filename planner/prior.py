"""The policy network as the rule policy of a search: plausible actions of a power, and how likely they are.

Knows the network by what it can do (`ActionModel`) and nothing of torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product, zip_longest
from typing import Any, Protocol

import numpy as np

from engine._core import Position
from engine.types import POWERS, Phase, PhaseKind
from planner.candidates import CandidateConfig, Codes, candidate_limit
from planner.geometry import FloatArray, IntArray
from planner.slots import ForcedOrderError

STYLES: tuple[str, ...] = ("human", "cicero", "selfplay", "search")
"""Kinds of players that a policy network imitates: people; Cicero among people; Cicero and SearchBot among
themselves; our own players, who search.  DumbBot can be asked itself, see `planner.sources`."""

TABLE = "table"
"""The style learnt during a game from those who play it; see `planner.adaptation`."""

LEAST = -40.0
"""Log-likelihood of an action that the network cannot give, such as a waived build."""


@dataclass(frozen=True)
class Draw:
    """Actions to draw."""

    power: int
    style: str
    count: int
    temperature: float = 1.0


@dataclass(frozen=True, eq=False)
class Drawn:
    """Actions drawn, equal ones included."""

    actions: list[Codes]
    log_probs: FloatArray
    """``[A]``: of each, at temperature 1."""


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

    def draw(self, encoded: Any, wanted: Sequence[Draw], rng: np.random.Generator) -> list[Drawn]:
        """The same for several powers, styles and temperatures."""
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

    def log_ties(
        self,
        encoded: Any,
        actions: Sequence[Sequence[Codes]],
        profiles: IntArray,
        powers: Sequence[int],
        style: str = ...,
    ) -> FloatArray:
        """``log p(a_1, a_2, ...) − Σ_j log p(a_j)`` of joint actions, ``[K]``."""
        ...


class Learner(Protocol):
    """A model with a style that is learnt during a game; see `planner.adaptation`."""

    def observe(self, position: Position, played: Mapping[int, Codes]) -> None:
        """Learns from what some powers, by number, ordered in a position."""
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
        return _ranked(drawn, self.energies(drawn))[:limit]

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
    wanted = [Draw(p, style, *part) for p in range(len(POWERS)) for style in styles for part in _parts(config)]
    drawn = model.draw(encoded, wanted, rng)
    ranked: list[list[list[Codes]]] = [[[] for _ in styles] for _ in POWERS]
    for power, style in product(range(len(POWERS)), range(len(styles))):
        its = [d for w, d in zip(wanted, drawn, strict=True) if (w.power, w.style) == (power, styles[style])]
        actions = [action for d in its for action in d.actions]
        ranked[power][style] = _ranked(actions, np.concatenate([d.log_probs for d in its]))
    return tuple(
        NetworkPolicy(
            model=model,
            encoded=encoded,
            power=power,
            style=styles[0],
            config=config,
            units=len(position.orderable(name)) if moves else None,
            drawn=_in_turn(ranked[power]),
        )
        for power, name in enumerate(POWERS)
    )


def _ranked(drawn: Sequence[Codes], log_probs: FloatArray) -> list[Codes]:
    """The different actions drawn, two thirds of the places by likelihood, the rest as drawn: rare ideas stay in."""
    likelihood = dict(zip(drawn, log_probs.tolist(), strict=True))
    ranked = iter(sorted(likelihood, key=lambda action: -likelihood[action]))
    as_drawn = iter(likelihood)
    order: dict[Codes, None] = {}
    while len(order) < len(likelihood):
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
