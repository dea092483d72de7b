"""Makes a movement phase in which rules differ as small as it can be while they still differ in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from cicero_lite.bench.differential import Finding, compare_phase, compare_with_arbiter
from cicero_lite.bench.situations import Arbiter, Rival, Situation
from engine._core import CoreError
from engine.mapfile import core_map
from engine.notation import parse_order
from engine.types import OrderKind

_Change = Callable[[Situation], Situation]
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
    smaller = True
    while smaller:
        smaller = False
        for step in _STEPS:
            # The steps of one kind are taken in one sweep: one that failed seldom works after the next.
            for change in list(step(situation)):
                candidate = change(situation)
                same = None if candidate == situation else _same(candidate, finding, find)
                if same is not None:
                    situation, known, smaller = candidate, same, True
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


def _powers(situation: Situation) -> Iterator[_Change]:
    """Takes all units of a power away."""
    for power, units in situation.units.items():
        yield partial(_without, power=power, gone=set(units))


def _units(situation: Situation) -> Iterator[_Change]:
    """Takes one unit away."""
    for power, units in situation.units.items():
        for unit in units:
            yield partial(_without, power=power, gone={unit})


def _surroundings(situation: Situation) -> Iterator[_Change]:
    """Plays in the first spring, when no centre changes hands; and without the centres of a power, or all."""
    yield _in_spring
    yield partial(_without_centers, powers=set(situation.centers))
    for power in situation.centers:
        yield partial(_without_centers, powers={power})


def _orders(situation: Situation) -> Iterator[_Change]:
    """Makes one order simpler."""
    for power, orders in situation.orders.items():
        for text in orders:
            for simpler in _simpler_orders(text):
                yield partial(_reordered, power=power, text=text, simpler=simpler)


_STEPS: tuple[Callable[[Situation], Iterator[_Change]], ...] = (_surroundings, _powers, _units, _orders)
"""The largest steps first."""


def _in_spring(situation: Situation) -> Situation:
    return _legalised(replace(situation, phase="S1901M"))


def _without_centers(situation: Situation, powers: set[str]) -> Situation:
    return replace(situation, centers={p: held for p, held in situation.centers.items() if p not in powers})


def _reordered(situation: Situation, power: str, text: str, simpler: str) -> Situation:
    given = tuple(simpler if order == text else order for order in situation.orders.get(power, ()))
    return _legalised(replace(situation, orders={**situation.orders, power: given}))


def _without(situation: Situation, power: str, gone: set[str]) -> Situation:
    """The situation without some units of a power; orders that then make no sense become holds."""
    units = {**situation.units, power: tuple(u for u in situation.units.get(power, ()) if u not in gone)}
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
