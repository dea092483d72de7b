"""Long talks of a pair with every word known, and questions about them whose right answer is known, too.

Seven DumbBots move; two powers talk in every movement phase, and one of them talks with a third, in our grammar's
sentences.  What each message says is kept as it was drawn, apart from what any reader makes of it: questions are drawn
from that record, true and false, near and far, and are asked in wordings written for this purpose, not the grammar's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
import yaml
from numpy.random import Generator
from pydantic import TypeAdapter

from dialogue.acts import ActKind, ActOrder, Polarity, SpeechAct
from dialogue.grammar import WordingContext, WordingError, word
from dialogue.names import PROVINCE_NAMES
from dialogue.situation import destinations
from engine.game import Game, GameView
from engine.notation import same_move
from engine.types import POWERS, Order, OrderKind, Phase, PhaseKind, Power, Province, province_of
from planner.baselines import DumbBot

_STREAM = 23
"""Keeps the draw of talks apart from other random numbers."""


class Sense(StrEnum):
    """What somebody said it would do."""

    GIVE = "give"
    """Give an order."""
    WITHHOLD = "withhold"
    """Not give it."""
    STAY_OUT = "stay out"
    """Stay out of a province."""


@dataclass(frozen=True)
class Told:
    """One thing that a power said to another."""

    by: Power
    to: Power
    phase: Phase
    sense: Sense
    order: Order | None
    place: Province
    """Where the order leads, or what is stayed out of."""
    sequence: int
    """`Message.sequence` of the message."""

    @property
    def places(self) -> frozenset[Province]:
        """Every province that it names."""
        return frozenset({self.place, *_units(self.order)})

    def says(self, other: Told) -> bool:
        """Whether this says the same as another, whoever said it when."""
        if self.sense is not other.sense:
            return False
        if self.order is not None and other.order is not None:
            return same_move(self.order, other.order)
        return self.place == other.place


@dataclass
class LongTalk:
    """A game with its talks, and what was really said in them."""

    game: Game
    me: Power
    other: Power
    third: Power
    told: list[Told] = field(default_factory=list)

    def between(self, by: Power, to: Power) -> list[Told]:
        """What one told the other, oldest first."""
        return [t for t in self.told if t.by is by and t.to is to]

    def distance(self, sequence: int) -> int:
        """How many messages of the pair came after a message."""
        pair = {self.me, self.other}
        messages = [m for record in self.game.history for m in record.messages] + list(self.game.messages)
        return sum(m.sequence > sequence and {m.sender, m.recipient} == pair for m in messages)


def long_talk(seed: int, phases: int = 10, messages: int = 12) -> LongTalk:
    """A talk of a pair over some movement phases, and of one of them with a third; the same seed, the same talk.

    Args:
        seed: draws who talks, what is said and how the game goes.
        phases: movement phases with talk; the game then stands at the beginning of the next.
        messages: of the pair in each.
    """
    rng = np.random.default_rng([seed, _STREAM])
    me, other, third = (POWERS[n] for n in rng.choice(len(POWERS), 3, replace=False))
    talk = LongTalk(Game(game_id=f"talk-{seed}"), me, other, third)
    bots = {power: DumbBot(np.random.default_rng([seed, _STREAM, power.number])) for power in POWERS}
    spoken = 0
    while spoken < phases:
        view = talk.game.view(me)
        if not {me, other, third} <= set(view.alive):
            break
        if talk.game.phase.kind is PhaseKind.MOVEMENT:
            for number in range(messages):
                _say(talk, *((me, other) if number % 2 else (other, me)), rng)
                if number % 3 == 0:
                    _say(talk, me, third, rng)
            spoken += 1
        _play(talk.game, bots)
    while talk.game.phase.kind is not PhaseKind.MOVEMENT:
        _play(talk.game, bots)
    return talk


def _play(game: Game, bots: Mapping[Power, DumbBot]) -> None:
    for power, bot in bots.items():
        view = game.view(power)
        if view.units(power) or view.centers(power):
            game.set_orders(power, list(bot.act(view, power)))
    game.process()


def _say(talk: LongTalk, by: Power, to: Power, rng: Generator) -> None:
    """One message, with what it says kept."""
    view = talk.game.view(by)
    for _ in range(20):
        acts, told = _drawn(view, by, to, rng)
        try:
            text = word(acts, WordingContext(view, by, to, reasons=False), rng)
        except WordingError:
            continue
        message = talk.game.say(by, to, text)
        talk.told += [
            Told(by, to, message.phase, sense, order, place, message.sequence) for sense, order, place in told
        ]
        return


def _drawn(
    view: GameView, by: Power, to: Power, rng: Generator
) -> tuple[tuple[SpeechAct, ...], list[tuple[Sense, Order | None, Province]]]:
    """Acts of a message, and what they say of the speaker's own orders."""
    draw = rng.random()
    units = list(view.units(by))
    if draw < 0.15 or not units:
        return (SpeechAct(ActKind.SMALL_TALK, by, to),), []
    if draw < 0.25:
        return (SpeechAct(ActKind.ASK, by, to),), []
    unit = units[int(rng.integers(len(units)))]
    if draw < 0.4:
        reach = sorted(destinations(view, unit))
        if reach:
            place = reach[int(rng.integers(len(reach)))]
            act = SpeechAct(ActKind.PROMISE, by, to, provinces=(place,), polarity=Polarity.NOT)
            return (act,), [(Sense.STAY_OUT, None, place)]
    options = [o for o in view.legal_orders(by).get(unit.province, ()) if _can_be_asked_about(o, view, by)]
    order = options[int(rng.integers(len(options)))]
    place = unit.province if order.target is None else province_of(order.target)
    kind = ActKind.PROMISE if rng.random() < 0.5 else ActKind.INFORM
    if draw < 0.5 and order.kind is OrderKind.MOVE:
        act = SpeechAct(kind, by, to, (ActOrder(by, order),), polarity=Polarity.NOT)
        return (act,), [(Sense.WITHHOLD, order, place)]
    return (SpeechAct(kind, by, to, (ActOrder(by, order),)),), [(Sense.GIVE, order, place)]


def _can_be_asked_about(order: Order, view: GameView, by: Power) -> bool:
    if order.via_convoy or order.kind is OrderKind.CONVOY:
        return False
    if order.kind is OrderKind.SUPPORT:
        assert order.aided is not None
        return view.unit_at(order.aided.province) is not None
    return order.kind in (OrderKind.MOVE, OrderKind.HOLD)


# --- questions -----------------------------------------------------------------------------------------


class Kind(StrEnum):
    """What is asked, and how the truth stands to it."""

    SAID = "did you say"
    """Whether the one asked said something that it did say."""
    PLACE = "did you say, no unit named"
    YOURS = "did I say"
    """Whether the asker said something, which it did."""
    OPEN = "what did you say about"
    DENIED = "I never said"
    """The asker denies words of its own."""
    NEVER_TOLD = "you never told me"
    """The asker says that it was not told what it was told."""
    ELSEWHERE = "another place"
    """Like something said, but of another place: false."""
    OPPOSITE = "the opposite"
    """The opposite of something said: false."""
    TO_ANOTHER = "told another"
    """Said, but to a third power: false."""
    BY_ASKER = "said by the asker"
    """Said by the asker itself: false."""
    ANOTHER_TIME = "another time"
    """Said, but in another phase than is named: false."""
    NOTHING = "nothing was said about"
    """What was said about a place of which nothing was said."""
    NOT_YOURS = "did I say, and did not"
    PRIVATE = "what was told others"
    """About words to a third power: to be declined."""


TRUE = frozenset({Kind.SAID, Kind.PLACE, Kind.YOURS, Kind.OPEN, Kind.DENIED, Kind.NEVER_TOLD})
"""Kinds of which the words asked about are on record."""


@dataclass(frozen=True)
class Probe:
    """A question about what was said."""

    kind: Kind
    text: str
    by: Power
    """Whose words it is about."""
    claim: Told
    """What it asks about, as if it had been said."""
    wording: str
    """The template that it is worded by."""
    distance: int
    """Messages of the pair since the words that it is about, or is made from; of false ones the same."""


def province(place: Province, rng: Generator, nicknames: Mapping[Province, str] = MappingProxyType({})) -> str:
    """A name of a province: in full, its short form, or, where it has one, half as often its nickname."""
    names = PROVINCE_NAMES[place]
    full = f"the {names.full}" if names.article else names.full
    draw = rng.random()
    if draw < 0.25 and place in nicknames:
        return nicknames[place]
    return full if draw < 0.75 or place in _NO_SHORT_FORM else place.title()


_NO_SHORT_FORM = frozenset({"NAO", "MAO", "NWG", "TYS", "EAS", "ENG", "BAR", "NAF"})
"""Codes that people do not write so, or that read as a power."""


def probes(talk: LongTalk, count: int, wordings: Wordings, rng: Generator) -> Iterator[Probe]:
    """Questions about a talk, of all kinds by turns as far as it has matter for them.

    Args:
        count: how many at most.
        wordings: the templates.
    """
    kinds = list(Kind)
    for number in range(count):
        kind = kinds[number % len(kinds)]
        drawn = (_probe(talk, kind, wordings, rng) for _ in range(_TRIES))
        probe = next((probe for probe in drawn if probe is not None), None)
        if probe is not None:
            yield probe


_TRIES = 40
"""Draws for a question of one kind, before a talk is taken to have no matter for it."""


def _pick(rng: Generator, found: Sequence[Told], talk: LongTalk) -> Told | None:
    """One of these, half of the time of those said eighty messages ago or earlier."""
    far = [t for t in found if talk.distance(t.sequence) >= FAR]
    chosen = far if far and rng.random() < 0.5 else found
    return chosen[int(rng.integers(len(chosen)))] if chosen else None


FAR = 80
"""Messages back from which words are called far."""


def _probe(talk: LongTalk, kind: Kind, wordings: Wordings, rng: Generator) -> Probe | None:
    me, other, third = talk.me, talk.other, talk.third
    mine, theirs, elsewhere = talk.between(me, other), talk.between(other, me), talk.between(me, third)
    by, said = (other, theirs) if kind in (Kind.YOURS, Kind.DENIED, Kind.NOT_YOURS) else (me, mine)
    source = {Kind.TO_ANOTHER: elsewhere, Kind.PRIVATE: elsewhere, Kind.BY_ASKER: theirs}.get(kind, said)
    base = _pick(rng, source, talk)
    if base is None:
        return None
    distance = talk.distance(base.sequence)
    when: Phase | None = None
    claim: Told | None = base
    match kind:
        case Kind.SAID | Kind.YOURS | Kind.DENIED | Kind.NEVER_TOLD:
            when = base.phase if rng.random() < 0.25 else None
        case Kind.PLACE:
            claim = _bare(base)
        case Kind.ELSEWHERE | Kind.NOT_YOURS:
            claim = _moved(talk, base, rng)
        case Kind.OPPOSITE:
            claim = _opposite(base)
        case Kind.BY_ASKER:
            claim = replace(base, by=me, to=other) if base.sense is Sense.STAY_OUT else None
        case Kind.ANOTHER_TIME:
            phases = [
                r.phase for r in talk.game.history if r.phase.kind is PhaseKind.MOVEMENT and r.phase != base.phase
            ]
            when = phases[int(rng.integers(len(phases)))]
            said = [t for t in said if t.phase == when]
        case Kind.NOTHING:
            claim = _silent_place(talk, rng)
    if claim is None or (kind in FALSE_CLAIMS and any(t.says(claim) or _near(t, claim) for t in said)):
        return None
    if kind is Kind.PLACE and claim.sense is not Sense.GIVE:
        return None
    text, wording = wordings.ask(kind, claim, when, third, rng)
    return Probe(kind, text, by, claim, wording, distance)


FALSE_CLAIMS = frozenset(
    {Kind.ELSEWHERE, Kind.OPPOSITE, Kind.TO_ANOTHER, Kind.BY_ASKER, Kind.ANOTHER_TIME, Kind.NOT_YOURS}
)


def _near(told: Told, claim: Told) -> bool:
    """Whether words come so close to a claim that nobody could call it false: the place is meant, no unit is."""
    enters = (Sense.STAY_OUT, Sense.WITHHOLD)
    alike = told.sense is claim.sense or (told.sense in enters and claim.sense in enters)
    return alike and told.place == claim.place and (told.order is None or claim.order is None)


def _bare(base: Told) -> Told | None:
    """The same without its unit: "you'd move to Burgundy"."""
    moves = base.order is not None and base.order.kind is OrderKind.MOVE and base.sense is Sense.GIVE
    return Told(base.by, base.to, base.phase, base.sense, None, base.place, base.sequence) if moves else None


def _moved(talk: LongTalk, base: Told, rng: Generator) -> Told | None:
    """The same unit's move to another place it could have gone to, which nobody spoke of."""
    record = next(r for r in talk.game.history if r.phase == base.phase)
    if base.order is None or base.order.unit is None:
        return None
    moves = [
        order
        for order in record.board.legal_orders(base.by).get(base.order.unit.province, ())
        if order.kind is OrderKind.MOVE and not order.via_convoy and not same_move(order, base.order)
    ]
    if not moves:
        return None
    order = moves[int(rng.integers(len(moves)))]
    assert order.target is not None
    place = province_of(order.target)
    return Told(base.by, base.to, base.phase, Sense.GIVE, order, place, base.sequence)


def _opposite(base: Told) -> Told | None:
    if base.sense is Sense.STAY_OUT or base.order is None or base.order.kind is not OrderKind.MOVE:
        return None
    sense = Sense.WITHHOLD if base.sense is Sense.GIVE else Sense.GIVE
    return Told(base.by, base.to, base.phase, sense, base.order, base.place, base.sequence)


def _silent_place(talk: LongTalk, rng: Generator) -> Told | None:
    """A place that the one asked never named to the asker."""
    named = {place for told in talk.between(talk.me, talk.other) for place in told.places}
    places = sorted(set(talk.game.view(talk.me).map_data.provinces) - named)
    if not places:
        return None
    place = places[int(rng.integers(len(places)))]
    return Told(talk.me, talk.other, talk.game.phase, Sense.GIVE, None, place, -1)


def _units(order: Order | None) -> tuple[Province, ...]:
    if order is None:
        return ()
    return tuple(unit.province for unit in (order.unit, order.aided) if unit is not None)


# --- wordings ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wordings:
    """Templates of questions, and the verb phrases of what is said to have been said.

    In a template ``{that}`` is a clause ("you'd hold in Munich"), ``{to}`` an infinitive ("to hold"), ``{doing}`` a
    gerund ("holding"), ``{when}`` a time or nothing, ``{third}`` a power told other things.
    """

    said: tuple[str, ...]
    yours: tuple[str, ...]
    open: tuple[str, ...]
    denied: tuple[str, ...]
    never_told: tuple[str, ...]
    private: tuple[str, ...]
    give: tuple[str, ...]
    withhold: tuple[str, ...]
    stay_out: tuple[str, ...]
    bare: tuple[str, ...] = ("move to {place}", "go to {place}", "head to {place}")
    hold: tuple[str, ...] = ("hold in {unit}", "stay in {unit}", "hold {unit}")
    support: tuple[str, ...] = ("support {aided} from {unit}", "support {aided} with {unit}")
    support_move: tuple[str, ...] = (
        "support {aided} to {goal} from {unit}",
        "support {aided} into {goal} with {unit}",
    )
    would: tuple[str, ...] = ("'d", " would")
    would_not: tuple[str, ...] = (" wouldn't", " would not")
    nicknames: Mapping[Province, str] = field(default_factory=dict)
    """How provinces are also called."""

    def ask(self, kind: Kind, claim: Told, when: Phase | None, third: Power, rng: Generator) -> tuple[str, str]:
        """A question, and the template that it was made by."""
        named = {
            Kind.YOURS: self.yours,
            Kind.NOT_YOURS: self.yours,
            Kind.OPEN: self.open,
            Kind.NOTHING: self.open,
            Kind.DENIED: self.denied,
            Kind.NEVER_TOLD: self.never_told,
            Kind.PRIVATE: self.private,
        }
        template = _one(rng, named.get(kind, self.said))
        mine = kind in (Kind.YOURS, Kind.NOT_YOURS, Kind.DENIED)
        that, phrase = self.clause(claim, "I" if mine else "you", rng)
        withheld = "not " if claim.sense is Sense.WITHHOLD else ""
        text = template.format(
            that=that,
            to=f"{withheld}to {phrase}",
            doing=f"{withheld}{_gerund(phrase)}",
            place=self._place(claim.place, rng),
            third=third.title(),
            when=_when(when, rng),
        )
        text = re.sub(r" (?=[?.,!:;])", "", " ".join(text.split()))
        return text if template[0].islower() else text[0].upper() + text[1:], template

    def clause(self, claim: Told, who: str, rng: Generator) -> tuple[str, str]:
        """What is said to have been said, as a clause and as a bare verb phrase."""
        place = self._place(claim.place, rng)
        if claim.sense is Sense.STAY_OUT:
            phrase = _one(rng, self.stay_out).format(place=place)
        elif claim.order is None:
            phrase = _one(rng, self.bare).format(place=place)
        else:
            phrase = self._phrase(claim.order, claim.sense, rng)
        would = _one(rng, self.would_not if claim.sense is Sense.WITHHOLD else self.would)
        if who == "I":
            would = re.sub(r"^ were", " was", would)
        return f"{who}{would} {phrase}", phrase

    def _phrase(self, order: Order, sense: Sense, rng: Generator) -> str:
        assert order.unit is not None
        unit = self._place(order.unit.province, rng)
        if order.kind is OrderKind.HOLD:
            return _one(rng, self.hold).format(unit=unit)
        if order.kind is OrderKind.SUPPORT:
            assert order.aided is not None
            aided = self._place(order.aided.province, rng)
            if order.target is None:
                return _one(rng, self.support).format(unit=unit, aided=aided)
            goal = self._place(province_of(order.target), rng)
            return _one(rng, self.support_move).format(unit=unit, aided=aided, goal=goal)
        assert order.target is not None
        pool = self.withhold if sense is Sense.WITHHOLD else self.give
        return _one(rng, pool).format(unit=unit, goal=self._place(province_of(order.target), rng))

    def _place(self, place: Province, rng: Generator) -> str:
        return province(place, rng, self.nicknames)


def _gerund(phrase: str) -> str:
    """A verb phrase with its verb in -ing: "sit tight" -> "sitting tight", "not move" -> "not moving"."""
    negated, verb, rest = re.fullmatch(r"(not )?(\w+)(.*)", phrase).groups("")  # type: ignore[union-attr]
    stem = verb[:-1] if verb.endswith("e") else verb + verb[-1] if verb in ("sit", "put", "get") else verb
    return f"{negated}{stem}ing{rest}"


def _one(rng: Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]


def _when(phase: Phase | None, rng: Generator) -> str:
    if phase is None:
        return ""
    season = {"S": "spring", "F": "fall"}[phase.season.value]
    return _one(rng, (f"in {season} {phase.year}", f"in {phase}", f"back in {season} {phase.year}"))


@cache
def wordings_by_name() -> Mapping[str, Wordings]:
    """The sets of wordings that there are (docs/ledger.md)."""
    values = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, Wordings]).validate_python(values)


_FILE = Path(__file__).with_name("recall_wordings.yaml")
