"""Many positions at once: stepping, sampling, legal orders, numbers for networks; and one board on both cores."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import _core
from engine._core import Batch, CoreError, OrderLegalityError, Position
from engine.board import Board
from engine.mapfile import core_map, load_map
from engine.types import POWERS, PhaseKind

BOARD = core_map()
WIDTH = 40


def positions(count: int, seed: int = 0) -> list[Position]:
    """Of coherent and uniform random games by turns, all kinds of phases among them."""
    found: list[Position] = []
    position = BOARD.start()
    for number in range(count):
        found.append(position)
        position, _ = position.step(position.sample(seed + number, coherent=number // 60 % 2 == 0))
        if position.is_over or position.phase[1:5] == "1912":
            position = BOARD.start()
    return found


def no_orders(rows: int) -> NDArray[np.int32]:
    return np.full((rows, WIDTH), -1, np.int32)


@pytest.mark.parametrize("threads", [1, 3])
def test_step_plays_each_row_as_alone(threads: int) -> None:
    """Different positions and phases in one batch, whatever the number of threads."""
    some = positions(300)
    batch, orders = Batch.of(some, threads), no_orders(300)
    batch.sample(7, orders, coherent=True)
    expected = []
    for position, row in zip(some, orders, strict=True):
        codes: list[list[int]] = [[] for _ in POWERS]
        for code in row[row >= 0].tolist():
            power = next(p for p, power in enumerate(POWERS) if position.is_legal(power.value, code))
            codes[power].append(code)
        expected.append(position.step(codes)[0])
    batch.step(orders)
    assert [batch.position(row) for row in range(300)] == expected
    assert batch.over().tolist() == [position.is_over for position in expected]


def test_a_batch_goes_on() -> None:
    """Two phases of a batch and of its copy: the same; the copy does not change with it."""
    batch = Batch.repeat(BOARD.start(), 64, 2)
    orders = no_orders(64)
    for seed in (1, 2):
        batch.sample(seed, orders)
        before = batch.copy()
        batch.step(orders)
        before.step(orders)
        assert before.hashes().tolist() == batch.hashes().tolist()
    assert len(set(batch.hashes().tolist())) == 64


def test_an_illegal_order_changes_nothing() -> None:
    batch = Batch.repeat(BOARD.start(), 100, 2)
    orders = no_orders(100)
    orders[70, 3] = BOARD.order_code("A PAR - LON VIA")
    before = batch.hashes().tolist()
    with pytest.raises(OrderLegalityError, match="row 70: illegal order 'A PAR - LON VIA' of FRANCE in S1901M"):
        batch.step(orders)
    orders[70, 3], orders[70, 4] = BOARD.order_code("A PAR H"), BOARD.order_code("A PAR - BUR")
    with pytest.raises(OrderLegalityError, match="row 70: second order to PAR"):
        batch.step(orders)
    assert batch.hashes().tolist() == before


def test_legal_arrays_hold_the_legal_orders() -> None:
    some = positions(240, seed=3)
    codes, starts = Batch.of(some, 2).legal_arrays()
    assert starts.shape == (240, 76)
    for row, position in enumerate(some):
        legal = position.legal_codes()
        own, own_starts = position.legal_arrays()
        for number, province in enumerate(BOARD.provinces):
            listed = legal.get(province, [])
            assert sorted(own[own_starts[number] : own_starts[number + 1]].tolist()) == listed
            assert sorted(codes[starts[row, number] : starts[row, number + 1]].tolist()) == listed
        assert position.count_legal() == len(own)


def test_samples_are_legal_and_repeat() -> None:
    for number, position in enumerate(positions(300, seed=5)):
        for coherent in (False, True):
            codes = position.sample(number, coherent)
            assert codes == position.sample(number, coherent)
            for power, own in zip(POWERS, codes, strict=True):
                position.check_orders(power.value, own)
                if position.phase.endswith("M"):
                    assert len(own) == len(position.units()[power.value])
    assert BOARD.start().sample(1) != BOARD.start().sample(2)


def test_coherent_samples_help_each_other() -> None:
    """Of supports and convoys, most fit what the other unit does; of uniform ones, few do."""

    def useless(coherent: bool) -> float:
        given = void = 0
        for seed, position in enumerate(positions(200, seed=9)):
            if position.phase.endswith("M"):
                codes = position.sample(seed, coherent)
                _, results = position.step(codes)
                for own in codes:
                    for code in own:
                        text = BOARD.order_text(code)
                        if text.split()[2] in "SC":
                            given += 1
                            void += "void" in results[" ".join(text.split()[:2])]
        assert given > 300
        return void / given

    assert useless(coherent=True) < 0.25 < useless(coherent=False)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_encoding_says_what_is_on_the_board(dtype: Any) -> None:
    """Every column, worked out anew from the board."""
    data = load_map()
    names, globally = BOARD.place_columns, BOARD.board_columns
    some = positions(150, seed=11)
    places = np.full((150, 81, len(names)), 7, dtype)
    board = np.full((150, len(globally)), 7, np.float32)
    Batch.of(some, 2).encode(places, board)
    one, one_board = np.zeros_like(places[0]), np.zeros_like(board[0])
    for row, position in enumerate(some):
        position.encode(one, one_board)
        assert (one == places[row]).all()
        assert (one_board == board[row]).all()
        here = Board(position)
        cells: dict[tuple[str, str], int] = {}

        def put(place: str, *what: str) -> None:
            for name in what:
                cells[place, name] = cells[place[:3], name] = 1  # noqa: B023

        for power in POWERS:
            builds = here.build_count(power)
            for unit in here.units(power):
                put(unit.location, "army" if unit.kind == "A" else "fleet", f"unit of {power}")
                if builds < 0:
                    put(unit.location, "may have to disband")
            for unit in here.dislodged(power):
                put(unit.location, f"dislodged {'army' if unit.kind == 'A' else 'fleet'}", f"dislodged unit of {power}")
            sites = here.legal_orders(power) if builds > 0 else {}
            for center in here.centers(power):
                for place in (center, *data.coasts(center)):
                    put(place, f"centre of {power}", *(["can be built in"] if center in sites else []))
            at = globally.index(f"centres / victory of {power}")
            counts = [len(here.centers(power)) / 18, len(here.units(power)) / 18, builds / 4]
            assert board[row, at : at + 3] == pytest.approx(counts)
        for center in data.centers:
            if here.owner_of(center) is None:
                for place in (center, *data.coasts(center)):
                    put(place, "centre of nobody")
        for place in data.locations:
            put(place, data.terrain[place[:3]].value.lower())  # type: ignore[index]
        expected = np.array([[cells.get((place, name), 0) for name in names] for place in data.locations], dtype)
        assert (places[row] == expected).all()
        kinds = {PhaseKind.MOVEMENT: "movement", PhaseKind.RETREATS: "retreats", PhaseKind.ADJUSTMENTS: "adjustments"}
        season = {"S": "spring", "F": "fall", "W": "winter"}[position.phase[0]]
        on = {name for name, value in zip(globally[:6], board[row], strict=False) if value}
        assert on == {season, kinds[here.phase.kind]}
        assert board[row, 6] == pytest.approx((here.phase.year - 1901) / 10)


def test_arrays_of_the_wrong_form_are_refused() -> None:
    position, batch = BOARD.start(), Batch.repeat(BOARD.start(), 3)
    columns, globally = len(BOARD.place_columns), len(BOARD.board_columns)
    places, board = np.zeros((81, columns), np.uint8), np.zeros(globally, np.float32)
    with pytest.raises(
        CoreError, match=rf"places: expected an array of shape \(81, {columns}\), got \(80, {columns}\)"
    ):
        position.encode(places[:80], board)
    with pytest.raises(CoreError, match="board: expected an array of shape"):
        position.encode(places, board[:3])
    with pytest.raises(CoreError, match="places: expected uint8 or float32"):
        position.encode(places.astype(np.int64), board)
    with pytest.raises(CoreError, match="board: expected float32"):
        position.encode(places, board.astype(np.float64))
    with pytest.raises(CoreError, match=r"places: expected an array of shape \(3, 81"):
        batch.encode(places, board)
    read_only = places.copy()
    read_only.flags.writeable = False
    with pytest.raises(TypeError):
        position.encode(read_only, board)
    with pytest.raises(CoreError, match="orders: expected 3 rows, got 2"):
        batch.step(no_orders(2))
    with pytest.raises(CoreError, match="row 0: expected room for 22 orders, got 5"):
        batch.sample(0, np.zeros((3, 5), np.int32))
    with pytest.raises(CoreError, match="expected a position, got none"):
        Batch.of([])
    with pytest.raises(CoreError, match="expected positions of one map, got 'standard' and 'pure'"):
        Batch.of([BOARD.start(), core_map("pure").start()])


def test_random_games_are_those_of_their_seed() -> None:
    """Whatever the number of threads; every one goes to a victory or the last year."""
    one, phases, movement = BOARD.random_games(70, 1905, seed=3, coherent=True, threads=1)
    two, *counts = BOARD.random_games(70, 1905, seed=3, coherent=True, threads=2)
    assert one.hashes().tolist() == two.hashes().tolist()
    assert counts == [phases, movement]
    assert 70 * 10 <= movement < phases
    assert all(phase == "S1906M" or over for phase, over in zip(one.phases, one.over(), strict=True))


def test_the_standard_board_on_the_large_core() -> None:
    """The same sources compiled for large boards play the same game: orders, results, positions, numbers."""
    large = importlib.import_module("engine._core_large")
    data = load_map()
    wide = large.Map(
        name="wide",
        powers=[power.value for power in data.powers],
        locations=[(place, data.terrain[place[:3]].value) for place in data.locations],  # type: ignore[index]
        centers=list(data.centers),
        homes=[list(data.homes[power]) for power in data.powers],
        units=[[str(unit) for unit in data.starting_units[power]] for power in data.powers],
        owned=[list(data.starting_centers[power]) for power in data.powers],
        army_edges=[(here, there) for here, goals in data.army_moves.items() for there in goals],
        fleet_edges=[(here, there) for here, goals in data.fleet_moves.items() for there in goals],
        first_year=1901,
        victory_centers=18,
        build_anywhere=False,
    )
    here, there = BOARD.start(), wide.start()
    shape, width = (81, len(BOARD.place_columns)), len(BOARD.board_columns)
    for seed in range(250):
        codes = here.sample(seed, coherent=True)
        texts = {p.value: [BOARD.order_text(code) for code in own] for p, own in zip(POWERS, codes, strict=True)}
        legal = {p: sorted(map(BOARD.order_text, own)) for p, own in here.legal_codes().items()}
        assert legal == {p: sorted(map(wide.order_text, own)) for p, own in there.legal_codes().items()}
        (here, results), (there, other) = here.step(codes), there.step_texts(texts)
        assert dict(results) == dict(other)
        assert [results.dislodger(unit) for unit in results] == [other.dislodger(unit) for unit in results]
        for what in ("units", "dislodged", "centers"):
            assert getattr(here, what)() == getattr(there, what)()
        assert (here.phase, here.winner) == (there.phase, there.winner)
        mine, theirs = np.zeros(shape, np.uint8), np.ones(shape, np.uint8)
        mine_too, theirs_too = np.zeros(width, np.float32), np.ones(width, np.float32)
        here.encode(mine, mine_too)
        there.encode(theirs, theirs_too)
        assert (mine == theirs).all()
        assert (mine_too == theirs_too).all()
        if here.is_over or here.phase[1:5] == "1912":
            here, there = BOARD.start(), wide.start()


def test_a_position_is_small() -> None:
    """With the head of a Python object it stays within the small blocks of Python's allocator."""
    assert _core.POSITION_BYTES + 32 <= 512
