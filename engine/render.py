"""A board as a picture: units, owners, and the orders as arrows, in one SVG text.

    +-- board, state dictionary --> Scene (who stands where, who owns what)
    +-- orders and results -------> Marks (every arrow worked out as a path)
    `-- engine/geometry ----------> the map: our own drawing of the standard board

`render_svg` puts them together; pages that show many phases draw the map once (`map_layer`) and place
scenes and marks themselves.  The picture follows the reader's light or dark setting.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any, Protocol, TypeAlias
from xml.sax.saxutils import escape, quoteattr

from engine.mapfile import load_map
from engine.notation import parse_order
from engine.types import (
    POWERS,
    EngineError,
    Location,
    Order,
    OrderKind,
    OrderResult,
    Phase,
    Power,
    Province,
    Unit,
    UnitKind,
    province_of,
)

XY: TypeAlias = tuple[float, float]

TOKEN_RADIUS = 11.0
DISLODGED_SHIFT: XY = (13.0, -12.0)
SHORT_NAMES: Mapping[Power, str] = {p: p[:2] for p in POWERS}
"""What a unit's token says, so that colour is never the only sign."""


class RenderError(EngineError, ValueError):
    """A board, order or map of which no picture can be made."""


class BoardLike(Protocol):
    """What a picture needs of a position; `engine.board.Board`, `Game` and `GameView` have it."""

    @property
    def phase(self) -> Phase:
        """The phase at hand."""

    def units(self, power: Power) -> Sequence[Unit]:
        """The power's units, the dislodged ones left out."""

    def dislodged(self, power: Power) -> Mapping[Unit, Sequence[Location]]:
        """The power's dislodged units."""

    def centers(self, power: Power) -> Sequence[Province]:
        """The supply centres the power owns."""


# --- geometry ----------------------------------------------------------------------------------------------


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
    """The drawing of the map.

    Raises:
        RenderError: there is no drawing of this map.
    """
    if map_name != "standard":
        raise RenderError(f"no picture of the map {map_name!r}: expected 'standard'")
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
    data = [f"M{_number(pen[0])} {_number(pen[1])}"]

    def relative(command: str, *stops: XY) -> XY:
        data.append(command + " ".join(f"{_number(x - pen[0])} {_number(y - pen[1])}" for x, y in stops))
        return (pen[0] + round(stops[-1][0] - pen[0], 1), pen[1] + round(stops[-1][1] - pen[1], 1))

    for arc in arcs:
        for before, corner, after in zip(arc, arc[1:], arc[2:], strict=False):
            into, out = math.dist(before, corner), math.dist(corner, after)
            cut = min(radius, into / 2, out / 2)
            pen = relative("l", _towards(corner, before, cut))
            pen = relative("q", corner, _towards(corner, after, cut))
        pen = relative("l", arc[-1])
    return "".join(data)


def _towards(start: XY, end: XY, length: float) -> XY:
    far = math.dist(start, end) or 1.0
    return (start[0] + (end[0] - start[0]) * length / far, start[1] + (end[1] - start[1]) * length / far)


def _number(value: float) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _asset(name: str) -> str:
    return resources.files("engine").joinpath("geometry", name).read_text(encoding="utf-8")


# --- scenes ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Token:
    """One unit on the board."""

    power: Power
    unit: Unit
    is_dislodged: bool = False


@dataclass(frozen=True)
class Scene:
    """Who stands where and who owns what, of whatever board it was taken."""

    phase: str
    tokens: tuple[Token, ...]
    owners: Mapping[Province, Power]


Picturable: TypeAlias = BoardLike | Mapping[str, Any]
"""A board, or a state dictionary as in the ``diplomacy`` package's saved games: units, centers, retreats."""


def scene_of(board: Picturable) -> Scene:
    """What a picture shows of a board or of a state dictionary.

    Raises:
        RenderError: the dictionary is no state.
        NotationError: it holds a power or unit that does not exist.
    """
    if isinstance(board, Mapping):
        return _scene_of_state(board)
    standing = [Token(p, u) for p in POWERS for u in board.units(p)]
    beaten = [Token(p, u, is_dislodged=True) for p in POWERS for u in board.dislodged(p)]
    owners = {c: p for p in POWERS for c in board.centers(p)}
    return Scene(str(board.phase), (*standing, *beaten), owners)


def _scene_of_state(state: Mapping[str, Any]) -> Scene:
    tokens: dict[tuple[Power, Unit, bool], Token] = {}
    try:
        units = {Power.parse(p): [str(u) for u in its] for p, its in state["units"].items()}
        retreats = {Power.parse(p): list(its or ()) for p, its in (state.get("retreats") or {}).items()}
        owners = {Province(c): Power.parse(p) for p, its in state["centers"].items() for c in its}
    except (KeyError, AttributeError, TypeError) as error:
        problem = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise RenderError(f"not a state of a game ({problem}): expected a mapping with units and centers") from None
    for power in POWERS:
        beaten = [*retreats.get(power, ()), *(u for u in units.get(power, ()) if u.startswith("*"))]
        for text in units.get(power, ()):
            if not text.startswith("*"):
                tokens[power, Unit.parse(text), False] = Token(power, Unit.parse(text))
        for text in beaten:
            tokens[power, Unit.parse(text), True] = Token(power, Unit.parse(text), is_dislodged=True)
    return Scene(str(state.get("name", "")), tuple(tokens.values()), owners)


# --- orders ------------------------------------------------------------------------------------------------


class MarkKind(StrEnum):
    """How an order is drawn."""

    MOVE = "move"
    SUPPORT = "support"
    CONVOY = "convoy"
    HOLD = "hold"
    RETREAT = "retreat"
    BUILD = "build"
    DISBAND = "disband"


@dataclass(frozen=True)
class Mark:
    """One order as it is drawn."""

    kind: MarkKind
    power: Power
    text: str
    """The order and what became of it, in words."""
    line: str = ""
    """Path data of the line."""
    head: str = ""
    """Path data of the arrow head."""
    cross: XY | None = None
    """Where the sign of failure stands."""
    is_failed: bool = False
    token: Unit | None = None
    """The unit to be built."""


Orders: TypeAlias = Mapping[Power, Sequence[Order]] | Mapping[Power, Sequence[str]] | Mapping[str, Sequence[str]]
Results: TypeAlias = Mapping[Unit, Sequence[OrderResult]] | Mapping[str, Sequence[str]]

_FAILURES = frozenset(OrderResult) - {OrderResult.DISLODGED}


def has_failed(order: Order, results: Sequence[OrderResult]) -> bool:
    """Whether the order did not do what it was meant to do.

    >>> has_failed(parse_order("A PAR - BUR"), [OrderResult.BOUNCE])
    True
    """
    if order.kind is OrderKind.DISBAND:
        return OrderResult.VOID in results
    return any(r in _FAILURES for r in results) or (
        order.kind in (OrderKind.SUPPORT, OrderKind.CONVOY, OrderKind.HOLD) and OrderResult.DISLODGED in results
    )


def order_marks(orders: Orders, results: Results | None = None, geometry: Geometry | None = None) -> tuple[Mark, ...]:
    """How the orders of one phase are drawn: the lines first, signs on units last.

    Args:
        orders: every power's orders, typed or as text.
        results: what became of each unit's order; None: not known yet.
        geometry: the drawing; None: the standard map.

    Raises:
        NotationError, RenderError: an order that cannot be read, or that names a place not on the map.
    """
    drawing = load_geometry() if geometry is None else geometry
    outcome = {str(unit): _results(given) for unit, given in (results or {}).items()}
    marks = []
    for name, given in orders.items():
        power = Power.parse(name)
        for order in given:
            typed = parse_order(order) if isinstance(order, str) else order
            if typed.unit is not None:
                marks.append(_mark(power, typed, outcome.get(str(typed.unit), ()), drawing))
    ranks = list(MarkKind)
    return tuple(sorted(marks, key=lambda mark: (-ranks.index(mark.kind), mark.kind is MarkKind.HOLD)))


def _results(given: Sequence[str]) -> tuple[OrderResult, ...]:
    known = set(OrderResult)
    return tuple(OrderResult(r) for r in given if r in known)


def _mark(power: Power, order: Order, results: Sequence[OrderResult], drawing: Geometry) -> Mark:
    assert order.unit is not None
    here = drawing.place(order.unit.location)
    failed = has_failed(order, results)
    text = f"{power.title()}: {order}" + (f" ({', '.join(results)})" if results else "")
    match order.kind:
        case OrderKind.MOVE | OrderKind.RETREAT:
            assert order.target is not None
            retreat = order.kind is OrderKind.RETREAT
            start = (here[0] + DISLODGED_SHIFT[0], here[1] + DISLODGED_SHIFT[1]) if retreat else here
            line, head, tip = _arrow(start, drawing.place(order.target))
            kind = MarkKind.RETREAT if retreat else MarkKind.MOVE
            return Mark(kind, power, text, line, head, tip if failed else None, failed)
        case OrderKind.SUPPORT | OrderKind.CONVOY:
            assert order.aided is not None
            line, end = _aid(here, order, drawing)
            kind = MarkKind.SUPPORT if order.kind is OrderKind.SUPPORT else MarkKind.CONVOY
            middle = ((here[0] + end[0]) / 2, (here[1] + end[1]) / 2)
            return Mark(kind, power, text, line, _disc(end, 2.6), middle if failed else None, failed)
        case OrderKind.BUILD:
            plus = (here[0] + 13, here[1] - 11)
            sign = f"M{_at((plus[0] - 5, plus[1]))}h10M{_at((plus[0], plus[1] - 5))}v10"
            return Mark(MarkKind.BUILD, power, text, sign, token=order.unit)
        case OrderKind.DISBAND:
            return Mark(MarkKind.DISBAND, power, text, cross=here)
    return Mark(MarkKind.HOLD, power, text, _disc(here, TOKEN_RADIUS + 4.5), is_failed=failed)


def _at(point: XY) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _disc(centre: XY, r: float) -> str:
    size, width = _number(r), _number(2 * r)
    return f"M{_at((centre[0] - r, centre[1]))}a{size} {size} 0 1 0 {width} 0a{size} {size} 0 1 0 -{width} 0z"


@dataclass(frozen=True)
class _Bow:
    """The slightly bent line of a move: opposite moves do not cover each other."""

    start: XY
    bend: XY
    end: XY

    @classmethod
    def between(cls, start: XY, end: XY) -> _Bow:
        dx, dy = end[0] - start[0], end[1] - start[1]
        return cls(start, ((start[0] + end[0]) / 2 - dy * 0.1, (start[1] + end[1]) / 2 + dx * 0.1), end)

    def at(self, t: float) -> XY:
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
        return (
            a * self.start[0] + b * self.bend[0] + c * self.end[0],
            a * self.start[1] + b * self.bend[1] + c * self.end[1],
        )


def _arrow(start: XY, target: XY) -> tuple[str, str, XY]:
    """Line and head of a move between two units' places, and the place of its tip."""
    bow = _Bow.between(start, target)
    tip = _towards(bow.end, bow.bend, TOKEN_RADIUS + 3)
    length = math.dist(start, target)
    tip = tip if length > 45 else _towards(bow.end, bow.bend, TOKEN_RADIUS - 3)
    neck = _towards(tip, bow.bend, 9)
    dx, dy = (tip[0] - neck[0]) / 9, (tip[1] - neck[1]) / 9
    left, right = (neck[0] - dy * 6.5, neck[1] + dx * 6.5), (neck[0] + dy * 6.5, neck[1] - dx * 6.5)
    begin = _towards(start, bow.bend, min(TOKEN_RADIUS, length / 3))
    line = f"M{_at(begin)}Q{_at(bow.bend)} {_at(_towards(tip, bow.bend, 7))}"
    return line, f"M{_at(tip)}L{_at(left)}L{_at(right)}z", tip


def _aid(here: XY, order: Order, drawing: Geometry) -> tuple[str, XY]:
    """Line of a support or convoy and where it ends: on the aided arrow, or at the unit that holds."""
    assert order.aided is not None
    aided = drawing.place(order.aided.location)
    if order.target is None:
        end = _towards(aided, here, TOKEN_RADIUS + 5)
    else:
        end = _Bow.between(aided, drawing.place(order.target)).at(0.55 if order.kind is OrderKind.SUPPORT else 0.5)
    begin = _towards(here, end, min(TOKEN_RADIUS, math.dist(here, end) / 2))
    return f"M{_at(begin)}L{_at(end)}", end


# --- SVG ---------------------------------------------------------------------------------------------------


def style() -> str:
    """The style sheet of every picture; it only touches what is inside ``.board``."""
    return _asset("board.css")


def map_layer(map_name: str = "standard") -> str:
    """The empty board as SVG groups: shapes with ``data-province``, room for tints, borders, names, centres.

    A page fills the empty group ``class="tints"`` and recolours ``circle[data-center]``.
    """
    return _map_layer(map_name, Scene("", (), {}), {})


def _map_layer(map_name: str, scene: Scene, influence: Mapping[Province, Power]) -> str:
    drawing, facts = load_geometry(map_name), load_map(map_name)
    water = [_shape(r, facts.full_names) for r in drawing.regions.values() if r.is_water and r.is_playable]
    lakes = [_shape(r, facts.full_names) for r in drawing.regions.values() if r.is_water and not r.is_playable]
    land = [_shape(r, facts.full_names) for r in drawing.regions.values() if not r.is_water]
    tints = [_tint(drawing, p, power, "hint") for p, power in influence.items() if p not in scene.owners]
    tints += [_tint(drawing, p, power, "") for p, power in scene.owners.items()]
    names, dots = [], []
    for region in drawing.regions.values():
        if region.is_playable:
            is_center = facts.is_supply_center(Province(region.name))
            x, y = region.label
            sea = " on-sea" if region.is_water else ""
            names.append(
                f'<text class="name{sea}" x="{_number(x + 4 * is_center)}" y="{_number(y + 4)}">{region.name}</text>'
            )
            if is_center:
                dots.append(_dot(region, scene.owners.get(Province(region.name))))
    edges = "".join(f'<path class="edge {kind}" d="{drawing.edges[kind]}"/>' for kind in ("ground", "water", "shore"))
    return (
        f'<g class="waters">{"".join(water)}<path class="glow" d="{drawing.edges["shore"]}"/></g>'
        f'<g class="lands">{"".join(land)}{"".join(lakes)}</g><g class="tints">{"".join(tints)}</g>'
        f'<g class="edges">{edges}</g><g class="names">{"".join(dots)}{"".join(names)}</g>'
    )


def _shape(region: Region, full_names: Mapping[Location, str]) -> str:
    kind = ("sea" if region.is_playable else "lake") if region.is_water else ("land" if region.is_playable else "inert")
    if not region.is_playable:
        return f'<path class="{kind}" d="{region.outline}"/>'
    title = escape(full_names.get(Location(region.name), region.name))
    return f'<path class="{kind}" data-province="{region.name}" d="{region.outline}"><title>{title}</title></path>'


def _tint(drawing: Geometry, province: Province, power: Power, extra: str) -> str:
    region = drawing.regions.get(province)
    if region is None or region.is_water:
        return ""
    return f'<path class="{" ".join(filter(None, ("tint", extra, power.value)))}" d="{region.outline}"/>'


def _dot(region: Region, owner: Power | None) -> str:
    x, y = region.label[0] - 15, region.label[1]
    kind = "dot" if owner is None else f"dot owned {owner.value}"
    return f'<circle class="{kind}" data-center="{region.name}" cx="{_number(x)}" cy="{_number(y)}" r="3.6"/>'


ARMY_SHAPE = '<rect x="-10.5" y="-9" width="21" height="18" rx="4.5"/>'
FLEET_SHAPE = '<path d="M-1.5 -4.5V-13.5L7 -4.5M-14 -4.5H14L9.5 8.5Q9 9.5 8 9.5H-8Q-9 9.5 -9.5 8.5Z"/>'


def _token_svg(power: Power, unit: Unit, at: XY, extra: str = "") -> str:
    shape, drop = (ARMY_SHAPE, 3.4) if unit.kind is UnitKind.ARMY else (FLEET_SHAPE, 6)
    alarm = '<circle class="alarm" r="16"/>' if "dislodged" in extra else ""
    word = "army" if unit.kind is UnitKind.ARMY else "fleet"
    title = escape(f"{power.title()}: {word} {unit.location}" + (", dislodged" if alarm else ""))
    return (
        f'<g class="token {word} {power.value}{extra}" data-unit="{unit}" transform="translate({_at(at)})">'
        f"<title>{title}</title>{alarm}{shape}"
        f'<text y="{drop}">{SHORT_NAMES[power]}</text></g>'
    )


def _tokens_svg(scene: Scene, drawing: Geometry) -> str:
    parts = []
    for token in scene.tokens:
        x, y = drawing.place(token.unit.location)
        if token.is_dislodged:
            at = (x + DISLODGED_SHIFT[0], y + DISLODGED_SHIFT[1])
            parts.append(_token_svg(token.power, token.unit, at, " dislodged"))
        else:
            parts.append(_token_svg(token.power, token.unit, (x, y)))
    return "".join(parts)


def _mark_svg(mark: Mark, drawing: Geometry) -> str:
    failed = " failed" if mark.is_failed else ""
    parts = [f'<g class="mark {mark.kind.value}{failed} {mark.power.value}"><title>{escape(mark.text)}</title>']
    if mark.token is not None:
        parts.append(_token_svg(mark.power, mark.token, drawing.place(mark.token.location), " ghost"))
    if mark.line:
        parts.append(f'<path class="casing" d="{mark.line}"/><path class="line" d="{mark.line}"/>')
    if mark.head:
        parts.append(f'<path class="head" d="{mark.head}"/>')
    if mark.cross is not None:
        data = f"M{_at((mark.cross[0] - 5, mark.cross[1] - 5))}l10 10m0 -10l-10 10"
        parts.append(f'<path class="cross-casing" d="{data}"/><path class="cross" d="{data}"/>')
    return "".join(parts) + "</g>"


_ON_UNITS = (MarkKind.BUILD, MarkKind.DISBAND)


def render_svg(
    board: Picturable,
    orders: Orders | None = None,
    results: Results | None = None,
    *,
    title: str | None = None,
    influence: Mapping[Province, Power] | None = None,
    theme: str = "auto",
    map_name: str = "standard",
    width: int | None = None,
) -> str:
    """The board as one SVG text, to be shown in a notebook or a page or written to a file.

    Args:
        board: a `Board`, `Game` or `GameView`, or a state dictionary with ``units``, ``centers`` and ``retreats``.
        orders: orders to draw as arrows.
        results: what became of them; failed orders are dashed and crossed out.
        title: text in the corner; None: the phase; empty: nothing.
        influence: who was last in the provinces without a centre, for a light tint.
        theme: ``light``, ``dark``, or ``auto`` to follow the reader's setting.
        map_name: the map; only the standard one is drawn.
        width: width attribute in pixels; None: as wide as the place it is shown in.

    Raises:
        RenderError: there is no drawing of the map, or the board or theme is none.
        NotationError: a unit, power or order that cannot be read.
    """
    if theme not in ("auto", "light", "dark"):
        raise RenderError(f"unknown theme {theme!r}: expected auto, light or dark")
    drawing, scene = load_geometry(map_name), scene_of(board)
    marks = order_marks(orders or {}, results, drawing)
    below = "".join(_mark_svg(m, drawing) for m in marks if m.kind not in _ON_UNITS)
    above = "".join(_mark_svg(m, drawing) for m in marks if m.kind in _ON_UNITS)
    caption = scene.phase if title is None else title
    label = quoteattr(f"Diplomacy board, {caption}" if caption else "Diplomacy board")
    size = "" if width is None else f' width="{width}" height="{round(width * drawing.height / drawing.width)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="board{"" if theme == "auto" else " " + theme}" '
        f'viewBox="0 0 {drawing.width} {drawing.height}"{size} role="img" aria-label={label}>'
        f"<style>{style()}</style>{_map_layer(map_name, scene, influence or {})}"
        f'<g class="marks">{below}</g><g class="tokens">{_tokens_svg(scene, drawing)}</g><g class="marks">{above}</g>'
        + (f'<text class="title" x="24" y="40">{escape(caption)}</text>' if caption else "")
        + "</svg>"
    )


def influence_over(scenes: Iterable[Scene]) -> list[dict[Province, Power]]:
    """For each scene of a game in order, who was last in or owned each province."""
    last: dict[Province, Power] = {}
    out = []
    for scene in scenes:
        last.update(scene.owners)
        last.update({t.unit.province: t.power for t in scene.tokens if not t.is_dislodged})
        out.append(dict(last))
    return out


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the picture of one phase of a saved game: ``python -m engine.render GAME.json F1902M > board.svg``."""
    from engine.game import load_game

    given = sys.argv[1:] if arguments is None else list(arguments)
    if len(given) not in (2, 3):
        print("expected GAME PHASE [GAME-ID], such as game.json F1902M", file=sys.stderr)
        return 2
    try:
        game, phase = load_game(given[0], *given[2:]), Phase.parse(given[1])
        board = game.at_phase(phase)
        record = next((r for r in game.history if r.phase == phase), None)
        scenes = [scene_of(r.board) for r in board.history] + [scene_of(board)]
        orders, results = (record.orders, record.results) if record else ({}, {})
        print(render_svg(board, orders, results, influence=influence_over(scenes)[-1]))
    except EngineError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
