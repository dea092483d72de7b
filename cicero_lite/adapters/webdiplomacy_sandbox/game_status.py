"""game/status: the whole game as one member, or a spectator, may see it."""

from __future__ import annotations

from collections.abc import Iterable

from cicero_lite.adapters.webdiplomacy_ids import ID_OF
from cicero_lite.adapters.webdiplomacy_sandbox.history import center_rows, unit_rows
from cicero_lite.adapters.webdiplomacy_sandbox.press import told_to
from cicero_lite.adapters.webdiplomacy_sandbox.site import (
    Member,
    PastPhase,
    PressType,
    Row,
    SiteGame,
    SiteMessage,
    SitePhase,
)
from cicero_lite.adapters.webdiplomacy_sandbox.territories import parent_of


def status_reply(game: SiteGame, viewer: Member | None) -> Row:
    """The reply; without a viewer it has no messages and nobody's own state."""
    members, rules = game.members.values(), game.rules
    return {
        "gameID": game.game_id,
        "countryID": None if viewer is None else viewer.country,
        "variantID": 1,
        "potType": "Unranked",
        "turn": game.turn,
        "phase": game.phase.value,
        "gameOver": game.game_over,
        "pressType": rules.press.value,
        "drawType": draw_type(game),
        "processTime": None if game.process_time is None else str(game.process_time),
        "phaseLengthInMinutes": str(rules.phase_minutes),
        "publicVotes": {str(m.country): m.vote_text for m in members} if rules.public_draw_votes else [],
        "orderStatuses": {str(m.country): "Hidden" if rules.is_anonymous else m.order_status for m in members},
        "phases": _phases(game, viewer),
        "standoffs": [{"terrID": place, "countryID": 0} for place in sorted(game.standoffs)],
        "occupiedFrom": occupied_from(game) or [],
        "votes": "" if viewer is None else viewer.vote_text,
        "orderStatus": "" if viewer is None else viewer.order_status,
        "status": "" if viewer is None else viewer.status.value,
    }


def draw_type(game: SiteGame) -> str:
    """Whether votes for a draw can be seen by all."""
    return "draw-votes-public" if game.rules.public_draw_votes else "draw-votes-hidden"


def occupied_from(game: SiteGame) -> Row:
    """Dislodged unit's territory -> where its attacker came from, unless it came by convoy."""
    return {
        str(ID_OF[unit.location]): str(game.came_from[parent_of(unit.location)])
        for _, unit in game.dislodged
        if parent_of(unit.location) in game.came_from
    }


def _phases(game: SiteGame, viewer: Member | None) -> list[Row]:
    units = [] if game.is_finished and game.game_over == "Drawn" else unit_rows(game)
    now = PastPhase(game.turn, game.phase, units, center_rows(game), [])
    return [_phase_row(game, viewer, past) for past in [*game.history, now]]


def _phase_row(game: SiteGame, viewer: Member | None, past: PastPhase) -> Row:
    row: Row = {"units": past.units, "orders": past.orders}
    if past.phase is SitePhase.DIPLOMACY:
        row |= _talks(game, viewer, past.turn)
    return row | {"centers": past.centers, "turn": past.turn, "phase": past.phase.value}


def _talks(game: SiteGame, viewer: Member | None, turn: int) -> Row:
    found: Row = {}
    told = [] if viewer is None else [m for m in told_to(game, viewer.country) if m.turn == turn]
    if told and game.rules.press is not PressType.NONE:
        found["messages"] = [_message_row(m) for m in sorted(told, key=lambda m: m.time)]
    if game.rules.public_draw_votes and (notes := _notes(game.messages, turn)):
        found["publicVotesHistory"] = notes
    return found


def _notes(messages: Iterable[SiteMessage], turn: int) -> list[Row]:
    return [
        {"vote": m.text, "countryID": m.sender, "timeSent": m.time, "phaseMarker": m.phase.value}
        for m in messages
        if m.is_note and m.turn == turn
    ]


def _message_row(message: SiteMessage) -> Row:
    return {
        "message": message.text,
        "fromCountryID": message.sender,
        "toCountryID": message.recipient,
        "timeSent": message.time,
        "phaseMarker": message.phase.value,
    }
