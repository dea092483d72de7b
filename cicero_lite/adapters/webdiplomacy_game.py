"""What ``game/status`` tells, played again by our rules: the game with its whole history, as the agents know games.

Every phase of the server is compared with what our rules make of the orders before it.  A difference is one error:
whoever is wrong, orders for such a board would be wrong.  What the server is known to do in its own way is no
difference: fleets without a coast, removals that it chose itself, phases in which nothing can be done, what it leaves
out of games that are over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, TERRITORIES, phase_of
from cicero_lite.adapters.webdiplomacy_orders import ServerOrder, our_order
from cicero_lite.adapters.webdiplomacy_press import PressMessage
from cicero_lite.adapters.webdiplomacy_responses import (
    PHASE_NAMES,
    GameStatus,
    Member,
    PhaseState,
    ResponseError,
    ServerUnit,
)
from engine.board import Board
from engine.game import Game
from engine.types import (
    Action,
    EngineError,
    Location,
    Order,
    OrderKind,
    Phase,
    PhaseKind,
    Power,
    Province,
    Unit,
    UnitKind,
    province_of,
)

CLASSIC = 1
"""The one variant whose places have the numbers of `webdiplomacy_ids`."""
_BEFORE, _AFTER = "Pre-game", "Finished"
_KINDS = {"Army": UnitKind.ARMY, "Fleet": UnitKind.FLEET}


class HistoryError(ResponseError):
    """A history that our rules do not follow."""


@dataclass(frozen=True)
class ServerGame:
    """A game on the server as one seat sees it."""

    game: Game
    """With the whole history; the talks are those of the seat."""
    status: GameStatus
    seat: Power
    doomed: tuple[ServerOrder, ...] = ()
    """Orders of the seat for dislodged units that can go nowhere, which our rules have removed by then."""

    @property
    def is_over(self) -> bool:
        """Whether the server plays it no further."""
        return self.status.phase == _AFTER or self.status.game_over != "No"

    @property
    def has_begun(self) -> bool:
        """Whether the powers are drawn and the first phase is at hand."""
        return self.status.phase != _BEFORE

    @property
    def is_paused(self) -> bool:
        """Whether no deadline is set."""
        return self.status.process_time is None and not self.is_over and self.has_begun

    @property
    def is_ahead(self) -> bool:
        """Whether our game has passed a phase that the server still goes through, and nothing is to be decided."""
        return not self.is_over and self.has_begun and self.game.phase != self.phase

    @property
    def phase(self) -> Phase:
        """The phase at hand on the server.

        Raises:
            ResponseError: the game has not begun, or is over.
        """
        return _phase_of(self.status.turn, self.status.phase)


def read_game(
    status: GameStatus, seat: Power, press: Iterable[PressMessage] = (), members: Sequence[Member] = ()
) -> ServerGame:
    """The game of a status.

    Args:
        status: as the server tells it to the seat.
        seat: whose view it is.
        press: all messages that the seat may read.
        members: of a game that is over, as ``game/overview`` tells them: who won, or shares the draw.

    Raises:
        HistoryError: the server's positions do not follow from the orders by the rules; the message says where.
        ResponseError: another variant, or another seat.
    """
    if status.variant_id != CLASSIC:
        raise ResponseError(f"game/status: variantID: expected {CLASSIC} (Classic), got {status.variant_id}")
    if status.country_id is not None and COUNTRIES[status.country_id] is not seat:
        raise ResponseError(f"game/status: countryID: expected {seat}, got {COUNTRIES[status.country_id]}")
    replay = _Replay(status, seat, press)
    for number, state in enumerate(status.phases):
        if state.phase in (_BEFORE, _AFTER) or (status.game_over != "No" and not state.units):
            continue
        replay.play(state, status.phases[number + 1 :])
    _finish(replay.game, status, members)
    return ServerGame(replay.game, status, seat, tuple(replay.doomed))


class _Replay:
    """Plays the phases of a status one after the other."""

    def __init__(self, status: GameStatus, seat: Power, press: Iterable[PressMessage]) -> None:
        self.game = Game(game_id=str(status.game_id))
        self.doomed: list[ServerOrder] = []
        self._status, self._seat = status, seat
        self._waiting = list(press)

    def play(self, state: PhaseState, later: Sequence[PhaseState]) -> None:
        """Compares the position, and plays the orders unless the phase is the one at hand."""
        phase = _phase_of(state.turn, state.phase)
        self._catch_up(phase)
        if self.game.is_done or self.game.phase < phase:
            raise HistoryError(f"game/status: expected no {phase}: by our rules the game was over before")
        self._deliver(state)
        at_hand = not later
        if at_hand and phase.kind is PhaseKind.RETREATS:
            gone = [u for u in state.units if _is_gone(self.game, u) and COUNTRIES[u.country_id] is self._seat]
            self.doomed = [ServerOrder("Disband", unit.terr_id) for unit in gone]
        if self.game.phase != phase:
            self._pass_by(phase)
            return
        self._place_fleets(state)
        _compare(self.game, state, phase)
        if not at_hand:
            self._order(state, later[0])
            self.game.process()

    def _catch_up(self, phase: Phase) -> None:
        """Plays the phases that the server leaves out: those in which nobody had anything to order."""
        while self.game.phase < phase and not self.game.is_done and self.game.phase.kind is not PhaseKind.MOVEMENT:
            self.game.process()
        if self.game.phase < phase and not self.game.is_done:
            raise HistoryError(f"game/status: expected {self.game.phase} among phases, got {phase} next")

    def _pass_by(self, phase: Phase) -> None:
        """A phase that our rules skip: dislodged units without a retreat, builds without a place."""
        if phase.kind is PhaseKind.MOVEMENT:
            raise HistoryError(f"game/status: expected {self.game.phase} among phases, got {phase} too late")

    def _deliver(self, state: PhaseState) -> None:
        """Says what was said up to this phase; what a phase that we skip had is said in the next."""
        key = (state.turn, PHASE_NAMES.index(state.phase))
        for message in self._waiting:
            if (message.turn, PHASE_NAMES.index(message.phase)) <= key:
                self.game.say(message.sender, message.recipient, message.text)
        self._waiting = [m for m in self._waiting if (m.turn, PHASE_NAMES.index(m.phase)) > key]

    def _place_fleets(self, state: PhaseState) -> None:
        """Puts fleets of which the server tells no coast where their orders can be carried out."""
        moved: dict[Unit, Unit] = {}
        for order in state.orders:
            at = None if order.terr_id is None else TERRITORIES[order.terr_id]
            if order.type == "Move" and at is not None and order.to_terr_id is not None:
                power, goal = COUNTRIES[order.country_id], TERRITORIES[order.to_terr_id]
                here = self.game.unit_at(Province(at))
                if here is not None and here[0] is power and here[1].location != at:
                    moved |= _better_coast(self.game, here[1], goal)
        if moved and self.game.phase.kind is PhaseKind.MOVEMENT:
            units = {str(p): [str(moved.get(u, u)) for u in self.game.units(p)] for p in self.game.powers}
            centers = {str(p): [*map(str, self.game.centers(p))] for p in self.game.powers}
            self.game.position = self.game.position.map.position(str(self.game.phase), units, centers)

    def _order(self, state: PhaseState, following: PhaseState) -> None:
        given: dict[Power, dict[object, Order]] = {power: {} for power in self.game.powers}
        for row in state.orders:
            power = COUNTRIES[row.country_id]
            order = our_order(self.game, power, row)
            if order is not None and order.unit is not None:
                given[power][order.unit.province] = order
        for power, orders in given.items():
            action = tuple(orders.values())
            if self.game.phase.kind is PhaseKind.ADJUSTMENTS:
                action = _adjustments(self.game, power, action, following)
            try:
                self.game.set_orders(power, action)
            except EngineError as error:
                raise HistoryError(f"game/status: phases: {error}") from None


def _phase_of(turn: int, name: str) -> Phase:
    try:
        return phase_of(turn, name)
    except ValueError as error:
        raise ResponseError(f"game/status: {error}") from None


def _better_coast(board: Board, fleet: Unit, goal: Location) -> Mapping[Unit, Unit]:
    """The fleet on the coast from which it reaches its goal, if it does not from where it is."""
    moves = board.map_data.fleet_moves
    if fleet.kind is not UnitKind.FLEET or goal in moves[fleet.location]:
        return {}
    coast = next((coast for coast in board.map_data.coasts(fleet.province) if goal in moves[coast]), None)
    return {} if coast is None else {fleet: Unit(UnitKind.FLEET, coast)}


def _adjustments(board: Board, power: Power, action: Action, following: PhaseState) -> Action:
    """The builds and removals that the server carried out, with the removals that it chose itself."""
    due = board.build_count(power)
    if due >= 0 or len(action) >= -due:
        return action[: abs(due)]
    left = {province_of(TERRITORIES[u.terr_id]) for u in following.units if COUNTRIES[u.country_id] is power}
    gone = [unit for unit in board.units(power) if unit.province not in left]
    if len(gone) != -due or not following.units:
        return action
    return tuple(Order(OrderKind.DISBAND, unit) for unit in gone)


def _compare(board: Board, state: PhaseState, phase: Phase) -> None:
    """Refuses a position of the server that is not ours.

    Raises:
        HistoryError: the first differences.
    """
    ours = {(power, unit, False) for power, unit in board.all_units()}
    ours |= {(power, unit, True) for power in board.powers for unit in board.dislodged(power)}
    theirs = [_unit(board, unit) for unit in state.units if not _is_gone(board, unit)]
    problems = [f"{_named(it)} is in the server's units twice" for it in theirs if theirs.count(it) > 1]
    problems += [f"{_named(it)} is in the server's units alone" for it in theirs if it not in ours]
    problems += [f"{_named(it)} is missing from the server's units" for it in sorted(ours - set(theirs), key=_named)]
    owners: dict[Province, Power | None] = {}
    for row in state.centers:
        place, owner = TERRITORIES[row.terr_id], COUNTRIES.get(row.country_id)
        if Province(place) in board.map_data.centers and owners.setdefault(Province(place), owner) is not owner:
            problems.append(f"{place} has two owners")
    for center in board.map_data.centers:
        if (owner := owners.get(center)) is not board.owner_of(center):
            problems.append(f"{center} belongs to {owner or 'nobody'}, by our rules to {board.owner_of(center)}")
    if problems:
        raise HistoryError(
            f"game/status: the position of {phase} does not follow from the orders before it: "
            f"{'; '.join(problems[:2])}{f' (and {len(problems) - 2} more)' if problems[2:] else ''}"
        )


def _unit(board: Board, unit: ServerUnit) -> tuple[Power, Unit, bool]:
    """A unit of the server; a fleet without a coast is on the coast where we have it."""
    power, place, out = COUNTRIES[unit.country_id], TERRITORIES[unit.terr_id], unit.retreating == "Yes"
    found = Unit(_KINDS[unit.unit_type], place)
    if found.kind is UnitKind.FLEET and place not in board.map_data.fleet_moves:
        mine = (*board.dislodged(power),) if out else board.units(power)
        found = next((u for u in mine if u.kind is found.kind and u.province == province_of(place)), found)
    return power, found, out


def _is_gone(board: Board, unit: ServerUnit) -> bool:
    """Whether the server still asks for the retreat of a unit that can go nowhere: our rules have removed it."""
    place, power = province_of(TERRITORIES[unit.terr_id]), COUNTRIES[unit.country_id]
    return unit.retreating == "Yes" and all(mine.province != place for mine in board.dislodged(power))


def _named(it: tuple[Power, Unit, bool]) -> str:
    return f"{'dislodged ' if it[2] else ''}{it[1]} of {it[0]}"


def _finish(game: Game, status: GameStatus, members: Sequence[Member]) -> None:
    """Ends the game as the server did, where our rules have not."""
    if status.game_over == "Drawn" and not game.is_done:
        sharing = [COUNTRIES[m.country_id] for m in members if m.status == "Drawn" and m.country_id in COUNTRIES]
        game.draw(sharing or None)
