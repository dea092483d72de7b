"""Questions that need thought: one at a time, in line, the last of each asker, and never in the way of anybody else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial

import pytest

from cicero_lite.hosting.gate import Gate
from cicero_lite.web.door import RefusalError
from cicero_lite.web.questions import Questions, Standing

PATIENCE_S = 60.0


class Door:
    """A turn that does not come before it is opened."""

    def __init__(self) -> None:
        self.is_open = threading.Event()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        assert self.is_open.wait(PATIENCE_S)
        yield


async def asked(questions: Questions, who: str, what: str) -> asyncio.Task[str]:
    """A question on its way, whose answer is itself."""
    task = asyncio.create_task(questions.answer(who, what, lambda: f"{who}: {what}"))
    await asyncio.sleep(0)
    return task


def test_they_wait_in_line_and_are_told_so() -> None:
    async def talk() -> None:
        door = Door()
        questions = Questions(door)
        first, second = await asked(questions, "France", "why"), await asked(questions, "Italy", "why not")
        assert questions.standing("France") == Standing(waits=True, ahead=0)
        assert questions.standing("Italy") == Standing(waits=True, ahead=1)
        assert questions.standing("Turkey") is None
        door.is_open.set()
        assert [await first, await second] == ["France: why", "Italy: why not"]
        assert questions.standing("Italy") is None

    asyncio.run(talk())


def test_a_later_question_takes_the_place_of_one_that_waits() -> None:
    async def talk() -> None:
        door = Door()
        questions = Questions(door)
        earlier, other, later = [await asked(questions, *it) for it in (("A", "x"), ("B", "x"), ("A", "y"))]
        with pytest.raises(RefusalError, match="a later question of yours") as refused:
            await earlier
        assert refused.value.status == 409
        assert questions.standing("A") == Standing(waits=True, ahead=1)  # at the end of the line
        door.is_open.set()
        assert [await other, await later] == ["B: x", "A: y"]

    asyncio.run(talk())


def test_one_that_is_thought_about_is_answered_before_the_next() -> None:
    async def talk() -> None:
        questions, begun, go_on = Questions(), threading.Event(), threading.Event()

        def think() -> str:
            begun.set()
            assert go_on.wait(PATIENCE_S)
            return "first"

        first = asyncio.create_task(questions.answer("A", "x", think))
        await asyncio.to_thread(begun.wait, PATIENCE_S)
        assert questions.standing("A") == Standing(waits=False, ahead=0)
        second = await asked(questions, "A", "y")
        assert questions.standing("A") == Standing(waits=True, ahead=0)
        go_on.set()
        assert [await first, await second] == ["first", "A: y"]

    asyncio.run(talk())


def test_the_same_question_is_thought_about_once() -> None:
    async def talk() -> None:
        door, thoughts = Door(), []
        questions = Questions(door)
        both = [asyncio.create_task(questions.answer("A", "x", lambda: thoughts.append(1))) for _ in range(2)]
        await asyncio.sleep(0)
        door.is_open.set()
        await asyncio.gather(*both)
        assert thoughts == [1]

    asyncio.run(talk())


def test_what_thinking_raises_the_asker_is_told() -> None:
    def think() -> None:
        raise ValueError("no such power")

    async def talk() -> None:
        questions = Questions()
        with pytest.raises(ValueError, match="no such power"):
            await questions.answer("A", "x", think)
        assert await questions.answer("A", "x", lambda: "and goes on") == "and goes on"

    asyncio.run(talk())


def test_all_questions_together_take_one_place_of_the_gate() -> None:
    async def talk() -> list[int]:
        gate = Gate(2)
        questions = Questions(partial(gate.thinking, None))

        def think() -> int:
            """While it is thought about, an agent finds a place."""
            came: Future[int] = Future()

            def play() -> None:
                with gate.thinking(None):
                    came.set_result(1)

            threading.Thread(target=play, daemon=True).start()
            return came.result(PATIENCE_S)

        return list(await asyncio.gather(*(questions.answer(n, n, think) for n in range(20))))

    assert asyncio.run(talk()) == [1] * 20


def test_after_the_end_nobody_is_answered() -> None:
    async def talk() -> None:
        door = Door()
        questions = Questions(door)
        task = await asked(questions, "A", "x")
        questions.close()
        with pytest.raises(RefusalError):
            await task
        door.is_open.set()

    asyncio.run(talk())
