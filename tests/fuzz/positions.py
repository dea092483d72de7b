"""Positions: ``Position.from_state`` with units, centres and retreats that no game would have, and what follows."""

from __future__ import annotations

import json
import zlib
from random import Random
from typing import Any

import numpy as np

from engine._core import Batch, Position
from engine.mapfile import core_map
from engine.types import POWERS
from tests.fuzz.mutation import mutate_json_text
from tests.fuzz.play import check_position, check_steps, hostile_codes, random_orders

BOARD = core_map()
WORDS = (
    *(f"{kind} {place}" for kind in "AF" for place in BOARD.locations),
    *(*BOARD.locations, *POWERS, "*A PAR", "*F BRE", "S1901M", "F1901R", "W1901A", "S1901R", "F9999M", "W1900A"),
)


def seeds() -> list[bytes]:
    """Positions of three random games, retreats and adjustments among them, and an empty board."""
    found: list[bytes] = []
    for seed in range(3):
        rng, position = Random(seed), BOARD.start()
        for _ in range(12):
            found.append(_to_json(position))
            position, _ = position.step(random_orders(position, rng))
    empty = {"phase": "S1901M", "units": {}, "centers": {}, "retreats": {}}
    return [*found, json.dumps(empty).encode()]


def _to_json(position: Position) -> bytes:
    parts = {"units": position.units(), "centers": position.centers(), "retreats": position.dislodged()}
    return json.dumps({"phase": position.phase, **parts}).encode()


def mutate(data: bytes, rng: Random) -> bytes:
    """Units on any square, twice, of others; centres and retreats likewise; any phase."""
    return mutate_json_text(data, rng, WORDS)


def check(data: bytes) -> None:
    """A position that is accepted can be written and read again, and played on with good and hostile orders.

    Raises:
        ValueError: it is not accepted.
    """
    phase, units, centers, retreats = _read(data)
    position = Position.from_state(BOARD, phase, units, centers, retreats)
    rng = Random(zlib.crc32(data))
    check_position(position, rng)
    _check_batch(position, rng)
    check_steps(position, rng, phases=3)


def _read(data: bytes) -> tuple[str, dict[str, list[str]], dict[str, list[str]], dict[str, dict[str, list[str]]]]:
    """The arguments of ``from_state``; values of other types are refused here, as its signature has types."""
    try:
        value = json.loads(data)
        phase, retreats = value["phase"], value["retreats"]
        units, centers = _texts(value["units"]), _texts(value["centers"])
        moves = {str(power): _texts(places) for power, places in retreats.items()}
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(str(error)) from None
    text = json.dumps([phase, units, centers, moves], ensure_ascii=False)
    text.encode()  # a lone surrogate is no text in C++: refused (UnicodeEncodeError is a ValueError)
    return str(phase), units, centers, moves


def _texts(value: Any) -> dict[str, list[str]]:
    if not isinstance(value, dict) or not all(isinstance(items, list) for items in value.values()):
        raise ValueError("expected lists by name")
    return {str(name): [str(item) for item in items] for name, items in value.items()}


def _check_batch(position: Position, rng: Random) -> None:
    """A batch agrees with single steps, and refuses orders and indices that are none."""
    joint = [random_orders(position, rng) for _ in range(3)]
    actions = [[orders[power] for orders in joint] for power in range(7)]
    profiles = np.array([[rng.randrange(3) for _ in range(7)] for _ in range(4)], dtype=np.int32)
    batch = Batch(position, actions, profiles, threads=1)
    for copy, profile in enumerate(profiles):
        single, _ = position.step([actions[power][profile[power]] for power in range(7)])
        assert batch.position(copy) == single
    batch.settle()
    assert batch.owners().shape == batch.occupants().shape == (4, len(BOARD.centers))
    assert batch.reach().shape == (4, len(BOARD.centers), 7)
    assert len(batch.hashes()) == len(batch.phases) == len(batch.unit_counts()) == len(batch.center_counts()) == 4
    if rng.random() < 0.5:
        profiles[rng.randrange(4), rng.randrange(7)] = rng.choice((3, -1, 2**31 - 1, -(2**31)))
    else:
        actions[rng.randrange(7)][rng.randrange(3)] += hostile_codes(position, rng, 3)
    try:
        Batch(position, actions, profiles, threads=1).settle()
    except ValueError:
        return
    assert set(profiles.flat) <= {0, 1, 2}, "an index without an action was taken"
