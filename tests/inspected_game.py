"""A short game of seven negotiating agents that think little, for tests of the inspector."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from cicero_lite.config import load_config
from cicero_lite.inspection import GameRecord, open_record
from cicero_lite.session import play
from engine.types import Phase

SETTINGS = (
    "play.until=1901",
    "play.rounds=1",
    "agent.search.think=4it",
    "agent.search.policy=rules",
    "agent.search.value.value=threat",
    "agent.generation.candidates=0",
)
SPRING, FALL = Phase.parse("S1901M"), Phase.parse("F1901M")


@cache
def game_folder() -> Path:
    """A folder with the game, as `cicero-lite play` writes it; played once a process."""
    folder = Path(mkdtemp(prefix="inspected-"))
    play(load_config(settings=SETTINGS), folder)
    return folder


@cache
def record() -> GameRecord:
    """The game, opened."""
    return open_record(game_folder())
