"""The speech planner: what to say to whom now.

Answers come first (`dialogue.replies`); then, in movement phases, ideas of one's own
(`dialogue.initiatives`), the most valuable first, within a budget per recipient and phase.  Nothing to say
is the usual result, and talks end: what closes a talk gets no answer, and nobody is written to twice without a reply.
What talk means for the search is in `dialogue.expectations`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from numpy.random import Generator

from dialogue.acts import ActKind, Polarity
from dialogue.expectations import (
    CredenceConfig,
    abstentions,
    commitments,
    considered,
    corrections,
    evidence,
)
from dialogue.initiatives import initiative, is_first_turn
from dialogue.memory import Ledger
from dialogue.replies import reply
from dialogue.situation import Honesty, Judge, Situation, SpeechConfig, SpeechPlan
from engine.game import GameView
from engine.types import Intent, Order, Power

__all__ = [
    "CredenceConfig",
    "Honesty",
    "Judge",
    "Situation",
    "SpeechConfig",
    "SpeechPlan",
    "abstentions",
    "commitments",
    "considered",
    "corrections",
    "evidence",
    "plan_speech",
]


def plan_speech(
    view: GameView,
    power: Power,
    intents: Mapping[Power, Intent],
    ledger: Ledger,
    judge: Judge,
    config: SpeechConfig,
    rng: Generator,
) -> list[SpeechPlan]:
    """What to say now, at most one message to each power; empty: keep silent.

    Args:
        view: the board and history as the power sees them.
        power: who speaks.
        intents: by recipient; the own orders in them are what is played unless plans change.
        ledger: every message so far, recorded with its acts, those of the phase at hand included.
        judge: what the search thinks of orders.
        config: budgets and thresholds.
        rng: unused where there is nothing to choose between equals.

    Returns:
        Answers first, then initiatives by worth.
    """
    situation = Situation(view, power, intents, ledger, judge, config, rng)
    others = [p for p in view.alive if p is not power]
    answers: list[SpeechPlan] = []
    for other in others:
        plan = reply(situation, other)
        if plan is not None:
            answers.append(plan)
            pledged = (*situation.pledged, *_pledges(plan))
            situation = replace(situation, pledged=pledged)
    answered = {plan.recipient for plan in answers}
    opened = [(p, w) for o in others if o not in answered and (p_w := initiative(situation, o)) for p, w in [p_w]]
    opened.sort(key=lambda item: (-item[1], item[0].recipient.number))
    limit = config.max_first_initiatives if is_first_turn(situation) else config.max_initiatives
    begun = sum(_began(situation, other) for other in others)
    return [*answers, *(plan for plan, _ in opened[: max(0, limit - begun)])]


def _pledges(plan: SpeechPlan) -> tuple[tuple[Power, Order], ...]:
    """The orders of its own that a message promises."""
    return tuple(
        (plan.recipient, item.order)
        for act in plan.acts
        if act.kind is ActKind.PROMISE and act.polarity is Polarity.DO
        for item in act.orders
        if item.power is plan.sender
    )


def _began(situation: Situation, other: Power) -> bool:
    """Whether this power opened the talk of this phase with the other."""
    talk = situation.talk(other)
    return bool(talk) and talk[0].message.sender is situation.power
