"""Supports among powers, and which of them mattered, by resolving the phase again without them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.board import order_code
from engine.record import PhaseRecord, PlayedPhase
from engine.types import Order, OrderKind, OrderResult, PhaseKind, Power, province_of


@dataclass(frozen=True)
class SupportGiven:
    """A support order of a movement phase, and what it was good for."""

    by: Power
    order: Order
    of: Power
    """Whose unit it is for."""
    is_matched: bool
    """Whether that unit did what it was supported in: made the move, or did not move."""
    is_effective: bool
    """Whether that succeeded and would have failed had the supporting unit held: the move would not have arrived, or
    the unit would have been dislodged."""

    @property
    def is_crossing(self) -> bool:
        """Whether it is for another power's unit."""
        return self.of is not self.by


def supports_in(record: PhaseRecord) -> Iterator[SupportGiven]:
    """Every support that was ordered in a phase, in the order of powers; none but in movement phases."""
    if record.phase.kind is not PhaseKind.MOVEMENT:
        return
    for power, orders in record.orders.items():
        for order in orders:
            if order.kind is not OrderKind.SUPPORT or order.aided is None:
                continue
            aided = record.board.unit_at(order.aided.province)
            if aided is None:
                continue
            matched = _aided_order(record, order, aided[0]) is not None
            effective = matched and _succeeds(record, order) and not _succeeds(_without(record, power, order), order)
            yield SupportGiven(power, order, aided[0], matched, effective)


def _aided_order(record: PhaseRecord, support: Order, owner: Power) -> Order | None:
    """The order of the supported unit, if it is the one supported."""
    assert support.aided is not None
    given = (o for o in record.orders[owner] if o.unit is not None and o.unit.province == support.aided.province)
    order = next(given, None)
    if order is None:
        return None
    moves = order.kind is OrderKind.MOVE
    if support.target is None:
        return None if moves else order
    goes = moves and order.target is not None and province_of(order.target) == province_of(support.target)
    return order if goes else None


def _succeeds(record: PhaseRecord, support: Order) -> bool:
    """Whether the supported unit got where it was to go, or was not dislodged."""
    assert support.aided is not None
    aided = record.board.unit_at(support.aided.province)
    assert aided is not None
    if support.target is None:
        return OrderResult.DISLODGED not in record.results.get(aided[1], ())
    order = _aided_order(record, support, aided[0])
    return order is not None and not record.is_stopped(order)


def _without(record: PhaseRecord, power: Power, support: Order) -> PhaseRecord:
    """The phase as it would have gone had the supporting unit held."""
    assert support.unit is not None
    name = record.position.map.name
    hold = Order(OrderKind.HOLD, support.unit)
    codes = tuple(
        tuple(order_code(hold if by is power and order == support else order, name) for order in record.orders[by])
        for by in record.board.powers
    )
    _, outcome = record.position.step(codes)
    return PhaseRecord(PlayedPhase(record.position, codes, outcome), ())


__all__ = ["SupportGiven", "supports_in"]
