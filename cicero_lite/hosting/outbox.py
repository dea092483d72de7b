"""Messages on their way: written down before they are sent, sent once, and looked for when nobody knows.

READY -> SENDING -> SENT         it arrived
                 -> READY        it certainly has not; it is tried again while the phase lasts
                 -> DROPPED      it never will
                 -> SENDING      nobody knows: the talks will show it, or the end of the phase ends the wait
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import time as time_of_day

from cicero_lite.adapters.base import Adapter, OutgoingMessage, PressRules, Write, letters
from cicero_lite.arena.log import Sent
from cicero_lite.errors import AdapterError, NotYetDeliveredError, UncertainDeliveryError
from cicero_lite.hosting.guard import Guard
from cicero_lite.hosting.settings import HostConfig, Mode, is_quiet, quiet_hours
from cicero_lite.hosting.store import Standing, Store, StoredMessage
from dialogue.understanding import read
from engine.game import GameView
from engine.types import Message, Phase, Power

INTRODUCTION = "introduction"
"""Source of the messages that say who we are."""
EDITED = "edited"
"""Source of messages whose words somebody changed."""


@dataclass(frozen=True)
class Outcome:
    """What has become of a message that was being sent."""

    message: StoredMessage
    standing: Standing
    reason: str = ""
    sent: Sent | None = None
    """For the log, if it arrived."""


class Outbox:
    """The messages of one seat."""

    def __init__(
        self,
        store: Store,
        seat: int,
        power: Power,
        config: HostConfig,
        guard: Guard,
        local_time: Callable[[], time_of_day],
    ) -> None:
        """Args:
        store: where they are.
        seat: the seat's number there.
        power: whom it plays.
        config: mode, quiet hours, introduction.
        guard: asked before each is sent.
        local_time: of day, for the quiet hours.
        """
        self._store, self._seat, self._power = store, seat, power
        self._config, self._guard, self._local_time = config, guard, local_time
        self._hours = None if config.quiet is None else quiet_hours(config.quiet)
        self._introduced = config.introduction is None or config.mode is Mode.SHADOW

    @property
    def is_open(self) -> bool:
        """Whether messages may go out now."""
        quiet = self._hours is not None and is_quiet(self._hours, self._local_time())
        return not quiet and self._guard.permits(Write.MESSAGE)

    @property
    def has_unsaid(self) -> bool:
        """Whether messages wait to be approved or sent."""
        return bool(self._store.messages(self._seat, (Standing.WAITING, Standing.READY)))

    # --- writing down --------------------------------------------------------------------------------------

    def mean(self, phase: Phase, said: Sequence[OutgoingMessage]) -> dict[int, OutgoingMessage]:
        """Writes down what the agent wants to say, in place of what it wanted to say to the same and has not yet.

        Returns:
            Number -> message, of those that are new.
        """
        numbers: dict[int, OutgoingMessage] = {}
        mode = self._config.mode
        standing = Standing.READY if mode is Mode.AUTO else Standing.WAITING
        with self._store.transaction():
            new = [message for message in said if not self._is_known(phase, message)]
            replaced = {message.recipient for message in new}
            for older in self._store.messages(self._seat, (standing,)):
                if older.recipient in replaced and older.source != INTRODUCTION:
                    self._store.drop(older.id, "a newer draft took its place")
            for message in new:
                (number,) = self._store.mean(self._seat, phase, [message], standing)
                if mode is Mode.SHADOW:
                    self._store.drop(number, "shadow mode: it would have been sent")
                numbers[number] = message
        return numbers

    def _is_known(self, phase: Phase, message: OutgoingMessage) -> bool:
        """Whether the same words to the same are on their way; in shadow mode, whether they were meant before."""
        standings = [Standing.WAITING, Standing.READY]
        standings += [Standing.DROPPED] if self._config.mode is Mode.SHADOW else []
        return any(
            (older.phase, older.recipient, older.drafted) == (phase, message.recipient, message.text)
            for older in self._store.messages(self._seat, standings)
        )

    def introduce(self, view: GameView, adapter: Adapter) -> None:
        """Writes down the introduction for each power that has not had it, or for all where only that is allowed."""
        if self._introduced or self._config.introduction is None:
            return
        others = [power for power in view.alive if power is not self._power]
        allowed = adapter.may_write if isinstance(adapter, PressRules) else lambda power: power is not None
        recipients: list[Power | None] = [power for power in others if allowed(power)]
        if not recipients and allowed(None):
            recipients = [None]
        told = {
            message.recipient
            for message in self._store.messages(self._seat)
            if message.source == INTRODUCTION
            and (message.standing is not Standing.DROPPED or message.phase == view.phase)
        }
        text = self._config.introduction
        new = [OutgoingMessage(power, text, source=INTRODUCTION) for power in recipients if power not in told]
        self._store.mean(self._seat, view.phase, new, Standing.READY)
        self._introduced = bool(recipients) and not new

    # --- sending -------------------------------------------------------------------------------------------

    def next_ready(self, view: GameView, passed_by: set[Power | None]) -> StoredMessage | None:
        """The oldest message to send, to others than those passed by; those to the dead are dropped."""
        for message in self._store.messages(self._seat, (Standing.READY,)):
            if message.recipient is not None and message.recipient not in view.alive:
                self._store.drop(message.id, f"{message.recipient.title()} is out of the game")
            elif message.recipient not in passed_by:
                return message
        return None

    def send(self, message: StoredMessage, view: GameView, adapter: Adapter) -> Outcome | None:
        """Sends a message; nothing is written down of what became of it.

        Returns:
            What became of it; None: somebody else was first.
        """
        if not self._store.claim(message.id):
            return None
        # as it is now: somebody may have changed the words
        claimed = self._store.message(message.id)
        assert claimed is not None
        try:
            arrived = adapter.send(self._power, claimed.recipient, claimed.text)
        except UncertainDeliveryError as error:
            return Outcome(claimed, Standing.SENDING, str(error))
        except NotYetDeliveredError as error:
            return Outcome(claimed, Standing.READY, str(error))
        except AdapterError as error:
            return Outcome(claimed, Standing.DROPPED, str(error))
        return Outcome(claimed, Standing.SENT, sent=_for_log(claimed, arrived, view))

    def settle(self, outcome: Outcome) -> None:
        """Writes down what became of a message."""
        if outcome.standing is not Standing.SENDING:
            self._store.settle(outcome.message.id, outcome.standing, outcome.reason)

    # --- afterwards ----------------------------------------------------------------------------------------

    def looked_up(self, view: GameView, is_start: bool) -> list[Outcome]:
        """What has become of messages of which nobody knew, by what the talks show.

        Args:
            view: the game with its talks as the server shows them now.
            is_start: whether it was another process that was sending them: it sends no more, so what is not there now
                is sent again while the phase lasts.
        """
        found: list[Outcome] = []
        for message in self._store.messages(self._seat, (Standing.SENDING,)):
            arrived = self._arrived(message, view, sum(_is_alike(message, o.message) for o in found if o.sent))
            if arrived is not None:
                found.append(Outcome(message, Standing.SENT, sent=_for_log(message, arrived, view)))
            elif message.phase != view.phase:
                found.append(Outcome(message, Standing.DROPPED, "its phase ended, and the talks do not show it"))
            elif is_start:
                found.append(Outcome(message, Standing.READY, "the talks do not show it"))
        return found

    def _arrived(self, message: StoredMessage, view: GameView, also: int) -> Message | None:
        """The message among the talks of its phase and later ones, unless another that was sent is that one."""
        talks = [record.messages for record in view.history if not record.phase < message.phase]
        shown = [
            said
            for talk in (*talks, view.messages)
            for said in talk
            if (said.sender, said.recipient) == (self._power, message.recipient)
            and letters(said.text) == letters(message.text)
        ]
        sent = [other for other in self._store.messages(self._seat, (Standing.SENT,)) if _is_alike(other, message)]
        before = also + sum(not other.phase < message.phase for other in sent)
        return shown[before] if len(shown) > before else None

    def drop_stale(self, phase: Phase) -> None:
        """Drops what was meant for other phases than this and has not gone out."""
        for message in self._store.messages(self._seat, (Standing.WAITING, Standing.READY)):
            if message.phase != phase:
                self._store.drop(message.id, "its phase ended")

    def drop_all(self) -> None:
        """Drops what has not gone out, or of which nobody knows: the game is over."""
        for message in self._store.messages(self._seat, (Standing.WAITING, Standing.READY, Standing.SENDING)):
            self._store.drop(message.id, "the game is over")
            self._store.settle(message.id, Standing.DROPPED, "the game is over; nobody knows whether it arrived")


def _is_alike(one: StoredMessage, other: StoredMessage) -> bool:
    return one.recipient is other.recipient and letters(one.text) == letters(other.text)


def _for_log(message: StoredMessage, arrived: Message, view: GameView) -> Sent:
    """Of words that somebody changed, what they mean is what our reader makes of them."""
    if not message.is_edited:
        return Sent(arrived, message.acts, message.intent, message.source)
    return Sent(arrived, read(arrived, view, view.messages).acts, None, EDITED)
