"""Speech acts from JSON, and how many of them two readings of a message have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from engine.notation import parse_order
from engine.types import Power, Province


@dataclass(frozen=True)
class Rate:
    """Precision and recall of one kind of thing read."""

    right: int
    read: int
    expected: int
    precision: float
    """Share of what was read that is right; 1 if nothing was read."""
    recall: float
    """Share of what was expected that was read; 1 if nothing was."""
    f1: float
    """Harmonic mean of both; 1 if nothing was read and nothing expected."""

    @classmethod
    def of(cls, right: int, read: int, expected: int) -> Rate:
        """The rate of these counts."""
        return cls(
            right,
            read,
            expected,
            right / read if read else 1.0,
            right / expected if expected else 1.0,
            2 * right / (read + expected) if read or expected else 1.0,
        )

    def __str__(self) -> str:
        counts = f"{self.right} of {self.read} read, {self.expected} said"
        return f"precision {self.precision:.2f}, recall {self.recall:.2f} ({counts})"


def act_from_json(data: Mapping[str, Any], speaker: Power, addressee: Power | None) -> SpeechAct:
    """The act of an object with its kind and, where it has any, orders, provinces, powers, polarity and condition.

    Raises:
        KeyError: the object has no kind.
        ValueError: a kind, polarity, power or order that there is not.
    """
    orders = []
    for text in data.get("orders", ()):
        power, order = text.split(" ", 1)
        orders.append(ActOrder(Power(power), parse_order(order)))
    return SpeechAct(
        ActKind(data["kind"]),
        speaker,
        addressee,
        orders=tuple(orders),
        provinces=tuple(Province(place) for place in data.get("provinces", ())),
        powers=tuple(Power(power) for power in data.get("powers", ())),
        polarity=Polarity(data.get("polarity", "do")),
        condition=act_from_json(data["condition"], speaker, addressee) if "condition" in data else None,
    )


def kind_key(act: SpeechAct) -> str:
    """What an act does, and whether it asserts or denies."""
    return f"{act.kind} {act.polarity}"


def content_key(act: SpeechAct) -> str:
    """An act with all it says; the phase it speaks about, coasts and the way of a convoyed army aside."""
    condition = "" if act.condition is None else content_key(act.condition)
    orders = sorted(map(_order_text, act.orders))
    return f"{act.kind} {act.polarity} {orders} {sorted(act.provinces)} {sorted(act.powers)} [{condition}]"


def order_keys(acts: Sequence[SpeechAct]) -> list[str]:
    """The orders of acts and of their conditions, with whose they are and their polarity."""
    every = [*acts, *(act.condition for act in acts if act.condition is not None)]
    return [f"{act.polarity} {_order_text(said)}" for act in every for said in act.orders]


def _order_text(said: ActOrder) -> str:
    return re.sub(r" VIA|/[NES]C", "", str(said))


def in_common(first: Sequence[str], second: Sequence[str]) -> int:
    """How many keys are in both; a key that is there twice needs two to match."""
    left = list(second)
    count = 0
    for key in first:
        if key in left:
            left.remove(key)
            count += 1
    return count
