"""Everything about the games at our tables, in one SQLite file: a process killed at any moment loses nothing.

A game is kept by what happened in it: the messages, and the orders of each phase that was played, which the rules turn
into positions again.  What a person does carries a key of its own; the answer is kept beside it, so that a request that
comes twice (a lost connection, a double click) is done once.

    with store.transaction():
        store.add_message(game, message)
        store.keep_answer(game, power, key, answer)
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cicero_lite.arena.codec import decode, encode
from cicero_lite.web.table.settings import TableError, TableSettings
from engine.game import Game
from engine.saved import game_from_json
from engine.types import Message, Phase, Power

SCHEMA = 2
"""Version of the file's tables; beside it, another application number than that of a bot's store."""
_APPLICATION = 0x63697765
_TABLES = """
CREATE TABLE game (
    id INTEGER PRIMARY KEY AUTOINCREMENT, settings TEXT NOT NULL, config TEXT NOT NULL, begun_from TEXT,
    opened_s REAL NOT NULL, phase TEXT NOT NULL, ended TEXT, turns TEXT NOT NULL, deadline_s REAL
) STRICT;
CREATE TABLE seat (
    game INTEGER NOT NULL REFERENCES game, power TEXT NOT NULL, token TEXT NOT NULL, PRIMARY KEY (game, power)
) STRICT;
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, game INTEGER NOT NULL REFERENCES game, phase TEXT NOT NULL,
    sender TEXT NOT NULL, recipient TEXT, text TEXT NOT NULL
) STRICT;
CREATE INDEX message_by_game ON message (game);
CREATE TABLE orders (
    game INTEGER NOT NULL REFERENCES game, power TEXT NOT NULL, orders TEXT NOT NULL, ready INTEGER NOT NULL,
    PRIMARY KEY (game, power)
) STRICT;
CREATE TABLE played (
    game INTEGER NOT NULL REFERENCES game, number INTEGER NOT NULL, phase TEXT NOT NULL, orders TEXT NOT NULL,
    PRIMARY KEY (game, number)
) STRICT;
CREATE TABLE state (
    game INTEGER NOT NULL REFERENCES game, power TEXT NOT NULL, phase TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (game, power)
) STRICT;
CREATE TABLE event (id INTEGER PRIMARY KEY AUTOINCREMENT, game INTEGER NOT NULL REFERENCES game, line TEXT NOT NULL)
    STRICT;
CREATE INDEX event_by_game ON event (game);
CREATE TABLE answer (
    game INTEGER NOT NULL REFERENCES game, power TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (game, power, key)
) STRICT;
CREATE TABLE seen (
    game INTEGER NOT NULL REFERENCES game, power TEXT NOT NULL, thread TEXT NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (game, power, thread)
) STRICT
"""
_SINCE_2 = """
CREATE TABLE vote (game INTEGER NOT NULL REFERENCES game, power TEXT NOT NULL, PRIMARY KEY (game, power)) STRICT;
CREATE TABLE hand (
    id INTEGER PRIMARY KEY AUTOINCREMENT, game INTEGER NOT NULL REFERENCES game, power TEXT NOT NULL,
    phase TEXT NOT NULL, agent TEXT NOT NULL, persona TEXT NOT NULL
) STRICT;
CREATE TABLE missed (
    game INTEGER NOT NULL REFERENCES game, power TEXT NOT NULL, deadlines INTEGER NOT NULL, PRIMARY KEY (game, power)
) STRICT
"""
"""What files of version 1 lack."""
_ONLOOKER = "ONLOOKER"
"""Stands for whoever looks on at a game of agents alone where else a power's name stands."""


@dataclass(frozen=True)
class StoredGame:
    """A game as it was opened, and how far it has come."""

    id: int
    settings: TableSettings
    config: str
    """The resolved configuration with which it was opened, YAML."""
    begun_from: str | None
    """The saved game that it goes on from, JSON; None: it began in S1901M."""
    opened_s: float
    """Seconds since 1970."""
    phase: str
    """The phase at hand."""
    ended: str | None
    """Why play ended; None: it goes on."""
    turns: Mapping[Power, int]
    """How often each agent has spoken of itself in the phase at hand."""
    deadline_s: float | None
    """When the phase at hand ends, seconds since 1970."""


@dataclass(frozen=True)
class Hand:
    """A seat changed hands."""

    power: Power
    phase: Phase
    """In which it did."""
    agent: str
    """`PERSON`, or the agent that plays since."""
    persona: str = ""
    """The agent's; empty: as usual."""


@dataclass(frozen=True)
class KeptState:
    """What an agent knew."""

    phase: Phase
    """In which it was kept."""
    value: Mapping[str, Any]


class TableStore:
    """The file; for all threads of one process."""

    def __init__(self, path: Path) -> None:
        """Opens the file, or makes it, readable by its owner alone.

        Raises:
            TableError: it cannot be written, or is something else.
        """
        self.path = path
        self._lock = threading.RLock()
        self._depth = 0
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise
        except OSError as error:
            raise TableError(f"cannot write the store {path}: {error.strerror}; choose another with --store") from None
        except sqlite3.OperationalError as error:
            raise TableError(f"cannot use the store {path}: {error}; does another cicero-lite web have it?") from None
        except sqlite3.DatabaseError as error:
            raise TableError(f"{path}: expected a store of cicero-lite web, got another file: {error}") from None

    def _prepare(self) -> None:
        # Looked at before anything is changed: it may be somebody else's file.
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        (application,) = self._connection.execute("PRAGMA application_id").fetchone()
        is_empty = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        if not is_empty and (application != _APPLICATION or not 1 <= version <= SCHEMA):
            raise TableError(f"{self.path}: expected a store of cicero-lite web, version {SCHEMA}; choose another file")
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # two servers would play the same games
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("BEGIN IMMEDIATE")
        missing = [*([_TABLES] if is_empty else []), *([_SINCE_2] if is_empty or version < 2 else [])]
        for statement in ";\n".join(missing).split(";\n"):
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        self._connection.execute(f"PRAGMA user_version = {SCHEMA}")
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Ends the use of the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written within is there afterwards, or nothing of it; one within another is part of it."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")

    def _write(self, statement: str, *values: object) -> None:
        with self.transaction():
            self._connection.execute(statement, values)

    def _read(self, statement: str, *values: object) -> list[Any]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    # --- games ---------------------------------------------------------------------------------------------

    def open_game(
        self,
        settings: TableSettings,
        config: str,
        tokens: Mapping[Power | None, str],
        begun_from: str | None,
        phase: Phase,
    ) -> int:
        """The number of a new game with a token for each person, and (None) for whoever looks on."""
        with self.transaction():
            opened = self._connection.execute(
                "INSERT INTO game (settings, config, begun_from, opened_s, phase, turns) VALUES (?, ?, ?, ?, ?, '{}')",
                (json.dumps(encode(settings)), config, begun_from, time.time(), str(phase)),
            )
            assert opened.lastrowid is not None
            for power, token in tokens.items():
                name = _ONLOOKER if power is None else power.value
                self._write("INSERT INTO seat VALUES (?, ?, ?)", opened.lastrowid, name, token)
            return opened.lastrowid

    def games(self) -> tuple[StoredGame, ...]:
        """All games, the newest first."""
        return tuple(map(_stored, self._read("SELECT * FROM game ORDER BY id DESC")))

    def game(self, game: int) -> StoredGame | None:
        """The game of this number; None: there is none."""
        rows = self._read("SELECT * FROM game WHERE id = ?", game)
        return _stored(rows[0]) if rows else None

    def tokens(self, game: int) -> dict[Power | None, str]:
        """The token of each person, and (None) of whoever looks on, where somebody may."""
        rows = self._read("SELECT power, token FROM seat WHERE game = ?", game)
        return {None if name == _ONLOOKER else Power(name): token for name, token in rows}

    def end(self, game: int, reason: str) -> None:
        """Play has ended, for this reason."""
        self._write("UPDATE game SET ended = ?, deadline_s = NULL WHERE id = ?", reason, game)

    def keep_turns(self, game: int, turns: Mapping[Power, int]) -> None:
        """How often each agent has spoken of itself in the phase at hand."""
        self._write("UPDATE game SET turns = ? WHERE id = ?", json.dumps(turns), game)

    def keep_deadline(self, game: int, deadline_s: float | None) -> None:
        """When the phase at hand ends, seconds since 1970."""
        self._write("UPDATE game SET deadline_s = ? WHERE id = ?", deadline_s, game)

    # --- what happens --------------------------------------------------------------------------------------

    def add_message(self, game: int, message: Message) -> None:
        """A message was said."""
        recipient = None if message.recipient is None else message.recipient.value
        self._write(
            "INSERT INTO message (game, phase, sender, recipient, text) VALUES (?, ?, ?, ?, ?)",
            *(game, str(message.phase), message.sender.value, recipient, message.text),
        )

    def keep_orders(self, game: int, power: Power, orders: Sequence[str], is_ready: bool) -> None:
        """The orders of a power for the phase at hand, in place of those it gave before."""
        self._write(
            "INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?)", game, power.value, json.dumps(list(orders)), is_ready
        )

    def drop_orders(self, game: int, power: Power) -> None:
        """The power has given no orders for the phase at hand."""
        self._write("DELETE FROM orders WHERE game = ? AND power = ?", game, power.value)

    def orders(self, game: int) -> dict[Power, tuple[list[str], bool]]:
        """The orders given for the phase at hand, and whether their power is ready."""
        rows = self._read("SELECT power, orders, ready FROM orders WHERE game = ?", game)
        return {Power(power): (json.loads(orders), bool(ready)) for power, orders, ready in rows}

    def add_played(
        self, game: int, number: int, orders: Mapping[Power, Sequence[str]], played: Phase, at: Phase
    ) -> None:
        """A phase was played.

        Args:
            game: in which game.
            number: counts the phases played at this table from 0.
            orders: every power's.
            played: the phase.
            at: the phase that follows.
        """
        with self.transaction():
            self._write("INSERT INTO played VALUES (?, ?, ?, ?)", game, number, str(played), json.dumps(orders))
            self._write("DELETE FROM orders WHERE game = ?", game)
            self._write("UPDATE game SET phase = ?, turns = '{}', deadline_s = NULL WHERE id = ?", str(at), game)

    def keep_state(self, game: int, power: Power, phase: Phase, value: Mapping[str, Any]) -> None:
        """What an agent knows."""
        text = json.dumps(value, separators=(",", ":"))
        self._write("INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?)", game, power.value, str(phase), text)

    def state(self, game: int, power: Power) -> KeptState | None:
        """What an agent knew; None: nothing was kept."""
        rows = self._read("SELECT phase, value FROM state WHERE game = ? AND power = ?", game, power.value)
        return KeptState(Phase.parse(rows[0][0]), json.loads(rows[0][1])) if rows else None

    def drop_state(self, game: int, power: Power) -> None:
        """Nobody needs what an agent knew."""
        self._write("DELETE FROM state WHERE game = ? AND power = ?", game, power.value)

    def keep_vote(self, game: int, power: Power, wanted: bool) -> None:
        """A power votes for a draw, or not any more."""
        statement = (
            "INSERT OR IGNORE INTO vote VALUES (?, ?)" if wanted else "DELETE FROM vote WHERE game = ? AND power = ?"
        )
        self._write(statement, game, power.value)

    def votes(self, game: int) -> set[Power]:
        """Who votes for a draw."""
        return {Power(power) for (power,) in self._read("SELECT power FROM vote WHERE game = ?", game)}

    def add_hand(self, game: int, hand: Hand) -> None:
        """A seat changes hands."""
        values = hand.power.value, str(hand.phase), hand.agent, hand.persona
        self._write("INSERT INTO hand (game, power, phase, agent, persona) VALUES (?, ?, ?, ?, ?)", game, *values)

    def hands(self, game: int) -> list[Hand]:
        """Every change of hands, the oldest first."""
        rows = self._read("SELECT power, phase, agent, persona FROM hand WHERE game = ? ORDER BY id", game)
        return [Hand(Power(power), Phase.parse(phase), agent, persona) for power, phase, agent, persona in rows]

    def last_hands(self, game: int) -> dict[Power, Hand]:
        """The last change of hands of each seat that has changed hands."""
        return {hand.power: hand for hand in self.hands(game)}

    def keep_missed(self, game: int, power: Power, deadlines: int) -> None:
        """A person has let so many deadlines pass, one after the other."""
        self._write("INSERT OR REPLACE INTO missed VALUES (?, ?, ?)", game, power.value, deadlines)

    def missed(self, game: int) -> dict[Power, int]:
        """How many deadlines each person has let pass, one after the other."""
        rows = self._read("SELECT power, deadlines FROM missed WHERE game = ?", game)
        return {Power(power): deadlines for power, deadlines in rows}

    def add_events(self, game: int, lines: Sequence[str]) -> None:
        """Lines of the game's log."""
        with self.transaction():
            self._connection.executemany("INSERT INTO event (game, line) VALUES (?, ?)", [(game, x) for x in lines])

    def has_log(self, game: int) -> bool:
        """Whether the game's log has a line."""
        return bool(self._read("SELECT 1 FROM event WHERE game = ? LIMIT 1", game))

    def log_lines(self, game: int) -> list[str]:
        """The game's log, oldest line first."""
        return [line for (line,) in self._read("SELECT line FROM event WHERE game = ? ORDER BY id", game)]

    # --- what people did -----------------------------------------------------------------------------------

    def answer(self, game: int, power: Power, key: str) -> Any:
        """What a person's request of this key was answered; None: it has not come before."""
        rows = self._read("SELECT value FROM answer WHERE game = ? AND power = ? AND key = ?", game, power.value, key)
        return json.loads(rows[0][0]) if rows else None

    def keep_answer(self, game: int, power: Power, key: str, value: Any) -> None:
        """What a person's request was answered."""
        self._write("INSERT INTO answer VALUES (?, ?, ?, ?)", game, power.value, key, json.dumps(value))

    def see(self, game: int, power: Power, thread: str, number: int) -> None:
        """A person has seen the messages of a thread up to this one."""
        self._write(
            "INSERT INTO seen VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET number = max(number, excluded.number)",
            *(game, power.value, thread, number),
        )

    def seen(self, game: int, power: Power) -> dict[str, int]:
        """The last message that a person has seen of each thread."""
        return dict(self._read("SELECT thread, number FROM seen WHERE game = ? AND power = ?", game, power.value))

    # --- the game itself -----------------------------------------------------------------------------------

    def rebuilt(self, stored: StoredGame) -> tuple[Game, int]:
        """The game as it stands, and how many of its phases were played before it came to this table."""
        game = new_game(f"table-{stored.id}", stored.begun_from)
        before = len(game.history)
        said: dict[str, list[tuple[str, str | None, str]]] = {}
        rows = self._read("SELECT phase, sender, recipient, text FROM message WHERE game = ? ORDER BY id", stored.id)
        for phase, *message in rows:
            said.setdefault(phase, []).append(tuple(message))
        played = self._read("SELECT orders FROM played WHERE game = ? ORDER BY number", stored.id)
        for (orders,) in played:
            _say(game, said.get(str(game.phase), ()))
            for name, texts in json.loads(orders).items():
                game.set_orders(Power(name), texts)
            game.process()
        _say(game, said.get(str(game.phase), ()))
        if not game.is_done and self.votes(stored.id).issuperset(game.alive):
            game.draw()
        return game, before


def new_game(game_id: str, begun_from: str | None) -> Game:
    """A game as a table begins it: from the start, or from where a saved game stands.

    Raises:
        GameFileError: the text is no saved game.
        TableError: it is one of another board, or over.
    """
    if begun_from is None:
        return Game(game_id=game_id)
    game = game_from_json(json.loads(begun_from))
    if game.map_name != "standard" or game.is_done:
        raise TableError("a saved game: expected one under way on the standard map")
    game.game_id = game_id
    return game


def _say(game: Game, messages: Sequence[tuple[str, str | None, str]]) -> None:
    for sender, recipient, text in messages:
        game.say(Power(sender), None if recipient is None else Power(recipient), text)


def _stored(row: Sequence[Any]) -> StoredGame:
    number, settings, config, begun_from, opened_s, phase, ended, turns, deadline_s = row
    counts = {Power(power): count for power, count in json.loads(turns).items()}
    settled: TableSettings = decode(TableSettings, json.loads(settings))
    return StoredGame(number, settled, config, begun_from, opened_s, phase, ended, counts, deadline_s)
