"""Powers at a board, each with its plan, judge and ledger: what tests of the speech planner talk about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.memory import Ledger, Promise
from dialogue.speech import SpeechConfig, SpeechOptions, SpeechPlan, plan_speech, within_budget
from engine.game import Game
from engine.notation import parse_order
from engine.types import POWERS, Intent, Order, Phase, PlannedOrders, Power, Province

FRANCE, GERMANY, ENGLAND, ITALY = Power.FRANCE, Power.GERMANY, Power.ENGLAND, Power.ITALY
RUSSIA, AUSTRIA, TURKEY = Power.RUSSIA, Power.AUSTRIA, Power.TURKEY

OPENINGS: dict[Power, tuple[str, ...]] = {
    AUSTRIA: ("A BUD - SER", "A VIE - GAL", "F TRI - ALB"),
    ENGLAND: ("A LVP - YOR", "F EDI - NWG", "F LON - NTH"),
    FRANCE: ("A MAR S A PAR - BUR", "A PAR - BUR", "F BRE - MAO"),
    GERMANY: ("A BER - KIE", "A MUN - RUH", "F KIE - DEN"),
    ITALY: ("A ROM - APU", "A VEN H", "F NAP - ION"),
    RUSSIA: ("A MOS - UKR", "A WAR - GAL", "F SEV - BLA", "F STP/SC - BOT"),
    TURKEY: ("A CON - BUL", "A SMY - CON", "F ANK - BLA"),
}


@dataclass
class ScriptedJudge:
    """A judge that knows what it is told: regrets, gains by order, probabilities, costs to others, what to know."""

    regrets: Mapping[str, float] = field(default_factory=dict)
    gains: Mapping[str, float] = field(default_factory=dict)
    chances: Mapping[str, float] = field(default_factory=dict)
    costs: Mapping[str, float] = field(default_factory=dict)
    knowing: Mapping[str, float] = field(default_factory=dict)

    def regret(self, orders: Sequence[Order]) -> float | None:
        known = [self.regrets.get(str(o)) for o in orders]
        return None if None in known else max((r for r in known if r is not None), default=0.0)

    def value_if(self, power: Power, orders: Sequence[Order]) -> float | None:
        return 0.1 + sum(self.gains.get(str(o), 0.0) for o in orders)

    def probability(self, power: Power, order: Order) -> float:
        return self.chances.get(str(order), 0.0)

    def cost_to(self, power: Power, orders: Sequence[Order]) -> float | None:
        return max((self.costs.get(str(o), 0.0) for o in orders), default=0.0)

    def worth_of_knowing(self, power: Power, order: Order) -> float:
        return self.knowing.get(str(order), 0.0)


class Table:
    """Powers at a board, each with its plan, judge and ledger."""

    def __init__(self, config: SpeechConfig | None = None, game: Game | None = None) -> None:
        self.game = game or Game()
        self.config = config or SpeechConfig()
        self.ledgers = {p: Ledger(p) for p in POWERS}
        self.plans = dict(OPENINGS)
        self.wanted: dict[tuple[Power, Power], tuple[str, ...]] = {}
        self.judges = {p: ScriptedJudge() for p in POWERS}
        self.transcript: list[SpeechPlan] = []
        self.elapsed: float | None = 0.0
        self.held = False

    def say(self, *acts: SpeechAct, text: str = "") -> None:
        """Says it; in plain words if it asks, else no words are needed."""
        first = acts[0]
        asks = any(a.kind is ActKind.ASK for a in acts)
        message = self.game.say(first.speaker, first.addressee, text or ("What are your plans?" if asks else "..."))
        for ledger in self.ledgers.values():
            if message.recipient is None or ledger.power in (message.sender, message.recipient):
                ledger.record(message, acts)

    def plan(self, power: Power) -> list[SpeechPlan]:
        """What the power says, by the estimates."""
        view = self.game.view(power)
        return within_budget(self.options(power), view, self.ledgers[power], self.config)

    def options(self, power: Power) -> list[SpeechOptions]:
        phase = self.game.phase
        own = PlannedOrders(power, phase, tuple(map(parse_order, self.plans.get(power, ()))))
        intents = {
            other: Intent(
                power,
                other,
                own,
                PlannedOrders(
                    other, phase, tuple(map(parse_order, self.wanted.get((power, other), self.plans.get(other, ()))))
                ),
            )
            for other in POWERS
            if other is not power
        }
        view = self.game.view(power)
        rng = np.random.default_rng(0)
        ledger, judge = self.ledgers[power], self.judges[power]
        return plan_speech(view, power, intents, ledger, judge, self.config, rng, self.elapsed, self.held)

    def answer(self, power: Power, other: Power) -> SpeechPlan | None:
        return next((p for p in self.plan(power) if p.recipient is other and p.answers is not None), None)

    def opening(self, power: Power, other: Power) -> SpeechPlan | None:
        return next((p for p in self.plan(power) if p.recipient is other and p.answers is None), None)

    def talk(self, powers: Sequence[Power], rounds: int = 12) -> int:
        """Lets them talk until all are silent; returns the rounds it took."""
        for number in range(rounds):
            spoken = 0
            for power in powers:
                for plan in self.plan(power):
                    if plan.recipient in powers:
                        self.say(*plan.acts, text=f"message {len(self.transcript)}")
                        self.transcript.append(plan)
                        spoken += 1
            if spoken == 0:
                return number
        return rounds

    def play(self, plans: Mapping[Power, Sequence[str]] = OPENINGS) -> None:
        for power, texts in plans.items():
            self.game.set_orders(power, [parse_order(t) for t in texts])
        record = self.game.process()
        for ledger in self.ledgers.values():
            ledger.settle(record)


class Talk:
    """A game whose messages go, with their acts, into the ledger of one power."""

    def __init__(self, power: Power = FRANCE) -> None:
        self.game = Game()
        self.ledger = Ledger(power)

    def say(self, text: str, *acts: SpeechAct, by: Power = FRANCE, to: Power = GERMANY) -> int:
        """Says it as the first act has it, or without acts as told; returns the number of the message."""
        writers = (acts[0].speaker, acts[0].addressee) if acts else (by, to)
        message = self.game.say(*writers, text)
        self.ledger.record(message, acts)
        return message.sequence

    def play(self, **orders: Iterable[str]) -> tuple[Promise, ...]:
        """Plays the phase; what it settled."""
        for power, texts in orders.items():
            self.game.set_orders(Power.parse(power), [parse_order(t) for t in texts])
        return self.ledger.settle(self.game.process())


def act(
    kind: ActKind,
    by: Power,
    to: Power,
    *orders: str | tuple[Power, str],
    of: Power | None = None,
    provinces: str = "",
    powers: tuple[Power, ...] = (),
    polarity: Polarity = Polarity.DO,
    phase: Phase | None = None,
    condition: SpeechAct | None = None,
    answers: int | None = None,
) -> SpeechAct:
    """An act; orders are the speaker's, or of whom it is said."""
    named = [(of or by, order) if isinstance(order, str) else order for order in orders]
    return SpeechAct(
        kind,
        by,
        to,
        tuple(ActOrder(power, parse_order(text)) for power, text in named),
        tuple(Province(p) for p in provinces.split()),
        powers,
        polarity,
        phase,
        condition,
        answers,
    )


def kinds(plan: SpeechPlan | None) -> list[ActKind]:
    return [] if plan is None else [a.kind for a in plan.acts]


def orders_of(plan: SpeechPlan | None, kind: ActKind) -> list[str]:
    return [] if plan is None else [str(o.order) for a in plan.acts if a.kind is kind for o in a.orders]
