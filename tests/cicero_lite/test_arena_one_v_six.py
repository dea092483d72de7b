"""Experiments: seats rotate; processes, interruptions and logs change nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cicero_lite.arena import one_v_six as module
from cicero_lite.arena import results
from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.match import ArenaError, GameResult, play_match
from cicero_lite.arena.one_v_six import game_seed, one_v_six, seat_of
from cicero_lite.arena.results import read_results
from engine.saved import seated_games
from engine.types import POWERS, Power

GREEDY, RANDOM, DUMBBOT = AgentSpec("greedy"), AgentSpec("random"), AgentSpec("dumbbot")


def without_seconds(log: Path) -> list[Any]:
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    for line in lines[1:]:
        del line["result"]["seconds"]
    return lines


def test_seats_rotate_and_seeds_differ() -> None:
    found = one_v_six(DUMBBOT, RANDOM, games=8, until=1901)
    assert [seat for seat, _ in found.of_the_one()] == [*POWERS, POWERS[0]]
    for number, result in found.results:
        assert [power for power in POWERS if result.seats[power] == "dumbbot"] == [seat_of(number)]
    seeds = {result.seed for _, result in found.results}
    assert seeds == {game_seed(0, number) for number in range(8)}
    assert len(seeds | {game_seed(1, number) for number in range(8)}) == 16
    assert found.results[0][1] != found.results[7][1]


def test_two_processes_play_what_one_plays(tmp_path: Path) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    alone = one_v_six(GREEDY, RANDOM, games=3, seed=3, until=1902, log=one)
    together = one_v_six(GREEDY, RANDOM, games=3, seed=3, until=1902, jobs=2, log=two)
    assert together.results == alone.results
    assert without_seconds(two) == without_seconds(one)


def test_games_can_be_kept(tmp_path: Path) -> None:
    found = one_v_six(DUMBBOT, RANDOM, games=2, until=1901, jobs=2, keep=tmp_path / "games")
    for number, result in found.results:
        seated, *more = seated_games(tmp_path / "games" / f"{number:05}.jsonl")
        assert not more
        game = seated.game
        assert seated.players == result.seats
        assert {power: len(game.centers(power)) for power in POWERS} == result.centers
        assert game.history[-1].phase == result.last_phase


def test_an_interrupted_experiment_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, parts = tmp_path / "whole.jsonl", tmp_path / "parts.jsonl"
    expected = one_v_six(RANDOM, DUMBBOT, games=5, until=1901, log=whole)
    seeds: list[int] = []

    def impatient(seats: Any, seed: int, until: int, *more: Any) -> GameResult:
        seeds.append(seed)
        if len(seeds) == 3:
            raise KeyboardInterrupt
        return play_match(seats, seed, until, *more)

    monkeypatch.setattr(module, "play_match", impatient)
    found = one_v_six(RANDOM, DUMBBOT, games=5, until=1901, log=parts)
    assert found.interrupted
    assert found.results == expected.results[:2]
    with parts.open("a") as file:
        file.write('{"number":2,"result":{"seed":')  # a kill, in the midst of a line
    told: list[int] = []

    def watch(games: int, done: Sequence[tuple[Power, GameResult]]) -> None:
        told.append(len(done))

    assert one_v_six(RANDOM, DUMBBOT, games=5, until=1901, log=parts, watch=watch).results == expected.results
    assert told == [2, 3, 4, 5]
    assert len(seeds) == 6
    assert without_seconds(parts) == without_seconds(whole)
    assert one_v_six(RANDOM, DUMBBOT, games=3, until=1901, log=parts).results == expected.results[:3]
    assert len(one_v_six(RANDOM, DUMBBOT, games=6, until=1901, log=parts).results) == 6
    assert len(seeds) == 7


def test_a_log_out_of_order_is_put_in_order(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    one_v_six(RANDOM, RANDOM, games=3, until=1901, log=log)
    ordered = log.read_text()
    header, first, second, third = ordered.splitlines(keepends=True)
    log.write_text(header + third + first + second)
    one_v_six(RANDOM, RANDOM, games=3, until=1901, log=log)
    assert log.read_text() == ordered


def test_a_log_says_what_was_played(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    spec = AgentSpec.parse("random:search.iterations=9")
    found = one_v_six(spec, DUMBBOT, games=1, seed=2, until=1901, log=log)
    header, games = read_results(log)
    assert header == found.header
    assert header is not None
    assert (header.one, header.six, header.seed, header.until) == ("random:search.iterations=9", "dumbbot", 2, 1901)
    assert header.one_config["search"]["iterations"] == 9
    assert "numpy" in header.versions
    assert games == dict(found.results)


def test_a_log_cut_in_its_first_line_is_begun_anew(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"arena":1,"one":"ra')
    found = one_v_six(RANDOM, DUMBBOT, games=1, until=1901, log=log)
    assert read_results(log) == (found.header, dict(found.results))


@pytest.mark.parametrize(
    ("one", "six", "seed", "until", "expected"),
    [
        (RANDOM, DUMBBOT, 0, 1901, "expected one random, got greedy"),
        (GREEDY, RANDOM, 0, 1901, "expected six random, got dumbbot"),
        (GREEDY, DUMBBOT, 1, 1901, "expected seed 1, got 0"),
        (GREEDY, DUMBBOT, 0, 1902, "expected until 1902, got 1901"),
    ],
)
def test_the_log_of_another_experiment_is_refused(
    one: AgentSpec, six: AgentSpec, seed: int, until: int, expected: str, tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    one_v_six(GREEDY, DUMBBOT, games=1, until=1901, log=log)
    before = log.read_bytes()
    with pytest.raises(ArenaError) as caught:
        one_v_six(one, six, games=1, seed=seed, until=until, log=log)
    assert f"is of another experiment: {expected}; name another file" in str(caught.value)
    assert log.read_bytes() == before


def test_the_log_of_other_code_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "log.jsonl"
    one_v_six(RANDOM, RANDOM, games=1, until=1901, log=log)
    monkeypatch.setattr(results, "fingerprint", lambda: "0123456789abcdef")
    with pytest.raises(ArenaError, match="played by other rules or agents"):
        one_v_six(RANDOM, RANDOM, games=2, until=1901, log=log)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a diary", "expected a log of the arena, got 'a diary'"),
        ('{"a": 1}\n', "line 1: expected the header of an arena log"),
        ("{header}{result}x\n", "line 3: expected a game of the arena, got 'x'"),
        ("{later}", "expected a log of version 1, got 99"),
    ],
)
def test_a_damaged_log_is_refused(text: str, expected: str, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    one_v_six(RANDOM, RANDOM, games=1, until=1901, log=log)
    header, result = log.read_text().splitlines(keepends=True)
    later = header.replace('"arena":1', '"arena":99')
    for name, line in (("{header}", header), ("{result}", result), ("{later}", later)):
        text = text.replace(name, line)
    log.write_text(text)
    with pytest.raises(ArenaError) as caught:
        one_v_six(RANDOM, RANDOM, games=1, until=1901, log=log)
    assert expected in str(caught.value)
    assert log.read_text() == text
