"""One seat in a game on a server of the ``diplomacy`` package: an `Adapter`, for as long as the game goes on.

The server tells what happens as it happens; now and then it is asked as well, since it does not tell everything.  Talk
goes on in turns while there is time; then orders are due, are handed in, compared with what the server keeps, and only
then the seat waits no longer.  When the line is cut we come back, are told the whole game again, and look whether what
was under way has arrived: a message is known by the time at which the server took it.

    PhaseBegan MessageReceived* Moment (SpeakingTurn (MessageReceived* Moment)*)* OrdersDue (MessageReceived* Moment)*
    PhaseEnded PhaseBegan ... TableClosed
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from cicero_lite.adapters.base import (
    MessageReceived,
    Moment,
    OrdersDue,
    Permission,
    PhaseBegan,
    PhaseEnded,
    SpeakingTurn,
    TableClosed,
    TableEvent,
    Write,
    everything,
)
from cicero_lite.adapters.diplomacy_server_client import OVER, Entered, NoSuchGameError, SeatClient, SeatTakenError
from cicero_lite.adapters.diplomacy_server_connection import DiplomacyServerError, RefusedError, UnreachableError
from cicero_lite.adapters.diplomacy_server_game import ServedGame, clean, replay
from cicero_lite.adapters.diplomacy_server_responses import (
    EVERYBODY,
    ServerMessage,
    ServerPhase,
    ServerPower,
    field_of,
    read,
)
from cicero_lite.adapters.webdiplomacy_votes import DrawPolicy, is_stalemate
from cicero_lite.errors import AdapterError, NotYetDeliveredError, UndeliveredError
from engine.board import Board
from engine.notation import parse_order, without_coasts
from engine.types import Action, Message, NotationError, OrderKind, PhaseKind, Power, Province

_SILENCES = 2
"""Turns in a row in which nobody writes end the talk."""
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 60.0
"""Between two tries to come back after the line was cut; each wait is twice the one before."""
_REST_S = 1.0
_SENDINGS = 3
"""How often a message is sent at most, when the line is cut each time before the server has it."""


@dataclass(frozen=True)
class SeatConfig:
    """How the seat behaves at the table."""

    turns: int = 8
    """Turns to speak in a movement phase, at most."""
    late_turns: int = 2
    """The same in retreats and adjustments."""
    talk_share: float = 0.7
    """Of a phase with a deadline, after which orders are due whatever is said."""
    quiet_share: float = 0.08
    """Of such a phase: after so long without a word, there is a turn to speak without being spoken to."""
    quiet_s: float = 30.0
    """The same where there is no deadline."""
    look_s: float = 5.0
    """Between two moments in which nothing happens."""
    stale_s: float = 30.0
    """After so long without news the server is asked."""
    patience_s: float | None = None
    """How long to try to come back after the line was cut; None: for ever."""
    draw: DrawPolicy = DrawPolicy.NEVER
    draw_years: int = 3
    """Years without a change that are a stalemate."""


@dataclass(frozen=True)
class _HandedIn:
    """The orders of a phase, as they were sent last; for no other phase."""

    phase: str
    orders: tuple[str, ...]
    is_final: bool
    """Whether the seat waits no longer."""


class _GoneError(DiplomacyServerError):
    """The game, or our seat in it, is there no more."""


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
        self._client, self._config, self._tell = client, config or SeatConfig(), tell
        self._permits, self._unsaid = permits, unsaid
        self._sleep, self._rest, self._clock = sleep, rest, clock
        self._served: ServedGame | None = None
        self._phase = ""
        """The server's name of the phase at hand."""
        self._turn = 0
        """Counts the phases that were at hand."""
        self._status = "forming"
        self._rules: tuple[str, ...] = ()
        self._ours: ServerPower | None = None
        """What the server says of our power, when it was asked last."""
        self._vote, self._votes = "neutral", 0
        self._phase_s: float | None = None
        self._deadline: float | None = None
        self._notices: deque[Mapping[str, Any]] = deque()
        self._heard_at = 0.0
        self._pending: list[Message] = []
        """Messages to us that nobody was told of yet."""
        self._told: set[int] = set()
        """Numbers of messages that are pending or were told."""
        self._lines_told: set[str] = set()
        self._speaking = False
        self._open: Board | None = None
        """The board for which orders may be handed in now."""
        self._open_turn = 0
        self._is_due = False
        """Whether they are final, as once the orders of the phase were due."""
        self._handed_in: _HandedIn | None = None
        self._is_in = False
        """Whether the server has those."""
        self._gone: _GoneError | None = None
        """Why play cannot go on, found out while we spoke or ordered."""

    @property
    def seats(self) -> tuple[Power, ...]:
        """The one power that we play."""
        return (self._client.power,)

    @property
    def client(self) -> SeatClient:
        """The way to the seat, for requests of our own."""
        return self._client

    @property
    def served(self) -> ServedGame:
        """The game as the server told it last.

        Raises:
            AdapterError: it was not asked yet.
        """
        if self._served is None:
            raise AdapterError("the server was not asked for the game yet: expected join() first")
        return self._served

    @property
    def has_orders(self) -> bool:
        """See `KeepsOrders`."""
        return self._is_in

    def join(self, entered: Entered | None = None) -> None:
        """Takes the seat.

        Args:
            entered: what the client was told when it did so just now; None: it does so here.

        Raises:
            UnreachableError: no server there.
            SignInError, NoSuchGameError, SeatTakenError: the server does not let us.
        """
        entered = entered or self._client.enter()
        try:
            self._read(entered)
        except UnreachableError as error:
            self._come_back(error)

    def close(self) -> None:
        """Leaves the line, and keeps the seat."""
        self._client.close()

    # --- events --------------------------------------------------------------------------------------------

    def events(self) -> Iterator[TableEvent]:
        """See `Adapter.events`; joins if that was not done; goes on until the game ends, or we are out of it.

        Raises:
            DiplomacyServerError: the server cannot be reached for longer than we are patient, or tells what cannot be.
        """
        if self._served is None:
            self.join()
        try:
            while self._goes_on():
                yield from self._play_phase()
        except _GoneError as error:
            self._say(str(error))
            yield self._closed("abandoned")
            return
        yield from self._deliver()
        yield self._closed(self._reason())

    def _goes_on(self) -> bool:
        served = self.served
        return not served.is_over and self._status != "canceled" and self._client.power in served.game.alive

    def _play_phase(self) -> Iterator[TableEvent]:
        turn, power, before = self._turn, self._client.power, len(self.served.game.history)
        while self._status == "forming" and not self.served.game.history and self._is_at_hand(turn):
            self._wait(self._config.look_s)
            while self._notices:
                self._take_in(self._notices.popleft())
        if not self._is_at_hand(turn) or not self._goes_on():
            return
        self._is_due = False
        yield PhaseBegan(power, self.served.game.view(power))
        yield from self._deliver()
        yield from self._moment(turn)
        while self._status != "active" and self._is_at_hand(turn) and self._goes_on():
            yield from self._look_again(turn, self._config.look_s)
        legal = self.served.game.legal_orders(power)
        if legal or self.served.game.phase.kind is PhaseKind.MOVEMENT:
            yield from self._talk(turn)
        if self._is_at_hand(turn) and self._goes_on():
            if legal:
                yield from self._collect_orders()
            elif self._permits(Write.ORDERS) and self._is_waited_for():
                self._hand_in((), is_final=True)
        yield from self._await_change(turn, before)

    def _is_waited_for(self) -> bool:
        """Whether the server waits for us though we have nothing to order: so it does where we took the seat late."""
        return self._ours is not None and (self._ours.wait or not self._ours.order_is_set)

    def _talk(self, turn: int) -> Iterator[TableEvent]:
        """Turns to speak: one at once, one after each answer, one after each long silence."""
        kind = self.served.game.phase.kind
        turns = self._config.turns if kind is PhaseKind.MOVEMENT else self._config.late_turns
        silences = number = 0
        while self.may_write(None) and self._talk_left_s() > 0 and self._is_at_hand(turn):
            is_silent = silences == _SILENCES or number == turns
            if is_silent and not self._unsaid():
                return
            before = self._count()
            if not is_silent:
                self._speaking = True
                yield SpeakingTurn(self._client.power, self.served.game.view(self._client.power), number, turns)
                self._speaking = False
                number += 1
            yield from self._listen(turn, self._config.look_s if is_silent else 0.0)
            silences = 0 if self._count() > before else min(silences + 1, _SILENCES)

    def _listen(self, turn: int, at_least_s: float) -> Iterator[TableEvent]:
        """Until somebody writes, it has been quiet for long, or the time for talk is over."""
        quiet_s = self._config.quiet_s if self._phase_s is None else self._phase_s * self._config.quiet_share
        until, before = self._clock() + min(max(quiet_s, at_least_s), self._talk_left_s()), self._count_heard()
        while self._is_at_hand(turn) and self._count_heard() == before:
            left_s = until - self._clock()
            if left_s <= 0:
                return
            yield from self._look_again(turn, min(left_s, self._config.look_s))

    def _collect_orders(self) -> Iterator[TableEvent]:
        self._open, self._open_turn, self._is_due = self.served.game, self._turn, True
        yield OrdersDue(self._client.power, self.served.game.view(self._client.power))
        self._open = None

    def _await_change(self, turn: int, before: int) -> Iterator[TableEvent]:
        """Until the server is in another phase; what is said meanwhile is told.

        Args:
            turn: the phase.
            before: how many phases the game had when it began.
        """
        while self._is_at_hand(turn) and self._goes_on():
            yield from self._look_again(turn, self._config.look_s)
        while any(notice.get("name") == "game_processed" for notice in self._notices):
            self._take_in(self._notices.popleft())  # phases that passed while nobody looked
        game = self.served.game
        played = game.history[before:]
        boards = [*(record.board for record in played[1:]), game][: len(played)]
        for record, after in zip(played, boards, strict=True):
            yield PhaseEnded(record, _centers(after))

    def _look_again(self, turn: int, seconds: float) -> Iterator[TableEvent]:
        """Waits for news, takes them in, and gives a moment to act."""
        self._wait(seconds)
        yield from self._look(turn)
        yield from self._moment(turn)

    def _look(self, turn: int) -> Iterator[TableEvent]:
        """Takes in what came, one notice after the other, up to the end of the phase."""
        if self._is_at_hand(turn):
            yield from self._deliver()
        while self._notices and self._is_at_hand(turn):
            self._take_in(self._notices.popleft())
            if self._is_at_hand(turn):
                yield from self._deliver()

    def _moment(self, turn: int) -> Iterator[TableEvent]:
        if not self._is_at_hand(turn) or not self._goes_on():
            return
        power, game = self._client.power, self.served.game
        self._speaking = True
        self._open = game if self._status == "active" and game.legal_orders(power) else None
        self._open_turn = self._turn
        yield Moment(power, game.view(power), self._left_s())
        self._speaking, self._open = False, None

    def _deliver(self) -> Iterator[TableEvent]:
        while self._pending:
            message = self._pending.pop(0)
            yield MessageReceived(self._client.power, message, self.served.game.view(self._client.power))

    # --- what the seat does --------------------------------------------------------------------------------

    def may_write(self, recipient: Power | None) -> bool:
        """See `PressRules`."""
        if "NO_PRESS" in self._rules or not self._goes_on():
            return False
        return recipient is None or ("PUBLIC_PRESS" not in self._rules and self._status == "active")

    def send(self, sender: Power, recipient: Power | None, text: str) -> Message:
        """See `Adapter.send`.

        Raises:
            UndeliveredError: the rules of the game do not allow it, or the phase has ended before it arrived.
        """
        game = self.served.game
        if sender is not self._client.power or not self._speaking:
            raise AdapterError(f"{sender} cannot speak now in {game.phase}: expected its turn")
        if recipient is sender or (recipient is not None and recipient not in game.alive):
            raise AdapterError(f"{sender} cannot write to {recipient}: expected another living power")
        if not self.may_write(recipient):
            raise UndeliveredError(f"no message to {recipient or 'all'} is allowed now ({self._press()})")
        if not self._permits(Write.MESSAGE):
            raise NotYetDeliveredError("messages are held back")
        phase, to = self._phase, EVERYBODY if recipient is None else recipient.value
        before = {m.sequence for m in self._said(recipient, text, phase)}
        said = {"sender": sender.value, "recipient": to, "phase": phase, "message": text, "time_sent": None}
        for number in range(_SENDINGS):
            # what is sent again is looked for by the server, too, unless the same words were said before
            again = number > 0 and not before
            try:
                answer = self._client.ask("send_game_message", phase, message=said, re_sent=again)
            except RefusedError as error:
                raise UndeliveredError(error.words) from None
            except UnreachableError as error:
                try:
                    self._come_back(error)
                except _GoneError as gone:
                    self._gone = gone
                    raise UndeliveredError(str(gone)) from None
            else:
                stamp = field_of(answer, "data", "send_game_message")
                kept = read(ServerMessage, {**said, "time_sent": stamp}, "send_game_message")
                self.served.hear(kept)
                before -= {self.served.number(kept.time_sent)}
            arrived = [m for m in self._said(recipient, text, phase) if m.sequence not in before]
            if arrived:
                return arrived[0]
            if self._phase != phase:
                raise UndeliveredError(f"{phase} ended before the message arrived")
        raise UndeliveredError(f"the line was cut {_SENDINGS} times before the message arrived")

    def _said(self, recipient: Power | None, text: str, phase: str) -> list[Message]:
        """Our messages of a phase with these words."""
        game, power = self.served.game, self._client.power
        talks = (game.messages, *(record.messages for record in game.history))
        wanted = (power, recipient, phase, clean(text))
        return [m for talk in talks for m in talk if (m.sender, m.recipient, str(m.phase), m.text) == wanted]

    def submit(self, power: Power, orders: Action) -> None:
        """See `Adapter.submit`; at a `Moment` orders can be replaced, also those that were final."""
        if power is not self._client.power or self._open is None:
            raise AdapterError(f"the orders of {power} are not due now in {self.served.game.phase}")
        self._open.check_action(power, orders)
        self._open = None
        if self._open_turn != self._turn:  # the line was cut meanwhile, and we came back in another
            self._say("the phase ended before its orders were handed in")
        elif self._permits(Write.ORDERS):
            try:
                self._hand_in(orders, self._is_due or self._is_ready())
            except _GoneError as error:
                self._gone = error

    def _is_ready(self) -> bool:
        """Whether the server waits for us no longer, by what an earlier process did; it must not be told otherwise.

        A game whose last player takes his word back before the server has looked is never processed again.
        """
        return self._ours is not None and bool(self._ours.order_is_set) and not self._ours.wait

    def _hand_in(self, orders: Action, is_final: bool) -> None:
        """Sends orders of the phase at hand; final ones are compared with what the server keeps of them.

        The server takes every list of orders, and silently leaves out what it finds void.
        """
        texts = tuple(str(order) for order in orders if order.kind is not OrderKind.WAIVE)
        self._handed_in, self._is_in = (what := _HandedIn(self._phase, texts, is_final)), False
        if not is_final:
            self._is_in = self._set_orders(what, wait=True)
            return
        if not self._set_orders(what, wait=None):
            return
        try:
            game = self._client.game()
        except (RefusedError, UnreachableError):
            pass  # the phase has ended, or the line is cut: then we come back, and look again
        else:
            if game.phase_abbr == what.phase:
                self._ours = game.powers[self._client.power]
                for text in _missing(texts, self._ours):
                    self._say(f"{what.phase}: the server does not take the order {text}")
        self._is_in = self._set_orders(what, wait=False)

    def _set_orders(self, what: _HandedIn, wait: bool | None) -> bool:
        """Sends orders for their phase; False: the phase has ended, or the game."""
        try:
            self._client.ask("set_orders", what.phase, power_name=None, orders=list(what.orders), wait=wait)
            return True
        except RefusedError as error:
            if "does not currently control" in error.words:
                raise self._lost_seat() from None
            self._handed_in = None
            if error.kind not in OVER:
                self._say(f"{what.phase}: the orders were not taken: {error.words}")
            return False
        except UnreachableError as error:
            self._come_back(error)  # which hands them in again, if they were lost
            return self._phase == what.phase

    def _cast_vote(self) -> None:
        """Casts or takes back our vote for a draw, if it is not as the policy wants it."""
        if self._config.draw is DrawPolicy.NEVER or self._status != "active":
            return
        wanted = "yes" if self._wants_draw() else "neutral"
        if wanted != self._vote and self._permits(Write.VOTE):
            with suppress(RefusedError):  # the game has ended
                self._client.ask("vote", self._phase, power_name=None, vote=wanted)
                self._vote = wanted

    def _wants_draw(self) -> bool:
        game = self.served.game
        if self._config.draw is DrawPolicy.STALEMATE:
            return is_stalemate(game, self._config.draw_years)
        others = self._votes - (self._vote != "neutral")  # the server counts votes, and tells nobody whose they are
        return others >= len(game.alive) - 1

    # --- what the server says ------------------------------------------------------------------------------

    def _wait(self, seconds: float) -> None:
        """Waits until there is news, or so long; the server is asked when there was none for long."""
        if self._gone is not None:
            raise self._gone
        try:
            until = self._clock() + seconds
            while not self._notices:
                self._rest(0.0)
                left_s = until - self._clock()
                self._client.connection.wait(min(left_s, _REST_S))
                self._notices.extend(self._client.connection.take())
                if left_s <= _REST_S:
                    break
            if self._deadline is None and self._phase_s is not None:
                self._measure_time()  # a game that has just begun has no place in the server's schedule yet
            if self._notices:
                self._heard_at = self._clock()
            elif self._clock() - self._heard_at > self._config.stale_s:
                self._ask_for_news()
        except UnreachableError as error:
            self._come_back(error)

    def _ask_for_news(self) -> None:
        """Looks whether anything has changed: the server does not tell everybody of a stop, nor us that we are out."""
        self._heard_at = self._clock()
        info = self._client.info()
        if info is None:
            raise _GoneError(f"game {self._client.place.game_id} is on the server no more")
        if self._client.power not in info.controlled_powers:
            raise self._lost_seat()
        if (info.phase, info.status) != (self._phase, self._status):
            self._read(self._client.look())
        else:
            self._measure_time()

    def _take_in(self, notice: Mapping[str, Any]) -> None:
        """Takes note of one notice of the server."""
        mine = (notice.get("game_id"), notice.get("game_role")) == (
            self._client.place.game_id,
            self._client.power.value,
        )
        try:
            match notice.get("name"):
                case "account_deleted":
                    raise _GoneError(f"the account {self._client.account.user} was deleted")
                case "game_deleted" if mine:
                    raise _GoneError(f"game {self._client.place.game_id} was deleted")
                case "powers_controllers" if mine:
                    self._check_seat(notice)
                case "game_message_received" if mine:
                    self._take_message(read(ServerMessage, notice.get("message"), "game_message_received"))
                case "game_processed" if mine:
                    self._take_phase(notice)
                case "game_status_update" if mine:
                    self._status = str(notice.get("status"))
                    self._measure_time()
                case "power_vote_updated" if mine:
                    self._votes = int(notice.get("count_voted") or 0)
                    self._cast_vote()
                case "game_phase_update" | "cleared_orders" | "cleared_units" | "cleared_centers" if mine:
                    self._read(self._client.look())
                case _:
                    pass
        except UnreachableError as error:
            self._come_back(error)
        except (SeatTakenError, NoSuchGameError) as error:
            raise _GoneError(str(error)) from None

    def _take_message(self, message: ServerMessage) -> None:
        if message.phase != self._phase:
            return  # told after its phase was: it is in that phase's record
        said = self.served.hear(message)
        if said is not None:
            self._note([said])
        self._tell_notices()

    def _take_phase(self, notice: Mapping[str, Any]) -> None:
        played = read(ServerPhase, notice.get("previous_phase_data"), "game_processed")
        following = read(ServerPhase, notice.get("current_phase_data"), "game_processed")
        if played.name == self._phase:
            self.served.advance(played, following)
            self._new_phase(following.name)
        elif played.name not in {str(record.phase) for record in self.served.game.history}:
            self._read(self._client.look())

    def _new_phase(self, name: str) -> None:
        self._phase, self._turn, self._handed_in, self._ours = name, self._turn + 1, None, None
        self._vote, self._votes = "neutral", 0
        history, game = self.served.game.history, self.served.game
        self._note([*(history[-1].messages if history else ()), *game.messages])
        self._tell_notices()
        if not self.served.is_over:
            self._measure_time()
            self._cast_vote()
            if not game.legal_orders(self._client.power):
                with suppress(RefusedError):  # the game has ended
                    self._ours = self._client.game().powers[self._client.power]

    def _read(self, entered: Entered) -> None:
        """Takes the whole game as the server has it now in place of what we knew."""
        info, game = entered.info, entered.game
        created = info.timestamp_created if game is None else game.timestamp_created
        served = replay(info.game_id, created, entered.played, None if game is None else game.at_hand)
        before, self._served = self._served, served
        phase = info.phase if game is None else game.phase_abbr
        self._status, self._rules = info.status if game is None else game.status, tuple(info.rules)
        self._phase_s = float(info.deadline) if info.deadline else None
        self._notices.clear()
        self._heard_at = self._clock()
        if before is None:
            self._told |= {m.sequence for record in served.game.history for m in record.messages}
        elif len(served.game.history) < len(before.game.history):
            self._say(
                f"the server has gone back from {before.game.phase} to {phase}: it was restored from an older copy"
            )
        if phase != self._phase:
            self._phase, self._turn, self._handed_in = phase, self._turn + 1, None
        self._note([*(m for record in served.game.history for m in record.messages), *served.game.messages])
        self._tell_notices()
        if game is None:
            return
        self._ours = game.powers[self._client.power]
        self._vote = self._ours.vote
        self._measure_time()
        self._restore_orders()
        self._cast_vote()

    def _restore_orders(self) -> None:
        """Hands in again what a server that was restored, or another client of ours, has lost."""
        what, ours = self._handed_in, self._ours
        if what is None or ours is None or what.phase != self._phase:
            return
        is_waited_for = what.is_final and ours.wait
        is_lost = not ours.order_is_set or is_waited_for or (not what.is_final and _missing(what.orders, ours))
        if is_lost and self._permits(Write.ORDERS):
            with suppress(RefusedError):  # the phase has ended
                self._client.ask(
                    "set_orders", what.phase, power_name=None, orders=list(what.orders), wait=not what.is_final
                )

    def _come_back(self, error: UnreachableError) -> None:
        """Connects again, as often as it takes, and reads the game anew.

        Raises:
            UnreachableError: longer than we are patient.
            _GoneError: the server has no such game any more, or somebody else has our seat.
        """
        self._say(f"{error}; trying to come back")
        begun, wait_s = self._clock(), _FIRST_WAIT_S
        while True:
            self._sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
            try:
                self._read(self._client.enter())
                break
            except UnreachableError as again:
                patience_s = self._config.patience_s
                if patience_s is not None and self._clock() - begun > patience_s:
                    raise again from None
            except (SeatTakenError, NoSuchGameError) as refused:
                raise _GoneError(str(refused)) from None
        self._say(f"back at {self._client.connection.where} after {self._clock() - begun:.0f} s, in {self._phase}")

    def _check_seat(self, notice: Mapping[str, Any]) -> None:
        players = notice.get("powers")
        player = players.get(self._client.power.value) if isinstance(players, Mapping) else None
        if player != self._client.account.user:
            raise self._lost_seat()

    def _lost_seat(self) -> _GoneError:
        power, game = self._client.power, self._client.place.game_id
        return _GoneError(
            f"{power} in game {game} is ours no more: no orders came in time, or the seat was taken from us; "
            "join again if it is free"
        )

    def _note(self, messages: list[Message]) -> None:
        """Keeps messages from others to be told, each once."""
        for message in sorted(messages, key=lambda m: m.sequence):
            if message.sequence not in self._told:
                self._told.add(message.sequence)
                if message.sender is not self._client.power and message.recipient in (None, self._client.power):
                    self._pending.append(message)

    def _tell_notices(self) -> None:
        for line in (*self.served.differences, *(f"the server says: {text}" for text in self.served.notices)):
            if line not in self._lines_told:
                self._lines_told.add(line)
                self._say(line)

    def _say(self, line: str) -> None:
        self._tell(f"game {self._client.place.game_id}: {line}")

    def _count(self) -> int:
        """Messages of the phase, ours too."""
        return len(self.served.game.messages)

    def _count_heard(self) -> int:
        return sum(message.sender is not self._client.power for message in self.served.game.messages)

    def _press(self) -> str:
        rules = [rule for rule in ("NO_PRESS", "PUBLIC_PRESS") if rule in self._rules]
        return f"the game is {self._status}, its press {rules[0] if rules else 'full'}"

    # --- time ----------------------------------------------------------------------------------------------

    def _measure_time(self) -> None:
        """Asks when the phase ends."""
        left_s = None
        if self._phase_s is not None and self._status == "active":
            left_s = self._client.schedule_s(self._phase)
        self._deadline = None if left_s is None else self._clock() + left_s

    def _left_s(self) -> float | None:
        """Seconds to the deadline; None: there is none."""
        return None if self._deadline is None else self._deadline - self._clock()

    def _talk_left_s(self) -> float:
        """Seconds until orders are due."""
        left_s = self._left_s()
        if left_s is None or self._phase_s is None:
            return float("inf")
        return left_s - self._phase_s * (1 - self._config.talk_share)

    def _is_at_hand(self, turn: int) -> bool:
        return self._turn == turn and not self.served.is_over

    # --- the end -------------------------------------------------------------------------------------------

    def _reason(self) -> str:
        if not self.served.is_over or self._status == "canceled":
            return "abandoned"
        return "draw" if self.served.game.drawn_by else "solo"

    def _closed(self, reason: str) -> TableClosed:
        game = self.served.game
        return TableClosed(game.phase, reason, game.winner, _centers(game), game.scores())


def _missing(texts: tuple[str, ...], ours: ServerPower) -> tuple[str, ...]:
    """The orders that the server does not keep; it leaves out some coasts."""
    kept = set()
    for text in ours.given:
        try:
            kept.add(without_coasts(parse_order(text)))
        except NotationError:
            continue
    return tuple(text for text in texts if without_coasts(parse_order(text)) not in kept)


def _centers(board: Board) -> Mapping[Power, tuple[Province, ...]]:
    return {power: board.centers(power) for power in board.powers}
