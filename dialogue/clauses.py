"""Text -> clauses of plain tokens: names become placeholders, contractions are spelt out, sentences are cut.

A token is a lower-case word, ``@p3`` (the text's fourth place name), ``@w0`` (a power), ``@a0`` (its adjective),
``@d0`` (its people), ``>`` (an arrow between places) or one of ``? , : '``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dialogue.names import Mention, NameKind, Standing, find_names

MAX_READ = 4000
"""Characters of a message that are read; more is no press."""


@dataclass(frozen=True)
class Sentence:
    """One sentence as tokens."""

    tokens: tuple[str, ...]
    is_question: bool
    source: str
    """As it was written."""

    @property
    def names_places(self) -> bool:
        """Whether it names a province."""
        return any(token.startswith("@p") for token in self.tokens)


_PLACEHOLDER = {NameKind.PROVINCE: "p", NameKind.POWER: "w", NameKind.ADJECTIVE: "a", NameKind.PEOPLE: "d"}
_BREAK = re.compile(r"[.!?;\n…]+[)\"'”]*(?=\s|$|[A-Z@])|\n+|(?<=\s)[-–—]{1,2}(?=\s)(?!\s*@p)|\s//?\s|[☺-🫿]+")
_PLAIN = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "´": "'",
        "`": "'",
        "“": '"',
        "”": '"',
        "@": " ",
        "*": " ",
        "_": " ",
    }
)

_ARROW = re.compile(r"(?<=\d)\s*(?:-+>?|=+>|>+|–|—|→)\s*(?=(?:the )?@p)")
_UNIT_LETTER = re.compile(r"(?<![A-Za-z'@])([AFaf])\s+(?=@p)")
_SPELLINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\bi'?m+a\b", "i am going to"),
        (r"\b(?:wo n't|won't|wont)\b", "will not"),
        (r"\b(?:can't|cannot|cant)\b", "can not"),
        (r"\bshan't\b", "shall not"),
        (r"\bain't\b", "is not"),
        (r"n't\b", " not"),
        (r"\b(do|does|did|is|are|was|were|would|could|should|have|has|had)nt\b", r"\1 not"),
        (r"\blet'?s\b", "let us"),
        (r"\b(?:i'?m)\b", "i am"),
        (r"\b(?:youre|you're|ur (?=\w+ing\b))", "you are "),
        (r"\bthey're\b", "they are"),
        (r"\bwe're\b", "we are"),
        (r"'re\b", " are"),
        (r"\bi'?ve\b", "i have"),
        (r"'ve\b", " have"),
        (r"'ll\b", " will"),
        (r"\bill (?=\w+)", "i will "),
        (r"\b(you|they)ll\b", r"\1 will"),
        (r"\bi'?d (better|best)\b", r"i should"),
        (r"\byou'?d (better|best)\b", r"you should"),
        (r"\bid (?=like|love|be|prefer|rather|want)", "i would "),
        (r"'d\b", " would"),
        (r"\bthats\b", "that is"),
        (r"\b(he|she|it|that|what|where|who|how|there|here|when|why|everything)'s\b", r"\1 is"),
        (r"(@w\d+)'s (?=(?:going|not|a|an|the|\w+ing|getting|gonna|too|very|so|still|already)\b)", r"\1 is "),
        (r"\bwhats\b", "what is"),
        (r"\bhows\b", "how is"),
        (r"\bgonna\b", "going to"),
        (r"\bgunna\b", "going to"),
        (r"\bwanna\b", "want to"),
        (r"\bgotta\b", "have to"),
        (r"\btryna\b", "trying to"),
        (r"\blemme\b", "let me"),
        (r"\bgimme\b", "give me"),
        (r"\bwhatcha\b", "what are you"),
        (r"\b(\w{3,}in)'(?=\s)", r"\1g"),
        (r"\bu\b", "you"),
        (r"\bya\b", "you"),
        (r"\by'?all\b", "you"),
        (r"\byour self\b", "yourself"),
        (r"\bur\b", "your"),
        (r"\b(?:pls|plz)\b", "please"),
        (r"\b(?:thx|thnx|tnx|ty)\b", "thanks"),
        (r"\b(?:cuz|bc|b/c|coz|cause)\b", "because"),
        (r"\b(?:abt)\b", "about"),
        (r"\b(?:s'd|supp?|sup\.|spt)(?= )", "support"),
        (r"\bsupport-?hold(?:ing)?\b", "support hold"),
        (r"(?<!')\bs\b(?= (?:the |my |your |army |fleet |a |f )*@p)", "support"),
        (r"(?<=\d )(?:h)\b", "hold"),
        (r"(?<=\d )c\b(?= (?:a |army )?@p)", "convoy"),
        (r"\bd\.?m\.?z'?(?:d|ed)?\b(?!ing)", "dmz"),
        (r"\bdmz'?ing\b", "dmz"),
        (r"\bde-?militari[sz](?:ed?|ing|ation)\b", "dmz"),
        (r"\bdemilitari[sz]ed zone\b", "dmz"),
        (r"\bnon-? ?(?:aggression|agression)\b", "nonaggression"),
        (r"\bgoin\b", "going"),
        (r"\bmovin\b", "moving"),
        (r"\bno one\b", "nobody"),
        (r"\bin to\b", "into"),
        (r"\bon to\b", "onto"),
        (r"\bmake sure\b", "makesure"),
        (r"\bof course\b", "ofcourse"),
        (r"\bat all\b", ""),
        (r"\bas well\b", "too"),
        (r"&", " and "),
        (r"\bw/", "with "),
    )
)
_TOKEN = re.compile(r"@[pwad]\d+|[a-z0-9]+|>|'s|[?,:']|/")


def read_names(text: str, board: Standing | None) -> tuple[str, tuple[Mention, ...]]:
    """The text with plain punctuation, cut to what is read, and the names in it."""
    text = text[:MAX_READ].translate(_PLAIN)
    return text, find_names(text, board)


def sentences(text: str, mentions: Sequence[Mention]) -> tuple[Sentence, ...]:
    """The sentences of a text.

    Args:
        text: as `read_names` returned it.
        mentions: the names in it, which become placeholders numbered by their place in this sequence.
    """
    pieces: list[str] = []
    starts: list[tuple[int, int]] = []
    last, length = 0, 0
    for number, mention in enumerate(mentions):
        placeholder = f"@{_PLACEHOLDER[mention.kind]}{number}"
        for piece in (text[last : mention.start], placeholder):
            pieces.append(piece)
            length += len(piece)
        starts.append((length, mention.end))
        last = mention.end
    pieces.append(text[last:])
    marked = "".join(pieces)
    found = []
    position = 0
    for match in [*_BREAK.finditer(marked), None]:
        end = len(marked) if match is None else match.start()
        mark = "" if match is None else match[0]
        if marked[position:end].strip(" ,'\""):
            sentence = _sentence(marked[position:end], "?" in mark)
            if sentence.tokens:
                found.append(sentence)
        position = end if match is None else match.end()
    return tuple(
        Sentence(sentence.tokens, sentence.is_question, _restore(sentence.source, text, mentions)) for sentence in found
    )


def _sentence(marked: str, is_question: bool) -> Sentence:
    text = _UNIT_LETTER.sub(_unit_word, marked.replace("(", ",").replace(")", ",")).lower()
    text = _ARROW.sub(" > ", text)
    for pattern, replacement in _SPELLINGS:
        text = pattern.sub(replacement, text)
    tokens = _TOKEN.findall(text)
    while tokens and tokens[-1] in (",", ":", "'"):
        tokens.pop()
    return Sentence(tuple(tokens), is_question, marked.strip())


def _unit_word(match: re.Match[str]) -> str:
    if match[1] == "a":
        before = match.string[: match.start()].rstrip()
        if before and not before.endswith((",", ">", "-", ":", "support", " s", " S", "and")):
            return match[0]
    return "army " if match[1] in "Aa" else "fleet "


def _restore(marked: str, text: str, mentions: Sequence[Mention]) -> str:
    def name(match: re.Match[str]) -> str:
        mention = mentions[int(match[1])]
        return text[mention.start : mention.end]

    return re.sub(r"@[pwad](\d+)", name, marked)
