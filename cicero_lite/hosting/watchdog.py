"""Watches over seats that play: warns whoever runs the bot, and lets systemd restart a process that hangs.

A seat tells of itself again and again (`Store.beat`).  Whoever falls silent, thinks too long, or comes near its
deadline without orders is named, once, in the store's notices and in the log.  While every seat is alive, systemd is
told so; when it hears nothing for `WatchdogSec` it ends the process and starts it anew, which costs nothing: all that
matters is in the store.  Where there is no systemd, as in a container,

    python -m cicero_lite.hosting.watchdog bot.sqlite

says from outside whether all seats are alive: it prints what is wrong, and exits 1 if only a new process helps.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cicero_lite.hosting.logs import LOGGER
from cicero_lite.hosting.store import Pulse, Store, StoredSeat, StoreError

THINKING = "thinking"
"""How the pulse of a seat that thinks begins; it is silent meanwhile."""
_MEGABYTE = 1_000_000
_TELLING_S = 1.0


@dataclass(frozen=True)
class WatchConfig:
    """From when on something is told."""

    silent_s: float = 600.0
    """A seat that was not heard of for so long; it looks at the server once a minute at least."""
    thinking_s: float = 1800.0
    """The same of a seat that thinks."""
    orders_s: float = 120.0
    """A phase that ends so soon, without orders."""
    free_mb: float = 200.0
    """Less than so much on the disk that has the store, in 1,000,000 bytes."""
    every_s: float = 15.0
    """Between two looks, at most; systemd may want to hear more often."""


@dataclass(frozen=True)
class Trouble:
    """Something that whoever runs the bot should know, as long as it lasts."""

    seat: int | None
    """None: it concerns all."""
    kind: str
    """``silent``, ``thinking``, ``unheard``, ``orders``, ``disk`` or ``store``."""
    text: str

    @property
    def is_deadly(self) -> bool:
        """Whether only a new process helps."""
        return self.kind in ("silent", "thinking")


class ServiceManager:
    """What starts and ends us, such as systemd: told of our state in datagrams (sd_notify(3))."""

    def __init__(self, address: str | None, interval_s: float | None = None) -> None:
        """Sends nothing yet.

        Args:
            address: a socket's path, or its abstract name after ``@``; None: nobody wants to know.
            interval_s: it wants to hear that often that we are alive; None: it does not ask.
        """
        self._address = None if not address else "\0" + address[1:] if address[0] == "@" else address
        self.interval_s = interval_s

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] = os.environ) -> ServiceManager:
        """The one that started this process, by ``NOTIFY_SOCKET`` and ``WATCHDOG_USEC``."""
        wanted = environment.get("WATCHDOG_USEC", "")
        interval_s = int(wanted) / 1e6 if wanted.isdecimal() and int(wanted) > 0 else None
        return cls(environment.get("NOTIFY_SOCKET"), interval_s)

    def tell(self, state: str) -> bool:
        """Sends a state, such as ``READY=1``; False: nobody listens."""
        if self._address is None:
            return False
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
            out.settimeout(_TELLING_S)  # a manager that reads no more must not keep us from ending
            try:
                out.sendto(state.encode(), self._address)
            except OSError:
                return False
        return True


class Watchdog:
    """Looks again and again; from a thread of its own between `start` and `close`."""

    def __init__(
        self,
        store: Store,
        seats: Callable[[], Collection[int]] | None = None,
        config: WatchConfig | None = None,
        hands_in: bool = True,
        manager: ServiceManager | None = None,
        clock: Callable[[], float] = time.time,
        since_s: float | None = None,
        log: logging.Logger | None = None,
    ) -> None:
        """Looks at nothing yet.

        Args:
            store: what is watched.
            seats: those that this process is playing now, and that must be alive; None: all that have not ended.
            config: from when on something is told.
            hands_in: whether orders are handed in at all, which `Mode.SHADOW` and `Mode.ADVISE` do not.
            manager: told that we are ready, alive, ending; None: the one that started this process, if any.
            clock: now, seconds since 1970.
            since_s: when the process that is watched began, which an older pulse tells nothing of; None: now.
            log: gets a warning beside each notice.
        """
        self._store, self._seats, self._config = store, seats, config or WatchConfig()
        self._hands_in, self._clock = hands_in, clock
        self._manager = manager or ServiceManager.of_environment()
        self._log = log or logging.getLogger(LOGGER)
        self._begun_s = clock() if since_s is None else since_s
        self._told: dict[tuple[int | None, str], Trouble] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Says that we are ready, and begins to look."""
        self._manager.tell("READY=1")
        self._thread.start()

    def close(self) -> None:
        """Says that we are ending, and looks no more."""
        self._manager.tell("STOPPING=1")
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def troubles(self) -> tuple[Trouble, ...]:
        """What is wrong now."""
        try:
            return tuple(self._troubles())
        except (sqlite3.Error, StoreError, OSError) as error:
            return (Trouble(None, "store", f"the store {self._store.path} cannot be used: {error}"),)

    def look(self) -> tuple[Trouble, ...]:
        """What is wrong now; what was not wrong at the last look is noted and logged, and so is its end in the log."""
        troubles = self.troubles()
        now = {(trouble.seat, trouble.kind): trouble for trouble in troubles}
        for key, trouble in now.items():
            if key not in self._told:
                self._warn(trouble)
        for key, trouble in self._told.items():
            if key not in now:
                self._log.info("over: %s", trouble.text, extra=_fields(trouble))
        self._told = now
        if not any(trouble.is_deadly for trouble in troubles):
            self._manager.tell("WATCHDOG=1")
        return troubles

    def _run(self) -> None:
        asked = self._manager.interval_s
        every_s = self._config.every_s if asked is None else min(self._config.every_s, asked / 2)
        try:
            while not self._over.is_set():
                self.look()
                self._over.wait(every_s)
        finally:
            self._store.close()

    def _warn(self, trouble: Trouble) -> None:
        self._log.warning("%s", trouble.text, extra=_fields(trouble))
        try:
            self._store.note(trouble.text, trouble.seat)
        except (sqlite3.Error, StoreError) as error:  # the log has it
            self._log.warning("the notice cannot be kept: %s", error)

    def _troubles(self) -> Iterator[Trouble]:
        free = shutil.disk_usage(self._store.path.parent).free
        if free < self._config.free_mb * _MEGABYTE:
            yield Trouble(
                None, "disk", f"{free / _MEGABYTE:.0f} MB left on the disk of {self._store.path}: make room soon"
            )
        with self._store.transaction():  # somebody may have taken the right to write, or never let go of the file
            pass
        ours = None if self._seats is None else set(self._seats())
        pulses = {pulse.seat: pulse for pulse in self._store.pulses()}
        is_stopped = self._store.stopped() is not None
        for seat in self._store.seats():
            if seat.ended is not None:
                continue
            if ours is None or seat.id in ours:
                yield from self._life(seat, pulses.get(seat.id))
            if seat.id in pulses and self._hands_in and not is_stopped:
                yield from self._orders(seat, pulses[seat.id])

    def _life(self, seat: StoredSeat, pulse: Pulse | None) -> Iterator[Trouble]:
        """A pulse of before this process began tells nothing of it."""
        since = max(self._begun_s, seat.begun_s if pulse is None else pulse.at_s)
        silent_s = self._clock() - since
        if pulse is None:
            if silent_s > self._config.silent_s:
                yield Trouble(seat.id, "unheard", f"{_name(seat)} has told nothing yet: has the game begun?")
        elif pulse.doing.startswith(THINKING):
            if silent_s > self._config.thinking_s:
                yield Trouble(seat.id, "thinking", f"{_name(seat)} has been {pulse.doing} for {silent_s:.0f} s")
        elif silent_s > self._config.silent_s:
            yield Trouble(seat.id, "silent", f"{_name(seat)} was not heard of for {silent_s:.0f} s ({pulse.doing})")

    def _orders(self, seat: StoredSeat, pulse: Pulse) -> Iterator[Trouble]:
        if pulse.deadline_s is None:
            return
        left_s = pulse.deadline_s - self._clock()
        orders = self._store.orders(seat.id, pulse.phase)
        if left_s < self._config.orders_s and (orders is None or not orders.handed_in):
            when = f"ends in {left_s:.0f} s" if left_s >= 0 else f"ended {-left_s:.0f} s ago"
            yield Trouble(seat.id, "orders", f"{_name(seat)}: {pulse.phase} {when} and no orders are handed in")


def _name(seat: StoredSeat) -> str:
    return f"{seat.power} in game {seat.game}"


def _fields(trouble: Trouble) -> dict[str, object]:
    return {"kind": trouble.kind, **({} if trouble.seat is None else {"seat": trouble.seat})}


def main(argv: Sequence[str] | None = None) -> int:
    """Prints what is wrong with the seats of a store; 1: only a new process helps."""
    parser = argparse.ArgumentParser(prog="python -m cicero_lite.hosting.watchdog", description=main.__doc__)
    parser.add_argument("store", type=Path)
    path = parser.parse_args(argv).store
    if not path.is_file():
        print(f"expected the store of a bot, got no file: {path}", file=sys.stderr)
        return 2
    try:
        store = Store(path)
    except StoreError as error:
        print(error, file=sys.stderr)
        return 2
    found = Watchdog(store, manager=ServiceManager(None), since_s=0.0).troubles()
    store.close()
    print("\n".join(trouble.text for trouble in found) or "all seats are alive")
    return int(any(trouble.is_deadly for trouble in found))


if __name__ == "__main__":
    sys.exit(main())
