"""The compiled rules: phases, builds, disorder, victory, batches, the stub.  DATC cases are in test_datc.py."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine._core import (
    Batch,
    CoreError,
    IllegalStateError,
    OrderLegalityError,
    OrderTextError,
    Position,
    Results,
)
from engine.mapfile import core_map, load_map
from engine.types import POWERS

BOARD = core_map()
HERE = Path(__file__).parent


def place(
    phase: str,
    units: dict[str, list[str]],
    centers: dict[str, list[str]] | None = None,
    retreats: dict[str, dict[str, list[str]]] | None = None,
) -> Position:
    return Position.from_state(BOARD, phase, units, centers or {}, retreats or {})


def play(position: Position, orders: dict[str, list[str]]) -> tuple[Position, Results]:
    return position.step([[BOARD.order_code(text) for text in orders.get(power.value, [])] for power in POWERS])


def texts(position: Position, province: str) -> list[str]:
    return sorted(BOARD.order_text(code) for code in position.legal_orders(province))


# ---- adjustments (the cases of DATC 6.I and 6.J are in test_datc.py) ------------------------------


def test_too_many_adjustments_are_refused() -> None:
    """In strict play an order too many is an error that says so."""
    position = place("W1901A", {"GERMANY": ["A RUH", "A HOL"]}, {"GERMANY": ["BER", "KIE", "MUN"]})
    with pytest.raises(OrderLegalityError, match="one order too many, 'A KIE B'"):
        play(position, {"GERMANY": ["A BER B", "A KIE B"]})
    position = place("W1901A", {}, {"RUSSIA": ["MOS", "SEV"]})
    with pytest.raises(OrderLegalityError, match="second order to MOS"):
        play(position, {"RUSSIA": ["A MOS B", "A MOS B"]})
    position = place("W1901A", {"FRANCE": ["A PIC", "A PAR"]}, {"FRANCE": ["PAR"]})
    with pytest.raises(OrderLegalityError, match="one order too many"):
        play(position, {"FRANCE": ["A PIC D", "A PAR D"]})
    position = place("W1901A", {"FRANCE": ["A PIC", "A PAR", "A BUR"]}, {"FRANCE": ["PAR"]})
    with pytest.raises(OrderLegalityError, match="second order to PAR"):
        play(position, {"FRANCE": ["A PAR D", "A PAR D"]})


def test_builds_due_and_where() -> None:
    """Only free home centres that are owned count."""
    position = place("W1901A", {"RUSSIA": ["F STP/SC"]}, {"RUSSIA": ["STP", "MOS"]})
    assert position.orderable("RUSSIA") == ["MOS"]
    assert texts(position, "MOS") == ["A MOS B", "WAIVE"]
    position = place("W1901A", {}, {"GERMANY": ["BER", "WAR"], "RUSSIA": ["MOS"]})
    assert position.orderable("GERMANY") == ["BER"]
    assert position.build_count("GERMANY") == 1


def test_build_waive_and_coasts() -> None:
    position = place("W1901A", {}, {"RUSSIA": ["STP", "MOS", "SEV"]})
    assert texts(position, "STP") == ["A STP B", "F STP/NC B", "F STP/SC B", "WAIVE"]
    following, results = play(position, {"RUSSIA": ["F STP/NC B", "WAIVE"]})
    assert following.units()["RUSSIA"] == ["F STP/NC"]
    assert results == {"F STP/NC": []}
    assert following.phase == "S1902M"


def test_disorder_removes_several() -> None:
    position = place("W1901A", {"FRANCE": ["A PAR", "A BUR", "A MUN", "A SIL"]}, {"FRANCE": ["PAR", "MAR"]})
    following, _ = position.step([[]] * 7)
    assert following.units()["FRANCE"] == ["A BUR", "A PAR"]


def test_ordered_removal_counts_before_disorder() -> None:
    position = place("W1901A", {"FRANCE": ["A PAR", "A BUR", "A SIL"]}, {"FRANCE": ["PAR"]})
    following, _ = play(position, {"FRANCE": ["A PAR D"]})
    assert following.units()["FRANCE"] == ["A BUR"]


# ---- phases ----------------------------------------------------------------------------------


def test_start() -> None:
    position = BOARD.start()
    assert position.phase == "S1901M"
    assert position.units()["RUSSIA"] == ["A MOS", "A WAR", "F SEV", "F STP/SC"]
    assert sum(map(len, position.centers().values())) == 22
    assert not position.is_over
    assert position.winner is None


def test_phases_without_choices_are_skipped() -> None:
    position = BOARD.start()
    seen = []
    for _ in range(4):
        seen.append(position.phase)
        position, _ = position.step([[]] * 7)
    assert seen == ["S1901M", "F1901M", "S1902M", "F1902M"]


def test_retreat_phase_only_where_a_unit_can_retreat() -> None:
    position = place(
        "S1901M",
        {"ITALY": ["A TYR", "A VEN", "F ADR"], "AUSTRIA": ["F TRI"], "TURKEY": ["F ALB"]},
    )
    following, results = play(position, {"ITALY": ["A VEN - TRI", "A TYR S A VEN - TRI", "F ADR S A VEN - TRI"]})
    assert results["F TRI"] == ["dislodged"]
    assert following.phase == "F1901M"
    assert following.units()["AUSTRIA"] == []


def test_unordered_retreat_disbands() -> None:
    position = place("S1901R", {"FRANCE": ["A PAR"]}, {}, {"GERMANY": {"A BUR": ["MUN"]}})
    assert texts(position, "BUR") == ["A BUR D", "A BUR R MUN"]
    following, results = position.step([[]] * 7)
    assert results == {"A BUR": ["disband"]}
    assert following.phase == "F1901M"
    assert following.units()["GERMANY"] == []


def test_centres_change_hands_after_fall_only() -> None:
    position = place("S1901M", {"FRANCE": ["A SPA"]}, {"FRANCE": ["PAR"], "ENGLAND": ["SPA"]})
    following, _ = position.step([[]] * 7)
    assert following.centers()["FRANCE"] == ["PAR"]
    following, _ = following.step([[]] * 7)
    assert following.phase == "W1901A"
    assert following.centers()["FRANCE"] == ["PAR", "SPA"]
    assert following.centers()["ENGLAND"] == []


def test_eighteen_centres_win() -> None:
    centers = list(BOARD.centers)
    units = ["A BUL", "A DEN", "A GRE"]
    owned = [c for c in centers if c not in ("BUL", "DEN", "GRE")][:15]
    position = place("F1905M", {"TURKEY": units}, {"TURKEY": owned})
    following, _ = position.step([[]] * 7)
    assert following.is_over
    assert following.winner == "TURKEY"
    assert following.legal_codes() == {}
    seventeen = place("F1905M", {"TURKEY": units[:2]}, {"TURKEY": owned})
    assert not seventeen.step([[]] * 7)[0].is_over


# ---- orders, hash, errors --------------------------------------------------------------------


def test_legal_orders_at_the_start() -> None:
    assert texts(BOARD.start(), "TRI") == [
        "F TRI - ADR",
        "F TRI - ALB",
        "F TRI - VEN",
        "F TRI H",
        "F TRI S A ROM - VEN",
        "F TRI S A VEN",
    ]


def test_supports_of_fleets_to_coasts() -> None:
    position = place("S1901M", {"FRANCE": ["F MAO", "F GAS", "A POR"]})
    found = [text for text in texts(position, "POR") if " S F MAO" in text]
    assert found == ["A POR S F MAO - SPA", "A POR S F MAO - SPA/NC", "A POR S F MAO - SPA/SC"]


def test_convoy_orders_name_only_fleets_that_help() -> None:
    position = place("S1901M", {"ENGLAND": ["A LON", "F ENG", "F IRI"]})
    convoys = [text for text in texts(position, "IRI") if " C " in text]
    assert convoys == ["F IRI C A LON - LVP"]
    assert "A LON - LVP VIA" in texts(position, "LON")


def test_codes_and_texts_are_a_bijection() -> None:
    """Every legal order of random positions keeps its text and code both ways; codes fit int32."""
    seen: dict[int, str] = {}
    for position in random_positions(seed=3, count=60):
        for codes in position.legal_codes().values():
            for code in codes:
                text = BOARD.order_text(code)
                assert BOARD.order_code(text) == code
                assert seen.setdefault(code, text) == text
                assert 0 <= code < 2**31
    assert len(set(seen.values())) == len(seen) > 1500


@pytest.mark.parametrize(
    "text", ["", "A PAR", "A PAR - XXX", "a par h", "F STP H", "A NTH H", "A PAR  H", "A PAR H H", "A PAR S BUR"]
)
def test_unknown_order_texts(text: str) -> None:
    with pytest.raises(OrderTextError, match="unknown order"):
        BOARD.order_code(text)


def test_unknown_codes() -> None:
    for code in (-1, 0, 2**30, 2**31 - 1):
        with pytest.raises(OrderTextError, match="expected an order code"):
            BOARD.order_text(code)


def test_illegal_orders_are_refused_or_void() -> None:
    position = BOARD.start()
    code = BOARD.order_code("A PAR - MOS")
    orders = [[code] if power.value == "FRANCE" else [] for power in POWERS]
    with pytest.raises(OrderLegalityError, match="illegal order 'A PAR - MOS' of FRANCE in S1901M"):
        position.step(orders)
    following, results = position.step(orders, strict=False)
    assert results["A PAR"] == ["void"]
    assert "A PAR" in following.units()["FRANCE"]
    with pytest.raises(OrderLegalityError, match="of ENGLAND"):
        position.step([[], [BOARD.order_code("A PAR H")], [], [], [], [], []])


def test_a_repeated_build_uses_up_no_other() -> None:
    position = place("W1901A", {"FRANCE": ["A SPA"]}, {"FRANCE": ["PAR", "MAR", "SPA"]})
    texts = {"FRANCE": ["A PAR B", "A PAR B", "A MAR B", "WAIVE"]}
    with pytest.raises(OrderLegalityError, match="second order to PAR, 'A PAR B' of FRANCE in W1901A"):
        position.step_texts(texts)
    following, _ = position.step_texts(texts, strict=False)
    assert following.units()["FRANCE"] == ["A MAR", "A PAR", "A SPA"]


@pytest.mark.parametrize(
    ("units", "message"),
    [
        ({"FRANCE": ["A XXX"]}, "expected a location"),
        ({"FRANCE": ["PAR"]}, "expected a unit"),
        ({"FRANCE": ["A NTH"]}, "an army cannot stand at sea"),
        ({"FRANCE": ["A STP/NC"]}, "not on a coast"),
        ({"FRANCE": ["F MOS"]}, "a fleet cannot stand inland"),
        ({"FRANCE": ["F STP"]}, "expected the coast it is on, such as 'STP/NC'"),
        ({"FRANCE": ["A SPA"], "ITALY": ["F SPA/SC"]}, "SPA already holds a unit of FRANCE"),
        ({"SPAIN": ["A SPA"]}, "unknown power 'SPAIN'"),
    ],
)
def test_impossible_units(units: dict[str, list[str]], message: str) -> None:
    with pytest.raises(IllegalStateError, match=message):
        place("S1901M", units)


def test_impossible_states() -> None:
    with pytest.raises(IllegalStateError, match="unknown phase 'S1901X'"):
        place("S1901X", {})
    with pytest.raises(IllegalStateError, match="expected a supply centre"):
        place("S1901M", {}, {"FRANCE": ["BUR"]})
    with pytest.raises(IllegalStateError, match="already owned by ENGLAND"):
        place("S1901M", {}, {"ENGLAND": ["PAR"], "FRANCE": ["PAR"]})
    with pytest.raises(IllegalStateError, match="outside a retreat phase"):
        place("S1901M", {}, {}, {"FRANCE": {"A PAR": ["BUR"]}})
    assert issubclass(IllegalStateError, CoreError)
    assert issubclass(CoreError, ValueError)


def random_positions(seed: int, count: int) -> list[Position]:
    """Positions of one random game after another."""
    found: list[Position] = []
    position = BOARD.start()
    while len(found) < count:
        found.append(position)
        position, _ = position.step(position.sample(1000 * seed + len(found)))
        if position.is_over or position.phase[1:5] == "1912":
            position = BOARD.start()
    return found


def test_is_legal_asks_the_list_of_legal_orders() -> None:
    """Orders legal in any of these positions are legal in one of them exactly if it lists them."""
    positions = random_positions(seed=7, count=40)
    pool = sorted({code for p in positions for codes in p.legal_codes().values() for code in codes})
    for position in positions[::3]:
        for power in POWERS:
            own = {c for place in position.orderable(power.value) for c in position.legal_orders(place)}
            assert {code for code in pool if position.is_legal(power.value, code)} == own


def test_state_round_trip_and_hash() -> None:
    """A position rebuilt from its parts is equal and has the same hash; different positions differ."""
    positions = random_positions(seed=5, count=300)
    for position in positions:
        rebuilt = Position.from_state(BOARD, position.phase, position.units(), position.centers(), position.dislodged())
        assert rebuilt == position
        assert rebuilt.hash == position.hash
        assert hash(rebuilt) == hash(position)
        assert position.copy() == position
    distinct = {(p.phase, str(p.units()), str(p.centers()), str(p.dislodged())) for p in positions}
    assert len({p.hash for p in positions}) == len(distinct) == len(set(positions))


def test_step_leaves_the_position_alone() -> None:
    for position in random_positions(seed=6, count=30):
        before = position.copy()
        position.step(position.sample(1))
        assert position == before


def test_relabelled_powers_have_the_same_outcome() -> None:
    """A movement phase does not know the names of the powers."""
    turn = {power.value: POWERS[(i + 3) % 7].value for i, power in enumerate(POWERS)}
    for position in random_positions(seed=8, count=120):
        if not position.phase.endswith("M"):
            continue
        orders = position.sample(8, coherent=True)
        other = place(position.phase, {turn[p]: u for p, u in position.units().items()})
        turned = [orders[(i - 3) % 7] for i in range(7)]
        assert other.step(turned)[1] == position.step(orders)[1]


# ---- batches ---------------------------------------------------------------------------------


def sample_actions(position: Position, rng: np.random.Generator, count: int) -> list[list[list[int]]]:
    joint = [position.sample(int(rng.integers(2**32))) for _ in range(count)]
    return [[orders[p] for orders in joint] for p in range(7)]


@pytest.mark.parametrize("threads", [1, 2])
def test_batch_equals_step_by_step(threads: int) -> None:
    rng = np.random.default_rng(4)
    for position in random_positions(seed=4, count=40)[::4]:
        actions = sample_actions(position, rng, 5)
        profiles: NDArray[np.int32] = rng.integers(0, 5, (200, 7)).astype(np.int32)
        batch = Batch(position, actions, profiles, threads=threads)
        assert len(batch) == 200
        for row in range(200):
            expected, _ = position.step([actions[p][profiles[row, p]] for p in range(7)])
            assert batch.position(row) == expected
        assert batch.phases == [batch.position(row).phase for row in range(200)]
        assert batch.hashes().tolist() == [batch.position(row).hash for row in range(200)]


def test_batch_arrays() -> None:
    rng = np.random.default_rng(9)
    for position in random_positions(seed=9, count=60)[::6]:
        batch = Batch(position, sample_actions(position, rng, 3), np.zeros((2, 7), np.int32))
        batch.settle()
        after = batch.position(1)
        assert not after.phase.endswith("R")
        owner = {c: p for p, power in enumerate(POWERS) for c in after.centers()[power.value]}
        stands = {u[2:5]: p for p, power in enumerate(POWERS) for u in after.units()[power.value]}
        assert batch.owners()[1].tolist() == [owner.get(c, -1) for c in BOARD.centers]
        assert batch.occupants()[1].tolist() == [stands.get(c, -1) for c in BOARD.centers]
        assert batch.unit_counts()[1].tolist() == [len(after.units()[p.value]) for p in POWERS]
        assert batch.center_counts()[1].tolist() == [len(after.centers()[p.value]) for p in POWERS]
        reach = np.zeros((34, 7), np.uint8)
        data = load_map()
        for p, power in enumerate(POWERS):
            for unit in after.units()[power.value]:
                moves = data.army_moves if unit[0] == "A" else data.fleet_moves
                goals = {unit[2:5]} | {str(goal)[:3] for key, v in moves.items() if key == unit[2:] for goal in v}
                for goal in goals & set(BOARD.centers):
                    reach[BOARD.centers.index(goal), p] += 1
        assert (batch.reach()[1] == reach).all()


def test_settle_prefers_own_centres() -> None:
    position = place(
        "F1901M",
        {"FRANCE": ["A BUR"], "GERMANY": ["A MUN", "A RUH"]},
        {"FRANCE": ["PAR", "MAR"]},
    )
    action: list[list[list[int]]] = [[[]] for _ in POWERS]
    action[3] = [[BOARD.order_code("A MUN - BUR"), BOARD.order_code("A RUH S A MUN - BUR")]]
    batch = Batch(position, action, np.zeros((1, 7), np.int32))
    assert batch.phases == ["F1901R"]
    batch.settle()
    assert batch.position(0).units()["FRANCE"] == ["A MAR"]


def test_batch_errors() -> None:
    position = BOARD.start()
    with pytest.raises(OrderLegalityError):
        Batch(position, [[[BOARD.order_code("A PAR H")]]] + [[] for _ in range(6)], np.zeros((1, 7), np.int32))
    with pytest.raises(CoreError, match="expected an action of AUSTRIA below 1, got 1"):
        Batch(position, [[[]] for _ in POWERS], np.ones((1, 7), np.int32))
    with pytest.raises(IndexError):
        Batch(position, [[] for _ in POWERS], np.zeros((1, 7), np.int32)).position(1)


# ---- the stub --------------------------------------------------------------------------------


def signatures(source: str) -> dict[str, list[str]]:
    """Class -> its public members, those of every mapping aside; functions with the names of their parameters."""
    of_mappings = {"get", "items", "keys", "values"}
    found: dict[str, list[str]] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            members = set()
            for item in node.body:
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                    members.add(f"{item.target.id}()")  # as a property is written
                if not isinstance(item, ast.FunctionDef) or item.name in of_mappings:
                    continue
                if item.name in ("__init__", "__len__") or item.name[0] != "_":
                    names = [a.arg for a in item.args.args if a.arg != "self"]
                    members.add(f"{item.name}({', '.join(names)})")
            found[node.name] = sorted(members)
    return found


@pytest.mark.parametrize("module", ["engine._core", "planner._planner"])
def test_stub_has_not_drifted(tmp_path: Path, module: str) -> None:
    """The committed stub names what the compiled module has."""
    pytest.importorskip("nanobind.stubgen", reason="nanobind's stubgen is a development dependency")
    generated = tmp_path / "generated.pyi"
    command = [sys.executable, "-m", "nanobind.stubgen", "-m", module, "-o", str(generated), "-q"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    committed = (HERE.parents[1] / (module.replace(".", "/") + ".pyi")).read_text(encoding="utf-8")
    assert signatures(generated.read_text(encoding="utf-8")) == signatures(committed)
