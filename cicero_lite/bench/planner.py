"""The speed of the planner: whole plans and where their time goes, values, the policy network."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from cicero_lite.bench.engine_batch import PartSpeed
from cicero_lite.bench.machine import Machine, cores
from cicero_lite.bench.planner_parts import (
    PolicySpeed,
    measure_joint_actions,
    measure_policy,
    measure_value,
    positions_ahead,
    torch_threads,
)
from cicero_lite.bench.planner_stages import Stage, StageClock
from cicero_lite.errors import CiceroLiteError
from cicero_lite.output import provenance
from engine.game import Game, GameView
from engine.types import POWERS, OrderKind, Power
from planner.baselines import DumbBot
from planner.candidates import CandidateConfig
from planner.dumbbot import WithDumbBot
from planner.models import load_evaluator
from planner.policy_model import PolicyModel
from planner.rollout import ValueConfig
from planner.search import SearchConfig, search
from planner.sources import RULES, NetworkSource
from planner.talk import Beliefs

CANDIDATES = 30
"""Actions drawn a power, if there are so many, before the search looks for more."""
MIDDLE = 1904
"""Plans are made in the spring of this year."""
_VALUES = ("threat", "network")


class PlannerBenchError(CiceroLiteError, ValueError):
    """A measurement that cannot be made."""


@dataclass(frozen=True)
class Settings:
    """What to measure; the same settings measure the same positions."""

    policy: str = "network"
    """Anchor of the plans: ``rules``, ``network``, or the file of a policy network."""
    value: str = "network"
    """``threat``, ``network``, or the file of a value network."""
    positions: int = 7
    """In which plans are made, each of a game of its own; the powers plan in turn."""
    threads: int = 0
    """0: one for each core."""
    seed: int = 0
    quick: bool = False
    """One position and few repeats: shows that it works, not how fast."""


@dataclass(frozen=True)
class PlanSpeed:
    """Plans of one configuration, each from nothing."""

    plan_s: float
    """Median."""
    worst_s: float
    again_s: float
    """Median of a plan of the same position after talk: what the board alone says is known."""
    stages_s: Mapping[Stage, float]
    """Each stage's share of the time of all plans, of ``plan_s``, which they sum to."""
    actions: float
    """Mean number of candidates of all powers together, with those that local search found."""
    joint_actions: float
    """Mean number of joint actions scored in a plan, those of local search not counted."""


@dataclass(frozen=True)
class RunSettings:
    """What was measured, where, and with which code."""

    policy: str
    value: str
    iterations: int
    positions: int
    threads: int
    seed: int
    quick: bool
    machine: Machine
    versions: Mapping[str, str]
    commit: str | None
    dirty: bool


@dataclass(frozen=True)
class PlannerSpeed:
    """All that was measured; first the figures to plan by."""

    plan_s: float
    """Median of a plan with all threads asked for, wall clock."""
    plan_cpu_s: float
    """Median of a plan with one thread, its processor time: what other programs do says little in it."""
    value_positions_per_s: float
    """Of the value that the plans use, with all threads."""
    policy_samples_per_s: float | None
    """Joint orders of a power drawn from the network, with one thread; None: the anchor is no network."""
    plan: PlanSpeed
    """All threads, wall clock.  They share rules and values; the policy network keeps to one."""
    plan_one_thread: PlanSpeed
    """Processor time."""
    plan_by_rules: PlanSpeed
    """One thread, processor time, with rules of thumb as anchor and the hand-made value, made by turns with the
    others: to compare with."""
    values: Mapping[str, PartSpeed]
    """By value: positions a second; one thread by its processor time, several by the clock on the wall, best of all
    repeats."""
    joint_actions: Mapping[str, PartSpeed]
    """By value: joint actions played by the rules, and valued, a second; clocks as above."""
    policy: PolicySpeed | None
    settings: RunSettings


def measure_planner(settings: Settings, tell: Callable[[str], None] = lambda what: None) -> PlannerSpeed:
    """Times plans and their parts.

    Args:
        settings: what to measure.
        tell: is told what is being measured.

    Raises:
        PlannerBenchError: settings that make no sense.
        NetworkFileError: a network's file is missing or damaged.
    """
    _check(settings)
    run = _run_settings(settings)
    games = middle_games(run.positions, run.seed)
    positions = [game.position for game in games]
    config = plan_config(settings.policy, settings.value)
    # The network is small: its threads would wait for each other, for ever so long where cores are busy.
    with torch_threads(1):
        whole, one, by_rules = _plans(config, games, run, tell)
        values: dict[str, PartSpeed] = {}
        joint: dict[str, PartSpeed] = {}
        count, repeats = (256, 2) if run.quick else (8192, 9)
        ahead = positions_ahead(positions, count, run.seed)
        for name in dict.fromkeys((*_VALUES, settings.value)):
            tell(f"value: {name}")
            own = plan_config(RULES, name)
            evaluator = load_evaluator(own)
            values[name] = measure_value(evaluator, ahead, run.threads, repeats)
            joint[name] = measure_joint_actions(evaluator, own, positions[0], count, run.threads, repeats)
        policy = None
        source = whole.evaluator.source
        if isinstance(source, WithDumbBot):
            source = source.source
        if isinstance(source, NetworkSource) and isinstance(source.model, PolicyModel):
            tell("policy network")
            policy = measure_policy(source.model, positions, repeats)
    plan, alone = whole.speed(), one.speed()
    return PlannerSpeed(
        plan_s=plan.plan_s,
        plan_cpu_s=alone.plan_s,
        value_positions_per_s=values[settings.value].per_second,
        policy_samples_per_s=None if policy is None else policy.samples_per_s,
        plan=plan,
        plan_one_thread=alone,
        plan_by_rules=by_rules.speed(),
        values=values,
        joint_actions=joint,
        policy=policy,
        settings=run,
    )


def plan_config(policy: str, value: str) -> SearchConfig:
    """The search as it comes, but for its anchor and value, and as many candidates for small powers as for large."""
    candidates = CandidateConfig(most=CANDIDATES, per_unit=CANDIDATES)
    return SearchConfig(policy=policy, value=ValueConfig(value=value), candidates=candidates)


def middle_games(count: int, seed: int) -> list[Game]:
    """Games among DumbBots, in the spring of ``MIDDLE``, all seven powers alive."""
    games: list[Game] = []
    rng = np.random.default_rng(seed)
    while len(games) < count:
        game, bot = Game(), DumbBot(rng)
        while game.phase.year < MIDDLE and not game.is_done:
            for power in game.alive:
                game.set_orders(power, bot.act(game.view(power), power))
            game.process()
        if all(game.units(power) for power in POWERS):
            games.append(game)
    return games


class _Plans:
    """Plans of one configuration, and their times so far.

    Args:
        now: the clock.
    """

    def __init__(self, config: SearchConfig, threads: int, now: Callable[[], float]) -> None:
        self.config, self.now = config, now
        self.evaluator = load_evaluator(config, threads)
        self.clock = StageClock(now)
        self.first: list[float] = []
        self.again: list[float] = []
        self.actions: list[int] = []
        self.joint_actions: list[int] = []

    def make(self, view: GameView, power: Power, seed: int) -> None:
        """Plans from nothing, and again after talk."""
        self.evaluator.forget()
        rng, before = np.random.default_rng(seed), self.evaluator.evaluated
        began = self.now()
        with self.clock.plan(self.evaluator.source):
            plan = search(view, power, Beliefs(), self.config, rng, evaluator=self.evaluator)
        middle = self.now()
        self.joint_actions.append(self.evaluator.evaluated - before)
        search(view, power, _talk(view, power), self.config, rng, previous=plan)
        self.again.append(self.now() - middle)
        self.first.append(middle - began)
        self.actions.append(sum(len(policy.actions) for policy in plan.policies.values()))

    def speed(self) -> PlanSpeed:
        """What the times come to."""
        middle, total = median(self.first), sum(self.clock.seconds.values())
        return PlanSpeed(
            plan_s=middle,
            worst_s=max(self.first),
            again_s=median(self.again),
            stages_s={stage: middle * seconds / total for stage, seconds in self.clock.seconds.items()},
            actions=fmean(self.actions),
            joint_actions=fmean(self.joint_actions),
        )


def _plans(
    config: SearchConfig, games: Sequence[Game], run: RunSettings, tell: Callable[[str], None]
) -> tuple[_Plans, _Plans, _Plans]:
    """Plans with all threads, with one, and by rules, by turns."""
    kinds = (
        _Plans(config, run.threads, time.perf_counter),
        _Plans(config, 1, time.thread_time),
        _Plans(plan_config(RULES, "threat"), 1, time.thread_time),
    )
    # What is done once a process is no part of a plan.
    for each in kinds:
        search(games[0].view(POWERS[0]), POWERS[0], Beliefs(), each.config, evaluator=each.evaluator)
    for number, game in enumerate(games):
        tell(f"plan {number + 1} of {len(games)}")
        power = POWERS[number % len(POWERS)]
        for each in kinds:
            each.make(game.view(power), power, run.seed + number)
    return kinds


def _talk(view: GameView, power: Power) -> Beliefs:
    """One support that a message might ask of another power: of the first unit that can support one of ours."""
    for other in view.alive:
        for orders in view.legal_orders(other).values():
            for order in orders:
                if other is not power and order.kind is OrderKind.SUPPORT and order.aided in view.units(power):
                    return Beliefs(consider=((other, order),))
    return Beliefs()


def _check(settings: Settings) -> None:
    if settings.positions < 1:
        raise PlannerBenchError(f"--positions: expected 1 or more, got {settings.positions}")
    for name, value in (("--threads", settings.threads), ("--seed", settings.seed)):
        if value < 0:
            raise PlannerBenchError(f"{name}: expected 0 or more, got {value}")


def _run_settings(settings: Settings) -> RunSettings:
    source = provenance()
    return RunSettings(
        policy=settings.policy,
        value=settings.value,
        iterations=plan_config(settings.policy, settings.value).iterations,
        positions=1 if settings.quick else settings.positions,
        threads=settings.threads or cores(),
        seed=settings.seed,
        quick=settings.quick,
        machine=Machine.here(),
        versions={n: source.versions[n] for n in ("python", "cicero-lite", "numpy", "torch") if n in source.versions},
        commit=source.commit,
        dirty=source.dirty,
    )
