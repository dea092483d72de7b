"""Each operation of the rules timed on ours and on the ``diplomacy`` package, by turns over the same positions.

CPU time of the thread, so that other programs on the machine do not count.  What both would have done before the
operation (the board set up, orders parsed) is made ready outside the time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import repeat
from operator import attrgetter
from time import thread_time
from typing import Any

import numpy as np

from cicero_lite.bench.engine_corpus import Block, Corpus, Moment, draw_corpus
from cicero_lite.bench.engine_features import StateEncoder, new_arrays
from cicero_lite.bench.situations import PackageRules
from engine._core import Batch, Position
from engine.board import order_code
from engine.game import Game

_WARM_UP = 10**6
"""Added to the seed of the games that are played before anything is timed."""


@dataclass(frozen=True)
class Run:
    """Something ready to be timed."""

    act: Callable[[], object]
    count: int
    """How often it does the operation."""


@dataclass
class Times:
    """Seconds that an operation took, block by block."""

    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Task:
    """Operations of ours, and what the package does for the same end."""

    ours: Mapping[str, Callable[[Block], Run]]
    """Name -> makes it ready for a block."""
    theirs: Callable[[Moment], object] | None = None
    """Done by the package with a moment; the moment's position is on its board."""
    ready: Callable[[Moment], object] = lambda moment: None
    """Done before, untimed."""


def measure(corpus: Corpus, seed: int, tell: Callable[[str], None]) -> dict[str, Times]:
    """Times every operation of one phase over the blocks of a corpus.

    Nothing is known of a position before `set_and_process` meets it; the codes of orders are, as in a process that
    has played for a while.
    """
    encoder = StateEncoder()
    _measure_block(draw_corpus(corpus.play, 1, seed + _WARM_UP).blocks[0], encoder, {})
    for moment in corpus.moments:
        for orders in moment.orders.values():
            deque(map(order_code, orders), maxlen=0)
    times: dict[str, Times] = {}
    for number, block in enumerate(corpus.blocks):
        tell(f"{corpus.play} corpus: block {number + 1} of {len(corpus.blocks)}")
        _measure_block(block, encoder, times)
    return times


def _measure_block(block: Block, encoder: StateEncoder, times: dict[str, Times]) -> None:
    # A game of the package grows slower with all that it remembers, so each block has one of its own.
    package, other = PackageRules(), PackageRules()
    for task in _tasks(package.game, other.game, encoder):
        theirs = None if task.theirs is None else _time_package(block, task, package)
        for name, prepare in task.ours.items():
            run = prepare(block)
            if not run.count:
                continue
            found = times.setdefault(name, Times())
            found.ours.append(timed(run.act) / run.count)
            if theirs is not None:
                found.theirs.append(theirs)


def timed(act: Callable[[], object]) -> float:
    """CPU seconds that it takes."""
    began = thread_time()
    act()
    return thread_time() - began


def _time_package(block: Block, task: Task, package: PackageRules) -> float:
    assert task.theirs is not None
    spent = 0.0
    for moment in block:
        package.place(moment.position)
        task.ready(moment)
        began = thread_time()
        task.theirs(moment)
        spent += thread_time() - began
    return spent / len(block)


def _tasks(game: Any, other: Any, encoder: StateEncoder) -> list[Task]:
    """The operations; the package does them with the first game, and copies it to the second."""

    def set_orders(moment: Moment) -> None:
        for power, texts in moment.texts.items():
            game.set_orders(power, texts)

    def set_and_process(moment: Moment) -> None:
        set_orders(moment)
        game.process()

    def list_and_set(moment: Moment) -> None:
        game.get_all_possible_orders()
        set_orders(moment)

    def forget(moment: Moment) -> None:
        game.clear_cache()

    arrays = new_arrays()
    return [
        Task(
            {"adjudicate": _step, "adjudicate_words": _step_and_read},
            theirs=lambda moment: game.process(),
            ready=list_and_set,
        ),
        Task(
            {"set_and_process": _set_and_process, "step_texts": _step_texts},
            theirs=set_and_process,
            ready=forget,
        ),
        Task({"movement_compiled": _movement_compiled}),
        Task(
            {"legal_orders": _legal_arrays, "legal_orders_dict": _legal_codes},
            theirs=lambda moment: game.get_all_possible_orders(),
            ready=forget,
        ),
        Task({"copy": _copy}, theirs=lambda moment: other.set_state(game.get_state())),
        Task({"encode": _encode}, theirs=lambda moment: encoder.fill(game.get_state(), *arrays)),
        Task({"hash": _hash}),
    ]


def _calls(times: int, function: Callable[..., object], positions: list[Position], *others: Any) -> Run:
    """Calls it for each position, all of that several times, with as little of Python around it as there can be."""

    def act() -> None:
        for _ in range(times):
            deque(map(function, positions, *others), maxlen=0)

    return Run(act, times * len(positions))


def _positions(block: Block) -> list[Position]:
    return [moment.position for moment in block]


def _step(block: Block) -> Run:
    return _calls(4, Position.step, _positions(block), [moment.codes for moment in block])


def _step_and_read(block: Block) -> Run:
    """The words of results are made when asked for; here they are."""
    codes = [moment.codes for moment in block]
    return _calls(4, lambda position, orders: position.step(orders)[1].items(), _positions(block), codes)


def _step_texts(block: Block) -> Run:
    return _calls(4, Position.step_texts, _positions(block), [moment.texts for moment in block])


def _set_and_process(block: Block) -> Run:
    """Only once: a second time, what the game remembers of its position would help."""
    games = [Game(position=moment.position) for moment in block]

    def act() -> None:
        for game, moment in zip(games, block, strict=True):
            for power, orders in moment.orders.items():
                game.set_orders(power, orders)
            game.process()

    return Run(act, len(block))


def _movement_compiled(block: Block) -> Run:
    """Movement phases stepped by the compiled batch: no Python between them; orders are checked to be legal."""
    moments = [moment for moment in block if moment.position.phase.endswith("M")]
    if not moments:
        return Run(lambda: None, 0)
    codes = [[code for own in moment.codes for code in own] for moment in moments]
    orders = np.full((len(codes), max(map(len, codes))), -1, np.int32)
    for row, given in zip(orders, codes, strict=True):
        row[: len(given)] = given
    whole = Batch.of(_positions(tuple(moments)), threads=1)
    batches = [whole.copy() for _ in range(4)]

    def act() -> None:
        for batch in batches:
            batch.step(orders)

    return Run(act, len(batches) * len(moments))


def _legal_arrays(block: Block) -> Run:
    return _calls(4, Position.legal_arrays, _positions(block))


def _legal_codes(block: Block) -> Run:
    return _calls(2, Position.legal_codes, _positions(block))


def _copy(block: Block) -> Run:
    return _calls(100, Position.copy, _positions(block))


def _encode(block: Block) -> Run:
    places, board = new_arrays()
    return _calls(20, Position.encode, _positions(block), repeat(places), repeat(board))


def _hash(block: Block) -> Run:
    return _calls(100, attrgetter("hash"), _positions(block))
