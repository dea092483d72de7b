"""The server of the ``diplomacy`` package in a process of its own: started, killed, and started again."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from cicero_lite.bench.options import BenchError

_START_S, _STOP_S = 300.0, 30.0


class PackageServerProcess:
    """The server of `cicero_lite.bench.package_server`; it goes on with what it saved last."""

    def __init__(self, folder: Path) -> None:
        """Prepares to start it.

        Args:
            folder: for what it saves, and what it prints.
        """
        self.port, self.printed = _free_port(), folder / "server.log"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it, and waits until it answers.

        Raises:
            BenchError: it does not.
        """
        command = [sys.executable, "-m", "cicero_lite.bench.package_server", str(self.port), str(self._folder)]
        with self.printed.open("ab") as out:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        until = time.monotonic() + _START_S
        while time.monotonic() < until and self._process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1.0):
                return
            time.sleep(0.1)
        self.stop()
        raise BenchError(f"the server of the diplomacy package did not start; what it said is in {self.printed}")

    def stop(self, how: int = signal.SIGINT) -> None:
        """Ends it: by SIGINT it saves first; killed it loses what it has not saved yet."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:  # it has saved, and lost the interrupt somewhere
            self._process.kill()
            self._process.wait()
        self._process = None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
