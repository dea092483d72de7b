"""What is said to who asks whether the agent is a machine: the truth, where `filtering.disclosure` lets it be said."""

from __future__ import annotations

from dialogue.acts import ActKind, SpeechAct
from dialogue.filters.disclosure import asks_whether_machine
from dialogue.ideas import WORTH
from dialogue.memory import Ledger
from dialogue.situation import SpeechPlan
from engine.game import GameView

WORDS = "Since you ask: I'm a computer program."
"""A fact about the writer and none about the game: no act holds it, so that the words are settled."""


def disclosures(ledger: Ledger, view: GameView) -> list[SpeechPlan]:
    """An answer to everybody who asked in private, in this phase, since we last wrote; whatever else was said waits."""
    found: list[SpeechPlan] = []
    for other in view.alive:
        if other is ledger.power:
            continue
        unread = ledger.unread_from(other, view.phase)
        asking = [e.message for e in unread if asks_whether_machine(e.message.text)]
        if asking:
            act = SpeechAct(ActKind.SMALL_TALK, ledger.power, other, answers=asking[-1].sequence)
            why = "asked whether it is a machine: says so"
            plan = SpeechPlan(ledger.power, other, (act,), asking[-1], why, WORTH.answer, WORTH.answer, words=WORDS)
            found.append(plan)
    return found
