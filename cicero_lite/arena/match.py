"""One game of seven agents without press, and its result."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cicero_lite.arena.agents import AgentSpec
from cicero_lite.arena.log import EventLog
from cicero_lite.arena.variates import Luck, Variates
from cicero_lite.errors import CiceroLiteError
from cicero_lite.output import write_files
from cicero_lite.registry import Agent, Negotiator, Observer, Seat, make_agent, seed_of
from engine.game import Game
from engine.types import POWERS, Phase, PhaseKind, Power


class ArenaError(CiceroLiteError, ValueError):
    """An experiment that cannot be made."""


@dataclass(frozen=True)
class GameResult:
    """How a game ended; equal for equal agents, seed and length, wherever it is played."""

    seed: int
    """Of the game."""
    seats: Mapping[Power, str]
    """The agent of each power, as `AgentSpec` writes it."""
    until: int
    """Last year that could be played."""
    last_phase: Phase
    """The last phase played."""
    phases: int
    """Phases played, of all kinds."""
    winner: Power | None
    """The power that won alone."""
    centers: Mapping[Power, int]
    """Supply centres at the end."""
    scores: Mapping[Power, float]
    """Sum-of-squares scores: the share of the squared centres; a solo takes all."""
    movements: Mapping[Power, int]
    """Movement phases in which the power had units or centres, and its agent was asked."""
    seconds: Mapping[Power, float] = field(compare=False)
    """Wall-clock seconds that the agent took in those; the one thing that another run does not repeat."""
    variate: float | None = None
    """How lucky one power was in what came of agents' draws (see `arena.variates`); None: not looked at."""


def play_match(
    seats: Mapping[Power, AgentSpec],
    seed: int,
    until: int,
    keep: Path | None = None,
    variates: Variates | None = None,
) -> GameResult:
    """Plays a game in which nobody says a word, to a solo or the end of a year.

    The game is a function of the arguments alone, as long as its agents are functions of theirs (an agent
    with a limit in seconds is not).

    Args:
        seats: the agent of every power.
        seed: 0 to 2**63 - 1; seeds all agents, each differently.
        until: last year played, its winter included.
        keep: file to write the game to, as a line of `engine.saved.seated_games`; None: nowhere.
        variates: whose luck to look at, on which the game does not depend; None: nobody's.

    Raises:
        OutputError: the file cannot be written.
        ArenaError: a power without an agent, or a year or seed out of range.
    """
    game, result = play_game(seats, seed, until, variates)
    if keep is not None:
        players = {str(power): spec.name for power, spec in seats.items()}
        write_files(keep.parent, {keep.name: json.dumps(game.to_saved_game() | {"players": players}) + "\n"})
    return result


def play_game(
    seats: Mapping[Power, AgentSpec], seed: int, until: int, variates: Variates | None = None
) -> tuple[Game, GameResult]:
    """As `play_match`, with the game itself."""
    check_range("until", until, 1901, 9999)
    check_range("seed", seed, 0, 2**63 - 1)
    missing = [power for power in POWERS if power not in seats]
    if missing:
        raise ArenaError(f"seats: expected an agent for every power, got none for {', '.join(missing)}")
    game = Game(game_id=f"arena-{seed}")
    agents = {power: seated(seats[power], power, seed, EventLog()) for power in POWERS}
    luck = None if variates is None else Luck(variates, seed, until)
    seconds, movements = dict.fromkeys(POWERS, 0.0), dict.fromkeys(POWERS, 0)
    while not game.is_done and game.phase.year <= until:
        for power in game.alive:
            took = _act(game, power, agents[power])
            if game.phase.kind is PhaseKind.MOVEMENT:
                seconds[power] += took
                movements[power] += 1
        if luck is not None:
            luck.look(game, agents)
        record = game.process()
        for power, agent in agents.items():
            if isinstance(agent, Observer):
                agent.phase_resolved(record.seen_by(power))
    return game, game_result(game, seats, seed, until, movements, seconds, None if luck is None else luck.total)


def game_result(
    game: Game,
    seats: Mapping[Power, AgentSpec],
    seed: int,
    until: int,
    movements: Mapping[Power, int],
    seconds: Mapping[Power, float],
    variate: float | None = None,
) -> GameResult:
    """The result of a game that was played; arguments as the fields."""
    return GameResult(
        seed=seed,
        seats={power: str(seats[power]) for power in POWERS},
        until=until,
        last_phase=game.history[-1].phase,
        phases=len(game.history),
        winner=game.winner,
        centers={power: len(game.centers(power)) for power in POWERS},
        scores=game.scores(),
        movements=movements,
        seconds={power: round(spent, 6) for power, spent in seconds.items()},
        variate=variate,
    )


def check_range(name: str, value: int, least: int, most: int) -> None:
    """Returns if the value is in range.

    Raises:
        ArenaError: it is not; the text names the parameter.
    """
    if not least <= value <= most:
        raise ArenaError(f"{name}: expected {least} to {most}, got {value}")


def seated(spec: AgentSpec, power: Power, seed: int, events: EventLog) -> Agent:
    """The agent, built for a seat of the game with this seed and log."""
    return make_agent(spec.name, Seat(power, seed_of(seed, power), spec.config.in_game(seed), events))


def _act(game: Game, power: Power, agent: Agent) -> float:
    view = game.view(power)
    if isinstance(agent, Negotiator):
        agent.begin_phase(view)  # as it may rely on; it is not asked to speak
    start = time.perf_counter()
    orders = agent.act(view, power)
    took = time.perf_counter() - start
    game.set_orders(power, orders)
    return took


__all__ = ["ArenaError", "GameResult", "check_range", "game_result", "play_game", "play_match", "seated"]
