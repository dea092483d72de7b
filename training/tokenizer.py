"""The shipped tokenizer: a sentencepiece unigram model of our own, saved for `AutoTokenizer`.

Tags and slots are whole pieces, with and without the space before them, so that a slot costs one token and
can be masked by one number.  Bytes stand for what has no piece.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import sentencepiece
from tokenizers import Tokenizer, decoders, pre_tokenizers, processors
from tokenizers.models import Unigram
from transformers import PreTrainedTokenizerFast

_SPACE = "▁"


def train_tokenizer(texts: Iterable[str], symbols: Sequence[str], pieces: int, folder: Path) -> Any:
    """Train on `texts`, save `tokenizer.model` (sentencepiece) and the transformers files; return the latter.

    Args:
        symbols: texts that must be one piece each.
        pieces: size of the vocabulary, or as many as the texts support if they are few.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=model,
        model_type="unigram",
        vocab_size=pieces,
        hard_vocab_limit=False,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        user_defined_symbols=[form for symbol in symbols for form in (_SPACE + symbol, symbol)],
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=3,
        num_threads=1,
        minloglevel=2,
    )
    (folder / "tokenizer.model").write_bytes(model.getvalue())
    tokenizer = as_transformers(sentencepiece.SentencePieceProcessor(model_proto=model.getvalue()))
    tokenizer.save_pretrained(folder)
    return tokenizer


def as_transformers(processor: sentencepiece.SentencePieceProcessor) -> Any:
    """The same tokenizer as transformers wants it; every text has the same tokens in both."""
    vocabulary = [
        # sentencepiece always takes a user-defined piece where one fits; a free piece has the same effect.
        (processor.id_to_piece(i), processor.get_score(i))
        for i in range(processor.get_piece_size())
    ]
    backend = Tokenizer(Unigram(vocabulary, unk_id=processor.unk_id(), byte_fallback=True))
    backend.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_SPACE, prepend_scheme="always", split=False)
    backend.decoder = decoders.Sequence(
        [decoders.Replace(_SPACE, " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", processor.bos_id())]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )
