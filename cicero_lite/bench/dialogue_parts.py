"""Parts of the language model's benchmark: its speed, and how well it predicts what people wrote."""

from __future__ import annotations

import math
import resource
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from numpy.random import default_rng

from dialogue.annotation import Example, planned_example
from dialogue.generation import GenerationConfig, Knowledge, draft
from dialogue.language_model import LanguageModel, SamplingConfig, slots_in
from dialogue.lm import LocalModel
from dialogue.occasions import Occasion
from dialogue.press import PressMessage, press
from dialogue.prompt import Form, Section, Voice, assemble
from dialogue.situation import SpeechPlan
from engine.saved import seated_games

TIMED = 12
"""Plans that are timed one by one, after one that is not."""

T = TypeVar("T")


@dataclass(frozen=True)
class Speed:
    """Medians, in seconds, and lengths of prompts, in tokens."""

    candidates_s: float
    first_token_s: float
    mean_prompt: float
    longest_prompt: int


def speed(model: LanguageModel, asked: Sequence[Occasion], seed: int) -> Speed:
    """How long eight candidates of a plan take, from plan to reading, as the agent has them made; and the first token.

    Args:
        asked: one plan at least.
    """
    rng = default_rng(seed)
    config = GenerationConfig(candidates=8, least_likely=-math.inf)
    once = SamplingConfig(max_tokens=1)
    prompts = [occasion.prompt(Voice.PEOPLE, model.prompt, model.count_tokens) for occasion in asked]
    sizes = model.count_tokens(prompts)
    whole, first = [], []
    for occasion, prompt in zip(asked[: TIMED + 1], prompts, strict=False):
        plan = SpeechPlan(occasion.speaker, occasion.addressee, occasion.acts)
        known = occasion.briefing
        intents = {} if known.intent is None else {occasion.addressee: known.intent}
        talk, view, knows = known.talk, occasion.view, Knowledge(intents=intents)
        whole.append(_seconds(lambda: draft(plan, view, talk, model, config, rng, knows)))  # noqa: B023
        allowed = [model.prompt.slots(occasion.slots)]
        first.append(_seconds(lambda: model.sample([prompt], 1, once, allowed, seed)))  # noqa: B023
    steady = slice(1, None) if len(whole) > 1 else slice(None)  # the first one also warms up
    return Speed(
        statistics.median(whole[steady]), statistics.median(first[steady]), statistics.fmean(sizes), max(sizes)
    )


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def memory(model: LanguageModel) -> dict[str, float]:
    """Megabytes: the weights', the most that this process had, and the most on the model's GPU."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    found = {"process_peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit}
    if not isinstance(model, LocalModel):
        return found
    gpu = {} if model.gpu_peak_bytes is None else {"gpu_peak": model.gpu_peak_bytes / 2**20}
    return {"weights": model.weight_bytes / 2**20, **found, **gpu}


def human_messages(path: Path) -> list[PressMessage]:
    """People's private messages in some public games.

    Raises:
        GameFileError: there is no such file, or it holds no games.
    """
    every = press(seated_games(path))
    return [item for item in every if item.author == "human" and item.message.recipient is not None]


def clear_examples(model: LanguageModel, people: Sequence[PressMessage], most: int) -> list[Example]:
    """People's messages whose plan is clear, as the model is told of them; at most so many, at even distances."""
    dropped = Counter[str]()
    clear = [e for item in people if (e := planned_example(item, model.prompt.is_short, dropped)) is not None]
    return spaced(clear, min(most, len(clear)))


def perplexities(model: LocalModel, examples: Sequence[Example]) -> dict[Form, float]:
    """Perplexity per word in each form that the model was trained on, over the same messages.

    Per word: exp of the nats of a message's tokens, its end's included, by its words as the model sees them.
    """
    forms = [form for form in Form if model.prompt.knows(form)]
    return {form: _perplexity(model, examples, form) for form in forms} if examples else {}


def reworded(model: LanguageModel, examples: Sequence[Example], batch: int, seed: int) -> list[str]:
    """One text of the model's for the plan of each message, in people's voice, told all that the writer knew."""
    texts = []
    for start in range(0, len(examples), batch):
        some = examples[start : start + batch]
        prompts = [assemble(example.pieces, model.prompt, model.count_tokens) for example in some]
        plans = [piece.text for e in some for piece in e.pieces if piece.section is Section.PLAN]
        allowed = [frozenset((*slots_in(plan), *slots_in(e.message))) for plan, e in zip(plans, some, strict=True)]
        groups = model.sample(prompts, 1, SamplingConfig(), allowed, seed + start)
        texts += [samples[0].text if samples else "" for samples in groups]
    return texts


def _perplexity(model: LocalModel, examples: Sequence[Example], form: Form) -> float:
    prompt = model.prompt.telling(form.sections)
    prompts = [assemble(example.pieces, prompt, model.count_tokens) for example in examples]
    scores = [score for group in model.score(prompts, [[e.message] for e in examples]) for score in group]
    return math.exp(-sum(score.log_likelihood for score in scores) / sum(score.words for score in scores))


def spaced(items: Sequence[T], count: int) -> list[T]:
    """So many of the items, at even distances.

    >>> spaced("abcdefgh", 3)
    ['a', 'c', 'f']
    """
    return [items[number * len(items) // count] for number in range(count)]
