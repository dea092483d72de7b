"""The rules of Diplomacy, compiled from ``engine/src``.

``engine._core_large`` has the same face for larger boards; there an order code is an int64, and each class is another.
Powers are numbered as ``Map.powers``.  Orders are int32 codes; ``Map.order_text`` and ``Map.order_code`` are a
bijection between codes and the notation of the ``diplomacy`` package.  Positions are immutable values; every call on
a ``Batch`` frees the GIL.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_POWERS: int
MAX_PROVINCES: int
MAX_LOCATIONS: int
MAX_CENTERS: int
MAX_SEAS: int
MAX_NEIGHBOURS: int
POSITION_BYTES: int

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
        victory_centers: int,
        build_anywhere: bool,
    ) -> None:
        """Builds the board.

        Args:
            powers: at most ``MAX_POWERS``, in order.
            locations: (location, kind) sorted by location; kind is LAND, COAST, SEA, or PORT: a coast whose
                fleets convoy.  A province with coasts is listed once without and once per coast.
            centers: provinces with a supply centre.
            homes, units, owned: per power: home centres, units and centres at the start.
            army_edges, fleet_edges: directed moves between locations.
            first_year: year of the first phase.
            victory_centers: centres that win.
            build_anywhere: whether powers build in every own centre, or only at home.

        Raises:
            CoreError: tables that make no board, or one too large.
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
    @property
    def victory_centers(self) -> int: ...
    @property
    def place_columns(self) -> list[str]:
        """What the columns of the first array of ``Position.encode`` say of a location, by name."""
    @property
    def board_columns(self) -> list[str]:
        """The same for its second array, which is about the whole board."""
    def order_text(self, code: int) -> str:
        """The order in text.  Raises OrderTextError for a number that is no code."""
    def order_code(self, text: str) -> int:
        """The code of an order written as ``order_text`` writes it.  Raises OrderTextError."""
    def start(self) -> Position:
        """The first position of a game."""
    def position(
        self,
        phase: str,
        units: Mapping[str, Sequence[str]],
        centers: Mapping[str, Sequence[str]],
        retreats: Mapping[str, Mapping[str, Sequence[str]]] = {},
        winner: str | None = None,
    ) -> Position:
        """A position on this board; see ``Position.from_state``."""
    def random_games(
        self, count: int, last_year: int, seed: int = 0, coherent: bool = False, threads: int = 0
    ) -> tuple[Batch, int, int]:
        """Plays games of random orders, as ``Position.sample`` draws them; frees the GIL.

        Args:
            last_year: a game ends with a victory or after this year.
            seed: the same games for the same seed, whatever the number of threads.
            threads: 0: one for each core.

        Returns:
            The last positions, and how many phases and movement phases were played in all.
        """

class Results(Mapping[str, list[str]]):
    """What became of the units of a phase: unit -> words of ``engine.types.OrderResult``, made when asked for.

    No words: the order succeeded.
    """

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[str]: ...
    def __getitem__(self, unit: str) -> list[str]: ...
    def dislodger(self, unit: str) -> str | None:
        """The location that the unit which dislodged this one came from; None if nobody did."""

class Position:
    """The board at the start of a phase: units, dislodged units, owners of centres.  An immutable value."""

    @staticmethod
    def from_state(
        map: Map,
        phase: str,
        units: Mapping[str, Sequence[str]],
        centers: Mapping[str, Sequence[str]],
        retreats: Mapping[str, Mapping[str, Sequence[str]]] = {},
        winner: str | None = None,
    ) -> Position:
        """A position from a saved game.

        Args:
            phase: such as ``F1903R``.
            units: power -> ``["A PAR", "F STP/SC"]``; entries with a leading ``*`` are dislodged units and
                are skipped here, as saved games list them twice.
            centers: power -> centres owned.
            retreats: power -> {dislodged unit: places beside it that it may retreat to}.
            winner: of a game that is over.

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
        """Whether a power owns as many centres as win: 18 on the standard map."""
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
    def legal_arrays(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The same as ``legal_codes`` in two flat arrays.

        Returns:
            codes, int32 ``[N]``, and starts, int32 ``[P + 1]``: the orders of province p of ``Map.provinces`` are
            ``codes[starts[p]:starts[p + 1]]``, in no particular order but always the same.
        """
    def is_legal(self, power: str, code: int) -> bool:
        """Whether this power may give this order now."""
    def check_orders(self, power: str, codes: Sequence[int]) -> None:
        """Refuses orders that the power cannot give together now.

        Raises:
            OrderLegalityError: the first that is illegal, doubled, or one too many.
        """
    def sample(self, seed: int, coherent: bool = False) -> tuple[list[int], ...]:
        """Legal orders of every power at random, as ``step`` takes them.

        Args:
            seed: the same orders for the same seed.
            coherent: most supports and convoys help what the other unit really does; else each unit is given any
                of its legal orders.  Builds and removals are as many as are due.
        """
    def step(self, orders: Sequence[Sequence[int]], strict: bool = True, defects: int = 0) -> tuple[Position, Results]:
        """Resolves the phase.

        Args:
            orders: per power of the map, the codes of its orders.  Units without an order hold, retreat
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
    def step_texts(self, orders: Mapping[str, Sequence[str]], strict: bool = True) -> tuple[Position, Results]:
        """The same with orders as texts; powers may be left out.  A text that is no order raises in any case."""
    def encode(self, places: NDArray[Any], board: NDArray[np.float32]) -> None:
        """Writes the position as numbers into the caller's arrays; frees the GIL.

        Args:
            places: uint8 or float32 ``[L, F]``: zeros and ones, a row for each of ``Map.locations``, columns as
                ``Map.place_columns``.  What stands on a coast shows in the row of its province too.
            board: float32 ``[G]``, columns as ``Map.board_columns``.

        Raises:
            CoreError: an array of another shape or type; nothing is written.
        """
    def perft(self, phases: int, limit: int = 10000000) -> dict[str, int]:
        """Tries all joint orders of so many phases and counts what happens; frees the GIL.

        Returns:
            ``joint_orders`` that lead to the end, different ``positions`` there (by hash), and results of the last
            phase: ``bounces``, ``cuts``, ``dislodged``, ``disrupted`` (convoys and armies without one), ``disbands``.

        Raises:
            CoreError: more joint orders than ``limit``.
        """
    def __copy__(self) -> Position: ...
    def __deepcopy__(self, memo: object) -> Position: ...
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...
    def __repr__(self) -> str: ...

class Batch:
    """N positions of one map, worked on together; calls that do much share it out over threads.

    Made of one position under N joint actions, or by ``of`` or ``repeat``.
    """

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
            profiles: int32 ``[N, powers]``: in copy n power p plays ``actions[p][profiles[n, p]]``.
            threads: at most this many threads.

        Raises:
            OrderLegalityError: an action with an illegal order.
            ValueError: an index in ``profiles`` without an action.
        """
    @staticmethod
    def of(positions: Sequence[Position], threads: int = 0) -> Batch:
        """These positions.

        Args:
            threads: of later calls; 0: one for each core.

        Raises:
            CoreError: no position, or positions of several maps.
        """
    @staticmethod
    def repeat(position: Position, count: int, threads: int = 0) -> Batch:
        """One position, N times."""
    def __len__(self) -> int: ...
    def copy(self) -> Batch: ...
    def step(self, orders: NDArray[np.int32]) -> None:
        """Plays one phase in every position; those of finished games stay.

        Args:
            orders: int32 ``[N, W]``: codes of the orders of all powers in any order; negative ones are left out, and
                units without an order fare as in ``Position.step``.

        Raises:
            OrderLegalityError: an illegal order; the message names the row, and nothing has changed.
        """
    def sample(self, seed: int, orders: NDArray[np.int32], coherent: bool = False) -> None:
        """Writes random legal orders into ``orders`` ``[N, W]`` as ``step`` takes them; see ``Position.sample``."""
    def legal_arrays(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """All legal orders: codes, int32 ``[M]``, and starts, int64 ``[N, P + 1]``, as in ``Position.legal_arrays``."""
    def encode(self, places: NDArray[Any], board: NDArray[np.float32]) -> None:
        """As ``Position.encode``, with N in front of each shape."""
    def over(self) -> NDArray[np.bool_]:
        """bool ``[N]``: whether the game is over."""
    def settle(self) -> None:
        """Resolves retreats: to an own centre, else to any centre, else to the first place; no choice: disband."""
    def position(self, index: int) -> Position: ...
    @property
    def phases(self) -> list[str]: ...
    def hashes(self) -> NDArray[np.uint64]:
        """uint64 ``[N]``."""
    def owners(self) -> NDArray[np.int8]:
        """int8 ``[N, centres]``: power owning each centre of ``Map.centers``, -1 none."""
    def occupants(self) -> NDArray[np.int8]:
        """int8 ``[N, centres]``: power of the unit standing in each centre, -1 none."""
    def reach(self) -> NDArray[np.uint8]:
        """uint8 ``[N, centres, powers]``: units of each power that stand there or could go there without convoy."""
    def unit_counts(self) -> NDArray[np.int8]:
        """int8 (int16 on large boards) ``[N, powers]``: units on the board; dislodged ones not counted."""
    def center_counts(self) -> NDArray[np.int8]:
        """int8 ``[N, powers]``."""
