"""webDiplomacy's numbers for the places and powers of the Classic map (variant 1), and for its phases.

Armies, owners, supports and convoys use the number of the province; a fleet on one of several coasts has that of the
coast.  webDiplomacy calls the east coast of Bulgaria its north coast.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.types import Location, Phase, PhaseKind, Power, Province, Season, province_of

_PLACES = {
    # fmt: off
    1: "CLY", 2: "EDI", 3: "LVP", 4: "YOR", 5: "WAL", 6: "LON", 7: "POR", 8: "SPA", 9: "NAF", 10: "TUN", 11: "NAP",
    12: "ROM", 13: "TUS", 14: "PIE", 15: "VEN", 16: "APU", 17: "GRE", 18: "ALB", 19: "SER", 20: "BUL", 21: "RUM",
    22: "CON", 23: "SMY", 24: "ANK", 25: "ARM", 26: "SYR", 27: "SEV", 28: "UKR", 29: "WAR", 30: "LVN", 31: "MOS",
    32: "STP", 33: "FIN", 34: "SWE", 35: "NWY", 36: "DEN", 37: "KIE", 38: "BER", 39: "PRU", 40: "SIL", 41: "MUN",
    42: "RUH", 43: "HOL", 44: "BEL", 45: "PIC", 46: "BRE", 47: "PAR", 48: "BUR", 49: "MAR", 50: "GAS", 51: "BAR",
    52: "NWG", 53: "NTH", 54: "SKA", 55: "HEL", 56: "BAL", 57: "BOT", 58: "NAO", 59: "IRI", 60: "ENG", 61: "MAO",
    62: "WES", 63: "LYO", 64: "TYS", 65: "ION", 66: "ADR", 67: "AEG", 68: "EAS", 69: "BLA", 70: "TYR", 71: "BOH",
    72: "VIE", 73: "TRI", 74: "BUD", 75: "GAL", 76: "SPA/NC", 77: "SPA/SC", 78: "STP/NC", 79: "STP/SC", 80: "BUL/EC",
    81: "BUL/SC",
    # fmt: on
}
TERRITORIES: Mapping[int, Location] = {number: Location(name) for number, name in _PLACES.items()}
"""Number -> location, ``77`` -> ``SPA/SC``."""
ID_OF: Mapping[Location, int] = {name: number for number, name in TERRITORIES.items()}
"""Location -> number."""

COUNTRIES: Mapping[int, Power] = {
    1: Power.ENGLAND,
    2: Power.FRANCE,
    3: Power.ITALY,
    4: Power.GERMANY,
    5: Power.AUSTRIA,
    6: Power.TURKEY,
    7: Power.RUSSIA,
}
"""Number -> power; 0 is everybody, nobody, or the server itself."""
COUNTRY_OF: Mapping[Power, int] = {power: number for number, power in COUNTRIES.items()}
"""Power -> number."""

EVERYBODY = 0
"""Country number of public press, and of the server's own notices."""

_FIRST_YEAR = 1901
_KINDS = {
    "Diplomacy": PhaseKind.MOVEMENT,
    "Retreats": PhaseKind.RETREATS,
    "Builds": PhaseKind.ADJUSTMENTS,
}


def province_id(place: Location | Province) -> int:
    """The number of a place without its coast.

    >>> province_id(Location("STP/SC")), ID_OF[Location("STP/SC")]
    (32, 79)
    """
    return ID_OF[Location(province_of(place))]


def phase_of(turn: int, name: str) -> Phase:
    """The phase that a turn (from 0, spring 1901) and the name of a phase mean.

    >>> str(phase_of(5, "Retreats")), str(phase_of(5, "Builds"))
    ('F1903R', 'W1903A')

    Raises:
        ValueError: a phase in which nothing is ordered, such as ``Pre-game``, or builds in spring.
    """
    kind = _KINDS.get(name)
    if kind is None or turn < 0 or (kind is PhaseKind.ADJUSTMENTS and turn % 2 == 0):
        raise ValueError(f"expected turn 0 or later with {', '.join(_KINDS)} (in odd turns), got turn {turn}, {name!r}")
    if kind is PhaseKind.ADJUSTMENTS:
        season = Season.WINTER
    else:
        season = Season.FALL if turn % 2 else Season.SPRING
    return Phase(_FIRST_YEAR + turn // 2, season, kind)


def turn_of(phase: Phase) -> tuple[int, str]:
    """The turn and the name of the phase, as the server counts.

    >>> turn_of(Phase.parse("W1903A"))
    (5, 'Builds')
    """
    name = next(name for name, kind in _KINDS.items() if kind is phase.kind)
    return 2 * (phase.year - _FIRST_YEAR) + (phase.season is not Season.SPRING), name
