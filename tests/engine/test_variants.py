"""The maps that the package ships: as the package has them, and playable here; and their powers."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import Board, Game, IllegalOrderError, Power, game_from_json, order_code, order_from_code, parse_order
from engine.drawing import RenderError
from engine.mapfile import Terrain, UnknownMapError, available_maps, core_map, load_map
from engine.render import render_svg
from engine.types import PhaseKind, Province, Unit, UnitKind, UnknownPowerError

MAPS = (
    "ancmed",
    "ancmed_age_of_empires",
    "colonial",
    "empire",
    "known_world_901",
    "modern",
    "pure",
    "standard",
    "standard_age_of_empires",
    "standard_age_of_empires_2",
    "standard_fleet_rome",
    "standard_france_austria",
    "standard_germany_italy",
    "world",
)
LARGE = frozenset({"colonial", "empire", "known_world_901", "modern", "world"})
"""Boards that only `engine._core_large` has room for."""


def test_every_shipped_map_is_tested() -> None:
    assert available_maps() == MAPS


@pytest.fixture(scope="module")
def packaged() -> Callable[[str], Any]:
    """The package's map of a name, without the convoys that it takes minutes to work out."""
    from diplomacy.engine.map import MAP_CACHE, Map

    return lambda name: Map(name, use_cache=name in MAP_CACHE)


@pytest.mark.parametrize("name", MAPS)
def test_boards_are_those_of_the_package(name: str, packaged: Callable[[str], Any]) -> None:
    ours, theirs = load_map(name), packaged(name)
    open_places = sorted(place.upper() for place in theirs.locs if theirs.area_type(place) != "SHUT")
    assert list(ours.locations) == open_places
    assert list(ours.provinces) == sorted({place[:3] for place in open_places})
    words = {"WATER": "SEA"}
    assert {p: str(ours.terrain[p]) for p in ours.provinces} == {
        p: words.get(theirs.area_type(p), theirs.area_type(p)) for p in ours.provinces
    }
    assert list(ours.powers) == theirs.powers
    assert list(ours.dummies) == theirs.dummies
    assert list(ours.rules) == theirs.rules
    assert list(ours.centers) == sorted(theirs.scs)
    assert f"SPRING {ours.first_year} MOVEMENT" == theirs.phase
    assert ours.victory_centers == len(theirs.scs) // 2 + 1
    for power in ours.powers:
        assert list(ours.homes[power]) == sorted(theirs.homes[power])
        assert list(ours.starting_centers[power]) == sorted(theirs.centers[power])
        assert [str(unit) for unit in ours.starting_units[power]] == sorted(theirs.units[power])
    names = {place: name for name, place in theirs.loc_name.items()}
    assert {place: full.upper() for place, full in ours.full_names.items()} == {p: names[p] for p in ours.locations}
    for kind, moves in (("A", ours.army_moves), ("F", ours.fleet_moves)):
        mine = {(here, there) for here, goals in moves.items() for there in goals}
        assert mine == {(a, b) for a in open_places for b in open_places if theirs.abuts(kind, a, "-", b)}


def has_room(name: str) -> bool:
    """Whether a compiled module that is installed has room for the board; if not, a clear word says so."""
    if name not in LARGE or find_spec("engine._core_large") is not None:
        return True
    with pytest.raises(UnknownMapError, match="needs the compiled rules for large boards"):
        core_map(name)
    return False


def random_game(name: str, seed: int, years: int) -> Game:
    """A game of random legal orders, with a message in every movement phase."""
    rng = np.random.default_rng(seed)
    game = Game(name, game_id=f"{name}-{seed}")
    speaker, listener = game.powers[:2]
    while game.phase.year < game.map_data.first_year + years and not game.is_done:
        if game.phase.kind is PhaseKind.MOVEMENT:
            game.say(speaker, listener, f"{game.phase} on {name}")
        for power in game.powers:
            orders = [options[rng.integers(len(options))] for options in game.legal_orders(power).values()]
            if game.phase.kind is PhaseKind.ADJUSTMENTS:
                orders = orders[: abs(game.build_count(power))]
            game.set_orders(power, orders)
        game.process()
    return game


@pytest.mark.parametrize("name", MAPS)
def test_games_are_played_and_read_again(name: str) -> None:
    if not has_room(name):
        return
    game = random_game(name, seed=1, years=3)
    assert len(game.history) >= 6 or game.is_done
    for record in game.history:
        board = record.board
        assert board.map_data is game.map_data
        standing = [unit.province for _, unit in board.all_units()]
        assert len(standing) == len(set(standing))
        assert set(board.alive) <= set(game.powers) == set(record.orders)
        assert sum(board.scores().values()) == pytest.approx(1)
    saved = json.loads(json.dumps(game.to_saved_game()))
    assert saved["map"] == name
    again = game_from_json(saved)
    assert again.to_saved_game() == saved
    assert again.position == game.position
    assert [m.text for r in again.history for m in r.messages] == [m.text for r in game.history for m in r.messages]
    # Replayed from the start by its orders alone, it is the same game.
    replay = Game(name, game.game_id)
    for record in game.history:
        for power, orders in record.orders.items():
            if power not in game.map_data.dummies:
                replay.set_orders(power, orders)
        assert replay.process().results == record.results
    assert replay.position == game.position


WITH_CONVOYS = (
    "ancmed",
    "ancmed_age_of_empires",
    "modern",
    "pure",
    "standard_age_of_empires",
    "standard_fleet_rome",
    "standard_france_austria",
)
"""Variants whose convoys the package ships worked out; for the others it takes minutes."""


def _ships_in_port(game: Game) -> bool:
    """Whether a fleet could convoy from a port, which the package knows only as the first link of a convoy."""
    ports = {p for p, kind in game.map_data.terrain.items() if kind is Terrain.PORT}
    return any(unit.province in ports and unit.kind is UnitKind.FLEET for _, unit in game.all_units())


@pytest.mark.parametrize("name", WITH_CONVOYS)
def test_the_package_plays_the_same_game(name: str) -> None:
    """In every phase of a random game: the same units, centres and legal orders."""
    if not has_room(name):
        return
    from diplomacy import Game as PackageGame

    rng, game, theirs = np.random.default_rng(0), Game(name), PackageGame(map_name=name)
    for _ in range(20):
        assert theirs.get_current_phase() == str(game.phase)
        assert theirs.win == game.map_data.victory_centers
        possible = theirs.get_all_possible_orders()
        for power in game.powers:
            units = [*map(str, game.units(power)), *(f"*{unit}" for unit in game.dislodged(power))]
            assert sorted(theirs.get_units(power)) == sorted(units)
            assert sorted(theirs.get_centers(power)) == list(game.centers(power))
            for place, options in game.legal_orders(power).items():
                mine = {str(order) for order in options}
                ordered = {order[:5] for order in mine}  # the units, so that none of another power counts
                others = {o for at in possible if at[:3] == place for o in possible[at] if o[:5] in ordered}
                more = {o for o in mine - others if " C " not in o and "VIA" not in o} if _ships_in_port(game) else mine
                assert more - {"WAIVE"} <= others - {"WAIVE"} <= mine, (str(game.phase), place)
            orders = [options[rng.integers(len(options))] for options in game.legal_orders(power).values()]
            if game.phase.kind is PhaseKind.ADJUSTMENTS:
                orders = orders[: abs(game.build_count(power))]
            game.set_orders(power, orders)
            theirs.set_orders(power, [str(order) for order in orders])
        game.process()
        theirs.process()
        if game.is_done:
            assert theirs.is_game_done
            break


@pytest.mark.parametrize("name", [name for name in MAPS if name not in LARGE])
def test_first_phases(name: str) -> None:
    game, data = Game(name), load_map(name)
    assert str(game.phase) == f"S{data.first_year:04d}M"
    for power in data.powers:
        assert set(game.units(power)) == set(data.starting_units[power])
        assert set(game.legal_orders(power)) == {unit.province for unit in data.starting_units[power]}
        assert game.centers(power) == data.starting_centers[power]
        assert game.view(power).powers == data.powers


def test_a_power_of_another_map_is_refused() -> None:
    game, rome = Game("standard_france_austria"), Power.declare("ROME")
    for power in (Power.ENGLAND, rome):
        for ask in (game.units, game.centers, game.dislodged, game.legal_orders, lambda p: game.set_orders(p, [])):
            with pytest.raises(UnknownPowerError, match=rf"{power}.*AUSTRIA, FRANCE \(map 'standard_france_austria'\)"):
                ask(power)
    saved = game.to_saved_game()
    saved["phases"][0]["state"]["units"]["ENGLAND"] = ["F LON"]
    with pytest.raises(ValueError, match="unknown power 'ENGLAND': expected one of AUSTRIA, FRANCE"):
        game_from_json(saved)


def test_maps_share_no_orders() -> None:
    """The same words are different numbers on different maps; caches keep them apart."""
    order = parse_order("A ROM H")
    for name in ("standard", "ancmed", "pure"):
        assert order_from_code(order_code(order, name), name) == order
        assert core_map(name).order_text(order_code(order, name)) == "A ROM H"
    rome = Power.declare("ROME")
    assert Game("ancmed").is_legal(rome, order)
    assert not Game("pure").is_legal(Power.ITALY, parse_order("A NEA H"))
    assert core_map() is core_map("standard")


def adjustments(name: str, centers: dict[str, list[str]]) -> Board:
    return Board(core_map(name).position("W1901A", {"FRANCE": ["A PAR"]}, centers))


def test_where_the_map_lets_powers_build() -> None:
    centers = {"FRANCE": ["PAR", "BRE", "BEL"]}
    home = adjustments("standard_fleet_rome", centers)
    assert set(home.legal_orders(Power.FRANCE)) == {"BRE"}
    anywhere = adjustments("standard_age_of_empires", centers)
    assert set(anywhere.legal_orders(Power.FRANCE)) == {"BEL", "BRE"}
    assert anywhere.build_count(Power.FRANCE) == 2
    # A centre of another power, or with a unit on it, is no place to build.
    taken = Board(
        core_map("standard_age_of_empires").position(
            "W1901A", {"FRANCE": ["A PAR", "A BEL"], "ITALY": ["A BRE"]}, {**centers, "ITALY": ["ROM", "LON"]}
        )
    )
    assert set(taken.legal_orders(Power.FRANCE)) == set()


def test_centres_that_win() -> None:
    """More than half: 4 of 7 on the smallest board."""
    assert load_map("pure").victory_centers == 4
    units = {"FRANCE": ["A BER", "A LON", "A PAR", "A ROM"], "RUSSIA": ["A MOS"]}
    start = core_map("pure").position("F1901M", units, {"FRANCE": ["PAR"], "RUSSIA": ["MOS"]})
    game = Game("pure", position=start)
    game.process()
    assert game.is_done
    assert game.winner is Power.FRANCE
    few = {"FRANCE": units["FRANCE"][:3], "RUSSIA": ["A MOS"]}
    game = Game("pure", position=core_map("pure").position("F1901M", few, {"FRANCE": ["PAR"], "RUSSIA": ["MOS"]}))
    game.process()
    assert not game.is_done


def test_nobody_plays_a_dummy() -> None:
    if not has_room("known_world_901"):
        return
    game = Game("known_world_901")
    (dummy,) = game.map_data.dummies
    assert len(game.units(dummy)) == 49
    assert not game.legal_orders(dummy)
    assert game.scores()[dummy] == 0
    with pytest.raises(IllegalOrderError, match="nobody plays NEUTRALSTATE"):
        game.set_orders(dummy, [parse_order("A ARM H")])
    before = game.units(dummy)
    game.process()
    assert game.units(dummy) == before


def test_a_fleet_in_a_port_convoys() -> None:
    """Armies walk into the Balearics, and its fleet carries armies like one at sea, in both directions.

    The package knows such a convoy only as the first link: from Saguntum to Rome, but not back.
    """
    assert load_map("ancmed").terrain[Province("BAL")] is Terrain.PORT
    for unit, convoy in (("A ROM", "F BAL C A ROM - SAG"), ("A SAG", "F BAL C A SAG - ROM")):
        units = {"ROME": ["F BAL", "F LIG", unit]}
        game = Game("ancmed", position=core_map("ancmed").position("S0001M", units, {}))
        rome = game.map_data.power("ROME")
        orders = [parse_order(text) for text in (convoy, convoy.replace("BAL", "LIG"), f"{convoy[8:]} VIA")]
        game.set_orders(rome, orders)
        assert not any(game.process().results.values())
        assert game.unit_at(Province(convoy[-3:])) == (rome, Unit.parse(f"A {convoy[-3:]}"))


def test_pictures_of_variants() -> None:
    for name in ("standard_fleet_rome", "standard_france_austria", "standard_age_of_empires"):
        game = Game(name)
        picture = render_svg(game)
        assert all(f'data-unit="{unit}"' in picture for _, unit in game.all_units())
        assert render_svg(game.to_saved_game()["phases"][0]["state"]) == picture
    for name in ("pure", "ancmed"):
        with pytest.raises(RenderError, match=f"no picture of the map '{name}': expected 'standard' or a map with its"):
            render_svg(Game(name))


def test_a_map_of_the_users_own(tmp_path: Path) -> None:
    """Two new powers on the standard board, from a file: played, saved, read again, drawn."""
    path = tmp_path / "duel.map"
    path.write_text("MAP standard\nUNPLAYED ALL\nROME (ROMAN) ROM NAP\nA ROM\nGAUL (GALLIC:G) PAR MAR\nA PAR\nF MAR\n")
    game = random_game(str(path), seed=3, years=2)
    assert game.powers == ("GAUL", "ROME")
    assert len(game.map_data.centers) == 34
    saved = json.loads(json.dumps(game.to_saved_game()))
    assert game_from_json(saved).to_saved_game() == saved
    assert ">RO</text>" in render_svg(game)
