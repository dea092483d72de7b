"""What is around a bot that plays: figures, log, watchdog, the settings a game goes on with; and no secret in any."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from threading import Event
from typing import Any
from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry
from rich.console import Console

from cicero_lite.adapters.settings import ClientConfig
from cicero_lite.adapters.webdiplomacy_client import WebDiplomacyClient
from cicero_lite.adapters.webdiplomacy_sandbox.clock import SiteClock
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.adapters.webdiplomacy_sandbox.site import GameRules
from cicero_lite.arena.log import PhaseStarted
from cicero_lite.cli import main
from cicero_lite.config import AgentConfig, Config, config_yaml, load_config
from cicero_lite.errors import CiceroLiteError
from cicero_lite.hosting import seats
from cicero_lite.hosting.gate import Gate
from cicero_lite.hosting.guard import Guard
from cicero_lite.hosting.lines import Lines, live_lines
from cicero_lite.hosting.logs import REDACTED, Secrets
from cicero_lite.hosting.metrics import HostMetrics
from cicero_lite.hosting.seats import Player, host_of, take_seat
from cicero_lite.hosting.settings import Mode
from cicero_lite.hosting.store import Store, StoredSeat
from cicero_lite.hosting.webdip import WebdipGames
from engine.game import Game
from engine.types import FIRST_PHASE, Power

FRANCE = 2
SECRET = "opens-everything-1234"


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(SiteClock(time.time()), gamemaster_interval_s=None, poll_interval_s=0) as running:
        running.open_game(GameRules("rehearsal", phase_minutes=60))
        yield running


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(60)
        yield listening


def key_file(server: SandboxServer, folder: Path) -> Path:
    file = folder / "key"
    file.write_text(server.seats[FRANCE - 1].key, encoding="utf-8")
    return file


@contextmanager
def started(*arguments: str, notify: str) -> Iterator[subprocess.Popen[bytes]]:
    """The command as systemd would start it; killed afterwards if it has not ended."""
    command = [sys.executable, "-c", "import sys; from cicero_lite.cli import main; sys.exit(main(sys.argv[1:]))"]
    told = {"NOTIFY_SOCKET": notify, "WATCHDOG_USEC": "2000000"}
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1", **told}
    with subprocess.Popen(
        [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_process_is_seen_by_metrics_log_and_systemd_and_shows_no_key(
    server: SandboxServer, heard: socket.socket, tmp_path: Path
) -> None:
    log, store = tmp_path / "logs" / "bot.jsonl", tmp_path / "store.sqlite"
    where = ["webdip", "--url", server.url, "--key-file", str(key_file(server, tmp_path)), "--store", str(store)]
    watched = ["--agent", "dumbbot", "--log-file", str(log), "--metrics-port", "0"]
    with started(*where, *watched, notify=str(heard.getsockname())) as process:
        assert process.stdout is not None
        printed = process.stdout.readline().decode()
        found = re.search(r"metrics at (\S+)", printed)
        assert found is not None, printed
        assert heard.recv(100) == b"READY=1"
        assert [heard.recv(100), heard.recv(100)] == [b"WATCHDOG=1"] * 2
        until = time.monotonic() + 60
        figures = ""
        while 'doing="its orders"' not in figures and time.monotonic() < until:
            figures = urlopen(found[1], timeout=10).read().decode()
            time.sleep(0.05)
        arguments = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=90)
    assert process.returncode == 0
    for name in (
        'cicero_lite_seats{state="playing"} 1.0',
        'cicero_lite_request_seconds_count{outcome="200",route="game/status"}',
        'cicero_lite_thinking_seconds_count{doing="its orders"}',
        'cicero_lite_pulse_age_seconds{game="1",power="FRANCE",seat="1"}',
    ):
        assert name in figures
    told = [state for state in iter(lambda: heard.recv(100), b"STOPPING=1") if state != b"WATCHDOG=1"]
    assert told == []
    events = [json.loads(line).get("event") for line in log.read_text("ascii").splitlines()]
    assert {"note", "phase_started"} <= set(events)
    files = [*log.parent.iterdir(), *tmp_path.glob("store.sqlite*")]
    shown = [printed.encode(), rest, figures.encode(), arguments, *(file.read_bytes() for file in files)]
    for account in server.seats:
        assert not any(account.key.encode() in text for text in shown)


def test_the_sandbox_hides_its_keys_and_a_single_pass_is_told_too(
    heard: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(heard.getsockname()))
    hidden: list[str] = []
    add = Secrets.add

    def noted(self: Secrets, value: str) -> None:
        hidden.append(value)
        add(self, value)

    monkeypatch.setattr(Secrets, "add", noted)
    assert main(["webdip", "--sandbox", "--once", "--agent", "dumbbot", "--store", str(tmp_path / "s.sqlite")]) == 0
    states = list(iter(lambda: heard.recv(100), b"STOPPING=1"))
    assert (states[0], set(states[1:])) == (b"READY=1", {b"WATCHDOG=1"})
    assert len({key for key in hidden if len(key) == 40}) == 8, "seven keys, and the token of the control page"


def test_a_game_that_waits_after_a_failure_is_not_watched(server: SandboxServer, tmp_path: Path) -> None:
    store, registry = Store(tmp_path / "store.sqlite"), CollectorRegistry()
    client = WebDiplomacyClient(ClientConfig(server.url, key_file=str(key_file(server, tmp_path))))
    player = Player("dumbbot", load_config(settings=["live.webdiplomacy.attempts=1"]))
    told: list[tuple[object, BaseException | None]] = []

    def tell(seat: StoredSeat | None, what: object, error: BaseException | None = None) -> None:
        told.append((what, error))

    ending = Event()
    games = WebdipGames(client, store, player, tell, HostMetrics(registry), ending)
    seen: list[frozenset[int]] = []

    def failing(host: object, adapter: object, once: bool = False) -> None:
        seen.append(games.playing())
        ending.set()
        raise ZeroDivisionError("no luck")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cicero_lite.hosting.host.Host.run", failing)
        games.run()
    (seat,) = store.seats()
    assert seen == [{seat.id}]
    assert games.playing() == frozenset()
    assert [pulse.doing for pulse in store.pulses()] == ["waiting for the game"]
    assert registry.get_sample_value("cicero_lite_errors_total", {"kind": "ZeroDivisionError"}) == 1
    assert [type(error) for what, error in told if "no luck" in str(what)] == [ZeroDivisionError]
    client.close()
    store.close()


# --- settings ------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.sqlite")
    yield opened
    opened.close()


def sit(store: Store, player: Player) -> tuple[StoredSeat, AgentConfig, list[str]]:
    """A seat, the settings with which its agent is made, and what is told."""
    made: list[Any] = []
    told: list[str] = []
    seat = take_seat(store, "https://site.example", "7", Power.FRANCE, player)
    host = host_of(seat, player, store, Guard(store, Mode.AUTO), Gate(1), lambda what: told.append(str(what)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seats, "make_agent", lambda name, place: made.append(place.config))
        host._make(1, None)  # type: ignore[arg-type]
    return seat, made[0], told


def test_a_game_goes_on_with_the_settings_it_began_with(store: Store) -> None:
    began = load_config(settings=["agent.search.think=4it", "play.seed=3"])
    now = load_config(settings=["agent.search.think=9it", "agent.generation.candidates=0", "live.table.turns=1"])
    first, config, told = sit(store, Player("cicero", began))
    assert (config, told) == (began.agent.in_game(first.seed), [])
    seat, config, told = sit(store, Player("dumbbot", now))
    assert (seat, config) == (first, began.agent.in_game(first.seed))
    assert told == [
        "game 7 goes on with the agent it began with, cicero",
        "game 7 goes on with the settings it began with; those given now differ in agent.search.think, "
        "agent.generation.candidates (--new-config takes them)",
    ]
    seat, config, told = sit(store, Player("cicero", now, is_new_config=True))
    assert (seat.seed, config, told) == (first.seed, now.agent.in_game(first.seed), [])
    assert sit(store, Player("cicero", now))[1:] == (now.agent.in_game(first.seed), [])


def test_settings_of_another_version_are_told_and_left(store: Store) -> None:
    player = Player("cicero", Config())
    seat = take_seat(store, "https://site.example", "7", Power.FRANCE, player)
    store.set_config(seat.id, config_yaml(Config()).replace("  speech:", "  eloquence:"))
    _, config, (line,) = sit(store, player)
    assert config == Config().agent.in_game(seat.seed)
    assert line.startswith("the settings of game 7: unknown key 'eloquence'")
    assert line.endswith("it goes on with those given now")


# --- lines ---------------------------------------------------------------------------------------------------


def speak(lines: Lines, seat: StoredSeat | None) -> None:
    lines.tell(seat, f"it said {SECRET}")
    lines.tell(None, "Turkey: 'so be it'")
    board = Game()
    centers = {power: board.centers(power) for power in board.powers}
    lines.tell(seat, PhaseStarted(FIRST_PHASE, {power: board.units(power) for power in board.powers}, centers))
    lines.tell(None, "it failed", ZeroDivisionError("no luck"))


@pytest.mark.parametrize("as_json", [False, True])
def test_a_line_reaches_terminal_and_file_by_one_way(as_json: bool, store: Store, tmp_path: Path) -> None:
    seat = take_seat(store, "https://site.example", "7", Power.FRANCE, Player("cicero", Config()))
    secrets, out, file = Secrets(), StringIO(), tmp_path / "bot.jsonl"
    secrets.add(SECRET)
    with live_lines(secrets, Console(file=out, width=500, force_terminal=True), as_json, file) as lines:
        speak(lines, seat)
        logging.getLogger("another").warning("odd: %s", SECRET)
    kept = [json.loads(line) for line in file.read_text("ascii").splitlines()]
    assert [line["message"][:14] for line in kept] == [
        "it said [redac",
        "Turkey: 'so be",
        "Spring 1901, m",
        "it failed",
        "odd: [redacted",
    ]
    assert (kept[0]["seat"], kept[0]["game"], kept[0]["power"], kept[0]["event"]) == (1, "7", "FRANCE", "note")
    assert kept[2]["data"]["units"]["TURKEY"] == ["A CON", "A SMY", "F ANK"]
    assert "ZeroDivisionError" in kept[3]["traceback"]
    shown = out.getvalue()
    assert SECRET not in shown + file.read_text()
    assert shown.count(REDACTED) == 2
    if as_json:
        assert [json.loads(line) for line in shown.splitlines()] == kept
    else:
        assert "Traceback" not in shown
        assert "so be it" in shown


def test_the_file_keeps_why_it_ended(tmp_path: Path) -> None:
    out, file = StringIO(), tmp_path / "bot.jsonl"
    with pytest.raises(CiceroLiteError), live_lines(Secrets(), Console(file=out), file=file):
        raise CiceroLiteError("no such game")
    (line,) = file.read_text("ascii").splitlines()
    assert json.loads(line)["message"] == "ended: no such game"
    assert out.getvalue() == "", "the command shows it"
