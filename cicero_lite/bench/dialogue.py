"""Measurements of the language model: does it say what it is told, in how many ways, how fast.

Plans are drawn on positions of random games (`dialogue.occasions`), all kinds of act, so these are harder and
stranger than those of play.  "Says" means: our reader reads the message back as its plan, and nothing else.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

from numpy.random import Generator, default_rng

from dialogue.grammar import WordingError, word_template
from dialogue.language_model import LanguageModel, SamplingConfig
from dialogue.lm import LocalModel
from dialogue.names import delexicalise
from dialogue.occasions import Occasion, occasions
from dialogue.prompt import Voice

BATCH = 16
"""Plans worded in one call of the model."""

COMPARED_WORDS = 2000
"""Words of each source that variety is measured on; it falls with length, so all are cut alike."""


@dataclass(frozen=True)
class KindResult:
    """Plans that contain an act of one kind."""

    plans: int
    one: float
    """Share of single samples that say the plan."""
    best: float
    """Share of plans that at least one sample says."""


@dataclass(frozen=True)
class DialogueResult:
    """What was measured; shares are 0 to 1."""

    plans: int
    samples: int
    """Texts drawn for each plan, half of them in either voice."""
    one: float
    """Share of single samples that say their plan."""
    one_by_voice: dict[str, float]
    best: float
    """Share of plans that at least one sample says."""
    grammar: float
    """Share of plans that the grammar's sentence says."""
    kinds: dict[str, KindResult]
    distinct_2: dict[str, float]
    """Different pairs of neighbouring words per pair, over equally many words of each source, names as slots."""
    seconds_per_plan: float
    """Of the model alone."""
    tokens_per_s: float
    """Tokens drawn from the model per second, prompts not counted."""


def measure(
    plans: int, seed: int, samples: int = 8, model: LanguageModel | None = None, human: Path | None = None
) -> DialogueResult:
    """Word plans with the model (the shipped one by default) and read them back.

    Args:
        samples: texts for each plan, even.
        human: a `games-*.jsonl.gz` of public games, whose messages people wrote, to compare variety with.
    """
    model = LocalModel.load() if model is None else model
    rng = default_rng(seed)
    asked = list(islice(_wordable(rng), plans))
    said: dict[Voice, list[list[tuple[str, bool]]]] = {}
    seconds = words = 0.0
    for voice in Voice:
        said[voice] = []
        for start in range(0, len(asked), BATCH):
            some = asked[start : start + BATCH]
            began = time.perf_counter()
            groups = model.sample(
                [occasion.prompt(voice, model.prompt, model.count_tokens) for occasion, _ in some],
                max(1, samples // 2),
                SamplingConfig(),
                [model.prompt.slots(occasion.slots) for occasion, _ in some],
                seed + start,
            )
            seconds += time.perf_counter() - began
            words += sum(_tokens(model, sample.text) for group in groups for sample in group)
            said[voice] += [
                [(s.text, s.finished and occasion.says(s.text, rng, model.prompt)) for s in group]
                for (occasion, _), group in zip(some, groups, strict=True)
            ]
    together = [[right for voice in Voice for _, right in said[voice][n]] for n in range(len(asked))]
    kinds = sorted({act.kind for occasion, _ in asked for act in occasion.acts})
    texts = {
        **{voice.name.lower(): [text for group in said[voice] for text, _ in group[:1]] for voice in Voice},
        "grammar": [template for _, template in asked],
    }
    if human is not None:
        texts["human"] = list(islice(_human_texts(human), COMPARED_WORDS))
    return DialogueResult(
        plans=len(asked),
        samples=2 * max(1, samples // 2),
        one=_share(right for group in together for right in group),
        one_by_voice={v.name.lower(): _share(right for group in said[v] for _, right in group) for v in Voice},
        best=_share(any(group) for group in together),
        grammar=_share(occasion.says(template, rng) for occasion, template in asked),
        kinds={
            kind.value: _of_kind([g for (o, _), g in zip(asked, together, strict=True) if kind in _kinds(o)])
            for kind in kinds
        },
        distinct_2={source: distinct_2(some) for source, some in texts.items()},
        seconds_per_plan=seconds / max(1, len(asked)),
        tokens_per_s=words / max(seconds, 1e-9),
    )


def distinct_2(texts: Iterable[str]) -> float:
    """Different pairs of neighbouring words per pair, in the first 2,000 words (Li et al. 2016).

    >>> distinct_2(["I agree", "I agree", "you too"])
    0.6666666666666666
    """
    pairs: list[tuple[str, str]] = []
    count = 0
    for text in texts:
        words = text.lower().split()
        pairs += pairwise(words)
        count += len(words)
        if count >= COMPARED_WORDS:
            break
    return len(set(pairs)) / max(1, len(pairs))


def _wordable(rng: Generator) -> Iterator[tuple[Occasion, str]]:
    """Occasions with the grammar's template."""
    for occasion in occasions(rng):
        try:
            template, slots = word_template(occasion.acts, occasion.context, rng)
        except WordingError:
            continue
        if (slots.provinces, slots.powers) == (occasion.slots.provinces, occasion.slots.powers):
            yield occasion, template


def _human_texts(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            game = json.loads(line)
            for phase in game["phases"]:
                for message in phase["messages"]:
                    if game["players"].get(message["sender"]) == "human":
                        yield delexicalise(message["text"])[0]


def _kinds(occasion: Occasion) -> set[str]:
    return {act.kind for act in occasion.acts}


def _of_kind(groups: Sequence[Sequence[bool]]) -> KindResult:
    return KindResult(len(groups), _share(right for g in groups for right in g), _share(any(g) for g in groups))


def _share(rights: Iterable[bool]) -> float:
    found = list(rights)
    return sum(found) / max(1, len(found))


def _tokens(model: LanguageModel, text: str) -> int:
    return len(model.tokenizer.encode(text)) if isinstance(model, LocalModel) else len(text.split())
