"""What a ledger holds: messages as understood, promises, requests, claims; and how each is written to a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from engine.notation import parse_order, same_move
from engine.types import Action, Message, Order, OrderKind, Phase, PhaseKind, Power, Province, province_of


class Status(StrEnum):
    """What became of a promise or a claim."""

    OFFERED = "offered"
    """Said to be given if wanted; binds once it is accepted."""
    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    VOID = "void"
    """It could not be tested: the unit was gone, the condition not met, the offer not taken up."""
    WITHDRAWN = "withdrawn"
    """Its speaker took it back before the orders were played."""


class RequestStatus(StrEnum):
    """What became of a request."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ANSWERED = "answered"
    """A reply came that is neither yes nor no: an answer to a question, an evasion."""
    LAPSED = "lapsed"


@dataclass(frozen=True)
class Remembered:
    """A message and how it was understood."""

    message: Message
    acts: tuple[SpeechAct, ...]


@dataclass(frozen=True)
class Promise:
    """One order, or one set of provinces, that a power bound itself to."""

    number: int
    by: Power
    to: Power | None
    """None: promised to all."""
    source: ActKind
    """The act that made it: PROMISE, AGREE, INFORM or OFFER."""
    phase: Phase
    """The phase in which it is due."""
    message: int
    """`Message.sequence` of the message that made it."""
    quote: str
    """The words of that message."""
    order: Order | None = None
    """The order to be given, or (polarity NOT) not to be given."""
    provinces: tuple[Province, ...] = ()
    """Without an order: provinces to move into (a bounce) or (NOT) to stay out of (a demilitarised zone)."""
    polarity: Polarity = Polarity.DO
    condition: SpeechAct | None = None
    status: Status = Status.OPEN

    def is_kept_by(self, action: Action) -> bool:
        """Whether these orders of its speaker keep it."""
        if self.order is not None:
            given = any(fulfils(order, self.order) for order in action)
        else:
            given = any(enters(order, self.provinces) for order in action)
        return given is (self.polarity is Polarity.DO)


def act_of(promise: Promise, to: Power) -> SpeechAct:
    """A promise of the ledger in the language of acts, whatever act it came from, said to `to`."""
    orders = () if promise.order is None else (ActOrder(promise.by, promise.order),)
    return SpeechAct(
        ActKind.PROMISE, promise.by, to, orders, promise.provinces, polarity=promise.polarity, phase=promise.phase
    )


@dataclass(frozen=True)
class Request:
    """An act of one power that wants an answer of another."""

    number: int
    by: Power
    to: Power | None
    act: SpeechAct
    phase: Phase
    """The phase in which it was said."""
    message: int
    quote: str
    status: RequestStatus = RequestStatus.OPEN


@dataclass(frozen=True)
class Claim:
    """What a power said a third power will do, or did."""

    number: int
    by: Power
    to: Power | None
    about: ActOrder
    phase: Phase
    message: int
    polarity: Polarity = Polarity.DO
    status: Status = Status.OPEN


def fulfils(given: Order, promised: Order) -> bool:
    """Whether an order keeps a promise: coasts and VIA aside; a promised hold allows support from the spot.

    >>> fulfils(parse_order("A MUN S A BER"), parse_order("A MUN H"))
    True
    """
    if same_move(given, promised):
        return True
    stays = (OrderKind.HOLD, OrderKind.SUPPORT, OrderKind.CONVOY)
    if promised.kind is not OrderKind.HOLD or given.kind not in stays:
        return False
    return same_move(Order(OrderKind.HOLD, given.unit), promised)


def enters(order: Order, provinces: Iterable[Province]) -> bool:
    """Whether the order moves its unit into one of the provinces."""
    return order.kind is OrderKind.MOVE and order.target is not None and province_of(order.target) in set(provinces)


def due_phase(act: SpeechAct, said_in: Phase) -> Phase:
    """The phase an act speaks about: its own, else the phase at hand, of moves the next movement phase.

    >>> act = SpeechAct(ActKind.INFORM, Power.FRANCE, Power.GERMANY)
    >>> str(due_phase(act, Phase.parse("W1901A")))
    'S1902M'
    """
    if act.phase is not None:
        return act.phase
    if said_in.kind is PhaseKind.MOVEMENT:
        return said_in
    now = (OrderKind.RETREAT, OrderKind.DISBAND, OrderKind.BUILD, OrderKind.WAIVE)
    if act.orders and all(item.order.kind in now for item in act.orders):
        return said_in
    return said_in.next_movement


def same_content(first: SpeechAct, second: SpeechAct) -> bool:
    """Whether two acts say the same: kind, orders (as a set), provinces, powers and polarity."""
    return (
        first.kind is second.kind
        and first.polarity is second.polarity
        and {(o.power, str(o.order)) for o in first.orders} == {(o.power, str(o.order)) for o in second.orders}
        and set(first.provinces) == set(second.provinces)
        and set(first.powers) == set(second.powers)
    )


# --- files ------------------------------------------------------------------------------------------


def _name(power: Power | None) -> str | None:
    return None if power is None else power.value


def _power(name: str | None) -> Power | None:
    return None if name is None else Power(name)


def act_to_json(act: SpeechAct) -> dict[str, Any]:
    """The act as plain values, empty fields left out."""
    data: dict[str, Any] = {
        "kind": act.kind.value,
        "speaker": act.speaker.value,
        "addressee": _name(act.addressee),
    }
    if act.orders:
        data["orders"] = [[item.power.value, str(item.order)] for item in act.orders]
    if act.provinces:
        data["provinces"] = list(act.provinces)
    if act.powers:
        data["powers"] = [power.value for power in act.powers]
    if act.polarity is not Polarity.DO:
        data["polarity"] = act.polarity.value
    if act.phase is not None:
        data["phase"] = str(act.phase)
    if act.condition is not None:
        data["condition"] = act_to_json(act.condition)
    if act.answers is not None:
        data["answers"] = act.answers
    if act.confidence != 1.0:
        data["confidence"] = act.confidence
    if act.quote is not None:
        data["quote"] = act.quote
    return data


def act_from_json(data: Mapping[str, Any]) -> SpeechAct:
    """The act that `act_to_json` wrote."""
    return SpeechAct(
        kind=ActKind(data["kind"]),
        speaker=Power(data["speaker"]),
        addressee=_power(data["addressee"]),
        orders=tuple(ActOrder(Power(power), parse_order(text)) for power, text in data.get("orders", ())),
        provinces=tuple(Province(p) for p in data.get("provinces", ())),
        powers=tuple(Power(p) for p in data.get("powers", ())),
        polarity=Polarity(data.get("polarity", Polarity.DO)),
        phase=Phase.parse(data["phase"]) if "phase" in data else None,
        condition=act_from_json(data["condition"]) if "condition" in data else None,
        answers=data.get("answers"),
        confidence=data.get("confidence", 1.0),
        quote=data.get("quote"),
    )


def message_to_json(message: Message) -> dict[str, Any]:
    """The message as plain values."""
    return {
        "sender": message.sender.value,
        "recipient": _name(message.recipient),
        "phase": str(message.phase),
        "text": message.text,
        "sequence": message.sequence,
    }


def message_from_json(data: Mapping[str, Any]) -> Message:
    """The message that `message_to_json` wrote."""
    return Message(
        Power(data["sender"]),
        _power(data["recipient"]),
        Phase.parse(data["phase"]),
        data["text"],
        data["sequence"],
    )


def entry_to_json(entry: Remembered) -> dict[str, Any]:
    """The message and its acts as plain values."""
    return {"message": message_to_json(entry.message), "acts": [act_to_json(a) for a in entry.acts]}


def entry_from_json(data: Mapping[str, Any]) -> Remembered:
    """What `entry_to_json` wrote."""
    return Remembered(message_from_json(data["message"]), tuple(act_from_json(a) for a in data["acts"]))


def promise_to_json(promise: Promise) -> dict[str, Any]:
    """The promise as plain values; its number is its place in the list."""
    return {
        "by": promise.by.value,
        "to": _name(promise.to),
        "source": promise.source.value,
        "phase": str(promise.phase),
        "message": promise.message,
        "quote": promise.quote,
        "order": None if promise.order is None else str(promise.order),
        "provinces": list(promise.provinces),
        "polarity": promise.polarity.value,
        "condition": None if promise.condition is None else act_to_json(promise.condition),
        "status": promise.status.value,
    }


def promise_from_json(data: Mapping[str, Any], number: int) -> Promise:
    """The promise that `promise_to_json` wrote."""
    return Promise(
        number,
        Power(data["by"]),
        _power(data["to"]),
        ActKind(data["source"]),
        Phase.parse(data["phase"]),
        data["message"],
        data["quote"],
        None if data["order"] is None else parse_order(data["order"]),
        tuple(Province(p) for p in data["provinces"]),
        Polarity(data["polarity"]),
        None if data["condition"] is None else act_from_json(data["condition"]),
        Status(data["status"]),
    )


def request_to_json(request: Request) -> dict[str, Any]:
    """The request as plain values; its number is its place in the list."""
    return {
        "by": request.by.value,
        "to": _name(request.to),
        "act": act_to_json(request.act),
        "phase": str(request.phase),
        "message": request.message,
        "quote": request.quote,
        "status": request.status.value,
    }


def request_from_json(data: Mapping[str, Any], number: int) -> Request:
    """The request that `request_to_json` wrote."""
    return Request(
        number,
        Power(data["by"]),
        _power(data["to"]),
        act_from_json(data["act"]),
        Phase.parse(data["phase"]),
        data["message"],
        data["quote"],
        RequestStatus(data["status"]),
    )


def claim_to_json(claim: Claim) -> dict[str, Any]:
    """The claim as plain values; its number is its place in the list."""
    return {
        "by": claim.by.value,
        "to": _name(claim.to),
        "about": [claim.about.power.value, str(claim.about.order)],
        "phase": str(claim.phase),
        "message": claim.message,
        "polarity": claim.polarity.value,
        "status": claim.status.value,
    }


def claim_from_json(data: Mapping[str, Any], number: int) -> Claim:
    """The claim that `claim_to_json` wrote."""
    return Claim(
        number,
        Power(data["by"]),
        _power(data["to"]),
        ActOrder(Power(data["about"][0]), parse_order(data["about"][1])),
        Phase.parse(data["phase"]),
        data["message"],
        Polarity(data["polarity"]),
        Status(data["status"]),
    )
