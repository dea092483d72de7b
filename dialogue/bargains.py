"""Ideas about orders: supports asked for, offered, traded; moves that would be good for us."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.ideas import WORTH, Idea
from dialogue.memory import enters
from dialogue.situation import Situation, touches, victim
from engine.notation import same_move
from engine.types import Order, OrderKind, Power, Unit, province_of

_TRADED = 3
"""Supports asked for, and supports given, that are tried in a trade."""


def demands(situation: Situation, other: Power) -> Iterator[Idea]:
    """What it is told to have of the other, whatever that is worth: helping orders for units of ours, and the rest."""
    kinds: dict[ActKind, list[Order]] = {}
    for order in situation.instructed(other):
        at = None if order.aided is None else situation.view.unit_at(order.aided.province)
        helps = at is not None and at[0] is situation.power
        kinds.setdefault(ActKind.REQUEST_SUPPORT if helps else ActKind.PROPOSE, []).append(order)
    for kind, orders in kinds.items():
        consent = situation.consent(kind, other, orders)
        reason = f"told to have {', '.join(map(str, orders))}"
        act = situation.act(kind, other, *orders, by=other)
        yield Idea((act,), WORTH.instructed, reason, consent=consent, instructed=True)


def support_requests(situation: Situation, other: Power) -> Iterator[Idea]:
    """Supports and convoys of theirs for units of ours, for orders that we plan."""
    for order in supporting(situation, other):
        gain = situation.gain(other, (order,))
        if gain >= situation.config.min_gain and situation.judge.probability(other, order) < situation.config.likely:
            request = situation.act(ActKind.REQUEST_SUPPORT, other, order, by=other)
            yield _asked(situation, other, (request,), gain, f"{order} would be worth {gain:.3f} to us")


def supporting(situation: Situation, other: Power) -> list[Order]:
    """Wanted, or at least plausible, orders of theirs that aid an order of ours, no attack on them."""
    found: list[Order] = []
    options = situation.view.options(other)
    for order in [*situation.wanted(other), *options]:
        if order.aided is None or order in found:
            continue
        mine = next((o for o in situation.plan if o.unit == order.aided), None)
        if mine is None or not situation.is_legal(other, order):
            continue
        is_wanted = any(same_move(order, w) for w in situation.wanted(other))
        if not is_wanted and (situation.held or situation.judge.probability(other, order) < situation.config.plausible):
            continue
        target = order.target and province_of(order.target)
        moves = mine.kind is OrderKind.MOVE and mine.target is not None and province_of(mine.target) == target
        stays = mine.kind is not OrderKind.MOVE and target is None
        if (moves or stays) and not touches(situation.view, mine, other):
            found.append(order)
    return found


def offers(situation: Situation, other: Power) -> Iterator[Idea]:
    """Supports and convoys for their units that are in our plan."""
    for order in situation.plan:
        at = None if order.aided is None else situation.view.unit_at(order.aided.province)
        if at is not None and at[0] is other:
            doubt = 1.0 - _probability_of_aided(situation, other, order)
            yield Idea(
                (situation.act(ActKind.OFFER, other, order),),
                WORTH.offer * (0.5 + 0.5 * doubt),
                f"our plan has {order}",
            )


def _probability_of_aided(situation: Situation, other: Power, support: Order) -> float:
    if support.aided is None or support.target is None:
        return 0.5
    return situation.judge.probability(other, Order(OrderKind.MOVE, support.aided, support.target))


def trades(situation: Situation, other: Power) -> Iterator[Idea]:
    """Our support for a move of theirs, if they give the one for ours that we want most."""
    if situation.held:
        return
    config = situation.config
    wanted = dict.fromkeys((*situation.instructed(other), *supporting(situation, other)))
    for theirs in list(wanted)[:_TRADED]:
        gain = situation.gain(other, (theirs,))
        if gain < config.min_gain or situation.judge.probability(other, theirs) >= config.likely:
            continue
        for mine, cost in aids(situation, other):
            if not _go_together(mine, theirs) or gain - cost < config.min_gain:
                continue
            said = SpeechAct(ActKind.INFORM, situation.power, other, (ActOrder(other, theirs),))
            trade = replace(situation.act(ActKind.OFFER, other, mine), condition=said)
            # Who gets something in return grants more.
            consent = min(1.0, 2 * situation.consent(ActKind.REQUEST_SUPPORT, other, (theirs,)))
            yield Idea(
                (trade,),
                consent * (gain - cost),
                f"{mine} (costs {cost:.3f}) for {theirs} (worth {gain:.3f})",
                measured=True,
                consent=consent,
            )
            break


def aids(situation: Situation, other: Power) -> list[tuple[Order, float]]:
    """Supports and convoys of ours for moves that they probably make, and what each costs us; the cheapest first."""
    found = []
    for orders in situation.view.legal_orders(situation.power).values():
        for order in orders:
            if order.aided is None or order.target is None or touches(situation.view, order, situation.power):
                continue
            at = situation.view.unit_at(order.aided.province)
            if at is None or at[0] is not other or situation.plans(order):
                continue
            move = Order(OrderKind.MOVE, order.aided, order.target, via_convoy=order.kind is OrderKind.CONVOY)
            likely = any(same_move(move, w) for w in situation.wanted(other))
            likely = likely or situation.judge.probability(other, move) >= 0.3
            cost = situation.cost((order,)) if likely and not situation.promised_elsewhere(order, other) else None
            third = victim(situation.view, move, other)
            if cost is not None and cost <= situation.config.trade_regret and not is_friend(situation, third):
                found.append((order, cost))
    return sorted(found, key=lambda item: (item[1], str(item[0])))[:_TRADED]


def is_friend(situation: Situation, third: Power | None) -> bool:
    """Whether a power is an ally of ours whom our plan does not attack."""
    return (
        third is not None and bool(situation.ledger.accepted(ActKind.ALLY, third)) and not situation.is_hostile(third)
    )


def _go_together(mine: Order, theirs: Order) -> bool:
    """Whether the unit that helps is not the one that is helped, on either side."""
    return mine.unit != theirs.aided and theirs.unit != mine.aided


def proposals(situation: Situation, other: Power) -> Iterator[Idea]:
    """Moves of theirs that are good for us and that they may well make if asked; joint attacks first.

    Only of a power near us: nobody likes advice from across the board.
    """
    likely, plausible = situation.config.likely, situation.config.plausible
    if not situation.is_near(other):
        return
    for order in situation.wanted(other):
        if order.unit is None or order.aided is not None or not situation.is_legal(other, order):
            continue  # support for us is asked for otherwise; how they support themselves is theirs to find out
        if order.target is not None and any(enters(o, (province_of(order.target),)) for o in situation.plan):
            continue  # where we go ourselves; a bounce that we want is proposed as such
        if touches(situation.view, order, situation.power) or _wastes_our_help(situation, order):
            continue
        threat = _threat(situation, other, order.unit)
        gain = situation.gain(other, (order,))
        if gain < situation.config.min_gain or not plausible <= situation.judge.probability(other, order) < likely:
            continue
        if order.kind is OrderKind.HOLD:
            yield from _restraint(situation, other, order.unit, gain)
            continue
        proposal = situation.act(ActKind.PROPOSE, other, order, by=other)
        third = victim(situation.view, order, other)
        if is_friend(situation, third):
            continue
        ours = [o for o in situation.plan if third and situation.victim(o, situation.power) is third]
        if third is not None and ours:
            reason = f"a joint attack on {third.title()}: {order} is worth {gain:.3f} to us"
            acts = (proposal, situation.act(ActKind.INFORM, other, ours[0]))
            joint = _asked(situation, other, acts, gain, reason)
            yield replace(joint, worth=joint.worth + WORTH.joint_attack)
        elif third is not None or threat >= 0.2 or _concerns_us(situation, order, gain):
            asked = _asked(situation, other, (proposal,), gain, f"{order} would be worth {gain:.3f} to us")
            yield replace(asked, worth=asked.worth * (1.0 + threat))


def _wastes_our_help(situation: Situation, order: Order) -> bool:
    """Whether our plan supports or convoys the unit in something else than this order."""
    goal = order.target and province_of(order.target)
    helping = [o for o in situation.plan if o.aided is not None and o.aided == order.unit]
    return any((o.target and province_of(o.target)) != goal for o in helping)


def _concerns_us(situation: Situation, order: Order, gain: float) -> bool:
    return gain >= 2 * situation.config.min_gain or situation.near(order, situation.power)


def _restraint(situation: Situation, other: Power, unit: Unit, gain: float) -> Iterator[Idea]:
    """In place of "hold there": not to make the likeliest attack on us with that unit."""
    attacks = _attacks(situation, other, unit)
    worst = max(attacks, key=lambda o: (situation.judge.probability(other, o), str(o)), default=None)
    if worst is None or _threat(situation, other, unit) < 0.2:
        return
    please = replace(situation.act(ActKind.PROPOSE, other, worst, by=other), polarity=Polarity.NOT)
    yield _asked(situation, other, (please,), gain, f"{worst} threatens us; holding instead is worth {gain:.3f} to us")


def _threat(situation: Situation, other: Power, unit: Unit) -> float:
    """How likely this unit of the other is to move against us."""
    return sum(situation.judge.probability(other, o) for o in _attacks(situation, other, unit))


def _attacks(situation: Situation, other: Power, unit: Unit) -> list[Order]:
    options = situation.view.legal_orders(other).get(unit.province, ())
    return [o for o in options if o.kind is OrderKind.MOVE and touches(situation.view, o, situation.power)]


def _asked(situation: Situation, other: Power, acts: Sequence[SpeechAct], gain: float, reason: str) -> Idea:
    """An idea that is worth its gain if it is granted."""
    theirs = [o.order for o in acts[0].orders if o.power is other and acts[0].polarity is Polarity.DO]
    consent = situation.consent(acts[0].kind, other, theirs)
    return Idea(tuple(acts), gain * consent, reason, measured=True, consent=consent)
