"""The desk: what a bot means to send lies here until somebody approves, changes or rejects it.

The commands ``cicero-lite desk`` and the page (`cicero_lite.web.desk`) are two doors to these functions; both work on
the store that the bot keeps, whether the bot runs or not.

    store = open_store(Path("bot.sqlite"))
    for card in desk_of(store, time.time()).waiting:
        approve(store, card.number)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cicero_lite.adapters import diplomacy_server_client, webdiplomacy_press
from cicero_lite.adapters.webdiplomacy_press import as_kept
from cicero_lite.arena.codec import encode
from cicero_lite.errors import CiceroLiteError
from cicero_lite.hosting.store import Notice, Pulse, Standing, Stop, Store, StoredMessage, StoredOrders, StoredSeat
from cicero_lite.steer.words import stored_controls_words
from cicero_lite.web.replay import act_words, intent_words
from dialogue.incoming import visible
from engine.types import Intent, Phase, Power

LONGEST_REASON = 500
"""Letters of a reason for a rejection."""
SILENCE_S = 180.0
"""A seat that gave no sign for so long is told as silent; a bot looks for messages once a minute at the least."""
_NOTICES = 20


class DeskError(CiceroLiteError, ValueError):
    """What cannot be done at the desk."""


class NoSuchMessageError(DeskError):
    """No message has this number."""


class NotWaitingError(DeskError):
    """A message that was decided upon already."""


@dataclass(frozen=True)
class ActWords:
    """One thing that a message does, in words."""

    kind: str
    content: str


@dataclass(frozen=True)
class PlanWords:
    """Orders that are behind a message."""

    word: str
    """plays: what the sender means to play; wants: what it would like its recipient to; later: what it expects."""
    power: Power
    phase: Phase
    orders: tuple[str, ...]


@dataclass(frozen=True)
class MessageCard:
    """A message, and what the agent meant by it."""

    number: int
    seat: int
    server: str
    game: str
    power: Power
    """Who says it."""
    phase: Phase
    recipient: Power | None
    """None: public press."""
    text: str
    drafted: str
    """What the agent wrote; differs from `text` if somebody changed it."""
    acts: tuple[ActWords, ...]
    plans: tuple[PlanWords, ...]
    source: str
    """Who worded it."""
    standing: Standing
    reason: str
    meant_s: float
    """Seconds since 1970."""
    changed_s: float
    deadline_s: float | None
    """When its phase ends, seconds since 1970; None: it has no end, or the bot has not told."""
    is_of_past_phase: bool
    """Whether the game has gone on to another phase."""
    longest_bytes: int
    """Of words in its place, as UTF-8: what the server takes."""


@dataclass(frozen=True)
class SeatCard:
    """A seat and what it is at."""

    seat: StoredSeat
    pulse: Pulse | None
    """None: it has given no sign yet."""
    orders: StoredOrders | None
    """Meant for the phase at hand; None: none yet."""

    @property
    def controls(self) -> str:
        """The controls that are set, in words; empty: none is."""
        return stored_controls_words(self.seat.config)


@dataclass(frozen=True)
class Desk:
    """All that somebody who decides wants to see."""

    now_s: float
    stopped: Stop | None
    waiting: tuple[MessageCard, ...]
    """Oldest first."""
    decided: tuple[MessageCard, ...]
    """Messages of the phase at hand that wait no more, oldest first."""
    seats: tuple[SeatCard, ...]
    notices: tuple[Notice, ...]
    """Newest first."""

    def values(self) -> dict[str, Any]:
        """The desk as plain values, for programs; a seat without its configuration, which is long."""
        values: dict[str, Any] = encode(self)
        for card, seat in zip(values["seats"], self.seats, strict=True):
            del card["seat"]["config"]
            card["controls"] = seat.controls
        return values


def open_store(path: Path) -> Store:
    """The store that a bot keeps in this file.

    Raises:
        StoreError, DeskError: there is none, or it is something else.
    """
    if not path.is_file():
        raise DeskError(f"no store at {path}: expected the file that a bot keeps; name it with --store")
    return Store(path)


def desk_of(store: Store, now_s: float) -> Desk:
    """The desk as it is.

    Args:
        store: what the bot keeps.
        now_s: seconds since 1970.
    """
    # The bot writes while this is read: seats come last, so that every message and pulse has its own.
    waiting = store.messages(standings=(Standing.WAITING,))
    pulses = {pulse.seat: pulse for pulse in store.pulses()}
    seats = {seat.id: seat for seat in store.seats()}
    others = [s for s in Standing if s is not Standing.WAITING]
    decided = [
        message
        for number, pulse in pulses.items()
        if seats[number].ended is None
        for message in store.messages(number, others, pulse.phase)
    ]

    def cards(messages: Iterable[StoredMessage]) -> tuple[MessageCard, ...]:
        return tuple(_card(m, seats[m.seat], pulses.get(m.seat)) for m in sorted(messages, key=lambda m: m.id))

    return Desk(
        now_s=now_s,
        stopped=store.stopped(),
        waiting=cards(waiting),
        decided=cards(decided),
        seats=tuple(_seat_card(store, seat, pulses.get(seat.id)) for seat in seats.values()),
        notices=store.notices(_NOTICES),
    )


def _seat_card(store: Store, seat: StoredSeat, pulse: Pulse | None) -> SeatCard:
    return SeatCard(seat, pulse, None if pulse is None else store.orders(seat.id, pulse.phase))


def _card(message: StoredMessage, seat: StoredSeat, pulse: Pulse | None) -> MessageCard:
    at_hand = pulse is not None and pulse.phase == message.phase
    return MessageCard(
        number=message.id,
        seat=message.seat,
        server=seat.server,
        game=seat.game,
        power=seat.power,
        phase=message.phase,
        recipient=message.recipient,
        text=message.text,
        drafted=message.drafted,
        acts=tuple(ActWords(*act_words(encode(act))) for act in message.acts),
        plans=() if message.intent is None else _plans(message.intent),
        source=message.source,
        standing=message.standing,
        reason=message.reason,
        meant_s=message.meant_s,
        changed_s=message.changed_s,
        deadline_s=pulse.deadline_s if pulse is not None and at_hand else None,
        is_of_past_phase=pulse is not None and not at_hand,
        longest_bytes=longest_bytes(seat.server),
    )


def _plans(intent: Intent) -> tuple[PlanWords, ...]:
    rows = intent_words(encode(intent))
    return tuple(PlanWords(word, Power(whose), Phase.parse(when), tuple(orders)) for word, whose, when, orders in rows)


# --- decisions -------------------------------------------------------------------------------------------------


def approve(store: Store, number: int, text: str | None = None) -> StoredMessage:
    """Lets a message go, as it is or with other words, and returns it.

    Raises:
        NoSuchMessageError, NotWaitingError: there is nothing to approve.
        DeskError: words that its server does not take.
    """
    words = None if text is None else sendable(text, _longest_of(store, number))
    return _decided(store, number, store.approve(number, words))


def reject(store: Store, number: int, reason: str = "") -> StoredMessage:
    """Keeps a message from being sent, and returns it.

    Raises:
        NoSuchMessageError, NotWaitingError: there is nothing to reject.
        DeskError: a reason that is too long.
    """
    if len(reason) > LONGEST_REASON:
        raise DeskError(f"reason: expected at most {LONGEST_REASON} letters, got {len(reason)}")
    return _decided(store, number, store.reject(number, reason))


def _no_message(number: int) -> NoSuchMessageError:
    return NoSuchMessageError(f"no message {number}: `desk list` shows those that wait")


def _decided(store: Store, number: int, has_changed: bool) -> StoredMessage:
    message = store.message(number)
    if message is None:
        raise _no_message(number)
    if not has_changed:
        why = f" ({visible(message.reason)})" if message.reason else ""
        raise NotWaitingError(f"message {number} waits no more: it is {message.standing}{why}")
    return message


def longest_bytes(server: str) -> int:
    """How long a message may be there, as UTF-8.

    >>> longest_bytes("https://webdiplomacy.net"), longest_bytes("ws://localhost:8432")
    (10833, 32000)
    """
    if server.startswith("ws://"):
        return diplomacy_server_client.LONGEST_TEXT_BYTES
    return webdiplomacy_press.LONGEST_TEXT_BYTES


def _longest_of(store: Store, number: int) -> int:
    message = store.message(number)
    if message is None:
        raise _no_message(number)
    return longest_bytes(seat_of(store, message.seat).server)


def sendable(text: str, at_most: int) -> str:
    """Somebody's words, as they can be sent: line ends alike, no blanks around them.

    >>> sendable(" Fine.\\r\\nMunich it is. ", 100)
    'Fine.\\nMunich it is.'

    Args:
        text: the words.
        at_most: bytes, as UTF-8.

    Raises:
        DeskError: there are none, too many, or letters that steer a terminal or turn the direction of reading.
    """
    words = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    for place, letter in enumerate(words):
        if letter != "\n" and (unicodedata.category(letter) in _STEERING or letter in _TURNING):
            raise DeskError(f"text: expected letters, got the control character U+{ord(letter):04X} at {place + 1}")
    if not as_kept(words):
        raise DeskError("text: expected words, got none; to send nothing, reject the message")
    if (size := len(words.encode())) > at_most:
        raise DeskError(f"text: expected at most {at_most} bytes, got {size}")
    return words


_STEERING = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories: controls, halves of pairs, letters that nobody has defined, separators that are no line ends."""
_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def go_on(store: Store, by: str) -> None:
    """Takes the stop back, and leaves a notice of who did, as the store forgets it.

    Raises:
        DeskError: nothing was stopped.
    """
    with store.transaction():
        if store.stopped() is None:
            raise DeskError("nothing is stopped: `desk stop` would do it")
        store.note(f"the stop is taken back by {by}")
        store.go_on()


def seat_of(store: Store, number: int) -> StoredSeat:
    """A seat by its number.

    Raises:
        DeskError: there is none.
    """
    seats = {seat.id: seat for seat in store.seats()}
    if number not in seats:
        known = ", ".join(f"{seat.id} ({seat.power.title()} in {seat.game})" for seat in seats.values()) or "none"
        raise DeskError(f"no seat {number}: expected one of the store's: {known}")
    return seats[number]
