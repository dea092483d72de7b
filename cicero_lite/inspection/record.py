"""A game that can be inspected: as it was saved, with the log and the configuration where they are beside it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.log import Believed, Event, GameStarted, Searched, Sent, Understood, read_events
from cicero_lite.config import AgentConfig, stored_agent_config
from cicero_lite.errors import CiceroLiteError, ConfigError, UnknownAgentError
from dialogue.acts import SpeechAct
from engine.game import Game
from engine.mapfile import load_map
from engine.saved import load_game
from engine.types import POWERS, Message, Phase, Power

OwnConfigs: TypeAlias = Mapping[Power, Sequence[tuple[Phase | None, AgentConfig]]]
"""Of each power, the configurations of its agents in time's order, each from a phase on; None: from the beginning."""


class InspectionError(CiceroLiteError, ValueError):
    """A moment of a game that cannot be inspected, or a change that cannot be made there."""


@dataclass(frozen=True, eq=False)
class GameRecord:
    """A game, and what is known of how it was thought through."""

    game: Game
    events: tuple[Event, ...] = ()
    """Its log; empty: there is none."""
    config: AgentConfig = field(default_factory=AgentConfig)
    """The agents', but for those of `own_configs`."""
    own_configs: OwnConfigs = field(default_factory=dict)
    """Those of seats that had settings of their own."""
    seed: int = 0
    doubts: tuple[str, ...] = ()
    """Why what is reconstructed may not be what was, whatever the moment."""

    @cached_property
    def agents(self) -> Mapping[Power, str]:
        """Who played the seats; empty where nobody says."""
        return next((event.agents for event in self.events if isinstance(event, GameStarted)), {})

    def config_of(self, power: Power, phase: Phase) -> AgentConfig:
        """The configuration of the agent that one seat had in a phase."""
        begun = [own for since, own in self.own_configs.get(power, ()) if since is None or not phase < since]
        return begun[-1] if begun else self.config

    @cached_property
    def thinkers(self) -> frozenset[Power]:
        """Whose thoughts the log has."""
        return frozenset(event.power for event in self.events if isinstance(event, Searched))

    def searches(self, power: Power, phase: Phase, heard: int | None = None) -> list[Searched]:
        """The searches of a power in a phase, as they were logged, oldest first.

        Args:
            power: whose.
            phase: when.
            heard: messages of the phase that it knew, at most; None: all.
        """
        known, found = 0, []
        for event in self._of_phase.get(phase, ()):
            if isinstance(event, Searched):
                if event.power is power and (heard is None or known <= heard):
                    found.append(event)
            elif power in (event.message.sender, event.message.recipient) or event.message.recipient is None:
                known += 1
        return found

    @cached_property
    def _of_phase(self) -> Mapping[Phase, list[Searched | Sent]]:
        """Searches and messages of each phase, in order."""
        found: dict[Phase, list[Searched | Sent]] = defaultdict(list)
        for event in self.events:
            if isinstance(event, Searched):
                found[event.phase].append(event)
            elif isinstance(event, Sent):
                found[event.message.phase].append(event)
        return found

    def believed(self, power: Power, before: Phase) -> list[Believed]:
        """What a power believed of the others after each phase before this one, oldest first."""
        return [e for e in self.events if isinstance(e, Believed) and e.power is power and e.phase < before]

    def acts(self, power: Power, message: Message) -> tuple[SpeechAct, ...] | None:
        """What a power meant by a message of its own, or read in one to it; None: the log does not say."""
        own = message.sender is power
        return (self._meant if own else self._read).get((power, message.sequence, message.text))

    def suspicion(self, power: Power, message: Message) -> float | None:
        """How far a power suspected that a message was a lie; None: nobody asked."""
        return self._suspicions.get((power, message.sequence))

    @cached_property
    def _meant(self) -> Mapping[tuple[Power, int, str], tuple[SpeechAct, ...]]:
        sent = (event for event in self.events if isinstance(event, Sent))
        return {(e.message.sender, e.message.sequence, e.message.text): e.acts for e in sent}

    @cached_property
    def _understood(self) -> list[Understood]:
        return [event for event in self.events if isinstance(event, Understood)]

    @cached_property
    def _read(self) -> Mapping[tuple[Power, int, str], tuple[SpeechAct, ...]]:
        return {(e.power, e.message.sequence, e.message.text): e.acts for e in self._understood}

    @cached_property
    def _suspicions(self) -> Mapping[tuple[Power, int], float]:
        found = self._understood
        return {(e.power, e.message.sequence): e.suspicion for e in found if e.suspicion is not None}


def open_record(path: Path, game_id: str | None = None, config: AgentConfig | None = None) -> GameRecord:
    """The record of a game.

    Args:
        path: a folder that `cicero-lite play` wrote, a saved game, or a file of games.
        game_id: which game, where the file holds several.
        config: the agent's; None: that of the log, or the defaults.

    Raises:
        GameFileError, EventLogError: the game or its log cannot be read.
        InspectionError: it is a game of another board.
    """
    source = path / "game.json" if path.is_dir() else path
    game = load_game(source, game_id)
    log = source.with_name("events.jsonl")
    events = read_events(log) if source.name == "game.json" and log.exists() else []
    return record_of(game, events, config)


def record_of(game: Game, events: Sequence[Event] = (), config: AgentConfig | None = None) -> GameRecord:
    """The same of a game that the caller has.

    Raises:
        InspectionError: it is a game of another board.
    """
    if game.map_data.locations != load_map().locations or game.powers != POWERS:
        raise InspectionError(
            f"cannot inspect a game on the map {game.map_name!r}: expected the seven powers on the standard board"
        )
    started = next((event for event in events if isinstance(event, GameStarted)), None)
    doubts: list[str] = []
    own: OwnConfigs = {}
    seed = 0 if started is None else started.seed
    if started is None:
        doubts.append(
            "There is no log beside this game: this is what our agent would think in this seat, joining here; what the "
            "others are like it learned from the last phases alone."
        )
    elif config is None:
        try:
            config = stored_agent_config(json.dumps({"agent": started.config["agent"]}), "the game's configuration")
            specs = {power: AgentSpec.parse(agent) for power, agent in started.agents.items() if ":" in agent}
            own = {power: [(None, spec.over(config))] for power, spec in specs.items()}
        except (ConfigError, UnknownAgentError, KeyError) as error:
            doubts.append(
                f"The game was played with the configuration of another version ({error}): defaults are used."
            )
    return GameRecord(game, tuple(events), config or AgentConfig(), own, seed, tuple(doubts))
