"""Speech plan -> candidate messages: the model words it, code puts the names in, the reader reads it back.

A candidate says exactly its plan or is marked as one that does not.  The grammar's own sentence is the last
candidate, so that there is something to send whatever the model does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from numpy.random import Generator

from dialogue.acts import ActKind, SpeechAct
from dialogue.briefing import brief, write_prompt
from dialogue.formality import best_toned
from dialogue.grammar import WordingContext, WordingError, word
from dialogue.language_model import LanguageModel, Sample, SamplingConfig
from dialogue.memory import Ledger
from dialogue.names import NameStyle, SlotError, Slots, fill
from dialogue.plan_text import scene
from dialogue.prompt import Candour, Controls, PromptConfig, Section, Voice
from dialogue.sayings import is_told
from dialogue.speech import SpeechPlan
from dialogue.understanding import Reading, matches, read
from engine.game import GameView
from engine.types import Intent, Message, Power

_TONED = 11
"""Further sentences that the grammar draws where a tone matters as much as it can."""


class Source(StrEnum):
    """Who worded a message."""

    MODEL = "model"
    GRAMMAR = "grammar"


@dataclass(frozen=True)
class Draft:
    """A candidate message."""

    text: str
    acts: tuple[SpeechAct, ...]
    """What it was meant to say."""
    reading: Reading
    """What the reader makes of it."""
    source: Source
    template: str
    """The model's text before names were put in, with numbered slots; "" for the grammar's."""
    matches: bool
    """Whether the reading is the plan: every act, and no claim beyond."""
    log_likelihood: float | None = None
    """Of the template, per token, under the model that wrote it."""


@dataclass(frozen=True)
class GenerationConfig:
    """How candidates are made."""

    candidates: int = 4
    """Texts drawn from the model for each plan, shared between the voices; the grammar's comes on top.  0: none."""
    voices: tuple[Voice, ...] = (Voice.PEOPLE, Voice.BOOK)
    """Whose ways of writing are asked for."""
    least_likely: float = -1.2
    """Mean log-probability per token below which a text is dropped: it may say the plan, but in garbled words."""
    sections: tuple[Section, ...] | None = None
    """Sections of the prompt that are told, of those that the model was trained on; null: all of them."""
    sampling: SamplingConfig = field(default_factory=SamplingConfig)


@dataclass(frozen=True)
class Knowledge:
    """What a speaker knows besides the board and the talk, for models whose prompts tell it."""

    ledger: Ledger | None = None
    """Its own."""
    intents: Mapping[Power, Intent] = field(default_factory=dict)
    """Its own, by addressee."""
    candour: Candour | None = Candour.HONEST
    """Whether it means what it says; None: not told."""


NOTHING = Knowledge()


def draft(
    plan: SpeechPlan,
    view: GameView,
    talk: Sequence[Message],
    model: LanguageModel | None,
    config: GenerationConfig,
    rng: Generator,
    knowledge: Knowledge = NOTHING,
) -> list[Draft]:
    """The candidates for one plan, as `draft_many`."""
    return draft_many([plan], view, [talk], model, config, rng, knowledge)[0]


def draft_many(
    plans: Sequence[SpeechPlan],
    view: GameView,
    talks: Sequence[Sequence[Message]],
    model: LanguageModel | None,
    config: GenerationConfig,
    rng: Generator,
    knowledge: Knowledge = NOTHING,
    formality: float = 0.0,
) -> list[list[Draft]]:
    """Candidates for several plans with one call of the model.

    Args:
        talks: for each plan what its two powers wrote to each other so far, oldest first.
        model: None: only the grammar's sentences.
        knowledge: of the power that speaks.
        formality: the tone wanted of the grammar's sentence, -1 to 1; see `dialogue.formality`.

    Returns:
        For each plan the model's candidates that match it, likeliest first; those that do not; the grammar's
        sentence.  Texts do not repeat.  A plan with words has these alone.

    Raises:
        LanguageModelError: the model gave no answer.
    """
    prepared = [_Prepared.of(plan, view, talk) for plan, talk in zip(plans, talks, strict=True)]
    open_ = [item for item in prepared if not item.plan.words]
    samples = iter(_sample(open_, view, model, config, rng, knowledge) if open_ else [])
    return [
        _drafts(item, view, [] if item.plan.words else next(samples), config, rng, knowledge.ledger, formality)
        for item in prepared
    ]


def prefer(drafts: Sequence[Draft]) -> Draft | None:
    """The one to send: the likeliest of the model's that match, else the grammar's; None where neither is."""
    matching = next((draft for draft in drafts if draft.matches), None)
    return matching or next((draft for draft in drafts if draft.source is Source.GRAMMAR), None)


@dataclass(frozen=True)
class _Prepared:
    """A plan with what wording it needs."""

    plan: SpeechPlan
    talk: tuple[Message, ...]
    slots: Slots
    heard: Reading | None

    @classmethod
    def of(cls, plan: SpeechPlan, view: GameView, talk: Sequence[Message]) -> _Prepared:
        heard = None if plan.answers is None else read(plan.answers, view, talk)
        return cls(plan, tuple(talk), Slots.of(plan.acts, plan.sender, plan.recipient), heard)

    def grammar(self, view: GameView, rng: Generator, ledger: Ledger | None) -> str | None:
        """The grammar's sentence; None where it has none."""
        plan = self.plan
        if plan.words:
            return plan.words
        answered = () if self.heard is None else self.heard.acts
        asked = [item for act in plan.acts if act.kind is ActKind.ASK for item in act.orders]
        told = () if ledger is None else tuple(o for o in asked if is_told(ledger, o, plan.sender))
        context = WordingContext(
            view, plan.sender, plan.recipient, answered, not self.talk, reasons=False, hearsay=False, told=told
        )
        try:
            return word(plan.acts, context, rng)
        except WordingError:
            return None

    def prompt(
        self, view: GameView, voice: Voice, model: LanguageModel, config: GenerationConfig, knowledge: Knowledge
    ) -> str:
        heard, understood = ((), True) if self.heard is None else (self.heard.acts, not self.heard.unread)
        plan = self.plan
        where = scene(view.phase, plan.sender, plan.recipient, self.talk, plan.answers, heard, understood)
        known = brief(view, plan.recipient, knowledge.ledger, knowledge.intents.get(plan.recipient))
        controls = Controls(voice, knowledge.candour)
        told = model.prompt if config.sections is None else model.prompt.telling(config.sections)
        return write_prompt(known, plan.acts, self.slots, where, controls, told, model.count_tokens)


def _sample(
    prepared: Sequence[_Prepared],
    view: GameView,
    model: LanguageModel | None,
    config: GenerationConfig,
    rng: Generator,
    knowledge: Knowledge,
) -> list[list[Sample]]:
    """The model's texts for each plan, both voices together."""
    if model is None or config.candidates == 0:
        return [[] for _ in prepared]
    voices = config.voices
    prompts = [item.prompt(view, voice, model, config, knowledge) for item in prepared for voice in voices]
    allowed = [model.prompt.slots(item.slots) for item in prepared for _ in voices]
    per_prompt = max(1, config.candidates // len(voices))
    groups = model.sample(prompts, per_prompt, config.sampling, allowed, int(rng.integers(2**31)))
    return [
        [
            _numbered(sample, item.slots, model.prompt)
            for group in groups[start : start + len(voices)]
            for sample in group
        ]
        for item, start in zip(prepared, range(0, len(groups), len(voices)), strict=True)
    ]


def _numbered(sample: Sample, slots: Slots, prompt: PromptConfig) -> Sample:
    """The sample with numbered slots; "" in place of a text with slots that do not exist."""
    try:
        return replace(sample, text=prompt.read(sample.text, slots))
    except SlotError:
        return replace(sample, text="")


def _drafts(
    item: _Prepared,
    view: GameView,
    drawn: Sequence[Sample],
    config: GenerationConfig,
    rng: Generator,
    ledger: Ledger | None,
    formality: float,
) -> list[Draft]:
    """The model's texts and the grammar's as drafts: those that match first, likeliest first; the grammar's last."""
    fluent = [s for s in drawn if s.finished and s.text and _likelihood(s) >= config.least_likely]
    fluent.sort(key=lambda sample: -_likelihood(sample))
    drafts: dict[str, Draft] = {}
    for sample in fluent:
        if sample.text.lower() in drafts:
            continue
        try:
            text = fill(sample.text, item.slots, NameStyle.sample(rng), rng)
        except SlotError:
            continue  # a foreign tokenizer may spell slots that do not exist
        drafts[sample.text.lower()] = _read_back(item, view, text, Source.MODEL, sample)
    ranked = sorted(drafts.values(), key=lambda draft: not draft.matches)
    plain = _toned(item, view, rng, ledger, formality)
    if plain is None:
        return ranked
    return [*(d for d in ranked if d.text.lower() != plain.text.lower()), plain]


def _toned(item: _Prepared, view: GameView, rng: Generator, ledger: Ledger | None, formality: float) -> Draft | None:
    """The grammar's sentence: of several that match, drawn the more of the more a tone is wanted, the best toned."""
    drawn = [item.grammar(view, rng, ledger) for _ in range(1 + round(_TONED * abs(formality)))]
    drafts = [_read_back(item, view, text, Source.GRAMMAR) for text in dict.fromkeys(drawn) if text is not None]
    return best_toned([draft for draft in drafts if draft.matches] or drafts[:1], math.copysign(1.0, formality))


def _likelihood(sample: Sample) -> float:
    """As the model says; 0, so that they stay and keep their order, of one that does not say."""
    return 0.0 if sample.log_likelihood is None else sample.log_likelihood


def _read_back(item: _Prepared, view: GameView, text: str, source: Source, sample: Sample | None = None) -> Draft:
    """The draft, read as its recipient will read it."""
    plan = item.plan
    after = max((message.sequence for message in item.talk), default=-1) + 1
    reading = read(Message(plan.sender, plan.recipient, view.phase, text, after), view, item.talk)
    right = matches(plan.acts, reading)
    if sample is None:
        return Draft(text, plan.acts, reading, source, "", right)
    return Draft(text, plan.acts, reading, source, sample.text, right, sample.log_likelihood)
