"""What each power's talk was in one game, counted from its event log: words, supports, promises, requests, lies.

The words are read into ledgers once more, one for each power, so that all powers are measured by the same rules,
whoever plays them: of what our agents say the acts are in the log, of what others say the reader finds them.  Orders
are resolved again by our engine.  Formulas, and what is left out: docs/press-measures.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache, reduce

from cicero_lite.arena.asked import asked_by
from cicero_lite.arena.log import Event, GameStarted, PhaseResolved, PhaseStarted, Sent, Understood
from cicero_lite.arena.promises import Fate, fates
from cicero_lite.arena.supports import supports_in
from dialogue.acts import PROPOSING, ActKind, Polarity, SpeechAct
from dialogue.memory import Ledger, Promise, Request, RequestStatus, Status, fulfils
from dialogue.understanding import read
from engine.board import Board, restore_position
from engine.game import Game, GameView
from engine.notation import same_move
from engine.record import PhaseRecord
from engine.types import POWERS, Intent, Message, Order, OrderKind, Phase, PhaseKind, Power, province_of

PEACE_YEARS = 2
"""Years, that of the agreement counted, in which an alliance or peace is taken to stand, as the agents take it."""
_CERTAIN = 1.0
"""Suspicion from which on the detector calls a message a lie."""


@dataclass(frozen=True)
class PressMeasures:
    """One power's talk in numbers: of one game, or of several added up."""

    movement_phases: int = 0
    """In which it had units or centres."""
    messages: int = 0
    """Private ones that it sent."""
    public_messages: int = 0
    characters: int = 0
    """Of both."""
    acts: Mapping[str, int] = field(default_factory=dict)
    """Acts of its private messages by kind (`ActKind`): as they were planned, of others' agents as they are read."""

    supports: int = 0
    """Support orders, in movement phases."""
    cross_supports: int = 0
    """Those for another power's unit."""
    cross_supports_matched: int = 0
    """Of those: the unit did what it was supported in."""
    cross_supports_effective: int = 0
    """Of those: what it did succeeded, and would have failed without this support."""
    supports_asked: int = 0
    """Supports of another power's that it asked for."""
    supports_offered: int = 0
    """Supports of its own, for another power's unit, that it spoke of giving: by an offer, an announcement, a yes."""
    supports_promised: int = 0
    """Promises of such a support, offers counted if they were taken up, for phases that were played."""
    supports_promised_given: int = 0
    """Those kept."""

    promises: int = 0
    """Given to single powers, for phases that were played: `cicero_lite.arena.promises`."""
    promises_kept: int = 0
    promises_broken: int = 0
    """Without a word."""
    promises_withdrawn: int = 0
    """Taken back before the orders were due, and not done."""
    promises_void: int = 0
    """They could not be kept, or what they were given for was not done."""
    agreements: int = 0
    """Requests of others that it said yes to."""
    requests: int = 0
    """That it made of single powers: proposals, offers, zones, alliances; no questions."""
    requests_granted: int = 0
    """To which the other said yes."""
    requests_refused: int = 0
    requests_checked: int = 0
    """Things asked for whose doing the orders show (`cicero_lite.arena.asked`), where the other had a choice."""
    requests_played: int = 0
    """Those that were done."""

    attacks: int = 0
    """Orders, in movement phases, that move onto another power's unit or centre, or support such a move; the victim's
    own moves, and what it was told or asked for, left out."""
    peace_phases: int = 0
    """Movement phases, for each other power, in which peace or an alliance stood between them."""
    peace_phases_broken: int = 0
    """Those in which it attacked the other."""

    promises_planned: int = 0
    """Promises for the phase at hand of which the log tells what their giver meant to play as it gave them."""
    promises_not_meant: int = 0
    """Those against that plan: lies, in the record."""
    claims_checked: int = 0
    """Orders of phases gone by that it told of."""
    claims_false: int = 0
    """Those that were not given so: lies or errors."""
    heard_kept: int = 0
    """Promises to them, as their hearers understood them, that it kept."""
    heard_broken: int = 0
    """Those that it broke: what the others know of its lies."""
    judged: int = 0
    """Messages that a hearer's detector of lies judged."""
    suspected: int = 0
    """Those that it called lies."""


RATES: Mapping[str, tuple[str, str]] = {
    "cross-power supports, of supports": ("cross_supports", "supports"),
    "effective, of cross-power supports": ("cross_supports_effective", "cross_supports"),
    "matched, of cross-power supports": ("cross_supports_matched", "cross_supports"),
    "supports given, of those promised": ("supports_promised_given", "supports_promised"),
    "promises kept, of those given": ("promises_kept", "promises"),
    "promises broken, of those given": ("promises_broken", "promises"),
    "requests granted": ("requests_granted", "requests"),
    "requests played, of those checked": ("requests_played", "requests_checked"),
    "attacks on those at peace with it, by phases of peace": ("peace_phases_broken", "peace_phases"),
    "promises against its plan": ("promises_not_meant", "promises_planned"),
    "false claims, of those checked": ("claims_false", "claims_checked"),
    "messages called lies, of those judged": ("suspected", "judged"),
}
"""What the counts make, by name: which of them, of which."""


@dataclass(frozen=True)
class Breach:
    """A movement phase in which a power attacked another with which peace or an alliance stood."""

    phase: Phase
    by: Power
    victim: Power
    orders: tuple[Order, ...]
    """The attacks."""
    agreed: Request
    """The peace or alliance, as it was proposed and then accepted."""


@dataclass(frozen=True)
class PressRecord:
    """What came of a game's talk."""

    measures: Mapping[Power, PressMeasures]
    promises: tuple[tuple[Promise, Fate], ...]
    """Those that were given to single powers for phases that were played, power by power."""
    breaches: tuple[Breach, ...]
    """In the order of the phases."""


def press_record(events: Sequence[Event]) -> PressRecord:
    """What came of a game's talk, counted and word by word; `events` as of `measure`."""
    measuring = _Measuring(events)
    return PressRecord(measuring.result(), measuring.promises(), tuple(measuring.breaches))


def measure(events: Sequence[Event]) -> dict[Power, PressMeasures]:
    """Every power's talk in a game.

    Args:
        events: of the game, from its start or from the beginning of any movement phase on; phases without results are
            left out, but for the words that were said in them.
    """
    return _Measuring(events).result()


def total(measures: Iterable[PressMeasures]) -> PressMeasures:
    """All of these added up."""
    return reduce(_plus, measures, PressMeasures())


def _plus(one: PressMeasures, other: PressMeasures) -> PressMeasures:
    counts = {
        entry.name: getattr(one, entry.name) + getattr(other, entry.name)
        for entry in fields(PressMeasures)
        if entry.name != "acts"
    }
    acts = Counter(one.acts) + Counter(other.acts)
    return PressMeasures(acts=dict(sorted(acts.items())), **counts)


class _Measuring:
    """Goes through the events once, with a ledger for every power."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._ledgers = {power: Ledger(power) for power in POWERS}
        self._records: dict[Phase, PhaseRecord] = {}
        self._counts: dict[Power, Counter[str]] = {power: Counter() for power in POWERS}
        self._acts: dict[Power, Counter[str]] = {power: Counter() for power in POWERS}
        self._map_name = "standard"
        self._game: Game | None = None
        """The phase at hand; None: what it is cannot be known."""
        self._attacked: dict[tuple[Power, Power], Phase] = {}
        """When one of two last attacked the other, both ways round."""
        self.breaches: list[Breach] = []
        """Of peace and alliances."""
        self._heard = {(e.power, e.message): e for e in events if isinstance(e, Understood)}
        self._noted: set[Message] = set()
        for event in events:
            self._take(event)

    def result(self) -> dict[Power, PressMeasures]:
        """What was counted, with what became of promises and requests by the end."""
        for power, ledger in self._ledgers.items():
            self._count_promises(power, ledger)
            self._count_requests(power, ledger)
            self._count_heard(power, ledger)
        return {
            power: PressMeasures(acts=dict(sorted(self._acts[power].items())), **self._counts[power])
            for power in POWERS
        }

    def promises(self) -> tuple[tuple[Promise, Fate], ...]:
        """All that was promised for phases that were played."""
        return tuple(found for ledger in self._ledgers.values() for found in fates(ledger, self._records))

    # --- event by event --------------------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        match event:
            case GameStarted(map_name=name):
                self._map_name = name
            case PhaseStarted():
                self._begin(event)
            case Sent(message=message, acts=acts, intent=intent):
                self._note(message, acts, intent)
            case Understood(message=message):
                self._note(message, (), None)  # of a table at which others' messages are only received
            case PhaseResolved():
                self._resolve(event)

    def _begin(self, started: PhaseStarted) -> None:
        """The board of a phase: as the log has it; that of retreats follows from the moves."""
        if started.phase.kind is PhaseKind.RETREATS:
            if self._game is not None and self._game.phase != started.phase:
                self._game = None
            return
        units = {str(power): [str(unit) for unit in started.units.get(power, ())] for power in POWERS}
        centers = {str(power): [str(place) for place in started.centers.get(power, ())] for power in POWERS}
        position = restore_position(self._map_name, str(started.phase), units, centers, {}, None)
        self._game = Game(self._map_name, position=position)
        self._game.history = list(self._records.values())

    def _note(self, message: Message, acts: tuple[SpeechAct, ...], intent: Intent | None) -> None:
        if message in self._noted:
            return
        self._noted.add(message)
        sender, count = message.sender, self._counts[message.sender]
        count["characters"] += len(message.text)
        count["messages" if message.recipient is not None else "public_messages"] += 1
        if self._game is None:
            return
        board = self._game.view(sender)
        as_read = self._as_read(message, board)
        said = acts or as_read()
        if message.recipient is not None:
            self._acts[sender].update(act.kind.value for act in said)
            self._count_supports_said(message, said, board)
        self._check_claims(sender, said)
        self._ledgers[sender].record(message, said)
        for hearer in POWERS if message.recipient is None else (message.recipient,):
            if hearer is not sender:
                understood = self._heard.get((hearer, message))
                self._ledgers[hearer].record(message, as_read() if understood is None else understood.acts)
                if understood is not None and understood.suspicion is not None:
                    count["judged"] += 1
                    count["suspected"] += understood.suspicion >= _CERTAIN
        if intent is not None:
            self._compare_with_plan(message, intent)
        self._game.messages.append(message)

    def _as_read(self, message: Message, view: GameView) -> Callable[[], tuple[SpeechAct, ...]]:
        """What the reader finds in a message, read when first asked for."""
        return cache(lambda: read(message, view, view.messages).acts)

    def _resolve(self, resolved: PhaseResolved) -> None:
        game = self._game
        if game is None or game.phase != resolved.phase:
            return
        for power in POWERS:
            given = [outcome.order for outcome in resolved.outcomes if outcome.power is power]
            game.set_orders(power, [order for order in given if game.is_legal(power, order)])
        record = game.process()
        self._records[record.phase] = record
        if record.phase.kind is PhaseKind.MOVEMENT:
            for power in record.board.alive:
                self._counts[power]["movement_phases"] += 1
            self._count_supports(record)
            self._count_attacks(record)
        for ledger in self._ledgers.values():
            ledger.settle(record)

    # --- words against plans and past ------------------------------------------------------------------

    def _compare_with_plan(self, message: Message, intent: Intent) -> None:
        """What a message promises for the phase at hand, and what its sender meant to play as it wrote."""
        count = self._counts[message.sender]
        for promise in self._ledgers[message.sender].promises_by(message.sender, status=Status.OPEN):
            new = promise.message == message.sequence and promise.phase == message.phase
            if new and promise.condition is None and intent.own.phase == promise.phase:
                count["promises_planned"] += 1
                count["promises_not_meant"] += not promise.is_kept_by(intent.own.orders)

    def _check_claims(self, sender: Power, acts: Sequence[SpeechAct]) -> None:
        """What is told of orders of phases gone by, where it says whose they were."""
        for act in acts:
            told = act.kind is ActKind.CLAIM_PAST or (act.kind is ActKind.DENY and act.phase in self._records)
            record = self._past(act.phase) if told and act.quote is None else None
            if record is None:
                continue
            as_given = act.kind is ActKind.CLAIM_PAST and act.polarity is Polarity.DO
            for item in act.orders:
                given = any(fulfils(order, item.order) for order in record.orders.get(item.power, ()))
                self._counts[sender]["claims_checked"] += 1
                self._counts[sender]["claims_false"] += given is not as_given

    def _past(self, phase: Phase | None) -> PhaseRecord | None:
        """The record of a phase; of the last movement phase, where none is named."""
        if phase is not None:
            return self._records.get(phase)
        moves = [record for record in self._records.values() if record.phase.kind is PhaseKind.MOVEMENT]
        return moves[-1] if moves else None

    # --- supports --------------------------------------------------------------------------------------

    def _count_supports_said(self, message: Message, acts: Sequence[SpeechAct], board: Board) -> None:
        for act in acts:
            if act.polarity is Polarity.NOT or act.kind not in PROPOSING | _GIVING:
                continue
            for item in act.orders:
                if not _is_cross_support(item.order, item.power, board):
                    continue
                if item.power is message.recipient and act.kind in PROPOSING:
                    self._counts[message.sender]["supports_asked"] += 1
                if item.power is message.sender and act.kind in _GIVING:
                    self._counts[message.sender]["supports_offered"] += 1

    def _count_supports(self, record: PhaseRecord) -> None:
        for support in supports_in(record):
            count = self._counts[support.by]
            count["supports"] += 1
            if support.is_crossing:
                count["cross_supports"] += 1
                count["cross_supports_matched"] += support.is_matched
                count["cross_supports_effective"] += support.is_effective

    # --- attacks and peace -----------------------------------------------------------------------------

    def _count_attacks(self, record: PhaseRecord) -> None:
        fought: dict[tuple[Power, Power], tuple[Order, ...]] = {}
        for power, orders in record.orders.items():
            for order in orders:
                hit = _victims(order, power, record.board)
                victims = [v for v in hit if not self._is_welcome(order, power, v, record.phase)]
                self._counts[power]["attacks"] += bool(victims)
                for victim in victims:
                    fought[power, victim] = (*fought.get((power, victim), ()), order)
        for power in record.board.alive:
            for other in record.board.alive:
                agreed = None if other is power else self._peace(power, other, record.phase)
                if agreed is not None:
                    self._counts[power]["peace_phases"] += 1
                    if attacks := fought.get((power, other)):
                        self._counts[power]["peace_phases_broken"] += 1
                        self.breaches.append(Breach(record.phase, power, other, attacks, agreed))
        for one, other in fought:
            self._attacked[one, other] = self._attacked[other, one] = record.phase

    def _peace(self, power: Power, other: Power, phase: Phase) -> Request | None:
        """The peace or alliance that stands, if one does: agreed to not long ago, and kept by both since."""
        agreed = self._ledgers[power].accepted(ActKind.ALLY, other)
        if not agreed or phase.year - agreed[-1].phase.year >= PEACE_YEARS:
            return None
        attacked = self._attacked.get((power, other))
        return agreed[-1] if attacked is None or attacked < agreed[-1].phase else None

    def _is_welcome(self, order: Order, power: Power, victim: Power, phase: Phase) -> bool:
        """Whether the victim was told of the order, or asked for it: a swap, a bounce agreed on."""
        ledger = self._ledgers[power]
        told = ledger.promises_by(power, to=victim, phase=phase)
        if any(_says(promise, order) for promise in told if promise.status in (Status.OPEN, Status.OFFERED)):
            return True
        asked = (r for r in ledger.requests if r.by is victim and r.to is power and r.phase == phase)
        return any(
            item.power is power and same_move(item.order, order)
            for request in asked
            if request.act.polarity is Polarity.DO
            for item in request.act.orders
        )

    # --- at the end ------------------------------------------------------------------------------------

    def _count_promises(self, power: Power, ledger: Ledger) -> None:
        count = self._counts[power]
        for promise, fate in fates(ledger, self._records):
            count["promises"] += 1
            count[_FATES[fate]] += 1
            board = self._records[promise.phase].board
            does = promise.polarity is Polarity.DO and promise.order is not None
            if does and promise.order is not None and _is_cross_support(promise.order, power, board):
                count["supports_promised"] += 1
                count["supports_promised_given"] += fate is Fate.KEPT

    def _count_requests(self, power: Power, ledger: Ledger) -> None:
        count = self._counts[power]
        for request in ledger.requests:
            if request.act.kind not in PROPOSING or request.to is None:
                continue
            if request.by is not power:
                count["agreements"] += request.status is RequestStatus.ACCEPTED
                continue
            count["requests"] += 1
            count["requests_granted"] += request.status is RequestStatus.ACCEPTED
            count["requests_refused"] += request.status is RequestStatus.REFUSED
        for entry in ledger.entries:
            if entry.message.sender is not power:
                continue
            for asked in asked_by(entry.acts, entry.message.phase):
                record = self._records.get(asked.phase)
                if record is not None and asked.is_open(record.board):
                    count["requests_checked"] += 1
                    count["requests_played"] += asked.is_done_by(record.orders.get(asked.of, ()))

    def _count_heard(self, hearer: Power, ledger: Ledger) -> None:
        for promise in ledger.promises_to(hearer):
            if promise.status in (Status.KEPT, Status.BROKEN):
                self._counts[promise.by]["heard_kept" if promise.status is Status.KEPT else "heard_broken"] += 1


_GIVING = frozenset({ActKind.OFFER, ActKind.INFORM, ActKind.PROMISE, ActKind.AGREE})
_FATES = {
    Fate.KEPT: "promises_kept",
    Fate.BROKEN: "promises_broken",
    Fate.WARNED: "promises_withdrawn",
    Fate.VOID: "promises_void",
}


def _is_cross_support(order: Order, power: Power, board: Board) -> bool:
    """Whether an order of this power supports another power's unit."""
    if order.kind is not OrderKind.SUPPORT or order.aided is None:
        return False
    standing = board.unit_at(order.aided.province)
    return standing is not None and standing[0] is not power


def _says(promise: Promise, order: Order) -> bool:
    return promise.polarity is Polarity.DO and promise.is_kept_by((order,))


def _victims(order: Order, power: Power, board: Board) -> Iterator[Power]:
    """Whom an order attacks: those whose unit or centre is where it moves, or where the move goes that it supports."""
    if order.kind not in (OrderKind.MOVE, OrderKind.SUPPORT) or order.target is None:
        return
    place = province_of(order.target)
    mover = board.unit_at(order.aided.province) if order.kind is OrderKind.SUPPORT and order.aided else None
    standing = board.unit_at(place)
    there = [*([] if standing is None else [standing[0]]), board.owner_of(place)]
    harmless = {power, None if mover is None else mover[0], None}
    yield from dict.fromkeys(victim for victim in there if victim is not None and victim not in harmless)


__all__ = ["PEACE_YEARS", "RATES", "Breach", "PressMeasures", "PressRecord", "measure", "press_record", "total"]
