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

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES
from cicero_lite.adapters.webdiplomacy_sandbox import game_tables, press, voting
from cicero_lite.adapters.webdiplomacy_sandbox.client_bugs import Mistake
from cicero_lite.adapters.webdiplomacy_sandbox.game_status import status_reply
from cicero_lite.adapters.webdiplomacy_sandbox.order_entry import echo, enter_orders, number
from cicero_lite.adapters.webdiplomacy_sandbox.refusals import (
    HTML,
    JSON,
    MAINTENANCE,
    NO_EXPLICIT_PERMISSION,
    PLAIN,
    RefusalError,
    bad_request,
    forbidden,
    notice,
    php_error,
    uncaught,
)
from cicero_lite.adapters.webdiplomacy_sandbox.site import (
    Account,
    Member,
    MemberStatus,
    OrderFlag,
    Permission,
    Row,
    Site,
    SiteGame,
    Vote,
)

GAME_GONE = "Could not fetch row for give gameID, game may have been cancelled"


class ArgumentSource(Enum):
    """Where a route looks for its arguments."""

    QUERY = "query"
    JSON = "json"
    FORM = "form"


@dataclass(frozen=True)
class ApiRequest:
    """What the site looks at in a request."""

    query: Mapping[str, str]
    authorization: str | None = None
    body: bytes = b""

    @property
    def route(self) -> str:
        """The route asked for."""
        return self.query.get("route", "").strip().lower()


@dataclass(frozen=True)
class ApiAnswer:
    """What it answers."""

    status: int
    content_type: str
    body: str


@dataclass
class Call:
    """A request with its caller and arguments found out."""

    site: Site
    account: Account
    arguments: Mapping[str, Any]
    is_explicit: bool = False
    """Whether the key has the flag of the route."""

    @property
    def game(self) -> SiteGame:
        """The game named.

        Raises:
            RefusalError: 400, there is none.
        """
        game = self.site.games.get(number(self.arguments.get("gameID")))
        if game is None:
            raise bad_request(GAME_GONE)
        return game

    @property
    def member(self) -> Member | None:
        """The caller's seat in the game."""
        return self.game.member_of(self.account)

    def required_member(self) -> Member:
        """The caller's seat in a game that it is known to play."""
        member = self.member
        assert member is not None
        return member


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


def to_json(value: object) -> str:
    """The value as PHP writes JSON: without spaces, ASCII only."""
    return json.dumps(value, separators=(",", ":"))


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


def _missing_orders(call: Call) -> object:
    return game_tables.missing_orders_reply(call.site, call.account)


def _active_games(call: Call) -> object:
    return game_tables.active_games_reply(call.site, call.account)


def _civil_disorder(call: Call) -> object:
    return game_tables.civil_disorder_reply(call.site)


def _status(call: Call) -> object:
    if call.arguments.get("gameID") is None:
        raise bad_request("Invalid game ID: ")
    if not number(call.arguments["gameID"]):
        raise bad_request("Game ID = 0, invalid request")
    game, viewer = call.game, None
    if call.arguments.get("countryID") is not None:
        viewer = _own_member(call, game)
        if viewer is None:
            raise forbidden("A user can only view game state for the country it controls.")
    return status_reply(game, viewer)


def _own_member(call: Call, game: SiteGame) -> Member | None:
    """The caller's seat if the country named is its own; another country is a client's bug."""
    named = number(call.arguments["countryID"])
    member = game.member_of(call.account)
    if member is not None and named == member.country:
        return member
    if named:
        own = "no seat" if member is None else f"its own is {member.country}"
        _bug(call, game, Mistake.FOREIGN_COUNTRY, f"country {named}, {own}")
    return None


def _bug(call: Call, game: SiteGame, mistake: Mistake, detail: str) -> None:
    call.site.bugs.note(mistake, call.account.user_id, game.game_id, detail)


def _overview(call: Call) -> object:
    return game_tables.overview_reply(_known_game(call, "GGO"), call.member, call.site.now)


def _members(call: Call) -> object:
    return game_tables.members_reply(_known_game(call, "ggm"), call.member, call.site.now)


def _known_game(call: Call, code: str) -> SiteGame:
    asked = number(call.arguments.get("gameID"))
    if not asked:
        raise _coded("Invalid game ID.", f"{code}-err-001", {"gameID": str(asked)}, status=400)
    return call.game


def _coded(msg: str, code: str, data: Row, status: int) -> RefusalError:
    body = to_json({"msg": msg, "success": False, "referenceCode": code, "data": data})
    return RefusalError(status, PLAIN, body)


def _data(call: Call) -> object:
    game, viewer = _known_game(call, "GGD"), None
    if call.arguments.get("countryID") is not None:
        country = number(call.arguments["countryID"])
        if country not in COUNTRIES:
            raise _coded("Invalid country ID.", "GGD-err-002", {"countryID": str(country)}, status=400)
        viewer = _own_member(call, game)
        if viewer is None:
            msg = "A user can only view game state for the country it controls."
            raise _coded(msg, "GGD-err-004", {"gameID": str(game.game_id)}, status=403)
    return game_tables.data_reply(game, viewer)


def _get_messages(call: Call) -> object:
    if call.arguments.get("gameID") is None:
        raise bad_request("Game ID not provided.")
    game, viewer = call.game, None
    if number(call.arguments.get("countryID")):
        viewer = _own_member(call, game)
        if viewer is None:
            raise forbidden(NO_EXPLICIT_PERMISSION)
    since = None if call.arguments.get("sinceTime") is None else number(call.arguments["sinceTime"])
    return press.messages_reply(game, viewer, since, call.site.now)


def _send_message(call: Call) -> object:
    game, member, wanted = call.game, call.required_member(), call.arguments
    for key in ("countryID", "toCountryID", "message"):
        if wanted.get(key) is None:
            raise bad_request(f"{key} is required.")
    if number(wanted["countryID"]) != member.country:
        _bug(call, game, Mistake.FOREIGN_COUNTRY, f"wrote as country {wanted['countryID']}")
        raise forbidden(NO_EXPLICIT_PERMISSION)
    recipient = number(wanted["toCountryID"])
    if not _is_number(wanted["toCountryID"]):
        _bug(call, game, Mistake.COUNTRY_NOT_A_NUMBER, f"toCountryID {wanted['toCountryID']!r}")
    if recipient == member.country or recipient not in (0, *COUNTRIES):
        raise bad_request("Invalid toCountryID")
    if isinstance(wanted["message"], list | dict):
        raise php_error("Array to string conversion")
    press.check_allowed(game, recipient)
    text, now = str(wanted["message"]), call.site.now
    sent = press.send(game, member, recipient, text, now)
    rows = [
        {
            "fromCountryID": message.sender,
            "message": message.text,
            "timeSent": message.time,
            "toCountryID": message.recipient,
            "turn": str(message.turn),
        }
        for message in sent
    ]
    return {"messages": rows}


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lstrip("-").isdigit()
    return isinstance(value, int) and not isinstance(value, bool)


def _messages_seen(call: Call) -> object:
    if call.arguments.get("seenCountryID") is None:
        raise bad_request("seenCountryID is required.")
    call.required_member().unread.discard(number(call.arguments["seenCountryID"]))
    return ""


def _back_from_left(call: Call) -> object:
    member = call.required_member()
    if member.status is MemberStatus.LEFT:
        member.status, member.missed_phases = MemberStatus.PLAYING, 0
    return ""


def _orders(call: Call) -> object:
    wanted = call.arguments
    if wanted.get("gameID") is None:
        raise bad_request("Game ID not provided.")
    game = call.game
    for key, name in (("turn", "Turn"), ("phase", "Phase"), ("countryID", "Country")):
        if wanted.get(key) is None:
            raise bad_request(f"{name} is required.")
    if not isinstance(wanted.get("orders"), list):
        raise bad_request("Body field `orders` is not an array.")
    ready = wanted.get("ready") if wanted.get("ready") not in ("", None) else None
    if ready not in ("Yes", "No", None):
        raise bad_request("Body field `ready` is not either `Yes` or `No`.")
    if game.is_finished:
        raise bad_request(f"Cannot submit orders in phase `{game.phase}`.")
    if number(wanted["turn"]) != game.turn:
        raise bad_request(f"Invalid turn, expected `{game.turn}`, got `{wanted['turn']}`.")
    if wanted["phase"] != game.phase:
        raise bad_request(f"Invalid phase, expected `{game.phase}`, got `{wanted['phase']}`.")
    member = _ordered_member(call, game)
    enter_orders(game, member, wanted["orders"], call.site.bugs)
    if ready == "Yes":
        member.flags.add(OrderFlag.READY)
    elif ready == "No":
        member.flags.discard(OrderFlag.READY)
    return echo(game, member)


def _ordered_member(call: Call, game: SiteGame) -> Member:
    """The member that orders are given for: the caller, or a country that has left."""
    country = number(call.arguments["countryID"])
    if country not in COUNTRIES:
        raise forbidden(f"Unknown country ID `{country}`.")
    member = game.members[COUNTRIES[country]]
    if member.account is call.account:
        if member.status is MemberStatus.DEFEATED:
            _bug(call, game, Mistake.ORDERS_AFTER_DEFEAT, f"in {game.game.phase}")
        member.status, member.missed_phases = MemberStatus.PLAYING, 0
        return member
    if not call.is_explicit:
        raise forbidden(NO_EXPLICIT_PERMISSION)
    if member.status is not MemberStatus.LEFT:
        raise forbidden("A user not controlling a country can submit orders only for a country in CD.")
    now = call.site.now
    if not game_tables.is_deadline_close(game, now):
        times = f"(current time {now}, process time {game.process_time})"
        raise bad_request(f"Process time is not close enough {times}.")
    return member


def _vote(call: Call) -> Vote:
    name = call.arguments.get("vote")
    if name not in tuple(Vote):
        raise bad_request("Invalid vote type; allowed are Draw, Concede, Pause, Cancel")
    return Vote(str(name))


def _set_vote(call: Call) -> object:
    vote, member = _vote(call), call.required_member()
    if number(call.arguments.get("countryID")) != member.country:
        raise forbidden(NO_EXPLICIT_PERMISSION)
    wanted = str(call.arguments.get("voteOn")).lower() in ("yes", "on", "1", "true")
    return voting.set_vote(call.site, call.game, member, vote, wanted)


def _toggle_vote(call: Call) -> object:
    vote, member = _vote(call), call.required_member()
    if number(call.arguments.get("countryID")) != member.country:
        raise php_error("Trying to access array offset on value of type bool")
    return voting.toggle_vote(call.site, call.game, member, vote)


def _only_users(call: Call) -> object:
    raise uncaught("Only users can join games")


def _no_sandbox(call: Call) -> object:
    raise uncaught("Non-users cannot create sandbox games.")


_STATE = Permission.STATE_OF_ALL_GAMES
_JSON, _FORM = ArgumentSource.JSON, ArgumentSource.FORM
ROUTES: Mapping[str, Route] = {
    "players/missing_orders": Route(_missing_orders, needs_game=False),
    "players/active_games": Route(_active_games, needs_game=False),
    "players/cd": Route(_civil_disorder, permission=Permission.LIST_CD, needs_game=False),
    "game/status": Route(_status, permission=_STATE),
    "game/overview": Route(_overview, permission=_STATE),
    "game/members": Route(_members, permission=_STATE),
    "game/data": Route(_data, permission=_STATE),
    "game/getmessages": Route(_get_messages, permission=_STATE),
    "game/sendmessage": Route(_send_message, _JSON),
    "game/messagesseen": Route(_messages_seen, _JSON),
    "game/markbackfromleft": Route(_back_from_left, _JSON),
    "game/orders": Route(_orders, _JSON, Permission.ORDERS_IN_CD),
    "game/setvote": Route(_set_vote, _JSON),
    "game/togglevote": Route(_toggle_vote),
    "game/join": Route(_only_users, _FORM),
    "game/leave": Route(_only_users, _FORM),
    "sandbox/create": Route(_no_sandbox, needs_game=False),
    "sandbox/copy": Route(_no_sandbox, needs_game=False),
    "sandbox/moveturnback": Route(_no_sandbox, needs_game=False),
    "sandbox/delete": Route(_no_sandbox, needs_game=False),
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
