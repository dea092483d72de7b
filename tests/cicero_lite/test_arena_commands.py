"""The commands ``arena``: what they print, draw, keep, and say when interrupted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cicero_lite.arena import one_v_six as module
from cicero_lite.arena.axis import Axis, axis_of
from cicero_lite.arena.match import GameResult, play_match
from cicero_lite.arena.statistics import Ending, Estimate, Summary, wilson
from cicero_lite.arena.sweep import trend_of
from cicero_lite.arena.table import Row, Table
from cicero_lite.cli import main

SHORT = ("--six", "random", "--games", "7", "--until", "1902")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of the command."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_one_agent_against_six(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["arena", "one-v-six", "--one", "dumbbot", *SHORT, "--log", "log.jsonl"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("one agent against six random, no press, 7 games to 1902, seed 0, ")
    assert "dumbbot" in out
    assert "note: fewer than 21 games" in out
    assert "multiple of 7" not in out
    assert main(["arena", "one-v-six", "--one", "dumbbot", *SHORT, "--log", "log.jsonl", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["six"], shown["games"], shown["until"], shown["seed"]) == ("random", 7, 1902, 0)
    summary = shown["rows"][0]["summary"]
    assert sum(rate["share"] for rate in summary["endings"].values()) == pytest.approx(1)
    assert sum(rate["count"] for rate in summary["endings"].values()) == 7
    assert summary["score"]["low"] <= summary["score"]["mean"] <= summary["score"]["high"]
    assert summary["score"]["mean"] > summary["opponents_score"]
    assert len(Path("log.jsonl").read_text().splitlines()) == 8


def test_several_agents_are_compared_in_the_same_games(capsys: pytest.CaptureFixture[str]) -> None:
    compared = ["arena", "one-v-six", "--one", "dumbbot", "--one", "greedy", "--versus", "random", *SHORT]
    assert main([*compared, "--log", "logs"]) == 0
    out = capsys.readouterr().out
    assert "difference: dumbbot minus random over 7 paired games; pairing removed " in out
    assert sorted(path.name for path in Path("logs").iterdir()) == [
        f"{one}-v-random-to-1902-seed-0.jsonl" for one in ("dumbbot", "greedy", "random")
    ]
    assert main([*compared, "--log", "logs", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [row["one"] for row in shown["rows"]] == ["dumbbot", "greedy", "random"]
    means = [row["summary"]["score"]["mean"] for row in shown["rows"]]
    assert shown["rows"][0]["versus"]["score"]["mean"] == pytest.approx(means[0] - means[2])
    assert shown["rows"][2]["versus"] is None


def test_luck_is_taken_out_of_scores(capsys: pytest.CaptureFixture[str]) -> None:
    looked_at = ["arena", "one-v-six", "--one", "dumbbot", "--versus", "greedy", *SHORT, "--variates", "4"]
    assert main([*looked_at, "--log", "logs"]) == 0
    out = capsys.readouterr().out
    assert "seed 0, variates of 4 draws, " in out.splitlines()[0]
    assert "adjusted: score of dumbbot by control variates, β = 1.00: variance divided by " in out
    assert "; adjusted: variance divided by " in out
    assert main([*looked_at, "--log", "logs", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["variates"] == 4
    means = [row["summary"]["adjusted"]["score"]["mean"] for row in shown["rows"]]
    assert shown["rows"][0]["versus"]["adjusted"]["score"]["mean"] == pytest.approx(means[0] - means[1])
    assert f"divided by {shown['rows'][0]['summary']['adjusted']['gain']:.2f}\n" in out
    assert {path.name for path in Path("logs").iterdir()} == {
        f"{one}-v-random-to-1902-seed-0-variates-4.jsonl" for one in ("dumbbot", "greedy")
    }
    assert main([*looked_at[:6], "--six", "search", "--variates", "4"]) == 2
    assert "orders can be drawn again" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "key_option", "values_option"),
    [("compute-curve", "--budget-key", "--budgets"), ("sweep", "--key", "--values")],
)
def test_a_setting_is_varied_and_drawn(
    command: str, key_option: str, values_option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    short = ["arena", command, "--one", "random", "--six", "random", "--games", "2", "--until", "1901"]
    varied = [*short, key_option, "search.iterations", "--log", "points"]
    assert main([*varied, values_option, "1,100", "--out", "curve.png"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("random, search.iterations varied:\n")
    assert out.endswith("curve.png\n")
    assert "note: 2 games are no multiple of 7: some seats are played more often; 7 would be" in out
    assert Path("curve.png").read_bytes().startswith(b"\x89PNG")
    kept = {path: path.stat().st_mtime_ns for path in Path("points").iterdir()}
    assert len(kept) == 2
    assert main([*varied, values_option, "1,10,100", "--json", "--out", "curve.svg"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["one"], shown["key"], shown["values"]) == ("random", "search.iterations", ["1", "10", "100"])
    assert [row["one"] for row in shown["table"]["rows"]] == [f"random:search.iterations={n}" for n in (1, 10, 100)]
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())


def test_ctrl_c_prints_what_there_is(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[int] = []

    def impatient(seats: Any, seed: int, until: int, *more: Any) -> GameResult:
        if len(played) == 2:
            raise KeyboardInterrupt
        played.append(seed)
        return play_match(seats, seed, until, *more)

    monkeypatch.setattr(module, "play_match", impatient)
    assert main(["arena", "one-v-six", "--one", "dumbbot", "--one", "greedy", *SHORT, "--log", "logs"]) == 130
    out, err = capsys.readouterr()
    assert "note: interrupted: with --log, the same command goes on from here" in out
    assert "dumbbot" in out
    assert "greedy" not in out
    assert err == "cicero-lite: interrupted\n"
    assert len((Path("logs") / "dumbbot-v-random-to-1902-seed-0.jsonl").read_text().splitlines()) == 3
    assert main(["arena", "one-v-six", "--one", "greedy", *SHORT]) == 130
    assert "7 games" in capsys.readouterr().out


def test_values_of_one_unit_are_an_axis() -> None:
    assert axis_of(["1", "10", "1e3"]) == Axis((1.0, 10.0, 1000.0), "")
    assert axis_of(["0.5s", "2s"]) == Axis((0.5, 2.0), "s")
    assert axis_of(["policy", "4it"]) == Axis((0.0, 4.0), "it")
    assert axis_of(["64it", "2s"]) is None
    assert axis_of(["best", "draw"]) is None
    assert axis_of(["policy"]) is None
    assert Axis((1.0, 100.0), "").logarithmic
    assert Axis((0.0, 1.0, 100.0), "").logarithmic
    assert not Axis((0.0, 100.0), "").logarithmic
    assert not Axis((-1.0, 1.0, 100.0), "").logarithmic
    assert Axis((0.0, 2.0, 3.0), "").places == (0.0, 2.0, 3.0)


def test_the_trend_is_a_straight_line_through_the_scores() -> None:
    def table(*means: float) -> Table:
        rows = []
        for mean in means:
            score = Estimate(mean, mean - 0.1, mean + 0.1, 0.05, False, None)
            rate = wilson(0, 10)
            summary = Summary(10, dict.fromkeys(Ending, rate), score, {}, 0.0, 0.0, 0.0, 0, None, 0.0)
            rows.append(Row("one", 10, summary, None))
        return Table("six", 10, 0, 1920, None, tuple(rows), (), "", False)

    found = trend_of(["policy", "1it", "10it", "100it"], table(0.9, 0.1, 0.2, 0.3))
    assert found is not None
    assert found.per_tenfold == pytest.approx(0.1)
    # The slope is half the difference of the outer two, so its error is 0.05 / √2.
    assert found.high - found.per_tenfold == pytest.approx(1.96 * 0.05 / 2**0.5, rel=1e-3)
    assert found.per_tenfold - found.low == pytest.approx(found.high - found.per_tenfold)
    assert trend_of(["best", "draw"], table(0.1, 0.2)) is None
    assert trend_of(["1", "2"], table(0.1, 0.2)) is None


def test_a_narrow_terminal_gets_two_tables(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cicero_lite.arena.display._WIDE", 80)
    short = ["--six", "random", "--games", "1", "--until", "1901"]
    assert main(["arena", "one-v-six", "--one", "dumbbot", "--versus", "greedy", *short]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if "score  " in line or "centres  " in line] == ["one", "one"]
    assert not any("…" in line for line in lines)
