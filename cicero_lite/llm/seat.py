"""A language model with no scaffolding in a seat: it is told the game as text, and what it answers is played.

No search, no reader, no filters, no memory but what the prompt shows.  Faults of its answers are left out and counted
(`AnswerRefused`); when its server fails, the phase goes on in silence and without orders (`ModelFailed`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import cache

import numpy as np

from cicero_lite.adapters.base import OutgoingMessage
from cicero_lite.arena.log import AnswerRefused, EventLog, ModelFailed, ModelUsed, Silent
from cicero_lite.llm.answers import Reading, read_messages, read_orders
from cicero_lite.llm.blanks import blanks_of
from cicero_lite.llm.prompt import (
    correction,
    messages_form,
    messages_question,
    orders_form,
    orders_question,
    rules,
)
from cicero_lite.llm.settings import LlmConfig, OnFailure
from dialogue.chat import AnswerForm, ChatAnswer, ChatModel, Role, Turn
from dialogue.language_model import EndpointError, ServerConfig, Usage
from dialogue.server import Server
from engine.game import GameView
from engine.record import PhaseRecord
from engine.types import Action, Message, Phase, Power

_IN_SILENCE = "the seat is silent and its units get no orders for the rest of the phase"
_FIRST_STANDS = "its first answer stands"


class LanguageModelSeat:
    """A negotiating agent that is nothing but a chat model."""

    def __init__(self, power: Power, config: LlmConfig, model: ChatModel, seed: int, events: EventLog) -> None:
        """Sits down.

        Args:
            power: that it plays.
            config: how.
            model: what it asks.
            seed: passed through to the server, with the phase and the number of the request.
            events: where faults, failures and tokens are recorded.
        """
        self.power, self.config = power, config
        self._model, self._seed, self._events = model, seed, events
        self._usage = Usage()
        self._enter(None)

    def begin_phase(self, view: GameView) -> None:
        """Takes note that a phase begins."""
        self._enter(view.phase)

    def hear(self, message: Message, view: GameView) -> None:
        """Takes note that there is something to answer."""
        self._take_note(view)
        self._is_news = True

    def speak(self, view: GameView) -> Sequence[OutgoingMessage]:
        """What the model wants to say: asked at the first turn of a phase, and after that when somebody has written."""
        self._take_note(view)
        if self._is_lost or not self._is_news or self._rounds >= self.config.rounds:
            return ()
        self._rounds += 1
        self._is_news = False
        question = messages_question(view, blanks_of(view, self.power), self.config)
        form = messages_form(view, self.config)
        reading = self._ask(view, question, form, lambda answer: read_messages(answer, view, self.config))
        if not reading.messages:
            self._events.append(Silent(self.power, view.phase, reason="nothing that could be sent"))
        return reading.messages

    def act(self, view: GameView, power: Power) -> Action:
        """The legal orders of the model's answer."""
        self._take_note(view)
        blanks = blanks_of(view, power)
        if self._is_lost or not blanks:
            return ()
        question, form = orders_question(view, blanks, self.config), orders_form(blanks, self.config)
        return self._ask(view, question, form, lambda answer: read_orders(answer, blanks)).orders

    def phase_resolved(self, record: PhaseRecord) -> None:
        """Records what the phase took."""
        if self._requests:
            used = self._usage
            counts = (used.requests, used.prompt_tokens, used.text_tokens, used.cost)
            self._events.append(ModelUsed(self.power, record.phase, *counts))
        self._enter(None)

    def _take_note(self, view: GameView) -> None:
        if self._phase != view.phase:
            self._enter(view.phase)

    def _enter(self, phase: Phase | None) -> None:
        self._phase = phase
        self._rounds = self._requests = 0
        self._is_news, self._is_lost = True, False

    def _ask(self, view: GameView, question: str, form: AnswerForm, read: Callable[[ChatAnswer], Reading]) -> Reading:
        """What stands of the answer, or of the second one; its faults are recorded."""
        turns = [Turn(Role.SYSTEM, rules(view, self.config.instruction)), Turn(Role.USER, question)]
        answer = self._answer(view.phase, turns, form, _IN_SILENCE)
        if answer is None:
            return Reading()
        reading = read(answer)
        if reading.findings and self.config.second_try:
            faults = correction(str(finding) for finding in reading.findings)
            turns += [Turn(Role.ASSISTANT, answer.text), Turn(Role.USER, faults)]
            again = self._answer(view.phase, turns, form, _FIRST_STANDS)
            if again is not None:
                self._record(view.phase, form, reading, is_asked_again=True)
                reading = read(again)
        self._record(view.phase, form, reading, is_asked_again=False)
        return reading

    def _answer(self, phase: Phase, turns: Sequence[Turn], form: AnswerForm, instead: str) -> ChatAnswer | None:
        """The next answer; None: the server failed for good, and is not asked again in this phase."""
        self._requests += 1
        try:
            answer = self._model.ask(turns, form, self._seed_of(phase))
        except EndpointError as error:
            self._events.append(ModelFailed(self.power, phase, str(error), instead))
            if self.config.on_failure is OnFailure.STOP:
                raise
            self._is_lost = True
            return None
        self._usage += answer.usage
        return answer

    def _seed_of(self, phase: Phase) -> int:
        """The seed of a request: the same in every run, another for each of a game."""
        entropy = [self._seed, *phase.sort_key, self._requests]
        return int(np.random.SeedSequence(entropy).generate_state(1)[0]) % 2**31

    def _record(self, phase: Phase, form: AnswerForm, reading: Reading, is_asked_again: bool) -> None:
        for found in reading.findings:
            self._events.append(
                AnswerRefused(
                    self.power, phase, form.name, found.fault, found.expected, found.got, found.units, is_asked_again
                )
            )


def build_llm(power: Power, config: LlmConfig, seed: int, events: EventLog) -> LanguageModelSeat:
    """The agent for one seat; all seats of a process share the connections to a server.

    Raises:
        EndpointError: no usable URL, or the key is not where the configuration says.
    """
    shared = {entry.name: getattr(config, entry.name) for entry in fields(ServerConfig)}
    return LanguageModelSeat(power, config, ChatModel(config, _server(ServerConfig(**shared))), seed, events)


@cache
def _server(config: ServerConfig) -> Server:
    return Server(config, "agent.llm")
