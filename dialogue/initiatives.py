"""Ideas of one's own for another power: what would be worth saying unasked, best first, and messages made of them.

Every idea is worth something in score by the judge's figures, or by a small constant where there is nothing
to measure (an apology, a greeting).  None is proposed that is illegal, was refused, or was said already in
this phase, and none tells an attack to its victim.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dialogue.acts import PROPOSING, ActKind, SpeechAct
from dialogue.bargains import demands, offers, proposals, support_requests, trades
from dialogue.borders import bounces, stand_offs, zones
from dialogue.ideas import WORTH, Idea, asks, clash, in_order, is_first_turn, is_stale, joined
from dialogue.outlooks import alliances, exchanges, news, questions, warnings
from dialogue.reckonings import reckonings, reminder
from dialogue.situation import Situation, SpeechPlan
from engine.types import Power


def openings(situation: Situation, other: Power) -> list[SpeechPlan]:
    """The messages that could open a talk, best first; empty: nothing worth saying, or the talk has begun.

    In movement phases only.  The first message of a game greets.
    """
    config = situation.config
    if not situation.is_movement or situation.talk(other) or config.max_messages < 1:
        return []
    first_contact = is_first_turn(situation) and not situation.ledger.last_messages(other, 1)
    greeting = [SpeechAct(ActKind.SMALL_TALK, situation.power, other)] if first_contact else []
    reasons = ["first words of the game"] if first_contact else []
    begun = Outline(tuple(greeting), tuple(reasons), WORTH.greeting if first_contact else 0.0)
    outlines = filled(begun, ideas(situation, other), config.max_acts, config.max_ideas, config.alternatives)
    return [outline.plan(situation.power, other) for outline in outlines if outline.acts]


def reminders(situation: Situation, other: Power) -> list[SpeechPlan]:
    """A reminder where one is due; else nothing."""
    idea = reminder(situation, other)
    if idea is None or situation.sent_to(other) >= situation.config.max_messages:
        return []
    return [SpeechPlan(situation.power, other, idea.acts, None, idea.reason, idea.worth, idea.worth)]


def ideas(situation: Situation, other: Power) -> list[Idea]:
    """What would be worth saying to the other now, best first; nothing outside movement phases.

    Within a phase at most `SpeechConfig.max_ideas` requests, proposals and offers go to one power, beside what it is
    told to ask for.
    """
    if not situation.is_movement:
        return []
    found: list[Idea] = [*demands(situation, other)]
    if _ideas_voiced(situation, other) < situation.config.max_ideas:
        found += _unasked(situation, other)
    fresh = [
        idea
        for idea in found
        if situation.instructions.permits(idea.acts) and not any(is_stale(situation, other, act) for act in idea.acts)
    ]
    return sorted(fresh, key=lambda i: -i.worth)


def _unasked(situation: Situation, other: Power) -> list[Idea]:
    """What it has to say of itself."""
    found: list[Idea] = [*reckonings(situation, other)]
    found += questions(situation, other)
    if not (situation.is_hostile(other) and situation.scruples.sincere):
        found += support_requests(situation, other)
        found += offers(situation, other)
        found += trades(situation, other)
        found += proposals(situation, other)
        found += zones(situation, other)
        found += bounces(situation, other)
        found += stand_offs(situation, other)
        found += alliances(situation, other)
        found += warnings(situation, other)
        found += news(situation, other)
        found += exchanges(situation, other)
    return found


# --- messages ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outline:
    """A message in the making."""

    acts: tuple[SpeechAct, ...]
    reasons: tuple[str, ...]
    manners: float = 0.0
    """What its unmeasured part is worth."""
    gain: float = 0.0
    """What its measured part is worth."""
    consent: float = 1.0
    ideas: int = 0
    """How many ideas are in it."""

    def with_idea(self, idea: Idea) -> Outline:
        """The outline with an idea at its end."""
        asking = any(asks(act) for act in idea.acts)
        return Outline(
            (*self.acts, *idea.acts),
            (*self.reasons, idea.reason),
            self.manners + (0.0 if idea.measured else idea.worth),
            self.gain + (idea.worth if idea.measured else 0.0),
            min(self.consent, idea.consent) if asking else self.consent,
            self.ideas + 1,
        )

    def plan(self, sender: Power, recipient: Power) -> SpeechPlan:
        """The outline as a plan, its acts in the order in which one says them."""
        acts = tuple(in_order(joined(self.acts, ActKind.INFORM)))
        reason = "; ".join(dict.fromkeys(self.reasons))
        worth = self.manners + self.gain
        return SpeechPlan(sender, recipient, acts, None, reason, worth, self.manners, self.consent)


def filled(begun: Outline, found: Sequence[Idea], acts: int, most: int, count: int) -> list[Outline]:
    """Outlines that go on from one, each led by another idea, with what else there is room for; best first.

    Args:
        begun: what each of them says.
        found: ideas, best first.
        acts: how many each may have.
        most: ideas in each.
        count: how many are made, at most; if no idea fits, there is `begun` alone.
    """
    made: list[Outline] = []
    for number, idea in enumerate(found):
        if len(made) >= count:
            break
        if not _fits(idea, begun, acts, most):
            continue
        led = begun.with_idea(idea)
        for further in found[number + 1 :]:
            if _fits(further, led, acts, most):
                led = led.with_idea(further)
        made.append(led)
        if led.ideas > 1 and len(made) < count:
            made.append(begun.with_idea(idea))
    return sorted(made, key=lambda o: -(o.manners + o.gain)) or [begun]


def _fits(idea: Idea, outline: Outline, acts: int, most: int) -> bool:
    room = len(outline.acts) + len(idea.acts) <= acts and outline.ideas < most
    return room and not any(clash(new, old) for new in idea.acts for old in outline.acts)


_IDEAS = PROPOSING | {ActKind.WARN}


def _ideas_voiced(situation: Situation, other: Power) -> int:
    """How many ideas of ours the other has heard in this phase."""
    mine = [e for e in situation.talk(other) if e.message.sender is situation.power]
    return sum(act.kind in _IDEAS for e in mine for act in e.acts)


__all__ = ["Outline", "filled", "ideas", "openings", "reminders"]
