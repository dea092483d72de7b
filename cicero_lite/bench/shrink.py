"""Makes a movement phase in which rules differ as small as it can be while they still differ in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from cicero_lite.bench.differential import Finding, compare_phase, compare_with_arbiter
from cicero_lite.bench.situations import Arbiter, Rival, Situation
from engine._core import CoreError
from engine.mapfile import core_map
from engine.notation import parse_order
from engine.types import OrderKind

Find = Callable[[Situation], Finding | None]
"""Resolves a situation anew and says how rules differ in it."""


def find_with(rival: Callable[[], Rival] | None, arbiter: Arbiter | None) -> Find:
    """Compares as a chunk does, on a board set up for the purpose.

    Args:
        rival: makes a game of the rules compared with ours; None: ours are compared with the arbiter.
    """

    def find(situation: Situation) -> Finding | None:
        position, codes = situation.position(), situation.codes()
        stepped = position.step(codes)
        if rival is None:
            return None if arbiter is None else compare_with_arbiter(position, situation, stepped, arbiter)
        theirs = rival()
        theirs.place(position)
        return compare_phase(position, codes, stepped, theirs.process(situation.written()), theirs, arbiter)

    return find


def shrink(situation: Situation, finding: Finding, find: Find) -> tuple[Situation, Finding] | None:
    """The smallest situation found that shows a difference of the same cause and verdict.

    No single unit of it can be taken away, and no single order made simpler.

    Returns:
        The situation with its own finding; None if the difference does not show on a fresh board: then it hangs
        on what the rival remembers of the game.
    """
    known = _same(situation, finding, find)
    if known is None:
        return None
    smaller: tuple[Situation, Finding] | None = (situation, known)
    while smaller is not None:
        situation, known = smaller
        smaller = next(
            (
                (candidate, same)
                for candidate in _simpler(situation)
                if candidate != situation and (same := _same(candidate, finding, find)) is not None
            ),
            None,
        )
    return situation, known


def _same(situation: Situation, wanted: Finding, find: Find) -> Finding | None:
    """The finding, if of the same cause and verdict."""
    try:
        found = find(situation)
    except CoreError:
        return None
    if found is None or (found.cause, found.verdict) != (wanted.cause, wanted.verdict):
        return None
    return found


def _simpler(situation: Situation) -> Iterator[Situation]:
    """Situations one step simpler, the largest steps first."""
    yield _legalised(replace(situation, phase="S1901M"))
    for power in situation.units:
        yield _without(situation, power, set(situation.units[power]))
    for power, units in situation.units.items():
        for unit in units:
            yield _without(situation, power, {unit})
    yield replace(situation, centers={})
    for power in situation.centers:
        yield replace(situation, centers={p: c for p, c in situation.centers.items() if p != power})
    for power, orders in situation.orders.items():
        for index, text in enumerate(orders):
            for simpler in _simpler_orders(text):
                changed = (*orders[:index], simpler, *orders[index + 1 :])
                yield _legalised(replace(situation, orders={**situation.orders, power: changed}))


def _without(situation: Situation, power: str, gone: set[str]) -> Situation:
    """The situation without some units of a power; orders that then make no sense become holds."""
    units = {**situation.units, power: tuple(unit for unit in situation.units[power] if unit not in gone)}
    kept = tuple(text for text in situation.orders.get(power, ()) if str(parse_order(text).unit) not in gone)
    orders = {**situation.orders, power: kept}
    return _legalised(
        replace(situation, units={p: u for p, u in units.items() if u}, orders={p: o for p, o in orders.items() if o})
    )


def _legalised(situation: Situation) -> Situation:
    """The situation with holds for the orders that are not legal in it."""
    position, board = situation.position(), core_map()

    def legal(power: str, text: str) -> str:
        return text if position.is_legal(power, board.order_code(text)) else f"{parse_order(text).unit} H"

    orders: Mapping[str, tuple[str, ...]] = {
        power: tuple(legal(power, text) for text in given) for power, given in situation.orders.items()
    }
    return replace(situation, orders=orders)


def _simpler_orders(text: str) -> Iterator[str]:
    """Simpler orders to the same unit, the simplest first."""
    order = parse_order(text)
    if order.kind is OrderKind.HOLD:
        return
    yield f"{order.unit} H"
    if order.via_convoy:
        yield text.removesuffix(" VIA")
    if order.kind is OrderKind.SUPPORT and order.target is not None:
        yield f"{order.unit} S {order.aided}"
