"""What there is to resolve in a phase, and what our rules, the ``diplomacy`` package and the arbiter say of it."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, Protocol

from cicero_lite.errors import CiceroLiteError
from engine._core import Position
from engine.mapfile import MapData, core_map, load_map
from engine.types import POWERS

Written = Sequence[Sequence[str]]
"""Order texts of each power, in the order of ``POWERS``."""
Words = Mapping[str, frozenset[str]]
"""Unit -> its results; a unit whose order succeeded has none, and may be left out."""

NO_WORDS: frozenset[str] = frozenset()


class ArbiterError(CiceroLiteError, RuntimeError):
    """A file that is no arbiter."""


@dataclass(frozen=True)
class Situation:
    """A position and the orders given in it, as texts."""

    phase: str
    units: Mapping[str, tuple[str, ...]]
    centers: Mapping[str, tuple[str, ...]]
    orders: Mapping[str, tuple[str, ...]]
    """Power -> its orders; powers without any may be left out."""
    retreats: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    @classmethod
    def of(cls, position: Position, written: Written) -> Situation:
        """What is to be resolved when these orders are given."""
        return cls(
            position.phase,
            {power: tuple(units) for power, units in position.units().items() if units},
            {power: tuple(centers) for power, centers in position.centers().items() if centers},
            {power.value: tuple(orders) for power, orders in zip(POWERS, written, strict=True) if orders},
            {p: {unit: tuple(to) for unit, to in lost.items()} for p, lost in position.dislodged().items()},
        )

    def position(self) -> Position:
        """The position.

        Raises:
            IllegalStateError: no board can hold it.
        """
        return Position.from_state(
            core_map(),
            self.phase,
            {power: list(units) for power, units in self.units.items()},
            {power: list(centers) for power, centers in self.centers.items()},
            {p: {unit: list(to) for unit, to in lost.items()} for p, lost in self.retreats.items()},
        )

    def written(self) -> list[list[str]]:
        """The orders of all seven powers."""
        return [list(self.orders.get(power.value, ())) for power in POWERS]

    def codes(self) -> list[list[int]]:
        """The same as codes."""
        board = core_map()
        return [[board.order_code(text) for text in orders] for orders in self.written()]


@dataclass(frozen=True)
class Said:
    """What one of the three says of a movement phase."""

    units: Mapping[str, tuple[str, ...]]
    """Power -> its units after the moves, sorted, without dislodged ones; powers without any are left out."""
    dislodged: Mapping[str, tuple[str, ...]]
    """Dislodged unit -> where it may retreat to, sorted."""
    results: Words
    """Of the units whose orders did not simply succeed."""

    @classmethod
    def of(
        cls,
        units: Mapping[str, Sequence[str]],
        results: Mapping[str, Sequence[str] | frozenset[str]],
        retreats: Mapping[str, Sequence[str]],
    ) -> Said:
        """Brings results and positions into this form; a unit said to be dislodged may be missing in ``retreats``."""
        words = {unit: frozenset(found) for unit, found in results.items() if found}
        lost = {unit for unit, found in words.items() if "dislodged" in found} | set(retreats)
        return cls(
            {power: tuple(sorted(held)) for power, held in units.items() if held},
            {unit: tuple(sorted(retreats.get(unit, ()))) for unit in sorted(lost)},
            words,
        )

    def text(self) -> str:
        """Everything but plain success, in words."""
        lines = [f"{unit} {', '.join(sorted(words))}" for unit, words in sorted(self.results.items())]
        lines += [f"{unit} may retreat to {', '.join(to) or 'nowhere'}" for unit, to in self.dislodged.items()]
        return "; ".join(lines) or "every order succeeds"


def ours(position: Position, results: Mapping[str, Sequence[str]], following: Position) -> Said:
    """What our step said, in the form of the others."""
    retreats = {unit: to for lost in following.dislodged().values() for unit, to in lost.items()}
    return Said.of(following.units(), results, retreats)


class After(NamedTuple):
    """The position that follows a phase, to be compared with ``==``."""

    phase: str
    """``COMPLETED`` when the game is over."""
    units: dict[str, list[str]]
    centers: dict[str, list[str]]
    retreats: dict[str, dict[str, list[str]]]

    @classmethod
    def of(cls, position: Position) -> After:
        """Our position in this form."""
        phase = "COMPLETED" if position.is_over else position.phase
        return cls(phase, position.units(), position.centers(), position.dislodged())

    def said(self, results: Words) -> Said:
        """The position with the results that led to it."""
        return Said.of(self.units, results, {unit: to for lost in self.retreats.values() for unit, to in lost.items()})

    def differences(self, theirs: After) -> list[str]:
        """What differs from theirs, in words."""
        found = [] if self.phase == theirs.phase else [f"phase: ours {self.phase}, theirs {theirs.phase}"]
        for power in POWERS:
            for what, mine, other in (
                ("units", self.units.get(power, []), theirs.units.get(power, [])),
                ("centers", self.centers.get(power, []), theirs.centers.get(power, [])),
                ("retreats", self.retreats.get(power, {}), theirs.retreats.get(power, {})),
            ):
                if mine != other:
                    found.append(f"{what} of {power}: ours {mine}, theirs {other}")
        return found


class Rival(Protocol):
    """Rules to compare ours with, playing along."""

    def place(self, position: Position) -> None:
        """Puts a position on its board, in place of what is there."""

    def process(self, written: Written) -> Words:
        """Resolves the phase; the results of all units it names."""

    def after(self) -> After:
        """The position now."""

    def legal(self) -> Mapping[str, Sequence[str]]:
        """Place where something may be ordered now -> all legal orders there."""


class PackageRules:
    """A game of the ``diplomacy`` package."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from diplomacy import Game as PackageGame

            self.game: Any = PackageGame()
        self.game.add_rule("IGNORE_ERRORS")

    def place(self, position: Position) -> None:
        """As in ``Rival``; does nothing when our game is over, as theirs need not be."""
        if position.is_over:
            return
        units, retreats = position.units(), position.dislodged()
        state = {
            "name": position.phase,
            "units": {p.value: units[p] + [f"*{unit}" for unit in retreats.get(p.value, {})] for p in POWERS},
            "retreats": {p.value: retreats.get(p.value, {}) for p in POWERS},
            "centers": position.centers(),
        }
        self.game.set_state(state, clear_history=False)
        self.game.dislodged = {unit: "" for by_unit in retreats.values() for unit in by_unit}

    def process(self, written: Written) -> Words:
        """As in ``Rival``."""
        for power, orders in zip(POWERS, written, strict=True):
            self.game.set_orders(power.value, orders, expand=False)
        results = self.game.process().results
        return {
            unit: frozenset(word for word in map(str, found) if word) if found else NO_WORDS
            for unit, found in results.items()
        }

    def after(self) -> After:
        """As in ``Rival``."""
        sides = [(power.value, self.game.powers[power.value]) for power in POWERS]
        return After(
            self.game.get_current_phase(),
            {power: sorted(side.units) for power, side in sides},
            {power: sorted(side.centers) for power, side in sides},
            {p: {unit: sorted(to) for unit, to in side.retreats.items()} for p, side in sides if side.retreats},
        )

    def legal(self) -> Mapping[str, Sequence[str]]:
        """As in ``Rival``."""
        possible = self.game.get_all_possible_orders()
        orderable = {place for places in self.game.get_orderable_locations().values() for place in places}
        return {place: possible.get(place, ()) for place in orderable}


Arbiter = Callable[[Situation], Said]
"""Says what the rules make of a movement phase."""


def load_arbiter(path: Path) -> Arbiter:
    """The independent adjudicator in this file.

    Raises:
        ArbiterError: no such file, or it has no function ``adjudicate(board, units, orders)``.
    """
    if not path.is_file():
        raise ArbiterError(f"no such file: {path}; expected the arbiter, as tests/engine/arbiter.py of the source tree")
    module = _load(path)
    adjudicate = getattr(module, "adjudicate", None)
    if not callable(adjudicate):
        raise ArbiterError(f"{path} is no arbiter: expected a function adjudicate(board, units, orders)")
    board: MapData = load_map()

    def arbiter(situation: Situation) -> Said:
        units = {power.value: situation.units.get(power.value, ()) for power in POWERS}
        orders = {power.value: situation.orders.get(power.value, ()) for power in POWERS}
        outcome = adjudicate(board, units, orders)
        return Said.of(
            outcome.units, outcome.results, {unit: lost.retreats for unit, lost in outcome.dislodged.items()}
        )

    return arbiter


def _load(path: Path) -> ModuleType:
    name = f"arbiter_at_{abs(hash(path.resolve()))}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ArbiterError(f"{path} is no arbiter: expected a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up there
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ArbiterError(f"{path} is no arbiter: {type(error).__name__}: {error}") from error
    return module
