"""The picture of a board: complete, well-formed, true to the map and to the orders."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import combinations
from pathlib import Path

import pytest

from engine.drawing import RenderError, load_geometry
from engine.game import Game
from engine.mapfile import Terrain, load_map
from engine.marks import MarkKind, order_marks
from engine.notation import parse_order
from engine.render import influence_over, main, render_small, render_svg, scene_of, shape_definitions
from engine.types import Location, NotationError, OrderResult, Power, Province, Unit, province_of

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def of_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [e for e in root.iter() if name in e.get("class", "").split()]


def test_every_location_has_its_place_inside_the_picture() -> None:
    drawing, facts = load_geometry(), load_map()
    places = {drawing.place(location) for location in facts.locations}
    assert len(facts.provinces) == 75
    # a province with two coasts has three places: the army's and one for each coast
    assert len(places) == len(facts.locations) == 81
    assert all(0 < x < drawing.width and 0 < y < drawing.height for x, y in places)


def test_borders_are_exactly_the_adjacencies_of_the_map() -> None:
    drawing, facts = load_geometry(), load_map()
    true = {
        frozenset((province_of(here), province_of(there)))
        for moves in (facts.army_moves, facts.fleet_moves)
        for here, goals in moves.items()
        for there in goals
    }
    drawn = {frozenset(pair) for pair in combinations(facts.provinces, 2) if frozenset(pair) in drawing.touching}
    assert drawn == true


def test_water_and_land_are_those_of_the_map() -> None:
    drawing, facts = load_geometry(), load_map()
    for province in facts.provinces:
        assert drawing.regions[province].is_water == (facts.terrain[province] is Terrain.SEA), province


def test_the_opening_shows_every_unit_and_centre() -> None:
    root = parsed(render_svg(Game()))
    assert root.tag == f"{SVG}svg"
    assert {e.get("data-unit") for e in of_class(root, "token")} >= {"F STP/SC", "A PAR", "F TRI"}
    assert len(of_class(root, "token")) == 22
    assert len(of_class(root, "dot")) == 34
    assert len(of_class(root, "owned")) == 22
    assert {e.get("data-province") for e in root.iter() if e.get("data-province")} == set(load_map().provinces)
    assert [e.text for e in of_class(root, "title")] == ["S1901M"]


def test_a_state_dictionary_and_a_board_give_the_same_picture() -> None:
    game = Game()
    assert render_svg(game.to_saved_game()["phases"][0]["state"]) == render_svg(game)


def test_dislodged_units_are_drawn_beside_the_units_that_beat_them() -> None:
    state = {
        "units": {"FRANCE": ["A BUR"], "GERMANY": ["*A BUR"]},
        "centers": {},
        "retreats": {"GERMANY": {"A BUR": ["MUN"]}},
    }
    tokens = of_class(parsed(render_svg(state)), "token")
    assert len(tokens) == 2
    assert len(of_class(parsed(render_svg(state)), "dislodged")) == 1
    assert tokens[0].get("transform") != tokens[1].get("transform")


@pytest.mark.parametrize(
    ("order", "kind"),
    [
        ("A PAR - BUR", MarkKind.MOVE),
        ("A LON - BRE VIA", MarkKind.MOVE),
        ("A PAR S A MAR - BUR", MarkKind.SUPPORT),
        ("A PAR S A BUR", MarkKind.SUPPORT),
        ("F ENG C A LON - BRE", MarkKind.CONVOY),
        ("A PAR H", MarkKind.HOLD),
        ("A BUR R PAR", MarkKind.RETREAT),
        ("F STP/NC B", MarkKind.BUILD),
        ("A PAR D", MarkKind.DISBAND),
    ],
)
def test_every_kind_of_order_is_drawn(order: str, kind: MarkKind) -> None:
    marks = order_marks({"FRANCE": [order]})
    assert [mark.kind for mark in marks] == [kind]
    svg = parsed(render_svg(Game(), {"FRANCE": [order]}))
    assert len(of_class(svg, kind.value)) == 1


def test_failed_orders_are_marked() -> None:
    orders = {Power.FRANCE: [parse_order("A PAR - BUR"), parse_order("A MAR S A PAR - BUR")]}
    results = {Unit.parse("A PAR"): (OrderResult.BOUNCE,), Unit.parse("A MAR"): ()}
    failed = {mark.text: mark.is_failed for mark in order_marks(orders, results)}
    assert failed == {"France: A PAR - BUR (bounce)": True, "France: A MAR S A PAR - BUR": False}
    assert len(of_class(parsed(render_svg(Game(), orders, results)), "cross")) == 1


def test_units_dislodged_by_the_orders_are_ringed() -> None:
    marks = order_marks({"FRANCE": ["A BUR H"]}, {"A BUR": ["dislodged"]})
    assert {mark.kind for mark in marks} == {MarkKind.HOLD, MarkKind.BEATEN}
    assert len(of_class(parsed(render_svg(Game(), {"FRANCE": ["A BUR H"]}, {"A BUR": ["dislodged"]})), "beaten")) == 1


def test_opposite_moves_do_not_cover_each_other() -> None:
    there, back = order_marks({"FRANCE": ["A PAR - BUR"], "GERMANY": ["A BUR - PAR"]})
    assert there.line.split("Q")[1].split()[:2] != back.line.split("Q")[1].split()[:2]


def test_words_from_outside_are_escaped() -> None:
    title = '"><script>alert(1)</script>'
    root = parsed(render_svg(Game(), title=title))
    assert root.find(f".//{SVG}script") is None
    assert [e.text for e in of_class(root, "title")] == [title]
    assert title in (root.get("aria-label") or "")


def test_no_address_but_the_namespace() -> None:
    assert render_svg(Game()).replace("http://www.w3.org/2000/svg", "").count("://") == 0


def test_influence_remembers_who_was_last() -> None:
    game = Game()
    game.set_orders(Power.FRANCE, [parse_order("A PAR - BUR")])
    game.process()
    before, after = influence_over([scene_of(game.history[0].board), scene_of(game)])
    assert Province("BUR") not in before
    assert after[Province("BUR")] is Power.FRANCE


def test_mistakes_say_what_was_expected() -> None:
    with pytest.raises(RenderError, match="no picture of the map 'ancmed': expected 'standard'"):
        load_geometry("ancmed")
    with pytest.raises(RenderError, match="no picture: unknown map 'moon'"):
        load_geometry("moon")
    with pytest.raises(RenderError, match="expected auto, light or dark"):
        render_svg(Game(), theme="blue")
    with pytest.raises(RenderError, match="expected a mapping with units and centers"):
        render_svg({"centers": {}})
    with pytest.raises(NotationError, match="expected a unit"):
        render_svg({"units": {"FRANCE": ["A PARIS"]}, "centers": {}})
    with pytest.raises(RenderError, match="expected a province"):
        load_geometry().place(Location("XYZ"))


def test_the_command_prints_a_picture_or_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    import json

    game = Game()
    game.process()
    path = tmp_path / "game.json"
    path.write_text(json.dumps(game.to_saved_game()), encoding="utf-8")
    assert main([str(path), "S1901M"]) == 0
    assert len(of_class(parsed(capsys.readouterr().out), "hold")) == 22
    assert main([str(path), "S1999M"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_small_pictures_share_the_shapes_of_their_page() -> None:
    game = Game()
    game.set_orders(Power.FRANCE, ["A PAR - BUR"])
    game.process()
    influence = influence_over([scene_of(played.board) for played in game.history] + [scene_of(game)])[-1]
    shapes, small = shape_definitions(), render_small(game, influence, 'France & "friends"')
    root = parsed(f"<div>{shapes}{small}</div>")
    defined = {shape.get("id") for shape in root.iter("path")} - {None}
    used = [(use.get("href"), use.get("class")) for use in root.iter("use")]
    assert {name for name, _ in used} == {f"#{name}" for name in defined}
    assert ("#place-PAR", "tint FRANCE") in used
    assert ("#place-BUR", "tint hint FRANCE") in used
    assert len(of_class(root, "token")) == 22
    assert len(small) < 15_000 < len(shapes)
    assert of_class(root, "small")[0].get("aria-label") == 'France & "friends"'
