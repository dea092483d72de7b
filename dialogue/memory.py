"""The ledger of one power: everything said to it and by it, what was promised, and what came of it.

A message becomes acts (`dialogue.understanding`); the ledger keeps the words, turns acts into promises,
requests and claims, and settles them against the orders really played.  Trust in a power is the mean of a
Beta distribution over its kept and broken words.  Nothing here decides anything: `dialogue.speech` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dialogue.acts import COMMITTING, REQUESTING, ActKind, Polarity, SpeechAct
from dialogue.records import (
    Claim,
    Promise,
    Remembered,
    Request,
    RequestStatus,
    Status,
    act_from_json,
    act_to_json,
    claim_from_json,
    claim_to_json,
    due_phase,
    enters,
    entry_from_json,
    entry_to_json,
    fulfils,
    message_from_json,
    message_to_json,
    promise_from_json,
    promise_to_json,
    request_from_json,
    request_to_json,
    same_content,
)
from engine.notation import same_move
from engine.types import Message, Order, OrderKind, Phase, Power, Province, province_of

if TYPE_CHECKING:
    from engine.board import Board
    from engine.record import PhaseRecord

__all__ = [
    "Claim",
    "Ledger",
    "LedgerConfig",
    "Promise",
    "Remembered",
    "Request",
    "RequestStatus",
    "Status",
    "act_from_json",
    "act_to_json",
    "due_phase",
    "enters",
    "fulfils",
    "message_from_json",
    "message_to_json",
    "same_content",
]


@dataclass(frozen=True)
class LedgerConfig:
    """How trust follows from kept and broken words."""

    prior_kept: float = 3.0
    """Kept promises that a power is credited with before it made any."""
    prior_broken: float = 1.0
    inform_weight: float = 0.5
    """Weight of a mere announcement or offer beside a promise or an agreement."""
    broken_weight: float = 2.0
    """How many kept promises one broken promise outweighs."""


@dataclass
class Ledger:
    """What one power knows of the talks it took part in."""

    power: Power
    config: LedgerConfig = field(default_factory=LedgerConfig)
    entries: list[Remembered] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    reliability: Callable[[Power], float] | None = field(default=None, compare=False, repr=False)
    """Who else judges the word of a power, 0 to 1, by all that is known of it; None: the ledger counts."""
    suspicions: dict[int, float] = field(default_factory=dict, compare=False, repr=False)
    """How far messages are suspected to be lies, 0 to 1, by their `Message.sequence`; others are not."""
    _recorded: set[tuple[int, Power]] = field(init=False, compare=False, repr=False)
    """Sequence and sender of every message in `entries`: a flood of them is recorded in the time that it takes."""

    def __post_init__(self) -> None:
        self._recorded = {(e.message.sequence, e.message.sender) for e in self.entries}

    # --- writing ---------------------------------------------------------------------------------------

    def record(self, message: Message, acts: Sequence[SpeechAct]) -> None:
        """Remembers a message sent or received, with its acts.

        A message already recorded (same sequence and sender) is left as it is.
        """
        if (message.sequence, message.sender) in self._recorded:
            return
        self._recorded.add((message.sequence, message.sender))
        self.entries.append(Remembered(message, tuple(acts)))
        # "Agreed, but not Burgundy": what a yes or no names is settled before a bare one takes the rest.
        for act in sorted(acts, key=_is_bare_answer):
            self._record_act(message, act)
        self._mark_answered(message, acts)

    def settle(self, record: PhaseRecord) -> tuple[Promise, ...]:
        """Closes all that was due in the phase played.

        Returns:
            The promises that this phase settled, with their new status.
        """
        settled: list[Promise] = []
        for number, promise in enumerate(self.promises):
            if promise.status in (Status.OPEN, Status.OFFERED) and not record.phase < promise.phase:
                self.promises[number] = replace(promise, status=self._outcome(promise, record))
                settled.append(self.promises[number])
        for number, request in enumerate(self.requests):
            if request.status is RequestStatus.OPEN and not record.phase < request.phase:
                self.requests[number] = replace(request, status=RequestStatus.LAPSED)
        for number, claim in enumerate(self.claims):
            if claim.status is Status.OPEN and not record.phase < claim.phase:
                given = any(fulfils(o, claim.about.order) for o in record.orders.get(claim.about.power, ()))
                came_true = given is (claim.polarity is Polarity.DO)
                on_time = claim.phase == record.phase
                status = Status.VOID if not on_time else Status.KEPT if came_true else Status.BROKEN
                self.claims[number] = replace(claim, status=status)
        return tuple(settled)

    # --- reading ---------------------------------------------------------------------------------------

    def promises_by(
        self, power: Power, to: Power | None = None, status: Status | None = None, phase: Phase | None = None
    ) -> tuple[Promise, ...]:
        """Promises a power made; `to` also takes in what it promised to all."""
        return tuple(
            p
            for p in self.promises
            if p.by is power
            and (to is None or p.to in (to, None))
            and (status is None or p.status is status)
            and (phase is None or p.phase == phase)
        )

    def promises_to(
        self, power: Power, status: Status | None = None, phase: Phase | None = None
    ) -> tuple[Promise, ...]:
        """Promises made to a power, by anybody; what was promised to all is among them."""
        return tuple(
            p
            for p in self.promises
            if p.to in (power, None)
            and p.by is not power
            and (status is None or p.status is status)
            and (phase is None or p.phase == phase)
        )

    def open_requests_from(self, power: Power) -> tuple[Request, ...]:
        """What a power asked of this one and has no answer to yet."""
        return tuple(
            r for r in self.requests if r.by is power and r.to is self.power and r.status is RequestStatus.OPEN
        )

    def open_requests_to(self, power: Power) -> tuple[Request, ...]:
        """What this power asked of another and has no answer to yet."""
        return tuple(
            r for r in self.requests if r.by is self.power and r.to is power and r.status is RequestStatus.OPEN
        )

    def refused(self, by: Power, act: SpeechAct, phase: Phase) -> bool:
        """Whether a power said no in this phase to an act of the same content, or to one of its orders."""
        asked = {(o.power, str(o.order)) for o in act.orders}
        for request in self.requests:
            if request.to is not by or request.status is not RequestStatus.REFUSED or request.phase != phase:
                continue
            before = {(o.power, str(o.order)) for o in request.act.orders}
            if same_content(request.act, act) or asked & before:
                return True
        return False

    def accepted(self, kind: ActKind, other: Power) -> tuple[Request, ...]:
        """Requests of one kind between this power and another that were accepted, oldest first."""
        pair = {self.power, other}
        return tuple(
            r
            for r in self.requests
            if r.act.kind is kind and r.status is RequestStatus.ACCEPTED and {r.by, r.to} == pair
        )

    def said(
        self,
        speaker: Power,
        text: str | None = None,
        act: SpeechAct | None = None,
        kind: ActKind | None = None,
        order: Order | None = None,
        to: Power | None = None,
        phase: Phase | None = None,
    ) -> tuple[Remembered, ...]:
        """The messages in which a power said this; every argument given narrows the search.

        Args:
            speaker: who said it.
            text: words in the message, in any case and spacing.
            act: an act of the same content.
            kind: any act of this kind.
            order: any act that names this order (coasts aside).
            to: the recipient; public messages count.
            phase: when it was said.
        """
        wanted = None if text is None else _plain(text)
        return tuple(
            e
            for e in self.entries
            if e.message.sender is speaker
            and (wanted is None or wanted in _plain(e.message.text))
            and (act is None or any(same_content(a, act) for a in e.acts))
            and (kind is None or any(a.kind is kind for a in e.acts))
            and (order is None or any(same_move(o.order, order) for a in e.acts for o in a.orders))
            and (to is None or e.message.recipient in (to, None))
            and (phase is None or e.message.phase == phase)
        )

    def last_messages(self, other: Power, n: int) -> tuple[Remembered, ...]:
        """The last n private messages between this power and another, oldest first."""
        return tuple(self._talk(other)[-n:]) if n > 0 else ()

    def messages_this_phase(self, other: Power, phase: Phase) -> tuple[Remembered, ...]:
        """The private messages of one phase between this power and another, oldest first."""
        return tuple(e for e in self._talk(other) if e.message.phase == phase)

    def unread_from(self, other: Power, phase: Phase) -> tuple[Remembered, ...]:
        """The other's private messages of one phase since this power last wrote to it, oldest first."""
        talk = self.messages_this_phase(other, phase)
        last = max((i for i, e in enumerate(talk) if e.message.sender is self.power), default=-1)
        return talk[last + 1 :]

    def trust(self, power: Power) -> float:
        """How far to believe a power's promises to us, 0 to 1: mean of a Beta over kept and broken words.

        Where `reliability` is set, what that says.
        """
        if self.reliability is not None:
            return self.reliability(power)
        kept, broken = self.config.prior_kept, self.config.prior_broken
        for promise in self.promises:
            if promise.by is power and promise.to in (self.power, None):
                if promise.status is Status.KEPT:
                    kept += self.weight_of(promise)
                elif promise.status is Status.BROKEN:
                    broken += self.weight_of(promise)
        return kept / (kept + broken)

    def weight_of(self, promise: Promise) -> float:
        """What a promise kept or broken weighs for trust."""
        firm = promise.source in (ActKind.PROMISE, ActKind.AGREE)
        broken = promise.status is Status.BROKEN
        return (1.0 if firm else self.config.inform_weight) * (self.config.broken_weight if broken else 1.0)

    # --- from acts to promises, requests and claims ----------------------------------------------------

    def _talk(self, other: Power) -> list[Remembered]:
        pair = {self.power, other}
        return [e for e in self.entries if {e.message.sender, e.message.recipient} == pair]

    def _record_act(self, message: Message, act: SpeechAct) -> None:
        match act.kind:
            case ActKind.AGREE:
                self._agree(message, act)
            case ActKind.REFUSE | ActKind.COUNTER:
                if act.kind is ActKind.REFUSE:
                    self._withdraw(message, act)
                for request in self._meant(message, act):
                    self._set(request, RequestStatus.REFUSED)
            case ActKind.THANK:
                offers = [r for r in self._meant(message, act) if r.act.kind is ActKind.OFFER]
                for request in offers:
                    self._accept(message, request)
            case ActKind.DENY:
                self._withdraw(message, act)
            case ActKind.INFORM | ActKind.PROMISE | ActKind.OFFER:
                self._commit(message, act)
            case ActKind.WARN:
                self._claim(message, act)
        if act.kind in REQUESTING:
            self.requests.append(
                Request(
                    len(self.requests),
                    act.speaker,
                    message.recipient,
                    act,
                    message.phase,
                    message.sequence,
                    message.text,
                )
            )

    def _commit(self, message: Message, act: SpeechAct) -> None:
        """Promises from an announcement, a promise or an offer; yes or no to what it answers."""
        own = [item.order for item in act.orders if item.power is act.speaker]
        status = Status.OFFERED if act.kind is ActKind.OFFER else Status.OPEN
        for order in own:
            self._supersede(message, act, order)
            self._promise(message, act, act.kind, order=order, polarity=act.polarity, status=status)
        if not act.orders and act.kind is not ActKind.OFFER and act.provinces:
            self._supersede_places(message, act)
            self._promise(message, act, act.kind, provinces=act.provinces, polarity=act.polarity)
        self._claim(message, act)
        if act.kind is ActKind.OFFER:
            return
        for request in self._pending(message):
            asked = [o.order for o in request.act.orders if o.power is act.speaker]
            if request.act.kind is ActKind.ASK or not any(same_move(a, o) for a in asked for o in own):
                continue
            agrees = act.polarity is request.act.polarity
            self._set(request, RequestStatus.ACCEPTED if agrees else RequestStatus.REFUSED)

    def _claim(self, message: Message, act: SpeechAct) -> None:
        for item in act.orders:
            if item.power is act.speaker or item.power is message.recipient:
                continue
            self.claims.append(
                Claim(
                    len(self.claims),
                    act.speaker,
                    message.recipient,
                    item,
                    due_phase(act, message.phase),
                    message.sequence,
                    act.polarity,
                )
            )

    def _agree(self, message: Message, act: SpeechAct) -> None:
        for item in act.orders:
            if item.power is act.speaker:
                self._supersede(message, act, item.order)
                self._promise(message, act, ActKind.AGREE, order=item.order, polarity=act.polarity)
        for request in self._meant(message, act):
            if act.polarity is Polarity.NOT:
                self._set(request, RequestStatus.REFUSED)
            else:
                self._accept(message, request)

    def _accept(self, message: Message, request: Request) -> None:
        """The addressee of a request said yes: both are bound to their own orders in it."""
        self._set(request, RequestStatus.ACCEPTED)
        asked = request.act
        if asked.quote is not None:
            return  # "Did you say ...?" "Yes": nothing new is promised
        if asked.kind is ActKind.OFFER:
            for number, promise in enumerate(self.promises):
                if promise.status is Status.OFFERED and promise.message == request.message:
                    self.promises[number] = replace(promise, status=Status.OPEN)
        said = replace(asked, phase=due_phase(asked, request.phase), condition=None)
        source = ActKind.INFORM if asked.kind is ActKind.ASK else ActKind.AGREE
        if asked.kind in (ActKind.DEMILITARISE, ActKind.BOUNCE):
            polarity = Polarity.NOT if asked.kind is ActKind.DEMILITARISE else Polarity.DO
            for speaker in (message.sender, message.recipient):
                if speaker is not None:
                    self._promise(message, said, source, by=speaker, provinces=asked.provinces, polarity=polarity)
            return
        orders = list(asked.orders) if asked.kind is not ActKind.OFFER else []
        if asked.condition is not None:
            orders += [item for item in asked.condition.orders if item.power is message.sender]
            self._accept_zone(message, said, source, asked.condition)
        for item in orders:
            own = item.power is message.sender
            if own:
                self._supersede(message, said, item.order, by=message.sender)
            if own or (item.power is message.recipient and asked.kind is not ActKind.ASK):
                self._promise(message, said, source, by=item.power, order=item.order, polarity=said.polarity)

    def _accept_zone(self, message: Message, said: SpeechAct, source: ActKind, condition: SpeechAct) -> None:
        """ "If you stay out of Burgundy": who said yes will."""
        if condition.provinces and not condition.orders and condition.polarity is Polarity.NOT:
            places = condition.provinces
            self._promise(message, said, source, by=message.sender, provinces=places, polarity=Polarity.NOT)

    def _promise(
        self,
        message: Message,
        act: SpeechAct,
        source: ActKind,
        by: Power | None = None,
        order: Order | None = None,
        provinces: tuple[Province, ...] = (),
        polarity: Polarity = Polarity.DO,
        status: Status = Status.OPEN,
    ) -> None:
        """Adds a promise of one of the two to the other, or strengthens the same one made before."""
        speaker = by or act.speaker
        hearer = message.recipient if by in (None, message.sender) else message.sender
        due = due_phase(act, message.phase)
        new = Promise(
            len(self.promises),
            speaker,
            hearer,
            source,
            due,
            message.sequence,
            message.text,
            order,
            provinces,
            polarity,
            act.condition,
            status,
        )
        for number, old in enumerate(self.promises):
            if _is_same_promise(old, new) and old.status in (Status.OPEN, Status.OFFERED):
                firmer = _FIRMNESS[source] > _FIRMNESS[old.source]
                opened = Status.OPEN if Status.OPEN in (old.status, status) else Status.OFFERED
                self.promises[number] = replace(old, source=source if firmer else old.source, status=opened)
                return
        self.promises.append(new)

    def _supersede(self, message: Message, act: SpeechAct, order: Order, by: Power | None = None) -> None:
        """Takes back what the speaker told the same hearer before and this order rules out."""
        speaker, due = by or act.speaker, due_phase(act, message.phase)
        for number, old in enumerate(self.promises):
            if old.by is not speaker or old.to is not message.recipient or old.phase != due:
                continue
            if old.status not in (Status.OPEN, Status.OFFERED) or old.message == message.sequence:
                continue
            if _rules_out(order, act.polarity, old):
                self.promises[number] = replace(old, status=Status.WITHDRAWN)

    def _supersede_places(self, message: Message, act: SpeechAct) -> None:
        """Going to a place takes back staying out of it, and the other way round."""
        due = due_phase(act, message.phase)
        for number, old in enumerate(self.promises):
            if (old.by, old.to, old.phase) != (act.speaker, message.recipient, due) or old.status is not Status.OPEN:
                continue
            places = old.provinces if old.order is None else _entered(old.order)
            if old.polarity is not act.polarity and set(places) & set(act.provinces):
                self.promises[number] = replace(old, status=Status.WITHDRAWN)

    def _withdraw(self, message: Message, act: SpeechAct) -> None:
        """A denial or refusal takes back the earlier promises whose orders or provinces it names."""
        for number, old in enumerate(self.promises):
            if old.by is not act.speaker or old.to not in (message.recipient, None) or old.status is not Status.OPEN:
                continue
            named = old.order is not None and any(same_move(o.order, old.order) for o in act.orders)
            if named or (old.provinces and set(old.provinces) & set(act.provinces)):
                self.promises[number] = replace(old, status=Status.WITHDRAWN)

    def _pending(self, message: Message) -> list[Request]:
        return [
            r
            for r in self.requests
            if r.status is RequestStatus.OPEN
            and r.by is message.recipient
            and r.to in (message.sender, None)
            and r.message != message.sequence
        ]

    def _meant(self, message: Message, act: SpeechAct) -> list[Request]:
        """The open requests that a yes or no speaks to: those named, else all of the message answered."""
        pending = self._pending(message)
        named = [r for r in pending if _overlaps(act, r.act)]
        if act.answers is not None:
            pending = [r for r in pending if r.message == act.answers] or named
        elif pending:
            pending = [r for r in pending if r.message == pending[-1].message]
        named = [r for r in pending if _overlaps(act, r.act)]
        if act.kind is ActKind.REFUSE and named:
            return named
        with_content = [r for r in pending if r.act.orders or r.act.provinces]
        if len(named) < len(with_content) and named:
            return named
        # "Yes" to a proposal grants that, and leaves a question in the same message to be answered.
        proposals = {r.message for r in self.requests if r.act.kind is not ActKind.ASK}
        return [
            r
            for r in pending
            if r.act.kind is not ActKind.ASK or (r.message not in proposals and act.kind is not ActKind.THANK)
        ]

    def _mark_answered(self, message: Message, acts: Sequence[SpeechAct]) -> None:
        """Whatever else was open and got a reply of substance counts as answered."""
        informs = any(a.kind in (ActKind.INFORM, ActKind.PROMISE, ActKind.DENY, ActKind.CLAIM_PAST) for a in acts)
        answered = {a.answers for a in acts if a.answers is not None}
        for request in self._pending(message):
            if any(_proposes_the_same(request.act, act) for act in acts):
                self._accept(message, request)
                for mirrored in [r for r in self.requests if r.message == message.sequence and r.by is message.sender]:
                    if _proposes_the_same(request.act, mirrored.act):
                        self._set(mirrored, RequestStatus.ACCEPTED)
            elif (request.act.kind is ActKind.ASK and informs) or request.message in answered:
                self._set(request, RequestStatus.ANSWERED)

    def _set(self, request: Request, status: RequestStatus) -> None:
        self.requests[request.number] = replace(request, status=status)

    def _outcome(self, promise: Promise, record: PhaseRecord) -> Status:
        if record.phase != promise.phase:
            return Status.VOID
        action = record.orders.get(promise.by, ())
        if not _is_possible(promise, record.board) or not _holds(promise.condition, record):
            return Status.VOID
        if promise.is_kept_by(action):
            return Status.KEPT
        return Status.VOID if promise.status is Status.OFFERED else Status.BROKEN

    # --- files -----------------------------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        """The ledger as plain values; `from_json` gives an equal one."""
        return {
            "power": self.power.value,
            "entries": [entry_to_json(e) for e in self.entries],
            "promises": [promise_to_json(p) for p in self.promises],
            "requests": [request_to_json(r) for r in self.requests],
            "claims": [claim_to_json(c) for c in self.claims],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], config: LedgerConfig | None = None) -> Ledger:
        """The ledger that `to_json` wrote."""
        return cls(
            power=Power(data["power"]),
            config=config or LedgerConfig(),
            entries=[entry_from_json(e) for e in data["entries"]],
            promises=[promise_from_json(p, number) for number, p in enumerate(data["promises"])],
            requests=[request_from_json(r, number) for number, r in enumerate(data["requests"])],
            claims=[claim_from_json(c, number) for number, c in enumerate(data["claims"])],
        )


_FIRMNESS = {ActKind.OFFER: 0, ActKind.INFORM: 1, ActKind.AGREE: 2, ActKind.PROMISE: 3}
assert set(_FIRMNESS) == COMMITTING


def _entered(order: Order) -> tuple[Province, ...]:
    if order.kind is not OrderKind.MOVE or order.target is None:
        return ()
    return (province_of(order.target),)


def _is_same_promise(old: Promise, new: Promise) -> bool:
    if (old.by, old.to, old.phase, old.polarity) != (new.by, new.to, new.phase, new.polarity):
        return False
    if old.order is None or new.order is None:
        return old.order is new.order and set(old.provinces) == set(new.provinces)
    return same_move(old.order, new.order)


def _rules_out(order: Order, polarity: Polarity, old: Promise) -> bool:
    """Whether giving (or, NOT, withholding) the order makes the older promise impossible to keep."""
    if old.order is None:
        return polarity is Polarity.DO and old.polarity is Polarity.NOT and enters(order, old.provinces)
    same = same_move(order, old.order)
    if old.polarity is not polarity:
        return same
    if polarity is Polarity.NOT or same or order.unit is None or old.order.unit is None:
        return False
    return order.unit.province == old.order.unit.province and not fulfils(order, old.order)


def _is_bare_answer(act: SpeechAct) -> bool:
    answers = (ActKind.AGREE, ActKind.REFUSE, ActKind.COUNTER)
    return act.kind in answers and not (act.orders or act.provinces)


def _overlaps(act: SpeechAct, asked: SpeechAct) -> bool:
    orders = any(same_move(a.order, b.order) for a in act.orders for b in asked.orders)
    return orders or bool(set(act.provinces) & set(asked.provinces))


def _proposes_the_same(asked: SpeechAct, act: SpeechAct) -> bool:
    """Whether an act says yes to a proposal by making the same: an alliance, a zone, a bounce."""
    if asked.kind is not act.kind or act.polarity is Polarity.NOT:
        return False
    joint = asked.kind in (ActKind.DEMILITARISE, ActKind.BOUNCE)
    return asked.kind is ActKind.ALLY or (joint and set(asked.provinces) == set(act.provinces))


def _is_possible(promise: Promise, board: Board) -> bool:
    """Whether its speaker could have given the order (or entered the provinces) at all."""
    options = [order for orders in board.legal_orders(promise.by).values() for order in orders]
    if promise.order is not None:
        wanted = promise.order
        return any(same_move(order, wanted) for order in options)
    return any(enters(order, promise.provinces) for order in options)


def _holds(condition: SpeechAct | None, record: PhaseRecord) -> bool:
    """Whether a condition came true in the orders played; one that names no orders counts as met."""
    if condition is None:
        return True
    met = condition.polarity is Polarity.DO
    for item in condition.orders:
        if any(fulfils(o, item.order) for o in record.orders.get(item.power, ())) is not met:
            return False
    if condition.provinces and not condition.orders and condition.addressee is not None:
        entered = any(enters(o, condition.provinces) for o in record.orders.get(condition.addressee, ()))
        return entered is (met and condition.kind is not ActKind.DEMILITARISE)
    return True


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
