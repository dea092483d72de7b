"""The site as an HTTP server on the loopback interface, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from starlette.applications import Starlette
from starlette.routing import Route

from cicero_lite.adapters.webdiplomacy_sandbox import gamemaster, routes
from cicero_lite.adapters.webdiplomacy_sandbox.api import Api
from cicero_lite.adapters.webdiplomacy_sandbox.calls import ApiRequest
from cicero_lite.adapters.webdiplomacy_sandbox.client_bugs import ClientBugs
from cicero_lite.adapters.webdiplomacy_sandbox.clock import SiteClock
from cicero_lite.adapters.webdiplomacy_sandbox.connections import RememberedConnection
from cicero_lite.adapters.webdiplomacy_sandbox.control import Control, rules_from
from cicero_lite.adapters.webdiplomacy_sandbox.faults import FaultPolicy, Faults
from cicero_lite.adapters.webdiplomacy_sandbox.journal import Journal
from cicero_lite.adapters.webdiplomacy_sandbox.site import (
    BOT_PERMISSIONS,
    Account,
    GameRules,
    Permission,
    Site,
    SiteGame,
)
from cicero_lite.web.serving import ThreadedServer
from engine.board import position_from_text
from engine.game import Game

_T = TypeVar("_T")
_LOOPBACK = "127.0.0.1"
_FIRST_USER = 5
"""User id of the first seat; lower ones are taken on a fresh site."""
_METHODS = ["GET", "POST", "PUT"]
"""The site does not look at the method."""


class SandboxServer:
    """A site with seven accounts, its faults, and the HTTP server in front of it.

    >>> with SandboxServer() as server:
    ...     game = server.open_game()
    >>> len(server.seats), game.phase.value
    (7, 'Diplomacy')
    """

    def __init__(
        self,
        clock: SiteClock | None = None,
        policy: FaultPolicy | None = None,
        *,
        port: int = 0,
        gamemaster_interval_s: float | None = None,
        poll_interval_s: float = 1.0,
        seats_are_bots: bool = True,
        journal: Path | None = None,
    ) -> None:
        """Prepares the site; `with` starts it.

        Args:
            clock: the site's; None: the time of this machine.
            policy: which faults are injected; None: none.
            port: on the loopback interface; 0: any that is free.
            gamemaster_interval_s: real seconds between rounds of the game master; None: only when it is called.
            poll_interval_s: a client that reads a game more often than this has a bug; 0: it may.
            seats_are_bots: whether the seven are accounts of bots, whose votes are never counted.
            journal: file from which the site comes back, and which it keeps; None: it is gone when it stops.

        Raises:
            OutputError, EventLogError: the journal cannot be used.
        """
        self.site = Site(clock or SiteClock(), ClientBugs(poll_interval_s))
        self.api = Api(self.site, Faults(policy or FaultPolicy()))
        if journal is not None:
            self._restore(Journal(journal))
        if not self.site.accounts:
            for seat in range(1, 8):
                self.add_account(f"Player{seat}", is_bot=seats_are_bots)
        self.seats = list(self.site.accounts.values())[:7]
        """The seven accounts, in the order of the country ids."""
        self.control_token = secrets.token_hex(20)
        self._interval_s = gamemaster_interval_s
        self._loop: asyncio.AbstractEventLoop | None = None
        """Of the server's thread, while it runs."""
        self._port = port
        self.url = ""
        """Where ``/api.php`` and ``/control`` are, once it is started."""
        control = Control(self.api, self.control_token, self.seats)
        application = Starlette(
            routes=[Route("/api.php", self.api.answer, methods=_METHODS), *control.routes()], lifespan=self._lifespan
        )
        # The date of an answer is that of the site's clock, so uvicorn's is left out.
        self._server = ThreadedServer(application, http=RememberedConnection, date_header=False)

    def add_account(
        self, name: str, is_bot: bool = True, permissions: frozenset[Permission] = BOT_PERMISSIONS
    ) -> Account:
        """Another account, with a key of its own."""
        return self._enter_account(name, secrets.token_hex(20), is_bot, permissions)

    def _enter_account(self, name: str, key: str, is_bot: bool, permissions: frozenset[Permission]) -> Account:
        account = Account(_FIRST_USER + len(self.site.accounts), name, key, is_bot, permissions)
        self.site.accounts[key] = account
        self.site.record("account", name=name, key=key, is_bot=is_bot, permissions=sorted(permissions))
        return account

    def _restore(self, journal: Journal) -> None:
        """Does again all that the journal holds, at the times it names, and has the site keep it from here on."""
        clock = self.site.clock
        self.site.clock = SiteClock(0, speed=0)
        for entry in journal.entries():
            self.site.clock = SiteClock(entry["time"], speed=0)
            self.site.look_at_clock()
            match entry["kind"]:
                case "account":
                    permissions = frozenset(Permission(name) for name in entry["permissions"])
                    self._enter_account(entry["name"], entry["key"], entry["is_bot"], permissions)
                case "game":
                    by_id = {account.user_id: account for account in self.site.accounts.values()}
                    seats = [by_id[user_id] for user_id in entry["seats"]]
                    text = entry["text"]
                    game = None if text is None else Game(position=position_from_text(text))
                    gamemaster.new_game(self.site, rules_from(entry["rules"]), seats, game)
                case "gamemaster":
                    gamemaster.run(self.site)
                case "call":
                    request = ApiRequest(entry["query"], entry["authorization"], entry["body"].encode())
                    routes.answer(self.site, request)
        # Time does not run backwards, though the site's may have been faster than that of the machine.
        clock.advance(max(0, self.site.clock.now() - clock.now()))
        self.site.clock, self.site.journal = clock, journal

    def open_game(
        self, rules: GameRules | None = None, game: Game | None = None, seats: Sequence[Account] | None = None
    ) -> SiteGame:
        """A game that begins now.

        Args:
            rules: its settings.
            game: the position to begin from; None: spring 1901.
            seats: who plays, in the order of the country ids; None: the seven of `seats`.
        """
        chosen = self.seats if seats is None else seats
        return self._between_requests(lambda: gamemaster.new_game(self.site, rules or GameRules(), chosen, game))

    def process(self) -> None:
        """One round of the game master."""
        self._between_requests(lambda: gamemaster.run(self.site))

    def _between_requests(self, action: Callable[[], _T]) -> _T:
        """What the action returns, done in the thread of the server if that is running."""
        if self._loop is None:
            return action()

        async def act() -> _T:
            return action()

        return asyncio.run_coroutine_threadsafe(act(), self._loop).result()

    def __enter__(self) -> SandboxServer:
        """Starts to answer.

        Raises:
            OutputError: the port cannot be used.
        """
        self._server.start(_LOOPBACK, self._port)
        self.url = f"http://{_LOOPBACK}:{self._server.port}"
        return self

    def __exit__(self, *_: object) -> None:
        """See `stop`."""
        self.stop()

    def stop(self) -> None:
        """Stops to answer; what the site knows can still be asked for."""
        self._server.stop()

    def wait(self) -> None:
        """Returns when the server stops, by itself or by Ctrl-C."""
        self._server.wait()

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        rounds = asyncio.create_task(self._keep_processing())
        yield
        self._loop = None
        rounds.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await rounds

    async def _keep_processing(self) -> None:
        while self._interval_s is not None:
            await asyncio.sleep(self._interval_s)
            gamemaster.run(self.site)
