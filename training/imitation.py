"""`python -m training imitation`: the policy network, taught by people's games and by players of rules.

People's orders are few, so most of a batch comes from teachers that play as many games as wanted; the style token
tells the network whom it imitates.  Also `accelerate launch -m training.imitation`, on several devices; on a GPU
with more of --width, --layers, --batch and --pool.

Between two evaluations lies a leg: in each the teachers begin anew from the seed and the leg's number, in a run that
was not interrupted too.  So a resumed run, which goes on with the leg after its checkpoint, sees what the other one
would have seen.
"""

from __future__ import annotations

import json
import math
import pickle
import shutil
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator, DistributedDataParallelKwargs
from accelerate.utils import broadcast, set_seed
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch.utils.tensorboard import SummaryWriter

from engine._core import Batch
from engine.types import EngineError
from planner.decisions import PolicyBatch, policy_batch
from planner.geometry import BoolArray, FloatArray
from planner.network import PolicyConfig, PolicyNetwork, save_network
from planner.prior import STYLES
from planner.slots import choices, slots_of
from training.chunks import NO_STYLE, Chunk, FastTeachers, Mixture, Pool, Teachers, public_chunk
from training.data import Part
from training.runs import SHARED_DATA, CheckpointError, MetricsLog, TrainingError, parse_config, start_run


@dataclass(frozen=True)
class ImitationTraining:
    """Train the policy network to imitate people and teachers."""

    out: Path = Path("runs/imitation")
    """Folder of the run; the trained network lands in its `policy.safetensors`."""
    minutes: float = 30.0
    """Training time, evaluations not counted; the learning rate falls to its end with it."""
    steps: int = 1_000_000
    """Ends the run earlier, after so many steps."""
    seed: int = 0
    """Seed of everything drawn."""
    resume: bool = False
    """Go on from the last checkpoint in --out."""
    data: Path = SHARED_DATA
    """Folder of the public games; without it the network learns from teachers only."""
    public_share: float = 0.3
    """Share of a batch's positions that come from public games."""
    teachers: bool = True
    """Whether players of rules teach too."""
    value: str = ""
    """File of the value network that teachers search with; empty: the hand-made value."""
    workers: int = 1
    """Processes in which the teachers play; 0: this one, which then waits for them."""
    pool: int = 4_096
    """Positions of teachers that wait to be drawn."""
    repeats: int = 4
    """Batches in which a position of theirs is used."""
    batch: int = 64
    """Positions a step, on each device."""
    width: int = 96
    """Width of the network."""
    layers: int = 4
    """Layers of its encoder."""
    heads: int = 4
    """Attention heads."""
    dropout: float = 0.1
    """Share of values dropped."""
    smoothing: float = 0.02
    """Label smoothing, over a unit's legal orders."""
    given_share: float = 0.5
    """Share of positions in which some powers' actions are given to the others."""
    learning_rate: float = 1e-3
    """Peak learning rate, reached after --warmup steps."""
    warmup: int = 200
    """Steps of rising learning rate."""
    weight_decay: float = 0.05
    """Of the matrices; biases and norms have none."""
    evaluate_minutes: float = 5.0
    """Between evaluations, each with a checkpoint."""
    evaluate_steps: int = 1_000_000
    """The same in steps, whichever comes first."""
    threads: int = 0
    """Threads of torch; 0 leaves its default."""
    precision: str = "no"
    """`bf16` (autocast: on GPUs, and processors with instructions for it) or `no`."""


def main(argv: Sequence[str], teachers: Teachers | None = None) -> int:
    """Train as the command line says; flat, to be read from top to bottom.

    Args:
        teachers: who teaches, in place of searching players.
    """
    config = parse_config(ImitationTraining, argv, "imitation")
    if config.threads:
        torch.set_num_threads(config.threads)
    accelerator = Accelerator(
        mixed_precision=config.precision,
        cpu=not torch.cuda.is_available(),
        kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
    )
    leads = accelerator.is_main_process
    if leads:
        start_run(config.out, "imitation", config, config.resume)
    accelerator.wait_for_everyone()
    set_seed(config.seed, device_specific=False)
    log = MetricsLog(config.out, config.resume or not leads)

    # What to learn from, and what to measure on.
    public = public_chunk(config.data, Part.TRAIN)
    held_out = public_chunk(config.data, Part.VALIDATION)
    if teachers is None and config.teachers:
        teachers = FastTeachers(config.workers, config.value)
    if teachers is None and not len(public):
        raise TrainingError(f"expected public games in {config.data} or --teachers, got neither: nothing to learn from")

    # The network and its optimiser.
    shape = PolicyConfig(width=config.width, layers=config.layers, heads=config.heads, dropout=config.dropout)
    network = PolicyNetwork(shape)
    optimiser = optimiser_of(network, config.learning_rate, config.weight_decay)
    learner, optimiser = accelerator.prepare(Learner(network, config.smoothing), optimiser)
    progress, pool = Reached(), None
    if config.resume:
        progress, pool = load_checkpoint(accelerator, config.out, shape)
    # After the checkpoint, which brings random states of its own, every device goes its own way.
    step, seconds, leg, best = progress.step, progress.seconds, progress.leg, progress.best
    board = SummaryWriter(str(config.out / "tensorboard"), purge_step=step + 1) if leads else None
    if leads:
        print(
            f"{sum(p.numel() for p in network.parameters()) / 1e6:.2f} M parameters, {len(public)} positions of "
            f"public games, {len(held_out)} to validate, teachers: {teachers}"
        )

    # The loop, leg by leg.
    with Progress(TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), disable=not leads) as bar:
        task = bar.add_task("training", total=1.0)
        while (done := max(step / config.steps, seconds / (60 * config.minutes))) < 1:
            rng = np.random.default_rng([config.seed, leg, accelerator.process_index])
            with closing(teacher_chunks(teachers, int(rng.integers(1 << 62)))) as played:
                source = None if teachers is None else played
                share, size, repeats = config.public_share, config.pool, config.repeats
                batches = Mixture(public, source, config.batch, share, size, repeats, rng, pool)
                tally, positions, waited = Tally(), 0, 0.0
                before: tuple[PolicyBatch, torch.Tensor, torch.Tensor] | None = None
                leg_step, leg_seconds, began = step, seconds, time.monotonic() - seconds
                ends = False
                while not ends:
                    rate = learning_rate(step, done, config)
                    for group in optimiser.param_groups:
                        group["lr"] = rate
                    asked = time.monotonic()
                    chunk = next(batches)
                    waited += time.monotonic() - asked
                    given = rng.random((len(chunk), 7)) < rng.random((len(chunk), 1))
                    given &= rng.random((len(chunk), 1)) < config.given_share
                    lesson = lesson_of(chunk, given).to(accelerator.device)
                    if len(lesson.chosen):
                        loss, log_prob, is_best = learner(lesson)
                        accelerator.backward(loss)
                        accelerator.clip_grad_norm_(learner.parameters(), 1.0)
                        optimiser.step()
                        optimiser.zero_grad()
                        # The figures of the step before, so that nobody waits for a GPU that is at work.
                        if before is not None:
                            tally.add(*before)
                        before = lesson, log_prob, is_best
                    step += 1
                    positions += len(chunk)
                    seconds = time.monotonic() - began
                    if accelerator.num_processes > 1:  # all must stop together
                        seconds = float(broadcast(torch.tensor(seconds, device=accelerator.device)))
                    done = max(step / config.steps, seconds / (60 * config.minutes))
                    bar.update(task, completed=done, description=f"step {step} loss {tally.recent():.3f}")
                    ends = done >= 1 or step - leg_step >= config.evaluate_steps
                    ends = ends or seconds - leg_seconds >= 60 * config.evaluate_minutes

                if before is not None:
                    tally.add(*before)
                pool = batches.pool()

            # Time spent on evaluating is not training time.
            leg += 1
            if leads:
                measured = evaluate(network, held_out, config.seed, accelerator.device)
                metrics = {
                    "step": step,
                    "seconds": round(seconds, 1),
                    "positions_per_second": round(positions / max(seconds - leg_seconds, 1e-9), 1),
                    "waiting": round(waited / max(seconds - leg_seconds, 1e-9), 3),
                    "learning_rate": rate,
                    **tally.means("train"),
                    **measured,
                }
                log.write(metrics)
                bar.console.print({name: float(f"{value:.4g}") for name, value in metrics.items()})
                if board is not None:
                    for name, value in metrics.items():
                        board.add_scalar(name, value, step)
                    board.flush()
                # People are what it must predict; without their games the latest network is the best.
                score = measured.get("human_cross_entropy", -math.inf)
                if score <= best:
                    best = score
                    save_network(network, config.out / "policy.safetensors")
            save_checkpoint(accelerator, config.out, Reached(step, seconds, leg, best), shape, pool)
    if board is not None:
        board.close()
        print(f"the network is in {config.out / 'policy.safetensors'}")
    return 0


@dataclass(frozen=True)
class Reached:
    """How far a run has come."""

    step: int = 0
    seconds: float = 0.0
    leg: int = 0
    """Legs that are done: the data position."""
    best: float = math.inf
    """Least cross-entropy on people's held-out orders so far."""


class Learner(torch.nn.Module):
    """The network with its loss, as one module, so that accelerate can wrap the whole step."""

    def __init__(self, network: PolicyNetwork, smoothing: float) -> None:
        """Wrap a policy network."""
        super().__init__()
        self.network = network
        self.smoothing = smoothing

    def forward(self, lesson: PolicyBatch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The loss, and of each slot the log-probability of its order and whether it is the likeliest."""
        judged = self.network(lesson)
        target = (1 - self.smoothing) * judged.log_prob + self.smoothing * judged.mean_log_prob
        return -target.mean(), judged.log_prob.detach(), judged.is_best


def optimiser_of(network: PolicyNetwork, learning_rate: float, weight_decay: float) -> torch.optim.AdamW:
    """AdamW that shrinks matrices only: biases and norms are left alone."""
    matrices = [p for p in network.parameters() if p.ndim > 1]
    vectors = [p for p in network.parameters() if p.ndim == 1]
    return torch.optim.AdamW(
        [{"params": matrices, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}],
        lr=learning_rate,
        betas=(0.9, 0.98),
        fused=True,
    )


def lesson_of(chunk: Chunk, given: BoolArray | None = None) -> PolicyBatch:
    """A chunk as the network takes it; ``given`` ``[N, 7]`` are the powers whose actions the others know."""
    slots = slots_of(Batch.of(list(chunk.positions), 1))
    return policy_batch(slots, choices(slots, chunk.codes), chunk.styles, given)


def teacher_chunks(teachers: Teachers | None, seed: int) -> Generator[Chunk, None, None]:
    """The teachers' chunks as a generator, which can be closed."""
    if teachers is not None:
        yield from teachers.chunks(seed)


def learning_rate(step: int, done: float, config: ImitationTraining) -> float:
    """A linear rise, then half a cosine down to a twentieth of the peak; `done` is the share of the run."""
    rise = min(1.0, (step + 1) / config.warmup)
    return config.learning_rate * rise * (0.525 + 0.475 * math.cos(math.pi * min(done, 1.0)))


class Tally:
    """Sums of what was measured, per style."""

    def __init__(self) -> None:
        self._sums: FloatArray = np.zeros((5, len(STYLES)))
        self._last: list[float] = []

    def add(self, lesson: PolicyBatch, log_prob: torch.Tensor, is_best: torch.Tensor) -> None:
        """Count the slots of one batch: log-probability ``[S]`` of what was chosen, whether it was likeliest."""
        slot_seat, style = lesson.slot_seat.cpu().numpy(), lesson.seat[:, 2].cpu().numpy()
        logs, hits = log_prob.double().cpu().numpy(), is_best.cpu().numpy()
        of_slot = style[slot_seat]
        misses = np.bincount(slot_seat, ~hits, len(style))
        self._sums += [
            np.bincount(of_slot, minlength=len(STYLES)),
            np.bincount(of_slot, logs, len(STYLES)),
            np.bincount(of_slot, hits, len(STYLES)),
            np.bincount(style, minlength=len(STYLES)),
            np.bincount(style, misses == 0, len(STYLES)),
        ]
        self._last = [*self._last[-19:], -float(logs.mean())]

    def recent(self) -> float:
        """Mean cross-entropy of the last batches."""
        return float(np.mean(self._last)) if self._last else math.nan

    def means(self, prefix: str = "") -> dict[str, float]:
        """Per style that occurred: cross-entropy and accuracy per unit's order, and accuracy of whole actions.

        An order counts as right if it is the likeliest when the earlier orders of the action are known; an action
        whose orders all are is the one that the network gives greedily.
        """
        found = {}
        for style, (slots, logs, hits, seats, whole) in zip(STYLES, self._sums.T, strict=True):
            if slots:
                name = f"{prefix}_{style}" if prefix else style
                found[f"{name}_cross_entropy"] = float(-logs / slots)
                found[f"{name}_order_accuracy"] = float(hits / slots)
                found[f"{name}_action_accuracy"] = float(whole / seats)
        return found


def evaluate(network: PolicyNetwork, held_out: Chunk, seed: int, device: torch.device) -> dict[str, float]:
    """Held-out games, per style; `informed` where a seat knows the actions of half the other powers."""
    given = np.random.default_rng(seed).random(held_out.styles.shape) < 0.5
    asking = Chunk(held_out.positions, held_out.codes, np.where(given, np.int8(NO_STYLE), held_out.styles))
    plain, informed = measure(network, held_out, device), measure(network, asking, device, given)
    return {**plain.means(), **informed.means("informed")}


def measure(network: PolicyNetwork, chunk: Chunk, device: torch.device, given: BoolArray | None = None) -> Tally:
    """How well a network predicts a chunk; ``given`` ``[N, 7]`` are the powers whose actions the others know."""
    tally, training = Tally(), network.training
    network.eval()
    with torch.inference_mode():
        for begin in range(0, len(chunk), 64):
            rows = np.arange(begin, min(begin + 64, len(chunk)))
            lesson = lesson_of(chunk.part(rows), None if given is None else given[rows]).to(device)
            if len(lesson.chosen):
                judged = network(lesson)
                tally.add(lesson, judged.log_prob, judged.is_best)
    network.train(training)
    return tally


def save_checkpoint(
    accelerator: Accelerator, out: Path, reached: Reached, shape: PolicyConfig, pool: Pool | None
) -> None:
    """All that `--resume` needs; replaces the one before only once it is complete."""
    fresh = out / "checkpoint.new"
    accelerator.save_state(str(fresh))
    (fresh / f"pool_{accelerator.process_index}.pkl").write_bytes(pickle.dumps(pool))
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        progress: dict[str, Any] = {**asdict(reached), "shape": asdict(shape)}
        (fresh / "progress.json").write_text(json.dumps(progress))
        shutil.rmtree(out / "checkpoint", ignore_errors=True)
        fresh.rename(out / "checkpoint")
    accelerator.wait_for_everyone()


def load_checkpoint(accelerator: Accelerator, out: Path, shape: PolicyConfig) -> tuple[Reached, Pool | None]:
    """How far the last checkpoint had come, and what the teachers had in store; its state is loaded.

    The very start if there was none yet.

    Raises:
        CheckpointError: it is damaged, or of a network of another shape.
    """
    folder = out / "checkpoint"
    if not folder.exists():
        return Reached(), None
    cure = "give the settings of the run in its run.json, or start a new run with another --out"
    try:
        progress = json.loads((folder / "progress.json").read_text())
        stored = progress.pop("shape")
        reached = Reached(**progress)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"expected a checkpoint in {folder}, got a broken progress.json ({error!r}); {cure}"
        ) from None
    wanted = json.loads(json.dumps(asdict(shape)))
    different = [
        f"{name} {stored.get(name)!r}, not {value!r}" for name, value in wanted.items() if stored.get(name) != value
    ]
    if different:
        raise CheckpointError(
            f"expected the same network as in {folder}, got another: it has {', '.join(different)}; {cure}"
        )
    try:
        pool: Pool | None = pickle.loads((folder / f"pool_{accelerator.process_index}.pkl").read_bytes())
        accelerator.load_state(str(folder))
    except Exception as error:  # each of the stored files raises errors of its own
        problem = (str(error).splitlines() or [repr(error)])[0]
        raise CheckpointError(f"expected a complete checkpoint in {folder}, got {problem}; {cure}") from None
    return reached, pool


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (TrainingError, EngineError) as problem:
        print(problem, file=sys.stderr)
        sys.exit(2)
