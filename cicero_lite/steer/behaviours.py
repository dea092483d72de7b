"""What one seat did in one movement phase, in numbers: what controls are measured by.

Each behaviour is a function of what was seen of the seat, entered by `behaviour`; None says that there was nothing to
measure.  One more is a file that `cicero-lite steer run` is given under ``behaviours``:

    from cicero_lite.steer.behaviours import Group, Seen, behaviour

    @behaviour(Group.ORDERS)
    def fleets_moved(seen: Seen) -> float:
        \"\"\"Moves ordered to fleets.\"\"\"
        return sum(o.kind is OrderKind.MOVE and o.unit.kind is UnitKind.FLEET for o in seen.orders)
"""

from __future__ import annotations

import runpy
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from statistics import fmean
from typing import TypeAlias

from cicero_lite.arena.log import Event, PromiseSettled, Sent, Understood
from cicero_lite.arena.press_measures import PressMeasures, measure
from cicero_lite.errors import CiceroLiteError
from cicero_lite.steer.circumstances import Circumstances, Prospects, victims_of
from dialogue.acts import REQUESTING, ActKind, SpeechAct
from dialogue.formality import formality as formality_of
from engine.board import Board
from engine.notation import same_move
from engine.record import PhaseRecord
from engine.types import Action, Message, Order, OrderKind, OrderResult, Power, Province, province_of


class Group(StrEnum):
    """What a behaviour is a matter of."""

    ORDERS = "orders"
    PROSPECTS = "prospects"
    """What the orders promise, against what others would probably play without a word; of moments alone."""
    WORDS = "words"
    PROMISES = "promises"


@dataclass(frozen=True)
class Seen:
    """All that is known of a seat's movement phase once it is over."""

    here: Circumstances
    """As they were when the phase began."""
    record: PhaseRecord
    """With everybody's orders."""
    events: tuple[Event, ...]
    """Of the phase, of all agents at the table; what was settled after it included."""
    prospects: Prospects | None = None
    """Of the orders given; None: nobody asked."""

    @property
    def power(self) -> Power:
        """Whose seat it is."""
        return self.here.power

    @property
    def board(self) -> Board:
        """The position that the orders were given in."""
        return self.record.board

    @cached_property
    def orders(self) -> Action:
        """Its orders."""
        return self.record.orders.get(self.power, ())

    @cached_property
    def sent(self) -> tuple[Sent, ...]:
        """Its messages."""
        return tuple(e for e in self.events if isinstance(e, Sent) and e.message.sender is self.power)

    @cached_property
    def said_to(self) -> tuple[tuple[Power | None, SpeechAct], ...]:
        """Whom its messages told what: as it was planned, or, of agents that do not say, as it was understood."""
        understood = {e.message.sequence: e.acts for e in self.events if isinstance(e, Understood)}
        return tuple(
            (sent.message.recipient, act)
            for sent in self.sent
            for act in sent.acts or understood.get(sent.message.sequence, ())
        )

    @cached_property
    def heard(self) -> tuple[Message, ...]:
        """Private messages to it."""
        return tuple(e.message for e in self.events if isinstance(e, Sent) and e.message.recipient is self.power)

    @cached_property
    def press(self) -> PressMeasures:
        """The arena's measures of its talk, of this phase alone."""
        return measure(self.events)[self.power]

    def attacks(self, victims: Collection[Power] | None = None) -> int:
        """Its orders that move onto, or help another's unit or its own onto, a unit or centre of one of these powers.

        Args:
            victims: None: of any other power.
        """
        found = (victims_of(self.board, self.power, order) for order in self.orders)
        return sum(bool(hit if victims is None else hit & set(victims)) for hit in found)

    def said(self, *kinds: ActKind, to: Collection[Power] | None = None) -> int:
        """Acts of these kinds in its messages, to any of these powers; None: to anybody."""
        return sum(act.kind in kinds and (to is None or hearer in to) for hearer, act in self.said_to)


Measure: TypeAlias = Callable[[Seen], float | None]


@dataclass(frozen=True)
class Behaviour:
    """A behaviour, known by its name."""

    name: str
    group: Group
    words: str
    """What it counts."""
    measure: Measure


class BehaviourError(CiceroLiteError, ValueError):
    """A behaviour that there is not, or a file without any."""


BEHAVIOURS: dict[str, Behaviour] = {}
"""All behaviours by name, in the order in which they are told."""


def behaviour(group: Group) -> Callable[[Measure], Measure]:
    """Enters a function of what was seen among the behaviours, under its name and the first line of its docstring."""

    def enter(measure: Measure) -> Measure:
        name = measure.__name__
        words = (measure.__doc__ or name).strip().splitlines()[0].removesuffix(".")
        BEHAVIOURS[name] = Behaviour(name, group, words, measure)
        return measure

    return enter


def measured(seen: Seen) -> dict[str, float | None]:
    """Every behaviour of the seat in the phase."""
    found = {name: one.measure(seen) for name, one in BEHAVIOURS.items()}
    return {name: None if value is None else float(value) for name, value in found.items()}


def read_behaviours(files: Sequence[str]) -> None:
    """Enters the behaviours of Python files.

    Raises:
        BehaviourError: a file cannot be run, or enters none.
    """
    for name in files:
        before = dict(BEHAVIOURS)
        try:
            runpy.run_path(str(Path(name)))
        except Exception as error:  # whatever is wrong with a user's file is one line to the user
            raise BehaviourError(f"behaviours: cannot run {name}: {type(error).__name__}: {error}") from None
        if before == BEHAVIOURS:
            raise BehaviourError(f"behaviours: expected a file with a function under @behaviour, got none in {name}")


# --- orders ----------------------------------------------------------------------------------------------


@behaviour(Group.ORDERS)
def attacks(seen: Seen) -> float:
    """Attacks: orders that move, or help a move, onto another's unit or centre."""
    return seen.attacks()


@behaviour(Group.ORDERS)
def attacks_on_neighbour(seen: Seen) -> float:
    """Attacks on the neighbour: the one that was drawn."""
    return seen.attacks({seen.here.neighbour})


@behaviour(Group.ORDERS)
def attacks_on_friends(seen: Seen) -> float | None:
    """Attacks on friends: with whom peace or an alliance stands."""
    return seen.attacks(seen.here.friends) if seen.here.friends else None


@behaviour(Group.ORDERS)
def attacks_on_aggressor(seen: Seen) -> float | None:
    """Attacks on the aggressor: the power that had done it most harm."""
    return None if seen.here.aggressor is None else seen.attacks({seen.here.aggressor})


@behaviour(Group.ORDERS)
def supports_of_others(seen: Seen) -> float:
    """Supports of others: orders that support or convoy another's unit."""
    return len(_aid(seen))


@behaviour(Group.ORDERS)
def effective_supports_of_others(seen: Seen) -> float:
    """Effective supports of others: what they helped would have failed without."""
    return seen.press.cross_supports_effective


@behaviour(Group.ORDERS)
def supports_of_neighbour(seen: Seen) -> float:
    """Supports of the neighbour: the one that was drawn."""
    return sum(_owner(seen.board, order) is seen.here.neighbour for order in _aid(seen))


@behaviour(Group.ORDERS)
def supports_of_friends(seen: Seen) -> float | None:
    """Supports of friends."""
    if not seen.here.friends:
        return None
    return sum(_owner(seen.board, order) in seen.here.friends for order in _aid(seen))


@behaviour(Group.ORDERS)
def holds(seen: Seen) -> float:
    """Holds: units told to stay where they are."""
    return sum(order.kind is OrderKind.HOLD for order in seen.orders)


@behaviour(Group.ORDERS)
def in_place(seen: Seen) -> float:
    """In the place: a unit ordered into the province that was drawn, or to stay there."""
    return any(_goal(order) == seen.here.place for order in seen.orders)


@behaviour(Group.ORDERS)
def in_haunt(seen: Seen) -> float:
    """Into its haunt: a move ordered into the province that it would likeliest enter."""
    return any(order.kind is OrderKind.MOVE and _goal(order) == seen.here.haunt for order in seen.orders)


@behaviour(Group.ORDERS)
def centres_entered(seen: Seen) -> float:
    """Centres entered that are not its own."""
    centres, board = seen.board.map_data.centers, seen.board
    return sum(
        place in centres and board.owner_of(place) is not seen.power
        for order in seen.orders
        if order.kind is OrderKind.MOVE and _succeeded(seen, order) and (place := _goal(order)) is not None
    )


@behaviour(Group.ORDERS)
def moves_stopped(seen: Seen) -> float:
    """Moves stopped: they did not get where they were to go."""
    return sum(seen.record.is_stopped(order) for order in seen.orders)


@behaviour(Group.ORDERS)
def dislodged(seen: Seen) -> float:
    """Units dislodged."""
    return sum(OrderResult.DISLODGED in _results(seen, order) for order in seen.orders)


@behaviour(Group.ORDERS)
def imposed_played(seen: Seen) -> float:
    """Imposed orders played: all of those that were drawn."""
    return all(any(same_move(order, given) for given in seen.orders) for order in seen.here.own)


@behaviour(Group.ORDERS)
def wanted_played(seen: Seen) -> float | None:
    """Wanted order played: the neighbour gave the one that was drawn."""
    wanted = seen.here.wanted
    if wanted is None:
        return None
    return any(same_move(wanted, given) for given in seen.record.orders.get(seen.here.neighbour, ()))


# --- prospects -------------------------------------------------------------------------------------------


@behaviour(Group.PROSPECTS)
def anchor_log_likelihood(seen: Seen) -> float | None:
    """Log-likelihood of the orders: under the anchor, without talk, in nats."""
    return None if seen.prospects is None else seen.prospects.log_likelihood


@behaviour(Group.PROSPECTS)
def expected_score(seen: Seen) -> float | None:
    """Promised score: own score that the orders promise, without talk."""
    return None if seen.prospects is None else seen.prospects.mean


@behaviour(Group.PROSPECTS)
def score_spread(seen: Seen) -> float | None:
    """Spread of the score: its standard deviation over the others' play."""
    return None if seen.prospects is None else seen.prospects.spread


@behaviour(Group.PROSPECTS)
def worst_tenth(seen: Seen) -> float | None:
    """Worst tenth: own score in the worst tenth of the others' play."""
    return None if seen.prospects is None else seen.prospects.worst


@behaviour(Group.PROSPECTS)
def score_of_neighbour(seen: Seen) -> float | None:
    """Neighbour's score: what the orders promise the neighbour, without talk."""
    return _promised_to(seen, (seen.here.neighbour,))


@behaviour(Group.PROSPECTS)
def score_of_friends(seen: Seen) -> float | None:
    """Friends' score: the mean of what the orders promise them, without talk."""
    return _promised_to(seen, seen.here.friends)


@behaviour(Group.PROSPECTS)
def score_of_aggressor(seen: Seen) -> float | None:
    """Aggressor's score: what the orders promise whoever did it most harm, without talk."""
    return _promised_to(seen, seen.here.aggressors[:1])


# --- words -----------------------------------------------------------------------------------------------


@behaviour(Group.WORDS)
def messages(seen: Seen) -> float:
    """Messages."""
    return len(seen.sent)


@behaviour(Group.WORDS)
def characters(seen: Seen) -> float:
    """Characters in all messages."""
    return sum(len(sent.message.text) for sent in seen.sent)


@behaviour(Group.WORDS)
def characters_a_message(seen: Seen) -> float | None:
    """Characters of a message."""
    return fmean(len(sent.message.text) for sent in seen.sent) if seen.sent else None


@behaviour(Group.WORDS)
def formality(seen: Seen) -> float | None:
    """Formality of a message, -1 to 1."""
    return fmean(formality_of(sent.message.text) for sent in seen.sent) if seen.sent else None


@behaviour(Group.WORDS)
def recipients(seen: Seen) -> float:
    """Powers written to."""
    return len({sent.message.recipient for sent in seen.sent})


@behaviour(Group.WORDS)
def proposals(seen: Seen) -> float:
    """Proposals: acts that ask for something to be done."""
    return seen.said(ActKind.PROPOSE, ActKind.REQUEST_SUPPORT, ActKind.COUNTER, ActKind.DEMILITARISE, ActKind.BOUNCE)


@behaviour(Group.WORDS)
def offers(seen: Seen) -> float:
    """Offers."""
    return seen.said(ActKind.OFFER)


@behaviour(Group.WORDS)
def promises_said(seen: Seen) -> float:
    """Announcements: acts that promise or tell own orders."""
    return seen.said(ActKind.PROMISE, ActKind.INFORM)


@behaviour(Group.WORDS)
def agreements(seen: Seen) -> float:
    """Agreements: acts that say yes."""
    return seen.said(ActKind.AGREE)


@behaviour(Group.WORDS)
def refusals(seen: Seen) -> float:
    """Refusals: acts that say no."""
    return seen.said(ActKind.REFUSE, ActKind.COUNTER, ActKind.DENY)


@behaviour(Group.WORDS)
def granted_share(seen: Seen) -> float | None:
    """Yes, as a share of its answers."""
    yes, no = agreements(seen), refusals(seen)
    return yes / (yes + no) if yes is not None and no is not None and yes + no else None


@behaviour(Group.WORDS)
def questions(seen: Seen) -> float:
    """Questions."""
    return seen.said(ActKind.ASK)


@behaviour(Group.WORDS)
def alliances_proposed(seen: Seen) -> float:
    """Alliances or peace proposed."""
    return seen.said(ActKind.ALLY)


@behaviour(Group.WORDS)
def warnings(seen: Seen) -> float:
    """Warnings of a third power."""
    return seen.said(ActKind.WARN)


@behaviour(Group.WORDS)
def threats(seen: Seen) -> float:
    """Threats."""
    return seen.said(ActKind.THREATEN)


@behaviour(Group.WORDS)
def courtesies(seen: Seen) -> float:
    """Courtesies: thanks, apologies, greetings."""
    return seen.said(ActKind.THANK, ActKind.APOLOGISE, ActKind.SMALL_TALK)


@behaviour(Group.WORDS)
def requests_heard(seen: Seen) -> float:
    """Requests heard: acts of others that want an answer."""
    return sum(
        act.kind in REQUESTING
        for event in seen.events
        if isinstance(event, Understood) and event.power is seen.power and event.message.recipient is seen.power
        for act in event.acts
    )


@behaviour(Group.WORDS)
def requests_granted_by_others(seen: Seen) -> float | None:
    """Its requests granted by others, a share."""
    return seen.press.requests_granted / seen.press.requests if seen.press.requests else None


@behaviour(Group.WORDS)
def messages_to_aggressor(seen: Seen) -> float | None:
    """Messages to the aggressor."""
    aggressor = seen.here.aggressor
    return None if aggressor is None else sum(sent.message.recipient is aggressor for sent in seen.sent)


@behaviour(Group.WORDS)
def agreements_with_aggressor(seen: Seen) -> float | None:
    """Agreements with the aggressor."""
    aggressor = seen.here.aggressor
    return None if aggressor is None else seen.said(ActKind.AGREE, to={aggressor})


@behaviour(Group.WORDS)
def talked_with_neighbour(seen: Seen) -> float:
    """Talked with the neighbour: the one that was drawn."""
    wrote = any(sent.message.recipient is seen.here.neighbour for sent in seen.sent)
    return wrote or any(message.sender is seen.here.neighbour for message in seen.heard)


@behaviour(Group.WORDS)
def wanted_argued(seen: Seen) -> float | None:
    """Wanted order argued for: asked for or explained, where it and the neighbour talked."""
    wanted = seen.here.wanted
    if wanted is None or not talked_with_neighbour(seen):
        return None
    to_it = (act for hearer, act in seen.said_to if hearer is seen.here.neighbour)
    return any(same_move(item.order, wanted) for act in to_it for part in _parts(act) for item in part.orders)


# --- promises --------------------------------------------------------------------------------------------


@behaviour(Group.PROMISES)
def promises_due(seen: Seen) -> float:
    """Promises due: kept or broken in the phase."""
    return len(_settled(seen, "kept", "broken"))


@behaviour(Group.PROMISES)
def promises_kept(seen: Seen) -> float:
    """Promises kept."""
    return len(_settled(seen, "kept"))


@behaviour(Group.PROMISES)
def promises_broken(seen: Seen) -> float:
    """Promises broken."""
    return len(_settled(seen, "broken"))


@behaviour(Group.PROMISES)
def promises_withdrawn(seen: Seen) -> float:
    """Promises taken back before the orders were due."""
    return len(_settled(seen, "withdrawn"))


@behaviour(Group.PROMISES)
def kept_share(seen: Seen) -> float | None:
    """Promises kept, as a share of those due."""
    due = promises_due(seen)
    return len(_settled(seen, "kept")) / due if due else None


@behaviour(Group.PROMISES)
def promises_not_meant(seen: Seen) -> float:
    """Lies: promises against what it meant to order as it gave them."""
    return seen.press.promises_not_meant


@behaviour(Group.PROMISES)
def friends_attacked(seen: Seen) -> float | None:
    """Friends attacked, as a share of its friends."""
    friends = seen.here.friends
    hit = {victim for order in seen.orders for victim in victims_of(seen.board, seen.power, order)}
    return len(hit & set(friends)) / len(friends) if friends else None


# --- what they share -------------------------------------------------------------------------------------


def _promised_to(seen: Seen, powers: Collection[Power]) -> float | None:
    """The mean of the scores that the orders promise these powers."""
    prospects = seen.prospects
    return fmean(prospects.scores[power] for power in powers) if prospects is not None and powers else None


def _aid(seen: Seen) -> list[Order]:
    """Supports and convoys of others' units."""
    kinds = (OrderKind.SUPPORT, OrderKind.CONVOY)
    return [o for o in seen.orders if o.kind in kinds and _owner(seen.board, o) not in (None, seen.power)]


def _owner(board: Board, order: Order) -> Power | None:
    """Whose unit an order aids."""
    at = None if order.aided is None else board.unit_at(order.aided.province)
    return None if at is None else at[0]


def _results(seen: Seen, order: Order) -> tuple[OrderResult, ...]:
    return () if order.unit is None else seen.record.results.get(order.unit, ())


def _succeeded(seen: Seen, order: Order) -> bool:
    return not seen.record.is_stopped(order)


def _goal(order: Order) -> Province | None:
    """Where a unit would be by its order."""
    if order.kind is OrderKind.MOVE and order.target is not None:
        return province_of(order.target)
    return None if order.unit is None else order.unit.province


def _parts(act: SpeechAct) -> Iterator[SpeechAct]:
    """An act and the condition on which it holds."""
    yield act
    if act.condition is not None:
        yield from _parts(act.condition)


def _settled(seen: Seen, *outcomes: str) -> list[PromiseSettled]:
    return [
        event
        for event in seen.events
        if isinstance(event, PromiseSettled) and event.power is seen.power and event.outcome in outcomes
    ]


__all__ = [
    "BEHAVIOURS",
    "Behaviour",
    "BehaviourError",
    "Group",
    "Measure",
    "Seen",
    "behaviour",
    "measured",
    "read_behaviours",
]
