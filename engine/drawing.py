"""The drawing of a map: where each province lies, its outline, and where units stand on it.

``geometry/standard.json`` is our own drawing of the standard board, made by ``docs/map/draw_standard.py``: every border
once, as an arc of points in tenths of a pixel, and for every region the rings of arcs around it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, TypeAlias

from engine.mapfile import UnknownMapError, load_map
from engine.types import EngineError, Location, Province, province_of

XY: TypeAlias = tuple[float, float]


class RenderError(EngineError, ValueError):
    """A board, order or map of which no picture can be made."""


@dataclass(frozen=True)
class Region:
    """One province of the drawing, or a stretch of land or water where nobody plays."""

    name: str
    is_water: bool
    is_playable: bool
    outline: str
    """The filled shape, as SVG path data."""
    unit: XY
    label: XY
    coasts: Mapping[str, XY]
    """Where a fleet stands that has to say on which coast: ``SC`` -> place."""


@dataclass(frozen=True)
class Geometry:
    """The drawing of one map; lengths in the units of its view box."""

    width: int
    height: int
    regions: Mapping[str, Region]
    edges: Mapping[str, str]
    """Borders as path data: ``water`` (sea to sea), ``ground`` (land to land), ``shore``."""
    touching: frozenset[frozenset[str]]
    """Pairs of regions with a common border."""

    def place(self, location: Location | Province) -> XY:
        """Where a unit in this location is drawn.

        Raises:
            RenderError: the map has no such location.
        """
        region = self.regions.get(province_of(location))
        if region is None or not region.is_playable:
            raise RenderError(f"no place on the picture for {location!r}: expected a province of the standard map")
        return region.coasts.get(location[4:], region.unit)


@lru_cache
def load_geometry(map_name: str = "standard") -> Geometry:
    """The drawing of the map: one drawing for all maps with the places of the standard one.

    Raises:
        RenderError: there is no drawing of this map, or no such map.
    """
    if map_name != "standard":
        try:
            data, standard = load_map(map_name), load_map()
        except UnknownMapError as error:
            raise RenderError(f"no picture: {error}") from None
        if (data.locations, data.terrain) != (standard.locations, standard.terrain):
            raise RenderError(f"no picture of the map {map_name!r}: expected 'standard' or a map with its places")
        return load_geometry("standard")
    raw = json.loads(_asset("standard.json"))
    arcs = [_points(arc["points"]) for arc in raw["arcs"]]
    water = {name: bool(entry["water"]) for name, entry in raw["regions"].items()}
    edges: dict[str, list[str]] = {"water": [], "ground": [], "shore": []}
    touching = set()
    for arc, points in zip(raw["arcs"], arcs, strict=True):
        sides = arc["between"]
        if len(sides) == 2:
            kinds = {water[side] for side in sides}
            edges["shore" if len(kinds) == 2 else "water" if kinds == {True} else "ground"].append(_path([points]))
            touching.add(frozenset(sides))
    regions = {name: _region(name, entry, arcs) for name, entry in raw["regions"].items()}
    width, height = raw["size"]
    return Geometry(width, height, regions, {k: "".join(v) for k, v in edges.items()}, frozenset(touching))


def _region(name: str, entry: Mapping[str, Any], arcs: Sequence[Sequence[XY]]) -> Region:
    rings = [[arcs[i] if i >= 0 else arcs[~i][::-1] for i in ring] for ring in entry["rings"]]
    unit, label = entry.get("unit", (0, 0)), entry.get("label", (0, 0))
    return Region(
        name=name,
        is_water=bool(entry["water"]),
        is_playable=bool(entry["playable"]),
        outline="".join(_path(ring) + "z" for ring in rings),
        unit=(unit[0], unit[1]),
        label=(label[0], label[1]),
        coasts={coast: (x, y) for coast, (x, y) in entry.get("coasts", {}).items()},
    )


def _points(tenths: Sequence[int]) -> list[XY]:
    return [(x / 10, y / 10) for x, y in zip(tenths[::2], tenths[1::2], strict=True)]


def _path(arcs: Sequence[Sequence[XY]], radius: float = 5.0) -> str:
    """Path data through the arcs one after another, corners within an arc rounded.

    An arc gives the same curve in both directions, so that neighbours share it exactly.
    """
    pen = arcs[0][0]
    data = [f"M{number(pen[0])} {number(pen[1])}"]

    def relative(command: str, *stops: XY) -> XY:
        moved = [number(v) for x, y in stops for v in (x - pen[0], y - pen[1])]
        if any(v != "0" for v in moved):
            data.append(command + " ".join(moved).replace(" -", "-"))
        return (pen[0] + round(stops[-1][0] - pen[0], 1), pen[1] + round(stops[-1][1] - pen[1], 1))

    for arc in arcs:
        for before, corner, after in zip(arc, arc[1:], arc[2:], strict=False):
            into, out = math.dist(before, corner), math.dist(corner, after)
            cut = min(radius, into / 2, out / 2)
            pen = relative("l", towards(corner, before, cut))
            pen = relative("q", corner, towards(corner, after, cut))
        pen = relative("l", arc[-1])
    return "".join(data)


def towards(start: XY, end: XY, length: float) -> XY:
    """The point this far from the start on the way to the end."""
    far = math.dist(start, end) or 1.0
    return (start[0] + (end[0] - start[0]) * length / far, start[1] + (end[1] - start[1]) * length / far)


def number(value: float) -> str:
    """The number with one digit after the point, as short as path data allows."""
    text = f"{value:.1f}".removesuffix(".0").replace("0.", ".") if abs(value) < 1 else f"{value:.1f}".removesuffix(".0")
    return "0" if text in ("-0", "") else text


def style() -> str:
    """The style sheet of every picture; it only touches what is inside ``.board``."""
    return _asset("board.css")


def _asset(name: str) -> str:
    return resources.files("engine").joinpath("geometry", name).read_text(encoding="utf-8")
