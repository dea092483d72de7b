"""Learning how odd words are: a whole run, and what it cannot work with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dialogue.fluency import SHARES, judge_of
from dialogue.lm import LocalModel
from tests.language_models import save_llama
from tests.training.test_discriminators import folder_of
from training import fluency
from training.runs import ExampleFileError, TrainingError


def test_a_run_makes_a_file_for_the_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, model, out = folder_of(tmp_path, 4), tmp_path / "model", tmp_path / "run"
    model.mkdir()
    save_llama(model)
    settings = ["--data", str(data), "--model", str(model), "--out", str(out), "--per-game", "12", "--folds", "2"]
    assert fluency.main(settings) == 0
    assert "48 real messages" in capsys.readouterr().out
    judge = judge_of(LocalModel.load(model), out)
    assert judge is not None
    limits = judge.fluency.limits.tolist()
    assert limits == sorted(limits, reverse=True)
    metrics = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert [line["share"] for line in metrics] == list(SHARES)
    assert metrics[-1]["infilled"] > metrics[0]["infilled"], "the more of people's are stopped, the more jumbled ones"


def test_games_and_folds_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ExampleFileError, match="expected public games with talk"):
        fluency.main(["--data", str(tmp_path), "--out", str(tmp_path / "run")])
    with pytest.raises(TrainingError, match="2 or more"):
        fluency.main(["--data", str(tmp_path), "--out", str(tmp_path / "run"), "--folds", "1"])
