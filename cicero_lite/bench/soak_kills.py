"""When a client is killed, and what it was doing then."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cicero_lite.arena.codec import decode
from cicero_lite.bench.soak_checks import Memory
from cicero_lite.hosting.store import Pulse, Standing, Store, StoredSeat
from engine.types import Action, Phase, Power


class When(StrEnum):
    """The moment of a kill, in the phase drawn for it or the next in which there is such a moment."""

    ANY = "at any time"
    THINKING = "while it thinks"
    SENDING = "when the server has just been sent a message"
    ORDERING = "when the server has just been given orders"
    STARTING = "when it has just been started after another kill"


_LATEST_S = {When.ANY: 20.0, When.THINKING: 2.0, When.SENDING: 1.5, When.ORDERING: 0.5, When.STARTING: 8.0}
"""A kill comes so much later than its moment at most, by chance."""


@dataclass(frozen=True)
class Kill:
    """One kill of a client, as drawn before the game."""

    turn: int
    """From this turn of the game on; 0 is spring 1901."""
    when: When
    delay_s: float
    """After that moment."""


def draw_kills(seed: int, power: Power, kills: int, turns: int) -> list[Kill]:
    """The kills of a client, in order.

    Args:
        seed: the same draws the same.
        power: whose client.
        kills: how many.
        turns: that are played; the last has none, so that there is time for what comes late.
    """
    rng = random.Random(f"{seed}/{power}")
    drawn = sorted(rng.randrange(max(1, turns - 1)) for _ in range(kills))
    found: list[Kill] = []
    for turn in drawn:
        when = rng.choice(list(When) if found else [When.ANY, When.THINKING, When.SENDING, When.ORDERING])
        if when is When.STARTING:
            turn = found[-1].turn
        found.append(Kill(turn, when, rng.uniform(0, _LATEST_S[when])))
    return found


class KillPlan:
    """Tells when the next kill of a client is due."""

    def __init__(self, kills: list[Kill]) -> None:
        self._left = list(kills)
        self._moment: float | None = None
        """When the next one's moment was, by `time.time`."""

    @property
    def next(self) -> Kill | None:
        """The next kill; None: no more."""
        return self._left[0] if self._left else None

    def awaits_moment(self, turn: int) -> bool:
        """Whether the next kill hangs on what the client does now, in this turn of the game."""
        kill = self.next
        if kill is None or kill.when in (When.ANY, When.STARTING):
            return False
        return turn == kill.turn and self._moment is None

    def is_due(self, turn: int, started: float, moments: frozenset[When], now: float) -> bool:
        """Whether the client is to be killed now.

        Args:
            turn: of the game.
            started: when the client was started last.
            moments: what has just happened to the client.
            now: the time, as of `started`.
        """
        kill = self.next
        if kill is None or turn < kill.turn:
            return False
        if self._moment is None:
            if kill.when is When.STARTING:
                self._moment = started
            elif kill.when is When.ANY or kill.when in moments or turn > kill.turn:
                self._moment = now
        return self._moment is not None and now >= self._moment + kill.delay_s

    def done(self) -> None:
        """The client was killed."""
        del self._left[0]
        self._moment = None


def doing(store: Store, seat: StoredSeat | None, pulse: Pulse | None, started: float) -> str:
    """What a client that is gone was doing, by its store."""
    if seat is None or pulse is None or pulse.at_s < started:
        return "starting"
    if store.messages(seat.id, (Standing.SENDING,)):
        return "sending a message"
    orders = store.orders(seat.id, pulse.phase)
    if orders is not None and not orders.handed_in:
        return "handing in orders"
    return "thinking" if pulse.doing.startswith("thinking") else pulse.doing


def moments(store: Store, seat: StoredSeat | None, pulse: Pulse | None) -> frozenset[When]:
    """What a client is at now, by its store."""
    if seat is None or pulse is None:
        return frozenset()
    orders = store.orders(seat.id, pulse.phase)
    found = {
        When.THINKING: pulse.doing.startswith("thinking"),
        When.SENDING: bool(store.messages(seat.id, (Standing.SENDING,))),
        When.ORDERING: orders is not None and not orders.handed_in,
    }
    return frozenset(when for when, is_so in found.items() if is_so)


def memory(store: Store, seat: StoredSeat) -> Memory | None:
    """What a store holds of what its agent knows; None: nothing yet."""
    with store.transaction():
        state = store.state(seat.id)
        if state is None:
            return None
        phase = Phase.parse(state["phase"])
        told, orders = len(store.messages(seat.id)), store.orders(seat.id, phase)
    agent = state["agent"] or {}
    ledger = agent.get("ledger", {})
    known = Counter(_message(entry["message"]) for entry in ledger.get("entries", ()))
    known += Counter(_promise(promise) for promise in ledger.get("promises", ()))
    return Memory(phase, known, told, orders, _planned(agent, phase), bool(agent.get("has_heard", False)))


def _planned(agent: Mapping[str, Any], phase: Phase) -> Action | None:
    """The orders of an agent's plan for a phase."""
    plan = agent.get("plan")
    return decode(Action, plan["action"]) if plan is not None and plan["phase"] == str(phase) else None


def _message(message: dict[str, object]) -> str:
    """All of it but its number, which another process may count anew."""
    return json.dumps({key: value for key, value in message.items() if key != "sequence"}, sort_keys=True)


def _promise(promise: dict[str, object]) -> str:
    """Who promised what to whom; not its number, nor what has become of it."""
    return json.dumps([promise[key] for key in ("by", "to", "phase", "order", "provinces", "polarity")])
