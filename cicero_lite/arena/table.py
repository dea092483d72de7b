"""Several agents, each alone against the same six in the same games, and a row for each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.match import ArenaError
from cicero_lite.arena.one_v_six import OneVSix, Watch, check_numbers, one_v_six, seat_of
from cicero_lite.arena.statistics import LEAST_OF_SEAT, Difference, Summary, difference, summarize
from cicero_lite.errors import OutputError
from cicero_lite.output import check_folder, commit_told
from engine.types import POWERS

WatchRow: TypeAlias = Callable[[AgentSpec], Watch]
"""Called as the games of an agent begin; what it returns is told of them."""


@dataclass(frozen=True)
class Setting:
    """What all rows of a table share."""

    six: AgentSpec
    games: int
    """For each agent."""
    seed: int = 0
    until: int = 1920
    variates: int = 0
    """How often the orders of a phase are drawn again, to take luck out of the scores; 0: never."""


@dataclass(frozen=True)
class Row:
    """One agent alone against the six."""

    one: str
    games: int
    """Games played."""
    summary: Summary | None
    """None: interrupted before the first game."""
    versus: Difference | None
    """How much better it scored than the agent it is compared with; None: with none."""


@dataclass(frozen=True)
class Table:
    """An experiment: everything needed to believe it, or to make it again."""

    six: str
    games: int
    """Asked for, of each row."""
    seed: int
    until: int
    versus: str | None
    """The agent that the others are compared with, whose row is the last."""
    rows: tuple[Row, ...]
    commits: tuple[str, ...]
    """Of the code that played: as a log was begun, where there is one."""
    code: str
    """Fingerprint of the rules and agents, the same in all rows."""
    interrupted: bool
    variates: int = 0
    """As in `Setting`."""

    def heading(self) -> str:
        """The experiment in one line."""
        variates = f"variates of {self.variates} draws, " if self.variates else ""
        return (
            f"one agent against six {self.six}, no press, {self.games} games to {self.until}, seed {self.seed}, "
            f"{variates}{', '.join(self.commits)}"
        )

    def notes(self) -> list[str]:
        """What a reader should know before believing the rows."""
        notes = []
        if self.games % len(POWERS):
            more = self.games + -self.games % len(POWERS)
            notes.append(f"{self.games} games are no multiple of 7: some seats are played more often; {more} would be")
        if self.games < (fair := LEAST_OF_SEAT * len(POWERS)):
            notes.append(f"fewer than {fair} games: the interval of the score holds the effect of the seats, too")
        if self.interrupted:
            notes.append("interrupted: with --log, the same command goes on from here")
        return notes


def make_table(
    ones: Sequence[AgentSpec],
    setting: Setting,
    versus: AgentSpec | None = None,
    jobs: int = 1,
    log: Path | None = None,
    watch: WatchRow = lambda one: lambda games, done: None,
    log_is_folder: bool = False,
    keep: Path | None = None,
) -> Table:
    """Plays each agent against the six.

    Args:
        ones: the agents, each different.
        setting: the six, and how many games of which length.
        versus: one more agent, with which the others are compared game by game.
        jobs: processes to play in.
        log: file to keep the games of one agent in; of several, or if it is a folder, a folder with a file for each.
        watch: called as an agent begins.
        log_is_folder: whether it is one even for a single agent.
        keep: folder to write the games to that are played; with several agents, a folder in it for each.

    Returns:
        All rows; after Ctrl-C, those that were begun.

    Raises:
        ArenaError: agents named twice, numbers out of range, variates of six whose orders cannot be drawn again, or a
            log of something else.
        OutputError: the log cannot be written.
    """
    agents = [*ones, *([] if versus is None else [versus])]
    for number, agent in enumerate(agents):
        if agent in agents[:number]:
            raise ArenaError(f"expected different agents to compare, got {str(agent)!r} twice")
    check_numbers(setting.games, setting.seed, setting.until, jobs, setting.variates)
    if keep is not None:
        check_folder(keep)
    folder = log_is_folder or len(agents) > 1
    played: list[OneVSix] = []
    for agent in agents:
        path = None if log is None else _log_of(log, agent, setting, folder)
        games_of_it = keep / _name_of(agent, setting) if keep is not None and folder else keep
        games, seed, until = setting.games, setting.seed, setting.until
        played.append(
            one_v_six(agent, setting.six, games, seed, until, jobs, path, watch(agent), games_of_it, setting.variates)
        )
        if played[-1].interrupted:
            break
    compared = played[-1] if versus is not None and len(played) == len(agents) else None
    return Table(
        six=str(setting.six),
        games=setting.games,
        seed=setting.seed,
        until=setting.until,
        versus=None if versus is None else str(versus),
        rows=tuple(_row(found, compared) for found in played),
        commits=tuple(dict.fromkeys(_commit(found) for found in played)),
        code=played[0].header.code,
        interrupted=played[-1].interrupted,
        variates=setting.variates,
    )


def _row(found: OneVSix, compared: OneVSix | None) -> Row:
    shared = compared is not None and compared is not found and bool(compared.results) and bool(found.results)
    pairs = None
    if compared is not None and shared:
        seats = {number: seat_of(number) for number, _ in found.results}
        common = seats.keys() & {number for number, _ in compared.results}
        pairs = difference(found.results, compared.results, seats) if common else None
    games = found.of_the_one()
    return Row(found.header.one, len(games), summarize(games) if games else None, pairs)


def _commit(found: OneVSix) -> str:
    return commit_told(found.header.commit, found.header.dirty)


def _log_of(log: Path, one: AgentSpec, setting: Setting, folder: bool) -> Path:
    if not folder and not log.is_dir():
        return log
    try:
        check_folder(log)
        log.mkdir(parents=True, exist_ok=True)
    except (OSError, OutputError) as error:
        raise ArenaError(f"--log {log}: expected a folder, for the games of several agents: {error}") from None
    return log / f"{_name_of(one, setting)}.jsonl"


def _name_of(one: AgentSpec, setting: Setting) -> str:
    names = "-v-".join(_file_name(spec) for spec in (one, setting.six))
    variates = f"-variates-{setting.variates}" if setting.variates else ""
    return f"{names}-to-{setting.until}-seed-{setting.seed}{variates}"


def _file_name(spec: AgentSpec) -> str:
    """The spec as part of a file's name; a fingerprint where signs or length had to go."""
    text = str(spec)
    plain = re.sub(r"[^A-Za-z0-9._=,-]+", "_", text)[:60]
    return plain if plain == text else f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


__all__ = ["Row", "Setting", "Table", "WatchRow", "make_table"]
