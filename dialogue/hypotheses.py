"""What would be known if something were said: a ledger as it would stand, and what others make of our own words."""

from __future__ import annotations

from dataclasses import replace

from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.expectations import CredenceConfig, meant
from dialogue.ideas import asks
from dialogue.memory import Ledger, Status
from dialogue.situation import SpeechPlan
from engine.board import Board
from engine.types import ExpectedOrder, Message, Order, Phase


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
    config = config or CredenceConfig()
    total: dict[Order, float] = {}
    for promise in ledger.promises_by(ledger.power, phase=view.phase):
        if promise.status not in (Status.OPEN, Status.OFFERED):
            continue
        if promise.order is not None:
            kind = "offer" if promise.status is Status.OFFERED else promise.source.value
            credence = getattr(config, kind) * (1.0 if promise.polarity is Polarity.DO else -1.0)
        else:
            credence = config.zone if promise.polarity is Polarity.NOT else config.bounce
        for order in meant(promise, view):
            total[order] = total.get(order, 0.0) + believed * credence
    return tuple(
        ExpectedOrder(ledger.power, view.phase, order, max(-1.0, min(1.0, credence)))
        for order, credence in total.items()
    )
