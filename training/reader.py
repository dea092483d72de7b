"""`python -m training reader`: the reader of people's press, from labelled messages.

Where clauses begin, what each does and what it is about: three logistic models (`dialogue.learned_reader`), fitted to
`training/labels/press.jsonl`, whose texts are in the public games.  Everything that a model is judged by, or that a
later one learns from, comes from messages of games which that model did not see: games are dealt into folds, and each
fold is read by what the others taught.  The shipped reader learns from all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from cicero_lite.bench.blind import BlindFigures, measure_blind
from cicero_lite.bench.scoring import content_key, order_keys
from dialogue.contents import Content
from dialogue.cues import ByRules, Heard, kind_cues, kind_name
from dialogue.learned_reader import (
    CONDITION,
    MORE,
    LearnedReader,
    Proposed,
    ReadClause,
    ReaderConfig,
    Weights,
    log_odds,
    save,
)
from dialogue.reading import Reading
from dialogue.tagging import Clause, WordGroups, boundary_features
from dialogue.understanding import matches, read
from training.labelled_press import (
    Done,
    Lesson,
    boundaries,
    class_targets,
    done,
    load_lessons,
    own_lessons,
    placed_by_rules,
)
from training.logistic import Choice, fit_choices, fit_classes, fit_dense, fit_yes
from training.runs import ROOT, SHARED_DATA, MetricsLog, parse_config, start_run
from training.unlabelled_press import press_tokens
from training.word_groups import word_groups

_THRESHOLDS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Confidences at which precision and recall are shown."""
_SHARES = (0.25, 0.5, 1.0)
"""Of the messages that may be learned from, for the curve of learning."""
_OWN_TRIED = 100
"""Messages of our own that are read but not learned from."""


@dataclass(frozen=True)
class ReaderTraining:
    """Learn to read people's press from labelled messages."""

    out: Path = Path("runs/reader")
    """Folder of the run; the weights land in its `reader.safetensors`."""
    labels: Path = ROOT / "training" / "labels" / "press.jsonl"
    """The labels: acts of messages, with where in the text they stand."""
    data: Path = SHARED_DATA
    """Folder of the public games."""
    folds: int = 5
    """Into how many parts games are dealt."""
    curve: bool = True
    """Whether to show how the first fold is read after a quarter and a half of the others' messages."""
    boundary_penalty: float = 0.5
    """Of the squared weights of the model that cuts messages into clauses."""
    kind_penalty: float = 4.0
    """The same of the model that says what clauses do."""
    content_penalty: float = 2.0
    """The same of the model that says what acts are about."""
    least: int = 3
    """In how many examples a feature has to be."""
    own: int = 400
    """Messages of our own grammar to learn from beside people's, so that the reader goes on reading our own talk."""
    seed: int = 20221122
    """Of the word groups, of the messages of our own, and of the shares of the curve."""


@dataclass(frozen=True)
class Prepared:
    """A labelled message as the models see it."""

    lesson: Lesson
    heard: Heard
    clauses: tuple[Clause, ...]
    rules: ByRules
    cues: tuple[list[str], ...]
    done: Done
    choices: tuple[Choice, ...]
    """For each labelled act: the contents proposed, and which is right."""


def main(argv: Sequence[str]) -> int:
    """Learn as the command line says; flat, to be read from top to bottom."""
    config = parse_config(ReaderTraining, argv, "reader")
    lessons = load_lessons(config.labels, config.data / "games-train.jsonl.gz")
    groups = word_groups(press_tokens(config.data), config.seed)
    start_run(config.out, "reader", config, resume=False)
    log = MetricsLog(config.out)
    heard = [Heard.of(its.labelled.said.message, its.labelled.said.board, its.labelled.said.talk) for its in lessons]
    fold = deal([its.labelled.said.key.game for its in lessons], config.folds)
    everyone = np.ones(len(lessons), dtype=bool)
    parts = [(fold != n, fold == n) for n in range(config.folds)]

    prepared: list[Prepared | None] = [None] * len(lessons)
    for learn, judge in parts:
        cutter = _empty(fit_boundaries(lessons, heard, learn, config), groups)
        for n in np.flatnonzero(judge).tolist():
            prepared[n] = prepare(lessons[n], heard[n], cutter)
    ready = [its for its in prepared if its is not None]
    cutting = fit_boundaries(lessons, heard, everyone, config)
    own = [prepare_own(its, _empty(cutting, groups)) for its in own_lessons(config.own + _OWN_TRIED, config.seed)]
    own, own_tried = own[: config.own], own[config.own :]
    classes = tuple(
        sorted({kind for its in (*ready, *own) for row in its.done.classes for kind in row} | {MORE, CONDITION})
    )

    guessed: list[tuple[ReadClause, ...]] = [()] * len(ready)
    for learn, judge in track(parts, "folds"):
        lot = [its for its, use in zip(ready, learn, strict=True) if use]
        reader = fit_reader([*lot, *own], classes, groups, config)
        for n in np.flatnonzero(judge).tolist():
            its = ready[n]
            guessed[n] = reader.guessed(its.heard, its.clauses, its.rules, reader.chances(its.cues))
    calibration, orders_chance = calibrate(lessons, guessed, classes), orders_right(lessons, guessed)
    reader = replace(reader, calibration=calibration, orders_chance=orders_chance)
    print(f"chance that orders read by the rules are right: {orders_chance:.3f}")
    for threshold in _THRESHOLDS:
        figures = judged(ready, guessed, replace(reader, config=ReaderConfig(least_confidence=threshold)))
        log.write({"step": 0, "seconds": 0.0, "least_confidence": threshold, **_short(figures)})
        print(f"confidence {threshold}: {_short(figures)}")
    print(f"rules alone: {_short(measure_blind([its.labelled for its in lessons], read, 1))}")
    shown = judged(ready, guessed, reader)
    for kind, score in shown.classes.items():
        print(f"{kind:16} {score.rate}, F1 {score.rate.f1:.2f}; by kind {shown.class_kinds[kind].rate.f1:.2f}")

    if config.curve:
        for share, figures in learning_curve(ready, own, *parts[0], reader, (classes, groups, config)):
            print(f"first fold, {share:.0%} of the others' messages: {_short(figures)}")

    final = replace(calibrated(fit_reader([*ready, *own], classes, groups, config), reader), boundaries=cutting)
    print(
        f"messages of our own, not learned from: {as_by_rules(own_tried, final)} of {len(own_tried)} read as by rules"
    )
    save(final, config.out / "reader.safetensors")
    return 0


def deal(games: Sequence[str], folds: int) -> NDArray[np.int64]:
    """The fold of each message, ``[N]``: games are dealt whole, the largest first, each to the smallest fold."""
    sizes, held, of = Counter(games), [0] * folds, {}
    for game, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        of[game] = held.index(min(held))
        held[of[game]] += size
    return np.array([of[game] for game in games])


def _empty(cutting: Weights, groups: WordGroups) -> LearnedReader:
    """A reader that only cuts messages into clauses."""
    nothing = Weights(np.zeros(0, dtype=np.uint32), np.zeros((0, 1), dtype=np.float32))
    return LearnedReader(cutting, nothing, (), nothing, groups, np.zeros(3, dtype=np.float32), orders_chance=0.0)


def fit_boundaries(
    lessons: Sequence[Lesson], heard: Sequence[Heard], learn: NDArray[np.bool_], config: ReaderTraining
) -> Weights:
    """Where clauses begin, from the lessons that are to be learned from (``[N]``)."""
    bags: list[list[str]] = []
    answers: list[bool] = []
    for n in np.flatnonzero(learn).tolist():
        for i, begins in boundaries(lessons[n], heard[n].tokens):
            bags.append(list(boundary_features(heard[n].tokens, i)))
            answers.append(begins)
    return fit_yes(bags, np.array(answers), config.boundary_penalty, config.least)


def prepare(lesson: Lesson, heard: Heard, cutter: LearnedReader) -> Prepared:
    """A message cut into clauses, with what the rules and the labels say of each."""
    clauses = cutter.cut(heard.tokens)
    rules = ByRules.of(heard, clauses)
    cues = tuple(list(kind_cues(heard, clauses, n, rules, cutter.groups)) for n in range(len(clauses)))
    doing = done(lesson, heard.tokens, clauses)
    return Prepared(lesson, heard, clauses, rules, cues, doing, tuple(choices(heard, clauses, rules, doing)))


def prepare_own(lesson: Lesson, cutter: LearnedReader) -> Prepared:
    """A message of our own grammar, as the rules read it."""
    said = lesson.labelled.said
    heard = Heard.of(said.message, said.board, said.talk)
    cut = prepare(lesson, heard, cutter)
    placed = placed_by_rules(lesson, heard.tokens, cut.clauses, cut.rules)
    doing = done(placed, heard.tokens, cut.clauses)
    held = tuple(choices(heard, cut.clauses, cut.rules, doing))
    return replace(cut, lesson=placed, done=doing, choices=held)


def as_by_rules(own: Sequence[Prepared], reader: LearnedReader) -> int:
    """How many messages of our own a reader reads as the rules do."""
    same = 0
    for its in own:
        guessed = reader.guessed(its.heard, its.clauses, its.rules, reader.chances(its.cues))
        same += matches(its.lesson.labelled.labellings[0], reader.reading(its.heard, guessed))
    return same


def fit_reader(
    prepared: Sequence[Prepared], classes: tuple[str, ...], groups: WordGroups, config: ReaderTraining
) -> LearnedReader:
    """What clauses do and are about, from messages that are cut already."""
    bags = [cues for its in prepared for cues in its.cues]
    targets = class_targets([its.done for its in prepared], classes)
    kinds = fit_classes(bags, targets, config.kind_penalty, config.least)
    contents = fit_choices([choice for its in prepared for choice in its.choices], config.content_penalty, config.least)
    return replace(_empty(kinds, groups), kinds=kinds, classes=classes, contents=contents)


def choices(heard: Heard, clauses: Sequence[Clause], rules: ByRules, doing: Done) -> Iterator[Choice]:
    """For each labelled act of a message: the contents proposed, and which is right."""
    for first, place in doing.placed:
        last = first
        while last + 1 < len(clauses) and MORE in doing.classes[last + 1]:
            last += 1
        proposed = Proposed.of(heard, clauses, first, last, rules)
        key = Content.of(place.act).key
        right = next((n for n, c in enumerate(proposed.candidates) if c.content.key == key), None)
        yield Choice(proposed.cues(place.kind, heard.message), right, place.weight)


def calibrate(
    lessons: Sequence[Lesson], guessed: Sequence[Sequence[ReadClause]], classes: Sequence[str]
) -> NDArray[np.float32]:
    """What makes the chances of kind and content that of being right, as `LearnedReader.calibration`.

    Fitted by Newton's method, with a prior of standard deviation 1.

    Args:
        lessons: the messages.
        guessed: what was guessed of each by a reader that had not learned from it.
        classes: of the reader.
    """
    rows: list[list[float]] = []
    right: list[bool] = []
    for lesson, clauses in zip(lessons, guessed, strict=True):
        said = {content_key(replace(act, condition=None)) for held in lesson.labelled.labellings for act in held}
        for guess in (guess for clause in clauses for guess in clause.guesses):
            kind = [float(name == kind_name(guess.act)) for name in classes]
            rows.append([1.0, log_odds(guess.kind_chance), log_odds(guess.content_chance), *kind])
            right.append(content_key(guess.act) in said)
    return fit_dense(np.array(rows), np.array(right)).astype(np.float32)


def orders_right(lessons: Sequence[Lesson], guessed: Sequence[Sequence[ReadClause]]) -> float:
    """The share of the acts which the rules read with orders whose orders are right, in whatever kind of act."""
    right: list[bool] = []
    for lesson, clauses in zip(lessons, guessed, strict=True):
        said = {key for held in lesson.labelled.labellings for key in order_keys(held)}
        right += [said.issuperset(order_keys([act])) for clause in clauses for act in clause.by_rules]
    return sum(right) / len(right) if right else 0.0


def calibrated(reader: LearnedReader, by: LearnedReader) -> LearnedReader:
    """A reader that is as sure of what it reads as another."""
    return replace(reader, calibration=by.calibration, orders_chance=by.orders_chance)


def learning_curve(
    ready: Sequence[Prepared],
    own: Sequence[Prepared],
    learn: NDArray[np.bool_],
    judge: NDArray[np.bool_],
    sure: LearnedReader,
    settings: tuple[tuple[str, ...], WordGroups, ReaderTraining],
) -> Iterator[tuple[float, BlindFigures]]:
    """How well some messages are read after a share of the others.

    Args:
        ready: all messages.
        own: messages of our own, always learned from.
        learn: which messages may be learned from, ``[N]``.
        judge: which are read, ``[N]``.
        sure: as sure as this one a reader is.
        settings: classes, word groups and configuration.
    """
    classes, groups, config = settings
    order = np.random.default_rng(config.seed).permutation(np.flatnonzero(learn)).tolist()
    held = [its for its, use in zip(ready, judge, strict=True) if use]
    for share in _SHARES:
        lot = [ready[n] for n in order[: round(share * len(order))]]
        reader = calibrated(fit_reader([*lot, *own], classes, groups, config), sure)
        guessed = [reader.guessed(its.heard, its.clauses, its.rules, reader.chances(its.cues)) for its in held]
        yield share, judged(held, guessed, reader)


def judged(
    prepared: Sequence[Prepared], guessed: Sequence[Sequence[ReadClause]], reader: LearnedReader
) -> BlindFigures:
    """How right the guesses are that a reader takes to be likely enough."""
    readings: dict[int, Reading] = {
        id(its.heard.message): reader.reading(its.heard, tuple(clauses))
        for its, clauses in zip(prepared, guessed, strict=True)
    }
    return measure_blind([its.lesson.labelled for its in prepared], lambda message, *_: readings[id(message)], 1)


def _short(figures: BlindFigures) -> dict[str, float]:
    rates = {"acts": figures.acts.rate, "kinds": figures.kinds.rate, "orders": figures.orders.rate}
    held = {
        f"{name}_{what}": round(value, 3)
        for name, rate in rates.items()
        for what, value in asdict(rate).items()
        if what in ("precision", "recall", "f1")
    }
    return {**held, "exact": round(figures.exact.share, 3), "understood": round(figures.understood.share, 3)}
