"""Answers in kind: what each thing that another power said calls for.

A request that names our orders is weighed by its cost (`dialogue.weighing`); a question is answered with the truth or
not at all; news are thanked for; what closes a talk (thanks, a yes to nothing, a no) gets no answer, so talks end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.bargains import is_friend, supporting
from dialogue.ideas import WORTH, enters_any, last_movement
from dialogue.initiatives import ideas
from dialogue.memory import Promise, Remembered, RequestStatus, Status, due_phase, enters, fulfils, same_content
from dialogue.situation import Situation, touches
from dialogue.weighing import Answer, Decision, if_due, weigh_alliance, weigh_bounce, weigh_request, weigh_zone
from engine.notation import same_move
from engine.types import Order, OrderKind, Phase, Power, Province, province_of


@dataclass(frozen=True)
class Reply:
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
    evades: bool = False
    """Whether its small talk stands for an answer that is not given."""
    puts_off: bool = False
    """Whether it evades a proposal, which news of ours does not answer, as it does a question."""


def reply_to(situation: Situation, other: Power, entry: Remembered, act: SpeechAct) -> Reply:
    """The acts that answer one act; none where it wants no answer."""
    if _says_yes(situation, entry, act):
        return _after_yes(situation, other, entry)
    match act.kind:
        case ActKind.PROPOSE | ActKind.REQUEST_SUPPORT | ActKind.COUNTER | ActKind.OFFER:
            return _decided(situation, other, entry, act, weigh_request(situation, other, act))
        case ActKind.DEMILITARISE:
            decision = weigh_zone(situation, other, act.provinces)
            if situation.is_hostile(other) and situation.scruples.sincere:
                decision = decision if decision.answer is Answer.NO else Decision(Answer.LATER, "no time for peace")
            return _decided(situation, other, entry, act, if_due(situation, act, decision))
        case ActKind.BOUNCE:
            if act.powers and not _can_enter(situation, act.provinces):
                return _thanks(situation, other, entry, "news of a bounce that is none of ours")
            decision = weigh_bounce(situation, other, act.provinces)
            return _decided(situation, other, entry, act, if_due(situation, act, decision))
        case ActKind.ALLY:
            return _decided(situation, other, entry, act, weigh_alliance(situation, other, act))
        case ActKind.ASK:
            return _answer_question(situation, other, entry, act)
        case ActKind.AGREE:
            return _after_yes(situation, other, entry)
        case ActKind.INFORM | ActKind.PROMISE:
            return _after_news(situation, other, entry, act)
        case ActKind.WARN | ActKind.APOLOGISE:
            return _thanks(situation, other, entry, "a kindness", WORTH.gratitude / 2)
        case ActKind.THREATEN:
            return _calm(situation, other, entry)
        case ActKind.CLAIM_PAST:
            return _about_the_past(situation, other, entry, act)
        case ActKind.SMALL_TALK if not situation.talk_has_begun(other):
            greeting = _said(situation, ActKind.SMALL_TALK, other, entry)
            return Reply((greeting,), "returns a greeting", worth=WORTH.greeting, due=False)
    return Reply((), "")


def _can_enter(situation: Situation, provinces: Sequence[Province]) -> bool:
    options = situation.view.options(situation.power)
    return any(enters(o, provinces) for o in options)


def _says_yes(situation: Situation, entry: Remembered, act: SpeechAct) -> bool:
    """Whether a proposal said yes to the same one of ours, and wants no yes itself."""
    joint = (ActKind.ALLY, ActKind.DEMILITARISE, ActKind.BOUNCE)
    return act.kind in joint and any(
        r.message == entry.message.sequence and r.status is RequestStatus.ACCEPTED and same_content(r.act, act)
        for r in situation.ledger.requests
    )


def _decided(situation: Situation, other: Power, entry: Remembered, act: SpeechAct, decision: Decision) -> Reply:
    """Yes with the orders it binds us to; no; what they have in mind; or time to think."""
    told = f"{act.kind.value.replace('_', ' ')}: {decision.answer.value}, {decision.reason}"
    if decision.answer is Answer.UNCLEAR and not situation.has_said_kind(ActKind.ASK, other):
        return Reply((_said(situation, ActKind.ASK, other, entry),), told)
    if decision.answer in (Answer.LATER, Answer.UNCLEAR):
        return Reply((_said(situation, ActKind.SMALL_TALK, other, entry),), told, evades=True, puts_off=True)
    if decision.answer is Answer.NO:
        no = (_said(situation, ActKind.REFUSE, other, entry), *_instead(situation, other, act))
        return Reply(no, told, act, instead=_on_condition(situation, other, entry, act, decision))
    acts = [_said(situation, ActKind.AGREE, other, entry)]
    fresh = [o for o in decision.promised if not _named_already(situation, act, o) or act.kind is not ActKind.INFORM]
    if fresh:
        acts.append(situation.act(ActKind.PROMISE, other, *fresh))
    if act.condition is not None and act.condition.polarity is Polarity.NOT and act.condition.provinces:
        out = SpeechAct(ActKind.PROMISE, situation.power, other, provinces=act.condition.provinces)
        acts.append(replace(out, polarity=Polarity.NOT))
    return Reply(tuple(acts), told, act)


def _on_condition(
    situation: Situation, other: Power, entry: Remembered, act: SpeechAct, decision: Decision
) -> tuple[SpeechAct, ...]:
    """In place of a no that is not dear: yes, if the other gives the order of its own that we want most."""
    mine = tuple(item for item in act.orders if item.power is situation.power)
    dear = decision.cost is None or decision.cost > situation.config.trade_regret
    if dear or not mine or act.condition is not None or situation.held or not situation.scruples.sincere:
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


def _answer_question(situation: Situation, other: Power, entry: Remembered, act: SpeechAct) -> Reply:
    """The truth about what was asked, or an evasion; never a lie, unless honesty asks for no better."""
    named = [item.order for item in act.orders if item.power is situation.power]
    about_others = (act.orders and not named) or (act.powers and situation.power not in act.powers)
    if about_others and any(a.kind is ActKind.AGREE for a in entry.acts):
        return Reply((), "")  # "Against Turkey, you mean? Sure": it has answered itself
    if not situation.is_movement or due_phase(act, situation.phase) != situation.phase:
        return _evade(situation, other, entry)
    if about_others:
        return _what_it_expects(situation, other, entry, act)
    if not situation.scruples.sincere and (pleasing := _pleasing(situation, other, act)) is not None:
        said = replace(pleasing, answers=entry.message.sequence)
        return Reply((said,), "asked about its orders: says what pleases")
    if named and any(o.unit is not None and _is_watched(situation, o.unit.province, other) for o in named):
        return _evade(situation, other, entry)
    if named:
        planned = [o for o in named if situation.plans(o)]
        if planned and all(situation.may_tell(o, other) for o in planned):
            return Reply((_inform(situation, other, entry, planned),), "asked about planned orders: tells them")
        if not planned and any(_comes_otherwise(situation, o) for o in named):
            return _evade(situation, other, entry)
        if not planned:
            instead = [o for o in situation.plan if any(_is_for_same_unit(o, n) for n in named)]
            if instead and all(situation.may_tell(o, other) for o in instead):
                return Reply((_inform(situation, other, entry, instead[:2]),), "asked about another order: tells")
            denial = replace(_inform(situation, other, entry, named[:1]), polarity=Polarity.NOT)
            return Reply((denial,), "asked about orders not planned: says so")
        return _evade(situation, other, entry)
    orders = situation.tellable(other)
    if not act.provinces and not _ASKS_PLANS.search(entry.message.text):
        return _asks_back(situation, other, entry)
    if act.provinces:
        going = [o for o in situation.plan if enters(o, act.provinces)]
        standing = [o for o in situation.plan if o.unit is not None and o.unit.province in act.provinces]
        concerned = going or standing
        if any(not situation.may_tell(o, other) for o in concerned):
            return _evade(situation, other, entry)
        if concerned:
            return Reply((_inform(situation, other, entry, concerned[:2]),), "asked about a place: tells")
        if any(p in situation.reach(situation.power) for p in act.provinces):
            promise = SpeechAct(
                ActKind.PROMISE,
                situation.power,
                other,
                provinces=act.provinces[:1],
                polarity=Polarity.NOT,
                answers=entry.message.sequence,
            )
            return Reply((promise,), "asked about a place it does not enter: says so")
    fresh = [o for o in orders if not _told(situation, other, o)][:2]
    told = fresh or [o for o in situation.tellable_elsewhere(other) if not _told(situation, other, o)][:1]
    if not told:
        return _evade(situation, other, entry)
    return Reply((_inform(situation, other, entry, told),), "asked about plans: tells what may be told")


def _pleasing(situation: Situation, other: Power, act: SpeechAct) -> SpeechAct | None:
    """What whoever asks about our orders, or a place, would like to hear; None where it asks about neither."""
    meant = (situation.legal(item.power, item.order) for item in act.orders if item.power is situation.power)
    named = [order for order in meant if order is not None]
    attacks = [o for o in named if touches(situation.view, o, other)]
    if attacks:
        return replace(situation.act(ActKind.INFORM, other, *attacks[:2]), polarity=Polarity.NOT)
    if named:
        return situation.act(ActKind.INFORM, other, *named[:2])
    reached = [p for p in act.provinces if p in situation.reach(situation.power)]
    if act.orders or not reached:
        return None
    return SpeechAct(ActKind.PROMISE, situation.power, other, provinces=(reached[0],), polarity=Polarity.NOT)


def _what_it_expects(situation: Situation, other: Power, entry: Remembered, act: SpeechAct) -> Reply:
    """Asked about a third power: the likeliest move that it is fairly sure of; nothing of allies or confidences."""
    asked = {item.power for item in act.orders} | set(act.powers)
    thirds = sorted(p for p in asked if p not in (situation.power, other) and not is_friend(situation, p))
    found: list[tuple[float, str, ActOrder]] = []
    for third in thirds:
        told = [p.order for p in situation.ledger.promises_by(third, phase=situation.phase) if p.order is not None]
        for order in situation.view.options(third):
            chance = situation.judge.probability(third, order)
            plain = order.kind is OrderKind.MOVE and not order.via_convoy
            if plain and chance >= situation.config.likely and not any(same_move(order, t) for t in told):
                found.append((chance, str(order), ActOrder(third, order)))
    if not found:
        return _evade(situation, other, entry)
    chance, _, best = max(found, key=lambda item: (_names(act, item[2].order), item[0], item[1]))
    expected = replace(_said(situation, ActKind.INFORM, other, entry), orders=(best,))
    return Reply((expected,), f"asked about {best.power.title()}: expects this with {chance:.0%}")


def _names(act: SpeechAct, order: Order) -> bool:
    """Whether a question is about the unit that an order is for."""
    return any(_is_for_same_unit(item.order, order) for item in act.orders)


_ASKS_PLANS = re.compile(
    r"(?!how(?: are|'s| is) \w+ doing\b)\b(?:what|where|which|how|any|your)\b[^.?!]*"
    r"\b(?:plan\w*|think\w*|thoughts?|moves?|moving|orders?|do|doing|going|head\w*|putting|in mind|up to|play\w*|"
    r"say|see|open\w*)\b",
    re.IGNORECASE,
)
"""A question without content that is about what one will do or thinks; the reader has any question as such."""


def _asks_back(situation: Situation, other: Power, entry: Remembered) -> Reply:
    """To a question that was not understood: a question, once a phase; then no answer."""
    if situation.has_said_kind(ActKind.ASK, other):
        return _evade(situation, other, entry)
    return Reply((_said(situation, ActKind.ASK, other, entry),), "asked it knows not what: asks back")


def _comes_otherwise(situation: Situation, order: Order) -> bool:
    """Whether our plan goes where the order would, though not by that order: a plain no would mislead."""
    goal = None if order.target is None else province_of(order.target)
    return goal is not None and order.kind is OrderKind.MOVE and enters_any(situation.plan, goal)


def _is_watched(situation: Situation, place: Province, other: Power) -> bool:
    """Whether the other, no ally of ours, may well be asking about a place because it means to attack it."""
    return not is_friend(situation, other) and situation.danger(place, other) >= situation.config.wary


def _evade(situation: Situation, other: Power, entry: Remembered) -> Reply:
    """No answer to a question, without a lie: it says that it would rather not say."""
    return Reply((_said(situation, ActKind.SMALL_TALK, other, entry),), "cannot tell: evades", evades=True)


def _after_yes(situation: Situation, other: Power, entry: Remembered) -> Reply:
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
        return Reply((), "")
    return _thanks(situation, other, entry, "granting a request", WORTH.gratitude / 2)


def _after_news(situation: Situation, other: Power, entry: Remembered, act: SpeechAct) -> Reply:
    """To their plans: an objection, our own plans in return, or thanks; to claims about ours: the truth."""
    about_us = [item.order for item in act.orders if item.power is situation.power]
    wrong = act.polarity is Polarity.DO and not any(situation.plans(o) for o in about_us)
    if about_us and wrong and situation.scruples.sincere:
        return Reply(
            (replace(_said(situation, ActKind.DENY, other, entry), orders=_own(situation, about_us)),),
            "denies",
        )
    theirs = [item.order for item in act.orders if item.power is other]
    granted = _is_yes(entry) and (act.kind is ActKind.PROMISE or _asked_for(situation, other, theirs))
    if not theirs or act.polarity is Polarity.NOT or granted:
        return _thanks(situation, other, entry, "news") if not _is_yes(entry) else Reply((), "")
    coming = [o for o in theirs if situation.threatens(o)]
    worst = min(coming, key=lambda o: (situation.gain(other, (o,)), str(o)), default=None)
    if worst is not None and -situation.gain(other, (worst,)) > situation.config.harm_tolerance:
        if _has_objected(situation, other):
            return Reply((), "")
        please = replace(
            _said(situation, ActKind.PROPOSE, other, entry), orders=(ActOrder(other, worst),), polarity=Polarity.NOT
        )
        return Reply((please,), f"objects to {worst}", worth=WORTH.complaint, due=False)
    if any(a.kind is ActKind.REFUSE for a in entry.acts):
        return Reply((), "")
    both = [p for o in theirs if (p := _shared_goal(situation, other, o)) is not None]
    if both and not situation.has_said_kind(ActKind.BOUNCE, other):
        bounce = replace(_said(situation, ActKind.BOUNCE, other, entry), provinces=(both[0],))
        return Reply((bounce,), f"both go to {both[0]}", worth=WORTH.bounce, due=False)
    known = situation.has_said_kind(ActKind.INFORM, other)
    mine = [] if known else [o for o in situation.tellable(other) if not _told(situation, other, o)]
    if mine and not _asked_for(situation, other, theirs):
        told = _inform(situation, other, entry, mine[:1])
        return Reply((told,), "tells its own plans in return", worth=WORTH.news, due=False)
    return _thanks(situation, other, entry, "news")


def _shared_goal(situation: Situation, other: Power, order: Order) -> Province | None:
    """The border province, owned by neither, where an order of theirs meets one of our plan; None: nowhere."""
    if order.kind is not OrderKind.MOVE or order.target is None:
        return None
    place = province_of(order.target)
    meets = any(enters(o, (place,)) and situation.may_tell(o, other) for o in situation.plan)
    agreed = any(place in r.act.provinces for r in situation.ledger.accepted(ActKind.BOUNCE, other))
    return place if meets and place in situation.borders(other) and not agreed else None


def _about_the_past(situation: Situation, other: Power, entry: Remembered, act: SpeechAct) -> Reply:
    """A reproach: sorry if the ledger bears it out, a denial if the record says otherwise."""
    mine = [item.order for item in act.orders if item.power is situation.power]
    if act.orders and not mine:
        return Reply((), "")
    if any(_is_about(promise, act, mine) for promise in _broken(situation, other)):
        if situation.has_said_kind(ActKind.APOLOGISE, other):
            return Reply((), "")
        sorry = replace(_said(situation, ActKind.APOLOGISE, other, entry), phase=_when(situation, act))
        return Reply((sorry,), "the ledger says that it broke its word")
    played = situation.past_orders(situation.power, act.phase)
    if played is None or not mine:
        return Reply((), "")
    given = all(any(fulfils(o, m) for o in played) for m in mine)
    if given is (act.polarity is Polarity.DO):
        return Reply((), "")
    # To "you didn't" the truth is what we did.
    kind = ActKind.CLAIM_PAST if given else ActKind.DENY
    truth = replace(_said(situation, kind, other, entry), orders=_own(situation, mine), phase=act.phase)
    return Reply((truth,), "the record says otherwise")


def _when(situation: Situation, act: SpeechAct) -> Phase | None:
    """The phase that a reproach is about: the one it names, else the last movement phase."""
    return act.phase or last_movement(situation)


def _broken(situation: Situation, other: Power) -> tuple[Promise, ...]:
    return situation.ledger.promises_by(situation.power, to=other, status=Status.BROKEN)


def _is_about(promise: Promise, act: SpeechAct, mine: Sequence[Order]) -> bool:
    """Whether a reproach is about this promise: it names the order or the place, or nothing at all."""
    if not act.orders and not act.provinces:
        return True
    places = {*promise.provinces, *(() if promise.order is None else _places(promise.order))}
    orders = any(same_move(promise.order, o) if promise.order else enters(o, promise.provinces) for o in mine)
    return orders or bool(places & set(act.provinces))


def _places(order: Order) -> tuple[Province, ...]:
    return () if order.target is None else (province_of(order.target),)


def _calm(situation: Situation, other: Power, entry: Remembered) -> Reply:
    """To a threat: a neutral zone if one is to be had, else an open question."""
    if not situation.is_hostile(other):
        for idea in ideas(situation, other):
            if idea.acts[0].kind is ActKind.DEMILITARISE:
                return Reply(idea.acts, "answers a threat with a neutral zone")
    if not situation.has_said_kind(ActKind.ASK, other):
        return Reply((_said(situation, ActKind.ASK, other, entry),), "answers a threat with a question")
    return Reply((), "")


def _thanks(situation: Situation, other: Power, entry: Remembered, why: str, worth: float = WORTH.courtesy) -> Reply:
    """Thanks, once a phase to each power; after that, silence."""
    if situation.has_said_kind(ActKind.THANK, other):
        return Reply((), "")
    return Reply((_said(situation, ActKind.THANK, other, entry),), f"thanks for {why}", worth=worth, due=False)


# --- small parts ----------------------------------------------------------------------------------


def _said(situation: Situation, kind: ActKind, other: Power, entry: Remembered) -> SpeechAct:
    return SpeechAct(kind, situation.power, other, answers=entry.message.sequence)


def _inform(situation: Situation, other: Power, entry: Remembered, orders: Sequence[Order]) -> SpeechAct:
    return replace(_said(situation, ActKind.INFORM, other, entry), orders=_own(situation, orders))


def _own(situation: Situation, orders: Sequence[Order]) -> tuple[ActOrder, ...]:
    return tuple(ActOrder(situation.power, order) for order in orders)


def _is_for_same_unit(first: Order, second: Order) -> bool:
    return first.unit is not None and second.unit is not None and first.unit.province == second.unit.province


def _told(situation: Situation, other: Power, order: Order) -> bool:
    """Whether the other knows of an order of ours, by our words or by a bounce that was agreed."""
    agreed = (r for r in situation.ledger.accepted(ActKind.BOUNCE, other) if r.phase == situation.phase)
    if any(enters(order, request.act.provinces) for request in agreed):
        return True
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
