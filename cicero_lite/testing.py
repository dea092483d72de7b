"""Conformance checks for agents and adapters, to call from the tests of your own, and the agents they use.

>>> from cicero_lite.testing import RandomMoves, check_agent
>>> check_agent(lambda power, seed: RandomMoves(seed), years=1)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from cicero_lite.adapters.base import (
    Adapter,
    MessageReceived,
    OrdersDue,
    OutgoingMessage,
    PhaseBegan,
    PhaseEnded,
    SpeakingTurn,
    TableClosed,
)
from cicero_lite.adapters.local import LocalTable
from cicero_lite.arena.log import EventLog
from cicero_lite.errors import AdapterError
from cicero_lite.registry import Agent
from cicero_lite.session import run
from engine.game import Game, GameView
from engine.record import PhaseRecord
from engine.types import POWERS, Action, Message, Order, OrderKind, Phase, PhaseKind, Power

MakeAgent: TypeAlias = Callable[[Power, int], Agent]
"""Builds an agent for a power from a seed."""


@dataclass
class RandomMoves:
    """Orders at random and says nothing; often supports its own moves, so that units are dislodged."""

    seed: int

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)

    def act(self, view: GameView, power: Power) -> Action:
        """One legal order for every place that takes one, as many as the phase allows."""
        options = view.legal_orders(power)
        places = list(options)
        orders: dict[str, Order] = {}
        for index in self._rng.permutation(len(places)):
            place = places[index]
            orders.setdefault(place[:3], self._choose(options[place], list(orders.values())))
        chosen = list(orders.values())
        if view.phase.kind is PhaseKind.ADJUSTMENTS:
            chosen = chosen[: abs(view.build_count(power))]
        return tuple(chosen)

    def _choose(self, options: Sequence[Order], so_far: Sequence[Order]) -> Order:
        moves = {(order.unit, order.target) for order in so_far if order.kind is OrderKind.MOVE}
        helping = [o for o in options if o.kind is OrderKind.SUPPORT and (o.aided, o.target) in moves]
        pool = helping if helping and self._rng.random() < 0.5 else options
        return pool[int(self._rng.integers(len(pool)))]


@dataclass
class ScriptedAgent:
    """Says given lines in given phases, one a turn, orders as `orders` says (else holds), and remembers."""

    lines: dict[str, list[tuple[Power | None, str]]] = field(default_factory=dict)
    """Phase -> (recipient, text), in the order to say them."""
    orders: dict[str, Action] = field(default_factory=dict)
    """Phase -> orders."""
    heard: list[Message] = field(default_factory=list)
    """Every message it received."""
    records: list[PhaseRecord] = field(default_factory=list)
    """Every phase it was told the end of."""
    begun: list[Phase] = field(default_factory=list)
    """Every phase it was told the beginning of."""

    def act(self, view: GameView, power: Power) -> Action:
        """The scripted orders of the phase."""
        return self.orders.get(str(view.phase), ())

    def begin_phase(self, view: GameView) -> None:
        """Remembers the phase."""
        self.begun.append(view.phase)

    def hear(self, message: Message, view: GameView) -> None:
        """Remembers the message."""
        self.heard.append(message)

    def speak(self, view: GameView) -> Sequence[OutgoingMessage]:
        """The next line of the phase."""
        lines = self.lines.get(str(view.phase), [])
        if not lines:
            return ()
        recipient, text = lines.pop(0)
        return (OutgoingMessage(recipient, text, source="script"),)

    def phase_resolved(self, record: PhaseRecord) -> None:
        """Remembers the record."""
        self.records.append(record)


def check_agent(make: MakeAgent, power: Power = Power.FRANCE, years: int = 2, seed: int = 1) -> None:
    """Plays the agent among random ones, twice, and checks what every agent owes its table.

    Its orders are legal in every phase; what it says goes to another living power and has words; the same
    seed gives the same orders and messages; phases, retreats and adjustments alike.

    Raises:
        AssertionError: it does not; the text says what and when.
        IllegalOrderError, AdapterError: it gave an illegal order, or wrote to itself or the dead.
    """
    first, again = (_play_among_random(make, power, years, seed) for _ in range(2))
    _same("orders", [r.orders[power] for r in first.history], [r.orders[power] for r in again.history], first)
    _same("messages", [r.messages for r in first.history], [r.messages for r in again.history], first)
    for record in first.history:
        for message in record.messages:
            assert message.text.strip(), f"expected words in a message of {power} in {record.phase}, got none"


def _play_among_random(make: MakeAgent, power: Power, years: int, seed: int) -> Game:
    game = Game(game_id="check-agent")
    until = game.phase.year + years - 1
    table = LocalTable(game, until=until, rounds=2, late_rounds=0, rng=np.random.default_rng(seed))
    agents: dict[Power, Agent] = {p: RandomMoves(seed * 10 + p.number) for p in POWERS if p is not power}
    agents[power] = make(power, seed)
    run(table, agents, EventLog())
    return game


def _same(what: str, first: Iterable[object], again: Iterable[object], game: Game) -> None:
    for record, one, other in zip(game.history, first, again, strict=True):
        assert one == other, f"expected the same {what} from the same seed in {record.phase}, got {one}, then {other}"


def check_adapter(adapter: Adapter, at_least_phases: int = 3) -> None:
    """Sits down at the table, talks and orders at random, and checks what every table owes its guests.

    Phases begin before anything happens in them; messages arrive once, at their recipient alone, as they were
    sent; nobody speaks or orders out of turn; orders are asked for once a phase; the last event closes.

    Raises:
        AssertionError: it does not; the text says what and when.
    """
    watch = _TableWatch(adapter)
    for event in adapter.events():
        assert not watch.closed, f"expected no event after TableClosed, got {event}"
        match event:
            case PhaseBegan(power, view):
                watch.begin(power, view)
            case SpeakingTurn(power, view):
                watch.speak(power, view)
            case MessageReceived(power, message, view):
                watch.receive(power, message, view)
            case OrdersDue(power, view):
                watch.order(power, view)
            case PhaseEnded(record):
                watch.end(record)
            case TableClosed():
                watch.closed = True
    assert watch.closed, "expected TableClosed as the last event, got none"
    assert len(watch.phases) >= at_least_phases, f"expected {at_least_phases} phases, got {len(watch.phases)}"


class _TableWatch:
    """Plays all seats of an adapter and remembers enough to judge it."""

    def __init__(self, adapter: Adapter) -> None:
        self.adapter = adapter
        self.closed = False
        self.phases: list[Phase] = []
        self._begun: set[Power] = set()
        self._ordered: set[Power] = set()
        self._on_the_way: list[tuple[Power, Message]] = []
        self._agent = RandomMoves(5)

    def begin(self, power: Power, view: GameView) -> None:
        assert power in self.adapter.seats, f"expected events for {self.adapter.seats}, got one for {power}"
        assert view.power is power, f"expected a view of {power}, got one of {view.power}"
        if not self._begun:
            earlier = self.phases[-1:] or [view.phase]
            assert not view.phase < earlier[0], f"expected a phase after {earlier[0]}, got {view.phase}"
            self.phases.append(view.phase)
        assert view.phase == self.phases[-1], f"expected {self.phases[-1]} for {power}, got {view.phase}"
        self._begun.add(power)

    def speak(self, power: Power, view: GameView) -> None:
        self._check_begun(power, view)
        assert not self._on_the_way, f"expected delivery before the turn of {power} in {view.phase}"
        others = [p for p in view.alive if p is not power]
        if others:
            recipient = others[(len(view.messages) + power.number) % len(others)]
            message = self.adapter.send(power, recipient, f"Hello {recipient.title()}, what now?")
            assert (message.sender, message.recipient) == (power, recipient), f"got another message: {message}"
            if recipient in self.adapter.seats:
                self._on_the_way.append((recipient, message))

    def receive(self, power: Power, message: Message, view: GameView) -> None:
        self._check_begun(power, view)
        assert (power, message) in self._on_the_way, f"expected no message for {power}, got {message}"
        self._on_the_way.remove((power, message))
        assert message in view.messages, f"expected {message} in the view of {power}"

    def order(self, power: Power, view: GameView) -> None:
        self._check_begun(power, view)
        assert power not in self._ordered, f"orders of {power} asked for twice in {view.phase}"
        other = next(p for p in POWERS if p is not power)
        for wrong in (
            lambda: self.adapter.submit(other, ()),
            lambda: self.adapter.send(power, other, "late"),
        ):
            try:
                wrong()
            except AdapterError:
                continue
            raise AssertionError(f"expected an AdapterError out of turn in {view.phase}, got none")
        self.adapter.submit(power, self._agent.act(view, power))
        self._ordered.add(power)

    def end(self, record: PhaseRecord) -> None:
        assert record.phase == self.phases[-1], f"expected the record of {self.phases[-1]}, got {record.phase}"
        assert not self._on_the_way, f"messages never delivered in {record.phase}: {self._on_the_way}"
        self._begun, self._ordered = set(), set()

    def _check_begun(self, power: Power, view: GameView) -> None:
        assert power in self._begun, f"expected PhaseBegan for {power} before anything else in {view.phase}"


__all__ = ["RandomMoves", "ScriptedAgent", "check_adapter", "check_agent"]
