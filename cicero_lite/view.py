"""Makes the replay page of any game: one that `play` kept, or a saved game from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from cicero_lite.arena.log import Event, PromiseSettled, read_events
from cicero_lite.errors import OutputError
from cicero_lite.ledger import ledger_of
from cicero_lite.output import check_folder, write_files
from cicero_lite.web.replay import replay_html
from dialogue.board import Board
from dialogue.memory import Status
from dialogue.records import act_of
from dialogue.understanding import Reading, read
from engine.game import Game
from engine.saved import load_game
from engine.types import Message


def write_replay(path: Path, game_id: str | None = None, out: Path | None = None) -> Path:
    """Writes the page and returns where.

    Args:
        path: a saved game, a file of games, or a folder that `cicero-lite play` wrote.
        game_id: which game, where the file holds several.
        out: the file to write; None: the game's id with ``.html``, in the working folder.

    Raises:
        GameFileError, EventLogError: the game or its log cannot be read.
        OutputError: the page cannot be written.
    """
    source = path / "game.json" if path.is_dir() else path
    game = load_game(source, game_id)
    target = Path(re.sub(r"[^\w.-]+", "_", game.game_id) + ".html") if out is None else out
    if target.is_dir():
        raise OutputError(f"cannot write to {target}: it is a folder, expected a file name such as game.html")
    check_folder(target.parent)
    write_files(target.parent, {target.name: replay_of(game, _events_beside(source))})
    return target


def replay_of(game: Game, events: Sequence[Event]) -> str:
    """The page of a game and its log; where there is none, with the promises that our reader finds."""
    return replay_html(game.to_saved_game(), events or read_promises(game), reader=not events)


def read_promises(game: Game) -> list[PromiseSettled]:
    """The promises of a game without a log, as our reader finds them in its talks, and what became of each."""
    readings: dict[int, Reading] = {}

    def reads(message: Message, board: Board, talk: Sequence[Message] = ()) -> Reading:
        """Each message once, in whosever ledger it comes first."""
        if message.sequence not in readings:
            readings[message.sequence] = read(message, board, talk)
        return readings[message.sequence]

    found = []
    for power in game.powers:
        for promise in ledger_of(game.view(power), reads).promises_by(power):
            if promise.to is not None and promise.status in (Status.KEPT, Status.BROKEN):
                act, outcome = act_of(promise, promise.to), promise.status.value
                found.append(PromiseSettled(promise.by, promise.to, promise.phase, act, outcome, promise.message))
    return sorted(found, key=lambda event: (event.phase, event.message or 0))


def _events_beside(source: Path) -> list[Event]:
    log = source.with_name("events.jsonl")
    return read_events(log) if source.name == "game.json" and log.exists() else []
