"""Reads the answers to a blind comparison with its key: wins, losses, ties, and whether that may be chance."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cicero_lite.bench.pairs import ANSWERS, HEADER, KEY
from cicero_lite.bench.shares import Share
from cicero_lite.errors import CiceroLiteError

_TIE = "tie"


class TallyError(CiceroLiteError, ValueError):
    """Answers or a key that cannot be counted."""


@dataclass(frozen=True)
class Tally:
    """The answers counted."""

    against: str
    """Whose messages ours were compared with."""
    model: str
    wins: int
    """Pairs of which ours is the better."""
    losses: int
    ties: int
    win_share: Share
    """Wins of the pairs that were decided."""
    p_value: float
    """Of the two-sided sign test: the chance of a difference at least this great between wins and losses, were both
    equally good; ties are left out."""
    first: Share
    """Of the pairs that were decided, those for A: far from one half, it tells of a habit of the judge's."""

    def lines(self) -> list[str]:
        """For a reader at the terminal."""
        return [
            f"{self.model} against {self.against}: {self.wins} wins, {self.losses} losses, {self.ties} ties",
            f"wins of the decided: {self.win_share}; sign test p = {self.p_value:.3f}",
            f"A was called the better in {self.first}",
        ]


def tally(folder: Path) -> Tally:
    """Counts the answers in a comparison's folder.

    Raises:
        TallyError: a file is missing or damaged, an answer is missing, or is none of A, B and tie.
    """
    key = _read_key(folder / KEY)
    answers = _read_answers(folder / ANSWERS, set(key["sides"]))
    decided = {pair: answer for pair, answer in answers.items() if answer != _TIE}
    won = [key["sides"][pair] == answer for pair, answer in decided.items()]
    wins, losses = sum(won), len(won) - sum(won)
    return Tally(
        against=key["against"],
        model=key["model"],
        wins=wins,
        losses=losses,
        ties=len(answers) - len(decided),
        win_share=Share.counted(won),
        p_value=sign_test(wins, losses),
        first=Share.counted(answer == "A" for answer in decided.values()),
    )


def sign_test(wins: int, losses: int) -> float:
    """The two-sided p-value of wins against losses under even chances, exact.

    >>> sign_test(8, 2)
    0.109375
    """
    count = wins + losses
    tail = sum(math.comb(count, k) for k in range(min(wins, losses) + 1)) / 2.0**count
    return min(1.0, 2 * tail)


def _read_key(path: Path) -> Mapping[str, Any]:
    """``against``, ``model``, and under ``sides`` for each pair whether ours is A or B."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        sides = {int(pair["pair"]): "A" if pair["A"] == "ours" else "B" for pair in data["pairs"]}
        if not sides:
            raise ValueError("no pairs")
        return {"against": str(data["against"]), "model": str(data["model"]), "sides": sides}
    except OSError as error:
        raise TallyError(f"cannot read {path}: {error.strerror}; expected the key that bench pairs wrote") from None
    except (ValueError, KeyError, TypeError) as error:
        raise TallyError(f"{path}: expected the key that bench pairs wrote, got something else ({error!r})") from None


def _read_answers(path: Path, pairs: set[int]) -> dict[int, str]:
    """Pair -> ``A``, ``B`` or ``tie``."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:  # spreadsheets put a mark before the text
            rows = csv.DictReader(file)
            if tuple(rows.fieldnames or ())[:2] != HEADER[:2]:
                raise TallyError(f"{path}, line 1: expected {','.join(HEADER)}, got {','.join(rows.fieldnames or ())}")
            answers: dict[int, str] = {}
            for row in rows:
                where = f"{path}, line {rows.line_num}"
                pair, answer = _answer(where, row, pairs)
                if pair in answers:
                    raise TallyError(f"{where}: expected one line for each pair, got pair {pair} again")
                answers[pair] = answer
    except OSError as error:
        raise TallyError(f"cannot read {path}: {error.strerror}; expected the answers to a comparison") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise TallyError(f"{path}: expected comma-separated text in UTF-8, got something else ({error})") from None
    missing = sorted(pair for pair in pairs if not answers.get(pair))
    if missing:
        raise TallyError(f"{path}: expected an answer to each of {len(pairs)} pairs, got none to {_some(missing)}")
    return answers


def _answer(where: str, row: Mapping[str, str | None], pairs: set[int]) -> tuple[int, str]:
    """The pair and its answer; "" where none is filled in."""
    number, answer = (row["pair"] or "").strip(), (row["better"] or "").strip()
    if not number.isdecimal() or int(number) not in pairs:
        raise TallyError(f"{where}: expected the number of a pair, {min(pairs)} to {max(pairs)}, got {number!r}")
    found = {"": "", "a": "A", "b": "B", _TIE: _TIE}.get(answer.casefold())
    if found is None:
        raise TallyError(f"{where}, pair {number}: expected A, B or tie, got {answer!r}")
    return int(number), found


def _some(numbers: list[int]) -> str:
    more = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
    return ", ".join(map(str, numbers[:5])) + more
