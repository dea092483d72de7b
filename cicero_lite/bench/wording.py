"""How faithfully the grammar words random plans over random boards, by reading its sentences back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from numpy.random import Generator

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.board import geography
from dialogue.grammar import WordingContext, word_once
from dialogue.understanding import ReadContext, matches, read_text
from engine.board import Board
from engine.game import Game
from engine.types import POWERS, Order, OrderKind, PhaseKind, Power, Province, province_of


@dataclass(frozen=True)
class Miss:
    """A wording that does not read back as its plan."""

    plan: SpeechAct
    text: str


@dataclass(frozen=True)
class WordingFigures:
    """Of how many random acts the first wording drawn reads back as the plan."""

    faithful: Mapping[ActKind, int]
    tried: Mapping[ActKind, int]
    misses: tuple[Miss, ...]
    accepted_wrongly: int
    """Sentences that also passed for a plan changed in polarity, order or place."""
    changed: int

    @property
    def share(self) -> float:
        """Over all kinds."""
        return sum(self.faithful.values()) / sum(self.tried.values())


def measure(count: int, rng: Generator) -> WordingFigures:
    """Words `count` random acts of every kind once each, without the redraws of `grammar.word`."""
    boards = random_boards(20, rng)
    faithful = dict.fromkeys(ActKind, 0)
    misses: list[Miss] = []
    wrong = changed = 0
    for kind in ActKind:
        done = 0
        while done < count:
            plan = random_act(kind, boards, rng)
            if plan is None:
                continue
            act, board = plan
            done += 1
            context = WordingContext(board, act.speaker, act.addressee, opening=bool(rng.random() < 0.2))
            text = word_once((act,), context, rng)
            reading = read_text(text, act.speaker, act.addressee, board, ReadContext())
            if matches((act,), reading):
                faithful[kind] += 1
            else:
                misses.append(Miss(act, text))
            other = change(act, board, rng)
            if other is not None:
                changed += 1
                wrong += matches((other,), reading)
    return WordingFigures(faithful, dict.fromkeys(ActKind, count), tuple(misses), wrong, changed)


def random_boards(count: int, rng: Generator) -> tuple[Board, ...]:
    """Positions of movement phases in games of random legal orders, moves preferred."""
    found: list[Board] = []
    game = Game()
    while len(found) < count:
        if game.phase.year > 1905 or game.is_done:
            game = Game()
        if game.phase.kind is PhaseKind.MOVEMENT:
            found.append(Board(game.position))
        for power in game.alive:
            options = list(game.legal_orders(power).values())
            if game.phase.kind is PhaseKind.ADJUSTMENTS:
                options = options[: abs(game.build_count(power))]
            chosen = []
            for orders in options:
                moves = [order for order in orders if order.kind is OrderKind.MOVE]
                chosen.append(_one(moves if moves and rng.random() < 0.7 else orders, rng))
            if game.phase.kind is PhaseKind.ADJUSTMENTS:
                chosen = [order for order in chosen if order.unit is not None]
            game.set_orders(power, chosen)
        game.process()
    return tuple(found)


T = TypeVar("T")


def _one(options: Sequence[T], rng: Generator) -> T:
    return options[int(rng.integers(len(options)))]


def random_act(kind: ActKind, boards: Sequence[Board], rng: Generator) -> tuple[SpeechAct, Board] | None:
    """An act of a kind as a plan might hold it, and its board; None where the draw allows none."""
    board = _one(boards, rng)
    alive = [power for power in POWERS if board.units(power)]
    if len(alive) < 3:
        return None
    order = rng.permutation(len(alive))
    speaker, addressee, third = (alive[int(order[n])] for n in range(3))
    drawn = _Draw(board, speaker, addressee, third, rng)
    act = drawn.act(kind)
    return None if act is None else (act, board)


_EMPTY_ALLOWED = frozenset(
    {
        ActKind.AGREE,
        ActKind.REFUSE,
        ActKind.ASK,
        ActKind.THREATEN,
        ActKind.APOLOGISE,
        ActKind.THANK,
        ActKind.DENY,
        ActKind.CLAIM_PAST,
        ActKind.ALLY,
        ActKind.SMALL_TALK,
    }
)


@dataclass(frozen=True)
class _Draw:
    board: Board
    speaker: Power
    addressee: Power
    third: Power
    rng: Generator

    def act(self, kind: ActKind) -> SpeechAct | None:
        act = self._fields(kind)
        if act is None:
            return None
        content = act.orders or act.provinces or act.powers
        if not content and kind not in _EMPTY_ALLOWED:
            return None
        condition = act.condition
        if condition is not None and not (condition.orders or condition.provinces):
            return None
        return act

    def _fields(self, kind: ActKind) -> SpeechAct | None:
        base = SpeechAct(kind, self.speaker, self.addressee)
        chance = self.rng.random()
        match kind:
            case ActKind.PROPOSE if chance < 0.1:
                return replace(base, powers=(self.third,))
            case ActKind.PROPOSE:
                return replace(base, orders=self.orders(self.addressee), polarity=self.polarity())
            case ActKind.COUNTER:
                return replace(base, orders=self.orders(self.addressee, 1))
            case ActKind.REQUEST_SUPPORT:
                return replace(base, orders=self.wanted_support())
            case ActKind.OFFER:
                condition = self.condition() if chance < 0.5 else None
                return replace(base, orders=self.orders(self.speaker, 1), condition=condition)
            case ActKind.AGREE | ActKind.REFUSE:
                return replace(base, orders=self.orders(self.speaker, 1) if chance < 0.7 else ())
            case ActKind.PROMISE if chance < 0.15:
                return replace(base, provinces=(self.place(),), polarity=Polarity.NOT)
            case ActKind.PROMISE:
                later = self.board.phase.next_movement if chance < 0.3 else None
                return replace(base, orders=self.orders(self.speaker), polarity=self.polarity(), phase=later)
            case ActKind.INFORM if chance < 0.1:
                return replace(base, powers=(self.third,))
            case ActKind.INFORM:
                whose = self.speaker if chance < 0.7 else self.third
                return replace(base, orders=self.orders(whose, 1), polarity=self.polarity())
            case ActKind.DEMILITARISE:
                return replace(base, provinces=tuple(dict.fromkeys((self.place(), self.place()))))
            case ActKind.BOUNCE:
                return replace(base, provinces=(self.place(),), polarity=self.polarity())
            case ActKind.ASK if chance < 0.6:
                return replace(base, orders=self.orders(self.addressee if chance < 0.45 else self.third, 1))
            case ActKind.ASK if chance < 0.8:
                return replace(base, provinces=(self.place(),))
            case ActKind.WARN if chance < 0.6:
                return replace(base, powers=(self.third,), provinces=(self.place(),) if chance < 0.2 else ())
            case ActKind.WARN:
                return replace(base, powers=(self.third,), orders=self.orders(self.third, 1))
            case ActKind.THREATEN:
                return base if chance < 0.5 else replace(base, condition=self.condition())
            case ActKind.DENY | ActKind.THANK:
                whose = self.speaker if kind is ActKind.DENY else self.addressee
                return replace(base, orders=self.orders(whose, 1) if chance < 0.5 else ())
            case ActKind.CLAIM_PAST:
                return replace(base, orders=self.orders(self.addressee, 1), polarity=self.polarity())
            case ActKind.ALLY | ActKind.ASK:
                return replace(base, powers=(self.third,) if chance < 0.6 or kind is ActKind.ASK else ())
        return base

    def polarity(self) -> Polarity:
        return Polarity.NOT if self.rng.random() < 0.2 else Polarity.DO

    def place(self) -> Province:
        units = (*self.board.units(self.speaker), *self.board.units(self.addressee))
        near = sorted({place for unit in units for place in geography().neighbours[unit.province]})
        return _one(near, self.rng)

    def orders(self, power: Power, count: int | None = None) -> tuple[ActOrder, ...]:
        wanted = count or int(self.rng.choice([1, 1, 2]))
        legal = [options for options in self.board.legal_orders(power).values() if options]
        found: list[ActOrder] = []
        for number in self.rng.permutation(len(legal))[:wanted]:
            kind = _one((OrderKind.MOVE, OrderKind.MOVE, OrderKind.SUPPORT, OrderKind.HOLD), self.rng)
            options = [order for order in legal[int(number)] if order.kind is kind]
            if options:
                found.append(ActOrder(power, _one(options, self.rng)))
        return tuple(found)

    def wanted_support(self) -> tuple[ActOrder, ...]:
        options = self._all(self.addressee, lambda order: order.aided is not None and self._is_mine(order))
        return (ActOrder(self.addressee, _one(options, self.rng)),) if options else ()

    def _is_mine(self, order: Order) -> bool:
        standing = None if order.aided is None else self.board.unit_at(order.aided.province)
        return standing is not None and standing[0] is self.speaker

    def _all(self, power: Power, wanted: Callable[[Order], bool]) -> list[Order]:
        return [order for order in self.board.options(power) if wanted(order)]

    def condition(self) -> SpeechAct:
        base = SpeechAct(ActKind.INFORM, self.speaker, self.addressee)
        if self.rng.random() < 0.4:
            return replace(base, provinces=(self.place(),), polarity=Polarity.NOT)
        return replace(base, orders=self.orders(self.addressee, 1), polarity=self.polarity())


def change(act: SpeechAct, board: Board, rng: Generator) -> SpeechAct | None:
    """A plan that differs in what a small model gets wrong: polarity, the target, the unit, the place."""
    if act.orders and rng.random() < 0.5:
        said = act.orders[0]
        options = [
            order
            for order in board.legal_orders(said.power).get(_province(said.order), ())
            if order.kind is said.order.kind and _meaning(order) != _meaning(said.order)
        ]
        if options:
            other = ActOrder(said.power, _one(options, rng))
            return replace(act, orders=(other, *act.orders[1:]))
    if act.kind in (ActKind.PROMISE, ActKind.INFORM, ActKind.PROPOSE, ActKind.CLAIM_PAST, ActKind.BOUNCE):
        flipped = Polarity.DO if act.polarity is Polarity.NOT else Polarity.NOT
        return replace(act, polarity=flipped)
    if act.provinces:
        other_place = _one([place for place in sorted(geography().neighbours) if place not in act.provinces], rng)
        return replace(act, provinces=(other_place, *act.provinces[1:]))
    return None


def _province(order: Order) -> Province:
    assert order.unit is not None
    return order.unit.province


def _meaning(order: Order) -> tuple[object, ...]:
    target = None if order.target is None else province_of(order.target)
    aided = None if order.aided is None else order.aided.province
    return (order.kind, target, aided)
