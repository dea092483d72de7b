"""What a message asks of its addressee that orders can show: whether they do it is a matter of fact, not of reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dialogue.acts import ActKind, Polarity, SpeechAct
from dialogue.memory import due_phase, enters, fulfils
from engine.board import Board
from engine.types import Action, Order, Phase, Power, Province

_ASKING = frozenset({ActKind.PROPOSE, ActKind.REQUEST_SUPPORT, ActKind.COUNTER})
"""Acts whose orders of the addressee's are asked of it."""


@dataclass(frozen=True)
class Asked:
    """Orders that an act asks of a power, or (polarity NOT) asks it not to give."""

    kind: ActKind
    """Of the act."""
    by: Power
    of: Power
    phase: Phase
    """For which it is asked."""
    orders: tuple[Order, ...] = ()
    provinces: tuple[Province, ...] = ()
    """Without orders: where to go, or (NOT) to stay out of."""
    polarity: Polarity = Polarity.DO
    on_condition: bool = False
    """Whether it is the condition of something offered or promised."""

    def is_done_by(self, action: Action) -> bool:
        """Whether these orders of the power asked are what was asked: all of those wanted, none of those not."""
        if self.polarity is Polarity.NOT:
            shunned = [o for o in action if enters(o, self.provinces) or any(fulfils(o, w) for w in self.orders)]
            return not shunned
        if self.orders:
            return all(any(fulfils(order, wanted) for order in action) for wanted in self.orders)
        return any(enters(order, self.provinces) for order in action)

    def is_open(self, board: Board) -> bool:
        """Whether the power asked has a choice: it could do this, and could leave it, by the legal orders."""
        options = board.options(self.of)
        if self.orders:
            return all(any(fulfils(order, wanted) for order in options) for wanted in self.orders)
        return any(enters(order, self.provinces) for order in options)


def asked_by(acts: Sequence[SpeechAct], said_in: Phase) -> list[Asked]:
    """What acts ask of their addressee, in their order; what cannot be checked in orders (an alliance) is left out.

    Args:
        acts: of one message.
        said_in: the phase of the message.
    """
    return [asked for act in acts for asked in _of_act(act, said_in)]


def _of_act(act: SpeechAct, said_in: Phase) -> Iterator[Asked]:
    if act.addressee is None:
        return
    due = due_phase(act, said_in)
    orders = tuple(item.order for item in act.orders if item.power is act.addressee)
    match act.kind:
        case ActKind.PROPOSE | ActKind.REQUEST_SUPPORT | ActKind.COUNTER if orders:
            yield Asked(act.kind, act.speaker, act.addressee, due, orders, polarity=act.polarity)
        case ActKind.PROPOSE if act.provinces and not act.orders and act.polarity is Polarity.NOT:
            yield Asked(act.kind, act.speaker, act.addressee, due, provinces=act.provinces, polarity=Polarity.NOT)
        case ActKind.DEMILITARISE if act.provinces and act.polarity is Polarity.DO:
            yield Asked(act.kind, act.speaker, act.addressee, due, provinces=act.provinces, polarity=Polarity.NOT)
        case ActKind.BOUNCE if act.provinces and act.polarity is Polarity.DO:
            yield Asked(act.kind, act.speaker, act.addressee, due, provinces=act.provinces)
    yield from _of_condition(act, due)


def _of_condition(act: SpeechAct, due: Phase) -> Iterator[Asked]:
    """ "I'll support you if you leave Burgundy" asks for it, too."""
    condition = act.condition
    if condition is None or act.addressee is None or act.kind is ActKind.ASK:
        return
    orders = tuple(item.order for item in condition.orders if item.power is act.addressee)
    if orders:
        yield Asked(act.kind, act.speaker, act.addressee, due, orders, polarity=condition.polarity, on_condition=True)
    elif condition.provinces and not condition.orders:
        stays = condition.kind is ActKind.DEMILITARISE or condition.polarity is Polarity.NOT
        if stays:
            places = condition.provinces
            yield Asked(act.kind, act.speaker, act.addressee, due, (), places, Polarity.NOT, on_condition=True)


__all__ = ["Asked", "asked_by"]
