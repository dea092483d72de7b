"""Ideas beyond one order: alliances, warnings, questions, news."""

from __future__ import annotations

from collections.abc import Iterator

from dialogue.acts import ActKind, ActOrder, SpeechAct
from dialogue.board import geography
from dialogue.ideas import WORTH, Idea, is_first_turn, is_neighbour, said_lately
from dialogue.memory import RequestStatus
from dialogue.situation import Situation, destinations, is_near, touches, victim
from engine.notation import same_move
from engine.types import Order, OrderKind, Power, province_of

_QUESTIONS = 4
"""Moves of another that it weighs asking about."""
_MENACING = 0.5
"""Moves of a power that come at us or beside our centres, in expectation, from which it is the common enemy."""


# --- alliances -----------------------------------------------------------------------------------------


def alliances(situation: Situation, other: Power) -> Iterator[Idea]:
    """Peace, or an alliance against a common enemy; a neighbour's business, and not every turn anew."""
    if not is_neighbour(situation, other):
        return
    if situation.ledger.accepted(ActKind.ALLY, other) or said_lately(situation, ActKind.ALLY, other, phases=3):
        return
    if any(touches(situation.view, o, situation.power) for o in situation.wanted(other)):
        return
    enemy = common_enemy(situation)
    if other is enemy or is_joined_against(situation, other):
        return  # peace with one is not offered while others are asked to join against it
    consent = situation.consent(ActKind.ALLY, other)
    joins = enemy is not None and is_near(situation.view, other, enemy, steps=3 if is_first_turn(situation) else 2)
    ally = SpeechAct(ActKind.ALLY, situation.power, other, powers=(enemy,) if joins and enemy is not None else ())
    if joins and enemy is not None and any(victim(situation.view, o, other) is enemy for o in situation.wanted(other)):
        yield Idea((ally,), WORTH.joint_attack, f"both attack {enemy.title()}", consent=consent)
    elif is_first_turn(situation):
        yield Idea((ally,), WORTH.alliance, "an alliance with a neighbour", consent=consent)
    elif joins:
        yield Idea((ally,), WORTH.alliance / 2, f"neighbours of {enemy}, whom we fight", consent=consent)


def is_joined_against(situation: Situation, other: Power) -> bool:
    """Whether an alliance against the other was asked for by us and not refused, or granted by us; lately."""
    if any(other in enemies for _, enemies in situation.allied):
        return True
    for request in situation.ledger.requests:
        if request.act.kind is ActKind.ALLY and other in request.act.powers:
            standing = request.status is not RequestStatus.REFUSED
            ours = standing if request.by is situation.power else request.status is RequestStatus.ACCEPTED
            if ours and situation.phase.year - request.phase.year < 2:
                return True
    return False


def common_enemy(situation: Situation) -> Power | None:
    """Whom others are asked to join against: whom our plan attacks; before the first turn, who menaces us most.

    No ally of ours, and no power that we asked for peace.
    """
    others = [p for p in situation.view.alive if p is not situation.power and not _at_peace(situation, p)]
    attacked = [v for o in situation.plan if (v := situation.victim(o, situation.power)) in others]
    if attacked:
        return max(sorted(set(attacked)), key=lambda p: (attacked.count(p), -p.number))
    if not is_first_turn(situation):
        return None
    menace = {p: _menace(situation, p) for p in others}
    most = max(others, key=lambda p: (menace[p], -p.number), default=None)
    return most if most is not None and menace[most] >= _MENACING else None


def _at_peace(situation: Situation, other: Power) -> bool:
    """Whether an alliance with the other was agreed, or proposed by either and not refused, lately."""
    if any(other is ally for ally, _ in situation.allied):
        return True
    pair = {situation.power, other}
    return any(
        r.act.kind is ActKind.ALLY
        and {r.by, r.to} == pair
        and r.status is not RequestStatus.REFUSED
        and situation.phase.year - r.phase.year < 2
        for r in situation.ledger.requests
    )


def _menace(situation: Situation, third: Power) -> float:
    """Moves of a power that come at us or stand beside our centres afterwards, in expectation."""
    options = situation.view.options(third)
    return sum(situation.judge.probability(third, o) for o in options if situation.threatens(o))


# --- warnings ------------------------------------------------------------------------------------------


def warnings(situation: Situation, other: Power) -> Iterator[Idea]:
    """An attack on them that is expected of a third power, that we have no part in, and that does us no good."""
    if said_lately(situation, ActKind.WARN, other, phases=1):
        return
    for third in situation.view.alive:
        if third in (other, situation.power) or situation.ledger.accepted(ActKind.ALLY, third):
            continue
        if not (situation.is_near(third) or situation.is_near(other)):
            continue
        told = [p.order for p in situation.ledger.promises_by(third, phase=situation.phase) if p.order is not None]
        for order in _attacks_on(situation, third, other):
            chance = situation.judge.probability(third, order)
            helped = any(o.aided == order.unit for o in situation.plan)
            in_confidence = any(same_move(order, t) for t in told)
            if chance < situation.config.warn_probability or helped or in_confidence:
                continue
            if situation.gain(third, (order,)) > 0 or not _wishes_well(situation, other, third):
                continue  # it suits us, or is not our business
            warning = SpeechAct(ActKind.WARN, situation.power, other, (ActOrder(third, order),), powers=(third,))
            yield Idea((warning,), WORTH.warning * chance, f"{third.title()} will play {order} with {chance:.0%}")


def _wishes_well(situation: Situation, other: Power, third: Power) -> bool:
    """Whether the other is an ally of ours, or the third power an enemy."""
    return bool(situation.ledger.accepted(ActKind.ALLY, other)) or situation.is_hostile(third)


def _attacks_on(situation: Situation, attacker: Power, power: Power) -> list[Order]:
    options = situation.view.options(attacker)
    return [o for o in options if o.kind is OrderKind.MOVE and not o.via_convoy and touches(situation.view, o, power)]


# --- questions -----------------------------------------------------------------------------------------


def questions(situation: Situation, other: Power) -> Iterator[Idea]:
    """Whether they play what our best action turns on; what they plan at all, if we have not asked for a while."""
    if situation.has_said_kind(ActKind.ASK, other) or not is_neighbour(situation, other):
        return
    trust = situation.ledger.trust(other)
    for order, chance in _uncertain(situation, other):
        worth = trust * situation.judge.worth_of_knowing(other, order)
        if worth >= situation.config.min_knowing:
            ask = situation.act(ActKind.ASK, other, order, by=other)
            reason = f"they may play {order} ({chance:.0%}); to know is worth {worth:.3f}"
            yield Idea((ask,), WORTH.question + worth, reason)
    if is_first_turn(situation) or not said_lately(situation, ActKind.ASK, other, phases=3):
        yield Idea((SpeechAct(ActKind.ASK, situation.power, other),), WORTH.question, "wants to know their plans")


def _uncertain(situation: Situation, other: Power) -> list[tuple[Order, float]]:
    """Moves of theirs near us, no attacks on us, of which it is least sure whether they come; with their chances."""
    options = situation.view.options(other)
    moves = [
        (o, situation.judge.probability(other, o))
        for o in options
        if o.kind is OrderKind.MOVE and not touches(situation.view, o, situation.power)
    ]
    open_ = [(o, chance) for o, chance in moves if 0.1 <= chance <= 0.9 and situation.near(o, situation.power)]
    return sorted(open_, key=lambda item: (abs(item[1] - 0.5), str(item[0])))[:_QUESTIONS]


def exchanges(situation: Situation, other: Power) -> Iterator[Idea]:
    """To one far away, before the first turn: what it hears of a power between us."""
    if not is_first_turn(situation) or is_neighbour(situation, other):
        return
    between = [
        p
        for p in situation.view.alive
        if p not in (situation.power, other) and situation.is_near(p) and is_near(situation.view, other, p)
    ]
    if between:
        third = max(between, key=lambda p: (_menace(situation, p), -p.number))
        ask = SpeechAct(ActKind.ASK, situation.power, other, powers=(third,))
        yield Idea((ask,), WORTH.question / 2, f"{third.title()} lies between us")


# --- news ----------------------------------------------------------------------------------------------


def news(situation: Situation, other: Power) -> Iterator[Idea]:
    """To one with whom we are at peace: moves of ours beside it that look worse than they are."""
    if not situation.ledger.accepted(ActKind.ALLY, other):
        return
    places = set(situation.view.centers(other)) | {u.province for u in situation.view.units(other)}
    for order in situation.tellable(other):
        if order.kind is not OrderKind.MOVE or order.target is None or order.unit is None:
            continue
        was = set(destinations(situation.view, order.unit)) & places
        beside = geography().neighbours[province_of(order.target)] & places
        if province_of(order.target) in situation.borders(other):
            continue  # where both could go is to be settled, not announced
        if beside - was and not situation.has_said(situation.act(ActKind.INFORM, other, order)):
            yield Idea(
                (situation.act(ActKind.INFORM, other, order),),
                WORTH.news,
                f"{order} comes near them and means no harm",
            )
