"""The board read from the package's map file."""

from __future__ import annotations

import pytest

from engine.mapfile import MapData, Terrain, UnknownMapError, core_map, load_map, parse_map
from engine.types import POWERS, Location, Power, Province

MAP = load_map()


def test_sizes() -> None:
    assert (len(MAP.provinces), len(MAP.locations), len(MAP.centers)) == (75, 81, 34)
    assert sum(kind is Terrain.SEA for kind in MAP.terrain.values()) == 19
    assert sum(kind is Terrain.LAND for kind in MAP.terrain.values()) == 14
    assert list(MAP.locations) == sorted(MAP.locations)
    assert load_map() is MAP


def test_names_and_aliases() -> None:
    assert MAP.full_names[Location("PAR")] == "Paris"
    assert MAP.full_names[Location("STP/NC")] == "St Petersburg (north coast)"
    assert MAP.aliases["english channel"] == "ENG"
    assert MAP.aliases["spa(sc)"] == "SPA/SC"
    assert set(MAP.full_names) == set(MAP.locations)


def test_beginning() -> None:
    assert MAP.homes[Power.RUSSIA] == ("MOS", "SEV", "STP", "WAR")
    assert [str(unit) for unit in MAP.starting_units[Power.RUSSIA]] == ["A MOS", "A WAR", "F SEV", "F STP/SC"]
    assert sum(len(MAP.starting_units[power]) for power in POWERS) == 22
    assert MAP.is_supply_center(Province("BUL"))
    assert not MAP.is_supply_center(Province("BUR"))


@pytest.mark.parametrize(
    ("here", "army", "fleet"),
    [
        ("ROM", "APU NAP TUS VEN", "NAP TUS TYS"),
        ("CON", "ANK BUL SMY", "AEG ANK BLA BUL/EC BUL/SC SMY"),
        ("SPA", "GAS MAR POR", ""),
        ("SPA/SC", "", "LYO MAO MAR POR WES"),
        ("MAO", "", "BRE ENG GAS IRI NAF NAO POR SPA/NC SPA/SC WES"),
        ("MOS", "LVN SEV STP UKR WAR", ""),
        ("STP", "FIN LVN MOS NWY", ""),
    ],
)
def test_moves(here: str, army: str, fleet: str) -> None:
    assert " ".join(MAP.army_moves.get(Location(here), ())) == army
    assert " ".join(MAP.fleet_moves.get(Location(here), ())) == fleet


def test_moves_go_both_ways() -> None:
    for moves in (MAP.army_moves, MAP.fleet_moves):
        for here, goals in moves.items():
            for there in goals:
                assert here in moves[there]


def test_other_maps_are_refused() -> None:
    with pytest.raises(UnknownMapError, match="unknown map 'modern': expected 'standard'"):
        load_map("modern")
    with pytest.raises(UnknownMapError, match="line 2: expected a power"):
        parse_map("odd", "BEGIN SPRING 1901 MOVEMENT\nnonsense here\n")


def test_core_map_has_the_same_numbering() -> None:
    data: MapData = MAP
    board = core_map()
    assert board.locations == list(data.locations)
    assert board.provinces == list(data.provinces)
    assert board.centers == list(data.centers)
    assert board.powers == [power.value for power in POWERS]
