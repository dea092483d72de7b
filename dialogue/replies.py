"""Answers in kind: what to say to each thing that another power said.

A request that names our orders is weighed by its cost; a question is answered with the truth or not at all;
news are thanked for; what closes a talk (thanks, a yes to nothing, a no) gets no answer, so talks end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.bargains import supporting
from dialogue.ideas import WORTH, Idea, asks, clash, joined
from dialogue.initiatives import ideas
from dialogue.memory import Remembered, Request, RequestStatus, Status, due_phase, enters, fulfils
from dialogue.situation import Honesty, Situation, SpeechPlan
from engine.notation import same_move
from engine.types import Order, OrderKind, Power, Province


class Answer(StrEnum):
    """How a request is met."""

    YES = "yes"
    NO = "no"
    LATER = "later"
    """Not to be decided now: it is about a phase that nobody has planned."""


@dataclass(frozen=True)
class Decision:
    """An answer, what it binds us to, and why."""

    answer: Answer
    reason: str
    promised: tuple[Order, ...] = ()
    cost: float | None = None
    """What a refused request would cost; None: not known, or other reasons speak against it."""


@dataclass(frozen=True)
class _Reply:
    """What one act of the other calls for."""

    acts: tuple[SpeechAct, ...]
    reason: str
    to: SpeechAct | None = None
    """The request it says yes or no to."""
    worth: float = WORTH.answer
    due: bool = True
    """Whether silence would be rude."""
    instead: tuple[SpeechAct, ...] = ()
    """What could be said in place of the acts."""


@dataclass(frozen=True)
class Replies:
    """What could be said to another's last words."""

    plans: tuple[SpeechPlan, ...] = ()
    """Best first; empty: nothing."""
    due: bool = False
    """Whether something was asked, so that silence would be rude."""


def replies(situation: Situation, other: Power) -> Replies:
    """Answers to everything the other said since we last wrote: alone, with an idea of ours, with a condition.

    Nothing if nothing was said, or nothing that wants an answer.
    """
    unread, config = situation.unread_from(other), situation.config
    if not unread or situation.sent_to(other) >= config.max_messages:
        return Replies()
    found = [r for entry in unread for act in entry.acts if (r := _reply_to(situation, other, entry, act)).acts]
    due, worth = any(r.due for r in found), max((r.worth for r in found), default=0.0)
    conditional = [replace(r, acts=r.instead, to=None) if r.instead else r for r in found]
    plain, bargaining = (_together(situation, other, each) for each in (found, conditional))
    reasons = [r.reason for r in found]
    plans = [_plan(situation, other, unread, acts, reasons, worth) for acts in (plain, bargaining) if acts]
    refused = any(a.kind is ActKind.REFUSE for a in plain)
    beginning = _is_opening(situation, unread) or (bool(plain) and not situation.talk_has_begun(other))
    if len(plain) < config.max_acts:
        room, heard = config.max_acts - len(plain), [a for e in unread for a in e.acts]
        beside = _ideas_beside(situation, other, plain, room, heard)
        # A talk under way is for what matters; small questions and news belong to its beginning.
        fitting = [i for i in beside if beginning or refused or (i.measured and i.worth >= config.min_gain)]
        for idea in fitting[: config.alternatives]:
            acts = joined(_with_idea(plain, idea), ActKind.INFORM)
            plans.append(_plan(situation, other, unread, acts, [*reasons, idea.reason], worth, idea))
    distinct = {plan.acts: plan for plan in plans}
    best = sorted(distinct.values(), key=lambda plan: -plan.worth)
    return Replies(tuple(best[: config.alternatives]), due)


def _together(situation: Situation, other: Power, found: Sequence[_Reply]) -> list[SpeechAct]:
    """The acts of all replies as one message says them."""
    decided = [r for r in found if r.to is not None]
    if len({r.acts[0].kind for r in decided}) > 1 or len({r.acts[0].answers for r in decided}) > 1:
        found = [named for r in found if (named := _named(r)).acts]
    return _merge([a for r in found for a in r.acts], greets=not situation.has_ever_written(other))


def _plan(
    situation: Situation,
    other: Power,
    unread: Sequence[Remembered],
    acts: list[SpeechAct],
    reasons: Sequence[str],
    worth: float,
    idea: Idea | None = None,
) -> SpeechPlan:
    """One message, with what it is worth: the answer, and an idea beside it."""
    said = tuple(_shortened(acts, situation.config.max_acts))
    gain = idea.worth if idea is not None else 0.0
    manners = worth + (gain if idea is None or not idea.measured else 0.0)
    consent = idea.consent if idea is not None and any(asks(a) for a in idea.acts) else 1.0
    reason = "; ".join(dict.fromkeys(reasons))
    return SpeechPlan(situation.power, other, said, unread[-1].message, reason, worth + gain, manners, consent)


def weigh(situation: Situation, other: Power, mine: Sequence[Order], theirs: Sequence[Order] = ()) -> Decision:
    """Whether to play orders asked of us, in return for what the other would play."""
    orders = [situation.legal(situation.power, order) for order in mine]
    legal = tuple(order for order in orders if order is not None)
    if len(legal) < len(mine):
        return Decision(Answer.NO, "asked for an order that is not legal")
    if situation.config.honesty is Honesty.CHEAP_TALK:
        return Decision(Answer.YES, "says yes to anything", legal)
    if not legal:
        loss = -situation.gain(other, theirs) if theirs else 0.0
        if loss <= situation.config.harm_tolerance:
            return Decision(Answer.YES, f"costs us {max(loss, 0.0):.3f}")
        return Decision(Answer.NO, f"their orders would cost us {loss:.3f}")
    if any(situation.promised_elsewhere(order, other) for order in legal):
        return Decision(Answer.NO, "promised otherwise to somebody else")
    cost = situation.cost(legal)
    if cost is None:
        return Decision(Answer.NO, "no good plan of ours has these orders")
    bonus = situation.ledger.trust(other) * max(0.0, situation.gain(other, theirs)) if theirs else 0.0
    if cost - bonus <= situation.config.agree_regret:
        return Decision(Answer.YES, "planned anyway" if cost == 0 else f"costs only {cost:.3f}", legal)
    return Decision(Answer.NO, f"would cost {cost:.3f}", cost=cost)


def weigh_absence(situation: Situation, other: Power, unwanted: Sequence[Order]) -> Decision:
    """Whether to refrain from these orders of ours: yes if unplanned, or if another order does as well."""
    intruding = [order for order in situation.plan if any(same_move(order, u) for u in unwanted)]
    if not intruding or situation.config.honesty is Honesty.CHEAP_TALK:
        return Decision(Answer.YES, "not planned anyway")
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
    decisions = [(situation.cost((o,)), o) for o in options]
    known = sorted(((c, str(o), o) for c, o in decisions if c is not None), key=lambda item: item[:2])
    if not known:
        return Decision(Answer.NO, "no good plan of ours goes there")
    return weigh(situation, other, (known[0][2],))


# --- one act --------------------------------------------------------------------------------------


def _reply_to(situation: Situation, other: Power, entry: Remembered, act: SpeechAct) -> _Reply:
    """The acts that answer one act; none where it wants no answer."""
    match act.kind:
        case ActKind.PROPOSE | ActKind.REQUEST_SUPPORT | ActKind.COUNTER | ActKind.OFFER:
            return _decided(situation, other, entry, act, _weigh_request(situation, other, act))
        case ActKind.DEMILITARISE:
            decision = weigh_zone(situation, other, act.provinces)
            if situation.is_hostile(other) and situation.config.honesty is Honesty.TRUTHFUL:
                decision = decision if decision.answer is Answer.NO else Decision(Answer.LATER, "no time for peace")
            return _decided(situation, other, entry, act, _due(situation, act, decision))
        case ActKind.BOUNCE:
            decision = weigh_bounce(situation, other, act.provinces)
            return _decided(situation, other, entry, act, _due(situation, act, decision))
        case ActKind.ALLY:
            return _decided(situation, other, entry, act, _weigh_alliance(situation, other, act))
        case ActKind.ASK:
            return _answer_question(situation, other, entry, act)
        case ActKind.AGREE:
            return _after_yes(situation, other, entry)
        case ActKind.INFORM | ActKind.PROMISE:
            return _after_news(situation, other, entry, act)
        case ActKind.WARN | ActKind.APOLOGISE:
            return _thanks(situation, other, entry, "a kindness", 2 * WORTH.courtesy)
        case ActKind.THREATEN:
            return _calm(situation, other, entry)
        case ActKind.CLAIM_PAST:
            return _about_the_past(situation, other, entry, act)
        case ActKind.SMALL_TALK if not situation.talk_has_begun(other):
            greeting = _said(situation, ActKind.SMALL_TALK, other, entry)
            return _Reply((greeting,), "returns a greeting", worth=WORTH.greeting, due=False)
    return _Reply((), "")


def _weigh_request(situation: Situation, other: Power, act: SpeechAct) -> Decision:
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
        return Decision(Answer.LATER, "about others' orders")
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


def _weigh_alliance(situation: Situation, other: Power, act: SpeechAct) -> Decision:
    if situation.config.honesty is Honesty.CHEAP_TALK:
        return Decision(Answer.YES, "says yes to anything")
    if situation.is_hostile(other):
        return Decision(Answer.LATER, "our plan attacks them")
    if any(_has_enemy(r, other) and r.by is situation.power for r in situation.ledger.requests):
        return Decision(Answer.LATER, "we asked others to join against them")
    for third in act.powers:
        friends = situation.ledger.accepted(ActKind.ALLY, third)
        if friends and not situation.is_hostile(third):
            return Decision(Answer.NO, f"allied with {third.title()}")
    if situation.ledger.trust(other) < 0.4:
        return Decision(Answer.NO, "does not trust them")
    return Decision(Answer.YES, "no quarrel with them")


def _has_enemy(request: Request, other: Power) -> bool:
    """Whether a request, not refused, is to join against the other."""
    return (
        request.act.kind is ActKind.ALLY and other in request.act.powers and request.status is not RequestStatus.REFUSED
    )


def _due(situation: Situation, act: SpeechAct, decision: Decision) -> Decision:
    if due_phase(act, situation.phase) == situation.phase and situation.is_movement:
        return decision
    return Decision(Answer.LATER, "about a later phase")


def _decided(situation: Situation, other: Power, entry: Remembered, act: SpeechAct, decision: Decision) -> _Reply:
    """Yes with the orders it binds us to; no; or time to think."""
    told = f"{act.kind.value.replace('_', ' ')}: {decision.answer.value}, {decision.reason}"
    if decision.answer is Answer.LATER:
        return _Reply((_said(situation, ActKind.SMALL_TALK, other, entry),), told)
    if decision.answer is Answer.NO:
        no = (_said(situation, ActKind.REFUSE, other, entry), *_instead(situation, other, act))
        return _Reply(no, told, act, instead=_on_condition(situation, other, entry, act, decision))
    acts = [_said(situation, ActKind.AGREE, other, entry)]
    fresh = [o for o in decision.promised if not _named_already(situation, act, o) or act.kind is not ActKind.INFORM]
    if fresh:
        acts.append(situation.act(ActKind.PROMISE, other, *fresh))
    return _Reply(tuple(acts), told, act)


def _on_condition(
    situation: Situation, other: Power, entry: Remembered, act: SpeechAct, decision: Decision
) -> tuple[SpeechAct, ...]:
    """In place of a no that is not dear: yes, if the other gives the order of its own that we want most."""
    mine = tuple(item for item in act.orders if item.power is situation.power)
    dear = decision.cost is None or decision.cost > situation.config.trade_regret
    if dear or not mine or act.condition is not None or situation.config.honesty is not Honesty.TRUTHFUL:
        return ()
    if any(situation.victim(item.order, situation.power) is other for item in mine):
        return ()
    asked = {o.order.unit for o in act.orders}
    wanted = [o for o in (*supporting(situation, other), *situation.wanted(other)) if o.unit not in asked]
    gains = [(situation.gain(other, (o,)), str(o), o) for o in wanted if not _is_expected(situation, other, o)]
    gain, _, best = max(gains, default=(0.0, "", None), key=lambda item: item[:2])
    if best is None or gain < (decision.cost or 0.0) + situation.config.min_gain:
        return ()
    condition = SpeechAct(ActKind.INFORM, situation.power, other, (ActOrder(other, best),))
    return (replace(_said(situation, ActKind.OFFER, other, entry), orders=mine, condition=condition),)


def _is_expected(situation: Situation, other: Power, order: Order) -> bool:
    return situation.judge.probability(other, order) >= situation.config.likely


def _named_already(situation: Situation, act: SpeechAct, order: Order) -> bool:
    return any(item.power is situation.power and same_move(item.order, order) for item in act.orders)


def _instead(situation: Situation, other: Power, act: SpeechAct) -> tuple[SpeechAct, ...]:
    """Beside a no: what the unit asked for will do, where that may be told."""
    asked = {o.order.unit.province for o in act.orders if o.power is situation.power and o.order.unit is not None}
    for order in situation.plan:
        if order.unit is None or order.unit.province not in asked or act.polarity is Polarity.NOT:
            continue
        inform = situation.act(ActKind.INFORM, other, order)
        if situation.may_tell(order, other) and not situation.has_said(inform):
            return (inform,)
    return ()


def _answer_question(situation: Situation, other: Power, entry: Remembered, act: SpeechAct) -> _Reply:
    """The truth about what was asked, or an evasion; never a lie."""
    named = [item.order for item in act.orders if item.power is situation.power]
    about_others = (act.orders and not named) or (act.powers and situation.power not in act.powers)
    if not situation.is_movement or due_phase(act, situation.phase) != situation.phase or about_others:
        return _evade(situation, other, entry, act)
    if named:
        planned = [o for o in named if situation.plans(o)]
        if planned and all(situation.may_tell(o, other) for o in planned):
            return _Reply((_inform(situation, other, entry, planned),), "asked about planned orders: tells them")
        if not planned:
            instead = [o for o in situation.plan if any(_is_for_same_unit(o, n) for n in named)]
            if instead and all(situation.may_tell(o, other) for o in instead):
                return _Reply((_inform(situation, other, entry, instead[:2]),), "asked about another order: tells")
            denial = replace(_inform(situation, other, entry, named[:1]), polarity=Polarity.NOT)
            return _Reply((denial,), "asked about orders not planned: says so")
        return _evade(situation, other, entry, act)
    orders = situation.tellable(other)
    if act.provinces:
        going = [o for o in situation.plan if enters(o, act.provinces)]
        standing = [o for o in situation.plan if o.unit is not None and o.unit.province in act.provinces]
        concerned = going or standing
        if any(not situation.may_tell(o, other) for o in concerned):
            return _evade(situation, other, entry, act)
        if concerned:
            return _Reply((_inform(situation, other, entry, concerned[:2]),), "asked about a place: tells")
        if any(p in situation.reach(situation.power) for p in act.provinces):
            promise = SpeechAct(
                ActKind.PROMISE,
                situation.power,
                other,
                provinces=act.provinces[:1],
                polarity=Polarity.NOT,
                answers=entry.message.sequence,
            )
            return _Reply((promise,), "asked about a place it does not enter: says so")
    fresh = [o for o in orders if not _told(situation, other, o)][:2]
    told = fresh or [o for o in situation.tellable_elsewhere(other) if not _told(situation, other, o)][:1]
    if not told:
        return _evade(situation, other, entry, act)
    return _Reply((_inform(situation, other, entry, told),), "asked about plans: tells what may be told")


def _evade(situation: Situation, other: Power, entry: Remembered, act: SpeechAct) -> _Reply:
    """No answer to a question without being rude: a question back, once, if theirs was no open one; else a stall."""
    is_open = not (act.orders or act.provinces or act.powers)
    if not is_open and not situation.has_said_kind(ActKind.ASK, other):
        return _Reply((_said(situation, ActKind.ASK, other, entry),), "cannot tell: asks back")
    return _Reply((_said(situation, ActKind.SMALL_TALK, other, entry),), "cannot tell: evades")


def _after_yes(situation: Situation, other: Power, entry: Remembered) -> _Reply:
    """Thanks for a granted request, once a phase; a yes to anything else closes the talk."""
    favours = (ActKind.REQUEST_SUPPORT, ActKind.PROPOSE, ActKind.COUNTER)
    granted = any(
        r.by is situation.power
        and r.to is other
        and r.status is RequestStatus.ACCEPTED
        and r.act.kind in favours
        and r.phase == situation.phase
        for r in situation.ledger.requests
    )
    if not granted or not situation.config.thank_for_yes:
        return _Reply((), "")
    return _thanks(situation, other, entry, "granting a request")


def _after_news(situation: Situation, other: Power, entry: Remembered, act: SpeechAct) -> _Reply:
    """To their plans: an objection, our own plans in return, or thanks; to claims about ours: the truth."""
    about_us = [item.order for item in act.orders if item.power is situation.power]
    if about_us and act.polarity is Polarity.DO and not any(situation.plans(o) for o in about_us):
        return _Reply(
            (replace(_said(situation, ActKind.DENY, other, entry), orders=_own(situation, about_us)),),
            "denies",
        )
    theirs = [item.order for item in act.orders if item.power is other]
    granted = _is_yes(entry) and (act.kind is ActKind.PROMISE or _asked_for(situation, other, theirs))
    if not theirs or act.polarity is Polarity.NOT or granted:
        return _thanks(situation, other, entry, "news") if not _is_yes(entry) else _Reply((), "")
    coming = [o for o in theirs if situation.threatens(o)]
    worst = min(coming, key=lambda o: (situation.gain(other, (o,)), str(o)), default=None)
    if worst is not None and -situation.gain(other, (worst,)) > situation.config.harm_tolerance:
        if _has_objected(situation, other):
            return _Reply((), "")
        please = replace(
            _said(situation, ActKind.PROPOSE, other, entry), orders=(ActOrder(other, worst),), polarity=Polarity.NOT
        )
        return _Reply((please,), f"objects to {worst}", worth=WORTH.complaint, due=False)
    if any(a.kind is ActKind.REFUSE for a in entry.acts):
        return _Reply((), "")
    mine = [] if situation.has_said_kind(ActKind.INFORM, other) else situation.tellable(other)
    if mine and not _asked_for(situation, other, theirs):
        told = _inform(situation, other, entry, mine[:1])
        return _Reply((told,), "tells its own plans in return", worth=WORTH.news, due=False)
    return _thanks(situation, other, entry, "news")


def _about_the_past(situation: Situation, other: Power, entry: Remembered, act: SpeechAct) -> _Reply:
    """A reproach: sorry if the ledger bears it out, a denial if the record says otherwise."""
    mine = [item.order for item in act.orders if item.power is situation.power]
    if not mine:
        return _Reply((), "")
    broken = situation.ledger.promises_by(situation.power, to=other, status=Status.BROKEN)
    if any(p.order is not None and same_move(p.order, o) for p in broken for o in mine):
        if situation.has_said_kind(ActKind.APOLOGISE, other):
            return _Reply((), "")
        return _Reply((_said(situation, ActKind.APOLOGISE, other, entry),), "the ledger says that it broke its word")
    played = situation.past_orders(situation.power, act.phase)
    if played is None:
        return _Reply((), "")
    given = all(any(fulfils(o, m) for o in played) for m in mine)
    if given is (act.polarity is Polarity.DO):
        return _Reply((), "")
    denial = replace(_said(situation, ActKind.DENY, other, entry), orders=_own(situation, mine), phase=act.phase)
    return _Reply((denial,), "the record says otherwise")


def _calm(situation: Situation, other: Power, entry: Remembered) -> _Reply:
    """To a threat: a neutral zone if one is to be had, else an open question."""
    if not situation.is_hostile(other):
        for idea in ideas(situation, other):
            if idea.acts[0].kind is ActKind.DEMILITARISE:
                return _Reply(idea.acts, "answers a threat with a neutral zone")
    if not situation.has_said_kind(ActKind.ASK, other):
        return _Reply((_said(situation, ActKind.ASK, other, entry),), "answers a threat with a question")
    return _Reply((), "")


def _thanks(situation: Situation, other: Power, entry: Remembered, why: str, worth: float = WORTH.courtesy) -> _Reply:
    """Thanks, once a phase to each power; after that, silence."""
    if situation.has_said_kind(ActKind.THANK, other):
        return _Reply((), "")
    return _Reply((_said(situation, ActKind.THANK, other, entry),), f"thanks for {why}", worth=worth, due=False)


# --- small parts ----------------------------------------------------------------------------------


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


def _said(situation: Situation, kind: ActKind, other: Power, entry: Remembered) -> SpeechAct:
    return SpeechAct(kind, situation.power, other, answers=entry.message.sequence)


def _inform(situation: Situation, other: Power, entry: Remembered, orders: Sequence[Order]) -> SpeechAct:
    return replace(_said(situation, ActKind.INFORM, other, entry), orders=_own(situation, orders))


def _own(situation: Situation, orders: Sequence[Order]) -> tuple[ActOrder, ...]:
    return tuple(ActOrder(situation.power, order) for order in orders)


def _is_for_same_unit(first: Order, second: Order) -> bool:
    return first.unit is not None and second.unit is not None and first.unit.province == second.unit.province


def _told(situation: Situation, other: Power, order: Order) -> bool:
    return bool(situation.ledger.said(situation.power, order=order, to=other, phase=situation.phase))


def _asked_for(situation: Situation, other: Power, theirs: Sequence[Order]) -> bool:
    """Whether we asked for one of these orders in this phase, so that news of it is a yes."""
    return any(
        same_move(item.order, order)
        for request in situation.ledger.requests
        if request.by is situation.power and request.to is other and request.phase == situation.phase
        for item in request.act.orders
        for order in theirs
    )


def _has_objected(situation: Situation, other: Power) -> bool:
    said = situation.ledger.said(situation.power, kind=ActKind.PROPOSE, to=other, phase=situation.phase)
    return any(a.kind is ActKind.PROPOSE and a.polarity is Polarity.NOT for e in said for a in e.acts)


def _is_yes(entry: Remembered) -> bool:
    return any(a.kind in (ActKind.AGREE, ActKind.REFUSE) for a in entry.acts)


def _is_opening(situation: Situation, unread: Sequence[Remembered]) -> bool:
    """Whether the talk of this phase still waits for our first word."""
    closing = (ActKind.AGREE, ActKind.REFUSE, ActKind.THANK)
    return situation.sent_to(unread[0].message.sender) == 0 and not all(
        a.kind in closing for e in unread for a in e.acts
    )


def _named(found: _Reply) -> _Reply:
    """A yes or no that says to what, where one message answers several things differently."""
    if found.to is None:
        return found
    first = found.acts[0]
    if first.kind not in (ActKind.AGREE, ActKind.REFUSE):
        return found
    if found.to.kind is ActKind.ALLY:  # a yes is said by proposing the same; a no is left unsaid
        ally = replace(first, kind=ActKind.ALLY, powers=found.to.powers)
        return replace(found, acts=(ally,) if first.kind is ActKind.AGREE else ())
    named = replace(
        first,
        orders=found.to.orders if first.kind is ActKind.REFUSE else (),
        provinces=found.to.provinces,
        powers=found.to.powers,
    )
    return replace(found, acts=(named, *found.acts[1:]))


_ORDER_SAID = (
    ActKind.APOLOGISE,
    ActKind.SMALL_TALK,
    ActKind.DENY,
    ActKind.AGREE,
    ActKind.PROMISE,
    ActKind.REFUSE,
    ActKind.COUNTER,
    ActKind.ALLY,
    ActKind.THANK,
)


def _merge(acts: Sequence[SpeechAct], greets: bool) -> list[SpeechAct]:
    """The acts without repetition, in the order one says them; thanks only where nothing else is said.

    Pleasantries are left out beside other acts, but for the first message to somebody (`greets`).
    """
    kept: list[SpeechAct] = []
    for act in acts:
        if not any(act.content == k.content for k in kept):
            kept.append(act)
    if any(a.kind not in (ActKind.THANK, ActKind.SMALL_TALK) for a in kept):
        dropped = (ActKind.THANK,) if greets else (ActKind.THANK, ActKind.SMALL_TALK)
        kept = [a for a in kept if a.kind not in dropped]
    kept = joined(joined(kept, ActKind.PROMISE), ActKind.INFORM)
    promised = {o.order.unit for a in kept if a.kind is ActKind.PROMISE for o in a.orders}
    kept = [
        replace(a, orders=tuple(o for o in a.orders if o.order.unit not in promised)) if a.kind is ActKind.INFORM else a
        for a in kept
    ]
    kept = [a for a in kept if a.kind is not ActKind.INFORM or a.orders or a.provinces]
    rank = {kind: number for number, kind in enumerate(_ORDER_SAID)}
    return sorted(kept, key=lambda a: rank.get(a.kind, len(rank)))


_DISPENSABLE = (ActKind.SMALL_TALK, ActKind.THANK, ActKind.ASK, ActKind.INFORM)
"""What a message that has grown too long does without, first things first; answers are never cut."""


def _shortened(acts: list[SpeechAct], most: int) -> list[SpeechAct]:
    for kind in _DISPENSABLE:
        while len(acts) > most and any(a.kind is kind for a in acts):
            last = max(n for n, a in enumerate(acts) if a.kind is kind)
            acts = acts[:last] + acts[last + 1 :]
    answers = sum(a.kind in (ActKind.AGREE, ActKind.REFUSE, ActKind.PROMISE, ActKind.COUNTER) for a in acts)
    return acts[: max(most, answers)]


def _ideas_beside(
    situation: Situation, other: Power, acts: Sequence[SpeechAct], room: int, heard: Sequence[SpeechAct]
) -> list[Idea]:
    """Ideas of ours to put beside an answer, that are not what was just said by either; best first."""
    used = [*acts, *heard]
    return [
        idea
        for idea in ideas(situation, other)
        if len(idea.acts) <= room and not any(clash(a, u) for a in idea.acts for u in used)
    ]


def _with_idea(acts: list[SpeechAct], idea: Idea) -> list[SpeechAct]:
    """A no with a proposal in its place is a counter-offer; what is about the past comes first."""
    first = idea.acts[0]
    if first.kind in (ActKind.APOLOGISE, ActKind.CLAIM_PAST, ActKind.THANK):
        return [*idea.acts[:1], *acts, *idea.acts[1:]]
    proposes = first.kind is ActKind.PROPOSE and first.polarity is Polarity.DO
    for number, act in enumerate(acts):
        if act.kind is ActKind.REFUSE and proposes and not act.orders and not act.provinces:
            counter = replace(first, kind=ActKind.COUNTER, answers=act.answers)
            return [*acts[:number], counter, *acts[number + 1 :], *idea.acts[1:]]
    return [*acts, *idea.acts]
