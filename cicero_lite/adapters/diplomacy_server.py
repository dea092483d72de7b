"""One seat in a game on a server of the ``diplomacy`` package: an `Adapter`, for as long as the game goes on.

Talk goes on in turns while there is time; then orders are due, are handed in, compared with what the server keeps, and
only then the seat waits no longer.  What the server says, and lines that are cut, are the affair of `HeldSeat`.

    PhaseBegan MessageReceived* Moment (SpeakingTurn (MessageReceived* Moment)*)* OrdersDue (MessageReceived* Moment)*
    PhaseEnded PhaseBegan ... TableClosed
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from cicero_lite.adapters.base import (
    MessageReceived,
    Moment,
    OrdersDue,
    Permission,
    PhaseBegan,
    SpeakingTurn,
    TableClosed,
    TableEvent,
    Write,
    everything,
    ownership,
    phases_ended,
)
from cicero_lite.adapters.diplomacy_server_client import Entered, SeatClient
from cicero_lite.adapters.diplomacy_server_game import ServedGame
from cicero_lite.adapters.diplomacy_server_seat import GoneError, HeldSeat
from cicero_lite.adapters.settings import DrawPolicy, SeatConfig
from cicero_lite.errors import AdapterError
from engine.board import Board
from engine.types import Action, Message, PhaseKind, Power

_SILENCES = 2
"""Turns in a row in which nobody writes end the talk."""


class DiplomacyServerTable:
    """A seat in a game of the server."""

    def __init__(
        self,
        client: SeatClient,
        config: SeatConfig | None = None,
        tell: Callable[[str], None] = lambda line: None,
        permits: Permission = everything,
        unsaid: Callable[[], bool] = lambda: False,
        sleep: Callable[[float], None] = time.sleep,
        rest: Callable[[float], None] = lambda seconds: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is asked yet.

        Args:
            client: the way to the seat; the table's own from now on.
            config: how to behave.
            tell: told, in one line each, what people should know: a lost line, orders that the server did not take,
                positions that are not ours.
            permits: asked before each write to the server but the joining; without it nothing is written.
            unsaid: whether messages wait to be sent: then the talk goes on while there is time for it, though nobody
                speaks.
            sleep: waits so many seconds, between tries to reach the server.
            rest: called with 0 at least every second of a wait for news; what it raises ends the play.
            clock: seconds.
        """
        self._config = config or SeatConfig()
        self._held = HeldSeat(client, self._config, tell, permits, sleep, rest, clock)
        self._unsaid, self._clock = unsaid, clock
        self._speaking = False
        self._open: Board | None = None
        """The board for which orders may be handed in now."""
        self._open_turn = 0
        self._is_due = False
        """Whether they are final, as once the orders of the phase were due."""

    @property
    def seats(self) -> tuple[Power, ...]:
        """The one power that we play."""
        return (self._held.power,)

    @property
    def client(self) -> SeatClient:
        """The way to the seat, for requests of our own."""
        return self._held.client

    @property
    def served(self) -> ServedGame:
        """The game as the server told it last.

        Raises:
            AdapterError: it was not asked yet.
        """
        return self._held.served

    @property
    def has_orders(self) -> bool:
        """See `KeepsOrders`."""
        return self._held.is_in

    @property
    def asks_agent(self) -> bool:
        """See `CarriesVotes`."""
        return self._config.draw is DrawPolicy.AGENT and self._held.status == "active"

    def vote_draw(self, wanted: bool) -> None:
        """See `CarriesVotes`."""
        self._held.vote_as_agent(wanted)

    def join(self, entered: Entered | None = None) -> None:
        """Takes the seat.

        Args:
            entered: what the client was told when it did so just now; None: it does so here.

        Raises:
            UnreachableError: no server there.
            SignInError, NoSuchGameError, SeatTakenError: the server does not let us.
        """
        self._held.sit_down(entered or self._held.client.enter())

    def close(self) -> None:
        """Leaves the line, and keeps the seat."""
        self._held.client.close()

    # --- events --------------------------------------------------------------------------------------------

    def events(self) -> Iterator[TableEvent]:
        """See `Adapter.events`; joins if that was not done; goes on until the game ends, or we are out of it.

        Raises:
            DiplomacyServerError: the server cannot be reached for longer than we are patient, or tells what cannot be.
        """
        if not self._held.is_known:
            self.join()
        try:
            while self._held.goes_on():
                yield from self._play_phase()
        except GoneError as error:
            self._held.say(str(error))
            yield self._closed("abandoned")
            return
        yield from self._deliver()
        yield self._closed(self._reason())

    def _play_phase(self) -> Iterator[TableEvent]:
        turn, power, before = self._held.turn, self._held.power, len(self.served.game.history)
        while self._held.status == "forming" and not self.served.game.history and self._held.is_at_hand(turn):
            self._held.wait(self._config.look_s)
            while self._held.notices:
                self._held.take_in(self._held.notices.popleft())
        if not self._held.is_at_hand(turn) or not self._held.goes_on():
            return
        self._is_due = False
        yield PhaseBegan(power, self.served.game.view(power))
        yield from self._deliver()
        yield from self._moment(turn)
        while self._held.status != "active" and self._held.is_at_hand(turn) and self._held.goes_on():
            yield from self._look_again(turn, self._config.look_s)
        legal = self.served.game.legal_orders(power)
        if legal or self.served.game.phase.kind is PhaseKind.MOVEMENT:
            yield from self._talk(turn)
        if self._held.is_at_hand(turn) and self._held.goes_on():
            if legal:
                yield from self._collect_orders()
            elif self._held.permits(Write.ORDERS) and self._held.is_waited_for():
                self._held.hand_in((), is_final=True)
        yield from self._await_change(turn, before)

    def _talk(self, turn: int) -> Iterator[TableEvent]:
        """Turns to speak: one at once, one after each answer, one after each long silence."""
        kind = self.served.game.phase.kind
        turns = self._config.turns if kind is PhaseKind.MOVEMENT else self._config.late_turns
        silences = number = 0
        while self.may_write(None) and self._talk_left_s() > 0 and self._held.is_at_hand(turn):
            is_silent = silences == _SILENCES or number == turns
            if is_silent and not self._unsaid():
                return
            before = self._count()
            if not is_silent:
                self._speaking = True
                yield SpeakingTurn(self._held.power, self.served.game.view(self._held.power), number, turns)
                self._speaking = False
                number += 1
            yield from self._listen(turn, self._config.look_s if is_silent else 0.0)
            silences = 0 if self._count() > before else min(silences + 1, _SILENCES)

    def _listen(self, turn: int, at_least_s: float) -> Iterator[TableEvent]:
        """Until somebody writes, it has been quiet for long, or the time for talk is over."""
        quiet_s = self._config.quiet_s if self._held.phase_s is None else self._held.phase_s * self._config.quiet_share
        until, before = self._clock() + min(max(quiet_s, at_least_s), self._talk_left_s()), self._count_heard()
        while self._held.is_at_hand(turn) and self._count_heard() == before:
            left_s = until - self._clock()
            if left_s <= 0:
                return
            yield from self._look_again(turn, min(left_s, self._config.look_s))

    def _collect_orders(self) -> Iterator[TableEvent]:
        self._open, self._open_turn, self._is_due = self.served.game, self._held.turn, True
        yield OrdersDue(self._held.power, self.served.game.view(self._held.power))
        self._open = None

    def _await_change(self, turn: int, before: int) -> Iterator[TableEvent]:
        """Until the server is in another phase; what is said meanwhile is told.

        Args:
            turn: the phase.
            before: how many phases the game had when it began.
        """
        while self._held.is_at_hand(turn) and self._held.goes_on():
            yield from self._look_again(turn, self._config.look_s)
        while any(notice.get("name") == "game_processed" for notice in self._held.notices):
            self._held.take_in(self._held.notices.popleft())  # phases that passed while nobody looked
        yield from phases_ended(self.served.game, before)

    def _look_again(self, turn: int, seconds: float) -> Iterator[TableEvent]:
        """Waits for news, takes them in, and gives a moment to act."""
        self._held.wait(seconds)
        yield from self._look(turn)
        yield from self._moment(turn)

    def _look(self, turn: int) -> Iterator[TableEvent]:
        """Takes in what came, one notice after the other, up to the end of the phase."""
        if self._held.is_at_hand(turn):
            yield from self._deliver()
        while self._held.notices and self._held.is_at_hand(turn):
            self._held.take_in(self._held.notices.popleft())
            if self._held.is_at_hand(turn):
                yield from self._deliver()

    def _moment(self, turn: int) -> Iterator[TableEvent]:
        if not self._held.is_at_hand(turn) or not self._held.goes_on():
            return
        power, game = self._held.power, self.served.game
        self._speaking = True
        self._open = game if self._held.status == "active" and game.legal_orders(power) else None
        self._open_turn = self._held.turn
        yield Moment(power, game.view(power), self._held.left_s())
        self._speaking, self._open = False, None

    def _deliver(self) -> Iterator[TableEvent]:
        while self._held.pending:
            message = self._held.pending.pop(0)
            yield MessageReceived(self._held.power, message, self.served.game.view(self._held.power))

    # --- what the seat does --------------------------------------------------------------------------------

    def may_write(self, recipient: Power | None) -> bool:
        """See `PressRules`."""
        return self._held.may_write(recipient)

    def send(self, sender: Power, recipient: Power | None, text: str) -> Message:
        """See `Adapter.send`.

        Raises:
            UndeliveredError: the rules of the game do not allow it, or the phase has ended before it arrived.
        """
        game = self.served.game
        if sender is not self._held.power or not self._speaking:
            raise AdapterError(f"{sender} cannot speak now in {game.phase}: expected its turn")
        if recipient is sender or (recipient is not None and recipient not in game.alive):
            raise AdapterError(f"{sender} cannot write to {recipient}: expected another living power")
        return self._held.send(recipient, text)

    def submit(self, power: Power, orders: Action) -> None:
        """See `Adapter.submit`; at a `Moment` orders can be replaced, also those that were final."""
        if power is not self._held.power or self._open is None:
            raise AdapterError(f"the orders of {power} are not due now in {self.served.game.phase}")
        self._open.check_action(power, orders)
        self._open = None
        if self._open_turn != self._held.turn:  # the line was cut meanwhile, and we came back in another
            self._held.say("the phase ended before its orders were handed in")
        elif self._held.permits(Write.ORDERS):
            try:
                self._held.hand_in(orders, self._is_due or self._held.is_ready())
            except GoneError as error:
                self._held.gone = error

    def _talk_left_s(self) -> float:
        """Seconds until orders are due."""
        left_s = self._held.left_s()
        if left_s is None or self._held.phase_s is None:
            return float("inf")
        return left_s - self._held.phase_s * (1 - self._config.talk_share)

    def _count(self) -> int:
        """Messages of the phase, ours too."""
        return len(self.served.game.messages)

    def _count_heard(self) -> int:
        return sum(message.sender is not self._held.power for message in self.served.game.messages)

    # --- the end -------------------------------------------------------------------------------------------

    def _reason(self) -> str:
        if not self.served.is_over or self._held.status == "canceled":
            return "abandoned"
        return "draw" if self.served.game.drawn_by else "solo"

    def _closed(self, reason: str) -> TableClosed:
        game = self.served.game
        return TableClosed(game.phase, reason, game.winner, ownership(game), game.scores())
