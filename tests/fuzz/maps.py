"""Map files: text through ``parse_map``, on into the compiled map, and play on whatever was accepted."""

from __future__ import annotations

import importlib
import re
import zlib
from random import Random
from types import ModuleType

from engine.mapfile import MapData, _maps_folder, parse_map
from engine.types import POWERS, province_of
from tests.fuzz.mutation import mutate_text, to_bytes, to_text
from tests.fuzz.play import check_steps, check_texts

SMALL = """\
BEGIN SPRING 1901 MOVEMENT
AUSTRIA VIE
A VIE
ENGLAND LON
F LON
FRANCE PAR BRE
A PAR
F BRE
GERMANY BER
A BER
ITALY
RUSSIA STP
F STP/SC
TURKEY
UNOWNED BEL
Vienna = vie
London = lon lond
Paris = par
Brest = bre
Berlin = ber
Belgium = bel
Channel = eng channel
North+Sea = nth
Baltic = bal
St Petersburg = stp
St Petersburg (south coast) = stp/sc
St Petersburg (north coast) = stp/nc
LAND VIE ABUTS BER PAR
COAST LON ABUTS ENG NTH
LAND PAR ABUTS VIE BRE BEL
COAST BRE ABUTS par ENG
COAST BER ABUTS vie BAL bel stp
COAST BEL ABUTS par ENG NTH ber
WATER ENG ABUTS LON BRE BEL NTH
WATER NTH ABUTS LON BEL ENG BAL STP/NC
WATER BAL ABUTS BER NTH STP/SC
COAST STP ABUTS ber
COAST STP/NC ABUTS NTH
COAST STP/SC ABUTS BAL
"""
"""A board of ours with everything a map file can say: coasts, seas, inland, unowned centres, powers without a home."""

WORDS = (
    *("WATER", "COAST", "LAND", "SHUT", "ABUTS", "UNOWNED", "BEGIN", "SPRING", "1901", "=", "#", "VICTORY", "MAP"),
    *(*POWERS, "A PAR", "F ENG", "F STP/SC", "VIE", "LON", "par", "ENG", "NTH", "stp", "STP/NC", "stp/sc", "XXX"),
    *("\n", "\nCOAST XXX ABUTS ENG PAR", "\nWATER YYY ABUTS ENG XXX", "\nXX = xxx", "\nA BEL", " - ", "(", "99999"),
)


def seeds() -> list[bytes]:
    """The small board above, the standard one, and whatever else the ``diplomacy`` package ships."""
    files = sorted(_maps_folder().glob("*.map"), key=lambda file: (file.name != "standard.map", file.name))
    return [SMALL.encode(), *(file.read_bytes() for file in files)]


def mutate(data: bytes, rng: Random) -> bytes:
    """Words and lines moved, dropped, doubled; now and then many seas that all touch each other."""
    text = to_text(data)
    if rng.random() < 0.02:
        text += _many_seas(rng.choice((2, 8, 20, 40)), rng.choice((1, 3, 40)))
    elif rng.random() < 0.02:
        text += _sea_grid(rng.choice((2, 4, 6, 9)), rng.choice((2, 4, 6, 9)))
    lines = text.split("\n")
    if rng.random() < 0.3:
        lines.pop(rng.randrange(len(lines)))
    if rng.random() < 0.3:
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines) if lines else "")
    return to_bytes(mutate_text("\n".join(lines), rng, WORDS))


def _many_seas(count: int, near: int) -> str:
    """Seas in a row, each beside the nearest others: with ``near`` at its largest all touch all."""
    names = [f"Q{chr(65 + i // 26)}{chr(65 + i % 26)}" for i in range(count)]
    lines = [f"{name} = {name.lower()}" for name in names]
    for here, name in enumerate(names):
        beside = [other for there, other in enumerate(names) if 0 < abs(there - here) <= near]
        lines.append(f"WATER {name} ABUTS {' '.join(beside)} BRE LON")
    return "\n" + "\n".join(lines)


def _sea_grid(width: int, height: int) -> str:
    """Seas as on squared paper, with coasts at two corners: the number of ways through grows fast with the size."""
    names = {(x, y): f"{chr(65 + x)}{chr(65 + y)}Q" for x in range(width) for y in range(height)}
    coasts = {(0, 0): "BRE", (width - 1, height - 1): "LON"}
    lines = []
    for (x, y), name in names.items():
        beside = [names[at] for at in ((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)) if at in names]
        lines += [f"{name} = {name.lower()}", f"WATER {name} ABUTS {' '.join(beside)} {coasts.get((x, y), '')}"]
    return "\n" + "\n".join(lines)


def check(data: bytes) -> None:
    """A map that is accepted compiles or is refused in words; on a compiled one games can be played.

    Raises:
        ValueError: it is no map.
    """
    parsed = parse_map("fuzzed", data.decode())  # map files are read as UTF-8
    rng = Random(zlib.crc32(data))
    compiled = _modules()[rng.randrange(len(_modules()))]
    board = compiled.Map(
        name=parsed.name,
        powers=[power.value for power in POWERS],
        **_tables(parsed),
    )
    assert re.fullmatch(r"S\d{4}M", board.start().phase), "the year was not kept as it was written"
    assert sorted(set(board.centers)) == board.centers, "a centre is listed twice, and will count twice"
    check_texts(board, [f"{kind} {place} H" for kind in "AF" for place in board.locations])
    check_steps(board.start(), rng, phases=4)


def _tables(parsed: MapData) -> dict[str, object]:
    return {
        "locations": [(place, parsed.terrain[province_of(place)].value) for place in parsed.locations],
        "centers": list(parsed.centers),
        "homes": [list(parsed.homes[power]) for power in POWERS],
        "units": [[str(unit) for unit in parsed.starting_units[power]] for power in POWERS],
        "owned": [list(parsed.starting_centers[power]) for power in POWERS],
        "army_edges": [(here, there) for here, goals in parsed.army_moves.items() for there in goals],
        "fleet_edges": [(here, there) for here, goals in parsed.fleet_moves.items() for there in goals],
        "first_year": parsed.first_year,
    }


def _modules() -> list[ModuleType]:
    """The rules for small boards and those for large ones: the same sources, compiled twice."""
    return [importlib.import_module(name) for name in ("engine._core", "engine._core_large")]
