"""`python -m training credences`: how much each kind of word says about the orders that follow.

The dialogue-conditional policy ``τ(a)·exp(Σ_k w_k·f_k(a))`` of `cicero_lite.bench.words`, fitted to what people ordered
after they had talked: a convex problem with a weight for each kind of word, which Newton's method solves in a few
steps.  What comes out goes into the defaults of `dialogue.expectations.CredenceConfig`; other weights, as of another
reader's words, can be set by `agent.credence`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.progress import track

from cicero_lite.bench.words import KINDS, WordCase, foretold, weights_of, word_cases
from cicero_lite.config import AgentConfig
from dialogue.learned_reader import ReaderConfig
from planner.geometry import FloatArray
from planner.models import load_source
from training.data import Part, seated_games
from training.runs import SHARED_DATA, ExampleFileError, MetricsLog, parse_config, start_run

_STEPS = 20
"""Of Newton's method, at most."""
_ENOUGH = 1e-6
"""A step below which it has arrived, in nats."""


@dataclass(frozen=True)
class CredenceTraining:
    """Fit what each kind of word is worth."""

    out: Path = Path("runs/credences")
    """Folder of the run; the values land in its `credences.json`."""
    data: Path = SHARED_DATA
    """Folder of the public games."""
    policy: str = "network"
    """Anchor: `rules`, `network`, or the file of a policy network."""
    learned_reader: bool = False
    """Whether the talk is read by the learned reader in place of the rules."""
    least_confidence: float = AgentConfig().reader.least_confidence
    """How sure the learned reader has to be."""
    prior: float = 1.0
    """Standard deviation, in nats, of weights around the present ones before anything is seen."""


def main(argv: Sequence[str]) -> int:
    """Fit as the command line says; flat, to be read from top to bottom."""
    config = parse_config(CredenceTraining, argv, "credences")
    source = load_source(config.policy)
    agent = AgentConfig(learned_reader=config.learned_reader, reader=ReaderConfig(config.least_confidence))
    parts: dict[str, list[WordCase]] = {}
    for part in Part:
        played = track(list(seated_games(config.data, part)), str(part))
        parts[part] = list(word_cases(played, source, source.styles[0], agent.hears_by))
    learnt = parts[Part.TRAIN]
    if not learnt:
        raise ExampleFileError(f"expected public games with talk in {config.data}, got none")
    start_run(config.out, "credences", config, resume=False)
    log, tilt = MetricsLog(config.out), agent.search.tilt
    before = weights_of(agent.credence, tilt)
    weights, began = before, time.monotonic()
    for step in range(_STEPS):
        gains = {f"{part}_gain": foretold(its, weights).gain.mean for part, its in parts.items() if its}
        log.write({"step": step, "seconds": round(time.monotonic() - began, 1), **gains})
        print(f"step {step}: nats an order less than by the board alone: {gains}")
        change = newton_step(learnt, weights, before, config.prior)
        weights = weights + change
        if np.abs(change).max() < _ENOUGH:
            break
    counts = sum(((case.features != 0).any(axis=0) for case in learnt), np.zeros(len(KINDS), np.int64))
    seen = dict(zip(KINDS, counts.tolist(), strict=True))
    found = {kind: round(float(weight) / tilt, 3) for kind, weight in zip(KINDS, weights, strict=True)}
    (config.out / "credences.json").write_text(json.dumps({"credences": found, "cases": seen}, indent=1) + "\n")
    print(f"{len(learnt)} cases, with words of each kind: {seen}\ncredences: {found}")
    return 0


def newton_step(cases: Sequence[WordCase], weights: FloatArray, prior_mean: FloatArray, prior: float) -> FloatArray:
    """One step of Newton's method up the log-posterior, with a Gaussian prior; halved until it leads up."""
    slope = (prior_mean - weights) / prior**2
    bend = np.eye(len(weights)) / prior**2
    for case in cases:
        chances = np.exp(case.log_policy(weights))
        for unit, played in enumerate(case.played):
            rows = case.units == unit
            features, p = case.features[rows], chances[rows]
            mean = p @ features
            slope += case.features[played] - mean
            bend += features.T @ (p[:, None] * features) - np.outer(mean, mean)

    def posterior(tried: FloatArray) -> float:
        likelihood = sum(float(case.log_policy(tried)[case.played].sum()) for case in cases)
        return likelihood - float(np.square(tried - prior_mean).sum()) / (2 * prior**2)

    step, start = np.linalg.solve(bend, slope), posterior(weights)
    while posterior(weights + step) < start and np.abs(step).max() > _ENOUGH:
        step /= 2
    return np.asarray(step)
