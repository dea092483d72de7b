"""The board, read from the map file of the installed ``diplomacy`` package.

The file is that package's data (AGPL): it is read where it lies and nothing of it is kept here.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.types import POWERS, EngineError, Location, Power, Province, Unit, UnitKind, province_of

if TYPE_CHECKING:
    from engine import _core


class UnknownMapError(EngineError, ValueError):
    """A map that this project does not know, or whose file cannot be read."""


class Terrain(StrEnum):
    """What may stand in a province: armies, both, or fleets."""

    LAND = "LAND"
    COAST = "COAST"
    SEA = "SEA"


@dataclass(frozen=True)
class MapData:
    """A board: places, who may move where, and how the game begins.

    Every sequence is sorted, so that numbering by position is the same in every run.
    """

    name: str
    """``standard``."""
    provinces: tuple[Province, ...]
    """All places without coasts: 75 on the standard map."""
    locations: tuple[Location, ...]
    """Provinces and the coasts of those that have several: 81 on the standard map."""
    full_names: Mapping[Location, str]
    """``PAR`` -> ``Paris``, ``STP/NC`` -> ``St Petersburg (north coast)``."""
    aliases: Mapping[str, Location]
    """Other ways to write a location, in lower case with spaces: ``english channel`` -> ``ENG``."""
    terrain: Mapping[Province, Terrain]
    centers: tuple[Province, ...]
    """Provinces with a supply centre: 34 on the standard map."""
    homes: Mapping[Power, tuple[Province, ...]]
    """Where a power may build."""
    starting_units: Mapping[Power, tuple[Unit, ...]]
    starting_centers: Mapping[Power, tuple[Province, ...]]
    army_moves: Mapping[Location, tuple[Location, ...]]
    """Where an army standing there can go by land; provinces only."""
    fleet_moves: Mapping[Location, tuple[Location, ...]]
    """Where a fleet standing there can go; with coasts where it needs one."""
    first_year: int

    def coasts(self, province: Province) -> tuple[Location, ...]:
        """The separate coasts of a province, or the province itself when a fleet there needs none.

        >>> load_map().coasts(Province("STP"))
        ('STP/NC', 'STP/SC')
        """
        named = tuple(place for place in self.locations if place.startswith(f"{province}/"))
        return named or (Location(province),)

    def is_supply_center(self, province: Province) -> bool:
        """Whether the province holds a supply centre."""
        return province in self.centers


@dataclass
class _Draft:
    """What was read so far."""

    names: dict[str, str]
    aliases: dict[str, str]
    kinds: dict[str, str]
    abuts: dict[str, list[str]]
    homes: dict[str, list[str]]
    units: dict[str, list[str]]
    first_year: int = 1901
    power: str = ""


@cache
def load_map(name: str = "standard") -> MapData:
    """The board of this name; read once.

    Raises:
        UnknownMapError: no such map, or its file is not there.
    """
    if name != "standard":
        raise UnknownMapError(f"unknown map {name!r}: expected 'standard', the only map so far")
    path = _maps_folder() / f"{name}.map"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UnknownMapError(
            f"cannot read map {name!r}: expected a file at {path} ({error.strerror}); reinstall diplomacy"
        ) from None
    return parse_map(name, text)


@cache
def core_map(name: str = "standard") -> _core.Map:
    """The same board for the compiled rules; one object per name.

    Raises:
        UnknownMapError: as ``load_map``.
    """
    from engine import _core

    data = load_map(name)
    return _core.Map(
        name=data.name,
        powers=[power.value for power in POWERS],
        locations=[(place, data.terrain[province_of(place)].value) for place in data.locations],
        centers=list(data.centers),
        homes=[list(data.homes[power]) for power in POWERS],
        units=[[str(unit) for unit in data.starting_units[power]] for power in POWERS],
        owned=[list(data.starting_centers[power]) for power in POWERS],
        army_edges=[(here, there) for here, goals in data.army_moves.items() for there in goals],
        fleet_edges=[(here, there) for here, goals in data.fleet_moves.items() for there in goals],
        first_year=data.first_year,
    )


def parse_map(name: str, text: str) -> MapData:
    """The board written in the package's map format (the part of it that its standard map uses).

    Raises:
        UnknownMapError: a line that is none of those.
    """
    draft = _Draft({}, {}, {}, {}, {}, {})
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split("#")[0].split()
        if words and not _read_line(draft, words):
            raise UnknownMapError(
                f"map {name!r}, line {number}: expected a power, unit, name or adjacency, got {line!r}"
            )
    return _finish(name, draft)


def _read_line(draft: _Draft, words: list[str]) -> bool:
    """Takes one line in; False when it is of no known form."""
    if "=" in words:
        _read_name(draft, words)
    elif words[0] == "BEGIN":
        draft.first_year = int(words[2])
    elif words[0] in ("WATER", "COAST", "LAND", "SHUT") and len(words) > 3 and words[2] == "ABUTS":
        draft.kinds[words[1].upper()] = words[0]
        draft.abuts[words[1].upper()] = words[3:]
    elif words[0] in ("A", "F") and len(words) == 2 and draft.power:
        draft.units.setdefault(draft.power, []).append(" ".join(words))
    elif words[0] in POWERS or words[0] == "UNOWNED":
        draft.power = words[0]
        draft.homes[draft.power] = [word for word in words[1:] if not word.startswith("(")]
    else:
        return False
    return True


def _read_name(draft: _Draft, words: list[str]) -> None:
    """Takes in ``Full Name = abbreviation other names``."""
    split = words.index("=")
    full_name, place = " ".join(words[:split]), words[split + 1].upper()
    draft.names[place] = full_name
    for alias in (full_name, *words[split + 1 :]):
        draft.aliases[alias.lower().replace("+", " ")] = place


def _finish(name: str, draft: _Draft) -> MapData:
    places = sorted(place for place, kind in draft.kinds.items() if kind != "SHUT")
    provinces = sorted({place[:3] for place in places})
    terrain = {Province(p): Terrain.SEA if draft.kinds[p] == "WATER" else Terrain(draft.kinds[p]) for p in provinces}
    centers = sorted(center for homes in draft.homes.values() for center in homes)
    homes = {power: tuple(Province(p) for p in sorted(draft.homes.get(power, []))) for power in POWERS}
    units = {power: tuple(Unit.parse(unit) for unit in sorted(draft.units.get(power, []))) for power in POWERS}
    return MapData(
        name=name,
        provinces=tuple(Province(p) for p in provinces),
        locations=tuple(Location(p) for p in places),
        full_names=MappingProxyType({Location(p): draft.names[p] for p in places}),
        aliases=MappingProxyType({a: Location(p) for a, p in sorted(draft.aliases.items()) if p in places}),
        terrain=MappingProxyType(terrain),
        centers=tuple(Province(c) for c in centers),
        homes=MappingProxyType(homes),
        starting_units=MappingProxyType(units),
        starting_centers=MappingProxyType(homes),
        army_moves=MappingProxyType(_moves(draft, places, terrain, UnitKind.ARMY)),
        fleet_moves=MappingProxyType(_moves(draft, places, terrain, UnitKind.FLEET)),
        first_year=draft.first_year,
    )


def _moves(
    draft: _Draft, places: list[str], terrain: Mapping[Province, Terrain], kind: UnitKind
) -> dict[Location, tuple[Location, ...]]:
    """Adjacency of one kind of unit.

    The file writes a neighbour in lower case when only armies may go there; a province with several
    coasts stands in it once for armies (in lower case) and once per coast for fleets.
    """
    split = {place[:3] for place in places if "/" in place}
    moves: dict[Location, tuple[Location, ...]] = {}
    for place in places:
        here = terrain[Province(place[:3])]
        goals = []
        if kind is UnitKind.ARMY and here is not Terrain.SEA and "/" not in place:
            goals = [
                goal[:3].upper()
                for goal in draft.abuts[place]
                if terrain.get(Province(goal[:3].upper()), Terrain.SEA) is not Terrain.SEA
            ]
        elif kind is UnitKind.FLEET and here is not Terrain.LAND and place not in split:
            goals = [
                goal
                for goal in draft.abuts[place]
                if goal in places and terrain[Province(goal[:3])] is not Terrain.LAND and goal not in split
            ]
        if goals:
            moves[Location(place)] = tuple(Location(goal) for goal in sorted(set(goals)))
    return moves


def _maps_folder() -> Path:
    """Where the ``diplomacy`` package keeps its maps; the package itself is not imported (it takes seconds)."""
    spec = importlib.util.find_spec("diplomacy")
    if spec is None or spec.origin is None:
        raise UnknownMapError("cannot find the diplomacy package: its map files are needed; pip install diplomacy")
    return Path(spec.origin).parent / "maps"
