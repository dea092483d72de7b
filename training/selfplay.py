"""`python -m training selfplay`: the value network, from games that fast players play with it.

Each iteration plays games (the first with the hand-made value, the following with the network so far), fits the
network to what the games of the last iterations came to, and lets it play alone against six players with the
hand-made value, and the other way round: a network is worth what it is worth in play.  The players are those of
`planner/src/games.hpp`: every power's local search against what the others will probably play, policies λ-soft.  Each
draws its λ, so that strong ones meet weak ones and somebody wins now and then; some play at random.

An iteration's games are kept in the run's folder, so a run that was killed goes on as if it had not been.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from torch.utils.tensorboard import SummaryWriter

from engine._core import Position
from engine.mapfile import core_map
from engine.types import EngineError
from planner import _planner
from planner.value_network import ValueNetwork, ValueShape
from planner.values import Value, threat_value
from training.checkpoints import load_checkpoint, save_checkpoint
from training.examples import ValueExamples, fast_players, value_examples
from training.runs import MetricsLog, TrainingError, parse_config, start_run
from training.values import error_of_threat, fit_value, joined_examples, squared_error

_MATCH_UNTIL = 1912
"""Last year of the games that measure a network."""


@dataclass(frozen=True)
class SelfPlay:
    """Train the value network by self-play."""

    out: Path = Path("runs/selfplay")
    """Folder of the run; the network lands in its `value.safetensors`."""
    iterations: int = 6
    """Times of playing, fitting and measuring."""
    games: int = 1_500
    """Games played an iteration."""
    window: int = 4
    """Iterations whose games are learnt from."""
    epochs: int = 3
    """Passes over them an iteration."""
    seed: int = 0
    """Seed of everything drawn."""
    resume: bool = False
    """Go on in --out where the run stopped."""
    until: int = 1920
    """Last year of a game."""
    generations: int = 2
    """Of changed actions in each of a player's two rounds of search."""
    changes: int = 12
    """Changed actions of a generation."""
    samples: int = 6
    """Joint actions of the others that each is tried against."""
    lambda_: float = 0.002
    """λ of the players' policies, as a part of the stakes."""
    lambda_spread: float = 100.0
    """Each player's λ is up to so many times that, log-uniformly."""
    noise: float = 0.05
    """Chance that a player plays any of the actions it kept."""
    random_phases: int = 4
    """So many first movement phases, at most, are played at random."""
    random: float = 0.05
    """Share of seats that play at random."""
    hazard: float = 0.2
    """Chance that a game ends with a year, in the targets."""
    width: int = 64
    """Width of the network's first layer."""
    hidden: int = 32
    """Width of its second."""
    correction: float = 0.5
    """Share of the network's correction of the hand-made value that the saved one has: outcomes are noisy, and players
    who are not like ourselves are met, too."""
    batch: int = 2_048
    """Positions a step."""
    learning_rate: float = 3e-3
    """Peak learning rate of an iteration."""
    matches: int = 70
    """Games to 1912 against six players with the hand-made value, and as many the other way round, an iteration."""
    threads: int = 0
    """Threads of games and torch; 0: all."""


def main(argv: Sequence[str]) -> int:
    """Train as the command line says; flat, to be read from top to bottom."""
    config = parse_config(SelfPlay, argv, "selfplay")
    start_run(config.out, "selfplay", config, config.resume)
    if config.threads:
        torch.set_num_threads(config.threads)
    set_seed(config.seed)
    accelerator = Accelerator()
    log, board = MetricsLog(config.out, config.resume), SummaryWriter(str(config.out / "tensorboard"))
    start = core_map("standard").start()
    network = ValueNetwork(start, ValueShape(config.width, config.hidden)).to(accelerator.device)
    networks, shapes = {"value": network}, {"value": network.shape}
    first = load_checkpoint(config.out, networks, shapes) if config.resume else 0
    model = accelerator.prepare(network)
    begun = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[shown]}"), TimeElapsedColumn())
    with Progress(*columns, disable=not accelerator.is_main_process) as progress:
        task = progress.add_task("selfplay", total=config.iterations, completed=first, shown="")
        for iteration in range(first, config.iterations):
            seed = config.seed * 1_000_003 + iteration

            # Play.
            progress.update(task, shown="playing")
            value = network.core() if iteration else threat_value()
            kept = config.out / f"games-{iteration:03}.npz"
            playing = time.monotonic()
            if not kept.exists():
                value_examples(play(config, start, value, seed), config.hazard, config.threads).save(kept)
            playing = time.monotonic() - playing
            oldest = max(0, iteration - config.window + 1)
            window = [ValueExamples.load(config.out / f"games-{i:03}.npz") for i in range(oldest, iteration + 1)]

            # Fit; the last twentieth of the newest games is held back.
            progress.update(task, shown="fitting")
            torch.manual_seed(seed)
            newest, last = window[-1], int(window[-1].games.max())
            held = newest.games > last - max(1, last // 20)
            learnt = joined_examples([*window[:-1], newest.part(~held)])
            loss = fit_value(accelerator, model, learnt, config.epochs, config.batch, config.learning_rate)

            # Measure, keep.
            progress.update(task, shown="measuring")
            network.save(config.out / "value.safetensors", correction=config.correction)
            held_out = newest.part(held)
            metrics = {
                "step": iteration + 1,
                "seconds": round(time.monotonic() - begun, 1),
                "playing_s": round(playing, 1),
                "positions": len(learnt),
                "loss": loss,
                "error_held_out": squared_error(network, held_out, accelerator.device),
                "error_of_threat": error_of_threat(held_out),
                "alone_against_threat": match(config, start, network.core(), threat_value(), seed),
                "threat_alone_against": match(config, start, threat_value(), network.core(), seed),
            }
            save_checkpoint(config.out, networks, shapes, iteration + 1)
            log.write(metrics)
            for name, number in metrics.items():
                board.add_scalar(name, number, iteration + 1)
            shown = f"alone {metrics['alone_against_threat']:.3f}, threat alone {metrics['threat_alone_against']:.3f}"
            errors = f"error {metrics['error_held_out']:.5f} (threat value {metrics['error_of_threat']:.5f})"
            progress.console.print(f"iteration {iteration + 1}: {errors}, {shown}")
            progress.update(task, advance=1, shown=shown)
    board.close()
    return 0


def play(config: SelfPlay, start: Position, value: Value, seed: int) -> _planner.GameRecords:
    """The games of one iteration."""
    games = players(config)
    games.until, games.noise, games.random_phases = config.until, config.noise, config.random_phases
    games.styles, games.lambda_spread = [1.0 - config.random, 0.0, 0.0, config.random], config.lambda_spread
    return _planner.play_games(start, config.games, value, games, seed, threads=config.threads)


def players(config: SelfPlay) -> _planner.GamesConfig:
    """The fast players' settings."""
    return fast_players(config.generations, config.changes, config.samples, config.lambda_)


def match(config: SelfPlay, start: Position, one: Value, six: Value, seed: int) -> float:
    """Mean sum-of-squares score of a player with one value against six with another; parity is 1/7."""
    if not config.matches:
        return float("nan")
    games = players(config)
    games.until, games.seats = min(config.until, _MATCH_UNTIL), [0, 1, 1, 1, 1, 1, 1]
    records = _planner.play_games(start, config.matches, one, games, seed, rival=six, threads=config.threads)
    scores = _planner.final_scores(records.ends)
    return float(scores[records.styles == 0].mean())


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (TrainingError, EngineError) as problem:
        print(problem, file=sys.stderr)
        sys.exit(2)
