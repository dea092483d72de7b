"""What if: changes to what an agent was told, may do, is told to want, and how long it thinks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cicero_lite.config import AgentConfig, changed_controls
from cicero_lite.inspection.record import InspectionError
from engine.notation import parse_order
from engine.types import Message, NotationError, Order, Phase, Power
from planner.limits import Limit

_LONGEST_THOUGHT_S = 60.0
_MOST_ITERATIONS = 4096
"""What a page may ask of the machine that serves it."""
_LONGEST_TEXT = 4000
_MOST_MESSAGES = 50


@dataclass(frozen=True)
class MessageChange:
    """A message of the phase said otherwise, or not at all."""

    sequence: int
    """`Message.sequence` of the message."""
    text: str | None
    """None: it was not said."""


@dataclass(frozen=True)
class NewMessage:
    """A message that was not said, after all others of the moment."""

    sender: Power
    recipient: Power | None
    """None: to all."""
    text: str


@dataclass(frozen=True)
class Changes:
    """All that is otherwise than it was."""

    orders: tuple[Order, ...] = ()
    """Of the own units, imposed: the agent plans freely for the rest."""
    messages: tuple[MessageChange, ...] = ()
    new_messages: tuple[NewMessage, ...] = ()
    controls: tuple[str, ...] = ()
    """Such as ``aggression=0.02``; see docs/controls.md."""
    think: str | None = None
    """Such as ``2s`` or ``64it``; None: as configured."""

    def configured(self, config: AgentConfig, phase: Phase) -> AgentConfig:
        """The agent's configuration with these changes.

        Raises:
            ConfigError: an unknown control, a wrong type, a value out of range.
        """
        controls = config.controls
        for setting in self.controls:
            controls = changed_controls(controls, setting)
        if self.orders:
            own = tuple(str(order) for order in self.orders)
            controls = replace(controls, imposed=replace(controls.imposed, phase=str(phase), own=own))
        search = config.search if self.think is None else replace(config.search, think=self.think)
        return replace(config, controls=controls, search=search)

    def said(self, messages: Sequence[Message], power: Power, phase: Phase, following: int) -> tuple[Message, ...]:
        """The messages of a phase that a power knows, with these changes.

        Args:
            messages: as they were.
            power: whose seat it is.
            phase: when.
            following: number of the first message that is new.

        Raises:
            InspectionError: a message is not there, or the power would not see it.
        """
        changed = {change.sequence: change.text for change in self.messages}
        missing = changed.keys() - {message.sequence for message in messages}
        if missing:
            raise InspectionError(f"no message number {min(missing)} among those that {power} knows at this moment")
        now = [(message, changed.get(message.sequence, message.text)) for message in messages]
        kept = [replace(message, text=text) for message, text in now if text is not None]
        for number, new in enumerate(self.new_messages):
            if power not in (new.sender, new.recipient) and new.recipient is not None:
                raise InspectionError(
                    f"expected a message by {power}, to it or to all, got one of {new.sender} to {new.recipient}"
                )
            kept.append(Message(new.sender, new.recipient, phase, new.text, following + number))
        return tuple(kept)


NO_CHANGES = Changes()


def changes_of(values: Mapping[str, Any]) -> Changes:
    """The changes that plain values describe, as a page sends them.

    Raises:
        InspectionError: values of another form; one line says which.
    """
    known = {"orders", "messages", "new_messages", "controls", "think"}
    if unknown := sorted(values.keys() - known):
        raise InspectionError(f"unknown change {unknown[0]!r}: expected {', '.join(sorted(known))}")
    try:
        return Changes(
            orders=tuple(parse_order(_text(order, "orders")) for order in _list(values, "orders")),
            messages=tuple(_message_change(item) for item in _list(values, "messages")),
            new_messages=tuple(_new_message(item) for item in _list(values, "new_messages")),
            controls=tuple(_text(setting, "controls") for setting in _list(values, "controls")),
            think=_think(values.get("think")),
        )
    except NotationError as error:
        raise InspectionError(str(error)) from None


def _list(values: Mapping[str, Any], key: str) -> Iterable[Any]:
    found = values.get(key, [])
    if not isinstance(found, list) or len(found) > _MOST_MESSAGES:
        raise InspectionError(f"{key}: expected a list of at most {_MOST_MESSAGES}, got {str(found)[:60]!r}")
    return found


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise InspectionError(f"{what}: expected text of at most {_LONGEST_TEXT} letters, got {str(value)[:60]!r}")
    return value


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InspectionError(f"{what}: expected an object, got {str(value)[:60]!r}")
    return value


def _message_change(value: Any) -> MessageChange:
    item = _mapping(value, "messages")
    sequence, text = item.get("sequence"), item.get("text")
    if not isinstance(sequence, int):
        raise InspectionError(f"messages: expected the number of a message, got {str(sequence)[:60]!r}")
    return MessageChange(sequence, None if text is None else _text(text, "messages"))


def _new_message(value: Any) -> NewMessage:
    item = _mapping(value, "new_messages")
    sender, recipient = (_text(item.get(key), f"new_messages.{key}") for key in ("sender", "recipient"))
    to = None if recipient == "GLOBAL" else Power.parse(recipient)
    return NewMessage(Power.parse(sender), to, _text(item.get("text"), "new_messages.text"))


def _think(value: Any) -> str | None:
    if value is None or value == "":
        return None
    text = _text(value, "think")
    try:
        limit = Limit.parse(text)
    except ValueError as error:
        raise InspectionError(str(error)) from None
    if (limit.seconds or 0) > _LONGEST_THOUGHT_S or (limit.iterations or 0) > _MOST_ITERATIONS:
        raise InspectionError(f"think: expected at most {_LONGEST_THOUGHT_S:g}s or {_MOST_ITERATIONS}it, got {text!r}")
    return text
