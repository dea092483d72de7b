"""The network as a rule policy: checked with a tiny network of random weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine._core import Position
from engine.mapfile import core_map
from engine.types import POWERS
from planner.candidates import CandidateConfig
from planner.network import PolicyConfig, PolicyNetwork
from planner.policy_model import PolicyModel
from planner.prior import NetworkPolicy, PriorConfig, network_policies


@pytest.fixture(scope="module")
def model() -> PolicyModel:
    torch.set_num_threads(1)  # tiny tensors: threads only wait for each other
    torch.manual_seed(0)
    return PolicyModel(PolicyNetwork(PolicyConfig(width=16, layers=1, heads=2)))


def positions() -> list[Position]:
    found = [core_map("standard").start()]
    while {position.phase[-1] for position in found} != {"M", "R", "A"}:
        found.append(found[-1].step(found[-1].sample(len(found), coherent=True))[0])
    return [next(p for p in reversed(found) if p.phase[-1] == kind) for kind in "MRA"]


@pytest.mark.parametrize("position", positions(), ids=lambda position: str(position.phase))
def test_it_is_a_rule_policy_in_every_phase(model: PolicyModel, position: Position) -> None:
    rng = np.random.default_rng(0)
    styles = ("human", "search")
    policies = network_policies(position, model, rng, styles, PriorConfig(12, 4))
    assert [policy.power for policy in policies] == list(range(7))
    for policy in policies:
        actions = policy.likely(CandidateConfig(), rng)
        assert actions
        assert len(set(actions)) == len(actions)
        energies = policy.energies(actions)
        assert energies.shape == (len(actions),)
        assert np.isfinite(energies).all()
        for action in actions:
            position.check_orders(POWERS[policy.power], list(action))
        wanted = actions[0][:1]
        assert all(set(wanted) <= set(action) for action in policy.containing(wanted, actions, 3))
        assert policy.containing(wanted, actions, 3) == policy.containing(wanted, actions, 3)


def test_orders_that_cannot_be_given_are_in_no_action(model: PolicyModel) -> None:
    position = core_map("standard").start()
    policy = NetworkPolicy(model, model.encode(position), 2, units=3)
    foreign = core_map("standard").order_code("A BER H")
    assert policy.containing([foreign], [], 3) == []
    assert policy.energies([(foreign,)])[0] < -30
    assert 1 <= len(policy.likely(CandidateConfig(), np.random.default_rng(0))) <= 11
