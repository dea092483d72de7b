"""What talk means for the search: orders to expect of others, to consider, to stand by, to take back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.memory import Claim, Ledger, Promise, RequestStatus, Status, due_phase, enters
from dialogue.situation import SpeechConfig, SpeechPlan, touches
from engine.board import Board
from engine.notation import same_move
from engine.types import Action, Commitment, ExpectedOrder, Message, Order, OrderKind, Phase, Power


@dataclass(frozen=True)
class CredenceConfig:
    """How strongly each kind of word speaks for an order, before trust in the speaker scales it."""

    promise: float = 0.9
    agree: float = 0.8
    inform: float = 0.75
    offer: float = 0.4
    zone: float = -0.7
    """Moves into an agreed demilitarised zone."""
    bounce: float = 0.6
    ally: float = -0.35
    """Attacks on us by a power that agreed to an alliance this year or last."""
    proposed: float = 0.25
    """Orders of the speaker's own within a proposal that nobody has answered."""
    refused: float = -0.6
    claim: float = 0.2
    """What somebody says a third power will do."""


def evidence(ledger: Ledger, view: Board, config: CredenceConfig | None = None) -> tuple[ExpectedOrder, ...]:
    """What the talks say that other powers will, or will not, play in the phase at hand.

    Words about the same order are not added up: the strongest counts, the later one among equals.
    """
    config = config or CredenceConfig()
    phase, found = view.phase, list[ExpectedOrder]()
    for promise in ledger.promises:
        if promise.by is not ledger.power and promise.phase == phase and promise.status in _LIVING:
            found += _from_promise(promise, ledger, view, config)
    for request in ledger.requests:
        if request.phase != phase or due_phase(request.act, request.phase) != phase:
            continue
        others = [item for item in request.act.orders if item.power is not ledger.power]
        if request.by is ledger.power and request.status is RequestStatus.REFUSED:
            credence = config.refused * ledger.trust(request.to) if request.to else 0.0
            found += [ExpectedOrder(i.power, phase, i.order, credence) for i in others if i.power is request.to]
        elif request.by is not ledger.power and request.act.kind in (ActKind.PROPOSE, ActKind.COUNTER):
            credence = config.proposed * ledger.trust(request.by)
            found += [ExpectedOrder(i.power, phase, i.order, credence) for i in others if i.power is request.by]
    for claim in ledger.claims:
        if claim.status is Status.OPEN and claim.phase == phase and claim.by is not ledger.power:
            found += _from_claim(claim, ledger, phase, config)
    for other in view.alive:
        allied = ledger.accepted(ActKind.ALLY, other)
        if allied and phase.year - allied[-1].phase.year < 2:
            credence = config.ally * ledger.trust(other)
            options = [o for orders in view.legal_orders(other).values() for o in orders]
            attacks = [o for o in options if o.kind is OrderKind.MOVE and touches(view, o, ledger.power)]
            found += [ExpectedOrder(other, phase, o, credence) for o in attacks]
    return _strongest(found, view)


def considered(ledger: Ledger, view: Board) -> tuple[tuple[Power, Order], ...]:
    """Every legal order for the phase at hand that somebody named in the talks, and what supports imply.

    The search makes sure that it has candidates with them.
    """
    found: dict[tuple[Power, Order], None] = {}
    for entry in ledger.entries:
        if entry.message.phase != view.phase:
            continue
        for act in entry.acts:
            if due_phase(act, entry.message.phase) != view.phase:
                continue
            condition = () if act.condition is None else act.condition.orders
            for item in (*act.orders, *condition):
                for power, order in (item.power, item.order), *_aided(item, view):
                    legal = _legal(view, power, order)
                    if legal is not None:
                        found.setdefault((power, legal))
    return tuple(found)


def commitments(ledger: Ledger, power: Power, phase: Phase, config: SpeechConfig | None = None) -> list[Commitment]:
    """The orders that a power promised for a phase, with the price of not giving them.

    Promises *not* to do something are in `abstentions`.
    """
    config = config or SpeechConfig()
    return [
        Commitment(phase, p.order, p.to, _price(p, config))
        for p in ledger.promises_by(power, status=Status.OPEN, phase=phase)
        if p.order is not None and p.to is not None and p.polarity is Polarity.DO
    ]


def abstentions(ledger: Ledger, power: Power, view: Board, config: SpeechConfig | None = None) -> list[Commitment]:
    """The orders that a power promised not to give in the phase at hand, moves into agreed zones among them.

    Each `Commitment.order` is an order whose *giving* breaks the word.
    """
    config = config or SpeechConfig()
    found = []
    for promise in ledger.promises_by(power, status=Status.OPEN, phase=view.phase):
        if promise.polarity is Polarity.NOT and promise.to is not None:
            orders = _meant(promise, view)
            found += [Commitment(view.phase, o, promise.to, _price(promise, config)) for o in orders]
    return found


def corrections(ledger: Ledger, action: Action, view: Board) -> list[SpeechPlan]:
    """What to take back because the plan has changed: one honest message for each power that was promised.

    An attack on the hearer is not announced, only that the promise no longer holds; and who has taken something
    back before in this phase says no more what it does instead.
    """
    broken: dict[Power, list[Promise]] = {}
    for promise in ledger.promises_by(ledger.power, status=Status.OPEN, phase=view.phase):
        if promise.to is not None and not promise.is_kept_by(action):
            broken.setdefault(promise.to, []).append(promise)
    plans = []
    for other in sorted(broken, key=lambda p: p.number):
        promises = broken[other]
        acts: list[SpeechAct] = []
        gone = [p.order for p in promises if p.order is not None and p.polarity is Polarity.DO][:2]
        if gone:
            orders = tuple(ActOrder(ledger.power, o) for o in gone)
            if all(_was_asked(ledger, other, o, view.phase) for o in gone):
                acts.append(SpeechAct(ActKind.REFUSE, ledger.power, other, orders))
            else:
                acts.append(SpeechAct(ActKind.INFORM, ledger.power, other, orders, polarity=Polarity.NOT))
        left = [c for p in promises if p.order is None and p.polarity is Polarity.DO for c in p.provinces][:1]
        if left:
            acts.append(SpeechAct(ActKind.INFORM, ledger.power, other, provinces=tuple(left), polarity=Polarity.NOT))
        first_time = not ledger.said(ledger.power, kind=ActKind.APOLOGISE, to=other, phase=view.phase)
        instead = [o for o in action if _replaces(o, promises) and not touches(view, o, other)][:1]
        if instead and (first_time or not acts):
            acts.append(
                SpeechAct(ActKind.INFORM, ledger.power, other, tuple(ActOrder(ledger.power, o) for o in instead))
            )
        if not acts:
            continue  # nothing can be said that would not announce an attack
        acts.insert(0, SpeechAct(ActKind.APOLOGISE, ledger.power, other))
        named = ", ".join(str(p.order) if p.order else "/".join(p.provinces) for p in promises)
        plans.append(SpeechPlan(ledger.power, other, tuple(acts), None, f"plans changed after promising {named}"))
    return plans


_LIVING = (Status.OPEN, Status.OFFERED)


def _from_promise(promise: Promise, ledger: Ledger, view: Board, config: CredenceConfig) -> list[ExpectedOrder]:
    trust = ledger.trust(promise.by)
    if promise.order is not None:
        by_kind = {
            ActKind.PROMISE: config.promise,
            ActKind.AGREE: config.agree,
            ActKind.INFORM: config.inform,
            ActKind.OFFER: config.offer,
        }
        strength = config.offer if promise.status is Status.OFFERED else by_kind[promise.source]
        sign = 1.0 if promise.polarity is Polarity.DO else -1.0
        return [ExpectedOrder(promise.by, promise.phase, promise.order, sign * strength * trust)]
    strength = config.zone if promise.polarity is Polarity.NOT else config.bounce
    return [ExpectedOrder(promise.by, promise.phase, o, strength * trust) for o in _meant(promise, view)]


def _from_claim(claim: Claim, ledger: Ledger, phase: Phase, config: CredenceConfig) -> list[ExpectedOrder]:
    if claim.about.power is ledger.power:
        return []
    sign = 1.0 if claim.polarity is Polarity.DO else -1.0
    credence = sign * config.claim * ledger.trust(claim.by)
    return [ExpectedOrder(claim.about.power, phase, claim.about.order, credence)]


def _meant(promise: Promise, view: Board) -> list[Order]:
    """The legal orders that a promise is about."""
    options = [o for orders in view.legal_orders(promise.by).values() for o in orders]
    if promise.order is not None:
        wanted = promise.order
        return [o for o in options if same_move(o, wanted)]
    return [o for o in options if enters(o, promise.provinces) and not o.via_convoy]


def _strongest(found: Iterable[ExpectedOrder], view: Board) -> tuple[ExpectedOrder, ...]:
    best: dict[tuple[Power, Order], ExpectedOrder] = {}
    for expected in found:
        order = _legal(view, expected.power, expected.order)
        if order is None:
            continue
        key = (expected.power, order)
        if key not in best or abs(expected.credence) >= abs(best[key].credence):
            best[key] = ExpectedOrder(expected.power, expected.phase, order, expected.credence)
    return tuple(best.values())


def _legal(view: Board, power: Power, order: Order) -> Order | None:
    if view.is_legal(power, order):
        return order
    options = (o for orders in view.legal_orders(power).values() for o in orders)
    return next((o for o in options if same_move(o, order)), None)


def _aided(item: ActOrder, view: Board) -> list[tuple[Power, Order]]:
    """The order of the aided unit that a support or convoy is for."""
    order = item.order
    at = None if order.aided is None else view.unit_at(order.aided.province)
    if at is None:
        return []
    if order.target is None:
        return [(at[0], Order(OrderKind.HOLD, at[1]))]
    return [(at[0], Order(OrderKind.MOVE, at[1], order.target, via_convoy=order.kind is OrderKind.CONVOY))]


def _price(promise: Promise, config: SpeechConfig) -> float:
    firm = promise.source in (ActKind.PROMISE, ActKind.AGREE)
    return config.price_of_promise if firm else config.price_of_inform


def _was_asked(ledger: Ledger, other: Power, order: Order, phase: Phase) -> bool:
    """Whether the other asked for, or about, this order in the phase."""
    return any(
        r.by is other and r.phase == phase and any(same_move(item.order, order) for item in r.act.orders)
        for r in ledger.requests
    )


def _replaces(order: Order, promises: Iterable[Promise]) -> bool:
    """Whether an order is what a promised unit does instead."""
    for promise in promises:
        if promise.order is None:
            if enters(order, promise.provinces):
                return True
        elif order.unit is not None and promise.order.unit is not None:
            same = order.unit.province == promise.order.unit.province
            if same and not (promise.polarity is Polarity.DO and same_move(order, promise.order)):
                return True
    return False


def answers_to(message: Message, plans: Iterable[SpeechPlan]) -> tuple[SpeechPlan, ...]:
    """Those of the plans that reply to a message."""
    return tuple(p for p in plans if p.answers is not None and p.answers.sequence == message.sequence)
