"""Who plays which seat of a game now: as it was opened, and as seats have changed hands since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cicero_lite.web.table.settings import PERSON, TableSettings
from cicero_lite.web.table.store import Hand
from engine.types import POWERS, Phase, Power


@dataclass(frozen=True)
class Player:
    """Who plays a seat."""

    name: str
    """`PERSON`, or an agent's."""
    persona: str = ""
    """The agent's; empty: as usual, or a person."""
    hand: int = 0
    """Counts the changes of hands of the game up to the one that gave the seat; 0: since the game was opened."""

    @property
    def is_agent(self) -> bool:
        """Whether it is an agent."""
        return self.name != PERSON


class Seating:
    """The players of one game; changed by its room alone."""

    def __init__(self, settings: TableSettings, hands: Sequence[Hand]) -> None:
        self._settings = settings
        self.hands = list(hands)
        """Every change of hands, the oldest first."""

    def player(self, power: Power) -> Player:
        """Who plays now."""
        for number, hand in reversed(list(enumerate(self.hands, 1))):
            if hand.power is power:
                return Player(hand.agent, hand.persona, number)
        return Player(self._settings.seats[power], self._settings.personas.get(power, ""))

    def stand_in(self, power: Power) -> Hand | None:
        """The agent that plays the seat of a person now, and since when; None: none does."""
        player = self.player(power)
        return self.hands[player.hand - 1] if player.is_agent and player.hand else None

    def was_agents(self, power: Power, phase: Phase) -> bool:
        """Whether an agent had the seat at the end of a phase, so that the orders were its own; or has it now."""
        names = [hand.agent for hand in self.hands if hand.power is power and not phase < hand.phase]
        return [self._settings.seats[power], *names][-1] != PERSON

    def personas(self, power: Power) -> list[tuple[Phase | None, str]]:
        """Those of the agents that have played a power, each from a phase on (None: from the beginning)."""
        later = [(hand.phase, hand.persona) for hand in self.hands if hand.power is power and hand.agent != PERSON]
        return [(None, self._settings.personas.get(power, "")), *later]

    @property
    def people(self) -> tuple[Power, ...]:
        """The powers that people play now."""
        return tuple(power for power in POWERS if not self.player(power).is_agent)

    @property
    def agents(self) -> tuple[Power, ...]:
        """The powers that agents play now."""
        return tuple(power for power in POWERS if self.player(power).is_agent)
