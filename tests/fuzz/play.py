"""What may be done with a position once it was accepted, and what must hold then."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from engine.notation import parse_order
from tests.fuzz.mutation import mutate_text

if TYPE_CHECKING:
    from engine._core import Map, Position

WRONG_TYPES = ("incompatible function arguments", "expected ", "cannot be interpreted as an integer")
"""What a TypeError says that is about an argument of the caller."""


def is_refused(call: Callable[[], object]) -> bool:
    """Whether a call is refused as hostile arguments should be; whatever else it raises goes on to the fuzzer."""
    try:
        call()
    except ValueError:
        return True
    except TypeError as error:
        if not any(words in str(error) for words in WRONG_TYPES):
            raise
        return True
    return False


def code_bits(board: Map) -> int:
    """The bits of an order code, without its sign."""
    return 63 if type(board).__module__.endswith("_large") else 31


def random_orders(position: Position, rng: Random) -> list[list[int]]:
    """Legal orders for all powers: mostly one for each unit, as many adjustments as are due; some left out."""
    legal = position.legal_codes()
    if position.is_over:
        return [[] for _ in position.map.powers]
    orders: list[list[int]] = []
    for power in position.map.powers:
        places = position.orderable(power)
        due = abs(position.build_count(power))
        if due:
            places = rng.sample(places, min(due, len(places)))
        orders.append([rng.choice(legal[place]) for place in places if rng.random() < 0.9])
    return orders


def hostile_codes(position: Position, rng: Random, count: int) -> list[int]:
    """Numbers that are hardly orders here: legal ones with flipped bits, those of others, any that fit."""
    bits = code_bits(position.map)
    legal = [code for codes in position.legal_codes().values() for code in codes] or [0]
    codes = []
    for _ in range(count):
        code = rng.choice(legal)
        for _ in range(rng.choice((0, 1, 1, 2, 5))):
            code ^= 1 << rng.randrange(bits)
        codes.append(rng.choice((code, code, code, -1, 0, 2**bits - 1, -(2**bits), rng.randrange(-(2**bits), 2**bits))))
    return codes


def check_position(position: Position, rng: Random) -> None:
    """What holds of every position: its parts agree with each other and with the list of legal orders."""
    board = position.map
    legal = position.legal_codes()
    assert position.count_legal() == sum(map(len, legal.values()))
    owners = {place: power for power in board.powers for place in position.orderable(power)}
    for place, codes in legal.items():
        assert codes == sorted(set(codes)) == position.legal_orders(place)
        code = rng.choice(codes)
        assert board.order_code(board.order_text(code)) == code
        assert _is_read_by_python(board.order_text(code)), f"Python cannot read {board.order_text(code)!r}"
        assert position.is_legal(owners[place], code), f"{board.order_text(code)} is listed, yet not legal"
    everything = {code for codes in legal.values() for code in codes}
    for code in hostile_codes(position, rng, 20):
        if any(position.is_legal(power, code) for power in board.powers):
            assert code in everything, f"{board.order_text(code)} is legal, yet not listed"
    standing = [unit[2:5] for units in position.units().values() for unit in units]
    assert len(standing) == len(set(standing)), f"two units in one province: {sorted(standing)}"
    assert hash(position) == hash(position.copy())
    assert position == position.copy()
    assert repr(position)
    assert position.is_over or _is_read_again(position), "the position cannot be written and read again"


def _is_read_by_python(text: str) -> bool:
    try:
        return str(parse_order(text)) == text
    except ValueError:
        return False


def _is_read_again(position: Position) -> bool:
    parts = position.units(), position.centers(), position.dislodged()
    try:
        return type(position).from_state(position.map, position.phase, *parts) == position
    except ValueError:
        return False


def check_steps(position: Position, rng: Random, phases: int) -> None:
    """Plays on at random; every position on the way is checked, and hostile orders are tried on each."""
    for _ in range(phases):
        check_position(position, rng)
        check_hostile_orders(position, rng)
        check_hostile_texts(position, rng)
        if position.is_over:
            return
        before = sum(map(len, position.units().values()))
        following, results = position.step(random_orders(position, rng))
        assert all(words == list(dict.fromkeys(words)) for words in results.values())
        after = sum(map(len, following.units().values()))
        gone = sum(map(len, following.dislodged().values()))
        assert position.phase.endswith("A") or after + gone <= before or before == 0 or gone == 0, "units from nowhere"
        assert following.is_over or following.phase != position.phase
        assert following.phase[1:5] >= position.phase[1:5], "time goes on, and stands still in 9999"
        position = following


def check_hostile_orders(position: Position, rng: Random) -> None:
    """Illegal orders are refused when asked strictly, else void; numbers that are too large are refused by both."""
    powers = position.map.powers
    orders = random_orders(position, rng)
    for _ in range(rng.randint(1, 4)):
        orders[rng.randrange(len(powers))] += hostile_codes(position, rng, rng.choice((1, 1, 2, 60)))
    if max(map(len, orders)) <= len(position.map.provinces):
        position.step(orders, strict=False, defects=rng.choice((0, 0, rng.randrange(-1, 40))))
    if not is_refused(lambda: position.step(orders)):
        for power, codes in zip(powers, orders, strict=True):
            assert not is_refused(partial(position.check_orders, power, codes)), "two checks disagree"
            assert all(position.is_legal(power, code) for code in codes), "a strict step took an illegal order"
    bits = code_bits(position.map)
    beyond = rng.choice((2**bits, -(2**bits) - 1, 2**64, -(2**64), 2**200, 2 ** (bits + 1) + _some_code(position)))
    power = rng.choice(powers)
    orders[powers.index(power)].append(beyond)
    assert is_refused(lambda: position.step(orders, strict=rng.random() < 0.5)), "a number beyond all codes was taken"
    assert is_refused(lambda: position.is_legal(power, beyond))
    assert is_refused(lambda: position.check_orders(power, [beyond]))
    assert is_refused(lambda: position.map.order_text(beyond))


def _some_code(position: Position) -> int:
    return next((codes[0] for codes in position.legal_codes().values()), 0)


def check_hostile_texts(position: Position, rng: Random) -> None:
    """Orders as text do what their codes do; anything else is refused."""
    board = position.map
    codes = random_orders(position, rng)
    texts = {
        power: [board.order_text(code) for code in given] for power, given in zip(board.powers, codes, strict=True)
    }
    strict = rng.random() < 0.5
    assert position.step_texts(texts, strict=strict) == position.step(codes, strict=strict)
    words = (*board.locations, "A", "F", " H", " - ", " S ", " C ", " VIA", "WAIVE")
    power = rng.choice(board.powers)
    texts[power].append(mutate_text(rng.choice((*texts[power], "A PAR H")), rng, words))
    is_refused(lambda: position.step_texts(texts, strict=strict))
    texts[rng.choice((power, mutate_text(power, rng, board.powers), "\ud800"))] = [mutate_text("WAIVE", rng, words)]
    is_refused(lambda: position.step_texts(texts, strict=strict))


def check_texts(board: Map, texts: list[str]) -> None:
    """Whatever text the compiled rules read as an order, they write in the same letters."""
    for text in texts:
        try:
            code = board.order_code(text)
        except ValueError:
            continue
        assert board.order_text(code) == text
