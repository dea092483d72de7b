"""Counts of everything that can happen from small positions: as stored, as counted in Python, as the arbiter has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from importlib.util import find_spec
from itertools import combinations, product
from pathlib import Path

import pytest

from cicero_lite.bench.perft import Case, Counts, measure, read_file
from engine._core import Position
from engine.mapfile import load_map
from tests.engine.arbiter import adjudicate

FILES = sorted((Path(__file__).parent / "perft").glob("*.txt"))
CASES = [case for path in FILES for case in read_file(path).cases]
FEW = 30_000
"""Joint orders that Python steps through in a second."""
FEW_FOR_THE_ARBITER = 3_500

Joint = dict[str, list[int]]
"""Power -> codes of its orders."""


def named(cases: list[Case]) -> pytest.MarkDecorator:
    """One test for each case."""
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])


def few(case: Case, phases: int, limit: int) -> bool:
    counts = case.counts[phases]
    return counts is not None and counts.joint_orders <= limit


@named(CASES)
def test_counts_are_those_of_the_file(case: Case) -> None:
    if case.map_name == "world" and find_spec("engine._core_large") is None:
        pytest.skip("the compiled rules for large boards are not installed")
    (found,) = measure([case]).cases
    assert found.differences == []
    assert found.case == case


def test_names_tell_cases_apart() -> None:
    assert max(Counter(case.name for case in CASES).values()) == 1
    assert [case.name for case in CASES if None in case.counts.values() or not case.legal] == []


# ---- enumeration in Python ---------------------------------------------------------------------------


def every_joint_order(position: Position) -> Iterator[Joint]:
    """All joint orders; builds may be fewer than due, removals not."""
    if not position.phase.endswith("A"):
        places = [(power, place) for power in position.map.powers for place in position.orderable(power)]
        for codes in product(*(position.legal_orders(place) for _, place in places)):
            orders: Joint = {}
            for (power, _), code in zip(places, codes, strict=True):
                orders.setdefault(power, []).append(code)
            yield orders
        return
    choices = [list(adjustments(position, power)) for power in position.map.powers]
    for chosen in product(*choices):
        yield dict(zip(position.map.powers, chosen, strict=True))


def adjustments(position: Position, power: str) -> Iterator[list[int]]:
    """All that one power can order in winter; what is due is worked out here from its centres and units."""
    units, text = position.units(), position.map.order_text
    taken = {unit[2:5] for its in units.values() for unit in its}
    due = len(position.centers()[power]) - len(units[power])
    if due < 0:
        for places in combinations([unit[2:5] for unit in units[power]], -due):
            yield [position.map.order_code(f"{unit} D") for unit in units[power] if unit[2:5] in places]
        return
    homes = load_map(position.map.name).homes
    anywhere = load_map(position.map.name).build_anywhere
    at_home = {str(home) for its in (homes if not anywhere else {}).items() if its[0] == power for home in its[1]}
    free = [c for c in position.centers()[power] if c not in taken and (anywhere or c in at_home)]
    for count in range(min(due, len(free)) + 1):
        for places in combinations(free, count):
            sites = [[c for c in position.legal_orders(place) if text(c) != "WAIVE"] for place in places]
            yield from map(list, product(*sites))


def explore(position: Position, phases: int, counts: Counter[str], seen: set[Position]) -> None:
    """Adds up what `Position.perft` counts, one joint order after the other."""
    if phases == 0 or position.is_over:
        seen.add(position)
        return
    for orders in every_joint_order(position):
        following, results = position.step([orders.get(power, []) for power in position.map.powers])
        if phases == 1:
            add_results(counts, results.values())
        explore(following, phases - 1, counts, seen)


def add_results(counts: Counter[str], results: Iterable[Collection[str]]) -> None:
    """Counts one joint order of the last phase, and the units with each result."""
    counts["joint_orders"] += 1
    for words in results:
        counts["bounces"] += "bounce" in words
        counts["cuts"] += "cut" in words
        counts["dislodged"] += "dislodged" in words
        counts["disrupted"] += bool({"disrupted", "no convoy"} & set(words))
        counts["disbands"] += "disband" in words


@named([case for case in CASES if any(few(case, phases, FEW) for phases in case.counts)])
def test_python_counts_the_same(case: Case) -> None:
    if case.map_name == "world" and find_spec("engine._core_large") is None:
        pytest.skip("the compiled rules for large boards are not installed")
    for phases, stored in case.counts.items():
        if few(case, phases, FEW):
            counts: Counter[str] = Counter()
            seen: set[Position] = set()
            explore(case.position(), phases, counts, seen)
            assert Counts(**{name: counts[name] for name in Counts.__match_args__} | {"positions": len(seen)}) == stored


# ---- the arbiter -------------------------------------------------------------------------------------

FOR_THE_ARBITER = [
    case
    for case in CASES
    if case.phase.endswith("M") and case.map_name in ("standard", "pure") and few(case, 1, FEW_FOR_THE_ARBITER)
]
"""Those of ancmed are not among them: the arbiter knows no ports, whose fleets convoy, too."""


@named(FOR_THE_ARBITER)
def test_the_arbiter_counts_the_same(case: Case) -> None:
    """Every joint order resolved by rules that share no code with the compiled ones."""
    position, board = case.position(), load_map(case.map_name)
    units, text = position.units(), position.map.order_text
    counts: Counter[str] = Counter()
    seen = set()
    for orders in every_joint_order(position):
        outcome = adjudicate(board, units, {power: [text(code) for code in codes] for power, codes in orders.items()})
        add_results(counts, outcome.results.values())
        standing = tuple((power, its) for power, its in outcome.units.items())
        lost = [(lost.power, unit, lost.retreats) for unit, lost in outcome.dislodged.items() if lost.retreats]
        seen.add((standing, tuple(sorted(lost))))
    assert Counts(**{name: counts[name] for name in Counts.__match_args__} | {"positions": len(seen)}) == case.counts[1]


def test_the_arbiter_has_enough_to_count() -> None:
    assert len(FOR_THE_ARBITER) >= 8
