"""What the speech planner looks at: the board seen from one pair of powers, the intents, the talk so far.

`Situation` gathers it and answers the questions that replies and initiatives share: is this order hostile
to that power, may it be told, what is a proposal worth, what would it cost.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from numpy.random import Generator

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.board import geography, last_movement, record_of
from dialogue.honesty import PRICELESS, Honesty, Scruples
from dialogue.memory import Ledger, Remembered, Status, enters
from engine.board import Board
from engine.game import GameView
from engine.notation import same_move
from engine.record import PhaseRecord
from engine.types import (
    Action,
    Intent,
    Message,
    Order,
    OrderKind,
    Phase,
    PhaseKind,
    Power,
    Province,
    Unit,
    UnitKind,
    province_of,
)

_INSTRUCTED = 0.03
"""What each order that it is told to have counts for in a trade, in score: as much as a promise."""


class Judge(Protocol):
    """What the planner thinks of orders, in score (0 to 1); None where it never considered them."""

    def regret(self, orders: Sequence[Order]) -> float | None:
        """My best score less the best among my actions that contain all these orders of mine."""
        ...

    def value_if(self, power: Power, orders: Sequence[Order]) -> float | None:
        """My expected score if that power plays an action with these orders; with none: as things are."""
        ...

    def probability(self, power: Power, order: Order) -> float:
        """How likely that power is to give the order."""
        ...

    def cost_to(self, power: Power, orders: Sequence[Order]) -> float | None:
        """What that power would lose by these orders in its own eyes."""
        ...

    def worth_of_knowing(self, power: Power, order: Order) -> float:
        """What it is worth to me to know beforehand whether that power gives the order."""
        ...


@dataclass(frozen=True)
class SpeechConfig:
    """When to speak, what is worth saying, what to agree to.  Scores are shares of 1."""

    honesty: Honesty = Honesty.TRUTHFUL
    max_messages: int = 4
    """To one recipient in one phase."""
    max_phase_messages: int = 14
    """To all together in one phase."""
    max_unanswered: int = 1
    """Messages in a row to one recipient in one phase without a reply."""
    max_initiatives: int = 4
    """Recipients who are written to unasked, in one phase."""
    max_first_initiatives: int = 6
    """The same in the first phase of a game."""
    max_acts: int = 3
    """In one message."""
    max_ideas: int = 2
    """Ideas of its own (a request, an offer, a zone ...) to one recipient in one phase."""
    alternatives: int = 3
    """Messages to one recipient that are compared, silence apart."""
    judged: int = 2
    """How many of them are compared by a search each, that with what it expects of the others thereafter; 0: the
    estimates alone decide."""
    timing: bool = True
    """Whether people's timing in public games decides among what is allowed (`dialogue.timing`)."""
    least_worth: float = 0.00025
    """Who was asked nothing keeps silent if what it would say, times the chance that a person would write now, is
    worth less."""
    reminder: float = 0.7
    """Share of a phase's time after which it reminds another once of help that was agreed earlier."""
    agree_regret: float = 0.006
    """A request is granted if it costs at most this much."""
    affordable: float = 0.02
    """Orders that cost another this much are granted e times more seldom than those that cost nothing."""
    harm_tolerance: float = 0.004
    """Plans of others that cost it no more than this get no objection."""
    min_gain: float = 0.004
    """An idea must be worth this much to be proposed."""
    likely: float = 0.7
    """Orders of others at least this probable need no proposing."""
    plausible: float = 0.02
    """Orders of others less probable than this are not worth proposing."""
    wary: float = 0.25
    """From this chance of an attack on a place it tells the attacker nothing of the defence."""
    warn_probability: float = 0.5
    """How sure it must be of an attack to warn of it."""
    trade_regret: float = 0.012
    """What it gives in a trade may cost at most this much."""
    min_knowing: float = 0.001
    """A question about an order is worth asking from this worth of the answer on."""
    zone_probability: float = 0.03
    """How likely an entry must be for a demilitarised zone to be worth a word."""
    public: bool = True
    """Whether it says anything to all: a greeting, congratulations, a word for a draw, a breach of faith."""
    max_public: int = 3
    """Messages to all in one game."""
    thank_for_yes: bool = True
    """Thank once a phase when a request is granted."""
    price_of_promise: float = 0.03
    """`Commitment.price` of a promise, an agreement, an offer that was taken up, where words are priced at all."""
    price_of_inform: float = 0.015
    """The same of a mere announcement."""

    def price(self, firm: bool) -> float:
        """`Commitment.price` of a word given, at this level of honesty; `firm`: it is more than an announcement."""
        times = self.honesty.scruples.price
        return PRICELESS if math.isinf(times) else times * (self.price_of_promise if firm else self.price_of_inform)


@dataclass(frozen=True)
class SpeechPlan:
    """One message to be written: the acts, in the order in which they are said."""

    sender: Power
    recipient: Power
    acts: tuple[SpeechAct, ...]
    answers: Message | None = None
    """The message it replies to."""
    reason: str = ""
    """Why, for the log."""
    worth: float = 0.0
    """Estimate of what it gains its sender, in score."""
    manners: float = 0.0
    """The part of that which no search shows: an answer, a greeting, thanks."""
    consent: float = 1.0
    """How likely what it asks for is granted; 1: it asks for nothing."""
    words: str = ""
    """The message itself, where no act holds what it says; "": it is to be worded."""


@dataclass(frozen=True)
class Instructions:
    """What whoever the speaker plays for wants it to say, or not to say."""

    wanted: Mapping[Power, Action] = field(default_factory=dict)
    """Orders to be had of others, by power: asked for and paid for whatever they are worth."""
    forbidden: frozenset[ActKind] = frozenset()
    """Kinds of acts that are not to be said."""

    def permits(self, acts: Iterable[SpeechAct]) -> bool:
        """Whether none of the acts is forbidden."""
        return not any(act.kind in self.forbidden for act in acts)


@dataclass(frozen=True)
class Situation:
    """Everything one round of speech planning looks at."""

    view: GameView
    power: Power
    intents: Mapping[Power, Intent]
    ledger: Ledger
    judge: Judge
    config: SpeechConfig
    rng: Generator
    pledged: tuple[tuple[Power, Order], ...] = ()
    """Orders promised to somebody in messages of this round, which the ledger does not know yet."""
    allied: tuple[tuple[Power, tuple[Power, ...]], ...] = ()
    """With whom an alliance was agreed in messages of this round, and against whom."""
    assent: Mapping[ActKind, float] = field(default_factory=dict)
    """How often requests of each kind are granted."""
    elapsed: float | None = None
    """Share of the phase's time that has passed; None: not known."""
    held: bool = False
    """Whether the intents are settled: no other order of either side is offered, asked for or traded."""
    instructions: Instructions = field(default_factory=Instructions)

    @property
    def phase(self) -> Phase:
        """The phase at hand."""
        return self.view.phase

    @property
    def scruples(self) -> Scruples:
        """What this power's honesty stands by."""
        return self.config.honesty.scruples

    @property
    def is_movement(self) -> bool:
        """Whether units move in the phase at hand."""
        return self.phase.kind is PhaseKind.MOVEMENT

    @cached_property
    def plan(self) -> Action:
        """The orders this power means to give now, those just pledged included; empty where no intent says."""
        planned = next((i.own.orders for i in self.intents.values() if i.own.phase == self.phase), ())
        pledged = {o.unit.province: o for _, o in self.pledged if o.unit is not None}
        return tuple(pledged.get(o.unit.province, o) if o.unit is not None else o for o in planned)

    def wanted(self, other: Power) -> Action:
        """What this power would like the other to play now, within the plausible."""
        intent = self.intents.get(other)
        return intent.wanted.orders if intent is not None and intent.wanted.phase == self.phase else ()

    def instructed(self, other: Power) -> Action:
        """The orders that this power is told to have of the other, those that are legal."""
        wanted = self.instructions.wanted.get(other, ())
        return tuple(form for order in wanted if (form := self.legal(other, order)) is not None)

    # --- talk ------------------------------------------------------------------------------------------

    def talk(self, other: Power) -> tuple[Remembered, ...]:
        """This phase's messages with the other power."""
        return self.ledger.messages_this_phase(other, self.phase)

    def unread_from(self, other: Power) -> tuple[Remembered, ...]:
        """The other's messages since this power last wrote to it, in this phase."""
        return self.ledger.unread_from(other, self.phase)

    def sent_to(self, other: Power) -> int:
        """How many messages this power wrote to the other in this phase."""
        return sum(e.message.sender is self.power for e in self.talk(other))

    def unanswered(self, other: Power) -> int:
        """How many messages in a row stand without a reply, in this phase."""
        talk = self.talk(other)
        last = max((i for i, e in enumerate(talk) if e.message.sender is other), default=-1)
        return len(talk) - 1 - last

    def talk_has_begun(self, other: Power) -> bool:
        """Whether this power wrote to the other in this phase."""
        return self.sent_to(other) > 0

    def has_ever_written(self, other: Power) -> bool:
        """Whether this power wrote to the other alone in any phase."""
        return any(e.message.recipient is other for e in self.ledger.said(self.power, to=other))

    def has_said(self, act: SpeechAct) -> bool:
        """Whether this power said the same to the same in this phase."""
        return bool(self.ledger.said(self.power, act=act, to=act.addressee, phase=self.phase))

    def has_said_kind(self, kind: ActKind, other: Power) -> bool:
        """Whether this power did such an act towards the other in this phase."""
        return bool(self.ledger.said(self.power, kind=kind, to=other, phase=self.phase))

    def act(self, kind: ActKind, other: Power, *orders: Order, by: Power | None = None) -> SpeechAct:
        """An act of this power towards the other, about orders of `by` (this power unless said)."""
        return SpeechAct(kind, self.power, other, tuple(ActOrder(by or self.power, order) for order in orders))

    def past_orders(self, power: Power, phase: Phase | None) -> Action | None:
        """What a power ordered in an earlier phase (None: the last movement phase); None: not on record."""
        record = record_of(self.view, phase)
        return None if record is None else record.orders.get(power)

    # --- board -----------------------------------------------------------------------------------------

    @property
    def last_record(self) -> PhaseRecord | None:
        """The last movement phase played; None: there was none."""
        return last_movement(self.view)

    def reach(self, power: Power) -> frozenset[Province]:
        """Provinces a unit of this power could move to now, convoys aside, or stands in."""
        near = {u.province for u in self.view.units(power)}
        for unit in self.view.units(power):
            near |= destinations(self.view, unit)
        return frozenset(near)

    def is_near(self, other: Power, steps: int = 2) -> bool:
        """Whether a unit or centre of the other lies within some steps of one of this power's."""
        return is_near(self.view, self.power, other, steps)

    def is_legal(self, power: Power, order: Order) -> bool:
        """Whether the power may give the order now, coasts and VIA aside."""
        return self.legal(power, order) is not None

    def legal(self, power: Power, order: Order) -> Order | None:
        """The legal order that this one means (its coast or VIA put right); None: there is none."""
        return self.view.legal_form(power, order)

    def plans(self, order: Order) -> bool:
        """Whether the order is in this power's own plan."""
        return any(same_move(order, mine) for mine in self.plan)

    def victim(self, order: Order, mover: Power) -> Power | None:
        """Whom the order attacks: the owner of the unit or centre that is moved against."""
        return victim(self.view, order, mover)

    def is_hostile(self, other: Power) -> bool:
        """Whether this power's plan attacks the other (in movement phases; else no)."""
        return any(touches(self.view, order, other) for order in self.plan)

    def spoils(self, other: Power) -> Order | None:
        """An order that the other told this power of, for this phase, and its own plan stops unasked; None: none."""
        agreed = {
            p for r in self.ledger.accepted(ActKind.BOUNCE, other) if r.phase == self.phase for p in r.act.provinces
        }
        for promise in self.ledger.promises_by(other, to=self.power, status=Status.OPEN, phase=self.phase):
            told = promise.order
            if told is None or told.kind is not OrderKind.MOVE or told.target is None:
                continue
            place = province_of(told.target)
            if promise.polarity is Polarity.DO and place not in agreed and any(enters(o, (place,)) for o in self.plan):
                return told
        return None

    def is_at_odds(self, other: Power) -> bool:
        """Whether this power's plan attacks the other, or the other attacked it in the last movement phase."""
        if self.is_hostile(other):
            return True
        last = self.last_record
        if last is None:
            return False
        came = (o for o in last.orders.get(other, ()) if o.kind is OrderKind.MOVE)
        return any(touches(last.board, o, self.power) for o in came)

    def may_tell(self, order: Order, other: Power) -> bool:
        """Whether an order of its own may be told: no attack on the hearer, nor on a friend of the hearer; no guard."""
        if touches(self.view, order, other) or self._covers_attack(order, other) or self._guards(order, other):
            return False
        if any(hearer is not other and _same_unit(pledged, order) for hearer, pledged in self.pledged):
            return False  # promised a moment ago: the plan has yet to be made anew around it
        against = self.victim(order, self.power)
        if against is None:
            return True
        helps = order.aided is not None and self._owns(other, order.aided)
        return helps or any(self.victim(o, other) is against for o in self.wanted(other))

    def _covers_attack(self, order: Order, other: Power) -> bool:
        """Whether an order fills the place that an attack on the other leaves, and so would give it away."""
        left = {o.unit.province for o in self.plan if o.unit is not None and touches(self.view, o, other)}
        return order.target is not None and province_of(order.target) in left

    def _guards(self, order: Order, other: Power) -> bool:
        """Whether an order defends a place that the other may well attack, and so would tell it where to go instead."""
        if order.unit is None:
            return False
        place = province_of(order.target) if order.target is not None else (order.aided or order.unit).province
        standing = self.view.unit_at(place)
        ours = self.view.owner_of(place) is self.power or (standing is not None and standing[0] is self.power)
        if not ours or (standing is not None and standing[1] == order.unit and order.target is not None):
            return False
        return self.danger(place, other) >= self.config.wary

    def danger(self, place: Province, other: Power) -> float:
        """How likely a unit of the other moves to this place."""
        options = self.view.options(other)
        return sum(self.judge.probability(other, o) for o in options if enters(o, (place,)))

    def near(self, order: Order, other: Power) -> bool:
        """Whether an order concerns the other: it happens within reach of its units or aids one."""
        if order.unit is None:
            return False
        if order.aided is not None and self._owns(other, order.aided):
            return True
        reach = self.reach(other) | set(self.view.centers(other))
        places = {order.unit.province} | ({province_of(order.target)} if order.target else set())
        return bool(places & reach)

    def tellable(self, other: Power) -> list[Order]:
        """Its own orders that concern the other and may be told: moves first, the surest first."""
        return self._tellable([o for o in self.plan if self.near(o, other)], other)

    def tellable_elsewhere(self, other: Power) -> list[Order]:
        """Its own moves, the surest first, that may be told to whoever asks, near or not."""
        return self._tellable([o for o in self.plan if o.kind is OrderKind.MOVE], other)

    def _tellable(self, orders: Sequence[Order], other: Power) -> list[Order]:
        """Those that may be told: none that may well stand in the other's way, and none at all to an enemy.

        Nor any once it had to take something back in this phase: who changes plans had better keep them to himself.
        """
        if self.has_said_kind(ActKind.APOLOGISE, other) or self.is_at_odds(other):
            return []
        told = (o for o in orders if self.may_tell(o, other) and not self._may_block(o, other))
        return sorted(told, key=self._sureness)

    def _may_block(self, order: Order, other: Power) -> bool:
        """Whether a move goes where the other may well go itself."""
        if order.kind is not OrderKind.MOVE or order.target is None:
            return False
        return self.danger(province_of(order.target), other) >= self.config.wary

    def _sureness(self, order: Order) -> tuple[bool, float, str]:
        chance = self.judge.probability(self.power, order)
        return (order.kind is not OrderKind.MOVE, -chance, str(order))

    def threatens(self, order: Order) -> bool:
        """Whether another's move comes at a unit or centre of this power, or beside a centre of it."""
        if order.kind is not OrderKind.MOVE or order.target is None:
            return False
        place = province_of(order.target)
        beside = geography().neighbours[place] & set(self.view.centers(self.power))
        return touches(self.view, order, self.power) or bool(beside)

    def borders(self, other: Power) -> list[Province]:
        """Empty provinces that both could enter now and neither owns, supply centres left out, sorted."""
        centers = set(self.view.map_data.centers)
        mine = {p for u in self.view.units(self.power) for p in destinations(self.view, u)}
        theirs = {p for u in self.view.units(other) for p in destinations(self.view, u)}
        return sorted(p for p in mine & theirs if self.view.unit_at(p) is None and p not in centers)

    def _owns(self, power: Power, unit: Unit) -> bool:
        at = self.view.unit_at(unit.province)
        return at is not None and at[0] is power

    # --- worth -----------------------------------------------------------------------------------------

    def gain(self, other: Power, orders: Sequence[Order]) -> float:
        """What it is worth to this power that the other plays these orders; 0 where nobody knows.

        What it is told to have counts for more.
        """
        before, after = self.judge.value_if(other, ()), self.judge.value_if(other, orders)
        told = sum(any(same_move(order, wanted) for wanted in self.instructed(other)) for order in orders)
        return _INSTRUCTED * told + (0.0 if before is None or after is None else after - before)

    def consent(self, kind: ActKind, other: Power, orders: Sequence[Order] = ()) -> float:
        """How likely the other is to grant a request, by how often it is granted and what the orders would cost it."""
        often = self.assent.get(kind, 0.5)
        if not orders:
            return often
        cost = self.judge.cost_to(other, orders)
        return often * (0.5 if cost is None else math.exp(-max(0.0, cost) / self.config.affordable))

    def cost(self, orders: Sequence[Order]) -> float | None:
        """What it costs this power to play these orders; 0 if they are planned, None where nobody knows."""
        if all(self.plans(order) for order in orders):
            return 0.0
        regret = self.judge.regret(orders)
        return None if regret is None else max(0.0, regret)

    def promised_elsewhere(self, order: Order, other: Power) -> bool:
        """Whether the order would break an open promise to a third power that binds this one."""
        for hearer, pledged in self.pledged:
            if hearer is not other and _same_unit(pledged, order) and not same_move(pledged, order):
                return True
        given = self.ledger.promises_by(self.power, status=Status.OPEN, phase=self.phase)
        for promise in given if self.scruples.binds else ():
            if promise.to is other:
                continue
            if promise.order is None:
                if promise.polarity is Polarity.NOT and enters(order, promise.provinces):
                    return True
                going = [o for o in self.plan if enters(o, promise.provinces) and _same_unit(o, order)]
                if promise.polarity is Polarity.DO and going and not enters(order, promise.provinces):
                    return True
            elif promise.polarity is Polarity.NOT:
                if same_move(promise.order, order):
                    return True
            elif _same_unit(promise.order, order) and not same_move(promise.order, order):
                return True
        return False

    def alternative(self, unit: Unit, forbidden: Iterable[Order], other: Power) -> Order | None:
        """The cheapest other order for a unit, no attack on the other, if it costs no more than may be agreed to."""
        banned = list(forbidden)
        best: tuple[float, str, Order] | None = None
        for order in self.view.legal_orders(self.power).get(unit.province, ()):
            if any(same_move(order, b) for b in banned) or touches(self.view, order, other):
                continue
            if order.aided is not None and not self._owns(self.power, order.aided):
                continue
            cost = self.cost((order,))
            if cost is None or cost > self.config.agree_regret:
                continue
            if best is None or (cost, str(order)) < best[:2]:
                best = (cost, str(order), order)
        return None if best is None else best[2]


def is_near(board: Board, power: Power, other: Power, steps: int = 2) -> bool:
    """Whether a unit or centre of one power lies within some steps of one of the other's."""
    places = {u.province for u in board.units(power)} | set(board.centers(power))
    for _ in range(steps):
        places |= {q for p in places for q in geography().neighbours[p]}
    return bool(places & ({u.province for u in board.units(other)} | set(board.centers(other))))


def destinations(board: Board, unit: Unit) -> frozenset[Province]:
    """The provinces a unit could move to, convoys aside, whatever stands there."""
    data = board.map_data
    moves = data.army_moves if unit.kind is UnitKind.ARMY else data.fleet_moves
    return frozenset(province_of(place) for place in moves.get(unit.location, ()))


def touches(board: Board, order: Order, other: Power) -> bool:
    """Whether the order attacks the other: moves into, or helps another's unit into, its centre or unit.

    A support or convoy of the other's own unit is none.
    """
    if order.target is None or order.kind not in (OrderKind.MOVE, OrderKind.SUPPORT, OrderKind.CONVOY):
        return False
    if order.aided is not None:
        at = board.unit_at(order.aided.province)
        if at is not None and at[0] is other:
            return False
    place = province_of(order.target)
    standing = board.unit_at(place)
    return board.owner_of(place) is other or (standing is not None and standing[0] is other)


def victim(board: Board, order: Order, mover: Power) -> Power | None:
    """The power that an order of `mover` attacks, the one whose unit stands there first; None: nobody."""
    if order.target is None:
        return None
    place = province_of(order.target)
    standing = board.unit_at(place)
    for power in (standing[0] if standing is not None else None, board.owner_of(place)):
        if power is not None and power is not mover and touches(board, order, power):
            return power
    return None


def _same_unit(first: Order, second: Order) -> bool:
    return first.unit is not None and second.unit is not None and first.unit.province == second.unit.province
