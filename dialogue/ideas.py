"""What an idea worth saying is, what ideas count for, and when one is stale or says against another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from dialogue.acts import REQUESTING, ActKind, ActOrder, Polarity, SpeechAct
from dialogue.memory import Status
from dialogue.situation import Situation
from engine.notation import same_move
from engine.types import Order, OrderKind, Phase, PhaseKind, Power, Province, province_of


@dataclass(frozen=True)
class Worth:
    """What unmeasured ideas count for, in score, beside the measured gains of proposals."""

    answer: float = 0.02
    """An answer to what was asked."""
    apology: float = 0.02
    complaint: float = 0.006
    protest: float = 0.005
    """Words to one who attacked without warning, with peace proposed if it is to be had."""
    gratitude: float = 0.003
    courtesy: float = 0.0004
    """Thanks for news, a greeting returned."""
    alliance: float = 0.004
    joint_attack: float = 0.006
    first_zone: float = 0.005
    """A zone proposed on the first turn, before anybody has moved."""
    warning: float = 0.003
    question: float = 0.0012
    news: float = 0.0022
    offer: float = 0.006
    bounce: float = 0.008
    stand_off: float = 0.009
    reminder: float = 0.01
    greeting: float = 0.002
    instructed: float = 1.0
    """What it is told to ask for: more than any search says against it."""


WORTH = Worth()


@dataclass(frozen=True)
class Idea:
    """Acts that belong together, what they are worth to us, and why."""

    acts: tuple[SpeechAct, ...]
    worth: float
    reason: str
    measured: bool = False
    """Whether the worth is the judge's figure of what the other would do, and no rule of thumb."""
    consent: float = 1.0
    """How likely what it asks for is granted."""
    instructed: bool = False
    """Whether it is told to say this."""


def is_first_turn(situation: Situation) -> bool:
    """Whether nothing has been played yet."""
    return not situation.view.history


def last_movement(situation: Situation) -> Phase | None:
    """The last movement phase played; None: there was none."""
    return None if situation.last_record is None else situation.last_record.phase


def lately(situation: Situation, phase: Phase, phases: int = 2) -> bool:
    """Whether a phase is the one at hand or among the last few movement phases."""
    played = [r.phase for r in situation.view.history if r.phase.kind is PhaseKind.MOVEMENT][-phases:]
    return not phase < (played[0] if played else situation.phase)


def said_lately(situation: Situation, kind: ActKind, other: Power, phases: int = 2) -> bool:
    """Whether we did such an act towards the other in this phase or the last few movement phases."""
    said = situation.ledger.said(situation.power, kind=kind, to=other)
    return any(lately(situation, e.message.phase, phases) for e in said)


def enters_any(orders: Iterable[Order], province: Province) -> bool:
    """Whether one of the orders goes into the province, or helps another's unit into it."""
    return any(
        o.target is not None and o.kind is not OrderKind.RETREAT and province_of(o.target) == province for o in orders
    )


def is_neighbour(situation: Situation, other: Power) -> bool:
    """Whether what the other does now or soon concerns us."""
    return situation.is_near(other, steps=3 if is_first_turn(situation) else 2)


def is_stale(situation: Situation, other: Power, act: SpeechAct) -> bool:
    """Whether an act was said, refused, or answered by the other's own words already."""
    if situation.has_said(act) or situation.ledger.refused(other, act, situation.phase):
        return True
    if act.kind is ActKind.DEMILITARISE and any(
        p.phase == situation.phase and p.polarity is Polarity.NOT and set(p.provinces) & set(act.provinces)
        for p in situation.ledger.promises_by(other)
    ):
        return True
    told = situation.ledger.promises_by(other, phase=situation.phase)
    settled = [p.order for p in told if p.order is not None and p.status is Status.OPEN and p.polarity is Polarity.DO]
    asked = [o.order for o in act.orders if o.power is other]
    if asked and all(any(same_move(a, s) for s in settled) for a in asked):
        return True
    same = replace(act, speaker=other, addressee=situation.power)
    return bool(situation.ledger.said(other, act=same, to=situation.power, phase=situation.phase))


def clash(idea: SpeechAct, said: SpeechAct) -> bool:
    """Whether an act says again, or says against, what another says: of the same kind, unit or province."""
    if idea.kind is said.kind and idea.kind is not ActKind.INFORM:
        return True
    if {idea.kind, said.kind} == {ActKind.THANK, ActKind.CLAIM_PAST}:
        return True  # nobody thanks and reproaches in one breath
    asking = (ActKind.PROPOSE, ActKind.REQUEST_SUPPORT, ActKind.COUNTER)
    if any(a.kind is ActKind.BOUNCE and b.kind in asking for a, b in ((idea, said), (said, idea))):
        return True
    units = {o.order.unit.province for o in all_orders(said) if o.order.unit is not None}
    if any(o.order.unit is not None and o.order.unit.province in units for o in all_orders(idea)):
        return True
    return bool(_places(idea) & _zones(said) or _places(said) & _zones(idea))


def all_orders(act: SpeechAct) -> tuple[ActOrder, ...]:
    """The orders of an act and of its condition."""
    return act.orders if act.condition is None else (*act.orders, *act.condition.orders)


def _places(act: SpeechAct) -> set[Province]:
    return {*_zones(act), *(province_of(o.order.target) for o in all_orders(act) if o.order.target is not None)}


def _zones(act: SpeechAct) -> set[Province]:
    return {*act.provinces, *(() if act.condition is None else act.condition.provinces)}


def joined(acts: Sequence[SpeechAct], kind: ActKind) -> list[SpeechAct]:
    """The acts with those of one kind that say what one power does as one act, at the place of the first."""
    found = list(acts)
    same: dict[frozenset[Power], list[SpeechAct]] = defaultdict(list)
    for act in acts:
        if act.kind is kind and act.polarity is Polarity.DO and not act.provinces and not act.condition:
            same[frozenset(item.power for item in act.orders)].append(act)
    for first, *others in same.values():
        if others:
            orders = tuple(dict.fromkeys(item for act in (first, *others) for item in act.orders))
            whole = replace(first, orders=orders[:2] if kind is ActKind.INFORM else orders)
            found = [whole if act is first else act for act in found if act not in others]
    return found


def in_order(acts: Iterable[SpeechAct]) -> list[SpeechAct]:
    """Apologies and greetings first, alliances before details, questions last."""
    first = (
        ActKind.APOLOGISE,
        ActKind.SMALL_TALK,
        ActKind.THANK,
        ActKind.CLAIM_PAST,
        ActKind.ALLY,
        ActKind.DEMILITARISE,
    )
    rank = {kind: number for number, kind in enumerate(first)} | {ActKind.ASK: 99}
    return sorted(acts, key=lambda a: rank.get(a.kind, 50))


def asks(act: SpeechAct) -> bool:
    """Whether an act asks the other for something it may grant or not."""
    return act.kind in REQUESTING and act.kind is not ActKind.ASK
