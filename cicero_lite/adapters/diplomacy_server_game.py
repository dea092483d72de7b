"""The history that a server tells, played again by our rules: the game with its talks, as the agents know games.

Each position of the server is compared with what our rules make of the orders before it.  The package has known
defects where convoys meet supports, so a difference is told, and the server's position is played on: it is the one
that counts there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from cicero_lite.adapters.diplomacy_server_responses import (
    COMPLETED,
    EVERYBODY,
    ResponseError,
    ServerMessage,
    ServerPhase,
    ServerState,
)
from engine._core import Position
from engine.board import Board
from engine.game import Game
from engine.saved import stored_orders, stored_position
from engine.types import EngineError, Message, Power

_SHOWN = 3
"""Differences named in one notice."""


class ServedGame:
    """A game of the server, played by our rules as far as the server has told it."""

    def __init__(self, game_id: str, created_us: int) -> None:
        """The game before its first phase.

        Args:
            game_id: the server's name of it.
            created_us: when it was made; messages are numbered by the microseconds since.
        """
        self.game = Game(game_id=game_id)
        self.differences: list[str] = []
        """One line for each position of the server that is not ours."""
        self.notices: list[str] = []
        """What the server itself said to all."""
        self.is_over = False
        """The server has ended the game."""
        self._created_us = created_us
        self._known: set[int] = set()

    def begin(self, phase: ServerPhase) -> None:
        """Takes the server's position as the one at hand, and what was said in it so far.

        Raises:
            ResponseError: it is no position.
        """
        position = self._position(phase.name, phase.state)
        if self.game.history:
            self._compare(Board(position))
        self.game.position = position
        for message in phase.messages:
            self.hear(message)

    def advance(self, played: ServerPhase, following: ServerPhase | None) -> None:
        """Plays the phase at hand with the server's orders, and goes on to the next.

        Args:
            played: the phase at hand, as it was when it ended; a draw ends it without any orders.
            following: the next; None, or one named `COMPLETED`: the game is over.

        Raises:
            ResponseError: a position cannot be read.
        """
        for message in played.messages:
            self.hear(message)
        for power, texts in played.orders.items():
            self.game.set_orders(power, stored_orders(self.game, power, texts or ()))
        self.game.process()
        if following is not None and following.name != COMPLETED:
            self.begin(following)
            return
        if not self.game.is_done and not any(played.orders.values()):
            self.game.undo()
        self._end(None if following is None else following.state)

    def _end(self, state: ServerState | None) -> None:
        """The server plays no further; what our rules do not end was agreed upon."""
        self.is_over = True
        if state is not None:
            self._compare(Board(self._position(str(self.game.phase), state)))
        if not self.game.is_done:
            named = "" if state is None else state.note.removeprefix("Victory by: ")
            shares = [power for power in self.game.powers if power[:3] in named.split(", ")]
            self.game.draw(shares or None)

    def _position(self, name: str, state: ServerState) -> Position:
        try:
            return stored_position(self.game, name, state.model_dump())
        except (EngineError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise ResponseError(f"the server's position of {name} cannot be read: {error}") from None

    def hear(self, message: ServerMessage) -> Message | None:
        """Takes a message in; None: it was known, or is no press."""
        if message.time_sent in self._known:
            return None
        self._known.add(message.time_sent)
        if message.sender == "SYSTEM":
            self.notices.append(clean(message.message))
            return None
        if message.sender not in self.game.powers or message.recipient not in (*self.game.powers, EVERYBODY):
            return None  # to or from those who watch
        said = Message(
            sender=Power(message.sender),
            recipient=None if message.recipient == EVERYBODY else Power(message.recipient),
            phase=self.game.phase,
            text=clean(message.message),
            sequence=self.number(message.time_sent),
        )
        self.game.messages.append(said)
        self.game.messages.sort(key=lambda m: m.sequence)
        return said

    def number(self, time_sent: int) -> int:
        """`Message.sequence` of a message: the same whenever the game is read again."""
        return time_sent - self._created_us

    def _compare(self, theirs: Board) -> None:
        problems = _differences(self.game, theirs)
        if problems:
            more = f" (and {len(problems) - _SHOWN} more)" if problems[_SHOWN:] else ""
            self.differences.append(
                f"{theirs.phase}: the server's position is not what our rules make of the orders: "
                f"{'; '.join(problems[:_SHOWN])}{more}; the server's is played on"
            )


def replay(game_id: str, created_us: int, played: Sequence[ServerPhase], at_hand: ServerPhase | None) -> ServedGame:
    """The game of a whole history.

    Args:
        game_id: the server's name of it.
        created_us: when it was made.
        played: the phases that are over, in order.
        at_hand: None: the game is over.

    Raises:
        ResponseError: a phase cannot be read.
    """
    served = ServedGame(game_id, created_us)
    phases = [*played, at_hand]
    if phases[0] is not None:
        served.begin(phases[0])
    for phase, following in pairwise(phases):
        if phase is not None:
            served.advance(phase, following)
    return served


def clean(text: str) -> str:
    """The words of a message, with a space for every letter that terminals obey.

    >>> clean("A\\x1b[2J\\nB")
    'A [2J\\nB'
    """
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)


def _differences(ours: Board, theirs: Board) -> list[str]:
    """In words, what is not the same; empty if the positions are."""
    problems = [] if ours.phase == theirs.phase else [f"ours is {ours.phase}"]
    for power in ours.powers:
        for what, mine, its in (
            ("units", set(ours.units(power)), set(theirs.units(power))),
            ("dislodged", set(ours.dislodged(power)), set(theirs.dislodged(power))),
            ("centres", set(ours.centers(power)), set(theirs.centers(power))),
        ):
            if mine != its:
                problems.append(f"{what} of {power} {_listed(its - mine)}, ours {_listed(mine - its)}")
        for unit in set(ours.dislodged(power)) & set(theirs.dislodged(power)):
            goals, its_goals = set(ours.dislodged(power)[unit]), set(theirs.dislodged(power)[unit])
            if goals != its_goals:
                problems.append(f"retreats of {unit} {_listed(its_goals)}, ours {_listed(goals)}")
    return problems


def _listed(things: Iterable[object]) -> str:
    return ", ".join(sorted(map(str, things))) or "none"
