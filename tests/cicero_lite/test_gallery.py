"""The gallery: an index and replays, all or nothing, with captions that say no more than the record."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cicero_lite.cli import main
from cicero_lite.gallery_cards import card_of
from cicero_lite.inspection import GameRecord, open_record
from cicero_lite.web.gallery import gallery_html
from engine.game import Game
from engine.types import POWERS, Power
from tests.inspected_game import game_folder
from tests.scripted_games import Lines, Orders, keep, played_game

AUSTRIA, ENGLAND, FRANCE, GERMANY, ITALY, RUSSIA, TURKEY = POWERS
EVIL = "</style><script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def liar(tmp_path: Path) -> Path:
    """A folder with a short game in which France breaks its word, of words that are not only words."""
    lines: dict[str, Lines] = {"S1901M": {FRANCE: [(GERMANY, f"I will move Paris to Picardy. {EVIL}")]}}
    given: Orders = {"S1901M": {FRANCE: ["A PAR - BUR"]}, "F1901M": {FRANCE: ["A BUR - BEL"]}}
    return keep(tmp_path / "liar", *played_game(lines, given, game_id=EVIL))


def refused(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["gallery", *arguments]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    return told


def test_a_gallery_of_two_games(liar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, played = tmp_path / "out", game_folder()
    assert main(["gallery", str(liar), str(played), "--out", str(out)]) == 0
    replay = f"{played.name}.html"
    assert sorted(path.name for path in out.iterdir()) == sorted(["index.html", "liar.html", replay])
    assert capsys.readouterr().out.split() == [str(out / name) for name in ("index.html", "liar.html", replay)]
    index = (out / "index.html").read_text(encoding="utf-8")
    assert "France and Russia lead with 4 centres at the end of 1901" in index
    assert "1901 to 1901; 1 messages; scripted: all seats" in index
    assert index.index("liar.html") < index.index(replay)
    assert len(re.findall(r'<svg class="board small"', index)) == 2
    # a replay is what `view` makes
    assert main(["view", str(liar), "--out", str(tmp_path / "viewed.html")]) == 0
    assert (tmp_path / "viewed.html").read_text() == (out / "liar.html").read_text()
    # each file is all that is needed to show it, but for the links from one to the other
    assert "://" not in index.replace("http://www.w3.org/", "")
    assert {link.partition("#")[0] for link in re.findall(r'href="([^"]+)"', index)} <= {"", "liar.html", replay}


def test_every_link_of_the_index_is_of_a_phase_and_a_message_of_the_game(liar: Path) -> None:
    for folder in (liar, game_folder()):
        record = open_record(folder)
        phases = {str(played.phase) for played in record.game.history}
        said = {message.sequence for played in record.game.history for message in played.messages}
        links = [address for moment in card_of(record, "x.html").moments for _, address in moment.links]
        assert links
        for address in links:
            phase, tab, *what = address.split("/")
            assert phase in phases
            assert tab in ("talks", "why", "orders")
            assert tab != "talks" or int(what[0]) in said


def test_figures_are_those_of_the_record(liar: Path) -> None:
    card = card_of(open_record(liar), "liar.html")
    assert dict(card.facts)["messages"] == "1"
    assert dict(card.facts)["promises given"] == "1"
    assert dict(card.facts)["broken"] == "1"
    assert card.years == [1901]
    assert card.centers[FRANCE] == [3, 4]
    assert card.made == "seed 7, no commit"


def test_a_saved_game_without_a_log_is_read_as_it_stands(liar: Path) -> None:
    told, unlogged = (card_of(record, "x.html") for record in (open_record(liar), open_record(liar / "game.json")))
    bare = card_of(GameRecord(open_record(liar).game), "x.html")
    assert unlogged == told
    assert bare.centers == told.centers
    assert [moment.told for moment in bare.moments] == [moment.told for moment in told.moments]
    assert bare.seats == []
    assert "drafts rejected" not in dict(bare.facts)
    assert bare.made == "a saved game without a log"


def test_a_game_nobody_played_has_a_card() -> None:
    card = card_of(GameRecord(Game()), "x.html")
    assert "start" in gallery_html("Gallery", "", [card])
    assert (card.facts, card.moments) == ([], [])


def test_who_won_shared_or_leads_is_said_in_the_title() -> None:
    game = Game()
    game.draw([Power.ENGLAND, Power.TURKEY])
    assert card_of(GameRecord(game), "x.html").title == "A draw of England and Turkey in 1901"


def test_own_captions_stand_in_place_of_ours(liar: Path, tmp_path: Path) -> None:
    captions = tmp_path / "captions.yaml"
    captions.write_text("title: Two games\ngames:\n  liar: {title: A lie & its price}\n", encoding="utf-8")
    assert main(["gallery", str(liar), "--out", str(tmp_path / "out"), "--captions", str(captions)]) == 0
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "A lie &amp; its price" in index
    assert "<h1>Two games</h1>" in index
    assert "scripted: all seats" in index  # the caption itself is still ours


def test_moments_are_picked_by_hand_where_there_are_such(
    liar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    captions, out = tmp_path / "captions.yaml", str(tmp_path / "out")

    def pick(at: str) -> tuple[str, ...]:
        captions.write_text(json.dumps({"games": {"liar": {"picks": [{"at": at, "told": "See this"}]}}}))
        return (str(liar), "--out", out, "--captions", str(captions))

    for at in ("S1901M/talks/1", "F1901M/talks/0", "X/orders", "S1901M", "S1901M/why/SPAIN", "S1901M/orders/1", ""):
        assert "liar.html: expected the address of a phase or message of this game" in refused(*pick(at), capsys=capsys)
    for at in ("S1901M/talks/0", "F1901M/orders", "F1901M/why/FRANCE"):
        assert main(["gallery", *pick(at)]) == 0
        index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
        assert f'href="liar.html#{at}"' in index
        assert "<p>See this.</p>" in index


def test_nothing_that_players_wrote_becomes_markup(liar: Path, tmp_path: Path) -> None:
    assert main(["gallery", str(liar), "--out", str(tmp_path / "out")]) == 0
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)" in index
    assert "<script" not in index
    assert "<img" not in index
    assert "default-src 'none'" in index


def test_a_broken_game_is_one_clear_line_and_nothing_is_written(
    liar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, broken = tmp_path / "out", tmp_path / "broken"
    broken.mkdir()
    arguments = (str(liar), str(broken), "--out", str(out))
    assert "broken" in refused(*arguments, capsys=capsys)
    (broken / "game.json").write_text('{"id": "cut short', encoding="utf-8")
    assert "game.json" in refused(*arguments, capsys=capsys)
    (broken / "game.json").write_text((liar / "game.json").read_text(), encoding="utf-8")
    (broken / "events.jsonl").write_text((liar / "events.jsonl").read_text()[:-40], encoding="utf-8")
    assert "events.jsonl" in refused(*arguments, capsys=capsys)
    assert not out.exists()


def test_mistakes_are_told_in_one_line(liar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    assert "would both be liar.html" in refused(str(liar), str(liar), "--out", out, capsys=capsys)
    index = keep(tmp_path / "index", *played_game({}, {}))
    assert "and the index would both be index.html" in refused(str(index), "--out", out, capsys=capsys)
    captions = tmp_path / "captions.yaml"
    captions.write_text("games: {lair: {title: x}}", encoding="utf-8")
    told = refused(str(liar), "--out", out, "--captions", str(captions), capsys=capsys)
    assert "no game 'lair': expected one of liar" in told
    captions.write_text("games: {liar: {titel: x}}", encoding="utf-8")
    assert "did you mean 'games.liar.title'?" in refused(
        str(liar), "--out", out, "--captions", str(captions), capsys=capsys
    )
    assert "is a file" in refused(str(liar), "--out", str(captions), capsys=capsys)
    assert not (tmp_path / "out").exists()


def test_what_seats_were_steered_by_is_said(tmp_path: Path) -> None:
    from cicero_lite.arena.log import Steered
    from cicero_lite.steer.controls import Controls
    from engine.types import Phase

    game, events = played_game({}, {})
    steered = Steered(ITALY, Phase.parse("S1901M"), Controls(aggression=0.02))
    record = open_record(keep(tmp_path / "hawk", game, [steered, *events]))
    card = card_of(record, "hawk.html")
    assert card.caption.endswith("steered: Italy")
    assert ("Italy, steered", "aggression=0.02") in card.seats
    assert json.loads((tmp_path / "hawk" / "game.json").read_text())["id"] == "scripted"
