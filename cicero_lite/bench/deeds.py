"""Who does what where: the ground on which AMR annotations and the reader's acts can be compared.

Modality is left out: a deed is a deed, be it proposed, promised, feared, asked after, denied or past.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from cicero_lite.bench.amr import Node
from dialogue.acts import ActKind, ActOrder, SpeechAct
from dialogue.board import Board
from engine.mapfile import load_map
from engine.types import POWERS, OrderKind, Power, Province, province_of


class DeedKind(StrEnum):
    """What is done; the target is a province unless said otherwise."""

    MOVE = "move"
    """Also to attack a province."""
    SUPPORT = "support"
    """Into the province, or of what holds it."""
    CONVOY = "convoy"
    HOLD = "hold"
    BUILD = "build"
    DISBAND = "disband"
    RETREAT = "retreat"
    ATTACK = "attack"
    """The target is a power."""
    ALLY = "ally"
    """The target is the other of two powers; the first of them by name is the one who does it."""
    AGAINST = "against"
    """An alliance against the power that is the target, whoever its members are."""
    DEMILITARISE = "demilitarise"
    """Whoever it is that stays out."""
    BOUNCE = "bounce"
    """Whoever it is that meets there."""


@dataclass(frozen=True)
class Deed:
    """A power does something to a province or power."""

    power: Power | None
    """None: not said, or it does not matter to this kind."""
    kind: DeedKind
    target: str

    def agrees(self, other: Deed) -> bool:
        """Whether both are one deed, as far as both say who does it."""
        same = self.kind is other.kind and self.target == other.target
        return same and (self.power is other.power or self.power is None or other.power is None)


def agreeing(first: Sequence[Deed], second: Sequence[Deed]) -> int:
    """How many deeds are in both."""
    left = list(second)
    for deed in first:
        twin = next((other for other in left if deed.agrees(other)), None)
        if twin is not None:
            left.remove(twin)
    return len(second) - len(left)


# --- of the reader's acts ---------------------------------------------------------------------------


def deeds_of_acts(acts: Sequence[SpeechAct], board: Board) -> tuple[Deed, ...]:
    """What acts, and their conditions, say is done; an act about provinces without an order says too little.

    A supported move is a deed of its own, as it is in AMR.
    """
    every = [*acts, *(act.condition for act in acts if act.condition is not None)]
    return tuple(dict.fromkeys(deed for act in every for deed in _of_act(act, board)))


def _of_act(act: SpeechAct, board: Board) -> Iterator[Deed]:
    for said in act.orders:
        yield from _of_order(said, board)
    match act.kind:
        case ActKind.DEMILITARISE:
            yield from (Deed(None, DeedKind.DEMILITARISE, place) for place in act.provinces)
        case ActKind.BOUNCE:
            yield from (Deed(None, DeedKind.BOUNCE, place) for place in act.provinces)
        case ActKind.ALLY:
            if act.addressee is not None:
                yield _alliance(act.speaker, act.addressee)
            yield from (Deed(None, DeedKind.AGAINST, power) for power in act.powers)
        case _:
            yield from _attacks(act)


_DEEDS = {
    OrderKind.HOLD: DeedKind.HOLD,
    OrderKind.MOVE: DeedKind.MOVE,
    OrderKind.SUPPORT: DeedKind.SUPPORT,
    OrderKind.CONVOY: DeedKind.CONVOY,
    OrderKind.RETREAT: DeedKind.RETREAT,
    OrderKind.DISBAND: DeedKind.DISBAND,
    OrderKind.BUILD: DeedKind.BUILD,
}


def _of_order(said: ActOrder, board: Board) -> Iterator[Deed]:
    order = said.order
    if order.unit is None:
        return
    place = (order.aided or order.unit).province if order.target is None else province_of(order.target)
    yield Deed(said.power, _DEEDS[order.kind], place)
    if order.kind is OrderKind.SUPPORT and order.aided is not None and order.target is not None:
        standing = board.unit_at(order.aided.province)
        yield Deed(None if standing is None else standing[0], DeedKind.MOVE, place)


def _alliance(one: Power, other: Power) -> Deed:
    first, second = sorted((one, other))
    return Deed(first, DeedKind.ALLY, second)


def _attacks(act: SpeechAct) -> Iterator[Deed]:
    """Acts that name powers alone are about attacks: who attacks whom follows from the kind."""
    if act.orders or act.provinces:
        return
    first, *others = (*act.powers, None)
    match act.kind:
        case ActKind.THREATEN if act.addressee is not None:
            yield Deed(act.speaker, DeedKind.ATTACK, act.addressee)
        case ActKind.WARN if first is not None and act.addressee is not None:
            yield Deed(first, DeedKind.ATTACK, act.addressee)
        case ActKind.PROPOSE if first is not None and act.addressee is not None:
            yield Deed(act.addressee, DeedKind.ATTACK, first)
        case ActKind.PROMISE | ActKind.INFORM | ActKind.OFFER if first is not None:
            second = others[0] if others else None
            yield Deed(act.speaker, DeedKind.ATTACK, first) if second is None else Deed(first, DeedKind.ATTACK, second)


# --- of AMR -----------------------------------------------------------------------------------------


def deeds_of_amr(root: Node, board: Board) -> tuple[Deed, ...]:
    """What an AMR graph says is done; whose unit it is tells the board where the graph does not."""
    return tuple(dict.fromkeys(deed for node in root.walk() for deed in _of_concept(node, board)))


def _of_concept(node: Node, board: Board) -> Iterator[Deed]:
    match node.concept:
        case "move-01":
            yield from _deeds(_powers(node.get("ARG1", "ARG0"), board), DeedKind.MOVE, _places(node.get("ARG2")))
        case "attack-01":
            yield from _deeds(_powers(node.get("ARG0"), board), DeedKind.MOVE, _places(node.get("ARG1")))
            yield from _deeds(_powers(node.get("ARG0"), board), DeedKind.ATTACK, _named_powers(node.get("ARG1")))
        case "support-01":
            yield from _deeds(_powers(node.get("ARG0", "instrument"), board), DeedKind.SUPPORT, _aided(node))
        case "transport-01":
            yield from _deeds(
                _powers(node.get("ARG0", "instrument"), board), DeedKind.CONVOY, _places(node.get("ARG3", "ARG4"))
            )
        case "hold-03":
            yield from _deeds(_powers(node.get("ARG0"), board), DeedKind.HOLD, _places(node.get("ARG1")))
        case "hold-17":
            yield from _deeds(_powers(node.get("ARG1"), board), DeedKind.HOLD, _locations(node.get("ARG1")))
        case "build-01":
            yield from _deeds(_powers(node.get("ARG0"), board), DeedKind.BUILD, _places(node.get("location")))
        case "remove-01":
            yield from _deeds(_powers(node.get("ARG0", "ARG1"), board), DeedKind.DISBAND, _locations(node.get("ARG1")))
        case "retreat-01":
            yield from _deeds(_powers(node.get("ARG1"), board), DeedKind.RETREAT, _places(node.get("destination")))
        case "demilitarize-01":
            yield from _deeds((), DeedKind.DEMILITARISE, _places(node.get("ARG2")))
        case "bounce-03":
            yield from _deeds((), DeedKind.BOUNCE, _places(node.get("ARG3")))
        case "ally-01":
            yield from _alliances(node)


def _deeds(powers: Sequence[Power | None], kind: DeedKind, targets: Sequence[str]) -> Iterator[Deed]:
    for power in powers or (None,):
        for target in targets:
            yield Deed(power, kind, target)


def _alliances(node: Node) -> Iterator[Deed]:
    members = [*_named_powers(node.get("ARG1")), *_named_powers(node.get("ARG2"))]
    for n, one in enumerate(members):
        yield from (_alliance(one, other) for other in members[n + 1 :] if other is not one)
    yield from (Deed(None, DeedKind.AGAINST, power) for power in _named_powers(node.get("ARG3")))


def _aided(node: Node) -> tuple[Province, ...]:
    """Where a support goes: where the unit goes that is supported, or stands."""
    what = node.get("ARG1")
    if what is None:
        return ()
    found: list[Province] = []
    for its in what.operands():
        role = {"move-01": "ARG2", "transport-01": "ARG3"}.get(its.concept, "ARG1")
        inner = its.get(role)
        found += _places(its) or _locations(its) or _places(inner) or _locations(inner)
    return tuple(found)


def _powers(node: Node | None, board: Board) -> tuple[Power, ...]:
    """The powers that a node names, or whose units it names."""
    if node is None:
        return ()
    found: list[Power] = []
    for its in node.operands():
        named = _named_powers(its) or _named_powers(its.get("mod"))
        standing = [board.unit_at(place) for place in _locations(its)]
        found += named or [unit[0] for unit in standing if unit is not None]
    return tuple(found)


def _named_powers(node: Node | None) -> tuple[Power, ...]:
    if node is None:
        return ()
    names = [_name(its).upper() for its in node.operands() if its.concept == "country"]
    return tuple(Power(name) for name in names if name in POWERS)


def _locations(node: Node | None) -> tuple[Province, ...]:
    return () if node is None else _places(node.get("location", "source"))


def _places(node: Node | None) -> tuple[Province, ...]:
    if node is None:
        return ()
    found = (_province(_name(its)) for its in node.operands() if its.concept in ("province", "sea"))
    return tuple(place for place in found if place is not None)


def _name(node: Node) -> str:
    name = node.get("name")
    return "" if name is None else " ".join(part.concept for role, part in name.edges if role.startswith("op"))


@cache
def _province(name: str) -> Province | None:
    board = load_map("standard")
    written = {"marseille": "marseilles", "tunisia": "tunis"}.get(name.lower(), name.lower())
    full = {text.lower(): place for place, text in board.full_names.items()}
    place = full.get(written) or board.aliases.get(written)
    return None if place is None else province_of(place)
