"""What a page shows of a room, as plain JSON values: only what the power that looks at it may know."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from cicero_lite.arena.log import Event, Searched, event_of
from cicero_lite.web.replay import mark_data, phase_title, replay_data
from cicero_lite.web.table.room import PUBLIC, Room
from cicero_lite.web.table.settings import PERSON, TableError
from engine.drawing import load_geometry
from engine.marks import order_marks
from engine.render import ARMY_SHAPE, FLEET_SHAPE, SHORT_NAMES
from engine.types import POWERS, Message, Phase, PhaseKind, Power

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Have:
    """What a page has already."""

    boot: str = ""
    """The process that gave it; of another, it has nothing."""
    scenes: int = 0
    """Phases that are over."""
    message: int = -1
    """Number of the last message."""
    phase: str = ""
    """Whose legal orders it has."""


class Album:
    """The phases of one game as pictures, each made once; for several threads."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._scenes: list[Json] = []
        self._facts: Json = {}

    def scenes(self) -> tuple[list[Json], Json]:
        """All phases, the one at hand last and without orders; and what never changes."""
        with self._lock:
            with self._room.changed:
                count = len(self._room.game.history) + 1
                saved = self._room.game.to_saved_game() if count != len(self._scenes) else None
            if saved is not None:
                for phase in saved["phases"]:
                    phase["messages"] = []
                data = replay_data(saved)
                self._scenes, self._facts = data["phases"], {"places": data["places"]}
            return self._scenes, self._facts


def facts(album: Album, power: Power) -> Json:
    """What of a game never changes."""
    return {
        **album.scenes()[1],
        "you": power.value,
        "powers": [p.value for p in POWERS],
        "short": [SHORT_NAMES[p] for p in POWERS],
        "shapes": {"A": ARMY_SHAPE, "F": FLEET_SHAPE},
    }


def state(room: Room, album: Album, power: Power, boot: str, have: Have) -> Json:
    """What one person sees now, without what its page has."""
    scenes, _ = album.scenes()
    with room.changed:
        if len(scenes) != len(room.game.history) + 1:  # a phase was played between
            scenes, _ = album.scenes()
        known = have if have.boot == boot else Have()
        game, phase = room.game, room.game.phase
        talk = [m for m in room.messages_seen_by(power) if m.sequence > known.message]
        values: Json = {
            "boot": boot,
            "version": room.version,
            "title": room.settings.title,
            "phase": str(phase),
            "phaseTitle": phase_title(str(phase)),
            "kind": phase.kind.value,
            "count": len(scenes),
            "from": min(known.scenes, len(scenes) - 1),
            "scenes": scenes[min(known.scenes, len(scenes) - 1) :],
            "messages": [message_data(m) for m in talk],
            "seen": room.store.seen(room.id, power),
            "players": [_player(room, p, power) for p in POWERS],
            "press": room.settings.press,
            "until": room.settings.until,
            "left": room.left_s,
            "over": _over(room),
            "failure": room.failure,
            "closing": room.is_closing,
            "thinking": None if room.thinking is None else room.thinking.value,
            "orders": [str(o) for o in room.orders_of(power)],
            "ready": room.is_ready(power),
            "awaited": power in room.awaited,
            "reasons": room.settings.reasons or room.is_over,
            "begun": room.phases_before,
        }
        if not room.is_over:
            drawing = load_geometry(room.game.map_name)
            marks = order_marks({power: room.orders_of(power)}, None, drawing)
            values["marks"] = [mark_data(mark, drawing) for mark in marks]
            values["builds"] = game.build_count(power) if phase.kind is PhaseKind.ADJUSTMENTS else 0
            if str(phase) != known.phase:
                legal = game.legal_orders(power).items()
                # A build is waived for no place in particular.
                values["legal"] = {p: [str(o) for o in its if o.unit is not None] for p, its in legal}
    return values


def message_data(message: Message) -> Json:
    """One message."""
    return {
        "number": message.sequence,
        "phase": str(message.phase),
        "from": message.sender.value,
        "to": PUBLIC if message.recipient is None else message.recipient.value,
        "text": message.text.encode(errors="backslashreplace").decode(),  # a saved game may hold half a letter
    }


def _player(room: Room, power: Power, seen_by: Power) -> Json:
    settings, is_person = room.settings, room.settings.seats[power] == PERSON
    return {
        "power": power.value,
        "agent": None if is_person else settings.seats[power],
        "name": settings.names.get(power, ""),
        "you": power is seen_by,
        "alive": power in room.game.alive,
        "ready": is_person and power not in room.awaited,
    }


def _over(room: Room) -> Json | None:
    if not room.is_over:
        return None
    winner = room.game.winner
    scores = {p.value: round(score, 3) for p, score in room.game.scores().items()}
    return {"reason": room.ended or "until", "winner": None if winner is None else winner.value, "scores": scores}


def saved_for(room: Room, power: Power) -> Json:
    """The game as a saved game: all of it when it is over, before that what this power may know."""
    with room.changed:
        saved = room.game.to_saved_game()
        is_over = room.is_over
    if not is_over:
        for phase in saved["phases"]:
            phase["messages"] = [m for m in phase["messages"] if _may_read(m, power)]
    return saved


def _may_read(message: Mapping[str, Any], power: Power) -> bool:
    return message["recipient"] == PUBLIC or power in (message["sender"], message["recipient"])


def events_for(room: Room) -> list[Event]:
    """What the agents thought, when the game is over; before that, nothing."""
    return [event_of(line) for line in room.store.log_lines(room.id)] if room.is_over else []


def open_phases(room: Room) -> frozenset[Phase]:
    """The phases in which people may see, during play, why agents did what they did: those played at this table."""
    with room.changed:
        return frozenset(record.phase for record in room.game.history[room.phases_before :])


def check_told(room: Room) -> None:
    """Returns if people may see reasons of agents now.

    Raises:
        TableError: they may not; one line says why.
    """
    if not (room.settings.reasons or room.is_over):
        raise TableError("the agents' reasons stay closed until the game is over: it was opened so")


def check_open(room: Room, power: Power, phase: Phase) -> None:
    """Returns if people may see now why a power did what it did in a phase.

    Raises:
        TableError: they may not; one line says why.
    """
    check_told(room)
    if power not in room.settings.agents:
        raise TableError(f"{power.title()} is played by a person: nobody looks into people")
    if phase not in open_phases(room):
        if phase == room.game.phase:
            raise TableError(f"{phase} is not over: reasons are told when it was played")
        raise TableError(f"{phase} was not played at this table")


def reasons(room: Room, power: Power, phase: Phase) -> Json:
    """What an agent considered in a phase that is over: its expected score, and its likeliest actions.

    Raises:
        TableError: people may not look, or there is nothing to be seen.
    """
    check_open(room, power, phase)
    tag = f'"event":"{Searched.TAG}","power":"{power}","phase":"{phase}"'
    lines = [line for line in room.store.log_lines(room.id) if tag in line]
    found = event_of(lines[-1]) if lines else None
    if not isinstance(found, Searched) or power not in found.policies:
        return {"power": power.value, "phase": str(phase), "score": None, "plan": [], "actions": []}
    policy = found.policies[power]
    values = found.values.get(power, (None,) * len(policy.actions))
    return {
        "power": power.value,
        "phase": str(phase),
        "score": found.expected_scores.get(power),
        "plan": [str(order) for order in found.action],
        "actions": [
            {"orders": [str(o) for o in orders], "p": p, "value": value, "chosen": orders == found.action}
            for orders, p, value in zip(policy.actions, policy.probabilities, values, strict=True)
        ],
    }
