"""One setting of an agent, value by value: score against thinking time, or against any other key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.table import Setting, Table, WatchRow, make_table

_NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-z]*)")


@dataclass(frozen=True)
class Sweep:
    """An agent with one setting varied, each value alone against the same six in the same games."""

    one: str
    """The agent without that setting."""
    key: str
    values: tuple[str, ...]
    """As they were given; as many as the table has rows, unless interrupted."""
    table: Table


@dataclass(frozen=True)
class Axis:
    """Values as numbers of one unit."""

    numbers: tuple[float, ...]
    unit: str
    """As written behind each number; empty: none."""

    @property
    def logarithmic(self) -> bool:
        """Whether the numbers are positive, and far enough apart to need it."""
        return min(self.numbers) > 0 and max(self.numbers) >= 5 * min(self.numbers)


def sweep(
    one: AgentSpec,
    key: str,
    values: Sequence[str],
    setting: Setting,
    jobs: int = 1,
    log: Path | None = None,
    watch: WatchRow = lambda one: lambda games, done: None,
) -> Sweep:
    """Plays the agent with each value against the six.

    Args:
        one: the agent.
        key: path of the setting to vary, such as ``search.lambda_``.
        values: YAML texts.
        setting: the six, and how many games of which length.
        jobs: processes to play in.
        log: folder with a file for each value, from which the same sweep, or one with more values, goes on.
        watch: called as a value begins.

    Raises:
        ConfigError: an unknown key, or a value that it does not take.
        ArenaError: a value given twice, numbers out of range, or a log of something else.
        OutputError: the log cannot be written.
    """
    agents = [one.with_setting(key, value) for value in values]
    table = make_table(agents, setting, None, jobs, log, watch, log_is_folder=True)
    return Sweep(str(one), key, tuple(values), table)


def axis_of(values: Sequence[str]) -> Axis | None:
    """The values as numbers, if all are numbers of the same unit.

    >>> axis_of(["64it", "256it"])
    Axis(numbers=(64.0, 256.0), unit='it')
    >>> axis_of(["64it", "2s"]) is None
    True
    """
    found = [_NUMBER.fullmatch(value.strip()) for value in values]
    units = {match[2] for match in found if match is not None}
    if None in found or len(units) != 1:
        return None
    return Axis(tuple(float(match[1]) for match in found if match is not None), units.pop())


__all__ = ["Axis", "Sweep", "axis_of", "sweep"]
