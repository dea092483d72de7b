"""Batches of positions, and the arrays that they and positions write and read: as asked for, or hostile."""

from __future__ import annotations

import importlib
from random import Random
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.fuzz.play import code_bits, hostile_codes, is_refused, random_orders

if TYPE_CHECKING:
    from engine._core import Batch, Map, Position

DTYPES = ("u1", "i1", "?", "f2", "f4", ">f4", "f8", "i4", "u4", ">i4", "i8", "c8", "S3", "V4", "O")


def check_batches(position: Position, rng: Random) -> None:
    """A batch agrees with single positions, whatever was refused meanwhile."""
    core = _core_of(position.map)
    _check_actions(core, position, rng)
    following = position.step(random_orders(position, rng))[0]
    count = rng.choice((1, 2, 2, 3, 3, 33))
    positions = [rng.choice((position, following)) for _ in range(count)]
    batch = core.Batch.of(positions, threads=rng.choice((-1, 1, 2)))
    if count == 1:
        batch = core.Batch.repeat(positions[0], 1, threads=1)
    assert is_refused(lambda: core.Batch.of(rng.choice(([], [position, None], [1], None, 7, "A", [[position]]))))
    assert is_refused(lambda: core.Batch.repeat(position, rng.choice((0, -1, 2**70))))
    _check_agreement(batch, positions)
    _check_encoding(batch, positions, rng)
    _check_hostile_steps(batch, rng)
    _check_agreement(batch, positions)
    assert _is_index_error(batch, rng.choice((count, count + 1, 2**40)))
    _check_sampling(batch, rng)
    batch.settle()


def check_games(position: Position, rng: Random) -> None:
    """All joint orders of a phase or two, where there are few, and whole games."""
    phases = rng.choice((0, 1, 1, 2, 2, 2, 2)) if rng.random() < 0.98 else rng.choice((-1, -(2**31), 2**31))
    is_refused(lambda: position.perft(phases, limit=rng.choice((0, 1, 2000))))
    board = position.map
    first = int(board.start().phase[1:5])
    count, last = rng.choice((1, 2, 3)), first + rng.choice((0, 1, 2))
    ends, played, moved = board.random_games(count, last, seed=rng.randrange(2**64), coherent=rng.random() < 0.5)
    assert len(ends) == count
    assert 0 < moved <= played
    assert all(end or int(phase[1:5]) > last for end, phase in zip(ends.over(), ends.phases, strict=True))
    assert is_refused(lambda: board.random_games(rng.choice((0, -1, 2**70)), last))


def _core_of(board: Map) -> ModuleType:
    return importlib.import_module(type(board).__module__)


def _is_index_error(batch: Batch, index: int) -> bool:
    try:
        batch.position(index)
    except IndexError:
        return True
    return False


def _check_agreement(batch: Batch, positions: list[Position]) -> None:
    board, count = positions[0].map, len(positions)
    powers = board.powers
    assert [batch.position(row) for row in range(count)] == positions
    assert batch.phases == [position.phase for position in positions]
    assert batch.over().tolist() == [position.is_over for position in positions]
    assert batch.hashes().tolist() == [position.hash % 2**64 for position in positions]
    assert batch.owners().shape == batch.occupants().shape == (count, len(board.centers))
    assert batch.reach().shape == (count, len(board.centers), len(powers))
    units, centers = [
        [[len(held[power]) for power in powers] for held in table]
        for table in ([position.units() for position in positions], [position.centers() for position in positions])
    ]
    assert batch.unit_counts().tolist() == units, "units are counted in another way"
    assert batch.center_counts().tolist() == centers, "centres are counted in another way"
    codes, starts = batch.legal_arrays()
    row = len(positions) - 1
    legal = positions[row].legal_codes()
    for number, province in enumerate(board.provinces):
        listed = sorted(codes[starts[row, number] : starts[row, number + 1]].tolist())
        assert listed == legal.get(province, []), f"other orders in {province}"


def _check_encoding(batch: Batch, positions: list[Position], rng: Random) -> None:
    board = positions[0].map
    shapes = (len(board.locations), len(board.place_columns)), (len(board.board_columns),)
    kind = rng.choice(("u1", "f4"))
    one, all_of_them = [
        (np.full((*rows, *shapes[0]), 7, kind), np.full((*rows, *shapes[1]), 7, "f4"))
        for rows in ((), (len(positions),))
    ]
    row = rng.randrange(len(positions))
    positions[row].encode(*one)
    batch.encode(*all_of_them)
    assert (all_of_them[0][row] == one[0]).all()
    assert (all_of_them[1][row] == one[1]).all()
    places, terms = (hostile_array(rng, shape, kind) for shape in shapes)
    is_refused(lambda: positions[row].encode(*rng.choice(((places, one[1]), (one[0], terms), (places, terms)))))
    places, terms = (hostile_array(rng, (len(positions), *shape), kind) for shape in shapes)
    is_refused(lambda: batch.encode(*rng.choice(((places, all_of_them[1]), (all_of_them[0], terms), (places, terms)))))


def _check_hostile_steps(batch: Batch, rng: Random) -> None:
    """Codes that are not legal, in arrays that are not as asked for: refused, and no position has changed."""
    position, kind = batch.position(0), f"i{(code_bits(batch.position(0).map) + 1) // 8}"
    width = rng.choice((0, 1, 3, 40, 400))
    codes = np.full((len(batch), width), -1, kind)
    codes.flat[: rng.randrange(codes.size + 1)] = -2
    codes.flat[: min(codes.size, 20)] = hostile_codes(position, rng, min(codes.size, 20))
    trial = batch.copy()
    if not is_refused(lambda: trial.step(codes)):
        for row in range(min(len(batch), 2)):
            assert batch.position(row).is_over or all(
                any(batch.position(row).is_legal(power, code) for power in position.map.powers)
                for code in codes[row].tolist()
                if code >= 0 and position.map.order_text(code) != "WAIVE"
            ), "a batch took an illegal order"
    else:
        assert (trial.hashes() == batch.hashes()).all(), "a step that was refused has changed something"
    is_refused(lambda: batch.copy().step(hostile_array(rng, codes.shape, kind)))
    if kind == "i4" and width and not position.is_over:
        wide = np.full(codes.shape, -1, "i8")
        wide[0, 0] = 2**32 + next((found[0] for found in position.legal_codes().values()), 0)
        assert is_refused(lambda: batch.copy().step(wide)), "a number beyond all codes was taken"


def _check_sampling(batch: Batch, rng: Random) -> None:
    board = batch.position(0).map
    kind = f"i{(code_bits(board) + 1) // 8}"
    orders = np.zeros((len(batch), len(board.provinces)), kind)
    seed, coherent = rng.randrange(2**64), rng.random() < 0.5
    batch.sample(seed, orders, coherent)
    narrow = np.zeros((len(batch), rng.choice((0, 1, 5))), kind)
    is_refused(lambda: batch.sample(seed, narrow, coherent))
    is_refused(lambda: batch.sample(rng.choice((seed, -1, 2**64)), hostile_array(rng, orders.shape, kind), coherent))
    trial = batch.copy()
    assert not is_refused(lambda: trial.step(orders)), "a sample of legal orders was refused"
    single = batch.position(0).sample(rng.randrange(2**64), coherent)
    assert not is_refused(lambda: batch.position(0).step(single)), "a sample of legal orders was refused"


def _check_actions(core: ModuleType, position: Position, rng: Random) -> None:
    """The positions after several joint actions; actions and indices that are none are refused."""
    powers = range(len(position.map.powers))
    joint = [random_orders(position, rng) for _ in range(3)]
    actions = [[orders[power] for orders in joint] for power in powers]
    profiles = np.array([[rng.randrange(3) for _ in powers] for _ in range(4)], dtype=np.int32)
    batch = core.Batch(position, actions, profiles, threads=1)
    for copy, profile in enumerate(profiles):
        single, _ = position.step([actions[power][profile[power]] for power in powers])
        assert batch.position(copy) == single
    batch.settle()
    is_refused(lambda: core.Batch(position, actions, hostile_array(rng, profiles.shape, "i4"), threads=1).settle())
    if rng.random() < 0.5:
        profiles[rng.randrange(4), rng.choice(powers)] = rng.choice((3, -1, 2**31 - 1, -(2**31)))
    else:
        actions[rng.choice(powers)][rng.randrange(3)] += hostile_codes(position, rng, 3)
    if not is_refused(lambda: core.Batch(position, actions, profiles, threads=1).settle()):
        assert set(profiles.flat) <= {0, 1, 2}, "an index without an action was taken"


def hostile_array(rng: Random, shape: tuple[int, ...], dtype: str) -> Any:
    """An array that is not quite what is asked for: shape, type, order, alignment, rights; or none at all."""
    right = np.zeros(shape, dtype)
    match rng.randrange(10):
        case 0:
            axis = rng.randrange(len(shape))
            return np.zeros([max(0, size + rng.choice((-1, 1)) * (i == axis)) for i, size in enumerate(shape)], dtype)
        case 1:
            return np.zeros(rng.choice((shape[:-1], (*shape, 1), (1, *shape), (), (0,) * len(shape))), dtype)
        case 2:
            return np.zeros(shape, rng.choice(DTYPES))
        case 3:
            right.flags.writeable = False
            return right
        case 4:
            return rng.choice((np.zeros(shape[::-1], dtype).T, np.zeros(shape[::-1], dtype)))
        case 5:
            return np.zeros((*shape[:-1], 2 * shape[-1]), dtype)[..., ::2]
        case 6:
            return right[::-1] if rng.random() < 0.5 else np.broadcast_to(np.zeros((), dtype), shape)
        case 7:  # not aligned: its numbers begin at odd addresses
            return np.zeros(right.nbytes + 1, "u1")[1:].view(dtype).reshape(shape)
        case 8:
            return rng.choice((None, 3, "text", [], [[1]], b"bytes", right.tolist(), bytearray(right.tobytes())))
        case _:
            return right
