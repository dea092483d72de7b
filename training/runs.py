"""What every training run leaves behind: its settings, where it came from, its metrics.

A run is a folder:

- `run.json`: the command's settings, seed, commit (and whether the tree was dirty), versions, start;
- `metrics.jsonl`: one JSON object a line, each with `step` and `seconds`;
- what the command itself writes: checkpoints, the model.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import platform
import subprocess
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Config = TypeVar("Config", bound=DataclassInstance)

ROOT = Path(__file__).resolve().parent.parent
"""The repository's root."""

SHARED_DATA = ROOT.parent / "shared" / "data"
"""Public games and press, where they lie beside the checkout."""

_PACKAGES = ("cicero-lite", "torch", "transformers", "accelerate", "sentencepiece", "numpy")


class TrainingError(Exception):
    """Base of the errors a caller of a training command can make."""


class CheckpointError(TrainingError, ValueError):
    """A checkpoint that a run cannot go on from."""


class ExampleFileError(TrainingError, ValueError):
    """A file that does not hold examples."""


class RunFolderError(TrainingError, ValueError):
    """A run folder that belongs to another run, or does not hold what is asked of it."""


def parse_config(config: type[Config], argv: Sequence[str], command: str) -> Config:
    """The settings a command line gives: one `--flag` per field, its help the docstring below the field.

    Unknown flags end the program with argparse's usage line (exit status 2).
    """
    parser = argparse.ArgumentParser(prog=f"python -m training {command}", description=inspect.getdoc(config))
    hints = get_type_hints(config)
    notes = field_docstrings(config)
    for field in fields(config):
        flag = "--" + field.name.replace("_", "-")
        shown = f"{notes.get(field.name, '')} (default: {field.default})".strip().replace("%", "%%")
        if hints[field.name] is bool:
            action = argparse.BooleanOptionalAction
            parser.add_argument(flag, action=action, default=field.default, help=shown)
        else:
            kind = next(t for t in (int, float, Path, str) if t is hints[field.name])
            parser.add_argument(flag, type=kind, default=field.default, help=shown)
    return config(**vars(parser.parse_args(argv)))


def field_docstrings(config: type[Config]) -> dict[str, str]:
    """The string below each field of a dataclass, and of the dataclasses it is made from, on one line."""
    notes: dict[str, str] = {}
    for base in config.__bases__:
        if is_dataclass(base):
            notes.update(field_docstrings(base))
    body = ast.parse(textwrap.dedent(inspect.getsource(config))).body[0]
    assert isinstance(body, ast.ClassDef)
    for statement, after in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            notes[statement.target.id] = " ".join(str(after.value.value).split())
    return notes


def check_run(folder: Path, command: str, resume: bool) -> None:
    """Returns if a run can start, or go on, in this folder.

    Raises:
        RunFolderError: as `start_run`.
    """
    record = folder / "run.json"
    if record.exists() and not resume:
        raise RunFolderError(
            f"expected a new folder for this run, got {folder}, which holds one: another --out, or --resume"
        )
    if resume and not record.exists():
        raise RunFolderError(f"expected a run to resume in {folder}, got no run.json; leave out --resume")
    if resume:
        other = _read_run(folder)["command"]
        if other != command:
            raise RunFolderError(f"expected a run of {command} to resume in {folder}, got one of {other}")


def start_run(folder: Path, command: str, settings: DataclassInstance, resume: bool) -> None:
    """Make the run's folder and write `run.json`.

    Raises:
        RunFolderError: the folder holds another run and `resume` is off, or there is nothing to resume, or a run of
            another command, or a damaged `run.json`.
    """
    check_run(folder, command, resume)
    folder.mkdir(parents=True, exist_ok=True)
    if not resume:
        (folder / "run.json").write_text(json.dumps(describe_run(command, settings), indent=2) + "\n")


def run_settings(folder: Path) -> dict[str, Any]:
    """The settings that the run in a folder was started with."""
    settings: dict[str, Any] = _read_run(folder)["settings"]
    return settings


def _read_run(folder: Path) -> dict[str, Any]:
    """What `run.json` holds.

    Raises:
        RunFolderError: it is damaged.
    """
    record = folder / "run.json"
    try:
        held = json.loads(record.read_text())
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise RunFolderError(f"{record}: expected the record of a run, got {error}; start a new run") from None
    if (
        not isinstance(held, dict)
        or not isinstance(held.get("command"), str)
        or not isinstance(held.get("settings"), dict)
    ):
        raise RunFolderError(f"{record}: expected the record of a run, with command and settings; start a new run")
    return held


def describe_run(command: str, settings: DataclassInstance) -> dict[str, Any]:
    """What `run.json` holds."""
    return {
        "command": command,
        "settings": {name: _plain(value) for name, value in asdict(settings).items()},
        "commit": _git("rev-parse", "HEAD"),
        "dirty": bool(_git("status", "--porcelain")),
        "versions": {"python": platform.python_version(), **_versions()},
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


class MetricsLog:
    """Appends to `metrics.jsonl`."""

    def __init__(self, folder: Path, resume: bool = False) -> None:
        """Open the log of a run; a new run starts an empty one."""
        self.path = folder / "metrics.jsonl"
        if not resume:
            self.path.write_text("")

    def write(self, values: Mapping[str, Any]) -> None:
        """Add one line, at once on disk."""
        with self.path.open("a") as out:
            out.write(json.dumps(values, default=float) + "\n")


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


def _git(*words: str) -> str:
    try:
        return subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=True, timeout=20
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            print(f"note: {package} is not installed as a package; its version is not recorded", file=sys.stderr)
    return found
