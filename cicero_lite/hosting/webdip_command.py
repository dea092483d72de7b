"""What ``cicero-lite webdip`` does: plays the games of a key until it is told to end."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from cicero_lite.adapters.webdiplomacy_client import WebDiplomacyClient
from cicero_lite.adapters.webdiplomacy_sandbox.command import Rehearsal
from cicero_lite.config import Config
from cicero_lite.hosting.seats import Player
from cicero_lite.hosting.service import Watched, live_service
from cicero_lite.hosting.settings import STORE
from cicero_lite.hosting.webdip import WebdipGames
from cicero_lite.registry import check_agent_name
from engine.types import Power


@dataclass(frozen=True)
class Webdip:
    """What is wanted."""

    agent: str = "cicero"
    store: Path | None = None
    """None: `STORE`, or of a rehearsal a file that is gone afterwards."""
    once: bool = False
    watched: Watched = field(default_factory=Watched)
    is_new_config: bool = False
    """Whether games under way take the agent's settings that are given now."""
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
    with ExitStack() as stack, live_service(wanted.watched, config, console) as service:
        path, tell = wanted.store or STORE, service.lines.tell
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
                lambda line: tell(None, line),
                service.secrets.add,
            )
            config = replace(config, live=replace(config.live, webdiplomacy=stack.enter_context(site)))
        store = service.open_store(path)
        client = WebDiplomacyClient(config.live.webdiplomacy, count=service.metrics.request)
        stack.callback(client.close)
        service.secrets.add(client.key)
        player = Player(wanted.agent, config, wanted.is_new_config)
        games = WebdipGames(client, store, player, tell, service.metrics, service.ending)
        watchdog = service.watchdog(store, games.playing)
        if wanted.once:
            return 0 if games.run_once(watchdog.start) else 1
        games.run(until_over=wanted.rehearsal is not None, ready=watchdog.start)
        if wanted.rehearsal is None or wanted.store is not None:
            tell(None, f"ended; everything is kept in {path}")
    return 0
