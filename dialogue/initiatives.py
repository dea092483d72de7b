"""Ideas of one's own for another power: what would be worth saying unasked, best first.

Every idea is worth something in score by the judge's figures, or by a small constant where there is nothing
to measure (an apology, a greeting).  None is proposed that is illegal, was refused, or was said already in
this phase, and none tells an attack to its victim.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.board import geography
from dialogue.memory import Status, enters
from dialogue.situation import Honesty, Situation, SpeechPlan, destinations, touches, victim
from engine.notation import same_move
from engine.types import Order, OrderKind, Phase, PhaseKind, Power, Province, Unit, province_of


@dataclass(frozen=True)
class Worth:
    """What unmeasured ideas count for, in score, beside the measured gains of proposals."""

    apology: float = 0.02
    complaint: float = 0.006
    gratitude: float = 0.003
    alliance: float = 0.004
    joint_attack: float = 0.006
    first_zone: float = 0.005
    """A zone proposed on the first turn, before anybody has moved."""
    warning: float = 0.005
    question: float = 0.0025
    news: float = 0.0022
    offer: float = 0.006
    bounce: float = 0.008
    greeting: float = 0.001


WORTH = Worth()


@dataclass(frozen=True)
class Idea:
    """Acts that belong together, what they are worth to us, and why."""

    acts: tuple[SpeechAct, ...]
    worth: float
    reason: str


def initiative(situation: Situation, other: Power) -> tuple[SpeechPlan, float] | None:
    """The message to open a talk with, in a movement phase, and its worth; None: nothing worth saying."""
    config = situation.config
    if not situation.is_movement or situation.sent_to(other) > 0 or situation.talk(other):
        return None
    if config.max_messages < 1 or situation.unanswered(other) >= config.max_unanswered:
        return None
    found = ideas(situation, other)
    first_contact = is_first_turn(situation) and not situation.ledger.last_messages(other, 1)
    chosen: list[Idea] = []
    acts: list[SpeechAct] = []
    if first_contact:
        acts.append(SpeechAct(ActKind.SMALL_TALK, situation.power, other))
    for idea in found:
        room = len(acts) + len(idea.acts) <= config.max_acts and len(chosen) < config.max_ideas
        if room and not any(clash(new, old) for new in idea.acts for old in acts):
            chosen.append(idea)
            acts.extend(idea.acts)
    if not acts:
        return None
    worth = sum(i.worth for i in chosen) + (WORTH.greeting if first_contact else 0.0)
    reason = "; ".join((["first words of the game"] if first_contact else []) + [i.reason for i in chosen])
    return SpeechPlan(situation.power, other, tuple(_in_order(joined(acts, ActKind.INFORM))), None, reason), worth


def ideas(situation: Situation, other: Power) -> list[Idea]:
    """What would be worth saying to the other now, best first; nothing outside movement phases.

    Within a phase at most `SpeechConfig.max_ideas` requests, proposals and offers go to one power.
    """
    if not situation.is_movement or _ideas_voiced(situation, other) >= situation.config.max_ideas:
        return []
    hostile = situation.is_hostile(other) and situation.config.honesty is Honesty.TRUTHFUL
    found: list[Idea] = [*_apologies(situation, other), *_complaints(situation, other), *_thanks(situation, other)]
    found += _support_requests(situation, other)
    found += _offers(situation, other)
    found += _questions(situation, other)
    if not hostile:
        found += _proposals(situation, other)
        found += _zones(situation, other)
        found += _bounces(situation, other)
        found += _alliances(situation, other)
        found += _warnings(situation, other)
        found += _news(situation, other)
    fresh = [i for i in found if not any(_is_stale(situation, other, act) for act in i.acts)]
    return sorted(fresh, key=lambda i: -i.worth)


def is_first_turn(situation: Situation) -> bool:
    """Whether nothing has been played yet."""
    return not situation.view.history


# --- the past -------------------------------------------------------------------------------------


def _last_movement(situation: Situation) -> Phase | None:
    played = [r.phase for r in situation.view.history if r.phase.kind is PhaseKind.MOVEMENT]
    return played[-1] if played else None


def _apologies(situation: Situation, other: Power) -> Iterator[Idea]:
    last = _last_movement(situation)
    if last is None or situation.has_said_kind(ActKind.APOLOGISE, other):
        return
    broken = situation.ledger.promises_by(situation.power, to=other, status=Status.BROKEN, phase=last)
    if broken:
        yield Idea(
            (SpeechAct(ActKind.APOLOGISE, situation.power, other),),
            WORTH.apology,
            f"we broke our word to them in {last} ({_promised(broken[0].order, broken[0].provinces)})",
        )


def _complaints(situation: Situation, other: Power) -> Iterator[Idea]:
    last = _last_movement(situation)
    if last is None or situation.has_said_kind(ActKind.CLAIM_PAST, other):
        return
    for promise in situation.ledger.promises_by(other, to=situation.power, status=Status.BROKEN, phase=last):
        if promise.order is None or promise.polarity is Polarity.NOT:
            continue
        claim = SpeechAct(
            ActKind.CLAIM_PAST,
            situation.power,
            other,
            (ActOrder(other, promise.order),),
            polarity=Polarity.NOT,
            phase=last,
        )
        yield Idea((claim,), WORTH.complaint, f"they broke their word in {last}: {promise.order} was not given")
        return


def _thanks(situation: Situation, other: Power) -> Iterator[Idea]:
    """For support or a convoy that they really gave last turn."""
    last = _last_movement(situation)
    if last is None or situation.has_said_kind(ActKind.THANK, other):
        return
    record = next(r for r in reversed(situation.view.history) if r.phase == last)
    for order in record.orders.get(other, ()):
        at = None if order.aided is None else record.board.unit_at(order.aided.province)
        if at is not None and at[0] is situation.power:
            yield Idea((SpeechAct(ActKind.THANK, situation.power, other),), WORTH.gratitude, f"they gave {order}")
            return


# --- orders ---------------------------------------------------------------------------------------


def _support_requests(situation: Situation, other: Power) -> Iterator[Idea]:
    """Supports and convoys of theirs for units of ours, for orders that we plan."""
    for order in _supporting(situation, other):
        gain = situation.gain(other, (order,))
        if gain >= situation.config.min_gain and situation.judge.probability(other, order) < situation.config.likely:
            request = situation.act(ActKind.REQUEST_SUPPORT, other, order, by=other)
            yield Idea((request,), gain, f"{order} would be worth {gain:.3f} to us")


def _supporting(situation: Situation, other: Power) -> list[Order]:
    """Wanted, or at least plausible, orders of theirs that aid an order of ours, no attack on them."""
    found: list[Order] = []
    options = [o for orders in situation.view.legal_orders(other).values() for o in orders]
    for order in [*situation.wanted(other), *options]:
        if order.aided is None or order in found:
            continue
        mine = next((o for o in situation.plan if o.unit == order.aided), None)
        if mine is None or not situation.is_legal(other, order):
            continue
        is_wanted = any(same_move(order, w) for w in situation.wanted(other))
        if not is_wanted and situation.judge.probability(other, order) < situation.config.plausible:
            continue
        target = order.target and province_of(order.target)
        moves = mine.kind is OrderKind.MOVE and mine.target is not None and province_of(mine.target) == target
        stays = mine.kind is not OrderKind.MOVE and target is None
        if (moves or stays) and not touches(situation.view, mine, other):
            found.append(order)
    return found


def _offers(situation: Situation, other: Power) -> Iterator[Idea]:
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


def _proposals(situation: Situation, other: Power) -> Iterator[Idea]:
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
        threat = _threat(situation, other, order.unit)
        if order.kind is OrderKind.HOLD and threat < 0.2:
            continue
        gain = situation.gain(other, (order,))
        if gain < situation.config.min_gain or not plausible <= situation.judge.probability(other, order) < likely:
            continue
        proposal = situation.act(ActKind.PROPOSE, other, order, by=other)
        third = victim(situation.view, order, other)
        ours = [o for o in situation.plan if third and situation.victim(o, situation.power) is third]
        if third is not None and ours:
            yield Idea(
                (proposal, situation.act(ActKind.INFORM, other, ours[0])),
                gain + WORTH.joint_attack,
                f"a joint attack on {third.title()}: {order} is worth {gain:.3f} to us",
            )
        elif (
            third is not None
            or threat >= 0.2
            or gain >= 2 * situation.config.min_gain
            or situation.near(order, situation.power)
        ):
            yield Idea((proposal,), gain * (1.0 + threat), f"{order} would be worth {gain:.3f} to us")


def _threat(situation: Situation, other: Power, unit: Unit) -> float:
    """How likely this unit of the other is to move against us."""
    options = situation.view.legal_orders(other).get(unit.province, ())
    attacks = [o for o in options if o.kind is OrderKind.MOVE and touches(situation.view, o, situation.power)]
    return sum(situation.judge.probability(other, o) for o in attacks)


# --- borders --------------------------------------------------------------------------------------


def _zones(situation: Situation, other: Power) -> Iterator[Idea]:
    """Border provinces that neither means to enter, by how much their entry would hurt."""
    if situation.has_said_kind(ActKind.DEMILITARISE, other):
        return
    entered = [*situation.plan, *situation.wanted(other)]
    for province in situation.borders(other):
        if enters_any(entered, province):
            continue
        moves = [
            order
            for orders in situation.view.legal_orders(other).values()
            for order in orders
            if enters(order, (province,)) and not order.via_convoy
        ]
        risk = sum(situation.judge.probability(other, o) for o in moves)
        harm = sum(situation.judge.probability(other, o) * max(0.0, -situation.gain(other, (o,))) for o in moves)
        worth = harm
        if is_first_turn(situation):
            worth += WORTH.first_zone * (0.5 + _tension(situation, other, province) / 10)
        elif risk < situation.config.zone_probability or harm < situation.config.min_gain / 2:
            continue
        zone = SpeechAct(ActKind.DEMILITARISE, situation.power, other, provinces=(province,))
        yield Idea((zone,), worth, f"neither plans to enter {province} (they might: {risk:.0%})")


def _tension(situation: Situation, other: Power, province: Province) -> float:
    """How close a province is to both powers' centres: the centres beside it, 0 to about 5."""
    around = geography().neighbours[province]
    mine = len(around & set(situation.view.centers(situation.power)))
    theirs = len(around & set(situation.view.centers(other)))
    return min(mine, theirs) * 1.5 + max(mine, theirs) * 0.5


def _bounces(situation: Situation, other: Power) -> Iterator[Idea]:
    """A planned move into a border province where they may well be going too."""
    if situation.has_said_kind(ActKind.BOUNCE, other):
        return
    for province in situation.borders(other):
        mine = [o for o in situation.plan if enters(o, (province,)) and situation.may_tell(o, other)]
        helped = any(o.target and province_of(o.target) == province for o in situation.plan if o.aided is not None)
        if not mine or helped:
            continue
        moves = [
            o
            for orders in situation.view.legal_orders(other).values()
            for o in orders
            if enters(o, (province,)) and not o.via_convoy
        ]
        chance = sum(situation.judge.probability(other, o) for o in moves)
        if chance >= 0.35:
            bounce = SpeechAct(ActKind.BOUNCE, situation.power, other, provinces=(province,))
            yield Idea((bounce,), WORTH.bounce * chance, f"both may go to {province} ({chance:.0%})")


# --- third powers and news ------------------------------------------------------------------------


def _alliances(situation: Situation, other: Power) -> Iterator[Idea]:
    """Peace, or a common enemy whom both plans attack; a neighbour's business, and not every turn anew."""
    if not _is_neighbour(situation, other):
        return
    if situation.ledger.accepted(ActKind.ALLY, other) or _said_lately(situation, ActKind.ALLY, other):
        return
    if any(touches(situation.view, o, situation.power) for o in situation.wanted(other)):
        return
    mine = [v for o in situation.plan if (v := situation.victim(o, situation.power)) is not None]
    theirs = [v for o in situation.wanted(other) if (v := victim(situation.view, o, other)) is not None]
    common = sorted({v for v in mine if v in theirs and v is not other and v is not situation.power})
    ally = SpeechAct(ActKind.ALLY, situation.power, other, powers=tuple(common[:1]))
    if common:
        yield Idea((ally,), WORTH.joint_attack, f"both attack {common[0].title()}")
    elif is_first_turn(situation):
        yield Idea((ally,), WORTH.alliance, "an alliance with a neighbour")


def _warnings(situation: Situation, other: Power) -> Iterator[Idea]:
    """An attack on them that is expected of a third power, and that we have no part in."""
    if situation.has_said_kind(ActKind.WARN, other):
        return
    for third in situation.view.alive:
        if third in (other, situation.power) or situation.ledger.accepted(ActKind.ALLY, third):
            continue
        if not (situation.is_near(third) or situation.is_near(other)):
            continue
        told = [p.order for p in situation.ledger.promises_by(third, phase=situation.phase) if p.order is not None]
        attacks = [
            o
            for orders in situation.view.legal_orders(third).values()
            for o in orders
            if o.kind is OrderKind.MOVE and not o.via_convoy and touches(situation.view, o, other)
        ]
        for order in attacks:
            chance = situation.judge.probability(third, order)
            helped = any(o.aided == order.unit for o in situation.plan)
            in_confidence = any(same_move(order, t) for t in told)
            if chance >= situation.config.warn_probability and not helped and not in_confidence:
                warning = SpeechAct(ActKind.WARN, situation.power, other, (ActOrder(third, order),), powers=(third,))
                yield Idea((warning,), WORTH.warning * chance, f"{third.title()} will play {order} with {chance:.0%}")


def _questions(situation: Situation, other: Power) -> Iterator[Idea]:
    """Where it is unsure whether they come at us, and matters."""
    if situation.has_said_kind(ActKind.ASK, other) or not _is_neighbour(situation, other):
        return
    for orders in situation.view.legal_orders(other).values():
        for order in orders:
            if order.kind is not OrderKind.MOVE or not touches(situation.view, order, situation.power):
                continue
            chance = situation.judge.probability(other, order)
            harm = max(0.0, -situation.gain(other, (order,)))
            if 0.1 <= chance <= 0.9 and harm >= situation.config.min_gain and order.target is not None:
                ask = situation.act(ActKind.ASK, other, order, by=other)
                yield Idea((ask,), WORTH.question + harm * chance, f"they may play {order} ({chance:.0%})")
    last = _last_movement(situation)
    if last is None or not situation.ledger.said(situation.power, kind=ActKind.ASK, to=other, phase=last):
        yield Idea((SpeechAct(ActKind.ASK, situation.power, other),), WORTH.question / 2, "wants to know their plans")


def _news(situation: Situation, other: Power) -> Iterator[Idea]:
    """Moves of ours beside them that look worse than they are."""
    centers = set(situation.view.centers(other))
    places = centers | {u.province for u in situation.view.units(other)}
    for order in situation.tellable(other):
        if order.kind is not OrderKind.MOVE or order.target is None or order.unit is None:
            continue
        was = set(destinations(situation.view, order.unit)) & places
        beside = geography().neighbours[province_of(order.target)] & places
        if beside - was and not situation.has_said(situation.act(ActKind.INFORM, other, order)):
            yield Idea(
                (situation.act(ActKind.INFORM, other, order),),
                WORTH.news,
                f"{order} comes near them and means no harm",
            )


# --- small parts ----------------------------------------------------------------------------------


def enters_any(orders: Iterable[Order], province: Province) -> bool:
    """Whether one of the orders goes into the province, or helps another's unit into it."""
    return any(
        o.target is not None and o.kind is not OrderKind.RETREAT and province_of(o.target) == province for o in orders
    )


def _is_neighbour(situation: Situation, other: Power) -> bool:
    return situation.is_near(other, steps=3 if is_first_turn(situation) else 2)


def _said_lately(situation: Situation, kind: ActKind, other: Power) -> bool:
    """Whether we did such an act towards the other within a year."""
    return any(
        situation.phase.year - e.message.phase.year < 2
        for e in situation.ledger.said(situation.power, kind=kind, to=other)
    )


_IDEAS = (
    ActKind.PROPOSE,
    ActKind.REQUEST_SUPPORT,
    ActKind.OFFER,
    ActKind.COUNTER,
    ActKind.DEMILITARISE,
    ActKind.BOUNCE,
    ActKind.ALLY,
    ActKind.WARN,
)


def _ideas_voiced(situation: Situation, other: Power) -> int:
    """How many ideas of ours the other has heard in this phase."""
    mine = [e for e in situation.talk(other) if e.message.sender is situation.power]
    return sum(act.kind in _IDEAS for e in mine for act in e.acts)


def _is_stale(situation: Situation, other: Power, act: SpeechAct) -> bool:
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
    asking = (ActKind.PROPOSE, ActKind.REQUEST_SUPPORT, ActKind.COUNTER)
    if any(a.kind is ActKind.BOUNCE and b.kind in asking for a, b in ((idea, said), (said, idea))):
        return True
    units = {o.order.unit.province for o in said.orders if o.order.unit is not None}
    if any(o.order.unit is not None and o.order.unit.province in units for o in idea.orders):
        return True
    return bool(_places(idea) & set(said.provinces) or _places(said) & set(idea.provinces))


def _places(act: SpeechAct) -> set[Province]:
    return {*act.provinces, *(province_of(o.order.target) for o in act.orders if o.order.target is not None)}


def joined(acts: list[SpeechAct], kind: ActKind) -> list[SpeechAct]:
    """The acts with those of one kind that say what is done as one act, at the place of the first."""
    same = [a for a in acts if a.kind is kind and a.polarity is Polarity.DO and not a.provinces]
    if len(same) < 2:
        return acts
    orders = tuple(dict.fromkeys(item for a in same for item in a.orders))
    whole = replace(same[0], orders=orders[:2] if kind is ActKind.INFORM else orders)
    return [whole if a is same[0] else a for a in acts if a is same[0] or a not in same]


def _in_order(acts: list[SpeechAct]) -> list[SpeechAct]:
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


def _promised(order: Order | None, provinces: tuple[Province, ...]) -> str:
    return str(order) if order is not None else "/".join(provinces)
