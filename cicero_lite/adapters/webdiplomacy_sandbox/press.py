"""Messages: how the site escapes and stores them, who may write, and what each member is told."""

from __future__ import annotations

import re
from html.entities import codepoint2name

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES
from cicero_lite.adapters.webdiplomacy_press import LONGEST_BYTES
from cicero_lite.adapters.webdiplomacy_sandbox.refusals import bad_request, uncaught
from cicero_lite.adapters.webdiplomacy_sandbox.site import Member, PressType, Row, SiteGame, SiteMessage, SitePhase

_ENTITIES = {code: f"&{name};" for code, name in codepoint2name.items() if code != ord('"')}
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")


def escape(text: str) -> str:
    r"""The text as the site stores it: HTML, each newline a break, what MySQL cannot hold four question marks.

    >>> escape('Line one\nLine two & <b>é</b> "q"')
    'Line one<br />Line two &amp; &lt;b&gt;&eacute;&lt;/b&gt; "q"'
    """
    escaped = _BEYOND_BMP.sub("????", text).translate(_ENTITIES)
    return re.sub("\r\n|\n|\r|&lt;br /&gt;", "<br />", escaped)


def check_allowed(game: SiteGame, recipient: int) -> None:
    """Refuses a message that the press rules of the game forbid.

    Raises:
        RefusalError: 400, as the site words it.
    """
    press, phase = game.rules.press, game.phase
    allowed = (
        phase is SitePhase.FINISHED
        or press is PressType.REGULAR
        or (press is PressType.PUBLIC and recipient == 0)
        or (press is PressType.RULEBOOK and phase is SitePhase.DIPLOMACY)
    )
    if not allowed:
        raise bad_request(f"Message is invalid in {press}")


def send(game: SiteGame, sender: Member, recipient: int, text: str, now: int) -> list[SiteMessage]:
    """Stores a message.

    Returns:
        Every message of the sender to the recipient of this very second, the new one last; nothing, if the recipient
        has muted the sender: then it is not stored.

    Raises:
        RefusalError: 501, the text is too long.
    """
    stored = escape(text)
    if len(stored.encode()) > LONGEST_BYTES:
        raise uncaught("Message too long")
    if recipient and sender.country in game.members[COUNTRIES[recipient]].muted:
        return []
    post(game, sender.country, recipient, stored, now)
    return [m for m in game.messages if (m.sender, m.recipient, m.time) == (sender.country, recipient, now)]


def post(game: SiteGame, sender: int, recipient: int, stored: str, now: int) -> None:
    """Stores a text that is HTML already, and tells those who may read it that there is something new."""
    game.messages.append(SiteMessage(sender, recipient, stored, now, game.turn, game.phase))
    for member in game.members.values():
        if member.country != sender and recipient in (0, member.country):
            member.unread.add(0 if recipient == 0 else sender)


def announce(game: SiteGame, text: str, now: int) -> None:
    """A notice of the game master: from 0 to 0, in raw HTML."""
    post(game, 0, 0, f"<strong>GameMaster:</strong> {text}", now)


def told_to(game: SiteGame, country: int) -> list[SiteMessage]:
    """The messages that a country may read: its own, those to it, public ones.  0: public ones."""
    return [m for m in game.messages if m.recipient == 0 or (country and country in (m.sender, m.recipient))]


def messages_reply(game: SiteGame, member: Member | None, since: int | None, now: int) -> Row:
    """game/getmessages: the envelope.

    Args:
        game: the game.
        member: whose messages; None: public ones only.
        since: the earliest time asked for; None: everything.
        now: the time on the site.
    """
    told = told_to(game, 0 if member is None else member.country)
    if since is not None and all(message.time <= since for message in told):
        return _envelope([], {"messages": []})
    found = [m for m in told if since is None or m.time >= since]
    # Public ones first: the site's order is that of its tables, not of time.
    rows = [_row(m) for m in sorted(found, key=lambda m: m.recipient != 0)]
    unread = [] if member is None else sorted(member.unread)
    return _envelope(rows, {"messages": rows, "time": now, "newMessagesFrom": unread})


def _envelope(rows: list[Row], data: Row) -> Row:
    msg = "Successfully retrieved game messages." if rows else "No messages available"
    return {"msg": msg, "success": True, "referenceCode": "", "data": data}


def _row(message: SiteMessage) -> Row:
    return {
        "fromCountryID": message.sender,
        "message": message.text,
        "timeSent": message.time,
        "toCountryID": message.recipient,
        "turn": message.turn,
        "phaseMarker": message.phase.value,
    }
