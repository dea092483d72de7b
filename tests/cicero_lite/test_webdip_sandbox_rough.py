"""A game in rough weather: a client that does what the contract asks loses nothing and doubles nothing."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from typing import Any

import httpx
import pytest

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES
from cicero_lite.adapters.webdiplomacy_sandbox.clock import SiteClock
from cicero_lite.adapters.webdiplomacy_sandbox.faults import Fault, FaultPolicy
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from tests.webdiplomacy_site import PlainClient, sent


class _PatientClient:
    """Asks until it is answered; looks for a message before it sends it again."""

    def __init__(self, server: SandboxServer, country: int) -> None:
        self.country = country
        self._plain = PlainClient(server, server.seats[country - 1])
        self.sent: list[tuple[int, str]] = []

    def ask(self, route: str, body: dict[str, Any] | None = None, **query: object) -> Any:
        """The JSON, once it comes whole."""
        while True:
            found = self._try(route, body, query)
            if found is not None:
                return found

    def say(self, to: int, text: str) -> None:
        """Sends a message exactly once."""
        self.sent.append((to, text))
        body = {"gameID": 1, "countryID": self.country, "toCountryID": to, "message": text}
        while self._try("game/sendmessage", body, {}) is None:
            told = self.ask("game/getmessages", gameID=1, countryID=self.country)["data"]["messages"]
            if (self.country, to, text) in [(m["fromCountryID"], m["toCountryID"], m["message"]) for m in told]:
                return

    def close(self) -> None:
        """Ends the connection."""
        self._plain.__exit__()

    def _try(self, route: str, body: dict[str, Any] | None, query: dict[str, object]) -> Any:
        try:
            answer = self._plain.get(route, **query) if body is None else self._plain.post(route, body)
            is_json = answer.headers["content-type"] == "application/json"
            return answer.json() if answer.status_code == 200 and is_json else None
        except (httpx.TransportError, ValueError):
            return None


def _play(client: _PatientClient, failures: list[BaseException]) -> None:
    try:
        for turn in range(3):
            _play_turn(client, turn)
    except BaseException as error:
        failures.append(error)


def _play_turn(client: _PatientClient, turn: int) -> None:
    """Three messages and the orders of a spring or autumn in which everybody holds."""
    while client.ask("game/status", gameID=1, countryID=client.country)["turn"] < turn:
        threading.Event().wait(0.01)
    for number in range(3):
        others = [country for country in (0, *COUNTRIES) if country != client.country]
        client.say(others[(turn + number) % 7], f"{client.country} in turn {turn}, number {number}")
    body = {"gameID": 1, "turn": turn, "phase": "Diplomacy", "countryID": client.country, "ready": "Yes"}
    status = client.ask("game/status", gameID=1, countryID=client.country)
    mine = [row["terrID"] for row in status["phases"][-1]["units"] if row["countryID"] == client.country]
    orders = [sent(place, "Hold") for place in mine]
    # An answer that was lost may have moved the game on; then the same orders are for a turn that is over.
    while client.ask("game/status", gameID=1, countryID=client.country)["turn"] == turn:
        if client._try("game/orders", body | {"orders": orders}, {}) is not None:
            return


def test_with_every_fault_no_message_is_lost_or_doubled_and_no_phase_is_missed() -> None:
    policy = FaultPolicy.parse("all=0.05", seed=5, slow_s=0.02)
    clock = SiteClock(1_800_000_000, speed=0)
    with SandboxServer(clock, policy, gamemaster_interval_s=0.02, poll_interval_s=0) as server:
        game = server.open_game()
        clients = [_PatientClient(server, country) for country in COUNTRIES]
        failures: list[BaseException] = []
        threads = [threading.Thread(target=_play, args=(client, failures)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        for client in clients:
            client.close()
        server.process()
    assert failures == []
    assert set(server.api.faults.met) == set(Fault)
    wanted = Counter((client.country, to, text) for client in clients for to, text in client.sent)
    assert Counter((m.sender, m.recipient, m.text) for m in game.messages) == wanted
    assert server.site.bugs.found == []
    assert game.turn == 3
    assert [past.turn for past in game.history] == [0, 1, 2]
    assert all(row["type"] == "Hold" for past in game.history for row in past.orders)


def test_a_client_that_is_gone_in_the_midst_of_its_request_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    with SandboxServer() as server:
        server.open_game()
        with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as line:
            line.sendall(b"POST /api.php?route=game/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        with PlainClient(server, server.seats[0]) as client:
            assert client.get("players/active_games").status_code == 200
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
