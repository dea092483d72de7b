"""Who plays the games of self-play: processes of this machine, or a cluster's through Ray.

What is played does not depend on who plays it: a game follows from what it is told, and from its number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from cicero_lite.processes import in_processes
from training.runs import TrainingError

_Result = TypeVar("_Result")


class Workers(Protocol):
    """Those who do numbered pieces of work."""

    def run(self, work: Callable[[int], _Result], numbers: Sequence[int]) -> Iterator[tuple[int, _Result]]:
        """Each number with its result, as they are done; results are the same whoever does them.

        Args:
            work: picklable, a function of the number alone.
            numbers: different ones.
        """
        ...


@dataclass(frozen=True)
class Processes:
    """Processes of this machine, with one thread each; none: this process."""

    count: int

    def run(self, work: Callable[[int], _Result], numbers: Sequence[int]) -> Iterator[tuple[int, _Result]]:
        """See `Workers`."""
        if not self.count or not numbers:
            return ((number, work(number)) for number in numbers)
        return in_processes(work, numbers, self.count, _prepare, None)


class RayTasks:
    """Tasks of a Ray cluster, of one core each: of the one that ``RAY_ADDRESS`` names, else of this machine.

    Machines that fail are made good for: their tasks are done again.

    Raises:
        TrainingError: Ray is not installed, or cannot be reached.
    """

    def __init__(self) -> None:
        # Imported late: nobody needs it but for this.
        try:
            import ray
        except ImportError as error:
            raise TrainingError(f"expected Ray for --ray, got {error}: pip install ray") from None
        self._ray = ray
        try:
            ray.init(ignore_reinit_error=True, log_to_driver=False)
        except (ConnectionError, RuntimeError, ValueError) as error:
            problem = (str(error).splitlines() or [repr(error)])[0]
            raise TrainingError(f"expected a Ray cluster at RAY_ADDRESS, got {problem}") from None

    def run(self, work: Callable[[int], _Result], numbers: Sequence[int]) -> Iterator[tuple[int, _Result]]:
        """See `Workers`."""
        ray = self._ray
        task, given = ray.remote(num_cpus=1, max_retries=3)(_do), ray.put(work)
        waiting = {task.remote(given, number): number for number in numbers}
        try:
            while waiting:
                done, _ = ray.wait(list(waiting))
                yield waiting.pop(done[0]), ray.get(done[0])
        finally:
            for left in waiting:
                ray.cancel(left, force=True)


def _do(work: Callable[[int], _Result], number: int) -> _Result:
    return work(number)


def _prepare(_: None) -> None:
    """Nothing: all that a process needs comes with its work."""
