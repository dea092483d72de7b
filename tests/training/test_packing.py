"""Packing changes nothing: examples in one sequence do not see each other, and only messages are learnt."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from training.dialogue import NO_TARGET, DialogueTraining, Learner, Tokenised, endless, packed

CONFIG = DialogueTraining(length=16, batch=2)
EXAMPLES = [Tokenised(tuple(range(10, 10 + size)), given) for size, given in [(5, 2), (7, 4), (9, 3), (6, 5), (17, 4)]]


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
    (batch,) = packed(EXAMPLES, CONFIG, pad=0)
    assert batch.tokens.shape == (2, 16), "17 tokens do not fit and are left out"
    assert batch.tokens[0].tolist() == [10, 11, 12, 13, 14, 10, 11, 12, 13, 14, 15, 16, 0, 0, 0, 0]
    assert batch.positions[0].tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3]
    n = NO_TARGET
    assert batch.targets[0].tolist() == [n, 12, 13, 14, n, n, n, n, 14, 15, 16, n, n, n, n, n]


def test_packed_loss_is_that_of_single_examples() -> None:
    learner = Learner(network())
    with torch.inference_mode():
        (together,) = packed(EXAMPLES[:4], CONFIG, pad=0)
        alone = [next(packed([example], CONFIG, pad=0)) for example in EXAMPLES[:4]]
        counts = [int((batch.targets != NO_TARGET).sum()) for batch in alone]
        expected = np.average([float(learner(batch)) for batch in alone], weights=counts)
        assert float(learner(together)) == pytest.approx(expected, rel=1e-5)


def test_every_epoch_sees_every_example_once() -> None:
    examples = [Tokenised((n, n, n), 1) for n in range(30)]
    stream = endless(examples, CONFIG, pad=63)
    epochs = []
    for _ in range(2):
        seen = torch.cat([next(stream).tokens.flatten() for _ in range(3)])
        epochs.append(seen[seen != 63][::3].tolist())
        assert sorted(epochs[-1]) == list(range(30))
    assert epochs[0] != epochs[1]
