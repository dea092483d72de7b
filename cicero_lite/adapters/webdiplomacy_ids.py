"""webDiplomacy's numbers for the places and powers of the Classic map (variant 1), and for its phases.

Armies, owners, supports and convoys use the number of the province; a fleet on one of several coasts has that of the
coast.  webDiplomacy calls the east coast of Bulgaria its north coast.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.types import FIRST_PHASE, Location, Phase, PhaseKind, Power, Province, Season, province_of

_PLACES = """
    CLY EDI LVP YOR WAL LON POR SPA NAF TUN NAP ROM TUS PIE VEN APU GRE ALB SER BUL RUM CON SMY ANK ARM SYR SEV
    UKR WAR LVN MOS STP FIN SWE NWY DEN KIE BER PRU SIL MUN RUH HOL BEL PIC BRE PAR BUR MAR GAS BAR NWG NTH SKA
    HEL BAL BOT NAO IRI ENG MAO WES LYO TYS ION ADR AEG EAS BLA TYR BOH VIE TRI BUD GAL SPA/NC SPA/SC STP/NC
    STP/SC BUL/EC BUL/SC
"""
TERRITORIES: Mapping[int, Location] = {number: Location(name) for number, name in enumerate(_PLACES.split(), start=1)}
"""Number -> location, ``77`` -> ``SPA/SC``."""
ID_OF: Mapping[str, int] = {name: number for number, name in TERRITORIES.items()}
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

_KINDS = {
    "Diplomacy": PhaseKind.MOVEMENT,
    "Retreats": PhaseKind.RETREATS,
    "Builds": PhaseKind.ADJUSTMENTS,
}


def province_id(place: Location | Province) -> int:
    """The number of a place without its coast.

    >>> province_id(Location("STP/SC")), ID_OF["STP/SC"]
    (32, 79)
    """
    return ID_OF[province_of(place)]


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
    by_turn = Season.FALL if turn % 2 else Season.SPRING
    return Phase(FIRST_PHASE.year + turn // 2, Season.WINTER if kind is PhaseKind.ADJUSTMENTS else by_turn, kind)


def turn_of(phase: Phase) -> tuple[int, str]:
    """The turn and the name of the phase, as the server counts.

    >>> turn_of(Phase.parse("W1903A"))
    (5, 'Builds')
    """
    name = next(name for name, kind in _KINDS.items() if kind is phase.kind)
    return 2 * (phase.year - FIRST_PHASE.year) + (phase.season is not Season.SPRING), name
