"""Joint actions of the others that go together: what the own action is chosen against.

The equilibrium has every power draw on its own.  A policy network knows more: who supports a move that is made, who
leaves when another comes.  Cicero (Bakhtin et al. 2022, "Human-level play in the game of Diplomacy by combining
language models with strategic reasoning", supplement on correlated bilateral search) draws joint actions from the
product of policies, weighs them by how much likelier the network finds them together than apart, and answers those.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.types import POWERS, PhaseKind
from planner.bilateral import importance_weights, resampled
from planner.candidates import CandidateSet
from planner.equilibrium import FloatArray, IntArray, sample_profiles
from planner.public import PublicSearch


def correlated_profiles(
    public: PublicSearch,
    sets: Sequence[CandidateSet],
    policies: Sequence[FloatArray],
    me: int,
    rng: np.random.Generator,
) -> IntArray:
    """Joint actions ``[N, 7]`` of the powers other than ``me``, as many as `SearchConfig.choice_samples`.

    None, N = 0, where powers are taken to act independently: by configuration, outside movement phases, or because the
    anchors' source knows each power alone.

    Args:
        rng: not consumed; what is drawn comes from its child.
    """
    config, none = public.config, np.empty((0, len(POWERS)), np.int32)
    if not config.correlated or public.situation.phase.kind is not PhaseKind.MOVEMENT:
        return none
    child = rng.spawn(1)[0]
    drawn = sample_profiles(policies, config.correlated, child)
    others = [number for number in range(len(POWERS)) if number != me]
    rules, actions = [s.policy for s in sets], [s.actions for s in sets]
    ties = public.evaluator.source.log_ties(rules, actions, drawn, others, public.styles[0])
    if ties is None:
        return none
    return resampled(drawn, importance_weights(ties), config.choice_samples, child)
