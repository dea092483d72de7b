"""Positions and orders of random games, each in the forms that the engines take them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from cicero_lite.bench.chunks import Play
from engine._core import Position
from engine.mapfile import core_map
from engine.notation import parse_order
from engine.types import POWERS, Order, Power

LAST_YEAR = 1910
"""Games stop after this year."""
BLOCK = 16
"""Positions timed in one go: enough to outlast the clock's own cost, few enough for a median over many blocks."""


@dataclass(frozen=True)
class Moment:
    """A position of a game with the orders that were given in it."""

    position: Position
    codes: tuple[list[int], ...]
    """Per power of the map, as `Position.step` takes them."""
    texts: Mapping[str, list[str]]
    """The same in words, as the ``diplomacy`` package takes them."""
    orders: Mapping[Power, tuple[Order, ...]]
    """The same as `Game.set_orders` takes them."""

    @classmethod
    def of(cls, position: Position, codes: tuple[list[int], ...]) -> Moment:
        """The orders, written down in all three forms."""
        board = core_map()
        texts = {
            power.value: [board.order_text(code) for code in own] for power, own in zip(POWERS, codes, strict=True)
        }
        orders = {Power(power): tuple(map(parse_order, own)) for power, own in texts.items()}
        return cls(position, codes, texts, orders)


Block = tuple[Moment, ...]


@dataclass(frozen=True)
class Corpus:
    """The moments of some random games, shuffled: every block then holds phases of all kinds and years."""

    play: Play
    games: int
    blocks: tuple[Block, ...]

    @property
    def moments(self) -> Iterator[Moment]:
        """All of them."""
        return (moment for block in self.blocks for moment in block)

    @property
    def phases(self) -> dict[str, int]:
        """Positions by kind of phase: M, R, A."""
        kinds = [moment.position.phase[-1] for moment in self.moments]
        return {kind: kinds.count(kind) for kind in "MRA"}


def draw_corpus(play: Play, games: int, seed: int) -> Corpus:
    """Plays random games with our rules; the same for the same arguments.

    No position is there twice: what an engine remembers of a position would make its second visit cheaper.
    """
    rng = np.random.default_rng(np.random.SeedSequence([seed, list(Play).index(play)]))
    moments: dict[int, Moment] = {}
    for _ in range(games):
        for position, codes in random_game(play, rng):
            if position.hash not in moments:
                moments[position.hash] = Moment.of(position, codes)
    shuffled = list(moments.values())
    rng.shuffle(shuffled)
    blocks = [tuple(shuffled[start : start + BLOCK]) for start in range(0, len(shuffled), BLOCK)]
    if len(blocks) > 1 and len(blocks[-1]) < BLOCK:
        del blocks[-1]  # a short block would weigh as much as a whole one
    return Corpus(play, games, tuple(blocks))


def random_game(play: Play, rng: np.random.Generator) -> Iterator[tuple[Position, tuple[list[int], ...]]]:
    """A game of random orders on our rules, position by position, with the orders given there."""
    position = core_map().start()
    while not is_played(position):
        codes = position.sample(int(rng.integers(2**63)), coherent=play is Play.COHERENT)
        yield position, codes
        position = position.step(codes)[0]


def is_played(position: Position) -> bool:
    """Whether a game ends here: it is won, or its last year is done."""
    return position.is_over or int(position.phase[1:5]) > LAST_YEAR


def distinct_positions(count: int, seed: int) -> list[Position]:
    """Different positions from the middle of random games, half of them from coherent ones."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, len(Play)]))
    found: dict[int, Position] = {}
    while len(found) < count:
        for play in (Play.UNIFORM, Play.COHERENT):
            for position, _ in random_game(play, rng):
                if int(position.phase[1:5]) >= 1903:
                    found.setdefault(position.hash, position)
    return list(found.values())[:count]
