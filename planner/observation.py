"""What the orders of a phase say about the players who gave them: a prediction and what came, as evidence.

A search leaves its `Prediction`.  Once the phase is resolved, each player's action is weighed against the candidates
of that search, itself among them: how likely by each style, and with what expected scores for everybody if the others
play as was predicted.  `planner.opponents` makes beliefs of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.notation import order_sort_key
from engine.record import PhaseRecord
from engine.types import POWERS, Action, Power
from planner.candidates import CandidateSet, Codes
from planner.equilibrium import FloatArray, sample_profiles
from planner.geometry import Geometry
from planner.opponents import Evidence, OpponentBeliefs
from planner.public import PublicSearch, lambda_scales, mean_scores
from planner.rollout import Evaluator
from planner.talk import Beliefs, Talk, anchors_for, tilted

_STREAM = 1
"""Keeps its random numbers apart from those of the public part."""
_PROFILES = 64
"""Joint actions of the others that each action's scores are the mean over."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a search expected of everybody in one position, before any order was known."""

    power: Power
    """Who searched."""
    public: PublicSearch
    talk: Talk
    """What it knew besides the board."""
    sets: tuple[CandidateSet, ...]
    """Candidates of each power, those that talk brought included."""
    policies: tuple[FloatArray, ...]
    """``[A]`` of each power: its play in the equilibrium; of the searching power, what others may expect of it."""
    beliefs: Beliefs
    """What `talk` was made from."""


def learned(players: OpponentBeliefs, prediction: Prediction, record: PhaseRecord) -> OpponentBeliefs:
    """The beliefs after a phase, by what every power but the searching one ordered in it.

    Raises:
        ValueError: the phase was played in another position, or the beliefs are about players of other styles.
    """
    for power, evidence in evidence_of(prediction, record).items():
        players = players.observe(power.number, evidence, str(record.phase))
    return players


def teach(evaluator: Evaluator, power: Power, record: PhaseRecord) -> None:
    """Lets an evaluator that learns see what every power but ``power`` ordered in a phase.

    After `learned`, as beliefs go by what was expected before.
    """
    if evaluator.learner is not None:
        played = {number: codes for number, codes in enumerate(record.played.codes) if number != power.number}
        evaluator.learner.observe(record.position, played)


def evidence_of(prediction: Prediction, record: PhaseRecord) -> dict[Power, Evidence]:
    """What every power but the searching one could play in a phase, and did; without those who had no choice.

    An action that nobody thought of joins the candidates, with its anchor and its scores.

    Raises:
        ValueError: the phase was played in another position.
    """
    public = prediction.public
    if record.position != public.position:
        raise ValueError(f"expected the record of the position searched, {public.position.phase}, got {record.phase}")
    board = public.situation.geometry
    played = [
        _codes(record.orders.get(power, ()), own, board) for power, own in zip(POWERS, prediction.sets, strict=True)
    ]
    sets = tuple(
        own if action in own.actions else own.with_actions([action])
        for own, action in zip(prediction.sets, played, strict=True)
    )
    me = prediction.power.number
    choosing = [number for number, own in enumerate(sets) if number != me and len(own.actions) > 1]
    log_anchors = tilted(anchors_for(public, sets), sets, prediction.talk, public.config.tilt)
    # Its own random numbers: whether an agent observes changes nothing else that it draws.
    rng = np.random.default_rng([public.config.seed, public.position.hash, _STREAM])
    profiles = sample_profiles(prediction.policies, _PROFILES, rng)
    scores = mean_scores(public.position, sets, profiles, choosing, public.evaluator)
    stakes = lambda_scales(public.situation.phase, public.stakes, public.config)
    return {
        POWERS[n]: Evidence(log_anchors[n], expected, sets[n].actions.index(played[n]), stakes[n])
        for n, expected in zip(choosing, scores, strict=True)
    }


def _codes(action: Action, own: CandidateSet, board: Geometry) -> Codes:
    """The action as candidates write it: as the candidate of the same orders, if there is one."""
    codes = tuple(board.code(order) for order in sorted(action, key=order_sort_key))
    same = (candidate for candidate in own.actions if sorted(candidate) == sorted(codes))
    return next(same, codes)
