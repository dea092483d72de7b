"""Sampling is deterministic, independent of batching, and cannot say a masked slot; bad files give one clear line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from dialogue.language_model import ModelFileError, SamplingConfig
from dialogue.lm import LocalModel, draw
from dialogue.prompt import PROMPT_FILE, SHORT_PROMPT, SLOTS, PromptConfig

CONFIG = SamplingConfig(temperature=1.0, top_p=1.0, max_tokens=24)
PROMPTS = ["I will move to", "Hello <W0>, let us work together against <W2>. No, sorry, the", "Hello"]
NONE: list[frozenset[str]] = [frozenset()] * 3
ALL = [frozenset(SLOTS)] * 3


def test_same_seed_same_texts(tiny_model: LocalModel) -> None:
    first = tiny_model.sample(PROMPTS, 4, CONFIG, ALL, seed=5)
    assert first == tiny_model.sample(PROMPTS, 4, CONFIG, ALL, seed=5)
    assert first != tiny_model.sample(PROMPTS, 4, CONFIG, ALL, seed=6)
    assert [len(group) for group in first] == [4, 4, 4]


def test_threads_are_left_as_they_were(tiny_model: LocalModel) -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        first = tiny_model.sample(PROMPTS, 2, CONFIG, ALL, seed=1)
        assert torch.get_num_threads() == 2
        torch.set_num_threads(1)
        assert tiny_model.sample(PROMPTS, 2, CONFIG, ALL, seed=1) == first
    finally:
        torch.set_num_threads(before)


def test_masked_slots_are_never_said(tiny_model: LocalModel) -> None:
    free = " ".join(s.text for group in tiny_model.sample(PROMPTS, 32, CONFIG, ALL, 0) for s in group)
    assert any(slot in free for slot in SLOTS), "the test is empty: random weights said no slot at all"
    masked = tiny_model.sample(PROMPTS, 32, CONFIG, NONE, 0)
    assert [len(group) for group in masked] == [32] * 3, "masked while decoding, not dropped afterwards"
    assert not any(slot in sample.text for group in masked for sample in group for slot in SLOTS)
    some = [frozenset({"<P0>"}), frozenset({"<P1>"}), frozenset[str]()]
    texts = [" ".join(s.text for s in group) for group in tiny_model.sample(PROMPTS, 64, CONFIG, some, 0)]
    assert "<P0>" in texts[0]
    assert "<P1>" not in texts[0]
    assert "<P1>" in texts[1]
    assert "<P0>" not in texts[1]


def test_greedy_matches_transformers(tiny_model: LocalModel) -> None:
    """Left padding, the cache and dropping finished rows change nothing: `generate` says the same."""
    greedy = SamplingConfig(temperature=0.0, max_tokens=12)
    ours = [group[0].text for group in tiny_model.sample(PROMPTS, 1, greedy, ALL, 0)]
    for prompt, text in zip(PROMPTS, ours, strict=True):
        tokens: Any = tiny_model.tokenizer(prompt, return_tensors="pt")
        with torch.inference_mode():
            whole = tiny_model.model.generate(**tokens, do_sample=False, max_new_tokens=12)
        said = tiny_model.tokenizer.decode(whole[0, tokens["input_ids"].shape[1] :], skip_special_tokens=True)
        assert " ".join(said.split()) == text


def test_log_likelihood_is_the_model_s_own(tiny_model: LocalModel) -> None:
    greedy = SamplingConfig(temperature=0.0, max_tokens=6)
    sample = tiny_model.sample(PROMPTS[:1], 1, greedy, ALL[:1], 0)[0][0]
    prompt = tiny_model.tokenizer(PROMPTS[0], return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        whole = tiny_model.model.generate(prompt, do_sample=False, max_new_tokens=6)
        table = tiny_model.model(whole).logits[0].log_softmax(-1)
    said = whole[0, prompt.shape[1] :]
    expected = table[prompt.shape[1] - 1 : -1].gather(-1, said[:, None]).mean()
    assert sample.log_likelihood == pytest.approx(float(expected), abs=1e-4)


def test_draw_keeps_to_top_p() -> None:
    logits = torch.tensor([[0.5, 0.3, 0.15, 0.05]]).log().repeat(5, 1)
    chance = torch.tensor([0.0, 0.4, 0.62, 0.7, 0.9999])
    config = SamplingConfig(temperature=1.0, top_p=0.7)
    chosen, log_probability = draw(logits, chance, config)
    assert chosen.tolist() == [0, 0, 0, 1, 1]  # 0.5 of the 0.8 that is kept, then 0.3
    assert log_probability[0].exp() == pytest.approx(0.5)
    assert draw(logits, chance, SamplingConfig(temperature=0))[0].tolist() == [0] * 5


def test_nothing_asked_nothing_said(tiny_model: LocalModel) -> None:
    assert tiny_model.sample([], 4, CONFIG, [], 0) == []
    assert tiny_model.sample(PROMPTS, 0, CONFIG, ALL, 0) == [[], [], []]


def test_missing_model(tmp_path: Path) -> None:
    for place in (tmp_path / "nowhere", str(tmp_path / "nowhere"), "./nowhere", "nowhere"):
        with pytest.raises(ModelFileError, match=r"expected a model folder or a hub name.*nowhere"):
            LocalModel.load(place)
    with pytest.raises(ModelFileError, match=r"expected config\.json.*a model's folder has config\.json"):
        LocalModel.load(tmp_path)


def test_a_place_beside_the_model(tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was probably meant is said; a path of two words is not looked for on the hub where the first is a folder."""
    shutil.copytree(tiny_folder, tmp_path / "models" / "TinyLlama")
    shutil.copytree(tiny_folder, tmp_path / "run" / "model")
    (tmp_path / "quantised").mkdir()
    (tmp_path / "quantised" / "model.gguf").write_bytes(b"GGUF")
    monkeypatch.chdir(tmp_path)
    for place, cure in {
        "models/TinyLama": "did you mean models/TinyLlama",
        "run": "a run of training has its model in run/model",
        "quantised": r"set agent\.endpoint\.url",
        "quantised/model.gguf": r"set agent\.endpoint\.url",
    }.items():
        with pytest.raises(ModelFileError, match=cure):
            LocalModel.load(place)
    with pytest.raises(ModelFileError, match=r"expected a folder of a LoRA adapter .* got 'run/modal'"):
        LocalModel.load("models/TinyLlama", adapter="run/modal")


def test_a_tokenizer_that_ends_no_text(tiny_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_folder, folder)
    path = folder / "tokenizer_config.json"
    settings = json.loads(path.read_text())
    path.write_text(json.dumps({**settings, "eos_token": None}))
    with pytest.raises(ModelFileError, match=r"expected a tokenizer with a sign for the end .* name it as eos_token"):
        LocalModel.load(folder)


def test_an_adapter_whose_model_is_gone(tmp_path: Path) -> None:
    for base in (str(tmp_path / "moved"), None):
        (tmp_path / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": base}))
        with pytest.raises(ModelFileError, match=r"expected the model of the adapter in .* if it was moved, name"):
            LocalModel.load(tmp_path)
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(ModelFileError, match=r"expected a LoRA adapter that names its model .* name the model"):
        LocalModel.load(tmp_path)


def test_damaged_weights(tiny_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_folder, folder)
    weights = folder / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelFileError, match="cannot load a language model from") as raised:
        LocalModel.load(folder)
    assert "\n" not in str(raised.value)
    weights.unlink()
    with pytest.raises(ModelFileError, match=r"expected weights \(\*\.safetensors\)"):
        LocalModel.load(folder)


def test_a_model_of_other_prompts(tiny_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_folder, folder)
    assert LocalModel.load(folder).prompt == SHORT_PROMPT
    (folder / PROMPT_FILE).write_text('{"version": 9}')
    with pytest.raises(ModelFileError, match=r"trained on prompts of version 1 or 2, got version 9 in .*prompt\.json"):
        LocalModel.load(folder)
    (folder / PROMPT_FILE).unlink()
    assert LocalModel.load(folder).prompt == PromptConfig(), "nothing is known: it is given the full form"


def test_incomplete_weights(tiny_folder: Path, tmp_path: Path) -> None:
    """A model with more layers than its file holds must not run on random ones."""
    folder = tmp_path / "model"
    shutil.copytree(tiny_folder, folder)
    settings = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**settings, "num_hidden_layers": 3}))
    with pytest.raises(ModelFileError, match=r"expected all weights .* got none for \d+"):
        LocalModel.load(folder)


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")  # peft 0.21, transformers 5.23
def test_lora_adapter(tiny_folder: Path, tiny_model: LocalModel, tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(1)
    adapted = get_peft_model(
        LocalModel.load(tiny_folder).model,
        LoraConfig(r=4, target_modules=["q_proj", "v_proj"], init_lora_weights=False, task_type="CAUSAL_LM"),
    )
    adapted.save_pretrained(tmp_path / "adapter")
    loaded = LocalModel.load(tiny_folder, adapter=tmp_path / "adapter")
    tokens = torch.tensor([[1, 5, 9, 20]])
    with torch.inference_mode():
        expected, got = adapted.eval()(tokens).logits, loaded.model(tokens).logits
        assert not torch.allclose(tiny_model.model(tokens).logits, got, atol=1e-3)
    assert torch.allclose(expected, got, atol=1e-4)
    with pytest.raises(ModelFileError, match="expected a folder of a LoRA adapter"):
        LocalModel.load(tiny_folder, adapter=tmp_path / "no-adapter")
    (tmp_path / "adapter" / "adapter_model.safetensors").unlink()
    with pytest.raises(ModelFileError, match="cannot load a LoRA adapter"):
        LocalModel.load(tiny_folder, adapter=tmp_path / "adapter")
