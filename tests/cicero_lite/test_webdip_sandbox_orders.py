"""game/orders and the phases: what the site stores, drops, and does where others would do something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, COUNTRY_OF, ID_OF
from cicero_lite.adapters.webdiplomacy_sandbox.client_bugs import Mistake
from cicero_lite.adapters.webdiplomacy_sandbox.clock import SiteClock
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.adapters.webdiplomacy_sandbox.site import MemberStatus, SiteGame
from engine.board import position_from_text
from engine.game import Game
from engine.types import Power
from tests.webdiplomacy_site import PlainClient, sent


class _Table:
    """A game in a position, and a client for each of its powers."""

    def __init__(self, server: SandboxServer, text: str) -> None:
        self.server = server
        self.game: SiteGame = server.open_game(game=Game(position=position_from_text(text)))

    def give(self, power: Power, *orders: Any, ready: str = "Yes") -> list[dict[str, Any]]:
        """What is stored after these orders."""
        country = COUNTRY_OF[power]
        with PlainClient(self.server, self.server.seats[country - 1]) as client:
            return client.order(self.game.game_id, country, list(orders), ready)

    def process(self) -> dict[str, Any]:
        """The status, as a spectator sees it, after all who have not ordered are ready."""
        for country, power in COUNTRIES.items():
            if self.game.members[power].orders and not self.game.members[power].flags:
                self.give(COUNTRIES[country])
        self.server.process()
        return self.status()

    def status(self) -> dict[str, Any]:
        """The status, as a spectator sees it."""
        with PlainClient(self.server, self.server.seats[0]) as client:
            found: dict[str, Any] = client.json("game/status", gameID=self.game.game_id)
            return found


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    """A site whose clock stands still."""
    with SandboxServer(SiteClock(1_800_000_000, speed=0), poll_interval_s=0) as server:
        yield server


def _targets(stored: list[dict[str, Any]]) -> dict[Any, Any]:
    return {row["terrID"]: (row["type"], row["toTerrID"]) for row in stored}


COASTS = "S1902M; FRANCE F MAO, F SPA/SC, A GAS, F WES = SPA; ENGLAND F STP/NC = STP"


@pytest.mark.parametrize(
    ("order", "is_stored"),
    [
        (sent(61, "Move", 8, via="No"), False),
        (sent(61, "Move", 60, via="No"), True),
        (sent(77, "Move", 63, via="No"), True),
        (sent(77, "Move", 61, via="No"), True),
        (sent(61, "Move", ID_OF["SPA/NC"], via="No"), True),
        (sent(50, "Move", ID_OF["SPA/NC"], via="No"), False),
        (sent(50, "Move", 8, via="No"), True),
        (sent(61, "Support hold", 8), True),
        (sent(61, "Support hold", 77), False),
        (sent(61, "Support move", 8, 50), True),
        (sent(61, "Support move", 76, 50), True),
        (sent(62, "Support move", 63, 77), True),
        (sent(62, "Support move", 63, 8), True),
        (sent(61, "Move", 60, via=""), True),
        (sent(61, "move", 60, via="No"), False),
        (sent(50, "Move", 9, via="Yes", path=[50, 61]), True),
        (sent(50, "Move", 9, via="Yes", path=[50, 61, 9]), False),
        (sent(50, "Move", 9, via="Yes", path=[61]), False),
        (sent(50, "Move", 9, via="Yes"), False),
        (sent(50, "Move", 9, via="No", path=[50, 61]), False),
        (sent(50, "Move", 8, via="Yes", path=[50, 61]), True),
        (sent(50, "Move", 10, via="Yes", path=[50, 61, 62]), True),
        (sent(50, "Move", 10, via="Yes", path=[50, 62]), False),
        (sent(61, "Convoy", 9, 50, path=[50, 61]), True),
        (sent(62, "Convoy", 9, 50, path=[50, 61]), False),
        (sent(62, "Support move", 9, 50, path=[50, 61]), True),
        (sent(62, "Support move", 9, 50, path=[50, 61, 62]), False),
        (sent(62, "Support move", 9, 50), False),
    ],
)
def test_coasts_and_convoys_are_stored_or_dropped_without_a_word(
    server: SandboxServer, order: dict[str, Any], is_stored: bool
) -> None:
    stored = _targets(_Table(server, COASTS).give(Power.FRANCE, order))
    assert stored[order["terrID"]] == ((order["type"], order["toTerrID"]) if is_stored else ("Hold", None))


def test_a_fleet_on_a_coast_is_not_ordered_by_its_province(server: SandboxServer) -> None:
    with pytest.raises(AssertionError, match="Unknown territory ID `32` for country `1`"):
        _Table(server, COASTS).give(Power.ENGLAND, sent(32, "Hold"))


def test_the_last_of_two_orders_wins_and_digit_strings_are_numbers(server: SandboxServer) -> None:
    table = _Table(server, COASTS)
    stored = table.give(Power.FRANCE, sent("61", "Hold"), sent("61", "Move", "60", via="No"))
    assert _targets(stored)[61] == ("Move", 60)
    assert table.game.members[Power.FRANCE].order_status == "Saved,Completed,Ready"


BUILDS = "W1901A; RUSSIA A SEV, F BAR = SEV MOS STP WAR; FRANCE A BUR = BRE PAR MAR; ENGLAND F LON, F NTH = LON"


def test_builds_fill_the_slots_from_the_first_one(server: SandboxServer) -> None:
    table = _Table(server, BUILDS)
    assert [row["type"] for row in table.give(Power.RUSSIA)] == ["Build Army"] * 2
    assert table.game.members[Power.RUSSIA].order_status == "Saved,Ready"
    table.give(Power.RUSSIA, sent(31, "Build Army", 31), sent(29, "Build Army", 29))
    stored = table.give(Power.RUSSIA, sent(79, "Build Fleet", 79))
    assert sorted(row["toTerrID"] for row in stored) == [29, 79]
    stored = table.give(Power.RUSSIA, sent(79, "Build Fleet", 79), sent(None, "Wait"))
    assert sorted((row["type"], row["toTerrID"] or 0) for row in stored) == [("Build Fleet", 79), ("Wait", 0)]
    stored = table.give(Power.RUSSIA, sent(27, "Build Army", 27), sent(35, "Build Army", 35))
    assert sorted((row["type"], row["toTerrID"] or 0) for row in stored) == [("Build Fleet", 79), ("Wait", 0)]


def test_more_builds_than_slots_are_refused_together(server: SandboxServer) -> None:
    table = _Table(server, BUILDS)
    three = [sent(place, "Build Army", place) for place in (31, 29)] + [sent(78, "Build Fleet", 78)]
    with pytest.raises(AssertionError, match="Unknown territory ID `78` for country `7`"):
        table.give(Power.RUSSIA, *three)
    assert all(row.to_id is None for row in table.game.members[Power.RUSSIA].orders)


def test_of_two_builds_on_one_site_one_is_made(server: SandboxServer) -> None:
    table = _Table(server, BUILDS)
    table.give(Power.RUSSIA, sent(78, "Build Fleet", 78), sent(32, "Build Army", 32))
    status = table.process()
    built = [row["type"] for row in status["phases"][-2]["orders"] if row["countryID"] == 7]
    assert built == ["Build Fleet", "Wait"]
    assert {"terrID": 78, "countryID": 7, "unitType": "Fleet", "retreating": "No"} in status["phases"][-1]["units"]


def test_a_destroy_where_a_build_is_due_becomes_a_wait(server: SandboxServer) -> None:
    table = _Table(server, BUILDS)
    assert table.give(Power.FRANCE, sent(48, "Destroy", 48))[0]["type"] in ("Destroy", "Build Army")
    status = table.process()
    assert [row["type"] for row in status["phases"][-2]["orders"] if row["countryID"] == 2] == ["Wait"] * 2
    assert (status["turn"], status["phase"]) == (2, "Diplomacy")


def test_a_fleet_on_a_province_of_two_coasts_is_taken_and_flagged(server: SandboxServer) -> None:
    table = _Table(server, BUILDS)
    stored = table.give(Power.RUSSIA, sent(32, "Build Fleet", 32))
    assert ("Build Fleet", 32) in [(row["type"], row["toTerrID"]) for row in stored]
    assert [bug.mistake for bug in server.site.bugs.found] == [Mistake.FLEET_WITHOUT_COAST]


@pytest.mark.parametrize(
    ("units", "centers", "removed"),
    [
        ("F BAR, F HEL, A LON", "LON EDI", "F BAR"),  # three and two steps from a centre
        ("F NAO, F HEL, A EDI", "EDI", "F HEL"),  # two steps each: Heligoland before North Atlantic
        ("F BAR, F HEL, A BER", "NWY KIE", "F BAR"),  # one step each: Barents before Berlin and Heligoland
    ],
)
def test_a_removal_nobody_ordered_takes_the_farthest_unit_and_then_the_first_by_name(
    server: SandboxServer, units: str, centers: str, removed: str
) -> None:
    table = _Table(server, f"W1902A; ENGLAND {units} = {centers}; FRANCE A PAR = PAR")
    before = {str(unit) for unit in table.game.game.units(Power.ENGLAND)}
    status = table.process()
    after = {str(unit) for unit in table.game.game.units(Power.ENGLAND)}
    assert before - after >= {removed}
    archived = [row for row in status["phases"][-2]["orders"] if row["countryID"] == 1]
    assert {row["type"] for row in archived} == {"Destroy"}
    assert ID_OF[removed[2:]] in {row["terrID"] for row in archived}


def test_a_unit_that_can_go_nowhere_has_a_phase_in_which_to_disband(server: SandboxServer) -> None:
    table = _Table(server, "F1901M; FRANCE A POR = POR BRE; ENGLAND F SPA/SC, F MAO = SPA LON")
    table.give(Power.ENGLAND, sent(77, "Move", 7, via="No"), sent(61, "Support move", 7, 8))
    status = table.process()
    assert (status["turn"], status["phase"]) == (1, "Retreats")
    assert status["occupiedFrom"] == {"7": "8"}
    at_portugal = [row for row in status["phases"][-1]["units"] if row["terrID"] == 7]
    assert sorted((row["countryID"], row["retreating"]) for row in at_portugal) == [(1, "No"), (2, "Yes")]
    assert table.game.members[Power.FRANCE].order_status == ""
    assert _targets(table.give(Power.FRANCE, sent(7, "Retreat", 8))) == {7: ("Retreat", None)}
    assert _targets(table.give(Power.FRANCE, sent(7, "Disband"))) == {7: ("Disband", None)}
    status = table.process()
    assert [row["type"] for row in status["phases"][1]["orders"]] == ["Disband"]
    assert (status["turn"], status["phase"]) == (1, "Builds")
    assert table.game.supply_center_count(Power.FRANCE) == 1


def test_orders_after_defeat_are_flagged(server: SandboxServer) -> None:
    table = _Table(server, "S1902M; FRANCE A PAR = PAR; ENGLAND F LON = LON")
    assert table.game.members[Power.ITALY].status is MemberStatus.DEFEATED
    table.give(Power.ITALY)
    assert [bug.mistake for bug in server.site.bugs.found] == [Mistake.ORDERS_AFTER_DEFEAT]


def test_a_last_turn_that_repeats_the_orders_of_the_turn_before_is_stripped(server: SandboxServer) -> None:
    mine = "BRE PAR MAR SPA POR BEL HOL KIE BER MUN VEN ROM NAP TUN LON LVP EDI"
    table = _Table(server, f"S1905M; FRANCE A VIE, A GAS = {mine}; AUSTRIA A BUD = BUD TRI VIE")
    assert table.process()["turn"] == 9
    status = table.process()
    assert (status["phase"], status["turn"], status["gameOver"]) == ("Finished", 9, "Won")
    assert [(past["turn"], past["phase"]) for past in status["phases"]] == [(8, "Diplomacy"), (9, "Finished")]


def test_a_solo_ends_the_game_with_the_centres_of_the_turn_before(server: SandboxServer) -> None:
    mine = "BRE PAR MAR SPA POR BEL HOL KIE BER MUN VEN ROM NAP TUN LON LVP EDI"
    table = _Table(server, f"F1905M; FRANCE A BUR, A TYR, A GAS = {mine}; AUSTRIA A BUD = BUD TRI VIE")
    table.give(Power.FRANCE, sent(70, "Move", 72, via="No"))
    status = table.process()
    assert (status["phase"], status["gameOver"], status["phases"][-1]["orders"]) == ("Finished", "Won", [])
    owner = {row["terrID"]: row["countryID"] for row in status["phases"][-1]["centers"]}
    assert owner[ID_OF["VIE"]] == 5  # stale
    statuses = {power: member.status for power, member in table.game.members.items()}
    assert (statuses[Power.FRANCE], statuses[Power.AUSTRIA]) == (MemberStatus.WON, MemberStatus.SURVIVED)
    assert statuses[Power.TURKEY] is MemberStatus.DEFEATED
    assert table.game.supply_center_count(Power.FRANCE) == 18
    with pytest.raises(AssertionError, match="Cannot submit orders in phase `Finished`"):
        table.give(Power.FRANCE)
