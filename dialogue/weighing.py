"""Whether to do what another asks: what it would cost us, what it breaks, what it brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.bargains import is_friend
from dialogue.memory import due_phase, enters
from dialogue.outlooks import is_joined_against
from dialogue.situation import Situation, victim
from engine.notation import same_move
from engine.types import Order, OrderKind, Power, Province

_ANYTHING = "says yes to anything"


class Answer(StrEnum):
    """How a request is met."""

    YES = "yes"
    NO = "no"
    LATER = "later"
    """Not to be decided now: it is about a phase that nobody has planned."""
    UNCLEAR = "unclear"
    """It asks for no order of either that could be weighed."""


@dataclass(frozen=True)
class Decision:
    """An answer, what it binds us to, and why."""

    answer: Answer
    reason: str
    promised: tuple[Order, ...] = ()
    cost: float | None = None
    """What a refused request would cost; None: not known, or other reasons speak against it."""


def weigh(situation: Situation, other: Power, mine: Sequence[Order], theirs: Sequence[Order] = ()) -> Decision:
    """Whether to play orders asked of us, in return for what the other would play."""
    orders = [situation.legal(situation.power, order) for order in mine]
    legal = tuple(order for order in orders if order is not None)
    if len(legal) < len(mine):
        return Decision(Answer.NO, "asked for an order that is not legal")
    if not situation.scruples.sincere:
        return Decision(Answer.YES, _ANYTHING, legal)
    if not legal:
        loss = -situation.gain(other, theirs) if theirs else 0.0
        if loss <= situation.config.harm_tolerance:
            return Decision(Answer.YES, f"costs us {max(loss, 0.0):.3f}")
        return Decision(Answer.NO, f"their orders would cost us {loss:.3f}")
    if any(_hurts_friend(situation, other, order) for order in legal):
        return Decision(Answer.NO, "against an ally of ours")
    planned = all(situation.plans(order) for order in legal)
    if not planned and any(situation.promised_elsewhere(order, other) for order in legal):
        return Decision(Answer.NO, "promised otherwise to somebody else")
    cost = situation.cost(legal)
    if cost is None:
        return Decision(Answer.NO, "no good plan of ours has these orders")
    bonus = situation.ledger.trust(other) * max(0.0, situation.gain(other, theirs)) if theirs else 0.0
    if cost - bonus <= situation.config.agree_regret:
        return Decision(Answer.YES, "planned anyway" if cost == 0 else f"costs only {cost:.3f}", legal)
    return Decision(Answer.NO, f"would cost {cost:.3f}", cost=cost)


def _hurts_friend(situation: Situation, other: Power, order: Order) -> bool:
    """Whether an order asked of us attacks, or helps an attack on, a third power that is our ally."""
    mover = situation.power if order.aided is None else other
    third = victim(situation.view, order, mover)
    return third not in (other, situation.power) and is_friend(situation, third)


def weigh_absence(situation: Situation, other: Power, unwanted: Sequence[Order]) -> Decision:
    """Whether to refrain from these orders of ours: yes if unplanned, or if another order does as well."""
    intruding = [order for order in situation.plan if any(same_move(order, u) for u in unwanted)]
    if not intruding:
        return Decision(Answer.YES, "not planned anyway")
    if not situation.scruples.sincere:
        return Decision(Answer.YES, _ANYTHING)
    instead: list[Order] = []
    for order in intruding:
        assert order.unit is not None
        found = situation.alternative(order.unit, unwanted, other)
        if found is None or situation.promised_elsewhere(found, other):
            return Decision(Answer.NO, f"{order} is planned, and nothing else does as well")
        instead.append(found)
    return Decision(Answer.YES, f"can do {', '.join(map(str, instead))} instead", tuple(instead))


def weigh_zone(situation: Situation, other: Power, provinces: Sequence[Province]) -> Decision:
    """Whether to stay out of provinces."""
    entering = [
        order
        for orders in situation.view.legal_orders(situation.power).values()
        for order in orders
        if enters(order, provinces)
    ]
    return weigh_absence(situation, other, entering)


def weigh_bounce(situation: Situation, other: Power, provinces: Sequence[Province]) -> Decision:
    """Whether to move into the province for a bounce: the planned move, else the cheapest one."""
    options = sorted(
        {
            order
            for orders in situation.view.legal_orders(situation.power).values()
            for order in orders
            if enters(order, provinces) and not order.via_convoy
        },
        key=str,
    )
    if options and not situation.scruples.sincere:
        return Decision(Answer.YES, _ANYTHING, (options[0],))
    decisions = [(situation.cost((o,)), o) for o in options]
    known = sorted(((c, str(o), o) for c, o in decisions if c is not None), key=lambda item: item[:2])
    if not known:
        return Decision(Answer.NO, "no good plan of ours goes there")
    return weigh(situation, other, (known[0][2],))


def weigh_request(situation: Situation, other: Power, act: SpeechAct) -> Decision:
    mine = [item.order for item in act.orders if item.power is situation.power]
    theirs = [item.order for item in act.orders if item.power is other]
    if due_phase(act, situation.phase) != situation.phase or not situation.is_movement:
        return _weigh_later(situation, mine)
    if act.polarity is Polarity.NOT:
        if mine:
            return weigh_absence(situation, other, mine)
        return Decision(Answer.YES, "their own restraint")
    if act.kind is ActKind.OFFER and theirs:
        return _weigh_offer(situation, other, act, theirs)
    if act.condition is not None:
        theirs += [item.order for item in act.condition.orders if item.power is other]
    if not mine and not theirs:
        return Decision(Answer.UNCLEAR, "names no order of ours or theirs")
    return weigh(situation, other, mine, theirs)


def _weigh_offer(situation: Situation, other: Power, act: SpeechAct, theirs: list[Order]) -> Decision:
    """An offer of support is taken if the supported order is, or can be, played."""
    mine = [move for order in theirs if (move := implied(situation, order)) is not None]
    if act.condition is not None:
        mine += [item.order for item in act.condition.orders if item.power is situation.power]
        if act.condition.provinces and not act.condition.orders and act.condition.polarity is Polarity.NOT:
            zone = weigh_zone(situation, other, act.condition.provinces)
            if zone.answer is not Answer.YES:
                return zone
            mine += zone.promised
    if mine and any(situation.legal(situation.power, order) is None for order in mine):
        return Decision(Answer.NO, "the order it is for is not legal")
    return weigh(situation, other, mine, theirs)


def _weigh_later(situation: Situation, mine: list[Order]) -> Decision:
    """What is asked for a later phase is granted only if it is expected anyway."""
    expected = [
        o for i in situation.intents.values() for later in i.later for o in later.orders if later.power is i.sender
    ]
    if mine and all(any(same_move(o, e) for e in expected) for o in mine):
        return Decision(Answer.YES, "expected for then")
    return Decision(Answer.LATER, "about a later phase")


def weigh_alliance(situation: Situation, other: Power, act: SpeechAct) -> Decision:
    if not situation.scruples.sincere:
        return Decision(Answer.YES, _ANYTHING)
    if situation.is_hostile(other):
        return Decision(Answer.LATER, "our plan attacks them")
    if (spoilt := situation.spoils(other)) is not None:
        return Decision(Answer.LATER, f"our plan stops {spoilt}, which they told us of")
    if is_joined_against(situation, other):
        return Decision(Answer.LATER, "we asked others to join against them, or were asked and said yes")
    for third in act.powers:
        agreed = any(third is ally for ally, _ in situation.allied)
        if agreed or is_friend(situation, third):
            return Decision(Answer.NO, f"allied with {third.title()}")
    if situation.ledger.trust(other) < 0.4:
        return Decision(Answer.NO, "does not trust them")
    return Decision(Answer.YES, "no quarrel with them")


def if_due(situation: Situation, act: SpeechAct, decision: Decision) -> Decision:
    if due_phase(act, situation.phase) == situation.phase and situation.is_movement:
        return decision
    return Decision(Answer.LATER, "about a later phase")


def implied(situation: Situation, support: Order) -> Order | None:
    """Our order that a support or convoy for our unit is meant for; None if it aids no unit of ours."""
    if support.aided is None:
        return None
    at = situation.view.unit_at(support.aided.province)
    if at is None or at[0] is not situation.power:
        return None
    if support.target is None:
        return Order(OrderKind.HOLD, at[1])
    move = Order(OrderKind.MOVE, at[1], support.target, via_convoy=support.kind is OrderKind.CONVOY)
    return situation.legal(situation.power, move) or move
