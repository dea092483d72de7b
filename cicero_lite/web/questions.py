"""Questions that need thought, asked by many: one is thought about at a time, the others wait and are told so.

    questions = Questions(partial(gate.thinking, None))     # behind whoever thinks in the same process
    answer = await questions.answer("France", "S1901M", lambda: think("S1901M"))

A question that waits holds no thread, so that pages are answered however many people ask.  Of each asker the last
question counts: one that still waits gives way to it, one that is thought about already is answered first.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

from cicero_lite.web.door import RefusalError


@dataclass(frozen=True)
class Standing:
    """How it stands with a question."""

    waits: bool
    """Whether nobody thinks about it yet."""
    ahead: int
    """Questions of others that come before it."""


@dataclass(frozen=True, eq=False)
class _Question:
    what: object
    think: Callable[[], Any]
    answer: Future[Any] = field(default_factory=Future)


class Questions:
    """Has them answered by a thread of its own; asked from one event loop."""

    def __init__(self, turn: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        """Args:
        turn: what each thought is done within; entered as soon as a question is the first of those that wait.
        """
        self._turn = turn
        self._asked: dict[Hashable, _Question] = {}
        """The last question of each asker, in the order in which they were asked."""
        self._line: SimpleQueue[_Question | None] = SimpleQueue()
        # A process that ends does not wait for a thought to end.
        threading.Thread(target=self._think, name="questions", daemon=True).start()

    async def answer(self, who: Hashable, what: object, think: Callable[[], Any]) -> Any:
        """What comes of thinking, when it is this question's turn.

        Args:
            who: the asker; a question of theirs that still waits gives way to this one.
            what: tells questions apart; the same one, asked again while it waits, is thought about once.
            think: gives the answer, in the thread; what it raises is raised here.

        Raises:
            RefusalError: a later question of this asker took its place, or the server stops.
        """
        question = self._asked.get(who)
        if question is None or question.what != what:
            if question is not None:
                question.answer.cancel()  # which one that is thought about does not heed
                del self._asked[who]
            question = self._asked[who] = _Question(what, think)
            self._line.put(question)
        try:
            return await asyncio.shield(asyncio.wrap_future(question.answer))
        except asyncio.CancelledError:
            if question.answer.cancelled():
                raise RefusalError(409, "a later question of yours took the place of this one") from None
            raise RefusalError(503, "the server stops") from None
        finally:
            if self._asked.get(who) is question and question.answer.done():
                del self._asked[who]

    def standing(self, who: Hashable) -> Standing | None:
        """How it stands with the last question of an asker; None: it has none."""
        question = self._asked.get(who)
        if question is None:
            return None
        return Standing(not question.answer.running(), list(self._asked).index(who))

    def close(self) -> None:
        """Thinks about nothing any more, after the thought at hand."""
        for question in list(self._asked.values()):
            question.answer.cancel()
        self._line.put(None)

    def _think(self) -> None:
        while (question := self._line.get()) is not None:
            if question.answer.cancelled():
                continue  # and takes nobody's turn
            with self._turn():
                if not question.answer.set_running_or_notify_cancel():
                    continue
                try:
                    question.answer.set_result(question.think())
                except Exception as error:
                    question.answer.set_exception(error)
