"""The log of a seat, out of the store: as ``events.jsonl``, and as a game that can be shown again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from cicero_lite.arena.log import Event, GameStarted, PhaseResolved, PhaseStarted, Sent, Understood, event_of, line_of
from cicero_lite.hosting.desk import DeskError
from cicero_lite.hosting.store import Store, StoredSeat
from cicero_lite.output import write_files
from cicero_lite.web.replay import replay_html
from engine.game import Game
from engine.types import EngineError, Message, PhaseKind


def write_seat_log(store: Store, seat: StoredSeat, folder: Path) -> tuple[Path, ...]:
    """Writes ``events.jsonl`` of a seat and, if a board is in it, ``game.json`` and ``replay.html``.

    ``cicero-lite view FOLDER`` and ``cicero-lite ledger FOLDER`` read the folder as one that ``play`` wrote.

    Returns:
        The files written.

    Raises:
        DeskError: the seat has no log, or it cannot be read.
        OutputError: the folder cannot be written.
    """
    lines = store.log_lines(seat.id)
    if not lines:
        raise DeskError(f"seat {seat.id} has no log yet")
    game, events = played(_events(seat, lines))
    texts = {"events.jsonl": "".join(line + "\n" for line in lines)}
    if game is not None:
        saved = game.to_saved_game()
        texts["game.json"] = json.dumps(saved, indent=1, ensure_ascii=False) + "\n"
        texts["events.jsonl"] = "".join(line_of(event) + "\n" for event in events)
        texts["replay.html"] = replay_html(saved, events)
    write_files(folder, texts)
    return tuple(folder / name for name in texts)


def _events(seat: StoredSeat, lines: Iterable[str]) -> list[Event]:
    events: list[Event] = []
    for number, line in enumerate(lines, start=1):
        try:
            events.append(event_of(line))
        except ValueError as error:
            raise DeskError(f"the log of seat {seat.id}, line {number}: {error}") from None
    if not isinstance(events[0], GameStarted):
        raise DeskError(f"the log of seat {seat.id}: expected game_started first, got {events[0].TAG}")
    return events


def played(events: Iterable[Event]) -> tuple[Game | None, list[Event]]:
    """The game as a seat saw it, from its log.

    A seat that was taken in the middle of a game has seen nothing before, so the game begins there: with a phase of
    movement or of adjustments, as the log does not say who may retreat where.  Only the messages that the seat sent or
    heard are in it; they are numbered anew, from 0.

    Returns:
        The game, None where no such phase began, and the log with the new numbers.

    Raises:
        DeskError: orders that the rules do not allow.
    """
    game: Game | None = None
    empty = Game()
    told: dict[Message, Message] = {}
    renumbered: list[Event] = []
    for event in events:
        if isinstance(event, GameStarted):
            empty = Game(event.map_name, event.game)
        elif isinstance(event, PhaseStarted) and (game is None or game.phase != event.phase):
            game = _moved_to(game or empty, event) or game
        elif game is not None and isinstance(event, Sent | Understood):
            if event.message not in told:
                told[event.message] = game.say(event.message.sender, event.message.recipient, event.message.text)
            event = replace(event, message=told[event.message])
        elif game is not None and isinstance(event, PhaseResolved) and event.phase == game.phase:
            _resolve(game, event)
        renumbered.append(event)
    return game, renumbered


def _moved_to(game: Game, begun: PhaseStarted) -> Game | None:
    if begun.phase.kind is PhaseKind.RETREATS:
        return None
    units = {power.value: [str(unit) for unit in units] for power, units in begun.units.items()}
    centers = {power.value: list(owned) for power, owned in begun.centers.items()}
    game.position = game.position.map.position(str(begun.phase), units, centers, {})
    return game


def _resolve(game: Game, resolved: PhaseResolved) -> None:
    try:
        for power in dict.fromkeys(outcome.power for outcome in resolved.outcomes):
            game.set_orders(power, [outcome.order for outcome in resolved.outcomes if outcome.power is power])
        game.process()
    except EngineError as error:
        raise DeskError(f"no replay: the log's orders of {resolved.phase} are no game: {error}") from None
