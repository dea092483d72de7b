"""Makes the replay page of any game: one that `play` kept, or a saved game from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

from cicero_lite.arena.log import Event, read_events
from cicero_lite.errors import OutputError
from cicero_lite.output import check_folder, write_files
from cicero_lite.web.replay import replay_html
from engine.saved import load_game


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
    page = replay_html(game.to_saved_game(), _events_beside(source))
    write_files(target.parent, {target.name: page})
    return target


def _events_beside(source: Path) -> list[Event]:
    log = source.with_name("events.jsonl")
    return read_events(log) if source.name == "game.json" and log.exists() else []
