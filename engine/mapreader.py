"""Reads the map format of the ``diplomacy`` package: text -> `Draft`, which `engine.mapfile` turns into a board.

    MAP standard.map                     all that is in another map (USE: the same)
    BEGIN SPRING 1901 MOVEMENT           VICTORY 18           RULE BUILD_ANY
    Paris = par paris                    a place: full name, abbreviation, other names
    COAST PIC ABUTS BEL BRE bur ENG par  LAND, WATER, PORT, SHUT; lower case: for armies alone; Tar: for fleets alone
    AMEND PIC ABUTS -BEL LON             DROP PIC
    FRANCE (FRENCH:F) BRE MAR -PAR       a power, what is its own, its home centres; UNOWNED BEL for the rest
    OWNS BEL   CENTERS PAR   HOMES PAR   of the power named last
    UNITS                                forgets its units
    F BRE
    DUMMY                                it never gives orders
    UNPLAYED ITALY, RUSSIA               forgets these powers; their centres stay

The format is that package's; this reader is our own.  It takes nothing it does not know in silence: whatever
else stands in a file is refused with the line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.types import EngineError, NotationError, Power

_LONGEST_FILE = 1_000_000
"""Bytes; the largest map of the package has 25,000."""
_LONGEST_NAME = 80
_MOST_FILES = 10
_YEARS = range(1, 9900)
"""First years for which every later phase still has a year of four digits."""


class UnknownMapError(EngineError, ValueError):
    """A map that this project does not know, or whose file cannot be read."""


@dataclass(frozen=True)
class Line:
    """Where something stands, for messages."""

    map_name: str
    number: int
    text: str

    def error(self, expected: str, got: str | None = None) -> UnknownMapError:
        """The error that this line is wrong; without `got`, the whole line is shown."""
        shown = self.text.strip() if got is None else got
        shown = shown if len(shown) <= _LONGEST_NAME else shown[:_LONGEST_NAME] + "..."
        return UnknownMapError(f"map {self.map_name!r}, line {self.number}: expected {expected}, got {shown!r}")


@dataclass
class Place:
    """A location as the file has it."""

    kind: str
    """LAND, COAST, WATER, PORT or SHUT."""
    neighbours: list[str]
    """As written: the case says which units may go there."""
    is_split: bool
    """Written in lower case: fleets there need a coast."""
    line: Line


@dataclass
class Draft:
    """What the files say, names in capitals, nothing compared with anything yet."""

    places: dict[str, Place] = field(default_factory=dict)
    full_names: dict[str, tuple[str, Line]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    centers: dict[str, Line] = field(default_factory=dict)
    """Every centre, whoever has it."""
    homes: dict[Power, list[str]] = field(default_factory=dict)
    """The keys are the powers."""
    owned: dict[Power, list[str]] = field(default_factory=dict)
    """Only of powers whose first centres are not their homes."""
    units: dict[Power, list[tuple[str, Line]]] = field(default_factory=dict)
    declared: dict[Power, Line] = field(default_factory=dict)
    own_homes: set[Power] = field(default_factory=set)
    """Powers whose homes were given apart (INHABITS, HOMES) from their first line."""
    dummies: list[Power] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    first_year: int = 1901
    victory: tuple[int, Line] | None = None


def read_file(path: Path, name: str) -> str:
    """The text of a map file.

    Raises:
        UnknownMapError: it cannot be read, or is no map.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(_LONGEST_FILE + 1)
        if len(content) > _LONGEST_FILE:
            raise UnknownMapError(f"map {name!r} is longer than {_LONGEST_FILE} bytes: {path}")
        return content.decode("utf-8")
    except OSError as error:
        raise UnknownMapError(f"cannot read map {name!r}: expected a file at {path} ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise UnknownMapError(f"cannot read map {name!r}: {path} is no text in UTF-8 ({error.reason})") from None
    except ValueError as error:
        raise UnknownMapError(f"cannot read map {name!r}: expected the path of a file ({error})") from None


def read_map(name: str, text: str, folders: tuple[Path, ...]) -> Draft:
    """What a map says, with the maps that it builds on.

    Args:
        name: how messages call it.
        folders: where those other maps are looked for, in this order.

    Raises:
        UnknownMapError: a line that is not of the format.
    """
    draft = Draft()
    _Reader(name, draft, folders, {name}).read(text)
    return draft


class _Reader:
    """Takes in one file; the draft is shared with the files it includes."""

    def __init__(self, name: str, draft: Draft, folders: tuple[Path, ...], seen: set[str]) -> None:
        self._name = name
        self._draft = draft
        self._folders = folders
        self._seen = seen
        """Maps read so far; each may be read once, so that no map includes itself."""
        self._power: Power | None = None
        """The power named last, which units and centres belong to."""
        self._defined: set[str] = set()
        """Places and names this very file gave: again is a mistake, while another file's may be replaced."""

    def read(self, text: str) -> None:
        for number, content in enumerate(text.splitlines(), start=1):
            words = content.split("#")[0].split()
            if words:
                self._read_line(words, Line(self._name, number, content))

    def _read_line(self, words: list[str], line: Line) -> None:
        directive = self._directives.get(words[0].upper())
        if words[0].upper() in _BEFORE_NAMES and directive is not None:
            directive(self, words[1:], line)
        elif any("=" in word for word in words):
            self._read_name(words, line)
        elif directive is not None:
            directive(self, words[1:], line)
        elif words[0].upper() in _TERRAINS:
            self._read_place(words[0].upper(), words[1:], line)
        elif words[0].upper() in ("A", "F"):
            self._read_unit(words, line)
        else:
            self._read_power(words, line)

    # --- the game ------------------------------------------------------------------------------------------

    def _read_include(self, words: list[str], line: Line) -> None:
        if not words:
            raise line.error("the name of a map")
        for word in words:
            name = word.removesuffix(".map")
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name):
                raise line.error("the name of a map", word)
            if name in self._seen or f"{name}.map" in {Path(seen).name for seen in self._seen}:
                raise line.error("a map that was not read yet (a map cannot include itself)", word)
            path = next((p for folder in self._folders if (p := folder / f"{name}.map").is_file()), None)
            if path is None:
                raise line.error("a map that is there", word)
            if len(self._seen) >= _MOST_FILES:
                raise line.error(f"at most {_MOST_FILES} maps one upon another", word)
            self._seen.add(name)
            _Reader(name, self._draft, self._folders, self._seen).read(read_file(path, name))

    def _read_begin(self, words: list[str], line: Line) -> None:
        year = _whole_number(words[1]) if len(words) == 3 else None
        if year not in _YEARS or year is None or (words[0].upper(), words[2].upper()) != ("SPRING", "MOVEMENT"):
            raise line.error(f"BEGIN SPRING, a year from {_YEARS[0]} to {_YEARS[-1]}, and MOVEMENT")
        self._draft.first_year = year

    def _read_victory(self, words: list[str], line: Line) -> None:
        count = _whole_number(words[0]) if len(words) == 1 else None
        if count is None:
            raise line.error("VICTORY and one number of centres")
        self._draft.victory = (count, line)

    def _read_rules(self, words: list[str], line: Line) -> None:
        self._draft.rules += [word.upper() for word in words if word.upper() not in self._draft.rules]

    # --- places --------------------------------------------------------------------------------------------

    def _read_name(self, words: list[str], line: Line) -> None:
        full_name, _, rest = " ".join(words).partition("=")
        full_name, names = full_name.strip(), rest.split()
        if not full_name or not names or "->" in full_name or "=" in rest:
            raise line.error("a place: its full name, =, its abbreviation, other names")
        place = _place_name(names[0], line)
        if len(full_name) > _LONGEST_NAME:
            raise line.error(f"a name of at most {_LONGEST_NAME} letters", full_name)
        if place in self._draft.full_names:
            raise line.error(f"one name for {place}: it already is {self._draft.full_names[place][0]!r}", full_name)
        self._draft.full_names[place] = (full_name, line)
        for alias in (full_name, *names):
            if alias.endswith("?"):
                continue  # the package's mark of a word that may mean something else as well
            alias = alias.lower().replace("+", " ")
            if self._draft.aliases.setdefault(alias, place) != place:
                raise line.error(f"a name that is not also that of {self._draft.aliases[alias]}", alias)

    def _read_place(self, kind: str, words: list[str], line: Line) -> None:
        if not words or (len(words) > 1 and words[1].upper() != "ABUTS"):
            raise line.error(f"{kind}, a place, ABUTS, its neighbours")
        name = _place_name(words[0], line)
        if words[0] not in (words[0].upper(), words[0].lower()):
            raise line.error("a place all in capitals or all in lower case", words[0])
        old = self._draft.places.get(name)
        if kind == "AMEND" and old is None:
            raise line.error("a place that is already there", words[0])
        if kind != "AMEND" and name in self._defined:
            raise line.error(f"one line for {name}: this is the second")
        self._defined.add(name)
        keeps = kind == "AMEND" or len(words) == 1
        neighbours = list(old.neighbours) if old is not None and keeps else []
        for word in words[2:]:
            if word.startswith("-"):
                neighbours = [n for n in neighbours if not n.upper().startswith(_place_name(word[1:], line))]
            else:
                _place_name(word, line)
                neighbours.append(word)
        kind = old.kind if kind == "AMEND" and old is not None else kind
        self._draft.places[name] = Place(kind, neighbours, words[0].islower(), line)

    def _read_drop(self, words: list[str], line: Line) -> None:
        draft = self._draft
        for name in (_place_name(word, line) for word in words):
            if name not in draft.places:
                raise line.error("a place that is there", name)
            draft.places = {p: entry for p, entry in draft.places.items() if not p.startswith(name)}
            for entry in draft.places.values():
                entry.neighbours = [n for n in entry.neighbours if not n.upper().startswith(name)]
            draft.full_names = {p: full for p, full in draft.full_names.items() if not p.startswith(name)}
            draft.aliases = {alias: p for alias, p in draft.aliases.items() if not p.startswith(name)}
            draft.centers.pop(name, None)
            for owned in (draft.homes, draft.owned):
                for centers in owned.values():
                    centers[:] = [c for c in centers if c != name]
            for units in draft.units.values():
                units[:] = [(unit, at) for unit, at in units if not unit[2:].startswith(name[:3])]

    # --- powers --------------------------------------------------------------------------------------------

    def _read_power(self, words: list[str], line: Line) -> None:
        rest = words[1:]
        if rest and rest[0].startswith("("):
            if not re.fullmatch(r"\([^():]*(:[A-Za-z])?\)", rest[0]):
                raise line.error("(WORD) or (WORD:LETTER) after the power's name", rest[0])
            rest = rest[1:]
        if not all(_HOME.fullmatch(word) for word in rest):
            raise line.error(_ANY_LINE)  # any misspelt line looks like a power with odd centres
        centers = [_home(word, line) for word in rest]
        power = None if words[0].upper() in ("UNOWNED", "NEUTRAL") else _power_name(words[0], line)
        self._power = power
        if power is None:
            for center, is_removed in centers:
                if not is_removed:
                    self._draft.centers[center] = line
                elif not any(center in its for its in (*self._draft.homes.values(), *self._draft.owned.values())):
                    self._draft.centers.pop(center, None)
            return
        self._draft.declared.setdefault(power, line)
        homes = self._draft.homes.setdefault(power, [])
        if power in self._draft.own_homes:
            self._draft.own_homes.remove(power)
            homes.clear()
        self._add_homes(power, centers, line)

    def _add_homes(self, power: Power, centers: list[tuple[str, bool]], line: Line) -> None:
        homes = self._draft.homes[power]
        for center, is_removed in centers:
            # A home given up stays a centre.
            self._draft.centers.setdefault(center, line)
            if center in homes:
                homes.remove(center)
            if not is_removed:
                homes.append(center)

    def _read_homes(self, words: list[str], line: Line) -> None:
        power = self._current_power(line)
        is_added = line.text.split()[0].upper() == "INHABITS" and power in self._draft.own_homes
        self._draft.own_homes.add(power)
        if not is_added:
            self._draft.homes[power].clear()
        self._add_homes(power, [_home(word, line) for word in words], line)

    def _read_owned(self, words: list[str], line: Line) -> None:
        power = self._current_power(line)
        if line.text.split()[0].upper() == "CENTERS":
            self._draft.owned[power] = []
        owned = self._draft.owned.setdefault(power, [])
        for center in (_home(word, line)[0] for word in words):
            self._draft.centers.setdefault(center, line)
            if center not in owned:
                owned.append(center)

    def _read_units(self, words: list[str], line: Line) -> None:
        if words:
            raise line.error("UNITS alone in its line")
        self._draft.units[self._current_power(line)] = []

    def _read_unit(self, words: list[str], line: Line) -> None:
        if len(words) != 2:
            raise line.error("a unit such as 'A PAR'")
        unit = f"{words[0].upper()} {_place_name(words[1], line)}"
        self._draft.units.setdefault(self._current_power(line), []).append((unit, line))

    def _read_dummy(self, words: list[str], line: Line) -> None:
        powers = self._powers_meant(words, line)
        if words:
            self._power = None
        self._draft.dummies += [power for power in powers if power not in self._draft.dummies]

    def _read_unplayed(self, words: list[str], line: Line) -> None:
        draft = self._draft
        for power in self._powers_meant(words, line):
            for table in (draft.homes, draft.owned, draft.units, draft.declared):
                table.pop(power, None)
            draft.own_homes.discard(power)
            draft.dummies = [dummy for dummy in draft.dummies if dummy is not power]
        self._power = None

    def _powers_meant(self, words: list[str], line: Line) -> list[Power]:
        """The powers of a list: none given (the current one), names, ALL, or ALL EXCEPT names."""
        if not words:
            return [self._current_power(line)]
        if words[0].upper() != "ALL":
            return [self._declared(word, line) for word in words]
        if len(words) == 1:
            return list(self._draft.homes)
        if words[1].upper() != "EXCEPT" or len(words) == 2:
            raise line.error("ALL, or ALL EXCEPT and powers")
        kept = [self._declared(word, line) for word in words[2:]]
        return [power for power in self._draft.homes if power not in kept]

    def _declared(self, word: str, line: Line) -> Power:
        power = _power_name(word, line)
        if power not in self._draft.homes:
            raise line.error(f"a power of this map ({', '.join(self._draft.homes) or 'it has none yet'})", word)
        return power

    def _current_power(self, line: Line) -> Power:
        if self._power is None or self._power not in self._draft.homes:  # a map read since may have put it aside
            raise line.error("the name of a power before this line")
        return self._power

    _directives: Mapping[str, Callable[[_Reader, list[str], Line], None]] = {
        "MAP": _read_include,
        "USE": _read_include,
        "USES": _read_include,
        "BEGIN": _read_begin,
        "VICTORY": _read_victory,
        "RULE": _read_rules,
        "RULES": _read_rules,
        "DROP": _read_drop,
        "OWNS": _read_owned,
        "CENTERS": _read_owned,
        "INHABITS": _read_homes,
        "HOME": _read_homes,
        "HOMES": _read_homes,
        "UNITS": _read_units,
        "DUMMY": _read_dummy,
        "DUMMIES": _read_dummy,
        "UNPLAYED": _read_unplayed,
    }


_BEFORE_NAMES = ("VICTORY", "MAP", "USE", "USES", "BEGIN", "RULE", "RULES")
"""Directives that win over a line that names a place; a place may be called ``Drop Zone``."""
_ANY_LINE = "a power (2 to 32 letters) and its centres, a place, a unit or another line of the format"
_HOME = re.compile(r"-?[A-Za-z]{3}")
_TERRAINS = ("AMEND", "LAND", "COAST", "WATER", "PORT", "SHUT")


def _whole_number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None


def _place_name(word: str, line: Line) -> str:
    """The location that a word names, in capitals."""
    if not re.fullmatch(r"[A-Za-z]{3}(/[A-Za-z][Cc])?", word):
        raise line.error("a place of three letters, or with a coast such as STP/NC", word)
    return word.upper()


def _power_name(word: str, line: Line) -> Power:
    """The power that a word names: in capitals, without ``-`` and other signs, as the package writes it."""
    try:
        return Power.declare(re.sub(r"[-.:+,]", "", word.upper()))
    except NotationError:
        raise line.error(_ANY_LINE) from None


def _home(word: str, line: Line) -> tuple[str, bool]:
    """A centre and whether it is taken away: ``PAR``, ``-PAR``."""
    if not _HOME.fullmatch(word):
        raise line.error("a supply centre of three letters", word)
    return word.removeprefix("-").upper(), word.startswith("-")
