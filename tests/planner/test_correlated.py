"""The own action is chosen against what the others do together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from engine._core import CoreError, Position
from engine.game import Game
from engine.mapfile import core_map
from engine.types import POWERS, Power
from planner import _planner
from planner.candidates import Codes, ListPolicy, RulePolicy
from planner.equilibrium import FloatArray, IntArray
from planner.opponents import OpponentConfig
from planner.options import Situation
from planner.public import ExploreConfig, SearchConfig
from planner.rollout import Evaluator, ValueConfig
from planner.search import search
from planner.values import threat_value

BOARD = core_map("standard")
FRANCE, ENGLAND, ITALY = (Power.parse(name).number for name in ("FRANCE", "ENGLAND", "ITALY"))
# Spain is France's if neither fleet comes: one chance in four if each power decides on its own, one in two if they
# decide together.  Marseilles, where Germany would lose what France wins, is one chance in five.
PLAUSIBLE: dict[str, dict[str, float]] = {
    "FRANCE": {"A GAS - SPA": 0.5, "A GAS - MAR": 0.5},
    "ENGLAND": {"F MAO - SPA/NC": 0.5, "F MAO H": 0.5},
    "ITALY": {"F WES - SPA/SC": 0.5, "F WES H": 0.5},
    "GERMANY": {"A BUR - MAR": 0.8, "A BUR H": 0.2},
}
CONFIG = SearchConfig(
    value=ValueConfig(endings=((1901, 1.0),)),
    opponents=OpponentConfig(styles=("scripted",), lambdas=(1000.0,)),
    explore=ExploreConfig(passes=0),
    tables=0,
    iterations=4,
    scout_iterations=2,
    lambda_=1e-6,
    choice_samples=256,
    own_generations=0,
)


class Scripted:
    """Plays as `PLAUSIBLE` says; England and Italy always come, or stay, together."""

    styles: tuple[str, ...] = ("scripted",)

    def policies(
        self, position: Position, here: Situation, styles: Sequence[str], rng: np.random.Generator
    ) -> tuple[RulePolicy, ...]:
        plausible = [PLAUSIBLE.get(str(power), {}) for power in POWERS]
        return tuple(
            ListPolicy(
                number,
                [(BOARD.order_code(order),) for order in orders] or [()],
                [float(np.log(share)) for share in orders.values()] or [0.0],
            )
            for number, orders in enumerate(plausible)
        )

    def log_likelihoods(
        self,
        policies: Sequence[RulePolicy],
        actions: Sequence[Sequence[Codes]],
        styles: Sequence[str],
        known: Sequence[FloatArray] | None = None,
    ) -> list[FloatArray]:
        return [policy.energies(own)[None] for policy, own in zip(policies, actions, strict=True)]

    def log_ties(
        self,
        policies: Sequence[RulePolicy],
        actions: Sequence[Sequence[Codes]],
        profiles: IntArray,
        powers: Sequence[int],
        style: str,
    ) -> FloatArray | None:
        holds = BOARD.order_code("F MAO H"), BOARD.order_code("F WES H")
        stays = [
            np.array([action == (hold,) for action in actions[power]])[profiles[:, power]]
            for power, hold in zip((ENGLAND, ITALY), holds, strict=True)
        ]
        return np.where(stays[0] == stays[1], np.log(2.0), -np.inf)


def test_the_best_response_to_correlated_powers_is_not_that_to_their_product() -> None:
    units = {"FRANCE": ["A GAS"], "ENGLAND": ["F MAO"], "ITALY": ["F WES"], "GERMANY": ["A BUR"]}
    centers = {"FRANCE": ["PAR", "BRE", "POR"], "GERMANY": ["MAR", "MUN", "BER", "KIE", "HOL"]}
    view = Game(position=Position.from_state(BOARD, "F1903M", units, centers, {})).view(Power.FRANCE)
    evaluator = Evaluator(CONFIG.value, Scripted())
    chosen = {}
    for correlated in (0, 2048):
        config = replace(CONFIG, correlated=correlated)
        plan = search(view, Power.FRANCE, None, config, np.random.default_rng(0), evaluator=evaluator)
        chosen[correlated] = str(plan.action[0])
    assert chosen == {0: "A GAS - MAR", 2048: "A GAS - SPA"}


def test_without_a_network_nothing_changes() -> None:
    view = Game().view(Power.FRANCE)
    small = replace(SearchConfig().with_effort(1 / 32), choice_samples=8)
    plans = [search(view, Power.FRANCE, None, replace(small, correlated=n)) for n in (0, 64)]
    assert plans[0] == plans[1]


def test_given_profiles_take_the_place_of_draws() -> None:
    position = BOARD.start()
    moves: list[Codes] = [
        tuple(BOARD.order_code(text) for text in texts)
        for texts in (("A PAR - BUR", "A MAR H", "F BRE H"), ("A PAR H", "A MAR H", "F BRE H"))
    ]
    german: list[Codes] = [
        tuple(BOARD.order_code(text) for text in ("A BER H", "F KIE H", order)) for order in ("A MUN - BUR", "A MUN H")
    ]
    actions: list[list[Codes]] = [[()] for _ in POWERS]
    actions[FRANCE], actions[Power.GERMANY.number] = moves, german
    config = _planner.ExploreConfig()
    config.rounds, config.generations = 1, 0
    config.searches = [power is Power.FRANCE for power in POWERS]
    even = [[1.0 / len(own)] * len(own) for own in actions]
    profiles = np.zeros((3, 7), np.int32)
    profiles[2, Power.GERMANY.number] = 1
    config.profiles = profiles.tolist()
    found = _planner.explore(position, actions, even, even, threat_value(), config, 0)[FRANCE]
    for number, (action, scores, _) in enumerate(found):
        rows = profiles.copy()
        rows[:, FRANCE] = number
        assert action == moves[number]
        assert scores == pytest.approx(
            _planner.score_profiles(position, actions, rows, threat_value()).mean(axis=0), abs=1e-6
        )
    config.profiles = [[0, 0, 0, 2, 0, 0, 0]]
    with pytest.raises(CoreError, match="expected an action of GERMANY below 2, got 2"):
        _planner.explore(position, actions, even, even, threat_value(), config, 0)
