"""The reader against what others annotated in Peskov's labelled press: AMR graphs and DAIDE.

The annotators (ISI NLP) wrote down what a message means for the game in a vocabulary of their own.  Where they and the
reader differ by design, docs/reader.md says so: the figures tell what is found, not whose reading is better.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cicero_lite.bench.amr import AmrError, Node, parse_amr
from cicero_lite.bench.deeds import DeedKind, agreeing, deeds_of_acts, deeds_of_amr
from cicero_lite.bench.press_sample import HumanMessage, human_press
from cicero_lite.bench.reader import DaideFigures, measure_daide
from cicero_lite.bench.scoring import Rate
from cicero_lite.errors import CiceroLiteError
from dialogue.acts import PROPOSING, ActKind
from dialogue.understanding import read
from engine.types import Power

PARTS = ("train", "validation")
_SPEECH = {
    "propose-01": PROPOSING,
    "agree-01": frozenset({ActKind.AGREE}),
    "reject-01": frozenset({ActKind.REFUSE, ActKind.COUNTER}),
    "warn-01": frozenset({ActKind.WARN}),
    "threaten-01": frozenset({ActKind.THREATEN}),
}
"""What the sender does by a message, and the acts that are the reader's word for it."""


class AnnotationError(CiceroLiteError, ValueError):
    """A file without annotated press, or whose messages are not in its games."""


@dataclass(frozen=True)
class PartFigures:
    """One part of labelled press."""

    messages: int
    """Annotated ones."""
    meaningful: int
    """Those of them to which the annotators gave an AMR graph."""
    deeds: Rate
    """Who does what where, all kinds together."""
    kinds: Mapping[DeedKind, Rate]
    speech: Mapping[str, Rate]
    """Messages by which the sender proposes, agrees and so on, by the concept of AMR."""
    daide: DaideFigures


def measure_annotations(folder: Path) -> dict[str, PartFigures]:
    """The reader against the annotations of each part in a folder of the public data.

    Raises:
        AnnotationError: a file is missing, is no labelled press, or has messages that the games do not have.
        GameFileError: the games are missing, or a line is no game.
    """
    return {part: _measure(folder, part) for part in PARTS}


class _Annotated(NamedTuple):
    said: HumanMessage
    graph: Node | None


def _measure(folder: Path, part: str) -> PartFigures:
    path = folder / f"press-labelled-{part}.jsonl.gz"
    right, read_deeds, annotated_deeds = Counter[DeedKind](), Counter[DeedKind](), Counter[DeedKind]()
    speech: dict[str, list[int]] = {concept: [0, 0, 0] for concept in _SPEECH}
    messages = meaningful = 0
    for said, graph in _annotated(path, folder / f"games-{part}.jsonl.gz"):
        messages += 1
        meaningful += graph is not None
        acts = read(said.message, said.board, said.talk).acts
        ours = deeds_of_acts(acts, said.board)
        theirs = () if graph is None else deeds_of_amr(graph, said.board)
        for kind in DeedKind:
            one, other = [d for d in ours if d.kind is kind], [d for d in theirs if d.kind is kind]
            right[kind] += agreeing(one, other)
            read_deeds[kind] += len(one)
            annotated_deeds[kind] += len(other)
        for concept, counts in speech.items():
            is_read = any(act.kind in _SPEECH[concept] for act in acts)
            is_said = graph is not None and _does(graph, concept, said.message.sender)
            counts[:] = [n + more for n, more in zip(counts, (is_read and is_said, is_read, is_said), strict=True)]
    return PartFigures(
        messages,
        meaningful,
        Rate.of(right.total(), read_deeds.total(), annotated_deeds.total()),
        {kind: Rate.of(right[kind], read_deeds[kind], annotated_deeds[kind]) for kind in DeedKind},
        {concept: Rate.of(*counts) for concept, counts in speech.items()},
        measure_daide(path),
    )


def _does(graph: Node, concept: str, sender: Power) -> bool:
    """Whether the sender is who proposes, agrees, ... somewhere in the graph."""
    for node in graph.walk():
        actor = node.get("ARG0") if node.concept == concept else None
        if actor is not None and sender.title() in {name.concept for its in actor.operands() for name in its.walk()}:
            return True
    return False


def _annotated(path: Path, games: Path) -> Iterator[_Annotated]:
    """The annotated messages of a file, each with its board and the talk before it."""
    found: dict[tuple[str, str, str, str], list[HumanMessage]] = defaultdict(list)
    for said in human_press(games):
        message = said.message
        found[said.key.game, message.sender, message.recipient or "", message.text].append(said)
    for where, data in _lines(path):
        try:
            if data.get("daide_status") is None and not data.get("amr"):  # nobody annotated it
                continue
            alike = found[data["game_id"], data["sender"], data["recipient"], data["text"]]
            graph = parse_amr(data["amr"]) if data.get("amr") else None
        except (KeyError, TypeError, AttributeError) as error:
            raise AnnotationError(f"{where}: expected a message of labelled press: {error!r}") from None
        except AmrError as error:
            raise AnnotationError(f"{where}: {error}") from None
        if not alike:
            raise AnnotationError(f"{where}: {games} has no such message of {data['sender']} in {data['game_id']}")
        # The same words can fall twice, in one phase or in several: each is taken once.
        same_phase = [n for n, said in enumerate(alike) if said.key.phase == data["phase"]]
        chosen = same_phase[0] if same_phase else 0
        yield _Annotated(alike.pop(chosen) if len(alike) > 1 else alike[0], graph)


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):
                yield f"{path}, line {number}", json.loads(line)
    except (OSError, EOFError, ValueError) as error:
        raise AnnotationError(f"cannot read {path}: {error}; expected labelled press of the public data") from None
