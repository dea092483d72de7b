"""What our agent would do in a person's seat, asked for by that person: a suggestion, thought of once for each talk."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from cicero_lite.advise import Advice, RatedAction, advise_view
from cicero_lite.config import AgentConfig
from cicero_lite.registry import seed_of
from cicero_lite.web.table.room import Room
from cicero_lite.web.table.settings import TableError
from engine.game import GameView
from engine.types import Action, Power

Json: TypeAlias = dict[str, Any]
_OWN = 3
"""Actions of one's own that are shown."""


class Adviser:
    """Advises the people of one game; what was advised last is kept, to be told again at once."""

    def __init__(self, room: Room, config: Callable[[], AgentConfig]) -> None:
        """Advises nobody yet.

        Args:
            room: the game.
            config: that of the agent which would sit in a person's place.
        """
        self._room, self._config = room, config
        self._given: dict[Power, tuple[str, Json]] = {}

    def asked(self, power: Power) -> str:
        """What is to be advised on, as things stand.

        Raises:
            TableError: the power is out of the game, an agent plays its seat, or the game is over.
        """
        return _asked(self._view(power))

    def known(self, power: Power) -> Json | None:
        """The advice as things stand, if it was given before.

        Raises:
            TableError: as `asked`.
        """
        known = self._given.get(power)
        return known[1] if known is not None and known[0] == self.asked(power) else None

    def advice(self, power: Power) -> Json:
        """The advice as things stand; for one thread at a time.

        Raises:
            TableError: as `asked`.
        """
        if (known := self.known(power)) is not None:
            return known
        room, view = self._room, self._view(power)
        config = self._config()
        if not room.settings.press:
            config = dataclasses.replace(config, generation=dataclasses.replace(config.generation, candidates=0))
        advice = advise_view(view, config, seed_of(room.settings.seed, power))
        self._given[power] = _asked(view), _values(advice, room.settings.press)
        return self._given[power][1]

    def _view(self, power: Power) -> GameView:
        room, view = self._room, self._room.view(power)
        if (hand := room.seating.stand_in(power)) is not None:
            raise TableError(f"nothing to advise on: {hand.agent} plays your seat")
        if room.is_over or power not in view.alive:
            raise TableError("nothing to advise on: the game is over for you")
        return view


def _asked(view: GameView) -> str:
    return f"{view.phase} {len(view.messages)}"


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
