"""A game in progress: what people do at their pages and what the agents do meets here.

Everything that changes the game happens under one lock and is in the store before anybody is told.  People write,
order and say that they are ready at any moment of a phase; the agents' table (`cicero_lite.web.table.agents`) asks
whether the phase is due, takes what was said, and has the phase played.

A seat that a person was given can change hands, to an agent and back, while the game goes on; who sits where now is
asked of the room, not of the settings.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from cicero_lite.arena.log import DrawVoted, Event, SeatChanged, line_of
from cicero_lite.hosting.desk import DeskError, sendable
from cicero_lite.web.table.order_text import read_order
from cicero_lite.web.table.seating import Seating
from cicero_lite.web.table.settings import PERSON, TableError, TableSettings
from cicero_lite.web.table.store import Hand, StoredGame, TableStore
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
_MOST_MISSED = 2
"""Deadlines in a row that a person may let pass before an agent plays on, where the game has one for that."""
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
        self.votes: set[Power] = store.votes(self.id)
        """Who votes for a draw, dead or alive."""
        self.vote_count = 0
        """How often people have voted, or taken a vote back, in this process."""
        self.seating = Seating(self.settings, store.hands(self.id))
        self._missed = store.missed(self.id)
        self._hidden: set[int] = set()
        """Numbers of messages that are not in the store yet."""
        self._unheard = self._unanswered()
        self._lines: list[str] = []
        self._bells: set[Callable[[], None]] = set()

    def _unanswered(self) -> list[Message]:
        """What people said in this phase and the addressed agent has not answered, for a process that comes later."""
        talk = self.game.messages
        answered = {(m.sender, m.recipient): m.sequence for m in talk if m.sender in self.seating.agents}
        return [
            m
            for m in talk
            if m.sender in self.seating.people
            and m.recipient in self.seating.agents
            and answered.get((m.recipient, m.sender), -1) < m.sequence
        ]

    # --- what everybody may ask ----------------------------------------------------------------------------

    @property
    def is_over(self) -> bool:
        """Whether nothing is played any more."""
        return self.ended is not None or self.game.is_done or self.game.phase.year > self.settings.until

    def is_agents_for(self, power: Power, seen_by: Power | None) -> bool:
        """Whether somebody may know that an agent plays a power now.

        Args:
            power: whose seat.
            seen_by: who asks; None: whoever looks on.
        """
        return self.seating.player(power).is_agent and self._is_known(power, seen_by)

    def was_agents_for(self, power: Power, phase: Phase, seen_by: Power | None) -> bool:
        """The same of a phase: whether an agent gave the power's orders in it."""
        return self.seating.was_agents(power, phase) and self._is_known(power, seen_by)

    def tells(self, power: Power, seen_by: Power | None) -> bool:
        """Whether somebody is told that a power's seat has changed hands."""
        return self.settings.tells or power is seen_by or self.is_over

    def _is_known(self, power: Power, seen_by: Power | None) -> bool:
        return power in self.settings.agents or self.tells(power, seen_by)

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
        return tuple(p for p in self.seating.people if p not in self._ready and self.has_to_order(p))

    def has_to_order(self, power: Power) -> bool:
        """Whether there is something for a power to order in the phase at hand."""
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

    def once(
        self, power: Power, key: str, phase: str | None, what: Callable[[], Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        """Does what a person asks for; asked again under the same key, only gives the same answer.

        Args:
            power: the person's.
            key: new for each request.
            phase: that it was meant for; None: any.
            what: does it.

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
            if phase is not None and phase != str(self.game.phase):
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
        self._check_own(sender)
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
        self._check_own(power)
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
        self._check_own(power)
        self._check_open()
        action = tuple(sorted(orders, key=order_sort_key))
        try:
            self.game.check_action(power, action)
        except EngineError as error:
            raise TableError(str(error)) from None
        self._orders[power] = action
        self.store.keep_orders(self.id, power, [str(o) for o in action], power in self._ready)
        return {"orders": [str(o) for o in action]}

    def vote(self, power: Power, wanted: bool) -> Mapping[str, Any]:
        """A person votes for a draw, or not any more; within `once`.

        Raises:
            TableError: the vote would not count.
        """
        self._check_own(power)
        if power not in self.game.alive:
            raise TableError("you are out of the game: a draw is agreed by those who are alive")
        self._set_vote(power, wanted)
        self.vote_count += 1
        return {"vote": wanted, "drawn": self.game.is_done}

    def _set_vote(self, power: Power, wanted: bool) -> None:
        (self.votes.add if wanted else self.votes.discard)(power)
        self.store.keep_vote(self.id, power, wanted)
        self._settle_votes()

    def _settle_votes(self) -> None:
        """The game is a draw as soon as everybody alive votes for it."""
        if not self.is_over and self.votes.issuperset(self.game.alive):
            self.game.draw()

    def hand_over(self, power: Power, agent: str, persona: str) -> Mapping[str, Any]:
        """A person has an agent play on; what the person had ordered and not played is gone; within `once`.

        Raises:
            TableError: an agent plays already, or there is nothing to play on.
            GoneError: the phase is being played.
        """
        self._check_own(power)
        self._check_open()
        if power not in self.game.alive:
            raise TableError("you are out of the game: there is nothing that an agent could play on")
        self._change_hands(Hand(power, self.game.phase, agent, persona))
        return {"agent": agent}

    def take_back(self, power: Power) -> Mapping[str, Any]:
        """A person plays on; orders that the agent has given can be changed like the person's own; within `once`.

        Raises:
            TableError: the person plays already.
            GoneError: the phase is being played.
        """
        if self.seating.stand_in(power) is None:
            raise TableError("you play this seat already")
        self._check_open()
        self._change_hands(Hand(power, self.game.phase, PERSON))
        if self.settings.deadline_s is not None and self.deadline_s is None:
            self.start_clock()
        return {"agent": None}

    def _change_hands(self, hand: Hand) -> None:
        power, orders = hand.power, self._orders.get(hand.power)
        with self.store.transaction():
            self.store.add_hand(self.id, hand)
            self.store.drop_state(self.id, power)
            self.store.keep_vote(self.id, power, False)  # whoever plays on may see it otherwise
            self.store.keep_missed(self.id, power, 0)
            if hand.agent == PERSON and orders is not None:
                self.store.keep_orders(self.id, power, [str(o) for o in orders], False)
            else:
                self.store.drop_orders(self.id, power)
        self.seating.hands.append(hand)
        self.votes.discard(power)
        self._ready.discard(power)
        self._missed[power] = 0
        if hand.agent != PERSON:
            self._orders.pop(power, None)
        self.log(SeatChanged(power, hand.phase, hand.agent, hand.persona))

    def _check_own(self, power: Power) -> None:
        if (hand := self.seating.stand_in(power)) is not None:
            raise TableError(f"{hand.agent} plays your seat: take it back first")

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

    def wait(self, version: int) -> None:
        """Returns when something has changed since this version, or the phase may be due."""
        with self.changed:
            if self.version != version or self.is_due:
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

    def keep_agents_vote(self, voted: DrawVoted) -> None:
        """Keeps whether an agent votes for a draw, if its seat is still its own."""
        with self.changed:
            if self.is_over or voted.power not in self.seating.agents:
                return
            self.log(voted)
            with self.store.transaction():
                self._set_vote(voted.power, voted.wanted)
            self.ring()

    def keep_agents_orders(self, power: Power, orders: Action) -> None:
        """Keeps an agent's orders, which are final; nothing if its seat was taken back while it thought.

        Raises:
            IllegalOrderError: it may not give them.
        """
        with self.changed:
            if power not in self.seating.agents:
                return
            self.game.check_action(power, orders)
            self._orders[power] = orders
            with self.store.transaction():
                self.store.keep_orders(self.id, power, [str(o) for o in orders], True)
                self._keep_lines()

    def close_phase(self) -> bool:
        """From now on nobody changes anything in this phase but votes; whether it is still due and the game goes on."""
        with self.changed:
            if self.is_over or self.is_leaving or not self.is_due:
                return False
            self.is_closing = True
            self.ring()
            return True

    def play_phase(self) -> PhaseRecord | None:
        """Carries out the orders; None: there was a draw before."""
        with self.changed:
            if self.is_over:
                return None
            phase, absent = self.game.phase, self._count_missed()
            given = {power: [str(o) for o in orders] for power, orders in self._orders.items()}
            for power, orders in self._orders.items():
                self.game.set_orders(power, orders)
            record = self.game.process()
            number = len(self.game.history) - 1 - self.phases_before
            with self.store.transaction():
                self.store.add_played(self.id, number, given, phase, self.game.phase)
                for power, deadlines in self._missed.items():
                    self.store.keep_missed(self.id, power, deadlines)
                self._orders, self._ready, self.turns = {}, set(), {}
                self.is_closing, self.deadline_s = False, None
                for power in absent:
                    self._replace(power)
            self._settle_votes()
            self.ring()
            return record

    def _count_missed(self) -> list[Power]:
        """The people who have now let too many deadlines pass without an order."""
        for power in self.seating.people:
            if self.has_to_order(power):
                is_late = power not in self._ready and not self.orders_of(power)
                self._missed[power] = self._missed.get(power, 0) + 1 if is_late else 0
        return [power for power, deadlines in self._missed.items() if deadlines >= _MOST_MISSED]

    def _replace(self, power: Power) -> None:
        """An agent plays on for a person who stays away, where the game was opened so."""
        agent = self.settings.stand_in
        if agent is not None and power in self.seating.people and power in self.game.alive:
            self._change_hands(Hand(power, self.game.phase, agent))

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
