"""The routes that only read: lists of games, a game's state, its messages."""

from __future__ import annotations

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES
from cicero_lite.adapters.webdiplomacy_sandbox import game_tables, press
from cicero_lite.adapters.webdiplomacy_sandbox.calls import Call, to_json
from cicero_lite.adapters.webdiplomacy_sandbox.game_status import status_reply
from cicero_lite.adapters.webdiplomacy_sandbox.order_entry import number
from cicero_lite.adapters.webdiplomacy_sandbox.refusals import (
    NO_EXPLICIT_PERMISSION,
    PLAIN,
    RefusalError,
    bad_request,
    forbidden,
)
from cicero_lite.adapters.webdiplomacy_sandbox.site import Row, SiteGame


def missing_orders(call: Call) -> object:
    """players/missing_orders."""
    return game_tables.missing_orders_reply(call.site, call.account)


def active_games(call: Call) -> object:
    """players/active_games."""
    return game_tables.active_games_reply(call.site, call.account)


def civil_disorder(call: Call) -> object:
    """players/cd."""
    return game_tables.civil_disorder_reply(call.site)


def status(call: Call) -> object:
    """game/status."""
    if call.arguments.get("gameID") is None:
        raise bad_request("Invalid game ID: ")
    if not number(call.arguments["gameID"]):
        raise bad_request("Game ID = 0, invalid request")
    game, viewer = call.game, None
    if call.arguments.get("countryID") is not None:
        viewer = call.own_member(game)
        if viewer is None:
            raise forbidden("A user can only view game state for the country it controls.")
    return status_reply(game, viewer)


def overview(call: Call) -> object:
    """game/overview."""
    return game_tables.overview_reply(_known_game(call, "GGO"), call.member, call.site.now)


def members(call: Call) -> object:
    """game/members."""
    return game_tables.members_reply(_known_game(call, "ggm"), call.member, call.site.now)


def _known_game(call: Call, code: str) -> SiteGame:
    asked = number(call.arguments.get("gameID"))
    if not asked:
        raise _coded("Invalid game ID.", f"{code}-err-001", {"gameID": str(asked)}, status=400)
    return call.game


def _coded(msg: str, code: str, data: Row, status: int) -> RefusalError:
    body = to_json({"msg": msg, "success": False, "referenceCode": code, "data": data})
    return RefusalError(status, PLAIN, body)


def data(call: Call) -> object:
    """game/data."""
    game, viewer = _known_game(call, "GGD"), None
    if call.arguments.get("countryID") is not None:
        country = number(call.arguments["countryID"])
        if country not in COUNTRIES:
            raise _coded("Invalid country ID.", "GGD-err-002", {"countryID": str(country)}, status=400)
        viewer = call.own_member(game)
        if viewer is None:
            msg = "A user can only view game state for the country it controls."
            raise _coded(msg, "GGD-err-004", {"gameID": str(game.game_id)}, status=403)
    return game_tables.data_reply(game, viewer)


def get_messages(call: Call) -> object:
    """game/getmessages."""
    if call.arguments.get("gameID") is None:
        raise bad_request("Game ID not provided.")
    game, viewer = call.game, None
    if number(call.arguments.get("countryID")):
        viewer = call.own_member(game)
        if viewer is None:
            raise forbidden(NO_EXPLICIT_PERMISSION)
    since = None if call.arguments.get("sinceTime") is None else number(call.arguments["sinceTime"])
    return press.messages_reply(game, viewer, since, call.site.now)
