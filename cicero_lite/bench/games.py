"""Stored games played again by our rules: a position set up once a game, then nothing but its orders.

After each phase our position is compared with the one stored.  Where they differ, the difference is told, and
play goes on from the stored position.
"""

# What the public data does that is no difference, and how it is taken here:
# - Orders are taken as written; a text that is no legal order is counted, and its unit holds.  Of two legal orders to
#   one unit, and of more builds or removals than are due, the first count; both are counted as surplus.
# - A retreat phase in which nobody can go anywhere is passed over by our rules; the data has some.  The disbandings
#   ordered there, and those of such units beside others that can retreat, are no orders any more.
# - Where the data says that a retreat list was repaired (``retreat_options_filtered``), too many places can be left
#   in it: the ``diplomacy`` package lets a unit that an army from the sea dislodged retreat to where a bounce was.
# - Its counts of builds are limited by the free home centres, but for three.

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cicero_lite.errors import CiceroLiteError
from engine._core import Map, Position
from engine.mapfile import core_map
from engine.types import EngineError, OrderResult

HELD_BACK = "games-validation.jsonl.gz"
"""The file of public games that nothing was trained on."""
COMPLETED = "COMPLETED"
"""Name of the last phase of a game that was won."""

IRREGULAR = "the data says that one phase of this game does not replay"
REPAIRED = "the data says that it repaired this retreat list; a place where a bounce was is left in it"
UNLIMITED = "the stored count of builds is not limited by the free home centres of the stored position"

_Items = dict[str, list[str]]
"""What is compared (units, centers, retreats, ...) -> in words, what differs."""


class StoredGameError(CiceroLiteError, ValueError):
    """A file that holds no games to play again."""


@dataclass(frozen=True)
class Difference:
    """A phase in which the stored game and ours part."""

    game: str
    phase: str
    what: list[str]
    """In words: whose units, which of them."""
    known: str
    """Why the data itself does not expect the same; empty: it does, so one of us is wrong."""


@dataclass(frozen=True)
class Mistake:
    """An order that the rules do not allow."""

    game: str
    phase: str
    power: str
    order: str


@dataclass
class GamesFound:
    """Figures of all games played again."""

    games: int = 0
    phases: int = 0
    """Stored phases, those at hand at the end included."""
    orders: int = 0
    illegal: list[Mistake] = field(default_factory=list)
    late_disbands: int = 0
    """Orders to disband that came when the unit had gone, as it could not retreat; not counted as illegal."""
    surplus: int = 0
    """Legal orders, but a second one to a unit, or one more than was due."""
    unordered: Counter[str] = field(default_factory=Counter)
    """What the rules did without an order: ``held``, ``disbanded``, ``removed``, ``waived``."""
    compared: Counter[str] = field(default_factory=Counter)
    """Facts compared, by kind: positions, retreat lists, builds, results, lost, ends."""
    passed_over: int = 0
    """Stored retreat phases in which nobody could retreat."""
    differences: list[Difference] = field(default_factory=list)

    @property
    def unknown(self) -> list[Difference]:
        """Differences that the data does not expect."""
        return [difference for difference in self.differences if not difference.known]

    def lines(self) -> list[str]:
        """The figures for a reader at the terminal."""
        compared, unordered, unknown = self.compared, self.unordered, len(self.unknown)
        lines = [
            f"{self.games} games, {self.phases} phases, {self.orders} orders, {len(self.illegal)} of them illegal",
            f"{self.late_disbands} more to disband units that could not retreat; {self.surplus} legal ones surplus, "
            "of which the first count",
            f"without an order {unordered['held']} units held, {unordered['disbanded']} disbanded after dislodgement, "
            f"{unordered['removed']} were removed, {unordered['waived']} builds waived",
            f"compared: {compared['positions']} positions, {compared['retreats']} retreat lists, "
            f"{compared['lost']} units lost without retreat, {compared['builds']} counts of builds and removals, "
            f"{compared['results']} results of orders, {compared['ends']} ends; "
            f"{self.passed_over} retreat phases without a retreat passed over",
            f"differences: {unknown} not known, {len(self.differences) - unknown} known to the data",
        ]
        for difference in sorted(self.differences, key=lambda d: bool(d.known)):
            lines.append(f"  {difference.game} {difference.phase}: {'; '.join(difference.what)}")
            if difference.known:
                lines.append(f"    known: {difference.known}")
        return lines


def replay_files(paths: Iterable[Path]) -> GamesFound:
    """Plays every game of these files again.

    Args:
        paths: files of games (.jsonl, .jsonl.gz), one a line, or saved games (.json).

    Raises:
        StoredGameError: a file that cannot be read, or holds what is no game; the message says where.
    """
    found = GamesFound()
    for path in paths:
        for where, data in _read(path):
            replay(data, found, where)
    return found


def replay(data: Any, found: GamesFound, where: str = "saved game") -> None:
    """Plays one game again and adds what is found.

    Args:
        data: a game of the public data, or a saved game of the ``diplomacy`` package or of ours.
        found: the figures to add to.
        where: where the game stands, for errors.

    Raises:
        StoredGameError: it is no game.
    """
    if not isinstance(data, dict) or not isinstance(data.get("phases"), list) or not data["phases"]:
        raise StoredGameError(f"{where} is no game: expected an object with a non-empty list 'phases'")
    try:
        board = core_map(str(data.get("map", "standard")))
    except EngineError as error:
        raise StoredGameError(f"{where}: {error}") from None
    phases = [StoredPhase.read(phase, f"{where}, phase {n}") for n, phase in enumerate(data["phases"])]
    _Replay(board, data, phases, found, where).run()


# ---- files ------------------------------------------------------------------------------------------------


def _read(path: Path) -> Iterator[tuple[str, Any]]:
    """Where each object of a file stands, and the object."""
    try:
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        content = text.decode()
    except FileNotFoundError:
        raise StoredGameError(f"no such file: {path}; expected games (.json, .jsonl, .jsonl.gz)") from None
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise StoredGameError(f"cannot read {path}: {error}; expected games (.json, .jsonl, .jsonl.gz)") from None
    if ".jsonl" not in path.name:
        yield str(path), _parse(content, str(path))
        return
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip():
            yield f"{path}, line {number}", _parse(line, f"{path}, line {number}")


def _parse(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise StoredGameError(f"{where} is not JSON ({error.msg} at column {error.colno}): expected a game") from None


@dataclass(frozen=True)
class StoredPhase:
    """One phase as the file has it."""

    name: str
    units: Mapping[str, list[str]]
    """Power -> its units on the board, sorted; powers without any are left out, here and below."""
    centers: Mapping[str, list[str]]
    retreats: Mapping[str, Mapping[str, list[str]]]
    """Power -> {dislodged unit: where it may go, sorted}; units that can go nowhere are left out."""
    stranded: frozenset[str]
    """Dislodged units of the stored list that can go nowhere."""
    builds: Mapping[str, int] | None
    """Power -> builds (> 0) or removals (< 0) due; None where the file does not say."""
    orders: Mapping[str, list[str]]
    results: Mapping[str, frozenset[str]]
    """Unit -> results; empty where the file has none."""
    lost: frozenset[str]
    """Units without a retreat that the public data names apart (``forced_disbands``)."""
    repaired: bool
    """Whether the public data changed the retreat list (``retreat_options_filtered``)."""

    @property
    def is_retreats(self) -> bool:
        """Whether it is a retreat phase."""
        return self.name.endswith("R")

    @classmethod
    def read(cls, data: Any, where: str) -> StoredPhase:
        """The phase in an object of the public data or of a saved game.

        Raises:
            StoredGameError: the object is no phase.
        """
        try:
            state = data["state"]
            retreats = {
                power: {unit.lstrip("*"): sorted(places) for unit, places in units.items()}
                for power, units in (state.get("retreats") or {}).items()
                if units
            }
            going = {p: {unit: places for unit, places in units.items() if places} for p, units in retreats.items()}
            builds = state.get("builds") if str(data["name"]).endswith("A") else None
            return cls(
                name=str(data["name"]),
                units={p: sorted(u for u in its if u[0] != "*") for p, its in state["units"].items() if its},
                centers={p: sorted(its) for p, its in state["centers"].items() if its},
                retreats={power: units for power, units in going.items() if units},
                stranded=frozenset(u for units in retreats.values() for u, places in units.items() if not places),
                builds=None if builds is None else {p: _build_count(told) for p, told in builds.items()},
                orders={p: [str(text).strip() for text in its] for p, its in (data.get("orders") or {}).items() if its},
                results={
                    str(unit): frozenset(map(str, words)) - {""} for unit, words in (data.get("results") or {}).items()
                },
                lost=frozenset(data.get("forced_disbands") or ()),
                repaired=bool(data.get("retreat_options_filtered")),
            )
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            problem = f"missing {error}" if isinstance(error, KeyError) else str(error)
            raise StoredGameError(f"{where} is no phase of a game: {problem}") from None


def _build_count(told: Any) -> int:
    """Saved games of the package name the places, too: ``{"count": 1, "homes": [...]}``."""
    return int(told["count"] if isinstance(told, dict) else told)


# ---- play -------------------------------------------------------------------------------------------------


class _Replay:
    """One game on its way from its first position to its last."""

    def __init__(
        self, board: Map, data: Mapping[str, Any], phases: Sequence[StoredPhase], found: GamesFound, where: str
    ) -> None:
        self.board, self.data, self.phases, self.found, self.where = board, data, phases, found, where
        self.game = str(data.get("id", "game"))
        self.validation: Mapping[str, Any] = data.get("validation") or {}
        self.irregular = int(self.validation.get("replay_exact") is False)
        """Phases that the data does not expect to replay, still to come."""
        self.position = self._stored(phases[0])
        self.lost: frozenset[str] | None = frozenset()
        """Units that the last movement phase left without a retreat; None: a stored position came between."""
        self.bounces: set[str] = set()
        """Provinces that the last movement phase saw a bounce in."""
        self.orders = self.illegal = 0

    def run(self) -> None:
        """Plays and compares all phases, and the end."""
        self.found.games += 1
        for number, phase in enumerate(self.phases):
            self.found.phases += 1
            if phase.is_retreats and not phase.retreats:
                self._pass_over(phase)
            else:
                self._compare(phase, started=number > 0)
                is_last = number == len(self.phases) - 1
                if phase.name != COMPLETED and (phase.orders or not is_last):
                    self._play(phase, None if is_last else self.phases[number + 1])
        self._end()

    def _stored(self, phase: StoredPhase) -> Position:
        try:
            return self.board.position(
                phase.name,
                {power: list(units) for power, units in phase.units.items()},
                {power: list(centers) for power, centers in phase.centers.items()},
                {p: {unit: list(to) for unit, to in units.items()} for p, units in phase.retreats.items()},
            )
        except ValueError as error:
            raise StoredGameError(f"{self.where}, {phase.name}: {error}") from None

    def _differ(self, phase: str, items: _Items, known: str = "") -> None:
        what = [text for texts in items.values() for text in texts]
        self.found.differences.append(Difference(self.game, phase, what, known))

    def _compare(self, phase: StoredPhase, started: bool) -> None:
        """Compares our position with the stored one, and takes the stored one where they differ."""
        self._compare_builds(phase)
        if not started:
            return
        self.found.compared["positions"] += 1
        self.found.compared["retreats"] += sum(map(len, phase.retreats.values()))
        items = position_items(self.position, phase)
        if items:
            known = self._why_known(phase, items)
            self._differ(phase.name, items, known)
            if phase.name != COMPLETED:
                self.position = self._stored(phase)
            going = {unit for units in phase.retreats.values() for unit in units}
            self.lost = self.lost - going if self.lost is not None and known == REPAIRED else None

    def _why_known(self, phase: StoredPhase, items: _Items) -> str:
        if set(items) <= {"phase", "retreats"} and phase.repaired and self._has_bounces_left(phase):
            return REPAIRED
        if self.irregular:
            self.irregular -= 1
            return IRREGULAR
        return ""

    def _has_bounces_left(self, phase: StoredPhase) -> bool:
        """Whether the stored retreat list is ours and, beside, nothing but provinces where a bounce was."""
        ours = self.position.dislodged()
        for power in {*ours, *phase.retreats}:
            mine, stored = ours.get(power, {}), phase.retreats.get(power, {})
            for unit in {*mine, *stored}:
                ours_only = set(mine.get(unit, ())) - set(stored.get(unit, ()))
                stored_only = set(stored.get(unit, ())) - set(mine.get(unit, ()))
                if ours_only or {place[:3] for place in stored_only} - self.bounces:
                    return False
        return True

    def _compare_builds(self, phase: StoredPhase) -> None:
        if phase.builds is None:
            return
        at = self._stored(phase)
        wrong: _Items = {}
        unlimited = True
        for power in self.board.powers:
            ours, stored = at.build_count(power), phase.builds.get(power, 0)
            self.found.compared["builds"] += bool(ours or stored)
            if ours != stored:
                wrong.setdefault("builds", []).append(f"builds of {power}: {ours} ours, {stored} stored")
                surplus = len(phase.centers.get(power, ())) - len(phase.units.get(power, ()))
                unlimited &= 0 <= ours < stored == surplus
        if wrong:
            self._differ(phase.name, wrong, UNLIMITED if unlimited else "")

    def _pass_over(self, phase: StoredPhase) -> None:
        """A stored retreat phase in which nobody could go anywhere; ours has gone on."""
        self.found.passed_over += 1
        items = unit_items(self.position.units(), phase.units)
        self._compare_lost(phase)
        for power, texts in phase.orders.items():
            for text in texts:
                self._count(phase, power, text, legal=False)
        if items:
            self._differ(phase.name, items, self._why_known(phase, items))

    def _play(self, phase: StoredPhase, following: StoredPhase | None) -> None:
        """Our next position by the stored orders."""
        codes = [self._legal(phase, power) for power in self.board.powers]
        for power in phase.orders:
            if power not in self.board.powers:
                raise StoredGameError(f"{self.where}, {phase.name}: orders of {power}, which does not play")
        self._count_unordered(phase, codes)
        self.position, results = self.position.step(codes, strict=False)
        words = {unit: frozenset(found) for unit, found in results.items()}
        self._compare_results(phase, words)
        if phase.name.endswith("M"):
            texts = [self.board.order_text(code).split() for given in codes for code in given]
            bounced = {unit for unit, found in words.items() if OrderResult.BOUNCE in found}
            self.bounces = {text[3][:3] for text in texts if text[2] == "-" and " ".join(text[:2]) in bounced}
            going = {unit for units in self.position.dislodged().values() for unit in units}
            self.lost = frozenset(u for u, found in words.items() if OrderResult.DISLODGED in found) - going
            if following is None or not following.is_retreats:
                self._compare_lost(phase)
        elif phase.is_retreats:
            self._compare_lost(phase)

    def _legal(self, phase: StoredPhase, power: str) -> list[int]:
        """The power's legal orders, those to be counted as surplus included."""
        codes: list[int] = []
        ordered: set[str] = set()
        due = abs(self.position.build_count(power))
        for text in phase.orders.get(power, ()):
            try:
                code = self.board.order_code(text)
            except ValueError:  # a text that is no order on this map
                self._count(phase, power, text, legal=False)
                continue
            legal = self.position.is_legal(power, code)
            self._count(phase, power, text, legal)
            if not legal:
                continue
            unit = " ".join(text.split()[:2])
            too_many = phase.name.endswith("A") and len(codes) >= due
            self.found.surplus += too_many or (unit in ordered and text != "WAIVE")
            ordered.add(unit)
            codes.append(code)
        return codes

    def _count(self, phase: StoredPhase, power: str, text: str, legal: bool) -> None:
        self.found.orders += 1
        self.orders += 1
        if legal:
            return
        if phase.is_retreats and text.endswith(" D") and text[:-2] in (self.lost or frozenset()) | phase.stranded:
            self.found.late_disbands += 1
        else:
            self.illegal += 1
            self.found.illegal.append(Mistake(self.game, phase.name, power, text))

    def _count_unordered(self, phase: StoredPhase, codes: Sequence[Sequence[int]]) -> None:
        """What the rules will do where no legal order was given."""
        for power, given in zip(self.board.powers, codes, strict=True):
            texts = [self.board.order_text(code) for code in given]
            missing = len(self.position.orderable(power)) - len({text.split()[1] for text in texts if text != "WAIVE"})
            if phase.name.endswith("M"):
                self.found.unordered["held"] += missing
            elif phase.is_retreats:
                self.found.unordered["disbanded"] += missing
            else:
                due, acts = self.position.build_count(power), sum(text != "WAIVE" for text in texts)
                self.found.unordered["waived" if due > 0 else "removed"] += max(0, abs(due) - acts)

    def _compare_results(self, phase: StoredPhase, ours: Mapping[str, frozenset[str]]) -> None:
        if not phase.results:
            return
        self.found.compared["results"] += len(phase.results)
        wrong: _Items = {}
        for unit in sorted({*phase.results, *ours}):
            mine, stored = ours.get(unit, frozenset()), phase.results.get(unit, frozenset())
            if mine != stored:
                told = f"{', '.join(sorted(mine)) or 'ok'} ours, {', '.join(sorted(stored)) or 'ok'} stored"
                wrong.setdefault("results", []).append(f"result of {unit}: {told}")
        if wrong:
            self._differ(phase.name, wrong)

    def _compare_lost(self, phase: StoredPhase) -> None:
        """Compares the units without a retreat that the data names: all of them apart, or some in its retreat list."""
        if self.lost is None:
            return
        self.found.compared["lost"] += len(phase.lost | phase.stranded)
        ours = self.lost - phase.stranded if phase.lost else frozenset()
        if ours != phase.lost or phase.stranded - self.lost:
            told = f"{_list(self.lost)} ours, {_list(phase.lost | phase.stranded)} stored"
            self._differ(phase.name, {"lost": [f"lost without retreat: {told}"]})

    def _end(self) -> None:
        """Compares how the game ended with what the data says of it."""
        last = self.phases[-1]
        outcome: Mapping[str, Any] = self.data.get("outcome") or {}
        counts = {power: len(last.centers.get(power, ())) for power in self.board.powers}
        pairs: list[tuple[str, object, object]] = [
            ("orders", self.orders, self.validation.get("orders", self.orders)),
            ("legal orders", self.orders - self.illegal, self.validation.get("legal", self.orders - self.illegal)),
            ("last phase", last.name, outcome.get("last_phase", last.name)),
            ("centres at the end", counts, outcome.get("centers", counts)),
            ("won by", self.position.winner, outcome.get("solo", self.position.winner)),
        ]
        wrong = [f"{what}: {ours} ours, {stored} stored" for what, ours, stored in pairs if ours != stored]
        self.found.compared["ends"] += 1
        if wrong:
            self._differ(last.name, {"end": wrong})


# ---- comparison -------------------------------------------------------------------------------------------


def position_items(position: Position, phase: StoredPhase) -> _Items:
    """What differs between our position and a stored one, by kind, in words."""
    items: _Items = {}
    name = COMPLETED if position.is_over else position.phase
    if name != phase.name:
        items["phase"] = [f"phase: {name} ours, {phase.name} stored"]
    items |= unit_items(position.units(), phase.units)
    if centers := _differing("centres", position.centers(), phase.centers):
        items["centers"] = centers
    ours, stored = position.dislodged(), phase.retreats
    for power in sorted({*ours, *stored}):
        mine, theirs = ours.get(power, {}), stored.get(power, {})
        for unit in sorted({*mine, *theirs}):
            if sorted(mine.get(unit, ())) != sorted(theirs.get(unit, ())):
                told = f"{_list(mine.get(unit, ()))} ours, {_list(theirs.get(unit, ()))} stored"
                items.setdefault("retreats", []).append(f"retreats of {unit} of {power}: {told}")
    return items


def unit_items(ours: Mapping[str, Sequence[str]], stored: Mapping[str, Sequence[str]]) -> _Items:
    """The same of the units on the board alone."""
    wrong = _differing("units", ours, stored)
    return {"units": wrong} if wrong else {}


def _differing(what: str, ours: Mapping[str, Sequence[str]], stored: Mapping[str, Sequence[str]]) -> list[str]:
    """Of each power the entries that only one of the two has."""
    found = []
    for power in sorted({*ours, *stored}):
        mine, theirs = set(ours.get(power, ())), set(stored.get(power, ()))
        if mine != theirs:
            found.append(f"{what} of {power}: {_list(mine - theirs)} ours, {_list(theirs - mine)} stored")
    return found


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
