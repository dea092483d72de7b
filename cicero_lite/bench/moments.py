"""Moments at which somebody writes to somebody, and an agent put there to write in its place.

They come from games of our agents among themselves, by seed, and from the held-back public games: a movement phase, a
seat, and everything that its player had seen and said until it wrote.  Only messages that begin a player's turn count,
as an agent says in one message what people say in three.  In games of people the agent reads the real talk, remembers
what the seat's player promised, plans with its own search and writes as in play; only whom it writes to is settled.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count, zip_longest
from pathlib import Path

import numpy as np

from cicero_lite.adapters.base import SpeakingTurn, TableEvent
from cicero_lite.agent import NegotiatingAgent, build_agent
from cicero_lite.arena.log import Drafted, Event, EventLog, IntentFormed, SpeechPlanned
from cicero_lite.config import Config
from cicero_lite.errors import CiceroLiteError
from cicero_lite.session import play
from engine.game import Game, GameView
from engine.record import PhaseRecord
from engine.saved import SeatedGame, seated_games
from engine.types import Action, Intent, Message, PhaseKind, Power

PLAYERS = ("human", "cicero")
"""Kinds of players of the public games who talk."""
_GAME_STREAM, _SEAT_STREAM, _DRAW_STREAM = 13, 14, 15
"""Keep apart the random numbers of a self-play game's draw, of seats, and of the draw from public games."""
_OF_A_GAME = 40
"""Moments taken from one game of self-play, at most."""


class MomentError(CiceroLiteError, ValueError):
    """Games that have no moment to write at."""


class Origin(StrEnum):
    """Where a moment comes from."""

    SELF_PLAY = "self-play"
    PEOPLE = "public games"


@dataclass(frozen=True)
class Moment:
    """A seat at a moment at which its player wrote."""

    origin: Origin
    view: GameView
    """The game as the seat saw it."""
    recipient: Power
    author: str = ""
    """Kind of player who wrote; "" in self-play."""
    said: Message | None = None
    """What it wrote; None in self-play."""
    orders: Action = ()
    """What it ordered in the end; none in self-play."""

    @property
    def key(self) -> str:
        """Says which it is: ``cicero-435086 F1902M FRANCE to GERMANY after 3``, the messages that it had seen."""
        view = self.view
        return f"{view.game_id} {view.phase} {view.power} to {self.recipient} after {len(view.messages)}"


@dataclass(frozen=True)
class Attempt:
    """A message that an agent set out to write: what it meant and planned, and every candidate."""

    view: GameView
    """What it saw."""
    recipient: Power
    intent: Intent
    plan: SpeechPlanned
    drafts: tuple[Drafted, ...] = ()

    @property
    def sent(self) -> Drafted | None:
        """What was sent: the first candidate that every filter passed; None: nothing was."""
        return next((draft for draft in self.drafts if draft.rejected_by is None), None)


class Scribe:
    """Gathers attempts from what agents log while they speak."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []
        self.view: GameView | None = None
        """What the agent that speaks now sees."""
        self._intent: Intent | None = None

    def watch(self, event: TableEvent) -> None:
        """Takes note of whose turn it is."""
        if isinstance(event, SpeakingTurn):
            self.view = event.view

    def note(self, event: Event) -> None:
        """Takes note of what an agent logs."""
        match event:
            case IntentFormed(intent):
                self._intent = intent
            case SpeechPlanned(recipient=recipient) if recipient is not None:
                assert self.view is not None
                assert self._intent is not None
                self.attempts.append(Attempt(self.view, recipient, self._intent, event))
            case Drafted(recipient=recipient) if recipient is not None:
                last = self.attempts[-1]
                self.attempts[-1] = replace(last, drafts=(*last.drafts, event))


class Writer:
    """An agent put into a seat at a moment; the same moment and seed give the same agent."""

    def __init__(self, moment: Moment, config: Config, seed: int) -> None:
        """Seats it.

        Raises:
            LanguageModelError: the language model cannot be loaded.
        """
        self.moment = moment
        self._scribe = Scribe()
        self._scribe.view = moment.view
        view = moment.view
        drawn = np.random.SeedSequence([seed, _SEAT_STREAM, *moment.key.encode()])
        events = EventLog(listeners=[self._scribe.note])
        number = int(drawn.generate_state(1)[0])
        self.agent: NegotiatingAgent = build_agent(view.power, config.agent.in_game(seed), number, events)
        self.agent.begin_phase(view)

    def write(self, intent: Intent | None = None) -> Attempt | None:
        """What it writes to the moment's recipient; None: its plan does not hold what it would promise.

        Args:
            intent: what it is to mean, for the rest of the phase; None: what its search finds.
        """
        if intent is not None:
            self.agent.hold_to(intent, self.moment.view)
        begun = len(self._scribe.attempts)
        self.agent.write_to(self.moment.recipient, self.moment.view)
        return next(iter(self._scribe.attempts[begun:]), None)


# --- self-play -------------------------------------------------------------------------------------------


class _EnoughError(Exception):
    """Ends a game early: as many messages as were wanted are there."""


def self_play(config: Config, seed: int, most: int, done: Callable[[int], None] = lambda number: None) -> list[Attempt]:
    """Every message that agents set out to write in a game among themselves.

    Args:
        config: seats and length of the game, and the agents'.
        seed: of the game, in place of the configuration's.
        most: from so many on the game is broken off, at the end of a power's turn.
        done: told of the number, again and again.

    Raises:
        MomentError: nobody said a word.
        LanguageModelError: the language model cannot be loaded.
    """
    scribe = Scribe()

    def watch(event: TableEvent) -> None:
        scribe.watch(event)
        done(min(len(scribe.attempts), most))
        if len(scribe.attempts) >= most:
            raise _EnoughError

    with suppress(_EnoughError):
        play(replace(config, play=replace(config.play, seed=seed)), None, [scribe.note], watch)
    if not scribe.attempts:
        raise MomentError(
            f"self-play, seed {seed}: expected agents that talk (play.rounds, play.powers), got not a word"
        )
    return scribe.attempts[:most]


def self_play_moments(config: Config, seed: int) -> Iterator[Moment]:
    """Moments without end from game after game of self-play, of each game some, drawn from all that it has."""
    for number in count(seed):
        attempts = self_play(config, number, most=sys.maxsize)
        drawn = np.random.default_rng([number, _GAME_STREAM]).permutation(len(attempts))[:_OF_A_GAME]
        for attempt in (attempts[place] for place in drawn.tolist()):
            yield Moment(Origin.SELF_PLAY, attempt.view, attempt.recipient)


# --- public games ----------------------------------------------------------------------------------------


def public_moments(path: Path, seed: int, authors: Collection[str] = PLAYERS) -> list[Moment]:
    """The moments of public games, in an order that the seed draws: of each game one in turn.

    Args:
        path: the games (`.jsonl[.gz]`).
        authors: kinds of players whose seats are taken.

    Raises:
        MomentError: nobody wrote to anybody in them.
        GameFileError: there is no such file, or a line is no game.
    """
    rng = np.random.default_rng([seed, _DRAW_STREAM])
    games = []
    for seated in seated_games(path):
        found = list(_of_game(seated, authors))
        games.append([found[place] for place in rng.permutation(len(found)).tolist()])
    drawn = [moment for turn in zip_longest(*games) for moment in turn if moment is not None]
    if not drawn:
        kinds = " or ".join(authors)
        raise MomentError(f"{path}: expected games in which a player ({kinds}) wrote in a movement phase, got none")
    return drawn


def in_order(moments: Sequence[Moment]) -> list[Moment]:
    """The moments game by game and phase by phase, so that what is known of a board is worked out once."""
    return sorted(moments, key=lambda m: (m.view.game_id, len(m.view.history), m.view.power.number, m.key))


def _of_game(seated: SeatedGame, authors: Collection[str]) -> Iterator[Moment]:
    game = seated.game
    for number, record in enumerate(game.history):
        if record.phase.kind is PhaseKind.MOVEMENT:
            for index, message in enumerate(record.messages):
                author = seated.players.get(message.sender, "unknown")
                if author in authors and message.recipient is not None and _begins_turn(record, index):
                    view = _seen(game, number, record.messages[:index], message.sender)
                    if {message.sender, message.recipient} <= set(view.alive):
                        orders = record.orders.get(message.sender, ())
                        yield Moment(Origin.PEOPLE, view, message.recipient, author, message, orders)


def _begins_turn(record: PhaseRecord, index: int) -> bool:
    """Whether a message is the first since the other of its pair wrote, in its phase."""
    message = record.messages[index]
    pair = {message.sender, message.recipient}
    before = [m for m in record.messages[:index] if {m.sender, m.recipient} == pair]
    return not before or before[-1].sender is not message.sender


def _seen(game: Game, number: int, messages: Sequence[Message], power: Power) -> GameView:
    """What a power saw in a phase, given by its number in the history, after some of its messages."""
    then = Game(game.map_name, game.game_id, game.history[number].position)
    then.history, then.messages = game.history[:number], list(messages)
    return then.view(power)


# --- both ------------------------------------------------------------------------------------------------


def moments(config: Config, games: Path | None, seed: int) -> Iterator[Moment]:
    """Moments of public games and of self-play by turns; without end, as self-play goes on by itself.

    Args:
        games: the public games; None: self-play alone.

    Raises:
        MomentError, GameFileError: as `public_moments`.
    """
    public = [] if games is None else public_moments(games, seed)
    own = self_play_moments(config, seed)
    for moment in public:
        yield moment
        yield next(own)
    yield from own
