"""The style of the table: it learns habits that no other style knows, only from what was already played."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine._core import Position
from engine.game import Game
from engine.mapfile import core_map
from engine.types import POWERS, Power
from planner import _planner
from planner.adaptation import AdaptationConfig, TableModel
from planner.baselines import DumbBot, SearchAgent
from planner.candidates import CandidateConfig, Codes
from planner.geometry import HOLD
from planner.models import load_evaluator, shared_evaluator
from planner.network import PolicyConfig, PolicyNetwork, save_network
from planner.opponents import OpponentConfig
from planner.policy_model import PolicyModel
from planner.prior import TABLE, Draw
from planner.public import ExploreConfig
from planner.rollout import Evaluator
from planner.search import SearchConfig
from planner.sources import NetworkSource

QUICK = SearchConfig(
    policy="network",
    opponents=OpponentConfig(styles=("human", TABLE), lambdas=(0.01, 0.3)),
    candidates=CandidateConfig(most=8),
    explore=ExploreConfig(passes=1, generations=1, width=6, samples=3),
    tables=1,
    iterations=8,
    scout_iterations=2,
    choice_samples=4,
    own_generations=1,
)
EAGER = AdaptationConfig(learning_rate=1e-2)
ME = Power.AUSTRIA.number


@pytest.fixture(scope="module")
def base() -> PolicyModel:
    torch.set_num_threads(1)  # tiny tensors: threads only wait for each other
    torch.manual_seed(0)
    return PolicyModel(PolicyNetwork(PolicyConfig(width=16, layers=1, heads=2)))


@pytest.fixture(scope="module")
def positions() -> list[Position]:
    """Those of a game among DumbBots, to 1903."""
    found, position = [], core_map("standard").start()
    while int(position.phase[1:5]) < 1904:
        found.append(position)
        drawn = [list(_planner.dumbbot(position, power, 1, 5)[0]) for power in range(len(POWERS))]
        position = position.step(drawn)[0]
    return found


def holding(position: Position) -> dict[int, Codes]:
    """All powers but Austria hold, in a movement phase."""
    return {
        power: tuple(
            next(c for c in position.legal_orders(p) if c >> 8 & 15 == HOLD) for p in position.orderable(POWERS[power])
        )
        for power in range(len(POWERS))
        if power != ME
    }


def moves(positions: list[Position]) -> list[Position]:
    return [position for position in positions if position.phase[-1] == "M"]


def log_likelihood(model: TableModel, position: Position, played: Mapping[int, Codes], style: str) -> float:
    encoded = model.encode(position)
    return sum(float(model.log_probs(encoded, power, [its], style)[0]) for power, its in played.items())


def test_it_starts_amid_the_known_styles_and_changes_none(base: PolicyModel, positions: list[Position]) -> None:
    model, position = TableModel(base, EAGER), positions[-1]
    assert model.styles == (*base.styles, TABLE)
    played = holding(moves(positions)[-1])
    before = [log_likelihood(model, moves(positions)[-1], played, style) for style in model.styles]
    assert min(before[:-1]) - 1 < before[-1] < max(before[:-1]) + 1
    weights = {name: value.clone() for name, value in base.network.state_dict().items()}
    for each in moves(positions):
        model.observe(each, holding(each))
    assert all(torch.equal(value, weights[name]) for name, value in base.network.state_dict().items())
    after = [log_likelihood(model, moves(positions)[-1], played, style) for style in base.styles]
    assert after == before[:-1]
    plain, drawn = base.encode(position), np.random.default_rng
    assert base.sample(plain, 2, 5, drawn(1)) == model.sample(model.encode(position), 2, 5, drawn(1))


def test_it_learns_a_strange_habit_within_a_few_phases(base: PolicyModel, positions: list[Position]) -> None:
    model = TableModel(base, EAGER)
    *seen, last = moves(positions)
    unlearnt = log_likelihood(model, last, holding(last), TABLE)
    for position in seen:
        model.observe(position, holding(position))
    learnt = log_likelihood(model, last, holding(last), TABLE)
    others = max(log_likelihood(model, last, holding(last), style) for style in base.styles)
    orders = sum(map(len, holding(last).values()))
    assert learnt > max(unlearnt, others) + 0.7 * orders
    # And it proposes what it has learnt.
    drawn = model.draw(model.encode(last), [Draw(2, TABLE, 64), Draw(2, "human", 64)], np.random.default_rng(0))
    table, human = ([code >> 8 & 15 == HOLD for action in d.actions for code in action] for d in drawn)
    assert np.mean(table) > 2 * np.mean(human)


def test_a_strong_prior_keeps_it_near_its_start(base: PolicyModel, positions: list[Position]) -> None:
    timid, eager = TableModel(base, replace(EAGER, prior=1e5)), TableModel(base, EAGER)
    *seen, last = moves(positions)
    start = log_likelihood(timid, last, holding(last), TABLE)
    for position in seen:
        timid.observe(position, holding(position))
        eager.observe(position, holding(position))
    near, far = (log_likelihood(model, last, holding(last), TABLE) - start for model in (timid, eager))
    assert abs(near) < 0.2 * far


def test_answers_agree_with_one_another(base: PolicyModel, positions: list[Position]) -> None:
    model, position = TableModel(base, EAGER), moves(positions)[-1]
    model.observe(positions[0], holding(positions[0]))
    encoded, rng = model.encode(position), np.random.default_rng(0)
    wanted = [Draw(2, TABLE, 6), Draw(3, "human", 5), Draw(4, TABLE, 4, 1.5)]
    drawn = model.draw(encoded, wanted, rng)
    for draw, its in zip(wanted, drawn, strict=True):
        assert len(its.actions) == draw.count
        found = model.log_probs(encoded, draw.power, its.actions, draw.style)
        assert found == pytest.approx(its.log_probs, abs=1e-4)
    actions = [drawn[0].actions if power == 2 else [()] for power in range(len(POWERS))]
    rows = model.log_probs_all(encoded, actions, ("human", TABLE, "search"))
    for number, style in enumerate(("human", TABLE, "search")):
        assert rows[2][number] == pytest.approx(model.log_probs(encoded, 2, actions[2], style), abs=1e-4)
    assert model.log_probs_all(encoded, actions, (TABLE,))[2] == pytest.approx(rows[2][1:2], abs=1e-4)


def test_same_phases_same_model(base: PolicyModel, positions: list[Position]) -> None:
    one, other = TableModel(base), TableModel(base)
    for position in moves(positions)[:3]:
        one.observe(position, holding(position))
        other.encode(position)  # whether the search asked before does not matter
        other.observe(position, holding(position))
    last = moves(positions)[-1]
    assert log_likelihood(one, last, holding(last), TABLE) == log_likelihood(other, last, holding(last), TABLE)


def test_phases_without_a_choice_teach_nothing(base: PolicyModel, positions: list[Position]) -> None:
    model, last = TableModel(base), moves(positions)[-1]
    before = log_likelihood(model, last, holding(last), TABLE)
    for position in positions:
        model.observe(position, {})
    model.observe(positions[0], {2: (core_map("standard").order_code("A PAR - MOS"),)})
    assert log_likelihood(model, last, holding(last), TABLE) == before


@pytest.fixture
def seated(base: PolicyModel) -> SearchAgent:
    learner = TableModel(base, EAGER)
    return SearchAgent(np.random.default_rng(1), QUICK, Evaluator(QUICK.value, NetworkSource(learner), 1, learner))


def test_a_searching_agent_teaches_it_what_the_others_played(seated: SearchAgent) -> None:
    game, me, model = Game(), Power.AUSTRIA, seated.evaluator.learner
    assert isinstance(model, TableModel)
    others = {p: DumbBot(np.random.default_rng(p.number)) for p in POWERS if p is not me}
    for _ in range(3):
        for power in game.alive:
            agent = seated if power is me else others[power]
            game.set_orders(power, agent.act(game.view(power), power))
        record = game.process()
        played = {n: codes for n, codes in enumerate(record.played.codes) if n != ME}
        before = log_likelihood(model, record.position, played, TABLE)
        fresh = TableModel(model.base, EAGER)
        for earlier in game.history[:-1]:
            fresh.observe(earlier.position, {n: c for n, c in enumerate(earlier.played.codes) if n != ME})
        # What it expected of a phase follows from the phases before it.
        assert before == log_likelihood(fresh, record.position, played, TABLE)
        # Beliefs weigh what was expected then; only later is the phase learnt.
        prediction = seated._prediction
        assert prediction is not None
        seated.phase_resolved(record)
        if record.phase.kind == "M":
            assert log_likelihood(model, record.position, played, TABLE) > before
    types = seated.players.config.types
    assert {kind.style for kind in types} == {"human", TABLE}
    assert any(seated.players.steps[p.number] for p in POWERS)


def test_agents_that_learn_share_nothing(base: PolicyModel, tmp_path: object) -> None:
    file = f"{tmp_path}/policy.safetensors"
    save_network(base.network, file)
    learning = replace(QUICK, policy=file)
    fixed = replace(learning, opponents=OpponentConfig(styles=("human",)))
    one, other = shared_evaluator(learning), shared_evaluator(learning)
    assert one is not other
    assert one.learner is not None
    assert one.learner is not other.learner
    assert TABLE in one.source.styles
    assert shared_evaluator(fixed) is shared_evaluator(fixed)
    assert shared_evaluator(fixed).learner is None
    assert TABLE not in load_evaluator(fixed).source.styles
    # Rules have nothing that could learn.
    assert load_evaluator(replace(learning, policy="rules")).learner is None
