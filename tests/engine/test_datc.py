"""The Diplomacy Adjudicator Test Cases (L. B. Kruijswijk), version 3.0: every case of sections 6.A to 6.J by number.

``pytest -k 6.F.14`` runs one of them.  The cases are told in ``tests/engine/datc``; ``not_applicable.txt`` there
says which published ones we leave out, and why.
"""

# The choices we make where DATC chapter 4 leaves one (letters as in version 3.0):
# 4.A.1 b  a convoy gets through while one of its routes is whole (6.F.9 to 6.F.11, 6.F.19).
# 4.A.2 c  a convoyed army cuts no support against a fleet it needs (nor, beyond the rulebook, support for such a
#          fleet), unless it dislodges the supporter; f, Szykman's rule, for what that leaves (6.F.14 to 6.F.24).
# 4.A.3 c  to an adjacent place by sea only with VIA or an own fleet that could convoy (6.G.1 to 6.G.7, 6.G.19).  An
#          army walks if its convoy is broken and it was not told VIA, or if it was and nobody convoys (6.G.8: DATC 2.4
#          and the diplomacy package; version 3.0 prefers that it stays).
# 4.A.4 a  an attack by sea does not cut the support against the province it came from (6.G.13).
# 4.A.5 b  a retreat to where a convoyed attacker came from is allowed (6.H.11, 6.H.12).
# 4.A.6 a  convoy routes are not written in orders.
# 4.A.7 b  who was dislodged, but not head to head, still contests where its dislodger came from (6.G.10, 6.G.14).
# 4.B      coasts are written where a province has several, and only there; support may leave them out (6.B.7).
# 4.C      units are written with the right kind, and without nationality.
# 4.D.4/6  of too many builds or removals the first legal ones count (6.I.1, 6.J.1); 4.D.8: disorder by the 2000
#          rulebook, distance to home centres, fleets first, then by abbreviation.
# 4.E.1    an illegal order is ignored, and its unit holds (6.D.28 to 6.D.32).

from __future__ import annotations

import pytest

from engine._core import OrderTextError, Position
from engine.mapfile import core_map
from engine.types import POWERS
from tests.engine.cases import ADJUSTMENTS, MOVEMENT, RETREATS, Case, Line, read_not_applicable

BOARD = core_map()
PUBLISHED = {"A": 12, "B": 15, "C": 9, "D": 34, "E": 15, "F": 25, "G": 20, "H": 16, "I": 7, "J": 11}
"""Cases in each section of DATC 3.0; they are numbered from 1."""


def codes_of(position: Position, lines: list[Line]) -> list[list[int]]:
    """The orders that the rules know, per power; those marked illegal must be refused, and only those."""
    codes: list[list[int]] = [[] for _ in POWERS]
    for line in lines:
        try:
            code = BOARD.order_code(line.order)
        except OrderTextError:
            code = -1
        legal = code >= 0 and position.is_legal(line.power, code)
        assert legal != line.illegal, line
        if legal:
            codes[[p.value for p in POWERS].index(line.power)].append(code)
    return codes


def check_units(before: dict[str, list[str]], lines: list[Line], after: Position) -> None:
    """Compares where the units stand after a movement phase: what succeeded moved, what was dislodged is gone."""
    goes: dict[str, str | None] = {}
    for line in lines:
        words = line.order.split()
        if line.dislodged is not None:
            goes[line.unit] = None
        elif words[2] == "-" and not line.results and not line.illegal:
            goes[line.unit] = f"{words[0]} {words[3]}"
    expected = {power: [goes.get(unit, unit) for unit in units] for power, units in before.items()}
    found = {power: units for power, units in after.units().items() if units}
    assert found == {p: sorted(filter(None, units)) for p, units in expected.items() if any(units)}


def check_retreats(lines: list[Line], after: Position) -> None:
    """Compares the dislodged units and where they may go; without a choice they are gone at once."""
    expected: dict[str, dict[str, list[str]]] = {}
    for line in lines:
        if line.dislodged is not None and line.dislodged.retreats:
            expected.setdefault(line.power, {})[line.unit] = list(line.dislodged.retreats)
    assert after.dislodged() == expected


def named(cases: list[Case]) -> pytest.MarkDecorator:
    """One test for each case, named by its number and title."""
    return pytest.mark.parametrize("case", cases, ids=[f"{case.number} {case.title}" for case in cases])


@named(MOVEMENT + RETREATS)
def test_movement_and_retreats(case: Case) -> None:
    """Every unit fares as the case says: results, places, dislodgements and retreats."""
    position = Position.from_state(BOARD, case.phase, case.units, {})
    for number, lines in enumerate(case.phases):
        following, results = position.step(codes_of(position, lines))
        for line in lines:
            assert set(results.get(line.unit, [])) == line.results, f"{case.number}: {case.words}\n{line}"
        if number == 0:
            check_units(case.units, lines, following)
            check_retreats(lines, following)
        position = following


@named(ADJUSTMENTS)
def test_adjustments(case: Case) -> None:
    """Builds and removals: what is due, what is refused, and who is left."""
    position = Position.from_state(BOARD, case.phase, case.units, case.centers)
    assert {power: position.build_count(power) for power in case.due} == case.due
    following, results = position.step(codes_of(position, case.phases[0]), strict=False)
    for power, units in case.after.items():
        assert following.units()[power] == units, f"{case.number}: {case.words}"
    changed = {unit for power in POWERS for unit in set(position.units()[power]) ^ set(following.units()[power])}
    assert results == {unit: [] for unit in changed}


def test_every_published_case_is_here_or_explained() -> None:
    """Cases and the list of those not applicable make up DATC 3.0, section by section, without overlap."""
    ours = {case.published for case in MOVEMENT + RETREATS + ADJUSTMENTS} - {""}
    explained = read_not_applicable()
    published = {f"6.{section}.{n}" for section, count in PUBLISHED.items() for n in range(1, count + 1)}
    assert ours & set(explained) == set()
    assert ours | set(explained) == published
    assert all(len(reason) > 20 for reason in explained.values())


def test_every_case_has_its_own_number_and_words() -> None:
    """Numbers are unique, and each case says what it is about."""
    cases = MOVEMENT + RETREATS + ADJUSTMENTS
    assert len({case.number for case in cases}) == len(cases)
    assert [case.number for case in cases if not (case.words and case.title)] == []
