"""What a power is asked to order in a phase: a blank for each unit, build or removal, and all that is legal there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.board import Board
from engine.types import Order, PhaseKind, Power, Unit


@dataclass(frozen=True)
class Blank:
    """One order to give."""

    name: str
    """The unit, such as ``A PAR``; of a build or removal, ``build 1`` or ``removal 1``."""
    unit: Unit | None
    """None: any of several units, or none yet, as in adjustments."""
    legal: Mapping[str, Order]
    """The orders that may stand there, by their texts."""


def blanks_of(board: Board, power: Power) -> tuple[Blank, ...]:
    """All that the power may order in the phase at hand.

    >>> from engine.game import Game
    >>> [blank.name for blank in blanks_of(Game(), Power.FRANCE)]
    ['F BRE', 'A MAR', 'A PAR']
    """
    options = board.legal_orders(power)
    if board.phase.kind is not PhaseKind.ADJUSTMENTS:
        return tuple(_of_unit(orders) for orders in options.values())
    wanted = board.build_count(power)
    legal = {str(order): order for order in board.options(power)}
    name = "build" if wanted > 0 else "removal"
    return tuple(Blank(f"{name} {n + 1}", None, legal) for n in range(min(abs(wanted), len(options))))


def _of_unit(orders: tuple[Order, ...]) -> Blank:
    unit = orders[0].unit
    return Blank(str(unit), unit, {str(order): order for order in orders})
