"""The tables' server as a process of its own, for a measurement: started, asked, killed, started again on its port."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from cicero_lite.bench.client_process import ClientProcess
from cicero_lite.bench.options import BenchError
from cicero_lite.web.table.settings import PERSON
from engine.types import POWERS, Power

_START_S = 120.0
_ASKED_EVERY_S = 0.25


@dataclass(frozen=True)
class Opened:
    """A game that was opened, and its person's link."""

    game: int
    path: str
    token: str

    @property
    def link(self) -> str:
        """What the person opens, behind the server's address."""
        return f"{self.path}#{self.token}"


class TableServerProcess:
    """``cicero-lite web`` with a store that outlives it."""

    def __init__(self, folder: Path, options: Sequence[str]) -> None:
        """Prepares to start it.

        Args:
            folder: for its store and what it prints.
            options: further ones of the command.
        """
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port: int = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = ClientProcess("web", ["web", "--port", str(self.port), *options], folder, environment={})

    def start(self) -> None:
        """Starts it, and waits until it answers.

        Raises:
            BenchError: it does not.
        """
        self.process.start()
        end = time.monotonic() + _START_S
        with httpx.Client(trust_env=False) as client:
            while time.monotonic() < end and self.process.ended is None:
                try:
                    client.get(self.url)
                    return
                except httpx.TransportError:
                    time.sleep(0.02)
        self.process.kill()
        raise BenchError(f"expected cicero-lite web to start, got: {self.process.last_line()[:300]}")

    def open_games(self, count: int, power: Power, others: str, seed: int, saved: Mapping[str, Any]) -> list[Opened]:
        """Opens games with a person in one seat, each in another game of the same position.

        Args:
            count: how many.
            power: the person's.
            others: the agent in the other seats.
            seed: of the first game.
            saved: where they go on from.
        """
        found = []
        with httpx.Client(base_url=self.url, headers=_bearer(self._token()), trust_env=False, timeout=60.0) as client:
            for number in range(count):
                seats = {p.value: PERSON if p is power else others for p in POWERS}
                settings = {"seats": seats, "seed": seed + number, "title": f"{others} {number + 1}"}
                answer = client.post("/games", json={"settings": settings, "saved": saved})
                if answer.status_code != httpx.codes.OK:
                    raise BenchError(f"expected a game to be opened, got {answer.text[:300]}")
                game = answer.json()
                link = next(seat["link"] for seat in game["seats"] if seat["power"] == power)
                path, _, token = link.partition("#")
                found.append(Opened(game["id"], path, token))
        return found

    def _token(self) -> str:
        """Of whoever opens games: printed at the start."""
        lines = self.process.printed.read_text(encoding="utf-8").splitlines()
        return next(line for line in reversed(lines) if line.startswith("http")).partition("#")[2]


@dataclass(frozen=True)
class Asked:
    """What the server told of a game when it was asked."""

    at: float
    """Milliseconds since 1970."""
    game: int
    thinking: str | None
    """The agent that thought then."""
    ms: float
    """How long the answer took."""


class Watch(threading.Thread):
    """Asks the server about each game, four times a second, as a page does that has all but the latest."""

    def __init__(self, server: TableServerProcess, games: Sequence[Opened]) -> None:
        super().__init__(daemon=True)
        self._server, self._games = server, games
        self._over = threading.Event()
        self.asked: list[Asked] = []
        self.failure: str | None = None
        """Why the agents of a game stopped."""

    def run(self) -> None:
        """Asks until it is over."""
        try:
            self._ask()
        except httpx.HTTPError as error:
            self.failure = f"the server did not answer ({error})"

    def _ask(self) -> None:
        have: dict[int, dict[str, Any]] = {opened.game: {} for opened in self._games}
        with httpx.Client(base_url=self._server.url, trust_env=False, timeout=60.0) as client:
            while not self._over.wait(_ASKED_EVERY_S):
                for opened in self._games:
                    begun = time.time()
                    answer = client.get(
                        f"{opened.path}/state", params=have[opened.game], headers=_bearer(opened.token)
                    ).json()
                    took = time.time() - begun
                    self.asked.append(Asked(1000 * begun, opened.game, answer["thinking"], 1000 * took))
                    self.failure = self.failure or answer["failure"]
                    last = max((m["number"] for m in answer["messages"]), default=have[opened.game].get("message", -1))
                    have[opened.game] = {
                        "boot": answer["boot"],
                        "scenes": answer["count"] - 1,
                        "message": last,
                        "phase": answer["phase"],
                    }

    def stop(self) -> None:
        """Asks no more.

        Raises:
            BenchError: the agents of a game stopped.
        """
        self._over.set()
        self.join()
        if self.failure is not None:
            raise BenchError(f"expected six agents at play in each game, got: {self.failure}")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
