"""The rules of Diplomacy: positions, legal orders, adjudication, games and their files.

It imports nothing else of this project and can be used on its own:

>>> from engine import Game
>>> sorted(Game().legal_orders(Power.FRANCE))
['BRE', 'MAR', 'PAR']
"""

try:
    from engine import _core as _core
except ImportError as error:  # the source folder without its compiled part
    raise ImportError(
        f"the compiled rules (engine._core) cannot be loaded: {error}. "
        "Install the project first: pip install -c constraints.txt -e ."
    ) from error

from engine.board import Board, neighbours, order_code, order_from_code
from engine.game import Game, GameFileError, GameOverError, GameView
from engine.mapfile import MapData, available_maps, load_map
from engine.notation import parse_order, parse_orders
from engine.record import OrderOutcome, PhaseRecord
from engine.saved import game_from_json, load_game
from engine.types import (
    POWERS,
    EngineError,
    IllegalOrderError,
    NotationError,
    Order,
    OrderResult,
    Phase,
    Power,
    Unit,
    UnknownPowerError,
)

__all__ = [
    "POWERS",
    "Board",
    "EngineError",
    "Game",
    "GameFileError",
    "GameOverError",
    "GameView",
    "IllegalOrderError",
    "MapData",
    "NotationError",
    "Order",
    "OrderOutcome",
    "OrderResult",
    "Phase",
    "PhaseRecord",
    "Power",
    "Unit",
    "UnknownPowerError",
    "available_maps",
    "game_from_json",
    "load_game",
    "load_map",
    "neighbours",
    "order_code",
    "order_from_code",
    "parse_order",
    "parse_orders",
]
