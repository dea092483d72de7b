"""Lies told from truths in labelled press, in the form of Peskov et al. 2020: macro F1, and F1 of lies.

Few messages are lies, so that always to believe is right 19 times of 20; the macro F1, the mean of the F1 of lies and
that of truths, is what the field compares.  Beside our models stand those who know nothing, and the addressees
themselves, who were asked at the time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cicero_lite.bench.truths import Judged, TruthFileError
from cicero_lite.output import provenance
from dialogue.lies import Basis, LieModel, Listener

_RESAMPLINGS = 2000
_SEED = 0
"""Of the resampling."""
_PARTS = 10
"""Of the table of reliability."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A figure, and where 95 % of its values lie when whole talks are drawn again."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Detection:
    """One judge of messages; figures from 0 to 1."""

    messages: int
    """That it judged."""
    lies: int
    """Of those, by their senders' word."""
    called: float
    """That it called lies."""
    macro_f1: Interval
    lie_f1: Interval
    precision: float
    """Of what it called lies: the share that were; 0 if it called none."""
    recall: float
    """Of the lies: the share that it called so."""
    brier: float | None = None
    """Mean square of the chance of a lie less what it was, 0 or 1; None: it names no chances."""


@dataclass(frozen=True)
class Reliability:
    """Messages of about the same chance."""

    messages: int
    chance: float
    """Mean of what was foretold."""
    lies: float
    """Share that were lies."""


@dataclass(frozen=True)
class LiesResult:
    """All judges of the same messages."""

    data: str
    games: int
    talks: int
    boards: int
    """Messages whose board is known."""
    stakes: int
    """Messages with something at stake, as far as can be told."""
    judges: Mapping[str, Detection]
    reliability: tuple[Reliability, ...]
    """Of the model that goes by all."""
    commit: str | None
    dirty: bool


def measure_lies(data: Path, judged: Sequence[Judged], models: Mapping[Basis, LieModel]) -> LiesResult:
    """Our models, who guesses, who believes everything, and the addressees.

    Raises:
        TruthFileError: the file has no lie, or nothing but lies.
    """
    is_lie = np.array([its.is_lie for its in judged])
    if is_lie.all() or not is_lie.any():
        raise TruthFileError(
            f"{data}: expected lies and truths, got {int(is_lie.sum())} lies of {len(is_lie)} messages"
        )
    numbers: dict[tuple[str, ...], int] = defaultdict(lambda: len(numbers))
    talks = np.array([numbers[its.talk] for its in judged])
    chances = {basis: chances_of(judged, models[basis], basis) for basis in Basis}
    nothing = np.zeros(len(judged))
    judges = {
        "random": detection(is_lie, nothing + 0.5, talks),
        "believes all": detection(is_lie, nothing, talks),
    }
    for basis, row in chances.items():
        called = (row >= models[basis].threshold).astype(np.float64)
        judges[basis.value] = detection(is_lie, called, talks, row)
    asked = np.array([its.believed is not None for its in judged])
    if asked.any():
        doubted = np.array([float(its.believed is False) for its in judged])
        judges["hearers, if asked"] = detection(is_lie[asked], doubted[asked], talks[asked])
        best = (chances[Basis.ALL] >= models[Basis.ALL].threshold).astype(np.float64)
        judges["all, if asked"] = detection(is_lie[asked], best[asked], talks[asked], chances[Basis.ALL][asked])
    running = provenance()
    return LiesResult(
        data=str(data),
        games=len({its.game for its in judged}),
        talks=len(numbers),
        boards=sum(its.on_board for its in judged),
        stakes=sum(its.told.stakes is not None for its in judged),
        judges=judges,
        reliability=reliability(is_lie, chances[Basis.ALL]),
        commit=running.commit,
        dirty=running.dirty,
    )


def chances_of(judged: Sequence[Judged], model: LieModel, basis: Basis) -> FloatArray:
    """``[N]``: the chance of each message to be a lie, those of a game in order."""
    found, listener, game = [], Listener(model, basis), ""
    for its in judged:
        if its.game != game:
            listener, game = Listener(model, basis), its.game
        found.append(listener.hear(its.told))
    return np.array(found)


def detection(
    is_lie: NDArray[np.bool_], called: FloatArray, talks: NDArray[np.int64], chances: FloatArray | None = None
) -> Detection:
    """The figures of a judge.

    Args:
        is_lie: ``[N]``.
        called: ``[N]``, the chance that it calls each message a lie: 0 or 1, or between them for one who draws.
        talks: ``[N]``, numbers of the talks they are part of, which are drawn anew for the intervals.
        chances: ``[N]``, how likely it takes each to be one.
    """
    rows = np.stack([is_lie * called, ~is_lie * called, is_lie * (1 - called), ~is_lie * (1 - called)], axis=1)
    by_talk = np.zeros((int(talks.max()) + 1, 4))
    np.add.at(by_talk, talks, rows)
    by_talk = by_talk[np.unique(talks)]
    rng = np.random.default_rng(_SEED)
    drawn = rng.multinomial(len(by_talk), np.full(len(by_talk), 1 / len(by_talk)), size=_RESAMPLINGS) @ by_talk
    counts = by_talk.sum(axis=0)
    right, wrong, missed, _ = counts.tolist()
    return Detection(
        messages=len(is_lie),
        lies=int(is_lie.sum()),
        called=right + wrong,
        macro_f1=_interval(macro_f1(counts), macro_f1(drawn)),
        lie_f1=_interval(lie_f1(counts), lie_f1(drawn)),
        precision=right / (right + wrong) if right + wrong else 0.0,
        recall=right / (right + missed) if right + missed else 0.0,
        brier=None if chances is None else float(np.mean((chances - is_lie) ** 2)),
    )


def lie_f1(counts: FloatArray) -> FloatArray:
    """F1 of lies; 0 where there are none and none is called.

    Args:
        counts: ``[..., 4]``: lies called lies, truths called lies, lies believed, truths believed.
    """
    right, wrong, missed, _ = np.moveaxis(counts, -1, 0)
    return np.asarray(2 * right / np.maximum(2 * right + wrong + missed, 1e-9))


def macro_f1(counts: FloatArray) -> FloatArray:
    """The mean of the F1 of lies and of truths; ``counts`` as for `lie_f1`."""
    return np.asarray((lie_f1(counts) + lie_f1(counts[..., ::-1])) / 2)


def _interval(value: FloatArray, drawn: FloatArray) -> Interval:
    low, high = np.quantile(drawn, (0.025, 0.975)).tolist()
    return Interval(float(value), low, high)


def reliability(is_lie: NDArray[np.bool_], chances: FloatArray) -> tuple[Reliability, ...]:
    """Tenths of the messages by the chance that was foretold, the smallest first."""
    parts = np.array_split(np.argsort(chances, kind="stable"), _PARTS)
    return tuple(
        Reliability(len(part), float(chances[part].mean()), float(is_lie[part].mean())) for part in parts if len(part)
    )
