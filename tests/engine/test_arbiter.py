"""The second adjudicator: right on every DATC case, and of one mind with the compiled rules on random phases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

import pytest

from engine._core import Position
from engine.mapfile import MapData, Terrain, core_map, load_map
from engine.types import POWERS, Location, Province
from tests.engine.arbiter import Outcome, adjudicate
from tests.engine.cases import MOVEMENT, RETREATS, Case
from tests.engine.phases import RandomPhase, crowded_phase

BOARD = core_map()
DATA = load_map()


@pytest.mark.parametrize("case", MOVEMENT + RETREATS, ids=[case.number for case in MOVEMENT + RETREATS])
def test_datc(case: Case) -> None:
    """Every unit of the case fares as the case says; illegal orders are reported as void."""
    orders: dict[str, list[str]] = {}
    for line in case.phases[0]:
        orders.setdefault(line.power, []).append(line.order)
    outcome = adjudicate(DATA, case.units, orders)
    for line in case.phases[0]:
        if line.unit not in case.units.get(line.power, ()):
            continue  # an order to a unit of another power is nobody's
        assert outcome.results[line.unit] == line.results | ({"void"} if line.illegal else frozenset()), line
        found = outcome.dislodged.get(line.unit)
        assert (found is None) == (line.dislodged is None), line
        if found is not None and line.dislodged is not None:
            assert (found.by, found.retreats) == (line.dislodged.by, line.dislodged.retreats)


def differences(position: Position, codes: Sequence[Sequence[int]], outcome: Outcome) -> list[str]:
    """Where the compiled rules do not agree with an outcome."""
    following, results = position.step(codes)
    found = [
        f"{unit}: arbiter {sorted(theirs)}, rules {results.get(unit)}"
        for unit, theirs in outcome.results.items()
        if sorted(results.get(unit, ["?"])) != sorted(theirs)
    ]
    if not following.is_over:
        units = {power.value: list(outcome.units.get(power.value, ())) for power in POWERS}
        if following.units() != units:
            found.append(f"units: arbiter {units}, rules {following.units()}")
        retreats: dict[str, dict[str, list[str]]] = {}
        for unit, gone in outcome.dislodged.items():
            if gone.retreats:
                retreats.setdefault(gone.power, {})[unit] = list(gone.retreats)
        if following.dislodged() != retreats:
            found.append(f"retreats: arbiter {retreats}, rules {following.dislodged()}")
    return found


def test_agrees_with_the_compiled_rules_in_random_games() -> None:
    """Positions, retreats and results of some hundred movement phases with supports and convoys that fit."""
    position, phases = BOARD.start(), 0
    for seed in range(11_000, 12_000):
        codes = position.sample(seed, coherent=True)
        if position.phase.endswith("M"):
            phases += 1
            orders = {p.value: [BOARD.order_text(code) for code in own] for p, own in zip(POWERS, codes, strict=True)}
            outcome = adjudicate(DATA, position.units(), orders)
            assert differences(position, codes, outcome) == [], (position.units(), orders)
        position, _ = position.step(codes)
        if position.is_over or position.phase[1:5] >= "1915":
            position = BOARD.start()
    assert phases > 300


def test_order_of_units_and_orders_does_not_matter() -> None:
    """The first decision to be made must not decide a paradox or a circle."""
    for case in MOVEMENT:
        orders: dict[str, list[str]] = {}
        for line in case.phases[0]:
            orders.setdefault(line.power, []).append(line.order)
        backwards = {power: own[::-1] for power, own in reversed(orders.items())}
        units = {power: own[::-1] for power, own in reversed(case.units.items())}
        assert adjudicate(DATA, units, backwards) == adjudicate(DATA, case.units, orders), case.number


PARADOXES = {
    "6.F.18 elsewhere": {
        "ENGLAND": ["A BEL - NWY VIA", "F NTH C A BEL - NWY", "F SKA S A BEL - NWY"],
        "FRANCE": ["F NWY S F NTH"],
        "GERMANY": ["F YOR - NTH", "F EDI S F YOR - NTH"],
    },
    "6.F.17 elsewhere": {
        "ENGLAND": ["A BEL - NWY VIA", "F NTH C A BEL - NWY", "F SWE S A BEL - NWY"],
        "FRANCE": ["F NWY S F ENG - NTH", "F ENG - NTH"],
        "GERMANY": ["F EDI - NTH", "F LON S F EDI - NTH"],
    },
}
"""DATC 6.F.17 and 6.F.18 with the army in the province that is first by name: it stays by Szykman's rule."""


def where_they_stand(orders: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Power -> the units that it orders."""
    return {power: sorted(" ".join(text.split()[:2]) for text in own) for power, own in orders.items()}


@pytest.mark.parametrize("orders", PARADOXES.values(), ids=PARADOXES)
def test_nobody_moves_in_these_paradoxes(orders: dict[str, list[str]]) -> None:
    """The convoy is disrupted, the support stands, and the attackers of the fleet bounce."""
    units = where_they_stand(orders)
    outcome = adjudicate(DATA, units, orders)
    assert outcome.units == {power: tuple(own) for power, own in units.items()}
    assert outcome.results["A BEL"] == {"no convoy"}
    assert outcome.results["F NTH"] == {"disrupted"}
    assert outcome.results["F NWY"] == frozenset()


@pytest.mark.parametrize("orders", PARADOXES.values(), ids=PARADOXES)
def test_compiled_rules_in_these_paradoxes(orders: dict[str, list[str]]) -> None:
    """The same of the compiled rules; as it is, the army arrives and dislodges the supporter without cutting it."""
    phase = RandomPhase(Position.from_state(BOARD, "S1901M", where_they_stand(orders), {}), orders)
    outcome = adjudicate(DATA, phase.position.units(), orders)
    assert differences(phase.position, phase.codes, outcome) == []


WALK = {
    "AUSTRIA": ["F BAR S F NAO - NWG"],
    "GERMANY": ["F EDI S F NAO - NWG"],
    "RUSSIA": ["A CLY - EDI", "F NWG C A CLY - EDI"],
    "TURKEY": ["F NAO - NWG"],
}
"""The fleet falls whether or not the support from Edinburgh is cut, so the army may walk (4.A.3), and bounces."""


def test_broken_convoy_leaves_the_land_route() -> None:
    """No DATC case; it follows from 6.G.3 and 6.G.11: the army makes no difference to whether its convoy is broken."""
    outcome = adjudicate(DATA, where_they_stand(WALK), WALK)
    assert outcome.results["A CLY"] == {"bounce"}
    assert outcome.results["F EDI"] == {"cut"}


def test_compiled_rules_leave_the_land_route() -> None:
    """The same of the compiled rules."""
    phase = RandomPhase(Position.from_state(BOARD, "S1901M", where_they_stand(WALK), {}), WALK)
    outcome = adjudicate(DATA, phase.position.units(), WALK)
    assert differences(phase.position, phase.codes, outcome) == []


def test_agrees_with_the_compiled_rules_where_convoys_are_attacked() -> None:
    """Crowded phases at sea, a few of them paradoxes."""
    rng = Random(5)
    for _ in range(600):
        phase = crowded_phase(BOARD, DATA, rng)
        outcome = adjudicate(DATA, phase.position.units(), phase.orders)
        assert differences(phase.position, phase.codes, outcome) == [], phase


def test_any_board_and_any_length_of_convoy() -> None:
    """A made-up board of 92 provinces and two powers of other names: a convoy over 90 seas, then one fleet falls."""
    seas = [Province(f"{first}{second}S") for first in "ABCDEFGHI" for second in "KLMNOPQRST"]
    near, far = Province("NEA"), Province("FAR")
    row = [near, *seas, far]
    beside = {place: [*row[max(i - 1, 0) : i], *row[i + 1 : i + 2]] for i, place in enumerate(row)}
    board = MapData(
        name="row",
        provinces=tuple(sorted(row)),
        locations=tuple(Location(place) for place in sorted(row)),
        full_names={},
        aliases={},
        terrain={place: Terrain.SEA if place in seas else Terrain.COAST for place in row},
        centers=(),
        homes={},
        starting_units={},
        starting_centers={},
        army_moves={},
        fleet_moves={Location(here): tuple(Location(there) for there in places) for here, places in beside.items()},
        first_year=1,
        powers=POWERS,
        victory_centers=18,
    )
    units = {"RED": ["A NEA", *(f"F {sea}" for sea in seas)]}
    orders = {"RED": ["A NEA - FAR VIA", *(f"F {sea} C A NEA - FAR" for sea in seas)]}
    outcome = adjudicate(board, units, orders)
    assert "A FAR" in outcome.units["RED"]
    assert set(outcome.results.values()) == {frozenset()}
    last = seas[-1]
    units = {"RED": units["RED"][:-1], "BLUE": [f"F {last}", "F FAR"]}
    orders = {"RED": [*orders["RED"][:-2], f"F {seas[-2]} - {last}"], "BLUE": [f"F {last} C A NEA - FAR"]}
    outcome = adjudicate(board, units, orders)
    assert outcome.results["A NEA"] == {"no convoy"}
    assert outcome.results[f"F {seas[-2]}"] == {"bounce"}


STAYS = [
    {
        "AUSTRIA": ["A TYR S A VIE - TRI", "F VEN - ADR", "A VIE S A BUD - GAL"],
        "ITALY": ["F TRI S F VEN - ADR"],
        "TURKEY": ["F ADR C A ALB - TRI", "A ALB - TRI", "A BUD - GAL"],
    },
    {
        "ITALY": ["F BOT - BAL"],
        "RUSSIA": ["F PRU S F BOT - BAL"],
        "TURKEY": ["F BAL C A LVN - PRU", "A LVN - PRU"],
    },
]
"""The fleet falls to a support that the army would cut if it walked: then its convoy would hold, and it would not."""


@pytest.mark.parametrize("orders", STAYS, ids=["ALB - TRI", "LVN - PRU"])
def test_an_army_does_not_walk_to_undo_what_made_it_walk(orders: dict[str, list[str]]) -> None:
    """It stays without effect, by the arbiter and by the compiled rules."""
    phase = RandomPhase(Position.from_state(BOARD, "S1901M", where_they_stand(orders), {}), orders)
    outcome = adjudicate(DATA, phase.position.units(), orders)
    assert {unit for unit, words in outcome.results.items() if "no convoy" in words} == {orders["TURKEY"][1][:5]}
    assert differences(phase.position, phase.codes, outcome) == []
