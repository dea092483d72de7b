"""Plays random games on our rules and on the ``diplomacy`` package side by side, and reports where they differ.

The package is not always right.  A difference counts as explained only if our rules, with one or more of its
known defects built in, give exactly its outcome; every other difference counts as unexplained.
"""

from __future__ import annotations

import time
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from engine._core import Map, Position
from engine.mapfile import core_map
from engine.notation import parse_order
from engine.types import POWERS, Order, OrderKind, Phase, PhaseKind, province_of

LAST_YEAR = 1915
"""Games stop after this year."""


class Cause(StrEnum):
    """Why the package differs from us."""

    SELF_DISLODGEMENT_VIA = "defect 1: support by the attacked unit's own power counts for a VIA attacker"
    RETREAT_AFTER_CONVOY = "defect 2: retreats to occupied or contested places after a convoyed attack"
    DISRUPTED_BY_OWN_SUPPORT = "defect 3: a convoy disrupted with the support of the convoying power"
    WEAK_HEAD_ON = "defect 4: head to head, support by the attacker's power is left out of the defence"
    FALSE_PARADOX = "defect 5: a convoy paradox seen in a chain of supports that is none"
    STALE_VOID = "defect 6: support for a successful move reported void, as the unit in its way moved off late"
    SEVERAL = "several of the defects at once"
    UNEXPLAINED = "unexplained"


_DEFECTS: Mapping[int, Cause] = {
    0: Cause.STALE_VOID,
    1: Cause.SELF_DISLODGEMENT_VIA,
    2: Cause.RETREAT_AFTER_CONVOY,
    4: Cause.DISRUPTED_BY_OWN_SUPPORT,
    8: Cause.WEAK_HEAD_ON,
    16: Cause.FALSE_PARADOX,
}
"""What ``Position.step`` has to reproduce for a cause; sums of these are several."""
_SETS = sorted(range(32), key=lambda bits: (bits.bit_count(), bits))


@dataclass(frozen=True)
class Difference:
    """One phase in which the two disagree."""

    game: int
    phase: str
    aspect: str
    """``legal orders``, ``results`` or ``position``."""
    detail: str
    cause: Cause
    units: Mapping[str, Sequence[str]]
    orders: Mapping[str, Sequence[str]]


@dataclass
class RulesReport:
    """What a comparison found."""

    phases: int = 0
    movement_phases: int = 0
    games: int = 0
    legal_phases: int = 0
    """Phases in which the legal orders were compared too."""
    causes: Counter[Cause] = field(default_factory=Counter)
    """Phases that differ, by cause."""
    differences: list[Difference] = field(default_factory=list)
    """In the order found, at most ``keep`` of a cause."""
    our_step_s: float = 0.0
    """CPU time, as below."""
    package_step_s: float = 0.0
    our_legal_s: float = 0.0
    package_legal_s: float = 0.0

    @property
    def unexplained(self) -> int:
        """Phases that differ for no known reason."""
        return self.causes[Cause.UNEXPLAINED]

    @property
    def step_ratio(self) -> float:
        """How many times faster our step is than set orders and process, both from Python."""
        return self.package_step_s / self.our_step_s if self.our_step_s else 0.0

    @property
    def legal_ratio(self) -> float:
        """The same for listing all legal orders."""
        return self.package_legal_s / self.our_legal_s if self.our_legal_s else 0.0

    def lines(self) -> list[str]:
        """The report in words."""
        known = [f"  {count} phases: {cause.value}" for cause, count in sorted(self.causes.items()) if count]
        return [
            f"{self.phases} phases ({self.movement_phases} movement) of {self.games} games compared; "
            f"legal orders in {self.legal_phases}",
            f"{self.phases - sum(self.causes.values())} agree in all; {self.unexplained} differ for no known reason; "
            f"{sum(self.causes.values()) - self.unexplained} by a known defect of the package:",
            *(known or ["  none"]),
            f"step: {self.step_ratio:.0f} times as fast ({1e6 * self.our_step_s / max(self.phases, 1):.1f} us against "
            f"{1e6 * self.package_step_s / max(self.phases, 1):.0f} us)",
            f"legal orders: {self.legal_ratio:.0f} times as fast",
        ]


def compare(
    phases: int, seed: int, coherent: bool, legal_every: int = 1, keep: int = 10, last_year: int = LAST_YEAR
) -> RulesReport:
    """Compares positions and results in this many phases of random games.

    Args:
        phases: at least this many; the last game is finished.
        seed: of the orders.
        coherent: supports and convoys mostly match real moves, which stresses the rules; otherwise every
            unit gets a legal order at random.
        legal_every: compare the legal orders too in every so many phases; 0: never.
        keep: at most this many differences of a cause are kept in full.
    """
    report = RulesReport()
    rng = np.random.default_rng(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from diplomacy import Game as PackageGame

        while report.phases < phases:
            _play(PackageGame(), rng, coherent, legal_every, keep, last_year, report)
            report.games += 1
    return report


def _play(
    package: Any,
    rng: np.random.Generator,
    coherent: bool,
    legal_every: int,
    keep: int,
    last_year: int,
    report: RulesReport,
) -> None:
    board = core_map()
    position = board.start()
    texts = _Texts(board)
    package.add_rule("IGNORE_ERRORS")
    while not position.is_over and Phase.parse(position.phase).year <= last_year:
        legal = _legal(package, position, texts, legal_every, keep, report)
        orders = coherent_orders(position, legal, texts, rng) if coherent else random_orders(position, legal, rng)

        started = time.thread_time()
        following, results = position.step(orders)
        report.our_step_s += time.thread_time() - started

        written = [[texts[code] for code in codes] for codes in orders]
        started = time.thread_time()
        for power, power_orders in zip(POWERS, written, strict=True):
            package.set_orders(power.value, power_orders, expand=False)
        theirs = package.process().results
        report.package_step_s += time.thread_time() - started

        report.phases += 1
        report.movement_phases += position.phase.endswith("M")
        by_result, by_position = (
            _result_differences(position, results, theirs),
            _position_differences(following, package),
        )
        if by_result or by_position:
            cause = _explain(position, orders, theirs, package)
            detail = "; ".join([str(difference) for difference in by_result[:4]] + by_position[:3])
            aspect = "position" if by_position else "results"
            _record(report, keep, position, written, aspect, detail, cause)
            _resync(package, following)
        position = following


def _record(
    report: RulesReport,
    keep: int,
    position: Position,
    orders: list[list[str]],
    aspect: str,
    detail: str,
    cause: Cause,
) -> None:
    report.causes[cause] += 1
    if sum(d.cause is cause for d in report.differences) < keep:
        by_power = {power.value: tuple(o) for power, o in zip(POWERS, orders, strict=True) if o}
        units = {power: tuple(u) for power, u in position.units().items()}
        report.differences.append(Difference(report.games, position.phase, aspect, detail, cause, units, by_power))


class _Texts(dict[int, str]):
    """Order texts by code, written once each."""

    def __init__(self, board: Map) -> None:
        super().__init__()
        self.board = board
        self.parsed: dict[int, Order] = {}

    def __missing__(self, code: int) -> str:
        text = self[code] = self.board.order_text(code)
        return text

    def order(self, code: int) -> Order:
        """The order in parts."""
        if code not in self.parsed:
            self.parsed[code] = parse_order(self[code])
        return self.parsed[code]


def _legal(
    package: Any, position: Position, texts: _Texts, legal_every: int, keep: int, report: RulesReport
) -> dict[str, list[int]]:
    """Our legal orders, compared with the package's when it is time to."""
    started = time.thread_time()
    legal = position.legal_codes()
    spent = time.thread_time() - started
    if legal_every and report.phases % legal_every == 0:
        report.our_legal_s += spent
        started = time.thread_time()
        possible = package.get_all_possible_orders()
        report.package_legal_s += time.thread_time() - started
        report.legal_phases += 1
        orderable = {place for places in package.get_orderable_locations().values() for place in places}
        for place in sorted(orderable | set(legal)):
            ours, theirs = {texts[code] for code in legal.get(place, ())}, set(possible.get(place, ()))
            if ours != theirs:
                detail = f"{place}: ours only {sorted(ours - theirs)}, theirs only {sorted(theirs - ours)}"
                _record(report, keep, position, [[] for _ in POWERS], "legal orders", detail, Cause.UNEXPLAINED)
                break
    return legal


def random_orders(position: Position, legal: Mapping[str, list[int]], rng: np.random.Generator) -> list[list[int]]:
    """One legal order per unit of each power, uniformly; as many adjustments as are due."""
    orders = []
    for power in POWERS:
        places = position.orderable(power.value)
        due = abs(position.build_count(power.value))
        if due:
            places = [places[i] for i in sorted(rng.permutation(len(places))[:due])]
        orders.append([legal[place][int(rng.integers(len(legal[place])))] for place in places])
    return orders


def coherent_orders(
    position: Position, legal: Mapping[str, list[int]], texts: _Texts, rng: np.random.Generator
) -> list[list[int]]:
    """Random orders in which most supports and convoys fit what the aided unit does."""
    if not position.phase.endswith("M"):
        return random_orders(position, legal, rng)
    owners = {place: power for power in POWERS for place in position.orderable(power.value)}
    plan: dict[str, int] = {}
    for place in owners:
        choices = [c for c in legal[place] if texts.order(c).kind in (OrderKind.HOLD, OrderKind.MOVE)]
        convoyed = [c for c in choices if texts.order(c).via_convoy]
        if convoyed and rng.random() < 0.4:
            choices = convoyed
        plan[place] = choices[int(rng.integers(len(choices)))]
    places = sorted(owners)
    for index in rng.permutation(len(places)):
        place = places[int(index)]
        fitting = [code for code in legal[place] if _fits(texts.order(code), plan, texts)]
        convoys = [code for code in fitting if texts.order(code).kind is OrderKind.CONVOY]
        if convoys and rng.random() < 0.8:
            plan[place] = convoys[int(rng.integers(len(convoys)))]
        elif fitting and rng.random() < 0.6:
            plan[place] = fitting[int(rng.integers(len(fitting)))]
        elif rng.random() < 0.03:
            plan[place] = legal[place][int(rng.integers(len(legal[place])))]
    return [[plan[place] for place in position.orderable(power.value)] for power in POWERS]


def _fits(order: Order, plan: Mapping[str, int], texts: _Texts) -> bool:
    """Whether a support or convoy fits the order planned for the unit it aids."""
    if order.aided is None:
        return False
    aided = texts.order(plan[order.aided.province])
    if order.target is None:
        return aided.kind is not OrderKind.MOVE
    return (
        aided.kind is OrderKind.MOVE
        and aided.target is not None
        and (aided.target == order.target or str(province_of(aided.target)) == order.target)
    )


@dataclass(frozen=True)
class _ResultDifference:
    """A unit whose results differ."""

    unit: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.unit}: ours {list(self.ours)}, theirs {list(self.theirs)}"


def _result_differences(
    position: Position, ours: Mapping[str, list[str]], theirs: Mapping[Any, Any]
) -> list[_ResultDifference]:
    """Units whose results differ.

    Outside movement phases only our units count.  The package reports a unit that had no retreat as
    disbanded in the next such phase, by a name that another unit may bear by then, and lists waived builds.
    """
    kind = Phase.parse(position.phase).kind
    stale = {"", "disband"} if kind is PhaseKind.ADJUSTMENTS else {""}
    package = {str(unit): tuple(sorted({str(r) for r in found} - stale)) for unit, found in theirs.items()}
    units = set(ours) | set(package) if kind is PhaseKind.MOVEMENT else set(ours)
    pairs = [(unit, tuple(sorted(ours.get(unit, ()))), package.get(unit, ())) for unit in sorted(units)]
    return [_ResultDifference(unit, mine, other) for unit, mine, other in pairs if mine != other]


def _position_differences(position: Position, package: Any) -> list[str]:
    """What differs in the positions after a phase."""
    found: list[str] = []

    def check(what: str, ours: object, theirs: object) -> None:
        if ours != theirs:
            found.append(f"{what}: ours {ours}, theirs {theirs}")

    check("over", position.is_over, package.get_current_phase() == "COMPLETED")
    if not position.is_over:
        check("phase", position.phase, package.get_current_phase())
    units, centers, retreats = position.units(), position.centers(), position.dislodged()
    for power in POWERS:
        side = package.get_power(power.value)
        check(f"units of {power}", units[power], sorted(side.units))
        check(f"centers of {power}", centers[power], sorted(side.centers))
        theirs = {unit: sorted(places) for unit, places in side.retreats.items()}
        check(f"retreats of {power}", retreats.get(power.value, {}), theirs)
    return found


def _resync(package: Any, position: Position) -> None:
    """Puts our position on the package's board."""
    if position.is_over:
        return
    units, retreats = position.units(), position.dislodged()
    package.set_state(
        {
            "name": position.phase,
            "units": {p.value: units[p] + [f"*{unit}" for unit in retreats.get(p.value, {})] for p in POWERS},
            "retreats": {p.value: retreats.get(p.value, {}) for p in POWERS},
            "centers": position.centers(),
        },
        clear_history=False,
    )
    package.dislodged = {unit: "" for by_unit in retreats.values() for unit in by_unit}


def _explain(position: Position, orders: list[list[int]], theirs: Mapping[Any, Any], package: Any) -> Cause:
    """The smallest set of known defects with which our rules give exactly the package's outcome, if any."""
    for defects in _SETS:
        following, results = position.step(orders, defects=defects)
        if _position_differences(following, package):
            continue
        differences = _result_differences(position, results, theirs)
        stale = [d for d in differences if _is_stale_void(d, position, orders, results)]
        if len(stale) == len(differences):
            several = defects.bit_count() + bool(stale) > 1
            return Cause.SEVERAL if several else _DEFECTS[defects]
    return Cause.UNEXPLAINED


def _is_stale_void(
    difference: _ResultDifference,
    position: Position,
    orders: list[list[int]],
    results: Mapping[str, list[str]],
) -> bool:
    """Whether a good support is called void only because the package first thought an own unit in the way."""
    if set(difference.theirs) - set(difference.ours) != {"void"} or set(difference.ours) - set(difference.theirs):
        return False
    by_unit = {}
    for codes in orders:
        for code in codes:
            order = parse_order(position.map.order_text(code))
            by_unit[str(order.unit)] = order
    support = by_unit[difference.unit]
    if support.kind is not OrderKind.SUPPORT or support.target is None or results[str(support.aided)]:
        return False
    owners = {unit[2:5]: (power, unit) for power, units in position.units().items() for unit in units}
    in_the_way = owners.get(province_of(support.target))
    if in_the_way is None or in_the_way[0] != owners[difference.unit[2:5]][0]:
        return False
    other = by_unit.get(in_the_way[1])
    return other is not None and other.kind is OrderKind.MOVE and not results[in_the_way[1]]
