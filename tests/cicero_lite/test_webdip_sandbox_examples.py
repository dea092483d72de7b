"""The recorded game, played again over HTTP: what the sandbox answers must be what the real site answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES
from cicero_lite.adapters.webdiplomacy_sandbox.clock import SiteClock
from cicero_lite.adapters.webdiplomacy_sandbox.gamemaster import new_game
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.adapters.webdiplomacy_sandbox.site import (
    GameRules,
    MemberStatus,
    OrderFlag,
    PressType,
    SiteGame,
    SitePhase,
)
from engine.types import Power
from tests.webdiplomacy_site import EXAMPLES, PlainClient, convoy_path, example, ordered, recorded, sent

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="no ../shared/webdiplomacy-examples")

_STARTED = 1795414470


class _Table:
    """Seven clients of one game, and the clock of their site."""

    def __init__(self, server: SandboxServer, clock: SiteClock) -> None:
        self.server, self.clock = server, clock
        self.clients = {country: PlainClient(server, server.seats[country - 1]) for country in COUNTRIES}
        self.game: SiteGame = server.open_game(GameRules(name="example game"))

    def replay(self, name: str) -> Any:
        """Sends the recorded request and checks the answer; returns it parsed, if it is JSON."""
        case = example(name)
        request, wanted = case["request"], case["response"]
        query = dict(part.split("=") for part in request["url"].partition("?")[2].replace("%2F", "/").split("&"))
        body = request["json_body"]
        country = int((body or query).get("countryID", 1))
        if query["route"] == "players/active_games":
            country = wanted["body"]["games"][0]["countryID"]
        client = self.clients[country]
        answer = client.post(query["route"], body) if body else client.get(**query)
        assert answer.status_code == wanted["status"], answer.text
        assert answer.headers["content-type"] == wanted["content_type"]
        if wanted["body_kind"] == "text":
            assert answer.text == wanted["body"]
            return answer.text
        return answer.json()

    def same(self, name: str) -> None:
        """The same for an example whose answer must be equal, the order of rows aside."""
        assert ordered(self.replay(name)) == ordered(recorded(name))

    def play(self, past: Any) -> None:
        """Gives the orders of a recorded phase, and has it processed."""
        for country, client in self.clients.items():
            orders = [_sent_again(row, past) for row in past["orders"] if row["countryID"] == country]
            body = {"gameID": 1, "turn": past["turn"], "phase": past["phase"], "countryID": country}
            echoed = client.posted("game/orders", **body, orders=orders, ready="Yes")
            assert len(echoed) == len(self.game.members[COUNTRIES[country]].orders)
            assert all(not order["toTerrID"] or _is_stored(order, echoed) for order in orders), (orders, echoed)
        self.server.process()


@pytest.fixture
def table() -> Iterator[_Table]:
    """A game that began when the recorded one did."""
    clock = SiteClock(_STARTED, speed=0)
    with SandboxServer(clock, poll_interval_s=0) as server:
        table = _Table(server, clock)
        yield table
        assert server.site.bugs.found == []
        for client in table.clients.values():
            client.__exit__()


def test_the_recorded_game_is_answered_as_recorded(table: _Table) -> None:
    past = recorded("game_status_retreats")["phases"]
    _first_phase(table)
    table.clock.advance(1)
    table.play(past[0])
    table.play(past[1])
    _same_data(table, "game_data_build")
    table.same("game_orders_build")
    _same_status(table, "game_status_builds")
    table.play(past[2])
    table.same("game_orders_convoy")
    table.play(past[3])
    table.play(past[4])
    _same_data(table, "game_data_destroy")
    table.same("game_orders_destroy")
    for phase in past[5:8]:
        table.play(phase)
    _same_data(table, "game_data_retreats")
    _same_status(table, "game_status_retreats")
    table.same("game_orders_retreat")
    assert table.game.game.phase.year == 1903


def _first_phase(table: _Table) -> None:
    for name in ("game_status_S1901M", "game_status_no_countryID", "players_missing_orders", "players_active_games"):
        table.same(name)
    _same_data(table, "game_data_S1901M")
    table.same("game_getmessages_empty")
    table.same("game_sendmessage")
    table.same("game_sendmessage_same_second")
    table.clock.advance(1)
    table.same("game_sendmessage_global")
    table.same("game_getmessages")
    table.same("players_active_games_new_messages")
    table.same("game_orders_movement")
    table.same("game_orders_illegal_silently_kept")
    table.same("game_orders_partial_keeps_rest")
    table.same("game_orders_missing_viaConvoy")
    table.same("game_orders_ready_only")
    table.same("game_orders_unready")
    table.same("game_setvote_on")
    table.same("game_setvote_on_again")
    _same_status(table, "game_status_with_vote_and_messages")
    table.same("game_togglevote")
    table.same("game_togglevote_null_votes_bug")
    table.same("game_messagesseen")
    table.same("game_markbackfromleft")
    table.clock.advance(5)
    table.same("game_getmessages_since_none")
    table.clock.advance(-5)


def _same_status(table: _Table, name: str) -> None:
    mine, theirs = table.replay(name), recorded(name)
    assert set(mine) == set(theirs)
    for past, wanted in zip(mine["phases"], theirs["phases"], strict=True):
        assert ordered(past) == ordered(wanted), (wanted["turn"], wanted["phase"])
    assert ordered(mine) == ordered(theirs)


def _same_data(table: _Table, name: str) -> None:
    """Ids of units and orders count through all games of a site: they are compared by what they stand for."""
    mine, theirs = table.replay(name)["data"], recorded(name)["data"]
    assert ordered(_units(mine)) == ordered(_units(theirs))
    for part, wanted in _named(theirs).items():
        assert ordered(_named(mine)[part]) == ordered(wanted), part
    if name == "game_data_S1901M":
        assert ordered(_places(mine)) == ordered(_places(theirs))


def _units(data: Any) -> list[Any]:
    return [{key: row[key] for key in ("terrID", "countryID", "type")} for row in data["units"].values()]


def _named(data: Any) -> Any:
    units = {number: (row["terrID"], row["type"]) for number, row in data["units"].items()}
    statuses = [row | {"unitID": units.get(row["unitID"])} for row in data["territoryStatuses"]]
    orders = [row | {"id": "", "unitID": units.get(row["unitID"])} for row in data["currentOrders"]]
    context = data["contextVars"]["context"]
    context |= {"maxOrderID": type(context["maxOrderID"]).__name__}
    return {"statuses": statuses, "orders": orders, "context": context, "turn": data["turn"], "phase": data["phase"]}


def _places(data: Any) -> Any:
    return {
        number: {key: value for key, value in row.items() if not key.startswith("smallMap")}
        for number, row in data["territories"].items()
    }


def _is_stored(order: dict[str, Any], echoed: list[dict[str, Any]]) -> bool:
    keys = ("type", "toTerrID")
    return any(all(row[key] == order[key] for key in keys) for row in echoed)


def _sent_again(row: Any, past: Any) -> Any:
    """The order of a row of the history, as a client sends it."""
    if past["phase"] == "Builds":
        return sent(row["terrID"], row["type"], row["terrID"])
    via = row["viaConvoy"] if row["type"] == "Move" else ""
    order = sent(row["terrID"], row["type"], row["toTerrID"] or "", row["fromTerrID"] or "", via)
    army = row["terrID"] if row["type"] == "Move" else row["fromTerrID"]
    if row["type"] in ("Convoy", "Support move") or via == "Yes":
        through = row["terrID"] if row["type"] == "Convoy" else None
        fleets = [u["terrID"] for u in past["units"] if u["unitType"] == "Fleet"]
        order["convoyPath"] = convoy_path(fleets, army, row["toTerrID"], through)
    return order


def test_overview_and_members_as_recorded(table: _Table) -> None:
    for name in ("game_overview", "game_members"):
        mine, theirs = table.replay(name)["data"], recorded(name)["data"]
        for row in (*mine["members"], mine["user"]["member"]):
            row["online"] = False  # nobody was when it was recorded
        assert mine == theirs


def test_an_anonymous_game_with_hidden_draw_votes_as_recorded() -> None:
    clock = SiteClock(1795414473, speed=0)
    with SandboxServer(clock) as server, PlainClient(server, server.seats[0]) as client:
        for _ in range(4):
            server.open_game()
        server.open_game(GameRules(name="anon ex", public_draw_votes=False, is_anonymous=True))
        status = client.json("game/status", gameID=5, countryID=1)
        assert ordered(status) == ordered(recorded("game_status_anonymous_hidden_draw"))
        overview = client.json("game/overview", gameID=5)["data"]
        for row in (*overview["members"], overview["user"]["member"]):
            row["online"] = False
        assert overview == recorded("game_overview_anonymous")["data"]


def test_a_pause_and_a_draw_among_humans_as_recorded() -> None:
    clock = SiteClock(1795414473, speed=0)
    with SandboxServer(clock, poll_interval_s=0) as server:
        for _ in range(7):
            server.add_account("bot")
        humans = list(server.site.accounts.values())[7:]
        for number, account in enumerate(humans, start=1):
            account.is_bot, account.name = False, f"human{number}"
        for _ in range(3):
            server.open_game()
        game = new_game(server.site, GameRules(name="humans ex"), humans)
        clients = [PlainClient(server, account) for account in humans]
        _hold_for_a_year(server, clients)
        _vote(clients, "Pause")
        _same_paused(clients[0])
        _vote(clients, "Pause")
        _vote(clients, "Draw")
        _same_drawn(clients[0])
        assert game.members[Power.FRANCE].status is MemberStatus.DRAWN
        for client in clients:
            client.__exit__()


def _hold_for_a_year(server: SandboxServer, clients: list[PlainClient]) -> None:
    for _ in range(2):
        for country, client in enumerate(clients, start=1):
            client.order(4, country, [])
        server.process()


def _vote(clients: list[PlainClient], vote: str) -> None:
    for country, client in enumerate(clients, start=1):
        client.post("game/setvote", {"gameID": 4, "countryID": country, "vote": vote, "voteOn": "Yes"})


def _same_paused(client: PlainClient) -> None:
    theirs = recorded("game_status_paused")
    assert ordered(client.json("game/status", gameID=4, countryID=1)) == ordered(theirs)
    mine = client.json("players/active_games")
    assert mine == recorded("players_active_games_paused")


def _same_drawn(client: PlainClient) -> None:
    theirs = recorded("game_status_drawn")
    assert ordered(client.json("game/status", gameID=4, countryID=1)) == ordered(theirs)
    overview, wanted = client.json("game/overview", gameID=4)["data"], recorded("game_overview_drawn")["data"]
    for row in (*overview["members"], overview["user"]["member"]):
        row["online"] = False
    assert overview == wanted
    data = client.json("game/data", gameID=4, countryID=1)["data"]
    del data["territories"]
    data["contextVars"]["context"] |= {"memberID": "22", "userID": 12}
    assert data == recorded("game_data_finished")["data"]


def test_countries_in_civil_disorder_as_recorded() -> None:
    clock = SiteClock(1795414473, speed=0)
    with SandboxServer(clock) as server, PlainClient(server, server.seats[0]) as client:
        server.open_game()
        game = server.open_game(GameRules(press=PressType.NONE))
        assert client.json("players/cd") == recorded("players_cd_empty")
        game.members[Power.RUSSIA].status = MemberStatus.LEFT
        assert client.json("players/cd") == recorded("players_cd_empty")
        clock.advance(24 * 3600 - 59)
        assert client.json("players/cd") == recorded("players_cd")
        stored = client.posted(
            "game/orders", gameID=2, turn=0, phase="Diplomacy", countryID=7, orders=[sent(29, "Move", 28, via="No")]
        )
        assert {"unitType": "Army", "terrID": 29, "type": "Move", "toTerrID": 28} in [
            {key: row[key] for key in ("unitType", "terrID", "type", "toTerrID")} for row in stored
        ]
        assert OrderFlag.SAVED in game.members[Power.RUSSIA].flags
        assert game.phase is SitePhase.DIPLOMACY


def test_the_routes_of_the_web_page_refuse_a_key() -> None:
    with SandboxServer() as server, PlainClient(server, server.seats[0]) as client:
        answer = client.get("sandbox/create", variantID=1)
        wanted = example("sandbox_create_by_key")["response"]
        assert (answer.status_code, answer.text) == (wanted["status"], wanted["body"])
