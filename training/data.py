"""What the dialogue model learns from, as files: public games in, examples in and out.

Public games are the `.jsonl.gz` files described in the data folder's README; an example is one JSON object:

    {"prompt": "S1901M FRANCE > GERMANY <say> ... <msg>", "message": "Will you <P0:kind> ...?",
     "source": "book", "kinds": ["propose"]}
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from dialogue.acts import ActKind
from dialogue.prompt import Voice
from engine import saved
from engine.board import Board
from engine.game import Game
from engine.saved import SeatedGame
from engine.types import Message
from training.runs import ExampleFileError


class Part(StrEnum):
    """Which of the public games: nobody trains on the validation part."""

    TRAIN = "train"
    VALIDATION = "validation"


@dataclass(frozen=True)
class Example:
    """A prompt and the message, with slots, that follows it."""

    prompt: str
    message: str
    voice: Voice
    kinds: tuple[ActKind, ...]
    """Of the plan's acts."""


@dataclass(frozen=True)
class PressMessage:
    """A message somebody sent, with what he could see."""

    game_id: str
    message: Message
    board: Board
    """The position of its phase."""
    talk: tuple[Message, ...]
    """What its two powers (or, in public press, all) wrote to each other before, oldest first."""


def games(folder: Path, part: Part) -> Iterator[Game]:
    """The public games of a part; none where the folder is absent.

    Raises:
        GameFileError: a line holds no game.
    """
    for game, _ in seated_games(folder, part):
        yield game


def seated_games(folder: Path, part: Part) -> Iterator[SeatedGame]:
    """The same, and what kind of player each power had.

    Raises:
        GameFileError: a line holds no game.
    """
    path = folder / f"games-{part}.jsonl.gz"
    if path.exists():
        yield from saved.seated_games(path)


def press(played: Iterable[Game]) -> Iterator[PressMessage]:
    """Every message of some games, in order."""
    for game in played:
        talks: dict[frozenset[str | None], list[Message]] = {}
        for record in game.history:
            board = record.board
            for message in record.messages:
                pair = frozenset((message.sender, message.recipient) if message.recipient else (None,))
                talk = talks.setdefault(pair, [])
                yield PressMessage(game.game_id, message, board, tuple(talk))
                talk.append(message)


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Write examples as gzipped JSON lines; the file appears only once it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with gzip.open(fresh, "wt", encoding="utf-8") as out:
        for example in examples:
            out.write(json.dumps(asdict(example)) + "\n")
    fresh.rename(path)


def read_examples(path: Path) -> list[Example]:
    """The examples of a file.

    Raises:
        ExampleFileError: there is no such file, or a line is no example.
    """
    if not path.exists():
        raise ExampleFileError(f"expected examples in {path}, got no such file: python -m training dialogue writes it")
    examples = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                data = json.loads(line)
                kinds = tuple(ActKind(kind) for kind in data["kinds"])
                examples.append(Example(data["prompt"], data["message"], Voice(data["voice"]), kinds))
            except (KeyError, ValueError, TypeError) as error:
                raise ExampleFileError(
                    f"expected an example (prompt, message, voice, kinds) in {path}, line {number}: {error!r}"
                ) from None
    return examples
