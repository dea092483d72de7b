"""What the dialogue model learns from, as files: public games in, examples in and out.

Public games are the `.jsonl.gz` files described in the data folder's README; an example is one JSON object:

    {"prompt": [["head", "KEPT", "S1901M FRANCE to GERMANY"], ...], "message": "Will you <MUN:kind> ...?",
     "voice": "<book>", "kinds": ["propose"], "author": "book"}
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path

from dialogue.acts import ActKind
from dialogue.annotation import Example
from dialogue.prompt import Detail, Piece, Section, Voice
from engine import saved
from engine.saved import SeatedGame
from training.runs import ExampleFileError


class Part(StrEnum):
    """Which of the public games: nobody trains on the validation part."""

    TRAIN = "train"
    VALIDATION = "validation"


def seated_games(folder: Path, part: Part) -> Iterator[SeatedGame]:
    """The public games of a part; none where the folder is absent.

    Raises:
        GameFileError: a line holds no game.
    """
    path = folder / f"games-{part}.jsonl.gz"
    if path.exists():
        yield from saved.seated_games(path)


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Write examples as gzipped JSON lines; the file appears only once it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with gzip.open(fresh, "wt", encoding="utf-8") as out:
        for example in examples:
            prompt = [[piece.section.value, piece.detail.name, piece.text] for piece in example.pieces]
            kinds = [kind.value for kind in example.kinds]
            line = {"prompt": prompt, "message": example.message, "voice": example.voice.value, "kinds": kinds}
            out.write(json.dumps({**line, "author": example.author}) + "\n")
    fresh.rename(path)


def read_examples(path: Path) -> list[Example]:
    """The examples of a file.

    Raises:
        ExampleFileError: there is no such file, or a line is no example.
    """
    if not path.exists():
        raise ExampleFileError(f"expected examples in {path}, got no such file: python -m training dialogue writes it")
    examples = []
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                examples.append(_example(line, f"{path}, line {number}"))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ExampleFileError(f"cannot read the examples in {path}: {error}; begin another run") from None
    return examples


def _example(line: str, where: str) -> Example:
    try:
        data = json.loads(line)
        pieces = tuple(Piece(Section(section), Detail[detail], text) for section, detail, text in data["prompt"])
        kinds = tuple(ActKind(kind) for kind in data["kinds"])
        return Example(pieces, data["message"], Voice(data["voice"]), kinds, data["author"])
    except (KeyError, ValueError, TypeError) as error:
        raise ExampleFileError(
            f"expected an example (prompt, message, voice, kinds, author) in {where}: {error!r}"
        ) from None
