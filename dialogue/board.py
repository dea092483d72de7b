"""What the reader and the grammar look up on the board: who stands where, and which place borders which.

`Board` is the part of `engine.game.GameView` that they need; anything with these members will do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from engine.mapfile import MapData, Terrain, load_map
from engine.record import PhaseRecord
from engine.types import POWERS, Location, Phase, PhaseKind, Power, Province, Unit, UnitKind, province_of


class Board(Protocol):
    """A position that can be asked about; `engine.game.GameView` is one."""

    @property
    def phase(self) -> Phase:
        """The phase at hand."""
        ...

    def unit_at(self, province: Province) -> tuple[Power, Unit] | None:
        """The unit standing in the province, and whose it is; None: empty."""
        ...

    def owner_of(self, province: Province) -> Power | None:
        """The power that owns the supply centre; None: nobody, or no centre."""
        ...

    def units(self, power: Power) -> Sequence[Unit]:
        """The units of a power on the board."""
        ...


def last_movement(board: Board) -> PhaseRecord | None:
    """The last movement phase that was played, where the board remembers it, as a view of a game does."""
    history: Sequence[PhaseRecord] = getattr(board, "history", ())
    return next((record for record in reversed(history) if record.phase.kind is PhaseKind.MOVEMENT), None)


def record_of(board: Board, phase: Phase | None) -> PhaseRecord | None:
    """What was played in an earlier phase (None: in the last movement phase); None: not on record."""
    if phase is None:
        return last_movement(board)
    history: Sequence[PhaseRecord] = getattr(board, "history", ())
    return next((record for record in history if record.phase == phase), None)


def has(board: Board, power: Power, place: Province) -> bool:
    """Whether a unit of the power stands there, or, where none does, the centre is its own."""
    standing = board.unit_at(place)
    return board.owner_of(place) is power if standing is None else standing[0] is power


@dataclass(frozen=True)
class Geography:
    """Who can get where on the standard map, by province and by location."""

    army: Mapping[Province, frozenset[Province]]
    """Provinces an army can walk to."""
    fleet: Mapping[Location, tuple[Location, ...]]
    """Locations a fleet can sail to, coasts apart."""
    seas: frozenset[Province]
    inland: frozenset[Province]
    centers: frozenset[Province]
    homes: Mapping[Province, Power]
    """Home centres and whose they are."""
    neighbours: Mapping[Province, frozenset[Province]]
    """Provinces that share a border, for any unit."""

    def reaches(self, unit: Unit, province: Province) -> bool:
        """Whether the unit could move to the province, or support into it, without a convoy."""
        if unit.kind is UnitKind.ARMY:
            return province in self.army.get(unit.province, frozenset())
        return any(location[:3] == province for location in self.fleet.get(unit.location, ()))

    def reaches_by_convoy(self, unit: Unit, province: Province, board: Board) -> bool:
        """Whether fleets now standing at sea could convoy the army to the province."""
        if unit.kind is not UnitKind.ARMY or unit.province in self.inland or province in self.inland:
            return False
        if province in self.seas or unit.province == province:
            return False
        queue = deque(sea for sea in sorted(self.neighbours[unit.province]) if self._fleet_at_sea(sea, board))
        seen = set(queue)
        while queue:
            sea = queue.popleft()
            if province in self.neighbours[sea]:
                return True
            for further in sorted(self.neighbours[sea]):
                if further not in seen and self._fleet_at_sea(further, board):
                    seen.add(further)
                    queue.append(further)
        return False

    def _fleet_at_sea(self, province: Province, board: Board) -> bool:
        if province not in self.seas:
            return False
        standing = board.unit_at(province)
        return standing is not None and standing[1].kind is UnitKind.FLEET

    def destination(self, unit: Unit, province: Province, coast: str = "") -> Location:
        """The location a move ends on; where two coasts are open and none is named, the usual one.

        >>> geography().destination(Unit.parse("F MAO"), Province("SPA"))
        'SPA/SC'
        """
        if unit.kind is UnitKind.ARMY:
            return Location(province)
        open_coasts = [place for place in self.fleet.get(unit.location, ()) if place[:3] == province]
        if coast and Location(f"{province}/{coast}") in open_coasts:
            return Location(f"{province}/{coast}")
        if not open_coasts:
            return Location(province)
        usual = [place for place in open_coasts if place in _USUAL_COASTS]
        return (usual or open_coasts)[0]


_USUAL_COASTS = frozenset({"SPA/SC", "STP/SC", "BUL/SC"})


def _geography(data: MapData) -> Geography:
    army = {
        province_of(place): frozenset(province_of(to) for to in data.army_moves.get(place, ()))
        for place in data.locations
        if len(place) == 3
    }
    fleet = {place: tuple(sorted(data.fleet_moves.get(place, ()))) for place in data.locations}
    neighbours: dict[Province, set[Province]] = {place: set(army.get(place, ())) for place in data.provinces}
    for place, moves in fleet.items():
        neighbours[province_of(place)] |= {province_of(to) for to in moves}
    return Geography(
        army=army,
        fleet=fleet,
        seas=frozenset(place for place in data.provinces if data.terrain[place] is Terrain.SEA),
        inland=frozenset(place for place in data.provinces if data.terrain[place] is Terrain.LAND),
        centers=frozenset(data.centers),
        homes={center: power for power in POWERS for center in data.homes[power]},
        neighbours={place: frozenset(near) for place, near in neighbours.items()},
    )


@lru_cache(maxsize=1)
def geography() -> Geography:
    """The standard map's geography, read once."""
    return _geography(load_map("standard"))
