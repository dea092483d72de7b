"""When to vote for a draw."""

from __future__ import annotations

from cicero_lite.adapters.base import ownership
from cicero_lite.adapters.settings import DrawPolicy
from cicero_lite.adapters.webdiplomacy_game import ServerGame
from cicero_lite.adapters.webdiplomacy_ids import COUNTRY_OF
from engine.board import Board
from engine.game import Game
from engine.types import PhaseKind, Season

DRAW = "Draw"


def wants_draw(policy: DrawPolicy, served: ServerGame, years: int) -> bool:
    """Whether our vote should stand now.

    Args:
        policy: what makes us vote.
        served: the game as it is.
        years: how many years without a change are a stalemate, at least 1.
    """
    if served.is_over or not served.has_begun:
        return False
    match policy:
        case DrawPolicy.NEVER:
            return False
        case DrawPolicy.STALEMATE:
            return is_stalemate(served.game, years)
        case DrawPolicy.AGREE:
            others = [power for power in served.game.alive if power is not served.seat]
            votes = served.status.public_votes  # empty where they are hidden
            return bool(others) and all(DRAW in votes.get(COUNTRY_OF[power], ()) for power in others)


def is_stalemate(game: Game, years: int) -> bool:
    """Whether no centre changed hands for so many years, and no unit stands in a centre that another power owns.

    Years are counted from spring to spring; a game has to be older than that.
    """
    springs: list[Board] = [
        record.board
        for record in game.history
        if record.phase.kind is PhaseKind.MOVEMENT and record.phase.season is Season.SPRING
    ]
    if game.phase.kind is PhaseKind.MOVEMENT and game.phase.season is Season.SPRING:
        springs.append(game)
    if len(springs) <= years:
        return False
    owners = [ownership(board) for board in (*springs[-years - 1 :], game)]
    return all(owned == owners[0] for owned in owners) and not any(
        province in game.map_data.centers and game.owner_of(province) is not power
        for power, unit in game.all_units()
        for province in (unit.province,)
    )
