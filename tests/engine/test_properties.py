"""What holds in every movement phase, whatever the orders; hypothesis picks crowded phases, always the same ones."""

from __future__ import annotations

from itertools import combinations
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from engine._core import Position
from engine.mapfile import core_map, load_map
from engine.notation import parse_order
from engine.types import POWERS, Order, OrderKind
from tests.engine.arbiter import adjudicate
from tests.engine.phases import RandomPhase, crowded_phase

BOARD = core_map()
DATA = load_map()

seeds = st.integers(min_value=0, max_value=2**32 - 1)
every_time_the_same = settings(derandomize=True, deadline=None, database=None, max_examples=150)


def phase_of(seed: int) -> RandomPhase:
    """The phase of this seed."""
    return crowded_phase(BOARD, DATA, Random(seed))


class Resolved:
    """A phase with its outcome, looked at unit by unit."""

    def __init__(self, phase: RandomPhase) -> None:
        self.phase = phase
        self.after, self.results = phase.position.step(phase.codes)
        self.power = {unit: power for power, own in phase.position.units().items() for unit in own}
        self.order: dict[str, Order] = {}
        for text in (text for own in phase.orders.values() for text in own):
            self.order[" ".join(text.split()[:2])] = parse_order(text)

    def goal(self, unit: str) -> str | None:
        """Province to which a unit was ordered to move."""
        order = self.order[unit]
        return str(order.target)[:3] if order.kind is OrderKind.MOVE else None

    def moved(self, unit: str) -> bool:
        """Whether it went there."""
        return self.goal(unit) is not None and not self.results[unit]

    def convoyed(self, unit: str) -> bool:
        """Whether a fleet that was ordered to carry it there did not fail."""
        order = self.order[unit]
        return any(
            other.kind is OrderKind.CONVOY
            and str(other.aided) == unit
            and other.target == order.target
            and not self.results[fleet]
            for fleet, other in self.order.items()
        )

    def dislodger(self, unit: str) -> str:
        """The unit that took its place."""
        return next(other for other in self.order if self.moved(other) and self.goal(other) == unit[2:5])


@every_time_the_same
@given(seeds)
def test_parse_of_print_is_identity(seed: int) -> None:
    """Every legal order keeps its meaning through text, and its code."""
    for codes in phase_of(seed).position.legal_codes().values():
        for code in codes:
            text = BOARD.order_text(code)
            assert str(parse_order(text)) == text
            assert BOARD.order_code(text) == code


@every_time_the_same
@given(seeds, st.permutations(range(len(POWERS))))
def test_relabelled_powers_have_the_relabelled_outcome(seed: int, turn: list[int]) -> None:
    """A movement phase does not know the names of the powers; neither does the arbiter."""
    phase = phase_of(seed)
    name = {power.value: POWERS[turn[power.number]].value for power in POWERS}
    before, results = phase.position.step(phase.codes)
    units = {name[power]: own for power, own in phase.position.units().items()}
    orders = {name[power]: own for power, own in phase.orders.items()}
    relabelled = Position.from_state(BOARD, "S1901M", units, {})
    after, others = relabelled.step(RandomPhase(relabelled, orders).codes)
    assert others == results
    assert after.units() == {name[power]: own for power, own in before.units().items()}
    assert after.dislodged() == {name[power]: own for power, own in before.dislodged().items()}
    outcome, other = adjudicate(DATA, phase.position.units(), phase.orders), adjudicate(DATA, units, orders)
    assert other.results == outcome.results
    assert other.units == {name[power]: own for power, own in outcome.units.items()}


@every_time_the_same
@given(seeds, st.randoms(use_true_random=False))
def test_the_sequence_of_orders_does_not_matter(seed: int, rng: Random) -> None:
    """Orders are revealed at once."""
    phase = phase_of(seed)
    shuffled = [rng.sample(codes, len(codes)) for codes in phase.codes]
    assert phase.position.step(shuffled) == phase.position.step(phase.codes)


@every_time_the_same
@given(seeds)
def test_units_neither_meet_nor_appear_nor_vanish(seed: int) -> None:
    """One unit in a province; each power has the units it had, moved as ordered, without the dislodged ones."""
    resolved = Resolved(phase_of(seed))
    after = resolved.after.units()
    provinces = [unit[2:5] for own in after.values() for unit in own]
    assert len(set(provinces)) == len(provinces)
    for power, own in resolved.phase.position.units().items():
        stayed = [unit for unit in own if "dislodged" not in resolved.results[unit] and not resolved.moved(unit)]
        arrived = [f"{unit[0]} {resolved.order[unit].target}" for unit in own if resolved.moved(unit)]
        assert after[power] == sorted(stayed + arrived)


@every_time_the_same
@given(seeds)
def test_neighbours_change_places_only_by_convoy(seed: int) -> None:
    """Of two units that exchanged places, one at least was carried."""
    resolved = Resolved(phase_of(seed))
    moved = [unit for unit in resolved.order if resolved.moved(unit)]
    for first, second in combinations(moved, 2):
        if resolved.goal(first) == second[2:5] and resolved.goal(second) == first[2:5]:
            assert resolved.convoyed(first) or resolved.convoyed(second)


@every_time_the_same
@given(seeds)
def test_retreats_go_to_empty_uncontested_places(seed: int) -> None:
    """Nor to where the dislodger came from, unless that came by sea."""
    resolved = Resolved(phase_of(seed))
    held = {unit[2:5] for own in resolved.after.units().values() for unit in own}
    for unit, places in (item for by_unit in resolved.after.dislodged().values() for item in by_unit.items()):
        provinces = {place[:3] for place in places}
        assert not provinces & held
        dislodger = resolved.dislodger(unit)
        assert dislodger[2:5] not in provinces or resolved.convoyed(dislodger)
        assert resolved.power[dislodger] != resolved.power[unit]
        steps = {str(goal) for goal in _steps(unit)}
        assert set(places) <= steps
        assert not provinces & {goal for other in resolved.order if (goal := _contested(resolved, other))}


def _steps(unit: str) -> set[str]:
    moves = DATA.army_moves if unit[0] == "A" else DATA.fleet_moves
    return {goal for here, goals in moves.items() if here == unit[2:] for goal in goals}


def _contested(resolved: Resolved, unit: str) -> str | None:
    """The province that a failed move contested; the loser of a battle head to head contests nothing (DATC 6.E.1)."""
    if "bounce" not in resolved.results[unit]:
        return None
    if "dislodged" in resolved.results[unit]:
        dislodger = resolved.dislodger(unit)
        if dislodger[2:5] == resolved.goal(unit) and not resolved.convoyed(dislodger):
            return None
    return resolved.goal(unit)
