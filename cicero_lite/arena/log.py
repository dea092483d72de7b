"""The record of a game: one JSON object a line, each a typed event with its tag under ``event``.

The first line is always `GameStarted`, which carries the schema version.  Everything the agents thought,
said, drafted and dropped is here; the replay, the live view and the experiments read nothing else.
No event holds a time of day, so that the same seed writes the same log.

    {"event": "game_started", "schema": 1, "game": "cicero-lite-7", ...}
    {"event": "phase_started", "phase": "S1901M", ...}
    {"event": "drafted", "sender": "FRANCE", "recipient": "ENGLAND", "text": "Shall we both ...", ...}
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, TypeAlias, get_args

from cicero_lite.arena.codec import decode, encode
from cicero_lite.errors import EventLogError
from cicero_lite.steer.controls import Controls
from dialogue.acts import SpeechAct
from engine.types import (
    Action,
    ExpectedOrder,
    Intent,
    Message,
    Order,
    OrderResult,
    Phase,
    Policy,
    Power,
    Province,
    Unit,
)

SCHEMA = 1
"""Raised whenever a reader of older logs would misread; add a line to CHANGELOG.md with it."""


@dataclass(frozen=True)
class GameStarted:
    """The game and all that is needed to play it again."""

    TAG: ClassVar[str] = "game_started"
    game: str
    """Identifier of the game, derived from the seed."""
    map_name: str
    seed: int
    agents: Mapping[Power, str]
    """Name of the agent on each seat."""
    config: Mapping[str, Any]
    """The resolved configuration."""
    commit: str | None
    """Commit of the source tree; None where it is no git checkout."""
    dirty: bool
    """Whether that tree had uncommitted changes."""
    versions: Mapping[str, str]
    """Package name -> version; Python under ``python``."""
    schema: int = SCHEMA


@dataclass(frozen=True)
class PhaseStarted:
    """The board as a phase begins."""

    TAG: ClassVar[str] = "phase_started"
    phase: Phase
    units: Mapping[Power, tuple[Unit, ...]]
    centers: Mapping[Power, tuple[Province, ...]]


@dataclass(frozen=True)
class Searched:
    """What a search of `power` found."""

    TAG: ClassVar[str] = "searched"
    power: Power
    phase: Phase
    policies: Mapping[Power, Policy]
    """The most likely actions of every power with their probabilities, best first; they need not sum to 1."""
    expected_scores: Mapping[Power, float]
    action: Action
    """What the power means to play."""
    values: Mapping[Power, tuple[float, ...]] = field(default_factory=dict)
    """Expected score of each action listed in `policies`, in the same order."""
    anchors: Mapping[Power, tuple[float, ...]] = field(default_factory=dict)
    """Chance of each of these actions before any search, by the anchor and the talk."""
    expected: tuple[ExpectedOrder, ...] = ()
    """What talk made it expect of the others, and how far it was believed."""
    rng: Mapping[str, Any] | None = None
    """State of the agent's random numbers before it, as numpy's bit generator gives it."""


@dataclass(frozen=True)
class IntentFormed:
    """What the messages to one recipient will be conditioned on."""

    TAG: ClassVar[str] = "intent"
    intent: Intent


@dataclass(frozen=True)
class Understood:
    """How `power` read a message it received."""

    TAG: ClassVar[str] = "understood"
    power: Power
    message: Message
    acts: tuple[SpeechAct, ...]
    unread: tuple[str, ...] = ()
    """Clauses the reader did not understand."""
    suspicion: float | None = None
    """How far it is suspected to be a lie, 0 to 1; None: nobody asked."""


@dataclass(frozen=True)
class SpeechPlanned:
    """What `sender` decided to say to `recipient`, before any word."""

    TAG: ClassVar[str] = "speech_planned"
    sender: Power
    recipient: Power | None
    """None: to all."""
    phase: Phase
    acts: tuple[SpeechAct, ...]
    answers: int | None = None
    """`Message.sequence` of the message it answers."""
    reason: str = ""
    """Why now, and why this."""
    worth: float | None = None
    """What it is thought to gain its sender, in score; None: nobody asked."""
    passed_over: tuple[float, ...] = ()
    """The same of the other messages that were compared with it."""
    passed_over_acts: tuple[tuple[SpeechAct, ...], ...] = ()
    """What those would have said, in the same order."""


@dataclass(frozen=True)
class FilterFinding:
    """What one filter said about a draft."""

    filter: str
    verdict: str
    """``pass`` or ``reject``."""
    reason: str = ""


@dataclass(frozen=True)
class Drafted:
    """One candidate message and what became of it."""

    TAG: ClassVar[str] = "drafted"
    sender: Power
    recipient: Power | None
    """None: to all."""
    phase: Phase
    text: str
    source: str
    """Who worded it: ``model`` or ``grammar``."""
    read_back: tuple[SpeechAct, ...]
    """The acts that the reader finds in the text."""
    verdicts: tuple[FilterFinding, ...]

    @property
    def rejected_by(self) -> str | None:
        """Name of the first filter that rejected it; None: it passed them all."""
        return next((finding.filter for finding in self.verdicts if finding.verdict == "reject"), None)


@dataclass(frozen=True)
class Sent:
    """A message that reached its recipient, with the intent behind it."""

    TAG: ClassVar[str] = "sent"
    message: Message
    acts: tuple[SpeechAct, ...] = ()
    intent: Intent | None = None
    source: str = ""


@dataclass(frozen=True)
class Silent:
    """A turn in which `sender` wrote to nobody, or dropped every draft to `recipient`."""

    TAG: ClassVar[str] = "silent"
    sender: Power
    phase: Phase
    recipient: Power | None = None
    reason: str = ""


@dataclass(frozen=True)
class ModelFailed:
    """The language model gave no answer; something took its place."""

    TAG: ClassVar[str] = "model_failed"
    power: Power
    phase: Phase
    reason: str
    instead: str = "the grammar words what is said"
    """What took its place, as the end of a sentence."""


class Fault(StrEnum):
    """What is wrong with an answer of a language model that plays by itself."""

    NO_JSON = "no JSON"
    """Not even the form of an answer, or cut off in the middle of it."""
    FORM = "form"
    """JSON, yet not what was asked for."""
    ILLEGAL_ORDER = "illegal order"
    """An order that is not among the legal ones of its unit."""
    NO_SUCH_UNIT = "no such unit"
    """An order for what takes none."""
    NO_ORDER = "no order"
    """A unit that the answer leaves out."""
    DOUBLED = "doubled"
    """A second build or removal in one place."""
    RECIPIENT = "recipient"
    """A message to itself, to nobody, or to a power that does not live."""
    TOO_MANY = "too many"
    """A message beyond the limit of a turn."""
    TOO_LONG = "too long"
    """A message beyond the limit of letters; it was sent up to there."""


@dataclass(frozen=True)
class AnswerRefused:
    """A part of a language model's answer that was left out; the rest of the answer stands."""

    TAG: ClassVar[str] = "answer_refused"
    power: Power
    phase: Phase
    question: str
    """``messages`` or ``orders``."""
    fault: Fault
    expected: str
    got: str
    """Its first letters, on one line."""
    units: tuple[Unit, ...] = ()
    """Units that are left without an order by it: they hold, or disband."""
    is_asked_again: bool = False
    """Whether this was the first of two tries, of which nothing was used."""


@dataclass(frozen=True)
class ModelUsed:
    """What the server of the language model was asked by this seat so far.

    Where it only words messages, and several games run in one process at the same time, what one seat asked while
    another's request was under way may count for both.
    """

    TAG: ClassVar[str] = "model_used"
    power: Power
    """Who says so."""
    phase: Phase
    requests: int
    prompt_tokens: int
    text_tokens: int
    cost: float
    """By the prices of the configuration."""


@dataclass(frozen=True)
class OrdersSubmitted:
    """The orders a power gave."""

    TAG: ClassVar[str] = "orders_submitted"
    power: Power
    phase: Phase
    orders: Action


@dataclass(frozen=True)
class DrawVoted:
    """An agent was asked whether it agrees to a draw."""

    TAG: ClassVar[str] = "draw_voted"
    power: Power
    phase: Phase
    wanted: bool
    """Whether its vote stands from now on."""
    reason: str
    worth: float | None = None
    """Of a draw then, to the power, 0 to 1; None: it was not weighed."""
    expected: float | None = None
    """Score that it expected of playing on, 0 to 1."""


@dataclass(frozen=True)
class SeatChanged:
    """The seat of a person went to an agent, or back."""

    TAG: ClassVar[str] = "seat_changed"
    power: Power
    phase: Phase
    """In which it did."""
    agent: str
    """Who plays from now on: ``person``, or an agent's name."""
    persona: str = ""
    """The agent's; empty: as usual."""


@dataclass(frozen=True)
class Outcome:
    """One order and what became of it."""

    power: Power
    order: Order
    results: tuple[OrderResult, ...] = ()
    """Empty: it succeeded."""


@dataclass(frozen=True)
class PhaseResolved:
    """All orders of a phase, with results."""

    TAG: ClassVar[str] = "phase_resolved"
    phase: Phase
    outcomes: tuple[Outcome, ...]
    centers: Mapping[Power, tuple[Province, ...]]
    """Ownership after the phase."""


@dataclass(frozen=True)
class PromiseSettled:
    """A promise that the orders of a phase kept, broke or made void."""

    TAG: ClassVar[str] = "promise_settled"
    power: Power
    """Who had promised."""
    to: Power
    phase: Phase
    act: SpeechAct
    """What was promised."""
    outcome: str
    """``kept``, ``broken``, ``void`` or ``withdrawn``."""
    message: int | None = None
    """`Message.sequence` of the message that made it."""


@dataclass(frozen=True)
class PlayerBelief:
    """What is believed of one player."""

    types: Mapping[str, float]
    """Weights of the ways to play: the style and its λ, such as ``rules 0.031``."""
    hostility: Mapping[Power, float]
    """To whom it is hostile, or (negative) friendly: points given to take one."""
    reliability: float
    """The chance that it keeps its word to `Believed.power`."""
    surprise: float | None
    """``−log p`` of what it played, as was predicted; None: nothing was learned of it in this phase."""


@dataclass(frozen=True)
class Believed:
    """What `power` believes of the other players once a phase is resolved."""

    TAG: ClassVar[str] = "believed"
    power: Power
    phase: Phase
    players: Mapping[Power, PlayerBelief]
    words: tuple[str, ...]
    """The same in words, with the evidence: a line for each player of whom something is known."""


@dataclass(frozen=True)
class Steered:
    """The controls of `power`, from here on; none is logged of a power whose controls were always neutral."""

    TAG: ClassVar[str] = "steered"
    power: Power
    phase: Phase
    controls: Controls


@dataclass(frozen=True)
class NotImposed:
    """An imposed order of `power` that cannot be given in this phase; the search plans freely for its unit."""

    TAG: ClassVar[str] = "not_imposed"
    power: Power
    phase: Phase
    order: Order
    reason: str


@dataclass(frozen=True)
class GameEnded:
    """Why and how the game ended."""

    TAG: ClassVar[str] = "game_ended"
    phase: Phase
    """The first phase that was not played."""
    reason: str
    """``solo``, ``draw``, ``until`` or ``abandoned``."""
    centers: Mapping[Power, tuple[Province, ...]]
    scores: Mapping[Power, float]
    """Sum-of-squares scores, 0 to 1."""
    winner: Power | None = None


Event: TypeAlias = (
    GameStarted
    | PhaseStarted
    | Searched
    | IntentFormed
    | Understood
    | SpeechPlanned
    | Drafted
    | Sent
    | Silent
    | ModelFailed
    | AnswerRefused
    | ModelUsed
    | OrdersSubmitted
    | DrawVoted
    | SeatChanged
    | PhaseResolved
    | PromiseSettled
    | Believed
    | Steered
    | NotImposed
    | GameEnded
)
EVENT_TYPES: tuple[type[Event], ...] = get_args(Event)
_BY_TAG: dict[str, type[Event]] = {kind.TAG: kind for kind in EVENT_TYPES}


@dataclass
class EventLog:
    """The events of one game in order; listeners are told of each as it is added."""

    events: list[Event] = field(default_factory=list)
    listeners: list[Callable[[Event], None]] = field(default_factory=list)

    def append(self, event: Event) -> None:
        """Adds an event and tells every listener."""
        self.events.append(event)
        for listener in self.listeners:
            listener(event)

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)

    def to_text(self) -> str:
        """The log as JSON lines, each ended by a newline."""
        return "".join(line_of(event) + "\n" for event in self.events)


def line_of(event: Event) -> str:
    """The event as one line of JSON, without the newline."""
    return json.dumps({"event": event.TAG, **encode(event)}, ensure_ascii=False, separators=(",", ":"))


def event_of(line: str) -> Event:
    """The event that a line of JSON holds.

    Raises:
        ValueError: no JSON, no event, or an event of other fields.
    """
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON: {error.msg} at column {error.colno}") from None
    tag = value.pop("event", None) if isinstance(value, dict) else None
    if tag not in _BY_TAG:
        raise ValueError(f"expected an event tag such as 'sent', got {tag!r}")
    return decode(_BY_TAG[tag], value)


def read_events(path: Path | str) -> list[Event]:
    """All events of a log file.

    Raises:
        EventLogError: the file cannot be read, is no event log, is cut short, or has another schema version.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise EventLogError(f"cannot read the event log {path}: {reason}") from None
    if lines == [""]:
        raise EventLogError(f"{path} is empty: expected an event log that begins with game_started")
    events: list[Event] = []
    for number, line in enumerate(lines, start=1):
        try:
            events.append(event_of(line))
        except ValueError as error:
            raise EventLogError(f"{path}:{number}: {error}") from None
        if number == 1:
            _check_header(path, events[0])
    return events


def _check_header(path: Path, first: Event) -> None:
    if not isinstance(first, GameStarted):
        raise EventLogError(f"{path}:1: expected game_started, got {first.TAG}")
    if first.schema != SCHEMA:
        raise EventLogError(
            f"{path}:1: expected schema {SCHEMA}, got {first.schema}: read it with the version that wrote it"
        )
