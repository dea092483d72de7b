"""What must hold after a game that went on in spite of faults and kills: the server's account against the stores.

The server is believed; a store is believed about what its agent meant and knew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cicero_lite.adapters.base import letters
from cicero_lite.hosting.store import Standing, StoredMessage, StoredOrders
from engine.notation import without_coasts
from engine.types import Action, Order, OrderKind, Phase, PhaseKind, Power, Season


@dataclass(frozen=True)
class Spoken:
    """A message as the server has it, in plain words."""

    sender: Power
    recipient: Power | None
    """None: everybody."""
    text: str
    after_end: bool = False
    """Whether the game was over: then nobody can tell its sender that it arrived."""


@dataclass(frozen=True)
class PlayedPhase:
    """A phase that is over, with the orders that the server carried out, of powers that had any to give."""

    phase: Phase
    orders: Mapping[Power, Action]
    alive: frozenset[Power]
    """Powers that were in the game."""


@dataclass(frozen=True)
class ServerAccount:
    """What the server knows of the game."""

    phases: tuple[PlayedPhase, ...]
    at_hand: Phase | None
    """The first phase that is not looked at, as it was not over; None: the game has ended."""
    messages: tuple[Spoken, ...]
    put_off: tuple[str, ...]
    """Its notices that a deadline was put off because orders were missing."""
    left: tuple[Power, ...]
    """Powers that it counts as left."""
    orders_taken: tuple[tuple[int, int], ...]
    """Turn and number of the phase of each request with orders that it took, in the order of time."""
    orders_refused: int
    """Requests with orders for a phase that was over."""
    mistakes: tuple[str, ...]
    """What it found clients to do that they must not."""
    rebuilt: tuple[str, ...]
    """Where our rules, playing its history again, come to other positions than it did."""


@dataclass(frozen=True)
class SeatAccount:
    """What a store knows of its seat."""

    power: Power
    messages: tuple[StoredMessage, ...]
    orders: Mapping[Phase, StoredOrders]
    logged: tuple[Phase, ...]
    """Phases whose end is in its log, as often as it is there."""


@dataclass(frozen=True)
class Check:
    """Something that must hold, and where it does not."""

    name: str
    counted: int
    """Things looked at."""
    problems: tuple[str, ...]
    note: str = ""
    """What else is worth knowing."""

    @property
    def is_ok(self) -> bool:
        """Whether it holds."""
        return not self.problems


def cut_off(server: ServerAccount, until: int) -> ServerAccount:
    """The account of a game that was left in the midst of a phase, with nothing of the phases after this year."""
    if server.at_hand is None:
        return server
    first = min(server.at_hand, Phase(until + 1, Season.SPRING, PhaseKind.MOVEMENT))
    return replace(server, phases=tuple(p for p in server.phases if p.phase < first), at_hand=first)


def checks(server: ServerAccount, seats: Sequence[SeatAccount]) -> tuple[Check, ...]:
    """All that can be told from the two accounts once the game is over."""
    return (
        _deadlines(server),
        _sent(server, seats),
        _spoken(server, seats),
        _settled(server, seats),
        _orders(server, seats),
        _requests(server),
        Check("positions by our rules = the server's", len(server.phases), server.rebuilt),
        Check(
            "phases in the log, once each",
            sum(seat.power in played.alive for played in server.phases for seat in seats),
            tuple(_log_problems(server, seats)),
        ),
        Check("nothing that a client must not do", 1, server.mistakes),
    )


def _deadlines(server: ServerAccount) -> Check:
    left = [f"{power.title()} counts as left" for power in server.left]
    orders = sum(len(played.orders) for played in server.phases)
    return Check("orders in at every deadline, nobody left", orders, (*server.put_off, *left))


def _sent(server: ServerAccount, seats: Sequence[SeatAccount]) -> Check:
    """Every message that a store has as sent is on the server as often as it was sent."""
    there, sent = Counter(map(_on_server, server.messages)), Counter(_in_stores(seats, (Standing.SENT,)))
    lost = [
        f"{_told(key)}: sent {count} times, on the server {there[key]}"
        for key, count in sorted(sent.items(), key=str)
        if there[key] < count
    ]
    return Check("messages sent, on the server once each", sent.total(), tuple(lost))


def _spoken(server: ServerAccount, seats: Sequence[SeatAccount]) -> Check:
    """Every message on the server was sent by a store, as often as it is there."""
    there = Counter(_on_server(message) for message in server.messages if not message.after_end)
    sent = Counter(_in_stores(seats, (Standing.SENT,)))
    if server.at_hand is not None:  # what is under way in a phase that is not over may have arrived
        sent += Counter(_in_stores(seats, (Standing.SENDING,), server.at_hand))
    doubled = [
        f"{_told(key)}: on the server {count} times, sent {sent[key]}"
        for key, count in sorted(there.items(), key=str)
        if sent[key] < count
    ]
    late = sum(message.after_end for message in server.messages)
    note = f"{late} more when the game was over" if late else ""
    return Check("messages on the server, sent once each", there.total(), tuple(doubled), note)


def _settled(server: ServerAccount, seats: Sequence[SeatAccount]) -> Check:
    """Nobody is still at a message of a phase that is over."""
    waiting = (Standing.WAITING, Standing.READY, Standing.SENDING)
    stale = [
        f"{seat.power.title()}: message {message.id} of {message.phase} is still {message.standing.value}"
        for seat in seats
        for message in seat.messages
        if message.standing in waiting and (server.at_hand is None or message.phase < server.at_hand)
    ]
    meant = [message for seat in seats for message in seat.messages]
    dropped = sum(message.standing is Standing.DROPPED for message in meant)
    return Check("messages meant, settled when their phase is over", len(meant), tuple(stale), f"{dropped} dropped")


def _orders(server: ServerAccount, seats: Sequence[SeatAccount]) -> Check:
    """The server carried out what was meant last and handed in."""
    problems, late, counted = [], 0, 0
    of_power = {seat.power: seat for seat in seats}
    for played in server.phases:
        for power, used in played.orders.items():
            counted += 1
            meant = of_power[power].orders.get(played.phase)
            if meant is None:
                problems.append(f"{power.title()} in {played.phase}: the store has no orders")
            elif _given(meant.orders) == _given(used):
                continue
            elif meant.handed_in:
                theirs, ours = ", ".join(map(str, used)), ", ".join(map(str, meant.orders))
                problems.append(f"{power.title()} in {played.phase}: the server used {theirs}; meant were {ours}")
            else:
                late += 1
    note = f"better ones came too late: {late}" if late else ""
    return Check("orders used = meant last and handed in", counted, tuple(problems), note)


def _given(orders: Action) -> frozenset[object]:
    """Orders that change something: a unit without an order holds, a build without one is waived."""
    return frozenset(_effect(order) for order in orders if order.kind not in (OrderKind.HOLD, OrderKind.WAIVE))


def _effect(order: Order) -> object:
    """What an order does; a support goes to a province, and webDiplomacy keeps no coast of it."""
    return without_coasts(order) if order.kind is OrderKind.SUPPORT else str(order)


def _requests(server: ServerAccount) -> Check:
    """Orders are taken in the order of the phases: none for one that is over."""
    problems, latest = [], (0, 0)
    for taken in server.orders_taken:
        if taken < latest:
            problems.append(f"orders for phase {taken} were taken when {latest} was at hand")
        latest = max(latest, taken)
    note = f"{server.orders_refused} refused"
    return Check("orders taken, none for another phase", len(server.orders_taken), tuple(problems), note)


def _log_problems(server: ServerAccount, seats: Sequence[SeatAccount]) -> Iterator[str]:
    """A seat that is out of the game need not know how it goes on."""
    every = {played.phase for played in server.phases}
    for seat in seats:
        counts = Counter(seat.logged)
        due = [played.phase for played in server.phases if seat.power in played.alive]
        wrong = [f"{phase} {counts[phase]} times" for phase in due if counts[phase] != 1]
        wrong += [f"{phase}, which was not played" for phase in counts if phase not in every]
        if wrong:
            yield f"the log of {seat.power.title()} has {', '.join(wrong)}"
        elif list(seat.logged) != sorted(seat.logged):
            yield f"the log of {seat.power.title()} has its phases in another order"


# --- messages --------------------------------------------------------------------------------------------

_Key = tuple[Power, Power | None, str]


def _on_server(message: Spoken) -> _Key:
    return message.sender, message.recipient, letters(message.text)


def _in_stores(
    seats: Iterable[SeatAccount], standings: Sequence[Standing], since: Phase | None = None
) -> Iterator[_Key]:
    for seat in seats:
        for message in seat.messages:
            if message.standing in standings and (since is None or not message.phase < since):
                yield seat.power, message.recipient, letters(message.text)


def _told(key: _Key) -> str:
    sender, recipient, text = key
    return f"{sender.title()} to {'all' if recipient is None else recipient.title()} {text[:40]!r}"


# --- what is known between two looks ----------------------------------------------------------------------


@dataclass(frozen=True)
class Memory:
    """What a store holds of what its agent knows, and of what it means to order."""

    phase: Phase
    known: Counter[str]
    """Messages of the ledger, and promises in it."""
    told: int
    """Messages meant so far."""
    orders: StoredOrders | None
    """Of the phase."""
    planned: Action | None = None
    """The orders of its agent's plan for the phase; None: it has none."""
    has_news: bool = False
    """Whether something was heard since that plan was made."""


class MemoryWatch:
    """Compares what a store holds with what it held before.

    Knowledge only grows.  Orders are those of the plan, so that no kill comes between the two; after one they stay as
    they were until something is heard or said.
    """

    def __init__(self, power: Power) -> None:
        self.looks = 0
        self.kept, self.unclear = 0, 0
        """Kills after which the orders stayed, or it cannot be told since something was heard or said."""
        self.compared = 0
        """Looks at orders with a plan that nothing was heard since."""
        self.forgotten: list[str] = []
        self.apart: list[str] = []
        self.changed: list[str] = []
        self._power = power
        self._before: Memory | None = None
        self._at_kill: Memory | None = None

    def look(self, now: Memory, is_killed: bool = False) -> None:
        """Takes in what the store holds now.

        Args:
            now: what it holds.
            is_killed: whether its process was just killed, and no other has begun.
        """
        self.looks += 1
        if self._before is not None and (lost := self._before.known - now.known):
            self.forgotten.append(f"{self._power.title()} in {now.phase} forgot {lost.total()}: {min(lost)[:160]}")
        self._before = now
        if now.orders is not None and now.planned is not None and not now.has_news:
            self.compared += 1
            if _given(now.orders.orders) != _given(now.planned):
                theirs, ours = (", ".join(map(str, orders)) for orders in (now.planned, now.orders.orders))
                self.apart.append(f"{self._power.title()} in {now.phase}: the plan is {theirs}; the orders are {ours}")
        if self._at_kill is not None:
            self._compare(self._at_kill, now)
        if is_killed and now.orders is not None:
            self._at_kill = now

    def _compare(self, at_kill: Memory, now: Memory) -> None:
        if now.phase != at_kill.phase or now.orders is None or at_kill.orders is None:
            self.kept += 1
        elif at_kill.has_news or (now.known, now.told) != (at_kill.known, at_kill.told):
            self.unclear += 1
        elif _given(now.orders.orders) != _given(at_kill.orders.orders):
            self.changed.append(f"{self._power.title()} in {now.phase}: other orders after a kill, nothing was heard")
        else:
            return
        self._at_kill = None

    def end(self) -> None:
        """Nothing will be looked at any more."""
        self.kept += self._at_kill is not None
        self._at_kill = None


def memory_checks(watches: Sequence[MemoryWatch]) -> tuple[Check, ...]:
    """What the looks have shown."""
    forgotten = [line for watch in watches for line in watch.forgotten]
    apart = [line for watch in watches for line in watch.apart]
    changed = [line for watch in watches for line in watch.changed]
    kept, unclear = sum(watch.kept for watch in watches), sum(watch.unclear for watch in watches)
    note = f"{unclear} more: something was heard or said meanwhile" if unclear else ""
    return (
        Check("looks at a ledger, none with less than before", sum(watch.looks for watch in watches), tuple(forgotten)),
        Check("looks at orders, those of the plan", sum(watch.compared for watch in watches), tuple(apart)),
        Check("orders the same after a kill", kept + len(changed), tuple(changed), note),
    )
