"""Where a game turned, found in its record by fixed rules.

======================  ==============================================================================================
broken promise          a word given to one power, due in a phase that was played, and broken without another word;
                        those first after which most centres of that power were its giver's by the end of the year
stab                    an attack on a power with which peace or an alliance stood, that by the end of the year had
                        brought one of its centres or more; most centres first
swing                   the phase over which a power's own expected score changed most, from its last search there to
                        its first one of a later phase; without such searches, the year over which its centres did
change of mind          a message asked for orders that its reader did not plan, planned after it, and gave; first where
                        the chance that the reader's search gave them rose most
======================  ==============================================================================================

Of equals the earlier one comes first.  Promises, peace and attacks are those of docs/press-measures.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from cicero_lite.arena.asked import Asked, asked_by
from cicero_lite.arena.log import (
    Event,
    OrdersSubmitted,
    Outcome,
    PhaseResolved,
    PhaseStarted,
    Searched,
    Sent,
    Understood,
)
from cicero_lite.arena.press_measures import Breach, PressRecord
from cicero_lite.arena.promises import Fate
from cicero_lite.display import season_of
from dialogue.acts import Polarity
from dialogue.memory import Promise, enters
from engine.types import POWERS, Action, Message, Phase, PhaseKind, Power, Province

AT_MOST = 2
"""Turning points of each kind."""


class Turn(StrEnum):
    """What kind of turning point it is."""

    BROKEN = "broken promise"
    STAB = "stab"
    SWING = "swing"
    PERSUADED = "change of mind"


@dataclass(frozen=True)
class TurningPoint:
    """One of them."""

    kind: Turn
    phase: Phase
    """Whose orders it is about."""
    power: Power
    """Who broke its word, attacked, expected another score, or changed its mind."""
    told: str
    """What happened, in a sentence."""
    message: Message | None = None
    """The words that were broken, that proposed the peace, or that were asked with."""


def turning_points(events: Sequence[Event], press: PressRecord) -> list[TurningPoint]:
    """At most `AT_MOST` of each kind, in the order of the game.

    Args:
        events: of the game.
        press: what came of its talk, of the same events.
    """
    seen = _Seen(events)
    ranked = (
        _broken(seen, press),
        _stabs(seen, press),
        _swings(events) or _years(seen),
        _changes_of_mind(events),
    )
    found = [point for points in ranked for point in _first(points)]
    return sorted(found, key=lambda point: (point.phase, list(Turn).index(point.kind)))


def _first(ranked: Sequence[tuple[float, TurningPoint]]) -> Iterator[TurningPoint]:
    """The largest, earlier ones first among equals, no two of one power in one phase."""
    taken: set[tuple[Phase, Power]] = set()
    for _, point in sorted(ranked, key=lambda item: (-item[0], item[1].phase)):
        if len(taken) < AT_MOST and (point.phase, point.power) not in taken:
            taken.add((point.phase, point.power))
            yield point


class _Seen:
    """What all could see of a game: words, orders, and whose the centres were."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.messages: dict[int, Message] = {}
        self.resolved: dict[Phase, PhaseResolved] = {}
        self._began: dict[Phase, PhaseStarted] = {}
        for event in events:
            match event:
                case Sent(message=message) | Understood(message=message):
                    self.messages[message.sequence] = message
                case PhaseStarted(phase=phase):
                    self._began[phase] = event
                case PhaseResolved(phase=phase):
                    self.resolved[phase] = event

    def taken(self, phase: Phase, by: Power, victim: Power) -> list[Province]:
        """Centres that were the victim's before a phase and the other's by the end of its year."""
        before = self._began[phase].centers.get(victim, ()) if phase in self._began else ()
        of_year = [resolved for when, resolved in self.resolved.items() if when.year == phase.year]
        after = of_year[-1].centers.get(by, ()) if of_year else ()
        return [place for place in before if place in after]

    def orders(self, phase: Phase, power: Power) -> Action:
        """What a power ordered."""
        outcomes: Sequence[Outcome] = self.resolved[phase].outcomes if phase in self.resolved else ()
        return tuple(outcome.order for outcome in outcomes if outcome.power is power)

    def years(self) -> Iterator[PhaseResolved]:
        """The last phase of each year."""
        phases = list(self.resolved)
        for phase, later in pairwise([*phases, None]):
            if phase is not None and (later is None or later.year != phase.year):
                yield self.resolved[phase]

    def last_moves(self, phase: Phase) -> Phase:
        """The last movement phase of a phase's year; the phase itself, where there was none."""
        moved = (when for when in self.resolved if when.year == phase.year and when.kind is PhaseKind.MOVEMENT)
        return max(moved, default=phase)


# --- words against deeds -------------------------------------------------------------------------------------


def _broken(seen: _Seen, press: PressRecord) -> list[tuple[float, TurningPoint]]:
    found = []
    for promise, fate in press.promises:
        message = seen.messages.get(promise.message)
        if fate is Fate.BROKEN and promise.to is not None and message is not None:
            told = (
                f"{promise.by.title()} had told {promise.to.title()} that it would {_promised(promise)}; "
                f"it ordered {_instead(promise, seen.orders(promise.phase, promise.by))}"
            )
            point = TurningPoint(Turn.BROKEN, promise.phase, promise.by, told, message)
            found.append((float(len(seen.taken(promise.phase, promise.by, promise.to))), point))
    return found


def _promised(promise: Promise) -> str:
    if promise.order is not None:
        return f"order {promise.order}" if promise.polarity is Polarity.DO else f"not order {promise.order}"
    places = ", ".join(promise.provinces)
    return f"go to {places}" if promise.polarity is Polarity.DO else f"stay out of {places}"


def _instead(promise: Promise, orders: Action) -> str:
    """The orders that broke it: of the same unit, or into the places that were to be left alone."""
    if promise.order is not None and promise.polarity is Polarity.DO:
        broke = [order for order in orders if order.unit == promise.order.unit]
    elif promise.order is not None:
        broke = [promise.order]
    else:
        broke = [order for order in orders if enters(order, promise.provinces)]
    return ", ".join(map(str, broke)) or "something else"


def _stabs(seen: _Seen, press: PressRecord) -> list[tuple[float, TurningPoint]]:
    return [
        (float(len(taken)), TurningPoint(Turn.STAB, breach.phase, breach.by, _stab(breach, taken), proposed))
        for breach in press.breaches
        if (taken := seen.taken(breach.phase, breach.by, breach.victim))
        for proposed in [seen.messages.get(breach.agreed.message)]
    ]


def _stab(breach: Breach, taken: Sequence[Province]) -> str:
    return (
        f"{breach.by.title()} attacked {breach.victim.title()}, with which it had agreed on peace or an alliance in "
        f"{season_of(breach.agreed.phase)}: {', '.join(map(str, breach.orders))}; that year it took {', '.join(taken)}"
    )


# --- expectations --------------------------------------------------------------------------------------------


def _swings(events: Sequence[Event]) -> list[tuple[float, TurningPoint]]:
    found, last = [], dict[Power, Searched]()
    for event in events:
        if not isinstance(event, Searched) or event.power not in event.expected_scores:
            continue
        before = last.get(event.power)
        if before is not None and before.phase != event.phase:
            was, now = (100 * search.expected_scores[event.power] for search in (before, event))
            told = (
                f"{event.power.title()} expected a score of {was:.0f} of 100 before these orders, {now:.0f} after them"
            )
            if abs(now - was) >= 1:
                found.append((abs(now - was), TurningPoint(Turn.SWING, before.phase, event.power, told)))
        last[event.power] = event
    return found


def _years(seen: _Seen) -> list[tuple[float, TurningPoint]]:
    found = []
    for before, after in pairwise(seen.years()):
        for power in POWERS:
            was, now = (len(year.centers.get(power, ())) for year in (before, after))
            told = f"{power.title()} had {was} centres at the end of {before.phase.year}, and {now} a year later"
            if now != was:
                found.append(
                    (float(abs(now - was)), TurningPoint(Turn.SWING, seen.last_moves(after.phase), power, told))
                )
    return found


def _changes_of_mind(events: Sequence[Event]) -> list[tuple[float, TurningPoint]]:
    found: list[tuple[float, TurningPoint]] = []
    searched: dict[tuple[Power, Phase], Searched] = {}
    heard: dict[tuple[Power, Phase], list[tuple[Message, Asked]]] = defaultdict(list)
    """Since the last search, of orders of the phase at hand."""
    given = {(e.power, e.phase): e.orders for e in events if isinstance(e, OrdersSubmitted)}
    for event in events:
        match event:
            case Understood(power=power, message=message, acts=acts):
                here = [a for a in asked_by(acts, message.phase) if a.of is power and a.phase == message.phase]
                heard[power, message.phase] += [(message, asked) for asked in here]
            case Searched(power=power, phase=phase):
                before, orders = searched.get((power, phase)), given.get((power, phase), ())
                for message, asked in heard.pop((power, phase), ()):
                    if before is not None and _is_new(asked, before, event) and asked.is_done_by(orders):
                        found.append(_change_of_mind(asked, message, before, event))
                searched[power, phase] = event
    return found


def _is_new(asked: Asked, before: Searched, after: Searched) -> bool:
    return not asked.is_done_by(before.action) and asked.is_done_by(after.action)


def _change_of_mind(asked: Asked, message: Message, before: Searched, after: Searched) -> tuple[float, TurningPoint]:
    was, now = (_chance(search, asked.is_done_by) for search in (before, after))
    told = (
        f"{message.sender.title()} asked {asked.of.title()} {_wanted(asked)}. {asked.of.title()} had not planned it "
        f"(a chance of {100 * was:.0f} %), planned it after these words ({100 * now:.0f} %), and did it"
    )
    return now - was, TurningPoint(Turn.PERSUADED, message.phase, asked.of, told, message)


def _wanted(asked: Asked) -> str:
    what, do = ", ".join(map(str, asked.orders)), asked.polarity is Polarity.DO
    if what:
        return f"for {what}" if do else f"not to order {what}"
    return f"{'to go to' if do else 'to stay out of'} {', '.join(asked.provinces)}"


def _chance(search: Searched, does: Callable[[Action], bool]) -> float:
    """The chance, by a power's own search, that its orders do something; of its likeliest actions, which are logged."""
    policy = search.policies[search.power]
    return sum(p for action, p in zip(policy.actions, policy.probabilities, strict=True) if does(action))


__all__ = ["AT_MOST", "Turn", "TurningPoint", "turning_points"]
