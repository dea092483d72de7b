"""The routes that change something, or refuse to: messages, orders, votes."""

from __future__ import annotations

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES
from cicero_lite.adapters.webdiplomacy_sandbox import game_tables, press, voting
from cicero_lite.adapters.webdiplomacy_sandbox.calls import Call
from cicero_lite.adapters.webdiplomacy_sandbox.client_bugs import Mistake
from cicero_lite.adapters.webdiplomacy_sandbox.order_entry import echo, enter_orders, number
from cicero_lite.adapters.webdiplomacy_sandbox.refusals import (
    NO_EXPLICIT_PERMISSION,
    bad_request,
    forbidden,
    php_error,
    uncaught,
)
from cicero_lite.adapters.webdiplomacy_sandbox.site import Member, MemberStatus, OrderFlag, SiteGame, Vote


def send_message(call: Call) -> object:
    """game/sendmessage."""
    game, member, wanted = call.game, call.required_member(), call.arguments
    for key in ("countryID", "toCountryID", "message"):
        if wanted.get(key) is None:
            raise bad_request(f"{key} is required.")
    if number(wanted["countryID"]) != member.country:
        call.note(game, Mistake.FOREIGN_COUNTRY, f"wrote as country {wanted['countryID']}")
        raise forbidden(NO_EXPLICIT_PERMISSION)
    recipient = number(wanted["toCountryID"])
    if not _is_number(wanted["toCountryID"]):
        call.note(game, Mistake.COUNTRY_NOT_A_NUMBER, f"toCountryID {wanted['toCountryID']!r}")
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


def messages_seen(call: Call) -> object:
    """game/messagesseen."""
    if call.arguments.get("seenCountryID") is None:
        raise bad_request("seenCountryID is required.")
    call.required_member().unread.discard(number(call.arguments["seenCountryID"]))
    return ""


def back_from_left(call: Call) -> object:
    """game/markbackfromleft."""
    member = call.required_member()
    if member.status is MemberStatus.LEFT:
        member.status, member.missed_phases = MemberStatus.PLAYING, 0
    return ""


def orders(call: Call) -> object:
    """game/orders."""
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
            call.note(game, Mistake.ORDERS_AFTER_DEFEAT, f"in {game.game.phase}")
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


def set_vote(call: Call) -> object:
    """game/setvote."""
    vote, member = _vote(call), call.required_member()
    if number(call.arguments.get("countryID")) != member.country:
        raise forbidden(NO_EXPLICIT_PERMISSION)
    wanted = str(call.arguments.get("voteOn")).lower() in ("yes", "on", "1", "true")
    return voting.set_vote(call.site, call.game, member, vote, wanted)


def toggle_vote(call: Call) -> object:
    """game/togglevote."""
    vote, member = _vote(call), call.required_member()
    if number(call.arguments.get("countryID")) != member.country:
        raise php_error("Trying to access array offset on value of type bool")
    return voting.toggle_vote(call.site, call.game, member, vote)


def only_users(call: Call) -> object:
    """game/join and game/leave."""
    raise uncaught("Only users can join games")


def no_sandbox(call: Call) -> object:
    """The site's own sandbox/... routes."""
    raise uncaught("Non-users cannot create sandbox games.")
