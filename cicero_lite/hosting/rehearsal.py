"""A rehearsal: a webDiplomacy site in this process with one game, six simple players, and a seat that is free."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cicero_lite.adapters.settings import ClientConfig, TableConfig
from cicero_lite.adapters.webdiplomacy import WebDiplomacyTable
from cicero_lite.adapters.webdiplomacy_client import WebDiplomacyClient
from cicero_lite.adapters.webdiplomacy_ids import COUNTRY_OF
from cicero_lite.adapters.webdiplomacy_responses import SeatRef, WebDiplomacyError
from cicero_lite.adapters.webdiplomacy_sandbox.command import Rehearsal, rehearse, report
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.arena.log import EventLog
from cicero_lite.config import AgentConfig
from cicero_lite.hosting.service import LeftError
from cicero_lite.output import write_secret
from cicero_lite.registry import Seat, make_agent, seed_of
from cicero_lite.session import run
from engine.types import POWERS, Power


@contextmanager
def sandbox_games(
    power: Power,
    wanted: Rehearsal,
    opponents: str,
    config: AgentConfig,
    tell: Callable[[str], None],
    keep_secret: Callable[[str], None] = lambda text: None,
) -> Iterator[ClientConfig]:
    """Where the free seat's player finds the site and its key, while the others play.

    Args:
        power: the free seat.
        wanted: what kind of site.
        opponents: name of the agent on the other six; they say nothing.
        config: theirs.
        tell: told where the site is, and at the end what it saw.
        keep_secret: told of the site's keys before anything else.

    Raises:
        ConfigError, OutputError, UnknownAgentError: there is no such site or agent.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="cicero-lite-")))
        server = stack.enter_context(rehearse(wanted))
        for secret in (server.control_token, *(account.key for account in server.seats)):
            keep_secret(secret)
        clients = {p: ClientConfig(server.url, key_file=str(_key_file(folder, server, p))) for p in POWERS}
        over = threading.Event()
        threads = [
            threading.Thread(target=_play, args=(clients[p], p, opponents, config, over, tell), daemon=True)
            for p in POWERS
            if p is not power
        ]
        tell(f"the sandbox is at {server.url}/api.php; {opponents} plays the other six powers")
        for thread in threads:
            thread.start()
        try:
            yield clients[power]
        finally:
            over.set()
            for thread in threads:
                thread.join(10)
            for line in report(server):
                tell(line)


def _key_file(folder: Path, server: SandboxServer, power: Power) -> Path:
    path = folder / power.value
    write_secret(path, server.seats[COUNTRY_OF[power] - 1].key)
    return path


def _play(
    client_config: ClientConfig,
    power: Power,
    agent: str,
    config: AgentConfig,
    over: threading.Event,
    tell: Callable[[str], None],
) -> None:
    """What the thread of an opponent does."""

    def sleep(seconds: float) -> None:
        if over.wait(max(0.0, seconds)):
            raise LeftError

    client = WebDiplomacyClient(client_config, sleep=sleep)
    events = EventLog()
    try:
        seated = make_agent(agent, Seat(power, seed_of(0, power), config, events))
        ref = SeatRef(game_id=1, country_id=COUNTRY_OF[power])
        run(WebDiplomacyTable(client, ref, TableConfig(turns=0, late_turns=0), sleep), {power: seated}, events)
    except LeftError:
        pass
    except WebDiplomacyError as error:
        if not over.is_set():
            tell(f"{power.title()} of the sandbox plays no more: {error}")
    finally:
        client.close()
