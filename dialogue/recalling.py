"""What a message says, or asks, of words said before: "Did you say you'd move to Burgundy?", "I never told you that".

A sentence about words is taken apart here: who is said to have said it, to whom, when, and what, put back into the
first person of who said it.  The reader reads that as it reads any message, over the board of the phase in which it
would have been said, so that "you'd move to Burgundy" means the unit that stood there then.  Whether it is on record
is asked of the ledger (`dialogue.sayings`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dialogue.board import Board
from dialogue.names import find_names
from engine.record import PhaseRecord
from engine.types import Phase, PhaseKind, Power, Province, Season


@dataclass(frozen=True)
class Recalled:
    """A sentence about words of one of the two who talk."""

    by: Power
    """Who is said to have said it."""
    to: Power | None
    """To whom; None: to whoever it may be."""
    words: str
    """What was said, in the first person of who said it, or, in quotation marks, the very words; "": "that"."""
    asks: bool = False
    denies: bool = False
    """Says that it was not said."""
    is_open: bool = False
    """Asks, or says, what was said rather than whether something was."""
    quote: str = ""
    """The words, where they are quoted."""
    provinces: tuple[Province, ...] = ()
    """What an open question is about."""
    phase: Phase | None = None
    """When it was said; None: not told."""
    start: int = 0
    end: int = 0
    """The sentence, and a yes or no before it that belongs to it, within the text."""


_POWERS = r"(?:the )?(?:austria|engl|france|french|german|ital|russia|turk)[a-z]*"
_WHO = rf"(?P<who>you|i|we|{_POWERS})"
_YOU = r"you(?!'| (?:would|will|were|was|are|can|could|should|had|have|never|might|plan|intend|wo)\b)"
""" "You" as whom, not as who: "told you", beside "said you would"."""
_WHOM = (
    rf"me|us|{_YOU}|him|her|them|{_POWERS}|(?:any|every|some)(?:one|body)(?: else)?|(?:the )?others?(?: players)?|"
    r"another (?:power|player)"
)
_OBJECT = rf"(?:,? (?:to |with )?(?P<whom>{_WHOM})(?!\w| and\b))?"
_SURELY = (
    r"(?: (?:not|ever|never|really|actually|already|just|once|also|explicitly|specifically|clearly|definitely|"
    r"personally|both|only|yourself|myself|certainly|even|recently|previously|earlier))*"
)
_PAST = (
    r"(?:said|told|promised|agreed|swore|assured|claimed|mentioned|wrote|announced|pledged|vowed|guaranteed|stated|"
    r"informed|sworn|written|gave(?: (?:me|you|us))? (?:your|my|our) (?:word|promise)|"
    r"given(?: (?:me|you|us))? (?:your|my|our) (?:word|promise)|committed)"
)
_BASE = (
    r"(?:say|tell|promise|agree|swear|assure|claim|mention|write|announce|pledge|vow|guarantee|state|inform|"
    r"give(?: (?:me|you|us))? (?:your|my|our) (?:word|promise)|commit)"
)
_SAYING = r"(?:saying|telling|promising|agreeing|swearing|assuring|claiming|mentioning|writing|pledging|announcing)"
_NOT = r"(?:n't| not)"

_ASKED_WHAT = re.compile(
    rf"\b(?:what|which \w+)(?: exactly| precisely| else| all| was it| is it)?(?: that)? (?:did|have|had) "
    rf"{_WHO}{_SURELY} (?:{_BASE}|{_PAST})\b{_OBJECT}(?P<rest>.*)$",
    re.I,
)
_WHAT_IT_WAS = re.compile(
    rf"\bwhat (?:(?:was|is) it )?(?:that )?{_WHO}(?: have| had|'ve|'d)?{_SURELY} {_PAST}\b{_OBJECT}(?P<rest>.*)$",
    re.I,
)
_WHAT_WERE = re.compile(
    r"\bwhat (?:was|were|is|are|have) (?P<who>your|my) (?:exact )?(?:words?|promises?|assurances?|commitments?)"
    rf"(?: been)?(?: (?:again|exactly))?{_OBJECT}(?P<rest>.*)$",
    re.I,
)
_WHETHER = re.compile(
    rf"\b(?:did|have|had|has)(?:{_NOT})? {_WHO}(?:{_NOT})?{_SURELY} (?:{_BASE}|{_PAST})\b{_OBJECT}(?P<rest>.*)$", re.I
)
_WAS_IT = re.compile(
    rf"\b(?:was|were|is|are)(?:{_NOT})? (?:it )?(?P<who>you|i)(?:{_NOT})?(?: the one)? (?:who|that|to have)(?: had)?"
    rf"{_SURELY} {_PAST}\b{_OBJECT}(?P<rest>.*)$",
    re.I,
)
_REMEMBERED = re.compile(
    rf"\b(?P<owner>i|you)?\s?(?P<no>(?:do|did|can|could)(?:{_NOT})|cannot|never)?\s?(?:do )?"
    r"\b(?:remember|recall|deny|admit|have|noted)(?: (?P<who>you|me|us|your|my))?(?: down)?(?: as)?(?: ever)? "
    rf"{_SAYING}\b{_OBJECT}(?P<rest>.*)$",
    re.I,
)
_STATED = re.compile(
    r"(?:^|[,;:(–—-] ?|\b(?:tell me|know|remember|sure|recall|check|ask|asking|confirm) if |"
    r"\b(?!(?:as|like|than|what|which|where|how|why|if|unless|once|until|should|all|everything|than|not|nor)\b)"
    r"[\w']+[,:]? )"
    rf"(?P<who>you|i|we)(?:(?P<did> did(?:{_NOT})?{_SURELY}| (?:forgot|failed|neglected) to) {_BASE}|"
    rf"(?: have| had|'ve|'d)?(?P<adv>(?:{_NOT})?{_SURELY}) {_PAST})\b{_OBJECT}(?P<rest>.*)$",
    re.I,
)
_NAMED = re.compile(
    r"\b(?P<who>your|my) (?:word|promise|assurance)\b(?: to (?:me|you))?(?: was| had been)?"
    r"(?P<rest> (?:to|not to|that) .*)$",
    re.I,
)
_PASSIVE = re.compile(
    rf"\b(?P<hearer>i|you) (?:was|were|have been)(?P<adv>(?:{_NOT})?{_SURELY}) told(?: by (?:you|me|anybody))?"
    r"(?P<rest> .*)$",
    re.I,
)
""" "I was never told that ..."."""
_TAG = re.compile(
    r"[,.]* *(?:\b(?:did(?:n't| not)? (?:you|i|we)(?: not)?|right|correct|no|yes|remember|true|or (?:not|no)|"
    r"is(?:n't| not) (?:it|that so|that right)|was(?:n't| not) it|am i (?:wrong|right|mistaken)|or am i \w+|"
    r"have(?:n't| not) you|don't you (?:remember|recall)|eh|huh))[ ?.!]*$",
    re.I,
)
_CONFIRM = re.compile(
    r"(?:(?:did|didn't|have|haven't) (?:you|i|we)(?: not)?|"
    r"(?:is|isn't|was|wasn't) (?:that|it)(?: not)? (?:right|so|true|correct)|"
    r"right|true|correct|yes|no|yes or no|or not|remember|am i (?:right|wrong|mistaken)|is that a lie)\?+",
    re.I,
)
"""A question that asks only whether what was just said is so."""
_TRULY = re.compile(
    r"\b(?:is|was|isn't|wasn't) it (?:not )?(?:true|right|correct|so|the case)\b|\bam i right\b|"
    r"\b(?:confirm|tell me (?:honestly|whether|if)|whether|check)\b",
    re.I,
)
_TOPIC = re.compile(
    r"^[ ,]*(?:(?:anything|nothing|something|things?|a word|so much as a word)(?: at all)? )?"
    r"(?:about|regarding|concerning|on|as to|with regard to|for|in regard to|of)\b",
    re.I,
)
_NOTHING = re.compile(r"^[ ,]*(?:nothing|not a word|no word)\b", re.I)
_ANYTHING = re.compile(r"^[ ,]*(?:anything|something)(?: at all| else)?[ ,.]*$", re.I)
_SHIFTED = re.compile(r"\b(?:would|wouldn't|was|wasn't|were|could|had)\b|'d\b|^[ ,]*(?:(?:not|never) )?to\b", re.I)
""" "I said I would", beside "as I told you, I will", which says it anew."""
_THAT = re.compile(
    r"^[ ,:]*(?:that|so|it|this|any such thing|such a thing|anything like that|anything of the (?:sort|kind)|"
    r"any of that|those words|these words|no such thing|nothing of the (?:sort|kind))?[ ,.!?]*$",
    re.I,
)
_SAID_AS = re.compile(r"^[ ,]*(?:(?:that|this|how|as|:|the (?:words|following))[ ,:]+|:[ ]*)+", re.I)
_BEFORE = re.compile(
    r"(?:\b(?:yes|yeah|indeed|right|no|nope|true|of course|correct|ok|okay|sure|i did(?: not|n't)?|"
    r"you did(?: not|n't)?|i did say so|you did say so|not quite|not exactly|wait|hey|well|not so)[ ,.:;!–—-]*)+$",
    re.I,
)
_WHEN = re.compile(
    r",? ?\b(?:(?:back )?(?:in|during|from) )?(?:(?P<code>[SF]\d{4}[MR]?|W\d{4}A?)\b|"
    r"(?:the )?(?P<season>spring|fall|autumn|winter)(?: of|,)? (?P<year>\d{4})\b|"
    r"(?P<last>last|the previous|the last) (?P<what>turn|phase|season|move|round|spring|fall|autumn|winter|year)\b|"
    r"(?P<bare>in \d{4})\b|"
    r"(?:a (?:long time|while|few (?:turns|phases|years)) ago|(?:some|\w+) (?:turns|phases|years) ago|back then|"
    r"at the (?:very )?(?:start|beginning)(?: of the game)?|ages ago|(?:way )?earlier|before)\b)",
    re.I,
)
_QUOTED = re.compile(r'"([^"\n]{2,320})"')
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.](?=\d|[a-z])[^.!?\n]*)*[.!?\n]*")
_SAINT = re.compile(r"\bSt\.(?= )", re.I)
_HOLD = "\ue001"
"""Stands for a quotation while sentences are looked for."""
_PLAIN = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"'})


def recalled(text: str, speaker: Power, addressee: Power | None, board: Board) -> tuple[Recalled, ...]:
    """The sentences of a text that are about words of the two who talk, in order.

    Sentences about what third powers said, and about words that nobody could make out, are not among them; nor is
    anything in a message to all, in which "you" is nobody.

    >>> from engine import Game
    >>> found = recalled("Did you say you'd hold in Munich?", Power.FRANCE, Power.GERMANY, Game().view(Power.FRANCE))
    >>> [(said.by.value, said.words, said.asks) for said in found]
    [('GERMANY', 'I will hold in Munich', True)]
    """
    if addressee is None:
        return ()
    plain = text.translate(_PLAIN)
    quotes = [match[1] for match in _QUOTED.finditer(plain)]
    held = _QUOTED.sub(_held, plain)
    held = _SAINT.sub("St ", held)
    found: list[Recalled] = []
    seen = 0
    for match in _SENTENCE.finditer(held):
        sentence = match[0]
        here = quotes[seen : seen + sentence.count(_HOLD)]
        seen += sentence.count(_HOLD)
        if found and found[-1].end == match.start() and _CONFIRM.fullmatch(sentence.strip()):
            found[-1] = replace(found[-1], asks=True, denies=False, end=match.end())
            continue
        said = _recalled(sentence, speaker, addressee, board, here)
        if said is not None:
            before = _BEFORE.search(held[: match.start()])
            start = match.start() if before is None else before.start()
            found.append(replace(said, start=start, end=match.end()))
    return tuple(found)


def _held(match: re.Match[str]) -> str:
    """What stands for a quotation, as long as it; where its words end a sentence, so does it."""
    ends = match[1].rstrip()[-1:] in (".", "!", "?")
    return _HOLD + " " * (len(match[0]) - 2) + ("." if ends else " ")


def without(text: str, found: Sequence[Recalled]) -> str:
    """The text less those sentences."""
    pieces, last = [], 0
    for said in found:
        pieces.append(text[last : said.start])
        last = max(last, said.end)
    return " ".join([*pieces, text[last:]]).strip()


def unquoted(text: str) -> str:
    """The text less what is quoted in it: other words, said at another time."""
    return _QUOTED.sub('""', text.translate(_PLAIN))


def boards(board: Board, phase: Phase | None = None) -> tuple[Board, ...]:
    """The boards over which words may have been said: of a phase, or of all from now backwards."""
    history: Sequence[PhaseRecord] = getattr(board, "history", ())
    earlier = tuple(record.board for record in reversed(history) if record.phase.kind is PhaseKind.MOVEMENT)
    if phase is None:
        return (board, *earlier)
    named = tuple(record.board for record in history if record.phase == phase)
    return named or (board, *earlier)


# --- one sentence ----------------------------------------------------------------------------------------


def _recalled(sentence: str, speaker: Power, addressee: Power, board: Board, quotes: Sequence[str]) -> Recalled | None:
    asks = sentence.rstrip().endswith("?")
    tag = _TAG.search(sentence) if asks else None
    told = sentence[: tag.start()] if tag is not None else sentence
    told = told.strip().rstrip(".!?, ")
    when = _WHEN.search(told)
    phase = None if when is None else _phase(when, board.phase)
    if when is not None:
        told = f"{told[: when.start()]} {told[when.end() :]}".strip().lstrip(", ")
    told = re.sub(r"  +", " ", told)
    two = _Two(speaker, addressee)
    for pattern in (_ASKED_WHAT, _WHAT_IT_WAS, _WHAT_WERE):
        if (match := pattern.search(told)) is not None:
            return _open(match, two, board, phase)
    for pattern in (_WAS_IT, _WHETHER):
        if (match := pattern.search(told)) is not None:
            return _whether(match, two, board, phase, quotes, asks=True)
    if (match := _REMEMBERED.search(told)) is not None:
        return _remembered(match, two, board, phase, quotes, asks)
    if (match := _PASSIVE.search(told)) is not None:
        by = two.other(two.speaker if match["hearer"].lower() == "i" else two.addressee)
        if re.search(rf"\bnever\b|{_NOT}\b", match["adv"]) is None:
            return None  # by whom, it does not say
        return _of_words(match, two, by, board, phase, quotes, asks=asks, denies=True)
    match = _STATED.search(told) or _NAMED.search(told)
    if match is None:
        return None
    groups = match.groupdict()
    adverbs = f"{groups.get('did') or ''}{groups.get('adv') or ''}".lower()
    denies = re.search(rf"\bnever\b|{_NOT}\b|\b(?:forgot|failed|neglected)\b", adverbs) is not None
    return _whether(match, two, board, phase, quotes, asks=asks or _TRULY.search(told) is not None, denies=denies)


@dataclass(frozen=True)
class _Two:
    """Who talks to whom."""

    speaker: Power
    addressee: Power

    def subject(self, word: str) -> Power | None:
        """Who "you", "I", "your" is; None: somebody else."""
        word = word.lower()
        if word in ("you", "your", "we"):
            return self.addressee
        if word in ("i", "my", "me"):
            return self.speaker
        return None

    def other(self, one: Power) -> Power:
        """The other of the two."""
        return self.speaker if one is self.addressee else self.addressee

    def hearer(self, by: Power, word: str | None, board: Board) -> Power | None:
        """Whom words are said to have been said to; None: others, or nobody knows whom."""
        word = (word or "").lower()
        if word in ("", "me", "us", "you"):
            return self.other(by)
        named = [m.power for m in find_names(word.title(), board) if m.power is not None]
        return named[0] if named else None


def _open(match: re.Match[str], two: _Two, board: Board, phase: Phase | None) -> Recalled | None:
    by = two.subject(match["who"])
    if by is None:
        return None
    rest = match["rest"]
    if rest.strip() and _TOPIC.match(rest) is None and re.match(r"[ ,]*(?:back|in|then|again|there)\b", rest) is None:
        return None
    places = _places(rest, board) or _places(match.string[: match.start()], board)
    if rest.strip() and not places:
        return None  # about a power, or about anything else that is no place
    to = two.hearer(by, match["whom"], board)
    return Recalled(by, to, "", asks=True, is_open=True, provinces=places, phase=phase)


def _whether(
    match: re.Match[str],
    two: _Two,
    board: Board,
    phase: Phase | None,
    quotes: Sequence[str],
    asks: bool,
    denies: bool = False,
) -> Recalled | None:
    by = two.subject(match["who"])
    if by is None:
        return None
    return _of_words(match, two, by, board, phase, quotes, asks=asks, denies=denies)


def _of_words(
    match: re.Match[str],
    two: _Two,
    by: Power,
    board: Board,
    phase: Phase | None,
    quotes: Sequence[str],
    asks: bool,
    denies: bool,
) -> Recalled | None:
    rest = match["rest"]
    to = two.hearer(by, match.groupdict().get("whom"), board)
    if to is by:
        to = two.other(by)
    if quotes:
        quote = quotes[0]
        return Recalled(by, to, quote, asks, denies, quote=quote, phase=phase)
    if _THAT.match(rest):
        return Recalled(by, to, "", asks, denies, phase=phase) if denies else None
    if _TOPIC.match(rest) or _NOTHING.match(rest):
        places = _places(rest, board)
        if places and re.match(r"[ ,]*(?:for|on|of)\b", rest) is None:
            denied = denies or _NOTHING.match(rest) is not None
            return Recalled(by, to, "", asks, denied, is_open=True, provinces=places, phase=phase)
    if _ANYTHING.match(rest):
        return Recalled(by, to, "", asks, denies, is_open=True, phase=phase) if asks else None
    if by is two.speaker and not asks and _SHIFTED.search(rest) is None and _JOINT.match(rest.strip()) is None:
        return None
    words = in_first_person(rest, swap=by is two.addressee)
    return None if not words else Recalled(by, to, words, asks, denies, phase=phase)


def _places(text: str, board: Board) -> tuple[Province, ...]:
    return tuple(dict.fromkeys(m.provinces[0] for m in find_names(text, board) if m.provinces))


def _remembered(
    match: re.Match[str], two: _Two, board: Board, phase: Phase | None, quotes: Sequence[str], asks: bool
) -> Recalled | None:
    """ "Do you remember promising ...?", "I don't remember you saying ..."."""
    whose = {"you": "you", "your": "you", "me": "i", "my": "i", "us": "i"}.get((match["who"] or "").lower())
    by = two.subject(whose or (match["owner"] or ("you" if asks else "i")))
    if by is None:
        return None
    return _of_words(match, two, by, board, phase, quotes, asks=asks, denies=bool(match["no"]) and not asks)


# --- words put back into the mouth of who said them ---------------------------------------------------

_INFINITIVE = re.compile(r"^(?P<n>(?:not|never) )?to (?P<n2>not |never )?(?P<vp>.+)$", re.I)
_NOUN = re.compile(r"^(?:(?:my|your|a|some|the|full) )*(?P<what>support|convoy|help)\b(?P<rest>.*)$", re.I)
_JOINT = re.compile(
    r"^(?:on |to |upon |about )?(?:(?:a|an|the|our) )?(?:mutual )?(?P<what>dmz|demilitari[sz]\w+|bounce|peace|truce|"
    r"alliance|non-?aggression\b.*|pact)\b(?P<rest>.*)$",
    re.I,
)
_DOING = (
    "would",
    "'d",
    "will",
    "'ll",
    "were",
    "are",
    "'re",
    "can",
    "could",
    "should",
    "had",
    "have",
    "wouldn't",
    "weren't",
    "won't",
    "aren't",
    "both",
    "never",
    "plan",
    "planned",
    "intend",
    "intended",
    "wanted",
    "might",
    "and",
    "was",
    "only",
)
_WORD = re.compile(r"[A-Za-z]+(?:n't)?|'(?:d|ll|re|ve|m|s)\b|[^A-Za-z']+|'")
_THEIR = {"your": "my", "yours": "mine", "yourself": "myself", "me": "you", "my": "your", "mine": "yours"}
_THEIR |= {"myself": "yourself", "i": "you"}
_TENSES = tuple(
    (re.compile(pattern, re.I), replacement)
    for pattern, replacement in (
        (r"\b(I|you|we|he|she|they|it)'d\b", r"\1 would"),
        (r"\bwouldn't\b", "would not"),
        (r"\bweren't\b", "were not"),
        (r"\bwasn't\b", "was not"),
        (r"\bI (?:were|was)\b", "I am"),
        (r"\bI are\b", "I am"),
        (r"\bI're\b", "I am"),
        (r"\byou (?:was|am)\b", "you are"),
        (r"\byou'm\b", "you are"),
        (r"\bwould\b", "will"),
        (r"\bcould\b", "can"),
        (r"\bwere\b", "are"),
        (r"\bwas\b", "is"),
        (r"\bavoid(?= \w)", "stay out of"),
        (r"\bplanned\b", "plan"),
        (r"\bintended\b", "intend"),
        (r"\bwanted\b", "want"),
    )
)


def in_first_person(rest: str, swap: bool) -> str:
    """What was said, as who said it would have put it; "" where there is nothing.

    Args:
        rest: what follows "you said", "did you promise", "I told you" in a sentence.
        swap: whether "you" in it is who said it.

    >>> in_first_person(" that you'd support me into Belgium", swap=True)
    'I will support you into Belgium'
    >>> in_first_person(" not to enter Burgundy", swap=True)
    'I will not enter Burgundy'
    """
    rest = _SAID_AS.sub("", rest).strip(" ,:;.")
    rest = re.sub(r"^(?:myself|yourself) ", "", rest)
    if not rest:
        return ""
    if swap:
        rest = _swapped(rest)
    joint = _JOINT.match(rest)
    if joint is not None:
        return f"Let us have a {joint['what']}{joint['rest']}"
    infinitive = _INFINITIVE.match(rest)
    if infinitive is not None:
        negated = bool(infinitive["n"]) ^ bool(infinitive["n2"])
        rest = f"I will {'not ' if negated else ''}{infinitive['vp']}"
    noun = _NOUN.match(rest)
    if noun is not None:
        verb = noun["what"].lower()
        return f"I will {verb} you{noun['rest']}"
    for pattern, replacement in _TENSES:
        rest = pattern.sub(replacement, rest)
    return rest


def _swapped(text: str) -> str:
    """The text with I and you changed for each other."""
    parts = _WORD.findall(text)
    words = [part for part in parts if part.strip()]
    said: list[str] = []
    place = -1
    for part in parts:
        if not part.strip():
            said.append(part)
            continue
        place += 1
        low = part.lower()
        if low == "you":
            following = words[place + 1].lower() if place + 1 < len(words) else ""
            said.append("I" if place == 0 or following in _DOING else "me")
        elif low in _THEIR:
            said.append(_THEIR[low])
        elif low == "am" and said and said[-1].strip() == "" and len(said) > 1 and said[-2] == "you":
            said.append("are")
        else:
            said.append(part)
    return "".join(said)


# --- when ------------------------------------------------------------------------------------------------

_SEASONS = {"spring": Season.SPRING, "fall": Season.FALL, "autumn": Season.FALL, "winter": Season.WINTER}


def _phase(match: re.Match[str], now: Phase) -> Phase | None:
    """The phase that an expression names, if it is none to come."""
    found: Phase | None = None
    if match["code"]:
        code = match["code"].upper()
        found = Phase.parse(code if code[-1].isalpha() else code + ("A" if code[0] == "W" else "M"))
    elif match["season"]:
        found = _in(_SEASONS[match["season"].lower()], int(match["year"]))
    elif match["last"]:
        what = match["what"].lower()
        if what in _SEASONS:
            season = _SEASONS[what]
            past = _in(season, now.year)
            found = past if past < now else _in(season, now.year - 1)
        elif what != "year":
            found = movement_before(now)
    return None if found is None or now < found else found


def _in(season: Season, year: int) -> Phase:
    return Phase(year, season, PhaseKind.ADJUSTMENTS if season is Season.WINTER else PhaseKind.MOVEMENT)


def movement_before(now: Phase) -> Phase:
    """The movement phase before this one."""
    if now.season is Season.SPRING and now.kind is PhaseKind.MOVEMENT:
        return _in(Season.FALL, now.year - 1)
    if now.season is Season.FALL and now.kind is not PhaseKind.MOVEMENT:
        return _in(Season.FALL, now.year)
    return _in(Season.FALL, now.year) if now.season is Season.WINTER else _in(Season.SPRING, now.year)


def when_said(phase: Phase, now: Phase) -> str:
    """How a phase is named as the time at which something was said, such as ``in spring 1901``; "": just now."""
    if phase == now:
        return ""
    if phase.kind is PhaseKind.RETREATS:
        return f"in {phase}"
    return f"in {phase.season.name.lower()} {phase.year}"
