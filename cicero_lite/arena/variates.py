"""Control variates: how lucky a power was in what the agents of a game happened to order.

Agents draw their orders.  In every movement phase those that can (`cicero_lite.registry.Redrawable`) draw theirs K
more times, in the same state, with random numbers of their own; the others' orders stay.  With V, what the power
expects of the board after joint orders,

    variate = Σ over phases: V(what was ordered) − (1 / K) Σ over draws: V(what might have been ordered)

Both terms have the same mean, given all that came before and all that the agents had in mind, so the variate's mean
is 0, whatever V is.  But it goes up and down with the score, and can be taken off it: see `arena.statistics`.  This
is the correction for agents with known strategies of AIVAT (Burch, Schmid, Moravčík, Morrill and Bowling 2018, "AIVAT:
A New Variance Reduction Technique for Agent Evaluation in Imperfect Information Games"), with draws for the sum over
their strategies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from cicero_lite.registry import Agent, Redrawable
from engine._core import Position
from engine.game import Game
from engine.types import POWERS, Action, PhaseKind, Power, Season
from planner import _planner
from planner.candidates import Codes
from planner.geometry import FloatArray, IntArray, geometry
from planner.rollout import Evaluator, ValueConfig

_AUTUMNS = 8
"""Draws of what might be done in autumn."""
_STREAM = len(POWERS)
"""Keeps the draws apart from those of the agents; see `cicero_lite.registry.seed_of`."""


@dataclass(frozen=True)
class Variates:
    """Whose luck to look at, and how closely."""

    power: Power
    draws: int
    """K."""


class Luck:
    """Adds up the variate of one game.

    V is the planner's shipped value after an autumn; of the last one, the score itself, as far as retreats leave it
    open.  After a spring it is the mean of that over what seven DumbBots might do in autumn: centres change hands
    then, and what a spring was worth shows in it far better than in the value of the board.

    Args:
        variates: whose.
        seed: of the game.
        until: the last year played.
    """

    def __init__(self, variates: Variates, seed: int, until: int) -> None:
        self.total = 0.0
        """So far; of a score, so from -1 to 1 a phase."""
        self._power, self._draws = variates.power, variates.draws
        self._rng = np.random.default_rng([seed, _STREAM])
        self._evaluator = _evaluator(until)

    def look(self, game: Game, agents: Mapping[Power, Agent]) -> None:
        """Takes account of the phase at hand; called with all orders given, before the game goes on."""
        if game.phase.kind is not PhaseKind.MOVEMENT or self._power not in game.alive:
            return
        actions = {power: self._actions(game, power, agents[power]) for power in game.alive}
        board = geometry(game.map_name)
        codes = [
            [tuple(board.code(order) for order in action) for action in actions.get(power, [()])] for power in POWERS
        ]
        numbers = np.arange(1 + self._draws, dtype=np.int32)
        profiles = np.stack([numbers if len(own) > 1 else np.zeros_like(numbers) for own in codes], axis=1)
        worth = self._in_autumn if game.phase.season is Season.SPRING else self._now
        values = worth(game.position, codes, profiles)
        self.total += float(values[0] - values[1:].mean())

    def _now(self, position: Position, actions: Sequence[Sequence[Codes]], profiles: IntArray) -> FloatArray:
        """V ``[N]`` after joint actions of an autumn; arguments as of `Evaluator.scores`."""
        return self._evaluator.scores(position, actions, profiles)[:, self._power.number].astype(np.float64)

    def _in_autumn(self, position: Position, actions: Sequence[Sequence[Codes]], profiles: IntArray) -> FloatArray:
        """The same after those of a spring; equal boards have equal V."""
        seed = int(self._rng.integers(2**63))
        known: dict[Position, float] = {}
        values = []
        for row in profiles:
            after, _ = position.step([own[number] for own, number in zip(actions, row, strict=True)])
            if after not in known:
                known[after] = self._foreseen(after, seed)
            values.append(known[after])
        return np.array(values)

    def _foreseen(self, position: Position, seed: int) -> float:
        if position.phase.endswith("R"):
            position, _ = position.step([own[0] for own in _dumbbots(position, 1, seed)])
        together = np.repeat(np.arange(_AUTUMNS, dtype=np.int32)[:, None], len(POWERS), axis=1)
        return float(self._now(position, _dumbbots(position, _AUTUMNS, seed), together).mean())

    def _actions(self, game: Game, power: Power, agent: Agent) -> list[Action]:
        """What the power ordered, then what it might have ordered, if that is known."""
        played = game.orders_of(power)
        if not isinstance(agent, Redrawable):
            return [played]
        return [played, *agent.redraw(game.view(power), power, self._draws, self._rng)]


def _dumbbots(position: Position, count: int, seed: int) -> list[list[Codes]]:
    return [_planner.dumbbot(position, power.number, count, seed) for power in POWERS]


@lru_cache(maxsize=1)
def _evaluator(until: int) -> Evaluator:
    """No agent's, so that none notices."""
    return Evaluator(ValueConfig(endings=((until, 1.0),)))


__all__ = ["Luck", "Variates"]
