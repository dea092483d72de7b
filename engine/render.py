"""A board as a picture: units, owners, and the orders as arrows, in one SVG text.

    +-- board, state dictionary --> Scene (who stands where, who owns what)
    +-- orders and results -------> engine.marks (every arrow worked out as a path)
    `-- engine.drawing ----------> the map: our own drawing of the standard board

`render_svg` puts them together; pages that show many phases draw the map once (`map_layer`) and place
scenes and marks themselves.  The picture follows the reader's light or dark setting.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias
from xml.sax.saxutils import escape, quoteattr

from engine.drawing import XY, Geometry, Region, RenderError, load_geometry, number, style
from engine.mapfile import MapData, load_map
from engine.marks import DISLODGED_SHIFT, Mark, MarkKind, Orders, Results, order_marks, path_at
from engine.types import POWERS, EngineError, Location, Phase, Power, Province, Unit, UnitKind

SHORT_NAMES: Mapping[Power, str] = {p: p[:2] for p in POWERS}
"""What a unit's token says, so that colour is never the only sign."""


class BoardLike(Protocol):
    """What a picture needs of a position; `engine.board.Board`, `Game` and `GameView` have it."""

    @property
    def map_data(self) -> MapData:
        """The map it is a position of."""

    @property
    def phase(self) -> Phase:
        """The phase at hand."""

    def units(self, power: Power) -> Sequence[Unit]:
        """The power's units, the dislodged ones left out."""

    def dislodged(self, power: Power) -> Mapping[Unit, Sequence[Location]]:
        """The power's dislodged units."""

    def centers(self, power: Power) -> Sequence[Province]:
        """The supply centres the power owns."""


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
    powers = board.map_data.powers
    standing = [Token(p, u) for p in powers for u in board.units(p)]
    beaten = [Token(p, u, is_dislodged=True) for p in powers for u in board.dislodged(p)]
    owners = {c: p for p in powers for c in board.centers(p)}
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
    for power in dict.fromkeys((*POWERS, *units, *retreats)):
        beaten = [*retreats.get(power, ()), *(u for u in units.get(power, ()) if u.startswith("*"))]
        for text in units.get(power, ()):
            if not text.startswith("*"):
                tokens[power, Unit.parse(text), False] = Token(power, Unit.parse(text))
        for text in beaten:
            tokens[power, Unit.parse(text), True] = Token(power, Unit.parse(text), is_dislodged=True)
    return Scene(str(state.get("name", "")), tuple(tokens.values()), owners)


def _map_name(board: Picturable) -> str:
    return str(board.get("map", "standard")) if isinstance(board, Mapping) else board.map_data.name


# --- SVG ---------------------------------------------------------------------------------------------------


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
                f'<text class="name{sea}" x="{number(x + 5 * is_center)}" y="{number(y + 4)}">{region.name}</text>'
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
    if not region.is_playable:
        return f'<path class="{_kind(region)}" d="{region.outline}"/>'
    title = escape(full_names.get(Location(region.name), region.name))
    shape = f'class="{_kind(region)}" data-province="{region.name}" d="{region.outline}"'
    return f"<path {shape}><title>{title}</title></path>"


def _kind(region: Region) -> str:
    if region.is_water:
        return "sea" if region.is_playable else "lake"
    return "land" if region.is_playable else "inert"


def _tint(drawing: Geometry, province: Province, power: Power, extra: str) -> str:
    region = drawing.regions.get(province)
    if region is None or region.is_water:
        return ""
    return f'<path class="{" ".join(filter(None, ("tint", extra, power.value)))}" d="{region.outline}"/>'


def _dot(region: Region, owner: Power | None) -> str:
    x, y = region.label[0] - 16, region.label[1]
    kind = "dot" if owner is None else f"dot owned {owner.value}"
    return f'<circle class="{kind}" data-center="{region.name}" cx="{number(x)}" cy="{number(y)}" r="3.6"/>'


ARMY_SHAPE = '<rect x="-10.5" y="-9" width="21" height="18" rx="4.5"/>'
FLEET_SHAPE = '<path d="M-1.5 -4.5V-13.5L7 -4.5M-14 -4.5H14L9.5 8.5Q9 9.5 8 9.5H-8Q-9 9.5 -9.5 8.5Z"/>'


def _token_svg(power: Power, unit: Unit, at: XY, extra: str = "") -> str:
    shape, drop = (ARMY_SHAPE, 3.4) if unit.kind is UnitKind.ARMY else (FLEET_SHAPE, 6)
    alarm = '<circle class="alarm" r="16"/>' if "dislodged" in extra else ""
    word = "army" if unit.kind is UnitKind.ARMY else "fleet"
    title = escape(f"{power.title()}: {word} {unit.location}" + (", dislodged" if alarm else ""))
    return (
        f'<g class="token {word} {power.value}{extra}" data-unit="{unit}" transform="translate({path_at(at)})">'
        f"<title>{title}</title>{alarm}{shape}"
        f'<text y="{drop}">{SHORT_NAMES.get(power, power[:2])}</text></g>'
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
        data = f"M{path_at((mark.cross[0] - 5, mark.cross[1] - 5))}l10 10m0 -10l-10 10"
        parts.append(f'<path class="cross-casing" d="{data}"/><path class="cross" d="{data}"/>')
    return "".join(parts) + "</g>"


_ON_UNITS = (MarkKind.BUILD, MarkKind.DISBAND, MarkKind.BEATEN)


def render_svg(
    board: Picturable,
    orders: Orders | None = None,
    results: Results | None = None,
    *,
    title: str | None = None,
    influence: Mapping[Province, Power] | None = None,
    theme: str = "auto",
    map_name: str | None = None,
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
        map_name: the map; None: that of the board.  Maps with the places of the standard one are drawn.
        width: width attribute in pixels; None: as wide as the place it is shown in.

    Raises:
        RenderError: there is no drawing of the map, or the board or theme is none.
        NotationError: a unit, power or order that cannot be read.
    """
    if theme not in ("auto", "light", "dark"):
        raise RenderError(f"unknown theme {theme!r}: expected auto, light or dark")
    map_name = _map_name(board) if map_name is None else map_name
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


def shape_definitions(map_name: str = "standard") -> str:
    """The shapes of a map's places, to stand once in a page that shows many boards small: see `render_small`.

    Raises:
        RenderError: there is no drawing of the map.
    """
    shapes = "".join(f'<path id="place-{r.name}" d="{r.outline}"/>' for r in load_geometry(map_name).regions.values())
    return f'<svg width="0" height="0" aria-hidden="true"><defs>{shapes}</defs></svg>'


def render_small(board: BoardLike, influence: Mapping[Province, Power], label: str) -> str:
    """The board as a small picture, without names and borders of its own, in a page that has `shape_definitions`.

    Args:
        board: a `Board`, `Game` or `GameView`.
        influence: who was last in each province, for a light tint.
        label: what the picture shows, for those who do not see it.

    Raises:
        RenderError: there is no drawing of the map.
    """
    drawing, scene = load_geometry(board.map_data.name), scene_of(board)
    parts = [f'<use href="#place-{region.name}" class="{_kind(region)}"/>' for region in drawing.regions.values()]
    for place, power in {**influence, **scene.owners}.items():
        if place in drawing.regions and not drawing.regions[place].is_water:
            hint = "" if place in scene.owners else " hint"
            parts.append(f'<use href="#place-{place}" class="tint{hint} {power}"/>')
    return (
        f'<svg class="board small" viewBox="0 0 {drawing.width} {drawing.height}" role="img" '
        f'aria-label={quoteattr(label)}>{"".join(parts)}<g class="tokens">{_tokens_svg(scene, drawing)}</g></svg>'
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
    from engine.saved import load_game

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
