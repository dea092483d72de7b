"""An agent as the command line names it, such as ``search:search.lambda_=0.003`` or ``search@configs/fast.yaml``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from cicero_lite.arena.codec import encode
from cicero_lite.config import AgentConfig, agent_settings, load_agent_config, read_value
from cicero_lite.errors import CiceroLiteError, ConfigError
from cicero_lite.registry import check_agent_name

_OPENING, _CLOSING, _QUOTES = "[{(", "]})", "'\""


class AgentSpecError(CiceroLiteError, ValueError):
    """A text that names no agent with settings."""


@dataclass(frozen=True)
class AgentSpec:
    """An agent by name, with the settings in which it differs from the defaults.

    >>> str(AgentSpec.parse("search:search.lambda_=3e-3, search.iterations=64"))
    'search:search.iterations=64,search.lambda_=0.003'
    """

    name: str
    """As in `cicero_lite.registry`."""
    settings: tuple[tuple[str, str], ...] = ()
    """(path of a key of `AgentConfig`, value as YAML text), sorted by key, each value as `parse` writes it."""

    @classmethod
    def parse(cls, text: str) -> AgentSpec:
        """The agent that this text names; equal agents become equal specs.

        ``NAME[@FILE][:key=value,...]``: the file's settings first, then those given.  Commas separate settings, except
        within brackets and quotes: ``search:search.opponents.lambdas=[0.01,0.1]``.

        Raises:
            UnknownAgentError: no agent has this name.
            AgentSpecError: a setting without ``=``, or given twice.
            ConfigError: an unreadable file, an unknown key, a wrong type, a value out of range.
        """
        head, colon, rest = text.strip().partition(":")
        name, at, file = (part.strip() for part in head.partition("@"))
        check_agent_name(name)
        given: dict[str, str] = {}
        for entry in split_values(rest) if colon else ():
            key, equals, value = (part.strip() for part in entry.partition("="))
            if not (equals and key and value):
                raise AgentSpecError(
                    f"agent {text!r}: expected NAME:key=value,..., such as search:search.iterations=64, got {entry!r}"
                )
            if key in given:
                raise AgentSpecError(f"agent {text!r}: expected each key once, got {key!r} twice")
            given[key] = value
        of_file = agent_settings(Path(file)) if at else {}
        return cls(name)._with({**of_file, **given}, text)

    def with_setting(self, key: str, value: str) -> AgentSpec:
        """This agent with one setting more, or another value of it.

        Raises:
            ConfigError: an unknown key, a wrong type, a value out of range.
        """
        return self._with({**dict(self.settings), key.strip(): value}, f"{self.name}:{key.strip()}={value}")

    @cached_property
    def config(self) -> AgentConfig:
        """The resolved configuration."""
        return load_agent_config(str(self), dict(self.settings))

    def over(self, base: AgentConfig) -> AgentConfig:
        """The configuration where `base` takes the place of the defaults.

        Raises:
            ConfigError: a value out of range beside those of `base`.
        """
        return load_agent_config(str(self), dict(self.settings), base) if self.settings else base

    def __str__(self) -> str:
        if not self.settings:
            return self.name
        return f"{self.name}:{','.join(f'{key}={value}' for key, value in self.settings)}"

    def _with(self, given: dict[str, str], source: str) -> AgentSpec:
        config = load_agent_config(source, given)
        return AgentSpec(self.name, tuple((key, _written(_at(config, key))) for key in sorted(given)))


def split_values(text: str) -> list[str]:
    """The parts between commas, but for those within brackets and quotes; stripped.

    >>> split_values("1, [2,3] ,'4,5'")
    ['1', '[2,3]', "'4,5'"]

    Raises:
        AgentSpecError: a part is empty, or a bracket or quote is left open.
    """
    parts = [part.strip() for part in _parts(text)]
    if not all(parts):
        raise AgentSpecError(f"{text!r}: expected values with single commas between them")
    return parts


def _parts(text: str) -> Iterator[str]:
    start = depth = 0
    quote = ""
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in _QUOTES:
            quote = character
        elif character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
        elif character == "," and depth == 0:
            yield text[start:place]
            start = place + 1
    if depth or quote:
        raise AgentSpecError(f"{text!r}: expected every bracket and quote closed")
    yield text[start:]


def _at(config: AgentConfig, key: str) -> Any:
    value: Any = config
    for part in key.split("."):
        # The key was validated; what is below a mapping is the mapping's own.
        value = value[part] if isinstance(value, dict) else getattr(value, part.strip())
    return encode(value)


def _written(value: Any) -> str:
    """The shortest text that YAML reads as this value."""
    if isinstance(value, str):
        plain = value == value.strip() and not set(value) & set("[]{}()'\",#:=")
        try:
            if plain and value and read_value(value, "") == value:
                return value
        except (ConfigError, yaml.YAMLError):
            pass
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


__all__ = ["AgentSpec", "AgentSpecError", "split_values"]
