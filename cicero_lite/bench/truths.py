"""Labelled press: messages of which their senders said whether they were lies, and their addressees what they thought.

A line of JSON is one message: ``game_id, phase, sender, recipient, text, abs_index`` (its number in the game),
``sender_truth`` (false: a lie), ``receiver_belief`` (null: not asked), ``sender_centers`` and ``center_delta`` (the
sender's centres less the recipient's).  The boards they were written over are in the public games, where those are.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from cicero_lite.bench.press_sample import human_press
from cicero_lite.errors import CiceroLiteError
from cicero_lite.stakes import stakes
from dialogue.lies import Told
from dialogue.understanding import read
from engine.board import Board
from engine.mapfile import core_map
from engine.types import EngineError, Message, Phase, PhaseKind, Power
from planner.rollout import Evaluator
from planner.search import SearchConfig, public_part

_KEYS = {
    "game_id": str, "phase": str, "sender": str, "recipient": str, "text": str, "abs_index": int,
    "sender_truth": bool, "sender_centers": int, "center_delta": int,
}  # fmt: skip


class TruthFileError(CiceroLiteError, ValueError):
    """A file that holds no labelled press."""


@dataclass(frozen=True)
class Judged:
    """A message, and what the two said of it."""

    game: str
    told: Told
    is_lie: bool
    """By its sender's own word."""
    believed: bool | None
    """By its addressee, who did not know; None: it was not asked."""
    on_board: bool
    """Whether the board of `told` is the one that it was written over."""

    @property
    def talk(self) -> tuple[str, ...]:
        """Names the talk that it is part of: the game and the two."""
        message = self.told.message
        return self.game, *sorted((message.sender.value, message.recipient.value if message.recipient else ""))


@dataclass(frozen=True)
class _Line:
    game: str
    message: Message
    is_lie: bool
    believed: bool | None
    centers: int
    lead: int


def load_truths(path: Path, games: Iterable[Path] = ()) -> tuple[Judged, ...]:
    """The messages of a file of labelled press, those of a game together and in order.

    Args:
        path: a ``.jsonl`` or ``.jsonl.gz``.
        games: files of public games; messages found in them come with their board.

    Raises:
        TruthFileError: there is no such file, or a line is no labelled message.
        GameFileError: a file of games cannot be read.
    """
    lines = [_parse(text, where) for where, text in _texts(path)]
    if not lines:
        raise TruthFileError(f"{path} is empty: expected labelled press, one JSON object a line")
    lines.sort(key=lambda line: (line.game, line.message.sequence))
    return tuple(_judged(lines, _boards(games)))


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    number = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as stream:
            for number, text in enumerate(stream, start=1):
                if text.strip():
                    yield f"{path}, line {number}", text
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        where = f"{path}, line {number + 1}" if number else str(path)
        raise TruthFileError(f"{where}: expected labelled press, one JSON object a line, got {error}") from None


def _parse(text: str, where: str) -> _Line:
    try:
        data: Mapping[str, Any] = json.loads(text)
        if not isinstance(data, dict):
            raise TruthFileError(f"{where}: expected a JSON object, got {text.strip()[:40]!r}")
        for key, kind in _KEYS.items():
            if type(data.get(key)) is not kind:
                raise TruthFileError(f"{where}: expected {key} of type {kind.__name__}, got {data.get(key)!r}")
        believed = data.get("receiver_belief")
        if believed not in (True, False, None):
            raise TruthFileError(f"{where}: expected receiver_belief to be true, false or null, got {believed!r}")
        parties = Power(data["sender"]), Power(data["recipient"])
        message = Message(*parties, Phase.parse(data["phase"]), data["text"], data["abs_index"])
    except (ValueError, EngineError) as error:
        if isinstance(error, TruthFileError):
            raise
        raise TruthFileError(f"{where}: expected a message of labelled press, got {error}") from None
    truth = data["sender_truth"]
    return _Line(data["game_id"], message, not truth, believed, data["sender_centers"], data["center_delta"])


_Boards = dict[tuple[str, Power, Power | None, str], list[Board]]


def _boards(games: Iterable[Path]) -> _Boards:
    """Boards by what was written over them; the same words can fall several times in a game."""
    found: _Boards = defaultdict(list)
    for path in games:
        for said in human_press(path):
            key = said.key.game, said.message.sender, said.message.recipient, said.message.text
            found[key].append(said.board)
    return found


def _judged(lines: Sequence[_Line], boards: _Boards) -> Iterator[Judged]:
    talks: dict[tuple[str, frozenset[Power | None]], list[Message]] = defaultdict(list)
    for line in lines:
        message = line.message
        talk = talks[line.game, frozenset((message.sender, message.recipient))]
        known = boards.get((line.game, message.sender, message.recipient, message.text))
        found = known.pop(0) if known else None
        if found is not None:
            message = replace(message, phase=found.phase)
        board = found or _start()
        acts = read(message, board, [m for m in talk if m.phase == message.phase]).acts
        told = Told(message, acts, tuple(talk), board, line.centers, line.lead)
        yield Judged(line.game, told, line.is_lie, line.believed, on_board=found is not None)
        talk.append(message)


@cache
def _start() -> Board:
    return Board(core_map("standard").start())


def with_stakes(
    judged: Sequence[Judged],
    config: SearchConfig,
    evaluator: Evaluator,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Judged, ...]:
    """The messages, with what is at stake where that can be told.

    Args:
        judged: the messages.
        config: of the search for what is played without talk.
        evaluator: of that search.
        watch: called with the messages done, and their number.
    """
    found = []
    for number, its in enumerate(judged):
        told = its.told
        speaks = any(item.power is told.message.sender for act in told.acts for item in act.orders)
        if its.on_board and speaks and told.board.phase.kind is PhaseKind.MOVEMENT:
            public = public_part(told.board.position, config, evaluator)
            its = replace(its, told=replace(told, stakes=stakes(told, public)))
        found.append(its)
        watch(number + 1, len(judged))
    return tuple(found)
