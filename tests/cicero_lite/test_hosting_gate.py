"""Games that want to think at the same time."""

from __future__ import annotations

import threading

from cicero_lite.hosting.gate import Gate


def test_the_nearest_deadline_thinks_first() -> None:
    gate, order = Gate(1), list[float | None]()
    waiting = threading.Semaphore(0)

    def think(deadline: float | None) -> None:
        waiting.release()
        with gate.thinking(deadline):
            order.append(deadline)

    with gate.thinking(0.0):
        threads = [threading.Thread(target=think, args=(deadline,)) for deadline in (None, 300.0, 100.0, 200.0)]
        for thread in threads:
            thread.start()
        for _ in threads:
            waiting.acquire()
        while len(gate._waiting) < len(threads):
            threading.Event().wait(0.001)
    for thread in threads:
        thread.join()
    assert order == [100.0, 200.0, 300.0, None]


def test_as_many_think_as_there_are_places() -> None:
    gate, both = Gate(2), threading.Barrier(2, timeout=60)

    def think() -> None:
        with gate.thinking(None):
            both.wait()

    threads = [threading.Thread(target=think) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not both.broken
