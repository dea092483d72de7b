"""All that a bot must not lose, in one SQLite file: seats, plans, orders, messages not sent yet, switches, the log.

A process that is killed at any moment finds here what it was about to do.  A message is written down before it is sent,
and once more when it is known to have arrived; one that was being sent may have arrived, so the server is asked.
Whatever belongs together is written in one transaction: a message with the ledger that holds its promise, orders with
the plan behind them.

    with store.transaction():
        ids = store.mean(seat, phase, messages, Standing.READY)
        store.keep_state(seat, state)
    if store.claim(ids[0]):
        ...                                  # the request to the server
        store.settle(ids[0], Standing.SENT)

Other processes, such as the approval page, may have the same file open: a message changes its standing by one
conditional update, so of two who want it only one has it.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from cicero_lite.adapters.base import OutgoingMessage
from cicero_lite.arena.codec import decode, encode
from cicero_lite.errors import CiceroLiteError
from dialogue.acts import SpeechAct
from engine.types import Action, Intent, Order, Phase, Power

SCHEMA = 1
"""Version of the file's tables."""
_BUSY_S = 30.0
"""How long one writer waits for another."""

_TABLES = """
CREATE TABLE seat (
    id INTEGER PRIMARY KEY, server TEXT NOT NULL, game TEXT NOT NULL, power TEXT NOT NULL,
    agent TEXT NOT NULL, seed INTEGER NOT NULL, config TEXT NOT NULL,
    begun_s REAL NOT NULL, ended TEXT, UNIQUE (server, game, power)
) STRICT;
CREATE TABLE state (seat INTEGER PRIMARY KEY REFERENCES seat, value TEXT NOT NULL) STRICT;
CREATE TABLE orders (
    seat INTEGER NOT NULL REFERENCES seat, phase TEXT NOT NULL, orders TEXT NOT NULL,
    final INTEGER NOT NULL, handed_in INTEGER NOT NULL, PRIMARY KEY (seat, phase)
) STRICT;
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, seat INTEGER NOT NULL REFERENCES seat, phase TEXT NOT NULL,
    recipient TEXT, text TEXT NOT NULL, drafted TEXT NOT NULL, acts TEXT NOT NULL, intent TEXT, source TEXT NOT NULL,
    standing TEXT NOT NULL, reason TEXT NOT NULL, meant_s REAL NOT NULL, changed_s REAL NOT NULL
) STRICT;
CREATE INDEX message_by_standing ON message (standing, seat);
CREATE TABLE event (id INTEGER PRIMARY KEY AUTOINCREMENT, seat INTEGER NOT NULL REFERENCES seat, line TEXT NOT NULL)
    STRICT;
CREATE INDEX event_by_seat ON event (seat);
CREATE TABLE pulse (
    seat INTEGER PRIMARY KEY REFERENCES seat, phase TEXT NOT NULL, doing TEXT NOT NULL, deadline_s REAL,
    at_s REAL NOT NULL
) STRICT;
CREATE TABLE notice (id INTEGER PRIMARY KEY AUTOINCREMENT, seat INTEGER, at_s REAL NOT NULL, text TEXT NOT NULL) STRICT;
CREATE TABLE stop (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), by TEXT NOT NULL, at_s REAL NOT NULL) STRICT;
"""


class StoreError(CiceroLiteError, ValueError):
    """A file that is no store of ours, or that cannot be written."""


class Standing(StrEnum):
    """What has become of a message that was meant to be sent."""

    WAITING = "waiting"
    """For somebody to approve it."""
    READY = "ready"
    """To be sent."""
    SENDING = "sending"
    """Somebody is at it, or was killed while at it."""
    SENT = "sent"
    """It has arrived."""
    REJECTED = "rejected"
    """Somebody has said no."""
    DROPPED = "dropped"
    """It came too late, was replaced, or could not be delivered."""


@dataclass(frozen=True)
class StoredSeat:
    """One seat in one game on one server."""

    id: int
    server: str
    game: str
    power: Power
    agent: str
    """Name of the agent, see `cicero_lite.registry`."""
    seed: int
    config: str
    """The resolved configuration with which the seat was taken, YAML."""
    begun_s: float
    """Seconds since 1970."""
    ended: str | None
    """Why play ended; None: it goes on."""


@dataclass(frozen=True)
class StoredMessage:
    """A message that the agent meant to send."""

    id: int
    seat: int
    phase: Phase
    recipient: Power | None
    """None: public press."""
    text: str
    """What is to be sent, or was."""
    drafted: str
    """What the agent wrote; differs from `text` if somebody changed it."""
    acts: tuple[SpeechAct, ...]
    """What the agent meant by what it wrote; of a changed text, nobody has said."""
    intent: Intent | None
    source: str
    standing: Standing
    reason: str
    """Why it was rejected or dropped; else empty."""
    meant_s: float
    """When the agent meant to send it, seconds since 1970."""
    changed_s: float
    """When its standing changed last."""

    @property
    def is_edited(self) -> bool:
        """Whether somebody changed the words."""
        return self.text != self.drafted


@dataclass(frozen=True)
class StoredOrders:
    """The orders of a phase as they were meant last."""

    phase: Phase
    orders: Action
    final: bool
    """Whether the agent was done with the phase."""
    handed_in: bool
    """Whether the server is known to have them."""


@dataclass(frozen=True)
class Pulse:
    """What a seat is doing, as it told last."""

    seat: int
    phase: Phase
    doing: str
    """In a few words: waiting, paused, thinking of what to say ..."""
    deadline_s: float | None
    """When the phase ends, seconds since 1970 by our clock; None: it has no end."""
    at_s: float


@dataclass(frozen=True)
class Notice:
    """Something that whoever runs the bot should know."""

    seat: int | None
    at_s: float
    text: str


@dataclass(frozen=True)
class Stop:
    """The kill switch is on: nothing is sent, ordered or voted until it is taken back."""

    by: str
    at_s: float


class Store:
    """The file; to be used from any thread, by several processes."""

    def __init__(self, path: Path) -> None:
        """Opens the file, or makes it, readable by its owner alone.

        Raises:
            StoreError: it cannot be written, or is something else.
        """
        self.path = path
        self._here = threading.local()
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._check()
        except OSError as error:
            raise StoreError(f"cannot write the store {path}: {error.strerror}; choose another with --store") from None
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{path}: expected a store of cicero-lite, got another file: {error}") from None

    def _check(self) -> None:
        # On a connection of its own, without the settings of ours: they change the file, which may be another's.
        with closing(sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == 0 and connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
                for statement in _TABLES.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {SCHEMA}")
            elif version != SCHEMA:
                expected = f"expected a store of version {SCHEMA}, got {version}"
                raise StoreError(f"{self.path}: {expected}; choose another file")
            connection.execute("COMMIT")

    def close(self) -> None:
        """Ends the connection of this thread."""
        connection = getattr(self._here, "connection", None)
        if connection is not None:
            connection.close()
            self._here.connection = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is written within is there afterwards, or nothing of it; one within another is part of it."""
        connection = self._connection()
        if connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._here, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # what was committed survives a power cut, too
            connection.execute("PRAGMA foreign_keys = ON")
            self._here.connection = connection
        return connection

    # --- seats ---------------------------------------------------------------------------------------------

    def take_seat(self, server: str, game: str, power: Power, agent: str, seed: int, config: str) -> StoredSeat:
        """The seat, as it was taken first; agent, seed and configuration are those of then."""
        with self.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO seat (server, game, power, agent, seed, config, begun_s)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (server, game, power.value, agent, seed, config, time.time()),
            )
            found = connection.execute(
                "SELECT * FROM seat WHERE server = ? AND game = ? AND power = ?", (server, game, power.value)
            ).fetchone()
        return _seat(found)

    def seats(self) -> tuple[StoredSeat, ...]:
        """All seats ever taken, oldest first."""
        return tuple(map(_seat, self._connection().execute("SELECT * FROM seat ORDER BY id")))

    def end_seat(self, seat: int, reason: str | None) -> None:
        """Play has ended, for this reason; None: it goes on after all."""
        with self.transaction() as connection:
            connection.execute("UPDATE seat SET ended = ? WHERE id = ?", (reason, seat))

    def set_config(self, seat: int, config: str) -> None:
        """The seat goes on with another configuration."""
        with self.transaction() as connection:
            connection.execute("UPDATE seat SET config = ? WHERE id = ?", (config, seat))

    def config(self, seat: int) -> str:
        """The configuration that the seat goes on with now."""
        found: tuple[str] = self._connection().execute("SELECT config FROM seat WHERE id = ?", (seat,)).fetchone()
        return found[0]

    # --- what the agent knows ------------------------------------------------------------------------------

    def keep_state(self, seat: int, state: Mapping[str, Any]) -> None:
        """Replaces what the agent of a seat knows, as JSON values."""
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (seat, json.dumps(state)))

    def state(self, seat: int) -> Mapping[str, Any] | None:
        """What the agent of a seat knew last; None: it never said."""
        found = self._connection().execute("SELECT value FROM state WHERE seat = ?", (seat,)).fetchone()
        return None if found is None else json.loads(found[0])

    # --- orders --------------------------------------------------------------------------------------------

    def mean_orders(self, seat: int, phase: Phase, orders: Action, final: bool) -> None:
        """Writes down orders before they are handed in."""
        with self.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, 0)",
                (seat, str(phase), json.dumps(encode(orders)), int(final)),
            )

    def handed_in(self, seat: int, phase: Phase) -> None:
        """The server has the orders of a phase as they were meant last."""
        with self.transaction() as connection:
            connection.execute("UPDATE orders SET handed_in = 1 WHERE seat = ? AND phase = ?", (seat, str(phase)))

    def orders(self, seat: int, phase: Phase) -> StoredOrders | None:
        """The orders of a phase as they were meant last; None: none were."""
        found = (
            self._connection()
            .execute(
                "SELECT phase, orders, final, handed_in FROM orders WHERE seat = ? AND phase = ?", (seat, str(phase))
            )
            .fetchone()
        )
        if found is None:
            return None
        orders = decode(tuple[Order, ...], json.loads(found[1]))
        return StoredOrders(Phase.parse(found[0]), orders, bool(found[2]), bool(found[3]))

    # --- messages ------------------------------------------------------------------------------------------

    def mean(self, seat: int, phase: Phase, messages: Sequence[OutgoingMessage], standing: Standing) -> list[int]:
        """Writes messages down before they are sent; their numbers, in order."""
        now = time.time()
        ids = []
        with self.transaction() as connection:
            for said in messages:
                to = None if said.recipient is None else said.recipient.value
                intent = None if said.intent is None else json.dumps(encode(said.intent))
                acts = json.dumps(encode(said.acts))
                row = (
                    seat,
                    str(phase),
                    to,
                    said.text,
                    said.text,
                    acts,
                    intent,
                    said.source,
                    standing.value,
                    "",
                    now,
                    now,
                )
                cursor = connection.execute(
                    "INSERT INTO message (seat, phase, recipient, text, drafted, acts, intent, source, standing,"
                    " reason, meant_s, changed_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    row,
                )
                assert cursor.lastrowid is not None
                ids.append(cursor.lastrowid)
        return ids

    def messages(
        self, seat: int | None = None, standings: Sequence[Standing] = (), phase: Phase | None = None
    ) -> tuple[StoredMessage, ...]:
        """Messages, oldest first.

        Args:
            seat: of one seat; None: of all.
            standings: with one of these; empty: with any.
            phase: meant in this phase; None: in any.
        """
        where: list[str] = []
        values: list[int | str] = []
        if seat is not None:
            where.append("seat = ?")
            values.append(seat)
        if standings:
            where.append(f"standing IN ({', '.join('?' * len(standings))})")
            values += [standing.value for standing in standings]
        if phase is not None:
            where.append("phase = ?")
            values.append(str(phase))
        clause = f" WHERE {' AND '.join(where)}" if where else ""
        return tuple(map(_message, self._connection().execute(f"{_MESSAGES}{clause} ORDER BY id", values)))

    def message(self, number: int) -> StoredMessage | None:
        """One message by its number; None: there is none."""
        found = self._connection().execute(f"{_MESSAGES} WHERE id = ?", (number,)).fetchone()
        return None if found is None else _message(found)

    def claim(self, number: int) -> bool:
        """READY -> SENDING; False: somebody else was first, or it is not to be sent any more."""
        return self._change(number, (Standing.READY,), Standing.SENDING)

    def settle(self, number: int, standing: Standing, reason: str = "") -> bool:
        """SENDING -> SENT, READY or DROPPED, when it is known what has become of it."""
        return self._change(number, (Standing.SENDING,), standing, reason)

    def drop(self, number: int, reason: str) -> bool:
        """WAITING or READY -> DROPPED: it is not to be sent any more."""
        return self._change(number, (Standing.WAITING, Standing.READY), Standing.DROPPED, reason)

    def approve(self, number: int, text: str | None = None) -> bool:
        """WAITING -> READY, with other words if given; False: it waits no more."""
        return self._change(number, (Standing.WAITING,), Standing.READY, text=text)

    def reject(self, number: int, reason: str) -> bool:
        """WAITING -> REJECTED; False: it waits no more."""
        return self._change(number, (Standing.WAITING,), Standing.REJECTED, reason)

    def _change(
        self, number: int, before: Sequence[Standing], after: Standing, reason: str = "", text: str | None = None
    ) -> bool:
        marks = ", ".join("?" * len(before))
        with self.transaction() as connection:
            changed = connection.execute(
                "UPDATE message SET standing = ?, reason = ?, changed_s = ?, text = coalesce(?, text)"
                f" WHERE id = ? AND standing IN ({marks})",
                (after.value, reason, time.time(), text, number, *(s.value for s in before)),
            )
            return changed.rowcount == 1

    # --- the log -------------------------------------------------------------------------------------------

    def log(self, seat: int, line: str) -> None:
        """Adds a line of ``events.jsonl``."""
        with self.transaction() as connection:
            connection.execute("INSERT INTO event (seat, line) VALUES (?, ?)", (seat, line))

    def log_lines(self, seat: int) -> list[str]:
        """The lines of a seat's ``events.jsonl``."""
        found = self._connection().execute("SELECT line FROM event WHERE seat = ? ORDER BY id", (seat,))
        return [line for (line,) in found]

    # --- those who watch -----------------------------------------------------------------------------------

    def beat(self, seat: int, phase: Phase, doing: str, deadline_s: float | None) -> None:
        """A seat is alive, and says what it is doing."""
        with self.transaction() as connection:
            row = (seat, str(phase), doing, deadline_s, time.time())
            connection.execute("INSERT OR REPLACE INTO pulse VALUES (?, ?, ?, ?, ?)", row)

    def pulses(self) -> tuple[Pulse, ...]:
        """What each seat is doing."""
        found = self._connection().execute("SELECT seat, phase, doing, deadline_s, at_s FROM pulse ORDER BY seat")
        return tuple(Pulse(row[0], Phase.parse(row[1]), *row[2:]) for row in found)

    def note(self, text: str, seat: int | None = None) -> None:
        """Keeps something that whoever runs the bot should know."""
        with self.transaction() as connection:
            connection.execute("INSERT INTO notice (seat, at_s, text) VALUES (?, ?, ?)", (seat, time.time(), text))

    def notices(self, last: int) -> tuple[Notice, ...]:
        """The last so many, newest first."""
        found = self._connection().execute("SELECT seat, at_s, text FROM notice ORDER BY id DESC LIMIT ?", (last,))
        return tuple(Notice(*row) for row in found)

    def message_counts(self) -> dict[tuple[int, Standing], int]:
        """How many messages each seat has of each standing, of those that it has any of."""
        found = self._connection().execute("SELECT seat, standing, count(*) FROM message GROUP BY seat, standing")
        return {(seat, Standing(standing)): count for seat, standing, count in found}

    def notice_count(self) -> int:
        """How many notices were ever kept."""
        (count,) = self._connection().execute("SELECT count(*) FROM notice").fetchone()
        return int(count)

    # --- the kill switch -----------------------------------------------------------------------------------

    def stop(self, by: str) -> None:
        """Stops every seat of the store, in every process; see `Stop`."""
        with self.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO stop VALUES (1, ?, ?)", (by, time.time()))

    def go_on(self) -> None:
        """Takes the stop back."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM stop")

    def stopped(self) -> Stop | None:
        """Who has stopped everything, and when; None: nobody."""
        found = self._connection().execute("SELECT by, at_s FROM stop").fetchone()
        return None if found is None else Stop(*found)


_MESSAGES = (
    "SELECT id, seat, phase, recipient, text, drafted, acts, intent, source, standing, reason, meant_s, changed_s"
    " FROM message"
)


def _seat(row: Sequence[Any]) -> StoredSeat:
    return StoredSeat(row[0], row[1], row[2], Power(row[3]), *row[4:])


def _message(row: Sequence[Any]) -> StoredMessage:
    number, seat, phase, recipient, text, drafted, acts, intent, source, standing, *rest = row
    return StoredMessage(
        number,
        seat,
        Phase.parse(phase),
        None if recipient is None else Power(recipient),
        text,
        drafted,
        decode(tuple[SpeechAct, ...], json.loads(acts)),
        None if intent is None else decode(Intent, json.loads(intent)),
        source,
        Standing(standing),
        *rest,
    )
