"""What ``cicero-lite webdip`` does: plays the games of a key until it is told to end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from rich.console import Console

from cicero_lite.adapters.webdiplomacy_client import WebDiplomacyClient
from cicero_lite.adapters.webdiplomacy_sandbox.command import Rehearsal
from cicero_lite.config import Config
from cicero_lite.hosting.lines import JsonLines, Lines, PlainLines
from cicero_lite.hosting.store import Store
from cicero_lite.hosting.webdip import WebdipGames
from cicero_lite.registry import check_agent_name
from engine.types import Power

STORE = Path("cicero-lite.sqlite")
"""Where the store is if nobody says."""


@dataclass(frozen=True)
class Webdip:
    """What is wanted."""

    agent: str = "cicero"
    store: Path | None = None
    """None: `STORE`, or of a rehearsal a file that is gone afterwards."""
    once: bool = False
    as_json: bool = False
    rehearsal: Rehearsal | None = None
    """A site in this process instead of the configured one; None: no rehearsal."""
    power: Power = Power.FRANCE
    """Whom to play in a rehearsal."""
    opponents: str = "dumbbot"
    """Who plays the others in a rehearsal."""


def run_webdip(wanted: Webdip, config: Config, console: Console) -> int:
    """Plays, and shows what happens.

    Returns:
        The exit code: 0, or 1 if a game failed in a single pass.

    Raises:
        CiceroLiteError: the server, the key, the games or the store are not what was expected.
    """
    check_agent_name(wanted.agent)
    lines: Lines = JsonLines(console) if wanted.as_json else PlainLines(console)
    with ExitStack() as stack:
        path = wanted.store or STORE
        if wanted.rehearsal is not None:
            # imported late: a site is needed for rehearsals alone
            from cicero_lite.hosting.rehearsal import sandbox_games

            check_agent_name(wanted.opponents)
            if wanted.store is None:
                path = Path(stack.enter_context(TemporaryDirectory(prefix="cicero-lite-"))) / STORE
            site = sandbox_games(
                wanted.power,
                wanted.rehearsal,
                wanted.opponents,
                config.agent,
                lambda line: lines.tell(None, line),
            )
            config = replace(config, live=replace(config.live, webdiplomacy=stack.enter_context(site)))
        ending = stack.enter_context(ending_signals())
        store = Store(path)
        stack.callback(store.close)
        client = WebDiplomacyClient(config.live.webdiplomacy)
        stack.callback(client.close)
        games = WebdipGames(client, store, config, wanted.agent, lines.tell, ending)
        if wanted.once:
            return 0 if games.run_once() else 1
        games.run(until_over=wanted.rehearsal is not None)
        if wanted.rehearsal is None or wanted.store is not None:
            lines.tell(None, f"ended; everything is kept in {path}")
    return 0


@contextmanager
def ending_signals() -> Iterator[threading.Event]:
    """Set by SIGINT and SIGTERM; a second one does what it always did."""
    ending = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield ending  # only the main thread may handle signals
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def end(number: int, frame: FrameType | None) -> None:
        ending.set()
        for each, handler in before.items():
            signal.signal(each, handler)

    for number in before:
        signal.signal(number, end)
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
