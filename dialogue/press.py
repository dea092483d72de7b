"""Public games as what each writer saw: every message with its reading, the talk before it, and what was then played.

The data are JSON lines (`.jsonl[.gz]`, one game each), in the format that `engine.saved` reads; messages may carry the
sender's word on whether they are true.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dialogue.briefing import Briefing, brief
from dialogue.memory import Ledger
from dialogue.understanding import Reading, read
from engine.game import Game, GameFileError
from engine.record import PhaseRecord
from engine.saved import game_from_json
from engine.types import Intent, Message, PlannedOrders


@dataclass(frozen=True)
class PlayedGame:
    """A public game and what its file says of its writers."""

    game: Game
    players: Mapping[str, str] = field(default_factory=dict)
    """Power -> ``human``, ``cicero``, ``bot`` or ``unknown``."""
    truths: Mapping[int, bool] = field(default_factory=dict)
    """Sequence of a message -> whether its sender called it true; others were not asked."""


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


def played_games(path: Path) -> Iterator[PlayedGame]:
    """The games of a file.

    Raises:
        GameFileError: there is no such file, or a line is no game.
    """
    if not path.is_file():
        raise GameFileError(f"no such file: {path}; expected public games (.jsonl, .jsonl.gz)")
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            where = f"{path}, line {number}"
            try:
                data = json.loads(line)
            except ValueError as error:
                raise GameFileError(f"{where} is not JSON ({error}): expected a game") from None
            game = game_from_json(data, where)
            yield PlayedGame(game, dict(data.get("players") or {}), dict(_truths(data, game)))


def _truths(data: Mapping[str, Any], game: Game) -> Iterator[tuple[int, bool]]:
    """The labels, found again by phase, writers and text, since messages of observers are not in the game."""
    known: dict[tuple[str, str, str | None, str], list[int]] = {}
    for message in (m for record in game.history for m in record.messages):
        key = (str(message.phase), message.sender.value, message.recipient, message.text)
        known.setdefault(key, []).append(message.sequence)
    for phase in data["phases"]:
        for message in phase.get("messages", []):
            label = message.get("label") or {}
            recipient = message["recipient"] if message["recipient"] in game.powers else None
            found = known.get((phase["name"], message["sender"], recipient, message.get("text", "")))
            if found:
                sequence = found.pop(0)
                if isinstance(label.get("sender_truth"), bool):
                    yield sequence, label["sender_truth"]


def press(played: Iterable[PlayedGame]) -> Iterator[PressMessage]:
    """Every message of some games, in order, read as its recipient could read it at the time."""
    for item in played:
        yield from _press_of(item)


def _press_of(item: PlayedGame) -> Iterator[PressMessage]:
    game = item.game
    ledgers = {power: Ledger(power) for power in game.powers}
    readings: dict[int, Reading] = {}
    for number, record in enumerate(game.history):
        then = Game(game.map_name, game.game_id, record.position)
        then.history = game.history[:number]
        for message in record.messages:
            known = brief(then.view(message.sender), message.recipient, ledgers[message.sender])
            truthful = item.truths.get(message.sequence)
            if truthful is not False:
                known = replace(known, intent=_hindsight(message, record))
            reading = readings[message.sequence] = read(message, known.view, known.talk)
            answered = _answered(message, known)
            heard = Reading(()) if answered is None else readings[answered.sequence]
            author = item.players.get(message.sender, "unknown")
            yield PressMessage(game.game_id, message, reading, known, answered, heard, author, truthful)
            then.messages.append(message)
            for power in game.powers if message.recipient is None else (message.sender, message.recipient):
                ledgers[power].record(message, reading.acts)
        for ledger in ledgers.values():
            ledger.settle(record)


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
