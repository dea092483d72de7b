"""People's messages as examples for a language model: what it would be told, and what was said.

Our reader takes a message's acts for its plan.  Most messages say things that no act of ours covers, and a model that
learns those from a tag learns to make things up; so only short messages get a plan, whose every place and power is in
the acts read, and of small talk only courtesies.  The others can still teach how people write, from the talk, the board
and the intents alone: examples without a plan.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from dialogue.acts import ActKind, SpeechAct
from dialogue.briefing import prompt_pieces
from dialogue.names import MAX_POWERS, MAX_PROVINCES, SlotError, Slots, Standing, delexicalise, find_names
from dialogue.plan_text import clean, scene
from dialogue.press import PressMessage
from dialogue.prompt import Candour, Controls, Piece, Section, Voice, named
from dialogue.understanding import Reading
from engine.types import Message, Order, Province, province_of

PEOPLE, BOOK, OWN = "people", "book", "own"
"""Sources of examples: public games, our grammar, and the model that is trained."""


@dataclass(frozen=True)
class Example:
    """What a model may be told, and the message that follows it."""

    pieces: tuple[Piece, ...]
    """Of the prompt, all of them; which are shown is drawn in training."""
    message: str
    """With slots as the prompt writes them."""
    voice: Voice
    kinds: tuple[ActKind, ...] = ()
    """Of the plan's acts; empty where there is no plan."""
    author: str = BOOK
    """Kind of player who wrote it: ``human``, ``cicero``, ...; our grammar; or the model that is trained."""

    @property
    def source(self) -> str:
        """`PEOPLE`, `BOOK` or `OWN`."""
        return self.author if self.author in (BOOK, OWN) else PEOPLE

    @property
    def has_plan(self) -> bool:
        """Whether the prompt can tell what is to be said."""
        return any(piece.section is Section.PLAN for piece in self.pieces)


MAX_WORDS = 30
"""Of a message of people's."""

WORDS_PER_ACT = 13
"""More words than this for each act say something besides."""

COURTESY_WORDS = 8
"""Of a message that names no place and no power."""

_COURTESY = re.compile(
    r"\b(?:hi|hello|hey|heya|howdy|greetings|welcome|good (?:luck|game|day|morning|evening|start)|best of luck|luck|"
    r"glhf|gl|hf|have fun|nice to meet|how are you|how's it going|looking forward|cheers|congrat\w*|well played|"
    r"great move|nice move|gg|enjoy|happy to|let's (?:talk|chat)|keep in touch|no problem|no worries|my pleasure|"
    r"you're welcome|np|lol|haha|see you|good to hear|all the best|same to you|you too|i appreciate)\b",
    re.IGNORECASE,
)
_COARSE = re.compile(
    r"\[?REDACTED|https?:|[^\x00-\x7F]|\b(?:wtf|fuck\w*|shit\w*|damn\w*|piss\w*|ass|hell|bitch\w*|crap|sucks?|idiot\w*|"
    r"stupid|dumb)\b"
)
_ABBREVIATED = re.compile(r"\b[EFGRT]\b|\b[AEFGIRT](?:/?[AEFGIRT]){1,2}\b")
_THIRD_PERSON = re.compile(r"\b(?:he|him|his|she|her|they|them|their|he's|they're|they'll|he'll)\b", re.IGNORECASE)
_OPEN_QUESTION = re.compile(
    r"\b(?:plan\w*|think\w*|thoughts?|mov\w+|orders?|intend\w*|intentions?|up to|doing|do you want|ideas?|"
    r"going to do|going|strategy|goals?|looking to)\b",
    re.IGNORECASE,
)
_BARE = frozenset({ActKind.AGREE, ActKind.REFUSE, ActKind.THANK, ActKind.APOLOGISE, ActKind.ASK, ActKind.SMALL_TALK})

PLANLESS_WORDS = 60
"""Of a message that is kept without a plan."""


def planned_example(item: PressMessage, is_short: bool, dropped: Counter[str]) -> Example | None:
    """The message with its plan; None, and a reason counted, where its plan is not clear."""
    message, board = item.message, item.known.view
    text = clean(message.text)
    problem = _unclear(text, item.reading, message)
    if problem:
        dropped[problem] += 1
        return None
    acts = tuple(_own_matter(act, text, board) for act in item.reading.acts)
    try:
        slots = Slots.of(acts, message.sender, message.recipient)
    except SlotError:
        dropped["more names than slots"] += 1
        return None
    template, found = delexicalise(text, board, slots)
    if (found.provinces, found.powers) != (slots.provinces, slots.powers):
        dropped["names outside its acts"] += 1
        return None
    return _example(item, template, acts, slots, is_short)


def planless_example(item: PressMessage) -> Example | None:
    """The message without a plan, for the full form; None if it is public, long, coarse or redacted."""
    message = item.message
    text = clean(message.text)
    if message.recipient is None or not text or len(text.split()) > PLANLESS_WORDS or _COARSE.search(text):
        return None
    template, slots = delexicalise(text, item.known.view, Slots((), (message.recipient, message.sender)))
    if len(slots.provinces) == MAX_PROVINCES or len(slots.powers) == MAX_POWERS:
        return None  # there may be more names than slots
    return _example(item, template, None, slots, is_short=False)


def _example(
    item: PressMessage, template: str, acts: tuple[SpeechAct, ...] | None, slots: Slots, is_short: bool
) -> Example:
    message = item.message
    where = scene(
        message.phase,
        message.sender,
        message.recipient,
        item.known.talk,
        item.answered,
        item.heard.acts,
        not item.heard.unread,
    )
    candour = None if item.truthful is None else Candour.HONEST if item.truthful else Candour.LYING
    pieces = prompt_pieces(item.known, acts, slots, where, Controls(Voice.PEOPLE, candour), is_short)
    said = template if is_short else named(template, slots)
    return Example(pieces, said, Voice.PEOPLE, tuple(act.kind for act in acts or ()), item.author)


def _own_matter(act: SpeechAct, text: str, board: Standing) -> SpeechAct:
    """The act as one would plan it: an answer that names nothing says just yes, no or thanks.

    The reader fills in what is answered; a plan leaves that out.
    """
    if act.kind not in (ActKind.AGREE, ActKind.REFUSE, ActKind.THANK, ActKind.DENY, ActKind.APOLOGISE):
        return act
    told = {mention.province for mention in find_names(text, board)}
    places = {place for said in act.orders for place in _places_of(said.order)} | set(act.provinces)
    powers = {mention.power for mention in find_names(text, board)}
    if places <= told and set(act.powers) <= powers:
        return act
    return replace(act, orders=(), provinces=(), powers=())


def _places_of(order: Order) -> tuple[Province, ...]:
    """The provinces an order names."""
    units = tuple(unit.province for unit in (order.unit, order.aided) if unit is not None)
    return units if order.target is None else (*units, province_of(order.target))


def _unclear(text: str, reading: Reading, message: Message) -> str:
    """Why a message's plan is not clear; "" if it is."""
    words = len(text.split())
    acts = reading.acts
    third = any(act.powers for act in acts) or any(
        said.power not in (message.sender, message.recipient) for act in acts for said in act.orders
    )
    naming = [act for act in acts if act.orders or act.provinces or act.powers]
    if message.recipient is None:
        return "public"
    if not text or words > MAX_WORDS or words > WORDS_PER_ACT * len(acts):
        return "long for its acts"
    if reading.unread or not acts:
        return "not understood"
    if _COARSE.search(text) or _ABBREVIATED.search(text):
        return "abbreviated, redacted or coarse"
    if _THIRD_PERSON.search(text) and not third:
        return "about somebody not named"
    if any(act.kind is ActKind.SMALL_TALK for act in acts) and not _COURTESY.search(text):
        return "small talk of substance"
    if not naming and all(act.kind in _BARE for act in acts):
        if words > COURTESY_WORDS:
            return "courtesy of substance"
        if any(act.kind is ActKind.ASK for act in acts) and not _OPEN_QUESTION.search(text):
            return "question about something else"
    return ""
