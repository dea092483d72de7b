"""The reader of people's press: how it cuts and weighs, what it reads, and that nothing makes it raise."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogue.acts import ActKind, ActOrder, SpeechAct
from dialogue.clauses import read_names
from dialogue.contents import Content
from dialogue.cues import Heard
from dialogue.learned_reader import (
    Guess,
    ReadClause,
    ReaderConfig,
    ReaderFileError,
    Weights,
    hashed,
    load,
    save,
    shipped_reader,
    understand,
)
from dialogue.tagging import cut, must_begin, tokenise
from engine.board import Board
from engine.game import Game
from engine.notation import parse_order
from engine.types import Message, Phase, Power, Province

F, E, G = Power.FRANCE, Power.ENGLAND, Power.GERMANY
BOARD = Board(Game().position)
PHASE = Phase.parse("S1901M")


def said(text: str, sender: Power = F, recipient: Power | None = E, sequence: int = 9) -> Message:
    return Message(sender, recipient, PHASE, text, sequence)


def words(text: str) -> list[str]:
    plain, mentions = read_names(text, BOARD)
    return [token.text for token in tokenise(plain, mentions, F, E)]


def test_names_become_what_they_are_to_the_two_who_talk() -> None:
    assert words("England, I'm off to Bur. German fleets?") == [
        *("@you", ",", "i", "am", "off", "to", "@p", ".", "@a", "fleets", "?"),
    ]


def test_tokens_keep_their_place_in_the_text() -> None:
    text = "Don't worry: gonna bounce you in the Channel :)"
    plain, mentions = read_names(text, BOARD)
    tokens = tokenise(plain, mentions, F, E)
    assert [text[token.start : token.end] for token in tokens if token.text == "@p"] == ["Channel"]
    assert [token.text for token in tokens if text[token.start : token.end] == "gonna"] == ["going", "to"]
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)


def test_a_clause_begins_after_a_full_stop_and_marks_alone_make_none() -> None:
    plain, mentions = read_names("Yes!! Bur it is...", BOARD)
    tokens = tokenise(plain, mentions, F, E)
    begins = [i > 0 and must_begin(tokens, i) for i in range(len(tokens))]
    assert [[token.text for token in tokens[c.first : c.end]] for c in cut(tokens, begins)] == [
        ["yes", "!", "!"],
        ["@p", "it", "is", ".."],
    ]


def test_a_feature_counts_once_and_an_unknown_one_not_at_all() -> None:
    weights = Weights(np.array([hashed("a"), hashed("b")], dtype=np.uint32), np.array([[1.0], [2.0]], dtype=np.float32))
    assert weights.score(["a", "a", "c"]).tolist() == [1.0]
    assert weights.score(["a", "b"]).tolist() == [3.0]
    assert weights.score([]).tolist() == [0.0]


def test_contents_are_the_same_whatever_the_coast() -> None:
    north, south = (Content((ActOrder(F, parse_order(f"F MAO - SPA/{c}C")),)) for c in "NS")
    assert north.key == south.key
    assert north.key != Content(provinces=(Province("SPA"),)).key


def test_it_reads_what_the_rules_do_not() -> None:
    reading = understand(said("I reckon Germany is gonna be all over Burgundy before long"), BOARD)
    assert [(act.kind, act.provinces, act.powers) for act in reading.acts] == [
        (ActKind.INFORM, (Province("BUR"),), (G,))
    ]


def test_a_yes_takes_what_it_answers() -> None:
    asked = said("Could you please move Paris to Burgundy?", E, F, 8)
    reading = understand(said("Yes"), BOARD, (asked,))
    assert [act.kind for act in reading.acts] == [ActKind.AGREE]
    assert reading.acts[0].orders == (ActOrder(F, parse_order("A PAR - BUR")),)
    assert reading.acts[0].answers == 8


def test_it_is_as_sure_as_it_is_asked_to_be() -> None:
    reader = shipped_reader()
    message = said("Hmm, maybe Bur? Not sure though, what would you say?")
    acts = reader.read(message, BOARD).acts
    assert acts
    assert all(reader.config.least_confidence <= act.confidence <= 1 for act in acts)
    certain = replace(reader, config=ReaderConfig(least_confidence=1.0)).read(message, BOARD)
    assert certain.acts == ()
    assert certain.unread


def clause_of_rules(*acts: SpeechAct) -> ReadClause:
    """A clause of which nothing is guessed, and in which the rules read acts with orders."""
    return ReadClause(0, 5, (), acts, None, False, 0.1)


def proposal(*orders: str, kind: ActKind = ActKind.PROPOSE) -> SpeechAct:
    return SpeechAct(kind, F, E, tuple(ActOrder(F, parse_order(order)) for order in orders))


@pytest.mark.parametrize(("chance", "kept"), [(0.7, True), (0.3, False)])
def test_orders_that_the_rules_read_are_kept_where_they_are_likely_enough(chance: float, kept: bool) -> None:
    reader = replace(shipped_reader(), orders_chance=chance, config=ReaderConfig(least_confidence=0.5))
    act = proposal("A PAR - BUR")
    found = reader.reading(Heard.of(said("Hmm.."), BOARD, ()), [clause_of_rules(act)])
    assert found.acts == ((replace(act, confidence=chance),) if kept else ())
    assert found.unread == (() if kept else ("Hmm..",))


def test_orders_guessed_with_confidence_go_before_those_of_the_rules() -> None:
    reader = replace(shipped_reader(), orders_chance=0.7)
    guess = Guess(proposal("A PAR - PIC"), 0.99, 0.99)
    assert reader.confidence(guess) > reader.config.least_confidence
    clause = replace(clause_of_rules(proposal("A PAR - BUR")), guesses=(guess,))
    (act,) = reader.reading(Heard.of(said("Hmm.."), BOARD, ()), [clause]).acts
    assert act.orders == guess.act.orders


def test_orders_read_again_as_the_list_goes_on_are_told_once() -> None:
    first, both = proposal("A PAR - BUR"), proposal("A PAR - BUR", "A MAR S A PAR - BUR")
    other = proposal("A PAR - BUR", kind=ActKind.AGREE)
    clauses = [clause_of_rules(act) for act in (first, both, other, first)]
    acts = shipped_reader().reading(Heard.of(said("Hmm.."), BOARD, ()), clauses).acts
    assert [(act.kind, act.orders) for act in acts] == [(both.kind, both.orders), (other.kind, other.orders)]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120))
def test_no_text_makes_it_raise(text: str) -> None:
    reading = understand(said(text), BOARD, (said("Will you support Bel - Hol?", E, F, 3),))
    assert all(isinstance(act, SpeechAct) for act in reading.acts)


def test_a_file_gives_back_what_was_saved(tmp_path: Path) -> None:
    reader = shipped_reader()
    save(reader, tmp_path / "reader.safetensors")
    again = load(tmp_path / "reader.safetensors")
    message = said("I'd love to see you bounce him in Bel, what do you think?")
    assert again.read(message, BOARD) == reader.read(message, BOARD)


@pytest.mark.parametrize("content", [b"", b"no weights"])
def test_a_file_without_a_reader_is_refused_in_one_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "reader.safetensors"
    path.write_bytes(content)
    with pytest.raises(ReaderFileError, match=r"expected the weights of a reader in .*training reader"):
        load(path)


def test_torch_is_not_loaded_to_read() -> None:
    code = "import sys, dialogue.learned_reader as r; r.shipped_reader(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
