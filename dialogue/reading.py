"""What was read of a message, and whether it is what was planned: the read-back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.board import Board
from engine.notation import same_move
from engine.types import Message, Order, Power, Province, province_of


@dataclass(frozen=True)
class ReadContext:
    """What "yes", "that" and "there" refer to."""

    heard: tuple[SpeechAct, ...] = ()
    """The acts of the message that is answered."""
    sequence: int | None = None
    """Its `Message.sequence`."""
    third: Power | None = None
    """The third power named last: whom "he" means where the acts do not say."""
    place: Province | None = None
    """The province named last: where "there" is where the acts do not say."""


@dataclass(frozen=True)
class Reading:
    """A message, understood."""

    acts: tuple[SpeechAct, ...]
    unread: tuple[str, ...] = ()
    """Clauses that name places, orders or powers and were not understood."""


Reader: TypeAlias = Callable[[Message, Board, Sequence[Message]], Reading]
"""Message, board and the talk before it -> what is read."""


def same_order(first: ActOrder, second: ActOrder) -> bool:
    """Whether two orders are one, coasts aside."""
    return first.power is second.power and same_move(first.order, second.order)


def holds(orders: Iterable[ActOrder], wanted: ActOrder) -> bool:
    """Whether an order is among these, coasts aside."""
    return any(same_order(said, wanted) for said in orders)


_OWN = frozenset({ActKind.PROMISE, ActKind.INFORM})
_ASKING = frozenset({ActKind.PROPOSE, ActKind.REQUEST_SUPPORT, ActKind.COUNTER})
_SAID_AS: dict[ActKind, frozenset[ActKind]] = {
    ActKind.PROPOSE: _ASKING,
    ActKind.REQUEST_SUPPORT: _ASKING,
    ActKind.COUNTER: _ASKING,
    ActKind.PROMISE: _OWN | {ActKind.AGREE},
    ActKind.INFORM: _OWN | {ActKind.AGREE, ActKind.WARN},
    ActKind.WARN: frozenset({ActKind.WARN, ActKind.INFORM}),
    ActKind.OFFER: frozenset({ActKind.OFFER, ActKind.THREATEN}),
    ActKind.AGREE: frozenset({ActKind.AGREE}),
    ActKind.REFUSE: frozenset({ActKind.REFUSE}),
}
"""By which acts of a reading an act of a plan counts as said; others only by their own kind."""
_HARMLESS = frozenset({ActKind.SMALL_TALK, ActKind.THANK, ActKind.APOLOGISE})


def matches(planned: Sequence[SpeechAct], reading: Reading) -> bool:
    """Whether a text says its plan: every planned act, and no order, place, answer or power beyond the plan.

    PROMISE and INFORM of own orders count as one, as do PROPOSE, REQUEST_SUPPORT and COUNTER; an AGREE or REFUSE may
    take its orders from the clause that follows it ("Yes, I'll support Par-Bur").  Polarity, condition, whose
    order it is and (unless past) the phase must be the same, and what is to be quoted is.  Coasts aside.
    """
    if reading.unread:
        return False
    acts = reading.acts
    if not any(act.kind is ActKind.REFUSE for act in planned):
        acts = tuple(_as_statement(act) for act in acts)
    return all(_is_said(act, acts) for act in planned) and all(_is_planned(act, planned, acts) for act in acts)


def _as_statement(act: SpeechAct) -> SpeechAct:
    """ "I won't move to Munich" refuses what was asked, and states it all the same."""
    own = act.kind is ActKind.REFUSE and act.orders and all(said.power is act.speaker for said in act.orders)
    return replace(act, kind=ActKind.INFORM, polarity=Polarity.NOT) if own else act


def _is_said(act: SpeechAct, acts: Sequence[SpeechAct]) -> bool:
    kinds = _SAID_AS.get(act.kind, frozenset({act.kind}))
    if act.kind in (ActKind.AGREE, ActKind.REFUSE):
        return _is_answered(act, acts)
    if act.kind is ActKind.COUNTER and not (act.orders or act.provinces or act.powers):
        return any(said.kind in kinds for said in acts)
    candidates = [said for said in acts if said.kind in kinds and _same_frame(act, said)]
    if act.quote:
        candidates = [said for said in candidates if said.quote == act.quote]
    for wanted in act.orders:
        if not any(holds(said.orders, wanted) for said in candidates):
            return False
    if act.orders:
        return True
    return any(set(act.provinces) <= set(said.provinces) and set(act.powers) <= set(said.powers) for said in candidates)


def _is_answered(act: SpeechAct, acts: Sequence[SpeechAct]) -> bool:
    """An answer is said by its word, with its orders in the answer itself or stated beside it."""
    refuses = act.kind is ActKind.REFUSE
    kinds = (
        {ActKind.REFUSE, ActKind.PROMISE, ActKind.INFORM}
        if refuses
        else {ActKind.AGREE, ActKind.PROMISE, ActKind.INFORM, ActKind.OFFER}
    )
    answer = [said for said in acts if said.kind is act.kind]
    if not answer and not refuses:
        return False
    beside = [
        said
        for said in acts
        if said.kind in kinds
        and (said.kind is act.kind or (said.polarity is Polarity.NOT) == refuses)
        and _same_condition(act.condition, said.condition)
    ]
    if not answer and not (act.orders and beside):
        return False
    if not all(any(holds(said.orders, wanted) for said in beside) for wanted in act.orders):
        return False
    named = {place for said in beside for place in said.provinces}
    return act.orders != () or set(act.provinces) <= named


def _same_frame(first: SpeechAct, second: SpeechAct) -> bool:
    if first.polarity is not second.polarity or not _same_condition(first.condition, second.condition):
        return False
    past = (ActKind.CLAIM_PAST, ActKind.DENY, ActKind.THANK, ActKind.APOLOGISE)
    return first.kind in past or first.phase == second.phase


def _same_condition(first: SpeechAct | None, second: SpeechAct | None) -> bool:
    if first is None or second is None:
        return first is second
    return (
        first.polarity is second.polarity
        and len(first.orders) == len(second.orders)
        and all(holds(second.orders, said) for said in first.orders)
        and (bool(first.orders) or set(first.provinces) == set(second.provinces))
    )


def _is_planned(said: SpeechAct, planned: Sequence[SpeechAct], acts: Sequence[SpeechAct]) -> bool:
    """Whether what a text says is within the plan."""
    if said.kind in _HARMLESS and not said.orders and not said.provinces:
        return True
    if said.kind in (ActKind.AGREE, ActKind.REFUSE):
        return _is_planned_answer(said, planned)
    empty = not (said.orders or said.provinces or said.powers)
    if said.kind is ActKind.ASK and empty:
        return True
    for act in planned:
        kinds = set(_SAID_AS.get(act.kind, {act.kind})) | {act.kind}
        if act.kind is ActKind.AGREE:
            kinds |= {ActKind.PROMISE, ActKind.INFORM, ActKind.OFFER}
        if act.kind is ActKind.REFUSE:
            kinds |= {ActKind.PROMISE, ActKind.INFORM}
        if said.kind not in kinds:
            continue
        if act.kind is ActKind.REFUSE:
            if said.polarity is not Polarity.NOT:
                continue
        elif not _same_frame(replace(act, phase=said.phase if act.kind is ActKind.AGREE else act.phase), said):
            continue
        within = all(holds(_orders_of(planned, act), order) for order in said.orders)
        places = {*act.provinces, *(p for o in act.orders for p in order_places(o.order))}
        powers = {*act.powers, *(order.power for order in act.orders)}
        if within and set(said.provinces) <= places and set(said.powers) <= powers:
            return True
    return False


def _orders_of(planned: Sequence[SpeechAct], act: SpeechAct) -> tuple[ActOrder, ...]:
    """The orders that acts of the same kind, polarity and condition plan: a text may say them in one clause."""
    kinds = _SAID_AS.get(act.kind, frozenset({act.kind})) | {act.kind}
    return tuple(said for other in planned if other.kind in kinds and _same_frame(other, act) for said in other.orders)


def _is_planned_answer(said: SpeechAct, planned: Sequence[SpeechAct]) -> bool:
    kinds = {said.kind} | ({ActKind.COUNTER} if said.kind is ActKind.REFUSE else set())
    answers = [act for act in planned if act.kind in kinds]
    negated = [
        act for act in planned if said.kind is ActKind.REFUSE and act.kind in _OWN and act.polarity is Polarity.NOT
    ]
    return bool(answers) or bool(negated and all(holds(_all_orders(negated), order) for order in said.orders))


def _all_orders(acts: Iterable[SpeechAct]) -> tuple[ActOrder, ...]:
    return tuple(said for act in acts for said in act.orders)


def order_places(order: Order) -> tuple[Province, ...]:
    """The provinces of an order: its unit's, the aided unit's, its target."""
    units = [unit.province for unit in (order.unit, order.aided) if unit is not None]
    return (*units, *(() if order.target is None else (province_of(order.target),)))
