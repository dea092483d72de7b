"""What became of the promises that a power gave, as its ledger has them.

A promise is what the ledger of whoever gave it holds: an announcement, a promise, a yes, an offer that was taken up,
made to one power about a phase that was played.  Whoever gave it knows what was said; what its hearer made of it is
not asked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from dialogue.acts import ActKind, Polarity
from dialogue.memory import Ledger, Promise, RequestStatus, Status
from engine.record import PhaseRecord
from engine.types import OrderKind, Phase


class Kind(StrEnum):
    """What a promise is about."""

    SUPPORT = "supports"
    """A support or a convoy."""
    MOVE = "moves"
    """Any other order, or going to a place."""
    ABSENCE = "staying out"
    """An order that will not be given, or a place that will not be entered."""


class Fate(StrEnum):
    """What became of a promise."""

    KEPT = "kept"
    BROKEN = "broken"
    """Without a word."""
    WARNED = "warned"
    """Taken back, or replaced by another, before the orders were due, and not done."""
    VOID = "void"
    """It could not be kept, or what it was given for was not done; or it was taken back, and done after all."""


def fates(ledger: Ledger, records: Mapping[Phase, PhaseRecord]) -> list[tuple[Promise, Fate]]:
    """The promises that the ledger's power gave to single powers, for phases on record, and what became of each."""
    given = (p for p in ledger.promises_by(ledger.power) if p.to is not None and p.phase in records)
    return [(p, _fate(p, records[p.phase])) for p in given if p.source is not ActKind.OFFER or _was_taken_up(p, ledger)]


def kind_of(promise: Promise) -> Kind:
    """What a promise is about."""
    if promise.polarity is Polarity.NOT:
        return Kind.ABSENCE
    aids = promise.order is not None and promise.order.kind in (OrderKind.SUPPORT, OrderKind.CONVOY)
    return Kind.SUPPORT if aids else Kind.MOVE


def total(counts: Iterable[Mapping[Fate, int]]) -> dict[Fate, int]:
    """The sum of some counts."""
    found = list(counts)
    return {fate: sum(count[fate] for count in found) for fate in Fate}


def _fate(promise: Promise, record: PhaseRecord) -> Fate:
    match promise.status:
        case Status.KEPT:
            return Fate.KEPT
        case Status.BROKEN:
            return Fate.BROKEN
        case Status.WITHDRAWN if not promise.is_kept_by(record.orders.get(promise.by, ())):
            return Fate.WARNED
    return Fate.VOID


def _was_taken_up(promise: Promise, ledger: Ledger) -> bool:
    return any(
        r.message == promise.message and r.act.kind is ActKind.OFFER and r.status is RequestStatus.ACCEPTED
        for r in ledger.requests
    )


__all__ = ["Fate", "Kind", "fates", "kind_of", "total"]
