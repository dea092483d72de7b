"""Games at our tables as tests open them: quick agents, a position with a whole year in it, a client at a seat."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from cicero_lite.config import load_config
from cicero_lite.web.door import checked_door
from cicero_lite.web.table.rooms import Rooms
from cicero_lite.web.table.server import TableServer
from cicero_lite.web.table.settings import PERSON, TableSettings, Words, known_personas
from cicero_lite.web.table.store import TableStore
from engine.board import position_from_text
from engine.game import Game
from engine.types import POWERS, Power

PATIENCE_S = 300.0
EVIL = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
YEAR = (
    "S1901M; FRANCE A BUR, F BRE = BRE MAR PAR; GERMANY A MUN, A RUH = BER KIE MUN; "
    "ITALY A ROM, F NAP = NAP ROM; AUSTRIA A VIE = VIE"
)
"""Germany can dislodge an army of France in spring; France, if it then takes Spain, builds in winter."""
Json = dict[str, Any]


def year() -> Json:
    """A saved game that stands there."""
    return Game(position=position_from_text(YEAR)).to_saved_game()


def still() -> Json:
    """A saved game in which nobody has moved for three years: by their rule, agents that expect nothing want a draw."""
    game = Game()
    while str(game.phase) != "S1904M":
        game.process()
    return game.to_saved_game()


def settings(seats: Mapping[Power, str], others: str = "dumbbot", **more: Any) -> TableSettings:
    """A game whose agents do not search and speak our grammar's words."""
    every = {power: seats.get(power, others) for power in POWERS}
    return TableSettings(every, think="policy", words=Words.GRAMMAR, **more)


def alone(**more: Any) -> TableSettings:
    """France, a person, among six DumbBots."""
    return settings({Power.FRANCE: PERSON}, **more)


def rooms_in(folder: Path, *more: str) -> Rooms:
    """Rooms of a store in this folder; agents speak once a phase of themselves, and are as more settings say."""
    config = load_config((), ["play.rounds=1", *more])
    return Rooms(TableStore(folder / "web.sqlite"), config, known_personas(folder))


@contextmanager
def serving(folder: Path, *more: str) -> Iterator[tuple[TableServer, Rooms]]:
    """A server for them."""
    rooms = rooms_in(folder, *more)
    with TableServer(rooms, checked_door("127.0.0.1", 0, (), None)) as server:
        yield server, rooms


def until(condition: Callable[[], Any], what: str) -> Any:
    """Waits for something to come true, and returns it."""
    end = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.02)
    return found


class Guest:
    """Somebody at a seat who talks to the server without a browser."""

    def __init__(self, url: str, link: str) -> None:
        address, _, token = link.partition("#")
        self.client = httpx.Client(
            base_url=url.rstrip("/") + address,
            headers={"Origin": url.rstrip("/")},
            trust_env=False,
            timeout=PATIENCE_S,
        )
        assert self.client.post("/session", json={"token": token}).status_code == 204

    def state(self) -> Json:
        """All that the seat sees."""
        found: Json = self.client.get("/state").json()
        assert found["failure"] is None, found["failure"]
        return found

    def asks(self, what: str, key: str | None = None, phase: str | None = None, **values: Any) -> httpx.Response:
        """Does something in the phase at hand."""
        phase = self.state()["phase"] if phase is None else phase
        return self.client.post(f"/{what}", json={"key": key or uuid.uuid4().hex, "phase": phase, **values})

    def does(self, what: str, **values: Any) -> Json:
        """Does something that succeeds."""
        answer = self.asks(what, **values)
        assert answer.status_code == 200, answer.text
        done: Json = answer.json()
        return done

    def takes_back(self, key: str | None = None) -> httpx.Response:
        """Takes the seat back from an agent, whatever phase it is."""
        return self.client.post("/take-back", json={"key": key or uuid.uuid4().hex})

    def comes_to(self, phase: str) -> Json:
        """What is seen as soon as this phase is there."""
        return dict(until(lambda: (found := self.state())["phase"] == phase and found, phase))

    def __enter__(self) -> Guest:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
