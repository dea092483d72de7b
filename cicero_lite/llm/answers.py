"""Reads what a language model answered: what is right stands, what is not is named and left out, never put right."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import category

from cicero_lite.adapters.base import OutgoingMessage
from cicero_lite.arena.log import Fault
from cicero_lite.llm.blanks import Blank
from cicero_lite.llm.prompt import ALL, recipients_of
from cicero_lite.llm.settings import LlmConfig
from dialogue.chat import ChatAnswer
from engine.game import GameView
from engine.notation import order_sort_key
from engine.types import Action, Order, Power, Unit

SOURCE = "llm"
"""Who words the messages of such a seat."""
_SHOWN = 200
"""Letters of an answer in our findings."""
_MOST_FINDINGS = 50
"""Of an answer; what is wrong beyond adds nothing."""


@dataclass(frozen=True)
class Finding:
    """Something wrong with an answer."""

    fault: Fault
    expected: str
    got: str
    """Its first letters, on one line."""
    units: tuple[Unit, ...] = ()
    """Units that are left without an order by it."""

    def __str__(self) -> str:
        return f"expected {self.expected}, got {self.got or 'nothing'}"


@dataclass(frozen=True)
class Reading:
    """What stands of an answer, and what does not."""

    orders: Action = ()
    messages: tuple[OutgoingMessage, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_orders(answer: ChatAnswer, blanks: Sequence[Blank]) -> Reading:
    """The legal orders of an answer; what has none is left to the rules.

    Args:
        answer: of the model.
        blanks: what it was asked to fill in.
    """
    try:
        told = _json_object(answer)
    except _NoAnswerError as error:
        units = tuple(blank.unit for blank in blanks if blank.unit is not None)
        return Reading(
            findings=(Finding(error.fault, "one JSON object with an order for each name", error.got, units),)
        )
    orders: dict[str, Order] = {}
    findings: list[Finding] = []
    for blank in blanks:
        found = _order(told, blank, orders)
        if isinstance(found, Finding):
            findings.append(found)
        else:
            orders[_place(found, blank)] = found
    findings += _strangers(told, blanks)
    return Reading(orders=tuple(sorted(orders.values(), key=order_sort_key)), findings=tuple(findings[:_MOST_FINDINGS]))


def _strangers(told: Mapping[str, Any], blanks: Sequence[Blank]) -> Iterator[Finding]:
    names = [blank.name for blank in blanks]
    for name, value in told.items():
        if name not in names:
            yield Finding(Fault.NO_SUCH_UNIT, f"one of {', '.join(names)}", _shown(f"{name}: {_written(value)}"))


def _order(told: Mapping[str, Any], blank: Blank, orders: Mapping[str, Order]) -> Order | Finding:
    units = () if blank.unit is None else (blank.unit,)
    wanted = f"a legal order for {blank.name}"
    if blank.name not in told:
        return Finding(Fault.NO_ORDER, wanted, "", units)
    said = told[blank.name]
    if not isinstance(said, str):
        return Finding(Fault.FORM, f"{wanted}, as a text", _shown(_written(said)), units)
    order = blank.legal.get(said.strip())
    if order is None:
        return Finding(Fault.ILLEGAL_ORDER, wanted, _shown(said), units)
    if _place(order, blank) in orders:
        return Finding(Fault.DOUBLED, f"{blank.name} in another place", _shown(said))
    return order


def _place(order: Order, blank: Blank) -> str:
    """What one order at most may be given for; each waived build is another."""
    return blank.name if order.unit is None else order.unit.province


def read_messages(answer: ChatAnswer, view: GameView, config: LlmConfig) -> Reading:
    """The messages of an answer that can be sent.

    Args:
        answer: of the model.
        view: of the power that it plays.
        config: the limits.
    """
    try:
        told = _json_object(answer)
    except _NoAnswerError as error:
        return Reading(findings=(Finding(error.fault, "one JSON object with messages", error.got),))
    listed = told.get("messages")
    if not isinstance(listed, list):
        return Reading(findings=(Finding(Fault.FORM, 'a list, "messages"', _shown(_written(told))),))
    messages: list[OutgoingMessage] = []
    findings: list[Finding] = []
    if besides := [name for name in told if name != "messages"]:
        findings.append(Finding(Fault.FORM, 'nothing but "messages"', _shown(", ".join(besides))))
    for number, entry in enumerate(listed):
        if number >= config.messages:
            left = _shown(_written(listed[number:]))
            findings += [Finding(Fault.TOO_MANY, f"at most {config.messages} messages", left)] * (len(listed) - number)
            break
        found = _message(entry, view, config)
        messages += [part for part in found if isinstance(part, OutgoingMessage)]
        findings += [part for part in found if isinstance(part, Finding)]
    return Reading(messages=tuple(messages), findings=tuple(findings[:_MOST_FINDINGS]))


def _message(entry: Any, view: GameView, config: LlmConfig) -> tuple[OutgoingMessage | Finding, ...]:
    to, text = (entry.get("to"), entry.get("text")) if isinstance(entry, dict) else (None, None)
    if not isinstance(to, str) or not isinstance(text, str):
        return (Finding(Fault.FORM, 'a message with "to" and "text"', _shown(_written(entry))),)
    if not _is_writable(text):
        return (Finding(Fault.FORM, "a text of letters and signs", _shown(json.dumps(text))),)
    recipients, name = recipients_of(view), to.strip().upper()
    if name not in recipients:
        return (Finding(Fault.RECIPIENT, f"one of {', '.join(recipients)} as recipient", _shown(to)),)
    recipient = None if name == ALL else Power(name)
    text = text.strip()
    if len(text) <= config.message_letters:
        return (OutgoingMessage(recipient, text, source=SOURCE),)
    finding = Finding(Fault.TOO_LONG, f"at most {config.message_letters} letters", f"{len(text)}: {_shown(text)}")
    return (OutgoingMessage(recipient, text[: config.message_letters].rstrip(), source=SOURCE), finding)


def _is_writable(text: str) -> bool:
    """Whether a text has words, and neither control characters nor halves of characters, which no server takes."""
    return bool(text.strip()) and all(
        letter in "\n\t" or letter.isprintable() or category(letter) == "Zs" for letter in text
    )


class _NoAnswerError(Exception):
    """An answer that is no JSON object."""

    def __init__(self, fault: Fault, got: str) -> None:
        super().__init__(fault, got)
        self.fault, self.got = fault, got


def _json_object(answer: ChatAnswer) -> dict[str, Any]:
    """The object from the first brace to the last, after whatever the model thought aloud.

    Servers that cannot enforce a schema have models that put a fence or a sentence around it.
    """
    said = answer.text.rpartition("</think>")[2]
    start, end = said.find("{"), said.rfind("}")
    try:
        return json.loads(said[start : end + 1] if start >= 0 else "", object_pairs_hook=_once)  # type: ignore[no-any-return]
    except _NoAnswerError as error:
        raise _NoAnswerError(error.fault, f"{error.got} twice: {_shown(said)}") from None
    except (ValueError, RecursionError):
        raise _NoAnswerError(Fault.NO_JSON, _shown(answer.text) + ("" if answer.finished else " (cut off)")) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    doubled = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if doubled is not None:
        raise _NoAnswerError(Fault.FORM, _shown(doubled))
    return dict(pairs)


def _written(value: Any) -> str:
    """A value of JSON as text."""
    try:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except RecursionError:  # what could just be read is not always written as easily
        return "something nested too deeply"


def _shown(text: str) -> str:
    line = " ".join(text[: 4 * _SHOWN].split())[:_SHOWN]
    return "".join(letter if letter.isprintable() else "?" for letter in line)
