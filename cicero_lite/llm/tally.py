"""What a language model in a seat did in a game, counted from the game's log: tokens, cost, faults, failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cicero_lite.arena.log import AnswerRefused, Event, Fault, ModelFailed, ModelUsed
from engine.types import Power


@dataclass(frozen=True)
class SeatTally:
    """One seat over one game."""

    requests: int = 0
    """Answered ones."""
    prompt_tokens: int = 0
    text_tokens: int = 0
    cost: float = 0.0
    """By the prices of the configuration."""
    faults: Mapping[Fault, int] = field(default_factory=dict)
    """Parts of answers that were left out."""
    faults_mended: Mapping[Fault, int] = field(default_factory=dict)
    """The same of first answers that were asked for again, of which nothing was used."""
    units_without_order: int = 0
    """Units that held or disbanded for want of a legal order."""
    failures: int = 0
    """Times that the server failed for good."""


def seat_tallies(events: Iterable[Event]) -> dict[Power, SeatTally]:
    """The tally of every seat that has anything of the kind; of agents that only word messages by a server, the tokens
    are those of all of them together.

    Args:
        events: of one game.
    """
    used: dict[Power, ModelUsed] = {}
    refused: dict[Power, list[AnswerRefused]] = {}
    failures: Counter[Power] = Counter()
    for event in events:
        match event:
            case ModelUsed():
                used[event.power] = event  # each counts all before it
            case AnswerRefused():
                refused.setdefault(event.power, []).append(event)
            case ModelFailed():
                failures[event.power] += 1
            case _:
                pass
    powers = sorted({*used, *refused, *failures})
    return {power: _tally(used.get(power), refused.get(power, []), failures[power]) for power in powers}


def _tally(used: ModelUsed | None, refused: Iterable[AnswerRefused], failures: int) -> SeatTally:
    final = [event for event in refused if not event.is_asked_again]
    first = [event for event in refused if event.is_asked_again]
    return SeatTally(
        requests=0 if used is None else used.requests,
        prompt_tokens=0 if used is None else used.prompt_tokens,
        text_tokens=0 if used is None else used.text_tokens,
        cost=0.0 if used is None else used.cost,
        faults=Counter(event.fault for event in final),
        faults_mended=Counter(event.fault for event in first),
        units_without_order=sum(len(event.units) for event in final),
        failures=failures,
    )
