"""`python -m training timing`: when people write and to whom, how long they take, what they say to requests.

Logistic models, one for each state of a talk and pace of a game (`dialogue.timing`), fitted by Newton's method to every
moment of people's talks in the public games; a log-normal of the pauses before answers; and the share of requests that
are granted.  What comes out goes into `dialogue/weights/timing.json`.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from dialogue.acts import REQUESTING, ActKind
from dialogue.memory import Ledger, RequestStatus
from dialogue.press import read_into
from dialogue.timing import FEATURES, Delay, Moment, Pace, Stand, Timing, moment
from engine.record import PhaseRecord
from engine.saved import SeatedGame
from engine.types import POWERS, Message, PhaseKind, Power
from training.data import Part, seated_games
from training.runs import SHARED_DATA, ExampleFileError, MetricsLog, parse_config, start_run

FloatArray = NDArray[np.float64]

_PHASE_S = 300.0
"""Length of a phase in the games whose times are known."""
_QUARTERS = (0.25, 0.5, 0.75)
"""Shares of a phase at which a talk that nobody has opened is looked at again, where times are known."""
_STEPS, _ENOUGH = 30, 1e-8
"""Of Newton's method: steps at most, and the change of a weight below which it has arrived."""
_LONGEST_S = 240.0
"""Longer pauses are no answers at once."""


@dataclass(frozen=True)
class TimingTraining:
    """Fit when people write."""

    out: Path = Path("runs/timing")
    """Folder of the run; the figures land in its `timing.json`."""
    data: Path = SHARED_DATA
    """Folder of the public games."""
    prior: float = 1.0
    """Standard deviation of weights before anything is seen, the constant's excepted."""
    pace_prior: float = 0.3
    """The same of the difference that a clock makes to a weight."""


@dataclass(frozen=True, eq=False)
class Case:
    """A moment of a person's talk, and whether that person was the next of the two to write."""

    at: Moment
    wrote: bool


@dataclass(frozen=True)
class Pause:
    """How long a person took to answer."""

    seconds: float
    read: str
    written: str


@dataclass
class Gathered:
    """What some games tell."""

    cases: list[Case]
    pauses: list[Pause]
    answers: Counter[tuple[ActKind, RequestStatus]]
    """People's requests to people, by what became of them."""


def main(argv: Sequence[str]) -> int:
    """Fit as the command line says; flat, to be read from top to bottom."""
    config = parse_config(TimingTraining, argv, "timing")
    parts = {part: gather(track(list(seated_games(config.data, part)), str(part))) for part in Part}
    learnt = parts[Part.TRAIN]
    if not learnt.cases:
        raise ExampleFileError(f"expected public games with talk in {config.data}, got none")
    start_run(config.out, "timing", config, resume=False)
    log = MetricsLog(config.out)
    weights = {
        (stand, pace): row
        for stand in Stand
        for pace, row in fit([c for c in learnt.cases if c.at.stand is stand], config.prior, config.pace_prior).items()
    }
    timing = Timing(weights, fit_delay(learnt.pauses), assent(learnt.answers))
    for part, its in parts.items():
        if its.cases:
            figures = compare(its.cases, learnt.cases, timing)
            log.write({"step": 0, "seconds": 0.0, "part": str(part), **figures})
            print(f"{part}: {len(its.cases)} moments; log-loss in nats: {figures}")
    unmeasured = fit_delay(learnt.pauses, lengths=False)
    for part, its in parts.items():
        off, plain = deviation(its.pauses, timing.delay), deviation(its.pauses, unmeasured)
        print(
            f"{part}: {len(its.pauses)} pauses, foretold within a factor of e^{off:.3f}, without lengths e^{plain:.3f}"
        )
    print(timing.delay)
    print(f"granted: {timing.assent}")
    (config.out / "timing.json").write_text(json.dumps(rounded(timing.to_json()), indent=1) + "\n")
    print(f"the figures are in {config.out / 'timing.json'}")
    return 0


# --- moments -----------------------------------------------------------------------------------------------------


def gather(games: Iterable[SeatedGame]) -> Gathered:
    """Every moment of people's talks, pause before an answer, and request."""
    found = Gathered([], [], Counter())
    for played in games:
        talkers = _pairs(played)
        ledgers = {power: Ledger(power) for power in POWERS}
        for number, record in enumerate(played.game.history):
            if talkers:
                found.cases += _cases(played, record, played.game.history[:number], ledgers, talkers)
                found.pauses += _pauses(played, record)
            for ledger in ledgers.values():
                ledger.settle(record)
        for power, ledger in ledgers.items():
            for request in ledger.requests:
                if request.by is power and request.to is not None and _is_human(played, request.to):
                    found.answers[request.act.kind, request.status] += 1
    return found


def _is_human(played: SeatedGame, power: Power) -> bool:
    return played.players.get(power) == "human"


def _pairs(played: SeatedGame) -> list[tuple[Power, Power]]:
    """(Person, other) for all whose talk is known: they wrote to each other at least once."""
    said = {(m.sender, m.recipient) for record in played.game.history for m in record.messages}
    known = [(a, b) for a in POWERS for b in POWERS if a is not b and ((a, b) in said or (b, a) in said)]
    return [(a, b) for a, b in known if _is_human(played, a)]


def _cases(
    played: SeatedGame,
    record: PhaseRecord,
    history: Sequence[PhaseRecord],
    ledgers: Mapping[Power, Ledger],
    talkers: Sequence[tuple[Power, Power]],
) -> Iterator[Case]:
    """The moments of one phase, its messages being entered into the ledgers on the way."""
    board, timed = record.board, bool(played.times)
    living = [(a, b) for a, b in talkers if a in board.alive and b in board.alive]
    began = played.times.get(record.messages[0].sequence, 0.0) if record.messages else 0.0

    def elapsed(message: Message) -> float | None:
        return min(1.0, (played.times[message.sequence] - began) / _PHASE_S) if timed else None

    def cases(pairs: Iterable[tuple[Power, Power]], after: int, share: float | None) -> Iterator[Case]:
        for power, other in pairs:
            later = (m for m in record.messages[after:] if {m.sender, m.recipient} == {power, other})
            wrote = (following := next(later, None)) is not None and following.sender is power
            yield Case(moment(ledgers[power], board, history, other, share), wrote)

    yield from cases(living, 0, 0.0 if timed else None)
    quarters = list(_QUARTERS) if timed and record.phase.kind is PhaseKind.MOVEMENT and record.messages else []
    for number, message in enumerate(record.messages):
        share = elapsed(message)
        while quarters and share is not None and share >= quarters[0]:
            yield from cases(_silent(living, record.messages[:number]), number, quarters.pop(0))
        read_into(ledgers, message, board, record.messages[:number])
        both = [pair for pair in living if set(pair) == {message.sender, message.recipient}]
        yield from cases(both, number + 1, share)
    for share in quarters:
        yield from cases(_silent(living, record.messages), len(record.messages), share)


def _silent(pairs: Iterable[tuple[Power, Power]], messages: Sequence[Message]) -> list[tuple[Power, Power]]:
    """The pairs that have not said anything so far."""
    spoken = [{m.sender, m.recipient} for m in messages]
    return [pair for pair in pairs if set(pair) not in spoken]


def _pauses(played: SeatedGame, record: PhaseRecord) -> Iterator[Pause]:
    """The time between the last message of another and a person's answer to it."""
    last: dict[frozenset[Power | None], Message] = {}
    for message in record.messages:
        pair = frozenset((message.sender, message.recipient))
        before = last.get(pair)
        last[pair] = message
        if message.recipient is None or before is None or before.sender is message.sender or not played.times:
            continue
        seconds = played.times[message.sequence] - played.times[before.sequence]
        if _is_human(played, message.sender) and 0 < seconds <= _LONGEST_S:
            yield Pause(seconds, before.text, message.text)


# --- fits --------------------------------------------------------------------------------------------------------


def fit(cases: Sequence[Case], prior: float, pace_prior: float) -> dict[Pace, FloatArray]:
    """Weights ``[F]`` of a logistic model for each pace, by Newton's method.

    Those of slow games have a Gaussian prior around 0, and the difference that a clock makes has one, too.
    """
    plain = np.array([case.at.features for case in cases]).reshape(-1, len(FEATURES))
    clocked = np.array([case.at.pace is Pace.CLOCK for case in cases])
    x = np.hstack([plain, plain * clocked[:, None]])
    y = np.array([case.wrote for case in cases], np.float64)
    precision = np.repeat([prior**-2, pace_prior**-2], len(FEATURES))
    precision[FEATURES.index("constant")] = 1e-6
    weights = np.zeros(2 * len(FEATURES))
    for _ in range(_STEPS):
        chances = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (y - chances) - precision * weights
        bend = (x * (chances * (1 - chances))[:, None]).T @ x + np.diag(precision)
        change = np.linalg.solve(bend, slope)
        weights = weights + change
        if np.abs(change).max() < _ENOUGH:
            break
    slow, difference = np.split(weights, 2)
    return {Pace.SLOW: slow, Pace.CLOCK: slow + difference}


def fit_delay(pauses: Sequence[Pause], lengths: bool = True) -> Delay:
    """Least squares of the logarithm of the pauses on those of the lengths.

    Args:
        lengths: whether lengths count; else only the median is fitted.
    """
    if not pauses:
        return Delay(start=3.0, read=0.0, written=0.0, spread=1.0)
    x = np.array([[1.0, *((math.log1p(len(p.read)), math.log1p(len(p.written))) if lengths else ())] for p in pauses])
    found = np.linalg.lstsq(x, np.log([p.seconds for p in pauses]), rcond=None)[0].tolist()
    start, by_read, by_written = found if lengths else (*found, 0.0, 0.0)
    figures = Delay(start, by_read, by_written, 1.0)
    return replace(figures, spread=deviation(pauses, figures))


def deviation(pauses: Sequence[Pause], figures: Delay) -> float:
    """How far the logarithms of pauses are from what is expected: the root of the mean square; 1 of none."""
    off = [math.log(p.seconds) - figures.median_log(p.read, p.written) for p in pauses]
    return math.sqrt(sum(r * r for r in off) / len(off)) if off else 1.0


def assent(answers: Mapping[tuple[ActKind, RequestStatus], int]) -> dict[ActKind, float]:
    """Of the requests of each kind, the share granted; one half before anything is seen."""
    granted = {kind: answers.get((kind, RequestStatus.ACCEPTED), 0) for kind in REQUESTING - {ActKind.ASK}}
    made = {kind: sum(answers.get((kind, status), 0) for status in RequestStatus) for kind in granted}
    return {kind: (granted[kind] + 1) / (made[kind] + 2) for kind in sorted(granted)}


# --- the measure -------------------------------------------------------------------------------------------------


def compare(cases: Sequence[Case], learnt: Sequence[Case], timing: Timing) -> dict[str, float]:
    """Log-loss in nats a moment, over all moments and those of each stand.

    Of the model; of one rate for all moments of a stand; of plain rules (`by_rule`), with the rate of each.

    Args:
        cases: to be foretold.
        learnt: where the rates come from.
    """
    found = {"base_rate": log_loss(cases, _by_rate(cases, learnt, lambda at: ""))}
    for stand in (None, *Stand):
        its = [case for case in cases if stand in (None, case.at.stand)]
        end = "" if stand is None else f"_{stand}"
        if its:
            found[f"model{end}"] = log_loss(its, [timing.chance(case.at) for case in its])
            found[f"rules{end}"] = log_loss(its, _by_rate(its, learnt, by_rule))
            found[f"rate_by_stand{end}"] = log_loss(its, _by_rate(its, learnt, lambda at: at.stand.value))
    return {name: round(value, 4) for name, value in found.items()}


def by_rule(at: Moment) -> str:
    """What a planner without timing would do: open talks with neighbours, answer, and wait for replies."""
    if at.stand is Stand.SAID or at["late_phase"]:
        return f"waits {at.stand}"
    if at.stand is Stand.OPEN:
        return "opens" if at["near"] or at["first_phase"] else "leaves alone"
    if at["asked"] or at["questioned"]:
        return "answers"
    return "lets it rest" if at["closing"] else "comments"


def _by_rate(cases: Sequence[Case], learnt: Sequence[Case], kind: Callable[[Moment], str]) -> list[float]:
    wrote, seen = Counter[str](), Counter[str]()
    for case in learnt:
        seen[kind(case.at)] += 1
        wrote[kind(case.at)] += case.wrote
    return [(wrote[kind(case.at)] + 1) / (seen[kind(case.at)] + 2) for case in cases]


def log_loss(cases: Sequence[Case], chances: Sequence[float]) -> float:
    """Mean −log probability of what happened."""
    return -sum(math.log(p if case.wrote else 1 - p) for case, p in zip(cases, chances, strict=True)) / len(cases)


def rounded(values: Any) -> Any:
    """Plain values with numbers of four digits after the point."""
    if isinstance(values, dict):
        return {key: rounded(value) for key, value in values.items()}
    return round(values, 4) if isinstance(values, float) else values
