"""Whether an agent votes for a draw: one rule for all agents, at our tables and on servers that carry votes.

    it can say what score it expects (`Expecting`)   yes, if a draw now is worth at least that, less a margin
    it cannot                                        yes, if the board has stood still for some years

A draw is shared by all who are alive.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cicero_lite.adapters.base import ownership
from cicero_lite.arena.log import DrawVoted
from engine.board import Board
from engine.game import Game, GameView
from engine.types import PhaseKind, Power, Season


class DrawRule(StrEnum):
    """What makes an agent vote for a draw."""

    EXPECTED = "expected"
    """A draw is worth at least the score that it expects of playing on; `STALEMATE` for agents that expect nothing."""
    STALEMATE = "stalemate"
    """No centre changed hands for some years, and none is about to."""
    NEVER = "never"


@dataclass(frozen=True)
class DrawConfig:
    """When an agent votes for a draw, where it is asked."""

    rule: DrawRule = DrawRule.EXPECTED
    """expected (a draw is worth what it expects of playing on), stalemate (nothing has changed for years) or never."""
    margin: float = 0.02
    """Score, 0 to 1, that it gives up for the certainty of a draw: what two searches of a position may differ by."""
    from_year: int = 1904
    """It does not weigh its expectations before: all look alike while the neutral centres are taken."""
    still_years: int = 3
    """Years without a change that are a stalemate."""

    def __post_init__(self) -> None:
        if not 0 <= self.margin <= 1:
            raise ValueError(f"margin: expected 0 to 1, got {self.margin}")
        if self.still_years < 1:
            raise ValueError(f"still_years: expected 1 or more, got {self.still_years}")


def decide(view: GameView, power: Power, expected: float | None, scoring: str, config: DrawConfig) -> DrawVoted:
    """Whether a power's agent agrees to a draw as things stand.

    Args:
        view: the game as the power sees it.
        power: whose agent is asked.
        expected: the score that it expects of playing on; None: it cannot say.
        scoring: what that score is, as in `planner.rollout.ValueConfig`.
        config: its rule.
    """
    match config.rule:
        case DrawRule.NEVER:
            return DrawVoted(power, view.phase, False, "its settings say never")
        case DrawRule.EXPECTED if expected is not None:
            return _weighed(view, power, expected, scoring, config)
        case _:
            still = is_stalemate(view, config.still_years)
            reason = f"the board has {'' if still else 'not '}stood still for {config.still_years} years"
            return DrawVoted(power, view.phase, still, reason)


def _weighed(view: GameView, power: Power, expected: float, scoring: str, config: DrawConfig) -> DrawVoted:
    if view.phase.year < config.from_year:
        return DrawVoted(power, view.phase, False, f"it does not think of it before {config.from_year}")
    worth = {"draw_size": 1 / len(view.alive), "solo": 0.0}.get(scoring, view.scores()[power])
    reason = f"a draw now is worth {worth:.1%} to it, playing on {expected:.1%}"
    return DrawVoted(power, view.phase, worth >= expected - config.margin, reason, worth, expected)


def is_stalemate(game: Game | GameView, years: int) -> bool:
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
