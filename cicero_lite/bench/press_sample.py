"""Which people's messages are labelled by hand: drawn by a seed, so that nobody picks them.

The draw asks for no reader.  Two thirds name a place, a power or an order, as a simple pattern sees it; the others are
as they come: answers, questions, small talk.  Within each it goes round the groups of one sender in one phase, taking
one message of each before a second of any, so that no talkative pair fills the sample.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.board import Board
from engine.mapfile import load_map
from engine.saved import SeatedGame, seated_games
from engine.types import Message

SEED = 20221122
"""Of the sample that is labelled."""
NAMING = 264
"""Messages of that sample which name a place, a power or an order."""
OTHERS = 120
"""Messages of that sample which name none."""


@dataclass(frozen=True, order=True)
class PressKey:
    """Where a message is found in the public games."""

    game: str
    phase: str
    index: int
    """Counts the messages of its phase from 0."""

    def __str__(self) -> str:
        return f"{self.game} {self.phase} {self.index}"


@dataclass(frozen=True)
class HumanMessage:
    """A message that a person sent, with what was known to the two it concerns."""

    key: PressKey
    message: Message
    board: Board
    """The position of its phase."""
    talk: tuple[Message, ...]
    """Everything said in the game before it, oldest first."""


def human_press(path: Path | str) -> Iterator[HumanMessage]:
    """The messages of people in a file of public games, in order.

    Raises:
        GameFileError: there is no such file, or a line is no game.
    """
    for seated in seated_games(path):
        yield from _of_game(seated)


def _of_game(seated: SeatedGame) -> Iterator[HumanMessage]:
    game = seated.game
    talk: list[Message] = []
    phases = [(record.board, record.messages) for record in game.history]
    for board, messages in (*phases, (Board(game.position), tuple(game.messages))):
        for index, message in enumerate(messages):
            if seated.players.get(message.sender) == "human":
                key = PressKey(game.game_id, str(board.phase), index)
                yield HumanMessage(key, message, board, tuple(talk))
            talk.append(message)


def draw(
    press: Iterable[HumanMessage], seed: int = SEED, naming: int = NAMING, others: int = OTHERS
) -> tuple[HumanMessage, ...]:
    """A sample, in the order of games and phases: no two alike, and none that was redacted.

    Args:
        press: the messages to draw from.
        seed: fixes the draw, whatever the version of Python.
        naming: how many that name a place, a power or an order.
        others: how many that name none.
    """
    seen: set[str] = set()
    groups: dict[tuple[bool, str, str, str], list[tuple[str, HumanMessage]]] = defaultdict(list)
    ranks: dict[PressKey, int] = {}
    for number, said in enumerate(press):
        ranks[said.key] = number
        words = " ".join(re.findall(r"\w+", said.message.text.casefold()))
        if words and words not in seen and "[REDACTED]" not in said.message.text:
            seen.add(words)
            lot = hashlib.sha256(f"{seed} {said.key}".encode()).hexdigest()
            group = (names_something(said.message.text), said.key.game, said.message.sender, said.key.phase)
            groups[group].append((lot, said))
    chosen: list[HumanMessage] = []
    for wanted, count in ((True, naming), (False, others)):
        rounds = [
            (turn, lot, said)
            for (names, *_), lots in groups.items()
            if names is wanted
            for turn, (lot, said) in enumerate(sorted(lots, key=lambda drawn: drawn[0]))
        ]
        chosen += [said for _, _, said in sorted(rounds, key=lambda drawn: drawn[:2])[:count]]
    return tuple(sorted(chosen, key=lambda said: ranks[said.key]))


_ORDER_WORDS = r"support\w*|convoy\w*|bounc\w*|dmz|attack\w*|mov(?:e|es|ed|ing)|build\w*|retreat\w*|disband\w*|stab\w*"
_POWER_WORDS = (
    r"austria\w*|england|english|brits?|british|france|french|german\w*|ital\w*|russia\w*|turk\w*|juggernaut|lepanto"
)
_NICKNAMES = (
    r"channel|romania|st\.? pete\w*|bothnia|lyons?|tyrol\w*|mid[- ]atlantic|skag|heligoland|baltic|adriatic|aegean"
)


@cache
def _pattern() -> re.Pattern[str]:
    board = load_map("standard")
    places = [re.escape(re.sub(r" \(.*", "", name)) for name in board.full_names.values()]
    codes = [code for place in board.provinces for code in (place, place.title())]
    words = "|".join((*sorted(set(places)), _NICKNAMES, _ORDER_WORDS, _POWER_WORDS))
    return re.compile(rf"\b(?:(?i:{words})|{'|'.join(codes)})\b")


def names_something(text: str) -> bool:
    """Whether a text names a place, a power or an order, as far as a pattern without grammar can tell.

    >>> names_something("Could you move to Bel?"), names_something("How are you?")
    (True, False)
    """
    return _pattern().search(text) is not None
