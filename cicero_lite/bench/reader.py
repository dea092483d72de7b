"""How well the reader reads text that our grammar did not write: hand-labelled messages, and DAIDE annotations.

A case is one line of JSON: position (``start`` or a name in the positions file), speaker, addressee, text, the acts
expected and, where it answers something, the acts heard before.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cicero_lite.bench.scoring import Rate, act_from_json, content_key, in_common, kind_key, order_keys
from dialogue.acts import ActKind, SpeechAct
from dialogue.understanding import ReadContext, Reading, read_text
from engine._core import Position
from engine.board import Board
from engine.mapfile import core_map
from engine.types import POWERS, Power


@dataclass(frozen=True)
class Case:
    """A labelled message."""

    text: str
    speaker: Power
    addressee: Power | None
    board: Board
    expected: tuple[SpeechAct, ...]
    heard: tuple[SpeechAct, ...] = ()

    def read(self) -> Reading:
        """What the reader makes of it."""
        return read_text(self.text, self.speaker, self.addressee, self.board, ReadContext(self.heard, 0))


@dataclass(frozen=True)
class ReaderFigures:
    """The reader over a set of cases."""

    messages: int
    exact: int
    """Messages of which every act was read, and nothing else."""
    kinds: Rate
    """Acts by kind and polarity."""
    acts: Rate
    """Acts with all their content."""
    orders: Rate
    """Orders, with whose they are and their polarity."""


def load_cases(cases: Path, positions: Path) -> tuple[Case, ...]:
    """The cases of a JSON-lines file, over the positions of a JSON file."""
    boards = {"start": Board(core_map("standard").start())}
    for name, state in json.loads(positions.read_text(encoding="utf-8")).items():
        position = Position.from_state(core_map("standard"), state["phase"], state["units"], state["centers"])
        boards[name] = Board(position)
    found = []
    for line in cases.read_text(encoding="utf-8").splitlines():
        data = json.loads(line)
        speaker = Power(data["speaker"])
        addressee = None if data["addressee"] is None else Power(data["addressee"])
        heard: tuple[SpeechAct, ...] = ()
        if addressee is not None:
            heard = tuple(act_from_json(act, addressee, speaker) for act in data.get("heard", ()))
        expected = tuple(act_from_json(act, speaker, addressee) for act in data["acts"])
        found.append(Case(data["text"], speaker, addressee, boards[data["position"]], expected, heard))
    return tuple(found)


def measure(cases: Sequence[Case]) -> ReaderFigures:
    """Precision and recall over labelled cases; small talk counts only where it is all that is said."""
    exact = 0
    totals = {"kinds": [0, 0, 0], "acts": [0, 0, 0], "orders": [0, 0, 0]}
    for case in cases:
        said = [act for act in case.read().acts if act.kind is not ActKind.SMALL_TALK]
        wanted = [act for act in case.expected if act.kind is not ActKind.SMALL_TALK]
        for name, key in (("kinds", kind_key), ("acts", content_key)):
            right = in_common([key(act) for act in said], [key(act) for act in wanted])
            totals[name] = [a + b for a, b in zip(totals[name], (right, len(said), len(wanted)), strict=True)]
            exact += name == "acts" and right == len(said) == len(wanted)
        read_orders, said_orders = order_keys(said), order_keys(wanted)
        right = in_common(read_orders, said_orders)
        counts = (right, len(read_orders), len(said_orders))
        totals["orders"] = [a + b for a, b in zip(totals["orders"], counts, strict=True)]
    return ReaderFigures(len(cases), exact, *(Rate.of(*totals[name]) for name in ("kinds", "acts", "orders")))


_ZONE = re.compile(r"DMZ \([A-Z ]+\) \(([A-Z ]+)\)")
_DAIDE_NAMES = {
    "ECH": "ENG", "GOL": "LYO", "GOB": "BOT", "WES": "WES", "EAS": "EAS", "NWG": "NWG", "NRG": "NWG", "TYS": "TYS",
    "HEL": "HEL", "NAO": "NAO", "MAO": "MAO", "NTH": "NTH", "SKA": "SKA",
}  # fmt: skip
"""DAIDE's province codes where they differ from ours."""


@dataclass(frozen=True)
class DaideFigures:
    """Agreement with the DAIDE layer of labelled press; the annotations are partial, so precision is a lower bound."""

    messages: int
    zones: Rate
    """Provinces proposed as demilitarised."""
    alliances: Rate
    """Messages that propose an alliance or peace."""


def measure_daide(path: Path) -> DaideFigures:
    """The reader against a ``press-labelled`` file's DAIDE annotations (messages without any are left out)."""
    board = Board(core_map("standard").start())
    zones, alliances = [0, 0, 0], [0, 0, 0]
    messages = 0
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            data = json.loads(line)
            gold = data.get("daide")
            if not gold or data["recipient"] not in POWERS:
                continue
            messages += 1
            acts = read_text(data["text"], Power(data["sender"]), Power(data["recipient"]), board).acts
            wanted = sorted({_DAIDE_NAMES.get(p, p) for found in _ZONE.findall(gold) for p in found.split()})
            said = sorted({p for act in acts if act.kind is ActKind.DEMILITARISE for p in act.provinces})
            zones = [a + b for a, b in zip(zones, (in_common(said, wanted), len(said), len(wanted)), strict=True)]
            allied = any(act.kind is ActKind.ALLY for act in acts)
            pact = re.search(r"PRP \((?:ALY|PCE)", gold) is not None
            alliances = [a + b for a, b in zip(alliances, (allied and pact, allied, pact), strict=True)]
    return DaideFigures(messages, Rate.of(*zones), Rate.of(*alliances))
