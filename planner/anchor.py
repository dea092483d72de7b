"""The rule policy: what a power would plausibly order, as a log-linear model over its joint orders.

``log τ(a) = Σ_u w·f(order of u) + Σ_{u<v} w'·g(order of u, order of v) + const``: single-order features say
what an order is good for (centres taken, kept, neared; force against it), pair features how orders of one
power fit together (supports that match a move, no two moves to one place, convoys).  So any joint
action has a likelihood, sampled or not, and drawing from it is Gibbs sampling, many chains at once.

Proximity of worth follows DumbBot (David Norman); the form is a pairwise conditional random field.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.geometry import (
    AIDED,
    CONVOY,
    FLEET,
    HOLD,
    KIND,
    LOCATION,
    MOVE,
    PLACE,
    SUPPORT,
    TARGET,
    TARGET_LOCATION,
    VIA,
    BoolArray,
    FloatArray,
    IntArray,
)
from planner.options import NOBODY, Options, Situation

SINGLE_WEIGHTS: dict[str, float] = {
    "hold": -1.2,
    "stay on a centre to take it, fall": 3.0,
    "stay on a centre to take it, spring": 0.5,
    "guard an own centre": 0.6,
    "move": 0.0,
    "move to a neutral centre, spring": 1.2,
    "move to a neutral centre, fall": 2.5,
    "move to a foreign centre, spring": 0.9,
    "move to a foreign centre, fall": 1.8,
    "move to a threatened own centre": 0.8,
    "move to a safe own centre": -0.8,
    "move against a unit": -1.4,
    "hostile reach of the move": -0.35,
    "superior at the move": 1.0,
    "nearer to worth": 1.0,
    "nearer to far worth": 1.0,
    "move by convoy": -6.0,
    "support an own unit to hold": -3.0,
    "support an own move": -3.5,
    "support a foreign unit to hold": -4.5,
    "support a foreign move": -4.5,
    "supported move is against a unit": 1.0,
    "supported move is to a centre to take": 0.8,
    "hostile reach of the supported move": 0.3,
    "hostile reach of the supported unit": 0.4,
    "supported unit is on a centre": 0.4,
    "foreign move against the supporter's own": -5.0,
    "foreign move against a third power": 1.0,
    "convoy an own army": -4.5,
    "convoy a foreign army": -5.0,
}
PAIR_WEIGHTS: dict[str, float] = {
    "two moves to one place": -4.0,
    "move to a unit that stays": -5.0,
    "two units change places": -6.0,
    "support of a move that is made": 3.6,
    "support of a unit that stays": 2.2,
    "convoy of a move that is made": 7.0,
    "move to a place that is left": 0.2,
}


@dataclass(frozen=True)
class Anchor:
    """The rule policy of one power in one position."""

    options: Options
    single: FloatArray
    """``[n]``: weight of each order by itself."""
    pair: NDArray[np.float32]
    """``[n, n]``, symmetric, 0 between orders of one unit: weight of two orders given together."""

    def energy(self, choices: IntArray) -> FloatArray:
        """Unnormalised log-likelihood ``[S]`` of joint orders ``[S, U]`` (numbers of `options`)."""
        together = np.zeros(len(choices))
        for first in range(choices.shape[1]):
            for second in range(first):
                together += self.pair[choices[:, first], choices[:, second]]
        return np.asarray(self.single[choices].sum(axis=1) + together)

    def field(self, choices: IntArray) -> FloatArray:
        """``[S, n]``: weight of each order beside the other units' orders of each row."""
        total = np.broadcast_to(self.single, (len(choices), len(self.single))).copy()
        for unit in range(choices.shape[1]):
            total += self.pair[choices[:, unit]]
        return total

    def sample(self, count: int, rng: np.random.Generator, sweeps: int = 6, temperature: float = 1.0) -> IntArray:
        """Joint orders ``[count, U]`` drawn by Gibbs sampling, each chain from its own start.

        Args:
            count: chains.
            rng: consumed.
            sweeps: passes over all units.
            temperature: above 1 flattens the policy.
        """
        units = self.options.unit_count
        starts = self.options.starts
        choices = np.zeros((count, units), np.int32)
        if not units:
            return choices
        noise = rng.gumbel(size=(sweeps + 1, count, len(self.single))) * temperature
        for unit in range(units):
            block = slice(starts[unit], starts[unit + 1])
            choices[:, unit] = starts[unit] + (self.single[block] + noise[sweeps, :, block]).argmax(axis=1)
        total = self.field(choices)
        for sweep in range(sweeps):
            for unit in rng.permutation(units):
                block = slice(starts[unit], starts[unit + 1])
                drawn = starts[unit] + (total[:, block] + noise[sweep, :, block]).argmax(axis=1)
                changed = np.flatnonzero(drawn != choices[:, unit])
                total[changed] += self.pair[drawn[changed]] - self.pair[choices[changed, unit]]
                choices[changed, unit] = drawn[changed]
        return choices

    def improve(self, choices: IntArray, kept: BoolArray | None = None, sweeps: int = 3) -> IntArray:
        """The joint orders after each unit in turn took its likeliest order beside the others'.

        Args:
            choices: ``[S, U]``.
            kept: ``[S, U]``: units whose orders stay; default none.
            sweeps: passes over all units.
        """
        choices = choices.copy()
        starts = self.options.starts
        total = self.field(choices)
        for _ in range(sweeps):
            before = choices.copy()
            for unit in range(choices.shape[1]):
                block = slice(starts[unit], starts[unit + 1])
                best = starts[unit] + total[:, block].argmax(axis=1).astype(np.int32)
                if kept is not None:
                    best = np.where(kept[:, unit], choices[:, unit], best)
                total += self.pair[best] - self.pair[choices[:, unit]]
                choices[:, unit] = best
            if np.array_equal(before, choices):
                break
        return choices


def anchor(situation: Situation, options: Options) -> Anchor:
    """The rule policy of a power in a movement phase."""
    single = single_features(situation, options) @ np.array(list(SINGLE_WEIGHTS.values()))
    pair = np.zeros((len(options.codes), len(options.codes)), np.float32)
    weights = list(PAIR_WEIGHTS.values())
    for weight, applies in zip(weights, pair_features(situation, options), strict=True):
        pair[applies] += weight
    return Anchor(options, single, pair)


def single_features(situation: Situation, options: Options) -> FloatArray:
    """``[n, F]``, columns as in SINGLE_WEIGHTS."""
    rows, me, geometry = options.rows, options.power, situation.geometry
    kind, place, aided, target = (rows[:, column] for column in (KIND, PLACE, AIDED, TARGET))
    stays, moves, convoys = options.stays(), kind == MOVE, kind == CONVOY
    fall, spring = situation.is_fall, not situation.is_fall
    hostile = np.minimum(situation.hostile_reach(me), 3)
    owner, occupant, center = situation.owner, situation.occupant, geometry.is_center
    mine, to_take = owner == me, center & (owner != me)
    neutral = center & (owner == NOBODY)
    foreign = to_take & ~neutral
    enemy_unit = (occupant != NOBODY) & (occupant != me)
    strength = situation.reach[me]
    here, there = rows[:, LOCATION], np.where(moves, rows[:, TARGET_LOCATION], rows[:, LOCATION])
    near, far = (proximity[me, rows[:, FLEET]] for proximity in (situation.near, situation.far))
    each = np.arange(len(rows))
    supports = kind == SUPPORT
    own_aid = occupant[aided] == me
    holds_up, moves_up = supports & (target < 0), supports & (target >= 0)
    foreign_up = moves_up & ~own_aid
    columns = {
        "hold": kind == HOLD,
        "stay on a centre to take it, fall": stays & to_take[place] & fall,
        "stay on a centre to take it, spring": stays & to_take[place] & spring,
        "guard an own centre": stays * (mine & (hostile > 0))[place] * hostile[place],
        "move": moves,
        "move to a neutral centre, spring": moves & neutral[target] & spring,
        "move to a neutral centre, fall": moves & neutral[target] & fall,
        "move to a foreign centre, spring": moves & foreign[target] & spring,
        "move to a foreign centre, fall": moves & foreign[target] & fall,
        "move to a threatened own centre": moves & (mine & (hostile > 0) & (occupant != me))[target],
        "move to a safe own centre": moves & (mine & (hostile == 0))[target],
        "move against a unit": moves & enemy_unit[target],
        "hostile reach of the move": moves * hostile[target],
        "superior at the move": moves & (strength > hostile)[target],
        "nearer to worth": moves * (near[each, there] - near[each, here]),
        "nearer to far worth": moves * (far[each, there] - far[each, here]),
        "move by convoy": moves & (rows[:, VIA] > 0),
        "support an own unit to hold": holds_up & own_aid,
        "support an own move": moves_up & own_aid,
        "support a foreign unit to hold": holds_up & ~own_aid,
        "support a foreign move": foreign_up,
        "supported move is against a unit": moves_up & enemy_unit[target],
        "supported move is to a centre to take": moves_up & to_take[target],
        "hostile reach of the supported move": moves_up * hostile[target],
        "hostile reach of the supported unit": holds_up * hostile[aided],
        "supported unit is on a centre": holds_up & center[aided],
        "foreign move against the supporter's own": foreign_up & (mine | (occupant == me))[target],
        "foreign move against a third power": foreign_up
        & ((enemy_unit & (occupant != NOBODY))[target] | foreign[target])
        & (occupant[target] != occupant[aided])
        & (owner[target] != occupant[aided]),
        "convoy an own army": convoys & own_aid,
        "convoy a foreign army": convoys & ~own_aid,
    }
    assert list(columns) == list(SINGLE_WEIGHTS)
    return np.stack([np.asarray(column, np.float64) for column in columns.values()], axis=1)


def pair_features(situation: Situation, options: Options) -> list[BoolArray]:
    """``[n, n]`` each, symmetric, as in PAIR_WEIGHTS: which two orders of different units do what."""
    rows = options.rows
    kind, place, target, aided = (rows[:, column] for column in (KIND, PLACE, TARGET, AIDED))
    moves, stays, supports, convoys = kind == MOVE, options.stays(), kind == SUPPORT, kind == CONVOY
    apart = options.unit[:, None] != options.unit[None, :]
    both_move = moves[:, None] & moves[None, :]
    same_target = target[:, None] == target[None, :]
    to_other = target[:, None] == place[None, :]
    aids_other = aided[:, None] == place[None, :]
    entering = moves[:, None] & to_other
    swap = both_move & to_other & to_other.T & (rows[:, VIA] == 0)[:, None] & (rows[:, VIA] == 0)[None, :]
    touches = situation.geometry.touches
    # A fleet that touches neither end may be one link of a chain; a single fleet must touch both.
    joins = touches[place[:, None], place[None, :]] & touches[place[:, None], target[None, :]]
    directed = [
        entering & stays[None, :],
        (supports & (target >= 0))[:, None] & aids_other & moves[None, :] & same_target,
        (supports & (target < 0))[:, None] & aids_other & stays[None, :],
        convoys[:, None] & aids_other & moves[None, :] & same_target & joins,
        entering & moves[None, :] & ~swap,
    ]
    into_stay, with_move, with_hold, carried, follow = (d | d.T for d in directed)
    features = [both_move & same_target, into_stay, swap, with_move, with_hold, carried, follow]
    return [feature & apart for feature in features]
