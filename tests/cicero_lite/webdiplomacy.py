"""What tests of the webDiplomacy adapter share: the recorded answers, and games written as the server writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cicero_lite.adapters.webdiplomacy_ids import COUNTRY_OF, ID_OF, province_id, turn_of
from cicero_lite.adapters.webdiplomacy_orders import ServerOrder, server_orders
from cicero_lite.adapters.webdiplomacy_responses import Answer
from cicero_lite.testing import RandomMoves
from engine.board import Board
from engine.game import Game
from engine.record import PhaseRecord
from engine.types import POWERS, Action, Power, Unit, UnitKind

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "webdiplomacy-examples"
needs_examples = pytest.mark.skipif(
    not EXAMPLES.is_dir(), reason="the recorded answers (../shared/webdiplomacy-examples) are not beside this checkout"
)
JSON = "application/json"


@dataclass(frozen=True)
class Recorded:
    """A request and its answer, as they were."""

    name: str
    request: dict[str, Any]
    answer: Answer

    @property
    def body(self) -> Any:
        """The body of the answer, as JSON."""
        return json.loads(self.answer.body)


def recorded() -> Iterator[Recorded]:
    """All recorded answers: successes by file, and every error."""
    for path in sorted(EXAMPLES.glob("*.json")):
        stored = json.loads(path.read_text(encoding="utf-8"))
        for one in stored if isinstance(stored, list) else [stored]:
            response, request = one["response"], one["request"]
            url = request.get("url")
            route = parse_qs(urlsplit(url).query)["route"][0] if url else str(request["query"].get("route"))
            text = isinstance(response["body"], str)
            body = response["body"] if text else json.dumps(response["body"])
            name = one["note"] if isinstance(stored, list) else path.stem
            yield Recorded(name, request, Answer(route, response["status"], response["content_type"], body))


def example(name: str) -> Recorded:
    """The recorded answer of a file."""
    return next(found for found in recorded() if found.name == name)


# --- games as the server writes them ----------------------------------------------------------------------

_TYPES = {UnitKind.ARMY: "Army", UnitKind.FLEET: "Fleet"}


def status_json(game: Game, seat: Power | None = Power.FRANCE, **changes: Any) -> dict[str, Any]:
    """The game as ``game/status`` tells it."""
    phases = [phase_json(record.board, record.orders_sent()) for record in map(_Past, game.history)]
    turn, phase = turn_of(game.phase)
    over = game.is_done
    if not over:
        phases.append(phase_json(game, []))
    else:
        turn, phase = phases[-1]["turn"], "Finished"
        phases.append({**phases[-1], "phase": phase, "orders": []})
    return {
        "gameID": 7,
        "countryID": None if seat is None else COUNTRY_OF[seat],
        "variantID": 1,
        "potType": "Unranked",
        "turn": turn,
        "phase": phase,
        "gameOver": ("Drawn" if game.drawn_by else "Won") if over else "No",
        "pressType": "Regular",
        "drawType": "draw-votes-public",
        "processTime": "1795500870",
        "phaseLengthInMinutes": "1440",
        "publicVotes": {str(number): None for number in range(1, 8)},
        "orderStatuses": {str(number): "" for number in range(1, 8)},
        "phases": phases,
        "standoffs": [],
        "occupiedFrom": [],
        "votes": None,
        "orderStatus": "",
        "status": "Playing",
        **changes,
    }


@dataclass(frozen=True)
class _Past:
    record: PhaseRecord

    @property
    def board(self) -> Board:
        return self.record.board

    def orders_sent(self) -> list[dict[str, Any]]:
        turn, phase = turn_of(self.record.phase)
        return [
            {**past_order(order), "turn": turn, "phase": phase, "countryID": COUNTRY_OF[power]}
            for power, action in self.record.orders.items()
            for order in server_orders(self.board, power, action)
        ]


def past_order(order: ServerOrder) -> dict[str, Any]:
    """An order of the history: 0 for nothing, builds and removals without a target, no way of a convoy."""
    at_home = order.terr_id == order.to_terr_id
    return {
        "terrID": order.terr_id or 0,
        "unitType": "",
        "type": order.type,
        "toTerrID": 0 if at_home else order.to_terr_id or 0,
        "fromTerrID": order.from_terr_id or 0,
        "viaConvoy": order.via_convoy or "No",
        "success": "No",
        "dislodged": "No",
    }


def phase_json(board: Board, orders: list[dict[str, Any]]) -> dict[str, Any]:
    """A position and its orders as one of ``phases``."""
    turn, phase = turn_of(board.phase)
    units = [(power, unit, "No") for power, unit in board.all_units()]
    units += [(power, unit, "Yes") for power in POWERS for unit in board.dislodged(power)]
    return {
        "units": [_unit_json(power, unit, out) for power, unit, out in units],
        "centers": [
            {"terrID": province_id(place), "countryID": COUNTRY_OF[owner] if owner else 0}
            for place in board.map_data.centers
            for owner in (board.owner_of(place),)
        ],
        "turn": turn,
        "phase": phase,
        "orders": orders,
    }


def _unit_json(power: Power, unit: Unit, out: str) -> dict[str, Any]:
    return {
        "terrID": ID_OF[unit.location],
        "countryID": COUNTRY_OF[power],
        "unitType": _TYPES[unit.kind],
        "retreating": out,
    }


def stored_rows(power: Power, orders: tuple[ServerOrder, ...], slots: int | None = None) -> list[dict[str, Any]]:
    """What the server answers when it takes all orders of a call."""
    rows = []
    for order in orders:
        in_slot = order.type in ("Build Army", "Build Fleet", "Destroy", "Wait")
        rows.append(
            {
                "unitType": None if in_slot else "Army",
                "terrID": None if in_slot else order.terr_id,
                "type": order.type,
                "fromTerrID": order.from_terr_id,
                "toTerrID": order.to_terr_id,
                "viaConvoy": order.via_convoy or None,
                "countryID": str(COUNTRY_OF[power]),
            }
        )
    while slots is not None and len(rows) < slots:
        rows.append({**rows[-1], "type": "Wait", "toTerrID": None})
    return rows


def random_game(seed: int, phases: int) -> Game:
    """A game of random orders, many of them supports and convoys."""
    game = Game(game_id="7")
    for number in range(phases):
        if game.is_done:
            break
        for power in game.alive:
            game.set_orders(power, _some_orders(game, power, seed * 1000 + number))
        game.process()
    return game


def _some_orders(game: Game, power: Power, seed: int) -> Action:
    agent = RandomMoves(seed * 10 + power.number)
    return agent.act(game.view(power), power)
