"""Games in which everybody says and orders what is written down, and nobody records a thought."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from cicero_lite.adapters.local import LocalTable
from cicero_lite.arena.log import Event, EventLog, GameStarted
from cicero_lite.session import run
from cicero_lite.testing import ScriptedAgent
from engine.game import Game
from engine.notation import parse_order
from engine.types import POWERS, Action, Power

Lines = Mapping[Power, Sequence[tuple[Power | None, str]]]
Orders = Mapping[str, Mapping[Power, Sequence[str]]]


def orders(*texts: str) -> Action:
    """The orders that the texts write."""
    return tuple(parse_order(text) for text in texts)


def played_game(
    lines: Mapping[str, Lines], given: Orders, until: int = 1901, game_id: str = "scripted"
) -> tuple[Game, list[Event]]:
    """The game and its events, the first line of a log left out."""
    agents = {
        power: ScriptedAgent(
            {phase: list(said.get(power, ())) for phase, said in lines.items()},
            {phase: orders(*of.get(power, ())) for phase, of in given.items()},
        )
        for power in POWERS
    }
    game, events = Game(game_id=game_id), EventLog()
    run(LocalTable(game, until=until, rounds=3, late_rounds=0, rng=np.random.default_rng(0)), agents, events)
    return game, events.events


def played(lines: Mapping[str, Lines], given: Orders, until: int = 1901) -> list[Event]:
    """The events alone."""
    return played_game(lines, given, until)[1]


def keep(folder: Path, game: Game, events: Sequence[Event]) -> Path:
    """Writes game and log as `cicero-lite play` does, and returns the folder."""
    folder.mkdir()
    started = GameStarted(game.game_id, game.map_name, 7, dict.fromkeys(POWERS, "scripted"), {}, None, False, {})
    (folder / "game.json").write_text(json.dumps(game.to_saved_game()), encoding="utf-8")
    (folder / "events.jsonl").write_text(EventLog([started, *events]).to_text(), encoding="utf-8")
    return folder
