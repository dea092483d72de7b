"""`python -m training acquaintance`: how players met in earlier games order, for when they are met again.

The style of the table (`planner.adaptation`) learns during a game, from nothing.  Here its weights are learnt from
whole games, such as ``cicero-lite arena one-v-six --keep`` writes; a search starts from them with
``search.acquaintance``.  Only what was seen at the table is used: positions and orders, nothing of how the players
think.  The shipped networks stay as they are.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from rich.progress import track

from engine.saved import seated_games
from engine.types import POWERS
from planner.adaptation import own_head, save_acquaintance, with_own_head
from planner.geometry import FloatArray
from planner.models import SHIPPED_POLICY
from planner.network import PolicyNetwork, load_network
from training.chunks import NO_STYLE, Chunk, chunk_of
from training.imitation import lesson_of
from training.runs import ExampleFileError, MetricsLog, parse_config, start_run

_TABLE = 0
"""Number of the one style that is learnt."""


@dataclass(frozen=True)
class AcquaintanceTraining:
    """Learn how some players order from games that they have played."""

    games: Path = Path("runs/met")
    """Folder of `.jsonl` files with a game a line, each with its `players`."""
    player: str = ""
    """Name of the players to learn, as the games have it; empty: all at the table."""
    out: Path = Path("runs/acquaintance")
    """Folder of the run; what is learnt lands in its `acquaintance.safetensors`."""
    policy: Path = SHIPPED_POLICY
    """The policy network that it belongs to."""
    limit: int = 1_000_000
    """Games to learn from at most, the first ones by the names of their files; a seventh more is for validation."""
    epochs: int = 12
    """Passes over the games at most; the best one by validation is kept."""
    batch: int = 32
    """Positions a step."""
    learning_rate: float = 1e-3
    """Peak learning rate; falls to nothing as half a cosine."""
    smoothing: float = 0.02
    """Label smoothing, over a unit's legal orders."""
    seed: int = 0
    """Order of the positions."""
    threads: int = 0
    """Threads of torch; 0 leaves its default."""


def main(argv: Sequence[str]) -> int:
    """Train as the command line says; flat, to be read from top to bottom."""
    config = parse_config(AcquaintanceTraining, argv, "acquaintance")
    if config.threads:
        torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    base = load_network(config.policy)
    games, others, learnt, held_out = met(config)
    start_run(config.out, "acquaintance", config, resume=False)
    log = MetricsLog(config.out)
    network, rng = with_own_head(base), np.random.default_rng(config.seed)
    adam = torch.optim.Adam(own_head(network), config.learning_rate)
    print(f"{len(learnt)} positions of {games} games, {len(held_out)} of {others} games to validate")
    began, best = time.monotonic(), math.inf
    for epoch in range(config.epochs + 1):
        # Before anything is learnt, too: what a stranger would expect.
        measured = cross_entropy(network, held_out, config.batch)
        metrics = {"step": epoch, "seconds": round(time.monotonic() - began, 1), "cross_entropy": measured}
        log.write(metrics)
        print(metrics)
        if measured < best:
            best = measured
            save_acquaintance(network, base, config.out / "acquaintance.safetensors")
        if epoch == config.epochs:
            break
        for group in adam.param_groups:
            group["lr"] = config.learning_rate * 0.5 * (1 + math.cos(math.pi * epoch / config.epochs))
        numbers = rng.permutation(len(learnt))
        for start in track(range(0, len(numbers), config.batch), f"epoch {epoch + 1}", transient=True):
            lesson = lesson_of(learnt.part(numbers[start : start + config.batch]))
            if not len(lesson.chosen):
                continue
            with torch.no_grad():
                encoding = network.encode(lesson.places, lesson.board)
            judged = network.judge(encoding, lesson)
            target = (1 - config.smoothing) * judged.log_prob + config.smoothing * judged.mean_log_prob
            adam.zero_grad()
            torch.autograd.backward(-target.mean())
            adam.step()
    print(f"the acquaintance is in {config.out / 'acquaintance.safetensors'}, cross-entropy {best:.3f} an order")
    return 0


def met(config: AcquaintanceTraining) -> tuple[int, int, Chunk, Chunk]:
    """Numbers of games to learn from and to validate with, and their positions.

    Raises:
        ExampleFileError: no games, or none with such a player.
        GameFileError: a line holds no game.
    """
    games = []
    for path in sorted(config.games.glob("*.jsonl")):
        for seated in seated_games(path):
            players = seated.players
            seats = [_TABLE if players.get(p) == (config.player or players.get(p)) else NO_STYLE for p in POWERS]
            if max(seats) != NO_STYLE:
                games.append([(record.position, record.played.codes, seats) for record in seated.game.history])
    if len(games) < 2:
        who = f" with a player {config.player!r}" if config.player else ""
        raise ExampleFileError(
            f"expected at least two games{who} in the .jsonl files of {config.games}, got {len(games)}: "
            "cicero-lite arena one-v-six --keep writes some"
        )
    validating = max(1, len(games) // 7)
    first, last = games[: min(len(games) - validating, config.limit)], games[-validating:]
    return len(first), len(last), chunk_of(list(chain(*first))), chunk_of(list(chain(*last)))


def cross_entropy(network: PolicyNetwork, chunk: Chunk, batch: int) -> float:
    """Mean −log probability of an order in movement, retreat and adjustment phases."""
    found: list[FloatArray] = []
    with torch.inference_mode():
        for start in range(0, len(chunk), batch):
            lesson = lesson_of(chunk.part(range(start, min(start + batch, len(chunk)))))
            if len(lesson.chosen):
                found.append(network(lesson).log_prob.double().numpy())
    return -float(np.concatenate(found).mean())
