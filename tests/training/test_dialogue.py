"""The training command for a few steps on the CPU: it learns, saves a loadable model, and resumes exactly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

import training.dialogue
from dialogue.language_model import SamplingConfig
from dialogue.lm import LocalModel
from training.__main__ import main

SETTINGS = {
    "generated": 40,
    "width": 64,
    "layers": 1,
    "pieces": 500,
    "length": 128,
    "batch": 2,
    "evaluate-plans": 2,
    "warmup": 2,
    "steps": 4,
    "evaluate-steps": 2,
    "threads": 1,
    "precision": "no",
    "data": "nowhere",
}


class StoppedError(Exception):
    """Ends a run from inside."""


def train(out: Path, *more: str) -> int:
    flags = [word for name, value in SETTINGS.items() for word in (f"--{name}", str(value))]
    return main(["dialogue", "--out", str(out), *flags, *more])


@pytest.mark.filterwarnings("ignore")  # accelerate and torch warn of what they do on a CPU
def test_resumed_run_equals_an_uninterrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(tmp_path / "whole") == 0
    assert "learning from generated press only" in capsys.readouterr().out
    whole = [json.loads(line) for line in (tmp_path / "whole" / "metrics.jsonl").read_text().splitlines()]
    assert [m["step"] for m in whole] == [2, 4]
    assert {"loss", "perplexity", "read_back", "tokens_per_second"} <= set(whole[0])

    save = training.dialogue.save_checkpoint

    def save_and_stop(*args: object) -> None:
        save(*args)  # type: ignore[arg-type]
        raise StoppedError

    monkeypatch.setattr(training.dialogue, "save_checkpoint", save_and_stop)
    with pytest.raises(StoppedError):
        train(tmp_path / "parts")
    monkeypatch.undo()
    assert train(tmp_path / "parts", "--resume") == 0
    parts = [json.loads(line) for line in (tmp_path / "parts" / "metrics.jsonl").read_text().splitlines()]
    assert [m["step"] for m in parts] == [2, 4]
    assert parts[1]["loss"] == pytest.approx(whole[1]["loss"], rel=1e-5)
    states = [
        torch.load(tmp_path / run / "checkpoint" / "optimizer.bin", weights_only=True)["state"]
        for run in ("whole", "parts")
    ]
    for key, moments in states[0].items():
        assert torch.allclose(moments["exp_avg"], states[1][key]["exp_avg"], atol=1e-7)

    model = LocalModel.load(tmp_path / "parts" / "model")
    groups = model.sample(["S1901M <say> <ask> <book> <msg>"], 2, SamplingConfig(max_tokens=4), [frozenset()], 0)
    assert len(groups[0]) == 2

    assert train(tmp_path / "whole") == 2
    assert "expected a new folder for this run" in capsys.readouterr().err
