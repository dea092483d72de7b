"""Learning to read: what the labels say of clauses, and the models fitted to it."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cicero_lite.bench.press_labels import LabelledMessage
from cicero_lite.bench.press_sample import HumanMessage, PressKey
from dialogue.acts import ActKind, ActOrder, SpeechAct
from dialogue.cues import Heard
from dialogue.learned_reader import MORE, NOTHING, ReadClause
from dialogue.tagging import Clause
from dialogue.understanding import matches, read
from engine.board import Board
from engine.game import Game
from engine.notation import parse_order
from engine.types import Message, Phase, Power, Province
from training.labelled_press import Lesson, Place, boundaries, class_targets, done, load_lessons, own_lessons
from training.logistic import Choice, fit_choices, fit_classes, fit_yes
from training.reader import deal, orders_right
from training.runs import ROOT, SHARED_DATA, ExampleFileError
from training.unlabelled_press import press_tokens
from training.word_groups import word_groups

F, E = Power.FRANCE, Power.ENGLAND
BOARD = Board(Game().position)


def lesson(text: str, *stretches: tuple[str, ActKind]) -> tuple[Lesson, Heard]:
    """A message with acts at the stretches of its text."""
    message = Message(F, E, Phase.parse("S1901M"), text, 0)
    places = []
    for words, kind in stretches:
        start = text.index(words)
        act = SpeechAct(kind, F, E, provinces=(Province("BUR"),))
        places.append(Place(act, kind.value, start, start + len(words), 1.0))
    labelled = LabelledMessage(HumanMessage(PressKey("g", "S1901M", 0), message, BOARD, ()), ((),))
    return Lesson(labelled, tuple(places)), Heard.of(message, BOARD, ())


def test_a_clause_begins_where_an_act_does_and_not_within_one() -> None:
    its, heard = lesson("Yes I will go to Bur", ("Yes", ActKind.AGREE), ("I will go to Bur", ActKind.PROMISE))
    found = dict(boundaries(its, heard.tokens))
    assert [heard.tokens[i].text for i, begins in found.items() if begins] == ["i"]
    assert len(found) == 5


def test_each_clause_does_what_most_of_its_words_are_labelled_with() -> None:
    its, heard = lesson(
        "Yes I will go to Bur with my army and hope",
        ("Yes", ActKind.AGREE),
        ("will go to Bur with my", ActKind.PROMISE),
    )
    clauses = [Clause(0, 1), Clause(1, 6), Clause(6, 9), Clause(9, 11)]
    found = done(its, heard.tokens, clauses)
    assert [dict(kinds) for kinds in found.classes] == [{"agree": 1.0}, {"promise": 1.0}, {MORE: 1.0}, {NOTHING: 1.0}]
    assert [index for index, _ in found.placed] == [0, 1]
    targets = class_targets([found], ["agree", MORE, NOTHING, "promise"])
    assert targets.tolist() == [[1, 0, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]]


def test_models_tell_what_they_were_shown() -> None:
    bags = [["x", "a"], ["x", "b"], ["a"], ["b"]] * 5
    classes = fit_classes(bags, np.array([[1, 0], [0, 1], [1, 0], [0, 1]] * 5, dtype=np.float32), 0.1, 2)
    assert classes.score(["a"]).argmax() == 0
    assert classes.score(["b", "unseen"]).argmax() == 1
    answers = fit_yes(bags, np.array([True, False, True, False] * 5), 0.1, 2)
    assert answers.score(["a"])[0] > 0 > answers.score(["b"])[0]
    choices = fit_choices([Choice([["a"], ["b"]], 0), Choice([["b"], ["b", "x"]], None)] * 5, 0.1, 2)
    assert choices.score(["a"])[0] > 0 > choices.score(["b"])[0]


def test_rare_features_are_left_out() -> None:
    found = fit_yes([["often", "once"], ["often"]], np.array([True, False]), 0.1, 2)
    assert len(found.keys) == 1


def test_how_often_the_rules_read_the_right_orders_whatever_the_kind() -> None:
    its, _ = lesson("Par to Bur", ("Par to Bur", ActKind.PROPOSE))
    burgundy, picardy = (ActOrder(F, parse_order(f"A PAR - {place}")) for place in ("BUR", "PIC"))
    labelled = replace(its.labelled, labellings=((SpeechAct(ActKind.PROPOSE, F, E, (burgundy,)),),))
    read_acts = [SpeechAct(ActKind.INFORM, F, E, orders) for orders in ((burgundy,), (picardy,), (burgundy, picardy))]
    clauses = [ReadClause(0, 1, (), tuple(acts), None, False, 0.0) for acts in (read_acts[:2], read_acts[2:])]
    assert orders_right([replace(its, labelled=labelled)], [clauses]) == pytest.approx(1 / 3)
    assert orders_right([its], [[]]) == 0


def test_games_are_dealt_whole_and_evenly() -> None:
    games = ["a"] * 5 + ["b"] * 3 + ["c"] * 2
    fold = deal(games, 2)
    assert {int(n) for n in fold[:5]} != {int(n) for n in fold[5:]}
    assert all(len({int(f) for f, g in zip(fold, games, strict=True) if g == name}) == 1 for name in "abc")


def test_words_in_like_company_are_in_one_group() -> None:
    texts = [("i", verb, "to", place, ".") for verb in ("go", "move") for place in ("here", "there", "him")] * 4
    texts += [("it", "was", "a", "day", "!")] * 8
    groups = word_groups(texts, 0)
    assert groups.fine.keys() == {token for text in texts for token in text}
    assert list(groups.features(["go", "to"])) != list(groups.features(["day", "to"]))


def test_messages_of_our_own_are_read_as_planned() -> None:
    for its in own_lessons(5, seed=1):
        said = its.labelled.said
        assert matches(its.labelled.labellings[0], read(said.message, said.board, said.talk))


def test_the_labels_of_the_repository_are_those_of_the_public_games() -> None:
    games = SHARED_DATA / "games-train.jsonl.gz"
    if not games.is_file():
        pytest.skip(f"no public games at {games}")
    labels: Path = ROOT / "training" / "labels" / "press.jsonl"
    lessons = load_lessons(labels, games)
    assert len(lessons) == len(labels.read_text(encoding="utf-8").splitlines())
    for its in lessons:
        for place in its.places:
            assert its.labelled.said.message.text[place.start : place.end].strip()


def test_press_that_is_not_there_or_no_press_gives_one_line(tmp_path: Path) -> None:
    with pytest.raises(ExampleFileError, match=r"^cannot read .*games-train.*--data") as missing:
        press_tokens(tmp_path)
    (tmp_path / "games-train.jsonl.gz").write_bytes(gzip.compress(b"[1, 2]"))
    with pytest.raises(ExampleFileError, match=r"^cannot read .*games-train.*--data") as other:
        press_tokens(tmp_path)
    assert "\n" not in f"{missing.value}{other.value}"
