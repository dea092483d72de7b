"""Tiny models of three families, with random weights and each its own kind of tokenizer, as saved folders; a server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import torch
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from dialogue.prompt import PromptConfig, symbols
from training.tokenizer import train_tokenizer

TEXTS = (
    "I will move to <BUR>, can you support me from <MUN>?",
    "Hello <GERMANY>, let us work together against <ITALY>.",
    "<head> S1901M FRANCE to GERMANY <controls> voice book <say> <propose> <GERMANY> A <MUN> - <RUH> <msg>",
)


def save_llama(folder: Path) -> None:
    """Llama, with the tokenizer that our own training makes."""
    tokenizer = train_tokenizer(list(TEXTS) * 20, symbols(PromptConfig()), 1200, folder)
    torch.manual_seed(0)
    LlamaForCausalLM(LlamaConfig(**_SHAPE, **_ends(tokenizer), num_key_value_heads=2)).save_pretrained(folder)


def save_qwen(folder: Path) -> None:
    """Qwen: pairs of bytes, nothing before the text, tied embeddings, more heads than keys."""
    backend = Tokenizer(BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    backend.train_from_iterator(TEXTS, BpeTrainer(special_tokens=["<|endoftext|>"], initial_alphabet=alphabet))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<|endoftext|>")
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = Qwen3Config(**_SHAPE, **_ends(tokenizer), num_key_value_heads=1, head_dim=16, tie_word_embeddings=True)
    Qwen3ForCausalLM(config).save_pretrained(folder)


def save_gemma(folder: Path) -> None:
    """Gemma: pieces with the space before them, <bos>, layers that see a short window only, capped logits."""
    backend = Tokenizer(BPE(unk_token="<unk>", byte_fallback=True))
    backend.normalizer = normalizers.Replace(" ", "▁")
    backend.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    special = ["<pad>", "<eos>", "<bos>", "<unk>", *(f"<0x{byte:02X}>" for byte in range(256))]
    backend.train_from_iterator(TEXTS, BpeTrainer(vocab_size=500, special_tokens=special))
    backend.post_processor = processors.TemplateProcessing(
        single="<bos> $A", pair="<bos> $A $B", special_tokens=[("<bos>", 2)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<bos>", eos_token="<eos>", unk_token="<unk>", pad_token="<pad>"
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = Gemma3TextConfig(
        **_SHAPE,
        **_ends(tokenizer),
        num_key_value_heads=1,
        head_dim=16,
        sliding_window=8,
        layer_types=["sliding_attention", "full_attention"],
        final_logit_softcapping=5.0,
        query_pre_attn_scalar=16,
    )
    Gemma3ForCausalLM(config).save_pretrained(folder)


FAMILIES: Mapping[str, Callable[[Path], None]] = {"llama": save_llama, "qwen": save_qwen, "gemma": save_gemma}

_SHAPE: Mapping[str, int] = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 2048,
}


def _ends(tokenizer: Any) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer),
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


def words(texts: Sequence[str]) -> list[int]:
    """A count of tokens for tests that need none."""
    return [len(text.split()) for text in texts]


@contextmanager
def transformers_serve(folder: Path) -> Iterator[str]:
    """The URL at which the server that comes with transformers has the model of a folder, until the context ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = "from transformers.cli.transformers import main; main()"
    command = [sys.executable, "-c", program, "serve", str(folder), "--port", str(port), "--device", "cpu"]
    with (folder / "log").open("w") as log:
        offline = {**os.environ, "HF_HUB_OFFLINE": "1"}
        process = subprocess.Popen([*command, "--host", "127.0.0.1"], stdout=log, stderr=log, env=offline)
    try:
        for _ in range(600):
            try:
                if httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code == 200:
                    break
            except httpx.TransportError:
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(20)
