"""A language model with random weights: the code paths of a real one, in milliseconds."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from dialogue.lm import LocalModel
from dialogue.prompt import SHORT_PROMPT, symbols
from training.tokenizer import train_tokenizer

TEXTS = [
    "I will move to <P0>, can you support me from <P1>?",
    "Hello <W0>, let us work together against <W2>.",
    "No, sorry, the <W2:adj> <P0:kind> has to hold in <P1>.",
]


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model of random weights, with a tokenizer that knows the slots."""
    folder = tmp_path_factory.mktemp("tiny")
    tokenizer = train_tokenizer(TEXTS * 20, symbols(SHORT_PROMPT), 450, folder)
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            tie_word_embeddings=True,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    model.save_pretrained(folder)
    SHORT_PROMPT.save(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_model(tiny_folder: Path) -> LocalModel:
    """That model, loaded."""
    return LocalModel.load(tiny_folder)
