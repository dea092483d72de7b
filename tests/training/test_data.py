"""Public games give messages with what their writers saw; examples survive being written and read."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from dialogue.acts import ActKind
from dialogue.prompt import Voice
from engine.types import Power
from training.annotate import human_example, human_examples
from training.data import Example, Part, games, press, read_examples, write_examples
from training.runs import ExampleFileError

POWERS = ("AUSTRIA", "ENGLAND", "FRANCE", "GERMANY", "ITALY", "RUSSIA", "TURKEY")
UNITS = {
    "AUSTRIA": ["A BUD", "A VIE", "F TRI"],
    "ENGLAND": ["A LVP", "F EDI", "F LON"],
    "FRANCE": ["A MAR", "A PAR", "F BRE"],
    "GERMANY": ["A BER", "A MUN", "F KIE"],
    "ITALY": ["A ROM", "A VEN", "F NAP"],
    "RUSSIA": ["A MOS", "A WAR", "F SEV", "F STP/SC"],
    "TURKEY": ["A CON", "A SMY", "F ANK"],
}


def folder_with(tmp_path: Path, *messages: tuple[str, str, str]) -> Path:
    """A data folder with one game of one phase in which these messages are sent."""
    centers = {power: [unit[2:5] for unit in units] for power, units in UNITS.items()}
    phase = {
        "name": "S1901M",
        "state": {"units": UNITS, "centers": centers},
        "orders": {"FRANCE": ["A PAR - BUR"]},
        "messages": [{"sender": s, "recipient": r, "text": t} for s, r, t in messages],
    }
    last = {"name": "F1901M", "state": phase["state"], "orders": {}, "messages": []}
    game = {"id": "test-1", "map": "standard", "phases": [phase, last]}
    with gzip.open(tmp_path / "games-train.jsonl.gz", "wt") as out:
        out.write(json.dumps(game) + "\n")
    return tmp_path


def test_press_has_its_talk(tmp_path: Path) -> None:
    folder = folder_with(
        tmp_path,
        ("FRANCE", "GERMANY", "Hello!"),
        ("ENGLAND", "GERMANY", "Psst."),
        ("GERMANY", "FRANCE", "Hi."),
        ("FRANCE", "GLOBAL", "Good luck all."),
    )
    first, second, third, public = press(games(folder, Part.TRAIN))
    assert first.talk == second.talk == public.talk == ()
    assert [m.text for m in third.talk] == ["Hello!"]
    assert third.board.unit_at(third.board.units(Power.FRANCE)[0].province) is not None
    assert list(games(folder, Part.VALIDATION)) == []


def test_a_clear_message_becomes_an_example(tmp_path: Path) -> None:
    folder = folder_with(
        tmp_path,
        ("FRANCE", "GERMANY", "Could you support me to Burgundy from Munich?"),
        ("GERMANY", "FRANCE", "Sounds good!"),
        ("GERMANY", "FRANCE", "My dog ate the third map I bought from that shop in town on Sunday."),
        ("GERMANY", "FRANCE", "He is lying and will take everything."),
        ("GERMANY", "GLOBAL", "Good luck!"),
    )
    dropped: Counter[str] = Counter()
    found = list(human_examples(folder, Part.TRAIN, dropped))
    assert [example.kinds for example in found] == [(ActKind.REQUEST_SUPPORT,), (ActKind.AGREE,)]
    assert found[0].prompt.endswith("<people> <msg>")
    assert "<heard> <request_support> <say> <agree>" in found[1].prompt
    assert "Burgundy" not in found[0].message
    assert "Munich" not in found[0].message
    assert sum(dropped.values()) == 3


def test_examples_round_trip(tmp_path: Path) -> None:
    examples = [
        Example("a <say> <msg>", "Hi <W0>, “é”", Voice.PEOPLE, (ActKind.ASK,)),
        Example("b", "c", Voice.BOOK, ()),
    ]
    write_examples(tmp_path / "some.jsonl.gz", examples)
    assert read_examples(tmp_path / "some.jsonl.gz") == examples


def test_bad_example_files(tmp_path: Path) -> None:
    with pytest.raises(ExampleFileError, match="no such file"):
        read_examples(tmp_path / "none.jsonl.gz")
    with gzip.open(tmp_path / "bad.jsonl.gz", "wt") as out:
        out.write('{"prompt": "a", "message": "b", "voice": "<book>", "kinds": []}\n{"prompt": "a"}\n')
    with pytest.raises(ExampleFileError, match=r"bad\.jsonl\.gz, line 2"):
        read_examples(tmp_path / "bad.jsonl.gz")


def test_real_press(shared_data: Path) -> None:
    """Most messages are left out, those kept name nothing but slots."""
    dropped: Counter[str] = Counter()
    kept = [
        example
        for item in islice(press(games(shared_data, Part.TRAIN)), 400)
        if (example := human_example(item, dropped)) is not None
    ]
    assert len(kept) > 20
    assert sum(dropped.values()) > len(kept)
    assert not any("Burgundy" in example.message or "Munich" in example.message for example in kept)
