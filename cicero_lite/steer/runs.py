"""Plays what experiments ask for, and keeps it: the folder of `cicero-lite steer run`.

    runs.jsonl        a line that says which code played, then one for every run
    positions/        moments of games of self-play, a file each
    NAME.json         each experiment, as it was resolved

Whoever asks for a run that is there gets it: experiments share the neutral dose, and a command that was killed goes on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.codec import decode, encode
from cicero_lite.arena.results import fingerprint
from cicero_lite.output import append_line, check_folder, provenance, write_files
from cicero_lite.processes import in_processes
from cicero_lite.steer.behaviours import read_behaviours
from cicero_lite.steer.experiments import Arm, Experiment, ExperimentError, Run
from cicero_lite.steer.playing import Ran, Snapshot, play, snapshots

SCHEMA = 1
"""Raised whenever a reader of older logs would misread."""
RUNS, POSITIONS = "runs.jsonl", "positions"
_FURTHER = (
    "session.py",
    "adapters/local.py",
    "steer/behaviours.py",
    "steer/circumstances.py",
    "steer/controls.py",
    "steer/dosing.py",
    "steer/playing.py",
)
"""Code that decides how runs go and what is measured of them, beside that of the arena's."""
_AT_ONCE = 6
"""Runs of one moment that a process is given together, as they share what the board alone says; a kill loses them."""

Watch: TypeAlias = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True)
class RunsHeader:
    """Which code played."""

    steer: int
    """Version of the log's format."""
    code: str
    """Fingerprint of rules, planner, dialogue, agent, table and measures."""
    commit: str | None
    """None where the source is no git checkout."""
    dirty: bool
    """Whether there were uncommitted changes."""
    versions: Mapping[str, str]
    """Package name -> version; Python under ``python``."""


@dataclass(frozen=True)
class NamedExperiment:
    """An experiment and how it was asked for."""

    name: str
    """Of its file, without the ending."""
    experiment: Experiment


class RunsLog:
    """The runs of a folder."""

    def __init__(self, folder: Path) -> None:
        """Opens the folder's log, or begins it.

        Raises:
            ExperimentError: the file is something else, or its runs were played by other code.
            OutputError: the folder cannot be written.
        """
        self.path = folder / RUNS
        check_folder(folder)
        running = provenance()
        mine = RunsHeader(SCHEMA, fingerprint(*_FURTHER), running.commit, running.dirty, running.versions)
        lines = _lines(self.path)
        self.header = _read(RunsHeader, self.path, 1, lines[0]) if lines else mine
        """As the log was begun."""
        if lines:
            _check_same(self.path, self.header, mine)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            append_line(self.path, _line(mine))
        found = (_read(Ran, self.path, place, line) for place, line in enumerate(lines[1:], start=2))
        self.ran: dict[Run, Ran] = {ran.run: ran for ran in found}

    def add(self, ran: Ran) -> None:
        """Keeps one more run; on disk when this returns."""
        self.ran[ran.run] = ran
        append_line(self.path, _line(ran))


def read_runs(folder: Path) -> tuple[RunsHeader, dict[Run, Ran]]:
    """The runs of a folder, whichever code played them.

    Raises:
        ExperimentError: there are none, or the file is something else.
    """
    path = folder / RUNS
    lines = _lines(path)
    if not lines:
        raise ExperimentError(f"{folder}: expected a folder that `steer run` wrote, got none with runs in it")
    header = _read(RunsHeader, path, 1, lines[0])
    if header.steer != SCHEMA:
        raise ExperimentError(f"{path}: expected a log of version {SCHEMA}, got {header.steer}; make it anew")
    found = (_read(Ran, path, place, line) for place, line in enumerate(lines[1:], start=2))
    return header, {ran.run: ran for ran in found}


def read_experiments(folder: Path) -> list[NamedExperiment]:
    """The experiments of a folder, by name.

    Raises:
        ExperimentError: a file that holds none.
    """
    return [
        NamedExperiment(path.stem, _read(Experiment, path, 1, path.read_text(encoding="utf-8")))
        for path in sorted(folder.glob("*.json"))
    ]


def keep_experiments(folder: Path, named: Sequence[NamedExperiment]) -> None:
    """Writes the experiments beside their runs, for whoever reads those.

    Raises:
        OutputError: the folder cannot be written.
    """
    write_files(folder, {f"{one.name}.json": json.dumps(encode(one.experiment)) + "\n" for one in named})


def run_experiments(
    named: Sequence[NamedExperiment], folder: Path, jobs: int = 1, watch: Watch = lambda what, done, total: None
) -> RunsLog:
    """Plays all runs of some experiments that the folder does not have yet.

    Neither the number of processes nor a kill changes any run.

    Args:
        named: the experiments.
        folder: where runs are kept.
        jobs: processes to play in, one thread each; 1: this process.
        watch: told how far it is.

    Raises:
        ExperimentError: the folder holds runs of other code, or something else.
        OutputError: the folder cannot be written.
        BehaviourError: a file of behaviours cannot be used.
        KeyboardInterrupt: Ctrl-C; what was done is kept.
    """
    files = tuple(dict.fromkeys(file for one in named for file in one.experiment.behaviours))
    read_behaviours(files)
    log = RunsLog(folder)
    keep_experiments(folder, named)
    missing = [run for run in dict.fromkeys(_all_runs(named)) if run not in log.ran]
    _keep_positions(missing, folder / POSITIONS, jobs, files, watch)
    batches = _batches(missing)
    done = 0
    watch("runs", done, len(missing))
    for batch in _played(partial(_play_batch, folder / POSITIONS), batches, jobs, files):
        for ran in batch:
            log.add(ran)
        done += len(batch)
        watch("runs", done, len(missing))
    return log


def _all_runs(named: Iterable[NamedExperiment]) -> Iterator[Run]:
    """Moments before games: they say most about what a control does."""
    for one in named:
        yield from one.experiment.moment_runs()
    for one in named:
        yield from one.experiment.game_runs()


# --- moments of self-play --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _SelfPlay:
    """A game of self-play of which moments are wanted."""

    others: str
    seed: int
    number: int
    rounds: int
    at: tuple[str, ...]


def _keep_positions(runs: Sequence[Run], folder: Path, jobs: int, files: Sequence[str], watch: Watch) -> None:
    wanted: dict[tuple[str, int, int, int], set[str]] = {}
    for run in runs:
        if run.arm is Arm.MOMENT and not _position_file(folder, run).exists():
            wanted.setdefault((run.others, run.seed, run.number, run.rounds), set()).add(run.at)
    games = [_SelfPlay(*key, tuple(sorted(at))) for key, at in wanted.items()]
    if not games:
        return
    watch("games of self-play", 0, len(games))
    for done, _ in enumerate(_played(partial(_play_self, folder), games, jobs, files), start=1):
        watch("games of self-play", done, len(games))


def _play_self(folder: Path, game: _SelfPlay) -> None:
    found = snapshots(AgentSpec.parse(game.others), game.seed, game.number, game.at, game.rounds)
    texts = {at: json.dumps(encode(found[at]) if at in found else None, ensure_ascii=True) for at in game.at}
    write_files(folder, {_position_name(game, at): text for at, text in texts.items()})


def _position_name(game: _SelfPlay | Run, at: str) -> str:
    table = hashlib.sha256(f"{game.others}, {game.rounds} rounds".encode()).hexdigest()[:8]
    return f"{table}-{game.seed}-{game.number}-{at}.json"


def _position_file(folder: Path, run: Run) -> Path:
    return folder / _position_name(run, run.at)


# --- runs ------------------------------------------------------------------------------------------------


def _batches(runs: Sequence[Run]) -> list[tuple[Run, ...]]:
    """Games alone; runs of one moment by a few, whichever experiment asks for them."""
    moments: dict[tuple[str, int, int, str], list[Run]] = {}
    games: list[tuple[Run, ...]] = []
    for run in runs:
        if run.arm is Arm.GAME:
            games.append((run,))
        else:
            moments.setdefault((run.others, run.seed, run.number, run.at), []).append(run)
    together = [
        tuple(of_one[first : first + _AT_ONCE])
        for of_one in moments.values()
        for first in range(0, len(of_one), _AT_ONCE)
    ]
    return together + games


def _play_batch(folder: Path, batch: tuple[Run, ...]) -> tuple[Ran, ...]:
    return tuple(play(run, _snapshot(folder, run) if run.arm is Arm.MOMENT else None) for run in batch)


def _snapshot(folder: Path, run: Run) -> Snapshot | None:
    values = json.loads(_position_file(folder, run).read_text(encoding="utf-8"))
    return None if values is None else decode(Snapshot, values)


def _played(work: Callable[[Any], Any], tasks: Sequence[Any], jobs: int, files: Sequence[str]) -> Iterator[Any]:
    if jobs == 1 or len(tasks) < 2:
        return (work(task) for task in tasks)
    return (result for _, result in in_processes(work, tasks, jobs, read_behaviours, tuple(files)))


# --- the file --------------------------------------------------------------------------------------------


def _lines(path: Path) -> list[str]:
    """The whole lines of a file; a last one that a kill cut short is left out."""
    if not path.exists():
        return []
    try:
        *lines, rest = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ExperimentError(f"{path}: cannot be read ({error})") from None
    if not lines and rest:
        raise ExperimentError(f"{path}: expected a log of `steer run`, got {rest[:40]!r}")
    return lines


def _check_same(path: Path, found: RunsHeader, wanted: RunsHeader) -> None:
    if found.steer != SCHEMA:
        raise ExperimentError(f"{path}: expected a log of version {SCHEMA}, got {found.steer}; name another folder")
    if found.code != wanted.code:
        raise ExperimentError(
            f"{path}: its runs were played by other code; name another folder, or go back to that code"
        )


def _read(kind: type[Any], path: Path, place: int, line: str) -> Any:
    try:
        return decode(kind, json.loads(line))
    except (ValueError, TypeError) as error:
        wanted = {RunsHeader: "the first line of a log", Ran: "a run", Experiment: "an experiment"}[kind]
        raise ExperimentError(f"{path}, line {place}: expected {wanted} of `steer run` ({error})") from None


def _line(value: RunsHeader | Ran) -> str:
    return json.dumps(encode(value), ensure_ascii=False, separators=(",", ":"))


__all__ = [
    "NamedExperiment",
    "Ran",
    "RunsHeader",
    "RunsLog",
    "keep_experiments",
    "read_experiments",
    "read_runs",
    "run_experiments",
]
