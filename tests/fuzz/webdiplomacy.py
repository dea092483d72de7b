"""Answers of a webDiplomacy server: recorded ones, and games of ours in the server's form.

An input is a line of JSON with the name of the answer it was made of, its status and its content type, then the body.
Whatever is done to it, it is refused in one line, or it is read, and then we order for the board that there was, or for
a phase that the server would refuse; an answer to our orders passes only if it holds what we meant.
"""

from __future__ import annotations

import json
from functools import cache
from random import Random
from typing import Any

from pydantic import BaseModel

from cicero_lite.adapters.webdiplomacy_game import ServerGame, read_game
from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, COUNTRY_OF
from cicero_lite.adapters.webdiplomacy_orders import ServerOrder, rejections, server_orders
from cicero_lite.adapters.webdiplomacy_press import Inbox
from cicero_lite.adapters.webdiplomacy_responses import (
    KINDS,
    Answer,
    Envelope,
    GameData,
    GameStatus,
    Messages,
    SendReply,
    StoredOrders,
    WebDiplomacyError,
    read,
)
from cicero_lite.adapters.webdiplomacy_responses import check as check_success
from engine.types import POWERS, Power
from tests.cicero_lite.webdiplomacy import EXAMPLES, JSON, Recorded, random_game, recorded, status_json, stored_rows
from tests.fuzz.mutation import mutate_json_text, mutate_text, to_bytes, to_text

WORDS = (
    *("0", "1", "7", "8", "20", "32", "76", "79", "81", "82", "No", "Yes", "Army", "Fleet", "Hold", "Move", "Wait"),
    *("Support hold", "Support move", "Convoy", "Retreat", "Disband", "Build Army", "Build Fleet", "Destroy"),
    *("Pre-game", "Diplomacy", "Retreats", "Builds", "Finished", "Won", "Drawn", "Draw,Pause", "Saved,Ready", "None"),
    *("terrID", "toTerrID", "fromTerrID", "countryID", "unitType", "type", "turn", "phase", "units", "orders"),
    *("&amp;lt;", "<br />", "<strong>GameMaster:</strong>", "&#55296;", "&#x110000;", "Regular", "NoPress"),
)
_STATUSES = (200, 200, 200, 301, 400, 401, 403, 404, 500, 501, 509, 999)
_TYPES = (JSON, "application/json; charset=utf-8", "text/html; charset=UTF-8", "text/plain", "")


@cache
def originals() -> dict[str, Recorded]:
    """By name: what is recorded, where it is there, and what we make ourselves."""
    found = {one.name: one for one in recorded()} if EXAMPLES.is_dir() else {}
    for seed, phases in enumerate((0, 1, 4, 9, 16)):
        game = random_game(seed, phases)
        body = json.dumps(status_json(game))
        found[f"status-{seed}"] = Recorded(f"status-{seed}", {}, Answer("game/status", 200, JSON, body))
        power = max(game.powers, key=lambda p: len(game.options(p)))
        rows = stored_rows(power, server_orders(game, power, ()))
        request = {"json_body": {"countryID": COUNTRY_OF[power], "orders": [_sent(row) for row in rows]}}
        found[f"orders-{seed}"] = Recorded(
            f"orders-{seed}", request, Answer("game/orders", 200, JSON, json.dumps(rows))
        )
    return found


def _sent(row: dict[str, Any]) -> dict[str, Any]:
    place = row["toTerrID"] if row["terrID"] is None else row["terrID"]
    return {**row, "terrID": place}


def seeds() -> list[bytes]:
    """Every answer as it was."""
    return [_input(one.name, one.answer.status, one.answer.content_type, one.answer.body) for one in _all()]


def _all() -> list[Recorded]:
    return list(originals().values())


def _input(name: str, status: int, content_type: str, body: str) -> bytes:
    return json.dumps([name, status, content_type]).encode() + b"\n" + to_bytes(body)


def mutate(data: bytes, rng: Random) -> bytes:
    """The body changed; seldom the status or the content type."""
    head, body = parts(data)
    if rng.random() < 0.05:
        head[1] = rng.choice(_STATUSES)
    if rng.random() < 0.05:
        head[2] = rng.choice(_TYPES)
    try:
        changed = mutate_json_text(body, rng, WORDS)
    except RecursionError:
        changed = to_bytes(mutate_text(to_text(body), rng, WORDS))
    return json.dumps(head).encode() + b"\n" + changed


def parts(data: bytes) -> tuple[list[Any], bytes]:
    """Name, status and content type of an input; its body."""
    line, _, body = data.partition(b"\n")
    head = json.loads(line)
    if not (isinstance(head, list) and len(head) == 3 and head[0] in originals() and isinstance(head[1], int)):
        raise ValueError("no input of this target")
    return head, body


def check(data: bytes) -> None:
    """Refused in one line, or read and harmless.

    Raises:
        ValueError: it is refused.
    """
    head, body = parts(data)
    original = originals()[head[0]]
    answer = Answer(original.answer.route, head[1], str(head[2]), body.decode("utf-8", "replace"))
    try:
        _check(original, answer)
    except WebDiplomacyError as error:
        line = str(error)
    else:
        return
    assert "\n" not in line, "expected one line"
    assert len(line) < 1000, "expected a short line"
    raise ValueError(line)


def _check(original: Recorded, answer: Answer) -> None:
    kind = KINDS.get(answer.route)
    if kind is None:
        check_success(answer)
        return
    value: BaseModel = read(kind, answer)
    repr(value)
    data = value.data if isinstance(value, Envelope) else value
    match data:
        case GameStatus():
            _check_status(original, data)
        case StoredOrders():
            _check_orders(original, data)
        case Messages() | SendReply():
            _check_messages(data)
        case GameData():
            assert len(data.stored.root) == len(data.current_orders)


def _check_status(original: Recorded, status: GameStatus) -> None:
    was = _game(original.name)
    served = read_game(status, was.seat)
    game = served.game
    for power in POWERS:
        game.legal_orders(power)
    if served.is_over or not served.has_begun or served.is_ahead:
        return
    if (served.phase, served.is_over) != (was.phase if not was.is_over else None, was.is_over):
        return  # orders for another phase are refused
    assert game.position == was.game.position, "orders would be for another board"
    orders = game.orders_of(was.seat)
    server_orders(game, was.seat, orders)


@cache
def _game(name: str) -> ServerGame:
    status = read(GameStatus, originals()[name].answer)
    return read_game(status, COUNTRIES[status.country_id or 1])


def _check_orders(original: Recorded, stored: StoredOrders) -> None:
    asked = original.request["json_body"]
    meant = tuple(
        ServerOrder(
            o["type"], o["terrID"] or None, o["toTerrID"] or None, o["fromTerrID"] or None, o["viaConvoy"] or ""
        )
        for o in asked["orders"]
    )
    if rejections(COUNTRIES[asked["countryID"]], meant, stored):
        return
    kept = sorted(
        _content(o.terr_id or o.to_terr_id, o.type, o.to_terr_id, o.from_terr_id, o.via_convoy) for o in stored.root
    )
    wanted = sorted(_content(o.terr_id, o.type, o.to_terr_id, o.from_terr_id, o.via_convoy) for o in meant)
    assert [c for c in kept if c[1] != "Wait"] == [c for c in wanted if c[1] != "Wait"], "another order would stand"


def _content(at: int | None, kind: str, to: int | None, start: int | None, via: str | None) -> tuple[object, ...]:
    """What of an order decides what happens."""
    goes = kind in ("Move", "Retreat", "Support hold", "Support move", "Convoy")
    aids = kind in ("Support move", "Convoy")
    return (at or 0, kind, (to or 0) if goes else 0, (start or 0) if aids else 0, via or "" if kind == "Move" else "")


def _check_messages(data: Messages | SendReply) -> None:
    inbox = Inbox(Power.FRANCE)
    new = inbox.add(data.messages)
    assert inbox.add(data.messages) == (), "a message came twice"
    assert [m.time_sent for m in new] == sorted(m.time_sent for m in new)
    for message in new:
        assert message.sender is not message.recipient
        assert Power.FRANCE in (message.sender, message.recipient) or message.recipient is None
        message.text.encode()
