"""A request as the site sees it: who calls, with which arguments, about which game."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cicero_lite.adapters.webdiplomacy_sandbox.client_bugs import Mistake
from cicero_lite.adapters.webdiplomacy_sandbox.order_entry import number
from cicero_lite.adapters.webdiplomacy_sandbox.refusals import bad_request
from cicero_lite.adapters.webdiplomacy_sandbox.site import Account, Member, Site, SiteGame

_GAME_GONE = "Could not fetch row for give gameID, game may have been cancelled"


@dataclass(frozen=True)
class ApiRequest:
    """What the site looks at in a request."""

    query: Mapping[str, str]
    authorization: str | None = field(default=None, repr=False)
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
            raise bad_request(_GAME_GONE)
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

    def own_member(self, game: SiteGame) -> Member | None:
        """The caller's seat if the country named is its own; another country is a client's bug."""
        named = number(self.arguments["countryID"])
        member = game.member_of(self.account)
        if member is not None and named == member.country:
            return member
        if named:
            own = "no seat" if member is None else f"its own is {member.country}"
            self.note(game, Mistake.FOREIGN_COUNTRY, f"country {named}, {own}")
        return None

    def note(self, game: SiteGame, mistake: Mistake, detail: str) -> None:
        """Takes down a mistake of the caller."""
        self.site.bugs.note(mistake, self.account.user_id, game.game_id, detail)


def to_json(value: object) -> str:
    """The value as PHP writes JSON: without spaces, ASCII only."""
    return json.dumps(value, separators=(",", ":"))
