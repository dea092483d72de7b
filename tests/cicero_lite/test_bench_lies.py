"""Lies told from truths: labelled press read, stakes told, figures counted."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cicero_lite.bench.lies import Detection, detection, lie_f1, macro_f1, measure_lies, reliability
from cicero_lite.bench.truths import Judged, TruthFileError, load_truths, with_stakes
from cicero_lite.cli import main
from dialogue.learned_reader import Weights, hashed
from dialogue.lies import Basis, LieModel, load, save, shipped_models
from engine.game import Game
from engine.types import Power
from planner.rollout import Evaluator, ValueConfig
from planner.search import SearchConfig

SEARCH = SearchConfig(policy="rules", value=ValueConfig(value="threat"), think="4it")


def line(text: str, number: int = 0, lie: bool = False, **others: object) -> dict[str, Any]:
    found = {
        "game_id": "made", "phase": "S1901M", "sender": "GERMANY", "recipient": "FRANCE", "text": text,
        "abs_index": number, "sender_truth": not lie, "receiver_belief": True, "sender_centers": 3, "center_delta": 0,
    }  # fmt: skip
    return {**found, **others}


def press(path: Path, lines: Sequence[dict[str, Any]]) -> Path:
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(its) + "\n" for its in lines)
    return path


def games(path: Path, *said: Sequence[str]) -> Path:
    """A game with these messages of Germany to France, phase by phase."""
    game = Game(game_id="made")
    for texts in said:
        for text in texts:
            game.say(Power.GERMANY, Power.FRANCE, text)
        game.process()
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.write(json.dumps(game.to_saved_game() | {"players": dict.fromkeys(game.powers, "human")}) + "\n")
    return path


def test_messages_find_their_boards_in_order_and_do_without(tmp_path: Path) -> None:
    lines = [line("Hello", 2, phase="F1901M"), line("Hello", 0), line("Never said", 1), line("Bye", 3, phase="W1901A")]
    path = press(tmp_path / "p.jsonl.gz", lines)
    found = load_truths(path, [games(tmp_path / "g.jsonl.gz", ["Hello"], ["Hello", "Bye"])])
    assert [(its.told.message.text, str(its.told.board.phase), its.on_board) for its in found] == [
        ("Hello", "S1901M", True), ("Never said", "S1901M", False), ("Hello", "F1901M", True), ("Bye", "F1901M", True),
    ]  # fmt: skip
    assert [len(its.told.talk) for its in found] == [0, 1, 2, 3]
    assert str(found[3].told.message.phase) == "F1901M", "the game knows better"
    assert not any(its.on_board for its in load_truths(path))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "expected a message of labelled press"),
        ("[1]", r"expected a JSON object, got '\[1\]'"),
        (json.dumps(line("x") | {"sender_truth": 1}), "expected sender_truth of type bool, got 1"),
        (json.dumps(line("x") | {"text": None}), "expected text of type str, got None"),
        (json.dumps(line("x") | {"receiver_belief": "no"}), "receiver_belief to be true, false or null, got 'no'"),
        (json.dumps(line("x") | {"sender": "PRUSSIA"}), "PRUSSIA"),
        (json.dumps(line("x") | {"phase": "soon"}), "soon"),
    ],
)
def test_a_damaged_line_is_named(text: str, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(json.dumps(line("fine")) + "\n" + text + "\n")
    with pytest.raises(TruthFileError, match=rf"p\.jsonl, line 2: .*{expected}"):
        load_truths(path)
    assert main(["bench", "lies", str(path)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "line 2" in error


def test_files_that_are_none_are_named(tmp_path: Path) -> None:
    whole = press(tmp_path / "whole.jsonl.gz", [line(f"text {n} {n * n}", n) for n in range(500)]).read_bytes()
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.jsonl.gz").write_text("no gzip")
    (tmp_path / "empty.jsonl").write_text("\n")
    for name in ("cut.jsonl.gz", "text.jsonl.gz", "empty.jsonl", "absent.jsonl"):
        with pytest.raises(TruthFileError, match=rf"{name}.*expected labelled press, one JSON object a line"):
            load_truths(tmp_path / name)


def test_stakes_tell_likely_words_from_odd_ones_and_kept_ones_from_broken(tmp_path: Path) -> None:
    texts = ["I will move Kiel to Denmark.", "I will hold in Kiel.", "Hello!", "I will move Kiel to Moscow."]
    path = press(tmp_path / "p.jsonl.gz", [line(text, n) for n, text in enumerate(texts)])
    known = load_truths(path, [games(tmp_path / "g.jsonl.gz", texts)])
    evaluator = Evaluator(SEARCH.value)
    reached: list[tuple[int, int]] = []
    denmark, hold, *others = with_stakes(known, SEARCH, evaluator, lambda *its: reached.append(its))
    assert [its.told.stakes for its in others] == [None, None]
    assert reached[-1] == (4, 4)
    assert denmark.told.stakes is not None
    assert hold.told.stakes is not None
    assert denmark.told.stakes.chance > 0.3 > hold.told.stakes.chance
    assert denmark.told.stakes.bait == denmark.told.stakes.edge == 0, "nothing was asked of France"
    assert [its.told.stakes for its in with_stakes(load_truths(path), SEARCH, evaluator)] == [None] * 4


def test_what_is_asked_is_weighed_for_both(tmp_path: Path) -> None:
    text = "I will move Munich to Burgundy. Could you hold in Paris?"
    path = press(tmp_path / "p.jsonl.gz", [line(text)])
    (its,) = with_stakes(load_truths(path, [games(tmp_path / "g.jsonl.gz", [text])]), SEARCH, Evaluator(SEARCH.value))
    assert its.told.stakes is not None
    assert its.told.stakes.switch < 0, "France would rather have that word broken"
    assert its.told.stakes.bait != 0


IS_LIE = np.array([True, True, True, False, False, False, False, False])
CALLED = np.array([1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
TALKS = np.array([0, 0, 1, 1, 2, 2, 2, 5])


def test_figures_are_those_counted_by_hand() -> None:
    found = detection(IS_LIE, CALLED, TALKS, np.full(8, 0.5))
    assert (found.messages, found.lies, found.called) == (8, 3, 3)
    assert found.brier == 0.25
    assert found.precision == found.recall == pytest.approx(2 / 3)
    assert found.lie_f1.value == pytest.approx(2 / 3)
    assert found.macro_f1.value == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert found.lie_f1.low < found.lie_f1.value < found.lie_f1.high <= 1
    assert found == detection(IS_LIE, CALLED, TALKS, np.full(8, 0.5)), "drawn by a seed"


def test_who_tosses_a_coin_scores_as_in_the_paper() -> None:
    """Of the paper's test part 8.8 % are lies: a fair coin has 39.8 and 14.9, always believing 47.7."""
    counts = np.array([44.0, 456.0, 44.0, 456.0])
    assert 100 * float(lie_f1(counts)) == pytest.approx(14.9, abs=0.1)
    assert 100 * float(macro_f1(counts)) == pytest.approx(39.8, abs=0.1)
    assert 100 * float(macro_f1(np.array([0.0, 0.0, 88.0, 912.0]))) == pytest.approx(47.7, abs=0.1)


def test_tenths_are_by_chance() -> None:
    chances = np.linspace(0.9, 0.0, 20)
    found = reliability(chances > 0.5, chances)
    assert [part.messages for part in found] == [2] * 10
    assert found[0].lies == 0
    assert found[0].chance < found[-1].chance
    assert found[-1].lies == 1


def liar_spotter(path: Path) -> Path:
    """Models that know a liar by one word, and nothing else."""
    weights = Weights(np.array([hashed("w:honestly")], np.uint32), np.array([[6.0]], np.float32))
    models = {basis: LieModel(weights, np.array([-3.0, 1.0, 0.0, 0.0]), 0.5) for basis in Basis}
    save(models, path)
    return path


def test_the_command_compares_judges_of_any_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        line("Honestly, I like you.", 0, lie=True, receiver_belief=False),
        line("I like you.", 1, receiver_belief=None),
        line("Honestly!", 2, lie=True, sender="ITALY"),
        line("How are you?", 3, sender="ITALY", receiver_belief=False),
    ]
    path, weights = press(tmp_path / "p.jsonl.gz", lines), liar_spotter(tmp_path / "w.safetensors")
    assert main(["bench", "lies", str(path), "--weights", str(weights), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    judges = found["judges"]
    assert (found["games"], found["talks"], found["boards"]) == (1, 2, 0)
    assert judges["all"]["lie_f1"]["value"] == judges["text"]["macro_f1"]["value"] == 1
    assert judges["talk"]["recall"] == 0, "goes by no words"
    asked = judges["hearers, if asked"]
    assert (asked["messages"], asked["lies"], asked["precision"], asked["recall"]) == (3, 2, 0.5, 0.5)
    assert judges["all, if asked"]["messages"] == 3
    assert main(["bench", "lies", str(path), "--weights", str(weights)]) == 0
    shown = capsys.readouterr().out
    assert "100.0 [100, 100]" in shown
    assert "the test part, which is not this one" in shown


def test_without_lies_there_is_nothing_to_measure(tmp_path: Path) -> None:
    path = press(tmp_path / "p.jsonl.gz", [line("Hello")])
    weights = liar_spotter(tmp_path / "w.safetensors")
    with pytest.raises(TruthFileError, match="expected lies and truths, got 0 lies of 1"):
        measure_lies(path, load_truths(path), load(weights))


def test_the_shipped_models_do_better_than_belief_and_chance(shared_data: Path) -> None:
    judged: tuple[Judged, ...] = load_truths(shared_data / "press-labelled-validation.jsonl.gz")
    judges: dict[str, Detection] = dict(measure_lies(shared_data, judged, shipped_models()).judges)
    assert (judges["both"].messages, judges["both"].lies) == (1416, 56)
    assert judges["both"].macro_f1.value > judges["believes all"].macro_f1.value > judges["random"].macro_f1.value
