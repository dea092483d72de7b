"""The reader: a message -> speech acts, and what it could not read.

One reader for everything: it understands other players, makes the plans that the language model learns from, and
reads our own drafts back (`matches`).  It reads a clause's frame ("I won't", "could you", "let's", "you promised to")
and then its verb phrase (`phrases`).  A clause that names places and does not parse is reported as unread, never
guessed.  Other players' text is data: whatever it says, it only ever becomes acts.

Conventions of the acts it makes:
    AGREE and REFUSE carry the orders and provinces agreed to or refused, polarity DO; where the text says only "yes",
    they are those of the message answered.  PROMISE of polarity NOT with provinces: to stay out of them.  An order
    that cannot be made out leaves its provinces in `provinces`.  A condition is an INFORM act of what must come true.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import replace
from typing import Any

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.board import Board
from dialogue.clauses import MAX_READ, Sentence, quotations, read_names, sentences
from dialogue.dealings import places_named
from dialogue.deeds import MODALS, Deed, DeedKind, Form, Scene, is_attack, is_verb
from dialogue.frames import (
    ADVERBS,
    ADVICE,
    AGREES,
    ALWAYS,
    APPROVED,
    ASSENTING,
    AUXILIARY,
    BREAKS,
    CIRCUMSTANCE,
    COMING,
    CONDITION,
    CONNECTORS,
    CONTENT,
    COPULAS,
    DENIAL,
    DOUBT,
    EXCHANGE,
    FIRM,
    FRAMES,
    HAVING,
    HEDGES,
    IF_SUBJECT,
    IN_PLACE_OF,
    MAIN_CLAUSE,
    MAY_LEAD,
    MEANS,
    MILD,
    NEEDED,
    NEXT_FLAG,
    NO_CLAUSE_AFTER,
    NOTICED,
    NOW_FLAG,
    OPENER_INDEX,
    OPINION,
    PAST_FLAG,
    POLITE_IF,
    PURPOSE,
    QUESTION,
    SEASON_FLAG,
    SHORT_YES,
    SUBORDINATING,
    TAGS,
    THINK,
    THREAT,
    WARNING,
    WATCH,
    WELCOME,
    WISHED,
    WITHOUT_SUBJECT,
    YEAH,
    YOURS,
    Frame,
    W,
)
from dialogue.names import find_names
from dialogue.phrases import Phrases
from dialogue.reading import ReadContext, Reading, holds, matches
from engine.types import Message, OrderKind, Phase, PhaseKind, Power, Province, Season, province_of

__all__ = ["ReadContext", "Reading", "matches", "read", "read_text"]


def read(message: Message, view: Board, talk: Sequence[Message] = ()) -> Reading:
    """The acts of a message.  Never raises, whatever the text.

    Args:
        message: the message.
        view: the board it was written over.
        talk: earlier messages, oldest first; those between the two powers are looked at.
    """
    return read_text(message.text, message.sender, message.recipient, view, _context(message, view, talk))


def _context(message: Message, view: Board, talk: Sequence[Message]) -> ReadContext:
    """The other side's latest messages, read by themselves; their own context is looked up one step only."""
    if message.recipient is None:
        return ReadContext()
    pair = {message.sender, message.recipient}
    earlier = [m for m in talk if m.recipient is not None and {m.sender, m.recipient} == pair]
    earlier = [m for m in earlier if m.sequence < message.sequence][-4:]
    third, place = _last_named(earlier, view, pair)
    heard: list[SpeechAct] = []
    sequence = None
    for before in reversed(earlier):
        if before.sender is message.sender and sequence is not None:
            break
        if before.sender is message.sender:
            continue
        if before.phase != message.phase and sequence is None and before.phase.next_movement < message.phase:
            break
        acts = read_text(before.text, before.sender, before.recipient, view).acts
        if sequence is None:
            sequence = before.sequence
        heard = [*acts, *heard]
    return ReadContext(tuple(heard), sequence, third, place)


def _last_named(
    earlier: Sequence[Message], view: Board, pair: Container[Power]
) -> tuple[Power | None, Province | None]:
    """The third power and the province that the latest messages named last: whom "he" means, and where "there" is."""
    third: Power | None = None
    place: Province | None = None
    for before in earlier[-2:]:
        for mention in find_names(before.text[:MAX_READ], view):
            if mention.power is not None and mention.power not in pair:
                third = mention.power
            elif mention.provinces:
                place = mention.provinces[0]
    return third, place


def read_text(
    text: str, speaker: Power, addressee: Power | None, view: Board, previous: ReadContext | None = None
) -> Reading:
    """The acts of a text said by `speaker` to `addressee` (None: to all) over a board.  Never raises."""
    try:
        return _Reader(text, speaker, addressee, view, previous or ReadContext()).read()
    except (RecursionError, IndexError, KeyError, ValueError):  # hostile text must not stop a game
        return Reading((), (text[:MAX_READ],))


_FUTURE_COMMIT = {
    "promise": ActKind.PROMISE,
    "inform": ActKind.INFORM,
    "offer": ActKind.OFFER,
    "expect": ActKind.INFORM,
    "other": ActKind.INFORM,
}
_LISTED = frozenset({ActKind.INFORM, ActKind.PROMISE, ActKind.PROPOSE})
"""Acts that become one with their like when they follow each other."""
_SHORT = 4
"""Words of a message whose "ok" is all it says."""
_REQUESTS = frozenset(
    {
        ActKind.PROPOSE,
        ActKind.REQUEST_SUPPORT,
        ActKind.OFFER,
        ActKind.COUNTER,
        ActKind.BOUNCE,
        ActKind.DEMILITARISE,
        ActKind.ALLY,
        ActKind.ASK,
    }
)
"""Acts that a "yes" or "no" can answer."""


_AFTER_ANSWER = frozenset(
    {"i", "we", "you", "let", "will", "can", "then", "man", "with", "for", "to", "by", "on", "me", "thanks", "thank"}
    | {"sorry", "my", "friend", "mate", "buddy", "here", "it", "that", "~next", "do", "please", "too", "there"}
)
"""Words that may follow an answer without a break: "sounds good I will move"; "that is good luck" is none."""


class _Reader:
    """Reads one text."""

    def __init__(self, text: str, speaker: Power, addressee: Power | None, board: Board, previous: ReadContext) -> None:
        self.speaker, self.addressee, self.board, self.previous = speaker, addressee, board, previous
        self.text, self.mentions = read_names(text, board)
        recent = tuple(said for act in previous.heard for said in act.orders)
        self.scene = Scene(
            _Now(board),
            speaker,
            addressee,
            self.mentions,
            recent=recent,
            recent_place=_last_place(previous.heard) or previous.place,
        )
        self.scene.third = _last_third(previous.heard, speaker, addressee) or previous.third
        self.acts: list[SpeechAct] = []
        self.unread: list[str] = [text[MAX_READ:]] if len(text) > MAX_READ else []
        self.asked_oneself = False
        """Whether the sentence before was a question, which a bare "yes" would answer oneself."""
        self.soft = ""
        """A word that may agree: "ok", or only a nicety such as "great"."""

    def read(self) -> Reading:
        for start, end in quotations(self.text):
            if any(start < mention.start < end for mention in self.mentions):
                self.unread.append(self.text[start:end])
        found = sentences(self.text, self.mentions)
        self.length = sum(len(sentence.tokens) for sentence in found)
        for sentence in found:
            self._sentence(sentence)
            self.asked_oneself = sentence.is_question
        return Reading(self._finish(), tuple(self.unread))

    # --- the acts together --------------------------------------------------------------------------

    def _finish(self) -> tuple[SpeechAct, ...]:
        acts = self.acts
        idle = all(act.kind is ActKind.SMALL_TALK for act in acts)
        if self.soft and not any(act.kind in (ActKind.AGREE, ActKind.REFUSE, ActKind.COUNTER) for act in acts):
            if any(act.kind in _REQUESTS - {ActKind.ASK} for act in self.previous.heard):
                acts.insert(0, replace(self._answer(ActKind.AGREE), confidence=0.6))
            elif idle and not self.unread:
                alone = self.soft == "ok" and self.length <= _SHORT
                acts.append(
                    replace(self._answer(ActKind.AGREE), confidence=0.6) if alone else self._act(ActKind.SMALL_TALK)
                )
        refused = [said for act in acts if act.kind is ActKind.REFUSE for said in act.orders]
        merged: list[SpeechAct] = []
        for act in acts:
            if act.kind is ActKind.AGREE and refused:
                act = replace(act, orders=tuple(said for said in act.orders if not holds(refused, said)))
            if act.kind in (ActKind.SMALL_TALK, ActKind.AGREE, ActKind.REFUSE, ActKind.THANK, ActKind.APOLOGISE):
                twin = next((n for n, seen in enumerate(merged) if seen.kind is act.kind), None)
                if twin is not None and (
                    not act.orders or not merged[twin].orders or act.orders == merged[twin].orders
                ):
                    old = merged[twin]
                    merged[twin] = replace(
                        old,
                        orders=old.orders or act.orders,
                        provinces=tuple(dict.fromkeys((*old.provinces, *act.provinces))),
                        powers=tuple(dict.fromkeys((*old.powers, *act.powers))),
                    )
                    continue
            if merged and act.orders and merged[-1].orders and act.kind in _LISTED:
                old = merged[-1]
                if replace(old, orders=(), confidence=1.0) == replace(act, orders=(), confidence=1.0):
                    further = tuple(said for said in act.orders if said not in old.orders)
                    low = min(old.confidence, act.confidence)
                    merged[-1] = replace(old, orders=(*old.orders, *further), confidence=low)
                    continue
            if act not in merged:
                merged.append(act)
        if len(merged) > 1 and any(act.kind is not ActKind.SMALL_TALK for act in merged):
            merged = [act for act in merged if act.kind is not ActKind.SMALL_TALK] + [
                act for act in merged if act.kind is ActKind.SMALL_TALK
            ]
        return tuple(merged)

    def _act(self, kind: ActKind, **fields: object) -> SpeechAct:
        return replace(SpeechAct(kind, self.speaker, self.addressee), **fields)  # type: ignore[arg-type]

    def _answer(self, kind: ActKind, goes_on: bool = False) -> SpeechAct:
        """An agreement or refusal, with what it answers; one that goes on ("yeah, ...") takes no orders from a question."""
        asked = [act for act in self.previous.heard if act.kind in _REQUESTS]
        if goes_on or any(act.kind is not ActKind.ASK for act in asked):
            asked = [act for act in asked if act.kind is not ActKind.ASK]
        return self._act(
            kind,
            orders=tuple(dict.fromkeys(said for act in asked if act.polarity is Polarity.DO for said in act.orders)),
            provinces=tuple(
                dict.fromkeys(place for act in asked if act.kind is not ActKind.ASK for place in act.provinces)
            ),
            powers=tuple(dict.fromkeys(power for act in asked if act.kind is ActKind.ALLY for power in act.powers)),
            answers=self.previous.sequence,
        )

    # --- a sentence ----------------------------------------------------------------------------------

    def _sentence(self, sentence: Sentence) -> None:
        self.scene.recent_place, self.scene.place = self.scene.place or self.scene.recent_place, None
        text = " ".join(sentence.tokens)
        is_past = PAST_FLAG.search(text) is not None
        text = PAST_FLAG.sub("", text)
        now = self.board.phase
        text = NEXT_FLAG.sub(lambda match: " ~later " if "year" in match[0] else " ~next ", text)
        season = SEASON_FLAG.search(text)
        if season is not None:
            wanted = Season.SPRING if season["s"] == "spring" else Season.FALL
            other = wanted is not now.season or now.kind is not PhaseKind.MOVEMENT
            text = SEASON_FLAG.sub(" ~next " if other else "", text)
        text = NOW_FLAG.sub("", text)
        text = IN_PLACE_OF.sub("instead ", text)
        raw = text.split()
        hedged = any(word in HEDGES for word in raw)
        instead = "instead" in raw or "rather" in raw
        tokens = [
            word
            for n, word in enumerate(raw)
            if word not in ADVERBS or (word in ASSENTING and (n == 0 or raw[n - 1] == ","))
        ]
        tokens = [word for word in tokens if word != "instead"]
        while tokens and tokens[0] == ",":
            tokens = tokens[1:]
        tokens = self._without_vocatives(tokens)
        if sentence.is_question and len(tokens) > 2 and tokens[0] == "you" and tokens[1].endswith("ing"):
            tokens = ["are", *tokens]  # "you going to Bel?"
        _Clauses(self, tokens, sentence, is_past, hedged, instead).read()

    def _without_vocatives(self, tokens: list[str]) -> list[str]:
        """The tokens less the addressee's name where it only calls ("Turkey, ...", "..., Turkey")."""

        def calls(token: str) -> bool:
            if not token.startswith("@w"):
                return False
            power = self.mentions[int(token[2:])].power
            return self.addressee is None or power is self.addressee

        if len(tokens) > 1 and calls(tokens[0]) and tokens[1] in (",", ":"):
            tokens = tokens[2:]
        if len(tokens) > 1 and calls(tokens[-1]) and tokens[-2] == ",":
            tokens = tokens[:-2]
        if len(tokens) == 1 and calls(tokens[0]):
            return []
        return [t for n, t in enumerate(tokens) if not (calls(t) and n and tokens[n - 1] in _GREETINGS)]


_GREETINGS = frozenset(
    {
        "hi",
        "hello",
        "hey",
        "greetings",
        "dear",
        "morning",
        "evening",
        "afternoon",
        "howdy",
        "thanks",
        "you",
        "yo",
        "sorry",
        "yes",
        "no",
        "sure",
        "there",
        "again",
    }
)


class _Now:
    """A board as the phrases see it; keeps the lookups of a reading in one place."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self.unit_at = board.unit_at
        self.owner_of = board.owner_of
        self.units = board.units

    @property
    def phase(self) -> Phase:
        return self._board.phase


class _Clauses:
    """Reads the clauses of one sentence from left to right."""

    def __init__(
        self,
        reader: _Reader,
        tokens: list[str],
        sentence: Sentence,
        is_past: bool,
        hedged: bool,
        instead: bool,
    ) -> None:
        self.reader, self.tokens, self.sentence = reader, tokens, sentence
        self.is_past, self.hedged, self.instead = is_past, hedged, instead
        self.phase: Phase | None = None
        self.question = sentence.is_question or QUESTION.match(" ".join(tokens)) is not None
        self.phrases = Phrases(tokens, reader.scene)
        self.frame: Frame | None = None
        self.condition: SpeechAct | None = None
        self.warned = False
        self.after_yes = False
        self.sorry = False
        self.first = len(reader.acts)
        """How many acts the sentences before made."""
        self.conditional = False
        """Whether a condition that could not be made out stands before the clauses that follow."""
        self.weak: int | None = None
        """Index of a "yeah" or "no" that goes on though nothing was asked: an answer only if it says something."""
        self.states_you = False
        """Whether the clause at hand is plain "you move ...": in a question it asks."""
        self.position = 0
        self.skipped = False
        """Whether a clause of this sentence was passed over."""
        self.advice = False
        """Whether what "I" would do is meant for the addressee ("if I were you, I'd ...")."""
        self.doubt = False
        """Whether what follows is said not to be so ("I don't think ...")."""
        self.last: list[int] = []
        """Indices of the acts of the clause read last, for a condition that follows."""

    def rest(self, i: int) -> str:
        return " ".join(self.tokens[i:])

    def read(self) -> None:
        i = 0
        acts_before = len(self.reader.acts)
        unread_before = len(self.reader.unread)
        while i < len(self.tokens):
            i = self._step(i)
        self.reader.scene.third = self._named_before(len(self.tokens)) or self.reader.scene.third
        if self.weak is not None and self.weak == len(self.reader.acts) - 1:
            self.reader.acts[self.weak] = self.reader._act(ActKind.SMALL_TALK)
        quiet = len(self.reader.acts) == acts_before and len(self.reader.unread) == unread_before
        nothing_read = len(self.reader.acts) == acts_before and self.sentence.is_question and not self.reader.soft
        if ((quiet and self.question) or nothing_read) and self.tokens:
            del self.reader.unread[unread_before:]
            self._asked(0)
        elif quiet and not self.reader.soft and self.tokens:
            self.reader.acts.append(self.reader._act(ActKind.SMALL_TALK))

    def _step(self, i: int) -> int:
        """Reads what begins at a token; returns where to go on."""
        token = self.tokens[i]
        self.position = i
        self.reader.scene.third = self._named_before(i) or self.reader.scene.third
        if token.startswith("~"):
            phase = _later(self.reader.board.phase, token == "~later")
            trails = i > 0 and self.tokens[i - 1] not in CONNECTORS
            if trails and self.last:
                for index in self.last:
                    self.reader.acts[index] = replace(self.reader.acts[index], phase=phase)
                self.last = []
            elif not trails:
                self.phase = phase
            return i + 1
        if token in CONNECTORS or token == "?":
            if token == "because" and i > 0 and self.tokens[i - 1] == "not":
                return self._pass_over(i + 1, self._segment_end(i + 1))
            if token in ("but", "because", "since"):
                self.frame = None
            if token == "that" and (opened := self._opener(i) or self._approved(i, self.rest(i))) is not None:
                return opened
            if self.question and i == 0 and token in ("which", "where", "who"):
                return self._asked(i)
            if not (token in ("so", "as", "with") and PURPOSE.match(self.rest(i))) and not (
                token in ("so", "as") and CONDITION.match(self.rest(i))
            ):
                return i + 1
        rest = self.rest(i)
        advice = ADVICE.match(rest)
        if advice is not None:
            if advice["whom"] not in ("you", "in your"):
                return self._pass_over(i, len(self.tokens))  # what somebody else should do
            self.advice = True
            return i + _count(advice[0])
        polite = POLITE_IF.match(rest)
        if polite is not None:
            self._soften()
            self.conditional = self.conditional or i == 0
            return i + _count(polite[0])
        if CONDITION.match(rest):
            return self._condition(i, CONDITION.match(rest))
        exchange = EXCHANGE.match(rest)
        if exchange is not None and " for " in exchange[0] + " ":
            return self._exchange(i + _count(exchange[0]))
        if PURPOSE.match(rest) and (i > 0 or token in ("so", "in")):
            return self._skip_reason(i)
        opened = self._opener(i)
        if opened is not None:
            return opened
        doubt = DOUBT.match(rest)
        if doubt is not None:
            self.doubt = True
            return i + _count(doubt[0])
        approved = self._approved(i, rest)
        if approved is not None:
            return approved
        think = THINK.match(rest)
        if think is not None and _count(think[0]) < len(self.tokens) - i:
            self.warned = self.warned or WARNING.match(think[0]) is not None
            watch = WATCH.match(rest)
            if watch is None:
                return i + _count(think[0])
        special = self._special(i, rest)
        if special is not None:
            return special
        framed = self._framed(i, rest)
        if framed is not None:
            return framed
        bare = self._bare(i)
        if bare is not None:
            return bare
        return self._unread(i)

    # --- openers ------------------------------------------------------------------------------------

    def _opener(self, i: int) -> int | None:
        if i > 0 and self.tokens[i - 1] not in BREAKS and not self.after_opener(i):
            return None
        for name, entry in OPENER_INDEX.get(self.tokens[i], ()):
            end = i + len(entry)
            if tuple(self.tokens[i:end]) != entry:
                continue
            text = " ".join(entry)
            following = self.tokens[end] if end < len(self.tokens) else ","
            if (
                text in SHORT_YES
                and following not in BREAKS
                and not (text in ALWAYS and self._starts_clause(end, name))
            ):
                continue
            if text == "sure" and following in ("you", "it", "that", "he", "they"):
                continue
            goes_on = following in BREAKS or following in _AFTER_ANSWER or following.startswith("@w")
            if name in ("agree", "refuse") and len(entry) > 1 and not goes_on:
                continue
            aside = i > 0 and not self.after_opener(i) and any(token not in CONNECTORS for token in self.tokens[:i])
            if aside and name in ("agree", "refuse") and len(entry) == 1 and end < len(self.tokens):
                continue  # "Turkey, of course, is asking me ..."
            if name not in ("filler", "greet") and following in ("@p0", "'s"):
                continue
            if self.question and name in ("agree", "refuse", "soft") and end >= len(self.tokens):
                continue
            return self._opened(name, entry, end)
        return None

    def _approved(self, i: int, rest: str) -> int | None:
        """ "That all looks good to me"."""
        match = AGREES.match(rest) or CONTENT.match(rest)
        if match is None or self.question or (i > 0 and self.tokens[i - 1] not in BREAKS and not self.after_opener(i)):
            return None
        end = i + _count(match[0])
        if end < len(self.tokens) and self.tokens[end] not in APPROVED:
            return None
        if MILD.search(match[0]) and self.reader.previous.heard and not self.previous_asked():
            self.reader.acts.append(self.reader._act(ActKind.SMALL_TALK))
            return end
        self.reader.acts.append(self.reader._answer(ActKind.AGREE))
        self.last = [len(self.reader.acts) - 1]
        return end

    def after_opener(self, i: int) -> bool:
        return self._opened_at == i

    _opened_at = -1

    def _starts_clause(self, i: int, name: str) -> bool:
        word = self.tokens[i]
        if name == "refuse":
            return word in ("i", "we", "you", "it", "that", "sorry", "thanks", "thank", "way", "not", "need")
        if name in ("thank", "apologise"):
            return word in ("for", "i", "but", "about", "man", "to", "that", "you", "we", "@w0", "@w1", "no", "not")
        return word in (
            "i",
            "we",
            "you",
            "that",
            "let",
            "will",
            "can",
            "happy",
            "sounds",
            "it",
            "thing",
            "moving",
            "supporting",
            "if",
            "my",
        )

    def _opened(self, name: str, entry: tuple[str, ...], end: int) -> int:
        reader = self.reader
        self._opened_at = end
        while end < len(self.tokens) and self.tokens[end] in ("man", "friend", "mate", "buddy", "dude", "bro", "there"):
            end += 1
        self._opened_at = end
        following = self.rest(end)
        match name:
            case "agree" if (content := self._agreed_on(end)) is not None:
                return content
            case "agree":
                self._note_weak(entry, end - len(entry), end)
                reader.acts.append(reader._answer(ActKind.AGREE, end < len(self.tokens)))
                self.after_yes = True
            case "soft":
                reader.soft = (
                    "ok" if entry[0] in ("ok", "okay", "alright", "fine", "k", "kk") else reader.soft or "nice"
                )
            case "refuse":
                self._note_weak(entry, end - len(entry), end)
                reader.acts.append(reader._answer(ActKind.REFUSE, end < len(self.tokens)))
                self.sorry = True
            case "deny":
                reader.acts.append(reader._act(ActKind.DENY, answers=reader.previous.sequence))
            case "thank":
                return self._thanked(ActKind.THANK, end)
            case "apologise":
                if re.match(
                    r"(?:(?:,|but|,? ?i)\s?)*(?:i )?(?:can not|could not|will not|need|am not|would|have to|do "
                    r"not|must|no\b(?! hard)|am unable|am afraid)",
                    following,
                ):
                    self.sorry = True
                else:
                    return self._thanked(ActKind.APOLOGISE, end)
            case "greet":
                reader.acts.append(reader._act(ActKind.SMALL_TALK))
        self.last = [len(reader.acts) - 1] if name in ("agree", "refuse") else self.last
        return end

    def _agreed_on(self, i: int) -> int | None:
        """What is agreed to where it is named: "agreed on the bounce in Gal"."""
        if i + 1 >= len(self.tokens) or self.tokens[i] not in ("on", "to", "with", "about", "for", "re"):
            return None
        reader = self.reader
        end = self._segment_end(i + 1)
        both = tuple(power for power in (reader.speaker, reader.addressee) if power is not None)
        j = i + 1 + (self.tokens[i + 1] in ("the", "a", "that", "your", "this"))
        found = self.phrases.deed(j, both)
        orders = found[0].orders if found is not None else ()
        places = found[0].provinces if found is not None else self._places(i, end)
        if not orders and not places:
            return None
        act = reader._act(
            ActKind.AGREE, orders=orders, provinces=() if orders else places, answers=reader.previous.sequence
        )
        reader.acts.append(act)
        self.last = [len(reader.acts) - 1]
        return end if found is None else found[1]

    def _note_weak(self, entry: tuple[str, ...], i: int, end: int) -> None:
        """ "Yeah, he is strong" agrees to nothing if nothing was asked."""
        heard = self.reader.previous.heard
        known = bool(heard) or self.reader.addressee is None
        if len(entry) == 1 and self.reader.asked_oneself and end == len(self.tokens) and i == 0:
            self.weak = len(self.reader.acts)
        goes_on = end < len(self.tokens) or end > len(entry)
        if len(entry) == 1 and entry[0] in YEAH and goes_on and known and not self.previous_asked():
            self.weak = len(self.reader.acts)

    def _thanked(self, kind: ActKind, i: int) -> int:
        """ "thanks for supporting me into Bel", "sorry about Burgundy"."""
        reader = self.reader
        if i < len(self.tokens) and self.tokens[i] in ("for", "about", "that"):
            who = reader.addressee if kind is ActKind.THANK else reader.speaker
            j = i + 1
            while j < len(self.tokens) and self.tokens[j] in ("the", "your", "my", "i", "not", "having", "you"):
                j += 1
            found = self.phrases.deed(j, (who,) if who is not None else ())
            negative = "not" in self.tokens[i:j]
            if found is not None:
                deed = found[0]
                polarity = Polarity.NOT if negative ^ deed.is_negative else Polarity.DO
                reader.acts.append(
                    reader._act(
                        kind,
                        orders=deed.orders,
                        provinces=() if deed.orders else deed.provinces,
                        polarity=polarity,
                    )
                )
                return found[1]
            end = self._segment_end(i + 1)
            places = self._places(i, end)
            reader.acts.append(reader._act(kind, provinces=places))
            return end
        reader.acts.append(reader._act(kind))
        return i

    # --- conditions ---------------------------------------------------------------------------------

    def _condition(self, i: int, match: re.Match[str] | None) -> int:
        assert match is not None
        head = self.tokens[i : i + _count(match[0])]
        words = [word for word in head if word != "you" and not word.startswith("@w")]
        j = i + len(words)
        read = self._what_if(j, negative=match["k"] == "unless")
        if read is None:
            end = self._condition_end(i + 1)
            if self._places(i, end):
                self._report()
            if match["k"] in FIRM:
                return end
            self._soften()
            self.conditional = self.conditional or not self.last
            return end
        condition, end = read
        while end < len(self.tokens) and self.tokens[end] in ("and", ",") and (more := self._what_if(end + 1, False)):
            if not more[0].orders or self.tokens[end] == ",":
                break
            condition = replace(condition, orders=(*condition.orders, *more[0].orders))
            end = more[1]
        if (
            i == 0
            and condition.polarity is Polarity.DO
            and WISHED.match(self.rest(end))
            and self._asks_of_you(condition)
        ):
            self._wish(condition)
            return self._pass_over(end, self._segment_end(end + 1))
        leads = end < len(self.tokens) and self.tokens[end] == "then"
        answered = any(self.reader.acts[n].kind in (ActKind.AGREE, ActKind.REFUSE) for n in self.last)
        if self.last and i > 0 and not leads and not answered:
            acts = self.reader.acts
            for index in self.last:
                act = acts[index]
                keeps = match["k"] == "unless" and act.kind is ActKind.INFORM
                acts[index] = replace(act, condition=condition) if keeps else self._conditional(act, condition)
            self.last = []
        else:
            self.condition = condition
            if end < len(self.tokens) and self.tokens[end] in (",", "then"):
                end += 1
        return end

    def _asks_of_you(self, condition: SpeechAct) -> bool:
        """Whether a condition is something that the addressee would do."""
        return bool(condition.provinces) or any(said.power is self.reader.addressee for said in condition.orders)

    def _wish(self, wished: SpeechAct) -> None:
        """ "If you could support Tri, that would be nice" asks for it."""
        aids = any(said.order.aided is not None for said in wished.orders)
        kind = ActKind.REQUEST_SUPPORT if aids else ActKind.PROPOSE
        self.reader.acts.append(replace(wished, kind=kind))
        self.last = [len(self.reader.acts) - 1]

    def _condition_end(self, i: int) -> int:
        """Where a condition that is not read ends: at a break, or where the main clause begins without one."""
        end = self._segment_end(i)
        for j in range(i + 2, end):
            if MAIN_CLAUSE.match(self.rest(j)) and self.tokens[j - 1] not in (
                "that",
                "if",
                "what",
                "when",
                "where",
                "and",
            ):
                return j
        return end

    def _pass_over(self, i: int, end: int) -> int:
        """Goes on at `end`; what lies between and names places is reported as unread."""
        if self._places(i, end):
            self._report()
        return end

    def _report(self) -> None:
        if self.sentence.source not in self.reader.unread:
            self.reader.unread.append(self.sentence.source)

    def _what_if(self, i: int, negative: bool) -> tuple[SpeechAct, int] | None:
        """What must come true, as an INFORM act."""
        reader = self.reader
        match = IF_SUBJECT.match(self.rest(i) + " ")
        if match is None:
            return None
        subject: Power | None = reader.addressee
        if match["s"]:
            subject = self._subject(match["s"], match["w"])
        elif i > 0 and self.tokens[i - 1] in ("i",):
            subject = reader.speaker
        j = i + _count(match[0])
        negative ^= bool(match["n"]) ^ bool(match["n2"])
        if subject is None:
            return None
        actors = (reader.speaker, subject) if match["s"] == "we" and subject is not reader.speaker else (subject,)
        if match["s"] == "we" and reader.addressee is not None:
            actors = (reader.speaker, reader.addressee)
        found = self.phrases.deed(j, actors)
        if found is None:
            return None
        deed = found[0]
        negative ^= deed.is_negative
        if deed.kind is DeedKind.SAME:
            asked = reader._answer(ActKind.AGREE)
            if not (asked.orders or asked.provinces):
                return None
            return reader._act(ActKind.INFORM, orders=asked.orders, provinces=asked.provinces), found[1]
        kind = ActKind.INFORM
        provinces = () if deed.orders else deed.provinces
        third = (subject,) if match["w"] else ()
        powers = deed.powers if deed.kind in (DeedKind.ATTACK, DeedKind.ALLY, DeedKind.BACK) else ()
        powers = () if deed.orders else self._thirds((*third, *powers))
        if deed.kind is DeedKind.DMZ:
            negative = not negative
        return (
            reader._act(
                kind,
                orders=deed.orders,
                provinces=provinces,
                powers=powers,
                polarity=Polarity.NOT if negative else Polarity.DO,
            ),
            found[1],
        )

    def _conditional(self, act: SpeechAct, condition: SpeechAct) -> SpeechAct:
        kind = act.kind
        own = kind is ActKind.PROMISE or (kind is ActKind.INFORM and self._is_own(act))
        if own and act.polarity is Polarity.DO and self._hostile(act):
            kind = ActKind.THREATEN
        elif own:
            kind = ActKind.OFFER
        return replace(act, kind=kind, condition=condition)

    def _hostile(self, act: SpeechAct) -> bool:
        """Whether the speaker's orders go against the addressee."""
        addressee = self.reader.addressee
        if addressee is None:
            return False
        for said in act.orders:
            if said.order.kind is OrderKind.MOVE and said.order.target is not None:
                place = province_of(said.order.target)
                standing = self.reader.board.unit_at(place)
                if self.reader.board.owner_of(place) is addressee or (standing and standing[0] is addressee):
                    return True
        for place in act.provinces:
            standing = self.reader.board.unit_at(place)
            hers = self.reader.board.owner_of(place) is addressee or (standing is not None and standing[0] is addressee)
            if hers and any(is_attack(word) for word in self.tokens):
                return True
        return False

    def _exchange(self, i: int) -> int:
        reader = self.reader
        found = self.phrases.deed(i, (reader.addressee,) if reader.addressee else ())
        if found is None or not self.last:
            end = self._segment_end(i)
            if self._places(i, end):
                self._report()
                return len(self.tokens)
            return end
        deed = found[0]
        condition = reader._act(ActKind.INFORM, orders=deed.orders, provinces=() if deed.orders else deed.provinces)
        for index in self.last:
            reader.acts[index] = self._conditional(reader.acts[index], condition)
        return found[1]

    def _soften(self) -> None:
        """ "if you want": what was promised is only offered."""
        for index in self.last:
            self.reader.acts[index] = self._softened(self.reader.acts[index])

    def _softened(self, act: SpeechAct) -> SpeechAct:
        willing = act.kind in (ActKind.PROMISE, ActKind.INFORM) and act.polarity is Polarity.DO
        if willing and self._is_own(act):
            return replace(act, kind=ActKind.OFFER)
        return act

    def _is_own(self, act: SpeechAct) -> bool:
        """Whether an act is about what the speaker does, and not about what a third power does."""
        own = all(said.power is self.reader.speaker for said in act.orders)
        return own and (act.kind is ActKind.PROMISE or bool(act.orders) or not act.powers)

    # --- special patterns ---------------------------------------------------------------------------

    def _special(self, i: int, rest: str) -> int | None:
        reader = self.reader
        needed = NEEDED.match(rest)
        if needed is not None:
            return i + _count(needed[0])
        opinion = OPINION.match(rest)
        if opinion is not None and i > 0:
            self._ask(reader._act(ActKind.ASK))
            return i + _count(opinion[0])
        noticed = NOTICED.match(rest)
        if noticed is not None and not self.question:
            whose = reader.mentions[int(noticed["w"][2:])].power
            place = reader.mentions[int(noticed["p"][2:])].provinces[:1]
            powers = self._thirds(() if whose is None else (whose,))
            reader.acts.append(reader._act(ActKind.CLAIM_PAST, provinces=place, powers=powers))
            return i + _count(noticed[0])
        denial = DENIAL.match(rest)
        if denial is not None and not self.question:
            end = self._segment_end(i + _count(denial[0]))
            reader.acts.append(reader._act(ActKind.DENY, provinces=self._places(i, end), powers=self._powers(i, end)))
            return end
        yours = YOURS.match(rest)
        if yours is not None and not self.question:
            place = reader.mentions[int(yours["p"][2:])].provinces[:1]
            reader.scene.place = place[0]
            reader.acts.append(reader._act(ActKind.OFFER, provinces=place, phase=self.phase))
            self.last = [len(reader.acts) - 1]
            return i + _count(yours[0])
        watch = WATCH.match(rest)
        if watch is not None:
            power = reader.mentions[int(watch["w"][2:])].power
            if power is not None and power not in (reader.speaker, reader.addressee):
                places = () if watch["p"] is None else reader.mentions[int(watch["p"][2:])].provinces[:1]
                reader.acts.append(reader._act(ActKind.WARN, powers=(power,), provinces=places))
                reader.scene.third = power
                self.warned = True
                return i + _count(watch[0])
        coming = COMING.match(rest)
        if (
            coming is not None
            and (who := self._third(coming["w"])) is not None
            and coming["o"] in ("you", "us", "your ", "the ")
        ):
            places = () if coming["p"] is None else reader.mentions[int(coming["p"][2:])].provinces[:1]
            if not self.question:
                reader.acts.append(reader._act(ActKind.WARN, powers=who, provinces=places))
                return i + _count(coming[0])
        threat = THREAT.match(rest)
        if threat is not None and "@p" not in rest:
            reader.acts.append(reader._act(ActKind.THREATEN, condition=self._take_condition()))
            return len(self.tokens)
        lied = re.match(
            r"you (?:have )?(?:lied|stabbed me|broke (?:your (?:word|promise)|our (?:deal|agreement))|betrayed "
            r"me|attacked me|backstabbed me)",
            rest,
        )
        if lied is not None:
            reader.acts.append(reader._act(ActKind.CLAIM_PAST))
            return i + _count(lied[0])
        return None

    def _take_condition(self) -> SpeechAct | None:
        condition, self.condition = self.condition, None
        return condition

    # --- frames -------------------------------------------------------------------------------------

    def _framed(self, i: int, rest: str) -> int | None:
        matched: tuple[Frame, int] | None = None
        if not (self.tokens[i] in MAY_LEAD or self.tokens[i].startswith(("@w", "@d"))):
            return None
        goes_on = self.frame is not None and i > 0 and self.tokens[i - 1] in ("and", "then")
        for pattern, frame in FRAMES:
            match = pattern.match(rest + " ")
            if match is None or not match[0].strip():
                continue
            if goes_on and self.frame is not None and match[0] in ("try to ", "maybe ", "try "):
                frame = self.frame
            if i > 0 and self.tokens[i] in WITHOUT_SUBJECT and self.tokens[i - 1] not in BREAKS:
                continue
            if self.doubt and frame.name == "together":
                frame = replace(frame, name="unable", negative=True)
            if frame.name == "unsaid":
                frame = (
                    Frame("ask", "you") if self.question else Frame("promise" if self.tokens[i] == "will" else "inform")
                )
            if self.advice and frame.subject == "I" and frame.name in ("offer", "promise", "inform"):
                frame = Frame("propose", "you")
            groups = match.groupdict()
            negative = bool(groups.get("n")) ^ bool(groups.get("n2")) ^ frame.negative
            if frame.name == "past_word" and "not going" in match[0]:
                negative = True
            subject = frame.subject
            power: Power | None = None
            if subject in ("?", "s"):
                subject = {"i": "I", "me": "I", "you": "you", None: "both", "you and me": "we", "you and i": "we"}.get(
                    groups.get("s"), "we" if groups.get("s") in ("we", "us", "both of us") else "w"
                )
            if subject == "w":
                thirds = self._third(groups.get("w"))
                if thirds is None:
                    continue
                power = thirds[0]
                if power is self.reader.addressee:
                    subject = "you"
                elif power is self.reader.speaker:
                    subject = "I"
                also = tuple(one for one in thirds if one not in (self.reader.addressee, self.reader.speaker))
            else:
                also = ()
            self.states_you = match[0] == "you "
            found = replace(frame, subject=subject, negative=negative ^ self.doubt, power=power, others=also)
            if frame.name == "past_word" and subject == "w":
                found = replace(found, name="other", confidence=0.8)
            end = self._apply(i, i + _count(match[0]), found)
            if end is not None:
                return end
            matched = matched or (found, i + _count(match[0]))
        if matched is not None and matched[0].name in ("ask", "ask_you", "will_you", "propose_both") and self.question:
            return self._asked(i)
        return None

    def _third(self, word: str | None) -> tuple[Power, ...] | None:
        """The powers that the subject of a clause names."""
        if word in (None, ""):
            return None
        if word in ("he", "she", "they"):
            third = self._named_before(self.position) or self.reader.scene.third
            return None if third is None else (third,)
        powers = tuple(
            power
            for number in re.findall(r"@[wda](\d+)", word or "")
            if (power := self.reader.mentions[int(number)].power) is not None
        )
        if powers:
            self.reader.scene.third = powers[0]
        return powers or None

    def _named_before(self, i: int) -> Power | None:
        """The third power that this sentence named last before a position."""
        named = self._powers(0, i)
        return named[-1] if named else None

    def _subject(self, word: str, third: str | None) -> Power | None:
        if word == "i":
            return self.reader.speaker
        if word in ("you", "we"):
            return self.reader.addressee
        found = self._third(third or word)
        return None if found is None else found[0]

    def _apply(self, start: int, i: int, frame: Frame) -> int | None:
        """Reads the verb phrase after a frame; None: there is none."""
        while (aux := AUXILIARY.match(self.rest(i))) and aux[0].strip():
            i += _count(aux[0])
        actors = self._actors(frame)
        if frame.subject == "I_noun":
            actors = (self.reader.speaker,)
        ordered = len(self.reader.scene.ordered)
        found = self.phrases.deed(i, actors)
        if found is None and frame.name == "together" and "want to" in " ".join(self.tokens[start:i]):
            found = self.phrases.deed(i, actors)
        if found is None:
            del self.reader.scene.ordered[ordered:]
            return None
        deed, end = found
        if not self._fits(deed, frame):
            del self.reader.scene.ordered[ordered:]
            return None
        self._emit(deed, frame)
        self.frame = frame
        self.doubt = False
        return end

    def _actors(self, frame: Frame) -> tuple[Power, ...]:
        reader = self.reader
        both = tuple(power for power in (reader.speaker, reader.addressee) if power is not None)
        you = () if reader.addressee is None else (reader.addressee,)
        match frame.subject:
            case "I" | "I_noun":
                return (reader.speaker,)
            case "you":
                return you
            case "w":
                return frame.others or (() if frame.power is None else (frame.power,))
            case "nobody":
                return ()
            case "both":
                return you or both
        return both

    def _fits(self, deed: Deed, frame: Frame) -> bool:
        """Whether a verb phrase can follow a frame: its form, and whose units are ordered."""
        may_be_past = frame.name in ("past", "past_word", "ask", "propose", "propose_both", "together", "deny") or (
            frame.name == "inform" and deed.kind is DeedKind.ORDER
        )
        if deed.form is Form.PAST and (not may_be_past or (frame.name == "propose" and frame.negative)):
            return False
        if frame.subject in ("I", "you", "w") and deed.orders and not deed.is_aid:
            actors = self._actors(frame)
            if deed.orders[0].power not in actors:
                return (
                    frame.name in ("propose", "propose_both", "past_word", "expect", "ask") and deed.form is Form.NONE
                )
        return True

    # --- acts from a frame and a verb phrase --------------------------------------------------------

    def _emit(self, deed: Deed, frame: Frame) -> None:
        reader = self.reader
        act = self._make(deed, frame)
        confidence = min(frame.confidence, deed.confidence, 0.6 if self.hedged else 1.0)
        if frame.name in ("ask", "ask_you", "will_you") or act.kind is ActKind.ASK:
            confidence = deed.confidence
        phase = self.phase
        if act.kind is ActKind.CLAIM_PAST and self.is_past:
            phase = _previous(reader.board.phase)
        act = replace(act, confidence=confidence, phase=phase)
        if self.condition is not None and act.kind not in (ActKind.AGREE,):
            act = self._conditional(act, self.condition)
        elif self.conditional or (self.question and not self.after_yes and frame.subject == "I" and deed.is_aid):
            act = self._softened(act)
        if self.last and self.frame is frame and act.condition is None and self._merge(act):
            return
        if act.kind is ActKind.ASK:
            self._ask(act)
        else:
            reader.acts.append(act)
        self.last = [len(reader.acts) - 1]

    def _merge(self, act: SpeechAct) -> bool:
        """Joins an act to the one before of the same kind: one act, several orders."""
        acts = self.reader.acts
        if len(self.last) != 1 or not act.orders:
            return False
        old = acts[self.last[0]]
        if not old.orders or replace(act, orders=(), confidence=1.0) != replace(old, orders=(), confidence=1.0):
            return False
        acts[self.last[0]] = replace(old, orders=(*old.orders, *(o for o in act.orders if o not in old.orders)))
        return True

    def _make(self, deed: Deed, frame: Frame) -> SpeechAct:
        reader = self.reader
        negative = frame.negative ^ deed.is_negative
        polarity = Polarity.NOT if negative else Polarity.DO
        provinces = () if deed.orders else deed.provinces
        name = frame.name
        if name == "will_you":
            name = "propose" if deed.is_aid or deed.kind in (DeedKind.DMZ, DeedKind.BOUNCE, DeedKind.ALLY) else "ask"
        if name == "ask_you":
            name = "ask" if self.question else "expect"
        if name == "expect" and self.question:
            name = "ask"
        if name == "propose_both":
            name = "together" if frame.subject in ("we", "both") and not deed.orders else "propose"
            if frame.subject == "I":
                name = "offer"
        if name == "unit_wanted":
            unit = reader.board.unit_at(deed.provinces[0]) if deed.provinces else None
            whose = deed.orders[0].power if deed.orders else None if unit is None else unit[0]
            own = whose is reader.speaker
            name, frame = ("offer", replace(frame, subject="I")) if own else ("propose", replace(frame, subject="you"))
        if name == "willing":
            name, frame = ("propose_both", replace(frame, subject="you")) if self.question else ("offer", frame)
            if name == "propose_both":
                name = "together" if not deed.orders else "propose"
        if name == "propose" and self.question and not deed.is_aid and self.states_you:
            name = "ask"
        if name in ("other",) and self.question:
            name = "ask"
        if deed.kind is DeedKind.SAME:
            return self._same(name, negative)
        if deed.kind is not DeedKind.ORDER and deed.kind is not DeedKind.BACK:
            return self._make_other(deed, name, frame, negative)
        powers = deed.powers if deed.kind is DeedKind.BACK and not deed.orders else ()
        powers = tuple(power for power in powers if power not in (reader.speaker, reader.addressee))
        fields = {"orders": deed.orders, "provinces": provinces, "powers": powers, "polarity": polarity}
        if frame.subject == "w" and name in ("past", "past_word", "other", "asked", "ask") and not deed.orders:
            fields["powers"] = self._thirds((*self._actors(frame), *powers))
        match name:
            case "asked":
                return reader._act(
                    ActKind.INFORM,
                    provinces=deed.provinces or tuple(dict.fromkeys(_goals(deed.orders))),
                    powers=self._thirds((*self._actors(frame), *deed.powers)),
                    polarity=polarity,
                )
            case "consent":
                return reader._act(ActKind.REFUSE if negative else ActKind.AGREE, **{**fields, "polarity": Polarity.DO})
            case "unable":
                return reader._act(ActKind.INFORM, **{**fields, "polarity": Polarity.NOT})
            case "grant":
                return reader._act(ActKind.OFFER, provinces=provinces, polarity=polarity)
            case "promise" | "inform" | "offer" | "expect":
                kind = _FUTURE_COMMIT[name]
                if name == "offer" and self.after_yes:
                    kind = ActKind.PROMISE
                if kind is ActKind.OFFER and negative:
                    kind = ActKind.REFUSE
                    fields["polarity"] = Polarity.DO
                if negative and self._was_asked(deed.orders):
                    return reader._act(ActKind.REFUSE, orders=deed.orders, answers=reader.previous.sequence)
                if name in ("promise", "inform") and self.question and name == "inform":
                    kind = ActKind.INFORM
                return reader._act(kind, **fields)
            case "cannot":
                if self.sorry or self._was_asked(deed.orders) or deed.is_aid or self._was_named(provinces):
                    return reader._act(
                        ActKind.REFUSE,
                        orders=deed.orders,
                        provinces=provinces,
                        powers=powers,
                        answers=reader.previous.sequence,
                    )
                fields["polarity"] = Polarity.DO if negative else Polarity.NOT
                return reader._act(ActKind.INFORM, **fields)
            case "ask":
                return reader._act(ActKind.ASK, **fields)
            case "past" | "past_word" | "deny":
                if name == "deny" or (name == "past" and frame.negative and frame.subject == "I"):
                    fields["polarity"] = Polarity.DO
                    return reader._act(ActKind.DENY, **fields)
                if name == "past":
                    fields |= self._as_named(deed)
                return reader._act(ActKind.CLAIM_PAST, **fields)
            case "other":
                kind = ActKind.WARN if self.warned else ActKind.INFORM
                if kind is ActKind.WARN:
                    fields["powers"] = self._thirds((*self._actors(frame), *powers))
                return reader._act(kind, **fields)
        two = (reader.speaker, reader.addressee)
        if self.question and deed.form is Form.NONE and deed.orders and deed.orders[0].power not in two:
            return reader._act(ActKind.ASK, **fields)
        kind = ActKind.PROPOSE
        if self.instead:
            kind = ActKind.COUNTER
        elif deed.is_aid and (name == "propose" or self._by_addressee(deed)) and self._aids_other(deed):
            kind = ActKind.REQUEST_SUPPORT
        return reader._act(kind, **fields)

    def _as_named(self, deed: Deed) -> dict[str, Any]:
        """What was ordered in the past, as far as it was named: the board shows where units went, not whence."""
        named = set(self._places(0, len(self.tokens)))
        orders = tuple(said for said in deed.orders if said.order.unit is None or said.order.unit.province in named)
        if len(orders) == len(deed.orders):
            return {}
        third = {said.power for said in deed.orders}
        return {
            "orders": (),
            "provinces": tuple(dict.fromkeys(_goals(deed.orders))),
            "powers": self._thirds([power for power in third if power is not None]),
        }

    def _thirds(self, powers: Sequence[Power]) -> tuple[Power, ...]:
        """These powers once each, without the two who talk."""
        two = (self.reader.speaker, self.reader.addressee)
        return tuple(dict.fromkeys(power for power in powers if power not in two))

    def _by_addressee(self, deed: Deed) -> bool:
        return bool(deed.orders) and all(said.power is self.reader.addressee for said in deed.orders)

    def _aids_other(self, deed: Deed) -> bool:
        """Whether the addressee is asked to help a unit that is not its own."""
        if not deed.orders:
            return True
        aided = deed.orders[-1].order.aided
        standing = None if aided is None else self.reader.board.unit_at(aided.province)
        return standing is None or standing[0] is not self.reader.addressee

    def _was_asked(self, orders: Sequence[ActOrder]) -> bool:
        asked = [said for act in self.reader.previous.heard if act.kind in _REQUESTS for said in act.orders]
        return bool(orders) and all(holds(asked, said) for said in orders)

    def _was_named(self, provinces: Sequence[Province]) -> bool:
        """Whether a request of the other side was about these provinces."""
        named = {place for act in self.reader.previous.heard if act.kind in _REQUESTS for place in act.provinces}
        return bool(provinces) and set(provinces) <= named

    def _same(self, name: str, negative: bool) -> SpeechAct:
        if name == "offer" and not negative and not self.previous_asked():
            return self.reader._act(ActKind.OFFER)
        if name in ("promise", "inform", "offer"):
            return self.reader._answer(ActKind.REFUSE if negative else ActKind.AGREE)
        if name == "cannot":
            return self.reader._answer(ActKind.REFUSE)
        if name in ("past", "past_word", "deny"):
            return self.reader._act(ActKind.DENY if negative or name == "deny" else ActKind.CLAIM_PAST)
        if name == "together" and self.previous_asked():
            return self.reader._answer(ActKind.AGREE)
        return self.reader._act(ActKind.ASK if self.question else ActKind.SMALL_TALK)

    def previous_asked(self) -> bool:
        return any(act.kind in _REQUESTS for act in self.reader.previous.heard)

    def _make_other(self, deed: Deed, name: str, frame: Frame, negative: bool) -> SpeechAct:
        """Bounces, demilitarised zones, alliances, attacks on a power."""
        reader = self.reader
        polarity = Polarity.NOT if negative else Polarity.DO
        own = frame.subject == "I"
        content = {"provinces": deed.provinces, "powers": deed.powers, "polarity": polarity}
        if name in ("past", "past_word", "deny"):
            kind = ActKind.DENY if name == "deny" or (negative and own) else ActKind.CLAIM_PAST
            if kind is ActKind.DENY:
                content["polarity"] = Polarity.DO
            who = self._actors(frame) if frame.subject == "w" else ()
            content["powers"] = self._thirds((*who, *deed.powers))
            return reader._act(kind, **content)
        if name == "asked":
            content["powers"] = self._thirds((*self._actors(frame), *deed.powers))
            return reader._act(ActKind.INFORM, **content)
        if name == "unable":
            return reader._act(ActKind.INFORM, **{**content, "polarity": Polarity.NOT})
        if name == "cannot" and deed.kind in (DeedKind.DMZ, DeedKind.BOUNCE, DeedKind.ALLY):
            return reader._act(
                ActKind.REFUSE, provinces=deed.provinces, powers=deed.powers, answers=reader.previous.sequence
            )
        match deed.kind:
            case DeedKind.DMZ:
                if name == "other" or (name == "ask" and frame.subject == "w"):
                    kind = ActKind.INFORM if name == "other" else ActKind.ASK
                    return reader._act(kind, **{**content, "powers": self._actors(frame)})
                if own and name in _FUTURE_COMMIT and deed.form is not Form.NONE and self._stays_out():
                    flipped = Polarity.DO if negative else Polarity.NOT
                    return reader._act(
                        _FUTURE_COMMIT[name],
                        provinces=deed.provinces,
                        polarity=flipped,
                    )
                return reader._act(ActKind.DEMILITARISE, provinces=deed.provinces, polarity=polarity)
            case DeedKind.BOUNCE:
                if name == "ask" and frame.subject != "I":
                    powers = (*deed.powers, *(self._actors(frame) if frame.subject == "w" else ()))
                    return reader._act(ActKind.ASK, **{**content, "powers": powers})
                if name == "other":
                    kind = ActKind.WARN if self.warned else ActKind.INFORM
                    return reader._act(kind, **{**content, "powers": (*self._actors(frame), *deed.powers)})
                return reader._act(ActKind.BOUNCE, **content)
            case DeedKind.ALLY:
                if (
                    frame.subject == "w"
                    or name in ("other", "expect")
                    or (name == "ask" and deed.powers and frame.subject != "we")
                ):
                    powers = (*(self._actors(frame) if frame.subject == "w" else ()), *deed.powers)
                    kind = ActKind.ASK if name == "ask" else ActKind.INFORM
                    return reader._act(kind, **{**content, "powers": self._thirds(powers)})
                return reader._act(ActKind.ALLY, **content)
        return self._attack(deed, name, frame, negative)

    def _stays_out(self) -> bool:
        words = set(self.tokens)
        return "dmz" not in words and bool(
            words
            & {
                "out",
                "away",
                "leave",
                "leaving",
                "off",
                "clear",
                "vacate",
                "vacating",
                "withdraw",
                "withdrawing",
                "evacuate",
            }
        )

    def _attack(self, deed: Deed, name: str, frame: Frame, negative: bool) -> SpeechAct:
        reader = self.reader
        polarity = Polarity.NOT if negative else Polarity.DO
        targets = deed.powers
        at_you = reader.addressee in targets
        content = {"provinces": deed.provinces, "powers": targets, "polarity": polarity}
        match name:
            case "promise" | "inform" | "offer" | "cannot":
                if name == "cannot":
                    return reader._act(ActKind.PROMISE, **{**content, "polarity": Polarity.NOT})
                if at_you and not negative:
                    return reader._act(ActKind.THREATEN, **{**content, "powers": ()})
                kind = ActKind.PROMISE if name == "promise" or (name == "offer" and negative) else ActKind.INFORM
                return reader._act(kind, **content)
            case "other":
                who = self._actors(frame)
                if (at_you or "us" in self.tokens) and not negative:
                    return reader._act(ActKind.WARN, **{**content, "powers": who})
                kind = ActKind.WARN if self.warned else ActKind.INFORM
                return reader._act(kind, **{**content, "powers": self._thirds((*who, *targets))})
            case "ask" | "expect":
                who = self._actors(frame) if frame.subject == "w" else ()
                targets = tuple(dict.fromkeys(power for power in (*who, *targets) if power is not reader.speaker))
                kind = ActKind.ASK if name == "ask" else ActKind.INFORM
                return reader._act(kind, **{**content, "powers": targets})
            case "together" if not negative:
                return reader._act(ActKind.ALLY, **content)
        kind = ActKind.COUNTER if self.instead else ActKind.PROPOSE
        if targets == (reader.speaker,) and not negative:
            return reader._act(ActKind.INFORM, **{**content, "powers": ()})
        if "together" in self.tokens or "us" in self.tokens:
            kind = ActKind.ALLY
        return reader._act(kind, **{**content, "powers": tuple(p for p in targets if p is not reader.speaker)})

    # --- clauses without a frame --------------------------------------------------------------------

    def _bare(self, i: int) -> int | None:
        """A verb phrase by itself ("moving to Bur", "support me into Bel", "Par-Bur"), or a third power's."""
        reader = self.reader
        past = self._past_clause(i)
        if past is not None:
            return past
        other = re.match(rf"{W} (?=\w)", self.rest(i))
        if i > 0 and self.tokens[i - 1] in CIRCUMSTANCE:
            other = None
        if other is not None and (who := self._third(other["w"])) is not None:
            j = i + _count(other[0])
            form = is_verb(self.tokens[j]) if j < len(self.tokens) else None
            if form in (Form.THIRD, Form.BASE, Form.ING):
                found = self.phrases.deed(j, who)
                if found is not None and found[0].form in (Form.THIRD, Form.BASE, Form.ING):
                    self._emit(found[0], Frame("other", "w", 0.8, power=who[0]))
                    return found[1]
        ordered = len(reader.scene.ordered)
        you = () if reader.addressee is None else (reader.addressee,)
        found = None
        if self.frame is not None:
            found = self.phrases.deed(i, self._actors(self.frame))
            if found is not None and self._goes_on(found[0], self.frame, i):
                self._emit(found[0], self.frame)
                return found[1]
            del reader.scene.ordered[ordered:]
        word = self.tokens[i]
        if word in ("i", "you", "we", "he", "they"):
            return None
        leading = is_verb(self.tokens[i + 1] if word in ("not", "never") and i + 1 < len(self.tokens) else word)
        if word in HAVING:
            return None
        if i > 1 and self.tokens[i - 1] == "," and self.tokens[i - 2] in MODALS:
            return None
        if self.skipped and self.frame is None and self.tokens[i - 1] in ("and", "or") and leading is Form.BASE:
            return None  # whose verb this is was not read
        actors: tuple[Power, ...] = you
        if leading is Form.ING and not self.question:
            actors = (reader.speaker,)
        found = self.phrases.deed(i, actors)
        if found is None:
            return None
        deed, end = found
        talked_about = end < len(self.tokens) and self.tokens[end] in COPULAS
        if talked_about and (deed.form is Form.NONE or deed.kind is DeedKind.ALLY):
            del reader.scene.ordered[ordered:]
            return None
        if deed.form is Form.ING and talked_about:
            if WELCOME.match(self.rest(end)) is None:
                del reader.scene.ordered[ordered:]
                return None
            self._emit(deed, Frame("propose", "you", 0.7))
            return self._pass_over(end, len(self.tokens))
        if (
            deed.kind in (DeedKind.DMZ, DeedKind.BOUNCE)
            and end < len(self.tokens)
            and self.tokens[end] in ("was", "were")
        ):
            self._emit(deed, Frame("past", "we"))
            return self._pass_over(end, self._segment_end(end))
        frame = self._bare_frame(deed)
        if frame is None:
            del reader.scene.ordered[ordered:]
            return None
        self._emit(deed, frame)
        self.frame = frame
        return end

    def _aids_me(self, deed: Deed, i: int) -> bool:
        """ "I'm attacking Por, support me": nobody supports himself."""
        return deed.is_aid and self.tokens[i + 1 : i + 2] == ["me"]

    def _goes_on(self, deed: Deed, frame: Frame, i: int) -> bool:
        """Whether a verb phrase continues the clause before: "I'll move to Bur and support Pic"."""
        if not self._fits(deed, frame) or (frame.subject == "I" and self._aids_me(deed, i)):
            return False
        if deed.form is not Form.NONE or not deed.orders:
            return deed.form is not Form.NONE or deed.is_aid
        return deed.orders[0].power in self._actors(frame) or frame.name in ("together", "propose_both")

    def _bare_frame(self, deed: Deed) -> Frame | None:
        if deed.form is Form.THIRD:
            return None
        if deed.kind in (DeedKind.DMZ, DeedKind.BOUNCE, DeedKind.ALLY):
            if deed.form is Form.PAST:
                return Frame("past", "I")
            return Frame("together", "we")
        match deed.form:
            case Form.ING:
                return Frame("ask", "you", 0.8) if self.question else Frame("inform", "I")
            case Form.BASE:
                return Frame("propose", "you", 0.9)
            case Form.PAST:
                return Frame("past", "I")
            case Form.NONE:
                if not deed.orders:
                    return None
                power = deed.orders[0].power
                if power is self.reader.speaker:
                    return Frame("ask", "I") if self.question and not deed.is_aid else Frame("inform", "I", 0.9)
                if power is self.reader.addressee:
                    return Frame("propose", "you", 0.8)
                return Frame("other", "w", 0.7, power=power)
        return None

    def _past_clause(self, i: int) -> int | None:
        match = re.match(rf"(?P<s>i|you|we|{W}) (?:(?:have|had|has) )?(?P<n>not |never )?(?=\w)", self.rest(i))
        if match is None:
            return None
        j = i + _count(match[0])
        if j >= len(self.tokens):
            return None
        unmarked = self.is_past and self.tokens[j] in ("hit", "put", "cut", "bounce")
        if is_verb(self.tokens[j]) is not Form.PAST and not unmarked:
            return None
        subject = self._subject(match["s"], match["w"])
        if subject is None:
            return None
        actors = (subject, self.reader.speaker) if match["s"] == "we" else (subject,)
        found = self.phrases.deed(j, actors)
        if found is None:
            return None
        names = {"i": "I", "you": "you", "we": "we"}
        frame = Frame("past", names.get(match["s"], "w"), negative=bool(match["n"]), power=subject)
        if self.question:
            frame = replace(frame, name="ask")
        self._emit(found[0], frame)
        self.frame = frame
        return found[1]

    # --- what is left -------------------------------------------------------------------------------

    def _segment_end(self, i: int) -> int:
        """Where the clause that begins at a token ends."""
        j = i
        while j < len(self.tokens):
            token = self.tokens[j]
            if token in (",", "but", "because", ":", "?") or (token in ("and", "so", "then", "if", "while") and j > i):
                return j
            j += 1
        return j

    def _places(self, i: int, end: int) -> tuple[Province, ...]:
        places = [m.provinces[0] for n in range(i, end) if (m := self.phrases.mention(n, "p")) is not None]
        return tuple(dict.fromkeys(places))

    def _powers(self, i: int, end: int) -> tuple[Power, ...]:
        powers = [m.power for n in range(i, end) if (m := self.phrases.mention(n, "wad")) is not None]
        known = (self.reader.speaker, self.reader.addressee)
        return tuple(dict.fromkeys(power for power in powers if power is not None and power not in known))

    def _skip_reason(self, i: int) -> int:
        """Passes over a purpose ("so that we can take Munich next year"), which claims nothing."""
        j = i + 1
        if MEANS.match(self.rest(i)):
            return self._pass_over(i, self._segment_end(j))
        while j < len(self.tokens):
            if self.tokens[j] in (",", "but", "if", "unless") and j + 1 < len(self.tokens):
                return j
            j += 1
        return j

    def _asked(self, i: int) -> int:
        """A question whose verb phrase says nothing more than what it is about."""
        end = len(self.tokens)
        act = self.reader._act(
            ActKind.ASK, provinces=self._places(i, end), powers=self._powers(i, end), phase=self.phase
        )
        self._ask(act)
        return end

    def _ask(self, act: SpeechAct) -> None:
        """Adds a question; those of one sentence that name no orders are one."""
        acts = self.reader.acts
        if len(acts) > self.first and acts[-1].kind is ActKind.ASK and not (act.orders or acts[-1].orders):
            old = acts.pop()
            act = replace(
                old,
                provinces=tuple(dict.fromkeys((*old.provinces, *act.provinces))),
                powers=tuple(dict.fromkeys((*old.powers, *act.powers))),
            )
        acts.append(act)

    def _unread(self, i: int) -> int:
        """A clause that none of the rules reads."""
        rest = self.rest(i)
        self.skipped = True
        if self.question and i == 0 and QUESTION.match(rest):
            return self._asked(i)
        if rest.startswith(("how about", "what about", "thoughts on", "any thoughts")):
            return self._asked(i)
        if self.question and re.match(
            r"(?:what|where|who|whom|how|when|which|why|any|have you|did you|do you|are you|is|does|did|will|"
            r"has|have|would|should|can|could|may|so what|thoughts|anything|got)\b",
            rest,
        ):
            return self._asked(i)
        end = self._segment_end(i)
        end = max(end, i + 1)
        if self._places(i, end):
            short = i == 0 and end == len(self.tokens) and len(self.tokens) <= 6
            if self.question and (short or self.tokens[-1] in TAGS):
                return self._asked(i)
            if (listed := self._listed(i)) is not None:
                return listed
            if (begun := self._begun(i, end)) is not None:
                return begun
            self._report()
            return self._resume(i, end)
        if self.question and end == len(self.tokens) and self._powers(i, end):
            return self._asked(i)
        if self.warned and (powers := self._powers(i, end)) and len(self.reader.acts) == self.first:
            self.reader.acts.append(self.reader._act(ActKind.WARN, powers=powers))
        self.frame = None
        for j in range(i + 1, end):
            if self.tokens[j - 1] in SUBORDINATING:
                break
            if MAIN_CLAUSE.match(self.rest(j)) and self.tokens[j - 1] not in NO_CLAUSE_AFTER:
                return j
        while end < len(self.tokens) and self.tokens[end] == ",":
            end += 1
        return end

    def _listed(self, i: int) -> int | None:
        """A place more for the act before, which names places and no orders: "... Ion, or Tyrs"."""
        named = places_named(self.phrases, i)
        if named is None or not self.last or i == 0 or self.tokens[i - 1] not in ("or", "and", "/", ","):
            return None
        index = self.last[-1]
        act = self.reader.acts[index]
        goes_on = named[1] < len(self.tokens) and self.tokens[named[1]] not in BREAKS
        if act.orders or not act.provinces or goes_on:
            return None
        self.reader.acts[index] = replace(act, provinces=tuple(dict.fromkeys((*act.provinces, *named[0]))))
        return named[1]

    def _begun(self, i: int, end: int) -> int | None:
        """Where a main clause begins after words that name no place ("With my build I will ...")."""
        for j in range(i + 1, end):
            if self.tokens[j].startswith("@p") or self.tokens[j - 1] in SUBORDINATING:
                return None
            if MAIN_CLAUSE.match(self.rest(j)) and self.tokens[j - 1] not in NO_CLAUSE_AFTER:
                return j
        return None

    def _resume(self, i: int, end: int) -> int:
        """Where reading goes on after a clause that was not read: at a new main clause, unless it may hang on that one."""
        if self.frame is not None:
            return end
        if any(token in SUBORDINATING for token in self.tokens[i:end]):
            return len(self.tokens)
        for j in range(end + 1, len(self.tokens)):
            if self.tokens[j - 1] in (",", "and", "but", "so") and MAIN_CLAUSE.match(self.rest(j)):
                return j
        return len(self.tokens)


def _count(text: str) -> int:
    return len(text.split())


def _later(now: Phase, is_year: bool) -> Phase:
    following = now.next_movement
    return following.next_movement if is_year and now.season is Season.SPRING else following


def _previous(now: Phase) -> Phase:
    if now.season is Season.SPRING:
        return Phase(now.year - 1, Season.FALL, PhaseKind.MOVEMENT)
    if now.kind is PhaseKind.MOVEMENT:
        return Phase(now.year, Season.SPRING, PhaseKind.MOVEMENT)
    return Phase(now.year, Season.FALL, PhaseKind.MOVEMENT)


def _goals(orders: Sequence[ActOrder]) -> list[Province]:
    """Where orders lead."""
    return [province_of(said.order.target) for said in orders if said.order.target is not None]


def _last_place(acts: Sequence[SpeechAct]) -> Province | None:
    for act in reversed(acts):
        for said in reversed(act.orders):
            if said.order.target is not None:
                return province_of(said.order.target)
        if act.provinces:
            return act.provinces[-1]
    return None


def _last_third(acts: Sequence[SpeechAct], speaker: Power, addressee: Power | None) -> Power | None:
    for act in reversed(acts):
        for power in reversed((*(said.power for said in act.orders), *act.powers)):
            if power not in (speaker, addressee):
                return power
    return None
