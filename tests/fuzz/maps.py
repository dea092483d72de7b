"""Map files: text through ``parse_map``, on into the compiled map, and play on whatever was accepted."""

from __future__ import annotations

import re
import zlib
from random import Random
from typing import TYPE_CHECKING

from engine.mapfile import MapData, Terrain, available_maps, compile_map, parse_map
from engine.types import POWERS, province_of
from tests.fuzz.arrays import check_batches, check_games
from tests.fuzz.mutation import mutate_text, to_bytes, to_text
from tests.fuzz.play import check_steps, check_texts, random_orders

if TYPE_CHECKING:
    from engine._core import Map, Position

SMALL = """\
BEGIN SPRING 1901 MOVEMENT
VICTORY 4
AUSTRIA (AUSTRIAN:A) VIE
A VIE
ENGLAND (ENGLISH:E) LON
F LON
FRANCE (FRENCH:F) PAR BRE
A PAR
F BRE
GERMANY (GERMAN:G) BER
A BER
RUSSIA (RUSSIAN:R) STP
F STP/SC
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
Åland = ala
Alps = alp
St Petersburg = stp
St Petersburg (south coast) = stp/sc
St Petersburg (north coast) = stp/nc
LAND VIE ABUTS BER PAR
COAST LON ABUTS ENG NTH
LAND PAR ABUTS VIE BRE BEL ALP
COAST BRE ABUTS par ENG
COAST BER ABUTS vie BAL bel stp
COAST BEL ABUTS par ENG NTH ber
WATER ENG ABUTS LON BRE BEL NTH
WATER NTH ABUTS LON BEL ENG BAL STP/NC
WATER BAL ABUTS BER NTH ALA STP/SC
PORT ALA ABUTS BAL
SHUT ALP ABUTS PAR
COAST stp ABUTS ber
COAST STP/NC ABUTS NTH
COAST STP/SC ABUTS BAL
"""
"""A board of ours with all kinds of places: coasts, seas, inland, a port, one shut, unowned centres."""

LINES = (
    *("VICTORY {number}", "BEGIN SPRING {year} MOVEMENT", "RULE BUILD_ANY", "UNPLAYED {power}", "DUMMY {power}"),
    *("UNPLAYED ALL EXCEPT {power} {other}", "DUMMIES ALL EXCEPT {power}", "DUMMY ALL", "UNOWNED {place}"),
    *("UNOWNED -{place}", "DROP {place}", "AMEND {place} ABUTS {there}", "AMEND {place} ABUTS -{there}"),
    *("{power} -{place} {there}", "{power} {place}", "{power}\nUNITS\nA {place}\nF {there}", "{power}\nF {place}"),
    *("{power}\nOWNS {place} {there}", "{power}\nCENTERS {place}", "{power}\nHOMES", "{power}\nINHABITS {place}"),
    *("SHUT {place}", "PORT {place}", "WATER {place}", "LAND {place} ABUTS {there}", "QUQ (QUQ:Q) {place}\nA {place}"),
    *("New = qqq\nCOAST QQQ ABUTS {place} {there}", "New = qqq\nWATER QQQ ABUTS {place}", "MAP {map}", "USE {map}.map"),
)
"""What may follow a map and change it, much as a file that builds on another does."""

WORDS = (
    *("WATER", "COAST", "LAND", "PORT", "SHUT", "AMEND", "ABUTS", "UNOWNED", "BEGIN", "SPRING", "1901", "=", "#"),
    *("VICTORY", "MAP", "RULE", "BUILD_ANY", "UNITS", "OWNS", "HOMES", "INHABITS", "CENTERS", "DROP", "DUMMY", "ALL"),
    *(*POWERS, "A PAR", "F ENG", "F STP/SC", "VIE", "LON", "par", "ENG", "NTH", "stp", "STP/NC", "stp/sc", "XXX"),
    *("\n", "\nCOAST XXX ABUTS ENG PAR", "\nWATER YYY ABUTS ENG XXX", "\nXX = xxx", "\nA BEL", " - ", "(", "99999"),
)
FULL = 0.02
"""How often a position with a unit in every province is tried."""


def seeds() -> list[bytes]:
    """The small board above, boards made up, large ones among them, and those that the ``diplomacy`` package ships."""
    made = [_new_map(Random(seed), places) for seed, places in enumerate((2, 4, 12, 30, 79, 81, 150, 318))]
    shipped = [f"MAP {name}.map\n" for name in available_maps()]
    return [text.encode() for text in (SMALL, *made, *shipped)]


def mutate(data: bytes, rng: Random) -> bytes:
    """Lines of the format put in, words and lines moved, dropped, doubled; now and then a map that is new."""
    text = to_text(data)
    if rng.random() < 0.1:
        text = _new_map(rng, rng.choice((1, 2, 5, 9, 15, 30, 85, rng.randint(60, 330))))
    if rng.random() < 0.02:
        text = SMALL + _many_seas(rng.choice((2, 8, 20, 40)), rng.choice((1, 3, 40)))
    elif rng.random() < 0.02:
        text = SMALL + _sea_grid(rng.choice((2, 4, 6, 9)), rng.choice((2, 4, 6, 9)))
    for _ in range(rng.choice((0, 1, 1, 2, 4))):
        text = _put_in(text, rng)
    if rng.random() < 0.6:
        return to_bytes(text)
    lines = text.split("\n")
    if rng.random() < 0.3:
        lines.pop(rng.randrange(len(lines)))
    if rng.random() < 0.3:
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines) if lines else "")
    return to_bytes(mutate_text("\n".join(lines), rng, WORDS) if rng.random() < 0.7 else "\n".join(lines))


def _put_in(text: str, rng: Random) -> str:
    """The map with a line more, of its own places and powers; mostly at its end."""
    places = re.findall(r"^(?:COAST|LAND|PORT|WATER) (\S+)", text, re.MULTILINE) or ["PAR", "LON", "ROM", "NTH"]
    powers = re.findall(r"^(\w+) \(", text, re.MULTILINE) or ["FRANCE", "ENGLAND", "ROME", "CHINA"]
    line = rng.choice(LINES).format(
        number=rng.choice((1, 2, 5, 18, 99)),
        year=rng.choice((1, 901, 1900, 9899, 9900, 99999)),
        power=rng.choice(powers),
        other=rng.choice(powers),
        place=rng.choice(places),
        there=rng.choice(places),
        map=rng.choice(available_maps()),
    )
    lines = text.rstrip("\n").split("\n")
    lines.insert(len(lines) if rng.random() < 0.8 else rng.randrange(len(lines) + 1), line)
    return "\n".join(lines) + "\n"


def _new_map(rng: Random, count: int) -> str:
    """A map that keeps to the format: places on squared paper, each beside most of those around it."""
    names = rng.sample([f"{a}{b}{c}" for a in "ABCDEFGHIJ" for b in "KLMNOPQRST" for c in "AEIOUY"], count)
    kinds = dict.fromkeys(names[:1], "COAST") | {
        name: rng.choices(("LAND", "COAST", "WATER", "PORT", "SHUT"), (25, 45, 16, 2, 2))[0] for name in names[1:]
    }
    beside = _borders(rng, names)
    split = {}  # place -> which of its seas lie at the north coast
    for name in names:
        seas = [there for there in sorted(beside[name]) if kinds[there] == "WATER"]
        if kinds[name] == "COAST" and len(seas) > 1 and rng.random() < 0.3:
            split[name] = set(seas[::2])
    lines = [f"Place {name} = {name.lower()} {name.lower()}land" for name in names]
    for name in names:
        lines += _place_lines(rng, name, kinds, sorted(beside[name]), split)
    return "\n".join([*_power_lines(rng, kinds, split), *lines]) + "\n"


def _borders(rng: Random, names: list[str]) -> dict[str, set[str]]:
    width = max(1, round(len(names) ** 0.5))
    beside: dict[str, set[str]] = {name: set() for name in names}
    for here, name in enumerate(names):
        for step in (1, width, width + 1, width - 1):
            if here + step < len(names) and step > 0 and rng.random() < 0.8:
                beside[name].add(names[here + step])
                beside[names[here + step]].add(name)
    if rng.random() < 0.1:  # one place that touches very many
        for there in rng.sample(names[1:], min(len(names) - 1, rng.choice((15, 17, 32, 40)))):
            beside[names[0]].add(there)
            beside[there].add(names[0])
    return beside


def _place_lines(
    rng: Random, name: str, kinds: dict[str, str], beside: list[str], split: dict[str, set[str]]
) -> list[str]:
    """The lines of a place: one, or three for one with two coasts."""

    def written(there: str) -> str:
        if there in split:
            return f"{there}/{'NC' if name in split[there] else 'SC'}" if kinds[name] == "WATER" else there.lower()
        only_armies = kinds[name] == kinds[there] == "COAST" and rng.random() < 0.2
        return there.lower() if only_armies else there.title() if rng.random() < 0.02 else there

    if name not in split:
        return [f"{kinds[name]} {name} ABUTS {' '.join(map(written, beside))}"]
    seas = [there for there in beside if kinds[there] == "WATER"]
    land = [there.lower() for there in beside if kinds[there] != "WATER"]
    lines = [f"COAST {name.lower()} ABUTS {' '.join(land)}"]
    for coast, at_north in (("NC", True), ("SC", False)):
        goals = [there for there in seas if (there in split[name]) is at_north]
        lines += [
            f"Place {name} ({coast}) = {name.lower()}/{coast.lower()}",
            f"COAST {name}/{coast} ABUTS {' '.join(goals)}",
        ]
    return lines


def _power_lines(rng: Random, kinds: dict[str, str], split: dict[str, set[str]]) -> list[str]:
    """Powers with their homes and units, the game's first year, its goal and its rules."""
    land = [name for name, kind in kinds.items() if kind in ("LAND", "COAST", "PORT")]
    powers = rng.sample([*POWERS, *(f"POWER{number}" for number in range(19))], rng.randint(1, min(24, len(land))))
    if rng.random() < 0.7:
        powers = powers[:7]
    free = rng.sample(land, min(len(land), rng.choice((40, 100, 128)))) if rng.random() < 0.2 else list(land)
    rng.shuffle(free)
    lines = []
    for power in powers:
        homes = [free.pop() for _ in range(min(len(free), rng.choice((1, 1, 2, 3, 4)))) if free]
        if not homes:
            break
        lines += [f"{power} (OF_IT:{rng.choice('ABC')}) {' '.join(homes)}", "UNITS"]
        for home in homes:
            fleet = kinds[home] != "LAND" and rng.random() < 0.5
            lines.append(f"F {home}{rng.choice(('/NC', '/SC')) if home in split else ''}" if fleet else f"A {home}")
        if free and rng.random() < 0.1:
            lines.append(rng.choice(("OWNS", "CENTERS")) + " " + " ".join(free.pop() for _ in range(min(2, len(free)))))
    lines.append("UNOWNED " + " ".join(free[: rng.choice((0, 3, 12))]))
    options = (f"BEGIN SPRING {rng.choice((1, 1901, 9899))} MOVEMENT", "VICTORY 1", "VICTORY 2", "RULE BUILD_ANY")
    return lines + [option for option in options if rng.random() < 0.2]


def _many_seas(count: int, near: int) -> str:
    """Seas in a row, each beside the nearest others: with ``near`` at its largest all touch all."""
    names = [f"Q{chr(65 + i // 26)}{chr(65 + i % 26)}" for i in range(count)]
    lines = [f"{name} = {name.lower()}" for name in names]
    for here, name in enumerate(names):
        beside = [other for there, other in enumerate(names) if 0 < abs(there - here) <= near]
        lines.append(f"WATER {name} ABUTS {' '.join(beside)} BRE LON")
    return "\n".join(lines) + "\n"


def _sea_grid(width: int, height: int) -> str:
    """Seas as on squared paper, with coasts at two corners: the number of ways through grows fast with the size."""
    names = {(x, y): f"{chr(65 + x)}{chr(65 + y)}Q" for x in range(width) for y in range(height)}
    coasts = {(0, 0): "BRE", (width - 1, height - 1): "LON"}
    lines = []
    for (x, y), name in names.items():
        beside = [names[at] for at in ((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)) if at in names]
        lines += [f"{name} = {name.lower()}", f"WATER {name} ABUTS {' '.join(beside)} {coasts.get((x, y), '')}"]
    return "\n".join(lines) + "\n"


def check(data: bytes) -> None:
    """A map that is accepted can be compiled, and played on; the rules for large boards play small ones alike.

    Raises:
        ValueError: it is no map.
    """
    parsed = parse_map("fuzzed", data.decode())  # map files are read as UTF-8
    rng = Random(zlib.crc32(data))
    try:
        boards = [compile_map(parsed)]
        if not _is_large(boards[0]):
            boards.append(compile_map(parsed, large=True))
    except ValueError as error:
        raise AssertionError(f"the reader takes a map that the compiled rules do not: {error}") from error
    board = rng.choice(boards)
    assert re.fullmatch(r"S\d{4}M", board.start().phase), "the year was not kept as it was written"
    assert sorted(set(board.centers)) == board.centers, "a centre is listed twice, and will count twice"
    check_texts(board, [f"{kind} {place} H" for kind in "AF" for place in board.locations])
    check_steps(board.start(), rng, phases=2 if len(board.provinces) > 100 else 4)
    _check_alike([board.start() for board in boards], rng)
    check_batches(board.start(), rng)
    check_games(board.start(), rng)
    if rng.random() < FULL:
        check_steps(_crowded(parsed, board, rng), rng, phases=2)


def _is_large(board: Map) -> bool:
    return type(board).__module__ == "engine._core_large"


def _check_alike(positions: list[Position], rng: Random) -> None:
    """The same orders lead to the same positions by both compiled rules."""
    for _ in range(4 if len(positions) > 1 else 0):
        first, board = positions[0], positions[0].map
        texts = {
            power: [board.order_text(code) for code in codes]
            for power, codes in zip(board.powers, random_orders(first, rng), strict=True)
        }
        steps = [position.step_texts(texts) for position in positions]
        seen = [(p.phase, p.units(), p.centers(), p.dislodged(), p.winner, dict(words.items())) for p, words in steps]
        assert seen[0] == seen[1], "the rules for large boards play on in another way"
        positions = [position for position, _ in steps]


def _crowded(parsed: MapData, board: Map, rng: Random) -> Position:
    """Somebody's unit in every province: fleets at sea, on coasts either."""
    units: dict[str, list[str]] = {power: [] for power in board.powers}
    for province in parsed.provinces:
        terrain = parsed.terrain[province_of(province)]
        fleet = terrain is Terrain.SEA or (terrain is not Terrain.LAND and rng.random() < 0.3)
        place = rng.choice(parsed.coasts(province)) if fleet else province
        units[rng.choice(board.powers)].append(f"{'F' if fleet else 'A'} {place}")
    phase = rng.choice(("S1901M", "F1901M", "F9999M", "W1901A"))
    return type(board.start()).from_state(board, phase, units, {})
