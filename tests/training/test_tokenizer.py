"""The saved tokenizer is the sentencepiece model, loads without a network, and keeps tags and slots whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sentencepiece
from transformers import AutoTokenizer

from training.tokenizer import train_tokenizer

TEXTS = ["Will you move <P0> to <P1>?", "<say> <propose> <W0> A <P0> - <P1> <msg>", "No, I'd rather hold in <P2>."]
SYMBOLS = ["<P0>", "<P1>", "<P2>", "<P0:kind>", "<W0>", "<say>", "<msg>", "<propose>"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("tokenizer")
    train_tokenizer(TEXTS * 10, SYMBOLS, 400, where)
    return where


@pytest.mark.parametrize("text", [*TEXTS, "café <P1><P2>. ☃ two  spaces", "<P0>", "<P0:kind> unknown <P9>"])
def test_same_tokens_as_sentencepiece(folder: Path, text: str) -> None:
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    tokens = tokenizer.encode(text, add_special_tokens=False)
    assert tokens == processor.encode(text)
    assert tokenizer.decode(tokens) == text


def test_symbols_are_single_tokens(folder: Path) -> None:
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    for symbol in SYMBOLS:
        assert len(tokenizer.encode(symbol, add_special_tokens=False)) == 1
        assert len(tokenizer.encode(f"{symbol}{symbol}", add_special_tokens=False)) == 2
    assert tokenizer.encode("<P0>")[0] == tokenizer.bos_token_id
    assert tokenizer.padding_side == "left"
