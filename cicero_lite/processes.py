"""Work spread over processes that end with their parent, and at once when it is interrupted."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from typing import TypeVar

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")
_Given = TypeVar("_Given")

ONE_THREAD: Mapping[str, str] = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
}
"""What keeps numpy and torch to one thread, if it is set before they are imported."""


def in_processes(
    work: Callable[[_Task], _Result],
    tasks: Sequence[_Task],
    jobs: int,
    prepare: Callable[[_Given], None],
    given: _Given,
) -> Generator[tuple[_Task, _Result], None, None]:
    """Each task with its result, as they are done.

    The processes are spawned, so all that is passed must be picklable, and functions those of a module.  Each
    has one thread for numbers.  When the iterator is closed or interrupted they end at once, in the midst of work.

    Args:
        work: does one task.
        tasks: hashable.
        jobs: processes, at most.
        prepare: called with `given` in each process before its first task.
        given: what the processes share.
    """
    context = multiprocessing.get_context("spawn")
    leave = context.Event()
    with _environment(ONE_THREAD):
        pool = ProcessPoolExecutor(min(jobs, len(tasks)), context, _start, (leave, prepare, given))
        try:
            with _deaf():
                running = {pool.submit(work, task): task for task in tasks}
            for future in as_completed(running):
                yield running[future], future.result()
        except BaseException:
            leave.set()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes started within do not hear Ctrl-C, which is the main process's to handle, even before they run."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _start(leave: Event, prepare: Callable[[_Given], None], given: _Given) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    for waiting in (leave.wait, *(() if parent is None else (parent.join,))):
        threading.Thread(target=_leave_after, args=(waiting,), daemon=True).start()
    prepare(given)


def _leave_after(waiting: Callable[[], object]) -> None:
    """Ends this process; without its parent, should that be killed, it would wait for tasks for ever."""
    waiting()
    os._exit(1)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


__all__ = ["ONE_THREAD", "in_processes"]
