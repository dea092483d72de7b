"""What an agent is, and the agents known by name.

An agent is one method, ``act(view, power)``.  One that wants to see what came of a phase has a second, that of
`Observer`; one that also talks has the four further methods of `Negotiator`, and if it cares for the time, that of
`ClockWatcher`; one that can say what else it might have ordered has that of `Redrawable`.  One that plays for days on
a server may say what it would order as things stand (`Improving`) and what score it expects (`Expecting`), go on in
another process (`Resumable`), and be steered while it plays (`Steerable`). To add one, give its factory an entry point
in the group ``cicero_lite.agents`` of your package; the built-in agents come through the same door.

    [project.entry-points."cicero_lite.agents"]
    mine = "my_package:make"            # def make(seat: Seat) -> Agent
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np

from cicero_lite.adapters.base import OutgoingMessage
from cicero_lite.arena.log import EventLog
from cicero_lite.config import AgentConfig
from cicero_lite.errors import UnknownAgentError
from cicero_lite.steer.controls import Controls
from engine.game import GameView
from engine.record import PhaseRecord
from engine.types import Action, Message, Power
from planner import baselines, strangers

GROUP = "cicero_lite.agents"


class Agent(Protocol):
    """Whoever can order a power's units."""

    def act(self, view: GameView, power: Power) -> Action:
        """The orders of `power` in the phase at hand; called once a phase, after all talk."""


@runtime_checkable
class Observer(Protocol):
    """An agent that wants to see what came of a phase, whether it talks or not."""

    def act(self, view: GameView, power: Power) -> Action:
        """See `Agent.act`."""

    def phase_resolved(self, record: PhaseRecord) -> None:
        """Takes note of what was ordered, and what came of it; called once a phase, after it."""


@runtime_checkable
class Negotiator(Protocol):
    """An agent that also talks."""

    def act(self, view: GameView, power: Power) -> Action:
        """See `Agent.act`."""

    def begin_phase(self, view: GameView) -> None:
        """Takes note that a phase begins."""

    def hear(self, message: Message, view: GameView) -> None:
        """Takes note of a message sent to this power."""

    def speak(self, view: GameView) -> Sequence[OutgoingMessage]:
        """What to send now; empty: nothing to say."""

    def phase_resolved(self, record: PhaseRecord) -> None:
        """Takes note of what was ordered, and what came of it."""


@runtime_checkable
class ClockWatcher(Protocol):
    """An agent that wants to know, before it speaks, how much of the phase's time has passed."""

    def act(self, view: GameView, power: Power) -> Action:
        """See `Agent.act`."""

    def watch_clock(self, elapsed: float) -> None:
        """Takes note of that share, 0 to 1; called before each turn to speak."""


@runtime_checkable
class Redrawable(Protocol):
    """An agent that can say, at little cost, what else it might have ordered."""

    def act(self, view: GameView, power: Power) -> Action:
        """See `Agent.act`."""

    def redraw(self, view: GameView, power: Power, times: int, rng: np.random.Generator) -> Sequence[Action]:
        """So many actions that `act` might have returned for this view; called after it, in the same phase.

        Each is drawn anew, by the generator given and from what `act` drew from: independent of the action
        played, given all that the agent knew before it drew.  The agent and its own generator stay as they are.
        """


@runtime_checkable
class Improving(Protocol):
    """An agent that can be asked for its orders before the talk is over, as often as anybody likes."""

    def act(self, view: GameView, power: Power) -> Action:
        """See `Agent.act`."""

    def orders_so_far(self, view: GameView) -> Action:
        """What it would order as things stand; it may think of something better until `act` is called."""


@runtime_checkable
class Expecting(Protocol):
    """An agent that can say what score it expects, which decides its votes for a draw; see `cicero_lite.draws`."""

    def act(self, view: GameView, power: Power) -> Action:
        """See `Agent.act`."""

    def expected_score(self, view: GameView) -> float:
        """Score that it expects to end with, 0 to 1, as things stand; by its ``search.value.scoring``."""


@runtime_checkable
class Resumable(Protocol):
    """An agent that can go on in another process; others are built anew there."""

    def act(self, view: GameView, power: Power) -> Action:
        """See `Agent.act`."""

    def state(self) -> Mapping[str, Any]:
        """All that it must not forget, as JSON values."""

    def restore(self, state: Mapping[str, Any], view: GameView) -> None:
        """Goes on, having just been built, from what `state` gave.

        Args:
            state: as it was given in another process.
            view: the game as it is now, perhaps phases later; messages may be numbered differently.
        """


@runtime_checkable
class Steerable(Protocol):
    """An agent whose controls can be set while it plays."""

    def act(self, view: GameView, power: Power) -> Action:
        """See `Agent.act`."""

    @property
    def controls(self) -> Controls:
        """Those in force."""

    def steer(self, controls: Controls) -> None:
        """Takes others from here on."""


@dataclass(frozen=True)
class Seat:
    """All that a factory may use to build an agent."""

    power: Power
    seed: int
    """Seeds this agent alone; different for every power of a game."""
    config: AgentConfig
    events: EventLog
    """Where the agent records what it thinks."""


Factory: TypeAlias = Callable[[Seat], Agent]

_BUILT_IN = {
    "cicero": "cicero_lite.registry:make_cicero",
    "random": "cicero_lite.registry:make_random",
    "greedy": "cicero_lite.registry:make_greedy",
    "dumbbot": "cicero_lite.registry:make_dumbbot",
    "handicapped": "cicero_lite.registry:make_handicapped",
    "responder": "cicero_lite.registry:make_responder",
    "search": "cicero_lite.registry:make_search",
    "quantal": "cicero_lite.registry:make_quantal",
    "grudge": "cicero_lite.registry:make_grudge",
    "stabber": "cicero_lite.registry:make_stabber",
    "mixed": "cicero_lite.registry:make_mixed",
    "llm": "cicero_lite.registry:make_llm",
}
_MIXED = ("quantal", "grudge", "stabber", "dumbbot")


def agent_names() -> tuple[str, ...]:
    """The names `make_agent` knows, sorted."""
    return tuple(sorted(_doors()))


def make_agent(name: str, seat: Seat) -> Agent:
    """The agent of this name, built for a seat; its talk, if it talks, as far as ``talk`` of its settings lets it.

    Raises:
        UnknownAgentError: no agent has this name.
    """
    check_agent_name(name)
    factory: Factory = _doors()[name].load()
    agent = factory(seat)
    if seat.config.talk.is_free or not isinstance(agent, Negotiator):
        return agent
    # Imported late: it is made of what is defined here.
    from cicero_lite.arena.placebos import controlled

    return controlled(agent, seat)


def check_agent_name(name: str) -> None:
    """Returns if an agent has this name.

    Raises:
        UnknownAgentError: none has; the text names the nearest.
    """
    known = agent_names()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise UnknownAgentError(f"unknown agent {name!r}: expected one of {', '.join(known)}{hint}")


def seed_of(seed: int, power: Power) -> int:
    """The seed of one power's agent in a game seeded with `seed`, 0 to 2**64 - 1."""
    return int(np.random.SeedSequence([seed, power.number]).generate_state(1, np.uint64)[0])


@cache
def _doors() -> dict[str, EntryPoint]:
    doors = {name: EntryPoint(name, value, GROUP) for name, value in _BUILT_IN.items()}
    return doors | {door.name: door for door in entry_points(group=GROUP)}


def make_cicero(seat: Seat) -> Agent:
    """The negotiating agent."""
    # Imported late: it brings the language model, which the other agents do without.
    from cicero_lite.agent import build_agent

    return build_agent(seat.power, seat.config, seat.seed, seat.events)


def make_random(seat: Seat) -> Agent:
    """An agent that plays any legal orders."""
    return baselines.RandomAgent(np.random.default_rng(seat.seed))


def make_greedy(seat: Seat) -> Agent:
    """An agent that plays what looks best at once, whatever the others do."""
    return baselines.GreedyAgent(np.random.default_rng(seat.seed))


def make_dumbbot(seat: Seat) -> Agent:
    """David Norman's DumbBot, which talks to nobody."""
    return baselines.DumbBot(np.random.default_rng(seat.seed))


def make_handicapped(seat: Seat) -> Agent:
    """DumbBot with a known handicap: in a share of the phases it gives any legal orders."""
    return baselines.Handicapped(np.random.default_rng(seat.seed), seat.config.handicap)


def make_search(seat: Seat) -> Agent:
    """The planner of the negotiating agent, without its talk."""
    return baselines.SearchAgent(np.random.default_rng(seat.seed), seat.config.search)


def make_responder(seat: Seat) -> Agent:
    """The frozen yardstick: a best response, by local search and the hand-made value, to six DumbBots."""
    return baselines.Responder(np.random.default_rng(seat.seed), seat.config.responder)


def make_quantal(seat: Seat) -> Agent:
    """A quick player as careful as it happens to be: its λ is drawn before the game."""
    return strangers.QuantalPlayer(np.random.default_rng(seat.seed), seat.config.search)


def make_grudge(seat: Seat) -> Agent:
    """A quick player that would rather hurt those who once attacked it than gain."""
    return strangers.GrudgeHolder(np.random.default_rng(seat.seed), seat.config.search)


def make_stabber(seat: Seat) -> Agent:
    """A quick player that spares one neighbour until two of its centres can be had at once."""
    return strangers.Stabber(np.random.default_rng(seat.seed), seat.config.search)


def make_mixed(seat: Seat) -> Agent:
    """One of ``quantal``, ``grudge``, ``stabber`` and ``dumbbot``, drawn for each game and seat."""
    return make_agent(_MIXED[seat.seed % len(_MIXED)], seat)


def make_llm(seat: Seat) -> Agent:
    """A language model that reads the game as text and answers in JSON, without search, reader or filters."""
    # Imported late: it brings what talks to servers.
    from cicero_lite.llm.seat import build_llm

    return build_llm(seat.power, seat.config.llm, seat.seed, seat.events)
