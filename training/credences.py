"""`python -m training credences`: how much each kind of word says about the orders that follow.

The dialogue-conditional policy ``τ(a)·exp(Σ_k w_k·f_k(a))`` of `cicero_lite.bench.words`, fitted to what people ordered
after they had talked: a convex problem with a weight for each kind of word, which Newton's method solves in a few
steps.  What comes out goes into the defaults of `dialogue.expectations.CredenceConfig`; other weights, as of another
reader's words, can be set by `agent.credence`.

With a language model, the weights β of its scores are fitted, too: alone, and beside the credences as they have come
out (`cicero_lite.bench.words.ScoreWeights`), on cases drawn at random, as scoring takes a second for each.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from rich.progress import track

from cicero_lite.bench.word_scores import load_scorer, scored
from cicero_lite.bench.words import (
    KINDS,
    Policies,
    ScoreWeights,
    WordCase,
    Words,
    compared,
    foretold,
    weights_of,
    word_cases,
)
from cicero_lite.config import AgentConfig
from dialogue.learned_reader import ReaderConfig
from dialogue.lm import LocalModel
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
    model: str = ""
    """Folder or hub name of a language model that knows intents, whose scores are weighed, too; empty: none."""
    scored: int = 300
    """Cases of each part that it scores, drawn at random."""
    seed: int = 0
    """Fixes which."""


def main(argv: Sequence[str]) -> int:
    """Fit as the command line says; flat, to be read from top to bottom."""
    config = parse_config(CredenceTraining, argv, "credences")
    source, scorer = load_source(config.policy), load_scorer(config.model) if config.model else None
    agent = AgentConfig(learned_reader=config.learned_reader, reader=ReaderConfig(config.least_confidence))
    parts: dict[Part, list[WordCase]] = {}
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
        gains = {f"{part}_gain": _gain(its, compared(weights)) for part, its in parts.items() if its}
        log.write({"step": step, "seconds": round(time.monotonic() - began, 1), **gains})
        print(f"step {step}: nats an order less than by the board alone: {gains}")
        change = newton_step(learnt, weights, before, config.prior)
        weights = weights + change
        if np.abs(change).max() < _ENOUGH:
            break
    counts = sum(((case.features != 0).any(axis=0) for case in learnt), np.zeros(len(KINDS), np.int64))
    seen = dict(zip(KINDS, counts.tolist(), strict=True))
    found = {kind: round(float(weight) / tilt, 3) for kind, weight in zip(KINDS, weights, strict=True)}
    told: dict[str, object] = {"credences": found, "cases": seen}
    print(f"{len(learnt)} cases, with words of each kind: {seen}\ncredences: {found}")
    if scorer is not None:
        some = {part: _scored(config, part, parts[part], scorer) for part in Part}
        fitted = score_weights(some[Part.TRAIN], weights, config.prior)
        told["scores"] = asdict(fitted)
        print(f"{config.scored} cases, scores: {fitted}")
        for part in (part for part in Part if some[part]):
            gains = {str(words): _gain(some[part], compared(weights, fitted), words) for words in Words}
            print(f"{part}: nats an order less than by the board alone: {gains}")
    (config.out / "credences.json").write_text(json.dumps(told, indent=1) + "\n")
    return 0


def _gain(cases: Sequence[WordCase], policies: Policies, words: Words = Words.ACTS) -> float:
    return foretold(cases, policies).words[words].gain.mean


def _scored(config: CredenceTraining, part: Part, cases: Sequence[WordCase], scorer: LocalModel) -> list[WordCase]:
    drawn = np.random.default_rng(config.seed).permutation(len(cases))[: config.scored]
    some = [cases[number] for number in sorted(drawn.tolist())]
    return list(track(scored(seated_games(config.data, part), some, scorer), f"{part}, scores", len(some)))


def score_weights(cases: Sequence[WordCase], acts: FloatArray, prior: float) -> ScoreWeights:
    """β alone, and beside acts of these weights ``[K]``, by maximum a posteriori."""

    def fitted(beside: FloatArray) -> float:
        some = [replace(c, log_anchor=c.log_policy(beside), features=c.scores[:, None]) for c in cases]
        weights = none = np.zeros(1)
        for _ in range(_STEPS):
            weights = weights + newton_step(some, weights, none, prior)
        return float(weights[0])

    return ScoreWeights(alone=fitted(np.zeros_like(acts)), beside_acts=fitted(acts))


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
