"""The command line: what works prints, what does not gives one line, exit code 2 and no file."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from cicero_lite.cli import main
from cicero_lite.help_page import help_page
from engine.game import Game
from engine.types import Power

NO_PRESS = ("--powers", "none", "--set", "play.others=random", "--until", "1901", "--quiet")


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of the command."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """Good and bad game files."""
    game = Game(game_id="short")
    game.say(Power.FRANCE, Power.ENGLAND, "Hello")
    game.process()
    saved = json.dumps(game.to_saved_game())
    folder = tmp_path / "inputs"
    folder.mkdir()
    (folder / "game.json").write_text(saved)
    (folder / "truncated.json").write_text(saved[: len(saved) // 2])
    (folder / "foreign.json").write_text('{"name": "a recipe", "steps": []}')
    (folder / "list.json").write_text("[1, 2]")
    (folder / "binary.json").write_bytes(b"\xff\xfe\x00")
    (folder / "other_map.json").write_text(saved.replace('"standard"', '"mars"'))
    (folder / "cut.jsonl.gz").write_bytes(gzip.compress(saved.encode())[:60])
    (folder / "two.jsonl").write_text(saved + "\n" + saved.replace('"short"', '"long"') + "\n")
    (folder / "wrong.yaml").write_text("play: {round: 3}\n")
    (folder / "broken.yaml").write_text("play: [\n")
    (folder / "a_file").write_text("")
    return folder


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("cicero-lite: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


def test_play_keeps_a_game(empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", *NO_PRESS, "--seed", "3", "--out", "kept"]) == 0
    assert capsys.readouterr().out.strip() == "kept/replay.html"
    assert (empty_folder / "kept" / "game.json").exists()
    assert main(["view", "kept"]) == 0
    assert capsys.readouterr().out.strip() == "cicero-lite-3.html"
    assert main(["view", "kept/game.json", "--out", "pages/mine.html"]) == 0
    assert (empty_folder / "pages" / "mine.html").read_bytes() == (empty_folder / "kept" / "replay.html").read_bytes()


def test_play_without_quiet_tells_the_story(empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", *NO_PRESS[:-1]]) == 0
    out = capsys.readouterr().out
    assert "S1901M  Spring 1901, movement" in out
    assert "France orders" in out
    assert "runs/seed-0/replay.html" in out


def test_config_prints_what_reads_back(empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--set", "play.rounds=2"]) == 0
    Path("mine.yaml").write_text(capsys.readouterr().out)
    assert main(["config", "--config", "mine.yaml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["play"]["rounds"] == 2


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["play", "--powers", "GAUL"], "unknown power 'GAUL'"),
        (["play", "--agents", "GAUL=random"], "unknown power 'GAUL'"),
        (["play", "--agents", "FRANCE"], "--agents: expected POWER=AGENT"),
        (["play", "--agents", "FRANCE=dumbot"], "unknown agent 'dumbot'"),
        (["play", "--agents", "FRANCE=cicero:speech.honest=binding"], "did you mean 'speech.honesty'?"),
        (["play", "--agents", "FRANCE=cicero:search.think=4it,GAUL=random"], "unknown key 'GAUL'"),
        (["play", "--agents", "FRANCE=cicero@none.yaml"], "none.yaml"),
        (["play", "--agents", "FRANCE=cicero:search.opponents.lambdas=[0.1"], "every bracket and quote closed"),
        (["play", "--map", "mars"], "mars"),
        (["play", "--until", "soon"], "--until"),
        (["play", "--until", "1850"], "expected a year from 1901 on, got 1850"),
        (["play", "--seed", "-1"], "seed"),
        (["play", "--set", "play.round=3"], "did you mean 'play.rounds'?"),
        (["play", "--config", "{inputs}/wrong.yaml"], "did you mean 'play.rounds'?"),
        (["play", "--config", "{inputs}/broken.yaml"], "broken.yaml:"),
        (["play", "--config", "none.yaml"], "none.yaml"),
        (["play", "--out", "{inputs}/a_file"], "is a file, expected a folder"),
        (["play", "--out", "{inputs}/a_file/below"], "is a file, expected a folder"),
        (["play", "--unknown"], "--unknown"),
        (["sing"], "sing"),
        (["config", "--set", "sing=1"], "unknown key 'sing'"),
        (["view", "none.json"], "none.json"),
        (["view", "{inputs}/truncated.json"], "truncated.json"),
        (["view", "{inputs}/foreign.json"], "foreign.json"),
        (["view", "{inputs}/list.json"], "list.json"),
        (["view", "{inputs}/binary.json"], "binary.json"),
        (["view", "{inputs}/other_map.json"], "mars"),
        (["view", "{inputs}/cut.jsonl.gz"], "cut.jsonl.gz"),
        (["view", "{inputs}/two.jsonl"], "2 games"),
        (["view", "{inputs}/two.jsonl", "--game", "wide"], "no game 'wide'"),
        (["view", "{inputs}/game.json", "--out", "{inputs}"], "it is a folder"),
        (["view", "{inputs}/game.json", "--out", "{inputs}/a_file/x.html"], "is a file"),
        (["advise", "{inputs}/game.json", "--phase", "S1901M"], "--power"),
        (["advise", "{inputs}/game.json", "--phase", "S1901M", "--power", "GAUL"], "unknown power 'GAUL'"),
        (["advise", "{inputs}/game.json", "--phase", "spring", "--power", "FRANCE"], "unknown phase 'spring'"),
        (["advise", "{inputs}/game.json", "--phase", "F1905M", "--power", "FRANCE"], "S1901M"),
        (["advise", "{inputs}/truncated.json", "--phase", "S1901M", "--power", "FRANCE"], "truncated.json"),
        (["advise", "{inputs}/foreign.json", "--phase", "S1901M", "--power", "FRANCE"], "foreign.json"),
        (["advise", "{inputs}/other_map.json", "--phase", "S1901M", "--power", "FRANCE"], "mars"),
        (["advise", "{inputs}/two.jsonl", "--phase", "S1901M", "--power", "FRANCE"], "2 games"),
        (["advise", "none.json", "--phase", "S1901M", "--power", "FRANCE"], "none.json"),
        (["bench", "juggling"], "juggling"),
        (["arena", "juggling"], "juggling"),
        (["arena", "one-v-six"], "--one"),
        (["arena", "one-v-six", "--one", "dumbot"], "did you mean 'dumbbot'?"),
        (["arena", "one-v-six", "--one", "search:search.lambda=1"], "did you mean 'search.lambda_'?"),
        (
            ["arena", "one-v-six", "--one", "search:search.value.value=none", "--games", "1"],
            "value network in none, got",
        ),
        (["arena", "one-v-six", "--one", "search:search.policy=none", "--games", "1"], "policy network in none, got"),
        (
            ["arena", "one-v-six", "--one", "search:search.style=humn", "--games", "1"],
            "one of human, cicero, selfplay, search, dumbbot, got 'humn'",
        ),
        (["arena", "one-v-six", "--one", "search:search.iterations=x"], "expected a valid integer, got 'x'"),
        (["arena", "one-v-six", "--one", "search:search.iterations"], "expected NAME:key=value"),
        (["arena", "one-v-six", "--one", "search:search.opponents.lambdas=[0.1"], "every bracket and quote closed"),
        (["arena", "one-v-six", "--one", "greedy", "--six", "dumbot"], "did you mean 'dumbbot'?"),
        (["arena", "one-v-six", "--one", "greedy", "--versus", "dumbot"], "did you mean 'dumbbot'?"),
        (["arena", "one-v-six", "--one", "greedy", "--versus", "greedy"], "got 'greedy' twice"),
        (["arena", "one-v-six", "--one", "greedy", "--games", "0"], "--games: expected 1 to"),
        (["arena", "one-v-six", "--one", "greedy", "--jobs", "0"], "--jobs: expected 1 to"),
        (["arena", "one-v-six", "--one", "greedy", "--seed", "-1"], "--seed: expected 0 to"),
        (["arena", "one-v-six", "--one", "greedy", "--until", "1850"], "--until: expected 1901 to"),
        (["arena", "one-v-six", "--one", "greedy", "--log", "{inputs}/game.json"], "expected a log of the arena"),
        (["arena", "one-v-six", "--one", "greedy", "--log", "{inputs}/wrong.yaml"], "expected the header of an arena"),
        (["arena", "one-v-six", "--one", "greedy", "--log", "{inputs}/binary.json"], "cannot be read"),
        (["arena", "one-v-six", "--one", "greedy", "--log", "none/log.jsonl"], "no such folder: none"),
        (
            ["arena", "one-v-six", "--one", "greedy", "--one", "random", "--log", "{inputs}/a_file"],
            "a_file: expected a folder, for the games of several agents",
        ),
        (["arena", "sweep", "--key", "search.lambda", "--values", "1"], "did you mean 'search.lambda_'?"),
        (["arena", "sweep", "--key", "search.iterations", "--values", "1,,2"], "--values: '1,,2': expected values"),
        (["arena", "sweep", "--key", "search.iterations", "--values", "1,1"], "iterations=1' twice"),
        (["arena", "sweep", "--key", "search.iterations", "--values", "1", "--out", "x.gif"], "ending in .png, .svg"),
        (["arena", "sweep", "--key", "search.iterations", "--values", "1", "--out", "no/x.png"], "no such folder: no"),
        (["arena", "sweep", "--key", "search.iterations", "--values", "1", "--log", "{inputs}/a_file"], "a folder"),
        (["arena", "compute-curve", "--budget-key", "search.thnk", "--budgets", "1"], "unknown key 'search.thnk'"),
        (["bench", "rules", "--play", "wild"], "--play: expected one of uniform, coherent, both, got 'wild'"),
        (["bench", "rules", "--play", "uniform", "--coherent"], "--play uniform was given"),
        (["bench", "rules", "--against", "dipcc"], "--against: expected one of package, arbiter"),
        (["bench", "rules", "--phases", "0"], "--phases: expected 1 or more, got 0"),
        (["bench", "rules", "--jobs", "0"], "--jobs: expected 1 or more, got 0"),
        (["bench", "rules", "--arbiter", "none.py"], "--arbiter: no such file: none.py"),
        (["bench", "rules", "--arbiter", "{inputs}/a_file"], "is no arbiter"),
        (["bench", "rules", "--log", "{inputs}/game.json"], "expected a chunk of bench rules"),
        (["bench", "rules", "--log", "none/rules.jsonl"], "no such folder: none"),
    ],
)
def test_a_mistake_gives_one_line_and_no_file(
    arguments: list[str], expected: str, empty_folder: Path, inputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path.name for path in inputs.iterdir())
    assert main([argument.format(inputs=inputs) for argument in arguments]) == 2
    assert expected in refused(capsys)
    assert list(empty_folder.iterdir()) == []
    assert sorted(path.name for path in inputs.iterdir()) == before


def test_ctrl_c_is_130(empty_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cicero_lite.session.play", interrupted)
    assert main(["play", *NO_PRESS]) == 130
    assert "interrupted" in capsys.readouterr().err
    assert list(empty_folder.iterdir()) == []


def test_our_own_bugs_are_not_hidden(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("cicero_lite.session.play", bug)
    with pytest.raises(RuntimeError, match="a bug"):
        main(["play", *NO_PRESS])


def test_the_help_page_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs" / "help.md"
    assert page.read_text() == help_page(), "run: python -m cicero_lite.help_page > docs/help.md"


def test_benchmarks_print(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "rules", "--phases", "20"]) == 0
    assert "(20 movement, " in capsys.readouterr().out
    assert main(["bench", "rules", "--phases", "10", "--coherent", "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["by_play"]) == ["coherent"]
