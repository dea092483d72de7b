"""Reads games from files: saved games of the ``diplomacy`` package, and lines of the public data."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine._core import Position
from engine.game import DRAW_NOTE, Game, GameFileError
from engine.notation import parse_order
from engine.types import EngineError, NotationError, Order, Phase, PhaseKind, Power


def load_game(path: Path | str, game_id: str | None = None) -> Game:
    """The game in a file: a saved game of the ``diplomacy`` package (.json), or one line of a .jsonl or .jsonl.gz.

    Args:
        path: the file.
        game_id: which game, where the file holds several.

    Raises:
        GameFileError: there is no such file or game, or it is no game; the message says what is wrong and where.
    """
    path = Path(path)
    if ".jsonl" not in path.name:
        return game_from_json(_parse_json(_text(path), str(path)), str(path))
    ids: list[str] = []
    chosen: list[tuple[str, Any]] = []
    for where, data in _json_lines(path):
        ids.append(str(data.get("id")) if isinstance(data, dict) else "?")
        if game_id is None or ids[-1] == game_id:
            chosen.append((where, data))
    if len(chosen) == 1:
        return game_from_json(chosen[0][1], chosen[0][0])
    some = ", ".join(ids[:3]) + (", ..." if len(ids) > 3 else "")
    if game_id is None:
        raise GameFileError(f"{path} holds {len(ids)} games: say which by its id ({some})")
    raise GameFileError(f"no game {game_id!r} in {path}: it holds {len(ids)} games ({some})")


@dataclass(frozen=True)
class SeatedGame:
    """A game of the public data, who played it, and what else its file says of the messages."""

    game: Game
    players: Mapping[str, str] = field(default_factory=dict)
    """Power -> ``human``, ``cicero``, ``bot`` or ``unknown``."""
    times: Mapping[int, float] = field(default_factory=dict)
    """`Message.sequence` -> seconds since the game's first message; empty where times are not known."""
    truths: Mapping[int, bool] = field(default_factory=dict)
    """`Message.sequence` -> whether its sender called it true; others were not asked."""


def seated_games(path: Path | str) -> Iterator[SeatedGame]:
    """The games of a .jsonl or .jsonl.gz of the public data, one a line.

    Raises:
        GameFileError: there is no such file, or a line is no game.
    """
    for where, data in _json_lines(Path(path)):
        game = game_from_json(data, where)
        said = dict(enumerate(m for phase in data["phases"] for m in phase.get("messages", ()) if _is_press(game, m)))
        times = {n: float(m["t"]) for n, m in said.items() if isinstance(m.get("t"), int | float)}
        labels = {n: m["label"].get("sender_truth") for n, m in said.items() if isinstance(m.get("label"), dict)}
        truths = {n: label for n, label in labels.items() if isinstance(label, bool)}
        yield SeatedGame(game, dict(data.get("players") or {}), times, truths)


def _text(path: Path) -> str:
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rt", encoding="utf-8") as stream:
                return stream.read()
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise GameFileError(f"no such file: {path}; expected a saved game (.json, .jsonl, .jsonl.gz)") from None
    except (OSError, UnicodeDecodeError, EOFError, zlib.error) as error:
        raise GameFileError(f"cannot read {path}: {error}; expected a saved game (.json, .jsonl, .jsonl.gz)") from None


def _json_lines(path: Path) -> Iterator[tuple[str, Any]]:
    """What stands in each line, and where that is."""
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if line.strip():
            where = f"{path}, line {number}"
            yield where, _parse_json(line, where)


def _parse_json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        raise GameFileError(f"{where} is not JSON ({error.msg} at {at}): expected a saved game") from None
    except (RecursionError, ValueError) as error:  # nested without end, or a number of thousands of digits
        raise GameFileError(f"{where} cannot be read as JSON ({error}): expected a saved game") from None


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
        game.position = stored_position(game, str(data["name"]), data["state"])
    for message in data.get("messages", []):
        _read_message(game, message)
    orders = {p: stored_orders(game, p, texts) for p, texts in (data.get("orders") or {}).items() if texts}
    if data["name"] == "COMPLETED" or (is_last and not orders):
        note = str((data.get("state") or {}).get("note") or "")
        if note.startswith(DRAW_NOTE) and not game.is_done:
            game.draw(game.map_data.power(name) for name in note.removeprefix(DRAW_NOTE).split(","))
        return
    for power, action in orders.items():
        game.set_orders(game.map_data.power(power), action)
    game.process()


def stored_position(game: Game, name: str, state: Mapping[str, Any]) -> Position:
    """The position of a state of the ``diplomacy`` package.

    Args:
        game: on whose map.
        name: the phase, such as ``S1901M``.
        state: with ``units``, ``centers`` and ``retreats`` of each power.

    Raises:
        EngineError, KeyError, TypeError, ValueError, AttributeError: it is none.
    """
    retreats: dict[str, dict[str, list[str]]] = {
        p: {u.lstrip("*"): list(to) for u, to in units.items()} for p, units in (state.get("retreats") or {}).items()
    }
    units = {p: [u for u in its if not u.startswith("*")] for p, its in state["units"].items()}
    Phase.parse(name)
    for power in (*units, *state["centers"]):
        game.map_data.power(power)
    centers = {p: list(c) for p, c in state["centers"].items()}
    return game.position.map.position(name, units, centers, retreats)


def stored_orders(game: Game, power: str, texts: Sequence[str]) -> list[Order]:
    """Those of a power's stored orders that are legal in the phase at hand, one for each unit."""
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
    """Adds one stored message, if it is press."""
    if not _is_press(game, data):
        return
    recipient = str(data["recipient"])
    text = str(data["text"] if "text" in data else data["message"])
    game.say(Power(str(data["sender"])), Power(recipient) if recipient in game.powers else None, text)


def _is_press(game: Game, data: Mapping[str, Any]) -> bool:
    """Messages of observers and of the server itself are none."""
    return str(data["sender"]) in game.powers and str(data["recipient"]) in (*game.powers, "GLOBAL", "ALL")
