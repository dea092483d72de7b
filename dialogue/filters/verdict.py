"""What every filter is given and gives back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.honesty import Honesty
from dialogue.memory import Ledger, due_phase
from dialogue.situation import SpeechPlan
from engine.game import GameView
from engine.notation import same_move
from engine.types import Action, Order, Power


class ReadBack(Protocol):
    """What the reader made of a draft; `dialogue.understanding.Reading` is one."""

    @property
    def acts(self) -> tuple[SpeechAct, ...]:
        """The acts it understood."""
        ...

    @property
    def unread(self) -> tuple[str, ...]:
        """The clauses it did not understand."""
        ...


class CheckedDraft(Protocol):
    """The part of `dialogue.generation.Draft` that filters look at."""

    @property
    def text(self) -> str:
        """The message as it would be sent."""
        ...

    @property
    def acts(self) -> tuple[SpeechAct, ...]:
        """What it was meant to say."""
        ...

    @property
    def reading(self) -> ReadBack:
        """What the reader makes of it."""
        ...

    @property
    def matches(self) -> bool:
        """Whether the reading is the plan."""
        ...


class Verdict(StrEnum):
    """What a filter says to a draft."""

    PASS = "pass"
    REJECT = "reject"


@dataclass(frozen=True)
class FilterVerdict:
    """One filter's verdict, with the reason of a rejection."""

    filter: str
    verdict: Verdict
    reason: str = ""
    score: float | None = None
    """How suspicious the draft is, where the filter grades: it rejects from a threshold on; None: it does not grade."""


class Disclosure(StrEnum):
    """What is said about being a machine; that it is none is never said."""

    TRUTHFUL = "truthful"
    """Says so when asked."""
    SILENT = "silent"
    """Says nothing of it."""


@dataclass(frozen=True)
class FilterConfig:
    """Bounds that filters measure against."""

    max_characters: int = 800
    similarity: float = 0.9
    """Share of equal text from which a message repeats an earlier one."""
    memory: int = 6
    """Earlier messages to the same power that a new one is compared with."""
    disclosure: Disclosure = Disclosure.TRUTHFUL
    """What is said about being a machine: truthful (it says so when asked) or silent."""
    fluency: float = 0.025
    """Share of the messages that people wrote to learn from, the oddest in their words, that would be stopped."""
    nonsense: float = 0.5
    """Recall that the judge of words is set to: the share of spoilt messages that it stopped in folds; 0: none."""
    misplaced: float = 0.2
    """The same of the judge of the moment."""
    most_cost: float = 0.002
    """Score that a message may cost its sender, by its search (`worth`)."""
    most_doubt: float = 0.005
    """By how much it may make its sender's own orders less likely (`correspondence`); as in Cicero."""


@dataclass(frozen=True)
class Effect:
    """What saying something does, by the sender's search."""

    worth: float
    """Change of the sender's expected score."""
    intent: float
    """Change of the chance that others give to its planned orders."""


@dataclass(frozen=True)
class FilterContext:
    """What is true: the board, the talks so far, and what the sender means to do."""

    view: GameView
    ledger: Ledger
    plan: SpeechPlan
    own: Action
    """The sender's planned orders for the phase at hand; empty: none are known, and none are checked."""
    config: FilterConfig = field(default_factory=FilterConfig)
    honesty: Honesty = Honesty.TRUTHFUL
    """The sender's: what it allows is let pass."""
    effect: Callable[[Sequence[SpeechAct]], Effect | None] | None = None
    """What saying some acts does, by a search; None, or a result of None: no search can tell."""
    as_odd: Callable[[str], float] | None = None
    """Share of people's messages whose words surprise a language model as much as a text's; None: none can tell."""
    verbatim: frozenset[str] = frozenset()
    """Sentences, as `plain` has them, that the sender wants said word for word, whatever the plan holds."""
    forbidden: frozenset[ActKind] = frozenset()
    """Kinds of acts that the sender is not to say."""

    @property
    def sender(self) -> Power:
        """Who would send the message."""
        return self.plan.sender

    @property
    def recipient(self) -> Power:
        """Who would get it."""
        return self.plan.recipient

    @property
    def heard(self) -> tuple[SpeechAct, ...]:
        """The acts of the message that is answered; none where nothing is answered."""
        return next((e.acts for e in self.ledger.entries if e.message == self.plan.answers), ())

    @property
    def is_public(self) -> bool:
        """Whether the plan is for all to read, the recipient being one of them."""
        return bool(self.plan.acts) and all(act.addressee is None for act in self.plan.acts)

    def beyond(self, text: str) -> str:
        """What of a text has to be in the plan: all but the sentences wanted word for word."""
        if not self.verbatim:
            return text
        return " ".join(sentence for sentence in sentences(text) if plain(sentence) not in self.verbatim)

    def is_now(self, act: SpeechAct) -> bool:
        """Whether an act speaks about the phase at hand."""
        return act.kind is not ActKind.CLAIM_PAST and due_phase(act, self.view.phase) == self.view.phase

    @property
    def binding(self) -> tuple[Order, ...]:
        """Orders that the speech plan itself binds the sender to, planned so far or not."""
        return tuple(
            item.order
            for act in self.plan.acts
            if act.kind in (ActKind.PROMISE, ActKind.AGREE) and act.polarity is Polarity.DO
            for item in act.orders
            if item.power is self.sender
        )

    def stands_by(self, order: Order) -> bool:
        """Whether the sender will give the order: it is planned, or bound by this very message."""
        return any(same_move(order, o) for o in (*self.own, *self.binding))


_SENTENCE = re.compile(r"(?:(?<=\b[Ss]t)\.|[^.!?\n]|[.!?](?=\w))+[.!?\n]*")


def sentences(text: str) -> list[str]:
    """The sentences of a text.

    >>> sentences("Hi! St. Pete is mine, 1.5 times. To st. pete?")
    ['Hi!', 'St. Pete is mine, 1.5 times.', 'To st. pete?']
    """
    return [found for match in _SENTENCE.finditer(text) if (found := match[0].strip())]


def plain(sentence: str) -> str:
    """A sentence as it is compared: its words in lower case.

    >>> plain("Go, to  Paris!")
    'go to paris'
    """
    return " ".join(re.findall(r"[\w'’/>-]+", sentence.lower()))


Filter = Callable[[CheckedDraft, FilterContext], FilterVerdict]
"""A filter: pure, quick, and with an opinion on one thing only."""


def verdict(name: str, problem: str | None, score: float | None = None) -> FilterVerdict:
    """A rejection for this problem; a pass without one.

    >>> verdict("form", "empty").verdict
    <Verdict.REJECT: 'reject'>
    """
    return FilterVerdict(name, Verdict.PASS if problem is None else Verdict.REJECT, problem or "", score)


def own_statements(draft: CheckedDraft, context: FilterContext) -> list[tuple[SpeechAct, ActOrder]]:
    """What the draft, as read back, says of the sender's own orders in the phase at hand."""
    stating = (ActKind.INFORM, ActKind.PROMISE, ActKind.AGREE, ActKind.OFFER)
    return [
        (act, item)
        for act in draft.reading.acts
        if act.kind in stating and context.is_now(act)
        for item in act.orders
        if item.power is context.sender
    ]


def kinds(acts: Sequence[SpeechAct]) -> str:
    """The kinds of some acts, for a reason."""
    return ", ".join(act.kind.value for act in acts) or "nothing"
