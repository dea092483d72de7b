"""What a text takes for granted: that a move got there, that a plan was told, that what was done goes on.

Parts of the filter `past`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.board import last_movement, record_of
from dialogue.filters.verdict import CheckedDraft, FilterContext, sentences
from dialogue.memory import enters
from dialogue.names import find_names
from dialogue.reading import order_places
from dialogue.recalling import unquoted
from dialogue.sayings import is_told
from engine.notation import same_move
from engine.record import PhaseRecord
from engine.types import Order, OrderKind, Power, Province, province_of

_ARRIVED = (
    r"\b[^.!?,;]*?\b(?:moved|went|came|sent|took|taken|brought|marched|sailed|entered|got|captured|seized|conquered"
    r"|landed|advanced|walked|slid|shifted)\b(?! (?:for|against|at|on|towards?)\b)"
)
_TRIED = re.compile(
    r"\b(?:tr(?:y|ied|ying)|attempt\w*|against|bounc\w+|fail\w*|wanted|ordered|attack\w*|stopped|blocked)\b", re.I
)
_AS_TOLD = re.compile(
    r"\b(?:are|will|do) you (?:\w+ )?still\b|\bas planned\b"
    r"|\bas you (?:just )?(?:said|told me|promised|mentioned|planned)\b",
    re.I,
)
_GOES_ON = re.compile(
    r"\bi(?:'ll|'m| will| am)?(?: going to| gonna| plan to)? (?:keep(?:ing)?|continu(?:e|ing))(?: on| to)? "
    r"(?P<what>stay(?:ing)? (?:out|away|clear|off)|keep(?:ing)? (?:out|away|clear|off)|leav(?:e|ing)"
    r"|hold(?:ing)?|sit(?:ting)?|stay(?:ing)?)\b",
    re.I,
)


def told_as_done(act: SpeechAct, text: str, context: FilterContext) -> str | None:
    """ "You moved to Munich", of a move that bounced: it was tried."""
    record = record_of(context.view, act.phase)
    if act.kind is not ActKind.CLAIM_PAST or act.polarity is Polarity.NOT or record is None:
        return None
    for power, order in _moves(act, record, context):
        target = province_of(order.target) if order.target is not None else None
        if target is None or not record.is_stopped(order):
            continue
        who = {context.sender: "(?:i|we)", context.recipient: "(?:you|we)"}.get(power, r"\w+")
        arrived = re.compile(rf"\b{who}{_ARRIVED}", re.I)
        for sentence in _naming((target,), text, context):
            if arrived.search(sentence) and not _TRIED.search(sentence):
                return f"tells {power}'s {order} as done; it did not get there"
    return None


def false_presumption(draft: CheckedDraft, context: FilterContext) -> str | None:
    """ "Are you still moving to Belgium?" of what was never told; "I'll keep staying out" of where one went."""
    text = unquoted(draft.text)
    for act in draft.reading.acts:
        for item in act.orders if act.kind is not ActKind.CLAIM_PAST and act.quote is None else ():
            if item.power is not context.recipient or is_told(context.ledger, item, context.sender):
                continue
            for sentence in _naming(order_places(item.order), text, context):
                if (match := _AS_TOLD.search(sentence)) is not None:
                    return f"says {match[0]!r} of {item.order}, of which {item.power} said nothing"
    for sentence in sentences(text):
        if (match := _GOES_ON.search(sentence)) is not None and not _did_before(match["what"], sentence, context):
            return f"says {match[0]!r}, and did otherwise"
    return None


def _did_before(what: str, sentence: str, context: FilterContext) -> bool:
    """Whether the sender's last orders bear out that it goes on with this."""
    record = last_movement(context.view)
    if record is None:
        return False
    places = [p for mention in find_names(sentence, context.view) for p in mention.provinces]
    given = record.orders.get(context.sender, ())
    if what.split()[-1].lower() in ("out", "away", "clear", "off") or what.lower().startswith("leav"):
        stood = {unit.province for unit in record.board.units(context.sender)}
        return not any(enters(o, places) for o in given) and not stood & set(places)
    at = [o for o in given if o.unit is not None and o.unit.province in places]
    return all(o.kind is not OrderKind.MOVE for o in at) and bool(at or not places)


def _moves(act: SpeechAct, record: PhaseRecord, context: FilterContext) -> Iterable[tuple[Power, Order]]:
    """The moves on record that a claim is about; of a claim about places, those of one power if all were stopped."""
    for item in act.orders:
        for order in record.orders.get(item.power, ()):
            if same_move(order, item.order):
                yield item.power, order
    if not act.orders:
        for power in act.powers or (context.recipient, context.sender):
            going = [o for o in record.orders.get(power, ()) if enters(o, act.provinces)]
            if all(record.is_stopped(o) for o in going):
                yield from ((power, o) for o in going)


def _naming(places: Iterable[Province], text: str, context: FilterContext) -> list[str]:
    """The sentences that name one of the places; all of them where none does."""
    wanted, parts = set(places), sentences(unquoted(text))
    found = [s for s in parts if any(wanted & set(m.provinces) for m in find_names(s, context.view))]
    return found or parts
