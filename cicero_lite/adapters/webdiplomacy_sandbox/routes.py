"""``api.php``: from a request to an answer, in the order and the words of the site.

Routes read their arguments from the query string, from a JSON body, or, for join and leave, from a form; the HTTP
method does not matter.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl

from cicero_lite.adapters.webdiplomacy_sandbox import reads, writes
from cicero_lite.adapters.webdiplomacy_sandbox.calls import ApiAnswer, ApiRequest, Call, to_json
from cicero_lite.adapters.webdiplomacy_sandbox.order_entry import number
from cicero_lite.adapters.webdiplomacy_sandbox.refusals import (
    HTML,
    JSON,
    MAINTENANCE,
    PLAIN,
    RefusalError,
    bad_request,
    forbidden,
    notice,
    uncaught,
)
from cicero_lite.adapters.webdiplomacy_sandbox.site import (
    Account,
    Permission,
    Site,
)


class ArgumentSource(Enum):
    """Where a route looks for its arguments."""

    QUERY = "query"
    JSON = "json"
    FORM = "form"


@dataclass(frozen=True)
class Route:
    """One entry of the API."""

    answer: Callable[[Call], object]
    source: ArgumentSource = ArgumentSource.QUERY
    permission: Permission | None = None
    needs_game: bool = True


def answer(site: Site, request: ApiRequest) -> ApiAnswer:
    """The answer of the site; changes what the request changes."""
    site.look_at_clock()
    try:
        body = _answer(site, request)
    except RefusalError as refusal:
        return ApiAnswer(refusal.status, refusal.content_type, refusal.body)
    # Bare text stays bare, whatever the content type says.
    return ApiAnswer(200, JSON, body if isinstance(body, str) else to_json(body))


def caller(site: Site, request: ApiRequest) -> Account | None:
    """Whose key the request carries; None: nobody's."""
    return site.account_with((request.authorization or "").removeprefix("Bearer "))


def arguments_of(request: ApiRequest) -> Mapping[str, Any]:
    """The arguments of a request to a known route; empty where they cannot be read."""
    route = ROUTES.get(request.route)
    try:
        return {} if route is None else _read_arguments(route, request)
    except RefusalError:
        return {}


def _answer(site: Site, request: ApiRequest) -> object:
    if not request.route:
        raise bad_request("No route provided.")
    route = ROUTES.get(request.route)
    if route is None:
        raise uncaught(f"Unknown route {request.route}.")
    if not (request.authorization or "").startswith("Bearer "):
        raise RefusalError(401, PLAIN, "No API key provided.")
    if site.in_maintenance:
        raise notice(MAINTENANCE)
    account = caller(site, request)
    if account is None:
        raise RefusalError(200, HTML, "")
    call = Call(site, account, _read_arguments(route, request))
    _check_permission(route, call)
    for game in site.games.values():
        if (member := game.member_of(account)) is not None:
            member.last_seen = site.now
    return route.answer(call)


def _read_arguments(route: Route, request: ApiRequest) -> Mapping[str, Any]:
    match route.source:
        case ArgumentSource.QUERY:
            return request.query
        case ArgumentSource.FORM:
            return dict(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True))
    try:
        read = json.loads(request.body)
        json.dumps(read, ensure_ascii=False).encode()  # half a surrogate pair is no text to PHP
    except ValueError:
        read = None
    if not isinstance(read, dict) or not read:
        raise bad_request("Invalid JSON request data.")
    return read


def _check_permission(route: Route, call: Call) -> None:
    call.is_explicit = route.permission in call.account.permissions
    if call.is_explicit or (route.permission is None and not route.needs_game):
        return
    if not route.needs_game:
        raise forbidden("Permission denied.")
    if call.arguments.get("gameID") is None:
        raise bad_request("Game ID not provided.")
    game = call.site.games.get(number(call.arguments["gameID"]))
    if game is None or game.member_of(call.account) is None:
        refused = "Access denied. User" if route.permission is None else "Permission denied, and user"
        raise forbidden(f"{refused} {call.account.user_id} is not member of associated game.")


_STATE = Permission.STATE_OF_ALL_GAMES
_JSON, _FORM = ArgumentSource.JSON, ArgumentSource.FORM
ROUTES: Mapping[str, Route] = {
    "players/missing_orders": Route(reads.missing_orders, needs_game=False),
    "players/active_games": Route(reads.active_games, needs_game=False),
    "players/cd": Route(reads.civil_disorder, permission=Permission.LIST_CD, needs_game=False),
    "game/status": Route(reads.status, permission=_STATE),
    "game/overview": Route(reads.overview, permission=_STATE),
    "game/members": Route(reads.members, permission=_STATE),
    "game/data": Route(reads.data, permission=_STATE),
    "game/getmessages": Route(reads.get_messages, permission=_STATE),
    "game/sendmessage": Route(writes.send_message, _JSON),
    "game/messagesseen": Route(writes.messages_seen, _JSON),
    "game/markbackfromleft": Route(writes.back_from_left, _JSON),
    "game/orders": Route(writes.orders, _JSON, Permission.ORDERS_IN_CD),
    "game/setvote": Route(writes.set_vote, _JSON),
    "game/togglevote": Route(writes.toggle_vote),
    "game/join": Route(writes.only_users, _FORM),
    "game/leave": Route(writes.only_users, _FORM),
    "sandbox/create": Route(writes.no_sandbox, needs_game=False),
    "sandbox/copy": Route(writes.no_sandbox, needs_game=False),
    "sandbox/moveturnback": Route(writes.no_sandbox, needs_game=False),
    "sandbox/delete": Route(writes.no_sandbox, needs_game=False),
}
"""The routes that a bot can come across; push (sse, websockets) is left out."""

WRITES = frozenset(
    {
        "game/sendmessage",
        "game/messagesseen",
        "game/markbackfromleft",
        "game/orders",
        "game/setvote",
        "game/togglevote",
    }
)
"""The routes that change something."""
