"""Searched self-play with tiny networks: it learns what the search plays, whoever plays, and goes on after a kill."""

from __future__ import annotations

import json
import sys
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import training.distillation
from cicero_lite.workers import Processes, RayTasks, WorkersError
from engine.mapfile import core_map
from planner.network import PolicyConfig, PolicyNetwork, load_network, save_network
from planner.prior import STYLES
from planner.value_network import ValueNetwork, ValueShape
from planner.values import load_value
from training.actors import Acting, Networks, play_game, play_match
from training.examples import load_arrays, save_arrays, value_examples
from training.imitation import lesson_of
from training.runs import CheckpointError, ExampleFileError, RunFolderError, TrainingError
from training.searched import SearchedGames, joined_games
from training.values import load_value_network

ACTING = {
    "samples": 6, "most": 4, "generations": 1, "changes": 4, "tries": 3, "updates": 8, "sampled-updates": 3,
    "random-phases": 1, "first-end": 1901, "until": 1901, "match-until": 1901,
}  # fmt: skip
SETTINGS = {
    **ACTING, "games": 3, "workers": 0, "epochs": 6, "batch": 4, "learning-rate": 3e-3, "beta": 0.5,
    "value-batch": 16,
    "policy-matches": 2, "search-matches": 2, "threads": 1, "data": "nowhere",
}  # fmt: skip
SMALL = Acting(**{name.replace("-", "_"): value for name, value in ACTING.items()})

# accelerate, torch and tensorboard warn of what they do on a CPU
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("networks") / "policy.safetensors"
    save_network(PolicyNetwork(PolicyConfig(width=16, layers=1, heads=2, dropout=0.1)), path)
    return path


@pytest.fixture(scope="module")
def networks(policy: Path) -> Networks:
    return Networks.of(load_network(policy), ValueNetwork(core_map("standard").start(), ValueShape(8, 4)))


@pytest.fixture(scope="module")
def game(networks: Networks) -> SearchedGames:
    return play_game(SMALL, networks, (0,), 0)


def run(out: Path, policy: Path, iterations: int, *flags: str) -> list[dict[str, Any]]:
    """The metrics of a run, without what depends on the clock."""
    words = [f"--{n}={v}" for n, v in {**SETTINGS, "policy": policy, "iterations": iterations, "out": out}.items()]
    assert training.distillation.main([*words, *flags]) == 0
    begun, *lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert begun == {"step": 0}  # there are no people to measure on
    timed = ("seconds", "playing_s", "positions_per_second")
    return [{k: v for k, v in line.items() if k not in timed} for line in lines]


def same(one: SearchedGames, other: SearchedGames) -> bool:
    return all(
        np.array_equal(getattr(one, f.name), getattr(other, f.name), equal_nan=f.name == "values") for f in fields(one)
    )


def test_a_run_learns_and_a_resumed_one_has_the_same_curve(tmp_path: Path, policy: Path) -> None:
    whole = run(tmp_path / "whole", policy, 2)
    assert [line["step"] for line in whole] == [1, 2]
    for line in whole:
        assert line["search_cross_entropy"] < line["before_search_cross_entropy"]
        assert {"policy_alone", "policy_alone_error", "search_alone", "divergence", "value_error"} <= line.keys()
    run(tmp_path / "cut", policy, 1)
    # Killed while it played: one game of the second iteration is there.
    kept = tmp_path / "cut" / "games-001" / "00001.npz"
    kept.parent.mkdir()
    kept.write_bytes((tmp_path / "whole" / "games-001" / "00001.npz").read_bytes())
    # The networks it began with are in its folder.
    assert run(tmp_path / "cut", tmp_path / "gone.safetensors", 2, "--resume") == whole
    first, second = (load_network(tmp_path / name / "policy.safetensors").state_dict() for name in ("whole", "cut"))
    assert all(torch.equal(first[name], second[name]) for name in first)
    load_value(tmp_path / "cut" / "value.safetensors")


def test_foreign_folders_checkpoints_and_games_are_refused(tmp_path: Path, policy: Path) -> None:
    flags = ("--policy-matches=0", "--search-matches=0")
    run(tmp_path, policy, 1, *flags)
    path = tmp_path / "checkpoint.safetensors"
    whole = path.read_bytes()
    for broken in (b"", whole[:100], policy.read_bytes()):
        path.write_bytes(broken)
        with pytest.raises(CheckpointError, match=r"checkpoint\.safetensors: expected a checkpoint of this command"):
            run(tmp_path, policy, 2, "--resume", *flags)
    path.write_bytes(whole)
    torch.manual_seed(0)
    save_network(PolicyNetwork(PolicyConfig(width=8, layers=1, heads=2)), tmp_path / "first-policy.safetensors")
    with pytest.raises(CheckpointError, match="expected networks of shapes"):
        run(tmp_path, policy, 2, "--resume", *flags)
    (tmp_path / "first-policy.safetensors").write_bytes(policy.read_bytes())
    (tmp_path / "run.json").write_text('{"command": "selfplay", "settings": {}}')
    with pytest.raises(RunFolderError, match=r"expected a run of distillation to resume in .*, got one of selfplay"):
        run(tmp_path, policy, 2, "--resume", *flags)
    for broken in (b"no game", (tmp_path / "games-000" / "00000.npz").read_bytes()[:300]):
        (tmp_path / "game.npz").write_bytes(broken)
        with pytest.raises(ExampleFileError, match=r"game\.npz"):
            load_arrays(SearchedGames, tmp_path / "game.npz")


def test_mistakes_are_named(tmp_path: Path, policy: Path) -> None:
    with pytest.raises(TrainingError, match="--games: expected at least 2"):
        run(tmp_path / "few", policy, 1, "--games=1")
    save_network(PolicyNetwork(PolicyConfig(8, 1, 2, styles=("human", "search"))), tmp_path / "other.safetensors")
    with pytest.raises(TrainingError, match="expected a policy network of the styles"):
        run(tmp_path / "styles", tmp_path / "other.safetensors", 1)
    assert not (tmp_path / "styles").exists()


def test_beta_holds_the_other_styles(tmp_path: Path, policy: Path) -> None:
    flags = ("--policy-matches=0", "--search-matches=0", "--value-epochs=0", "--epochs=4")
    free, held = (run(tmp_path / beta, policy, 1, f"--beta={beta}", *flags)[0] for beta in ("0", "30"))
    assert held["divergence"] < 0.5 * free["divergence"]
    assert held["train_drift"] < free["train_drift"]


def test_whoever_plays_plays_the_same(networks: Networks, game: SearchedGames, tmp_path: Path) -> None:
    played = dict(Processes(2).run(partial(play_game, SMALL, networks, (0,)), [0, 1]))
    assert same(played[0], game)
    assert not same(played[1], game)
    save_arrays(tmp_path / "game.npz", game)
    assert same(load_arrays(SearchedGames, tmp_path / "game.npz"), game)
    scores = [play_match(SMALL, networks, networks, searching, (1,), 3) for searching in (False, True)]
    assert all(0 <= score <= 1 for score in scores)


def test_without_ray_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(WorkersError, match=r"expected Ray for --ray, got .*ray.*: pip install ray"):
        RayTasks()


def test_a_cluster_plays_the_same(networks: Networks, game: SearchedGames) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: pip install ray")
    ((number, played),) = RayTasks().run(partial(play_game, SMALL, networks, (0,)), [0])
    assert number == 0
    assert same(played, game)


def test_a_game_has_what_was_played_and_thought(game: SearchedGames) -> None:
    assert len(game.positions) == len(game) == len(game.values)
    assert [p.phase for p in game.positions][:2] == ["S1901M", "F1901M"]
    assert len(game.ends) == 1
    for number, position in enumerate(game.positions):
        legal = {code for codes in position.legal_codes().values() for code in codes}
        begin, end = game.starts[7 * number], game.starts[7 * number + 7]
        assert set(game.actions[begin:end].reshape(-1).tolist()) - {-1} <= legal
        if end > begin:
            assert game.values[number].sum() == pytest.approx(1, abs=0.05)
    for seat in np.flatnonzero(np.diff(game.starts)):
        for weights in (game.policy, game.anchor):
            assert 0.8 < weights[game.starts[seat] : game.starts[seat + 1]].sum() < 1.001


def test_draws_follow_the_search_policy(game: SearchedGames) -> None:
    phase = game.searched[:1]
    drawn = game._searched_draws(phase, 4000, np.random.default_rng(0))[0]
    for power in range(7):
        begin, end = game.starts[7 * phase[0] + power], game.starts[7 * phase[0] + power + 1]
        weights = game.policy[begin:end] / game.policy[begin:end].sum()
        shares = np.bincount(drawn[:, power] - begin, minlength=end - begin) / len(drawn)
        assert shares == pytest.approx(weights, abs=2e-3)


def test_a_lesson_encodes_each_position_once_and_says_the_same(game: SearchedGames) -> None:
    torch.manual_seed(1)
    network = PolicyNetwork(PolicyConfig(width=16, layers=1, heads=2)).eval()
    phases, search = game.searched[:3], STYLES.index("search")
    lesson = game.lesson(phases, 2, search, (0, 1), 1.0, np.random.default_rng(0))
    assert len(lesson.places) == len(phases)
    assert set(lesson.seat[:, 2].tolist()) == {0, 1, search}
    assert len(lesson.given_position)
    chunk = game.chunk(phases, 2, search, np.random.default_rng(0))
    taught = (lesson.seat[:, 2] == search)[lesson.slot_seat]
    once = network(lesson).log_prob[taught]
    assert torch.allclose(once.sort().values, network(lesson_of(chunk)).log_prob.sort().values, atol=1e-5)


def test_value_targets_mix_what_was_expected_and_what_came(game: SearchedGames) -> None:
    two = joined_games([game, game])
    assert two.games.max() == 1
    assert len(two.searched) == 2 * len(game.searched)
    came = value_examples(two, 0.0)
    ends = two.ends.center_counts()[0].astype(float) ** 2
    assert came.targets[-1, 0] == pytest.approx(ends / ends.sum(), abs=1e-3)
    thought = value_examples(two, 0.0, searched=two.values, trace=0.0)
    rows = [n for n, p in enumerate(two.positions) if p.phase[-1] == "M"]
    known = ~np.isnan(two.values[rows]).any(axis=1)
    assert thought.targets[known, 0] == pytest.approx(two.values[rows][known], abs=1e-3)
    between = value_examples(two, 0.0, searched=two.values, trace=0.5)
    expected = came.targets[-1, 0].astype(float)
    for thought_of in two.values[: rows[-1] - 1 : -1]:  # of the phases to the game's end, the last first
        expected = expected if np.isnan(thought_of[0]) else (expected + thought_of) / 2
    assert between.targets[-1, 0] == pytest.approx(expected, abs=2e-3)
    assert np.array_equal(between.targets[:, 1:], came.targets[:, 1:])


def test_a_value_network_comes_back_from_its_file(game: SearchedGames, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = ValueNetwork(core_map("standard").start(), ValueShape(8, 4))
    torch.nn.init.normal_(network.head.weight)
    network.save(tmp_path / "value.safetensors", half=False)
    again = load_value_network(tmp_path / "value.safetensors", core_map("standard").start())
    assert again.core().scores(game.batch) == pytest.approx(network.core().scores(game.batch), abs=1e-6)
