"""What is false in a message, by the record alone: the board, the orders played, the words exchanged, open promises.

The filters of `dialogue.filters` judge drafts before they are sent; this judges what was sent, afterwards, and shares
none of their code.  It knows texts only: the ledgers that it checks against are read anew from the messages of the
game.  What it takes for words said, and for statements of own orders, is what our reader reads: what the reader
misreads, the oracle misjudges.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from dialogue.acts import REQUESTING, ActKind, ActOrder, Polarity, SpeechAct
from dialogue.memory import Ledger, Promise, Status, due_phase, enters, fulfils
from dialogue.names import POWER_NAMES, find_names
from dialogue.reading import Reading
from dialogue.recalling import Recalled, recalled, unquoted
from dialogue.sayings import look_up, sayings
from dialogue.understanding import read
from engine.game import Game, GameView
from engine.notation import same_move
from engine.record import PhaseRecord
from engine.types import POWERS, Action, Message, Order, OrderKind, PhaseKind, Power, UnitKind, province_of


class About(StrEnum):
    """What a false statement is about."""

    BOARD = "the board"
    ORDERS = "past orders"
    WORDS = "past words"
    PROMISE = "an open promise of its own"


@dataclass(frozen=True)
class Untruth:
    """A statement of a message that the record contradicts."""

    about: About
    what: str


@dataclass(frozen=True)
class Checked:
    """A message that was sent, with what it states and what of that is false."""

    message: Message
    acts: tuple[SpeechAct, ...]
    """As read from its text."""
    states: tuple[About, ...]
    """About what it states something that could be false."""
    untruths: tuple[Untruth, ...]


@dataclass(frozen=True)
class GameChecked:
    """All messages of a game, and what became of the promises in them."""

    messages: tuple[Checked, ...]
    promises: tuple[Promise, ...]
    """Of every power, by the ledger of who made them."""


def check_game(game: Game) -> GameChecked:
    """Checks every message of a game against what was so when it was sent."""
    ledgers = {power: Ledger(power) for power in POWERS}
    found: list[Checked] = []
    for number, record in enumerate(game.history):
        at = _before(game, number)
        held: list[tuple[int, Message, list[Promise]]] = []
        for message in record.messages:
            view = at.view(message.sender)
            reading = read(message, view, () if message.recipient is None else view.talk_with(message.recipient))
            checked, broken = _check(message, reading, view, ledgers[message.sender])
            held.append((len(found), message, broken))
            found.append(checked)
            at.messages.append(message)
            for power, ledger in ledgers.items():
                if message.recipient is None or power in (message.sender, message.recipient):
                    ledger.record(message, reading.acts)
        for index, message, broken in held:
            found[index] = _with_promises(found[index], broken, ledgers[message.sender])
        for ledger in ledgers.values():
            ledger.settle(record)
    return GameChecked(tuple(found), tuple(p for power in POWERS for p in ledgers[power].promises if p.by is power))


def _before(game: Game, number: int) -> Game:
    """The game as it stood at the beginning of a phase of its history."""
    then = Game(game.map_name, game.game_id, game.history[number].position)
    then.history, then.messages = game.history[:number], []
    return then


def _check(message: Message, reading: Reading, view: GameView, ledger: Ledger) -> tuple[Checked, list[Promise]]:
    """The message, judged by what was so; and the open promises that it goes against."""
    states: set[About] = set()
    untruths: list[Untruth] = []
    for about, problem in _judgements(message, reading, view, ledger):
        states.add(about)
        if problem is not None:
            untruths.append(Untruth(about, problem))
    against = _against(message, reading, view, ledger)
    if any(_own_orders(act, message, view) for act in reading.acts):
        states.add(About.PROMISE)
    told = tuple(about for about in About if about in states)
    return Checked(message, reading.acts, told, tuple(untruths)), against


def _judgements(
    message: Message, reading: Reading, view: GameView, ledger: Ledger
) -> Iterator[tuple[About, str | None]]:
    """What the message states of board, orders and words, with what is wrong about each; None: nothing is."""
    text = unquoted(message.text)
    yield from ((About.BOARD, problem) for problem in _board(text, message, view))
    yield from ((About.BOARD, problem) for act in reading.acts for problem in _units_of(act, message, view))
    yield from ((About.BOARD, problem) for problem in _taken(text, reading, view))
    for act in reading.acts:
        if act.kind in (ActKind.CLAIM_PAST, ActKind.DENY) and act.orders and act.quote is None:
            yield About.ORDERS, _deeds(act, text, message, view)
        if act.kind is ActKind.CLAIM_PAST and act.provinces and not act.orders and act.quote is None:
            yield About.ORDERS, _went(act, text, message, view)
    yield from ((About.ORDERS, problem) for problem in _thanks_and_reproaches(text, message, view, ledger))
    yield from ((About.ORDERS, problem) for problem in _goes_on(text, message, view))
    yield from ((About.WORDS, problem) for problem in _still(text, reading, message, view, ledger))
    for said in recalled(message.text, message.sender, message.recipient, view):
        if not said.asks:
            yield About.WORDS, _words(said, message, view, ledger)


# --- the board -----------------------------------------------------------------------------------------

_NAMES = "|".join(name.lower() for name, _, _ in POWER_NAMES.values())
_COUNTED = re.compile(
    rf"\b(?P<who>i|you|{_NAMES})(?:'ve| have| has| own| owns| hold| holds| got| is at| am at| are at)*"
    r"(?: only| just| already| now| still)* (?P<n>\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
    r" (?:supply )?(?:centers?|centres?|scs?|dots)\b",
    re.I,
)
_NUMBERS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_STANDS = re.compile(rf"\b(?P<who>my|your|(?:{_NAMES})'s?) (?P<kind>army|fleet) (?:in|at|on) (?:the )?$", re.I)
_OWNED = re.compile(r"\b(?P<who>my|your) (?:home )?(?:supply )?(?:center|centre|dot) (?:of|in|at) (?:the )?$", re.I)


def _board(text: str, message: Message, view: GameView) -> Iterator[str | None]:
    for match in _COUNTED.finditer(text):
        power = _power(match["who"], message)
        said = int(match["n"]) if match["n"].isdigit() else _NUMBERS.index(match["n"].lower())
        if power is not None:
            have = len(view.centers(power))
            yield None if have == said else f"{power} has {have} centres, not {said}"
    for mention in find_names(text, view):
        before = text[: mention.start]
        if (stands := _STANDS.search(before)) is not None and mention.provinces:
            power = _power(stands["who"], message)
            kind = UnitKind.ARMY if stands["kind"].lower() == "army" else UnitKind.FLEET
            at = [found for p in mention.provinces if (found := view.unit_at(p)) is not None]
            right = any(unit.kind is kind and (power is None or owner is power) for owner, unit in at)
            yield None if right else f"no {kind.name.lower()} of {power} stands in {mention.province}"
        if (owned := _OWNED.search(before)) is not None and mention.provinces:
            power = _power(owned["who"], message)
            right = any(view.owner_of(p) is power for p in mention.provinces)
            yield None if right else f"{power} does not own {mention.province}"


def _power(word: str, message: Message) -> Power | None:
    word = word.lower().removesuffix("'s").removesuffix("'")
    if word in ("i", "my"):
        return message.sender
    if word in ("you", "your"):
        return message.recipient
    return next((power for power, (name, _, _) in POWER_NAMES.items() if name.lower() == word), None)


_NOW = frozenset({ActKind.CLAIM_PAST, ActKind.DENY, ActKind.THANK, ActKind.APOLOGISE})


def _units_of(act: SpeechAct, message: Message, view: GameView) -> Iterator[str | None]:
    """Units that are to be ordered now stand there and are whose they are said to be; the dead give no orders."""
    if act.kind in _NOW or act.quote is not None or due_phase(act, view.phase) != view.phase:
        return
    condition = () if act.condition is None else act.condition.orders
    for item in (*act.orders, *condition):
        unit = item.order.unit
        if unit is None or item.order.kind not in (OrderKind.MOVE, OrderKind.HOLD, OrderKind.SUPPORT, OrderKind.CONVOY):
            continue
        standing = view.unit_at(unit.province)
        yield None if standing is not None and standing[0] is item.power else f"{item.power} has no {unit}"
    for power in act.powers:
        yield None if power in view.alive else f"{power} is out of the game"


_TAKING = re.compile(r"\b(?:take|takes|taking|capture|capturing|grab|grabbing|seize) (?:the )?$", re.I)


def _taken(text: str, reading: Reading, view: GameView) -> Iterator[str | None]:
    """ "Are you taking Trieste?": what one holds, or owns and nobody stands in, one cannot take."""
    goals = [
        (item.power, province_of(item.order.target))
        for act in reading.acts
        for item in (() if act.kind in _NOW or act.quote is not None else act.orders)
        if item.order.kind is OrderKind.MOVE and item.order.target is not None
    ]
    names = find_names(text, view)
    for mention in names:
        if not _TAKING.search(text[: mention.start]):
            continue
        since = max((m.end() for m in _CLAUSES.finditer(text, 0, mention.start)), default=0)
        who = [m.power for m in names if m.power is not None and since <= m.start < mention.start]
        for power, place in goals:
            if place in mention.provinces and (not who or who[-1] is power):
                at = view.unit_at(place)
                own = view.owner_of(place) is power if at is None else at[0] is power
                yield f"{power} has {place} already" if own else None


# --- past orders ---------------------------------------------------------------------------------------


def _last(view: GameView) -> PhaseRecord | None:
    return next((r for r in reversed(view.history) if r.phase.kind is PhaseKind.MOVEMENT), None)


def _deeds(act: SpeechAct, text: str, message: Message, view: GameView) -> str | None:
    """ "You moved to Burgundy": in the phase that is named, or in the last one."""
    record = _last(view) if act.phase is None else next((r for r in view.history if r.phase == act.phase), None)
    if record is None:
        if act.kind is ActKind.DENY:
            return None  # of what is to come
        return f"no orders are on record for {act.phase or 'an earlier phase'}"
    asserted = act.kind is ActKind.CLAIM_PAST and act.polarity is Polarity.DO
    for item in act.orders:
        given = any(fulfils(order, item.order) for order in record.orders.get(item.power, ()))
        if given is not asserted:
            return f"{item.power} {'ordered' if given else 'did not order'} {item.order} in {record.phase}"
        done = [o for o in record.orders.get(item.power, ()) if same_move(o, item.order)]
        if asserted and any(_did_not_get_there(o, record, text, view) for o in done):
            return f"{item.power} ordered {item.order} in {record.phase}; it did not get there"
    return None


_DONE = re.compile(
    r"\b(?:moved|went|came|took|sent|brought|marched|sailed|entered|captured)\b(?! (?:for|against|at|on)\b)", re.I
)
_ATTEMPT = re.compile(r"\b(?:tried|trying|attempt|attempted|attacked|against|ordered|wanted|bounced?|failed)\b", re.I)
_CLAUSES = re.compile(r"[.!?\n;]+(?:\s|$)")


def _did_not_get_there(order: Order, record: PhaseRecord, text: str, view: GameView) -> bool:
    """Whether a sentence that names the goal of a stopped move tells it as one that got there."""
    if order.target is None or not record.is_stopped(order):
        return False
    place = province_of(order.target)
    named = [s for s in _CLAUSES.split(text) if any(place in m.provinces for m in find_names(s, view))]
    return any(_DONE.search(s) and not _ATTEMPT.search(s) for s in named)


_WENT = re.compile(
    r"\b(?P<who>i|you) (?:\w+ )?(?:moved|went|came|took|marched|sailed|headed|attacked|tried|attempted)\b", re.I
)


def _went(act: SpeechAct, text: str, message: Message, view: GameView) -> str | None:
    """ "You moved to Burgundy", where no unit is named: some unit was ordered there."""
    record, match = _last(view), _WENT.search(text)
    who = None if match is None else _power(match["who"], message)
    if record is None or who is None or act.polarity is Polarity.NOT:
        return None
    going = [o for o in record.orders.get(who, ()) if enters(o, act.provinces)]
    if going and all(_did_not_get_there(o, record, text, view) for o in going):
        return f"{who} did not get to {'/'.join(act.provinces)} in {record.phase}"
    return None if going else f"{who} ordered nothing to {'/'.join(act.provinces)} in {record.phase}"


_KEEPS = re.compile(
    r"\bi(?:'ll| will| am going to|'m going to)? (?:keep|continue|continue to) "
    r"(?P<what>stay(?:ing)? out|keep(?:ing)? out|hold(?:ing)?)\b",
    re.I,
)


def _goes_on(text: str, message: Message, view: GameView) -> Iterator[str | None]:
    """ "I'll keep staying out of Galicia": who went, or stood, there last turn did not stay out."""
    record = _last(view)
    for sentence in _CLAUSES.split(text):
        match = _KEEPS.search(sentence)
        places = {p for mention in find_names(sentence, view) for p in mention.provinces}
        if match is None or not places:
            continue
        given = () if record is None else record.orders.get(message.sender, ())
        there = [o for o in given if o.unit is not None and o.unit.province in places]
        if "out" in match["what"]:
            right = record is not None and not there and not any(enters(o, places) for o in given)
        else:
            right = any(o.kind is not OrderKind.MOVE for o in there)
        yield None if right else f"{message.sender} did not do so before: {match[0]!r}"


_THANKED = re.compile(
    r"\b(?:thanks|thank you|thx)\b[^.!?]* for (?:your |the )?support(?:ing)?\b[^.!?]*\blast (?:turn|phase|season)", re.I
)
_KEPT = re.compile(
    r"\b(?:for keeping (?:to )?(?:your word|our (?:deal|agreement))|you kept your word|sticking to our deal)\b", re.I
)
_BROKE = re.compile(
    r"\byou (?:lied|broke (?:your (?:word|promise)|our deal)|did(?: not|n't) keep your (?:word|promise)|stabbed me)\b",
    re.I,
)
_SORRY = re.compile(r"\b(?:sorry|apolog\w+) (?:about|for) last (?:turn|phase|season)\b", re.I)


def _thanks_and_reproaches(text: str, message: Message, view: GameView, ledger: Ledger) -> Iterator[str | None]:
    me, other = message.sender, message.recipient
    if other is None:
        return
    promises = ledger.promises_by(other, to=me)
    if _THANKED.search(text):
        yield None if _has_supported(view, other, me) else f"{other} did not support {me}"
    if _KEPT.search(text):
        yield None if any(p.status is Status.KEPT for p in promises) else f"{other} kept no word to {me}"
    if _BROKE.search(text):
        broken = any(p.status is Status.BROKEN for p in promises) or _has_attacked(view, other, me)
        yield None if broken else f"{other} broke no word to {me}"
    if _SORRY.search(text):
        own = ledger.promises_by(me, to=other, status=Status.BROKEN)
        yield None if own or _has_attacked(view, me, other) else f"{me} did nothing to {other} to be sorry for"


def _has_supported(view: GameView, helper: Power, power: Power) -> bool:
    return any(
        order.aided is not None and (at := record.board.unit_at(order.aided.province)) is not None and at[0] is power
        for record in view.history
        for order in record.orders.get(helper, ())
    )


def _has_attacked(view: GameView, attacker: Power, victim: Power) -> bool:
    """Whether in the last movement phase a unit moved, or was helped to move, at a unit or centre of the other."""
    record = _last(view)
    if record is None:
        return False
    for order in record.orders.get(attacker, ()):
        if order.target is None:
            continue
        place = province_of(order.target)
        at = record.board.unit_at(place)
        if record.board.owner_of(place) is victim or (at is not None and at[0] is victim):
            return True
    return False


_STILL = re.compile(r"\b(?:are|do|will) you (?:\w+ )?still\b|\bas (?:planned|you said|you told me)\b", re.I)


def _still(text: str, reading: Reading, message: Message, view: GameView, ledger: Ledger) -> Iterator[str | None]:
    """ "Are you still moving to Belgium?": they told of it before."""
    for act in reading.acts if message.recipient is not None else ():
        for item in act.orders if act.kind in REQUESTING and act.quote is None else ():
            if item.power is not message.recipient or item.order.unit is None:
                continue
            goal = item.order.unit.province if item.order.target is None else province_of(item.order.target)
            named = [s for s in _CLAUSES.split(text) if any(goal in m.provinces for m in find_names(s, view))]
            if not any(_STILL.search(s) for s in named):
                continue
            told = any(
                any(o.power is item.power and same_move(o.order, item.order) for o in saying.orders)
                or (not saying.orders and enters(item.order, saying.provinces))
                for saying in sayings(ledger, item.power, message.sender)
                if saying.polarity is Polarity.DO
            )
            yield None if told else f"{item.power} never told of {item.order}"


# --- past words ----------------------------------------------------------------------------------------


def _words(said: Recalled, message: Message, view: GameView, ledger: Ledger) -> str | None:
    two = (message.sender, message.recipient)
    if said.to not in two:
        return None
    if said.denies and not said.words and not said.is_open:
        return None  # "I never said that": of what, the text does not tell
    finding = look_up(ledger, said, view)
    if said.quote and not said.denies:
        exact = any(
            said.quote in e.message.text and said.phase in (None, e.message.phase)
            for e in ledger.entries
            if e.message.sender is said.by and e.message.recipient in (*two, None)
        )
        return None if exact else f"{said.by} never wrote {said.quote!r}"
    if not finding.readable:
        return None
    if said.denies:
        return f"{said.by} did say so: {finding.sayings[-1].quote!r}" if finding.sayings else None
    return None if finding.sayings else f"{said.by} never said: {said.words}"


# --- open promises -------------------------------------------------------------------------------------

_STATING = (ActKind.INFORM, ActKind.PROMISE, ActKind.AGREE, ActKind.OFFER)
_TAKING_BACK = frozenset({ActKind.APOLOGISE, ActKind.REFUSE, ActKind.COUNTER, ActKind.DENY})


def _own_orders(act: SpeechAct, message: Message, view: GameView) -> list[ActOrder]:
    now = act.kind in _STATING and act.condition is None and due_phase(act, view.phase) == view.phase
    return [item for item in act.orders if item.power is message.sender] if now else []


def _against(message: Message, reading: Reading, view: GameView, ledger: Ledger) -> list[Promise]:
    """Open promises of the sender for the phase at hand that a statement of the message goes against."""
    found: list[Promise] = []
    open_now = ledger.promises_by(message.sender, status=Status.OPEN, phase=view.phase)
    for act in reading.acts:
        for item in _own_orders(act, message, view):
            found += [p for p in open_now if _contradicts(item.order, act.polarity, p) and p not in found]
    agrees = {act.kind for act in reading.acts} & (_TAKING_BACK | {ActKind.AGREE})
    return [p for p in found if p.to is not message.recipient or not agrees]


def _contradicts(order: Order, polarity: Polarity, promise: Promise) -> bool:
    if polarity is Polarity.NOT:
        return promise.polarity is Polarity.DO and promise.order is not None and same_move(order, promise.order)
    if promise.polarity is Polarity.NOT:
        return same_move(order, promise.order) if promise.order is not None else enters(order, promise.provinces)
    if promise.order is None or order.unit is None or promise.order.unit is None:
        return False
    action: Action = (order,)
    return order.unit.province == promise.order.unit.province and not promise.is_kept_by(action)


def _with_promises(checked: Checked, against: list[Promise], ledger: Ledger) -> Checked:
    """Adds the contradictions that were not taken back by the end of the phase."""
    left = [
        p
        for p in against
        if p.to is checked.message.recipient or ledger.promises[p.number].status is not Status.WITHDRAWN
    ]
    found = [Untruth(About.PROMISE, f"goes against the word to {p.to or 'all'}: {p.quote!r}") for p in left]
    return Checked(checked.message, checked.acts, checked.states, (*checked.untruths, *found))
