"""Reads the cases in ``tests/engine/datc``; the heads of the files there explain the form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent / "datc"
NUMBER = re.compile(r"6\.[A-J]\.\d+[a-z]?(-2\.4)?")


@dataclass(frozen=True)
class DislodgedBy:
    """How a unit is driven out."""

    by: str
    """The unit that does it, as it stood before."""
    retreats: tuple[str, ...]
    """Locations it may retreat to, sorted."""


@dataclass(frozen=True)
class Line:
    """An order with what becomes of its unit."""

    power: str
    order: str
    illegal: bool = False
    """The rules refuse the order."""
    surplus: bool = False
    """Legal, but one too many."""
    results: frozenset[str] = frozenset()
    """As reported, where an illegal order is not given at all; ``dislodged`` included."""
    dislodged: DislodgedBy | None = None

    @property
    def unit(self) -> str:
        """The unit ordered, as it stands before."""
        return " ".join(self.order.split()[:2])


@dataclass
class Case:
    """One numbered situation: its units and the orders of one phase or more."""

    number: str
    title: str
    words: str = ""
    """What the case is about."""
    phase: str = "S1901M"
    units: dict[str, list[str]] = field(default_factory=dict)
    centers: dict[str, list[str]] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    """Builds (> 0) or removals (< 0) before the orders."""
    phases: list[list[Line]] = field(default_factory=lambda: [[]])
    after: dict[str, list[str]] = field(default_factory=dict)
    """All units of a power after the last phase, where the case says so."""

    @property
    def published(self) -> str:
        """The number of the case in DATC 3.0; empty for one of an older version."""
        return "" if self.number.endswith("-2.4") else self.number.rstrip("abc")


def read_cases(name: str) -> list[Case]:
    """The cases of one file, in its order."""
    cases: list[Case] = []
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        words = line.split()
        if not words or words[0] == "#":
            continue
        if NUMBER.fullmatch(words[0]):
            cases.append(Case(words[0], " ".join(words[1:])))
        else:
            _read_line(cases[-1], line, words)
    for case in cases:
        _place_units(case)
    return cases


def read_not_applicable() -> dict[str, str]:
    """Number of a published case that we do not have -> why."""
    found = {}
    for line in (FOLDER / "not_applicable.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            number, reason = line.split(maxsplit=1)
            found[number] = reason
    return found


def _read_line(case: Case, line: str, words: list[str]) -> None:
    """Takes in one line below the title."""
    match words[0]:
        case ">":
            case.words = " ".join(words[1:])
        case "next":
            case.phases.append([])
        case "phase":
            case.phase = words[1]
        case "unit":
            case.units.setdefault(words[1], []).append(" ".join(words[2:]))
        case "centers":
            case.centers[words[1]] = words[2:]
        case "due":
            case.due[words[1]] = int(words[2])
        case "after":
            case.after[words[1]] = [unit.strip() for unit in " ".join(words[2:]).split(",") if unit.strip()]
        case _:
            case.phases[-1].append(_order(line))


def _order(line: str) -> Line:
    """``POWER ORDER = OUTCOME``."""
    told, outcome = line.split(" = ")
    power, order = told.split(maxsplit=1)
    items = {item.strip() for item in outcome.split(",")} - {"ok"}
    dislodged = None
    for item in sorted(items):
        if item.startswith("dislodged by "):
            by, retreats = item.removeprefix("dislodged by ").split(" to ")
            dislodged = DislodgedBy(by, () if retreats == "nowhere" else tuple(retreats.split()))
            items = items - {item} | {"dislodged"}
    results = frozenset(items - {"illegal", "surplus"})
    return Line(power, order, "illegal" in items, "surplus" in items, results, dislodged)


def _place_units(case: Case) -> None:
    """Puts the units that are ordered on the board, besides those placed by name."""
    placed = {unit[2:5] for units in case.units.values() for unit in units}
    if not case.phase.endswith("M"):
        return
    for line in case.phases[0]:
        if line.unit[2:5] not in placed:
            case.units.setdefault(line.power, []).append(line.unit)
            placed.add(line.unit[2:5])


MOVEMENT = read_cases("movement.txt")
"""Sections 6.A to 6.G."""
RETREATS = read_cases("retreats.txt")
"""Section 6.H."""
ADJUSTMENTS = read_cases("adjustments.txt")
"""Sections 6.I and 6.J, and 6.B.14."""
