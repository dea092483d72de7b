"""Units that are dislodged and can go nowhere, while others retreat: the site asks for them, our rules do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cicero_lite.adapters.base import OrdersDue, PhaseBegan
from cicero_lite.adapters.settings import ClientConfig, TableConfig
from cicero_lite.adapters.webdiplomacy import WebDiplomacyTable
from cicero_lite.adapters.webdiplomacy_client import WebDiplomacyClient
from cicero_lite.adapters.webdiplomacy_game import read_game
from cicero_lite.adapters.webdiplomacy_ids import COUNTRY_OF, ID_OF
from cicero_lite.adapters.webdiplomacy_orders import ServerOrder, server_orders
from cicero_lite.adapters.webdiplomacy_responses import GameStatus, SeatRef
from cicero_lite.adapters.webdiplomacy_sandbox.adjudication import process_phase
from cicero_lite.adapters.webdiplomacy_sandbox.clock import SiteClock
from cicero_lite.adapters.webdiplomacy_sandbox.game_status import status_reply
from cicero_lite.adapters.webdiplomacy_sandbox.order_entry import enter_orders
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.adapters.webdiplomacy_sandbox.site import OrderFlag, SiteGame
from engine.notation import parse_order
from engine.types import Location, Power

AUSTRIA, ENGLAND, RUSSIA = Power.AUSTRIA, Power.ENGLAND, Power.RUSSIA
DISBAND = ServerOrder("Disband", ID_OF[Location("SEV")])
SPRING = "A SMY - ARM, F ANK - BLA, A CON - BUL"
FALL = "A ARM - SEV, F BLA S A ARM - SEV, A BUL - RUM"
"""Of Turkey: F SEV of Russia is dislodged and can go nowhere."""
AT_TRI = ("A VEN - TYR, A ROM - VEN", "A VEN - TRI, A TYR S A VEN - TRI")
AT_WAR = ("A MUN - SIL, A BER - PRU", "A SIL - WAR, A PRU S A SIL - WAR")
"""Somebody else, with a place to go: F TRI of Austria, A WAR of Russia."""


def after_two_are_dislodged(server: SandboxServer, other: tuple[str, str]) -> SiteGame:
    """A game in the retreats of autumn 1901."""
    game = server.open_game()
    for turkish, others in zip((SPRING, FALL), other, strict=True):
        orders = [*map(parse_order, f"{turkish}, {others}".split(", "))]
        for power, member in game.members.items():
            ours = tuple(order for order in orders if order.unit in game.game.units(power))
            rows = [order.to_json() for order in server_orders(game.game, power, ours)]
            enter_orders(game, member, rows, server.site.bugs)
        process_phase(game, server.site.now)
    return game


@pytest.mark.parametrize("seat", [AUSTRIA, RUSSIA, ENGLAND])
def test_the_position_is_understood(seat: Power) -> None:
    server = SandboxServer()
    game = after_two_are_dislodged(server, AT_TRI)

    def read() -> GameStatus:
        return GameStatus.model_validate_json(json.dumps(status_reply(game, game.members[seat])))

    found = read_game(read(), seat)
    assert (str(found.game.phase), found.is_ahead) == ("F1901R", False)
    assert found.doomed == ((DISBAND,) if seat is RUSSIA else ())
    process_phase(game, server.site.now)
    later = read_game(read(), seat)
    assert (str(later.game.phase), later.doomed) == ("W1901A", ())


@pytest.mark.parametrize("other", [AT_TRI, AT_WAR])
def test_it_is_disbanded_whether_or_not_there_is_more_to_order(other: tuple[str, str], tmp_path: Path) -> None:
    with SandboxServer(SiteClock(1_800_000_000, speed=0), poll_interval_s=0) as server:
        game = after_two_are_dislodged(server, other)
        key_file = tmp_path / "key"
        key_file.touch(mode=0o600)
        key_file.write_text(server.seats[COUNTRY_OF[RUSSIA] - 1].key, encoding="utf-8")
        client = WebDiplomacyClient(ClientConfig(server.url, key_file=str(key_file), gap_s=0))
        seat, told = SeatRef(game_id=game.game_id, country_id=COUNTRY_OF[RUSSIA]), list[str]()
        ready: set[OrderFlag] = set()

        def rest(seconds: float) -> None:
            """When somebody waits, everything is handed in."""
            ready.update(game.members[RUSSIA].flags)
            process_phase(game, server.site.now)

        table = WebDiplomacyTable(client, seat, TableConfig(late_turns=0), rest, told.append)
        for event in table.events():
            if isinstance(event, OrdersDue):
                table.submit(RUSSIA, ())
            if isinstance(event, PhaseBegan) and str(event.view.phase) == "W1901A":
                break
        client.close()
    assert told == []
    assert ready >= {OrderFlag.SAVED, OrderFlag.COMPLETED, OrderFlag.READY}
