"""Plausible actions of a power: what the search chooses among, and how likely the rule policy finds each.

Actions are tuples of order codes here, in the order of the units' locations.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Protocol

import numpy as np

from engine.notation import order_sort_key
from engine.types import FIRST_PHASE, POWERS, OrderKind, PhaseKind, Power
from planner.anchor import Anchor, anchor
from planner.geometry import (
    AIDED,
    KIND,
    SUPPORT,
    BoolArray,
    FloatArray,
    Geometry,
    IntArray,
)
from planner.openings import openings
from planner.options import Situation, choice_of, options

Codes = tuple[int, ...]
"""Order codes of one power's action."""

_LIST_LIMIT = 400
"""Retreats or adjustments enumerated at most."""
_REPAIR_MARGIN = 0.5


@dataclass(frozen=True)
class CandidateConfig:
    """How many actions each power is given to choose from."""

    most: int = 30
    """At most this many sampled actions a power."""
    per_unit: float = 3.5
    """And at most this many per unit, as Cicero does."""
    chains: int = 96
    """Gibbs chains drawn a power; two thirds of them are improved around a few units left as drawn."""
    spread: float = 1.5
    """Temperature at which the units left as drawn were drawn, for variety."""
    kept: int = 2
    """Units left as drawn."""
    foreign_supports: int = 3
    """Supports of other powers' units for which a candidate is made: what press is about."""
    asked: int = 3
    """Candidates made for each order asked for or expected."""


class RulePolicy(Protocol):
    """What a power would plausibly order in the phase at hand."""

    @property
    def power(self) -> int:
        """Whose orders."""
        ...

    def likely(self, config: CandidateConfig, rng: np.random.Generator) -> list[Codes]:
        """Different plausible actions, at least one."""
        ...

    def energies(self, actions: Sequence[Codes]) -> FloatArray:
        """Log-likelihood of each action, up to a constant."""
        ...

    def containing(self, codes: Sequence[int], bases: Sequence[Codes], count: int) -> list[Codes]:
        """Up to ``count`` plausible actions with all these orders, made from the bases; else none."""
        ...


def rule_policy(situation: Situation, power: int) -> RulePolicy:
    """The rule policy for the kind of phase at hand."""
    match situation.phase.kind:
        case PhaseKind.MOVEMENT:
            return MovementPolicy(situation, power)
        case PhaseKind.RETREATS:
            return ListPolicy(power, *_retreats(situation, power))
    return ListPolicy(power, *_adjustments(situation, power))


def candidate_limit(config: CandidateConfig, units: int) -> int:
    """Sampled actions for a power of so many units.

    >>> candidate_limit(CandidateConfig(), 3), candidate_limit(CandidateConfig(), 12)
    (11, 30)
    """
    return max(1, min(config.most, math.ceil(config.per_unit * units)))


class MovementPolicy:
    """Joint orders of a movement phase, by the log-linear model of `planner.anchor`."""

    def __init__(self, situation: Situation, power: int) -> None:
        self.power = power
        self._situation = situation
        self._options = options(situation.position, power, situation.geometry)
        self._anchor: Anchor = anchor(situation, self._options)
        self._book: dict[Codes, float] = {}
        if situation.phase == FIRST_PHASE:
            self._read_book()

    def _read_book(self) -> None:
        for action, share in openings(Power(POWERS[self.power])):
            codes = tuple(self._situation.geometry.code(order) for order in action)
            if len(codes) == self._options.unit_count and all(c in self._options.number_of for c in codes):
                self._book[self._sorted(choice_of(self._options, codes))] = share

    def _sorted(self, choice: IntArray) -> Codes:
        # Units are listed by province, which is also the order of locations.
        return tuple(self._options.codes[number] for number in choice)

    def _unique(self, choices: IntArray) -> list[Codes]:
        return list(dict.fromkeys(self._sorted(row) for row in choices))

    def likely(self, config: CandidateConfig, rng: np.random.Generator) -> list[Codes]:
        if not self._options.unit_count:
            return [()]
        units, plain = self._options.unit_count, config.chains // 3
        drawn_wild = self._anchor.sample(config.chains - plain, rng, temperature=config.spread)
        # Where many units are drawn at once some orders make no sense; so all but a few are chosen anew.
        kept = rng.random(drawn_wild.shape).argsort(axis=1) < min(config.kept, units)
        choices = np.concatenate(
            [
                self._anchor.improve(drawn_wild[:4]),
                self._anchor.improve(drawn_wild, kept),
                self._anchor.sample(plain, rng),
            ]
        )
        drawn = self._unique(choices)
        ranked = sorted(drawn, key=dict(zip(drawn, -self.energies(drawn), strict=True)).__getitem__)
        limit = candidate_limit(config, self._options.unit_count)
        # Two thirds by likelihood, the rest as drawn: rare but sound ideas stay in.
        best = ranked[: limit - limit // 3]
        rest = [action for action in drawn if action not in set(best)][: limit // 3]
        press = self._press(best, config.foreign_supports)
        return list(dict.fromkeys([*self._book, *best, *rest, *press]))

    def _press(self, bases: Sequence[Codes], count: int) -> list[Codes]:
        """Actions around the likeliest supports of foreign units, each for another unit supported."""
        opts, single = self._options, self._anchor.single
        place = self._situation.occupant
        made: list[Codes] = []
        aided: set[int] = set()
        kind, aid = opts.rows[:, KIND], opts.rows[:, AIDED]
        foreign = np.flatnonzero((kind == SUPPORT) & (place[aid] != self.power) & (aid >= 0))
        for number in foreign[np.argsort(-single[foreign], kind="stable")]:
            if len(made) == count:
                break
            if int(aid[number]) not in aided:
                aided.add(int(aid[number]))
                made += self.containing([opts.codes[number]], bases, 1)
        return made

    def energies(self, actions: Sequence[Codes]) -> FloatArray:
        choices = np.array([choice_of(self._options, action) for action in actions], np.int32)
        energy = self._anchor.energy(choices.reshape(len(actions), self._options.unit_count))
        if not self._book:
            return energy
        # The book holds a known share of the mass; the rule policy's own share is what is left.
        known = np.array([self._book.get(action, 0.0) for action in actions])
        rest = np.exp(energy - energy.max())
        return np.asarray(np.log(known + (1 - sum(self._book.values())) * rest / rest.sum() + 1e-9))

    def containing(self, codes: Sequence[int], bases: Sequence[Codes], count: int) -> list[Codes]:
        numbers = [self._options.number_of.get(code, -1) for code in codes]
        units = [int(self._options.unit[number]) for number in numbers if number >= 0]
        if min(numbers, default=0) < 0 or len(set(units)) < len(units):
            return []
        before = np.array([choice_of(self._options, action) for action in bases], np.int32)
        changed = before.copy()
        changed[:, units] = numbers
        locked = np.zeros(changed.shape, np.bool_)
        locked[:, units] = True
        return self._unique(self._repaired(before, changed, locked))[:count]

    def _repaired(self, before: IntArray, changed: IntArray, locked: BoolArray) -> IntArray:
        """The changed joint orders with orders that lost their sense by the change chosen anew."""
        starts = self._options.starts
        old, total = self._anchor.field(before), self._anchor.field(changed)
        each = np.arange(len(changed))
        changed = changed.copy()
        for unit in range(changed.shape[1]):
            now = changed[:, unit]
            lost = (total[each, now] < old[each, now] - _REPAIR_MARGIN) & ~locked[:, unit]
            rows = np.flatnonzero(lost)
            if len(rows):
                block = slice(starts[unit], starts[unit + 1])
                best = starts[unit] + total[rows, block].argmax(axis=1).astype(np.int32)
                total[rows] += self._anchor.pair[best] - self._anchor.pair[now[rows]]
                changed[rows, unit] = best
        return changed


class ListPolicy:
    """All sensible actions of a retreat or adjustment phase, enumerated."""

    def __init__(self, power: int, actions: Sequence[Codes], energies: Sequence[float]) -> None:
        self.power = power
        ranked = sorted(range(len(actions)), key=lambda number: -energies[number])[:_LIST_LIMIT]
        self._energy = {actions[number]: energies[number] for number in ranked}

    def likely(self, config: CandidateConfig, rng: np.random.Generator) -> list[Codes]:
        return list(self._energy)[: config.most]

    def energies(self, actions: Sequence[Codes]) -> FloatArray:
        least = min(self._energy.values()) - 2.0
        return np.array([self._energy.get(action, least) for action in actions])

    def containing(self, codes: Sequence[int], bases: Sequence[Codes], count: int) -> list[Codes]:
        wanted = set(codes)
        return [action for action in self._energy if wanted <= set(action)][:count]


def _sorted_codes(codes: Iterable[int], geometry: Geometry) -> Codes:
    return tuple(sorted(codes, key=lambda code: order_sort_key(geometry.order(code))))


def _worth_at(situation: Situation, power: int, location: str, fleet: bool) -> float:
    """How good a place is for a unit: centre to take or keep there, worth near it, danger."""
    geometry = situation.geometry
    number = geometry.location_number[location]
    province = geometry.province_of_location[number]
    worth = float(situation.near[power, int(fleet), number] + 0.5 * situation.far[power, int(fleet), number])
    if geometry.is_center[province]:
        hostile = min(2, int(situation.hostile_reach(power)[province]))
        worth += 0.5 * hostile if situation.owner[province] == power else 1.5
    return worth


def _retreats(situation: Situation, power: int) -> tuple[list[Codes], list[float]]:
    position, geometry = situation.position, situation.geometry
    choices: list[list[tuple[int, str, float]]] = []
    for province in position.orderable(POWERS[power]):
        of_unit: list[tuple[int, str, float]] = []
        for code in position.legal_orders(province):
            order = geometry.order(code)
            if order.kind is OrderKind.RETREAT and order.target is not None and order.unit is not None:
                fleet = order.unit.kind == "F"
                of_unit.append((code, order.target[:3], 2 * _worth_at(situation, power, order.target, fleet)))
            else:
                of_unit.append((code, "", -2.0))
        choices.append(sorted(of_unit, key=lambda c: -c[2])[:6])
    actions, energies = [], []
    for chosen in product(*choices[:4]):
        places = [place for _, place, _ in chosen if place]
        clash = len(places) - len(set(places))
        actions.append(_sorted_codes((code for code, _, _ in chosen), geometry))
        energies.append(sum(energy for _, _, energy in chosen) - 6.0 * clash)
    return actions, energies


def _adjustments(situation: Situation, power: int) -> tuple[list[Codes], list[float]]:
    position, geometry = situation.position, situation.geometry
    count = position.build_count(POWERS[power])
    if count == 0:
        return [()], [0.0]
    sites: list[list[tuple[int, float]]] = []
    for province in position.orderable(POWERS[power]):
        of_site: list[tuple[int, float]] = []
        for code in position.legal_orders(province):
            order = geometry.order(code)
            if order.unit is None:
                continue
            worth = 2 * _worth_at(situation, power, order.unit.location, order.unit.kind == "F")
            of_site.append((code, worth if order.kind is OrderKind.BUILD else -worth))
        sites.append(of_site)
    size = min(abs(count), len(sites))
    if math.comb(len(sites), size) > _LIST_LIMIT:
        # Many removals: only the units worth least come into question.
        sites = sorted(sites, key=lambda site: -max(worth for _, worth in site))
        while math.comb(len(sites), size) > _LIST_LIMIT and len(sites) > size + 1:
            sites.pop()
    actions, energies = [], []
    for chosen_sites in combinations(sites, size):
        for chosen in product(*chosen_sites):
            actions.append(_sorted_codes((code for code, _ in chosen), geometry))
            energies.append(sum(worth for _, worth in chosen))
    return actions, energies


@dataclass(frozen=True)
class CandidateSet:
    """The actions of one power that a search chooses among."""

    policy: RulePolicy
    actions: tuple[Codes, ...]

    def tau(self) -> FloatArray:
        """The rule policy over these actions: the untilted anchor, sum 1."""
        energy = self.policy.energies(self.actions)
        weights = np.exp(energy - energy.max())
        return np.asarray(weights / weights.sum())

    def with_actions(self, actions: Iterable[Codes]) -> CandidateSet:
        """The set with these actions at its end, those it has left out."""
        return replace(self, actions=tuple(dict.fromkeys((*self.actions, *actions))))


def candidates(
    policies: Sequence[RulePolicy], config: CandidateConfig, rng: np.random.Generator
) -> tuple[CandidateSet, ...]:
    """A candidate set for each policy; powers with nothing to order get the empty action."""
    return tuple(CandidateSet(policy, tuple(policy.likely(config, rng))) for policy in policies)


def rule_policies(situation: Situation) -> tuple[RulePolicy, ...]:
    """The rule policies of the seven powers."""
    return tuple(rule_policy(situation, power) for power in range(len(POWERS)))
