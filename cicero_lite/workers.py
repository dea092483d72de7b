"""Who does the work of an experiment or a training run: processes of this machine, or a cluster's through Ray.

What is done does not depend on who does it: each piece follows from what it is told, and from its number.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from cicero_lite.errors import CiceroLiteError
from cicero_lite.processes import in_processes

_PATIENCE_S = 10.0
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")
Done: TypeAlias = Generator[tuple[_Task, _Result], None, None]
"""Tasks with their results."""


class WorkersError(CiceroLiteError, RuntimeError):
    """A cluster that is not there."""


class Workers(Protocol):
    """Those who do pieces of work."""

    def run(self, work: Callable[[_Task], _Result], tasks: Sequence[_Task]) -> Done[_Task, _Result]:
        """Each task with its result, as they are done; results are the same whoever does them.

        When the iterator is closed, what is under way ends at once.

        Args:
            work: picklable, a function of the task alone.
            tasks: hashable, different ones.
        """
        ...


@dataclass(frozen=True)
class Processes:
    """Processes of this machine, with one thread each; none: this process."""

    count: int

    def run(self, work: Callable[[_Task], _Result], tasks: Sequence[_Task]) -> Done[_Task, _Result]:
        """See `Workers`."""
        if not self.count or not tasks:
            return ((task, work(task)) for task in tasks)
        return in_processes(work, tasks, self.count, _prepare, None)


class RayTasks:
    """Tasks of a Ray cluster, of one core each.

    Machines that fail are made good for: their tasks are done again.

    Args:
        address: of the cluster, as `ray.init` takes it; None: the one that ``RAY_ADDRESS`` names, else this machine.

    Raises:
        WorkersError: Ray is not installed, or cannot be reached.
    """

    def __init__(self, address: str | None = None) -> None:
        # Imported late: nobody needs it but for this.
        try:
            import ray
        except ImportError as error:
            raise WorkersError(f"expected Ray for --ray, got {error}: pip install ray") from None
        self._ray = ray
        if address is not None:
            _check_reachable(address)
        try:
            ray.init(address, ignore_reinit_error=True, log_to_driver=False)
        except (ConnectionError, RuntimeError, ValueError) as error:
            problem = (str(error).splitlines() or [repr(error)])[0]
            raise WorkersError(f"expected a Ray cluster at {address or 'RAY_ADDRESS'}, got {problem}") from None

    def run(self, work: Callable[[_Task], _Result], tasks: Sequence[_Task]) -> Done[_Task, _Result]:
        """See `Workers`."""
        ray = self._ray
        remote, given = ray.remote(num_cpus=1, max_retries=3)(_do), ray.put(work)
        waiting = {remote.remote(given, task): task for task in tasks}
        try:
            while waiting:
                done, _ = ray.wait(list(waiting))
                yield waiting.pop(done[0]), ray.get(done[0])
        finally:
            for left in waiting:
                ray.cancel(left, force=True)


def _check_reachable(address: str) -> None:
    """Asks a plain HOST:PORT in seconds, where Ray would go on asking for minutes."""
    host, _, port = address.rpartition(":")
    if not (host and port.isdecimal()) or "//" in address:
        return
    try:
        socket.create_connection((host, int(port)), timeout=_PATIENCE_S).close()
    except (OSError, OverflowError) as error:
        raise WorkersError(f"expected a Ray cluster at {address}, got {error}") from None


def _do(work: Callable[[_Task], _Result], task: _Task) -> _Result:
    return work(task)


def _prepare(_: None) -> None:
    """Nothing: all that a process needs comes with its work."""


__all__ = ["Processes", "RayTasks", "Workers", "WorkersError"]
