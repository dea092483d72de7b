"""Public games as what each writer saw: every message with its reading, the talk before it, and what was played."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dialogue.briefing import Briefing, brief
from dialogue.memory import Ledger
from dialogue.reading import Reader
from dialogue.understanding import Reading, read
from engine.board import Board
from engine.game import Game
from engine.record import PhaseRecord
from engine.saved import SeatedGame
from engine.types import Intent, Message, PlannedOrders, Power


@dataclass(frozen=True)
class PressMessage:
    """A message somebody sent, with what its writer knew and what became of it."""

    game_id: str
    message: Message
    reading: Reading
    """What our reader makes of it."""
    known: Briefing
    """What the writer knew; its intent are the orders really played, none where it called the message a lie."""
    answered: Message | None
    """The message of the addressee's that it answers; None: it answers none."""
    heard: Reading
    """What our reader makes of that."""
    author: str
    """Kind of player who wrote it."""
    truthful: bool | None
    """Whether its writer called it true; None: it was not asked."""


def press(games: Iterable[SeatedGame]) -> Iterator[PressMessage]:
    """Every message of some games, in order, read as its recipient could read it at the time."""
    for seated in games:
        yield from _press_of(seated)


def _press_of(seated: SeatedGame) -> Iterator[PressMessage]:
    game = seated.game
    ledgers = {power: Ledger(power) for power in game.powers}
    readings: dict[int, Reading] = {}
    for number, record in enumerate(game.history):
        then = Game(game.map_name, game.game_id, record.position)
        then.history = game.history[:number]
        for message in record.messages:
            known = brief(then.view(message.sender), message.recipient, ledgers[message.sender])
            truthful = seated.truths.get(message.sequence)
            if truthful is not False:
                known = replace(known, intent=_hindsight(message, record))
            reading = readings[message.sequence] = read_into(ledgers, message, known.view, known.talk)
            answered = _answered(message, known)
            heard = Reading(()) if answered is None else readings[answered.sequence]
            author = seated.players.get(message.sender, "unknown")
            yield PressMessage(game.game_id, message, reading, known, answered, heard, author, truthful)
            then.messages.append(message)
        for ledger in ledgers.values():
            ledger.settle(record)


def read_into(
    ledgers: Mapping[Power, Ledger], message: Message, board: Board, talk: Sequence[Message], reader: Reader = read
) -> Reading:
    """Reads a message and enters it into the ledgers of those who saw it.

    Args:
        ledgers: of all powers.
        message: the message.
        board: the board it was written over.
        talk: earlier messages, oldest first; see `read`.
        reader: which reader.
    """
    reading = reader(message, board, talk)
    for power in ledgers if message.recipient is None else (message.sender, message.recipient):
        ledgers[power].record(message, reading.acts)
    return reading


def _hindsight(message: Message, record: PhaseRecord) -> Intent | None:
    """The orders that writer and addressee really gave; None for public press."""
    if message.recipient is None:
        return None
    own, wanted = (
        PlannedOrders(power, record.phase, record.orders.get(power, ()))
        for power in (message.sender, message.recipient)
    )
    return Intent(message.sender, message.recipient, own, wanted)


def _answered(message: Message, known: Briefing) -> Message | None:
    """The addressee's last message of the phase, if the writer has not written since."""
    if not known.talk or known.talk[-1].sender is message.sender:
        return None
    found = next((m for m in reversed(known.talk) if m.sender is message.recipient), None)
    return None if found is None or found.phase != message.phase else found
