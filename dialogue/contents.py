"""What a clause may be about: candidates for the orders, provinces and powers of its act.

The rules propose contents in several ways (the clause read by itself, or with what stands before it; a verb phrase at
any of its words, whoever acts; the names in it; what it answers); which of them an act of a given kind takes is
learned (`learned_reader`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from dialogue.acts import REQUESTING, ActKind, ActOrder, Polarity, SpeechAct
from dialogue.board import geography
from dialogue.clauses import sentences
from dialogue.deeds import DeedKind
from dialogue.reading import ReadContext, Reading
from dialogue.reading_state import MessageState
from dialogue.understanding import MessageReader
from engine.types import Order, OrderKind, Power, Province, province_of


@dataclass(frozen=True)
class Content:
    """What an act is about."""

    orders: tuple[ActOrder, ...] = ()
    provinces: tuple[Province, ...] = ()
    powers: tuple[Power, ...] = ()

    @classmethod
    def of(cls, act: SpeechAct) -> Content:
        """That of an act."""
        return cls(act.orders, act.provinces, act.powers)

    @property
    def key(self) -> tuple[frozenset[str], frozenset[Province], frozenset[Power]]:
        """Equal for contents that say the same; coasts and the way of a convoyed army aside."""
        orders = frozenset(re.sub(r" VIA|/[NES]C", "", str(said)) for said in self.orders)
        return orders, frozenset(self.provinces), frozenset(self.powers)

    @property
    def ordered(self) -> frozenset[Province]:
        """Where the units of its orders stand, and where they go."""
        units = (said.order.unit.province for said in self.orders if said.order.unit is not None)
        goals = (province_of(said.order.target) for said in self.orders if said.order.target is not None)
        return frozenset((*units, *goals))


@dataclass
class Candidate:
    """A content, and by which ways it was arrived at."""

    content: Content
    sources: list[str] = field(default_factory=list)


def answered(heard: Sequence[SpeechAct]) -> Content:
    """What a "yes" to these acts agrees to: their proposals, else the orders that they ask about."""
    asked = [act for act in heard if act.kind in REQUESTING]
    if any(act.kind is not ActKind.ASK for act in asked):
        asked = [act for act in asked if act.kind is not ActKind.ASK]
    return _joined(asked)


def _joined(acts: Iterable[SpeechAct]) -> Content:
    held = tuple(acts)
    return Content(
        tuple(dict.fromkeys(said for act in held if act.polarity is Polarity.DO for said in act.orders)),
        tuple(dict.fromkeys(place for act in held for place in act.provinces)),
        tuple(dict.fromkeys(power for act in held for power in act.powers)),
    )


class Candidates:
    """The contents proposed for one clause."""

    def __init__(self) -> None:
        self._found: dict[object, Candidate] = {}

    def add(self, source: str, content: Content) -> None:
        """Notes that a content was arrived at by a way."""
        candidate = self._found.setdefault(content.key, Candidate(content))
        if source not in candidate.sources:
            candidate.sources.append(source)

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self._found.values())


@dataclass(frozen=True)
class Named:
    """The names in a clause, in its order."""

    provinces: tuple[Province, ...]
    powers: tuple[Power, ...]
    """Third powers."""


def named(reader: MessageState) -> Named:
    """The names in a text, without those of the two who talk."""
    two = (reader.speaker, reader.addressee)
    places = [mention.provinces[0] for mention in reader.mentions if mention.provinces]
    powers = [mention.power for mention in reader.mentions if mention.power is not None and mention.power not in two]
    return Named(tuple(dict.fromkeys(places)), tuple(dict.fromkeys(powers)))


def candidates(state: MessageReader, names: Named, alone: Reading, step: Reading) -> Candidates:
    """The contents that a clause may have.

    Args:
        state: the clause, about to be read by the rules.
        names: the names in it.
        alone: the rules' reading of the clause by itself.
        step: the acts that it adds to the rules' reading of the text before it.
    """
    found = Candidates()
    found.add("empty", Content())
    for source, reading in (("alone", alone), ("step", step)):
        for act in reading.acts:
            found.add(f"{source} {act.kind}", Content.of(act))
            found.add(f"{source}+", _with_names(Content.of(act), names))
    _add_names(found, names, state.previous)
    _add_deeds(found, state, names)
    _add_moves(found, names, state)
    _add_heard(found, state.previous, names)
    return found


def _with_names(content: Content, names: Named) -> Content:
    """The content with every third power that the clause names, and every place if it has no order."""
    places = content.provinces if content.orders else tuple(dict.fromkeys((*content.provinces, *names.provinces)))
    return replace(content, provinces=places, powers=tuple(dict.fromkeys((*content.powers, *names.powers))))


def _add_names(found: Candidates, names: Named, heard: ReadContext) -> None:
    places, powers = names.provinces, names.powers
    found.add("places powers", Content(provinces=places, powers=powers))
    found.add("places", Content(provinces=places))
    found.add("powers", Content(powers=powers))
    if places:
        found.add("last place", Content(provinces=places[-1:]))
        found.add("first place", Content(provinces=places[:1]))
        found.add("last place powers", Content(provinces=places[-1:], powers=powers))
        found.add("first place powers", Content(provinces=places[:1], powers=powers))
    if powers:
        found.add("first power", Content(powers=powers[:1]))
        found.add("places first power", Content(provinces=places, powers=powers[:1]))
    if heard.third is not None and heard.third not in powers:
        found.add("places he", Content(provinces=places, powers=(heard.third,)))
        found.add("places he powers", Content(provinces=places, powers=(heard.third, *powers)))
    if heard.place is not None and not places:
        found.add("there powers", Content(provinces=(heard.place,), powers=powers))
        if heard.third is not None and not powers:
            found.add("there he", Content(provinces=(heard.place,), powers=(heard.third,)))


def _add_deeds(found: Candidates, state: MessageReader, names: Named) -> None:
    """The verb phrases at any word, done by either of the two, by both or by a third power."""
    you = () if state.addressee is None else (state.addressee,)
    third = names.powers[:1] or (() if state.scene.third is None else (state.scene.third,))
    actors = {"me": (state.speaker,), "you": you, "both": (state.speaker, *you), "third": third}
    for sentence in sentences(state.text, state.mentions):
        opened = state.opened(sentence)
        reached = dict.fromkeys(actors, 0)
        for i in range(len(opened.tokens)):
            for who, powers in actors.items():
                if not powers or i < reached[who]:
                    continue
                state.scene.ordered.clear()
                try:
                    read = opened.phrases.deed(i, powers)
                except (
                    RecursionError,
                    IndexError,
                    KeyError,
                    ValueError,
                ):  # as `read_text`: a text must not stop a game
                    continue
                if read is None:
                    continue
                deed, reached[who] = read
                content = Content(deed.orders, () if deed.orders else deed.provinces, deed.powers)
                if content == Content():
                    continue
                found.add(f"deed {who}", content)
                if deed.kind is DeedKind.BACK or not deed.orders:
                    found.add(f"deed {who} powers", _with_names(content, names))
                if who == "third" and not deed.orders:
                    found.add("deed third by", replace(content, powers=tuple(dict.fromkeys((*third, *deed.powers)))))


def _add_moves(found: Candidates, names: Named, state: MessageReader) -> None:
    """Moves that the board settles: to a place named, by the one unit that reaches it or that stands on another."""
    near, board = geography(), state.board
    third = names.powers[0] if names.powers else None
    for who, power in (("me", state.speaker), ("you", state.addressee), ("third", third)):
        if power is None:
            continue
        for goal in names.provinces[-2:]:
            reaching = [unit for unit in board.units(power) if near.reaches(unit, goal)]
            standing = board.unit_at(goal)
            if standing is not None and standing[0] is power:
                hold = ActOrder(power, Order(OrderKind.HOLD, standing[1]))
                found.add(f"holds {who}", Content((hold,)))
            if len(reaching) == 1:
                move = Order(OrderKind.MOVE, reaching[0], near.destination(reaching[0], goal))
                found.add(f"moves {who}", Content((ActOrder(power, move),)))
            for unit in reaching:
                if unit.province in names.provinces:
                    move = Order(OrderKind.MOVE, unit, near.destination(unit, goal))
                    found.add(f"moves named {who}", Content((ActOrder(power, move),)))


def _add_heard(found: Candidates, heard: ReadContext, names: Named) -> None:
    if not heard.heard:
        return
    found.add("answer", answered(heard.heard))
    found.add("all heard", _joined(heard.heard))
    for act in heard.heard:
        found.add(f"heard {act.kind}", Content.of(act))
    found.add("last heard", Content.of(heard.heard[-1]))
    places = tuple(dict.fromkeys(place for act in heard.heard for place in act.provinces))
    found.add("heard places", Content(provinces=places))
    if names.provinces or names.powers:
        both = _joined((*heard.heard,))
        found.add("answer here", Content(both.orders, names.provinces, names.powers))
