"""Options that several benchmarks share, and how they report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Protocol, TypeVar

import typer

from cicero_lite.arena.codec import encode
from cicero_lite.errors import CiceroLiteError

Seed = Annotated[int, typer.Option(help="Fixes the games.", metavar="NUMBER")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
ConfigFiles = Annotated[
    list[Path] | None, typer.Option("--config", metavar="FILE", help="YAML overrides; may be given repeatedly.")
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override one setting of the agents.")
]
_Choice = TypeVar("_Choice", bound=StrEnum)

GAMES = Path("..") / "shared" / "data"
"""Folder of the public games, beside the source tree, whose root is the folder to run benchmarks in."""


class BenchError(CiceroLiteError, ValueError):
    """A benchmark asked for what there is not."""


def choice(kind: type[_Choice], option: str, text: str) -> _Choice:
    """The value that an option's text names.

    Raises:
        BenchError: there is no such value.
    """
    try:
        return kind(text)
    except ValueError:
        raise BenchError(f"{option}: expected one of {', '.join(kind)}, got {text!r}") from None


class Reached(Protocol):
    """Told of what is done, and of what there is to do."""

    def __call__(self, done: int, total: int) -> None: ...


@contextmanager
def counting_bar(what: str) -> Iterator[Reached]:
    """A bar on stderr while something is measured."""
    from cicero_lite.progress import CountingBars

    counting = CountingBars()
    with counting.bars:
        line = counting.bars.add_task(what, total=None)
        yield lambda done, total: counting.reached(line, done, total)


def show_result(found: object, lines: list[str], as_json: bool) -> None:
    """Prints what was measured, for programs or for readers."""
    print(json.dumps(encode(found), indent=1) if as_json else "\n".join(lines))
