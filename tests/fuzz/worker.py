"""One fuzzing process: runs inputs through a target, keeps what fails, and may die of a crash.

``run.py`` starts it, and starts it again when an input killed it; what it was at stands in a file they share.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import hashlib
import importlib
import mmap
import os
import resource
import signal
import struct
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import ModuleType

sys.path.append(str(Path(__file__).resolve().parents[2]))  # last: the installed engine comes first, sanitized or not

from tests.fuzz.mutation import shrink

STATE_SIZE = 1 << 20
HEAD = struct.Struct("<QQQ")
MAX_INPUT = STATE_SIZE - HEAD.size
SHRINK_SECONDS = 20
"""So long a finding is made smaller; it is written only then, and whoever waits for this process waits a minute."""
MAX_MEMORY_KB = 1_500_000
"""A worker larger than this makes way for a fresh one: compiled maps live as long as their process."""
ADDRESS_SPACE = 4 << 30
"""Bytes; an input that wants more memory is a finding.  Sanitizers need far more address space: not set for them."""


class State:
    """Executions, accepted inputs and the input at hand, in a file that outlives the process."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(STATE_SIZE))
        with path.open("r+b") as stream:
            self._memory = mmap.mmap(stream.fileno(), STATE_SIZE)
        self.executions, self.accepted, _ = HEAD.unpack_from(self._memory)

    def begin(self, data: bytes) -> None:
        """Notes the input about to be run."""
        self._memory[HEAD.size : HEAD.size + len(data)] = data
        HEAD.pack_into(self._memory, 0, self.executions, self.accepted, len(data))

    def count(self, accepted: bool) -> None:
        """Notes that it ended well."""
        self.executions += 1
        self.accepted += accepted
        HEAD.pack_into(self._memory, 0, self.executions, self.accepted, 0)

    def input_at_hand(self) -> bytes:
        """The input that was being run when the process ended; empty when none was."""
        length = HEAD.unpack_from(self._memory)[2]
        return bytes(self._memory[HEAD.size : HEAD.size + length])


def digest(data: bytes) -> str:
    """A short name for an input or a kind of failure."""
    return hashlib.sha256(data).hexdigest()[:12]


def signature(error: BaseException) -> str:
    """What makes two failures the same: the exception and the line of ours that it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "/engine/" in f.filename] or list(frames)
    checks = [f for f in frames if "/tests/fuzz/" in f.filename]
    frame = checks[-1] if isinstance(error, AssertionError) and checks else ours[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno} ({frame.name})"


class Runner:
    """Runs inputs and keeps those that fail in ways not seen before."""

    def __init__(self, options: argparse.Namespace, target: ModuleType) -> None:
        self.options = options
        self.target = target
        self.out: Path = options.out
        self.state = State(self.out / "state")
        self.skipped = {file.stem for file in self.out.glob("*.input")}
        """Inputs already known to kill the process."""
        self.seen = set((self.out / "signatures").read_text(encoding="utf-8").splitlines())
        self.until = time.monotonic() + options.seconds

    def error_of(self, data: bytes) -> BaseException | None:
        """What running the input raised, if it may not; None for a normal result or a refusal."""
        self.state.begin(data)
        signal.setitimer(signal.ITIMER_PROF, self.options.limit)
        try:
            self.target.check(data)
        except ValueError:
            self.state.count(accepted=False)
            return None
        except Exception as error:
            self.state.count(accepted=False)
            return error
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        self.state.count(accepted=True)
        return None

    def run(self, data: bytes) -> None:
        """Runs one input, unless it is known to kill the process; ends the process when it is time."""
        if len(data) <= MAX_INPUT and digest(data) not in self.skipped:
            error = self.error_of(data)
            if error is not None and signature(error) not in self.seen:
                self._keep(data, error)
        enough = self.state.executions >= self.options.executions or time.monotonic() > self.until
        if enough or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > MAX_MEMORY_KB:
            sys.stdout.flush()
            os._exit(0)  # a fuzzing library's own loop cannot be left otherwise

    def _keep(self, data: bytes, error: BaseException) -> None:
        name = signature(error)
        self.seen.add(name)

        until = time.monotonic() + SHRINK_SECONDS

        def fails(smaller: bytes) -> bool:
            if digest(smaller) in self.skipped or time.monotonic() > until:
                return False
            again = self.error_of(smaller)
            return again is not None and signature(again) == name

        small = shrink(data, fails)
        error = self.error_of(small) or error
        text = "".join(traceback.format_exception(error))
        save_finding(self.out, self.options.target, name, small, text if len(text) < 20_000 else text[-20_000:])


def save_finding(out: Path, target: str, name: str, data: bytes, detail: str) -> None:
    """Writes the input and, beside it, what happened and how to see it again."""
    file = out / f"{digest(data)}.input"
    file.write_bytes(data)
    again = f"python tests/fuzz/run.py {target} --reproduce {os.path.relpath(file)}"
    file.with_suffix(".txt").write_text(f"{name}\n\n    {again}\n\n{detail}", encoding="utf-8", errors="replace")
    with (out / "signatures").open("a", encoding="utf-8") as stream:
        stream.write(name + "\n")
    print(f"FOUND {name}\n      {again}", flush=True)


def loop(runner: Runner, rng: Random, mutate: Callable[[bytes, Random], bytes]) -> None:
    """Without a library: seeds and accepted inputs are changed again and again."""
    seeds: list[bytes] = runner.target.seeds()
    pool = list(seeds)
    for data in seeds:
        runner.run(data)
    while True:
        data = mutate(rng.choice(pool), rng)
        before = runner.state.accepted
        runner.run(data)
        if runner.state.accepted > before and len(data) < 50_000:
            if len(pool) < 4 * len(seeds) + 64:
                pool.append(data)
            else:  # the seeds stay
                pool[rng.randrange(len(seeds), len(pool))] = data


def guided(runner: Runner, seed: int, mutate: Callable[[bytes, Random], bytes]) -> None:
    """With atheris: inputs that reach new lines or branches of ours are kept and changed further."""
    import atheris

    corpus = runner.out / "corpus"
    corpus.mkdir(exist_ok=True)
    seeds: list[bytes] = runner.target.seeds()
    for data in seeds:
        (corpus / digest(data)).write_bytes(data)

    def change(data: bytes, max_size: int, seed: int) -> bytes:
        rng = Random(seed)
        if rng.random() < 0.1:
            return bytes(atheris.Mutate(data, max_size))
        # It sees nothing of the compiled rules, so that its corpus is poor where they do the work: half of the
        # inputs start from a seed.
        return mutate(rng.choice(seeds) if rng.random() < 0.5 else data, rng)[:max_size]

    arguments = [sys.argv[0], str(corpus), f"-seed={seed + 1}", "-max_len=200000", "-len_control=0"]
    arguments += [f"-artifact_prefix={runner.out}/"]
    arguments += ["-timeout=100000", "-rss_limit_mb=0"]  # both are watched here
    quiet = ["-verbosity=0", "-print_final_stats=0", *(f"-handle_{name}=0" for name in ("segv", "abrt", "bus", "fpe"))]
    atheris.Setup([*arguments, *quiet], runner.run, custom_mutator=change, internal_libfuzzer=True)
    atheris.Fuzz()


def main() -> None:
    """Parses what ``run.py`` hands over and fuzzes until it is time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target")
    parser.add_argument("--engine", choices=("atheris", "loop"), required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--executions", type=int, required=True)
    parser.add_argument("--limit", type=float, required=True, help="seconds of processor time for one input")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    # A crash or a hang ends the process, and says first where in Python it was.
    faulthandler.enable()
    faulthandler.register(signal.SIGPROF, chain=True)
    if "asan" not in os.environ.get("LD_PRELOAD", ""):
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    tempfile.tempdir = str(options.out)
    instrumented: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
    if options.engine == "atheris":
        import atheris

        instrumented = atheris.instrument_imports(include=["engine", "tests.fuzz"])
    with instrumented:
        target = importlib.import_module(f"tests.fuzz.{options.target}")
    runner = Runner(options, target)
    if options.engine == "atheris":
        guided(runner, options.seed, target.mutate)
    else:
        loop(runner, Random(options.seed), target.mutate)


if __name__ == "__main__":
    main()
