"""A game: its phases, orders, results and talks; what one power may see of it; reading and writing files."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine._core import Position
from engine.board import Board, order_code
from engine.mapfile import core_map
from engine.notation import order_sort_key, parse_order
from engine.types import (
    Action,
    EngineError,
    Message,
    NotationError,
    Order,
    OrderResult,
    Phase,
    PhaseKind,
    Power,
    Unit,
)

_MESSAGE_INTERVAL_US = 1_000_000
"""Saved games need a distinct time for every message; ours count seconds, so that equal games are equal files."""


class GameFileError(EngineError, ValueError):
    """A file that holds no game this project can read."""


@dataclass(frozen=True)
class PhaseRecord:
    """One phase as it was played."""

    phase: Phase
    position: Position
    """The position that the orders were given in."""
    orders: Mapping[Power, Action]
    results: Mapping[Unit, tuple[OrderResult, ...]]
    """What became of each unit's order; nothing means that it succeeded."""
    messages: tuple[Message, ...]
    """The talks of this phase, in order."""

    @property
    def board(self) -> Board:
        """The position as a board."""
        return Board(self.position)

    def seen_by(self, power: Power) -> PhaseRecord:
        """The record with only the messages that the power sent or received."""
        return replace(self, messages=_visible(self.messages, power))


def _visible(messages: Iterable[Message], power: Power) -> tuple[Message, ...]:
    return tuple(m for m in messages if m.recipient is None or power in (m.sender, m.recipient))


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
        self._orders: dict[Power, Action] = {}
        self._next_sequence = 0

    def set_orders(self, power: Power, orders: Iterable[Order]) -> None:
        """Gives the power's orders for the phase at hand, in place of any it gave before.

        Raises:
            IllegalOrderError: an order is not legal here, or there are too many; nothing is changed.
        """
        action = tuple(sorted(orders, key=order_sort_key))
        self.check_action(power, action)
        self._orders[power] = action

    def say(self, sender: Power, recipient: Power | None, text: str) -> Message:
        """Delivers a message in the phase at hand; recipient None is public press."""
        message = Message(sender, recipient, self.phase, text, self._next_sequence)
        self._next_sequence += 1
        self.messages.append(message)
        return message

    def process(self) -> PhaseRecord:
        """Adjudicates the phase at hand and moves on to the next.

        Units without orders hold, or disband when dislodged; removals left out are chosen by the rules.
        """
        orders = {p: self.complete_action(p, self._orders.get(p, ())) for p in self.powers}
        codes = [[order_code(o, self.map_name) for o in orders[p]] for p in self.powers]
        following, results = self.position.step(codes)
        record = PhaseRecord(
            phase=self.phase,
            position=self.position,
            orders=orders,
            results={Unit.parse(u): tuple(OrderResult(r) for r in rs) for u, rs in results.items()},
            messages=tuple(self.messages),
        )
        self.history.append(record)
        self.position, self.messages, self._orders = following, [], {}
        return record

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
        self.messages: tuple[Message, ...] = _visible(game.messages, power)
        """The power's talks of the phase at hand."""

    def talk_with(self, other: Power) -> tuple[Message, ...]:
        """Every private message between this power and the other, of all phases, in order."""
        pair = {self.power, other}
        every = (*(m for r in self.history for m in r.messages), *self.messages)
        return tuple(m for m in every if {m.sender, m.recipient} == pair)


# --- files -----------------------------------------------------------------------------------------------


def load_game(path: Path | str, game_id: str | None = None) -> Game:
    """The game in a file: a saved game of the ``diplomacy`` package (.json), or one line of a .jsonl or .jsonl.gz.

    Args:
        path: the file.
        game_id: which game, where the file holds several.

    Raises:
        GameFileError: there is no such file or game, or it is no game; the message says what is wrong and where.
    """
    path = Path(path)
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rt", encoding="utf-8") as stream:
                text = stream.read()
        else:
            text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise GameFileError(f"no such file: {path}") from None
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise GameFileError(f"cannot read {path}: {error}; expected a saved game (.json, .jsonl, .jsonl.gz)") from None
    if ".jsonl" not in path.name:
        return game_from_json(_parse_json(text, str(path)), str(path))
    ids: list[str] = []
    chosen: list[tuple[str, Any]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            where = f"{path}, line {number}"
            data = _parse_json(line, where)
            ids.append(str(data.get("id")) if isinstance(data, dict) else "?")
            if game_id is None or ids[-1] == game_id:
                chosen.append((where, data))
    if len(chosen) == 1:
        return game_from_json(chosen[0][1], chosen[0][0])
    some = ", ".join(ids[:3]) + (", ..." if len(ids) > 3 else "")
    if game_id is None:
        raise GameFileError(f"{path} holds {len(ids)} games: say which by its id ({some})")
    raise GameFileError(f"no game {game_id!r} in {path}: it holds {len(ids)} games ({some})")


def _parse_json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        raise GameFileError(f"{where} is not JSON ({error.msg} at {at}): expected a saved game") from None


def game_from_json(data: Any, where: str = "saved game") -> Game:
    """The game in a saved-game object, of the ``diplomacy`` package or of a line of the public data.

    Orders that the rules do not allow (people make mistakes) are kept out; the unit holds.

    Raises:
        GameFileError: the object is no game; the message says what was expected where.
    """
    if not isinstance(data, dict) or not isinstance(data.get("phases"), list) or not data["phases"]:
        raise GameFileError(f"{where} is no saved game: expected an object with a non-empty list 'phases'")
    map_name = str(data.get("map", "standard"))
    try:
        game = Game(map_name, str(data.get("id", "game")))
    except EngineError as error:
        raise GameFileError(f"{where}: {error}") from None
    for number, phase in enumerate(data["phases"]):
        try:
            _read_phase(game, phase, is_last=number == len(data["phases"]) - 1)
        except (EngineError, KeyError, TypeError, ValueError, AttributeError) as error:
            name = phase.get("name", "?") if isinstance(phase, dict) else "?"
            problem = f"missing {error}" if isinstance(error, KeyError) else str(error)
            raise GameFileError(f"{where}, phase {number} ({name}): {problem}") from None
    return game


def _read_phase(game: Game, data: Mapping[str, Any], is_last: bool) -> None:
    """Plays one stored phase into the game; the stored position wins over ours where they differ."""
    if data["name"] != "COMPLETED":
        game.position = _stored_position(game, str(data["name"]), data["state"])
    for message in data.get("messages", []):
        _read_message(game, message)
    orders = {p: _stored_orders(game, p, texts) for p, texts in (data.get("orders") or {}).items() if texts}
    if data["name"] == "COMPLETED" or (is_last and not orders):
        return
    for power, action in orders.items():
        game.set_orders(game.map_data.power(power), action)
    game.process()


def _stored_position(game: Game, name: str, state: Mapping[str, Any]) -> Position:
    retreats: dict[str, dict[str, list[str]]] = {
        p: {u.lstrip("*"): list(to) for u, to in units.items()} for p, units in (state.get("retreats") or {}).items()
    }
    units = {p: [u for u in its if not u.startswith("*")] for p, its in state["units"].items()}
    Phase.parse(name)
    for power in (*units, *state["centers"]):
        game.map_data.power(power)
    centers = {p: list(c) for p, c in state["centers"].items()}
    return game.position.map.position(name, units, centers, retreats)


def _stored_orders(game: Game, power: str, texts: Sequence[str]) -> list[Order]:
    legal: dict[object, Order] = {}
    player = game.map_data.power(power)
    limit = abs(game.build_count(player)) if game.phase.kind is PhaseKind.ADJUSTMENTS else len(texts)
    for text in texts:
        try:
            order = parse_order(text.strip())
        except NotationError:
            continue
        key: object = order.unit.province if order.unit is not None else ("waive", len(legal))
        if game.is_legal(player, order) and len(legal) < limit:
            legal.setdefault(key, order)
    return list(legal.values())


def _read_message(game: Game, data: Mapping[str, Any]) -> None:
    """Adds one stored message; those of observers and of the server itself are not press."""
    sender, recipient = str(data["sender"]), str(data["recipient"])
    if sender not in game.powers or recipient not in (*game.powers, "GLOBAL", "ALL"):
        return
    text = str(data["text"] if "text" in data else data["message"])
    game.say(Power(sender), Power(recipient) if recipient in game.powers else None, text)
