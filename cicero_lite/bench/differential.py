"""One phase resolved by several rules: where they differ, why, and who the arbiter says is right.

The ``diplomacy`` package is not always right.  Its difference is *explained* if our rules, with one or more of its
known defects built in, give exactly its outcome, and *judged* by an independent arbiter, which knows only the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from cicero_lite.bench.situations import NO_WORDS, After, Arbiter, Rival, Said, Situation, Words, ours
from engine._core import Position
from engine.notation import parse_order
from engine.types import OrderKind, province_of


class Cause(StrEnum):
    """Why two rules differ."""

    SELF_DISLODGEMENT_VIA = "defect 1: support by the attacked unit's own power counts for a VIA attacker"
    RETREAT_AFTER_CONVOY = "defect 2: retreats to occupied or contested places after a convoyed attack"
    DISRUPTED_BY_OWN_SUPPORT = "defect 3: a convoy disrupted with the support of the convoying power"
    WEAK_HEAD_ON = "defect 4: head to head, support by the attacker's power is left out of the defence"
    FALSE_PARADOX = "defect 5: a convoy paradox seen in a chain of supports that is none"
    STALE_VOID = "defect 6: support reported void for an own unit in the way, which moved off late, or the helper fell"
    SEVERAL = "several of the defects at once"
    UNEXPLAINED = "beyond the known defects"
    RETREATS = "a retreat phase"
    BUILDS = "a build phase"
    FOLLOW_UP = "a retreat or build phase right after a movement phase that differed"
    LEGAL_ORDERS = "legal orders"
    ARBITER_UNITS = "the arbiter sees the units elsewhere"
    ARBITER_DISLODGED = "the arbiter sees other units dislodged, or other retreats"
    ARBITER_RESULTS = "the arbiter gives other results"
    ARBITER_FAILED = "the arbiter failed"


class Verdict(StrEnum):
    """Who is right."""

    OURS = "the package is wrong: the arbiter agrees with us"
    PACKAGE = "we are wrong: the arbiter agrees with the package"
    NEITHER = "the arbiter agrees with nobody"
    NONE = "no arbiter was asked"


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
class Finding:
    """A phase in which rules differ."""

    cause: Cause
    verdict: Verdict
    detail: str
    """The first differences, in words."""
    ours: str = ""
    """What our rules say of the phase; like the two below, only where several were asked."""
    theirs: str = ""
    right: str = ""
    """What the arbiter says."""

    @property
    def is_open(self) -> bool:
        """Whether it speaks against our rules, or nobody has said that it does not."""
        known = self.cause in _DEFECTS.values() or self.cause is Cause.SEVERAL
        return not (self.verdict is Verdict.OURS or (self.verdict is Verdict.NONE and known))


def compare_phase(
    position: Position,
    codes: Sequence[Sequence[int]],
    stepped: tuple[Position, Mapping[str, Sequence[str]]],
    said: Words,
    rival: Rival,
    arbiter: Arbiter | None,
) -> Finding | None:
    """What differs in a phase that both have just resolved.

    Args:
        position: before the phase.
        codes: the orders of each power.
        stepped: what ``position.step`` gave.
        said: the rival's results, whose position is the one after the phase.
        arbiter: asked about movement phases that differ.
    """
    following, results = stepped
    mine, other = After.of(following), rival.after()
    words = _unlike(position, results, said)
    if not words and mine == other:
        return None
    lines = [f"{u}: ours {_list(results.get(u, ()))}, theirs {_list(said.get(u, ()))}" for u in words]
    detail = "; ".join(lines[:4] + mine.differences(other)[:3])
    if not position.phase.endswith("M"):
        return Finding(Cause.RETREATS if position.phase.endswith("R") else Cause.BUILDS, Verdict.NONE, detail)
    cause = _explain(position, codes, said, other)
    our_view, their_view = ours(position, results, following), other.said(said)
    found = Finding(cause, Verdict.NONE, detail, our_view.text(), their_view.text())
    if arbiter is None or our_view == their_view:
        # Where the views are equal, they differ in what the arbiter does not know: owners of centres, the next phase.
        return found
    board = position.map
    situation = Situation.of(position, [[board.order_text(code) for code in given] for given in codes])
    return _judged(found, our_view, their_view, situation, arbiter)


def _judged(found: Finding, our_view: Said, their_view: Said, situation: Situation, arbiter: Arbiter) -> Finding:
    """The finding with the arbiter's verdict."""
    try:
        right = arbiter(situation)
    except Exception as error:
        failure = f"{Cause.ARBITER_FAILED}: {type(error).__name__}: {error}"
        return replace(found, verdict=Verdict.NEITHER, right=failure)
    verdict = Verdict.OURS if right == our_view else Verdict.PACKAGE if right == their_view else Verdict.NEITHER
    return replace(found, verdict=verdict, right=right.text())


def compare_with_arbiter(
    position: Position, situation: Situation, stepped: tuple[Position, Mapping[str, Sequence[str]]], arbiter: Arbiter
) -> Finding | None:
    """What differs from the arbiter in a movement phase."""
    following, results = stepped
    mine = ours(position, results, following)
    try:
        right = arbiter(situation)
    except Exception as error:
        return Finding(Cause.ARBITER_FAILED, Verdict.NEITHER, f"{type(error).__name__}: {error}")
    if mine == right:
        return None
    if mine.units != right.units:
        cause = Cause.ARBITER_UNITS
    elif mine.dislodged != right.dislodged:
        cause = Cause.ARBITER_DISLODGED
    else:
        cause = Cause.ARBITER_RESULTS
    return Finding(cause, Verdict.NEITHER, "", mine.text(), "", right.text())


def compare_legal(ours: Mapping[str, Sequence[str]], theirs: Mapping[str, Sequence[str]]) -> Finding | None:
    """The first place, if any, with other legal orders."""
    for place in sorted(set(ours) | set(theirs)):
        mine, other = set(ours.get(place, ())), set(theirs.get(place, ()))
        if mine != other:
            detail = f"{place}: ours only {sorted(mine - other)}, theirs only {sorted(other - mine)}"
            return Finding(Cause.LEGAL_ORDERS, Verdict.NONE, detail)
    return None


def _list(words: Sequence[str] | frozenset[str]) -> str:
    return f"[{', '.join(sorted(words))}]"


def _unlike(position: Position, results: Mapping[str, Sequence[str]], said: Words) -> list[str]:
    """Units whose results differ.

    Outside movement phases only our units count.  The package reports a unit that had no retreat as disbanded in
    the next such phase, by a name that another unit may bear by then, and lists waived builds.
    """
    kind = position.phase[-1]
    stale = {"disband"} if kind == "A" else NO_WORDS
    found = [
        unit
        for unit, words in results.items()
        if (words or said.get(unit)) and set(words) != said.get(unit, NO_WORDS) - stale
    ]
    if kind == "M":
        found += [unit for unit, words in said.items() if words and unit not in results]
    return sorted(found)


def _explain(position: Position, codes: Sequence[Sequence[int]], said: Words, theirs: After) -> Cause:
    """The smallest set of known defects with which our rules give exactly the rival's outcome, if any."""
    for defects in _SETS:
        following, results = position.step(codes, defects=defects)
        if After.of(following) != theirs:
            continue
        units = _unlike(position, results, said)
        if all(_is_stale_void(unit, position, codes, results, said) for unit in units):
            if not defects and not units:
                return Cause.UNEXPLAINED
            several = defects.bit_count() + bool(units) > 1
            return Cause.SEVERAL if several else _DEFECTS[defects]
    return Cause.UNEXPLAINED


def _is_stale_void(
    unit: str,
    position: Position,
    codes: Sequence[Sequence[int]],
    results: Mapping[str, Sequence[str]],
    said: Words,
) -> bool:
    """Whether a support is called void only because the package first saw an own unit in the way.

    That unit moved off after all, or the supporter was dislodged, which is what became of it.
    """
    mine, other = set(results.get(unit, ())), said.get(unit, NO_WORDS)
    if other - mine != {"void"} or mine - other:
        return False
    orders = [parse_order(position.map.order_text(code)) for given in codes for code in given]
    by_unit = {str(order.unit): order for order in orders}
    support = by_unit.get(unit)
    if support is None or support.kind is not OrderKind.SUPPORT or support.target is None:
        return False
    owners = {unit[2:5]: (power, unit) for power, units in position.units().items() for unit in units}
    in_the_way = owners.get(province_of(support.target))
    if in_the_way is None or in_the_way[0] != owners[unit[2:5]][0]:
        return False
    if "dislodged" in mine:
        return True  # it fell after its support had been found to be of no use
    leaving = by_unit.get(in_the_way[1])
    left = leaving is not None and leaving.kind is OrderKind.MOVE and not results.get(in_the_way[1])
    return left and not results.get(str(support.aided))


__all__ = ["Cause", "Finding", "Said", "Verdict", "compare_legal", "compare_phase", "compare_with_arbiter"]
