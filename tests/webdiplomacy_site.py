"""What the tests of the webDiplomacy sandbox share: a client without any robustness, and the recorded examples."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from cicero_lite.adapters.webdiplomacy_ids import ID_OF, TERRITORIES
from cicero_lite.adapters.webdiplomacy_sandbox.server import SandboxServer
from cicero_lite.adapters.webdiplomacy_sandbox.site import Account
from cicero_lite.adapters.webdiplomacy_sandbox.territories import neighbours
from engine.board import Board
from engine.types import Location, Order, OrderKind, PhaseKind, Province, UnitKind, province_of

EXAMPLES = Path(__file__).resolve().parents[2] / "shared" / "webdiplomacy-examples"
"""Recorded pairs of request and response."""


def example(name: str) -> Any:
    """The recorded example of this name; the test is skipped where there is none."""
    path = EXAMPLES / f"{name}.json"
    if not path.is_file():
        pytest.skip("the recorded examples (../shared/webdiplomacy-examples) are not beside this checkout")
    return json.loads(path.read_text(encoding="utf-8"))


def recorded(name: str) -> Any:
    """The body of a recorded response."""
    return example(name)["response"]["body"]


class PlainClient:
    """One key, and no patience: every answer is returned as it came."""

    def __init__(self, server: SandboxServer, account: Account | None, **headers: str) -> None:
        key = {} if account is None else {"Authorization": f"Bearer {account.key}"}
        self._http = httpx.Client(base_url=server.url, headers=key | headers, timeout=10, verify=False, trust_env=False)

    def __enter__(self) -> PlainClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, route: str | None, **query: object) -> httpx.Response:
        """A request with its arguments in the query string."""
        return self._http.get("/api.php", params=_params(route, query))

    def post(self, route: str, body: object) -> httpx.Response:
        """A request with a JSON body."""
        return self._http.post("/api.php", params=_params(route, {}), json=body)

    def raw(self, method: str, query: Mapping[str, object], content: bytes | None) -> httpx.Response:
        """Any request."""
        return self._http.request(method, "/api.php", params=_params(None, query), content=content)

    def json(self, route: str, **query: object) -> Any:
        """The JSON of a request that must succeed."""
        return _success(self.get(route, **query))

    def posted(self, route: str, **body: object) -> Any:
        """The JSON of a request with a body that must succeed."""
        return _success(self.post(route, body))

    def order(self, game_id: int, country: int, orders: list[Any], ready: str = "Yes") -> list[dict[str, Any]]:
        """game/orders for the turn and phase at hand."""
        status = self.json("game/status", gameID=game_id)
        body = {"gameID": game_id, "turn": status["turn"], "phase": status["phase"], "countryID": country}
        echoed: list[dict[str, Any]] = self.posted("game/orders", **body, orders=orders, ready=ready)
        return echoed


def _params(route: str | None, query: Mapping[str, object]) -> dict[str, str]:
    named = {} if route is None else {"route": route}
    return named | {key: str(value) for key, value in query.items()}


def _success(answer: httpx.Response) -> Any:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json"), answer.text
    return answer.json()


def sent(
    terr: object, kind: str, to: object = "", origin: object = "", via: str = "", path: object = None
) -> dict[str, Any]:
    """An order as game/orders takes it, of its values."""
    order = {"terrID": terr, "type": kind, "toTerrID": to, "fromTerrID": origin, "viaConvoy": via}
    return order if path is None else order | {"convoyPath": path}


def convoy_path(fleets: Iterable[int], army: int, goal: int, through: int | None) -> list[int]:
    """A way over fleets at sea, and over the one named, from the army to the goal; empty: there is none."""
    at_sea = [fleet for fleet in fleets if 51 <= fleet <= 69]
    paths = [[army]]
    while paths:
        path = paths.pop(0)
        beside = neighbours(_province(path[-1]))
        if len(path) > 1 and _province(goal) in beside and through in (None, *path):
            return path
        paths += [[*path, fleet] for fleet in at_sea if fleet not in path and _province(fleet) in beside]
    return []


def _province(territory: int) -> Province:
    return province_of(Location(TERRITORIES[territory]))


def as_sent(board: Board, order: Order) -> dict[str, Any]:
    """The order as game/orders takes it, its convoy path included."""
    if order.unit is None:
        return sent(None, "Wait")
    place = ID_OF[order.unit.location]
    goal = "" if order.target is None else ID_OF[order.target]
    fleets = [ID_OF[unit.location] for _, unit in board.all_units() if unit.kind is UnitKind.FLEET]
    aided = None if order.aided is None else ID_OF[order.aided.location]
    match order.kind:
        case OrderKind.MOVE if order.via_convoy and order.target:
            return sent(place, "Move", goal, via="Yes", path=convoy_path(fleets, place, ID_OF[order.target], None))
        case OrderKind.MOVE:
            return sent(place, "Move", goal, via="No")
        case OrderKind.SUPPORT if order.aided and order.target:
            others = [fleet for fleet in fleets if fleet != place]
            path = convoy_path(others, ID_OF[order.aided.location], ID_OF[province_of(order.target)], None)
            return sent(place, "Support move", ID_OF[province_of(order.target)], aided, path=path)
        case OrderKind.SUPPORT if order.aided:
            return sent(place, "Support hold", ID_OF[order.aided.province])
        case OrderKind.CONVOY if order.aided and order.target:
            return sent(place, "Convoy", goal, aided, path=convoy_path(fleets, aided or 0, ID_OF[order.target], place))
        case OrderKind.BUILD:
            return sent(place, "Build Army" if order.unit.kind is UnitKind.ARMY else "Build Fleet", place)
        case OrderKind.RETREAT:
            return sent(place, "Retreat", goal)
        case OrderKind.DISBAND if board.phase.kind is PhaseKind.ADJUSTMENTS:
            return sent(ID_OF[order.unit.province], "Destroy", ID_OF[order.unit.province])
        case OrderKind.DISBAND:
            return sent(place, "Disband")
    return sent(place, "Hold")


def ordered(value: Any) -> Any:
    """The value with every list of objects sorted, for comparing where the site promises no order."""
    if isinstance(value, dict):
        return {key: ordered(item) for key, item in value.items()}
    if isinstance(value, list):
        items = [ordered(item) for item in value]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    return value
