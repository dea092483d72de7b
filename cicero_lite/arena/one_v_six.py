"""One agent against six of another, without press, its seat rotating over the powers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np

from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.log import EventLog
from cicero_lite.arena.match import ArenaError, GameResult, check_range, play_match, seated
from cicero_lite.arena.results import FORM, LogHeader, ResultsLog, header_of
from cicero_lite.arena.variates import Variates
from cicero_lite.processes import in_processes
from cicero_lite.registry import Redrawable
from engine.types import POWERS, Power

Watch: TypeAlias = Callable[[int, Sequence[tuple[Power, GameResult]]], None]
"""Called with the games wanted and those done, each with the seat of the one agent."""


@dataclass(frozen=True)
class OneVSix:
    """The games of one agent alone against six of another."""

    header: LogHeader
    """What was played, and by which code."""
    games: int
    """Games asked for."""
    results: tuple[tuple[int, GameResult], ...]
    """(number, game), by number; fewer than asked for when interrupted."""
    interrupted: bool
    """Whether Ctrl-C came before all games were done."""

    def of_the_one(self) -> list[tuple[Power, GameResult]]:
        """Each game with the seat of the agent that plays alone."""
        return [(seat_of(number), result) for number, result in self.results]


def seat_of(number: int) -> Power:
    """The seat of the agent that plays alone in the game of this number, from 0 on."""
    return POWERS[number % len(POWERS)]


def game_seed(seed: int, number: int) -> int:
    """The seed of the game of this number, 0 to 2**63 - 1; the same for every pair of agents."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def one_v_six(
    one: AgentSpec,
    six: AgentSpec,
    games: int,
    seed: int = 0,
    until: int = 1920,
    jobs: int = 1,
    log: Path | None = None,
    watch: Watch = lambda games, done: None,
    keep: Path | None = None,
    variates: int = 0,
) -> OneVSix:
    """Plays an experiment, or what is left of it.

    Game g has the one agent in seat g mod 7 and a seed of its own, which depends on `seed` and g alone.  So
    neither `jobs` nor an interruption nor the number of games changes any game, and experiments with the same
    seed are paired game by game.

    Args:
        one: plays alone.
        six: plays the six other powers.
        games: a multiple of 7 gives every seat its share.
        seed: fixes all games.
        until: last year played.
        jobs: processes to play in, one thread each; 1: this process.
        log: file to keep the games in; those that it already holds are not played again.
        watch: called before the first game and after every one.
        keep: folder to write the games that are played to, each as a file of its number; None: nowhere.
        variates: how often the orders of a phase are drawn again, to see how lucky the one agent was, which changes
            no game; 0: never.

    Returns:
        All games; after Ctrl-C, those that were done.

    Raises:
        ArenaError: numbers out of range, variates of six whose orders cannot be drawn again, or a log of something
            else.
        OutputError: the log or a game cannot be written.
    """
    check_numbers(games, seed, until, jobs, variates)
    if variates:
        _check_redrawable(six)
    header = header_of(one, six, seed, until, variates)
    kept = None if log is None else ResultsLog(log, header, FORM)
    done = {} if kept is None else {n: result for n, result in kept.results.items() if n < games}
    missing = [number for number in range(games) if number not in done]
    interrupted = False

    def told() -> None:
        watch(games, [(seat_of(number), result) for number, result in done.items()])

    try:
        told()
        for number, result in _played(partial(_play, one, six, seed, until, keep, variates), missing, jobs):
            done[number] = result
            if kept is not None:
                kept.add(number, result)
            told()
    except KeyboardInterrupt:
        interrupted = True
    if kept is not None and not interrupted:
        kept.sort()
    return OneVSix(header if kept is None else kept.header, games, tuple(sorted(done.items())), interrupted)


def check_numbers(games: int, seed: int, until: int, jobs: int, variates: int = 0) -> None:
    """Returns if `one_v_six` takes these numbers.

    Raises:
        ArenaError: one is out of range.
    """
    check_range("--games", games, 1, 10**9)
    check_range("--jobs", jobs, 1, 10**4)
    check_range("--seed", seed, 0, 2**63 - 1)
    check_range("--until", until, 1901, 9999)
    check_range("--variates", variates, 0, 10**4)


def _check_redrawable(six: AgentSpec) -> None:
    if not isinstance(seated(six, POWERS[0], 0, EventLog()), Redrawable):
        raise ArenaError(
            f"--variates: expected six agents whose orders can be drawn again, such as dumbbot, got {str(six)!r}; "
            "leave --variates out"
        )


def _play(
    one: AgentSpec, six: AgentSpec, seed: int, until: int, keep: Path | None, variates: int, number: int
) -> GameResult:
    alone = seat_of(number)
    seats = {power: one if power is alone else six for power in POWERS}
    path = None if keep is None else keep / f"{number:05}.jsonl"
    luck = Variates(alone, variates) if variates else None
    return play_match(seats, game_seed(seed, number), until, path, luck)


def _played(play: Callable[[int], GameResult], numbers: Sequence[int], jobs: int) -> Iterator[tuple[int, GameResult]]:
    if jobs == 1 or len(numbers) < 2:
        return ((number, play(number)) for number in numbers)
    return in_processes(play, numbers, jobs, _prepare, None)


def _prepare(_: None) -> None:
    """Nothing: all that a process needs comes with its games."""


__all__ = ["ArenaError", "OneVSix", "Watch", "check_numbers", "game_seed", "one_v_six", "seat_of"]
