"""The control routes, the journal and the command: what a test or a person at a rehearsal works with."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from cicero_lite.adapters.webdiplomacy_sandbox.clock import SiteClock
from cicero_lite.adapters.webdiplomacy_sandbox.command import Rehearsal, rehearse, report, write_credentials
from cicero_lite.adapters.webdiplomacy_sandbox.faults import FaultPolicy
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.cli import main
from cicero_lite.errors import ConfigError, EventLogError, OutputError
from engine.board import Board
from engine.game import Game
from engine.saved import load_game
from tests.webdiplomacy_site import PlainClient, ordered, sent


class _Control:
    """Calls the control routes of a site."""

    def __init__(self, server: SandboxServer, token: str | None = None) -> None:
        self._url = f"{server.url}/control"
        self._headers = {"Authorization": f"Bearer {token or server.control_token}"}

    def call(self, name: str, body: dict[str, Any] | None = None, status: int = 200) -> Any:
        """The JSON answered."""
        with httpx.Client(verify=False, trust_env=False, headers=self._headers) as client:
            url = f"{self._url}/{name}"
            answer = client.get(url) if body is None else client.post(url, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()


def test_everything_can_be_controlled_from_another_process() -> None:
    with SandboxServer(SiteClock(1000, speed=0)) as server, PlainClient(server, server.seats[0]) as client:
        control = _Control(server)
        control.call("games", {"name": "quick", "press": "NoPress", "phase_minutes": 1})
        assert client.json("players/active_games")["games"][0]["pressType"] == "NoPress"
        client.order(1, 1, [sent(6, "Move", 60, via="No")])
        assert control.call("clock", {"advance_s": 60})["now"] == 1060
        control.call("gamemaster", {})
        state = control.call("games")["1"]
        assert (state["turn"], state["phase"], state["members"]["1"]) == (0, "Diplomacy", "Playing")  # put off
        control.call("keys", {"user_id": 5, "is_expired": True})
        assert client.get("players/active_games").text == ""
        control.call("keys", {"user_id": 5, "is_expired": False})
        control.call("maintenance", {"is_on": True})
        assert "maintenance" in client.get("players/active_games").text
        control.call("maintenance", {"is_on": False})
        assert control.call("faults", {"rates": "notice=1", "seed": 2}) == {"notice": 1.0}
        assert client.get("players/active_games").headers["content-type"].startswith("text/html")
        assert control.call("calls")["faults"] == {"notice": 1}
        assert control.call("bugs") == []


def test_the_saved_game_of_the_control_can_be_read(tmp_path: Path) -> None:
    with SandboxServer(SiteClock(1000, speed=0)) as server:
        server.open_game()
        saved = _Control(server).call("games")["1"]["saved_game"]
    (tmp_path / "game.json").write_text(json.dumps(saved))
    game = load_game(tmp_path / "game.json")
    assert game.position == Game().position


@pytest.mark.parametrize(("token", "body", "status"), [("nobody", {}, 403), (None, {"advance_s": "soon"}, 400)])
def test_the_control_refuses_strangers_and_nonsense(token: str | None, body: dict[str, Any], status: int) -> None:
    with SandboxServer() as server:
        assert "error" in _Control(server, token).call("clock", body, status)


def test_a_site_comes_back_from_its_journal(tmp_path: Path) -> None:
    path = tmp_path / "site.jsonl"
    clock = SiteClock(1_800_000_000, speed=0)
    with SandboxServer(clock, FaultPolicy.parse("stored_error=0.5"), poll_interval_s=0, journal=path) as server:
        server.open_game()
        with PlainClient(server, server.seats[0]) as client:
            for number in range(10):
                body = {"gameID": 1, "countryID": 1, "toCountryID": number % 7 if number % 7 != 1 else 0}
                client.post("game/sendmessage", body | {"message": f"number {number}"})
                clock.advance(1)
            client.order(1, 1, [sent(6, "Move", 60, via="No")])
            client.post("game/setvote", {"gameID": 1, "countryID": 1, "vote": "Draw", "voteOn": "Yes"})
        clock.advance(24 * 3600)
        for country, account in enumerate(server.seats[1:], start=2):
            with PlainClient(server, account) as client:
                client.order(1, country, [])
        server.process()
        before = _everything(server)
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open("a") as file:
        file.write('{"kind": "ca')  # cut short by a kill
    again = SandboxServer(SiteClock(1_800_000_000, speed=0), poll_interval_s=0, journal=path)
    with again:
        assert _everything(again) == before
        assert again.site.games[1].turn == 1
        assert again.site.clock.now() == clock.now()
        with PlainClient(again, again.seats[1]) as client:
            client.order(1, 2, [])
        before = _everything(again)
    with SandboxServer(SiteClock(1_800_000_000, speed=0), poll_interval_s=0, journal=path) as third:
        assert _everything(third) == before


def _everything(server: SandboxServer) -> Any:
    """What each of the seven is told of its game."""
    seen = []
    for country, account in enumerate(server.seats, start=1):
        with PlainClient(server, account) as client:
            for route in ("game/status", "game/data", "game/getmessages"):
                seen.append(ordered(client.json(route, gameID=1, countryID=country)))
            seen.append(client.json("players/active_games"))
    return seen


def test_a_game_from_a_position_comes_back_too(tmp_path: Path) -> None:
    text = "W1901A; FRANCE A BUR = PAR; RUSSIA A SEV = MOS SEV"
    for _ in range(2):
        server = SandboxServer(journal=tmp_path / "site.jsonl")
        if not server.site.games:
            server.open_game(game=Game(position=Board.from_text(text).position))
        assert server.site.games[1].game.to_text() == text


@pytest.mark.parametrize(
    "text", [b"dear diary\n", b"no end of line", b"\xff\xfe\n", b'{"kind": "sent", "time": 1}\n', b'{"kind": "call"}\n']
)
def test_a_file_that_is_no_journal_is_refused_and_left_alone(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "notes").write_bytes(text)
    with pytest.raises(EventLogError, match=r"line 1 of .*notes is no entry of a sandbox's journal"):
        SandboxServer(journal=tmp_path / "notes")
    assert (tmp_path / "notes").read_bytes() == text


def test_a_journal_of_which_a_kill_left_a_few_letters_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "site.jsonl").write_text('{"kin')
    assert len(SandboxServer(journal=tmp_path / "site.jsonl").seats) == 7


def test_a_folder_is_no_journal(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write the journal"):
        SandboxServer(journal=tmp_path)


def test_a_rehearsal_keeps_its_keys_to_its_owner_and_reports(tmp_path: Path) -> None:
    wanted = Rehearsal(speed=50, skew_s=-3600, faults="notice=1", journal=tmp_path / "site.jsonl")
    with rehearse(wanted) as server:
        write_credentials(server, tmp_path / "keys.json")
        with pytest.raises(OutputError, match="expected a new file"):
            write_credentials(server, tmp_path / "keys.json")
        keys = json.loads((tmp_path / "keys.json").read_text())
        assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
        headers = {"Authorization": f"Bearer {keys['keys']['ENGLAND']}"}
        url = f"{keys['url']}/api.php?route=players/active_games"
        assert httpx.get(url, headers=headers, verify=False, trust_env=False).status_code == 200
        assert list(report(server)) == ["fault notice: 1 times"]
    with rehearse(wanted) as server:
        assert server.seats[0].key == keys["keys"]["ENGLAND"]
        assert len(server.site.games) == 1


def test_a_port_in_use_is_a_clear_mistake() -> None:
    with SandboxServer() as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(OutputError, match=f"cannot listen on port {port} of 127.0.0.1"):
            SandboxServer(port=port).__enter__()


@pytest.mark.parametrize("wanted", [
    Rehearsal(speed=0), Rehearsal(speed=math.nan), Rehearsal(phase_minutes=0), Rehearsal(press="Loud"),
    Rehearsal(port=70_000), Rehearsal(skew_s=math.inf),
])  # fmt: skip
def test_a_rehearsal_out_of_range_is_refused(wanted: Rehearsal) -> None:
    with pytest.raises(ConfigError, match="expected"), rehearse(wanted):
        pass


def test_the_command_refuses_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "--faults", "rain=1"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_runs_until_ctrl_c() -> None:
    code = "from cicero_lite.cli import main; import sys; sys.exit(main(['sandbox']))"
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert httpx.get(url, verify=False, trust_env=False).text == "No route provided."
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
