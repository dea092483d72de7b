"""What people open with: the share of full first-move order sets in public games.

Counts over 43 to 55 openings a power: Cicero's published games and "It takes two to lie" (Peskov et al.
2020).
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.notation import parse_orders
from engine.types import Action, Power

_BOOK: Mapping[Power, Mapping[str, float]] = {
    Power.AUSTRIA: {"A BUD - SER, F TRI - ALB, A VIE - GAL": 0.50},
    Power.ENGLAND: {
        "F EDI - NWG, F LON - NTH, A LVP - YOR": 0.42,
        "F EDI - NWG, F LON - NTH, A LVP - EDI": 0.28,
        "F EDI - NTH, F LON - ENG, A LVP - YOR": 0.19,
    },
    Power.FRANCE: {
        "F BRE - MAO, A MAR S A PAR - BUR, A PAR - BUR": 0.19,
        "F BRE - MAO, A MAR - SPA, A PAR - PIC": 0.17,
        "F BRE - MAO, A MAR - SPA, A PAR - BUR": 0.11,
    },
    Power.GERMANY: {
        "A BER - KIE, F KIE - DEN, A MUN - RUH": 0.53,
        "A BER - KIE, F KIE - DEN, A MUN - BUR": 0.16,
    },
    Power.ITALY: {
        "F NAP - ION, A ROM - APU, A VEN H": 0.31,
        "F NAP - ION, A ROM - VEN, A VEN - TYR": 0.14,
    },
    Power.RUSSIA: {
        "A MOS - UKR, F SEV - BLA, F STP/SC - BOT, A WAR - GAL": 0.57,
        "A MOS - SEV, F SEV - BLA, F STP/SC - BOT, A WAR - UKR": 0.10,
    },
    Power.TURKEY: {
        "F ANK - BLA, A CON - BUL, A SMY - CON": 0.55,
        "F ANK - BLA, A CON - BUL, A SMY - ANK": 0.18,
    },
}


def openings(power: Power) -> tuple[tuple[Action, float], ...]:
    """Known openings of a power on the standard map with their share; the rest of the mass is open.

    >>> sum(share for _, share in openings(Power.TURKEY))
    0.73
    """
    return tuple((parse_orders(text.split(", ")), share) for text, share in _BOOK[power].items())
