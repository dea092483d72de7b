"""One game on a webDiplomacy server: an `Adapter` with one seat, for as long as the game goes on.

What is new is found by asking politely: one short request tells of all games of the key, and only what it says to have
changed is read.  Talk goes on in turns while there is time; then orders are due, are handed in, compared with what the
server keeps, and marked as ready.  An extended deadline takes the mark away: it is set again.  At each look at the
server there is a moment to send what was not due in a turn, and to hand in orders that can still be replaced.

    PhaseBegan MessageReceived* Moment (SpeakingTurn (MessageReceived* Moment)*)* OrdersDue (MessageReceived* Moment)*
    PhaseEnded PhaseBegan ... TableClosed
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

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
from cicero_lite.adapters.settings import DrawPolicy, TableConfig
from cicero_lite.adapters.webdiplomacy_client import Delivery, Ready, UnansweredError, WebDiplomacyClient
from cicero_lite.adapters.webdiplomacy_game import HistoryError, ServerGame, read_game
from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES
from cicero_lite.adapters.webdiplomacy_orders import Rejection, ServerOrder, rejections, server_orders, substitute
from cicero_lite.adapters.webdiplomacy_press import Inbox, PressMessage, may_write, poll_interval_s, typing_s
from cicero_lite.adapters.webdiplomacy_responses import (
    PHASE_NAMES,
    ActiveGame,
    ForbiddenError,
    GameGoneError,
    KeyRefusedError,
    Member,
    MovedOnError,
    PhaseName,
    RefusedError,
    ResponseError,
    SeatRef,
    StoredOrders,
    UnavailableError,
    WebDiplomacyError,
)
from cicero_lite.adapters.webdiplomacy_votes import DRAW, wants_draw
from cicero_lite.errors import AdapterError, NotYetDeliveredError, UncertainDeliveryError, UndeliveredError
from engine.board import Board
from engine.game import Game
from engine.types import Action, Message, PhaseKind, Power

_SHARED_AGE_S = 1.5
"""Games of one key share what the server says of all of them for so long."""
_ODD_HISTORIES = 3
"""A position is read so often before it is called odd: the server may have been writing it."""
_WAIT_S = 2.0
_OUTAGE_S = 10.0
"""Between tries while the server cannot be reached at all."""
_STALE_S = 30.0
"""The game is read now and then although nothing seems new, but not more often than this."""
_SILENCES = 2
"""Turns in a row in which nobody writes end the talk."""
_SIGHTINGS = 3
"""How often the talks are read until a message that was sent shows in them."""


@dataclass(frozen=True)
class _HandedIn:
    """The orders of a phase, as they were sent last; for no other phase."""

    turn: int
    phase: PhaseName
    orders: tuple[ServerOrder, ...]
    is_final: bool
    """Whether we are ready with them."""


class WebDiplomacyTable:
    """A seat in a game of the server."""

    def __init__(
        self,
        client: WebDiplomacyClient,
        seat: SeatRef,
        config: TableConfig | None = None,
        sleep: Callable[[float], None] = time.sleep,
        tell: Callable[[str], None] = lambda line: None,
        permits: Permission = everything,
        unsaid: Callable[[], bool] = lambda: False,
        rest: Callable[[float], None] | None = None,
    ) -> None:
        """Sits down; nothing is asked yet.

        Args:
            client: shared by all tables of the key.
            seat: the game and our country.
            config: how to behave.
            sleep: waits so many seconds.
            tell: told, in one line each, what people should know: orders that the server did not take, notices.
            permits: asked before each write to the server; without it nothing is written.
            unsaid: whether messages wait to be sent: then the talk goes on while there is time for it, though nobody
                speaks.
            rest: waits so many seconds between two looks at the server; None: as `sleep`.
        """
        self._client, self._seat, self._config = client, seat, config or TableConfig()
        self._sleep, self._tell, self._rest = sleep, tell, rest or sleep
        self._permits, self._unsaid = permits, unsaid
        self._power = COUNTRIES[seat.country_id]
        self._inbox = Inbox(self._power)
        self._served: ServerGame | None = None
        self._heard: list[PressMessage] = []
        """New press that nobody was told of yet."""
        self._last_talk: float | None = None
        self._read_at = -float("inf")
        self._told = 0
        self._speaking = False
        self._open: Board | None = None
        """The board for which orders may be handed in now."""
        self._is_due = False
        """Whether they are final, as once the orders of the phase were due."""
        self._handed_in: _HandedIn | None = None
        self._is_in = False
        """Whether the server has those."""
        self._agents_vote: bool | None = None
        """Whether the agent wants a draw; None: it was not asked yet."""
        self._votes: frozenset[str] | None = None
        """Ours after the last was cast; None: as the game says, which was read since."""

    @property
    def seats(self) -> tuple[Power, ...]:
        """The one power that we play."""
        return (self._power,)

    @property
    def served(self) -> ServerGame:
        """The game as the server told it last.

        Raises:
            AdapterError: it was not asked yet.
        """
        if self._served is None:
            raise AdapterError("the server was not asked for the game yet: expected events() to be running")
        return self._served

    @property
    def has_orders(self) -> bool:
        """See `KeepsOrders`."""
        return self._is_in

    @property
    def asks_agent(self) -> bool:
        """See `CarriesVotes`."""
        served = self._served  # looked at by `isinstance`, too, before the game was asked for
        is_open = served is not None and served.has_begun and not served.is_over
        return self._config.draw is DrawPolicy.AGENT and is_open

    def vote_draw(self, wanted: bool) -> None:
        """See `CarriesVotes`."""
        if wanted is not self._agents_vote:
            self._agents_vote = wanted
            try:
                self._vote()
            except UnavailableError as error:  # the next look at the game casts it
                self._tell(f"game {self._seat.game_id}: the vote is not in yet: {error}")

    # --- events --------------------------------------------------------------------------------------------

    def events(self) -> Iterator[TableEvent]:
        """See `Adapter.events`; goes on until the server ends the game, or we are out of it.

        Raises:
            WebDiplomacyError: the server cannot be reached for longer than the client is patient, knows no such key, or
                tells what cannot be.
        """
        try:
            self._read_messages()
            self._refresh()
            self._heard = [m for m in self._inbox.press if self._is_of_now(m) and m.turn == self.served.status.turn]
            while self._goes_on():
                yield from self._phase()
        except (GameGoneError, ForbiddenError) as error:
            if self._served is None:
                raise
            self._tell(str(error))
            yield self._closed("abandoned", ())
            return
        members = self._client.overview(self._seat.game_id).members if self.served.is_over else ()
        yield self._closed(self._reason(), members)

    def _goes_on(self) -> bool:
        return not self.served.is_over and self.served.status.status not in ("Defeated", "Resigned")

    def _phase(self) -> Iterator[TableEvent]:
        """One phase of the server, or a wait until there is one to play."""
        served = self.served
        has_orders = not served.is_ahead and bool(served.game.legal_orders(self._power))
        if served.doomed and not has_orders and self._permits(Write.ORDERS):
            self._hand_in(served.doomed, is_final=True)
        if not served.has_begun or served.is_ahead:
            yield from self._await_change(served)
            return
        self._is_due = False
        yield PhaseBegan(self._power, served.game.view(self._power))
        yield from self._deliver()
        yield from self._moment(served)
        yield from self._wait_while_paused(served)
        if served.game.legal_orders(self._power) or served.game.phase.kind is PhaseKind.MOVEMENT:
            yield from self._talk()
        if self._is_at_hand(served) and served.game.legal_orders(self._power):
            yield from self._collect_orders()
        yield from self._await_change(served)

    def _talk(self) -> Iterator[TableEvent]:
        """Turns to speak: one at once, one after each answer, one after each long silence."""
        kind = self.served.game.phase.kind
        turns = self._config.turns if kind is PhaseKind.MOVEMENT else self._config.late_turns
        if not self.may_write(None):
            return
        quiet_s = self.served.status.phase_length_in_minutes * 60 * self._config.quiet_share
        at_hand, silences, number = self.served, 0, 0
        while self._talk_left_s() > 0 and self._is_at_hand(at_hand):
            is_silent = silences == _SILENCES or number == turns
            if is_silent and not self._unsaid():
                return
            before = len(self._inbox.press)
            if not is_silent:
                self._speaking = True
                yield SpeakingTurn(self._power, self.served.game.view(self._power), number, turns)
                self._speaking = False
                number += 1
            yield from self._listen(at_hand, max(quiet_s, self._interval_s()) if is_silent else quiet_s)
            silences = 0 if len(self._inbox.press) > before else min(silences + 1, _SILENCES)

    def _listen(self, at_hand: ServerGame, quiet_s: float) -> Iterator[TableEvent]:
        """Until somebody writes, it has been quiet for long, or the time for talk is over."""
        left_s = min(quiet_s, self._talk_left_s())
        while left_s > 0 and not self._heard and self._is_at_hand(at_hand):
            wait_s = min(left_s, self._interval_s())
            self._rest(wait_s)
            left_s = min(left_s - wait_s, self._talk_left_s())
            self._poll()
            if not self._heard:
                yield from self._moment(at_hand)
        if self._is_at_hand(at_hand):
            yield from self._deliver()

    def _wait_while_paused(self, at_hand: ServerGame) -> Iterator[TableEvent]:
        while self.served.is_paused and self._is_at_hand(at_hand):
            yield from self._look_again(at_hand)

    def _look_again(self, at_hand: ServerGame) -> Iterator[TableEvent]:
        """Waits, looks what is new, and tells it."""
        self._rest(self._interval_s())
        self._poll()
        if self._is_at_hand(at_hand):
            yield from self._deliver()
            yield from self._moment(at_hand)

    def _moment(self, at_hand: ServerGame) -> Iterator[TableEvent]:
        """A moment of the phase, unless it is over."""
        if not self._is_at_hand(at_hand) or not self._goes_on():
            return
        self._speaking = True
        self._open = self.served.game if self.served.game.legal_orders(self._power) else None
        yield Moment(self._power, self.served.game.view(self._power), self._left_s())
        self._speaking, self._open = False, None

    def _collect_orders(self) -> Iterator[TableEvent]:
        self._open, self._is_due = self.served.game, True
        yield OrdersDue(self._power, self.served.game.view(self._power))
        self._open = None

    def _await_change(self, before: ServerGame) -> Iterator[TableEvent]:
        """Until the server is in another phase than before; what is said meanwhile is delivered."""
        while self._is_at_hand(before) and self._goes_on():
            if before.has_begun and not before.is_ahead:
                yield from self._look_again(before)
            else:
                self._rest(self._interval_s())
                self._poll()
        yield from phases_ended(self.served.game, len(before.game.history))

    # --- what the seat does --------------------------------------------------------------------------------

    def send(self, sender: Power, recipient: Power | None, text: str) -> Message:
        """See `Adapter.send`; writing takes its time.

        Raises:
            UndeliveredError: muted, not allowed in this game, or nobody knows whether it has arrived.
        """
        if sender is not self._power or not self._speaking:
            raise AdapterError(f"{sender} cannot speak now in {self.served.game.phase}: expected its turn")
        if recipient is sender or (recipient is not None and recipient not in self.served.game.alive):
            raise AdapterError(f"{sender} cannot write to {recipient}: expected another living power")
        status = self.served.status
        if not self.may_write(recipient):
            raise UndeliveredError(f"{status.press_type} allows no message to {recipient or 'all'} in {status.phase}")
        if self._config.typing:
            self._sleep(min(typing_s(text), max(0.0, self._talk_left_s()) / 10))
        if not self._permits(Write.MESSAGE):
            raise NotYetDeliveredError("messages are held back")
        try:
            self._check_phase()
            sent = self._client.send(self._seat, recipient, text)
        except (GameGoneError, ForbiddenError):
            raise
        except UnansweredError as error:
            raise UncertainDeliveryError(str(error)) from None
        except (UnavailableError, ResponseError) as error:
            raise NotYetDeliveredError(str(error)) from None
        except WebDiplomacyError as error:
            raise UndeliveredError(str(error)) from None
        if sent.delivery is Delivery.MUTED or sent.message is None:
            raise UndeliveredError(f"{recipient} has muted {sender}: the message was not delivered")
        return self._sighted(sent.message)

    def _check_phase(self) -> None:
        """Looks whether the phase has ended while we thought and wrote: messages are not fenced by the server.

        Raises:
            UndeliveredError: it has.
            WebDiplomacyError: nobody knows.
        """
        now, status = self._seen_now(), self.served.status
        if now is None or (now.turn, now.phase) != (status.turn, status.phase):
            raise UndeliveredError("its phase ended while it was written")

    def may_write(self, recipient: Power | None) -> bool:
        """See `PressRules`."""
        status = self.served.status
        return may_write(status.press_type, status.phase, recipient)

    def submit(self, power: Power, orders: Action) -> None:
        """See `Adapter.submit`; what the server does not take is replaced by what does no harm, and told."""
        if power is not self._power or self._open is None:
            raise AdapterError(f"the orders of {power} are not due now in {self.served.game.phase}")
        sent, is_final = (*server_orders(self._open, power, orders), *self.served.doomed), self._is_due
        self._open = None
        if self._permits(Write.ORDERS):
            self._hand_in(sent, is_final)

    def _hand_in(self, orders: tuple[ServerOrder, ...], is_final: bool) -> None:
        """Sends the orders of the phase at hand, again where the server keeps something else; only then we are ready.

        Once we are, the phase may end at any moment.  Orders that are not final leave the mark as it is.
        """
        status, before, self._is_in = self.served.status, self._handed_in, False
        if before is not None and (before.turn, before.phase) == (status.turn, status.phase):
            is_final |= before.is_final
        self._handed_in = what = _HandedIn(status.turn, status.phase, orders, is_final)
        try:
            refused = rejections(self._power, orders, self._submit(what, orders, Ready.KEEP))
            for rejection in refused:
                self._tell(f"game {self._seat.game_id}, {what.phase} of turn {what.turn}: {rejection}")
            if refused:
                self._handed_in = what = replace(what, orders=_mended(orders, refused))
                self._submit(what, what.orders, Ready.KEEP)
            if is_final:
                self._submit(what, (), Ready.YES)
            self._is_in = True
        except (MovedOnError, ResponseError) as error:  # if it is still the phase at hand, we are not ready: once more
            self._tell(f"game {self._seat.game_id}: {error}")
        except RefusedError as error:
            self._tell(f"game {self._seat.game_id}: {error}")
            self._handed_in = None

    def _submit(self, what: _HandedIn, orders: tuple[ServerOrder, ...], ready: Ready) -> StoredOrders:
        """Sends orders for a phase, as often as it takes while there is time."""
        while True:
            try:
                return self._client.submit(self._seat, what.turn, what.phase, orders, ready)
            except UnavailableError as error:
                left_s = self._left_s()
                if left_s is not None and left_s < -_OUTAGE_S:
                    raise
                self._tell(f"game {self._seat.game_id}: orders are not in yet: {error}")
                self._sleep(_OUTAGE_S)

    def _vote(self) -> None:
        """Casts or takes back our vote for a draw, if it is not as the policy wants it."""
        wanted = wants_draw(self._config.draw, self.served, self._config.draw_years, self._agents_vote)
        stands = DRAW in (self.served.status.votes if self._votes is None else self._votes)
        if wanted is not None and wanted is not stands and self._permits(Write.VOTE):
            self._votes = self._client.set_vote(self._seat, DRAW, wanted)

    # --- what the server says ------------------------------------------------------------------------------

    def _refresh(self) -> None:
        """Reads the game anew, takes the seat back if it was lost, and votes."""
        for number in range(1, _ODD_HISTORIES + 1):
            try:
                self._served = read_game(self._client.status(self._seat), self._power, self._inbox.press)
                break
            except HistoryError:
                if number == _ODD_HISTORIES:
                    raise
                self._sleep(_WAIT_S)
        if self.served.status.status == "Left" and self._permits(Write.MARK):
            self._client.mark_back(self._seat)
        self._votes = None
        self._vote()

    def _poll(self) -> None:
        """Looks what has changed, and reads that; an outage passes, or somebody is told of it."""
        try:
            self._look()
        except (HistoryError, KeyRefusedError, ForbiddenError, GameGoneError):
            raise
        except WebDiplomacyError as error:
            self._tell(f"game {self._seat.game_id}: {error}")
            self._sleep(_OUTAGE_S)

    def _look(self) -> None:
        now = self._seen_now()
        status = self.served.status
        stale = self._client.server_time() - self._read_at > max(_STALE_S, status.phase_length_in_minutes * 60 / 5)
        if now is None or now.new_messages_from or stale:
            for country in now.new_messages_from if now is not None and self._permits(Write.MARK) else ():
                self._client.mark_seen(self._seat, country)  # first, so that what comes now is new again
            self._read_messages()
        changed = now is None or (now.turn, now.phase, now.process_time) != (
            status.turn,
            status.phase,
            status.process_time,
        )
        if changed or stale:
            self._refresh()
        elif now is not None:
            self._stay_ready(now)

    def _seen_now(self) -> ActiveGame | None:
        """The game among those of the key, a moment old at most; None: it is over, or we are out of it."""
        games = self._client.active_games(_SHARED_AGE_S)
        return next((game for game in games if game.game_id == self._seat.game_id), None)

    def _stay_ready(self, now: ActiveGame) -> None:
        """Sets the mark again that an extended deadline takes away."""
        what = self._handed_in
        is_of_now = what is not None and (now.turn, now.phase) == (what.turn, what.phase)
        unready = what is not None and what.is_final and is_of_now and not now.order_status & {"Ready", "None"}
        if what is not None and unready and self._permits(Write.ORDERS):
            self._hand_in(what.orders, is_final=True)

    def _read_messages(self) -> None:
        """Takes in what is new; what belongs to the phase at hand is said in our game."""
        new = self._inbox.add(self._client.messages(self._seat, self._inbox.since))
        self._read_at = self._client.server_time()
        if new:
            self._last_talk = self._read_at
        self._heard += new
        for notice in self._inbox.notices[self._told :]:
            self._tell(f"game {self._seat.game_id}: the server says: {notice.text}")
        self._told = len(self._inbox.notices)
        if self._served is not None:
            status = self._served.status
            for message in filter(self._is_of_now, new):
                self._served.game.say(message.sender, message.recipient, message.text)
                self._inbox.move(message, status.turn, status.phase)  # late or not, it stays where it was said

    def _is_of_now(self, message: PressMessage) -> bool:
        """Whether a message was sent in the phase at hand, or before."""
        status = self.served.status
        now = (status.turn, PHASE_NAMES.index(status.phase))
        return (message.turn, PHASE_NAMES.index(message.phase)) <= now

    def _deliver(self) -> Iterator[TableEvent]:
        """Tells what others wrote, each with the game as it is now."""
        game = self.served.game
        for press in [press for press in self._heard if self._is_of_now(press)]:
            self._heard.remove(press)
            if press.sender is not self._power and (message := _said(game, press)) is not None:
                yield MessageReceived(self._power, message, game.view(self._power))

    def _sighted(self, sent: PressMessage) -> Message:
        """Our message as the talks have it."""
        for _ in range(_SIGHTINGS):
            self._read_messages()
            ours = [m for m in self._heard if m.sender is self._power]
            self._heard = [m for m in self._heard if m.sender is not self._power]
            if any((m.recipient, m.text) == (sent.recipient, sent.text) for m in ours):
                found = _said(self.served.game, sent)
                if found is not None:
                    return found
        raise UncertainDeliveryError("the server took the message but does not show it among the talks yet")

    # --- time ----------------------------------------------------------------------------------------------

    def _left_s(self) -> float | None:
        """Seconds to the deadline; None: there is none."""
        until = self.served.status.process_time
        return None if until is None else until - self._client.server_time()

    def _talk_left_s(self) -> float:
        """Seconds until orders are due; none while the game is paused."""
        left_s = self._left_s()
        if left_s is None:
            return 0.0
        phase_s = self.served.status.phase_length_in_minutes * 60
        return left_s - phase_s * (1 - self._config.talk_share)

    def _interval_s(self) -> float:
        silence = None if self._last_talk is None else self._client.server_time() - self._last_talk
        return poll_interval_s(self._left_s(), silence, self.served.status.phase_length_in_minutes * 60)

    def _is_at_hand(self, before: ServerGame) -> bool:
        """Whether the server still is in that phase."""
        now, then = self.served.status, before.status
        return (now.turn, now.phase) == (then.turn, then.phase)

    # --- the end -------------------------------------------------------------------------------------------

    def _reason(self) -> str:
        served = self.served
        if not served.is_over:
            return "abandoned"
        return "draw" if served.status.game_over == "Drawn" else "solo"

    def _closed(self, reason: str, members: tuple[Member, ...]) -> TableClosed:
        """The last event; at a game's end the server's own counts decide, where ours are older."""
        served = self.served
        if served.is_over:
            served = read_game(served.status, self._power, self._inbox.press, members)
        game = served.game
        winner = next((COUNTRIES[m.country_id] for m in members if m.status == "Won"), game.winner)
        scores = game.scores() if winner is None else {p: float(p is winner) for p in game.powers}
        return TableClosed(game.phase, reason, winner, ownership(game), scores)


def _said(game: Game, press: PressMessage) -> Message | None:
    """The last message of the game that says this."""
    for messages in (game.messages, *(record.messages for record in reversed(game.history))):
        for message in reversed(messages):
            if (message.sender, message.recipient, message.text) == (press.sender, press.recipient, press.text):
                return message
    return None


def _mended(orders: tuple[ServerOrder, ...], refused: tuple[Rejection, ...]) -> tuple[ServerOrder, ...]:
    """The orders with a harmless one in place of each that the server does not take."""
    wrong = {rejection.meant for rejection in refused}
    mended = ((substitute(order) if order in wrong else order) for order in orders)
    waits = [order for order in mended if order is not None]
    return tuple(dict.fromkeys(waits))  # one Wait is enough
