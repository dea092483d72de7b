"""The controls as experiments turn them: what a dose sets in the circumstances of a seat, and what it claims to change.

A claim names a behaviour and the way it goes as the dose rises.  Whatever a control does not claim is looked at, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from cicero_lite.errors import CiceroLiteError
from cicero_lite.steer.circumstances import Circumstances
from dialogue.acts import ActKind
from dialogue.honesty import Honesty

Value: TypeAlias = float | str
"""Of a dose: a number, or a word for what has none."""
Settings: TypeAlias = Callable[[Value, Circumstances], Mapping[str, Any]]
"""A dose, and what a seat finds -> keys of the agent's configuration, and their values."""


class DoseError(CiceroLiteError, ValueError):
    """A control or a dose that there is not."""


class Way(StrEnum):
    """How a behaviour goes as the dose rises."""

    UP = "up"
    DOWN = "down"


class Needs(StrEnum):
    """What a seat must have for a control to have anything to work on."""

    NOTHING = "nothing"
    FRIEND = "friend"
    AGGRESSOR = "aggressor"


@dataclass(frozen=True)
class Claim:
    """What a control says of itself."""

    behaviour: str
    way: Way
    dose: str = ""
    """The one dose that it holds for, against neutral; empty: for all of them in their order."""


@dataclass(frozen=True)
class Dosable:
    """A control as experiments know it."""

    title: str
    definition: str
    """In a sentence or two."""
    formula: str
    """The term of the mathematics that it is."""
    neutral: Value
    """The dose that is the agent without it."""
    settings: Settings
    claims: tuple[Claim, ...]
    words: tuple[str, ...] = ()
    """The doses that there are, lowest first, where they are words; empty: numbers."""
    needs: Needs = Needs.NOTHING
    is_text: bool = False
    """Whether a dose is any text."""

    @property
    def is_ordered(self) -> bool:
        """Whether the doses are more or less of one thing; else each stands for itself, beside neutral."""
        return not self.is_text and not any(claim.dose for claim in self.claims)


def _instruction(value: Value, here: Circumstances) -> Mapping[str, Any]:
    return {"llm.instruction": value}


def _plain(key: str) -> Settings:
    return lambda value, here: {f"controls.{key}": value}


def _honesty(value: Value, here: Circumstances) -> Mapping[str, Any]:
    return {"controls.honesty": value}


def _weights(value: Value, here: Circumstances) -> Mapping[str, Any]:
    return {"controls.weights": {here.neighbour.value: value}}


def _targets(value: Value, here: Circumstances) -> Mapping[str, Any]:
    return {"controls.targets": {here.place: value}}


def _imposed(value: Value, here: Circumstances) -> Mapping[str, Any]:
    if value == "nothing":
        return {}
    wanted = {} if here.wanted is None else {here.neighbour.value: [str(here.wanted)]}
    return {"controls.imposed": {"own": [str(order) for order in here.own], "wanted": wanted}}


_ASKING = (ActKind.PROPOSE, ActKind.REQUEST_SUPPORT, ActKind.COUNTER, ActKind.DEMILITARISE, ActKind.BOUNCE)


def _forbidden(value: Value, here: Circumstances) -> Mapping[str, Any]:
    bans: Mapping[Value, Mapping[str, Any]] = {
        "nothing": {},
        "to propose": {"acts": [kind.value for kind in _ASKING]},
        "to attack the neighbour": {"powers": [here.neighbour.value]},
        "to enter a place": {"provinces": [here.haunt]},
    }
    return {"controls.forbidden": bans[value]}


DOSABLE: Mapping[str, Dosable] = {
    "honesty": Dosable(
        "Honesty",
        "Whether words follow plans and plans follow words, from binding to cheap talk.",
        "U(a) −= price · [a breaks a promise], the price infinite, as configured, 0, and 0 with a yes to all",
        Honesty.TRUTHFUL.value,
        _honesty,
        (Claim("promises_not_meant", Way.UP), Claim("kept_share", Way.DOWN)),
        words=tuple(level.value for level in Honesty),
    ),
    "lambda_": Dosable(
        "λ, human-likeness",
        "How dear it is to leave the anchor, which plays as people do; what it expects of others stays.",
        "U(a) = Q(a) + f·λ·log τ(a), f the dose",
        1.0,
        _plain("lambda_"),
        (Claim("anchor_log_likelihood", Way.UP),),
    ),
    "aggression": Dosable(
        "Aggression",
        "Score that each attacking order counts for.",
        "U(a) += aggression · #{orders of a that move, or help a move, onto another's unit or centre}",
        0.0,
        _plain("aggression"),
        (Claim("attacks", Way.UP),),
    ),
    "risk": Dosable(
        "Risk",
        "Its own score counts as its entropic certainty equivalent: above 0 it shuns risk, below it seeks it.",
        "U(a) = −1/ρ · log E[exp(−ρ·S)], ρ the dose",
        0.0,
        _plain("risk"),
        (Claim("score_spread", Way.DOWN),),
    ),
    "weights": Dosable(
        "Allies and enemies",
        "What the score of one power, here a neighbour that is drawn, counts for: above 0 a friend, below an enemy.",
        "U(a) += w · E[S_q], w the dose",
        0.0,
        _weights,
        (Claim("score_of_neighbour", Way.UP), Claim("attacks_on_neighbour", Way.DOWN)),
    ),
    "targets": Dosable(
        "Target provinces",
        "Score that entering or holding a province counts for, here one in reach that is drawn.",
        "U(a) += t · [a enters or holds the province], t the dose",
        0.0,
        _targets,
        (Claim("in_place", Way.UP),),
    ),
    "loyalty": Dosable(
        "Loyalty",
        "The score of each power with which peace or an alliance stands counts by how far it is trusted.",
        "U(a) += Σ_q ℓ · trust_q · E[S_q], over friends q, ℓ the dose",
        0.0,
        _plain("loyalty"),
        (Claim("score_of_friends", Way.UP), Claim("attacks_on_friends", Way.DOWN)),
        needs=Needs.FRIEND,
    ),
    "forgiveness": Dosable(
        "Forgiveness",
        "Below 1, the score of those who attacked it or broke their word to it counts against them.",
        "U(a) −= Σ_q min(1, (1 − f) · 0.5 · grievance_q) · E[S_q], f the dose; a grievance fades with every phase",
        1.0,
        _plain("forgiveness"),
        (Claim("score_of_aggressor", Way.UP), Claim("attacks_on_aggressor", Way.DOWN)),
        needs=Needs.AGGRESSOR,
    ),
    "verbosity": Dosable(
        "Verbosity",
        "How much it says: what is worth saying at all, and how many messages and acts there may be.",
        "least worth / v; budgets of messages, initiatives and acts · v, v the dose",
        1.0,
        _plain("verbosity"),
        (Claim("messages", Way.UP), Claim("characters", Way.UP)),
    ),
    "formality": Dosable(
        "Formality",
        "How much a formal tone counts where one of several wordings is chosen.",
        "rank(text) += f · formality(text), f the dose",
        0.0,
        _plain("formality"),
        (Claim("formality", Way.UP),),
    ),
    "imposed": Dosable(
        "Imposed intents",
        "The operator sets orders of its own and orders wanted of a neighbour; the agent negotiates for them.",
        "a ∈ {actions with the imposed orders}; the wanted orders stand first in what is asked of the neighbour",
        "nothing",
        _imposed,
        (
            Claim("imposed_played", Way.UP, "orders"),
            Claim("wanted_argued", Way.UP, "orders"),
            Claim("wanted_played", Way.UP, "orders"),
        ),
        words=("nothing", "orders"),
    ),
    "forbidden": Dosable(
        "Forbidden acts",
        "Kinds of speech acts that are never said, powers never attacked, provinces never entered.",
        "a ∈ {actions without a banned order}; speech plans without a banned act",
        "nothing",
        _forbidden,
        (
            Claim("proposals", Way.DOWN, "to propose"),
            Claim("attacks_on_neighbour", Way.DOWN, "to attack the neighbour"),
            Claim("in_haunt", Way.DOWN, "to enter a place"),
        ),
        words=("nothing", "to propose", "to attack the neighbour", "to enter a place"),
    ),
    "instruction": Dosable(
        "Instruction to a language model",
        "What the agent `llm`, a language model in a seat, is told to want, in words: steering by prompt.",
        "text after the rules in its prompt; no term of any objective",
        "",
        _instruction,
        (),
        is_text=True,
    ),
}
"""By the name of the control."""


def dosable(name: str) -> Dosable:
    """The control of this name.

    Raises:
        DoseError: there is none.
    """
    if name not in DOSABLE:
        raise DoseError(f"control: expected one of {', '.join(DOSABLE)}, got {name!r}")
    return DOSABLE[name]


def check_dose(name: str, value: Value) -> None:
    """Returns if the control takes this value; whether a number is in range, the agent's configuration says.

    Raises:
        DoseError: it does not.
    """
    words = dosable(name).words
    if words and value not in words:
        raise DoseError(f"doses of {name}: expected some of {', '.join(words)}, got {value!r}")
    if dosable(name).is_text and not isinstance(value, str):
        raise DoseError(f"doses of {name}: expected texts, got {value!r}")
    if not words and not dosable(name).is_text and isinstance(value, str):
        raise DoseError(f"doses of {name}: expected numbers, got {value!r}")


__all__ = ["DOSABLE", "Claim", "Dosable", "DoseError", "Needs", "Settings", "Value", "Way", "check_dose", "dosable"]
