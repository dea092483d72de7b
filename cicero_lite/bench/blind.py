"""How well the reader reads messages of people that nobody tuned it on.

What is read of a message is compared with the labelling that differs from it in the fewest acts.  Small talk is never
counted: a message that says nothing is read rightly if nothing is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cicero_lite.bench.press_labels import LabelledMessage
from cicero_lite.bench.press_sample import names_something
from cicero_lite.bench.scoring import Rate, content_key, in_common, kind_key, order_keys
from dialogue.acts import ActKind, SpeechAct
from dialogue.reading import Reader, Reading
from dialogue.understanding import read

_RESAMPLES = 4000
_SEED = 20221122  # of the resampling: the same messages give the same interval
_Ints: TypeAlias = NDArray[np.int64]
_Keys: TypeAlias = Callable[[Sequence[SpeechAct]], list[str]]


@dataclass(frozen=True)
class Share:
    """How many of so many, with the 95 % interval of the share (bootstrap over messages)."""

    count: int
    of: int
    share: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{100 * self.share:.0f} % [{100 * self.low:.0f}, {100 * self.high:.0f}], {self.count} of {self.of}"


@dataclass(frozen=True)
class Score:
    """Precision, recall and micro-F1 of one kind of thing read, with the 95 % interval of F1 (bootstrap likewise)."""

    rate: Rate
    low: float
    high: float

    def __str__(self) -> str:
        return f"F1 {self.rate.f1:.2f} [{self.low:.2f}, {self.high:.2f}], {self.rate}"


@dataclass(frozen=True)
class BlindFigures:
    """The reader over labelled messages of people."""

    messages: int
    exact: Share
    """Messages of which every act was read with all its content, and nothing else."""
    acts: Score
    """Acts with all their content: kind, polarity, orders, provinces, powers, condition."""
    kinds: Score
    """Acts by kind and polarity."""
    orders: Score
    """Orders, with whose they are and their polarity."""
    understood: Share
    """Of what the reader claims to understand, what is right.  An act that is read is a claim; so is to read neither
    an act nor an unread clause, which claims that nothing is said."""
    silent: Share
    """Of the messages in which it reads nothing and leaves no clause unread: those that say nothing."""
    unread: Share
    """Messages of which it says itself that it could not read a clause."""
    classes: Mapping[ActKind, Score]
    """Acts of one kind with all their content."""
    class_kinds: Mapping[ActKind, Score]
    """Acts of one kind by kind and polarity."""
    naming: Score
    """Acts with all their content, in messages that name a place, a power or an order."""
    others: Score
    """The same in the others."""
    first_labels: Score
    """Acts with all their content, measured against the first labelling of each message alone."""


class _Judged(NamedTuple):
    """One message: the acts that were read and those said, small talk aside."""

    labelled: LabelledMessage
    reading: Reading
    read: tuple[SpeechAct, ...]
    said: tuple[SpeechAct, ...]


def measure_blind(
    messages: Sequence[LabelledMessage], reader: Reader = read, resamples: int = _RESAMPLES
) -> BlindFigures:
    """Reads each message with the talk before it, and compares.

    Args:
        messages: the messages.
        reader: which reader: the rules alone, or `dialogue.learned_reader.understand`.
        resamples: how many samples the intervals are taken from.

    Raises:
        ValueError: there is no message.
    """
    if not messages:
        raise ValueError("expected labelled messages, got none")
    judged = [_judge(labelled, reader) for labelled in messages]
    draws = np.random.default_rng(_SEED).multinomial(len(judged), np.full(len(judged), 1 / len(judged)), resamples)
    acts = _counts(judged, _contents)
    exact = np.array([right == read == said for right, read, said in acts.tolist()])
    silent = np.array([not its.read and not its.reading.unread for its in judged])
    names = np.array([names_something(its.labelled.said.message.text) for its in judged])
    everyone = np.ones(len(judged), dtype=bool)
    firsts = [its._replace(said=_counted(its.labelled.labellings[0])) for its in judged]
    return BlindFigures(
        messages=len(judged),
        exact=_share(exact, everyone, draws),
        acts=_score(acts, draws),
        kinds=_score(_counts(judged, _kinds), draws),
        orders=_score(_counts(judged, order_keys), draws),
        understood=_share(acts[:, 0] + (silent & exact), acts[:, 1] + silent, draws),
        silent=_share(silent & exact, silent, draws),
        unread=_share(np.array([bool(its.reading.unread) for its in judged]), everyone, draws),
        classes={kind: _score(_counts(_only(judged, kind), _contents), draws) for kind in _LABELLED},
        class_kinds={kind: _score(_counts(_only(judged, kind), _kinds), draws) for kind in _LABELLED},
        naming=_score(acts * names[:, None], draws),
        others=_score(acts * ~names[:, None], draws),
        first_labels=_score(_counts(firsts, _contents), draws),
    )


_LABELLED = tuple(kind for kind in ActKind if kind is not ActKind.SMALL_TALK)


def _judge(labelled: LabelledMessage, reader: Reader) -> _Judged:
    reading = reader(labelled.said.message, labelled.said.board, labelled.said.talk)
    acts = _counted(reading.acts)
    labellings = [_counted(labelling) for labelling in labelled.labellings]
    return _Judged(labelled, reading, acts, min(labellings, key=lambda said: _differences(acts, said)))


def _counted(acts: Iterable[SpeechAct]) -> tuple[SpeechAct, ...]:
    return tuple(act for act in acts if act.kind is not ActKind.SMALL_TALK)


def _differences(read_acts: Sequence[SpeechAct], said: Sequence[SpeechAct]) -> tuple[int, ...]:
    """Acts of one but not the other: with all their content, then by kind; orders likewise."""
    rates = [_rate(keys(read_acts), keys(said)) for keys in (_contents, _kinds, order_keys)]
    return tuple(rate.read + rate.expected - 2 * rate.right for rate in rates)


def _contents(acts: Sequence[SpeechAct]) -> list[str]:
    return [content_key(act) for act in acts]


def _kinds(acts: Sequence[SpeechAct]) -> list[str]:
    return [kind_key(act) for act in acts]


def _rate(read_keys: list[str], said_keys: list[str]) -> Rate:
    return Rate.of(in_common(read_keys, said_keys), len(read_keys), len(said_keys))


def _only(judged: Sequence[_Judged], kind: ActKind) -> list[_Judged]:
    def of_kind(acts: Sequence[SpeechAct]) -> tuple[SpeechAct, ...]:
        return tuple(act for act in acts if act.kind is kind)

    return [its._replace(read=of_kind(its.read), said=of_kind(its.said)) for its in judged]


def _counts(judged: Sequence[_Judged], keys: _Keys) -> _Ints:
    """Right, read and said of every message, ``[N, 3]``."""
    rates = [_rate(keys(its.read), keys(its.said)) for its in judged]
    return np.array([(rate.right, rate.read, rate.expected) for rate in rates], dtype=np.int64)


def _score(counts: _Ints, draws: _Ints) -> Score:
    """Args: counts: ``[N, 3]``; draws: how often each resampling has each message, ``[R, N]``."""
    right, read_count, said = counts.sum(axis=0).tolist()
    low, high = _interval(2 * counts[:, 0], counts[:, 1] + counts[:, 2], draws)
    return Score(Rate.of(right, read_count, said), low, high)


def _share(count: NDArray[np.generic], of: NDArray[np.generic], draws: _Ints) -> Share:
    """Args: count, of: of every message, ``[N]``."""
    top, bottom = count.astype(np.int64), of.astype(np.int64)
    low, high = _interval(top, bottom, draws)
    total = int(bottom.sum())
    return Share(int(top.sum()), total, float(top.sum() / total) if total else 1.0, low, high)


def _interval(top: _Ints, bottom: _Ints, draws: _Ints) -> tuple[float, float]:
    """The middle 95 % of a ratio of sums; 1 where a resampling has nothing to divide by."""
    above, below = draws @ top, draws @ bottom
    ratios = np.divide(above, below, out=np.ones(len(draws)), where=below > 0)
    low, high = np.quantile(ratios, (0.025, 0.975))
    return float(low), float(high)
