"""Inside the agents of a table: the inspector of `cicero_lite.web.inspector`, as far as a seat may look.

During play that is what `pictures.check_open` lets it see of reasons at all (agents, phases that are over), and of this
what `cicero_lite.inspection.veil` leaves; when the game is over, everything.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from cicero_lite.arena.log import Event, Searched, Sent, event_of
from cicero_lite.config import AgentConfig
from cicero_lite.inspection import Inspection, InspectionError
from cicero_lite.inspection.moments import messages_at
from cicero_lite.inspection.record import OwnConfigs, record_of
from cicero_lite.inspection.veil import seen_by
from cicero_lite.web.inspector import Inspector, Question, inspection_data, inspector_page, question_of, seat_of
from cicero_lite.web.replay import event_data, replay_data
from cicero_lite.web.table.pictures import check_open, check_told, open_phases, saved_for
from cicero_lite.web.table.room import PUBLIC, Room
from engine.types import POWERS, Message, Phase, Power

Json: TypeAlias = dict[str, Any]


class Insides:
    """The inspector of one game, made anew as the game goes on; for several threads."""

    def __init__(self, room: Room, configs: Callable[[], OwnConfigs]) -> None:
        """Reads nothing yet.

        Args:
            room: the game.
            configs: the configuration of each seat's agent, or of the one that would sit there.
        """
        self._room, self._configs = room, configs
        self._lock = threading.Lock()
        self._made: tuple[object, Inspector] | None = None

    def now(self) -> Inspector:
        """The inspector of the game as it stands.

        Raises:
            InspectionError: it is a game of another board.
            ConfigError: this version does not take the game's configuration.
        """
        room = self._room
        with self._lock:
            with room.changed:
                stands = len(room.game.history), room.ended
                game = room.game.copy()
            if self._made is None or self._made[0] != stands:
                events = [event_of(line) for line in room.store.log_lines(room.id)]
                record = replace(record_of(game, events, AgentConfig()), own_configs=self._configs())
                self._made = stands, Inspector(record)
            return self._made[1]


@dataclass(frozen=True)
class Looker:
    """A seat that looks into the agents; an `Asked` of `cicero_lite.web.inspector`."""

    insides: Insides
    room: Room
    power: Power | None
    """None: whoever looks on at a game of agents, who have no secrets from them where reasons are open."""

    @property
    def who(self) -> tuple[str, int, Power | None]:
        """See `Asked`."""
        return "inside", self.room.id, self.power

    def page(self) -> tuple[str, str]:
        """See `Inspector.page`.

        Raises:
            TableError: people may not look yet.
        """
        check_told(self.room)
        is_over, inspector = self.room.is_over, self.insides.now()
        if is_over:
            return inspector.page()
        phases = {power: open_phases(self.room, power, self.power) for power in POWERS}
        if self.power is None:
            saved, events = saved_for(self.room, None), inspector.record.events
        else:
            saved = _saved(inspector, self.room.messages_seen_by(self.power))
            events = tuple(self._open_events(inspector.record.events, phases))
        data = replay_data(saved, [event_data(event) for event in events])
        data["agents"] = dict(self.room.settings.seats)
        data["inside"] = {power.value: sorted(map(str, those)) for power, those in phases.items() if those}
        return inspector_page(data)

    def moment(self, given: Mapping[str, Any]) -> Json:
        """See `Inspector.moment`; during play with what this seat can read, and nothing of how the agent is set.

        Raises:
            TableError: people may not look there.
        """
        phase, power = seat_of(given)
        sees_all = self._sees_all(power, phase)
        found = self.insides.now().moment(given)
        if sees_all:
            return found
        known = self._readable(phase, power)
        return {
            "messages": [m for place, m in enumerate(found["messages"]) if place in known],
            "units": found["units"],
        }

    def remembered(self, given: Mapping[str, Any]) -> Json | None:
        """See `Inspector.remembered`.

        Raises:
            TableError: people may not look there.
        """
        question = question_of(given)
        sees_all = self._sees_all(question.moment.power, question.moment.phase)
        found = self.insides.now().known(question if sees_all else self._placed(question))
        return None if found is None else self._shown(found, question, sees_all)

    def inspect(self, given: Mapping[str, Any]) -> Json:
        """See `Inspector.inspect`.

        Raises:
            TableError: people may not look there.
            InspectionError: no such moment, or no such change.
        """
        question = question_of(given)
        sees_all = self._sees_all(question.moment.power, question.moment.phase)
        found = self.insides.now().found(question if sees_all else self._placed(question))
        return self._shown(found, question, sees_all)

    # --- what this seat may see ----------------------------------------------------------------------------

    def _sees_all(self, power: Power, phase: Phase) -> bool:
        """Whether everything of this moment is open; returns if something is."""
        is_over = self.room.is_over  # asked first: what is closed now may be open in a moment, not the other way round
        if not is_over:
            check_open(self.room, power, phase, self.power)
        return is_over or self.power is None

    def _readable(self, phase: Phase, power: Power) -> dict[int, Message]:
        """Messages of a phase that both this seat and the agent know, by their place among all that the agent knows."""
        every = enumerate(messages_at(self.insides.now().record, phase, power))
        return {place: m for place, m in every if m.recipient is None or self.power in (m.sender, m.recipient)}

    def _placed(self, question: Question) -> Question:
        """The question with its moment counted in all messages of the agent, not in those that this seat can read.

        Raises:
            InspectionError: it changes a message that this seat cannot read.
        """
        moment = question.moment
        known = self._readable(moment.phase, moment.power)
        numbers = {message.sequence for message in known.values()}
        for change in question.changes.messages:
            if change.sequence not in numbers:
                raise InspectionError(f"no message number {change.sequence} among those that you can read")
        if moment.heard is None:
            return question
        places = list(known)
        # Just before the next message that this seat can read.
        heard = places[moment.heard] if moment.heard < len(places) else None if moment.heard else 0
        return replace(question, moment=replace(moment, heard=heard))

    def _shown(self, found: Inspection, question: Question, sees_all: bool) -> Json:
        if sees_all or self.power is None:
            return inspection_data(found)
        count = len(self._readable(found.phase, found.power))
        heard = question.moment.heard
        return inspection_data(seen_by(found, self.power, count if heard is None else min(heard, count)))

    def _open_events(self, events: Iterable[Event], phases: Mapping[Power, frozenset[Phase]]) -> Iterator[Event]:
        """Of the log: what agents meant by messages that this seat can read, and what they considered at last."""
        considered: dict[tuple[Power, Phase], Searched] = {}
        for event in events:
            if isinstance(event, Sent) and event.message.phase in phases[event.message.sender]:
                if event.message.recipient in (self.power, None):
                    yield replace(event, intent=None)
            elif isinstance(event, Searched) and event.phase in phases[event.power]:
                considered[event.power, event.phase] = event
        yield from (_own(search) for search in considered.values())


def _own(search: Searched) -> Searched:
    """What a search says of the power that searched."""
    power = search.power
    return Searched(
        power=power,
        phase=search.phase,
        policies={p: policy for p, policy in search.policies.items() if p is power},
        expected_scores={p: score for p, score in search.expected_scores.items() if p is power},
        action=search.action,
        values={p: values for p, values in search.values.items() if p is power},
        anchors={p: chances for p, chances in search.anchors.items() if p is power},
    )


def _saved(inspector: Inspector, messages: Iterable[Message]) -> Json:
    """The game as a saved game with these messages, each with its number."""
    said: dict[str, list[Json]] = defaultdict(list)
    for m in messages:
        said[str(m.phase)].append(
            {"sender": m.sender, "recipient": m.recipient or PUBLIC, "message": m.text, "sequence": m.sequence}
        )
    saved = inspector.record.game.to_saved_game()
    for phase in saved["phases"]:
        phase["messages"] = said[phase["name"]]
    return saved
