"""What honesty costs and brings: one seat at each level among six that are as configured, with full press.

Game *g* has the same seed and the same seat for every level, as `cicero_lite.arena.one_v_six` has them, so that levels
are compared game by game.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import fmean

from cicero_lite.arena.promises import Fate, Kind, total
from cicero_lite.arena.statistics import LEAST_OF_SEAT, Estimate, mean_difference, mean_score
from cicero_lite.bench.honesty_games import HonestyGame, play_game
from cicero_lite.bench.honesty_log import HonestyLog, header_of
from cicero_lite.bench.options import BenchError, Reached
from cicero_lite.bench.shares import Share
from cicero_lite.config import Config
from cicero_lite.output import commit_told
from cicero_lite.processes import in_processes
from dialogue.honesty import Honesty
from engine.types import FIRST_PHASE, POWERS

_COMPARED_WITH = Honesty.TRUTHFUL
_NOT_DONE = (Fate.BROKEN, Fate.WARNED)


@dataclass(frozen=True)
class LevelFound:
    """What one level of honesty came to."""

    level: Honesty
    games: int
    messages: float
    """To single powers, a game."""
    given: Mapping[Fate, int]
    """Promises of the seat."""
    kept: Share
    """Of the promises kept or broken without a word; the intervals of all shares draw whole games."""
    kept_by_kind: Mapping[Kind, Share]
    played_as_said: Share
    """The same, with those taken back in time counted as not kept."""
    warned: Share
    """Those taken back in time, of all that were not kept."""
    received: Share
    """Promises to the seat that were kept, of those kept or broken without a word."""
    trust: float | None
    """How far the others believed the seat at the end of a game; None: nobody was left in any."""
    score: Estimate
    """Sum of squares; 1/7 is parity."""
    versus: Estimate | None
    """Its score less that of the truthful seat, game by game; None: there are no such games, or it is that."""
    centers: float
    """At the end of a game."""


@dataclass(frozen=True)
class HonestyFound:
    """An experiment: all that is needed to believe it, or to make it again."""

    games: int
    """Asked for, of each level."""
    seed: int
    until: int
    six: Honesty
    """Of the other six seats."""
    levels: tuple[LevelFound, ...]
    """Those of which a game was played."""
    seconds_per_year: float
    """Processor time that a year of a game took."""
    commit: str | None
    """Of the code that played, as the log was begun."""
    dirty: bool
    interrupted: bool

    def lines(self) -> list[str]:
        """The figures for a reader at the terminal."""
        commit = commit_told(self.commit, self.dirty)
        lines = [
            f"one seat at each level of honesty among six {self.six.value}, full press, {self.games} games a level to "
            f"{self.until}, seed {self.seed}, {commit}",
            f"{self.seconds_per_year:.1f} s of processor time for a year of a game",
        ]
        lines += [line for level in self.levels for line in _level_lines(level)]
        if self.games % len(POWERS):
            lines.append(f"{self.games} games are no multiple of 7: some seats are played more often")
        if self.games < (fair := LEAST_OF_SEAT * len(POWERS)):
            lines.append(f"fewer than {fair} games: the interval of the score holds the effect of the seats, too")
        if self.interrupted:
            lines.append("interrupted: with --out, the same command goes on from here")
        return lines


def measure_honesty(
    config: Config,
    levels: Sequence[Honesty],
    games: int,
    processes: int = 1,
    out: Path | None = None,
    reached: Reached = lambda done, total: None,
) -> HonestyFound:
    """Plays the games of each level, or what is left of them.

    Args:
        config: of the table and of all seats, but for the honesty of the one; its seed is that of the experiment.
        levels: at least one.
        games: of each level; a multiple of 7 gives every seat its share.
        processes: to play in, one thread each; 1: this process.
        out: log to keep the games in; those that it already holds are not played again.
        reached: told of games done.

    Returns:
        What was found; after Ctrl-C, in the games that were done.

    Raises:
        BenchError: numbers out of range, seats with other agents, or a log of something else.
        OutputError: the log cannot be written.
        LanguageModelError: a language model is asked for that cannot be loaded.
    """
    _check(config, levels, games, processes)
    header = header_of(config)
    log = None if out is None else HonestyLog(out, header)
    # Number by number, so that levels can be compared however far it gets.
    wanted = [(level, number) for number in range(games) for level in Honesty if level in levels]
    done = {} if log is None else {task: log.games[task] for task in wanted if task in log.games}
    missing = [task for task in wanted if task not in done]
    interrupted = False
    try:
        reached(len(done), len(wanted))
        for task, game in _played(config, missing, processes):
            done[task] = game
            if log is not None:
                log.add(game)
            reached(len(done), len(wanted))
    except KeyboardInterrupt:
        interrupted = True
    if not done:
        raise BenchError("interrupted before the first game was done")
    begun = header if log is None else log.header
    of_level = {level: [done[task] for task in wanted if task in done and task[0] is level] for level in Honesty}
    years = sum(game.last_phase.year - FIRST_PHASE.year + 1 for game in done.values())
    return HonestyFound(
        games=games,
        seed=config.play.seed,
        until=config.play.until,
        six=config.agent.speech.honesty,
        levels=tuple(_found(level, found, of_level[_COMPARED_WITH]) for level, found in of_level.items() if found),
        seconds_per_year=sum(game.seconds for game in done.values()) / years,
        commit=begun.commit,
        dirty=begun.dirty,
        interrupted=interrupted,
    )


def _check(config: Config, levels: Sequence[Honesty], games: int, processes: int) -> None:
    if not levels:
        raise BenchError(f"--levels: expected at least one of {', '.join(Honesty)}, got none")
    for option, number in (("--games", games), ("--processes", processes)):
        if number < 1:
            raise BenchError(f"{option}: expected 1 or more, got {number}")
    silent = [power for power in POWERS if config.play.agent_of(power) != "cicero"]
    if silent:
        raise BenchError(
            f"expected the agent cicero on all seats, got {config.play.agent_of(silent[0])} for {silent[0]}; "
            "leave play.powers and play.agents as they are"
        )


def _played(
    config: Config, tasks: Sequence[tuple[Honesty, int]], processes: int
) -> Iterator[tuple[tuple[Honesty, int], HonestyGame]]:
    if processes == 1 or len(tasks) < 2:
        return ((task, _play(config, task)) for task in tasks)
    return in_processes(partial(_play, config), tasks, processes, _prepare, None)


def _play(config: Config, task: tuple[Honesty, int]) -> HonestyGame:
    level, number = task
    return play_game(config, level, config.play.seed, number)


def _prepare(_: None) -> None:
    """Nothing: all that a process needs comes with its games."""


def _found(level: Honesty, games: Sequence[HonestyGame], truthful: Sequence[HonestyGame]) -> LevelFound:
    given = [total(game.given.values()) for game in games]
    theirs = {game.number: game.score for game in truthful}
    pairs = [game for game in games if game.number in theirs] if level is not _COMPARED_WITH else []
    trust = [game.trust for game in games if game.trust is not None]
    return LevelFound(
        level=level,
        games=len(games),
        messages=fmean(game.messages for game in games),
        given=total(given),
        kept=_share(given, Fate.KEPT, Fate.BROKEN),
        kept_by_kind={kind: _share([game.given[kind] for game in games], Fate.KEPT, Fate.BROKEN) for kind in Kind},
        played_as_said=_share(given, Fate.KEPT, *_NOT_DONE),
        warned=_share(given, Fate.WARNED, Fate.BROKEN),
        received=_share([game.received for game in games], Fate.KEPT, Fate.BROKEN),
        trust=fmean(trust) if trust else None,
        score=mean_score([game.score for game in games], [game.seat for game in games]),
        versus=mean_difference([g.score - theirs[g.number] for g in pairs], [g.seat for g in pairs]) if pairs else None,
        centers=fmean(game.centers for game in games),
    )


def _share(counts: Sequence[Mapping[Fate, int]], so: Fate, *otherwise: Fate) -> Share:
    """How many were so, of those that were so or otherwise."""
    return Share.of_games((count[so], count[so] + sum(count[fate] for fate in otherwise)) for count in counts)


# --- as text ---------------------------------------------------------------------------------------------


def _level_lines(found: LevelFound) -> list[str]:
    fates = ", ".join(f"{found.given[fate]} {fate.value}" for fate in Fate)
    kinds = "; ".join(f"{kind.value} {share}" for kind, share in found.kept_by_kind.items())
    against = "" if found.versus is None else f"; less that of {_COMPARED_WITH.value} {_estimate(found.versus, '+')}"
    trust = "" if found.trust is None else f"; they believe it to {found.trust:.2f} at the end"
    return [
        "",
        f"{found.level.value}: {found.games} games, {found.messages:.1f} messages a game",
        f"  promises         {fates}",
        f"  kept             {found.kept}  ({kinds})",
        f"  played as said   {found.played_as_said}",
        f"  warned           {found.warned} that it did not keep",
        f"  kept to it       {found.received}{trust}",
        f"  score            {_estimate(found.score)}{against}; {found.centers:.1f} centres",
    ]


def _estimate(found: Estimate, sign: str = "") -> str:
    if found.low is None or found.high is None:
        return f"{found.mean:{sign}.3f}"
    return f"{found.mean:{sign}.3f} [{found.low:{sign}.3f}, {found.high:{sign}.3f}]"


__all__ = ["HonestyFound", "LevelFound", "measure_honesty"]
