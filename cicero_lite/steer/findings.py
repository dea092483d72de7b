"""What an experiment found: its claims, what else changed, what it cost, and talks to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from cicero_lite.arena.statistics import Estimate, mean_difference
from cicero_lite.bench.shares import Share
from cicero_lite.steer.behaviours import BEHAVIOURS
from cicero_lite.steer.dosing import Claim, Value, dosable
from cicero_lite.steer.experiments import Arm, Dose, Experiment, Pursuit, Run, dose_of, dose_text, value_text
from cicero_lite.steer.playing import Line, Ran
from cicero_lite.steer.responses import Change, Verdict, change_of, holm, order_p, trend_of, verdict_of
from engine.types import Action, Power

_SLOW = (
    "attacks",
    "attacks_on_neighbour",
    "supports_of_others",
    "effective_supports_of_others",
    "centres_entered",
    "messages",
    "granted_share",
    "requests_granted_by_others",
    "promises_broken",
    "kept_share",
    "friends_attacked",
)
"""What is told of whole games beside the claims and the score."""


@dataclass(frozen=True)
class Level:
    """A behaviour at one dose."""

    dose: str
    mean: float
    change: Change | None
    """Against neutral, moment by moment; None: it is neutral."""


@dataclass(frozen=True)
class Response:
    """How a behaviour follows the doses."""

    behaviour: str
    by: Pursuit
    levels: tuple[Level, ...]
    """In the order of the doses, neutral among them."""
    trend: Change | None
    """A step from one dose to the next, over the moments measured with all doses; None where doses have no order."""


@dataclass(frozen=True)
class ClaimFound:
    """A claim and what became of it."""

    claim: Claim
    response: Response
    evidence: Change | None
    """The trend; of a claim about one dose, its change against neutral."""
    steady_p: float | None
    verdict: Verdict


@dataclass(frozen=True)
class SideEffect:
    """What a behaviour that nothing was claimed of does between two doses."""

    behaviour: str
    change: Change
    standardised: float | None
    """The change in standard deviations of the behaviour between moments, at the neutral dose; None: it has none."""
    p: float | None
    """Adjusted for all behaviours looked at (Holm)."""


@dataclass(frozen=True)
class Contrast:
    """Two doses, and all that changes between them beside the claims."""

    low: str
    high: str
    effects: tuple[SideEffect, ...]


@dataclass(frozen=True)
class GameCost:
    """What a dose does to whole games, against the neutral seat in the same games."""

    dose: str
    by: Pursuit
    games: int
    neutral_score: float
    score: Estimate
    """Difference of sum-of-squares scores."""
    changes: Mapping[str, Change]
    """Of behaviours, a movement phase."""


@dataclass(frozen=True)
class Interaction:
    """Whether two controls together do more, or less, than each alone comes to, at the ends of their doses."""

    behaviour: str
    cells: Mapping[str, float]
    """Mean by pair of doses."""
    contrast: Change | None
    """(high, high) − (high, low) − (low, high) + (low, low)."""


@dataclass(frozen=True)
class Compared:
    """What an aim comes to by objective, and by the words alone."""

    behaviour: str
    dose: str
    objective: Change
    words: Change
    difference: Change
    """By objective less by words."""


@dataclass(frozen=True)
class Sample:
    """One moment with several doses."""

    moment: str
    seat: Power
    neighbour: Power | None
    talks: tuple[tuple[str, tuple[Line, ...], Action], ...]
    """Dose, what was said, what was ordered."""


@dataclass(frozen=True)
class Findings:
    """All of an experiment."""

    name: str
    experiment: Experiment
    moments: int
    """Measured with the neutral dose."""
    passed_over: int
    """Moments at which no seat had what the control needs."""
    missing: int
    """Runs not done yet."""
    claims: tuple[ClaimFound, ...]
    responses: tuple[Response, ...]
    """Of every behaviour that was measured."""
    contrasts: tuple[Contrast, ...]
    costs: tuple[GameCost, ...]
    interactions: tuple[Interaction, ...]
    compared: tuple[Compared, ...]
    shares: Mapping[str, Share]
    """Of a control whose claims are yes or no: how often, with the dose."""
    samples: tuple[Sample, ...]
    seconds_a_moment: float
    """Processor time."""
    seconds_a_game: float | None


def findings_of(name: str, experiment: Experiment, ran: Mapping[Run, Ran]) -> Findings:
    """What the runs that there are say of an experiment."""
    wanted = list(dict.fromkeys(experiment.runs()))
    found = [ran[run] for run in wanted if run in ran]
    moments = _Moments([one for one in found if one.run.arm is Arm.MOMENT])
    games = [one for one in found if one.run.arm is Arm.GAME]
    single = experiment.second is None
    responses = tuple(_responses(experiment, moments)) if single else ()
    claims = tuple(_claims(experiment, moments, responses)) if single else ()
    contrasts = tuple(_contrasts(experiment, moments)) if single else ()
    neutral = [one for one in moments.all if one.run.dose == ()]
    taken = [one.seconds for one in moments.all if one.seat is not None]
    return Findings(
        name=name,
        experiment=experiment,
        moments=sum(one.seat is not None for one in neutral),
        passed_over=sum(one.seat is None for one in neutral),
        missing=len(wanted) - len(found),
        claims=claims,
        responses=responses,
        contrasts=contrasts,
        costs=tuple(_costs(experiment, games)),
        interactions=() if single else tuple(_interactions(experiment, moments)),
        compared=tuple(_compared(experiment, moments)) if single else (),
        shares=_shares(experiment, moments),
        samples=tuple(_samples(experiment, moments)),
        seconds_a_moment=fmean(taken) if taken else 0.0,
        seconds_a_game=fmean(one.seconds for one in games) if games else None,
    )


class _Moments:
    """The runs at moments, found by dose and moment."""

    def __init__(self, all_runs: Sequence[Ran]) -> None:
        self.all = all_runs
        self._by: dict[tuple[Pursuit, Dose], dict[tuple[int, str], Ran]] = {}
        for one in all_runs:
            if one.seat is not None:
                self._by.setdefault((one.run.by, one.run.dose), {})[one.run.number, one.run.at] = one

    def of(self, by: Pursuit, dose: Dose) -> Mapping[tuple[int, str], Ran]:
        """(game, phase) -> run; the neutral dose is the same however an aim is pursued."""
        return self._by.get((by if dose else Pursuit.OBJECTIVE, dose), {})

    def value(self, by: Pursuit, dose: Dose, behaviour: str) -> dict[tuple[int, str], float]:
        """(game, phase) -> behaviour, where it was measured."""
        found = {place: one.values.get(behaviour) for place, one in self.of(by, dose).items()}
        return {place: value for place, value in found.items() if value is not None}

    def change(self, by: Pursuit, low: Dose, high: Dose, behaviour: str) -> Change | None:
        """Of a behaviour from one dose to another, moment by moment."""
        before, after = (self.value(by, dose, behaviour) for dose in (low, high))
        both = [place for place in before if place in after]
        return change_of([after[place] - before[place] for place in both], [place[0] for place in both])

    def table(self, by: Pursuit, doses: Sequence[Dose], behaviour: str) -> tuple[np.ndarray, list[int]]:
        """``[N, D]`` of the moments measured with every dose, and the game of each."""
        columns = [self.value(by, dose, behaviour) for dose in doses]
        places = [place for place in columns[0] if all(place in column for column in columns[1:])]
        rows = np.array([[column[place] for column in columns] for place in places], np.float64)
        return rows.reshape(len(places), len(doses)), [place[0] for place in places]


# --- one control -----------------------------------------------------------------------------------------


def _doses(experiment: Experiment) -> list[tuple[Value, Dose]]:
    return [(value, dose_of({experiment.control: value})) for value in experiment.doses]


def _responses(experiment: Experiment, moments: _Moments) -> Iterator[Response]:
    doses = _doses(experiment)
    for by in experiment.by:
        for behaviour in BEHAVIOURS:
            levels = []
            for value, dose in doses:
                values = moments.value(by, dose, behaviour)
                if values:
                    change = moments.change(by, (), dose, behaviour) if dose else None
                    levels.append(Level(value_text(value), fmean(values.values()), change))
            if len(levels) > 1:
                yield Response(behaviour, by, tuple(levels), _trend(experiment, moments, by, behaviour))


def _trend(experiment: Experiment, moments: _Moments, by: Pursuit, behaviour: str) -> Change | None:
    if not dosable(experiment.control).is_ordered:
        return None
    table, games = moments.table(by, [dose for _, dose in _doses(experiment)], behaviour)
    return trend_of(table, games) if len(table) else None


def _claims(experiment: Experiment, moments: _Moments, responses: Sequence[Response]) -> Iterator[ClaimFound]:
    first = experiment.by[0]
    doses = _doses(experiment)
    for claim in dosable(experiment.control).claims:
        response = next((r for r in responses if r.behaviour == claim.behaviour and r.by is first), None)
        if response is None or (claim.dose and claim.dose not in experiment.doses):
            continue
        if claim.dose:
            evidence = moments.change(first, (), dose_of({experiment.control: claim.dose}), claim.behaviour)
            yield ClaimFound(claim, response, evidence, None, verdict_of(evidence, claim.way))
            continue
        table, games = moments.table(first, [dose for _, dose in doses], claim.behaviour)
        steady = order_p(table, games, claim.way) if len(table) else None
        verdict = verdict_of(response.trend, claim.way, steady)
        yield ClaimFound(claim, response, response.trend, steady, verdict)


def _contrasts(experiment: Experiment, moments: _Moments) -> Iterator[Contrast]:
    control, doses = dosable(experiment.control), _doses(experiment)
    pairs = [(doses[0], doses[-1])] if control.is_ordered else [((control.neutral, ()), d) for d in doses if d[1]]
    for (low, low_dose), (high, high_dose) in pairs:
        claimed = {c.behaviour for c in control.claims if c.dose in ("", high)}
        changes = {
            name: change
            for name in BEHAVIOURS
            if name not in claimed
            and (change := moments.change(experiment.by[0], low_dose, high_dose, name)) is not None
        }
        tested = {name: change.p for name, change in changes.items() if change.p is not None}
        adjusted = dict(zip(tested, holm(list(tested.values())), strict=True))
        effects = (
            SideEffect(name, change, _standardised(moments, name, change), adjusted.get(name))
            for name, change in changes.items()
        )
        yield Contrast(value_text(low), value_text(high), tuple(effects))


def _standardised(moments: _Moments, behaviour: str, change: Change) -> float | None:
    neutral = list(moments.value(Pursuit.OBJECTIVE, (), behaviour).values())
    deviation = float(np.std(neutral)) if neutral else 0.0
    return change.mean / deviation if deviation > 0 else None


def _shares(experiment: Experiment, moments: _Moments) -> dict[str, Share]:
    """How often what was imposed was played, argued for and done."""
    if experiment.control != "imposed" or experiment.second is not None:
        return {}
    dose = dose_of({"imposed": "orders"})
    return {
        claim.behaviour: Share.counted(value > 0.5 for value in found.values())
        for claim in dosable("imposed").claims
        if (found := moments.value(experiment.by[0], dose, claim.behaviour))
    }


# --- games, two controls, two ways -----------------------------------------------------------------------


def _costs(experiment: Experiment, games: Sequence[Ran]) -> Iterator[GameCost]:
    neutral = {one.run.number: one for one in games if one.run.dose == ()}
    told = [*dict.fromkeys((*(c.behaviour for c in dosable(experiment.control).claims), *_SLOW))]
    for by in experiment.by:
        for value in experiment.games.doses:
            dose = dose_of({experiment.control: value})
            found = [one for one in games if one.run.dose == dose and one.run.by is by and one.run.number in neutral]
            pairs = [(one, neutral[one.run.number]) for one in found]
            scores = [
                (a.score - b.score, a.seat)
                for a, b in pairs
                if a.score is not None and b.score is not None and a.seat is not None
            ]
            if not dose or not scores:
                continue
            changes = {name: change for name in told if (change := _changed(pairs, name)) is not None}
            yield GameCost(
                dose=value_text(value),
                by=by,
                games=len(scores),
                neutral_score=fmean(b.score for _, b in pairs if b.score is not None),
                score=mean_difference([score for score, _ in scores], [seat for _, seat in scores]),
                changes=changes,
            )


def _changed(pairs: Sequence[tuple[Ran, Ran]], behaviour: str) -> Change | None:
    both = [(a.values.get(behaviour), b.values.get(behaviour), a.run.number) for a, b in pairs]
    known = [(a - b, number) for a, b, number in both if a is not None and b is not None]
    return change_of([difference for difference, _ in known], [number for _, number in known])


def _interactions(experiment: Experiment, moments: _Moments) -> Iterator[Interaction]:
    (first, firsts), (second, seconds) = experiment.turned.items()
    by = experiment.by[0]
    corners = [dose_of({first: a, second: b}) for a in (firsts[-1], firsts[0]) for b in (seconds[-1], seconds[0])]
    for behaviour in BEHAVIOURS:
        cells = {}
        for a in firsts:
            for b in seconds:
                values = moments.value(by, dose_of({first: a, second: b}), behaviour)
                if values:
                    cells[f"{value_text(a)}, {value_text(b)}"] = fmean(values.values())
        table, games = moments.table(by, corners, behaviour)
        if len(table):
            contrast = change_of((table @ np.array([1.0, -1.0, -1.0, 1.0])).tolist(), games)
            yield Interaction(behaviour, cells, contrast)


def _compared(experiment: Experiment, moments: _Moments) -> Iterator[Compared]:
    if set(experiment.by) != set(Pursuit):
        return
    for value, dose in _doses(experiment):
        for behaviour in BEHAVIOURS if dose else ():
            neutral = moments.value(Pursuit.OBJECTIVE, (), behaviour)
            ways = [moments.value(by, dose, behaviour) for by in (Pursuit.OBJECTIVE, Pursuit.WORDS)]
            places = [place for place in neutral if all(place in way for way in ways)]
            numbers = [place[0] for place in places]
            objective, words = (change_of([way[p] - neutral[p] for p in places], numbers) for way in ways)
            difference = change_of([ways[0][p] - ways[1][p] for p in places], numbers)
            if objective is not None and words is not None and difference is not None:
                yield Compared(behaviour, value_text(value), objective, words, difference)


# --- talks -----------------------------------------------------------------------------------------------


def _samples(experiment: Experiment, moments: _Moments) -> Iterator[Sample]:
    """The first moment at which what is said or ordered differs between the extreme doses."""
    by, every = experiment.by[0], experiment.every_dose
    ends = list(dict.fromkeys((every[0], (), every[-1])))
    for place in moments.of(by, ()):
        found = [moments.of(by, dose).get(place) for dose in ends]
        there = [one for one in found if one is not None]
        if len(there) < len(ends) or not there[0].lines:
            continue
        if len({(one.lines, one.orders) for one in there}) > 1:
            first = there[0]
            talks = tuple((dose_text(one.run.dose), one.lines, one.orders) for one in there)
            assert first.seat is not None
            yield Sample(f"game {place[0]}, {place[1]}", first.seat, first.neighbour, talks)
            return


__all__ = [
    "ClaimFound",
    "Compared",
    "Contrast",
    "Findings",
    "GameCost",
    "Interaction",
    "Level",
    "Response",
    "Sample",
    "SideEffect",
    "findings_of",
]
