"""Ideas about the past: words kept and broken, help given, attacks; and a reminder of what was agreed a while ago."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.ideas import WORTH, Idea, lately, said_lately
from dialogue.memory import Promise, Status, enters
from dialogue.situation import Situation, touches
from engine.notation import same_move
from engine.record import PhaseRecord
from engine.types import Order, OrderKind, Phase, Power, Province, province_of

_FIRM = (ActKind.AGREE, ActKind.PROMISE)
_CLOSING = frozenset({ActKind.AGREE, ActKind.THANK, ActKind.SMALL_TALK, ActKind.INFORM, ActKind.PROMISE})
"""Kinds of a message that leave nothing open: a reminder may follow one."""


def reckonings(situation: Situation, other: Power) -> Iterator[Idea]:
    """Apologies, reproaches and thanks for the last movement phase."""
    record = situation.last_record
    if record is None:
        return
    yield from _apologies(situation, other, record.phase)
    complaints = list(_complaints(situation, other, record))
    yield from complaints
    if not complaints:
        yield from _protests(situation, other, record)
        yield from _thanks(situation, other, record)


def _apologies(situation: Situation, other: Power, last: Phase) -> Iterator[Idea]:
    if situation.has_said_kind(ActKind.APOLOGISE, other):
        return
    broken = situation.ledger.promises_by(situation.power, to=other, status=Status.BROKEN, phase=last)
    told = situation.ledger.said(situation.power, kind=ActKind.APOLOGISE, to=other, phase=last)
    if broken and not told:
        sorry = SpeechAct(ActKind.APOLOGISE, situation.power, other, phase=last)
        yield Idea((sorry,), WORTH.apology, f"we broke our word to them in {last} ({_named(broken[0])})")


def _complaints(situation: Situation, other: Power, record: PhaseRecord) -> Iterator[Idea]:
    """Of a word to us that they broke, unless they said sorry."""
    last = record.phase
    if situation.has_said_kind(ActKind.CLAIM_PAST, other) or _has_apologised(situation, other, last):
        return
    for promise in situation.ledger.promises_by(other, to=situation.power, status=Status.BROKEN, phase=last):
        order, polarity = _breach(promise, record)
        bare = SpeechAct(ActKind.CLAIM_PAST, situation.power, other, phase=last)
        claim = (_claim(situation, other, order, polarity, last) if order is not None else None) or bare
        yield Idea((claim,), WORTH.complaint, f"they broke their word in {last}: {_named(promise)}")
        return


def _has_apologised(situation: Situation, other: Power, last: Phase) -> bool:
    said = situation.ledger.said(other, kind=ActKind.APOLOGISE, to=situation.power)
    return any(not e.message.phase < last for e in said)


def _breach(promise: Promise, record: PhaseRecord) -> tuple[Order | None, Polarity]:
    """What was not done, or what was done though it should not have been."""
    if promise.polarity is Polarity.DO:
        return promise.order, Polarity.NOT
    for order in record.orders.get(promise.by, ()):
        given = enters(order, promise.provinces) if promise.order is None else same_move(order, promise.order)
        if given:
            return order, Polarity.DO
    return None, Polarity.DO


def _claim(situation: Situation, other: Power, order: Order, polarity: Polarity, last: Phase) -> SpeechAct | None:
    """ "You moved from there to there", or, where the unit is there now, "you moved there"; None: nobody could tell.

    Who reads it sees the board of today: an order that names a place which its unit has left means nothing to him.
    """
    claim = SpeechAct(ActKind.CLAIM_PAST, situation.power, other, polarity=polarity, phase=last)
    if order.unit is not None and _stands(situation, other, order.unit.province):
        return replace(claim, orders=(ActOrder(other, order),))
    if order.target is None or polarity is Polarity.NOT or not _stands(situation, other, province_of(order.target)):
        return None
    return replace(claim, provinces=(province_of(order.target),))


def _stands(situation: Situation, power: Power, place: Province) -> bool:
    standing = situation.view.unit_at(place)
    return standing is not None and standing[0] is power


def _protests(situation: Situation, other: Power, record: PhaseRecord) -> Iterator[Idea]:
    """To one who attacked us while we left it alone: what it did, and peace, if our plan is peaceful still."""
    attacks = [o for o in record.orders.get(other, ()) if touches(record.board, o, situation.power)]
    ours = any(touches(record.board, o, other) for o in record.orders.get(situation.power, ()))
    moves = [o for o in attacks if o.kind is OrderKind.MOVE]
    if not moves or ours or situation.is_hostile(other) or said_lately(situation, ActKind.CLAIM_PAST, other):
        return
    claim = _claim(situation, other, moves[0], Polarity.DO, record.phase)
    if claim is None:
        return
    acts = [claim]
    if not said_lately(situation, ActKind.ALLY, other):
        acts.append(SpeechAct(ActKind.ALLY, situation.power, other))
    yield Idea(tuple(acts), WORTH.protest, f"they attacked us in {record.phase} ({moves[0]}), and we want peace")


def _thanks(situation: Situation, other: Power, record: PhaseRecord) -> Iterator[Idea]:
    """For help that they really gave, or a promise that they kept; not turn after turn."""
    thank = SpeechAct(ActKind.THANK, situation.power, other, phase=record.phase)
    if situation.has_said_kind(ActKind.THANK, other) or _thanked_lately(situation, other):
        return
    for order in record.orders.get(other, ()):
        at = None if order.aided is None else record.board.unit_at(order.aided.province)
        if at is not None and at[0] is situation.power and not record.is_void(order):
            yield Idea((thank,), WORTH.gratitude, f"they gave {order}")
            return
    kept = situation.ledger.promises_by(other, to=situation.power, status=Status.KEPT, phase=record.phase)
    granted = [p for p in kept if p.source in _FIRM and p.order is not None and _was_asked(situation, other, p.order)]
    if granted:
        yield Idea((thank,), WORTH.gratitude / 2, f"they kept their word ({_named(granted[0])})")


def _was_asked(situation: Situation, other: Power, order: Order) -> bool:
    """Whether we asked the other for this order."""
    requests = (r for r in situation.ledger.requests if r.by is situation.power and r.to is other)
    return any(same_move(item.order, order) for r in requests for item in r.act.orders)


def _thanked_lately(situation: Situation, other: Power) -> bool:
    """Whether we thanked them for the past in the last two movement phases."""
    thanked = situation.ledger.said(situation.power, kind=ActKind.THANK, to=other)
    return any(
        a.kind is ActKind.THANK and a.phase is not None and lately(situation, e.message.phase)
        for e in thanked
        for a in e.acts
    )


def reminder(situation: Situation, other: Power) -> Idea | None:
    """A question whether help that was agreed a while ago will really come; once a phase, near its end."""
    elapsed, talk = situation.elapsed, situation.talk(other)
    if elapsed is None or elapsed < situation.config.reminder or not talk:
        return None
    if situation.is_hostile(other) and situation.scruples.sincere:
        return None
    if situation.unanswered(other) > 1 or any(a.kind not in _CLOSING for a in talk[-1].acts):
        return None
    for promise in situation.ledger.promises_by(other, situation.power, Status.OPEN, situation.phase):
        order = promise.order
        if order is None or promise.source not in _FIRM or promise.polarity is not Polarity.DO:
            continue
        if not _helps_plan(situation, order) or promise.message >= talk[-1].message.sequence:
            continue
        question = situation.act(ActKind.ASK, other, order, by=other)
        if not situation.has_said(question):
            return Idea((question,), WORTH.reminder, f"much depends on {order}, which they agreed to")
    return None


def _helps_plan(situation: Situation, order: Order) -> bool:
    """Whether an order of another aids an order of our plan."""
    return order.aided is not None and any(
        o.unit == order.aided and (o.target == order.target or order.target is None) for o in situation.plan
    )


def _named(promise: Promise) -> str:
    sign = "not " if promise.polarity is Polarity.NOT else ""
    return sign + (str(promise.order) if promise.order is not None else "/".join(promise.provinces))
