"""What webDiplomacy's bot API says, read into types: every answer is one of these values, or one error of one line.

    answer = Answer("game/status", 200, "application/json", '{"gameID": 1, ...}')
    status = read(GameStatus, answer)

Strict about everything that decides what we order; tolerant where the server is known to vary: digits for numbers,
``[]`` for an empty object, keys left out, names that became numbers.  Not every 200 is a success: a key that nobody
has gets an empty page, maintenance and races a sentence in HTML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Generic, Literal, Self, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel, ValidationError, model_validator

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, TERRITORIES
from cicero_lite.errors import CiceroLiteError

_SHOWN = 160
"""Letters of a server's words in our errors."""
_PASSING = frozenset({408, 429, 500, 502, 503, 504, 509})
"""Statuses after which the same request may succeed later; 509 is any warning or dead lock inside the server."""
_NEVER = ("Unknown route", "Message too long", "Non-users", "Only users")
"""What a 501 says that no later try will change; others come while a game is being processed."""
_MOVED_ON = ("Invalid turn, expected", "Invalid phase, expected", "Cannot submit orders in phase")
_NOTICES = ("maintenance", "has moved on")
"""Of pages in the place of an answer that pass; if the game has moved on, the next answer says so as it should."""
_GONE = ("Could not fetch row", "Invalid game ID", "invalid request")


class WebDiplomacyError(CiceroLiteError, RuntimeError):
    """Base of what can go wrong between us and the server."""


class ResponseError(WebDiplomacyError, ValueError):
    """An answer that is not of the form it should have."""


class KeyRefusedError(WebDiplomacyError):
    """The server knows no such key."""


class ForbiddenError(WebDiplomacyError):
    """The key may not do this, or plays no part in this game."""


class GameGoneError(WebDiplomacyError):
    """There is no such game, or no longer."""


class MovedOnError(WebDiplomacyError):
    """The game is in another phase than the request was made for."""


class RefusedError(WebDiplomacyError):
    """A request that the server will not do, however often it is made."""


class UnavailableError(WebDiplomacyError):
    """The server cannot be reached, or fails for the moment."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        """How long the server asks to wait; None: it does not say."""


@dataclass(frozen=True)
class Answer:
    """One HTTP response."""

    route: str
    """Such as ``game/status``."""
    status: int
    content_type: str
    body: str = field(repr=False)
    """Without the key, should the server repeat it."""
    retry_after_s: float | None = None


# --- values -----------------------------------------------------------------------------------------------


def _number(value: object) -> object:
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}", value) else value


def _something(value: object) -> object:
    """Nothing comes as null, 0 or an empty text."""
    return None if value in ("", "0") or (value == 0 and isinstance(value, int) and value is not False) else value


def _object(value: object) -> object:
    """PHP writes an empty object as a list, and before a game begins lists stand in their place."""
    return {} if isinstance(value, list) else value


def _text(value: object) -> object:
    """Texts that look like numbers come as numbers."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _listed(value: object) -> object:
    """The words of ``Draw,Pause``, which may begin with a comma."""
    if value is None:
        return frozenset()
    return frozenset(filter(None, value.split(","))) if isinstance(value, str) else value


Count = Annotated[int, Field(ge=0, le=10**12), BeforeValidator(_number)]
Moment = Annotated[Count | None, BeforeValidator(_something)]
"""Seconds since 1970 by the server's clock; None: no time is set, as while a game is paused."""
Territory = Annotated[int, Field(ge=1, le=len(TERRITORIES)), BeforeValidator(_number)]
NoTerritory = Annotated[Territory | None, BeforeValidator(_something)]
Country = Annotated[int, Field(ge=0, le=len(COUNTRIES)), BeforeValidator(_number)]
Player = Annotated[int, Field(ge=1, le=len(COUNTRIES)), BeforeValidator(_number)]
Text = Annotated[str, BeforeValidator(_text)]
Words = Annotated[frozenset[str], BeforeValidator(_listed)]
YesNo = Literal["Yes", "No"]
NoYesNo = Annotated[YesNo | None, BeforeValidator(_something)]
UnitType = Literal["Army", "Fleet"]
PhaseName = Literal["Pre-game", "Diplomacy", "Retreats", "Builds", "Finished"]
PHASE_NAMES: tuple[PhaseName, ...] = get_args(PhaseName)
"""In the order in which they follow each other."""
PressType = Literal["Regular", "PublicPressOnly", "NoPress", "RulebookPress"]
MemberStatus = Literal["Playing", "Defeated", "Left", "Won", "Drawn", "Survived", "Resigned"]
OrderType = Literal[
    "Hold",
    "Move",
    "Support hold",
    "Support move",
    "Convoy",
    "Retreat",
    "Disband",
    "Build Army",
    "Build Fleet",
    "Wait",
    "Destroy",
]


def _wire_name(name: str) -> str:
    """``from_terr_id`` -> ``fromTerrID``."""
    first, *rest = name.split("_")
    return first + "".join("ID" if word == "id" else word.title() for word in rest)


class _Wire(BaseModel):
    """Part of an answer; keys that we have no use for are left alone."""

    model_config = ConfigDict(strict=True, frozen=True, alias_generator=_wire_name, validate_by_name=True)


# --- games of a key ---------------------------------------------------------------------------------------


class SeatRef(_Wire):
    """A game and the country that the key plays in it."""

    game_id: Count
    """Opaque: keys of several users have numbers of their own."""
    country_id: Player


class SeatRefs(RootModel[tuple[SeatRef, ...]]):
    """Answer to ``players/missing_orders`` and ``players/cd``."""

    model_config = ConfigDict(strict=True, frozen=True)


class ActiveGame(SeatRef):
    """A game under way in which the key plays: neither left nor defeated."""

    order_status: Words = frozenset()
    press_type: PressType
    new_messages_from: tuple[Country, ...] = ()
    """Who wrote what was not marked as seen; 0: everybody's press."""
    name: Text = ""
    turn: Count
    phase: PhaseName
    process_time: Moment = None
    """When the phase ends; None: paused."""
    phase_minutes: Count
    variant_id: Count


class ActiveGames(_Wire):
    """Answer to ``players/active_games``."""

    games: tuple[ActiveGame, ...]


# --- one game ---------------------------------------------------------------------------------------------


class ServerUnit(_Wire):
    """A unit on the board."""

    terr_id: Territory
    country_id: Player
    unit_type: UnitType
    retreating: YesNo


class Owned(_Wire):
    """Who owns a territory; all territories, not only centres."""

    terr_id: Territory
    country_id: Country


class PastOrder(_Wire):
    """An order that was carried out, or tried."""

    country_id: Player
    terr_id: NoTerritory = None
    """Place of the unit, of the build or of the removal; None: a build not used."""
    type: OrderType
    to_terr_id: NoTerritory = None
    from_terr_id: NoTerritory = None
    via_convoy: NoYesNo = None


class PhaseState(_Wire):
    """A phase: the board as it began, and the orders given in it."""

    turn: Count
    phase: PhaseName
    units: tuple[ServerUnit, ...]
    centers: tuple[Owned, ...]
    orders: tuple[PastOrder, ...]
    """None yet in the phase at hand."""

    @property
    def name(self) -> str:
        """Turn and phase, for our errors."""
        return f"turn {self.turn}, {self.phase}"


class GameStatus(_Wire):
    """Answer to ``game/status``: all of a game but its talks, which `Messages` has in full."""

    game_id: Count
    country_id: Player | None = None
    """Whose view it is; None: a spectator's."""
    variant_id: Count
    turn: Count
    phase: PhaseName
    game_over: Literal["No", "Won", "Drawn"]
    press_type: PressType
    draw_type: Text
    process_time: Moment
    phase_length_in_minutes: Count
    public_votes: Annotated[Mapping[Player, Words], BeforeValidator(_object)]
    """Empty where votes are hidden."""
    order_statuses: Annotated[Mapping[Player, Words], BeforeValidator(_object)]
    phases: tuple[PhaseState, ...]
    """Oldest first, the phase at hand last."""
    votes: Words = frozenset()
    """Of our own."""
    order_status: Words = frozenset()
    """Of our own."""
    status: MemberStatus | Literal[""] = ""
    """Of our own; empty for a spectator."""

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        """The last phase is the phase at hand, each follows the one before, and games that are over have a result."""
        if (self.phase == "Finished") != (self.game_over != "No"):
            raise ValueError(
                f"expected gameOver Won or Drawn if and only if Finished, got {self.game_over}, {self.phase}"
            )
        if self.phase == "Pre-game":
            return self
        if not self.phases or (self.phases[-1].turn, self.phases[-1].phase) != (self.turn, self.phase):
            last = self.phases[-1].name if self.phases else "none"
            raise ValueError(f"expected phases to end with turn {self.turn}, {self.phase}, got {last}")
        keys = [(state.turn, PHASE_NAMES.index(state.phase)) for state in self.phases]
        for before, after, state in zip(keys, keys[1:], self.phases[1:], strict=False):
            if before >= after:
                raise ValueError(f"expected phases in the order of time, got {state.name} too late")
        return self


class Member(_Wire):
    """A player of a game."""

    country_id: Country
    """0: not drawn yet, before the game begins."""
    status: MemberStatus
    supply_center_no: Count
    unit_no: Count
    votes: tuple[Text, ...] = ()
    excused_missed_turns: Count = 0


class Members(_Wire):
    """Data of ``game/members``."""

    members: tuple[Member, ...]


class Overview(Members):
    """Data of ``game/overview``."""

    game_id: Count
    name: Text
    phase: PhaseName
    turn: Count
    game_over: Literal["No", "Won", "Drawn"]
    press_type: PressType
    phase_minutes: Count
    process_status: Text
    """``Not-processing``, ``Processing``, ``Crashed`` or ``Paused``."""
    process_time: Moment


class StoredOrder(_Wire):
    """An order as the server keeps it; those of builds and removals have no place but their target."""

    unit_type: UnitType | None = None
    terr_id: NoTerritory = None
    type: OrderType
    to_terr_id: NoTerritory = None
    from_terr_id: NoTerritory = None
    via_convoy: NoYesNo = None
    country_id: Player


class StoredOrders(RootModel[tuple[StoredOrder, ...]]):
    """Answer to ``game/orders``: all orders that the server keeps of the country, in any order."""

    model_config = ConfigDict(strict=True, frozen=True)


class _DataUnit(_Wire):
    terr_id: Territory
    type: UnitType


class _DataOrder(_Wire):
    type: OrderType
    country_id: Player
    unit_id: Annotated[Count | None, BeforeValidator(_something)] = None
    to_terr_id: NoTerritory = None
    from_terr_id: NoTerritory = None
    via_convoy: NoYesNo = None


class GameData(_Wire):
    """Data of ``game/data``: the orders that the server keeps, as they can be read without touching them."""

    turn: Count
    phase: PhaseName
    current_orders: tuple[_DataOrder, ...] = ()
    units: Annotated[Mapping[Count, _DataUnit], BeforeValidator(_object)] = Field(default_factory=dict)

    @property
    def stored(self) -> StoredOrders:
        """The orders in the form in which ``game/orders`` answers.

        Raises:
            ResponseError: an order of a unit that is not there.
        """
        rows = []
        for order in self.current_orders:
            unit = None if order.unit_id is None else self.units.get(order.unit_id)
            if unit is None and order.unit_id is not None:
                raise ResponseError(f"game/data: expected unit {order.unit_id} of an order among units, got none")
            place, kind = (None, None) if unit is None else (unit.terr_id, unit.type)
            rows.append(
                StoredOrder(
                    unit_type=kind,
                    terr_id=place,
                    type=order.type,
                    to_terr_id=order.to_terr_id,
                    from_terr_id=order.from_terr_id,
                    via_convoy=order.via_convoy,
                    country_id=order.country_id,
                )
            )
        return StoredOrders(tuple(rows))


# --- talks ------------------------------------------------------------------------------------------------


class ServerMessage(_Wire):
    """A message as the server keeps it: its text in HTML; no message has an identity of its own."""

    message: Text
    from_country_id: Country
    to_country_id: Country
    time_sent: Count
    turn: Count
    phase_marker: PhaseName | None = None
    """None: right after it was sent."""


class Messages(_Wire):
    """Data of ``game/getmessages``, in no particular order."""

    messages: tuple[ServerMessage, ...]
    time: Moment = None
    """The server's clock; left out where there is nothing new."""


class SendReply(_Wire):
    """Answer to ``game/sendmessage``: what this pair sent in this second; empty: the recipient has muted us."""

    messages: tuple[ServerMessage, ...]


class Authentication(_Wire):
    """Data of ``sse/authentication`` and ``websockets/authentication``."""

    auth: str = Field(repr=False)


_D = TypeVar("_D", bound=BaseModel)
_M = TypeVar("_M", bound=BaseModel)


class Envelope(_Wire, Generic[_D]):
    """What some routes wrap their data in."""

    msg: Text = ""
    success: Literal[True]
    data: _D


KINDS: Mapping[str, type[BaseModel] | None] = {
    "players/active_games": ActiveGames,
    "players/missing_orders": SeatRefs,
    "players/cd": SeatRefs,
    "game/status": GameStatus,
    "game/overview": Envelope[Overview],
    "game/members": Envelope[Members],
    "game/data": Envelope[GameData],
    "game/orders": StoredOrders,
    "game/getmessages": Envelope[Messages],
    "game/sendmessage": SendReply,
    "game/setvote": None,
    "game/togglevote": None,
    "game/messagesseen": None,
    "game/markbackfromleft": None,
    "sse/authentication": Envelope[Authentication],
    "websockets/authentication": Envelope[Authentication],
}
"""Route -> what its answer holds; None: a bare text, or nothing."""


# --- reading ----------------------------------------------------------------------------------------------


def read(kind: type[_M], answer: Answer) -> _M:
    """The value that an answer holds.

    Raises:
        ResponseError: an answer of another form; the message says where, what was expected, and what came.
        WebDiplomacyError: the answer is no success, as `check`.
    """
    check(answer)
    try:
        return kind.model_validate_json(answer.body)
    except ValidationError as error:
        raise ResponseError(f"{answer.route}: {_first_mistake(error, answer.body)}") from None
    except ValueError:  # letters that are none
        raise ResponseError(f"{answer.route}: expected JSON, got {_quote(answer.body)}") from None


def check(answer: Answer) -> None:
    """Accepts answers that are successes.

    Raises:
        KeyRefusedError, ForbiddenError, GameGoneError, MovedOnError, RefusedError, UnavailableError, ResponseError:
            what the answer is instead; the message has the server's words and the cure.
    """
    said, route = _said(answer.body), answer.route
    if answer.status == 200 and answer.content_type.startswith("application/json"):
        return
    if answer.status == 401 or (answer.status == 200 and not answer.body.strip()):
        raise KeyRefusedError(
            f"{route}: the server does not know the key (a key is good for one site alone); "
            "expected the key that its administrators issued: check the key file and the URL"
        )
    words = f"{route}: the server says ({answer.status}): {said}"
    if answer.status == 200 and any(mark in answer.body for mark in _NOTICES):
        raise UnavailableError(words, answer.retry_after_s)
    if any(mark in answer.body for mark in _MOVED_ON):
        raise MovedOnError(words)
    if answer.status == 200:
        raise ResponseError(f"{route}: expected JSON, got {_quote(said)}; is the URL that of a webDiplomacy site?")
    if answer.status == 403:
        raise ForbiddenError(f"{words}; expected a game in which the key's user plays")
    if answer.status == 400 and any(mark in answer.body for mark in _GONE):
        raise GameGoneError(f"{words}; expected the number of a game that goes on")
    if answer.status == 404 or 300 <= answer.status < 400:
        raise RefusedError(f"{words or 'no page'}; expected a webDiplomacy site whose bot API is on: check the URL")
    if answer.status in _PASSING or (answer.status >= 500 and not any(mark in answer.body for mark in _NEVER)):
        raise UnavailableError(words, answer.retry_after_s)
    raise RefusedError(words)


def _first_mistake(error: ValidationError, body: str) -> str:
    """Where, what was expected, what came."""
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return f"expected JSON, got {_quote(body)}"
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"] if part != "[key]")
    problem = first["msg"].removeprefix("Value error, ")
    if first["type"] != "value_error":
        wanted = "a value" if first["type"] == "missing" else problem.removeprefix("Input should be ")
        got = "none" if first["type"] == "missing" else _quote(repr(first["input"]))
        problem = f"expected {wanted}, got {got}"
    return f"{where.removeprefix('.')}: {problem}" if where else problem


def _said(body: str) -> str:
    """A server's words on one line: without tags, and without what it says of every failure."""
    if body.startswith('{"msg"'):
        with suppress(ValueError, KeyError, TypeError, RecursionError):
            body = str(json.loads(body)["msg"])
    plain = re.sub(r"<[^<>]{0,200}>", " ", body[:10_000])
    plain = plain.replace("Error: Error triggered: ", "").split("This was probably caused by", maxsplit=1)[0]
    return _quote(plain)


def _quote(text: str) -> str:
    """The first of a text, on one line, with nothing that a terminal would obey."""
    line = " ".join(text[: 4 * _SHOWN].split())
    line = "".join(letter if letter.isprintable() else "?" for letter in line)
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "..."
