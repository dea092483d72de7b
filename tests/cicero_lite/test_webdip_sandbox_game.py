"""Whole games over HTTP: every order of our rules can be given, and the positions are those of our rules."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, ID_OF, TERRITORIES, turn_of
from cicero_lite.adapters.webdiplomacy_sandbox.calls import ApiRequest, to_json
from cicero_lite.adapters.webdiplomacy_sandbox.clock import SiteClock
from cicero_lite.adapters.webdiplomacy_sandbox.faults import FaultPolicy
from cicero_lite.adapters.webdiplomacy_sandbox.gamemaster import run
from cicero_lite.adapters.webdiplomacy_sandbox.routes import answer
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.adapters.webdiplomacy_sandbox.site import SiteGame, SitePhase
from engine.board import order_from_code
from engine.game import Game
from engine.types import Location, Order, OrderKind, PhaseKind, province_of
from tests.webdiplomacy_site import PlainClient, as_sent

_PHASES = ("Diplomacy", "Retreats", "Builds")
_KINDS = (PhaseKind.MOVEMENT, PhaseKind.RETREATS, PhaseKind.ADJUSTMENTS)


def _sampled(game: Game, seed: int) -> dict[int, list[Order]]:
    """Random orders that hang together, of each country; supports name no coast, as the site looks at none."""
    drawn = dict(zip(game.powers, game.position.sample(seed, coherent=True), strict=True))
    return {country: [_any_coast(order_from_code(c)) for c in drawn[power]] for country, power in COUNTRIES.items()}


def _any_coast(order: Order) -> Order:
    if order.kind is not OrderKind.SUPPORT or order.target is None:
        return order
    return replace(order, target=Location(province_of(order.target)))


def _step(replica: Game, orders: dict[int, list[Order]]) -> None:
    for country, its in orders.items():
        replica.set_orders(COUNTRIES[country], its)
    replica.process()


def _moment(replica: Game) -> tuple[int, int]:
    """When a replica is, in turns and phases of the site."""
    return turn_of(replica.phase)[0], _KINDS.index(replica.phase.kind)


class _ScriptedPlayer:
    """Plays some of the countries by a script known in advance; keeps its own copy of the game."""

    def __init__(self, server: SandboxServer, countries: Sequence[int]) -> None:
        self._clients = {country: PlainClient(server, server.seats[country - 1]) for country in countries}
        self.replica = Game()
        self.extra_phases = 0

    def play(self, last_year: int) -> None:
        """Gives the orders of each phase in which its countries have any, until the years are over."""
        done = (-1, 0)
        first = next(iter(self._clients.values()))
        while True:
            status = first.json("game/status", gameID=1)
            now = (status["turn"], _PHASES.index(status["phase"]))
            if now == done:
                threading.Event().wait(0.005)
                continue
            done = now
            while _moment(self.replica) < now:
                _step(self.replica, self._script())
            if _moment(self.replica) == now:
                self._check_units(status)
            if self.replica.phase.year > last_year:
                return
            self._give_orders(status, is_extra=_moment(self.replica) > now)

    def _script(self) -> dict[int, list[Order]]:
        return _sampled(self.replica, seed=len(self.replica.history))

    def _give_orders(self, status: dict[str, Any], is_extra: bool) -> None:
        """An extra phase is one of retreats for units that can go nowhere; our rules have none for them."""
        self.extra_phases += is_extra
        due = {row["countryID"] for row in status["phases"][-1]["units"] if row["retreating"] == "Yes"}
        orders: dict[int, list[Order]] = {country: [] for country in due} if is_extra else self._script()
        for country, client in self._clients.items():
            if country not in orders or not (is_extra or self.replica.legal_orders(COUNTRIES[country])):
                continue
            rows = [as_sent(self.replica, order) for order in orders[country]]
            body = {"gameID": 1, "turn": status["turn"], "phase": status["phase"], "countryID": country}
            client.posted("game/orders", **body, orders=rows, ready="Yes")

    def _check_units(self, status: dict[str, Any]) -> None:
        shown = {
            (row["unitType"], row["terrID"], row["countryID"])
            for row in status["phases"][-1]["units"]
            if row["retreating"] == "No"
        }
        mine = {
            ("Army" if unit.kind == "A" else "Fleet", ID_OF[unit.location], country)
            for country, power in COUNTRIES.items()
            for unit in self.replica.units(power)
        }
        assert shown == mine

    def close(self) -> None:
        """Ends the connections."""
        for client in self._clients.values():
            client.__exit__()


def test_two_scripted_clients_play_to_the_end_of_1902_over_http() -> None:
    clock = SiteClock(1_800_000_000, speed=0)
    with SandboxServer(clock, FaultPolicy(), gamemaster_interval_s=0.01, poll_interval_s=0) as server:
        game = server.open_game()
        players = [_ScriptedPlayer(server, (1, 3, 5)), _ScriptedPlayer(server, (2, 4, 6, 7))]
        failures: list[BaseException] = []
        threads = [threading.Thread(target=_played, args=(player, failures)) for player in players]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failures == []
        assert not any(thread.is_alive() for thread in threads)
        for player in players:
            assert player.replica.position == game.game.position
            player.close()
        assert game.year == 1903
        assert server.site.bugs.found == []


def _played(player: _ScriptedPlayer, failures: list[BaseException]) -> None:
    try:
        player.play(last_year=1902)
    except BaseException as error:
        failures.append(error)


def test_random_games_are_stored_and_adjudicated_as_our_rules_do() -> None:
    """Without HTTP, to see many phases: all orders are stored, and extra Retreats phases change nothing."""
    assert sum(_extra_phases_of_a_random_game(seed) for seed in range(4)) > 0


def _extra_phases_of_a_random_game(seed: int) -> int:
    server = SandboxServer(SiteClock(1_800_000_000, speed=0))
    game, replica = server.open_game(), Game()
    extra = 0
    while replica.phase.year <= 1906 and not replica.is_done:
        if _moment(replica) > (game.turn, _PHASES.index(game.phase)):
            extra += 1
            assert game.phase is SitePhase.RETREATS
            _post_all(server, game, replica, dict.fromkeys(COUNTRIES, ()))
            continue
        assert game.game.position == replica.position
        orders = _sampled(replica, seed=1000 * seed + len(replica.history))
        _post_all(server, game, replica, orders)
        _step(replica, orders)
    assert [past.phase for past in game.history].count(SitePhase.RETREATS) >= extra
    _check_owners(game)
    return extra


def _post_all(server: SandboxServer, game: SiteGame, replica: Game, orders: Mapping[int, Sequence[Order]]) -> None:
    for country, its in orders.items():
        rows = [as_sent(replica, order) for order in its]
        body = {"gameID": 1, "turn": game.turn, "phase": game.phase, "countryID": country, "orders": rows}
        request = ApiRequest(
            {"route": "game/orders"},
            f"Bearer {server.seats[country - 1].key}",
            to_json(body | {"ready": "Yes"}).encode(),
        )
        reply = answer(server.site, request)
        assert reply.status == 200, reply
        stored = [row for row in game.members[COUNTRIES[country]].orders if row.order is not None]
        assert {row.order for row in stored} >= {order for order in its if order.unit is not None}
    run(server.site)


def _check_owners(game: SiteGame) -> None:
    for center in game.game.map_data.centers:
        owner = game.game.owner_of(center)
        assert COUNTRIES.get(game.owners.get(ID_OF[center], 0)) is owner, TERRITORIES[ID_OF[center]]
