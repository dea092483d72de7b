"""Public games give messages with what their writers saw; examples survive being written and read."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest

from dialogue.acts import ActKind
from dialogue.annotation import Example, planned_example
from dialogue.press import press
from dialogue.prompt import SHORT_PROMPT, Detail, Piece, PromptConfig, Section, Voice, assemble
from engine.types import Power
from training.annotate import human_examples
from training.data import Part, read_examples, seated_games, write_examples
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


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def folder_with(tmp_path: Path, *messages: tuple[str, str, str], lies: Sequence[str] = ()) -> Path:
    """A data folder with one game of one phase in which these messages are sent.

    Args:
        lies: texts that their senders call lies; they call the others true.
    """
    centers = {power: [unit[2:5] for unit in units] for power, units in UNITS.items()}
    phase = {
        "name": "S1901M",
        "state": {"units": UNITS, "centers": centers},
        "orders": {"FRANCE": ["A PAR - BUR"]},
        "messages": [
            {"sender": s, "recipient": r, "text": t, "label": {"sender_truth": t not in lies}} for s, r, t in messages
        ],
    }
    last = {"name": "F1901M", "state": phase["state"], "orders": {}, "messages": []}
    game = {"id": "test-1", "map": "standard", "players": {"FRANCE": "human"}, "phases": [phase, last]}
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
    first, second, third, public = press(seated_games(folder, Part.TRAIN))
    assert first.known.talk == second.known.talk == public.known.talk == ()
    assert [m.text for m in third.known.talk] == ["Hello!"]
    assert third.answered is first.message
    assert (first.author, second.author) == ("human", "unknown")
    assert third.known.view.unit_at(third.known.view.units(Power.FRANCE)[0].province) is not None
    assert list(seated_games(folder, Part.VALIDATION)) == []


def test_writers_know_nothing_of_others_talks(tmp_path: Path) -> None:
    folder = folder_with(
        tmp_path,
        ("FRANCE", "GERMANY", "I will move to Burgundy."),
        ("ITALY", "AUSTRIA", "Psst, Trieste."),
        ("GERMANY", "ITALY", "Hello!"),
    )
    *_, last = press(seated_games(folder, Part.TRAIN))
    assert [m.text for m in last.known.view.messages] == ["I will move to Burgundy."], "its own talks alone"
    assert last.known.talk == ()
    assert last.known.promises == (), "what France promised it is none of Italy's business"


def test_hindsight_is_left_out_of_lies(tmp_path: Path) -> None:
    said = "I will move to Burgundy."
    folder = folder_with(tmp_path, ("FRANCE", "GERMANY", said), ("GERMANY", "FRANCE", "Good luck!"), lies=[said])
    lie, honest = press(seated_games(folder, Part.TRAIN))
    assert (lie.truthful, lie.known.intent) == (False, None)
    assert honest.truthful
    assert honest.known.intent is not None
    assert {str(order) for order in honest.known.intent.wanted.orders} == {"A MAR H", "A PAR - BUR", "F BRE H"}
    examples = [planned_example(item, is_short=False, dropped=Counter()) for item in (lie, honest)]
    told = [assemble(e.pieces, PromptConfig(), words) for e in examples if e is not None]
    assert "candour lying" in told[0]
    assert "<intents>" not in told[0]
    assert "<intents> GERMANY A <BER> H" in told[1]
    assert "candour honest" in told[1]
    assert "S1901M FRANCE promised into <BUR> open" in told[1]


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
    found = list(human_examples(folder, Part.TRAIN, True, dropped))
    assert [example.kinds for example in found] == [(ActKind.REQUEST_SUPPORT,), (ActKind.AGREE,)]
    prompts = [assemble(example.pieces, SHORT_PROMPT, words) for example in found]
    assert prompts[0].endswith("<people> <msg>")
    assert "<heard> <request_support> <say> <agree>" in prompts[1]
    assert "Burgundy" not in found[0].message
    assert "Munich" not in found[0].message
    assert sum(dropped.values()) == 3
    full = list(human_examples(folder, Part.TRAIN, False))
    assert [example.has_plan for example in full] == [True, True, False, False], "public press is left out"
    assert "<MUN>" in full[0].message
    assert "plan" not in {piece.section for piece in full[2].pieces}


def test_examples_round_trip(tmp_path: Path) -> None:
    examples = [
        Example(
            (Piece(Section.HEAD, Detail.KEPT, "a"), Piece(Section.TALK, Detail.OLD_TALK, "b ; c")),
            "Hi <W0>, “é”",
            Voice.PEOPLE,
            (ActKind.ASK,),
            "human",
        ),
        Example((), "c", Voice.BOOK),
    ]
    write_examples(tmp_path / "some.jsonl.gz", examples)
    assert read_examples(tmp_path / "some.jsonl.gz") == examples


def test_bad_example_files(tmp_path: Path) -> None:
    with pytest.raises(ExampleFileError, match="no such file"):
        read_examples(tmp_path / "none.jsonl.gz")
    with gzip.open(tmp_path / "bad.jsonl.gz", "wt") as out:
        out.write('{"prompt": [], "message": "b", "voice": "<book>", "kinds": [], "author": "book"}\n{"prompt": []}\n')
    with pytest.raises(ExampleFileError, match=r"bad\.jsonl\.gz, line 2"):
        read_examples(tmp_path / "bad.jsonl.gz")
    write_examples(tmp_path / "good.jsonl.gz", [Example((), "c", Voice.BOOK)])
    whole = (tmp_path / "good.jsonl.gz").read_bytes()
    for damaged in (whole[:-12], b"nothing"):
        (tmp_path / "cut.jsonl.gz").write_bytes(damaged)
        with pytest.raises(ExampleFileError, match="cannot read the examples"):
            read_examples(tmp_path / "cut.jsonl.gz")


def test_real_press(shared_data: Path) -> None:
    """Most messages are left out, those kept name nothing but slots."""
    dropped: Counter[str] = Counter()
    items = list(islice(press(seated_games(shared_data, Part.TRAIN)), 400))
    kept = [example for item in items if (example := planned_example(item, False, dropped)) is not None]
    assert len(kept) > 20
    assert sum(dropped.values()) > len(kept)
    assert not any("Burgundy" in example.message or "Munich" in example.message for example in kept)
    assert {item.author for item in items} <= {"human", "cicero", "bot", "unknown"}
    assert any(item.known.promises for item in items)
