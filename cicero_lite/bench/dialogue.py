"""Measurements of the language model: does it say what it is told, in how many ways, how fast, how like people.

Plans are drawn on positions of random games (`dialogue.occasions`), all kinds of act, so these are harder and
stranger than those of play.  "Says" means: our reader reads the message back as its plan, and nothing else.  Figures
by kind of act count further plans of the kinds that are rare among them.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

from numpy.random import Generator, default_rng

from cicero_lite.bench.dialogue_parts import clear_examples, human_messages, memory, perplexities, reworded, speed
from dialogue.acts import ActKind
from dialogue.grammar import WordingError, word_template
from dialogue.language_model import LanguageModel, SamplingConfig
from dialogue.lm import LocalModel
from dialogue.names import SlotError
from dialogue.occasions import Occasion, occasions
from dialogue.prompt import Form, Voice

BATCH = 16
"""Plans worded in one call of the model."""

SAMPLES = 8
"""Texts drawn for each plan, half of them in either voice."""

PER_KIND = 25
"""Plans of each kind of act at least, or as many as there are plans in all if these are fewer."""


@dataclass(frozen=True)
class KindResult:
    """Plans that contain an act of one kind."""

    plans: int
    one: float
    """Share of single samples that say the plan."""
    voices: dict[str, float]
    """The same by voice."""
    best_8: float
    """Share of plans that at least one of eight samples says."""


@dataclass(frozen=True)
class DialogueResult:
    """What was measured; shares are 0 to 1."""

    plans: int
    readback_exact: float
    """Share of single samples that say their plan."""
    readback_voices: dict[str, float]
    """The same by voice."""
    readback_best_8: float
    """Share of plans that at least one of eight samples says."""
    readback_grammar: float
    """Share of plans that the grammar's sentence says."""
    readback_kinds: dict[str, KindResult]
    """By kind of act, over these plans and further ones of rare kinds."""
    distinct_2: dict[str, float]
    """Different pairs of neighbouring words per pair, over one text a plan of each source, names as slots."""
    distinct_2_people: dict[str, float]
    """The same of people's held-back messages whose plan is clear, `human`, and of the model's words for the plans of
    these messages, in people's voice, `model`; empty: not measured."""
    perplexity: dict[str, float | None]
    """Per word of people's held-back messages, the same ones in each form of prompt; null: not trained on, or not
    measured."""
    perplexity_messages: int
    """How many messages that were."""
    candidates_8_s: float
    """Seconds from a plan to eight candidates read back, one plan at a time; the median."""
    first_token_s: float
    """Seconds from a prompt to its first token; the median."""
    tokens_per_s: float
    """Tokens drawn per second, many plans at a time, prompts not counted."""
    prompt_tokens: dict[str, float]
    """Mean and longest."""
    memory_mb: dict[str, float]
    """The weights', the most of this process, and on a GPU the most there."""

    def lines(self) -> list[str]:
        """For a reader at the terminal."""
        told = ", ".join(f"{form} {value:.1f}" for form, value in self.perplexity.items() if value is not None)
        return [
            f"{self.plans} plans: {100 * self.readback_exact:.0f} % of samples say their plan "
            f"({_percents(self.readback_voices)})",
            f"{100 * self.readback_best_8:.0f} % of plans have at least one in eight; "
            f"the grammar's own sentence: {100 * self.readback_grammar:.0f} %",
            *(
                f"  {kind:<16} one {100 * r.one:3.0f} % ({_percents(r.voices)})  best of 8 {100 * r.best_8:3.0f} %  "
                f"of {r.plans}"
                for kind, r in self.readback_kinds.items()
            ),
            "distinct-2 of random plans: " + _listed(self.distinct_2),
            f"distinct-2 of people's plans: {_listed(self.distinct_2_people) or 'not measured'}",
            f"perplexity per word of {self.perplexity_messages} messages by people: {told or 'not measured'}",
            f"eight candidates {self.candidates_8_s:.2f} s, first token {self.first_token_s:.3f} s, "
            f"{self.tokens_per_s:.0f} tokens/s; prompts of {self.prompt_tokens['mean']:.0f} tokens, "
            f"at most {self.prompt_tokens['longest']:.0f}",
            "memory: " + ", ".join(f"{what} {size:.0f} MB" for what, size in self.memory_mb.items()),
        ]


def measure(
    plans: int, seed: int, model: LanguageModel | None = None, human: Path | None = None, messages: int = 200
) -> DialogueResult:
    """Word plans with the model (the shipped one by default) and read them back.

    Args:
        human: public games (`.jsonl[.gz]`) that nobody trained on, whose messages people wrote: for perplexity, which
            only a model in this process tells, and to compare variety with.
        messages: of people's, at most.
    """
    model = LocalModel.load() if model is None else model
    rng = default_rng(seed)
    asked = _enough_of_each_kind(_wordable(rng), plans, min(plans, PER_KIND))
    drawn, seconds = _draw(model, [occasion for occasion, _ in asked], seed)
    tokens = sum(model.count_tokens([text for group in drawn.values() for texts in group for text, _ in texts]))
    says = {
        voice: [
            [done and occasion.says(text, rng, model.prompt) for text, done in texts]
            for (occasion, _), texts in zip(asked, drawn[voice], strict=True)
        ]
        for voice in Voice
    }
    kinds = {
        kind.value: _of_kind([{v: says[v][n] for v in Voice} for n in _with_kind(kind, asked, plans)])
        for kind in sorted(ActKind)
    }
    asked = asked[:plans]
    together = [[right for voice in Voice for right in says[voice][n]] for n in range(plans)]
    people = [] if human is None else human_messages(human)
    clear = clear_examples(model, people, messages)
    predicted = perplexities(model, clear) if isinstance(model, LocalModel) else {}
    fast = speed(model, [occasion for occasion, _ in asked], seed)
    return DialogueResult(
        plans=plans,
        readback_exact=_share(right for group in together for right in group),
        readback_voices={v.name.lower(): _share(right for group in says[v][:plans] for right in group) for v in Voice},
        readback_best_8=_share(any(group) for group in together),
        readback_grammar=_share(occasion.says(template, rng) for occasion, template in asked),
        readback_kinds=kinds,
        distinct_2=_variety(_numbered(drawn, asked, model), [template for _, template in asked]),
        distinct_2_people={
            "model": distinct_2(reworded(model, clear, BATCH, seed)),
            "human": distinct_2(example.message for example in clear),
        }
        if clear
        else {},
        perplexity={form.value: predicted.get(form) for form in Form},
        perplexity_messages=len(clear) if predicted else 0,
        candidates_8_s=fast.candidates_s,
        first_token_s=fast.first_token_s,
        tokens_per_s=tokens / max(seconds, 1e-9),
        prompt_tokens={"mean": fast.mean_prompt, "longest": fast.longest_prompt},
        memory_mb=memory(model),
    )


Drawn = dict[Voice, list[list[tuple[str, bool]]]]
"""For each voice and plan the texts, and whether each came to its end."""


def _draw(model: LanguageModel, asked: Sequence[Occasion], seed: int) -> tuple[Drawn, float]:
    """Eight texts for each plan, and the seconds that the model took."""
    drawn: Drawn = {}
    seconds = 0.0
    for voice in Voice:
        drawn[voice] = []
        for start in range(0, len(asked), BATCH):
            some = asked[start : start + BATCH]
            prompts = [occasion.prompt(voice, model.prompt, model.count_tokens) for occasion in some]
            allowed = [model.prompt.slots(occasion.slots) for occasion in some]
            began = time.perf_counter()
            groups = model.sample(prompts, SAMPLES // 2, SamplingConfig(), allowed, seed + start)
            seconds += time.perf_counter() - began
            drawn[voice] += [[(sample.text, sample.finished) for sample in group] for group in groups]
    return drawn, seconds


def _listed(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{source} {share:.2f}" for source, share in shares.items())


def _numbered(drawn: Drawn, asked: Sequence[tuple[Occasion, str]], model: LanguageModel) -> dict[str, list[str]]:
    """One text a plan in each voice, with numbered slots, as the grammar's have them."""
    found: dict[str, list[str]] = {}
    for voice, texts in drawn.items():
        first = [group[0][0] if group else "" for group in texts]
        found[voice.name.lower()] = [
            model.prompt.read(text, o.slots) for text, (o, _) in zip(first, asked, strict=False)
        ]
    return found


def _variety(texts: Mapping[str, Sequence[str]], grammar: Sequence[str]) -> dict[str, float]:
    """Distinct-2 of one text a plan, in either voice and by turns, and of the grammar's."""
    by_turns = [texts[list(texts)[number % len(texts)]][number] for number in range(len(grammar))]
    sources: dict[str, Sequence[str]] = {"model": by_turns, **texts, "grammar": grammar}
    return {name: distinct_2(some) for name, some in sources.items()}


def distinct_2(texts: Iterable[str]) -> float:
    """Different pairs of neighbouring words per pair (Li et al. 2016); it falls with length, so compare like with like.

    >>> distinct_2(["I agree", "I agree", "you too"])
    0.6666666666666666
    """
    pairs = [pair for text in texts for pair in pairwise(text.lower().split())]
    return len(set(pairs)) / max(1, len(pairs))


def _wordable(rng: Generator) -> Iterator[tuple[Occasion, str]]:
    """Occasions with the grammar's template."""
    for occasion in occasions(rng):
        try:
            template, slots = word_template(occasion.acts, occasion.context, rng)
        except (WordingError, SlotError):
            continue
        if (slots.provinces, slots.powers) == (occasion.slots.provinces, occasion.slots.powers):
            yield occasion, template


def _enough_of_each_kind(
    drawn: Iterator[tuple[Occasion, str]], plans: int, per_kind: int
) -> list[tuple[Occasion, str]]:
    """So many plans as they come, then further ones with acts of kinds that are in fewer than `per_kind` of them."""
    asked = list(islice(drawn, plans))
    counts = Counter(kind for occasion, _ in asked for kind in _kinds(occasion))
    while rare := {kind for kind in ActKind if counts[kind] < per_kind}:
        occasion, template = next(item for item in drawn if rare & _kinds(item[0]))
        counts.update(_kinds(occasion))
        asked.append((occasion, template))
    return asked


def _with_kind(kind: ActKind, asked: Sequence[tuple[Occasion, str]], plans: int) -> list[int]:
    """Numbers of the plans with an act of this kind: of the first `plans`, or if these are too few, of all."""
    found = [number for number, (occasion, _) in enumerate(asked) if kind in _kinds(occasion)]
    first = [number for number in found if number < plans]
    return first if len(first) >= min(plans, PER_KIND) else found


def _kinds(occasion: Occasion) -> set[ActKind]:
    return {act.kind for act in occasion.acts}


def _of_kind(plans: Sequence[Mapping[Voice, Sequence[bool]]]) -> KindResult:
    """Of plans of which it is known, by voice, whether the samples say them."""
    groups = [[right for rights in voices.values() for right in rights] for voices in plans]
    by_voice = {v.name.lower(): _share(right for voices in plans for right in voices[v]) for v in Voice}
    return KindResult(
        len(plans), _share(right for g in groups for right in g), by_voice, _share(any(g) for g in groups)
    )


def _percents(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares.items())


def _share(rights: Iterable[bool]) -> float:
    found = list(rights)
    return sum(found) / max(1, len(found))
