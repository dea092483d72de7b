"""Order text: ``parse_order`` in Python and ``Map.order_code`` in the compiled rules."""

from __future__ import annotations

import re
from random import Random

from engine._core import OrderTextError
from engine.mapfile import core_map
from engine.notation import parse_order
from tests.fuzz.mutation import mutate_text, to_bytes, to_text
from tests.fuzz.play import is_refused

BOARD = core_map()
START = BOARD.start()
WORDS = (*BOARD.locations, *"AFHDBRSC-", "VIA", "WAIVE", " ", "/NC", "/SC", " - ", " S A ", "C A", "/", "\t", "\n")


def seeds() -> list[bytes]:
    """Orders of every form, and numbers, which are tried as codes."""
    texts = [
        *("A PAR H", "A PAR - BUR", "A LON - BRE VIA", "A PAR S A MAR", "A PAR S A MAR - BUR", "F ENG C A LON - BRE"),
        *("A PAR R GAS", "A PAR D", "F STP/NC B", "WAIVE", "F STP/SC S F BOT - LVN", "F MAO S F GAS - SPA"),
        *("F GOL - SPA/SC", "A SPA/SC H", "F SPA H", "A ENG H", "0", "-1", "2147483647", "2147483648"),
        *("-2147483649", str(2**32 + BOARD.order_code("A PAR H")), str(2**64), "A PAR \ud800", "\ud800"),
    ]
    return [to_bytes(text) for text in (*texts, *map(str, map(BOARD.order_code, texts[:6])))]


def mutate(data: bytes, rng: Random) -> bytes:
    """Words moved, exchanged, doubled, and odd letters among them."""
    return to_bytes(mutate_text(to_text(data), rng, WORDS))


def check(data: bytes) -> None:
    """What one of the two parsers reads, it writes in the same letters; the compiled one reads no more than the other.

    Raises:
        ValueError: neither of them takes the text.
    """
    text = to_text(data)
    if re.fullmatch("-?[0-9]{1,40}", text):
        _check_number(int(text))
        return
    compiled = None
    try:
        compiled = BOARD.order_code(text)
    except OrderTextError:
        pass
    else:
        assert BOARD.order_text(compiled) == text
    is_refused(lambda: START.step_texts({"FRANCE": [text]}))
    try:
        order = parse_order(text)
    except ValueError:
        assert compiled is None, "the compiled rules read an order that Python does not"
        raise
    assert str(order) == text
    assert parse_order(str(order)) == order


def _check_number(number: int) -> None:
    """A number is a code that can be written and read, or is refused.

    Raises:
        OrderTextError: no code.
    """
    legal = {code for codes in START.legal_codes().values() for code in codes}
    is_refused(lambda: START.step([[number], *[[]] * 6]))
    is_refused(lambda: START.step([[number], *[[]] * 6], strict=False))
    if not is_refused(lambda: START.check_orders("FRANCE", [number])):
        assert number in legal
    if not -(2**31) <= number < 2**31:
        assert is_refused(lambda: START.is_legal("FRANCE", number))
    elif START.is_legal("FRANCE", number):
        assert number in legal
    assert BOARD.order_code(BOARD.order_text(number)) == number
