"""All games of one server: opened, taken up again when somebody comes, and listed."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from cicero_lite.config import AgentConfig, Config, config_yaml, stored_agent_config
from cicero_lite.hosting.gate import Gate
from cicero_lite.registry import check_agent_name
from cicero_lite.web.questions import Questions
from cicero_lite.web.table.adviser import Adviser
from cicero_lite.web.table.agents import Players
from cicero_lite.web.table.inside import Insides
from cicero_lite.web.table.pictures import Album
from cicero_lite.web.table.room import Room
from cicero_lite.web.table.settings import PERSON, TableError, TableSettings, agent_config
from cicero_lite.web.table.store import TableStore, new_game
from cicero_lite.web.table.thinkers import Thinkers
from engine.types import POWERS, Phase, Power

_THINKING = 2
"""Agents that think at the same time, of all games; one of them may do so for somebody's question."""
_PATIENCE_S = 2.0
"""How long a thought may still take when the server ends."""


class NoGameError(TableError):
    """No game has this number."""


@dataclass(frozen=True)
class Played:
    """A game that is taken up in this process."""

    room: Room
    album: Album
    players: Players
    adviser: Adviser
    insides: Insides


class Rooms:
    """The games in a store; for several threads."""

    def __init__(self, store: TableStore, config: Config, personas: Mapping[str, Mapping[str, str]]) -> None:
        """Takes up nothing yet.

        Args:
            store: keeps all games.
            config: of the agents in games that are opened here.
            personas: as `settings.known_personas` gives them.
        """
        self.store, self.personas = store, personas
        self._config = config
        self._gate = Gate(_THINKING)
        # One place at most, and behind every agent with a deadline: whoever asks does not keep the others from playing.
        self.questions = Questions(partial(self._gate.thinking, None, "a question"))
        self.thinkers = Thinkers()
        """Where the agents of all games think."""
        self._lock = threading.Lock()
        self._played: dict[int, Played] = {}
        self._is_closed = False

    def open(self, settings: TableSettings, saved: Any = None) -> int:
        """The number of a new game.

        Args:
            settings: of the game.
            saved: a saved game to go on from, as read from JSON; None: from the start.

        Raises:
            GameFileError, TableError: it cannot go on from there.
        """
        begun_from = None if saved is None else json.dumps(saved)
        game = new_game("new", begun_from)
        for power in settings.agents:
            agent_config(self._config.agent, settings, settings.personas.get(power, ""), self.personas)
        # Where nobody plays whose secrets it could be, somebody may look on at all.
        tokens = {power: secrets.token_urlsafe(24) for power in settings.people or (None,)}
        return self.store.open_game(settings, config_yaml(self._config), tokens, begun_from, game.phase)

    def take_up(self, game: int) -> Played:
        """The game of this number, its agents at play.

        Raises:
            NoGameError: there is none.
        """
        with self._lock:
            if game not in self._played:
                stored = self.store.game(game)
                if stored is None:
                    raise NoGameError(f"there is no game {game}")
                room = Room(self.store, stored)
                config_of = partial(self._config_of, room)
                players = Players(room, config_of, self._gate, self._config.play.rounds, self.thinkers)
                adviser = Adviser(room, partial(config_of, ""))
                insides = Insides(room, partial(self._configs, room))
                self._played[game] = Played(room, Album(room), players, adviser, insides)
                if stored.ended is None:
                    players.start()
            return self._played[game]

    def take_up_going(self) -> None:
        """Takes up the games that go on whether somebody comes or not: by the clock, or by agents for their people."""
        for stored in self.store.games():
            agents = [hand for hand in self.store.last_hands(stored.id).values() if hand.agent != PERSON]
            if stored.ended is None and (stored.settings.deadline_s is not None or agents):
                self.take_up(stored.id)

    def close(self) -> None:
        """Has the agents stop, and the store."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            self.questions.close()
            for played in self._played.values():
                played.room.leave()
            for played in self._played.values():
                played.players.stop(_PATIENCE_S)
            self.thinkers.close()
        self.store.close()

    def _configs(self, room: Room) -> dict[Power, list[tuple[Phase | None, AgentConfig]]]:
        own: dict[Power, list[tuple[Phase | None, AgentConfig]]] = {}
        for power in POWERS:
            own[power] = [(since, self._config_of(room, name)) for since, name in room.seating.personas(power)]
        return own

    def check_stand_in(self, room: Room, agent: str, persona: str) -> None:
        """Returns if this agent could play on in the game.

        Raises:
            UnknownAgentError, ConfigError: there is no such agent, or no such persona.
        """
        check_agent_name(agent)
        self._config_of(room, persona)

    def _config_of(self, room: Room, persona: str) -> AgentConfig:
        base = stored_agent_config(room.config_text, f"the configuration of game {room.id}")
        return agent_config(base, room.settings, persona, self.personas)
