"""What every power has to decide in some positions, as flat arrays: slots, each with its legal orders.

A slot is a unit to order, or in an adjustment phase a unit that may be removed or a home centre to build in.  Those
of adjustments have one choice more, no order: `Slots.due` says how many orders a power gives in all.  A seat is one
power of one position.  Slots are sorted by position, power and location, orders by slot; nothing is padded.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine._core import Batch, Map
from engine.types import POWERS, EngineError
from planner.geometry import BUILD, DISBAND, HOLD, MOVE, SUPPORT, WAIVE, BoolArray, IntArray

LongArray = NDArray[np.int64]

# Bits of an order code, see engine/src/orders.hpp; the standard map takes 7 for a location.
_LOCATION_BITS = 7
NO_PLACE = (1 << _LOCATION_BITS) - 1
"""Location in a code where an order has none."""
_KIND_AT, _TARGET_AT = _LOCATION_BITS + 1, _LOCATION_BITS + 5
_AIDED_AT = _TARGET_AT + _LOCATION_BITS
_VIA_AT = _AIDED_AT + _LOCATION_BITS + 1

NO_ORDER = -1
"""In place of a code: the choice to leave a slot without order, in an adjustment phase."""

ORDER_FORMS = (
    "hold",
    "move",
    "move via",
    "support",
    "support to",
    "convoy",
    "retreat",
    "disband",
    "build A",
    "build F",
)
"""Forms of orders that the network tells apart; one more stands for no order."""
NO_ORDER_FORM = len(ORDER_FORMS)
_FORM_OF_KIND = np.array([0, 1, 3, 5, 6, 7, 8, NO_ORDER_FORM])
_POWERS = len(POWERS)


class ForcedOrderError(EngineError, ValueError):
    """Orders that a power cannot give together in the phase at hand."""


@dataclass(frozen=True)
class Slots:
    """All decisions of N positions: S slots with M choices, on a map of L locations."""

    places: NDArray[np.uint8]
    """``[N, L, C]``, as ``Batch.encode``."""
    board: NDArray[np.float32]
    """``[N, F]``, as ``Batch.encode``."""
    adjusts: BoolArray
    """``[N]``: whether it is an adjustment phase."""
    codes: IntArray
    """``[M]``: order codes; NO_ORDER for the choice of none."""
    slot: LongArray
    """``[M]``: slot of each choice, ascending."""
    form: LongArray
    """``[M]``: number in ORDER_FORMS, or NO_ORDER_FORM."""
    target: LongArray
    """``[M]``: location number of a target; L where there is none."""
    aided: LongArray
    """``[M]``: location number of an aided unit; L where there is none."""
    starts: LongArray
    """``[S + 1]``: slot s has the choices ``starts[s]`` to ``starts[s + 1]``."""
    seat: LongArray
    """``[S]``: 7 × position + power."""
    location: LongArray
    """``[S]``: where the unit stands; of a site to build in, the province."""
    seat_starts: LongArray
    """``[7 N + 1]``: seat q has the slots ``seat_starts[q]`` to ``seat_starts[q + 1]``."""
    due: LongArray
    """``[7 N]``: orders that a power gives: one a slot, or fewer in adjustments."""

    @property
    def rank(self) -> LongArray:
        """``[S]``: number of each slot within its seat."""
        return np.arange(len(self.seat)) - self.seat_starts[self.seat]


@dataclass(frozen=True)
class _Columns:
    """Columns of ``Batch.encode`` by what they say."""

    fleet: int
    unit: list[int]
    dislodged: list[int]
    center: list[int]
    retreats: int
    adjustments: int
    builds: list[int]


def _columns(board: Map) -> _Columns:
    at = {name: number for number, name in enumerate(board.place_columns)}
    of_board = {name: number for number, name in enumerate(board.board_columns)}
    return _Columns(
        fleet=at["fleet"],
        unit=[at[f"unit of {power}"] for power in board.powers],
        dislodged=[at[f"dislodged unit of {power}"] for power in board.powers],
        center=[at[f"centre of {power}"] for power in board.powers],
        retreats=of_board["retreats"],
        adjustments=of_board["adjustments"],
        builds=[of_board[f"builds / 4 of {power}"] for power in board.powers],
    )


def slots_of(batch: Batch) -> Slots:
    """The slots of a batch of positions of the standard map."""
    board_map, count = batch.position(0).map, len(batch)
    columns, size = _columns(board_map), len(board_map.locations)
    places = np.zeros((count, size, len(board_map.place_columns)), np.uint8)
    board = np.zeros((count, len(board_map.board_columns)), np.float32)
    batch.encode(places, board)
    adjusts, retreats = board[:, columns.adjustments] > 0, board[:, columns.retreats] > 0
    builds = np.rint(4 * board[:, columns.builds]).astype(np.int64)

    codes, starts = batch.legal_arrays()
    provinces = starts.shape[1] - 1
    lengths = (starts[:, 1:] - starts[:, :-1]).reshape(-1)
    kept = np.flatnonzero(lengths)
    firsts, lengths = starts[:, :-1].reshape(-1)[kept], lengths[kept]
    where = kept // provinces
    location = (codes[firsts] & NO_PLACE).astype(np.int64)
    unnamed = location == NO_PLACE
    if unnamed.any():
        named = _first_locations(codes, firsts[unnamed], lengths[unnamed])
        location[unnamed] = named
    row = places[where, location]
    owner = _owner(row, columns.unit)
    owner = np.where(retreats[where], _owner(row, columns.dislodged), owner)
    building = adjusts[where] & ((codes[firsts] >> _KIND_AT & 15) != DISBAND)
    owner = np.where(building, _owner(row, columns.center), owner)
    if building.any():  # a site is its province, whatever coast its first order names
        location[building] = _province_locations(board_map)[location[building]]
    seat = where * _POWERS + owner
    order = np.argsort(seat * (size + 1) + location, kind="stable")
    firsts, lengths, seat, location, where = (a[order] for a in (firsts, lengths, seat, location, where))

    extra = adjusts[where].astype(np.int64)
    flat, slot = _ragged(firsts, lengths)
    chosen = codes[flat]
    real = (chosen >> _KIND_AT & 15) != WAIVE
    chosen, slot = chosen[real], slot[real]
    if extra.any():
        slots_with = np.flatnonzero(extra)
        chosen = np.concatenate([chosen, np.full(len(slots_with), NO_ORDER, np.int32)])
        slot = np.concatenate([slot, slots_with])
        back = np.argsort(slot, kind="stable")
        chosen, slot = chosen[back], slot[back]
    form, target, aided = order_parts(chosen, size)
    per_seat = np.bincount(seat, minlength=count * _POWERS)
    due = np.where(np.repeat(adjusts, _POWERS), np.minimum(np.abs(builds).reshape(-1), per_seat), per_seat)
    return Slots(
        places=places,
        board=board,
        adjusts=adjusts,
        codes=chosen,
        slot=slot,
        form=form,
        target=target,
        aided=aided,
        starts=np.concatenate([[0], np.cumsum(np.bincount(slot, minlength=len(seat)))]),
        seat=seat,
        location=location,
        seat_starts=np.concatenate([[0], np.cumsum(per_seat)]),
        due=due,
    )


def order_parts(codes: IntArray, size: int) -> tuple[LongArray, LongArray, LongArray]:
    """Form, target and aided location ``[M]`` of order codes; ``size`` stands for no location."""
    wide = codes.astype(np.int64)
    kind = wide >> _KIND_AT & 15
    target, aided = wide >> _TARGET_AT & NO_PLACE, wide >> _AIDED_AT & NO_PLACE
    form = _FORM_OF_KIND[kind % len(_FORM_OF_KIND)]
    form = form + ((kind == MOVE) & (wide >> _VIA_AT & 1 == 1))
    form = form + ((kind == SUPPORT) & (target != NO_PLACE))
    form = form + ((kind == BUILD) & (wide >> _LOCATION_BITS & 1 == 1))
    none = codes == NO_ORDER
    form[none] = NO_ORDER_FORM
    return form, np.where(none | (target == NO_PLACE), size, target), np.where(none | (aided == NO_PLACE), size, aided)


def locations_of(codes: IntArray, size: int) -> LongArray:
    """Location ``[M]`` of the unit ordered; ``size`` where a code has none."""
    location = codes.astype(np.int64) & NO_PLACE
    return np.where((codes == NO_ORDER) | (location == NO_PLACE), size, location)


def choices(slots: Slots, codes: IntArray) -> LongArray:
    """Which choice each slot takes when these orders are given.

    Args:
        codes: int32 ``[N, W]``: orders of all powers of each position in any order, negative ones are left out.

    Returns:
        int64 ``[S]``, numbers of choices.  Units of movement phases without order hold, other slots without one
        disband or get no order.  -1 in all slots of a seat that gives another number of orders than are due, or one
        that is not legal.
    """
    count, width = codes.shape
    shift = np.int64(1) << 32
    position = slots.seat // _POWERS
    key = position[slots.slot] * shift + slots.codes
    by_key = np.argsort(key, kind="stable")
    rows = np.repeat(np.arange(count, dtype=np.int64), width)
    flat = codes.reshape(-1).astype(np.int64)
    given = (flat >= 0) & ((flat >> _KIND_AT & 15) != WAIVE)
    wanted = rows[given] * shift + flat[given]
    at = np.searchsorted(key[by_key], wanted)
    number = by_key[np.minimum(at, len(key) - 1)] if len(key) else at
    found = key[number] == wanted if len(key) else np.zeros(len(at), np.bool_)
    # Without order: hold, disband, or the last choice of a slot of adjustments, which is none.
    default = slots.starts[1:] - 1
    kind = np.where(slots.codes == NO_ORDER, DISBAND, slots.codes >> _KIND_AT & 15)
    idle = np.flatnonzero(((kind == HOLD) | (kind == DISBAND)) & ~slots.adjusts[position[slots.slot]])
    default[slots.slot[idle]] = idle
    chosen = default.copy()
    chosen[slots.slot[number[found]]] = number[found]
    # A seat counts if it gives exactly what is due.
    ordered = np.bincount(slots.seat[slots.codes[chosen] != NO_ORDER], minlength=len(slots.due))
    chosen[(ordered != slots.due)[slots.seat]] = -1
    if not found.all():
        size = slots.places.shape[1]
        for row, code in zip(rows[given][~found], flat[given][~found], strict=True):
            place = int(locations_of(np.array([code], np.int32), size)[0])
            chosen[(position == row) & (slots.location == place)] = -1
    return chosen


def allowed(slots: Slots, chosen: LongArray) -> BoolArray:
    """``[M]``: choices open when the earlier slots of each seat were decided as chosen: the count must come out.

    Args:
        chosen: ``[S]`` as `choices` returns them.
    """
    takes = (slots.codes[chosen] != NO_ORDER).astype(np.int64)
    before = np.cumsum(takes) - takes
    first = np.minimum(slots.seat_starts[slots.seat], len(takes) - 1)
    needed = slots.due[slots.seat] - (before - before[first])
    left = slots.seat_starts[slots.seat + 1] - np.arange(len(takes))
    may_order, may_skip = needed > 0, needed < left
    return np.asarray(np.where(slots.codes == NO_ORDER, may_skip[slots.slot], may_order[slots.slot]))


def seat_codes(slots: Slots, seat: int) -> list[list[int]]:
    """The codes of each slot of a seat; NO_ORDER last where a slot may go without."""
    bounds = slots.starts[slots.seat_starts[seat] : slots.seat_starts[seat + 1] + 1]
    return [slots.codes[a:b].tolist() for a, b in itertools.pairwise(bounds)]


def forced_choices(slots: Slots, seat: int, forced: Sequence[int]) -> LongArray:
    """Which choice each slot of a seat must take, ``[U]``; -1 where it is free.

    Raises:
        ForcedOrderError: an order is not legal for this power, or they cannot be given together.
    """
    first, last = slots.seat_starts[seat], slots.seat_starts[seat + 1]
    begin, end = slots.starts[first], slots.starts[last]
    fixed = np.full(last - first, -1, np.int64)
    for code in forced:
        at = np.flatnonzero(slots.codes[begin:end] == code)
        if code < 0 or not len(at):
            raise ForcedOrderError(
                f"expected forced orders that are legal for {POWERS[seat % _POWERS]}, got the code {code}, "
                "which is not among its choices in this phase"
            )
        slot = slots.slot[begin + at[0]] - first
        if fixed[slot] not in (-1, begin + at[0]):
            raise ForcedOrderError(f"expected at most one forced order a unit, got two for one unit: code {code}")
        fixed[slot] = begin + at[0]
    if (fixed >= 0).sum() > slots.due[seat]:
        raise ForcedOrderError(
            f"expected at most {slots.due[seat]} forced orders for {POWERS[seat % _POWERS]} in this phase, "
            f"got {(fixed >= 0).sum()}"
        )
    return fixed


def _owner(rows: NDArray[np.uint8], columns: list[int]) -> LongArray:
    return np.asarray(rows[:, columns].argmax(axis=1))


def _ragged(firsts: LongArray, lengths: LongArray) -> tuple[LongArray, LongArray]:
    """Numbers of all members of some ranges, one range after another, and which range each belongs to."""
    which = np.repeat(np.arange(len(lengths)), lengths)
    before = np.cumsum(lengths) - lengths
    return np.arange(len(which)) - before[which] + firsts[which], which


def _first_locations(codes: IntArray, firsts: LongArray, lengths: LongArray) -> LongArray:
    """The location that the first order with one names, for ranges of orders whose very first has none."""
    flat, which = _ragged(firsts, lengths)
    location = (codes[flat] & NO_PLACE).astype(np.int64)
    found = np.zeros(len(firsts), np.int64)
    for at in np.flatnonzero(location != NO_PLACE)[::-1]:
        found[which[at]] = location[at]
    return found


def _province_locations(board: Map) -> LongArray:
    names = board.locations
    return np.array([names.index(name[:3]) for name in names], np.int64)
