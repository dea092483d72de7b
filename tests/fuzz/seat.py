"""A seat played on a webDiplomacy server of which one route gives spoilt answers, always.

Inputs are those of `tests.fuzz.webdiplomacy`.  The real client and the real table play one phase: whatever the server
says, they give up with one clear line, wait, or hand in orders.  Orders that leave are for our country alone, for the
turn and phase that the server told, for units that it told to be ours there, and legal on the board that it told.
The board is set up from the raw answer here, not by the code that is tested.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from email.utils import formatdate
from enum import StrEnum
from functools import cache
from random import Random
from typing import Any

import httpx

from cicero_lite.adapters.base import Moment, OrdersDue
from cicero_lite.adapters.settings import ClientConfig, TableConfig
from cicero_lite.adapters.webdiplomacy import WebDiplomacyTable
from cicero_lite.adapters.webdiplomacy_client import WebDiplomacyClient
from cicero_lite.adapters.webdiplomacy_game import read_game
from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, TERRITORIES, phase_of
from cicero_lite.adapters.webdiplomacy_orders import our_order
from cicero_lite.adapters.webdiplomacy_responses import (
    Answer,
    GameStatus,
    SeatRef,
    StoredOrder,
    WebDiplomacyError,
    read,
)
from cicero_lite.testing import RandomMoves
from engine.board import Board
from engine.game import Game
from engine.types import Phase, PhaseKind, Power, Province, Unit, UnitKind, province_of
from tests.cicero_lite.webdiplomacy import JSON, Recorded, random_game, status_json
from tests.fuzz import webdiplomacy
from tests.fuzz.mutation import mutate_json_text, to_bytes
from tests.fuzz.webdiplomacy import originals, parts

_ASKED = ("game/status", "game/orders", "game/getmessages", "game/overview", "players/active_games")
_KINDS = {"Army": UnitKind.ARMY, "Fleet": UnitKind.FLEET}
_PATIENCE = 4
"""Waits, after which a game is watched no longer."""
_KEY_VARIABLE = "FUZZED_SEAT_KEY"


class Outcome(StrEnum):
    """What came of an input."""

    ORDERED = "orders were handed in, all as they should be"
    WAITED = "nothing was ordered: paused, over, not begun, or nothing to order"
    REFUSED = "given up with one clear line"


class _EnoughError(Exception):
    """It was watched long enough."""


@cache
def _usable() -> dict[str, Recorded]:
    return {name: one for name, one in originals().items() if one.answer.route in _ASKED}


def seeds() -> list[bytes]:
    """Every answer to what a table asks, as it was."""
    return [data for data in webdiplomacy.seeds() if parts(data)[0][0] in _usable()]


def mutate(data: bytes, rng: Random) -> bytes:
    """As answers are spoilt elsewhere; half of the statuses keep their history, so that more are played."""
    head, body = parts(data)
    if originals()[head[0]].answer.route != "game/status" or rng.random() < 0.5:
        return webdiplomacy.mutate(data, rng)
    try:
        status = json.loads(body)
        phases = status.pop("phases")
        if rng.random() < 0.3:  # the server is behind
            phases = phases[: rng.randint(1, len(phases))]
            status |= {"turn": phases[-1]["turn"], "phase": phases[-1]["phase"], "gameOver": "No"}
        if rng.random() < 0.8:
            status = json.loads(mutate_json_text(json.dumps(status).encode(), rng, webdiplomacy.WORDS))
        changed = json.dumps({**status, "phases": phases})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return webdiplomacy.mutate(data, rng)
    return json.dumps(head).encode() + b"\n" + to_bytes(changed)


def check(data: bytes) -> None:
    """Plays against a server that gives this answer.

    Raises:
        ValueError: the table gave up.
    """
    if outcome(data) is Outcome.REFUSED:
        raise ValueError("refused")


def outcome(data: bytes) -> Outcome:
    """Plays against a server that gives this answer, and judges what it was sent."""
    head, body = parts(data)
    original = _usable()[head[0]]
    spoilt = Answer(original.answer.route, head[1], str(head[2]), body.decode("utf-8", "replace"))
    server = _Server(original, spoilt)
    refused = _play(server)
    for number, posted in enumerate(server.posted):
        _judge(posted, server.seat, server.status, is_first=number == 0)
    if refused is not None:
        assert "\n" not in refused, "expected one line"
        assert 10 < len(refused) < 1500, f"expected a short line, got {len(refused)} letters"
        assert "Traceback" not in refused
        return Outcome.REFUSED
    return Outcome.ORDERED if any(posted["orders"] for posted in server.posted) else Outcome.WAITED


def _play(server: _Server) -> str | None:
    """The line with which the table gave up; None: it did not."""
    os.environ[_KEY_VARIABLE] = "a-key-of-nobody"
    config = ClientConfig("https://example.org", key_variable=_KEY_VARIABLE, attempts=2)
    clock = lambda: server.now  # noqa: E731
    client = WebDiplomacyClient(config, httpx.MockTransport(server), server.sleep, clock, clock, Random(1))
    table = WebDiplomacyTable(client, server.seat, TableConfig(turns=0, late_turns=0), server.sleep)
    try:
        for event in table.events():
            if isinstance(event, OrdersDue | Moment) and event.view.legal_orders(event.power):
                table.submit(event.power, RandomMoves(len(event.view.history)).act(event.view, event.power))
    except _EnoughError:
        return None
    except WebDiplomacyError as error:
        return str(error)
    finally:
        client.close()
    return None


class _Server:
    """Says of one route what is spoilt, of all others what is right; time passes when somebody waits."""

    def __init__(self, original: Recorded, spoilt: Answer) -> None:
        self._spoilt = spoilt
        self.seat, told = _seat_and_status(original.name)
        self.status = spoilt.body if spoilt.route == "game/status" else told
        """What ``game/status`` tells, as it is sent."""
        self._true = _header(original.name)
        self.now = float(self._true["processTime"] or 1_795_414_470) - 600
        self.posted: list[dict[str, Any]] = []
        self._waits = 0

    def sleep(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds
        self._waits += 1
        if self._waits > _PATIENCE:
            raise _EnoughError

    def __call__(self, request: httpx.Request) -> httpx.Response:
        route = request.url.params["route"]
        self.now += 0.1
        sent = json.loads(request.content) if request.content else {}
        if route == "game/orders":
            self.posted.append(sent)
        if route == self._spoilt.route:
            return self._answer(self._spoilt.status, self._spoilt.content_type, self._spoilt.body)
        said = self.status if route == "game/status" else json.dumps(self._say(route, sent))
        return self._answer(200, JSON, said)

    def _answer(self, status: int, kind: str, body: str) -> httpx.Response:
        headers = {"Content-Type": kind, "Date": formatdate(self.now, usegmt=True)}
        return httpx.Response(status, headers=headers, content=body.encode("utf-8", "replace"))

    def _say(self, route: str, sent: dict[str, Any]) -> Any:
        match route:
            case "game/orders":
                return [_kept(order, self.seat) for order in sent["orders"]]
            case "game/getmessages":
                return {"msg": "", "success": True, "data": {"messages": []}}
            case "players/active_games":
                return {"games": [_active(self._true)]}
            case "game/overview":
                members = [_member(number) for number in COUNTRIES]
                about = {"gameID": self.seat.game_id, "name": "", "processStatus": "Not-processing", "phaseMinutes": 60}
                known = {key: self._true[key] for key in ("phase", "turn", "gameOver", "pressType", "processTime")}
                return {"msg": "", "success": True, "data": {**about, **known, "members": members}}
        return ""


@cache
def _seat_and_status(name: str) -> tuple[SeatRef, str]:
    """Whose seat is played, and what the server rightly says of its game."""
    original = originals()[name]
    answer = original.answer
    if answer.route == "game/status" and answer.body.startswith('{"game'):
        told = json.loads(answer.body)
        return SeatRef(game_id=int(told["gameID"]), country_id=int(told["countryID"] or 1)), answer.body
    listed = json.loads(answer.body)["games"] if answer.body.startswith('{"games') else None
    asked = (original.request.get("json_body") or {}).get("countryID")
    at: dict[str, Any] = listed[0] if listed else {"gameID": 7, "countryID": asked if asked in COUNTRIES else 2}
    seat = SeatRef(game_id=int(at["gameID"]), country_id=int(at["countryID"]))
    return seat, _right_status(seat.game_id, seat.country_id, len(original.name))


@cache
def _right_status(game: int, country: int, seed: int) -> str:
    """A game whose seat has something to order."""
    for phases in (seed % 9, 4, 0):
        played = random_game(seed % 5, phases)
        if played.legal_orders(COUNTRIES[country]):
            break
    return json.dumps(status_json(played, COUNTRIES[country], gameID=game))


@cache
def _header(name: str) -> dict[str, Any]:
    """The right status without its history."""
    return {key: value for key, value in json.loads(_seat_and_status(name)[1]).items() if key != "phases"}


def _active(status: dict[str, Any]) -> dict[str, Any]:
    known = {key: status[key] for key in ("gameID", "pressType", "turn", "phase", "processTime", "variantID")}
    return {
        **known,
        "countryID": status["countryID"] or 1,
        "orderStatus": "Saved,Ready",
        "newMessagesFrom": [],
        "phaseMinutes": status["phaseLengthInMinutes"],
    }


def _member(number: int) -> dict[str, Any]:
    return {"countryID": number, "status": "Playing", "supplyCenterNo": 3, "unitNo": 3}


def _kept(order: dict[str, Any], seat: SeatRef) -> dict[str, Any]:
    """An order as the server stores it."""
    in_slot = order["type"] in ("Build Army", "Build Fleet", "Destroy", "Wait")
    return {
        "unitType": None,
        "terrID": None if in_slot else order["terrID"],
        "type": order["type"],
        "fromTerrID": order["fromTerrID"] or None,
        "toTerrID": order["toTerrID"] or None,
        "viaConvoy": order["viaConvoy"] or None,
        "countryID": str(seat.country_id),
    }


# --- what was sent, against the raw answer ----------------------------------------------------------------


def _judge(posted: dict[str, Any], seat: SeatRef, body: str, is_first: bool) -> None:
    told = json.loads(body)
    assert (posted["gameID"], posted["countryID"]) == (seat.game_id, seat.country_id), "orders for another seat"
    assert (posted["turn"], posted["phase"]) == (int(told["turn"]), told["phase"]), "orders for another phase"
    if not posted["orders"]:
        return  # only says that we are ready
    state = told["phases"][-1]
    power, phase = COUNTRIES[seat.country_id], phase_of(int(told["turn"]), told["phase"])
    out = "Yes" if phase.kind is PhaseKind.RETREATS else "No"
    ours = Counter(
        province_of(TERRITORIES[int(unit["terrID"])])
        for unit in state["units"]
        if int(unit["countryID"]) == seat.country_id and unit["retreating"] == out
    )
    if phase.kind is not PhaseKind.ADJUSTMENTS:
        ordered = Counter(province_of(TERRITORIES[order["terrID"]]) for order in posted["orders"])
        assert ordered <= ours, f"expected orders for {ours} alone, got {ordered}"
        # What the server has refused, a hold too, is not sent once more.
        assert ordered == ours or not is_first, f"expected one order for each of {ours}, got {ordered}"
    rows = [StoredOrder.model_validate_json(json.dumps(_kept(order, seat))) for order in posted["orders"]]
    if phase.kind is PhaseKind.RETREATS:
        _judge_retreats(rows, power, seat, body)
        return
    board = _board(state, phase)
    meant = [order for row in rows if row.type != "Wait" and (order := our_order(board, power, row)) is not None]
    assert len(meant) == sum(row.type != "Wait" for row in rows), "an order that the rules do not know"
    board.check_action(power, tuple(meant))


def _judge_retreats(rows: list[StoredOrder], power: Power, seat: SeatRef, body: str) -> None:
    """Where units may retreat to hangs on the phase before, so that this board is the one that was played again."""
    served = read_game(read(GameStatus, Answer("game/status", 200, JSON, body)), power)
    if served.is_ahead:
        assert all(row.type == "Disband" for row in rows), "units that can go nowhere can only disband"
        return
    meant = [our_order(served.game, power, row) for row in rows]
    served.game.check_action(power, tuple(order for order in meant if order is not None))
    assert None not in meant, "an order that the rules do not know"


def _board(state: dict[str, Any], phase: Phase) -> Board:
    """The board of a raw answer."""
    data = Game().map_data
    units: dict[str, list[str]] = {power.value: [] for power in COUNTRIES.values()}
    for unit in state["units"]:
        where, kind = TERRITORIES[int(unit["terrID"])], _KINDS[unit["unitType"]]
        if unit["retreating"] == "No":
            units[COUNTRIES[int(unit["countryID"])].value].append(str(Unit(kind, where)))
    centers: dict[str, list[str]] = {power.value: [] for power in COUNTRIES.values()}
    for row in state["centers"]:
        place = Province(TERRITORIES[int(row["terrID"])])
        if place in data.centers and int(row["countryID"]):
            centers[COUNTRIES[int(row["countryID"])].value].append(str(place))
    return Board(Game().position.map.position(str(phase), units, {p: sorted(set(c)) for p, c in centers.items()}))
