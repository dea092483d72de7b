"""Beliefs about players find out what simulated players are like, and no more than that."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from planner.equilibrium import FloatArray
from planner.opponents import Evidence, OpponentBeliefs, OpponentConfig, PlayerType

PLAYERS, ACTIONS = 4, 12
NAMES = ["AUSTRIA", "ENGLAND", "FRANCE", "GERMANY"]
CONFIG = OpponentConfig(styles=("rules", "dumbbot"), lambdas=(0.003, 0.03, 0.3), trust=1.0)


class Player:
    """Plays one type with one grudge, in phases of random scores and random anchors."""

    def __init__(self, number: int, style: int, lambda_: float, hostility: FloatArray, doubt: float = 0.0) -> None:
        self.number, self.style, self.lambda_, self.hostility, self.doubt = number, style, lambda_, hostility, doubt

    def phase(self, rng: np.random.Generator, styles: int = 2) -> Evidence:
        anchors = rng.dirichlet(np.full(ACTIONS, 0.5), size=styles)
        scores = rng.normal(size=(ACTIONS, PLAYERS)) * 0.05
        log_anchors = np.log(np.maximum(anchors, 1e-12))
        utility = scores[:, self.number] - scores @ self.hostility
        logits = log_anchors[self.style] + utility / self.lambda_
        play = np.exp(logits - logits.max())
        play = (1 - self.doubt) * play / play.sum() + self.doubt / ACTIONS
        return Evidence(log_anchors, scores, int(rng.choice(ACTIONS, p=play)))


def watched(
    player: Player, phases: int, rng: np.random.Generator, config: OpponentConfig = CONFIG
) -> tuple[OpponentBeliefs, list[Evidence]]:
    beliefs, seen = OpponentBeliefs.start(PLAYERS, config), []
    for number in range(phases):
        seen.append(player.phase(rng))
        beliefs = beliefs.observe(player.number, seen[-1], f"S{1901 + number}M")
    return beliefs, seen


NEUTRAL = np.zeros(PLAYERS)


def test_types_are_every_lambda_of_every_style() -> None:
    assert CONFIG.types[1] == PlayerType("rules", 0.03)
    assert CONFIG.types[3] == PlayerType("dumbbot", 0.003)
    assert len(OpponentConfig().types) == 4 * 6


def test_one_observation_by_hand() -> None:
    # Two actions, no styles to tell apart, λ 0.1 or infinite, no doubt: plain Bayes.
    config = OpponentConfig(
        styles=("rules",), lambdas=(0.1, np.inf), doubt=0.0, trust=1.0, hostilities=((0.0, 0.5), (1.0, 0.5))
    )
    scores = np.array([[0.1, 0.0], [0.0, 0.0]])
    evidence = Evidence(np.log([[0.5, 0.5]]), scores, 0)
    beliefs = OpponentBeliefs.start(2, config).observe(0, evidence, "S1901M")
    reckons = 1 / (1 + np.exp(-1.0))
    assert beliefs.posterior(0) == pytest.approx(np.array([reckons, 0.5]) / (reckons + 0.5))
    assert beliefs.posterior(1) == pytest.approx([0.5, 0.5])
    assert beliefs.steps[0][0].surprise == pytest.approx(-np.log((reckons + 0.5) / 2))
    # The other's score is the same whatever is played: nothing is learned of hostility.
    assert beliefs.hostility_posterior(0)[1] == pytest.approx([0.5, 0.5])

    # It pays nothing and takes 0.1 from the other: hostility 1 makes that e¹ times as likely, hostility 0 does not.
    hurts = Evidence(np.log([[0.5, 0.5]]), np.array([[0.0, -0.1], [0.0, 0.0]]), 0)
    beliefs = OpponentBeliefs.start(2, replace(config, lambdas=(0.1,))).observe(0, hurts, "S1901M")
    assert beliefs.hostility_posterior(0)[1] == pytest.approx(np.array([0.5, reckons]) / (0.5 + reckons))
    assert beliefs.hostility(0)[1] == pytest.approx(reckons / (0.5 + reckons))
    assert beliefs.utility_weights() == pytest.approx(np.array([[1.0, -reckons / (0.5 + reckons)], [-0.5, 1.0]]))


@pytest.mark.parametrize("kind", range(6))
def test_the_true_type_is_found(kind: int) -> None:
    rng = np.random.default_rng(100 + kind)
    style, price = divmod(kind, 3)
    config = replace(CONFIG, memory=1.0)
    start = OpponentBeliefs.start(PLAYERS, config)
    shares, ignorant, learned = [], [], []
    for _ in range(5):
        beliefs, seen = watched(Player(1, style, CONFIG.lambdas[price], NEUTRAL), 20, rng, config)
        shares.append(beliefs.posterior(1))
        ignorant += [-np.log(start.predict(1, evidence)[evidence.played]) for evidence in seen[10:]]
        learned += [step.surprise for step in beliefs.steps[1][10:]]
    mean = np.mean(shares, axis=0)
    # One who hardly looks at the anchor has no style to be known by.
    found = mean.reshape(2, 3).sum(axis=0)[price] if price == 0 else mean[kind]
    assert found > 0.7
    assert beliefs.entropy(1) < 1.0
    # The log-loss of what is predicted falls.
    assert np.mean(learned) < np.mean(ignorant) - 0.1


def test_beliefs_are_calibrated() -> None:
    """Of all types that a belief gives about 30 %, about 30 % are true."""
    rng = np.random.default_rng(7)
    config = replace(CONFIG, memory=1.0, hostilities=((0.0, 1.0),))
    believed, true = [], []
    for _ in range(300):
        kind = int(rng.integers(6))
        style, price = divmod(kind, 3)
        beliefs, _ = watched(Player(0, style, config.lambdas[price], NEUTRAL, config.doubt), 3, rng, config)
        believed.append(beliefs.posterior(0))
        true.append(np.arange(6) == kind)
    p, t = np.concatenate(believed), np.concatenate(true)
    error = 0.0
    for low in np.arange(0, 1, 0.2):
        within = (p >= low) & (p < low + 0.2 + 1e-9)
        assert within.sum() > 20
        error += abs(p[within].mean() - t[within].mean()) * within.mean()
    assert error < 0.03
    assert -np.mean(np.log(p[t])) < np.log(6) - 0.5


def test_a_grudge_is_found_and_the_neutral_are_not_accused() -> None:
    rng = np.random.default_rng(8)
    grudge = np.array([0.0, 0.0, 0.0, 1.0])
    hostile = np.mean([watched(Player(0, 0, 0.01, grudge), 15, rng)[0].hostility(0) for _ in range(5)], axis=0)
    assert hostile[3] > 0.7
    assert hostile[0] == 0.0
    assert np.abs(hostile[1:3]).max() < 0.2
    neutral = [watched(Player(0, 0, 0.01, NEUTRAL), 15, rng)[0].hostility(0) for _ in range(5)]
    assert np.abs(np.mean(neutral, axis=0)).max() < 0.1
    # A friend is one who pays to give.
    friend = [watched(Player(0, 0, 0.01, np.array([0, -0.3, 0, 0])), 20, rng)[0].hostility(0) for _ in range(5)]
    assert np.mean(friend, axis=0)[1] < -0.1


def test_nobody_unknown_is_believed_anything() -> None:
    beliefs = OpponentBeliefs.start(PLAYERS, CONFIG)
    assert beliefs.weights(2) == pytest.approx(np.full(6, 1 / 6))
    assert beliefs.hostility(2) == pytest.approx(NEUTRAL, abs=1e-12)
    assert beliefs.utility_weights() == pytest.approx(np.eye(PLAYERS))
    assert beliefs.reliability(2, 1) == pytest.approx(0.75)
    assert beliefs.describe(NAMES) == []


def test_without_trust_the_prior_stays_exactly() -> None:
    rng = np.random.default_rng(9)
    prior = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
    beliefs, seen = watched(Player(0, 1, 0.003, NEUTRAL), 6, rng, replace(CONFIG, trust=0.0, prior=prior))
    beliefs = beliefs.note_promise(0, 1, kept=False)
    assert np.array_equal(beliefs.weights(0), np.array(prior) / 21)
    assert np.array_equal(beliefs.hostility(0), NEUTRAL)
    assert beliefs.reliability(0, 1) == 0.75
    half = replace(beliefs, config=replace(beliefs.config, trust=0.5))
    assert half.weights(0) == pytest.approx((half.prior() + half.posterior(0)) / 2)
    assert half.predict(0, seen[0]).sum() == pytest.approx(1.0)


def test_one_surprise_is_no_certainty() -> None:
    log_anchors = np.log([[1.0, 1e-12], [1e-12, 1.0]])
    evidence = Evidence(log_anchors, np.zeros((2, PLAYERS)), 1)
    beliefs = OpponentBeliefs.start(PLAYERS, CONFIG).observe(0, evidence, "S1901M")
    by_style = beliefs.posterior(0).reshape(2, 3).sum(axis=1)
    # The floor: half of the doubt, over what the other style gives it.
    assert by_style[0] / by_style[1] == pytest.approx(0.1 / 0.9)


def test_evidence_fades_by_phase_and_not_within_one() -> None:
    rng = np.random.default_rng(10)
    player = Player(0, 1, 0.03, NEUTRAL)
    beliefs, _ = watched(player, 8, rng, replace(CONFIG, memory=0.5))
    beliefs = beliefs.note_promise(0, 1, kept=True)
    # One of two actions that are all the same to everybody: no information, so only forgetting is left to see.
    nothing = Evidence(np.zeros((2, 2)), np.zeros((2, PLAYERS)), 0)
    same = beliefs.observe(0, nothing, beliefs.steps[0][-1].phase)
    assert same.posterior(0) == pytest.approx(beliefs.posterior(0))
    assert same.kept[0, 1] == 1.0
    later = beliefs.observe(0, nothing, "S1950M")
    ratio = np.log(beliefs.posterior(0)[0] / beliefs.posterior(0)[1])
    assert np.log(later.posterior(0)[0] / later.posterior(0)[1]) == pytest.approx(ratio / 2)
    assert later.kept[0, 1] == 0.5
    for number in range(40):
        later = later.observe(0, nothing, f"S{1951 + number}M")
    assert later.posterior(0) == pytest.approx(later.prior())
    assert later.hostility(0) == pytest.approx(NEUTRAL, abs=1e-9)
    assert later.reliability(0, 1) == pytest.approx(0.75)


def test_a_changed_player_is_recognised_sooner_with_forgetting() -> None:
    def share(memory: float) -> float:
        rng = np.random.default_rng(11)
        beliefs, _ = watched(Player(0, 0, 0.3, NEUTRAL), 20, rng, replace(CONFIG, memory=memory))
        for number in range(6):
            beliefs = beliefs.observe(0, Player(0, 1, 0.3, NEUTRAL).phase(rng), f"F{1901 + number}M")
        return float(beliefs.posterior(0).reshape(2, 3).sum(axis=1)[1])

    assert share(0.7) > 0.9 > 0.2 > share(1.0)


def test_reliability_is_shrunk_to_the_player_and_the_prior() -> None:
    beliefs = OpponentBeliefs.start(PLAYERS, CONFIG)
    for kept in (False, False, True):
        beliefs = beliefs.note_promise(0, 1, kept)
    # The prior (3, 1) and one of three kept: 4/7.  To player 1: (4 · 4/7 + 1) / (4 + 3).  To others: as to all.
    assert beliefs.reliability(0) == pytest.approx(4 / 7)
    assert beliefs.reliability(0, 1) == pytest.approx((16 / 7 + 1) / 7)
    assert beliefs.reliability(0, 2) == pytest.approx(4 / 7)
    assert beliefs.reliability(1) == beliefs.reliability(2, 0) == pytest.approx(0.75)
    for _ in range(200):
        beliefs = beliefs.note_promise(0, 2, kept=True)
    assert beliefs.reliability(0, 2) > 0.97 > beliefs.reliability(0, 1) > 0.6


def test_stake_scales_lambda() -> None:
    evidence = Player(0, 0, 0.03, NEUTRAL).phase(np.random.default_rng(12))
    dear = replace(evidence, stake=10.0)
    cheap = OpponentBeliefs.start(PLAYERS, replace(CONFIG, lambdas=(0.03, 0.3, 3.0)))
    start = OpponentBeliefs.start(PLAYERS, CONFIG)
    assert start.predict(0, dear) == pytest.approx(cheap.predict(0, evidence))


def test_json_round_trip_goes_on_as_if_nothing_had_happened() -> None:
    rng = np.random.default_rng(13)
    config = replace(CONFIG, lambdas=(0.01, 0.1, np.inf), trust=0.7)
    beliefs, _ = watched(Player(2, 1, 0.03, np.array([0.3, 0, 0, 0])), 5, rng, config)
    beliefs = beliefs.note_promise(2, 3, kept=False)
    again = OpponentBeliefs.from_json(beliefs.to_json())
    assert again.config == beliefs.config
    assert again.to_json() == beliefs.to_json()
    evidence = Player(2, 1, 0.03, NEUTRAL).phase(rng)
    assert again.observe(2, evidence, "F1910M").to_json() == beliefs.observe(2, evidence, "F1910M").to_json()
    assert again.describe(NAMES) == beliefs.describe(NAMES)
    with pytest.raises(ValueError, match="format 1"):
        OpponentBeliefs.from_json('{"format": 0}')


def test_observing_is_deterministic_and_changes_nothing_in_place() -> None:
    before = OpponentBeliefs.start(PLAYERS, CONFIG)
    text = before.to_json()
    one, two = (watched(Player(0, 1, 0.03, NEUTRAL), 5, np.random.default_rng(14))[0] for _ in range(2))
    assert one.to_json() == two.to_json()
    evidence = Player(0, 1, 0.03, NEUTRAL).phase(np.random.default_rng(15))
    before.observe(0, evidence, "S1901M").note_promise(0, 1, kept=True)
    assert before.to_json() == text


def test_description_names_type_grudge_word_and_evidence() -> None:
    rng = np.random.default_rng(16)
    beliefs, _ = watched(Player(2, 1, 0.03, np.array([0, 0, 0, 1.0])), 15, rng)
    beliefs = beliefs.note_promise(2, 0, kept=True)
    [line] = beliefs.describe(NAMES)
    assert line.startswith("FRANCE: plays like 'dumbbot' (1.00, λ≈0.03), entropy 0.")
    assert "hostile to GERMANY (+" in line
    assert "reliability 0.80 (1.0 promises)" in line
    most = max(beliefs.steps[2], key=lambda step: step.type_nats + step.hostility_nats)
    assert f"moved by {most.phase} (+{most.type_nats + most.hostility_nats:.1f} nats)" in line


def test_a_single_action_says_nothing() -> None:
    evidence = Evidence(np.zeros((2, 1)), np.ones((1, PLAYERS)), 0)
    beliefs = OpponentBeliefs.start(PLAYERS, CONFIG).observe(0, evidence, "W1901A")
    assert beliefs.weights(0) == pytest.approx(beliefs.prior())
    assert beliefs.steps[0][0].type_nats == pytest.approx(0.0)


def test_evidence_of_another_shape_is_refused() -> None:
    evidence = Evidence(np.zeros((3, 5)), np.zeros((5, PLAYERS)), 0)
    with pytest.raises(ValueError, match="2 styles"):
        OpponentBeliefs.start(PLAYERS, CONFIG).observe(0, evidence, "S1901M")


@pytest.mark.parametrize(
    "bad",
    [
        {"trust": 1.5},
        {"memory": -0.1},
        {"lambdas": (0.0,)},
        {"styles": ()},
        {"prior": (1.0,)},
        {"hostilities": ()},
        {"promise_prior": (0.0, 1.0)},
    ],
)
def test_bad_configurations_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        replace(CONFIG, **bad)  # type: ignore[arg-type]
