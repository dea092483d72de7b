"""Figures for Prometheus: what the store holds, read when somebody asks; and what this process has counted.

What the store holds outlives every process: any of them can serve it, and a restart loses nothing.  Counters of
requests, errors and thinking begin anew with the process, as Prometheus expects of counters.  Labels name seats, games,
powers, routes and kinds of errors; never a key, never what a message says.  docs/operating.md explains each figure.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from cicero_lite.errors import CiceroLiteError
from cicero_lite.hosting.store import Pulse, Standing, Store, StoredSeat

LOOPBACK = "127.0.0.1"
_SEAT = ("seat", "game", "power")
_REQUEST_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
_THINKING_S = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


class MetricsError(CiceroLiteError, RuntimeError):
    """A port on which the metrics cannot be served."""


class StoreCollector(Collector):
    """Figures of a store, as they are when they are asked for."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        """Reads nothing yet.

        Args:
            store: the file.
            clock: now, seconds since 1970.
        """
        self._store, self._clock = store, clock

    def describe(self) -> list[Metric]:
        """Names alone; registering a collector must not need a store that can be read."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All figures; ended seats have their messages, and nothing else."""
        try:
            seats = self._store.seats()
            yield from self._of_all(seats)
            yield self._messages(seats)
            yield from self._of_playing([seat for seat in seats if seat.ended is None])
        finally:
            self._store.close()  # each scrape has a thread of its own

    def _of_all(self, seats: tuple[StoredSeat, ...]) -> Iterator[Metric]:
        playing = sum(seat.ended is None for seat in seats)
        counted = GaugeMetricFamily("cicero_lite_seats", "Seats by state.", labels=("state",))
        counted.add_metric(("playing",), playing)
        counted.add_metric(("ended",), len(seats) - playing)
        yield counted
        stopped = self._store.stopped() is not None
        yield GaugeMetricFamily("cicero_lite_stopped", "1: the kill switch is on.", value=stopped)
        notices = self._store.notice_count()
        yield CounterMetricFamily("cicero_lite_notices", "Notices kept for whoever runs the bot.", value=notices)
        free = shutil.disk_usage(self._store.path.parent).free
        yield GaugeMetricFamily("cicero_lite_disk_free_bytes", "Left on the disk that has the store.", value=free)

    def _messages(self, seats: tuple[StoredSeat, ...]) -> Metric:
        counts = self._store.message_counts()
        found = GaugeMetricFamily(
            "cicero_lite_messages", "Messages that were meant, by standing.", labels=(*_SEAT, "standing")
        )
        for seat in seats:
            for standing in Standing:
                found.add_metric((*_labels(seat), standing.value), counts.get((seat.id, standing), 0))
        return found

    def _of_playing(self, seats: list[StoredSeat]) -> Iterator[Metric]:
        now = self._clock()
        pulses = {pulse.seat: pulse for pulse in self._store.pulses()}
        deadline = GaugeMetricFamily(
            "cicero_lite_deadline_seconds", "To the deadline, negative after it; absent without one.", labels=_SEAT
        )
        age = GaugeMetricFamily("cicero_lite_pulse_age_seconds", "Since the seat last told of itself.", labels=_SEAT)
        handed = GaugeMetricFamily(
            "cicero_lite_orders_handed_in", "1: the server has orders for the phase.", labels=_SEAT
        )
        final = GaugeMetricFamily("cicero_lite_orders_final", "1: the orders are the last for the phase.", labels=_SEAT)
        for seat in seats:
            pulse = pulses.get(seat.id)
            age.add_metric(_labels(seat), now - (seat.begun_s if pulse is None else pulse.at_s))
            if pulse is None:
                continue
            if pulse.deadline_s is not None:
                deadline.add_metric(_labels(seat), pulse.deadline_s - now)
            in_time, done = self._orders(pulse)
            handed.add_metric(_labels(seat), in_time)
            final.add_metric(_labels(seat), done)
        yield from (deadline, age, handed, final)

    def _orders(self, pulse: Pulse) -> tuple[bool, bool]:
        orders = self._store.orders(pulse.seat, pulse.phase)
        return (False, False) if orders is None else (orders.handed_in, orders.handed_in and orders.final)


def _labels(seat: StoredSeat) -> tuple[str, str, str]:
    return str(seat.id), seat.game, seat.power.value


class HostMetrics:
    """What this process has asked, failed at and thought about."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Counts from 0.

        Args:
            registry: where the figures are asked for; a registry has room for one of these.
        """
        self._requests = Histogram(
            "cicero_lite_request_seconds",
            "Requests to the server, by route and outcome.",
            ("route", "outcome"),
            buckets=_REQUEST_S,
            registry=registry,
        )
        self._errors = Counter(
            "cicero_lite_errors", "Errors that a seat met and went on from, by kind.", ("kind",), registry=registry
        )
        self._thinking = Histogram(
            "cicero_lite_thinking_seconds",
            "What the agent took, by what it did.",
            ("doing",),
            buckets=_THINKING_S,
            registry=registry,
        )

    def request(self, route: str, outcome: str, seconds: float) -> None:
        """Counts a request, as a client tells it (`WebDiplomacyClient`, ``count``).

        Args:
            route: such as ``game/status``; no arguments.
            outcome: a status, or ``error``: no answer came.
            seconds: from asking to the answer.
        """
        self._requests.labels(route, outcome).observe(seconds)

    def error(self, error: BaseException) -> None:
        """Counts an error by its kind; its words are for the log."""
        self._errors.labels(type(error).__name__).inc()

    @contextmanager
    def thinking(self, doing: str) -> Iterator[None]:
        """Times what is done within, such as ``what to say`` or ``its orders``, failed or not."""
        with self._thinking.labels(doing).time():
            yield


class MetricsServer:
    """Serves figures until it is closed."""

    def __init__(self, server: WSGIServer) -> None:
        self._server = server

    @property
    def url(self) -> str:
        """Where they are."""
        return f"http://{LOOPBACK}:{self._server.server_port}/metrics"

    def close(self) -> None:
        """Ends the serving."""
        self._server.shutdown()
        self._server.server_close()


def serve_metrics(store: Store, port: int, registry: CollectorRegistry | None = None) -> MetricsServer:
    """Serves the figures of a store, and all else in the registry, to this machine alone.

    Args:
        store: whose figures.
        port: of 127.0.0.1; 0: any that is free.
        registry: with `HostMetrics` or others; None: the store's alone.

    Raises:
        MetricsError: the port is taken.
    """
    registry = registry or CollectorRegistry()
    collector = StoreCollector(store)
    registry.register(collector)
    try:
        server, _ = start_http_server(port, LOOPBACK, registry)
    except (OSError, OverflowError) as error:
        registry.unregister(collector)
        why = error.strerror if isinstance(error, OSError) else "expected 0 to 65535"
        raise MetricsError(
            f"cannot serve metrics on {LOOPBACK}:{port}: {why}; choose another with --metrics-port"
        ) from None
    return MetricsServer(server)
