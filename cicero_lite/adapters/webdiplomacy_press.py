"""The talks of a webDiplomacy game: each message once, in words; who may write what; when to look for more.

The server gives messages no identity, sorts them in no way, counts seconds and writes HTML.  So a message is known by
all that is said of it, and two that are alike in the same second are two.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, COUNTRY_OF, EVERYBODY
from cicero_lite.adapters.webdiplomacy_responses import PhaseName, PressType, ServerMessage
from engine.types import Power

LONGEST_BYTES = 65_000
"""Of a message, in the form in which the server keeps it."""
LONGEST_TEXT_BYTES = LONGEST_BYTES // 6
"""Of a message, as UTF-8; our client sends no more, because the server keeps é, 2 bytes, as &eacute;."""


@dataclass(frozen=True)
class PressMessage:
    """What one player wrote to another, or to all."""

    sender: Power
    recipient: Power | None
    """None: public press."""
    text: str
    turn: int
    phase: PhaseName
    """The phase it was sent in; ``Pre-game`` and ``Finished`` are possible, too."""
    time_sent: int
    """Seconds since 1970 by the server's clock."""


@dataclass(frozen=True)
class Notice:
    """What the server itself tells all players, such as an extended deadline."""

    text: str
    time_sent: int


class Inbox:
    """Tells new messages from those that were read before."""

    def __init__(self, seat: Power) -> None:
        self.seat = seat
        self.press: list[PressMessage] = []
        """In the order of time; of the same second, as they were first seen."""
        self.notices: list[Notice] = []
        self._seen: Counter[ServerMessage] = Counter()

    @property
    def since(self) -> int | None:
        """What to ask the server for: the second before the newest message, as more may come in its own second."""
        return max((message.time_sent for message in self._seen), default=0) - 1 if self._seen else None

    def add(self, messages: Iterable[ServerMessage]) -> tuple[PressMessage, ...]:
        """Takes all messages of the seconds that were asked for, read before or not.

        Returns:
            The press that is new, in the order of time.  Notes about our own votes and notices of the server are none.
        """
        fresh = []
        for message, count in Counter(messages).items():
            fresh += [message] * max(0, count - self._seen[message])
            self._seen[message] = max(count, self._seen[message])
        fresh.sort(key=lambda m: (m.time_sent, m.from_country_id, m.to_country_id, m.message))
        self.notices += [Notice(_notice(m.message), m.time_sent) for m in fresh if m.from_country_id == EVERYBODY]
        new = tuple(self._press(m) for m in fresh if self._is_press(m))
        self.press += new
        return new

    def move(self, message: PressMessage, turn: int, phase: PhaseName) -> None:
        """Has a message be of this phase from now on."""
        number = len(self.press) - 1 - self.press[::-1].index(message)
        self.press[number] = replace(message, turn=turn, phase=phase)

    def _is_press(self, message: ServerMessage) -> bool:
        sender, recipient = message.from_country_id, message.to_country_id
        ours = COUNTRY_OF[self.seat]
        return sender not in (EVERYBODY, recipient) and (recipient == EVERYBODY or ours in (sender, recipient))

    def _press(self, message: ServerMessage) -> PressMessage:
        return press_message(message, message.phase_marker or "Diplomacy")


def press_message(message: ServerMessage, phase: PhaseName) -> PressMessage:
    """A message of a player in words."""
    return PressMessage(
        sender=COUNTRIES[message.from_country_id],
        recipient=COUNTRIES.get(message.to_country_id),
        text=plain_text(message.message),
        turn=message.turn,
        phase=phase,
        time_sent=message.time_sent,
    )


def plain_text(stored: str) -> str:
    """The words of a message as the server keeps it, with a space for every letter that terminals obey.

    >>> plain_text("Line one<br />a &amp; b &lt;i&gt; &eacute; &amp;amp;")
    'Line one\\na & b <i> é &amp;'
    """
    words = html.unescape(stored.replace("<br />", "\n"))
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in words)


def as_kept(text: str) -> str:
    """What `plain_text` will make of a message that is sent: line ends alike, letters that the server cannot keep.

    >>> as_kept("one\\r\\ntwo \\U0001f600 ")
    'one\\ntwo ????'
    """
    lines = re.sub(r"\r\n?|<br />", "\n", text)
    return re.sub("[\U00010000-\U0010ffff]", "????", lines).strip()


def may_write(press: PressType, phase: PhaseName, recipient: Power | None) -> bool:
    """Whether the server takes a message.

    Args:
        press: the kind of press of the game.
        phase: the phase at hand.
        recipient: None: everybody.

    >>> may_write("PublicPressOnly", "Diplomacy", Power.FRANCE), may_write("RulebookPress", "Builds", None)
    (False, False)
    """
    if phase == "Finished" or press == "Regular":
        return True
    if press == "RulebookPress":
        return phase == "Diplomacy"
    return press == "PublicPressOnly" and recipient is None


def poll_interval_s(left_s: float | None, silence_s: float | None, phase_s: float) -> float:
    """How long to wait before looking for messages again: less while people talk, and near the end of the phase.

    Args:
        left_s: to the deadline, seconds; None: there is none, the game is paused.
        silence_s: since the last message; None: nobody wrote in this phase.
        phase_s: length of the phase.

    >>> poll_interval_s(240, 5, 300), poll_interval_s(240, None, 300), poll_interval_s(80_000, None, 86_400)
    (2.0, 5.0, 60.0)
    """
    if left_s is None:
        return _SLOWEST_S
    usual = min(_SLOWEST_S, phase_s / 60)
    talking = usual if silence_s is None else max(_FASTEST_S, silence_s / 10)
    return max(_FASTEST_S, min(usual, talking, max(0.0, left_s) / 10))


_FASTEST_S, _SLOWEST_S = 2.0, 60.0
_LETTERS_A_SECOND = 6.0


def typing_s(text: str) -> float:
    """How long a person takes to write a message, seconds.

    >>> typing_s("Shall we leave the Channel empty?")
    5.5
    """
    return len(text) / _LETTERS_A_SECOND


def _notice(stored: str) -> str:
    """A notice without its tags and the name of the server."""
    return " ".join(plain_text(re.sub(r"<[^<>]{0,200}>", " ", stored)).removeprefix(" GameMaster:").split())
