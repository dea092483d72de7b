"""Rejects what is false about earlier orders and earlier words."""

from __future__ import annotations

import re

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.board import record_of
from dialogue.filters.presumed import false_presumption, told_as_done
from dialogue.filters.verdict import CheckedDraft, FilterContext, FilterVerdict, verdict
from dialogue.incoming import readable
from dialogue.memory import RequestStatus, Status, enters, fulfils
from dialogue.names import find_names
from dialogue.recalling import Recalled, recalled, unquoted
from dialogue.sayings import look_up
from engine.types import FIRST_PHASE, Action, Phase, Power, Province, province_of

_EARLIER = re.compile(
    r"\b(?:last|previous) (?:turn|season|year|phase|time|round)\b|\blast (?:spring|fall|autumn)\b", re.I
)
_YOU_SAID = re.compile(
    r"\b(?:as )?you (?:just )?(?:said|told me|promised|mentioned|suggested|asked|proposed|agreed)\b", re.I
)
_I_SAID = re.compile(
    r"\b(?:as )?i (?:already |just )?(?:said|told you|promised|mentioned|suggested|asked|proposed)\b", re.I
)
_WE_AGREED = re.compile(
    r"\b(?:as (?:we )?agreed|we agreed|our agreement|our deal|as (?:we )?discussed|we discussed)\b", re.I
)
_THANKS_FOR = re.compile(
    r"\b(?:thanks|thank you|thx)(?: again| so much| a lot)? for (?:the|your) (?P<what>support|help)\b", re.I
)
_PLAYED = re.compile(
    r"\b(?:well played|nice (?:moves?|one|turn|stab)|good (?:moves?|turn)|great (?:moves?|turn)|congrat\w*"
    r"|(?:interesting|wild|crazy|tough|fun) (?:turn|moves|start)|this game is (?:wild|crazy)|getting exciting)\b",
    re.I,
)
_BEGINNING = re.compile(r"\b(?:good luck|best of luck|have fun|(?:good|fun) game|nice to meet you)\b", re.I)
_ANSWERING = re.compile(
    r"\b(?:let me (?:think|get back)|i'll (?:get back to you|think about (?:it|that))"
    r"|one moment|give me a (?:moment|minute))\b",
    re.I,
)
_KEPT = re.compile(
    r"\b(?:keeping|kept|stick(?:ing)? to|stuck to|honou?r(?:ing|ed)?) (?:to )?(?:your|our) "
    r"(?:word|promises?|deal|agreement|end of)",
    re.I,
)
_BROKE = re.compile(
    r"\byou (?:lied|broke (?:your (?:word|promise)|our (?:deal|agreement))|betrayed"
    r"|did(?: not|n't) keep (?:your|our))\b",
    re.I,
)
_TOLD_ME = re.compile(r"\b(?:told|promised|assured|asked|warned) me\b|\bsaid to me\b", re.I)


def past(draft: CheckedDraft, context: FilterContext) -> FilterVerdict:
    """What is said about the past is on record."""
    for said in recalled(draft.text, context.sender, context.recipient, context.view):
        if (problem := _false_recollection(said, context)) is not None:
            return verdict("past", problem)
    for act in draft.reading.acts:
        if act.kind in (ActKind.CLAIM_PAST, ActKind.DENY) and act.orders and act.quote is None:
            problem = _false_claim(act, context) or told_as_done(act, draft.text, context)
            if problem is not None:
                return verdict("past", problem)
        if act.kind is ActKind.CLAIM_PAST and act.provinces and not (act.orders or act.powers) and act.quote is None:
            problem = _false_entry(act, draft.text, context) or told_as_done(act, draft.text, context)
            if problem is not None:
                return verdict("past", problem)
    return verdict("past", false_presumption(draft, context) or _false_words(unquoted(draft.text), context))


def _false_recollection(said: Recalled, context: FilterContext) -> str | None:
    """What is said of words exchanged before: they were said so, or were not; and of other talks nothing is told."""
    two = (context.sender, context.recipient)
    if said.to not in two:
        return "tells of words to others" if said.by is context.sender and not said.asks else None
    if said.asks:
        return None
    if said.denies and not said.words and not said.is_open:
        return _false_denial(said, context)
    finding = look_up(context.ledger, said, context.view)
    what = said.quote or said.words or f"about {'/'.join(said.provinces)}"
    if said.denies:
        return f"denies what {said.by} said: {finding.sayings[-1].quote!r}" if finding.sayings else None
    if said.quote and not any(said.quote in entry.message.text for entry in context.ledger.said(said.by, to=said.to)):
        return f"{said.by} never wrote {said.quote!r}"
    if not finding.readable:
        return f"speaks of words that nobody can make out: {what!r}"
    return None if finding.sayings else f"{said.by} never said {what!r}"


def _false_denial(said: Recalled, context: FilterContext) -> str | None:
    """ "I never said that": what the message answered says, or asks, that it said, is not on record."""
    heard = context.plan.answers
    text = "" if heard is None else readable(heard.text).text
    claimed = () if heard is None else recalled(text, heard.sender, heard.recipient, context.view)
    meant = [c for c in claimed if c.by is said.by and not c.is_open]
    if not meant:
        return f"denies words of {said.by} that nobody spoke of"
    for claim in meant:
        finding = look_up(context.ledger, claim, context.view)
        if finding.sayings:
            return f"denies what {said.by} said: {finding.sayings[-1].quote!r}"
    return None


def _false_claim(act: SpeechAct, context: FilterContext) -> str | None:
    """A claim about orders is true if they were given so."""
    is_claim = act.kind is ActKind.CLAIM_PAST
    if is_claim and not context.view.history and not context.ledger.entries:
        return "speaks of the past before there is any"
    if not is_claim and (act.phase is None or not act.phase < context.view.phase):
        return None
    for item in act.orders:
        problem = _false_deed(act, item, context)
        if problem is not None:
            return problem
    return None


def _false_deed(act: SpeechAct, item: ActOrder, context: FilterContext) -> str | None:
    orders = _orders_of(item.power, act.phase, context)
    if orders is None:
        return f"no record of {item.power}'s orders in {act.phase or 'the last movement phase'}"
    given = any(fulfils(o, item.order) for o in orders)
    if given is (act.kind is ActKind.CLAIM_PAST and act.polarity is Polarity.DO):
        return None
    return f"{item.power} {'did play' if given else 'did not play'} {item.order}"


_WENT = re.compile(
    r"\b(?P<who>i|you) (?:just |then |really )?"
    r"(?:moved|went|came|headed|marched|sailed|took|got|tried|attempted|attacked)\b",
    re.I,
)


def _false_entry(act: SpeechAct, text: str, context: FilterContext) -> str | None:
    """ "You moved to Burgundy", whatever with: one of their units was ordered there."""
    match = _WENT.search(text)
    if match is None or act.polarity is Polarity.NOT:
        return None
    power = context.recipient if match["who"].lower() == "you" else context.sender
    orders = _orders_of(power, act.phase, context)
    if orders is not None and any(enters(o, act.provinces) for o in orders):
        return None
    return f"{power} did not go to {'/'.join(act.provinces)}"


def _orders_of(power: Power, phase: Phase | None, context: FilterContext) -> Action | None:
    record = record_of(context.view, phase)
    return None if record is None else record.orders.get(power)


def _false_words(text: str, context: FilterContext) -> str | None:
    """Phrases that presuppose earlier play, words or agreements."""
    ledger, sender, other = context.ledger, context.sender, context.recipient
    if _EARLIER.search(text) and not context.view.history:
        return "speaks of an earlier turn before there is one"
    if _YOU_SAID.search(text) and not ledger.said(other, to=sender):
        return f"quotes {other}, who has said nothing yet"
    if _I_SAID.search(text) and not ledger.said(sender, to=other):
        return f"refers to its own earlier words; there are none to {other}"
    pair = {sender, other}
    if _WE_AGREED.search(text) and not any(
        {r.by, r.to} == pair and r.status is RequestStatus.ACCEPTED for r in ledger.requests
    ):
        return f"refers to an agreement with {other}; there is none on record"
    thanks = _THANKS_FOR.search(text)
    if thanks and not _has_helped(context, thanks["what"].lower() == "support"):
        return f"thanks {other} for {thanks['what']} that it neither gave nor promised"
    if _KEPT.search(text) and "if you" not in text.lower():
        thanked = next((act.phase for act in context.plan.acts if act.kind is ActKind.THANK), None)
        if not ledger.promises_by(other, sender, Status.KEPT, thanked):
            return f"speaks of a word that {other} kept{f' in {thanked}' if thanked else ''}; there is none on record"
    if _BROKE.search(text) and not ledger.promises_by(other, sender, Status.BROKEN):
        return f"says that {other} broke its word; none is on record"
    if not context.view.history and (match := _PLAYED.search(text)):
        return f"says {match[0]!r} before anything was played"
    if context.view.phase.year > FIRST_PHASE.year and (match := _BEGINNING.search(text)):
        return f"says {match[0]!r} in a game long begun"
    of_words = any(act.quote is not None for act in context.plan.acts)  # declines to say what it told others
    asked = context.plan.answers is not None and (of_words or ledger.open_requests_from(other))
    if (match := _ANSWERING.search(text)) and not asked:
        return f"says {match[0]!r} to nothing that was asked"
    return _false_hearsay(text, context)


def _false_hearsay(text: str, context: FilterContext) -> str | None:
    """ "Italy told me that ...": it did speak to us, of a place or power that the text names."""
    for match in _TOLD_ME.finditer(text):
        mentions = find_names(text, context.view)
        before = [m for m in mentions if m.power is not None and m.end <= match.start()]
        if not before:
            continue
        source = before[-1].power
        assert source is not None
        named = {p for m in mentions for p in m.provinces}
        heard = context.ledger.said(source, to=context.sender)
        if not any(_speaks_of(a, named) for e in heard for a in e.acts):
            return f"says that {source} told us; it did not"
    return None


def _speaks_of(act: SpeechAct, provinces: set[Province]) -> bool:
    """Whether an act is about one of the places; about anything, if no place is named."""
    places = {*act.provinces}
    for item in act.orders:
        units = (item.order.unit, item.order.aided)
        places |= {u.province for u in units if u is not None}
        places |= {province_of(item.order.target)} if item.order.target is not None else set()
    return bool(places & provinces) if provinces else True


def _has_helped(context: FilterContext, with_support: bool) -> bool:
    """Whether the recipient aided a unit of the sender in any phase, or promised to (or, help at large, warned it)."""
    ledger, other = context.ledger, context.recipient
    for promise in ledger.promises_by(other, to=context.sender):
        if promise.order is None or promise.order.aided is None:
            continue
        at = context.view.unit_at(promise.order.aided.province)
        if at is not None and at[0] is context.sender:
            return True
    for record in context.view.history:
        for order in record.orders.get(other, ()):
            at = None if order.aided is None else record.board.unit_at(order.aided.province)
            if at is not None and at[0] is context.sender:
                return True
    if with_support:
        return False
    kinds = (ActKind.INFORM, ActKind.WARN, ActKind.AGREE, ActKind.PROMISE, ActKind.OFFER)
    return any(ledger.said(other, kind=kind, to=context.sender) for kind in kinds)
