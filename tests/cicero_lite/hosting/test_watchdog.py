"""What the watchdog warns of, when, and how often; and what systemd hears meanwhile."""

from __future__ import annotations

import logging
import socket
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cicero_lite.hosting import watchdog as module
from cicero_lite.hosting.store import Store, StoredSeat
from cicero_lite.hosting.watchdog import ServiceManager, WatchConfig, Watchdog
from engine.types import FIRST_PHASE, Power

START = 1_800_000_000.0


@dataclass
class Clock:
    """Time that passes when it is told to."""

    now: float = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "bot.sqlite")
    yield opened
    opened.close()


def states(heard: socket.socket) -> list[str]:
    """All that was told so far."""
    found = []
    heard.setblocking(False)
    try:
        while True:
            found.append(heard.recv(1000).decode())
    except BlockingIOError:
        return found
    finally:
        heard.settimeout(60)


def seat_of(store: Store, power: Power = Power.FRANCE) -> StoredSeat:
    return store.take_seat("https://example.org", "7", power, "cicero", 1, "")


def beat(store: Store, seat: StoredSeat, clock: Clock, doing: str = "waiting", left_s: float | None = None) -> None:
    store.beat(seat.id, FIRST_PHASE, doing, None if left_s is None else clock.now + left_s)
    with store.transaction() as connection:
        connection.execute("UPDATE pulse SET at_s = ? WHERE seat = ?", (clock.now, seat.id))


def kinds(dog: Watchdog) -> list[str]:
    return [trouble.kind for trouble in dog.look()]


def test_a_seat_that_falls_silent_is_named_once_and_again_after_it_was_well(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock, seat = Clock(), seat_of(store)
    dog = Watchdog(store, clock=clock, manager=ServiceManager(None))
    beat(store, seat, clock)
    clock.now += 600
    assert kinds(dog) == []
    clock.now += 1
    assert kinds(dog) == ["silent"] == kinds(dog)
    (notice,) = store.notices(9)
    assert (notice.seat, notice.text) == (seat.id, "FRANCE in game 7 was not heard of for 601 s (waiting)")
    beat(store, seat, clock)
    assert kinds(dog) == []
    clock.now += 700
    assert kinds(dog) == ["silent"]
    assert len(store.notices(9)) == 2
    assert [r.levelname for r in caplog.records] == ["WARNING", "INFO", "WARNING"]
    assert {(vars(r)["seat"], vars(r)["kind"]) for r in caplog.records} == {(seat.id, "silent")}


def test_thinking_may_take_longer_but_not_forever(store: Store) -> None:
    clock, seat = Clock(), seat_of(store)
    dog = Watchdog(store, config=WatchConfig(silent_s=10, thinking_s=60), clock=clock, manager=ServiceManager(None))
    beat(store, seat, clock, "thinking")
    clock.now += 60
    assert kinds(dog) == []
    clock.now += 1
    assert kinds(dog) == ["thinking"]


def test_a_deadline_without_orders(store: Store) -> None:
    clock, seat = Clock(), seat_of(store)
    dog = Watchdog(store, clock=clock, manager=ServiceManager(None))
    beat(store, seat, clock, left_s=121)
    assert kinds(dog) == []
    clock.now += 2
    store.mean_orders(seat.id, FIRST_PHASE, (), final=False)
    assert kinds(dog) == ["orders"], "meant is not handed in"
    assert store.notices(1)[0].text == "FRANCE in game 7: S1901M ends in 119 s and no orders are handed in"
    store.handed_in(seat.id, FIRST_PHASE)
    assert kinds(dog) == []


def test_a_manager_that_reads_no_more_does_not_keep_us(heard: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TELLING_S", 0.01)
    manager = ServiceManager(heard.getsockname())
    assert manager.tell("READY=1")
    assert not all(manager.tell("WATCHDOG=1") for _ in range(10_000)), "until nobody has room for more"


def test_a_seat_that_told_nothing_is_named_but_a_game_may_not_have_begun(store: Store, heard: socket.socket) -> None:
    clock = Clock()
    dog = Watchdog(store, clock=clock, manager=ServiceManager(heard.getsockname()))
    seat_of(store)
    clock.now += 1e9
    assert kinds(dog) == ["unheard"]
    assert states(heard) == ["WATCHDOG=1"]


@pytest.mark.parametrize("case", ["no deadline", "hands in none", "stopped", "ended"])
def test_where_no_orders_are_missing(store: Store, case: str) -> None:
    clock, seat = Clock(), seat_of(store)
    beat(store, seat, clock, left_s=None if case == "no deadline" else 5)
    if case == "stopped":
        store.stop("somebody")
    if case == "ended":
        store.end_seat(seat.id, "draw")
    dog = Watchdog(store, clock=clock, manager=ServiceManager(None), hands_in=case != "hands in none")
    assert kinds(dog) == []


def test_only_seats_of_this_process_are_watched_and_what_was_before_it_does_not_count(store: Store) -> None:
    clock, ours, theirs = Clock(), seat_of(store), seat_of(store, Power.ITALY)
    for seat in (ours, theirs):
        beat(store, seat, clock)
    clock.now += 10_000  # the process was down
    dog = Watchdog(store, seats=lambda: {ours.id}, clock=clock, manager=ServiceManager(None))
    assert dog.look() == ()
    clock.now += 601
    assert [trouble.seat for trouble in dog.look()] == [ours.id]


def test_a_disk_that_is_nearly_full(store: Store) -> None:
    dog = Watchdog(store, config=WatchConfig(free_mb=1e12), manager=ServiceManager(None))
    assert kinds(dog) == ["disk"]
    assert "make room soon" in store.notices(1)[0].text
    assert kinds(dog) == ["disk"]
    assert len(store.notices(9)) == 1


def test_a_store_that_cannot_be_written_is_told_in_the_log(
    store: Store,
    heard: socket.socket,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another process holds the file; a new one of ours would not help, so systemd is not asked for one."""
    monkeypatch.setattr("cicero_lite.hosting.store._BUSY_S", 0.01)
    other = sqlite3.connect(store.path, isolation_level=None)
    dog = Watchdog(Store(store.path), manager=ServiceManager(heard.getsockname()))
    store.close()
    other.execute("BEGIN IMMEDIATE")
    try:
        dog._store.close()
        assert kinds(dog) == ["store"]
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert "database is locked" in caplog.text
    assert kinds(dog) == []
    assert states(heard) == ["WATCHDOG=1", "WATCHDOG=1"]
    dog._store.close()


def test_systemd_hears_of_us_only_while_all_are_alive(store: Store, heard: socket.socket) -> None:
    clock, first, second = Clock(), seat_of(store), seat_of(store, Power.ITALY)
    dog = Watchdog(store, clock=clock, manager=ServiceManager(heard.getsockname()))
    for seat in (first, second):
        beat(store, seat, clock)
    dog.look()
    assert states(heard) == ["WATCHDOG=1"]
    clock.now += 601
    beat(store, first, clock)
    dog.look()
    assert states(heard) == [], "one seat hangs"
    beat(store, second, clock, left_s=1)
    assert kinds(dog) == ["orders"]
    assert states(heard) == ["WATCHDOG=1"], "missing orders are no reason to start anew"


def test_the_thread_says_ready_alive_and_stopping(store: Store, heard: socket.socket) -> None:
    dog = Watchdog(store, manager=ServiceManager(heard.getsockname(), interval_s=0.02))
    dog.start()
    assert [heard.recv(100).decode() for _ in range(4)] == ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"]
    dog.close()
    assert states(heard)[-1] == "STOPPING=1"


def test_a_watchdog_that_fails_falls_silent_itself(
    store: Store, heard: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of ours in it must not leave a process that nobody watches."""

    def fail(self: Watchdog) -> None:
        raise KeyError("a mistake of ours")

    monkeypatch.setattr(threading, "excepthook", lambda args: None)
    monkeypatch.setattr(Watchdog, "look", fail)
    dog = Watchdog(store, manager=ServiceManager(heard.getsockname(), interval_s=0.02))
    dog.start()
    dog._thread.join(10)
    dog.close()
    assert states(heard) == ["READY=1", "STOPPING=1"]


def test_the_service_manager_of_the_environment(tmp_path: Path) -> None:
    assert not ServiceManager.of_environment({}).tell("READY=1")
    assert not ServiceManager.of_environment({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).tell("READY=1")
    found = ServiceManager.of_environment({"NOTIFY_SOCKET": "@abstract", "WATCHDOG_USEC": "120000000"})
    assert found.interval_s == 120
    for odd in ("", "0", "-5", "soon", "²"):
        assert ServiceManager.of_environment({"WATCHDOG_USEC": odd}).interval_s is None


@pytest.mark.skipif(not Path("/proc/self/comm").exists(), reason="abstract socket names are Linux's own")
def test_an_abstract_socket() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0cicero-lite-test-of-the-watchdog")
        listening.settimeout(10)
        assert ServiceManager("@cicero-lite-test-of-the-watchdog").tell("READY=1")
        assert listening.recv(100) == b"READY=1"


def test_from_outside(store: Store, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """As a container asks; nothing is noted, since it asks again and again."""
    seat = seat_of(store)
    store.beat(seat.id, FIRST_PHASE, "waiting", 5.0)
    assert module.main([str(store.path)]) == 0
    assert "no orders are handed in" in capsys.readouterr().out
    beat(store, seat, Clock(START - 1e9))
    assert module.main([str(store.path)]) == 1
    assert "was not heard of" in capsys.readouterr().out
    store.end_seat(seat.id, "draw")
    assert module.main([str(store.path)]) == 0
    assert capsys.readouterr().out == "all seats are alive\n"
    assert store.notices(9) == ()
    (tmp_path / "text").write_text("not a store, " * 100)
    assert [module.main([str(tmp_path / name)]) for name in ("nothing", "text")] == [2, 2]
    assert "expected a store of cicero-lite" in capsys.readouterr().err
