"""What is learnt of players from their games makes a style that expects them, for one network only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.match import play_match
from engine.saved import seated_games
from engine.types import POWERS, Power
from planner.adaptation import TableModel
from planner.network import PolicyConfig, PolicyNetwork, save_network
from planner.policy_model import PolicyModel
from planner.prior import TABLE
from planner.weight_files import NetworkFileError
from training.acquaintance import main
from training.runs import ExampleFileError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three games of DumbBots, one of whose seats plays at random, and what was learnt of the DumbBots."""
    torch.set_num_threads(1)  # tiny tensors: threads only wait for each other
    found = tmp_path_factory.mktemp("met")
    bot, other = AgentSpec.parse("dumbbot"), AgentSpec.parse("random")
    seats = {power: other if power is Power.ITALY else bot for power in POWERS}
    for seed in range(3):
        play_match(seats, seed, 1904, found / "games" / f"{seed}.jsonl")
    torch.manual_seed(0)
    save_network(PolicyNetwork(PolicyConfig(width=16, layers=1, heads=2)), found / "policy.safetensors")
    assert run(found, found / "run") == 0
    return found


def run(folder: Path, out: Path, *more: str) -> int:
    common = ["--policy", str(folder / "policy.safetensors"), "--player", "dumbbot", "--epochs", "8"]
    return main(["--games", str(folder / "games"), "--out", str(out), *common, "--learning-rate", "0.01", *more])


def test_the_players_become_likelier(folder: Path) -> None:
    curve = [json.loads(line)["cross_entropy"] for line in (folder / "run" / "metrics.jsonl").read_text().splitlines()]
    assert len(curve) == 9
    assert min(curve) < curve[0] - 0.3
    base = PolicyModel.load(folder / "policy.safetensors")
    stranger = TableModel(base)
    friend = TableModel(base, acquaintance=folder / "run" / "acquaintance.safetensors")
    seated, *_ = seated_games(folder / "games" / "0.jsonl")
    players = seated.players
    assert players[Power.ITALY] == "random"
    likelihoods = []
    for model in (stranger, friend):
        total = 0.0
        for record in seated.game.history:
            encoded = model.encode(record.position)
            for power, codes in enumerate(record.played.codes):
                if players[POWERS[power]] == "dumbbot" and encoded.base.slot_count(power):
                    total += float(model.log_probs(encoded, power, [codes], TABLE)[0])
        likelihoods.append(total)
    assert likelihoods[1] > likelihoods[0] + 50


def test_the_same_command_learns_the_same(folder: Path, tmp_path: Path) -> None:
    assert run(folder, tmp_path / "again") == 0
    first, second = (load_file(place / "acquaintance.safetensors") for place in (folder / "run", tmp_path / "again"))
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_it_is_of_one_network_only(folder: Path, tmp_path: Path) -> None:
    torch.manual_seed(1)
    save_network(PolicyNetwork(PolicyConfig(width=16, layers=1, heads=2)), tmp_path / "other.safetensors")
    other = PolicyModel.load(tmp_path / "other.safetensors")
    with pytest.raises(NetworkFileError, match="got another: make one with"):
        TableModel(other, acquaintance=folder / "run" / "acquaintance.safetensors")


@pytest.mark.parametrize(("content", "complaint"), [(None, "no such file"), (b"so what", "safetensors")])
def test_a_bad_file_is_named(folder: Path, tmp_path: Path, content: bytes | None, complaint: str) -> None:
    file = tmp_path / "acquaintance.safetensors"
    if content is not None:
        file.write_bytes(content)
    base = PolicyModel.load(folder / "policy.safetensors")
    with pytest.raises(NetworkFileError, match=complaint):
        TableModel(base, acquaintance=file)
    save_file({"style.weight": torch.zeros(1, 32)}, file, metadata={"format": "another"})
    with pytest.raises(NetworkFileError, match="another kind of file"):
        TableModel(base, acquaintance=file)


def test_games_without_the_player_are_no_games(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ExampleFileError, match="two games with a player 'nobody'"):
        main(["--games", str(folder / "games"), "--player", "nobody", "--out", str(tmp_path / "run")])
    assert not (tmp_path / "run").exists()
