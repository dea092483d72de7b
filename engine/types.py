"""The words every package shares: powers, phases, units, orders, messages, intents and policies.

All of them are immutable values whose ``repr`` evaluates and whose ``str`` is the notation of the
``diplomacy`` package (``A PAR - BUR``, ``S1901M``).  Nothing here knows the rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType, cast

Province = NewType("Province", str)
"""A province without coast, three upper-case letters: ``STP``."""

Location = NewType("Location", str)
"""Where a unit stands or goes: a province, with its coast where a fleet needs one: ``STP/SC``."""


class EngineError(Exception):
    """Base of the errors a caller can make with the rules."""


class NotationError(EngineError, ValueError):
    """A text that is no power, phase, unit or order."""


class UnknownPowerError(NotationError):
    """A name that is no power, or a power that does not play on this map."""


class IllegalOrderError(EngineError, ValueError):
    """An order that the rules do not allow in this position."""


class Power(StrEnum):
    """A great power.  The members are the seven of the standard board, in the order every array here uses.

    The powers of variants are declared when their map is loaded.  They are as much powers as the seven (one
    object per name, kept by copies and pickles) but iterating over the class gives the seven alone.

    >>> Power.declare("ROME") is Power("ROME"), Power.declare("FRANCE") is Power.FRANCE
    (True, True)
    """

    AUSTRIA = "AUSTRIA"
    ENGLAND = "ENGLAND"
    FRANCE = "FRANCE"
    GERMANY = "GERMANY"
    ITALY = "ITALY"
    RUSSIA = "RUSSIA"
    TURKEY = "TURKEY"

    @property
    def number(self) -> int:
        """Its place in every array with a power axis, 0 to 6.

        Raises:
            UnknownPowerError: a power of a variant, whose place differs from map to map.
        """
        try:
            return _POWER_INDEX[self]
        except KeyError:
            raise UnknownPowerError(
                f"{self} has no number: expected one of {', '.join(POWERS)}; elsewhere, its place in map_data.powers"
            ) from None

    @classmethod
    def declare(cls, name: str) -> Power:
        """The power of this name, made known if it was not; the same object each time.

        Args:
            name: 2 to 32 capital letters, digits and underscores, a letter first.

        Raises:
            UnknownPowerError: a name that no power can have.
        """
        known = cls._value2member_map_.get(name)
        if isinstance(known, Power):
            return known
        if not re.fullmatch(r"[A-Z][A-Z0-9_]{1,31}", name) or name in _NO_POWERS:
            raise UnknownPowerError(
                f"no name for a power: {name[:40]!r}; expected 2 to 32 capital letters, digits or _, a letter first, "
                f"and none of {', '.join(sorted(_NO_POWERS))}"
            )
        # What the enum machinery does for a member, except entering it in the list that is iterated over;
        # setdefault lets one of two threads win.
        power = str.__new__(cls, name)
        power._name_ = power._value_ = name
        power.__objclass__ = cls  # type: ignore[attr-defined]
        return cast(Power, cls._value2member_map_.setdefault(name, power))

    @classmethod
    def parse(cls, text: str) -> Power:
        """The power of this name, in any case; of a variant, once its map was loaded.

        Raises:
            UnknownPowerError: no such power.
        """
        try:
            return cls(text.strip().upper())
        except ValueError:
            names = ", ".join(POWERS)
            raise UnknownPowerError(f"unknown power {text!r}: expected one of {names}") from None

    def __reduce_ex__(self, protocol: object) -> tuple[Callable[[str], Power], tuple[str]]:
        # The process that reads a power of a variant may not have loaded its map.
        return Power if self in _POWER_INDEX else Power.declare, (self.value,)


_NO_POWERS = frozenset({"ALL", "GLOBAL", "NEUTRAL", "UNOWNED"})
"""Words that stand in map files and saved games where a power could."""

POWERS: tuple[Power, ...] = tuple(Power)
"""The seven powers of the standard board; those of a game are its `powers`."""
_POWER_INDEX = {power: index for index, power in enumerate(POWERS)}


class Season(StrEnum):
    """Half of a year's play; winter holds the adjustments."""

    SPRING = "S"
    FALL = "F"
    WINTER = "W"


class PhaseKind(StrEnum):
    """What is ordered in a phase."""

    MOVEMENT = "M"
    RETREATS = "R"
    ADJUSTMENTS = "A"


@dataclass(frozen=True)
class Phase:
    """One phase of the game.

    >>> Phase.parse("F1903M")
    Phase(year=1903, season=<Season.FALL: 'F'>, kind=<PhaseKind.MOVEMENT: 'M'>)
    """

    year: int
    season: Season
    kind: PhaseKind

    @classmethod
    def parse(cls, text: str) -> Phase:
        """The phase written ``S1901M``, ``F1903R``, ``W1904A``.

        Raises:
            NotationError: the text is no phase.
        """
        match = re.fullmatch(r"([SF])(\d{4})([MR])|W(\d{4})A", text.strip().upper())
        if match is None:
            raise NotationError(f"unknown phase {text!r}: expected a phase such as S1901M, F1903R or W1904A")
        if match[4]:
            return cls(int(match[4]), Season.WINTER, PhaseKind.ADJUSTMENTS)
        return cls(int(match[2]), Season(match[1]), PhaseKind(match[3]))

    def __str__(self) -> str:
        return f"{self.season.value}{self.year:04d}{self.kind.value}"

    @property
    def sort_key(self) -> tuple[int, int, int]:
        """Orders phases in time."""
        return (self.year, "SFW".index(self.season), "MRA".index(self.kind))

    def __lt__(self, other: Phase) -> bool:
        return self.sort_key < other.sort_key

    @property
    def next_movement(self) -> Phase:
        """The movement phase that follows this phase's movement phase.

        >>> str(Phase.parse("F1901R").next_movement)
        'S1902M'
        """
        if self.season is Season.SPRING:
            return Phase(self.year, Season.FALL, PhaseKind.MOVEMENT)
        return Phase(self.year + 1, Season.SPRING, PhaseKind.MOVEMENT)


FIRST_PHASE = Phase(1901, Season.SPRING, PhaseKind.MOVEMENT)
"""The phase in which games begin."""


class UnitKind(StrEnum):
    """Army or fleet."""

    ARMY = "A"
    FLEET = "F"


@dataclass(frozen=True)
class Unit:
    """A unit and where it stands; whose it is, the position says.

    >>> str(Unit.parse("F STP/SC"))
    'F STP/SC'
    """

    kind: UnitKind
    location: Location

    @classmethod
    def parse(cls, text: str) -> Unit:
        """The unit written ``A PAR`` or ``F STP/SC``.

        Raises:
            NotationError: the text is no unit.
        """
        match = re.fullmatch(r"\*?([AF]) ([A-Z]{3}(?:/[A-Z]C)?)", text.strip())
        if match is None:
            raise NotationError(f"unknown unit {text!r}: expected a unit such as 'A PAR' or 'F STP/SC'")
        return cls(UnitKind(match[1]), Location(match[2]))

    def __str__(self) -> str:
        return f"{self.kind.value} {self.location}"

    @property
    def province(self) -> Province:
        """The province it stands in, without coast."""
        return province_of(self.location)


class OrderKind(StrEnum):
    """What a unit is told to do."""

    HOLD = "H"
    MOVE = "-"
    SUPPORT = "S"
    CONVOY = "C"
    RETREAT = "R"
    DISBAND = "D"
    BUILD = "B"
    WAIVE = "WAIVE"


@dataclass(frozen=True)
class Order:
    """One order to one unit, in any phase.

    ``engine.notation.parse_order`` reads it from text; ``str`` writes it.
    """

    kind: OrderKind
    unit: Unit | None = None
    """The unit ordered; None only for a waived build."""
    target: Location | None = None
    """Where a move or retreat goes, or where the supported or convoyed unit goes; None: support to hold."""
    aided: Unit | None = None
    """The unit supported or convoyed."""
    via_convoy: bool = False
    """A move that insists on a convoy."""
    _hash: int = field(init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        # Orders are looked up all the time, and adding up the hashes of their parts takes a microsecond.
        try:
            return self._hash
        except AttributeError:
            parts = hash((self.kind, self.unit, self.target, self.aided, self.via_convoy))
            object.__setattr__(self, "_hash", parts)
            return parts

    def __reduce__(self) -> tuple[type[Order], tuple[object, ...]]:
        return Order, (self.kind, self.unit, self.target, self.aided, self.via_convoy)  # hashes differ by process

    def __str__(self) -> str:
        if self.unit is None:
            return OrderKind.WAIVE.value
        match self.kind:
            case OrderKind.MOVE:
                return f"{self.unit} - {self.target}{' VIA' if self.via_convoy else ''}"
            case OrderKind.RETREAT:
                return f"{self.unit} R {self.target}"
            case OrderKind.SUPPORT | OrderKind.CONVOY:
                aid = f"{self.unit} {self.kind.value} {self.aided}"
                return aid if self.target is None else f"{aid} - {self.target}"
        return f"{self.unit} {self.kind.value}"


Action = tuple[Order, ...]
"""All orders of one power in one phase, in the order of their units' locations."""


class OrderResult(StrEnum):
    """What became of an order; an order may have several, and none means that it succeeded."""

    BOUNCE = "bounce"
    CUT = "cut"
    DISLODGED = "dislodged"
    DISRUPTED = "disrupted"
    NO_CONVOY = "no convoy"
    VOID = "void"
    DISBAND = "disband"


@dataclass(frozen=True)
class Message:
    """Words one power sent to another, or to all."""

    sender: Power
    recipient: Power | None
    """None: public press, to every power."""
    phase: Phase
    text: str
    sequence: int
    """Counts the messages of a game from 0; also the tie-breaker of time."""


@dataclass(frozen=True)
class PlannedOrders:
    """Orders of one power in one phase."""

    power: Power
    phase: Phase
    orders: Action


@dataclass(frozen=True)
class Intent:
    """What a message is conditioned on: what its sender will do and what it wants of its recipient."""

    sender: Power
    recipient: Power
    own: PlannedOrders
    """What the sender means to play in the phase at hand."""
    wanted: PlannedOrders
    """The best for the sender among what the recipient could plausibly play."""
    later: tuple[PlannedOrders, ...] = ()
    """Both powers' expected orders in the next movement phase."""


@dataclass(frozen=True)
class ExpectedOrder:
    """Evidence from talk: this order will be played, or will not, with some credence."""

    power: Power
    phase: Phase
    order: Order
    credence: float
    """-1 to 1: how strongly it speaks for (or, negative, against) the order."""


@dataclass(frozen=True)
class Commitment:
    """An order that the planning power promised, with the price of breaking the word."""

    phase: Phase
    order: Order
    promised_to: Power
    price: float
    """In score (0 to 1): the gain below which the word is kept."""


@dataclass(frozen=True)
class Policy:
    """A distribution over a power's actions, best first."""

    power: Power
    actions: tuple[Action, ...]
    probabilities: tuple[float, ...]

    def probability_of(self, order: Order) -> float:
        """The mass of the actions that contain this order."""
        return sum(p for a, p in zip(self.actions, self.probabilities, strict=True) if order in a)

    @property
    def most_likely(self) -> Action:
        """The action of the largest probability, the first among equals."""
        return self.actions[max(range(len(self.actions)), key=self.probabilities.__getitem__)]


def province_of(location: Location | Province) -> Province:
    """The province of a location.

    >>> province_of(Location("STP/SC"))
    'STP'
    """
    return Province(location[:3])
