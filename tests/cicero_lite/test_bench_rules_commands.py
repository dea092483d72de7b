"""The commands ``bench games`` and ``bench perft``: what they print, write and refuse."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from cicero_lite.cli import main
from engine.game import Game

CASES = """\
# A head that stays.

case two in Burgundy
> They bounce.
units FRANCE A PAR
units GERMANY A MUN
1
2

case a build
phase W1901A
units FRANCE A MAR
centers FRANCE MAR, PAR
1
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with two games in one file, one of them apart, and a file of cases."""
    monkeypatch.chdir(tmp_path)
    games = []
    for name in ("one", "two"):
        game = Game(game_id=name)
        for _ in range(4):
            game.process()
        games.append(json.dumps(game.to_saved_game()))
    Path("games.jsonl.gz").write_bytes(gzip.compress("\n".join(games).encode()))
    Path("game.json").write_text(games[0])
    Path("cases.txt").write_text(CASES)
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("cicero-lite: ")
    assert err.count("\n") == 1
    return err


def test_games_replay(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "games", "games.jsonl.gz", "game.json"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("3 games, 15 phases, ")
    assert "differences: 0 not known, 0 known to the data" in out
    assert main(["bench", "games", "game.json", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["games"], shown["differences"], shown["compared"]["positions"]) == (1, [], 4)


def test_a_tampered_game_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = json.loads(Path("game.json").read_text())
    saved["phases"][1]["state"]["units"]["FRANCE"].remove("F BRE")
    saved["phases"][1]["state"]["units"]["FRANCE"].append("F MAO")
    Path("tampered.json").write_text(json.dumps(saved))
    assert main(["bench", "games", "tampered.json"]) == 1
    out = capsys.readouterr().out
    assert "differences: 2 not known" in out  # it stands in Brest again afterwards
    assert f"  one {saved['phases'][1]['name']}: units of FRANCE: F BRE ours, F MAO stored\n" in out
    assert main(["bench", "games", "tampered.json", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["differences"][0]["known"] == ""


def test_perft_counts_and_compares(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "perft", "cases.txt"]) == 1
    assert "1 phases: no counts in the file" in capsys.readouterr().out
    assert Path("cases.txt").read_text() == CASES
    assert main(["bench", "perft", "cases.txt", "--write"]) == 0
    capsys.readouterr()
    written = Path("cases.txt").read_text()
    assert written.startswith("# A head that stays.\n\ncase two in Burgundy\n> They bounce.\nphase S1901M\n")
    assert "legal GERMANY 9\n" in written
    assert main(["bench", "perft", "cases.txt"]) == 0
    assert "; 0 cases differ" in capsys.readouterr().out
    assert main(["bench", "perft", "cases.txt", "--write"]) == 0
    assert Path("cases.txt").read_text() == written
    Path("cases.txt").write_text(written.replace("legal GERMANY 9", "legal GERMANY 11"))
    capsys.readouterr()
    assert main(["bench", "perft", "cases.txt", "--json"]) == 1
    shown = json.loads(capsys.readouterr().out)
    assert shown["cases"][0]["differences"] == ["legal orders GERMANY: 11 in the file, 9 now"]


@pytest.mark.parametrize(
    ("arguments", "content", "expected"),
    [
        (["games"], "", "no such file: ../shared/data/games-train.jsonl.gz"),
        (["games", "none.json"], "", "no such file: none.json"),
        (["games", "bad.json"], "[1, 2]", "bad.json is no game: expected an object"),
        (["games", "bad.json"], '{"phases": [', "bad.json is not JSON"),
        (["games", "bad.json"], '{"phases": [7]}', "bad.json, phase 0 is no phase"),
        (["games", "bad.json"], '{"phases": [{"name": "S1901M"}]}', "phase 0 is no phase of a game: missing 'state'"),
        (["games", "bad.json"], '{"map": "mars", "phases": [7]}', "bad.json: unknown map 'mars'"),
        (
            ["games", "bad.json"],
            '{"phases": [{"name": "S1901M", "state": {"units": {"GAUL": ["A PAR"]}, "centers": {}}}]}',
            "GAUL",
        ),
        (["games", "bad.jsonl.gz"], "no gzip", "cannot read bad.jsonl.gz"),
        (["perft"], "", "no cases in tests/engine/perft"),
        (["perft", "none.txt"], "", "no such file: none.txt"),
        (["perft", "bad.txt"], "units FRANCE A PAR\n", "bad.txt, line 1: expected a line 'case NAME' first"),
        (["perft", "bad.txt"], "case x\nfoo\n", "bad.txt, line 2: expected one of '> words', map, "),
        (["perft", "bad.txt"], "case x\n1 2 3\n", "bad.txt, line 2: expected one of"),
        (["perft", "bad.txt"], "case x\nphase soon\n1\n", "bad.txt, line 1: unknown phase 'soon'"),
        (["perft", "bad.txt"], "case x\nmap mars\n1\n", "bad.txt, line 1: unknown map 'mars'"),
        (["perft", "bad.txt"], "case x\nunits FRANCE A XYZ\n1\n", "bad.txt, line 1: "),
        (
            ["perft", "cases.txt", "--limit", "9"],
            "",
            "two in Burgundy, 1 phases: perft: expected at most 9 joint orders",
        ),
        (["perft", "cases.txt", "--limit", "0"], "", "--limit: expected 1 or more, got 0"),
    ],
)
def test_mistakes_give_one_line(
    arguments: list[str], content: str, expected: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content:
        Path(arguments[1]).write_text(content)
    assert main(["bench", *arguments]) == 2
    assert expected in refused(capsys)
    assert Path("cases.txt").read_text() == CASES
