"""Learning to tell lies: a whole run on made press, and what is chosen by games held back."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from cicero_lite.bench.truths import TruthFileError
from dialogue.lies import Basis, load
from training import lies
from training.lies import alike, best_threshold, held_back
from training.logistic import fit_dense


def press(path: Path, games: int, seed: int) -> None:
    """Talks in which who says "honestly" lies, four times of five."""
    rng = np.random.default_rng(seed)
    with gzip.open(path, "wt", encoding="utf-8") as out:
        for game in range(games):
            for number in range(60):
                lie = number % 5 == 0
                words = "honestly my friend" if lie and rng.random() < 0.8 else "goodness my friend"
                said = {
                    "game_id": f"made-{seed}-{game}", "phase": "S1901M", "sender": "FRANCE", "recipient": "ITALY",
                    "text": f"{words} {number}", "abs_index": number, "sender_truth": not lie, "receiver_belief": None,
                    "sender_centers": 3, "center_delta": 0,
                }  # fmt: skip
                out.write(json.dumps(said) + "\n")


def test_a_run_learns_what_gives_liars_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    press(tmp_path / "press-labelled-train.jsonl.gz", 4, 0)
    press(tmp_path / "press-labelled-validation.jsonl.gz", 1, 1)
    for name in ("first", "second"):
        assert lies.main(["--out", str(tmp_path / name), "--data", str(tmp_path), "--penalty", "0.5"]) == 0
    run = json.loads((tmp_path / "first" / "run.json").read_text())
    assert (run["command"], run["settings"]["penalty"], run["settings"]["seed"]) == ("lies", 0.5, 0)
    lines = {
        its["basis"]: its for its in map(json.loads, (tmp_path / "first" / "metrics.jsonl").read_text().splitlines())
    }
    assert set(lines) == set(Basis)
    assert lines["text"]["macro_f1"] > 0.85 > lines["talk"]["macro_f1"]
    assert lines["text"]["log_loss"] < 0.35 < lines["talk"]["log_loss"]
    models = load(tmp_path / "first" / "lies.safetensors")
    assert models[Basis.TEXT].weights.score(["w:honestly"])[0] > 0 > models[Basis.TEXT].weights.score(["w:goodness"])[0]
    first, second = ((tmp_path / name / "lies.safetensors").read_bytes() for name in ("first", "second"))
    assert first == second
    assert "validation, hearers" not in capsys.readouterr().out, "nobody was asked"


def test_no_press_is_a_plain_error(tmp_path: Path) -> None:
    with pytest.raises(TruthFileError, match="press-labelled-train"):
        lies.main(["--out", str(tmp_path / "run"), "--data", str(tmp_path)])


def test_each_game_counts_alike_for_the_threshold() -> None:
    is_lie = np.array([True] * 40 + [False] * 60 + ([True] + [False] * 9) * 2)
    chances = np.array([0.2] * 40 + [0.1] * 60 + ([0.8] + [0.3] * 9) * 2)
    games = np.array(["large"] * 100 + ["one"] * 10 + ["two"] * 10)
    assert best_threshold(is_lie, chances, games) > 0.3, "though most lies are of the large game"
    figures = held_back(is_lie, chances, games, 0.5)
    assert figures["called"] == pytest.approx(2 / 120, abs=1e-4)
    assert figures["order_by_game"] == 1.0


def test_messages_of_small_games_count_more() -> None:
    assert alike(np.array(["a", "a", "a", "b"])).tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2])


def test_dense_weights_are_recovered() -> None:
    rng, truth = np.random.default_rng(0), np.array([-1.0, 2.0])
    rows = np.stack([np.ones(6000), rng.standard_normal(6000)], axis=1)
    answers = rng.random(6000) < 1 / (1 + np.exp(-rows @ truth))
    assert fit_dense(rows, answers) == pytest.approx(truth, abs=0.15)
    later = fit_dense(np.concatenate([rows, rows]), np.concatenate([answers, ~answers]), np.repeat([1.0, 0.0], 6000))
    assert later == pytest.approx(fit_dense(rows, answers)), "what counts for nothing changes nothing"
