"""Judges of nonsense: what they look at, that they learn it, thresholds of a stated recall, a whole run."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from dialogue.discriminators import (
    RECALLS,
    Discriminator,
    DiscriminatorFileError,
    Moment,
    Phrases,
    load_discriminators,
    moment_features,
    tokens_of,
    word_features,
)
from dialogue.learned_reader import Weights, hashed
from dialogue.memory import Ledger
from dialogue.names import find_names
from engine.game import Game
from engine.types import Power
from training import discriminators
from training.runs import ExampleFileError

FRANCE, GERMANY = Power.FRANCE, Power.GERMANY
SAYINGS = (
    "Hello, how are you today my friend?",
    "I will move from Paris to Burgundy and you can have Belgium.",
    "Please support me into Munich this spring, will you?",
    "What do you think of Italy and their plans in the south?",
    "I think we should work together against Russia in the north.",
    "Thanks for the support last time, it was a great help to me.",
)


def words(text: str) -> tuple[str, ...]:
    return tokens_of(text, find_names(text))


def test_phrases_know_what_follows_what() -> None:
    phrases = Phrases.counted([words("we will win"), words("we will lose")])
    assert [phrases(run) for run in ("we", "we will", "we will win", "will we")] == [2, 2, 0 + 1, 0]
    assert phrases.total == 6


def test_strange_pairs_show() -> None:
    phrases = Phrases.counted([words(s) for s in SAYINGS])
    good, bad = (set(word_features(words(t), phrases)) for t in (SAYINGS[1], "I Paris will from move you and can to"))
    assert "unseen 0" in good
    assert "unseen 0" not in bad


def test_a_place_that_nobody_can_reach_shows() -> None:
    game = Game()
    at = Moment(game.view(FRANCE), Ledger(FRANCE), GERMANY)
    near, far = (
        set(moment_features(text, find_names(text), (), 0, at))
        for text in ("I will move to Burgundy.", "I will move to Moscow.")
    )
    assert "place unit empty reach 11" in near
    assert "place unit theirs reach 00" in far


def test_thresholds_are_told_by_recall() -> None:
    weights = Weights(np.array([hashed("bad")], np.uint32), np.array([[4.0]], np.float32))
    judge = Discriminator(weights, np.linspace(0.95, 0.05, len(RECALLS), dtype=np.float32))
    assert judge.chance(["bad"]) > 0.9
    assert judge.chance([]) == 0.5
    assert judge.threshold(0.0) > 1, "stops nothing"
    assert judge.threshold(0.5) == pytest.approx(0.5)
    assert judge.threshold(0.9) < judge.threshold(0.1)


def folder_of(tmp_path: Path, games: int) -> Path:
    """Public games in which people say the same things in turns."""
    with gzip.open(tmp_path / "games-train.jsonl.gz", "wt", encoding="utf-8") as lines:
        for number in range(games):
            game = Game(game_id=f"made-{number}")
            for _ in range(2):
                for n, text in enumerate(SAYINGS):
                    game.say(*((FRANCE, GERMANY) if n % 2 else (GERMANY, FRANCE)), text)
                    game.say(Power.ITALY, Power.AUSTRIA, SAYINGS[n - 1])
                game.process()
            players = dict.fromkeys(("FRANCE", "GERMANY", "ITALY", "AUSTRIA"), "human")
            lines.write(json.dumps(game.to_saved_game() | {"players": players}) + "\n")
    return tmp_path


def test_a_run_learns_to_tell_garbled_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, out = folder_of(tmp_path, 4), tmp_path / "run"
    settings = [
        "--data",
        str(data),
        "--out",
        str(out),
        "--per-game",
        "40",
        "--own",
        "30",
        "--folds",
        "2",
        "--least",
        "2",
    ]
    assert discriminators.main(settings) == 0
    shown = capsys.readouterr().out
    assert "words: 96 real" in shown
    judges = load_discriminators(out / "discriminators.safetensors")
    good, bad = (judges.nonsense(t, find_names(t)) for t in (SAYINGS[4], "think I we should should Russia in work the"))
    assert good < 0.5 < bad
    metrics = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert {m["judge"] for m in metrics} == {"words", "moment"}
    garbled = [m["garbled"] for m in metrics if m["judge"] == "words"]
    assert garbled == sorted(garbled), "the lower the threshold, the more is stopped"


def test_games_and_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ExampleFileError, match="expected public games with talk"):
        discriminators.main(["--data", str(tmp_path), "--out", str(tmp_path / "run")])
    damaged = tmp_path / "none.safetensors"
    damaged.write_bytes(b"nothing")
    for path in (damaged, tmp_path / "missing.safetensors"):
        with pytest.raises(DiscriminatorFileError, match="expected discriminators"):
            load_discriminators(path)
