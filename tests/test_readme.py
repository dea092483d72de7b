"""What the README names is there: files, commands, settings, and code that runs."""

import re
import shlex
from pathlib import Path

import pytest

from cicero_lite.cli import main
from cicero_lite.config import load_config

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


def test_every_file_of_the_tree_exists() -> None:
    tree = README.split("```\nengine/", 1)[1].split("```", 1)[0]
    folder = "engine"
    named: list[str] = []
    for line in tree.splitlines():
        if top := re.match(r"(\w+)/", line):
            folder = top[1]
        named += [f"{folder}/{name}" for name in re.findall(r"[\w/]+\.py", line)]
    assert len(named) > 30
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("line", [line for block in blocks("sh") for line in block.splitlines() if line])
def test_every_command_is_known(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(line, comments=True)
    if words[0] == "make":
        assert f"\n{words[1]}:" in (ROOT / "Makefile").read_text(encoding="utf-8")
    elif words[0] == "cicero-lite":
        depth = 2 if words[1] in ("arena", "bench") else 1
        assert main([*words[1 : 1 + depth], "--help"]) == 0
        shown = capsys.readouterr().out
        assert [w for w in words if w.startswith("--") and w not in shown] == []
    else:
        assert words[:3] == ["python", "-m", "training"]


def test_settings_and_configurations_are_real() -> None:
    settings = [s for s in re.findall(r"--set (\S+?=[\w/]+)", README) if "=/" not in s]
    files = [ROOT / name for name in re.findall(r"--config (\S+?\.yaml)", README)]
    assert settings
    assert files
    load_config(files, settings)


def test_the_library_example_runs() -> None:
    code = next(block for block in blocks("python") if "game.process()" in block)
    names: dict[str, object] = {}
    exec(code, names)
    assert str(names["game"].phase) == "F1901M"  # type: ignore[attr-defined]
