"""Plays an experiment, or what is left of it, and keeps every game as soon as it is over.

A kill at any moment loses the games under way, at most: the same command plays those, and the result is that of a run
without a break, as each game follows from the experiment and its number alone (of a ladder: and from the games of the
rounds before, all of which are over when a round begins).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from cicero_lite.arena.codec import encode
from cicero_lite.arena.designs import Schedule
from cicero_lite.arena.experiment import Experiment
from cicero_lite.arena.played import Failure, PlayedGame, Replay, try_seating
from cicero_lite.arena.ratings import strengths
from cicero_lite.arena.results import LogForm, ResultsLog, fingerprint
from cicero_lite.arena.stopping import Watcher
from cicero_lite.config import config_values
from cicero_lite.output import check_folder, provenance, write_files
from cicero_lite.workers import Processes, RayTasks, Workers

SCHEMA = 1
"""Raised whenever a reader of older logs would misread."""
GAMES_FILE = "games.jsonl"
_FURTHER = (
    "session.py",
    "adapters/local.py",
    "arena/designs.py",
    "arena/asked.py",
    "arena/played.py",
    "arena/press_measures.py",
    "arena/promises.py",
    "arena/supports.py",
    "arena/ratings.py",
)
"""Code that decides how these games go, who plays them and what is counted, beside that of all games."""

Watch: TypeAlias = Callable[[int, Mapping[int, PlayedGame], Sequence[Failure]], None]
"""Called with the games wanted, those done and those that failed."""


@dataclass(frozen=True)
class ExperimentHeader:
    """What is played, and by which code."""

    experiment: int
    """Version of the log's format."""
    agents: Mapping[str, str]
    agents_config: Mapping[str, Any]
    """Label -> the resolved configuration, defaults included."""
    design: Mapping[str, Any]
    seed: int
    until: int
    press: Mapping[str, Any] | None
    variates: int
    code: str
    commit: str | None
    """Commit of the source tree when the log was begun; None where it is no git checkout."""
    dirty: bool
    """Whether that tree had uncommitted changes."""
    versions: Mapping[str, str]
    """Package name -> version; Python under ``python``."""


FORM = LogForm(
    ExperimentHeader,
    PlayedGame,
    SCHEMA,
    ("agents", "design", "seed", "until", "press", "variates", "agents_config", "code"),
    option="--out",
)


@dataclass(frozen=True)
class Tournament:
    """The games of an experiment."""

    experiment: Experiment
    header: ExperimentHeader
    """As the log was begun."""
    games: Mapping[int, PlayedGame]
    """Those that count, by number: all that were asked for, or those up to where the stopping rule said enough."""
    wanted: int
    """Games asked for."""
    stopped: int | None
    """Games after which the stopping rule held; None: it never did, or there is none."""
    failures: tuple[Failure, ...]
    interrupted: bool
    """Whether Ctrl-C came before all games were done."""

    @property
    def complete(self) -> bool:
        """Whether nothing is left to be played."""
        return self.stopped is not None or len(self.games) == self.wanted


def play_experiment(
    experiment: Experiment,
    out: Path,
    jobs: int | None = None,
    ray: str | None = None,
    watch: Watch = lambda wanted, done, failed: None,
) -> Tournament:
    """Plays what is not yet in the folder.

    Args:
        experiment: what to play.
        out: folder for `GAMES_FILE`, and what is kept of every game below ``games/``.
        jobs: processes; None: as the experiment says.
        ray: address of a cluster; None: as the experiment says.
        watch: called before the first game, and after every one.

    Returns:
        All games; after Ctrl-C, those that were done.

    Raises:
        ArenaError: the folder holds another experiment, or one of other code.
        OutputError: the folder cannot be written.
        WorkersError: the cluster cannot be reached.
    """
    check_folder(out)
    out.mkdir(parents=True, exist_ok=True)
    address = ray or experiment.ray
    count = jobs or experiment.jobs
    log = ResultsLog(out / GAMES_FILE, header_of(experiment), FORM)
    workers: Workers = Processes(0 if count == 1 else count) if address is None else RayTasks(address)
    playing = _Playing(experiment, out, log, workers, watch)
    interrupted = False
    try:
        playing.play()
    except KeyboardInterrupt:
        interrupted = True
    else:
        log.sort()
    wanted = experiment.games_wanted()
    last = wanted if playing.stopped is None else playing.stopped
    games = {number: game for number, game in sorted(log.results.items()) if number < last}
    failures = tuple(failure for failure in playing.failures if failure.number < last)
    return Tournament(experiment, log.header, games, wanted, playing.stopped, failures, interrupted)


def header_of(experiment: Experiment) -> ExperimentHeader:
    """The header of an experiment made by the code that is running."""
    running, specs = provenance(), experiment.specs()
    values = encode(experiment)
    return ExperimentHeader(
        experiment=SCHEMA,
        agents={label: str(spec) for label, spec in specs.items()},
        agents_config={label: config_values(spec.config) for label, spec in specs.items()},
        design=values["design"],
        seed=experiment.seed,
        until=experiment.until,
        press=values["press"],
        variates=experiment.variates,
        code=fingerprint(*_FURTHER),
        commit=running.commit,
        dirty=running.dirty,
        versions=running.versions,
    )


class _Playing:
    """The games that are left, round by round."""

    def __init__(
        self,
        experiment: Experiment,
        out: Path,
        log: ResultsLog[ExperimentHeader, PlayedGame],
        workers: Workers,
        watch: Watch,
    ) -> None:
        self._experiment, self._out, self._log, self._workers, self._watch = experiment, out, log, workers, watch
        self._wanted = experiment.games_wanted()
        self._schedule = Schedule(experiment, lambda number: strengths(experiment.labels, log.results, number))
        self._watcher = Watcher(experiment, self._schedule.block, self._wanted)
        self.failures: list[Failure] = []
        self.stopped: int | None = None

    def play(self) -> None:
        self._told()
        size = self._schedule.round or self._wanted
        for first in range(0, self._wanted, size):
            self._round(range(first, min(first + size, self._wanted)))
            if self.stopped is not None or (self._schedule.round is not None and self.failures):
                # The next round of a ladder follows from all games of this one.
                return

    def _round(self, numbers: Sequence[int]) -> None:
        self.stopped = self._watcher.stops(self._log.results)
        missing = [number for number in numbers if number not in self._log.results]
        if self.stopped is not None or not missing:
            return
        work = partial(try_seating, self._experiment, self._experiment.specs())
        # Closed, whatever comes: else processes would go on with games that nobody waits for.
        with closing(self._workers.run(work, [self._schedule.seating(number) for number in missing])) as results:
            for seating, found in results:
                self._keep(seating.number, found)
                self.stopped = self._watcher.stops(self._log.results)
                if self.stopped is not None:
                    return

    def _keep(self, number: int, found: Replay | Failure) -> None:
        if isinstance(found, Failure):
            self.failures.append(found)
        else:
            if found.texts:
                write_files(self._out / "games" / f"{number:05}", found.texts)
            self._log.add(number, found.game)
        self._told()

    def _told(self) -> None:
        self._watch(self._wanted, self._log.results, self.failures)


__all__ = ["FORM", "GAMES_FILE", "SCHEMA", "ExperimentHeader", "Tournament", "Watch", "header_of", "play_experiment"]
