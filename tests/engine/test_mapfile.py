"""The board read from the package's map file."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.mapfile import MapData, Terrain, UnknownMapError, compile_map, core_map, load_map, parse_map
from engine.types import POWERS, Location, Power, Province, UnknownPowerError

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


@pytest.mark.parametrize("name", ["moon", "", "..", "../maps/standard", "standard\0", "Standard", "standard.geography"])
def test_other_maps_are_refused(name: str) -> None:
    with pytest.raises(
        UnknownMapError, match=r"unknown map .*: expected one of ancmed, .*, or the path of a \.map file"
    ):
        load_map(name)


SMALL = """# two powers, an island between them and a mountain
VICTORY 2
BEGIN SPRING 1 MOVEMENT
NORTH-LAND (Northern:N) NOR
A NOR
South_Land (SOUTHERN) SOU
F SOU/EC
UNOWNED ISL

North Town = nor north norðr
South Town = SOU south+town
South Town (east) = SOU/EC
South Town (west) = SOU/WC
Island = ISL isle north?
The Sound = SND
Mountain = MTN
LAND  nor    ABUTS sou MTN
COAST sou    ABUTS NOR SND
COAST SOU/EC ABUTS SND
COAST SOU/WC ABUTS SND
COAST ISL    ABUTS SND
WATER SND    ABUTS SOU/EC SOU/WC ISL
SHUT  MTN    ABUTS NOR
""".replace("LAND  nor", "LAND  NOR")


def test_a_map_of_our_own() -> None:
    data = parse_map("small", SMALL)
    assert data.powers == ("NORTHLAND", "SOUTH_LAND")
    north, south = data.powers
    assert (data.victory_centers, data.first_year, data.rules, data.dummies) == (2, 1, (), ())
    assert data.locations == ("ISL", "NOR", "SND", "SOU", "SOU/EC", "SOU/WC")
    assert data.homes == {north: ("NOR",), south: ("SOU",)}
    assert data.army_moves == {"NOR": ("SOU",), "SOU": ("NOR",)}
    assert data.fleet_moves["SND"] == ("ISL", "SOU/EC", "SOU/WC")  # type: ignore[index]
    assert "north" in data.aliases
    assert data.power("northland") is north
    with pytest.raises(UnknownPowerError, match=r"'FRANCE': expected one of NORTHLAND, SOUTH_LAND \(map 'small'\)"):
        data.power("FRANCE")


def test_words_about_powers_and_places() -> None:
    """One map that builds on another in every way the format has."""
    data = parse_map("more", SMALL + "NORTH-LAND ISL\nHOMES ISL\nOWNS NOR\nUNITS\nA ISL\nDUMMY\nRULES BUILD_ANY\n")
    north, south = data.powers
    assert (data.homes[north], data.starting_centers[north]) == (("ISL",), ("NOR",))
    assert [str(unit) for unit in data.starting_units[north]] == ["A ISL"]
    assert (data.dummies, data.rules, data.build_anywhere) == ((north,), ("BUILD_ANY",), True)
    assert data.centers == ("ISL", "NOR", "SOU")
    data = parse_map("more", SMALL + "UNPLAYED ALL EXCEPT SOUTH_LAND\nAMEND SND ABUTS -ISL\nDROP ISL\n")
    assert data.powers == (south,)
    assert data.centers == ("NOR", "SOU")
    assert data.fleet_moves["SND"] == ("SOU/EC", "SOU/WC")  # type: ignore[index]
    data = parse_map(
        "more", SMALL + "DUMMIES ALL EXCEPT NORTH-LAND\nSOUTH_LAND\nINHABITS NOR\nINHABITS ISL\nNORTH-LAND -NOR\n"
    )
    assert data.dummies == (south,)
    assert (data.homes[north], data.homes[south]) == ((), ("ISL", "NOR"))


MISTAKES = [
    # what is written instead of what, and what the message says
    ("UNOWNED ISL", "nonsense here", "line 8: expected a power .*, got 'nonsense here'"),
    ("UNOWNED ISL", "GARBAGE", "line 8: expected centres or units of GARBAGE"),
    ("UNOWNED ISL", "ÉIRE ISL", "line 8: expected a power"),
    ("UNOWNED ISL", "X ISL", "line 8: expected a power"),
    ("UNOWNED ISL", "UNOWNED ISL XYZ", "line 8: expected supply centres that are provinces on land, got 'XYZ'"),
    ("UNOWNED ISL", "UNOWNED SND", "got 'SND'"),
    ("UNOWNED ISL", "UNOWNED MTN", "got 'MTN'"),
    ("UNOWNED ISL", "UNOWNED SOU/EC", "line 8: expected a power"),
    ("UNOWNED ISL", "UNOWNED ISL\nA ISL", "line 9: expected the name of a power before"),
    ("UNOWNED ISL", "UNOWNED ISL\nUNITS", "line 9: expected the name of a power before"),
    ("UNOWNED ISL", "UNOWNED ISL\nHOMES NOR", "line 9: expected the name of a power before"),
    ("UNOWNED ISL", "OWNS NOR SOU", "line [46]: expected one owner of NOR, got 'NORTHLAND and SOUTH_LAND'"),
    ("UNOWNED ISL", "HOMES NOR\nOWNS SOU", "line [45]: expected one power at home in NOR"),
    ("UNOWNED ISL", "OWNS NOR/SC", "line 8: expected a supply centre"),
    ("UNOWNED ISL", "OLD -> NEW", "line 8: expected a power"),
    ("UNOWNED ISL", "DUMMY FRANCE", r"line 8: expected a power of this map \(NORTHLAND, SOUTH_LAND\), got 'FRANCE'"),
    ("UNOWNED ISL", "UNPLAYED ALL BUT", "line 8: expected ALL, or ALL EXCEPT and powers"),
    ("UNOWNED ISL", "UNPLAYED ALL", "has no powers"),
    ("(Northern:N)", "(Northern", r"line 4: expected \(WORD\)"),
    ("A NOR", "A XYZ", "line 5: expected a unit in a province of this map, got 'A XYZ'"),
    ("A NOR", "A NOR H", "line 5: expected a unit such as"),
    ("A NOR", "A SND", "line 5: expected armies on land"),
    ("A NOR", "A SOU/WC", "line 5: expected armies on land"),
    ("A NOR", "F NOR", "line 5: expected fleets at sea"),
    ("A NOR", "F SOU", "line 5: expected fleets at sea"),
    ("A NOR", "A MTN", "line 5: expected a unit in a province"),
    ("A NOR", "A NOR\nA NOR", "line 6: expected one unit in NOR: there is A NOR"),
    ("A NOR", "A PARIS", "line 5: expected a place of three letters"),
    ("A NOR", "A", "line 5: expected a unit"),
    ("Island = ISL", "Island = ISLE", "expected a place of three letters.*'ISLE'"),
    ("Island = ISL isle north?", "Island =", "expected a place: its full name"),
    ("Island = ISL", "= ISL", "expected a place: its full name"),
    ("Island = ISL", "Old -> Island = ISL", "expected a place: its full name"),
    ("Island = ISL isle north?", "# none", "expected a full name for ISL"),
    ("Island = ISL", "Island = ISL nor", "expected a name that is not also that of NOR"),
    ("Island = ISL", f"{'I' * 200} = ISL", "expected a name of at most"),
    ("Island = ISL", "Island = ISL\nThe Island = ISL", "expected one name for ISL: it already is 'Island'"),
    ("Island = ISL", "Island = ISL\nAtlantis = ATL", "expected a line such as 'LAND ATL ABUTS"),
    (
        "COAST ISL    ABUTS SND",
        "COAST ISL    ABUTS SND XYZ",
        "expected neighbours that are places of this map, got 'XYZ'",
    ),
    ("COAST ISL    ABUTS SND", "COAST ISL    ABUTS SND snd", "expected each neighbour once"),
    ("COAST ISL    ABUTS SND", "COAST ISL    ABUTS ISL", "expected each neighbour once"),
    ("COAST ISL    ABUTS SND", "COAST ISL    NEAR SND", "expected COAST, a place, ABUTS"),
    ("COAST ISL    ABUTS SND", "COAST", "expected COAST, a place, ABUTS"),
    ("COAST ISL    ABUTS SND", "COAST Isl ABUTS SND", "expected a place all in capitals or all in lower case"),
    ("COAST ISL    ABUTS SND", "COAST isl ABUTS SND", "expected ISL in capitals"),
    ("COAST ISL    ABUTS SND", "COAST ISL ABUTS SND\nCOAST ISL ABUTS SND", "expected one line for ISL"),
    ("COAST ISL    ABUTS SND", "AMEND ISL ABUTS SND", "expected a place that is already there, got 'ISL'"),
    ("COAST sou ", "COAST SOU ", "expected SOU in lower case"),
    ("COAST sou ", "LAND sou ", "expected COAST sou for armies"),
    ("COAST sou    ABUTS NOR SND", "# none", "expected a line such as 'LAND SOU"),
    ("VICTORY 2", "VICTORY 4", "line 2: expected 1 to 3 centres, got '4'"),
    ("VICTORY 2", "VICTORY two", "line 2: expected VICTORY and one number"),
    ("VICTORY 2", "VICTORY 2 3", "line 2: expected VICTORY and one number"),
    ("VICTORY 2", f"VICTORY {'9' * 5000}", "line 2: expected VICTORY and one number"),
    ("VICTORY 2", "DROP XYZ", "line 2: expected a place that is there, got 'XYZ'"),
    ("VICTORY 2", "MAP", "line 2: expected the name of a map"),
    ("VICTORY 2", "MAP ../secret", "line 2: expected the name of a map, got '../secret'"),
    ("VICTORY 2", "USE atlantis", "line 2: expected a map that is there, got 'atlantis'"),
    ("VICTORY 2", "MAP small.map", "line 2: expected a map that was not read yet"),
    ("VICTORY 2", "MAP pure pure", "line 2: expected a map that was not read yet"),
    ("VICTORY 2", "RULE BUILD_ANY HOLD_WIN", "map 'small' asks for rule 'HOLD_WIN', which this project does not know"),
    ("SPRING 1 ", "SPRING one ", "line 3: expected BEGIN SPRING"),
    ("SPRING 1 ", "SPRING 0 ", "line 3: expected BEGIN SPRING"),
    ("SPRING 1 ", "SPRING 9999 ", "line 3: expected BEGIN SPRING"),
    ("SPRING 1 ", "FALL 1 ", "line 3: expected BEGIN SPRING"),
    (" MOVEMENT", "", "line 3: expected BEGIN SPRING"),
]


@pytest.mark.parametrize(("written", "instead", "problem"), MISTAKES)
def test_mistakes_name_the_line(written: str, instead: str, problem: str) -> None:
    assert SMALL.count(written) == 1
    with pytest.raises(UnknownMapError, match=problem) as caught:
        parse_map("small", SMALL.replace(written, instead))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "BEGIN SPRING 1901 MOVEMENT", "FRANCE", "FRANCE PAR", "\ufeffFRANCE", "\0"]
)
def test_hardly_a_map(text: str) -> None:
    with pytest.raises(UnknownMapError):
        parse_map("odd", text)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_text_raises_anything_else(data: st.DataObject) -> None:
    """Lines of a good map cut, doubled and mixed: a board, or one clear error."""
    words = sorted(
        {*SMALL.split(), "DROP", "AMEND", "OWNS", "CENTERS", "HOMES", "INHABITS", "UNPLAYED", "DUMMY", "ALL"}
    )
    lines = SMALL.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        old = lines[at].split()
        new = data.draw(st.lists(st.sampled_from(words), max_size=3))
        cut = data.draw(st.integers(0, len(old)))
        lines[at] = " ".join((*old[:cut], *new, *old[data.draw(st.integers(cut, len(old))) :]))
    with contextlib.suppress(UnknownMapError):
        parse_map("small", "\n".join(lines))


def test_boards_beyond_the_limits_are_refused() -> None:
    places = [a + b + c for a in "ABCDEFGHI" for b in "ABCDEFGHI" for c in "ABCDEFGHI"][:400]
    names = "\n".join(f"Place {p} = {p}\nLAND {p}" for p in places)
    with pytest.raises(UnknownMapError, match="is too large: expected at most 320 provinces, got 400"):
        parse_map("huge", f"FRANCE AAA\n{names}")
    powers = "\n".join(f"P{p} {p}" for p in places[:30])
    with pytest.raises(UnknownMapError, match="expected at most 24 powers, got 30"):
        parse_map("huge", f"{powers}\n{names}")


@pytest.mark.parametrize(
    ("provinces", "neighbours", "module"),
    [
        (80, 16, "engine._core"),
        (81, 16, "engine._core_large"),
        (80, 17, "engine._core_large"),
        (80, 32, "engine._core_large"),
        (80, 33, None),
    ],
)
def test_a_board_goes_to_the_smaller_rules_that_have_room(provinces: int, neighbours: int, module: str | None) -> None:
    places = [f"{a}{b}C" for a in "ABCDEFGHI" for b in "ABCDEFGHI"][:provinces]
    lines = [f"Place {place} = {place}\nLAND {place}" for place in places[1:]]
    text = "\n".join(
        [f"FRANCE {places[1]}", "Hub = AAC", f"LAND AAC ABUTS {' '.join(places[1 : neighbours + 1])}", *lines]
    )
    if module is None:
        with pytest.raises(UnknownMapError, match="expected at most 32 neighbours of a place, got 33"):
            parse_map("hub", text)
    else:
        board = parse_map("hub", text)
        assert type(compile_map(board)).__module__ == module
        assert type(compile_map(board, large=True)).__module__ == "engine._core_large"


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "mine.map"
    path.write_text("MAP theirs\nUNPLAYED NORTH-LAND\n")
    (tmp_path / "theirs.map").write_text(SMALL)
    assert load_map(str(path)).powers == ("SOUTH_LAND",)
    assert load_map(str(path)).name == str(path)
    (tmp_path / "none_left.map").write_text("UNPLAYED ALL\n")
    (tmp_path / "odd.map").write_text("FRANCE PAR\nMAP none_left\nHOMES BRE\n")
    with pytest.raises(UnknownMapError, match="line 3: expected the name of a power before this line"):
        load_map(str(tmp_path / "odd.map"))
    for number in range(30):
        (tmp_path / f"m{number}.map").write_text(f"MAP m{number + 1}\n")
    with pytest.raises(UnknownMapError, match="map 'm9', line 1: expected at most 10 maps one upon another, got 'm10'"):
        load_map(str(tmp_path / "m0.map"))
    (tmp_path / "self.map").write_text("MAP self\n")
    with pytest.raises(UnknownMapError, match="a map cannot include itself"):
        load_map(str(tmp_path / "self.map"))
    (tmp_path / "binary.map").write_bytes(b"\xff\xfe\0")
    with pytest.raises(UnknownMapError, match="is no text in UTF-8"):
        load_map(str(tmp_path / "binary.map"))
    (tmp_path / "long.map").write_bytes(b"#" * 1_000_001)
    with pytest.raises(UnknownMapError, match="is longer than 1000000 bytes"):
        load_map(str(tmp_path / "long.map"))
    for name in ("none.map", "folder.map", "nul\0.map"):
        if name.startswith("folder"):
            (tmp_path / name).mkdir()
        with pytest.raises(UnknownMapError, match="cannot read map"):
            load_map(str(tmp_path / name))


def test_core_map_has_the_same_numbering() -> None:
    data: MapData = MAP
    board = core_map()
    assert board.locations == list(data.locations)
    assert board.provinces == list(data.provinces)
    assert board.centers == list(data.centers)
    assert board.powers == [power.value for power in POWERS]
