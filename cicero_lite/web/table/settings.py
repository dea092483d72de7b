"""How a game at our table is set: who sits where, how long everybody thinks, and what the agents are like."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from cicero_lite.config import AgentConfig, agent_settings, load_agent_config
from cicero_lite.errors import CiceroLiteError, ConfigError
from cicero_lite.registry import agent_names, check_agent_name
from dialogue.honesty import Honesty
from engine.types import POWERS, EngineError, Power
from planner.limits import Limit

PERSON = "person"
"""Stands for a person where else an agent's name stands."""
LONGEST_TITLE = 80
"""Letters of a game's title or a person's name."""
_LONGEST_DEADLINE_S = 14 * 24 * 3600
_LAST_YEAR = 1999


class TableError(CiceroLiteError, ValueError):
    """What cannot be done at a table; one line says why."""


class Words(StrEnum):
    """Who words the agents' messages."""

    MODEL = "model"
    """The language model, where the configuration has one."""
    GRAMMAR = "grammar"
    """Our own sentences, at once."""


class DrawVotes(StrEnum):
    """Who is told who has voted for a draw, as in webDiplomacy's games."""

    PUBLIC = "public"
    """Everybody."""
    HIDDEN = "hidden"
    """Nobody, until all have."""


@dataclass(frozen=True)
class TableSettings:
    """One game as it was opened."""

    seats: Mapping[Power, str]
    """`PERSON` or the name of an agent, for each power."""
    title: str = ""
    names: Mapping[Power, str] = field(default_factory=dict)
    """What the people are called, as far as somebody said."""
    personas: Mapping[Power, str] = field(default_factory=dict)
    """Name of each negotiating agent's persona; others are as the configuration says."""
    press: bool = True
    think: str = ""
    """How long the agents think, as `planner.limits.Limit` reads it; empty: as the configuration says."""
    words: Words = Words.MODEL
    deadline_s: int | None = None
    """Seconds of a phase; None: it ends when all people are ready."""
    until: int = 1910
    """Last year played, its winter included."""
    seed: int = 0
    reasons: bool = True
    """Whether people may look, during play, at what the agents considered in phases that are over."""
    draw_votes: DrawVotes = DrawVotes.PUBLIC
    stand_in: str | None = None
    """Agent that takes the seat of a person who let two deadlines pass without an order; None: nobody does."""
    tells: bool = True
    """Whether everybody is told that a seat has changed hands."""

    @property
    def people(self) -> tuple[Power, ...]:
        """The powers that people play."""
        return tuple(power for power in POWERS if self.seats[power] == PERSON)

    @property
    def agents(self) -> tuple[Power, ...]:
        """The powers that agents play."""
        return tuple(power for power in POWERS if self.seats[power] != PERSON)


def read_settings(given: Mapping[str, Any], personas: Mapping[str, Mapping[str, str]]) -> TableSettings:
    """The settings in a JSON object, each key as the field of the same name.

    Args:
        given: the object.
        personas: those that there are, by name.

    Raises:
        TableError: an unknown key, or a value that cannot be.
    """
    known = {entry.name for entry in dataclasses.fields(TableSettings)}
    if unknown := sorted(set(given) - known):
        raise TableError(f"settings: unknown key {unknown[0][:40]!r}; expected some of {', '.join(sorted(known))}")
    seats = dict.fromkeys(POWERS, "cicero") | _by_power(given, "seats")
    for name in seats.values():
        if name != PERSON:
            check_agent_name(name)
    chosen = _by_power(given, "personas")
    for name in chosen.values():
        if name not in personas:
            raise TableError(f"personas: unknown {name[:40]!r}; expected one of {', '.join(personas)}")
    think = _checked(given, "think", str, "")
    try:
        Limit.parse(think)
        words = Words(_checked(given, "words", str, Words.MODEL))
        draw_votes = DrawVotes(_checked(given, "draw_votes", str, DrawVotes.PUBLIC))
    except ValueError as error:
        raise TableError(str(error)) from None
    deadline_s = given.get("deadline_s")
    if deadline_s is not None:
        deadline_s = _number(given, "deadline_s", 0, 5, _LONGEST_DEADLINE_S)
    stand_in = given.get("stand_in")
    if stand_in is not None:
        stand_in = _checked(given, "stand_in", str, "")
        check_agent_name(stand_in)
        if deadline_s is None:
            raise TableError("stand_in: expected deadline_s beside it, as nobody is late without")
    return TableSettings(
        seats=seats,
        title=plain(_checked(given, "title", str, ""), "title"),
        names={power: plain(name, "names") for power, name in _by_power(given, "names").items()},
        personas=chosen,
        press=_checked(given, "press", bool, True),
        think=think,
        words=words,
        deadline_s=deadline_s,
        until=_number(given, "until", 1910, 1901, _LAST_YEAR),
        seed=_number(given, "seed", 0, 0, 2**53 - 1),
        reasons=_checked(given, "reasons", bool, True),
        draw_votes=draw_votes,
        stand_in=stand_in,
        tells=_checked(given, "tells", bool, True),
    )


def plain(text: str, what: str) -> str:
    """A name on one line, at most `LONGEST_TITLE` letters.

    >>> plain("  Friday's game ", "title")
    "Friday's game"

    Raises:
        TableError: it is longer, or has letters that steer a terminal or turn the direction of reading.
    """
    short = " ".join(text.split())
    if len(short) > LONGEST_TITLE:
        raise TableError(f"{what}: expected at most {LONGEST_TITLE} letters, got {len(short)}")
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs") for letter in short):
        raise TableError(f"{what}: expected letters, got a control character")
    return short


def _by_power(given: Mapping[str, Any], key: str) -> dict[Power, str]:
    value = given.get(key, {})
    if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
        raise TableError(f"{key}: expected an object of powers and texts")
    try:
        named = {Power.parse(str(name)): text for name, text in value.items()}
    except EngineError as error:
        raise TableError(f"{key}: {error}") from None
    return named


def _checked(given: Mapping[str, Any], key: str, kind: type, default: Any) -> Any:
    value = given.get(key, default)
    if not isinstance(value, kind):
        raise TableError(f"{key}: expected {kind.__name__}, got {type(value).__name__}")
    return value


def _number(given: Mapping[str, Any], key: str, default: int, least: int, most: int) -> int:
    value = given.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise TableError(f"{key}: expected a whole number from {least} to {most}, got {value!r:.40}")
    return value


# --- what the agents are like ------------------------------------------------------------------------------


def known_personas(folder: Path) -> dict[str, Mapping[str, str]]:
    """Personas by name, each the settings of an agent: the levels of honesty, and the YAML files of a folder.

    Raises:
        ConfigError: a file of the folder is no configuration.
    """
    found: dict[str, Mapping[str, str]] = {level.value: {"speech.honesty": level.value} for level in Honesty}
    for path in sorted(folder.glob("*.yaml")):
        settings = agent_settings(path)
        load_agent_config(str(path), settings)
        found[path.stem] = settings
    return found


def agent_config(
    base: AgentConfig, settings: TableSettings, persona: str, personas: Mapping[str, Mapping[str, str]]
) -> AgentConfig:
    """The configuration of one seat's agent.

    Args:
        base: what the command was given.
        settings: of the game.
        persona: its name; empty: as `base` is.
        personas: as `known_personas` gives them.

    Raises:
        ConfigError: there is no such persona, or no more.
    """
    config = base
    if persona:
        if persona not in personas:
            raise ConfigError(f"there is no persona {persona!r}: expected one of {', '.join(personas)}")
        config = load_agent_config(f"persona {persona}", personas[persona], config)
    if settings.think:
        config = dataclasses.replace(config, search=dataclasses.replace(config.search, think=settings.think))
    if settings.words is Words.GRAMMAR:
        config = dataclasses.replace(config, generation=dataclasses.replace(config.generation, candidates=0))
    return config.in_game(settings.seed)


def choices() -> tuple[str, ...]:
    """Names of the agents that can sit at a table, ours first."""
    return ("cicero", *(name for name in agent_names() if name != "cicero"))
