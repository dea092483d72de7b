"""From orders played to beliefs about who played them, through whole short games."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from engine.game import Game
from engine.notation import parse_order
from engine.types import POWERS, ExpectedOrder, Phase, PhaseKind, Power
from planner.baselines import Agent, DumbBot, GreedyAgent, SearchAgent
from planner.candidates import CandidateConfig
from planner.observation import evidence_of, learned
from planner.opponents import OpponentBeliefs, OpponentConfig
from planner.public import ExploreConfig
from planner.rollout import Evaluator
from planner.search import SearchConfig, foresee, search
from planner.sources import RULES
from planner.strangers import GrudgeHolder, QuantalPlayer, Stabber, Stranger
from planner.talk import Beliefs

QUICK = SearchConfig(
    candidates=CandidateConfig(most=12, chains=24),
    explore=ExploreConfig(passes=1, generations=2, width=12, samples=4),
    tables=1,
    iterations=16,
    scout_iterations=2,
    choice_samples=6,
    own_generations=1,
)
ME = Power.FRANCE


def play(one: SearchAgent, others: Callable[[np.random.Generator], Agent], until: int, seed: int = 0) -> Game:
    """A game of the searcher as France against six of another, all told how every phase ended."""
    game = Game()
    agents: dict[Power, Agent] = {
        p: one if p is ME else others(np.random.default_rng([seed, p.number])) for p in POWERS
    }
    while game.phase.year <= until and not game.is_done:
        for power in game.alive:
            game.set_orders(power, agents[power].act(game.view(power), power))
        record = game.process()
        for agent in agents.values():
            if isinstance(agent, SearchAgent | GrudgeHolder):
                agent.phase_resolved(record)
    return game


def watcher(config: SearchConfig = QUICK, seed: int = 1) -> SearchAgent:
    return SearchAgent(np.random.default_rng(seed), config, Evaluator())


def prices(agent: SearchAgent) -> list[float]:
    """Per other power, the geometric mean of the λ that it is believed to have."""
    log_lambdas = np.log(agent.players.config.lambdas)
    return [float(np.exp(agent.players.posterior(p.number) @ log_lambdas)) for p in POWERS if p is not ME]


def test_evidence_has_every_candidate_and_what_was_played() -> None:
    game, rng = Game(), np.random.default_rng(0)
    prediction = foresee(game.position, ME, Beliefs(), QUICK, rng, Evaluator())
    # Nobody proposes that.
    odd = [parse_order(text) for text in ("F KIE H", "A BER - PRU", "A MUN S A BER")]
    game.set_orders(Power.GERMANY, odd)
    likely = prediction.public.situation.geometry.action(prediction.sets[Power.ITALY.number].actions[0])
    game.set_orders(Power.ITALY, likely)
    record = game.process()
    found = evidence_of(prediction, record)
    assert set(found) == set(POWERS) - {ME}
    for power, evidence in found.items():
        candidates = prediction.sets[power.number].actions
        count = evidence.scores.shape[0]
        assert evidence.scores.shape == (count, len(POWERS))
        assert evidence.log_anchors.shape == (1, count)
        assert np.exp(evidence.log_anchors).sum() == pytest.approx(1.0)
        assert count - len(candidates) == int(evidence.played == len(candidates))
        assert 0 <= evidence.scores.min() <= evidence.scores.max() <= 1
        # The first phase has ten times the usual λ.
        assert evidence.stake == pytest.approx(10 * prediction.public.stakes[power.number])
    assert found[Power.ITALY].played == 0
    germany = found[Power.GERMANY]
    assert germany.played == len(prediction.sets[Power.GERMANY.number].actions)
    assert germany.log_anchors[0, -1] < germany.log_anchors[0].max() - 2
    assert evidence_of(prediction, record)[Power.GERMANY].scores == pytest.approx(germany.scores)


def test_only_who_had_a_choice_is_observed() -> None:
    agent = watcher()
    game = play(agent, DumbBot, 1901)
    kinds = {record.phase.kind for record in game.history}
    assert PhaseKind.ADJUSTMENTS in kinds
    for power in POWERS:
        observed = {step.phase for step in agent.players.steps[power.number]}
        if power is ME:
            assert not observed
        else:
            assert {"S1901M", "F1901M"} <= observed
    last = game.history[-1]
    assert last.phase.kind is PhaseKind.ADJUSTMENTS
    choosing = {p for p in POWERS if any(step.phase == str(last.phase) for step in agent.players.steps[p.number])}
    assert choosing
    assert choosing <= {p for p in POWERS if p is not ME and last.board.build_count(p)}


def test_what_was_announced_is_no_surprise() -> None:
    orders = [parse_order(text) for text in ("A MUN - TYR", "A BER - KIE", "F KIE - DEN")]
    phase = Phase.parse("S1901M")
    told = Beliefs(expected=(ExpectedOrder(Power.GERMANY, phase, orders[0], 0.9),))
    surprises = []
    for beliefs in (Beliefs(), told):
        game = Game()
        prediction = foresee(game.position, ME, beliefs, QUICK, np.random.default_rng(0), Evaluator())
        game.set_orders(Power.GERMANY, orders)
        start = OpponentBeliefs.start(len(POWERS), QUICK.opponents.among([RULES]))
        players = learned(start, prediction, game.process())
        surprises.append(players.steps[Power.GERMANY.number][-1].surprise)
    assert surprises[1] < surprises[0] - 1


def test_a_record_of_another_position_is_refused() -> None:
    game = Game()
    prediction = foresee(game.position, ME, Beliefs(), QUICK, np.random.default_rng(0), Evaluator())
    game.process()
    with pytest.raises(ValueError, match=r"the position searched, S1901M, got F1901M"):
        evidence_of(prediction, game.process())


def test_who_follows_the_anchor_and_who_reckons_are_told_apart() -> None:
    drawing, reckoning = watcher(), watcher()
    play(drawing, lambda rng: GreedyAgent(rng, draw=True), 1903)
    play(reckoning, lambda rng: Stranger(rng, lambda_=0.001), 1903)
    assert float(np.median(prices(drawing))) > 0.05
    assert float(np.median(prices(reckoning))) < 0.02


def test_beliefs_change_play_and_only_where_they_may() -> None:
    adapting, fixed = watcher(), watcher(replace(QUICK, adapt=False))
    first, second = play(adapting, DumbBot, 1902), play(fixed, DumbBot, 1902)
    assert not any(fixed.players.steps)
    assert not fixed.players.describe(POWERS)
    assert adapting.players.describe(POWERS)
    # Nothing is known in the first phase.
    assert first.history[0].orders == second.history[0].orders
    assert [r.orders for r in first.history] != [r.orders for r in second.history]
    again = play(watcher(), DumbBot, 1902)
    assert [r.orders for r in again.history] == [r.orders for r in first.history]


def test_beliefs_about_other_styles_are_refused() -> None:
    players = OpponentBeliefs.start(len(POWERS), OpponentConfig(styles=("human",)))
    with pytest.raises(ValueError, match=r"beliefs about players of the styles rules .* got human"):
        search(Game().view(ME), ME, Beliefs(players=players), QUICK)


def test_styles_are_narrowed_to_the_known() -> None:
    config = OpponentConfig(styles=("human", "rules"), lambdas=(0.1, 0.2), prior=(1.0, 2.0, 3.0, 5.0))
    assert config.among(["rules", "dumbbot"]) == replace(config, styles=("rules",), prior=(3.0, 5.0))
    assert config.among(["search"]) == replace(config, styles=("search",), prior=(2.0, 3.5))
    assert config.among(["rules", "human"]) == config


# --- strangers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [QuantalPlayer, GrudgeHolder, Stabber])
def test_strangers_play_whole_games_repeatably(kind: Callable[[np.random.Generator], Agent]) -> None:
    games = [play(watcher(replace(QUICK, adapt=False, think="policy")), kind, 1901, seed=2) for _ in range(2)]
    assert games[0].phase.year == 1902
    assert [r.orders for r in games[0].history] == [r.orders for r in games[1].history]


def test_prices_are_drawn_log_uniformly() -> None:
    drawn = np.log10([QuantalPlayer(np.random.default_rng(seed)).lambda_ for seed in range(200)])
    assert drawn.min() > -3.01
    assert drawn.max() < -0.5
    assert drawn.mean() == pytest.approx((np.log10(0.001) + np.log10(0.3)) / 2, abs=0.15)


def test_a_grudge_is_borne_to_who_moves_in() -> None:
    game, holder = Game(), GrudgeHolder(np.random.default_rng(0), SearchConfig(policy="rules"))
    holder.act(game.view(Power.GERMANY), Power.GERMANY)
    game.set_orders(Power.RUSSIA, [parse_order("A WAR - SIL")])
    game.set_orders(Power.FRANCE, [parse_order("A PAR - BUR")])
    holder.phase_resolved(game.process())
    assert not holder.offenders
    holder.act(game.view(Power.GERMANY), Power.GERMANY)  # it sees where its units are
    game.set_orders(Power.FRANCE, [parse_order("A BUR - MUN")])
    holder.phase_resolved(game.process())
    assert holder.offenders == {Power.FRANCE}


def test_the_stabber_waits_for_its_chance() -> None:
    stabber = Stabber(np.random.default_rng(0))
    game = Game()
    stabber.friend = Power.GERMANY
    stabber.act(game.view(Power.FRANCE), Power.FRANCE)
    assert not stabber.stabbed
    for power, texts in (
        ("FRANCE", ["A PAR - BUR", "A MAR S A PAR - BUR"]),
        ("GERMANY", ["A MUN - TYR", "F KIE - DEN"]),
    ):
        game.set_orders(Power(power), [parse_order(text) for text in texts])
    game.process()
    stabber.act(game.view(Power.FRANCE), Power.FRANCE)
    # Munich is open, but it is one centre.
    assert not stabber.stabbed
    game.set_orders(Power.FRANCE, [parse_order("A BUR - RUH")])
    game.set_orders(Power.GERMANY, [parse_order("A BER - PRU")])
    game.process()
    while game.phase.kind is not PhaseKind.MOVEMENT:
        game.process()
    stabber.act(game.view(Power.FRANCE), Power.FRANCE)
    assert stabber.stabbed
