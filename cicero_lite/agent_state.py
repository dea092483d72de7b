"""What the negotiating agent knows between two calls, as JSON values: it goes on in another process where it was.

The plan is kept by what it decided: the action, and the intents behind what was said.  The policies of the others can
be searched for again.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cicero_lite.arena.codec import decode, encode
from cicero_lite.steer.controls import Controls
from dialogue.acts import SpeechAct
from dialogue.incoming import Heeded
from engine.game import GameView
from engine.types import Action, Intent, Message, Phase, Power

_NUMBERS = ("sequence", "message", "answers")
"""Fields that hold a `Message.sequence`, where they hold a number."""


@dataclass(frozen=True)
class StandingPlan:
    """What was decided in a phase."""

    phase: Phase
    action: Action
    intents: tuple[Intent, ...]


@dataclass(frozen=True)
class MeantActs:
    """What was meant by words of our own."""

    recipient: Power | None
    text: str
    acts: tuple[SpeechAct, ...]


@dataclass(frozen=True)
class Suspicion:
    """How far a message is suspected to be a lie."""

    message: int
    """Its `Message.sequence`."""
    suspicion: float


@dataclass(frozen=True)
class AgentState:
    """All of it."""

    ledger: Mapping[str, Any]
    """As `Ledger.to_json` writes it."""
    suspicions: tuple[Suspicion, ...]
    players: str | None
    """As `OpponentBeliefs.to_json` writes it; None: it believes nothing of them."""
    settled: tuple[Phase, ...]
    meant: tuple[MeantActs, ...]
    plan: StandingPlan | None
    attention: tuple[Heeded, ...]
    rng: Mapping[str, Any]
    """State of numpy's bit generator."""
    has_heard: bool
    """Whether something was heard since the plan was made."""
    is_held: bool
    """See `NegotiatingAgent.hold_to`."""
    elapsed: float | None
    controls: Controls | None = None
    """Those in force; None: kept by a version without them."""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        values: dict[str, Any] = encode(self)
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any], view: GameView) -> AgentState:
        """What `to_json` wrote, its messages numbered as the view numbers them.

        A table on a server that is asked anew may count in another order.  A message that is not in the view any more
        gets a number below all others.

        Raises:
            ValueError: values of another form.
        """
        return decode(cls, _renumbered(values, _new_numbers(values, view)))


def _new_numbers(values: Mapping[str, Any], view: GameView) -> Mapping[int, int]:
    """Number in the ledger -> number in the view, of all messages of the ledger."""
    places: dict[tuple[object, ...], deque[int]] = defaultdict(deque)
    for message in (*(m for record in view.history for m in record.messages), *view.messages):
        places[_identity(message)].append(message.sequence)
    numbers: dict[int, int] = {}
    lost = 0
    for entry in values["ledger"]["entries"]:
        message = decode(Message, entry["message"])
        if same := places[_identity(message)]:
            numbers[message.sequence] = same.popleft()
        else:
            lost += 1
            numbers[message.sequence] = -lost
    return numbers


def _identity(message: Message) -> tuple[object, ...]:
    return message.phase, message.sender, message.recipient, message.text


def _renumbered(value: Any, numbers: Mapping[int, int]) -> Any:
    if isinstance(value, list):
        return [_renumbered(item, numbers) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: numbers.get(item, item) if key in _NUMBERS and isinstance(item, int) else _renumbered(item, numbers)
        for key, item in value.items()
    }
