"""The networks that dialogue training works on: new ones, or bases with or without LoRA; their loss; saving them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.utils import logging as transformers_logging

from dialogue.language_model import ModelFileError, Precision
from dialogue.model_files import load_model
from dialogue.prompt import PromptConfig
from training.packing import NO_TARGET, Batch, Tokenised, packed
from training.runs import TrainingError


def new_network(width: int, layers: int, tokenizer: Any) -> Any:
    """A Llama model with random weights.

    Args:
        width: in steps of 64, one attention head each.
    """
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=width,
            intermediate_size=width * 5 // 2,
            num_hidden_layers=layers,
            num_attention_heads=max(1, width // 64),
            max_position_embeddings=2048,
            initializer_range=0.02,
            tie_word_embeddings=True,
            attn_implementation="sdpa" if torch.cuda.is_available() else "eager",  # at this size faster on a CPU
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def base_network(base: str, precision: Precision, length: int) -> tuple[Any, Any]:
    """A model to fine-tune and its tokenizer, on the CPU.

    Args:
        length: tokens of a training sequence.

    Raises:
        TrainingError: there is no such model, or it takes no sequences that long.
    """
    place = str(Path(base).resolve()) if Path(base).is_dir() else base  # an adapter remembers it
    try:
        loaded = load_model(place, None, "cpu", precision)
    except ModelFileError as error:
        raise TrainingError(f"--base: {error}") from None
    most = loaded.model.config.get_text_config().to_dict().get("max_position_embeddings")
    if most is not None and most < length:
        raise TrainingError(f"--length: expected at most {most} tokens, as many as {base} takes, got {length}")
    tokenizer = loaded.tokenizer
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return loaded.model, tokenizer


def with_lora(network: Any, rank: int, alpha: float, dropout: float, targets: str) -> Any:
    """The network with small matrices to be trained in place of its own (Hu et al. 2021).

    Args:
        targets: names of its layers, with commas; `all-linear`: all but the embeddings.

    Raises:
        TrainingError: it has no such layers.
    """
    from peft import LoraConfig, get_peft_model  # slow to import, and few need it

    names = targets if targets == "all-linear" else [name.strip() for name in targets.split(",")]
    lora = LoraConfig(r=rank, lora_alpha=alpha, lora_dropout=dropout, target_modules=names, task_type="CAUSAL_LM")
    try:
        if targets != "all-linear":
            _check_layers(network, names)  # peft is content if it finds one of them
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # peft and transformers are not always of one mind
            return get_peft_model(network, lora)
    except ValueError as error:
        kinds = {name.rpartition(".")[2] for name, part in network.named_modules() if isinstance(part, torch.nn.Linear)}
        raise TrainingError(
            f"--lora-targets: expected all-linear or layers among {', '.join(sorted(kinds))}, got {targets!r}"
        ) from error


def _check_layers(network: Any, names: Sequence[str]) -> None:
    paths = [f".{path}" for path, _ in network.named_modules()]
    for name in names:
        if not name or not any(path.endswith(f".{name}") for path in paths):
            raise ValueError(f"no layer {name!r}")


def loss_of(network: Any, batch: Batch) -> torch.Tensor:
    """Mean cross-entropy of the tokens that are learnt, in nats."""
    learnt = batch.targets != NO_TARGET
    columns = learnt.any(dim=0).nonzero()[:, 0]
    # Without a cache and a mask, transformers takes the restarts of `position_ids` for borders that attention does not
    # cross. Logits are worked out only in columns in which some row has something to learn.
    logits = network(
        input_ids=batch.tokens, position_ids=batch.positions, use_cache=False, logits_to_keep=columns
    ).logits
    told = learnt[:, columns]
    return cross_entropy(logits[told].float(), batch.targets[:, columns][told])


def check_packing(network: Any, length: int, device: torch.device) -> None:
    """Returns if two examples in one sequence do not see each other; on all processes at once.

    Raises:
        TrainingError: they do, as in models whose layers know no borders within a sequence.
    """
    last = Tokenised(tuple(range(20, 30)), 4)
    losses = []
    network.eval()
    with torch.no_grad():
        for first in (range(5, 12), range(12, 5, -1)):
            batch = next(packed([Tokenised(tuple(first), len(first)), last], length, 1, 0))
            batch.targets[:, : len(first)] = NO_TARGET  # only the other example counts
            losses.append(loss_of(network, batch.to(device)).item())
    network.train()
    if abs(losses[0] - losses[1]) > 1e-5 * max(1.0, losses[0]):
        raise TrainingError(
            "--base: expected a model in which examples of one sequence do not see each other, got one whose layers "
            f"know no borders (loss {losses[0]:.5f} of an example after one, {losses[1]:.5f} after another)"
        )


def save_network(
    network: Any, state: dict[str, Any], tokenizer: Any, prompt: PromptConfig, folder: Path, half: bool
) -> None:
    """The weights (of an adapter, its own) as safetensors, with tokenizer and prompt, ready for `LocalModel.load`.

    Args:
        network: as transformers or peft made it, without what accelerate puts around it.
        state: its weights.
        half: whether they are written in 16 bits.
    """
    transformers_logging.disable_progress_bar()
    if half:
        copy = type(network)(network.config).to(torch.float16)
        copy.load_state_dict(state)
        copy.save_pretrained(folder)
    else:
        network.save_pretrained(folder, state_dict=state)
    tokenizer.save_pretrained(folder)
    prompt.save(folder)


def learnt_parameters(network: Any, weight_decay: float) -> Sequence[dict[str, Any]]:
    """The parameters to be trained in two groups: matrices, which decay, and the others."""
    learnt = [p for p in network.parameters() if p.requires_grad]
    return [
        {"params": [p for p in learnt if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in learnt if p.ndim <= 1], "weight_decay": 0.0},
    ]
