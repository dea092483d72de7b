"""What was said in a game, counted from its event log: messages, drafts that each filter rejected, what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cicero_lite.arena.log import Drafted, Event, PhaseResolved, PhaseStarted, PromiseSettled, Sent
from cicero_lite.arena.press_measures import RATES, PressMeasures, measure, total
from engine.types import POWERS, PhaseKind, Power


@dataclass(frozen=True)
class PressFigures:
    """One game's talks in numbers."""

    movement_phases: int
    sent: Mapping[Power, int]
    """Messages sent by each power."""
    sent_by_source: Mapping[str, int]
    """Messages by who worded them."""
    with_intent: int
    """Messages that carry the intent they were conditioned on."""
    answers: int
    """Messages that came after one from their recipient in the same phase."""
    drafts: Mapping[str, int]
    """Candidates by who worded them."""
    rejected: Mapping[str, Mapping[str, int]]
    """Source -> filter -> candidates it rejected; one candidate may be rejected by several."""
    passed: Mapping[str, int]
    """Source -> candidates that every filter passed."""
    promises: Mapping[str, int]
    """Announcements and promises settled, by outcome."""
    public: int = 0
    """Messages to all."""
    pairs: int = 0
    """Pairs of living powers, summed over movement phases."""
    talking: Mapping[int, int] = field(default_factory=dict)
    """Those of them that talked, by how many messages they exchanged."""
    measures: Mapping[Power, PressMeasures] = field(default_factory=dict)
    """What came of each power's talk."""

    def _pairs(self) -> str:
        """How talkative they were, beside people (5-minute games, the data's README, section 5.2)."""
        talking, messages = sum(self.talking.values()), sum(n * count for n, count in self.talking.items())
        return (
            f"in a movement phase {100 * talking / max(1, self.pairs):.0f} % of pairs talk, "
            f"{messages / max(1, self.pairs):.1f} messages a pair, {messages / max(1, talking):.1f} a pair that talks, "
            f"{max(self.talking, default=0)} at most (people: 52 %, 3.2, 6.1); {self.public} public messages"
        )

    def lines(self) -> list[str]:
        """The figures for a reader at the terminal."""
        messages = sum(self.sent.values())
        lines = [
            f"{messages} messages in {self.movement_phases} movement phases, {self.answers} of them in answer; "
            f"{self.with_intent} carry their intent",
            self._pairs(),
            "sent by " + ", ".join(f"{power.title()} {count}" for power, count in self.sent.items()),
            "worded by " + ", ".join(f"{source} {count}" for source, count in sorted(self.sent_by_source.items())),
        ]
        for source, count in sorted(self.drafts.items()):
            lines.append(
                f"{count} candidates of the {source}, {100 * self.passed[source] / count:.0f} % passed every filter"
            )
            for name, number in sorted(self.rejected[source].items(), key=lambda item: -item[1]):
                lines.append(f"  {name:<12} rejected {number:4d}  {100 * number / count:5.1f} %")
        settled = sum(self.promises.values())
        kept = ", ".join(f"{outcome} {count}" for outcome, count in sorted(self.promises.items()))
        lines.append(f"{settled} announcements and promises settled: {kept or 'none'}")
        everybody = total(self.measures.values())
        for name, (part, whole) in RATES.items():
            if of := getattr(everybody, whole):
                lines.append(f"{name}: {getattr(everybody, part)} of {of}")
        return lines


def count(events: Iterable[Event]) -> PressFigures:
    """Counts a game's events; those of a game without press give zeros."""
    events = list(events)
    sent: Counter[Power] = Counter()
    by_source: Counter[str] = Counter()
    drafts: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    rejected: dict[str, Counter[str]] = {}
    promises: Counter[str] = Counter()
    said: set[tuple[Power, Power | None, str]] = set()
    between: Counter[tuple[str, frozenset[Power]]] = Counter()
    with_intent = answers = phases = public = pairs = 0
    for event in events:
        match event:
            case Sent(message=message):
                sent[message.sender] += 1
                by_source[event.source] += 1
                with_intent += event.intent is not None
                public += message.recipient is None
                if message.recipient is not None:
                    if message.phase.kind is PhaseKind.MOVEMENT:
                        between[str(message.phase), frozenset((message.sender, message.recipient))] += 1
                    answers += (message.recipient, message.sender, str(message.phase)) in said
                said.add((message.sender, message.recipient, str(message.phase)))
            case Drafted():
                drafts[event.source] += 1
                passed[event.source] += event.rejected_by is None
                rejections = rejected.setdefault(event.source, Counter())
                rejections.update(v.filter for v in event.verdicts if v.verdict == "reject")
            case PromiseSettled():
                promises[event.outcome] += 1
            case PhaseStarted(phase=phase) if phase.kind is PhaseKind.MOVEMENT:
                living = sum(bool(event.units.get(p) or event.centers.get(p)) for p in POWERS)
                pairs += living * (living - 1) // 2
            case PhaseResolved(phase=phase):
                phases += phase.kind is PhaseKind.MOVEMENT
    return PressFigures(
        phases,
        dict(sorted(sent.items(), key=lambda item: item[0].number)),
        by_source,
        with_intent,
        answers,
        drafts,
        rejected,
        passed,
        promises,
        public,
        pairs,
        Counter(between.values()),
        measure(events),
    )
