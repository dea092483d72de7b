"""The speed of the parts that a plan asks most: values, rules with values, the policy network."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median

import numpy as np
import torch

from cicero_lite.bench.engine_batch import PartSpeed, gain
from engine._core import Batch, Position
from planner.policy_model import PolicyModel
from planner.rollout import Evaluator
from planner.search import SearchConfig, public_part

SAMPLES = 48
"""Actions of each power that the policy network draws in one go."""
_ROOM = 64
"""Orders of a position: no more units than centres."""


@dataclass(frozen=True)
class PolicySpeed:
    """The policy network on one thread, by its processor time; medians."""

    positions_per_s: float
    """Positions encoded, one by one."""
    samples_per_s: float
    """Joint orders of a power drawn, ``SAMPLES`` for each power together; encoding not counted."""
    judged_per_s: float
    """Joint orders of a power whose likelihood was told."""


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Torch with so many threads, and as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def positions_ahead(positions: Sequence[Position], count: int, seed: int) -> list[Position]:
    """``count`` positions one phase after these, random coherent orders played: what a search asks values of."""
    share = -(-count // len(positions))
    ahead: list[Position] = []
    for number, position in enumerate(positions):
        batch = Batch.repeat(position, share, threads=1)
        orders = np.full((share, _ROOM), -1, np.int32)
        batch.sample(seed + number, orders, coherent=True)
        batch.step(orders)
        ahead += [batch.position(row) for row in range(share)]
    return ahead[:count]


def measure_value(evaluator: Evaluator, positions: Sequence[Position], threads: int, repeats: int) -> PartSpeed:
    """Positions valued a second, retreats played out first, with one thread and with so many."""
    batch = Batch.of(positions, threads=1)
    return gain(
        lambda count: partial(evaluator.value.scores, batch, threads=count),
        threads,
        len(positions),
        repeats,
        time.thread_time,
    )


def measure_joint_actions(
    evaluator: Evaluator, config: SearchConfig, position: Position, count: int, threads: int, repeats: int
) -> PartSpeed:
    """Joint actions of a search's candidates scored a second: rules, retreats, value."""
    sets = public_part(position, config, evaluator).sets
    rng = np.random.default_rng(0)
    profiles = np.stack([rng.integers(len(s.actions), size=count) for s in sets], axis=1).astype(np.int32)
    actions = [s.actions for s in sets]

    def prepare(number: int) -> Callable[[], object]:
        evaluator.threads = number
        return partial(evaluator.scores, position, actions, profiles)

    return gain(prepare, threads, count, repeats, time.thread_time)


def measure_policy(model: PolicyModel, positions: Sequence[Position], repeats: int) -> PolicySpeed:
    """Times the network over these positions."""
    rng = np.random.default_rng(0)
    times: dict[str, list[float]] = {"encode": [], "sample": [], "judge": []}
    drawn = 0
    with torch_threads(1):
        for _ in range(repeats):
            for position in positions:
                began = time.thread_time()
                encoded = model.encode(position)
                middle = time.thread_time()
                actions = model.sample_all(encoded, SAMPLES, rng)
                late = time.thread_time()
                model.log_probs_all(encoded, actions)
                times["encode"].append(middle - began)
                times["sample"].append(late - middle)
                times["judge"].append(time.thread_time() - late)
                drawn = sum(map(len, actions))
    return PolicySpeed(1 / median(times["encode"]), drawn / median(times["sample"]), drawn / median(times["judge"]))
