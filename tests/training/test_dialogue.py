"""The training command for a few steps on the CPU: it learns, saves a loadable model, and resumes exactly."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from accelerate.commands.config.config_args import ClusterConfig
from safetensors.torch import load_file

import training.dialogue
from dialogue.language_model import SamplingConfig
from dialogue.lm import LocalModel
from dialogue.prompt import NAMED_SLOTS, PromptConfig
from tests.language_models import FAMILIES
from training.__main__ import main

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "generated": 40,
    "width": 64,
    "layers": 1,
    "pieces": 1200,
    "length": 256,
    "budget": 200,
    "batch": 2,
    "evaluate-plans": 2,
    "evaluate-messages": 4,
    "warmup": 2,
    "steps": 4,
    "evaluate-steps": 2,
    "threads": 1,
    "precision": "no",
    "data": "nowhere",
}
pytestmark = pytest.mark.filterwarnings("ignore")  # accelerate and torch warn of what they do on a CPU


class StoppedError(Exception):
    """Ends a run from inside."""


def flags(out: Path, *more: str) -> list[str]:
    given = [word for name, value in SETTINGS.items() for word in (f"--{name}", str(value))]
    return ["dialogue", "--out", str(out), *given, *more]


def train(out: Path, *more: str) -> int:
    return main(flags(out, *more))


def metrics(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def stopped_and_resumed(out: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> None:
    """A run that ends after its first checkpoint and goes on from there."""
    save = training.dialogue.save_checkpoint

    def save_and_stop(*args: Any) -> None:
        save(*args)
        raise StoppedError

    monkeypatch.setattr(training.dialogue, "save_checkpoint", save_and_stop)
    with pytest.raises(StoppedError):
        train(out, *more)
    monkeypatch.undo()
    assert train(out, *more, "--resume") == 0


@pytest.mark.parametrize("form", ["full", "short"])
def test_resumed_run_equals_an_uninterrupted_one(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(tmp_path / "whole", "--prompt", form) == 0
    assert "learning from generated press only" in capsys.readouterr().out
    whole = metrics(tmp_path / "whole")
    assert [m["step"] for m in whole] == [2, 4]
    assert {"loss", "perplexity_book", "read_back", "tokens_per_second"} <= set(whole[0])

    stopped_and_resumed(tmp_path / "parts", monkeypatch, "--prompt", form)
    parts = metrics(tmp_path / "parts")
    assert [m["step"] for m in parts] == [2, 4]
    for name in ("loss", "perplexity_book", "read_back"):
        assert [m[name] for m in parts] == pytest.approx([m[name] for m in whole], rel=1e-5)
    states = [
        torch.load(tmp_path / run / "checkpoint" / "optimizer.bin", weights_only=True)["state"]
        for run in ("whole", "parts")
    ]
    for key, moments in states[0].items():
        assert torch.allclose(moments["exp_avg"], states[1][key]["exp_avg"], atol=1e-7)

    model = LocalModel.load(tmp_path / "parts" / "model")
    assert model.prompt.is_short is (form == "short")
    groups = model.sample(["S1901M <say> <ask> <msg>"], 2, SamplingConfig(max_tokens=4), [frozenset()], 0)
    assert len(groups[0]) == 2
    sheet = (tmp_path / "parts" / "samples-4.md").read_text()
    assert sheet.count("- [") == 2 * 2 * 2, "two plans, two voices, two samples"
    assert "<say>" in sheet
    assert list((tmp_path / "parts" / "tensorboard").iterdir())

    assert train(tmp_path / "whole") == 2
    assert "expected a new folder for this run" in capsys.readouterr().err


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_lora_on_a_base_of_any_family(family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trained, saved, stopped, resumed, loaded from its own folder, sampled, scored."""
    base, out = tmp_path / "base", tmp_path / "run"
    base.mkdir()
    FAMILIES[family](base)
    # The tiny tokenizers have few pieces for our prompts.
    wanted = ["--base", str(base), "--lora", "4", "--length", "1000", "--budget", "900", "--learning-rate", "0.01"]
    assert train(tmp_path / "whole", *wanted) == 0
    stopped_and_resumed(out, monkeypatch, *wanted)
    assert metrics(out)[1]["loss"] == pytest.approx(metrics(tmp_path / "whole")[1]["loss"], rel=1e-4)
    weights = (out / "model" / "adapter_model.safetensors").stat().st_size
    assert weights < (base / "model.safetensors").stat().st_size
    trained, untrained = LocalModel.load(out / "model"), LocalModel.load(base)
    assert trained.prompt == PromptConfig(budget=900)
    prompt, text = ["<head> S1901M FRANCE to GERMANY <say> <msg>"], [["I will move to <BUR>."]]
    assert trained.score(prompt, text)[0][0].log_likelihood != untrained.score(prompt, text)[0][0].log_likelihood
    # What a tiny model happens to spell like a slot is dropped.
    (drawn,) = trained.sample(prompt, 8, SamplingConfig(max_tokens=6), [frozenset(NAMED_SLOTS)], 0)
    assert 4 <= len(drawn) <= 8


def test_a_whole_base_is_fine_tuned(tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    FAMILIES["llama"](base)
    wanted = ["--base", str(base), "--lora", "0", "--checkpointing", "--accumulate", "2", "--learning-rate", "0.01"]
    assert train(tmp_path / "run", *wanted, "--rehearsed", "4", "--steps", "2") == 0
    assert (tmp_path / "run" / "examples-own.jsonl.gz").is_file(), "empty, as noise says no plan"
    assert not (tmp_path / "run" / "model" / "adapter_config.json").exists()
    trained, untrained = LocalModel.load(tmp_path / "run" / "model"), LocalModel.load(base)
    before, after = untrained.model.get_input_embeddings().weight, trained.model.get_input_embeddings().weight
    assert not torch.allclose(before, after)


def test_an_adapter_and_its_base_are_fine_tuned_as_one(tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    FAMILIES["llama"](base)
    assert train(tmp_path / "adapter", "--base", str(base), "--steps", "1", "--learning-rate", "0.01") == 0
    wanted = ["--base", str(tmp_path / "adapter" / "model"), "--lora", "0", "--learning-rate", "0.01"]
    assert train(tmp_path / "whole", *wanted, "--steps", "1") == 0
    shutil.rmtree(base)
    LocalModel.load(tmp_path / "whole" / "model")  # needs no other folder


def test_what_is_kept_is_averaged_with_the_base(tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    FAMILIES["llama"](base)
    wanted = ["--base", str(base), "--lora", "0", "--learning-rate", "0.01", "--generated", "10"]
    for name, share in (("trained", "0"), ("mean", "0.25")):
        assert train(tmp_path / name, *wanted, "--base-share", share) == 0
    # The first evaluation's average is not trained on: both runs end with the same weights of their own.
    trained, mean = (load_file(tmp_path / name / "checkpoint" / "model.safetensors") for name in ("trained", "mean"))
    assert all(torch.equal(trained[name], mean[name]) for name in trained)
    untrained = LocalModel.load(base).model.get_input_embeddings().weight
    kept = LocalModel.load(tmp_path / "mean" / "model").model.get_input_embeddings().weight
    expected = 0.25 * untrained + 0.75 * trained["model.embed_tokens.weight"]
    assert torch.allclose(kept, expected, atol=1e-3)
    assert not torch.allclose(kept, trained["model.embed_tokens.weight"], atol=1e-3)


def test_two_processes_learn_as_one(tmp_path: Path) -> None:
    """Started as `accelerate launch` does: each takes every other example, the first one writes."""
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "training"]
    words = [*launch, *flags(tmp_path, "--steps", "2")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert [m["step"] for m in metrics(tmp_path)] == [2]
    assert json.loads((tmp_path / "checkpoint" / "progress.json").read_text())["settings"]["processes"] == 2
    LocalModel.load(tmp_path / "model")


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """A run with a checkpoint."""
    out = tmp_path / "run"
    assert train(out, "--steps", "2") == 0
    return out


def test_damaged_checkpoints(begun: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, name in enumerate(("model.safetensors", "optimizer.bin", "progress.json", "random_states_0.pkl")):
        out = tmp_path / f"damaged-{number}"
        shutil.copytree(begun, out)
        path = out / "checkpoint" / name
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        assert train(out, "--resume") == 2, name
        said = capsys.readouterr().err.strip()
        assert "checkpoint" in said
        assert "\n" not in said


def test_a_checkpoint_of_other_settings(begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(begun, "--resume", "--width", "128") == 2
    assert "--width 64, got 128" in capsys.readouterr().err
    shutil.rmtree(begun / "checkpoint")  # as if it had been stopped before its first
    assert train(begun, "--resume", "--prompt", "short") == 2
    assert "--prompt full, got short" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--prompt", "long"], "--prompt: expected full or short, got 'long'"),
        (["--budget", "250"], "--length: expected --budget and 48 tokens"),
        (["--people-share", "2"], "--people-share: expected 0 to 1, got 2"),
        (["--text-share", "-1"], "--text-share: expected 0 to 1, got -1"),
        (["--base-share", ".5"], "--base-share: expected 0 to less than 1, and a --base, got 0.5"),
        (["--rehearsed", "9"], "--rehearsed: expected a --base that has learned to speak"),
        (["--rehearsed", "9", "--people-share", ".8"], "--people-share and --own-share: expected 1 at most together"),
        (["--base", "nowhere"], "--base: expected a model folder or a hub name"),
        (["--precision", "fp32"], "--precision: expected bf16 or no (32 bits), got 'fp32'"),
        (["--batch", "0"], "--batch: expected more than 0, got 0"),
        (["--evaluate-minutes", "-1"], "--evaluate-minutes: expected more than 0, got -1"),
        (["--lora", "-1"], "--lora: expected the rank of an adapter, or 0 for none, got -1"),
        (["--lora-dropout", "1"], "--lora-dropout: expected 0 to less than 1, got 1"),
    ],
)
def test_settings_that_cannot_be(
    more: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(tmp_path / "run", *more) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "run").exists(), "the next try may have it"


def test_lora_targets_that_are_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    FAMILIES["llama"](tmp_path)
    assert train(tmp_path / "run", "--base", str(tmp_path), "--lora-targets", "nose,ears") == 2
    assert not (tmp_path / "run").exists()
    said = capsys.readouterr().err
    assert "--lora-targets: expected all-linear or layers among down_proj, gate_proj" in said
    assert "got 'nose,ears'" in said
    assert train(tmp_path / "run", "--base", str(tmp_path), "--lora-targets", "q_proj,ears") == 2
    assert "got 'q_proj,ears'" in capsys.readouterr().err


def test_bases_that_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = tmp_path / "base"
    base.mkdir()
    FAMILIES["llama"](base)
    assert train(tmp_path / "run", "--base", str(base), "--length", "4000") == 2
    assert f"--length: expected at most 2048 tokens, as many as {base} takes, got 4000" in capsys.readouterr().err
    (tmp_path / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": str(base)}))
    assert train(tmp_path / "run", "--base", str(tmp_path)) == 2
    assert "--base: expected a whole model to train an adapter on, got the adapter in" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_the_fsdp_configuration_is_one() -> None:
    """Whether it runs needs several GPUs; here, that accelerate takes every key."""
    path = ROOT / "configs" / "accelerate" / "fsdp.yaml"
    config = ClusterConfig.from_yaml_file(str(path))
    assert config.fsdp_config == yaml.safe_load(path.read_text())["fsdp_config"]


def test_people_are_measured_in_every_form(shared_data: Path, tmp_path: Path) -> None:
    for part in ("train", "validation"):
        with gzip.open(shared_data / "games-validation.jsonl.gz", "rt") as lines:
            one = min(lines, key=len)
        with gzip.open(tmp_path / f"games-{part}.jsonl.gz", "wt") as out:
            out.write(one)
    assert train(tmp_path / "run", "--data", str(tmp_path), "--steps", "1", "--people-share", "0.5") == 0
    found = metrics(tmp_path / "run")[0]
    forms = {"perplexity_people", *(f"perplexity_people_{form}" for form in ("text", "state", "intents", "plan_alone"))}
    assert forms | {"perplexity_book"} <= set(found)
