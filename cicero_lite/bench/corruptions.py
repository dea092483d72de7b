"""Ways to spoil a message: its words changed, another message in its place, or something added that may not be said.

Each takes a message that was really sent (`Original`) and gives another text for the same moment, or None where there
is nothing to spoil so.  The list follows the counterfactual corruptions on which Cicero's discriminators were trained
(Bakhtin et al. 2022, supplement) and adds attacks.  A meaning is spoilt only where there is one: words are changed in
sentences that name a place or a power, or answer; other messages take the place of one only if they say something.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

from numpy.random import Generator

from cicero_lite.bench.attack_wordings import Lot
from cicero_lite.bench.originals import Corpus, Original
from dialogue.board import geography
from dialogue.filters.verdict import FilterConfig
from dialogue.names import POWER_NAMES, PROVINCE_NAMES, Mention, NameKind, find_names
from engine.types import POWERS, Message, Power, Province

_T = TypeVar("_T")
_LEAST_WORDS = 5
"""Words of a message that says something, if it names nothing."""


@dataclass(frozen=True)
class Pool:
    """Where other messages come from."""

    corpus: Corpus
    lot: Lot

    @cached_property
    def by_sender(self) -> Mapping[Power, tuple[tuple[str, Message], ...]]:
        """Every message of the corpus with its game, by who sent it."""
        found: dict[Power, list[tuple[str, Message]]] = {}
        for game, messages in self.corpus.games.items():
            for message in messages:
                found.setdefault(message.sender, []).append((game, message))
        return {power: tuple(said) for power, said in found.items()}

    @cached_property
    def words_after(self) -> Mapping[str, Sequence[str]]:
        """The `successors` of the words of every message of the corpus."""
        return successors(message.text for messages in self.corpus.games.values() for message in messages)


Corrupt = Callable[[Original, Pool, Generator], str | None]
"""Another text for the moment of a message; None: it cannot be spoilt so."""


# --- names ----------------------------------------------------------------------------------------------


def power_swap(at: Original, pool: Pool, rng: Generator) -> str | None:
    """A power's name for another's, all through the message."""
    return _other_power(at, rng, {NameKind.POWER})


def demonym_swap(at: Original, pool: Pool, rng: Generator) -> str | None:
    """ "Austrian", "the Turks" for those of another power."""
    return _other_power(at, rng, {NameKind.ADJECTIVE, NameKind.PEOPLE})


def place_swap(at: Original, pool: Pool, rng: Generator) -> str | None:
    """A place's full name for another's, near or anywhere, all through the message."""
    return _other_place(at, rng, lambda place, was: PROVINCE_NAMES[place].full)


def abbreviation_swap(at: Original, pool: Pool, rng: Generator) -> str | None:
    """A place for another, written as a code, a nickname or with a slip of the pen."""

    def form(place: Province, was: str) -> str:
        names = PROVINCE_NAMES[place]
        slips = [_slip(names.full, rng)] if len(names.full) > 6 else []
        return one_of([str(place).title(), str(place), str(place).lower(), *names.nicknames, *slips], rng)

    return _other_place(at, rng, form)


def _other_power(at: Original, rng: Generator, kinds: set[NameKind]) -> str | None:
    mentions = [m for m in find_names(at.message.text, at.view) if m.power is not None and not m.provinces]
    found = [m for m in mentions if m.kind in kinds]
    if not found:
        return None
    old = one_of(found, rng).power
    new = one_of([power for power in at.view.alive if power is not old], rng)

    def form(mention: Mention, was: str) -> str:
        name, adjective, people = POWER_NAMES[new]
        return {NameKind.POWER: name, NameKind.ADJECTIVE: adjective}.get(mention.kind, people.removeprefix("the "))

    return _replaced(at.message.text, [m for m in mentions if m.power is old], form)


def _other_place(at: Original, rng: Generator, form: Callable[[Province, str], str]) -> str | None:
    mentions = [m for m in find_names(at.message.text, at.view) if len(m.provinces) == 1 and m.power is None]
    if not mentions:
        return None
    old = one_of(mentions, rng).provinces[0]
    near = sorted(geography().neighbours.get(old, ()))
    new = one_of(near if near and rng.random() < 0.5 else [p for p in PROVINCE_NAMES if p != old], rng)
    word = form(new, "")
    return _replaced(at.message.text, [m for m in mentions if m.provinces[0] == old], lambda mention, was: word)


def _replaced(text: str, mentions: Sequence[Mention], form: Callable[[Mention, str], str]) -> str:
    pieces, last = [], 0
    for mention in mentions:
        was = text[mention.start : mention.end]
        pieces += [text[last : mention.start], _cased(form(mention, was), was)]
        last = mention.end
    return "".join([*pieces, text[last:]])


def _cased(word: str, like: str) -> str:
    return word.lower() if like.islower() else word


def _slip(word: str, rng: Generator) -> str:
    """The word with a letter left out, doubled, or swapped with the next, not at its ends."""
    at = int(rng.integers(1, len(word) - 2))
    return one_of(
        [
            word[:at] + word[at + 1 :],
            word[: at + 1] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ],
        rng,
    )


# --- words ----------------------------------------------------------------------------------------------

_NEGATED = {
    "will": "won't",
    "can": "can't",
    "could": "couldn't",
    "would": "wouldn't",
    "should": "shouldn't",
    "do": "don't",
    "does": "doesn't",
    "did": "didn't",
    "is": "isn't",
    "are": "aren't",
    "was": "wasn't",
    "were": "weren't",
    "have": "haven't",
    "has": "hasn't",
    "i'll": "I won't",
    "i'm": "I'm not",
    "you'll": "you won't",
    "he'll": "he won't",
    "we'll": "we won't",
    "they'll": "they won't",
    "yes": "no",
    "let's": "let's not",
    "agreed": "not agreed",
    "sure": "not sure",
    "ok": "no",
    "okay": "no",
}
_ASSERTED = {
    **{no: yes for yes, no in _NEGATED.items() if "n't" in no and " " not in no},
    "cannot": "can",
    "never": "always",
    "no": "yes",
    "not": "",
}
_NEGATABLE = re.compile(
    r"(?<![\w'])(?:" + "|".join(sorted({*_NEGATED, *_ASSERTED}, key=len, reverse=True)) + r")(?![\w'])", re.IGNORECASE
)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")
_ANSWER = re.compile(r"^\W*(?:yes|no|ok|okay|sure|agreed|i will|i won't|i can|i can't|i'll)\b", re.IGNORECASE)


def negation_flip(at: Original, pool: Pool, rng: Generator) -> str | None:
    """ "I will" for "I won't", or the other way round, in a sentence that names something or answers."""
    text = at.message.text.replace("’", "'")
    found = [
        (sentence.start() + match.start(), sentence.start() + match.end())
        for sentence in _telling(text, at)
        for match in [_NEGATABLE.search(sentence[0])]
        if match is not None and "?" not in sentence[0]  # "Aren't you going?" asks what "Are you going?" asks
    ]
    if not found:
        return None
    start, end = one_of(found, rng)
    was = text[start:end].lower()
    word = _ASSERTED[was] if was in _ASSERTED else _NEGATED[was]
    return " ".join(f"{text[:start]}{word}{text[end:]}".split()) if word else text[:start] + text[end:].lstrip()


def _telling(text: str, at: Original) -> list[re.Match[str]]:
    """The sentences that name a place or a power, or are an answer."""
    return [
        match
        for match in _SENTENCE.finditer(text)
        if find_names(match[0], at.view) or (at.plan.answers is not None and _ANSWER.search(match[0]))
    ]


_COUNTS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER = re.compile(r"(?<![\w'])(?:\d{1,2}|" + "|".join(_COUNTS[2:]) + r")(?![\w'])", re.IGNORECASE)


def number_change(at: Original, pool: Pool, rng: Generator) -> str | None:
    """A number for another, in a sentence that names something or counts centres, units, builds or years."""
    text = at.message.text
    counted = re.compile(
        r"\b(?:cent(?:er|re)s?|scs?|dots?|units?|army|armies|fleets?|builds?|supports?|turns?|years?)\b", re.IGNORECASE
    )
    found = [
        (sentence.start() + match.start(), sentence.start() + match.end())
        for sentence in _SENTENCE.finditer(text)
        if counted.search(sentence[0]) or find_names(sentence[0], at.view)
        for match in _NUMBER.finditer(sentence[0])
    ]
    if not found:
        return None
    start, end = one_of(found, rng)
    was = text[start:end].lower()
    number = int(was) if was.isdigit() else _COUNTS.index(was)
    other = one_of([n for n in range(max(2, number - 3), min(10, number + 3) + 1) if n != number] or [2], rng)
    return text[:start] + (str(other) if was.isdigit() else _COUNTS[other]) + text[end:]


_TIMES = {
    "spring": "fall",
    "fall": "spring",
    "autumn": "spring",
    "winter": "spring",
    "this turn": "last turn",
    "last turn": "next turn",
    "next turn": "last turn",
    "this year": "last year",
    "next year": "last year",
    "last year": "next year",
    "this season": "last season",
}
_TIME = re.compile(r"\b(?:" + "|".join(sorted(_TIMES, key=len, reverse=True)) + r"|19[01]\d)\b", re.IGNORECASE)


def season_change(at: Original, pool: Pool, rng: Generator) -> str | None:
    """A season, year or turn for another, in a sentence that names something or answers."""
    text = at.message.text
    found = [
        (sentence.start() + match.start(), sentence.start() + match.end())
        for sentence in _telling(text, at)
        for match in _TIME.finditer(sentence[0])
    ]
    if not found:
        return None
    start, end = one_of(found, rng)
    was = text[start:end]
    word = str(int(was) + one_of((-3, -2, -1, 1, 2, 3), rng)) if was.isdigit() else _TIMES[was.lower()]
    return text[:start] + word + text[end:]


def garbled(at: Original, pool: Pool, rng: Generator) -> str | None:
    """Words left out, doubled, swapped: at least three places, one word in five."""
    return garble(at.message.text, rng)


def garble(text: str, rng: Generator) -> str | None:
    """The text with words left out, doubled and swapped; None: it has too few."""
    words = text.split()
    if len(words) < _LEAST_WORDS + 1:
        return None
    for _ in range(max(3, len(words) // 5)):
        place = int(rng.integers(len(words) - 1))
        match int(rng.integers(3)):
            case 0:
                del words[place]
            case 1:
                words.insert(place, words[place])
            case _:
                words[place], words[place + 1] = words[place + 1], words[place]
    return _unless_same(" ".join(words), text)


def successors(texts: Iterable[str]) -> dict[str, list[str]]:
    """Word, in lower case -> the words that follow it, as often as they do; what a weak language model would say."""
    found: dict[str, list[str]] = {}
    for text in texts:
        for first, second in pairwise(text.split()):
            found.setdefault(first.lower(), []).append(second)
    return found


def infilled(at: Original, pool: Pool, rng: Generator) -> str | None:
    """A third to half of the words in the middle replaced by those of a weak language model, a chain of word pairs."""
    return infill(at.message.text, pool.words_after, rng)


def infill(text: str, words_after: Mapping[str, Sequence[str]], rng: Generator) -> str | None:
    """The text with words in its middle from a chain of word pairs; None: it has too few.

    Args:
        text: what is spoilt.
        words_after: as `successors`.
        rng: draws them.
    """
    words = text.split()
    if len(words) < _LEAST_WORDS + 3:
        return None
    span = int(rng.integers(len(words) // 3, len(words) // 2 + 1))
    start = int(rng.integers(1, len(words) - span + 1))
    fresh: list[str] = []
    last = words[start - 1]
    for _ in range(span):
        last = one_of(words_after.get(last.lower()) or words, rng)
        fresh.append(last)
    return _unless_same(" ".join([*words[:start], *fresh, *words[start + span :]]), text)


# --- other messages --------------------------------------------------------------------------------------


def wrong_recipient(at: Original, pool: Pool, rng: Generator) -> str | None:
    """What the sender wrote to another in the same phase."""
    return _another(
        at,
        (m for m in _of_game(at, pool) if m.phase == at.message.phase and m.recipient is not at.recipient),
        {at.sender},
        rng,
    )


def wrong_phase(at: Original, pool: Pool, rng: Generator) -> str | None:
    """What the sender wrote to the recipient in another phase."""
    return _another(
        at,
        (m for m in _of_game(at, pool) if m.phase != at.message.phase and m.recipient is at.recipient),
        {at.sender},
        rng,
    )


def wrong_board(at: Original, pool: Pool, rng: Generator) -> str | None:
    """What the same power wrote in another game; to the same recipient, if it wrote to it."""
    others = [m for game, m in pool.by_sender.get(at.sender, ()) if game != at.view.game_id]
    same = [m for m in others if m.recipient is at.recipient]
    return _another(at, same or others, {at.sender}, rng)


def non_sequitur(at: Original, pool: Pool, rng: Generator) -> str | None:
    """What somebody else wrote to somebody else over the same board."""
    pair = {at.sender, at.recipient}
    return _another(
        at,
        (m for m in _of_game(at, pool) if m.phase == at.message.phase and {m.sender, m.recipient} != pair),
        set(POWERS) - {at.sender},
        rng,
    )


def repeated(at: Original, pool: Pool, rng: Generator) -> str | None:
    """What the sender wrote to the recipient before, one of its latest messages."""
    mine = [m for m in at.talk if m.sender is at.sender][-FilterConfig().memory :]
    return _another(at, mine, {at.sender}, rng)


def _of_game(at: Original, pool: Pool) -> tuple[Message, ...]:
    return pool.corpus.games.get(at.view.game_id, ())


def _another(at: Original, messages: Iterable[Message], senders: set[Power], rng: Generator) -> str | None:
    """One of these messages that says something, and something else."""
    found = [m.text for m in messages if m.sender in senders and says_something(m.text)]
    return _unless_same(one_of(found, rng), at.message.text) if found else None


def says_something(text: str) -> bool:
    """Whether a message has a few words, or names a place or a power."""
    return len(text.split()) >= _LEAST_WORDS or bool(find_names(text))


def _unless_same(text: str, original: str) -> str | None:
    return None if text.lower().split() == original.lower().split() else text


def one_of(options: Sequence[_T], rng: Generator) -> _T:
    """One of these, drawn evenly."""
    return options[int(rng.integers(len(options)))]


SWAPS: Mapping[str, Corrupt] = {
    "power_swap": power_swap,
    "demonym_swap": demonym_swap,
    "place_swap": place_swap,
    "abbreviation_swap": abbreviation_swap,
    "negation_flip": negation_flip,
    "number_change": number_change,
    "season_change": season_change,
    "garbled": garbled,
    "infilled": infilled,
    "wrong_recipient": wrong_recipient,
    "wrong_phase": wrong_phase,
    "wrong_board": wrong_board,
    "non_sequitur": non_sequitur,
    "repeated": repeated,
}
"""Corruptions that make their text from messages that were sent, by name."""
