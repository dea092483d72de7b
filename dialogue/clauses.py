"""Text -> clauses of plain tokens: names become placeholders, contractions are spelt out, sentences are cut.

A token is a lower-case word, ``@p3`` (the text's fourth name, a place), ``@w0`` (a power), ``@a0`` (its
adjective), ``@d0`` (its people), ``>`` (an arrow between places) or one of ``? , : '``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dialogue.names import Mention, NameKind, Standing, find_names


@dataclass(frozen=True)
class Sentence:
    """One sentence as tokens."""

    tokens: tuple[str, ...]
    is_question: bool
    source: str
    """As it was written."""


_PLACEHOLDER = {NameKind.PROVINCE: "p", NameKind.POWER: "w", NameKind.ADJECTIVE: "a", NameKind.PEOPLE: "d"}
_BREAK = re.compile(
    r"[.!?;\n…]+[)\"'”]*(?=\s|$|[A-Z@])|\n+|(?<![\d\s-])\s?(?:---?|—)(?=\s?[A-Za-z@])|(?<=\s)[-–—]{1,2}(?=\s)(?!\s*@p)|\s//?\s|[☺-🫿]+"
)
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
WORDS: Mapping[str, str] = {
    "wont": "will not", "cant": "can not", "cannot": "can not", "dont": "do not", "doesnt": "does not",
    "didnt": "did not", "isnt": "is not", "arent": "are not", "wasnt": "was not", "werent": "were not",
    "wouldnt": "would not", "couldnt": "could not", "shouldnt": "should not", "havent": "have not",
    "hasnt": "has not", "hadnt": "had not", "lets": "let us", "im": "i am", "ima": "i am going to",
    "imma": "i am going to", "youre": "you are", "ive": "i have", "youll": "you will", "theyll": "they will",
    "thats": "that is", "whats": "what is", "hows": "how is", "wheres": "where is", "bout": "about", "goign": "going",
    "definately": "definitely", "probally": "probably", "prolly": "probably", "whos": "who is", "whens": "when is",
    "gonna": "going to", "gunna": "going to", "wanna": "want to", "gotta": "have to", "tryna": "trying to",
    "lemme": "let me", "gimme": "give me", "whatcha": "what are you", "u": "you", "ya": "you", "yall": "you",
    "ur": "your", "pls": "please", "plz": "please", "thx": "thanks", "thnx": "thanks", "tnx": "thanks",
    "ty": "thanks", "cuz": "because", "bc": "because", "coz": "because", "cause": "because", "abt": "about",
    "supp": "support", "spt": "support", "goin": "going", "movin": "moving", "w": "with",
    "nonaggression": "nonaggression", "dmzed": "dmz", "dmzing": "dmz", "dmzs": "dmz", "idk": "i do not know",
    "dunno": "i do not know", "lmk": "let me know", "prob": "probably", "probs": "probably", "def": "definitely",
    "defo": "definitely", "rn": "right now", "atm": "at the moment", "thru": "through", "tho": "though",
    "outta": "out of", "hafta": "have to", "shoulda": "should have", "couldve": "could have", "wouldve": "would have",
    "shouldve": "should have", "youve": "you have", "theyre": "they are", "theyve": "they have", "theres": "there is",
    "hes": "he is", "shes": "she is", "itll": "it will", "thanx": "thanks", "sry": "sorry", "srry": "sorry",
    "ofc": "ofcourse", "obv": "obviously", "aight": "alright", "wbu": "what about you", "hbu": "what about you",
    "wdyt": "what do you think", "guarentee": "guarantee", "suport": "support", "supoort": "support",
    "suppport": "support", "supprt": "support", "supporrt": "support", "suppoting": "supporting",
    "supportng": "supporting", "convoi": "convoy", "aught": "ought", "sence": "since", "truse": "truce",
    "allience": "alliance", "aliance": "alliance", "alliace": "alliance", "agian": "again", "agianst": "against",
    "yeh": "yeah", "yeahh": "yeah", "yess": "yes", "yas": "yes", "okie": "ok", "okey": "ok", "okk": "ok",
    "okok": "ok", "kewl": "cool", "coolio": "cool", "gotchya": "gotcha", "rgr": "roger", "welp": "well", "ahh": "ah",
    "ohh": "oh", "hmmm": "hmm", "hummm": "hmm", "whilst": "while", "untill": "until", "til": "until", "till": "until",
}  # fmt: skip
"""Chat spellings, word by word."""
_WORD = re.compile(r"(?<![@'])\b[a-z]+\b(?!')")
_SPELLINGS: tuple[tuple[str, re.Pattern[str], str], ...] = tuple(
    (guard, re.compile(pattern), replacement)
    for guard, pattern, replacement in (
        ("'", r"\bwo ?n't\b", "will not"),
        ("'", r"\bcan't\b", "can not"),
        ("'", r"\bshan't\b", "shall not"),
        ("'", r"\bain't\b", "is not"),
        ("'", r"n't\b", " not"),
        ("'", r"\blet's\b", "let us"),
        ("'", r"\bi'mm?a\b", "i am going to"),
        ("'", r"'m\b", " am"),
        ("'", r"'re\b", " are"),
        ("'", r"'ve\b", " have"),
        ("'", r"'ll\b", " will"),
        ("'", r"\b(i|you)'d (better|best)\b", r"\1 should"),
        ("'", r"'d\b", " would"),
        ("'", r"\b(he|she|it|that|what|where|who|how|there|here|when|why|everything)'s\b", r"\1 is"),
        ("'s ", r"(@w\d+)'s (?=(?:going|not|a|an|the|\w+ing|getting|too|very|so|still|already)\b)", r"\1 is "),
        ("'", r"\b(\w{3,}in)'(?=\s)", r"\1g"),
        ("'", r"\by'all\b", "you"),
        ("ill ", r"\bill (?=\w+)", "i will "),
        ("id ", r"\bid (?=like|love|be|prefer|rather|want)", "i would "),
        ("your ", r"\byour (?=(?:going|moving|planning|being|coming|attacking|supporting|taking) )", "you are "),
        ("b/c", r"\bb/c\b", "because"),
        ("support", r"\bsupport-?hold(?:ing)?\b", "support hold"),
        ("s ", r"(?<!')\bs\b(?= (?:the |my |your |army |fleet |a |f )*@p)", "support"),
        ("h", r"(?<=\d )h\b", "hold"),
        ("c ", r"(?<=\d )c\b(?= (?:a |army )?@p)", "convoy"),
        ("d", r"\bd\.m\.z\b", "dmz"),
        ("demil", r"\bdemil\w+\b", "dmz"),
        ("de-mil", r"\bde-mil\w+\b", "dmz"),
        ("dmz ", r"\bdmz zone\b", "dmz"),
        ("non", r"\bnon[- ](?:aggression|agression)\b", "nonaggression"),
        ("of us ", r"\b(?:the )?(?:two|both) of us (?=(?:can|could|should|will|would|need|have|might|must)\b)", "we "),
        ("together", r"^ *together,? (?=we\b)", ""),
        (" at least", r"\bat least\b,?", ""),
        ("by any chance", r"\bby any chance\b", ""),
        ("got ", r"\b(have|has|had) got\b", r"\1"),
        ("no one", r"\bno one\b", "nobody"),
        ("not really", r"^ *not really\b", "nope"),
        ("in to", r"\bin to\b", "into"),
        ("on to", r"\bon to\b", "onto"),
        ("make sure", r"\bmake sure\b", "makesure"),
        ("of course", r"\bof course\b", "ofcourse"),
        ("you ", r"\byou (?=(?:army|armies|fleet|fleets|unit|units)\b)", "your "),
        ("r ", r"\br (?=you\b)", "are "),
        ("you ", r"\byou (?:guys|two|both|all|boys)\b", "you"),
        (" to to ", r"\bto to\b", "to"),
        (" the the ", r"\bthe the\b", "the"),
        (
            ", ",
            r", (?:most likely|of course|i think|i guess|i suppose|i believe|obviously|hopefully|presumably|"
            r"apparently|in turn|again|"
            r"however|though|honestly|as always|i assume|frankly) ?, ",
            " ",
        ),
        ("help but", r"\b(?:can|could) not help but\b", ""),
        ("you and ", r"(?<!both )\byou and (?:i|me)\b", "we"),
        ("me and you", r"\bme and you\b", "we"),
        ("triple", r"\b(?:western|central|northern|eastern|southern|steamroller)[- ]triple\b", "triple"),
        ("jug", r"\bjugg?(?:ernaut)?s?\b", "juggernaut"),
        ("at all", r"(?<!not )\bat all\b", ""),
        ("as well", r"\bas well\b", "too"),
        ("&", r" ?& ?", " and "),
        ("w/", r"\bw/", "with "),
    )
)
"""Longer spellings; each is tried only where its first text stands."""
_LAUGHTER = re.compile(
    r"(?<![@'\w])(?:l+o+l+|lmf?ao+|rofl|(?:ha){2,}h?|ha+h+a*|(?:he){2,}h?|xd+|omg|tbh|tbqh|ngl|imo|imho|fyi|tbf|smh|"
    r"afaik|afaict|iirc|asap|haha\w*)(?!['\w])"
)
"""Laughter and asides that change nothing."""
_PACT = re.compile(
    r"(?<![A-Za-z'/])(?:([AEFGIRT])/([AEFGIRT])(?:/([AEFGIRT]))?|(A[IR]|IA|R[AT]|TR|E[FGR]|F[EG]|GF|G[ER]))(?![\w/'])"
)
"""An alliance by its initials: "R/T", "AR"."""
_TOKEN = re.compile(r"@[pwad]\d+|[a-z0-9]+|>|'s|[?,:']|/")


_QUOTED = re.compile(
    r'"[^"\n]{12,200}"'
    r"|(?<!\w)'(?=\w)(?:[^'\n]|(?<=\w)'(?=\w)){12,200}'(?!\w)"
    r"|(?<![iI] )\b(?i:says?|said|wr[io]tes?|told (?:me|us)|(?:message|word) from [@\w]+):[^\n.!?]{12,200}"
)
"""Words in quotation marks, or after "Italy says:"."""


_IN_BRACKETS = re.compile(r"[?!.]+\)(?= ?[a-z])")
"""The end of a remark in brackets, after which its sentence goes on."""


def quotations(text: str) -> tuple[tuple[int, int], ...]:
    """Where somebody's words are quoted (from, to): they say nothing of the speaker's own."""
    return tuple(match.span() for match in _QUOTED.finditer(text))


def read_names(text: str, board: Standing | None) -> tuple[str, tuple[Mention, ...]]:
    """The text with plain punctuation, and the names in it."""
    text = text.translate(_PLAIN)
    return text, find_names(text, board)


def sentences(text: str, mentions: Sequence[Mention]) -> tuple[Sentence, ...]:
    """The sentences of a text.

    Args:
        text: as `read_names` returned it.
        mentions: the names in it, which become placeholders numbered by their place in this sequence.
    """
    pieces: list[str] = []
    last = 0
    for number, mention in enumerate(mentions):
        placeholder = f"@{_PLACEHOLDER[mention.kind]}{number}"
        pieces += (text[last : mention.start], placeholder)
        last = mention.end
    pieces.append(text[last:])
    marked = _IN_BRACKETS.sub(")", _QUOTED.sub(" ", "".join(pieces)))
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
    text = _PACT.sub(lambda match: f"pact{''.join(match.groups(''))}", marked.replace("(", ",").replace(")", ","))
    text = _UNIT_LETTER.sub(_unit_word, text).lower()
    text = _LAUGHTER.sub(" ", _ARROW.sub(" > ", text))
    for guard, pattern, replacement in _SPELLINGS:
        if guard in text:
            text = pattern.sub(replacement, text)
    text = _WORD.sub(lambda match: WORDS.get(match[0], match[0]), text)
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
