"""Ideas about border provinces: to keep them empty, to bounce there, to stop bouncing there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.board import geography
from dialogue.ideas import WORTH, Idea, enters_any, is_first_turn, lately
from dialogue.memory import enters
from dialogue.situation import Situation
from engine.types import Order, OrderKind, Power, Province, province_of


def zones(situation: Situation, other: Power) -> Iterator[Idea]:
    """Border provinces that neither means to enter, by how much their entry would hurt."""
    if situation.has_said_kind(ActKind.DEMILITARISE, other):
        return
    entered = [*situation.plan, *situation.wanted(other)]
    consent = situation.consent(ActKind.DEMILITARISE, other)
    for province in situation.borders(other):
        if enters_any(entered, province):
            continue
        moves = _entries(situation, other, province)
        risk = sum(situation.judge.probability(other, o) for o in moves)
        harm = sum(situation.judge.probability(other, o) * max(0.0, -situation.gain(other, (o,))) for o in moves)
        worth = harm
        if is_first_turn(situation):
            worth += WORTH.first_zone * (0.5 + _tension(situation, other, province) / 10)
        elif risk < situation.config.zone_probability or harm < situation.config.min_gain / 2:
            continue
        zone = SpeechAct(ActKind.DEMILITARISE, situation.power, other, provinces=(province,))
        yield Idea((zone,), worth, f"neither plans to enter {province} (they might: {risk:.0%})", consent=consent)


def _entries(situation: Situation, other: Power, province: Province) -> list[Order]:
    """Their moves into a province, convoys aside."""
    options = situation.view.options(other)
    return [o for o in options if enters(o, (province,)) and not o.via_convoy]


def _tension(situation: Situation, other: Power, province: Province) -> float:
    """How close a province is to both powers' centres: the centres beside it, 0 to about 5."""
    around = geography().neighbours[province]
    mine = len(around & set(situation.view.centers(situation.power)))
    theirs = len(around & set(situation.view.centers(other)))
    return min(mine, theirs) * 1.5 + max(mine, theirs) * 0.5


def bounces(situation: Situation, other: Power) -> Iterator[Idea]:
    """A planned move into a border province where they may well be going too; not turn after turn."""
    if situation.has_said_kind(ActKind.BOUNCE, other):
        return
    for province in situation.borders(other):
        mine = [o for o in situation.plan if enters(o, (province,)) and situation.may_tell(o, other)]
        helped = any(o.target and enters_any((o,), province) for o in situation.plan if o.aided is not None)
        if not mine or helped or _bounced_lately(situation, other, province):
            continue
        chance = sum(situation.judge.probability(other, o) for o in _entries(situation, other, province))
        if chance >= 0.35:
            bounce = SpeechAct(ActKind.BOUNCE, situation.power, other, provinces=(province,))
            consent = situation.consent(ActKind.BOUNCE, other)
            yield Idea((bounce,), WORTH.bounce * chance, f"both may go to {province} ({chance:.0%})", consent=consent)


def stand_offs(situation: Situation, other: Power) -> Iterator[Idea]:
    """Where both bounced last turn and would again: another move of ours, if they stay out, too."""
    record = situation.last_record
    if record is None or situation.held:
        return
    for order in situation.plan:
        if order.kind is not OrderKind.MOVE or order.target is None or order.unit is None:
            continue
        province = province_of(order.target)
        tried = (record.orders.get(power, ()) for power in (situation.power, other))
        again = situation.danger(province, other) >= 0.35 and situation.view.unit_at(province) is None
        if not again or not all(any(enters(o, (province,)) for o in orders) for orders in tried):
            continue
        entering = [
            o for o in situation.view.legal_orders(situation.power)[order.unit.province] if enters(o, (province,))
        ]
        instead = situation.alternative(order.unit, entering, other)
        if instead is None or instead.kind is not OrderKind.MOVE or not situation.may_tell(instead, other):
            continue
        out = SpeechAct(ActKind.INFORM, situation.power, other, provinces=(province,), polarity=Polarity.NOT)
        offer = replace(situation.act(ActKind.OFFER, other, instead), condition=out)
        consent = situation.consent(ActKind.DEMILITARISE, other)
        yield Idea((offer,), WORTH.stand_off, f"both bounced in {province} and would again", consent=consent)


def _bounced_lately(situation: Situation, other: Power, province: Province) -> bool:
    """Whether a bounce there was agreed within two movement phases: it needs no words again."""
    agreed = situation.ledger.accepted(ActKind.BOUNCE, other)
    return any(province in r.act.provinces and lately(situation, r.phase) for r in agreed)
