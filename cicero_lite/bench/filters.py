"""Whether the filters stop what may not be sent, and let pass what people really say.

Every message is tried twice.  With its plan, as in play: the chain knows what was to be said, which of a person's
message is what our reader makes of it, and what its sender will order.  Without: it sees the text, the board and the
talk alone (`COMPARING` leaves out what compares with a plan).  A real message has its own reading for its plan and so
passes what compares the two; how often that rejects good drafts is for live play to tell (`LiveFigures`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np

from cicero_lite.bench.attack_wordings import Lot
from cicero_lite.bench.corruptions import Pool
from cicero_lite.bench.forbidden import CORRUPTIONS
from cicero_lite.bench.moments import Attempt
from cicero_lite.bench.options import BenchError, Reached
from cicero_lite.bench.originals import OURS, Corpus, Original
from cicero_lite.bench.shares import Share
from dialogue.acts import ActKind, SpeechAct
from dialogue.filters import (
    Filter,
    FilterConfig,
    FilterContext,
    FilterVerdict,
    UnknownFilterError,
    Verdict,
    filters_named,
)
from dialogue.fluency import FluencyJudge
from dialogue.reading import Reading, matches
from dialogue.understanding import read

REAL = "real"
"""Kind of the messages that were really sent."""
COMPARING = frozenset({"read_back", "naming", "negation", "remarks", "relevance", "intention"})
"""Filters that compare with a plan: left out where there is none."""
_STREAM = 32
_BINS = 5
"""Of calibration."""


@dataclass(frozen=True)
class Case:
    """A text for the moment of a message: its own, or a spoilt one."""

    kind: str
    text: str
    at: Original


@dataclass(frozen=True)
class TriedDraft:
    """A text as filters see it; see `dialogue.filters.CheckedDraft`."""

    text: str
    acts: tuple[SpeechAct, ...]
    reading: Reading
    matches: bool


@dataclass(frozen=True)
class Tried:
    """A case and what every filter says to it."""

    case: Case
    planned: Mapping[str, FilterVerdict]
    """With its plan."""
    text_only: Mapping[str, FilterVerdict]
    """Without."""
    read_s: float
    """Seconds that reading it back took."""
    filters_s: Mapping[str, float]
    """Seconds that each filter took, with the plan."""

    @property
    def is_spoilt(self) -> bool:
        """Whether it should be stopped."""
        return self.case.kind != REAL

    @property
    def stopped_by(self) -> tuple[str, ...]:
        """The filters that reject it with its plan."""
        return tuple(name for name, verdict in self.planned.items() if _rejects(verdict))


def chain_of(names: Sequence[str]) -> dict[str, Filter]:
    """Filters by name, in this order; names as in `filters_named`.

    Raises:
        BenchError: there is no such filter.
    """
    try:
        found = filters_named(names)
    except UnknownFilterError as error:
        raise BenchError(f"--filter: {error}") from None
    return {name.rpartition(":")[2]: check for name, check in zip(names, found, strict=True)}


# --- cases -----------------------------------------------------------------------------------------------


def cases(corpus: Corpus, per_kind: int, seed: int, lot: Lot = Lot.JUDGING) -> list[Case]:
    """Every message as it was sent, and of each kind of corruption as many as there can be.

    Args:
        corpus: messages.
        per_kind: spoilt messages of each kind, at most.
        seed: fixes which messages are spoilt, and how.
        lot: wordings of attacks.
    """
    found = [Case(REAL, original.message.text, original) for original in corpus.originals]
    pool = Pool(corpus, lot)
    for number, (kind, corrupt) in enumerate(CORRUPTIONS.items()):
        rng = np.random.default_rng([seed, _STREAM, number])
        spoilt: list[Case] = []
        for place in rng.permutation(len(corpus.originals)).tolist():
            if len(spoilt) == per_kind:
                break
            at = corpus.originals[place]
            text = corrupt(at, pool, rng)
            if text is not None and text.strip():
                spoilt.append(Case(kind, text, at))
        found += spoilt
    return found


def tried(
    case: Case, filters: Mapping[str, Filter], config: FilterConfig, fluency: FluencyJudge | None = None
) -> Tried:
    """What every filter says to a case, with its plan and without.

    Args:
        case: a text.
        filters: by name.
        config: their thresholds.
        fluency: tells how odd words are; None: nothing does.
    """
    at = case.at
    began = perf_counter()
    message = replace(at.message, text=case.text)
    reading = at.reading if case.kind == REAL else read(message, at.view, at.talk)
    read_s = perf_counter() - began
    as_odd = None if fluency is None else fluency.of(at.view, at.recipient)
    context = FilterContext(at.view, at.ledger, at.plan, at.own, config, as_odd=as_odd, verbatim=at.verbatim)
    planned, seconds = {}, {}
    for name, check in filters.items():
        began = perf_counter()
        planned[name] = check(_meant(case, reading), context)
        seconds[name] = perf_counter() - began
    unplanned = FilterContext(at.view, at.ledger, replace(at.plan, acts=()), (), config, as_odd=as_odd)
    draft = TriedDraft(case.text, reading.acts, reading, True)
    text_only = {name: check(draft, unplanned) for name, check in filters.items() if name not in COMPARING}
    return Tried(case, planned, text_only, read_s, seconds)


def _meant(case: Case, reading: Reading) -> TriedDraft:
    """The text beside its plan.  Clauses of a person's message that our reader cannot read were meant as they stand."""
    meant = case.at.reading
    new = Reading(reading.acts, tuple(clause for clause in reading.unread if clause not in meant.unread))
    lost = [clause for clause in meant.unread if clause not in reading.unread]
    same = new.acts == meant.acts and not new.unread
    says = same or matches(case.at.plan.acts, new)
    return TriedDraft(case.text, case.at.plan.acts, new, says and not lost)


# --- figures ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """One point of a receiver operating characteristic."""

    threshold: float
    false_alarm: float
    recall: float


@dataclass(frozen=True)
class Bin:
    """Spoilt and real messages, weighed alike, to which a filter gives scores in one range."""

    low: float
    high: float
    count: int
    spoilt: float | None
    """Share of spoilt ones."""

    def __str__(self) -> str:
        share = "–" if self.spoilt is None else f"{100 * self.spoilt:.0f} %"
        return f"{self.low:.2g} to {self.high:.2g}: {share} of {self.count}"


@dataclass(frozen=True)
class ChainFigures:
    """What some filters stop, together."""

    false_alarm: Share
    """Real messages stopped."""
    recall: Mapping[str, Share]
    """Spoilt messages stopped, by kind."""
    caught: float
    """The mean over kinds."""

    @classmethod
    def of(cls, found: Iterable[tuple[str, bool]]) -> ChainFigures:
        """Counts kinds and whether each message was stopped."""
        by_kind: dict[str, list[bool]] = {}
        for kind, stopped in found:
            by_kind.setdefault(kind, []).append(stopped)
        real = by_kind.pop(REAL, [])
        recall = {kind: Share.counted(stopped) for kind, stopped in by_kind.items()}
        shares = [share.share for share in recall.values() if share.share is not None]
        return cls(Share.counted(real), recall, float(np.mean(shares)) if shares else 0.0)


@dataclass(frozen=True)
class FilterFigures:
    """What one filter does."""

    planned: ChainFigures
    text_only: ChainFigures | None
    """None: it compares with a plan."""
    precision: float | None
    """Share of spoilt messages among those that it stops with their plans, if real and spoilt ones are as many."""
    roc: tuple[Point, ...]
    """Of its scores, real against all spoilt messages, without plans; one point where it gives none."""
    calibration: tuple[Bin, ...]
    """Of its scores; empty where it gives none."""
    time_ms: float
    """A message."""


@dataclass(frozen=True)
class LiveFigures:
    """Rejections in self-play, where plans and words are our agents' own."""

    messages: int
    """That agents set out to write."""
    unsent: int
    """Of them, those of which every candidate was rejected."""
    candidates: Mapping[str, int]
    """By who worded them."""
    rejected: Mapping[str, Mapping[str, float]]
    """Who worded them -> filter -> share of candidates rejected; under ``any``, by one filter or more."""

    @classmethod
    def of(cls, attempts: Sequence[Attempt]) -> LiveFigures:
        """Counts what agents set out to write."""
        drafts = [draft for attempt in attempts for draft in attempt.drafts]
        candidates = Counter(draft.source for draft in drafts)
        rejected: dict[str, Counter[str]] = {source: Counter() for source in candidates}
        for draft in drafts:
            rejected[draft.source].update(f.filter for f in draft.verdicts if f.verdict == "reject")
            rejected[draft.source]["any"] += draft.rejected_by is not None
        shares = {s: {name: n / candidates[s] for name, n in counts.items()} for s, counts in rejected.items()}
        return cls(len(attempts), sum(a.sent is None for a in attempts), candidates, shares)


@dataclass(frozen=True)
class FiltersResult:
    """What the bench found."""

    seed: int
    messages: int
    """Real ones."""
    origins: Mapping[str, int]
    """Real messages by where they come from."""
    false_alarm: float
    """Share of people's real messages that the whole chain stops, with their plans; of ours, where there are none."""
    recall: Mapping[str, float]
    """Share of spoilt messages that it stops, by kind."""
    chain: ChainFigures
    """The same with intervals."""
    text_only: ChainFigures
    """The chain without plans."""
    people_text_only: ChainFigures
    """The same on people's messages alone."""
    people: ChainFigures
    """The chain on people's messages alone, with plans."""
    understood: Share
    """Of people's messages, those of which our reader reads every clause, and more than small talk."""
    steps: Mapping[str, tuple[float, float]]
    """Filter -> false alarms and mean recall of the chain up to it, with plans."""
    filters: Mapping[str, FilterFigures]
    read_ms: float
    """To read a message back."""
    chain_ms: float
    """To ask every filter about it."""
    stopped: Mapping[str, tuple[tuple[str, str], ...]]
    """Real messages that each filter stops with their plans: which it is, and why."""
    live: LiveFigures | None
    """None: no self-play."""

    def lines(self) -> list[str]:
        """The figures for a reader at the terminal."""
        where = ", ".join(f"{count} from {origin}" for origin, count in self.origins.items())
        spoilt = sum(share.of for share in self.chain.recall.values())
        lines = [
            f"{self.messages} real messages ({where}) against {spoilt} spoilt in {len(self.recall)} ways, "
            f"seed {self.seed}",
            "",
            f"{'':<18} {'with plans':>30}  {'text alone':>30}",
            f"{'real, stopped':<18} {self.chain.false_alarm!s:>30}  {self.text_only.false_alarm!s:>30}",
            f"{'  of them people':<18} {self.people.false_alarm!s:>30}  {self.people_text_only.false_alarm!s:>30}",
        ]
        for kind, share in self.chain.recall.items():
            lines.append(f"{kind:<18} {share!s:>30}  {self.text_only.recall[kind]!s:>30}")
        lines += [
            f"{'mean over kinds':<18} {100 * self.chain.caught:>28.0f} %  {100 * self.text_only.caught:>28.0f} %",
            "",
            f"of people's messages our reader reads all, and more than small talk: {self.understood}",
            f"{self.read_ms:.1f} ms to read a message back, {self.chain_ms:.1f} ms for the filters",
            "",
            f"{'filter':<14} {'real':>6} {'spoilt':>7}   {'text alone':>13} {'precision':>10} {'ms':>6}   chain so far",
        ]
        for name, its in self.filters.items():
            alone = "compares plans" if its.text_only is None else _both(its.text_only)
            precision = "–" if its.precision is None else f"{100 * its.precision:.0f} %"
            alarm, caught = self.steps[name]
            lines.append(
                f"{name:<14} {_both(its.planned)}   {alone:>14} {precision:>9} {its.time_ms:6.2f}"
                f"   {100 * alarm:.1f} % {100 * caught:.0f} %"
            )
        for name, its in self.filters.items():
            if len(its.roc) > 1:
                points = "; ".join(
                    f"{p.threshold:.3g}: {100 * p.false_alarm:.0f}/{100 * p.recall:.0f}" for p in its.roc
                )
                lines += ["", f"{name}, threshold: % of real / of spoilt stopped, text alone: {points}"]
                bins = "; ".join(map(str, its.calibration))
                lines.append(f"{name}, scores: spoilt, if real and spoilt were as many: {bins}")
        lines += _live_lines(self.live)
        return lines


def _both(figures: ChainFigures) -> str:
    return f"{100 * (figures.false_alarm.share or 0.0):4.1f} % {100 * figures.caught:4.0f} %"


def _live_lines(live: LiveFigures | None) -> list[str]:
    if live is None:
        return []
    lines = ["", f"self-play: {live.messages} messages planned, {live.unsent} of them with no candidate that passed"]
    for source, count in live.candidates.items():
        by_filter = sorted(live.rejected[source].items(), key=lambda item: -item[1])
        shares = ", ".join(f"{name} {100 * share:.1f} %" for name, share in by_filter if share)
        lines.append(f"  {count} candidates of the {source}, rejected: {shares or 'none'}")
    return lines


# --- measuring -------------------------------------------------------------------------------------------


def measure(
    corpus: Corpus,
    filters: Mapping[str, Filter],
    config: FilterConfig,
    per_kind: int,
    seed: int,
    attempts: Sequence[Attempt] = (),
    reached: Reached = lambda done, total: None,
    fluency: FluencyJudge | None = None,
) -> tuple[FiltersResult, list[Tried]]:
    """Tries every filter on real and spoilt messages.

    Args:
        corpus: real messages.
        filters: by name, in the order in which they are asked.
        config: their thresholds.
        per_kind: spoilt messages of each kind, at most.
        seed: fixes what is spoilt, and how.
        attempts: what agents set out to write in self-play, for its rates of rejection.
        reached: told of the progress.
        fluency: tells the filter of that name how odd words are; None: it passes all.

    Raises:
        BenchError: there is no message.
    """
    if not corpus.originals:
        raise BenchError("expected messages to try, got none: name --games with press, or ask for more --self-play")
    every = cases(corpus, per_kind, seed)
    found = []
    for number, case in enumerate(every):
        found.append(tried(case, filters, config, fluency))
        reached(number + 1, len(every))
    return _result(corpus, filters, found, seed, attempts), found


def _result(
    corpus: Corpus, filters: Mapping[str, Filter], found: Sequence[Tried], seed: int, attempts: Sequence[Attempt]
) -> FiltersResult:
    chain = _chain(found, lambda its: its.planned.values())
    names = list(filters)
    steps = {}
    for number, name in enumerate(names):
        so_far = names[: number + 1]
        figures = _chain(found, lambda its, so_far=so_far: [its.planned[n] for n in so_far])  # type: ignore[misc]
        steps[name] = (figures.false_alarm.share or 0.0, figures.caught)
    of_people = [its for its in found if its.case.at.author != OURS]
    people = _chain(of_people, lambda its: its.planned.values())
    return FiltersResult(
        seed=seed,
        messages=len(corpus.originals),
        origins=Counter(original.origin.value for original in corpus.originals),
        false_alarm=(people.false_alarm if people.false_alarm.of else chain.false_alarm).share or 0.0,
        recall={kind: share.share or 0.0 for kind, share in chain.recall.items()},
        chain=chain,
        text_only=_chain(found, lambda its: its.text_only.values()),
        people_text_only=_chain(of_people, lambda its: its.text_only.values()),
        people=people,
        understood=Share.counted(_is_read(o.reading) for o in corpus.originals if o.author != OURS),
        steps=steps,
        filters={name: _figures(name, found) for name in names},
        read_ms=1000 * float(np.mean([its.read_s for its in found if its.is_spoilt])),
        chain_ms=1000 * float(np.mean([sum(its.filters_s.values()) for its in found])),
        stopped={name: tuple(_stopped(name, found)) for name in names},
        live=LiveFigures.of(attempts) if attempts else None,
    )


def _is_read(reading: Reading) -> bool:
    return not reading.unread and any(act.kind is not ActKind.SMALL_TALK for act in reading.acts)


def _chain(found: Iterable[Tried], verdicts: Callable[[Tried], Iterable[FilterVerdict]]) -> ChainFigures:
    return ChainFigures.of((its.case.kind, any(map(_rejects, verdicts(its)))) for its in found)


def _rejects(verdict: FilterVerdict) -> bool:
    return verdict.verdict is Verdict.REJECT


def _figures(name: str, found: Sequence[Tried]) -> FilterFigures:
    planned = _chain(found, lambda its: [its.planned[name]])
    compares = name in COMPARING
    text_only = None if compares else _chain(found, lambda its: [its.text_only[name]])
    alarm = planned.false_alarm.share or 0.0
    precision = planned.caught / (planned.caught + alarm) if planned.caught + alarm else None
    scored = [
        (score, its.is_spoilt) for its in found if not compares and (score := its.text_only[name].score) is not None
    ]
    time_ms = 1000 * float(np.mean([its.filters_s[name] for its in found]))
    if not scored:
        point = Point(0.0, alarm, planned.caught)
        return FilterFigures(planned, text_only, precision, (point,), (), time_ms)
    return FilterFigures(planned, text_only, precision, _roc(scored), _calibration(scored), time_ms)


def _roc(scored: Sequence[tuple[float, bool]]) -> tuple[Point, ...]:
    """Points at the scores of every tenth part of the real messages."""
    real = np.array([score for score, spoilt in scored if not spoilt])
    spoilt = np.array([score for score, is_spoilt in scored if is_spoilt])
    thresholds = np.unique(np.quantile(real, [0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99]))
    return tuple(
        Point(float(t), float(np.mean(real >= t)), float(np.mean(spoilt >= t)) if len(spoilt) else 0.0)
        for t in thresholds
    )


def _calibration(scored: Sequence[tuple[float, bool]]) -> tuple[Bin, ...]:
    values, labels = np.array([score for score, _ in scored]), np.array([spoilt for _, spoilt in scored])
    weights = np.where(labels, 1 / max(1, labels.sum()), 1 / max(1, (~labels).sum()))
    edges = np.linspace(0.0, 1.0, _BINS + 1)
    bins = []
    for low, high in pairwise(edges):
        held = (values >= low) & ((values < high) | (high == 1.0))
        total = weights[held].sum()
        share = float((weights * labels)[held].sum() / total) if total else None
        bins.append(Bin(float(low), float(high), int(held.sum()), share))
    return tuple(bins)


def _stopped(name: str, found: Sequence[Tried]) -> Iterable[tuple[str, str]]:
    """Which real messages a filter stops, without their texts, and why."""
    for its in found:
        verdict = its.planned[name]
        if not its.is_spoilt and _rejects(verdict):
            at = its.case.at
            yield f"{at.view.game_id} {at.message.phase} {at.sender} to {at.recipient}", verdict.reason


def json_lines(found: Iterable[Tried]) -> str:
    """Every message tried as a line of JSON: its kind, where it comes from, its text, and why filters reject it."""
    return "".join(json.dumps(_as_json(its), ensure_ascii=False) + "\n" for its in found)


def _as_json(its: Tried) -> dict[str, Any]:
    at = its.case.at
    return {
        "kind": its.case.kind,
        "game": at.view.game_id,
        "phase": str(at.message.phase),
        "message": at.message.sequence,
        "sender": at.sender.value,
        "recipient": at.recipient.value,
        "text": its.case.text,
        "planned": {name: verdict.reason for name, verdict in its.planned.items() if _rejects(verdict)},
        "text_only": {name: verdict.reason for name, verdict in its.text_only.items() if _rejects(verdict)},
    }
