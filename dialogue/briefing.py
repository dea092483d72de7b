"""What a speaker knows when it writes to somebody, and the prompt that tells the language model of it.

Everything comes from the speaker's own view of the game: the board and the orders played are public, the talk and the
ledger are those of the two who talk.  What a third power wrote to the speaker never reaches a prompt for somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.memory import Ledger
from dialogue.names import Slots, delexicalise
from dialogue.plan_text import Scene, plan_text, quotable
from dialogue.prompt import Controls, Detail, Piece, PromptConfig, Section, assemble, named
from dialogue.records import Promise, Status
from engine._core import Position
from engine.board import Board, neighbours
from engine.game import GameView
from engine.record import PhaseRecord
from engine.types import Intent, Message, Order, PhaseKind, PlannedOrders, Power

TALK_MESSAGES = 16
"""Messages of the talk that a prompt may hold, the newest."""
RECENT_MESSAGES, LAST_MESSAGES = 6, 2
"""How many of them are recent, and how many the last (`Detail`)."""
TALK_WORDS = 40
"""Words of each; the rest is cut."""
PROMISES = 12
"""Promises of the two that a prompt may hold, the newest."""


@dataclass(frozen=True)
class Briefing:
    """What the speaker knows that bears on a message."""

    view: GameView
    """The game as the speaker sees it."""
    addressee: Power | None
    """None: to all."""
    talk: tuple[Message, ...]
    """What the two (or all) wrote to each other before, oldest first."""
    promises: tuple[Promise, ...] = ()
    """What the two promised each other, oldest first."""
    intent: Intent | None = None
    """What the speaker will do, and hopes that the addressee will."""

    @property
    def speaker(self) -> Power:
        """Who writes."""
        return self.view.power


def brief(
    view: GameView, addressee: Power | None, ledger: Ledger | None = None, intent: Intent | None = None
) -> Briefing:
    """The briefing for a message of the view's power.

    Args:
        ledger: of that power; None: no promises are told.
        intent: of that power for this addressee.
    """
    if addressee is None:
        every = (*(m for record in view.history for m in record.messages), *view.messages)
        talk = tuple(message for message in every if message.recipient is None)
    else:
        talk = view.talk_with(addressee)
    pair = {view.power, addressee}
    promises = () if ledger is None else tuple(p for p in ledger.promises if {p.by, p.to} <= {*pair, None})
    return Briefing(view, addressee, talk, tuple(p for p in promises if p.by in pair), intent)


def prompt_pieces(
    known: Briefing, acts: Sequence[SpeechAct] | None, slots: Slots, where: Scene, controls: Controls, is_short: bool
) -> tuple[Piece, ...]:
    """All that a prompt could tell, in its order.

    Args:
        known: what the speaker knows; the short form takes nothing from it but the board.
        acts: the speech plan; None: there is none (`training` only).
        slots: of the plan.
        where: the scene.
        controls: how to write.
        is_short: whether it is the short form.
    """
    head = Piece(Section.HEAD, Detail.KEPT, str(where))
    plan = None if acts is None else plan_text(acts, slots, where, known.view)
    if is_short:
        text = controls.voice.value if plan is None else f"{plan[0]} {controls.voice.value}"
        return (head, Piece(Section.PLAN, Detail.KEPT, text))
    nearness = _Nearness.of(known, slots)
    told = [
        *_board(known, nearness),
        *_orders(known, nearness),
        *_ledger(known),
        *_talk(known),
        *_intents(known),
        head,
        Piece(Section.CONTROLS, Detail.KEPT, str(controls)),
    ]
    return (*told, *([] if plan is None else [Piece(Section.PLAN, Detail.KEPT, named(*plan))]))


def write_prompt(
    known: Briefing,
    acts: Sequence[SpeechAct],
    slots: Slots,
    where: Scene,
    controls: Controls,
    config: PromptConfig,
    count: Callable[[Sequence[str]], Sequence[int]],
) -> str:
    """The prompt that a model is given; arguments as in `prompt_pieces` and `assemble`."""
    return assemble(prompt_pieces(known, acts, slots, where, controls, config.is_short), config, count)


# --- sections ------------------------------------------------------------------------------------------


def _board(known: Briefing, nearness: _Nearness) -> Iterator[Piece]:
    """``FRANCE A PAR , F BRE has BRE MAR PAR`` for each living power."""
    for power in known.view.alive:
        lost = known.view.dislodged(power)
        units = [*map(str, known.view.units(power)), *(f"{unit} dislodged" for unit in lost)]
        held = ["has", *known.view.centers(power)] if known.view.centers(power) else []
        detail = nearness.pick(power, Detail.OWN_BOARD, Detail.NEAR_BOARD, Detail.FAR_BOARD)
        yield Piece(Section.BOARD, detail, " ".join([power, " , ".join(units), *held]))


def _orders(known: Briefing, nearness: _Nearness) -> Iterator[Piece]:
    """``S1901M FRANCE A PAR - BUR , F BRE - ENG bounce`` for each power and phase since the last movement began."""
    for record in _since_last_movement(known.view):
        told: dict[Power, list[str]] = {}
        for outcome in record.outcomes:
            told.setdefault(outcome.power, []).append(" ".join([str(outcome.order), *outcome.results]))
        for power, orders in told.items():
            detail = nearness.pick(power, Detail.OWN_ORDERS, Detail.NEAR_ORDERS, Detail.FAR_ORDERS)
            yield Piece(Section.ORDERS, detail, f"{record.phase} {power} {' , '.join(orders)}")


def _since_last_movement(view: GameView) -> tuple[PhaseRecord, ...]:
    for count, record in enumerate(reversed(view.history), start=1):
        if record.phase.kind is PhaseKind.MOVEMENT:
            return view.history[-count:]
    return view.history


_VERBS = {ActKind.PROMISE: "promised", ActKind.AGREE: "agreed", ActKind.INFORM: "said", ActKind.OFFER: "offered"}


def _ledger(known: Briefing) -> Iterator[Piece]:
    """``S1901M FRANCE promised not A <PAR> - <BUR> kept`` for each promise between the two."""
    past = _since_last_movement(known.view)
    since = past[0].phase if past else known.view.phase
    for promise in known.promises[-PROMISES:]:
        words = [str(promise.phase), promise.by, _VERBS.get(promise.source, "said")]
        if promise.polarity is Polarity.NOT:
            words.append("not")
        words += [order_text(promise.order)] if promise.order is not None else ["into", *_slots(promise.provinces)]
        if promise.condition is not None:
            words.append("on a condition")
        settled = promise.status not in (Status.OPEN, Status.OFFERED) and promise.phase < since
        yield Piece(Section.LEDGER, Detail.OLD_WORDS if settled else Detail.WORDS, " ".join([*words, promise.status]))


def _talk(known: Briefing) -> Iterator[Piece]:
    """``S1901M FRANCE : Hello <GERMANY>!`` for each of the last messages."""
    messages = known.talk[-TALK_MESSAGES:]
    for place, message in enumerate(messages):
        age = len(messages) - place
        detail = (
            Detail.LAST_TALK if age <= LAST_MESSAGES else Detail.TALK if age <= RECENT_MESSAGES else Detail.OLD_TALK
        )
        yield Piece(Section.TALK, detail, f"{message.phase} {message.sender} : {_said(message.text)}")


@lru_cache(maxsize=10_000)
def _said(text: str) -> str:
    """Words of a message with slots; the same message stands in many prompts."""
    return " ".join(named(*delexicalise(quotable(text))).split()[:TALK_WORDS])


def _intents(known: Briefing) -> Iterator[Piece]:
    """``FRANCE A <PAR> - <BUR> , F <BRE> - <ENG>`` for the speaker, then for the addressee."""
    if known.intent is not None:
        for planned in (known.intent.own, known.intent.wanted):
            if planned.orders:
                yield Piece(Section.INTENTS, Detail.INTENTS, planned_text(planned))


def planned_text(planned: PlannedOrders) -> str:
    """A power's orders as the intents tell them: ``FRANCE A <PAR> - <BUR> , F <BRE> - <ENG>``."""
    return f"{planned.power} {' , '.join(order_text(order) for order in planned.orders)}"


def order_text(order: Order) -> str:
    """An order with its places as slots.

    >>> from engine.notation import parse_order
    >>> order_text(parse_order("F MAO S F POR - SPA/SC"))
    'F <MAO> S F <POR> - <SPA>'
    """
    return _PLACE.sub(r"<\1>", str(order))


_PLACE = re.compile(r"\b(?!VIA\b)([A-Z]{3})(?:/[A-Z]C)?\b")


def _slots(places: Sequence[str]) -> list[str]:
    return [f"<{place}>" for place in places]


@dataclass(frozen=True)
class _Nearness:
    """How soon each power's piece is left out (`Detail` says what near means)."""

    pair: tuple[Power, ...]
    near: frozenset[Power]

    @classmethod
    def of(cls, known: Briefing, slots: Slots) -> _Nearness:
        pair = tuple(power for power in (known.speaker, known.addressee) if power is not None)
        bordering = frozenset.intersection(*(_bordering(known.view.position, power) for power in pair))
        return cls(pair, bordering | {power for power in slots.powers if power is not None})

    def pick(self, power: Power, own: Detail, near: Detail, far: Detail) -> Detail:
        return own if power in self.pair else near if power in self.near else far


@lru_cache(maxsize=1_000)
def _bordering(position: Position, power: Power) -> frozenset[Power]:
    return frozenset(neighbours(Board(position), power))
