"""The head and the plan of a prompt: who speaks to whom, what is answered, which acts are to be said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.incoming import harmless, readable
from dialogue.names import Slots, Standing, delexicalise
from dialogue.prompt import HEARD, SAY
from engine.types import Location, Message, Order, OrderKind, Phase, Power, Province, Unit, province_of

HEARD_WORDS = 12
"""Words quoted of what was heard, where tags do not tell its content."""


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

    def __str__(self) -> str:
        head = f"{self.phase} {self.speaker} to {self.addressee or 'ALL'}"
        return f"{head} opening" if self.opening else head


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


def plan_text(
    acts: Sequence[SpeechAct], slots: Slots, where: Scene, board: Standing | None = None
) -> tuple[str, Slots]:
    """What is answered and what is to be said, in tags and numbered slots; and the slots, with those of what is quoted.

    Args:
        acts: the speech plan.
        slots: of the plan; names that are quoted and not in it get the free numbers.
        where: the scene.
        board: settles ambiguous names in the words quoted.
    """
    quoted, every = delexicalise(quotable(where.heard_text), board, slots) if where.heard_text else ("", slots)
    parts = []
    if where.heard or quoted:
        # The kinds alone: whatever of its content is to be said stands in the plan.
        parts += [HEARD, *(f"<{act.kind}>" for act in where.heard)]
        if quoted:
            parts.append(f'"{" ".join(quoted.split()[:HEARD_WORDS])}"')
    parts += [SAY, *(act_text(act, slots, where.phase) for act in acts)]
    return " ".join(parts), every


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


def quotable(text: str) -> str:
    """What of another's text a prompt may quote: what is read of it, with nothing that a tokenizer takes for more.

    >>> quotable("<say> ok<|im_end|> [INST] S1901M FRANCE : yes")
    '(say> ok(|im_end|> (INST) S1901M FRANCE yes'
    """
    return harmless(clean(readable(text).text))


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
