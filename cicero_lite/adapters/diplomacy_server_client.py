"""A user's way to a seat on a server of the ``diplomacy`` package: sign in, find or make the game, take the power.

Whoever comes back after a lost line takes the same way again, and is told the whole game: nothing is missed.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cicero_lite.adapters.diplomacy_server_connection import (
    Connection,
    DiplomacyServerError,
    RefusedError,
    UnreachableError,
)
from cicero_lite.adapters.diplomacy_server_responses import (
    GameInfo,
    Schedule,
    ServerGame,
    ServerPhase,
    field_of,
    read,
    read_all,
)
from engine.types import Power

_MAP = "standard"
_UNKNOWN_TOKEN = "TokenException"
LONGEST_TEXT_BYTES = 32_000
"""Of a message; the server itself takes any that fits into a request of 64 MB, and nobody reads that."""
OVER = ("GameFinishedException", "GameCanceledException")
"""The server's names of the errors that say that a game has ended."""


class SignInError(DiplomacyServerError):
    """The server does not take the user or the password."""


class NoSuchGameError(DiplomacyServerError):
    """There is no such game, or none that we can play."""


class SeatTakenError(DiplomacyServerError):
    """The power cannot be had."""


@dataclass(frozen=True)
class Account:
    """Who we are on the server; it makes an account of a name that it does not know."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class NewGame:
    """The game to make where there is none of the name."""

    rules: tuple[str, ...] = ("POWER_CHOICE", "IGNORE_ERRORS")
    """As the package names them; with neither ``NO_PRESS`` nor ``PUBLIC_PRESS`` it is full press."""
    deadline_s: int = 0
    """Seconds a phase; 0: a phase ends when all are ready."""
    players: int = 7
    """Begins when so many powers are taken; the others are nobody's."""


@dataclass(frozen=True)
class SeatPlace:
    """Which seat."""

    game_id: str
    power: Power
    """In a game without the rule ``POWER_CHOICE`` the server draws another."""
    registration_password: str | None = field(default=None, repr=False)
    """Of the game, where it has one."""


@dataclass(frozen=True)
class Entered:
    """What the server says of the game when we sit down."""

    info: GameInfo
    played: tuple[ServerPhase, ...]
    game: ServerGame | None
    """None: the game is over."""


class SeatClient:
    """One seat, asked for and held."""

    def __init__(
        self,
        connection: Connection,
        account: Account,
        place: SeatPlace,
        new_game: NewGame | None = None,
        keep_secret: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Nothing is asked yet.

        Args:
            connection: the seat's own.
            account: who sits there.
            place: game and power.
            new_game: made if there is no game of that name; None: that is an error.
            keep_secret: told of the tokens that the server gives us.
        """
        self._keep_secret = keep_secret
        self.connection, self.account, self.place = connection, account, place
        self.power = place.power
        """Ours, once we have entered."""
        self._new_game = new_game
        self._token: str | None = None

    def enter(self) -> Entered:
        """Connects, signs in and takes the seat, or takes it again.

        Raises:
            UnreachableError: no server there; later there may be.
            SignInError, NoSuchGameError, SeatTakenError: the server says no.
        """
        self.connection.open()
        try:
            if self._token is None:
                self._token = self._sign_in()
            return self.look()
        except UnreachableError:
            self._token = None  # a server that still holds the old line for alive hangs up on a token that it knows
            raise
        except RefusedError as error:
            if error.kind != _UNKNOWN_TOKEN:
                raise
            self._token = self._sign_in()
            return self.look()

    def game(self) -> ServerGame:
        """The game as it is now.

        Raises:
            RefusedError: it is over, or the seat is not ours any more.
            UnreachableError: the line is cut.
        """
        answer = self._ask(
            "join_game",
            game_id=self.place.game_id,
            power_name=self.power.value,
            registration_password=self.place.registration_password,
        )
        game = read(ServerGame, field_of(answer, "data", "join_game"), "join_game")
        self.power = Power(game.role)
        return game

    def info(self) -> GameInfo | None:
        """What everybody may know of the game; None: there is no such game.

        Raises:
            UnreachableError: the line is cut.
        """
        answer = self._ask("get_games_info", games=[self.place.game_id])
        found = read_all(GameInfo, field_of(answer, "data", "get_games_info"), "get_games_info")
        return found[0] if found else None

    def schedule_s(self, phase: str) -> float | None:
        """Seconds to the deadline; None: none is set.

        Raises:
            UnreachableError: the line is cut.
        """
        try:
            answer = self.ask("query_schedule", phase)
        except RefusedError:
            return None
        return read(Schedule, field_of(answer, "schedule", "query_schedule"), "query_schedule").left_s

    def ask(self, name: str, phase: str, **fields: object) -> Mapping[str, Any]:
        """The answer to a request of our seat, made for a phase.

        Raises:
            RefusedError: the server says no.
            UnreachableError: the line is cut.
        """
        return self._ask(name, game_id=self.place.game_id, game_role=self.power.value, phase=phase, **fields)

    def close(self) -> None:
        """Leaves the line, and keeps the seat."""
        self.connection.close()

    def _ask(self, name: str, **fields: object) -> Mapping[str, Any]:
        return self.connection.ask(name, token=self._token, **fields)

    def _sign_in(self) -> str:
        user, where = self.account.user, self.connection.where
        try:
            answer = self.connection.ask("sign_in", username=user, password=self.account.password)
        except RefusedError as error:
            if error.kind == "ServerRegistrationException":
                raise SignInError(f"{where} makes no new accounts: expected --user NAME of one it knows") from None
            raise SignInError(
                f"{where} does not take the password of user {user}: expected that of the account, in "
                "--password-file; or choose another --user, whose account is then made"
            ) from None
        token = str(field_of(answer, "data", "sign_in"))
        self._keep_secret(token)
        return token

    def look(self) -> Entered:
        """The whole game as it is now, over the line that is open; takes the seat if nobody has it.

        Raises:
            NoSuchGameError, SeatTakenError: the server says no.
            UnreachableError: the line is cut.
        """
        info = self.info() or self._make_game()
        if info.map_name != _MAP:
            raise NoSuchGameError(
                f"game {info.game_id} is on the map {info.map_name}: expected a game on {_MAP}, the one we play"
            )
        if info.controlled_powers and self.power not in info.controlled_powers and "POWER_CHOICE" not in info.rules:
            self.power = info.controlled_powers[0]  # drawn when we came first
        if info.status in ("completed", "canceled"):
            return Entered(info, self._history(info), None)
        try:
            game = self.game()
        except RefusedError as error:
            if error.kind in OVER:
                return self.look()
            raise self._no_seat(error, info) from None
        return Entered(info, game.played, game)

    def _make_game(self) -> GameInfo:
        name, new = self.place.game_id, self._new_game
        if new is None:
            answer = self._ask("list_games", include_protected=True, for_omniscience=False)
            games = read_all(GameInfo, field_of(answer, "data", "list_games"), "list_games")
            there = [game.game_id for game in games if game.status not in ("completed", "canceled")]
            near = difflib.get_close_matches(name, there, 3, 0.0)
            some = f"there are {', '.join(near)}" if near else "there is none at all"
            raise NoSuchGameError(f"no game {name} at {self.connection.where}: {some}; make it with --create")
        password = self.place.registration_password
        try:
            self._ask(
                "create_game",
                game_id=name,
                power_name=self.power.value,
                map_name=_MAP,
                rules=list(new.rules),
                deadline=new.deadline_s,
                n_controls=new.players,
                registration_password=None if password is None else _hashed(password),
                state=None,
            )
        except RefusedError as error:
            if error.kind != "GameIdException":  # else somebody was faster
                raise NoSuchGameError(f"game {name} cannot be made at {self.connection.where}: {error.words}") from None
        info = self.info()
        if info is None:
            raise NoSuchGameError(f"game {name} was made at {self.connection.where}, and is not there")
        return info

    def _history(self, info: GameInfo) -> tuple[ServerPhase, ...]:
        if self.power not in info.controlled_powers:
            raise NoSuchGameError(f"game {info.game_id} is over ({info.status}): expected one that is played")
        answer = self.ask("get_phase_history", info.phase, from_phase=None, to_phase=None)
        return read_all(ServerPhase, field_of(answer, "data", "get_phase_history"), "get_phase_history")

    def _no_seat(self, error: RefusedError, info: GameInfo) -> DiplomacyServerError:
        name = info.game_id
        if error.kind == _UNKNOWN_TOKEN:
            return error
        if error.kind == "GameRegistrationPasswordException":
            return SeatTakenError(
                f"game {name} has a registration password, and takes nobody without: expected it in --registration-file"
            )
        answer = self._ask("get_playable_powers", game_id=name)
        free = sorted(map(str, field_of(answer, "data", "get_playable_powers")))
        if info.n_players >= info.n_controls:
            free = []
        cure = f"free: {', '.join(free)}" if free else "none is free"
        return SeatTakenError(
            f"{self.power} in game {name} cannot be taken by {self.account.user} ({error.words}); {cure}"
        )


def _hashed(password: str) -> str:
    """As the server compares it; it stores what it is given, and hangs up on all who join if that is no hash."""
    # imported late: it brings the whole package
    from diplomacy.utils.common import hash_password

    return str(hash_password(password))
