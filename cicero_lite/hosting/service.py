"""What every bot that plays on a server has around it: lines and log, signals, store, metrics, watchdog."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from prometheus_client import CollectorRegistry
from rich.console import Console

from cicero_lite.config import Config
from cicero_lite.hosting.host import Host
from cicero_lite.hosting.lines import live_lines
from cicero_lite.hosting.logs import Secrets
from cicero_lite.hosting.metrics import HostMetrics, serve_metrics
from cicero_lite.hosting.settings import Mode
from cicero_lite.hosting.store import Store
from cicero_lite.hosting.watchdog import Watchdog
from dialogue.keys import KeyPlaceError, read_key


class LeftError(Exception):
    """Not an error of anybody: the process is to end, or a single pass is over."""


@dataclass(frozen=True)
class Watched:
    """How whoever runs a bot can see what it does."""

    as_json: bool = False
    """Whether its lines are for programs."""
    log_file: Path | None = None
    """Gets them, too, as JSON."""
    metrics_port: int | None = None
    """Of this machine alone; 0: any that is free; None: no metrics are served."""


class Service:
    """The surroundings of a bot; closed in the reverse order."""

    def __init__(self, watched: Watched, config: Config, console: Console, stack: ExitStack) -> None:
        """Begins to log, and to hear signals.

        Args:
            watched: how it can be seen.
            config: names the keys of servers with language models, if there are such.
            console: gets the lines.
            stack: closes all of it.

        Raises:
            LogError: the log cannot be written.
        """
        self._watched, self._stack, self._mode = watched, stack, config.live.host.mode
        self._registry = CollectorRegistry()
        self.metrics = HostMetrics(self._registry)
        self.secrets = Secrets()
        """What no line shows: add yours."""
        for server in (config.agent.endpoint, config.agent.llm):
            with suppress(KeyPlaceError):  # whoever asks the server will say so
                self.secrets.add(read_key("a server", server.key_variable, server.key_file) or "")
        self.lines = stack.enter_context(live_lines(self.secrets, console, watched.as_json, watched.log_file))
        self.ending = stack.enter_context(ending_signals())
        """Set when the process is to end."""

    def open_store(self, path: Path) -> Store:
        """The store, its figures served if that is wanted.

        Raises:
            StoreError: it cannot be written, or is something else.
            MetricsError: the port is taken.
        """
        store = Store(path)
        self._stack.callback(store.close)
        if self._watched.metrics_port is not None:
            server = serve_metrics(store, self._watched.metrics_port, self._registry)
            self._stack.callback(server.close)
            self.lines.tell(None, f"metrics at {server.url}")
        return store

    def watchdog(self, store: Store, seats: Callable[[], Collection[int]]) -> Watchdog:
        """Watches over the seats once it is started, until all ends.

        Args:
            store: theirs.
            seats: those that are played now.
        """
        hands_in = self._mode not in (Mode.SHADOW, Mode.ADVISE)
        dog = Watchdog(store, seats, hands_in=hands_in, log=self.lines.log)
        self._stack.callback(dog.close)
        return dog


@contextmanager
def live_service(watched: Watched, config: Config, console: Console) -> Iterator[Service]:
    """The surroundings of a bot, until the end of the block; see `Service`."""
    with ExitStack() as stack:
        yield Service(watched, config, console, stack)


class Waits:
    """How a seat waits at its table: it shows that it lives, and leaves when the process is to end."""

    def __init__(self, host: Host, ending: threading.Event, once: bool) -> None:
        """Args:
        host: of the seat.
        ending: set when the process is to end.
        once: whether the seat leaves, too, where nothing is left to do but to rest.
        """
        self._host, self._ending, self._once = host, ending, once

    def sleep(self, seconds: float) -> None:
        """Waits.

        Raises:
            LeftError: the process is to end.
        """
        self._host.show_life()
        if self._ending.wait(max(0.0, seconds)):
            raise LeftError

    def rest(self, seconds: float) -> None:
        """Waits for others, or the next phase.

        Raises:
            LeftError: the process is to end, or this is a single pass.
        """
        if self._once:
            raise LeftError
        self.sleep(seconds)

    def unsaid(self) -> bool:
        """Whether to stay as there is still something to say; a single pass does not wait for it."""
        return not self._once and self._host.unsaid()


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
