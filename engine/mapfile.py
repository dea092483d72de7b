"""The board, read from a map file of the installed ``diplomacy`` package or of the user.

The package's files are its data (AGPL): they are read where they lie and nothing of them is kept here.
`engine.mapreader` knows the format; here a board is made of what it read, and checked.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, cast

from engine.mapreader import Draft, UnknownMapError, read_file, read_map
from engine.types import Location, Power, Province, Unit, UnitKind, UnknownPowerError, province_of

if TYPE_CHECKING:
    from engine import _core

__all__ = [
    "MapData",
    "Terrain",
    "UnknownMapError",
    "available_maps",
    "compile_map",
    "core_map",
    "load_map",
    "parse_map",
]

_RULES = frozenset({"BUILD_ANY"})
"""The rules of maps that are known here."""
_CORE, _LARGE_CORE = "engine._core", "engine._core_large"
"""The compiled rules for boards as large as the standard one, and for larger ones; they have the same face."""


class Terrain(StrEnum):
    """What may stand in a province: armies, both, or fleets."""

    LAND = "LAND"
    COAST = "COAST"
    PORT = "PORT"
    """A coast whose fleet may convoy, as if at sea: the Balearics of the ancient Mediterranean."""
    SEA = "SEA"


@dataclass(frozen=True)
class MapData:
    """A board: places, who may move where, and how the game begins.

    Every sequence is sorted, so that numbering by position is the same in every run.
    """

    name: str
    """``standard``; of a map of the user, the path of its file."""
    powers: tuple[Power, ...]
    """Who plays, in the order of every array of this map; on the standard map, `POWERS`."""
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
    """Where a power may build; with `build_anywhere`, in its other centres too."""
    starting_units: Mapping[Power, tuple[Unit, ...]]
    starting_centers: Mapping[Power, tuple[Province, ...]]
    army_moves: Mapping[Location, tuple[Location, ...]]
    """Where an army standing there can go by land; provinces only."""
    fleet_moves: Mapping[Location, tuple[Location, ...]]
    """Where a fleet standing there can go; with coasts where it needs one."""
    first_year: int
    victory_centers: int
    """So many centres win the game: 18 on the standard map."""
    rules: tuple[str, ...] = ()
    """Rules that differ from the standard ones, in the package's words: ``BUILD_ANY``."""
    dummies: tuple[Power, ...] = ()
    """Powers that nobody plays: their units hold, and they build nothing."""

    @property
    def build_anywhere(self) -> bool:
        """Whether a power may build in every centre it owns, not only in its home centres."""
        return "BUILD_ANY" in self.rules

    def power(self, name: str) -> Power:
        """The power of this map that has this name, in any case.

        Raises:
            UnknownPowerError: no power of this map.
        """
        found = next((power for power in self.powers if power == name.strip().upper()), None)
        if found is None:
            raise UnknownPowerError(
                f"unknown power {str(name)!r}: expected one of {', '.join(self.powers)} (map {self.name!r})"
            )
        return found

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


def available_maps() -> tuple[str, ...]:
    """The maps that the ``diplomacy`` package ships: the names that `load_map` knows.

    >>> "standard" in available_maps()
    True
    """
    return tuple(sorted(path.stem for path in _maps_folder().glob("*.map")))


def load_map(name: str = "standard") -> MapData:
    """The board of this name; read once.

    Args:
        name: one of `available_maps`, or the path of a file that ends in ``.map``.

    Raises:
        UnknownMapError: no such map, its file cannot be read, or it asks for what these rules do not have.
    """
    return _load_map(str(name))


def core_map(name: str = "standard") -> _core.Map:
    """The same board for the compiled rules; one object per name.

    Raises:
        UnknownMapError: as ``load_map``.
    """
    return _core_map(str(name))


def compile_map(data: MapData, large: bool = False) -> _core.Map:
    """A board for the compiled rules: of `engine._core` where it fits there, else of `engine._core_large`.

    A compiled board lives as long as the process: for a map with a name there is `core_map`, which makes one only.

    Args:
        data: the board.
        large: of `engine._core_large` in any case.

    Raises:
        UnknownMapError: the board is too large, or the rules for large boards cannot be loaded.
    """
    core = _large_core(data.name) if large else _core_for(data)
    return cast(
        "_core.Map",
        core.Map(
            name=data.name,
            powers=[power.value for power in data.powers],
            locations=[(place, data.terrain[province_of(place)].value) for place in data.locations],
            centers=list(data.centers),
            homes=[list(data.homes[power]) for power in data.powers],
            units=[[str(unit) for unit in data.starting_units[power]] for power in data.powers],
            owned=[list(data.starting_centers[power]) for power in data.powers],
            army_edges=[(here, there) for here, goals in data.army_moves.items() for there in goals],
            fleet_edges=[(here, there) for here, goals in data.fleet_moves.items() for there in goals],
            first_year=data.first_year,
            victory_centers=data.victory_centers,
            build_anywhere=data.build_anywhere,
        ),
    )


@cache
def _load_map(name: str) -> MapData:
    folder = _maps_folder()
    if name.endswith(".map"):
        path = Path(name)
        return parse_map(name, read_file(path, name), (path.parent, folder))
    if name not in available_maps():
        raise UnknownMapError(
            f"unknown map {name!r}: expected one of {', '.join(available_maps())}, or the path of a .map file"
        )
    return parse_map(name, read_file(folder / f"{name}.map", name), (folder,))


@cache
def _core_map(name: str) -> _core.Map:
    return compile_map(load_map(name))


def parse_map(name: str, text: str, folders: tuple[Path, ...] | None = None) -> MapData:
    """The board written in the package's map format.

    Args:
        name: what the map is called.
        text: what its file holds.
        folders: where maps that it builds on are looked for; None: among those of the package.

    Raises:
        UnknownMapError: text that is no map, or a map that asks for what these rules do not have.
    """
    draft = read_map(name, text, (_maps_folder(),) if folders is None else folders)
    for rule in draft.rules:
        if rule not in _RULES:
            raise UnknownMapError(f"map {name!r} asks for rule {rule!r}, which this project does not know")
    data = _finish(name, draft)
    _core_for(data)
    return data


def _core_for(data: MapData) -> ModuleType:
    """The smaller of the compiled modules that have room for the board."""
    core = importlib.import_module(_CORE)
    if _too_large(data, core):
        core = _large_core(data.name)
        if problem := _too_large(data, core):
            raise UnknownMapError(f"map {data.name!r} is too large: expected {problem}")
    return core


def _large_core(name: str) -> ModuleType:
    try:
        return importlib.import_module(_LARGE_CORE)
    except ImportError as error:
        raise UnknownMapError(
            f"map {name!r} needs the compiled rules for large boards, which cannot be loaded ({error}); "
            "install the project again: pip install -c constraints.txt -e ."
        ) from None


def _too_large(data: MapData, core: ModuleType) -> str:
    """What these compiled rules have no room for, in words; empty: the board fits."""
    convoying = (Terrain.SEA, Terrain.PORT)
    goals = (*data.army_moves.values(), *data.fleet_moves.values())
    sizes = [
        ("powers", len(data.powers), core.MAX_POWERS),
        ("provinces", len(data.provinces), core.MAX_PROVINCES),
        ("locations", len(data.locations), core.MAX_LOCATIONS),
        ("seas", sum(kind in convoying for kind in data.terrain.values()), core.MAX_SEAS),
        ("supply centres", len(data.centers), core.MAX_CENTERS),
        ("neighbours of a place", max(map(len, goals), default=0), core.MAX_NEIGHBOURS),
    ]
    return "; ".join(f"at most {most} {what}, got {size}" for what, size, most in sizes if size > most)


def _finish(name: str, draft: Draft) -> MapData:
    terrain = _check_places(draft)
    places = sorted(place for place in draft.places if Province(place[:3]) in terrain)
    powers = tuple(sorted(draft.homes))
    if not powers:
        raise UnknownMapError(f"map {name!r} has no powers: expected lines such as 'FRANCE (FRENCH) BRE MAR PAR'")
    centers = _check_centers(name, draft, terrain)
    homes = {power: tuple(Province(p) for p in sorted(draft.homes[power])) for power in powers}
    owned = {power: tuple(Province(p) for p in sorted(draft.owned.get(power, draft.homes[power]))) for power in powers}
    units = _check_units(draft, terrain)
    for power in powers:
        if not (homes[power] or owned[power] or units[power]):
            raise draft.declared[power].error(f"centres or units of {power} here or below")
    wins, line = draft.victory or (len(centers) // 2 + 1, None)
    if line is not None and not 1 <= wins <= len(centers):
        raise line.error(f"1 to {len(centers)} centres", str(wins))
    return MapData(
        name=name,
        powers=powers,
        provinces=tuple(sorted(terrain)),
        locations=tuple(Location(p) for p in places),
        full_names=MappingProxyType({Location(p): draft.full_names[p][0] for p in places}),
        aliases=MappingProxyType({a: Location(p) for a, p in sorted(draft.aliases.items()) if p in places}),
        terrain=MappingProxyType(terrain),
        centers=centers,
        homes=MappingProxyType(homes),
        starting_units=MappingProxyType(units),
        starting_centers=MappingProxyType(owned),
        army_moves=MappingProxyType(_moves(draft, places, terrain, UnitKind.ARMY)),
        fleet_moves=MappingProxyType(_moves(draft, places, terrain, UnitKind.FLEET)),
        first_year=draft.first_year,
        victory_centers=wins,
        rules=tuple(draft.rules),
        dummies=tuple(power for power in powers if power in draft.dummies),
    )


def _check_places(draft: Draft) -> dict[Province, Terrain]:
    """The terrain of every province where somebody may stand."""
    split = {name[:3] for name in draft.places if "/" in name}
    for name, (_, line) in draft.full_names.items():
        if name not in draft.places:
            raise line.error(f"a line such as 'LAND {name} ABUTS ...' for this place somewhere", name)
    terrain = {}
    for name, place in sorted(draft.places.items()):
        line, whole = place.line, draft.places.get(name[:3])
        if name not in draft.full_names:
            raise line.error(f"a full name for {name}: a line such as 'Paris = PAR'", name)
        if whole is None or whole.kind != place.kind:
            raise line.error(f"{place.kind} {name[:3].lower()} for armies, beside its coasts", name)
        if "/" not in name and place.is_split != (name in split):
            cure = "capitals: it has no coasts" if place.is_split else "lower case: it has coasts"
            raise line.error(f"{name} in {cure}", name)
        seen: set[str] = set()
        for neighbour in place.neighbours:
            if neighbour.upper() not in draft.places:
                raise line.error("neighbours that are places of this map", neighbour)
            if neighbour.upper() in seen or neighbour[:3].upper() == name[:3]:
                raise line.error("each neighbour once, and none in the province itself", neighbour)
            seen.add(neighbour.upper())
        if place.kind != "SHUT":
            terrain[Province(name[:3])] = Terrain.SEA if place.kind == "WATER" else Terrain(place.kind)
        if "/" in name and place.kind not in ("COAST", "PORT"):
            raise line.error("coasts in COAST provinces only", place.kind)
    return terrain


def _check_centers(name: str, draft: Draft, terrain: Mapping[Province, Terrain]) -> tuple[Province, ...]:
    for center, line in draft.centers.items():
        if terrain.get(Province(center), Terrain.SEA) is Terrain.SEA:
            raise line.error("supply centres that are provinces on land", center)
    owned = {power: draft.owned.get(power, homes) for power, homes in draft.homes.items()}
    # The compiled rules know one power at home in each centre; no shipped map has two.
    for what, table in (("owner of", owned), ("power at home in", draft.homes)):
        first: dict[str, Power] = {}
        for power, centers in table.items():
            for center in centers:
                if first.setdefault(center, power) is not power:
                    raise draft.centers[center].error(f"one {what} {center}", f"{first[center]} and {power}")
    if not draft.centers:
        raise UnknownMapError(f"map {name!r} has no supply centres: expected some after the powers or UNOWNED")
    return tuple(Province(center) for center in sorted(draft.centers))


def _check_units(draft: Draft, terrain: Mapping[Province, Terrain]) -> dict[Power, tuple[Unit, ...]]:
    taken: dict[str, str] = {}
    for units in draft.units.values():
        for unit, line in units:
            place = unit[2:]
            kind = terrain.get(Province(place[:3]))
            if kind is None or place not in draft.places:
                raise line.error("a unit in a province of this map", unit)
            if unit.startswith("A") and ("/" in place or kind is Terrain.SEA):
                raise line.error("armies on land, without a coast", unit)
            if unit.startswith("F") and (kind is Terrain.LAND or draft.places[place].is_split):
                raise line.error("fleets at sea or on a coast, which is named where there are several", unit)
            if place[:3] in taken:
                raise line.error(f"one unit in {place[:3]}: there is {taken[place[:3]]}", unit)
            taken[place[:3]] = unit
    return {
        power: tuple(Unit.parse(unit) for unit, _ in sorted(draft.units.get(power, []), key=lambda given: given[0]))
        for power in sorted(draft.homes)
    }


def _moves(
    draft: Draft, places: list[str], terrain: Mapping[Province, Terrain], kind: UnitKind
) -> dict[Location, tuple[Location, ...]]:
    """Adjacency of one kind of unit.

    The file writes a neighbour in lower case when only armies may go there and as ``Tar`` when only fleets
    may; a province with several coasts stands in it once for armies (in lower case) and once per coast for fleets.
    """
    moves: dict[Location, tuple[Location, ...]] = {}
    for place in places:
        entry, here = draft.places[place], terrain[Province(place[:3])]
        goals: list[str] = []
        if kind is UnitKind.ARMY and here is not Terrain.SEA and "/" not in place:
            goals = [
                goal[:3].upper()
                for goal in entry.neighbours
                if goal != goal.title() and terrain.get(Province(goal[:3].upper()), Terrain.SEA) is not Terrain.SEA
            ]
        elif kind is UnitKind.FLEET and here is not Terrain.LAND and not entry.is_split:
            goals = [
                goal.upper()
                for goal in entry.neighbours
                if goal[0].isupper()
                and terrain.get(Province(goal[:3].upper()), Terrain.LAND) is not Terrain.LAND
                and not draft.places[goal.upper()].is_split
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
