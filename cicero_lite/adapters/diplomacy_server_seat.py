"""A seat in a game on a server of the ``diplomacy`` package, as the server has it: what it says, what we hand it.

The server tells what happens as it happens; now and then it is asked as well, since it does not tell everything.  When
the line is cut we come back, are told the whole game again, and look whether what was under way has arrived: a message
is known by the time at which the server took it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from cicero_lite.adapters.base import Permission, Write
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
from cicero_lite.adapters.settings import DrawPolicy, SeatConfig
from cicero_lite.draws import is_stalemate
from cicero_lite.errors import AdapterError, NotYetDeliveredError, UndeliveredError
from engine.notation import parse_order, without_coasts
from engine.types import Action, Message, NotationError, OrderKind, Power

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 60.0
"""Between two tries to come back after the line was cut; each wait is twice the one before."""
_REST_S = 1.0
_SENDINGS = 3
"""How often a message is sent at most, when the line is cut each time before the server has it."""


@dataclass(frozen=True)
class _HandedIn:
    """The orders of a phase, as they were sent last; for no other phase."""

    phase: str
    orders: tuple[str, ...]
    is_final: bool
    """Whether the seat waits no longer."""


class GoneError(DiplomacyServerError):
    """The game, or our seat in it, is there no more."""


class HeldSeat:
    """The seat, over lines that are cut and servers that are started again."""

    def __init__(
        self,
        client: SeatClient,
        config: SeatConfig,
        tell: Callable[[str], None],
        permits: Permission,
        sleep: Callable[[float], None],
        rest: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        """Nothing is asked yet; see `DiplomacyServerTable` for the arguments."""
        self.client, self.config, self.permits, self._tell = client, config, permits, tell
        self._sleep, self._rest, self._clock = sleep, rest, clock
        self._served: ServedGame | None = None
        self.phase = ""
        """The server's name of the phase at hand."""
        self.turn = 0
        """Counts the phases that were at hand."""
        self.status = "forming"
        """Of the game, in the server's words."""
        self._rules: tuple[str, ...] = ()
        self._ours: ServerPower | None = None
        """What the server says of our power, when it was asked last."""
        self._vote, self._votes = "neutral", 0
        self._agents_vote: bool | None = None
        """Whether the agent wants a draw; None: it was not asked in this phase."""
        self.phase_s: float | None = None
        """Length of a phase; None: it ends when all are ready."""
        self._deadline: float | None = None
        self.notices: deque[Mapping[str, Any]] = deque()
        """What the server told and nobody took in yet."""
        self._heard_at = 0.0
        self.pending: list[Message] = []
        """Messages to us that nobody was told of yet."""
        self._told: set[int] = set()
        """Numbers of messages that are pending or were told."""
        self._lines_told: set[str] = set()
        self._handed_in: _HandedIn | None = None
        self.is_in = False
        """Whether the server has the orders that were handed in last."""
        self.gone: GoneError | None = None
        """Why play cannot go on, found out while we spoke or ordered."""

    @property
    def power(self) -> Power:
        """Ours."""
        return self.client.power

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
    def is_known(self) -> bool:
        """Whether the server was asked for the game."""
        return self._served is not None

    def goes_on(self) -> bool:
        """Whether there is something left to play for us."""
        served = self.served
        return not served.is_over and self.status != "canceled" and self.power in served.game.alive

    def is_at_hand(self, turn: int) -> bool:
        """Whether the phase of this turn is at hand still."""
        return self.turn == turn and not self.served.is_over

    def is_waited_for(self) -> bool:
        """Whether the server waits for us though we have nothing to order: so it does where we took the seat late."""
        return self._ours is not None and (self._ours.wait or not self._ours.order_is_set)

    def is_ready(self) -> bool:
        """Whether the server waits for us no longer, by what an earlier process did; it must not be told otherwise.

        A game whose last player takes his word back before the server has looked is never processed again.
        """
        return self._ours is not None and bool(self._ours.order_is_set) and not self._ours.wait

    # --- messages ------------------------------------------------------------------------------------------

    def may_write(self, recipient: Power | None) -> bool:
        """Whether the game lets us write to this power, or (None) to all."""
        if "NO_PRESS" in self._rules or not self.goes_on():
            return False
        return recipient is None or ("PUBLIC_PRESS" not in self._rules and self.status == "active")

    def send(self, recipient: Power | None, text: str) -> Message:
        """The message as the server has it.

        Raises:
            UndeliveredError: the rules of the game do not allow it, or the phase has ended before it arrived.
            NotYetDeliveredError: messages are held back.
        """
        if not self.may_write(recipient):
            raise UndeliveredError(f"no message to {recipient or 'all'} is allowed now ({self._press()})")
        if not self.permits(Write.MESSAGE):
            raise NotYetDeliveredError("messages are held back")
        phase, to = self.phase, EVERYBODY if recipient is None else recipient.value
        before = {m.sequence for m in self._said(recipient, text, phase)}
        said = {"sender": self.power.value, "recipient": to, "phase": phase, "message": text, "time_sent": None}
        for number in range(_SENDINGS):
            # what is sent again is looked for by the server, too, unless the same words were said before
            again = number > 0 and not before
            try:
                answer = self.client.ask("send_game_message", phase, message=said, re_sent=again)
            except RefusedError as error:
                raise UndeliveredError(error.words) from None
            except UnreachableError as error:
                try:
                    self._come_back(error)
                except GoneError as gone:
                    self.gone = gone
                    raise UndeliveredError(str(gone)) from None
            else:
                stamp = field_of(answer, "data", "send_game_message")
                kept = read(ServerMessage, {**said, "time_sent": stamp}, "send_game_message")
                self.served.hear(kept)
                before -= {self.served.number(kept.time_sent)}
            arrived = [m for m in self._said(recipient, text, phase) if m.sequence not in before]
            if arrived:
                return arrived[0]
            if self.phase != phase:
                raise UndeliveredError(f"{phase} ended before the message arrived")
        raise UndeliveredError(f"the line was cut {_SENDINGS} times before the message arrived")

    def _said(self, recipient: Power | None, text: str, phase: str) -> list[Message]:
        """Our messages of a phase with these words."""
        game, power = self.served.game, self.power
        talks = (game.messages, *(record.messages for record in game.history))
        wanted = (power, recipient, phase, clean(text))
        return [m for talk in talks for m in talk if (m.sender, m.recipient, str(m.phase), m.text) == wanted]

    def _press(self) -> str:
        rules = [rule for rule in ("NO_PRESS", "PUBLIC_PRESS") if rule in self._rules]
        return f"the game is {self.status}, its press {rules[0] if rules else 'full'}"

    # --- orders and votes ----------------------------------------------------------------------------------

    def hand_in(self, orders: Action, is_final: bool) -> None:
        """Sends orders of the phase at hand; final ones are compared with what the server keeps of them.

        The server takes every list of orders, and silently leaves out what it finds void.
        """
        texts = tuple(str(order) for order in orders if order.kind is not OrderKind.WAIVE)
        self._handed_in, self.is_in = (what := _HandedIn(self.phase, texts, is_final)), False
        if not is_final:
            self.is_in = self._set_orders(what, wait=True)
            return
        if not self._set_orders(what, wait=None):
            return
        try:
            game = self.client.game()
        except (RefusedError, UnreachableError):
            pass  # the phase has ended, or the line is cut: then we come back, and look again
        else:
            if game.phase_abbr == what.phase:
                self._ours = game.powers[self.power]
                for text in _missing(texts, self._ours):
                    self.say(f"{what.phase}: the server does not take the order {text}")
        self.is_in = self._set_orders(what, wait=False)

    def _set_orders(self, what: _HandedIn, wait: bool | None) -> bool:
        """Sends orders for their phase; False: the phase has ended, or the game."""
        try:
            self.client.ask("set_orders", what.phase, power_name=None, orders=list(what.orders), wait=wait)
            return True
        except RefusedError as error:
            if "does not currently control" in error.words:
                raise self._lost_seat() from None
            self._handed_in = None
            if error.kind not in OVER and wait is not False:  # which only releases orders that were taken before
                self.say(f"{what.phase}: the orders were not taken: {error.words}")
            return False
        except UnreachableError as error:
            self._come_back(error)  # which hands them in again, if they were lost
            return self.phase == what.phase

    def _restore_orders(self) -> None:
        """Hands in again what a server that was restored, or another client of ours, has lost."""
        what, ours = self._handed_in, self._ours
        if what is None or ours is None or what.phase != self.phase:
            return
        is_waited_for = what.is_final and ours.wait
        is_lost = not ours.order_is_set or is_waited_for or (not what.is_final and _missing(what.orders, ours))
        if is_lost and self.permits(Write.ORDERS):
            with suppress(RefusedError):  # the phase has ended
                self.client.ask(
                    "set_orders", what.phase, power_name=None, orders=list(what.orders), wait=not what.is_final
                )

    def _cast_vote(self) -> None:
        """Casts or takes back our vote for a draw, if it is not as the policy wants it."""
        if self.status != "active" or (wants_draw := self._wants_draw()) is None:
            return
        wanted = "yes" if wants_draw else "neutral"
        if wanted != self._vote and self.permits(Write.VOTE):
            with suppress(RefusedError):  # the game has ended
                self.client.ask("vote", self.phase, power_name=None, vote=wanted)
                self._vote = wanted

    def _wants_draw(self) -> bool | None:
        """Whether our vote should stand; None: as it stands."""
        game = self.served.game
        match self.config.draw:
            case DrawPolicy.NEVER:
                return None
            case DrawPolicy.AGENT:
                return self._agents_vote
            case DrawPolicy.STALEMATE:
                return is_stalemate(game, self.config.draw_years)
            case DrawPolicy.AGREE:
                # The server counts votes, and tells nobody whose they are.
                return self._votes - (self._vote != "neutral") >= len(game.alive) - 1

    def vote_as_agent(self, wanted: bool) -> None:
        """Casts our vote as the agent wants it in this phase, or takes it back."""
        self._agents_vote = wanted
        try:
            self._cast_vote()
        except UnreachableError as error:
            try:
                self._come_back(error)  # which casts it again
            except GoneError as gone:
                self.gone = gone

    # --- what the server says ------------------------------------------------------------------------------

    def sit_down(self, entered: Entered) -> None:
        """Takes in what the server said when it gave us the seat; a line that is cut meanwhile is no harm."""
        try:
            self._take_game(entered)
        except UnreachableError as error:
            self._come_back(error)

    def wait(self, seconds: float) -> None:
        """Waits until there is news, or so long; the server is asked when there was none for long."""
        if self.gone is not None:
            raise self.gone
        try:
            until = self._clock() + seconds
            while not self.notices:
                self._rest(0.0)
                left_s = until - self._clock()
                self.client.connection.wait(min(left_s, _REST_S))
                self.notices.extend(self.client.connection.take())
                if left_s <= _REST_S:
                    break
            if self._deadline is None and self.phase_s is not None:
                self._measure_time()  # a game that has just begun has no place in the server's schedule yet
            if self.notices:
                self._heard_at = self._clock()
            elif self._clock() - self._heard_at > self.config.stale_s:
                self._ask_for_news()
        except UnreachableError as error:
            self._come_back(error)

    def _ask_for_news(self) -> None:
        """Looks whether anything has changed: the server does not tell everybody of a stop, nor us that we are out."""
        self._heard_at = self._clock()
        info = self.client.info()
        if info is None:
            raise GoneError(f"game {self.client.place.game_id} is on the server no more")
        if self.power not in info.controlled_powers:
            raise self._lost_seat()
        if (info.phase, info.status) != (self.phase, self.status):
            self._take_game(self.client.look())
        else:
            self._measure_time()

    def take_in(self, notice: Mapping[str, Any]) -> None:
        """Takes note of one notice of the server."""
        of_seat = (notice.get("game_id"), notice.get("game_role"))
        mine = of_seat == (self.client.place.game_id, self.power.value)
        try:
            match notice.get("name"):
                case "account_deleted":
                    raise GoneError(f"the account {self.client.account.user} was deleted")
                case "game_deleted" if mine:
                    raise GoneError(f"game {self.client.place.game_id} was deleted")
                case "powers_controllers" if mine:
                    self._check_seat(notice)
                case "game_message_received" if mine:
                    self._take_message(read(ServerMessage, notice.get("message"), "game_message_received"))
                case "game_processed" if mine:
                    self._take_phase(notice)
                case "game_status_update" if mine:
                    self.status = str(notice.get("status"))
                    self._measure_time()
                case "power_vote_updated" if mine:
                    self._votes = int(notice.get("count_voted") or 0)
                    self._cast_vote()
                case "game_phase_update" | "cleared_orders" | "cleared_units" | "cleared_centers" if mine:
                    self._take_game(self.client.look())
                case _:
                    pass
        except UnreachableError as error:
            self._come_back(error)
        except (SeatTakenError, NoSuchGameError) as error:
            raise GoneError(str(error)) from None

    def _take_message(self, message: ServerMessage) -> None:
        if message.phase != self.phase:
            return  # told after its phase was: it is in that phase's record
        said = self.served.hear(message)
        if said is not None:
            self._note([said])
        self._tell_notices()

    def _take_phase(self, notice: Mapping[str, Any]) -> None:
        played = read(ServerPhase, notice.get("previous_phase_data"), "game_processed")
        following = read(ServerPhase, notice.get("current_phase_data"), "game_processed")
        if played.name == self.phase:
            self.served.advance(played, following)
            self._new_phase(following.name)
        elif played.name not in {str(record.phase) for record in self.served.game.history}:
            self._take_game(self.client.look())

    def _new_phase(self, name: str) -> None:
        self.phase, self.turn, self._handed_in, self._ours = name, self.turn + 1, None, None
        self._vote, self._votes, self._agents_vote = "neutral", 0, None
        history, game = self.served.game.history, self.served.game
        self._note([*(history[-1].messages if history else ()), *game.messages])
        self._tell_notices()
        if not self.served.is_over:
            self._measure_time()
            self._cast_vote()
            if not game.legal_orders(self.power):
                with suppress(RefusedError):  # the game has ended
                    self._ours = self.client.game().powers[self.power]

    def _take_game(self, entered: Entered) -> None:
        """Takes the whole game as the server has it now in place of what we knew."""
        info, game = entered.info, entered.game
        created = info.timestamp_created if game is None else game.timestamp_created
        served = replay(info.game_id, created, entered.played, None if game is None else game.at_hand)
        before, self._served = self._served, served
        phase = info.phase if game is None else game.phase_abbr
        self.status, self._rules = info.status if game is None else game.status, tuple(info.rules)
        self.phase_s = float(info.deadline) if info.deadline else None
        self.notices.clear()
        self._heard_at = self._clock()
        if before is None:
            self._told |= {m.sequence for record in served.game.history for m in record.messages}
        elif len(served.game.history) < len(before.game.history):
            self.say(
                f"the server has gone back from {before.game.phase} to {phase}: it was restored from an older copy"
            )
        if phase != self.phase:
            self.phase, self.turn, self._handed_in = phase, self.turn + 1, None
        self._note([*(m for record in served.game.history for m in record.messages), *served.game.messages])
        self._tell_notices()
        if game is None:
            return
        self._ours = game.powers[self.power]
        self._vote = self._ours.vote
        self._measure_time()
        self._restore_orders()
        self._cast_vote()

    def _come_back(self, error: UnreachableError) -> None:
        """Connects again, as often as it takes, and reads the game anew.

        Raises:
            UnreachableError: longer than we are patient.
            GoneError: the server has no such game any more, or somebody else has our seat.
        """
        self.say(f"{error}; trying to come back")
        begun, wait_s = self._clock(), _FIRST_WAIT_S
        while True:
            self._sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
            try:
                self._take_game(self.client.enter())
                break
            except UnreachableError as again:
                patience_s = self.config.patience_s
                if patience_s is not None and self._clock() - begun > patience_s:
                    raise again from None
            except (SeatTakenError, NoSuchGameError) as refused:
                raise GoneError(str(refused)) from None
        self.say(f"back at {self.client.connection.where} after {self._clock() - begun:.0f} s, in {self.phase}")

    def _check_seat(self, notice: Mapping[str, Any]) -> None:
        players = notice.get("powers")
        player = players.get(self.power.value) if isinstance(players, Mapping) else None
        if player != self.client.account.user:
            raise self._lost_seat()

    def _lost_seat(self) -> GoneError:
        power, game = self.power, self.client.place.game_id
        return GoneError(
            f"{power} in game {game} is ours no more: no orders came in time, or the seat was taken from us; "
            "join again if it is free"
        )

    def _note(self, messages: list[Message]) -> None:
        """Keeps messages from others to be told, each once."""
        for message in sorted(messages, key=lambda m: m.sequence):
            if message.sequence not in self._told:
                self._told.add(message.sequence)
                if message.sender is not self.power and message.recipient in (None, self.power):
                    self.pending.append(message)

    def _tell_notices(self) -> None:
        for line in (*self.served.differences, *(f"the server says: {text}" for text in self.served.notices)):
            if line not in self._lines_told:
                self._lines_told.add(line)
                self.say(line)

    def say(self, line: str) -> None:
        """Tells people a line about the game."""
        self._tell(f"game {self.client.place.game_id}: {line}")

    # --- time ----------------------------------------------------------------------------------------------

    def _measure_time(self) -> None:
        """Asks when the phase ends."""
        left_s = None
        if self.phase_s is not None and self.status == "active":
            left_s = self.client.schedule_s(self.phase)
        self._deadline = None if left_s is None else self._clock() + left_s

    def left_s(self) -> float | None:
        """Seconds to the deadline; None: there is none."""
        return None if self._deadline is None else self._deadline - self._clock()


def _missing(texts: tuple[str, ...], ours: ServerPower) -> tuple[str, ...]:
    """The orders that the server does not keep; it leaves out some coasts."""
    kept = set()
    for text in ours.given:
        try:
            kept.add(without_coasts(parse_order(text)))
        except NotationError:
            continue
    return tuple(text for text in texts if without_coasts(parse_order(text)) not in kept)
