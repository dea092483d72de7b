"""All games of a key on a webDiplomacy server, side by side, for as long as it takes.

Each game has a thread of its own; new ones are taken up and those that are over let go while the others go on.  A game
whose thread fails is tried again, each time later.
"""

from __future__ import annotations

import random
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from cicero_lite.adapters.webdiplomacy import WebDiplomacyTable
from cicero_lite.adapters.webdiplomacy_client import WebDiplomacyClient
from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, COUNTRY_OF
from cicero_lite.adapters.webdiplomacy_responses import ActiveGame, SeatRef, WebDiplomacyError
from cicero_lite.errors import CiceroLiteError
from cicero_lite.hosting.gate import Gate
from cicero_lite.hosting.guard import Guard
from cicero_lite.hosting.host import Told
from cicero_lite.hosting.metrics import HostMetrics
from cicero_lite.hosting.seats import Player, host_of, take_seat
from cicero_lite.hosting.service import LeftError, Waits
from cicero_lite.hosting.store import Store, StoredSeat


class Tell(Protocol):
    """Told of everything that people may want to know; see `Lines.tell`."""

    def __call__(self, seat: StoredSeat | None, what: Told, error: BaseException | None = None) -> None: ...


_LOOK_S = 20.0
"""Between two looks for new games."""
_TICK_S = 1.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 5.0, 600.0
"""Before a game that failed is tried again: the first time, and at most."""
_PATIENCE_S = 60.0
"""How long the games may take to come to an end when the process is to end."""


@dataclass
class _Playing:
    """A game and the thread that plays it."""

    ref: SeatRef
    thread: threading.Thread | None = None
    seat: int | None = None
    """Its number in the store, once it was taken."""
    failures: int = 0
    again_at: float = 0.0
    is_over: bool = False


class WebdipGames:
    """The games of one key."""

    def __init__(
        self,
        client: WebDiplomacyClient,
        store: Store,
        player: Player,
        tell: Tell,
        metrics: HostMetrics,
        ending: threading.Event,
        rng: random.Random | None = None,
    ) -> None:
        """Prepares to play.

        Args:
            client: with the key.
            store: keeps everything.
            player: who plays.
            tell: told of everything.
            metrics: count errors, and time the thinking.
            ending: set when the process is to end.
            rng: spreads the tries after failures.
        """
        self._client, self._store, self._player = client, store, player
        self._tell, self._metrics = tell, metrics
        self._ending, self._rng = ending, rng or random.Random()
        self._host_config = player.config.live.host
        self._server = client.config.url.removesuffix("/")
        self._guard = Guard(store, self._host_config.mode, lambda line: tell(None, line))
        self._gate = Gate(self._host_config.thinking, metrics.thinking)
        self._playing: dict[SeatRef, _Playing] = {}
        self._looked_at = -float("inf")
        self._trouble = ""

    # --- what is done --------------------------------------------------------------------------------------

    def playing(self) -> frozenset[int]:
        """Numbers of the seats that a thread plays now; not those that wait after a failure."""
        found = [(p.seat, p.thread) for p in list(self._playing.values())]
        return frozenset(
            seat for seat, thread in found if seat is not None and thread is not None and thread.is_alive()
        )

    def run(self, until_over: bool = False, ready: Callable[[], None] = lambda: None) -> None:
        """Plays until the process is to end.

        Args:
            until_over: ends, too, when no game is left.
            ready: called when the games are looked after.

        Raises:
            WebDiplomacyError: the server cannot be asked at the very beginning, or has no such game.
        """
        self._start()
        for playing in list(self._playing.values()):
            self._look_after(playing, once=False)
        ready()
        while not self._ending.wait(_TICK_S):
            if time.monotonic() - self._looked_at > _LOOK_S:
                self._look_again()
            for playing in list(self._playing.values()):
                self._look_after(playing, once=False)
            if until_over and all(playing.is_over for playing in self._playing.values()):
                break
        self._join()

    def run_once(self, ready: Callable[[], None] = lambda: None) -> bool:
        """One pass over all games: reads, thinks, speaks, orders.

        Args:
            ready: called when the games are looked after.

        Returns:
            Whether no game failed.

        Raises:
            WebDiplomacyError: the server cannot be asked, or has no such game.
        """
        self._start()
        for playing in self._playing.values():
            self._look_after(playing, once=True)
        ready()
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
            power, game = COUNTRIES[playing.ref.country_id], str(playing.ref.game_id)
            seat = take_seat(self._store, self._server, game, power, self._player)
            closed = self._sit(playing, seat, once)
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
            line = f"game {playing.ref.game_id}: {_in_one_line(error)}{after}"
            self._metrics.error(error)
            self._store.note(line, None if seat is None else seat.id)
            self._tell(seat, line, None if isinstance(error, CiceroLiteError) else error)
        finally:
            self._store.close()

    def _sit(self, playing: _Playing, seat: StoredSeat, once: bool) -> object:
        """Plays a game; the result, or None if there is none yet."""
        if seat.ended is not None:  # the server says that it goes on after all
            self._store.end_seat(seat.id, None)
        host = host_of(seat, self._player, self._store, self._guard, self._gate, lambda what: self._tell(seat, what))
        host.show_life()
        playing.seat = seat.id

        waits = Waits(host, self._ending, once)
        host.wait_for_requests(waits.sleep)
        live = self._player.config.live
        table_config = replace(live.table, turns=1, quiet_share=0.0, typing=False) if once else live.table
        table = WebDiplomacyTable(
            self._client,
            playing.ref,
            table_config,
            waits.sleep,
            host.note,
            host.permits,
            waits.unsaid,
            waits.rest,
        )
        return host.run(table, once)

    # --- helpers -------------------------------------------------------------------------------------------

    def _join(self) -> None:
        """Waits for the games to come to an end; what they were at is kept in any case."""
        until = time.monotonic() + _PATIENCE_S
        for playing in self._playing.values():
            if playing.thread is not None:
                playing.thread.join(max(0.0, until - time.monotonic()))

    def _note(self, line: str, seat: StoredSeat | None = None) -> None:
        self._store.note(line, None if seat is None else seat.id)
        self._tell(seat, line)


def _in_one_line(error: Exception) -> str:
    """What went wrong; of what nobody expected, also where."""
    if isinstance(error, CiceroLiteError):
        return " ".join(str(error).split())
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno}"
    return f"{type(error).__name__} in {where}: {' '.join(str(error).split())}"
