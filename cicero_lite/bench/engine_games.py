"""Whole random games timed, ours and the ``diplomacy`` package's by turns."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from functools import partial

import numpy as np

from cicero_lite.bench.chunks import Play
from cicero_lite.bench.engine_corpus import LAST_YEAR, random_game
from cicero_lite.bench.engine_ops import Times, timed
from cicero_lite.bench.situations import PackageRules
from engine.mapfile import core_map

_COMPILED, _PYTHON = 32, 4
"""Games in one go: ours are so fast that one alone says little."""


def measure_games(play: Play, rounds: int, seed: int, tell: Callable[[str], None]) -> dict[str, Times]:
    """Times random games in so many rounds; the package's are uniform in any case, it has no other way to draw."""
    compiled, python = Times(), Times()
    board, rng, draw = core_map(), np.random.default_rng([seed, list(Play).index(play)]), random.Random(seed)
    coherent = play is Play.COHERENT
    for number in range(rounds):
        tell(f"random games, {play}: round {number + 1} of {rounds}")
        theirs = timed(partial(play_package, PackageRules(), draw))
        games = partial(board.random_games, _COMPILED, LAST_YEAR, int(rng.integers(2**63)), coherent, threads=1)
        compiled.ours.append(timed(games) / _COMPILED)
        python.ours.append(timed(partial(_play_python, play, rng)) / _PYTHON)
        compiled.theirs.append(theirs)
        python.theirs.append(theirs)
    return {"random_games": compiled, "random_games_python": python}


def _play_python(play: Play, rng: np.random.Generator) -> None:
    for _ in range(_PYTHON):
        deque(random_game(play, rng), maxlen=0)


def play_package(rules: PackageRules, draw: random.Random) -> int:
    """A game on the package as its manual plays one: any possible order for each place; returns the phases played."""
    game, phases = rules.game, 0
    while not game.is_game_done and int(game.get_current_phase()[1:5]) <= LAST_YEAR:
        possible = game.get_all_possible_orders()
        for power, places in game.get_orderable_locations().items():
            game.set_orders(power, [draw.choice(possible[place]) for place in places if possible[place]])
        game.process()
        phases += 1
    return phases
