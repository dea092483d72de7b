"""What may be done with a position once it was accepted, and what must hold then."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from engine.notation import parse_order
from engine.types import POWERS

if TYPE_CHECKING:
    from engine._core import Map, Position


def random_orders(position: Position, rng: Random) -> list[list[int]]:
    """Legal orders for all powers: mostly one for each unit, as many adjustments as are due; some left out."""
    legal = position.legal_codes()
    orders = []
    for power in POWERS:
        places = position.orderable(power)
        due = abs(position.build_count(power))
        if due:
            places = rng.sample(places, min(due, len(places)))
        orders.append([rng.choice(legal[place]) for place in places if rng.random() < 0.9])
    return orders


def hostile_codes(position: Position, rng: Random, count: int) -> list[int]:
    """Numbers that are hardly orders here: legal ones with flipped bits, those of others, any 32 bits."""
    legal = [code for codes in position.legal_codes().values() for code in codes] or [0]
    codes = []
    for _ in range(count):
        code = rng.choice(legal)
        for _ in range(rng.choice((0, 1, 1, 2, 5))):
            code ^= 1 << rng.randrange(31)
        codes.append(rng.choice((code, code, code, -1, 0, 2**31 - 1, -(2**31), rng.randrange(-(2**31), 2**31))))
    return codes


def check_position(position: Position, rng: Random) -> None:
    """What holds of every position: its parts agree with each other and with the list of legal orders."""
    board = position.map
    legal = position.legal_codes()
    assert position.count_legal() == sum(map(len, legal.values()))
    owners = {place: power for power in POWERS for place in position.orderable(power)}
    for place, codes in legal.items():
        assert codes == sorted(set(codes)) == position.legal_orders(place)
        code = rng.choice(codes)
        assert board.order_code(board.order_text(code)) == code
        assert _is_read_by_python(board.order_text(code)), f"Python cannot read {board.order_text(code)!r}"
        assert position.is_legal(owners[place], code), f"{board.order_text(code)} is listed, yet not legal"
    everything = {code for codes in legal.values() for code in codes}
    for code in hostile_codes(position, rng, 20):
        if any(position.is_legal(power, code) for power in POWERS):
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
        if position.is_over or "9999" in position.phase:  # phases have four digits: there is no year 10000
            return
        before = sum(map(len, position.units().values()))
        adjusting = position.phase.endswith("A")
        position, results = position.step(random_orders(position, rng))
        assert all(words == list(dict.fromkeys(words)) for words in results.values())
        after = sum(map(len, position.units().values()))
        gone = sum(map(len, position.dislodged().values()))
        assert adjusting or after + gone <= before or before == 0 or gone == 0, "units came from nowhere"


def check_hostile_orders(position: Position, rng: Random) -> None:
    """Illegal orders are refused when asked strictly, else void; nothing else may come of them."""
    orders = random_orders(position, rng)
    for _ in range(rng.randint(1, 4)):
        orders[rng.randrange(7)] += hostile_codes(position, rng, rng.choice((1, 1, 2, 60)))
    position.step(orders, strict=False, defects=rng.choice((0, 0, rng.randrange(-1, 40))))
    try:
        position.step(orders)
    except ValueError:
        return
    for power, codes in zip(POWERS, orders, strict=True):
        assert all(position.is_legal(power, code) for code in codes), "a strict step took an illegal order"


def check_texts(board: Map, texts: list[str]) -> None:
    """Whatever text the compiled rules read as an order, they write in the same letters."""
    for text in texts:
        try:
            code = board.order_code(text)
        except ValueError:
            continue
        assert board.order_text(code) == text
