"""DumbBot as a style of player, beside the rules of thumb and beside a network."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch

from engine._core import Position
from engine.mapfile import core_map
from engine.types import POWERS
from planner import _planner
from planner.candidates import CandidateConfig
from planner.dumbbot import DUMBBOT, DumbBotPolicy, WithDumbBot
from planner.geometry import geometry
from planner.network import PolicyConfig, PolicyNetwork
from planner.options import Situation, situation
from planner.policy_model import PolicyModel
from planner.sources import RULES, AnchorSource, NetworkSource, RuleSource, normalised


def sources() -> list[AnchorSource]:
    torch.manual_seed(0)
    return [RuleSource(), NetworkSource(PolicyModel(PolicyNetwork(PolicyConfig(width=16, layers=1, heads=2))))]


@pytest.fixture(scope="module")
def position() -> Position:
    found = core_map("standard").start()
    while not (found.phase[-1] == "M" and found.phase > "S1903M"):
        drawn = [_planner.dumbbot(found, power, 1, 5)[0] for power in range(len(POWERS))]
        found = found.step([list(action) for action in drawn])[0]
    return found


def here(position: Position) -> Situation:
    return situation(position, geometry("standard"))


@pytest.mark.parametrize("source", sources(), ids=["rules", "network"])
def test_it_adds_a_style_and_changes_no_other(source: AnchorSource, position: Position) -> None:
    both = WithDumbBot(source)
    assert both.styles == (*source.styles, DUMBBOT)
    first, drawn = source.styles[0], np.random.default_rng
    policies = both.policies(position, here(position), (first, DUMBBOT), drawn(0))
    plain = source.policies(position, here(position), (first,), drawn(0))
    actions = [policy.likely(CandidateConfig(), drawn(1)) for policy in policies]
    mine = both.log_likelihoods(policies, actions, (DUMBBOT, first))
    some = both.log_likelihoods(policies, [own[:1] for own in actions], (DUMBBOT, first))
    again = both.log_likelihoods(policies, actions, (DUMBBOT, first), some)
    theirs = source.log_likelihoods(plain, actions, (first,))
    for power, (rows, row) in enumerate(zip(mine, theirs, strict=True)):
        assert rows.shape == (2, len(actions[power]))
        assert rows[1] == pytest.approx(row[0])
        assert again[power] == pytest.approx(rows, abs=1e-4)
        assert policies[power].energies(actions[power]) == pytest.approx(plain[power].energies(actions[power]))
        assert policies[power].power == power


def test_its_anchor_is_how_often_dumbbot_orders_it(position: Position) -> None:
    source = WithDumbBot(RuleSource())
    policies = source.policies(position, here(position), (DUMBBOT,), np.random.default_rng(0))
    for power, policy in enumerate(policies):
        actions = policy.likely(CandidateConfig(most=200), np.random.default_rng(1))
        drawn = Counter(_planner.dumbbot(position, power, 4000, 9))
        shares = np.array([drawn[action] for action in actions]) / 4000
        found = np.exp(normalised(source.log_likelihoods(policies, [actions] * 7, (DUMBBOT,))[power][0]))
        # 64 draws are few: what is frequent must be found frequent, and little weight may go astray.
        assert found[np.argmax(shares)] == pytest.approx(shares.max() / shares.sum(), abs=0.2)
        assert found[shares == 0].sum() < 0.1
        assert policy.energies(actions).argmax() == found.argmax()


def test_an_action_it_would_never_give_is_unlikely_by_its_orders(position: Position) -> None:
    policy = WithDumbBot(RuleSource()).policies(position, here(position), (RULES, DUMBBOT), np.random.default_rng(0))[2]
    assert isinstance(policy, DumbBotPolicy)
    usual = policy.drawn[0]
    # One order that was never drawn, then all of them.
    unit = usual[0]
    strange = [
        next(c for c in position.legal_orders(_province(position, code)) if c not in policy.orders) for code in usual
    ]
    one, every = (*usual[1:], strange[0]), tuple(strange)
    likely = policy.log_likelihood([usual, one, every])
    assert unit not in one
    assert likely[0] > likely[1] > likely[2]
    assert np.isfinite(likely).all()


def _province(position: Position, code: int) -> str:
    return next(p for p in position.orderable(POWERS[2]) if code in position.legal_orders(p))
