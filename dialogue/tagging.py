"""A message as tokens that keep their place in the text, and the features by which clauses are cut and told apart.

Where the rules read tokens with spellings mended and adverbs dropped (`clauses`), what was learned from labelled press
reads the words as they stand: names become what they are to the two who talk, the rest is only lower-cased, and chat
spellings are written out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dialogue.clauses import WORDS
from dialogue.names import Mention, NameKind
from engine.types import Power

_TOKEN = re.compile(
    r"[:;]-?[)(DPp]|[☺-🫿]+|n't\b|'[a-z]+\b|[a-z]+(?=n't\b)|[a-z]+|\d+|\n+|\.{2,}|…|[-–—]+>?|[.,?!;:()\"/>&]"
)
STOPS = frozenset({".", "?", "!", ";", "\n", "…", "..", "☺"})
"""After these a clause always ends."""
MARKS = STOPS | {",", ":", "(", ")", '"', "/", ">", "-", "&"}
_ENDINGS = {"n't": "not", "'m": "am", "'re": "are", "'ve": "have", "'ll": "will", "'d": "would", "'s": "'s"}


@dataclass(frozen=True)
class Token:
    """A word or mark, and where it stands."""

    text: str
    start: int
    end: int

    @property
    def is_mark(self) -> bool:
        return self.text in MARKS


@dataclass(frozen=True)
class Clause:
    """A stretch of a message that does one thing."""

    first: int
    """Index of its first token."""
    end: int
    """Index after its last."""


def tokenise(text: str, mentions: Sequence[Mention], speaker: Power, addressee: Power | None) -> tuple[Token, ...]:
    """The tokens of a text; a name becomes ``@p`` (a province), ``@you``, ``@me``, ``@w`` (a third power) or ``@a``.

    Args:
        text: as `clauses.read_names` returned it.
        mentions: the names in it.
        speaker: who wrote it.
        addressee: to whom; None: to all.
    """
    tokens: list[Token] = []
    last = 0
    for mention in mentions:
        tokens += _plain(text, last, mention.start)
        tokens.append(Token(_name(mention, speaker, addressee), mention.start, mention.end))
        last = mention.end
    tokens += _plain(text, last, len(text))
    return tuple(tokens)


def _name(mention: Mention, speaker: Power, addressee: Power | None) -> str:
    if mention.power is None:
        return "@p"
    if mention.power is speaker:
        return "@me"
    if mention.power is addressee:
        return "@you"
    return "@a" if mention.kind is NameKind.ADJECTIVE else "@w"


def _plain(text: str, start: int, end: int) -> Iterator[Token]:
    for match in _TOKEN.finditer(text[start:end].lower()):
        word, a, b = match[0], start + match.start(), start + match.end()
        if word[0] == "\n":
            word = "\n"
        elif word[0] in "-–—":
            word = ">" if word[-1] == ">" else "-"
        elif word[0] in ".…" and len(word) > 1:
            word = ".."
        elif word[0] in ":;" and len(word) > 1:
            word = "☺"
        elif word.isdigit():
            word = "#"
        elif word[0] == "'" or word == "n't":
            word = _ENDINGS.get(word, word)
        else:
            for part in WORDS.get(word, word).split():
                yield Token(part, a, b)
            continue
        yield Token(word, a, b)


def may_begin(tokens: Sequence[Token], i: int) -> bool:
    """Whether a clause may begin at a token: never within a spelling, nor at a mark."""
    return 0 < i < len(tokens) and tokens[i].start >= tokens[i - 1].end and not tokens[i].is_mark


def must_begin(tokens: Sequence[Token], i: int) -> bool:
    """Whether one has to: after marks with a full stop, or its like, among them."""
    j = i - 1
    while j >= 0 and tokens[j].is_mark:
        if tokens[j].text in STOPS:
            return not tokens[i].is_mark
        j -= 1
    return False


def boundary_features(tokens: Sequence[Token], i: int) -> Iterator[str]:
    """What tells whether a clause begins at a token."""

    def at(j: int) -> str:
        return tokens[j].text if 0 <= j < len(tokens) else "^" if j < 0 else "$"

    last = i - 1
    while last > 0 and not tokens[last].is_mark:
        last -= 1
    following = i
    while following < len(tokens) and not tokens[following].is_mark:
        following += 1
    yield "bias"
    for k in range(-3, 4):
        yield f"{k}:{at(i + k)}"
    for k in range(-2, 2):
        yield f"{k},{k + 1}:{at(i + k)} {at(i + k + 1)}"
    yield f"-1,0,1:{at(i - 1)} {at(i)} {at(i + 1)}"
    yield f"0,1,2:{at(i)} {at(i + 1)} {at(i + 2)}"
    yield f"-1,1:{at(i - 1)} {at(i + 1)}"
    yield f"since:{min(i - last, 6)}"
    yield f"until:{min(following - i, 6)}"
    yield f"since:{min(i - last, 6)} {at(i)}"
    yield f"until:{min(following - i, 6)} {at(i)}"


def cut(tokens: Sequence[Token], begins: Sequence[bool]) -> tuple[Clause, ...]:
    """The clauses of a message, those of marks alone joined to the one before.

    Args:
        tokens: of the message.
        begins: ``[T]``, whether one begins at each.
    """
    found: list[Clause] = []
    first = 0
    for i in range(1, len(tokens) + 1):
        if i == len(tokens) or begins[i]:
            found.append(Clause(first, i))
            first = i
    return tuple(clause for clause in found if any(not tokens[i].is_mark for i in range(clause.first, clause.end)))


_SHAPE = {"@p": "P", "@w": "W", "@a": "W", "@you": "Y", "@me": "M"}


@dataclass(frozen=True)
class WordGroups:
    """Words that stand in like company in people's press, by a fine and by a coarse grouping."""

    fine: Mapping[str, int]
    coarse: Mapping[str, int]

    def features(self, words: Sequence[str]) -> Iterator[str]:
        """N-grams of the groups of a clause's words."""
        fine = [_grouped(word, self.fine) for word in words]
        coarse = ["^", *(_grouped(word, self.coarse) for word in words), "$"]
        for group in fine:
            yield f"fu:{group}"
        for a, b in itertools.pairwise(fine):
            yield f"fb:{a} {b}"
        for a, b in itertools.pairwise(coarse):
            yield f"cb:{a} {b}"
        for a, b, c in zip(coarse, coarse[1:], coarse[2:], strict=False):
            yield f"ct:{a} {b} {c}"
        yield f"fl2:{' '.join(fine[:2])}"
        yield f"fl3:{' '.join(fine[:3])}"


def _grouped(word: str, groups: Mapping[str, int]) -> str:
    return word if word[0] == "@" or word in MARKS else str(groups.get(word, "?"))


def clause_features(tokens: Sequence[Token], found: Sequence[Clause], index: int, groups: WordGroups) -> Iterator[str]:
    """What tells, of the words of a message, what one of its clauses does."""
    clause = found[index]
    words = [token.text for token in tokens[clause.first : clause.end]]
    while words and words[-1] in MARKS - {"?"}:
        words.pop()
    asked = "?" in words
    padded = ["^", *words, "$"]
    lead = [word for word in words if word not in MARKS]
    yield "bias"
    yield f"?{asked}"
    for word in words:
        yield f"u:{word}"
        if len(word) > 5 and word[0] != "@":
            yield f"s:{word[:5]}"
    for a, b in itertools.pairwise(padded):
        yield f"b:{a} {b}"
    for a, b, c in zip(padded, padded[1:], padded[2:], strict=False):
        yield f"t:{a} {b} {c}"
    for n in range(1, 4):
        yield f"l{n}:{' '.join(lead[:n])}"
    yield f"l1?:{' '.join(lead[:1])} {asked}"
    yield f"l2?:{' '.join(lead[:2])} {asked}"
    if len(lead) <= 6:
        yield f"all:{' '.join(lead)}"
    names = "".join(_SHAPE.get(word, "") for word in words)[:4]
    yield f"names:{names}"
    yield f"names:{names} {asked} {' '.join(lead[:1])}"
    yield f"length:{min(len(lead), 8)}"
    end = tokens[clause.end - 1].text
    before = tokens[clause.first - 1].text if clause.first else "^"
    yield f"end:{end if end in MARKS else ''}"
    yield f"before:{before if before in MARKS or clause.first == 0 else 'word'}"
    yield f"place:{min(index, 2)} {min(len(found) - 1 - index, 2)}"
    yield f"place?:{index == 0} {len(found) == 1} {asked}"
    for step, name in ((-1, "p"), (1, "n")):
        if not 0 <= index + step < len(found):
            yield f"{name}:none"
            continue
        for token in tokens[found[index + step].first : found[index + step].end]:
            yield f"{name}:{token.text}"
    yield from groups.features(words)
