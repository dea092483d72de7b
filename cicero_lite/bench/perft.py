"""Everything that can happen in so many phases, counted: all joint orders are tried (perft, as chess programs say).

A count that changes tells that legal orders or adjudication changed; `tests/engine/perft` keeps such counts.  The
form of its files:

    case NAME
    > what the case is about
    map NAME                              the standard map if it is left out
    phase W1901A                          S1901M if it is left out; "phase start": the first position of the map
    units RUSSIA A MOS, F STP/SC
    centers RUSSIA MOS, STP
    dislodged RUSSIA A WAR to GAL, UKR
    legal RUSSIA 12                       legal orders in this phase
    idle RUSSIA A MOS, F STP/SC           in adjustments: who is left where nobody orders the removals that are due
    1  144  90  0  0  0  0  0             phases to come, then the fields of `Counts`

Cases are parted by empty lines; before the first one there is a head of lines with "#".  ``--write`` puts the
lines ``legal``, ``idle`` and the counts of the depths named in a case.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from cicero_lite.errors import CiceroLiteError
from cicero_lite.output import write_files
from engine._core import Position
from engine.mapfile import core_map
from engine.types import EngineError

LIMIT = 10_000_000
"""Joint orders of one count, at most."""


class PerftError(CiceroLiteError, ValueError):
    """A file of cases that cannot be read, or a case that cannot be counted."""


@dataclass(frozen=True)
class Counts:
    """What happens under all joint orders of so many phases."""

    joint_orders: int
    """Ways through all the phases; those that end earlier by a victory do not count."""
    positions: int
    """Different positions reached."""
    bounces: int
    """Orders with this result in the last phase, and so on."""
    cuts: int
    dislodged: int
    disrupted: int
    """Convoys disrupted, and armies without their convoy."""
    disbands: int


COLUMNS = tuple(column.name for column in fields(Counts))


@dataclass(frozen=True)
class Case:
    """A position, and what was counted from it."""

    name: str
    where: str
    """File and line, for errors."""
    about: str = ""
    map_name: str = "standard"
    phase: str = "S1901M"
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    centers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dislodged: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Power -> {unit: where it may retreat to}."""
    legal: Mapping[str, int] = field(default_factory=dict)
    idle: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    counts: Mapping[int, Counts | None] = field(default_factory=dict)
    """Phases -> counts; None: to be counted."""

    def position(self) -> Position:
        """The position.

        Raises:
            PerftError: no map has this name, or no board can hold it.
        """
        try:
            board = core_map(self.map_name)
            if self.phase == "start":
                return board.start()
            return board.position(
                self.phase,
                {power: list(units) for power, units in self.units.items()},
                {power: list(centers) for power, centers in self.centers.items()},
                {p: {unit: list(to) for unit, to in its.items()} for p, its in self.dislodged.items()},
            )
        except (EngineError, ValueError) as error:
            raise PerftError(f"{self.where}: {error}") from None

    def text(self) -> str:
        """The case in the form of the file."""
        lines = [f"case {self.name}", *([f"> {self.about}"] if self.about else [])]
        lines += [f"map {self.map_name}"] if self.map_name != "standard" else []
        lines.append(f"phase {self.phase}")
        lines += [f"units {power} {', '.join(units)}" for power, units in self.units.items()]
        lines += [f"centers {power} {', '.join(centers)}" for power, centers in self.centers.items()]
        lines += [
            f"dislodged {power} {unit} to {', '.join(places)}"
            for power, units in self.dislodged.items()
            for unit, places in units.items()
        ]
        lines += [f"legal {power} {count}" for power, count in self.legal.items()]
        lines += [f"idle {power} {', '.join(units)}".rstrip() for power, units in self.idle.items()]
        for phases, counts in self.counts.items():
            numbers = () if counts is None else astuple(counts)
            lines.append(f"{phases}" + "".join(f" {number:>9}" for number in numbers))
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class CaseFound:
    """One case counted again."""

    name: str
    case: Case
    """With what is counted now."""
    differences: list[str]
    """From what the file has, in words."""
    seconds: float

    @property
    def joint_orders(self) -> int:
        """Of all its depths."""
        return sum(counts.joint_orders for counts in self.case.counts.values() if counts is not None)


@dataclass(frozen=True)
class PerftFound:
    """All cases counted again."""

    cases: list[CaseFound]

    @property
    def differences(self) -> int:
        """Cases that differ from their file."""
        return sum(bool(found.differences) for found in self.cases)

    def lines(self) -> list[str]:
        """A table for a reader at the terminal."""
        width = max((len(found.name) for found in self.cases), default=0)
        lines = [f"{'':{width}} {'phases':>6} " + " ".join(f"{name.replace('_', ' '):>12}" for name in COLUMNS)]
        for found in self.cases:
            for phases, counts in found.case.counts.items():
                numbers = () if counts is None else astuple(counts)
                lines.append(f"{found.name:{width}} {phases:>6} " + " ".join(f"{number:>12,}" for number in numbers))
            lines += [f"  differs: {difference}" for difference in found.differences]
        joint, seconds = sum(found.joint_orders for found in self.cases), sum(found.seconds for found in self.cases)
        speed = f", {joint / seconds:,.0f} a second" if seconds > 0 else ""
        lines.append(f"{len(self.cases)} cases, {joint:,} joint orders{speed}; {self.differences} cases differ")
        return lines


def measure(cases: Iterable[Case], limit: int = LIMIT) -> PerftFound:
    """Counts every case again.

    Raises:
        PerftError: a case that cannot be counted; the message says which.
    """
    return PerftFound([_measure(case, limit) for case in cases])


def _measure(case: Case, limit: int) -> CaseFound:
    position = case.position()
    counts: dict[int, Counts | None] = {}
    begun = time.perf_counter()
    for phases in case.counts:
        try:
            counts[phases] = Counts(**position.perft(phases, limit))
        except ValueError as error:  # more joint orders than the limit
            raise PerftError(f"{case.where}: {case.name}, {phases} phases: {error}") from None
    seconds = time.perf_counter() - begun
    now = replace(case, legal=_legal(position), idle=_idle(position), counts=counts)
    return CaseFound(case.name, now, _differences(case, now), seconds)


def _legal(position: Position) -> dict[str, int]:
    """Legal orders of each power that has something to order."""
    found = {}
    for power in position.map.powers:
        places = position.orderable(power)
        if places:
            found[power] = sum(len(position.legal_orders(place)) for place in places)
    return found


def _idle(position: Position) -> dict[str, tuple[str, ...]]:
    """Who is left of the powers that must remove units, if none is ordered removed."""
    late = [power for power in position.map.powers if position.build_count(power) < 0]
    if not late:
        return {}
    following = position.step([[] for _ in position.map.powers])[0].units()
    return {power: tuple(following[power]) for power in late}


def _differences(stored: Case, now: Case) -> list[str]:
    told = [
        *_differing("legal orders", stored.legal, now.legal),
        *_differing("left of", stored.idle, now.idle),
    ]
    for phases, counts in now.counts.items():
        before = stored.counts[phases]
        if before is None:
            told.append(f"{phases} phases: no counts in the file")
        elif before != counts and counts is not None:
            pairs = zip(COLUMNS, astuple(before), astuple(counts), strict=True)
            wrong = [f"{name.replace('_', ' ')} {old} in the file, {new} now" for name, old, new in pairs if old != new]
            told.append(f"{phases} phases: {', '.join(wrong)}")
    return told


def _differing(what: str, stored: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    return [
        f"{what} {power}: {_shown(stored.get(power))} in the file, {_shown(now.get(power))} now"
        for power in {**stored, **now}
        if stored.get(power) != now.get(power)
    ]


def _shown(value: object) -> str:
    return ", ".join(value) or "none" if isinstance(value, tuple) else str("nothing" if value is None else value)


# ---- files ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CaseFile:
    """The cases of one file."""

    path: Path
    head: str
    """Lines before the first case."""
    cases: list[Case]


def read_file(path: Path) -> CaseFile:
    """Reads the cases of a file.

    Raises:
        PerftError: it cannot be read, or a line is none of the form; the message says which.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PerftError(f"no such file: {path}; expected cases, as in tests/engine/perft of the source tree") from None
    except (OSError, UnicodeDecodeError) as error:
        raise PerftError(f"cannot read {path}: {error}; expected a text file of cases") from None
    head: list[str] = []
    cases: list[Case] = []
    for number, line in enumerate(content.splitlines(), start=1):
        where = f"{path}, line {number}"
        if line.startswith("case "):
            cases.append(Case(line.removeprefix("case ").strip(), where))
        elif not cases and (line.startswith("#") or not line):
            head.append(line)
        elif line and not cases:
            raise PerftError(f"{where}: expected a line 'case NAME' first, got {line[:40]!r}")
        elif line:
            try:
                cases[-1] = _with_line(cases[-1], line)
            except (ValueError, IndexError):
                raise PerftError(f"{where}: {_EXPECTED}, got {line[:60]!r}") from None
    return CaseFile(path, "\n".join(head).strip(), cases)


_EXPECTED = "expected one of '> words', map, phase, units, centers, dislodged, legal, idle or a line of counts"


def _with_line(case: Case, line: str) -> Case:
    """The case with what one more line says of it; ValueError, IndexError: a line that is none of the form."""
    word, _, rest = line.strip().partition(" ")
    if re.fullmatch(r"[\d ]+", line):
        numbers = [int(number) for number in line.split()]
        if len(numbers) not in (1, 1 + len(COLUMNS)) or numbers[0] < 1:
            raise ValueError(line)
        return replace(case, counts={**case.counts, numbers[0]: Counts(*numbers[1:]) if numbers[1:] else None})
    if word == ">":
        return replace(case, about=f"{case.about} {rest}".strip())
    if word in ("map", "phase") and rest:
        return replace(case, map_name=rest) if word == "map" else replace(case, phase=rest)
    power, _, told = rest.partition(" ")
    entry: dict[str, Any]
    match word:
        case "units" | "centers" | "idle" if power:
            entry = {power: _listed(told)}
        case "legal":
            entry = {power: int(told)}
        case "dislodged":
            unit, to, places = told.partition(" to ")
            if not to:
                raise ValueError(line)
            entry = {power: {**case.dislodged.get(power, {}), unit: _listed(places)}}
        case _:
            raise ValueError(line)
    changes: dict[str, Any] = {word: {**getattr(case, word), **entry}}
    return replace(case, **changes)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def write_file(file: CaseFile, cases: Sequence[Case]) -> None:
    """Writes the cases in place of those of the file; its head is kept.

    Raises:
        OutputError: the file cannot be written.
    """
    parts = [*([file.head + "\n"] if file.head else []), *(case.text() for case in cases)]
    write_files(file.path.parent, {file.path.name: "\n".join(parts)})
