"""Seats on a real server of the ``diplomacy`` package: whole games, cut lines, restarts, and all that is refused."""

from __future__ import annotations

import json
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from cicero_lite.adapters.base import (
    Moment,
    OrdersDue,
    OutgoingMessage,
    PhaseBegan,
    SpeakingTurn,
    TableClosed,
    TableEvent,
)
from cicero_lite.adapters.diplomacy_server import DiplomacyServerTable
from cicero_lite.adapters.diplomacy_server_client import Account, NewGame, SeatClient, SeatPlace
from cicero_lite.adapters.diplomacy_server_connection import Connection, DiplomacyServerError
from cicero_lite.adapters.settings import DrawPolicy
from cicero_lite.arena.log import EventLog, Sent
from cicero_lite.cli import main
from cicero_lite.errors import UndeliveredError
from cicero_lite.session import run
from cicero_lite.testing import RandomMoves, check_adapters
from engine.game import GameView
from engine.record import PhaseRecord
from engine.types import POWERS, Message, Power
from tests.diplomacy_site import QUICK, DiplomacySite

FRANCE = Power.FRANCE


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DiplomacySite]:
    """One server for all tests: it takes seconds to start."""
    with DiplomacySite(tmp_path_factory.mktemp("diplomacy")) as site:
        yield site


@dataclass
class Talker(RandomMoves):
    """Orders at random, and writes to another power, and now and then to all, at every turn."""

    heard: list[Message] = field(default_factory=list)
    said: int = 0

    def begin_phase(self, view: GameView) -> None:
        """Nothing."""

    def hear(self, message: Message, view: GameView) -> None:
        """Remembers the message."""
        self.heard.append(message)

    def speak(self, view: GameView) -> tuple[OutgoingMessage, ...]:
        """One message, no two alike."""
        others = [power for power in view.alive if power is not view.power]
        self.said += 1
        recipient = None if self.said % 3 == 0 else others[(self.seed + self.said) % len(others)]
        return (OutgoingMessage(recipient, f"{view.power} {self.said}: é, <b> & \U0001f600\nYours"),)

    def phase_resolved(self, record: PhaseRecord) -> None:
        """Nothing."""


@dataclass
class Sitting:
    """One seat of a game, played by a thread."""

    power: Power
    table: DiplomacyServerTable
    agent: Talker
    watch: Callable[[TableEvent], None]
    told: list[str]
    log: EventLog = field(default_factory=EventLog)
    closed: TableClosed | None = None
    error: BaseException | None = None

    def play(self) -> None:
        """Plays until the table closes, and votes for a draw as soon as it is 1902."""
        try:
            self.closed = run(self.table, {self.power: self.agent}, self.log, self._watch)
        except BaseException as error:
            self.error = error

    def _watch(self, event: TableEvent) -> None:
        self.watch(event)
        if isinstance(event, PhaseBegan) and event.view.phase.year > 1901:
            self.table.client.ask("vote", str(event.view.phase), power_name=None, vote="yes")


def play(site: DiplomacySite, game: str, watch: Callable[[TableEvent], None] = lambda event: None) -> list[Sitting]:
    """Seven seats play 1901; the watcher sees the events of France."""
    sittings = []
    for power in POWERS:
        told: list[str] = []
        table = site.table(power, game, tell=told.append, new_game=NewGame())
        table.join()
        own = watch if power is FRANCE else lambda event: None
        sittings.append(Sitting(power, table, Talker(power.number), own, told))
    threads = [threading.Thread(target=sitting.play, name=sitting.power) for sitting in sittings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for sitting in sittings:
        if sitting.error is not None:
            raise sitting.error
    return sittings


def check_game(sittings: list[Sitting]) -> None:
    """All seats have seen the same game, and each message has reached whom it was meant for, once."""
    first = sittings[0].table.served.game
    for sitting in sittings:
        game = sitting.table.served.game
        assert sitting.closed is not None
        assert (sitting.closed.reason, str(sitting.closed.phase)) == ("draw", "S1902M")
        assert [str(r.phase) for r in game.history] == [str(r.phase) for r in first.history]
        assert [r.board.to_text() for r in game.history] == [r.board.to_text() for r in first.history]
        assert [r.orders for r in game.history] == [r.orders for r in first.history]
        assert not [line for line in sitting.told if "position" in line or "does not take" in line]
    sent = [event.message for sitting in sittings for event in sitting.log if isinstance(event, Sent)]
    every = {m for s in sittings for r in s.table.served.game.history for m in r.messages}
    every |= {m for s in sittings for m in s.table.served.game.messages}
    assert len(sent) >= 2 * 2 * 7
    assert Counter(sent) == Counter(every)
    assert len({message.text for message in every}) == len(every)
    for sitting in sittings:
        mine = [m for m in every if m.sender is not sitting.power and m.recipient in (None, sitting.power)]
        assert Counter(sitting.agent.heard) == Counter(mine)


def test_seven_seats_keep_what_every_table_owes(site: DiplomacySite) -> None:
    """1901 with press, to a draw by votes; nobody is told of anything odd."""
    told: list[str] = []
    tables = {power: site.table(power, "seven", tell=told.append, new_game=NewGame()) for power in POWERS}
    for table in tables.values():
        table.join()

    def vote(power: Power) -> None:
        client, game = tables[power].client, tables[power].served.game
        client.ask("vote", str(game.phase), power_name=None, vote="yes")

    check_adapters(list(tables.values()), at_least_phases=3, until=1901, finish=vote)
    assert not told


def test_a_draw_that_all_agents_want_ends_the_game(site: DiplomacySite) -> None:
    told: list[str] = []
    config = replace(QUICK, draw=DrawPolicy.AGENT)
    tables = [site.table(power, "agreed", config, told.append, NewGame()) for power in POWERS]
    for table in tables:
        table.join()

    def play(table: DiplomacyServerTable) -> None:
        def watch(event: TableEvent) -> None:
            if isinstance(event, OrdersDue) and table.asks_agent:
                table.vote_draw(event.view.phase.season == "F")

        (power,) = table.seats
        closed[power] = run(table, {power: RandomMoves(power.number)}, EventLog(), watch)

    closed: dict[Power, TableClosed] = {}
    threads = [threading.Thread(target=play, args=(table,)) for table in tables]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {power: (end.reason, str(end.phase)) for power, end in closed.items()} == dict.fromkeys(
        POWERS, ("draw", "F1901M")
    )
    assert not told


def test_a_cut_line_and_a_restarted_server(site: DiplomacySite) -> None:
    """Lines are cut when orders are due, and the server ends and comes back while messages are written."""
    done: list[str] = []

    def fail(event: TableEvent) -> None:
        match event:
            case OrdersDue(view=view) if str(view.phase) == "S1901M" and "cut" not in done:
                done.append("cut")
                site.cut()
            case SpeakingTurn(view=view) if str(view.phase) == "F1901M" and "restarted" not in done:
                done.append("restarted")
                site.stop(signal.SIGINT)
                site.cut()
                site.start()

    check_game(play(site, "faults", fail))
    assert done == ["cut", "restarted"]


def test_a_line_that_is_cut_while_the_game_is_read_first(site: DiplomacySite) -> None:
    told: list[str] = []
    client = site.client(FRANCE, "early", new_game=NewGame(deadline_s=600, players=1))
    table = DiplomacyServerTable(client, QUICK, told.append)
    entered = client.enter()
    site.cut()
    table.join(entered)
    assert [line.partition("; ")[2] for line in told if "was lost" in line] == ["trying to come back"]
    event = next(iter(table.events()))
    assert isinstance(event, PhaseBegan)
    assert str(event.view.phase) == "S1901M"


def refusal(client: SeatClient) -> str:
    """What is said when the seat cannot be taken."""
    with pytest.raises(DiplomacyServerError) as caught:
        client.enter()
    return str(caught.value)


def test_what_is_refused_says_why_and_what_helps(site: DiplomacySite) -> None:
    assert "there " in refusal(site.client(FRANCE, "nowhere"))
    site.client(FRANCE, "mine", user="one", new_game=NewGame()).enter()
    assert "does not take the password of user one" in refusal(site.client(FRANCE, "mine", "one", password="other"))
    taken = refusal(site.client(FRANCE, "mine", "two"))
    assert "FRANCE in game mine cannot be taken by two" in taken
    assert "free: AUSTRIA, ENGLAND, GERMANY, ITALY, RUSSIA, TURKEY" in taken
    site.client(FRANCE, "closed", "one", new_game=NewGame(), registration_password="open").enter()
    assert "--registration-file" in refusal(site.client(Power.ITALY, "closed", "two"))
    assert "--host and --port" in refusal(
        SeatClient(Connection("127.0.0.1", 1), Account("a", "b"), SeatPlace("g", FRANCE))
    )


def test_no_press_lets_nobody_write_and_a_lost_seat_closes_the_table(site: DiplomacySite) -> None:
    """One seat of a game that begins with one player; then the master of the game takes it away."""
    told: list[str] = []
    rules = ("NO_PRESS", "POWER_CHOICE", "IGNORE_ERRORS")
    table = site.table(FRANCE, "alone", tell=told.append, new_game=NewGame(rules, deadline_s=600, players=1))
    table.join()
    seen: list[TableEvent] = []
    for event in table.events():
        seen.append(event)
        if isinstance(event, Moment):
            assert not table.may_write(Power.ENGLAND)
            with pytest.raises(UndeliveredError, match="NO_PRESS"):
                table.send(FRANCE, Power.ENGLAND, "psst")
            if sum(isinstance(each, Moment) for each in seen) == 3:
                kick(site, "alone", FRANCE)
    assert [type(event) for event in seen[:2]] == [PhaseBegan, Moment]
    left_s = [event.left_s for event in seen if isinstance(event, Moment)][2]
    assert left_s is not None
    assert 0 < left_s <= 600
    assert not any(isinstance(event, SpeakingTurn) for event in seen)
    assert isinstance(seen[-1], TableClosed)
    assert seen[-1].reason == "abandoned"
    assert "is ours no more" in told[-1]


def kick(site: DiplomacySite, game: str, power: Power) -> None:
    """What the server's administrator can do."""
    line = Connection("127.0.0.1", site.port)
    line.open()
    try:
        token = line.ask("sign_in", username="admin", password="password")["data"]
        line.ask("join_game", token=token, game_id=game, power_name=None, registration_password=None)
        about = {"token": token, "game_id": game, "game_role": "omniscient_type", "phase": "S1901M"}
        line.ask("set_dummy_powers", **about, username=None, power_names=[power.value])
    finally:
        line.close()


def test_the_command_plays_a_pass_and_goes_on(
    site: DiplomacySite,
    heard: socket.socket,
    hidden: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Orders are in after the first pass, and the same after the second; who watches is told, and of no secret."""
    monkeypatch.setenv("NOTIFY_SOCKET", str(heard.getsockname()))
    password = tmp_path / "password"
    password.write_text("secret\n", encoding="utf-8")
    command = ["join", "--host", "127.0.0.1", "--port", str(site.port), "--game", "command", "--power", "FRANCE"]
    command += ["--user", "me", "--agent", "random", "--store", str(tmp_path / "store"), "--once"]
    assert main([*command, "--password-file", str(password)]) == 2
    assert "make it with --create" in capsys.readouterr().err
    log = tmp_path / "bot.jsonl"
    command += ["--create", "--players", "1", "--deadline", "600", "--log-file", str(log), "--metrics-port", "0"]
    given = []
    for _ in range(2):
        assert main([*command, "--password-file", str(password)]) == 0
        game = site.client(FRANCE, "command", "me").enter().game
        assert game is not None
        ours = game.powers[FRANCE]
        assert ours.order_is_set
        assert not ours.wait
        given.append(ours.given)
    assert given[0] == given[1]
    states = [heard.recv(100) for _ in range(6)]
    assert states == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"] * 2
    events = [json.loads(line).get("event") for line in log.read_text("ascii").splitlines()]
    assert {"note", "phase_started", "orders_submitted"} <= set(events)
    tokens = set(hidden) - {"", "secret"}
    assert len(tokens) == 3, "one for each time that it signed in, refused or not"
    kept = [log.read_bytes(), *(file.read_bytes() for file in tmp_path.glob("store*"))]
    assert not any(token.encode() in text for token in tokens for text in kept)
    password.write_text("other", encoding="utf-8")
    assert main([*command, "--password-file", str(password)]) == 2
    assert "does not take the password of user me" in capsys.readouterr().err
