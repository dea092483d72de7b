"""Hand-labelled messages of people, named by game, phase and index: the texts stay with the public games.

A line of JSON is one message: ``game``, ``phase``, ``message`` (its index within the phase) and ``acts``.  An act has
its ``kind`` and, where it has any, ``orders`` (``"FRANCE A PAR - BUR"``), ``provinces``, ``powers``, ``polarity``
and ``condition``, another act.  Where several labellings are equally right, ``{"either": [[act, ...], ...]}`` stands
in place of an act; an empty list: nothing need be said there.  Labels to learn from also say where in the text an act
stands: its ``span``, from and to which character.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cicero_lite.bench.press_sample import HumanMessage, PressKey, human_press
from cicero_lite.bench.scoring import act_from_json
from cicero_lite.errors import CiceroLiteError
from dialogue.acts import SpeechAct
from engine.mapfile import load_map
from engine.types import EngineError, Message, Phase

_LINE_KEYS = frozenset({"game", "phase", "message", "acts"})
_ACT_KEYS = frozenset({"kind", "orders", "provinces", "powers", "polarity", "condition", "span"})
_MOST_LABELLINGS = 2000


class LabelFileError(CiceroLiteError, ValueError):
    """A file that holds no labels, or labels of messages that are not in the games."""


@dataclass(frozen=True)
class LabelledMessage:
    """A message, and what a person found it to say."""

    said: HumanMessage
    labellings: tuple[tuple[SpeechAct, ...], ...]
    """Each is right; the first is the labeller's first choice."""


class _Line(NamedTuple):
    """A line of the file, before its message was found."""

    where: str
    options: tuple[tuple[tuple[Mapping[str, Any], ...], ...], ...]
    """For each place in the message: what may stand there."""


def load_labels(labels: Path, games: Path) -> tuple[LabelledMessage, ...]:
    """The labelled messages of a file, with their texts and boards from the public games, in the order of the games.

    Raises:
        LabelFileError: the file cannot be read, a line is no label, or its message is not among those of people.
        GameFileError: there is no such file of games, or a line of it is no game.
    """
    lines = _read(labels)
    found = []
    for said in human_press(games):
        line = lines.pop(said.key, None)
        if line is not None:
            found.append(LabelledMessage(said, _labellings(line, said.message)))
    if lines:
        key, line = next(iter(lines.items()))
        raise LabelFileError(f"{line.where}: {games} has no message of a person at {key} ({len(lines)} such labels)")
    return tuple(found)


def _read(path: Path) -> dict[PressKey, _Line]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelFileError(f"cannot read {path}: {error}; expected labels, one JSON object a line") from None
    lines: dict[PressKey, _Line] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        where = f"{path}, line {number}"
        try:
            key, options = _parse(line)
        except (ValueError, TypeError, KeyError, AttributeError, EngineError) as error:
            problem = f"missing {error}" if isinstance(error, KeyError) else str(error)
            raise LabelFileError(f"{where}: expected a label (game, phase, message, acts): {problem}") from None
        if key in lines:
            raise LabelFileError(f"{where}: {key} is labelled twice; the other is {lines[key].where}")
        lines[key] = _Line(where, options)
    if not lines:
        raise LabelFileError(f"{path} is empty: expected labels, one JSON object a line")
    return lines


def _parse(line: str) -> tuple[PressKey, tuple[tuple[tuple[Mapping[str, Any], ...], ...], ...]]:
    data = json.loads(line)
    _known(data, _LINE_KEYS)
    key = PressKey(str(data["game"]), str(Phase.parse(data["phase"])), int(data["message"]))
    return key, tuple(_options(item) for item in data["acts"])


def _options(item: Mapping[str, Any]) -> tuple[tuple[Mapping[str, Any], ...], ...]:
    """What may stand in one place: the one act, or each of several lists of acts."""
    if "either" not in item:
        _check_act(item)
        return ((item,),)
    _known(item, frozenset({"either"}))
    options = tuple(tuple(acts) for acts in item["either"])
    if len(options) < 2:
        raise ValueError(f"'either' is a choice of two or more lists of acts, got {len(options)}")
    for act in itertools.chain.from_iterable(options):
        _check_act(act)
    return options


def _check_act(act: Mapping[str, Any]) -> None:
    _known(act, _ACT_KEYS)
    for place in act.get("provinces", ()):
        if place not in load_map("standard").provinces:
            raise ValueError(f"no province {place!r}; expected the code of one, such as BUR")
    if "condition" in act:
        _check_act(act["condition"])
    a_power, another = load_map("standard").powers[:2]
    act_from_json(act, a_power, another)


def _known(data: Mapping[str, Any], names: frozenset[str]) -> None:
    if not isinstance(data, Mapping):
        raise TypeError(f"an object with {', '.join(sorted(names))}, got {data!r}")
    unknown = [name for name in data if name not in names]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is none of {', '.join(sorted(names))}")


def _labellings(line: _Line, message: Message) -> tuple[tuple[SpeechAct, ...], ...]:
    count = 1
    for options in line.options:
        count *= len(options)
    if count > _MOST_LABELLINGS:
        raise LabelFileError(f"{line.where}: {count} labellings; expected {_MOST_LABELLINGS} at most")
    return tuple(_acts(chosen, message) for chosen in itertools.product(*line.options))


def _acts(chosen: Sequence[Sequence[Mapping[str, Any]]], message: Message) -> tuple[SpeechAct, ...]:
    every = itertools.chain.from_iterable(chosen)
    return tuple(act_from_json(act, message.sender, message.recipient) for act in every)
