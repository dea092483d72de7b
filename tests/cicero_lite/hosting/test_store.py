"""The store: what was committed is there, one of two has a message, other files are left alone."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cicero_lite.hosting.store import SCHEMA, Standing, Store, StoredSeat, StoreError
from engine.notation import parse_order
from engine.types import Phase, Power
from tests.desk_store import PHASE, proposal, take_france

ORDERS = (parse_order("A PAR - BUR"),)
TOGETHER = 200
"""Messages that two processes both want."""

RIVAL = """
import sys
from pathlib import Path
from cicero_lite.hosting.store import Store
store = Store(Path(sys.argv[1]))
print("there", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3]), int(sys.argv[4])):
    words = {"reject": ("no",), "approve": (f"words of {sys.argv[5]}",), "claim": ()}[sys.argv[2]]
    if getattr(store, sys.argv[2])(number, *words):
        print(number, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    made = Store(path)
    yield made
    made.close()


@pytest.fixture
def seat(store: Store) -> StoredSeat:
    return take_france(store)


def race(path: Path, verbs: tuple[str, str], numbers: range) -> list[set[int]]:
    """What each of two processes got that do these at the same time to the same messages."""
    rivals = [
        subprocess.Popen(
            [sys.executable, "-c", RIVAL, str(path), verb, str(numbers.start), str(numbers.stop), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for verb, name in zip(verbs, "ab", strict=True)
    ]
    for rival in rivals:
        assert rival.stdout is not None
        assert rival.stdout.readline() == "there\n"
    for rival in rivals:
        assert rival.stdin is not None
        rival.stdin.write("go\n")
        rival.stdin.flush()
    got = []
    for rival in rivals:
        out, _ = rival.communicate()
        assert rival.returncode == 0
        got.append(set(map(int, out.split())))
    return got


@pytest.mark.parametrize(
    ("verbs", "before", "after"),
    [
        (("claim", "claim"), Standing.READY, {Standing.SENDING}),
        (("approve", "approve"), Standing.WAITING, {Standing.READY}),
        (("approve", "reject"), Standing.WAITING, {Standing.READY, Standing.REJECTED}),
    ],
)
def test_of_two_processes_one_has_a_message(
    store: Store, seat: StoredSeat, path: Path, verbs: tuple[str, str], before: Standing, after: set[Standing]
) -> None:
    ids = store.mean(seat.id, PHASE, [proposal(f"no. {n}") for n in range(TOGETHER)], before)

    first, second = race(path, verbs, range(ids[0], ids[-1] + 1))

    assert first | second == set(ids)
    assert not first & second
    assert {message.standing for message in store.messages()} <= after
    if verbs == ("approve", "approve"):
        words = {message.id: message.text for message in store.messages()}
        assert all(words[number] == "words of a" for number in first)
        assert all(words[number] == "words of b" for number in second)
    if verbs == ("approve", "reject"):
        assert {m.id for m in store.messages(standings=(Standing.REJECTED,))} == second


def test_two_processes_that_make_the_file_at_once_share_it(path: Path) -> None:
    code = "import sys; from pathlib import Path; from cicero_lite.hosting.store import Store; Store(Path(sys.argv[1]))"
    makers = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(2)]
    assert [maker.wait() for maker in makers] == [0, 0]
    opened = Store(path)
    assert opened.seats() == ()
    opened.close()


def test_only_its_owner_may_read_it(store: Store, seat: StoredSeat, path: Path) -> None:
    files = list(path.parent.iterdir())
    assert path.with_name("bot.sqlite-wal") in files
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_what_is_written_within_a_transaction_is_there_together_or_not_at_all(store: Store, seat: StoredSeat) -> None:
    def write_and_fail() -> None:
        with store.transaction():
            store.mean(seat.id, PHASE, [proposal()], Standing.READY)
            with store.transaction():
                store.keep_state(seat.id, {"ledger": 1})
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        write_and_fail()
    assert store.messages() == ()
    assert store.state(seat.id) is None

    with store.transaction():
        store.mean(seat.id, PHASE, [proposal()], Standing.READY)
        store.keep_state(seat.id, {"ledger": 2})
    assert len(store.messages()) == 1
    assert store.state(seat.id) == {"ledger": 2}


def test_others_see_nothing_before_the_transaction_ends(store: Store, seat: StoredSeat, path: Path) -> None:
    other = Store(path)
    with store.transaction():
        store.mean(seat.id, PHASE, [proposal()], Standing.READY)
        assert seen_elsewhere(other) == 0
    assert seen_elsewhere(other) == 1
    other.close()


def seen_elsewhere(store: Store) -> int:
    """How many messages another thread, with a connection of its own, finds."""
    found: list[int] = []

    def look() -> None:
        found.append(len(store.messages()))
        store.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    return found[0]


def test_what_a_killed_process_committed_is_there(path: Path) -> None:
    code = """
import os, sys
from pathlib import Path
from cicero_lite.hosting.store import Standing, Store
from tests.desk_store import PHASE, proposal, take_france
store = Store(Path(sys.argv[1]))
seat = take_france(store)
store.claim(store.mean(seat.id, PHASE, [proposal()], Standing.READY)[0])
store._connection().execute("BEGIN IMMEDIATE")
store.note("never committed")
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == -9
    store = Store(path)
    assert [message.standing for message in store.messages()] == [Standing.SENDING]
    assert store.notices(9) == ()
    store.close()


def test_a_foreign_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    text, tables = tmp_path / "notes.txt", tmp_path / "other.sqlite"
    text.write_text("Dear diary,\n" * 100)
    connection = sqlite3.connect(tables)
    connection.execute("CREATE TABLE recipe (name TEXT)")
    connection.close()
    for file in (text, tables):
        before = file.read_bytes()
        with pytest.raises(StoreError, match=file.name):
            Store(file)
        assert file.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [text, tables]


def test_another_version_is_refused(store: Store, path: Path) -> None:
    store.close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    with pytest.raises(StoreError, match=f"expected a store of version {SCHEMA}, got {SCHEMA + 1}"):
        Store(path)


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot write the store"):
        Store(tmp_path / "nowhere" / "bot.sqlite")
    with pytest.raises(StoreError, match="cannot write the store"):
        Store(tmp_path)


def test_a_seat_is_as_it_was_taken_first(store: Store, seat: StoredSeat) -> None:
    again = store.take_seat(seat.server, seat.game, seat.power, "another", 8, "agent: {think: 2}\n")
    assert again == seat
    other = store.take_seat(seat.server, seat.game, Power.ITALY, "another", 8, "")
    assert store.seats() == (seat, other)
    store.end_seat(seat.id, "solo")
    assert store.seats()[0].ended == "solo"
    store.end_seat(seat.id, None)
    assert store.seats()[0].ended is None


def test_a_message_comes_back_as_it_was_meant(store: Store, seat: StoredSeat) -> None:
    meant = proposal("Burgundy? \N{GRINNING FACE} ' ; --")
    before = time.time()
    (number,) = store.mean(seat.id, PHASE, [meant], Standing.WAITING)
    found = store.message(number)
    assert found is not None
    assert (found.recipient, found.text, found.acts, found.intent, found.source) == (
        meant.recipient,
        meant.text,
        meant.acts,
        meant.intent,
        meant.source,
    )
    assert (found.seat, found.phase, found.standing, found.is_edited) == (seat.id, PHASE, Standing.WAITING, False)
    assert before <= found.meant_s == found.changed_s
    assert store.message(number + 1) is None


def test_a_message_goes_its_way_and_no_other(store: Store, seat: StoredSeat) -> None:
    changed, refused, late = store.mean(seat.id, PHASE, [proposal(), proposal(), proposal()], Standing.WAITING)
    assert not store.claim(changed)
    assert store.approve(changed, "Other words.")
    assert not store.reject(changed, "too late")
    assert store.claim(changed)
    assert not store.drop(changed, "it is being sent")
    assert store.settle(changed, Standing.SENT)
    assert not store.settle(changed, Standing.READY)
    sent = store.message(changed)
    assert sent is not None
    assert (sent.text, sent.drafted, sent.is_edited, sent.standing) == (
        "Other words.",
        proposal().text,
        True,
        Standing.SENT,
    )
    assert store.reject(refused, "rude")
    assert not store.approve(refused)
    assert store.drop(late, "the phase is over")
    assert [(m.standing, m.reason) for m in store.messages()][1:] == [
        (Standing.REJECTED, "rude"),
        (Standing.DROPPED, "the phase is over"),
    ]


def test_messages_are_found_by_seat_standing_and_phase(store: Store, seat: StoredSeat) -> None:
    italy = store.take_seat(seat.server, seat.game, Power.ITALY, "cicero-lite", 7, "")
    store.mean(seat.id, PHASE, [proposal("one")], Standing.WAITING)
    store.mean(italy.id, PHASE, [proposal("two")], Standing.READY)
    assert [m.text for m in store.messages()] == ["one", "two"]
    assert [m.text for m in store.messages(italy.id)] == ["two"]
    assert [m.text for m in store.messages(standings=(Standing.WAITING, Standing.SENT))] == ["one"]
    assert store.messages(italy.id, (Standing.WAITING,)) == ()
    assert [m.text for m in store.messages(italy.id, (Standing.READY,), PHASE)] == ["two"]
    assert store.messages(italy.id, phase=Phase.parse("F1901M")) == ()


def test_nothing_belongs_to_a_seat_that_there_is_not(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        store.mean(99, PHASE, [proposal()], Standing.WAITING)


def test_orders_are_those_meant_last(store: Store, seat: StoredSeat) -> None:
    assert store.orders(seat.id, PHASE) is None
    store.mean_orders(seat.id, PHASE, (), final=False)
    store.handed_in(seat.id, PHASE)
    store.mean_orders(seat.id, PHASE, ORDERS, final=True)
    found = store.orders(seat.id, PHASE)
    assert found is not None
    assert (found.orders, found.final, found.handed_in) == (ORDERS, True, False)
    store.handed_in(seat.id, PHASE)
    found = store.orders(seat.id, PHASE)
    assert found is not None
    assert found.handed_in
    assert store.orders(seat.id, Phase.parse("F1901M")) is None


def test_log_pulse_and_notices_are_kept_in_order(store: Store, seat: StoredSeat) -> None:
    for line in ("one", "two"):
        store.log(seat.id, line)
        store.note(line, seat.id)
        store.beat(seat.id, PHASE, line, None)
    assert store.log_lines(seat.id) == ["one", "two"]
    assert [notice.text for notice in store.notices(9)] == ["two", "one"]
    assert [notice.text for notice in store.notices(1)] == ["two"]
    assert [(pulse.doing, pulse.deadline_s) for pulse in store.pulses()] == [("two", None)]


def test_the_stop_holds_in_every_process_until_it_is_taken_back(store: Store, path: Path) -> None:
    store.stop("somebody")
    store.stop("somebody else")
    other = Store(path)
    stopped = other.stopped()
    assert stopped is not None
    assert stopped.by == "somebody"
    other.go_on()
    assert store.stopped() is None
    other.close()
