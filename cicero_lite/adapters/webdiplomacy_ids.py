"""The numbers by which webDiplomacy names places and powers of its classic map."""

from __future__ import annotations

from engine.types import Power

_IN_ORDER = (
    "CLY EDI LVP YOR WAL LON POR SPA NAF TUN NAP ROM TUS PIE VEN APU GRE ALB SER BUL RUM CON SMY ANK ARM SYR SEV UKR "
    "WAR LVN MOS STP FIN SWE NWY DEN KIE BER PRU SIL MUN RUH HOL BEL PIC BRE PAR BUR MAR GAS BAR NWG NTH SKA HEL BAL "
    "BOT NAO IRI ENG MAO WES LYO TYS ION ADR AEG EAS BLA TYR BOH VIE TRI BUD GAL SPA/NC SPA/SC STP/NC STP/SC BUL/EC "
    "BUL/SC"
)

TERRITORIES: dict[int, str] = dict(enumerate(_IN_ORDER.split(), start=1))
"""Territory id -> our name of the location.

A province with coasts is three territories, its parent and a child for each coast: 32 is STP, 78 STP/NC, 79 STP/SC.
"""

ID_OF: dict[str, int] = {name: number for number, name in TERRITORIES.items()}
"""Our name of a location -> territory id."""

COUNTRIES: dict[int, Power] = dict(
    enumerate(
        (
            Power.ENGLAND,
            Power.FRANCE,
            Power.ITALY,
            Power.GERMANY,
            Power.AUSTRIA,
            Power.TURKEY,
            Power.RUSSIA,
        ),
        start=1,
    )
)
"""Country id -> power; 0, which stands for everybody, nobody or the game master, is none of them."""

COUNTRY_OF: dict[Power, int] = {power: number for number, power in COUNTRIES.items()}
"""Power -> country id."""
