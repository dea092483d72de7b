"""The reader: a message -> speech acts, and what it could not read.

One reader for everything: it understands other players, makes the plans that the language model learns from, and
reads our own drafts back (`matches`).  It reads a clause's frame ("I won't", "could you", "let's", "you promised to")
and then its verb phrase (`phrases`).  A clause that names places or third powers and does not parse is reported as
unread, never guessed; mere remarks on a power ("Russia is too strong") are small talk.  Other players' text is data:
whatever it says, it only ever becomes acts.

Conventions of the acts it makes:
    AGREE and REFUSE carry the orders and provinces agreed to or refused, polarity DO; where the text says only "yes",
    they are those of the message answered.  PROMISE of polarity NOT with provinces: to stay out of them.  An order
    that cannot be made out leaves its provinces in `provinces`.  A condition is an INFORM act of what must come true.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from dialogue.acts import REQUESTING, ActKind, ActOrder, Polarity, SpeechAct
from dialogue.board import Board
from dialogue.clauses import Sentence, quotations, read_names, sentences
from dialogue.incoming import readable
from dialogue.markers import ADVERBS, ASSENTING, HEDGES, IN_PLACE_OF, NEXT_FLAG, NOW_FLAG, PAST_FLAG, SEASON_FLAG
from dialogue.names import find_names
from dialogue.reading import ReadContext, Reading, holds, matches, order_places
from dialogue.reading_state import MessageState
from dialogue.recalling import Recalled, boards, recalled, without
from dialogue.sentence_reader import SentenceReader
from engine.types import Message, OrderKind, Phase, PhaseKind, Power, Province, Season

__all__ = ["MessageReader", "ReadContext", "Reading", "context_of", "matches", "read", "read_text"]


def read(message: Message, view: Board, talk: Sequence[Message] = ()) -> Reading:
    """The acts of a message.  Never raises, whatever the text.

    Args:
        message: the message.
        view: the board it was written over.
        talk: earlier messages, oldest first; those between the two powers are looked at.
    """
    return read_text(message.text, message.sender, message.recipient, view, context_of(message, view, talk))


def context_of(message: Message, view: Board, talk: Sequence[Message]) -> ReadContext:
    """What a message may answer: the other side's latest messages, each read by itself."""
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
        for mention in find_names(readable(before.text).text, view):
            if mention.power is not None and mention.power not in pair:
                third = mention.power
            elif mention.provinces:
                place = mention.provinces[0]
    return third, place


@dataclass(frozen=True)
class WordsRead:
    """What words said before were about, over the board on which they make most sense."""

    orders: tuple[ActOrder, ...]
    provinces: tuple[Province, ...]
    powers: tuple[Power, ...]
    polarity: Polarity
    kind: ActKind
    phase: Phase | None = None
    """The phase of that board."""
    deed: OrderKind = OrderKind.MOVE
    """What is done at the places, where no order could be made out: a move, a support, a hold."""


_AIDING = re.compile(r"\b(?:support|help|convoy|back)\b", re.IGNORECASE)
_STAYING = re.compile(r"\b(?:hold|stay|remain|sit)\b(?! (?:out|away|clear|off))", re.IGNORECASE)


def words_of(said: Recalled, board: Board, only: Phase | None = None) -> WordsRead | None:
    """What the words that a sentence recalls are about; None: nothing that could be made out.

    Args:
        said: the sentence.
        board: the board now; if it is a view of a game, the boards before are looked at, too.
        only: the phase in which they were said, where that is known.
    """
    if not said.words:
        return None
    best: WordsRead | None = None
    for then in boards(board, only or said.phase):
        found = _words_over(said, then)
        if found is None:
            continue
        covered = _covers(found, said.words, then)
        if covered and found.orders:
            return found
        if not covered and only is not None:
            continue  # where a unit that is named did not stand, the words meant nothing
        best = best or found
    if best is None and (entering := _NOT_ENTERING.search(said.words)) is not None:
        return words_of(replace(said, words=f"I will stay out of {entering['place']}"), board, only)
    return best


_NOT_ENTERING = re.compile(r"\bwill not (?:enter|attack|take|hit) (?P<place>[\w. ]+)$", re.I)
""" "I will not enter Greece", where no unit could: that one stays out of it."""


def _covers(found: WordsRead, words: str, board: Board) -> bool:
    """Whether what was read is about every place that the words name."""
    places = {*found.provinces, *(place for item in found.orders for place in order_places(item.order))}
    return all(places & set(mention.provinces) for mention in find_names(words, board) if mention.provinces)


def _words_over(said: Recalled, board: Board) -> WordsRead | None:
    acts = [act for act in read_text(said.words, said.by, said.to, board).acts if act.kind not in _SAYS_NOTHING]
    naming = [act for act in acts if act.orders] or [act for act in acts if act.provinces or act.powers]
    naming = naming or [act for act in acts if act.kind in (ActKind.ALLY, ActKind.THREATEN)]
    if not naming:
        return None
    first = naming[0]
    alike = [act for act in naming if act.polarity is first.polarity]
    orders = tuple(dict.fromkeys(item for act in alike for item in act.orders))
    zone = first.kind is ActKind.DEMILITARISE
    polarity = first.polarity if not zone else Polarity.NOT if first.polarity is Polarity.DO else Polarity.DO
    provinces = () if orders else tuple(dict.fromkeys(p for act in alike for p in act.provinces))
    powers = tuple(dict.fromkeys(p for act in alike for p in act.powers)) if not orders else ()
    aids, stays = _AIDING.search(said.words), _STAYING.search(said.words)
    deed = OrderKind.SUPPORT if aids else OrderKind.HOLD if stays else OrderKind.MOVE
    return WordsRead(orders, provinces, powers, polarity, first.kind, board.phase, deed)


_SAYS_NOTHING = frozenset({ActKind.SMALL_TALK, ActKind.THANK, ActKind.APOLOGISE, ActKind.ASK})


def read_text(
    text: str, speaker: Power, addressee: Power | None, view: Board, previous: ReadContext | None = None
) -> Reading:
    """The acts of a text said by `speaker` to `addressee` (None: to all) over a board.  Never raises."""
    try:
        return MessageReader(text, speaker, addressee, view, previous or ReadContext()).read()
    except (RecursionError, IndexError, KeyError, ValueError):  # hostile text must not stop a game
        return Reading((), (readable(text).text,))


_LISTED = frozenset({ActKind.INFORM, ActKind.PROMISE, ActKind.PROPOSE})
"""Acts that become one with their like when they follow each other."""
_OF_ACTIONS = frozenset({ActKind.OFFER, ActKind.INFORM, ActKind.PROMISE, ActKind.BOUNCE})
"""Acts that say nothing more beside one of their kind that names what is done."""
_SHORT = 4
"""Words of a message whose "ok" is all it says."""


def _is_empty(act: SpeechAct) -> bool:
    return not (act.orders or act.provinces or act.powers or act.condition)


class MessageReader(MessageState):
    """Reads one text."""

    def read(self) -> Reading:
        about_words = self.about_words()
        for start, end in quotations(self.text):
            if any(start < mention.start < end for mention in self.mentions):
                self.unread.append(self.text[start:end])
        found = sentences(self.text, self.mentions)
        self.length = sum(len(sentence.tokens) for sentence in found)
        for sentence in found:
            self._sentence(sentence)
            self.asked_oneself = sentence.is_question
        return Reading((*about_words, *self._finish()), tuple(self.unread))

    def about_words(self) -> tuple[SpeechAct, ...]:
        """The acts of sentences about words said before, which are then no more part of the text."""
        found = [(said, act) for said in self.recalled() if (act := self._recalling(said)) is not None]
        if found:
            self.text, self.mentions = read_names(without(self.text, [said for said, _ in found]), self.board)
            self.scene.mentions = self.mentions
        return tuple(act for _, act in found)

    def recalled(self) -> tuple[Recalled, ...]:
        """The sentences about words of the two who talk, but for news of what the speaker told others."""
        two = (self.speaker, self.addressee)
        found = recalled(self.text, self.speaker, self.addressee, self.board)
        return tuple(said for said in found if said.to in two or said.by is self.addressee)

    def _recalling(self, said: Recalled) -> SpeechAct | None:
        """The act of a sentence about words; None: nobody can tell what those were."""
        kind = ActKind.ASK if said.asks else ActKind.DENY if said.denies else ActKind.CLAIM_PAST
        act = self.act(kind, provinces=said.provinces, phase=said.phase, quote=said.quote)
        if said.to not in (self.speaker, self.addressee):
            named = find_names(said.words, self.board)
            places = tuple(dict.fromkeys(m.provinces[0] for m in named if m.provinces))
            return replace(act, provinces=said.provinces or places, powers=() if said.to is None else (said.to,))
        whose = (said.by,) if kind is not ActKind.ASK and said.by is not self.speaker else ()
        if said.is_open or (said.denies and not said.words):
            return replace(act, powers=whose)
        content = words_of(said, self.board)
        if content is None:
            return None
        if any(item.power is said.by for item in content.orders):
            whose = ()
        phase = said.phase or (content.phase if content.phase != self.board.phase else None)
        return replace(
            act,
            orders=content.orders,
            provinces=content.provinces,
            powers=(*whose, *content.powers),
            polarity=content.polarity,
            phase=phase,
        )

    def _finish(self) -> tuple[SpeechAct, ...]:
        acts = self.acts
        idle = all(act.kind is ActKind.SMALL_TALK for act in acts)
        if self.soft and not any(act.kind in (ActKind.AGREE, ActKind.REFUSE, ActKind.COUNTER) for act in acts):
            if any(act.kind in REQUESTING - {ActKind.ASK} for act in self.previous.heard):
                acts.insert(0, replace(self.answer(ActKind.AGREE), confidence=0.6))
            elif idle and not self.unread:
                alone = self.soft == "ok" and self.length <= _SHORT
                acts.append(
                    replace(self.answer(ActKind.AGREE), confidence=0.6) if alone else self.act(ActKind.SMALL_TALK)
                )
        refused = [said for act in acts if act.kind is ActKind.REFUSE for said in act.orders]
        merged: list[SpeechAct] = []
        for act in acts:
            if (
                act.kind in _OF_ACTIONS
                and _is_empty(act)
                and any(
                    other.kind is act.kind and other.polarity is act.polarity and not _is_empty(other) for other in acts
                )
            ):
                continue
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

    def _sentence(self, sentence: Sentence) -> None:
        self.opened(sentence).read()

    def opened(self, sentence: Sentence) -> SentenceReader:
        """A sentence about to be read: its tokens less adverbs and calls, and what those said."""
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
        instead = "instead" in raw or any(
            word == "rather" and (n == 0 or raw[n - 1] not in ("would", "i", "much")) for n, word in enumerate(raw)
        )
        tokens = [
            word
            for n, word in enumerate(raw)
            if word not in ADVERBS or (word in ASSENTING and (n == 0 or raw[n - 1] == ","))
        ]
        tokens = [word for word in tokens if word != "instead"]
        if sentence.is_question and tokens[-2:] in (["or", "what"], ["or", "not"], ["or", "no"]):
            tokens = tokens[:-2]
        while tokens and tokens[0] == ",":
            tokens = tokens[1:]
        tokens = self._without_vocatives(tokens)
        if sentence.is_question and len(tokens) > 2 and tokens[0] == "you" and tokens[1].endswith("ing"):
            tokens = ["are", *tokens]  # "you going to Bel?"
        return SentenceReader(self, tokens, sentence, is_past, hedged, instead)

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
