"""Decisions that were taken, as tensors: what the policy network learns from.

A decision is one order chosen among a slot's (`planner.slots`), the earlier ones of the same seat known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.types import POWERS
from planner.slots import NO_ORDER, LongArray, Slots, allowed, locations_of

_POWERS = len(POWERS)


@dataclass(frozen=True)
class PolicyBatch:
    """Decisions that were taken in N positions, as tensors: Q seats with S slots and M choices.

    Encodings are those of N positions, then those of ``V - N`` positions again with some actions given: a view.
    """

    places: Tensor
    """uint8 ``[N, L, C]``"""
    board: Tensor
    """``[N, F]``"""
    given_position: Tensor
    """``[V - N]``: the positions that are seen again with actions given."""
    given_orders: Tensor
    """``[G, 5]``: view less N, form, location, target, aided of each given order."""
    orders: Tensor
    """``[M, 5]``: view, form, location, target, aided of each choice."""
    slot: Tensor
    """``[M]``: slot of each choice."""
    open: Tensor
    """bool ``[M]``: choices that could be taken."""
    chosen: Tensor
    """``[S]``: the choice that was taken in each slot."""
    first: Tensor
    """bool ``[S]``: the first slot of a seat."""
    slot_seat: Tensor
    """``[S]``"""
    slot_location: Tensor
    """``[S]``"""
    seat: Tensor
    """``[Q, 3]``: view, power, style, seats with more slots first."""
    slot_count: Tensor
    """``[Q]``"""
    packed: Tensor
    """``[S]``: slots in the order of a packed sequence, step by step."""
    packed_sizes: Tensor
    """``[T]``, on the CPU: seats that have a slot at each step."""

    def to(self, device: torch.device) -> PolicyBatch:
        """The same on a device; a GPU copies while the processor goes on."""
        moved = {name: value for name, value in vars(self).items() if name != "packed_sizes"}
        if device.type == "cuda":
            moved = {name: value.pin_memory() for name, value in moved.items()}
        moved = {name: value.to(device, non_blocking=True) for name, value in moved.items()}
        return replace(self, **moved)


def policy_batch(
    slots: Slots, chosen: LongArray, styles: NDArray[np.int8], given: NDArray[np.bool_] | None = None
) -> PolicyBatch:
    """The seats to learn, or to judge, as tensors.

    Args:
        slots: of N positions.
        chosen: ``[S]``, as `planner.slots.choices` returns it; seats with a -1 are left out.
        styles: ``[N, 7]``: style number of each seat; -1 leaves it out.
        given: ``[N, 7]``: powers whose actions the others know.
    """
    count = len(slots.places)
    bad = np.zeros(len(slots.due), np.bool_)
    bad[slots.seat[chosen < 0]] = True
    lengths = np.diff(slots.seat_starts)
    gives = np.zeros(len(slots.due), np.bool_) if given is None else given.reshape(-1) & ~bad & (lengths > 0)
    informed = np.flatnonzero(gives.reshape(count, _POWERS).any(axis=1))
    view_of = np.arange(count)
    view_of[informed] = count + np.arange(len(informed))
    view = np.where(gives, np.arange(len(slots.due)) // _POWERS, np.repeat(view_of, _POWERS))

    # Seats with more slots first.
    wanted = np.flatnonzero((styles.reshape(-1) >= 0) & ~bad & (lengths > 0))
    wanted = wanted[np.argsort(-lengths[wanted], kind="stable")]
    seats = np.stack([view[wanted], wanted % _POWERS, styles.reshape(-1)[wanted]], axis=1)
    told = np.flatnonzero(gives[slots.seat])
    given_orders = _given_orders(slots, view_of[slots.seat[told] // _POWERS] - count, chosen[told])
    is_open = allowed(slots, np.maximum(chosen, slots.starts[:-1]))
    return _assembled(slots, wanted, seats, chosen[_slots_of(slots, wanted)], is_open, informed, given_orders)


def informed_batch(
    slots: Slots, power: int, style: int, chosen: LongArray, view: LongArray, told: LongArray
) -> PolicyBatch:
    """Actions of one power in a movement phase, when those of others are given.

    Args:
        slots: of one position.
        style: its number.
        chosen: ``[Q, U]``: choices of each action of the power.
        view: ``[Q]``: with which of the given actions; `told` has V.
        told: ``[V, T]``: choices that others took.
    """
    count = len(chosen)
    seats = np.stack([1 + view, np.full(count, power), np.full(count, style)], axis=1)
    given_orders = _given_orders(slots, np.repeat(np.arange(len(told)), told.shape[1]), told.reshape(-1))
    is_open = np.ones(len(slots.codes), np.bool_)
    position = np.zeros(len(told), np.int64)
    return _assembled(slots, np.full(count, power), seats, chosen.reshape(-1), is_open, position, given_orders)


def _slots_of(slots: Slots, numbers: LongArray) -> LongArray:
    """The slots of these seats, one seat after another."""
    lengths = np.diff(slots.seat_starts)[numbers]
    before = np.cumsum(lengths) - lengths
    return np.asarray(np.arange(lengths.sum()) + np.repeat(slots.seat_starts[numbers] - before, lengths))


def _given_orders(slots: Slots, view: LongArray, chosen: LongArray) -> LongArray:
    """``[G, 5]``: the orders among these choices; see `PolicyBatch.given_orders`."""
    real = slots.codes[chosen] != NO_ORDER
    view, chosen = view[real], chosen[real]
    place = locations_of(slots.codes[chosen], slots.places.shape[1])
    return np.stack([view, slots.form[chosen], place, slots.target[chosen], slots.aided[chosen]], axis=1)


def _assembled(
    slots: Slots,
    numbers: LongArray,
    seats: LongArray,
    chosen: LongArray,
    is_open: NDArray[np.bool_],
    given_position: LongArray,
    given_orders: LongArray,
) -> PolicyBatch:
    """The batch of some seats.

    Args:
        numbers: ``[Q]``: of the seats in `slots`, those with more slots first; one may come up again.
        seats: ``[Q, 3]``, as in the batch.
        chosen: ``[S]``: choices of `slots`, seat by seat.
        is_open: of all choices of `slots`.
        given_position: as in the batch.
        given_orders: as in the batch.
    """
    length = np.diff(slots.seat_starts)[numbers]
    taken = _slots_of(slots, numbers)
    slot_seat = np.repeat(np.arange(len(numbers)), length)
    rank = np.arange(len(slot_seat)) - (np.cumsum(length) - length)[slot_seat]
    packed = np.lexsort((slot_seat, rank))
    choice_count = np.diff(slots.starts)[taken]
    slot = np.repeat(np.arange(len(taken)), choice_count)
    choice_begins = np.cumsum(choice_count) - choice_count
    flat = np.arange(len(slot)) - choice_begins[slot] + slots.starts[taken][slot]
    view, location = seats[slot_seat, 0][slot], slots.location[taken][slot]
    orders = np.stack([view, slots.form[flat], location, slots.target[flat], slots.aided[flat]], axis=1)
    return PolicyBatch(
        places=torch.from_numpy(slots.places),
        board=torch.from_numpy(slots.board),
        given_position=torch.from_numpy(given_position),
        given_orders=torch.from_numpy(given_orders),
        orders=torch.from_numpy(orders),
        slot=torch.from_numpy(slot),
        open=torch.from_numpy(is_open[flat]),
        chosen=torch.from_numpy(chosen - slots.starts[taken] + choice_begins),
        first=torch.from_numpy(rank == 0),
        slot_seat=torch.from_numpy(slot_seat),
        slot_location=torch.from_numpy(slots.location[taken]),
        seat=torch.from_numpy(seats),
        slot_count=torch.from_numpy(length),
        packed=torch.from_numpy(packed),
        packed_sizes=torch.from_numpy(np.bincount(rank)),
    )
