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
from cicero_lite.inspection.record import record_of
from cicero_lite.inspection.veil import seen_by
from cicero_lite.web.inspector import Inspector, Question, inspection_data, inspector_page, question_of, seat_of
from cicero_lite.web.replay import event_data, replay_data
from cicero_lite.web.table.pictures import check_open, check_told, open_phases
from cicero_lite.web.table.room import PUBLIC, Room
from engine.types import Message, Phase, Power

Json: TypeAlias = dict[str, Any]


class Insides:
    """The inspector of one game, made anew as the game goes on; for several threads."""

    def __init__(self, room: Room, configs: Callable[[], Mapping[Power, AgentConfig]]) -> None:
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
    power: Power

    @property
    def who(self) -> tuple[str, int, Power]:
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
        phases = open_phases(self.room)
        saved = _saved(inspector, self.room.messages_seen_by(self.power))
        data = replay_data(saved, [event_data(e) for e in self._open_events(inspector.record.events, phases)])
        agents = self.room.settings.agents
        data["agents"] = dict(self.room.settings.seats)
        data["inside"] = {"powers": list(agents), "phases": sorted(map(str, phases))}
        return inspector_page(data)

    def moment(self, given: Mapping[str, Any]) -> Json:
        """See `Inspector.moment`; during play with what this seat can read, and nothing of how the agent is set.

        Raises:
            TableError: people may not look there.
        """
        phase, power = seat_of(given)
        is_over = self._is_over(power, phase)
        found = self.insides.now().moment(given)
        if is_over:
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
        is_over = self._is_over(question.moment.power, question.moment.phase)
        found = self.insides.now().known(question if is_over else self._placed(question))
        return None if found is None else self._shown(found, question, is_over)

    def inspect(self, given: Mapping[str, Any]) -> Json:
        """See `Inspector.inspect`.

        Raises:
            TableError: people may not look there.
            InspectionError: no such moment, or no such change.
        """
        question = question_of(given)
        is_over = self._is_over(question.moment.power, question.moment.phase)
        found = self.insides.now().found(question if is_over else self._placed(question))
        return self._shown(found, question, is_over)

    # --- what this seat may see ----------------------------------------------------------------------------

    def _is_over(self, power: Power, phase: Phase) -> bool:
        """Whether everything is open; returns if this much is."""
        is_over = self.room.is_over  # asked first: what is closed now may be open in a moment, not the other way round
        if not is_over:
            check_open(self.room, power, phase)
        return is_over

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

    def _shown(self, found: Inspection, question: Question, is_over: bool) -> Json:
        if is_over:
            return inspection_data(found)
        count = len(self._readable(found.phase, found.power))
        heard = question.moment.heard
        return inspection_data(seen_by(found, self.power, count if heard is None else min(heard, count)))

    def _open_events(self, events: Iterable[Event], phases: frozenset[Phase]) -> Iterator[Event]:
        """Of the log: what agents meant by messages that this seat can read, and what they considered at last."""
        considered: dict[tuple[Power, Phase], Searched] = {}
        agents = self.room.settings.agents
        for event in events:
            if isinstance(event, Sent) and event.message.sender in agents and event.message.phase in phases:
                if event.message.recipient in (self.power, None):
                    yield replace(event, intent=None)
            elif isinstance(event, Searched) and event.power in agents and event.phase in phases:
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
