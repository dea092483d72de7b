"""Experiments are played, killed, gone on with, and end in the same table."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cicero_lite.arena import tournament as module
from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.designs import Seating
from cicero_lite.arena.experiment import (
    DesignConfig,
    DesignKind,
    Experiment,
    PressConfig,
    StoppingRule,
    load_experiment,
)
from cicero_lite.arena.log import GameEnded, GameStarted, read_events
from cicero_lite.arena.match import ArenaError
from cicero_lite.arena.outcome import make_outcome
from cicero_lite.arena.played import Failure, Replay, play_seating
from cicero_lite.arena.standings import standings
from cicero_lite.arena.tournament import GAMES_FILE, play_experiment
from cicero_lite.cli import main
from engine.types import POWERS


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ratings are tested elsewhere."""
    monkeypatch.setattr("cicero_lite.arena.ratings.RESAMPLES", 10)
    monkeypatch.setattr("cicero_lite.arena.ratings.ORDERS", 4)


QUICK = Experiment({"a": "dumbbot", "b": "greedy", "c": "random"}, games=6, until=1901)
FILE = """
agents: {a: dumbbot, b: greedy, c: random}
games: 30
until: 1902
jobs: 2
"""
PRESS = """
about: Whether a game with press comes through.
agents: {talks: cicero, silent: dumbbot}
settings: {search.think: policy, generation.candidates: 0}
games: 2
until: 1901
press: {rounds: 1}
keep: [game, events]
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "experiment.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_processes_play_what_one_process_plays(tmp_path: Path) -> None:
    alone = play_experiment(QUICK, tmp_path / "one")
    together = play_experiment(QUICK, tmp_path / "two", jobs=2)
    assert alone.games == together.games
    assert list(alone.games) == list(range(6))
    assert standings(alone, "x") == standings(together, "x")
    assert alone.complete


def test_it_goes_on_and_more_games_can_be_asked_for(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    play_experiment(QUICK, tmp_path, watch=lambda wanted, done, failed: told.append((wanted, len(done))))
    assert told == [(6, number) for number in range(7)]
    more = Experiment(QUICK.agents, games=9, until=1901)
    told.clear()
    found = play_experiment(more, tmp_path, watch=lambda wanted, done, failed: told.append((wanted, len(done))))
    assert told == [(9, number) for number in range(6, 10)]
    assert found.games == play_experiment(more, tmp_path / "anew").games


def test_a_killed_run_loses_the_games_under_way_and_ends_in_the_same_table(tmp_path: Path) -> None:
    file = written(tmp_path, FILE)
    command = [sys.executable, "-c", "from cicero_lite.cli import main; main()", "arena", "run", str(file), "--out"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    killed, log = tmp_path / "killed", tmp_path / "killed" / GAMES_FILE
    running = subprocess.Popen(
        [*command, str(killed)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while running.poll() is None and not (log.exists() and len(log.read_bytes().splitlines()) > 8):
        time.sleep(0.01)
    assert running.poll() is None, "it was to be killed in the midst of its games"
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert not (killed / "table.json").exists()
    before = len(log.read_bytes().splitlines())
    with log.open("ab") as torn:
        torn.write(b'{"number":29,"result":{"clus')
    assert main(["arena", "run", str(file), "--out", str(killed), "--jobs", "1"]) == 0
    assert 9 <= before < 31
    whole = tmp_path / "whole"
    make_outcome(play_experiment(load_experiment(file), whole), whole, file)
    assert (killed / "table.json").read_bytes() == (whole / "table.json").read_bytes()
    assert json.loads((whole / "table.json").read_text())["complete"] is True


def test_another_experiment_in_the_folder_is_refused(tmp_path: Path) -> None:
    play_experiment(QUICK, tmp_path)
    others: Mapping[str, Experiment] = {
        "expected agents": Experiment({**QUICK.agents, "c": "dumbbot"}, games=6, until=1901),
        "expected until 1902": Experiment(QUICK.agents, games=6, until=1902),
        "expected seed 1": Experiment(QUICK.agents, games=6, until=1901, seed=1),
        "expected design": Experiment(QUICK.agents, games=6, until=1901, design=DesignConfig(DesignKind.LADDER)),
        "expected press": Experiment(QUICK.agents, games=6, until=1901, press=PressConfig()),
    }
    for problem, other in others.items():
        with pytest.raises(ArenaError, match=problem):
            play_experiment(other, tmp_path)
    text = (tmp_path / GAMES_FILE).read_text()
    (tmp_path / GAMES_FILE).write_text(re.sub(r'"code":"\w+"', '"code":"0000"', text))
    with pytest.raises(ArenaError, match="played by other rules or agents"):
        play_experiment(QUICK, tmp_path)
    (tmp_path / GAMES_FILE).write_text("a diary\n")
    with pytest.raises(ArenaError, match=r"line 1: expected the header of an arena log"):
        play_experiment(QUICK, tmp_path)


def test_an_error_in_one_game_does_not_lose_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(experiment: Experiment, specs: Mapping[str, AgentSpec], seating: Seating) -> Replay | Failure:
        if seating.number == 2:
            return Failure(2, seating.seed, "ValueError: no orders")
        return play_seating(experiment, specs, seating)

    file = written(tmp_path, "agents: {a: dumbbot, b: greedy, c: random}\ngames: 6\nuntil: 1901")
    with monkeypatch.context() as patched:
        patched.setattr(module, "try_seating", failing)
        assert main(["arena", "run", str(file), "--out", str(tmp_path / "out")]) == 1
    told = capsys.readouterr()
    seed = json.loads((tmp_path / "out" / GAMES_FILE).read_text().splitlines()[1])["result"]["result"]["seed"]
    assert re.search(r"game 2, seed \d+: ValueError: no orders", told.err)
    assert str(seed) not in told.err
    assert "note: 5 of 6 games" in told.out
    report = (tmp_path / "out" / "report.html").read_text()
    assert "ValueError: no orders" in report
    assert main(["arena", "run", str(file), "--out", str(tmp_path / "out")]) == 0
    assert "of 6 games" not in capsys.readouterr().out


def test_an_agents_error_names_the_game(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Any:
        raise RuntimeError("the server is gone\nand more")

    monkeypatch.setattr("cicero_lite.arena.played.play_seating", broken)
    found = play_experiment(QUICK, tmp_path)
    assert [failure.number for failure in found.failures] == list(range(6))
    assert found.failures[0].problem == "RuntimeError: the server is gone"
    assert not found.complete


def test_a_ladder_goes_on_as_if_unbroken(tmp_path: Path) -> None:
    agents = {f"{name} {n}": name for name in ("dumbbot", "greedy", "random") for n in (1, 2)}
    ladder = Experiment(agents, games=18, until=1901, design=DesignConfig(DesignKind.LADDER, near=2))
    whole = play_experiment(ladder, tmp_path / "whole")
    broken = tmp_path / "broken"
    play_experiment(Experiment(agents, games=8, until=1901, design=ladder.design), broken)
    assert play_experiment(ladder, broken).games == whole.games
    # From the second round on, neighbours by rating: random agents meet random agents.
    last = [set(game.labels.values()) for number, game in whole.games.items() if number >= 12]
    assert {"random 1", "random 2"} in last


def test_it_stops_when_the_rule_holds_and_the_table_counts_no_more(tmp_path: Path) -> None:
    rule = StoppingRule(("a", "c"), decided=True, least=14)
    found = play_experiment(
        Experiment({"a": "dumbbot", "c": "random"}, games=200, until=1902, stopping=rule), tmp_path, jobs=2
    )
    assert found.stopped is not None
    assert len(found.games) == found.stopped < 200
    table = standings(found, "x")
    assert table.stopped == found.stopped
    assert table.complete
    interval = table.anytime["a – c"]
    assert interval.excludes_zero
    plain = table.pairs[0].difference
    assert interval.width > plain.width
    again = play_experiment(found.experiment, tmp_path)
    assert again.games == found.games


def test_one_against_six_with_variates(tmp_path: Path) -> None:
    design = DesignConfig(DesignKind.ONE_V_SIX, base="base")
    agents = {"one": "greedy", "base": "dumbbot"}
    plain = play_experiment(Experiment(agents, games=7, until=1901, design=design), tmp_path / "plain")
    looked = play_experiment(Experiment(agents, games=7, until=1901, design=design, variates=4), tmp_path / "looked")
    assert [g.result.scores for g in plain.games.values()] == [g.result.scores for g in looked.games.values()]
    rows = {row.label: row for row in standings(looked, "x").rows}
    assert rows["one"].adjusted is not None
    assert rows["base"].adjusted is None


def test_a_game_with_press_is_counted_and_kept(tmp_path: Path) -> None:
    experiment = load_experiment(written(tmp_path, PRESS))
    found = play_experiment(experiment, tmp_path / "out")
    assert not found.failures
    rows = {row.label: row for row in standings(found, "x").rows}
    assert rows["talks"].press["messages"].value > 0
    assert rows["silent"].press["messages"].value == 0
    for number, game in found.games.items():
        folder = tmp_path / "out" / "games" / f"{number:05}"
        events = read_events(folder / "events.jsonl")
        assert isinstance(events[0], GameStarted)
        assert isinstance(events[-1], GameEnded)
        assert events[-1].scores == game.result.scores
        saved = json.loads((folder / "game.json").read_text())
        assert saved["players"] == {str(power): game.labels[power] for power in POWERS}
        assert all(seconds > 0 for seconds in game.result.seconds.values())
        assert set(game.result.movements.values()) == {2}
    again = play_experiment(experiment, tmp_path / "again")
    assert again.games == found.games


def test_ctrl_c_keeps_what_was_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(experiment: Experiment, specs: Mapping[str, AgentSpec], seating: Seating) -> Replay:
        if seating.number == 3:
            raise KeyboardInterrupt
        return play_seating(experiment, specs, seating)

    file = written(tmp_path, "agents: {a: dumbbot, b: greedy, c: random}\ngames: 6\nuntil: 1901")
    with monkeypatch.context() as patched:
        patched.setattr(module, "try_seating", interrupted)
        assert main(["arena", "run", str(file), "--out", str(tmp_path / "out")]) == 130
    assert "note: 3 of 6 games: the same command plays the rest" in capsys.readouterr().out
    assert main(["arena", "run", str(file), "--out", str(tmp_path / "out"), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["games"], shown["complete"]) == (6, True)
