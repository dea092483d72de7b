"""When to vote for a draw."""

from __future__ import annotations

from cicero_lite.adapters.settings import DrawPolicy
from cicero_lite.adapters.webdiplomacy_game import ServerGame
from cicero_lite.adapters.webdiplomacy_ids import COUNTRY_OF
from cicero_lite.draws import is_stalemate

DRAW = "Draw"


def wants_draw(policy: DrawPolicy, served: ServerGame, years: int, agents: bool | None) -> bool | None:
    """Whether our vote should stand now; None: as it stands.

    Args:
        policy: what makes us vote.
        served: the game as it is.
        years: how many years without a change are a stalemate, at least 1.
        agents: what the agent wants; None: it was not asked yet.
    """
    if policy is DrawPolicy.NEVER:
        return None
    if served.is_over or not served.has_begun:
        return False
    match policy:
        case DrawPolicy.STALEMATE:
            return is_stalemate(served.game, years)
        case DrawPolicy.AGREE:
            others = [power for power in served.game.alive if power is not served.seat]
            votes = served.status.public_votes  # empty where they are hidden
            return bool(others) and all(DRAW in votes.get(COUNTRY_OF[power], ()) for power in others)
        case DrawPolicy.AGENT:
            return agents
