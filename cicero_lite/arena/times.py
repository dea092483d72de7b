"""How long an experiment took, and what its agents thought: all that differs between two runs of the same games."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cicero_lite.arena.tournament import Tournament
from engine.types import POWERS


@dataclass(frozen=True)
class Times:
    """Wall-clock times, added up over all processes."""

    seconds: float
    """Of all games."""
    seconds_per_game: float
    seconds_per_movement: Mapping[str, float]
    """Label -> mean seconds of one seat for a movement phase, talk included."""
    seconds_of: Mapping[str, float]
    """Label -> seconds of all its seats."""


def times(found: Tournament) -> Times:
    """The times of some games."""
    seconds = dict.fromkeys(found.experiment.labels, 0.0)
    movements = dict.fromkeys(found.experiment.labels, 0)
    for game in found.games.values():
        for power in POWERS:
            seconds[game.labels[power]] += game.result.seconds[power]
            movements[game.labels[power]] += game.result.movements[power]
    total = sum(seconds.values())
    return Times(
        seconds=total,
        seconds_per_game=total / max(1, len(found.games)),
        seconds_per_movement={label: seconds[label] / movements[label] for label in seconds if movements[label]},
        seconds_of=seconds,
    )


__all__ = ["Times", "times"]
