"""What a server of the ``diplomacy`` package says, read into types; what we have no use for is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cicero_lite.adapters.diplomacy_server_connection import DiplomacyServerError
from engine.types import Power

Status: TypeAlias = Literal["forming", "active", "paused", "completed", "canceled"]
COMPLETED = "COMPLETED"
"""Name of the phase of a game that is over."""
DUMMY = "dummy"
"""Who controls a power that nobody plays."""
EVERYBODY = "GLOBAL"
"""The recipient of public press."""


class ResponseError(DiplomacyServerError, ValueError):
    """An answer that is not of the form it should have."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ServerMessage(_Value):
    """A message as the server keeps it; the time tells it from all others of the game."""

    sender: str
    recipient: str
    time_sent: int
    """Microseconds since 1970, no two alike."""
    phase: str
    message: str


class ServerState(_Value):
    """A position."""

    name: str
    note: str = ""
    units: dict[Power, list[str]]
    """A dislodged unit begins with ``*``."""
    centers: dict[Power, list[str]]
    retreats: dict[Power, dict[str, list[str]]] = {}


class ServerPhase(_Value):
    """A phase that was played, or the one at hand, with what the seat may see of it."""

    name: str
    state: ServerState
    orders: dict[Power, list[str] | None] = {}
    messages: list[ServerMessage] = []


class ServerPower(_Value):
    """A power of the game at hand; orders are told of our own alone."""

    controller: dict[int, str]
    """Microseconds since 1970 -> who plays it from then on."""
    order_is_set: int = 0
    orders: dict[str, str] = {}
    """Unit -> the rest of its order, in movement phases."""
    adjust: list[str] = []
    """Orders of other phases."""
    wait: bool = True
    vote: str = "neutral"
    units: list[str]
    centers: list[str]
    retreats: dict[str, list[str]] = {}

    @property
    def player(self) -> str:
        """Who plays it now."""
        return self.controller[max(self.controller)] if self.controller else DUMMY

    @property
    def given(self) -> frozenset[str]:
        """The orders that the server keeps; those that it found void are none."""
        moves = (f"{unit} {rest}" for unit, rest in self.orders.items())
        others = (text for text in self.adjust if text.split()[:1] not in (["WAIVE"], ["VOID"], []))
        return frozenset((*moves, *others))


class ServerGame(_Value):
    """A game as the server tells it to a seat."""

    game_id: str
    role: str
    status: Status
    phase_abbr: str
    timestamp_created: int
    powers: dict[Power, ServerPower]
    messages: list[ServerMessage] = []
    message_history: dict[str, list[ServerMessage]] = {}
    state_history: dict[str, ServerState] = {}
    order_history: dict[str, dict[Power, list[str] | None]] = {}

    @property
    def played(self) -> tuple[ServerPhase, ...]:
        """The phases that are over, in order."""
        return tuple(
            ServerPhase(
                name=name,
                state=state,
                orders=self.order_history.get(name, {}),
                messages=self.message_history.get(name, []),
            )
            for name, state in self.state_history.items()
        )

    @property
    def at_hand(self) -> ServerPhase:
        """The phase at hand."""
        units = {p: [*it.units, *(f"*{u}" for u in it.retreats)] for p, it in self.powers.items()}
        state = ServerState(
            name=self.phase_abbr,
            units=units,
            centers={p: it.centers for p, it in self.powers.items()},
            retreats={p: it.retreats for p, it in self.powers.items()},
        )
        return ServerPhase(name=self.phase_abbr, state=state, messages=self.messages)


class GameInfo(_Value):
    """What everybody may know of a game."""

    game_id: str
    phase: str
    map_name: str
    status: Status
    rules: list[str] = []
    controlled_powers: list[Power] = []
    """Those that we play."""
    n_players: int = 0
    n_controls: int = 7
    deadline: int = 0
    """Seconds a phase; 0: it ends when all are ready."""
    timestamp_created: int = 0


class Schedule(_Value):
    """When a phase ends, in the units of the server's scheduler."""

    time_unit: int = Field(gt=0)
    time_added: int
    delay: int
    current_time: int

    @property
    def left_s(self) -> float:
        """Seconds to the deadline, as far as the server counts them."""
        return float(max(0, self.time_added + self.delay - self.current_time) * self.time_unit)


_Model = TypeVar("_Model", bound=BaseModel)


def read(model: type[_Model], value: object, what: str) -> _Model:
    """The value as that type.

    Args:
        model: the type.
        value: parsed JSON.
        what: the request or notice it comes from, for the error.

    Raises:
        ResponseError: it is of another form; the message says where.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ResponseError(f"{what}: {place or 'answer'}: {first['msg']}") from None


def read_all(model: type[_Model], values: Any, what: str) -> tuple[_Model, ...]:
    """Each of a list as that type.

    Raises:
        ResponseError: no list, or one is of another form.
    """
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise ResponseError(f"{what}: expected a list, got {type(values).__name__}")
    return tuple(read(model, value, what) for value in values)


def field_of(answer: Mapping[str, Any], name: str, what: str) -> Any:
    """A field that an answer must have.

    Raises:
        ResponseError: it has none.
    """
    if name not in answer:
        raise ResponseError(f"{what}: expected a field {name}, got {', '.join(sorted(answer)) or 'nothing'}")
    return answer[name]
