"""What the site knows: accounts, games, their members, stored orders and messages.

Nothing here decides anything; the modules beside this one change it, all in one thread.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, COUNTRY_OF, ID_OF, turn_of
from cicero_lite.adapters.webdiplomacy_sandbox.client_bugs import ClientBugs
from cicero_lite.adapters.webdiplomacy_sandbox.clock import SiteClock
from cicero_lite.adapters.webdiplomacy_sandbox.journal import Journal
from cicero_lite.adapters.webdiplomacy_sandbox.territories import HOME_OF, is_child, supply_centers
from engine.game import Game
from engine.types import FIRST_PHASE, Location, Order, Power, Unit

Row: TypeAlias = dict[str, Any]
"""A JSON object as the site serves it."""

UnitKey: TypeAlias = tuple[Power, Unit]


class SitePhase(StrEnum):
    """What is ordered at the moment."""

    DIPLOMACY = "Diplomacy"
    RETREATS = "Retreats"
    BUILDS = "Builds"
    FINISHED = "Finished"


class PressType(StrEnum):
    """Who may write to whom."""

    REGULAR = "Regular"
    PUBLIC = "PublicPressOnly"
    NONE = "NoPress"
    RULEBOOK = "RulebookPress"


class PlayerTypes(StrEnum):
    """Who may take a seat; with `VERSUS_BOTS` no deadline is put off for missing orders."""

    MEMBERS = "Members"
    MIXED = "Mixed"
    VERSUS_BOTS = "MemberVsBots"


class MemberStatus(StrEnum):
    """How a member stands in its game."""

    PLAYING = "Playing"
    DEFEATED = "Defeated"
    LEFT = "Left"
    WON = "Won"
    DRAWN = "Drawn"
    SURVIVED = "Survived"


class OrderFlag(StrEnum):
    """Parts of an order status; the site always names them in this order."""

    NONE = "None"
    """The member has nothing to order in this phase."""
    SAVED = "Saved"
    COMPLETED = "Completed"
    READY = "Ready"


class Vote(StrEnum):
    """What can be voted for."""

    DRAW = "Draw"
    PAUSE = "Pause"
    CANCEL = "Cancel"
    CONCEDE = "Concede"


class Permission(StrEnum):
    """Flags of an API key that the site asks for."""

    STATE_OF_ALL_GAMES = "getStateOfAllGames"
    ORDERS_IN_CD = "submitOrdersForUserInCD"
    LIST_CD = "listGamesWithPlayersInCD"


BOT_PERMISSIONS = frozenset(Permission)
"""What the key of a bot may do."""


@dataclass
class Account:
    """A user of the site, with the key to its API."""

    user_id: int
    name: str
    key: str = field(repr=False)
    is_bot: bool = True
    """Votes of bots are never counted."""
    permissions: frozenset[Permission] = BOT_PERMISSIONS
    is_expired: bool = False
    """The key is no longer known."""


@dataclass(frozen=True)
class GameRules:
    """What was chosen when a game was made."""

    name: str = "rehearsal"
    press: PressType = PressType.REGULAR
    phase_minutes: int = 1440
    phase_minutes_rb: int = -1
    """Length of Retreats and Builds; -1: the same."""
    public_draw_votes: bool = True
    is_anonymous: bool = False
    player_types: PlayerTypes = PlayerTypes.MEMBERS
    excused_missed_turns: int = 4


@dataclass
class StoredOrder:
    """One row of a member's orders: of a unit, or, in Builds, of a slot."""

    order_id: int
    unit: Unit | None
    """None in Builds."""
    type: str
    to_id: int | None = None
    from_id: int | None = None
    via_convoy: str | None = None
    is_complete: bool = False
    order: Order | None = None
    """What it means to the rules; None: hold, disband or wait."""


@dataclass
class Member:
    """A power of one game and who plays it."""

    member_id: int
    account: Account
    power: Power
    excuses: int
    last_seen: int
    """When it last used its key, in seconds."""
    status: MemberStatus = MemberStatus.PLAYING
    flags: set[OrderFlag] = field(default_factory=set)
    orders: list[StoredOrder] = field(default_factory=list)
    votes: set[Vote] | None = None
    """None until the first vote: NULL in the site's tables."""
    unread: set[int] = field(default_factory=set)
    """Countries with messages it has not marked as seen; 0: everybody's channel."""
    muted: set[int] = field(default_factory=set)
    missed_phases: int = 0

    @property
    def country(self) -> int:
        """Its country id."""
        return COUNTRY_OF[self.power]

    @property
    def order_status(self) -> str:
        """Its flags as the site writes them."""
        return ",".join(flag for flag in OrderFlag if flag in self.flags)

    @property
    def vote_text(self) -> str | None:
        """Its votes as the site writes them; None before the first."""
        return None if self.votes is None else ",".join(vote for vote in Vote if vote in self.votes)


@dataclass(frozen=True)
class SiteMessage:
    """A message as it is stored: escaped, timed to the second, without any id."""

    sender: int
    recipient: int
    """0: everybody.  The sender itself: a note of a vote."""
    text: str
    time: int
    turn: int
    phase: SitePhase

    @property
    def is_note(self) -> bool:
        """Whether it records a vote of its sender."""
        return self.sender == self.recipient != 0


@dataclass
class PastPhase:
    """A phase of the history as game/status serves it."""

    turn: int
    phase: SitePhase
    units: list[Row]
    centers: list[Row]
    orders: list[Row]


class SiteGame:
    """One game: the position our rules keep, and all that the site adds to it."""

    def __init__(self, game_id: int, rules: GameRules, members: Sequence[Member], game: Game, now: int) -> None:
        """A game whose first phase is yet to begin; `adjudication.begin_phase` does that."""
        self.game_id = game_id
        self.rules = rules
        self.game = game
        self.members: Mapping[Power, Member] = {member.power: member for member in members}
        self.turn, _ = turn_of(game.phase)
        self.phase = SitePhase.DIPLOMACY
        self.game_over = "No"
        self.start_time = now
        self.process_time: int | None = now
        """The deadline; None while paused."""
        self.pause_time_remaining: int | None = None
        self.messages: list[SiteMessage] = []
        self.history: list[PastPhase] = []
        self.unit_ids: dict[UnitKey, int] = {key: number for number, key in enumerate(units_of(game), start=1)}
        self.next_unit_id = len(self.unit_ids) + 1
        self.next_order_id = 1
        self.owners = _first_owners(game)
        """Province id -> the country that owns it, of provinces that were ever owned or occupied; 0: nobody does."""
        self.dislodged: dict[UnitKey, tuple[Location, ...]] = {}
        """Units that must retreat now, and where to; nowhere for those that are doomed."""
        self.standoffs: set[int] = set()
        """Provinces left empty by a bounce in the last movement phase."""
        self.came_from: dict[int, int] = {}
        """Province id -> where the unit that moved in by land or sea came from, of the last movement phase."""
        self.shuffle = random.Random(game_id)
        """The site promises no order of rows; this makes sure that nobody relies on one."""

    @property
    def is_finished(self) -> bool:
        """Whether the game is over."""
        return self.phase is SitePhase.FINISHED

    @property
    def year(self) -> int:
        """The year of the turn."""
        return FIRST_PHASE.year + self.turn // 2

    @property
    def is_autumn(self) -> bool:
        """Whether supply centres change hands at the end of this turn."""
        return self.turn % 2 == 1

    def playing(self) -> Iterator[Member]:
        """The members that are still in the game."""
        return (member for member in self.members.values() if member.status is MemberStatus.PLAYING)

    def member_of(self, account: Account) -> Member | None:
        """The seat of an account; None: it has none."""
        return next((member for member in self.members.values() if member.account is account), None)

    def standing(self) -> list[UnitKey]:
        """Every unit on the board, dislodged ones last."""
        return [*units_of(self.game), *self.dislodged]

    def supply_center_count(self, power: Power) -> int:
        """Supply centres of the power as the site counts them: since the last autumn."""
        country, centers = COUNTRY_OF[power], supply_centers()
        return sum(1 for place, owner in self.owners.items() if owner == country and place in centers)

    def unit_count(self, power: Power) -> int:
        """Units of the power, dislodged ones included."""
        return sum(1 for owner, _ in self.standing() if owner is power)


class Site:
    """All accounts and games, and the clock."""

    def __init__(self, clock: SiteClock, bugs: ClientBugs) -> None:
        self.clock = clock
        self.now = clock.now()
        """The time of the request, or the round of the game master, that is being looked after."""
        self.bugs = bugs
        self.accounts: dict[str, Account] = {}
        """By key."""
        self.games: dict[int, SiteGame] = {}
        self.in_maintenance = False
        self.journal: Journal | None = None
        """Where changes are written down; None: nowhere."""
        self._next_game_id = 1

    def account_with(self, key: str) -> Account | None:
        """The account whose key this is; None: nobody's, or one that has expired."""
        account = self.accounts.get(key)
        return None if account is None or account.is_expired else account

    def look_at_clock(self) -> None:
        """Sets `now`; whatever happens until the next look happens at the same second."""
        self.now = self.clock.now()

    def record(self, kind: str, **values: Any) -> None:
        """Writes a change into the journal, if there is one."""
        if self.journal is not None:
            self.journal.add(kind, self.now, **values)

    def new_game_id(self) -> int:
        """The id of the next game."""
        number = self._next_game_id
        self._next_game_id += 1
        return number


def units_of(game: Game) -> list[UnitKey]:
    """The units on the board, country by country."""
    return [(power, unit) for power in COUNTRIES.values() for unit in game.units(power)]


def _first_owners(game: Game) -> dict[int, int]:
    centers = supply_centers()
    homes = {
        place: 0 if place in centers else country
        for place, country in HOME_OF.items()
        if country and not is_child(place)
    }
    return homes | {ID_OF[center]: COUNTRY_OF[power] for power in game.powers for center in game.centers(power)}
