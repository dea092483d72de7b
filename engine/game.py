"""A game: its phases, orders, results and talks; what one power may see of it; writing it down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine._core import Position
from engine.board import Board, order_codes, order_from_code
from engine.mapfile import core_map
from engine.notation import order_sort_key, parse_order
from engine.record import PhaseRecord, PlayedPhase, visible
from engine.types import (
    Action,
    EngineError,
    IllegalOrderError,
    Message,
    Order,
    OrderResult,
    Phase,
    PhaseKind,
    Power,
    Unit,
)

_MESSAGE_INTERVAL_US = 1_000_000
"""Saved games need a distinct time for every message; ours count seconds, so that equal games are equal files."""
DRAW_NOTE = "Draw: "
"""Begins the note of a drawn game's last state; those who share the draw follow."""


class GameFileError(EngineError, ValueError):
    """A file that holds no game this project can read."""


class GameOverError(EngineError, RuntimeError):
    """Something that only a game under way can do."""


class Game(Board):
    """A game being played, or read from a file.

    >>> game = Game()
    >>> game.set_orders(Power.FRANCE, [parse_order("A PAR - BUR")])
    >>> str(game.process().orders[Power.FRANCE][2])
    'A PAR - BUR'
    >>> str(game.phase)
    'F1901M'
    """

    def __init__(self, map_name: str = "standard", game_id: str = "game", position: Position | None = None) -> None:
        super().__init__(core_map(map_name).start() if position is None else position, map_name)
        self.map_name = map_name
        self.game_id = game_id
        self.history: list[PhaseRecord] = []
        self.messages: list[Message] = []
        """The talks of the phase at hand."""
        self.drawn_by: tuple[Power, ...] = ()
        """Those who share a draw; empty while there is none."""
        self._given: dict[Power, tuple[int, ...]] = {}
        """Orders of the phase at hand, as codes."""
        self._next_sequence = 0

    @property
    def is_done(self) -> bool:
        """Whether the game is over, by a solo or a draw."""
        return self.position.is_over or bool(self.drawn_by)

    def set_orders(self, power: Power, orders: Iterable[Order | str]) -> None:
        """Gives the power's orders for the phase at hand, in place of any it gave before.

        Args:
            power: who gives them.
            orders: orders, or their texts.

        Raises:
            IllegalOrderError: an order is not legal here, or there are too many; nothing is changed.
            NotationError: a text is no order.
        """
        given = tuple(orders)
        codes = order_codes(self.map_name)
        try:
            numbers = tuple([codes[order] for order in given])
            self.position.check_orders(power, numbers)
        except ValueError as error:  # each compiled module has errors of its own
            self.check_action(power, tuple(parse_order(o) if isinstance(o, str) else o for o in given))
            raise IllegalOrderError(str(error)) from None
        if given and power in self.map_data.dummies:
            self.check_action(power, tuple(order_from_code(n, self.map_name) for n in numbers))
        self._given[power] = numbers

    def orders_of(self, power: Power) -> Action:
        """The orders that the power has given for the phase at hand, as far as it has."""
        found = (order_from_code(code, self.map_name) for code in self._given.get(power, ()))
        return tuple(sorted(found, key=order_sort_key))

    def say(self, sender: Power, recipient: Power | None, text: str) -> Message:
        """Delivers a message in the phase at hand; recipient None is public press."""
        message = Message(sender, recipient, self.phase, text, self._next_sequence)
        self._next_sequence += 1
        self.messages.append(message)
        return message

    def process(self) -> PhaseRecord:
        """Adjudicates the phase at hand and moves on to the next.

        Units without orders hold, or disband when dislodged; removals left out are chosen by the rules.

        Raises:
            GameOverError: there is no phase at hand any more.
        """
        if self.is_done:
            raise GameOverError(f"game {self.game_id} is over: expected a game under way")
        codes = tuple([self._given.get(power, ()) for power in self.powers])
        following, outcome = self.position.step(codes)
        record = PhaseRecord(PlayedPhase(self.position, codes, outcome), tuple(self.messages))
        self.history.append(record)
        self.position, self.messages, self._given = following, [], {}
        return record

    def undo(self) -> PhaseRecord:
        """Takes the last phase back: its position, orders and messages are at hand again.

        >>> game = Game()
        >>> _ = game.process(), game.process()
        >>> _ = game.undo()
        >>> str(game.phase), len(game.history)
        ('F1901M', 1)

        Raises:
            GameOverError: no phase was played.
        """
        if not self.history:
            raise GameOverError(f"game {self.game_id} has no phase to take back")
        record = self.history.pop()
        self.position, self.messages, self.drawn_by = record.position, list(record.messages), ()
        self._given = dict(zip(self.powers, record.played.codes, strict=True))
        return record

    def draw(self, powers: Iterable[Power] | None = None) -> None:
        """Ends the game by agreement.

        Args:
            powers: those who share the draw; None: all that are alive.

        Raises:
            GameOverError: it is over already.
            UnknownPowerError: a power that does not play on this map.
        """
        if self.is_done:
            raise GameOverError(f"game {self.game_id} is over: expected a game under way")
        shared = self.alive if powers is None else tuple(self.map_data.power(power) for power in powers)
        self.drawn_by = tuple(power for power in self.powers if power in shared)

    def copy(self) -> Game:
        """A game that goes on by itself from here; what was played is shared."""
        other = Game(self.map_name, self.game_id, self.position)
        other.history, other.messages = list(self.history), list(self.messages)
        other.drawn_by, other._given, other._next_sequence = self.drawn_by, dict(self._given), self._next_sequence
        return other

    def view(self, power: Power) -> GameView:
        """The game as this power may see it, as it is now."""
        return GameView(self, power)

    def at_phase(self, phase: Phase) -> Game:
        """The game as it stood when this phase began, earlier talks and history with it.

        Raises:
            GameFileError: the game has no such phase; the message names those it has.
        """
        for count, record in enumerate(self.history):
            if record.phase == phase:
                earlier = Game(self.map_name, self.game_id, record.position)
                earlier.history = self.history[:count]
                earlier._next_sequence = sum(len(r.messages) for r in earlier.history)
                return earlier
        if phase == self.phase and not self.is_done:
            return self
        have = [str(r.phase) for r in self.history] + ([] if self.is_done else [str(self.phase)])
        near = [p for p in have if p[1:5] == str(phase)[1:5]] or [have[0], "...", have[-1]]
        raise GameFileError(f"no phase {phase} in game {self.game_id}: it has {', '.join(near)}")

    def to_saved_game(self) -> dict[str, Any]:
        """The game in the saved-game format of the ``diplomacy`` package, the phase at hand last."""
        phases = [self._saved_phase(r.phase, r.position, r.orders, r.results, r.messages) for r in self.history]
        name = "COMPLETED" if self.is_done else str(self.phase)
        phases.append(self._saved_phase(name, self.position, {}, {}, self.messages))
        if self.drawn_by:
            phases[-1]["state"]["note"] = DRAW_NOTE + ", ".join(self.drawn_by)
        return {"id": self.game_id, "map": self.map_name, "rules": self._rules, "phases": phases}

    def _saved_phase(
        self,
        phase: Phase | str,
        position: Position,
        orders: Mapping[Power, Action],
        results: Mapping[Unit, tuple[OrderResult, ...]],
        messages: Sequence[Message],
    ) -> dict[str, Any]:
        name, board, powers = str(phase), Board(position, self.map_name), self.powers
        retreats = {p: {str(u): list(to) for u, to in board.dislodged(p).items()} for p in powers}
        state = {
            "name": name,
            "note": "",
            "units": {p: [*map(str, board.units(p)), *(f"*{u}" for u in retreats[p])] for p in powers},
            "retreats": retreats,
            "centers": {p: list(board.centers(p)) for p in powers},
            "homes": {p: list(self.map_data.homes[p]) for p in powers},
            "civil_disorder": dict.fromkeys(powers, 0),
            "builds": {p: {"count": self._builds(board, p), "homes": self._homes(board, p)} for p in powers},
            "game_id": self.game_id,
            "map": self.map_name,
            "rules": self._rules,
        }
        return {
            "name": name,
            "state": state,
            "orders": {p: [str(o) for o in orders[p]] for p in powers if p in orders},
            "results": {str(u): [r.value for r in rs] for u, rs in results.items()},
            "messages": [
                {
                    "sender": m.sender,
                    "recipient": m.recipient or "GLOBAL",
                    "time_sent": m.sequence * _MESSAGE_INTERVAL_US,
                    "phase": str(m.phase),
                    "message": m.text,
                }
                for m in messages
            ],
        }

    @property
    def _rules(self) -> list[str]:
        """The rules of the game as the package names them."""
        return ["POWER_CHOICE", *self.map_data.rules]

    @staticmethod
    def _builds(board: Board, power: Power) -> int:
        return board.build_count(power) if board.phase.kind is PhaseKind.ADJUSTMENTS else 0

    @classmethod
    def _homes(cls, board: Board, power: Power) -> list[str]:
        if cls._builds(board, power) <= 0:
            return []
        return list(board.legal_orders(power))


class GameView(Board):
    """What one power sees of a game: the board and its own talks.  It cannot change the game."""

    def __init__(self, game: Game, power: Power) -> None:
        super().__init__(game.position, game.map_name)
        self.power = power
        self.game_id = game.game_id
        self.history: tuple[PhaseRecord, ...] = tuple(r.seen_by(power) for r in game.history)
        self.messages: tuple[Message, ...] = visible(game.messages, power)
        """The power's talks of the phase at hand."""

    def talk_with(self, other: Power) -> tuple[Message, ...]:
        """Every private message between this power and the other, of all phases, in order."""
        pair = {self.power, other}
        every = (*(m for r in self.history for m in r.messages), *self.messages)
        return tuple(m for m in every if {m.sender, m.recipient} == pair)
