"""What a page shows of a room, as plain JSON values: only what the power that looks at it may know."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from cicero_lite.arena.log import Event, Searched, event_of
from cicero_lite.web.replay import mark_data, phase_title, replay_data
from cicero_lite.web.table.room import PUBLIC, Room
from cicero_lite.web.table.settings import PERSON, DrawVotes, TableError
from cicero_lite.web.table.store import Hand
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
        self._is_done = False
        self._facts: Json = {}

    def scenes(self) -> tuple[list[Json], Json]:
        """All phases, the one at hand last and without orders; and what never changes."""
        with self._lock:
            with self._room.changed:
                game, is_done = self._room.game, self._room.game.is_done
                is_old = (len(game.history) + 1, is_done) != (len(self._scenes), self._is_done)
                saved = game.to_saved_game() if is_old else None
            if saved is not None:
                for phase in saved["phases"]:
                    phase["messages"] = []
                data = replay_data(saved)
                self._scenes, self._facts, self._is_done = data["phases"], {"places": data["places"]}, is_done
            return self._scenes, self._facts


def facts(album: Album, power: Power | None) -> Json:
    """What of a game never changes."""
    return {
        **album.scenes()[1],
        "you": None if power is None else power.value,
        "powers": [p.value for p in POWERS],
        "short": [SHORT_NAMES[p] for p in POWERS],
        "shapes": {"A": ARMY_SHAPE, "F": FLEET_SHAPE},
    }


def state(room: Room, album: Album, power: Power | None, boot: str, have: Have) -> Json:
    """What one person, or (None) somebody who looks on, sees now, without what its page has."""
    scenes, _ = album.scenes()
    with room.changed:
        if len(scenes) != len(room.game.history) + 1:  # a phase was played between
            scenes, _ = album.scenes()
        known = have if have.boot == boot else Have()
        game, phase = room.game, room.game.phase
        talk = [m for m in _talk_for(room, power) if m.sequence > known.message]
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
            "seen": {} if power is None else room.store.seen(room.id, power),
            "players": [_player(room, p, power) for p in POWERS],
            "press": room.settings.press,
            "until": room.settings.until,
            "left": room.left_s,
            "over": _over(room),
            "failure": room.failure,
            "closing": room.is_closing,
            "thinking": _thinking(room, power),
            "draw": _votes(room, power),
            "hands": [_hand(hand) for hand in room.seating.hands if room.tells(hand.power, power)],
            "reasons": room.settings.reasons or room.is_over,
            "begun": room.phases_before,
            "standIn": None,
            "orders": [],
            "ready": False,
            "awaited": False,
        }
        if power is None:
            return values if str(phase) == known.phase else {**values, "legal": {}}
        hand = room.seating.stand_in(power)
        values |= {
            "standIn": None if hand is None else _hand(hand),
            "orders": [str(o) for o in room.orders_of(power)],
            "ready": hand is None and room.is_ready(power),
            "awaited": power in room.awaited,
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


def _talk_for(room: Room, power: Power | None) -> list[Message]:
    """What a power may read; who looks on reads what agents said to each other as far as their reasons are open."""
    talk = room.messages_seen_by(power)
    if power is not None or room.settings.reasons or room.is_over:
        return talk
    return [message for message in talk if message.recipient is None]


def _thinking(room: Room, seen_by: Power | None) -> str | None:
    power = room.thinking
    return power.value if power is not None and room.is_agents_for(power, seen_by) else None


def _votes(room: Room, seen_by: Power | None) -> Json:
    """Who votes for a draw and who has yet to, as far as it is told."""
    alive, is_public = room.game.alive, room.settings.draw_votes is DrawVotes.PUBLIC or room.is_over
    return {
        "public": is_public,
        "mine": seen_by in room.votes,
        "for": [p.value for p in alive if p in room.votes and (is_public or p is seen_by)],
        "open": [p.value for p in alive if p not in room.votes] if is_public else [],
    }


def _hand(hand: Hand) -> Json:
    agent = None if hand.agent == PERSON else hand.agent
    return {"power": hand.power.value, "phase": str(hand.phase), "agent": agent, "persona": hand.persona}


def message_data(message: Message) -> Json:
    """One message."""
    return {
        "number": message.sequence,
        "phase": str(message.phase),
        "from": message.sender.value,
        "to": PUBLIC if message.recipient is None else message.recipient.value,
        "text": message.text.encode(errors="backslashreplace").decode(),  # a saved game may hold half a letter
    }


def _player(room: Room, power: Power, seen_by: Power | None) -> Json:
    is_agent, is_awaited = room.is_agents_for(power, seen_by), power in room.awaited
    if room.seating.stand_in(power) is not None:
        # Where it is not told that an agent plays on, this one is ready as a person would be.
        is_awaited = room.has_to_order(power) and not room.has_ordered(power)
    return {
        "power": power.value,
        "agent": room.seating.player(power).name if is_agent else None,
        "opened": power in room.settings.agents,
        "name": room.settings.names.get(power, ""),
        "you": power is seen_by,
        "alive": power in room.game.alive,
        "ready": not is_agent and not is_awaited,
    }


def _over(room: Room) -> Json | None:
    if not room.is_over:
        return None
    winner = room.game.winner
    scores = {p.value: round(score, 3) for p, score in room.game.scores().items()}
    return {
        "reason": "draw" if room.game.drawn_by else room.ended or "until",
        "winner": None if winner is None else winner.value,
        "drawn": [p.value for p in room.game.drawn_by],
        "scores": scores,
    }


def saved_for(room: Room, power: Power | None) -> Json:
    """The game as a saved game: all of it when it is over, before that what this power, or an onlooker, may know."""
    with room.changed:
        saved = room.game.to_saved_game()
        is_open = room.is_over or (power is None and room.settings.reasons)
    if not is_open:
        for phase in saved["phases"]:
            phase["messages"] = [m for m in phase["messages"] if _may_read(m, power)]
    return saved


def _may_read(message: Mapping[str, Any], power: Power | None) -> bool:
    return message["recipient"] == PUBLIC or power in (message["sender"], message["recipient"])


def events_for(room: Room) -> list[Event]:
    """What the agents thought, when the game is over; before that, nothing."""
    return [event_of(line) for line in room.store.log_lines(room.id)] if room.is_over else []


def check_told(room: Room) -> None:
    """Returns if people may see reasons of agents now.

    Raises:
        TableError: they may not; one line says why.
    """
    if not (room.settings.reasons or room.is_over):
        raise TableError("the agents' reasons stay closed until the game is over: it was opened so")


def open_phases(room: Room, power: Power, seen_by: Power | None) -> frozenset[Phase]:
    """The phases in which somebody may see, during play, why a power did what it did: over, and played by an agent.

    Args:
        room: the game; phases before it was opened were played elsewhere.
        power: whose reasons.
        seen_by: who looks; None: whoever looks on.
    """
    with room.changed:
        played = [record.phase for record in room.game.history[room.phases_before :]]
        return frozenset(phase for phase in played if room.was_agents_for(power, phase, seen_by))


def check_open(room: Room, power: Power, phase: Phase, seen_by: Power | None) -> None:
    """Returns if somebody may see now why a power did what it did in a phase.

    Raises:
        TableError: they may not; one line says why.
    """
    check_told(room)
    if phase in open_phases(room, power, seen_by):
        return
    with room.changed:
        is_now, is_agents = phase == room.game.phase, room.was_agents_for(power, phase, seen_by)
    if not is_agents:
        raise TableError(f"{power.title()} {'is' if is_now else 'was'} played by a person: nobody looks into people")
    if is_now:
        raise TableError(f"{phase} is not over: reasons are told when it was played")
    raise TableError(f"{phase} was not played at this table")


def reasons(room: Room, power: Power, phase: Phase, seen_by: Power | None) -> Json:
    """What an agent considered in a phase that is over: its expected score, and its likeliest actions.

    Args:
        room: the game.
        power: the agent's.
        phase: that is over.
        seen_by: who asks; None: whoever looks on.

    Raises:
        TableError: people may not look, or there is nothing to be seen.
    """
    check_open(room, power, phase, seen_by)
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
