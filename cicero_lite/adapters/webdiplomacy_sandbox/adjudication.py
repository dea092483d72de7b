"""From one phase to the next: our rules decide, and what the site does differently is added here.

- A dislodged unit that can go nowhere still has a Retreats phase, in which it can only disband.
- Removals that nobody ordered take the unit farthest from a centre its power owns, by full name where several are.
- Non-centres belong to who stood there last, from the end of each phase; centres change hands in autumn, at once.
"""

from __future__ import annotations

from cicero_lite.adapters.webdiplomacy_ids import COUNTRIES, COUNTRY_OF, ID_OF, TERRITORIES, turn_of
from cicero_lite.adapters.webdiplomacy_sandbox.history import (
    adjustment_row,
    center_rows,
    order_row,
    strip_repeated_turn,
    unit_rows,
)
from cicero_lite.adapters.webdiplomacy_sandbox.site import (
    Member,
    MemberStatus,
    OrderFlag,
    PastPhase,
    Row,
    SiteGame,
    SitePhase,
    StoredOrder,
    UnitKey,
    units_of,
)
from cicero_lite.adapters.webdiplomacy_sandbox.territories import (
    NAMES,
    distances,
    parent_of,
    supply_centers,
)
from engine.record import PhaseRecord
from engine.types import (
    Order,
    OrderKind,
    OrderResult,
    PhaseKind,
    Power,
    Province,
    Unit,
    UnitKind,
    province_of,
)

_LATER_PHASES = frozenset({SitePhase.RETREATS, SitePhase.BUILDS})


def begin_phase(game: SiteGame, phase: SitePhase, now: int) -> None:
    """Makes the rows for the orders of a phase, and sets its deadline."""
    game.phase = phase
    if phase is SitePhase.DIPLOMACY:
        game.standoffs, game.came_from = set(), {}
    for member in game.members.values():
        member.orders = [] if member.status is MemberStatus.DEFEATED else _fresh_rows(game, member.power)
        member.flags = set() if member.orders else {OrderFlag.NONE}
    game.process_time = now + phase_seconds(game)


def phase_seconds(game: SiteGame) -> int:
    """How long the phase at hand lasts."""
    rules = game.rules
    later = game.phase in _LATER_PHASES and rules.phase_minutes_rb != -1
    return 60 * (rules.phase_minutes_rb if later else rules.phase_minutes)


def process_phase(game: SiteGame, now: int) -> None:
    """Carries out the stored orders of the phase at hand and begins the next phase, or ends the game."""
    units, centers = unit_rows(game), center_rows(game)
    archived = PastPhase(game.turn, game.phase, units, centers, [])
    game.history.append(archived)
    match game.phase:
        case SitePhase.DIPLOMACY:
            archived.orders = _process_movement(game)
            if game.dislodged:
                begin_phase(game, SitePhase.RETREATS, now)
                return
        case SitePhase.RETREATS:
            archived.orders = _process_retreats(game)
        case SitePhase.BUILDS:
            archived.orders = _process_builds(game)
    _end_turn_or_adjust(game, now)


def finish(game: SiteGame, how: str, winner: Power | None = None) -> None:
    """Ends the game.

    Args:
        game: the game.
        how: ``Won`` or ``Drawn``.
        winner: who won alone.
    """
    if how == "Won":
        strip_repeated_turn(game)
    elif game.phase is SitePhase.DIPLOMACY:
        # The orders under way are not carried out; what remains of the turn are its messages.
        game.history.append(PastPhase(game.turn, game.phase, [], center_rows(game), []))
    game.phase, game.game_over = SitePhase.FINISHED, how
    for member in game.members.values():
        member.orders, member.flags = [], set()
        if member.status is MemberStatus.DEFEATED:
            continue
        if winner is None:
            member.status = MemberStatus.DRAWN
        else:
            member.status = MemberStatus.WON if member.power is winner else MemberStatus.SURVIVED


def removals_in_absence(game: SiteGame, power: Power, count: int, gone: set[Province]) -> list[Order]:
    """The removals that the site makes when too few were ordered.

    Args:
        game: the game, in Builds.
        power: whose units.
        count: how many are left to remove.
        gone: where units are removed already.
    """
    far = distances(Province(center) for center in game.game.centers(power))
    units = [unit for unit in game.game.units(power) if unit.province not in gone]
    units.sort(key=lambda unit: (-far.get(unit.province, len(TERRITORIES)), NAMES[ID_OF[unit.province]]))
    return [Order(OrderKind.DISBAND, unit) for unit in units[:count]]


def _fresh_rows(game: SiteGame, power: Power) -> list[StoredOrder]:
    match game.phase:
        case SitePhase.DIPLOMACY:
            units: list[Unit | None] = [*game.game.units(power)]
            type_ = "Hold"
        case SitePhase.RETREATS:
            units, type_ = [unit for owner, unit in game.dislodged if owner is power], "Retreat"
        case _:
            due = game.game.build_count(power)
            units, type_ = [None] * abs(due), "Build Army" if due > 0 else "Destroy"
    rows = []
    for unit in units:
        # A fresh Hold is complete; a retreat or an adjustment still needs a place.
        row = StoredOrder(game.next_order_id, unit, type_, is_complete=type_ == "Hold")
        rows.append(row)
        game.next_order_id += 1
    return rows


def _process_movement(game: SiteGame) -> list[Row]:
    before = units_of(game.game)
    for member in game.members.values():
        orders = [row.order for row in member.orders if row.order is not None]
        game.game.set_orders(member.power, orders)
    record = game.game.process()
    rows = [
        order_row(game, member, row, record.results.get(row.unit, ()))
        for member in game.members.values()
        for row in member.orders
        if row.unit is not None
    ]
    game.shuffle.shuffle(rows)
    _note_dislodged(game, record)
    _note_movement(game, record, before)
    _occupy(game)
    return rows


def _note_dislodged(game: SiteGame, record: PhaseRecord) -> None:
    """Fills in who has to retreat; doomed units too, which our rules have removed by now."""
    game.dislodged = {
        (power, unit): game.game.dislodged(power).get(unit, ())
        for power, unit in units_of_record(record)
        if OrderResult.DISLODGED in record.results.get(unit, ())
    }


def units_of_record(record: PhaseRecord) -> list[UnitKey]:
    """The units that were ordered in a movement phase."""
    return [(power, unit) for power in COUNTRIES.values() for unit in record.board.units(power)]


def _note_movement(game: SiteGame, record: PhaseRecord, before: list[UnitKey]) -> None:
    orders = {order.unit: order for its in record.orders.values() for order in its}
    moved: dict[UnitKey, UnitKey] = {}
    bounced: dict[Province, int] = {}
    game.came_from = {}
    for power, unit in before:
        order = orders[unit]
        if order.kind is not OrderKind.MOVE or order.target is None:
            continue
        goal = province_of(order.target)
        if not record.results.get(unit, ()):
            moved[power, unit] = (power, Unit(unit.kind, order.target))
            if not _went_by_convoy(order):
                game.came_from[ID_OF[goal]] = ID_OF[unit.province]
        elif OrderResult.BOUNCE in record.results[unit]:
            bounced[goal] = bounced.get(goal, 0) + 1
    _carry_ids(game, moved)
    game.standoffs = {ID_OF[goal] for goal, count in bounced.items() if count > 1 and game.game.unit_at(goal) is None}


def _went_by_convoy(order: Order) -> bool:
    assert order.unit is not None
    return order.via_convoy and order.unit.kind is UnitKind.ARMY


def _carry_ids(game: SiteGame, moved: dict[UnitKey, UnitKey]) -> None:
    """Units keep their ids where they go; new units get new ones, and those of removed units are forgotten."""
    carried = {moved.get(key, key): number for key, number in game.unit_ids.items()}
    game.unit_ids = {}
    for key in game.standing():
        if key not in carried:
            carried[key] = game.next_unit_id
            game.next_unit_id += 1
        game.unit_ids[key] = carried[key]


def _process_retreats(game: SiteGame) -> list[Row]:
    results: dict[Unit, tuple[OrderResult, ...]] = {}
    moved: dict[UnitKey, UnitKey] = {}
    if game.game.phase.kind is PhaseKind.RETREATS:
        for member in game.members.values():
            can = game.game.dislodged(member.power)
            game.game.set_orders(
                member.power, [r.order for r in member.orders if r.order is not None and r.unit in can]
            )
        results.update(game.game.process().results)
    rows = []
    for member in game.members.values():
        for row in member.orders:
            assert row.unit is not None
            rows.append(order_row(game, member, row, results.get(row.unit, ())))
            order = row.order
            if order is not None and order.target is not None and not results.get(row.unit, ()):
                moved[member.power, row.unit] = (member.power, Unit(row.unit.kind, order.target))
    game.dislodged = {}
    _carry_ids(game, moved)
    _occupy(game)
    return rows


def _process_builds(game: SiteGame) -> list[Row]:
    rows = []
    for member in game.members.values():
        made = _adjustments(game, member)
        orders = [order for order in made if order is not None]
        game.game.set_orders(member.power, orders)
        rows += [adjustment_row(game, member, order) for order in made]
    game.game.process()
    _carry_ids(game, {})
    return rows


def _adjustments(game: SiteGame, member: Member) -> list[Order | None]:
    """What comes of each slot of the member; None: nothing, which the site calls Wait."""
    due = game.game.build_count(member.power)
    made: list[Order | None] = []
    used: set[Province] = set()
    for row in member.orders:
        order = row.order
        fits = order is not None and (order.kind is OrderKind.BUILD) == (due > 0)
        if order is None or order.unit is None or not fits or order.unit.province in used:
            made.append(None)
            continue
        used.add(order.unit.province)
        made.append(order)
    if due < 0:
        removals = iter(removals_in_absence(game, member.power, made.count(None), used))
        made = [next(removals) if order is None else order for order in made]
    return made


def _end_turn_or_adjust(game: SiteGame, now: int) -> None:
    for member in game.members.values():
        alive = game.unit_count(member.power) or game.supply_center_count(member.power)
        if not alive:
            member.status = MemberStatus.DEFEATED
    if game.game.winner is not None:
        finish(game, "Won", game.game.winner)
        return
    game.turn, _ = turn_of(game.game.phase)
    adjusting = game.game.phase.kind is PhaseKind.ADJUSTMENTS
    begin_phase(game, SitePhase.BUILDS if adjusting else SitePhase.DIPLOMACY, now)


def _occupy(game: SiteGame) -> None:
    """A province belongs to who stands there; a supply centre only after the moves, and the retreats, of autumn."""
    centers = frozenset() if game.is_autumn else supply_centers()
    for power, unit in units_of(game.game):
        place = parent_of(unit.location)
        if place in centers:
            game.owners.setdefault(place, 0)
        else:
            game.owners[place] = COUNTRY_OF[power]
