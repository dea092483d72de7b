"""The log of an experiment: a header line that says what was played, then a line for every game.

    {"arena":1,"one":"search","six":"dumbbot","seed":0,"until":1920,"one_config":{...},"commit":"3b9d7ea...",...}
    {"number":0,"result":{"seed":...,"seats":{"AUSTRIA":"search",...},"winner":null,"centers":{...},...}}

The number of games is not in the header: the same experiment with more games goes on where fewer ended.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, cast

import dialogue
import engine
import planner
import planner._planner
from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.codec import decode, encode
from cicero_lite.arena.match import ArenaError, GameResult
from cicero_lite.config import config_values
from cicero_lite.output import append_line, provenance, write_files

SCHEMA = 1
"""Raised whenever a reader of older logs would misread; add a line to CHANGELOG.md with it."""

_OWN = (
    "agent.py",
    "agent_state.py",
    "registry.py",
    "stakes.py",
    "talk.py",
    "arena/match.py",
    "arena/placebos.py",
    "arena/variates.py",
    "llm/answers.py",
    "llm/blanks.py",
    "llm/prompt.py",
    "llm/seat.py",
    "steer/controls.py",
    "steer/speaking.py",
    "steer/standing.py",
)
_IDENTITY = ("one", "six", "seed", "until", "variates", "one_config", "six_config", "code")
_Header = TypeVar("_Header", bound="Header")
_Result = TypeVar("_Result")
_Parsed = TypeVar("_Parsed")


@dataclass(frozen=True)
class LogHeader:
    """What an experiment is, and what played it."""

    arena: int
    """Version of the log's format."""
    one: str
    """The agent that plays alone."""
    six: str
    """The agent on the six other seats."""
    seed: int
    until: int
    one_config: Mapping[str, Any]
    """The resolved configuration, defaults included."""
    six_config: Mapping[str, Any]
    code: str
    """Fingerprint of the rules, the planner, the dialogue and the built-in agents; those of plug-ins are left out."""
    commit: str | None
    """Commit of the source tree when the log was begun; None where it is no git checkout."""
    dirty: bool
    """Whether that tree had uncommitted changes."""
    versions: Mapping[str, str]
    """Package name -> version; Python under ``python``."""
    variates: int = 0
    """How often the orders of a phase were drawn again; 0: never, and the games have no variates."""


def header_of(one: AgentSpec, six: AgentSpec, seed: int, until: int, variates: int = 0) -> LogHeader:
    """The header of an experiment made by the code that is running."""
    running = provenance()
    return LogHeader(
        arena=SCHEMA,
        one=str(one),
        six=str(six),
        seed=seed,
        until=until,
        one_config=config_values(one.config),
        six_config=config_values(six.config),
        code=fingerprint(),
        commit=running.commit,
        dirty=running.dirty,
        versions=running.versions,
        variates=variates,
    )


def read_results(path: Path) -> tuple[LogHeader | None, dict[int, GameResult]]:
    """The header of a log, and its games by number; (None, {}) if there is no such file, or nothing whole in it.

    A last line that a kill cut short is left out.

    Raises:
        ArenaError: the file cannot be read, or is no log of the arena.
    """
    return FORM.read(path)


class Header(Protocol):
    """What the first line of every log tells."""

    @property
    def code(self) -> str:
        """Fingerprint of all that decides how a game goes."""

    @property
    def commit(self) -> str | None:
        """Of the source tree when the log was begun."""

    @property
    def dirty(self) -> bool:
        """Whether that tree had uncommitted changes."""


@dataclass(frozen=True)
class LogForm(Generic[_Header, _Result]):
    """How the log of one kind of experiment is written."""

    header: type[_Header]
    """Its first field is the version of the format."""
    result: type[_Result]
    """Of a game."""
    schema: int
    """The version that is written and read."""
    identity: tuple[str, ...]
    """Fields of the header in which an experiment that goes on must agree."""
    option: str = "--log"
    """The option that names the file, for the error texts."""

    @property
    def _version(self) -> str:
        return fields(cast(Any, self.header))[0].name

    def read(self, path: Path) -> tuple[_Header | None, dict[int, _Result]]:
        """As `read_results`."""
        where = f"{self.option} {path}"
        if not path.exists():
            if not path.absolute().parent.is_dir():
                raise ArenaError(f"{where}: no such folder: {path.parent}")
            return None, {}
        try:
            text = path.read_text(encoding="utf-8", errors="strict")
        except (OSError, UnicodeDecodeError) as error:
            raise ArenaError(f"{where}: cannot be read ({error})") from None
        *lines, rest = text.split("\n")
        if not lines:
            begin = f'{{"{self._version}":'
            if rest[: len(begin)] != begin[: len(rest)]:
                raise ArenaError(f"{where}: expected a log of the arena, got {rest[:40]!r}")
            return None, {}
        header: _Header = self._parsed(path, 1, lines[0], lambda value: decode(self.header, value))
        version = getattr(header, self._version)
        if version != self.schema:
            raise ArenaError(f"{where}: expected a log of version {self.schema}, got {version}; name another file")
        results: dict[int, _Result] = {}
        for place, line in enumerate(lines[1:], start=2):
            number, result = self._parsed(path, place, line, self._entry)
            results.setdefault(number, result)
        return header, results

    def check_same(self, path: Path, found: _Header, wanted: _Header) -> None:
        """Returns if the games of the log are those of the experiment.

        Raises:
            ArenaError: it is the log of another experiment, or of other code.
        """
        where = f"{self.option} {path}"
        for name in self.identity:
            have, want = (encode(getattr(header, name)) for header in (found, wanted))
            if have == want:
                continue
            if name == "code":
                source = "code without a commit" if found.commit is None else f"commit {found.commit[:10]}"
                changed = " with changes" if found.dirty else ""
                raise ArenaError(
                    f"{where}: its games were played by other rules or agents ({source}{changed}) than those that "
                    "are running; name another file, or go back to that code"
                )
            if name.endswith("_config"):
                label = getattr(wanted, name.removesuffix("_config"), "its agents")
                raise ArenaError(f"{where}: its games had other defaults for {label}; name another file")
            raise ArenaError(f"{where} is of another experiment: expected {name} {want}, got {have}; name another file")

    def _entry(self, value: Any) -> tuple[int, _Result]:
        if not isinstance(value, dict) or type(value.get("number")) is not int or set(value) != {"number", "result"}:
            raise ValueError("expected a number and a result")
        return value["number"], decode(self.result, value["result"])

    def _parsed(self, path: Path, place: int, line: str, parse: Callable[[Any], _Parsed]) -> _Parsed:
        try:
            return parse(json.loads(line))
        except ValueError:
            wanted = "the header of an arena log" if place == 1 else "a game of the arena"
            raise ArenaError(f"{self.option} {path}, line {place}: expected {wanted}, got {line[:40]!r}") from None


FORM = LogForm(LogHeader, GameResult, SCHEMA, _IDENTITY)
"""Of one agent against six."""


class ResultsLog(Generic[_Header, _Result]):
    """The file that an experiment keeps its games in."""

    def __init__(self, path: Path, header: _Header, form: LogForm[_Header, _Result]) -> None:
        """Opens the log, or begins it.

        Raises:
            ArenaError: the file is no log, or that of another experiment, or of other code.
            OutputError: the file cannot be written.
        """
        self.path = path
        found, self.results = form.read(path)
        """Games by number."""
        self.header = found or header
        if found is None:
            append_line(path, _line(header))
        else:
            form.check_same(path, found, header)

    def add(self, number: int, result: _Result) -> None:
        """Keeps one more game; on disk when this returns."""
        self.results[number] = result
        append_line(self.path, _line({"number": number, "result": result}))

    def sort(self) -> None:
        """Puts the games into the order of their numbers, in which one process would have played them."""
        if list(self.results) != sorted(self.results):
            self.results = dict(sorted(self.results.items()))
            games = ({"number": number, "result": result} for number, result in self.results.items())
            lines = [_line(self.header), *map(_line, games)]
            write_files(self.path.absolute().parent, {self.path.name: "\n".join(lines) + "\n"})


def _line(value: object) -> str:
    return json.dumps(encode(value), ensure_ascii=False, separators=(",", ":"))


@cache
def fingerprint(*more: str) -> str:
    """Of all that decides how a game goes, and what its variate is, given the configuration.

    Args:
        more: further files that do, as paths within `cicero_lite`.
    """
    files = [Path(__file__).parents[1] / name for name in (*_OWN, *more)]
    for package in (engine, planner, dialogue):
        for folder in package.__path__:
            # Networks decide, too.
            files += [path for form in ("*.py", "*.safetensors") for path in Path(folder).rglob(form) if path.is_file()]
    files += [Path(str(module.__file__)) for module in (engine._core, planner._planner)]
    digest = hashlib.sha256()
    for one in sorted({hashlib.sha256(path.read_bytes()).hexdigest() for path in files}):
        digest.update(one.encode())
    return digest.hexdigest()[:16]


__all__ = ["FORM", "SCHEMA", "Header", "LogForm", "LogHeader", "ResultsLog", "fingerprint", "header_of", "read_results"]
