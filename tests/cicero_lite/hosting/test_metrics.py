"""Figures of a store, as Prometheus reads them."""

from __future__ import annotations

import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from cicero_lite.adapters.base import OutgoingMessage
from cicero_lite.hosting.metrics import HostMetrics, MetricsError, MetricsServer, StoreCollector, serve_metrics
from cicero_lite.hosting.store import Standing, Store, StoredSeat
from engine.types import FIRST_PHASE, Power

NOW = 1_800_000_000.0
ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs" / "operating.md"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "bot.sqlite")
    yield opened
    opened.close()


def seat_of(store: Store, power: Power = Power.FRANCE, game: str = "7") -> StoredSeat:
    return store.take_seat("https://example.org", game, power, "cicero", 1, "")


def registry_of(store: Store) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(StoreCollector(store, clock=lambda: NOW))
    return registry


def read_page(server: MetricsServer) -> str:
    with urllib.request.urlopen(server.url, timeout=10) as answer:
        return str(answer.read().decode())


def test_what_a_seat_is_at(store: Store) -> None:
    france, italy = seat_of(store), seat_of(store, Power.ITALY, "8")
    store.end_seat(italy.id, "draw")
    said = [OutgoingMessage(Power.ENGLAND, "Hello!"), OutgoingMessage(None, "Hello, all!")]
    first, _ = store.mean(france.id, FIRST_PHASE, said, Standing.READY)
    assert store.claim(first)
    store.settle(first, Standing.SENT)
    store.beat(france.id, FIRST_PHASE, "talking", NOW + 90)
    with store.transaction() as connection:
        connection.execute("UPDATE pulse SET at_s = ?", (NOW - 5,))
    store.note("something happened", france.id)
    registry, labels = registry_of(store), {"seat": str(france.id), "game": "7", "power": "FRANCE"}

    def value(name: str, **more: str) -> float | None:
        return registry.get_sample_value(f"cicero_lite_{name}", more)

    assert (value("seats", state="playing"), value("seats", state="ended")) == (1, 1)
    assert value("deadline_seconds", **labels) == 90
    assert value("pulse_age_seconds", **labels) == 5
    assert value("messages", **labels, standing="sent") == 1
    assert value("messages", **labels, standing="ready") == 1
    assert value("messages", **labels, standing="waiting") == 0
    assert (value("notices_total"), value("stopped")) == (1, 0)
    assert (value("orders_handed_in", **labels), value("orders_final", **labels)) == (0, 0)
    store.mean_orders(france.id, FIRST_PHASE, (), final=True)
    assert (value("orders_handed_in", **labels), value("orders_final", **labels)) == (0, 0)
    store.handed_in(france.id, FIRST_PHASE)
    assert (value("orders_handed_in", **labels), value("orders_final", **labels)) == (1, 1)
    store.beat(france.id, FIRST_PHASE, "paused", None)
    store.stop("the operator")
    assert value("deadline_seconds", **labels) is None
    assert value("stopped") == 1
    assert (value("disk_free_bytes") or 0) > 0
    assert value("pulse_age_seconds", seat=str(italy.id), game="8", power="ITALY") is None


def test_a_seat_that_never_told_of_itself_grows_old(store: Store) -> None:
    seat = seat_of(store)
    found = registry_of(store).get_sample_value(
        "cicero_lite_pulse_age_seconds", {"seat": str(seat.id), "game": "7", "power": "FRANCE"}
    )
    assert found == pytest.approx(NOW - seat.begun_s)


def test_figures_over_http_and_no_words_of_messages_among_them(store: Store) -> None:
    seat = store.take_seat("https://me:pa55@example.org", "7", Power.FRANCE, "cicero", 1, "key: s3cret")
    store.mean(seat.id, FIRST_PHASE, [OutgoingMessage(Power.ITALY, "Burgundy, friend?")], Standing.WAITING)
    store.note("Burgundy was never ours")
    registry = CollectorRegistry()
    host = HostMetrics(registry)
    host.request("game/status", "200", 0.2)
    host.error(ValueError("Burgundy, s3cret"))
    with pytest.raises(KeyError), host.thinking("ordering"):
        raise KeyError
    server = serve_metrics(store, 0, registry)
    try:
        page = read_page(server)
        assert read_page(server).count("cicero_lite_seats{") == 2
    finally:
        server.close()
    families = {family.name: family for family in text_string_to_metric_families(page)}
    assert {"cicero_lite_request_seconds", "cicero_lite_errors", "cicero_lite_thinking_seconds"} <= set(families)
    assert 'cicero_lite_errors_total{kind="ValueError"} 1.0' in page
    assert 'cicero_lite_thinking_seconds_count{doing="ordering"} 1.0' in page
    assert 'cicero_lite_request_seconds_count{outcome="200",route="game/status"} 1.0' in page
    assert not [word for word in ("Burgundy", "s3cret", "pa55", "example.org") if word in page]
    told = DOCS.read_text(encoding="utf-8")
    ours = [name for name in families if name.startswith("cicero_lite_") and not name.endswith("_created")]
    assert not [name for name in ours if f"`{name}" not in told], "docs/operating.md explains every figure"


def test_the_alerts_ask_for_figures_that_there_are_and_each_has_its_cure() -> None:
    told = DOCS.read_text(encoding="utf-8")
    (group,) = yaml.safe_load((ROOT / "packaging" / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]:
        names = {name.removesuffix("_count") for name in re.findall(r"cicero_lite_\w+", rule["expr"])}
        assert names or "up{" in rule["expr"], rule
        assert not [name for name in names if f"`{name}`" not in told], rule
        assert f"`{rule['alert']}`" in told
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_after_a_restart_the_figures_of_the_store_are_the_same(tmp_path: Path) -> None:
    first = Store(tmp_path / "bot.sqlite")
    seat_of(first)
    first.note("one")
    first.close()
    again = Store(tmp_path / "bot.sqlite")
    registry = registry_of(again)
    assert registry.get_sample_value("cicero_lite_notices_total") == 1
    assert registry.get_sample_value("cicero_lite_seats", {"state": "playing"}) == 1


def test_a_store_that_cannot_be_read_is_an_error_of_the_page(store: Store) -> None:
    """So that Prometheus says ``up == 0`` rather than nothing."""
    server = serve_metrics(store, 0)
    try:
        store.close()
        store.path.write_bytes(b"no database, " * 1000)
        with pytest.raises(urllib.error.HTTPError) as caught:
            read_page(server)
        caught.value.close()
        assert caught.value.code == 500
    finally:
        server.close()


def test_only_this_machine_is_served_and_a_taken_port_is_named(store: Store) -> None:
    server = serve_metrics(store, 0)
    port = int(server.url.split(":")[2].split("/")[0])
    assert server.url == f"http://127.0.0.1:{port}/metrics"
    registry = CollectorRegistry()
    try:
        with pytest.raises(MetricsError, match=rf"127.0.0.1:{port}: .*; choose another with --metrics-port"):
            serve_metrics(store, port, registry)
    finally:
        server.close()
    again = serve_metrics(store, port, registry)
    again.close()
    with pytest.raises(MetricsError, match="expected 0 to 65535"):
        serve_metrics(store, 70_000)
    assert not [thread.name for thread in threading.enumerate() if "process_request" in thread.name]
