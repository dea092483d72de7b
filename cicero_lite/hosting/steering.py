"""Steering a seat that is played, or will be: its controls stand in the store, in the settings that it goes on with.

Whoever sets them writes them there; the bot looks before it thinks, and takes them over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cicero_lite.config import changed_controls, config_yaml, stored_config
from cicero_lite.hosting.desk import DeskError, seat_of
from cicero_lite.hosting.store import Store
from cicero_lite.steer.controls import NEUTRAL, Controls
from cicero_lite.steer.words import RESET, controls_words


def steer_seat(store: Store, number: int, settings: Sequence[str], by: str) -> Controls:
    """Changes the controls of a seat, leaves a notice of it, and returns them.

    Args:
        store: the bot's.
        number: of the seat.
        settings: such as ``aggression=0.02`` or ``weights.ENGLAND=0.3``, one after the other; `RESET` among them takes
            back whatever was set before it.
        by: who does it, for the notice.

    Raises:
        DeskError: there is no such seat, or play has ended there.
        ConfigError: an unknown control, a wrong type, a value out of range; or settings of another version.
    """
    with store.transaction():
        seat = seat_of(store, number)
        if seat.ended is not None:
            raise DeskError(f"seat {number}: expected one that is played, got one that has ended ({seat.ended})")
        config = stored_config(seat.config, f"the settings of seat {number}")
        controls = config.agent.controls
        for setting in settings:
            controls = NEUTRAL if setting == RESET else changed_controls(controls, setting)
        if controls != config.agent.controls:
            agent = replace(config.agent, controls=controls)
            store.set_config(number, config_yaml(replace(config, agent=agent)))
            store.note(f"steered by {by}: {controls_words(controls)}", number)
    return controls


__all__ = ["RESET", "steer_seat"]
