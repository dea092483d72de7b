"""Seats on a real server of the ``diplomacy`` package: whole games, cut lines, restarts, and all that is refused."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from cicero_lite.adapters.base import OrdersDue, OutgoingMessage, PhaseBegan, SpeakingTurn, TableClosed, TableEvent
from cicero_lite.adapters.diplomacy_server import DiplomacyServerTable
from cicero_lite.adapters.diplomacy_server_client import NewGame, SeatClient
from cicero_lite.arena.log import EventLog
from cicero_lite.session import run
from cicero_lite.testing import RandomMoves
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
    client: SeatClient
    table: DiplomacyServerTable
    agent: Talker
    watch: Callable[[TableEvent], None]
    told: list[str]
    closed: TableClosed | None = None
    error: BaseException | None = None

    def play(self) -> None:
        """Plays until the table closes, and votes for a draw as soon as it is 1902."""
        try:
            self.closed = run(self.table, {self.power: self.agent}, EventLog(), self._watch)
        except BaseException as error:
            self.error = error

    def _watch(self, event: TableEvent) -> None:
        self.watch(event)
        if isinstance(event, PhaseBegan) and event.view.phase.year > 1901:
            self.client.ask("vote", str(event.view.phase), power_name=None, vote="yes")


def play(site: DiplomacySite, game: str, watch: Callable[[TableEvent], None] = lambda event: None) -> list[Sitting]:
    """Seven seats play 1901; the watcher sees the events of France."""
    sittings = []
    for power in POWERS:
        told: list[str] = []
        client = site.client(power, game, new_game=NewGame())
        table = DiplomacyServerTable(client, QUICK, told.append)
        table.join()
        own = watch if power is FRANCE else lambda event: None
        sittings.append(Sitting(power, client, table, Talker(power.number), own, told))
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
        assert not [line for line in sitting.told if "position" in line or "order" in line]
    every = {m for s in sittings for r in s.table.served.game.history for m in r.messages}
    every |= {m for s in sittings for m in s.table.served.game.messages}
    said = sum(sitting.agent.said for sitting in sittings)
    assert len(every) == said
    assert len({m.text for m in every}) == said
    for sitting in sittings:
        mine = [m for m in every if m.sender is not sitting.power and m.recipient in (None, sitting.power)]
        assert Counter(sitting.agent.heard) == Counter(mine)


def test_seven_seats_play_a_game(site: DiplomacySite) -> None:
    """1901 with press, to a draw by votes."""
    check_game(play(site, "seven"))


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
