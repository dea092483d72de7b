"""The rules of Diplomacy, compiled from ``engine/src``.

Powers are numbered as ``engine.types.POWERS``.  Orders are int32 codes; ``Map.order_text`` and
``Map.order_code`` are a bijection between codes and the notation of the ``diplomacy`` package.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

class CoreError(ValueError):
    """Base of the errors below."""

class OrderTextError(CoreError):
    """A text that is no order on this map."""

class OrderLegalityError(CoreError):
    """An order that is not legal in this position."""

class IllegalStateError(CoreError):
    """Units, centres or retreats that no board can hold."""

class Map:
    """The board: immutable, shared by every position on it.  Get it from ``engine.mapfile.core_map``."""

    def __init__(
        self,
        name: str,
        powers: Sequence[str],
        locations: Sequence[tuple[str, str]],
        centers: Sequence[str],
        homes: Sequence[Sequence[str]],
        units: Sequence[Sequence[str]],
        owned: Sequence[Sequence[str]],
        army_edges: Sequence[tuple[str, str]],
        fleet_edges: Sequence[tuple[str, str]],
        first_year: int,
    ) -> None:
        """Builds the board.

        Args:
            powers: the seven powers, in order.
            locations: (location, kind) sorted by location; kind is LAND, COAST or SEA.  A province with
                coasts is listed once without and once per coast.
            centers: provinces with a supply centre.
            homes, units, owned: per power: home centres, units and centres at the start.
            army_edges, fleet_edges: directed moves between locations.
            first_year: year of the first phase.
        """

    @property
    def name(self) -> str: ...
    @property
    def powers(self) -> list[str]: ...
    @property
    def provinces(self) -> list[str]:
        """Provinces without coasts, sorted: 75 on the standard map."""
    @property
    def locations(self) -> list[str]:
        """Locations with coasts, sorted: 81 on the standard map."""
    @property
    def centers(self) -> list[str]:
        """Supply centres, sorted: the columns of the arrays of ``Batch``."""
    def order_text(self, code: int) -> str:
        """The order in text.  Raises OrderTextError for a number that is no code."""
    def order_code(self, text: str) -> int:
        """The code of an order written as ``order_text`` writes it.  Raises OrderTextError."""
    def start(self) -> Position:
        """The first position of a game."""

class Position:
    """The board at the start of a phase: units, dislodged units, owners of centres.  An immutable value."""

    @staticmethod
    def from_state(
        map: Map,
        phase: str,
        units: dict[str, list[str]],
        centers: dict[str, list[str]],
        retreats: dict[str, dict[str, list[str]]] = {},
    ) -> Position:
        """A position from a saved game.

        Args:
            phase: such as ``F1903R``.
            units: power -> ``["A PAR", "F STP/SC"]``; entries with a leading ``*`` are dislodged units and
                are skipped here, as saved games list them twice.
            centers: power -> centres owned.
            retreats: power -> {dislodged unit: provinces it may retreat to}.

        Raises:
            IllegalStateError: an unknown name, two units in one province, an army at sea, ...
        """

    @property
    def map(self) -> Map: ...
    @property
    def phase(self) -> str:
        """``S1901M``, ``F1901R``, ``W1901A``; of the phase that would follow when the game is over."""
    @property
    def hash(self) -> int:
        """64 bits; equal positions have equal hashes, and phases count."""
    @property
    def is_over(self) -> bool:
        """Whether a power owns 18 centres."""
    @property
    def winner(self) -> str | None: ...
    def copy(self) -> Position: ...
    def units(self) -> dict[str, list[str]]:
        """Power -> its units on the board, sorted; dislodged ones are not included."""
    def dislodged(self) -> dict[str, dict[str, list[str]]]:
        """Power -> {dislodged unit: locations it may retreat to, sorted}; powers without any are left out."""
    def centers(self) -> dict[str, list[str]]:
        """Power -> its centres, sorted."""
    def build_count(self, power: str) -> int:
        """Builds allowed (> 0) or removals due (< 0) in an adjustment phase, after free home centres; else 0."""
    def orderable(self, power: str) -> list[str]:
        """Provinces for which this power gives orders now, sorted; free home centres when it may build."""
    def legal_codes(self) -> dict[str, list[int]]:
        """Orderable province -> codes of its legal orders, in ascending order; of all powers."""
    def legal_orders(self, province: str) -> list[int]:
        """The same for one province (coasts are ignored); empty when nothing is to be ordered there."""
    def count_legal(self) -> int:
        """The number of legal orders of all provinces together."""
    def is_legal(self, power: str, code: int) -> bool:
        """Whether this power may give this order now."""
    def step(
        self, orders: Sequence[Sequence[int]], strict: bool = True, defects: int = 0
    ) -> tuple[Position, dict[str, list[str]]]:
        """Resolves the phase.

        Args:
            orders: per power (all seven), the codes of its orders.  Units without an order hold, retreat
                nowhere, or are removed by the rule of civil disorder; builds without an order are waived.
            strict: raise on an illegal order; otherwise it counts as void, and its unit as not ordered.
            defects: of the ``diplomacy`` package 1.1.2, to reproduce when explaining a difference from it: 1
                own support dislodges own units through VIA attacks, 2 retreats after convoyed attacks go
                anywhere, 4 own support disrupts own convoys, 8 support by the attacker's power is left out
                of the defence head to head, 16 convoy paradoxes are seen where there is none.  0: the rules.

        Returns:
            The next position, phases in which nothing can be done skipped; and unit -> results, of all
            units on the board, or dislodged, or built, or removed.  An empty list: the order succeeded.
            Results are the values of ``engine.types.OrderResult``.

        Raises:
            OrderLegalityError: (strict) an order that is not legal, or two orders to one unit.
        """
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...
    def __repr__(self) -> str: ...

class Batch:
    """The positions that follow one position under N joint actions."""

    def __init__(
        self,
        position: Position,
        actions: Sequence[Sequence[Sequence[int]]],
        profiles: NDArray[np.int32],
        threads: int = 2,
    ) -> None:
        """Steps N copies of ``position``; frees the GIL.

        Args:
            actions: ``actions[p][k]``: the orders of action k of power p, as in ``Position.step``; a power
                without any action plays nothing.
            profiles: int32 ``[N, 7]``: in copy n power p plays ``actions[p][profiles[n, p]]``.
            threads: at most this many threads.

        Raises:
            OrderLegalityError: an action with an illegal order.
            ValueError: an index in ``profiles`` without an action.
        """
    def __len__(self) -> int: ...
    def settle(self) -> None:
        """Resolves retreats: to an own centre, else to any centre, else to the first place; no choice: disband."""
    def position(self, index: int) -> Position: ...
    @property
    def phases(self) -> list[str]: ...
    def hashes(self) -> NDArray[np.uint64]:
        """uint64 ``[N]``."""
    def owners(self) -> NDArray[np.int8]:
        """int8 ``[N, 34]``: power owning each centre of ``Map.centers``, -1 none."""
    def occupants(self) -> NDArray[np.int8]:
        """int8 ``[N, 34]``: power of the unit standing in each centre, -1 none."""
    def reach(self) -> NDArray[np.uint8]:
        """uint8 ``[N, 34, 7]``: units of each power that stand in the centre or could move there without convoy."""
    def unit_counts(self) -> NDArray[np.int8]:
        """int8 ``[N, 7]``: units on the board; dislodged ones not counted."""
    def center_counts(self) -> NDArray[np.int8]:
        """int8 ``[N, 7]``."""
