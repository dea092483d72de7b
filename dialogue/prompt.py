"""What the language model is given: a speech plan and what it answers, as one short line of text.

The same function writes the prompts of play and of training.  Everything is plain text, so that any causal
language model can read it; the shipped tokenizer has one piece for each tag and slot (`SYMBOLS`), so that a
prompt takes some 25 of them.  The plan stands right before the message: a small model is not bound by what
stands further away.

    S1901M FRANCE to GERMANY <heard> <propose> <say> <agree> <promise> <W1> A <P0> - <P1> <book> <msg>
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.names import MAX_POWERS, MAX_PROVINCES, Slots, Standing, delexicalise
from engine.types import POWERS, Location, Message, Order, OrderKind, Phase, Power, Province, Unit, province_of

SLOTS: tuple[str, ...] = (
    *(f"<P{n}{variant}>" for n in range(MAX_PROVINCES) for variant in ("", ":kind", ":k")),
    *(f"<W{n}{variant}>" for n in range(MAX_POWERS) for variant in ("", ":adj", ":people")),
)
"""Every slot there can be."""

HEARD, SAY, MSG = "<heard>", "<say>", "<msg>"

HEARD_WORDS = 12
"""Words quoted of what was heard, where tags do not tell its content."""


class Voice(StrEnum):
    """Whose way of writing is asked for: the two sources the shipped model learnt from."""

    PEOPLE = "<people>"
    """As people write in public games: livelier, and less exact."""
    BOOK = "<book>"
    """As our grammar writes: exact."""


SYMBOLS: tuple[str, ...] = (*SLOTS, HEARD, SAY, MSG, *(f"<{kind}>" for kind in ActKind), *Voice, *POWERS, "ALL")
"""Texts that a tokenizer made for these prompts keeps in one piece."""


@dataclass(frozen=True)
class Scene:
    """Who speaks to whom, when, and what was said before."""

    phase: Phase
    speaker: Power
    addressee: Power | None
    """None: to all."""
    heard: tuple[SpeechAct, ...] = ()
    """The acts of the message that is answered."""
    heard_text: str = ""
    """Its text, where the acts do not tell its content (small talk, clauses not understood)."""
    opening: bool = False
    """Whether nothing was said between the two before."""


def scene(
    phase: Phase,
    speaker: Power,
    addressee: Power | None,
    talk: Sequence[Message],
    answers: Message | None,
    heard: Iterable[SpeechAct] = (),
    understood: bool = True,
) -> Scene:
    """The scene of a message about to be written.

    Args:
        phase: the phase at hand.
        talk: what the two said to each other so far, oldest first.
        answers: the message that is answered.
        heard: the acts of that message, as the reader understood them.
        understood: whether the reader understood all of it; if not, its words are quoted.
    """
    heard = tuple(heard)
    telling = understood and any(act.kind is not ActKind.SMALL_TALK for act in heard)
    quoted = "" if answers is None or telling else answers.text
    return Scene(phase, speaker, addressee, heard, quoted, opening=not talk)


def write_prompt(
    acts: Sequence[SpeechAct], slots: Slots, where: Scene, voice: Voice, board: Standing | None = None
) -> str:
    """The line that ends right before the message.

    Args:
        acts: the speech plan.
        slots: of the plan; names that are quoted and not in it get the free numbers.
        where: the scene.
        voice: whose way of writing.
        board: settles ambiguous names in the words quoted.
    """
    quoted = delexicalise(clean(where.heard_text), board, slots)[0] if where.heard_text else ""
    parts = [f"{where.phase} {where.speaker} to {where.addressee or 'ALL'}"]
    if where.opening:
        parts.append("opening")
    if where.heard or quoted:
        # The kinds alone: whatever of its content is to be said stands in the plan.
        parts += [HEARD, *(f"<{act.kind}>" for act in where.heard)]
        if quoted:
            parts.append(f'"{" ".join(quoted.split()[:HEARD_WORDS])}"')
    parts += [SAY, *(act_text(act, slots, where.phase) for act in acts), voice.value, MSG]
    return " ".join(parts)


def act_text(act: SpeechAct, slots: Slots, phase: Phase) -> str:
    """One act in tags, slots and order notation: ``<propose> not next <W0> A <P0> - <P1>``."""
    parts = [f"<{act.kind}>"]
    if act.polarity is Polarity.NOT:
        parts.append("not")
    if act.phase is not None and act.phase != phase:
        parts.append("past" if act.phase < phase else "next")
    if act.orders:
        parts.append(" , ".join(f"{_power(o.power, slots)} {_order(o.order, slots)}" for o in act.orders))
    if act.provinces:
        parts += ["at", *(_province(place, slots) for place in act.provinces)]
    if act.powers:
        parts += ["about", *(_power(power, slots) for power in act.powers)]
    if act.condition is not None:
        parts.append(f"if ( {act_text(act.condition, slots, phase)} )")
    return " ".join(parts)


def clean(text: str) -> str:
    """The text on one line, in plain quotation marks and dashes, without the sign that opens a tag."""
    return " ".join(text.translate(_PLAIN).split())


_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "<": "(", "▁": "_"})


def _order(order: Order, slots: Slots) -> str:
    """An order in the notation of `engine.types`, with slots for places."""
    if order.unit is None:
        return str(order)
    unit = _unit(order.unit, slots)
    if order.kind in (OrderKind.SUPPORT, OrderKind.CONVOY) and order.aided is not None:
        aid = f"{unit} {order.kind.value} {_unit(order.aided, slots)}"
        return aid if order.target is None else f"{aid} - {_place(order.target, slots)}"
    if order.target is not None:
        via = " VIA" if order.via_convoy else ""
        return f"{unit} {order.kind.value} {_place(order.target, slots)}{via}"
    return f"{unit} {order.kind.value}"


def _unit(unit: Unit, slots: Slots) -> str:
    return f"{unit.kind.value} {_place(unit.location, slots)}"


def _place(location: Location, slots: Slots) -> str:
    return _province(province_of(location), slots)


def _province(province: Province, slots: Slots) -> str:
    return slots.province_slot(province) or "there"


def _power(power: Power, slots: Slots) -> str:
    return slots.power_slot(power) or "somebody"
