"""Settings come from one dataclass; a run's folder is never overwritten; unknown flags end the program."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from training.__main__ import main
from training.runs import MetricsLog, RunFolderError, field_docstrings, parse_config, start_run


@dataclass(frozen=True)
class Settings:
    """Settings of a test."""

    out: Path = Path("runs/test")
    """Where it
    goes."""
    steps: int = 3
    """How many steps, 100 % of them."""
    rate: float = 0.5
    fast: bool = False
    """Hurry."""


def test_flags_follow_the_fields() -> None:
    assert parse_config(Settings, [], "test") == Settings()
    given = parse_config(Settings, ["--out", "x", "--steps", "7", "--rate", "1e-3", "--fast"], "test")
    assert given == Settings(Path("x"), 7, 1e-3, True)
    assert field_docstrings(Settings)["out"] == "Where it goes."


@dataclass(frozen=True)
class More(Settings):
    """Settings made from others."""

    slow: bool = False
    """Take time."""


def test_settings_made_from_others_have_their_flags() -> None:
    assert parse_config(More, ["--steps", "7", "--slow"], "test") == More(steps=7, slow=True)
    assert field_docstrings(More) == {**field_docstrings(Settings), "slow": "Take time."}


def test_unknown_flag_ends(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_config(Settings, ["--step-count", "7"], "test")
    assert ended.value.code == 2
    assert "--step-count" in capsys.readouterr().err


def test_run_folder(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="expected a run to resume"):
        start_run(tmp_path / "run", "test", Settings(), resume=True)
    start_run(tmp_path / "run", "test", Settings(), resume=False)
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["settings"]["steps"] == 3
    assert record["command"] == "test"
    assert "torch" in record["versions"]
    with pytest.raises(RunFolderError, match="expected a new folder"):
        start_run(tmp_path / "run", "test", Settings(), resume=False)
    start_run(tmp_path / "run", "test", Settings(steps=4), resume=True)
    assert json.loads((tmp_path / "run" / "run.json").read_text()) == record, "a resumed run keeps its record"


@pytest.mark.parametrize("held", ["", "{", "[]", "{}", '{"command": "test", "settings": []}'])
def test_a_damaged_record_is_named(tmp_path: Path, held: str) -> None:
    (tmp_path / "run.json").write_text(held)
    with pytest.raises(RunFolderError, match=r"run\.json: expected the record of a run"):
        start_run(tmp_path, "test", Settings(), resume=True)


def test_metrics_go_on_when_resumed(tmp_path: Path) -> None:
    MetricsLog(tmp_path).write({"step": 1})
    MetricsLog(tmp_path, resume=True).write({"step": 2})
    assert [json.loads(line)["step"] for line in (tmp_path / "metrics.jsonl").read_text().splitlines()] == [1, 2]


def test_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "dialogue" in capsys.readouterr().out
    assert main(["dialog"]) == 2
    assert re.search(r"expected a step \(dialogue, .*\), got 'dialog'", capsys.readouterr().err)
