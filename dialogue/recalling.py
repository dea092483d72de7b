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

from dialogue import recalling_patterns as patterns
from dialogue.board import Board
from dialogue.first_person import JOINT, in_first_person
from dialogue.names import find_names
from dialogue.past_phases import phase_told
from dialogue.saying_verbs import plain
from engine.record import PhaseRecord
from engine.types import Phase, PhaseKind, Power, Province


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
    straight = text.translate(_PLAIN)
    quotes = [match[1] for match in _QUOTED.finditer(straight)]
    held = _QUOTED.sub(_held, straight)
    held = _SAINT.sub("St ", held)
    found: list[Recalled] = []
    seen, last = 0, ""
    for match in _SENTENCE.finditer(held):
        sentence = match[0]
        here = quotes[seen : seen + sentence.count(_HOLD)]
        seen += sentence.count(_HOLD)
        before, last = last, sentence
        follows = bool(found) and found[-1].end == match.start()
        if follows and patterns.CONFIRM.fullmatch(sentence.strip()):
            found[-1] = replace(found[-1], asks=True, denies=False, end=match.end())
            continue
        if follows and _retorts(found[-1], speaker) and patterns.RETORT.fullmatch(sentence.strip()):
            found[-1] = replace(found[-1], asks=False, denies=True, end=match.end())
            continue
        said = _recalled(sentence, speaker, addressee, board, here, before)
        if said is not None:
            yes = patterns.BEFORE.search(held[: match.start()])
            start = match.start() if yes is None else yes.start()
            found.append(replace(said, start=start, end=match.end()))
    return tuple(found)


def _retorts(said: Recalled, speaker: Power) -> bool:
    """Whether "I never did" after this denies it: of a question about the other's words it says nothing."""
    return said.by is speaker or not said.asks


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


def _recalled(
    sentence: str, speaker: Power, addressee: Power, board: Board, quotes: Sequence[str], before: str
) -> Recalled | None:
    phase, told = phase_told(sentence, board.phase)
    told = plain(re.sub(r"  +", " ", told).strip().lstrip(", "))
    asks = told.endswith("?")
    tag = patterns.TAG.search(told)
    if tag is not None:
        told = told[: tag.start()]
        asks = asks or tag.start() > 0
    challenged = asks or told.rstrip().endswith("!")
    told = told.strip().rstrip(".!?, ")
    scene = _Scene(_Two(speaker, addressee), board, phase, quotes, before)
    for pattern in (patterns.ASKED_WHAT, patterns.WHAT_WERE, patterns.WHAT_LINE_WAS):
        if (match := pattern.search(told)) is not None:
            return _open(match, scene)
    if (match := patterns.WHAT_IT_WAS.search(told)) is not None:
        head = told[: match.start()]
        return _open(match, scene) if asks or not head.strip() or patterns.WANTED.search(head) is not None else None
    if (match := patterns.PASSIVE.search(told)) is not None:
        return _passive(match, scene, asks)
    for pattern in (patterns.WAS_IT, patterns.WHETHER):
        if (match := pattern.search(told)) is not None:
            return _inverted(match, scene)
    if (match := patterns.REMEMBERED.search(told)) is not None:
        return _remembered(match, scene, asks)
    match = patterns.STATED.search(told) or patterns.NAMED.search(told) or patterns.AND_STATED.search(told)
    if match is not None:
        return _stated(match, scene, asks, challenged)
    match = patterns.ELLIPTIC.search(told)
    if match is None or not asks:
        return None
    tag_of_speaker = tag is not None and re.search(r"\bi\b", tag[0], re.I) is not None
    by = scene.two.subject(match["who"]) if match["who"] else speaker if tag_of_speaker else addressee
    return None if by is None else _of_words(match, scene, by, asks=True, denies=False)


def _inverted(match: re.Match[str], scene: _Scene) -> Recalled | None:
    """ "Did you say ...?"; but "at no point did you say ..." and "why didn't you say ..." are no questions of it."""
    head = match.string[: match.start()]
    own = match[0][: match.start("rest") - match.start()]
    why = patterns.WHY.search(head) is not None and re.search(rf"\bnever\b|{patterns.NOT}\b", own, re.I) is not None
    denies = why or patterns.NEVER_BEFORE.search(head) is not None
    by = scene.two.subject(match["who"])
    return None if by is None else _of_words(match, scene, by, asks=not denies, denies=denies)


def _passive(match: re.Match[str], scene: _Scene, asks: bool) -> Recalled | None:
    """ "Was I told by you that ...?"; who is told nothing is told nothing by the other of the two."""
    asked = match["asked"] is not None and patterns.NEVER_BEFORE.search(match.string[: match.start()]) is None
    hearer = (match["heard"] or match["hearer"]).lower()
    giver = (match["giver"] or "").lower()
    never = not asked and (
        match["asked"] is not None
        or re.search(rf"\bnever\b|{patterns.NOT}\b|^no", f"{match['adv']} {giver}") is not None
    )
    if giver in ("you", "me"):
        by = scene.two.addressee if giver == "you" else scene.two.speaker
    elif giver.endswith("us") or hearer == "i" or (hearer == "it" and never):
        by = scene.two.addressee
    else:
        by = scene.two.speaker
    if not giver and not never and (hearer != "i" or not asked):
        return None  # by whom, it does not say
    return _of_words(match, scene, by, asks=asked or (asks and not never), denies=never)


def _stated(match: re.Match[str], scene: _Scene, asks: bool, challenged: bool) -> Recalled | None:
    """ "You said ...", and whether it is asked, or denied, by what stands before it."""
    by = scene.two.subject(match["who"])
    if by is None:
        return None
    groups = match.groupdict()
    head = match.string[: match.start("who")]
    if patterns.WITH_ANOTHER.search(head) is not None:
        return None
    adverbs = f"{groups.get('did') or ''}{groups.get('adv') or ''}"
    adverbs += groups.get("unreal") or ""  # "you should have told me": you did not
    never = re.search(rf"\bnever\b|{patterns.NOT}\b|\b(?:forgot|failed|neglected|have)\b", adverbs, re.I) is not None
    denies = never or patterns.NOT_SO.search(head) is not None
    why = never and patterns.WHY.search(head) is not None
    asks = asks or patterns.DOUBT.search(head) is not None or patterns.TRULY.search(match.string) is not None
    if not denies and by is scene.two.addressee:
        asks = asks or challenged or patterns.CHALLENGE.search(head) is not None
    return _of_words(match, scene, by, asks=asks and not why, denies=denies)


@dataclass(frozen=True)
class _Scene:
    """What a sentence is read beside."""

    two: _Two
    board: Board
    phase: Phase | None
    """When it says that the words were said."""
    quotes: Sequence[str]
    before: str
    """The sentence before it."""


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


def _open(match: re.Match[str], scene: _Scene) -> Recalled | None:
    groups = match.groupdict()
    by = scene.two.subject(next(groups[name] for name in ("who", "heard", "whose") if groups.get(name)))
    if by is None:
        return None
    rest = match["rest"]
    if (
        rest.strip()
        and patterns.TOPIC.match(rest) is None
        and re.match(r"[ ,]*(?:back|in|then|again|there|so)\b", rest) is None
    ):
        return None
    places = _places(rest, scene.board) or _places(match.string[: match.start()], scene.board)
    if rest.strip() and not places:
        return None  # about a power, or about anything else that is no place
    to = scene.two.hearer(by, groups.get("whom"), scene.board)
    return Recalled(by, to, "", asks=True, is_open=True, provinces=places, phase=scene.phase)


def _of_words(match: re.Match[str], scene: _Scene, by: Power, asks: bool, denies: bool) -> Recalled | None:
    two, board, phase = scene.two, scene.board, scene.phase
    groups = match.groupdict()
    rest = patterns.FURTHER.sub("", match["rest"])
    if (groups.get("who") or "").lower() == "we" and re.match(r"[ ,]*(?:that )?i\b", rest, re.I) is not None:
        by = two.speaker  # what was agreed is, for each, what it would do
    to = two.hearer(by, groups.get("whom"), board)
    if to is by:
        to = two.other(by)
    if scene.quotes:
        quote = scene.quotes[0]
        return Recalled(by, to, quote, asks, denies, quote=quote, phase=phase)
    if patterns.THAT.match(rest):
        told = patterns.CONTENT_CLAUSE.match(_head(match)) or (
            patterns.CONTENT_CLAUSE.match(scene.before.strip().rstrip(".!?")) if asks else None
        )
        if told is not None:
            rest = f" {told['that']}"
        else:
            return Recalled(by, to, "", asks, denies, phase=phase) if denies and not asks else None
    if patterns.TOPIC.match(rest) or patterns.NOTHING.match(rest) or patterns.BARE_PLACE.match(rest):
        places = _places(rest, board)
        doing = patterns.ABOUT_DOING.match(rest)
        if doing is not None:
            rest = doing["doing"]
        elif (
            places
            and (patterns.BARE_PLACE.match(rest) is None or _is_place(rest, board))
            and not patterns.OWN_TOPIC.match(rest)
        ):
            denied = denies or patterns.NOTHING.match(rest) is not None
            return Recalled(by, to, "", asks, denied, is_open=True, provinces=places, phase=phase)
    if patterns.ANYTHING.match(rest):
        return Recalled(by, to, "", asks, denies, is_open=True, phase=phase) if asks else None
    shifted = denies or patterns.SHIFTED.search(rest) is not None or JOINT.match(rest.strip()) is not None
    if by is two.speaker and not asks and not shifted:
        return None
    words = in_first_person(rest, swap=by is two.addressee)
    return None if not words else Recalled(by, to, words, asks, denies, phase=phase)


def _head(match: re.Match[str]) -> str:
    """What stands before "did you say", "you said": a word that a frame looks at before it is none of the frame."""
    return match.string[: match.start("who" if match.re is patterns.STATED else 0)]


def _is_place(text: str, board: Board) -> bool:
    """Whether a text is the name of a province and no more."""
    left = " " + re.sub(r" (?:to (?:me|you)|at all)[ ,]*$", "", text.strip()).strip()  # "Den" begins no sentence here
    named = [m for m in find_names(left, board) if m.provinces]
    return len(named) == 1 and len(re.sub(r"\W|^the ", "", left)) <= len(
        re.sub(r"\W|^the ", "", left[named[0].start : named[0].end])
    )


def _places(text: str, board: Board) -> tuple[Province, ...]:
    return tuple(dict.fromkeys(m.provinces[0] for m in find_names(text, board) if m.provinces))


def _remembered(match: re.Match[str], scene: _Scene, asks: bool) -> Recalled | None:
    """ "Do you remember promising ...?", "I don't remember you saying ..."."""
    whose = {"you": "you", "your": "you", "me": "i", "my": "i", "us": "i"}.get((match["who"] or "").lower())
    by = scene.two.subject(whose or (match["owner"] or ("you" if asks else "i")))
    if by is None:
        return None
    denies = bool(match["no"]) or patterns.NOT_SO.search(match.string[: match.start("rest")]) is not None
    challenged = asks or (not denies and by is scene.two.addressee)
    return _of_words(match, scene, by, asks=challenged, denies=denies and not asks)
