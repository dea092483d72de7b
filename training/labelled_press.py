"""Labelled messages as the reader learns from them: which clause does what."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cicero_lite.bench.press_labels import LabelledMessage, load_labels
from cicero_lite.bench.press_sample import HumanMessage, PressKey
from cicero_lite.bench.scoring import act_from_json
from dialogue.acts import ActKind, SpeechAct
from dialogue.cues import ByRules, kind_name
from dialogue.grammar import WordingError, word
from dialogue.learned_reader import CONDITION, MORE, NOTHING
from dialogue.occasions import occasions
from dialogue.tagging import Clause, Token, may_begin, must_begin
from dialogue.understanding import matches, read
from engine.types import Message


@dataclass(frozen=True)
class Place:
    """An act, and where in the text it stands."""

    act: SpeechAct
    kind: str
    """As `kind_name` gives it, or `CONDITION`."""
    start: int
    end: int
    weight: float
    """1, or its share where it is one of several choices."""


@dataclass(frozen=True)
class Lesson:
    """A labelled message to learn from."""

    labelled: LabelledMessage
    places: tuple[Place, ...]


def load_lessons(labels: Path, games: Path) -> tuple[Lesson, ...]:
    """The labelled messages of a file whose acts have spans, in the order of the games.

    Raises:
        LabelFileError: as `load_labels`.
        GameFileError: likewise.
    """
    messages = load_labels(labels, games)
    lines: dict[PressKey, Sequence[Mapping[str, Any]]] = {}
    for line in labels.read_text(encoding="utf-8").splitlines():
        data = json.loads(line)
        lines[PressKey(data["game"], data["phase"], data["message"])] = data["acts"]
    return tuple(Lesson(its, tuple(_places(lines[its.said.key], its.said.message))) for its in messages)


def _places(acts: Sequence[Mapping[str, Any]], message: Message) -> Iterator[Place]:
    for item in acts:
        options = item.get("either", [[item]])
        for option in options:
            for act in option:
                yield from _place(act, message, 1 / len(options))


def _place(data: Mapping[str, Any], message: Message, weight: float) -> Iterator[Place]:
    act = act_from_json(data, message.sender, message.recipient)
    if act.kind is not ActKind.SMALL_TALK and "span" in data:
        start, end = data["span"]
        yield Place(act, kind_name(act), start, end, weight)
    if act.condition is not None and "span" in data["condition"]:
        start, end = data["condition"]["span"]
        yield Place(act.condition, CONDITION, start, end, weight)


def _within(tokens: Sequence[Token], start: int, end: int) -> list[int]:
    return [i for i, t in enumerate(tokens) if t.start < end and t.end > start and not t.is_mark]


def boundaries(lesson: Lesson, tokens: Sequence[Token]) -> Iterator[tuple[int, bool]]:
    """Words at which a clause may begin, and whether one does, as far as the labels tell."""
    owner: dict[int, tuple[int, int]] = {}
    edges: set[int] = set()
    for place in lesson.places:
        words = _within(tokens, place.start, place.end)
        if not words:
            continue
        for i in range(words[0], words[-1] + 1):
            owner.setdefault(i, (place.start, place.end))
        after = words[-1] + 1
        while after < len(tokens) and tokens[after].is_mark:
            after += 1
        edges |= {words[0], after}
    for i in range(1, len(tokens)):
        if not may_begin(tokens, i) or must_begin(tokens, i):
            continue
        before = i - 1
        while before > 0 and tokens[before].is_mark:
            before -= 1
        if i in edges or owner.get(i) != owner.get(before):
            yield i, True
        elif i in owner:
            yield i, False


@dataclass(frozen=True)
class Done:
    """What the labels say of a message's clauses."""

    classes: tuple[Mapping[str, float], ...]
    """For each clause: what it does, shares that sum to 1."""
    placed: tuple[tuple[int, Place], ...]
    """Index of a clause, and an act that it does."""


def done(lesson: Lesson, tokens: Sequence[Token], clauses: Sequence[Clause]) -> Done:
    """Which clause does which act: the one that holds most of its words."""
    shares: list[dict[str, float]] = [defaultdict(float) for _ in clauses]
    placed: list[tuple[int, Place]] = []
    further: set[int] = set()
    for place in lesson.places:
        words = set(_within(tokens, place.start, place.end))
        held = [len(words.intersection(range(clause.first, clause.end))) for clause in clauses]
        if not any(held):
            continue
        best = held.index(max(held))
        shares[best][place.kind] += place.weight
        placed.append((best, place))
        for n, clause in enumerate(clauses):
            own = sum(not tokens[i].is_mark for i in range(clause.first, clause.end))
            if n > best and held[n] > own / 2:
                further.add(n)
    for n, its in enumerate(shares):
        if not its and n in further:
            its[MORE] = 1.0
        total = sum(its.values())
        if total < 1:
            its[NOTHING] += 1 - total
        for kind in its:
            its[kind] /= max(total, 1)
    return Done(tuple(shares), tuple(placed))


def class_targets(done_by: Sequence[Done], classes: Sequence[str]) -> NDArray[np.float32]:
    """The shares of every clause: ``[N, C]``."""
    columns = {kind: column for column, kind in enumerate(classes)}
    rows = [its for held in done_by for its in held.classes]
    targets = np.zeros((len(rows), len(classes)), dtype=np.float32)
    for row, its in enumerate(rows):
        for kind, share in its.items():
            targets[row, columns[kind]] = share
    return targets


def own_lessons(count: int, seed: int) -> Iterator[Lesson]:
    """Talk that our grammar words over games played at random: the rules read it exactly, and so should the reader."""
    rng = np.random.default_rng(seed)
    found = 0
    for occasion in occasions(rng):
        if found == count:
            return
        try:
            text = word(occasion.acts, occasion.context, rng)
        except WordingError:
            continue
        talk = occasion.talk(rng)
        message = Message(occasion.speaker, occasion.addressee, occasion.board.phase, text, len(talk))
        reading = read(message, occasion.board, talk)
        if not matches(occasion.acts, reading):
            continue
        found += 1
        key = PressKey("own", str(message.phase), found)
        labelled = LabelledMessage(HumanMessage(key, message, occasion.board, talk), (reading.acts,))
        yield Lesson(labelled, ())


def placed_by_rules(lesson: Lesson, tokens: Sequence[Token], clauses: Sequence[Clause], rules: ByRules) -> Lesson:
    """A message of our own with its acts where the rules find them."""
    places = [
        Place(act, kind_name(act), tokens[clause.first].start, tokens[clause.end - 1].end, 1.0)
        for clause, step in zip(clauses, rules.steps, strict=True)
        for act in step.acts
        if act.kind is not ActKind.SMALL_TALK
    ]
    return replace(lesson, places=tuple(places))
