"""What is found of an agent at a moment: what it weighed, believed and expected, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cicero_lite.arena.log import FilterFinding
from dialogue.acts import SpeechAct
from dialogue.memory import Promise
from engine.types import Action, Intent, Order, Phase, Power


@dataclass(frozen=True)
class Candidate:
    """One action of a power."""

    orders: Action
    anchor: float
    """Its chance before any search, by the anchor and the talk."""
    probability: float
    """Its chance in the equilibrium found."""
    score: float
    """What the power that gives it may expect, 0 to 1."""
    to_me: float
    """What the planning power may expect with its own orders, if this is given."""


@dataclass(frozen=True)
class Word:
    """Something said that speaks for, or against, an order."""

    by: Power | None
    """None: nobody's word, it follows from what was asked or agreed."""
    kind: str
    """How it was said; a field of `CredenceConfig`."""
    order: Order
    trust: float
    """In who said it; negative where the order is said not to be given."""
    credence: float
    """What it adds, -1 to 1."""


@dataclass(frozen=True)
class Surprise:
    """What one phase taught about a player."""

    phase: str
    nats: float
    """Information gained."""
    surprise: float
    """``-log p`` of what it played."""


@dataclass(frozen=True)
class Belief:
    """What is believed of one player, and by what evidence."""

    types: Mapping[str, float]
    """Weights of the likeliest ways to play: style and λ."""
    hostility: Mapping[Power, float]
    """To whom it is hostile, or (negative) friendly, where that is anything."""
    reliability: float
    """The chance that it keeps its word to the planning power."""
    words: tuple[Word, ...]
    """What was said of its orders of this phase."""
    promises: tuple[Promise, ...]
    """To the planning power or to all, oldest first."""
    surprises: tuple[Surprise, ...]
    """Of each phase that was observed, oldest first."""


@dataclass(frozen=True)
class PairTable:
    """What the actions of two powers do to one another, all others playing as is expected."""

    first: Power
    second: Power
    rows: tuple[Action, ...]
    """Of the first."""
    columns: tuple[Action, ...]
    """Of the second."""
    scores: tuple[tuple[tuple[float, float], ...], ...]
    """By row and column: expected scores of the two."""
    expected: tuple[float, float]
    """Their scores when the two play as is expected, too."""


@dataclass(frozen=True)
class Step:
    """Where the search stood on its way."""

    iteration: int
    chances: Mapping[Power, tuple[float, ...]]
    """Of each power's actions in `Convergence.actions`, on average so far."""
    gaps: Mapping[Power, float]
    """What each power would gain by its best answer to these averages; without tables, its regret so far."""


@dataclass(frozen=True)
class Convergence:
    """How the equilibrium came about."""

    actions: Mapping[Power, tuple[Action, ...]]
    """Likeliest of each power, at the end."""
    steps: tuple[Step, ...]
    is_exploitability: bool
    """Whether gaps are those of the game of pairs; else regrets of sampled play."""


@dataclass(frozen=True)
class Message:
    """Something that could be said."""

    acts: tuple[SpeechAct, ...]
    worth: float
    """Score that it is thought to gain, beside saying nothing."""
    reason: str


@dataclass(frozen=True)
class Choice:
    """What could be said to one power now; silence is worth 0."""

    recipient: Power
    is_due: bool
    """Whether something was asked, so that silence would be rude."""
    chance: float
    """How likely a person would write now."""
    alternatives: tuple[Message, ...]
    """Best first."""
    said: str | None
    """The message that would be sent; None: silence."""


@dataclass(frozen=True)
class Draft:
    """A wording that was considered."""

    recipient: Power | None
    text: str
    source: str
    findings: tuple[FilterFinding, ...]


@dataclass(frozen=True)
class Said:
    """What would be sent now."""

    recipient: Power | None
    text: str
    acts: tuple[SpeechAct, ...]
    intent: Intent | None


@dataclass(frozen=True)
class Inspection:
    """Everything about one moment of one power."""

    game: str
    phase: Phase
    power: Power
    heard: int
    """Messages of the phase that it knew."""
    orders: Action
    """What it would order now."""
    logged: Action | None
    """What it meant to order at this moment by the log of the game; None: no log says so."""
    scores: Mapping[Power, float]
    """What it expects everybody to get."""
    candidates: tuple[Candidate, ...]
    """Its own, best objective first."""
    others: Mapping[Power, tuple[Candidate, ...]]
    """What every other living power may play, likeliest first."""
    beliefs: Mapping[Power, Belief]
    pairs: tuple[PairTable, ...]
    """Empty in phases without a game of pairs: retreats and adjustments."""
    convergence: Convergence
    choices: tuple[Choice, ...]
    """What could be said, and to whom; empty in phases without talk."""
    said: tuple[Said, ...]
    drafts: tuple[Draft, ...]
    doubts: tuple[str, ...]
    """Where it may differ from what was thought in the game."""
