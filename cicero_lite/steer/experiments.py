"""What a steering experiment is: a control and its doses, an agent, moments and games to try them in.

    control: aggression
    doses: [-0.02, 0, 0.005, 0.02]
    moments: {games: 12, at: [S1902M, F1902M]}
    games: {games: 14, until: 1903, doses: [0.02]}

At a *moment* one seat plays a few phases with each dose in turn, everything else equal: position, talk, memory, seeds,
the six others.  In a *game* it plays from the first phase on.  Both are paired with the neutral dose.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import TypeAlias

from cicero_lite.arena.agents import AgentSpec
from cicero_lite.config import load_file_as
from cicero_lite.errors import CiceroLiteError
from cicero_lite.steer.circumstances import Circumstances
from cicero_lite.steer.dosing import Needs, Value, check_dose, dosable
from engine.types import POWERS, Phase, PhaseKind, Province

Dose: TypeAlias = tuple[tuple[str, Value], ...]
"""Controls that are not neutral, and their values; empty: the agent without them."""


class ExperimentError(CiceroLiteError, ValueError):
    """An experiment that cannot be made."""


class Pursuit(StrEnum):
    """By what an aim is pursued."""

    OBJECTIVE = "objective"
    """By the control: the search follows it, and so do the words."""
    WORDS = "words"
    """By the dialogue alone, as an instruction to it would: a steered head speaks, a neutral one orders."""


class Arm(StrEnum):
    """Where a dose is tried."""

    MOMENT = "moment"
    GAME = "game"


@dataclass(frozen=True)
class MomentsConfig:
    """Moments of games of self-play."""

    games: int = 12
    """How many games; intervals draw whole games."""
    seed: int = 0
    at: tuple[str, ...] = ("S1902M", "F1902M")
    """Movement phases at which a seat is taken, the seats by turns; one moment for each in each game."""
    phases: int = 1
    """Movement phases that are played on."""
    rounds: int = 2
    """Times that every power may speak in a phase."""

    def __post_init__(self) -> None:
        for text in self.at:
            if Phase.parse(text).kind is not PhaseKind.MOVEMENT:
                raise ValueError(f"at: expected movement phases such as F1902M, got {text}")
        if self.games < 0 or self.phases < 1 or self.rounds < 0:
            raise ValueError(f"games: expected 0 or more of at least one phase, got {self.games} of {self.phases}")


@dataclass(frozen=True)
class GamesConfig:
    """Whole games, the steered seat by turns."""

    games: int = 0
    """Of each dose, and of the neutral one; a multiple of 7 is fair."""
    seed: int = 0
    until: int = 1903
    """Last year played."""
    rounds: int = 2
    doses: tuple[float | str, ...] = ()
    """Of the experiment's; the others are tried at moments alone."""

    def __post_init__(self) -> None:
        if self.games < 0 or self.until < 1901 or self.rounds < 0:
            raise ValueError(f"games: expected 0 or more to a year from 1901 on, got {self.games} to {self.until}")


@dataclass(frozen=True)
class Second:
    """A second control, each of whose doses is tried with each of the first's."""

    control: str
    doses: tuple[float | str, ...]


@dataclass(frozen=True)
class Experiment:
    """One file of configs/steer."""

    control: str
    doses: tuple[float | str, ...]
    """From the lowest to the highest; the neutral one is tried in any case."""
    by: tuple[Pursuit, ...] = (Pursuit.OBJECTIVE,)
    """By the control itself, by the words alone, or both, to compare."""
    second: Second | None = None
    base: str = "cicero:generation.candidates=0,search.think=4it,speech.judged=0"
    """The steered agent without a dose."""
    others: str = ""
    """The six others; empty: as the base."""
    behaviours: tuple[str, ...] = ()
    """Python files with behaviours beside the built-in ones; see `cicero_lite.steer.behaviours`."""
    moments: MomentsConfig = field(default_factory=MomentsConfig)
    games: GamesConfig = field(default_factory=GamesConfig)

    def __post_init__(self) -> None:
        for control, doses in self.turned.items():
            if len(doses) < 2 or len(set(doses)) < len(doses):
                raise ExperimentError(f"doses of {control}: expected two or more, each once, got {list(doses)}")
            if dosable(control).neutral not in doses:
                raise ExperimentError(
                    f"doses of {control}: expected {dosable(control).neutral!r} among them, its neutral"
                )
            for value in doses:
                check_dose(control, value)
                spec_with(AgentSpec.parse(self.base), ((control, value),), _NOWHERE)
        if not self.by or len(set(self.by)) < len(self.by):
            raise ExperimentError(f"by: expected {' or '.join(Pursuit)}, each once, got {list(self.by)}")
        if strange := [value for value in self.games.doses if value not in self.doses]:
            raise ExperimentError(f"games.doses: expected some of {list(self.doses)}, got {strange[0]!r}")
        if Pursuit.WORDS in self.by and (name := AgentSpec.parse(self.base).name) != "cicero":
            raise ExperimentError(
                f"by: words: expected the agent cicero, whose words and orders can differ, got {name}"
            )
        AgentSpec.parse(self.others or self.base)

    @property
    def turned(self) -> dict[str, tuple[Value, ...]]:
        """The doses of each control that is turned."""
        return {self.control: self.doses} | ({} if self.second is None else {self.second.control: self.second.doses})

    @property
    def every_dose(self) -> tuple[Dose, ...]:
        """Each dose, or each pair of doses, once; the neutral one among them."""
        names = list(self.turned)
        return tuple(dose_of(dict(zip(names, values, strict=True))) for values in product(*self.turned.values()))

    @property
    def needs(self) -> Needs:
        """What the seats must have."""
        found = [dosable(name).needs for name in self.turned]
        return next((need for need in found if need is not Needs.NOTHING), Needs.NOTHING)

    def runs(self) -> Iterator[Run]:
        """Everything that is to be played, the neutral dose first."""
        yield from self.moment_runs()
        yield from self.game_runs()

    def moment_runs(self) -> Iterator[Run]:
        """At moments, moment by moment."""
        config = self.moments
        for number in range(config.games):
            for at in config.at:
                for by, dose in self._trials(self.every_dose):
                    yield self._run(Arm.MOMENT, config.seed, number, at, config.phases, config.rounds, by, dose)

    def game_runs(self) -> Iterator[Run]:
        """As whole games, game by game."""
        config = self.games
        doses = tuple(dose_of({self.control: value}) for value in config.doses)
        for number in range(config.games if doses else 0):
            for by, dose in self._trials(doses):
                yield self._run(Arm.GAME, config.seed, number, "", config.until, config.rounds, by, dose)

    def _trials(self, doses: tuple[Dose, ...]) -> Iterator[tuple[Pursuit, Dose]]:
        yield Pursuit.OBJECTIVE, ()
        for by in self.by:
            yield from ((by, dose) for dose in doses if dose)

    def _run(self, arm: Arm, seed: int, number: int, at: str, length: int, rounds: int, by: Pursuit, dose: Dose) -> Run:
        base, others = (str(AgentSpec.parse(text)) for text in (self.base, self.others or self.base))
        needs = self.needs if arm is Arm.MOMENT else Needs.NOTHING
        return Run(base, others, arm, seed, number, at, length, rounds, needs, by, dose)


@dataclass(frozen=True)
class Run:
    """One seat with one dose, at one moment or in one game; all that decides how it goes, the code apart."""

    base: str
    others: str
    arm: Arm
    seed: int
    number: int
    """Of the game."""
    at: str
    """Phase of the moment; empty: a whole game."""
    length: int
    """Movement phases from the moment on; of a game, its last year."""
    rounds: int
    needs: Needs
    by: Pursuit
    dose: Dose


_NOWHERE = Circumstances(POWERS[0], POWERS[1], Province("BUR"), Province("BUR"), (), None)
"""To look at doses where there is no position yet."""


def dose_of(values: Mapping[str, Value]) -> Dose:
    """The dose that these values are; neutral ones are no part of it."""
    return tuple((name, value) for name, value in values.items() if value != dosable(name).neutral)


def dose_text(dose: Dose) -> str:
    """For a reader: ``aggression 0.02``."""
    return ", ".join(f"{name} {value_text(value)}" for name, value in dose) or "neutral"


def value_text(value: Value) -> str:
    """For a reader.

    >>> value_text(0.5), value_text("cheap talk")
    ('0.5', 'cheap talk')
    """
    return value if isinstance(value, str) else f"{value:g}"


def spec_with(base: AgentSpec, dose: Dose, here: Circumstances) -> AgentSpec:
    """The agent with a dose, in the circumstances of its seat.

    Raises:
        ConfigError: the agent does not take the value.
    """
    for name, value in dose:
        for key, setting in dosable(name).settings(value, here).items():
            base = base.with_setting(key, json.dumps(setting))
    return base


def load_experiment(path: Path) -> Experiment:
    """The experiment of a file.

    Raises:
        ConfigError: an unreadable file, an unknown key, a wrong type, a value out of range.
        ExperimentError, DoseError, UnknownAgentError, AgentSpecError: what there is not.
    """
    return load_file_as(Experiment, path)


__all__ = [
    "Arm",
    "Dose",
    "Experiment",
    "ExperimentError",
    "GamesConfig",
    "MomentsConfig",
    "Pursuit",
    "Run",
    "Second",
    "dose_of",
    "dose_text",
    "load_experiment",
    "spec_with",
    "value_text",
]
