"""What the ledger answers: what a power said, to whom, when, about which place, in which words; whether it said this.

Everything is looked up in the messages and promises on record, however far back.  Only words that the ledger's power
sent or received are there: of other talks nobody can say anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.board import Board
from dialogue.memory import Ledger
from dialogue.reading import order_places
from dialogue.recalling import Recalled
from dialogue.records import Promise, Status, due_phase, enters
from dialogue.understanding import WordsRead, words_of
from engine.notation import same_move
from engine.types import Message, Order, OrderKind, Phase, Power, Province


@dataclass(frozen=True)
class Saying:
    """One thing that a power said: an order that will, or will not, be given; places; a power to go against."""

    by: Power
    to: Power | None
    """None: to all."""
    phase: Phase
    """When it was said."""
    message: int
    """`Message.sequence` of the message."""
    quote: str
    """The words of that message; "" where another's words made it so ("Deal" to a plan of both)."""
    kind: ActKind
    orders: tuple[ActOrder, ...] = ()
    provinces: tuple[Province, ...] = ()
    powers: tuple[Power, ...] = ()
    polarity: Polarity = Polarity.DO
    due: Phase | None = None
    """The phase it speaks about."""
    status: Status | None = None
    """What became of it, where it was a promise."""

    @property
    def places(self) -> frozenset[Province]:
        """Every province that it names."""
        return frozenset({*self.provinces, *(p for item in self.orders for p in order_places(item.order))})


_TOLD = frozenset(
    {
        ActKind.INFORM,
        ActKind.PROMISE,
        ActKind.AGREE,
        ActKind.OFFER,
        ActKind.REFUSE,
        ActKind.DEMILITARISE,
        ActKind.BOUNCE,
        ActKind.ALLY,
        ActKind.WARN,
        ActKind.THREATEN,
    }
)
"""Acts by which something is said that one may be held to."""


def sayings(ledger: Ledger, by: Power, to: Power | None = None) -> tuple[Saying, ...]:
    """What a power said, oldest first; an order for each that it named.

    Args:
        ledger: of one of those who talked.
        by: who said it.
        to: to whom; what was said to all is among it.  None: to anybody the ledger knows of.
    """
    entries = [
        e for e in ledger.entries if e.message.sender is by and (to is None or e.message.recipient in (to, None))
    ]
    acts = [(e.message, act) for e in entries for act in e.acts if act.kind in _TOLD and act.quote is None]
    found = [saying for message, act in acts for saying in _of_act(message, act)]
    for promise in ledger.promises:
        if promise.by is not by or (to is not None and promise.to not in (to, None)):
            continue
        made = [n for n, saying in enumerate(found) if _made(saying, promise)]
        for n in made:
            found[n] = replace(found[n], status=promise.status)
        if not made:
            found.append(_of_promise(ledger, promise))
    return tuple(sorted(found, key=lambda saying: saying.message))


def said_about(
    ledger: Ledger, by: Power, place: Province | None = None, to: Power | None = None, phase: Phase | None = None
) -> tuple[Saying, ...]:
    """What a power told another about a province, oldest first: "what did I tell Italy about Munich?".

    Args:
        ledger: of one of the two.
        by: who said it.
        place: what it was about; None: anything.
        to: to whom; None: to anybody.
        phase: when it was said; None: ever.
    """
    return tuple(
        s
        for s in sayings(ledger, by, to)
        if (place is None or place in s.places) and (phase is None or s.phase == phase)
    )


def has_said(ledger: Ledger, act: SpeechAct, to: Power | None = None, phase: Phase | None = None) -> tuple[Saying, ...]:
    """The sayings in which the act's speaker said what it says, oldest first; empty: it never did.

    Args:
        ledger: of one of the two.
        act: its orders, or its provinces, and its polarity are looked for; not its kind.
        to: to whom; None: to anybody.
        phase: when it was said; None: ever.
    """
    wanted = WordsRead(act.orders, act.provinces, act.powers, act.polarity, act.kind)
    told = [s for s in sayings(ledger, act.speaker, to) if phase is None or s.phase == phase]
    return tuple(s for s in told if is_said(wanted, s, told))


def is_told(ledger: Ledger, item: ActOrder, to: Power) -> bool:
    """Whether the power whose order it is ever told another that it would give it.

    Args:
        ledger: of one of the two.
        item: the order.
        to: whom it told.
    """
    return bool(has_said(ledger, SpeechAct(ActKind.INFORM, item.power, to, (item,)), to))


@dataclass(frozen=True)
class Finding:
    """What the record says of a sentence about words."""

    readable: bool
    """Whether it could be made out what the words would have been about."""
    sayings: tuple[Saying, ...] = ()
    """Where it was said, oldest first."""
    about: WordsRead | None = None
    """What it was about, as first made out."""


def look_up(ledger: Ledger, said: Recalled, view: Board) -> Finding:
    """Looks for words that a sentence recalls: their content as it would have been read when they were said.

    Args:
        ledger: of one of the two who talked.
        said: the sentence.
        view: the game as it stands, with its history.
    """
    told = [s for s in sayings(ledger, said.by, said.to) if said.phase in (None, s.phase)]
    if said.is_open:
        about = [s for s in told if not said.provinces or s.places & set(said.provinces)]
        return Finding(True, tuple(about))
    found: list[Saying] = []
    if said.quote:
        exact = ledger.said(said.by, text=said.quote, to=said.to, phase=said.phase)
        numbers = {entry.message.sequence for entry in exact}
        found = [s for s in told if s.message in numbers]
        if exact and not found:
            found = [
                Saying(said.by, m.recipient, m.phase, m.sequence, m.text, ActKind.INFORM)
                for m in (e.message for e in exact)
            ]
        if found:
            return Finding(True, tuple(found), words_of(said, view))
    about_now = words_of(said, view)
    readings: dict[Phase, WordsRead | None] = {}
    for saying in told:
        for phase in dict.fromkeys((saying.phase, saying.due or saying.phase)):
            if phase not in readings:
                readings[phase] = words_of(said, view, phase)
            wanted = readings[phase]
            if wanted is not None and is_said(wanted, saying, told):
                found.append(saying)
                break
    readable = about_now is not None or any(r is not None for r in readings.values())
    return Finding(readable, tuple(found), about_now)


def is_said(wanted: WordsRead, saying: Saying, beside: Iterable[Saying] = ()) -> bool:
    """Whether a saying says what is wanted, alone or (of several orders) with others of the same message."""
    if wanted.orders:
        with_it = [s for s in beside if s.message == saying.message] or [saying]
        mine = any(_says(item, wanted.polarity, saying) for item in wanted.orders)
        return mine and all(any(_says(item, wanted.polarity, s) for s in with_it) for item in wanted.orders)
    if wanted.provinces:
        if wanted.polarity is Polarity.DO and len(wanted.provinces) > 1:
            return False  # an order that could not be made out, which names its unit
        return all(_says_place(place, wanted, saying) for place in wanted.provinces)
    if wanted.powers:
        same = saying.polarity is wanted.polarity and not saying.orders
        return same and set(wanted.powers) <= set(saying.powers)
    return saying.kind is wanted.kind and saying.polarity is wanted.polarity and not saying.orders


def _says(item: ActOrder, polarity: Polarity, saying: Saying) -> bool:
    if saying.polarity is not polarity:
        return False
    if any(o.power is item.power and same_move(o.order, item.order) for o in saying.orders):
        return True
    return (
        not saying.orders
        and item.power is saying.by
        and item.order.kind is OrderKind.MOVE
        and enters(item.order, saying.provinces)
    )


def _says_place(place: Province, wanted: WordsRead, saying: Saying) -> bool:
    """ "I'd stay out of Burgundy", "I'd move to Burgundy" where nobody can say with which unit."""
    if saying.polarity is not wanted.polarity:
        return False
    if place in saying.provinces and wanted.deed is OrderKind.MOVE:
        return True
    return any(_does(item.order, wanted.deed, place) for item in saying.orders if item.power is saying.by)


def _does(order: Order, deed: OrderKind, place: Province) -> bool:
    """Whether an order moves to, stays at, or helps a unit at or into a place."""
    match deed:
        case OrderKind.MOVE:
            return enters(order, (place,))
        case OrderKind.HOLD:
            return order.kind is deed and place in order_places(order)
        case _:
            return order.aided is not None and place in order_places(order)


def _of_act(message: Message, act: SpeechAct) -> list[Saying]:
    said = Saying(message.sender, message.recipient, message.phase, message.sequence, message.text, act.kind)
    negates = act.kind in (ActKind.DEMILITARISE, ActKind.REFUSE)
    polarity = _OPPOSITE[act.polarity] if negates else act.polarity
    said = replace(said, powers=act.powers, polarity=polarity, due=due_phase(act, message.phase))
    if act.kind in (ActKind.AGREE, ActKind.REFUSE):  # what a yes to places means, the promises that it made say
        return [replace(said, orders=(item,)) for item in act.orders if item.power is act.speaker]
    if act.orders:
        return [replace(said, orders=(item,)) for item in act.orders]
    if act.provinces or act.powers or act.kind in (ActKind.ALLY, ActKind.THREATEN):
        return [replace(said, provinces=act.provinces)]
    return []


_OPPOSITE = {Polarity.DO: Polarity.NOT, Polarity.NOT: Polarity.DO}


def _of_promise(ledger: Ledger, promise: Promise) -> Saying:
    """A promise that no act of its own spells out: a yes to what was asked, another's yes to what was proposed."""
    message = next(e.message for e in ledger.entries if e.message.sequence == promise.message)
    quote = message.text if message.sender is promise.by else ""
    said = Saying(promise.by, promise.to, message.phase, message.sequence, quote, promise.source)
    orders = () if promise.order is None else (ActOrder(promise.by, promise.order),)
    said = replace(said, orders=orders, provinces=promise.provinces, polarity=promise.polarity)
    return replace(said, due=promise.phase, status=promise.status)


def _made(saying: Saying, promise: Promise) -> bool:
    """Whether a saying is what made the promise."""
    if saying.message != promise.message or saying.polarity is not promise.polarity:
        return False
    if promise.order is not None:
        return any(same_move(item.order, promise.order) for item in saying.orders)
    return set(promise.provinces) <= set(saying.provinces)
