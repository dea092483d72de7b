"""Our rules against the ``diplomacy`` package, or against the independent arbiter alone, in random games.

The work is cut into chunks, each with its own seed, so that neither the number of processes nor a pause changes
what is played.  A chunk that is done is one line of the log; the same command goes on where the log ends.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path

from cicero_lite.arena.codec import decode, encode
from cicero_lite.bench.chunks import Chunk, Play, Task, play_chunk
from cicero_lite.bench.differential import Cause
from cicero_lite.bench.rules_report import RulesReport, report_on
from cicero_lite.bench.shrink import find_with
from cicero_lite.bench.situations import Arbiter, ArbiterError, PackageRules, load_arbiter
from cicero_lite.errors import CiceroLiteError
from cicero_lite.output import append_line, provenance
from cicero_lite.processes import in_processes
from engine import _core

LAST_YEAR = 1915
"""Games stop after this year."""
CHUNK = 500
"""Movement phases of a chunk: some seconds, which is what a kill can cost."""
ARBITER = Path(__file__).parents[2] / "tests" / "engine" / "arbiter.py"
"""The arbiter of the source tree."""


class RulesBenchError(CiceroLiteError, ValueError):
    """A comparison of rules that cannot be made, or a log that is none of its own."""


class Against(StrEnum):
    """What our rules are compared with."""

    PACKAGE = "package"
    """The ``diplomacy`` package, in every phase; the arbiter judges differences in movement phases."""
    ARBITER = "arbiter"
    """The arbiter alone, in movement phases."""


@dataclass(frozen=True)
class Settings:
    """What to compare; the same settings find the same."""

    phases: int = 2000
    """Movement phases to compare; the retreat and build phases between them come on top."""
    play: Play = Play.BOTH
    seed: int = 0
    against: Against = Against.PACKAGE
    last_year: int = LAST_YEAR
    legal_every: int = 1
    """Legal orders are compared in every so many phases; 0: never."""
    arbiter: Path | None = None
    """File of the arbiter; None: that of the source tree, if it is there."""

    def tasks(self) -> list[Task]:
        """The chunks, both kinds of play by turns."""
        with_package = self.against is Against.PACKAGE
        legal_every = self.legal_every if with_package else 0

        def chunks(play: Play, phases: int) -> Iterator[Task]:
            for index, done in enumerate(range(0, phases, CHUNK)):
                size = min(CHUNK, phases - done)
                yield Task(play, index, size, self.seed, self.last_year, legal_every, with_package)

        if self.play is not Play.BOTH:
            return list(chunks(self.play, self.phases))
        coherent = self.phases // 2
        tasks = [*chunks(Play.UNIFORM, self.phases - coherent), *chunks(Play.COHERENT, coherent)]
        return sorted(tasks, key=lambda task: task.index)


@dataclass(frozen=True)
class _Entry:
    """A line of the log."""

    task: Task
    code: str
    """Fingerprint of all that finds differences: the compiled rules, the players, the arbiter, the package."""
    commit: str
    chunk: Chunk


def compare_rules(
    settings: Settings,
    jobs: int = 1,
    log: Path | None = None,
    progress: Callable[[int, int, Chunk], None] | None = None,
) -> RulesReport:
    """Compares positions, results and legal orders in random games, and shrinks what is found.

    Args:
        settings: what to compare.
        jobs: worker processes.
        log: one line is appended for each chunk done; chunks that it already holds are not played again.
        progress: called with the movement phases done, those wanted, and the chunk last done.

    Raises:
        RulesBenchError: settings that make no sense, or a log that is none of this command's.
        ArbiterError: the arbiter is needed or was named, and cannot be loaded.
    """
    path, arbiter = _arbiter(settings)
    _check(settings, jobs)
    tasks, code, commit = settings.tasks(), _fingerprint(path), _commit()
    entries = {e.task: e for e in read_log(log) if e.code == code} if log is not None else {}
    entries = {task: entries[task] for task in tasks if task in entries}
    done = sum(task.phases for task in entries)
    missing = [task for task in tasks if task not in entries]
    for task, chunk in _play(missing, path, arbiter, jobs):
        entries[task] = _Entry(task, code, commit, chunk)
        if log is not None:
            append_line(log, json.dumps(encode(entries[task]), ensure_ascii=False, separators=(",", ":")))
        done += task.phases
        if progress is not None:
            progress(done, settings.phases, chunk)
    find = find_with(PackageRules if settings.against is Against.PACKAGE else None, arbiter)
    ordered = [entries[task] for task in tasks]
    return report_on(
        [entry.chunk for entry in ordered],
        find,
        against=f"the diplomacy package {version('diplomacy')}" if settings.against is Against.PACKAGE else "arbiter",
        settings=settings_text(settings),
        version=version("cicero-lite"),
        commits=tuple(dict.fromkeys(entry.commit for entry in ordered)),
        code=code,
        arbiter=None if path is None else path.name,
    )


def settings_text(settings: Settings) -> str:
    """The settings in words.

    >>> settings_text(Settings(phases=100, play=Play.UNIFORM))
    '100 movement phases, uniform play, seed 0, games to 1915, legal orders in every phase'
    """
    legal = {0: "never", 1: "in every phase"}.get(settings.legal_every, f"in every {settings.legal_every}th phase")
    if settings.against is Against.ARBITER:
        legal = "never"
    play = "uniform and coherent" if settings.play is Play.BOTH else settings.play.value
    return (
        f"{settings.phases} movement phases, {play} play, seed {settings.seed}, games to {settings.last_year}, "
        f"legal orders {legal}"
    )


def _check(settings: Settings, jobs: int) -> None:
    for name, value, least in (
        ("--phases", settings.phases, 1),
        ("--jobs", jobs, 1),
        ("--legal-every", settings.legal_every, 0),
        ("--seed", settings.seed, 0),
        ("--until", settings.last_year, 1901),
    ):
        if value < least:
            raise RulesBenchError(f"{name}: expected {least} or more, got {value}")


def _arbiter(settings: Settings) -> tuple[Path | None, Arbiter | None]:
    """The arbiter and its file; None where the source tree has none and it is not needed."""
    if settings.arbiter is None and settings.against is Against.PACKAGE and not ARBITER.is_file():
        return None, None
    path = settings.arbiter or ARBITER
    try:
        return path, load_arbiter(path)
    except ArbiterError as error:
        raise RulesBenchError(f"--arbiter: {error}") from error


def _play(tasks: Sequence[Task], path: Path | None, arbiter: Arbiter | None, jobs: int) -> Iterator[tuple[Task, Chunk]]:
    """Each task with what it found, as they are done."""
    if jobs == 1 or len(tasks) < 2:
        for task in tasks:
            yield task, play_chunk(task, arbiter)
        return
    yield from in_processes(_work, tasks, jobs, _start_worker, path)


_worker_arbiter: list[Arbiter | None] = [None]
"""What the initializer of a worker process hands to its tasks."""


def _start_worker(path: Path | None) -> None:
    _worker_arbiter[0] = None if path is None else load_arbiter(path)


def _work(task: Task) -> Chunk:
    return play_chunk(task, _worker_arbiter[0])


def _fingerprint(arbiter: Path | None) -> str:
    here = Path(__file__).parent
    ours = [here / f"{name}.py" for name in ("situations", "differential", "chunks")]
    files = [Path(_core.__file__), *ours, *([] if arbiter is None else [arbiter])]
    digest = hashlib.sha256(version("diplomacy").encode())
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _commit() -> str:
    source = provenance()
    return "no commit" if source.commit is None else source.commit[:10] + (" with changes" if source.dirty else "")


def read_log(path: Path) -> list[_Entry]:
    """The chunks in a log; none if there is no such file.  A last line cut short by a kill is left out.

    Raises:
        RulesBenchError: the file cannot be read, or holds something else.
    """
    if not path.exists():
        if not path.absolute().parent.is_dir():
            raise RulesBenchError(f"--log {path}: no such folder: {path.parent}")
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as error:
        raise RulesBenchError(f"--log {path}: cannot be read ({error})") from None
    entries = []
    for number, line in enumerate(lines, start=1):
        try:
            entries.append(decode(_Entry, json.loads(line)))
        except ValueError:
            if number == len(lines) and _is_cut(line):
                break
            raise RulesBenchError(f"--log {path}, line {number}: expected a chunk of bench rules") from None
    return entries


def _is_cut(line: str) -> bool:
    """Whether a kill cut this line short: the file is then ours to mend, and no other's to overwrite."""
    begin = '{"task":'
    return not line.endswith("\n") and line[: len(begin)] == begin[: len(line)]


__all__ = [
    "Against",
    "Cause",
    "Play",
    "RulesReport",
    "Settings",
    "compare_rules",
]
