"""The dialogue benchmark counts what is said rightly, by kind and by voice."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from cicero_lite.bench.dialogue import distinct_2, measure
from dialogue.language_model import Sample, SamplingConfig
from dialogue.prompt import SHORT_PROMPT, Voice


class BookishModel:
    """Says yes in the grammar's voice and talks nonsense in people's."""

    prompt = SHORT_PROMPT
    usage = None

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def sample(
        self,
        prompts: Sequence[str],
        per_prompt: int,
        config: SamplingConfig,
        allowed_slots: Sequence[frozenset[str]],
        seed: int,
    ) -> list[list[Sample]]:
        text = "Sounds good!" if Voice.BOOK.value in prompts[0] else "I will hold in <P0>."
        return [[Sample(text, -1.0, finished=True)] * per_prompt for _ in prompts]


def test_counts() -> None:
    found = measure(60, seed=3, samples=2, model=BookishModel())
    assert found.plans == 60
    assert found.grammar > 0.9
    assert found.one_by_voice["people"] < 0.1
    assert found.one == pytest.approx(sum(found.one_by_voice.values()) / 2)
    assert found.one <= found.best <= 2 * found.one + 1e-9
    assert found.kinds["agree"].best > max(found.kinds[kind].best for kind in ("propose", "request_support"))
    assert found.distinct_2["grammar"] > 5 * found.distinct_2["book"]


def test_human_variety(tmp_path: Path) -> None:
    message = {"sender": "FRANCE", "recipient": "GERMANY", "text": "one two three Munich one two"}
    game = {"players": {"FRANCE": "human"}, "phases": [{"messages": [message, {**message, "sender": "TURKEY"}]}]}
    with gzip.open(tmp_path / "games.jsonl.gz", "wt") as out:
        out.write(json.dumps(game) + "\n")
    found = measure(2, seed=0, samples=2, model=BookishModel(), human=tmp_path / "games.jsonl.gz")
    assert found.distinct_2["human"] == pytest.approx(4 / 5)


def test_distinct_2_of_nothing() -> None:
    assert distinct_2([]) == 0.0
    assert distinct_2(["word"]) == 0.0
