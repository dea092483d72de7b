"""Where results go: whole files or none, and what the program that wrote them was."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cicero_lite.errors import OutputError

_RECORDED = ("cicero-lite", "numpy", "diplomacy", "torch", "transformers", "sentencepiece")


@dataclass(frozen=True)
class Provenance:
    """Which code is running."""

    commit: str | None
    """None where the source is no git checkout, or git is not there."""
    dirty: bool
    """Whether tracked files were changed, or untracked ones added, since that commit."""
    versions: Mapping[str, str]
    """Package name -> version; Python under ``python``."""


def provenance() -> Provenance:
    """What is running now; needs no network, and no git."""
    root = Path(__file__).resolve().parent.parent
    versions = {"python": platform.python_version()}
    for package in _RECORDED:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    commit = _git(root, "rev-parse", "HEAD") if (root / ".git").exists() else None
    return Provenance(commit, bool(commit and _git(root, "status", "--porcelain")), versions)


def commit_told(commit: str | None, dirty: bool) -> str:
    """Which code it was, for a caption.

    >>> commit_told("0123456789abcdef", True), commit_told(None, False)
    ('commit 0123456789 with changes', 'no commit')
    """
    return "no commit" if commit is None else f"commit {commit[:10]}{' with changes' if dirty else ''}"


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def check_folder(folder: Path) -> None:
    """Returns if results can be written to this folder, which need not exist yet; creates nothing.

    Raises:
        OutputError: it, or something on the way to it, is a file or cannot be written.
    """
    nearest = folder
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise OutputError(f"cannot write to {folder}: {nearest} is a file, expected a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise OutputError(f"cannot write to {folder}: no permission to write in {nearest}")


_HALF_PAIRS = "backslashreplace"
"""Half of a surrogate pair, which others' messages may hold, is no UTF-8; it is written as JSON would escape it."""


def write_files(folder: Path, texts: Mapping[str, str]) -> None:
    """Puts the texts into files of these names, replacing older ones; each file is whole at every moment.

    Raises:
        OutputError: the folder cannot be written; no file was replaced by half of one.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            part = folder / f".{name}.part"
            staged.append((part, folder / name))
            part.write_text(text, encoding="utf-8", errors=_HALF_PAIRS, newline="\n")
        for part, whole in staged:
            part.replace(whole)
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror}") from None
    finally:
        for part, _ in staged:
            part.unlink(missing_ok=True)


def write_secret(path: Path, text: str) -> None:
    """Puts a key or password into a new file, which only its owner may read."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def append_line(path: Path, text: str) -> None:
    """Adds a whole line to a file, safe on disk when this returns; a last line cut short by a kill is overwritten.

    Raises:
        OutputError: the file cannot be written.
    """
    try:
        with path.open("ab+") as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                if file.read() != b"\n":
                    file.seek(0)
                    file.truncate(file.read().rfind(b"\n") + 1)
            file.write(text.encode(errors=_HALF_PAIRS) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OutputError(f"cannot write to {path}: {error.strerror}") from None
