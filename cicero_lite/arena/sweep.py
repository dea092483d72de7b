"""One setting of an agent, value by value: score against thinking time, or against any other key."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist, fmean

from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.axis import axis_of
from cicero_lite.arena.statistics import CONFIDENCE
from cicero_lite.arena.table import Setting, Table, WatchRow, make_table


@dataclass(frozen=True)
class Sweep:
    """An agent with one setting varied, each value alone against the same six in the same games."""

    one: str
    """The agent without that setting."""
    key: str
    values: tuple[str, ...]
    """As they were given; as many as the table has rows, unless interrupted."""
    table: Table
    trend: Trend | None


@dataclass(frozen=True)
class Trend:
    """A straight line through the mean scores, over the logarithm of the values; 0 is left out."""

    per_tenfold: float
    """By how much the score rises when the value is ten times as large."""
    low: float
    """Lower end of its 95 % interval, as if all games were different ones, which makes it wider."""
    high: float


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
    return Sweep(str(one), key, tuple(values), table, trend_of(values, table))


def trend_of(values: Sequence[str], table: Table) -> Trend | None:
    """How the score follows the values; None where they are no numbers far apart, or the games too few."""
    rows = [(v, row.summary.score) for v, row in zip(values, table.rows, strict=False) if row.summary is not None]
    axis = axis_of([value for value, _ in rows])
    if axis is None or not axis.logarithmic:
        return None
    places, means, errors = [], [], []
    for number, (_, score) in zip(axis.numbers, rows, strict=True):
        if number in axis.inner:
            places.append(math.log10(number))
            means.append(score.mean)
            errors.append(score.standard_error)
    if None in errors:
        return None
    middle = fmean(places)
    square = sum((x - middle) ** 2 for x in places)
    weights = [(x - middle) / square for x in places]
    slope = sum(w * mean for w, mean in zip(weights, means, strict=True))
    half = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * math.hypot(
        *(w * error for w, error in zip(weights, errors, strict=True) if error is not None)
    )
    return Trend(slope, slope - half, slope + half)


__all__ = ["Sweep", "Trend", "sweep", "trend_of"]
