"""Positions: ``Position.from_state`` with units, centres and retreats that no game would have, and what follows."""

from __future__ import annotations

import json
import zlib
from random import Random
from typing import TYPE_CHECKING, Any

from engine.mapfile import Terrain, core_map, load_map
from tests.fuzz.arrays import check_batches, check_games
from tests.fuzz.mutation import mutate_json_text
from tests.fuzz.play import check_position, check_steps, random_orders

if TYPE_CHECKING:
    from engine._core import Position

BOARDS = {name: core_map(name) for name in ("standard", "known_world_901", "pure")}
"""One for the rules of small boards, one for those of large ones, one without seas."""
WORDS = {
    name: (
        *(f"{kind} {place}" for kind in "AF" for place in board.locations),
        *(*board.locations, *board.powers, "*A PAR", "*F BRE", "S1901M", "F1901R", "W1901A", "S1901R", "F9999M"),
    )
    for name, board in BOARDS.items()
}


def seeds() -> list[bytes]:
    """Positions of three random games, retreats and adjustments among them, of other boards, and empty ones."""
    found: list[bytes] = []
    for seed, name in enumerate(("standard", "standard", "standard", "known_world_901", "pure")):
        rng, position = Random(seed), BOARDS[name].start()
        for _ in range(12 if name == "standard" else 5):
            found.append(_to_json(name, position))
            position, _ = position.step(random_orders(position, rng))
    empty: dict[str, Any] = {"phase": "S1901M", "units": {}, "centers": {}, "retreats": {}}
    terrain = load_map("known_world_901").terrain
    units = [f"A {place}" for place, kind in terrain.items() if kind is not Terrain.SEA]
    crowded = empty | {"map": "known_world_901", "units": {BOARDS["known_world_901"].powers[0]: units}}
    return [*found, json.dumps(empty).encode(), json.dumps(crowded).encode()]


def _to_json(name: str, position: Position) -> bytes:
    parts = {"units": position.units(), "centers": position.centers(), "retreats": position.dislodged()}
    return json.dumps({"map": name, "phase": position.phase, **parts}).encode()


def mutate(data: bytes, rng: Random) -> bytes:
    """Units on any square, twice, of others; centres and retreats likewise; any phase."""
    name = next((name for name in BOARDS if f'"map": "{name}"'.encode() in data), "standard")
    return mutate_json_text(data, rng, WORDS[name])


def check(data: bytes) -> None:
    """A position that is accepted can be written and read again, and played on with good and hostile orders.

    Raises:
        ValueError: it is not accepted.
    """
    name, phase, units, centers, retreats = _read(data)
    board = BOARDS[name]
    position = type(board.start()).from_state(board, phase, units, centers, retreats)
    rng = Random(zlib.crc32(data))
    check_position(position, rng)
    check_batches(position, rng)
    check_games(position, rng)
    check_steps(position, rng, phases=3)


Texts = dict[str, list[str]]


def _read(data: bytes) -> tuple[str, str, Texts, Texts, dict[str, Texts]]:
    """The map and the arguments of ``from_state``; other types are refused here, as its signature has types."""
    try:
        value = json.loads(data)
        phase, retreats = value["phase"], value["retreats"]
        units, centers = _texts(value["units"]), _texts(value["centers"])
        moves = {str(power): _texts(places) for power, places in retreats.items()}
        name = str(value.get("map", "standard"))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(str(error)) from None
    if name not in BOARDS:
        raise ValueError(f"unknown board {name!r}")
    text = json.dumps([phase, units, centers, moves], ensure_ascii=False)
    text.encode()  # a lone surrogate is no text in C++: refused (UnicodeEncodeError is a ValueError)
    return name, str(phase), units, centers, moves


def _texts(value: Any) -> dict[str, list[str]]:
    if not isinstance(value, dict) or not all(isinstance(items, list) for items in value.values()):
        raise ValueError("expected lists by name")
    return {str(name): [str(item) for item in items] for name, items in value.items()}
