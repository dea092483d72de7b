"""Many games of one process: what is counted, and a small run with the real command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES
from cicero_lite.adapters.webdiplomacy_sandbox.clock import SiteClock
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.adapters.webdiplomacy_sandbox.site import GameRules
from cicero_lite.bench import capacity
from cicero_lite.bench.capacity import Capacity, CapacityFound, Times, measure_capacity
from cicero_lite.bench.machine import Machine
from engine.types import Power

FOUND = CapacityFound(
    games=2,
    deadline_minutes=5,
    agent="dumbbot",
    seed=0,
    phases=4,
    missed=0,
    first_orders=Times(1, 2, 3),
    last_orders=Times(10, 20, 30),
    margin=Times(270, 280, 290),
    sent=7,
    received=12,
    client_cpu_s=30.0,
    seconds=600.0,
    ended_well=True,
    machine=Machine("cpu", 2, 0.5),
    commit=None,
    dirty=False,
)


def test_a_missed_deadline_or_a_client_that_hangs_is_no_success() -> None:
    assert FOUND.is_ok
    assert not replace(FOUND, missed=1).is_ok
    assert not replace(FOUND, ended_well=False).is_ok
    assert not replace(FOUND, phases=0).is_ok
    assert "margin         270 to 290 s, median 280 s before its deadline" in FOUND.lines()


def test_times_are_least_median_and_most() -> None:
    assert Times.of([5.0, 1.0, 2.0]) == Times(1.0, 2.0, 5.0)
    assert Times.of([]) is None


def test_a_deadline_without_orders_counts_as_missed_for_that_seat_alone() -> None:
    with SandboxServer(SiteClock(1_800_000_000, speed=0)) as server:
        game = server.open_game(GameRules(phase_minutes=5))
        server.site.clock.advance(301)
        server.process()
        missing = {1: (game, Power.FRANCE)}
        assert capacity._missed(missing) == 1
        game.messages.clear()
        assert capacity._missed(missing) == 0


def test_the_same_account_sits_in_another_country_of_each_game() -> None:
    with SandboxServer() as server:
        ours, *others = server.seats
        second = server.open_game(seats=[others[0], ours, *others[1:]])
        assert [p for p, member in second.members.items() if member.account is ours] == [COUNTRIES[2]]


def test_one_process_plays_two_games(tmp_path: Path) -> None:
    options = ("--set", "live.table.turns=0", "--set", "live.table.late_turns=0")
    found = measure_capacity(
        Capacity(games=2, phases=1, letters=2, agent="dumbbot", quick=True, options=options), tmp_path
    )
    assert found.is_ok, "\n".join(found.lines())
    assert found.phases == 2
    assert found.first_orders is not None
    assert 0 <= found.first_orders.least <= found.first_orders.most <= 300
    assert found.client_cpu_s > 0
