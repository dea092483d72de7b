"""A game in progress: what people do at their pages and what the agents do meets here.

Everything that changes the game happens under one lock and is in the store before anybody is told.  People write,
order and say that they are ready at any moment of a phase; the agents' table (`cicero_lite.web.table.agents`) asks
whether the phase is due, takes what was said, and has the phase played.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from cicero_lite.arena.log import Event, line_of
from cicero_lite.hosting.desk import DeskError, sendable
from cicero_lite.web.table.order_text import read_order
from cicero_lite.web.table.settings import TableError, TableSettings
from cicero_lite.web.table.store import StoredGame, TableStore
from engine.game import GameView
from engine.notation import order_sort_key
from engine.record import PhaseRecord
from engine.types import Action, EngineError, Message, Order, Phase, PhaseKind, Power, Province

LONGEST_MESSAGE_BYTES = 4000
"""Of what a person writes, as UTF-8; agents read at most 2,000 letters."""
MOST_MESSAGES = 200
"""Of one person in one phase."""
PUBLIC = "GLOBAL"
"""Stands for everybody where else a power's name stands."""
_KEY_LETTERS = 64
_REST_S = 60.0
"""The agents look at least so often whether something is to be done."""


class GoneError(TableError):
    """Something asked of a phase that is over or being played."""


class Room:
    """One game, from the moment this process takes it up."""

    def __init__(self, store: TableStore, stored: StoredGame, now: Callable[[], float] = time.time) -> None:
        """Takes up the game where it was left.

        Args:
            store: keeps everything.
            stored: the game.
            now: seconds since 1970.
        """
        self.id = stored.id
        self.settings: TableSettings = stored.settings
        self.config_text = stored.config
        self.begun_from = stored.begun_from
        self.changed = threading.Condition(threading.RLock())
        self.game, self.phases_before = store.rebuilt(stored)
        self.ended = stored.ended
        self.failure: str | None = None
        """Why the agents do not play on; None: they do."""
        self.version = 0
        """Counts the changes that somebody may want to see."""
        self.thinking: Power | None = None
        """The agent that thinks now."""
        self.is_closing = False
        """Whether the phase is being played: nothing can be changed any more."""
        self.is_leaving = False
        """Whether this process is about to end."""
        self.deadline_s: float | None = None
        self.turns: dict[Power, int] = dict(stored.turns)
        self.store = store
        self._now = now
        self._orders: dict[Power, Action] = {}
        self._ready: set[Power] = set()
        for power, (texts, is_ready) in store.orders(self.id).items():
            self._orders[power] = tuple(sorted((read_order(t, self.game, power) for t in texts), key=order_sort_key))
            if is_ready:
                self._ready.add(power)
        self._hidden: set[int] = set()
        """Numbers of messages that are not in the store yet."""
        self._unheard = self._unanswered()
        self._lines: list[str] = []
        self._bells: set[Callable[[], None]] = set()

    def _unanswered(self) -> list[Message]:
        """What people said in this phase and the addressed agent has not answered, for a process that comes later."""
        talk = self.game.messages
        answered = {(m.sender, m.recipient): m.sequence for m in talk if m.sender in self.settings.agents}
        return [
            m
            for m in talk
            if m.sender in self.settings.people
            and m.recipient in self.settings.agents
            and answered.get((m.recipient, m.sender), -1) < m.sequence
        ]

    # --- what everybody may ask ----------------------------------------------------------------------------

    @property
    def is_over(self) -> bool:
        """Whether nothing is played any more."""
        return self.ended is not None or self.game.is_done or self.game.phase.year > self.settings.until

    def orders_of(self, power: Power) -> Action:
        """The orders that a power has given for the phase at hand."""
        return self._orders.get(power, ())

    def has_ordered(self, power: Power) -> bool:
        """Whether an agent has given its orders."""
        return power in self._orders

    def is_ready(self, power: Power) -> bool:
        """Whether a person is done with the phase at hand."""
        return power in self._ready

    @property
    def awaited(self) -> tuple[Power, ...]:
        """The people who have something to order and are not ready."""
        if self.is_over:
            return ()
        return tuple(p for p in self.settings.people if p not in self._ready and self._has_to_order(p))

    def _has_to_order(self, power: Power) -> bool:
        return bool(self.game.legal_orders(power)) and (
            self.game.phase.kind is not PhaseKind.ADJUSTMENTS or self.game.build_count(power) != 0
        )

    def messages_seen_by(self, power: Power | None) -> list[Message]:
        """Every message of the game that a power may read, in order; None: all of them."""
        with self.changed:
            every = [m for record in self.game.history for m in record.messages] + self.game.messages
        return [
            m
            for m in every
            if m.sequence not in self._hidden
            and (power is None or m.recipient is None or power in (m.sender, m.recipient))
        ]

    # --- who is told ---------------------------------------------------------------------------------------

    @contextmanager
    def told(self, bell: Callable[[], None]) -> Iterator[None]:
        """Calls the bell, from any thread, after each change while `with` lasts."""
        with self.changed:
            self._bells.add(bell)
        try:
            yield
        finally:
            with self.changed:
                self._bells.discard(bell)

    def ring(self) -> None:
        """Something has changed."""
        with self.changed:
            self.version += 1
            self.changed.notify_all()
            for bell in tuple(self._bells):
                bell()

    # --- what people do ------------------------------------------------------------------------------------

    def once(self, power: Power, key: str, phase: str, what: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        """Does what a person asks for; asked again under the same key, only gives the same answer.

        Raises:
            GoneError: the phase that it was meant for is over, or is being played.
            TableError: it cannot be done.
        """
        if not 8 <= len(key) <= _KEY_LETTERS:
            raise TableError(f"key: expected 8 to {_KEY_LETTERS} letters, new for each request, got {len(key)}")
        with self.changed:
            if (known := self.store.answer(self.id, power, key)) is not None:
                answer: Mapping[str, Any] = known
                return answer
            if self.is_over:
                raise GoneError("the game is over")
            if phase != str(self.game.phase):
                raise GoneError(f"{phase} is over: it is {self.game.phase} now")
            with self.store.transaction():
                answer = what()
                self.store.keep_answer(self.id, power, key, answer)
            self.ring()
            return answer

    def say(self, sender: Power, recipient: Power | None, text: str) -> Mapping[str, Any]:
        """A person's message; within `once`.

        Raises:
            TableError: it cannot be sent.
        """
        if not self.settings.press:
            raise TableError("nobody talks in this game: it was opened without press")
        if sender not in self.game.alive:
            raise TableError("you are out of the game: nobody hears you any more")
        if recipient is sender or (recipient is not None and recipient not in self.game.alive):
            raise TableError(f"cannot write to {recipient}: expected another power that is in the game")
        if sum(m.sender is sender for m in self.game.messages) >= MOST_MESSAGES:
            raise TableError(f"{MOST_MESSAGES} messages in one phase are all that is taken")
        try:
            words = sendable(text, LONGEST_MESSAGE_BYTES)
        except DeskError as error:
            raise TableError(str(error)) from None
        message = self.game.say(sender, recipient, words)
        self.store.add_message(self.id, message)
        self._unheard.append(message)
        return {"number": message.sequence}

    def order(self, power: Power, text: str) -> Mapping[str, Any]:
        """A person's order for one unit, in place of any it had; within `once`.

        Raises:
            TableError: it cannot be given.
        """
        return self._change(power, read_order(text, self.game, power))

    def clear(self, power: Power, province: Province | None) -> Mapping[str, Any]:
        """Takes an order back: that of the unit in this province, or (None) a waived build; within `once`."""
        kept = list(self.orders_of(power))
        taken = next((o for o in kept if (None if o.unit is None else o.unit.province) == province), None)
        if taken is not None:
            kept.remove(taken)
        return self._keep_orders(power, kept)

    def set_ready(self, power: Power, is_ready: bool) -> Mapping[str, Any]:
        """A person is done with the phase, or is not after all; within `once`.

        Raises:
            GoneError: the phase is being played.
        """
        self._check_open()
        (self._ready.add if is_ready else self._ready.discard)(power)
        self.store.keep_orders(self.id, power, [str(o) for o in self.orders_of(power)], is_ready)
        return {"ready": is_ready}

    def see(self, power: Power, thread: str, number: int) -> None:
        """A person has seen a thread up to this message."""
        self.store.see(self.id, power, thread, number)
        self.ring()

    def _change(self, power: Power, order: Order) -> Mapping[str, Any]:
        kept = [
            o
            for o in self.orders_of(power)
            if order.unit is None or o.unit is None or o.unit.province != order.unit.province
        ]
        return self._keep_orders(power, [*kept, order])

    def _keep_orders(self, power: Power, orders: Sequence[Order]) -> Mapping[str, Any]:
        self._check_open()
        action = tuple(sorted(orders, key=order_sort_key))
        try:
            self.game.check_action(power, action)
        except EngineError as error:
            raise TableError(str(error)) from None
        self._orders[power] = action
        self.store.keep_orders(self.id, power, [str(o) for o in action], power in self._ready)
        return {"orders": [str(o) for o in action]}

    def _check_open(self) -> None:
        if self.is_closing:
            raise GoneError(f"the orders of {self.game.phase} are being carried out")

    # --- what the agents' table does -----------------------------------------------------------------------

    def view(self, power: Power) -> GameView:
        """What a power sees of the game now."""
        with self.changed:
            return self.game.view(power)

    def start_clock(self) -> None:
        """The phase begins for people, or this process takes it up: they have all of its time."""
        with self.changed:
            length = self.settings.deadline_s
            self.deadline_s = self._now() + length if length is not None and self.awaited else None
            self.store.keep_deadline(self.id, self.deadline_s)
            self.ring()

    @property
    def left_s(self) -> float | None:
        """Seconds until the phase ends; None: it has no end."""
        return None if self.deadline_s is None else max(0.0, self.deadline_s - self._now())

    @property
    def is_due(self) -> bool:
        """Whether the phase can be played as soon as the agents have ordered."""
        return self.is_leaving or self.left_s == 0 or not self.awaited

    @property
    def has_unheard(self) -> bool:
        """Whether people have said something that no agent was told."""
        return bool(self._unheard)

    def take_unheard(self) -> list[Message]:
        """What people have said since this was asked last."""
        with self.changed:
            said, self._unheard = self._unheard, []
            return said

    def wait(self) -> None:
        """Returns when something has changed, or the phase may be due."""
        with self.changed:
            if self._unheard or self.is_due:
                return
            self.changed.wait(_REST_S if self.left_s is None else min(_REST_S, self.left_s))

    @contextmanager
    def thinks(self, power: Power) -> Iterator[None]:
        """An agent thinks while `with` lasts."""
        self.thinking = power
        self.ring()
        try:
            yield
        finally:
            self.thinking = None
            self.ring()

    def say_unseen(self, sender: Power, recipient: Power | None, text: str) -> Message:
        """An agent's message, which people see once `keep_turn` has kept it."""
        with self.changed:
            message = self.game.say(sender, recipient, text)
            self._hidden.add(message.sequence)
            return message

    def keep_turn(self, power: Power, said: Sequence[Message], state: Mapping[str, Any] | None, counts: bool) -> None:
        """Keeps what an agent said together with what it knows.

        Args:
            power: the agent.
            said: its messages.
            state: what it knows; None: it cannot be kept.
            counts: whether it spoke of itself, not asked by a person.
        """
        with self.changed:
            if counts:
                self.turns[power] = self.turns.get(power, 0) + 1
            with self.store.transaction():
                for message in said:
                    self.store.add_message(self.id, message)
                self.store.keep_turns(self.id, self.turns)
                if state is not None:
                    self.store.keep_state(self.id, power, self.game.phase, state)
                self._keep_lines()
            self._hidden.difference_update(m.sequence for m in said)
            self.ring()

    def keep_states(self, states: Mapping[Power, Mapping[str, Any]], phase: Phase) -> None:
        """Keeps what agents know after a phase was played."""
        with self.changed, self.store.transaction():
            for power, state in states.items():
                self.store.keep_state(self.id, power, phase, state)
            self._keep_lines()

    def keep_agents_orders(self, power: Power, orders: Action) -> None:
        """Keeps an agent's orders, which are final.

        Raises:
            IllegalOrderError: it may not give them.
        """
        with self.changed:
            self.game.check_action(power, orders)
            self._orders[power] = orders
            with self.store.transaction():
                self.store.keep_orders(self.id, power, [str(o) for o in orders], True)
                self._keep_lines()

    def close_phase(self) -> None:
        """From now on nobody changes anything in this phase."""
        with self.changed:
            self.is_closing = True
            self.ring()

    def play_phase(self) -> PhaseRecord:
        """Carries out the orders."""
        with self.changed:
            phase = self.game.phase
            given = {power: [str(o) for o in orders] for power, orders in self._orders.items()}
            for power, orders in self._orders.items():
                self.game.set_orders(power, orders)
            record = self.game.process()
            number = len(self.game.history) - 1 - self.phases_before
            self.store.add_played(self.id, number, given, phase, self.game.phase)
            self._orders, self._ready, self.turns = {}, set(), {}
            self.is_closing, self.deadline_s = False, None
            self.ring()
            return record

    def end(self, reason: str) -> None:
        """Play is over."""
        with self.changed:
            self.ended = reason
            self.deadline_s = None
            with self.store.transaction():
                self.store.end(self.id, reason)
                self._keep_lines()
            self.ring()

    def log(self, event: Event) -> None:
        """Takes a line of the log, to be kept with what comes next."""
        with self.changed:
            self._lines.append(line_of(event))

    def _keep_lines(self) -> None:
        lines, self._lines = self._lines, []
        self.store.add_events(self.id, lines)

    def leave(self) -> None:
        """Has the agents stop where they are; another process goes on."""
        with self.changed:
            self.is_leaving = True
            self.ring()

    def fail(self, reason: str) -> None:
        """The agents cannot play on in this process."""
        with self.changed:
            self.failure = reason
            self.ring()


def thread_of(message: Message, power: Power) -> str:
    """The talk that a message belongs to, as this power sees it: the other power's name, or `PUBLIC`."""
    if message.recipient is None:
        return PUBLIC
    return (message.recipient if message.sender is power else message.sender).value
