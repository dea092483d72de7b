"""Messages that were really sent, each with all that its sender knew: what filters are tried on.

They come from public games, of each game one in turn, and from a game of our agents among themselves.  The plan of an
agent's message is known.  That of a person's is taken to be what our reader makes of it, and beside that its sentences
word for word: what it says is what it was meant to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path

import numpy as np

from cicero_lite.bench.moments import Attempt, Origin
from cicero_lite.errors import CiceroLiteError
from cicero_lite.ledger import ledger_of
from dialogue.board import Board
from dialogue.filters.verdict import plain, sentences
from dialogue.memory import Ledger
from dialogue.press import read_into
from dialogue.reading import Reading
from dialogue.situation import SpeechPlan
from dialogue.understanding import read
from engine.game import Game, GameView
from engine.record import PhaseRecord
from engine.saved import SeatedGame, load_game, seated_games
from engine.types import Action, Message, Power

OURS = "ours"
"""Author of our agents' messages."""
REDACTED = "[REDACTED]"
"""Stands in the public data where words were taken out; such messages are not those that were sent."""
_STREAM = 31
"""Keeps the draw of messages apart from other random numbers of the same seed."""


class OriginalsError(CiceroLiteError, ValueError):
    """Games in which nobody wrote to anybody."""


@dataclass(frozen=True)
class Original:
    """A private message that was sent, with what its sender knew."""

    origin: Origin
    view: GameView
    """The game as its sender saw it."""
    ledger: Ledger
    """The sender's, before the message."""
    message: Message
    reading: Reading
    """What our reader makes of it."""
    plan: SpeechPlan
    own: Action
    """What its sender ordered in the end, or (our agents) meant to when it wrote."""
    author: str
    """Kind of player who wrote it."""
    truthful: bool | None = None
    """Whether its writer called it true; None: it was not asked."""

    @property
    def sender(self) -> Power:
        """Who wrote it."""
        return self.plan.sender

    @property
    def recipient(self) -> Power:
        """To whom."""
        return self.plan.recipient

    @property
    def verbatim(self) -> frozenset[str]:
        """The sentences of a person's message, which were meant as they stand; none of ours."""
        return frozenset() if self.author == OURS else frozenset(map(plain, sentences(self.message.text)))

    @property
    def talk(self) -> tuple[Message, ...]:
        """What the two wrote to each other before."""
        return tuple(m for m in self.view.talk_with(self.recipient) if m.sequence < self.message.sequence)


@dataclass(frozen=True)
class Corpus:
    """Messages to try filters on, and all others of their games, to take words from."""

    originals: tuple[Original, ...]
    games: Mapping[str, tuple[Message, ...]] = field(default_factory=dict)
    """Game -> every private message of it, in order."""

    def __add__(self, other: Corpus) -> Corpus:
        return Corpus(self.originals + other.originals, {**self.games, **other.games})


def read_games(path: Path) -> list[SeatedGame]:
    """The games of a file (`.jsonl[.gz]`), or the one saved game in it (`.json`).

    Raises:
        GameFileError: there is no such file, or it holds no game.
    """
    return list(seated_games(path)) if ".jsonl" in path.name else [SeatedGame(load_game(path))]


def public_corpus(games: Sequence[SeatedGame], most: int, seed: int) -> Corpus:
    """People's messages, and where a game says of nobody that it was played by a person, everybody's.

    Args:
        games: with press.
        most: messages, at most; of each game one in turn, drawn by the seed.
        seed: fixes the draw.

    Raises:
        OriginalsError: nobody wrote to anybody.
    """
    rng = np.random.default_rng([seed, _STREAM])
    drawn = []
    for number, seated in enumerate(games):
        found = [message.sequence for _, message in eligible(seated)]
        drawn.append([(number, found[place]) for place in rng.permutation(len(found)).tolist()])
    turns = [pair for turn in zip_longest(*drawn) for pair in turn if pair is not None][:most]
    if not turns:
        raise OriginalsError("expected games with private messages of people who are still in the game, got none")
    originals: list[Original] = []
    for number, seated in enumerate(games):
        wanted = {sequence for game, sequence in turns if game == number}
        if wanted:
            originals += _of_game(seated, wanted)
    return Corpus(tuple(originals), {g.game.game_id: private_messages(g.game) for g in games})


def private_messages(game: Game) -> tuple[Message, ...]:
    """Every private message of a game whose words are all there."""
    found = (m for record in game.history for m in record.messages)
    return tuple(m for m in found if m.recipient is not None and REDACTED not in m.text)


def eligible(seated: SeatedGame) -> Iterator[tuple[PhaseRecord, Message]]:
    """The private messages of people, between two who are in the game, each with its phase."""
    people = {power for power, kind in seated.players.items() if kind == "human"} or set(seated.game.powers)
    for record in seated.game.history:
        alive = set(record.board.alive)
        for message in record.messages:
            whole = REDACTED not in message.text and any(c.isalpha() for c in message.text)
            if message.sender in people and whole and {message.sender, message.recipient} <= alive:
                yield record, message


def _of_game(seated: SeatedGame, wanted: set[int]) -> Iterator[Original]:
    game = seated.game
    ledgers = {power: Ledger(power) for power in game.powers}
    for number, record in enumerate(game.history):
        then = Game(game.map_name, game.game_id, record.position)
        then.history = game.history[:number]
        for message in record.messages:
            taken = message.sequence in wanted
            before = copied(ledgers[message.sender]) if taken else None
            reading = read_into(ledgers, message, record.board, then.messages)
            if before is not None:
                assert message.recipient is not None
                view = then.view(message.sender)
                plan = SpeechPlan(message.sender, message.recipient, reading.acts, answered(view, message.recipient))
                own = record.orders.get(message.sender, ())
                author = seated.players.get(message.sender, "unknown")
                truthful = seated.truths.get(message.sequence)
                yield Original(Origin.PEOPLE, view, before, message, reading, plan, own, author, truthful)
            then.messages.append(message)
        for ledger in ledgers.values():
            ledger.settle(record)


def own_corpus(attempts: Sequence[Attempt]) -> Corpus:
    """The messages that our agents sent in a game among themselves."""
    originals, readings = [], dict[int, Reading]()

    def read_once(message: Message, board: Board, talk: Sequence[Message]) -> Reading:
        if message.sequence not in readings:
            readings[message.sequence] = read(message, board, talk)
        return readings[message.sequence]

    for attempt in attempts:
        sent, view = attempt.sent, attempt.view
        if sent is None:
            continue
        ledger = ledger_of(view, read_once)
        every = [m for record in view.history for m in record.messages]
        number = max((m.sequence for m in (*every, *view.messages)), default=-1) + 1
        message = Message(view.power, attempt.recipient, view.phase, sent.text, number)
        reading = read(message, view, view.talk_with(attempt.recipient))
        plan = SpeechPlan(view.power, attempt.recipient, attempt.plan.acts, _by_number(view, attempt.plan.answers))
        orders = attempt.intent.own.orders
        originals.append(Original(Origin.SELF_PLAY, view, ledger, message, reading, plan, orders, OURS))
    games: dict[str, list[Message]] = {}
    for original in originals:
        games.setdefault(original.view.game_id, []).append(original.message)
    return Corpus(tuple(originals), {name: tuple(said) for name, said in games.items()})


def copied(ledger: Ledger) -> Ledger:
    """The ledger as it stands, whatever is written into the other later."""
    return replace(
        ledger,
        entries=list(ledger.entries),
        promises=list(ledger.promises),
        requests=list(ledger.requests),
        claims=list(ledger.claims),
    )


def answered(view: GameView, other: Power) -> Message | None:
    """The other's last message of the phase, if the view's power has not written to it since."""
    talk = [m for m in view.messages if {m.sender, m.recipient} == {view.power, other}]
    return talk[-1] if talk and talk[-1].sender is other else None


def _by_number(view: GameView, number: int | None) -> Message | None:
    return next((m for m in view.messages if m.sequence == number), None)
