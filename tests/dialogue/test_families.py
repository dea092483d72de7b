"""Llama, Qwen and Gemma go through the same code: sampled, masked, scored, adapted."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dialogue.acts import ActKind, SpeechAct
from dialogue.generation import GenerationConfig, Source, draft, prefer
from dialogue.language_model import ModelFileError, Precision, SamplingConfig
from dialogue.lm import LocalModel
from dialogue.prompt import NAMED_SLOTS
from dialogue.situation import SpeechPlan
from engine.game import Game
from engine.types import Power
from tests.language_models import FAMILIES

PROMPTS = ["<head> S1901M FRANCE to GERMANY <say> <propose> <GERMANY> A <MUN> - <RUH> <msg>", "Hello <msg>"]
TEXTS = [["I will move to <BUR>.", "", "Hello <GERMANY>, let us work together against <ITALY>, will you?"], ["Hi"]]


@pytest.fixture(scope="module", params=sorted(FAMILIES))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp(str(request.param))
    FAMILIES[request.param](where)
    return where


@pytest.fixture(scope="module")
def model(folder: Path) -> LocalModel:
    return LocalModel.load(folder)


def test_greedy_matches_transformers(model: LocalModel) -> None:
    greedy = SamplingConfig(temperature=0.0, max_tokens=12)
    allowed = [frozenset(NAMED_SLOTS)] * 2
    ours = model.sample(PROMPTS, 1, greedy, allowed, 0)
    alone = [model.sample([prompt], 1, greedy, allowed[:1], 0)[0] for prompt in PROMPTS]
    assert [[s.text for s in group] for group in ours] == [[s.text for s in group] for group in alone]
    for prompt, samples in zip(PROMPTS, ours, strict=True):
        tokens: Any = model.tokenizer(prompt, return_tensors="pt")
        with torch.inference_mode():
            whole = model.model.generate(input_ids=tokens["input_ids"], do_sample=False, max_new_tokens=12)
        said = model.tokenizer.decode(whole[0, tokens["input_ids"].shape[1] :], skip_special_tokens=True)
        assert [s.text for s in samples] == [" ".join(said.split("\n")[0].split())] or not samples


def test_scores_are_the_model_s_own(model: LocalModel) -> None:
    """Text by text without padding or cache: the same numbers."""
    scores = model.score(PROMPTS, TEXTS)
    assert [len(group) for group in scores] == [3, 1]
    for prompt, texts, group in zip(PROMPTS, TEXTS, scores, strict=True):
        for text, score in zip(texts, group, strict=True):
            given = model.tokenizer.encode(prompt)
            said = [*model.tokenizer.encode(text, add_special_tokens=False), model.tokenizer.eos_token_id]
            with torch.inference_mode():
                table = model.model(torch.tensor([given + said])).logits[0].float().log_softmax(-1)
            expected = table[len(given) - 1 : -1].gather(-1, torch.tensor(said)[:, None]).sum()
            assert score.log_likelihood == pytest.approx(float(expected), abs=1e-3)
            assert (score.tokens, score.words) == (len(said), len(text.split()))
    assert scores[0][0].per_word == pytest.approx(scores[0][0].log_likelihood / 5)


def test_scoring_in_batches_changes_nothing(model: LocalModel) -> None:
    many = [[f"I will move to <BUR> {n}" for n in range(size)] for size in (7, 0, 11, 20, 1)]
    prompts = [f"{PROMPTS[0]} {n}" for n in range(5)]
    together = model.score(prompts, many)
    assert [len(group) for group in together] == [7, 0, 11, 20, 1]
    assert together[3][4].log_likelihood == pytest.approx(
        model.score(prompts[3:4], [[many[3][4]]])[0][0].log_likelihood, abs=1e-3
    )
    assert model.score([], []) == []


def test_what_prompts_begin_with_is_read_once(model: LocalModel) -> None:
    alike = [f"{PROMPTS[0]} {' and'.join(' A <MUN>' for _ in range(n % 3))} {n} <msg>" for n in range(40)]
    for prompts in (alike, PROMPTS, PROMPTS[:1] * 2, []):
        for text in TEXTS[0]:
            alone = [group[0] for group in model.score(prompts, [[text]] * len(prompts))]
            together = model.score_alike(prompts, text)
            assert [s.log_likelihood for s in together] == pytest.approx([s.log_likelihood for s in alone], abs=1e-3)
            assert [(s.tokens, s.words) for s in together] == [(s.tokens, s.words) for s in alone]


def test_foreign_slots_are_dropped(model: LocalModel) -> None:
    """Masked where a slot is one piece, dropped afterwards where it is several."""
    texts = [s.text for s in model.sample(PROMPTS[:1], 48, SamplingConfig(temperature=1.5), [frozenset()], 1)[0]]
    assert not any(slot in text for text in texts for slot in NAMED_SLOTS)


def test_drafts(model: LocalModel) -> None:
    """The full prompt, cut to the budget; what random weights say is never preferred to the grammar's."""
    plan = SpeechPlan(Power.FRANCE, Power.GERMANY, (SpeechAct(ActKind.SMALL_TALK, Power.FRANCE, Power.GERMANY),))
    found = draft(plan, Game().view(Power.FRANCE), (), model, GenerationConfig(), np.random.default_rng(0))
    best = prefer(found)
    assert best is not None
    assert best.source is Source.GRAMMAR


def test_16_bits(folder: Path, model: LocalModel) -> None:
    half = LocalModel.load(folder, precision=Precision.BF16)
    assert {weights.dtype for weights in half.model.parameters()} == {torch.bfloat16}
    expected, got = model.score(PROMPTS, TEXTS), half.score(PROMPTS, TEXTS)
    assert got[0][2].log_likelihood == pytest.approx(expected[0][2].log_likelihood, rel=0.05)


def test_8_bits(folder: Path, model: LocalModel) -> None:
    pytest.importorskip("bitsandbytes", reason="bitsandbytes, for weights in 8 bits, is not installed")
    small = LocalModel.load(folder, precision=Precision.INT8)
    expected, got = model.score(PROMPTS, TEXTS), small.score(PROMPTS, TEXTS)
    assert got[0][2].log_likelihood == pytest.approx(expected[0][2].log_likelihood, rel=0.05)


def test_8_bits_without_bitsandbytes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelFileError, match="pip install bitsandbytes"):
        LocalModel.load(folder, precision=Precision.INT8)


def test_no_such_device(folder: Path) -> None:
    with pytest.raises(ModelFileError, match="expected a device of this machine such as cpu, got 'abacus'"):
        LocalModel.load(folder, device="abacus")


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")  # peft 0.21, transformers 5.24
def test_an_adapter_s_folder_is_a_model(folder: Path, model: LocalModel, tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(1)
    lora = LoraConfig(r=2, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
    adapted = get_peft_model(LocalModel.load(folder).model, lora).eval()
    adapted.save_pretrained(tmp_path)
    expected = LocalModel(adapted, model.tokenizer).score(PROMPTS, TEXTS)
    if importlib.util.find_spec("bitsandbytes") is not None:
        small = LocalModel.load(tmp_path, precision=Precision.INT8).score(PROMPTS, TEXTS)
        assert small[0][2].log_likelihood == pytest.approx(expected[0][2].log_likelihood, rel=0.05)
    for loaded in (LocalModel.load(tmp_path), LocalModel.load(folder, tmp_path)):
        got = loaded.score(PROMPTS, TEXTS)
        assert got[0][2].log_likelihood == pytest.approx(expected[0][2].log_likelihood, abs=1e-2)
        assert got[0][2].log_likelihood != pytest.approx(model.score(PROMPTS, TEXTS)[0][2].log_likelihood, abs=1e-2)
