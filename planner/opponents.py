"""What talk adds to the board: what others will order, what one promised, what is under discussion."""

from __future__ import annotations

from dataclasses import dataclass

from engine.types import Commitment, ExpectedOrder, Order, Power


@dataclass(frozen=True)
class Beliefs:
    """What a search takes into account besides the board.

    Entries about another phase, or orders that are not legal now, have no effect.
    """

    expected: tuple[ExpectedOrder, ...] = ()
    """What talk says that others, or the planning power, will play; tilts their anchors."""
    commitments: tuple[Commitment, ...] = ()
    """Promises of the planning power; their price is subtracted from actions that break them."""
    abstentions: tuple[Commitment, ...] = ()
    """Orders the planning power promised not to give; their price is subtracted from actions that have them."""
    consider: tuple[tuple[Power, Order], ...] = ()
    """Orders asked of somebody: some candidate of that power contains each."""
    imposed: tuple[Order, ...] = ()
    """Orders set by the operator: the planning power chooses among actions that contain them."""
