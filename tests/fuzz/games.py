"""Saved games: a file through ``load_game``, the same as an object through ``game_from_json``."""

from __future__ import annotations

import gzip
import json
import tempfile
import zlib
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from engine import Game, Power, game_from_json, load_game
from engine.mapfile import load_map
from engine.types import POWERS
from tests.fuzz.mutation import mutate_json_text

GZIP = b"\x1f\x8b"
"""How a packed file begins."""

WORDS = (
    *(f"{kind} {place}" for kind in "AF" for place in ("PAR", "BRE", "MAO", "STP", "STP/SC", "SPA/NC", "XXX")),
    *("A PAR - BUR", "F BRE - MAO", "A PAR B", "A PAR D", "WAIVE", "A PAR S A MAR", "*A PAR", "PAR", "MAO"),
    *(*POWERS, "GLOBAL", "ALL", "S1901M", "F1901R", "W1901A", "S9999M", "W9999A", "COMPLETED", "FORMING", "standard"),
    *("id", "map", "phases", "name", "state", "units", "centers", "retreats", "orders", "results", "messages"),
    *("sender", "recipient", "message", "text", "time_sent", "phase"),
)


def seeds() -> list[bytes]:
    """Short random games, the first of them with talks and without the fields that the reader does not use."""
    found = []
    for seed in range(4):
        rng, game = Random(seed), Game(game_id=f"seed-{seed}")
        game.say(Power.FRANCE, Power.ENGLAND, "Shall we leave the Channel empty?")
        for _ in range(2 + 3 * seed):
            for power in POWERS:
                orders = [rng.choice(choices) for choices in game.legal_orders(power).values()]
                due = abs(game.build_count(power))
                game.set_orders(power, orders[:due] if due else orders)
            game.process()
        found.append(game.to_saved_game())
    for phase in found[0]["phases"]:
        phase["state"] = {key: phase["state"][key] for key in ("units", "centers", "retreats")}
    texts = [json.dumps(saved).encode() for saved in found]
    return [*texts, gzip.compress(texts[0], mtime=0)]


def mutate(data: bytes, rng: Random) -> bytes:
    """Keys dropped and renamed, types changed, names exchanged, numbers made huge, brackets nested; or broken gzip."""
    if data.startswith(GZIP):
        broken = bytearray(data)
        for _ in range(rng.randint(1, 3)):
            broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
        return bytes(broken[: rng.choice((len(broken), len(broken), rng.randint(2, len(broken))))])
    return mutate_json_text(data, rng, WORDS)


def check(data: bytes) -> None:
    """File and object give the same game; it can be looked at, played on, written and read again.

    Raises:
        ValueError: it is no game.
    """
    lines = zlib.crc32(data) % 8 == 0
    file = _folder() / ("game.jsonl.gz" if data.startswith(GZIP) else "game.jsonl" if lines else "game.json")
    file.write_bytes(data)
    game = load_game(file)
    if file.suffix == ".json":
        assert game_from_json(json.loads(data)).position == game.position
    _check_game(game)


def _check_game(game: Game) -> None:
    for power in POWERS:
        view = game.view(power)
        assert view.legal_orders(power) == game.legal_orders(power)
        view.talk_with(Power.FRANCE)
    for record in game.history:
        earlier = game.at_phase(record.phase)
        assert earlier.phase == record.phase
    saved: Any = json.loads(json.dumps(game.to_saved_game()))
    again = game_from_json(saved)
    assert len(again.history) == len(game.history)
    if not game.is_done:
        assert again.position == game.position, "a game that was read, written and read again is another"
        game.process()
        assert game.phase != again.phase


@cache
def _folder() -> Path:
    load_map()  # what it reads belongs to no input
    return Path(tempfile.mkdtemp(prefix="fuzz-games-"))
