"""Occasions for speech: positions of games played at random, and on each of them something to say.

No player decides anything here.  Plans are drawn widely, over every kind of act and order that the rules
allow: language models are taught and measured on them, and should say whatever they may one day be told to.
What is wise to say is `dialogue.speech`'s business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from numpy.random import Generator, default_rng

from dialogue.acts import PROPOSING, ActKind, ActOrder, Polarity, SpeechAct
from dialogue.board import last_movement
from dialogue.briefing import Briefing, prompt_pieces
from dialogue.grammar import WordingContext, WordingError, word
from dialogue.names import NameStyle, SlotError, Slots, fill
from dialogue.plan_text import Scene
from dialogue.prompt import SHORT_PROMPT, Candour, Controls, Piece, PromptConfig, Voice, assemble
from dialogue.understanding import ReadContext, Reading, matches, read_text
from engine.board import Board, neighbours
from engine.game import Game, GameView
from engine.notation import same_move
from engine.record import PhaseRecord
from engine.types import (
    FIRST_PHASE,
    Intent,
    Message,
    Order,
    OrderKind,
    PhaseKind,
    PlannedOrders,
    Power,
    Province,
    province_of,
)

T = TypeVar("T")


@dataclass(frozen=True)
class Occasion:
    """Something to say, on a board, perhaps in answer to something."""

    view: GameView
    """The game as the speaker sees it; nobody talked in it."""
    speaker: Power
    addressee: Power
    acts: tuple[SpeechAct, ...]
    slots: Slots
    """Of its acts."""
    heard: tuple[SpeechAct, ...] = ()
    """What the addressee said just before; nothing: the speaker begins."""
    heard_text: str = ""
    """In what words, where the short prompt would quote them."""
    opening: bool = True
    """Whether the two never spoke before."""
    chance: int = 0
    """Seeds what a prompt tells besides: the words heard, the orders meant."""

    @property
    def board(self) -> Board:
        """The position."""
        return self.view

    @property
    def context(self) -> WordingContext:
        """What the grammar needs to word it."""
        return WordingContext(self.board, self.speaker, self.addressee, self.heard, self.opening)

    @property
    def briefing(self) -> Briefing:
        """What the speaker knows: the message heard, in words, and orders that agree with what it is about to say."""
        rng = default_rng(self.chance)
        return Briefing(self.view, self.addressee, self.talk(rng), intent=_intent(self, rng))

    @property
    def scene(self) -> Scene:
        """Who speaks to whom, and what was heard."""
        return Scene(self.board.phase, self.speaker, self.addressee, self.heard, self.heard_text, self.opening)

    def pieces(self, voice: Voice, is_short: bool) -> tuple[Piece, ...]:
        """What a language model may be told to word it; a speaker drawn at random means what it says."""
        controls = Controls(voice, Candour.HONEST)
        return prompt_pieces(self.briefing, self.acts, self.slots, self.scene, controls, is_short)

    def prompt(self, voice: Voice, config: PromptConfig, count: Callable[[Sequence[str]], Sequence[int]]) -> str:
        """What a language model is given to word it; arguments as in `prompt.assemble`."""
        return assemble(self.pieces(voice, config.is_short), config, count)

    def talk(self, rng: Generator) -> tuple[Message, ...]:
        """The message heard, in words; nothing, where nothing was heard or it cannot be worded."""
        text = self.heard_text
        if self.heard and not text:
            try:
                text = word(self.heard, WordingContext(self.board, self.addressee, self.speaker), rng)
            except (WordingError, SlotError):
                text = ""
        return (Message(self.addressee, self.speaker, self.board.phase, text, 0),) if text else ()

    def read(self, text: str) -> Reading:
        """What the reader makes of a text said here."""
        context = ReadContext(self.heard, 0) if self.heard else None
        return read_text(text, self.speaker, self.addressee, self.board, context)

    def says(self, template: str, rng: Generator, prompt: PromptConfig = SHORT_PROMPT) -> bool:
        """Whether a template, with names put in, says the plan and nothing else.

        Args:
            prompt: how its slots are written; numbered, if not given.
        """
        try:
            text = fill(prompt.read(template, self.slots), self.slots, NameStyle.sample(rng), rng)
        except SlotError:
            return False
        return matches(self.acts, self.read(text))


def occasions(rng: Generator, per_position: int = 6, years: int = 7) -> Iterator[Occasion]:
    """Occasions without end, over games of some years played at random."""
    while True:
        game = Game()
        last = 1901 + int(rng.integers(years))
        while not game.is_done and game.phase.year <= last:
            if game.phase.kind is PhaseKind.MOVEMENT or rng.random() < 0.08:
                for _ in range(per_position):
                    if (occasion := draw_occasion(game, rng)) is not None:
                        yield occasion
            play_at_random(game, rng)


def play_at_random(game: Game, rng: Generator) -> None:
    """Process one phase: units mostly move, towards centres more often than not; builds are made."""
    for power in game.alive:
        game.set_orders(power, _random_orders(game, power, rng))
    game.process()


def _random_orders(board: Board, power: Power, rng: Generator) -> list[Order]:
    chosen: list[Order] = []
    wanted = abs(board.build_count(power)) if board.phase.kind is PhaseKind.ADJUSTMENTS else 99
    for options in board.legal_orders(power).values():
        if len(chosen) == wanted:
            break
        chosen.append(_random_order(board, options, rng))
    return chosen


def _random_order(board: Board, options: Sequence[Order], rng: Generator) -> Order:
    centers = board.map_data.centers
    moving = [o for o in options if o.target is not None and o.kind in (OrderKind.MOVE, OrderKind.RETREAT)]
    homing = [o for o in moving if o.target is not None and province_of(o.target) in centers]
    pool = options
    if moving and rng.random() < 0.75:
        pool = tuple(homing) if homing and rng.random() < 0.5 else tuple(moving)
    return pool[int(rng.integers(len(pool)))]


def _intent(occasion: Occasion, rng: Generator) -> Intent:
    """Orders of both that agree with what is said: those named, none of those denied; the others at random."""
    speaker, addressee, phase = occasion.speaker, occasion.addressee, occasion.board.phase
    acts = [act for act in occasion.acts if act.phase in (None, phase)]
    acts += [act.condition for act in acts if act.condition is not None]
    named = [item for act in acts if act.kind in _MEANT and act.polarity is Polarity.DO for item in act.orders]
    denied = [item for act in acts if act.polarity is Polarity.NOT for item in act.orders]
    closed = {place for act in acts if _closes(act) for place in act.provinces}

    def planned(power: Power) -> PlannedOrders:
        orders = []
        for given in _random_orders(occasion.board, power, rng):
            said = next((i.order for i in named if i.power is power and i.order.unit == given.unit), None)
            shunned = any(i.power is power and same_move(i.order, given) for i in denied)
            if said is not None:
                orders.append(said)
            elif given.unit is not None and (shunned or (given.target and province_of(given.target) in closed)):
                orders.append(Order(OrderKind.HOLD, given.unit))
            else:
                orders.append(given)
        return PlannedOrders(power, phase, tuple(orders))

    return Intent(speaker, addressee, planned(speaker), planned(addressee))


_MEANT = frozenset(
    {
        ActKind.PROPOSE,
        ActKind.REQUEST_SUPPORT,
        ActKind.OFFER,
        ActKind.AGREE,
        ActKind.COUNTER,
        ActKind.PROMISE,
        ActKind.INFORM,
    }
)
"""Acts whose orders their speaker means to be given."""


def _closes(act: SpeechAct) -> bool:
    """Whether nobody is to enter the provinces of an act."""
    return act.kind is ActKind.DEMILITARISE or act.polarity is Polarity.NOT


def draw_occasion(game: Game, rng: Generator) -> Occasion | None:
    """One thing to say on a position; None where the draw led nowhere."""
    alive = [p for p in game.alive if game.units(p)]
    if len(alive) < 2:
        return None
    speaker = alive[int(rng.integers(len(alive)))]
    near = [p for p in neighbours(game, speaker) if game.units(p)]
    others = near if near and rng.random() < 0.85 else [p for p in alive if p is not speaker]
    addressee = others[int(rng.integers(len(others)))]
    past = last_movement(game)
    board = Board(game.position)
    there = Speech(board, past, addressee, speaker, rng)
    here = Speech(board, past, speaker, addressee, rng)
    heard: tuple[SpeechAct, ...] = ()
    if rng.random() < 0.6:
        heard = there.message()
    acts = here.answer(heard) if heard else here.message()
    if not acts:
        return None
    first = game.phase == FIRST_PHASE
    opening = not heard and (first or bool(rng.random() < 0.3))
    if (first or opening) and rng.random() < 0.6:
        acts = greeting_first(acts)
    try:
        slots = Slots.of(acts, speaker, addressee)
        quoted = heard and all(act.kind is ActKind.SMALL_TALK for act in heard)
        heard_text = word(heard, WordingContext(board, addressee, speaker), rng) if quoted else ""
    except (SlotError, WordingError):
        return None
    chance = int(rng.spawn(1)[0].integers(2**31))  # draws nothing from rng itself
    return Occasion(game.view(speaker), speaker, addressee, acts, slots, heard, heard_text, opening, chance)


@dataclass(frozen=True)
class Speech:
    """What one power could say to another."""

    board: Board
    past: PhaseRecord | None
    """The last movement phase."""
    speaker: Power
    addressee: Power
    rng: Generator

    # --- messages ------------------------------------------------------------

    def message(self) -> tuple[SpeechAct, ...]:
        """One to three acts, of any kinds that may begin a talk."""
        count = self._pick((1, 2, 3), (0.5, 0.35, 0.15))
        acts: list[SpeechAct] = []
        for _ in range(count):
            act = self.act(self._pick(tuple(_BEGINNINGS), tuple(_BEGINNINGS.values())))
            if act is not None and fits(act, acts):
                acts.append(act)
        return self._sorted(acts)

    def answer(self, heard: Sequence[SpeechAct]) -> tuple[SpeechAct, ...]:
        """What could be said to this: yes, no, something instead, thanks, or anything at all."""
        to = heard[0]
        acts: list[SpeechAct] = []
        if to.kind in PROPOSING:
            acts = self._answer_request(to)
        elif to.kind is ActKind.ASK:
            kind = self._pick((ActKind.INFORM, ActKind.PROMISE, ActKind.ASK, ActKind.SMALL_TALK), (0.7, 0.1, 0.1, 0.1))
            acts = [act] if (act := self.act(kind)) is not None else []
        elif to.kind in (ActKind.INFORM, ActKind.PROMISE, ActKind.WARN, ActKind.AGREE, ActKind.APOLOGISE):
            acts = self._answer_news(to)
        elif to.kind in (ActKind.CLAIM_PAST, ActKind.THREATEN, ActKind.REFUSE, ActKind.DENY):
            kind = self._pick((ActKind.APOLOGISE, ActKind.DENY, ActKind.ASK, ActKind.INFORM), (0.35, 0.3, 0.15, 0.2))
            mine = tuple(item for item in to.orders if item.power is self.speaker and to.polarity is Polarity.DO)
            if kind is ActKind.DENY and mine:
                acts = [replace(self._bare(kind), orders=mine, phase=to.phase)]
            else:
                acts = [act] if (act := self.act(kind)) is not None else []
        elif to.kind is ActKind.SMALL_TALK:
            acts = [self._bare(ActKind.SMALL_TALK)]
        if self.rng.random() < (0.25 if acts else 1.0):
            acts += [act for act in self.message()[:1] if fits(act, acts)]
        return self._sorted(acts)

    def _answer_request(self, to: SpeechAct) -> list[SpeechAct]:
        draw = self.rng.random()
        mine = tuple(item for item in to.orders if item.power is self.speaker)
        if draw < 0.45:
            yes = self._bare(ActKind.AGREE)
            if self.rng.random() < 0.15 and to.polarity is Polarity.DO:  # a yes to "don't" names no order
                yes = replace(yes, orders=to.orders, provinces=to.provinces, powers=to.powers)
            if self.rng.random() < 0.5 and mine:
                return [yes, replace(self._bare(ActKind.PROMISE), orders=mine, polarity=to.polarity)]
            if self.rng.random() < 0.15 and (promise := self.act(ActKind.PROMISE)) is not None:
                return [yes, promise] if fits(promise, [yes]) else [yes]
            return [yes]
        if draw < 0.75:
            no = self._bare(ActKind.REFUSE)
            if self.rng.random() < 0.35:
                no = replace(no, orders=to.orders, provinces=to.provinces, powers=to.powers)
            instead = self.act(ActKind.INFORM) if self.rng.random() < 0.4 else None
            return [no] if instead is None or not fits(instead, [no]) else [no, instead]
        if draw < 0.9:
            return [act] if (act := self.act(ActKind.COUNTER)) is not None else []
        return [self._bare(ActKind.THANK)]

    def _answer_news(self, to: SpeechAct) -> list[SpeechAct]:
        draw = self.rng.random()
        theirs = tuple(item for item in to.orders if item.power is self.addressee)
        if draw < 0.4:
            return [self._bare(ActKind.THANK)]
        if draw < 0.55 and theirs:
            return [replace(self._bare(ActKind.PROPOSE), orders=theirs[:1], polarity=Polarity.NOT)]
        about_me = tuple(item for item in to.orders if item.power is self.speaker)
        if about_me:
            return [replace(self._bare(ActKind.DENY), orders=about_me)]
        if draw < 0.7:
            return [self._bare(ActKind.SMALL_TALK)]
        return [act] if (act := self.act(ActKind.INFORM)) is not None else []

    # --- acts ------------------------------------------------------------

    def act(self, kind: ActKind) -> SpeechAct | None:
        """An act of this kind about this board; None where the board has no matter for it."""
        return _BUILDERS[kind](self)

    def propose(self) -> SpeechAct | None:
        """Orders of the addressee, or of both."""
        act = self._bare(ActKind.PROPOSE)
        draw = self.rng.random()
        if draw < 0.1:
            return self._with(act, self.addressee, self._order(self.addressee), polarity=Polarity.NOT)
        if draw < 0.45:
            count = self._pick((1, 2), (0.8, 0.2))
            return self._several(act, self.addressee, count)
        if draw < 0.7 and (help_ := self._aid(self.speaker, self.addressee)) is not None:
            move = self._aided_order(help_)
            return replace(act, orders=(ActOrder(self.addressee, move), ActOrder(self.speaker, help_)))
        if draw < 0.8:
            third = self._third()
            if third is not None and (order := self._order(self.addressee)) is not None:
                return replace(act, orders=(ActOrder(self.addressee, order),), powers=(third,))
        mine, yours = self._order(self.speaker), self._order(self.addressee)
        if mine is None or yours is None:
            return None
        return replace(act, orders=(ActOrder(self.speaker, mine), ActOrder(self.addressee, yours)))

    def request_support(self) -> SpeechAct | None:
        """An order of the addressee's that helps the speaker."""
        return self._with(self._bare(ActKind.REQUEST_SUPPORT), self.addressee, self._aid(self.addressee, self.speaker))

    def offer(self) -> SpeechAct | None:
        """Help for the addressee, or a move of the speaker's; sometimes on a condition."""
        act = self._bare(ActKind.OFFER)
        order = self._aid(self.speaker, self.addressee) if self.rng.random() < 0.8 else self._order(self.speaker)
        offer = self._with(act, self.speaker, order)
        if offer is None or self.rng.random() > 0.3:
            return offer
        return replace(offer, condition=self._condition())

    def promise(self) -> SpeechAct | None:
        """Orders of the speaker's own, to be given or not; or provinces it will stay out of."""
        act = self._bare(ActKind.PROMISE)
        if self.rng.random() < 0.25:
            near = self._between()
            if near:
                return replace(act, provinces=near[:1], polarity=Polarity.NOT)
        negative = Polarity.NOT if self.rng.random() < 0.3 else Polarity.DO
        promise = self._several(act, self.speaker, self._pick((1, 2), (0.8, 0.2)))
        if promise is None:
            return None
        return replace(promise, polarity=negative)

    def demilitarise(self) -> SpeechAct | None:
        """A zone of one to three provinces that both can reach."""
        near = self._between()
        return replace(self._bare(ActKind.DEMILITARISE), provinces=near) if near else None

    def bounce(self) -> SpeechAct | None:
        """A bounce in a province that both can reach."""
        near = self._between()
        return replace(self._bare(ActKind.BOUNCE), provinces=near[:1]) if near else None

    def inform(self) -> SpeechAct | None:
        """Orders of the speaker's, now and then of a third power's; what it will do or not."""
        act = self._bare(ActKind.INFORM)
        draw = self.rng.random()
        third = self._third()
        if draw < 0.1 and third is not None:
            return self._with(act, third, self._order(third))
        if draw < 0.2:
            return self._with(act, self.speaker, self._order(self.speaker), polarity=Polarity.NOT)
        if draw < 0.26 and (near := self._between()):
            return replace(act, provinces=near[:1], polarity=Polarity.NOT)
        return self._several(act, self.speaker, self._pick((1, 2, 3), (0.72, 0.22, 0.06)))

    def ask(self) -> SpeechAct | None:
        """What the addressee, or a third power, will do; about an order, a province, or in general."""
        act = self._bare(ActKind.ASK)
        draw = self.rng.random()
        if draw < 0.15:
            return act
        if draw < 0.35:
            return replace(act, powers=(self.addressee,))
        if draw < 0.55 and (near := self._between()):
            return replace(act, provinces=near[:1])
        if draw < 0.75 and (third := self._third()) is not None:
            return replace(act, powers=(third,))
        return self._with(act, self.addressee, self._order(self.addressee))

    def warn(self) -> SpeechAct | None:
        """A third power's move towards the addressee, or its name alone."""
        third = self._third()
        if third is None:
            return None
        act = replace(self._bare(ActKind.WARN), powers=(third,))
        order = self._attack(third, self.addressee)
        if order is None or self.rng.random() < 0.4:
            return act
        return replace(act, orders=(ActOrder(third, order),))

    def threaten(self) -> SpeechAct | None:
        """A move against the addressee, or a bare threat; sometimes unless something is done."""
        act = self._bare(ActKind.THREATEN)
        order = self._attack(self.speaker, self.addressee)
        if order is None or self.rng.random() < 0.5:
            return act
        return replace(act, orders=(ActOrder(self.speaker, order),))

    def counter(self) -> SpeechAct | None:
        """Another proposal in place of what was asked."""
        proposal = self.propose() if self.rng.random() < 0.7 else self.request_support()
        return None if proposal is None else replace(proposal, kind=ActKind.COUNTER)

    def deny(self) -> SpeechAct | None:
        """Not so: an order that the speaker is said to give or to have given."""
        return self._with(self._bare(ActKind.DENY), self.speaker, self._order(self.speaker))

    def claim_past(self) -> SpeechAct | None:
        """What somebody ordered in the last movement phase; of the addressee also that it did not."""
        if self.past is None:
            return None
        power = self.addressee if self.rng.random() < 0.7 else self.speaker
        orders = [o for o in self.past.orders.get(power, ()) if o.kind is not OrderKind.HOLD]
        if not orders:
            return None
        order = orders[int(self.rng.integers(len(orders)))]
        act = replace(self._bare(ActKind.CLAIM_PAST), phase=self.past.phase)
        denied = power is self.addressee and self.rng.random() < 0.5
        return self._with(act, power, order, Polarity.NOT if denied else Polarity.DO)

    def ally(self) -> SpeechAct | None:
        """An alliance, mostly against somebody."""
        third = self._third() if self.rng.random() < 0.7 else None
        return replace(self._bare(ActKind.ALLY), powers=() if third is None else (third,))

    # --- parts ------------------------------------------------------------

    def _bare(self, kind: ActKind) -> SpeechAct:
        return SpeechAct(kind, self.speaker, self.addressee)

    def _of_now_or_past(self, kind: ActKind) -> SpeechAct:
        """Thanks or an apology, now and then for the last movement phase."""
        past = self.past is not None and self.rng.random() < 0.3
        return replace(self._bare(kind), phase=self.past.phase if past and self.past is not None else None)

    def _with(
        self, act: SpeechAct, power: Power, order: Order | None, polarity: Polarity | None = None
    ) -> SpeechAct | None:
        if order is None:
            return None
        return replace(act, orders=(ActOrder(power, order),), polarity=polarity or act.polarity)

    def _several(self, act: SpeechAct, power: Power, count: int) -> SpeechAct | None:
        orders: dict[Province, ActOrder] = {}
        for _ in range(count):
            order = self._order(power)
            if order is not None and order.unit is not None:
                orders.setdefault(order.unit.province, ActOrder(power, order))
        return replace(act, orders=tuple(orders.values())) if orders else None

    def _condition(self) -> SpeechAct | None:
        order = self._order(self.addressee)
        if order is None:
            return None
        said = SpeechAct(ActKind.PROPOSE, self.speaker, self.addressee, (ActOrder(self.addressee, order),))
        return replace(said, polarity=Polarity.NOT) if self.rng.random() < 0.2 else said

    def _order(self, power: Power) -> Order | None:
        """An order of a power: mostly moves, then supports, holds, convoys."""
        by_kind: dict[OrderKind, list[Order]] = {}
        for options in self.board.legal_orders(power).values():
            for order in options:
                if order.unit is not None:
                    by_kind.setdefault(order.kind, []).append(order)
        kinds = [kind for kind in _ORDER_WEIGHTS if kind in by_kind]
        if not kinds:
            return None
        pool = by_kind[self._pick(tuple(kinds), tuple(_ORDER_WEIGHTS[k] for k in kinds))]
        return pool[int(self.rng.integers(len(pool)))]

    def _aid(self, helper: Power, helped: Power) -> Order | None:
        """A support (now and then a convoy) by one power for a unit of another."""
        pool = [
            order
            for options in self.board.legal_orders(helper).values()
            for order in options
            if order.aided is not None
            and (at := self.board.unit_at(order.aided.province)) is not None
            and at[0] is helped
        ]
        return pool[int(self.rng.integers(len(pool)))] if pool else None

    @staticmethod
    def _aided_order(help_: Order) -> Order:
        assert help_.aided is not None
        if help_.target is None:
            return Order(OrderKind.HOLD, help_.aided)
        return Order(OrderKind.MOVE, help_.aided, help_.target, via_convoy=help_.kind is OrderKind.CONVOY)

    def _attack(self, attacker: Power, victim: Power) -> Order | None:
        """A move into a centre, or onto a unit, of the victim."""
        pool = [
            order
            for options in self.board.legal_orders(attacker).values()
            for order in options
            if order.kind is OrderKind.MOVE and order.target is not None
            if self.board.owner_of(province_of(order.target)) is victim
            or ((at := self.board.unit_at(province_of(order.target))) is not None and at[0] is victim)
        ]
        return pool[int(self.rng.integers(len(pool)))] if pool else None

    def _third(self) -> Power | None:
        others = [p for p in self.board.alive if p not in (self.speaker, self.addressee) and self.board.units(p)]
        near = [p for p in neighbours(self.board, self.speaker) if p in others]
        pool = near if near and self.rng.random() < 0.8 else others
        return pool[int(self.rng.integers(len(pool)))] if pool else None

    def _between(self) -> tuple[Province, ...]:
        """One to three provinces that units of both can reach, in random order."""
        reach = [
            {
                province_of(order.target)
                for options in self.board.legal_orders(power).values()
                for order in options
                if order.kind is OrderKind.MOVE and order.target is not None
            }
            for power in (self.speaker, self.addressee)
        ]
        both = sorted(reach[0] & reach[1]) or sorted(reach[0])
        count = min(len(both), self._pick((1, 2, 3), (0.6, 0.28, 0.12)))
        return tuple(both[int(i)] for i in self.rng.permutation(len(both))[:count])

    def _pick(self, options: Sequence[T], weights: Sequence[float]) -> T:
        total = sum(weights)
        draw = self.rng.random() * total
        for option, weight in zip(options, weights, strict=True):
            draw -= weight
            if draw < 0:
                return option
        return options[-1]

    @staticmethod
    def _sorted(acts: Sequence[SpeechAct]) -> tuple[SpeechAct, ...]:
        """Small talk and apologies first, then answers, then the rest, as one writes."""
        rank = {
            ActKind.SMALL_TALK: 0,
            ActKind.APOLOGISE: 0,
            ActKind.AGREE: 1,
            ActKind.REFUSE: 1,
            ActKind.THANK: 1,
        }
        return tuple(sorted(acts, key=lambda act: rank.get(act.kind, 2)))


def greeting_first(acts: Sequence[SpeechAct]) -> tuple[SpeechAct, ...]:
    """The acts of a first message, with a greeting before them; three at most."""
    greeting = SpeechAct(ActKind.SMALL_TALK, acts[0].speaker, acts[0].addressee)
    return (greeting, *(act for act in acts if act.kind is not ActKind.SMALL_TALK))[:3]


def fits(act: SpeechAct, beside: Sequence[SpeechAct]) -> bool:
    """Whether an act can stand in one message with others: no kind twice, no unit with two orders."""
    if any(act.kind is other.kind for other in beside):
        return False
    units = {said.order.unit for other in beside for said in other.orders}
    return not any(said.order.unit in units for said in act.orders)


_ORDER_WEIGHTS: Mapping[OrderKind, float] = {
    OrderKind.MOVE: 0.68,
    OrderKind.SUPPORT: 0.2,
    OrderKind.HOLD: 0.08,
    OrderKind.CONVOY: 0.04,
    OrderKind.RETREAT: 0.7,
    OrderKind.BUILD: 0.7,
    OrderKind.DISBAND: 0.2,
}

_BEGINNINGS: Mapping[ActKind, float] = {
    ActKind.PROPOSE: 0.16,
    ActKind.REQUEST_SUPPORT: 0.11,
    ActKind.OFFER: 0.09,
    ActKind.INFORM: 0.18,
    ActKind.PROMISE: 0.05,
    ActKind.DEMILITARISE: 0.07,
    ActKind.BOUNCE: 0.04,
    ActKind.ASK: 0.12,
    ActKind.WARN: 0.05,
    ActKind.ALLY: 0.09,
    ActKind.THREATEN: 0.02,
    ActKind.CLAIM_PAST: 0.03,
    ActKind.APOLOGISE: 0.01,
    ActKind.THANK: 0.02,
    ActKind.SMALL_TALK: 0.05,
}

_BUILDERS: Mapping[ActKind, Callable[[Speech], SpeechAct | None]] = {
    ActKind.PROPOSE: Speech.propose,
    ActKind.REQUEST_SUPPORT: Speech.request_support,
    ActKind.OFFER: Speech.offer,
    ActKind.AGREE: lambda s: s._bare(ActKind.AGREE),
    ActKind.REFUSE: lambda s: s._bare(ActKind.REFUSE),
    ActKind.COUNTER: Speech.counter,
    ActKind.PROMISE: Speech.promise,
    ActKind.DEMILITARISE: Speech.demilitarise,
    ActKind.BOUNCE: Speech.bounce,
    ActKind.INFORM: Speech.inform,
    ActKind.ASK: Speech.ask,
    ActKind.WARN: Speech.warn,
    ActKind.THREATEN: Speech.threaten,
    ActKind.APOLOGISE: lambda s: s._of_now_or_past(ActKind.APOLOGISE),
    ActKind.THANK: lambda s: s._of_now_or_past(ActKind.THANK),
    ActKind.DENY: Speech.deny,
    ActKind.CLAIM_PAST: Speech.claim_past,
    ActKind.ALLY: Speech.ally,
    ActKind.SMALL_TALK: lambda s: s._bare(ActKind.SMALL_TALK),
}
