"""How well the search foretells what people ordered, and what staying close to them costs.

In held-back public games every movement phase is searched as in play; actions of people that the search had not
thought of are added to the candidates.  Then the equilibrium of all seven powers is solved for one price λ after
another, the same for all.  Jacob et al. 2022, "Modeling strong and human-like gameplay with KL-regularized search",
weigh the same two things: agreement with people, and strength.  Strength is here what a policy is expected to score
among its candidates; ``cicero-lite arena sweep --key search.lambda_`` has it in play.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cicero_lite.bench.agreement import Agreement, Judged, judge, orders_of_units
from cicero_lite.bench.games import HELD_BACK
from cicero_lite.errors import CiceroLiteError
from cicero_lite.output import provenance
from engine.record import PhaseRecord
from engine.saved import seated_games
from engine.types import POWERS, PhaseKind
from planner.candidates import Codes
from planner.equilibrium import FloatArray, HedgeConfig
from planner.geometry import geometry
from planner.models import load_evaluator
from planner.polymatrix import solve_polymatrix
from planner.public import lambda_scales, public_search, scorer
from planner.rollout import Evaluator, ValueConfig
from planner.search import SearchConfig
from planner.sources import normalised

LAMBDAS = (0.0, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


class PeopleError(CiceroLiteError, ValueError):
    """A comparison with people that cannot be made."""


@dataclass(frozen=True)
class Settings:
    """What is compared; the same settings give the same figures."""

    policy: str = "network"
    """Anchor: ``rules``, ``network``, or the file of a policy network."""
    value: str = "threat"
    """``threat``, ``network``, or the file of a value network."""
    lambdas: tuple[float, ...] = LAMBDAS
    """Prices λ of one nat away from the anchor, in score, where as much is at stake as in a usual phase."""
    limit: int = 0
    """Most movement phases, drawn at random; 0: all."""
    seed: int = 0


@dataclass(frozen=True)
class AtLambda:
    """The equilibrium at one price."""

    lambda_: float
    agreement: Agreement


@dataclass(frozen=True)
class PeopleResult:
    """All that was compared."""

    settings: Settings
    games: int
    phases: int
    """Movement phases in which people ordered units."""
    actions: int
    """Of people."""
    orders: int
    """Of units, in those actions."""
    proposed: float
    """Share of the actions that the search had among its candidates."""
    candidates: float
    """Mean number of candidates, the action played among them."""
    anchor: Agreement
    """λ = ∞."""
    types: Agreement
    """The equilibrium of the types that the search takes players for: how it predicts them (DiL-piKL)."""
    lambdas: tuple[AtLambda, ...]
    commit: str | None
    dirty: bool


def compare(
    folder: Path, settings: Settings, watch: Callable[[int, int], None] = lambda done, total: None
) -> PeopleResult:
    """Searches the movement phases of the held-back games.

    Args:
        folder: has `HELD_BACK` in it.
        settings: what to compare.
        watch: called with the phases done, and those to be done.

    Raises:
        PeopleError: no games there, none with people, or settings that make no sense.
        GameFileError: a game cannot be read.
        NetworkFileError: a network's file is missing or damaged.
    """
    _check(settings)
    config = SearchConfig(policy=settings.policy, value=ValueConfig(value=settings.value))
    evaluator = load_evaluator(config)
    phases = _chosen(list(_phases(folder)), settings)
    if not phases:
        raise PeopleError(f"{folder / HELD_BACK}: expected games in which people ordered units, got none")
    compared = []
    for number, phase in enumerate(phases):
        watch(number, len(phases))
        compared.append(_compared(phase, config, evaluator, settings.lambdas))
    watch(len(phases), len(phases))
    anchor, types, *rows = (Agreement.of(row) for row in zip(*(its.judged for its in compared), strict=True))
    actions = sum(len(phase.played) for phase in phases)
    source = provenance()
    return PeopleResult(
        settings=settings,
        games=len({phase.game for phase in phases}),
        phases=len(phases),
        actions=actions,
        orders=sum(len(codes) for phase in phases for codes in phase.played.values()),
        proposed=sum(its.proposed for its in compared) / actions,
        candidates=sum(its.candidates for its in compared) / actions,
        anchor=anchor,
        types=types,
        lambdas=tuple(AtLambda(*pair) for pair in zip(settings.lambdas, rows, strict=True)),
        commit=source.commit,
        dirty=source.dirty,
    )


def _check(settings: Settings) -> None:
    if not settings.lambdas or not all(0 <= lambda_ < math.inf for lambda_ in settings.lambdas):
        given = ",".join(map(str, settings.lambdas))
        raise PeopleError(f"--lambdas: expected numbers from 0 on, the anchor being infinity, got {given}")
    for name, value in (("--limit", settings.limit), ("--seed", settings.seed)):
        if value < 0:
            raise PeopleError(f"{name}: expected 0 or more, got {value}")


@dataclass(frozen=True)
class _Phase:
    """A movement phase, and what people ordered in it."""

    game: str
    record: PhaseRecord
    played: Mapping[int, Codes]
    """Number of a power -> its action; units without an order hold."""


def _phases(folder: Path) -> Iterator[_Phase]:
    path = folder / HELD_BACK
    if not path.is_file():
        raise PeopleError(f"--data {folder}: expected {HELD_BACK} of the public games there, got no such file")
    for seated in seated_games(path):
        for record in seated.game.history:
            if record.phase.kind is PhaseKind.MOVEMENT and (played := _played(record, seated.players)):
                yield _Phase(seated.game.game_id, record, played)


def _played(record: PhaseRecord, players: Mapping[str, str]) -> dict[int, Codes]:
    """Actions of people; one who ordered nothing at all was away."""
    board = geometry(record.position.map.name)
    return {
        power.number: tuple(map(board.code, record.orders[power]))
        for power in POWERS
        if players.get(power) == "human" and record.played.codes[power.number]
    }


def _chosen(phases: Sequence[_Phase], settings: Settings) -> list[_Phase]:
    if not settings.limit:
        return list(phases)
    drawn = np.random.default_rng(settings.seed).permutation(len(phases))[: settings.limit]
    return [phases[number] for number in sorted(drawn.tolist())]


@dataclass(frozen=True)
class _Compared:
    """One phase."""

    judged: Sequence[Sequence[Judged]]
    """Of the anchor, the types, and each λ: every person's."""
    proposed: int
    """Actions that the search had among its candidates."""
    candidates: int


def _compared(phase: _Phase, config: SearchConfig, evaluator: Evaluator, lambdas: Sequence[float]) -> _Compared:
    public = public_search(phase.record.position, config, evaluator)
    sets, numbers, proposed = list(public.sets), {}, 0
    for power, codes in phase.played.items():
        known = {frozenset(action): number for number, action in enumerate(sets[power].actions)}
        proposed += frozenset(codes) in known
        numbers[power] = known.get(frozenset(codes), len(known))
        if numbers[power] == len(known):
            sets[power] = sets[power].with_actions([codes])
    likelihoods = evaluator.source.log_likelihoods([s.policy for s in sets], [s.actions for s in sets], public.styles)
    taus = [np.exp(normalised(rows)).mean(axis=0) for rows in likelihoods]
    assert public.tables is not None  # they are there in movement phases
    score = scorer(public.position, sets, evaluator)
    game = public.tables.extended(score, [len(s.actions) for s in sets], public.background).game()
    scales = lambda_scales(phase.record.phase, public.stakes, config)
    hedge = HedgeConfig(config.iterations, eta=config.eta)
    orders = {power: orders_of_units(sets[power].actions, public.situation.geometry) for power in numbers}

    def solved(lambdas: Sequence[float]) -> Sequence[FloatArray]:
        return solve_polymatrix(game, taus, [np.array(lambdas) * scale for scale in scales], hedge).averages

    def judged(policies: Sequence[FloatArray]) -> list[Judged]:
        return [
            judge(orders[p], played, policies[p], taus[p], game.values(p, policies)[:, p])
            for p, played in numbers.items()
        ]

    found = [taus, solved(config.opponents.lambdas), *(solved([lambda_]) for lambda_ in lambdas)]
    return _Compared(list(map(judged, found)), proposed, sum(len(sets[power].actions) for power in numbers))
