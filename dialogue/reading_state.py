"""The state of a reading: of the message, and of the sentence at hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dialogue.acts import REQUESTING, ActKind, Polarity, SpeechAct
from dialogue.board import Board, last_movement
from dialogue.clauses import Sentence, read_names
from dialogue.deeds import Scene
from dialogue.frames import Frame
from dialogue.incoming import readable
from dialogue.markers import QUESTION
from dialogue.phrases import Phrases
from dialogue.reading import ReadContext
from engine.types import Phase, Power, Province, province_of


class _Lookups:
    """A board as the phrases see it; keeps the lookups of a reading in one place."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self.unit_at = board.unit_at
        self.owner_of = board.owner_of
        self.units = board.units

    @property
    def phase(self) -> Phase:
        return self._board.phase


class MessageState:
    """What has been read of a message so far, and what it is read by."""

    def __init__(self, text: str, speaker: Power, addressee: Power | None, board: Board, previous: ReadContext) -> None:
        self.speaker, self.addressee, self.board, self.previous = speaker, addressee, board, previous
        opened = readable(text)
        self.text, self.mentions = read_names(opened.text, board)
        recent = tuple(said for act in previous.heard for said in act.orders)
        self.scene = Scene(
            _Lookups(board),
            speaker,
            addressee,
            self.mentions,
            recent=recent,
            recent_place=_last_place(previous.heard) or previous.place,
        )
        self.scene.third = _last_third(previous.heard, speaker, addressee) or previous.third
        played = last_movement(board)
        self.then: Board | None = None if played is None else _Lookups(played.board)
        """The board that the last moves were ordered on: since then their units have moved."""
        self.acts: list[SpeechAct] = []
        self.unread: list[str] = list(opened.unread)
        self.asked_oneself = False
        """Whether the sentence before was a question, which a bare "yes" would answer oneself."""
        self.soft = ""
        """A word that may agree: "ok", or only a nicety such as "great"."""

    def act(self, kind: ActKind, **fields: object) -> SpeechAct:
        return replace(SpeechAct(kind, self.speaker, self.addressee), **fields)  # type: ignore[arg-type]

    def answer(self, kind: ActKind, goes_on: bool = False) -> SpeechAct:
        """An agreement or refusal, with what it answers; one that goes on takes no orders from a question."""
        asked = [act for act in self.previous.heard if act.kind in REQUESTING and act.quote is None]
        if goes_on or any(act.kind is not ActKind.ASK for act in asked):
            asked = [act for act in asked if act.kind is not ActKind.ASK]
        return self.act(
            kind,
            orders=tuple(dict.fromkeys(said for act in asked if act.polarity is Polarity.DO for said in act.orders)),
            provinces=tuple(
                dict.fromkeys(place for act in asked if act.kind is not ActKind.ASK for place in act.provinces)
            ),
            powers=tuple(dict.fromkeys(power for act in asked if act.kind is ActKind.ALLY for power in act.powers)),
            answers=self.previous.sequence,
        )


class SentenceState:
    """A sentence's tokens, where its reading stands, and what can be asked of both."""

    def __init__(
        self,
        reader: MessageState,
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
        self.opened_at = -1
        """Where a fixed phrase ended that opened the sentence: what follows is at its start."""
        self.last: list[int] = []
        """Indices of the acts of the clause read last, for a condition that follows."""

    def rest(self, i: int) -> str:
        return " ".join(self.tokens[i:])

    def _segment_end(self, i: int) -> int:
        """Where the clause that begins at a token ends."""
        j = i
        while j < len(self.tokens):
            token = self.tokens[j]
            listed = token == "and" and self._is_power(j - 1) and self._is_power(j + 1)
            if token in (",", "but", "because", ":", "?") or (
                token in ("and", "so", "then", "if", "while") and j > i and not listed
            ):
                return j
            j += 1
        return j

    def _is_power(self, i: int) -> bool:
        return 0 <= i < len(self.tokens) and self.tokens[i].startswith("@w")

    def _places(self, i: int, end: int) -> tuple[Province, ...]:
        places = [m.provinces[0] for n in range(i, end) if (m := self.phrases.mention(n, "p")) is not None]
        return tuple(dict.fromkeys(places))

    def _powers(self, i: int, end: int) -> tuple[Power, ...]:
        powers = [m.power for n in range(i, end) if (m := self.phrases.mention(n, "wad")) is not None]
        known = (self.reader.speaker, self.reader.addressee)
        return tuple(dict.fromkeys(power for power in powers if power is not None and power not in known))

    def _pass_over(self, i: int, end: int) -> int:
        """Goes on at `end`; what lies between and names places is reported as unread."""
        if self._places(i, end):
            self._report()
        return end

    def _report(self) -> None:
        if self.sentence.source not in self.reader.unread:
            self.reader.unread.append(self.sentence.source)

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

    def _thirds(self, powers: Sequence[Power]) -> tuple[Power, ...]:
        """These powers once each, without the two who talk."""
        two = (self.reader.speaker, self.reader.addressee)
        return tuple(dict.fromkeys(power for power in powers if power not in two))

    def previous_asked(self) -> bool:
        return any(act.kind in REQUESTING for act in self.reader.previous.heard)

    def _asked(self, i: int) -> int:
        """A question whose verb phrase says nothing more than what it is about."""
        end = len(self.tokens)
        act = self.reader.act(
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

    def after_opener(self, i: int) -> bool:
        return self.opened_at == i


def count_words(text: str) -> int:
    return len(text.split())


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
