"""Examples for the dialogue model: press whose plan is known.

Two sources, told apart by the prompt's voice:

- BOOK: our grammar words plans drawn on positions of random games (`dialogue.occasions`); only what our reader
  reads back as its plan is kept.
- PEOPLE: public human press.  Our reader takes each message's acts for its plan.  Most messages say things that
  no act of ours covers, and a model that learns those from a tag learns to make things up; so only short messages
  are kept whose every place and power is in the acts read, and of small talk only courtesies.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from numpy.random import default_rng

from dialogue.acts import ActKind, SpeechAct
from dialogue.grammar import WordingError, word_template
from dialogue.language_model import LanguageModel, SamplingConfig
from dialogue.names import SlotError, Slots, delexicalise, find_names
from dialogue.occasions import Occasion, occasions
from dialogue.prompt import Voice, clean, scene, write_prompt
from dialogue.understanding import Reading, read
from engine.types import Message, Order, Province, province_of
from training.data import Example, Part, PressMessage, games, press, read_examples, write_examples

HELD_OUT_SEED = 1_000_003
"""Added to the run's seed for occasions that nobody trains on."""

EVALUATION_BATCH = 32
"""Prompts sampled at once when plans are read back."""


# --- the grammar's ---------------------------------------------------------------------------------


def generated_plans(count: int, seed: int) -> Iterator[Occasion]:
    """Occasions of random games, as many as asked for, for whose plans the grammar has words."""
    return islice((occasion for occasion, _ in _worded(seed)), count)


def generated_examples(count: int, seed: int) -> Iterator[Example]:
    """The grammar's wordings that read back as their plans and name nothing else."""
    return islice((example for _, example in _worded(seed)), count)


def _worded(seed: int) -> Iterator[tuple[Occasion, Example]]:
    rng = default_rng(seed)
    for occasion in occasions(rng):
        try:
            template, slots = word_template(occasion.acts, occasion.context, rng)
        except (WordingError, SlotError):
            continue
        same_names = (slots.provinces, slots.powers) == (occasion.slots.provinces, occasion.slots.powers)
        if same_names and occasion.says(template, rng):
            kinds = tuple(act.kind for act in occasion.acts)
            yield occasion, Example(occasion.prompt(Voice.BOOK), template, Voice.BOOK, kinds)


# --- people's ----------------------------------------------------------------------------------------


def human_examples(folder: Path, part: Part, dropped: Counter[str] | None = None) -> Iterator[Example]:
    """The private messages of the public games whose plan is clear; none where the folder is absent.

    Args:
        dropped: counts why the others are left out.
    """
    why = Counter[str]() if dropped is None else dropped
    for item in press(games(folder, part)):
        example = human_example(item, why)
        if example is not None:
            yield example


MAX_WORDS = 30
"""Of a message of people's."""

WORDS_PER_ACT = 13
"""More words than this for each act say something besides."""

COURTESY_WORDS = 8
"""Of a message that names no place and no power."""

_COURTESY = re.compile(
    r"\b(?:hi|hello|hey|heya|howdy|greetings|welcome|good (?:luck|game|day|morning|evening|start)|best of luck|luck|"
    r"glhf|gl|hf|have fun|nice to meet|how are you|how's it going|looking forward|cheers|congrat\w*|well played|"
    r"great move|nice move|gg|enjoy|happy to|let's (?:talk|chat)|keep in touch|no problem|no worries|my pleasure|"
    r"you're welcome|np|lol|haha|see you|good to hear|all the best|same to you|you too|i appreciate)\b",
    re.IGNORECASE,
)
_UNCLEAR = re.compile(
    r"\[?REDACTED|https?:|[^\x00-\x7F]|\b(?:wtf|fuck\w*|shit\w*|damn\w*|piss\w*|ass|hell|bitch\w*|crap|sucks?|idiot\w*|"
    r"stupid|dumb)\b|\b[EFGRT]\b|\b[AEFGIRT](?:/?[AEFGIRT]){1,2}\b"
)
_THIRD_PERSON = re.compile(r"\b(?:he|him|his|she|her|they|them|their|he's|they're|they'll|he'll)\b", re.IGNORECASE)
_OPEN_QUESTION = re.compile(
    r"\b(?:plan\w*|think\w*|thoughts?|mov\w+|orders?|intend\w*|intentions?|up to|doing|do you want|ideas?|"
    r"going to do|going|strategy|goals?|looking to)\b",
    re.IGNORECASE,
)
_BARE = frozenset({ActKind.AGREE, ActKind.REFUSE, ActKind.THANK, ActKind.APOLOGISE, ActKind.ASK, ActKind.SMALL_TALK})


def human_example(item: PressMessage, dropped: Counter[str]) -> Example | None:
    """The message as an example; None, and a reason counted, where its plan is not clear."""
    message = item.message
    text = clean(message.text)
    reading = read(message, item.board, item.talk)
    problem = unclear(text, reading, message)
    if problem:
        dropped[problem] += 1
        return None
    acts = tuple(own_matter(act, text, item) for act in reading.acts)
    try:
        slots = Slots.of(acts, message.sender, message.recipient)
    except SlotError:
        dropped["more names than slots"] += 1
        return None
    template, found = delexicalise(text, item.board, slots)
    if (found.provinces, found.powers) != (slots.provinces, slots.powers):
        dropped["names outside its acts"] += 1
        return None
    answered = next((m for m in reversed(item.talk) if m.sender is message.recipient), None)
    if answered is not None and (item.talk[-1].sender is message.sender or answered.phase != message.phase):
        answered = None
    heard = read(answered, item.board, item.talk) if answered is not None else Reading(())
    where = scene(message.phase, message.sender, message.recipient, item.talk, answered, heard.acts, not heard.unread)
    prompt = write_prompt(acts, slots, where, Voice.PEOPLE, item.board)
    return Example(prompt, template, Voice.PEOPLE, tuple(act.kind for act in acts))


def own_matter(act: SpeechAct, text: str, item: PressMessage) -> SpeechAct:
    """The act as one would plan it: an answer that names nothing says just yes, no or thanks.

    The reader fills in what is answered; a plan leaves that out.
    """
    if act.kind not in (ActKind.AGREE, ActKind.REFUSE, ActKind.THANK, ActKind.DENY, ActKind.APOLOGISE):
        return act
    named = {mention.province for mention in find_names(text, item.board)}
    places = {place for said in act.orders for place in places_of(said.order)} | set(act.provinces)
    powers = {mention.power for mention in find_names(text, item.board)}
    if places <= named and set(act.powers) <= powers:
        return act
    return replace(act, orders=(), provinces=(), powers=())


def places_of(order: Order) -> tuple[Province, ...]:
    """The provinces an order names."""
    units = tuple(unit.province for unit in (order.unit, order.aided) if unit is not None)
    return units if order.target is None else (*units, province_of(order.target))


def unclear(text: str, reading: Reading, message: Message) -> str:
    """Why a message's plan is not clear; "" if it is."""
    words = len(text.split())
    acts = reading.acts
    third = any(act.powers for act in acts) or any(
        said.power not in (message.sender, message.recipient) for act in acts for said in act.orders
    )
    naming = [act for act in acts if act.orders or act.provinces or act.powers]
    if message.recipient is None:
        return "public"
    if not text or words > MAX_WORDS or words > WORDS_PER_ACT * len(acts):
        return "long for its acts"
    if reading.unread or not acts:
        return "not understood"
    if _UNCLEAR.search(text):
        return "abbreviated, redacted or coarse"
    if _THIRD_PERSON.search(text) and not third:
        return "about somebody not named"
    if any(act.kind is ActKind.SMALL_TALK for act in acts) and not _COURTESY.search(text):
        return "small talk of substance"
    if not naming and all(act.kind in _BARE for act in acts):
        if words > COURTESY_WORDS:
            return "courtesy of substance"
        if any(act.kind is ActKind.ASK for act in acts) and not _OPEN_QUESTION.search(text):
            return "question about something else"
    return ""


# --- both --------------------------------------------------------------------------------------------


def prepare_examples(out: Path, generated: int, data: Path, seed: int) -> tuple[list[Example], list[Example]]:
    """Training and held-out examples, made once and kept in the run's folder.

    Held out are other random games, and the validation part of the public ones.
    """
    train, held_out = out / "examples-train.jsonl.gz", out / "examples-held-out.jsonl.gz"
    if not held_out.exists():
        dropped: Counter[str] = Counter()
        people = list(human_examples(data, Part.TRAIN, dropped))
        if people:
            print(f"people's messages: {len(people)} kept; left out: {dict(dropped.most_common())}")
        else:
            print(f"no public games in {data}: learning from generated press only")
        write_examples(train, [*generated_examples(generated, seed), *people])
        some = [*generated_examples(max(1, generated // 100), seed + HELD_OUT_SEED)]
        write_examples(held_out, [*some, *human_examples(data, Part.VALIDATION)])
    return read_examples(train), read_examples(held_out)


def read_back(model: LanguageModel, plans: Sequence[Occasion], seed: int) -> dict[str, float]:
    """How many plans one sample says exactly: `read_back`, and by voice."""
    rates = {}
    for voice in Voice:
        right = 0
        rng = default_rng((seed, 2))
        for start in range(0, len(plans), EVALUATION_BATCH):
            some = plans[start : start + EVALUATION_BATCH]
            prompts = [occasion.prompt(voice) for occasion in some]
            allowed = [frozenset(occasion.slots.allowed) for occasion in some]
            texts = model.sample(prompts, 1, SamplingConfig(), allowed, seed + start)
            for occasion, samples in zip(some, texts, strict=True):
                right += any(sample.finished and occasion.says(sample.text, rng) for sample in samples)
        rates[f"read_back_{voice.name.lower()}"] = right / max(1, len(plans))
    return {"read_back": sum(rates.values()) / len(rates), **rates}
