"""game/overview, game/members and game/data, and the lists of players/...: the smaller views of a game."""

from __future__ import annotations

from typing import Any

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, COUNTRY_OF, ID_OF, TERRITORIES
from cicero_lite.adapters.webdiplomacy_sandbox.game_status import draw_type
from cicero_lite.adapters.webdiplomacy_sandbox.order_entry import unit_type
from cicero_lite.adapters.webdiplomacy_sandbox.site import (
    Account,
    Member,
    MemberStatus,
    OrderFlag,
    PressType,
    Row,
    Site,
    SiteGame,
    SitePhase,
    Vote,
)
from cicero_lite.adapters.webdiplomacy_sandbox.territories import (
    country_name,
    is_child,
    parent_of,
    territories_reply,
)

_BET = 5
_LAST_TURN = 100
"""From this turn on no orders are asked for."""
_ONLINE_S = 600
_CLOSE_S = 60
"""So near to the deadline others may order for a country that has left."""
_UNDER_WAY = frozenset({SitePhase.DIPLOMACY, SitePhase.RETREATS, SitePhase.BUILDS})


def missing_orders_reply(site: Site, account: Account) -> list[Row]:
    """players/missing_orders: games in which the account has not yet given any orders."""
    return [
        {"gameID": game.game_id, "countryID": member.country}
        for game, member in _seats(site, account)
        if not member.flags and game.process_time is not None and game.turn < _LAST_TURN
    ]


def active_games_reply(site: Site, account: Account) -> Row:
    """players/active_games: games in which the account is still playing; paused ones with time 0."""
    games = [
        {
            "gameID": game.game_id,
            "countryID": member.country,
            "orderStatus": member.order_status,
            "pressType": game.rules.press.value,
            "newMessagesFrom": sorted(member.unread),
            "unitNo": game.unit_count(member.power),
            "name": game.rules.name,
            "turn": game.turn,
            "phase": game.phase.value,
            "processTime": game.process_time or 0,
            "phaseMinutes": game.rules.phase_minutes,
            "variantID": 1,
        }
        for game, member in _seats(site, account)
    ]
    return {"games": games}


def civil_disorder_reply(site: Site) -> list[Row]:
    """players/cd: countries without a player whose deadline is near, in games without press."""
    now = site.now
    return [
        {"gameID": game.game_id, "countryID": member.country}
        for game in site.games.values()
        for member in game.members.values()
        if game.rules.press is PressType.NONE
        and game.phase in _UNDER_WAY
        and member.status is MemberStatus.LEFT
        and not member.flags
        and is_deadline_close(game, now)
    ]


def is_deadline_close(game: SiteGame, now: int) -> bool:
    """Whether others may order for a country in civil disorder by now."""
    return game.process_time is not None and game.process_time - now < _CLOSE_S


def _seats(site: Site, account: Account) -> list[tuple[SiteGame, Member]]:
    seats = [(game, member) for game in site.games.values() if (member := game.member_of(account)) is not None]
    playing = [
        (game, member) for game, member in seats if member.status is MemberStatus.PLAYING and game.phase in _UNDER_WAY
    ]
    return sorted(playing, key=lambda seat: seat[0].process_time or 0)


def overview_reply(game: SiteGame, viewer: Member | None, now: int) -> Row:
    """game/overview: everything about a game but its board."""
    rules = game.rules
    paused = game.pause_time_remaining is not None
    data = {
        "alternatives": _alternatives(game),
        "anon": "Yes" if rules.is_anonymous else "No",
        "drawType": draw_type(game),
        "season": "Autumn" if game.is_autumn else "Spring",
        "year": game.year,
        "excusedMissedTurns": rules.excused_missed_turns,
        "gameID": game.game_id,
        "gameOver": game.game_over,
        "isTempBanned": False,
        "minimumBet": None,
        "name": _numbers_in(rules.name),
        "pauseTimeRemaining": game.pause_time_remaining,
        "phase": game.phase.value,
        "phaseMinutes": rules.phase_minutes,
        "phaseMinutesRB": rules.phase_minutes_rb,
        "playerTypes": rules.player_types.value,
        "pot": _BET * len(game.members),
        "potType": "Unranked",
        "processStatus": "Paused" if paused else "Not-processing",
        "processTime": game.process_time,
        "pressType": rules.press.value,
        "startTime": game.start_time,
        "turn": game.turn,
        "variant": _variant(),
        "variantID": 1,
        **_numbers_in(_members(game, viewer, now)),
    }
    return _envelope("Successfully retrieved game overview.", "GGO-s-001", data)


def members_reply(game: SiteGame, viewer: Member | None, now: int) -> Row:
    """game/members: the same members, their numbers as strings of digits."""
    return _envelope("Successfully retrieved game members.", "ggm-s-001", _members(game, viewer, now))


def _envelope(msg: str, code: str, data: Row) -> Row:
    return {"msg": msg, "success": True, "referenceCode": code, "data": data}


def _members(game: SiteGame, viewer: Member | None, now: int) -> Row:
    # The site lists them by the order of its tables, not by country.
    order = [game.members[COUNTRIES[country]] for country in (7, 1, 2, 3, 4, 5, 6)]
    rows = [_member_row(game, member, viewer, now, is_own_view=False) for member in order]
    own = None if viewer is None else _member_row(game, viewer, viewer, now, is_own_view=True)
    return {"members": rows, "user": {"member": own}}


def _member_row(game: SiteGame, member: Member, viewer: Member | None, now: int, is_own_view: bool) -> Row:
    hidden = game.rules.is_anonymous and not is_own_view and not game.is_finished
    votes = [
        v.value for v in Vote if v in (member.votes or ()) and (v is not Vote.DRAW or game.rules.public_draw_votes)
    ]
    return {
        "bet": str(_BET),
        "country": country_name(member.country),
        "countryID": str(member.country),
        "excusedMissedTurns": str(member.excuses),
        "missedPhases": str(member.missed_phases),
        "newMessagesFrom": sorted(member.unread) if member is viewer else [],
        "online": not hidden and now - member.last_seen < _ONLINE_S,
        "orderStatus": {"Hidden": 1} if hidden else _flags(member),
        "pointsWon": str(_BET) if game.is_finished else None,
        "status": member.status.value,
        "supplyCenterNo": str(game.supply_center_count(member.power)),
        "timeLoggedIn": str(member.last_seen),
        "unitNo": str(game.unit_count(member.power)),
        "userID": str(member.account.user_id),
        "username": "" if hidden else member.account.name,
        "votes": votes,
    }


def _flags(member: Member) -> Row:
    order = (OrderFlag.READY, OrderFlag.SAVED, OrderFlag.COMPLETED, OrderFlag.NONE)
    return {flag.value: flag in member.flags for flag in order}


def _numbers_in(value: Any) -> Any:
    """Every string that looks like a number made one, as game/overview does with all it says."""
    match value:
        case dict():
            return {key: _numbers_in(item) for key, item in value.items()}
        case list():
            return [_numbers_in(item) for item in value]
        case str() if value.isascii() and value.isdigit():
            return int(value)
    return value


def _alternatives(game: SiteGame) -> str:
    rules = game.rules
    press = {PressType.NONE: "No messaging", PressType.PUBLIC: "Public messaging", PressType.RULEBOOK: "Rulebook press"}
    words = ["Classic", press.get(rules.press, ""), "Anonymous players" if rules.is_anonymous else "", "Unranked"]
    return ", ".join(word for word in [*words, "" if rules.public_draw_votes else "Hidden draw votes"] if word)


def _variant() -> Row:
    children = {number: parent_of(place) for number, place in TERRITORIES.items() if is_child(number)}
    return {
        "variantClasses": {"drawMap": "Classic", "adjudicatorPreGame": "Classic"},
        "id": 1,
        "mapID": 1,
        "codeVersion": None,
        "cacheVersion": None,
        "name": "Classic",
        "fullName": "Classic",
        "description": "The standard Diplomacy map of Europe.",
        "author": "Avalon Hill",
        "countries": [country_name(country) for country in COUNTRIES],
        "coastParentIDByChildID": {str(child): parent for child, parent in children.items()},
        "coastChildIDsByParentID": {
            str(parent): [child for child, its in children.items() if its == parent]
            for parent in dict.fromkeys(children.values())
        },
        "terrIDByName": None,
        "supplyCenterCount": 34,
        "supplyCenterTarget": 18,
    }


def data_reply(game: SiteGame, viewer: Member | None) -> Row:
    """game/data: the map, the units, and the stored orders of the viewer."""
    own = (
        {}
        if viewer is None
        else {"contextVars": _context(game, viewer), "currentOrders": _current_orders(game, viewer)}
    )
    drawn = game.is_finished and game.game_over == "Drawn"
    data = {
        **own,
        "territories": territories_reply(),
        "units": ({} if drawn else _units(game)) or [],
        "territoryStatuses": [] if drawn else _territory_statuses(game),
        "turn": str(game.turn),
        "phase": game.phase.value,
        "isSandboxMode": False,
    }
    return _envelope("Successfully retrieved game data.", "GGD-s-001", data)


def _context(game: SiteGame, viewer: Member) -> Row:
    def number(value: int) -> int | str:
        return str(value) if game.is_finished else value

    context: Row = {
        "gameID": number(game.game_id),
        "variantID": number(1),
        "userID": viewer.account.user_id,
        "memberID": number(viewer.member_id),
        "turn": number(game.turn),
        "phase": game.phase.value,
        "countryID": str(viewer.country),
        "tokenExpireTime": None,
        "maxOrderID": str(max(row.order_id for row in viewer.orders)) if viewer.orders else False,
        "isSandboxMode": False,
    }
    if game.is_finished:
        return {"context": context, "contextKey": ""}
    return {"context": context | {"orderStatus": viewer.order_status}, "contextKey": f"{game.game_id:072x}"}


def _current_orders(game: SiteGame, viewer: Member) -> list[Row]:
    return [
        {
            "id": str(row.order_id),
            "type": row.type,
            "countryID": str(viewer.country),
            "unitID": None if row.unit is None else str(game.unit_ids[viewer.power, row.unit]),
            "toTerrID": None if row.to_id is None else str(row.to_id),
            "fromTerrID": None if row.from_id is None else str(row.from_id),
            "viaConvoy": row.via_convoy,
            "isSandboxMode": False,
            "error": None,
            "status": "Loading",
        }
        for row in viewer.orders
    ]


def _units(game: SiteGame) -> Row:
    return {
        str(number): {
            "id": str(number),
            "terrID": str(ID_OF[unit.location]),
            "countryID": str(COUNTRY_OF[power]),
            "type": unit_type(unit),
        }
        for (power, unit), number in sorted(game.unit_ids.items(), key=lambda item: item[1])
    }


def _territory_statuses(game: SiteGame) -> list[Row]:
    standing = {
        parent_of(unit.location): number
        for (power, unit), number in game.unit_ids.items()
        if (power, unit) not in game.dislodged
    }
    return [
        {
            "id": str(place),
            "standoff": place in game.standoffs,
            "occupiedFromTerrID": str(game.came_from[place]) if place in game.came_from else None,
            "unitID": str(standing[place]) if place in standing else None,
            "ownerCountryID": str(owner),
        }
        for place, owner in sorted(game.owners.items())
    ]
