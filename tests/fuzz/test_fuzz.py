"""A short pass of every fuzz target with a fixed seed, and the inputs that once failed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
EXECUTIONS = {"orders": 20_000, "games": 400, "maps": 150, "positions": 300, "webdiplomacy": 1500, "seat": 150}
"""A few seconds each."""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The fuzzer's command line; it takes up to a minute."""
    command = [sys.executable, str(HERE / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("target", EXECUTIONS)
def test_short_pass(target: str, tmp_path: Path) -> None:
    """Nothing but normal results and refusals in words."""
    limits = ["--executions", str(EXECUTIONS[target]), "--minutes", "1", "--seed", "1", "--engine", "loop"]
    done = run(target, *limits, "--limit", "20", "--out", str(tmp_path))
    print(done.stdout, done.stderr)
    assert (tmp_path / f"{target}-1" / "signatures").read_text(encoding="utf-8") == ""
    accepted = re.search(r" (\d+) executions in .*, ([0-9.]+)% accepted", done.stdout)
    assert accepted, done.stderr
    assert int(accepted[1]) > 50
    assert float(accepted[2]) > 10, "hardly any input gets past the reader: nothing behind it was tested"


@pytest.mark.parametrize("file", sorted((HERE / "found").iterdir()), ids=lambda file: str(file.stem))
def test_inputs_that_once_failed(file: Path) -> None:
    """Each is accepted or refused in words now."""
    done = run(file.stem.split("-")[0], "--reproduce", str(file))
    assert done.returncode == 0, done.stderr


def test_a_crash_is_kept_and_the_run_goes_on(tmp_path: Path) -> None:
    """An input that kills the process is a finding like another, and so is one that takes too long."""
    script = (
        "import os, sys, time; sys.argv = sys.argv[1:]; sys.path.append(os.environ['CHECKOUT'])\n"
        "import tests.fuzz.orders as orders, tests.fuzz.worker as worker\n"
        "check = orders.check\n"
        "def planted(data):\n"
        "    if data == b'A PAR H': os.abort()\n"
        "    while data == b'A PAR D': pass\n"
        "    check(data)\n"
        "orders.check = planted; worker.main()\n"
    )
    (tmp_path / "planted.py").write_text(script, encoding="utf-8")
    driver = (
        "import os, sys; sys.path.append(os.environ['CHECKOUT'])\n"
        "import subprocess, tests.fuzz.run as run\n"
        "start = subprocess.Popen\n"
        f"planted = {str(tmp_path / 'planted.py')!r}\n"
        "run.subprocess.Popen = lambda command, **how: start([command[0], planted, *command[1:]], **how)\n"
        "limits = ['--executions', '500', '--limit', '0.3', '--engine', 'loop']\n"
        f"sys.exit(run.main(['orders', *limits, '--out', {str(tmp_path / 'out')!r}]))\n"
    )
    environment = {"CHECKOUT": str(HERE.parents[1]), "PATH": ""}
    command = [sys.executable, "-c", driver]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert done.returncode == 1, done.stderr
    assert "FOUND crash (status -6)" in done.stdout
    assert "FOUND more than 0.3 s" in done.stdout
    kept = {file.read_bytes() for file in (tmp_path / "out" / "orders-0").glob("*.input")}
    assert {b"A PAR H", b"A PAR D"} <= kept
    assert re.search(r": 50\d executions", done.stdout), done.stdout
