"""What a table is to those who sit at it: events come in, messages and orders go out.

An adapter yields `TableEvent`s from `events()`; whoever iterates (`cicero_lite.session`) calls `send` and
`submit` between two events.  A table in this process seats all seven powers, one on a server usually one;
nobody above this file can tell the difference.

    for event in adapter.events():
        match event:
            case SpeakingTurn(power, view): adapter.send(power, ENGLAND, "Shall we demilitarise the Channel?")
            case OrdersDue(power, view): adapter.submit(power, agent.act(view, power))

A table with a clock also yields `Moment`s, at which nothing is due but something may be done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias, runtime_checkable

from dialogue.acts import SpeechAct
from engine.board import Board
from engine.game import Game, GameView
from engine.record import PhaseRecord
from engine.types import Action, Intent, Message, Phase, Power, Province


@dataclass(frozen=True)
class OutgoingMessage:
    """What an agent wants to say, with what it means by it."""

    recipient: Power | None
    """None: public press, to every power."""
    text: str
    acts: tuple[SpeechAct, ...] = ()
    """The speech plan behind the text."""
    intent: Intent | None = None
    source: str = ""
    """Who worded it: ``model``, ``grammar``, ``script`` ..."""


@dataclass(frozen=True)
class PhaseBegan:
    """A phase begins for one seat."""

    power: Power
    view: GameView


@dataclass(frozen=True)
class MessageReceived:
    """A message reached one seat."""

    power: Power
    message: Message
    view: GameView


@dataclass(frozen=True)
class SpeakingTurn:
    """One seat may speak now; as many messages as it likes, or none."""

    power: Power
    view: GameView
    number: int
    """Counts the turns of the phase from 0."""
    at_most: int
    """How many turns the phase has at most; for progress bars."""


@dataclass(frozen=True)
class Moment:
    """Nothing is due; one seat may send now, and submit orders that it can still replace.

    For tables with a clock: one comes right after `PhaseBegan` and the messages that waited, and then one at each look
    at the server until the phase ends, also when the orders are in.
    """

    power: Power
    view: GameView
    left_s: float | None
    """Seconds to the deadline; None: there is none."""


@dataclass(frozen=True)
class OrdersDue:
    """One seat must submit its orders before the next event.

    At a table with a clock a seat that submits none is left with those that it submitted at a `Moment` before.
    """

    power: Power
    view: GameView


@dataclass(frozen=True)
class PhaseEnded:
    """The orders were carried out."""

    record: PhaseRecord
    """With all messages this process knows of."""
    centers: Mapping[Power, tuple[Province, ...]]
    """Ownership after the phase."""


@dataclass(frozen=True)
class TableClosed:
    """The last event: the game is over, or is played no further."""

    phase: Phase
    """The first phase that was not played."""
    reason: str
    """``solo``, ``draw``, ``until`` or ``abandoned``."""
    winner: Power | None
    centers: Mapping[Power, tuple[Province, ...]]
    scores: Mapping[Power, float]


TableEvent: TypeAlias = PhaseBegan | MessageReceived | SpeakingTurn | Moment | OrdersDue | PhaseEnded | TableClosed


def ownership(board: Board) -> Mapping[Power, tuple[Province, ...]]:
    """Who owns which supply centres."""
    return {power: board.centers(power) for power in board.powers}


def phases_ended(game: Game, before: int) -> Iterator[PhaseEnded]:
    """The ends of the phases of a game, without those of the first so many."""
    played = game.history[before:]
    after: list[Board] = [*(record.board for record in played), game]
    for record, board in zip(played, after[1:], strict=True):
        yield PhaseEnded(record, ownership(board))


class Write(StrEnum):
    """What a seat writes to a server."""

    MESSAGE = "message"
    ORDERS = "orders"
    VOTE = "vote"
    MARK = "mark"
    """That messages are seen, that the player is back."""


Permission: TypeAlias = Callable[[Write], bool]
"""Asked before each write, by tables on servers: whether it may be made now."""


def everything(write: Write) -> bool:
    """The permission to write whatever there is to write."""
    return True


def letters(text: str) -> str:
    """What of a message no server changes: its letters and digits; if there is none, all of it.

    >>> letters("So be it!\\n"), letters(" ?! ")
    ('Sobeit', '?!')
    """
    return "".join(letter for letter in text if letter.isalnum() and letter <= "\uffff") or text.strip()


@runtime_checkable
class PressRules(Protocol):
    """A table that knows who may write to whom now."""

    def may_write(self, recipient: Power | None) -> bool:
        """Whether our seat may write to this power, or (None) to all."""


@runtime_checkable
class KeepsOrders(Protocol):
    """A table that knows whether orders have arrived."""

    @property
    def has_orders(self) -> bool:
        """Whether it is known to have the orders that were submitted last."""


@runtime_checkable
class CarriesVotes(Protocol):
    """A table on which votes for a draw are cast, and may be left to the agent."""

    @property
    def asks_agent(self) -> bool:
        """Whether the vote is the agent's to decide now."""

    def vote_draw(self, wanted: bool) -> None:
        """Casts our seat's vote for a draw, or takes it back; it stands until this is called again."""


class Adapter(Protocol):
    """A table at which one or more seats are ours."""

    @property
    def seats(self) -> tuple[Power, ...]:
        """The powers we play, in the order of `POWERS`."""

    def events(self) -> Iterator[TableEvent]:
        """What happens at the table, in order, ending with `TableClosed`."""

    def send(self, sender: Power, recipient: Power | None, text: str) -> Message:
        """The message as delivered (None: public press).

        Raises:
            AdapterError: the sender has no turn to speak, or writes to itself or to a dead power.
            UndeliveredError: a message that the table does not deliver; the turn goes on.
            NotYetDeliveredError: the same, for the moment.
            UncertainDeliveryError: nobody knows; it must not be sent again.
        """

    def submit(self, power: Power, orders: Action) -> None:
        """Hands in the orders of the phase; what is not ordered holds, disbands or waives by the rules.

        Final from `OrdersDue` on; at a `Moment` before they can be replaced as long as the phase lasts.

        Raises:
            AdapterError: the power's orders are not due.
            IllegalOrderError: an order is illegal; nothing is handed in.
        """
