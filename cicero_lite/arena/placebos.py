"""Talk under control: budgets of messages, and placebos that keep the number of words and take away their sense.

Any agent that talks can be put under it; `cicero_lite.registry.make_agent` does where its configuration asks for it.
The agent within does not believe that it said what it did not.  What it learns of its own words it learns from the
table, as of everybody's: a message that was withheld is in no view of the game, and one that went elsewhere, or with
another text, is in the view as it was sent.  Our agent reads it there, as it reads the words of others, and its ledger
holds what was really said, to whom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cicero_lite.adapters.base import OutgoingMessage
from cicero_lite.arena.log import EventLog, Silent
from cicero_lite.registry import ClockWatcher, Expecting, Improving, Negotiator, Redrawable, Resumable, Seat
from cicero_lite.talk import Placebo, TalkConfig
from engine.game import GameView
from engine.record import PhaseRecord
from engine.types import Action, Message, Power

SOURCE = "placebo"
"""Who worded a message that is not what its sender meant to say."""
_STREAM = 23
"""Keeps these draws apart from the agent's own random numbers."""
COURTESIES = (
    "Hi!",
    "Hello there.",
    "Good to hear from you.",
    "I hope you are well.",
    "I hope you are having a good day.",
    "It is nice to play with you.",
    "I am enjoying this game.",
    "What a game!",
    "I like games like this one.",
    "It has been a long day here.",
    "I had a good coffee this morning.",
    "The weather is lovely today.",
    "It is raining here again.",
    "I am listening to some music.",
    "I hope that everybody has fun.",
    "Have a nice evening!",
    "Have a good one!",
    "It is good to be here.",
    "Best wishes!",
    "All the best!",
)
"""Sentences in which the reader finds small talk and nothing else."""


def courtesies(length: int, rng: np.random.Generator) -> str:
    """Some of `COURTESIES`, drawn without repetition: at least one, and about so many characters, as far as they reach.

    Args:
        length: characters.
        rng: draws them.
    """
    drawn = [COURTESIES[int(number)] for number in rng.permutation(len(COURTESIES))]
    text = next((sentence for sentence in drawn if len(sentence) <= length), min(drawn, key=len))
    for sentence in drawn:
        longer = f"{text} {sentence}"
        if sentence not in text and abs(len(longer) - length) < abs(len(text) - length):
            text = longer
    return text


def controlled(agent: Negotiator, seat: Seat) -> ControlledTalk:
    """The agent, its talk under the control of its seat's configuration; every further protocol that it has stays."""
    extras = tuple(extra for protocol, extra in _EXTRAS if isinstance(agent, protocol))
    kind: Any = type(ControlledTalk.__name__, (*extras, ControlledTalk), {})
    made: ControlledTalk = kind(agent, seat.power, seat.seed, seat.config.talk, seat.events)
    return made


class ControlledTalk:
    """An agent that is not let say all that it wants; it has no memory of its own, the view has it all."""

    def __init__(self, agent: Negotiator, power: Power, seed: int, config: TalkConfig, events: EventLog) -> None:
        """Puts an agent under control.

        Args:
            agent: plays the power.
            power: whose messages are counted.
            seed: draws recipients and courtesies.
            config: what is let through.
            events: where it is noted what is not.
        """
        self.agent = agent
        """The agent within."""
        self._power = power
        self._seed = seed
        self._config = config
        self._events = events

    def act(self, view: GameView, power: Power) -> Action:
        """See `Agent.act`."""
        return self.agent.act(view, power)

    def begin_phase(self, view: GameView) -> None:
        """See `Negotiator.begin_phase`."""
        self.agent.begin_phase(view)

    def hear(self, message: Message, view: GameView) -> None:
        """See `Negotiator.hear`."""
        self.agent.hear(message, view)

    def phase_resolved(self, record: PhaseRecord) -> None:
        """See `Negotiator.phase_resolved`."""
        self.agent.phase_resolved(record)

    def speak(self, view: GameView) -> Sequence[OutgoingMessage]:
        """What is left of what the agent wants to say; it is not asked where nothing would be."""
        if self._config.placebo is Placebo.SILENT:
            self._note(view, None, "silent, as it is set")
            return ()
        left = self._left(view)
        if left == 0:
            self._note(view, None, "its budget of messages is spent")
            return ()
        said: list[OutgoingMessage] = []
        for message in self.agent.speak(view):
            if len(said) == left:
                self._note(view, message.recipient, "its budget of messages is spent")
            elif (altered := self._altered(message, view, len(said))) is None:
                self._note(view, message.recipient, "there is nobody else to send it to")
            else:
                said.append(altered)
        return tuple(said)

    def _left(self, view: GameView) -> int | None:
        """How many messages it may still send now; None: any number."""
        now = self._sent(view.messages)
        before = sum(self._sent(record.messages) for record in view.history)
        budgets = ((self._config.per_phase, now), (self._config.per_game, before + now))
        return min((max(0, most - sent) for most, sent in budgets if most is not None), default=None)

    def _sent(self, messages: Sequence[Message]) -> int:
        return sum(message.sender is self._power for message in messages)

    def _altered(self, message: OutgoingMessage, view: GameView, number: int) -> OutgoingMessage | None:
        """The message as it is sent; None: it cannot be.

        Args:
            number: of messages that go out before it at the same turn.
        """
        place = (*str(view.phase).encode(), self._sent(view.messages) + number)
        rng = np.random.default_rng(np.random.SeedSequence([self._seed, _STREAM, *place]))
        match self._config.placebo:
            case Placebo.SHUFFLED if message.recipient is not None:
                others = [power for power in view.alive if power not in (self._power, message.recipient)]
                if not others:
                    return None
                return OutgoingMessage(others[int(rng.integers(len(others)))], message.text, source=SOURCE)
            case Placebo.RANDOM:
                return OutgoingMessage(message.recipient, courtesies(len(message.text), rng), source=SOURCE)
        return message

    def _note(self, view: GameView, recipient: Power | None, reason: str) -> None:
        self._events.append(Silent(self._power, view.phase, recipient, reason))


class _Watching:
    agent: Any

    def watch_clock(self, elapsed: float) -> None:
        """See `ClockWatcher.watch_clock`."""
        self.agent.watch_clock(elapsed)


class _Redrawing:
    agent: Any

    def redraw(self, view: GameView, power: Power, times: int, rng: np.random.Generator) -> Sequence[Action]:
        """See `Redrawable.redraw`."""
        drawn: Sequence[Action] = self.agent.redraw(view, power, times, rng)
        return drawn


class _Improves:
    agent: Any

    def orders_so_far(self, view: GameView) -> Action:
        """See `Improving.orders_so_far`."""
        orders: Action = self.agent.orders_so_far(view)
        return orders


class _Expects:
    agent: Any

    def expected_score(self, view: GameView) -> float:
        """See `Expecting.expected_score`."""
        return float(self.agent.expected_score(view))


class _Resumes:
    agent: Any

    def state(self) -> Mapping[str, Any]:
        """See `Resumable.state`."""
        state: Mapping[str, Any] = self.agent.state()
        return state

    def restore(self, state: Mapping[str, Any], view: GameView) -> None:
        """See `Resumable.restore`."""
        self.agent.restore(state, view)


_EXTRAS: tuple[tuple[type, type], ...] = (
    (ClockWatcher, _Watching),
    (Redrawable, _Redrawing),
    (Improving, _Improves),
    (Expecting, _Expects),
    (Resumable, _Resumes),
)


__all__ = ["COURTESIES", "SOURCE", "ControlledTalk", "controlled", "courtesies"]
