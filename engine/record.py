"""What was played in a phase: orders, what became of each, and the talks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from engine._core import Position, Results
from engine.board import Board, order_from_code
from engine.types import Action, Location, Message, Order, OrderKind, OrderResult, Phase, Power, Unit, province_of


@dataclass(frozen=True)
class OrderOutcome:
    """One order and what became of it, as a player reads it."""

    power: Power
    order: Order
    results: tuple[OrderResult, ...]
    """Nothing: it succeeded."""
    dislodged_by: tuple[Power, Unit] | None
    """Who dislodged the ordered unit, as it stood before."""

    def __str__(self) -> str:
        words = [result.value for result in self.results if result is not OrderResult.DISLODGED]
        if self.dislodged_by is not None:
            words.append(f"dislodged by {self.dislodged_by[1]} ({self.dislodged_by[0]})")
        return f"{self.power} {self.order}: {', '.join(words) or 'succeeds'}"


class PlayedPhase:
    """The orders of a phase as they were resolved; put into the words of `engine.types` when first asked for."""

    def __init__(self, position: Position, codes: tuple[tuple[int, ...], ...], outcome: Results) -> None:
        self.position = position
        self.codes = codes
        """Of each power, the orders given."""
        self._outcome = outcome

    @cached_property
    def board(self) -> Board:
        """The position that the orders were given in."""
        return Board(self.position)

    @cached_property
    def orders(self) -> Mapping[Power, Action]:
        """Every power's orders, with those that the rules give to units without one."""
        board, name = self.board, self.position.map.name
        return {
            power: board.complete_action(power, tuple(order_from_code(code, name) for code in codes))
            for power, codes in zip(board.powers, self.codes, strict=True)
        }

    @cached_property
    def results(self) -> Mapping[Unit, tuple[OrderResult, ...]]:
        """What became of each unit's order; of removed units without an order too."""
        return {Unit.parse(u): tuple(OrderResult(r) for r in words) for u, words in self._outcome.items()}

    def dislodger_of(self, unit: Unit) -> tuple[Power, Unit] | None:
        """Who dislodged the unit, as it stood before; None if nobody did."""
        location = self._outcome.dislodger(str(unit))
        return None if location is None else self.board.unit_at(province_of(Location(location)))


@dataclass(frozen=True)
class PhaseRecord:
    """One phase as it was played.

    >>> from engine import Game, parse_order
    >>> game = Game()
    >>> game.set_orders(Power.ITALY, [parse_order("A VEN - TRI")])
    >>> [str(outcome) for outcome in game.process().outcomes if outcome.power is Power.ITALY][2]
    'ITALY A VEN - TRI: bounce'
    """

    played: PlayedPhase
    """Shared by all who saw the phase."""
    messages: tuple[Message, ...]
    """The talks of this phase, in order."""

    @property
    def position(self) -> Position:
        """The position that the orders were given in."""
        return self.played.position

    @property
    def board(self) -> Board:
        """The position as a board."""
        return self.played.board

    @property
    def phase(self) -> Phase:
        """Which phase it was."""
        return self.board.phase

    @property
    def orders(self) -> Mapping[Power, Action]:
        """Every power's orders; units that were given none hold, or disband when dislodged."""
        return self.played.orders

    @property
    def results(self) -> Mapping[Unit, tuple[OrderResult, ...]]:
        """What became of each unit's order; nothing means that it succeeded."""
        return self.played.results

    @property
    def outcomes(self) -> tuple[OrderOutcome, ...]:
        """Every order with what became of it, in the order of powers and provinces."""
        return tuple(
            OrderOutcome(power, order, self.results.get(order.unit, ()), self.played.dislodger_of(order.unit))
            for power, orders in self.orders.items()
            for order in orders
            if order.unit is not None and order.kind is not OrderKind.WAIVE
        )

    def is_stopped(self, order: Order) -> bool:
        """Whether an order that was given is a move that did not get where it was to go."""
        if order.kind is not OrderKind.MOVE or order.unit is None:
            return False
        return bool({OrderResult.BOUNCE, OrderResult.NO_CONVOY, OrderResult.VOID} & {*self.results.get(order.unit, ())})

    def is_void(self, order: Order) -> bool:
        """Whether nothing fitted an order that was given, such as a support of what was not ordered."""
        return order.unit is not None and OrderResult.VOID in self.results.get(order.unit, ())

    def seen_by(self, power: Power) -> PhaseRecord:
        """The record with only the messages that the power sent or received."""
        return replace(self, messages=visible(self.messages, power))


def visible(messages: Iterable[Message], power: Power) -> tuple[Message, ...]:
    """The messages that the power sent or received, and public ones."""
    return tuple(m for m in messages if m.recipient is None or power in (m.sender, m.recipient))
