"""Plays one seat at one table for as long as it takes, in as many processes as it takes.

    PhaseBegan       the agent is woken, or goes on where another process was killed
    MessageReceived  it hears
    Moment           safe orders first, better ones when there are; what was approved or held back goes out
    SpeakingTurn     it speaks: written down with the orders it speaks of, sent, written down again
    OrdersDue        final orders: written down, handed in

Whatever leaves the machine is in the store before, together with what the agent knows; so a process that is killed at
any moment is followed by one that neither repeats nor forgets.  `cicero_lite.session.run` is the loop of local games,
where nothing outlasts the process.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from datetime import time as time_of_day
from typing import Any, TypeAlias

import numpy as np

from cicero_lite.adapters.base import (
    Adapter,
    CarriesVotes,
    KeepsOrders,
    MessageReceived,
    Moment,
    OrdersDue,
    PhaseBegan,
    PhaseEnded,
    SpeakingTurn,
    TableClosed,
    TableEvent,
    Write,
    letters,
)
from cicero_lite.arena.log import Event, EventLog, GameStarted, OrdersSubmitted, line_of
from cicero_lite.config import stored_agent_config
from cicero_lite.draws import decide
from cicero_lite.errors import ConfigError
from cicero_lite.hosting.gate import Gate
from cicero_lite.hosting.guard import Guard
from cicero_lite.hosting.outbox import Outbox, Outcome
from cicero_lite.hosting.settings import HostConfig, Mode
from cicero_lite.hosting.store import Standing, Store, StoredOrders, StoredSeat
from cicero_lite.registry import Agent, ClockWatcher, Expecting, Improving, Negotiator, Observer, Resumable, Steerable
from cicero_lite.session import game_ended, phase_resolved, phase_started
from engine.board import Board
from engine.game import GameView
from engine.types import FIRST_PHASE, POWERS, Action, Message, Phase, PhaseKind, Power

MakeAgent: TypeAlias = Callable[[int, EventLog], Agent]
"""Builds the agent of the seat from a seed; it records what it thinks in the log."""
Told: TypeAlias = Event | MessageReceived | str
"""What people may want to know: an event of the log, a message, or a line."""

_TRIES = 3
"""How often the same orders are handed in while the server does not take them."""
_BEAT_S = 15.0
"""Between two beats of a seat that does nothing new."""
_UNDER_WAY_S = 10.0
"""So long a server may be at a request whose sender was killed."""


class Host:
    """The seat, from the moment the process begins."""

    def __init__(
        self,
        seat: StoredSeat,
        make: MakeAgent,
        header: Callable[[], GameStarted],
        store: Store,
        config: HostConfig,
        guard: Guard,
        gate: Gate,
        tell: Callable[[Told], None] = lambda what: None,
        now: Callable[[], float] = time.time,
        local_time: Callable[[], time_of_day] = lambda: datetime.now().time(),
    ) -> None:
        """Prepares to sit down.

        Args:
            seat: as the store has it.
            make: builds the agent, when the first phase is known.
            header: the first line of the seat's log.
            store: keeps everything.
            config: mode, quiet hours, introduction, haste.
            guard: asked before each write; of the same mode.
            gate: shared by all games that think on this machine.
            tell: told of everything once it is kept.
            now: seconds since 1970.
            local_time: of day.
        """
        self._seat, self._make, self._header = seat, make, header
        self._store, self._config, self._guard, self._gate = store, config, guard, gate
        self._tell, self._now = tell, now
        self._power = seat.power
        self._outbox = Outbox(store, seat.id, seat.power, config, guard, local_time)
        self._agent: Agent | None = None
        self._new: list[Event] = []
        """Events that are not in the store yet."""
        self._events = EventLog(listeners=[self._new.append])
        self._phase: Phase | None = None
        self._resolved: Phase | None = None
        """The last phase whose end is in the log."""
        self._heard: list[Message] = []
        """Of the phase at hand."""
        self._heard_before: Counter[tuple[Power, Power | None, str]] = Counter()
        """Heard in the phase by an earlier process; the table has yet to tell of them again."""
        self._is_resumed = False
        """Whether another process played before."""
        self._elapsed = 0.0
        self._deadline: float | None = None
        self._is_news = True
        """Whether the orders as things stand may have changed."""
        self._has_heard = False
        """Whether somebody wrote since it spoke."""
        self._is_unsure = False
        """Whether it is not known which orders the server has."""
        self._voted_in: Phase | None = None
        """The last phase in which it said whether it agrees to a draw."""
        self._tries = 0
        self._noted = ""
        self._settings: str | None = None
        """The seat's, as it looked at them last; None: not yet."""
        self._pulse: tuple[Phase, str] | None = None
        self._pulse_at = 0.0

    # --- for the table -------------------------------------------------------------------------------------

    def permits(self, write: Write) -> bool:
        """See `Permission`."""
        return self._guard.permits(write)

    def unsaid(self) -> bool:
        """Whether there is still something to say though nobody speaks."""
        return self._guard.is_stopped or self._outbox.has_unsaid

    def note(self, line: str) -> None:
        """Keeps and tells what people should know, unless it is what they were told last."""
        if line != self._noted:
            self._noted = line
            self._store.note(line, self._seat.id)
            self._tell(line)

    def show_life(self) -> None:
        """Tells the watchdog that the seat lives; to be called in every wait, as a table may have nothing to tell."""
        if self._pulse is None:
            kept = self._store.state(self._seat.id)
            self._beat(FIRST_PHASE if kept is None else Phase.parse(kept["phase"]), "waiting for the game")
        else:
            self._beat(*self._pulse)

    def wait_for_requests(self, sleep: Callable[[float], None]) -> None:
        """Waits, before the talks are read, until what a killed process was sending is there, if it ever will be.

        A server carries a request out although nobody waits for the answer any more, and may take its time.

        Args:
            sleep: waits so many seconds.
        """
        claimed = [message.changed_s for message in self._store.messages(self._seat.id, (Standing.SENDING,))]
        left_s = max(claimed, default=-float("inf")) + _UNDER_WAY_S - time.time()
        if left_s > 0:
            sleep(min(left_s, _UNDER_WAY_S))

    # --- the loop ------------------------------------------------------------------------------------------

    def run(self, adapter: Adapter, once: bool = False) -> TableClosed | None:
        """Plays until the table closes.

        Args:
            adapter: the table, with this seat alone.
            once: plays only until the orders of the phase at hand are in, or nothing more is to be done in it.

        Returns:
            The result; None: there is none yet.
        """
        moments = 0
        for event in adapter.events():
            self._handle(event, adapter)
            if isinstance(event, TableClosed):
                return event
            moments += isinstance(event, Moment)
            if once and (isinstance(event, OrdersDue) or moments > 1):
                return None
        return None

    def _handle(self, event: TableEvent, adapter: Adapter) -> None:
        match event:
            case PhaseBegan(_, view):
                self._deadline = None
                self._beat(view.phase, "looking at the board")
                self._begin(view)
            case MessageReceived(_, message, view):
                self._hear(event, message, view)
            case Moment(_, view, left_s):
                self._deadline = None if left_s is None else self._now() + left_s
                self._beat(view.phase, "paused" if left_s is None else "waiting")
                self._look_up(view, is_start=False)
                self._steer()
                self._improve(view, adapter)
                if self._voted_in != view.phase:
                    self._vote(view, adapter)
                self._send(view, adapter)
            case SpeakingTurn(_, view, number, at_most):
                self._steer()
                self._speak(view, number / at_most)
                self._send(view, adapter)
            case OrdersDue(_, view):
                self._steer()
                self._order(view, adapter)
                self._vote(view, adapter)
            case PhaseEnded():
                self._resolve(event)
            case TableClosed():
                self._close(event)

    # --- phases --------------------------------------------------------------------------------------------

    def _begin(self, view: GameView) -> None:
        is_start = self._agent is None
        if is_start and self._sit_down(view):
            self._is_unsure = True
        else:
            self._phase, self._heard, self._elapsed, self._is_news = view.phase, [], 0.0, True
            self._heard_before.clear()
            self._events.append(phase_started(view))
            if isinstance(self._agent, Negotiator):
                with self._thinking("of what was said and played"):
                    self._agent.begin_phase(self._shown(view))
        self._tries = 0
        self._look_up(view, is_start)
        with self._keeping():
            self._outbox.drop_stale(view.phase)

    def _sit_down(self, view: GameView) -> bool:
        """Builds the agent, with what it knew before; whether it knew the phase at hand."""
        kept = self._store.state(self._seat.id)
        agent = self._agent = self._make(seed_in(self._seat.seed, view.phase), self._events)
        if kept is None:
            self._events.append(self._header())
            self._remind(agent, view)
            return False
        before, self._is_resumed = Phase.parse(kept["phase"]), True
        self._resolved = None if kept["resolved"] is None else Phase.parse(kept["resolved"])
        is_restored = kept["agent"] is not None and isinstance(agent, Resumable) and self._restore(agent, kept, view)
        if not is_restored:
            self._remind(agent, view)
        with self._thinking("of what happened meanwhile"):
            self._catch_up(agent, before, view, is_restored)
        if before != view.phase:
            return False
        self._phase, self._elapsed = before, kept["elapsed"]
        said = [(Power(s), None if r is None else Power(r), text) for s, r, text in kept["heard"]]
        self._heard_before = Counter(said)
        if isinstance(agent, Negotiator) and not is_restored:
            agent.begin_phase(self._shown(view))
        return True

    def _restore(self, agent: Resumable, kept: Mapping[str, Any], view: GameView) -> bool:
        try:
            agent.restore(kept["agent"], view)
        except (ValueError, KeyError, TypeError) as error:
            self.note(f"what {self._power.title()} knew cannot be read ({error}): it reads the talks anew")
            self._agent = self._make(seed_in(self._seat.seed, view.phase), self._events)
            return False
        return True

    def _remind(self, agent: Agent, view: GameView) -> None:
        """Shows an agent that only watches what it has missed; one that talks looks at the past by itself."""
        if isinstance(agent, Observer) and not isinstance(agent, Negotiator):
            for record in view.history:
                agent.phase_resolved(record)

    def _catch_up(self, agent: Agent, before: Phase, view: GameView, is_restored: bool) -> None:
        """Logs, and shows to an agent that was restored, the phases that ended while no process was there."""
        boards: list[Board] = [*(record.board for record in view.history), view][1:]
        for record, after in zip(view.history, boards, strict=True):
            if record.phase < before or (self._resolved is not None and not self._resolved < record.phase):
                continue
            self._events.append(phase_resolved(record, {power: after.centers(power) for power in POWERS}))
            self._resolved = record.phase
            if is_restored and isinstance(agent, Observer):
                agent.phase_resolved(record)

    def _resolve(self, event: PhaseEnded) -> None:
        self._events.append(phase_resolved(event.record, event.centers))
        self._resolved = event.record.phase
        if isinstance(self._agent, Observer):
            with self._thinking("of what was played"):
                self._agent.phase_resolved(event.record.seen_by(self._power))
        with self._keeping():
            pass

    def _close(self, closed: TableClosed) -> None:
        """Ends the seat; if the game was over before this process came, with what earlier ones have kept."""
        self._events.append(game_ended(closed))
        kept = self._store.state(self._seat.id) if self._phase is None else self._state()
        with self._store.transaction():
            self._outbox.drop_all()
            self._store.end_seat(self._seat.id, closed.reason)
            if kept is not None:
                self._write(kept)
        self._tell_new()

    def _steer(self) -> None:
        """Takes over the controls that somebody has set, see `cicero_lite.hosting.steering`."""
        agent, settings = self._agent, self._store.config(self._seat.id)
        if settings == self._settings:
            return
        is_first, self._settings = self._settings is None, settings
        if not isinstance(agent, Steerable):
            if not is_first:
                self.note(f"{self._seat.agent} cannot be steered: its controls change nothing")
            return
        try:
            controls = stored_agent_config(settings, f"the settings of seat {self._seat.id}").controls
        except ConfigError as error:
            if not is_first:  # those it sat down with were looked at then
                self.note(str(error))
            return
        if controls != agent.controls:
            agent.steer(controls)
            self._is_news = self._has_heard = True
            with self._keeping():
                pass

    # --- talk ----------------------------------------------------------------------------------------------

    def _hear(self, event: MessageReceived, message: Message, view: GameView) -> None:
        key = message.sender, message.recipient, message.text
        is_known = self._heard_before[key] > 0
        self._heard_before[key] -= is_known
        self._heard.append(message)
        if isinstance(self._agent, Negotiator):
            self._agent.hear(message, self._shown(view))
        if not is_known and not (self._is_resumed and message.phase < view.phase):
            self._is_news = self._has_heard = True
            self._tell(event)
        with self._keeping():
            pass

    def _speak(self, view: GameView, elapsed: float) -> None:
        agent, stored = self._agent, self._store.orders(self._seat.id, view.phase)
        if not isinstance(agent, Negotiator) or self._is_late() or self._guard.is_stopped:
            return
        has_orders = bool(view.legal_orders(self._power))
        if has_orders and stored is not None and stored.final:
            return  # a process that was killed had said what it wanted to say
        if self._outbox.has_unsaid and not self._has_heard:  # it would only say the same in other words
            return
        with self._thinking("of what to say"):
            self._elapsed = max(self._elapsed, elapsed)
            if isinstance(agent, ClockWatcher):
                agent.watch_clock(self._elapsed)
            said = agent.speak(self._shown(view))
            # what is said binds: a process that comes late must not hand in orders of before
            orders = agent.orders_so_far(self._shown(view)) if has_orders and isinstance(agent, Improving) else None
        self._is_news, self._has_heard = True, False
        with self._keeping():
            new = self._outbox.mean(view.phase, said)
            if orders is not None:
                self._mean(view.phase, orders, is_final=False)
        if self._config.mode is not Mode.AUTO:
            for number, message in new.items():
                to = "all" if message.recipient is None else message.recipient.title()
                is_shadow = self._config.mode is Mode.SHADOW
                what = "would say" if is_shadow else f"message {number} waits for approval,"
                self._tell(f"{what} to {to}: {message.text}")

    def _send(self, view: GameView, adapter: Adapter) -> None:
        """Sends what is ready; those of whom a message could not go out are passed by until the next time."""
        if not self._outbox.is_open:
            return
        self._outbox.introduce(view, adapter)
        passed_by: set[Power | None] = set()
        while self._outbox.is_open and (message := self._outbox.next_ready(view, passed_by)) is not None:
            outcome = self._outbox.send(message, view, adapter)
            if outcome is None or outcome.standing is not Standing.SENT:
                passed_by.add(message.recipient)
            if outcome is not None:
                self._settle(outcome)

    def _look_up(self, view: GameView, is_start: bool) -> None:
        for outcome in self._outbox.looked_up(view, is_start):
            self._settle(outcome)

    def _settle(self, outcome: Outcome) -> None:
        if outcome.sent is not None:
            self._events.append(outcome.sent)
        with self._keeping():
            self._outbox.settle(outcome)
        if outcome.standing is not Standing.SENT:
            to = "all" if outcome.message.recipient is None else outcome.message.recipient.title()
            become = {Standing.SENDING: "may have arrived", Standing.READY: "is not out yet"}
            told = become.get(outcome.standing, "is dropped")
            self.note(f"message {outcome.message.id} to {to} {told}: {outcome.reason}")

    # --- orders --------------------------------------------------------------------------------------------

    def _improve(self, view: GameView, adapter: Adapter) -> None:
        """Has orders in early, and better ones as soon as the plan has changed."""
        if not view.legal_orders(self._power):
            self._order_nothing(view.phase)
            return
        stored = self._store.orders(self._seat.id, view.phase)
        if stored is None or not (stored.final or self._is_late()):
            self._ask_for_orders(view, stored)
        stored = self._store.orders(self._seat.id, view.phase)
        if stored is not None and (self._is_unsure or (not stored.handed_in and self._tries < _TRIES)):
            self._hand_in(stored, adapter)

    def _order_nothing(self, phase: Phase) -> None:
        """Notes that nothing is to be ordered, so that nobody is warned that nothing was."""
        if self._store.orders(self._seat.id, phase) is None:
            with self._store.transaction():
                self._store.mean_orders(self._seat.id, phase, (), True)
                self._store.handed_in(self._seat.id, phase)

    def _ask_for_orders(self, view: GameView, stored: StoredOrders | None) -> None:
        agent = self._agent
        assert agent is not None
        if isinstance(agent, Improving) and self._is_news:
            with self._thinking("of its orders"):
                orders = agent.orders_so_far(self._shown(view))
        elif stored is None and not isinstance(agent, Negotiator):
            with self._thinking("of its orders"):
                orders = agent.act(self._shown(view), self._power)
        else:
            return
        self._is_news = False
        with self._keeping():
            self._mean(view.phase, orders, is_final=False)

    def _order(self, view: GameView, adapter: Adapter) -> None:
        agent, stored = self._agent, self._store.orders(self._seat.id, view.phase)
        assert agent is not None
        if stored is None or not stored.final:
            orders: Action
            if stored is not None and (self._is_late() or not isinstance(agent, Negotiator | Improving)):
                orders = stored.orders
            else:
                with self._thinking("of its orders"):
                    orders = agent.act(self._shown(view), self._power)
            self._events.append(OrdersSubmitted(self._power, view.phase, orders))
            with self._keeping():
                self._mean(view.phase, orders, is_final=True)
        stored = self._store.orders(self._seat.id, view.phase)
        assert stored is not None
        self._hand_in(stored, adapter)

    def _mean(self, phase: Phase, orders: Action, is_final: bool) -> None:
        """Writes orders down if they are others than before, or final now; to be kept with the plan behind them."""
        stored = self._store.orders(self._seat.id, phase)
        if stored is None or is_final or set(stored.orders) != set(orders):
            self._tries = 0
            self._store.mean_orders(self._seat.id, phase, orders, is_final)

    def _hand_in(self, orders: StoredOrders, adapter: Adapter) -> None:
        if not self._guard.permits(Write.ORDERS):
            return
        self._tries += 1
        adapter.submit(self._power, orders.orders)
        if not isinstance(adapter, KeepsOrders) or adapter.has_orders:
            self._is_unsure = False
            self._store.handed_in(self._seat.id, orders.phase)

    def _vote(self, view: GameView, adapter: Adapter) -> None:
        """Has the agent say whether it agrees to a draw, by the plan behind its orders, where the table asks it."""
        agent, is_asked = self._agent, isinstance(adapter, CarriesVotes) and adapter.asks_agent
        if not is_asked or view.phase.kind is not PhaseKind.MOVEMENT or self._is_late():
            return
        assert isinstance(adapter, CarriesVotes)
        self._voted_in = view.phase
        try:
            config = stored_agent_config(self._store.config(self._seat.id), f"the settings of seat {self._seat.id}")
        except ConfigError as error:
            self.note(str(error))
            return
        expected = None
        if isinstance(agent, Expecting):
            with self._thinking("of a draw"):
                expected = agent.expected_score(self._shown(view))
        voted = decide(view, self._power, expected, config.search.value.scoring, config.draw)
        self._events.append(voted)
        with self._keeping():
            pass
        adapter.vote_draw(voted.wanted)

    # --- helpers -------------------------------------------------------------------------------------------

    def _shown(self, view: GameView) -> GameView:
        """What the agent is shown: the introduction is not its word, begins no talk and answers nobody."""
        if self._config.introduction is None:
            return view
        ours = self._power, letters(self._config.introduction)
        shown = copy(view)
        shown.messages = tuple(m for m in view.messages if (m.sender, letters(m.text)) != ours)
        return shown

    def _is_late(self) -> bool:
        """Whether the phase ends too soon for another thought."""
        return self._deadline is not None and self._deadline - self._now() < self._config.lead_s

    @contextmanager
    def _thinking(self, what: str) -> Iterator[None]:
        phase = self._phase
        with self._gate.thinking(self._deadline, what.removeprefix("of ")):
            if phase is not None:
                self._beat(phase, f"thinking {what}")
            yield
        if phase is not None:
            self._beat(phase, "waiting")

    def _beat(self, phase: Phase, doing: str) -> None:
        """Shows what the seat is at, and that it lives; not more often than anybody looks."""
        pulse, now = (phase, doing), self._now()
        if pulse != self._pulse or not 0 <= now - self._pulse_at < _BEAT_S:
            self._pulse, self._pulse_at = pulse, now
            self._store.beat(self._seat.id, phase, doing, self._deadline)

    @contextmanager
    def _keeping(self) -> Iterator[None]:
        """What is written within, what the agent knows, and what it has thought: all of it is kept, or nothing."""
        state = self._state()
        with self._store.transaction():
            yield
            self._write(state)
        self._tell_new()

    def _write(self, state: Mapping[str, Any]) -> None:
        for event in self._new:
            self._store.log(self._seat.id, line_of(event))
        self._store.keep_state(self._seat.id, state)

    def _tell_new(self) -> None:
        """Tells what is kept now."""
        new = list(self._new)
        self._new.clear()
        for event in new:
            self._tell(event)

    def _state(self) -> dict[str, Any]:
        assert self._phase is not None, "nothing happens before the first phase"
        # what the table has yet to tell again is no news to the next process either
        keys = [*self._heard_before.elements(), *((m.sender, m.recipient, m.text) for m in self._heard)]
        heard = [[sender.value, None if to is None else to.value, text] for sender, to, text in keys]
        return {
            "phase": str(self._phase),
            "resolved": None if self._resolved is None else str(self._resolved),
            "agent": self._agent.state() if isinstance(self._agent, Resumable) else None,
            "heard": heard,
            "elapsed": self._elapsed,
        }


def seed_in(seed: int, phase: Phase) -> int:
    """The seed of an agent that is built in this phase: the same whenever it is built there.

    >>> seed_in(7, Phase.parse("S1901M")) == seed_in(7, Phase.parse("F1901M"))
    False
    """
    numbers = [seed, *str(phase).encode()]
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0])
