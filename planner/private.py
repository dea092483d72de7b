"""The game that one power solves: what the board alone says, with what this power heard and believes.

The equilibrium of all seven powers by DiL-piKL, over the candidates that talk brought; the search answers it, and
`planner.talk_value` solves it again for one set of beliefs after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.types import POWERS, Power
from planner.bilateral import PairwiseTables
from planner.candidates import CandidateSet
from planner.equilibrium import Equilibrium, FloatArray, HedgeConfig, Watch, solve
from planner.opponents import OpponentBeliefs
from planner.polymatrix import PolymatrixGame, solve_polymatrix
from planner.public import Oracle, PublicSearch, lambda_scales, scorer, types_of
from planner.talk import Beliefs, Talk, anchors_for, prices_of_promises, tilted


@dataclass(frozen=True, eq=False)
class PrivateGame:
    """What one power solves: the public part, and the candidates that talk brought; for any beliefs about them."""

    public: PublicSearch
    power: Power
    sets: tuple[CandidateSet, ...]
    """Candidates of each power."""
    log_anchors: Sequence[FloatArray]
    """Log τ ``[S, A]`` of these, before any talk."""
    pairs: PolymatrixGame | None
    """The game of pairs; None without tables."""

    @classmethod
    def of(cls, public: PublicSearch, power: Power, sets: tuple[CandidateSet, ...]) -> PrivateGame:
        """The game of these candidates: the public part's, or more, or of the planning power's fewer."""
        pairs = public.game
        if pairs is not None and any(s is not old for s, old in zip(sets, public.sets, strict=True)):
            pairs = tables_for(public, sets, power.number).game()
        return cls(public, power, sets, anchors_for(public, sets), pairs)

    def solve(
        self,
        talk: Talk,
        beliefs: Beliefs,
        iterations: int,
        rng: np.random.Generator | None = None,
        watch: Watch | None = None,
    ) -> tuple[Equilibrium, list[FloatArray]]:
        """The equilibrium as the power sees it, and each power's anchor ``[A]`` (its styles as believed).

        Args:
            talk: the beliefs in order codes.
            beliefs: what talk and past play add.
            iterations: updates, at most.
            rng: draws profiles where there are no tables; default: seed 0.
            watch: told how the iterations go on.
        """
        public, config, me = self.public, self.public.config, self.power.number
        log_anchors = tilted(self.log_anchors, self.sets, talk, config.tilt)
        anchors, lambdas = types_of(log_anchors, lambda_scales(public.situation.phase, public.stakes, config), config)
        weights, care = _players_believed(public, beliefs, me)
        prices = prices_of_promises(self.sets[me], talk, beliefs, public.situation.phase)
        hedge = HedgeConfig(iterations, config.samples, config.eta, config.method)
        if self.pairs is None:
            oracle = Oracle(public.position, self.sets, public.evaluator, {me: prices}, care)
            found = solve(
                anchors, lambdas, oracle, rng or np.random.default_rng(0), hedge, weights=weights, watch=watch
            )
        else:
            pairs = self.pairs.priced(me, prices) if prices.any() else self.pairs
            found = solve_polymatrix(pairs, anchors, lambdas, hedge, weights=weights, shaping=care, watch=watch)
        return found, [w @ a for w, a in zip(weights, anchors, strict=True)]


def _players_believed(public: PublicSearch, beliefs: Beliefs, me: int) -> tuple[list[FloatArray], FloatArray]:
    """Per player, the weights ``[K]`` of its types; and what it cares for, ``[7, 7]``.

    Of itself the planning power assumes what others may know of it: nothing.
    """
    nothing = OpponentBeliefs.start(len(POWERS), public.config.opponents.among(public.styles))
    players = beliefs.players or nothing
    if players.config.types != nothing.config.types:
        raise ValueError(
            f"expected beliefs about players of the styles {', '.join(nothing.config.styles)} and their lambdas, "
            f"got {', '.join(players.config.styles)} with {players.config.lambdas}"
        )
    weights = [players.prior() if number == me else players.weights(number) for number in range(len(POWERS))]
    care = players.utility_weights()
    care[me] = np.eye(len(POWERS))[me]
    return weights, care


def tables_for(public: PublicSearch, sets: Sequence[CandidateSet], me: int) -> PairwiseTables:
    """The public tables with the actions that talk brought, and without those that are not allowed."""
    assert public.tables is not None
    enlarged = tuple(
        old.with_actions(s.actions) if number == me else s
        for number, (s, old) in enumerate(zip(sets, public.sets, strict=True))
    )
    score = scorer(public.position, enlarged, public.evaluator)
    tables = public.tables.extended(score, [len(s.actions) for s in enlarged], public.background)
    place = {action: number for number, action in enumerate(enlarged[me].actions)}
    return tables.selected(me, np.array([place[action] for action in sets[me].actions], np.int32))
