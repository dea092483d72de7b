"""A power's ledger, from a saved game: what it said to whom and was told, in which words, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cicero_lite.errors import CiceroLiteError
from dialogue.acts import Polarity
from dialogue.incoming import visible
from dialogue.memory import Ledger
from dialogue.names import find_names
from dialogue.reading import Reader
from dialogue.sayings import Saying, said_about
from dialogue.understanding import read
from engine.board import Board
from engine.game import GameView
from engine.saved import load_game
from engine.types import Message, Power, Province


class LedgerError(CiceroLiteError, ValueError):
    """A question that no ledger can answer."""


@dataclass(frozen=True)
class LedgerAnswer:
    """What a ledger says."""

    game: str
    power: Power
    """Whose ledger."""
    found: tuple[Saying, ...]
    """Oldest first."""

    def lines(self) -> list[str]:
        """The answer for a reader at the terminal."""
        return [line for saying in self.found for line in _lines(saying)] or ["nothing on record"]


def ask_ledger(
    path: Path,
    game_id: str | None,
    power: Power,
    about: str | None = None,
    by: Power | None = None,
    to: Power | None = None,
) -> LedgerAnswer:
    """What was said by a power, or to it, as its ledger has it at the end of a game.

    Args:
        path: a saved game, a file of games, or a folder that `cicero-lite play` wrote.
        game_id: which game, where the file holds several.
        power: whose ledger.
        about: a province, in any of its names; None: anything.
        by: who said it; None: the power itself.
        to: to whom; None: to anybody, of others' words to the power.

    Raises:
        GameFileError: the file holds no such game.
        LedgerError: there is no such province, or these two do not talk in this ledger.
    """
    speaker = by or power
    hearer = to if to is not None or speaker is power else power
    if power not in (speaker, hearer):
        raise LedgerError(f"expected words by {power} or to it, got words by {speaker} to {hearer}")
    game = load_game(path / "game.json" if path.is_dir() else path, game_id)
    view = game.view(power)
    place = None if about is None else _province(about, view)
    return LedgerAnswer(game.game_id, power, said_about(ledger_of(view), speaker, place, hearer))


def ledger_of(view: GameView, reads: Reader = read) -> Ledger:
    """The ledger that a view's power has of its game: as an agent has it that joins now.

    Args:
        view: the game as the power sees it.
        reads: the reader of all messages.
    """
    ledger = Ledger(view.power)

    def record(messages: Sequence[Message], board: Board) -> None:
        for place, message in enumerate(messages):
            ledger.record(message, reads(message, board, messages[:place]).acts)

    for played in view.history:
        record(played.messages, played.board)
        ledger.settle(played)
    record(view.messages, view)
    return ledger


def _province(name: str, view: GameView) -> Province:
    found = [place for mention in find_names(name, view) for place in mention.provinces]
    named = name.upper() if name.upper() in view.map_data.provinces else None
    if named is not None:
        return Province(named)
    if not found:
        raise LedgerError(f"--about: expected a province such as MUN or Munich, got {name!r}")
    return found[0]


def _lines(saying: Saying) -> Iterable[str]:
    sign = "not " if saying.polarity is Polarity.NOT else ""
    orders = ", ".join(str(item.order) for item in saying.orders)
    powers = ", ".join(power.title() for power in saying.powers)
    what = orders or "/".join(saying.provinces) or powers or saying.kind.value.replace("_", " ")
    hearer = "all" if saying.to is None else saying.to.title()
    due = "" if saying.due in (None, saying.phase) else f" in {saying.due}"
    status = "" if saying.status is None else f": {saying.status}"
    yield f"{saying.phase} {saying.by.title()} to {hearer}: {saying.kind.value} {sign}{what}{due}{status}"
    if saying.quote:
        yield f"    {' '.join(visible(saying.quote).split())}"
