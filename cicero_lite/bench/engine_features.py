"""The arrays of `Position.encode`, filled from a state of the ``diplomacy`` package: what they are measured against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.mapfile import MapData, Terrain, core_map, load_map
from engine.types import Location, Province

_KIND = {"A": "army", "F": "fleet"}
_SEASON = {"S": "spring", "F": "fall", "W": "winter"}
_PHASE = {"M": "movement", "R": "retreats", "A": "adjustments"}
_TERRAIN = {Terrain.LAND: "land", Terrain.COAST: "coast", Terrain.PORT: "coast", Terrain.SEA: "sea"}


def new_arrays(*rows: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Room for the places and the board of one position, or of so many."""
    board = core_map()
    places = np.zeros((*rows, len(board.locations), len(board.place_columns)), np.uint8)
    return places, np.zeros((*rows, len(board.board_columns)), np.float32)


class StateEncoder:
    """Fills the arrays from what `get_state` of the package returns, by the names of the columns."""

    def __init__(self) -> None:
        board, data = core_map(), load_map()
        self._column = {name: number for number, name in enumerate(board.place_columns)}
        self._board_column = {name: number for number, name in enumerate(board.board_columns)}
        self._first_year, self._victory = data.first_year, data.victory_centers
        row = {place: number for number, place in enumerate(board.locations)}
        self._unit_rows = {place: sorted({row[place], row[place[:3]]}) for place in row}
        """A unit on a coast shows in the row of its province, too."""
        self._center_rows = {
            center: sorted({row[center], *(row[place] for place in data.coasts(center))}) for center in data.centers
        }
        self._empty = self._terrain_only(data)

    def _terrain_only(self, data: MapData) -> NDArray[np.uint8]:
        places, _ = new_arrays()
        for number, place in enumerate(data.locations):
            places[number, self._column[_TERRAIN[data.terrain[Province(place[:3])]]]] = 1
        return places

    def fill(self, state: Mapping[str, Any], places: NDArray[np.uint8], board: NDArray[np.float32]) -> None:
        """Writes the state into the arrays, in place of all that they held."""
        rows: list[int] = []
        columns: list[int] = []
        for power, units in state["units"].items():
            self._add_units(power, units, state["builds"][power]["count"] < 0, rows, columns)
        self._add_centers(state, rows, columns)
        places[:] = self._empty
        places[rows, columns] = 1
        self._fill_board(state, board)

    def _add_units(self, power: str, units: list[str], removes: bool, rows: list[int], columns: list[int]) -> None:
        for text in units:
            gone = "dislodged " if text.startswith("*") else ""
            unit = text.removeprefix("*")
            said = [f"{gone}{_KIND[unit[0]]}", f"{gone}unit of {power}", *(["may have to disband"] if removes else [])]
            for row in self._unit_rows[Location(unit[2:])]:
                rows.extend([row] * len(said))
                columns.extend(self._column[name] for name in said)

    def _add_centers(self, state: Mapping[str, Any], rows: list[int], columns: list[int]) -> None:
        said = {center: ["centre of nobody"] for center in self._center_rows}
        for power, centers in state["centers"].items():
            said.update({center: [f"centre of {power}"] for center in centers})
            for center in state["builds"][power]["homes"]:
                said[center].append("can be built in")
        for center, names in said.items():
            for row in self._center_rows[center]:
                rows.extend([row] * len(names))
                columns.extend(self._column[name] for name in names)

    def _fill_board(self, state: Mapping[str, Any], board: NDArray[np.float32]) -> None:
        column, phase = self._board_column, state["name"]
        board[:] = 0
        board[[column[_SEASON[phase[0]]], column[_PHASE[phase[-1]]]]] = 1
        board[column["years / 10"]] = (int(phase[1:5]) - self._first_year) / 10
        for power, units in state["units"].items():
            standing = sum(not unit.startswith("*") for unit in units)
            board[column[f"centres / victory of {power}"]] = len(state["centers"][power]) / self._victory
            board[column[f"units / victory of {power}"]] = standing / self._victory
            board[column[f"builds / 4 of {power}"]] = state["builds"][power]["count"] / 4
