"""`python -m training lies`: how likely a message is a lie, from messages that their senders judged.

One model for each `dialogue.lies.Basis`.  Everything that is chosen is chosen by games that a model has not seen: each
game of the train part is judged by what the others taught; from these chances come the weights by which a message's
score and those before it count, and the threshold from which on a message is called a lie.  The shipped models learn
from all games of the train part; the validation part is only measured, at the end (`cicero_lite.bench.lies`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from cicero_lite.bench.lies import FloatArray, macro_f1, measure_lies
from cicero_lite.bench.truths import Judged, load_truths, with_stakes
from cicero_lite.stakes import UNSEARCHED
from dialogue.lies import Basis, LieModel, among, cues, save
from engine.types import Power
from planner.models import load_evaluator
from training.data import Part
from training.logistic import Examples, fit_answers, fit_dense
from training.runs import SHARED_DATA, MetricsLog, parse_config, start_run

_THRESHOLDS = np.linspace(0.5, 0.995, 100)
"""Quantiles of the chances that are tried as thresholds."""


@dataclass(frozen=True)
class LieTraining:
    """Learn to tell lies from truths."""

    out: Path = Path("runs/lies")
    """Folder of the run; the weights land in its `lies.safetensors`."""
    data: Path = SHARED_DATA
    """Folder of the labelled press and the public games."""
    penalty: float = 5.0
    """Of the squared weights."""
    least: int = 3
    """In how many messages a feature has to be."""
    seed: int = 0
    """Of the candidates among which stakes are told; the fit itself draws nothing."""


def main(argv: Sequence[str]) -> int:
    """Learn as the command line says; flat, to be read from top to bottom."""
    config = parse_config(LieTraining, argv, "lies")
    began = time.monotonic()
    files = {part: config.data / f"press-labelled-{part}.jsonl.gz" for part in Part}
    games = {part: [path] if (path := config.data / f"games-{part}.jsonl.gz").is_file() else [] for part in Part}
    judged = {part: load_truths(path, games[part]) for part, path in files.items()}
    start_run(config.out, "lies", config, resume=False)
    log, search = MetricsLog(config.out), replace(UNSEARCHED, seed=config.seed)
    evaluator = load_evaluator(search)
    judged = {part: with_stakes(its, search, evaluator) for part, its in judged.items()}
    learnt = judged[Part.TRAIN]
    is_lie, of_game = np.array([its.is_lie for its in learnt]), np.array([its.game for its in learnt])
    models: dict[Basis, LieModel] = {}
    for basis in Basis:
        examples = Examples.of([list(cues(its.told, basis)) for its in learnt], config.least)
        alone = np.zeros(len(learnt))
        for game in track(sorted(set(of_game)), f"{basis}, games held back"):
            others, here = np.flatnonzero(of_game != game), np.flatnonzero(of_game == game)
            weights = fit_answers(examples.some(others), is_lie[others], config.penalty)
            alone[here] = examples.some(here).scores(weights)[:, 0]
        rows = np.stack([among(own, earlier) for own, earlier in zip(alone, before(learnt, alone), strict=True)])
        judgement = fit_dense(rows, is_lie, alike(of_game))
        chances = 1 / (1 + np.exp(-rows @ judgement))
        threshold = best_threshold(is_lie, chances, of_game)
        figures = held_back(is_lie, chances, of_game, threshold)
        log.write({"step": len(models), "seconds": round(time.monotonic() - began, 1), "basis": basis, **figures})
        print(f"{basis}: judgement {judgement.round(3).tolist()}, games held back: {figures}")
        models[basis] = LieModel(fit_answers(examples, is_lie, config.penalty), judgement, threshold)
    save(models, config.out / "lies.safetensors")
    found = measure_lies(files[Part.VALIDATION], judged[Part.VALIDATION], models)
    for name, its in found.judges.items():
        print(f"validation, {name}: macro F1 {its.macro_f1.value:.3f}, lie F1 {its.lie_f1.value:.3f}")
    print(f"the models are in {config.out / 'lies.safetensors'}")
    return 0


def before(judged: Sequence[Judged], alone: FloatArray) -> Iterator[tuple[float, ...]]:
    """For each message, the log odds of its sender's earlier ones to the same hearer; so `Listener` has them in play.

    Args:
        judged: messages, those of a game in order.
        alone: ``[N]``, log odds of each.
    """
    earlier: dict[tuple[str, Power, Power | None], list[float]] = {}
    for its, own in zip(judged, alone.tolist(), strict=True):
        said = earlier.setdefault((its.game, its.told.message.sender, its.told.message.recipient), [])
        yield tuple(said)
        said.append(own)


def alike(games: NDArray[np.str_]) -> FloatArray:
    """``[N]``: how much each message counts for each game to count alike; 1 on average."""
    _, number, sizes = np.unique(games, return_inverse=True, return_counts=True)
    return np.asarray(len(games) / (len(sizes) * sizes[number]))


def best_threshold(is_lie: NDArray[np.bool_], chances: FloatArray, games: NDArray[np.str_]) -> float:
    """The chance from which on to call a message a lie: the best macro F1, each game counting alike."""
    tried = np.quantile(chances, _THRESHOLDS)
    return float(max(tried, key=lambda limit: _macro_by_game(is_lie, chances >= limit, games)))


def held_back(
    is_lie: NDArray[np.bool_], chances: FloatArray, games: NDArray[np.str_], threshold: float
) -> Mapping[str, float]:
    """Figures of messages whose game was not learned from; arrays ``[N]``."""
    called = chances >= threshold
    likely = np.where(is_lie, chances, 1 - chances)
    figures = {
        "threshold": threshold,
        "macro_f1": float(macro_f1(_counts(is_lie, called))),
        "macro_f1_by_game": _macro_by_game(is_lie, called, games),
        "called": float(called.mean()),
        "log_loss": float(-np.log(likely).mean()),
        "order_by_game": float(
            np.mean([_in_order(is_lie[games == g], chances[games == g]) for g in sorted(set(games))])
        ),
    }
    return {name: round(value, 4) for name, value in figures.items()}


def _macro_by_game(is_lie: NDArray[np.bool_], called: NDArray[np.bool_], games: NDArray[np.str_]) -> float:
    return float(np.mean([macro_f1(_counts(is_lie[games == g], called[games == g])) for g in np.unique(games)]))


def _counts(is_lie: NDArray[np.bool_], called: NDArray[np.bool_]) -> FloatArray:
    cells = (is_lie & called, ~is_lie & called, is_lie & ~called, ~is_lie & ~called)
    return np.array([float(cell.sum()) for cell in cells])


def _in_order(is_lie: NDArray[np.bool_], chances: FloatArray) -> float:
    """How often a lie is found likelier than a truth (the area under the ROC curve); one half without either."""
    lies, truths = chances[is_lie], np.sort(chances[~is_lie])
    if not len(lies) or not len(truths):
        return 0.5
    below = np.searchsorted(truths, lies, "left") + np.searchsorted(truths, lies, "right")
    return float(below.mean() / (2 * len(truths)))
