"""Candidate actions: legal, unique, coordinated; patches and mutations."""

from __future__ import annotations

import numpy as np
import pytest

from engine._core import Position
from engine.game import Game
from engine.mapfile import core_map
from engine.notation import parse_order
from engine.types import POWERS, OrderKind, Power
from planner import _planner
from planner.baselines import GreedyAgent
from planner.candidates import CandidateConfig, Codes, MovementPolicy, candidates, rule_policies, rule_policy
from planner.geometry import geometry
from planner.options import situation
from planner.values import threat_value

CONFIG = CandidateConfig(chains=48)


@pytest.fixture(scope="module")
def games() -> list[Game]:
    """A game at its start, in the middle of 1903 and in 1906, played by the rule policy."""
    agent = GreedyAgent(np.random.default_rng(3), draw=True)
    game, found = Game(), [Game()]
    while game.phase.year < 1906:
        for power in game.alive:
            game.set_orders(power, agent.act(game.view(power), power))
        game.process()
        if str(game.phase) in ("F1903M", "S1906M"):
            found.append(Game(position=game.position))
    return found


def test_candidates_are_legal_unique_and_weighed(games: list[Game]) -> None:
    board = geometry("standard")
    for game in games:
        here = situation(game.position, board)
        sets = candidates(rule_policies(here), CONFIG, np.random.default_rng(0))
        for power, own in zip(POWERS, sets, strict=True):
            assert len(set(own.actions)) == len(own.actions)
            tau = own.tau()
            assert tau.shape == (len(own.actions),)
            assert tau.sum() == pytest.approx(1)
            for action in own.actions:
                orders = board.action(action)
                game.check_action(power, orders)
                assert len(orders) == len(game.units(power))
                assert tuple(board.code(order) for order in orders) == action


def test_likely_actions_do_not_get_in_their_own_way(games: list[Game]) -> None:
    board = geometry("standard")
    for game in games:
        here = situation(game.position, board)
        for own in candidates(rule_policies(here), CONFIG, np.random.default_rng(1)):
            best = board.action(own.actions[int(own.tau().argmax())])
            targets = [order.target for order in best if order.kind is OrderKind.MOVE and order.target]
            assert len({t[:3] for t in targets}) == len(targets)
            staying = {o.unit.province for o in best if o.unit is not None and o.kind is not OrderKind.MOVE}
            assert not staying & {t[:3] for t in targets}


def _mutations(position: Position, power: Power, bases: list[Codes]) -> list[Codes]:
    """What local search makes of the bases, good or bad."""
    settings = _planner.ExploreConfig()
    settings.rounds, settings.generations, settings.width, settings.samples = 1, 2, 40, 1
    settings.kept, settings.tolerance, settings.searches = 80, 1.0, [p is power for p in POWERS]
    actions = [bases if p is power else [] for p in POWERS]
    even = [[1.0] * len(own) for own in actions]
    found = _planner.explore(position, actions, even, even, threat_value(), settings, 2)[power.number]
    assert [action for action, _, _ in found[: len(bases)]] == bases
    return [action for action, _, _ in found[len(bases) :]]


def test_mutations_are_new_and_legal(games: list[Game]) -> None:
    board = geometry("standard")
    for game in games:
        here = situation(game.position, board)
        for power in (Power.FRANCE, Power.RUSSIA):
            policy = rule_policy(here, power.number)
            bases = policy.likely(CONFIG, np.random.default_rng(2))[:3]
            found = _mutations(game.position, power, bases)
            assert len(set(found)) == len(found)
            assert not set(found) & set(bases)
            for action in found:
                game.check_action(power, board.action(action))
            if game.units(power):
                assert len(found) > 10


def test_patched_actions_contain_the_orders(games: list[Game]) -> None:
    board = geometry("standard")
    policy = rule_policy(situation(games[0].position, board), Power.FRANCE.number)
    bases = policy.likely(CONFIG, np.random.default_rng(0))
    wanted = [board.code(parse_order(text)) for text in ("A MAR S A PAR - BUR", "A PAR - BUR")]
    found = policy.containing(wanted, bases, 3)
    assert 1 <= len(found) <= 3
    assert all(set(wanted) <= set(action) for action in found)
    assert policy.containing([board.code(parse_order("A PAR - MOS"))], bases, 3) == []
    clashing = [board.code(parse_order(text)) for text in ("A PAR H", "A PAR - BUR")]
    assert policy.containing(clashing, bases, 3) == []


def test_patching_repairs_a_support_that_lost_its_move() -> None:
    board = geometry("standard")
    game = Game()
    policy = rule_policy(situation(game.position, board), Power.FRANCE.number)
    base = tuple(board.code(parse_order(text)) for text in ("F BRE - MAO", "A MAR S A PAR - BUR", "A PAR - BUR"))
    (found,) = policy.containing([board.code(parse_order("A PAR - PIC"))], [base], 1)
    orders = {str(order) for order in board.action(found)}
    assert "A PAR - PIC" in orders
    assert "A MAR S A PAR - BUR" not in orders


def test_energy_is_the_sum_of_its_parts(games: list[Game]) -> None:
    policy = rule_policy(situation(games[1].position, geometry("standard")), Power.GERMANY.number)
    assert isinstance(policy, MovementPolicy)
    model = policy._anchor
    choices = model.sample(5, np.random.default_rng(0))
    # The field of a joint action counts each pair twice, each single order once.
    rows = np.arange(len(choices))[:, None]
    of_each = model.field(choices)[rows, choices].sum(axis=1)
    single = model.single[choices].sum(axis=1)
    assert model.energy(choices) == pytest.approx((of_each + single) / 2)
    improved = model.improve(choices)
    assert (model.energy(improved) >= model.energy(choices) - 1e-9).all()


def test_opening_book_is_in_the_anchor() -> None:
    board = geometry("standard")
    game = Game()
    sets = candidates(rule_policies(situation(game.position, board)), CONFIG, np.random.default_rng(0))
    russia = sets[Power.RUSSIA.number]
    best = board.action(russia.actions[int(russia.tau().argmax())])
    assert [str(order) for order in best] == [
        "A MOS - UKR", "F SEV - BLA", "F STP/SC - BOT", "A WAR - GAL",
    ]  # fmt: skip
    assert russia.tau().max() == pytest.approx(0.57, abs=0.1)


def test_fleet_builds_know_their_coast() -> None:
    core = core_map("standard")
    position = Position.from_state(core, "W1902A", {"RUSSIA": ["A WAR"]}, {"RUSSIA": ["WAR", "STP"]}, {})
    board = geometry("standard")
    (own,) = (
        s
        for s in candidates(rule_policies(situation(position, board)), CONFIG, np.random.default_rng(0))
        if s.policy.power == Power.RUSSIA.number
    )
    assert {str(order) for action in own.actions for order in board.action(action)} == {
        "A STP B", "F STP/NC B", "F STP/SC B",
    }  # fmt: skip
