"""What can be read off a position: units, centres, legal orders.  `Game` and `GameView` are both boards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TypeVar

from engine._core import Position
from engine.mapfile import MapData, core_map, load_map
from engine.notation import order_sort_key, parse_order, same_move
from engine.types import (
    Action,
    IllegalOrderError,
    Location,
    Order,
    OrderKind,
    Phase,
    PhaseKind,
    Power,
    Province,
    Unit,
    province_of,
)

_T = TypeVar("_T")


@dataclass(frozen=True)
class _Facts:
    """Everything `Board` is asked again and again about one position, worked out once."""

    phase: Phase
    units: Mapping[Power, tuple[Unit, ...]]
    dislodged: Mapping[Power, Mapping[Unit, tuple[Location, ...]]]
    centers: Mapping[Power, tuple[Province, ...]]
    owners: Mapping[Province, Power]
    occupants: Mapping[Province, tuple[Power, Unit]]


@lru_cache(maxsize=1024)
def _facts(position: Position) -> _Facts:
    powers = load_map(position.map.name).powers
    units = {Power(p): tuple(Unit.parse(u) for u in texts) for p, texts in position.units().items()}
    dislodged = {
        Power(p): {Unit.parse(u): tuple(Location(t) for t in to) for u, to in retreats.items()}
        for p, retreats in position.dislodged().items()
    }
    centers = {Power(p): tuple(Province(c) for c in names) for p, names in position.centers().items()}
    return _Facts(
        phase=Phase.parse(position.phase),
        units={p: units.get(p, ()) for p in powers},
        dislodged={p: dislodged.get(p, {}) for p in powers},
        centers={p: centers.get(p, ()) for p in powers},
        owners={c: p for p, names in centers.items() for c in names},
        occupants={u.province: (p, u) for p, its in units.items() for u in its},
    )


@lru_cache(maxsize=512)
def _legal(position: Position) -> Mapping[Power, Mapping[Province, tuple[Order, ...]]]:
    data, codes = load_map(position.map.name), position.legal_codes()
    return {
        power: {
            Province(place): tuple(sorted((order_from_code(c, data.name) for c in codes[place]), key=order_sort_key))
            for place in position.orderable(power)
            if place in codes and power not in data.dummies  # a finished game takes no orders
        }
        for power in data.powers
    }


class _Codes(dict[Order | str, int]):
    """Orders, or their texts, and their codes on one map: as many as that map has orders, at most."""

    def __init__(self, map_name: str) -> None:
        super().__init__()
        self._map = core_map(map_name)

    def __missing__(self, order: Order | str) -> int:
        code = self[order] = self._map.order_code(str(order))
        return code


@cache
def order_codes(map_name: str) -> Mapping[Order | str, int]:
    """The codes of a map's orders, by order or by text; looking up what is none raises OrderTextError."""
    return _Codes(map_name)


def order_code(order: Order | str, map_name: str = "standard") -> int:
    """The order as the number that the compiled rules of this map compute with.

    Raises:
        OrderTextError: the order names no place of this map; of the compiled module that has the map.
    """
    return order_codes(map_name)[order]


@lru_cache(maxsize=65536)
def order_from_code(code: int, map_name: str = "standard") -> Order:
    """The order that a code of the compiled rules of this map stands for."""
    return parse_order(core_map(map_name).order_text(code))


class Board:
    """A position, read in the types of `engine.types`.

    Subclasses set `position`; everything here follows from it.  A notebook shows it as a picture.

    >>> print(Board.from_text("F1901M; FRANCE A BUR, F SPA/SC = PAR BRE; GERMANY A MUN = MUN"))
    F1901M
    FRANCE   A BUR, F SPA/SC = BRE PAR
    GERMANY  A MUN = MUN
    """

    position: Position
    map_data: MapData

    def __init__(self, position: Position, map_name: str | None = None) -> None:
        """A board of the position; `map_name`, where it is given, is that of the position's map."""
        self.position = position
        self.map_data = load_map(position.map.name if map_name is None else map_name)

    @classmethod
    def from_text(cls, text: str, map_name: str = "standard") -> Board:
        """The board that a text describes, as `to_text` writes it.

        Args:
            text: the phase; then for each power, after a semicolon or on a new line, its name, units with commas
                between them, and its centres after an equals sign.  A dislodged unit has a star, and after a
                greater-than sign the places that it may retreat to: ``*A MUN > BER KIE``.
            map_name: the map that it is a position of.

        Raises:
            NotationError, UnknownPowerError, UnknownMapError: a part that is none of those.
            IllegalStateError: units that no board can hold together.
        """
        return Board(position_from_text(text, map_name))

    def to_text(self) -> str:
        """The position in one line, which `from_text` reads.

        >>> Board.from_text("F1901R; FRANCE A MUN, *F BRE > ENG; GERMANY = MUN").to_text()
        'F1901R; FRANCE A MUN, *F BRE > ENG; GERMANY = MUN'
        """
        return "; ".join(self._lines(" "))

    def __str__(self) -> str:
        wide = max(len(power) for power in self.powers) + 2
        return "\n".join(self._lines("", wide))

    def __repr__(self) -> str:
        units = sum(len(self.units(power)) for power in self.powers)
        return f"<{type(self).__name__} {self.phase}, {units} unit{'s' * (units != 1)}, map {self.map_data.name!r}>"

    def _repr_svg_(self) -> str | None:
        """The picture that notebooks show; None for boards whose places we have no drawing of."""
        from engine.drawing import RenderError  # a picture is seldom asked for
        from engine.render import render_svg

        try:
            return render_svg(self)
        except RenderError:
            return None

    def _lines(self, gap: str, wide: int = 0) -> list[str]:
        """The phase, then each power that has anything."""
        lines = [str(self.phase)]
        for power in self.alive:
            units = [str(unit) for unit in self.units(power)]
            units += [f"*{unit} > {' '.join(to)}" for unit, to in self.dislodged(power).items()]
            centers = " ".join(self.centers(power))
            parts = ([", ".join(units)] if units else []) + ([f"= {centers}"] if centers else [])
            lines.append(f"{power.value:<{wide}}{gap}{' '.join(parts)}")
        return lines

    @property
    def powers(self) -> tuple[Power, ...]:
        """The powers of this map, in the order of its arrays."""
        return self.map_data.powers

    @property
    def phase(self) -> Phase:
        """The phase at hand; of a finished game, the one that would follow."""
        return _facts(self.position).phase

    def units(self, power: Power) -> tuple[Unit, ...]:
        """The power's units on the board; dislodged ones are in `dislodged`."""
        return self._of(power, _facts(self.position).units)

    def dislodged(self, power: Power) -> Mapping[Unit, tuple[Location, ...]]:
        """The power's dislodged units and where each may retreat to."""
        return self._of(power, _facts(self.position).dislodged)

    def centers(self, power: Power) -> tuple[Province, ...]:
        """The supply centres the power owns."""
        return self._of(power, _facts(self.position).centers)

    def owner_of(self, province: Province) -> Power | None:
        """Who owns this supply centre; None for nobody, and for a province that is none."""
        return _facts(self.position).owners.get(province)

    def unit_at(self, province: Province) -> tuple[Power, Unit] | None:
        """The unit in this province (on any coast) and whose it is."""
        return _facts(self.position).occupants.get(province)

    def all_units(self) -> Iterator[tuple[Power, Unit]]:
        """Every unit on the board with its power, in the order of `powers`."""
        for power in self.powers:
            for unit in self.units(power):
                yield power, unit

    @property
    def alive(self) -> tuple[Power, ...]:
        """The powers with a unit, on the board or dislodged, or a centre."""
        facts = _facts(self.position)
        return tuple(p for p in self.powers if facts.units[p] or facts.centers[p] or facts.dislodged[p])

    def build_count(self, power: Power) -> int:
        """Centres less units: how many units it may build (positive) or must remove (negative) in adjustments."""
        return self.position.build_count(power)

    def legal_orders(self, power: Power) -> Mapping[Province, tuple[Order, ...]]:
        """Every legal order of the power in this phase, by the province ordered.

        In adjustments more provinces may be listed than there are builds or removals to order.
        """
        return self._of(power, _legal(self.position))

    def options(self, power: Power) -> tuple[Order, ...]:
        """Every legal order of the power in this phase, in the order of `legal_orders`."""
        return tuple(order for orders in self.legal_orders(power).values() for order in orders)

    def legal_form(self, power: Power, order: Order) -> Order | None:
        """The legal order that this one means, its coast or VIA put right; None: there is none."""
        if self.is_legal(power, order):
            return order
        return next((legal for legal in self.options(power) if same_move(legal, order)), None)

    def is_legal(self, power: Power, order: Order) -> bool:
        """Whether the power may give this order now."""
        if power in self.map_data.dummies:
            return False
        try:
            return self.position.is_legal(power, order_code(order, self.map_data.name))
        except ValueError:  # each compiled module has an OrderTextError of its own
            return False

    def check_action(self, power: Power, orders: tuple[Order, ...]) -> None:
        """Refuses orders that the power cannot give together now.

        Raises:
            IllegalOrderError: the first order that is illegal, doubled, or one too many.
            UnknownPowerError: the power does not play on this map.
        """
        self._of(power, _facts(self.position).units)
        seen: set[Province] = set()
        for order in orders:
            if not self.is_legal(power, order):
                raise IllegalOrderError(
                    f"illegal order {str(order)!r} for {power} in {self.phase}: {self._why_illegal(power, order)}"
                )
            if order.unit is not None:
                if order.unit.province in seen:
                    raise IllegalOrderError(
                        f"two orders for {order.unit.province} of {power} in {self.phase}: expected one a unit"
                    )
                seen.add(order.unit.province)
        if self.phase.kind is PhaseKind.ADJUSTMENTS and len(orders) > abs(self.build_count(power)):
            raise IllegalOrderError(
                f"{len(orders)} orders for {power} in {self.phase}: expected at most {abs(self.build_count(power))}"
            )

    def complete_action(self, power: Power, orders: tuple[Order, ...]) -> Action:
        """The orders with what the rules do for units left out: they hold, or disband when dislodged.

        Removals and builds left out stay out: the rules choose removals, and builds are waived.
        """
        ordered = {order.unit.province for order in orders if order.unit is not None}
        missing: list[Order] = []
        if self.phase.kind is PhaseKind.MOVEMENT:
            missing = [Order(OrderKind.HOLD, u) for u in self.units(power) if u.province not in ordered]
        elif self.phase.kind is PhaseKind.RETREATS:
            missing = [Order(OrderKind.DISBAND, u) for u in self.dislodged(power) if u.province not in ordered]
        return tuple(sorted((*orders, *missing), key=order_sort_key))

    def scores(self) -> dict[Power, float]:
        """Sum-of-squares scores: each power's share of the squared centre counts; a solo takes all.

        Dummy powers score nothing.
        """
        counts = {p: 0 if p in self.map_data.dummies else len(self.centers(p)) for p in self.powers}
        if self.winner is not None:
            return {p: float(p is self.winner) for p in self.powers}
        total = sum(n * n for n in counts.values())
        return {p: counts[p] ** 2 / total if total else 0.0 for p in self.powers}

    @property
    def winner(self) -> Power | None:
        """The power that has won alone (18 centres on the standard map)."""
        name = self.position.winner
        return None if name is None else Power(name)

    @property
    def is_done(self) -> bool:
        """Whether the game is over by a solo."""
        return self.winner is not None

    def _of(self, power: Power, table: Mapping[Power, _T]) -> _T:
        """The power's entry; a power that does not play on this map is refused with the names of those that do."""
        try:
            return table[power]
        except KeyError:
            return table[self.map_data.power(power)]

    def _why_illegal(self, power: Power, order: Order) -> str:
        if power in self.map_data.dummies:
            return f"nobody plays {power} on the map {self.map_data.name!r}, its units hold"
        if order.unit is None:
            return "no build to waive"
        named = (order.unit.location, order.target, None if order.aided is None else order.aided.location)
        for place in named:
            if place is not None and place not in self.map_data.locations:
                return f"there is no {place} on the map {self.map_data.name!r}"
        at = self.unit_at(order.unit.province)
        mine = self.dislodged(power) if self.phase.kind is PhaseKind.RETREATS else self.units(power)
        if order.kind is not OrderKind.BUILD and order.unit not in mine:
            there = "no unit is there" if at is None else f"there stands {at[1]} of {at[0]}"
            return f"{power} has no {order.unit} to order; {there}"
        options = self.legal_orders(power).get(order.unit.province, ())
        if order.kind is OrderKind.MOVE and order.target is not None:
            return f"{order.unit} cannot reach {order.target}"
        some = ", ".join(str(o) for o in options[:4])
        return f"legal there: {some} ..." if options else f"{order.unit.location} takes no order now"


def restore_position(
    map_name: str,
    phase: str,
    units: dict[str, list[str]],
    centers: dict[str, list[str]],
    retreats: dict[str, dict[str, list[str]]],
    winner: str | None,
) -> Position:
    """The position with these parts: what copies of it in other processes are made from."""
    return core_map(map_name).position(phase, units, centers, retreats, winner)


def position_from_text(text: str, map_name: str = "standard") -> Position:
    """The position that a text describes; see `Board.from_text`."""
    head, *rest = [line.strip() for line in text.replace(";", "\n").splitlines() if line.strip()] or [""]
    phase, data = Phase.parse(head), load_map(map_name)
    units: dict[str, list[str]] = {}
    retreats: dict[str, dict[str, list[str]]] = {}
    centers: dict[str, list[str]] = {}
    for line in rest:
        name, _, holdings = line.partition(" ")
        power = data.power(name)
        written, _, owned = holdings.partition("=")
        for unit in filter(None, map(str.strip, written.split(","))):
            where, _, goals = unit.removeprefix("*").partition(">")
            if unit.startswith("*"):
                retreats.setdefault(power, {})[str(Unit.parse(where))] = goals.split()
            else:
                units.setdefault(power, []).append(str(Unit.parse(unit)))
        centers.setdefault(power, []).extend(owned.split())
    return core_map(map_name).position(str(phase), units, centers, retreats)


def neighbours(board: Board, power: Power) -> tuple[Power, ...]:
    """Other living powers with a unit or centre within two steps of this power's units and centres."""
    data = board.map_data
    near = {u.province for u in board.units(power)} | set(board.centers(power))
    for _ in range(2):
        places = [place for province in sorted(near) for place in (Location(province), *data.coasts(province))]
        for moves in (data.army_moves, data.fleet_moves):
            near |= {province_of(goal) for place in places for goal in moves.get(place, ())}
    found = {at[0] for p in near if (at := board.unit_at(p))} | {o for p in near if (o := board.owner_of(p))}
    return tuple(p for p in board.alive if p in found and p is not power)
