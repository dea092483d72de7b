"""Players unlike ourselves and cheap to run, each with a trait that beliefs about others should find out.

All answer what the anchor expects of the others with a short local search over their own orders, at some price λ of
leaving their own anchor, and with some care for the scores of others; the traits are what λ and care are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.board import neighbours
from engine.game import GameView
from engine.record import PhaseRecord
from engine.types import POWERS, Action, OrderKind, Power, Province, province_of
from planner import _planner
from planner.candidates import CandidateConfig, Codes, candidates
from planner.equilibrium import FloatArray
from planner.geometry import geometry
from planner.models import shared_evaluator
from planner.options import Situation, situation
from planner.public import SearchConfig, own_style_of
from planner.rollout import Evaluator
from planner.sources import AnchorSource, normalised

_CANDIDATES = CandidateConfig(most=12, chains=24, foreign_supports=1)
_GENERATIONS, _WIDTH, _SAMPLES = 3, 16, 8
_RECKONING = 0.003
"""λ of those who mean to win."""


@dataclass(frozen=True)
class Response:
    """Actions of one power, and how likely each is to be played."""

    actions: list[Codes]
    probabilities: FloatArray
    """``[A]``"""

    def draw(self, rng: np.random.Generator) -> Codes:
        """One of the actions."""
        return self.actions[int(rng.choice(len(self.actions), p=self.probabilities))]


class Stranger:
    """Plays a quantal response: ``anchor · exp(utility / λ)``, where utility is its own score and its care.

    Args:
        rng: the player's own.
        config: its anchor (``policy``, ``style``) and value.
        lambda_: its λ, where as much is at stake as in a usual phase.
    """

    def __init__(
        self, rng: np.random.Generator, config: SearchConfig | None = None, lambda_: float = _RECKONING
    ) -> None:
        self.rng, self.lambda_ = rng, lambda_
        self._config = config or SearchConfig()
        self._evaluator: Evaluator = shared_evaluator(self._config)
        self._care = np.eye(len(POWERS))
        self._response: Response | None = None

    def act(self, view: GameView, power: Power) -> Action:
        position, board = view.position, geometry(view.position.map.name)
        here = situation(position, board)
        self._take_sides(here, view, power)
        style, seed = own_style_of(self._config, self._evaluator), self._config.seed
        actions, anchors = self._evaluator.once(
            ("plausible", position, style, seed), lambda: _plausible(here, style, seed, self._evaluator.source)
        )
        settings = _planner.ExploreConfig()
        settings.rounds, settings.generations, settings.width, settings.samples = 1, _GENERATIONS, _WIDTH, _SAMPLES
        settings.lambdas = [self.lambda_] * len(POWERS)
        settings.care = self._care.tolist()
        settings.searches = [p is power for p in POWERS]
        policies = [np.exp(row) for row in anchors]
        found = self._evaluator.explore(position, actions, anchors, policies, settings, int(self.rng.integers(2**63)))
        mine = found[power.number]
        weights = np.array([probability for _, _, probability in mine])
        self._response = Response([codes for codes, _, _ in mine], weights / weights.sum())
        return board.action(self._response.draw(self.rng))

    def redraw(self, view: GameView, power: Power, times: int, rng: np.random.Generator) -> list[Action]:
        """So many draws from the response that `act` found last."""
        assert self._response is not None, "expected act before redraw"
        board = geometry(view.position.map.name)
        return [board.action(self._response.draw(rng)) for _ in range(times)]

    def _take_sides(self, here: Situation, view: GameView, power: Power) -> None:
        """Whom it cares for in this phase: here, for nobody else."""


def _plausible(
    here: Situation, style: str, seed: int, source: AnchorSource
) -> tuple[list[tuple[Codes, ...]], list[FloatArray]]:
    """Per power, plausible actions and their log τ; the same for all who look at the position."""
    rng = np.random.default_rng([seed, here.position.hash])
    sets = candidates(source.policies(here.position, here, (style,), rng), _CANDIDATES, rng)
    actions = [own.actions for own in sets]
    likelihoods = source.log_likelihoods([own.policy for own in sets], actions, (style,))
    return actions, [normalised(rows[0]) for rows in likelihoods]


class QuantalPlayer(Stranger):
    """Is as careful as it happens to be: draws its λ before the game, from 0.001 to 0.3, all magnitudes alike."""

    def __init__(self, rng: np.random.Generator, config: SearchConfig | None = None) -> None:
        super().__init__(rng, config, float(np.exp(rng.uniform(np.log(0.001), np.log(0.3)))))


class GrudgeHolder(Stranger):
    """Gives a point to take one from whoever has once moved to where its units or centres are."""

    _HOSTILITY = 1.0

    def __init__(self, rng: np.random.Generator, config: SearchConfig | None = None) -> None:
        super().__init__(rng, config)
        self.offenders: set[Power] = set()
        """Who did."""
        self._own: tuple[Power, frozenset[Province]] | None = None

    def phase_resolved(self, record: PhaseRecord) -> None:
        """Remembers who attacked it."""
        if self._own is None:
            return
        me, own = self._own
        for power, action in record.orders.items():
            goals = {province_of(o.target) for o in action if o.kind is OrderKind.MOVE and o.target is not None}
            if power is not me and not goals.isdisjoint(own):
                self.offenders.add(power)

    def _take_sides(self, here: Situation, view: GameView, power: Power) -> None:
        self._own = power, frozenset(unit.province for unit in view.units(power)) | frozenset(view.centers(power))
        for offender in self.offenders:
            self._care[power.number, offender.number] = -self._HOSTILITY


class Stabber(Stranger):
    """Befriends a neighbour, spares it until two of its centres can be had at once, and turns on it for good."""

    _FRIENDSHIP, _HOSTILITY, _PRIZE = 0.5, 1.0, 2

    def __init__(self, rng: np.random.Generator, config: SearchConfig | None = None) -> None:
        super().__init__(rng, config)
        self.friend: Power | None = None
        self.stabbed = False
        """Whether it has turned."""

    def _take_sides(self, here: Situation, view: GameView, power: Power) -> None:
        near: Sequence[Power] = neighbours(view, power)
        if self.friend is None and near:
            self.friend = near[int(self.rng.integers(len(near)))]
        if self.friend is None:
            return
        friend = self.friend.number
        # A unit in the centre takes a second one to drive it out.
        needed = 1 + (here.occupant == friend)
        exposed = (here.owner == friend) & (here.reach[power.number] >= needed)
        self.stabbed |= int(exposed.sum()) >= self._PRIZE
        self._care[power.number, friend] = -self._HOSTILITY if self.stabbed else self._FRIENDSHIP
