"""What our agent would do in a person's seat, asked for by that person: a suggestion, thought of once for each talk."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from cicero_lite.advise import Advice, RatedAction, advise_view
from cicero_lite.config import AgentConfig
from cicero_lite.registry import seed_of
from cicero_lite.web.table.room import Room
from cicero_lite.web.table.settings import TableError
from engine.types import Action, Power

Json: TypeAlias = dict[str, Any]
_OWN = 3
"""Actions of one's own that are shown."""


class Adviser:
    """Advises the people of one game; for several threads, one thought at a time."""

    def __init__(self, room: Room, config: Callable[[], AgentConfig]) -> None:
        """Advises nobody yet.

        Args:
            room: the game.
            config: that of the agent which would sit in a person's place.
        """
        self._room, self._config = room, config
        self._lock = threading.Lock()
        self._given: dict[Power, tuple[tuple[str, int], Json]] = {}

    def advice(self, power: Power) -> Json:
        """The advice on the phase at hand as things stand.

        Raises:
            TableError: the power is out of the game, an agent plays its seat, or the game is over.
        """
        with self._lock:
            room, view = self._room, self._room.view(power)
            if (hand := room.seating.stand_in(power)) is not None:
                raise TableError(f"nothing to advise on: {hand.agent} plays your seat")
            if room.is_over or power not in view.alive:
                raise TableError("nothing to advise on: the game is over for you")
            asked = str(view.phase), len(view.messages)
            known = self._given.get(power)
            if known is None or known[0] != asked:
                config = self._config()
                if not room.settings.press:
                    config = dataclasses.replace(
                        config, generation=dataclasses.replace(config.generation, candidates=0)
                    )
                advice = advise_view(view, config, seed_of(room.settings.seed, power))
                known = asked, _values(advice, room.settings.press)
                self._given[power] = known
            return known[1]


def _values(advice: Advice, press: bool) -> Json:
    letters = [letter for letter in advice.letters if letter.text] if press else []
    return {
        "phase": str(advice.phase),
        "orders": _texts(advice.chosen),
        "score": advice.expected_scores.get(advice.power),
        "actions": [_rated(rated) for rated in advice.actions[:_OWN]],
        "others": {
            p.value: _rated(actions[0]) for p, actions in advice.others.items() if actions and actions[0].orders
        },
        "letters": [{"to": letter.recipient.value, "text": letter.text} for letter in letters],
        "players": list(advice.players),
    }


def _rated(rated: RatedAction) -> Mapping[str, Any]:
    return {"orders": _texts(rated.orders), "p": rated.probability, "value": rated.expected_score}


def _texts(orders: Action) -> list[str]:
    return [str(order) for order in orders]
