"""What talk means for the search: orders to expect of others, to consider, to stand by, to take back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.memory import Ledger, Promise, Request, RequestStatus, Status, due_phase, enters, fulfils
from dialogue.situation import SpeechConfig, SpeechPlan, touches
from engine.board import Board
from engine.notation import same_move
from engine.types import Action, Commitment, ExpectedOrder, Order, OrderKind, Phase, Power


@dataclass(frozen=True)
class CredenceConfig:
    """How much each kind of word speaks for an order, or against it, before trust in the speaker scales it.

    In units of `SearchConfig.tilt` nats.  Kinds that speak for the same order add up.  The defaults are what `python -m
    training credences` found in public games.
    """

    promise: float = 0.68
    agree: float = 0.66
    inform: float = 0.82
    offer: float = 0.5
    zone: float = -0.15
    """Moves into an agreed demilitarised zone."""
    bounce: float = 0.12
    ally: float = -0.08
    """Attacks on us by a power that agreed to an alliance this year or last."""
    proposed: float = 0.34
    """Orders of the speaker's own within a proposal that nobody has answered."""
    asked: float = 0.3
    """Orders of theirs that we asked for, without an answer."""
    helped: float = 0.28
    """Orders of theirs that support or a convoy of ours was offered, promised or asked for."""
    refused: float = -0.29
    claim: float = 0.31
    """What somebody says a third power will do."""
    suspected: float = 0.0
    """All of these once more, as far as the message may be a lie (`dialogue.lies`): below 0, such words count less.
    0: nobody asks whether it is one."""
    interest: float = 0.0
    """Any word, for each 0.01 of score that its speaker would gain by our acting on it if it was not true, 3 at most;
    negative: such words count less.  Public games gave no reason to (docs/attacks.md)."""


@dataclass(frozen=True)
class Sign:
    """Something said that speaks for, or against, an order of another power in the phase at hand."""

    power: Power
    order: Order
    kind: str
    """Name of the field of `CredenceConfig` that says how much."""
    scale: float
    """Trust in who said it, 0 to 1; negative where the order is said not to be given."""
    by: Power | None = None
    """Whose word it is; None: nobody's, it follows from what was asked or agreed."""


Interest: TypeAlias = Callable[[Power, Power, Order, bool], float]
"""Speaker, power, order, whether it is said to be given -> what the speaker would gain by our acting on this if it was
not true, in score."""


def evidence(
    ledger: Ledger, view: Board, config: CredenceConfig | None = None, interest: Interest | None = None
) -> tuple[ExpectedOrder, ...]:
    """What the talks say that other powers will, or will not, play in the phase at hand.

    Args:
        ledger: of the power that heard.
        view: the position.
        config: what each kind of word is worth.
        interest: whom words serve; None: that is left out.
    """
    found = signs(ledger, view)
    if interest is not None:
        found = (*found, *interested(found, interest))
    return summed(found, view.phase, config or CredenceConfig())


def interested(found: Iterable[Sign], interest: Interest) -> Iterator[Sign]:
    """Beside each word the sign that its speaker would gain by its being believed, if it would."""
    for sign in found:
        if sign.by is not None:
            gain = interest(sign.by, sign.power, sign.order, sign.scale > 0) / _GAIN
            if gain > 0:
                yield Sign(sign.power, sign.order, "interest", sign.scale * min(gain, _MOST_GAINS), sign.by)


def summed(found: Iterable[Sign], phase: Phase, config: CredenceConfig) -> tuple[ExpectedOrder, ...]:
    """The orders of a phase that signs speak for or against, each once, with all that they say of it."""
    total: dict[tuple[Power, Order], float] = {}
    for sign in found:
        key = (sign.power, sign.order)
        total[key] = total.get(key, 0.0) + getattr(config, sign.kind) * sign.scale
    clipped = {key: max(-1.0, min(1.0, credence)) for key, credence in total.items() if credence}
    return tuple(ExpectedOrder(power, phase, order, credence) for (power, order), credence in clipped.items())


def signs(ledger: Ledger, view: Board) -> tuple[Sign, ...]:
    """All that the talks say about legal orders of other powers; the same order once for each kind of word."""
    best: dict[tuple[Power, Order, str], Sign] = {}
    for sign in _all_signs(ledger, view):
        order = None if sign.power is ledger.power else view.legal_form(sign.power, sign.order)
        if order is None or not sign.scale:
            continue
        key = (sign.power, order, sign.kind)
        # The later word among those that weigh the same.
        if key not in best or abs(sign.scale) >= abs(best[key].scale):
            best[key] = replace(sign, order=order)
    return tuple(best.values())


def _all_signs(ledger: Ledger, view: Board) -> Iterator[Sign]:
    heard = [p for p in ledger.promises if p.by is not ledger.power and p.phase == view.phase and p.status in _LIVING]
    for promise in _consistent(heard):
        yield from _doubted(_of_promise(promise, ledger, view), ledger, promise.message)
    for request in ledger.requests:
        if request.phase == view.phase and due_phase(request.act, request.phase) == view.phase:
            yield from _doubted(_of_request(request, ledger), ledger, request.message)
    for claim in ledger.claims:
        if claim.status is Status.OPEN and claim.phase == view.phase and claim.by is not ledger.power:
            sign = 1.0 if claim.polarity is Polarity.DO else -1.0
            said = Sign(claim.about.power, claim.about.order, "claim", sign * ledger.trust(claim.by), claim.by)
            yield from _doubted([said], ledger, claim.message)
    for item in _own_aid(ledger, view):
        for power, order in _aided(item, view):
            yield Sign(power, order, "helped", ledger.trust(power))
    for other in view.alive:
        allied = ledger.accepted(ActKind.ALLY, other)
        if allied and view.phase.year - allied[-1].phase.year < 2:
            options = view.options(other)
            for attack in (o for o in options if o.kind is OrderKind.MOVE and touches(view, o, ledger.power)):
                yield Sign(other, attack, "ally", ledger.trust(other))


def _doubted(found: Iterable[Sign], ledger: Ledger, message: int) -> Iterator[Sign]:
    """Signs from a message, and what suspicion of it takes from them."""
    doubt = ledger.suspicions.get(message, 0.0)
    for sign in found:
        yield sign
        yield replace(sign, kind="suspected", scale=sign.scale * doubt)


def _consistent(promises: Iterable[Promise]) -> Iterator[Promise]:
    """Those whose own message does not say that their unit will do something else, or not that."""
    together: dict[tuple[Power, int], list[Promise]] = {}
    for promise in promises:
        together.setdefault((promise.by, promise.message), []).append(promise)
    for same in together.values():
        yield from (p for p in same if not any(_contradict(p, other) for other in same))


def _contradict(first: Promise, second: Promise) -> bool:
    """Whether both are said for sure, and cannot both be kept."""
    if first.order is None or second.order is None or Status.OFFERED in (first.status, second.status):
        return False
    if first.polarity is not second.polarity:
        return same_move(first.order, second.order)
    if first.polarity is Polarity.NOT or first.order.unit is None or second.order.unit is None:
        return False
    alike = fulfils(first.order, second.order) or fulfils(second.order, first.order)
    return first.order.unit.province == second.order.unit.province and not alike


def _of_promise(promise: Promise, ledger: Ledger, view: Board) -> Iterator[Sign]:
    trust = ledger.trust(promise.by)
    orders = meant(promise, view) if promise.order is None else [promise.order]
    yield from (sign_of(promise, order, trust) for order in orders)


def sign_of(promise: Promise, order: Order, trust: float) -> Sign:
    """What a promise says of an order that it is about, for who trusts its speaker so far."""
    if promise.order is None:
        return Sign(promise.by, order, "zone" if promise.polarity is Polarity.NOT else "bounce", trust)
    kind = "offer" if promise.status is Status.OFFERED else promise.source.value
    return Sign(promise.by, order, kind, trust if promise.polarity is Polarity.DO else -trust, promise.by)


def _of_request(request: Request, ledger: Ledger) -> Iterator[Sign]:
    """What asking, and refusing, says of the orders asked for."""
    mine = request.by is ledger.power
    party = request.to if mine else request.by
    theirs = [item for item in request.act.orders if item.power is party and party is not None]
    for item in theirs:
        trust = ledger.trust(item.power)
        trust = trust if request.act.polarity is Polarity.DO else -trust
        if mine and request.status is RequestStatus.REFUSED:
            yield Sign(item.power, item.order, "refused", trust)
        elif mine and request.status is not RequestStatus.ACCEPTED:
            yield Sign(item.power, item.order, "asked", trust)
        elif not mine and request.act.kind in (ActKind.PROPOSE, ActKind.COUNTER):
            yield Sign(item.power, item.order, "proposed", trust, item.power)


def _own_aid(ledger: Ledger, view: Board) -> Iterator[ActOrder]:
    """Supports and convoys of this power's that the talks of the phase are about, unless it refused them."""
    for promise in ledger.promises_by(ledger.power, phase=view.phase):
        if promise.order is not None and promise.polarity is Polarity.DO and promise.status in _LIVING:
            yield ActOrder(ledger.power, promise.order)
    for request in ledger.requests:
        asked = request.phase == view.phase and due_phase(request.act, request.phase) == view.phase
        asked = asked and request.act.quote is None
        if asked and request.by is not ledger.power and request.status is not RequestStatus.REFUSED:
            yield from (item for item in request.act.orders if item.power is ledger.power)


def considered(ledger: Ledger, view: Board) -> tuple[tuple[Power, Order], ...]:
    """Every legal order for the phase at hand that somebody named in the talks, and what supports imply.

    The search makes sure that it has candidates with them, so that of each other speaker only the first `_NAMED` count.
    """
    found: dict[tuple[Power, Order], None] = {}
    named: Counter[Power] = Counter()
    for entry in ledger.entries:
        if entry.message.phase != view.phase:
            continue
        for act in entry.acts:
            if act.quote is not None or due_phase(act, entry.message.phase) != view.phase:
                continue
            own = act.speaker is ledger.power
            condition = () if act.condition is None else act.condition.orders
            for item in (*act.orders, *condition):
                for power, order in (item.power, item.order), *_aided(item, view):
                    legal = view.legal_form(power, order)
                    if legal is not None and (power, legal) not in found and (own or named[act.speaker] < _NAMED):
                        named[act.speaker] += 1
                        found[power, legal] = None
    return tuple(found)


_GAIN, _MOST_GAINS = 0.01, 3.0
"""Score that counts once for `CredenceConfig.interest`, and how often it counts at most."""
_NAMED = 32
"""Orders of a phase that one other speaker can have the search look at; people in public games name at most 11."""


def commitments(
    ledger: Ledger, power: Power, phase: Phase, config: SpeechConfig | None = None, planned: Action = ()
) -> list[Commitment]:
    """The orders that a power promised for a phase, with the price of not giving them.

    Promises *not* to do something are in `abstentions`.

    Args:
        planned: its orders as they stand; the one among them that keeps a promise to go to a place, such as a bounce,
            is bound by it.
    """
    config = config or SpeechConfig()
    found = []
    for promise in ledger.promises_by(power, status=Status.OPEN, phase=phase):
        if promise.to is None or promise.polarity is Polarity.NOT or _is_released(promise, ledger):
            continue
        orders = [o for o in planned if enters(o, promise.provinces)] if promise.order is None else [promise.order]
        found += [Commitment(phase, order, promise.to, _price(promise, config)) for order in orders[:1]]
    return found


def abstentions(ledger: Ledger, power: Power, view: Board, config: SpeechConfig | None = None) -> list[Commitment]:
    """The orders that a power promised not to give in the phase at hand, moves into agreed zones among them.

    Each `Commitment.order` is an order whose *giving* breaks the word.
    """
    config = config or SpeechConfig()
    found = []
    for promise in ledger.promises_by(power, status=Status.OPEN, phase=view.phase):
        if promise.polarity is Polarity.NOT and promise.to is not None and not _is_released(promise, ledger):
            orders = meant(promise, view)
            found += [Commitment(view.phase, o, promise.to, _price(promise, config)) for o in orders]
    return found


def corrections(ledger: Ledger, action: Action, view: Board) -> list[SpeechPlan]:
    """What to take back because the plan has changed: one honest message for each power that was promised.

    An attack on the hearer is not announced, only that the promise no longer holds; and who has taken something
    back before in this phase says no more what it does instead.
    """
    broken: dict[Power, list[Promise]] = {}
    for promise in ledger.promises_by(ledger.power, status=Status.OPEN, phase=view.phase):
        if promise.to is not None and not promise.is_kept_by(action) and not _is_released(promise, ledger):
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
        places = [c for p in promises if p.order is None and p.polarity is Polarity.DO for c in p.provinces]
        left = [c for c in places if any(enters(o, (c,)) for o in view.options(ledger.power))][:1]
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


def meant(promise: Promise, view: Board) -> list[Order]:
    """The legal orders that a promise is about."""
    options = view.options(promise.by)
    if promise.order is not None:
        wanted = promise.order
        return [o for o in options if same_move(o, wanted)]
    return [o for o in options if enters(o, promise.provinces) and not o.via_convoy]


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
    firm = promise.source is not ActKind.INFORM  # an offer binds once it is taken up, and then as a promise does
    return config.price(firm)


def _is_released(promise: Promise, ledger: Ledger) -> bool:
    """Whether the hearer took back the orders of its own that a promise was given for."""
    asked = () if promise.condition is None or promise.condition.polarity is Polarity.NOT else promise.condition.orders
    if promise.to is None or not asked:
        return False
    theirs = [p for p in ledger.promises_by(promise.to, to=promise.by, phase=promise.phase) if p.order is not None]
    wanted = [item.order for item in asked if item.power is promise.to]
    of_it = [p for p in theirs if any(p.order is not None and same_move(p.order, w) for w in wanted)]
    return any(p.status is Status.WITHDRAWN for p in of_it) and not any(
        p.status is Status.OPEN and p.polarity is Polarity.DO for p in of_it
    )


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
