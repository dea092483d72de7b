"""One position as arrays: who stands where, who can reach what, and every legal order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine._core import Position
from engine.types import POWERS, Phase, Season
from planner.geometry import (
    CONVOY,
    HOLD,
    KIND,
    MOVE,
    PLACE,
    SUPPORT,
    TARGET,
    BoolArray,
    FloatArray,
    Geometry,
    IntArray,
)

NOBODY = -1
_ENEMY_WORTH = 1.0
_NEUTRAL_WORTH = 1.0
_OWN_WORTH = 0.3
"""Worth of an own centre per foreign unit that can reach it, up to two."""
_NEAR_STEPS, _FAR_STEPS = 2, 5


@dataclass(frozen=True)
class Situation:
    """A position as arrays over provinces (P), locations (L) and powers."""

    position: Position
    geometry: Geometry
    phase: Phase
    occupant: IntArray
    """``[P]``: power of the unit there, -1 none."""
    owner: IntArray
    """``[P]``: power owning the centre there, -1 none."""
    reach: IntArray
    """``[7, P]``: units of each power that stand in or could step to the province."""
    near: FloatArray
    """``[7, 2, L]``: for each power and (army, fleet): worth of the centres one or two steps away."""
    far: FloatArray
    """``[7, 2, L]``: the same for three to five steps."""
    units: tuple[tuple[tuple[int, int], ...], ...]
    """Per power: (location number, 1 for a fleet) of each unit on the board."""

    @property
    def is_fall(self) -> bool:
        """Whether what is taken now counts."""
        return self.phase.season is Season.FALL

    def hostile_reach(self, power: int) -> IntArray:
        """``[P]``: units of the strongest other power that stand in or could step to each province."""
        others = np.delete(self.reach, power, axis=0)
        return np.asarray(others.max(axis=0))


def situation(position: Position, geometry: Geometry) -> Situation:
    """The arrays of a position."""
    occupant = np.full(len(geometry.provinces), NOBODY, np.int32)
    owner = np.full(len(geometry.provinces), NOBODY, np.int32)
    reach = np.zeros((len(POWERS), len(geometry.provinces)), np.int32)
    on_board, centers = position.units(), position.centers()
    units: list[tuple[tuple[int, int], ...]] = []
    for number, power in enumerate(POWERS):
        for center in centers.get(power, ()):
            owner[geometry.province_number[center[:3]]] = number  # type: ignore[index]
        placed = [(geometry.location_number[u[2:]], int(u[0] == "F")) for u in on_board.get(power, ())]
        units.append(tuple(placed))
        for location, fleet in placed:
            occupant[geometry.province_of_location[location]] = number
            reach[number] += _reach_of(geometry, location, fleet)
    near, far = _proximity(geometry, owner, reach)
    return Situation(position, geometry, Phase.parse(position.phase), occupant, owner, reach, near, far, tuple(units))


def _reach_of(geometry: Geometry, location: int, fleet: int) -> IntArray:
    steps = (geometry.fleet if fleet else geometry.army)[location]
    there = np.zeros(len(geometry.provinces), np.int32)
    there[geometry.province_of_location[steps]] = 1
    there[geometry.province_of_location[location]] = 1
    return there


def _proximity(geometry: Geometry, owner: IntArray, reach: IntArray) -> tuple[FloatArray, FloatArray]:
    """How much worth lies near each location, as in DumbBot: worth spread over neighbours, step by step."""
    powers = np.arange(len(POWERS))[:, None]
    hostile = np.stack([np.delete(reach, p, axis=0).max(axis=0) for p in range(len(POWERS))])
    worth = np.where(
        owner == powers,
        _OWN_WORTH * np.minimum(hostile, 2),
        np.where(owner == NOBODY, _NEUTRAL_WORTH, _ENEMY_WORTH),
    )
    spread = (worth * geometry.is_center)[:, geometry.province_of_location]
    maps = [np.zeros((len(POWERS), 2, len(geometry.locations))) for _ in range(2)]
    for fleet, steps in enumerate((geometry.army, geometry.fleet)):
        level = spread
        for step in range(1, _FAR_STEPS + 1):
            level = (level + level @ steps.T) / 5.0
            maps[int(step > _NEAR_STEPS)][:, fleet] += level
    return maps[0], maps[1]


@dataclass(frozen=True)
class Options:
    """Every legal order of one power's units in a movement phase, as flat arrays over n orders.

    Orders of the same unit are neighbours.
    """

    power: int
    codes: tuple[int, ...]
    rows: IntArray
    """``[n, 8]``, see `planner.geometry`."""
    unit: IntArray
    """``[n]``: number of the unit ordered."""
    starts: IntArray
    """``[U + 1]``: unit u has the orders ``starts[u]`` to ``starts[u + 1]``."""
    number_of: dict[int, int]
    """Order code -> its number here."""
    places: IntArray
    """``[U]``: province of each unit."""

    @property
    def unit_count(self) -> int:
        """Number of units U."""
        return len(self.places)

    def stays(self) -> BoolArray:
        """``[n]``: orders whose unit stays where it is."""
        kinds = self.rows[:, KIND]
        return np.asarray((kinds == HOLD) | (kinds == SUPPORT) | (kinds == CONVOY))

    def targets(self) -> IntArray:
        """``[n]``: the province where the unit will be if all goes well."""
        return np.where(self.rows[:, KIND] == MOVE, self.rows[:, TARGET], self.rows[:, PLACE])


def options(position: Position, power: int, geometry: Geometry) -> Options:
    """The legal orders of a power in a movement phase."""
    codes: list[int] = []
    starts = [0]
    places: list[int] = []
    for province in position.orderable(POWERS[power]):
        legal = position.legal_orders(province)
        if legal:
            codes += legal
            starts.append(len(codes))
            places.append(geometry.province_number[province[:3]])  # type: ignore[index]
    rows = geometry.rows(codes) if codes else np.empty((0, 8), np.int32)
    unit = np.repeat(np.arange(len(places), dtype=np.int32), np.diff(starts))
    return Options(
        power,
        tuple(codes),
        rows,
        unit,
        np.array(starts, np.int32),
        {code: number for number, code in enumerate(codes)},
        np.array(places, np.int32),
    )


def choice_of(options: Options, codes: Sequence[int]) -> IntArray:
    """Numbers ``[U]`` of an action's orders; units without one hold."""
    choice = np.full(options.unit_count, -1, np.int32)
    for code in codes:
        number = options.number_of[code]
        choice[options.unit[number]] = number
    for unit in np.flatnonzero(choice < 0):
        first, last = options.starts[unit], options.starts[unit + 1]
        choice[unit] = first + int(np.argmax(options.rows[first:last, KIND] == HOLD))
    return choice
