"""Answers to what is asked, or said, about words exchanged before: by the record, with the words where they are short.

"Did you say ...?" is answered yes or no, and with what was said instead; "you said ..." is set right where it is not
so; "I never said that" is met with the words that say otherwise, or with an apology.  What was said to others is
nobody's to know: neither told nor denied.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.incoming import readable
from dialogue.memory import Remembered
from dialogue.recalling import Recalled, recalled
from dialogue.records import Status
from dialogue.sayings import Saying, has_said, look_up, sayings
from dialogue.situation import Situation
from dialogue.understanding import words_of
from engine.types import OrderKind, Power

_LONGEST_QUOTE = 140
"""Characters of a message that is quoted; longer ones are told."""
_QUOTABLE = re.compile(r"[A-Za-z0-9 ,.:;!?'&/+%()-]+")
"""What a quotation may hold; anything else is not repeated, whoever wrote it."""


@dataclass(frozen=True)
class Recollection:
    """What one sentence about words calls for."""

    acts: tuple[SpeechAct, ...]
    reason: str
    declines: bool = False
    """Whether it will not say."""


def recollections(situation: Situation, other: Power, entry: Remembered) -> tuple[Recollection, ...]:
    """What the sentences about words in a message of another call for; empty: nothing."""
    if not entry.acts:
        return ()  # passed over in a flood, or nothing in it was understood
    found = recalled(readable(entry.message.text).text, other, situation.power, situation.view)
    return tuple(answer for said in found if (answer := _answer(situation, other, entry, said)) is not None)


def _answer(situation: Situation, other: Power, entry: Remembered, said: Recalled) -> Recollection | None:
    teller = _Teller(situation, other, entry)
    if said.to not in (situation.power, other):
        if said.by is other:
            return None  # news of what they told others
        return Recollection((teller.declining(),), "asked what it told others: declines", declines=True)
    finding = look_up(situation.ledger, said, situation.view)
    if not finding.readable and (said.asks or said.words):
        return None
    if said.is_open and said.asks:
        return teller.what(said, finding.sayings)
    if said.denies and not said.asks:
        return teller.contradicts(said, finding.sayings)
    if finding.sayings:
        if said.asks:
            return Recollection(teller.told(finding.sayings[-1]), "asked about words on record: says so")
        return teller.owns_up(finding.sayings)
    return Recollection(teller.denies(said), "told of words that are not on record: denies")


class _Teller:
    """Puts what the record says into acts."""

    def __init__(self, situation: Situation, other: Power, entry: Remembered) -> None:
        self.situation, self.other, self.entry = situation, other, entry
        self.me = situation.power

    def act(self, kind: ActKind) -> SpeechAct:
        return SpeechAct(kind, self.me, self.other, answers=self.entry.message.sequence)

    def declining(self) -> SpeechAct:
        """That it will not say: of words, so that it may be said as often as it is asked."""
        return replace(self.act(ActKind.SMALL_TALK), quote="")

    def whose(self, by: Power, orders: Sequence[ActOrder] = ()) -> tuple[Power, ...]:
        """What tells that words are the other's, where no order of its own does; see `dialogue.acts.sayer`."""
        return () if by is self.me or any(item.power is by for item in orders) else (by,)

    def told(self, saying: Saying) -> tuple[SpeechAct, ...]:
        """That this was said, in its words where they can be quoted."""
        return (self.quoted(saying) or self.retold(saying),)

    def retold(self, saying: Saying) -> SpeechAct:
        return replace(
            self.act(ActKind.CLAIM_PAST),
            orders=saying.orders,
            provinces=() if saying.orders else saying.provinces,
            powers=(*self.whose(saying.by, saying.orders), *saying.powers),
            polarity=saying.polarity,
            phase=saying.phase,
            quote="",
        )

    def quoted(self, saying: Saying) -> SpeechAct | None:
        """The same with the words themselves; None: they are too long, or do not say it alone."""
        quote = " ".join(saying.quote.split())
        if not quote or len(quote) > _LONGEST_QUOTE or _QUOTABLE.fullmatch(quote) is None:
            return None
        to = self.other if saying.by is self.me else self.me
        words = Recalled(saying.by, to, quote, quote=quote, phase=saying.phase)
        about = words_of(words, self.situation.view)
        if about is None or about.polarity is not saying.polarity:
            return None
        if not all(item in about.orders for item in saying.orders):
            return None
        if not saying.orders and not set(saying.provinces) <= set(about.provinces):
            return None
        told = replace(self.retold(saying), orders=about.orders, provinces=about.provinces)
        return replace(told, powers=(*self.whose(saying.by, about.orders), *about.powers), quote=quote)

    def what(self, said: Recalled, about: Sequence[Saying]) -> Recollection:
        """What was said, of all that was said about a place the last message; nothing, if nothing was."""
        if about:
            latest = [saying for saying in about if saying.message == about[-1].message]
            firm = [saying for saying in latest if _can_be_told(saying)] or [s for s in about if _can_be_told(s)][-1:]
            if firm:
                return Recollection(self.together(firm), "asked what was said: tells the last of it")
        if said.provinces and not about:
            nothing = replace(self.act(ActKind.DENY), provinces=said.provinces, powers=self.whose(said.by), quote="")
            return Recollection((nothing,), "asked what was said: nothing on record")
        return Recollection((self.declining(),), "asked what was said: cannot tell it", declines=True)

    def together(self, found: Sequence[Saying]) -> tuple[SpeechAct, ...]:
        """Sayings of one message in one act: its words, or what it said with one sign."""
        quote = self.quoted(found[0])
        if quote is not None:
            return (quote,)
        alike = [s for s in found if s.polarity is found[0].polarity and bool(s.orders) is bool(found[0].orders)][:2]
        orders = tuple(item for saying in alike for item in saying.orders)
        return (replace(self.retold(found[0]), orders=orders),)

    def denies(self, said: Recalled) -> tuple[SpeechAct, ...]:
        """That it was not said, and what was said in its place, if anything was."""
        view = self.situation.view
        known = said.phase in (None, view.phase, *(record.phase for record in view.history))
        about = words_of(said, view) if known else None  # of a time before the game a bare no is enough
        no = replace(self.act(ActKind.DENY), quote="", powers=self.whose(said.by), phase=said.phase if known else None)
        if about is not None and about.orders:
            whose = self.whose(said.by, about.orders)
            no = replace(no, orders=about.orders, polarity=about.polarity, powers=whose)
        elif about is not None and about.provinces and about.polarity is Polarity.NOT:
            no = replace(no, provinces=about.provinces, polarity=about.polarity)
        instead = self.instead(said)
        return (no,) if instead is None else (no, instead)

    def instead(self, said: Recalled) -> SpeechAct | None:
        """What the same power did say of the same unit or place, or the other power in its place."""
        view, ledger = self.situation.view, self.situation.ledger
        about = words_of(said, view)
        if about is None:
            return None
        to = self.other if said.by is self.me else self.me
        if said.phase is not None and (ever := look_up(ledger, replace(said, phase=None), view).sayings):
            return self.told(ever[-1])[0]
        told = [s for s in sayings(ledger, said.by, to) if said.phase in (None, s.phase) and _can_be_told(s)]
        units = {item.order.unit.province for item in about.orders if item.order.unit is not None}
        same = [s for s in told if any(i.order.unit is not None and i.order.unit.province in units for i in s.orders)]
        if not same:
            same = [s for s in told if about.provinces and s.places & set(about.provinces)]
        if same:
            return self.told(same[-1])[0]
        turned = look_up(ledger, replace(said, by=to, to=said.by, phase=None), view).sayings
        firm = [saying for saying in turned if _can_be_told(saying)]
        return self.told(firm[-1])[0] if firm and not about.orders else None

    def owns_up(self, found: Sequence[Saying]) -> Recollection | None:
        """To "you said ...": sorry, where it was not kept; nothing more, where it was so."""
        broken = [saying for saying in found if saying.by is self.me and saying.status is Status.BROKEN]
        if not broken or self.situation.has_said_kind(ActKind.APOLOGISE, self.other):
            return None
        sorry = replace(self.act(ActKind.APOLOGISE), phase=broken[-1].due)
        return Recollection((sorry,), "the ledger says that it broke its word")

    def contradicts(self, said: Recalled, found: Sequence[Saying]) -> Recollection | None:
        """To "I never said that" and "you never told me": the words, if they are on record."""
        if not said.words:
            found = self.meant(said)
            if not found:
                return self.takes_back(said)
        told = [saying for saying in found if _can_be_told(saying)]
        if not told:
            return None
        return Recollection(self.told(told[-1]), "what it denies is on record: says so")

    def meant(self, said: Recalled) -> list[Saying]:
        """What "that" is: the words that our last message with words in it spoke of, as far as they are on record."""
        act = self.spoken_of(said)
        return [] if act is None else list(has_said(self.situation.ledger, replace(act, speaker=said.by), said.to))

    def spoken_of(self, said: Recalled) -> SpeechAct | None:
        """Our last claim to the other about words of the one who is said not to have said them."""
        for entry in reversed(self.situation.ledger.said(self.me, to=self.other)):
            for act in entry.acts:
                named = any(item.power is said.by for item in act.orders) or said.by in act.powers
                if act.kind is ActKind.CLAIM_PAST and act.quote is not None and named:
                    return act
        return None

    def takes_back(self, said: Recalled) -> Recollection | None:
        """Sorry, where we said that they had said what is not on record."""
        if said.by is not self.other or self.spoken_of(said) is None:
            return None
        return Recollection((self.act(ActKind.APOLOGISE),), "said of them what is not on record: apologises")


def _can_be_told(saying: Saying) -> bool:
    """Whether there are words to retell it: an order, or places to go to or stay out of."""
    waived = any(item.order.kind is OrderKind.WAIVE or item.order.unit is None for item in saying.orders)
    return (bool(saying.orders) and not waived) or bool(saying.provinces) or bool(saying.quote)
