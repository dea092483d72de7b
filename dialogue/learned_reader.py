"""The reader of people's press: what labelled messages taught, over what the rules read.

People's press has more ways to say a thing than rules list.  A message is cut into clauses; for each the chance of
every kind of act is told from its words, the talk before it and the rules' reading; then what the act is about is
chosen among contents that the rules propose (`contents`).  All three are logistic models over hashed features
(`cues`), learned from labelled press by ``python -m training reader``.  An act's confidence is the chance that it is
right with all its content, as it was on messages of games that it had not learned from.  Acts that the rules read with
orders join where the clause has none with orders likely enough: their orders are right more often than an act with all
its content is, and orders are what an agent acts on.

Our own drafts are read back by the rules alone (`understanding`), which know exactly what our grammar can say.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.board import Board
from dialogue.contents import Candidate, Content, Named, candidates, named
from dialogue.cues import ByRules, Heard, content_cues, kind_cues, kind_name
from dialogue.incoming import readable
from dialogue.reading import ReadContext, Reading
from dialogue.tagging import (
    STOPS,
    Clause,
    Token,
    WordGroups,
    boundary_features,
    cut,
    may_begin,
    must_begin,
)
from dialogue.understanding import MessageReader, read
from engine.types import EngineError, Message

SHIPPED_READER = Path(__file__).parent / "weights" / "reader.safetensors"
MORE, CONDITION, NOTHING = "more", "if", "none"
"""What a clause may do beside an act: go on with the one before, name a condition, say nothing."""
_Floats = NDArray[np.float32]


class ReaderFileError(EngineError, ValueError):
    """A file that holds no reader."""


@dataclass(frozen=True)
class ReaderConfig:
    """How sure the reader has to be."""

    least_confidence: float = 0.25
    """Chance of being right with all its content that an act needs to be read; of having the right orders, where the
    rules read it."""
    least_boundary: float = 0.4
    """Chance that a clause begins at a word, for the message to be cut there."""
    kinds_tried: int = 4
    """Kinds of act looked at for a clause, likeliest first."""
    least_kind: float = 0.1
    """Chance that a kind needs to be looked at."""


def hashed(feature: str) -> int:
    """The key of a feature in a file of weights."""
    return zlib.crc32(feature.encode())


@dataclass(frozen=True)
class Weights:
    """A linear model over hashed features; those it does not know weigh nothing."""

    keys: NDArray[np.uint32]
    """``[F]``."""
    values: _Floats
    """``[F, C]``."""
    _rows: dict[int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_rows", {key: row for row, key in enumerate(self.keys.tolist())})

    def score(self, features: Iterable[str]) -> _Floats:
        """The sum of the weights of some features, each counted once: ``[C]``."""
        found = {row for feature in features if (row := self._rows.get(hashed(feature))) is not None}
        total: _Floats = self.values[sorted(found)].sum(axis=0)
        return total


@dataclass(frozen=True)
class Guess:
    """An act that a clause may do."""

    act: SpeechAct
    kind_chance: float
    content_chance: float
    """That it is about this, if it is of this kind."""


@dataclass(frozen=True)
class ReadClause:
    """A clause, or several that go on with each other, and what they may do."""

    start: int
    """Where it starts in the text."""
    end: int
    guesses: tuple[Guess, ...]
    """Likeliest kind first."""
    by_rules: tuple[SpeechAct, ...]
    """Acts with orders that the rules read in it."""
    condition: Content | None
    """What must come true, if the clause rather names a condition."""
    follows: bool
    """Whether it hangs on the clause before, without a full stop between them."""
    nothing_chance: float
    """That it says nothing."""


@dataclass(frozen=True)
class LearnedReader:
    """The models and how sure they have to be."""

    boundaries: Weights
    kinds: Weights
    classes: tuple[str, ...]
    """What the columns of `kinds` stand for."""
    contents: Weights
    groups: WordGroups
    calibration: _Floats
    """Bias, the weights of the log odds of kind and content, and a bias for each class, for the log odds that an act
    is right: ``[3 + C]``."""
    orders_chance: float
    """That an act which the rules read with orders has the right ones, in whatever kind of act."""
    config: ReaderConfig = ReaderConfig()

    def read(self, message: Message, view: Board, talk: Sequence[Message] = ()) -> Reading:
        """The acts of a message, each with the chance that it is right.  Never raises, whatever the text.

        Args:
            message: the message.
            view: the board it was written over.
            talk: earlier messages, oldest first; those between the two powers are looked at.
        """
        opened = readable(message.text)
        plain = replace(message, text=opened.text)
        try:
            state = MessageReader(plain.text, message.sender, message.recipient, view, ReadContext())
            about_words = state.about_words()  # by rules alone: people's press has hardly any to learn from
            heard = Heard.of(replace(plain, text=state.text) if about_words else plain, view, talk)
            clauses = self.cut(heard.tokens)
            if len(clauses) > _MOST_CLAUSES:
                return read(message, view, talk)
            rules = ByRules.of(heard, clauses)
            cues = [list(kind_cues(heard, clauses, index, rules, self.groups)) for index in range(len(clauses))]
            found = self.reading(heard, self.guessed(heard, clauses, rules, self.chances(cues)))
        except (RecursionError, IndexError, KeyError, ValueError):  # hostile text must not stop a game
            return read(message, view, talk)
        return Reading((*about_words, *found.acts), (*found.unread, *opened.unread))

    def cut(self, tokens: Sequence[Token]) -> tuple[Clause, ...]:
        """The clauses of a message."""
        limit = math.log(self.config.least_boundary / (1 - self.config.least_boundary))
        begins = [
            i > 0
            and (
                must_begin(tokens, i)
                or (may_begin(tokens, i) and float(self.boundaries.score(boundary_features(tokens, i))[0]) > limit)
            )
            for i in range(len(tokens))
        ]
        return cut(tokens, begins)

    def chances(self, cues: Sequence[Sequence[str]]) -> _Floats:
        """The chance of each class for each clause: ``[K, C]``."""
        if not cues:
            return np.zeros((0, len(self.classes)), dtype=np.float32)
        scores = np.stack([self.kinds.score(features) for features in cues])
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances: _Floats = powers / powers.sum(axis=1, keepdims=True)
        return chances

    def guessed(
        self, heard: Heard, clauses: Sequence[Clause], rules: ByRules, chances: _Floats
    ) -> tuple[ReadClause, ...]:
        """What each clause may do, and about what.

        Args:
            heard: the message.
            clauses: of it.
            rules: what the rules read of them.
            chances: ``[K, C]``, of each clause and class.
        """
        more = self.classes.index(MORE)
        found: list[ReadClause] = []
        index = 0
        while index < len(clauses):
            last = index
            while last + 1 < len(clauses) and chances[last + 1][more] > 0.5:
                last += 1
            found.append(self._guess(heard, clauses, index, last, rules, chances[index]))
            index = last + 1
        return tuple(found)

    def _guess(
        self, heard: Heard, clauses: Sequence[Clause], first: int, last: int, rules: ByRules, chances: _Floats
    ) -> ReadClause:
        tokens, config = heard.tokens, self.config
        proposed = Proposed.of(heard, clauses, first, last, rules)
        guesses: list[Guess] = []
        condition = None
        for column in np.argsort(-chances)[: config.kinds_tried].tolist():
            kind, chance = self.classes[column], float(chances[column])
            if chance < config.least_kind or kind in (MORE, NOTHING):
                continue
            if kind == CONDITION and chance <= 0.5:
                continue
            content, certain = self._choose(kind, proposed, heard.message)
            if kind == CONDITION:
                condition = content
            else:
                guesses.append(Guess(_act(kind, content, heard.message), chance, certain))
        before = clauses[first].first - 1
        return ReadClause(
            tokens[clauses[first].first].start,
            tokens[clauses[last].end - 1].end,
            tuple(guesses),
            tuple(act for act in proposed.by_rules if act.orders),
            condition,
            before >= 0 and tokens[before].text not in STOPS,
            float(chances[self.classes.index(NOTHING)]),
        )

    def _choose(self, kind: str, proposed: Proposed, message: Message) -> tuple[Content, float]:
        """The likeliest content of an act, and its chance; that none of the candidates is right has a share too."""
        scores = np.array([float(self.contents.score(cues)[0]) for cues in proposed.cues(kind, message)])
        powers = np.exp(scores)
        best = int(np.argmax(powers))
        return proposed.candidates[best].content, float(powers[best] / (1 + powers.sum()))

    def confidence(self, guess: Guess) -> float:
        """The chance that a guess is right with all its content."""
        bias, kind, content, *classes = self.calibration.tolist()
        bias += classes[self.classes.index(kind_name(guess.act))]
        return 1 / (
            1 + math.exp(-(bias + kind * log_odds(guess.kind_chance) + content * log_odds(guess.content_chance)))
        )

    def reading(self, heard: Heard, clauses: Sequence[ReadClause]) -> Reading:
        """The acts of a message that are likely enough, and the clauses that say something nobody knows what."""
        acts: list[SpeechAct] = []
        unread: list[str] = []
        pending: SpeechAct | None = None
        for clause in clauses:
            if clause.condition is not None:
                condition = _act("inform", clause.condition, heard.message)
                if acts and clause.follows and acts[-1].condition is None:
                    acts[-1] = replace(acts[-1], condition=condition)
                else:
                    pending = condition
                continue
            sure = self._sure(clause)
            for act in sure:
                _add(acts, replace(act, condition=pending))
                pending = None
            if not sure and clause.nothing_chance < 0.5:
                unread.append(heard.message.text[clause.start : clause.end])
        return Reading(tuple(replace(act, answers=_answers(act, heard)) for act in _told_once(acts)), tuple(unread))

    def _sure(self, clause: ReadClause) -> list[SpeechAct]:
        """What a clause does, as far as it is likely enough."""
        least = self.config.least_confidence
        guessed = [replace(guess.act, confidence=self.confidence(guess)) for guess in clause.guesses]
        sure = [act for act in guessed if act.confidence >= least]
        if clause.by_rules and self.orders_chance >= least and not any(act.orders for act in sure):
            return [replace(act, confidence=self.orders_chance) for act in clause.by_rules]
        return sure


@dataclass(frozen=True)
class Proposed:
    """What an act of a clause may be about."""

    candidates: tuple[Candidate, ...]
    by_rules: tuple[SpeechAct, ...]
    """The acts that the clauses add to the rules' reading of the text before them."""
    names: Named
    text: str

    @classmethod
    def of(cls, heard: Heard, clauses: Sequence[Clause], first: int, last: int, rules: ByRules) -> Proposed:
        """The contents proposed for the clauses from `first` to `last`."""
        tokens, message = heard.tokens, heard.message
        text = message.text[tokens[clauses[first].first].start : tokens[clauses[last].end - 1].end]
        alone = Reading(tuple(act for reading in rules.alone[first : last + 1] for act in reading.acts))
        step = Reading(tuple(act for reading in rules.steps[first : last + 1] for act in reading.acts))
        state = MessageReader(text, message.sender, message.recipient, heard.board, heard.context)
        names = named(state)
        return cls(tuple(candidates(state, names, alone, step)), step.acts, names, text)

    def cues(self, kind: str, message: Message) -> list[list[str]]:
        """What tells whether an act of a kind is about each candidate."""
        return [
            list(content_cues(kind, candidate, len(self.candidates), self.names, self.text, message))
            for candidate in self.candidates
        ]


_MOST_CLAUSES = 60
"""Of a message that it reads: the time goes with their square, and nobody writes so many but to take it."""


def log_odds(chance: float) -> float:
    """Kept within bounds: no chance is quite 0 or 1."""
    held = min(max(chance, 1e-4), 1 - 1e-4)
    return math.log(held / (1 - held))


def _act(kind: str, content: Content, message: Message) -> SpeechAct:
    polarity = Polarity.NOT if kind.endswith("-") else Polarity.DO
    return SpeechAct(
        ActKind(kind.rstrip("-")),
        message.sender,
        message.recipient,
        content.orders,
        content.provinces,
        content.powers,
        polarity,
    )


_ONCE = frozenset({ActKind.AGREE, ActKind.REFUSE, ActKind.APOLOGISE, ActKind.THANK})
"""Acts that a message does once, however often it says so."""
_ANSWERING = frozenset({ActKind.AGREE, ActKind.REFUSE, ActKind.COUNTER})


def _add(acts: list[SpeechAct], act: SpeechAct) -> None:
    for n, other in enumerate(acts):
        if other.kind is not act.kind or other.polarity is not act.polarity:
            continue
        if Content.of(other).key == Content.of(act).key:
            return
        if act.kind in _ONCE:
            acts[n] = max(other, act, key=lambda held: held.confidence)
            return
    acts.append(act)


_STATING = frozenset({ActKind.PROMISE, ActKind.INFORM, ActKind.PROPOSE, ActKind.OFFER, ActKind.REQUEST_SUPPORT})
"""Acts by one or the other of which an order is told: which of them is often a matter of taste."""


def _told_once(acts: Sequence[SpeechAct]) -> list[SpeechAct]:
    """The acts less those whose orders another one has: the rules read "A, B and C" as A, then A and B, then all."""
    kept: list[SpeechAct] = []
    for act in acts:
        twins = [held for held in kept if _tells_like(held, act)]
        if any(_orders(act) < _orders(held) for held in twins):
            continue
        if any(_orders(act) == _orders(held) and act.confidence <= held.confidence for held in twins):
            continue
        kept = [held for held in kept if not (held in twins and _orders(held) <= _orders(act))]
        kept.append(act)
    return kept


def _tells_like(first: SpeechAct, second: SpeechAct) -> bool:
    """Whether both tell of orders, and may do the same with them."""
    alike = first.kind is second.kind or {first.kind, second.kind} <= _STATING
    return bool(first.orders and second.orders) and alike and first.polarity is second.polarity


def _orders(act: SpeechAct) -> frozenset[str]:
    return Content.of(act).key[0]


def _answers(act: SpeechAct, heard: Heard) -> int | None:
    return heard.context.sequence if act.kind in _ANSWERING else None


def save(reader: LearnedReader, path: Path) -> None:
    """Writes a reader; weights lose what half precision cannot hold."""
    tensors: dict[str, NDArray[np.generic]] = {
        "calibration": reader.calibration,
        "orders_chance": np.array([reader.orders_chance], dtype=np.float32),
    }
    for name, weights in (("boundaries", reader.boundaries), ("kinds", reader.kinds), ("contents", reader.contents)):
        tensors[f"{name}.keys"] = weights.keys
        tensors[f"{name}.values"] = weights.values.astype(np.float16)
    words = sorted(reader.groups.fine)
    tensors["groups"] = np.array([(reader.groups.fine[w], reader.groups.coarse[w]) for w in words], dtype=np.uint8)
    save_file(tensors, path, {"classes": json.dumps(reader.classes), "words": json.dumps(words)})


def load(path: Path, config: ReaderConfig = ReaderConfig()) -> LearnedReader:
    """The reader of a file.

    Raises:
        ReaderFileError: there is no such file, or it holds no reader.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            about: Mapping[str, str] = file.metadata() or {}
            classes, words = tuple(json.loads(about["classes"])), json.loads(about["words"])
            boundaries, kinds, contents = (
                Weights(file.get_tensor(f"{name}.keys"), file.get_tensor(f"{name}.values").astype(np.float32))
                for name in ("boundaries", "kinds", "contents")
            )
            groups = file.get_tensor("groups").tolist()
            calibration = file.get_tensor("calibration")
            orders_chance = float(file.get_tensor("orders_chance")[0])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ReaderFileError(
            f"expected the weights of a reader in {path}, got {error}; `python -m training reader` makes them"
        ) from None
    fine = {word: pair[0] for word, pair in zip(words, groups, strict=True)}
    coarse = {word: pair[1] for word, pair in zip(words, groups, strict=True)}
    groups_of = WordGroups(fine, coarse)
    return LearnedReader(boundaries, kinds, classes, contents, groups_of, calibration, orders_chance, config)


@lru_cache(maxsize=1)
def shipped_reader() -> LearnedReader:
    """The reader that comes with the package, loaded once."""
    return load(SHIPPED_READER)


def understand(message: Message, view: Board, talk: Sequence[Message] = ()) -> Reading:
    """The acts of a message of another player, by the shipped reader.  Never raises, whatever the text.

    Args:
        message: the message.
        view: the board it was written over.
        talk: earlier messages, oldest first; those between the two powers are looked at.
    """
    return shipped_reader().read(message, view, talk)
