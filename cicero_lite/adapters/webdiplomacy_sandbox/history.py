"""The rows of a game's history, as game/status serves them."""

from __future__ import annotations

from cicero_lite.adapters.webdiplomacy_ids import COUNTRY_OF, ID_OF, TERRITORIES
from cicero_lite.adapters.webdiplomacy_sandbox.order_entry import unit_type
from cicero_lite.adapters.webdiplomacy_sandbox.site import Member, PastPhase, Row, SiteGame, SitePhase, StoredOrder
from cicero_lite.adapters.webdiplomacy_sandbox.territories import HOME_OF
from engine.types import Order, OrderKind, OrderResult


def unit_rows(game: SiteGame) -> list[Row]:
    """The units as game/status serves them."""
    rows = [
        {
            "terrID": ID_OF[unit.location],
            "countryID": COUNTRY_OF[power],
            "unitType": unit_type(unit),
            "retreating": "Yes" if (power, unit) in game.dislodged else "No",
        }
        for power, unit in game.standing()
    ]
    if game.turn:
        game.shuffle.shuffle(rows)
    return rows


def center_rows(game: SiteGame) -> list[Row]:
    """Who owns what, as game/status serves it: all territories, and those of Retreats as the turn began."""
    if game.turn == 0 and game.phase is SitePhase.DIPLOMACY:
        start = HOME_OF | game.owners
        return [{"terrID": place, "countryID": start[place]} for place in TERRITORIES]
    if game.phase in (SitePhase.RETREATS, SitePhase.FINISHED):
        moves = [past for past in game.history if past.phase is SitePhase.DIPLOMACY]
        return [dict(row) for row in moves[-1].centers] if moves else []
    return [{"terrID": place, "countryID": game.owners[place]} for place in sorted(game.owners)]


def order_row(game: SiteGame, member: Member, row: StoredOrder, results: tuple[OrderResult, ...]) -> Row:
    """The row of a unit's order and what became of it."""
    assert row.unit is not None
    type_ = "Disband" if row.type == "Retreat" and row.to_id is None else row.type
    # A convoy that our rules see no use for was carried out as a hold: no success.
    failed = bool(results) or type_ == "Hold" or (row.order is None and type_ not in ("Disband", "Retreat"))
    return {
        "turn": game.turn,
        "phase": game.phase.value,
        "countryID": member.country,
        "terrID": ID_OF[row.unit.location],
        "unitType": unit_type(row.unit),
        "type": type_,
        "toTerrID": row.to_id or 0,
        "fromTerrID": row.from_id or 0,
        "viaConvoy": row.via_convoy or "No",
        "success": "No" if failed else "Yes",
        "dislodged": "Yes" if OrderResult.DISLODGED in results else "No",
    }


def adjustment_row(game: SiteGame, member: Member, made: Order | None) -> Row:
    """The row of a slot in Builds; nothing made is a Wait."""
    type_, place = "Wait", 0
    if made is not None and made.unit is not None:
        is_build = made.kind is OrderKind.BUILD
        type_ = f"Build {unit_type(made.unit)}" if is_build else "Destroy"
        place = ID_OF[made.unit.location if is_build else made.unit.province]
    return {
        "turn": game.turn,
        "phase": game.phase.value,
        "countryID": member.country,
        "terrID": place,
        "unitType": "",
        "type": type_,
        "toTerrID": 0,
        "fromTerrID": 0,
        "viaConvoy": "No",
        "success": "Yes",
        "dislodged": "No",
    }


def strip_repeated_turn(game: SiteGame) -> None:
    """The site drops a last turn in which everybody repeated the orders of the turn before."""
    moves = [past for past in game.history if past.phase is SitePhase.DIPLOMACY]
    if len(moves) > 1 and _what_was_ordered(moves[-1]) == _what_was_ordered(moves[-2]):
        game.history = [past for past in game.history if past.turn != moves[-1].turn]


def _what_was_ordered(past: PastPhase) -> set[tuple[object, ...]]:
    keys = ("countryID", "terrID", "type", "toTerrID", "fromTerrID", "viaConvoy")
    return {tuple(row[key] for key in keys) for row in past.orders}
