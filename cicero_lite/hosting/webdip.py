"""All games of a key on a webDiplomacy server, side by side, for as long as it takes.

Each game has a thread of its own; new ones are taken up and those that are over let go while the others go on.  A game
whose thread fails is tried again, each time later.
"""

from __future__ import annotations

import random
import threading
import time
import traceback
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from cicero_lite.adapters.webdiplomacy import WebDiplomacyTable
from cicero_lite.adapters.webdiplomacy_client import WebDiplomacyClient
from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, COUNTRY_OF
from cicero_lite.adapters.webdiplomacy_responses import ActiveGame, SeatRef, WebDiplomacyError
from cicero_lite.arena.log import EventLog, GameStarted
from cicero_lite.config import Config, config_values, config_yaml
from cicero_lite.errors import CiceroLiteError
from cicero_lite.hosting.gate import Gate
from cicero_lite.hosting.guard import Guard
from cicero_lite.hosting.host import Host, Told
from cicero_lite.hosting.store import Store, StoredSeat
from cicero_lite.output import Provenance, provenance
from cicero_lite.registry import Agent, Seat, make_agent

Tell = Callable[[StoredSeat | None, Told], None]
"""Told of everything that people may want to know, with the seat that it is about (None: all)."""

_LOOK_S = 20.0
"""Between two looks for new games."""
_TICK_S = 1.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 5.0, 600.0
"""Before a game that failed is tried again: the first time, and at most."""
_PATIENCE_S = 60.0
"""How long the games may take to come to an end when the process is to end."""


class LeftError(Exception):
    """Not an error of anybody: the process is to end, or a single pass is over."""


@dataclass
class _Playing:
    """A game and the thread that plays it."""

    ref: SeatRef
    thread: threading.Thread | None = None
    failures: int = 0
    again_at: float = 0.0
    is_over: bool = False


class WebdipGames:
    """The games of one key."""

    def __init__(
        self,
        client: WebDiplomacyClient,
        store: Store,
        config: Config,
        agent: str,
        tell: Tell,
        ending: threading.Event,
        rng: random.Random | None = None,
    ) -> None:
        """Prepares to play.

        Args:
            client: with the key.
            store: keeps everything.
            config: its part `live`, and the agent's.
            agent: name of the agent in games that begin; others go on with theirs.
            tell: told of everything.
            ending: set when the process is to end.
            rng: spreads the tries after failures.
        """
        self._client, self._store, self._config, self._agent = client, store, config, agent
        self._tell, self._ending, self._rng = tell, ending, rng or random.Random()
        self._host_config = config.live.host
        self._server = client.config.url.removesuffix("/")
        self._guard = Guard(store, self._host_config.mode, lambda line: tell(None, line))
        self._gate = Gate(self._host_config.thinking)
        self._playing: dict[SeatRef, _Playing] = {}
        self._looked_at = -float("inf")
        self._trouble = ""

    # --- what is done --------------------------------------------------------------------------------------

    def run(self, until_over: bool = False) -> None:
        """Plays until the process is to end.

        Args:
            until_over: ends, too, when no game is left.

        Raises:
            WebDiplomacyError: the server cannot be asked at the very beginning, or has no such game.
        """
        self._start()
        while not self._ending.wait(_TICK_S):
            if time.monotonic() - self._looked_at > _LOOK_S:
                self._look_again()
            for playing in list(self._playing.values()):
                self._look_after(playing, once=False)
            if until_over and all(playing.is_over for playing in self._playing.values()):
                break
        self._join()

    def run_once(self) -> bool:
        """One pass over all games: reads, thinks, speaks, orders.

        Returns:
            Whether no game failed.

        Raises:
            WebDiplomacyError: the server cannot be asked, or has no such game.
        """
        self._start()
        for playing in self._playing.values():
            self._look_after(playing, once=True)
        for playing in self._playing.values():
            while playing.thread is not None and playing.thread.is_alive():
                playing.thread.join(_TICK_S)  # so that signals are heard
        return not any(playing.failures for playing in self._playing.values())

    # --- games ---------------------------------------------------------------------------------------------

    def _start(self) -> None:
        active = self._client.active_games()
        if (warning := self._client.clock.warning()) is not None:
            self._note(warning)
        self._check_listed(active)
        self._take_up(active)
        if not self._playing:
            self._note("the key has no game to play now; new ones are taken up when there are any")

    def _look_again(self) -> None:
        try:
            self._take_up(self._client.active_games(_TICK_S))
            self._trouble = ""
        except WebDiplomacyError as error:
            self._looked_at = time.monotonic()
            if str(error) != self._trouble:
                self._trouble = str(error)
                self._note(self._trouble)

    def _take_up(self, active: Sequence[ActiveGame]) -> None:
        """Games that are new to this process, and those of the store that the server does not name: left, or over."""
        self._looked_at = time.monotonic()
        wanted = [SeatRef(game_id=g.game_id, country_id=g.country_id) for g in active if self._is_listed(g)]
        wanted += [
            SeatRef(game_id=int(seat.game), country_id=COUNTRY_OF[seat.power])
            for seat in self._store.seats()
            if seat.server == self._server and seat.ended is None and self._is_listed(seat)
        ]
        for ref in wanted:
            self._playing.setdefault(ref, _Playing(ref))

    def _is_listed(self, game: ActiveGame | StoredSeat) -> bool:
        names = (game.game,) if isinstance(game, StoredSeat) else (str(game.game_id), game.name)
        return not self._host_config.games or any(name in self._host_config.games for name in names)

    def _check_listed(self, active: Sequence[ActiveGame]) -> None:
        """Says which games of the list there are not.

        Raises:
            WebDiplomacyError: there is none of them.
        """
        known = {name for game in active for name in (str(game.game_id), game.name)}
        known |= {seat.game for seat in self._store.seats() if seat.server == self._server}
        missing = [name for name in self._host_config.games if name not in known]
        if not missing:
            return
        has = ", ".join(f"{game.game_id} ({game.name})" for game in active) or "none at all"
        line = f"the key plays no game {', '.join(missing)}: expected one of its games; it has {has}"
        if len(missing) == len(self._host_config.games):
            raise WebDiplomacyError(line)
        self._note(line)

    def _look_after(self, playing: _Playing, once: bool) -> None:
        """Starts the thread of a game, unless it plays, is over, or is to wait after a failure."""
        is_busy = playing.thread is not None and playing.thread.is_alive()
        if is_busy or playing.is_over or time.monotonic() < playing.again_at:
            return
        name = f"game {playing.ref.game_id}"
        playing.thread = threading.Thread(target=self._play, args=(playing, once), name=name, daemon=True)
        playing.thread.start()

    def _play(self, playing: _Playing, once: bool) -> None:
        """What the thread of a game does."""
        begun = time.monotonic()
        seat: StoredSeat | None = None
        try:
            seat = self._take_seat(playing.ref)
            closed = self._sit(seat, playing.ref, once)
            playing.is_over = closed is not None
        except LeftError:
            pass
        except Exception as error:
            if time.monotonic() - begun > _LONGEST_WAIT_S:
                playing.failures = 0
            longest = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0**playing.failures)
            wait_s = longest * self._rng.uniform(0.5, 1.0)
            playing.failures += 1
            playing.again_at = time.monotonic() + wait_s
            after = "" if once else f"; it is tried again in {wait_s:.0f} s, the others go on"
            self._note(f"game {playing.ref.game_id}: {_in_one_line(error)}{after}", seat)
        finally:
            self._store.close()

    def _take_seat(self, ref: SeatRef) -> StoredSeat:
        power, game = COUNTRIES[ref.country_id], str(ref.game_id)
        numbers = [self._config.play.seed, zlib.crc32(f"{self._server} {game}".encode())]
        seed = int(np.random.SeedSequence(numbers).generate_state(1)[0])
        seat = self._store.take_seat(self._server, game, power, self._agent, seed, config_yaml(self._config))
        if seat.ended is not None:  # the server says that it goes on after all
            self._store.end_seat(seat.id, None)
        return seat

    def _sit(self, seat: StoredSeat, ref: SeatRef, once: bool) -> object:
        """Plays a game; the result, or None if there is none yet."""
        config, agent_config = self._config, self._config.agent.in_game(seat.seed)

        def make(seed: int, events: EventLog) -> Agent:
            return make_agent(seat.agent, Seat(seat.power, seed, agent_config, events))

        def rest(seconds: float) -> None:
            if once:
                raise LeftError
            self._sleep(seconds)

        host = Host(
            seat,
            make,
            lambda: game_header(seat, config),
            self._store,
            self._host_config,
            self._guard,
            self._gate,
            lambda what: self._tell(seat, what),
        )
        if seat.agent != self._agent:
            host.note(f"game {seat.game} goes on with the agent it began with, {seat.agent}")
        table_config = replace(config.live.table, turns=1, quiet_share=0.0, typing=False) if once else config.live.table
        unsaid = (lambda: False) if once else host.unsaid
        table = WebDiplomacyTable(self._client, ref, table_config, self._sleep, host.note, host.permits, unsaid, rest)
        return host.run(table, once)

    # --- helpers -------------------------------------------------------------------------------------------

    def _sleep(self, seconds: float) -> None:
        if self._ending.wait(max(0.0, seconds)):
            raise LeftError

    def _join(self) -> None:
        """Waits for the games to come to an end; what they were at is kept in any case."""
        until = time.monotonic() + _PATIENCE_S
        for playing in self._playing.values():
            if playing.thread is not None:
                playing.thread.join(max(0.0, until - time.monotonic()))

    def _note(self, line: str, seat: StoredSeat | None = None) -> None:
        self._store.note(line, None if seat is None else seat.id)
        self._tell(seat, line)


def game_header(seat: StoredSeat, config: Config) -> GameStarted:
    """The first line of a seat's log."""
    running = _running()
    return GameStarted(
        game=seat.game,
        map_name="standard",
        seed=seat.seed,
        agents={seat.power: seat.agent},
        config=config_values(config),
        commit=running.commit,
        dirty=running.dirty,
        versions=running.versions,
    )


@cache
def _running() -> Provenance:
    return provenance()


def _in_one_line(error: Exception) -> str:
    """What went wrong; of what nobody expected, also where."""
    if isinstance(error, CiceroLiteError):
        return " ".join(str(error).split())
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno}"
    return f"{type(error).__name__} in {where}: {' '.join(str(error).split())}"
