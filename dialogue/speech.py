"""The speech planner: what to say to whom now.

For each recipient there are alternatives, best first: answers to what it said (`dialogue.replies`), or, in movement
phases, ideas of one's own (`dialogue.initiatives`), or a reminder.  Silence is one, too, unless something was asked.
People's timing in public games (`dialogue.timing`) says how natural it is to write now, manners say what is allowed:
what was asked is answered, what closes a talk gets no answer, and nobody is written to twice without a reply.  Whoever
knows more may rank the alternatives anew before `within_budget` takes the best.  What talk means for the search is in
`dialogue.expectations`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from numpy.random import Generator

from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.expectations import (
    CredenceConfig,
    abstentions,
    commitments,
    considered,
    corrections,
    evidence,
)
from dialogue.honesty import Honesty
from dialogue.initiatives import openings, reminders
from dialogue.memory import Ledger
from dialogue.names import SlotError, Slots
from dialogue.replies import replies
from dialogue.situation import Instructions, Judge, Situation, SpeechConfig, SpeechPlan
from dialogue.timing import load_timing, moment
from dialogue.wanted import message_wanted
from engine.game import GameView
from engine.types import Intent, Order, Power

__all__ = [
    "CredenceConfig",
    "Honesty",
    "Instructions",
    "Judge",
    "Situation",
    "SpeechConfig",
    "SpeechOptions",
    "SpeechPlan",
    "abstentions",
    "commitments",
    "considered",
    "corrections",
    "evidence",
    "plan_message",
    "plan_speech",
    "sayable",
    "within_budget",
    "without",
]


@dataclass(frozen=True)
class SpeechOptions:
    """What could be said to one power now."""

    recipient: Power
    alternatives: tuple[SpeechPlan, ...]
    """Best first, at least one."""
    due: bool
    """Whether something was asked, so that silence would be rude."""
    chance: float = 1.0
    """How likely a person would write now."""

    @property
    def best(self) -> SpeechPlan:
        """The first alternative."""
        return self.alternatives[0]

    @property
    def weight(self) -> float:
        """What the best is worth, by the chance that a person would write now."""
        return self.best.worth * self.chance

    def ranked(self, worths: Mapping[SpeechPlan, float]) -> SpeechOptions:
        """The alternatives in the order of these worths, in score; those not named are left out."""
        judged = [replace(plan, worth=worths[plan]) for plan in self.alternatives if plan in worths]
        return replace(self, alternatives=tuple(sorted(judged, key=lambda plan: -plan.worth)))


def plan_speech(
    view: GameView,
    power: Power,
    intents: Mapping[Power, Intent],
    ledger: Ledger,
    judge: Judge,
    config: SpeechConfig,
    rng: Generator,
    elapsed: float | None = None,
    held: bool = False,
    instructions: Instructions | None = None,
) -> list[SpeechOptions]:
    """What could be said now, and to whom; empty: keep silent.

    Args:
        view: the board and history as the power sees them.
        power: who speaks.
        intents: by recipient; the own orders in them are what is played unless plans change.
        ledger: every message so far, recorded with its acts, those of the phase at hand included.
        judge: what the search thinks of orders.
        config: budgets and thresholds.
        rng: unused where there is nothing to choose between equals.
        elapsed: share of the phase's time that has passed, 0 to 1; None: not known.
        held: whether the intents are settled, so that nothing beyond them is offered or asked for.
        instructions: what it is told to say, and not to say; default nothing.

    Returns:
        What is due first, then the rest by worth and chance; of each recipient the alternatives by worth.
    """
    timing, instructions = load_timing(), instructions or Instructions()
    situation = Situation(
        view, power, intents, ledger, judge, config, rng, assent=timing.assent, elapsed=elapsed, held=held,
        instructions=instructions,
    )  # fmt: skip

    def chance(other: Power) -> float:
        return timing.chance(moment(ledger, view, view.history, other, elapsed)) if config.timing else 1.0

    others = [p for p in view.alive if p is not power]
    found: list[SpeechOptions] = []
    for other in others:
        answers = replies(situation, other)
        if plans := _permitted(answers.plans, instructions):
            found.append(SpeechOptions(other, plans, answers.due, chance(other)))
            allied = () if answers.allied is None else ((other, answers.allied),)
            situation = replace(
                situation,
                pledged=(*situation.pledged, *_pledges(plans[0])),
                allied=(*situation.allied, *allied),
            )
    answered = {options.recipient for options in found}
    for other in others:
        if other not in answered and (
            plans := _permitted(openings(situation, other) or reminders(situation, other), instructions)
        ):
            found.append(SpeechOptions(other, plans, False, chance(other)))
    return sorted(found, key=lambda o: (not o.due, -o.weight, o.recipient.number))


def plan_message(
    view: GameView,
    power: Power,
    recipient: Power,
    intents: Mapping[Power, Intent],
    ledger: Ledger,
    judge: Judge,
    config: SpeechConfig,
    rng: Generator,
    held: bool = False,
    instructions: Instructions | None = None,
) -> SpeechOptions:
    """What could be written to one power where a message is wanted, whatever manners and budgets say.

    Args:
        recipient: to whom.
        view, power, intents, ledger, judge, config, rng, held, instructions: as `plan_speech`.
    """
    config, instructions = replace(config, max_messages=sys.maxsize), instructions or Instructions()
    found = plan_speech(view, power, intents, ledger, judge, config, rng, held=held, instructions=instructions)
    situation = Situation(
        view, power, intents, ledger, judge, config, rng, assent=load_timing().assent, held=held,
        instructions=instructions,
    )  # fmt: skip
    wanted = SpeechOptions(recipient, (message_wanted(situation, recipient),), due=False)
    return next((options for options in found if options.recipient is recipient), wanted)


def within_budget(
    options: Iterable[SpeechOptions], view: GameView, ledger: Ledger, config: SpeechConfig
) -> list[SpeechPlan]:
    """The messages to write now, at most one to each power.

    What is due is written first, then what is worth most, until the phase's messages are spent; who was asked nothing
    keeps silent where little is to be gained.
    """
    phase = view.phase
    sent = sum(e.message.phase == phase and e.message.recipient is not None for e in ledger.said(ledger.power))
    left = max(0, config.max_phase_messages - sent)
    begun = sum(_began(ledger, other, view) for other in view.alive if other is not ledger.power)
    new = max(0, (config.max_initiatives if view.history else config.max_first_initiatives) - begun)
    chosen: list[SpeechPlan] = []
    for option in sorted(options, key=lambda o: (not o.due, -o.weight, o.recipient.number)):
        opens = option.best.answers is None
        if len(chosen) >= left or (not option.due and option.weight < config.least_worth) or (opens and new < 1):
            continue
        new -= opens
        chosen.append(option.best)
    return chosen


def without(plan: SpeechPlan, forbidden: frozenset[ActKind]) -> SpeechPlan | None:
    """The message without acts of these kinds; None: nothing is left of it."""
    acts = tuple(act for act in plan.acts if act.kind not in forbidden)
    return plan if acts == plan.acts else replace(plan, acts=acts) if acts else None


def _permitted(plans: Sequence[SpeechPlan], instructions: Instructions) -> tuple[SpeechPlan, ...]:
    """Those that say nothing forbidden; where all do, what is left of them without it."""
    clean = tuple(plan for plan in plans if instructions.permits(plan.acts))
    return clean or tuple(left for plan in plans if (left := without(plan, instructions.forbidden)))


def sayable(plan: SpeechPlan) -> SpeechPlan | None:
    """The message cut to as many names as one message can say; None: nothing is left of it.

    What is asked for by the dozen is not answered by the dozen.
    """
    acts: list[SpeechAct] = []
    for act in plan.acts:
        kept: SpeechAct | None = act
        while kept is not None and not _has_slots(plan, (*acts, kept)):
            kept = _shortened(kept)
        if kept is not None:
            acts.append(kept)
    return replace(plan, acts=tuple(acts)) if acts else None


def _has_slots(plan: SpeechPlan, acts: Sequence[SpeechAct]) -> bool:
    try:
        Slots.of(acts, plan.sender, plan.recipient)
    except SlotError:
        return False
    return True


def _shortened(act: SpeechAct) -> SpeechAct | None:
    """The act with one order less, or else one province; None: it would say nothing."""
    if len(act.orders) > 1:
        return replace(act, orders=act.orders[:-1])
    return replace(act, provinces=act.provinces[:-1]) if len(act.provinces) > 1 and not act.orders else None


def _pledges(plan: SpeechPlan) -> tuple[tuple[Power, Order], ...]:
    """The orders of its own that a message promises."""
    return tuple(
        (plan.recipient, item.order)
        for act in plan.acts
        if act.kind is ActKind.PROMISE and act.polarity is Polarity.DO
        for item in act.orders
        if item.power is plan.sender
    )


def _began(ledger: Ledger, other: Power, view: GameView) -> bool:
    """Whether the ledger's power opened the talk of this phase with the other."""
    talk = ledger.messages_this_phase(other, view.phase)
    return bool(talk) and talk[0].message.sender is ledger.power
