"""The value network's self-play: it runs, learns, and goes on after a kill as if nothing had happened."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import training.selfplay
from engine.mapfile import core_map
from planner import _planner
from planner.value_network import ValueNetwork, ValueShape
from planner.values import SCORINGS, Scoring, load_value, threat_value
from planner.weight_files import NetworkFileError
from training.examples import ValueExamples, value_examples
from training.runs import CheckpointError, ExampleFileError

SETTINGS = {
    "games": 2, "until": 1902, "generations": 1, "changes": 4, "samples": 3, "epochs": 2, "width": 8, "hidden": 4,
    "batch": 16, "matches": 7, "threads": 1, "random-phases": 1,
}  # fmt: skip


def run(out: Path, iterations: int, *flags: str) -> list[dict[str, Any]]:
    """The metrics of a run, without what depends on the clock."""
    words = [f"--{name}={value}" for name, value in {**SETTINGS, "iterations": iterations, "out": out}.items()]
    assert training.selfplay.main([*words, *flags]) == 0
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in line.items() if k not in ("seconds", "playing_s")} for line in lines]


@pytest.fixture(scope="module")
def records() -> _planner.GameRecords:
    config = _planner.GamesConfig()
    config.until, config.styles = 1903, [0.0, 0.0, 0.7, 0.3]
    return _planner.play_games(core_map("standard").start(), 3, threat_value(), config, 1)


def test_a_resumed_run_has_the_same_curve(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", 2)
    assert [line["step"] for line in whole] == [1, 2]
    run(tmp_path / "cut", 1)
    # Killed while it played: the games of the iteration are not there yet.
    assert run(tmp_path / "cut", 2, "--resume") == whole
    first, second = (load_file(tmp_path / name / "value.safetensors") for name in ("whole", "cut"))
    assert list(first) == list(second)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_foreign_checkpoint_is_refused(tmp_path: Path) -> None:
    run(tmp_path, 1)
    path = tmp_path / "checkpoint.safetensors"
    whole = path.read_bytes()
    for broken in (b"", whole[:100]):
        path.write_bytes(broken)
        with pytest.raises(CheckpointError, match=r"checkpoint\.safetensors: expected a checkpoint of this command"):
            run(tmp_path, 2, "--resume")
    path.write_bytes(whole)
    with pytest.raises(CheckpointError, match="expected networks of shapes"):
        run(tmp_path, 2, "--resume", "--width=16")
    (tmp_path / "games-000.npz").write_bytes(b"no examples")
    with pytest.raises(ExampleFileError, match=r"games-000\.npz"):
        run(tmp_path, 2, "--resume")


def test_targets_are_what_the_games_came_to(records: _planner.GameRecords) -> None:
    ends = _planner.final_scores(records.ends)
    last = value_examples(records, 0.0)
    assert last.targets[:, 0] == pytest.approx(ends[last.games], abs=1e-3)
    now = value_examples(records, 1.0)
    assert now.targets.astype(np.float32).sum(axis=2)[:, :2] == pytest.approx(np.ones((len(now), 2)), abs=5e-3)
    # With certain ends, what counts in a year is how it stands when the year is over.
    phases = [p for p in records.batch.phases if p[-1] == "M"]
    first = now.targets[phases.index("S1901M"), 0]
    following = records.batch.phases.index("S1902M")
    assert first == pytest.approx(_planner.final_scores(records.batch)[following], abs=1e-3)


@pytest.mark.parametrize("scoring", SCORINGS, ids=lambda scoring: scoring.name)
def test_torch_and_play_agree(records: _planner.GameRecords, tmp_path: Path, scoring: Scoring) -> None:
    torch.manual_seed(0)
    network = ValueNetwork(core_map("standard").start(), ValueShape(16, 8))
    # A fresh network is the hand-made value; not so one whose last layer does something.
    torch.nn.init.normal_(network.head.weight)
    torch.nn.init.normal_(network.trust)
    examples = value_examples(records, 0.1)
    rows = [row for row, phase in enumerate(records.batch.phases) if phase[-1] == "M"]
    threat = torch.from_numpy(threat_value().scores(records.batch)[rows])
    found = network(torch.from_numpy(examples.features).long(), threat).exp()[:, SCORINGS.index(scoring)]
    found = found.detach().numpy()
    won = (records.batch.center_counts()[rows] >= 18).any(axis=1)
    assert not won.all()
    play = network.core(scoring).scores(records.batch, scoring=scoring)[rows]
    assert play[~won] == pytest.approx(found[~won], abs=1e-5)
    network.save(tmp_path / "value.safetensors")
    stored = load_value(tmp_path / "value.safetensors", scoring).scores(records.batch, scoring=scoring)[rows]
    assert stored[~won] == pytest.approx(found[~won], abs=5e-3)


def test_other_value_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "value.safetensors"
    with pytest.raises(NetworkFileError, match="no such file"):
        load_value(path)
    shape = ValueShape(16, 8)
    assert asdict(shape) == {"width": 16, "hidden": 8}
    ValueNetwork(core_map("standard").start(), shape).save(path)
    whole = path.read_bytes()
    for broken in (b"", whole[:1000], whole[:-8]):
        path.write_bytes(broken)
        with pytest.raises(NetworkFileError, match=r"expected a value network \(safetensors\)"):
            load_value(path)
    path.write_bytes(whole.replace(b"cicero-lite value 2", b"cicero-lite value 1"))
    with pytest.raises(NetworkFileError, match="expected 'cicero-lite value 2' in the header"):
        load_value(path)
    path.write_bytes(whole.replace(b"solo_slope", b"solo_slips"))
    with pytest.raises(NetworkFileError, match="expected the settings of a threat value"):
        load_value(path)


def test_a_fresh_network_is_the_threat_value(records: _planner.GameRecords) -> None:
    fresh = ValueNetwork(core_map("standard").start(), ValueShape(16, 8)).core()
    assert fresh.scores(records.batch) == pytest.approx(threat_value().scores(records.batch), abs=0.01)


def test_half_a_correction_is_the_mean_with_the_hand_made_value(records: _planner.GameRecords, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = ValueNetwork(core_map("standard").start(), ValueShape(16, 8))
    torch.nn.init.normal_(network.head.weight)
    network.save(tmp_path / "value.safetensors", half=False, correction=0.5)
    undecided = (records.batch.center_counts() < 18).all(axis=1)
    threat, whole, half = (
        np.log(value.scores(records.batch)[undecided] + _planner.LEAST_SCORE)
        for value in (threat_value(), network.core(), load_value(tmp_path / "value.safetensors"))
    )
    alive = (threat > np.log(0.01)) & (whole > np.log(0.01))
    mean = (threat + whole) / 2
    # The same up to what makes each row sum to 1.
    apart = np.where(alive, half - mean, np.nan)
    assert np.nanmax(np.nanmax(apart, axis=1) - np.nanmin(apart, axis=1)) < 0.1
    assert np.abs(half - threat)[alive].max() > 0.3


def test_examples_come_back(records: _planner.GameRecords, tmp_path: Path) -> None:
    examples = value_examples(records, 0.1)
    examples.save(tmp_path / "games.npz")
    again = ValueExamples.load(tmp_path / "games.npz")
    assert np.array_equal(again.features, examples.features)
    assert np.array_equal(again.threat, examples.threat)
    assert np.array_equal(again.targets, examples.targets)
    assert np.array_equal(again.games, examples.games)
