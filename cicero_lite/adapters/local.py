"""One table in this process: seven seats, private talks in turns, simultaneous orders.

In every movement phase the living powers speak in rounds, each round in an order drawn from the seed;
messages arrive at once, so that whoever speaks later in a round can answer.  Talk ends after `rounds`, or
after a round in which nobody said anything.  Then all submit orders, unseen by the others.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cicero_lite.adapters.base import (
    MessageReceived,
    OrdersDue,
    PhaseBegan,
    PhaseEnded,
    SpeakingTurn,
    TableClosed,
    TableEvent,
)
from cicero_lite.errors import AdapterError
from engine.game import Game
from engine.types import POWERS, Action, Message, Phase, PhaseKind, Power


class LocalTable:
    """A game among agents of this process; an `Adapter` with all seven seats."""

    def __init__(self, game: Game, *, until: int, rounds: int, late_rounds: int, rng: np.random.Generator) -> None:
        """Sets the table.

        Args:
            game: the game to play on, from wherever it stands.
            until: last year played, its winter included.
            rounds: speaking turns of each power in a movement phase, at most.
            late_rounds: the same in retreats and adjustments.
            rng: draws who speaks first.
        """
        self.game = game
        self._until = until
        self._rounds = {PhaseKind.MOVEMENT: rounds}
        self._late_rounds = late_rounds
        self._rng = rng
        self._speaker: Power | None = None
        self._due: Power | None = None
        self._submitted = False
        self._arriving: list[Message] = []

    @property
    def seats(self) -> tuple[Power, ...]:
        """All seven powers."""
        return POWERS

    def events(self) -> Iterator[TableEvent]:
        """See `Adapter.events`; can be gone through once."""
        while not self.game.is_done and self.game.phase.year <= self._until:
            living = self.game.alive
            for power in living:
                yield PhaseBegan(power, self.game.view(power))
            yield from self._talk(living)
            for power in living:
                if self.game.legal_orders(power):
                    yield from self._collect_orders(power)
            record = self.game.process()
            yield PhaseEnded(record, {power: self.game.centers(power) for power in POWERS})
        yield TableClosed(
            phase=self.game.phase,
            reason="solo" if self.game.is_done else "until",
            winner=self.game.winner,
            centers={power: self.game.centers(power) for power in POWERS},
            scores=self.game.scores(),
        )

    def send(self, sender: Power, recipient: Power | None, text: str) -> Message:
        """See `Adapter.send`."""
        if sender is not self._speaker:
            turn = "nobody" if self._speaker is None else self._speaker
            raise AdapterError(f"{sender} cannot speak now in {self.game.phase}: it is the turn of {turn}")
        if recipient is sender or (recipient is not None and recipient not in self.game.alive):
            raise AdapterError(
                f"{sender} cannot write to {recipient} in {self.game.phase}: expected another living power"
            )
        message = self.game.say(sender, recipient, text)
        self._arriving.append(message)
        return message

    def submit(self, power: Power, orders: Action) -> None:
        """See `Adapter.submit`."""
        if power is not self._due:
            raise AdapterError(f"the orders of {power} are not due now in {self.game.phase}")
        self.game.set_orders(power, orders)
        self._submitted = True

    def _talk(self, living: tuple[Power, ...]) -> Iterator[TableEvent]:
        rounds = self._rounds.get(self.game.phase.kind, self._late_rounds)
        for number in range(rounds):
            spoken = False
            for index, seat in enumerate(self._rng.permutation(len(living))):
                self._speaker = living[seat]
                turn = number * len(living) + index
                yield SpeakingTurn(self._speaker, self.game.view(self._speaker), turn, rounds * len(living))
                self._speaker = None
                spoken = spoken or bool(self._arriving)
                yield from self._deliver(living)
            if not spoken:
                return

    def _deliver(self, living: tuple[Power, ...]) -> Iterator[TableEvent]:
        arriving, self._arriving = self._arriving, []
        for message in arriving:
            for power in living if message.recipient is None else (message.recipient,):
                if power is not message.sender:
                    yield MessageReceived(power, message, self.game.view(power))

    def _collect_orders(self, power: Power) -> Iterator[TableEvent]:
        self._due, self._submitted = power, False
        yield OrdersDue(power, self.game.view(power))
        self._due = None
        if not self._submitted:
            raise AdapterError(f"no orders of {power} in {self.game.phase}: expected a call of submit()")


def phases_until(first: Phase, until: int) -> int:
    """How many movement phases a game that begins with `first` has through the end of the year `until`.

    >>> phases_until(Phase.parse("S1901M"), 1902)
    4
    """
    years = max(0, until - first.year + 1)
    return 2 * years - (1 if years and first.season != "S" else 0)
