"""What a soak asks of a server, whichever it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, Self

from cicero_lite.bench.soak_checks import PlayedPhase, ServerAccount
from cicero_lite.bench.soak_kills import When
from engine.record import PhaseRecord
from engine.types import POWERS, Power


class SoakServer(Protocol):
    """A server with one game of seven seats that has begun, or begins when all are taken; started by `with`."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def arguments(self, power: Power) -> Sequence[str]:
        """The command that plays this seat, and where it is."""

    @property
    def turn(self) -> int:
        """Springs and autumns before the phase at hand."""

    @property
    def at_hand(self) -> str:
        """The phase at hand, in words."""

    @property
    def is_over(self) -> bool:
        """Whether the game has ended."""

    @property
    def faults_met(self) -> Mapping[str, int]:
        """How often what has gone wrong."""

    def happened(self) -> Mapping[Power, frozenset[When]]:
        """What clients have done since this was asked last, as far as the server can tell."""

    def end_game(self) -> bool:
        """Ends the game as players would; False: it cannot, and the clients are to be ended in the midst of it."""

    def stop(self) -> None:
        """Answers no more."""

    def account(self) -> ServerAccount:
        """What it knows; once it has stopped."""


def played_phases(history: Sequence[PhaseRecord]) -> tuple[PlayedPhase, ...]:
    """The phases of a history, with the orders of the powers that had any to give."""
    return tuple(
        PlayedPhase(
            record.phase,
            {power: record.orders[power] for power in POWERS if record.board.legal_orders(power)},
            frozenset(record.board.alive),
        )
        for record in history
    )
