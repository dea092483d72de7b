"""`python -m training distillation`: both networks learn from searched games, as in DiL-piKL self-play.

Each iteration *plays* games in which the planner's search, with the networks so far, decides for all powers
(`training.actors`); *fits* the policy network to what the search found, in the style of searchers, and the value
network to what it expected and what the games came to; and *measures* the networks, alone and in a search, against
those that the run began with.  People must stay predictable: in every other style the policy network is held to the
one that the run began with.  Also `accelerate launch -m training.distillation`, on several devices; with --ray the
games are played by a cluster.

Games are kept in the run's folder, one a file, so a run that was killed goes on as if it had not been.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator, DistributedDataParallelKwargs, InitProcessGroupKwargs
from accelerate.utils import set_seed
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from torch.utils.tensorboard import SummaryWriter

from cicero_lite.errors import CiceroLiteError
from cicero_lite.workers import Processes, RayTasks, Workers
from engine.mapfile import core_map
from engine.types import POWERS, EngineError
from planner.decisions import PolicyBatch
from planner.models import SHIPPED_POLICY
from planner.network import PolicyConfig, PolicyNetwork, load_network, save_network
from planner.policy_model import PolicyModel
from planner.prior import STYLES
from planner.value_network import ValueNetwork, ValueShape
from training.actors import ANCHOR, SEARCH, Acting, Networks, play_game, play_match
from training.checkpoints import load_checkpoint, save_checkpoint
from training.chunks import public_chunk
from training.data import Part
from training.examples import load_arrays, save_arrays, value_examples
from training.imitation import measure, optimiser_of
from training.runs import SHARED_DATA, MetricsLog, TrainingError, parse_config, start_run
from training.searched import SearchedGames, joined_games
from training.values import error_of_threat, fit_value, load_value_network, squared_error

_SEARCH_STYLE = STYLES.index(SEARCH)
_KEPT_STYLES = tuple(number for number in range(len(STYLES)) if number != _SEARCH_STYLE)
_MEASURED_DRAWS = 4
"""Actions a seat of the search policy by which held-out games are measured."""
_DIVERGENCE_POSITIONS, _DIVERGENCE_DRAWS = 64, 8
_PLAY, _POLICY_MATCH, _SEARCH_MATCH = range(3)
"""What seeds are for."""


@dataclass(frozen=True)
class Distillation(Acting):
    """Train the policy and the value network on games in which every phase is searched."""

    out: Path = Path("runs/distillation")
    """Folder of the run; the networks land in its `policy.safetensors` and `value.safetensors`."""
    policy: Path = SHIPPED_POLICY
    """Policy network to begin with, and to hold people's styles to."""
    value: str = ""
    """File of the value network to begin with; empty: a new one, which begins as the hand-made value."""
    iterations: int = 8
    """Times of playing, fitting and measuring."""
    games: int = 400
    """Games played an iteration; of each twenty one is held out."""
    window: int = 4
    """Iterations whose games are learnt from."""
    seed: int = 0
    """Seed of everything drawn."""
    resume: bool = False
    """Go on in --out where the run stopped."""
    workers: int = 2
    """Processes that play; 0: this one."""
    ray: bool = False
    """Play on a Ray cluster instead: the one that RAY_ADDRESS names, else one on this machine."""
    data: Path = SHARED_DATA
    """Folder of the public games, to measure on; without it people's orders are not measured."""
    epochs: int = 1
    """Passes of the policy network over the games an iteration."""
    batch: int = 64
    """Positions a step, on each device."""
    draws: int = 3
    """Actions of the search policy that a seat learns from when its position is visited."""
    learning_rate: float = 3e-4
    """Peak learning rate of an iteration."""
    weight_decay: float = 0.05
    """Of the matrices; biases and norms have none."""
    beta: float = 5.0
    """Weight of holding the other styles to what they were."""
    given_share: float = 0.5
    """Share of positions in which some powers' actions are given to the others, in the other styles."""
    precision: str = "no"
    """`bf16` (autocast: on GPUs, and processors with instructions for it) or `no`."""
    value_epochs: int = 3
    """Passes of the value network over the games an iteration; 0: it stays as it is."""
    value_batch: int = 2_048
    """Positions a step of the value network."""
    value_learning_rate: float = 1e-3
    """Its peak learning rate."""
    trace: float = 0.8
    """Share of what followed in the value's targets, phase by phase; the rest is what the search expected."""
    hazard: float = 0.2
    """Chance that a game ends with a year, in those targets."""
    policy_matches: int = 70
    """Games of the new policy without search, alone against six of the first one, an iteration."""
    search_matches: int = 14
    """The same of searches with the new and with the first networks."""
    threads: int = 0
    """Threads of torch; 0 leaves its default."""


def main(argv: Sequence[str]) -> int:
    """Train as the command line says; flat, to be read from top to bottom."""
    config = parse_config(Distillation, argv, "distillation")
    if config.threads:
        torch.set_num_threads(config.threads)
    accelerator = Accelerator(
        mixed_precision=config.precision,
        cpu=not torch.cuda.is_available(),
        # The others wait while the first process has games played.
        kwargs_handlers=[
            DistributedDataParallelKwargs(find_unused_parameters=True),
            InitProcessGroupKwargs(timeout=timedelta(days=1)),
        ],
    )
    if config.games < 2:
        raise TrainingError(f"--games: expected at least 2, one of which is held out, got {config.games}")
    leads = accelerator.is_main_process
    first_policy, first_value = config.out / "first-policy.safetensors", config.out / "first-value.safetensors"
    workers: Workers = RayTasks() if config.ray and leads else Processes(config.workers)
    if leads:
        known = config.resume and first_policy.exists() and first_value.exists()
        beginning = None if known else first_networks(config)  # a mistake in them leaves no folder behind
        start_run(config.out, "distillation", config, config.resume)
        if beginning is not None:
            save_network(beginning[0], first_policy)
            beginning[1].save(first_value, half=False)
    accelerator.wait_for_everyone()
    set_seed(config.seed)
    log = MetricsLog(config.out, config.resume or not leads)

    # The networks; the first ones stay as they are.
    start = core_map("standard").start()
    policy, value = load_network(first_policy), load_value_network(first_value, start)
    first = Networks.of(policy, value)
    kept = load_network(first_policy).to(accelerator.device).eval().requires_grad_(False)
    networks = {"policy": policy, "value": value}
    shapes: dict[str, PolicyConfig | ValueShape] = {"policy": policy.config, "value": value.shape}
    begin = load_checkpoint(config.out, networks, shapes) if config.resume else 0
    policy, value = policy.to(accelerator.device), value.to(accelerator.device)
    learner, value_learner = accelerator.prepare(Distiller(policy, kept, config.beta), value)
    people = public_chunk(config.data, Part.VALIDATION)
    board = SummaryWriter(str(config.out / "tensorboard"), purge_step=begin + 1) if leads else None
    if leads and not config.resume:
        log.write({"step": 0, **measure(policy, people, accelerator.device).means()})
    begun = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[shown]}"), TimeElapsedColumn())
    with Progress(*columns, disable=not leads) as progress:
        task = progress.add_task("distillation", total=config.iterations, completed=begin, shown="")
        for iteration in range(begin, config.iterations):
            # Play what is not there yet.
            now = Networks.of(policy, value)
            playing, played = time.monotonic(), 0
            if leads:
                work = partial(play_game, config, now, (config.seed, iteration, _PLAY))
                game_file(config, iteration, 0).parent.mkdir(exist_ok=True)
                missing = [n for n in range(config.games) if not game_file(config, iteration, n).exists()]
                for number, game in workers.run(work, missing):
                    save_arrays(game_file(config, iteration, number), game)
                    played += len(game)
                    progress.update(task, shown=f"playing, {played} positions")
            accelerator.wait_for_everyone()
            playing = time.monotonic() - playing

            # Fit.
            progress.update(task, shown="fitting")
            window = range(max(0, iteration - config.window + 1), iteration + 1)
            learnt = joined_games([load_games(config, i, held_out=False) for i in window])
            held_out = load_games(config, iteration, held_out=True)
            examined = held_out.chunk(held_out.searched, _MEASURED_DRAWS, _SEARCH_STYLE, np.random.default_rng(0))
            before = measure(policy, examined, accelerator.device).means("before")
            rng = np.random.default_rng([config.seed, iteration, accelerator.process_index])
            torch.manual_seed(config.seed * 1_000_003 + iteration)
            figures = fit_policy(accelerator, learner, policy, learnt, config, rng)
            if config.value_epochs:
                examples = value_examples(learnt, config.hazard, searched=learnt.values, trace=config.trace)
                settings = config.value_epochs, config.value_batch, config.value_learning_rate
                figures["value_loss"] = fit_value(accelerator, value_learner, examples, *settings)

            # Measure, keep.
            if leads:
                progress.update(task, shown="measuring")
                judged = value_examples(held_out, config.hazard, searched=held_out.values, trace=config.trace)
                metrics = {
                    "step": iteration + 1,
                    "seconds": round(time.monotonic() - begun, 1),
                    "playing_s": round(playing, 1),
                    "positions_per_second": round(played / playing, 1),
                    "positions": len(learnt.searched),
                    **figures,
                    **before,
                    **measure(policy, examined, accelerator.device).means(),
                    "divergence": divergence(kept, policy, held_out),
                    **measure(policy, people, accelerator.device).means(),
                    "value_error": squared_error(value, judged, accelerator.device),
                    "threat_error": error_of_threat(judged),
                }
                after, seed = Networks.of(policy, value), (config.seed, iteration)
                alone = partial(play_match, config, after, first, False, (*seed, _POLICY_MATCH))
                metrics |= match("policy_alone", workers, alone, config.policy_matches)
                alone = partial(play_match, config, after, first, True, (*seed, _SEARCH_MATCH))
                metrics |= match("search_alone", workers, alone, config.search_matches)
                save_network(policy, config.out / "policy.safetensors")
                value.save(config.out / "value.safetensors")
                save_checkpoint(config.out, networks, shapes, iteration + 1)
                log.write(metrics)
                progress.console.print({name: float(f"{figure:.4g}") for name, figure in metrics.items()})
                if board is not None:
                    for name, figure in metrics.items():
                        board.add_scalar(name, figure, iteration + 1)
                    board.flush()
            accelerator.wait_for_everyone()
            progress.update(task, advance=1)
    if board is not None:
        board.close()
    return 0


class Distiller(torch.nn.Module):
    """The policy network with its loss, as one module, so that accelerate can wrap the whole step."""

    def __init__(self, network: PolicyNetwork, kept: PolicyNetwork, beta: float) -> None:
        """Wrap a network.

        Args:
            network: learns.
            kept: does not; the other styles are held to it.
            beta: weight of that.
        """
        super().__init__()
        self.network, self.beta = network, beta
        self._kept = [kept]  # in a list, so that it is no part of the module: nothing of it is trained or synchronised

    def forward(self, lesson: PolicyBatch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The loss, and its two parts: cross-entropy of the search policy, and drift of the other styles.

        Drift is half the mean square of the difference in log-probability of an order.  For orders drawn from the
        kept network that is its KL divergence to second order (Schulman 2020, "Approximating KL divergence"); it is
        least where nothing changed, and so is its noise, whatever orders are looked at.
        """
        log_prob = self.network(lesson).log_prob
        with torch.no_grad():
            was = self._kept[0](lesson).log_prob
        taught = (lesson.seat[:, 2] == _SEARCH_STYLE)[lesson.slot_seat].float()
        search = -(log_prob * taught).sum() / taught.sum().clamp_min(1)
        drift = ((log_prob - was).square() * (1 - taught)).sum() / (2 * (1 - taught).sum().clamp_min(1))
        return search + self.beta * drift, search.detach(), drift.detach()


def fit_policy(
    accelerator: Accelerator,
    learner: torch.nn.Module,
    network: PolicyNetwork,
    games: SearchedGames,
    config: Distillation,
    rng: np.random.Generator,
) -> dict[str, float]:
    """Fits the policy network to games, with a learning rate that rises and falls once; the mean parts of the loss.

    Args:
        accelerator: it has prepared the learner.
        learner: the `Distiller` of the network.
        network: what is trained.
        games: with at least one phase that was searched.
        config: epochs and the like.
        rng: draws; devices have different ones.

    Raises:
        TrainingError: too few phases were searched.
    """
    optimiser = optimiser_of(network, config.learning_rate, config.weight_decay)
    devices, phases = accelerator.num_processes, games.searched
    size = min(config.batch, len(phases) // devices)
    if not size:
        raise TrainingError("expected games with searched phases, got none: lower --random-phases, or --until later")
    steps = config.epochs * (len(phases) // (size * devices))
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, config.learning_rate, total_steps=steps + 1)
    sums = torch.zeros(2, device=accelerator.device)
    learner.train()
    for _ in range(config.epochs):
        order = torch.randperm(len(phases)).numpy()  # the same on all devices
        for at in range(0, len(phases) - size * devices + 1, size * devices):
            rows = phases[order[at : at + size * devices][accelerator.process_index :: devices]]
            lesson = games.lesson(rows, config.draws, _SEARCH_STYLE, _KEPT_STYLES, config.given_share, rng)
            loss, search, drift = learner(lesson.to(accelerator.device))
            accelerator.backward(loss)
            accelerator.clip_grad_norm_(learner.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad()
            rates.step()
            sums += torch.stack([search, drift])
    search_loss, drift_loss = (sums / steps).tolist()
    return {"train_search_cross_entropy": search_loss, "train_drift": drift_loss}


def divergence(kept: PolicyNetwork, network: PolicyNetwork, games: SearchedGames) -> float:
    """KL(kept ‖ network) of whole actions of people, in nats, from draws in some of the positions of the games."""
    spread = np.linspace(0, len(games) - 1, min(_DIVERGENCE_POSITIONS, len(games)), dtype=np.int64)
    positions = [games.positions[row] for row in np.unique(spread)]
    training = network.training
    old, new = (PolicyModel(n, str(next(n.parameters()).device)) for n in (kept, network))
    rng, differences = np.random.default_rng(0), []
    for was, now in zip(old.encode_batch(positions), new.encode_batch(positions), strict=True):
        drawn = old.sample_all(was, _DIVERGENCE_DRAWS, rng, ANCHOR)
        likely, likely_now = old.log_probs_all(was, drawn, [ANCHOR]), new.log_probs_all(now, drawn, [ANCHOR])
        differences += [
            float((likely[power] - likely_now[power]).mean()) for power in range(len(POWERS)) if any(drawn[power])
        ]
    network.train(training)
    return float(np.mean(differences))


def match(name: str, workers: Workers, play: Callable[[int], float], games: int) -> Mapping[str, float]:
    """Mean score of so many games, and its standard error; nothing, if none are wanted."""
    scores = np.array([score for _, score in sorted(workers.run(play, range(games)))])
    if len(scores) < 2:
        return {name: float(scores.mean())} if len(scores) else {}
    return {name: float(scores.mean()), f"{name}_error": float(scores.std(ddof=1) / np.sqrt(len(scores)))}


def first_networks(config: Distillation) -> tuple[PolicyNetwork, ValueNetwork]:
    """The networks that a new run begins with.

    Raises:
        NetworkFileError: a file holds no such network.
        TrainingError: the policy network has other styles than those of today.
    """
    network = load_network(config.policy)
    if network.config.styles != STYLES:
        raise TrainingError(
            f"expected a policy network of the styles {', '.join(STYLES)} in {config.policy}, got one of "
            f"{', '.join(network.config.styles)}: make one with `python -m training imitation`"
        )
    # Without dropout: games are fresh, and with it the other styles would seem to drift all the time.
    policy = PolicyNetwork(replace(network.config, dropout=0.0))
    policy.load_state_dict(network.state_dict())
    start = core_map("standard").start()
    torch.manual_seed(config.seed)
    return policy, load_value_network(Path(config.value), start) if config.value else ValueNetwork(start)


def game_file(config: Distillation, iteration: int, number: int) -> Path:
    """Where a game is kept."""
    return config.out / f"games-{iteration:03}" / f"{number:05}.npz"


def load_games(config: Distillation, iteration: int, held_out: bool) -> SearchedGames:
    """Games of an iteration: those to learn from, or the last twentieth, from which nobody ever learns.

    Raises:
        ExampleFileError: a file is damaged.
    """
    first_held_out = config.games - max(1, config.games // 20)
    numbers = range(first_held_out, config.games) if held_out else range(first_held_out)
    return joined_games([load_arrays(SearchedGames, game_file(config, iteration, number)) for number in numbers])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (TrainingError, CiceroLiteError, EngineError) as problem:
        print(problem, file=sys.stderr)
        sys.exit(2)
