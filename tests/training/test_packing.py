"""Packing changes nothing: examples in one sequence do not see each other, and only messages are learnt."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from dialogue.acts import ActKind
from dialogue.annotation import Example
from dialogue.language_model import Precision
from dialogue.model_files import load_model
from dialogue.prompt import Detail, Form, Piece, PromptConfig, Section, Voice
from tests.language_models import FAMILIES
from training.language_models import check_packing, loss_of
from training.packing import NO_TARGET, Drawn, Shares, Tokenised, draws, packed, share_left_out, tokenised
from training.runs import TrainingError

EXAMPLES = [Tokenised(tuple(range(10, 10 + size)), given) for size, given in [(5, 2), (7, 4), (9, 3), (6, 5), (17, 4)]]
CPU = torch.device("cpu")


def network() -> LlamaForCausalLM:
    torch.manual_seed(0)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=64,
            hidden_size=32,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            attn_implementation="eager",
        )
    ).eval()


def test_rows() -> None:
    (batch,) = packed(EXAMPLES, 16, 2, pad=0)
    assert batch.tokens.shape == (2, 16), "17 tokens do not fit and are left out"
    assert batch.tokens[0].tolist() == [10, 11, 12, 13, 14, 10, 11, 12, 13, 14, 15, 16, 0, 0, 0, 0]
    assert batch.positions[0].tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3]
    n = NO_TARGET
    assert batch.targets[0].tolist() == [n, 12, 13, 14, n, n, n, n, 14, 15, 16, n, n, n, n, n]
    assert batch.learnt == 3 + 3 + 6 + 1


def test_packed_loss_is_that_of_single_examples() -> None:
    learner = network()
    with torch.inference_mode():
        (together,) = packed(EXAMPLES[:4], 16, 2, pad=0)
        alone = [next(packed([example], 16, 2, pad=0)) for example in EXAMPLES[:4]]
        counts = [batch.learnt for batch in alone]
        expected = np.average([float(loss_of(learner, batch)) for batch in alone], weights=counts)
        assert float(loss_of(learner, together)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_family_keeps_packed_examples_apart(family: str, tmp_path: Path) -> None:
    FAMILIES[family](tmp_path)
    model = load_model(tmp_path, None, "cpu", Precision.FP32).model
    check_packing(model, 64, CPU)
    forward = model.forward

    def without_borders(position_ids: torch.Tensor, **given: object) -> object:
        return forward(position_ids=torch.arange(position_ids.shape[1])[None], **given)

    model.forward = without_borders
    with pytest.raises(TrainingError, match="know no borders"):
        check_packing(model, 64, CPU)


def example(number: int, author: str = "book", planned: bool = True) -> Example:
    pieces = [
        Piece(Section.TALK, Detail.TALK, f"talk {number}"),
        Piece(Section.HEAD, Detail.KEPT, f"{author} {number}"),
    ]
    plan = [Piece(Section.PLAN, Detail.KEPT, f"<say> {number}")] if planned else []
    return Example((*pieces, *plan), f"message {number}", Voice.BOOK, author=author)


MANY = [
    *(example(n) for n in range(30)),
    *(example(n, "human") for n in range(7)),
    *(example(n, "cicero", planned=False) for n in range(5)),
]


def test_pools_are_drawn_in_their_shares() -> None:
    forms = {Form.TEXT: 0.5, Form.PLAN: 1.0, Form.PLAN_ALONE: 0.5}
    stream = list(islice(draws(MANY, Shares(0.4, 0.25, forms), seed=1), 1000))
    assert Counter(e.author for e, _ in stream) == {"book": 600, "human": 300, "cicero": 100}
    seen = Counter(form for e, form in stream if e.has_plan)
    assert seen[Form.PLAN] == pytest.approx(450, abs=60)
    assert seen[Form.TEXT] == pytest.approx(225, abs=60)
    assert {form for e, form in stream if not e.has_plan} == {Form.TEXT}
    assert stream == list(islice(draws(MANY, Shares(0.4, 0.25, forms), seed=1), 1000))
    assert stream != list(islice(draws(MANY, Shares(0.4, 0.25, forms), seed=2), 1000))


def test_the_models_own_words_have_a_share() -> None:
    every = [*MANY, *(example(n, "own") for n in range(9))]
    shares = Shares(0.2, 0.0, {Form.TEXT: 0.5, Form.PLAN: 0.5}, own=0.3)
    stream = list(islice(draws(every, shares, seed=1), 500))
    assert Counter(e.author for e, _ in stream) == {"book": 250, "own": 150, "human": 100}
    assert {form for e, form in stream if e.author == "own"} == {Form.PLAN}
    assert {form for e, form in stream if e.author == "book"} == {Form.TEXT, Form.PLAN}


def test_rare_acts_are_drawn_more_often() -> None:
    def about(number: int, kind: ActKind) -> Example:
        return replace(example(number), kinds=(kind,))

    many = [*(about(n, ActKind.INFORM) for n in range(98)), *(about(n, ActKind.DENY) for n in (98, 99))]
    many = [*many[:1], replace(many[1], kinds=(ActKind.INFORM, ActKind.ALLY)), *many[2:]]
    people = replace(example(100, "human"), kinds=(ActKind.THREATEN,))
    shares = Shares(0.5, 0.0, {Form.PLAN: 1.0}, rare_times=5)
    seen = Counter(e.message for e, _ in islice(draws([*many, people], shares, seed=0), 2 * (97 + 3 * 5)))
    assert seen["message 0"] == 1
    assert seen["message 1"] == seen["message 98"] == seen["message 99"] == 5
    assert seen["message 100"] == 112, "people's come as often as they are there"


def test_every_epoch_of_a_pool_sees_every_example_once() -> None:
    stream = [e for e, _ in islice(draws(MANY, Shares(0.4, 0.25, {Form.TEXT: 1.0}), seed=0), 500) if e.author == "book"]
    epochs = [[e.message for e in stream[start : start + 30]] for start in (0, 30, 60)]
    assert all(len(set(epoch)) == 30 for epoch in epochs)
    assert epochs[0] != epochs[1]


def test_a_pool_that_is_empty_leaves_its_share_to_the_others() -> None:
    only = list(islice(draws(MANY[:30], Shares(0.4, 0.25, {Form.PLAN: 1.0}), seed=0), 60))
    assert {e.author for e, _ in only} == {"book"}
    planned = list(islice(draws(MANY, Shares(1.0, 1.0, {Form.TEXT: 1.0}), seed=0), 10))
    assert {e.author for e, _ in planned} == {"cicero"}
    with pytest.raises(TrainingError, match="expected examples to draw from"):
        next(draws(MANY, Shares(1.0, 1.0, {Form.PLAN: 1.0}), seed=0))


def test_an_example_is_tokenised_as_play_does(tmp_path: Path) -> None:
    FAMILIES["gemma"](tmp_path)
    tokenizer = load_model(tmp_path, None, "cpu", Precision.FP32).tokenizer
    prompt = PromptConfig().telling(Form.PLAN_ALONE.sections)
    one = tokenised(example(3), prompt, tokenizer)
    assert list(one.tokens[: one.given]) == tokenizer.encode("<head> book 3 <say> 3 <msg>")
    said = tokenizer.encode("message 3", add_special_tokens=False)
    assert list(one.tokens[one.given :]) == [*said, tokenizer.eos_token_id]


def test_workers_and_processes_take_the_draws_in_order(tmp_path: Path) -> None:
    FAMILIES["llama"](tmp_path)
    tokenizer = load_model(tmp_path, None, "cpu", Precision.FP32).tokenizer
    shares, prompt = Shares(0.4, 0.25, {Form.TEXT: 0.5, Form.PLAN: 0.5}), PromptConfig()
    drawn = islice(draws(MANY, shares, seed=3), 400)
    expected = [tokenised(e, prompt.telling(form.sections), tokenizer) for e, form in drawn]
    for workers in (0, 2):
        assert list(islice(Drawn(MANY, shares, prompt, tokenizer, 3).tokens(workers), 400)) == expected
    second = Drawn(MANY, shares, prompt, tokenizer, 3, process=1, processes=2)
    assert list(islice(second.tokens(0), 200)) == expected[1::2]


def test_examples_longer_than_a_sequence_are_counted(tmp_path: Path) -> None:
    FAMILIES["qwen"](tmp_path)
    tokenizer = load_model(tmp_path, None, "cpu", Precision.FP32).tokenizer
    prompt, shares = PromptConfig(), Shares(0.0, 0.0, {Form.PLAN: 1.0})
    some = [*(example(number) for number in range(3)), replace(example(3), message="no " * 50)]
    sizes = sorted(len(tokenised(one, prompt, tokenizer).tokens) for one in some)
    drawn = Drawn(some, shares, prompt, tokenizer, 0)
    assert share_left_out(drawn, sizes[3]) == 0.0
    assert share_left_out(drawn, sizes[3] - 1) == 0.25
    with pytest.raises(TrainingError, match=rf"--length: expected room .* {sizes[0]} at least, got {sizes[0] - 1}"):
        share_left_out(drawn, sizes[0] - 1)
