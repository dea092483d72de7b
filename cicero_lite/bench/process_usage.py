"""What processes take of a machine: processor time and memory, as Linux tells them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True)
class Usage:
    """Of a process and all that it started."""

    cpu_s: float
    """Since each was started."""
    bytes: int
    """Memory; what several processes share is divided among them."""
    processes: int


def usage(pid: int) -> Usage | None:
    """Of a process and all that it started and that runs; None: the system does not tell, or it is gone."""
    if not (_PROC / str(pid) / "stat").exists():
        return None
    pids = _family(pid)
    return Usage(sum(map(_cpu_s, pids)), sum(map(memory_bytes, pids)), len(pids))


def busy_s() -> float | None:
    """Processor time that anything on this machine has taken since it started; None: the system does not tell."""
    try:
        first = (_PROC / "stat").read_text().splitlines()[0].split()[1:9]
    except OSError:
        return None
    user, nice, system, _, _, *interrupts = map(int, first)
    return (user + nice + system + sum(interrupts[:2])) / os.sysconf("SC_CLK_TCK")


def memory_bytes(pid: int) -> int:
    """Memory of one process; what several share is divided among them; 0: it is gone."""
    with suppress(OSError):
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return 1024 * int(line.split()[1])
    return 0


def _family(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for other, parent in _parents():
        children.setdefault(parent, []).append(other)
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def _parents() -> Iterator[tuple[int, int]]:
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                yield int(entry.name), int(_stat(int(entry.name))[1])


def _cpu_s(pid: int) -> float:
    """Processor time of one process, with that of those it started and that have ended."""
    try:
        fields = _stat(pid)
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may hold anything."""
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
