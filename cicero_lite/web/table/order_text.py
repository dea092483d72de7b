"""Orders as people type them, read as the legal order that they mean."""

from __future__ import annotations

import re

from cicero_lite.web.table.settings import TableError
from engine.board import Board
from engine.notation import parse_order
from engine.types import EngineError, Order, PhaseKind, Power, Province

_WORDS = {
    "HOLDS?": "H",
    "STAYS?": "H",
    "SUPPORTS?": "S",
    "CONVOYS?": "C",
    "RETREATS?( TO)?": "R",
    "(DISBANDS?|REMOVES?|DESTROYS?)": "D",
    "BUILDS?": "B",
    "(MOVES? TO|MOVES?|TO)": "-",
    "ARMY": "A",
    "FLEET": "F",
    "(VIA CONVOY|BY CONVOY|BY SEA)": "VIA",
}
_LONGEST = 80


def read_order(text: str, board: Board, power: Power) -> Order:
    """The order of this power that a text means.

    >>> from engine.game import Game
    >>> str(read_order("mar supports par - bur", Game(), Power.FRANCE))
    'A MAR S A PAR - BUR'

    Raises:
        TableError: it is no order, or none that the power may give now; the line says why.
    """
    if len(text) > _LONGEST:
        raise TableError(f"order: expected at most {_LONGEST} letters, got {len(text)}")
    shown = " ".join(text.split())
    try:
        order = parse_order(_written_out(shown.upper(), board))
    except EngineError:
        example = {PhaseKind.MOVEMENT: "A PAR - BUR", PhaseKind.RETREATS: "A PAR R GAS"}.get(
            board.phase.kind, "A PAR B"
        )
        raise TableError(f"not an order: {shown!r}; expected one such as {example!r}") from None
    legal = board.legal_form(power, order)
    if legal is None:
        try:
            board.check_action(power, (order,))
        except EngineError as error:
            raise TableError(str(error)) from None
        raise TableError(f"{order} is not legal now")
    return legal


def _written_out(text: str, board: Board) -> str:
    """The text in our notation: single blanks, signs for words, a letter before every unit."""
    for dash in ("→", "->", "–", "—", "--"):
        text = text.replace(dash, "-")
    text = re.sub(r"\s*-\s*", " - ", text)
    for word, sign in _WORDS.items():
        text = re.sub(rf"\b{word}\b", sign, text)
    text = re.sub(r"\(([NSEW]C)\)", r"/\1", text).replace(" /", "/")
    words = text.split()
    if words[:1] in (["B"], ["D"]) and len(words) > 1:
        words = [*words[1:], words[0]]  # build A PAR
    out: list[str] = []
    for word in words:
        at = board.unit_at(Province(word[:3])) if re.fullmatch(r"[A-Z]{3}(/[A-Z]C)?", word) else None
        names_unit = not out or out[-1] in ("S", "C")
        if names_unit and at is not None:
            out.append(at[1].kind.value)
            word = at[1].location
        out.append(word)
    return " ".join(out)
