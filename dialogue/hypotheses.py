"""What would be known if something were said: a ledger as it would stand, and what others make of our own words."""

from __future__ import annotations

from dataclasses import replace

from dialogue.acts import ActKind, SpeechAct
from dialogue.expectations import CredenceConfig, meant, sign_of, summed
from dialogue.ideas import asks
from dialogue.memory import Ledger, Status
from dialogue.situation import SpeechPlan
from engine.board import Board
from engine.types import ExpectedOrder, Message, Phase


def as_if_said(ledger: Ledger, plan: SpeechPlan, phase: Phase) -> Ledger:
    """The ledger as it would stand once the message was sent and what it asks for was granted; the given one stays."""
    after = replace(
        ledger,
        entries=list(ledger.entries),
        promises=list(ledger.promises),
        requests=list(ledger.requests),
        claims=list(ledger.claims),
    )
    number = max((e.message.sequence for e in ledger.entries), default=-1) + 1
    after.record(Message(plan.sender, plan.recipient, phase, "", number), plan.acts)
    if any(asks(act) for act in plan.acts):
        yes = SpeechAct(ActKind.AGREE, plan.recipient, plan.sender, answers=number)
        after.record(Message(plan.recipient, plan.sender, phase, "", number + 1), (yes,))
    return after


def told(
    ledger: Ledger, view: Board, believed: float, config: CredenceConfig | None = None
) -> tuple[ExpectedOrder, ...]:
    """What others will expect of the ledger's power in the phase at hand, by its own words.

    Args:
        ledger: of the power that spoke.
        view: the position.
        believed: how far they believe it, 0 to 1.
        config: what each kind of word is worth.
    """
    promises = ledger.promises_by(ledger.power, phase=view.phase)
    living = [promise for promise in promises if promise.status in (Status.OPEN, Status.OFFERED)]
    found = [sign_of(promise, order, believed) for promise in living for order in meant(promise, view)]
    return summed(found, view.phase, config or CredenceConfig())
