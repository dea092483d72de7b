"""The command webdip against the sandbox over HTTP: all games of a key, what goes wrong, a process that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cicero_lite.adapters.webdiplomacy_sandbox import routes
from cicero_lite.adapters.webdiplomacy_sandbox.clock import SiteClock
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.adapters.webdiplomacy_sandbox.site import GameRules, SiteGame
from cicero_lite.cli import main
from cicero_lite.hosting.store import Standing, Store
from engine.types import Power

FRANCE = 2
QUICK = [
    "--set",
    "agent.search.think=4it",
    "--set",
    "agent.generation.candidates=0",
    "--set",
    "live.table.typing=false",
]
DUMBBOT = ["--agent", "dumbbot"]


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    clock = SiteClock(time.time())
    with SandboxServer(clock, gamemaster_interval_s=None, poll_interval_s=0) as running:
        yield running


def a_game(server: SandboxServer, name: str = "rehearsal") -> SiteGame:
    return server.open_game(GameRules(name, phase_minutes=60))


def options(server: SandboxServer, folder: Path, key: str | None = None) -> list[str]:
    file = folder / "key"
    file.write_text(key or server.seats[FRANCE - 1].key, encoding="utf-8")
    return ["webdip", "--url", server.url, "--key-file", str(file), "--store", str(folder / "store.sqlite")]


def ordered(game: SiteGame) -> bool:
    return "Ready" in game.members[Power.FRANCE].order_status


def writes(server: SandboxServer) -> list[str]:
    return [call.route for call in server.api.calls if call.route in routes.WRITES]


def test_one_pass_plays_all_games(server: SandboxServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = a_game(server), a_game(server, "the second")
    assert main([*options(server, tmp_path), *DUMBBOT, "--once", "--json-lines"]) == 0
    assert ordered(first)
    assert ordered(second)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {(line["game"], line["event"]) for line in lines} >= {
        ("1", "phase_started"),
        ("2", "orders_submitted"),
    }
    assert server.site.bugs.found == []


def test_only_listed_games_are_played(server: SandboxServer, tmp_path: Path) -> None:
    first, second = a_game(server), a_game(server, "the second")
    assert main([*options(server, tmp_path), *DUMBBOT, "--once", "--game", "the second"]) == 0
    assert (ordered(first), ordered(second)) == (False, True)


def test_a_dry_run_writes_nothing(server: SandboxServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    game = a_game(server)
    assert main([*options(server, tmp_path), *QUICK, "--once", "--dry-run"]) == 0
    assert writes(server) == []
    assert game.messages == []
    out = capsys.readouterr().out
    assert "France  orders" in out
    assert "would say to" in out
    assert {m.standing for m in Store(tmp_path / "store.sqlite").messages()} == {Standing.DROPPED}


def test_what_is_wrong_is_one_line(
    server: SandboxServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    a_game(server)
    good, secret = options(server, tmp_path), server.seats[FRANCE - 1].key
    wrong, short = tmp_path / "wrong", tmp_path / "short"
    wrong.mkdir()
    short.mkdir()
    nowhere = [*good]
    nowhere[nowhere.index("--url") + 1] = "http://127.0.0.1:1"
    quick = ["--set", "live.webdiplomacy.attempts=1"]
    for arguments, said in [
        (options(server, wrong, "nobody-knows-it"), "the server does not know the key"),
        (options(server, short, "nobody"), "expected webDiplomacy's key of 8 letters or more, got 6"),
        ([*good, "--faults", "all=0.1"], "--faults is for rehearsals: expected --sandbox beside it"),
        (["webdip", "--sandbox", "--faults", "all"], "faults: expected KIND=SHARE with a share of 0 to 1"),
        ([*nowhere, *quick], "no answer from http://127.0.0.1:1"),
        ([*good, "--game", "99"], "the key plays no game 99: expected one of its games; it has 1 (rehearsal)"),
        ([*good, "--mode", "loud"], "live.host.mode: expected 'auto', 'approve', 'advise' or 'shadow', got 'loud'"),
        ([*good, "--mode", "auto", "--dry-run"], "--dry-run is mode shadow"),
        ([*good, "--agent", "dumbot"], "did you mean 'dumbbot'"),
        ([*good, "--set", "live.table.talk_share=2"], "talk_share: expected a share, 0 to 1, got 2.0"),
        ([*good, "--set", "live.webdiplomacy.attempts=0"], "attempts: expected 1 or more, got 0"),
        (["webdip", "--url", server.url], "see --key-file and --key-variable"),
        (["webdip", "--sandbox", "--url", server.url], "--sandbox has a site and keys of its own"),
    ]:
        assert main([*arguments, "--once"]) == 2
        err = capsys.readouterr().err
        assert said in err
        assert err.count("\n") == 1
        assert secret not in err
    assert secret.encode() not in (tmp_path / "store.sqlite").read_bytes()


def test_a_clock_two_hours_off_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clock = SiteClock(time.time() + 7200)
    with SandboxServer(clock, gamemaster_interval_s=None, poll_interval_s=0) as server:
        game = a_game(server)
        assert main([*options(server, tmp_path), *DUMBBOT, "--once"]) == 0
        assert ordered(game)
    assert "the clock of this machine is 2 h 0 min behind the server's" in capsys.readouterr().out


def test_a_game_that_fails_leaves_the_others_alone(
    server: SandboxServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from planner.baselines import DumbBot

    first, second = a_game(server), a_game(server, "the second")
    act = DumbBot.act

    def failing(self: DumbBot, view: object, power: Power) -> object:
        if view.game_id == "1":  # type: ignore[attr-defined]
            raise ZeroDivisionError("no luck")
        return act(self, view, power)  # type: ignore[arg-type]

    monkeypatch.setattr(DumbBot, "act", failing)
    assert main([*options(server, tmp_path), *DUMBBOT, "--once"]) == 1
    assert (ordered(first), ordered(second)) == (False, True)
    out = capsys.readouterr().out
    assert "game 1: ZeroDivisionError in test_hosting_webdip.py" in out
    assert "Traceback" not in out


def test_a_process_that_is_killed_is_followed_by_one_that_goes_on(server: SandboxServer, tmp_path: Path) -> None:
    game = a_game(server)
    code = "import sys; from cicero_lite.cli import main; sys.exit(main(sys.argv[1:]))"
    intro = "live.host.introduction=I am a bot."
    command = [sys.executable, "-c", code, *options(server, tmp_path), *QUICK, "--set", intro]

    def play(until: int) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"})
        give_up = time.monotonic() + 120
        while len(game.messages) < until and process.poll() is None and time.monotonic() < give_up:
            time.sleep(0.02)
        return process

    process = play(2)
    process.kill()
    process.communicate()
    assert 2 <= len(game.messages) < 6
    process = play(6)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=90)
    assert process.returncode == 0
    assert b"ended; everything is kept in" in out
    said = [message.recipient for message in game.messages if message.text == "I am a bot."]
    assert sorted(said) == [1, 3, 4, 5, 6, 7]
