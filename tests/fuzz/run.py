"""Fuzzes what reads text and files from others.

    python tests/fuzz/run.py games --minutes 30 --seed 0
    python tests/fuzz/run.py all --minutes 30               # each target, one after another
    python tests/fuzz/run.py games --reproduce runs/fuzz/games-0/0123456789ab.input

Every input must give a normal result or an error of the ValueError family.  Anything else is a finding: another
exception, a broken property, a crash, more than a few seconds.  Each kind is kept once, as small as it could be
made, with its traceback; the exit status says whether there was any.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))  # last: the installed engine comes first, sanitized or not

from tests.fuzz.worker import State, digest, save_finding

HERE = Path(__file__).resolve().parent
TARGETS = ("orders", "games", "maps", "positions", "webdiplomacy", "seat")


def main(argv: list[str] | None = None) -> int:
    """Fuzzes and prints what came of it, a line for each target; 1 when there were findings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=(*TARGETS, "all"))
    parser.add_argument("--minutes", type=float, default=1.0, help="of each target")
    parser.add_argument("--executions", type=int, default=2**62, help="stop after so many inputs")
    parser.add_argument("--seed", type=int, default=0, help="the loop gives the same inputs for the same seed")
    parser.add_argument("--engine", choices=("atheris", "loop"), help="default: atheris where it is installed")
    parser.add_argument("--limit", type=float, default=5.0, help="seconds of processor time for one input")
    parser.add_argument("--out", type=Path, default=Path("runs/fuzz"), help="here in TARGET-SEED, emptied first")
    parser.add_argument("--reproduce", type=Path, metavar="FILE", help="run one input and show what happens")
    options = parser.parse_args(argv)
    if options.reproduce and options.target == "all":
        parser.error("expected the target that the input is for")
    if options.reproduce:
        return reproduce(options.target, options.reproduce)
    options.engine = options.engine or ("atheris" if importlib.util.find_spec("atheris") else "loop")
    targets = TARGETS if options.target == "all" else (options.target,)
    results = [fuzz(argparse.Namespace(**vars(options) | {"target": target})) for target in targets]
    print("\n".join(summary for summary, _ in results))
    return int(any(findings for _, findings in results))


def reproduce(target: str, file: Path) -> int:
    """Runs one input in this process, so that a crash or a traceback shows as it is."""
    import faulthandler

    faulthandler.enable()
    try:
        importlib.import_module(f"tests.fuzz.{target}").check(file.read_bytes())
    except ValueError as error:
        print(f"refused, as it should be: {type(error).__name__}: {error}")
    else:
        print("accepted; nothing wrong")
    return 0


def fuzz(options: argparse.Namespace) -> tuple[str, int]:
    """Keeps a worker going until the time is over or enough inputs were run: a line on it, and the findings."""
    options.out = options.out / f"{options.target}-{options.seed}"
    shutil.rmtree(options.out, ignore_errors=True)
    options.out.mkdir(parents=True)
    (options.out / "signatures").touch()
    state = State(options.out / "state")
    started = time.monotonic()
    seconds = options.minutes * 60
    for life in range(10_000):
        left = seconds - (time.monotonic() - started)
        if left <= 0 or state.executions >= options.executions:
            break
        status, log = work(options, options.seed + life, left)
        state = State(options.out / "state")
        if status != 0:
            keep_crash(options, state.input_at_hand(), status, log)
    findings = len((options.out / "signatures").read_text(encoding="utf-8").splitlines())
    share = state.accepted / max(1, state.executions)
    summary = (
        f"{options.target} ({options.engine}, seed {options.seed}): {state.executions} executions in "
        f"{time.monotonic() - started:.0f} s, {share:.1%} accepted, {findings} findings in {options.out}"
    )
    return summary, findings


def work(options: argparse.Namespace, seed: int, seconds: float) -> tuple[int, str]:
    """One worker, to its end: its exit status and what it wrote on standard error."""
    command = [sys.executable, str(HERE / "worker.py"), options.target, "--engine", options.engine]
    command += ["--seed", str(seed), "--seconds", str(seconds), "--executions", str(options.executions)]
    command += ["--limit", str(options.limit), "--out", str(options.out)]
    log = options.out / "stderr.log"
    # Strings hash alike in every run: the same seed, the same inputs.
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    with log.open("wb") as stream:
        worker = subprocess.Popen(command, stderr=stream, env=environment)
        try:
            # It counts its own time; this is for one that waits for something that never comes.
            status = worker.wait(seconds + 60)
        except subprocess.TimeoutExpired:
            worker.kill()
            status = worker.wait()
        except KeyboardInterrupt:
            worker.kill()
            raise
    return status, log.read_text(encoding="utf-8", errors="replace")


def keep_crash(options: argparse.Namespace, data: bytes, status: int, log: str) -> None:
    """Keeps the input that killed a worker; it is skipped from then on, and like ones are not kept again."""
    if not data:  # it died between inputs: our own fault, or that of the fuzzing library
        raise SystemExit(f"the worker ended with status {status} outside any input:\n{log[-4000:]}")
    where = re.search(r"engine/src/\S+", log) or re.search(r'File "\S*/(?:engine|fuzz)/\S+, line \d+ in \w+', log)
    what = f"more than {options.limit:g} s" if status == -signal.SIGPROF else f"crash (status {status})"
    name = f"{what} at {where[0] if where else '?'}"
    if name in (options.out / "signatures").read_text(encoding="utf-8").splitlines():
        (options.out / f"{digest(data)}.input").write_bytes(data)
        return
    save_finding(options.out, options.target, name, data, log[-20_000:])


if __name__ == "__main__":
    sys.exit(main())
