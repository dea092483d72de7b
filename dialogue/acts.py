"""Speech acts: the one language that is understood, planned, worded, checked and remembered.

The reader (`understanding`) turns a message into acts, the speech planner (`speech`) chooses acts, the
grammar and the language model word them, the read-back compares acts with acts, the ledger (`memory`)
keeps them.  The kinds follow the speech-act tradition (Searle 1976) and the vocabulary of DAIDE press,
cut down to what people really say over a Diplomacy board.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from engine.types import Order, Phase, Power, Province


class ActKind(StrEnum):
    """What a clause does."""

    PROPOSE = "propose"
    """Suggests that orders be played, by the addressee, by both or by a named power."""
    REQUEST_SUPPORT = "request_support"
    """Asks the addressee for a support or convoy order."""
    OFFER = "offer"
    """Says what the speaker would do for the addressee, if wanted (or on a condition)."""
    AGREE = "agree"
    REFUSE = "refuse"
    COUNTER = "counter"
    """Refuses what was asked and proposes something else in its place."""
    PROMISE = "promise"
    """Commits the speaker to an order, or (polarity NOT) not to give one."""
    DEMILITARISE = "demilitarise"
    """Proposes that both stay out of the provinces named."""
    BOUNCE = "bounce"
    """Proposes, or announces, a bounce in the province named."""
    INFORM = "inform"
    """States what the speaker, or another, will do or is."""
    ASK = "ask"
    """Asks what a power will do, or what the addressee thinks."""
    WARN = "warn"
    """Tells the addressee of a danger from a third power."""
    THREATEN = "threaten"
    APOLOGISE = "apologise"
    THANK = "thank"
    DENY = "deny"
    """Says that something said or expected is not so."""
    CLAIM_PAST = "claim_past"
    """States what was ordered or said in an earlier phase or message."""
    ALLY = "ally"
    """Proposes an alliance, or peace; `powers` names whom against, if anybody."""
    SMALL_TALK = "small_talk"
    """Greets, wishes luck, comments: names no order and no province."""


class Polarity(StrEnum):
    """Whether the content is asserted or denied ("I will" / "I won't")."""

    DO = "do"
    NOT = "not"


@dataclass(frozen=True)
class ActOrder:
    """An order within an act, and whose unit it would be."""

    power: Power
    order: Order

    def __str__(self) -> str:
        return f"{self.power}: {self.order}"


@dataclass(frozen=True)
class SpeechAct:
    """One thing that a message does."""

    kind: ActKind
    speaker: Power
    addressee: Power | None
    """None: said to all."""
    orders: tuple[ActOrder, ...] = ()
    provinces: tuple[Province, ...] = ()
    """Provinces the act is about without a full order: a demilitarised zone, a bounce, a question."""
    powers: tuple[Power, ...] = ()
    """Third powers the act is about: whom to attack, who threatens."""
    polarity: Polarity = Polarity.DO
    phase: Phase | None = None
    """The phase it speaks about; None: the phase at hand."""
    condition: SpeechAct | None = None
    """It holds only if this comes true ("I'll support you if you leave Burgundy")."""
    answers: int | None = None
    """`Message.sequence` of the message it answers."""
    confidence: float = 1.0
    """The reader's confidence, 0 to 1; 1 where we planned the act ourselves."""
    quote: str | None = None
    """Of an act about words said before (CLAIM_PAST, DENY, ASK): the very words, "" where they are not quoted; None: it
    is about what was done, or nobody knows."""

    @property
    def content(self) -> SpeechAct:
        """The act without what a read-back cannot see (confidence, which message it answers, the words it quotes)."""
        condition = None if self.condition is None else self.condition.content
        return replace(self, confidence=1.0, answers=None, quote=None, condition=condition)


def sayer(act: SpeechAct) -> Power:
    """Whose words an act about words said before is about: the speaker's or the addressee's.

    An order says it by whose it is; where no order of the two does, the addressee's words have it among `powers`.
    """
    two = (act.speaker, act.addressee)
    named = [*(item.power for item in act.orders), *act.powers]
    return next((power for power in named if power in two), act.speaker)


TELLING = frozenset({ActKind.INFORM, ActKind.PROMISE, ActKind.WARN, ActKind.CLAIM_PAST})
"""Acts that tell their addressee something."""

ANSWERING = frozenset(
    {
        ActKind.AGREE,
        ActKind.REFUSE,
        ActKind.COUNTER,
        ActKind.INFORM,
        ActKind.PROMISE,
        ActKind.DENY,
        ActKind.ALLY,
        ActKind.DEMILITARISE,
        ActKind.BOUNCE,
    }
)
"""Acts that answer something that was asked or proposed, where they do not begin a talk."""

PROPOSING = frozenset(
    {
        ActKind.PROPOSE,
        ActKind.REQUEST_SUPPORT,
        ActKind.OFFER,
        ActKind.COUNTER,
        ActKind.DEMILITARISE,
        ActKind.BOUNCE,
        ActKind.ALLY,
    }
)
"""Acts that want something done, or agreed."""

REQUESTING = PROPOSING | {ActKind.ASK}
"""Acts that want an answer, which a "yes" or "no" can be."""

COMMITTING = frozenset({ActKind.PROMISE, ActKind.AGREE, ActKind.INFORM, ActKind.OFFER})
"""Acts by which a speaker can bind itself to orders of its own."""
