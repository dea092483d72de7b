"""Examples for the dialogue model, from two sources, told apart by the prompt's voice; and what it says itself.

- BOOK: our grammar words plans drawn on positions of random games (`dialogue.occasions`); only what our reader
  reads back as its plan is kept.
- PEOPLE: public human press (`dialogue.annotation`).
- OWN: what a model that has learnt both says in people's voice, as far as it reads back as its plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from numpy.random import default_rng

from dialogue.annotation import OWN, Example, planless_example, planned_example
from dialogue.grammar import WordingError, word_template
from dialogue.language_model import LanguageModel, SamplingConfig
from dialogue.names import SlotError
from dialogue.occasions import Occasion, occasions
from dialogue.plan_text import plan_text
from dialogue.press import press
from dialogue.prompt import Form, Voice, named
from training.data import Part, read_examples, seated_games, write_examples

HELD_OUT_SEED = 1_000_003
"""Added to the run's seed for occasions that nobody trains on."""

REHEARSAL_SEED = 2_000_003
"""Added to the run's seed for the occasions on which a model speaks to learn from itself."""

EVALUATION_BATCH = 32
"""Prompts sampled at once when plans are read back."""


# --- the grammar's ---------------------------------------------------------------------------------


def generated_plans(count: int, seed: int) -> Iterator[Occasion]:
    """Occasions of random games, as many as asked for, for whose plans the grammar has words."""
    return islice((occasion for occasion, _ in _worded(seed)), count)


def generated_examples(count: int, seed: int, is_short: bool) -> Iterator[Example]:
    """The grammar's wordings that read back as their plans and name nothing else."""
    for occasion, template in islice(_worded(seed), count):
        kinds = tuple(act.kind for act in occasion.acts)
        said = template if is_short else named(template, occasion.slots)
        yield Example(occasion.pieces(Voice.BOOK, is_short), said, Voice.BOOK, kinds)


def _worded(seed: int) -> Iterator[tuple[Occasion, str]]:
    rng = default_rng(seed)
    for occasion in occasions(rng):
        try:
            template, slots = word_template(occasion.acts, occasion.context, rng)
        except (WordingError, SlotError):
            continue
        same_names = (slots.provinces, slots.powers) == (occasion.slots.provinces, occasion.slots.powers)
        if same_names and occasion.says(template, rng):
            yield occasion, template


# --- people's ----------------------------------------------------------------------------------------


def human_examples(folder: Path, part: Part, is_short: bool, dropped: Counter[str] | None = None) -> Iterator[Example]:
    """The private messages of the public games; none where the folder is absent.

    Those whose plan is clear come with it, others, in the full form, without.

    Args:
        dropped: counts why messages have no plan.
    """
    why = Counter[str]() if dropped is None else dropped
    for item in press(seated_games(folder, part)):
        example = planned_example(item, is_short, why)
        if example is None and not is_short:
            example = planless_example(item)
        if example is not None:
            yield example


# --- the model's own ---------------------------------------------------------------------------------


def rehearsed(model: LanguageModel, plans: int, seed: int, out: Path, writes: bool) -> list[Example]:
    """What a model says of generated plans, made once and kept in the run's folder.

    Learning its own words that pass the reader makes a model pass more often: rejection sampling (Yuan et al. 2023,
    arXiv 2308.01825).  The voice is people's, in which fewer pass; their words stay theirs, as only those are kept that
    the model finds likely.

    Args:
        writes: whether this process is the one that keeps them.
    """
    path = out / "examples-own.jsonl.gz"
    if path.exists():
        return read_examples(path)
    said = list(_own_examples(model, plans, seed))
    if writes:
        write_examples(path, said)
    return said


def _own_examples(model: LanguageModel, plans: int, seed: int) -> Iterator[Example]:
    """The first of some texts that reads back as the plan it was drawn for, where one does."""
    prompt = model.prompt if model.prompt.is_short else model.prompt.telling(Form.PLAN_ALONE.sections)
    some_plans = generated_plans(plans, seed + REHEARSAL_SEED)
    rng = default_rng((seed, 3))
    while some := list(islice(some_plans, EVALUATION_BATCH)):
        prompts = [occasion.prompt(Voice.PEOPLE, prompt, model.count_tokens) for occasion in some]
        allowed = [prompt.slots(occasion.slots) for occasion in some]
        drawn = model.sample(prompts, _REHEARSALS, _REHEARSAL, allowed, int(rng.integers(1 << 31)))
        for occasion, samples in zip(some, drawn, strict=True):
            likely = (s for s in samples if s.finished and (s.log_likelihood or 0.0) >= _LEAST_LIKELY)
            text = next((s.text for s in likely if occasion.says(s.text, rng, prompt)), None)
            if text is not None:
                kinds = tuple(act.kind for act in occasion.acts)
                yield Example(occasion.pieces(Voice.PEOPLE, prompt.is_short), text, Voice.PEOPLE, kinds, OWN)


_REHEARSALS = 6
"""Texts drawn for a plan."""
_REHEARSAL = SamplingConfig(temperature=0.9)
"""Warmer than in play: what is learned shall not all be the same."""
_LEAST_LIKELY = -0.9
"""Mean log-probability per token below which a text is not learned, though it says its plan: more are garbled there."""

_A_MINUTE = 8_000
"""Examples that one core makes in a minute, measured."""

# --- all --------------------------------------------------------------------------------------------


def prepare_examples(
    out: Path, generated: int, data: Path, seed: int, is_short: bool
) -> tuple[list[Example], list[Example]]:
    """Training and held-out examples, made once and kept in the run's folder.

    Held out are other random games, and the validation part of the public ones, as far as plans are clear.
    """
    train, held_out = out / "examples-train.jsonl.gz", out / "examples-held-out.jsonl.gz"
    if not held_out.exists():
        dropped: Counter[str] = Counter()
        people = list(human_examples(data, Part.TRAIN, is_short, dropped))
        if people:
            planned = sum(example.has_plan for example in people)
            why = dict(dropped.most_common())
            print(f"people's messages: {len(people)} kept, {planned} of them with a plan; others have none: {why}")
        else:
            print(f"no public games in {data}: learning from generated press only")
        print(f"making {generated} generated examples; {_A_MINUTE} take about a minute")
        write_examples(train, [*generated_examples(generated, seed, is_short), *people])
        some = generated_examples(max(1, generated // 100), seed + HELD_OUT_SEED, is_short)
        checked = [e for e in human_examples(data, Part.VALIDATION, is_short) if e.has_plan]
        write_examples(held_out, [*some, *checked])
    return read_examples(train), read_examples(held_out)


def read_back(model: LanguageModel, plans: Sequence[Occasion], seed: int) -> dict[str, float]:
    """How many plans one sample says exactly: `read_back`, and by voice."""
    rates = {}
    for voice in Voice:
        right = 0
        rng = default_rng((seed, 2))
        for start in range(0, len(plans), EVALUATION_BATCH):
            some = plans[start : start + EVALUATION_BATCH]
            prompts = [occasion.prompt(voice, model.prompt, model.count_tokens) for occasion in some]
            allowed = [model.prompt.slots(occasion.slots) for occasion in some]
            texts = model.sample(prompts, 1, SamplingConfig(), allowed, seed + start)
            for occasion, samples in zip(some, texts, strict=True):
                right += any(s.finished and occasion.says(s.text, rng, model.prompt) for s in samples)
        rates[f"read_back_{voice.name.lower()}"] = right / max(1, len(plans))
    return {"read_back": sum(rates.values()) / len(rates), **rates}


def sample_sheet(model: LanguageModel, plans: Sequence[Occasion], seed: int) -> str:
    """What the model says to some plans, in both voices, as a page to read."""
    lines = ["A mark stands before what says its plan and nothing else.", ""]
    for occasion in plans:
        plan = model.prompt.write(*plan_text(occasion.acts, occasion.slots, occasion.scene))
        lines += [f"**{occasion.scene}** `{plan}`", ""]
        for voice in Voice:
            rng = default_rng((seed, 4))
            given = occasion.prompt(voice, model.prompt, model.count_tokens)
            allowed = model.prompt.slots(occasion.slots)
            (samples,) = model.sample([given], 2, SamplingConfig(), [allowed], seed)
            for sample in samples:
                mark = "x" if sample.finished and occasion.says(sample.text, rng, model.prompt) else " "
                lines.append(f"- [{mark}] {voice.name.lower()}: `{sample.text or '(nothing)'}`")
        lines.append("")
    return "\n".join(lines)
