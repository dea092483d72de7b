"""A game of an experiment, with or without press: played, and what is remembered of it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from cicero_lite.adapters.base import PhaseBegan, PhaseEnded, TableClosed, TableEvent
from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.designs import Seating
from cicero_lite.arena.experiment import Experiment, Kept, PressConfig
from cicero_lite.arena.log import EventLog, GameStarted
from cicero_lite.arena.match import GameResult, game_result, play_game, seated
from cicero_lite.arena.press_measures import measure
from cicero_lite.arena.variates import Variates
from cicero_lite.config import PlayConfig, config_values
from cicero_lite.llm.tally import seat_tallies
from cicero_lite.output import Provenance, provenance
from cicero_lite.session import local_table, run
from engine.game import Game
from engine.types import POWERS, PhaseKind, Power


@dataclass(frozen=True)
class PlayedGame:
    """What a table of an experiment is made of; equal for equal agents, seed and setting, wherever it is played."""

    cluster: int
    """As of `Seating`."""
    labels: Mapping[Power, str]
    """Of the agents."""
    result: GameResult
    press: Mapping[Power, Mapping[str, int]] = field(default_factory=dict)
    """Counts of what each power said and did; empty: a game without press."""
    usage: Mapping[Power, Mapping[str, float]] = field(default_factory=dict)
    """What each seat asked of language models on servers: requests, tokens, cost; and what of the answers was refused.
    Empty: nothing."""


@dataclass(frozen=True)
class Replay:
    """A game with what is kept of it."""

    game: PlayedGame
    texts: Mapping[str, str]
    """File name -> content."""


@dataclass(frozen=True)
class Failure:
    """A game that an error ended."""

    number: int
    seed: int
    problem: str
    """One line."""


def play_seating(experiment: Experiment, specs: Mapping[str, AgentSpec], seating: Seating) -> Replay:
    """Plays one game of an experiment, a function of the arguments alone.

    Args:
        experiment: length, press, what is kept.
        specs: the agents by label.
        seating: which game.
    """
    agents = {power: specs[label] for power, label in seating.labels.items()}
    if experiment.press is not None:
        game, events, result = _negotiated(agents, seating.seed, experiment.until, experiment.press)
        press, usage = _press_of(events), _usage_of(events)
    else:
        alone = seating.alone if experiment.variates else None
        luck = None if alone is None else Variates(alone, experiment.variates)
        game, result = play_game(agents, seating.seed, experiment.until, luck)
        events, press, usage = EventLog(), {}, {}
    texts = {}
    if Kept.GAME in experiment.keep:
        texts["game.json"] = json.dumps(game.to_saved_game() | {"players": dict(_names(seating))}) + "\n"
    if Kept.EVENTS in experiment.keep:
        texts["events.jsonl"] = events.to_text()
    return Replay(PlayedGame(seating.cluster, seating.labels, result, press, usage), texts)


def try_seating(experiment: Experiment, specs: Mapping[str, AgentSpec], seating: Seating) -> Replay | Failure:
    """The same; an error in the game becomes a `Failure`, so that it does not end the other games."""
    try:
        return play_seating(experiment, specs, seating)
    except Exception as error:  # whatever an agent, perhaps somebody else's, does wrong
        line = f"{type(error).__name__}: {error}".splitlines()[0]
        return Failure(seating.number, seating.seed, line)


def _negotiated(
    specs: Mapping[Power, AgentSpec], seed: int, until: int, press: PressConfig
) -> tuple[Game, EventLog, GameResult]:
    """A game through the door by which `cicero_lite.session.play` plays."""
    game, events = Game(game_id=f"arena-{seed}"), EventLog()
    play = PlayConfig(seed=seed, until=until, rounds=press.rounds, late_rounds=press.late_rounds)
    running = _provenance()
    events.append(
        GameStarted(
            game=game.game_id,
            map_name=game.map_name,
            seed=seed,
            agents={power: spec.name for power, spec in specs.items()},
            config={str(power): config_values(spec.config) for power, spec in specs.items()},
            commit=running.commit,
            dirty=running.dirty,
            versions=running.versions,
        )
    )
    agents = {power: seated(specs[power], power, seed, events) for power in POWERS}
    clock = _Clock()
    run(local_table(game, play), agents, events, clock)
    return game, events, game_result(game, specs, seed, until, clock.movements, clock.seconds)


class _Clock:
    """Whose turn it is, and for how long: told of every event of the table before it is handled."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(POWERS, 0.0)
        """Wall-clock seconds that each agent took to read, talk and order."""
        self.movements = dict.fromkeys(POWERS, 0)
        self._whose: Power | None = None
        self._since = time.perf_counter()

    def __call__(self, event: TableEvent) -> None:
        now = time.perf_counter()
        if self._whose is not None:
            self.seconds[self._whose] += now - self._since
        # What the agents do once a phase is over is nobody's turn, and takes next to no time.
        self._whose = None if isinstance(event, PhaseEnded | TableClosed) else event.power
        self._since = now
        if isinstance(event, PhaseBegan) and event.view.phase.kind is PhaseKind.MOVEMENT:
            self.movements[event.power] += 1


def _press_of(events: EventLog) -> dict[Power, dict[str, int]]:
    """Of each power, the counts of `PressMeasures` by their names, those of acts as ``act NAME``."""
    found = {}
    for power, measures in measure(events.events).items():
        counts = {name: value for name, value in vars(measures).items() if isinstance(value, int)}
        found[power] = counts | {f"act {kind}": count for kind, count in measures.acts.items()}
    return found


def _usage_of(events: EventLog) -> dict[Power, dict[str, float]]:
    """Of each seat that a language model on a server had to do with, the counts of its `SeatTally`."""
    found = {}
    for power, tally in seat_tallies(events).items():
        counts = {name: value for name, value in vars(tally).items() if isinstance(value, int | float) and value}
        faults = {f"fault: {fault}": count for fault, count in tally.faults.items()}
        mended = {f"mended: {fault}": count for fault, count in tally.faults_mended.items()}
        if every := {**counts, **faults, **mended}:
            found[power] = every
    return found


def _names(seating: Seating) -> Mapping[str, str]:
    return {str(power): label for power, label in seating.labels.items()}


@cache
def _provenance() -> Provenance:
    """Asked once in a process, as it asks git."""
    return provenance()


__all__ = ["Failure", "PlayedGame", "Replay", "play_seating", "try_seating"]
