"""The maps that the package ships: as the package has them, and playable here; and their powers."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import Board, Game, IllegalOrderError, Power, game_from_json, parse_order
from engine.mapfile import MapData, UnknownMapError, available_maps, core_map, load_map, parse_map
from engine.types import POWERS, Location, NotationError, PhaseKind, Province, UnknownPowerError, province_of

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
