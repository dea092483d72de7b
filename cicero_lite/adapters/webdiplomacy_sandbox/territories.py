"""The classic map as webDiplomacy describes it: names, home colours, borders, and how far territories lie apart."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, COUNTRY_OF, ID_OF, TERRITORIES
from engine.drawing import load_geometry
from engine.mapfile import Terrain, load_map
from engine.types import Location, Power, Province, province_of

_NAMES = (
    "Clyde|Edinburgh|Liverpool|Yorkshire|Wales|London|Portugal|Spain|North Africa|Tunis|Naples|Rome|Tuscany|Piedmont|"
    "Venice|Apulia|Greece|Albania|Serbia|Bulgaria|Rumania|Constantinople|Smyrna|Ankara|Armenia|Syria|Sevastopol|"
    "Ukraine|Warsaw|Livonia|Moscow|St. Petersburg|Finland|Sweden|Norway|Denmark|Kiel|Berlin|Prussia|Silesia|Munich|"
    "Ruhr|Holland|Belgium|Picardy|Brest|Paris|Burgundy|Marseilles|Gascony|Barents Sea|Norwegian Sea|North Sea|"
    "Skagerrack|Heligoland Bight|Baltic Sea|Gulf of Bothnia|North Atlantic Ocean|Irish Sea|English Channel|"
    "Mid-Atlantic Ocean|Western Mediterranean|Gulf of Lyons|Tyrrhenian Sea|Ionian Sea|Adriatic Sea|Aegean Sea|"
    "Eastern Mediterranean|Black Sea|Tyrolia|Bohemia|Vienna|Trieste|Budapest|Galicia|Spain (North Coast)|"
    "Spain (South Coast)|St. Petersburg (North Coast)|St. Petersburg (South Coast)|Bulgaria (North Coast)|"
    "Bulgaria (South Coast)"
)
NAMES: dict[int, str] = dict(enumerate(_NAMES.split("|"), start=1))
"""Territory id -> its full name on the site."""

_COLOURED = {
    Power.ENGLAND: "CLY EDI LVP YOR WAL LON",
    Power.FRANCE: "PIC BRE PAR BUR MAR GAS",
    Power.ITALY: "NAP ROM TUS PIE VEN APU",
    Power.GERMANY: "KIE BER PRU SIL MUN RUH",
    Power.AUSTRIA: "TYR BOH VIE TRI BUD GAL",
    Power.TURKEY: "CON SMY ANK ARM SYR",
    Power.RUSSIA: "SEV UKR WAR LVN MOS STP FIN STP/NC STP/SC",
}
HOME_OF: dict[int, int] = dict.fromkeys(TERRITORIES, 0) | {
    ID_OF[place]: COUNTRY_OF[power] for power, places in _COLOURED.items() for place in places.split()
}
"""Territory id -> the country that owns it when a game begins, 0 for none; more than the supply centres."""

_MAP = load_map()


def parent_of(location: str) -> int:
    """The territory id of the province that a location lies in."""
    return ID_OF[province_of(Location(location))]


def is_child(territory: int) -> bool:
    """Whether this is a coast of a province that has several."""
    return "/" in TERRITORIES[territory]


def has_children(territory: int) -> bool:
    """Whether this is a province whose fleets stand on one of several coasts."""
    return f"{TERRITORIES[territory]}/SC" in ID_OF


def supply_centers() -> frozenset[int]:
    """The ids of the 34 provinces with a supply centre."""
    return frozenset(ID_OF[center] for center in _MAP.centers)


@cache
def neighbours(province: Province) -> frozenset[Province]:
    """The provinces that an army or a fleet can go to from here, whatever its coast."""
    here = [Location(province), *_MAP.coasts(province)]
    goals = [goal for place in here for moves in (_MAP.army_moves, _MAP.fleet_moves) for goal in moves.get(place, ())]
    return frozenset(province_of(goal) for goal in goals)


def distances(sources: Iterable[Province]) -> dict[Province, int]:
    """Province -> the fewest moves of any unit to the nearest of the sources; provinces out of reach are left out."""
    found = dict.fromkeys(sources, 0)
    edge = list(found)
    while edge:
        beyond = []
        for place in edge:
            for goal in sorted(neighbours(place) - found.keys()):
                found[goal] = found[place] + 1
                beyond.append(goal)
        edge = beyond
    return found


def country_name(country: int) -> str:
    """``England`` for 1."""
    return COUNTRIES[country].value.capitalize()


@cache
def territories_reply() -> dict[str, Any]:
    """The block ``territories`` of game/data; coordinates are those of our own drawing."""
    return {str(number): _territory(number) for number in TERRITORIES}


def _territory(number: int) -> dict[str, Any]:
    place = Location(TERRITORIES[number])
    province = province_of(place)
    x, y = load_geometry().place(place)
    coast = "Child" if is_child(number) else "Parent" if has_children(number) else "No"
    coastal = _reach([place])
    return {
        "id": str(number),
        "name": NAMES[number],
        "type": {Terrain.LAND: "Land", Terrain.SEA: "Sea"}.get(_MAP.terrain[province], "Coast"),
        "supply": "Yes" if coast != "Child" and _MAP.is_supply_center(province) else "No",
        "countryID": str(HOME_OF[number]),
        "coast": coast,
        "coastParentID": str(ID_OF[province]),
        "smallMapX": str(round(x)),
        "smallMapY": str(round(y)),
        "Borders": _without_coasts(_reach([place, *_MAP.coasts(province)]) if coast == "Parent" else coastal),
        "CoastalBorders": [_border(goal, *passable) for goal, passable in coastal.items()],
    }


def _reach(places: Iterable[Location]) -> dict[int, tuple[bool, bool]]:
    """Goal -> whether an army and whether a fleet can go there from one of the places."""
    places = list(places)
    army = {ID_OF[goal] for place in places for goal in _MAP.army_moves.get(place, ())}
    fleet = {ID_OF[goal] for place in places for goal in _MAP.fleet_moves.get(place, ())}
    return {goal: (goal in army, goal in fleet) for goal in sorted(army | fleet)}


def _without_coasts(reach: dict[int, tuple[bool, bool]]) -> list[dict[str, Any]]:
    merged: dict[int, tuple[bool, bool]] = {}
    for goal, (army, fleet) in reach.items():
        parent = parent_of(TERRITORIES[goal])
        before = merged.get(parent, (False, False))
        merged[parent] = (army or before[0], fleet or before[1])
    return [_border(goal, *merged[goal]) for goal in sorted(merged)]


def _border(goal: int, army: bool, fleet: bool) -> dict[str, Any]:
    return {"id": str(goal), "a": army, "f": fleet}
