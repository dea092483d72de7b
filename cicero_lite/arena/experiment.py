"""An experiment as one YAML file writes it: who plays whom, how often, with or without press, and when it may stop.

agents:
  cicero: cicero@configs/fast.yaml
  silent: cicero@configs/fast.yaml:speech.initiatives=0
  dumbbot: dumbbot
design: {kind: round_robin}
games_per_agent: 100
press: {rounds: 2}
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from cicero_lite.arena.agents import AgentSpec
from cicero_lite.config import load_file_as
from cicero_lite.errors import CiceroLiteError, ConfigError
from engine.types import POWERS


class DesignKind(StrEnum):
    """Who meets whom, and where: see `cicero_lite.arena.designs`."""

    ROUND_ROBIN = "round_robin"
    """Every agent on every power, and with every other agent, equally often."""
    ONE_V_SIX = "one_v_six"
    """Each agent alone against six of the base, all in games of the same seeds."""
    POPULATION = "population"
    """Every seat drawn from the agents, one by one."""
    LADDER = "ladder"
    """As the first, but in groups of near ratings, by the games of the rounds before."""


class Kept(StrEnum):
    """What is kept of every game beside its result."""

    GAME = "game"
    """``game.json``, as `engine.game.Game.to_saved_game` writes it."""
    EVENTS = "events"
    """``events.jsonl``; only of games with press."""


@dataclass(frozen=True)
class DesignConfig:
    """Who meets whom."""

    kind: DesignKind = DesignKind.ROUND_ROBIN
    base: str | None = None
    """Of one_v_six: label of the agent on the six other seats."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """Of population: by label, how often it is drawn, relative to 1 of those that are not named."""
    near: int = 4
    """Of ladder: agents of a group."""

    def __post_init__(self) -> None:
        if (self.base is None) == (self.kind is DesignKind.ONE_V_SIX):
            raise ValueError(f"base: expected the label of an agent for one_v_six and for no other, got {self.base!r}")
        if self.weights and self.kind is not DesignKind.POPULATION:
            raise ValueError(f"weights: expected none but for population, got them for {self.kind}")
        if not all(0 < weight < math.inf for weight in self.weights.values()):
            raise ValueError(f"weights: expected numbers above 0, got {dict(self.weights)}")
        if self.near < 2:
            raise ValueError(f"near: expected 2 or more, got {self.near}")


@dataclass(frozen=True)
class PressConfig:
    """How much may be said."""

    rounds: int = 2
    """Times that every power may speak in a movement phase, at most; talk ends early when all keep silent."""
    late_rounds: int = 0
    """The same for retreats and adjustments."""

    def __post_init__(self) -> None:
        if self.rounds < 0 or self.late_rounds < 0:
            raise ValueError(f"rounds: expected 0 or more, got {min(self.rounds, self.late_rounds)}")


@dataclass(frozen=True)
class StoppingRule:
    """When fewer games are enough: see `cicero_lite.arena.stopping`."""

    compare: tuple[str, str] | None = None
    """Labels of two agents whose difference in score is looked at; null: the score of every agent."""
    decided: bool = False
    """Stop once the interval of the difference lies on one side of zero."""
    narrower: float | None = None
    """Stop once the intervals are narrower than this."""
    least: int = 42
    """Games to be played at all events; below some 40 the intervals are not to be trusted."""

    def __post_init__(self) -> None:
        if not self.decided and self.narrower is None:
            raise ValueError("expected decided: true, or narrower with a width")
        if self.decided and self.compare is None:
            raise ValueError("compare: expected two labels, as decided asks for the difference of two agents")
        if self.narrower is not None and not 0 < self.narrower < 2:
            raise ValueError(f"narrower: expected a width between 0 and 2, got {self.narrower}")
        if self.least < 14:
            raise ValueError(f"least: expected 14 or more, got {self.least}")


@dataclass(frozen=True)
class Experiment:
    """What is played; see the module."""

    agents: Mapping[str, str]
    """Label -> agent, ``NAME[@FILE][:key=value,...]``; one agent may play under two labels."""
    title: str = ""
    """Heading of the report; empty: the file's name."""
    about: str = ""
    """What is asked, and how to read the answer; a text for the report."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of all agents, by path such as ``search.think``; an agent's own come before them."""
    design: DesignConfig = field(default_factory=DesignConfig)
    games: int = 0
    """Games in all; 0: as games_per_agent says."""
    games_per_agent: int = 0
    """Games in which each agent plays, at least (of a population or a ladder: about); 0: as games says."""
    seed: int = 0
    """Fixes all games."""
    until: int = 1908
    """Last year played."""
    press: PressConfig | None = None
    """null: nobody is asked to speak."""
    compare: tuple[tuple[str, str], ...] = ()
    """Pairs of labels whose difference the report puts first."""
    variates: int = 0
    """Of one_v_six without press: how often the orders of a phase are drawn again, to take luck out of the scores."""
    stopping: StoppingRule | None = None
    jobs: int = 1
    """Processes of this machine to play in."""
    ray: str | None = None
    """Address of a Ray cluster to play on, in their place."""
    keep: tuple[Kept, ...] = ()
    """What is kept of every game, beside its result."""

    def __post_init__(self) -> None:
        least = 1 if self.design.kind is DesignKind.POPULATION else 2
        _check_number("agents", len(self.agents), least, 1000)
        if (self.games > 0) == (self.games_per_agent > 0):
            raise ValueError(f"games: expected games or games_per_agent, got {self.games} and {self.games_per_agent}")
        _check_number("games", self.games, 0, 10**9)
        _check_number("games_per_agent", self.games_per_agent, 0, 10**9)
        _check_number("seed", self.seed, 0, 2**63 - 1)
        _check_number("until", self.until, 1901, 9999)
        _check_number("jobs", self.jobs, 1, 10**4)
        _check_number("variates", self.variates, 0, 10**4)
        if self.variates and (self.press is not None or self.design.kind is not DesignKind.ONE_V_SIX):
            raise ValueError("variates: expected 0 but for one_v_six without press, where one plays alone")
        if Kept.EVENTS in self.keep and self.press is None:
            raise ValueError("keep: expected no events without press, as only games with press have them")
        self._check_labels()

    def _check_labels(self) -> None:
        stopping = () if self.stopping is None or self.stopping.compare is None else self.stopping.compare
        named = [*([] if self.design.base is None else [self.design.base]), *self.design.weights, *stopping]
        for label in [*named, *(label for pair in self.compare for label in pair)]:
            if label not in self.agents:
                raise ValueError(f"agents: expected one of the labels {', '.join(self.agents)}, got {label!r}")
        for label in self.agents:
            if not label.strip() or len(label) > 60:
                raise ValueError(f"agents: expected labels of 1 to 60 letters, got {label!r}")

    @property
    def labels(self) -> tuple[str, ...]:
        """Of all agents, in the file's order."""
        return tuple(self.agents)

    def specs(self) -> dict[str, AgentSpec]:
        """The agents by label, with the settings of all.

        Raises:
            CiceroLiteError: a text that names no agent; the error names the label.
        """
        return {label: self._spec(label, text) for label, text in self.agents.items()}

    def _spec(self, label: str, text: str) -> AgentSpec:
        try:
            spec = AgentSpec.parse(text)
            own = dict(spec.settings)
            for key, value in self.settings.items():
                if key not in own:
                    spec = spec.with_setting(key, json.dumps(value))
        except CiceroLiteError as error:
            raise type(error)(f"agents.{label}: {error}") from None
        return spec

    def games_wanted(self) -> int:
        """How many games that is.

        In a design in which not all agents are in every game, the fewest that give each its share.
        """
        if not self.games_per_agent:
            return self.games
        if self.design.kind is DesignKind.ONE_V_SIX:
            return self.games_per_agent * (len(self.agents) - 1)
        # Each block has as many games as there are agents, and each agent on every power once.
        group = self.design.near if self.design.kind is DesignKind.LADDER else len(POWERS)
        in_block = min(len(POWERS), len(self.agents), group)
        return math.ceil(self.games_per_agent / in_block) * len(self.agents)


def load_experiment(path: Path) -> Experiment:
    """The experiment of a YAML file.

    Raises:
        ConfigError: an unreadable file, an unknown key, a wrong type, a value out of range.
        CiceroLiteError: an agent that there is not.
    """
    experiment = load_file_as(Experiment, path)
    try:
        experiment.specs()
    except CiceroLiteError as error:
        raise ConfigError(f"{path}: {error}") from None
    return experiment


def _check_number(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise ValueError(f"{name}: expected {least} to {most}, got {value}")


__all__ = [
    "DesignConfig",
    "DesignKind",
    "Experiment",
    "Kept",
    "PressConfig",
    "StoppingRule",
    "load_experiment",
]
