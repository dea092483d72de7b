"""The real command in a process of its own, as benchmarks of live play start, kill and end it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cicero_lite.bench.options import BenchError
from cicero_lite.processes import ONE_THREAD

_COMMAND = (sys.executable, "-c", "from cicero_lite.cli import entry_point; entry_point()")


@contextmanager
def client_folder(keep: Path | None) -> Iterator[Path]:
    """A folder for what clients keep and print.

    Args:
        keep: the new one that is wanted; None: one that is gone afterwards.

    Raises:
        BenchError: it holds something.
    """
    if keep is None:
        with TemporaryDirectory(prefix="cicero-lite-") as folder:
            yield Path(folder)
        return
    if keep.exists() and any(keep.iterdir()):
        raise BenchError(f"--keep: expected a new or empty folder, got {keep} with files in it")
    keep.mkdir(parents=True, exist_ok=True)
    yield keep


class ClientProcess:
    """A client of a server: the same command again whenever it was killed, going on with its store."""

    def __init__(
        self, name: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str] = ONE_THREAD
    ) -> None:
        """Prepares to start it.

        Args:
            name: of its files.
            arguments: of ``cicero-lite``, without ``--store``.
            folder: where its store and what it prints are kept.
            environment: what is set beside our own.
        """
        self._environment = environment
        self.store, self.printed = folder / f"{name}.sqlite", folder / f"{name}.log"
        self._arguments = (*_COMMAND, *arguments, "--store", str(self.store))
        self._process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        """When it was started last, seconds since 1970."""

    def start(self) -> None:
        """Starts it."""
        self.started = time.time()
        with self.printed.open("ab") as out:
            self._process = subprocess.Popen(
                self._arguments,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, **self._environment},
            )

    @property
    def pid(self) -> int:
        """Of the process that was started last; 0: none was."""
        return 0 if self._process is None else self._process.pid

    @property
    def ended(self) -> int | None:
        """Its exit status if it ended by itself; None: it runs."""
        return None if self._process is None else self._process.poll()

    def kill(self) -> None:
        """SIGKILL, until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def ask_to_end(self) -> None:
        """SIGTERM."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)

    def await_end(self, patience_s: float) -> bool:
        """Whether it ends in time; else it is killed."""
        if self._process is None:
            return True
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        return True

    def last_line(self) -> str:
        """What it printed last."""
        lines = self.printed.read_text(encoding="utf-8", errors="replace").split("\n") if self.printed.exists() else []
        return next((line for line in reversed(lines) if line.strip()), "nothing")
