"""A seat as it is taken, on whichever server: its seed, the settings it goes on with, the host that plays it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from cicero_lite.arena.log import EventLog, GameStarted
from cicero_lite.config import AgentConfig, Config, config_values, config_yaml, stored_agent_config
from cicero_lite.errors import ConfigError
from cicero_lite.hosting.gate import Gate
from cicero_lite.hosting.guard import Guard
from cicero_lite.hosting.host import Host, Told
from cicero_lite.hosting.store import Store, StoredSeat
from cicero_lite.output import Provenance, provenance
from cicero_lite.registry import Agent, Seat, make_agent
from engine.types import Power

_NAMED = 4
"""Settings that differ are named up to this many."""


@dataclass(frozen=True)
class Player:
    """Who plays, as the command says it."""

    agent: str
    """Name of the agent in games that begin; others go on with theirs."""
    config: Config
    is_new_config: bool = False
    """Whether games under way take the agent's settings of `config` in place of those they began with."""


def take_seat(store: Store, server: str, game: str, power: Power, player: Player) -> StoredSeat:
    """The seat as it was taken first; now, if it was not."""
    numbers = [player.config.play.seed, zlib.crc32(f"{server} {game}".encode())]
    seed = int(np.random.SeedSequence(numbers).generate_state(1)[0])
    settings = config_yaml(player.config)
    seat = store.take_seat(server, game, power, player.agent, seed, settings)
    if player.is_new_config and seat.config != settings:
        store.set_config(seat.id, settings)
        seat = replace(seat, config=settings)
    return seat


def host_of(
    seat: StoredSeat, player: Player, store: Store, guard: Guard, gate: Gate, tell: Callable[[Told], None]
) -> Host:
    """The host that plays the seat, with the agent and the settings it began with; what differs now is noted."""
    agent_config, notes = _settings(seat, player.config.agent)
    config = replace(player.config, agent=agent_config)

    def make(seed: int, events: EventLog) -> Agent:
        return make_agent(seat.agent, Seat(seat.power, seed, agent_config.in_game(seat.seed), events))

    host = Host(seat, make, lambda: _header(seat, config), store, config.live.host, guard, gate, tell)
    if seat.agent != player.agent:
        notes = (f"game {seat.game} goes on with the agent it began with, {seat.agent}", *notes)
    for line in notes:
        host.note(line)
    return host


def _settings(seat: StoredSeat, now: AgentConfig) -> tuple[AgentConfig, tuple[str, ...]]:
    """The agent's settings of a seat, and what is to be said about them."""
    try:
        began = stored_agent_config(seat.config, f"the settings of game {seat.game}")
    except ConfigError as error:
        return now, (f"{error}; it goes on with those given now",)
    differ = list(_differences(config_values(began), config_values(now)))
    if not differ:
        return began, ()
    more = f" and {len(differ) - _NAMED} more" if len(differ) > _NAMED else ""
    line = f"game {seat.game} goes on with the settings it began with; those given now differ in "
    return began, (f"{line}{', '.join(differ[:_NAMED])}{more} (--new-config takes them)",)


def _differences(one: Mapping[str, Any], other: Mapping[str, Any], prefix: str = "agent.") -> Iterator[str]:
    for key, value in one.items():
        if isinstance(value, Mapping) and isinstance(other[key], Mapping):
            yield from _differences(value, other[key], f"{prefix}{key}.")
        elif value != other[key]:
            yield prefix + key


def _header(seat: StoredSeat, config: Config) -> GameStarted:
    """The first line of a seat's log."""
    running = _running()
    return GameStarted(
        game=seat.game,
        map_name="standard",
        seed=seat.seed,
        agents={seat.power: seat.agent},
        config=config_values(config),
        commit=running.commit,
        dirty=running.dirty,
        versions=running.versions,
    )


@cache
def _running() -> Provenance:
    return provenance()
