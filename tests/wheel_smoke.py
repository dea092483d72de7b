"""Plays some phases on the installed rules; run with any Python that has the wheel, from any folder.

It asks for no test tools, so that it can try a wheel on every system it is built for.
"""

from __future__ import annotations

import random
from pathlib import Path

import engine
from engine import POWERS, Game, Power, _core, parse_order


def main() -> None:
    """Plays three years at random, twice, and compares."""
    checkout = Path(__file__).resolve().parents[1]
    assert checkout / "engine" != Path(engine.__file__).parent, "this is the source folder, not an installed wheel"
    assert play(seed=1) == play(seed=1) != play(seed=2)
    print(f"{_core.__file__}: {play(seed=1).replace(chr(10), '; ')}")


def play(seed: int, until: int = 1904) -> str:
    """The last phase of a random game and where the units stand in it."""
    rng, game = random.Random(seed), Game()
    assert game.is_legal(Power.FRANCE, parse_order("A PAR - BUR"))
    while game.phase.year < until and not game.is_done:
        for power in POWERS:
            orders = [rng.choice(choices) for choices in game.legal_orders(power).values()]
            due = abs(game.build_count(power))
            game.set_orders(power, orders[:due] if due else orders)
        game.process()
    return f"{game.phase}\n{game.position.units()}"


if __name__ == "__main__":
    main()
