"""The policy network: its probabilities are probabilities, its samples legal, its file checked."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from engine._core import Batch, Position
from engine.mapfile import core_map
from engine.types import POWERS
from planner.candidates import Codes
from planner.decisions import policy_batch
from planner.encoded import Encoded
from planner.geometry import geometry
from planner.network import NetworkError, PolicyConfig, PolicyNetwork, load_network, save_network
from planner.policy_model import PolicyModel
from planner.slots import ForcedOrderError, choices, seat_codes, slots_of
from planner.weight_files import NetworkFileError

FRANCE, GERMANY = 2, 3
TINY = PolicyConfig(width=16, layers=1, heads=2, styles=("human", "dumbbot"))


@pytest.fixture(scope="module")
def model() -> PolicyModel:
    """A tiny network whose weights were drawn large, so that its opinions are strong."""
    torch.set_num_threads(1)  # tiny tensors: threads only wait for each other
    torch.manual_seed(3)
    network = PolicyNetwork(TINY)
    with torch.no_grad():
        for weights in (network.form.weight, network.order_out.weight, network.query.weight):
            weights.mul_(3.0)
    return PolicyModel(network)


@pytest.fixture(scope="module")
def positions() -> list[Position]:
    """Positions of all kinds of phases from random games."""
    found = []
    for seed in range(3):
        position = core_map("standard").start()
        for number in range(30):
            found.append(position)
            position = position.step(position.sample(100 * seed + number, coherent=True))[0]
    assert {position.phase[-1] for position in found} == {"M", "R", "A"}
    return found


@pytest.fixture(scope="module")
def small() -> Position:
    """France has two units."""
    return core_map("standard").position(
        "S1902M",
        {"FRANCE": ["A PAR", "F BRE"], "ENGLAND": ["F ENG", "A WAL"], "GERMANY": ["A BUR"]},
        {"FRANCE": ["PAR", "BRE"], "ENGLAND": ["LON", "LVP"], "GERMANY": ["MUN"]},
    )


def adjusting(units: list[str], centers: list[str]) -> Position:
    return core_map("standard").position("W1902A", {"FRANCE": units, "GERMANY": ["A MUN"]}, {"FRANCE": centers})


BUILDS = adjusting(["A BEL"], ["PAR", "BRE", "MAR", "BEL"])
REMOVALS = adjusting(["A BEL", "F MAO", "A PIC", "F LYO"], ["PAR", "BRE"])


def all_actions(encoded: Encoded, power: int) -> list[Codes]:
    """Every joint action of a power."""
    options = seat_codes(encoded.slots, power)
    if not encoded.slots.adjusts[0]:
        return list(product(*options))
    due = int(encoded.slots.due[power])
    real = [[code for code in codes if code >= 0] for codes in options]
    return [action for sites in combinations(real, due) for action in product(*sites)]


def test_samples_are_legal_and_complete_in_every_phase(model: PolicyModel, positions: list[Position]) -> None:
    rng = np.random.default_rng(0)
    board = geometry("standard")
    for position, encoded in zip(positions, model.encode_batch(positions), strict=True):
        for power, actions in enumerate(model.sample_all(encoded, 3, rng, ["human", "dumbbot"] + ["human"] * 5)):
            name = POWERS[power]
            ordered = len(position.orderable(name))
            due = abs(position.build_count(name)) if position.phase[-1] == "A" else ordered
            for action in actions:
                position.check_orders(name, list(action))
                assert len(action) == due
                assert board.action(action) == tuple(board.order(code) for code in action)


@pytest.mark.parametrize(("power", "temperature"), [(FRANCE, 1.0), (GERMANY, 2.0)])
def test_samples_are_as_frequent_as_they_are_likely(
    model: PolicyModel, small: Position, power: int, temperature: float
) -> None:
    encoded = model.encode(small)
    count = 6000
    drawn = model.sample(encoded, power, count, np.random.default_rng(1), "dumbbot", temperature)
    actions = all_actions(encoded, power)
    # The temperature acts on each unit's choice; Germany has only one unit, so on the action.
    weights = np.exp(model.log_probs(encoded, power, actions, "dumbbot") / temperature)
    for action, share in zip(actions, weights / weights.sum(), strict=True):
        assert abs(drawn.count(action) / count - share) < 5 * np.sqrt(share / count) + 1e-3


@pytest.mark.parametrize("kind", ["movement", "builds", "removals"])
def test_the_probabilities_of_all_actions_sum_to_one(model: PolicyModel, small: Position, kind: str) -> None:
    encoded = model.encode({"movement": small, "builds": BUILDS, "removals": REMOVALS}[kind])
    actions = all_actions(encoded, FRANCE)
    assert len(actions) >= 4
    for style in model.styles:
        assert np.exp(model.log_probs(encoded, FRANCE, actions, style)).sum() == pytest.approx(1.0, abs=1e-5)


def test_what_a_power_cannot_give_has_no_probability(model: PolicyModel, small: Position) -> None:
    board = core_map("standard")
    encoded = model.encode(small)
    move, hold = board.order_code("A PAR - PIC"), board.order_code("F BRE H")
    both, one, foreign = model.log_probs(encoded, FRANCE, [(hold, move), (move,), (board.order_code("A BUR - MUN"),)])
    assert both == one
    assert foreign == -np.inf
    assert model.log_probs(model.encode(BUILDS), FRANCE, [()])[0] == -np.inf


def test_given_actions_change_the_view_and_none_change_nothing(model: PolicyModel, small: Position) -> None:
    board = core_map("standard")
    encoded = model.encode(small)
    actions = all_actions(encoded, FRANCE)
    plain = model.log_probs(encoded, FRANCE, actions)
    moves = {3: (board.order_code("A BUR - PAR"),)}
    given = model.log_probs(encoded, FRANCE, actions, given=moves)
    assert np.abs(given - plain).max() > 1e-3
    assert np.exp(given).sum() == pytest.approx(1.0, abs=1e-5)
    assert not np.array_equal(
        given, model.log_probs(encoded, FRANCE, actions, given={3: (board.order_code("A BUR H"),)})
    )
    for nothing in ({}, {FRANCE: actions[0]}, {3: ()}):
        assert np.array_equal(plain, model.log_probs(encoded, FRANCE, actions, given=nothing))
    rng = np.random.default_rng(0)
    for action in model.sample(encoded, FRANCE, 5, rng, given=moves):
        small.check_orders("FRANCE", list(action))


def test_ties_are_joint_less_single_probabilities(model: PolicyModel, small: Position) -> None:
    encoded = model.encode(small)
    actions = [all_actions(encoded, power) for power in range(7)]
    powers, rng = (1, FRANCE, GERMANY), np.random.default_rng(5)
    profiles = np.stack([rng.integers(len(its), size=12) for its in actions], axis=1).astype(np.int32)
    ties = model.log_ties(encoded, actions, profiles, powers, "dumbbot")
    assert np.abs(ties).max() > 1e-3
    for row, tie in zip(profiles, ties, strict=True):
        known: dict[int, Codes] = {}
        expected = 0.0
        for power in powers:
            action = [actions[power][row[power]]]
            expected += model.log_probs(encoded, power, action, "dumbbot", known)[0]
            expected -= model.log_probs(encoded, power, action, "dumbbot")[0]
            known[power] = action[0]
        assert tie == pytest.approx(expected, abs=1e-4)
    assert model.log_ties(encoded, actions, profiles, (0, GERMANY)).tolist() == [0.0] * 12


def test_forced_orders_are_kept(model: PolicyModel, small: Position) -> None:
    board, rng = core_map("standard"), np.random.default_rng(0)
    order = board.order_code("F BRE - GAS")
    drawn = model.sample(model.encode(small), FRANCE, 40, rng, forced=[order])
    assert all(order in action and len(action) == 2 for action in drawn)
    assert len(set(drawn)) > 1
    for position, text in ((BUILDS, "F MAR B"), (BUILDS, "A BRE B"), (REMOVALS, "F MAO D")):
        encoded = model.encode(position)
        for action in model.sample(encoded, FRANCE, 20, rng, forced=[board.order_code(text)]):
            assert board.order_code(text) in action
            assert len(action) == encoded.slots.due[FRANCE]
            position.check_orders("FRANCE", list(action))
    with pytest.raises(ForcedOrderError, match="legal for FRANCE"):
        model.sample(model.encode(small), FRANCE, 1, rng, forced=[board.order_code("A BUR H")])
    with pytest.raises(ForcedOrderError, match="two for one unit"):
        model.sample(model.encode(small), FRANCE, 1, rng, forced=[order, board.order_code("F BRE H")])
    many = [board.order_code(f"A {place} D") for place in ("BEL", "PIC")] + [board.order_code("F MAO D")]
    with pytest.raises(ForcedOrderError, match="at most 2"):
        model.sample(model.encode(REMOVALS), FRANCE, 1, rng, forced=many)


def test_one_by_one_or_together_is_the_same(model: PolicyModel, positions: list[Position]) -> None:
    rng = np.random.default_rng(2)
    some = positions[3::17]
    slots = slots_of(Batch.of(some, 1))
    together = model.encode_batch(some)
    for number, position in enumerate(some):
        alone = model.encode(position)
        drawn = model.sample_all(alone, 4, rng)
        every = model.log_probs_all(alone, drawn, model.styles)
        played = [code for actions in drawn for code in actions[0]]
        codes = np.full((len(some), 40), -1, np.int32)
        codes[number, : len(played)] = played
        styles = np.full((len(some), 7), -1, np.int8)
        styles[number] = 1
        given = np.zeros((len(some), 7), np.bool_)
        given[number, 5] = True  # all but Russia know what Russia does
        for told in (None, given):
            batch = policy_batch(slots, choices(slots, codes), styles, told)
            with torch.inference_mode():
                judged = model.network(batch)
            sums = torch.zeros(len(batch.seat), dtype=torch.float64).index_add(
                0, batch.slot_seat, judged.log_prob.double()
            )
            for (_, power, _), total in zip(batch.seat.tolist(), sums.tolist(), strict=True):
                known = {} if told is None else {5: drawn[5][0]}
                single = model.log_probs(together[number], power, drawn[power], "dumbbot", known)
                assert single[0] == pytest.approx(total, abs=1e-4)
                if told is None:
                    np.testing.assert_allclose(single, every[power][1], atol=1e-4)


def test_the_same_generator_draws_the_same_actions(model: PolicyModel, small: Position) -> None:
    encoded = model.encode(small)
    first, second, other = (model.sample_all(encoded, 5, np.random.default_rng(seed)) for seed in (7, 7, 8))
    assert first == second != other


def test_mistakes_are_named(model: PolicyModel, small: Position) -> None:
    encoded, rng = model.encode(small), np.random.default_rng(0)
    with pytest.raises(NetworkError, match="did you mean 'human'"):
        model.sample(encoded, FRANCE, 1, rng, "humans")
    with pytest.raises(NetworkError, match="temperature above 0"):
        model.sample(encoded, FRANCE, 1, rng, temperature=0.0)
    with pytest.raises(NetworkError, match="standard board, got one of 'ancmed'"):
        model.encode(core_map("ancmed").start())
    with pytest.raises(NetworkError, match="heads that divide"):
        PolicyConfig(width=10, heads=4)


def test_a_saved_network_is_loaded_as_it_was(model: PolicyModel, small: Position, tmp_path: Path) -> None:
    save_network(model.network, tmp_path / "policy.safetensors")
    again = PolicyModel.load(tmp_path / "policy.safetensors")
    assert again.network.config == TINY
    actions = all_actions(model.encode(small), FRANCE)
    first, second = (m.log_probs(m.encode(small), FRANCE, actions) for m in (model, again))
    assert np.array_equal(first, second)
    half = PolicyModel.load(tmp_path / "policy.safetensors", half=True)
    np.testing.assert_allclose(half.log_probs(half.encode(small), FRANCE, actions), first, atol=0.5)


def test_other_files_are_refused(model: PolicyModel, tmp_path: Path) -> None:
    path = tmp_path / "policy.safetensors"
    with pytest.raises(NetworkFileError, match="no such file"):
        load_network(path)
    save_network(model.network, path)
    whole = path.read_bytes()
    for broken in (b"", b"not a network", whole[:1000], whole[:-8]):
        path.write_bytes(broken)
        with pytest.raises(NetworkFileError, match=r"expected a policy network \(safetensors\)"):
            load_network(path)
    save_file({"a": torch.zeros(2)}, path)
    with pytest.raises(NetworkFileError, match="another kind of file"):
        load_network(path)
    path.write_bytes(whole.replace(b'\\"width\\": 16', b'\\"width\\": 32'))
    with pytest.raises(NetworkFileError, match="fit the configuration"):
        load_network(path)
    network = PolicyNetwork(TINY)
    with torch.no_grad():
        network.place[0, 0] = torch.nan
    save_network(network, path)
    with pytest.raises(NetworkFileError, match="finite weights"):
        load_network(path)


def test_a_power_without_units_has_one_action(model: PolicyModel, small: Position) -> None:
    encoded, rng = model.encode(small), np.random.default_rng(0)
    assert model.sample_all(encoded, 2, rng)[0] == [(), ()]
    assert model.log_probs(encoded, 0, [()])[0] == 0.0
    centers = core_map("standard").centers[:18]
    over = core_map("standard").position("S1905M", {"FRANCE": ["A PAR"]}, {"FRANCE": centers}, {}, "FRANCE")
    assert model.sample_all(model.encode(over), 2, rng) == [[(), ()]] * 7
