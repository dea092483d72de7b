"""Conformance checks for agents and adapters, to call from the tests of your own, and the agents they use.

>>> from cicero_lite.testing import RandomMoves, check_agent
>>> check_agent(lambda power, seed: RandomMoves(seed), years=1)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from cicero_lite.adapters.base import (
    Adapter,
    MessageReceived,
    Moment,
    OrdersDue,
    OutgoingMessage,
    PhaseBegan,
    PhaseEnded,
    SpeakingTurn,
    TableClosed,
)
from cicero_lite.adapters.local import LocalTable
from cicero_lite.arena.log import EventLog
from cicero_lite.errors import AdapterError, UndeliveredError
from cicero_lite.registry import Agent
from cicero_lite.session import run
from engine.game import Game, GameView
from engine.notation import without_coasts
from engine.record import PhaseRecord
from engine.types import POWERS, Action, IllegalOrderError, Message, Order, OrderKind, Phase, PhaseKind, Power

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

    See `check_adapters`.

    Raises:
        AssertionError: it does not; the text says what and when.
    """
    check_adapters([adapter], at_least_phases)


def check_adapters(
    adapters: Sequence[Adapter],
    at_least_phases: int = 3,
    until: int | None = None,
    finish: Callable[[Power], None] = lambda power: None,
) -> None:
    """The same for several tables at which one game is played, such as seven seats on a server.

    Phases begin before anything happens in them; messages arrive once, at those alone whom they are for, as they were
    sent; nobody speaks or orders out of turn, or writes to itself or the dead; illegal orders are refused, and those
    handed in last are played; orders are asked for at most once a phase; all are told the same of a phase that has
    ended, the messages they saw included; the last event closes.

    Args:
        adapters: each with other seats; played by a thread each if there are several.
        at_least_phases: that the game must have.
        until: the last year played, in which the seats speak; None: to the end.
        finish: called once for each seat after that year, to end the game.

    Raises:
        AssertionError: a table does not; the text says what and when.
    """
    watches = [_TableWatch(adapter, until, finish) for adapter in adapters]
    if len(watches) == 1:
        watches[0].play()
    else:
        _play_side_by_side(watches)
    for watch in watches:
        found = [str(record.phase) for record in watch.records]
        assert len(found) >= at_least_phases, f"expected {at_least_phases} phases, got {', '.join(found)}"
    first = watches[0]
    for watch in watches[1:]:
        for one, other in zip(first.records, watch.records, strict=True):
            assert one.phase == other.phase, f"expected the end of {one.phase} for {watch.seats}, got {other.phase}"
            assert one.board.to_text() == other.board.to_text(), f"the positions of {one.phase} differ"
            assert one.orders == other.orders, f"the orders of {one.phase} differ"
    _check_delivery(watches)


def _play_side_by_side(watches: Sequence[_TableWatch]) -> None:
    has_failed = threading.Event()

    def play(watch: _TableWatch) -> None:
        try:
            watch.play(has_failed.is_set)
        except BaseException as error:
            watch.error = error
            has_failed.set()  # the others would wait for its orders

    threads = [threading.Thread(target=play, args=(watch,), name=str(watch.seats)) for watch in watches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for watch in watches:
        if watch.error is not None:
            raise watch.error


def _check_delivery(watches: Sequence[_TableWatch]) -> None:
    """Each message has reached each seat it was meant for once, and no other."""
    for message in (m for watch in watches for m in watch.sent):
        for watch in watches:
            for seat in watch.seats:
                got = sum(to is seat and _words(m) == _words(message) for to, m in watch.received)
                is_for_it = message.recipient is seat or (message.recipient is None and message.sender is not seat)
                expected = int(is_for_it and (seat, message.phase) in watch.present)
                assert got == expected, f"expected {message} {expected} times for {seat}, got it {got} times"


def _words(message: Message) -> tuple[Power, Power | None, str]:
    return message.sender, message.recipient, message.text


class _TableWatch:
    """Plays all seats of an adapter and remembers enough to judge it."""

    def __init__(self, adapter: Adapter, until: int | None, finish: Callable[[Power], None]) -> None:
        self.adapter = adapter
        self.records: list[PhaseRecord] = []
        self.sent: list[Message] = []
        self.received: list[tuple[Power, Message]] = []
        self.present: set[tuple[Power, Phase]] = set()
        """Who was told that which phase begins."""
        self.error: BaseException | None = None
        self._until, self._finish = until, finish
        self._finished: set[Power] = set()
        self._phase: Phase | None = None
        self._begun: set[Power] = set()
        self._asked: set[Power] = set()
        self._on_the_way: list[tuple[Power, Message]] = []
        self._ordered: dict[Power, tuple[GameView, Action]] = {}
        self._agent = RandomMoves(5)

    @property
    def seats(self) -> tuple[Power, ...]:
        return self.adapter.seats

    def play(self, is_over: Callable[[], bool] = lambda: False) -> None:
        """Sits there until the table closes, or somebody says that it is over."""
        is_closed = False
        for event in self.adapter.events():
            if is_over():
                return
            assert not is_closed, f"expected no event after TableClosed, got {event}"
            match event:
                case PhaseBegan(power, view):
                    self.begin(power, view)
                case SpeakingTurn(power, view):
                    self.speak(power, view)
                case MessageReceived(power, message, view):
                    self.receive(power, message, view)
                case Moment(power, view):
                    self.look(power, view)
                case OrdersDue(power, view):
                    self.order(power, view)
                case PhaseEnded(record):
                    self.end(record)
                case TableClosed():
                    is_closed = True
        assert is_closed, "expected TableClosed as the last event, got none"

    def begin(self, power: Power, view: GameView) -> None:
        assert power in self.seats, f"expected events for {self.seats}, got one for {power}"
        assert view.power is power, f"expected a view of {power}, got one of {view.power}"
        if not self._begun:
            earlier = self.records[-1].phase if self.records else None
            assert earlier is None or earlier < view.phase, f"expected a phase after {earlier}, got {view.phase}"
            self._phase = view.phase
        assert view.phase == self._phase, f"expected {self._phase} for {power}, got {view.phase}"
        assert power not in self._begun, f"{view.phase} begins twice for {power}"
        self._begun.add(power)
        self.present.add((power, view.phase))
        if self._is_late(view) and power not in self._finished:
            self._finished.add(power)
            self._finish(power)

    def speak(self, power: Power, view: GameView) -> None:
        self._check_begun(power, view)
        assert power not in self._asked, f"expected no turn to speak for {power} after its orders in {view.phase}"
        assert not self._on_the_way, f"expected delivery before the turn of {power} in {view.phase}"
        self._refused(view, "a message to itself", lambda: self.adapter.send(power, power, "me"))
        dead = next((p for p in view.powers if p not in view.alive), None)
        if dead is not None:
            self._refused(view, "a message to the dead", lambda: self.adapter.send(power, dead, "rest in peace"))
        self._write(power, view)

    def look(self, power: Power, view: GameView) -> None:
        """A moment: writes now and then, and hands in orders that are replaced later."""
        self._check_begun(power, view)
        if len(view.messages) % 4 == 1:
            self._write(power, view)
        if power not in self._asked and power not in self._ordered and view.legal_orders(power):
            self._submit(power, view)

    def receive(self, power: Power, message: Message, view: GameView) -> None:
        self._check_begun(power, view)
        assert message.recipient in (None, power), f"expected no message for {power}, got {message}"
        assert message.sender is not power, f"expected no message of its own for {power}, got {message}"
        if message.sender in self.seats:
            assert (power, message) in self._on_the_way, f"expected no message for {power}, got {message}"
            self._on_the_way.remove((power, message))
        talks = (*(record.messages for record in view.history), view.messages)
        assert any(message in talk for talk in talks), f"expected {message} in the view of {power}"
        self.received.append((power, message))

    def order(self, power: Power, view: GameView) -> None:
        self._check_begun(power, view)
        assert power not in self._asked, f"orders of {power} asked for twice in {view.phase}"
        self._asked.add(power)
        other = next(p for p in view.powers if p is not power)
        self._refused(view, "orders of another", lambda: self.adapter.submit(other, ()))
        self._refused(view, "a message out of turn", lambda: self.adapter.send(power, other, "late"))
        foreign = next((o for p in view.powers if p is not power for o in view.options(p) if o.unit), None)
        if foreign is not None and not view.is_legal(power, foreign):
            try:
                self.adapter.submit(power, (foreign,))
            except IllegalOrderError:
                pass
            else:
                raise AssertionError(
                    f"expected an IllegalOrderError for {foreign} of {power} in {view.phase}, got none"
                )
        self._submit(power, view)

    def end(self, record: PhaseRecord) -> None:
        earlier = self.records[-1].phase if self.records else None
        assert earlier is None or earlier < record.phase, f"{record.phase} ends after {earlier} has ended"
        assert record.phase == self._phase or not self._begun, f"expected the end of {self._phase}, got {record.phase}"
        assert not self._on_the_way, f"messages never delivered in {record.phase}: {self._on_the_way}"
        for power, (view, orders) in self._ordered.items():
            meant = {without_coasts(o) for o in view.complete_action(power, orders) if o.unit is not None}
            played = {without_coasts(o) for o in record.orders[power] if o.unit is not None}  # waiving is no order
            assert meant == played, f"{power} ordered {orders} in {record.phase}, played were {record.orders[power]}"
        for message in [m for m in self.sent if m.phase == record.phase]:
            assert message in record.messages, f"expected {message} in the record of {record.phase}"
        self.records.append(record)
        self._begun, self._asked, self._ordered = set(), set(), {}

    def _write(self, power: Power, view: GameView) -> None:
        others = [p for p in view.alive if p is not power]
        if not others or self._is_late(view):
            return
        number = len(self.sent)
        recipient = None if number % 5 == 4 else others[(number + power.number) % len(others)]
        text = f"{power.title()} {number}: what now?"
        try:
            message = self.adapter.send(power, recipient, text)
        except UndeliveredError:
            return  # the rules of the table, or the end of the phase
        assert _words(message) == (power, recipient, text), f"got another message: {message}"
        self.sent.append(message)
        for seat in self.seats:
            if seat is not power and (recipient is seat or (recipient is None and seat in view.alive)):
                self._on_the_way.append((seat, message))

    def _submit(self, power: Power, view: GameView) -> None:
        orders = self._agent.act(view, power)
        self.adapter.submit(power, orders)
        self._ordered[power] = view, orders

    def _refused(self, view: GameView, what: str, wrong: Callable[[], object]) -> None:
        try:
            wrong()
        except AdapterError:
            return
        raise AssertionError(f"expected an AdapterError for {what} in {view.phase}, got none")

    def _is_late(self, view: GameView) -> bool:
        return self._until is not None and view.phase.year > self._until

    def _check_begun(self, power: Power, view: GameView) -> None:
        assert power in self._begun, f"expected PhaseBegan for {power} before anything else in {view.phase}"


__all__ = ["RandomMoves", "ScriptedAgent", "check_adapter", "check_adapters", "check_agent"]
